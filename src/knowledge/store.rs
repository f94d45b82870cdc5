//! The entries of one data file, each parsed when it is first asked for.
//!
//! Start-up counts: `explain 521` needs one entry of some two hundred. Parsing all data files takes 2.3 ms now
//! and will take more with every language; finding where the entries begin takes 0.05 ms, and parsing one of
//! them 0.01 ms. So a file is cut at its `[[` lines, the key is read from the line below, and the rest waits.
//! A text of several lines that holds a line beginning with `[[` would be cut; the tests compare with a parse
//! of the whole file.

use crate::error::Error;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// One entry: where it is, and what it says once somebody asked.
#[derive(Debug)]
struct Slot<K, T> {
    key: K,
    text: &'static str,
    /// Line number of its `[[` line, from 1.
    line: usize,
    /// `None` inside: the entry is wrong. The tests see to it that no embedded one is.
    value: OnceLock<Option<T>>,
}

/// The entries of one kind (`[[table]]`) of a file, in the order of the file.
#[derive(Debug)]
pub(super) struct Entries<K, T> {
    file: &'static str,
    table: &'static str,
    /// What stands before the first entry.
    head: &'static str,
    slots: Vec<Slot<K, T>>,
}

impl<K: PartialEq, T: DeserializeOwned> Entries<K, T> {
    /// Cuts `text` into its entries `[[table]]`, and leaves those of other names alone. `key_of` reads the key
    /// from the lines behind `[[table]]`; an entry without a key is left out here and reported by
    /// [`Entries::check`].
    pub(super) fn new(
        (file, text): (&'static str, &'static str),
        table: &'static str,
        key_of: impl Fn(&str) -> Option<K>,
    ) -> Self {
        let mut slots = Vec::new();
        let starts: Vec<usize> =
            memchr::memmem::find_iter(text.as_bytes(), b"\n[[").map(|at| at + 1).collect();
        let mut line = 1;
        let mut counted = 0;
        for (index, &start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(text.len());
            let entry = text.get(start..end).unwrap_or_default();
            line +=
                memchr::memchr_iter(b'\n', text.get(counted..start).unwrap_or_default().as_bytes())
                    .count();
            counted = start;
            let facts = entry
                .strip_prefix("[[")
                .and_then(|rest| rest.strip_prefix(table)?.strip_prefix("]]\n"));
            let Some(key) = facts.and_then(&key_of) else { continue };
            slots.push(Slot { key, text: entry, line, value: OnceLock::new() });
        }
        let head = text.get(..starts.first().copied().unwrap_or(text.len())).unwrap_or_default();
        Self { file, table, head, slots }
    }

    /// What stands before the first entry.
    pub(super) fn head(&self) -> &'static str {
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

    /// Parses every entry, and counts them against a parse of the whole file.
    ///
    /// # Errors
    ///
    /// [`Error::Knowledge`] with file, line and what is wrong, for the first entry that is.
    pub(super) fn check(&self, text: &str) -> Result<(), Error> {
        for slot in &self.slots {
            self.parse(slot)?;
        }
        let whole: toml::Table =
            toml::from_str(text).map_err(|e| self.error(e.message().to_owned()))?;
        let entries = whole.get(self.table).and_then(toml::Value::as_array).map_or(0, Vec::len);
        if entries == self.slots.len() {
            return Ok(());
        }
        let found = self.slots.len();
        Err(self.error(format!(
            "{entries} entries `[[{}]]`, but {found} were found: the line below must be the key, and no text may \
             have a line that begins with `[[`",
            self.table
        )))
    }

    fn parse(&self, slot: &Slot<K, T>) -> Result<T, Error> {
        let mut tables: BTreeMap<String, Vec<T>> = toml::from_str(slot.text).map_err(|e| {
            let before = e.span().and_then(|span| slot.text.get(..span.start)).unwrap_or_default();
            let line = slot.line + before.matches('\n').count();
            let entry = slot.text.lines().nth(1).unwrap_or_default();
            self.error(format!("line {line}, entry `{entry}`: {}", e.message()))
        })?;
        match tables.pop_first().and_then(|(_, mut entries)| entries.pop()) {
            Some(entry) => Ok(entry),
            None => Err(self.error(format!("line {}: no entry", slot.line))),
        }
    }

    fn error(&self, what: String) -> Error {
        Error::Knowledge { file: self.file.to_owned(), what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::schema::SubjectEntry;

    fn entries(text: &'static str) -> Entries<u16, SubjectEntry> {
        Entries::new(("test.toml", text), "subject", |facts| {
            facts.lines().next()?.strip_prefix("subject = ")?.parse().ok()
        })
    }

    #[test]
    fn an_entry_is_found_by_its_key() {
        let text = "# head\n\n[[subject]]\nsubject = 1\n[subject.en]\nname = \"A\"\nmeaning = \"B.\"\n\
                    [subject.ru]\nname = \"А\"\nmeaning = \"Б.\"\n";
        let entries = entries(text);
        assert_eq!(entries.head(), "# head\n\n");
        assert_eq!(entries.get(&1).map(|e| e.en.name.as_str()), Some("A"));
        assert!(entries.get(&2).is_none());
        entries.check(text).unwrap();
    }

    #[test]
    fn mistakes_name_file_line_and_entry() {
        for (text, want) in [
            (
                "# head\n\n[[subject]]\nsubject = 1\n[subject.en]\nname = \"A\"\nmeaning = \"B.\"\nodd = 1\n",
                "test.toml: line 8, entry `subject = 1`: unknown field `odd`",
            ),
            (
                "# head\n[[subject]]\nsubject = 1\n[subject.en]\nname = \"A\"\n",
                "test.toml: line 4, entry `subject = 1`: missing field `meaning`",
            ),
            (
                "# head\n[[subject]]\n# note\nsubject = 1\n[subject.en]\nname = \"A\"\nmeaning = \"B.\"\n",
                "test.toml: 1 entries `[[subject]]`, but 0 were found",
            ),
        ] {
            let error = entries(text).check(text).unwrap_err().to_string();
            assert!(error.starts_with(want), "{error}");
        }
    }
}
