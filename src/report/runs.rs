//! What a run over new lines adds to the runs before it.

use super::MailSection;
use super::build::mail;
use crate::summary::{Summary, Totals};
use crate::time::Time;
use serde::Serialize;

/// A run over new lines among the others with the same state.
#[derive(Debug, Serialize)]
pub struct RunsSection {
    /// When the first run began, RFC 3339; null in the first.
    pub first: Option<String>,
    /// When the run before this one began, RFC 3339; null in the first.
    pub before: Option<String>,
    /// Messages that were on their way when this run began.
    pub carried_over: u64,
    /// Recipients that were deferred then, and whose mail was delivered in this run.
    pub earlier_deferrals_delivered: u64,
    /// Recipients that were deferred then, and whose mail was given up in this run.
    pub earlier_deferrals_given_up: u64,
    /// Mail of all runs, what is on its way included: as one report over all lines would say.
    pub mail: MailSection,
    /// Notifications of all runs.
    pub notifications: MailSection,
    /// Messages that a content filter brought back, of all runs.
    pub reinjected: u64,
    /// Transactions that left no message, of all runs.
    pub incomplete: u64,
    /// Messages whose end no log shows, of all runs.
    pub lost_track: u64,
}

impl RunsSection {
    /// The runs before had these messages, this one has those of `summary`; times are seconds since 1970.
    pub fn new(
        before: &Totals,
        summary: &Summary,
        (first, last): (Option<i64>, Option<i64>),
        carried_over: u64,
    ) -> Self {
        let mut all = before.clone();
        all.merge(&summary.totals());
        let earlier = [&summary.mail, &summary.notifications];
        Self {
            first: first.map(moment),
            before: last.map(moment),
            carried_over,
            earlier_deferrals_delivered: earlier.iter().map(|m| m.earlier_delivered).sum(),
            earlier_deferrals_given_up: earlier.iter().map(|m| m.earlier_given_up).sum(),
            mail: mail(&all.mail),
            notifications: mail(&all.notifications),
            reinjected: all.reinjected,
            incomplete: all.incomplete,
            lost_track: all.lost_track,
        }
    }
}

/// Seconds since 1970 as RFC 3339.
fn moment(seconds: i64) -> String {
    Time::from_parts(seconds, 0).to_string()
}
