//! What the clock says, and moments where counts by the hour or day are asked for: these are UTC, so what names no
//! zone is UTC too.

use crate::input::seconds_of;
use crate::time::Zone;
use std::time::SystemTime;

/// Seconds since 1970, by the clock of this machine.
pub(super) fn now() -> i64 {
    seconds_of(SystemTime::now())
}

/// Reads a moment in any form that filters know, in UTC. Seconds since 1970.
///
/// # Errors
///
/// What was expected.
pub(super) fn parse_moment(text: &str) -> Result<i64, String> {
    let moment = crate::filter::parse_moment(text, Zone::utc(), now());
    moment.map(crate::time::Time::seconds).ok_or_else(|| {
        "expected a moment such as 2026-11-20, 2026-11-20T14:00:00Z, yesterday or -7d".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_no_zone_is_utc() {
        for (text, want) in [
            ("2026-01-05", Some(1_767_571_200)),
            ("2026-01-05T01:00:00Z", Some(1_767_574_800)),
            ("2026-01-05T02:00:00+01:00", Some(1_767_574_800)),
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
