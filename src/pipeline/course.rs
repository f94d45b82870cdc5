//! The course of time in one source: gaps and jumps back.
//!
//! Times are seen once a minute, so the begin of a gap is known to the minute.

use crate::record::{Anomaly, Location};
use crate::time::Time;

const SECOND: i64 = 1_000_000;
/// A shorter silence is no gap.
const GAP: i64 = 3 * 3600 * SECOND;
/// A gap is so many times longer than the lines before lay apart.
const TIMES_THE_SPACING: i64 = 20;
/// So many lines are needed to say how far they lie apart.
const LINES_BEFORE: u64 = 20;
/// Several writers are out of order by less.
const DISORDER: i64 = 5 * 60 * SECOND;

/// Watches the times of one source.
#[derive(Debug, Default)]
pub(super) struct Course {
    span: Option<Span>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    first: Time,
    newest: Time,
}

impl Course {
    /// Takes the time of the line at `at`.
    pub(super) fn go_on(&mut self, time: Time, at: Location) -> Option<Anomaly> {
        let Some(Span { first, newest }) = self.span else {
            self.span = Some(Span { first: time, newest: time });
            return None;
        };
        let step = time.0.saturating_sub(newest.0);
        if step < -DISORDER {
            // From here on the clock goes on as it was set: one jump is told once.
            self.span = Some(Span { first: first.min(time), newest: time });
            return Some(Anomaly::BackwardJump { from: newest, to: time, at });
        }
        self.span = Some(Span { first, newest: newest.max(time) });
        let lines = at.line - 1;
        if step <= GAP || lines < LINES_BEFORE {
            return None;
        }
        let spacing =
            (newest.0.saturating_sub(first.0)) / i64::try_from(lines.max(1)).unwrap_or(i64::MAX);
        (step / TIMES_THE_SPACING > spacing).then_some(Anomaly::Gap { from: newest, to: time, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_silences_and_steps_back_are_told_once() {
        let minute = 60 * SECOND;
        // A line a minute for an hour, then the step in minutes.
        for (step, want) in
            [(1, None), (179, None), (181, Some("gap")), (-4, None), (-6, Some("back"))]
        {
            let mut course = Course::default();
            let mut see = |line: u64, minutes: i64| {
                course.go_on(Time(minutes * minute), Location { source: 0, line })
            };
            for line in 0..60 {
                assert_eq!(see(line + 1, i64::try_from(line).unwrap()), None);
            }
            let got = see(61, 59 + step).map(|anomaly| match anomaly {
                Anomaly::Gap { .. } => "gap",
                Anomaly::BackwardJump { .. } => "back",
            });
            assert_eq!(got, want, "{step} minutes");
            assert_eq!(see(62, 59 + step), None, "{step} minutes, next line");
        }
    }

    #[test]
    fn a_quiet_server_has_no_gaps_at_night() {
        let mut course = Course::default();
        for line in 0..100_u64 {
            // A line an hour by day, none for ten hours at night.
            let hour = i64::try_from(line / 14 * 24 + line % 14).unwrap();
            let at = Location { source: 0, line: line + 1 };
            assert_eq!(course.go_on(Time(hour * 3600 * SECOND), at), None, "line {line}");
        }
    }
}
