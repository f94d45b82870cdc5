//! What a worker makes of a chunk: the lines worth handing on, and the account of all of them.
//!
//! A worker does not know the chunk before. So it leaves out the lines before the chunk's first envelope,
//! whose meaning hangs on what came before; the ordered stage reads those.

use super::Options;
use super::jobs::{End, Job, Start};
use super::search::{Search, Wanted};
use super::shape::shape_of;
use crate::classify::Verdict;
use crate::event::{Bucket, Content, Event, Header, Kind, Mta, Note, Severity};
use crate::input::Chunk;
use crate::parse::{About, LineParser, Previous};
use crate::record::{Findings, Judging, Preparing, Providers, Sink};
use crate::time::{Local, Stamp, parse_stamp};
use foldhash::fast::FixedState;
use memchr::{memchr, memchr_iter};
use std::collections::HashMap;
use std::hash::BuildHasher;

/// Bytes of text for each entry, and for each event, in logs that have many of them: room for so many is made before,
/// as lists that grow by doubling would move what they hold several times.
const BYTES_AN_ENTRY: usize = 160;
const BYTES_AN_EVENT: usize = 320;

/// What a worker is told, and what it remembers from chunk to chunk: nothing that the result depends on.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    /// Keep the shapes of lines that are not understood.
    pub(super) shapes: bool,
    /// Parse only the lines with certain texts.
    pub(super) search: Option<Search>,
    /// Name the causes of events.
    pub(super) judging: Option<Judging>,
    /// Find what else the sink wants to know of events.
    pub(super) preparing: Option<Preparing>,
    pub(super) providers: Providers,
    /// With the heads of lines that it has met.
    parser: LineParser,
}

impl Worker {
    pub(super) fn new(options: &Options, sink: &dyn Sink) -> Self {
        Self {
            shapes: options.shapes,
            search: options.search.clone(),
            judging: sink.judging(),
            preparing: sink.preparing(),
            providers: Providers::default(),
            parser: LineParser::default(),
        }
    }

    /// Its parser, for lines that follow what `previous` says; to be given back.
    fn parser_after(&mut self, previous: Previous) -> LineParser {
        std::mem::take(&mut self.parser).after(previous)
    }

    /// The verdict on an event, where the sink wants one; `found` is what it found of it, if anything.
    pub(super) fn verdict(
        &mut self,
        event: &Event<'_>,
        mta: Option<Mta>,
        found: Option<&Findings>,
    ) -> Option<Verdict> {
        self.judging.as_mut()?.verdict(event, mta, found)
    }
}

/// A job with its lines parsed.
pub(super) enum Piece {
    Start(Start),
    Text(Batch),
    End(End),
}

self_cell::self_cell! {
    /// A chunk and what its lines say.
    pub(super) struct Batch {
        owner: Chunk,
        #[covariant]
        dependent: Parsed,
    }
}

/// Does the worker's part of a job.
pub(super) fn parse_job(job: Job, worker: &mut Worker) -> Piece {
    match job {
        Job::Start(start) => Piece::Start(start),
        Job::Text(chunk) => Piece::Text(Batch::new(chunk, |chunk| Parsed::of(chunk, worker))),
        Job::End(end) => Piece::End(end),
    }
}

/// A line worth handing on, without its content: that is large, and is put into a list of its own where it is made,
/// so that it is moved once.
pub(super) struct Entry<'a> {
    /// Counted from the chunk's first line, which is 0.
    pub(super) line: u32,
    /// Where the line begins in the chunk.
    pub(super) start: usize,
    /// Hash of an entry that Exim may have written twice: host and text, without stamp and process.
    pub(super) twin: Option<u64>,
    /// It has the next one of the verdicts.
    pub(super) judged: bool,
    /// It has the next one of the findings.
    pub(super) prepared: bool,
    /// The provider that the event met.
    pub(super) provider: Option<&'static str>,
    pub(super) header: Header<'a>,
    pub(super) mta: Option<Mta>,
    pub(super) count: u32,
}

