//! Attempts to deliver: who was tried, what failed and why, what became of it, and whose mail it was.

use super::course::{Cell, Seconds, Who};
use super::names::{NOBODY, Names};
use super::watch::{FIRST_ROW, Key, Origin, Watcher, Weight};
use crate::classify::{CauseId, Verdict};
use crate::correlate::{Bearing, Correlator, Novelty, Slot};
use crate::event::Event;
use crate::record::{Findings, Record};
use crate::smtp::{Direction, Disposition, ReplyCode, domain_of, site_of};
use crate::summary::Seen;

/// Receiving domains whose provider is remembered, for failures that name no host.
const MOST_HOMES: usize = 28 << 10;

/// Mail that was tried before and came so many seconds ago is that of another hour: long enough for what a receiver
/// puts off at first, as greylisting does, to come again.
const WAITED: Seconds = 3600;

/// Whether a recipient had failed before at all.
const fn is_row(row: u16) -> bool {
    row >= FIRST_ROW && row < u16::MAX
}

impl Watcher {
    /// An attempt that went well.
    pub fn delivered(
        &mut self,
        record: &Record<'_>,
        event: &Event<'_>,
        bearing: &Bearing,
        correlator: &Correlator,
    ) {
        if self.now == 0 || bearing.handed_over {
            return;
        }
        let Some(slot) = bearing.slot.map(|slot| correlator.root_of(slot)) else { return };
        let origin = self.origin(slot);
        if event.direction == Direction::Outbound {
            self.first_try(slot, origin);
            let peer = self.peer_of(event, record, false);
            if peer != NOBODY {
                let key = Key::Traffic { peer };
                if record.provider.is_some() || self.course_mut(key).is_some() {
                    let weight = Weight { lines: record.count, messages: 1, recipients: 0 };
                    self.count(key, weight, self.now);
                }
                if record.provider.is_some() {
                    self.remember_home(event, record, peer);
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
            if let Some(share) = self.whole.now_mut() {
                share.demand = share.demand.saturating_add(1);
            }
        }
    }

    /// What became of a recipient that failed before, where it failed. The message's last failure may have been another
    /// recipient's with another cause: then it is that of its course before.
    fn settle(&mut self, row: u16, peer: u32, origin: Origin, change: impl Fn(&mut Cell)) {
        let class = origin.class;
        for key in [Key::Peer { row, peer, class }, Key::Everywhere { row }] {
            if let Some(course) = self.course_mut(key)
                && let Some(cell) = course.series.before(origin.failed)
            {
                change(cell);
            }
        }
    }

    fn count_for_user(&mut self, origin: Origin, delivered: u32, bounced: u32) {
        if origin.user == NOBODY || origin.arrived == 0 {
            return;
        }
        let now = self.now;
        if let Some(course) = self.course_mut(Key::User { user: origin.user })
            && let Some(cell) = course.series.known(origin.arrived)
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
        if let Some(index) = self.place_of(Key::User { user: origin.user })
            && let Some((_, course)) = self.courses.get_mut(index)
        {
            let block = self.room.block(course, origin.arrived);
            block.top_mut(Who::Code).add(code, 1);
            block.top_mut(Who::Detail).add(cause, 1);
        }
    }

    pub(super) fn attempt(
        &mut self,
        record: &Record<'_>,
        event: &Event<'_>,
        bearing: &Bearing,
        (row, verdict, novelty): (u16, &Verdict, Novelty),
        correlator: &Correlator,
    ) {
        self.name_row(row, event.direction, verdict.cause);
        let peer = self.peer_of(event, record, true);
        let slot = bearing.slot.map(|slot| correlator.root_of(slot));
        let origin = slot.map(|slot| self.origin(slot)).unwrap_or_default();
        let outbound = event.direction == Direction::Outbound;
        if let Some(slot) = slot
            && outbound
        {
            self.first_try(slot, origin);
        }
        let gone = matches!(
            event.disposition,
            Some(Disposition::Bounced | Disposition::Expired | Disposition::Discarded)
        );
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
        let early = self.now < self.whole.first.saturating_add(3600);
        let old = origin.arrived == 0 && (self.born || early);
        let fresh = Weight {
            lines: record.count,
            messages: if old { 0 } else { u32::from(novelty.message) },
            recipients: if old { 0 } else { u32::try_from(novelty.recipients).unwrap_or(u32::MAX) },
        };
        // Counted as demand at its first attempt, hours ago.
        let (known, came) = (origin.arrived > 0, origin.arrived);
        let waited = known && origin.tried && self.now >= came.saturating_add(WAITED);
        let of_now = if waited { 0 } else { fresh.messages };
        let first_failure = !bearing.before.iter().any(|before| is_row(*before));
        let lost = u32::from(gone && first_failure && !old);
        let domain = self.receiver(event, record.prepared.map(|prepared| prepared.found));
        let detail = verdict.detail.as_deref().map_or(NOBODY, |name| self.names.number(name));
        let class = event.code.map_or(0, ReplyCode::class);
        let seen = Seen::of(record, event);
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
            self.tell(index, (&seen, record.count), names);
            if let Some((_, course)) = self.courses.get_mut(index) {
                let cell = course.series.at(self.now).0;
                cell.bounced += lost;
                cell.waited += fresh.messages - of_now;
                cell.vote(origin.user, fresh.lines, of_now);
            }
        }
        if let Some(slot) = slot {
            let now = self.now;
            let origin = self.origin_mut(slot);
            (origin.failed, origin.class) = (now, class);
        }
    }

    /// The receiver: its provider, else the site of its host, else the provider that the domain was delivered to
    /// before, else the domain.
    fn peer_of(&mut self, event: &Event<'_>, record: &Record<'_>, make: bool) -> u32 {
        if let Some(provider) = record.provider {
            return self.provider(provider);
        }
        let found = record.prepared.map(|prepared| prepared.found);
        let host = event.relay.and_then(|relay| relay.name());
        let host = host.filter(|host| *host != "none");
        let outbound = event.direction == Direction::Outbound;
        let site = |host| if outbound { site_of(host) } else { host };
        let hash = match (host, found) {
            (Some(_), Some(found)) if outbound => found.site,
            (Some(host), _) => self.names.hash_of(site(host)),
            (None, _) => {
                let hash = self.receiving(event, found);
                match self.homes.get(&hash) {
                    Some(peer) => return *peer,
                    None if make => hash,
                    None => return NOBODY,
                }
            }
        };
        match self.names.known(hash) {
            Some(number) => number,
            None if make => self.names.number_of(host.map_or_else(|| domain(event), site), hash),
            None => NOBODY,
        }
    }

    fn remember_home(&mut self, event: &Event<'_>, record: &Record<'_>, peer: u32) {
        let hash = self.receiving(event, record.prepared.map(|prepared| prepared.found));
        if hash == 0 {
            return;
        }
        let room = self.homes.len() < MOST_HOMES;
        match self.homes.get_mut(&hash) {
            Some(home) => *home = peer,
            None if room => {
                self.homes.insert(hash, peer);
            }
            None => {}
        }
    }

    /// The number of the recipient's domain.
    pub(super) fn receiver(&mut self, event: &Event<'_>, found: Option<&Findings>) -> u32 {
        let hash = self.receiving(event, found);
        self.names.known(hash).unwrap_or_else(|| self.names.number_of(domain(event), hash))
    }

    /// The hash of the recipient's domain; 0 where there is none.
    fn receiving(&self, event: &Event<'_>, found: Option<&Findings>) -> u64 {
        found.map_or_else(|| hash_of_domain(&self.names, event), |found| found.domain.hash)
    }
}

/// The recipient's domain.
fn domain<'a>(event: &Event<'a>) -> &'a str {
    event.recipient.and_then(domain_of).unwrap_or("")
}

fn hash_of_domain(names: &Names, event: &Event<'_>) -> u64 {
    event.recipient.and_then(domain_of).map_or(0, |name| names.hash_of(name))
}
