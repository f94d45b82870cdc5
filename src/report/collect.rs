//! The sink of the report: records into the correlator and the summary.

use crate::classify::{Judge, Said};
use crate::correlate::{Bearing, Correlator, Keep, Saved};
use crate::event::{Content, Event, Kind};
use crate::record::{Judging, Record, Sink};
use crate::smtp::Direction;
use crate::summary::{RowNumbers, Summary, Totals, is_failure};
use crate::time::Zone;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// Collects what the report is made of.
#[derive(Debug)]
pub struct Collector {
    correlator: Correlator,
    summary: Summary,
    judge: Judge,
    before: Totals,
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
        Self {
            correlator: Correlator::keeping(Keep::Sender),
            summary: Summary::new(zone),
            judge,
            before: Totals::default(),
        }
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

    /// The input has ended: open messages end with it.
    pub fn finish(mut self) -> Summary {
        self.correlator.finish(|message| self.summary.finished(message));
        self.summary
    }

    /// Names the cause of a failure and counts it.
    fn failure(&mut self, record: &Record<'_>, event: &Event<'_>, bearing: &Bearing) {
        let judged_here;
        let verdict = if let Some(verdict) = record.verdict {
            verdict
        } else {
            judged_here = self.judge.judge(&Said::of(event, record.mta));
            &judged_here
        };
        if !record.selected {
            // Nothing is counted, but an expiry that is selected may ask what the recipient failed with before.
            if verdict.cause.slug() != "expired" {
                let row = self.summary.cause_row(event, bearing.handed_over, verdict);
                self.correlator.remember_cause(bearing, row);
            }
            return;
        }
        let sender = bearing.slot.and_then(|slot| self.correlator.sender(slot));
        let row = self.summary.cause(record, event, bearing.handed_over, verdict, sender);
        let novelty = self.correlator.mark(bearing, row);
        let expired = verdict.cause.slug() == "expired";
        self.summary.cause_novelty(row, novelty, &bearing.before, expired);
        if !expired {
            self.correlator.remember_cause(bearing, row);
        }
    }
}

impl Sink for Collector {
    fn judging(&self) -> Option<Judging> {
        Some(Judging { judge: self.judge.clone(), wanted: is_failure })
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.summary.see(record);
        if record.duplicate {
            return ControlFlow::Continue(());
        }
        self.correlator.tick(record, |message| self.summary.finished(message));
        match record.content {
            Content::Event(event) => {
                let bearing = self.correlator.event(record, event);
                if is_failure(event) && !record.selected {
                    self.failure(record, event, &bearing);
                }
                if !record.selected {
                    self.correlator.hand_out(|message| self.summary.finished(message));
                    return ControlFlow::Continue(());
                }
                let row = self.summary.event(record, event, bearing.handed_over);
                let novelty = self.correlator.mark(&bearing, row);
                self.summary.novelty(row, novelty);
                if is_failure(event) {
                    self.failure(record, event, &bearing);
                }
                if event.kind == Kind::Delivery
                    && event.direction == Direction::Outbound
                    && !bearing.handed_over
                    && let Some(provider) = record.provider
                {
                    self.summary.provider(record, event, provider);
                }
            }
            Content::Note(note) => {
                let entrance = self.correlator.note(record, note);
                if record.selected {
                    self.summary.note(record, note, entrance);
                }
            }
            _ => {}
        }
        self.correlator.hand_out(|message| self.summary.finished(message));
        ControlFlow::Continue(())
    }
}
