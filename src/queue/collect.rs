//! The sink of the queue: follows every open message, keeps what those who wait were told last, and at the end makes
//! rows of what is still there.

use super::open::{Arrival, Moment, Open, OpenTable, Told, Waiting};
use super::{
    Backoff, CauseRow, Failure, GroupRow, GroupSection, MessageRow, Next, Queue, RecipientRow,
    SCHEMA,
};
use crate::classify::{CauseId, Judge, Party};
use crate::correlate::{Correlator, End, Fate, Finished, Keep};
use crate::event::{Content, Event, Kind, Mta, Note};
use crate::i18n::Language;
use crate::knowledge::provider::provider;
use crate::knowledge::{Facts, Knowledge, fill};
use crate::record::{Judging, Record, Sink};
use crate::smtp::{Disposition, ReplyCode, domain_of};
use crate::summary::{Namer, Tally, Weight, is_failure};
use crate::time::{Time, Zone};
use compact_str::CompactString;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// How many domains are told apart exactly.
const NAMES: usize = 8192;

/// Collects what is in the queue.
#[derive(Debug)]
pub struct Collector {
    correlator: Correlator,
    judge: Judge,
    open: OpenTable,
    end: Option<Time>,
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
    /// Rows of each list.
    pub top: usize,
    /// The limits of Postfix.
    pub backoff: Backoff,
}

impl Collector {
    /// Nothing collected yet.
    pub fn new(judge: Judge) -> Self {
        Self {
            correlator: Correlator::keeping(Keep::Recipients),
            judge,
            open: OpenTable::default(),
            end: None,
        }
    }

    /// The input has ended: what is open now is the queue.
    pub fn finish(mut self, ending: &Ending<'_>) -> Queue {
        let hosts = self.correlator.host_names().into_iter().map(CompactString::new).collect();
        let mut listing = Listing::new(ending, self.end, hosts);
        let open = &mut self.open;
        self.correlator.finish(|message| {
            let of_message = open.take(message.slot);
            if message.end == End::InputEnded && !message.incomplete && message.selected {
                listing.message(message, of_message.as_ref());
            }
        });
        listing.finish(self.open.lost_track)
    }

    fn event(&mut self, record: &Record<'_>, event: &Event<'_>) {
        let bearing = self.correlator.event(record, event);
        let Some(slot) = bearing.slot else { return };
        if self.correlator.touched() != Some(slot) {
            return;
        }
        let (open, lately) = self.open.at(slot, record);
        if let (None, Some(sender)) = (&open.sender, event.sender) {
            open.sent_by(sender);
        }
        let (Some(index), Some(address)) = (bearing.recipient, event.recipient) else { return };
        if let (Some(time), Some(total)) = (record.time, event.delays.and_then(|d| d.total)) {
            let total = i64::try_from(total).unwrap_or(i64::MAX);
            open.arrived(Some(Time(time.0.saturating_sub(total))), Arrival::Counted);
        }
        let waiting = open.recipient(index, address);
        if event.kind == Kind::Delivery && !event.repeated {
            waiting.tries = waiting.tries.saturating_add(record.count);
            if record.time.is_some() {
                waiting.last = Moment::of(record.time);
            }
        }
        match event.disposition {
            Some(Disposition::Deferred) if is_failure(event) => {
                let verdict = record.judged(event, &mut self.judge);
                waiting.told = Some(Told::new(record, event, &verdict, lately));
            }
            Some(Disposition::Deferred) | None => {}
            // Whatever else it is, this recipient does not wait any longer.
            Some(_) => waiting.told = None,
        }
    }

    fn note(&mut self, record: &Record<'_>, note: &Note<'_>) {
        self.correlator.note(record, note);
        let Some(slot) = self.correlator.touched() else { return };
        let (open, _) = self.open.at(slot, record);
        match note {
            Note::Arrival(arrival) => {
                open.arrived(record.time, Arrival::Logged);
                if let Some(sender) = arrival.sender {
                    open.sent_by(sender);
                }
            }
            Note::Queued { sender, .. } => open.sent_by(sender),
            // Of the notification: the line's last queue id.
            Note::Notified { .. } if !open.arrival_is_logged() => {
                open.arrived(record.time, Arrival::Logged);
            }
            _ => {}
        }
    }
}

