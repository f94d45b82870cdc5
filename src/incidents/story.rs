//! Which episodes are one story.
//!
//! A provider that is down shows as timeouts, as deferrals and in each of its domains; a dead resolver shows at all
//! providers at once, and in refusals of clients whose names are not found; what a stolen login sends is refused
//! everywhere. The rules stand in [`stories`] in their order. A rule either drops an episode that another one
//! explains, or joins it to that one.

use super::course::{Seconds, Who};
use super::find::{Episode, Figures, Frame, top_of};
use super::kind::Kind;
use super::watch::{Key, Watcher};
use crate::knowledge::ListStatus;
use crate::knowledge::blocklist::list;

/// A login counts as stolen only if at least so much of what it sent came back,
const LEAST_BOUNCED: f64 = 0.15;
/// or so many addresses used it that never did outside of the episode.
const LEAST_NEW_CLIENTS: usize = 3;
/// One peer with more than this share of an episode of all peers is the story. Where receivers refuse us for reasons of
/// their own, the coincidence of several must be plainer than where one fault of ours shows at all of them.
const ONE_PEER: f64 = 0.6;
const ONE_PEER_REFUSES: f64 = 0.4;
/// So many refused senders whose mail we took before or afterwards, and this share of all refused ones, are no spam.
const LEAST_ORDINARY: u64 = 10;
const ORDINARY_SHARE: f64 = 0.25;
/// A rule that refuses clients nearly all of which have a name, or have none, is seen in what we accept of that sort.
const ONE_SORT: f64 = 0.7;
/// Accepted mail below this share of the usual, while a rule refuses more: ordinary mail is refused.
const ACCEPTED_LESS: f64 = 0.8;

/// Episodes told as one, the first of them the chief one.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) chief: Episode,
    /// Others of the same kind.
    pub(super) parts: Vec<Episode>,
    /// Other kinds that go with it.
    pub(super) explains: Vec<Episode>,
}

impl Story {
    /// All episodes that its figures are made of.
    pub(super) fn told(&self) -> impl Iterator<Item = &Episode> {
        std::iter::once(&self.chief).chain(&self.parts)
    }

    pub(super) fn from(&self) -> Seconds {
        self.told().map(|episode| episode.from).min().unwrap_or(0)
    }

    pub(super) fn until(&self) -> Seconds {
        self.told().map(|episode| episode.until).max().unwrap_or(0)
    }
}

/// From episodes to stories.
pub(super) fn stories(watcher: &Watcher, frame: &Frame, episodes: Vec<Episode>) -> Vec<Story> {
    let mut left: Vec<Episode> = episodes
        .into_iter()
        .filter(|episode| match episode.key {
            Key::Everywhere { .. } => is_everywhere(watcher, episode),
            _ => true,
        })
        .collect();
    for episode in &mut left {
        judge_refusals(watcher, frame, episode);
    }
    // The strongest explanation first: what a stolen login did, then what befell all peers, then the rest by weight.
    left.sort_by(|a, b| {
        let rank = |episode: &Episode| match episode.key {
            Key::User { .. } => 0,
            Key::Everywhere { .. } => 1,
            _ => 2,
        };
        rank(a)
            .cmp(&rank(b))
            .then_with(|| b.score.total_cmp(&a.score))
            .then_with(|| a.key.cmp(&b.key))
            .then_with(|| a.from.cmp(&b.from))
    });
    let mut told: Vec<Story> = Vec::new();
    for episode in left {
        let mut place = None;
        for (index, story) in told.iter().enumerate() {
            if let Some(relation) = relation(watcher, story, &episode) {
                place = Some((index, relation));
                break;
            }
        }
        match place.and_then(|(index, relation)| Some((told.get_mut(index)?, relation))) {
            Some((story, Relation::Part)) => story.parts.push(episode),
            Some((story, Relation::Explained)) => story.explains.push(episode),
            None => told.push(Story { chief: episode, parts: Vec::new(), explains: Vec::new() }),
        }
    }
    told
}

