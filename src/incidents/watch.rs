//! Watches the log go by: who failed, why and when, in courses that [`super::find`] looks through at the end.
//!
//! Fed with what the report is fed with, in the same pass. What it holds is bounded (`room.rs`) whatever the log is,
//! three months, millions of domains, clients and logins: some 12 MB when all is full, and 24 bytes for each open
//! message. Where courses find no room the lighter half is forgotten: an incident is never light.

use super::course::{Course, Seconds, Who};
use super::lately::Lately;
use super::names::{NOBODY, Names};
use super::room::Room;
use super::theme::{Theme, theme_of};
use super::whole::Whole;
use crate::classify::{CauseId, Verdict};
use crate::correlate::{Bearing, Correlator, Finished, Novelty, Slot};
use crate::digest::Baseline;
use crate::event::{Arrival, Client, Entrance, Event, Kind, Note};
use crate::record::Record;
use crate::smtp::{
    Direction, EnhancedCode, ReplyCode, domain_of, has_upper_case, hash_in_lower_case,
};
use crate::summary::{Seen, Summary};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// What a course is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Key {
    /// One peer (provider, site or local service), one cause and one first digit of the code: what a receiver puts
    /// off and what it refuses have different reasons. `row` is the number of direction and cause.
    Peer { row: u16, peer: u32, class: u8 },
    /// One cause with all peers.
    Everywhere { row: u16 },
    /// A refusal of ours: cause, sub-kind, first digit of the code, and whether it was a bounce that we refused.
    Refusal { row: u16, detail: u32, class: u8, bounce: bool },
    /// What one login sends.
    User { user: u32 },
    /// All attempts at a peer: `messages` are deliveries.
    Traffic { peer: u32 },
    /// Bounces that we took in.
    Bounces,
    /// Trouble of our own.
    Trouble { theme: Theme },
}

impl Key {
    /// All of it in one number, so that it is hashed and compared as one.
    #[inline]
    pub(super) const fn packed(self) -> u64 {
        let (kind, row, name, class, bounce) = match self {
            Self::Peer { row, peer, class } => (0, row, peer, class, false),
            Self::Everywhere { row } => (1, row, NOBODY, 0, false),
            Self::Refusal { row, detail, class, bounce } => (2, row, detail, class, bounce),
            Self::User { user } => (3, 0, user, 0, false),
            Self::Traffic { peer } => (4, 0, peer, 0, false),
            Self::Bounces => (5, 0, NOBODY, 0, false),
            Self::Trouble { theme } => (6, 0, theme as u32, 0, false),
        };
        kind | (bounce as u64) << 3 | (class as u64) << 4 | (row as u64) << 16 | (name as u64) << 32
    }
}

/// Where an open message came from, and when it last failed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Origin {
    pub(super) arrived: Seconds,
    pub(super) user: u32,
    pub(super) domain: u32,
    pub(super) failed: Seconds,
    /// First digit of the code that it failed with.
    pub(super) class: u8,
    pub(super) tried: bool,
    /// The client that brought it has no name in the DNS.
    pub(super) unnamed: bool,
}

/// What the log shows of things that may go wrong.
#[derive(Clone, Debug, Default)]
pub struct Watcher {
    pub(super) names: Names,
    pub(super) courses: Vec<(Key, Course)>,
    /// Places of the courses by their keys.
    pub(super) index: HashMap<u64, u32, FixedState>,
    pub(super) whole: Whole,
    /// What is usual by another log.
    pub(super) baseline: Option<Baseline>,
    pub(super) room: Room,
    pub(super) rows: Vec<Option<(Direction, CauseId)>>,
    pub(super) origins: Vec<Origin>,
    pub(super) homes: HashMap<u64, u32, FixedState>,
    /// Senders whose mail we took lately.
    known: Lately<()>,
    /// Senders that we refused lately: number of the course and when.
    refused: Lately<(u32, Seconds)>,
    /// Numbers of the providers' names, by where those stand in memory.
    providers: Vec<(usize, u32)>,
    /// Numbers of the names of codes, by those codes in one number.
    pub(super) codes: HashMap<u64, u32, FixedState>,
    pub(super) born: bool,
    pub(super) level: u32,
    pub(super) now: Seconds,
    /// The minute of the last line.
    minute: u32,
    /// Room for one text.
    words: String,
}

/// Where rows of causes begin (`summary::why`).
pub(super) const FIRST_ROW: u16 = 0x8000;

/// How a line weighs in its course.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weight {
    pub(super) lines: u32,
    pub(super) messages: u32,
    pub(super) recipients: u32,
}

