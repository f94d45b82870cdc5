//! What is remembered of an open message beside what the correlator knows: a place in a table by slots, without
//! an allocation of its own for a message with one recipient and short names.

use super::Failure;
use crate::classify::{CauseId, Party, Verdict};
use crate::correlate::{End, Finished, Slot};
use crate::event::{Event, Mta};
use crate::record::{Location, Record};
use crate::smtp::{EnhancedCode, ReplyCode};
use crate::time::Time;
use compact_str::CompactString;
use foldhash::fast::FixedState;
use smallvec::SmallVec;
use std::hash::BuildHasher;
use std::rc::Rc;

/// Most bytes that are kept here for an open message with one recipient, beside what the correlator needs, names
/// longer than 24 bytes and the texts of replies.
pub const PER_MESSAGE: usize = 112;
/// Most bytes that are kept for each further recipient.
pub const PER_RECIPIENT: usize = 2 * 64;

/// A moment, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment(i64);

impl Default for Moment {
    fn default() -> Self {
        Self(i64::MIN)
    }
}

impl Moment {
    pub(super) fn of(time: Option<Time>) -> Self {
        time.map_or_else(Self::default, |time| Self(time.0))
    }

    pub(super) fn time(self) -> Option<Time> {
        (self != Self::default()).then_some(Time(self.0))
    }
}

/// How much is known of the moment that a message came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Arrival {
    /// It was there at this moment.
    #[default]
    Before,
    /// A `delay=` tells it.
    Counted,
    /// A line does.
    Logged,
}

/// An open message.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// The envelope sender, empty for the null sender.
    pub(super) sender: Option<CompactString>,
    since: Moment,
    arrival: Arrival,
    pub(super) mta: Option<Mta>,
    pub(super) recipients: SmallVec<[Waiting; 1]>,
}

/// A recipient.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) address: CompactString,
    pub(super) last: Moment,
    pub(super) tries: u32,
    pub(super) told: Option<Told>,
}

/// Why its last attempt failed.
#[derive(Debug)]
pub(super) struct Told {
    line: u64,
    pub(super) why: Rc<Why>,
    source: u32,
}

/// What was said, and what it means.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Why {
    pub(super) text: Box<str>,
    pub(super) cause: CauseId,
    /// The receiving provider's stable word.
    pub(super) provider: Option<&'static str>,
    pub(super) code: Option<ReplyCode>,
    pub(super) enhanced: Option<EnhancedCode>,
    pub(super) party: Option<Party>,
}

impl Open {
    /// The moment since which it is known to be there, and whether it came in then.
    pub(super) fn since(&self) -> (Option<Time>, bool) {
        (self.since.time(), self.arrival != Arrival::Before && self.since.time().is_some())
    }

    /// A line tells when it came in. What was logged is not told better by what somebody counted.
    pub(super) fn arrived(&mut self, time: Option<Time>, how: Arrival) {
        if time.is_some() && (how == Arrival::Logged || self.arrival == Arrival::Before) {
            self.since = Moment::of(time);
            self.arrival = how;
        }
    }

    /// Whether a line told when it came in.
    pub(super) fn arrival_is_logged(&self) -> bool {
        self.arrival == Arrival::Logged
    }

    /// Postfix says the sender again at each retry.
    pub(super) fn sent_by(&mut self, sender: &str) {
        if self.sender.as_deref() != Some(sender) {
            self.sender = Some(CompactString::new(sender));
        }
    }

    /// The recipient of this number.
    pub(super) fn recipient(&mut self, index: usize, address: &str) -> &mut Waiting {
        if self.recipients.len() <= index {
            self.recipients.resize_with(index + 1, Waiting::default);
        }
        // Just made long enough.
        #[expect(clippy::indexing_slicing, reason = "resized above")]
        let waiting = &mut self.recipients[index];
        if waiting.address.is_empty() {
            waiting.address = CompactString::new(address);
        }
        waiting
    }
}

