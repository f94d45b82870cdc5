//! The sink of a pass: the lines of the queue ids that are known, and the queue ids that are yet to be read.

use super::key::queue_id_of;
use super::story::Story;
use super::{Key, KeyKind, Query, Rewrite, Step, StepKind, Trace};
use crate::classify::{Judge, Said, has_cause};
use crate::correlate::{Bearing, Correlator, Fate, Finished, Keep, Slot};
use crate::event::{Closing, Content, Event, Kind, Note};
use crate::knowledge::Party;
use crate::pipeline::Search;
use crate::record::{Record, Sink};
use crate::smtp::{Disposition, is_loopback};
use compact_str::CompactString;
use hashbrown::{HashMap, HashSet};
use std::collections::VecDeque;
use std::net::IpAddr;
use std::ops::ControlFlow;

/// Two queue ids that a line names together.
#[derive(Debug)]
pub(super) struct Edge {
    /// The story that the line is of.
    pub(super) from: usize,
    /// The other queue id.
    pub(super) to: CompactString,
    pub(super) how: Kinship,
    /// The line's number in the order of reading.
    pub(super) order: u64,
}

/// How.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kinship {
    /// `from` was made into `to` by a content filter, or an alias.
    MadeInto {
        /// The next hop is this machine or its neighbour, so `to` ought to be in the log.
        nearby: bool,
    },
    /// `to` is a notification about `from`.
    NotifiedBy(Option<&'static str>),
    /// `from` is a notification about `to`, or was made of it.
    ChildOf,
}

/// Queue ids in the order of their first lines, the oldest forgotten when there are too many.
#[derive(Debug, Default)]
pub(super) struct Ids {
    known: HashSet<CompactString>,
    order: VecDeque<CompactString>,
    /// Some were forgotten.
    pub(super) overflowed: bool,
}

