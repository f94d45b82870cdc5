//! Lines that begin with the other end of a connection: `H=…`, `U=…` (a local caller) or `F=<…>` (no caller).
//!
//! Two worlds share `H=`: a client that speaks to us (`incoming.rs`), and a host that we tried while the
//! message's fate is still open. They are told apart by what follows the host; only clients have a name in
//! parentheses, and only hosts that we tried need a message id.

use super::incoming;
use super::item::{Host, behind_separator, host, item, word_before_colon};
use super::remote;
use crate::event::{Client, Content, Event, Kind};
use crate::parse::token::angle;
use crate::smtp::{Direction, Origin};

/// Who speaks, as far as the line says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Caller<'a> {
    pub(super) host: Option<Host<'a>>,
    pub(super) sender: Option<&'a str>,
    pub(super) login: Option<&'a str>,
    pub(super) tls: Option<&'a str>,
}

impl<'a> Caller<'a> {
    pub(super) fn tell(self, event: &mut Event<'a>) {
        event.client = self.client();
        event.helo = self.host.and_then(|host| host.helo);
        event.sender = self.sender;
        event.sasl_user = self.login;
        event.tls = self.tls;
    }

    fn client(self) -> Option<Client<'a>> {
        let client = self.host?.client();
        (client != Client::default()).then_some(client)
    }
}

/// Reads such a line.
pub(super) fn parse<'a>(queue_id: Option<&'a str>, text: &'a str) -> Content<'a> {
    let (caller, rest) = caller(text);
    if let Some(words) = rest.strip_prefix(' ')
        && let Some(content) = incoming::parse(queue_id, caller, words)
    {
        return content;
    }
    match (queue_id, caller.host) {
        (Some(id), Some(host)) if host.helo.is_none() && caller.sender.is_none() => {
            tried_host(id, host, rest)
        }
        _ => Content::Unknown,
    }
}

/// Reads host, ident, interface, TLS, sender and login in any order; the rest begins with the space before
/// the words that say what happened, or with the colon before a message.
pub(super) fn caller(text: &str) -> (Caller<'_>, &str) {
    let mut caller = Caller::default();
    let mut at = text;
    loop {
        let read = match at.as_bytes() {
            [b'H', b'=', ..] if caller.host.is_none() => {
                at.get(2..).and_then(|text| host(text).ok()).map(|(rest, host)| {
                    caller.host = Some(host);
                    rest
                })
            }
            [b'F', b'=', b'<', ..] => {
                at.get(2..).and_then(|text| angle(text).ok()).map(|(rest, sender)| {
                    caller.sender = Some(sender);
                    rest
                })
            }
            // Seen without brackets in lines of 2010 (`local_scan()`) and 2013 (`rejected RCPT`).
            [b'F', b'=', ..] => bare_sender(at).map(|(rest, sender)| {
                caller.sender = Some(sender);
                rest
            }),
            [b'U', b'=', ..] => Some(behind_ident(at)),
            _ => other_item(at, &mut caller),
        };
        let Some(rest) = read else { break };
        match rest.strip_prefix(' ') {
            Some(next) if !next.starts_with(':') => at = next,
            _ => return (caller, rest),
        }
    }
    // Give back the space before `at`, where there was something before it.
    let space = text.len().saturating_sub(at.len()).saturating_sub(1);
    (caller, text.get(space..).unwrap_or(at))
}

/// `F=a@example.com`, as old versions wrote it.
fn bare_sender(at: &str) -> Option<(&str, &str)> {
    let (rest, sender) = word_before_colon(at.strip_prefix("F=")?).ok()?;
    sender.contains('@').then_some((rest, sender))
}

fn other_item<'a>(at: &'a str, caller: &mut Caller<'a>) -> Option<&'a str> {
    let (rest, item) = item(at).ok()?;
    match item.key {
        "" => return item.value.starts_with("SPF").then_some(rest),
        "A" => caller.login = super::arrival::login(item.value),
        "X" => caller.tls = Some(item.value),
        "I" | "Ci" | "CV" | "DN" | "SNI" | "PRX" | "SPF" | "DMARC" | "L" | "P" => {}
        _ => return None,
    }
    Some(rest)
}

/// `U=www data`: the name of a local user (or what an ident server said) may hold spaces. It ends at a colon,
/// before the next item or before the words of an ACL; where none of these follows, it is one word.
fn behind_ident(at: &str) -> &str {
    let mut from = 0;
    let mut first = None;
    while let Some(step) = at.as_bytes().get(from..).and_then(|b| memchr::memchr(b' ', b)) {
        let space = from + step;
        let (Some(ident), Some(behind)) = (at.get(..space), at.get(space..)) else { break };
        if ident.ends_with(':') {
            return at.get(space - 1..).unwrap_or(behind);
        }
        let next = behind.get(1..).unwrap_or("");
        let is_item = matches!(item(next), Ok((_, found)) if !found.key.is_empty());
        if is_item || incoming::begins_words(next) {
            return behind;
        }
        first = first.or(Some(behind));
        from = space + 1;
    }
    first.unwrap_or(if at.ends_with(':') { ":" } else { "" })
}

/// `H=NAME [ADDRESS][:port]: MESSAGE`, `H=NAME [ADDRESS] MESSAGE`: one host failed, others may follow.
fn tried_host<'a>(queue_id: &'a str, host: Host<'a>, rest: &'a str) -> Content<'a> {
    let message = behind_separator(rest).or_else(|| rest.strip_prefix(' ')).unwrap_or("");
    if message.is_empty() || host.address.is_none() {
        return Content::Unknown;
    }
    Content::Event(host_reply(queue_id, Some(host), message))
}

/// What one host said, or why it said nothing. Without `host` the message names it.
pub(super) fn host_reply<'a>(
    queue_id: &'a str,
    host: Option<Host<'a>>,
    message: &'a str,
) -> Event<'a> {
    let mut event = Event::new(Kind::HostReply, Direction::Outbound, Origin::Nobody, message);
    event.queue_id = Some(queue_id);
    event.relay = host.map(Host::relay);
    let cause = remote::read(message);
    cause.tell(&mut event);
    if cause.reply.is_none() && event.origin == Origin::Ours {
        event.origin = Origin::Nobody;
    }
    event
}
