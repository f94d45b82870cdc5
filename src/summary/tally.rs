//! Counting by name with a bound on memory: exact up to a limit, then the largest names with a stated error.

use crate::smtp::has_upper_case;
use foldhash::quality::RandomState;
use hashbrown::HashTable;
use std::cmp::Ordering;
use std::hash::{BuildHasher, Hasher};

/// Gives names their hashes. The seed is random, as strangers choose the names, so nobody can write two that are taken
/// for one another: a tally tells names apart by their hashes. It is one for all tallies, so that a name that is
/// counted in several is hashed once.
#[derive(Clone, Debug, Default)]
pub struct Namer(RandomState);

impl Namer {
    /// A name with its hash.
    #[inline]
    pub fn name<'a>(&self, text: &'a str) -> Name<'a> {
        let text = not_too_long(text);
        let mut hasher = self.0.build_hasher();
        hasher.write(text.as_bytes());
        Name { text, hash: hasher.finish() }
    }

    /// The hash of a name whose case does not matter: that of its lower case.
    #[inline]
    pub(crate) fn hash_in_lower_case(&self, text: &str) -> u64 {
        if has_upper_case(text) {
            return self.name(&text.to_ascii_lowercase()).hash;
        }
        self.name(text).hash
    }
}

/// Names of hosts and domains have at most 253 bytes; what is longer was made to fill memory, and is cut.
const LONGEST: usize = 512;

#[inline]
fn not_too_long(text: &str) -> &str {
    if text.len() > LONGEST { begin_of(text, LONGEST) } else { text }
}

/// The first bytes of a text, at most `most`, whole characters.
pub(crate) fn begin_of(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let end = (0..=text.len().min(most)).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or("")
}

/// A name to be counted.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    text: &'a str,
    hash: u64,
}

impl<'a> Name<'a> {
    /// A name whose hash is known already.
    #[inline]
    pub(super) fn hashed(text: &'a str, hash: u64) -> Self {
        Self { text: not_too_long(text), hash }
    }

    /// Its hash.
    #[inline]
    pub(super) fn hash(self) -> u64 {
        self.hash
    }
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
/// The outcome depends on the order of the names, never on hashing: ties are broken by name. A log has a long
/// tail of names that come once, so a new name must not cost an allocation: all stand in one string.
#[derive(Clone, Debug)]
pub struct Tally<V> {
    entries: HashTable<Counted<V>>,
    room: Room,
}

/// The names of a tally, and how many there may be.
#[derive(Clone, Debug)]
struct Room {
    /// The names, one behind the other.
    names: String,
    limit: usize,
    error: u64,
}

#[derive(Clone, Debug)]
struct Counted<V> {
    hash: u64,
    /// Where the name stands in `names`.
    begin: u32,
    length: u32,
    value: V,
}

impl<V> Counted<V> {
    #[inline]
    fn name<'n>(&self, names: &'n str) -> &'n str {
        name_at(names, self.begin, self.length)
    }
}

#[inline]
fn name_at(names: &str, begin: u32, length: u32) -> &str {
    let begin = begin as usize;
    names.get(begin..begin + length as usize).unwrap_or("")
}

impl<V: Weight> Tally<V> {
    /// A tally of at most `limit` names.
    pub fn new(limit: usize) -> Self {
        let room = Room { names: String::new(), limit: limit.max(2), error: 0 };
        Self { entries: HashTable::new(), room }
    }

    /// The value of a name, made if it is new. All names of a tally must come from one [`Namer`].
    #[inline]
    pub fn entry(&mut self, name: Name<'_>) -> &mut V {
        self.entry_of_hash(name.hash, || name.text)
    }