impl Told {
    pub(super) fn new(
        record: &Record<'_>,
        event: &Event<'_>,
        verdict: &Verdict,
        lately: &mut Lately,
    ) -> Self {
        let why = Why {
            text: beginning(event.text).into(),
            cause: verdict.cause,
            provider: record.provider,
            code: event.code,
            enhanced: event.enhanced,
            party: verdict.party,
        };
        Self { line: record.at.line, source: record.at.source, why: lately.shared(why) }
    }

    pub(super) fn at(&self) -> Location {
        Location { source: self.source, line: self.line }
    }
}

/// The first [`Failure::TEXT`] bytes, cut between characters.
fn beginning(text: &str) -> &str {
    let end = (0..=text.len().min(Failure::TEXT)).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// What was said lately: when a destination is down, thousands are told the same.
#[derive(Debug, Default)]
pub(super) struct Lately {
    /// By hash of the text; each takes the place of the one before.
    known: Vec<Option<Rc<Why>>>,
}

impl Lately {
    const PLACES: usize = 4096;

    fn shared(&mut self, why: Why) -> Rc<Why> {
        if self.known.is_empty() {
            self.known.resize(Self::PLACES, None);
        }
        let hash = FixedState::default().hash_one(&why.text);
        let place = usize::try_from(hash % Self::PLACES as u64).unwrap_or(0);
        let Some(place) = self.known.get_mut(place) else { return Rc::new(why) };
        match place {
            Some(known) if **known == why => Rc::clone(known),
            _ => Rc::clone(place.insert(Rc::new(why))),
        }
    }
}

/// The open messages by the correlator's slots.
#[derive(Debug, Default)]
pub(super) struct OpenTable {
    by_slot: Vec<Option<Open>>,
    lately: Lately,
    /// Messages whose end is not known.
    pub(super) lost_track: u64,
}

impl OpenTable {
    /// The message in a slot, and what was said lately.
    pub(super) fn at(&mut self, slot: Slot, record: &Record<'_>) -> (&mut Open, &mut Lately) {
        let index = slot.index();
        if self.by_slot.len() <= index {
            self.by_slot.resize_with(index + 1, || None);
        }
        // Just made long enough.
        #[expect(clippy::indexing_slicing, reason = "resized above")]
        let open = self.by_slot[index].get_or_insert_with(|| Open {
            mta: record.mta,
            since: Moment::of(record.time),
            ..Open::default()
        });
        (open, &mut self.lately)
    }

    pub(super) fn take(&mut self, slot: Slot) -> Option<Open> {
        self.by_slot.get_mut(slot.index())?.take()
    }

    /// A message has ended.
    pub(super) fn forget(&mut self, message: &Finished) {
        self.take(message.slot);
        let lost = matches!(message.end, End::Superseded | End::TimedOut);
        if lost && !message.incomplete && message.selected {
            self.lost_track += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_message_is_as_small_as_is_said() {
        assert!(size_of::<Option<Open>>() <= PER_MESSAGE, "{}", size_of::<Option<Open>>());
        // A vector may be twice as long as what is in it.
        assert!(2 * size_of::<Waiting>() <= PER_RECIPIENT, "{}", size_of::<Waiting>());
    }

    #[test]
    fn what_is_said_again_is_kept_once() {
        let why = |text: &str, code| Why {
            text: text.into(),
            cause: CauseId::UNKNOWN,
            provider: None,
            code: ReplyCode::new(code),
            enhanced: None,
            party: None,
        };
        let mut lately = Lately::default();
        let one = lately.shared(why("a", 450));
        assert!(Rc::ptr_eq(&one, &lately.shared(why("a", 450))));
        assert!(!Rc::ptr_eq(&one, &lately.shared(why("a", 451))), "another code");
        assert_eq!(*lately.shared(why("b", 450)), why("b", 450));
        for n in 0..20_000 {
            lately.shared(why(&n.to_string(), 450));
        }
        assert_eq!(lately.known.len(), Lately::PLACES);
    }
}
