//! Counters: what a log adds up to, in bounded memory.
//!
//! [`Summary`] takes events that the correlator has placed, and messages that have ended. It keeps totals,
//! codes and days exactly; long tails of names are approximate with their error known ([`Tally`]). It knows no
//! table, no language and no knowledge base.

mod category;
mod delays;
mod distinct;
mod finder;
mod row;
mod silence;
mod sorted;
mod tally;
mod template;
mod templates;
mod timeline;
mod why;

pub use delays::{DELAY_EDGES, Delays};
pub use distinct::{Distinct, DistinctCount};
pub(crate) use row::Seen;
pub use row::{Row, RowKey, Sample, TextCount, Unstated};
pub use silence::{Silence, silence_of};
pub use sorted::SortedMap;
pub(crate) use tally::begin_of;
pub use tally::{Name, Namer, Tally, Weight};
pub use template::{Own, template_of};
pub use timeline::{Counts, Timeline};
pub use why::{CauseCount, Causes, is_failure, party_of};

use crate::classify::{CauseId, Verdict};
use crate::correlate::{Fate, FateCounts, Finished, Novelty};
use crate::event::{Action, Entrance, Event, Kind, Note, Severity};
use crate::record::{Findings, Prepared, Preparing, Record};
use crate::smtp::{Direction, Disposition, EnhancedCode, ReplyCode, domain_of};
use crate::time::Zone;
use category::{Categories, Category};
use finder::{Finder, client_of, host_of};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use why::{WordPlace, place_of};

/// Most rows kept apart; a further (code, enhanced status code) pair counts in the row of its code alone. Real
/// logs have some two hundred.
const MOST_ROWS: usize = 1024;

/// Counts of attempts that one domain or one relay host met. Lines, each times its repeat count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Delivered.
    pub delivered: u64,
    /// Deferred.
    pub deferred: u64,
    /// Given up, expired included.
    pub bounced: u64,
}

impl Attempts {
    fn add(&mut self, disposition: Option<Disposition>, count: u64) {
        match disposition {
            Some(Disposition::Delivered) => self.delivered += count,
            Some(Disposition::Deferred) => self.deferred += count,
            Some(Disposition::Bounced | Disposition::Expired) => self.bounced += count,
            _ => {}
        }
    }
}

impl Weight for Attempts {
    fn weight(&self) -> u64 {
        self.delivered + self.deferred + self.bounced
    }
}

/// Counts by raw line, as the definitions of the README have them: no correlation, every line once.
#[derive(Clone, Debug, Default)]
pub struct LineCounts {
    /// Attempts by what the line says became of the recipient. `None`: a status word nobody knows.
    pub attempts: BTreeMap<Option<Disposition>, u64>,
    /// Attempts by disposition and reply code.
    pub attempts_by_code: BTreeMap<(Option<Disposition>, Option<ReplyCode>), u64>,
    /// Attempts by enhanced status code: Postfix's `dsn=`; for Exim the reply's where its class is the
    /// reply code's.
    pub attempts_by_enhanced: BTreeMap<Option<EnhancedCode>, u64>,
    /// Attempts by Postfix's own `dsn=`.
    pub attempts_by_dsn: BTreeMap<EnhancedCode, u64>,
    /// Attempts that quote an earlier reply.
    pub repeated: u64,
    /// Attempts that handed the message to a content filter which brought it back.
    pub handed_over: u64,
    /// The MTA did not try (retry time not reached).
    pub postponed: u64,
    /// Refusals by action.
    pub rejects: BTreeMap<Action, u64>,
    /// Refusals by reply code.
    pub rejects_by_code: BTreeMap<Option<ReplyCode>, u64>,
    /// Refusals by enhanced status code.
    pub rejects_by_enhanced: BTreeMap<Option<EnhancedCode>, u64>,
    /// Replies of one host told in passing, by code.
    pub passing: BTreeMap<ReplyCode, u64>,
    /// Failures at one host told in passing without a reply (refused connections and the like).
    pub passing_without_reply: u64,
    /// Clients' failed logins.
    pub login_failures: u64,
    /// Other kinds of events.
    pub other_events: BTreeMap<Kind, u64>,
    /// Messages that came into the queue: Postfix's first `queue active` of a message born in this log,
    /// Exim's `<=`. What a content filter brings back counts again, and so do our own DSNs.
    pub received: BTreeMap<Entrance, u64>,
    /// `removed` by the queue manager, `Completed`.
    pub closed: u64,
}

