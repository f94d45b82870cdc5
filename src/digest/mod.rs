//! What is kept of a log: counts that can be saved, merged, compared and put into a history.
//!
//! A [`Digest`] is three tables of counts by period and host (failures and answers by cause, code and provider;
//! traffic by direction; mail by what became of it) and the account of the logs that they were made of
//! ([`Part`]). It is made in the same pass as the report, by a [`Counter`] that the report's collector feeds:
//! nothing is parsed, judged or correlated twice, so its sums are the report's.
//!
//! What it does not hold: addresses, texts, samples, clients. What it cannot say is said: a digest of many
//! periods is [coarser](Grain).
//!
//! Each message and recipient counts in one period, so that periods add up: where it first met the cause (the
//! code, the direction). To count one thing more: a field in one of the `counts!`, the line in `counter.rs` that
//! fills it, and the next [`SCHEMA`].

mod baseline;
mod compare;
mod counter;
mod counts;
mod grain;
mod part;
mod store;
mod usual;
mod view;

#[cfg(test)]
mod tests;

pub use baseline::{Asked, Baseline, Rate, Unit, Week};
pub use compare::{Change, Comparison, Rules, Side, Subject, Trend, compare};
pub use counter::{Counter, Told};
pub use counts::{MailCounts, RowCounts, TrafficCounts};
pub use grain::Grain;
pub use part::{FileRow, Overlap, Part, Span};
pub use store::{is_saved, read_digest, write_digest};
pub use usual::{Deviation, Usual, UsualRow, Window, usual};
pub use view::{CauseSum, CodeSum, DirectionView, HostView, MailView, ProviderSum, View, view};

use crate::smtp::{Direction, EnhancedCode, ReplyCode};
use crate::words::words;
use compact_str::CompactString;
use std::collections::BTreeMap;

/// Version of the saved form. Another one is not read.
pub const SCHEMA: u32 = 1;

/// Most rows of each table. With more the digest becomes coarser ([`Grain`]): at 250 bytes a row, 64 MB for the
/// largest table. A year of hours of an ordinary host has some 300,000 rows, a year of its days 40,000.
pub const MOST_ROWS: usize = 1 << 18;

/// Most parts of a digest; further ones are refused.
pub const MOST_PARTS: usize = 4096;

/// What stands for a host whose name was left out.
pub const OTHER: &str = "(other)";

/// What a row counts: answers and failures of one kind in one period.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowKey {
    /// Begin of the period, seconds since 1970.
    pub period: i64,
    /// The host that logged it; empty where the lines name none.
    pub host: CompactString,
    /// Who was the server.
    pub direction: Direction,
    /// Why it failed; `None` for what did not fail.
    pub cause: Option<CompactString>,
    /// The reply code; `None` where the line states none.
    pub code: Option<ReplyCode>,
    /// The enhanced status code; of the reply, or without one Postfix's `dsn=`.
    pub enhanced: Option<EnhancedCode>,
    /// The receiving provider (outbound).
    pub provider: Option<CompactString>,
}

/// Whose traffic is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrafficKey {
    /// Begin of the period, seconds since 1970.
    pub period: i64,
    /// The host that logged it; empty where the lines name none.
    pub host: CompactString,
    /// Who was the server.
    pub direction: Direction,
    /// The receiving provider (outbound).
    pub provider: Option<CompactString>,
}

/// Whose fates are counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MailKey {
    /// Begin of the period in which the message ended, or was last heard of; seconds since 1970.
    pub period: i64,
    /// The host that logged it; empty where the lines name none.
    pub host: CompactString,
    /// Which messages.
    pub kind: MailKind,
}

words! {
    /// Messages that are counted apart: mail and notifications, and of both those that had not ended when the log
    /// did, because a later log has their end.
    MailKind {
        /// Mail that ended.
        Mail = "mail",
        /// Mail still in the queue when the log ended.
        OpenMail = "open-mail",
        /// Notifications (DSNs) of ours that ended.
        Notification = "notification",
        /// Notifications still in the queue when the log ended.
        OpenNotification = "open-notification",
    }
}

/// What a log adds up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// How coarse the periods are.
    pub grain: Grain,
    /// Answers and failures.
    pub rows: BTreeMap<RowKey, RowCounts>,
    /// Traffic by direction and provider.
    pub traffic: BTreeMap<TrafficKey, TrafficCounts>,
    /// Messages and recipients by what became of them.
    pub mail: BTreeMap<MailKey, MailCounts>,
    /// The logs that went in, by an id made of what they said.
    pub parts: BTreeMap<String, Part>,
}

/// Why two digests cannot be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmergeable {
    /// The same log is in both.
    #[error("the same log is in both")]
    Same,
    /// Too many logs.
    #[error("more than {MOST_PARTS} logs in one digest")]
    TooMany,
}

