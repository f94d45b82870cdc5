//! Counts that are told only where there is something to tell, each in its sentence.

use super::layout::number;
use crate::i18n::{Labels, say};
use crate::report::Report;

/// The counts that are not zero, each in its sentence, in one line; nothing where all are.
pub(super) fn counted(notes: &[(u64, &str)]) -> Option<String> {
    let told = notes.iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told.map(|(count, label)| say(label, &[&number(*count)])).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// What may make the figures of messages differ from what one expects.
pub(super) fn of_the_messages(report: &Report, labels: &Labels) -> Option<String> {
    let notes = counted(&[
        (report.mail.began_before, labels.began_before),
        (report.mail.without_end, labels.without_end),
        (report.reinjected, labels.reinjected),
        (report.incomplete, labels.incomplete),
        (report.lost_track, labels.lost_track),
    ])?;
    Some(say(labels.of_the_messages, &[&notes]))
}
