//! What in a log DNS could explain: which domains and hosts, how bad, and by whom they were refused.
//!
//! A refusal that is about us ([`Seen::is_about_us`]) says nothing about the domain of the recipient; it counts for
//! [`OwnSeen`]. Only where a known provider refuses us, the domain that met it most often stands for it, once: its
//! pages are the way out, and a hundred domains that it hosts would say the same.

use super::name::HostName;
use super::own::{OwnCollector, OwnSeen};
use super::seen::{Seen, TLS_CAUSE, event_says_no_mail};
use crate::classify::Judge;
use crate::event::{Content, Event, Kind};
use crate::record::{Judging, Record, Sink, provider_met};
use crate::smtp::{Direction, domain_of};
use crate::summary::is_failure;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::ControlFlow;

/// Domains that are remembered. A log of strangers' making may name more; the rest is counted as left out.
pub const MOST_DOMAINS: usize = 20_000;
/// Different refusals that are remembered of a domain.
pub const MOST_SEEN: usize = 20;

/// Causes that DNS may explain.
const CAUSES: [&str; 5] = [
    "dns-failure",
    "connection-failed",
    "domain-accepts-no-mail",
    "recipient-domain-missing",
    TLS_CAUSE,
];

/// A domain with trouble.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// The domain.
    pub domain: HostName,
    /// How many log entries.
    pub count: u64,
    /// The different ways it failed, most frequent first, at most [`MOST_SEEN`].
    pub seen: Vec<Seen>,
}

/// All trouble of a log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Troubles {
    /// Domains, those with the most entries first.
    pub domains: Vec<Trouble>,
    /// What is about us.
    pub own: OwnSeen,
    /// Entries of domains beyond [`MOST_DOMAINS`].
    pub left_out: u64,
}

/// Collects it.
#[derive(Debug)]
pub struct TroubleSink {
    judge: Judge,
    domains: Domains,
    /// By provider.
    refusing: BTreeMap<&'static str, Domains>,
    own: OwnCollector,
    left_out: u64,
}

/// Domains, each with its entries and the ways it failed.
type Domains = BTreeMap<HostName, (u64, BTreeMap<Key, Seen>)>;

/// What makes two failures the same.
type Key = (Option<HostName>, Option<IpAddr>, Option<u16>, Option<String>, String);

impl TroubleSink {
    /// Nothing collected yet.
    pub fn new(judge: Judge) -> Self {
        Self {
            judge,
            domains: BTreeMap::new(),
            refusing: BTreeMap::new(),
            own: OwnCollector::new(),
            left_out: 0,
        }
    }

    /// What was found.
    pub fn finish(self) -> Troubles {
        let mut met = self.domains;
        for domains in self.refusing.into_values() {
            let total: u64 = domains.values().map(|(count, _)| count).sum();
            // Of equal counts the first by name.
            let most = domains.into_iter().reduce(|a, b| if b.1.0 > a.1.0 { b } else { a });
            let Some((domain, (_, seen))) = most else { continue };
            let (count, known) = met.entry(domain).or_default();
            *count += total;
            for (key, seen) in seen {
                known.entry(key).or_insert(seen);
            }
        }
        let mut domains: Vec<Trouble> = met
            .into_iter()
            .map(|(domain, (count, seen))| {
                let mut seen: Vec<Seen> = seen.into_values().collect();
                seen.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.cmp(b)));
                Trouble { domain, count, seen }
            })
            .collect();
        // Of equal counts by name: the map has them so.
        domains.sort_by_key(|trouble| std::cmp::Reverse(trouble.count));
        Troubles { domains, own: self.own.finish(), left_out: self.left_out }
    }

    fn failure(&mut self, record: &Record<'_>, event: &Event<'_>) {
        let verdict = record.judged(event, &mut self.judge);
        let cause = verdict.cause.slug();
        let seen = seen_in(record, event, cause);
        let (about_us, providers_own) = (seen.is_about_us(), seen.is_providers_own());
        let of_domain = CAUSES.contains(&cause) || event_says_no_mail(event.code, event.enhanced);
        if about_us {
            self.own.failure(event, &seen);
        }
        if !providers_own && (about_us || !of_domain) {
            return;
        }
        let Some(domain) = event.recipient.and_then(domain_of).and_then(HostName::parse) else {
            return;
        };
        let domains = match seen.provider {
            Some(provider) if providers_own => self.refusing.entry(provider).or_default(),
            _ => &mut self.domains,
        };
        if !domains.contains_key(&domain) && domains.len() >= MOST_DOMAINS {
            self.left_out += seen.count;
            return;
        }
        let key =
            (seen.host.clone(), seen.address, seen.code, seen.enhanced.clone(), seen.cause.clone());
        let (count, known) = domains.entry(domain).or_default();
        *count += seen.count;
        let has_room = known.len() < MOST_SEEN;
        match known.get_mut(&key) {
            Some(before) => before.count += seen.count,
            None if has_room => {
                known.insert(key, seen);
            }
            None => {}
        }
    }
}

/// What an event says of whom it met.
fn seen_in(record: &Record<'_>, event: &Event<'_>, cause: &str) -> Seen {
    let relay = event.relay.unwrap_or_default();
    Seen {
        host: relay.host.and_then(HostName::parse),
        address: relay.address.and_then(|text| text.parse().ok()),
        code: event.code.map(crate::smtp::ReplyCode::value),
        enhanced: event.enhanced.map(|code| code.to_string()),
        cause: cause.to_owned(),
        provider: record.provider.or_else(|| provider_met(event)),
        count: u64::from(record.count),
        text: event.text.chars().take(400).collect(),
    }
}

impl Sink for TroubleSink {
    fn judging(&self) -> Option<Judging> {
        Some(Judging { judge: self.judge.clone(), wanted: is_failure })
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        if !record.duplicate {
            self.own.record(record);
        }
        if !record.duplicate
            && record.selected
            && let Content::Event(event) = record.content
            && event.direction == Direction::Outbound
            && event.kind == Kind::Delivery
            && is_failure(event)
        {
            self.failure(record, event);
        }
        ControlFlow::Continue(())
    }
}
