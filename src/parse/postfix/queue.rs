//! The life of a queue id outside delivery: `qmgr`, `pickup` (U-1), `bounce` (B-1 to B-3) and
//! `postsuper` (V-1).

use super::super::near::cut_once;
use super::super::token::{address, small, until_text};
use super::delivery::{Agent, parse_delivery, parse_expired, parse_message_status};
use super::line::{is_queue_id, parse_any, parse_queue_id, parse_quiet};
use crate::event::{Arrival, Closing, Content, Defect, Entrance, Note, Notification};

/// Reads a line of `qmgr`.
pub(super) fn parse_qmgr(text: &str) -> Content<'_> {
    let Some((queue_id, rest)) = parse_queue_id(text) else { return parse_any(text) };
    // Nearly always: made where it is wanted, not moved out of an `Option`.
    if let Some(id) = queue_id {
        if let Some(rest) = rest.strip_prefix("from=") {
            return parse_from(id, rest);
        }
        if rest.starts_with("removed") {
            return closed(queue_id, Closing::Done);
        }
    }
    parse_with_id(queue_id, rest).unwrap_or_else(|| parse_any(text))
}

/// A line of the queue manager with a queue id.
pub(super) fn parse_with_id<'a>(queue_id: Option<&'a str>, text: &'a str) -> Option<Content<'a>> {
    let content = match text.as_bytes().first()? {
        b'f' => parse_from(queue_id?, text.strip_prefix("from=")?),
        b'r' if text.starts_with("removed") => closed(queue_id, Closing::Done),
        b't' => parse_delivery(Agent::Relayed, queue_id, text.strip_prefix("to=")?),
        b's' => {
            if let Some(status) = text.strip_prefix("status=") {
                return Some(parse_message_status(queue_id, status));
            }
            text.starts_with("skipped, ").then_some(Content::Quiet)?
        }
        _ => return None,
    };
    Some(content)
}

fn closed(queue_id: Option<&str>, how: Closing) -> Content<'_> {
    match queue_id {
        Some(queue_id) => Content::Note(Note::Closed { queue_id, how }),
        None => Content::Quiet,
    }
}

/// `from=<S>, size=n, nrcpt=n (queue active)` or `from=<S>, status=expired, returned to sender`.
fn parse_from<'a>(queue_id: &'a str, text: &'a str) -> Content<'a> {
    const CUT: Content<'static> = Content::Malformed(Defect::Cut);
    let Ok((rest, sender)) = address(text) else { return CUT };
    let Some(rest) = rest.strip_prefix(", ") else { return CUT };
    let Some(rest) = rest.strip_prefix("size=") else {
        return match rest.strip_prefix("status=") {
            Some(status) => parse_expired(Some(queue_id), sender, status),
            None => CUT,
        };
    };
    let (rest, size) = match small::<u64>(rest) {
        Ok((rest, size)) => (rest, Some(size)),
        Err(_) => (rest, None),
    };
    let recipients = rest
        .strip_prefix(", nrcpt=")
        .and_then(|rest| small::<u32>(rest).ok())
        .map(|(_, recipients)| recipients);
    Content::Note(Note::Queued { queue_id, sender, size, recipients })
}

/// Reads a line of `pickup`: `qid: uid=n from=<S>[ orig_id=Q]` (U-1). The uid is not kept.
pub(super) fn parse_pickup(text: &str) -> Content<'_> {
    parse_queue_id(text)
        .and_then(|(queue_id, rest)| parse_submission(queue_id?, rest))
        .unwrap_or_else(|| parse_any(text))
}

/// `uid=n from=<S>[ orig_id=Q]` behind a queue id.
pub(super) fn parse_submission<'a>(queue_id: &'a str, text: &'a str) -> Option<Content<'a>> {
    let rest = text.strip_prefix("uid=")?;
    let sender = until_text(" from=")(rest).and_then(|(rest, _uid)| address(rest));
    let (sender, parent) = match sender {
        Ok((rest, sender)) => (Some(sender), rest.strip_prefix(" orig_id=")),
        Err(_) => (None, None),
    };
    Some(Content::Note(Note::Arrival(Arrival {
        queue_id,
        sender,
        parent,
        by: Entrance::Local,
        ..Arrival::default()
    })))
}

/// Reads a line of `bounce`, `defer` or `trace`.
pub(super) fn parse_bounce(text: &str) -> Content<'_> {
    let Some((queue_id, rest)) = parse_queue_id(text) else { return parse_any(text) };
    if let Some(queue_id) = queue_id
        && let Some(content) = parse_notification(queue_id, rest)
    {
        return content;
    }
    parse_with_id(queue_id, rest).unwrap_or_else(|| parse_any(text))
}

/// `sender non-delivery notification: QID2` (B-1) behind a queue id.
pub(super) fn parse_notification<'a>(queue_id: &'a str, text: &'a str) -> Option<Content<'a>> {
    let (what, child) = cut_once(text, " notification: ")?;
    let what = match what {
        "sender non-delivery" => Notification::NonDelivery,
        "sender delay" => Notification::Delay,
        "sender delivery status" | "sender success" => Notification::Status,
        _ if what.starts_with("postmaster ") => Notification::Postmaster,
        _ => return None,
    };
    // Collectors append text of their own.
    let child = child.split(' ').next().unwrap_or(child);
    if !is_queue_id(child) {
        return Some(Content::Malformed(Defect::Cut));
    }
    Some(Content::Note(Note::Notified { queue_id, child, what }))
}

/// Reads a line of `postsuper` (V-1). What it says about the whole queue is quiet.
pub(super) fn parse_postsuper(text: &str) -> Content<'_> {
    let Some((Some(queue_id), rest)) = parse_queue_id(text) else { return parse_quiet(text) };
    match rest {
        "removed" => Content::Note(Note::Closed { queue_id, how: Closing::Removed }),
        "placed on hold" => Content::Note(Note::Held { queue_id }),
        "released from hold" | "requeued" => Content::Note(Note::Released { queue_id }),
        _ => Content::Quiet,
    }
}
