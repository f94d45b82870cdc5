//! Incidents: what went wrong in a log, since when and until when, for whom, and how badly.
//!
//! ```text
//! records, verdicts ─► watch: courses over time ─► find: what stands out ─► story: what belongs together ─► Incident
//!                      course, thin, whole, names  statistics                kind
//! ```
//!
//! [`Watcher`] is fed in the same pass as the report's counters and has a bound on its memory that does not depend on
//! the log (`watch.rs`). The test is described in `statistics.rs`. Nothing here knows tables, languages or remedies;
//! `report` makes rows of incidents. What is not found: trouble that was there all the time, unless a history or a saved
//! report tells what is usual ([`Watcher::compare_with`]), and trouble of less than a handful of messages ([`Kind`] has
//! the floors).

mod attempts;
mod course;
mod find;
mod growth;
mod kind;
mod lately;
mod names;
mod quotes;
mod room;
mod statistics;
mod story;
mod theme;
mod thin;
mod usual;
mod watch;
mod whole;

pub use kind::Kind;
pub use watch::Watcher;

use crate::classify::CauseId;
use crate::digest::Baseline;
use crate::record::Location;
use crate::smtp::Direction;
use crate::summary::Sample;
use crate::time::Time;
use course::{Seconds, Who};
use find::{Episode, Figures, Frame};
use hashbrown::HashMap;
use story::Story;
use watch::Key;

/// Something that went wrong for a while.
#[derive(Clone, Debug)]
pub struct Incident {
    /// What kind of thing.
    pub kind: Kind,
    /// Whether others refuse us, we refuse clients, or it is on this machine.
    pub direction: Direction,
    /// Why, in the words of the causes; `None` where no reply has one.
    pub cause: Option<CauseId>,
    /// Sub-kinds of the cause, most first: which blocklist, which check.
    pub details: Vec<(String, u64)>,
    /// Reply codes and enhanced status codes, most first.
    pub codes: Vec<(String, u64)>,
    /// The receiver (slug of a provider, or its site), where it is one.
    pub peer: Option<String>,
    /// The receivers hit, where it is about many.
    pub peers: Vec<(String, u64)>,
    /// Domains hit: of the recipients; inbound ours.
    pub domains: Vec<(String, u64)>,
    /// Domains that sent; of ours, where others refuse us.
    pub senders: Vec<(String, u64)>,
    /// The clients behind it.
    pub clients: Vec<(String, u64)>,
    /// The logins behind it, or aimed at.
    pub users: Vec<(String, u64)>,
    /// Time of its first line.
    pub since: Time,
    /// Time of its last line.
    pub until: Time,
    /// It has not ended when the log does.
    pub going_on: bool,
    /// Lines.
    pub lines: u64,
    /// Different messages; `None` for refusals, which mostly come before there is a message.
    pub messages: Option<u64>,
    /// Different recipients of those.
    pub recipients: Option<u64>,
    /// Recipients that got it in the end.
    pub recovered: Option<u64>,
    /// Recipients that never will.
    pub bounced: Option<u64>,
    /// Recipients that still wait when the log ends.
    pub waiting: Option<u64>,
    /// Share of the attempts at this peer that failed so, 0 to 1.
    pub share: Option<f64>,
    /// What the statistics counted in it (messages; lines for refusals), and what was to be expected.
    pub events: f64,
    /// See [`Self::events`].
    pub expected: f64,
    /// How surprising: the log-likelihood ratio, corrected for the scatter of the course.
    pub score: f64,
    /// What it is ranked by.
    pub harm: f64,
    /// The first line, or the first one that was kept.
    pub first: Option<Sample>,
    /// The last line.
    pub last: Option<(Location, String)>,
}

/// How many names an incident has of each sort.
const NAMES: usize = 8;

impl Watcher {
    /// What is usual by another log, of the time before this one.
    pub fn compare_with(&mut self, baseline: Baseline) {
        self.baseline = Some(baseline);
    }

    /// Of how many hours of the week another log says what is usual; `None` where there is none.
    pub fn baseline_hours(&self) -> Option<usize> {
        self.baseline.as_ref().map(Baseline::hours)
    }

    /// When the log begins, seconds since 1970; `None` where no line says.
    pub fn begin(&self) -> Option<i64> {
        (self.whole.first > 0).then(|| i64::from(self.whole.first))
    }

