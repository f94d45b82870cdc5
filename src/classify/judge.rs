//! A classifier that remembers: mail queues repeat themselves, and so do the texts in a log, but for whom they are about
//! ([`Wording`]), which is cheap to leave out, and for ids (`ids.rs`), for which every word must be looked at.

use super::ids::hide_ids;
use super::ladder::is_this_host;
use super::shown::without_login;
use super::{Classifier, Said, Verdict};
use crate::knowledge::provider::HostMemory;
use crate::recent::ByKey;
use crate::wording::Wording;
use foldhash::quality::RandomState;
use hashbrown::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

/// How many of the last wordings are known: four fifths of all failures repeat one of so many.
const PLACES: usize = 1024;

/// How many verdicts on texts without ids are kept; with one more all are forgotten, which costs less than telling old
/// from new.
const KEPT: usize = 8192;

/// Judges, and keeps the last verdicts. A clone judges by the same rules and keeps its own verdicts from then on.
#[derive(Clone, Debug)]
pub struct Judge {
    classifier: Arc<Classifier>,
    /// Those on the last wordings, by their hashes.
    last: ByKey<Verdict, PLACES>,
    /// Those on texts without ids, by their hashes.
    kept: HashMap<u64, Verdict>,
    // Seeded afresh in each run: nobody can write texts that are taken for one another.
    hasher: RandomState,
    hosts: HostMemory,
    /// Room for one text.
    text: String,
}

impl Judge {
    /// A judge by these rules.
    pub fn new(classifier: Classifier) -> Self {
        Self {
            classifier: Arc::new(classifier),
            last: ByKey::default(),
            kept: HashMap::new(),
            hasher: RandomState::default(),
            hosts: HostMemory::default(),
            text: String::new(),
        }
    }

    /// A judge by the embedded rules.
    pub fn builtin() -> Self {
        Self::new(Classifier::builtin())
    }

    /// As [`Classifier::judge`]; of the text, what no rule looks at is hidden before.
    pub fn judge(&mut self, said: &Said<'_>) -> Verdict {
        self.judge_worded(said, None)
    }

    /// As [`Self::judge`]; `wording` is the hash of the text's wording, seeded afresh in each run, where somebody has made
    /// it already.
    pub(crate) fn judge_worded(&mut self, said: &Said<'_>, wording: Option<u64>) -> Verdict {
        // A user's rules may look at anything.
        if self.classifier.has_user_rules() {
            return self.judge_as(said, self.hasher.hash_one(said));
        }
        // Of the host, only whose it is counts.
        let provider = said.relay.and_then(|host| {
            if is_this_host(host) { Some("localhost") } else { self.hosts.provider(host) }
        });
        let around = Said { text: "", relay: provider, ..*said };
        let wording = wording.unwrap_or_else(|| self.hasher.hash_one(Wording::of(said.text)));
        let key = self.hasher.hash_one((around, wording));
        if let Some(verdict) = self.last.get(key) {
            return verdict.clone();
        }
        let mut text = std::mem::take(&mut self.text);
        hide_ids(&without_login(said), &mut text);
        let hidden = Said { text: &text, ..*said };
        let hidden_key = self.hasher.hash_one(Said { relay: provider, ..hidden });
        let verdict = self.judge_as(&hidden, hidden_key);
        self.text = text;
        if let Some(place) = self.last.place(key) {
            *place = Some((key, verdict.clone()));
        }
        verdict
    }

    fn judge_as(&mut self, said: &Said<'_>, key: u64) -> Verdict {
        if let Some(verdict) = self.kept.get(&key) {
            return verdict.clone();
        }
        let verdict = self.classifier.judge(said);
        if self.kept.len() >= KEPT {
            self.kept.clear();
        }
        self.kept.insert(key, verdict.clone());
        verdict
    }
}
