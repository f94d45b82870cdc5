//! The adapter before a sink: marks each record as selected or not.

use super::{Filter, Origins};
use crate::classify::{Judge, has_cause};
use crate::correlate::{Correlator, Keep};
use crate::event::{Arrival, Content, Event, Note};
use crate::record::{Judging, Preparing, Record, Sink};
use crate::smtp::is_loopback;
use std::ops::ControlFlow;

/// Hands every record on, marked by whether a filter selects it. A run without a filter does without this.
///
/// How a filter counts:
///
/// * An event is selected when the line, or for its sender, client and user the message that it belongs to, fits
///   all options. A message that a content filter brought back has its own sender and client and those of the
///   message it was made of, from the line on that says what it was made of. So an arrival from this machine
///   itself is not selected by what a filter leaves out (`--client '!192.0.2.0/24'`): its origin is yet to come,
///   and its attempts will know it.
/// * A message counts when a line about it is selected: an event, or its arrival (of one that arrived before
///   the log, the first line about it as a whole), or its end. Those two can only be selected when the filter
///   asks for nothing but time, host, sender, client, user and queue id, because they cannot answer more.
/// * A recipient counts when a line about it is selected; all recipients of a message count when its arrival is.
/// * What became of it is what the whole log says, selected or not: `--until` does not hide a later delivery.
/// * Trouble of our own servers counts when the filter asks for nothing but time and host. Lines that the log
///   itself lost are told of whatever the filter is, within its time.
///
/// It remembers the open messages, as the report does, and only when the filter asks for what that takes.
pub struct Filtering<'s> {
    filter: Filter,
    inner: &'s mut dyn Sink,
    correlator: Option<Correlator>,
    judge: Judge,
    /// Which verdicts are for the inner sink.
    for_inner: Option<fn(&Event<'_>) -> bool>,
}

impl<'s> Filtering<'s> {
    /// `filter` before `inner`; `judge` names causes where the filter asks for them and `inner` has no judge.
    pub fn new(filter: Filter, judge: Judge, inner: &'s mut dyn Sink) -> Self {
        let correlates = filter.needs_origins() || filter.speaks_of_messages();
        let correlator = correlates.then(|| Correlator::keeping(Keep::Everything));
        let for_inner = inner.judging().map(|judging| judging.wanted);
        Self { filter, inner, correlator, judge, for_inner }
    }

    fn selects_event(&mut self, record: &Record<'_>, event: &Event<'_>) -> bool {
        let judges = self.filter.needs_verdicts() && has_cause(event);
        let verdict =
            (record.verdict.is_some() || judges).then(|| record.judged(event, &mut self.judge));
        let verdict = verdict.as_deref();
        let Some(correlator) = &mut self.correlator else {
            return self.filter.fits_event(record, event, verdict, Origins::default());
        };
        // Before the event is taken: one that ends its message takes the envelope along.
        let slot = event.queue_id.and_then(|id| correlator.slot_of(record, id));
        let origins = slot.map_or_else(Origins::default, |slot| origins_of(correlator, slot));
        let selected = self.filter.fits_event(record, event, verdict, origins);
        if !record.duplicate {
            correlator.tick(record, |_| {});
            correlator.event(record, event);
            correlator.hand_out(|_| {});
        }
        selected
    }

    fn selects_note(&mut self, record: &Record<'_>, note: &Note<'_>) -> bool {
        let filter = &self.filter;
        match note {
            Note::LostLines { .. } => return filter.fits_log(record),
            Note::Trouble { .. } => return filter.speaks_of_the_log() && filter.fits_log(record),
            _ => {}
        }
        let Some(correlator) = &mut self.correlator else { return false };
        if record.duplicate {
            return false;
        }
        correlator.tick(record, |_| {});
        let fits = |correlator: &mut Correlator, id: &str| {
            let slot = correlator.slot_of(record, id);
            let origins = slot.map_or_else(Origins::default, |slot| origins_of(correlator, slot));
            filter.fits_message(record, id, origins)
        };
        let through_filter = |correlator: &mut Correlator, id: &str| {
            let slot = correlator.slot_of(record, id).filter(|_| filter.excludes_origins());
            slot.and_then(|slot| correlator.envelope(slot)?.client()).is_some_and(is_loopback)
        };
        let selected = match note {
            Note::Closed { queue_id, .. } => {
                let selected = fits(correlator, queue_id);
                correlator.note(record, note);
                selected
            }
            Note::Arrival(Arrival { queue_id, .. }) => {
                // Exim's; Postfix only begins a transaction here.
                let received = correlator.note(record, note).is_some();
                received && !through_filter(correlator, queue_id) && fits(correlator, queue_id)
            }
            Note::Queued { queue_id, .. }
            | Note::Held { queue_id }
            | Note::Released { queue_id } => {
                let received = correlator.note(record, note).is_some();
                let slot = correlator.slot_of(record, queue_id);
                let came_before = slot
                    .and_then(|slot| correlator.envelope(slot))
                    .is_none_or(|envelope| envelope.arrived().is_none());
                (received || came_before)
                    && !through_filter(correlator, queue_id)
                    && fits(correlator, queue_id)
            }
            _ => {
                correlator.note(record, note);
                false
            }
        };
        correlator.hand_out(|_| {});
        selected
    }
}

/// What is known of where an open message came from.
fn origins_of(correlator: &Correlator, slot: crate::correlate::Slot) -> Origins<'_> {
    let root = correlator.root_of(slot);
    let root = if root == slot { None } else { correlator.envelope(root) };
    Origins { own: correlator.envelope(slot), root }
}

impl Sink for Filtering<'_> {
    fn judging(&self) -> Option<Judging> {
        let inner = self.inner.judging();
        if !self.filter.needs_verdicts() {
            return inner;
        }
        let judge = inner.map_or_else(|| self.judge.clone(), |judging| judging.judge);
        Some(Judging { judge, wanted: has_cause })
    }

    fn preparing(&self) -> Option<Preparing> {
        self.inner.preparing()
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        let (selected, verdict) = match record.content {
            Content::Event(event) => {
                let wanted = self.for_inner.is_some_and(|wanted| wanted(event));
                (self.selects_event(record, event), record.verdict.filter(|_| wanted))
            }
            Content::Note(note) => (self.selects_note(record, note), None),
            _ => (false, None),
        };
        self.inner.record(&Record { selected: record.selected && selected, verdict, ..*record })
    }
}
