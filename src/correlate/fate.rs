//! What became of recipients and messages.

use super::{Envelope, Slot};
use crate::event::Entrance;
use crate::words::words;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

words! {
    /// Where a recipient stands when its message ends or the log does.
    Fate {
        /// Accepted by the next server, or stored.
        Delivered = "delivered",
        /// Still in the queue: deferred, or not tried yet.
        Queued = "queued",
        /// Given up by a refusal; the sender was told.
        Bounced = "bounced",
        /// Given up because the queue lifetime ended.
        Expired = "expired",
        /// Accepted and thrown away.
        Discarded = "discarded",
        /// Put aside until somebody releases it.
        Held = "held",
        /// Removed from the queue by an administrator.
        Removed = "removed",
        /// The log does not say: the queue id was used again, or nothing was heard of it for a week.
        Unknown = "unknown",
        /// Went to a content filter that brought it back under another queue id: counted there.
        HandedOver = "handed-over",
    }
}

/// How many recipients met each fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FateCounts([u64; Fate::ALL.len()]);

impl FateCounts {
    /// How many met `fate`.
    pub fn get(&self, fate: Fate) -> u64 {
        self.0.get(fate as usize).copied().unwrap_or(0)
    }

    /// `count` more met `fate`.
    pub fn add(&mut self, fate: Fate, count: u64) {
        if let Some(place) = self.0.get_mut(fate as usize) {
            *place += count;
        }
    }

    /// Adds another count, fate by fate.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }

    /// One bit for each fate that somebody met.
    pub(super) fn present(&self) -> u16 {
        self.0.iter().enumerate().fold(0, |bits, (n, count)| bits | u16::from(*count > 0) << n)
    }
}

words! {
    /// How a message ended in this log.
    End {
        /// `removed`, `Completed`.
        Done = "done",
        /// An administrator removed it.
        Removed = "removed",
        /// The transaction left no message.
        Cancelled = "cancelled",
        /// We refused it at the end of data.
        Refused = "refused",
        /// Its queue id began a new message.
        Superseded = "superseded",
        /// Nothing was heard of it for a week.
        TimedOut = "timed-out",
        /// The log ended first.
        InputEnded = "input-ended",
    }
}

/// What became of one recipient of a message that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecipientEnd {
    /// Where it stands.
    pub fate: Fate,
    /// It was deferred at least once; before its message went to a content filter counts too.
    pub deferred: bool,
    /// It counts in `fates`: a filter may have selected other recipients only.
    pub selected: bool,
}

/// A message whose story is over, as far as this log goes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts of one message")]
pub struct Finished {
    /// Its place in the table, free again when this was handed out.
    pub slot: Slot,
    /// Its queue id; `None` when it ended in a run before and waited for what a content filter made of it.
    pub queue_id: Option<CompactString>,
    /// Where it came from, as far as it was kept.
    pub envelope: Option<Envelope>,
    /// The message that a content filter made it of. That one is handed out later, so its place is still its own.
    pub parent: Option<Slot>,
    /// Where the first message of that chain came from, as far as it was kept: `envelope` names the filter.
    pub origin: Option<Envelope>,
    /// How it ended.
    pub end: End,
    /// How it came in.
    pub entrance: Entrance,
    /// It is a notification that this server wrote (a DSN), not mail.
    pub notification: bool,
    /// Its arrival is in the log.
    pub born: bool,
    /// It is what a content filter made of another message: its recipients count, the message itself does not.
    pub reinjected: bool,
    /// It never became a message: refused, cancelled, or no more than a transaction that began.
    pub incomplete: bool,
    /// It is on hold or frozen.
    pub held: bool,
    /// A line about it, or about what a content filter made of it, was selected; always without a filter.
    pub selected: bool,
    /// Bytes, 0 when the log does not say.
    pub size: u64,
    /// Its recipients that were selected: those that a selected line names, and all if its arrival was
    /// selected.
    pub fates: FateCounts,
    /// Each of them by its number ([`super::Bearing::recipient`]), hand-overs among them; empty with
    /// [`super::Keep::Nothing`] and [`super::Keep::Sender`].
    pub recipients: SmallVec<[RecipientEnd; 1]>,
    /// Recipients that `nrcpt=` told of and no attempt did; they are in `fates`, and not in `recipients`.
    pub untried: u64,
    /// One bit for each [`Fate`] that a recipient of it met, those of its re-injections included.
    pub fates_present: u16,
    /// Recipients that were deferred at least once and then delivered.
    pub delivered_after_deferral: u64,
    /// Recipients that were deferred at least once.
    pub ever_deferred: u64,
    /// The number of the host that logged it ([`super::Correlator::host_names`]).
    pub host: u16,
    /// Log time of its last line, seconds since 1970.
    pub last: i64,
    /// Recipients that were in the queue, deferred, when this run began, and were delivered.
    pub earlier_delivered: u64,
    /// Recipients that were in the queue, deferred, when this run began, and were given up.
    pub earlier_given_up: u64,
    /// What runs before have told.
    pub told: Told,
}

/// What of a message came in runs before, and was told by them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Recipients whose end came before this run.
    pub recipients: FateCounts,
    /// Of them, those that were deferred and then delivered.
    pub delivered_after_deferral: u64,
    /// Recipients that were deferred, but not in this run.
    pub ever_deferred: u64,
    /// Its recipients have all ended before.
    pub is_all: bool,
}

impl Finished {
    /// Where the mail came from: for what a content filter brought back, where it came from before.
    pub fn came_from(&self) -> Option<&Envelope> {
        self.origin.as_ref().or(self.envelope.as_ref())
    }

    /// Whether any recipient met `fate`.
    pub fn has(&self, fate: Fate) -> bool {
        self.fates_present & 1 << fate as u16 != 0
    }
}
