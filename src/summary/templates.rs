//! The templates of the last texts: half of all failures repeat what was said before, and most of the others do, but
//! for the mailbox or the client that they are about.

use super::tally::Namer;
use super::template::{Own, bit_of, write_template};
use crate::recent::ByKey;
use crate::record::Word;
use crate::wording::Wording;
use foldhash::quality::RandomState;
use std::hash::BuildHasher;

/// How many templates are known; each has some two hundred bytes at most.
const PLACES: usize = 2048;

/// Makes templates, and keeps the last ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Templates {
    /// By hashes of wordings in which no name of the case was masked, or of texts and the names.
    known: ByKey<Known, PLACES>,
    // Seeded afresh in each run: nobody can write texts that are taken for one another.
    hasher: RandomState,
}

#[derive(Clone, Debug)]
struct Known {
    /// See [`super::template::Met`].
    lengths: u64,
    template: String,
    hash: u64,
}

impl Templates {
    /// The wording of a text, and its hash.
    pub(super) fn wording<'t>(&self, text: &'t str) -> (Wording<'t>, u64) {
        let wording = Wording::of(text);
        (wording, self.hasher.hash_one(wording))
    }

    /// Writes the template of `text`, which has this wording, behind what is in `words`; its hash comes from `namer`.
    pub(super) fn write(
        &mut self,
        text: &str,
        (wording, key): (Wording<'_>, u64),
        own: Own<'_>,
        namer: &Namer,
        words: &mut String,
    ) -> Word {
        let alike = self.known.get(key);
        if let Some(known) = alike
            && !known.may_have_another_code(&wording)
            && own.mask(wording.about).is_none()
            && !own.has_name_of(known.lengths, text)
            && !own.has_plain_name(text)
        {
            return known.write(words);
        }
        let own_key = self.hasher.hash_one((text, own));
        if let Some(known) = self.known.get(own_key) {
            return known.write(words);
        }
        let is_new = alike.is_none();
        let from = words.len();
        let met = write_template(text, own, wording.before.len(), words);
        let template = words.get(from..).unwrap_or_default();
        let key = if is_new && !met.is_own { key } else { own_key };
        let hash = namer.name(template).hash();
        self.keep(key, met.lengths, template, hash);
        word(from, words, hash)
    }

    fn keep(&mut self, key: u64, lengths: u64, template: &str, hash: u64) {
        match self.known.place(key) {
            // In the same room: nothing is allocated.
            Some(Some((of, known))) => {
                known.template.clear();
                known.template.push_str(template);
                (*of, known.lengths, known.hash) = (key, lengths, hash);
            }
            Some(free) => {
                *free = Some((key, Known { lengths, template: template.to_owned(), hash }));
            }
            None => {}
        }
    }
}

impl Known {
    /// Whether a word may be the reply code in one text of this wording and not in another one: it is where the text
    /// begins with the same three bytes (`192.0.2.1 …: error 192`).
    fn may_have_another_code(&self, wording: &Wording<'_>) -> bool {
        wording.before.is_empty() && !wording.about.is_empty() && self.lengths & bit_of(3) != 0
    }

    fn write(&self, words: &mut String) -> Word {
        let from = words.len();
        words.push_str(&self.template);
        word(from, words, self.hash)
    }
}

/// The words from a place on.
pub(super) fn word(from: usize, words: &str, hash: u64) -> Word {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Word { begin: place(from), end: place(words.len()), hash }
}
