//! What one queue id's lines say, as they come.

use super::{KeyKind, Recipient, Step, Trace};
use crate::correlate::{End, Fate, Finished};
use crate::event::Mta;
use crate::time::Time;
use hashbrown::HashMap;

/// The story of one queue id, from its first line to its last.
#[derive(Debug, Default)]
pub(super) struct Story {
    pub(super) queue_id: String,
    pub(super) host: Option<String>,
    pub(super) mta: Option<Mta>,
    /// The facts that the key was found in.
    pub(super) found_by: Vec<KeyKind>,
    /// A line was selected by the filter.
    pub(super) selected: bool,
    /// Lines with their numbers in the order of reading.
    pub(super) steps: Vec<(u64, Step)>,
    pub(super) steps_left_out: u64,
    /// Numbers of its first and last line.
    pub(super) span: (u64, u64),
    pub(super) held: bool,
    /// What the correlator said at its end.
    pub(super) finished: Option<Finished>,
    recipients: Vec<Recipient>,
    places: HashMap<String, usize>,
    full: bool,
}

impl Story {
    pub(super) fn new(queue_id: &str, order: u64) -> Self {
        Self { queue_id: queue_id.to_owned(), span: (order, order), ..Self::default() }
    }

    /// Keeps a line, if there is room; gives its index.
    pub(super) fn keep(&mut self, order: u64, step: Step, room: &mut usize) -> Option<usize> {
        if self.steps.len() >= Trace::MOST_OF_ONE || *room == 0 {
            self.steps_left_out += 1;
            return None;
        }
        *room -= 1;
        self.steps.push((order, step));
        Some(self.steps.len() - 1)
    }

    /// An attempt for a recipient.
    pub(super) fn attempt(
        &mut self,
        address: &str,
        original: Option<&str>,
        fate: Option<Fate>,
        (tried, time, step): (u32, Option<Time>, Option<usize>),
    ) {
        let key = address.to_ascii_lowercase();
        let index = match self.places.get(&key) {
            Some(index) => *index,
            None if self.recipients.len() < Trace::MOST_OF_ONE => {
                self.places.insert(key, self.recipients.len());
                self.recipients.push(Recipient {
                    address: address.to_owned(),
                    original: original.map(str::to_owned),
                    fate: Fate::Queued,
                    tries: 0,
                    first: None,
                    last: None,
                    decided_by: None,
                });
                self.recipients.len() - 1
            }
            None => {
                self.full = true;
                return;
            }
        };
        let Some(recipient) = self.recipients.get_mut(index) else { return };
        recipient.tries = recipient.tries.saturating_add(tried);
        if tried > 0 {
            recipient.first = recipient.first.or(time);
            recipient.last = time.or(recipient.last);
        }
        if let Some(fate) = fate {
            recipient.fate = fate;
            recipient.decided_by = step.or(recipient.decided_by);
        }
    }

    /// A line about everybody who is still in the queue.
    pub(super) fn settle(&mut self, fate: Fate, step: Option<usize>) {
        for recipient in self.recipients.iter_mut().filter(|r| r.fate == Fate::Queued) {
            recipient.fate = fate;
            recipient.decided_by = step.or(recipient.decided_by);
        }
    }

    /// How it ended.
    pub(super) fn end(&self) -> End {
        self.finished.as_ref().map_or(End::InputEnded, |finished| finished.end)
    }

    /// The recipients with their fates at the end of the log.
    pub(super) fn recipients(&self) -> Vec<Recipient> {
        let end = self.end();
        let at_the_end = |fate: Fate| match (fate, end) {
            (Fate::Queued, End::Removed) => Fate::Removed,
            (Fate::Queued, End::InputEnded) if self.held => Fate::Held,
            (Fate::Queued, End::InputEnded) => Fate::Queued,
            (Fate::Queued, _) => Fate::Unknown,
            (fate, _) => fate,
        };
        let each = self.recipients.iter().cloned();
        each.map(|recipient| Recipient { fate: at_the_end(recipient.fate), ..recipient }).collect()
    }

    /// Recipients that there was no room for, and those that the log only counts.
    pub(super) fn unnamed(&self) -> (u64, u64) {
        let known = self.recipients.len() as u64;
        let fates = self.finished.as_ref().map(|finished| finished.fates).unwrap_or_default();
        let all: u64 = Fate::ALL.iter().map(|fate| fates.get(*fate)).sum();
        let rest = all.saturating_sub(known);
        if self.full { (rest, 0) } else { (0, rest) }
    }
}
