//! Deliveries that succeeded: `=>`, `->` (a further address of the same delivery), `>>` (cutthrough, logged
//! before the arrival), `*>` (suppressed by `-N`: nothing was sent, so it is told as a probe without an
//! outcome); and the recipient part that deliveries, failures and deferrals share.
//!
//! The reply to the final dot stands in `C="…"`, escaped; it is quoted as the log has it. A `->` line repeats
//! it: recipients are counted, not replies. Throwing away (`:blackhole:`, `/dev/null`, `discarded`) is a
//! delivery to Exim, and is told as one with the action `discard`.

use super::item::{Item, host, item, span};
use super::message_id::is_message_id;
use crate::event::{Action, Content, Defect, Delays, Event, Kind, Relay};
use crate::parse::token::{Res, angle, quoted};
use crate::smtp::{Direction, Disposition, LineBreak, Origin, Stage, parse_reply};

/// Whom a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recipient<'a> {
    /// Where the mail went: an address, a bare local part, `|command`, `/file`, `>autoreply`.
    pub(super) last: &'a str,
    /// The address that the message came with, where it is another.
    pub(super) original: Option<&'a str>,
}

impl<'a> Recipient<'a> {
    pub(super) fn tell(self, event: &mut Event<'a>) {
        event.recipient = Some(self.original.unwrap_or(self.last));
        event.final_recipient = self.original.map(|_| self.last);
    }
}

/// Reads `final[ (parents)][ <original>]`; the rest begins with a space, a colon, or is empty.
pub(super) fn recipient(text: &str) -> Option<(Recipient<'_>, &str)> {
    if !matches!(text.as_bytes().first()?, b'|' | b'/' | b'>' | b':')
        && let Some((rest, last)) = address(text)
        && let Some((original, rest)) = original(rest)
        && ends_recipient(rest)
    {
        return Some((Recipient { last, original }, rest));
    }
    with_spaces(text)
}

/// An address as a word; a quoted local part may hold spaces. A colon behind it is left.
fn address(text: &str) -> Option<(&str, &str)> {
    let behind_quotes = quoted(text).map_or(text, |(rest, _)| rest);
    let (rest, _) = super::item::word_before_colon(behind_quotes).ok()?;
    let last = text.get(..text.len() - rest.len())?;
    (!last.is_empty()).then_some((rest, last))
}

/// Skips ` (parent, parent)`, reads ` <original>`.
fn original(rest: &str) -> Option<(Option<&str>, &str)> {
    let rest = match rest.strip_prefix(" (") {
        Some(parents) => {
            let (_, behind) = parents.split_once(')')?;
            behind
        }
        None => rest,
    };
    match rest.strip_prefix(' ').map(angle) {
        Some(Ok((rest, original))) => Some((Some(original), rest)),
        _ => Some((None, rest)),
    }
}

/// Whether what follows can follow a recipient.
fn ends_recipient(rest: &str) -> bool {
    match rest.as_bytes() {
        []
        | b":"
        | [b':', b' ', ..]
        | [b' ', b':', b' ', ..]
        | [b' ', b'D' | b'F' | b'Q' | b'P' | b'R' | b'T' | b'H' | b'S', b'=', ..] => true,
        _ => rest.starts_with(" defer (") || rest.starts_with(" routing defer ("),
    }
}

/// Pipes, files, autoreplies and `:fail: …` may hold spaces, quotes, colons and `<`: the recipient ends at
/// the first `<original>` after which a recipient can end; failing that, at the first item.
fn with_spaces(text: &str) -> Option<(Recipient<'_>, &str)> {
    let mut from = 0;
    while let Some(step) = text.get(from..)?.find(" <") {
        let at = from + step;
        // A command's own `<` would swallow the bracket that opens the address.
        if let Ok((rest, original)) = angle(text.get(at + 1..)?)
            && !original.contains(" <")
            && ends_recipient(rest)
        {
            let last = without_parents(text.get(..at)?);
            return Some((Recipient { last, original: Some(original) }, rest));
        }
        from = at + 1;
    }
    let at = [" F=<", " R=", " T=", ": "].iter().filter_map(|mark| text.find(mark)).min();
    let (last, rest) = text.split_at_checked(at.unwrap_or(text.len()))?;
    Some((Recipient { last: without_parents(last), original: None }, rest))
}

