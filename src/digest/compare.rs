//! Two digests side by side: what is new, gone, up or down, with a floor under which nothing is a change.
//!
//! What is compared are shares of the traffic, so the two need not be equally long: outbound and local, recipients
//! that met a cause (a code, any failure at a provider) among the recipients tried; inbound, refusals and failed
//! logins among these and the messages taken.
//!
//! A row is a change when all three hold:
//! * it would be rare by chance: were the shares equal, a count so uneven would be met with a probability below
//!   [`Rules::alpha`] (two-sided binomial test of the two counts given their sum, corrected by Holm for the number
//!   of rows tested);
//! * it is large enough to matter: at least [`Rules::least`] more or fewer than the other side's share makes
//!   expect;
//! * it is a change of degree: by [`Rules::factor`] at least.
//!
//! Failures come in clumps, so before the test both counts are divided by the size of a clump: the recipients a
//! message, or how much more the calmer side varies from day to day (from hour to hour, in logs of less than six
//! days) than chance alone would have it, whichever is larger.

use super::{Digest, Grain, MailView, RowCounts, TrafficCounts, View, view};
use crate::smtp::{Direction, EnhancedCode, ReplyCode};
use crate::words::words;
use compact_str::CompactString;
use serde::Serialize;
use statrs::distribution::{Binomial, DiscreteCDF};
use std::collections::BTreeMap;

/// What counts as a change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rules {
    /// Probability of taking chance for a change, over all rows together.
    pub alpha: f64,
    /// The least difference: recipients, inbound lines.
    pub least: u64,
    /// The least factor between the shares.
    pub factor: f64,
}

impl Default for Rules {
    fn default() -> Self {
        Self { alpha: 0.05, least: 10, factor: 1.25 }
    }
}

words! {
    /// What became of a row.
    Trend {
        /// Not there in the first, there in the second.
        New = "new",
        /// There in the first, not in the second.
        Gone = "gone",
        /// A larger share in the second.
        Up = "up",
        /// A smaller share in the second.
        Down = "down",
        /// No change, or none above the floor.
        Same = "same",
        /// One of the two has no traffic in this direction.
        Untold = "untold",
    }
}

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "subject", rename_all = "kebab-case")]
pub enum Subject {
    /// A cause of failures.
    Cause {
        /// Its stable word.
        cause: String,
    },
    /// Failures at a provider.
    Provider {
        /// Its stable word.
        provider: String,
    },
    /// Failures with a code.
    Code {
        /// The reply code; null where the line states none.
        code: Option<u16>,
        /// The enhanced status code.
        enhanced: Option<String>,
    },
}

/// One row of a comparison.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// Who was the server.
    pub direction: Direction,
    /// What is compared.
    #[serde(flatten)]
    pub subject: Subject,
    /// What became of it.
    pub trend: Trend,
    /// Recipients (inbound: lines) in the first.
    pub a: u64,
    /// The same in the second.
    pub b: u64,
    /// Share of the first's traffic, 0 to 1; null without traffic.
    pub share_a: Option<f64>,
    /// Share of the second's traffic.
    pub share_b: Option<f64>,
    /// How many the second would have with the first's share.
    pub expected: Option<f64>,
    /// How many times larger the share is in the second; null where there were none in the first.
    pub factor: Option<f64>,
    /// The size of a clump, by which the counts were divided for the test.
    pub clump: f64,
    /// How probable so uneven counts are by chance, corrected for the number of rows; null where not tested.
    pub chance: Option<f64>,
}

/// One of the two.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// What it is called.
    pub name: String,
    /// First moment, RFC 3339, UTC.
    pub first: Option<String>,
    /// Last moment.
    pub last: Option<String>,
    /// Seconds between them.
    pub seconds: i64,
    /// Its hosts.
    pub hosts: Vec<String>,
    /// Mail.
    pub mail: MailView,
    /// The traffic that shares are of, by direction.
    pub traffic: BTreeMap<String, u64>,
}

