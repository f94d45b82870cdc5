//! The cleanup server: Message-ID, what header and body patterns and milters decided about a message, and
//! transactions that left none.
//!
//! A refusal has no reply code here: cleanup tells smtpd, and smtpd answers. For header and body patterns with
//! an enhanced code of class 5 that answer is always 550 (releases 2.3 to 3.11).

use super::super::near::cut_once;
use super::super::token::peer;
use super::access::{Access, Meaning, access_event, cut_access, implied, meaning_of, without_code};
use super::context::{parse_context, split_context};
use super::delivery::{Agent, parse_delivery, parse_message_status};
use super::line::{parse_any, parse_queue_id, parse_severity, trouble};
use crate::event::{Action, Closing, Content, Defect, Event, Kind, Note};
use crate::smtp::{Direction, Disposition, Origin, Stage};

/// Reads a line of `cleanup`.
pub(super) fn parse_cleanup(text: &str) -> Content<'_> {
    if let Some((severity, text)) = parse_severity(text) {
        return parse_refused(text).unwrap_or_else(|| trouble(severity, text));
    }
    match parse_queue_id(text) {
        // Nearly always: made where it is wanted, not moved out of an `Option`.
        Some((queue_id, rest)) => match rest.strip_prefix("message-id=") {
            Some(id) => message_id(queue_id, id),
            None => parse_with_id(queue_id, rest).unwrap_or_else(|| parse_any(text)),
        },
        None => parse_any(text),
    }
}

/// A line with a queue id.
pub(super) fn parse_with_id<'a>(queue_id: Option<&'a str>, text: &'a str) -> Option<Content<'a>> {
    if let Some(id) = text.strip_prefix("message-id=") {
        return Some(message_id(queue_id, id));
    }
    if text.starts_with("resent-message-id=") {
        return Some(Content::Quiet);
    }
    if let Some(rest) = text.strip_prefix("to=") {
        return Some(parse_delivery(Agent::Relayed, queue_id, rest));
    }
    if let Some(rest) = text.strip_prefix("status=") {
        return Some(parse_message_status(queue_id, rest));
    }
    if text == "canceled" || text.starts_with("removed") {
        return Some(match queue_id {
            Some(queue_id) => Content::Note(Note::Closed { queue_id, how: Closing::Cancelled }),
            None => Content::Quiet,
        });
    }
    let (action, rest) = cut_once(text, ": ")?;
    if let Some(what) = action.strip_prefix("milter-") {
        if let Some(action) = what.strip_prefix("header-").or_else(|| what.strip_prefix("body-")) {
            return Some(by_pattern(meaning_of(action)?, queue_id, rest));
        }
        return Some(by_milter(meaning_of(action)?, queue_id, rest));
    }
    Some(by_pattern(meaning_of(action)?, queue_id, rest))
}

/// `message-id=<ID>` (C-1): any text, brackets or not. `<>` is a message that has none.
fn message_id<'a>(queue_id: Option<&'a str>, id: &'a str) -> Content<'a> {
    let inner = id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or(id);
    match queue_id {
        Some(queue_id) if !inner.is_empty() => {
            Content::Note(Note::MessageId { queue_id, id: inner })
        }
        _ => Content::Quiet,
    }
}

/// `STAGE from PEER: TEXT; CONTEXT` (C-3, C-4). The reply code is cut off TEXT.
fn by_milter<'a>(meaning: Meaning, queue_id: Option<&'a str>, text: &'a str) -> Content<'a> {
    let Meaning::Report(decision) = meaning else { return Content::Quiet };
    let Some(parts) = cut_access(text) else { return Content::Malformed(Defect::Cut) };
    let mut event = access_event(decision, queue_id, &parts);
    without_code(&mut event);
    // Postfix's own replies for a milter that gives none.
    event.implied_code = match event.text {
        "5.7.1 Command rejected" => implied(550),
        "4.7.1 Service unavailable - try again later" => implied(451),
        "4.7.0 Server closing connection" => implied(421),
        _ => None,
    };
    Content::Event(event)
}

/// `CLS CONTENT from ORIGIN; CONTEXT[: TEXT]` (C-2, C-5) and `mime-error TEXT: CONTENT from ORIGIN; CONTEXT`
/// (C-6).
fn by_pattern<'a>(meaning: Meaning, queue_id: Option<&'a str>, text: &'a str) -> Content<'a> {
    let Meaning::Report(decision) = meaning else { return Content::Quiet };
    let is_body = text.starts_with("body ");
    let parts = cut_pattern(text).unwrap_or_else(|| {
        // Before release 2.0 no origin was logged.
        let (words, context) = split_context(text);
        Access { stage: None, peer: None, words, context }
    });
    let decision = match decision.kind {
        Kind::Reject if is_body => decision.by(Action::BodyReject),
        Kind::Reject => decision.by(Action::HeaderReject),
        _ => decision,
    };
    let mut event = access_event(decision, queue_id, &parts);
    event.stage = Some(Stage::EndOfData);
    without_code(&mut event);
    let comes_by_smtp = event.client.is_some();
    if decision.kind == Kind::Reject
        && comes_by_smtp
        && event.enhanced.is_some_and(|enhanced| enhanced.class() == 5)
    {
        event.implied_code = implied(550);
    }
    Content::Event(event)
}

/// The origin is the last ` from ORIGIN;`: what stands before is a header of a stranger. The words are the
/// text behind the context, or the content where the table has none.
fn cut_pattern(text: &str) -> Option<Access<'_>> {
    let mut end = text.len();
    loop {
        let at = memchr::memmem::rfind(text.get(..end)?.as_bytes(), b" from ")?;
        end = at;
        let content = text.get(..at)?;
        let origin = text.get(at + " from ".len()..)?;
        let (rest, peer) = if let Ok((rest, peer)) = peer(origin) {
            (rest, Some(peer))
        } else if let Some(rest) =
            origin.strip_prefix("local").or_else(|| origin.strip_prefix("unknown"))
        {
            (rest, None)
        } else {
            continue;
        };
        let Some(rest) = rest.strip_prefix(';') else { continue };
        let (behind, context) = parse_context(rest.strip_prefix(' ').unwrap_or(rest));
        let words = match behind.strip_prefix(": ") {
            Some(words) if !words.is_empty() => words,
            _ => content,
        };
        return Some(Access { stage: None, peer, words, context });
    }
}

/// Warnings that mean that the message was not taken (C-8). Whether an SMTP client hears a reply depends on
/// how the message came, so none is implied.
fn parse_refused(text: &str) -> Option<Content<'_>> {
    let (queue_id, rest) = parse_queue_id(text)?;
    let refused = rest.starts_with("message rejected: ")
        || rest.ends_with(" -- message not accepted, try again later")
        || rest == "queue file size limit exceeded";
    if !refused {
        return None;
    }
    let mut event = Event::new(Kind::Reject, Direction::Inbound, Origin::Ours, rest);
    event.action = Some(Action::Reject);
    event.stage = Some(Stage::EndOfData);
    event.disposition = Some(Disposition::Rejected);
    event.queue_id = queue_id;
    Some(Content::Event(event))
}
