//! Clients that smtpd turned away without writing its reply into the log: too many errors, silence, limits,
//! failed logins, words that are no SMTP. The reply is implied where Postfix has only one for the text.
//!
//! Source of the implied codes: the replies of `smtpd` of releases 2.3 to 3.11; RFC 4954 section 6 for logins.

use super::super::near::cut_last;
use super::super::token::{Peer, number, peer, until, until_text};
use super::access::{implied, stage_of};
use super::line::parse_queue_id;
use crate::event::{Action, Content, Event, Kind};
use crate::smtp::{Direction, Disposition, LineBreak, Origin, ReplyCode, Stage, parse_reply};
use nom::Parser;
use nom::bytes::complete::tag;
use nom::sequence::preceded;

/// Our refusal of a client that stands in no reply.
fn turned_away<'a>(
    kind: Kind,
    peer: Option<Peer<'a>>,
    stage: Option<Stage>,
    text: &'a str,
) -> Event<'a> {
    let mut event = Event::new(kind, Direction::Inbound, Origin::Ours, text);
    event.disposition = Some(Disposition::Rejected);
    event.client = peer.map(Peer::client);
    event.stage = stage;
    event
}

/// Reads `too many errors`, `timeout` and `lost connection after STAGE[ (N bytes)] from PEER`.
pub(super) fn parse_ended_session<'a>(
    queue_id: Option<&'a str>,
    text: &'a str,
) -> Option<Content<'a>> {
    let (kind, rest) = match text.as_bytes().first()? {
        b'l' if text.starts_with("lost connection after ") => return Some(Content::Quiet),
        b't' => match text.strip_prefix("timeout after ") {
            Some(rest) => (Kind::SessionTimeout, rest),
            None => (Kind::ProtocolViolation, text.strip_prefix("too many errors after ")?),
        },
        _ => return None,
    };
    let (behind, stage) = until_text(" from ")(rest).unwrap_or(("", rest));
    let stage = stage.split_once(" (").map_or(stage, |(stage, _)| stage);
    let stage = match kind {
        Kind::SessionTimeout => Some(Stage::Timeout),
        _ => stage_of(stage),
    };
    let client = peer(behind).ok().map(|(_, peer)| peer);
    let mut event = turned_away(kind, client, stage, text);
    event.queue_id = queue_id;
    event.implied_code = implied(421);
    Some(Content::Event(event))
}

/// Reads a warning of smtpd that means a refusal, behind `warning: `; `None` for other warnings.
pub(super) fn parse_turned_away(text: &str) -> Option<Content<'_>> {
    let event = match text.as_bytes().first()? {
        b'n' if text.starts_with("non-SMTP command from ") => {
            let client = text.strip_prefix("non-SMTP command from ").and_then(|t| peer(t).ok());
            // The reply was `221` for long and is `521` now.
            turned_away(
                Kind::ProtocolViolation,
                client.map(|(_, peer)| peer),
                Some(Stage::Other),
                text,
            )
        }
        b'I' if text.starts_with("Illegal address syntax from ") => illegal_address(text)?,
        b'C' | b'M' | b'N' | b'R' | b'A' if text.contains(" from ") => limit(text)?,
        b'p' if text.starts_with("proxy ") => proxy(text)?,
        // What a client's name resolves to is its affair, and comes in thousands.
        b'h' if text.starts_with("hostname ") => return Some(Content::Quiet),
        _ => match authentication(text) {
            Some(event) => event,
            None => {
                return queue_file_size(text)
                    .or_else(|| header_instead_of_command(text))
                    .or_else(|| address_not_listed(text));
            }
        },
    };
    Some(Content::Event(event))
}

/// `Illegal address syntax from PEER in CMD command: TEXT`: MAIL, RCPT and VRFY answer 501 to it.
fn illegal_address(text: &str) -> Option<Event<'_>> {
    let (rest, client) =
        preceded(tag::<_, _, ()>("Illegal address syntax from "), peer).parse(text).ok()?;
    let command = rest.strip_prefix(" in ").and_then(|rest| rest.split_once(" command"));
    let stage = command.and_then(|(command, _)| stage_of(command));
    let mut event = turned_away(Kind::ProtocolViolation, Some(client), stage, text);
    event.implied_code = implied(501);
    Some(event)
}