/// Two digests side by side.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// Version of this structure.
    pub schema: u32,
    /// The program and its version.
    pub generator: String,
    /// What counts as a change.
    pub rules: Rules,
    /// The first.
    pub a: Side,
    /// The second.
    pub b: Side,
    /// All rows: by direction and subject, the largest difference first.
    pub rows: Vec<Change>,
}

/// Counts of one thing on one side, by block of time.
#[derive(Default)]
struct Counted {
    count: u64,
    messages: u64,
    blocks: BTreeMap<i64, u64>,
}

/// One side, prepared.
struct Prepared {
    view: View,
    rows: BTreeMap<(Direction, Subject), Counted>,
    /// Traffic of a direction, or of a provider, by block.
    traffic: BTreeMap<(Direction, Option<CompactString>), BTreeMap<i64, u64>>,
}

/// Logs of fewer days are looked at by the hour.
const FEW_DAYS: usize = 6;
/// With fewer blocks nothing is said about how much counts vary.
const FEW_BLOCKS: usize = 6;

/// Compares two digests; names are what the two are called.
pub fn compare(
    (a_name, a): (&str, &Digest),
    (b_name, b): (&str, &Digest),
    rules: Rules,
) -> Comparison {
    let (one, two) = (prepare(a), prepare(b));
    let mut keys: Vec<&(Direction, Subject)> = one.rows.keys().chain(two.rows.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut rows: Vec<Change> =
        keys.into_iter().map(|(way, subject)| change(*way, subject, &one, &two)).collect();
    correct(&mut rows);
    for row in &mut rows {
        row.trend = trend(row, rules);
    }
    let difference = |row: &Change| (to_f64(row.b) - row.expected.unwrap_or(to_f64(row.a))).abs();
    rows.sort_by(|x, y| {
        let kind = |row: &Change| (row.direction, kind_of(&row.subject));
        kind(x)
            .cmp(&kind(y))
            .then_with(|| difference(y).total_cmp(&difference(x)))
            .then_with(|| x.subject.cmp(&y.subject))
    });
    Comparison {
        schema: 1,
        generator: format!("mailwhy {}", env!("CARGO_PKG_VERSION")),
        rules,
        a: side(a_name, one),
        b: side(b_name, two),
        rows,
    }
}

const fn kind_of(subject: &Subject) -> u8 {
    match subject {
        Subject::Cause { .. } => 0,
        Subject::Provider { .. } => 1,
        Subject::Code { .. } => 2,
    }
}

fn side(name: &str, prepared: Prepared) -> Side {
    let traffic = prepared
        .traffic
        .iter()
        .filter(|((_, provider), _)| provider.is_none())
        .map(|((way, _), blocks)| (way.to_string(), blocks.values().sum()))
        .collect();
    let view = prepared.view;
    Side {
        name: name.to_owned(),
        first: view.first,
        last: view.last,
        seconds: view.seconds,
        hosts: view.hosts.into_iter().map(|host| host.host).collect(),
        mail: view.mail,
        traffic,
    }
}

fn prepare(digest: &Digest) -> Prepared {
    let mut days: Vec<i64> = digest.periods().into_iter().map(|p| Grain::Day.begin(p)).collect();
    days.dedup();
    let grain = if days.len() < FEW_DAYS { Grain::Hour } else { Grain::Day };
    let block = |period: i64| grain.max(digest.grain).begin(period);
    let mut traffic = BTreeMap::<_, BTreeMap<i64, u64>>::new();
    let mut enter = |way, provider, period, count: u64| {
        let blocks = traffic.entry((way, provider)).or_default();
        let sum: &mut u64 = blocks.entry(block(period)).or_default();
        *sum = sum.saturating_add(count);
    };
    for (key, counts) in &digest.traffic {
        enter(key.direction, None, key.period, handled(key.direction, counts));
        if key.provider.is_some() {
            enter(key.direction, key.provider.clone(), key.period, counts.provider_recipients);
        }
    }
    let mut rows = BTreeMap::<_, Counted>::new();
    for (key, counts) in &digest.rows {
        let Some(cause) = &key.cause else { continue };
        let code = Subject::Code {
            code: key.code.map(ReplyCode::value),
            enhanced: key.enhanced.as_ref().map(EnhancedCode::to_string),
        };
        let provider = key.provider.as_ref().map(|p| Subject::Provider { provider: p.to_string() });
        let by_cause = Some(Subject::Cause { cause: cause.to_string() });
        let inbound = key.direction == Direction::Inbound;
        let RowCounts { lines, recipients, messages, code_recipients, code_messages, .. } = *counts;
        for (subject, count, messages) in [
            (by_cause, recipients, messages),
            (provider, recipients, messages),
            (Some(code), code_recipients, code_messages),
        ] {
            let (Some(subject), count) = (subject, if inbound { lines } else { count }) else {
                continue;
            };
            let row = rows.entry((key.direction, subject)).or_default();
            row.count = row.count.saturating_add(count);
            row.messages = row.messages.saturating_add(if inbound { lines } else { messages });
            let sum = row.blocks.entry(block(key.period)).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    rows.retain(|_, row| row.count > 0);
    Prepared { view: view(digest), rows, traffic }
}

/// What shares are of.
fn handled(direction: Direction, counts: &TrafficCounts) -> u64 {
    match direction {
        Direction::Inbound => {
            counts.received.saturating_add(counts.rejected).saturating_add(counts.login_failures)
        }
        Direction::Outbound | Direction::Local => counts.recipients,
    }
}

fn change(direction: Direction, subject: &Subject, one: &Prepared, two: &Prepared) -> Change {
    let key = (direction, subject.clone());
    let provider = match subject {
        Subject::Provider { provider } => Some(CompactString::new(provider)),
        _ => None,
    };
    let nothing = (Counted::default(), BTreeMap::new());
    let (of_one, of_two) = (one.rows.get(&key), two.rows.get(&key));
    let (row_a, row_b) = (of_one.unwrap_or(&nothing.0), of_two.unwrap_or(&nothing.0));
    let way = (direction, provider);
    let traffic_a = one.traffic.get(&way).unwrap_or(&nothing.1);
    let traffic_b = two.traffic.get(&way).unwrap_or(&nothing.1);
    let (a, b) = (row_a.count, row_b.count);
    let total = |blocks: &BTreeMap<i64, u64>| blocks.values().copied().fold(0, u64::saturating_add);
    let (all_a, all_b) = (total(traffic_a), total(traffic_b));
    let share = |count, all| (all > 0).then(|| to_f64(count) / to_f64(all));
    let (share_a, share_b) = (share(a, all_a), share(b, all_b));
    let calmer_is_a = share_a.unwrap_or(0.0) <= share_b.unwrap_or(0.0);
    let calmer = if calmer_is_a { (row_a, traffic_a) } else { (row_b, traffic_b) };
    let by_message =
        to_f64(a.saturating_add(b)) / to_f64(row_a.messages.saturating_add(row_b.messages).max(1));
    let clump = by_message.max(dispersion(calmer.0, calmer.1)).max(1.0);
    Change {
        direction,
        subject: subject.clone(),
        trend: Trend::Untold,
        a,
        b,
        share_a,
        share_b,
        expected: share_a.map(|share| share * to_f64(all_b)),
        factor: share_a.filter(|a| *a > 0.0).zip(share_b).map(|(a, b)| b / a),
        clump,
        chance: (all_a > 0 && all_b > 0).then(|| {
            chance(
                to_f64(a) / clump,
                to_f64(b) / clump,
                to_f64(all_b) / (to_f64(all_a) + to_f64(all_b)),
            )
        }),
    }
}

/// How much more a count varies from block to block than chance alone would have it; 1 when that cannot be told.
fn dispersion(row: &Counted, traffic: &BTreeMap<i64, u64>) -> f64 {
    let all: u64 = traffic.values().copied().fold(0, u64::saturating_add);
    if traffic.len() < FEW_BLOCKS || row.count == 0 || all == 0 {
        return 1.0;
    }
    let share = to_f64(row.count) / to_f64(all);
    let mut sum = 0.0;
    for (block, handled) in traffic {
        let count = to_f64(row.blocks.get(block).copied().unwrap_or(0));
        let expected = share * to_f64(*handled);
        // Less than one is expected: a single one must not look like a clump.
        sum += (count - expected).powi(2) / expected.max(1.0);
    }
    sum / to_f64(traffic.len() as u64 - 1)
}

/// How probable it is that so uneven a part of `a + b` falls on the second when `part` of them should.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded counts")]
fn chance(a: f64, b: f64, part: f64) -> f64 {
    let (a, b) = (a.round() as u64, b.round() as u64);
    let Ok(binomial) = Binomial::new(part, a.saturating_add(b)) else { return 1.0 };
    let at_most = binomial.cdf(b);
    let at_least = if b == 0 { 1.0 } else { binomial.sf(b - 1) };
    (2.0 * at_most.min(at_least)).clamp(0.0, 1.0)
}

/// Holm's correction: the probabilities hold for all rows together.
fn correct(rows: &mut [Change]) {
    let mut order: Vec<(usize, f64)> =
        rows.iter().enumerate().filter_map(|(n, row)| Some((n, row.chance?))).collect();
    order.sort_by(|x, y| x.1.total_cmp(&y.1).then(x.0.cmp(&y.0)));
    let (tests, mut largest) = (order.len(), 0.0_f64);
    for (rank, (n, chance)) in order.into_iter().enumerate() {
        largest = largest.max(chance * to_f64((tests - rank) as u64)).min(1.0);
        if let Some(row) = rows.get_mut(n) {
            row.chance = Some(largest);
        }
    }
}

fn trend(row: &Change, rules: Rules) -> Trend {
    let (Some(share_a), Some(share_b), Some(expected), Some(chance)) =
        (row.share_a, row.share_b, row.expected, row.chance)
    else {
        return Trend::Untold;
    };
    let enough = (to_f64(row.b) - expected).abs() >= to_f64(rules.least);
    let (low, high) = (share_a.min(share_b), share_a.max(share_b));
    if chance > rules.alpha || !enough || high < low * rules.factor {
        return Trend::Same;
    }
    match (row.a, row.b) {
        (0, _) => Trend::New,
        (_, 0) => Trend::Gone,
        _ if share_b > share_a => Trend::Up,
        _ => Trend::Down,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
const fn to_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_that_of_the_binomial() {
        // 10 of 10 on one side of an even coin: 2 / 1024.
        assert!((chance(0.0, 10.0, 0.5) - 2.0 / 1024.0).abs() < 1e-12);
        assert!((chance(10.0, 0.0, 0.5) - 2.0 / 1024.0).abs() < 1e-12);
        assert!(chance(5.0, 5.0, 0.5) > 0.999);
        assert!(chance(0.0, 0.0, 0.5) > 0.999);
        assert!(chance(1_000_000.0, 1_010_000.0, 0.5) < 1e-6);
    }

    #[test]
    fn even_counts_vary_as_chance_has_it_and_clumps_more() {
        let traffic: BTreeMap<i64, u64> = (0..10).map(|day| (day, 1000)).collect();
        let even =
            Counted { count: 200, messages: 200, blocks: (0..10).map(|d| (d, 20)).collect() };
        assert!(dispersion(&even, &traffic) < 1.0);
        let clumps = Counted { count: 200, messages: 200, blocks: [(3, 100), (7, 100)].into() };
        assert!(dispersion(&clumps, &traffic) > 50.0);
        let short: BTreeMap<i64, u64> = (0..3).map(|day| (day, 1000)).collect();
        assert!((dispersion(&clumps, &short) - 1.0).abs() < 1e-12);
    }
}
