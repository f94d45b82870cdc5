//! From the stories of queue ids to messages: what belongs together, how it ended, what is not in the log.

use super::story::Story;
use super::teller::{Edge, Kinship};
use super::{Message, Missing, Notice, Recipient, Step};
use crate::correlate::{End, Envelope, Fate};
use hashbrown::HashMap;

/// Puts stories together. In the order of their first lines.
pub(super) fn messages(stories: &[Story], edges: &[Edge], by_key: bool) -> Vec<Message> {
    let kin = Kin::of(stories, edges);
    let roots = kin.groups.iter().enumerate().filter(|(_, group)| {
        // A group's own place is that of its first story; those of other stories are empty.
        !group.members.is_empty() && group.about.is_none()
    });
    roots.filter_map(|(_, group)| kin.message(group, by_key)).collect()
}

/// Stories of one message.
#[derive(Clone, Debug, Default)]
struct Group {
    members: Vec<usize>,
    /// They are a notification about the message of this group.
    about: Option<usize>,
    /// What it tells.
    what: Option<&'static str>,
    /// The groups that are notifications about this one.
    notices: Vec<usize>,
    /// What its lines name and the log does not have.
    missing: Vec<Missing>,
}

struct Kin<'s> {
    stories: &'s [Story],
    edges: &'s [Edge],
    /// The story that each edge leads to; `None` when the log has none.
    targets: Vec<Option<usize>>,
    /// Each story's group: the index of its first story.
    group: Vec<usize>,
    groups: Vec<Group>,
    /// Stories that are the work of a content filter.
    made: Vec<bool>,
}

impl<'s> Kin<'s> {
    fn of(stories: &'s [Story], edges: &'s [Edge]) -> Self {
        let mut by_id = HashMap::<&str, Vec<usize>>::new();
        for (index, story) in stories.iter().enumerate() {
            by_id.entry(story.queue_id.as_str()).or_default().push(index);
        }
        // Queue ids come again: the story whose lines are next to the line that names it.
        let distance = |index: &usize, order: u64| {
            stories.get(*index).map_or(u64::MAX, |story| {
                let (first, last) = story.span;
                first.saturating_sub(order).max(order.saturating_sub(last))
            })
        };
        let target = |edge: &Edge| {
            let candidates = by_id.get(edge.to.as_str())?;
            candidates
                .iter()
                .copied()
                .filter(|index| *index != edge.from)
                .min_by_key(|index| distance(index, edge.order))
        };
        let mut kin = Self {
            stories,
            edges,
            targets: edges.iter().map(target).collect(),
            group: (0..stories.len()).collect(),
            groups: vec![Group::default(); stories.len()],
            made: vec![false; stories.len()],
        };
        kin.join();
        kin.gather();
        kin
    }

    /// Makes the groups, now that each story knows its own.
    fn gather(&mut self) {
        for (index, group) in self.group.iter().enumerate() {
            if let Some(group) = self.groups.get_mut(*group) {
                group.members.push(index);
            }
        }
        let mut notices = Vec::new();
        let mut missing = Vec::new();
        for (edge, target) in self.edges.iter().zip(&self.targets) {
            let from = self.root(edge.from);
            match (edge.how, *target) {
                (Kinship::NotifiedBy(what), Some(target)) => {
                    notices.push((from, self.root(target), what));
                }
                (Kinship::ChildOf, Some(target)) if self.is_notification(edge.from) => {
                    notices.push((self.root(target), from, None));
                }
                (Kinship::NotifiedBy(_), None) => missing.push((from, Missing::Notification)),
                (Kinship::MadeInto { nearby: true }, None) => {
                    missing.push((from, Missing::FilteredMessage));
                }
                _ => {}
            }
        }
        for (group, what) in missing {
            if let Some(group) = self.groups.get_mut(group)
                && !group.missing.contains(&what)
            {
                group.missing.push(what);
            }
        }
        for (about, notice, what) in notices {
            // No rings: what a notification is about is no notification of another one.
            let free = self.groups.get(about).is_some_and(|group| group.about.is_none());
            if about != notice
                && free
                && let Some(group) = self.groups.get_mut(notice)
                && group.about.is_none()
                && group.notices.is_empty()
            {
                group.about = Some(about);
                group.what = what;
                if let Some(about) = self.groups.get_mut(about) {
                    about.notices.push(notice);
                }
            }
        }
    }

