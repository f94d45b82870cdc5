//! Counting by name with a bound on memory: exact up to a limit, then the largest names with a stated error.

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::cmp::Ordering;
use std::hash::{BuildHasher, Hasher};

/// Gives names their hashes. The seed is random, as strangers choose the names, and one for all tallies, so
/// that a name that is counted in several is hashed once.
#[derive(Clone, Debug, Default)]
pub struct Namer(RandomState);

impl Namer {
    /// A name with its hash.
    #[inline]
    pub fn name<'a>(&self, text: &'a str) -> Name<'a> {
        let mut hasher = self.0.build_hasher();
        hasher.write(text.as_bytes());
        Name { text, hash: hasher.finish() }
    }
}

/// A name to be counted.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    text: &'a str,
    hash: u64,
}

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
    entries: HashTable<Counted<V>>,
    limit: usize,
    error: u64,
}

#[derive(Clone, Debug)]
struct Counted<V> {
    hash: u64,
    name: Box<str>,
    value: V,
}

impl<V: Weight> Tally<V> {
    /// A tally of at most `limit` names.
    pub fn new(limit: usize) -> Self {
        Self { entries: HashTable::new(), limit: limit.max(2), error: 0 }
    }

    /// The value of a name, made if it is new. All names of a tally must come from one [`Namer`].
    #[inline]
    pub fn entry(&mut self, name: Name<'_>) -> &mut V {
        let is = |counted: &Counted<V>| *counted.name == *name.text;
        if self.entries.len() >= self.limit && self.entries.find(name.hash, is).is_none() {
            self.make_room();
        }
        let entry = self.entries.entry(name.hash, is, |counted| counted.hash);
        let new = || Counted { hash: name.hash, name: name.text.into(), value: V::default() };
        &mut entry.or_insert_with(new).into_mut().value
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
        self.first(self.len(), |a, b| b.weight().cmp(&a.weight()))
    }

    /// The first `count` names by `order`, then by name.
    pub fn first(&self, count: usize, order: impl Fn(&V, &V) -> Ordering) -> Vec<(&str, &V)> {
        let mut all: Vec<_> = self.entries.iter().map(|c| (&*c.name, &c.value)).collect();
        let order = |a: &(&str, &V), b: &(&str, &V)| order(a.1, b.1).then_with(|| a.0.cmp(b.0));
        first_of(&mut all, count, order);
        all.sort_unstable_by(order);
        all
    }

    #[cold]
    fn make_room(&mut self) {
        let keep = self.limit / 2;
        let mut all: Vec<Counted<V>> = self.entries.drain().collect();
        let rest = first_of(&mut all, keep, |a, b| {
            b.value.weight().cmp(&a.value.weight()).then_with(|| a.name.cmp(&b.name))
        });
        let heaviest = rest.iter().map(|counted| counted.value.weight()).max();
        self.error = self.error.max(heaviest.unwrap_or(0));
        for counted in all {
            self.entries.insert_unique(counted.hash, counted, |counted| counted.hash);
        }
    }
}

/// Keeps the `count` first ones by `order`, themselves in no order; gives the rest.
fn first_of<T>(all: &mut Vec<T>, count: usize, order: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    if count >= all.len() {
        return Vec::new();
    }
    all.select_nth_unstable_by(count, order);
    all.split_off(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_up_to_the_limit() {
        let (mut tally, names) = (Tally::<u64>::new(4), Namer::default());
        for name in ["a", "b", "a", "c", "d", "a"] {
            *tally.entry(names.name(name)) += 1;
        }
        assert_eq!(tally.error(), 0);
        assert_eq!(tally.by_weight(), [("a", &3), ("b", &1), ("c", &1), ("d", &1)]);
    }

    #[test]
    fn beyond_the_limit_the_error_bounds_every_count() {
        let (mut tally, names) = (Tally::<u64>::new(8), Namer::default());
        let mut truth = std::collections::BTreeMap::<String, u64>::new();
        let mut state = 1_u64;
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let name =
                format!("n{}", (state >> 33).leading_zeros() * 7 % 40 + (state >> 60) as u32);
            *tally.entry(names.name(&name)) += 1;
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
