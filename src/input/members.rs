//! Which members of a set of rotated logs were not named.
//!
//! Only the names tell: a number that lacks between two others, or a date that breaks the common step. What
//! lies before the oldest and after the newest is not known and not guessed.

use super::rotation::{Age, Member, member_of};
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// More than these of one set are no oversight.
const MAX_MISSING: usize = 31;

/// Names that should lie between those given, in order: `mail.log.1` for `mail.log` and `mail.log.2.gz`.
///
/// Numbered sets (`.1`, `.2.gz`) need no more than two members. Dated ones (`-20260105`) need a daily or
/// weekly step that is seen at least twice and more often than any other.
pub fn missing_members<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut numbered: BTreeMap<String, Numbered<'_>> = BTreeMap::new();
    let mut dated: BTreeMap<(&str, &str), BTreeMap<i64, &str>> = BTreeMap::new();
    for name in names {
        let Member { base, before, age, after } = member_of(name);
        match age {
            Age::Live => numbered.entry(base.into_owned()).or_default().live = true,
            Age::Numbered { number, digits } => {
                let set = numbered.entry(base.into_owned()).or_default();
                set.members.insert(number, (digits, after));
            }
            // How often a set with times is rotated is not known.
            Age::Dated { day, time: 0 } => {
                let format = match name.len() - before.len() - after.len() {
                    8 => "%Y%m%d",
                    10 => "%Y-%m-%d",
                    _ => continue,
                };
                let set = dated.entry((before, format)).or_default();
                set.insert(day.num_days_from_ce().into(), after);
            }
            Age::Dated { .. } => {}
        }
    }
    let mut missing = Vec::new();
    for (base, set) in &numbered {
        missing.extend(missing_numbers(base, set));
    }
    for ((before, format), members) in &dated {
        missing.extend(missing_dates(before, format, members));
    }
    missing
}

#[derive(Default)]
struct Numbered<'a> {
    live: bool,
    /// Digits of the number, and what stands behind it.
    members: BTreeMap<u32, (usize, &'a str)>,
}

fn missing_numbers(base: &str, set: &Numbered<'_>) -> Vec<String> {
    let (Some((first, _)), Some((last, _))) =
        (set.members.first_key_value(), set.members.last_key_value())
    else {
        return Vec::new();
    };
    // Some count from 0; that one is not missed.
    let first = if set.live { 1.min(*first) } else { *first };
    (first..*last)
        .filter(|number| !set.members.contains_key(number))
        .take(MAX_MISSING)
        .map(|number| {
            // Behind a packed member all are packed; the one before it may be left as it was.
            let before = set.members.range(..number).next_back();
            let packed = before.map_or("", |(_, (_, packed))| *packed);
            let digits = set.members.values().map(|(digits, _)| *digits).min().unwrap_or(1);
            format!("{base}.{number:0digits$}{packed}")
        })
        .collect()
}

fn missing_dates(before: &str, format: &str, members: &BTreeMap<i64, &str>) -> Vec<String> {
    let days: Vec<i64> = members.keys().copied().collect();
    let steps: Vec<i64> = days.iter().zip(days.iter().skip(1)).map(|(a, b)| b - a).collect();
    let seen = |step: i64| steps.iter().filter(|s| **s == step).count();
    let others: BTreeSet<i64> = steps.iter().copied().collect();
    let common = [1, 7].into_iter().find(|step| {
        seen(*step) >= 2 && others.iter().all(|other| other == step || seen(*other) < seen(*step))
    });
    let Some(step) = common else { return Vec::new() };
    let mut missing = Vec::new();
    for ((from, packed), to) in members.iter().zip(days.iter().skip(1)) {
        let mut day = from + step;
        // A step that does not fit says that the rule changed, not that a member lacks.
        while (to - from) % step == 0 && day < *to && missing.len() < MAX_MISSING {
            if let Some(date) =
                i32::try_from(day).ok().and_then(NaiveDate::from_num_days_from_ce_opt)
            {
                missing.push(format!("{before}{}{packed}", date.format(format)));
            }
            day += step;
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_between_others_are_missed() {
        for (names, want) in [
            (&["mail.log", "mail.log.2"][..], &["mail.log.1"][..]),
            (&["mail.log", "mail.log.2.gz"], &["mail.log.1"]),
            (&["mail.log.4.gz", "mail.log.2.gz", "mail.log.1"], &["mail.log.3.gz"]),
            (&["mail.log.1", "mail.log"], &[]),
            (&["mail.log.3"], &[]),
            (&["mail.log"], &[]),
            (&[], &[]),
            (&["/a/mail.log", "/b/mail.log.2"], &[]),
            (&["maillog", "maillog.0", "maillog.2.bz2"], &["maillog.1"]),
            (&["maillog", "maillog.0"], &[]),
            (&["mainlog", "mainlog.01", "mainlog.04.gz"], &["mainlog.02", "mainlog.03"]),
            (&["mainlog.09", "mainlog.11"], &["mainlog.10"]),
            (&["mainlog.1", "mainlog.3", "rejectlog.1"], &["mainlog.2"]),
            (&["mail.log-20260101", "mail.log-20260102", "mail.log-20260103"], &[]),
            (
                &[
                    "mail.log-20260101",
                    "mail.log-20260102",
                    "mail.log-20260103",
                    "mail.log-20260106",
                ],
                &["mail.log-20260104", "mail.log-20260105"],
            ),
            (
                &["m-20251221.xz", "m-20251228.xz", "m-20260104.xz", "m-20260118.xz"],
                &["m-20260111.xz"],
            ),
            (
                &["m-2026-01-01.log", "m-2026-01-02.log", "m-2026-01-03.log", "m-2026-01-05.log"],
                &["m-2026-01-04.log"],
            ),
            (&["m.20260101-10", "m.20260102-10", "m.20260103-10", "m.20260105-10"], &[]),
            (&["m-20260101", "m-20260201", "m-20260301"], &[]),
            (&["m-20260101", "m-20260102", "m-20260104"], &[]),
            (&["m-20269999", "m-20260102"], &[]),
            (&["-", "2026", ".1", "12345678"], &[]),
        ] {
            assert_eq!(missing_members(names.iter().copied()), want, "{names:?}");
        }
    }

    #[test]
    fn a_far_number_is_no_flood() {
        assert_eq!(missing_members(["mail.log", "mail.log.9999"]).len(), MAX_MISSING);
    }
}
