//! What the audit has to remember of the recipients of open messages.

use super::group::{Loss, Outcome};
use super::{View, collect::LOCAL};
use crate::classify::Verdict;
use crate::correlate::{Fate, Finished, RecipientEnd, Slot};
use crate::event::{Event, Mta};
use crate::knowledge::Provider;
use crate::knowledge::provider::provider_of;
use crate::record::Record;
use crate::smtp::{Direction, Disposition, domain_of};
use crate::time::Time;
use compact_str::CompactString;
use smallvec::SmallVec;
use std::collections::BTreeSet;

/// Most bytes kept here for an open message, beside what the correlator and its envelope need.
pub const PER_MESSAGE: usize = 224;
/// Most bytes kept here for each further recipient, domains longer than 24 bytes apart.
pub const PER_RECIPIENT: usize = 240;

/// Causes that are about our reputation.
const REPUTATION: [&str; 3] = ["ip-blocklisted", "provider-blocked", "domain-blocklisted"];

/// The side table, by the correlator's slots.
#[derive(Debug, Default)]
pub(super) struct OpenTable(Vec<Option<Box<Open>>>);

/// An open message.
#[derive(Debug, Default)]
pub(super) struct Open {
    pub(super) recipients: SmallVec<[Met; 1]>,
    /// Names of the messages that a content filter made of it and that have ended; the message counts once for each.
    pub(super) children: BTreeSet<(View, CompactString)>,
}

/// What a recipient met.
#[derive(Debug, Default)]
pub(super) struct Met {
    pub(super) domain: CompactString,
    pub(super) provider: &'static str,
    loss: Option<Loss>,
    tls: Option<bool>,
    accepted: Option<Time>,
    delay: Option<u64>,
    parts: Option<[u64; 4]>,
}

impl OpenTable {
    pub(super) fn at(&mut self, slot: Slot) -> &mut Open {
        let index = slot.index();
        if self.0.len() <= index {
            self.0.resize_with(index + 1, || None);
        }
        // Just made long enough.
        #[expect(clippy::indexing_slicing, reason = "resized above")]
        self.0[index].get_or_insert_default()
    }

    pub(super) fn take(&mut self, slot: Slot) -> Option<Box<Open>> {
        self.0.get_mut(slot.index())?.take()
    }
}

impl Open {
    pub(super) fn recipient(&mut self, index: usize) -> &mut Met {
        if self.recipients.len() <= index {
            self.recipients.resize_with(index + 1, Met::default);
        }
        // Just made long enough.
        #[expect(clippy::indexing_slicing, reason = "resized above")]
        &mut self.recipients[index]
    }
}

impl Met {
    /// An attempt for it.
    pub(super) fn attempt(&mut self, record: &Record<'_>, event: &Event<'_>) {
        if self.domain.is_empty()
            && let Some(domain) = event.recipient.and_then(domain_of)
        {
            self.domain = CompactString::new(domain);
            self.domain.make_ascii_lowercase();
        }
        match event.direction {
            Direction::Local => self.provider = LOCAL,
            Direction::Outbound => {
                let host = event.relay.and_then(|relay| relay.host);
                if let Some(provider) = provider_of(host, event.text).map(Provider::slug) {
                    self.provider = provider;
                }
            }
            Direction::Inbound => {}
        }
        if event.disposition == Some(Disposition::Delivered) {
            self.accepted = record.time;
            self.delay = event.delays.and_then(|delays| delays.total);
            self.parts = parts_of(event);
            self.tls = tls_of(record.mta, event);
        }
    }

    /// It failed.
    pub(super) fn failed(&mut self, verdict: &Verdict) {
        let slug = verdict.cause.slug();
        // The end of the lifetime says nothing of why; what it failed with before does.
        if slug == "expired" {
            return;
        }
        self.loss = Some(if REPUTATION.contains(&slug) {
            Loss::Blocked
        } else if verdict.hard {
            Loss::Hard
        } else {
            Loss::Soft
        });
    }

    /// What became of it.
    pub(super) fn outcome(&self, end: RecipientEnd, message: &Finished) -> Outcome {
        let loss = match (end.fate, self.loss) {
            (Fate::Expired, Some(Loss::Hard)) | (_, None) => Loss::Soft,
            (_, Some(loss)) => loss,
        };
        let arrived = message.came_from().and_then(crate::correlate::Envelope::arrived);
        // The delay that a message has had in a content filter is no part of what the last server logs.
        let own = message.envelope.as_ref().and_then(crate::correlate::Envelope::arrived);
        let before = match (message.parent, arrived, own) {
            (Some(_), Some(arrived), Some(own)) => since(arrived, own),
            _ => 0,
        };
        let delay = match (self.delay, arrived, self.accepted) {
            (Some(delay), _, _) => Some(delay.saturating_add(before)),
            (None, Some(arrived), Some(accepted)) => Some(since(arrived, accepted)),
            _ => None,
        };
        let parts = self.parts.map(|[first, queue, connect, send]| {
            [first.saturating_add(before), queue, connect, send]
        });
        Outcome { fate: end.fate, deferred: end.deferred, loss, delay, parts, tls: self.tls }
    }
}

fn since(from: Time, to: Time) -> u64 {
    u64::try_from(to.0.saturating_sub(from.0)).unwrap_or(0)
}

/// The four parts of a delay; Exim tells how long sending took, and the rest was in the queue.
fn parts_of(event: &Event<'_>) -> Option<[u64; 4]> {
    let delays = event.delays?;
    let parts = (delays.before_queue, delays.in_queue, delays.connect, delays.transmit);
    match parts {
        (Some(before), Some(queue), Some(connect), Some(send)) => {
            Some([before, queue, connect, send])
        }
        (None, None, None, Some(send)) => Some([0, delays.total?.saturating_sub(send), 0, send]),
        _ => None,
    }
}

/// Whether another server took it over TLS. Exim always tells; Postfix only where its lines have `tls=`.
fn tls_of(mta: Option<Mta>, event: &Event<'_>) -> Option<bool> {
    if event.direction != Direction::Outbound {
        return None;
    }
    match (mta, event.tls) {
        (_, Some(tls)) => Some(tls != "none"),
        (Some(Mta::Exim), None) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_message_is_as_small_as_is_said() {
        // The table of places may be twice as long as there are messages.
        let message = size_of::<Open>() + 2 * size_of::<Option<Box<Open>>>();
        assert!(message <= PER_MESSAGE, "{message}");
        assert!(2 * size_of::<Met>() <= PER_RECIPIENT, "{}", size_of::<Met>());
    }
}
