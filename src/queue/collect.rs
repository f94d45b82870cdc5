//! The sink of the queue: follows every open message, keeps what those who wait were told last, and at the end makes
//! rows of what is still there.

use super::{
    Backoff, CauseRow, Failure, GroupRow, GroupSection, MessageRow, Next, Queue, RecipientRow,
    SCHEMA,
};
use crate::classify::{CauseId, Judge, Party, Verdict};
use crate::correlate::{Correlator, End, Fate, Finished, Keep, Slot};
use crate::event::{Content, Event, Kind, Mta};
use crate::i18n::Language;
use crate::knowledge::provider::{provider, provider_of};
use crate::knowledge::{Facts, Knowledge, fill};
use crate::record::{Judging, Location, Record, Sink};
use crate::smtp::{Direction, Disposition, EnhancedCode, ReplyCode, domain_of};
use crate::summary::{Namer, Tally, Weight, is_failure};
use crate::time::{Time, Zone};
use compact_str::CompactString;
use smallvec::SmallVec;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Most bytes that are kept here for an open message, beside what the correlator and its envelope need.
pub const PER_MESSAGE: usize = 160;
/// Most bytes that are kept here for each of its recipients; what is not failing needs less than half.
pub const PER_RECIPIENT: usize = 360;

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

/// Our own side table, by the correlator's slots.
#[derive(Debug, Default)]
struct OpenTable {
    by_slot: Vec<Option<Box<Open>>>,
    lost_track: u64,
}

#[derive(Debug)]
struct Open {
    host: CompactString,
    mta: Option<Mta>,
    first: Option<Time>,
    /// What a `delay=` tells of the arrival.
    arrived: Option<Time>,
    recipients: SmallVec<[Waiting; 1]>,
}

#[derive(Debug, Default)]
struct Waiting {
    address: CompactString,
    tries: u32,
    last: Option<Time>,
    told: Option<Box<Told>>,
}

#[derive(Debug)]
struct Told {
    cause: CauseId,
    party: Option<Party>,
    code: Option<ReplyCode>,
    enhanced: Option<EnhancedCode>,
    provider: Option<&'static str>,
    at: Location,
    text: Box<str>,
}

impl Collector {
    /// Nothing collected yet.
    pub fn new(judge: Judge) -> Self {
        Self {
            correlator: Correlator::keeping(Keep::Everything),
            judge,
            open: OpenTable::default(),
            end: None,
        }
    }

