//! The sink of the report: records into the correlator and the summary.

use crate::correlate::Correlator;
use crate::event::Content;
use crate::record::{Record, Sink};
use crate::summary::Summary;
use crate::time::Zone;
use std::ops::ControlFlow;

/// Collects what the report is made of.
#[derive(Debug)]
pub struct Collector {
    correlator: Correlator,
    summary: Summary,
}

impl Collector {
    /// Nothing collected yet; days and hours are those of `zone`.
    pub fn new(zone: Zone) -> Self {
        Self { correlator: Correlator::new(), summary: Summary::new(zone) }
    }

    /// The input has ended: open messages end with it.
    pub fn finish(mut self) -> Summary {
        self.correlator.finish();
        self.settle();
        self.summary
    }

    fn settle(&mut self) {
        for message in self.correlator.drain_finished() {
            self.summary.finished(&message);
        }
    }
}

impl Sink for Collector {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.summary.see(record);
        if record.duplicate {
            return ControlFlow::Continue(());
        }
        match record.content {
            Content::Event(event) => {
                let bearing = self.correlator.event(record, event);
                let row = self.summary.event(record, event, bearing.handed_over);
                let novelty = self.correlator.mark(bearing, row);
                self.summary.novelty(row, novelty);
            }
            Content::Note(note) => {
                let entrance = self.correlator.note(record, note);
                self.summary.note(record, note, entrance);
            }
            _ => {}
        }
        self.settle();
        ControlFlow::Continue(())
    }
}
