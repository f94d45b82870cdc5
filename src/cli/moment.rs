//! Moments as they are typed.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// Reads a moment: RFC 3339, the same without seconds or zone (UTC), or a date (its begin, UTC). Seconds since 1970.
///
/// # Errors
///
/// What was expected.
pub(super) fn parse_moment(text: &str) -> Result<i64, String> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(time.timestamp());
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Ok(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp());
    }
    let wall = text.strip_suffix('Z').unwrap_or(text);
    for form in ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(wall, form) {
            return Ok(time.and_utc().timestamp());
        }
    }
    Err("expected a date such as 2026-11-20, or a moment such as 2026-11-20T14:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_the_forms_that_people_type() {
        for (text, want) in [
            ("2026-01-05", Some(1_767_571_200)),
            ("2026-01-05T01:00:00Z", Some(1_767_574_800)),
            ("2026-01-05T02:00:00+01:00", Some(1_767_574_800)),
            ("2026-01-05T01:00Z", Some(1_767_574_800)),
            ("2026-01-05T01:00", Some(1_767_574_800)),
            ("2026-01-05 01:00", Some(1_767_574_800)),
            ("2026-02-30", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(parse_moment(text).ok(), want, "{text}");
        }
    }
}
