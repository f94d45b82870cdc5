//! What the pipeline hands on: events and notes in the order of their lines, and the account of all lines.
//!
//! [`Sink`] is the seam between reading and using: the `events` writer and the report are sinks, and neither
//! knows about files, threads or chunks.

use crate::classify::{Judge, Said, Verdict};
use crate::event::{Bucket, Content, Event, Header, Mta};
use crate::knowledge::Provider;
use crate::knowledge::provider::{HostMemory, provider_of_reply};
use crate::recent::Recent;
use crate::smtp::{Direction, Disposition};
use crate::time::Time;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;

/// A place in the input.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Location {
    /// Index into the sources, in reading order.
    pub source: u32,
    /// Line number, from 1.
    pub line: u64,
}

/// An event or a note, with its place and time.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Where it stands.
    pub at: Location,
    /// When; `None` when the line has no usable stamp.
    pub time: Option<Time>,
    /// The envelope.
    pub header: Header<'a>,
    /// Who wrote it; `None` for another program's word about lost lines.
    pub mta: Option<Mta>,
    /// How often it happened.
    pub count: u32,
    /// The same entry stood in another log before (Exim's main and reject log): to be listed, not counted.
    pub duplicate: bool,
    /// [`Content::Event`] or [`Content::Note`].
    pub content: &'a Content<'a>,
    /// The cause of an event that the sink wants to be judged ([`Sink::judging`]).
    pub verdict: Option<&'a Verdict>,
    /// The provider that an outbound event met ([`provider_met`]): its stable word. Found on the text as logged,
    /// so it stays right where somebody rewrites the record.
    pub provider: Option<&'static str>,
    /// What was found of an event where it was parsed, for a sink that asked for it ([`Sink::preparing`]). Of the words
    /// as logged, so it must not go on where somebody rewrites the record.
    pub prepared: Option<Prepared<'a>>,
    /// A filter selected it, or there is none. What is not selected is handed on because messages hang
    /// together by it; it must not be counted or shown.
    pub selected: bool,
    /// The line as it was read.
    pub raw: Raw<'a>,
}

/// A line as it was read. Where it ends is found when somebody asks, as hardly anybody does.
#[derive(Clone, Copy)]
pub struct Raw<'a> {
    text: &'a str,
    start: usize,
}

impl<'a> Raw<'a> {
    /// The first line of `text`.
    pub const fn begin_of(text: &'a str) -> Self {
        Self::at(text, 0)
    }

    /// The line of `text` that begins at a place.
    pub(crate) const fn at(text: &'a str, start: usize) -> Self {
        Self { text, start }
    }

    /// The line without its end; of an entry that came in parts, its text put together.
    pub fn line(self) -> &'a str {
        self.text.get(self.start..).and_then(|line| line.lines().next()).unwrap_or("")
    }
}

/// The line alone.
impl fmt::Debug for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.line().fmt(f)
    }
}