impl<'a> Entry<'a> {
    fn without_event(line: u32, start: usize, about: &About<'a>) -> Self {
        let About { header, mta, count, .. } = *about;
        let (twin, provider, judged, prepared) = (None, None, false, false);
        Self { line, start, twin, judged, prepared, provider, header, mta, count }
    }
}

/// A shape's lines in a chunk.
pub(super) struct LineShape {
    pub(super) first: u32,
    pub(super) lines: u64,
    pub(super) bucket: Bucket,
    pub(super) shape: String,
}

/// Lines of a chunk, or of its begin.
#[derive(Default)]
pub(super) struct Parsed<'a> {
    /// In the order of the lines. A line without a meaning for anybody is there, as a tick, where its
    /// minute is not that of the line before.
    pub(super) entries: Vec<Entry<'a>>,
    /// Of each entry.
    pub(super) contents: Vec<Content<'a>>,
    /// Of the entries that were judged, in their order.
    pub(super) verdicts: Vec<Verdict>,
    /// What the sink wants to know of events, in their order, and the words that were found.
    pub(super) findings: Vec<Findings>,
    pub(super) words: String,
    /// In the order of their first lines.
    pub(super) shapes: Vec<LineShape>,
    pub(super) account: Account,
    /// Bytes before the first envelope, which were left out.
    pub(super) left_out: usize,
    /// All lines, those left out included.
    pub(super) lines: u32,
    /// The last stamp; missing when there was none.
    pub(super) last_stamp: Stamp,
    /// Who wrote the last line with an envelope; nothing when there was none.
    pub(super) previous: Previous,
}

/// Counts of lines. Parts and repeats are in no bucket yet.
#[derive(Default)]
pub(super) struct Account {
    pub(super) buckets: [u64; Bucket::ALL.len()],
    pub(super) by_mta: [u64; Mta::ALL.len()],
    pub(super) with_envelope: u64,
    pub(super) without_time: u64,
    /// Lines without an envelope that are nothing else that a log has.
    pub(super) bare: u64,
    /// Lines without an envelope that an MTA wrote for certain.
    pub(super) bare_but_known: u64,
}

/// Adds to a counter of an enum's variant.
pub(super) fn count(counters: &mut [u64], variant: usize) {
    if let Some(counter) = counters.get_mut(variant) {
        *counter += 1;
    }
}

impl<'a> Parsed<'a> {
    fn of(chunk: &'a Chunk, worker: &mut Worker) -> Self {
        let text = &*chunk.text;
        let mut parser = worker.parser_after(Previous::Nothing);
        let (left_out, lines) = before_the_first_envelope(text, &mut parser);
        let mut reading = Reading::new(parser, worker, chunk.panic_log);
        let parsed = &mut reading.taken.parsed;
        if reading.taken.worker.search.is_none() {
            parsed.entries.reserve(text.len() / BYTES_AN_ENTRY);
            parsed.contents.reserve(text.len() / BYTES_AN_ENTRY);
            if reading.taken.worker.judging.is_some() {
                parsed.verdicts.reserve(text.len() / (2 * BYTES_AN_EVENT));
            }
            if reading.taken.worker.preparing.is_some() {
                parsed.findings.reserve(text.len() / BYTES_AN_EVENT);
                parsed.words.reserve(text.len() / 16);
            }
        }
        parsed.left_out = left_out;
        parsed.lines = lines;
        reading.lines(text, left_out)
    }

    /// The lines that a worker left out of `chunk`, now that it is known what came before them.
    pub(super) fn of_left_out(
        chunk: &'a Chunk,
        left_out: usize,
        previous: Previous,
        worker: &mut Worker,
    ) -> Self {
        let parser = worker.parser_after(previous);
        let reading = Reading::new(parser, worker, chunk.panic_log);
        reading.lines(chunk.text.get(..left_out).unwrap_or_default(), 0)
    }
}

/// Bytes and lines before the first line with an envelope.
fn before_the_first_envelope(text: &str, parser: &mut LineParser) -> (usize, u32) {
    let mut at = 0;
    let mut lines = 0;
    while let Some((line, next)) = line_at(text, at) {
        if parser.parse(line).text.is_some() {
            break;
        }
        at = next;
        lines += 1;
    }
    (at, lines)
}

