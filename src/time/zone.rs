//! The zone of stamps that name none.

use super::Time;
use crate::error::Error;
use chrono::{
    DateTime, FixedOffset, Local, MappedLocalTime, NaiveDateTime, Offset, SecondsFormat, TimeZone,
    Utc,
};
use std::str::FromStr;

/// How wall-clock stamps without a zone are read.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Zone {
    /// The zone of this machine (`TZ`, else `/etc/localtime`).
    #[default]
    Local,
    /// A fixed offset, UTC included.
    Fixed(FixedOffset),
    /// A zone of the IANA data base, with its daylight saving rules.
    Named(chrono_tz::Tz),
}

impl Zone {
    /// UTC.
    pub const fn utc() -> Self {
        match FixedOffset::east_opt(0) {
            Some(offset) => Self::Fixed(offset),
            None => Self::Local,
        }
    }

    /// The one or two moments at which clocks of this zone show `wall`; in the hour that is skipped in
    /// spring, the moment the clock would have meant without the change.
    pub(crate) fn moments(self, wall: NaiveDateTime) -> (i64, Option<i64>) {
        fn pick<T: TimeZone>(zone: &T, wall: NaiveDateTime) -> (i64, Option<i64>) {
            match zone.from_local_datetime(&wall) {
                MappedLocalTime::Single(one) => (one.timestamp(), None),
                MappedLocalTime::Ambiguous(a, b) => {
                    let (a, b) = (a.timestamp(), b.timestamp());
                    (a.min(b), Some(a.max(b)))
                }
                MappedLocalTime::None => {
                    let before = wall - chrono::TimeDelta::hours(3);
                    let offset = zone.offset_from_utc_datetime(&before).fix().local_minus_utc();
                    (wall.and_utc().timestamp() - i64::from(offset), None)
                }
            }
        }
        match self {
            Self::Local => pick(&Local, wall),
            Self::Fixed(offset) => {
                (wall.and_utc().timestamp() - i64::from(offset.local_minus_utc()), None)
            }
            Self::Named(zone) => pick(&zone, wall),
        }
    }

    /// A moment as RFC 3339 in this zone, to the second.
    pub fn shown(self, time: Time) -> String {
        let Some(utc) = time.to_chrono() else { return "unknown".to_owned() };
        match self {
            Self::Local => utc.with_timezone(&Local).to_rfc3339_opts(SecondsFormat::Secs, true),
            Self::Fixed(zone) => {
                utc.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, true)
            }
            Self::Named(zone) => {
                utc.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, true)
            }
        }
    }

    /// What clocks of this zone show at a moment.
    pub fn wall_clock(self, seconds: i64) -> Option<NaiveDateTime> {
        let utc = DateTime::<Utc>::from_timestamp(seconds, 0)?;
        Some(match self {
            Self::Local => utc.with_timezone(&Local).naive_local(),
            Self::Fixed(offset) => utc.with_timezone(&offset).naive_local(),
            Self::Named(zone) => utc.with_timezone(&zone).naive_local(),
        })
    }
}

/// Reads `local`, `UTC`, `Z`, `+02:00`, `-0330` or an IANA name such as `Europe/Berlin`.
impl FromStr for Zone {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let unknown = || Error::TimeZone(text.to_owned());
        if text.eq_ignore_ascii_case("local") {
            return Ok(Self::Local);
        }
        if text.eq_ignore_ascii_case("utc") || text.eq_ignore_ascii_case("z") {
            return Ok(Self::utc());
        }
        if let Some(sign) = text.strip_prefix(['+', '-']) {
            let digits: String = sign.chars().filter(|c| *c != ':').collect();
            if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(unknown());
            }
            let number: i32 = digits.parse().map_err(|_| unknown())?;
            let seconds = (number / 100) * 3600 + (number % 100) * 60;
            if number / 100 > 14 || number % 100 > 59 {
                return Err(unknown());
            }
            let east = if text.starts_with('-') { -seconds } else { seconds };
            return FixedOffset::east_opt(east).map(Self::Fixed).ok_or_else(unknown);
        }
        text.parse::<chrono_tz::Tz>().map(Self::Named).map_err(|_| unknown())
    }
}
