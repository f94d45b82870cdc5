//! The pipeline as a whole: same records for any cutting, and what the ordered stage makes of neighbours.

use super::*;
use crate::event::{Bucket, Content, Note};
use crate::record::{Coverage, Record};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::fs::{self, File, FileTimes};
use std::io::{self, Cursor, Write as _};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::time::{Duration, SystemTime};

/// Keeps each record as text.
#[derive(Default)]
struct Lines {
    all: Vec<String>,
    /// Only events: `source:line kind xCOUNT text`, with `copy` for duplicates.
    events: Vec<String>,
    ticks: Vec<u64>,
    times: Vec<String>,
}

impl Sink for Lines {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.all.push(format!("{record:?}"));
        let Record { at, count, .. } = *record;
        let copy = if record.duplicate { " copy" } else { "" };
        match record.content {
            Content::Event(event) => {
                let event = format!("{}:{} {} x{count}{copy}", at.source, at.line, event.kind);
                self.events.push(event);
            }
            Content::Note(Note::Tick) => self.ticks.push(at.line),
            _ => {}
        }
        self.times.extend(record.time.map(|time| time.to_string()));
        ControlFlow::Continue(())
    }
}

fn options() -> Options {
    Options {
        threads: NonZeroUsize::MIN,
        zone: Zone::utc(),
        shapes: true,
        now: Some(1_770_000_000), // 2026-02-02
        ..Options::default()
    }
}

fn read_with(text: impl Into<Vec<u8>>, options: &Options) -> (Lines, Outcome) {
    let mut lines = Lines::default();
    let outcome = run_reader("-", Cursor::new(text.into()), options, &mut lines);
    let sum: u64 = outcome.coverage.buckets.values().sum();
    assert_eq!(sum, outcome.coverage.lines, "every line is in one bucket");
    (lines, outcome)
}

fn day_of(time: &str) -> &str {
    time.split_once('T').unwrap().0
}

fn read_files(inputs: &[Input], options: &Options) -> (Lines, Outcome) {
    let mut lines = Lines::default();
    let outcome = run(inputs, options, &mut lines);
    let sum: u64 = outcome.coverage.buckets.values().sum();
    assert_eq!(sum, outcome.coverage.lines, "every line is in one bucket");
    (lines, outcome)
}

fn read(text: &str) -> (Lines, Outcome) {
    read_with(text, &options())
}

/// Everything that a run gives, as one text.
fn whole((lines, outcome): (Lines, Outcome)) -> String {
    format!("{}\n{outcome:#?}", lines.all.join("\n"))
}

/// A folder of its own for a test, with files in it.
struct Folder(PathBuf);