impl Ids {
    pub(super) fn insert(&mut self, id: &str) {
        if self.known.contains(id) {
            return;
        }
        self.known.insert(CompactString::new(id));
        self.order.push_back(CompactString::new(id));
        if self.order.len() > Trace::MOST_IDS
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
            self.overflowed = true;
        }
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.known.contains(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &CompactString> {
        self.order.iter()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

/// What decides which queue ids a pass looks out for.
#[derive(Clone, Copy)]
pub(super) enum LookOut<'q> {
    /// Those of lines with the key.
    Key,
    /// Those of lines with a text that the filter needs.
    Text(&'q Search),
    /// Those of lines that the filter selects.
    Selected,
    /// Only kin of those that are known.
    Kin,
}

#[expect(clippy::struct_excessive_bools, reason = "three of them are facts of the line in hand")]
pub(super) struct Teller<'q> {
    key: Option<&'q Key>,
    rewrite: Option<&'q dyn Rewrite>,
    look_out: LookOut<'q>,
    raw: bool,
    ids: &'q Ids,
    /// Queue ids that are to be read and are not among those known.
    pub(super) new: Ids,
    correlator: Correlator,
    judge: &'q mut Judge,
    pub(super) stories: Vec<Story>,
    /// Stories of open messages, by their slots.
    by_slot: Vec<Option<usize>>,
    /// The last story of a queue id that the correlator has no open message for.
    detached: HashMap<CompactString, usize>,
    pub(super) edges: Vec<Edge>,
    pub(super) refusals: VecDeque<Step>,
    pub(super) refusals_found: u64,
    order: u64,
    room: usize,
    /// The filter selected the line in hand.
    selected: bool,
    /// In which facts of the line in hand the key is, as the log has them.
    kinds: Vec<KeyKind>,
    /// The line in hand has a text that is looked for.
    has_text: bool,
    /// The next hop of the line in hand is this machine or its neighbour.
    nearby: bool,
    /// The story of the line in hand, if no message was open before or behind it: it ended with the line.
    orphan: Option<usize>,
}

impl<'q> Teller<'q> {
    pub(super) fn new(
        query: &'q Query<'_>,
        look_out: LookOut<'q>,
        ids: &'q Ids,
        judge: &'q mut Judge,
    ) -> Self {
        Self {
            key: query.key.as_ref(),
            rewrite: query.rewrite,
            look_out,
            raw: query.raw,
            ids,
            new: Ids::default(),
            correlator: Correlator::keeping(Keep::Everything),
            judge,
            stories: Vec::new(),
            by_slot: Vec::new(),
            detached: HashMap::new(),
            edges: Vec::new(),
            refusals: VecDeque::new(),
            refusals_found: 0,
            order: 0,
            room: Trace::MOST_STEPS,
            selected: true,
            kinds: Vec::new(),
            has_text: false,
            nearby: false,
            orphan: None,
        }
    }

    /// The input has ended: so have all stories.
    pub(super) fn finish(&mut self) {
        let mut ended = Vec::new();
        self.correlator.finish(|finished| ended.push(finished.clone()));
        self.end(ended);
    }

    fn end(&mut self, ended: Vec<Finished>) {
        for finished in ended {
            let index = self.by_slot.get_mut(finished.slot.index()).and_then(Option::take);
            let index = index.or(self.orphan.take());
            if let Some(story) = index.and_then(|index| self.stories.get_mut(index))
                && story.finished.is_none()
            {
                story.finished = Some(finished);
            }
        }
    }

    fn look_out(&mut self, id: Option<&str>) {
        let Some(id) = id.filter(|id| !self.ids.contains(id)) else { return };
        let wanted = match self.look_out {
            LookOut::Key => !self.kinds.is_empty(),
            LookOut::Text(_) => self.has_text,
            LookOut::Selected => self.selected,
            LookOut::Kin => false,
        };
        if wanted {
            self.new.insert(id);
        }
    }

    /// Two queue ids in one line: whoever knows one will want to know the other.
    fn kin(&mut self, id: &str, other: &str, may_be_elsewhere: bool) {
        if self.ids.contains(id) && !self.ids.contains(other) && !may_be_elsewhere {
            self.new.insert(other);
        }
        if self.ids.contains(other) && !self.ids.contains(id) {
            self.new.insert(id);
        }
    }

    fn refusal(&mut self, record: &Record<'_>, event: &Event<'_>) {
        let wanted = match self.look_out {
            LookOut::Key => self.selected && !self.kinds.is_empty(),
            LookOut::Text(_) | LookOut::Selected => self.selected,
            LookOut::Kin => false,
        };
        if wanted && !record.duplicate {
            self.refusals_found += u64::from(record.count);
            let step = self.step_of_event(record, event, false);
            self.refusals.push_back(step);
            if self.refusals.len() > Trace::MOST_OF_ONE {
                self.refusals.pop_front();
            }
        }
    }

    /// The story that a line belongs to, given the open message before the line and behind it.
    fn story(
        &mut self,
        record: &Record<'_>,
        id: &str,
        slots: (Option<Slot>, Option<Slot>),
    ) -> usize {
        let slot = slots.1.or(slots.0);
        let known = match slot {
            Some(slot) => self.by_slot.get(slot.index()).copied().flatten(),
            None => self.detached.get(id).copied(),
        };
        let index = known.unwrap_or_else(|| {
            self.stories.push(Story::new(id, self.order));
            self.stories.len() - 1
        });
        // Behind its end an Exim message still says `Completed`.
        self.detached.insert(CompactString::new(id), index);
        if let Some(slot) = slot {
            if self.by_slot.len() <= slot.index() {
                self.by_slot.resize(slot.index() + 1, None);
            }
            if let Some(place) = self.by_slot.get_mut(slot.index()) {
                *place = Some(index);
            }
        } else {
            self.orphan = Some(index);
        }
        if let Some(story) = self.stories.get_mut(index) {
            story.span.1 = self.order;
            story.selected |= self.selected;
            story.mta = story.mta.or(record.mta);
            if story.host.is_none() && !record.header.host.is_empty() {
                story.host = Some(record.header.host.to_owned());
            }
            for kind in &self.kinds {
                if !story.found_by.contains(kind) {
                    story.found_by.push(*kind);
                }
            }
        }
        index
    }

    fn event(&mut self, record: &Record<'_>, event: &Event<'_>) {
        let Some(id) = event.queue_id else { return self.refusal(record, event) };
        let nearby = self.nearby;
        if let Some(child) = event.queued_as {
            self.kin(id, child, !nearby);
        }
        if !self.ids.contains(id) || record.duplicate {
            return;
        }
        let before = self.correlator.slot_of(record, id);
        let bearing = self.correlator.event(record, event);
        let after = self.correlator.slot_of(record, id);
        let index = self.story(record, id, (before, after.or(bearing.slot)));
        if let Some(child) = event.queued_as {
            let (to, how) = (CompactString::new(child), Kinship::MadeInto { nearby });
            self.edges.push(Edge { from: index, to, how, order: self.order });
        }
        let step = self.step_of_event(record, event, bearing.handed_over);
        self.tell_event(index, record, event, &bearing, step);
    }

    fn tell_event(
        &mut self,
        index: usize,
        record: &Record<'_>,
        event: &Event<'_>,
        bearing: &Bearing,
        step: Step,
    ) {
        let Some(story) = self.stories.get_mut(index) else { return };
        let what = step.what;
        let place = story.keep(self.order, step, &mut self.room);
        let fate = match what {
            StepKind::Delivered => Some(Fate::Delivered),
            StepKind::HandedOver => Some(Fate::HandedOver),
            StepKind::Deferred | StepKind::Postponed => Some(Fate::Queued),
            StepKind::Bounced => Some(Fate::Bounced),
            StepKind::Expired => Some(Fate::Expired),
            StepKind::Discarded => Some(Fate::Discarded),
            _ => None,
        };
        if what == StepKind::Held {
            story.held = true;
        }
        let of_recipient = matches!(event.kind, Kind::Delivery | Kind::Postponed | Kind::Disposal);
        let address =
            event.final_recipient.filter(|final_| final_.contains('@')).or(event.recipient);
        match (address, fate) {
            (Some(address), _) if of_recipient => {
                let tried = if event.kind == Kind::Delivery { record.count } else { 0 };
                let original = event
                    .original_recipient
                    .or(event.recipient)
                    .filter(|original| !original.eq_ignore_ascii_case(address));
                story.attempt(address, original, fate, (tried, record.time, place));
            }
            (None, Some(fate)) if bearing.recipient.is_none() && of_recipient => {
                story.settle(fate, place);
            }
            _ => {}
        }
    }

    fn note(&mut self, record: &Record<'_>, note: &Note<'_>) {
        let Some(id) = queue_id_of(note) else { return };
        let (other, how) = match note {
            Note::Notified { child, what, .. } => {
                (Some(*child), Kinship::NotifiedBy(Some(what.slug())))
            }
            Note::Arrival(arrival) => (arrival.parent, Kinship::ChildOf),
            _ => (None, Kinship::ChildOf),
        };
        if let Some(other) = other {
            self.kin(id, other, false);
        }
        let is_child = matches!(note, Note::Notified { child, .. } if self.ids.contains(child));
        if !self.ids.contains(id) && !is_child || record.duplicate {
            return;
        }
        let before = self.correlator.slot_of(record, id);
        self.correlator.note(record, note);
        let after = self.correlator.slot_of(record, id);
        if !self.ids.contains(id) {
            return;
        }
        let index = self.story(record, id, (before, after));
        if let Some(other) = other {
            let (to, order) = (CompactString::new(other), self.order);
            self.edges.push(Edge { from: index, to, how, order });
        }
        let step = self.step_of_note(record, note, id);
        if let (Some(story), Some(step)) = (self.stories.get_mut(index), step) {
            match step.what {
                StepKind::Held => story.held = true,
                StepKind::Released => story.held = false,
                _ => {}
            }
            story.keep(self.order, step, &mut self.room);
        }
    }

    fn step(&self, record: &Record<'_>, what: StepKind) -> Step {
        let host = Some(record.header.host).filter(|host| !host.is_empty());
        Step {
            at: record.at,
            time: record.time,
            host: host.map(CompactString::new),
            queue_id: None,
            what,
            count: record.count,
            sender: None,
            recipient: None,
            relay: None,
            client: None,
            names: None,
            notification: None,
            code: None,
            enhanced: None,
            cause: None,
            detail: None,
            party: None,
            hard: false,
            text: None,
            raw: self.raw.then(|| short(record.raw.line())),
        }
    }

    fn step_of_event(&mut self, record: &Record<'_>, event: &Event<'_>, handed_over: bool) -> Step {
        let what = match (event.kind, event.disposition) {
            (Kind::Delivery, _) if handed_over => StepKind::HandedOver,
            (Kind::Delivery, Some(Disposition::Delivered)) => StepKind::Delivered,
            (Kind::Delivery, Some(Disposition::Deferred)) => StepKind::Deferred,
            (Kind::Delivery, Some(Disposition::Bounced)) => {
                // Exim's word for the end of the queue lifetime.
                if event.code.is_none() && event.text.contains("retry timeout exceeded") {
                    StepKind::Expired
                } else {
                    StepKind::Bounced
                }
            }
            (Kind::Delivery, Some(Disposition::Expired)) => StepKind::Expired,
            (_, Some(Disposition::Discarded)) => StepKind::Discarded,
            (_, Some(Disposition::Held)) => StepKind::Held,
            (Kind::Delivery, _) => StepKind::Tried,
            (Kind::Postponed, _) => StepKind::Postponed,
            (Kind::HostReply, _) => StepKind::HostReply,
            (Kind::Reject, _) => StepKind::Rejected,
            (Kind::RejectWarning, _) => StepKind::Warned,
            (Kind::AuthFailure, _) => StepKind::LoginFailed,
            (Kind::Probe, _) => StepKind::Probe,
            _ => StepKind::Session,
        };
        let verdict =
            (has_cause(event) && what != StepKind::Postponed).then(|| match record.verdict {
                Some(verdict) => verdict.clone(),
                None => self.judge.judge(&Said::of(event, record.mta)),
            });
        let relay = event.relay.and_then(|relay| relay.name());
        let client = event.client.and_then(|client| named(client.name, client.address));
        Step {
            queue_id: event.queue_id.map(CompactString::new),
            sender: event.sender.map(short),
            recipient: event.recipient.or(event.final_recipient).map(short),
            relay: relay.map(short),
            client,
            names: event.queued_as.map(CompactString::new),
            code: event.code,
            enhanced: event.enhanced.or(event.dsn),
            cause: verdict.as_ref().map(|verdict| verdict.cause.slug()),
            detail: verdict.as_ref().and_then(|verdict| verdict.detail.clone()),
            party: verdict.as_ref().and_then(|verdict| verdict.party).map(Party::slug),
            hard: verdict.as_ref().is_some_and(|verdict| verdict.hard),
            text: Some(event.text).filter(|text| !text.is_empty()).map(short),
            ..self.step(record, what)
        }
    }

    fn step_of_note(&self, record: &Record<'_>, note: &Note<'_>, id: &str) -> Option<Step> {
        let queue_id = Some(CompactString::new(id));
        let step = |what| Step { queue_id: queue_id.clone(), ..self.step(record, what) };
        Some(match note {
            Note::Arrival(arrival) => Step {
                sender: arrival.sender.map(short),
                client: arrival.client.and_then(|client| named(client.name, client.address)),
                names: arrival.parent.map(CompactString::new),
                ..step(StepKind::Arrived)
            },
            Note::MessageId { id, .. } => {
                Step { text: Some(short(id)), ..step(StepKind::MessageId) }
            }
            Note::Queued { sender, .. } => {
                Step { sender: Some(short(sender)), ..step(StepKind::Queued) }
            }
            Note::Notified { child, what, .. } => Step {
                names: Some(CompactString::new(child)),
                notification: Some(what.slug()),
                ..step(StepKind::Notified)
            },
            Note::Held { .. } => step(StepKind::Held),
            Note::Released { .. } => step(StepKind::Released),
            Note::Closed { how, .. } => step(match how {
                Closing::Done => StepKind::Done,
                Closing::Removed => StepKind::Removed,
                Closing::Cancelled => StepKind::Cancelled,
            }),
            Note::Trouble { .. } | Note::LostLines { .. } | Note::Tick => return None,
        })
    }
}

impl Sink for Teller<'_> {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        // All that hangs on the names themselves comes before they are rewritten.
        self.selected = record.selected;
        self.kinds = self.key.map(|key| key.kinds(record)).unwrap_or_default();
        self.has_text =
            matches!(self.look_out, LookOut::Text(search) if search.is_in(record.raw.line()));
        self.nearby = matches!(record.content, Content::Event(event) if is_nearby(event));
        // What a filter selects must not change what became of messages.
        let record = &Record { selected: true, ..*record };
        let Some(rewrite) = self.rewrite else { return self.tell(record) };
        let verdict = match (record.verdict, record.content) {
            (None, Content::Event(event))
                if has_cause(event) && event.queue_id.is_none_or(|id| self.ids.contains(id)) =>
            {
                Some(self.judge.judge(&Said::of(event, record.mta)))
            }
            _ => None,
        };
        let verdict = record.verdict.or(verdict.as_ref());
        rewrite.record(&Record { verdict, ..*record }, &mut Behind(self))
    }
}

