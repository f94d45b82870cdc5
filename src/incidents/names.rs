//! Names as numbers: receivers, domains, logins and clients, each kept once.
//!
//! Strangers choose the names, so there is room for [`Names::MOST`] of them and no more: one that finds no room is
//! number 0, "not told". Room is made by [`Names::keep_only`], for which the owner says which are still in use.

use crate::smtp::has_upper_case;
use crate::summary::{Namer, begin_of};
use compact_str::CompactString;
use hashbrown::HashTable;

/// The number of a name that is not told.
pub(super) const NOBODY: u32 = 0;

/// All names.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// Place 0 is [`NOBODY`].
    texts: Vec<Option<CompactString>>,
    free: Vec<u32>,
    /// Numbers by the hashes of their names. Nobody can write two names of one hash, so the names themselves are not
    /// looked at: mostly that would mean to wait for memory.
    numbers: HashTable<(u64, u32)>,
    /// That of the summary, so that a hash that was made for its tallies serves here too.
    namer: Namer,
    refused: bool,
}

impl Default for Names {
    fn default() -> Self {
        Self::hashed_by(Namer::default())
    }
}

impl Names {
    /// The most names at a time; with names of usual length some 2 MB.
    pub(super) const MOST: usize = 1 << 15;
    /// A longer name is cut: no host name and hardly an address is longer.
    const LONGEST: usize = 128;

    /// No names yet.
    pub(super) fn hashed_by(namer: Namer) -> Self {
        let (texts, free, numbers) = (vec![None], Vec::new(), HashTable::new());
        Self { texts, free, numbers, namer, refused: false }
    }

    /// The number of a name, made if it is new and there is room. Case does not matter.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        self.number_of(name, self.hash_of(name))
    }

    /// The same for a name whose hash is known: the namer's, of its lower case.
    #[inline]
    pub(super) fn number_of(&mut self, name: &str, hash: u64) -> u32 {
        match self.find(hash) {
            Some(number) => number,
            None => self.make(name, hash),
        }
    }

    #[inline(never)]
    fn make(&mut self, name: &str, hash: u64) -> u32 {
        if name.is_empty() {
            return NOBODY;
        }
        if self.numbers.len() >= Self::MOST {
            self.refused = true;
            return NOBODY;
        }
        let mut text = CompactString::new(begin_of(name, Self::LONGEST));
        if has_upper_case(&text) {
            text.make_ascii_lowercase();
        }
        let number = if let Some(number) = self.free.pop() {
            if let Some(place) = self.texts.get_mut(number as usize) {
                *place = Some(text);
            }
            number
        } else {
            self.texts.push(Some(text));
            u32::try_from(self.texts.len() - 1).unwrap_or(NOBODY)
        };
        self.numbers.insert_unique(hash, (hash, number), |(hash, _)| *hash);
        number
    }

    /// The hash of a name.
    pub(super) fn hash_of(&self, name: &str) -> u64 {
        self.namer.hash_in_lower_case(name)
    }

    /// The number of a name that is known already, by its hash.
    pub(super) fn known(&self, hash: u64) -> Option<u32> {
        self.find(hash)
    }

    /// The name of a number; empty for [`NOBODY`].
    pub(super) fn text(&self, number: u32) -> &str {
        text_of(&self.texts, number)
    }

    /// How many names there are.
    pub(super) fn count(&self) -> usize {
        self.numbers.len()
    }

    /// Whether a name found no room since the last [`Self::keep_only`].
    pub(super) const fn are_full(&self) -> bool {
        self.refused
    }

    /// Forgets all names but those whose place in `used` is true.
    pub(super) fn keep_only(&mut self, used: &[bool]) {
        self.refused = false;
        self.free.clear();
        for (number, text) in self.texts.iter_mut().enumerate().skip(1) {
            if !used.get(number).copied().unwrap_or(false) {
                *text = None;
                self.free.extend(u32::try_from(number));
            }
        }
        // The lowest free number is given first.
        self.free.reverse();
        self.numbers.retain(|(_, number)| used.get(*number as usize).copied().unwrap_or(false));
    }

    /// One more than the highest number given.
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    #[inline]
    fn find(&self, hash: u64) -> Option<u32> {
        self.numbers.find(hash, |(known, _)| *known == hash).map(|(_, number)| *number)
    }
}

fn text_of(texts: &[Option<CompactString>], number: u32) -> &str {
    texts.get(number as usize).and_then(|text| text.as_deref()).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_number_whatever_its_case() {
        let mut names = Names::default();
        let number = names.number("Example.ORG");
        assert_eq!(names.number("example.org"), number);
        assert_eq!(names.known(names.hash_of("EXAMPLE.org")), Some(number));
        assert_eq!(names.text(number), "example.org");
        assert_eq!((names.number(""), names.text(NOBODY)), (NOBODY, ""));
        assert_eq!(names.known(names.hash_of("example.net")), None);
    }

    #[test]
    fn there_are_never_more_than_the_most_and_none_is_longer_than_the_longest() {
        let mut names = Names::default();
        for n in 0..Names::MOST + 1000 {
            names.number(&format!("host{n}.example.net"));
        }
        assert!(names.are_full());
        assert_eq!((names.len(), names.number("late.example.net")), (Names::MOST + 1, NOBODY));
        let used: Vec<bool> = (0..names.len()).map(|n| n % 2 == 0).collect();
        names.keep_only(&used);
        assert_eq!(names.known(names.hash_of("host1.example.net")), Some(2));
        assert_eq!(names.known(names.hash_of("host0.example.net")), None);
        assert_eq!(names.number(&"ä".repeat(300)), 1, "freed numbers are given again");
        assert_eq!(names.text(1).len(), Names::LONGEST);
    }
}