/// `|command (parent@example.com)`: without the parents. A command may end in a parenthesis of its own, so
/// only one that holds an address is taken away.
fn without_parents(last: &str) -> &str {
    match last.strip_suffix(')').and_then(|inside| inside.rsplit_once(" (")) {
        Some((before, parents)) if parents.contains('@') => before,
        _ => last,
    }
}

/// Reads a delivery line behind its flag.
pub(super) fn parse<'a>(queue_id: &'a str, suppressed: bool, text: &'a str) -> Content<'a> {
    let thrown_away = thrown_away(text);
    let Some((recipient, items)) = thrown_away.or_else(|| recipient(text)) else {
        return Content::Malformed(Defect::Cut);
    };
    let kind = if suppressed { Kind::Probe } else { Kind::Delivery };
    let words = items.trim_start_matches([' ', ':']);
    let mut event = Event::new(kind, Direction::Local, Origin::Ours, words);
    event.queue_id = Some(queue_id);
    recipient.tell(&mut event);
    event.disposition = (!suppressed).then_some(Disposition::Delivered);
    if thrown_away.is_none() && !tell_items(items, &mut event) {
        return Content::Malformed(Defect::Cut);
    }
    if thrown_away.is_some() || matches!(recipient.last, ":blackhole:" | "/dev/null") {
        event.action = Some(Action::Discard);
    }
    Content::Event(event)
}

/// `blackhole (DATA ACL discarded recipients)[: TEXT]`, `blackhole TEXT` of a local scan, `discarded (system
/// filter)`: no recipient at all; the word stands in its place.
fn thrown_away(text: &str) -> Option<(Recipient<'_>, &str)> {
    let length = match text.as_bytes() {
        [b'b', b'l', b'a', b'c', b'k', ..] if text.starts_with("blackhole ") => "blackhole".len(),
        [b'd', b'i', b's', ..] if text.starts_with("discarded ") => "discarded".len(),
        _ => return None,
    };
    let (last, rest) = text.split_at_checked(length)?;
    // A mailbox may have this name.
    (!ends_recipient(rest) && !rest.starts_with(" <"))
        .then_some((Recipient { last, original: None }, rest))
}

/// Reads the items; whether there was a router or a transport.
fn tell_items<'a>(items: &'a str, event: &mut Event<'a>) -> bool {
    let mut found = false;
    let mut transport = None;
    let mut delays = Delays::default();
    let mut rest = items;
    while let Some(text) = rest.strip_prefix(' ') {
        if let Some(text) = text.strip_prefix("H=") {
            let Ok((behind, host)) = host(text) else { break };
            rest = behind;
            // A local transport may name a host without an address: nothing went over the wire.
            if host.address.is_some_and(|address| !address.is_empty()) {
                event.relay = Some(host.relay());
                event.direction = Direction::Outbound;
                event.origin = Origin::Nobody;
            }
            continue;
        }
        let Ok((behind, Item { key, value })): Res<'_, _> = item(text) else { break };
        match key {
            "R" => found = true,
            "T" => {
                found = true;
                transport = Some(value);
            }
            "F" => event.sender = Some(value),
            "X" => event.tls = Some(value.trim_end_matches('*')),
            "C" => tell_reply(value, event),
            "QT" => delays.total = span(value),
            "DT" => delays.transmit = span(value),
            _ => {}
        }
        rest = behind;
    }
    if event.relay.is_none() {
        event.relay = transport.map(|name| Relay { host: Some(name), ..Relay::default() });
    }
    event.delays = (delays != Delays::default()).then_some(delays);
    found
}

fn tell_reply<'a>(text: &'a str, event: &mut Event<'a>) {
    event.text = text;
    event.origin = Origin::Remote;
    event.stage = Some(Stage::EndOfData);
    event.queued_as = queued_as(text);
    if let Some(reply) = parse_reply(text, LineBreak::BackslashN) {
        event.set_reply(reply);
        if event.disposition.is_some() && reply.throws_away() {
            event.disposition = Some(Disposition::Discarded);
        }
    }
}

/// The next server's id at the end of its reply: `… queued as 7D1F2A33C0`, `… id=1tUAbd-0000xY-4d`.
fn queued_as(reply: &str) -> Option<&str> {
    let at = memchr::memrchr(b' ', reply.as_bytes())?;
    let (before, last) = reply.split_at_checked(at)?;
    let last = last.strip_prefix(' ')?.trim_end_matches('.');
    if let Some(id) = last.strip_prefix("id=") {
        return is_message_id(id).then_some(id);
    }
    (before.ends_with("queued as") && !last.is_empty()).then_some(last)
}
