//! A queue that only grows: more comes in than goes out, for hours.
//!
//! Deferred mail adds to a queue for days in every log, so the level alone tells nothing. What counts is the share of
//! the mail of a time that is still there at its end, of which an ordinary queue keeps a few percent.

use super::course::Seconds;
use super::find::Frame;
use super::kind::Kind;
use super::watch::Watcher;
use super::{Incident, time};
use crate::smtp::Direction;

/// The queue must have grown for so long,
const LEAST_SECONDS: u32 = 2 * 3600;
/// by so many messages,
const LEAST_MESSAGES: u32 = 100;
/// which are this share of what came in at the same time,
const LEAST_KEPT: f64 = 0.6;
/// and at most this part of the growth may be lost again on the way.
const MOST_BACK: u32 = 5;

/// Adds the growth of the queue, unless an incident tells why.
pub(super) fn add(watcher: &Watcher, frame: &Frame, incidents: &mut Vec<Incident>) {
    let Some((from, until, kept, came)) = growth(watcher) else { return };
    let explained = incidents.iter().any(|incident| {
        let (since, end) = (incident.since.seconds(), incident.until.seconds());
        let outgoing = incident.direction != Direction::Inbound;
        let shared = end.min(i64::from(until)) - since.max(i64::from(from));
        let waits = incident.waiting.unwrap_or(0) + incident.recovered.unwrap_or(0);
        outgoing && shared * 2 > i64::from(until - from) && waits * 2 >= u64::from(kept)
    });
    if explained {
        return;
    }
    incidents.push(Incident {
        kind: Kind::QueueGrowth,
        direction: Direction::Local,
        cause: None,
        details: Vec::new(),
        codes: Vec::new(),
        peer: None,
        peers: Vec::new(),
        domains: Vec::new(),
        senders: Vec::new(),
        clients: Vec::new(),
        users: Vec::new(),
        since: time(from),
        until: time(until),
        going_on: frame.last.saturating_sub(until) <= 1800.max(watcher.width),
        lines: 0,
        messages: Some(u64::from(came)),
        recipients: None,
        recovered: None,
        bounced: None,
        waiting: Some(u64::from(kept)),
        share: Some(f64::from(kept) / f64::from(came.max(1))),
        events: f64::from(kept),
        expected: 0.0,
        score: 0.0,
        harm: 2.0 * f64::from(kept),
        first: None,
        last: None,
    });
}

/// The longest climb: begin, end, how many messages more at its end, and how many came in.
fn growth(watcher: &Watcher) -> Option<(Seconds, Seconds, u32, u32)> {
    let cells = watcher.queue.cells();
    let width = watcher.width;
    let mut best: Option<(Seconds, Seconds, u32, u32)> = None;
    // A climb lasts until the queue falls back by a part of it; its end is its highest point.
    let (mut low, mut high) = (0, 0);
    for index in 0..=cells.len() {
        let level = |at: usize| cells.get(at).map_or(0, |cell| cell.lines);
        let climbed = level(high).saturating_sub(level(low));
        let over = index == cells.len()
            || level(high).saturating_sub(level(index)) * MOST_BACK > climbed.max(MOST_BACK);
        if over {
            let came: u32 =
                cells.get(low + 1..=high).unwrap_or(&[]).iter().map(|cell| cell.messages).sum();
            let (Some(first), Some(last)) = (cells.get(low), cells.get(high)) else { break };
            let from = first.step.saturating_add(1).saturating_mul(width);
            let until = last.step.saturating_mul(width);
            let enough = climbed >= LEAST_MESSAGES
                && f64::from(climbed) >= LEAST_KEPT * f64::from(came)
                && until.saturating_sub(from) >= LEAST_SECONDS;
            if enough && best.is_none_or(|(_, _, kept, _)| climbed > kept) {
                best = Some((from, until, climbed, came));
            }
            (low, high) = (index, index);
        } else if level(index) < level(low) {
            (low, high) = (index, index);
        } else if level(index) >= level(high) {
            high = index;
        }
    }
    best
}
