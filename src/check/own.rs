//! Who we are, as far as a log knows: our address, our HELO name, and the domains that send from here.
//!
//! A mail server does not log the address that it sends from. Those who refuse it do: a reply about a blocklist,
//! about our reputation or about our reverse name quotes the address that it is about, which behind address
//! translation is not even one that the server knows. So addresses are taken from such replies only, and the one
//! that most of them name is believed. A stranger can so have us look up one address more, and nothing else.
//!
//! Domains are those of envelope senders whose mail was submitted here: by a program on this machine, by a login,
//! or from a private network. What is only forwarded has senders of strangers, for whom our address may not speak.

use super::name::HostName;
use super::phrases as p;
use super::reach::why_unreachable;
use super::seen::Seen;
use crate::correlate::{Correlator, Keep};
use crate::event::{Content, Entrance, Event, Kind};
use crate::record::Record;
use crate::smtp::{Direction, domain_of};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Domains of ours that are looked at.
pub const MOST_DOMAINS: usize = 5;
/// Different names that are counted, of each kind.
const MOST_NAMES: usize = 20_000;
/// Refusals that are shown.
const MOST_SEEN: usize = 5;
/// Different refusals that are told apart.
const MOST_KINDS: usize = 1_000;
/// Characters of a reply that are searched for an address.
const LONGEST_REPLY: usize = 2_000;

/// What the log knows of us.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OwnSeen {
    /// Our addresses, at most one of IPv4 and one of IPv6, each with how many replies name it.
    pub addresses: Vec<(IpAddr, u64)>,
    /// Our HELO name, where a reply refuses it.
    pub helo: Option<HostName>,
    /// Domains that send from here, the busiest first, at most [`MOST_DOMAINS`].
    pub domains: Vec<HostName>,
    /// The most frequent refusals that are about us.
    pub seen: Vec<Seen>,
    /// How many log entries are about us.
    pub count: u64,
}

impl OwnSeen {
    /// How many replies name an address as ours; `None` where none does.
    pub(super) fn times(&self, address: IpAddr) -> Option<u64> {
        self.addresses.iter().find(|(named, _)| *named == address).map(|(_, times)| *times)
    }
}

/// Collects it.
#[derive(Debug)]
pub(super) struct OwnCollector {
    correlator: Correlator,
    addresses: BTreeMap<IpAddr, u64>,
    helos: BTreeMap<HostName, u64>,
    domains: BTreeMap<HostName, u64>,
    seen: BTreeMap<(String, Option<u16>, Option<&'static str>), Seen>,
    count: u64,
}

impl OwnCollector {
    pub(super) fn new() -> Self {
        Self {
            correlator: Correlator::keeping(Keep::Everything),
            addresses: BTreeMap::new(),
            helos: BTreeMap::new(),
            domains: BTreeMap::new(),
            seen: BTreeMap::new(),
            count: 0,
        }
    }

    /// Takes every record, also what is not selected: messages hang together by it.
    pub(super) fn record(&mut self, record: &Record<'_>) {
        self.correlator.tick(record, |_| {});
        match record.content {
            Content::Event(event) => self.event(record, event),
            Content::Note(note) => {
                self.correlator.note(record, note);
            }
            _ => {}
        }
        self.correlator.hand_out(|_| {});
    }

    fn event(&mut self, record: &Record<'_>, event: &Event<'_>) {
        let bearing = self.correlator.event(record, event);
        if !record.selected
            || bearing.handed_over
            || event.kind != Kind::Delivery
            || event.direction != Direction::Outbound
        {
            return;
        }
        let Some(slot) = bearing.slot else { return };
        // What a content filter brings back came from where the message before it came from.
        let root = self.correlator.root_of(slot);
        let Some(envelope) = self.correlator.envelope(root) else { return };
        let private = |address: &str| {
            let why = address.parse().ok().and_then(why_unreachable);
            why.is_some_and(|why| why == p::PRIVATE || why == p::LOOPBACK)
        };
        let is_ours = envelope.entrance() == Some(Entrance::Local)
            || envelope.user().is_some()
            || envelope.client().is_some_and(private);
        let domain = envelope.sender().and_then(domain_of).and_then(HostName::parse);
        if is_ours && let Some(domain) = domain.filter(|domain| domain.as_str().contains('.')) {
            count(&mut self.domains, domain, u64::from(record.count));
        }
    }

