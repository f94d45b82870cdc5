//! The ordered stage: everything that depends on the lines before, and the account of all lines.
//!
//! What it does for an entry depends on the entries before alone, and which entries there are depends on
//! the lines alone; only a tick may be there for the sake of a chunk's begin, and is dropped here.

use super::batch::{
    Account, Batch, Entry, LineShape, Minute, Parsed, Piece, Worker, count, may_have_a_twin,
    may_not_exist, minute_of, twin_hash,
};
use super::copies::Copies;
use super::course::Course;
use super::jobs::{End, Start};
use super::parts::{Joined, Parts, Place};
use super::repeats::Repeats;
use super::shape::shape_of;
use super::year::Times;
use super::{Options, Outcome, SourceReport};
use crate::classify::Verdict;
use crate::error::Error;
use crate::event::{Bucket, Content, Header, Kind, Mta, Note, Part};
use crate::input::{Chunk, Position};
use crate::parse::{LineParser, Previous, parse_exim_entry};
use crate::record::{Coverage, Location, Prepared, Raw, Record, Shape, Sink, provider_met};
use crate::time::{Stamp, Time};
use std::ops::ControlFlow;
use std::path::PathBuf;

/// Takes the pieces of a run in order.
pub(super) struct Ordered<'s> {
    sink: &'s mut dyn Sink,
    /// For the few lines that only the ordered stage can read.
    worker: Worker,
    /// What is read again is for the memory alone: it is neither given nor counted.
    muted: bool,
    times: Times,
    copies: Copies,
    source: Source,
    account: Account,
    outcome: Outcome,
}

/// The source being read.
#[derive(Default)]
struct Source {
    index: u32,
    /// Tells it from all other sources, those of other runs included.
    identity: u32,
    /// What a run before read of it.
    from: Position,
    goes_on: bool,
    unsettled: u64,
    path: PathBuf,
    looks_like: &'static str,
    lines: u64,
    bytes: u64,
    first: Option<Time>,
    last_stamp: Stamp,
    minute: Option<Minute>,
    /// The last stamp of a line that was handed on, and its time.
    moment: Option<(Stamp, Time)>,
    previous: Previous,
    panic_log: bool,
    /// Counts of the run when the source began.
    with_envelope: u64,
    bare: u64,
    bare_but_known: u64,
    course: Course,
    parts: Parts,
    repeats: Repeats,
}

impl<'s> Ordered<'s> {
    /// `copies` are those that a run before knew of.
    pub(super) fn new(
        copies: Copies,
        options: &Options,
        worker: Worker,
        sink: &'s mut dyn Sink,
    ) -> Self {
        Self {
            sink,
            worker,
            muted: false,
            times: Times::new(options.zone, options.year),
            copies,
            source: Source::default(),
            account: Account::default(),
            outcome: Outcome::default(),
        }
    }

    /// Takes the next piece; `Break` when the sink wants no more.
    pub(super) fn take(&mut self, piece: Piece) -> ControlFlow<()> {
        let flow = match piece {
            Piece::Start(start) => {
                self.start(start);
                ControlFlow::Continue(())
            }
            Piece::Text(batch) => self.batch(&batch),
            Piece::End(end) => self.end(end),
        };
        if flow.is_break() && !self.outcome.stopped {
            self.outcome.stopped = true;
            self.report(None);
        }
        flow
    }

    /// What the run came to.
    pub(super) fn finish(self) -> (Outcome, Copies) {
        let mut outcome = self.outcome;
        let coverage = &mut outcome.coverage;
        let account = self.account;
        coverage.buckets = Bucket::ALL.iter().copied().zip(account.buckets).collect();
        coverage.buckets.retain(|_, lines| *lines > 0);
        coverage.by_mta = Mta::ALL.iter().copied().zip(account.by_mta).collect();
        coverage.by_mta.retain(|_, lines| *lines > 0);
        coverage.with_envelope = account.with_envelope;
        coverage.without_time = account.without_time;
        coverage.duplicates_unsure = self.copies.unsure();
        (outcome, self.copies)
    }

    fn start(&mut self, start: Start) {
        let index = u32::try_from(self.outcome.sources.len()).unwrap_or(u32::MAX);
        self.source = Source {
            index,
            path: start.path,
            looks_like: start.looks_like,
            identity: start.resumed.map_or(index, |resumed| resumed.identity),
            from: start.resumed.map_or(Position::default(), |resumed| resumed.from),
            goes_on: start.resumed.is_some_and(|resumed| resumed.goes_on),
            lines: start.resumed.map_or(0, |resumed| resumed.from.line),
            with_envelope: self.account.with_envelope,
            bare: self.account.bare,
            bare_but_known: self.account.bare_but_known,
            ..Source::default()
        };
        self.times.start(start.evidence);
        self.copies.start_source();
    }

