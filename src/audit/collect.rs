//! The sink of the audit: follows open messages, and puts each recipient into the group of each of its names.

use super::View;
use super::group::{Group, Loss, Outcome};
use super::histogram::Histogram;
use super::open::{Met, Open, OpenTable};
use crate::classify::Judge;
use crate::correlate::{Correlator, Envelope, Fate, Finished, Keep};
use crate::event::{Content, Event, Kind};
use crate::record::{Judging, Record, Sink};
use crate::smtp::{Direction, domain_of};
use crate::summary::{Namer, Tally, Weight, is_failure};
use crate::time::Time;
use compact_str::CompactString;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// How many names each view tells apart exactly.
pub const NAMES: usize = 8192;

/// The provider of what is delivered on this machine.
pub(super) const LOCAL: &str = "local";
/// The domain of the null sender.
const NULL_SENDER: &str = "<>";

/// Collects the audit.
#[derive(Debug)]
pub struct Collector {
    correlator: Correlator,
    judge: Judge,
    open: OpenTable,
    pub(super) counts: Counts,
}

/// All counters.
#[derive(Debug)]
pub(super) struct Counts {
    pub(super) total: Group,
    pub(super) notifications: Group,
    /// Each part of the delays of all mail.
    pub(super) parts: [Histogram; 4],
    views: [Tally<Group>; View::ALL.len()],
    pub(super) senders: Tally<Sent>,
    namer: Namer,
    pub(super) first: Option<Time>,
    pub(super) last: Option<Time>,
}

/// What a sender sent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sent {
    pub(super) messages: u64,
    pub(super) recipients: u64,
    pub(super) accepted: u64,
}

impl Weight for Sent {
    fn weight(&self) -> u64 {
        self.messages + self.recipients
    }
}

impl Collector {
    /// Nothing collected yet.
    pub fn new(judge: Judge) -> Self {
        Self {
            correlator: Correlator::keeping(Keep::Everything),
            judge,
            open: OpenTable::default(),
            counts: Counts {
                total: Group::default(),
                notifications: Group::default(),
                parts: std::array::from_fn(|_| Histogram::default()),
                views: std::array::from_fn(|_| Tally::new(NAMES)),
                senders: Tally::new(NAMES),
                namer: Namer::default(),
                first: None,
                last: None,
            },
        }
    }

    /// The input has ended: open messages end with it.
    pub(super) fn end(&mut self) {
        let (open, counts) = (&mut self.open, &mut self.counts);
        self.correlator.finish(|message| counts.finished(message, open));
    }

    fn event(&mut self, record: &Record<'_>, event: &Event<'_>) {
        let bearing = self.correlator.event(record, event);
        let (Some(slot), Some(index)) = (bearing.slot, bearing.recipient) else { return };
        if event.kind != Kind::Delivery
            || bearing.handed_over
            || event.direction == Direction::Inbound
        {
            return;
        }
        let met = self.open.at(slot).recipient(index);
        met.attempt(record, event);
        if is_failure(event) {
            met.failed(&record.judged(event, &mut self.judge));
        }
    }
}

impl Sink for Collector {
    fn judging(&self) -> Option<Judging> {
        Some(Judging { judge: self.judge.clone(), wanted: is_failed_attempt })
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        let (open, counts) = (&mut self.open, &mut self.counts);
        if let Some(time) = record.time {
            counts.first = Some(counts.first.map_or(time, |first| first.min(time)));
            counts.last = counts.last.max(Some(time));
        }
        if record.duplicate {
            return ControlFlow::Continue(());
        }
        self.correlator.tick(record, |message| counts.finished(message, open));
        match record.content {
            Content::Event(event) => self.event(record, event),
            Content::Note(note) => {
                self.correlator.note(record, note);
            }
            _ => {}
        }
        let (open, counts) = (&mut self.open, &mut self.counts);
        self.correlator.hand_out(|message| counts.finished(message, open));
        ControlFlow::Continue(())
    }
}

fn is_failed_attempt(event: &Event<'_>) -> bool {
    event.kind == Kind::Delivery && is_failure(event)
}

impl Counts {
    pub(super) fn view(&self, view: View) -> Option<&Tally<Group>> {
        self.views.get(view as usize)
    }

    fn group(&mut self, view: View, name: &str) -> &mut Group {
        // Each view has its place in the array.
        #[expect(clippy::indexing_slicing, reason = "the array is as long as View::ALL")]
        self.views[view as usize].entry(self.namer.name(name))
    }

