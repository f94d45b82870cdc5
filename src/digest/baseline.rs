//! What is usual at this hour of the week: for whoever wants to tell an episode from a habit.
//!
//! Made of a digest in hours, saved or from the history. Hours in which the logs tell of nothing at all are not
//! taken for hours without failures: a week counts only where there was traffic.

use super::{Digest, Grain};
use crate::smtp::Direction;
use compact_str::CompactString;
use std::collections::{BTreeMap, BTreeSet};

/// Hours of a week.
const WEEK: i64 = 168;

/// The usual rate of failures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Lines in this hour of the week, on average over the weeks.
    pub lines: f64,
    /// Recipients that first met the cause then, on average.
    pub recipients: f64,
    /// Over how many weeks.
    pub weeks: u32,
}

/// Direction, provider, cause, hour of the week.
type Key = (Direction, Option<CompactString>, CompactString, u8);

/// Usual rates by direction, provider, cause and hour of the week (0 is Monday 00:00 UTC).
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// Lines and recipients.
    sums: BTreeMap<Key, (u64, u64)>,
    weeks: BTreeMap<u8, u32>,
}

impl Baseline {
    /// The usual of what a digest tells; `None` when its periods are longer than hours.
    pub fn of(digest: &Digest) -> Option<Self> {
        if digest.grain != Grain::Hour {
            return None;
        }
        let mut baseline = Self::default();
        let rows = digest.rows.keys().map(|key| key.period);
        let hours: BTreeSet<i64> =
            digest.traffic.keys().map(|key| key.period).chain(rows).collect();
        for hour in hours {
            *baseline.weeks.entry(hour_of_week(hour)).or_default() += 1;
        }
        for (key, counts) in &digest.rows {
            if let Some(cause) = &key.cause {
                let hour = hour_of_week(key.period);
                let key = (key.direction, key.provider.clone(), cause.clone(), hour);
                let sum = baseline.sums.entry(key).or_default();
                sum.0 = sum.0.saturating_add(counts.lines);
                sum.1 = sum.1.saturating_add(counts.recipients);
            }
        }
        Some(baseline)
    }

    /// The usual rate of a cause in the hour that begins, or is running, at `seconds` since 1970; `None` when nothing
    /// is known of that hour of the week. A cause that did not occur then has the rate 0.
    #[expect(clippy::cast_precision_loss, reason = "an average")]
    pub fn rate(
        &self,
        direction: Direction,
        provider: Option<&str>,
        cause: &str,
        seconds: i64,
    ) -> Option<Rate> {
        let hour = hour_of_week(seconds);
        let weeks = *self.weeks.get(&hour)?;
        let key = (direction, provider.map(CompactString::new), CompactString::new(cause), hour);
        let (lines, recipients) = self.sums.get(&key).copied().unwrap_or_default();
        let each = |sum: u64| sum as f64 / f64::from(weeks);
        Some(Rate { lines: each(lines), recipients: each(recipients), weeks })
    }

    /// Of how many of the 168 hours of a week something is known.
    pub fn hours(&self) -> usize {
        self.weeks.len()
    }
}

/// 0 is the hour that begins on Monday, 00:00 UTC.
fn hour_of_week(seconds: i64) -> u8 {
    let hours = seconds.div_euclid(3600) - Grain::Week.begin(0).div_euclid(3600);
    u8::try_from(hours.rem_euclid(WEEK)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_week_begins_on_monday() {
        // 2026-01-05 is a Monday.
        let monday = 1_767_571_200;
        assert_eq!(hour_of_week(monday), 0);
        assert_eq!(hour_of_week(monday + 3599), 0);
        assert_eq!(hour_of_week(monday - 1), 167);
        assert_eq!(hour_of_week(monday + 8 * 86_400 + 7200), 26);
    }
}