impl Sink for Collector {
    fn judging(&self) -> Option<Judging> {
        Some(Judging { judge: self.judge.clone(), wanted: is_failure })
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.end = self.end.max(record.time);
        if record.duplicate {
            return ControlFlow::Continue(());
        }
        let open = &mut self.open;
        self.correlator.tick(record, |message| open.forget(message));
        match record.content {
            Content::Event(event) => self.event(record, event),
            Content::Note(note) => self.note(record, note),
            _ => {}
        }
        let open = &mut self.open;
        self.correlator.hand_out(|message| open.forget(message));
        ControlFlow::Continue(())
    }
}

/// What waits for one name.
#[derive(Clone, Debug, Default)]
struct Group {
    recipients: u64,
    messages: u64,
    since: Option<i64>,
    causes: BTreeMap<CauseId, u64>,
}

impl Weight for Group {
    fn weight(&self) -> u64 {
        self.recipients
    }
}

impl Group {
    fn add(&mut self, count: u64, since: Option<i64>, cause: Option<CauseId>) {
        self.recipients += count;
        self.since = earlier(self.since, since);
        if let Some(cause) = cause {
            *self.causes.entry(cause).or_default() += count;
        }
    }

    fn cause(&self) -> Option<CauseId> {
        let most = self.causes.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)));
        most.map(|(cause, _)| *cause)
    }
}

fn earlier(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

/// Messages of the queue as they come out of the correlator; the oldest are kept as rows.
struct Listing<'a> {
    ending: &'a Ending<'a>,
    now: i64,
    queue: Queue,
    /// By age, then by name, so that the order in the table does not matter.
    oldest: BTreeMap<(i64, CompactString, CompactString, u64), MessageRow>,
    domains: Tally<Group>,
    providers: Tally<Group>,
    causes: BTreeMap<Option<CauseId>, (Group, Option<Party>)>,
    mtas: BTreeSet<Mta>,
    namer: Namer,
    /// By the correlator's numbers.
    hosts: Vec<CompactString>,
}

impl<'a> Listing<'a> {
    fn new(ending: &'a Ending<'a>, end: Option<Time>, hosts: Vec<CompactString>) -> Self {
        Self {
            ending,
            now: end.map_or(0, Time::seconds),
            queue: Queue {
                schema: SCHEMA,
                generator: format!("mailwhy {}", env!("CARGO_PKG_VERSION")),
                filter: None,
                warnings: Vec::new(),
                as_of: end.map(|time| ending.zone.shown(time)),
                messages: 0,
                recipients: 0,
                bytes: 0,
                held: 0,
                untried: 0,
                notifications: 0,
                lost_track: 0,
                oldest: Vec::new(),
                domains: GroupSection::default(),
                providers: GroupSection::default(),
                causes: Vec::new(),
                backoff: ending.backoff,
                checks: Vec::new(),
            },
            oldest: BTreeMap::new(),
            domains: Tally::new(NAMES),
            providers: Tally::new(256),
            causes: BTreeMap::new(),
            mtas: BTreeSet::new(),
            namer: Namer::default(),
            hosts,
        }
    }

