//! The table of open messages as it is kept between two runs, and how it is made again.
//!
//! A form of its own, not the table itself, so that the table can change without a word about files. Slots are
//! kept, as messages refer to each other by them; hashes of recipients are the same in every run, those of keys are
//! not and are made anew. A recipient that was deferred and is still in the queue is marked: what becomes of it is
//! what the next run resolves of the time before.

use super::message::{Flags, Message};
use super::{Correlator, Envelope, Place, RecentlyClosed, Slot, key_hash};
use crate::correlate::{End, Fate};
use crate::event::Entrance;
use compact_str::CompactString;
use hashbrown::HashTable;
use serde::{Deserialize, Serialize};

/// What a run leaves for the next.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Saved {
    hosts: Vec<String>,
    instances: Vec<String>,
    /// By slot.
    messages: Vec<Option<SavedMessage>>,
    closed: Vec<u64>,
    newest: i64,
    swept: i64,
    now: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct SavedMessage {
    key: Option<(u16, u16, CompactString)>,
    last: i64,
    host: u16,
    size: u64,
    expected: u32,
    entrance: Entrance,
    flags: u16,
    parent: Option<u32>,
    children: u32,
    child_fates: u16,
    end: Option<End>,
    recipients: Vec<SavedRecipient>,
    rows: Vec<u16>,
    envelope: Envelope,
}

#[derive(Debug, Serialize, Deserialize)]
struct SavedRecipient {
    hash: u64,
    rows: Vec<u16>,
    cause: u16,
    fate: Fate,
    ever_deferred: bool,
    deferred_earlier: bool,
}

impl Saved {
    /// How many messages are open.
    pub fn open_messages(&self) -> usize {
        self.messages.iter().flatten().count()
    }
}

impl Correlator {
    /// What the next run needs. Messages that ended must have been handed out.
    pub fn save(&self) -> Saved {
        Saved {
            hosts: self.hosts.in_order(),
            instances: self.instances.in_order(),
            messages: (0..self.messages.len()).map(|slot| self.save_message(slot)).collect(),
            closed: self.closed.hashes().collect(),
            newest: self.newest,
            swept: self.swept,
            now: self.now,
        }
    }

    fn save_message(&self, index: usize) -> Option<SavedMessage> {
        let message = self.messages.get(index)?.as_ref()?;
        let slot = Slot(u32::try_from(index).ok()?);
        let recipients =
            message.recipients.iter().enumerate().map(|(at, recipient)| SavedRecipient {
                hash: recipient.hash,
                rows: message.rows_of(at),
                cause: recipient.cause,
                fate: recipient.fate,
                ever_deferred: recipient.ever_deferred,
                deferred_earlier: recipient.deferred_earlier,
            });
        Some(SavedMessage {
            // Nobody finds one that has ended by its queue id.
            key: message
                .id
                .as_ref()
                .filter(|_| message.end.is_none())
                .map(|id| (message.place.host, message.place.instance, id.clone())),
            last: message.last,
            host: message.place.host,
            size: message.size,
            expected: message.expected,
            entrance: message.entrance,
            flags: message.flags.bits(),
            parent: message.parent.map(|parent| parent.0),
            children: message.children,
            child_fates: message.child_fates,
            end: message.end,
            recipients: recipients.collect(),
            rows: message.rows.to_vec(),
            envelope: self.envelopes.get(slot).cloned().unwrap_or_default(),
        })
    }

    /// Goes on from what a run before left. Whoever counts rows must know them by the same numbers.
    pub fn restore(&mut self, saved: Saved) {
        self.hosts.set(&saved.hosts);
        self.instances.set(&saved.instances);
        self.writer = None;
        (self.newest, self.swept, self.now) = (saved.newest, saved.swept, saved.now);
        self.closed = RecentlyClosed::default();
        saved.closed.into_iter().for_each(|hash| self.closed.remember(hash));
        self.messages.clear();
        self.free.clear();
        self.open = HashTable::new();
        for (index, saved) in (0_u32..).zip(saved.messages) {
            let Some(saved) = saved else {
                self.messages.push(None);
                self.free.push(index);
                continue;
            };
            self.envelopes.set(Slot(index), &saved.envelope);
            let mut message = restored(saved);
            if let Some(id) = &message.id {
                message.hash = key_hash(&self.seed, message.place, id);
                let hash = message.hash;
                self.messages.push(Some(message));
                let messages = &self.messages;
                self.open.insert_unique(hash, index, |slot| super::hash_of(messages, *slot));
            } else {
                self.messages.push(Some(message));
            }
        }
    }
}

fn restored(saved: SavedMessage) -> Message {
    let mut message = Message::new(saved.last);
    message.place.host = saved.host;
    if let Some((host, instance, id)) = saved.key {
        (message.place, message.id) = (Place { host, instance }, Some(id));
    }
    message.size = saved.size;
    message.expected = saved.expected;
    message.entrance = saved.entrance;
    // Runs that leave something for the next one have no filter.
    message.flags = Flags::from_bits_truncate(saved.flags) | super::WHOLLY;
    message.parent = saved.parent.map(Slot);
    message.children = saved.children;
    message.child_fates = saved.child_fates;
    message.end = saved.end;
    message.rows = saved.rows.into();
    for recipient in saved.recipients {
        let index = message.recipient(recipient.hash);
        for row in recipient.rows {
            message.enter_recipient(index, row);
        }
        if let Some(known) = message.recipients.get_mut(index) {
            known.selected = true;
            known.carried = true;
            known.told = recipient.fate != Fate::Queued;
            known.cause = recipient.cause;
            known.fate = recipient.fate;
            known.ever_deferred = recipient.ever_deferred;
            known.deferred_earlier = recipient.deferred_earlier
                || recipient.ever_deferred && recipient.fate == Fate::Queued;
        }
    }
    message
}
