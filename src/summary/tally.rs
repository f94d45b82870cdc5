//! Counting by name with a bound on memory: exact up to a limit, then the largest names with a stated error.

use hashbrown::HashMap;

/// What a name is counted with: an order to keep the larger ones by, and a sum.
pub trait Weight: Default {
    /// How much the name weighs when room must be made.
    fn weight(&self) -> u64;
}

impl Weight for u64 {
    fn weight(&self) -> u64 {
        *self
    }
}

/// Values by name. Up to `limit` names everything is exact. A further name makes room by forgetting the
/// lighter half; from then on a name that was forgotten, or is new, may have been seen up to `error()` times
/// more than counted.
///
/// The outcome depends on the order of the names, never on hashing: ties are broken by name.
#[derive(Clone, Debug)]
pub struct Tally<V> {
    entries: HashMap<String, V>,
    limit: usize,
    error: u64,
}

impl<V: Weight> Tally<V> {
    /// A tally of at most `limit` names.
    pub fn new(limit: usize) -> Self {
        Self { entries: HashMap::new(), limit: limit.max(2), error: 0 }
    }

    /// The value of a name, made if it is new.
    pub fn entry(&mut self, name: &str) -> &mut V {
        if self.entries.len() >= self.limit && !self.entries.contains_key(name) {
            self.make_room();
        }
        self.entries.entry_ref(name).or_default()
    }

    /// How much any count may be short of the truth; 0 while everything is exact.
    pub fn error(&self) -> u64 {
        self.error
    }

    /// How many names are held.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The names by falling weight, then by name.
    pub fn by_weight(&self) -> Vec<(&str, &V)> {
        let mut all: Vec<(&str, &V)> = self.entries.iter().map(|(k, v)| (k.as_str(), v)).collect();
        all.sort_by(|a, b| b.1.weight().cmp(&a.1.weight()).then_with(|| a.0.cmp(b.0)));
        all
    }

    #[cold]
    fn make_room(&mut self) {
        let keep = self.limit / 2;
        let mut order: Vec<(u64, String)> =
            self.entries.iter().map(|(name, value)| (value.weight(), name.clone())).collect();
        order.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        for (weight, name) in order.into_iter().skip(keep) {
            self.error = self.error.max(weight);
            self.entries.remove(&name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_up_to_the_limit() {
        let mut tally = Tally::<u64>::new(4);
        for name in ["a", "b", "a", "c", "d", "a"] {
            *tally.entry(name) += 1;
        }
        assert_eq!(tally.error(), 0);
        assert_eq!(tally.by_weight(), [("a", &3), ("b", &1), ("c", &1), ("d", &1)]);
    }

    #[test]
    fn beyond_the_limit_the_error_bounds_every_count() {
        let mut tally = Tally::<u64>::new(8);
        let mut truth = std::collections::BTreeMap::<String, u64>::new();
        let mut state = 1_u64;
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let name =
                format!("n{}", (state >> 33).leading_zeros() * 7 % 40 + (state >> 60) as u32);
            *tally.entry(&name) += 1;
            *truth.entry(name).or_default() += 1;
        }
        assert!(tally.len() <= 8);
        assert!(tally.error() > 0);
        // A name may be forgotten several times, each time at most `error` lighter than counted.
        for (name, count) in tally.by_weight() {
            assert!(*count <= truth[name], "{name}");
        }
    }
}