    fn message(&mut self, message: &Finished, open: Option<&Open>) {
        let waits = message.fates.get(Fate::Queued) + message.fates.get(Fate::Held);
        // Exim tells no recipients before it tries: such a message waits all the same, for nobody knows whom.
        let unknown = message.recipients.is_empty() && message.untried == 0;
        if waits == 0 && (!unknown || message.reinjected) {
            return;
        }
        let queue = &mut self.queue;
        queue.messages += 1;
        queue.recipients += waits;
        queue.bytes += message.size;
        queue.held += u64::from(message.held);
        queue.notifications += if message.notification { waits } else { 0 };
        self.mtas.extend(open.and_then(|open| open.mta));
        let (since, arrived) = open.map_or((None, false), Open::since);
        let since = since.map(Time::seconds);
        let waiting: Vec<&Waiting> = open
            .map_or(&[][..], |open| open.recipients.as_slice())
            .iter()
            .zip(&message.recipients)
            .filter(|(_, end)| end.selected && matches!(end.fate, Fate::Queued | Fate::Held))
            .map(|(waiting, _)| waiting)
            .collect();
        self.count(&waiting, waits, since);
        self.keep(message, open, &waiting, (since, arrived), waits);
    }

    /// Into the tables by name.
    fn count(&mut self, waiting: &[&Waiting], waits: u64, since: Option<i64>) {
        let unknown = waits.saturating_sub(waiting.len() as u64);
        let mut domains = BTreeSet::new();
        let mut providers = BTreeSet::new();
        let mut causes = BTreeSet::new();
        for one in waiting {
            let told = one.told.as_ref().map(|told| &*told.why);
            let cause = told.map(|told| told.cause);
            let domain = domain_of(&one.address).unwrap_or("").to_ascii_lowercase();
            let provider = told.and_then(|told| told.provider).unwrap_or("");
            self.domains.entry(self.namer.name(&domain)).add(1, since, cause);
            self.providers.entry(self.namer.name(provider)).add(1, since, cause);
            let by_cause = self.causes.entry(cause).or_default();
            by_cause.0.add(1, since, None);
            by_cause.1 = by_cause.1.or(told.and_then(|told| told.party));
            self.queue.untried += u64::from(one.tries == 0);
            domains.insert(domain);
            providers.insert(provider);
            causes.insert(cause);
        }
        if unknown > 0 {
            self.queue.untried += unknown;
            self.domains.entry(self.namer.name("")).add(unknown, since, None);
            self.providers.entry(self.namer.name("")).add(unknown, since, None);
            self.causes.entry(None).or_default().0.add(unknown, since, None);
            domains.insert(String::new());
            providers.insert("");
            causes.insert(None);
        }
        for domain in &domains {
            self.domains.entry(self.namer.name(domain)).messages += 1;
        }
        for provider in providers {
            self.providers.entry(self.namer.name(provider)).messages += 1;
        }
        for cause in causes {
            self.causes.entry(cause).or_default().0.messages += 1;
        }
    }

    /// Makes a row of it if it is one of the oldest so far.
    fn keep(
        &mut self,
        message: &Finished,
        open: Option<&Open>,
        waiting: &[&Waiting],
        (since, arrived): (Option<i64>, bool),
        waits: u64,
    ) {
        let queue_id = message.queue_id.clone().unwrap_or_default();
        let host = self.hosts.get(usize::from(message.host)).cloned().unwrap_or_default();
        // The number only tells apart what nothing else does: two instances on one host.
        let key = (since.unwrap_or(i64::MAX), host.clone(), queue_id.clone(), self.queue.messages);
        let full = self.oldest.len() >= self.ending.top;
        if self.ending.top == 0
            || full && self.oldest.last_key_value().is_some_and(|(last, _)| *last < key)
        {
            return;
        }
        let mta = open.and_then(|open| open.mta);
        let held = message.held;
        let last = waiting.iter().filter_map(|one| one.last.time()).max().map(Time::seconds);
        let zone = self.ending.zone;
        let rfc3339 = |seconds: i64| zone.shown(Time::from_parts(seconds, 0));
        let check = match mta {
            Some(Mta::Exim) => "exim -Mvl {queue_id}",
            _ => "postcat -q {queue_id}",
        };
        let facts = Facts { queue_id: Some(&queue_id), ..Facts::default() };
        let row = MessageRow {
            host: (!host.is_empty()).then(|| host.to_string()),
            mta: mta.map(Mta::slug),
            queue_id: queue_id.to_string(),
            sender: open.and_then(|open| open.sender.as_deref()).map(str::to_owned),
            size: (message.size > 0).then_some(message.size),
            since: since.map(rfc3339),
            arrival_known: arrived,
            age: since.map(|since| self.now.saturating_sub(since).max(0)),
            held,
            notification: message.notification,
            recipients: waiting
                .iter()
                .take(MessageRow::RECIPIENTS)
                .map(|one| self.recipient(one))
                .collect(),
            recipients_left_out: waiting.len().saturating_sub(MessageRow::RECIPIENTS) as u64,
            untried: waits.saturating_sub(waiting.len() as u64),
            next: Next::of((mta, held), (since, last, self.now), self.ending.backoff, zone),
            check: Some(fill(check, &facts)),
        };
        self.oldest.insert(key, row);
        if self.oldest.len() > self.ending.top {
            self.oldest.pop_last();
        }
    }

