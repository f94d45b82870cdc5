//! Which messages were closed lately, for a content filter's answer that is logged late.
//!
//! Every message that ends is entered here, and few are ever asked for. So the hashes stand in a ring, where the oldest
//! is written over, and those that share a bucket are chained from the youngest to the oldest: to enter one touches
//! little memory, and nothing is ever taken out.

/// How many are remembered.
const MOST: u32 = 4096;
/// Few enough to stay near; a chain then has two of them.
const BUCKETS: usize = 2048;

/// Hashes of the keys closed last; nothing is allocated before the first one.
#[derive(Clone, Debug, Default)]
pub(super) struct RecentlyClosed {
    ring: Vec<Closed>,
    /// The number of the youngest of each bucket.
    youngest: Vec<u32>,
    /// How many were ever entered, which is the number of the last one. It may wrap: what then seems to be recent is
    /// still compared by its hash.
    ever: u32,
}

#[derive(Clone, Copy, Debug)]
struct Closed {
    hash: u64,
    /// The number of the next older one of its bucket.
    older: u32,
}

impl RecentlyClosed {
    pub(super) fn remember(&mut self, hash: u64) {
        if self.youngest.is_empty() {
            self.youngest = vec![0; BUCKETS];
        }
        let Some(youngest) = self.youngest.get_mut(bucket_of(hash)) else { return };
        let closed = Closed { hash, older: *youngest };
        match self.ring.get_mut((self.ever % MOST) as usize) {
            Some(place) => *place = closed,
            None => self.ring.push(closed),
        }
        self.ever = self.ever.wrapping_add(1);
        *youngest = self.ever;
    }

    pub(super) fn contains(&self, hash: u64) -> bool {
        let Some(mut number) = self.youngest.get(bucket_of(hash)).copied() else { return false };
        let age = |number: u32| self.ever.wrapping_sub(number);
        // What is as old as the ring is long was written over, and so was all that it led to.
        while age(number) < MOST {
            let place = number.wrapping_sub(1) % MOST;
            let Some(closed) = self.ring.get(place as usize) else { return false };
            if closed.hash == hash {
                return true;
            }
            if age(closed.older) <= age(number) {
                return false;
            }
            number = closed.older;
        }
        false
    }

    /// All of them, from the oldest to the youngest.
    pub(super) fn hashes(&self) -> impl Iterator<Item = u64> + '_ {
        let begin = if self.ring.len() < MOST as usize { 0 } else { (self.ever % MOST) as usize };
        let (young, old) = self.ring.split_at_checked(begin).unwrap_or((&self.ring, &[]));
        old.iter().chain(young).map(|closed| closed.hash)
    }
}

/// The highest bits, as hashes are mixed well.
fn bucket_of(hash: u64) -> usize {
    usize::try_from(hash >> (64 - BUCKETS.ilog2())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_known_and_no_others() {
        let spread = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // All in one bucket.
        let crowded = |n: u64| n;
        for (hash, ever) in [(spread as fn(u64) -> u64, 0), (crowded, 0), (spread, u32::MAX - 8191)]
        {
            let mut closed = RecentlyClosed { ever, ..RecentlyClosed::default() };
            assert!(!closed.contains(hash(1)));
            for n in 0..20_000 {
                closed.remember(hash(n));
                let first = (n + 1).saturating_sub(MOST.into());
                if n % 1999 == 0 || n == 4096 {
                    assert!(closed.hashes().eq((first..=n).map(hash)), "{n}");
                    assert!((first..=n).all(|known| closed.contains(hash(known))), "{n}");
                    assert!(first == 0 || !closed.contains(hash(first - 1)), "{n}");
                    assert!(!closed.contains(hash(n + 1)), "{n}");
                }
            }
        }
    }
}