    /// All incidents of the log watched, the most harmful first.
    pub fn incidents(&self) -> Vec<Incident> {
        let Some(frame) = Frame::of(self) else { return Vec::new() };
        let episodes = find::episodes(self, &frame, |episode| story::is_stolen(self, episode));
        let stories = story::stories(self, &frame, episodes);
        let mut incidents: Vec<Incident> =
            stories.iter().map(|story| self.incident(&frame, story)).collect();
        growth::add(self, &frame, &mut incidents);
        incidents.sort_by(|a, b| {
            b.harm
                .total_cmp(&a.harm)
                .then_with(|| a.since.cmp(&b.since))
                .then_with(|| a.kind.cmp(&b.kind))
                .then_with(|| a.peer.cmp(&b.peer))
        });
        incidents
    }

    fn incident(&self, frame: &Frame, story: &Story) -> Incident {
        let chief = &story.chief;
        let row = find::cause_of(self, chief.key);
        let cause = match chief.key {
            Key::Peer { row, .. } | Key::Everywhere { row } | Key::Refusal { row, .. } => {
                self.row(row).map(|(_, cause)| cause)
            }
            Key::Trouble { .. } => Some(CauseId::new("own-system-error")),
            Key::Bounces => Some(CauseId::new("recipient-unknown")),
            Key::User { .. } | Key::Traffic { .. } => None,
        };
        let figures = total(story.told());
        let user = matches!(chief.key, Key::User { .. });
        let correlated = matches!(chief.key, Key::Peer { .. } | Key::Everywhere { .. });
        let some = |value: u64| correlated.then_some(value);
        let mut incident = Incident {
            kind: chief.kind,
            direction: direction_of(chief.key, row.map(|(direction, _)| direction)),
            cause,
            details: self.names_of(story, Who::Detail),
            codes: self.names_of(story, Who::Code),
            peer: None,
            peers: Vec::new(),
            domains: Vec::new(),
            senders: Vec::new(),
            clients: Vec::new(),
            users: Vec::new(),
            since: time(story.from()),
            until: time(story.until()),
            going_on: false,
            lines: figures.lines,
            messages: (correlated || user).then_some(figures.messages),
            recipients: some(figures.recipients),
            recovered: some(figures.recovered),
            bounced: some(figures.bounced),
            waiting: some(figures.recipients.saturating_sub(figures.recovered + figures.bounced)),
            share: self.share(chief, &figures),
            events: story.told().map(|episode| episode.events).sum(),
            expected: story.told().map(|episode| episode.expected).sum(),
            score: chief.score,
            harm: 0.0,
            first: None,
            last: None,
        };
        self.say_who(story, &mut incident);
        if user {
            incident.messages = Some(figures.messages);
            incident.recipients = Some(figures.recovered + figures.bounced);
            incident.bounced = Some(figures.bounced);
            incident.cause = self.cause_of_user(story);
        }
        let acted_until = story.told().map(|e| e.acted_until).max().unwrap_or(0);
        incident.going_on = goes_on(frame, story.from(), acted_until, incident.events);
        incident.harm = harm(&incident);
        self.quote(story, &mut incident);
        incident
    }

    fn say_who(&self, story: &Story, incident: &mut Incident) {
        match story.chief.key {
            Key::Peer { peer, .. } => {
                incident.peer = Some(self.names.text(peer).to_owned());
                incident.domains = self.names_of(story, Who::Peer);
                incident.users = self.names_of(story, Who::User);
                incident.senders = self.names_of(story, Who::Domain);
            }
            Key::Everywhere { .. } => {
                incident.peers = self.names_of(story, Who::Peer);
                incident.users = self.names_of(story, Who::User);
                incident.senders = self.names_of(story, Who::Domain);
            }
            Key::Refusal { .. } => {
                incident.clients = self.names_of(story, Who::Peer);
                incident.users = self.names_of(story, Who::User);
                incident.domains = self.names_of(story, Who::Domain);
            }
            Key::User { user } => {
                incident.users = vec![(self.names.text(user).to_owned(), incident.lines)];
                incident.clients = self.names_of(story, Who::Peer);
                incident.senders = self.names_of(story, Who::Domain);
            }
            Key::Traffic { .. } | Key::Bounces | Key::Trouble { .. } => {}
        }
    }

    /// The commonest cause of what a login's mail was refused for; the details of its course are causes.
    fn cause_of_user(&self, story: &Story) -> Option<CauseId> {
        let causes = self.names_of(story, Who::Detail);
        let (slug, _) = causes.first()?;
        crate::knowledge::cause_slugs().find(|known| known == slug).map(CauseId::new)
    }

