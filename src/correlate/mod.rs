//! From records to messages: which lines belong to one message, and what became of each recipient.
//!
//! A message is known by (host, instance, queue id). It is born by an arrival line, lives in the table of open
//! messages, and ends by `removed`/`Completed`, by the reuse of its queue id, by its age, or with the input.
//! Order matters here and nowhere else; there is no Postfix or Exim branch, as events and notes are neutral.
//!
//! What it does not: judge, print, or keep text. A recipient is a hash, a fate and the rows it was counted in.
//! An open message costs a `Message` plus its place in the table: less than 160 bytes with one recipient
//! (tested), 24 to 48 bytes more with each further one.

mod envelope;
mod fate;
mod message;
mod recently;
mod saved;

#[cfg(test)]
mod tests;

pub use envelope::{Envelope, Keep};
pub use fate::{End, Fate, FateCounts, Finished, RecipientEnd};
pub use saved::Saved;

use crate::event::{Arrival, Closing, Entrance, Event, Kind, Mta, Note};
use crate::record::{Prepared, Record};
use crate::smtp::{Disposition, Stage, hash_in_lower_case};
use compact_str::CompactString;
use envelope::Envelopes;
use foldhash::fast::FixedState;
use foldhash::quality;
use hashbrown::{HashMap, HashTable};
use message::{Flags, Message};
use recently::RecentlyClosed;
use smallvec::{SmallVec, smallvec};
use std::hash::{BuildHasher, Hasher};

/// Messages that nothing was heard of for so long (in log time) are given up: longer than the queue lifetime
/// of both mail servers (Postfix 5 days, Exim 4).
const FORGET_AFTER_SECONDS: i64 = 7 * 86_400;

/// A line that speaks for a message and all its recipients.
const WHOLLY: Flags = Flags::SELECTED.union(Flags::WHOLLY_SELECTED);

/// A message's place in the table of open messages. It is used again once the message's end was handed out, so
/// a table of one's own by slots is right if the slot is cleared then ([`Finished::slot`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot(u32);

impl Slot {
    /// As an index; there are never more than the most messages that were open at a time.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Host and instance, as numbers.
#[derive(PartialEq, Eq, Clone, Copy, Debug, Default)]
struct Place {
    host: u16,
    instance: u16,
}

/// One pass over a key, without building it.
fn key_hash(seed: &impl BuildHasher, place: Place, id: &str) -> u64 {
    let mut hasher = seed.build_hasher();
    hasher.write_u16(place.host);
    hasher.write_u16(place.instance);
    hasher.write(id.as_bytes());
    hasher.finish()
}

/// What an event means for the message it belongs to.
#[derive(Clone, Debug, Default)]
pub struct Bearing {
    /// The message, if the event names one.
    pub slot: Option<Slot>,
    /// The recipient within it: the same number for the same address, from 0.
    pub recipient: Option<usize>,
    /// The row of the cause that the recipient had failed with before, if it had; for a line about the whole
    /// message, one for each recipient that it settled.
    pub before: SmallVec<[u16; 4]>,
    /// The message went to a content filter that brought it back under a queue id of this log: no delivery.
    pub handed_over: bool,
}

/// Whether a row counts a message or recipient for the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Novelty {
    /// First time that this message (with what a content filter made of it) is in the row.
    pub message: bool,
    /// Recipients of the message that are in the row for the first time.
    pub recipients: u64,
}

/// The table of open messages.
#[derive(Clone, Debug, Default)]
pub struct Correlator {
    hosts: Names,
    instances: Names,
    writer: Option<Writer>,
    /// Slots of the open messages by the hashes of their places and queue ids. The seed is random, so nobody can write
    /// two ids of one hash, and the ids themselves are not looked at.
    open: HashTable<u32>,
    seed: quality::RandomState,
    messages: Vec<Option<Message>>,
    free: Vec<u32>,
    envelopes: Envelopes,
    finished: Vec<Finished>,
    closed: RecentlyClosed,
    hasher: FixedState,
    newest: i64,
    swept: i64,
    now: i64,
    touched: Option<Slot>,
}

