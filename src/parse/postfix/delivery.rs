//! The delivery line (D-1), one attempt for one recipient, and the two lines that give a status to a whole
//! message: Q-3 (`status=expired, returned to sender`) and B-3 (`status=deferred (bounce failed)`).
//!
//! The fields are read by their names in any order, and unknown ones are stepped over, so that a field of a
//! later release does not hide the status. A line that ends before `status=` and its word is cut: what became
//! of the recipient is not guessed.

use super::super::near::near;
use super::super::token::{Res, angle, seconds, until};
use super::reason::{Reason, parse_reason};
use crate::event::{Content, Defect, Delays, Event, Kind, Relay};
use crate::smtp::{Direction, Disposition, EnhancedCode, Stage};

/// Who delivers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::parse) enum Agent {
    /// `smtp`.
    Smtp,
    /// `lmtp`: another program's words, but not another host's business.
    Lmtp,
    /// `local`, `virtual`, `pipe`, `discard`: the reason is our own text or a command's output.
    Local,
    /// `error`, `retry`, `qmgr` and others that pass on what somebody found out before.
    Relayed,
    /// A program whose name we do not know.
    Unknown,
}

/// The attempt, field by field.
#[derive(Default)]
struct Fields<'a> {
    original_recipient: Option<&'a str>,
    relay: &'a str,
    delays: Option<Delays>,
    tls: Option<&'a str>,
    dsn: Option<EnhancedCode>,
}

/// Reads a delivery line behind `qid: to=`.
pub(super) fn parse_delivery<'a>(
    agent: Agent,
    queue_id: Option<&'a str>,
    text: &'a str,
) -> Content<'a> {
    let whole = || {
        let (rest, recipient) = recipient_of(text)?;
        let mut event = parse_fields(agent, rest.strip_prefix(", ")?)?;
        event.queue_id = queue_id;
        event.recipient = Some(recipient);
        Some(event)
    };
    whole().map_or(Content::Malformed(Defect::Cut), Content::Event)
}

/// A delivery line whose head somebody has cut off, perhaps in the midst of its fields: `relay=none, …,
/// status=deferred (…)`, `status=bounced (…)`.
pub(in crate::parse) fn parse_cut_delivery(text: &str) -> Option<Event<'_>> {
    let text = text.trim_start_matches([' ', ',']);
    if let Some(behind) = text.strip_prefix("to=") {
        return match parse_delivery(Agent::Unknown, None, behind) {
            Content::Event(event) => Some(event),
            _ => None,
        };
    }
    let known = ["relay=", "delay=", "delays=", "dsn=", "status=", "conn_use="];
    known.iter().any(|name| text.starts_with(name)).then(|| parse_fields(Agent::Unknown, text))?
}

/// Reads the fields of a delivery line up to its end; `None` for a line that ends before its status does.
#[inline]
fn parse_fields(agent: Agent, text: &str) -> Option<Event<'_>> {
    let mut fields = Fields::default();
    let mut field = text;
    let status = loop {
        if let Some(status) = field.strip_prefix("status=") {
            break status;
        }
        field = parse_field(field, &mut fields)?.strip_prefix(", ")?;
    };
    let (word, behind) = match near([b' '], status.as_bytes()) {
        Some(end) => status.split_at_checked(end).unwrap_or((status, "")),
        None => (status, ""),
    };
    let outcome = outcome_of(word.trim_end_matches(','));
    if word.is_empty() || (outcome.is_none() && behind.is_empty()) {
        return None;
    }
    let (kind, mut disposition) = match outcome {
        Some((kind, disposition)) => (kind, Some(disposition)),
        None => (Kind::Delivery, None),
    };
    let relay = relay_of(fields.relay);
    let reason = reason_of(agent, disposition, relay, in_parentheses(behind));
    let mut event =
        Event::new(kind, direction_of(agent, &reason, relay), reason.origin, reason.text);
    if let Some(reply) = reason.reply {
        event.set_reply(reply);
        if reply.code.class() == 2 {
            event.queued_as = queued_as(reply.text);
            if disposition == Some(Disposition::Delivered) && reply.throws_away() {
                disposition = Some(Disposition::Discarded);
            }
        }
    } else if disposition == Some(Disposition::Delivered) {
        // An alias or `.forward`: local(8) made a new message of it, no delivery yet.
        event.queued_as = reason.text.strip_prefix("forwarded as ");
    }
    event.stage = reason.stage;
    event.repeated = reason.repeated;
    event.disposition = disposition;
    event.dsn = fields.dsn;
    event.original_recipient = fields.original_recipient;
    event.relay = relay.or(reason.relay);
    event.delays = fields.delays;
    event.tls = fields.tls;
    Some(event)
}

