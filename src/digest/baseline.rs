//! What is usual at this hour of the week: for whoever wants to tell an episode from a habit.
//!
//! Made of a digest in hours, saved or from the history. Hours in which the logs tell of nothing at all are not
//! taken for hours without failures: a week counts only where there was traffic.

use super::{Digest, Grain};
use crate::smtp::{Direction, ReplyCode};
use compact_str::CompactString;
use std::collections::{BTreeMap, BTreeSet};

/// Hours of a week.
const WEEK: i64 = 168;
const HOURS: usize = 168;
/// With fewer hours nothing is said of those that are not known.
const FEW: usize = 24;

/// The usual rate of failures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Lines in this hour of the week, on average over the weeks.
    pub lines: f64,
    /// Recipients that first met the cause then, on average.
    pub recipients: f64,
    /// Over how many weeks.
    pub weeks: u32,
}

/// Direction, cause, provider, first digit of the code (0 for none), hour of the week.
type Key = (Direction, CompactString, Option<CompactString>, u8, u8);

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    lines: u64,
    messages: u64,
    recipients: u64,
}

/// Usual rates by direction, provider, cause and hour of the week (0 is Monday 00:00 UTC).
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    sums: BTreeMap<Key, Sum>,
    weeks: BTreeMap<u8, u32>,
    /// Messages that were first tried to send, or came in by SMTP.
    mail: BTreeMap<Direction, u64>,
}

/// Which failures.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who was the server.
    pub direction: Direction,
    /// Why it failed.
    pub cause: &'a str,
    /// At which provider; `Some(None)` is at those without a name, `None` at all.
    pub provider: Option<Option<&'a str>>,
    /// With which first digit of the code, 0 for none; `None` with any.
    pub class: Option<u8>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Lines.
    Lines,
    /// Messages that first met the cause.
    Messages,
}

impl Baseline {
    /// The usual of what a digest tells; `None` when its periods are longer than hours.
    pub fn of(digest: &Digest) -> Option<Self> {
        if digest.grain != Grain::Hour {
            return None;
        }
        let mut baseline = Self::default();
        let rows = digest.rows.keys().map(|key| key.period);
        let hours: BTreeSet<i64> =
            digest.traffic.keys().map(|key| key.period).chain(rows).collect();
        for hour in hours {
            *baseline.weeks.entry(hour_of_week(hour)).or_default() += 1;
        }
        for (key, counts) in &digest.traffic {
            let inbound = key.direction == Direction::Inbound;
            let mail = if inbound { counts.received } else { counts.messages };
            let sum = baseline.mail.entry(key.direction).or_default();
            *sum = sum.saturating_add(mail);
        }
        for (key, counts) in &digest.rows {
            if let Some(cause) = &key.cause {
                let hour = hour_of_week(key.period);
                let class = key.code.map_or(0, ReplyCode::class);
                let key = (key.direction, cause.clone(), key.provider.clone(), class, hour);
                let sum = baseline.sums.entry(key).or_default();
                sum.lines = sum.lines.saturating_add(counts.lines);
                sum.messages = sum.messages.saturating_add(counts.messages);
                sum.recipients = sum.recipients.saturating_add(counts.recipients);
            }
        }
        Some(baseline)
    }

    /// The usual rate of a cause in the hour that begins, or is running, at `seconds` since 1970; `None` when nothing
    /// is known of that hour of the week. A cause that did not occur then has the rate 0.
    #[expect(clippy::cast_precision_loss, reason = "an average")]
    pub fn rate(
        &self,
        direction: Direction,
        provider: Option<&str>,
        cause: &str,
        seconds: i64,
    ) -> Option<Rate> {
        let hour = hour_of_week(seconds);
        let weeks = *self.weeks.get(&hour)?;
        let asked = Asked { direction, cause, provider: Some(provider), class: None };
        let (mut lines, mut recipients) = (0, 0);
        for (_, sum) in self.sums_of(asked).filter(|(of, _)| *of == hour) {
            (lines, recipients) = (lines + sum.lines, recipients + sum.recipients);
        }
        let each = |sum: u64| sum as f64 / f64::from(weeks);
        Some(Rate { lines: each(lines), recipients: each(recipients), weeks })
    }