impl Correlator {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty table that remembers where messages came from.
    pub fn keeping(keep: Keep) -> Self {
        Self { envelopes: Envelopes::keeping(keep), ..Self::default() }
    }

    /// Where an open message came from.
    pub fn envelope(&self, slot: Slot) -> Option<&Envelope> {
        self.envelopes.get(slot)
    }

    /// The envelope sender of an open message, with [`Keep::Sender`] and more; empty for the null sender.
    pub fn sender(&self, slot: Slot) -> Option<&str> {
        self.envelopes.sender(slot)
    }

    /// The message that a content filter made this one of, and so on to the first that is still known; itself
    /// when there is none.
    pub fn root_of(&self, slot: Slot) -> Slot {
        let mut root = slot;
        // A chain of content filters is short; a ring cannot be built, but costs nothing to rule out.
        for _ in 0..8 {
            match self.get(root).and_then(|message| message.parent) {
                Some(parent) => root = parent,
                None => break,
            }
        }
        root
    }

    /// The message that the last note or event named, if it is still open.
    pub fn touched(&self) -> Option<Slot> {
        self.touched.filter(|slot| self.get(*slot).is_some())
    }

    /// Hands out the messages that ended since the last call, in the order of their ends.
    #[inline]
    pub fn hand_out(&mut self, mut take: impl FnMut(&Finished)) {
        if !self.finished.is_empty() {
            for finished in &self.finished {
                take(finished);
                // Only now: whoever has a table by slots has cleared it.
                self.free.push(finished.slot.0);
            }
            self.finished.clear();
        }
    }

    /// The number of the host that wrote a record; 65,535 for all that come after so many.
    #[inline]
    pub fn host_of(&mut self, record: &Record<'_>) -> u16 {
        self.hosts.number(record.header.host)
    }

