//! Which members of a set of rotated logs were not named.
//!
//! Only the names tell: a number that lacks between two others, or a date that breaks the common step. What
//! lies before the oldest and after the newest is not known and not guessed.

use std::collections::{BTreeMap, BTreeSet};

/// More than these of one set are no oversight.
const MAX_MISSING: usize = 31;

/// The suffixes that compressors add.
const PACKED: [&str; 7] = [".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma", ".Z"];

/// Names that should lie between those given, in order: `mail.log.1` for `mail.log` and `mail.log.2.gz`.
///
/// Numbered sets (`.1`, `.2.gz`) need no more than two members. Dated ones (`-20260105`) need a daily or
/// weekly step that is seen at least twice and more often than any other.
pub fn missing_members<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut numbered: BTreeMap<&str, BTreeMap<u32, &str>> = BTreeMap::new();
    let mut dated: BTreeMap<String, BTreeMap<i64, &str>> = BTreeMap::new();
    for name in names {
        let (stem, packed) = split_packed(name);
        match member_of(stem) {
            Member::Numbered(base, number) => {
                numbered.entry(base).or_default().insert(number, packed);
            }
            Member::Dated(base, day) => {
                dated.entry(base.to_owned()).or_default().insert(day, packed);
            }
        }
    }
    let mut missing = Vec::new();
    for (base, members) in &numbered {
        missing.extend(missing_numbers(base, members));
    }
    for (base, members) in &dated {
        missing.extend(missing_dates(base, members));
    }
    missing
}

enum Member<'a> {
    /// The log being written is number 0.
    Numbered(&'a str, u32),
    /// The base with its separator, and the day counted from the common era.
    Dated(&'a str, i64),
}

fn split_packed(name: &str) -> (&str, &'static str) {
    PACKED
        .into_iter()
        .find_map(|suffix| Some((name.strip_suffix(suffix)?, suffix)))
        .unwrap_or((name, ""))
}

fn member_of(stem: &str) -> Member<'_> {
    let digits = stem.bytes().rev().take_while(u8::is_ascii_digit).count();
    let Some((before, number)) = stem.split_at_checked(stem.len() - digits) else {
        return Member::Numbered(stem, 0);
    };
    if digits == 8
        && before.ends_with(['-', '.', '_'])
        && let Ok(date) = chrono::NaiveDate::parse_from_str(number, "%Y%m%d")
    {
        return Member::Dated(before, i64::from(chrono::Datelike::num_days_from_ce(&date)));
    }
    match (before.strip_suffix('.'), number.parse()) {
        (Some(base), Ok(number)) if digits <= 4 && !base.is_empty() => {
            Member::Numbered(base, number)
        }
        _ => Member::Numbered(stem, 0),
    }
}

fn missing_numbers(base: &str, members: &BTreeMap<u32, &str>) -> Vec<String> {
    let (Some((first, _)), Some((last, _))) = (members.first_key_value(), members.last_key_value())
    else {
        return Vec::new();
    };
    (*first..*last)
        .filter(|number| !members.contains_key(number))
        .take(MAX_MISSING)
        .map(|number| {
            // Behind a packed member all are packed; the one before it may be left as it was.
            let packed = members.range(1..number).next_back().map_or("", |(_, packed)| *packed);
            format!("{base}.{number}{packed}")
        })
        .collect()
}

fn missing_dates(base: &str, members: &BTreeMap<i64, &str>) -> Vec<String> {
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
                i32::try_from(day).ok().and_then(chrono::NaiveDate::from_num_days_from_ce_opt)
            {
                missing.push(format!("{base}{}{packed}", date.format("%Y%m%d")));
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