    /// The input has ended: what is open now is the queue.
    pub fn finish(mut self, ending: &Ending<'_>) -> Queue {
        let mut listing = Listing::new(ending, self.end);
        let open = &mut self.open;
        self.correlator.finish(|message| {
            let of_message = open.take(message.slot);
            if message.end == End::InputEnded && !message.incomplete && message.selected {
                listing.message(message, of_message.as_deref());
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
        let open = self.open.at(slot, record);
        let (Some(index), Some(address)) = (bearing.recipient, event.recipient) else { return };
        let total = event.delays.and_then(|delays| delays.total);
        if open.arrived.is_none()
            && let (Some(time), Some(total)) = (record.time, total)
        {
            let total = i64::try_from(total).unwrap_or(i64::MAX);
            open.arrived = Some(Time(time.0.saturating_sub(total)));
        }
        let waiting = open.recipient(index, address);
        if event.kind == Kind::Delivery && !event.repeated {
            waiting.tries = waiting.tries.saturating_add(record.count);
            waiting.last = record.time.or(waiting.last);
        }
        match event.disposition {
            Some(Disposition::Deferred) if is_failure(event) => {
                let verdict = record.judged(event, &mut self.judge);
                waiting.told = Some(Box::new(Told::new(record, event, &verdict)));
            }
            Some(Disposition::Deferred) | None => {}
            // Whatever else it is, this recipient does not wait any longer.
            Some(_) => waiting.told = None,
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
            Content::Note(note) => {
                self.correlator.note(record, note);
                if let Some(slot) = self.correlator.touched() {
                    self.open.at(slot, record);
                }
            }
            _ => {}
        }
        let open = &mut self.open;
        self.correlator.hand_out(|message| open.forget(message));
        ControlFlow::Continue(())
    }
}

impl OpenTable {
    fn at(&mut self, slot: Slot, record: &Record<'_>) -> &mut Open {
        let index = slot.index();
        if self.by_slot.len() <= index {
            self.by_slot.resize_with(index + 1, || None);
        }
        // Just made long enough.
        #[expect(clippy::indexing_slicing, reason = "resized above")]
        self.by_slot[index].get_or_insert_with(|| {
            Box::new(Open {
                host: CompactString::new(record.header.host),
                mta: record.mta,
                first: record.time,
                arrived: None,
                recipients: SmallVec::new(),
            })
        })
    }

    fn take(&mut self, slot: Slot) -> Option<Box<Open>> {
        self.by_slot.get_mut(slot.index())?.take()
    }

    fn forget(&mut self, message: &Finished) {
        self.take(message.slot);
        let lost = matches!(message.end, End::Superseded | End::TimedOut);
        if lost && !message.incomplete && message.selected {
            self.lost_track += 1;
        }
    }
}

impl Open {
    fn recipient(&mut self, index: usize, address: &str) -> &mut Waiting {
        if self.recipients.len() <= index {
            self.recipients.resize_with(index + 1, Waiting::default);
        }
        // Just made long enough.
        #[expect(clippy::indexing_slicing, reason = "resized above")]
        let waiting = &mut self.recipients[index];
        if waiting.address.is_empty() {
            waiting.address = CompactString::new(address);
        }
        waiting
    }
}

impl Told {
    fn new(record: &Record<'_>, event: &Event<'_>, verdict: &Verdict) -> Self {
        let outbound = event.direction == Direction::Outbound;
        let host = event.relay.and_then(|relay| relay.host);
        Self {
            cause: verdict.cause,
            party: verdict.party,
            code: event.code,
            enhanced: event.enhanced,
            provider: outbound
                .then(|| provider_of(host, event.text))
                .flatten()
                .map(crate::knowledge::Provider::slug),
            at: record.at,
            text: beginning(event.text).into(),
        }
    }
}

/// The first [`Failure::TEXT`] bytes, cut between characters.
fn beginning(text: &str) -> &str {
    let end = (0..=text.len().min(Failure::TEXT)).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
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
}

impl<'a> Listing<'a> {
    fn new(ending: &'a Ending<'a>, end: Option<Time>) -> Self {
        Self {
            ending,
            now: end.map_or(0, Time::seconds),
            queue: Queue {
                schema: SCHEMA,
                generator: format!("mailwhy {}", env!("CARGO_PKG_VERSION")),
                filter: None,
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
        let envelope = message.envelope.as_ref();
        let arrived = envelope.and_then(crate::correlate::Envelope::arrived);
        let arrived = arrived.or(open.and_then(|open| open.arrived)).map(Time::seconds);
        let since = arrived.or(open.and_then(|open| open.first).map(Time::seconds));
        let waiting: Vec<&Waiting> = open
            .map_or(&[][..], |open| open.recipients.as_slice())
            .iter()
            .zip(&message.recipients)
            .filter(|(_, end)| end.selected && matches!(end.fate, Fate::Queued | Fate::Held))
            .map(|(waiting, _)| waiting)
            .collect();
        self.count(&waiting, waits, since);
        self.keep(message, open, &waiting, (arrived, since), waits);
    }

    /// Into the tables by name.
    fn count(&mut self, waiting: &[&Waiting], waits: u64, since: Option<i64>) {
        let unknown = waits.saturating_sub(waiting.len() as u64);
        let mut domains = BTreeSet::new();
        let mut providers = BTreeSet::new();
        let mut causes = BTreeSet::new();
        for one in waiting {
            let told = one.told.as_deref();
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
        (arrived, since): (Option<i64>, Option<i64>),
        waits: u64,
    ) {
        let envelope = message.envelope.as_ref();
        let queue_id = envelope.and_then(|envelope| envelope.queue_id()).unwrap_or_default();
        let host = open.map_or_else(CompactString::default, |open| open.host.clone());
        // The number only tells apart what nothing else does: two instances on one host.
        let key =
            (since.unwrap_or(i64::MAX), host, CompactString::new(queue_id), self.queue.messages);
        let full = self.oldest.len() >= self.ending.top;
        if self.ending.top == 0
            || full && self.oldest.last_key_value().is_some_and(|(last, _)| *last < key)
        {
            return;
        }
        let mta = open.and_then(|open| open.mta);
        let held = message.held;
        let last = waiting.iter().filter_map(|one| one.last).max().map(Time::seconds);
        let zone = self.ending.zone;
        let rfc3339 = |seconds: i64| zone.shown(Time::from_parts(seconds, 0));
        let check = match mta {
            Some(Mta::Exim) => "exim -Mvl {queue_id}",
            _ => "postcat -q {queue_id}",
        };
        let facts = Facts { queue_id: Some(queue_id), ..Facts::default() };
        let row = MessageRow {
            host: open.map(|open| open.host.to_string()).filter(|host| !host.is_empty()),
            mta: mta.map(Mta::slug),
            queue_id: queue_id.to_owned(),
            sender: envelope.and_then(|envelope| envelope.sender()).map(str::to_owned),
            size: envelope
                .and_then(crate::correlate::Envelope::size)
                .or((message.size > 0).then_some(message.size)),
            since: since.map(rfc3339),
            arrival_known: arrived.is_some(),
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
            last_try: one.last.map(|time| self.ending.zone.shown(time)),
            failure: one.told.as_deref().map(|told| Failure {
                cause: told.cause.slug(),
                title: self.title(told.cause),
                party: told.party.map(Party::slug),
                code: told.code.map(ReplyCode::value),
                enhanced: told.enhanced.map(|code| code.to_string()),
                text: told.text.to_string(),
                file: usize::try_from(told.at.source)
                    .ok()
                    .and_then(|n| self.ending.files.get(n))
                    .cloned()
                    .unwrap_or_default(),
                line: told.at.line,
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

#[cfg(test)]
mod bounds {
    use super::*;

    #[test]
    fn what_is_kept_of_a_message_is_as_small_as_is_said() {
        // The table of places may be twice as long as there are messages.
        let message = size_of::<Open>() + 2 * size_of::<Option<Box<Open>>>();
        assert!(message <= PER_MESSAGE, "{message}");
        // A vector may be twice as long as what is in it.
        let recipient = 2 * size_of::<Waiting>() + size_of::<Told>() + Failure::TEXT;
        assert!(recipient <= PER_RECIPIENT, "{recipient}");
    }
}
