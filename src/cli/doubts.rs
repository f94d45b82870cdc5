//! What of the log could not be read, is missing or may be counted wrongly: for the head of a page, or on standard
//! error where the output is a table or a list.

use super::status::complain;
use crate::event::{Content, Note};
use crate::i18n::{Language, say};
use crate::pipeline::Outcome;
use crate::record::{Judging, Record, Sink};
use crate::report::Warning;
use std::ops::ControlFlow;

/// Counts the lines that the log itself says it lost.
pub(super) struct Losses<'s> {
    inner: &'s mut dyn Sink,
    pub(super) lines: u64,
}

impl<'s> Losses<'s> {
    pub(super) fn before(inner: &'s mut dyn Sink) -> Self {
        Self { inner, lines: 0 }
    }
}

impl Sink for Losses<'_> {
    fn judging(&self) -> Option<Judging> {
        self.inner.judging()
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        if let Content::Note(Note::LostLines { lines, .. }) = record.content
            && record.selected
        {
            self.lines = self.lines.saturating_add(*lines);
        }
        self.inner.record(record)
    }
}

/// Tells it on standard error. What could not be read is told by [`super::report::problems`], as it decides the exit
/// code too.
pub(super) fn tell(warnings: &[Warning]) {
    for warning in warnings.iter().filter(|warning| warning.kind != "unreadable") {
        let place = match (&warning.file, warning.line) {
            (Some(file), Some(line)) => format!("{file}:{line}: "),
            _ => String::new(),
        };
        complain(&format!("{place}{}", warning.text));
    }
}

/// Tells of files that are missing, which a search for a few lines sees too.
pub(super) fn tell_missing_files(outcome: &Outcome, language: Language) {
    for member in &outcome.missing_members {
        complain(&say(language.labels().warn_missing_file, &[member]));
    }
}
