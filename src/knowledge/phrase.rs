//! Finds many fixed phrases in a short text by one of their words.
//!
//! Made for a process that judges one reply and ends as well as for one that judges millions: the index of five
//! hundred phrases is built in some 0.03 ms (an Aho-Corasick automaton takes 2 ms), and a search costs about a
//! microsecond. What may stand around a phrase, and which of several wins, is the caller's business.

use hashbrown::{HashMap, HashTable};

/// Phrases, each with a value.
pub(super) struct Phrases<T> {
    table: HashTable<Phrase<T>>,
    /// A bit for the first two bytes of each word: most words of a text begin otherwise, and are not even hashed.
    begins: [u64; BEGINS / 64],
    /// A bit for the hash of each word: nearly all words of a text are none of them.
    maybe: [u64; MAYBE / 64],
}

/// Bits enough that some percent of them are set.
const MAYBE: usize = 1 << 13;

/// The place of a word's bit.
#[inline]
fn bit_of(hash: u64) -> usize {
    // The high bits: the table takes the others.
    usize::try_from(hash >> (64 - MAYBE.ilog2())).unwrap_or(0)
}

fn set(bits: &mut [u64], at: usize) {
    if let Some(part) = bits.get_mut(at / 64) {
        *part |= 1 << (at % 64);
    }
}

#[inline]
fn is_set(bits: &[u64], at: usize) -> bool {
    bits.get(at / 64).is_some_and(|part| part >> (at % 64) & 1 == 1)
}

struct Phrase<T> {
    /// Of the word that it is found by.
    hash: u64,
    /// Where that word begins in `text`.
    offset: usize,
    text: &'static str,
    value: T,
}

/// A place in a text where the word stands that a phrase is found by.
pub(super) struct Place<T> {
    /// The phrase.
    pub(super) phrase: &'static str,
    /// Its value.
    pub(super) value: T,
    /// Where the phrase would begin, in bytes.
    pub(super) start: usize,
}