    /// A message has ended.
    fn finished(&mut self, message: &Finished, open: &mut OpenTable) {
        let of_message = open.take(message.slot);
        if message.incomplete || !message.selected {
            return;
        }
        if message.notification {
            self.notification(message, of_message.as_deref());
            return;
        }
        let mut names = BTreeSet::<(View, CompactString)>::new();
        let origin = Origin::of(message);
        // Held, removed or expired before any attempt.
        let unmet = Met::default();
        for (index, end) in message.recipients.iter().enumerate() {
            // Whoever was handed over is counted in the message that the content filter made of it.
            if end.fate == Fate::HandedOver || !end.selected {
                continue;
            }
            let met = of_message.as_ref().and_then(|open| open.recipients.get(index));
            let outcome = met.unwrap_or(&unmet).outcome(*end, message);
            let domain = met.map_or(CompactString::default(), |met| met.domain.clone());
            let provider = met.map_or("", |met| met.provider);
            self.recipient(&origin, &domain, provider, &outcome);
            names.insert((View::RecipientDomain, domain));
            names.insert((View::Provider, CompactString::const_new(provider)));
        }
        if message.untried > 0 {
            let waits = Outcome {
                fate: if message.held { Fate::Held } else { Fate::Queued },
                deferred: false,
                loss: Loss::Soft,
                delay: None,
                parts: None,
                tls: None,
            };
            for _ in 0..message.untried {
                self.recipient(&origin, "", "", &waits);
            }
            names.insert((View::RecipientDomain, CompactString::default()));
            names.insert((View::Provider, CompactString::default()));
        }
        match (message.reinjected, message.parent) {
            // It counts with the message that it was made of.
            (true, Some(parent)) => open.at(parent).children.extend(names),
            (true, None) => {}
            (false, _) => {
                names.extend(of_message.map(|open| open.children).unwrap_or_default());
                self.message(&origin, names, message.size);
            }
        }
    }

    fn recipient(&mut self, origin: &Origin, domain: &str, provider: &str, outcome: &Outcome) {
        self.total.recipient(outcome);
        if outcome.fate == Fate::Delivered {
            for (part, micros) in self.parts.iter_mut().zip(outcome.parts.into_iter().flatten()) {
                part.add(micros);
            }
        }
        for (view, name) in origin.names() {
            self.group(view, name).recipient(outcome);
        }
        self.group(View::RecipientDomain, domain).recipient(outcome);
        self.group(View::Provider, provider).recipient(outcome);
        if let Some(sender) = &origin.sender {
            let sent = self.senders.entry(self.namer.name(sender));
            sent.recipients += 1;
            sent.accepted += u64::from(outcome.fate == Fate::Delivered);
        }
    }

    fn message(&mut self, origin: &Origin, names: BTreeSet<(View, CompactString)>, bytes: u64) {
        self.total.message(bytes);
        for (view, name) in origin.names() {
            self.group(view, name).message(bytes);
        }
        for (view, name) in names {
            self.group(view, &name).message(bytes);
        }
        if let Some(sender) = &origin.sender {
            self.senders.entry(self.namer.name(sender)).messages += 1;
        }
    }

    fn notification(&mut self, message: &Finished, open: Option<&Open>) {
        let unmet = Met::default();
        for (index, end) in message.recipients.iter().enumerate() {
            let met = open.and_then(|open| open.recipients.get(index)).unwrap_or(&unmet);
            if end.fate != Fate::HandedOver && end.selected {
                self.notifications.recipient(&met.outcome(*end, message));
            }
        }
        let waits = if message.held { Fate::Held } else { Fate::Queued };
        self.notifications.fates.add(waits, message.untried);
        if !message.reinjected {
            self.notifications.message(message.size);
        }
    }
}

/// Where a message came from, as names; an empty one is none.
struct Origin {
    sender: Option<CompactString>,
    domain: CompactString,
    user: CompactString,
    client: CompactString,
}

impl Origin {
    fn of(message: &Finished) -> Self {
        let envelope = message.came_from();
        let lower = |text: Option<&str>| {
            let mut text = CompactString::new(text.unwrap_or_default());
            text.make_ascii_lowercase();
            text
        };
        let sender = envelope.and_then(Envelope::sender);
        let sender = match sender {
            Some("") => Some(CompactString::const_new(NULL_SENDER)),
            sender => sender.map(|sender| lower(Some(sender))),
        };
        let domain = match sender.as_deref() {
            Some(NULL_SENDER) => CompactString::const_new(NULL_SENDER),
            sender => CompactString::new(sender.and_then(domain_of).unwrap_or_default()),
        };
        Self {
            sender,
            domain,
            user: lower(envelope.and_then(Envelope::user)),
            client: lower(envelope.and_then(Envelope::client)),
        }
    }

    fn names(&self) -> [(View, &str); 3] {
        [(View::SenderDomain, &self.domain), (View::User, &self.user), (View::Client, &self.client)]
    }
}
