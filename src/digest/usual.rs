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
pub(super) const WEEKS: i64 = 8;
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

/// The last day that `today` tells of beside those of `history`, which may hold it too. `None` when one of the two is
/// coarser than days, when nothing happened, or when no day of the history can be compared.
pub fn usual(history: &Digest, today: &Digest) -> Option<Usual> {
    let (first, last) = today.span()?;
    let (first, last) = (Time(first).seconds(), Time(last).seconds());
    let day = Grain::Day.begin(last);
    let end = day + 86_400;
    // An hour of which the log tells less than half is left out.
    let from = if first <= day { day } else { (first + 1800).div_euclid(3600) * 3600 };
    let to = ((last + 1800).div_euclid(3600) * 3600).min(end);
    let whole = from == day && to == end;
    let finest = history.grain.max(today.grain);
    if from >= to || finest > Grain::Day || finest == Grain::Day && !whole {
        return None;
    }
    let hosts: BTreeSet<&CompactString> = today.traffic.keys().map(|key| &key.host).collect();
    let now = counts(today, from, to, &hosts);
    let mut days = Vec::new();
    let mut before = Vec::new();
    for back in (1..=WEEKS).map(|week| week * 7 * 86_400) {
        let then = counts(history, from - back, to - back, &hosts);
        if !then.is_empty() {
            days.push(day - back);
            before.push(then);
        }
    }
    if before.is_empty() {
        return None;
    }
    let mut keys: BTreeSet<&Key> = now.keys().collect();
    keys.extend(before.iter().flat_map(BTreeMap::keys));
    let mut rows: Vec<UsualRow> = keys.into_iter().map(|key| row(key, &now, &before)).collect();
    let far = |row: &UsualRow| row.distance.map_or(0.0, f64::abs);
    rows.sort_by(|a, b| far(b).total_cmp(&far(a)).then_with(|| b.today.cmp(&a.today)));
    let (mut causes, mut traffic): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.cause.is_some());
    traffic.sort_by_key(|row| row.direction);
    causes.retain(|row| row.today > 0 || row.most > 0);
    let date = |seconds| Time::from_parts(seconds, 0).to_string().chars().take(10).collect();
    Some(Usual {
        day: date(day),
        from: Time::from_parts(from, 0).to_string(),
        to: Time::from_parts(to, 0).to_string(),
        days: days.into_iter().map(date).collect(),
        traffic,
        causes,
    })
}

/// Counts of the hosts from `from` until before `to`; empty when there was no traffic.
fn counts(digest: &Digest, from: i64, to: i64, hosts: &BTreeSet<&CompactString>) -> BTreeMap<Key, u64> {
    let mut sums = BTreeMap::<Key, u64>::new();
    let inside = |period: i64, host: &CompactString| (from..to).contains(&period) && hosts.contains(host);
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
