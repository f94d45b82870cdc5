use super::{Files, Look, Stream, Total};
use crate::event::{Content, Event};
use crate::pipeline::{Options, run};
use crate::record::{Record, Sink};
use crate::state::State;
use crate::time::Zone;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Says of each event where it stands and for whom it is.
#[derive(Default)]
struct Heard(Vec<(u32, u64, String)>);

impl Sink for Heard {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        if let Content::Event(Event { recipient, .. }) = record.content {
            let recipient = recipient.unwrap_or("nobody").to_owned();
            self.0.push((record.at.source, record.at.line, recipient));
        }
        ControlFlow::Continue(())
    }
}

impl Heard {
    fn recipients(&mut self) -> String {
        let heard = std::mem::take(&mut self.0);
        heard.into_iter().map(|(_, _, recipient)| recipient).collect::<Vec<_>>().join(" ")
    }
}

fn options() -> Options {
    Options {
        threads: NonZeroUsize::MIN,
        zone: Zone::utc(),
        year: Some(2026),
        now: Some(1_800_000_000),
        ..Options::default()
    }
}

fn line(second: u32, recipient: &str) -> String {
    let (minute, second) = (second / 60, second % 60);
    format!(
        "Jan  5 10:{minute:02}:{second:02} mx1 postfix/smtp[811]: 4C1D2E3F40: to=<{recipient}>, \
         relay=mx.example.net[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=4.2.2, status=deferred (host \
         mx.example.net[198.51.100.25] said: 452 4.2.2 mailbox full (in reply to RCPT TO command))\n"
    )
}

struct Host {
    folder: tempfile::TempDir,
    files: Files,
    heard: Heard,
    now: i64,
}

