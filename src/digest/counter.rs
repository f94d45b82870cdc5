//! Counts a log for its digest while the report's collector reads it.
//!
//! It is told what the collector knows already: the cause, the code as the report's rows have it, the provider, and
//! what is new about the message. Hosts are numbers until the end. Bounded as the digest is: with more than
//! [`MOST_ROWS`] rows its periods become longer.

use super::part::MOST_FILES;
use super::{
    Digest, FileRow, Grain, MOST_ROWS, MailCounts, MailKey, MailKind, OTHER, Part, RowCounts,
    RowKey, Span, TrafficCounts, TrafficKey,
};
use crate::classify::CauseId;
use crate::correlate::{Bearing, Correlator, End, Finished, Novelty};
use crate::event::{Entrance, Event, Kind};
use crate::knowledge::provider::providers;
use crate::pipeline::Outcome;
use crate::record::Record;
use crate::smtp::{Direction, Disposition, EnhancedCode, ReplyCode};
use compact_str::CompactString;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::hash::Hash;

/// Rows of the correlator in which a recipient is new in a direction, or at a provider: above those of the
/// summary's codes and causes.
const DIRECTIONS: u16 = 0xfe00;
const PROVIDERS: u16 = 0xfc00;
const MOST_PROVIDERS: u16 = 0x200;

/// Hosts told apart; more only a log has that is made to fill the memory.
const MOST_HOSTS: u16 = 1024;

