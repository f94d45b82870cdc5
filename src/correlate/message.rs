//! One open message: what is known of it until it ends.

use super::fate::Told;
use super::fate::{End, Fate, FateCounts, Finished, RecipientEnd};
use super::{Envelope, Place, Slot};
use crate::event::Entrance;
use compact_str::CompactString;
use foldhash::fast::FixedState;
use hashbrown::{HashSet, HashTable};
use smallvec::SmallVec;

bitflags::bitflags! {
    /// Facts that are there or not.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) struct Flags: u16 {
        /// Its arrival is in the log.
        const BORN = 1;
        /// It was in the active queue (Exim: it was accepted).
        const QUEUED = 2;
        /// A delivery attempt or a disposal is in the log.
        const TRIED = 4;
        /// This server's own DSN.
        const NOTIFICATION = 8;
        /// On hold or frozen.
        const HELD = 16;
        /// Thrown away as a whole.
        const DISCARDED = 32;
        /// A content filter's message that ended before we learned of the link counts for this one.
        const COUNTED_BY_CHILD = 64;
        /// The message that it is a re-injection of was deferred on its way to the filter.
        const DEFERRED_BEFORE = 128;
        /// A line about it was selected, or about what a content filter made of it.
        const SELECTED = 256;
        /// Its arrival was selected, and with it all recipients.
        const WHOLLY_SELECTED = 512;
        /// Postfix has told its Message-ID, which it does while it takes the message.
        const NAMED = 1024;
    }
}

/// A recipient: who (a hash), where it stands, and the rows it was counted in.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts of one recipient")]
pub(super) struct Recipient {
    pub(super) hash: u64,
    rows: [u16; 5],
    /// The row of the cause that it last failed with.
    pub(super) cause: u16,
    pub(super) fate: Fate,
    pub(super) ever_deferred: bool,
    /// It was in the queue, deferred, when this run began.
    pub(super) deferred_earlier: bool,
    /// It was there when this run began.
    pub(super) carried: bool,
    /// Its end came in a run before, and nothing was heard of it in this one.
    pub(super) told: bool,
    /// It was deferred in this run.
    pub(super) deferred_now: bool,
    /// A line about it was selected.
    pub(super) selected: bool,
}

pub(super) const NO_ROW: u16 = u16::MAX;

#[derive(Clone, Debug)]
pub(super) struct Message {
    /// Its queue id; nothing when a run before saw the end.
    pub(super) id: Option<CompactString>,
    /// Hash of its place and queue id, by which it stands in the table until it ends.
    pub(super) hash: u64,
    pub(super) place: Place,
    /// Log time of its last line, seconds since 1970.
    pub(super) last: i64,
    pub(super) size: u64,
    /// The most recipients that `nrcpt=` told.
    pub(super) expected: u32,
    pub(super) entrance: Entrance,
    pub(super) flags: Flags,
    /// The message that a content filter made this one of.
    pub(super) parent: Option<Slot>,
    /// How many messages a content filter made of it that have not ended.
    pub(super) children: u32,
    pub(super) child_fates: u16,
    pub(super) end: Option<End>,
    pub(super) recipients: SmallVec<[Recipient; 1]>,
    pub(super) rows: SmallVec<[u16; 4]>,
    more: Option<Box<More>>,
}

/// What few messages need: those with many recipients, or with recipients that met many replies.
#[derive(Clone, Debug, Default)]
struct More {
    /// Places of the recipients by their hashes; empty while there are few of them.
    places: HashTable<u32>,
    /// (recipient, row) pairs for which a recipient's own places did not suffice.
    rows: HashSet<(u32, u16), FixedState>,
}

/// So many recipients are looked through one by one.
const FEW: usize = 32;

impl Message {
    pub(super) fn new(now: i64) -> Self {
        Self {
            id: None,
            hash: 0,
            place: Place::default(),
            last: now,
            size: 0,
            expected: 0,
            entrance: Entrance::Smtp,
            flags: Flags::empty(),
            parent: None,
            children: 0,
            child_fates: 0,
            end: None,
            recipients: SmallVec::new(),
            rows: SmallVec::new(),
            more: None,
        }
    }

    /// The recipient of this hash, made if it is new.
    pub(super) fn recipient(&mut self, hash: u64) -> usize {
        if let Some(index) = self.place_of(hash) {
            return index;
        }
        let index = self.recipients.len();
        self.recipients.push(Recipient {
            hash,
            rows: [NO_ROW; 5],
            cause: NO_ROW,
            fate: Fate::Queued,
            ever_deferred: false,
            deferred_earlier: false,
            carried: false,
            told: false,
            deferred_now: false,
            selected: false,
        });
        if index >= FEW {
            self.enter_places();
        }
        index
    }

