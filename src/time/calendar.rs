//! The year and zone that a stamp lacks, found in the order of the lines.
//!
//! Traditional stamps have no year. The first line of a file gets the year of its [`YearRule`]; from then on
//! a step back of more than half a year (December, then January) is a new year, and a smaller step back is
//! only disorder among several writers. A year is never begun that would lie behind the file's last change.

use super::{Local, Stamp, Time, Zone};
use chrono::{Datelike, NaiveDate};

/// Clocks of two hosts may differ: a stamp so much later than the reference is still of this year.
const SLACK_SECONDS: i64 = 86_400;

/// What is known about the year of a source's first stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearRule {
    /// The year of the first stamp without one.
    pub first: i32,
    /// No stamp can be later than this (the file's last change, or now), seconds since 1970.
    pub not_after: Option<i64>,
}

/// Turns stamps into times, line by line; one for a whole run.
#[derive(Debug)]
pub struct Calendar {
    zone: Zone,
    not_after: Option<i64>,
    year: i32,
    /// Day of the year (month * 31 + day) of the newest stamp.
    day: i32,
    last: Option<Time>,
    /// The last wall-clock minute and the second at which it begins.
    minute: Option<(Local, i64)>,
}

impl Calendar {
    /// A calendar for stamps of `zone`.
    pub fn new(zone: Zone) -> Self {
        Self { zone, not_after: None, year: 1970, day: 0, last: None, minute: None }
    }

    /// A new file or stream begins.
    pub fn start(&mut self, rule: YearRule) {
        self.year = rule.first;
        self.not_after = rule.not_after;
        self.day = 0;
        self.minute = None;
    }

    /// The moment of a stamp; `None` when it has none (29 February of an ordinary year included).
    pub fn resolve(&mut self, stamp: Stamp) -> Option<Time> {
        let time = match stamp {
            Stamp::Missing => return None,
            Stamp::Absolute(time) => time,
            Stamp::Local(local) => self.wall(local)?,
        };
        self.last = Some(time);
        Some(time)
    }

    fn wall(&mut self, local: Local) -> Option<Time> {
        let minute = Local { second: 0, micros: 0, ..local };
        let begin = match self.minute {
            Some((known, begin)) if known == minute => begin,
            _ => {
                let begin = self.begin_of_minute(minute)?;
                self.minute = Some((minute, begin));
                begin
            }
        };
        Some(Time::from_parts(begin + i64::from(local.second), local.micros))
    }

    fn begin_of_minute(&mut self, at: Local) -> Option<i64> {
        let year = match at.year {
            Some(year) => i32::from(year),
            None => self.year_of(at),
        };
        let (early, late) = moments(self.zone, year, at)?;
        // In the hour that comes twice in autumn, the second one is meant once the first has passed.
        match (late, self.last) {
            (Some(late), Some(last)) if last.seconds() > early + 59 => Some(late),
            _ => Some(early),
        }
    }

    fn year_of(&mut self, at: Local) -> i32 {
        const HALF_A_YEAR: i32 = 6 * 31;
        let day = i32::from(at.month) * 31 + i32::from(at.day);
        if self.day == 0 {
            self.day = day;
            return self.year;
        }
        let step = day - self.day;
        if step < -HALF_A_YEAR && self.may_be(self.year + 1, at) {
            self.year += 1;
            self.day = day;
            return self.year;
        }
        if step > 11 * 31 - 7 {
            // A straggler of last December among lines of January.
            return self.year - 1;
        }
        if step > 0 {
            self.day = day;
        }
        self.year
    }

    fn may_be(&self, year: i32, at: Local) -> bool {
        let Some(limit) = self.not_after else { return true };
        moments(self.zone, year, at).is_none_or(|(early, _)| early <= limit + SLACK_SECONDS)
    }
}

fn moments(zone: Zone, year: i32, at: Local) -> Option<(i64, Option<i64>)> {
    let wall = NaiveDate::from_ymd_opt(year, u32::from(at.month), u32::from(at.day))?.and_hms_opt(
        u32::from(at.hour),
        u32::from(at.minute),
        0,
    )?;
    Some(zone.moments(wall))
}