    fn batch(&mut self, batch: &Batch) -> ControlFlow<()> {
        let chunk = batch.borrow_owner();
        let parsed = batch.borrow_dependent();
        self.source.panic_log = chunk.panic_log;
        if chunk.warm_up {
            return self.warm_up(chunk, parsed);
        }
        self.source.bytes += chunk.bytes;
        let coverage = &mut self.outcome.coverage;
        coverage.bytes += chunk.bytes;
        coverage.invalid_bytes += chunk.invalid_bytes;
        coverage.cut_lines += chunk.cut_lines;
        if parsed.left_out > 0 {
            let previous = self.source.previous;
            let begin = Parsed::of_left_out(chunk, parsed.left_out, previous, &mut self.worker);
            self.lines(chunk, &begin)?;
        }
        if parsed.previous != Previous::Nothing {
            self.source.previous = parsed.previous;
        }
        if parsed.last_stamp != Stamp::Missing {
            self.source.last_stamp = parsed.last_stamp;
        }
        self.lines(chunk, parsed)?;
        self.source.lines += u64::from(parsed.lines);
        self.outcome.coverage.lines += u64::from(parsed.lines);
        self.source.repeats.end_of_chunk(&chunk.text);
        ControlFlow::Continue(())
    }

    /// What a run before has counted: read for the memory of the lines behind it.
    fn warm_up(&mut self, chunk: &Chunk, parsed: &Parsed<'_>) -> ControlFlow<()> {
        let account = std::mem::take(&mut self.account);
        let line = self.source.lines;
        self.source.lines = line.saturating_sub(u64::from(parsed.lines));
        self.source.previous = parsed.previous;
        self.muted = true;
        let flow = self.lines(chunk, parsed);
        self.muted = false;
        self.source.repeats.end_of_chunk(&chunk.text);
        self.source.lines = line;
        self.source.first = None;
        self.source.moment = None;
        self.account = account;
        self.settle_later(self.source.from.unsettled, true);
        flow
    }

    /// Lines that this run counts for the one before (`taken`), or leaves for the next.
    fn settle_later(&mut self, lines: u64, taken: bool) {
        let Some(quiet) = self.account.buckets.get_mut(Bucket::Quiet as usize) else { return };
        let all = &mut self.outcome.coverage.lines;
        if taken {
            (*quiet, *all) = (*quiet + lines, *all + lines);
        } else {
            (*quiet, *all) = (quiet.saturating_sub(lines), all.saturating_sub(lines));
        }
    }

    fn lines(&mut self, chunk: &Chunk, parsed: &Parsed<'_>) -> ControlFlow<()> {
        self.account.add(&parsed.account);
        let base = self.source.lines;
        let mut shapes = parsed.shapes.iter().peekable();
        let mut verdicts = parsed.verdicts.iter();
        let mut findings = parsed.findings.iter();
        for (entry, content) in parsed.entries.iter().zip(&parsed.contents) {
            while let Some(shape) = shapes.next_if(|shape| shape.first < entry.line) {
                self.line_shape(shape, base);
            }
            let line = base + u64::from(entry.line) + 1;
            let verdict = if entry.judged { verdicts.next() } else { None };
            let found = if entry.prepared { findings.next() } else { None };
            let prepared = found.map(|found| Prepared { found, words: &parsed.words });
            let at = Location { source: self.source.index, line };
            self.entry((entry, content), (verdict, prepared), chunk, at)?;
        }
        for shape in shapes {
            self.line_shape(shape, base);
        }
        ControlFlow::Continue(())
    }

