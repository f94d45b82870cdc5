//! A day against the same days of the weeks before: what was more than usual, what less.
//!
//! The eight same days before are looked at, as far as the history tells of them, and only the hours that the day
//! itself covers, so that the report of the morning is compared with mornings. Usual is their median. A count
//! deviates when it is more than three standard deviations and at least ten away from their mean; the standard
//! deviation is that of the days, but not less than chance would have it. With fewer than four days nothing is
//! said to deviate.

use super::{Digest, Grain, RowCounts};
use crate::smtp::Direction;
use crate::time::Time;
use crate::words::words;
use compact_str::CompactString;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many weeks are looked back.
const WEEKS: i64 = 8;
/// With fewer days nothing deviates.
const FEW: usize = 4;
/// Standard deviations.
const FAR: f64 = 3.0;
/// The least difference.
const LEAST: f64 = 10.0;

words! {
    /// How a count stands to the usual ones.
    Deviation {
        /// More than usual.
        Above = "above",
        /// Less than usual.
        Below = "below",
        /// As usual.
        Usual = "usual",
        /// Too few days to tell.
        Unknown = "unknown",
    }
}

/// A day beside its usual.
#[derive(Clone, Debug, Serialize)]
pub struct Usual {
    /// The day, UTC.
    pub day: String,
    /// Its weekday, 0 is Monday.
    pub weekday: u8,
    /// Begin of the hours compared, RFC 3339, UTC.
    pub from: String,
    /// End of the hours compared.
    pub to: String,
    /// The days it is compared with, latest first.
    pub days: Vec<String>,
    /// Traffic by direction: recipients tried, inbound messages taken.
    pub traffic: Vec<UsualRow>,
    /// Failures by cause, the largest deviation first: recipients, inbound lines.
    pub causes: Vec<UsualRow>,
}

/// One count beside its usual.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UsualRow {
    /// Who was the server.
    pub direction: Direction,
    /// The cause; null for traffic.
    pub cause: Option<String>,
    /// On the day.
    pub today: u64,
    /// Median of the days before.
    pub usual: u64,
    /// The least of them.
    pub least: u64,
    /// The most of them.
    pub most: u64,
    /// How it stands.
    pub deviation: Deviation,
    /// Standard deviations from the mean of the days before; null with too few days.
    pub distance: Option<f64>,
}

type Key = (Direction, Option<CompactString>);

/// The hours of a day that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    day: i64,
    from: i64,
    to: i64,
}

impl Window {
    /// The last day that a digest tells of, as far as it does: an hour of which it tells less than half is left out.
    /// `None` when there is no whole hour, or its periods are longer than what it tells of the day.
    pub fn of(today: &Digest) -> Option<Self> {
        let (first, last) = today.span()?;
        let (first, last) = (Time(first).seconds(), Time(last).seconds());
        let day = Grain::Day.begin(last);
        let nearest = |time: i64| (time + 1800).div_euclid(3600) * 3600;
        let window = Self {
            day,
            from: if first <= day { day } else { nearest(first) },
            to: nearest(last).min(day + 86_400),
        };
        (window.from < window.to && window.is_told_by(today.grain)).then_some(window)
    }

    /// The same hours of the days that it is compared with, latest first: from, until before; seconds since 1970.
    pub fn before(self) -> impl Iterator<Item = (i64, i64)> {
        let weeks = (1..=WEEKS).map(|week| week * 7 * 86_400);
        weeks.map(move |back| (self.from - back, self.to - back))
    }

    /// Whether counts by the hour, or day, can be cut to it.
    fn is_told_by(self, grain: Grain) -> bool {
        let whole = self.to - self.from == 86_400;
        grain == Grain::Hour || grain == Grain::Day && whole
    }
}