impl Folder {
    fn of_test(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mailwhy-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> Input {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        Input::Path(path)
    }

    /// A file last changed at a moment, seconds since 1970.
    fn file_of(&self, name: &str, text: &str, changed: u64) -> Input {
        let input = self.file(name, text);
        let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(changed);
        let file = File::options().write(true).open(input.path()).unwrap();
        file.set_times(FileTimes::new().set_modified(moment)).unwrap();
        input
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const REFUSED: &str = "mx1 postfix/smtpd[811]: NOQUEUE: reject: RCPT from mail.example.net[192.0.2.7]: \
     554 5.7.1 <a@example.com>: Recipient address rejected: Access denied; from=<b@example.net> \
     to=<a@example.com> proto=ESMTP helo=<mail.example.net>";
const SENT: &str = "mx1 postfix/smtp[812]: 4C1D2E3F40: to=<a@example.com>, \
     relay=mx.example.com[192.0.2.9]:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn=2.0.0, status=sent \
     (250 2.0.0 Ok: queued as 7D1F2A33C0)";
const EXIM_REFUSED: &str =
    "H=mail.example.net [192.0.2.7] F=<b@example.net> rejected RCPT <a@example.com>: no such user";

/// A log with every difficulty that hangs on neighbouring lines.
fn difficult() -> Vec<u8> {
    let mut log = String::from("P Received: a bare line first\n\tindented\n\n");
    for minute in 0..6 {
        let _ = writeln!(log, "Jan  5 10:0{minute}:00 {SENT}");
        let _ = writeln!(log, "Jan  5 10:0{minute}:01 {REFUSED}");
        let _ =
            writeln!(log, "Jan  5 10:0{minute}:01 mx2 postfix/anvil[1]: statistics: max rate 1");
        let _ = writeln!(log, "Jan  5 10:0{minute}:02 mx1 last message repeated {minute} times");
        let _ = writeln!(log, "Jan  5 10:0{minute}:03 mx1 last message repeated 2 times");
        let _ = writeln!(log, "\twrapped line\r\nbare line {minute} that nobody knows\r\n");
        let _ = writeln!(log, "Jan  5 10:0{minute}:04 mx1 postfix/smtp[9]: odd thing {minute}");
        let _ = writeln!(
            log,
            "Jan  5 10:0{minute}:05 mx1 exim[77]: [1/2] H=mail.example.net [192.0.2.7] F=<b@exam"
        );
        let _ = writeln!(log, "Jan  5 10:0{minute}:05 mx1 exim[78]: [1\\3] {EXIM_REFUSED}");
        let _ = writeln!(log, "Jan  5 10:0{minute}:05 mx1 exim[78]: [2\\3] P Received: from x");
        let _ = writeln!(
            log,
            "Jan  5 10:0{minute}:05 mx1 exim[77]: [2/2] ple.net> rejected RCPT <a@example.com>: no such user"
        );
        let _ = writeln!(log, "Jan  5 10:0{minute}:05 mx1 exim[78]: [3/3]   by y");
        let _ = writeln!(log, "Jan  5 10:0{minute}:06 mx1 exim[78]: {EXIM_REFUSED}");
        let _ = writeln!(log, "2026-01-05 10:0{minute}:07 {EXIM_REFUSED}");
        let _ = writeln!(log, "Envelope-from: <b@example.net>\nP Received: from x\n\tby y");
        let _ = writeln!(log, "2026-01-05 10:0{minute}:07 1tUAbc-0000xY-3c an odd thing of Exim");
        let _ = writeln!(
            log,
            "{{\"log\":\"Jan  5 10:0{minute}:08 mx1 postfix/smtpd[811]: NOQ\",\"stream\":\"stdout\",\"time\":\"2026-01-05T10:00:00Z\"}}"
        );
        let _ = writeln!(
            log,
            "{{\"log\":\"UEUE: reject: x\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-05T10:00:00Z\"}}"
        );
        let _ = writeln!(
            log,
            "2026-01-05T10:0{minute}:09Z stdout P Jan  5 10:0{minute}:09 {}",
            SENT.split_at(60).0
        );
        let _ = writeln!(log, "2026-01-05T10:0{minute}:09Z stdout F {}", SENT.split_at(60).1);
        let _ = writeln!(
            log,
            "Feb 29 10:0{minute}:10 mx1 postfix/anvil[1]: statistics: a day of other years"
        );
        let _ = writeln!(
            log,
            "Feb 29 10:0{minute}:10 mx1 postfix/anvil[1]: statistics: a day of other years"
        );
        let _ = writeln!(
            log,
            "Jan  5 10:0{minute}:11 mx1 exim[79]: [1/2] an entry without its end {minute}"
        );
    }
    let mut log = log.into_bytes();
    log.extend(b"Jan  5 10:07:00 mx1 postfix/smtp[9]: invalid \xff\xc3 bytes\n\0\0\0");
    log.extend(format!("Jan  5 10:07:01 {SENT}\n").bytes());
    log.extend(format!("Jan  5 19:07:01 mx1 postfix/smtp[9]: {}\n", "x".repeat(70_000)).bytes());
    log.extend(format!("Jan  5 19:00:01 {REFUSED}\nJan  5 10:07:01 {REFUSED}").bytes());
    log
}

#[test]
fn any_chunk_size_and_any_number_of_threads_give_the_same() {
    let log = difficult();
    let want = whole(read_with(log.clone(), &options()));
    for threads in [1, 2, 3, 8] {
        for chunk_size in [1, 50, 333, 1000, 4096, 1 << 20] {
            let threads = NonZeroUsize::new(threads).unwrap();
            let options = Options { threads, chunk_size, ..options() };
            let got = whole(read_with(log.clone(), &options));
            let differs = want.lines().zip(got.lines()).find(|(a, b)| a != b);
            assert!(got == want, "{threads} threads, chunks of {chunk_size}: {differs:?}");
        }
    }
}

/// Files are read by the ordered stage's thread too, where it has nothing else to do.
#[test]
fn files_are_read_alike_by_any_number_of_threads() {
    let folder = Folder::of_test("turns");
    let inputs: Vec<_> =
        (0..40).map(|n| folder.file(&format!("mail.log.{n}"), difficult().repeat(n % 3))).collect();
    let want = whole(read_files(&inputs, &options()));
    for threads in [2, 3, 8] {
        for chunk_size in [333, 4096, 1 << 20] {
            let threads = NonZeroUsize::new(threads).unwrap();
            let got = whole(read_files(&inputs, &Options { threads, chunk_size, ..options() }));
            let differs = want.lines().zip(got.lines()).find(|(a, b)| a != b);
            assert!(got == want, "{threads} threads, chunks of {chunk_size}: {differs:?}");
        }
    }
}

#[test]
fn what_was_read_is_handed_on_while_the_input_keeps_us_waiting() {
    /// Gives its text, and the end only when somebody has seen a record of it.
    struct Patient(Cursor<Vec<u8>>, mpsc::Receiver<()>, Arc<AtomicBool>);
    impl Read for Patient {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(buffer)?;
            if read == 0 && self.1.recv_timeout(Duration::from_secs(60)).is_err() {
                self.2.store(true, Relaxed);
            }
            Ok(read)
        }
    }
    struct Tells(mpsc::Sender<()>);
    impl Sink for Tells {
        fn record(&mut self, _: &Record<'_>) -> ControlFlow<()> {
            let _ = self.0.send(());
            ControlFlow::Continue(())
        }
    }
    let line = format!("Jan  5 10:00:00 {SENT}\n");
    for threads in [1, 2, 8] {
        let (tell, told) = mpsc::channel();
        let in_vain = Arc::new(AtomicBool::new(false));
        let text = Cursor::new(line.repeat(5).into_bytes());
        let reader = Patient(text, told, Arc::clone(&in_vain));
        let threads = NonZeroUsize::new(threads).unwrap();
        let options = Options { threads, chunk_size: line.len(), ..options() };
        let outcome = run_reader("-", reader, &options, &mut Tells(tell));
        assert_eq!(
            (outcome.coverage.lines, in_vain.load(Relaxed)),
            (5, false),
            "{threads} threads"
        );
    }
}

#[test]
fn a_thread_that_panics_is_not_the_end_of_the_input() {
    struct Broken(u32);
    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            assert!(self.0 < 9, "of this test: the reader is broken");
            let line = format!("Jan  5 10:00:00 {SENT}\n");
            buffer[..line.len()].copy_from_slice(line.as_bytes());
            Ok(line.len())
        }
    }
    for threads in [1, 2, 8] {
        let threads = NonZeroUsize::new(threads).unwrap();
        let options = Options { threads, chunk_size: 1000, ..options() };
        let run = || run_reader("-", Broken(0), &options, &mut Lines::default());
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_err();
        let words = panic.downcast_ref::<&str>().copied();
        assert_eq!(words, Some("of this test: the reader is broken"), "{threads} threads");
    }
}