/// The teller behind other words.
struct Behind<'t, 'q>(&'t mut Teller<'q>);

impl Sink for Behind<'_, '_> {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.0.tell(record)
    }
}

impl Teller<'_> {
    /// Takes a line in, as it is to be told.
    fn tell(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.order += 1;
        self.orphan = None;
        let mut ended = Vec::new();
        self.correlator.tick(record, |finished| ended.push(finished.clone()));
        self.end(std::mem::take(&mut ended));
        match record.content {
            Content::Event(event) => {
                self.look_out(event.queue_id);
                self.event(record, event);
            }
            Content::Note(note) => {
                self.look_out(queue_id_of(note));
                self.note(record, note);
            }
            _ => {}
        }
        self.correlator.hand_out(|finished| ended.push(finished.clone()));
        self.end(ended);
        ControlFlow::Continue(())
    }
}

/// Whether what the next hop queued may be in this log: it is this machine or in its private network.
fn is_nearby(event: &Event<'_>) -> bool {
    let Some(relay) = event.relay else { return true };
    let host_is_here = relay.host.is_some_and(is_loopback);
    match relay.address.map(str::parse::<IpAddr>) {
        Some(Ok(IpAddr::V4(address))) => {
            address.is_loopback() || address.is_private() || host_is_here
        }
        Some(Ok(IpAddr::V6(address))) => {
            address.is_loopback() || address.is_unique_local() || host_is_here
        }
        // A socket, or a service of this machine.
        Some(Err(_)) | None => true,
    }
}

/// A client's name and address as one text.
fn named(name: Option<&str>, address: Option<&str>) -> Option<String> {
    match (name, address) {
        (Some(name), Some(address)) => Some(short(&format!("{name} [{address}]"))),
        (None, Some(address)) => Some(short(&format!("[{address}]"))),
        (name, None) => name.map(short),
    }
}

/// At most [`Trace::LONGEST`] bytes.
pub(super) fn short(text: &str) -> String {
    let end = (0..=text.len().min(Trace::LONGEST)).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or("").to_owned()
}