/// The receiving provider of an outbound event, by the relay host, else by the words of the reply: its stable
/// word.
pub fn provider_met(event: &Event<'_>) -> Option<&'static str> {
    Providers::default().met(event)
}

/// Tells the providers that events met, and remembers whose the last hosts and replies were.
#[derive(Clone, Debug, Default)]
pub(crate) struct Providers {
    hosts: HostMemory,
    /// Failures repeat each other's words.
    failures: Recent<Option<&'static str>, 512, 512>,
}

impl Providers {
    /// As [`provider_met`].
    pub(crate) fn met(&mut self, event: &Event<'_>) -> Option<&'static str> {
        if event.direction != Direction::Outbound {
            return None;
        }
        let by_host = event.relay.and_then(|relay| self.hosts.provider(relay.host?));
        by_host.or_else(|| {
            let by_words = |text: &str| provider_of_reply(text).map(Provider::slug);
            // Nearly every text of success has an id of its own.
            if event.disposition == Some(Disposition::Delivered) {
                by_words(event.text)
            } else {
                self.failures.of(event.text, by_words)
            }
        })
    }
}

impl<'a> Record<'a> {
    /// The verdict on the event of this record: the one that it brings, else `judge`'s.
    pub fn judged(&self, event: &Event<'_>, judge: &mut Judge) -> Cow<'a, Verdict> {
        match self.verdict {
            Some(verdict) => Cow::Borrowed(verdict),
            None => Cow::Owned(judge.judge(&Said::of(event, self.mta))),
        }
    }
}

/// What uses records.
pub trait Sink {
    /// Takes the next record. `Break` ends the reading early (a closed pipe).
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()>;

    /// Whose verdicts it wants with its records, and on which events; `None` when on none. Asked once, before
    /// the first record: a verdict needs no order, so events are judged where lines are parsed.
    fn judging(&self) -> Option<Judging> {
        None
    }

    /// What else it wants to know of each event. Asked once, before the first record.
    fn preparing(&self) -> Option<Preparing> {
        None
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        (**self).record(record)
    }

    fn judging(&self) -> Option<Judging> {
        (**self).judging()
    }

    fn preparing(&self) -> Option<Preparing> {
        (**self).preparing()
    }
}

/// Who judges what.
#[derive(Clone, Debug)]
pub struct Judging {
    /// Who.
    pub judge: Judge,
    /// Which events.
    pub wanted: fn(&Event<'_>) -> bool,
}

impl Judging {
    /// The verdict on an event, where one is wanted; `found` is what was found of it, if anything.
    pub fn verdict(
        &mut self,
        event: &Event<'_>,
        mta: Option<Mta>,
        found: Option<&Findings>,
    ) -> Option<Verdict> {
        let wording = found.and_then(|found| found.wording);
        (self.wanted)(event).then(|| self.judge.judge_worded(&Said::of(event, mta), wording))
    }
}

/// Finds of an event what needs nothing but the event. A sink that counts takes records one by one, in their order; what
/// it gives away here is done by many threads at a time. Each has one of its own, which may remember, but nothing that
/// what it finds depends on.
pub struct Preparing(Box<dyn Prepare>);

/// Writes new words behind those that are there.
trait Prepare: FnMut(&Event<'_>, Option<Mta>, &mut String) -> Findings + Send {
    /// Another one that finds the same.
    fn copy(&self) -> Box<dyn Prepare>;
}

impl<F> Prepare for F
where
    F: FnMut(&Event<'_>, Option<Mta>, &mut String) -> Findings + Send + Clone + 'static,
{
    fn copy(&self) -> Box<dyn Prepare> {
        Box::new(self.clone())
    }
}

impl Preparing {
    /// What finds. It may add words to the text that it is given.
    pub fn new(
        find: impl FnMut(&Event<'_>, Option<Mta>, &mut String) -> Findings + Send + Clone + 'static,
    ) -> Self {
        Self(Box::new(find))
    }

    /// Finds.
    pub fn find(&mut self, event: &Event<'_>, mta: Option<Mta>, words: &mut String) -> Findings {
        (self.0)(event, mta, words)
    }
}

impl Clone for Preparing {
    fn clone(&self) -> Self {
        Self((*self.0).copy())
    }
}

impl fmt::Debug for Preparing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Preparing")
    }
}

/// What was found of an event: numbers that mean something to who found them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Findings {
    /// What kind of event it is.
    pub category: u128,
    /// Hash of the other server's name.
    pub host: u64,
    /// Hash of the client's name.
    pub client: u64,
    /// Hash of what stands for the receiver, of deliveries.
    pub site: u64,
    /// Hashes of the recipient, the client and the sender in lower case, which are the same in every run; those of the
    /// client and the sender where we were the server.
    pub recipient: u64,
    /// See [`Self::recipient`].
    pub stranger: u64,
    /// See [`Self::recipient`].
    pub sender: u64,
    /// The recipient's domain where it is not in lower case as it stands, and its hash.
    pub domain: Word,
    /// The words without what is of this case alone.
    pub template: Word,
    /// Hash of what the words have in common with those about others, where they were looked at.
    pub wording: Option<u64>,
}

/// A place in the words that were found, and the hash of what stands there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Word {
    /// Where it begins.
    pub begin: u32,
    /// Where it ends.
    pub end: u32,
    /// Its hash.
    pub hash: u64,
}

impl Word {
    /// What stands there.
    pub fn of(self, words: &str) -> &str {
        words.get(self.begin as usize..self.end as usize).unwrap_or("")
    }
}

/// What was found, and the words that it speaks of.
#[derive(Clone, Copy, Debug)]
pub struct Prepared<'a> {
    /// Of this event.
    pub found: &'a Findings,
    /// Of this event and others.
    pub words: &'a str,
}

/// The account of the lines read, and what may make the figures wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// All lines. Equals the sum of the buckets.
    pub lines: u64,
    /// Bytes read (decompressed), line ends included.
    pub bytes: u64,
    /// Lines by bucket.
    pub buckets: BTreeMap<Bucket, u64>,
    /// Lines by the MTA that wrote them.
    pub by_mta: BTreeMap<Mta, u64>,
    /// Lines with an envelope that a mail log can have.
    pub with_envelope: u64,
    /// Lines with an envelope whose stamp no calendar has.
    pub without_time: u64,
    /// Bytes that were not valid UTF-8 and are shown as `\xNN`.
    pub invalid_bytes: u64,
    /// Lines longer than the limit, cut there.
    pub cut_lines: u64,
    /// Lines that turned out to be copies of entries in another log.
    pub duplicates: u64,
    /// Copies that may have been missed because too many entries had to be remembered.
    pub duplicates_unsure: bool,
    /// Shapes of unknown and malformed lines, digits folded, with how often and where first;
    /// at most [`Coverage::MAX_SHAPES`].
    pub shapes: BTreeMap<String, Shape>,
    /// Unknown or malformed lines whose shape found no place in `shapes`.
    pub shapes_left_out: u64,
}

