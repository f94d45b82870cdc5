//! Where one of many texts stands in a log, without looking at every byte.
//!
//! Wu and Manber's search: the last bytes of a window as long as the shortest text say how far the next place is at
//! which one of the texts could begin. Where the last byte is in none of them, that is the whole window, which is so
//! for most of a log when queue ids are looked for. So few bytes are looked at, where an automaton goes through all
//! of them. A text shorter than [`SHORTEST`] leaves no way to skip.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::fmt;
use std::hash::{BuildHasher, Hasher};

/// Shorter texts are not for this search.
pub(super) const SHORTEST: usize = 6;

/// Bytes that a distance is known for: four, and six among many texts. Queue ids are hexadecimal, and ten thousand
/// of them have all combinations of four digits somewhere.
const BLOCK: usize = 4;
const LONG_BLOCK: usize = 6;
const MANY: usize = 200;

/// The largest table of distances has 2 to the power of this, a byte each.
const MOST_BITS: u32 = 20;

/// Of blocks that are in no text at most one in so many is taken for one that is.
const SPARSE: usize = 16;

/// Texts to be searched for.
pub(super) struct Skipping {
    texts: Vec<Box<[u8]>>,
    /// Of the shortest.
    length: usize,
    /// Bytes of a block.
    block: usize,
    /// How far it is from a block at the end of the window to the next window, by the block's hash.
    distances: Vec<u8>,
    bits: u32,
    /// How far it is from a window whose last byte is in no text; 0 for those that are in one. It is small, so that
    /// the large table is seldom asked.
    strangers: [u8; 256],
    /// Texts by the hash of their begins of `length` bytes.
    begins: HashTable<usize>,
    ignore_case: bool,
}

impl fmt::Debug for Skipping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Skipping").field("texts", &self.texts.len()).finish_non_exhaustive()
    }
}

impl Skipping {
    /// `None` where there is nothing to skip: no text, or a short one.
    pub(super) fn new<T: AsRef<str>>(texts: &[T], ignore_case: bool) -> Option<Self> {
        let texts: Vec<Box<[u8]>> =
            texts.iter().map(|text| text.as_ref().as_bytes().into()).collect();
        let length =
            texts.iter().map(|text| text.len()).min().filter(|least| *least >= SHORTEST)?;
        let block = if texts.len() > MANY && length > LONG_BLOCK { LONG_BLOCK } else { BLOCK };
        let blocks = texts.len().saturating_mul(length - block + 1);
        let bits = blocks.saturating_mul(SPARSE).next_power_of_two().trailing_zeros();
        let bits = bits.clamp(10, MOST_BITS);
        let farthest = u8::try_from(length - block + 1).unwrap_or(u8::MAX);
        let mut this = Self {
            distances: vec![farthest; 1 << bits],
            bits,
            strangers: [u8::try_from(length).unwrap_or(u8::MAX); 256],
            begins: HashTable::with_capacity(texts.len()),
            texts: Vec::new(),
            length,
            block,
            ignore_case,
        };
        for (index, text) in texts.iter().enumerate() {
            let begin = text.get(..length).unwrap_or_default();
            for byte in begin {
                let both = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
                for byte in if ignore_case { both } else { [*byte; 2] } {
                    if let Some(known) = this.strangers.get_mut(usize::from(byte)) {
                        *known = 0;
                    }
                }
            }
            for at in 0..=length - block {
                let distance = u8::try_from(length - block - at).unwrap_or(u8::MAX);
                let place = this.place(begin, at);
                if let Some(known) = place.and_then(|place| this.distances.get_mut(place)) {
                    *known = distance.min(*known);
                }
            }
            let hash_again = |other: &usize| {
                let other = texts.get(*other).and_then(|text| text.get(..length));
                hash_of(other.unwrap_or_default(), ignore_case)
            };
            this.begins.insert_unique(hash_of(begin, ignore_case), index, hash_again);
        }
        this.texts = texts;
        Some(this)
    }

