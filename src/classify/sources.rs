//! The embedded rule files, in one place. A further provider is one line in [`PROVIDERS`].

use super::CauseId;
use crate::error::Error;
use aho_corasick::{AhoCorasick, MatchKind};
use serde::Deserialize;

/// The name of a data file, for messages, and its text.
pub(super) type Source = (&'static str, &'static str);

macro_rules! embedded {
    ($path:literal) => {
        ($path, include_str!(concat!("../knowledge/", $path)))
    };
}

/// Phrases of our own MTA and failures that nobody spoke of.
pub(super) const OWN: Source = embedded!("own.toml");
/// Wordings that mean the same whoever uses them.
pub(super) const TEXT: Source = embedded!("rules.toml");
/// What codes mean where no words tell.
pub(super) const STATUSES: Source = embedded!("statuses.toml");
/// One file a receiver or filter service.
pub(super) const PROVIDERS: &[Source] = &[];

/// The provider that answered.
pub(super) fn provider_of(_relay: Option<&str>, _text: &str) -> Option<&'static str> {
    None
}

/// Public blocklists by their names.
#[derive(Debug)]
pub(super) struct Lists {
    lists: Vec<Named>,
    searcher: AhoCorasick,
    owners: Vec<usize>,
}

/// A public blocklist.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) slug: &'static str,
    pub(super) is_of_domains: bool,
}

impl Named {
    pub(super) fn cause(&self) -> CauseId {
        CauseId::new(if self.is_of_domains { "domain-blocklisted" } else { "ip-blocklisted" })
    }
}

#[derive(Deserialize)]
struct File {
    list: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    slug: String,
    kind: String,
    names: Vec<String>,
}

impl Lists {
    pub(super) fn new() -> Result<Self, Error> {
        const FILE: Source = embedded!("blocklists.toml");
        let wrong = |what: String| Error::Knowledge { file: FILE.0.to_owned(), what };
        let file: File = toml::from_str(FILE.1).map_err(|error| wrong(error.to_string()))?;
        let mut owners = Vec::new();
        let mut names = Vec::new();
        let mut lists = Vec::new();
        for (index, entry) in file.list.into_iter().enumerate() {
            owners.extend(entry.names.iter().map(|_| index));
            names.extend(entry.names);
            lists.push(Named { slug: entry.slug.leak(), is_of_domains: entry.kind == "domain" });
        }
        let searcher = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(names)
            .map_err(|error| wrong(error.to_string()))?;
        Ok(Self { lists, searcher, owners })
    }

    /// The list that the text names; the longest name wins.
    pub(super) fn named_in(&self, text: &str) -> Option<&Named> {
        let hit = self.searcher.find_iter(text).max_by_key(aho_corasick::Match::len)?;
        self.lists.get(*self.owners.get(hit.pattern().as_usize())?)
    }
}
