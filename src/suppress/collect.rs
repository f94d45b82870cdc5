//! The sink of the list: failing addresses, and what accepted mail.

use super::evidence::{Evidence, Strength};
use super::{Incomplete, List, Listed, Rules, SCHEMA, Scope};
use crate::classify::{CauseId, Judge};
use crate::correlate::Correlator;
use crate::event::{Content, Event, Kind};
use crate::i18n::Language;
use crate::knowledge::{Knowledge, cause_slugs};
use crate::record::{Judging, Record, Sink};
use crate::smtp::{Direction, Disposition, domain_of};
use crate::summary::{Distinct, is_failure};
use crate::time::{Time, Zone};
use compact_str::CompactString;
use foldhash::quality::RandomState;
use hashbrown::HashMap;
use std::hash::BuildHasher;
use std::ops::ControlFlow;

/// Most bytes that are kept of an address that failed.
pub const PER_ADDRESS: usize = 640;

/// Collects what speaks against addresses.
#[derive(Debug)]
pub struct Collector {
    /// Only to know what went to a content filter and came back: that is no acceptance.
    correlator: Correlator,
    judge: Judge,
    rules: Rules,
    scopes: HashMap<&'static str, Scope>,
    /// By the address in lower case.
    failing: HashMap<CompactString, Evidence>,
    left_out: Distinct,
    accepted: Acceptances,
    not_listed: u64,
    /// The last time that a line had: for those that have none.
    now: Option<Time>,
}

/// What the rows need to be written.
#[derive(Clone, Copy, Debug)]
pub struct Ending<'a> {
    /// Names of the sources, by number.
    pub files: &'a [String],
    /// The zone that times are shown in.
    pub zone: Zone,
    /// The knowledge base.
    pub knowledge: &'a Knowledge,
    /// The language of the causes' names.
    pub language: Language,
}

impl Collector {
    /// Nothing collected yet.
    pub fn new(judge: Judge, knowledge: &Knowledge, rules: Rules) -> Self {
        let scope_of = |slug: &'static str| Some((slug, rules.scope(knowledge, slug)?));
        Self {
            correlator: Correlator::new(),
            judge,
            scopes: cause_slugs().filter_map(scope_of).collect(),
            failing: HashMap::new(),
            left_out: Distinct::default(),
            accepted: Acceptances::new(rules.most.saturating_mul(4)),
            not_listed: 0,
            now: None,
            rules,
        }
    }

    fn event(&mut self, record: &Record<'_>, event: &Event<'_>) {
        let handed_over = self.correlator.event(record, event).handed_over;
        if event.kind != Kind::Delivery || event.direction == Direction::Inbound || handed_over {
            return;
        }
        let Some(address) = address_of(event) else { return };
        match event.disposition {
            Some(Disposition::Delivered) => self.accepts(address),
            // An acceptance counts whatever was selected: in doubt nobody is listed.
            Some(Disposition::Bounced | Disposition::Deferred) if record.selected => {
                self.fails(record, event, address);
            }
            _ => {}
        }
    }

    fn accepts(&mut self, address: &str) {
        let address = lower(address);
        self.accepted.remember(&address, self.now);
        let now = self.now;
        let over = |failing: &Evidence| failing.failed <= now;
        if self.failing.get(&address).is_some_and(over) {
            self.failing.remove(&address);
            self.not_listed += 1;
        }
    }

    fn fails(&mut self, record: &Record<'_>, event: &Event<'_>, address: &str) {
        let verdict = record.judged(event, &mut self.judge);
        let Some(scope) = self.scopes.get(verdict.cause.slug()).copied() else { return };
        let Some(strength) = Strength::of(event, &verdict) else { return };
        let of = (verdict.cause, scope);
        let address = lower(address);
        if self.accepted.since(&address, scope, self.now) {
            return;
        }
        if let Some(failing) = self.failing.get_mut(&address) {
            failing.add(record, event, strength, of);
            failing.failed = failing.failed.max(self.now);
        } else if self.failing.len() < self.rules.most {
            let mut evidence = Evidence::new(record, event, of);
            evidence.add(record, event, strength, of);
            evidence.failed = self.now;
            self.failing.insert(address, evidence);
        } else {
            self.left_out.add(&address);
        }
    }

    /// The input has ended: what a rule lists.
    pub fn finish(self, ending: &Ending<'_>) -> List {
        let Self { rules, scopes, failing, left_out, accepted, mut not_listed, .. } = self;
        let mut addresses = Vec::new();
        let mut failing: Vec<(CompactString, Evidence)> = failing.into_iter().collect();
        failing.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for (address, evidence) in failing {
            // Of the address itself an acceptance has taken it away already.
            let accepts = evidence.scope == Scope::Domain
                && accepted.since(&address, Scope::Domain, evidence.failed);
            match rules.judge(&evidence).filter(|_| !accepts) {
                Some(rule) => addresses.push(listed(&address, &evidence, rule, ending)),
                None => not_listed += 1,
            }
        }
        let left_out = left_out.count();
        let incomplete = (left_out.count > 0 || accepted.forgotten)
            .then_some(Incomplete { left_out, acceptances_forgotten: accepted.forgotten });
        List {
            schema: SCHEMA,
            generator: format!("mailwhy {}", env!("CARGO_PKG_VERSION")),
            filter: None,
            warnings: Vec::new(),
            rules,
            causes: cause_slugs().filter(|slug| scopes.contains_key(slug)).collect(),
            not_listed,
            incomplete,
            addresses,
        }
    }
}

