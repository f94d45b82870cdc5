//! Where an open message came from, for those who ask: who sent it, through whom, when.
//!
//! Kept only as far as [`Keep`] says, because a queue of a million messages must fit in memory: with
//! [`Keep::Everything`] some 250 bytes a message and its longer names, for all that the log tells. To keep another fact: a field of [`Details`] and the line in
//! `Envelope::learn_…` that fills it.

use super::Slot;
use crate::event::{Arrival, Entrance};
use crate::time::Time;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// What the table of open messages remembers of where a message came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Nothing: enough to count.
    #[default]
    Nothing,
    /// Nothing either, but a message that ends tells what became of each recipient.
    Recipients,
    /// The envelope sender (24 bytes, up to 24 letters without an allocation), so that a line about a failure can
    /// be shown with it.
    Sender,
    /// The envelope sender, names, times and ids too.
    Everything,
}

/// Where a message came from, as far as the log says and [`Keep`] allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    user: Option<CompactString>,
    client: Option<CompactString>,
    details: Option<Box<Details>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Details {
    queue_id: CompactString,
    sender: Option<CompactString>,
    client_name: Option<CompactString>,
    helo: Option<CompactString>,
    message_id: Option<CompactString>,
    arrived: Option<Time>,
    size: Option<u64>,
    entrance: Entrance,
}

impl Envelope {
    /// The login that submitted it.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The address of the client that brought it.
    pub fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    /// The envelope sender, empty for the null sender.
    pub fn sender(&self) -> Option<&str> {
        self.details.as_ref()?.sender.as_deref()
    }

    /// The name of the client.
    pub fn client_name(&self) -> Option<&str> {
        self.details.as_ref()?.client_name.as_deref()
    }

    /// The client's HELO name.
    pub fn helo(&self) -> Option<&str> {
        self.details.as_ref()?.helo.as_deref()
    }

    /// The Message-ID header.
    pub fn message_id(&self) -> Option<&str> {
        self.details.as_ref()?.message_id.as_deref()
    }

    /// The queue id.
    pub fn queue_id(&self) -> Option<&str> {
        self.details.as_ref().map(|details| details.queue_id.as_str())
    }

    /// When it arrived; `None` when its arrival is not in the log.
    pub fn arrived(&self) -> Option<Time> {
        self.details.as_ref()?.arrived
    }

    /// Bytes.
    pub fn size(&self) -> Option<u64> {
        self.details.as_ref()?.size
    }

    /// How it came in.
    pub fn entrance(&self) -> Option<Entrance> {
        self.details.as_ref().map(|details| details.entrance)
    }

    fn details(&mut self, queue_id: &str) -> &mut Details {
        self.details.get_or_insert_with(|| {
            Box::new(Details { queue_id: CompactString::new(queue_id), ..Details::default() })
        })
    }
}

/// The envelopes of the open messages, by their slots.
#[derive(Clone, Debug, Default)]
pub(super) struct Envelopes {
    keep: Keep,
    by_slot: Vec<Envelope>,
    /// With [`Keep::Sender`]: nothing, [`NULL_SENDER`] or an address. A text is written over that of
    /// the message which had the slot before, so that a long one seldom costs an allocation.
    senders: Vec<CompactString>,
}

/// As both mail servers write it; the note about a message has an empty text for it.
const NULL_SENDER: &str = "<>";

impl Envelopes {
    pub(super) fn keeping(keep: Keep) -> Self {
        Self { keep, ..Self::default() }
    }

    /// More than for a line or two: what became of each recipient is told too.
    pub(super) fn keeps_envelopes(&self) -> bool {
        !matches!(self.keep, Keep::Nothing | Keep::Sender)
    }

    pub(super) fn get(&self, slot: Slot) -> Option<&Envelope> {
        self.by_slot.get(slot.index())
    }

    /// As a run before left it.
    pub(super) fn set(&mut self, slot: Slot, envelope: &Envelope) {
        if self.keep != Keep::Nothing {
            *self.place(slot) = envelope.clone();
        }
    }

