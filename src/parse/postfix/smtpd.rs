//! The SMTP server: arrivals (`client=`), decisions (see `access.rs`), sessions that it ended (see
//! `turned_away.rs`), and the lines that say nothing we use: connections, TLS, statistics.

use super::super::token::{peer, value};
use super::access::{Meaning, meaning_of, parse_access, parse_proxy_reject};
use super::line::{is_tls_line, parse_any, parse_queue_id, trouble};
use super::turned_away::{parse_ended_session, parse_turned_away};
use crate::event::{Arrival, Content, Defect, Entrance, Event, Note, Severity};

/// Reads a line of `smtpd`.
pub(super) fn parse_smtpd(text: &str) -> Content<'_> {
    match text.as_bytes().first() {
        Some(b'c' | b'd') if is_connection(text) => return Content::Quiet,
        Some(b'w') => {
            if let Some(text) = text.strip_prefix("warning: ") {
                return parse_turned_away(text).unwrap_or_else(|| trouble(Severity::Warning, text));
            }
        }
        Some(b'p') => {
            if let Some(rest) = text.strip_prefix("proxy-reject: ") {
                return parse_proxy_reject(rest);
            }
            if text.starts_with("proxy-accept: ") {
                return Content::Quiet;
            }
        }
        _ => {}
    }
    if let Some((queue_id, rest)) = parse_queue_id(text) {
        // Nearly always: made where it is wanted, not moved out of an `Option`.
        if let Some(rest) = rest.strip_prefix("client=") {
            return parse_client(queue_id, rest);
        }
        if let Some(content) = parse_with_id(queue_id, rest) {
            return content;
        }
    }
    // Releases before 2.1 put no `NOQUEUE` before their decisions.
    if let Some(content) = parse_decision(None, text) {
        return content;
    }
    if let Some(content) = parse_ended_session(None, text) {
        return content;
    }
    if is_tls_line(text) || is_noise(text) || text.starts_with("client=") {
        Content::Quiet
    } else {
        parse_any(text)
    }
}

/// `connect from PEER`, `disconnect from PEER …`, `discarding EHLO keywords: …`.
fn is_connection(text: &str) -> bool {
    text.starts_with("connect from ")
        || text.starts_with("disconnect from ")
        || text.starts_with("discarding EHLO keywords")
}

fn is_noise(text: &str) -> bool {
    text.starts_with("improper command pipelining after ")
        || text.starts_with("mapping DSN status ")
        || text.starts_with("reply filter ")
        || text.starts_with("replacing command ")
        || text.starts_with("sql auxprop plugin ")
        || text.contains(": replacing command ")
        || text.contains(": reply filter ")
}

/// A line with a queue id or `NOQUEUE`.
pub(super) fn parse_with_id<'a>(queue_id: Option<&'a str>, text: &'a str) -> Option<Content<'a>> {
    if let Some(rest) = text.strip_prefix("client=") {
        return Some(parse_client(queue_id, rest));
    }
    if let Some(content) = parse_decision(queue_id, text) {
        return Some(content);
    }
    if text.starts_with("reply filter ") {
        return Some(Content::Quiet);
    }
    parse_ended_session(queue_id, text)
}

/// A refusal whose head somebody has cut off: `milter-reject: END-OF-MESSAGE from PEER: …`.
pub(in crate::parse) fn parse_cut_decision(text: &str) -> Option<Event<'_>> {
    match parse_decision(None, text)? {
        Content::Event(event) if event.client.is_some() => Some(event),
        _ => None,
    }
}

/// `ACTION: STAGE from PEER: …`.
fn parse_decision<'a>(queue_id: Option<&'a str>, text: &'a str) -> Option<Content<'a>> {
    let end = text.bytes().take(20).position(|b| b == b':')?;
    let (action, rest) = text.split_at_checked(end)?;
    let Meaning::Report(decision) = meaning_of(action)? else { return Some(Content::Quiet) };
    match rest.strip_prefix(": ") {
        // A-4 with `NOQUEUE` before it, as some releases write it.
        Some(rest)
            if action == "proxy-reject"
                && rest.split_once(": ").is_some_and(|(stage, _)| !stage.contains(' ')) =>
        {
            Some(parse_proxy_reject(rest))
        }
        Some(rest) => Some(parse_access(decision, queue_id, rest)),
        None => Some(Content::Malformed(Defect::Cut)),
    }
}

/// `client=PEER[, sasl_method=M][, sasl_username=U][, sasl_sender=S][, orig_queue_id=Q][, orig_client=P]`
/// . Without a queue id a before-queue filter will have the mail; its own smtpd tells of the arrival.
fn parse_client<'a>(queue_id: Option<&'a str>, text: &'a str) -> Content<'a> {
    let Some(queue_id) = queue_id else { return Content::Quiet };
    let (mut rest, client) = match peer(text) {
        Ok((rest, peer)) => (rest, Some(peer.client())),
        Err(_) => (value(text).map_or("", |(rest, _)| rest), None),
    };
    let mut arrival = Arrival { queue_id, client, by: Entrance::Smtp, ..Arrival::default() };
    while let Some(field) = rest.strip_prefix(", ") {
        rest = next_field(field);
        let field = field.get(..field.len() - rest.len()).unwrap_or(field);
        if let Some(user) = field.strip_prefix("sasl_username=") {
            arrival.sasl_user = (!user.is_empty()).then_some(user);
        } else if let Some(parent) = field.strip_prefix("orig_queue_id=") {
            arrival.parent = (!parent.is_empty()).then_some(parent);
        }
    }
    Content::Note(Note::Arrival(arrival))
}

/// Where the next field begins: a login may hold `, ` of its own.
fn next_field(text: &str) -> &str {
    let mut from = 0;
    while let Some(step) = text.get(from..).and_then(|t| memchr::memchr(b',', t.as_bytes())) {
        let at = from + step;
        from = at + 1;
        let Some(rest) = text.get(at..) else { break };
        if rest.starts_with(", sasl_") || rest.starts_with(", orig_") {
            return rest;
        }
    }
    ""
}