impl Watcher {
    /// A watcher of an empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// A watcher of what `summary` counts: names that were hashed for that one are not hashed again.
    pub fn beside(summary: &Summary) -> Self {
        Self { names: Names::hashed_by(summary.namer()), ..Self::default() }
    }

    /// Every record, before anything else: time goes on. Records without a usable time change nothing.
    #[inline]
    pub fn tick(&mut self, record: &Record<'_>) {
        let Some(now) = record.time.and_then(|time| u32::try_from(time.seconds()).ok()) else {
            return;
        };
        self.go_to(now);
    }

    pub(super) fn origin(&self, slot: Slot) -> Origin {
        self.origins.get(slot.index()).copied().unwrap_or_default()
    }

    pub(super) fn origin_mut(&mut self, slot: Slot) -> &mut Origin {
        if self.origins.len() <= slot.index() {
            self.origins.resize(slot.index() + 1, Origin::default());
        }
        #[expect(clippy::indexing_slicing, reason = "just made long enough")]
        &mut self.origins[slot.index()]
    }

    /// Time goes on to a moment.
    #[inline]
    pub(super) fn go_to(&mut self, now: Seconds) {
        if now == self.now {
            return;
        }
        self.now = now;
        self.whole.see(now, self.level);
        if now / 60 != self.minute {
            self.minute = now / 60;
            self.make_room();
        }
    }

    /// A login hands in a message; gives the index of its course.
    pub(super) fn send(&mut self, user: u32) -> usize {
        let weight = Weight { lines: 1, messages: 1, recipients: 0 };
        self.count(Key::User { user }, weight, self.now)
    }

    /// A note, after the correlator has taken it; `entrance` is what it said.
    #[inline]
    pub fn note(
        &mut self,
        record: &Record<'_>,
        note: &Note<'_>,
        entrance: Option<Entrance>,
        correlator: &Correlator,
    ) {
        // Of others there is nothing to say here.
        if let Note::Arrival(_) | Note::Queued { .. } | Note::Trouble { .. } = note {
            self.take_note(record, note, entrance, correlator);
        }
    }

    fn take_note(
        &mut self,
        record: &Record<'_>,
        note: &Note<'_>,
        entrance: Option<Entrance>,
        correlator: &Correlator,
    ) {
        match note {
            Note::Arrival(arrival) => {
                if let Some(slot) = correlator.touched() {
                    self.arrival(record, arrival, slot);
                }
            }
            Note::Queued { sender, .. } => {
                if entrance.is_some()
                    && let Some(slot) = correlator.touched()
                {
                    let domain = domain_of(sender).map_or(NOBODY, |name| self.names.number(name));
                    self.origin_mut(slot).domain = domain;
                }
            }
            Note::Trouble { text, .. } => self.trouble(record, text),
            _ => {}
        }
        let Some(entrance) = entrance.filter(|_| record.selected) else { return };
        self.level = self.level.saturating_add(1);
        if let Some(share) = self.whole.now_mut() {
            share.came = share.came.saturating_add(1);
        }
        let Some(slot) = correlator.touched() else { return };
        let origin = self.origin(slot);
        if entrance == Entrance::Smtp && origin.user == NOBODY {
            if let Some(share) = self.whole.now_mut() {
                share.accepted = share.accepted.saturating_add(1);
                share.unnamed = share.unnamed.saturating_add(u32::from(origin.unnamed));
            }
            let sender = match note {
                Note::Queued { sender, .. } => Some(*sender),
                Note::Arrival(arrival) => arrival.sender,
                _ => None,
            };
            match sender {
                Some("") => {
                    let weight = Weight { lines: record.count, messages: 1, recipients: 0 };
                    self.count(Key::Bounces, weight, self.now);
                }
                Some(sender) => self.accept(sender),
                None => {}
            }
        }
    }

    /// We took a sender's mail: if it was refused before, it came again.
    fn accept(&mut self, sender: &str) {
        let hash = hash_in_lower_case(sender);
        self.known.insert(hash, ());
        if let Some((number, time)) = self.refused.remove(hash)
            && let Ok(index) = self.courses.binary_search_by_key(&number, |(_, c)| c.number)
            && let Some((_, course)) = self.courses.get_mut(index)
            && let Some(cell) = course.series.known(time)
        {
            cell.recovered += 1;
        }
    }

