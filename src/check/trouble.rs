//! What in a log DNS could explain: which domains and hosts, how bad, and by whom they were refused.

use super::name::HostName;
use super::seen::{Seen, event_says_no_mail};
use crate::classify::Judge;
use crate::event::{Content, Event, Kind};
use crate::record::{Judging, Record, Sink};
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
const CAUSES: [&str; 4] =
    ["dns-failure", "connection-failed", "domain-accepts-no-mail", "recipient-domain-missing"];

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

/// Collects it.
#[derive(Debug)]
pub struct TroubleSink {
    judge: Judge,
    domains: BTreeMap<HostName, (u64, BTreeMap<Key, Seen>)>,
    left_out: u64,
}

/// What makes two failures the same.
type Key = (Option<HostName>, Option<IpAddr>, Option<u16>, Option<String>, String);

impl TroubleSink {
    /// Nothing collected yet.
    pub fn new(judge: Judge) -> Self {
        Self { judge, domains: BTreeMap::new(), left_out: 0 }
    }

    /// What was found, the domains with the most entries first, and how many entries were beyond the bound.
    pub fn finish(self) -> (Vec<Trouble>, u64) {
        let mut all: Vec<Trouble> = self
            .domains
            .into_iter()
            .map(|(domain, (count, seen))| {
                let mut seen: Vec<Seen> = seen.into_values().collect();
                seen.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.cmp(b)));
                Trouble { domain, count, seen }
            })
            .collect();
        // Of equal counts by name: the map has them so.
        all.sort_by_key(|trouble| std::cmp::Reverse(trouble.count));
        (all, self.left_out)
    }

    fn failure(&mut self, record: &Record<'_>, event: &Event<'_>) {
        let verdict = record.judged(event, &mut self.judge);
        let cause = verdict.cause.slug();
        if !CAUSES.contains(&cause) && !event_says_no_mail(event.code, event.enhanced) {
            return;
        }
        let Some(domain) = event.recipient.and_then(domain_of).and_then(HostName::parse) else {
            return;
        };
        if !self.domains.contains_key(&domain) && self.domains.len() >= MOST_DOMAINS {
            self.left_out += u64::from(record.count);
            return;
        }
        let relay = event.relay.unwrap_or_default();
        let address = relay.address.and_then(|text| text.parse().ok());
        let key = (
            relay.host.and_then(HostName::parse),
            address,
            event.code.map(crate::smtp::ReplyCode::value),
            event.enhanced.map(|code| code.to_string()),
            cause.to_owned(),
        );
        let (count, seen) = self.domains.entry(domain).or_default();
        *count += u64::from(record.count);
        if !seen.contains_key(&key) && seen.len() >= MOST_SEEN {
            return;
        }
        let (host, address, code, enhanced, cause) = key.clone();
        let text = event.text.chars().take(400).collect();
        let entry = seen.entry(key).or_insert_with(|| Seen {
            host,
            address,
            code,
            enhanced,
            cause,
            count: 0,
            text,
        });
        entry.count += u64::from(record.count);
    }
}

impl Sink for TroubleSink {
    fn judging(&self) -> Option<Judging> {
        Some(Judging { judge: self.judge.clone(), wanted: is_failure })
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
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
