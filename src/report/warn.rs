//! What may make the figures wrong, told before them.

use crate::event::Bucket;
use crate::i18n::{Language, duration, say};
use crate::pipeline::Outcome;
use crate::record::Anomaly;
use crate::time::{Time, Zone};
use serde::Serialize;

/// One thing that may make figures wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Stable word.
    pub kind: &'static str,
    /// One sentence.
    pub text: String,
    /// The file it is about, if one.
    pub file: Option<String>,
    /// The line, if one.
    pub line: Option<u64>,
}

impl Warning {
    /// A warning about the whole input.
    pub fn new(kind: &'static str, text: String) -> Self {
        Self { kind, text, file: None, line: None }
    }

    /// A warning about a place.
    #[must_use]
    pub fn at(mut self, file: &str, line: Option<u64>) -> Self {
        self.file = Some(file.to_owned());
        self.line = line;
        self
    }
}

/// What of the log could not be read, is missing or may be counted wrongly. `lost_lines` is how many the log
/// itself says that it lost.
pub fn warnings(
    outcome: &Outcome,
    lost_lines: u64,
    language: Language,
    zone: Zone,
) -> Vec<Warning> {
    let labels = language.labels();
    let mut warnings = Vec::new();
    for source in &outcome.sources {
        if let Some(problem) = &source.problem {
            warnings.push(Warning::new("unreadable", problem.to_string()));
        }
    }
    for member in &outcome.missing_members {
        warnings.push(Warning::new("missing-file", say(labels.warn_missing_file, &[member])));
    }
    for anomaly in &outcome.anomalies {
        let (kind, label, seconds, from, to, at) = match anomaly {
            Anomaly::Gap { from, to, at } => {
                ("gap", labels.warn_gap, to.seconds() - from.seconds(), from, to, at)
            }
            Anomaly::BackwardJump { from, to, at } => {
                ("clock-jump", labels.warn_jump, from.seconds() - to.seconds(), from, to, at)
            }
        };
        let shown = |time: Time| zone.shown(time);
        let text = say(label, &[&duration(seconds, language), &shown(*from), &shown(*to)]);
        let file = usize::try_from(at.source).ok().and_then(|n| outcome.sources.get(n));
        let file = file.map_or("", |source| source.name.as_str());
        warnings.push(Warning::new(kind, text).at(file, Some(at.line)));
    }
    let coverage = &outcome.coverage;
    let unknown = coverage.buckets.get(&Bucket::Unknown).copied().unwrap_or(0);
    for (kind, count, label) in [
        ("more-anomalies", outcome.anomalies_left_out, labels.warn_more),
        ("lost-lines", lost_lines, labels.warn_lost_lines),
        ("duplicates", u64::from(coverage.duplicates_unsure), labels.warn_duplicates),
        ("without-time", coverage.without_time, labels.warn_without_time),
        // A few odd lines are normal; one in a hundred is a gap in what we know.
        (
            "unknown-lines",
            if unknown * 100 > coverage.lines { unknown } else { 0 },
            labels.warn_unknown,
        ),
    ] {
        if count > 0 {
            warnings.push(Warning::new(kind, say(label, &[&count, &coverage.lines])));
        }
    }
    warnings
}