/// What is known of an event.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// The direction as counted: what was handed over to a content filter is local.
    pub direction: Direction,
    /// The reply code of the report's row.
    pub code: Option<ReplyCode>,
    /// The enhanced status code of the report's row.
    pub enhanced: Option<EnhancedCode>,
    /// What is new in that row.
    pub novelty: Novelty,
    /// Why it failed, and what is new about the message there.
    pub cause: Option<(CauseId, Novelty)>,
    /// The receiving provider.
    pub provider: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Row {
    period: i64,
    host: u16,
    direction: Direction,
    cause: Option<CauseId>,
    code: Option<ReplyCode>,
    enhanced: Option<EnhancedCode>,
    provider: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Way {
    period: i64,
    host: u16,
    direction: Direction,
    provider: Option<&'static str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Mail {
    period: i64,
    host: u16,
    kind: MailKind,
}

impl Row {
    fn folded(self, grain: Grain) -> Self {
        let row = Self { period: grain.begin(self.period), ..self };
        if grain == Grain::Whole {
            Self { host: MOST_HOSTS, code: None, enhanced: None, provider: None, ..row }
        } else {
            row
        }
    }
}

impl Way {
    fn folded(self, grain: Grain) -> Self {
        let way = Self { period: grain.begin(self.period), ..self };
        if grain == Grain::Whole { Self { host: MOST_HOSTS, provider: None, ..way } } else { way }
    }
}

impl Mail {
    fn folded(self, grain: Grain) -> Self {
        let mail = Self { period: grain.begin(self.period), ..self };
        if grain == Grain::Whole { Self { host: MOST_HOSTS, ..mail } } else { mail }
    }
}

/// Counts for a digest.
#[derive(Clone, Debug)]
pub struct Counter {
    own_host: CompactString,
    grain: Grain,
    most: usize,
    rows: HashMap<Row, RowCounts, RandomState>,
    traffic: HashMap<Way, TrafficCounts, RandomState>,
    mail: HashMap<Mail, MailCounts, RandomState>,
    spans: Vec<Option<Span>>,
    /// Log time in seconds: what has no time of its own counts where the line before does.
    now: i64,
    lost_lines: u64,
}

impl Counter {
    /// Nothing counted yet. Lines that name no host (Exim's own files) are those of `own_host`.
    pub fn new(own_host: &str) -> Self {
        Self {
            own_host: CompactString::new(own_host),
            grain: Grain::default(),
            most: MOST_ROWS,
            rows: HashMap::default(),
            traffic: HashMap::default(),
            mail: HashMap::default(),
            spans: Vec::new(),
            now: 0,
            lost_lines: 0,
        }
    }

    /// With another bound than [`MOST_ROWS`].
    #[must_use]
    pub fn bounded(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// Every record that counts, before it is counted; `host` is its number.
    pub fn see(&mut self, record: &Record<'_>, host: u16) {
        let host = host.min(MOST_HOSTS);
        let Some(time) = record.time else { return };
        self.now = time.seconds();
        if record.mta.is_none() {
            return;
        }
        let index = usize::from(host);
        if self.spans.len() <= index {
            self.spans.resize(index + 1, None);
        }
        if let Some(place) = self.spans.get_mut(index) {
            let span = place.get_or_insert(Span { first: time.0, last: time.0, lines: 0 });
            span.first = span.first.min(time.0);
            span.last = span.last.max(time.0);
            span.lines += 1;
        }
    }

    /// The log says that it lost lines.
    pub fn lost(&mut self, lines: u64) {
        self.lost_lines = self.lost_lines.saturating_add(lines);
    }

    /// An event that counts.
    pub fn event(
        &mut self,
        (record, event, host): (&Record<'_>, &Event<'_>, u16),
        (bearing, correlator): (&Bearing, &mut Correlator),
        told: &Told,
    ) {
        let (period, host) = (self.now, host.min(MOST_HOSTS));
        let count = u64::from(record.count);
        let row = Row {
            period,
            host,
            direction: told.direction,
            cause: told.cause.map(|(cause, _)| cause),
            code: told.code,
            enhanced: told.enhanced,
            provider: told.provider,
        };
        let counts = self.rows.entry(row.folded(self.grain)).or_default();
        if event.kind == Kind::HostReply {
            counts.passing += count;
        } else {
            counts.lines += count;
        }
        counts.code_messages += u64::from(told.novelty.message);
        counts.code_recipients += told.novelty.recipients;
        if let Some((_, novelty)) = told.cause {
            counts.messages += u64::from(novelty.message);
            counts.recipients += novelty.recipients;
        }
        let way = Way { period, host, direction: told.direction, provider: told.provider };
        self.traffic(way.folded(self.grain), event, (bearing, correlator), count);
        self.keep_bound();
    }

    fn traffic(
        &mut self,
        way: Way,
        event: &Event<'_>,
        (bearing, correlator): (&Bearing, &mut Correlator),
        count: u64,
    ) {
        match event.kind {
            Kind::Delivery if event.recipient.is_some() => {}
            Kind::Reject => {
                self.traffic.entry(way).or_default().rejected += count;
                return;
            }
            Kind::AuthFailure => {
                self.traffic.entry(way).or_default().login_failures += count;
                return;
            }
            _ => return,
        }
        let here = correlator.mark(bearing, DIRECTIONS + way.direction as u16);
        let there = match way.provider {
            None => here,
            Some(provider) => correlator.mark(bearing, Self::provider_row(provider)),
        };
        let counts = self.traffic.entry(way).or_default();
        counts.attempts += count;
        match event.disposition {
            Some(Disposition::Delivered) => counts.delivered += count,
            Some(Disposition::Deferred) => counts.deferred += count,
            Some(Disposition::Bounced) => counts.bounced += count,
            Some(Disposition::Expired) => counts.expired += count,
            _ => {}
        }
        counts.handed_over += if bearing.handed_over { count } else { 0 };
        counts.messages += u64::from(here.message);
        counts.recipients += here.recipients;
        counts.provider_recipients += there.recipients;
    }

    /// The same in every run: messages that are carried from one to the next remember it.
    fn provider_row(provider: &str) -> u16 {
        let place = providers().iter().position(|known| known.slug() == provider);
        let place = place.and_then(|place| u16::try_from(place).ok());
        PROVIDERS + place.unwrap_or(0).min(MOST_PROVIDERS - 1)
    }

    /// A message came into the queue.
    pub fn received(&mut self, host: u16, entrance: Entrance) {
        let direction = match entrance {
            Entrance::Smtp => Direction::Inbound,
            _ => Direction::Local,
        };
        let way = Way { period: self.now, host: host.min(MOST_HOSTS), direction, provider: None };
        self.traffic.entry(way.folded(self.grain)).or_default().received += 1;
        self.keep_bound();
    }

    /// A message has ended, or the log has.
    pub fn finished(&mut self, message: &Finished) {
        let open = message.end == End::InputEnded;
        let kind = match (message.notification, open) {
            (false, false) => MailKind::Mail,
            (false, true) => MailKind::OpenMail,
            (true, false) => MailKind::Notification,
            (true, true) => MailKind::OpenNotification,
        };
        let key = Mail { period: message.last, host: message.host.min(MOST_HOSTS), kind };
        self.mail.entry(key.folded(self.grain)).or_default().add(&MailCounts::of(message));
        self.keep_bound();
    }

    #[inline]
    fn keep_bound(&mut self) {
        while self.rows.len().max(self.traffic.len()).max(self.mail.len()) > self.most {
            let Some(next) = self.grain.next() else { return };
            self.widen(next);
        }
    }

    /// As [`Grain`] folds the digest's keys.
    #[cold]
    fn widen(&mut self, grain: Grain) {
        self.grain = grain;
        refill(&mut self.rows, RowCounts::add, |row| row.folded(grain));
        refill(&mut self.traffic, TrafficCounts::add, |way| way.folded(grain));
        refill(&mut self.mail, MailCounts::add, |mail| mail.folded(grain));
    }

    /// The digest of what was counted. `names` are the hosts by their numbers.
    pub fn finish(self, names: &[&str], outcome: &Outcome) -> Digest {
        let own = &self.own_host;
        let name = |host: u16| match names.get(usize::from(host)) {
            _ if host >= MOST_HOSTS => CompactString::const_new(OTHER),
            Some(&"") => own.clone(),
            Some(name) => CompactString::new(name),
            None => CompactString::const_new(OTHER),
        };
        let mut digest = Digest { grain: self.grain, ..Digest::default() };
        for (row, counts) in sorted(self.rows, |row| row.period) {
            let key = RowKey {
                period: row.period,
                host: name(row.host),
                direction: row.direction,
                cause: row.cause.map(|cause| CompactString::const_new(cause.slug())),
                code: row.code,
                enhanced: row.enhanced,
                provider: row.provider.map(CompactString::const_new),
            };
            digest.rows.entry(key).or_default().add(&counts);
        }
        for (way, counts) in sorted(self.traffic, |way| way.period) {
            let key = TrafficKey {
                period: way.period,
                host: name(way.host),
                direction: way.direction,
                provider: way.provider.map(CompactString::const_new),
            };
            digest.traffic.entry(key).or_default().add(&counts);
        }
        for (mail, counts) in sorted(self.mail, |mail| mail.period) {
            let key = MailKey { period: mail.period, host: name(mail.host), kind: mail.kind };
            digest.mail.entry(key).or_default().add(&counts);
        }
        let mut part = part_of(outcome, self.lost_lines);
        for (number, span) in self.spans.iter().enumerate() {
            if let (Some(span), Ok(number)) = (span, u16::try_from(number)) {
                let known =
                    part.hosts.entry(name(number).into()).or_insert(Span { lines: 0, ..*span });
                known.first = known.first.min(span.first);
                known.last = known.last.max(span.last);
                known.lines += span.lines;
            }
        }
        let id = super::store::id_of(&digest, &part);
        digest.parts = BTreeMap::from([(id, part)]);
        digest
    }
}

fn part_of(outcome: &Outcome, lost_lines: u64) -> Part {
    let coverage = &outcome.coverage;
    let files = outcome.sources.iter().take(MOST_FILES).map(|source| FileRow {
        name: source.name.clone(),
        lines: source.lines,
        bytes: source.bytes,
    });
    Part {
        hosts: BTreeMap::new(),
        files: files.collect(),
        more_files: outcome.sources.len().saturating_sub(MOST_FILES) as u64,
        lines: coverage.lines,
        bytes: coverage.bytes,
        buckets: coverage.buckets.iter().map(|(b, lines)| (b.to_string(), *lines)).collect(),
        mta: coverage.by_mta.iter().map(|(mta, lines)| (mta.to_string(), *lines)).collect(),
        lost_lines,
        problems: outcome.sources.iter().filter(|source| source.problem.is_some()).count() as u64,
        cut: false,
    }
}

fn refill<K: Hash + Eq, C: Default>(
    table: &mut HashMap<K, C, RandomState>,
    add: impl Fn(&mut C, &C),
    fold: impl Fn(K) -> K,
) {
    let old = std::mem::take(table);
    for (key, counts) in sorted(old, |_| 0) {
        add(table.entry(fold(key)).or_default(), &counts);
    }
}

/// Takes a table apart. Everything is a sum, so the order does not matter; that of time is kind to the table that
/// is made of it.
fn sorted<K, C>(table: HashMap<K, C, RandomState>, time: impl Fn(&K) -> i64) -> Vec<(K, C)> {
    let mut all: Vec<(K, C)> = table.into_iter().collect();
    all.sort_by_key(|(key, _)| time(key));
    all
}
