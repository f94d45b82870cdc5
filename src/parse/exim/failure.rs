//! Deliveries that failed for good (`**`) or for now (`==`).
//!
//! The message behind the items is free text up to the end of the line; only `DT=` may follow it (`**` from
//! 4.95 on). `== … retry time not reached` means that Exim did not try: it is told as postponed, by its
//! words, as the numbers of these errors changed between versions. `** …: retry timeout exceeded` carries no
//! reply: the last one stands in the deferral before it.

use super::delivery::recipient;
use super::item::{Item, behind_separator, host, item, span, without_delivery_time};
use super::remote::{self, says_nobody};
use crate::event::{Content, Defect, Delays, Event, Kind, Relay};
use crate::parse::token::number;
use crate::smtp::{Direction, Disposition, Origin};

/// Openings of deferrals where nothing was tried.
const NOT_TRIED: [&str; 8] = [
    "retry time not reached",
    "Retry time not yet reached",
    "domain is held",
    "domain is in queue_domains",
    "first-pass only routing ",
    "SMTP delivery explicitly queued",
    "concurrency limit ",
    "connection limit reached",
];

/// Reads a `**` line behind its flag.
pub(super) fn parse_failed<'a>(queue_id: &'a str, text: &'a str) -> Content<'a> {
    let Some((mut event, rest)) = begin(queue_id, text, Disposition::Bounced) else {
        return Content::Malformed(Defect::Cut);
    };
    let mut items = Items::default();
    let rest = items.read(rest, &mut event);
    let Some(message) = behind_separator(rest) else {
        // Without a message it is at least known where it failed.
        items.tell(&mut event);
        let complete = rest.is_empty() && items.taken_by().is_some();
        return if complete { Content::Event(event) } else { Content::Malformed(Defect::Cut) };
    };
    let (message, delivery_time) = without_delivery_time(message);
    items.lmtp = message.starts_with("LMTP error ");
    items.delivery_time = items.delivery_time.or(delivery_time);
    remote::read(message).tell(&mut event);
    items.tell(&mut event);
    Content::Event(event)
}

/// A line of a failed delivery from its flag on, as people quote it, or a deferral from its router or transport on.
pub(in crate::parse) fn parse_cut_failure(text: &str) -> Option<Event<'_>> {
    let content = match text.split_at_checked(3)? {
        ("** ", rest) => parse_failed("", rest),
        ("== ", rest) => parse_deferred("", rest),
        _ if text.starts_with("R=") || text.starts_with("T=") => {
            let mut event = failed_delivery("", Disposition::Deferred);
            let mut items = Items::default();
            let (rest, first) = item(text).ok()?;
            items.take(&first, &mut event);
            deferred_by(items, event, rest)?
        }
        _ => return None,
    };
    match content {
        Content::Event(event) => Some(Event { queue_id: None, ..event }),
        _ => None,
    }
}

/// Reads a `==` line behind its flag.
pub(super) fn parse_deferred<'a>(queue_id: &'a str, text: &'a str) -> Content<'a> {
    deferred(queue_id, text).unwrap_or(Content::Malformed(Defect::Cut))
}

fn deferred<'a>(queue_id: &'a str, text: &'a str) -> Option<Content<'a>> {
    let (event, rest) = begin(queue_id, text, Disposition::Deferred)?;
    deferred_by(Items::default(), event, rest)
}

/// Reads a deferral behind its address, or behind the `items` that were read before.
fn deferred_by<'a>(
    mut items: Items<'a>,
    mut event: Event<'a>,
    text: &'a str,
) -> Option<Content<'a>> {
    let rest = items.read(text, &mut event);
    let rest = rest.strip_prefix(" routing").unwrap_or(rest).strip_prefix(" defer (")?;
    let (rest, system_error) = match rest.strip_prefix('-') {
        Some(rest) => (rest, false),
        None => (rest, !rest.starts_with('0')),
    };
    let (rest, _) = number(rest).ok()?;
    let rest = rest.strip_prefix(')')?;
    let (error, rest) = if system_error { error_text(rest) } else { ("", rest) };
    let rest = items.read(rest, &mut event);
    let message = behind_separator(rest).unwrap_or("");
    items.lmtp = message.starts_with("LMTP error ");
    let cause = match (error, message) {
        ("", message) => remote::read(message),
        (error, "") => remote::read(error),
        (error, message) => {
            let mut cause = remote::read(message);
            if cause.reply.is_none() {
                if says_nobody(error) {
                    cause.origin = Origin::Nobody;
                }
                // Both, where they stand side by side; a message may name the host and say nothing.
                let alone = if is_host(message) { error } else { message };
                cause.text = both(text, error, message).unwrap_or(alone);
            }
            cause
        }
    };
    cause.tell(&mut event);
    items.tell(&mut event);
    if NOT_TRIED.iter().any(|opening| event.text.starts_with(opening)) {
        event.kind = Kind::Postponed;
    }
    Some(Content::Event(event))
}

