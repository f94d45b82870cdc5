//! The SMTP and LMTP client besides its delivery lines: what a server said, or that it could not be reached,
//! while delivery goes on at another one (S-1 to S-5), and lines about sessions that say nothing we use.

use super::delivery::{Agent, parse_delivery, parse_message_status};
use super::line::{is_tls_line, parse_any, parse_queue_id, parse_severity, trouble};
use super::reason::{Reason, parse_failure};
use crate::event::{Content, Event, Kind};
use crate::smtp::Direction;

/// Reads a line of `smtp` or `lmtp`.
pub(super) fn parse_client(agent: Agent, text: &str) -> Content<'_> {
    if let Some((queue_id, rest)) = parse_queue_id(text) {
        // Nearly always: made where it is wanted, not moved out of an `Option`.
        if let Some(rest) = rest.strip_prefix("to=") {
            return parse_delivery(agent, queue_id, rest);
        }
        return parse_with_id(agent, queue_id, rest).unwrap_or_else(|| parse_any(text));
    }
    if text.starts_with("connect to ")
        && let Some(content) = in_passing(agent, None, text)
    {
        return content;
    }
    if is_tls_line(text) || is_noise(text) {
        return Content::Quiet;
    }
    match parse_severity(text) {
        // S-5: XFORWARD was refused; mail goes on without.
        Some((severity, text)) => text
            .strip_prefix("host ")
            .and_then(|_| in_passing(agent, None, text))
            .unwrap_or_else(|| trouble(severity, text)),
        None => parse_any(text),
    }
}

/// A line with a queue id.
pub(super) fn parse_with_id<'a>(
    agent: Agent,
    queue_id: Option<&'a str>,
    text: &'a str,
) -> Option<Content<'a>> {
    if let Some(rest) = text.strip_prefix("status=") {
        return Some(parse_message_status(queue_id, rest));
    }
    if is_noise_about_a_message(text) {
        return Some(Content::Quiet);
    }
    in_passing(agent, queue_id, text)
}

/// One server's reply or failure, and no outcome yet.
pub(super) fn in_passing<'a>(
    agent: Agent,
    queue_id: Option<&'a str>,
    text: &'a str,
) -> Option<Content<'a>> {
    let Reason { reply, text, origin, stage, relay, .. } =
        parse_failure(text.strip_prefix("Protocol error: ").unwrap_or(text))?;
    let direction = if agent == Agent::Lmtp { Direction::Local } else { Direction::Outbound };
    let mut event = Event::new(Kind::HostReply, direction, origin, text);
    if let Some(reply) = reply {
        event.set_reply(reply);
    }
    event.stage = stage;
    event.relay = relay;
    event.queue_id = queue_id;
    Some(Content::Event(event))
}

/// S-8, S-9, S-12.
fn is_noise_about_a_message(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'e') => text.starts_with("enabling PIX "),
        Some(b'b') => text.starts_with("breaking line "),
        Some(b'd') => text.starts_with("discarding EHLO keywords"),
        Some(b'p') => text.starts_with("passing ") || is_header_check(text, "prepend: "),
        Some(b'w') => is_header_check(text, "warning: "),
        Some(b'r') => is_header_check(text, "replace: "),
        Some(b's') => is_header_check(text, "strip: "),
        Some(b'i') => is_header_check(text, "ignore: ") || is_header_check(text, "info: "),
        Some(b'S') => {
            text.starts_with("Sender requested REQUIRETLS, but ")
                && text.contains(" not offered by host ")
        }
        _ => false,
    }
}

/// `ACTION: header TEXT` of `smtp_header_checks` and its like.
fn is_header_check(text: &str, action: &str) -> bool {
    text.strip_prefix(action).is_some_and(|rest| {
        rest.starts_with("header ")
            || rest.starts_with("body ")
            || rest.starts_with("nested ")
            || rest.starts_with("mime ")
    })
}

/// S-8 and S-10: both strings of a replaced reply hold codes, and neither is an outcome.
fn is_noise(text: &str) -> bool {
    text.starts_with("discarding EHLO keywords")
        || text.contains(": replacing server reply \"")
        || text.contains(": reusing ")
        || text.contains(": re-using session ")
}
