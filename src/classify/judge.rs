//! A classifier that remembers: mail queues repeat themselves, and so do the texts in a log, but for ids (`ids.rs`).

use super::ids::hide_ids;
use super::ladder::is_this_host;
use super::{Classifier, Said, Verdict};
use crate::knowledge::provider::HostMemory;
use foldhash::quality::RandomState;
use hashbrown::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

/// How many verdicts are kept; with one more all are forgotten, which costs less than telling old from new.
const KEPT: usize = 8192;

/// Judges, and keeps the last verdicts. A clone judges by the same rules and keeps its own verdicts from then on.
#[derive(Clone, Debug)]
pub struct Judge {
    classifier: Arc<Classifier>,
    /// Of the last texts as they stood, by their hashes; those of the same place push each other out.
    last: Vec<Option<Known>>,
    kept: HashMap<u64, Verdict>,
    // Seeded afresh in each run: nobody can write texts that are taken for one another.
    hasher: RandomState,
    hosts: HostMemory,
    /// Room for one text.
    text: String,
}

/// A text as it stood, and the verdict on it.
#[derive(Clone, Debug)]
struct Known {
    text: String,
    key: u64,
    verdict: Verdict,
}

/// How many texts are remembered as they stood: half of all failures repeat one of so many.
const PLACES: usize = 1024;
/// Longer ones are not.
const LONGEST: usize = 512;

impl Judge {
    /// A judge by these rules.
    pub fn new(classifier: Classifier) -> Self {
        Self {
            classifier: Arc::new(classifier),
            last: Vec::new(),
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
        // A user's rules may look at anything.
        if self.classifier.has_user_rules() {
            return self.judge_as(said, self.hasher.hash_one(said));
        }
        // Of the host, only whose it is counts.
        let provider = said.relay.and_then(|host| {
            if is_this_host(host) { Some("localhost") } else { self.hosts.provider(host) }
        });
        let key = self.hasher.hash_one(Said { relay: provider, ..*said });
        let place = usize::try_from(key % PLACES as u64).unwrap_or(0);
        if let Some(Some(known)) = self.last.get(place)
            && known.key == key
            && known.text == said.text
        {
            return known.verdict.clone();
        }
        let mut text = std::mem::take(&mut self.text);
        hide_ids(said.text, &mut text);
        let hidden = Said { text: &text, ..*said };
        let hidden_key = self.hasher.hash_one(Said { relay: provider, ..hidden });
        let verdict = self.judge_as(&hidden, hidden_key);
        self.text = text;
        self.remember(place, key, said.text, &verdict);
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

    fn remember(&mut self, place: usize, key: u64, text: &str, verdict: &Verdict) {
        if text.len() > LONGEST {
            return;
        }
        if self.last.is_empty() {
            self.last.resize(PLACES, None);
        }
        match self.last.get_mut(place) {
            // In the same room: nothing is allocated.
            Some(Some(known)) => {
                known.text.clear();
                known.text.push_str(text);
                known.key = key;
                known.verdict.clone_from(verdict);
            }
            Some(free) => {
                *free = Some(Known { text: text.to_owned(), key, verdict: verdict.clone() });
            }
            None => {}
        }
    }
}
