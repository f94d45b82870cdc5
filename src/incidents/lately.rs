//! What was seen lately, by hash, in a bounded room: two generations, of which the older one is forgotten when the
//! younger one is full.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// The most things in a generation.
const MOST: usize = 28 << 10;

/// Values by the hashes of what they belong to.
#[derive(Clone, Debug)]
pub(super) struct Lately<V> {
    young: HashMap<u64, V, FixedState>,
    old: HashMap<u64, V, FixedState>,
}

impl<V> Default for Lately<V> {
    fn default() -> Self {
        Self { young: HashMap::default(), old: HashMap::default() }
    }
}

impl<V> Lately<V> {
    pub(super) fn insert(&mut self, hash: u64, value: V) {
        if self.young.len() >= MOST && !self.young.contains_key(&hash) {
            // What held the old ones holds the young ones now: to grow again would take as long as all the rest.
            std::mem::swap(&mut self.old, &mut self.young);
            self.young.clear();
        }
        self.young.insert(hash, value);
    }

    pub(super) fn contains(&self, hash: u64) -> bool {
        self.young.contains_key(&hash) || self.old.contains_key(&hash)
    }

    pub(super) fn remove(&mut self, hash: u64) -> Option<V> {
        let old = self.old.remove(&hash);
        self.young.remove(&hash).or(old)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten_first_and_there_are_never_too_many() {
        let mut lately = Lately::default();
        for hash in 0..3 * MOST as u64 {
            lately.insert(hash, hash);
        }
        assert!(lately.young.len() + lately.old.len() <= 2 * MOST);
        assert!(!lately.contains(0) && lately.contains(3 * MOST as u64 - 1));
        assert_eq!(lately.remove(3 * MOST as u64 - 1), Some(3 * MOST as u64 - 1));
        assert!(!lately.contains(3 * MOST as u64 - 1));
    }
}