impl Sink for Collector {
    fn judging(&self) -> Option<Judging> {
        Some(Judging { judge: self.judge.clone(), wanted: is_attempt_that_failed })
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        if record.duplicate {
            return ControlFlow::Continue(());
        }
        self.now = record.time.or(self.now);
        self.correlator.tick(record, |_| {});
        match record.content {
            Content::Event(event) => self.event(record, event),
            Content::Note(note) => {
                self.correlator.note(record, note);
            }
            _ => {}
        }
        self.correlator.hand_out(|_| {});
        ControlFlow::Continue(())
    }
}

/// Refusals of our own are not even judged.
fn is_attempt_that_failed(event: &Event<'_>) -> bool {
    event.kind == Kind::Delivery && event.direction != Direction::Inbound && is_failure(event)
}

/// The address that was tried: behind aliases, unless that is a bare local part.
fn address_of<'a>(event: &Event<'a>) -> Option<&'a str> {
    let address =
        event.final_recipient.filter(|address| address.contains('@')).or(event.recipient)?;
    (!address.is_empty()).then_some(address)
}

fn lower(address: &str) -> CompactString {
    let mut address = CompactString::new(address);
    address.make_ascii_lowercase();
    address
}

fn listed(address: &str, evidence: &Evidence, rule: super::Rule, ending: &Ending<'_>) -> Listed {
    let mut codes = evidence.codes.to_vec();
    codes.sort_by_key(|code| (std::cmp::Reverse(code.count), code.code, code.enhanced));
    let show = |time: Option<Time>| time.map(|time| ending.zone.shown(time));
    Listed {
        address: evidence.spelling.as_deref().unwrap_or(address).to_owned(),
        scope: evidence.scope,
        cause: evidence.cause.slug(),
        title: title(evidence.cause, ending),
        rule,
        hard: evidence.hard,
        soft: evidence.soft,
        first: show(evidence.first),
        last: show(evidence.last),
        codes,
        more_codes: evidence.more_codes,
        provider: evidence.provider,
        file: usize::try_from(evidence.at.source)
            .ok()
            .and_then(|n| ending.files.get(n))
            .cloned()
            .unwrap_or_default(),
        line: evidence.at.line,
        text: evidence.text.to_string(),
    }
}

fn title(cause: CauseId, ending: &Ending<'_>) -> String {
    let known = ending.knowledge.cause(cause.slug());
    known.map_or(cause.slug(), |known| known.title(ending.language)).to_owned()
}

/// When addresses and domains last accepted mail, as hashes: for logs of several hosts that are read one behind
/// the other, where an acceptance may be read before an older failure.
#[derive(Debug)]
struct Acceptances {
    // Seeded afresh in each run: nobody can make two addresses one.
    hasher: RandomState,
    addresses: HashMap<u64, i64>,
    domains: HashMap<u64, i64>,
    most: usize,
    forgotten: bool,
}

impl Acceptances {
    fn new(most: usize) -> Self {
        Self {
            hasher: RandomState::default(),
            addresses: HashMap::new(),
            domains: HashMap::new(),
            most,
            forgotten: false,
        }
    }

    fn remember(&mut self, address: &str, time: Option<Time>) {
        let Some(time) = time else { return };
        let hash = self.hasher.hash_one(address);
        self.forgotten |= !enter(&mut self.addresses, self.most, hash, time);
        if let Some(domain) = domain_of(address) {
            let hash = self.hasher.hash_one(domain);
            self.forgotten |= !enter(&mut self.domains, self.most, hash, time);
        }
    }

    /// Whether mail was accepted at or after that time.
    fn since(&self, address: &str, scope: Scope, time: Option<Time>) -> bool {
        let Some(time) = time else { return false };
        let after = |map: &HashMap<u64, i64>, text: &str| {
            map.get(&self.hasher.hash_one(text)).is_some_and(|accepted| *accepted > time.0)
        };
        after(&self.addresses, address)
            || scope == Scope::Domain
                && domain_of(address).is_some_and(|domain| after(&self.domains, domain))
    }
}

/// Whether there was room for it.
fn enter(map: &mut HashMap<u64, i64>, most: usize, hash: u64, time: Time) -> bool {
    if let Some(last) = map.get_mut(&hash) {
        *last = time.0.max(*last);
    } else if map.len() < most {
        map.insert(hash, time.0);
    } else {
        return false;
    }
    true
}

#[cfg(test)]
mod bounds {
    use super::*;

    #[test]
    fn an_address_costs_what_is_said() {
        // A full table may have room for as many again.
        let entry = 2 * (size_of::<(CompactString, Evidence)>() + 1) + Evidence::TEXT;
        assert!(entry <= PER_ADDRESS, "{entry}");
        assert!(2 * (size_of::<(u64, i64)>() + 1) <= 34);
    }
}
