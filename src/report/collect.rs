//! The sink of the report: records into the correlator and the summary.

use crate::classify::{CauseId, Judge};
use crate::correlate::{Bearing, Correlator, Finished, Keep, Novelty, Saved};
use crate::digest::{Baseline, Counter, Digest, Told};
use crate::event::{Content, Event, Kind, Note};
use crate::incidents::{Incident, Watcher};
use crate::pipeline::Outcome;
use crate::record::{Judging, Preparing, Record, Sink};
use crate::smtp::{Direction, Disposition};
use crate::summary::{RowNumbers, Summary, Totals, is_failure};
use crate::time::{Time, Zone};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// Who was to receive a mail.
#[derive(Clone, Copy, Debug)]
enum Receiver {
    /// Another server, of a provider that we may know.
    Remote(Option<&'static str>),
    /// This machine, or nobody: no outbound attempt.
    Other,
}

impl Receiver {
    fn of(record: &Record<'_>, event: &Event<'_>, bearing: &Bearing) -> Self {
        if event.kind == Kind::Delivery
            && event.direction == Direction::Outbound
            && !bearing.handed_over
        {
            Self::Remote(record.provider)
        } else {
            Self::Other
        }
    }
}

/// Collects what the report is made of.
#[derive(Clone, Debug)]
pub struct Collector {
    correlator: Correlator,
    summary: Summary,
    watcher: Watcher,
    judge: Judge,
    /// Only where a digest was asked for.
    counter: Option<Box<Counter>>,
    before: Totals,
    /// That of the last record that counted.
    time: Option<Time>,
}

/// What a run over new lines needs of the runs before it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Carried {
    open: Saved,
    rows: RowNumbers,
    /// All messages that have ended.
    ended: Totals,
}

impl Carried {
    /// How many messages are on their way.
    pub fn open_messages(&self) -> usize {
        self.open.open_messages()
    }
}

impl Collector {
    /// Nothing collected yet; days and hours are those of `zone`.
    pub fn new(zone: Zone, judge: Judge) -> Self {
        let summary = Summary::new(zone);
        Self {
            correlator: Correlator::keeping(Keep::Sender),
            watcher: Watcher::beside(&summary),
            summary,
            judge,
            counter: None,
            before: Totals::default(),
            time: None,
        }
    }

    /// Counts for a digest too, of all records that are selected. Lines that name no host are those of `own_host`.
    #[must_use]
    pub fn with_digest(mut self, own_host: &str) -> Self {
        self.counter = Some(Box::new(Counter::new(own_host)));
        self
    }

    /// Goes on from what a run before left; nothing must have been collected yet.
    pub fn go_on(&mut self, carried: Carried) {
        self.summary.number_rows(&carried.rows);
        self.correlator.restore(carried.open);
        self.before = carried.ended;
    }

    /// What the next run needs of this one.
    pub fn carry(&self) -> Carried {
        let mut ended = self.before.clone();
        ended.merge(&self.summary.totals());
        Carried { open: self.correlator.save(), rows: self.summary.row_numbers(), ended }
    }

    /// The messages of the runs before that had ended when this one began.
    pub fn ended_before(&self) -> &Totals {
        &self.before
    }

    /// When the log begins, seconds since 1970; `None` where no line says.
    pub fn begin(&self) -> Option<i64> {
        self.watcher.begin()
    }

    /// Of how many hours of the week another log says what is usual; `None` where there is none.
    pub fn baseline_hours(&self) -> Option<usize> {
        self.watcher.baseline_hours()
    }

    /// What is usual by another log, for incidents.
    pub fn compare_with(&mut self, baseline: Baseline) {
        self.watcher.compare_with(baseline);
    }

    /// The input has ended: open messages end with it.
    pub fn finish(mut self) -> Summary {
        self.end();
        self.summary
    }

    /// The same, with what went wrong in between.
    pub fn finish_with_incidents(self) -> (Summary, Vec<Incident>) {
        let incidents = self.watcher.incidents();
        (self.finish(), incidents)
    }

    /// As [`Collector::finish`], with what went wrong in between, and the digest where it was asked for. `outcome` is that
    /// of the run.
    pub fn finish_with_all(mut self, outcome: &Outcome) -> Collected {
        let incidents = self.watcher.incidents();
        self.end();
        let names = self.correlator.host_names();
        let digest = self.counter.map(|counter| counter.finish(&names, outcome));
        Collected { summary: self.summary, incidents, digest }
    }

    fn end(&mut self) {
        let Self { correlator, summary, counter, watcher, .. } = self;
        correlator.finish(|message| ended(summary, counter, watcher, message));
    }

    /// A failure that is not selected: nothing is counted, but an expiry that is selected may ask what the recipient failed
    /// with before.
    fn remember(&mut self, record: &Record<'_>, event: &Event<'_>, bearing: &Bearing) {
        let verdict = record.judged(event, &mut self.judge);
        if verdict.cause.slug() != "expired" {
            let row = self.summary.cause_row(event, bearing.handed_over, &verdict);
            self.correlator.remember_cause(bearing, row);
        }
    }