    /// The hosts by their numbers.
    pub fn host_names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.hosts.numbers.iter().map(|(name, n)| (*n, &**name)).collect();
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name).collect()
    }

    /// The open message of a queue id, as the line names it.
    pub fn slot_of(&mut self, record: &Record<'_>, queue_id: &str) -> Option<Slot> {
        let (_, hash) = self.key(record, queue_id);
        self.find(hash)
    }

    /// How many messages are open.
    pub fn open_messages(&self) -> usize {
        self.open.len()
    }

    /// Takes a note; `true` when it is the first `queue active` (Postfix) or the arrival (Exim) of a message
    /// born in this log, which is what "received" counts.
    pub fn note(&mut self, record: &Record<'_>, note: &Note<'_>) -> Option<Entrance> {
        match note {
            Note::Arrival(arrival) => self.arrival(record, arrival),
            Note::MessageId { queue_id, id } => {
                let mut slot = self.find_or_open(record, queue_id);
                if self.get(slot).is_some_and(Message::cannot_be_named_now) {
                    self.close(slot, End::Superseded);
                    slot = self.find_or_open(record, queue_id);
                }
                self.envelopes.message_id(slot, queue_id, id);
                // Postfix's cleanup sees every message once, at its birth; bounces have no other birth line.
                let message = self.get_mut(slot)?;
                message.flags.insert(Flags::BORN | Flags::NAMED | selected(record, WHOLLY));
                None
            }
            Note::Queued { queue_id, sender, size, recipients } => {
                let slot = self.find_or_open(record, queue_id);
                self.envelopes.queued(slot, queue_id, sender, *size);
                let message = self.get_mut(slot)?;
                message.flags.insert(selected(record, WHOLLY));
                message.size = size.unwrap_or(message.size);
                let expected = recipients.unwrap_or(0);
                message.expected = message.expected.max(expected);
                let first = !message.flags.contains(Flags::QUEUED);
                message.flags.insert(Flags::QUEUED);
                (first && message.flags.contains(Flags::BORN)).then_some(message.entrance)
            }
            Note::Notified { queue_id, child, .. } => {
                let parent = self.find_or_open(record, queue_id);
                self.select(record, parent, WHOLLY);
                let slot = self.find_or_open(record, child);
                self.select(record, slot, WHOLLY);
                self.envelopes.notification(slot, child, record.time);
                if let Some(child) = self.get_mut(slot) {
                    child.flags.insert(Flags::NOTIFICATION | Flags::BORN);
                    child.entrance = Entrance::Bounce;
                }
                None
            }
            Note::Closed { queue_id, how } => {
                // Exim writes `Completed` behind `removed by …` too: no second message.
                let (place, hash) = self.key(record, queue_id);
                let slot = match self.find(hash) {
                    Some(slot) => self.touch(slot),
                    None if self.closed.contains(key_hash(&self.hasher, place, queue_id)) => {
                        return None;
                    }
                    None => self.open((place, hash), queue_id),
                };
                self.select(record, slot, Flags::SELECTED);
                self.close(
                    slot,
                    match how {
                        Closing::Done => End::Done,
                        Closing::Removed => End::Removed,
                        Closing::Cancelled => End::Cancelled,
                    },
                );
                None
            }
            Note::Held { queue_id } => {
                let slot = self.find_or_open(record, queue_id);
                self.select(record, slot, WHOLLY);
                if let Some(message) = self.get_mut(slot) {
                    message.flags.insert(Flags::HELD);
                }
                None
            }
            Note::Released { queue_id } => {
                let slot = self.find_or_open(record, queue_id);
                self.select(record, slot, WHOLLY);
                if let Some(message) = self.get_mut(slot) {
                    message.flags.remove(Flags::HELD);
                }
                None
            }
            Note::Trouble { .. } | Note::LostLines { .. } | Note::Tick => None,
        }
    }

    /// A line about a message counts, if it was selected.
    #[inline]
    fn select(&mut self, record: &Record<'_>, slot: Slot, how: Flags) {
        if let Some(message) = self.get_mut(slot) {
            message.flags.insert(selected(record, how));
        }
    }

    fn arrival(&mut self, record: &Record<'_>, arrival: &Arrival<'_>) -> Option<Entrance> {
        let exim = record.mta == Some(Mta::Exim);
        let mut slot = self.find_or_open(record, arrival.queue_id);
        if self.get(slot).is_some_and(|m| m.flags.contains(Flags::BORN)) {
            // Short queue ids come again: the old message ended without our seeing it.
            self.close(slot, End::Superseded);
            slot = self.find_or_open(record, arrival.queue_id);
        }
        self.envelopes.arrival(slot, record.time, arrival);
        let message = self.get_mut(slot)?;
        message.flags.insert(Flags::BORN | selected(record, WHOLLY));
        message.entrance = arrival.by;
        message.size = arrival.size.unwrap_or(0);
        if arrival.by == Entrance::Bounce {
            message.flags.insert(Flags::NOTIFICATION);
        }
        if exim {
            // Exim writes its line when it has taken the message; Postfix only when a transaction begins.
            message.flags.insert(Flags::QUEUED);
            return Some(arrival.by);
        }
        None
    }

    /// Takes an event before it is counted: finds its message and recipient and moves the recipient's fate.
    ///
    /// Duplicates and quotations that the caller does not count must not come here.
    pub fn event(&mut self, record: &Record<'_>, event: &Event<'_>) -> Bearing {
        let Some(queue_id) = event.queue_id else { return Bearing::default() };
        let bearing = match event.kind {
            Kind::Delivery | Kind::Postponed => self.attempt(record, event, queue_id),
            Kind::HostReply => {
                let slot = self.find_or_open(record, queue_id);
                self.select(record, slot, Flags::SELECTED);
                Bearing { slot: Some(slot), ..Bearing::default() }
            }
            Kind::Disposal => self.disposal(record, event, queue_id),
            Kind::Reject => {
                let whole = matches!(event.stage, Some(Stage::Data | Stage::EndOfData));
                if whole {
                    let slot = self.find_or_open(record, queue_id);
                    self.select(record, slot, Flags::SELECTED);
                    self.close(slot, End::Refused);
                }
                Bearing::default()
            }
            _ => Bearing::default(),
        };
        if let (Some(slot), Some(sender)) = (bearing.slot, event.sender) {
            self.envelopes.named_sender(slot, queue_id, sender);
        }
        bearing
    }

    fn attempt(&mut self, record: &Record<'_>, event: &Event<'_>, queue_id: &str) -> Bearing {
        let child = event.queued_as.and_then(|id| self.child_of(record, queue_id, id));
        let slot = self.find_or_open(record, queue_id);
        let late = child == Some(Child::Closed);
        if let Some(Child::Open(child)) = child {
            self.adopt(slot, child);
        }
        let handed_over = child.is_some();
        let hash = recipient_hash(record, event);
        let Some(message) = self.get_mut(slot) else { return Bearing::default() };
        message.flags.insert(Flags::TRIED);
        if late {
            message.flags.insert(Flags::COUNTED_BY_CHILD);
        }
        let Some(hash) = hash else {
            // `status=expired` and the like: for all recipients that are still open.
            let before = event.disposition.and_then(fate_of).map_or_else(SmallVec::new, |fate| {
                message.settle_open_recipients(fate, record.selected)
            });
            if record.selected {
                message.select(None);
            }
            return Bearing { slot: Some(slot), recipient: None, before, handed_over };
        };
        let recipient = message.recipient(hash);
        if record.selected {
            message.select(Some(recipient));
        }
        let before = smallvec![message.cause_of(recipient)];
        let fate = match event.disposition.and_then(fate_of) {
            Some(_) if handed_over => Some(Fate::HandedOver),
            Some(Fate::Bounced) if is_end_of_lifetime(event) => Some(Fate::Expired),
            other => other,
        };
        if let Some(fate) = fate {
            message.set_fate(recipient, fate);
        }
        Bearing { slot: Some(slot), recipient: Some(recipient), before, handed_over }
    }

    fn disposal(&mut self, record: &Record<'_>, event: &Event<'_>, queue_id: &str) -> Bearing {
        let slot = self.find_or_open(record, queue_id);
        let hash = recipient_hash(record, event);
        let Some(message) = self.get_mut(slot) else { return Bearing::default() };
        let recipient = hash.map(|hash| message.recipient(hash));
        if record.selected {
            message.select(recipient);
        }
        match event.disposition {
            Some(Disposition::Held) => message.flags.insert(Flags::HELD | Flags::TRIED),
            Some(Disposition::Discarded) => {
                message.flags.insert(Flags::DISCARDED | Flags::TRIED);
                if let Some(recipient) = recipient {
                    message.set_fate(recipient, Fate::Discarded);
                }
            }
            _ => {}
        }
        Bearing { slot: Some(slot), recipient, ..Bearing::default() }
    }

    /// Enters an event's message and recipient in a row; says which of them are new there.
    pub fn mark(&mut self, bearing: &Bearing, row: u16) -> Novelty {
        let Some(slot) = bearing.slot else { return Novelty::default() };
        let Some(message) = self.get_mut(slot) else { return Novelty::default() };
        let recipients = match bearing.recipient {
            Some(index) => u64::from(message.enter_recipient(index, row)),
            None => bearing.before.len() as u64,
        };
        let message = if message.parent.is_none() {
            message.enter(row)
        } else {
            let root = self.root_of(slot);
            self.get_mut(root).is_some_and(|root| root.enter(row))
        };
        Novelty { message, recipients }
    }

    /// Remembers the row of the cause that an event's recipient failed with.
    pub fn remember_cause(&mut self, bearing: &Bearing, row: u16) {
        if let (Some(slot), Some(recipient)) = (bearing.slot, bearing.recipient)
            && let Some(message) = self.get_mut(slot)
        {
            message.set_cause(recipient, row);
        }
    }

    /// The input ends: everything that is still open is handed out.
    pub fn finish(&mut self, mut take: impl FnMut(&Finished)) {
        // Children first, so that their parents know everything; then in the order of their birth.
        for children in [true, false] {
            for index in 0..self.messages.len() {
                let slot = Slot(u32::try_from(index).unwrap_or(u32::MAX));
                if self.get(slot).is_some_and(|m| m.parent.is_some() == children) {
                    self.close(slot, End::InputEnded);
                    self.hand_out(&mut take);
                }
            }
        }
    }

    #[inline]
    fn place(&mut self, record: &Record<'_>) -> Place {
        match &self.writer {
            Some(writer) if writer.wrote(record) => writer.place,
            _ => self.find_place(record),
        }
    }

    #[inline(never)]
    fn find_place(&mut self, record: &Record<'_>) -> Place {
        let (host, instance) = (record.header.host, record.header.instance());
        let place =
            Place { host: self.hosts.number(host), instance: self.instances.number(instance) };
        let writer = self.writer.get_or_insert_default();
        writer.host.replace_range(.., host);
        writer.instance.replace_range(.., instance);
        writer.place = place;
        place
    }

    /// What a message is known by: its place, and the hash of that and its queue id.
    #[inline]
    fn key(&mut self, record: &Record<'_>, id: &str) -> (Place, u64) {
        let place = self.place(record);
        (place, key_hash(&self.seed, place, id))
    }

    #[inline]
    fn find(&self, hash: u64) -> Option<Slot> {
        let is = |slot: &u32| hash_of(&self.messages, *slot) == hash;
        self.open.find(hash, is).copied().map(Slot)
    }

    fn find_or_open(&mut self, record: &Record<'_>, id: &str) -> Slot {
        let key = self.key(record, id);
        match self.find(key.1) {
            Some(slot) => self.touch(slot),
            None => self.open(key, id),
        }
    }

    /// A line is about an open message.
    #[inline]
    fn touch(&mut self, slot: Slot) -> Slot {
        let now = self.now;
        self.touched = Some(slot);
        if let Some(message) = self.get_mut(slot) {
            message.last = message.last.max(now);
        }
        slot
    }

    /// A line is about a message that is not open.
    fn open(&mut self, (place, hash): (Place, u64), id: &str) -> Slot {
        let mut message = Message::new(self.now);
        (message.place, message.hash) = (place, hash);
        message.id = Some(CompactString::new(id));
        let slot = if let Some(slot) = self.free.pop() {
            if let Some(place) = self.messages.get_mut(slot as usize) {
                *place = Some(message);
            }
            slot
        } else {
            self.messages.push(Some(message));
            u32::try_from(self.messages.len() - 1).unwrap_or(u32::MAX)
        };
        let messages = &self.messages;
        self.open.insert_unique(hash, slot, |slot| hash_of(messages, *slot));
        self.envelopes.seen(Slot(slot), id);
        self.touched = Some(Slot(slot));
        Slot(slot)
    }

    fn get(&self, slot: Slot) -> Option<&Message> {
        self.messages.get(slot.0 as usize)?.as_ref()
    }

    fn get_mut(&mut self, slot: Slot) -> Option<&mut Message> {
        self.messages.get_mut(slot.0 as usize)?.as_mut()
    }

    /// The message of this host that a content filter made of `queue_id`, if `id` is one.
    fn child_of(&mut self, record: &Record<'_>, queue_id: &str, id: &str) -> Option<Child> {
        if id == queue_id {
            return None;
        }
        let own = self.place(record);
        // The filter may hand the message to another instance on the same host.
        let others = (0..self.instances.len()).filter(|instance| *instance != own.instance);
        for instance in std::iter::once(own.instance).chain(others) {
            let place = Place { instance, ..own };
            if let Some(slot) = self.find(key_hash(&self.seed, place, id)) {
                return Some(Child::Open(slot));
            }
        }
        self.closed.contains(key_hash(&self.hasher, own, id)).then_some(Child::Closed)
    }

    fn adopt(&mut self, parent: Slot, child: Slot) {
        if parent == child || self.get(child).is_none_or(|c| c.parent.is_some()) {
            return;
        }
        // No rings: the parent must not descend from the child.
        let mut ancestor = Some(parent);
        for _ in 0..8 {
            let Some(slot) = ancestor else { break };
            if slot == child {
                return;
            }
            ancestor = self.get(slot).and_then(|m| m.parent);
        }
        let inherited = self.get(parent).map_or(Flags::empty(), |p| {
            p.flags & Flags::NOTIFICATION
                | if p.was_deferred() { Flags::DEFERRED_BEFORE } else { Flags::empty() }
        });
        if let Some(child) = self.get_mut(child) {
            child.parent = Some(parent);
            child.flags.insert(inherited);
        }
        if let Some(parent) = self.get_mut(parent) {
            parent.children += 1;
        }
    }

    /// Ends a message, unless what a content filter made of it is still on its way.
    fn close(&mut self, slot: Slot, end: End) {
        let Some(Some(message)) = self.messages.get_mut(slot.0 as usize) else { return };
        let was_open = message.end.is_none();
        message.end = Some(end);
        if let (true, Some(id)) = (was_open, &message.id) {
            if let Ok(entry) = self.open.find_entry(message.hash, |other| *other == slot.0) {
                entry.remove();
            }
            self.closed.remember(key_hash(&self.hasher, message.place, id));
        }
        self.finish_if_alone(slot);
    }

    fn finish_if_alone(&mut self, slot: Slot) {
        let Some(place) = self.messages.get_mut(slot.index()) else { return };
        let Some(message) = place.as_mut().filter(|m| m.children == 0 && m.end.is_some()) else {
            return;
        };
        let mut finished = message.finish(slot, self.envelopes.take(slot));
        let (parent, seen, selected) = (message.parent, finished.fates_present, finished.selected);
        if self.envelopes.keeps_envelopes() {
            finished.recipients = message.ends(finished.end);
            // The parent waits for its children, so the first of the chain is still there.
            let root = parent.map(|parent| self.root_of(parent));
            finished.origin = root.and_then(|root| self.envelopes.get(root).cloned());
        }
        self.finished.push(finished);
        if let Some(place) = self.messages.get_mut(slot.index()) {
            *place = None;
        }
        if let Some(parent) = parent {
            if let Some(parent) = self.get_mut(parent) {
                parent.children -= 1;
                parent.child_fates |= seen;
                if selected {
                    parent.flags.insert(Flags::SELECTED);
                }
            }
            self.finish_if_alone(parent);
        }
    }

    /// Time goes on, which every record must be told first: once a day of log time, messages that nothing was
    /// heard of are given up.
    #[inline]
    pub fn tick(&mut self, record: &Record<'_>, take: impl FnMut(&Finished)) {
        let Some(time) = record.time else { return };
        self.now = time.seconds();
        self.newest = self.newest.max(self.now);
        if self.newest - self.swept >= 86_400 {
            self.sweep(take);
        }
    }

    #[cold]
    fn sweep(&mut self, mut take: impl FnMut(&Finished)) {
        self.swept = self.newest;
        let limit = self.newest - FORGET_AFTER_SECONDS;
        for index in 0..self.messages.len() {
            let slot = Slot(u32::try_from(index).unwrap_or(u32::MAX));
            let old = self.get(slot).is_some_and(|m| m.last < limit && m.end.is_none());
            if old {
                self.close(slot, End::TimedOut);
                self.hand_out(&mut take);
            }
        }
    }
}

