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

use chrono::{DateTime, SecondsFormat, Utc};
use std::fmt;

/// A point in time: microseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
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
        match self.to_chrono() {
            Some(time) => f.write_str(&time.to_rfc3339_opts(
                if self.0 % 1_000_000 == 0 { SecondsFormat::Secs } else { SecondsFormat::AutoSi },
                true,
            )),
            None => f.write_str("unknown"),
        }
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