/// `mx.example.com [192.0.2.1]` and nothing else.
fn is_host(text: &str) -> bool {
    host(text).is_ok_and(|(rest, host)| rest.is_empty() && host.address.is_some())
}

/// `error: message` as one piece of `line`, where only a colon is between them.
fn both<'a>(line: &'a str, error: &str, message: &str) -> Option<&'a str> {
    let all = line.get(line.len().checked_sub(error.len() + 2 + message.len())?..)?;
    all.starts_with(error).then_some(all)
}

/// The system's words behind `defer (110): `, up to an item, a colon or the end.
fn error_text(rest: &str) -> (&str, &str) {
    let Some(text) = rest.strip_prefix(": ") else { return ("", rest) };
    let colon = text.find(": ").unwrap_or(text.len());
    let words = text.get(..colon).unwrap_or(text);
    let end = [" H=", " DT="].iter().filter_map(|mark| words.find(mark)).min();
    text.split_at_checked(end.unwrap_or(colon)).unwrap_or((text, ""))
}

fn begin<'a>(
    queue_id: &'a str,
    text: &'a str,
    disposition: Disposition,
) -> Option<(Event<'a>, &'a str)> {
    let (recipient, rest) = recipient(text)?;
    let mut event = failed_delivery(queue_id, disposition);
    recipient.tell(&mut event);
    Some((event, rest))
}

fn failed_delivery(queue_id: &str, disposition: Disposition) -> Event<'_> {
    let mut event = Event::new(Kind::Delivery, Direction::Local, Origin::Ours, "");
    event.queue_id = Some(queue_id);
    event.disposition = Some(disposition);
    event
}

/// What the items say that the event shows only in the end.
#[derive(Default)]
struct Items<'a> {
    router: Option<&'a str>,
    transport: Option<&'a str>,
    delivery_time: Option<u64>,
    /// The message quotes a mail store.
    lmtp: bool,
}

impl<'a> Items<'a> {
    /// Reads items up to the message, to `defer (` or the end.
    fn read(&mut self, text: &'a str, event: &mut Event<'a>) -> &'a str {
        let mut rest = text;
        while let Some(text) = rest.strip_prefix(' ') {
            if text.starts_with("defer (") || text.starts_with("routing ") || text.starts_with(':')
            {
                break;
            }
            if let Some(text) = text.strip_prefix("H=") {
                let Ok((behind, host)) = host(text) else { break };
                event.relay = host.address.map(|_| host.relay());
                rest = behind;
                continue;
            }
            let Ok((behind, item)) = item(text) else { break };
            self.take(&item, event);
            rest = behind;
        }
        rest
    }

    #[inline]
    fn take(&mut self, item: &Item<'a>, event: &mut Event<'a>) {
        match item.key {
            "R" => self.router = Some(item.value),
            "T" => self.transport = Some(item.value),
            "F" => event.sender = Some(item.value),
            "X" => event.tls = Some(item.value.trim_end_matches('*')),
            "DT" => self.delivery_time = span(item.value),
            _ => {}
        }
    }

    /// The transport, else the router.
    fn taken_by(&self) -> Option<&'a str> {
        self.transport.or(self.router)
    }

    /// Puts delays, direction and, for local deliveries, who took them into the event.
    fn tell(&self, event: &mut Event<'a>) {
        event.delays =
            self.delivery_time.map(|time| Delays { transmit: Some(time), ..Delays::default() });
        let remote = match self.transport {
            Some(transport) => speaks_smtp(transport) || event.text.contains("any host"),
            // Retry times are those of other hosts, nearly always.
            None => event.text.starts_with("retry time") || self.router.is_some_and(leads_away),
        };
        // A mail store without an address is this machine's, as in `=>` lines.
        let here = self.lmtp && event.relay.is_none();
        if !here && (remote || event.relay.is_some() || event.origin != Origin::Ours) {
            event.direction = Direction::Outbound;
        } else {
            event.relay =
                self.taken_by().map(|name| Relay { host: Some(name), ..Relay::default() });
        }
    }
}

/// Names of transports are free, but those of the usual configurations say what they are (`remote_smtp`,
/// `remote_smtp_smarthost`, `dkim_remote_smtp`). Needed only where no host is named.
fn speaks_smtp(transport: &str) -> bool {
    transport.contains("smtp")
}

/// So are those of routers: `dnslookup`, `dkim_lookuphost`, `smarthost`, `fail_remote_domains`. Needed only where no transport
/// is named.
fn leads_away(router: &str) -> bool {
    ["dnslookup", "lookuphost", "smarthost", "remote"].iter().any(|name| router.contains(name))
}
