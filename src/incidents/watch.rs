//! Watches the log go by: who failed, why and when, in courses that [`super::find`] looks through at the end.
//!
//! Fed with what the report is fed with, in the same pass. It holds at most [`MOST_COURSES`] courses,
//! [`MOST_CELLS`] steps and [`MOST_BLOCKS`] blocks of them (some 50 MB when all are full, whatever the log is: three
//! months, millions of domains, clients and logins), [`Names::MOST`] names, and 24 bytes for each open message. Steps
//! begin with a minute and double as the log grows. Where courses find no room the lighter half is forgotten: an
//! incident is never light.

use super::course::{BLOCK, Cell, Course, Quote, Seconds, Series, Who};
use super::lately::Lately;
use super::names::{NOBODY, Names};
use super::theme::{Theme, theme_of};
use crate::classify::{CauseId, Verdict};
use crate::correlate::{Bearing, Correlator, Finished, Novelty, Slot};
use crate::event::{Arrival, Entrance, Event, Kind, Note};
use crate::record::Record;
use crate::smtp::{Direction, Disposition, EnhancedCode, ReplyCode, domain_of};
use crate::summary::{sample_of, sample_of_text};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// The most steps in which anything happened; with one more they double. A day has steps of a minute, a week of two,
/// three months of sixteen.
pub(super) const MOST_STEPS: usize = 8192;
const MOST_COURSES: usize = 8192;
const MOST_CELLS: usize = 1 << 18;
const MOST_BLOCKS: usize = 1 << 15;
/// Receiving domains whose provider is remembered, for failures that name no host.
const MOST_HOMES: usize = 1 << 16;

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

/// Where an open message came from, and when it last failed.
#[derive(Clone, Copy, Debug, Default)]
struct Origin {
    arrived: Seconds,
    user: u32,
    domain: u32,
    failed: Seconds,
    /// First digit of the code that it failed with.
    class: u8,
    tried: bool,
}

/// What the log shows of things that may go wrong.
#[derive(Debug)]
pub struct Watcher {
    pub(super) names: Names,
    pub(super) courses: Vec<(Key, Course)>,
    index: HashMap<Key, u32, FixedState>,
    /// Everything, so that it is known when there was a log at all.
    pub(super) covered: Series,
    /// Messages at their first attempt to leave.
    pub(super) demand: Series,
    /// Messages that strangers brought and we took.
    pub(super) accepted: Series,
    /// Messages of this log in the queue: `lines` at the end of the step, `messages` came in.
    pub(super) queue: Series,
    pub(super) width: u32,
    block: u32,
    cells: usize,
    blocks: usize,
    pub(super) rows: Vec<Option<(Direction, CauseId)>>,
    origins: Vec<Origin>,
    homes: HashMap<u64, u32, FixedState>,
    /// Senders whose mail we took lately.
    known: Lately<()>,
    /// Senders that we refused lately: where and when.
    refused: Lately<(Key, Seconds)>,
    codes: HashMap<(Option<ReplyCode>, Option<EnhancedCode>), u32, FixedState>,
    born: bool,
    level: u32,
    now: Seconds,
    step: u32,
}

impl Default for Watcher {
    fn default() -> Self {
        Self {
            names: Names::default(),
            courses: Vec::new(),
            index: HashMap::default(),
            covered: Series::default(),
            demand: Series::default(),
            accepted: Series::default(),
            queue: Series::default(),
            width: 60,
            block: BLOCK,
            cells: 0,
            blocks: 0,
            rows: Vec::new(),
            origins: Vec::new(),
            homes: HashMap::default(),
            known: Lately::default(),
            refused: Lately::default(),
            codes: HashMap::default(),
            born: false,
            level: 0,
            now: 0,
            step: u32::MAX,
        }
    }
}

/// Where rows of causes begin (`summary::why`).
const FIRST_ROW: u16 = 0x8000;

/// Whether a recipient had failed before at all.
const fn is_row(row: u16) -> bool {
    row >= FIRST_ROW && row < u16::MAX
}

/// How a line weighs in its course.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    lines: u32,
    messages: u32,
    recipients: u32,
}