    fn arrival(&mut self, record: &Record<'_>, arrival: &Arrival<'_>, slot: Slot) {
        self.born = true;
        let user = arrival.sasl_user.map_or(NOBODY, |name| self.names.number(name));
        let domain =
            arrival.sender.and_then(domain_of).map_or(NOBODY, |name| self.names.number(name));
        let now = self.now;
        let unnamed = is_unnamed(arrival.client.as_ref());
        *self.origin_mut(slot) =
            Origin { arrived: now, user, domain, unnamed, ..Origin::default() };
        if user != NOBODY && now > 0 && record.selected {
            let client = arrival.client.and_then(|client| client.address.or(client.name));
            let client = client.map_or(NOBODY, |name| self.names.number(name));
            let index = self.send(user);
            let Some((_, course)) = self.courses.get_mut(index) else { return };
            let block = self.room.block(course, now);
            block.see(now, 1);
            block.top_mut(Who::Peer).add(client, 1);
            block.top_mut(Who::Domain).add(domain, 1);
            // In the words that both mail servers' lines have in common.
            let address = arrival.client.and_then(|client| client.address).unwrap_or("");
            let login = arrival.sasl_user.unwrap_or("");
            let words = [arrival.queue_id, ": client=[", address, "] login=", login];
            if block.quotes.is_none() {
                self.words.clear();
                self.words.extend(words);
                let seen = Seen {
                    queue_id: Some(arrival.queue_id),
                    sender: arrival.sender,
                    ..Seen::of_text(record, &self.words)
                };
                block.quote(now, &seen, &mut self.room.spare);
            } else if let Some(quotes) = &mut block.quotes {
                quotes.go_on(record.at, now, &words);
            }
        }
    }

    fn trouble(&mut self, record: &Record<'_>, text: &str) {
        let Some(theme) = theme_of(text) else { return };
        if self.now == 0 || !record.selected {
            return;
        }
        let weight = Weight { lines: record.count, messages: record.count, recipients: 0 };
        let index = self.count(Key::Trouble { theme }, weight, self.now);
        let now = self.now;
        let Some((_, course)) = self.courses.get_mut(index) else { return };
        let block = self.room.block(course, now);
        block.see(now, record.count);
        block.quote(now, &Seen::of_text(record, text), &mut self.room.spare);
    }

    /// A message has ended.
    pub fn finished(&mut self, message: &Finished) {
        if let Some(origin) = self.origins.get_mut(message.slot.index()) {
            *origin = Origin::default();
        }
        if message.born && !message.incomplete {
            self.level = self.level.saturating_sub(1);
        }
    }

    /// A failure with its verdict: an attempt of ours, or a refusal. `row` is the number of direction and cause.
    pub fn failed(
        &mut self,
        record: &Record<'_>,
        event: &Event<'_>,
        bearing: &Bearing,
        judged: (u16, &Verdict, Novelty),
        correlator: &Correlator,
    ) {
        if self.now == 0 {
            return;
        }
        let (row, verdict, novelty) = judged;
        match event.kind {
            Kind::Delivery if !bearing.handed_over => {
                self.attempt(record, event, bearing, (row, verdict, novelty), correlator);
            }
            Kind::Reject | Kind::AuthFailure => self.refusal(record, event, row, verdict),
            _ => {}
        }
    }

    pub(super) fn name_row(&mut self, row: u16, direction: Direction, cause: CauseId) {
        let index = usize::from(row.saturating_sub(FIRST_ROW));
        if self.rows.len() <= index {
            self.rows.resize(index + 1, None);
        }
        if let Some(place) = self.rows.get_mut(index) {
            *place = Some((direction, cause));
        }
    }

    /// The direction and the cause of a row.
    pub(super) fn row(&self, row: u16) -> Option<(Direction, CauseId)> {
        *self.rows.get(usize::from(row.checked_sub(FIRST_ROW)?))?
    }

    fn refusal(&mut self, record: &Record<'_>, event: &Event<'_>, row: u16, verdict: &Verdict) {
        self.name_row(row, event.direction, verdict.cause);
        let detail = verdict.detail.as_deref().map_or(NOBODY, |name| self.names.number(name));
        let class = event.code.map_or(0, ReplyCode::class);
        let bounce = event.sender == Some("") && verdict.cause.slug() == "recipient-unknown";
        let found = record.prepared.map(|prepared| prepared.found);
        let client = event.client.and_then(|client| client.address.or(client.name));
        let client = client.map_or(NOBODY, |name| match found {
            Some(found) if !has_upper_case(name) => self.names.number_of(name, found.client),
            _ => self.names.number(name),
        });
        let ours = self.receiver(event, found);
        let user = event.sasl_user.map_or(NOBODY, |name| self.names.number(name));
        let code = self.code_of(event);
        let key = Key::Refusal { row, detail, class, bounce };
        // Of refusals the messages are the senders, the recipients those of them that we knew.
        let mut weight = Weight { lines: record.count, ..Weight::default() };
        let mut stranger = None;
        if let Some(sender) = event.sender.filter(|sender| !sender.is_empty()) {
            let made = found.filter(|_| event.direction == Direction::Inbound);
            let hash = made.map_or_else(|| hash_in_lower_case(sender), |found| found.sender);
            let known = self.known.contains(hash);
            if known {
                weight.messages = 1;
                weight.recipients = 1;
            } else if !self.refused.contains(hash) {
                weight.messages = 1;
                stranger = Some(hash);
            }
        }
        let index = self.count(key, weight, self.now);
        if let (Some(hash), Some((_, course))) = (stranger, self.courses.get(index)) {
            self.refused.insert(hash, (course.number, self.now));
        }
        if is_unnamed(event.client.as_ref())
            && let Some((_, course)) = self.courses.get_mut(index)
        {
            let cell = course.series.at(self.now).0;
            cell.bounced = cell.bounced.saturating_add(record.count);
        }
        let names = [
            (Who::Peer, client),
            (Who::User, user),
            (Who::Domain, ours),
            (Who::Code, code),
            (Who::Detail, detail),
        ];
        self.tell(index, (&Seen::of(record, event), record.count), names);
    }