    /// A failure that is about us.
    pub(super) fn failure(&mut self, event: &Event<'_>, seen: &Seen) {
        self.count += seen.count;
        let relay = seen.address;
        let text: String = event.text.chars().take(LONGEST_REPLY).collect();
        for address in addresses_in(&text) {
            if Some(address) != relay {
                count(&mut self.addresses, address, seen.count);
            }
        }
        if seen.cause == "bad-helo"
            && let Some(name) = helo_in(&text)
        {
            count(&mut self.helos, name, seen.count);
        }
        let key = (seen.cause.clone(), seen.code, seen.provider);
        if self.seen.len() < MOST_KINDS || self.seen.contains_key(&key) {
            let entry = self.seen.entry(key).or_insert_with(|| Seen { count: 0, ..seen.clone() });
            entry.count += seen.count;
        }
    }

    pub(super) fn finish(self) -> OwnSeen {
        let addresses = most(self.addresses);
        let of = |v4: bool| addresses.iter().find(|(address, _)| address.is_ipv4() == v4).copied();
        let mut seen: Vec<Seen> = self.seen.into_values().collect();
        seen.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.cmp(b)));
        seen.truncate(MOST_SEEN);
        let domains = most(self.domains).into_iter().take(MOST_DOMAINS);
        OwnSeen {
            addresses: [of(true), of(false)].into_iter().flatten().collect(),
            helo: most(self.helos).into_iter().next().map(|(name, _)| name),
            domains: domains.map(|(domain, _)| domain).collect(),
            seen,
            count: self.count,
        }
    }
}

/// Counts a name, unless there are too many different ones.
fn count<K: Ord>(names: &mut BTreeMap<K, u64>, name: K, times: u64) {
    if names.len() < MOST_NAMES || names.contains_key(&name) {
        *names.entry(name).or_default() += times;
    }
}

/// The most frequent first; of equal counts by name.
fn most<K: Ord>(names: BTreeMap<K, u64>) -> Vec<(K, u64)> {
    let mut names: Vec<(K, u64)> = names.into_iter().collect();
    names.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    names
}

/// Addresses that stand in a text by themselves. Those that no reply from outside can be about (loopback, among it
/// the answers of blocklists, and private ones) are left out.
fn addresses_in(text: &str) -> impl Iterator<Item = IpAddr> + '_ {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '_')))
        .filter_map(|word| {
            let word = word.trim_end_matches(['.', ':', '-']);
            let bare = word.strip_prefix("IPv6:").unwrap_or(word);
            let parsed: Option<IpAddr> = bare.parse().ok();
            // `192.0.2.1:25`
            parsed.or_else(|| Some(IpAddr::V4(bare.split_once(':')?.0.parse().ok()?)))
        })
        .filter(|address| {
            let why = why_unreachable(*address);
            why.is_none_or(|why| why == p::DOCUMENTATION)
        })
}

/// The name in `<mail>: Helo command rejected`, as Postfix words it.
fn helo_in(text: &str) -> Option<HostName> {
    let (_, rest) = text.split_once('<')?;
    let (name, rest) = rest.split_once('>')?;
    rest.to_ascii_lowercase().starts_with(": helo command").then(|| HostName::parse(name))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_the_words_of_those_who_refuse_it() {
        for (text, want) in [
            (
                "550 5.7.1 Client host [192.0.2.25] blocked using zen.spamhaus.org",
                &["192.0.2.25"][..],
            ),
            (
                "554 Service refused; see https://example.net/?ip=192.0.2.25&lang=en.",
                &["192.0.2.25"],
            ),
            ("550-5.7.1 [2001:db8::25      19] Our system has detected", &["2001:db8::25"]),
            ("450 4.7.25 cannot find your hostname, [IPv6:2001:db8::25]", &["2001:db8::25"]),
            ("550 192.0.2.25 is listed at bl.example.net.", &["192.0.2.25"]),
            ("554 client 192.0.2.25:41834 is refused", &["192.0.2.25"]),
            // Neither a name that begins with an address, nor an answer of a list, nor a private address.
            ("554 25.2.0.192.zen.spamhaus.org says 127.0.0.2 of host-192-0-2-25.example.net", &[]),
            ("550 5.7.1 10.0.0.1 is no address of ours; code 5.7.1.1.1", &[]),
        ] {
            let found: Vec<String> = addresses_in(text).map(|a| a.to_string()).collect();
            assert_eq!(found, want, "{text}");
        }
    }

    #[test]
    fn a_helo_name_is_found_where_it_is_refused() {
        let refused = "504 5.5.2 <mail>: Helo command rejected: need fully-qualified hostname";
        assert_eq!(helo_in(refused).unwrap().as_str(), "mail");
        assert_eq!(helo_in("550 <ann@example.com>: no such user"), None);
    }
}