/// What a record says of its message where it was selected; nothing where it was not.
#[inline]
fn selected(record: &Record<'_>, how: Flags) -> Flags {
    if record.selected { how } else { Flags::empty() }
}

/// Who wrote the last line, as most lines are of the same host and instance as the line before.
#[derive(Clone, Debug, Default)]
struct Writer {
    host: String,
    instance: String,
    place: Place,
}

impl Writer {
    #[inline]
    fn wrote(&self, record: &Record<'_>) -> bool {
        // As `Header::instance` would say.
        let (program, instance) = (record.header.program.as_bytes(), self.instance.as_bytes());
        let host = record.header.host;
        // Exim's own files name neither, and an empty text lies nowhere: some processors take hundreds of cycles to find
        // out that nothing has to be loaded from there.
        matches!(program.get(instance.len()), None | Some(b'/'))
            && (instance.is_empty() || program.starts_with(instance))
            && self.host.len() == host.len()
            && (host.is_empty() || self.host == host)
    }
}

/// The hash by which the message in a slot stands in the table.
#[inline]
fn hash_of(messages: &[Option<Message>], slot: u32) -> u64 {
    messages.get(slot as usize).and_then(Option::as_ref).map_or(0, |message| message.hash)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Child {
    Open(Slot),
    Closed,
}

/// The address that stays the same from a deferral to the delivery: the one delivered to, unless it is a bare
/// local part (Exim's local deliveries).
fn recipient_of<'a>(event: &Event<'a>) -> Option<&'a str> {
    event.final_recipient.filter(|address| address.contains('@')).or(event.recipient)
}