    /// The code and enhanced status code as they are written.
    pub(super) fn code_of(&mut self, event: &Event<'_>) -> u32 {
        let (code, enhanced) = (event.code, event.enhanced.or(event.dsn));
        let key = u64::from(code.map_or(0, ReplyCode::value)) << 32
            | u64::from(enhanced.map_or(0, EnhancedCode::packed));
        if let Some(number) = self.codes.get(&key) {
            return *number;
        }
        let text = match (code, enhanced) {
            (Some(code), Some(enhanced)) => format!("{code} {enhanced}"),
            (Some(code), None) => code.to_string(),
            (None, Some(enhanced)) => enhanced.to_string(),
            (None, None) => return NOBODY,
        };
        let number = self.names.number(&text);
        // A hostile log can have a million pairs; real ones have some two hundred.
        if self.codes.len() < 4096 {
            self.codes.insert(key, number);
        }
        number
    }

    /// Who and what was behind a line.
    pub(super) fn tell(
        &mut self,
        index: usize,
        (seen, count): (&Seen<'_>, u32),
        names: [(Who, u32); 5],
    ) {
        let now = self.now;
        let Some((_, course)) = self.courses.get_mut(index) else { return };
        let block = self.room.block(course, now);
        block.see(now, count);
        for (who, name) in names {
            block.top_mut(who).add(name, count);
        }
        block.quote(now, seen, &mut self.room.spare);
    }

    /// Where a course stands, if there is one.
    #[inline]
    pub(super) fn place_of(&self, key: Key) -> Option<usize> {
        self.index.get(&key.packed()).map(|index| *index as usize)
    }

    /// A course, if there is one.
    #[inline]
    pub(super) fn course_mut(&mut self, key: Key) -> Option<&mut Course> {
        let index = self.place_of(key)?;
        self.courses.get_mut(index).map(|(_, course)| course)
    }

    /// Counts in a course, which is made if it is new.
    pub(super) fn count(&mut self, key: Key, weight: Weight, time: Seconds) -> usize {
        let index = self.place_of(key).unwrap_or_else(|| {
            let index = self.courses.len();
            let number = self.room.next_number();
            self.courses.push((key, Course { number, ..Course::default() }));
            self.index.insert(key.packed(), u32::try_from(index).unwrap_or(u32::MAX));
            index
        });
        if let Some((_, course)) = self.courses.get_mut(index) {
            let (cell, new) = course.series.at(time);
            cell.lines = cell.lines.saturating_add(weight.lines);
            cell.messages = cell.messages.saturating_add(weight.messages);
            cell.recipients = cell.recipients.saturating_add(weight.recipients);
            self.room.cells += usize::from(new);
            course.lines += u64::from(weight.lines);
            course.messages += u64::from(weight.messages);
            self.room.mind_cells(course);
        }
        index
    }

    /// The number of a provider's name, which stands in memory for good.
    pub(super) fn provider(&mut self, name: &'static str) -> u32 {
        let place = name.as_ptr().addr();
        if let Some((_, number)) = self.providers.iter().find(|(known, _)| *known == place) {
            return *number;
        }
        let number = self.names.number(name);
        if number != NOBODY {
            self.providers.push((place, number));
        }
        number
    }

    /// The numbers of names that courses, messages and tables still refer to.
    pub(super) fn provider_names(&self) -> impl Iterator<Item = u32> + '_ {
        self.providers.iter().map(|(_, number)| *number)
    }
}

/// A client whose address has no name, or none that leads back to it.
fn is_unnamed(client: Option<&Client<'_>>) -> bool {
    client.is_some_and(|client| client.name.is_none())
}