/// `LIMIT exceeded: N from PEER for service S`, and `Refusing STARTTLS request from PEER for …`. No
/// restriction decided, so these are no rejects; like `too many errors` they are about how a client behaves.
fn limit(text: &str) -> Option<Event<'_>> {
    if let Some(rest) = text.strip_prefix("Refusing STARTTLS request from ") {
        let client = peer(rest).ok().map(|(_, peer)| peer);
        return Some(limited(client, Stage::StartTls, 454, text));
    }
    let (rest, name) = until_text(" exceeded: ")(text).ok()?;
    let (stage, code) = match name {
        "Connection concurrency limit" | "Connection rate limit" => (Stage::Connect, 421),
        "New TLS session rate limit" => (Stage::StartTls, 421),
        "Message delivery request rate limit" => (Stage::Mail, 450),
        "Recipient address rate limit" => (Stage::Rcpt, 450),
        "AUTH command rate limit" => (Stage::Auth, 450),
        _ => return None,
    };
    let client = (number, preceded(tag::<_, _, ()>(" from "), peer)).parse(rest).ok();
    Some(limited(client.map(|(_, (_, peer))| peer), stage, code, text))
}

fn limited<'a>(client: Option<Peer<'a>>, stage: Stage, code: u16, text: &'a str) -> Event<'a> {
    let mut event = turned_away(Kind::LimitExceeded, client, Some(stage), text);
    event.implied_code = implied(code);
    event
}

/// `proxy NAME rejected "COMMAND": "REPLY"`: the filter's reply goes to the client as it is.
fn proxy(text: &str) -> Option<Event<'_>> {
    let (rest, _) = until_text(" rejected \"")(text).ok()?;
    let (reply, command) = until_text("\": \"")(rest).ok()?;
    let reply = reply.strip_suffix('"').unwrap_or(reply);
    let stage = match command {
        "." => Some(Stage::EndOfData),
        _ => stage_of(command.split([' ', ':']).next().unwrap_or(command)),
    };
    let mut event = turned_away(Kind::Reject, None, stage, text);
    event.action = Some(Action::ProxyReject);
    if let Some(reply) = parse_reply(reply, LineBreak::Space) {
        event.set_reply(reply);
    }
    let address = |name| {
        let (_, behind) = command.split_once(name)?;
        Some(super::super::token::angle(behind).ok()?.1)
    };
    event.recipient = address("RCPT TO:");
    event.sender = address("MAIL FROM:");
    Some(event)
}

/// `PEER: SASL METHOD authentication failed: REASON[, sasl_username=U]` and `… authentication aborted`
///
fn authentication(text: &str) -> Option<Event<'_>> {
    let (rest, client) = peer(text).ok()?;
    let rest = rest.strip_prefix(": SASL ")?;
    let (rest, _method) = until(b' ')(rest).ok()?;
    let rest = rest.strip_prefix("authentication ")?;
    let mut event = turned_away(Kind::AuthFailure, Some(client), Some(Stage::Auth), text);
    if let Some(rest) = rest.strip_prefix("failed") {
        let (reason, user) = match cut_last(rest, ", sasl_username=", b'_') {
            Some((reason, user)) => (reason, Some(user)),
            None => (rest, None),
        };
        event.sasl_user = user.filter(|user| !user.is_empty() && *user != "(unavailable)");
        event.implied_code = implied_by_login(reason);
    } else if rest.starts_with("aborted") {
        event.implied_code = implied(501);
    } else {
        return None;
    }
    Some(event)
}

/// 535, or 454 where the words say that the back end did not answer.
fn implied_by_login(reason: &str) -> Option<ReplyCode> {
    let temporary = reason.contains("Connection lost to authentication server")
        || reason.contains("emporary")
        || reason.contains("transient")
        || reason.contains("remote authentication server unavailable")
        || reason.contains("try again");
    implied(if temporary { 454 } else { 535 })
}

/// `qid: queue file size limit exceeded` of smtpd: the client hears so at the end of the message.
fn queue_file_size(text: &str) -> Option<Content<'_>> {
    let (queue_id, rest) = parse_queue_id(text)?;
    if rest != "queue file size limit exceeded" {
        return None;
    }
    let mut event = turned_away(Kind::Reject, None, Some(Stage::EndOfData), rest);
    event.action = Some(Action::Reject);
    event.queue_id = queue_id;
    event.implied_code = implied(552);
    Some(Content::Event(event))
}

/// `PEER sent message header instead of SMTP command: TEXT`: the words of releases before 2.3 for a client that
/// speaks no SMTP.
fn header_instead_of_command(text: &str) -> Option<Content<'_>> {
    let (rest, client) = peer(text).ok()?;
    if !(rest.starts_with(" sent ") && rest.contains(" instead of SMTP command: ")) {
        return None;
    }
    let stage = Some(Stage::Other);
    Some(Content::Event(turned_away(Kind::ProtocolViolation, Some(client), stage, text)))
}

/// The words of older releases for A-11.
fn address_not_listed(text: &str) -> Option<Content<'_>> {
    let known = text.contains(": address not listed for hostname ")
        || (text.contains(": hostname ") && text.contains(" verification failed"));
    known.then_some(Content::Quiet)
}
