//! A queue that only grows: more comes in than goes out, for hours.
//!
//! Deferred mail adds to a queue for days in every log, so the level alone tells nothing. What counts is the share of
//! the mail of a time that is still there at its end, of which an ordinary queue keeps a few percent.

use super::course::Seconds;
use super::find::Frame;
use super::kind::Kind;
use super::watch::Watcher;
use super::whole::Share;
use super::{Incident, time};
use crate::smtp::Direction;

/// The queue must have grown for so long,
const LEAST_SECONDS: u32 = 2 * 3600;
/// by so many messages,
const LEAST_MESSAGES: u32 = 100;
/// which are this share of what came in at the same time.
const LEAST_KEPT: f64 = 0.6;

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
        going_on: frame.last.saturating_sub(until) <= 1800.max(watcher.whole.length()),
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

/// The time in which the queue kept most above [`LEAST_KEPT`] of what came in: begin, end, how many messages more at
/// its end, and how many came in. A stretch of greatest sum (Bentley, 1984) over the steps.
fn growth(watcher: &Watcher) -> Option<(Seconds, Seconds, u32, u32)> {
    let length = watcher.whole.length();
    let mut cells: Vec<(Seconds, Share)> = watcher.whole.shares().map(|(t, s)| (t, *s)).collect();
    // A share learns its level when the next one begins.
    cells.last_mut()?.1.level = watcher.level;
    let (mut sum, mut best, mut start) = (0.0, 0.0, 0);
    let mut found = None;
    for (index, pair) in cells.windows(2).enumerate() {
        let [(_, before), (_, share)] = pair else { break };
        let more = f64::from(share.level) - f64::from(before.level);
        if sum <= 0.0 {
            (sum, start) = (0.0, index);
        }
        sum += more - LEAST_KEPT * f64::from(share.came);
        if sum > best {
            best = sum;
            found = Some((start, index + 1));
        }
    }
    let (low, high) = found?;
    let ((begin, first), (end, last)) = (cells.get(low)?, cells.get(high)?);
    let kept = last.level.saturating_sub(first.level);
    let came: u32 = cells.get(low + 1..=high)?.iter().map(|(_, share)| share.came).sum();
    let from = begin.saturating_add(length);
    let until = end.saturating_add(length).min(watcher.whole.last);
    (kept >= LEAST_MESSAGES && until.saturating_sub(from) >= LEAST_SECONDS)
        .then_some((from, until, kept, came))
}