impl Watcher {
    /// A watcher of an empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every record, before anything else: time goes on. Records without a usable time change nothing.
    #[inline]
    pub fn tick(&mut self, record: &Record<'_>) {
        let Some(now) = record.time.and_then(|time| u32::try_from(time.seconds()).ok()) else {
            return;
        };
        if now == self.now {
            return;
        }
        self.now = now;
        let step = now / self.width;
        if step != self.step {
            self.enter(step);
        }
        self.covered.at(self.step).0.see(now);
    }

    #[cold]
    fn enter(&mut self, step: u32) {
        if let Some(cell) = self.queue.known(self.step) {
            cell.lines = self.level;
        }
        self.step = step;
        self.covered.at(step);
        self.queue.at(step).0.lines = self.level;
        while self.covered.cells().len() > MOST_STEPS || self.cells > MOST_CELLS {
            self.widen();
        }
        while self.blocks > MOST_BLOCKS {
            self.block *= 2;
            let fewer: usize =
                self.courses.iter_mut().map(|(_, course)| course.widen_blocks()).sum();
            self.blocks -= fewer;
        }
        if self.courses.len() > MOST_COURSES {
            self.forget_light_courses();
        }
        if self.names.are_full() {
            self.forget_names();
        }
        self.step = self.now / self.width;
        self.covered.at(self.step);
    }

    #[cold]
    fn widen(&mut self) {
        self.width *= 2;
        for series in
            [&mut self.covered, &mut self.demand, &mut self.accepted, &mut self.queue]
        {
            series.widen();
        }
        // Blocks keep their width in time as long as that is more than a step.
        let block_too = self.block == 1;
        self.block = (self.block / 2).max(1);
        for (_, course) in &mut self.courses {
            self.cells -= course.series.widen();
            if block_too {
                self.blocks -= course.widen_blocks();
            }
        }
    }

    #[cold]
    fn forget_light_courses(&mut self) {
        let mut order: Vec<usize> = (0..self.courses.len()).collect();
        let weight = |index: &usize| {
            self.courses.get(*index).map(|(key, course)| {
                let last = course.series.cells().last().map_or(0, |cell| cell.last);
                (std::cmp::Reverse((course.lines, last)), *key)
            })
        };
        order.sort_unstable_by_key(weight);
        order.truncate(MOST_COURSES / 2);
        order.sort_unstable();
        let mut kept = Vec::with_capacity(order.len());
        for index in order {
            if let Some(course) = self.courses.get_mut(index) {
                kept.push((course.0, std::mem::take(&mut course.1)));
            }
        }
        self.courses = kept;
        self.cells = self.courses.iter().map(|(_, c)| c.series.cells().len()).sum();
        self.blocks = self.courses.iter().map(|(_, c)| c.blocks.len()).sum();
        self.index = (0_u32..).zip(&self.courses).map(|(n, (key, _))| (*key, n)).collect();
    }

    #[cold]
    fn forget_names(&mut self) {
        let mut used = vec![false; self.names.len()];
        let mut mark = |number: u32| {
            if let Some(place) = used.get_mut(number as usize) {
                *place = true;
            }
        };
        for (key, course) in &self.courses {
            match *key {
                Key::Peer { peer, .. } | Key::Traffic { peer } => mark(peer),
                Key::Refusal { detail, .. } => mark(detail),
                Key::User { user } => mark(user),
                Key::Everywhere { .. } | Key::Bounces | Key::Trouble { .. } => {}
            }
            for block in &course.blocks {
                for who in [Who::Peer, Who::User, Who::Domain, Who::Code, Who::Detail] {
                    block.top(who).entries().for_each(|(number, _)| mark(number));
                }
            }
        }
        for origin in &self.origins {
            mark(origin.user);
            mark(origin.domain);
        }
        // Order does not matter: only marks are set.
        #[expect(clippy::iter_over_hash_type, reason = "marks have no order")]
        for number in self.homes.values().chain(self.codes.values()) {
            mark(*number);
        }
        self.names.keep_only(&used);
    }