impl Host {
    fn new(names: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths = names.iter().map(|name| folder.path().join(name).into()).collect();
        let files = Files::new(State::default(), paths, false);
        Self { folder, files, heard: Heard::default(), now: 1_800_000_000 }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn append(&self, name: &str, text: impl AsRef<[u8]>) {
        let file = File::options().append(true).create(true).open(self.path(name));
        file.unwrap().write_all(text.as_ref()).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    /// Whom the events are for that came since the last look.
    fn news(&mut self) -> String {
        self.now += 1;
        let mut odd = Vec::new();
        if self.files.look(self.now, &mut odd) == Look::New {
            self.files.read(&options(), &mut self.heard);
        }
        assert_eq!(self.files.look(self.now, &mut odd), Look::Nothing, "all was read");
        assert!(odd.iter().all(|odd| matches!(odd, super::Odd::Unreadable(_))), "{odd:?}");
        self.heard.recipients()
    }
}

#[test]
fn lines_are_told_as_they_come_and_half_ones_when_they_are_whole() {
    let mut host = Host::new(&["mail.log"]);
    host.append("mail.log", line(1, "a") + &line(2, "b"));
    assert_eq!(host.news(), "a b");
    assert_eq!(host.news(), "");
    let (c, d) = (line(3, "c"), line(4, "d"));
    let (begin, end) = d.split_at(70);
    host.append("mail.log", c + begin);
    assert_eq!(host.news(), "c");
    host.append("mail.log", end);
    assert_eq!(host.news(), "d");
    let total = host.files.total();
    assert_eq!(total.outcome().coverage.lines, 4);
    assert_eq!(total.outcome().sources.len(), 1);
}

#[test]
fn a_log_that_is_renamed_is_read_to_its_end_and_the_new_one_from_its_begin() {
    let mut host = Host::new(&["mail.log"]);
    host.append("mail.log", line(1, "a"));
    assert_eq!(host.news(), "a");
    host.rename("mail.log", "mail.log.1");
    assert_eq!(host.news(), "", "the new one is not there yet");
    host.append("mail.log.1", line(2, "late"));
    assert_eq!(host.news(), "late", "its writer has not heard of the rotation");
    host.append("mail.log", line(3, "b"));
    assert_eq!(host.news(), "b");
    host.append("mail.log", line(4, "c"));
    host.rename("mail.log.1", "mail.log.2");
    host.rename("mail.log", "mail.log.1");
    host.append("mail.log", line(5, "d"));
    assert_eq!(host.news(), "c d", "rotated between two looks");
    let names = |total: &Total| -> Vec<String> {
        let name = |path: &String| path.rsplit('/').next().unwrap().to_owned();
        total.names().iter().map(name).collect()
    };
    assert_eq!(names(host.files.total()), ["mail.log.1", "mail.log.1", "mail.log"]);
}

#[test]
fn a_log_that_is_copied_and_emptied_is_read_once() {
    let mut host = Host::new(&["mail.log"]);
    host.append("mail.log", line(1, "a") + &line(2, "b"));
    assert_eq!(host.news(), "a b");
    // The copy grows beside the log.
    let whole = fs::read(host.path("mail.log")).unwrap();
    for part in [whole.len() / 3, whole.len()] {
        fs::write(host.path("mail.log.1"), &whole[..part]).unwrap();
        assert_eq!(host.news(), "", "{part} bytes copied");
    }
    let live = File::options().write(true).open(host.path("mail.log")).unwrap();
    live.set_len(0).unwrap();
    assert_eq!(host.news(), "");
    host.append("mail.log", line(3, "c"));
    assert_eq!(host.news(), "c");
    // What was written before the copy was made, but not looked at, is in the copy alone.
    host.append("mail.log", line(4, "d"));
    host.rename("mail.log.1", "mail.log.2");
    fs::copy(host.path("mail.log"), host.path("mail.log.1")).unwrap();
    live.set_len(0).unwrap();
    host.append("mail.log", line(5, "e"));
    assert_eq!(host.news(), "d e");
}

#[test]
fn a_log_that_appears_later_is_waited_for_and_told_of_once() {
    let mut host = Host::new(&["mail.log", "other.log"]);
    let mut odd = Vec::new();
    assert_eq!(host.files.look(1, &mut odd), Look::Nothing);
    assert_eq!(odd.len(), 2, "{odd:?}");
    odd.clear();
    host.append("other.log", line(1, "a"));
    assert_eq!(host.files.look(2, &mut odd), Look::New);
    assert!(odd.is_empty(), "{odd:?}");
    host.files.read(&options(), &mut host.heard);
    assert_eq!(host.heard.recipients(), "a");
    host.append("mail.log", line(2, "b"));
    assert_eq!(host.news(), "b");
    assert!(!host.files.lacks_a_file());
}

#[test]
fn archives_are_left_out_and_what_is_packed_meanwhile_is_known() {
    let mut host = Host::new(&["mail.log"]);
    host.append("mail.log.1", line(1, "old"));
    host.append("mail.log", line(2, "a"));
    assert_eq!(host.news(), "a");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&fs::read(host.path("mail.log")).unwrap()).unwrap();
    fs::write(host.path("mail.log.2.gz"), packed.finish().unwrap()).unwrap();
    fs::remove_file(host.path("mail.log")).unwrap();
    host.append("mail.log", line(3, "b"));
    assert_eq!(host.news(), "b");
}

#[test]
fn what_is_followed_adds_up_to_one_run_over_the_whole() {
    let mut host = Host::new(&["mail.log"]);
    let text = include_str!("../../samples/postfix/traditional.log");
    let mut all = Heard::default();
    // Pieces of many lengths, that end inside lines.
    let mut pieces = text.as_bytes();
    for length in (1..).map(|n| n * 97) {
        let (piece, rest) = pieces.split_at(length.min(pieces.len()));
        host.append("mail.log", piece);
        pieces = rest;
        host.now += 1;
        if host.files.look(host.now, &mut Vec::new()) == Look::New {
            host.files.read(&options(), &mut all);
        }
        if rest.is_empty() {
            break;
        }
    }
    let mut whole = Heard::default();
    let outcome = run(&[crate::input::Input::Path(host.path("mail.log"))], &options(), &mut whole);
    assert!(!whole.0.is_empty());
    assert_eq!(all.0, whole.0);
    let followed = host.files.total().outcome();
    assert_eq!(followed.coverage, outcome.coverage);
    let of_source = |outcome: &crate::pipeline::Outcome| {
        let source = &outcome.sources[0];
        (source.lines, source.bytes, source.first, source.last, source.position.offset)
    };
    assert_eq!(of_source(followed), of_source(&outcome));
}

/// A text that somebody else writes.
struct Pipe {
    written: Receiver<Vec<u8>>,
    left: Vec<u8>,
}

impl Read for Pipe {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        if self.left.is_empty() {
            self.left = self.written.recv().unwrap_or_default();
        }
        let read = self.left.as_slice().read(room)?;
        self.left.drain(..read);
        Ok(read)
    }
}

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_stream_is_told_by_whole_lines_and_to_its_last() {
    let (write, written) = channel();
    let mut stream = Stream::new("-", Pipe { written, left: Vec::new() }).unwrap();
    let mut heard = Heard::default();
    let (a, b, c) = (line(1, "a"), line(2, "b"), line(3, "c"));
    let mut news = |stream: &mut Stream, text: &str| {
        if !text.is_empty() {
            write.send(text.as_bytes().to_vec()).unwrap();
        }
        while stream.look(PATIENCE) == Look::Nothing {}
        stream.read(&options(), &mut heard);
        heard.recipients()
    };
    assert_eq!(stream.look(Duration::ZERO), Look::Nothing);
    let (begin, end) = b.split_at(40);
    assert_eq!(news(&mut stream, &(a + begin)), "a");
    assert_eq!(news(&mut stream, end), "b");
    assert_eq!(stream.last_line(), b.trim_end().as_bytes());
    // A repeat means the line before it, which was read earlier.
    let repeated = "Jan  5 10:00:02 mx1 last message repeated 2 times\n";
    assert_eq!(news(&mut stream, repeated), "b");
    write.send(c.trim_end().as_bytes().to_vec()).unwrap();
    drop(write);
    while stream.look(PATIENCE) != Look::New {}
    stream.read(&options(), &mut heard);
    assert_eq!(heard.0, [(0, 4, "c".to_owned())], "the last line lacks its line feed");
    assert_eq!(stream.look(PATIENCE), Look::Ended);
    assert_eq!(stream.total().outcome().coverage.lines, 4);
}

