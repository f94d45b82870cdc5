//! What the name of a log says about its place in a rotation set.
//!
//! Names alone are looked at, as logrotate, savelog, newsyslog, `exicyclog`, Postfix and Exim itself make
//! them. To add a scheme: [`member_of`], and a row in the test.

use chrono::NaiveDate;
use std::borrow::Cow;
use std::cmp::Reverse;

/// The suffixes that compressors add.
const PACKED: [&str; 7] = [".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma", ".Z"];
/// Years that are taken for dates; other numbers of eight digits are just numbers.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2099;

/// A name, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Member<'a> {
    /// The name of the log that is being written, folder included.
    pub(super) base: Cow<'a, str>,
    /// The name up to the number or date.
    pub(super) before: &'a str,
    pub(super) age: Age,
    /// What stands behind the number or date.
    pub(super) after: &'a str,
}

/// How old a member is, next to others of its set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Age {
    /// Being written.
    Live,
    /// The higher the older.
    Numbered {
        number: u32,
        /// Exim writes `mainlog.01`.
        digits: usize,
    },
    /// Rotated on a day.
    Dated {
        day: NaiveDate,
        /// Orders the members of a day: hour, minute and second, or seconds since 1970.
        time: u64,
    },
}

impl Age {
    /// Orders members that are rotated in one way, the oldest first.
    pub(super) fn order(self) -> impl Ord {
        match self {
            Self::Numbered { number, .. } => (0, None, Reverse(u64::from(number))),
            Self::Dated { day, time } => (0, Some(day), Reverse(u64::MAX - time)),
            Self::Live => (1, None, Reverse(0)),
        }
    }
}