enum Relation {
    /// More of the same: its figures and times are added.
    Part,
    /// A consequence.
    Explained,
}

#[expect(clippy::cast_precision_loss, reason = "a share")]
fn relation(watcher: &Watcher, story: &Story, episode: &Episode) -> Option<Relation> {
    let chief = &story.chief;
    let shared = overlap((chief.from, chief.until), (episode.from, episode.until));
    if shared < 0.5 {
        return None;
    }
    match (chief.key, episode.key) {
        (Key::User { .. }, Key::Peer { .. } | Key::Everywhere { .. }) => {
            // What stands out even without the mail of stolen logins, but is mostly theirs.
            let Figures { messages, waited, .. } = episode.figures;
            let own = episode.events < 0.5 * messages.saturating_sub(waited) as f64;
            own.then_some(Relation::Explained)
        }
        (Key::Everywhere { row }, Key::Peer { row: other, .. }) if row == other => {
            Some(Relation::Explained)
        }
        // Whoever looks for one reason finds the same thing at each receiver under another name.
        (Key::Everywhere { .. }, Key::Everywhere { .. })
            if chief.kind == episode.kind
                || chief.kind == Kind::DnsFailure && within(episode, chief) >= 0.5 =>
        {
            Some(Relation::Explained)
        }
        (Key::Everywhere { .. }, Key::Refusal { .. })
            if chief.kind == Kind::DnsFailure
                && is_about_names(watcher, episode)
                && within(episode, chief) >= 0.5 =>
        {
            Some(Relation::Explained)
        }
        (Key::Peer { peer, .. }, Key::Peer { peer: other, .. }) if peer == other => {
            Some(if chief.kind == episode.kind { Relation::Part } else { Relation::Explained })
        }
        (Key::User { .. } | Key::Peer { .. } | Key::Everywhere { .. }, _) => {
            (chief.kind == episode.kind && chief.kind.is_ours()).then_some(Relation::Explained)
        }
        // Refusals rise together when one attacker meets several rules; each kind stays one story.
        (_, Key::Refusal { .. } | Key::Trouble { .. } | Key::Bounces) => {
            if chief.kind == episode.kind {
                let same_course = chief.course == episode.course;
                let part = same_course || chief.kind != Kind::OwnRestriction;
                part.then_some(Relation::Part)
            } else if chief.kind.is_ours() && episode.kind == Kind::RefusedWave {
                Some(Relation::Explained)
            } else {
                None
            }
        }
        _ => None,
    }
}

impl Kind {
    /// Whether it is our server that fails.
    const fn is_ours(self) -> bool {
        matches!(self, Self::DiskFull | Self::OwnTrouble | Self::DnsFailure | Self::TlsFailure)
    }
}

/// How much of the shorter one of two times the other one covers; times that touch cover all of a moment.
fn overlap(a: (Seconds, Seconds), b: (Seconds, Seconds)) -> f64 {
    let from = a.0.max(b.0);
    let until = a.1.min(b.1);
    if until < from {
        return 0.0;
    }
    let shorter = (a.1 - a.0).min(b.1.saturating_sub(b.0)).max(1);
    f64::from((until - from).max(1)) / f64::from(shorter)
}

/// How much of an episode's time lies in that of another one: what lasts longer has another reason.
fn within(episode: &Episode, other: &Episode) -> f64 {
    let from = episode.from.max(other.from);
    let until = episode.until.min(other.until);
    f64::from(until.saturating_sub(from)) / f64::from((episode.until - episode.from).max(1))
}

/// Refusals because of names that could not be looked up.
fn is_about_names(watcher: &Watcher, episode: &Episode) -> bool {
    super::find::cause_of(watcher, episode.key).is_some_and(|(_, cause)| {
        matches!(cause, "missing-ptr" | "sender-rejected" | "dns-failure" | "bad-helo")
    })
}

