//! Many small runs as one: sources keep one number each, and the accounts add up.

use crate::error::Error;
use crate::pipeline::{Outcome, SourceReport};
use crate::record::{Anomaly, Judging, Location, Record, Sink};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// What all runs together came to.
#[derive(Debug, Default)]
pub struct Total {
    outcome: Outcome,
    names: Vec<String>,
    /// By what tells a source from all others.
    places: HashMap<u32, u32>,
}

impl Total {
    /// The account so far.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// What the sources are called, by their numbers.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of a source, which may be called otherwise now.
    pub(super) fn place(&mut self, identity: u32, name: &str) -> u32 {
        let new = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let place = *self.places.entry(identity).or_insert(new);
        if let Some(known) = usize::try_from(place).ok().and_then(|at| self.names.get_mut(at)) {
            name.clone_into(known);
        } else {
            self.names.push(name.to_owned());
            self.outcome.sources.push(SourceReport::of_nothing(name));
        }
        place
    }

    /// Adds a run whose sources have these places.
    pub(super) fn add(&mut self, run: Outcome, places: &[u32]) {
        let all = &mut self.outcome;
        for (report, place) in run.sources.into_iter().zip(places) {
            let known = usize::try_from(*place).ok().and_then(|at| all.sources.get_mut(at));
            if let Some(known) = known {
                add_source(known, report);
            }
        }
        all.coverage.add(run.coverage, |at| placed(at, places));
        for anomaly in run.anomalies {
            if all.anomalies.len() < Outcome::MAX_ANOMALIES {
                all.anomalies.push(match anomaly {
                    Anomaly::Gap { from, to, at } => {
                        Anomaly::Gap { from, to, at: placed(at, places) }
                    }
                    Anomaly::BackwardJump { from, to, at } => {
                        Anomaly::BackwardJump { from, to, at: placed(at, places) }
                    }
                });
            } else {
                all.anomalies_left_out += 1;
            }
        }
        all.anomalies_left_out += run.anomalies_left_out;
        all.stopped |= run.stopped;
        self.forget_empty();
    }

    /// An empty file is known by nothing, and is another one when it has lines.
    fn forget_empty(&mut self) {
        while let Some(last) = self.outcome.sources.last()
            && last.bytes == 0
            && last.problem.is_none()
        {
            self.outcome.sources.pop();
            self.names.pop();
            let left = self.names.len();
            self.places.retain(|_, place| usize::try_from(*place).is_ok_and(|place| place < left));
        }
    }

    /// A source could not be read on.
    pub(super) fn fail(&mut self, place: usize, problem: Error) {
        if let Some(source) = self.outcome.sources.get_mut(place) {
            source.problem = Some(problem);
        }
    }
}

fn add_source(known: &mut SourceReport, report: SourceReport) {
    known.name = report.name;
    known.lines += report.lines;
    known.bytes += report.bytes;
    known.first = known.first.or(report.first);
    known.last = report.last.or(known.last);
    known.position = report.position;
    // The first lines may be odd ones.
    let was_rash =
        report.first.is_some() && matches!(known.problem, Some(Error::NotAMailLog { .. }));
    let before = known.problem.take().filter(|_| !was_rash);
    known.problem = report.problem.or(before);
}

fn placed(at: Location, places: &[u32]) -> Location {
    let place = usize::try_from(at.source).ok().and_then(|source| places.get(source));
    Location { source: place.copied().unwrap_or(at.source), ..at }
}

/// Before a sink: the sources of a run by their numbers in all runs.
pub(super) struct Renumbering<'s> {
    pub(super) places: &'s [u32],
    pub(super) sink: &'s mut dyn Sink,
}

impl Sink for Renumbering<'_> {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.sink.record(&Record { at: placed(record.at, self.places), ..*record })
    }

    fn judging(&self) -> Option<Judging> {
        self.sink.judging()
    }
}