#[test]
fn every_line_is_accounted_for() {
    let (lines, outcome) = read_with(difficult(), &options());
    let coverage = outcome.coverage;
    assert_eq!((coverage.invalid_bytes, coverage.cut_lines), (2, 1));
    assert_eq!(coverage.without_time, 12, "29 February 2026");
    let rows: u64 = coverage.shapes.values().map(|shape| shape.lines).sum();
    let bucket = |bucket| coverage.buckets.get(&bucket).copied().unwrap_or(0);
    assert_eq!(
        rows + coverage.shapes_left_out,
        bucket(Bucket::Unknown) + bucket(Bucket::Malformed),
        "shapes: {:#?}",
        coverage.shapes
    );
    assert_eq!(lines.events.len() as u64, bucket(Bucket::Event));
    assert!(matches!(outcome.anomalies.first(), Some(Anomaly::Gap { .. })));
    assert!(matches!(outcome.anomalies.get(1), Some(Anomaly::BackwardJump { .. })));
}

#[test]
fn a_repeat_is_the_event_before_with_its_count() {
    let log = format!(
        "Jan  5 10:00:00 {REFUSED}\n\
         Jan  5 10:00:01 mx1 last message repeated 3 times\n\
         Jan  5 10:00:02 mx1 postfix/anvil[1]: statistics: max rate 1\n\
         Jan  5 10:00:03 mx1 last message repeated 2 times\n"
    );
    let (lines, outcome) = read(&log);
    assert_eq!(lines.events, ["0:1 reject x1", "0:2 reject x3"]);
    assert_eq!(lines.times, ["2026-01-05T10:00:00Z", "2026-01-05T10:00:01Z"]);
    assert_eq!(outcome.coverage.buckets[&Bucket::Event], 2);
}