    fn entry(
        &mut self,
        (entry, content): (&Entry<'_>, &Content<'_>),
        (verdict, prepared): (Option<&Verdict>, Option<Prepared<'_>>),
        chunk: &Chunk,
        at: Location,
    ) -> ControlFlow<()> {
        let stamp = entry.header.stamp;
        let time = match self.source.moment {
            // Three of four lines have the stamp of the line before.
            Some((known, time)) if known == stamp => {
                if let Content::Note(Note::Tick) = content {
                    return ControlFlow::Continue(());
                }
                Some(time)
            }
            _ => {
                let is_tick = matches!(content, Content::Note(Note::Tick));
                let minute = minute_of(stamp);
                let same_minute = minute == self.source.minute;
                if is_tick && same_minute && !may_not_exist(stamp) {
                    return ControlFlow::Continue(());
                }
                self.source.minute = minute.or(self.source.minute);
                let time = self.times.resolve(stamp);
                self.source.moment = time.map(|time| (stamp, time));
                match time {
                    Some(time) => self.see(time, at),
                    None => self.account.without_time += u64::from(stamp != Stamp::Missing),
                }
                if is_tick && (same_minute || time.is_none()) {
                    return ControlFlow::Continue(());
                }
                time
            }
        };
        match content {
            Content::Part(part) => {
                let place = Place { header: entry.header, at, time, count: entry.count };
                self.part(place, *part)
            }
            Content::Repeat(times) => {
                let begin = chunk.text.get(..entry.start).unwrap_or_default();
                self.repeat(entry.header.host, stamp, *times, begin, (at, time))
            }
            content => {
                let duplicate = match (content, entry.twin) {
                    (Content::Event(event), None) => {
                        self.source.panic_log && event.kind == Kind::Delivery
                    }
                    (_, Some(twin)) => self.is_copy(&entry.header, twin),
                    _ => false,
                };
                self.give(&Record {
                    at,
                    time,
                    header: entry.header,
                    mta: entry.mta,
                    count: entry.count,
                    duplicate,
                    content,
                    verdict,
                    provider: entry.provider,
                    prepared,
                    selected: true,
                    raw: Raw::at(&chunk.text, entry.start),
                })
            }
        }
    }

    fn is_copy(&mut self, header: &Header<'_>, twin: u64) -> bool {
        if self.muted {
            self.copies.see_again(header, twin);
            return false;
        }
        self.copies.is_copy(self.source.identity, header, twin)
    }

    fn verdict(&mut self, content: &Content<'_>, mta: Option<Mta>) -> Option<Verdict> {
        match content {
            Content::Event(event) => self.worker.verdict(event, mta, None),
            _ => None,
        }
    }

    fn give(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        if self.muted {
            return ControlFlow::Continue(());
        }
        self.outcome.coverage.duplicates += u64::from(record.duplicate);
        self.sink.record(record)
    }

    fn see(&mut self, time: Time, at: Location) {
        self.source.first.get_or_insert(time);
        if let Some(anomaly) = self.source.course.go_on(time, at) {
            if self.muted {
                return;
            }
            if self.outcome.anomalies.len() < Outcome::MAX_ANOMALIES {
                self.outcome.anomalies.push(anomaly);
            } else {
                self.outcome.anomalies_left_out += 1;
            }
        }
    }

    fn part(&mut self, place: Place<'_>, part: Part<'_>) -> ControlFlow<()> {
        // What the first part counts as shows when its entry is complete.
        count(&mut self.account.buckets, Bucket::Quiet as usize);
        for joined in self.source.parts.take(place, part) {
            self.joined(&joined)?;
        }
        ControlFlow::Continue(())
    }

    fn joined(&mut self, joined: &Joined) -> ControlFlow<()> {
        let (stamp, content) = parse_exim_entry(&joined.text);
        let header = joined.header();
        self.source.moment = None;
        let (header, time) = match stamp {
            Some(stamp) => {
                let header = crate::event::Header { stamp, ..header };
                (header, self.times.resolve(stamp).or(joined.time))
            }
            None => (header, joined.time),
        };
        let bucket = content.bucket();
        if bucket != Bucket::Quiet {
            if let Some(quiet) = self.account.buckets.get_mut(Bucket::Quiet as usize) {
                *quiet -= 1;
            }
            count(&mut self.account.buckets, bucket as usize);
        }
        let duplicate = match &content {
            Content::Event(event) if may_have_a_twin(Some(Mta::Exim), event, &joined.text) => {
                let twin = twin_hash(header.host, &joined.text);
                self.is_copy(&header, twin)
            }
            Content::Event(_) | Content::Note(_) => false,
            Content::Unknown | Content::Malformed(_) => {
                if self.worker.shapes {
                    let shape = shape_of(header.program, &joined.text);
                    self.shape(&shape, joined.at, 1, bucket);
                }
                return ControlFlow::Continue(());
            }
            _ => return ControlFlow::Continue(()),
        };
        let (at, count, mta) = (joined.at, joined.count, Some(Mta::Exim));
        let (content, verdict) = (&content, self.verdict(&content, mta));
        let (verdict, provider) = (verdict.as_ref(), provider_in(content));
        self.give(&Record {
            at,
            time,
            header,
            mta,
            count,
            duplicate,
            content,
            verdict,
            provider,
            prepared: None,
            selected: true,
            raw: Raw::begin_of(&joined.text),
        })
    }

    /// The line before happened again: it is given once more, at this line and with this count, when it says
    /// something that is counted.
    fn repeat(
        &mut self,
        host: &str,
        stamp: Stamp,
        times: u32,
        begin: &str,
        (at, time): (Location, Option<Time>),
    ) -> ControlFlow<()> {
        let Some(text) = self.source.repeats.line_before(at.line, host, begin) else {
            count(&mut self.account.buckets, Bucket::Quiet as usize);
            return ControlFlow::Continue(());
        };
        let line = LineParser::default().parse(&text);
        count(
            &mut self.account.buckets,
            match line.content {
                Content::Event(_) => Bucket::Event,
                _ => Bucket::Quiet,
            } as usize,
        );
        if let Content::Event(_) | Content::Note(Note::Trouble { .. } | Note::LostLines { .. }) =
            line.content
        {
            if let Some(mta) = line.mta {
                count(&mut self.account.by_mta, mta as usize);
            }
            let header = match stamp {
                Stamp::Missing => line.header,
                stamp => crate::event::Header { stamp, ..line.header },
            };
            let (mta, content) = (line.mta, &line.content);
            let verdict = self.verdict(content, mta);
            return self.give(&Record {
                at,
                time,
                header,
                mta,
                count: times,
                duplicate: false,
                content,
                verdict: verdict.as_ref(),
                provider: provider_in(content),
                prepared: None,
                selected: true,
                raw: Raw::begin_of(&text),
            });
        }
        ControlFlow::Continue(())
    }

    fn line_shape(&mut self, shape: &LineShape, base: u64) {
        let line = base + u64::from(shape.first) + 1;
        let at = Location { source: self.source.index, line };
        self.shape(&shape.shape, at, shape.lines, shape.bucket);
    }

    fn shape(&mut self, shape: &str, first: Location, lines: u64, bucket: Bucket) {
        if self.muted {
            return;
        }
        let coverage = &mut self.outcome.coverage;
        if let Some(known) = coverage.shapes.get_mut(shape) {
            known.lines += lines;
            known.first = known.first.min(first);
        } else if coverage.shapes.len() < Coverage::MAX_SHAPES {
            coverage.shapes.insert(shape.to_owned(), Shape { lines, first, bucket });
        } else {
            coverage.shapes_left_out += lines;
        }
    }

    fn end(&mut self, end: End) -> ControlFlow<()> {
        self.source.bytes -= end.left_for_later;
        self.outcome.coverage.bytes -= end.left_for_later;
        if self.source.goes_on {
            self.source.unsettled = self.source.parts.unsettled();
            self.settle_later(self.source.unsettled, false);
        } else {
            for joined in self.source.parts.end() {
                self.joined(&joined)?;
            }
        }
        let problem = end.failure.or_else(|| self.not_a_mail_log());
        self.report(problem);
        ControlFlow::Continue(())
    }

    fn report(&mut self, problem: Option<Error>) {
        let source = &mut self.source;
        let last = self.times.resolve(source.last_stamp);
        self.times.end(last);
        self.outcome.sources.push(SourceReport {
            name: source.path.display().to_string(),
            lines: source.lines - source.from.line + source.from.unsettled - source.unsettled,
            bytes: source.bytes,
            first: source.first,
            last: last.filter(|_| source.first.is_some()),
            position: Position {
                offset: source.from.offset + source.bytes,
                line: source.lines,
                unsettled: source.unsettled,
            },
            problem,
        });
    }

    /// Lines, but none that a mail log can have.
    fn not_a_mail_log(&self) -> Option<Error> {
        let (source, account) = (&self.source, &self.account);
        // A few odd lines behind a good begin are no other kind of file.
        let nothing_found = source.from.offset == 0
            && account.with_envelope == source.with_envelope
            && account.bare_but_known == source.bare_but_known
            && account.bare > source.bare;
        nothing_found.then(|| Error::NotAMailLog {
            path: source.path.clone(),
            lines: source.lines,
            hint: source.looks_like,
        })
    }
}

fn provider_in(content: &Content<'_>) -> Option<&'static str> {
    match content {
        Content::Event(event) => provider_met(event),
        _ => None,
    }
}

impl Account {
    fn add(&mut self, other: &Self) {
        for (sum, more) in self.buckets.iter_mut().zip(other.buckets) {
            *sum += more;
        }
        for (sum, more) in self.by_mta.iter_mut().zip(other.by_mta) {
            *sum += more;
        }
        self.with_envelope += other.with_envelope;
        self.without_time += other.without_time;
        self.bare += other.bare;
        self.bare_but_known += other.bare_but_known;
    }
}