/// The line that begins at `at`, and where the next one does.
#[inline]
fn line_at(text: &str, at: usize) -> Option<(&str, usize)> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    let length = memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
    Some((rest.get(..length)?, at + rest.len().min(length + 1)))
}

struct Reading<'a, 'w> {
    parser: LineParser,
    taken: Taken<'a, 'w>,
}

/// What the lines said so far.
struct Taken<'a, 'w> {
    worker: &'w mut Worker,
    panic_log: bool,
    parsed: Parsed<'a>,
    /// Places of the shapes in `parsed.shapes`.
    known_shapes: HashMap<String, usize, FixedState>,
}

impl<'a, 'w> Reading<'a, 'w> {
    fn new(parser: LineParser, worker: &'w mut Worker, panic_log: bool) -> Self {
        let taken = Taken {
            worker,
            panic_log,
            parsed: Parsed::default(),
            known_shapes: HashMap::default(),
        };
        Self { parser, taken }
    }

    fn lines(mut self, text: &'a str, from: usize) -> Parsed<'a> {
        let search = self.taken.worker.search.clone();
        let mut wanted = search.as_ref().map(|search| Wanted::new(search, text));
        let mut start = from;
        // One search for all line ends: to begin one takes longer than to go through a line.
        for end in memchr_iter(b'\n', text.as_bytes().get(from..).unwrap_or_default()) {
            let next = from + end + 1;
            if wanted.as_mut().is_none_or(|wanted| wanted.line(start, next)) {
                self.line(text.get(start..next - 1).unwrap_or_default(), start);
            } else {
                self.taken.parsed.lines += 1;
            }
            start = next;
        }
        if let Some(last) = text.get(start..).filter(|last| !last.is_empty()) {
            self.line(last, start);
        }
        self.taken.parsed.previous = self.parser.previous();
        self.taken.worker.parser = self.parser;
        self.taken.parsed
    }

    #[inline]
    fn line(&mut self, text: &'a str, start: usize) {
        let Self { parser, taken } = self;
        parser.parse_with(text, |about, content| taken.take(text, start, about, content));
    }
}

impl<'a> Taken<'a, '_> {
    /// Counts a line, and keeps it where it has a meaning. Every other line has none, so what those need is all
    /// that is done for every line.
    #[inline]
    fn take(&mut self, text: &'a str, start: usize, about: About<'a>, content: &Content<'a>) {
        let number = self.parsed.lines;
        self.parsed.lines += 1;
        let other = about.text.filter(|_| self.panic_log);
        let other = other.and_then(|behind| as_panic(about.mta, content, behind));
        let content = other.as_ref().unwrap_or(content);
        let stamp = about.header.stamp;
        let another_minute = stamp != Stamp::Missing && !same_minute(stamp, self.parsed.last_stamp);
        if stamp != Stamp::Missing {
            self.parsed.last_stamp = stamp;
        }
        let account = &mut self.parsed.account;
        if about.text.is_some() {
            account.with_envelope += 1;
            account.without_time += u64::from(stamp == Stamp::Missing);
        } else {
            match content {
                Content::Malformed(_) => account.bare += 1,
                Content::Event(_) | Content::Note(_) => account.bare_but_known += 1,
                _ => {}
            }
        }
        if let Some(mta) = about.mta {
            count(&mut account.by_mta, mta as usize);
        }
        if !matches!(content, Content::Part(_) | Content::Repeat(_)) {
            count(&mut account.buckets, content.bucket() as usize);
        }
        match content {
            Content::Event(event) => self.event(number, start, &about, event, content),
            Content::Note(_) | Content::Part(_) | Content::Repeat(_) => {
                self.parsed.entries.push(Entry::without_event(number, start, &about));
                self.keep(content);
            }
            content => {
                if self.worker.shapes && !matches!(content, Content::Quiet | Content::Foreign) {
                    let bare = text.trim_start_matches('\0').trim_end();
                    let shape = shape_of(about.header.program, about.text.unwrap_or(bare));
                    self.shape(shape, number, content.bucket());
                }
                if another_minute || may_not_exist(stamp) {
                    self.parsed.entries.push(Entry::without_event(number, start, &about));
                    self.parsed.contents.push(Content::Note(Note::Tick));
                }
            }
        }
    }