    /// The edges with both ends in the log.
    fn whole_edges(&self) -> impl Iterator<Item = (&Edge, usize)> {
        self.edges.iter().zip(&self.targets).filter_map(|(edge, target)| Some((edge, (*target)?)))
    }

    fn is_notification(&self, index: usize) -> bool {
        self.stories
            .get(index)
            .and_then(|story| story.finished.as_ref())
            .is_some_and(|finished| finished.notification)
    }

    /// Stories of one message get one group, named by the first of them.
    fn join(&mut self) {
        let pairs: Vec<(usize, usize)> = self
            .whole_edges()
            .filter_map(|(edge, target)| match edge.how {
                Kinship::MadeInto { .. } => Some((edge.from, target)),
                Kinship::ChildOf if !self.is_notification(edge.from) => Some((target, edge.from)),
                Kinship::ChildOf | Kinship::NotifiedBy(_) => None,
            })
            .collect();
        for (parent, child) in pairs {
            if let Some(made) = self.made.get_mut(child) {
                *made = true;
            }
            let (a, b) = (self.root(parent), self.root(child));
            let (low, high) = (a.min(b), a.max(b));
            if let Some(place) = self.group.get_mut(high) {
                *place = low;
            }
        }
        for index in 0..self.group.len() {
            let root = self.root(index);
            if let Some(place) = self.group.get_mut(index) {
                *place = root;
            }
        }
    }

    fn root(&self, index: usize) -> usize {
        let mut root = index;
        // Groups are named by their lowest index, so this goes down and ends.
        while let Some(next) = self.group.get(root).filter(|next| **next < root) {
            root = *next;
        }
        root
    }

    fn message(&self, group: &Group, by_key: bool) -> Option<Message> {
        let members = &group.members;
        let notices: Vec<&Group> =
            group.notices.iter().filter_map(|index| self.groups.get(*index)).collect();
        let all = || {
            let of_notices = notices.iter().flat_map(|notice| &notice.members);
            members.iter().chain(of_notices).filter_map(|index| self.stories.get(*index))
        };
        let found = !by_key || all().any(|story| !story.found_by.is_empty());
        if !found || !all().any(|story| story.selected) {
            return None;
        }
        let mut message = Message::default();
        for kind in all().flat_map(|story| &story.found_by) {
            if !message.found_by.contains(kind) {
                message.found_by.push(*kind);
            }
        }
        message.found_by.sort_unstable();
        self.facts(members, &mut message);
        let mut steps: Vec<(u64, &Step, (usize, usize))> = Vec::new();
        for index in members.iter().chain(notices.iter().flat_map(|notice| &notice.members)) {
            if let Some(story) = self.stories.get(*index) {
                message.steps_left_out += story.steps_left_out;
                let each = story.steps.iter().enumerate();
                steps.extend(each.map(|(at, (order, step))| (*order, step, (*index, at))));
            }
        }
        steps.sort_by_key(|(order, _, _)| *order);
        let places: HashMap<(usize, usize), usize> =
            steps.iter().enumerate().map(|(at, (_, _, place))| (*place, at)).collect();
        message.steps = steps.iter().map(|(_, step, _)| (*step).clone()).collect();
        let (recipients, left_out, untried) = self.recipients(members, &places);
        message.recipients = recipients;
        message.recipients_left_out = left_out;
        message.recipients_untried = untried;
        for notice in &notices {
            let (recipients, _, _) = self.recipients(&notice.members, &places);
            let first = notice.members.first().and_then(|index| self.stories.get(*index));
            message.notifications.push(Notice {
                queue_id: first.map(|story| story.queue_id.clone()).unwrap_or_default(),
                what: notice.what,
                recipients,
            });
        }
        self.missing(group, &mut message);
        Some(message)
    }