    fn names_of(&self, story: &Story, who: Who) -> Vec<(String, u64)> {
        let mut sums: HashMap<u32, u64> = HashMap::new();
        for episode in story.told() {
            let Some((_, course)) = self.courses.get(episode.course) else { continue };
            for (name, count) in find::top_of(course, who, episode.from, episode.acted_until) {
                *sums.entry(name).or_default() += count;
            }
        }
        let mut named: Vec<(String, u64)> = sums
            .into_iter()
            .map(|(name, count)| (self.names.text(name).to_owned(), count))
            .filter(|(name, _)| !name.is_empty())
            .collect();
        named.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        named.truncate(NAMES);
        named
    }

    /// Share of the attempts at a peer that failed in this way.
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    fn share(&self, chief: &Episode, figures: &Figures) -> Option<f64> {
        let Key::Peer { peer, .. } = chief.key else { return None };
        let (_, traffic) = self.courses.iter().find(|(key, _)| *key == Key::Traffic { peer })?;
        // Of an hour that is only partly inside in proportion.
        let inside = |cell: &course::Cell| {
            let (from, until) = (chief.from.max(cell.first), chief.until.min(cell.last));
            let all = f64::from(cell.last - cell.first + 1);
            let seconds = f64::from(until.saturating_add(1).saturating_sub(from));
            f64::from(cell.lines) * (seconds / all).min(1.0)
        };
        let attempts: f64 = traffic.series.cells().iter().map(inside).sum();
        (attempts >= 1.0).then(|| (figures.lines as f64 / attempts).min(1.0))
    }

    fn quote(&self, story: &Story, incident: &mut Incident) {
        let mut first: Option<&quotes::First> = None;
        let mut last: Option<quotes::Quote<'_>> = None;
        for episode in story.told() {
            let Some((_, course)) = self.courses.get(episode.course) else { continue };
            for block in find::blocks_of(course, episode.from, episode.until) {
                let Some(quotes) = block.quotes.as_deref() else { continue };
                // A block may begin before the episode does.
                if quotes.first.time >= episode.from
                    && first.is_none_or(|known| quotes.first.time < known.time)
                {
                    first = Some(&quotes.first);
                }
                let quote = quotes.last();
                if quote.time <= episode.until && last.is_none_or(|known| quote.time >= known.time)
                {
                    last = Some(quote);
                }
            }
            if first.is_none() {
                let mut kept = find::blocks_of(course, episode.from, episode.until)
                    .filter_map(|block| block.quotes.as_deref());
                first = kept.next().map(|quotes| &quotes.first);
            }
        }
        incident.first = first.map(quotes::First::sample);
        incident.last = last.map(|quote| (quote.at, quote.text.to_owned()));
    }
}

fn time(seconds: Seconds) -> Time {
    Time::from_parts(i64::from(seconds), 0)
}

fn total<'e>(episodes: impl Iterator<Item = &'e Episode>) -> Figures {
    let mut sum = Figures::default();
    for episode in episodes {
        let figures = &episode.figures;
        sum.lines += figures.lines;
        sum.messages += figures.messages;
        sum.waited += figures.waited;
        sum.recipients += figures.recipients;
        sum.recovered += figures.recovered;
        sum.bounced += figures.bounced;
    }
    sum
}

fn direction_of(key: Key, of_row: Option<Direction>) -> Direction {
    of_row.unwrap_or(match key {
        Key::User { .. } => Direction::Outbound,
        Key::Trouble { .. } => Direction::Local,
        _ => Direction::Inbound,
    })
}

/// Not over when the log ends: its next event would not be due yet.
fn goes_on(frame: &Frame, from: Seconds, until: Seconds, events: f64) -> bool {
    let between = f64::from(until - from) / events.max(1.0);
    f64::from(frame.last.saturating_sub(until)) <= (3.0 * between).clamp(300.0, 7200.0)
}

/// The figures by the weights of the kind.
#[expect(clippy::cast_precision_loss, reason = "a rank")]
fn harm(incident: &Incident) -> f64 {
    let weights = incident.kind.weights();
    let weigh = |count: Option<u64>, weight: f64| count.unwrap_or(0) as f64 * weight;
    weigh(incident.bounced, weights.lost)
        + weigh(incident.waiting, weights.waiting)
        + weigh(incident.recovered, weights.late)
        + weigh(Some(incident.lines), weights.line)
}