/// Reads one field and gives what is behind it, `, ` included; `None` when the line ends in it.
#[inline]
fn parse_field<'a>(field: &'a str, fields: &mut Fields<'a>) -> Option<&'a str> {
    match field.as_bytes().first()? {
        b'o' => {
            if let Some(value) = field.strip_prefix("orig_to=") {
                let (rest, original) = recipient_of(value)?;
                fields.original_recipient = Some(original);
                return Some(rest);
            }
        }
        b'r' => {
            if let Some(value) = field.strip_prefix("relay=") {
                let (rest, relay) = up_to_comma(value)?;
                fields.relay = relay;
                return Some(rest);
            }
        }
        b'd' => {
            if let Some(value) = field.strip_prefix("delays=") {
                let (rest, delays) = four_delays(value, fields.delays.and_then(|d| d.total));
                fields.delays = Some(delays);
                return up_to_comma(rest).map(|(rest, _)| rest);
            }
            if let Some(value) = field.strip_prefix("delay=") {
                let (rest, total) = match seconds(value) {
                    Ok((rest, total)) => (rest, Some(total)),
                    Err(_) => (value, None),
                };
                fields.delays = Some(Delays { total, ..Delays::default() });
                return up_to_comma(rest).map(|(rest, _)| rest);
            }
            if let Some(value) = field.strip_prefix("dsn=") {
                let (rest, dsn) = up_to_comma(value)?;
                fields.dsn = dsn.parse().ok();
                return Some(rest);
            }
        }
        b't' => {
            if let Some(value) = field.strip_prefix("tls=") {
                let (rest, tls) = up_to_comma(value)?;
                fields.tls = (!tls.is_empty()).then_some(tls);
                return Some(rest);
            }
        }
        b'c' => {
            // Releases 2.3 to 2.5 forgot the comma: `conn_use=2 delay=0.2, …`.
            let (rest, value) = up_to_comma(field)?;
            if let Some((_, total)) = value.split_once(" delay=") {
                let total = seconds(total).ok().map(|(_, micros)| micros);
                fields.delays = Some(Delays { total, ..Delays::default() });
            }
            return Some(rest);
        }
        _ => {}
    }
    up_to_comma(field).map(|(rest, _)| rest)
}

/// The address of `to=` or `orig_to=`. Without brackets (old and relayed logs, aliases that are commands) it
/// may hold anything, so it goes on to the field that follows.
#[inline]
fn recipient_of(text: &str) -> Option<(&str, &str)> {
    if let Ok((rest, address)) = angle(text) {
        return Some((rest, address));
    }
    let end = text.find(", relay=").or_else(|| text.find(", delay="))?;
    let end = text.get(..end)?.find(", orig_to=").unwrap_or(end);
    let (address, rest) = text.split_at_checked(end)?;
    Some((rest, address))
}

/// The value before the next comma, which is left.
#[inline]
fn up_to_comma(text: &str) -> Option<(&str, &str)> {
    // Behind a number, nearly always.
    if text.starts_with(',') {
        return Some((text, ""));
    }
    let end = near([b','], text.as_bytes())?;
    let (value, rest) = text.split_at_checked(end)?;
    Some((rest, value))
}

/// `a/b/c/d`, and what is behind them.
#[inline]
fn four_delays(text: &str, total: Option<u64>) -> (&str, Delays) {
    let four = || -> Res<'_, [u64; 4]> {
        let (rest, before_queue) = seconds(text)?;
        let (rest, in_queue) = slash_and_seconds(rest)?;
        let (rest, connect) = slash_and_seconds(rest)?;
        let (rest, transmit) = slash_and_seconds(rest)?;
        Ok((rest, [before_queue, in_queue, connect, transmit]))
    };
    match four() {
        Ok((rest, [before_queue, in_queue, connect, transmit])) => {
            let delays = Delays {
                total,
                before_queue: Some(before_queue),
                in_queue: Some(in_queue),
                connect: Some(connect),
                transmit: Some(transmit),
            };
            (rest, delays)
        }
        Err(_) => (text, Delays { total, ..Delays::default() }),
    }
}

#[inline]
fn slash_and_seconds(text: &str) -> Res<'_, u64> {
    seconds(text.strip_prefix('/').ok_or(nom::Err::Error(()))?)
}

/// What a status word means; `None` for a word of the future.
fn outcome_of(word: &str) -> Option<(Kind, Disposition)> {
    Some(match word {
        "sent" => (Kind::Delivery, Disposition::Delivered),
        // With `soft_bounce` the message stays queued, whatever the class of the reply.
        "deferred" | "SOFTBOUNCE" => (Kind::Delivery, Disposition::Deferred),
        "bounced" => (Kind::Delivery, Disposition::Bounced),
        "expired" | "force-expired" => (Kind::Delivery, Disposition::Expired),
        "deliverable" => (Kind::Probe, Disposition::Deliverable),
        "undeliverable" | "undeliverable-but-not-cached" => {
            (Kind::Probe, Disposition::Undeliverable)
        }
        _ => return None,
    })
}