/// The year of a file's first stamp, from its first and (where it is known) last stamp and the moment it was
/// last changed: the last stamp lies at or before that moment, the first at most a year before the last.
///
/// A file that has a 29 February gets a year that has one. Stamps that bring a year of their own give it.
pub fn guess_year(
    zone: Zone,
    first: Local,
    last: Option<Local>,
    has_29_february: bool,
    not_after: i64,
) -> i32 {
    if let Some(year) = first.year {
        return i32::from(year);
    }
    let last = last.filter(|l| l.year.is_none()).unwrap_or(first);
    let limit = not_after + SLACK_SECONDS;
    let mut year = zone.wall_clock(limit).map_or(1970, |wall| wall.year());
    let fits = |year| moments(zone, year, last).is_some_and(|(early, _)| early <= limit);
    let crosses = (first.month, first.day) > (last.month, last.day);
    let leap = |year: i32| NaiveDate::from_ymd_opt(year, 2, 29).is_some();
    // The 29th lies in the first year when the file begins before March, else in the year it ends in.
    let leap_fits = |last_year: i32| {
        let first_year = last_year - i32::from(crosses);
        !has_29_february || if first.month <= 2 { leap(first_year) } else { leap(last_year) }
    };
    for _ in 0..12 {
        if fits(year) && leap_fits(year) {
            break;
        }
        year -= 1;
    }
    year - i32::from(crosses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::parse_stamp;

    fn at(text: &str) -> Local {
        match parse_stamp(text) {
            Some((Stamp::Local(local), _)) => local,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn epoch(text: &str) -> i64 {
        match parse_stamp(text) {
            Some((Stamp::Absolute(time), _)) => time.seconds(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn the_last_stamp_lies_before_the_last_change() {
        for (first, last, leap, changed, want) in [
            ("Nov 20 00:00:00", "Nov 24 00:00:00", false, "2026-11-25T00:00:00Z", 2026),
            ("Nov 20 00:00:00", "Nov 28 00:00:00", false, "2026-11-25T00:00:00Z", 2025),
            ("Dec 20 00:00:00", "Jan 05 00:00:00", false, "2026-01-05T01:00:00Z", 2025),
            ("Dec 20 00:00:00", "Dec 31 23:59:59", false, "2026-01-01T00:00:00Z", 2025),
            ("Feb 20 00:00:00", "Mar 05 00:00:00", true, "2026-06-01T00:00:00Z", 2024),
            ("Dec 20 00:00:00", "Mar 05 00:00:00", true, "2026-06-01T00:00:00Z", 2023),
            ("Feb 29 00:00:00", "Feb 29 01:00:00", true, "2024-02-29T02:00:00Z", 2024),
            ("Nov 25 00:00:00", "Nov 25 12:00:00", false, "2026-11-25T11:00:00Z", 2026),
        ] {
            let got = guess_year(Zone::utc(), at(first), Some(at(last)), leap, epoch(changed));
            assert_eq!(got, want, "{first} … {last}, changed {changed}");
        }
    }

    #[test]
    fn new_year_is_crossed_and_stragglers_stay_behind() {
        let mut calendar = Calendar::new(Zone::utc());
        calendar.start(YearRule { first: 2025, not_after: Some(epoch("2026-02-01T00:00:00Z")) });
        let times: Vec<String> = [
            "Dec 31 23:59:58 x",
            "Jan  1 00:00:00 x",
            "Dec 31 23:59:59 x",
            "Jan  1 00:00:01 x",
            "Jan  9 00:00:01 x",
            "Jan  8 00:00:01 x",
        ]
        .iter()
        .map(|text| calendar.resolve(parse_stamp(text).unwrap().0).unwrap().to_string())
        .collect();
        assert_eq!(
            times,
            [
                "2025-12-31T23:59:58Z",
                "2026-01-01T00:00:00Z",
                "2025-12-31T23:59:59Z",
                "2026-01-01T00:00:01Z",
                "2026-01-09T00:00:01Z",
                "2026-01-08T00:00:01Z",
            ]
        );
    }

    #[test]
    fn files_in_the_wrong_order_do_not_invent_a_year() {
        let mut calendar = Calendar::new(Zone::utc());
        calendar.start(YearRule { first: 2026, not_after: Some(epoch("2026-11-25T00:00:00Z")) });
        let mut year = |text: &str| calendar.resolve(parse_stamp(text).unwrap().0).unwrap();
        assert_eq!(year("Nov 24 00:00:00 x").to_string(), "2026-11-24T00:00:00Z");
        assert_eq!(year("Feb 24 00:00:00 x").to_string(), "2026-02-24T00:00:00Z");
    }

    #[test]
    fn the_hour_that_comes_twice_goes_on() {
        let mut calendar = Calendar::new("Europe/Berlin".parse().unwrap());
        calendar.start(YearRule { first: 2026, not_after: None });
        let times: Vec<i64> =
            ["Oct 25 02:30:00 x", "Oct 25 02:59:59 x", "Oct 25 02:10:00 x", "Oct 25 03:00:00 x"]
                .iter()
                .map(|text| calendar.resolve(parse_stamp(text).unwrap().0).unwrap().seconds())
                .collect();
        assert!(times.is_sorted(), "{times:?}");
    }

    #[test]
    fn no_29_february_in_an_ordinary_year() {
        let mut calendar = Calendar::new(Zone::utc());
        calendar.start(YearRule { first: 2025, not_after: None });
        assert_eq!(calendar.resolve(parse_stamp("Feb 29 00:00:00 x").unwrap().0), None);
    }
}