    /// What was asked for, by hour of the week.
    fn sums_of<'a>(&'a self, asked: Asked<'a>) -> impl Iterator<Item = (u8, &'a Sum)> {
        let Asked { direction, cause, provider, class } = asked;
        let begin: Key = (direction, CompactString::new(cause), None, 0, 0);
        self.sums
            .range(begin..)
            .take_while(move |(key, _)| key.0 == direction && key.1 == cause)
            .filter(move |(key, _)| provider.is_none_or(|asked| asked == key.2.as_deref()))
            .filter(move |(key, _)| class.is_none_or(|asked| asked == key.3))
            .map(|(key, sum)| (key.4, sum))
    }

    /// A week of what was asked for; `None` where there is too little to say anything.
    #[expect(clippy::cast_precision_loss, reason = "an average")]
    pub fn week(&self, asked: Asked<'_>) -> Option<Week> {
        let known: u32 = self.weeks.values().sum();
        if known == 0 {
            return None;
        }
        let mut hours = vec![(0.0, [0.0, 0.0]); HOURS];
        for (hour, weeks) in &self.weeks {
            if let Some(place) = hours.get_mut(usize::from(*hour)) {
                place.0 = f64::from(*weeks);
            }
        }
        let mut all = [0.0, 0.0];
        for (hour, sum) in self.sums_of(asked) {
            let counts = [sum.lines as f64, sum.messages as f64];
            if let Some((_, place)) = hours.get_mut(usize::from(hour)) {
                *place = plus(*place, counts);
            }
            all = plus(all, counts);
        }
        let mail = self.mail.get(&asked.direction).copied().unwrap_or(0) as f64;
        // Half an event more: what was never seen is not impossible.
        let over = |sum: [f64; 2], number: f64| sum.map(|count| (count + 0.5) / number);
        Some(Week {
            level: over(all, f64::from(known)),
            per_mail: if mail >= 50.0 { over(all, mail) } else { [0.0, 0.0] },
            many: self.weeks.len() >= FEW,
            hours,
        })
    }

    /// Of how many of the 168 hours of a week something is known.
    pub fn hours(&self) -> usize {
        self.weeks.len()
    }
}

/// What is usual of one thing, hour by hour.
#[derive(Clone, Debug)]
pub struct Week {
    /// Of each hour in how many weeks it is known, with the sums of lines and messages.
    hours: Vec<(f64, [f64; 2])>,
    /// In a mean hour.
    level: [f64; 2],
    /// For each message that was sent or came in.
    per_mail: [f64; 2],
    many: bool,
}

impl Week {
    /// What is usual in a time of at most an hour from `begin` (seconds since 1970) in which there was so much `mail`: the
    /// largest of what that hour of the week or one beside it has (where none is known, that hour of the
    /// day), a mean hour, and the share of the mail. `None` where nothing is known.
    pub fn usual(&self, unit: Unit, begin: i64, seconds: f64, mail: f64) -> Option<f64> {
        let hour = i64::from(hour_of_week(begin));
        let near = [hour - 1, hour, hour + 1];
        let of_week = self.most(near.iter().map(|hour| vec![*hour]));
        let same_hour = |hour: &i64| (0..7).map(|day| hour + day * 24).collect();
        let of_day = || {
            let known = self.most(near.iter().map(same_hour));
            known.or(Some([0.0, 0.0])).filter(|_| self.many)
        };
        let mean = of_week.or_else(of_day)?;
        let of = |pair: [f64; 2]| if unit == Unit::Lines { pair[0] } else { pair[1] };
        let level = of(mean).max(of(self.level)) * seconds / 3600.0;
        Some(level.max(of(self.per_mail) * mail))
    }