    #[inline(never)]
    fn event(
        &mut self,
        line: u32,
        start: usize,
        about: &About<'a>,
        event: &Event<'a>,
        content: &Content<'a>,
    ) {
        let twin = about.text.filter(|behind| may_have_a_twin(about.mta, event, behind));
        let twin = twin.map(|behind| twin_hash(about.header.host, behind));
        let provider = self.worker.providers.met(event);
        let preparing = self.worker.preparing.as_mut();
        let findings = preparing.map(|p| p.find(event, about.mta, &mut self.parsed.words));
        let prepared = findings.is_some();
        let verdict = self.worker.verdict(event, about.mta, findings.as_ref());
        let judged = verdict.is_some();
        self.parsed.verdicts.extend(verdict);
        self.parsed.findings.extend(findings);
        let About { header, mta, count, .. } = *about;
        self.parsed.entries.push(Entry {
            line,
            start,
            twin,
            judged,
            prepared,
            provider,
            header,
            mta,
            count,
        });
        self.keep(content);
    }

    #[inline]
    fn keep(&mut self, content: &Content<'a>) {
        // Straight to its place: `push` would move it to the stack first.
        self.parsed.contents.extend_from_slice(std::slice::from_ref(content));
    }

    fn shape(&mut self, shape: String, line: u32, bucket: Bucket) {
        let shapes = &mut self.parsed.shapes;
        if let Some(known) = self.known_shapes.get(&shape).and_then(|at| shapes.get_mut(*at)) {
            known.lines += 1;
            return;
        }
        self.known_shapes.insert(shape.clone(), shapes.len());
        shapes.push(LineShape { first: line, lines: 1, bucket, shape });
    }
}

/// Exim's panic log repeats what its main log says of a delivery; the rest is about our own server.
fn as_panic<'a>(mta: Option<Mta>, content: &Content<'_>, behind: &'a str) -> Option<Content<'a>> {
    let is_delivery = matches!(content, Content::Event(event) if event.kind == Kind::Delivery);
    let ours = !is_delivery && mta == Some(Mta::Exim);
    let text = entry_of(behind);
    ours.then_some(Content::Note(Note::Trouble { severity: Severity::Panic, text }))
}

/// What Exim writes both into its main log and into its reject log; of probes, those of the sender.
pub(super) fn may_have_a_twin(mta: Option<Mta>, event: &Event<'_>, text: &str) -> bool {
    mta == Some(Mta::Exim)
        && match event.kind {
            Kind::Reject | Kind::AuthFailure | Kind::ProtocolViolation | Kind::SessionTimeout => {
                true
            }
            Kind::Probe | Kind::HostReply => text.contains(" sender verify "),
            _ => false,
        }
}

/// Hash of an entry's host and text. Its stamp and process stand apart from it.
pub(super) fn twin_hash(host: &str, text: &str) -> u64 {
    FixedState::default().hash_one((host, entry_of(text)))
}

/// Behind Exim's own stamp, `[811] ` (where its `log_selector` has `pid`) and `[1\3] ` (a part), which come
/// in any order.
fn entry_of(text: &str) -> &str {
    let mut text = text;
    for _ in 0..3 {
        let bracketed = text.strip_prefix('[').and_then(|rest| rest.split_once("] "));
        text = match (bracketed, parse_stamp(text)) {
            (Some((inside, behind)), _)
                if inside.bytes().all(|b| b.is_ascii_digit() || b == b'/' || b == b'\\') =>
            {
                behind
            }
            (_, Some((_, behind))) => behind,
            _ => break,
        };
    }
    text
}

/// The minute of a stamp, to be compared with others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Minute {
    Absolute(i64),
    Local(i64),
}

/// Whether two stamps are in one minute, as [`minute_of`] says, but sooner.
#[inline]
fn same_minute(one: Stamp, other: Stamp) -> bool {
    match (one, other) {
        (Stamp::Local(one), Stamp::Local(other)) => {
            let of = |at: Local| (at.year, [at.month, at.day, at.hour, at.minute]);
            of(one) == of(other)
        }
        (Stamp::Absolute(_), Stamp::Absolute(_)) => minute_of(one) == minute_of(other),
        _ => false,
    }
}

