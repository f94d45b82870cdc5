//! Names as numbers: receivers, domains, logins and clients, each kept once.
//!
//! Strangers choose the names, so there is room for [`Names::MOST`] of them and no more: one that finds no room is
//! number 0, "not told". Room is made by [`Names::keep_only`], for which the owner says which are still in use.

use crate::smtp::has_upper_case;
use compact_str::CompactString;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// The number of a name that is not told.
pub(super) const NOBODY: u32 = 0;

/// All names.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// Place 0 is [`NOBODY`].
    texts: Vec<Option<CompactString>>,
    free: Vec<u32>,
    numbers: HashTable<u32>,
    seed: RandomState,
    refused: bool,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            texts: vec![None],
            free: Vec::new(),
            numbers: HashTable::new(),
            seed: RandomState::default(),
            refused: false,
        }
    }
}

impl Names {
    /// The most names at a time; with names of usual length some 2 MB.
    pub(super) const MOST: usize = 1 << 15;
    /// A longer name is cut: no host name and hardly an address is longer.
    const LONGEST: usize = 128;

    /// The number of a name, made if it is new and there is room. Case does not matter.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        let mut lower = CompactString::default();
        let name = shape(name, &mut lower);
        if name.is_empty() {
            return NOBODY;
        }
        let hash = self.seed.hash_one(name);
        if let Some(number) = self.find(hash, name) {
            return number;
        }
        if self.numbers.len() >= Self::MOST {
            self.refused = true;
            return NOBODY;
        }
        let text = Some(CompactString::new(name));
        let number = if let Some(number) = self.free.pop() {
            if let Some(place) = self.texts.get_mut(number as usize) {
                *place = text;
            }
            number
        } else {
            self.texts.push(text);
            u32::try_from(self.texts.len() - 1).unwrap_or(NOBODY)
        };
        let (texts, seed) = (&self.texts, &self.seed);
        self.numbers.insert_unique(hash, number, |number| seed.hash_one(text_of(texts, *number)));
        number
    }

    /// The number of a name that is known already.
    pub(super) fn known(&self, name: &str) -> Option<u32> {
        let mut lower = CompactString::default();
        let name = shape(name, &mut lower);
        self.find(self.seed.hash_one(name), name)
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
        self.numbers.clear();
        for (number, text) in self.texts.iter().enumerate().skip(1) {
            if let (Some(text), Ok(number)) = (text, u32::try_from(number)) {
                let (texts, seed) = (&self.texts, &self.seed);
                self.numbers.insert_unique(seed.hash_one(text.as_str()), number, |number| {
                    seed.hash_one(text_of(texts, *number))
                });
            }
        }
    }

    /// One more than the highest number given.
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    fn find(&self, hash: u64, name: &str) -> Option<u32> {
        self.numbers.find(hash, |number| text_of(&self.texts, *number) == name).copied()
    }
}

fn text_of(texts: &[Option<CompactString>], number: u32) -> &str {
    texts.get(number as usize).and_then(|text| text.as_deref()).unwrap_or("")
}

/// In lower case, and not too long.
fn shape<'a>(name: &'a str, lower: &'a mut CompactString) -> &'a str {
    let end = (0..=name.len().min(Names::LONGEST)).rev().find(|at| name.is_char_boundary(*at));
    let name = name.get(..end.unwrap_or(0)).unwrap_or("");
    if has_upper_case(name) {
        *lower = CompactString::from_str_to_lowercase(name);
        return lower;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_number_whatever_its_case() {
        let mut names = Names::default();
        let number = names.number("Example.ORG");
        assert_eq!(names.number("example.org"), number);
        assert_eq!(names.known("EXAMPLE.org"), Some(number));
        assert_eq!(names.text(number), "example.org");
        assert_eq!((names.number(""), names.text(NOBODY)), (NOBODY, ""));
        assert_eq!(names.known("example.net"), None);
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
        assert_eq!(names.known("host1.example.net"), Some(2));
        assert_eq!(names.known("host0.example.net"), None);
        assert_eq!(names.number(&"ä".repeat(300)), 1, "freed numbers are given again");
        assert_eq!(names.text(1).len(), Names::LONGEST);
    }
}