    /// Time goes on; for what is counted, with what is counted alone.
    fn go_to(&mut self, record: &Record<'_>) {
        self.summary.see_time(record.time);
        if record.duplicate {
            return;
        }
        self.time = record.time;
        self.watcher.tick(record);
        let Self { correlator, summary, counter, watcher, .. } = self;
        correlator.tick(record, |message| ended(summary, counter, watcher, message));
    }

    /// Messages that have ended.
    #[inline]
    fn hand_out(&mut self) {
        let Self { correlator, summary, counter, watcher, .. } = self;
        correlator.hand_out(|message| ended(summary, counter, watcher, message));
    }

    /// Names the cause of a failure and counts it.
    fn failure(
        &mut self,
        record: &Record<'_>,
        event: &Event<'_>,
        bearing: &Bearing,
        receiver: Receiver,
    ) -> (CauseId, Novelty) {
        let verdict = record.judged(event, &mut self.judge);
        let sender = bearing.slot.and_then(|slot| self.correlator.sender(slot));
        let row = self.summary.cause(record, event, bearing.handed_over, &verdict, sender);
        if let Receiver::Remote(provider) = receiver {
            self.summary.provider_cause(provider, verdict.cause, u64::from(record.count));
        }
        let novelty = self.correlator.mark(bearing, row);
        let expired = verdict.cause.slug() == "expired";
        // What the words name as the last cause is counted with them.
        let asked = expired && verdict.detail.is_none();
        self.summary.cause_novelty(row, novelty, &bearing.before, asked);
        if !expired {
            self.correlator.remember_cause(bearing, row);
        }
        self.watcher.failed(record, event, bearing, (row, &verdict, novelty), &self.correlator);
        (verdict.cause, novelty)
    }
}

/// What came of a run.
#[derive(Debug)]
pub struct Collected {
    /// The counters.
    pub summary: Summary,
    /// What went wrong, worst first.
    pub incidents: Vec<Incident>,
    /// Where it was asked for.
    pub digest: Option<Digest>,
}

/// A message has ended, or the log has.
fn ended(
    summary: &mut Summary,
    counter: &mut Option<Box<Counter>>,
    watcher: &mut Watcher,
    message: &Finished,
) {
    summary.finished(message);
    watcher.finished(message);
    if let Some(counter) = counter {
        counter.finished(message);
    }
}

impl Sink for Collector {
    fn judging(&self) -> Option<Judging> {
        Some(Judging { judge: self.judge.clone(), wanted: is_failure })
    }

    fn preparing(&self) -> Option<Preparing> {
        Some(self.summary.preparing())
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.summary.see(record);
        // Most lines have the time of the line before.
        if record.time != self.time {
            self.go_to(record);
        }
        if record.duplicate {
            return ControlFlow::Continue(());
        }
        let mut host = 0;
        if let Some(counter) = &mut self.counter {
            host = self.correlator.host_of(record);
            counter.see(record, host);
        }
        match record.content {
            Content::Event(event) => {
                let bearing = self.correlator.event(record, event);
                let receiver = Receiver::of(record, event, &bearing);
                if !record.selected {
                    if is_failure(event) {
                        self.remember(record, event, &bearing);
                    }
                    self.hand_out();
                    return ControlFlow::Continue(());
                }
                let row = self.summary.event(record, event, bearing.handed_over);
                let novelty = self.correlator.mark(&bearing, row);
                self.summary.novelty(row, novelty);
                let cause =
                    is_failure(event).then(|| self.failure(record, event, &bearing, receiver));
                if cause.is_none() && event.disposition == Some(Disposition::Delivered) {
                    self.watcher.delivered(record, event, &bearing, &self.correlator);
                }
                let mut met = None;
                if let Receiver::Remote(Some(provider)) = receiver {
                    met = Some(provider);
                    self.summary.provider(record, event, provider);
                }
                if let (Some(counter), Some(key)) = (&mut self.counter, self.summary.row_key(row)) {
                    let told = Told {
                        direction: key.direction,
                        code: key.code,
                        enhanced: key.enhanced,
                        novelty,
                        cause,
                        provider: met,
                    };
                    let told_of = (record, event, host);
                    counter.event(told_of, (&bearing, &mut self.correlator), &told);
                }
            }
            Content::Note(note) => {
                let entrance = self.correlator.note(record, note);
                self.watcher.note(record, note, entrance, &self.correlator);
                if !record.selected {
                    self.hand_out();
                    return ControlFlow::Continue(());
                }
                self.summary.note(record, note, entrance);
                if let Some(counter) = &mut self.counter {
                    if let Some(entrance) = entrance {
                        counter.received(host, entrance);
                    }
                    if let Note::LostLines { lines, .. } = note {
                        counter.lost(*lines);
                    }
                }
            }
            _ => {}
        }
        self.hand_out();
        ControlFlow::Continue(())
    }
}