#[test]
fn an_entry_in_parts_stands_where_its_first_part_does() {
    let log = "Jan  5 10:00:00 mx1 exim[7]: [1/2] H=mail.example.net [192.0.2.7] F=<b@example.net> rej\n\
               Jan  5 10:00:00 mx1 exim[8]: [1/2] something without an end that nobody knows\n\
               Jan  5 10:00:00 mx1 exim[7]: [2/2] ected RCPT <a@example.com>: no such user\n";
    let (lines, outcome) = read(log);
    assert_eq!(lines.events, ["0:1 reject x1"]);
    let coverage = &outcome.coverage;
    assert_eq!(
        (coverage.buckets[&Bucket::Event], coverage.buckets[&Bucket::Quiet]),
        (1, 1),
        "{coverage:?}"
    );
    assert_eq!(coverage.buckets[&Bucket::Unknown], 1, "given as far as it goes");
}

#[test]
fn entries_of_the_reject_log_are_copies_of_those_in_the_main_log() {
    let folder = Folder::of_test("copies");
    let entry = |second, text| format!("2026-01-05 10:00:0{second} {text}\n");
    let header = "Envelope-from: <b@example.net>\n";
    let main = folder.file(
        "mainlog",
        [entry(1, EXIM_REFUSED), entry(1, EXIM_REFUSED), entry(2, EXIM_REFUSED)].concat(),
    );
    let pid = format!("[811] {EXIM_REFUSED}");
    let reject = folder.file(
        "rejectlog",
        [&entry(1, &pid), header, &entry(1, &pid), header, &entry(1, &pid), &entry(3, &pid)]
            .concat(),
    );
    let (lines, outcome) = read_files(&[main, reject], &options());
    assert_eq!(
        lines.events,
        [
            "0:1 reject x1",
            "0:2 reject x1",
            "0:3 reject x1",
            "1:1 reject x1 copy",
            "1:3 reject x1 copy",
            "1:5 reject x1",
            "1:6 reject x1",
        ]
    );
    assert_eq!((outcome.coverage.duplicates, outcome.coverage.duplicates_unsure), (2, false));
}

#[test]
fn a_sender_verification_that_failed_is_in_both_logs_too() {
    let folder = Folder::of_test("verify");
    let log = "2026-01-05 10:00:00 H=(mail.example.net) [192.0.2.7] sender verify fail for \
               <b@example.net>: Unrouteable address\n";
    let inputs = [folder.file("mainlog", log), folder.file("rejectlog", log)];
    let (lines, _) = read_files(&inputs, &options());
    assert_eq!(lines.events, ["0:1 probe x1", "1:1 probe x1 copy"]);
}

#[test]
fn in_syslog_the_reject_log_copy_follows_in_the_same_stream() {
    let log = format!(
        "Jan  5 10:00:01 mx1 exim[7]: {EXIM_REFUSED}\n\
         Jan  5 10:00:01 mx1 exim[7]: [1\\2] {EXIM_REFUSED}\n\
         Jan  5 10:00:01 mx1 exim[7]: [2/2] P Received: from x\n\
         Jan  5 10:00:01 mx1 exim[8]: {EXIM_REFUSED}\n\
         Jan  5 10:00:02 mx1 exim[7]: {EXIM_REFUSED}\n"
    );
    let (lines, _) = read(&log);
    assert_eq!(
        lines.events,
        ["0:1 reject x1", "0:2 reject x1 copy", "0:4 reject x1", "0:5 reject x1"]
    );
}

#[test]
fn the_panic_log_holds_copies_and_trouble() {
    let folder = Folder::of_test("panic");
    let log = folder.file(
        "paniclog",
        "2026-01-05 10:00:00 1tUAbc-0000xY-3c == a@example.com R=r T=t defer (13): Permission denied\n\
         2026-01-05 10:00:01 Cannot open main log file \"/x\": Permission denied: euid=1 egid=1\n",
    );
    let (lines, outcome) = read_files(&[log], &options());
    assert_eq!(lines.events, ["0:1 delivery x1 copy"]);
    assert!(lines.all[1].contains("severity: Panic"), "{}", lines.all[1]);
    assert!(lines.all[1].contains("text: \"Cannot open main log"), "{}", lines.all[1]);
    assert_eq!(outcome.coverage.duplicates, 1);
}

