//! The report's section about what is usual: a day beside its weekday, with the names of the causes.

use crate::digest::{Usual, UsualRow};
use crate::knowledge::Knowledge;
use serde::Serialize;

/// A day beside the same days of the weeks before.
#[derive(Clone, Debug, Serialize)]
pub struct UsualSection {
    /// The day, UTC.
    pub day: String,
    /// Its weekday, 0 is Monday.
    pub weekday: u8,
    /// Begin of the hours compared, RFC 3339, UTC.
    pub from: String,
    /// End of the hours compared.
    pub to: String,
    /// The days it is compared with, latest first.
    pub days: Vec<String>,
    /// Traffic by direction.
    pub traffic: Vec<UsualRow>,
    /// Failures by cause, the largest deviation first.
    pub causes: Vec<UsualCause>,
}

/// A cause beside its usual.
#[derive(Clone, Debug, Serialize)]
pub struct UsualCause {
    /// What the cause is called, in the language of the report.
    pub title: String,
    /// The counts.
    #[serde(flatten)]
    pub row: UsualRow,
}

/// The section of what was found.
pub fn usual_section(usual: Usual, knowledge: &Knowledge) -> UsualSection {
    let title = |slug: &str| {
        let known = knowledge.cause(slug);
        known.map_or(slug, |cause| cause.title(knowledge.language())).to_owned()
    };
    UsualSection {
        day: usual.day,
        weekday: usual.weekday,
        from: usual.from,
        to: usual.to,
        days: usual.days,
        traffic: usual.traffic,
        causes: usual
            .causes
            .into_iter()
            .map(|row| UsualCause { title: title(row.cause.as_deref().unwrap_or("")), row })
            .collect(),
    }
}