    #[inline]
    fn place_of(&self, hash: u64) -> Option<usize> {
        if self.recipients.len() <= FEW {
            return self.recipients.iter().position(|r| r.hash == hash);
        }
        let is = |place: &u32| self.recipients.get(*place as usize).is_some_and(|r| r.hash == hash);
        self.more.as_ref()?.places.find(hash, is).map(|place| *place as usize)
    }

    /// Enters the recipients that are not there yet in the table of places.
    fn enter_places(&mut self) {
        let places = &mut self.more.get_or_insert_default().places;
        let recipients = &self.recipients;
        let hash_of = |place: &u32| recipients.get(*place as usize).map_or(0, |r| r.hash);
        for (index, recipient) in recipients.iter().enumerate().skip(places.len()) {
            let place = u32::try_from(index).unwrap_or(u32::MAX);
            places.insert_unique(recipient.hash, place, hash_of);
        }
    }

    pub(super) fn set_fate(&mut self, index: usize, fate: Fate) {
        if let Some(recipient) = self.recipients.get_mut(index) {
            recipient.ever_deferred |= fate == Fate::Queued;
            recipient.deferred_now |= fate == Fate::Queued;
            recipient.told = false;
            recipient.fate = fate;
        }
    }

    /// A line about the message was selected; about this recipient, where it names one.
    pub(super) fn select(&mut self, recipient: Option<usize>) {
        self.flags.insert(Flags::SELECTED);
        if let Some(recipient) = recipient.and_then(|index| self.recipients.get_mut(index)) {
            recipient.selected = true;
        }
    }

    /// A line about the message as a whole: everyone who is still in the queue meets `fate`. Gives the rows of
    /// the causes that they last failed with, one for each.
    pub(super) fn settle_open_recipients(
        &mut self,
        fate: Fate,
        selected: bool,
    ) -> SmallVec<[u16; 4]> {
        let mut causes = SmallVec::new();
        for recipient in self.recipients.iter_mut().filter(|r| r.fate == Fate::Queued) {
            recipient.ever_deferred = true;
            recipient.fate = fate;
            recipient.selected |= selected;
            causes.push(recipient.cause);
        }
        causes
    }

    /// The row of the cause that a recipient last failed with.
    pub(super) fn cause_of(&self, index: usize) -> u16 {
        self.recipients.get(index).map_or(NO_ROW, |r| r.cause)
    }

    /// A recipient failed with the cause of a row.
    pub(super) fn set_cause(&mut self, index: usize, row: u16) {
        if let Some(recipient) = self.recipients.get_mut(index) {
            recipient.cause = row;
        }
    }

    /// Whether a Message-ID that Postfix tells now under its queue id is that of another message. Only of a bounce
    /// no other line says so.
    ///
    /// It is told while the message is taken: what is in the queue has been told before, or came before the log begins.
    /// The line may be overtaken by those that follow it, but comes once; only a header that the message has twice is
    /// told twice, before there is anything else.
    pub(super) fn cannot_be_named_now(&self) -> bool {
        if self.flags.contains(Flags::NAMED) {
            return self.flags.intersects(Flags::QUEUED | Flags::TRIED);
        }
        // Headers are looked at in the order in which they come: the one that puts it aside may be the first.
        let begun = Flags::BORN | Flags::HELD | Flags::DISCARDED;
        self.flags.contains(Flags::TRIED) && !self.flags.intersects(begun)
    }

    pub(super) fn was_deferred(&self) -> bool {
        self.recipients.iter().any(|r| r.ever_deferred)
    }

    /// Enters the message in a row; whether it is new there.
    pub(super) fn enter(&mut self, row: u16) -> bool {
        if self.rows.contains(&row) {
            return false;
        }
        self.rows.push(row);
        true
    }

    /// Enters a recipient in a row; whether it is new there.
    pub(super) fn enter_recipient(&mut self, index: usize, row: u16) -> bool {
        let Some(recipient) = self.recipients.get_mut(index) else { return false };
        // They are filled in their order.
        for place in &mut recipient.rows {
            if *place == row {
                return false;
            }
            if *place == NO_ROW {
                *place = row;
                return true;
            }
        }
        let pair = (u32::try_from(index).unwrap_or(u32::MAX), row);
        self.more.get_or_insert_default().rows.insert(pair)
    }

    /// The rows that a recipient was entered in, in an order that depends on nothing but them.
    pub(super) fn rows_of(&self, index: usize) -> Vec<u16> {
        let Some(recipient) = self.recipients.get(index) else { return Vec::new() };
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let more = self.more.iter().flat_map(|more| &more.rows);
        let mut rows: Vec<u16> = more.filter(|(of, _)| *of == index).map(|(_, row)| *row).collect();
        rows.sort_unstable();
        rows.splice(..0, recipient.rows.iter().copied().filter(|row| *row != NO_ROW));
        rows
    }