#[test]
fn the_year_is_that_of_the_last_change() {
    let folder = Folder::of_test("year");
    let end_of_year = format!("Dec 30 10:00:00 {SENT}\nJan  2 10:00:00 {SENT}\n");
    let leap = |lines: usize| {
        let mut log = format!("Feb 20 10:00:00 {SENT}\n");
        log += &format!("Feb 28 10:00:00 {SENT}\n").repeat(lines);
        log += &format!("Feb 29 10:00:00 {SENT}\n").repeat(20);
        log + &format!("Mar  3 10:00:00 {SENT}\n").repeat(lines)
    };
    let day = |name: &str| match crate::time::parse_stamp(name) {
        Some((crate::time::Stamp::Absolute(time), _)) => u64::try_from(time.seconds()).unwrap(),
        other => panic!("{name}: {other:?}"),
    };
    for (name, text, changed, want) in [
        ("changed after it", &end_of_year, "2024-01-03T00:00:00Z", ["2023-12-30", "2024-01-02"]),
        ("changed at its end", &end_of_year, "2024-01-02T10:00:00Z", ["2023-12-30", "2024-01-02"]),
        ("copied later", &end_of_year, "2025-07-02T10:00:00Z", ["2024-12-30", "2025-01-02"]),
        ("29 February", &leap(2), "2027-07-02T10:00:00Z", ["2024-02-20", "2024-03-03"]),
        ("29 February, large", &leap(5000), "2027-07-02T10:00:00Z", ["2024-02-20", "2024-03-03"]),
    ] {
        let file = folder.file_of("mail.log", text, day(changed));
        for threads in [1, 2] {
            let threads = NonZeroUsize::new(threads).unwrap();
            let options = Options { threads, ..options() };
            let (lines, outcome) = read_files(std::slice::from_ref(&file), &options);
            let ends = [lines.times.first().unwrap(), lines.times.last().unwrap()];
            assert_eq!(ends.map(|time| day_of(time)), want, "{name}");
            let source = &outcome.sources[0];
            assert_eq!(source.first.unwrap().to_string(), *ends[0], "{name}");
            assert_eq!(source.last.unwrap().to_string(), *ends[1], "{name}");
        }
    }
}

#[test]
fn a_given_year_is_that_of_every_source_that_does_not_go_on() {
    let folder = Folder::of_test("given-year");
    let inputs = [
        folder.file("mail.log.3", format!("Dec 30 10:00:00 {SENT}\n")),
        folder.file("mail.log.2", format!("Jan  2 10:00:00 {SENT}\n")),
        folder.file("mail.log.1", format!("Jan  5 10:00:00 {SENT}\n")),
        folder.file("another.log", format!("Jun  5 10:00:00 {SENT}\n")),
    ];
    let (lines, outcome) = read_files(&inputs, &Options { year: Some(2030), ..options() });
    let days: Vec<&str> = lines.times.iter().map(|time| day_of(time)).collect();
    assert_eq!(days, ["2030-12-30", "2031-01-02", "2031-01-05", "2030-06-05"]);
    assert!(outcome.missing_members.is_empty());
}

#[test]
fn standard_input_is_of_now() {
    let (lines, _) = read(&format!("Feb  1 10:00:00 {SENT}\nFeb  4 10:00:00 {SENT}\n"));
    assert_eq!(lines.times, ["2026-02-01T10:00:00Z", "2026-02-04T10:00:00Z"]);
    let (lines, _) = read(&format!("Mar  1 10:00:00 {SENT}\n"));
    assert_eq!(lines.times, ["2025-03-01T10:00:00Z"]);
}

