//! When the server tries again.
//!
//! Postfix logs no such time, but its rule is short: at each failure the next attempt is as far away as the message is
//! old, at least `minimal_backoff_time` and at most `maximal_backoff_time`, so the waits double up to a limit
//! (`qmgr(8)`, `postconf(5)`). The queue is looked through every `queue_run_delay`, so it may be that much later.
//! Exim's rules are per host and in a database of its own; its log only says `retry time not reached`. So for Exim
//! nothing is estimated, and the command that knows is named.

use crate::event::Mta;
use crate::time::{Time, Zone};
use serde::Serialize;

/// The two limits of Postfix, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Backoff {
    /// `minimal_backoff_time`.
    pub minimal: i64,
    /// `maximal_backoff_time`.
    pub maximal: i64,
}

impl Default for Backoff {
    /// Those of Postfix.
    fn default() -> Self {
        Self { minimal: 300, maximal: 4000 }
    }
}

impl Backoff {
    /// The earliest second of the next attempt, for a message that is `age` seconds old at its last failure.
    fn after(self, last: i64, age: i64) -> i64 {
        last.saturating_add(age.min(self.maximal).max(self.minimal))
    }
}

/// What is known of the next attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Next {
    /// Its estimated time, RFC 3339.
    pub at: Option<String>,
    /// Seconds from the end of the log to it; negative when it should have been already.
    pub seconds: Option<i64>,
    /// `estimate`, `held` (not before somebody releases it), `never-tried`, `not-logged` (Exim).
    pub basis: &'static str,
}

impl Next {
    const fn none(basis: &'static str) -> Self {
        Self { at: None, seconds: None, basis }
    }

    /// For a message that came in at `since` and was last tried at `last`, seconds since 1970. `now` is the end
    /// of the log.
    pub(super) fn of(
        (mta, held): (Option<Mta>, bool),
        (since, last, now): (Option<i64>, Option<i64>, i64),
        backoff: Backoff,
        zone: Zone,
    ) -> Self {
        if held {
            return Self::none("held");
        }
        if mta == Some(Mta::Exim) {
            return Self::none("not-logged");
        }
        let (Some(since), Some(last)) = (since, last) else { return Self::none("never-tried") };
        let at = backoff.after(last, last.saturating_sub(since));
        Self {
            at: Some(zone.shown(Time::from_parts(at, 0))),
            seconds: Some(at.saturating_sub(now)),
            basis: "estimate",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_between_the_limits() {
        let backoff = Backoff::default();
        let mut waits = Vec::new();
        let mut age = 1;
        for _ in 0..7 {
            let next = backoff.after(age, age);
            waits.push(next - age);
            age = next;
        }
        assert_eq!(waits, [300, 301, 602, 1204, 2408, 4000, 4000]);
        let own = Backoff { minimal: 60, maximal: 600 };
        assert_eq!((own.after(0, 0), own.after(0, 100), own.after(0, 9999)), (60, 100, 600));
    }

    #[test]
    fn nothing_is_guessed_where_nothing_is_known() {
        let of = |mta, held, since, last| {
            let next = Next::of((mta, held), (since, last, 1000), Backoff::default(), Zone::utc());
            (next.basis, next.seconds)
        };
        let postfix = Some(Mta::Postfix);
        for (case, got, want) in [
            ("tried", of(postfix, false, Some(0), Some(900)), ("estimate", Some(800))),
            ("overdue", of(postfix, false, Some(0), Some(100)), ("estimate", Some(-600))),
            ("held", of(postfix, true, Some(0), Some(900)), ("held", None)),
            ("not tried", of(postfix, false, Some(0), None), ("never-tried", None)),
            ("Exim", of(Some(Mta::Exim), false, Some(0), Some(900)), ("not-logged", None)),
        ] {
            assert_eq!(got, want, "{case}");
        }
    }
}
