//! The entries of one data file, each read when it is first asked for.
//!
//! Start-up counts: `explain 521` needs one entry of some two hundred. The build script has cut the file and packed each
//! entry (`packed.rs`); the key is read from the lines that it left of it, and the rest waits.

use super::packed::{Packed, unpack};
use crate::error::Error;
use serde::de::DeserializeOwned;
use std::sync::OnceLock;

/// One entry: where it is, and what it says once somebody asked.
#[derive(Debug)]
struct Slot<K, T> {
    key: K,
    packed: &'static [u8],
    /// What its place in the file is called: its line and the line with its key.
    line: u32,
    begin: &'static str,
    /// `None` inside: the entry is wrong. The tests see to it that none is.
    value: OnceLock<Option<T>>,
}

/// The entries of one kind (`[[table]]`) of a file, in the order of the file.
#[derive(Debug)]
pub(super) struct Entries<K, T> {
    file: &'static str,
    table: &'static str,
    /// What stands before the first entry, packed.
    head: &'static [u8],
    slots: Vec<Slot<K, T>>,
    /// How many entries of the table the file has, those without a key too.
    all: usize,
}

impl<K: PartialEq, T: DeserializeOwned> Entries<K, T> {
    /// The entries `[[table]]` of a packed file; those of other names are left alone. `key_of` reads the key
    /// from the two lines below `[[table]]`; an entry without a key is left out here and reported by
    /// [`Entries::check`].
    pub(super) fn new(
        (file, packed): (&'static str, &'static [u8]),
        table: &'static str,
        key_of: impl Fn(&str) -> Option<K>,
    ) -> Self {
        let Packed { head, entries } = Packed::open(packed);
        let mut slots = Vec::new();
        let mut all = 0;
        for entry in entries.iter().filter(|entry| entry.table == table) {
            all += 1;
            let Some(key) = key_of(entry.key) else { continue };
            let begin = entry.key.lines().next().unwrap_or_default();
            slots.push(Slot {
                key,
                packed: entry.value,
                line: entry.line,
                begin,
                value: OnceLock::new(),
            });
        }
        Self { file, table, head, slots, all }
    }

    /// What stands before the first entry, packed.
    pub(super) fn head(&self) -> &'static [u8] {
        self.head
    }

    /// The first entry whose key is `key`.
    pub(super) fn get(&self, key: &K) -> Option<&T> {
        self.find(|candidate| candidate == key)
    }

    /// The first entry whose key fits.
    pub(super) fn find(&self, fits: impl Fn(&K) -> bool) -> Option<&T> {
        let slot = self.slots.iter().find(|slot| fits(&slot.key))?;
        self.value(slot)
    }

    /// All entries, in the order of the file.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter_map(|slot| self.value(slot))
    }

    fn value<'s>(&'s self, slot: &'s Slot<K, T>) -> Option<&'s T> {
        slot.value.get_or_init(|| self.parse(slot).ok()).as_ref()
    }

    /// Reads every entry.
    ///
    /// # Errors
    ///
    /// [`Error::Knowledge`] with file, line and what is wrong, for the first entry that is.
    pub(super) fn check(&self) -> Result<(), Error> {
        for slot in &self.slots {
            self.parse(slot)?;
        }
        if self.all == self.slots.len() {
            return Ok(());
        }
        Err(self.error(format!(
            "{} entries `[[{}]]`, but {} were found: the line below must be the key",
            self.all,
            self.table,
            self.slots.len()
        )))
    }

    fn parse(&self, slot: &Slot<K, T>) -> Result<T, Error> {
        unpack(slot.packed).map_err(|error| {
            self.error(format!("line {}, entry `{}`: {error}", slot.line, slot.begin))
        })
    }

    fn error(&self, what: String) -> Error {
        Error::Knowledge { file: self.file.to_owned(), what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::pack::pack;
    use crate::knowledge::schema::SubjectEntry;

    fn entries(text: &str) -> Entries<u16, SubjectEntry> {
        Entries::new(("test.toml", pack(text).unwrap().leak()), "subject", |facts| {
            facts.lines().next()?.strip_prefix("subject = ")?.parse().ok()
        })
    }

    #[test]
    fn an_entry_is_found_by_its_key() {
        let text = "# head\n\n[[subject]]\nsubject = 1\n[subject.en]\nname = \"A\"\nmeaning = \"B.\"\n\
                    [subject.ru]\nname = \"А\"\nmeaning = \"Б.\"\n";
        let entries = entries(text);
        assert!(unpack::<toml::Table>(entries.head()).unwrap().is_empty());
        assert_eq!(entries.get(&1).map(|e| e.en.name.as_str()), Some("A"));
        assert!(entries.get(&2).is_none());
        entries.check().unwrap();
    }

    #[test]
    fn mistakes_name_file_line_and_entry() {
        for (text, want) in [
            (
                "# head\n\n[[subject]]\nsubject = 1\n[subject.en]\nname = \"A\"\nmeaning = \"B.\"\nodd = 1\n",
                "test.toml: line 3, entry `subject = 1`: unknown field `odd`",
            ),
            (
                "# head\n[[subject]]\nsubject = 1\n[subject.en]\nname = \"A\"\n",
                "test.toml: line 2, entry `subject = 1`: missing field `meaning`",
            ),
            (
                "# head\n[[subject]]\n# note\nsubject = 1\n[subject.en]\nname = \"A\"\nmeaning = \"B.\"\n",
                "test.toml: 1 entries `[[subject]]`, but 0 were found",
            ),
        ] {
            let error = entries(text).check().unwrap_err().to_string();
            assert!(error.starts_with(want), "{error}");
        }
    }
}
