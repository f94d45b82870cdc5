//! The figures that charts are drawn from: delays, and failures by provider and cause.

use super::build::{Shown, share};
use super::{DelayBucket, DelaySection, NamedCause, ProviderCauses, ProviderRow};
use crate::classify::CauseId;
use crate::knowledge::provider::provider;
use crate::summary::{Delays, Summary};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How long deliveries took.
pub(super) fn delays(delays: &Delays) -> DelaySection {
    let total = delays.total();
    DelaySection {
        lines: total,
        buckets: delays
            .buckets()
            .map(|(within, lines)| DelayBucket { within, lines, share: share(lines, total) })
            .collect(),
        half_within: within(delays, 50),
        most_within: within(delays, 95),
    }
}

/// The first edge within which so many of a hundred deliveries lie.
fn within(delays: &Delays, percent: u128) -> Option<u64> {
    let total = u128::from(delays.total());
    let mut sum = 0;
    delays.buckets().find_map(|(edge, lines)| {
        sum += u128::from(lines);
        (sum * 100 >= total * percent).then_some(edge)
    })?
}

impl Shown<'_> {
    /// The grid of providers and causes.
    pub(super) fn provider_causes(&self, summary: &Summary) -> ProviderCauses {
        let counts = summary.provider_causes();
        let mut by_cause = BTreeMap::<CauseId, u64>::new();
        let mut by_provider = BTreeMap::<Option<&str>, u64>::new();
        for ((provider, cause), lines) in &counts {
            *by_cause.entry(*cause).or_default() += lines;
            *by_provider.entry(*provider).or_default() += lines;
        }
        let mut causes: Vec<_> = by_cause.into_iter().collect();
        causes.sort_by_key(|(cause, lines)| (Reverse(*lines), *cause));
        let mut rows: Vec<_> = by_provider.into_iter().collect();
        // Receivers that nobody knows are many; they come last.
        rows.sort_by_key(|(slug, lines)| (slug.is_none(), Reverse(*lines), *slug));
        let row = |(slug, lines): (Option<&'static str>, u64)| ProviderRow {
            provider: slug.map(|slug| {
                provider(slug).map_or_else(|| slug.to_owned(), |p| p.name().to_owned())
            }),
            lines,
            by_cause: causes
                .iter()
                .map(|(cause, _)| counts.get(&(slug, *cause)).copied().unwrap_or(0))
                .collect(),
        };
        ProviderCauses {
            rows: rows.into_iter().map(row).collect(),
            causes: causes
                .iter()
                .map(|(cause, lines)| NamedCause {
                    cause: cause.slug().to_owned(),
                    title: self.title_of(cause.slug()),
                    lines: *lines,
                })
                .collect(),
        }
    }
}
