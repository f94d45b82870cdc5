//! What is counted of one name, and which name is worse.

use super::histogram::Histogram;
use crate::correlate::{Fate, FateCounts};
use crate::summary::Weight;

/// The counts of one name.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) messages: u64,
    pub(super) bytes: u64,
    pub(super) fates: FateCounts,
    pub(super) accepted_late: u64,
    pub(super) ever_deferred: u64,
    pub(super) hard: u64,
    pub(super) soft: u64,
    pub(super) blocked: u64,
    pub(super) tls_known: u64,
    pub(super) tls: u64,
    pub(super) delay: Histogram,
    /// Sums of the parts of delays, in microseconds.
    pub(super) parts: [u64; 4],
}

/// Why a recipient was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    Hard,
    Soft,
    Blocked,
}

/// What became of one recipient.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub(super) fate: Fate,
    pub(super) deferred: bool,
    /// For who was given up.
    pub(super) loss: Loss,
    /// For who was accepted; microseconds.
    pub(super) delay: Option<u64>,
    pub(super) parts: Option<[u64; 4]>,
    pub(super) tls: Option<bool>,
}

impl Group {
    pub(super) fn message(&mut self, bytes: u64) {
        self.messages += 1;
        self.bytes += bytes;
    }

    pub(super) fn recipient(&mut self, outcome: &Outcome) {
        self.fates.add(outcome.fate, 1);
        self.ever_deferred += u64::from(outcome.deferred);
        match outcome.fate {
            Fate::Delivered => self.accepted(outcome),
            Fate::Bounced | Fate::Expired => match outcome.loss {
                Loss::Hard => self.hard += 1,
                Loss::Soft => self.soft += 1,
                Loss::Blocked => self.blocked += 1,
            },
            _ => {}
        }
    }

    fn accepted(&mut self, outcome: &Outcome) {
        self.accepted_late += u64::from(outcome.deferred);
        self.tls_known += u64::from(outcome.tls.is_some());
        self.tls += u64::from(outcome.tls == Some(true));
        if let Some(delay) = outcome.delay {
            self.delay.add(delay);
        }
        for (sum, part) in self.parts.iter_mut().zip(outcome.parts.unwrap_or_default()) {
            *sum = sum.saturating_add(part);
        }
    }

    pub(super) fn recipients(&self) -> u64 {
        Fate::ALL.iter().map(|fate| self.fates.get(*fate)).sum()
    }

    pub(super) fn accepted_count(&self) -> u64 {
        self.fates.get(Fate::Delivered)
    }

    pub(super) fn given_up(&self) -> u64 {
        self.fates.get(Fate::Bounced) + self.fates.get(Fate::Expired)
    }

    pub(super) fn bad(&self) -> u64 {
        self.given_up() + self.fates.get(Fate::Queued)
    }

    /// How bad it is: by how many recipients more than in `all` mail were given up or still wait, times the
    /// recipients of all. So one bad of one does not go before 400 bad of 1000, and nobody is bad by being large.
    pub(super) fn badness(&self, all: &Self) -> i128 {
        let known = |group: &Self| i128::from(group.bad() + group.accepted_count());
        i128::from(self.bad()) * known(all) - known(self) * i128::from(all.bad())
    }
}

impl Weight for Group {
    fn weight(&self) -> u64 {
        self.messages + self.recipients()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(bad: u64, accepted: u64) -> Group {
        let mut group = Group::default();
        group.fates.add(Fate::Bounced, bad);
        group.fates.add(Fate::Delivered, accepted);
        group
    }

    #[test]
    fn what_fails_more_than_all_mail_is_worse() {
        // Best first.
        let order = [(0, 900), (50, 9000), (0, 1), (1, 99), (1, 1), (1, 0), (10, 2), (400, 600)];
        let all = order.iter().fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        let all = group(all.0, all.1);
        let bad: Vec<i128> =
            order.iter().map(|(bad, accepted)| group(*bad, *accepted).badness(&all)).collect();
        let mut sorted = bad.clone();
        sorted.sort_unstable();
        let of = |at: (u64, u64)| bad[order.iter().position(|one| *one == at).unwrap()];
        assert!(of((400, 600)) > of((10, 2)) && of((10, 2)) > of((1, 0)), "{bad:?}");
        assert!(of((1, 0)) > of((1, 1)) && of((0, 1)) < 0, "{bad:?}");
        assert!(of((50, 9000)) < of((0, 1)), "large and good: {bad:?}");
        assert_eq!(bad.iter().sum::<i128>(), 0, "what some fail more others fail less");
    }
}