    fn origin(&self, slot: Slot) -> Origin {
        self.origins.get(slot.index()).copied().unwrap_or_default()
    }

    fn origin_mut(&mut self, slot: Slot) -> &mut Origin {
        if self.origins.len() <= slot.index() {
            self.origins.resize(slot.index() + 1, Origin::default());
        }
        #[expect(clippy::indexing_slicing, reason = "just made long enough")]
        &mut self.origins[slot.index()]
    }

    /// A note, after the correlator has taken it; `entrance` is what it said.
    pub fn note(
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
        let Some(entrance) = entrance else { return };
        self.level = self.level.saturating_add(1);
        self.queue.at(self.step).0.messages += 1;
        let Some(slot) = correlator.touched() else { return };
        let origin = self.origin(slot);
        if entrance == Entrance::Smtp && origin.user == NOBODY {
            let cell = self.accepted.at(self.step).0;
            cell.messages += 1;
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
        let hash = hash_of(sender);
        self.known.insert(hash, ());
        if let Some((key, time)) = self.refused.remove(hash)
            && let Some(index) = self.index.get(&key)
            && let Some((_, course)) = self.courses.get_mut(*index as usize)
            && let Some(cell) = course.series.known(time / self.width)
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
        *self.origin_mut(slot) = Origin { arrived: now, user, domain, ..Origin::default() };
        if user != NOBODY && now > 0 {
            let client = arrival.client.and_then(|client| client.address.or(client.name));
            let client = client.map_or(NOBODY, |name| self.names.number(name));
            let weight = Weight { lines: record.count, messages: 1, recipients: 0 };
            let index = self.count(Key::User { user }, weight, now);
            let number = self.step / self.block;
            let Some((_, course)) = self.courses.get_mut(index) else { return };
            let (block, new) = course.block(number);
            self.blocks += usize::from(new);
            block.see(now, 1);
            block.top_mut(Who::Peer).add(client, 1);
            block.top_mut(Who::Domain).add(domain, 1);
            let words = arrival_text(arrival);
            if block.first.is_none() {
                let mut sample = sample_of_text(record, &words);
                sample.queue_id = Some(arrival.queue_id.into());
                sample.sender = arrival.sender.map(Box::from);
                block.first = Some(Box::new((now, sample)));
            }
            keep_last(&mut block.last, record, now, &words);
        }
    }

    fn trouble(&mut self, record: &Record<'_>, text: &str) {
        let Some(theme) = theme_of(text) else { return };
        if self.now == 0 {
            return;
        }
        let weight = Weight { lines: record.count, messages: record.count, recipients: 0 };
        let index = self.count(Key::Trouble { theme }, weight, self.now);
        let number = self.step / self.block;
        let now = self.now;
        let Some((_, course)) = self.courses.get_mut(index) else { return };
        let (block, new) = course.block(number);
        self.blocks += usize::from(new);
        block.see(now, record.count);
        if block.first.is_none() {
            block.first = Some(Box::new((now, sample_of_text(record, text))));
        }
        keep_last(&mut block.last, record, now, text);
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

    /// An attempt that went well.
    pub fn delivered(
        &mut self,
        record: &Record<'_>,
        event: &Event<'_>,
        bearing: &Bearing,
        provider: Option<&str>,
        correlator: &Correlator,
    ) {
        if self.now == 0 || bearing.handed_over {
            return;
        }
        let Some(slot) = bearing.slot.map(|slot| correlator.root_of(slot)) else { return };
        let origin = self.origin(slot);
        if event.direction == Direction::Outbound {
            self.first_try(slot, origin);
            let peer = self.peer_of(event, provider, false);
            if peer != NOBODY {
                let key = Key::Traffic { peer };
                if provider.is_some() || self.index.contains_key(&key) {
                    let weight = Weight { lines: record.count, messages: 1, recipients: 0 };
                    self.count(key, weight, self.now);
                }
                if provider.is_some() {
                    self.remember_home(event, peer);
                }
                for row in bearing.before.iter().filter(|row| is_row(**row)) {
                    self.settle(*row, peer, origin, |cell| cell.recovered += 1);
                }
            }
        }
        self.count_for_user(origin, 1, 0);
    }

    fn first_try(&mut self, slot: Slot, origin: Origin) {
        if !origin.tried && (origin.arrived > 0 || !self.born) {
            self.origin_mut(slot).tried = true;
            self.demand.at(self.step).0.messages += 1;
        }
    }

    /// What became of a recipient that failed before, where it failed.
    fn settle(&mut self, row: u16, peer: u32, origin: Origin, change: impl Fn(&mut Cell)) {
        let (step, class) = (origin.failed / self.width, origin.class);
        for key in [Key::Peer { row, peer, class }, Key::Everywhere { row }] {
            if let Some(index) = self.index.get(&key)
                && let Some((_, course)) = self.courses.get_mut(*index as usize)
                && let Some(cell) = course.series.known(step)
            {
                change(cell);
            }
        }
    }

    fn count_for_user(&mut self, origin: Origin, delivered: u32, bounced: u32) {
        if origin.user == NOBODY || origin.arrived == 0 {
            return;
        }
        let (now, step) = (self.now, origin.arrived / self.width);
        if let Some(index) = self.index.get(&Key::User { user: origin.user })
            && let Some((_, course)) = self.courses.get_mut(*index as usize)
            && let Some(cell) = course.series.known(step)
        {
            cell.lines = cell.lines.saturating_add(1);
            cell.recovered += delivered;
            cell.bounced += bounced;
            cell.tail = cell.tail.max(now);
        }
    }

    /// What the mail of a login was refused for.
    fn tell_user(&mut self, origin: Origin, code: u32, cause: CauseId) {
        if origin.user == NOBODY || origin.arrived == 0 {
            return;
        }
        let cause = self.names.number(cause.slug());
        if let Some(index) = self.index.get(&Key::User { user: origin.user })
            && let Some((_, course)) = self.courses.get_mut(*index as usize)
        {
            let (block, new) = course.block(origin.arrived / self.width / self.block);
            self.blocks += usize::from(new);
            block.top_mut(Who::Code).add(code, 1);
            block.top_mut(Who::Detail).add(cause, 1);
        }
    }

    /// A failure with its verdict: an attempt of ours, or a refusal. `row` is the number of direction and cause.
    pub fn failed(
        &mut self,
        record: &Record<'_>,
        event: &Event<'_>,
        bearing: &Bearing,
        judged: (u16, &Verdict, Novelty),
        provider: Option<&str>,
        correlator: &Correlator,
    ) {
        if self.now == 0 {
            return;
        }
        let (row, verdict, novelty) = judged;
        match event.kind {
            Kind::Delivery if !bearing.handed_over => {
                self.attempt(record, event, bearing, (row, verdict, novelty), provider, correlator);
            }
            Kind::Reject | Kind::AuthFailure => self.refusal(record, event, row, verdict),
            _ => {}
        }
    }

    fn name_row(&mut self, row: u16, direction: Direction, cause: CauseId) {
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

    fn attempt(
        &mut self,
        record: &Record<'_>,
        event: &Event<'_>,
        bearing: &Bearing,
        (row, verdict, novelty): (u16, &Verdict, Novelty),
        provider: Option<&str>,
        correlator: &Correlator,
    ) {
        self.name_row(row, event.direction, verdict.cause);
        let peer = self.peer_of(event, provider, true);
        let slot = bearing.slot.map(|slot| correlator.root_of(slot));
        let origin = slot.map(|slot| self.origin(slot)).unwrap_or_default();
        let outbound = event.direction == Direction::Outbound;
        if let Some(slot) = slot
            && outbound
        {
            self.first_try(slot, origin);
        }
        let gone = matches!(event.disposition, Some(Disposition::Bounced | Disposition::Expired));
        if outbound && peer != NOBODY {
            let weight = Weight { lines: record.count, ..Weight::default() };
            self.count(Key::Traffic { peer }, weight, self.now);
        }
        self.count_for_user(origin, 0, u32::from(gone));
        let code = self.code_of(event);
        self.tell_user(origin, code, verdict.cause);
        // Given up at the end of the queue's patience: a loss of what it failed with before.
        if gone {
            for before in bearing.before.iter().filter(|before| is_row(**before)) {
                self.settle(*before, peer, origin, |cell| cell.bounced += 1);
            }
        }
        if verdict.cause.slug() == "expired" {
            return;
        }
        // Mail that was in the queue before the log began failed for the first time long ago.
        let early = self.covered.cells().first().is_some_and(|cell| self.now < cell.first + 3600);
        let old = origin.arrived == 0 && (self.born || early);
        let fresh = Weight {
            lines: record.count,
            messages: if old { 0 } else { u32::from(novelty.message) },
            recipients: if old { 0 } else { u32::try_from(novelty.recipients).unwrap_or(u32::MAX) },
        };
        let first_failure = !bearing.before.iter().any(|before| is_row(*before));
        let lost = u32::from(gone && first_failure && !old);
        let domain = event.recipient.and_then(domain_of);
        let domain = domain.map_or(NOBODY, |name| self.names.number(name));
        let detail = verdict.detail.as_deref().map_or(NOBODY, |name| self.names.number(name));
        let class = event.code.map_or(0, ReplyCode::class);
        let keys = [Key::Peer { row, peer, class }, Key::Everywhere { row }];
        for key in if outbound { &keys[..] } else { &keys[..1] } {
            let who = if matches!(key, Key::Peer { .. }) { domain } else { peer };
            let index = self.count(*key, fresh, self.now);
            let names = [
                (Who::Peer, who),
                (Who::User, origin.user),
                (Who::Domain, origin.domain),
                (Who::Code, code),
                (Who::Detail, detail),
            ];
            self.tell(index, record, event, names);
            if let Some((_, course)) = self.courses.get_mut(index) {
                let cell = course.series.at(self.step).0;
                cell.bounced += lost;
                cell.vote(origin.user, fresh.lines, fresh.messages);
            }
        }
        if let Some(slot) = slot {
            let now = self.now;
            let origin = self.origin_mut(slot);
            (origin.failed, origin.class) = (now, class);
        }
    }

    fn refusal(&mut self, record: &Record<'_>, event: &Event<'_>, row: u16, verdict: &Verdict) {
        self.name_row(row, event.direction, verdict.cause);
        let detail = verdict.detail.as_deref().map_or(NOBODY, |name| self.names.number(name));
        let class = event.code.map_or(0, ReplyCode::class);
        let bounce = event.sender == Some("") && verdict.cause.slug() == "recipient-unknown";
        let client = event.client.and_then(|client| client.address.or(client.name));
        let client = client.map_or(NOBODY, |name| self.names.number(name));
        let ours = event.recipient.and_then(domain_of);
        let ours = ours.map_or(NOBODY, |name| self.names.number(name));
        let user = event.sasl_user.map_or(NOBODY, |name| self.names.number(name));
        let code = self.code_of(event);
        let key = Key::Refusal { row, detail, class, bounce };
        // Of refusals the messages are the senders, the recipients those of them that we knew.
        let mut weight = Weight { lines: record.count, ..Weight::default() };
        if let Some(sender) = event.sender.filter(|sender| !sender.is_empty()) {
            let hash = hash_of(sender);
            let known = self.known.contains(hash);
            if known {
                weight.messages = 1;
                weight.recipients = 1;
            } else if !self.refused.contains(hash) {
                weight.messages = 1;
                self.refused.insert(hash, (key, self.now));
            }
        }
        let index = self.count(key, weight, self.now);
        let names = [
            (Who::Peer, client),
            (Who::User, user),
            (Who::Domain, ours),
            (Who::Code, code),
            (Who::Detail, detail),
        ];
        self.tell(index, record, event, names);
    }

    /// The code and enhanced status code as they are written.
    fn code_of(&mut self, event: &Event<'_>) -> u32 {
        let (code, enhanced) = (event.code, event.enhanced.or(event.dsn));
        if let Some(number) = self.codes.get(&(code, enhanced)) {
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
            self.codes.insert((code, enhanced), number);
        }
        number
    }

    /// Who and what was behind a line.
    fn tell(
        &mut self,
        index: usize,
        record: &Record<'_>,
        event: &Event<'_>,
        names: [(Who, u32); 5],
    ) {
        let (number, now) = (self.step / self.block, self.now);
        let Some((_, course)) = self.courses.get_mut(index) else { return };
        let (block, new) = course.block(number);
        self.blocks += usize::from(new);
        block.see(now, record.count);
        for (who, name) in names {
            block.top_mut(who).add(name, record.count);
        }
        if block.first.is_none() {
            block.first = Some(Box::new((now, sample_of(record, event))));
        }
        keep_last(&mut block.last, record, now, event.text);
    }

    /// Counts in a course, which is made if it is new.
    fn count(&mut self, key: Key, weight: Weight, time: Seconds) -> usize {
        let index = match self.index.get(&key) {
            Some(index) => *index as usize,
            None => {
                let index = self.courses.len();
                self.courses.push((key, Course::default()));
                self.index.insert(key, u32::try_from(index).unwrap_or(u32::MAX));
                index
            }
        };
        if let Some((_, course)) = self.courses.get_mut(index) {
            let (cell, new) = course.series.at(time / self.width);
            cell.lines = cell.lines.saturating_add(weight.lines);
            cell.messages = cell.messages.saturating_add(weight.messages);
            cell.recipients = cell.recipients.saturating_add(weight.recipients);
            cell.see(time);
            self.cells += usize::from(new);
            course.lines += u64::from(weight.lines);
            course.messages += u64::from(weight.messages);
        }
        index
    }

    /// The receiver: its provider, else the site of its host, else the provider that the domain was delivered to
    /// before, else the domain.
    fn peer_of(&mut self, event: &Event<'_>, provider: Option<&str>, make: bool) -> u32 {
        if let Some(provider) = provider {
            return self.names.number(provider);
        }
        let host = event.relay.and_then(|relay| relay.host.or(relay.address));
        if let Some(host) = host.filter(|host| *host != "none") {
            let site = if event.direction == Direction::Outbound { site_of(host) } else { host };
            return if make {
                self.names.number(site)
            } else {
                self.names.known(site).unwrap_or(NOBODY)
            };
        }
        let Some(domain) = event.recipient.and_then(domain_of) else { return NOBODY };
        if let Some(peer) = self.homes.get(&hash_of(domain)) {
            return *peer;
        }
        if make { self.names.number(domain) } else { NOBODY }
    }

    fn remember_home(&mut self, event: &Event<'_>, peer: u32) {
        if let Some(domain) = event.recipient.and_then(domain_of) {
            let hash = hash_of(domain);
            if self.homes.len() < MOST_HOMES || self.homes.contains_key(&hash) {
                self.homes.insert(hash, peer);
            }
        }
    }
}

fn hash_of(name: &str) -> u64 {
    crate::smtp::hash_in_lower_case(&FixedState::default(), name)
}

/// What stands for the receiver: a host's name without its first part, so that a receiver's hosts count together.
fn site_of(host: &str) -> &str {
    if host.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b':') {
        return host;
    }
    match host.split_once('.') {
        Some((_, rest)) if rest.contains('.') => rest,
        _ => host,
    }
}

fn keep_last(last: &mut Option<Box<Quote>>, record: &Record<'_>, now: Seconds, text: &str) {
    match last {
        Some(quote) => quote.become_line(record.at, now, text),
        None => *last = Some(Box::new(Quote::new(record.at, now, text))),
    }
}

/// An arrival in the words that both mail servers' lines have in common.
fn arrival_text(arrival: &Arrival<'_>) -> String {
    let client = arrival.client.and_then(|client| client.address).unwrap_or("");
    let user = arrival.sasl_user.unwrap_or("");
    format!("{}: client=[{client}] login={user}", arrival.queue_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_one_receiver_are_one_site() {
        for (host, site) in [
            ("mx1.example.com", "example.com"),
            ("mx2.mail.example.com", "mail.example.com"),
            ("example.com", "example.com"),
            ("localhost", "localhost"),
            ("192.0.2.7", "192.0.2.7"),
        ] {
            assert_eq!(site_of(host), site, "{host}");
        }
    }
}
