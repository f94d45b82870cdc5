//! Moments as people type them. What depends on the clock gets it from the caller.

use crate::time::{Time, Zone};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// What can be typed, for errors.
pub(super) const MOMENTS: &str = "a moment such as 2026-11-20, `2026-11-20 14:00`, 2026-11-20T14:00:00Z, 14:00, \
                                  today, yesterday, now, -3h or -2d";

/// Reads a moment.
///
/// RFC 3339; the same without a zone, without seconds or without a time of day, then of `zone`; `HH:MM` today;
/// `now`, `today` and `yesterday` (their beginnings); `-90s`, `-30m`, `-3h`, `-2d`, `-1w`, also together
/// (`-1d12h`), before `now` (seconds since 1970). A day is 24 hours. `None` for anything else, and for a time of
/// day that clocks never show is taken what they would have shown without the change.
pub fn parse_moment(text: &str, zone: Zone, now: i64) -> Option<Time> {
    let text = text.trim();
    let midnight = |days_ago: i64| {
        let today = zone.wall_clock(now)?.date();
        let day = today.checked_sub_signed(TimeDelta::days(days_ago))?;
        Some(wall(zone, day.and_time(NaiveTime::MIN)))
    };
    match text.to_ascii_lowercase().as_str() {
        "now" => return Some(Time::from_parts(now, 0)),
        "today" => return midnight(0),
        "yesterday" => return midnight(1),
        _ => {}
    }
    if let Some(ago) = text.strip_prefix('-') {
        return Some(Time::from_parts(now.checked_sub(seconds_of(ago)?)?, 0));
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(Time(time.timestamp_micros()));
    }
    let spaced = text.replacen(['T', 't'], " ", 1);
    for form in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"] {
        if let Ok(at) = NaiveDateTime::parse_from_str(&spaced, form) {
            return Some(wall(zone, at));
        }
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(wall(zone, day.and_time(NaiveTime::MIN)));
    }
    for form in ["%H:%M:%S", "%H:%M"] {
        if let Ok(time) = NaiveTime::parse_from_str(text, form) {
            return Some(wall(zone, zone.wall_clock(now)?.date().and_time(time)));
        }
    }
    None
}

/// The first of the moments at which clocks show `at`.
fn wall(zone: Zone, at: NaiveDateTime) -> Time {
    Time::from_parts(zone.moments(at).0, at.and_utc().timestamp_subsec_micros())
}

/// `1d12h` in seconds.
fn seconds_of(text: &str) -> Option<i64> {
    let mut sum: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest.get(..digits)?.parse().ok()?;
        let unit = match rest.get(digits..=digits)? {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            "w" => 7 * 86_400,
            _ => return None,
        };
        sum = sum.checked_add(number.checked_mul(unit)?)?;
        rest = rest.get(digits + 1..)?;
    }
    (!text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20 14:30:15 UTC.
    const NOW: i64 = 1_795_185_015;

    fn read(text: &str, zone: &str) -> String {
        let zone = zone.parse().unwrap();
        parse_moment(text, zone, NOW).map_or_else(|| "none".to_owned(), |time| time.to_string())
    }

    #[test]
    fn moments_are_read_in_all_their_forms() {
        for (text, zone, want) in [
            ("now", "UTC", "2026-11-20T14:30:15Z"),
            ("today", "UTC", "2026-11-20T00:00:00Z"),
            ("Yesterday", "UTC", "2026-11-19T00:00:00Z"),
            ("today", "Europe/Berlin", "2026-11-19T23:00:00Z"),
            ("today", "+14:00", "2026-11-20T10:00:00Z"),
            ("-3h", "UTC", "2026-11-20T11:30:15Z"),
            ("-2d", "Europe/Berlin", "2026-11-18T14:30:15Z"),
            ("-1d12h", "UTC", "2026-11-19T02:30:15Z"),
            ("-1w", "UTC", "2026-11-13T14:30:15Z"),
            ("-90s", "UTC", "2026-11-20T14:28:45Z"),
            ("2026-11-20", "UTC", "2026-11-20T00:00:00Z"),
            ("2026-11-20", "Europe/Berlin", "2026-11-19T23:00:00Z"),
            ("2026-07-01 14:00", "Europe/Berlin", "2026-07-01T12:00:00Z"),
            ("2026-11-20 14:00", "UTC", "2026-11-20T14:00:00Z"),
            ("2026-11-20T14:00:05.250", "+02:00", "2026-11-20T12:00:05.250Z"),
            ("2026-11-20T14:00:00+01:00", "UTC", "2026-11-20T13:00:00Z"),
            ("2026-11-20T14:00:00Z", "Europe/Berlin", "2026-11-20T14:00:00Z"),
            ("09:15", "UTC", "2026-11-20T09:15:00Z"),
            // Twice that night: the first; never that night: as without the change.
            ("2026-10-25 02:30", "Europe/Berlin", "2026-10-25T00:30:00Z"),
            ("2026-03-29 02:30", "Europe/Berlin", "2026-03-29T01:30:00Z"),
        ] {
            assert_eq!(read(text, zone), want, "{text} in {zone}");
        }
    }

    #[test]
    fn nothing_else_is_a_moment() {
        for text in [
            "",
            "-",
            "-3",
            "-h",
            "-3x",
            "-3h5",
            "3h",
            "tomorrow",
            "2026-02-30",
            "2026-11",
            "25:00",
            "20.11.2026",
            "-99999999999999999999d",
            "-9223372036854775807w",
            "2026-11-20 14",
            "-3ü",
            "ü",
            "2026-11-20T14:00:00+99:00",
        ] {
            assert_eq!(read(text, "UTC"), "none", "{text:?}");
        }
    }
}