    /// Where the message came from: of the first story that nothing was made into, then of the others.
    fn facts(&self, members: &[usize], message: &mut Message) {
        let made = |index: &usize| self.made.get(*index).copied().unwrap_or(false);
        let mut ordered = members.to_vec();
        ordered.sort_by_key(|index| (made(index), *index));
        let own = |text: Option<&str>| text.map(str::to_owned);
        for (n, index) in ordered.iter().enumerate() {
            let Some(story) = self.stories.get(*index) else { continue };
            message.queue_ids.push(story.queue_id.clone());
            let finished = story.finished.as_ref();
            let envelope: Option<&Envelope> = finished.and_then(|f| f.envelope.as_ref());
            if n == 0 {
                message.host.clone_from(&story.host);
                message.mta = story.mta;
                message.notification = finished.is_some_and(|f| f.notification);
                let born = finished.is_some_and(|f| f.born);
                message.entrance = finished.filter(|_| born).map(|f| f.entrance);
                message.arrived = envelope.and_then(Envelope::arrived).filter(|_| born);
                message.user = own(envelope.and_then(Envelope::user));
                message.client_name = own(envelope.and_then(Envelope::client_name));
                message.client_address = own(envelope.and_then(Envelope::client));
                message.size = finished.map(|f| f.size).filter(|size| *size > 0);
                // A notification's first line may be the one that names it.
                if message.arrived.is_none() && born {
                    message.arrived = story.steps.iter().find_map(|(_, step)| step.time);
                }
            }
            let sender = own(envelope.and_then(Envelope::sender));
            message.sender = message.sender.take().or(sender);
            let id = own(envelope.and_then(Envelope::message_id));
            message.message_id = message.message_id.take().or(id);
        }
    }

    fn recipients(
        &self,
        members: &[usize],
        places: &HashMap<(usize, usize), usize>,
    ) -> (Vec<Recipient>, u64, u64) {
        let mut all = Vec::<Recipient>::new();
        let mut by_address = HashMap::<String, usize>::new();
        let (mut left_out, mut untried) = (0, 0);
        // Whoever was handed over is told of where the content filter brought it.
        let brought_back = members.iter().any(|index| {
            self.made.get(*index).copied().unwrap_or(false)
                && self.stories.get(*index).is_some_and(|story| !story.recipients().is_empty())
        });
        for index in members {
            let Some(story) = self.stories.get(*index) else { continue };
            let (more, never) = story.unnamed();
            left_out += more;
            untried += never;
            for mut recipient in story.recipients() {
                if brought_back && recipient.fate == Fate::HandedOver {
                    continue;
                }
                recipient.decided_by =
                    recipient.decided_by.and_then(|step| places.get(&(*index, step)).copied());
                let key = recipient.address.to_ascii_lowercase();
                if let Some(known) = by_address.get(&key).and_then(|at| all.get_mut(*at)) {
                    known.tries += recipient.tries;
                    known.first = known.first.or(recipient.first);
                    known.last = recipient.last.or(known.last);
                    known.fate = recipient.fate;
                    known.decided_by = recipient.decided_by.or(known.decided_by);
                } else {
                    by_address.insert(key, all.len());
                    all.push(recipient);
                }
            }
        }
        (all, left_out, untried)
    }

    fn missing(&self, group: &Group, message: &mut Message) {
        let mut missing = group.missing.clone();
        if message.entrance.is_none() {
            missing.push(Missing::Arrival);
        }
        let waiting = message.recipients_untried > 0
            || message.recipients.iter().any(|r| matches!(r.fate, Fate::Queued | Fate::Held));
        let mut ended_early = false;
        for story in group.members.iter().filter_map(|index| self.stories.get(*index)) {
            match story.end() {
                End::InputEnded => ended_early = true,
                End::Superseded => missing.push(Missing::IdUsedAgain),
                End::TimedOut => missing.push(Missing::Silent),
                _ => {}
            }
        }
        if ended_early && (waiting || message.recipients.is_empty()) {
            missing.push(Missing::StillQueued);
        }
        if message.recipients.iter().any(|r| r.fate == Fate::Unknown) {
            missing.push(Missing::Outcome);
        }
        missing.sort_unstable();
        missing.dedup();
        message.missing = missing;
    }
}