/// Recipients and messages by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageCounts {
    /// Messages.
    pub messages: u64,
    /// Their recipients by fate, hand-overs not among them.
    pub recipients: FateCounts,
    /// Messages with at least one recipient of that fate; a message may be in several.
    pub messages_with: FateCounts,
    /// Recipients that were deferred and then delivered.
    pub delivered_after_deferral: u64,
    /// Recipients that were deferred at least once.
    pub ever_deferred: u64,
    /// Messages whose arrival is not in the log.
    pub began_before: u64,
    /// Messages without an end in the log.
    pub without_end: u64,
    /// Sum of the sizes known, bytes.
    pub bytes: u64,
    /// Recipients that were in the queue, deferred, when this run began, and were delivered.
    pub earlier_delivered: u64,
    /// Recipients that were in the queue, deferred, when this run began, and were given up.
    pub earlier_given_up: u64,
    /// What of all that runs before have told.
    pub told: ToldCounts,
}

/// Messages and recipients that a run carries along, though nothing happened to them in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldCounts {
    /// Messages whose recipients had all ended before.
    pub messages: u64,
    /// Recipients whose end came before.
    pub recipients: FateCounts,
    /// Messages whose recipients of that fate met it before, all of them.
    pub messages_with: FateCounts,
    /// Of the recipients, those that were deferred and then delivered.
    pub delivered_after_deferral: u64,
    /// Recipients that were deferred, but not in this run.
    pub ever_deferred: u64,
}

impl MessageCounts {
    /// What happened in this run, and what is on its way at its end.
    #[must_use]
    pub fn of_this_run(&self) -> Self {
        let told = &self.told;
        let less = |all: &FateCounts, told: &FateCounts| {
            let mut rest = FateCounts::default();
            for fate in Fate::ALL {
                rest.add(*fate, all.get(*fate).saturating_sub(told.get(*fate)));
            }
            rest
        };
        Self {
            messages: self.messages.saturating_sub(told.messages),
            recipients: less(&self.recipients, &told.recipients),
            messages_with: less(&self.messages_with, &told.messages_with),
            delivered_after_deferral: self
                .delivered_after_deferral
                .saturating_sub(told.delivered_after_deferral),
            ever_deferred: self.ever_deferred.saturating_sub(told.ever_deferred),
            told: ToldCounts::default(),
            ..self.clone()
        }
    }

    /// Adds other messages.
    pub fn merge(&mut self, other: &Self) {
        self.messages += other.messages;
        self.recipients.merge(&other.recipients);
        self.messages_with.merge(&other.messages_with);
        self.delivered_after_deferral += other.delivered_after_deferral;
        self.ever_deferred += other.ever_deferred;
        self.began_before += other.began_before;
        self.without_end += other.without_end;
        self.bytes += other.bytes;
        self.earlier_delivered += other.earlier_delivered;
        self.earlier_given_up += other.earlier_given_up;
        self.told.messages += other.told.messages;
        self.told.recipients.merge(&other.told.recipients);
        self.told.messages_with.merge(&other.told.messages_with);
        self.told.delivered_after_deferral += other.told.delivered_after_deferral;
        self.told.ever_deferred += other.told.ever_deferred;
    }
}