/// The text between the first ` (` and the last `)`; a cut line has no last one, and collectors append
/// text of their own.
fn in_parentheses(text: &str) -> &str {
    let Some(open) = text.strip_prefix(" (") else { return "" };
    let Some(end) = memchr::memrchr(b')', open.as_bytes()) else { return open };
    let within = open.get(..end).unwrap_or(open);
    // Of a line that was cut, the last `)` may close what was opened within.
    let cut =
        within.len() + 1 < open.len() && within.matches('(').count() > within.matches(')').count();
    if cut { open } else { within }
}

/// `host[address]:port`, `name[path]`, `name`, or `none`.
#[inline]
fn relay_of(text: &str) -> Option<Relay<'_>> {
    if text.is_empty() || text == "none" {
        return None;
    }
    match super::super::token::peer(text) {
        Ok((_, peer)) => Some(peer.relay()),
        Err(_) => Some(Relay { host: Some(text), ..Relay::default() }),
    }
}

/// A relay that speaks SMTP or LMTP has an address or a socket.
fn speaks(relay: Option<Relay<'_>>) -> bool {
    relay.is_some_and(|relay| relay.address.is_some())
}

fn reason_of<'a>(
    agent: Agent,
    disposition: Option<Disposition>,
    relay: Option<Relay<'a>>,
    text: &'a str,
) -> Reason<'a> {
    let may_quote = match agent {
        Agent::Smtp | Agent::Lmtp => true,
        Agent::Unknown => speaks(relay) || relay.is_none(),
        Agent::Relayed => relay.is_none() || speaks(relay),
        Agent::Local => false,
    };
    if !may_quote {
        return Reason::ours(text);
    }
    // only a server's answer to the mail (or, in a probe, to RCPT) stands here without an introduction.
    let stage = match disposition {
        Some(Disposition::Delivered) => Some(Stage::EndOfData),
        Some(Disposition::Deliverable) => Some(Stage::Rcpt),
        _ => None,
    };
    let quotes_at_once = match agent {
        Agent::Smtp | Agent::Lmtp => true,
        _ => speaks(relay),
    };
    if stage.is_some() && quotes_at_once {
        let reason = Reason::remote(text, stage);
        if reason.reply.is_some() {
            return reason;
        }
    }
    parse_reason(text)
}

fn direction_of(agent: Agent, reason: &Reason<'_>, relay: Option<Relay<'_>>) -> Direction {
    match agent {
        Agent::Lmtp | Agent::Local => Direction::Local,
        // `error` says so for an address of ours that does not exist.
        Agent::Relayed if reason.text.starts_with("User unknown in ") => Direction::Local,
        Agent::Smtp | Agent::Relayed => Direction::Outbound,
        Agent::Unknown => {
            let goes_out = match relay {
                Some(relay) => relay.address.is_some_and(|address| !address.contains('/')),
                None => true,
            };
            if goes_out { Direction::Outbound } else { Direction::Local }
        }
    }
}

/// The queue id that the next server gave the message: the last `queued as …`, as a content filter quotes
/// the server behind it.
fn queued_as(reply: &str) -> Option<&str> {
    const WORDS: &str = "queued as ";
    // `q` is rare, so there is hardly a second place to look at.
    let id = memchr::memrchr_iter(b'q', reply.as_bytes())
        .find_map(|at| reply.get(at..)?.strip_prefix(WORDS))?;
    let end = id
        .bytes()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')))
        .unwrap_or(id.len());
    let id = id.get(..end)?.trim_end_matches('.');
    (!id.is_empty()).then_some(id)
}

/// Reads `from=<S>, status=WORD, returned to sender` behind `qid: from=<S>, status=`.
pub(super) fn parse_expired<'a>(
    queue_id: Option<&'a str>,
    sender: &'a str,
    status: &'a str,
) -> Content<'a> {
    let (rest, word) = until(b',')(status).unwrap_or(("", status));
    let disposition = outcome_of(word).map(|(_, disposition)| disposition);
    if disposition.is_none() && rest.is_empty() {
        return Content::Malformed(Defect::Cut);
    }
    let mut event =
        Event::new(Kind::Delivery, Direction::Outbound, crate::smtp::Origin::Ours, status);
    event.disposition = disposition;
    event.queue_id = queue_id;
    event.sender = Some(sender);
    Content::Event(event)
}

/// Reads `status=deferred (bounce failed)` (B-3) behind `qid: status=`: the notification could not be
/// written, so the message stays.
pub(super) fn parse_message_status<'a>(queue_id: Option<&'a str>, status: &'a str) -> Content<'a> {
    let (word, behind) = status.split_once(' ').unwrap_or((status, ""));
    let Some((kind, disposition)) = outcome_of(word) else {
        return Content::Malformed(Defect::Cut);
    };
    let text = behind.strip_prefix('(').unwrap_or(behind);
    let text = text.strip_suffix(')').unwrap_or(text);
    let mut event = Event::new(kind, Direction::Outbound, crate::smtp::Origin::Ours, text);
    event.disposition = Some(disposition);
    event.queue_id = queue_id;
    Content::Event(event)
}