    fn recipient(&self, one: &Waiting) -> RecipientRow {
        RecipientRow {
            address: one.address.to_string(),
            tries: one.tries,
            last_try: one.last.time().map(|time| self.ending.zone.shown(time)),
            failure: one.told.as_ref().map(|told| Failure {
                cause: told.why.cause.slug(),
                title: self.title(told.why.cause),
                party: told.why.party.map(Party::slug),
                code: told.why.code.map(ReplyCode::value),
                enhanced: told.why.enhanced.map(|code| code.to_string()),
                text: told.why.text.to_string(),
                file: usize::try_from(told.at().source)
                    .ok()
                    .and_then(|n| self.ending.files.get(n))
                    .cloned()
                    .unwrap_or_default(),
                line: told.at().line,
            }),
        }
    }

    fn title(&self, cause: CauseId) -> String {
        let known = self.ending.knowledge.cause(cause.slug());
        known.map_or(cause.slug(), |known| known.title(self.ending.language)).to_owned()
    }

    fn age(&self, since: Option<i64>) -> Option<i64> {
        since.map(|since| self.now.saturating_sub(since).max(0))
    }

    fn groups(
        &self,
        tally: &Tally<Group>,
        name_of: impl Fn(&str) -> Option<String>,
    ) -> GroupSection {
        let most = |a: &Group, b: &Group| -> Ordering { b.recipients.cmp(&a.recipients) };
        GroupSection {
            rows: tally
                .first(self.ending.top, most)
                .into_iter()
                .map(|(name, group)| GroupRow {
                    name: name_of(name),
                    recipients: group.recipients,
                    messages: group.messages,
                    oldest: self.age(group.since),
                    cause: group.cause().map(CauseId::slug),
                    title: group.cause().map(|cause| self.title(cause)),
                })
                .collect(),
            total: tally.len(),
            error: tally.error(),
        }
    }

    fn finish(mut self, lost_track: u64) -> Queue {
        self.queue.lost_track = lost_track;
        let known = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        self.queue.domains = self.groups(&self.domains, known);
        let named = |slug: &str| provider(slug).map(|provider| provider.name().to_owned());
        self.queue.providers = self.groups(&self.providers, named);
        let mut causes: Vec<CauseRow> = self
            .causes
            .iter()
            .map(|(cause, (group, party))| CauseRow {
                cause: cause.map(CauseId::slug),
                title: cause.map(|cause| self.title(cause)),
                party: party.map(Party::slug),
                recipients: group.recipients,
                messages: group.messages,
                oldest: self.age(group.since),
            })
            .collect();
        causes.sort_by(|a, b| b.recipients.cmp(&a.recipients).then_with(|| a.cause.cmp(&b.cause)));
        self.queue.causes = causes;
        self.queue.oldest = self.oldest.into_values().collect();
        self.queue.checks = self
            .mtas
            .iter()
            .map(|mta| match mta {
                Mta::Postfix => "postqueue -p".to_owned(),
                Mta::Exim => "exim -bp".to_owned(),
            })
            .collect();
        self.queue
    }
}