/// The minute of a stamp; `None` when it is missing.
#[inline]
pub(super) fn minute_of(stamp: Stamp) -> Option<Minute> {
    match stamp {
        Stamp::Missing => None,
        Stamp::Absolute(time) => Some(Minute::Absolute(time.0.div_euclid(60_000_000))),
        Stamp::Local(Local { year, month, day, hour, minute, .. }) => {
            let day = (i64::from(year.unwrap_or(0)) * 13 + i64::from(month)) * 32 + i64::from(day);
            Some(Minute::Local((day * 24 + i64::from(hour)) * 60 + i64::from(minute)))
        }
    }
}

/// Whether it hangs on the year that the stamp's day exists, or no year has it. Such lines are all handed
/// on, so that those without a time can be counted.
pub(super) fn may_not_exist(stamp: Stamp) -> bool {
    match stamp {
        Stamp::Local(Local { year: None, month, day, .. }) => {
            day > 28 && (month == 2 || (day == 31 && matches!(month, 4 | 6 | 9 | 11)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_before_the_first_envelope_are_left_to_the_ordered_stage() {
        for (text, want) in [
            ("Jan  5 10:00:00 mx1 p: T\n", (0, 0)),
            ("P Received: x\n\nJan  5 10:00:00 mx1 p: T\nbare\n", (15, 2)),
            ("bare\nbare", (9, 2)),
            ("", (0, 0)),
        ] {
            assert_eq!(
                before_the_first_envelope(text, &mut LineParser::default()),
                want,
                "{text:?}"
            );
        }
    }

    #[test]
    fn twins_are_equal_but_for_stamp_and_process() {
        let plain = twin_hash("", "H=mx [192.0.2.1] rejected RCPT <a@example.com>: no");
        for (host, text, equal) in [
            ("", "[811] H=mx [192.0.2.1] rejected RCPT <a@example.com>: no", true),
            (
                "",
                "2026-01-05 10:00:00 [811] H=mx [192.0.2.1] rejected RCPT <a@example.com>: no",
                true,
            ),
            ("", "[1\\3] [811] H=mx [192.0.2.1] rejected RCPT <a@example.com>: no", true),
            ("mx1", "H=mx [192.0.2.1] rejected RCPT <a@example.com>: no", false),
            ("", "H=mx [192.0.2.1] rejected RCPT <b@example.com>: no", false),
        ] {
            assert_eq!(twin_hash(host, text) == plain, equal, "{host} {text}");
        }
    }

    #[test]
    fn minutes_are_compared_as_they_are_counted() {
        let texts = [
            "Jan  5 10:00:00",
            "Jan  5 10:00:59.5",
            "Jan  5 10:01:00",
            "Jan  6 10:00:00",
            "Feb  5 10:00:00",
            "2026-01-05 10:00:00",
            "2026-01-05 10:00:30",
            "2026-01-05T10:00:00Z",
            "2026-01-05T10:00:59.999999Z",
            "2026-01-05T11:00:00+01:00",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00Z",
            "2026-02-30 10:00:00",
        ];
        let stamps = texts.map(|text| parse_stamp(text).unwrap().0);
        for (one, other) in stamps.iter().flat_map(|one| stamps.iter().map(move |o| (*one, *o))) {
            let want = minute_of(one).is_some() && minute_of(one) == minute_of(other);
            assert_eq!(same_minute(one, other), want, "{one:?} {other:?}");
        }
    }

    #[test]
    fn days_that_some_years_lack_are_known() {
        for (text, want) in [
            ("Feb 29 10:00:00", true),
            ("Feb 28 10:00:00", false),
            ("Apr 31 10:00:00", true),
            ("Mar 31 10:00:00", false),
            ("2024-02-29 10:00:00", false),
        ] {
            let (stamp, _) = parse_stamp(text).unwrap();
            assert_eq!(may_not_exist(stamp), want, "{text}");
        }
    }
}