    /// The envelope sender.
    pub(super) fn sender(&self, slot: Slot) -> Option<&str> {
        if self.keep == Keep::Everything {
            return self.get(slot)?.sender();
        }
        match self.senders.get(slot.index())?.as_str() {
            "" => None,
            NULL_SENDER => Some(""),
            sender => Some(sender),
        }
    }

    fn learn_sender(&mut self, slot: Slot, sender: &str) {
        // The details have it otherwise, or nobody asks for it.
        if self.keep != Keep::Sender {
            return;
        }
        let index = slot.index();
        if self.senders.len() <= index {
            self.senders.resize(index + 1, CompactString::default());
        }
        let sender = if sender.is_empty() { NULL_SENDER } else { sender };
        // Postfix says it again at each retry.
        if let Some(known) = self.senders.get_mut(index)
            && known != sender
        {
            known.clear();
            known.push_str(sender);
        }
    }

    /// The message in this slot has ended.
    pub(super) fn take(&mut self, slot: Slot) -> Option<Envelope> {
        if let Some(sender) = self.senders.get_mut(slot.index()) {
            sender.clear();
            // A log made to fill memory has addresses as long as lines may be.
            if sender.capacity() > 256 {
                sender.shrink_to(256);
            }
        }
        self.by_slot.get_mut(slot.index()).map(std::mem::take)
    }

    fn place(&mut self, slot: Slot) -> &mut Envelope {
        let index = slot.index();
        if self.by_slot.len() <= index {
            self.by_slot.resize_with(index + 1, Envelope::default);
        }
        // Just made long enough.
        #[expect(clippy::indexing_slicing, reason = "resized above")]
        &mut self.by_slot[index]
    }

    /// A message is born.
    pub(super) fn arrival(&mut self, slot: Slot, time: Option<Time>, arrival: &Arrival<'_>) {
        if let Some(sender) = arrival.sender {
            self.learn_sender(slot, sender);
        }
        if self.keep != Keep::Everything {
            return;
        }
        let envelope = self.place(slot);
        envelope.user = arrival.sasl_user.map(CompactString::new);
        envelope.client = arrival.client.and_then(|client| client.address).map(CompactString::new);
        let details = envelope.details(arrival.queue_id);
        details.sender = arrival.sender.map(CompactString::new).or(details.sender.take());
        details.client_name = arrival.client.and_then(|client| client.name).map(CompactString::new);
        details.helo = arrival.helo.map(CompactString::new);
        details.message_id =
            arrival.message_id.map(CompactString::new).or(details.message_id.take());
        details.arrived = time;
        details.size = arrival.size.or(details.size);
        details.entrance = arrival.by;
    }

    /// Its Message-ID is known.
    pub(super) fn message_id(&mut self, slot: Slot, queue_id: &str, id: &str) {
        if self.keep == Keep::Everything {
            self.place(slot).details(queue_id).message_id = Some(CompactString::new(id));
        }
    }

    /// It entered the active queue.
    pub(super) fn queued(&mut self, slot: Slot, queue_id: &str, sender: &str, size: Option<u64>) {
        self.learn_sender(slot, sender);
        if self.keep == Keep::Everything {
            let details = self.place(slot).details(queue_id);
            details.size = size.or(details.size);
            // Postfix says it again at each retry.
            if details.sender.as_deref() != Some(sender) {
                details.sender = Some(CompactString::new(sender));
            }
        }
    }

    /// A line about a delivery or disposal names the sender: the only one that does where the log begins late.
    pub(super) fn named_sender(&mut self, slot: Slot, queue_id: &str, sender: &str) {
        if self.keep == Keep::Everything {
            let details = self.place(slot).details(queue_id);
            if details.sender.is_none() {
                details.sender = Some(CompactString::new(sender));
            }
        }
    }

    /// It is a notification by this server.
    pub(super) fn notification(&mut self, slot: Slot, queue_id: &str, time: Option<Time>) {
        if self.keep == Keep::Everything {
            let details = self.place(slot).details(queue_id);
            details.entrance = Entrance::Bounce;
            details.arrived = details.arrived.or(time);
        }
    }

    /// The first line that names it.
    pub(super) fn seen(&mut self, slot: Slot, queue_id: &str) {
        if self.keep == Keep::Everything {
            self.place(slot).details(queue_id);
        }
    }
}