    /// The largest of the means of sets of hours; `None` where none of them is known.
    fn most(&self, sets: impl Iterator<Item = Vec<i64>>) -> Option<[f64; 2]> {
        sets.filter_map(|hours| self.mean(&hours)).reduce(|a, b| [a[0].max(b[0]), a[1].max(b[1])])
    }

    /// The mean of hours of the week; `None` where none is known.
    fn mean(&self, hours: &[i64]) -> Option<[f64; 2]> {
        let (mut weeks, mut sums) = (0.0, [0.0, 0.0]);
        for hour in hours {
            let place = usize::try_from(hour.rem_euclid(WEEK)).unwrap_or(0);
            if let Some((known, counts)) = self.hours.get(place) {
                weeks += known;
                sums = plus(sums, *counts);
            }
        }
        (weeks > 0.0).then(|| sums.map(|sum| sum / weeks))
    }
}

fn plus(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] + b[0], a[1] + b[1]]
}

/// 0 is the hour that begins on Monday, 00:00 UTC.
fn hour_of_week(seconds: i64) -> u8 {
    let hours = seconds.div_euclid(3600) - Grain::Week.begin(0).div_euclid(3600);
    u8::try_from(hours.rem_euclid(WEEK)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{RowCounts, RowKey, TrafficCounts, TrafficKey};

    /// 2026-01-05, a Monday.
    const MONDAY: i64 = 1_767_571_200;

    #[test]
    fn the_week_begins_on_monday() {
        assert_eq!(hour_of_week(MONDAY), 0);
        assert_eq!(hour_of_week(MONDAY + 3599), 0);
        assert_eq!(hour_of_week(MONDAY - 1), 167);
        assert_eq!(hour_of_week(MONDAY + 8 * 86_400 + 7200), 26);
    }

    /// Two days on which a cause has 60 lines of 30 messages at nine, and ten messages go out each hour.
    fn two_days() -> Baseline {
        let mut digest = Digest::default();
        for hour in 0..48 {
            let period = MONDAY + hour * 3600;
            let (host, direction) = (CompactString::const_new("mx1"), Direction::Outbound);
            let way = TrafficKey { period, host: host.clone(), direction, provider: None };
            let counts = TrafficCounts { messages: 10, ..TrafficCounts::default() };
            digest.traffic.insert(way, counts);
            if hour % 24 == 9 {
                let key = RowKey {
                    period,
                    host,
                    direction,
                    cause: Some("rate-limited".into()),
                    code: ReplyCode::new(421),
                    enhanced: None,
                    provider: Some("one".into()),
                };
                let counts = RowCounts { lines: 60, messages: 30, ..RowCounts::default() };
                digest.rows.insert(key, counts);
            }
        }
        Baseline::of(&digest).unwrap()
    }

    #[test]
    fn a_habit_of_the_day_is_known_on_days_that_the_baseline_does_not_have() {
        let baseline = two_days();
        let asked = Asked {
            direction: Direction::Outbound,
            cause: "rate-limited",
            provider: Some(Some("one")),
            class: Some(4),
        };
        let week = baseline.week(asked).unwrap();
        let usual = |day: i64, hour: i64, mail| {
            week.usual(Unit::Messages, MONDAY + (day * 24 + hour) * 3600, 3600.0, mail).unwrap()
        };
        for day in 0..7 {
            for hour in 8..=10 {
                assert!((usual(day, hour, 10.0) - 30.0).abs() < 0.1, "{day}: {hour}");
            }
            assert!(usual(day, 15, 10.0) < 2.0, "{day}: {}", usual(day, 15, 10.0));
        }
        // A hundred times the mail, a hundred times the failures.
        assert!((usual(0, 15, 1000.0) - 126.0).abs() < 1.0, "{}", usual(0, 15, 1000.0));
        let none = baseline.week(Asked { class: Some(5), ..asked }).unwrap();
        assert!(none.usual(Unit::Lines, MONDAY, 3600.0, 10.0).unwrap() < 0.02);
        assert!(Baseline::default().week(asked).is_none());
    }
}