/// A day beside its usual. `before` are digests of [`Window::before`], in that order; one that tells nothing, or is too
/// coarse, is passed over. `None` when none is left.
pub fn usual(window: Window, today: &Digest, before: &[Digest]) -> Option<Usual> {
    let hosts: BTreeSet<&CompactString> = today.traffic.keys().map(|key| &key.host).collect();
    let now = counts(today, (window.from, window.to), &hosts);
    let mut days = Vec::new();
    let mut counted = Vec::new();
    for ((from, to), then) in window.before().zip(before) {
        let counts = counts(then, (from, to), &hosts);
        if window.is_told_by(then.grain) && !counts.is_empty() {
            days.push(Grain::Day.begin(from));
            counted.push(counts);
        }
    }
    if counted.is_empty() {
        return None;
    }
    let mut keys: BTreeSet<&Key> = now.keys().collect();
    keys.extend(counted.iter().flat_map(BTreeMap::keys));
    let mut rows: Vec<UsualRow> = keys.into_iter().map(|key| row(key, &now, &counted)).collect();
    let far = |row: &UsualRow| row.distance.map_or(0.0, f64::abs);
    rows.sort_by(|a, b| far(b).total_cmp(&far(a)).then_with(|| b.today.cmp(&a.today)));
    let (mut causes, mut traffic): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.cause.is_some());
    traffic.sort_by_key(|row| row.direction);
    causes.retain(|row| row.today > 0 || row.most > 0);
    let date = |seconds| Time::from_parts(seconds, 0).to_string().chars().take(10).collect();
    Some(Usual {
        day: date(window.day),
        weekday: u8::try_from((window.day - Grain::Week.begin(window.day)) / 86_400).unwrap_or(0),
        from: Time::from_parts(window.from, 0).to_string(),
        to: Time::from_parts(window.to, 0).to_string(),
        days: days.into_iter().map(date).collect(),
        traffic,
        causes,
    })
}

/// Counts of the hosts from `from` until before `to`; empty when there was no traffic.
fn counts(
    digest: &Digest,
    (from, to): (i64, i64),
    hosts: &BTreeSet<&CompactString>,
) -> BTreeMap<Key, u64> {
    let mut sums = BTreeMap::<Key, u64>::new();
    let inside =
        |period: i64, host: &CompactString| (from..to).contains(&period) && hosts.contains(host);
    for (key, counts) in digest.traffic.iter().filter(|(k, _)| inside(k.period, &k.host)) {
        let inbound = key.direction == Direction::Inbound;
        let count = if inbound { counts.received } else { counts.recipients };
        let sum = sums.entry((key.direction, None)).or_default();
        *sum = sum.saturating_add(count);
    }
    if sums.is_empty() {
        return sums;
    }
    for (key, counts) in digest.rows.iter().filter(|(k, _)| inside(k.period, &k.host)) {
        if key.cause.is_some() {
            let RowCounts { lines, recipients, .. } = *counts;
            let count = if key.direction == Direction::Inbound { lines } else { recipients };
            let sum = sums.entry((key.direction, key.cause.clone())).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    sums
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn row(key: &Key, now: &BTreeMap<Key, u64>, before: &[BTreeMap<Key, u64>]) -> UsualRow {
    let of = |counts: &BTreeMap<Key, u64>| counts.get(key).copied().unwrap_or(0);
    let today = of(now);
    let mut days: Vec<u64> = before.iter().map(of).collect();
    days.sort_unstable();
    let n = days.len() as f64;
    let mean = days.iter().map(|day| *day as f64).sum::<f64>() / n;
    let (mut deviation, mut distance) = (Deviation::Unknown, None);
    if days.len() >= FEW {
        let squares = days.iter().map(|day| (*day as f64 - mean).powi(2)).sum::<f64>();
        let variance = (squares / (n - 1.0)).max(mean).max(1.0);
        // The mean of so few days is itself uncertain.
        let away = (today as f64 - mean) / (variance * (1.0 + 1.0 / n)).sqrt();
        distance = Some(away);
        deviation = if away.abs() < FAR || (today as f64 - mean).abs() < LEAST {
            Deviation::Usual
        } else if away > 0.0 {
            Deviation::Above
        } else {
            Deviation::Below
        };
    }
    UsualRow {
        direction: key.0,
        cause: key.1.as_ref().map(CompactString::to_string),
        today,
        usual: days.get(days.len() / 2).copied().unwrap_or(0),
        least: days.first().copied().unwrap_or(0),
        most: days.last().copied().unwrap_or(0),
        deviation,
        distance,
    }
}
