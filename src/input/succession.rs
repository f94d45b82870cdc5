//! Which of several logs comes first: those of one host, named in any order, by their first stamps.
//!
//! A message's lines may lie in two files that cover successive times, and what came of it is only found when they
//! are read in that order. Logs of different hosts, or with stamps of different kinds, have no order among
//! themselves; they stay where they were named.

use crate::time::{Local, Stamp, parse_stamp};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::time::SystemTime;

/// The begin of a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Begin {
    /// Only begins of one series have an order.
    series: (String, Kind),
    /// Seconds since 1970, of the wall clock where the stamp has no zone.
    seconds: i64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Absolute,
    WallClock,
}

impl Begin {
    /// Of the first line with a stamp in `text`, the first bytes of a file that was last changed at `changed`.
    pub(super) fn of(text: &[u8], changed: Option<SystemTime>) -> Option<Self> {
        let text = String::from_utf8_lossy(text);
        let (stamp, rest) = text.lines().find_map(parse_stamp)?;
        let (kind, seconds) = match stamp {
            Stamp::Missing => return None,
            Stamp::Absolute(time) => (Kind::Absolute, time.seconds()),
            Stamp::Local(local) => (Kind::WallClock, seconds_of(local, changed)?),
        };
        Some(Self { series: (host_of(rest).to_owned(), kind), seconds })
    }
}

/// The host, where a program follows it; Exim's own files name none.
fn host_of(rest: &str) -> &str {
    match rest.split_once(' ') {
        Some((host, behind)) if behind.split(' ').next().is_some_and(|tag| tag.ends_with(':')) => {
            host
        }
        _ => "",
    }
}

/// Without a year it is the last such day before the file's last change.
fn seconds_of(local: Local, changed: Option<SystemTime>) -> Option<i64> {
    let day_in = |year| NaiveDate::from_ymd_opt(year, local.month.into(), local.day.into());
    let date = match local.year {
        Some(year) => day_in(year.into())?,
        None => {
            // A day on, as zones differ.
            let last = DateTime::<Utc>::from(changed?).date_naive().succ_opt()?;
            // The 29th of February is there only every fourth year, or eighth.
            (0..=8).find_map(|back| day_in(last.year() - back).filter(|date| *date <= last))?
        }
    };
    let time = date.and_hms_opt(local.hour.into(), local.minute.into(), 0)?;
    Some(time.and_utc().timestamp() + i64::from(local.second))
}

/// Where each of `begins` goes: those of one series trade places until they are in the order of their times.
pub(super) fn succession(begins: &[Option<Begin>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..begins.len()).collect();
    for (at, begin) in begins.iter().enumerate() {
        let Some(begin) = begin else { continue };
        let of_series = |n: &usize| {
            begins
                .get(*n)
                .and_then(Option::as_ref)
                .is_some_and(|other| other.series == begin.series)
        };
        let places: Vec<usize> = (0..begins.len()).filter(of_series).collect();
        if places.first() != Some(&at) {
            continue;
        }
        let mut sorted = places.clone();
        sorted.sort_by_key(|n| begins.get(*n).and_then(Option::as_ref).map(|other| other.seconds));
        for (place, member) in places.into_iter().zip(sorted) {
            if let Some(slot) = order.get_mut(place) {
                *slot = member;
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn logs_of_one_host_are_put_in_the_order_of_their_first_stamps() {
        // 2026-03-01, so that December is the year before.
        let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(1_772_323_200);
        for (name, begins, want) in [
            (
                "no year, over New Year",
                vec!["Jan  5 10:00:00 mx1 p[1]: x", "Dec 30 10:00:00 mx1 p[1]: x"],
                vec![1, 0],
            ),
            (
                "another host stays in its place",
                vec![
                    "Jan  7 10:00:00 mx1 p[1]: x",
                    "Jan  1 10:00:00 mx2 p[1]: x",
                    "Jan  6 10:00:00 mx1 p[1]: x",
                    "Jan  5 10:00:00 mx1 p[1]: x",
                ],
                vec![3, 1, 2, 0],
            ),
            (
                "stamps of different kinds have no order",
                vec!["2026-01-07T10:00:00Z mx1 p[1]: x", "Jan  5 10:00:00 mx1 p[1]: x"],
                vec![0, 1],
            ),
            (
                "Exim's own files, the first line without a stamp",
                vec![
                    "junk\n2026-01-06 10:00:00 Start queue run",
                    "2026-01-05 10:00:00 End queue run",
                ],
                vec![1, 0],
            ),
            (
                "the same moment",
                vec!["Jan  5 10:00:00 mx1 p: x", "Jan  5 10:00:00 mx1 p: y"],
                vec![0, 1],
            ),
            ("no log at all", vec!["x", "y"], vec![0, 1]),
            (
                "a leap day",
                vec!["Feb 29 10:00:00 mx1 p: x", "Feb 28 10:00:00 mx1 p: x"],
                vec![0, 1],
            ),
        ] {
            let begins: Vec<_> =
                begins.iter().map(|text| Begin::of(text.as_bytes(), Some(changed))).collect();
            assert_eq!(succession(&begins), want, "{name}");
        }
    }
}
