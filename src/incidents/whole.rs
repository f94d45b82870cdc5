//! The log as a whole: when there was one at all, how much mail went out and came in, and how long the queue was.
//!
//! In shares of an hour, all of the same length; where there are too many the length doubles, so that hours stay
//! whole numbers of them.

use super::course::Seconds;

/// Length of a share at first: a sixteenth of an hour.
const SHARE: Seconds = 225;
/// The most shares: six weeks of the shortest ones.
const MOST: usize = 1 << 14;

/// What happened in a share of an hour.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Share {
    /// Seconds since 1970 divided by the length.
    number: u32,
    /// Messages at their first attempt to leave.
    pub(super) demand: u32,
    /// Messages that strangers brought and we took.
    pub(super) accepted: u32,
    /// Of those, from clients without a name.
    pub(super) unnamed: u32,
    /// Messages that came into the queue.
    pub(super) came: u32,
    /// Messages of this log in the queue at the end.
    pub(super) level: u32,
}

/// The log as a whole.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    shares: Vec<Share>,
    length: Seconds,
    /// The share of the last line: its place, when it begins and when it ends.
    at: usize,
    begin: Seconds,
    end: Seconds,
    /// Times of the first and the last line; 0 before there is one.
    pub(super) first: Seconds,
    pub(super) last: Seconds,
}

impl Default for Whole {
    fn default() -> Self {
        Self { shares: Vec::new(), length: SHARE, at: 0, begin: 0, end: 0, first: 0, last: 0 }
    }
}

impl Whole {
    /// A line was written at that time; `level` is the length of the queue before it.
    pub(super) fn see(&mut self, time: Seconds, level: u32) {
        if self.shares.is_empty() {
            (self.first, self.last) = (time, time);
        }
        self.first = self.first.min(time);
        self.last = self.last.max(time);
        if (self.begin..self.end).contains(&time) {
            return;
        }
        let number = time / self.length;
        if let Some(share) = self.shares.get_mut(self.at) {
            share.level = level;
        }
        let at = match self.shares.binary_search_by_key(&number, |share| share.number) {
            Ok(at) => at,
            Err(at) => {
                self.shares.insert(at, Share { number, level, ..Share::default() });
                at
            }
        };
        self.stand_at(at);
        if self.shares.len() > MOST {
            self.widen();
            self.see(time, level);
        }
    }

    fn stand_at(&mut self, at: usize) {
        self.at = at;
        let number = self.shares.get(at).map_or(0, |share| share.number);
        self.begin = number.saturating_mul(self.length);
        self.end = self.begin.saturating_add(self.length);
    }

    /// The share of the last line.
    pub(super) fn now_mut(&mut self) -> Option<&mut Share> {
        self.shares.get_mut(self.at)
    }

    fn widen(&mut self) {
        self.length *= 2;
        for share in &mut self.shares {
            share.number /= 2;
        }
        self.shares.dedup_by(|next, kept| {
            let same = next.number == kept.number;
            if same {
                kept.demand = kept.demand.saturating_add(next.demand);
                kept.accepted = kept.accepted.saturating_add(next.accepted);
                kept.unnamed = kept.unnamed.saturating_add(next.unnamed);
                kept.came = kept.came.saturating_add(next.came);
                kept.level = next.level;
            }
            same
        });
        self.stand_at(self.shares.len().saturating_sub(1));
    }

    /// Length of a share in seconds.
    pub(super) const fn length(&self) -> Seconds {
        self.length
    }

    /// Shares of an hour in which there was a log, each with its begin.
    pub(super) fn shares(&self) -> impl DoubleEndedIterator<Item = (Seconds, &Share)> {
        self.shares.iter().map(|share| (share.number.saturating_mul(self.length), share))
    }

    /// Mail that strangers brought and we took between two moments, all and from clients without a name; of a share
    /// that is cut in proportion.
    pub(super) fn accepted(&self, from: Seconds, until: Seconds) -> (f64, f64) {
        let (mut all, mut unnamed) = (0.0, 0.0);
        for (begin, share) in self.shares() {
            let end = begin.saturating_add(self.length);
            let inside = end.min(until).saturating_sub(begin.max(from));
            let part = f64::from(inside) / f64::from(self.length);
            all += f64::from(share.accepted) * part;
            unnamed += f64::from(share.unnamed) * part;
        }
        (all, unnamed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_have_no_more_shares_than_weeks_and_lose_nothing() {
        let mut whole = Whole::default();
        for n in 0..400_000 {
            whole.see(1_794_182_400 + n * 200, 7);
            whole.now_mut().unwrap().accepted += 1;
        }
        assert!(whole.shares.len() <= MOST, "{} of {} s", whole.shares.len(), whole.length());
        assert_eq!(whole.shares().map(|(_, share)| share.accepted).sum::<u32>(), 400_000);
        let (all, _) = whole.accepted(0, Seconds::MAX);
        assert!((all - 400_000.0).abs() < 1e-6, "{all}");
        assert_eq!((whole.first, whole.last), (1_794_182_400, 1_794_182_400 + 399_999 * 200));
    }
}