/// Reads a growing file whenever it has one of these lengths; the last time it goes on no more.
fn read_growing(folder: &Folder, bytes: &[u8], lengths: &[usize], pack: Pack) -> (Lines, Coverage) {
    let mut lines = Lines::default();
    let mut total = Coverage::default();
    let (mut from, mut copies) = (Position::default(), Copies::default());
    for (run, length) in lengths.iter().enumerate() {
        let input = folder.file("growing.log", pack(&bytes[..*length]));
        let rest = Rest {
            path: "growing.log".into(),
            file: File::open(input.path()).unwrap(),
            from,
            goes_on: run + 1 < lengths.len(),
            identity: 0,
        };
        let chunk_size = [64, 4096, 1 << 18][run % 3];
        let options = Options { chunk_size, year: Some(2026), ..options() };
        let (outcome, known) = resume(vec![rest], copies, &options, &mut lines);
        (copies, from) = (known, outcome.sources[0].position);
        let coverage = outcome.coverage;
        assert_eq!(
            coverage.buckets.values().sum::<u64>(),
            coverage.lines,
            "run {run}: {coverage:?}"
        );
        total.lines += coverage.lines;
        total.bytes += coverage.bytes;
        total.duplicates += coverage.duplicates;
        for (bucket, count) in coverage.buckets {
            *total.buckets.entry(bucket).or_default() += count;
        }
    }
    (lines, total)
}

type Pack = fn(&[u8]) -> Vec<u8>;

fn as_gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn runs_over_a_growing_file_give_what_one_run_over_the_whole_gives() {
    let folder = Folder::of_test("growing");
    let bytes = difficult();
    let whole = |pack| read_growing(&folder, &bytes, &[bytes.len()], pack);
    let (want, all) = whole(<[u8]>::to_vec);
    let mut random = 1_u64;
    for round in 0..60 {
        let mut lengths: Vec<usize> = (0..=round % 5)
            .map(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                usize::try_from(random >> 33).unwrap() % bytes.len()
            })
            .chain([bytes.len()])
            .collect();
        lengths.sort_unstable();
        let pack: Pack = if round % 4 == 3 { as_gzip } else { <[u8]>::to_vec };
        let (got, total) = read_growing(&folder, &bytes, &lengths, pack);
        for (n, (got, want)) in got.all.iter().zip(&want.all).enumerate() {
            assert_eq!(got, want, "record {n} of runs to {lengths:?}");
        }
        assert_eq!(got.all.len(), want.all.len(), "runs to {lengths:?}");
        assert_eq!((total.lines, total.bytes), (all.lines, all.bytes), "{lengths:?}");
        assert_eq!(total.duplicates, all.duplicates, "{lengths:?}");
        assert_eq!(total.buckets, all.buckets, "{lengths:?}");
    }
}

#[test]
fn what_is_no_mail_log_is_said_and_the_rest_is_read() {
    let folder = Folder::of_test("problems");
    let inputs = [
        folder.file("notes.txt", "Dear all,\nthis is no log.\n"),
        folder.file("empty.log", ""),
        folder.file("blank.log", "\n\0\0\n  \r\n"),
        folder.file("utf16.log", b"\xff\xfeJ\0a\0n\0"),
        folder.file("mail.log.2.gz", b"\x1f\x8b\x08\0"),
        folder.file("none.log", "-- No entries --\n"),
        Input::Path(folder.0.join("missing")),
        Input::Path(folder.0.clone()),
        folder.file("foreign.log", "Jan  5 10:00:00 mx1 cron[1]: job\n"),
        folder.file("cat.log", SENT.split_once(": ").unwrap().1),
        folder.file("mail.log", format!("Jan  5 10:00:00 {SENT}\n")),
    ];
    let (lines, outcome) = read_files(&inputs, &options());
    assert_eq!(lines.events, ["9:1 delivery x1", "10:1 delivery x1"]);
    assert_eq!(outcome.missing_members, [format!("{}/mail.log.1", folder.0.display())]);
    let problems: Vec<String> = outcome
        .sources
        .iter()
        .map(|source| source.problem.as_ref().map_or(String::new(), ToString::to_string))
        .collect();
    for (n, want) in [
        (0, "none of its 2 lines"),
        (1, ""),
        (2, ""),
        (3, "UTF-16"),
        (4, "gzip"),
        (5, ""),
        (6, "missing"),
        (7, "is a directory"),
        (8, ""),
        (9, ""),
        (10, ""),
    ] {
        let problem = &problems[n];
        assert!(problem.contains(want) && problem.is_empty() == want.is_empty(), "{n}: {problem}");
    }
}

