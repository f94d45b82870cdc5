//! Stretches of time as they are typed: `2026-11-01..2026-11-08`. Counts by the hour or day are asked for, so what
//! names no zone is UTC.

use super::moment::parse_moment;
use crate::digest::{Digest, Grain};
use crate::time::Time;
use std::fmt;

/// From one moment until before another, seconds since 1970; an end that is not given has no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    from: Option<i64>,
    to: Option<i64>,
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |limit: Option<i64>| match limit.map(|limit| Time::from_parts(limit, 0)) {
            Some(time) => {
                let text = time.to_string();
                text.strip_suffix("T00:00:00Z").map(str::to_owned).unwrap_or(text)
            }
            None => String::new(),
        };
        write!(f, "{}..{}", name(self.from), name(self.to))
    }
}

impl Range {
    /// Before a moment, and from it on.
    pub(super) const fn halves(at: i64) -> [Self; 2] {
        [Self { from: None, to: Some(at) }, Self { from: Some(at), to: None }]
    }

    /// The first limit that is not the begin of a period, as counts inside a period are not known apart.
    pub(super) fn inside_a_period(self, grain: Grain) -> Option<i64> {
        let inside = |limit: &i64| grain.seconds().is_none() || grain.begin(*limit) != *limit;
        [self.from, self.to].into_iter().flatten().find(inside)
    }

    /// Whether a moment is in both.
    pub(super) fn overlaps(self, other: Self) -> bool {
        let begins_before_end =
            |a: Self, b: Self| a.from.zip(b.to).is_none_or(|(from, to)| from < to);
        begins_before_end(self, other) && begins_before_end(other, self)
    }

    /// The counts in it.
    pub(super) fn of(self, digest: &Digest) -> Digest {
        digest.between(self.from, self.to)
    }
}

/// Reads `A..B`; one of the two may be left out.
///
/// # Errors
///
/// What was expected.
pub(super) fn parse_range(text: &str) -> Result<Range, String> {
    let (from, to) = text.split_once("..").ok_or_else(|| {
        "expected two moments with `..` between them, such as 2026-11-01..2026-11-08".to_owned()
    })?;
    let limit = |text: &str| if text.is_empty() { Ok(None) } else { parse_moment(text).map(Some) };
    let range = Range { from: limit(from)?, to: limit(to)? };
    match (range.from, range.to) {
        (None, None) => Err("expected a moment before or behind `..`".to_owned()),
        (Some(from), Some(to)) if from >= to => {
            Err("expected the earlier moment before `..`".to_owned())
        }
        _ => Ok(range),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_shown() {
        for (text, want) in [
            ("2026-11-01..2026-11-08", Ok("2026-11-01..2026-11-08")),
            ("2026-11-01T14:00..", Ok("2026-11-01T14:00:00Z..")),
            ("..2026-11-08T00:00:00Z", Ok("..2026-11-08")),
            ("2026-11-01T01:00:00+01:00..2026-11-02", Ok("2026-11-01..2026-11-02")),
            ("..", Err("expected a moment before")),
            ("2026-11-08..2026-11-01", Err("the earlier moment before")),
            ("2026-11-08..2026-11-08", Err("the earlier moment before")),
            ("2026-11-08", Err("two moments with `..`")),
            ("2026-11-08..soon", Err("expected a moment such as")),
            ("a..b..c", Err("expected a moment such as")),
        ] {
            match (parse_range(text), want) {
                (Ok(range), Ok(want)) => assert_eq!(range.to_string(), want, "{text}"),
                (Err(error), Err(want)) => assert!(error.contains(want), "{text}: {error}"),
                (got, want) => panic!("{text}: {got:?} {want:?}"),
            }
        }
    }

    #[test]
    fn ranges_that_share_a_moment_overlap() {
        for (a, b, want) in [
            ("2026-11-01..2026-11-08", "2026-11-08..2026-11-15", false),
            ("2026-11-01..2026-11-08", "2026-11-07..2026-11-15", true),
            ("2026-11-01..2026-11-08", "..2026-11-01", false),
            ("2026-11-01..", "2026-11-08..2026-11-09", true),
            ("..2026-11-08", "2026-11-08..", false),
            ("..2026-11-08", "..2026-11-01", true),
        ] {
            let (one, two) = (parse_range(a).unwrap(), parse_range(b).unwrap());
            assert_eq!((one.overlaps(two), two.overlaps(one)), (want, want), "{a} {b}");
        }
    }
}