#[test]
fn parts_of_an_entry_that_come_one_by_one_are_one_event() {
    let text = "Jan  5 10:00:00 mx1 exim[811]: [1/2] 2026-01-05 10:00:00 1vcW5o-000000000Ab-0aBc ** ann@\n\
                Jan  5 10:00:00 mx1 exim[811]: [2/2] example.com R=dnslookup T=remote_smtp: mailbox full\n";
    let mut parts = text.split_inclusive('\n');
    let (write, written) = channel();
    let mut stream = Stream::new("-", Pipe { written, left: Vec::new() }).unwrap();
    let mut heard = Heard::default();
    let mut counts = Vec::new();
    for part in parts.by_ref() {
        write.send(part.as_bytes().to_vec()).unwrap();
        while stream.look(PATIENCE) == Look::Nothing {}
        stream.read(&options(), &mut heard);
        counts.push((heard.recipients(), stream.total().outcome().coverage.lines));
    }
    assert_eq!(counts, [(String::new(), 0), ("ann@example.com".to_owned(), 2)]);
}

#[test]
fn a_line_without_end_fills_no_memory() {
    let (write, written) = channel();
    let mut stream = Stream::new("-", Pipe { written, left: Vec::new() }).unwrap();
    let mut heard = Heard::default();
    write.send(line(1, "a").into_bytes()).unwrap();
    for _ in 0..40 {
        write.send(vec![b'x'; 50_000]).unwrap();
    }
    write.send(format!("\n{}", line(2, "b")).into_bytes()).unwrap();
    drop(write);
    loop {
        match stream.look(PATIENCE) {
            Look::Ended => break,
            Look::New => stream.read(&options(), &mut heard),
            Look::Nothing => {}
        }
        assert!(stream.waiting.len() < super::stream::LONGEST + (1 << 20));
    }
    assert_eq!(heard.recipients(), "a b");
    let coverage = &stream.total().outcome().coverage;
    assert_eq!((coverage.lines, coverage.cut_lines), (3, 1));
}