#[test]
fn an_archive_is_its_text_for_any_cutting() {
    let text = difficult();
    let folder = Folder::of_test("archives");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&text).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(&text[..], 3).unwrap();
    let middle = text.len() / 2;
    let two = [&text[..middle], &text[middle..]].map(|part| zstd::encode_all(part, 3).unwrap());
    let read = |bytes: &[u8], threads: usize, chunk_size| {
        let options = Options {
            threads: NonZeroUsize::new(threads).unwrap(),
            year: Some(2026),
            chunk_size,
            ..options()
        };
        let read = whole(read_files(&[folder.file("mail.log", bytes)], &options));
        (read, options.meter.bytes())
    };
    let (want, bytes) = read(&text, 1, Options::CHUNK_SIZE);
    assert_eq!(bytes, text.len() as u64);
    for (name, archive) in [("gzip", gzip), ("zstd", zstd), ("two frames", two.concat())] {
        for (threads, chunk_size) in [(1, 100), (1, 1 << 20), (2, 4096), (3, 777)] {
            let (got, bytes) = read(&archive, threads, chunk_size);
            assert!(got == want, "{name}, {threads} threads, chunks of {chunk_size}");
            assert_eq!(bytes, archive.len() as u64, "{name}: the bytes on disk are counted");
        }
    }
}

#[test]
fn what_lies_before_damage_is_read_and_the_damage_told() {
    let folder = Folder::of_test("damage");
    let text = format!("Jan  5 10:00:00 {SENT}\n").repeat(2000);
    let archive = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let cut = folder.file("mail.log.1", &archive[..archive.len() - 20]);
    let next = folder.file("mail.log", format!("Jan  6 10:00:00 {SENT}\n"));
    for threads in [1, 2] {
        let options = Options { threads: NonZeroUsize::new(threads).unwrap(), ..options() };
        let (lines, outcome) = read_files(&[cut.clone(), next.clone()], &options);
        let [damaged, whole] = &outcome.sources[..] else { panic!("{outcome:?}") };
        assert!(damaged.lines > 500 && damaged.lines < 2000, "{}", damaged.lines);
        // The last line before the damage is cut.
        assert_eq!(lines.events.len() as u64, damaged.lines - 1 + whole.lines);
        let problem = damaged.problem.as_ref().unwrap().to_string();
        let place =
            format!("mail.log.1: the zstd archive is cut off at byte {}", archive.len() - 20);
        assert!(problem.contains(&place), "{problem}");
        assert!(whole.problem.is_none());
    }
}

#[test]
fn wrapped_lines_are_events_at_their_own_line_numbers() {
    let text = SENT.split_once(": ").unwrap().1;
    let (begin, end) = text.split_at(40);
    let log = format!(
        r#"{{"__REALTIME_TIMESTAMP":"1767603600123456","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/smtp","_PID":"812","MESSAGE":"{text}"}}
{{"log":"Jan  5 10:00:00 {SENT}\n","stream":"stdout","time":"2026-01-05T10:00:00.1Z"}}
{{"log":"postfix/smtp[812]: {begin}","stream":"stdout","time":"2026-01-05T10:00:00.2Z"}}
{{"log":"{end}\n","stream":"stdout","time":"2026-01-05T10:00:00.3Z"}}
2026-01-05T10:00:00.4Z stdout P postfix/smtp[812]: {begin}
2026-01-05T10:00:00.5Z stdout F {end}
{{"@timestamp":"2026-01-05T10:00:00.6Z","message":"{text}","host":{{"name":"mx1"}},"process":{{"name":"postfix/smtp"}}}}
{{"message":"no log line"}}
"#
    );
    let (lines, outcome) = read(&log);
    assert_eq!(
        lines.events,
        [
            "0:1 delivery x1",
            "0:2 delivery x1",
            "0:4 delivery x1",
            "0:6 delivery x1",
            "0:7 delivery x1"
        ]
    );
    let fractions: Vec<_> = lines.times.iter().filter_map(|time| time.split_once('.')).collect();
    assert_eq!(
        fractions.iter().map(|(_, fraction)| *fraction).collect::<Vec<_>>(),
        ["123456Z", "200Z", "400Z", "600Z"]
    );
    assert_eq!(outcome.coverage.buckets[&Bucket::Malformed], 1);
    assert_eq!(outcome.coverage.lines, 8);
}