impl Digest {
    /// Adds another digest. The order of additions does not matter, nor how they are grouped.
    ///
    /// # Errors
    ///
    /// When a log is in both, as it would count twice, or when there are more than [`MOST_PARTS`] logs; nothing is
    /// added then. That two different logs tell of the same time of the same host is not an error here: ask
    /// [`Digest::overlaps`] first.
    pub fn merge(&mut self, other: &Self) -> Result<(), Unmergeable> {
        if other.parts.keys().any(|id| self.parts.contains_key(id)) {
            return Err(Unmergeable::Same);
        }
        if self.parts.len() + other.parts.len() > MOST_PARTS {
            return Err(Unmergeable::TooMany);
        }
        for (key, counts) in &other.rows {
            self.rows.entry(key.clone()).or_default().add(counts);
        }
        for (key, counts) in &other.traffic {
            self.traffic.entry(key.clone()).or_default().add(counts);
        }
        for (key, counts) in &other.mail {
            self.mail.entry(key.clone()).or_default().add(counts);
        }
        self.parts.extend(other.parts.iter().map(|(id, part)| (id.clone(), part.clone())));
        let finer = self.grain != other.grain;
        self.grain = self.grain.max(other.grain);
        if finer {
            self.fold();
        }
        self.keep_bound(MOST_ROWS);
        Ok(())
    }

    /// The same counts in coarser periods; unchanged where they are as coarse already.
    #[must_use]
    pub fn coarser(mut self, grain: Grain) -> Self {
        if grain > self.grain {
            self.grain = grain;
            self.fold();
        }
        self
    }

    /// Becomes coarser until no table has more than `most` rows. The grain that results is the finest that fits all
    /// that was added, so it does not depend on the order of additions.
    fn keep_bound(&mut self, most: usize) {
        while self.rows.len().max(self.traffic.len()).max(self.mail.len()) > most {
            let Some(next) = self.grain.next() else { return };
            self.grain = next;
            self.fold();
        }
    }

    /// Takes all keys to the digest's grain.
    fn fold(&mut self) {
        let grain = self.grain;
        for (mut key, counts) in std::mem::take(&mut self.rows) {
            grain.fold_row(&mut key);
            self.rows.entry(key).or_default().add(&counts);
        }
        for (mut key, counts) in std::mem::take(&mut self.traffic) {
            grain.fold_traffic(&mut key);
            self.traffic.entry(key).or_default().add(&counts);
        }
        for (mut key, counts) in std::mem::take(&mut self.mail) {
            grain.fold_mail(&mut key);
            self.mail.entry(key).or_default().add(&counts);
        }
    }

    /// What happened from `from` until before `to` (seconds since 1970), by whole periods: a period belongs to the
    /// side on which it begins. `None` is no limit.
    #[must_use]
    pub fn between(&self, from: Option<i64>, to: Option<i64>) -> Self {
        let inside =
            |time: i64| from.is_none_or(|from| time >= from) && to.is_none_or(|to| time < to);
        Self {
            grain: self.grain,
            rows: copy_if(&self.rows, |key| inside(key.period)),
            traffic: copy_if(&self.traffic, |key| inside(key.period)),
            mail: copy_if(&self.mail, |key| inside(key.period)),
            parts: self.parts.iter().filter_map(|(id, part)| part.between(id, from, to)).collect(),
        }
    }

    /// The counts of one host only.
    #[must_use]
    pub fn of_host(&self, host: &str) -> Self {
        Self {
            grain: self.grain,
            rows: copy_if(&self.rows, |key| key.host == host),
            traffic: copy_if(&self.traffic, |key| key.host == host),
            mail: copy_if(&self.mail, |key| key.host == host),
            parts: self.parts.clone(),
        }
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.traffic.is_empty() && self.mail.is_empty()
    }

    /// First and last moment that the logs tell of, microseconds since 1970.
    pub fn span(&self) -> Option<(i64, i64)> {
        let spans = self.parts.values().flat_map(|part| part.hosts.values());
        spans.map(|span| (span.first, span.last)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// The begins of the periods in which anything was counted, in order.
    pub fn periods(&self) -> Vec<i64> {
        let traffic = self.traffic.keys().map(|key| key.period);
        let rows = self.rows.keys().map(|key| key.period);
        let mut periods: Vec<i64> =
            traffic.chain(rows).chain(self.mail.keys().map(|key| key.period)).collect();
        periods.sort_unstable();
        periods.dedup();
        periods
    }

    /// Times of the same host that logs in both digests tell of.
    pub fn overlaps(&self, other: &Self) -> Vec<Overlap> {
        part::overlaps(&self.parts, &other.parts)
    }
}

fn copy_if<K: Ord + Clone, V: Copy>(
    table: &BTreeMap<K, V>,
    wanted: impl Fn(&K) -> bool,
) -> BTreeMap<K, V> {
    table
        .iter()
        .filter(|(key, _)| wanted(key))
        .map(|(key, counts)| (key.clone(), *counts))
        .collect()
}