impl Coverage {
    /// How many shapes are kept.
    pub const MAX_SHAPES: usize = 100;

    /// Adds the account of a run that went on from this one, whose places are elsewhere among all.
    pub fn add(&mut self, next: Self, place: impl Fn(Location) -> Location) {
        let Self {
            lines,
            bytes,
            buckets,
            by_mta,
            with_envelope,
            without_time,
            invalid_bytes,
            cut_lines,
            duplicates,
            duplicates_unsure,
            shapes,
            shapes_left_out,
        } = next;
        self.lines += lines;
        self.bytes += bytes;
        for (bucket, lines) in buckets {
            *self.buckets.entry(bucket).or_default() += lines;
        }
        for (mta, lines) in by_mta {
            *self.by_mta.entry(mta).or_default() += lines;
        }
        self.with_envelope += with_envelope;
        self.without_time += without_time;
        self.invalid_bytes += invalid_bytes;
        self.cut_lines += cut_lines;
        self.duplicates += duplicates;
        self.duplicates_unsure |= duplicates_unsure;
        self.shapes_left_out += shapes_left_out;
        for (shape, seen) in shapes {
            if let Some(known) = self.shapes.get_mut(&shape) {
                known.lines += seen.lines;
            } else if self.shapes.len() < Self::MAX_SHAPES {
                self.shapes.insert(shape, Shape { first: place(seen.first), ..seen });
            } else {
                self.shapes_left_out += seen.lines;
            }
        }
    }
}

/// One shape of lines that were not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Lines of this shape.
    pub lines: u64,
    /// The first of them.
    pub first: Location,
    /// Unknown or malformed.
    pub bucket: Bucket,
}

/// Something about the course of time in the log that may make figures wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anomaly {
    /// No line at all for a long time.
    Gap {
        /// Last time before.
        from: Time,
        /// First time after.
        to: Time,
        /// The first line after.
        at: Location,
    },
    /// The clock went back.
    BackwardJump {
        /// Latest time before.
        from: Time,
        /// Time of the line that goes back.
        to: Time,
        /// That line.
        at: Location,
    },
}
