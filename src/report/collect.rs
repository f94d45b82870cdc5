//! The sink of the report: records into the correlator and the summary.

use crate::classify::{Judge, Said};
use crate::correlate::{Bearing, Correlator};
use crate::event::{Content, Event, Kind};
use crate::incidents::{Incident, Watcher};
use crate::knowledge::Provider;
use crate::knowledge::provider::provider_of;
use crate::record::{Judging, Record, Sink};
use crate::smtp::{Direction, Disposition};
use crate::summary::{Summary, is_failure};
use crate::time::Zone;
use std::ops::ControlFlow;

/// Collects what the report is made of.
#[derive(Debug)]
pub struct Collector {
    correlator: Correlator,
    summary: Summary,
    watcher: Watcher,
    judge: Judge,
}

impl Collector {
    /// Nothing collected yet; days and hours are those of `zone`.
    pub fn new(zone: Zone, judge: Judge) -> Self {
        Self {
            correlator: Correlator::new(),
            summary: Summary::new(zone),
            watcher: Watcher::new(),
            judge,
        }
    }

    /// The input has ended: open messages end with it.
    pub fn finish(mut self) -> Summary {
        self.correlator.finish(|message| self.summary.finished(message));
        self.summary
    }

    /// The same, with what went wrong in between.
    pub fn finish_with_incidents(self) -> (Summary, Vec<Incident>) {
        let incidents = self.watcher.incidents();
        (self.finish(), incidents)
    }

    /// Names the cause of a failure and counts it.
    fn failure(
        &mut self,
        record: &Record<'_>,
        event: &Event<'_>,
        bearing: &Bearing,
        provider: Option<&str>,
    ) {
        let judged_here;
        let verdict = match record.verdict {
            Some(verdict) => verdict,
            None => {
                judged_here = self.judge.judge(&Said::of(event, record.mta));
                &judged_here
            }
        };
        let row = self.summary.cause(record, event, bearing.handed_over, verdict);
        let novelty = self.correlator.mark(bearing, row);
        let expired = verdict.cause.slug() == "expired";
        self.summary.cause_novelty(row, novelty, &bearing.before, expired);
        if !expired {
            self.correlator.remember_cause(bearing, row);
        }
        let judged = (row, verdict, novelty);
        self.watcher.failed(record, event, bearing, judged, provider, &self.correlator);
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
        self.watcher.tick(record);
        self.correlator.tick(record, |message| {
            self.summary.finished(message);
            self.watcher.finished(message);
        });
        match record.content {
            Content::Event(event) => {
                let bearing = self.correlator.event(record, event);
                let row = self.summary.event(record, event, bearing.handed_over);
                let novelty = self.correlator.mark(&bearing, row);
                self.summary.novelty(row, novelty);
                let outbound = event.kind == Kind::Delivery
                    && event.direction == Direction::Outbound
                    && !bearing.handed_over;
                let host = event.relay.and_then(|relay| relay.host);
                let provider = if outbound { provider_of(host, event.text) } else { None };
                let provider = provider.map(Provider::slug);
                if let Some(provider) = provider {
                    self.summary.provider(record, event, provider);
                }
                if is_failure(event) {
                    self.failure(record, event, &bearing, provider);
                } else if event.disposition == Some(Disposition::Delivered) {
                    let correlator = &self.correlator;
                    self.watcher.delivered(record, event, &bearing, provider, correlator);
                }
            }
            Content::Note(note) => {
                let entrance = self.correlator.note(record, note);
                self.summary.note(record, note, entrance);
                self.watcher.note(record, note, entrance, &self.correlator);
            }
            _ => {}
        }
        self.correlator.hand_out(|message| {
            self.summary.finished(message);
            self.watcher.finished(message);
        });
        ControlFlow::Continue(())
    }
}
