//! A classifier that remembers: mail queues repeat themselves, and so do the texts in a log, but for ids (`ids.rs`).

use super::ids::hide_ids;
use super::{Classifier, Said, Verdict};
use crate::knowledge::Provider;
use crate::knowledge::provider::provider_of_host;
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
    kept: HashMap<u64, Verdict>,
    // Seeded afresh in each run: nobody can write texts that are taken for one another.
    hasher: RandomState,
    /// Room for one text.
    text: String,
}

impl Judge {
    /// A judge by these rules.
    pub fn new(classifier: Classifier) -> Self {
        Self {
            classifier: Arc::new(classifier),
            kept: HashMap::new(),
            hasher: RandomState::default(),
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
        let said = if self.classifier.has_user_rules() {
            *said
        } else {
            hide_ids(said.text, &mut self.text);
            Said { text: &self.text, ..*said }
        };
        // Of the host, only whose it is counts.
        let provider = said.relay.and_then(provider_of_host).map(Provider::slug);
        let key = self.hasher.hash_one(Said { relay: provider, ..said });
        if let Some(verdict) = self.kept.get(&key) {
            return verdict.clone();
        }
        let verdict = self.classifier.judge(&said);
        if self.kept.len() >= KEPT {
            self.kept.clear();
        }
        self.kept.insert(key, verdict.clone());
        verdict
    }
}