/// The messages of one run or of several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Mail.
    pub mail: MessageCounts,
    /// Notifications that our servers wrote.
    pub notifications: MessageCounts,
    /// Messages that came back from a content filter.
    pub reinjected: u64,
    /// Transactions that left no message.
    pub incomplete: u64,
    /// Messages whose queue id was used again, or of which nothing was heard for a week.
    pub lost_track: u64,
}

impl Totals {
    /// Adds the messages of another run.
    pub fn merge(&mut self, other: &Self) {
        self.mail.merge(&other.mail);
        self.notifications.merge(&other.notifications);
        self.reinjected += other.reinjected;
        self.incomplete += other.incomplete;
        self.lost_track += other.lost_track;
    }
}

/// What the rows of a run are about, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowNumbers {
    codes: Vec<RowKey>,
    causes: Vec<(Direction, String)>,
}

/// One kind of trouble of our own server.
#[derive(Clone, Debug, Default)]
pub struct Trouble {
    /// Lines.
    pub lines: u64,
    /// The first of them.
    pub sample: Option<Sample>,
}

impl Weight for Trouble {
    fn weight(&self) -> u64 {
        self.lines
    }
}

/// All counters.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Mail.
    pub mail: MessageCounts,
    /// Notifications that our servers wrote.
    pub notifications: MessageCounts,
    /// Messages that came back from a content filter.
    pub reinjected: u64,
    /// Transactions that left no message.
    pub incomplete: u64,
    /// Messages whose queue id was used again, or of which nothing was heard for a week.
    pub lost_track: u64,
    /// Counts over time.
    pub timeline: Timeline,
    /// Attempts by the recipient's domain.
    pub domains: Tally<Attempts>,
    /// Attempts by relay host.
    pub relays: Tally<Attempts>,
    /// Outbound attempts by receiving provider.
    pub providers: Tally<Attempts>,
    /// Outbound failures by receiving provider (`None`: nobody known) and cause, by where the words stand; both sets are
    /// closed.
    provider_causes: HashMap<(Option<WordPlace>, WordPlace), ProviderCause, FixedState>,
    /// How long deliveries took, by direction.
    pub delays: BTreeMap<Direction, Delays>,
    /// Failures by cause.
    pub causes: Causes,
    /// Refusals by client.
    pub clients: Tally<u64>,
    /// Own trouble, by severity and shape of its text.
    pub trouble: BTreeMap<Severity, Tally<Trouble>>,
    /// Lines that the log says it lost.
    pub lost_lines: u64,
    /// First and last moment, and the hosts.
    pub first: Option<crate::time::Time>,
    /// Latest moment.
    pub last: Option<crate::time::Time>,
    /// Lines by host, those of `host` left out.
    hosts: Tally<u64>,
    /// The host of the last lines, and how many they are: hosts seldom change.
    host: (String, u64),
    /// What is not in `categories`.
    lines: LineCounts,
    categories: Categories,
    rows: Vec<(RowKey, Row)>,
    row_numbers: HashMap<RowKey, u16>,
    namer: Namer,
    finder: Finder,
    /// Room for one text.
    buffer: String,
}