/// Its hash, which mostly was made where the line was parsed.
fn recipient_hash(record: &Record<'_>, event: &Event<'_>) -> Option<u64> {
    match record.prepared {
        Some(Prepared { found, .. }) if event.final_recipient.is_none() => {
            event.recipient.map(|_| found.recipient)
        }
        _ => recipient_of(event).map(hash_in_lower_case),
    }
}

/// Exim's word for the end of the queue lifetime; Postfix has a disposition for it.
fn is_end_of_lifetime(event: &Event<'_>) -> bool {
    event.code.is_none() && event.text.contains("retry timeout exceeded")
}

fn fate_of(disposition: Disposition) -> Option<Fate> {
    match disposition {
        Disposition::Delivered => Some(Fate::Delivered),
        Disposition::Deferred => Some(Fate::Queued),
        Disposition::Bounced => Some(Fate::Bounced),
        Disposition::Expired => Some(Fate::Expired),
        Disposition::Discarded => Some(Fate::Discarded),
        Disposition::Held => Some(Fate::Held),
        Disposition::Rejected | Disposition::Deliverable | Disposition::Undeliverable => None,
    }
}

/// Hosts or instances as numbers: few and repeated on every line, so the last one is remembered.
#[derive(Clone, Debug, Default)]
struct Names {
    numbers: HashMap<CompactString, u16>,
    last: Option<(String, u16)>,
}