    /// The value of a name whose hash is known. The name itself is asked for only where it is new.
    #[inline]
    pub(super) fn entry_of_hash<'n>(
        &mut self,
        hash: u64,
        name: impl FnOnce() -> &'n str,
    ) -> &mut V {
        // To compare the names too would mostly mean to wait for memory.
        match self.entries.find_entry(hash, |counted| counted.hash == hash) {
            Ok(entry) => &mut entry.into_mut().value,
            Err(absent) => self.room.enter(absent.into_table(), Name::hashed(name(), hash)),
        }
    }

    /// How much any count may be short of the truth; 0 while everything is exact.
    pub fn error(&self) -> u64 {
        self.room.error
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
        let mut all: Vec<_> =
            self.entries.iter().map(|c| (c.name(&self.room.names), &c.value)).collect();
        let order = |a: &(&str, &V), b: &(&str, &V)| order(a.1, b.1).then_with(|| a.0.cmp(b.0));
        first_of(&mut all, count, order);
        all.sort_unstable_by(order);
        all
    }
}

impl Room {
    /// A name that is not there. Apart from the search, which is all that most lines need.
    #[inline(never)]
    fn enter<'t, V: Weight>(
        &mut self,
        entries: &'t mut HashTable<Counted<V>>,
        name: Name<'_>,
    ) -> &'t mut V {
        if entries.len() >= self.limit {
            self.make_room(entries);
        }
        let begin = place(self.names.len());
        self.names.push_str(name.text);
        let length = place(name.text.len());
        let new = Counted { hash: name.hash, begin, length, value: V::default() };
        &mut entries.insert_unique(name.hash, new, |counted| counted.hash).into_mut().value
    }

    #[cold]
    fn make_room<V: Weight>(&mut self, entries: &mut HashTable<Counted<V>>) {
        let old = std::mem::take(&mut self.names);
        let mut ranks: Vec<Rank> = entries.iter().map(|counted| Rank::of(counted, &old)).collect();
        // It is full, so there are more than half as many.
        let keep = self.limit / 2;
        let (_, first_to_go, _) = ranks.select_nth_unstable_by(keep, |a, b| a.cmp(b, &old));
        // None of the others that go is heavier.
        self.error = self.error.max(first_to_go.weight());
        // Until it is full again, as many names come in as went out.
        self.names.reserve(old.len());
        entries.retain(|counted| {
            let kept = Rank::of(counted, &old).cmp(first_to_go, &old).is_lt();
            if kept {
                let begin = place(self.names.len());
                self.names.push_str(counted.name(&old));
                counted.begin = begin;
            }
            kept
        });
    }
}

/// The order in which names are kept: by falling weight, then by name. Nearly all weigh the same and differ in their
/// first letters, so those are compared along with the weight.
#[derive(Clone, Copy)]
struct Rank {
    /// The weight, which counts down, and the first eight bytes of the name.
    first: u128,
    begin: u32,
    length: u32,
}

impl Rank {
    fn of<V: Weight>(counted: &Counted<V>, names: &str) -> Self {
        let name = counted.name(names).as_bytes();
        let letters = name.first_chunk().copied().unwrap_or_else(|| {
            let mut letters = [0; 8];
            letters.iter_mut().zip(name).for_each(|(letter, byte)| *letter = *byte);
            letters
        });
        let first =
            u128::from(!counted.value.weight()) << 64 | u128::from(u64::from_be_bytes(letters));
        Self { first, begin: counted.begin, length: counted.length }
    }

    fn cmp(&self, other: &Self, names: &str) -> Ordering {
        let name = |rank: &Self| name_at(names, rank.begin, rank.length);
        self.first.cmp(&other.first).then_with(|| name(self).cmp(name(other)))
    }

    fn weight(&self) -> u64 {
        !u64::try_from(self.first >> 64).unwrap_or(u64::MAX)
    }
}

/// A place in a string of names, which is never that long.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Keeps the `count` first ones by `order`, themselves in no order.
fn first_of<T>(all: &mut Vec<T>, count: usize, order: impl Fn(&T, &T) -> Ordering) {
    if count < all.len() {
        all.select_nth_unstable_by(count, order);
        all.truncate(count);
    }
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
