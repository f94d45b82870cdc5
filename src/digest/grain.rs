//! How coarse a digest is: hours, then days, then weeks, and at last no periods at all.
//!
//! Each grain is made of the one before, so that it does not matter in which order digests are added and
//! coarsened.

use super::{MailKey, OTHER, RowKey, TrafficKey};
use crate::words::words;

words! {
    /// The length of a digest's periods. All are UTC.
    #[derive(Default)]
    Grain {
        /// Hours.
        #[default]
        Hour = "hour",
        /// Days.
        Day = "day",
        /// Weeks, from Monday.
        Week = "week",
        /// One period, and hosts, codes and providers are not told apart: only a log that is made to fill the
        /// memory comes to this.
        Whole = "whole",
    }
}

/// 1970-01-01 was a Thursday, so that weeks begin four days later.
const MONDAY: i64 = 4 * 86_400;

impl Grain {
    /// The next coarser grain.
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Hour => Some(Self::Day),
            Self::Day => Some(Self::Week),
            Self::Week => Some(Self::Whole),
            Self::Whole => None,
        }
    }

    /// Length of a period in seconds; `None` where there is only one.
    pub const fn seconds(self) -> Option<i64> {
        match self {
            Self::Hour => Some(3600),
            Self::Day => Some(86_400),
            Self::Week => Some(7 * 86_400),
            Self::Whole => None,
        }
    }

    /// Begin of the period that a moment is in; both in seconds since 1970.
    pub const fn begin(self, seconds: i64) -> i64 {
        match self {
            Self::Hour => seconds - seconds.rem_euclid(3600),
            Self::Day => seconds - seconds.rem_euclid(86_400),
            Self::Week => seconds - (seconds - MONDAY).rem_euclid(7 * 86_400),
            Self::Whole => 0,
        }
    }

    /// The grain of this name.
    pub fn parse(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|grain| grain.slug() == slug)
    }

    pub(super) fn fold_row(self, key: &mut RowKey) {
        key.period = self.begin(key.period);
        if self == Self::Whole {
            key.host = OTHER.into();
            (key.code, key.enhanced, key.provider) = (None, None, None);
        }
    }

    pub(super) fn fold_traffic(self, key: &mut TrafficKey) {
        key.period = self.begin(key.period);
        if self == Self::Whole {
            key.host = OTHER.into();
            key.provider = None;
        }
    }

    pub(super) fn fold_mail(self, key: &mut MailKey) {
        key.period = self.begin(key.period);
        if self == Self::Whole {
            key.host = OTHER.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coarser_period_begins_where_the_finer_ones_lead() {
        for time in [-1_000_000, -1, 0, 1, 1_767_600_123, 1_767_571_199, 1_767_571_200] {
            for (fine, coarse) in [(Grain::Hour, Grain::Day), (Grain::Day, Grain::Week)] {
                assert_eq!(coarse.begin(fine.begin(time)), coarse.begin(time), "{time} {coarse}");
                let seconds = coarse.seconds().unwrap();
                assert!((0..seconds).contains(&(time - coarse.begin(time))), "{time} {coarse}");
            }
        }
    }

    #[test]
    fn weeks_begin_on_monday() {
        // 2026-01-05 is a Monday.
        let monday = 1_767_571_200;
        for days in 0..7 {
            assert_eq!(Grain::Week.begin(monday + days * 86_400 + 5), monday, "{days}");
        }
        assert_eq!(Grain::Week.begin(monday - 1), monday - 7 * 86_400);
    }
}