impl Names {
    /// More names than this cannot be told apart; the last number is shared.
    const MOST: usize = u16::MAX as usize;

    #[inline]
    fn number(&mut self, name: &str) -> u16 {
        match &self.last {
            Some((known, number)) if known == name => *number,
            _ => self.look_up(name),
        }
    }

    fn look_up(&mut self, name: &str) -> u16 {
        let next = u16::try_from(self.numbers.len().min(Self::MOST)).unwrap_or(u16::MAX);
        let number = match self.numbers.get(name) {
            Some(number) => *number,
            None if self.numbers.len() < Self::MOST => {
                self.numbers.insert(CompactString::new(name), next);
                next
            }
            None => u16::MAX,
        };
        self.last = Some((name.to_owned(), number));
        number
    }

    /// The names by their numbers.
    fn in_order(&self) -> Vec<String> {
        let mut names: Vec<_> = self.numbers.iter().collect();
        names.sort_by_key(|(_, number)| **number);
        names.into_iter().map(|(name, _)| name.to_string()).collect()
    }

    fn set(&mut self, names: &[String]) {
        let numbered = (0..u16::MAX).zip(names);
        self.numbers = numbered.map(|(number, name)| (CompactString::new(name), number)).collect();
        self.last = None;
    }

    /// Numbers in use, at most 64: more instances on one host than that are not searched.
    fn len(&self) -> u16 {
        u16::try_from(self.numbers.len().min(64)).unwrap_or(64)
    }
}
