//! The numbers of a digest's tables. All are sums, so that digests add up.

use crate::correlate::{Fate, Finished};

macro_rules! counts {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: u64,)+ }

        impl $name {
            /// The names of the fields, in the order of [`Self::values`].
            pub const NAMES: &'static [&'static str] = &[$(stringify!($field),)+];

            /// All of them.
            pub fn values(&self) -> Vec<u64> {
                vec![$(self.$field,)+]
            }

            /// From [`Self::values`]; `None` for another number of values.
            pub fn of_values(values: &[u64]) -> Option<Self> {
                let mut values = values.iter().copied();
                let counts = Self { $($field: values.next()?,)+ };
                values.next().is_none().then_some(counts)
            }

            /// Adds others.
            pub fn add(&mut self, other: &Self) {
                $(self.$field = self.$field.saturating_add(other.$field);)+
            }
        }
    };
}

counts! {
    /// Answers and failures of one kind, as the report's rows count them.
    RowCounts {
        /// Lines about attempts for one recipient, or refusals.
        lines,
        /// Lines that tell one host's reply in passing.
        passing,
        /// Messages that first met this cause here. (0 for what did not fail.)
        messages,
        /// Recipients of theirs that first met this cause here.
        recipients,
        /// Messages that first met this code here.
        code_messages,
        /// Recipients of theirs that first met this code here.
        code_recipients,
    }
}

counts! {
    /// Traffic. Lines, unless it says otherwise.
    TrafficCounts {
        /// Delivery attempts for one recipient.
        attempts,
        /// Of these, delivered (hand-over to a content filter included).
        delivered,
        /// Of these, deferred.
        deferred,
        /// Of these, bounced.
        bounced,
        /// Of these, given up after the queue lifetime.
        expired,
        /// Of these, handed over to a content filter that brought the message back.
        handed_over,
        /// Refusals of ours.
        rejected,
        /// Failed logins of clients.
        login_failures,
        /// Messages that came into the queue: inbound by SMTP, local otherwise.
        received,
        /// Messages that were first tried in this direction here.
        messages,
        /// Recipients of theirs that were first tried in this direction here.
        recipients,
        /// Recipients that were first tried at this provider here.
        provider_recipients,
    }
}

counts! {
    /// Messages, and recipients by what became of them.
    MailCounts {
        /// Messages.
        messages,
        /// Sum of the sizes known, bytes.
        bytes,
        /// Messages whose arrival is not in the log.
        began_before,
        /// Messages whose end the log does not show.
        lost_track,
        /// Messages that a content filter brought back; not in `messages`.
        reinjected,
        /// Transactions that left no message; not in `messages`.
        incomplete,
        /// Recipients that were deferred and then delivered.
        delivered_after_deferral,
        /// Recipients that were deferred at least once.
        ever_deferred,
        /// Recipients delivered.
        delivered,
        /// Recipients in the queue.
        queued,
        /// Recipients bounced.
        bounced,
        /// Recipients given up after the queue lifetime.
        expired,
        /// Recipients whose message was thrown away.
        discarded,
        /// Recipients whose message is on hold.
        held,
        /// Recipients whose message an administrator removed.
        removed,
        /// Recipients of whom the log does not tell the end.
        unknown,
        /// Recipients handed over to a content filter, and counted behind it.
        handed_over,
        /// Messages with a recipient delivered.
        messages_delivered,
        /// Messages with a recipient in the queue.
        messages_queued,
        /// Messages with a recipient bounced.
        messages_bounced,
        /// Messages with a recipient given up after the queue lifetime.
        messages_expired,
        /// Messages thrown away.
        messages_discarded,
        /// Messages on hold.
        messages_held,
        /// Messages removed by an administrator.
        messages_removed,
        /// Messages with a recipient of whom the log does not tell the end.
        messages_unknown,
    }
}

impl MailCounts {
    /// Recipients with a fate.
    pub const fn recipients_of(&self, fate: Fate) -> u64 {
        match fate {
            Fate::Delivered => self.delivered,
            Fate::Queued => self.queued,
            Fate::Bounced => self.bounced,
            Fate::Expired => self.expired,
            Fate::Discarded => self.discarded,
            Fate::Held => self.held,
            Fate::Removed => self.removed,
            Fate::Unknown => self.unknown,
            Fate::HandedOver => self.handed_over,
        }
    }

    /// Messages with a recipient of a fate.
    pub const fn messages_of(&self, fate: Fate) -> u64 {
        match fate {
            Fate::Delivered => self.messages_delivered,
            Fate::Queued => self.messages_queued,
            Fate::Bounced => self.messages_bounced,
            Fate::Expired => self.messages_expired,
            Fate::Discarded => self.messages_discarded,
            Fate::Held => self.messages_held,
            Fate::Removed => self.messages_removed,
            Fate::Unknown => self.messages_unknown,
            Fate::HandedOver => 0,
        }
    }

    /// All recipients but those that are counted behind a content filter.
    pub fn recipients(&self) -> u64 {
        let fates = Fate::ALL.iter().filter(|fate| **fate != Fate::HandedOver);
        fates.fold(0, |sum, fate| sum.saturating_add(self.recipients_of(*fate)))
    }

    /// One message.
    pub(super) fn of(message: &Finished) -> Self {
        use crate::correlate::End;
        let mut counts = Self::default();
        if message.incomplete {
            counts.incomplete = 1;
            return counts;
        }
        let lost = matches!(message.end, End::Superseded | End::TimedOut);
        counts.lost_track = u64::from(lost);
        let fates = &message.fates;
        counts.delivered = fates.get(Fate::Delivered);
        counts.queued = fates.get(Fate::Queued);
        counts.bounced = fates.get(Fate::Bounced);
        counts.expired = fates.get(Fate::Expired);
        counts.discarded = fates.get(Fate::Discarded);
        counts.held = fates.get(Fate::Held);
        counts.removed = fates.get(Fate::Removed);
        counts.unknown = fates.get(Fate::Unknown);
        counts.handed_over = fates.get(Fate::HandedOver);
        counts.delivered_after_deferral = message.delivered_after_deferral;
        counts.ever_deferred = message.ever_deferred;
        if message.reinjected {
            counts.reinjected = 1;
            return counts;
        }
        counts.messages = 1;
        counts.bytes = message.size;
        counts.began_before = u64::from(!message.born);
        let has = |fate| u64::from(message.has(fate));
        counts.messages_delivered = has(Fate::Delivered);
        counts.messages_queued = has(Fate::Queued);
        counts.messages_bounced = has(Fate::Bounced);
        counts.messages_expired = has(Fate::Expired);
        counts.messages_discarded = has(Fate::Discarded);
        counts.messages_held = has(Fate::Held);
        counts.messages_removed = has(Fate::Removed);
        counts.messages_unknown = has(Fate::Unknown);
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back() {
        let values: Vec<u64> = (1..=MailCounts::NAMES.len() as u64).collect();
        let counts = MailCounts::of_values(&values).unwrap();
        assert_eq!(counts.values(), values);
        assert_eq!(MailCounts::of_values(&values[1..]), None);
        assert_eq!(MailCounts::of_values(&[&values[..], &[1]].concat()), None);
    }
}
