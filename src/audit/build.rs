//! From counters to the audit: sorted, with shares, quantiles and names.

use super::collect::LOCAL;
use super::group::Group;
use super::{
    Audit, Busiest, BusiestRow, Collector, Delay, DelayParts, Figures, Histogram, Quantiles, Row,
    SCHEMA, Section, View,
};
use crate::correlate::Fate;
use crate::knowledge::provider::provider;
use crate::summary::{Tally, Weight};
use crate::time::Zone;

/// What is wanted of it.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The views, in their order.
    pub views: Vec<View>,
    /// Rows of each.
    pub top: usize,
    /// Names with fewer recipients are not shown.
    pub min_recipients: u64,
    /// The zone that times are shown in.
    pub zone: Zone,
}

impl Collector {
    /// The input has ended: the audit.
    pub fn finish(mut self, wanted: &Wanted) -> Audit {
        self.end();
        let counts = &self.counts;
        let [before_queue, in_queue, connecting, sending] =
            [0, 1, 2, 3].map(|n| counts.parts.get(n).map(quantiles_of).unwrap_or_default());
        Audit {
            schema: SCHEMA,
            generator: format!("mailwhy {}", env!("CARGO_PKG_VERSION")),
            filter: None,
            warnings: Vec::new(),
            first: counts.first.map(|time| wanted.zone.shown(time)),
            last: counts.last.map(|time| wanted.zone.shown(time)),
            total: figures_of(&counts.total),
            delays: DelayParts {
                known: counts.parts.first().map_or(0, Histogram::total),
                before_queue,
                in_queue,
                connecting,
                sending,
            },
            notifications: figures_of(&counts.notifications),
            sections: wanted
                .views
                .iter()
                .filter_map(|view| Some(section(*view, counts.view(*view)?, &counts.total, wanted)))
                .map(|section| Section {
                    others: counts.total.recipients().saturating_sub(section.others),
                    ..section
                })
                .collect(),
            busiest: vec![
                busiest("sender", &counts.senders, wanted.top, |sent| {
                    (sent.messages, sent.recipients, sent.accepted)
                }),
                self.busiest_of("user", View::User, wanted.top),
                self.busiest_of("client", View::Client, wanted.top),
            ],
        }
    }

    fn busiest_of(&self, of: &'static str, view: View, top: usize) -> Busiest {
        let none = Tally::new(0);
        let tally = self.counts.view(view).unwrap_or(&none);
        busiest(of, tally, top, |g| (g.messages, g.recipients(), g.accepted_count()))
    }
}

fn busiest<V: Weight>(
    of: &'static str,
    tally: &Tally<V>,
    top: usize,
    figures: impl Fn(&V) -> (u64, u64, u64),
) -> Busiest {
    let accepted = |value: &V| figures(value).2;
    let rows = tally
        .first(tally.len(), |a, b| accepted(b).cmp(&accepted(a)))
        .into_iter()
        .filter(|(name, _)| !name.is_empty())
        .take(top)
        .map(|(name, value)| {
            let (messages, recipients, accepted) = figures(value);
            BusiestRow { name: name.to_owned(), messages, recipients, accepted }
        })
        .collect();
    let names = tally.by_weight().iter().filter(|(name, _)| !name.is_empty()).count();
    Busiest { of, rows, names, error: tally.error() }
}

/// A view; `others` is what its rows have, for the caller to take from the total.
fn section(view: View, tally: &Tally<Group>, all: &Group, wanted: &Wanted) -> Section {
    let worst = tally.first(tally.len(), |a, b| {
        b.badness(all)
            .cmp(&a.badness(all))
            .then_with(|| b.given_up().cmp(&a.given_up()))
            .then_with(|| b.weight().cmp(&a.weight()))
    });
    let names = worst.len();
    let large: Vec<_> = worst
        .into_iter()
        .filter(|(_, group)| group.recipients() >= wanted.min_recipients)
        .collect();
    let too_small = names - large.len();
    let shown: Vec<_> = large.into_iter().take(wanted.top).collect();
    Section {
        by: view,
        others: shown.iter().map(|(_, group)| group.recipients()).sum(),
        rows: shown
            .into_iter()
            .map(|(name, group)| Row { name: name_of(view, name), figures: figures_of(group) })
            .collect(),
        names,
        too_small,
        error: tally.error(),
    }
}

fn name_of(view: View, name: &str) -> Option<String> {
    match (view, name) {
        (_, "") => None,
        (View::Provider, LOCAL) => Some(LOCAL.to_owned()),
        (View::Provider, slug) => {
            Some(provider(slug).map_or(slug, |provider| provider.name()).to_owned())
        }
        (_, name) => Some(name.to_owned()),
    }
}

fn figures_of(group: &Group) -> Figures {
    let fate = |fate| group.fates.get(fate);
    let (accepted, given_up) = (group.accepted_count(), group.given_up());
    Figures {
        messages: group.messages,
        bytes: group.bytes,
        recipients: group.recipients(),
        accepted,
        accepted_late: group.accepted_late,
        ever_deferred: group.ever_deferred,
        hard_bounced: group.hard,
        soft_bounced: group.soft,
        blocked: group.blocked,
        queued: fate(Fate::Queued),
        other: [Fate::Held, Fate::Discarded, Fate::Removed, Fate::Unknown].map(fate).iter().sum(),
        fates: Fate::ALL
            .iter()
            .filter(|known| fate(**known) > 0)
            .map(|known| (known.slug(), fate(*known)))
            .collect(),
        bounce_rate: share(given_up, given_up + accepted).unwrap_or(0.0),
        delay: delay_of(group),
        tls_known: group.tls_known,
        tls: group.tls,
    }
}

fn delay_of(group: &Group) -> Delay {
    let whole: u64 = group.parts.iter().fold(0, |sum, part| sum.saturating_add(*part));
    let [before, queue, connect, send] = group.parts.map(|part| share(part, whole));
    Delay {
        known: group.delay.total(),
        median: group.delay.quantile(50),
        p95: group.delay.quantile(95),
        before_queue: before,
        in_queue: queue,
        connecting: connect,
        sending: send,
    }
}

fn quantiles_of(histogram: &Histogram) -> Quantiles {
    Quantiles { median: histogram.quantile(50), p95: histogram.quantile(95) }
}

#[expect(clippy::cast_precision_loss, reason = "a share is shown with three digits")]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