    /// What became of a recipient of a message that ended so.
    fn end_of(&self, recipient: &Recipient, end: End) -> RecipientEnd {
        let fate = match (recipient.fate, end) {
            (Fate::Queued, End::Removed) => Fate::Removed,
            (Fate::Queued, End::Done | End::Superseded | End::TimedOut) => Fate::Unknown,
            (Fate::Queued, _) if self.flags.contains(Flags::HELD) => Fate::Held,
            (fate, _) => fate,
        };
        // Whoever was handed to a content filter is counted in the message that it made.
        let deferred = fate != Fate::HandedOver
            && (recipient.ever_deferred || self.flags.contains(Flags::DEFERRED_BEFORE));
        let selected = recipient.selected || self.flags.contains(Flags::WHOLLY_SELECTED);
        RecipientEnd { fate, deferred, selected }
    }

    /// What became of each recipient, by its number.
    pub(super) fn ends(&self, end: End) -> SmallVec<[RecipientEnd; 1]> {
        self.recipients.iter().map(|recipient| self.end_of(recipient, end)).collect()
    }

    /// The story as far as it is known; what became of each recipient is told by [`Message::ends`].
    pub(super) fn finish(&mut self, slot: Slot, envelope: Option<Envelope>) -> Finished {
        let end = self.end.unwrap_or(End::InputEnded);
        let mut fates = FateCounts::default();
        let (mut after_deferral, mut ever_deferred) = (0, 0);
        let (mut earlier_delivered, mut earlier_given_up) = (0, 0);
        let mut told = Told::default();
        let mut told_of = 0;
        let wholly = self.flags.contains(Flags::WHOLLY_SELECTED);
        for recipient in self.recipients.iter().filter(|r| wholly || r.selected) {
            let RecipientEnd { fate, deferred, .. } = self.end_of(recipient, end);
            fates.add(fate, 1);
            if recipient.deferred_earlier {
                earlier_delivered += u64::from(fate == Fate::Delivered);
                earlier_given_up += u64::from(matches!(fate, Fate::Bounced | Fate::Expired));
            }
            ever_deferred += u64::from(deferred);
            after_deferral += u64::from(deferred && fate == Fate::Delivered);
            told.ever_deferred +=
                u64::from(deferred && recipient.carried && !recipient.deferred_now);
            if recipient.told {
                told_of += 1;
                told.recipients.add(fate, 1);
                told.delivered_after_deferral += u64::from(deferred && fate == Fate::Delivered);
            }
        }
        let incomplete = matches!(end, End::Refused | End::Cancelled)
            && !self.flags.contains(Flags::DISCARDED)
            || !self.flags.intersects(Flags::QUEUED | Flags::TRIED | Flags::HELD)
                && !matches!(end, End::Done | End::Removed);
        let mut untried = 0;
        if end == End::InputEnded && !incomplete && wholly {
            // In the queue, but no attempt in the log yet.
            let known = u32::try_from(self.recipients.len()).unwrap_or(u32::MAX);
            untried = u64::from(self.expected.saturating_sub(known));
            let fate = if self.flags.contains(Flags::HELD) { Fate::Held } else { Fate::Queued };
            fates.add(fate, untried);
        }
        told.is_all = untried == 0 && told_of > 0 && told_of == self.recipients.len();
        Finished {
            slot,
            queue_id: self.id.take(),
            told,
            envelope,
            end,
            entrance: self.entrance,
            notification: self.flags.contains(Flags::NOTIFICATION),
            born: self.flags.contains(Flags::BORN),
            reinjected: self.parent.is_some() || self.flags.contains(Flags::COUNTED_BY_CHILD),
            incomplete,
            held: self.flags.contains(Flags::HELD),
            selected: self.flags.contains(Flags::SELECTED),
            size: self.size,
            parent: self.parent,
            origin: None,
            recipients: SmallVec::new(),
            untried,
            fates,
            fates_present: fates.present() | self.child_fates,
            delivered_after_deferral: after_deferral,
            ever_deferred,
            host: self.place.host,
            last: self.last,
            earlier_delivered,
            earlier_given_up,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_message_stays_small() {
        let entry = size_of::<Option<Message>>() + size_of::<u32>() + 2;
        assert!(entry <= 160, "{entry} bytes");
    }

    #[test]
    fn a_recipient_is_the_same_one_however_many_there_are() {
        let mut message = Message::new(0);
        let scattered = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for round in 0..2 {
            for n in 0..1000 {
                let index = message.recipient(scattered(n));
                assert_eq!(index as u64, n, "round {round}");
            }
        }
    }

    #[test]
    fn a_recipient_is_new_in_a_row_once() {
        let mut message = Message::new(0);
        let a = message.recipient(1);
        let news: Vec<bool> = [7, 8, 7, 9, 10, 10, 8, 11, 12, 13, 12, 13]
            .iter()
            .map(|row| message.enter_recipient(a, *row))
            .collect();
        assert_eq!(
            news,
            [true, true, false, true, true, false, false, true, true, true, false, false]
        );
    }
}