/// Takes a name apart. Any name is at least that of a log that is being written.
pub(super) fn member_of(name: &str) -> Member<'_> {
    let stem = PACKED.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
    let folder = stem.rfind('/').map_or(0, |slash| slash + 1);
    let member = |base, before: &str, age, behind: usize| Member {
        base,
        before: name.get(..before.len()).unwrap_or_default(),
        age,
        after: name.get(behind..).unwrap_or_default(),
    };
    // logrotate's `extension .log`.
    for extension in ["", ".log"] {
        let Some(inner) = stem.strip_suffix(extension) else { continue };
        for (at, _) in inner.match_indices(['-', '.', '_']).filter(|(at, _)| *at > folder) {
            let (Some(base), Some(before), Some(date)) =
                (inner.get(..at), inner.get(..=at), inner.get(at + 1..))
            else {
                continue;
            };
            if let Some(age) = dated(date) {
                let base = match extension {
                    "" => Cow::Borrowed(base),
                    _ => Cow::Owned(format!("{base}{extension}")),
                };
                return member(base, before, age, inner.len());
            }
        }
    }
    if let Some((base, number)) = stem.rsplit_once('.')
        && (1..=4).contains(&number.len())
        && base.len() > folder
        && is_digits(number)
        && let Ok(digits) = number.parse()
    {
        let age = Age::Numbered { number: digits, digits: number.len() };
        return member(
            Cow::Borrowed(base),
            stem.get(..=base.len()).unwrap_or_default(),
            age,
            stem.len(),
        );
    }
    member(Cow::Borrowed(stem), stem, Age::Live, stem.len())
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A date with or without a time, and nothing else: `20260105`, `2026-01-05`, `202601`, `20260105-101500`,
/// `2026010510`, `20260105-1767607500`.
fn dated(text: &str) -> Option<Age> {
    let number = |from: usize, to: usize| {
        text.get(from..to).filter(|digits| is_digits(digits)).and_then(|digits| digits.parse().ok())
    };
    let year = i32::try_from(number(0, 4)?).ok().filter(|year| YEARS.contains(year))?;
    let (month, day, rest) = match text.as_bytes().get(4)? {
        b'-' if text.get(7..8) == Some("-") => (number(5, 7)?, number(8, 10)?, text.get(10..)?),
        _ if text.len() == 6 => (number(4, 6)?, 1, ""),
        _ => (number(4, 6)?, number(6, 8)?, text.get(8..)?),
    };
    let day = NaiveDate::from_ymd_opt(year, month, day)?;
    let digits = rest.strip_prefix(['-', '_', 'T']).unwrap_or(rest);
    let time = match digits.len() {
        0 if rest.is_empty() => 0,
        length @ (2 | 4 | 6 | 10) if is_digits(digits) => {
            // `10` and `1015` are ten o'clock and a quarter past.
            digits.parse::<u64>().ok()?
                * 10_u64.pow(6_u32.saturating_sub(u32::try_from(length).ok()?))
        }
        _ => return None,
    };
    Some(Age::Dated { day, time })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_scheme_are_taken_apart() {
        for (name, base, age) in [
            ("mail.log", "mail.log", "live"),
            ("/var/log/mail.log", "/var/log/mail.log", "live"),
            ("maillog", "maillog", "live"),
            ("mail", "mail", "live"),
            ("mail.log.1", "mail.log", "1"),
            ("mail.log.2.gz", "mail.log", "2"),
            ("mail.log.10.zst", "mail.log", "10"),
            ("maillog.0.bz2", "maillog", "0"),
            ("mainlog.01", "mainlog", "1"),
            ("mainlog.07.gz", "mainlog", "7"),
            ("/var/log/exim4/mainlog.10.xz", "/var/log/exim4/mainlog", "10"),
            ("maillog-20260105", "maillog", "2026-01-05 0"),
            ("maillog-20260105.gz", "maillog", "2026-01-05 0"),
            ("mail.log.20260105", "mail.log", "2026-01-05 0"),
            ("mail.log_20260105", "mail.log", "2026-01-05 0"),
            ("mail.log-2026-01-05.xz", "mail.log", "2026-01-05 0"),
            ("maillog.20260105-101500.gz", "maillog", "2026-01-05 101500"),
            ("maillog.20260105-101500", "maillog", "2026-01-05 101500"),
            ("mail.log-2026010510", "mail.log", "2026-01-05 100000"),
            ("mail.log-20260105T1015", "mail.log", "2026-01-05 101500"),
            ("mail.log-20260105-1767607500.gz", "mail.log", "2026-01-05 1767607500"),
            ("mail-20260105.log.gz", "mail.log", "2026-01-05 0"),
            ("mainlog-20260105", "mainlog", "2026-01-05 0"),
            ("mainlog.202601", "mainlog", "2026-01-01 0"),
            ("host-1-mail.log.3", "host-1-mail.log", "3"),
            ("mx-20260105/mail.log", "mx-20260105/mail.log", "live"),
            // No dates and no numbers of a rotation.
            ("mail.log-20261305", "mail.log-20261305", "live"),
            ("mail.log.12345", "mail.log.12345", "live"),
            ("mail.log-1", "mail.log-1", "live"),
            ("mail.log.", "mail.log.", "live"),
            ("mail.log.1a", "mail.log.1a", "live"),
            ("mx.1.log", "mx.1.log", "live"),
            ("20260105", "20260105", "live"),
            ("logs/.1", "logs/.1", "live"),
            (".1", ".1", "live"),
            ("", "", "live"),
            ("-", "-", "live"),
            ("größe.log.1", "größe.log", "1"),
        ] {
            let member = member_of(name);
            let got = match member.age {
                Age::Live => "live".to_owned(),
                Age::Numbered { number, .. } => number.to_string(),
                Age::Dated { day, time } => format!("{day} {time}"),
            };
            assert_eq!((member.base.as_ref(), got.as_str()), (base, age), "{name}");
            assert!(name.starts_with(member.before) && name.ends_with(member.after), "{name}");
        }
    }

    #[test]
    fn the_oldest_comes_first() {
        for order in [
            &["mail.log.10.gz", "mail.log.9.gz", "mail.log.1", "mail.log"][..],
            &["maillog.2", "maillog.1", "maillog.0", "maillog"],
            &["mainlog.10", "mainlog.02", "mainlog.01", "mainlog"],
            &["maillog-20251228.gz", "maillog-20260104", "maillog-20260111", "maillog"],
            &["m.20260105-101500.gz", "m.20260105-111500", "m.20260106-000000", "m"],
            &["m-2025123123", "m-2026010100", "m-2026010101", "m"],
        ] {
            for (older, newer) in order.iter().zip(order.iter().skip(1)) {
                let (older, newer) = (member_of(older), member_of(newer));
                assert!(older.age.order() < newer.age.order(), "{older:?} {newer:?}");
                assert_eq!(older.base, newer.base);
            }
        }
    }
}
