//! A classifier that remembers: mail queues repeat themselves, and so do the texts in a log.

use super::{Classifier, Said, Verdict};
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
}

impl Judge {
    /// A judge by these rules.
    pub fn new(classifier: Classifier) -> Self {
        Self {
            classifier: Arc::new(classifier),
            kept: HashMap::new(),
            hasher: RandomState::default(),
        }
    }

    /// A judge by the embedded rules.
    pub fn builtin() -> Self {
        Self::new(Classifier::builtin())
    }

    /// As [`Classifier::judge`].
    pub fn judge(&mut self, said: &Said<'_>) -> Verdict {
        let key = self.hasher.hash_one(said);
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
