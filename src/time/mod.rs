//! Times: as logged ([`Stamp`]) and as points on the UTC line ([`Time`]).
//!
//! A stamp is read from one line alone (`parse`); the year and the zone that it may lack need the lines
//! before it and are found once, in order ([`Calendar`]).

mod calendar;
mod parse;
mod zone;

pub use calendar::{Calendar, YearRule, guess_year};
pub use parse::{StampCache, parse_stamp};
pub use zone::Zone;

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A point in time: microseconds since 1970-01-01 UTC. In files of our own it is that number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Time(pub i64);

impl Time {
    /// From whole seconds since 1970 and microseconds of the second.
    pub const fn from_parts(seconds: i64, micros: u32) -> Self {
        Self(seconds.saturating_mul(1_000_000).saturating_add(micros as i64))
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The moment as chrono's type; `None` outside its range.
    pub fn to_chrono(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.0)
    }
}

/// RFC 3339 in UTC; the fraction is there only where it is not zero.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((text, length)) = self.usual_text()
            && let Some(Ok(text)) = text.get(..length).map(str::from_utf8)
        {
            f.write_str(text)?;
            return f.write_str("Z");
        }
        match self.to_chrono() {
            Some(time) => f.write_str(&time.to_rfc3339_opts(
                if self.0 % 1_000_000 == 0 { SecondsFormat::Secs } else { SecondsFormat::AutoSi },
                true,
            )),
            None => f.write_str("unknown"),
        }
    }
}

impl Time {
    /// As [`fmt::Display`] has it, without `Z`, for years of four digits: one is written for every event.
    fn usual_text(self) -> Option<([u8; 26], usize)> {
        let days = i32::try_from(self.seconds().div_euclid(86_400)).ok()?;
        let date = NaiveDate::from_epoch_days(days)?;
        let year = u16::try_from(date.year()).ok().filter(|year| *year <= 9999)?;
        let second = u32::try_from(self.seconds().rem_euclid(86_400)).ok()?;
        let micros = u32::try_from(self.0.rem_euclid(1_000_000)).ok()?;
        let mut text = *b"0000-00-00T00:00:00.000000";
        let [
            y1,
            y2,
            y3,
            y4,
            _,
            m1,
            m2,
            _,
            d1,
            d2,
            _,
            h1,
            h2,
            _,
            n1,
            n2,
            _,
            s1,
            s2,
            _,
            f1,
            f2,
            f3,
            f4,
            f5,
            f6,
        ] = &mut text;
        let digits = |places: &mut [&mut u8], mut number: u32| {
            for place in places.iter_mut().rev() {
                **place = b'0' + u8::try_from(number % 10).unwrap_or(0);
                number /= 10;
            }
        };
        digits(&mut [y1, y2, y3, y4], year.into());
        digits(&mut [m1, m2], date.month());
        digits(&mut [d1, d2], date.day());
        digits(&mut [h1, h2], second / 3600);
        digits(&mut [n1, n2], second / 60 % 60);
        digits(&mut [s1, s2], second % 60);
        digits(&mut [f1, f2, f3, f4, f5, f6], micros);
        let length = match micros {
            0 => 19,
            _ if micros % 1000 == 0 => 23,
            _ => 26,
        };
        Some((text, length))
    }
}

/// A time stamp as the line has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Stamp {
    /// The line has none, or one that no calendar has (31 February).
    #[default]
    Missing,
    /// With a zone, so already a point in time.
    Absolute(Time),
    /// Wall-clock time, zone unknown; perhaps without a year (RFC 3164).
    Local(Local),
}

/// Wall-clock time of a stamp. Ranges are checked, the length of the month is not (the year may be missing).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Local {
    /// Four digits, if the stamp has them.
    pub year: Option<i16>,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 60 (leap second).
    pub second: u8,
    /// Microseconds of the second.
    pub micros: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_as_chrono_shows_them() {
        let shown = |micros: i64| {
            let form =
                if micros % 1_000_000 == 0 { SecondsFormat::Secs } else { SecondsFormat::AutoSi };
            Time(micros).to_chrono().map(|time| time.to_rfc3339_opts(form, true))
        };
        let day = 86_400_000_000;
        for days in (-800_000..3_000_000).step_by(9_973) {
            for rest in [0, 1, 999, 1000, 500_000, 999_999, 1_000_000, day - 1, day - 1_000] {
                let micros = days * day + rest;
                assert_eq!(Some(Time(micros).to_string()), shown(micros), "{micros}");
            }
        }
        assert_eq!(Time(i64::MAX).to_string(), shown(i64::MAX).unwrap_or("unknown".to_owned()));
    }
}