    /// Where the first of them begins, at or behind `from`.
    #[inline]
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let last = usize::from(*text.get(at + self.length - 1)?);
            let distance = self.strangers.get(last).copied().unwrap_or(0);
            if distance > 0 {
                at += usize::from(distance);
                continue;
            }
            let place = self.place(text, at + self.length - self.block)?;
            let distance = self.distances.get(place).copied().unwrap_or(0);
            if distance > 0 {
                at += usize::from(distance);
            } else if self.is_at(text.get(at..)?) {
                return Some(at);
            } else {
                at += 1;
            }
        }
    }

    /// Whether one of them is the begin of `text`.
    fn is_at(&self, text: &[u8]) -> bool {
        let Some(begin) = text.get(..self.length) else { return false };
        let same = |known: &usize| {
            let known = self.texts.get(*known).map_or(&[][..], AsRef::as_ref);
            match text.get(..known.len()) {
                Some(here) if self.ignore_case => here.eq_ignore_ascii_case(known),
                Some(here) => here == known,
                None => false,
            }
        };
        self.begins.find(hash_of(begin, self.ignore_case), same).is_some()
    }

    /// The place of the block at `at`. Letters of both cases have one (and so have a few other bytes, which only
    /// costs a look).
    #[inline]
    fn place(&self, text: &[u8], at: usize) -> Option<usize> {
        let rest = text.get(at..)?;
        let bytes = if let Some(bytes) = rest.first_chunk() {
            *bytes
        } else {
            // Behind the end of the text nothing is looked at: a block is shorter than this.
            let mut bytes = [0; 8];
            let (begin, _) = bytes.split_at_mut_checked(rest.len())?;
            begin.copy_from_slice(rest);
            bytes
        };
        if rest.len() < self.block {
            return None;
        }
        let block = u64::from_le_bytes(bytes) << (64 - 8 * self.block);
        let block = if self.ignore_case { block | 0x2020_2020_2020_2020 } else { block };
        usize::try_from(block.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - self.bits)).ok()
    }
}

/// The same for upper and lower case, if they are the same.
fn hash_of(begin: &[u8], ignore_case: bool) -> u64 {
    if ignore_case {
        let mut hash = FixedState::default().build_hasher();
        for byte in begin {
            hash.write_u8(byte.to_ascii_lowercase());
        }
        return hash.finish();
    }
    FixedState::default().hash_one(begin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_texts_are_left_to_others() {
        assert!(Skipping::new::<&str>(&[], false).is_none());
        assert!(Skipping::new(&["4C1D2E3F40", "4C1D2"], false).is_none());
        assert!(Skipping::new(&["4C1D2E3F40", "4C1D2E"], false).is_some());
    }

    #[test]
    fn texts_longer_than_a_distance_can_be_are_found() {
        let long = "x".repeat(1000);
        let search = Skipping::new(&[format!("{long}y")], false).unwrap();
        let text = format!("{long}{long}y{long}");
        assert_eq!(search.find(text.as_bytes(), 0), Some(1000));
        assert_eq!(search.find(text.as_bytes(), 1001), None);
    }

    /// The plain way.
    fn first(texts: &[String], text: &str, ignore_case: bool, from: usize) -> Option<usize> {
        let is_at = |at: &usize| {
            texts.iter().any(|known| match text.as_bytes().get(*at..at + known.len()) {
                Some(here) if ignore_case => here.eq_ignore_ascii_case(known.as_bytes()),
                Some(here) => here == known.as_bytes(),
                None => false,
            })
        };
        (from..text.len()).find(is_at)
    }

    proptest! {
        /// Few letters, so that texts are often there, and nearly there, and begin one another.
        #[test]
        fn finds_what_the_plain_way_finds(
            texts in prop_oneof![
                prop::collection::vec("[aAb@1]{6,9}", 1..12),
                prop::collection::vec("[aAb@1]{7,9}", MANY..MANY + 50),
            ],
            text in "[aAb@1`]{0,4000}",
            ignore_case: bool,
            from in 0_usize..100,
        ) {
            let search = Skipping::new(&texts, ignore_case).unwrap();
            let mut from = from;
            loop {
                let found = search.find(text.as_bytes(), from);
                prop_assert_eq!(found, first(&texts, &text, ignore_case, from));
                match found {
                    Some(at) => from = at + 1,
                    None => break,
                }
            }
        }
    }
}