impl<T: Copy> Phrases<T> {
    /// A phrase without a letter or digit is never found.
    pub(super) fn new(phrases: impl Iterator<Item = (&'static str, T)>) -> Self {
        Self::by(|text| words(text).into_iter().next(), phrases)
    }

    /// Phrases all of whose words must stand alone: by the word that fewest of the others have.
    pub(super) fn of_whole_words(phrases: impl Iterator<Item = (&'static str, T)> + Clone) -> Self {
        let mut often = HashMap::new();
        for word in phrases.clone().flat_map(|(text, _)| words(text)) {
            *often.entry(word.hash).or_insert(0) += 1;
        }
        let seldom = |word: &Word| often.get(&word.hash).copied();
        Self::by(|text| words(text).into_iter().min_by_key(seldom), phrases)
    }

    fn by(
        word_of: impl Fn(&'static str) -> Option<Word>,
        phrases: impl Iterator<Item = (&'static str, T)>,
    ) -> Self {
        let mut made =
            Self { table: HashTable::new(), begins: [0; BEGINS / 64], maybe: [0; MAYBE / 64] };
        for (text, value) in phrases {
            let Some(word) = word_of(text) else { continue };
            // What the phrase has before its word, and behind it, a text must have too: `.999 ` is not found by every
            // reply code and every part of an address.
            let hash = word.hash_with(word.begin > 0, word.behind != 0);
            let phrase = Phrase { hash, offset: word.begin, text, value };
            made.table.insert_unique(hash, phrase, |other| other.hash);
            set(&mut made.maybe, bit_of(hash));
            set(&mut made.begins, word.first_bytes);
        }
        made
    }

    /// Gives the places where the word of a phrase stands. Case does not matter, and any digit is as good as any
    /// other: the caller compares.
    pub(super) fn each_place(&self, text: &str, mut take: impl FnMut(Place<T>)) {
        let may_begin = |begin| is_set(&self.begins, begin);
        each_word(text, may_begin, |word| {
            for (before, behind) in [(false, false), (false, true), (true, false), (true, true)] {
                let hash = word.hash_with(before, behind);
                if is_set(&self.maybe, bit_of(hash)) {
                    self.each_found(word.begin, hash, &mut take);
                }
            }
        });
    }

    #[inline(never)]
    fn each_found(&self, begin: usize, hash: u64, take: &mut impl FnMut(Place<T>)) {
        for phrase in self.table.iter_hash(hash) {
            // The table looks at a part of the hash.
            if phrase.hash == hash
                && let Some(start) = begin.checked_sub(phrase.offset)
            {
                take(Place { phrase: phrase.text, value: phrase.value, start });
            }
        }
    }
}

/// A run of letters and digits.
struct Word {
    begin: usize,
    hash: u64,
    /// The byte before it, and the one behind it.
    before: u8,
    behind: u8,
    /// See [`begin_of_word`].
    first_bytes: usize,
}

impl Word {
    /// The hash together with the byte before the word, the one behind it, or both.
    #[inline]
    fn hash_with(&self, before: bool, behind: bool) -> u64 {
        let hash = if before { taken_in(self.hash, self.before) } else { self.hash };
        if behind { taken_in(!hash, self.behind) } else { hash }
    }
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    each_word(text, |_| true, |word| words.push(word));
    words
}

/// Gives those words of a text whose begin is wanted.
#[inline]
fn each_word(text: &str, wanted: impl Fn(usize) -> bool, mut take: impl FnMut(Word)) {
    let bytes = text.as_bytes();
    let (mut at, mut before) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        let first = folded_of(*byte);
        if first == 0 {
            before = *byte;
            at += 1;
            continue;
        }
        let begin = at;
        at += 1;
        let second = bytes.get(at).map_or(0, |byte| folded_of(*byte));
        let mut hash = taken_in(SEED, first);
        let first_bytes = begin_of_word(first, second);
        let is_wanted = wanted(first_bytes);
        while let Some(byte) = bytes.get(at) {
            let byte = folded_of(*byte);
            if byte == 0 {
                break;
            }
            if is_wanted {
                hash = taken_in(hash, byte);
            }
            at += 1;
        }
        if is_wanted {
            let behind = bytes.get(at).copied().unwrap_or(0);
            take(Word { begin, hash, before, behind, first_bytes });
        }
    }
}

/// The first two bytes of a word, folded, as a number below [`BEGINS`].
#[inline]
const fn begin_of_word(first: u8, second: u8) -> usize {
    // Five bits tell letters apart, and digits are like no letter in the sixth.
    (first as usize & 0x3f) << 6 | second as usize & 0x3f
}

const BEGINS: usize = 1 << 12;

#[inline]
fn folded_of(byte: u8) -> u8 {
    FOLDED.get(usize::from(byte)).copied().unwrap_or(0)
}

/// Letters in lower case, any digit as `9`, and 0 for what is neither.
const FOLDED: [u8; 256] = folded();

#[expect(clippy::indexing_slicing, reason = "every byte has its place; checked by the compiler")]
const fn folded() -> [u8; 256] {
    let mut folded = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_digit() {
            folded[byte as usize] = b'9';
        } else if byte.is_ascii_alphabetic() {
            folded[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    folded
}

/// FNV-1a over lower case: small, and good enough for names that nobody chooses to harm us.
pub(super) const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// Takes in a letter of either case, or any digit.
pub(super) const fn hash_step(hash: u64, byte: u8) -> u64 {
    let byte = if byte.is_ascii_digit() { b'9' } else { byte.to_ascii_lowercase() };
    taken_in(hash, byte)
}

const fn taken_in(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(0x0100_0000_01b3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_found_where_its_first_word_stands_alone() {
        let phrases = Phrases::new(["[TSS99]", "zen.example", "zen", "0spam"].into_iter().zip(0..));
        for (text, want) in [
            ("", vec![]),
            ("xzen zenx", vec![]),
            ("a Zen.", vec![("zen", 2), ("zen.example", 2)]),
            ("[tss04]", vec![("[TSS99]", 0)]),
            ("tss04", vec![]),
            ("a 1spam", vec![("0spam", 2)]),
            ("é 0spam é", vec![("0spam", 3)]),
        ] {
            let mut found = Vec::new();
            phrases.each_place(text, |place| found.push((place.phrase, place.start)));
            found.sort_unstable();
            assert_eq!(found, want, "{text}");
        }
    }
}