#[test]
fn a_minute_that_goes_by_is_a_tick() {
    let quiet = "mx1 postfix/anvil[1]: statistics: max rate 1";
    let log = format!(
        "Jan  5 10:00:00 {quiet}\nJan  5 10:00:59 {quiet}\nJan  5 10:01:00 {quiet}\n\
         Jan  5 10:02:00 {SENT}\nJan  5 10:02:01 {quiet}\n\nbare\nJan  5 10:03:01 {quiet}\n"
    );
    for chunk_size in [1, 60, 120, 1000] {
        let (lines, _) = read_with(log.clone(), &Options { chunk_size, ..options() });
        assert_eq!(lines.ticks, [1, 3, 8], "chunks of {chunk_size}");
    }
}

#[test]
fn bare_lines_are_judged_by_the_line_before_them() {
    let log = "2026-01-05 10:00:00 1tUAbc-0000xY-3c Completed\n\
               550 5.1.1 bare\n\
               Jan  5 10:00:00 mx1 postfix/anvil[1]: statistics: max rate 1\n\
               550 5.1.1 bare\n\
               \tindented\n";
    for chunk_size in [1, 30, 1000] {
        let (_, outcome) = read_with(log, &Options { chunk_size, ..options() });
        let malformed = outcome.coverage.buckets.get(&Bucket::Malformed);
        assert_eq!(malformed, Some(&1), "chunks of {chunk_size}");
        let shape = &outcome.coverage.shapes["0 0.0.0 bare"];
        assert_eq!((shape.lines, shape.first.line), (1, 4), "chunks of {chunk_size}");
    }
}

#[test]
fn a_sink_that_wants_no_more_ends_the_reading() {
    struct Endless {
        line: Vec<u8>,
        at: usize,
    }
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            for byte in buffer.iter_mut() {
                *byte = self.line[self.at % self.line.len()];
                self.at += 1;
            }
            Ok(buffer.len())
        }
    }
    struct Few(u32);
    impl Sink for Few {
        fn record(&mut self, _: &Record<'_>) -> ControlFlow<()> {
            self.0 -= 1;
            if self.0 == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
    for threads in [1, 2, 8] {
        let threads = NonZeroUsize::new(threads).unwrap();
        let reader = Endless { line: format!("Jan  5 10:00:00 {SENT}\n").into_bytes(), at: 0 };
        let mut few = Few(3);
        let options = Options { threads, ..options() };
        let outcome = run_reader("endless", reader, &options, &mut few);
        assert_eq!((few.0, outcome.stopped, outcome.sources.len()), (0, true, 1));
    }
}

#[test]
fn a_read_error_comes_after_the_lines_before_it() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("disk"))
        }
    }
    let mut lines = Lines::default();
    let reader = Cursor::new(format!("Jan  5 10:00:00 {SENT}\n")).chain(Fails);
    let outcome = run_reader("-", reader, &options(), &mut lines);
    assert_eq!(lines.events.len(), 1);
    assert_eq!(outcome.sources[0].problem.as_ref().unwrap().to_string(), "-: disk");
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..20),
        prop_oneof![
            Just("Jan  5 10:00:00 mx1 "),
            Just("Jan  6 10:01:00 mx2 "),
            Just("Feb 29 10:01:00 mx2 "),
            Just("2026-01-05 10:00:00 "),
            Just("2026-01-05T10:00:00Z stdout P "),
            Just("2026-01-05T10:00:00Z stdout F "),
            Just("postfix/smtp[1]: "),
            Just("exim[1]: [1/2] "),
            Just("exim[1]: [1\\3] "),
            Just("exim[1]: [2/2] "),
            Just("last message repeated 2 times"),
            Just("{\"log\":\"x\",\"stream\":\"stdout\",\"time\":\"2026-01-05T10:00:00Z\"}"),
            Just("{\"MESSAGE\":[1,2,255]}"),
            Just("550 5.1.1 x"),
            Just("\n\t"),
            Just(" \r"),
            Just("\0\0"),
            Just(EXIM_REFUSED),
            Just(REFUSED),
            Just(SENT),
        ]
        .prop_map(|text| text.as_bytes().to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\n".to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_harm_and_no_cutting_shows(
        pieces in proptest::collection::vec(piece(), 0..60),
        chunk_size in 1_usize..200,
    ) {
        let log = pieces.concat();
        let want = whole(read_with(log.clone(), &options()));
        let got = whole(read_with(log, &Options { chunk_size, ..options() }));
        prop_assert_eq!(got, want);
    }
}