/// An episode of all peers that is not the doing of one of them.
#[expect(clippy::cast_precision_loss, reason = "a share")]
fn is_everywhere(watcher: &Watcher, episode: &Episode) -> bool {
    let Some((_, course)) = watcher.courses.get(episode.course) else { return false };
    let peers = top_of(course, Who::Peer, episode.from, episode.until);
    let lines: u64 = super::find::blocks_of(course, episode.from, episode.until)
        .map(|block| u64::from(block.lines))
        .sum();
    let largest = peers.first().map_or(0, |(_, count)| *count);
    // Each name may have lost as many lines as seven names lost together; only a block with that many loses any.
    let lost = lines.saturating_sub(peers.iter().map(|(_, count)| count).sum());
    let (largest, many) = (largest + lost / 7, lost * 4 > lines);
    let most = match episode.kind {
        Kind::RefusedByMany | Kind::BounceWave => ONE_PEER_REFUSES,
        _ => ONE_PEER,
    };
    (peers.len() >= 3 || many) && (largest as f64) < most * lines.max(1) as f64
}

/// A login that sends far more than usual is stolen when much of it comes back or when it is used from elsewhere;
/// otherwise it is a newsletter.
#[expect(clippy::cast_precision_loss, reason = "a share")]
pub(super) fn is_stolen(watcher: &Watcher, episode: &Episode) -> bool {
    let figures = &episode.figures;
    let settled = (figures.bounced + figures.recovered).max(1);
    if figures.bounced >= 20 && figures.bounced as f64 >= LEAST_BOUNCED * settled as f64 {
        return true;
    }
    let Some((_, course)) = watcher.courses.get(episode.course) else { return false };
    let inside = top_of(course, Who::Peer, episode.from, episode.acted_until);
    let before = top_of(course, Who::Peer, 0, episode.from.saturating_sub(1));
    let after = top_of(course, Who::Peer, episode.acted_until.saturating_add(1), Seconds::MAX);
    let usual = |name: u32| before.iter().chain(&after).any(|(known, _)| *known == name);
    let new = inside.iter().filter(|(name, count)| *count >= 3 && !usual(*name)).count();
    new >= LEAST_NEW_CLIENTS
}

/// A rule refuses more than usual: ordinary mail when less is accepted at the same time, or when we take mail of
/// many of its senders at other times; else spam.
#[expect(clippy::cast_precision_loss, reason = "a share")]
fn judge_refusals(watcher: &Watcher, frame: &Frame, episode: &mut Episode) {
    if episode.kind != Kind::OwnRestriction {
        return;
    }
    // A list that has closed answers for everybody, if it answers at all.
    if let Key::Refusal { detail, .. } = episode.key
        && list(watcher.names.text(detail)).is_some_and(|list| list.status == ListStatus::Closed)
    {
        return;
    }
    let unnamed = episode.figures.bounced as f64 / episode.figures.lines.max(1) as f64;
    // With little mail at that hour chance could do it: then the benefit of the doubt is the postmaster's.
    let fewer = |(accepted, usual): (f64, f64)| {
        usual >= 10.0 && accepted <= ACCEPTED_LESS * usual && usual - accepted >= 3.0 * usual.sqrt()
    };
    let [all, of_unnamed, of_named] = frame.accepted(watcher, (episode.from, episode.until));
    let fewer = fewer(all)
        || unnamed >= ONE_SORT && fewer(of_unnamed)
        || unnamed <= 1.0 - ONE_SORT && fewer(of_named);
    let Figures { messages: senders, recipients: known, recovered: came_again, .. } =
        episode.figures;
    let ordinary = known + came_again;
    let many = ordinary >= LEAST_ORDINARY && ordinary as f64 >= ORDINARY_SHARE * senders as f64;
    if !fewer && !many {
        episode.kind = Kind::RefusedWave;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_of_two_times_decides_how_much_they_share() {
        for (a, b, want) in [
            ((100, 200), (300, 400), 0.0),
            ((100, 200), (150, 400), 0.5),
            ((100, 1000), (150, 250), 1.0),
            ((100, 1000), (500, 500), 1.0),
        ] {
            assert!((overlap(a, b) - want).abs() < 1e-9, "{a:?} {b:?}");
        }
    }
}