/// An outbound failure's receiving provider and cause, and how many there were.
type ProviderCause = ((Option<&'static str>, CauseId), u64);

/// How many names each of the large tallies tells apart exactly.
const NAMES: usize = 8192;

impl Summary {
    /// Empty counters; days and hours are those of `zone`.
    pub fn new(zone: Zone) -> Self {
        let namer = Namer::default();
        Self {
            mail: MessageCounts::default(),
            notifications: MessageCounts::default(),
            reinjected: 0,
            incomplete: 0,
            lost_track: 0,
            timeline: Timeline::new(zone),
            domains: Tally::new(NAMES),
            relays: Tally::new(NAMES),
            providers: Tally::new(256),
            provider_causes: HashMap::default(),
            delays: BTreeMap::new(),
            causes: Causes::new(namer.clone()),
            clients: Tally::new(NAMES),
            trouble: BTreeMap::new(),
            lost_lines: 0,
            first: None,
            last: None,
            hosts: Tally::new(256),
            host: (String::new(), 0),
            lines: LineCounts::default(),
            categories: Categories::default(),
            rows: Vec::new(),
            row_numbers: HashMap::new(),
            finder: Finder::new(namer.clone()),
            namer,
            buffer: String::new(),
        }
    }

    /// Counts by raw line.
    pub fn lines(&self) -> LineCounts {
        let mut lines = self.lines.clone();
        self.categories.add_to(&mut lines);
        lines
    }

    /// The rows in the order of their keys.
    pub fn rows(&self) -> Vec<(&RowKey, &Row)> {
        let counted = |row: &Row| row.lines + row.replies + row.repeated + row.passing > 0;
        let mut rows: Vec<_> =
            self.rows.iter().filter(|(_, row)| counted(row)).map(|(key, row)| (key, row)).collect();
        rows.sort_by_key(|(key, _)| **key);
        rows
    }

    /// The messages that have ended so far.
    pub fn totals(&self) -> Totals {
        Totals {
            mail: self.mail.clone(),
            notifications: self.notifications.clone(),
            reinjected: self.reinjected,
            incomplete: self.incomplete,
            lost_track: self.lost_track,
        }
    }

    /// The numbers of the rows, for the next run: messages that are carried over know rows by their numbers.
    pub fn row_numbers(&self) -> RowNumbers {
        RowNumbers {
            codes: self.rows.iter().map(|(key, _)| *key).collect(),
            causes: self.causes.keys().into_iter().map(|(d, slug)| (d, slug.to_owned())).collect(),
        }
    }

    /// Numbers the rows as a run before did. Nothing must have been counted yet.
    pub fn number_rows(&mut self, numbers: &RowNumbers) {
        for key in &numbers.codes {
            let number = u16::try_from(self.rows.len()).unwrap_or(u16::MAX);
            self.rows.push((*key, Row::new(self.rows.len())));
            self.row_numbers.insert(*key, number);
        }
        self.causes.number(&numbers.causes);
    }

    /// Every record: the hosts of the log.
    #[inline]
    pub fn see(&mut self, record: &Record<'_>) {
        let host = record.header.host;
        if record.mta.is_some() && !host.is_empty() {
            if self.host.0 != host {
                self.count_host();
                self.host.0.replace_range(.., host);
            }
            self.host.1 += 1;
        }
    }

    /// Every record whose time is not that of the record before: the time that the log covers.
    pub fn see_time(&mut self, time: Option<crate::time::Time>) {
        let Some(time) = time else { return };
        self.first = Some(self.first.map_or(time, |first| first.min(time)));
        self.last = Some(self.last.map_or(time, |last| last.max(time)));
    }

    fn count_host(&mut self) {
        let (name, lines) = &mut self.host;
        if *lines > 0 {
            *self.hosts.entry(self.namer.name(name)) += std::mem::take(lines);
        }
    }

    /// Lines by host that were events or notes.
    pub fn hosts(&self) -> Tally<u64> {
        let mut hosts = self.hosts.clone();
        let (name, lines) = &self.host;
        if *lines > 0 {
            *hosts.entry(self.namer.name(name)) += lines;
        }
        hosts
    }

    /// A note that counts; `entrance` is what the correlator said to it.
    #[inline]
    pub fn note(&mut self, record: &Record<'_>, note: &Note<'_>, entrance: Option<Entrance>) {
        if let Some(entrance) = entrance {
            *self.lines.received.entry(entrance).or_default() += 1;
            if let Some(time) = record.time {
                self.timeline.add(time, |counts| counts.received += 1);
            }
        }
        match note {
            Note::Closed { how: crate::event::Closing::Done, .. } => self.lines.closed += 1,
            Note::LostLines { lines, .. } => self.lost_lines += lines,
            Note::Trouble { severity, text } => self.trouble(record, *severity, text),
            _ => {}
        }
    }

    fn trouble(&mut self, record: &Record<'_>, severity: Severity, text: &str) {
        self.buffer.clear();
        template_of(text, Own::default(), &mut self.buffer);
        let troubles = self.trouble.entry(severity).or_insert_with(|| Tally::new(NAMES / 16));
        let trouble = troubles.entry(self.namer.name(&self.buffer));
        trouble.lines += u64::from(record.count);
        if trouble.sample.is_none() {
            trouble.sample = Some(Seen::of_text(record, text).keep());
        }
    }

    /// What hashes the names that are counted here.
    pub(crate) fn namer(&self) -> Namer {
        self.namer.clone()
    }

    /// What is found of events before they are counted here, for [`crate::record::Sink::preparing`].
    pub fn preparing(&self) -> Preparing {
        let mut finder = self.finder.clone();
        Preparing::new(move |event, mta, words| finder.find(event, mta, words))
    }

    /// An event that counts: into the line counts, the tallies and its row, whose number is given back.
    pub fn event(&mut self, record: &Record<'_>, event: &Event<'_>, handed_over: bool) -> u16 {
        if let Some(Prepared { found, words }) = record.prepared {
            return self.found(record, event, handed_over, found, words);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let found = self.finder.find(event, record.mta, &mut buffer);
        let number = self.found(record, event, handed_over, &found, &buffer);
        self.buffer = buffer;
        number
    }

    fn found(
        &mut self,
        record: &Record<'_>,
        event: &Event<'_>,
        handed_over: bool,
        found: &Findings,
        words: &str,
    ) -> u16 {
        let count = u64::from(record.count);
        let known = if handed_over { None } else { self.categories.count(found.category, count) };
        let number = known.unwrap_or_else(|| {
            let category = Category::of(record.mta, event, handed_over, silence_of);
            self.categories.count(category.key(), count).unwrap_or_else(|| {
                let row = self.row_number(category.row_key());
                self.categories.insert(category, row, count, &mut self.lines);
                row
            })
        });
        let direction = if handed_over { Direction::Local } else { event.direction };
        let names = Names::of(event, direction, found, words);
        self.count_by_name(event, handed_over, &names, count);
        if let Some(time) = record.time {
            self.count_by_time(time, event, count);
        }
        if event.kind == Kind::Delivery
            && event.disposition == Some(Disposition::Delivered)
            && !handed_over
            && let Some(total) = event.delays.and_then(|delays| delays.total)
        {
            self.delays.entry(direction).or_default().add(total, count);
        }
        self.count_in_row(number, record, event, direction, &names, count);
        number
    }

    /// What the row of this number is about; the number is that which [`Summary::event`] gave.
    pub fn row_key(&self, row: u16) -> Option<&RowKey> {
        self.rows.get(usize::from(row)).map(|(key, _)| key)
    }

    /// What the correlator found new about the message of an event.
    pub fn novelty(&mut self, row: u16, novelty: Novelty) {
        if let Some((_, row)) = self.rows.get_mut(usize::from(row)) {
            row.messages += u64::from(novelty.message);
            row.recipients += novelty.recipients;
        }
    }

    /// A failure and its cause; gives the number of its row among the causes. `sender` is that of the message, for
    /// lines that do not name it.
    pub fn cause(
        &mut self,
        record: &Record<'_>,
        event: &Event<'_>,
        handed_over: bool,
        verdict: &Verdict,
        sender: Option<&str>,
    ) -> u16 {
        let direction = if handed_over { Direction::Local } else { event.direction };
        let sample = || {
            let sample = Seen::of(record, event).keep();
            let known = || Some(sender.filter(|sender| !sender.is_empty())?.into());
            Sample { sender: sample.sender.or_else(known), ..sample }
        };
        let inbound = direction == Direction::Inbound;
        let text = if inbound { client_of(event) } else { host_of(event) };
        let peer = text.map(|text| match record.prepared {
            Some(Prepared { found, .. }) if inbound => Name::hashed(text, found.client),
            Some(Prepared { found, .. }) => Name::hashed(text, found.host),
            None => self.namer.name(text),
        });
        self.causes.count(record, event, direction, verdict, peer, sample)
    }

    /// The row of a failure's cause, for a failure that does not count itself: one that counts may say that it
    /// came before.
    pub fn cause_row(&mut self, event: &Event<'_>, handed_over: bool, verdict: &Verdict) -> u16 {
        let direction = if handed_over { Direction::Local } else { event.direction };
        self.causes.row_of(direction, verdict.cause)
    }

    /// What the correlator found new about the message of a failure, and, where that is `asked`, the rows of the causes
    /// that its recipients had failed with before.
    pub fn cause_novelty(&mut self, row: u16, novelty: Novelty, before: &[u16], asked: bool) {
        self.causes.novelty(row, u64::from(novelty.message), novelty.recipients);
        if asked {
            for last in before {
                self.causes.last_cause(row, *last);
            }
        }
    }

    /// An outbound attempt at a provider.
    pub fn provider(&mut self, record: &Record<'_>, event: &Event<'_>, provider: &str) {
        self.providers
            .entry(self.namer.name(provider))
            .add(event.disposition, u64::from(record.count));
    }

    /// An outbound failure at a provider.
    pub fn provider_cause(&mut self, provider: Option<&'static str>, cause: CauseId, count: u64) {
        let places = (provider.map(place_of), place_of(cause.slug()));
        self.provider_causes.entry(places).or_insert(((provider, cause), 0)).1 += count;
    }

    /// Outbound failures by receiving provider (`None`: nobody known) and cause.
    pub fn provider_causes(&self) -> BTreeMap<(Option<&'static str>, CauseId), u64> {
        let mut sums = BTreeMap::new();
        for (key, count) in self.provider_causes.values() {
            *sums.entry(*key).or_default() += count;
        }
        sums
    }

    fn count_by_name(
        &mut self,
        event: &Event<'_>,
        handed_over: bool,
        names: &Names<'_>,
        count: u64,
    ) {
        match event.kind {
            // What was thrown away is in none of the columns.
            Kind::Delivery if !handed_over && event.disposition != Some(Disposition::Discarded) => {
                if names.found.domain.hash != 0 {
                    let domain = || names.domain(event);
                    let attempts = self.domains.entry_of_hash(names.found.domain.hash, domain);
                    attempts.add(event.disposition, count);
                }
                if let Some(host) = names.host {
                    self.relays.entry(host).add(event.disposition, count);
                }
            }
            Kind::Reject => {
                if let Some(client) = names.client {
                    *self.clients.entry(client) += count;
                }
            }
            _ => {}
        }
    }

    fn count_by_time(&mut self, time: crate::time::Time, event: &Event<'_>, count: u64) {
        let disposition = event.disposition;
        match event.kind {
            Kind::Delivery if event.recipient.is_some() => {
                self.timeline.add(time, |counts| match disposition {
                    Some(Disposition::Delivered) => counts.delivered += count,
                    Some(Disposition::Deferred) => counts.deferred += count,
                    Some(Disposition::Bounced | Disposition::Expired) => counts.bounced += count,
                    _ => {}
                });
            }
            Kind::Reject => self.timeline.add(time, |counts| counts.rejected += count),
            _ => {}
        }
    }

    fn count_in_row(
        &mut self,
        number: u16,
        record: &Record<'_>,
        event: &Event<'_>,
        direction: Direction,
        names: &Names<'_>,
        count: u64,
    ) {
        let Some((_, row)) = self.rows.get_mut(usize::from(number)) else { return };
        if event.kind == Kind::HostReply {
            row.passing += count;
        } else {
            row.lines += count;
        }
        if event.repeated {
            row.repeated += count;
        } else if event.code.is_some() {
            row.replies += count;
        }
        if direction == Direction::Inbound {
            if let Some(client) = names.client {
                row.clients.add_hash(names.found.stranger);
                *row.peers.entry(client) += count;
            }
            if event.recipient.is_some() {
                row.addresses.add_hash(names.found.recipient);
            }
        } else if let Some(host) = names.host {
            *row.peers.entry(host) += count;
        }
        if row.sample.is_none() {
            row.sample = Some(Seen::of(record, event).keep());
        }
        // Texts of success are ids and thanks; only what went wrong is worth telling apart.
        if event.disposition != Some(Disposition::Delivered) {
            let template = names.found.template;
            let text = row.texts.entry_of_hash(template.hash, || template.of(names.words));
            text.lines += count;
            if text.sample.is_none() {
                text.sample = Some(Seen::of(record, event).keep());
            }
        }
    }

    fn row_number(&mut self, key: RowKey) -> u16 {
        if let Some(number) = self.row_numbers.get(&key) {
            return *number;
        }
        let key = if self.rows.len() < MOST_ROWS { key } else { RowKey { enhanced: None, ..key } };
        if let Some(number) = self.row_numbers.get(&key) {
            return *number;
        }
        let number = u16::try_from(self.rows.len()).unwrap_or(u16::MAX);
        self.rows.push((key, Row::new(self.rows.len())));
        self.row_numbers.insert(key, number);
        number
    }

    /// A message that has ended.
    pub fn finished(&mut self, message: &Finished) {
        use crate::correlate::End;
        if !message.selected {
            return;
        }
        if matches!(message.end, End::Superseded | End::TimedOut) && !message.incomplete {
            self.lost_track += 1;
        }
        if message.incomplete {
            self.incomplete += 1;
            return;
        }
        let counts = if message.notification { &mut self.notifications } else { &mut self.mail };
        counts.recipients.merge(&message.fates);
        counts.delivered_after_deferral += message.delivered_after_deferral;
        counts.ever_deferred += message.ever_deferred;
        counts.earlier_delivered += message.earlier_delivered;
        counts.earlier_given_up += message.earlier_given_up;
        counts.told.recipients.merge(&message.told.recipients);
        counts.told.delivered_after_deferral += message.told.delivered_after_deferral;
        counts.told.ever_deferred += message.told.ever_deferred;
        if message.reinjected {
            self.reinjected += 1;
            return;
        }
        counts.messages += 1;
        counts.began_before += u64::from(!message.born);
        counts.without_end += u64::from(message.end == End::InputEnded);
        counts.bytes += message.size;
        counts.told.messages += u64::from(message.told.is_all);
        for fate in Fate::ALL {
            if message.has(*fate) {
                counts.messages_with.add(*fate, 1);
                let (all, told) = (message.fates.get(*fate), message.told.recipients.get(*fate));
                counts.told.messages_with.add(*fate, u64::from(all > 0 && all == told));
            }
        }
    }
}

/// The names of an event that are counted.
struct Names<'a> {
    /// Of the other server, where we are the client.
    host: Option<Name<'a>>,
    /// Where we are the server.
    client: Option<Name<'a>>,
    /// The hashes of all, and which of these words are its own.
    found: &'a Findings,
    words: &'a str,
}

impl<'a> Names<'a> {
    #[inline]
    fn of(event: &Event<'a>, direction: Direction, found: &'a Findings, words: &'a str) -> Self {
        let outward = direction != Direction::Inbound;
        Self {
            host: host_of(event)
                .filter(|_| outward || event.kind == Kind::Delivery)
                .map(|host| Name::hashed(host, found.host)),
            client: client_of(event)
                .filter(|_| !outward || event.kind == Kind::Reject)
                .map(|client| Name::hashed(client, found.client)),
            found,
            words,
        }
    }

    /// The recipient's domain in lower case.
    fn domain(&self, event: &Event<'a>) -> &'a str {
        match self.found.domain.of(self.words) {
            "" => event.recipient.and_then(domain_of).unwrap_or(""),
            lower => lower,
        }
    }
}
