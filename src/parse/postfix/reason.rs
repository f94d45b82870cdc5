//! The reason of a delivery: the text in the parentheses at the end of a delivery line (R-1 to R-9 and the
//! texts without a reply), and of the same text behind a queue id when another server is tried next.
//!
//! A reply code is taken only from the place where Postfix quotes a server: behind `said: `,
//! `refused to talk to me: ` and `refused to start TLS: ` at the start of the reason, or at the very start
//! of what a server answered to accepted mail. The output of local commands and the texts of administrators
//! look like replies and are none, so [`parse_reason`] is not for the agents that deliver locally.
//! To add a text: one arm in [`parse_failure`].

use super::super::near::cut_last;
use super::super::near::near;
use super::super::token::peer;
use crate::event::{Event, Kind, Relay};
use crate::smtp::{Direction, LineBreak, Origin, Reply, Stage, parse_reply};

/// What a reason says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reason<'a> {
    pub(super) reply: Option<Reply<'a>>,
    /// The reply's text, without a reply the words.
    pub(super) text: &'a str,
    pub(super) origin: Origin,
    pub(super) stage: Option<Stage>,
    /// The server that the text names.
    pub(super) relay: Option<Relay<'a>>,
    /// Quotes what a server said to an earlier attempt.
    pub(super) repeated: bool,
}

impl<'a> Reason<'a> {
    /// Postfix's own words.
    pub(super) const fn ours(text: &'a str) -> Self {
        Self { reply: None, text, origin: Origin::Ours, stage: None, relay: None, repeated: false }
    }

    /// Nobody answered.
    const fn nobody(text: &'a str, stage: Option<Stage>) -> Self {
        Self { reply: None, text, origin: Origin::Nobody, stage, relay: None, repeated: false }
    }

    /// A server's words, with its reply code where it gave one.
    pub(super) fn remote(words: &'a str, stage: Option<Stage>) -> Self {
        let reply = parse_reply(words, LineBreak::Space);
        Self { reply, text: words, origin: Origin::Remote, stage, relay: None, repeated: false }
    }

    const fn at(mut self, relay: Option<Relay<'a>>) -> Self {
        self.relay = relay;
        self
    }
}

/// Reads the reason of an attempt that may have reached another server.
pub(super) fn parse_reason(text: &str) -> Reason<'_> {
    let mut words = text;
    let mut repeated = false;
    // The queue manager quotes an earlier failure; a probe's result may be quoted with its verdict
    // a reply of the wrong class is announced.
    loop {
        if let Some(rest) = words.strip_prefix("delivery temporarily suspended: ") {
            repeated = true;
            words = rest;
        } else if let Some(rest) = words
            .strip_prefix("Protocol error: ")
            .or_else(|| words.strip_prefix("undeliverable address: "))
            .or_else(|| words.strip_prefix("unverified address: "))
        {
            words = rest;
        } else {
            break;
        }
    }
    let reason = parse_failure(words).unwrap_or(Reason::ours(text));
    let text = if reason.origin == Origin::Remote { reason.text } else { text };
    Reason { text, repeated, ..reason }
}

/// What another server said, from the words in which a bounce quotes it: the event of the delivery without queue id
/// and outcome.
pub(in crate::parse) fn parse_quoted_reason(text: &str) -> Option<Event<'_>> {
    let reason = parse_failure(text).filter(|reason| reason.origin == Origin::Remote)?;
    let mut event = Event::new(Kind::Delivery, Direction::Outbound, reason.origin, reason.text);
    event.set_reply(reason.reply?);
    event.stage = reason.stage;
    event.relay = reason.relay;
    Some(event)
}

/// Reads a text that tells of a server or the way to it; `None` when it is neither.
pub(super) fn parse_failure(text: &str) -> Option<Reason<'_>> {
    match text.as_bytes().first()? {
        b'h' => host_said(text.strip_prefix("host ")?),
        b'c' => {
            if let Some(rest) = text.strip_prefix("connect to ") {
                Some(connect(text, rest))
            } else {
                let rest = text.strip_prefix("conversation with ")?;
                Some(broken_off(text, rest, " timed out while "))
            }
        }
        b'l' => {
            text.strip_prefix("lost connection with ").map(|rest| broken_off(text, rest, " while "))
        }
        b'T' => tls_required(text)
            .or_else(|| text.starts_with("TLSA lookup error ").then(|| without_tls(text))),
        b'S' => starts_with_s(text),
        b'C' => text.starts_with("Cannot start TLS: ").then(|| without_tls(text)),
        b'D' => (text.starts_with("Domain ") && text.ends_with("(nullMX)"))
            .then(|| Reason::nobody(text, None)),
        b's' => text
            .starts_with("server unavailable or unable to receive mail")
            .then(|| Reason::nobody(text, Some(Stage::Connect))),
        _ => name_service(text),
    }
}

/// Behind `host `: `PEER said: REPLY (in reply to CMD command)`, `PEER refused to talk to me: REPLY`.
fn host_said(rest: &str) -> Option<Reason<'_>> {
    let (rest, relay) = server(rest)?;
    if let Some(words) = rest.strip_prefix(" said: ") {
        let (words, stage) = without_command(words);
        return Some(Reason::remote(words, stage).at(relay));
    }
    let words = rest.strip_prefix(" refused to talk to me: ")?;
    Some(Reason::remote(words, Some(Stage::Connect)).at(relay))
}

/// A server's name: `host[address]`, sometimes with a port, or a name alone (cached SASL failures,
/// anonymised logs).
fn server(text: &str) -> Option<(&str, Option<Relay<'_>>)> {
    if let Ok((rest, peer)) = peer(text) {
        return Some((rest, Some(peer.relay())));
    }
    let end = near([b' ', b':'], text.as_bytes())?;
    let (host, rest) = text.split_at_checked(end)?;
    (!host.is_empty()).then_some((rest, Some(Relay { host: Some(host), ..Relay::default() })))
}

/// Cuts ` (in reply to CMD command)` off the end. The same words inside the reply are the server's own.
fn without_command(words: &str) -> (&str, Option<Stage>) {
    let Some((reply, command)) = cut_last(words, " (in reply to ", b'(') else {
        return (words, None);
    };
    let inner_end = memchr::memchr(b')', command.as_bytes());
    if inner_end.is_some_and(|at| at + 1 < command.len()) {
        return (words, None);
    }
    (reply, stage_of_command(command))
}

fn stage_of_command(command: &str) -> Option<Stage> {
    [
        ("MAIL", Stage::Mail),
        ("RCPT", Stage::Rcpt),
        ("DATA", Stage::Data),
        ("BDAT", Stage::Data),
        ("end of DATA", Stage::EndOfData),
        ("EHLO", Stage::Ehlo),
        ("HELO", Stage::Ehlo),
        ("LHLO", Stage::Ehlo),
        ("STARTTLS", Stage::StartTls),
        ("AUTH", Stage::Auth),
        ("XFORWARD", Stage::Other),
        ("final RSET", Stage::Other),
        ("RSET", Stage::Other),
        ("QUIT", Stage::Other),
    ]
    .into_iter()
    .find_map(|(name, stage)| command.starts_with(name).then_some(stage))
}

/// Behind `connect to `: `PEER: ERRNO`; up to release 2.2 also a greeting that refused.
fn connect<'a>(text: &'a str, rest: &'a str) -> Reason<'a> {
    let Some((rest, relay)) = server(rest) else {
        return Reason::nobody(text, Some(Stage::Connect));
    };
    match rest.strip_prefix(": server refused to talk to me: ") {
        Some(words) => {
            let words = match cut_last(words, " (port ", b'(') {
                Some((words, port)) if port.ends_with(')') => words.trim_end(),
                _ => words,
            };
            Reason::remote(words, Some(Stage::Connect)).at(relay)
        }
        None => Reason::nobody(text, Some(Stage::Connect)).at(relay),
    }
}

/// `lost connection with PEER while ACTION`, `conversation with PEER timed out while ACTION`.
fn broken_off<'a>(text: &'a str, rest: &'a str, before_action: &str) -> Reason<'a> {
    let Some((rest, relay)) = server(rest) else { return Reason::nobody(text, None) };
    let stage = rest.strip_prefix(before_action).and_then(stage_of_action);
    Reason::nobody(text, stage).at(relay)
}

fn stage_of_action(action: &str) -> Option<Stage> {
    [
        ("receiving the initial ", Stage::Connect),
        ("receiving the STARTTLS ", Stage::StartTls),
        ("performing the TLS ", Stage::StartTls),
        ("performing the ", Stage::Ehlo),
        ("performing SASL ", Stage::Auth),
        ("sending MAIL ", Stage::Mail),
        ("sending RCPT ", Stage::Rcpt),
        ("sending DATA ", Stage::Data),
        ("sending message body", Stage::Data),
        ("sending end of data", Stage::EndOfData),
        ("sending ", Stage::Other),
    ]
    .into_iter()
    .find_map(|(start, stage)| action.starts_with(start).then_some(stage))
}

/// `TLS is required, but …`.
fn tls_required(text: &str) -> Option<Reason<'_>> {
    Some(no_tls(text, text.strip_prefix("TLS is required, but ")?))
}

/// Behind `…, but `: the host refused, did not offer, or we cannot.
fn no_tls<'a>(text: &'a str, rest: &'a str) -> Reason<'a> {
    if let Some(rest) = rest.strip_prefix("host ")
        && let Some((rest, relay)) = server(rest)
        && let Some(words) = rest.strip_prefix(" refused to start TLS: ")
    {
        return Reason::remote(words, Some(Stage::StartTls)).at(relay);
    }
    if rest.starts_with("our TLS engine ") {
        return Reason { stage: Some(Stage::StartTls), ..Reason::ours(text) };
    }
    without_tls(text).at(named_last(text))
}

fn without_tls(text: &str) -> Reason<'_> {
    Reason::nobody(text, Some(Stage::StartTls))
}

/// The server at the end of `… was not offered by host PEER`.
fn named_last(text: &str) -> Option<Relay<'_>> {
    let (_, name) = text.rsplit_once(" host ")?;
    Some(peer(name).ok()?.1.relay())
}

fn starts_with_s(text: &str) -> Option<Reason<'_>> {
    if let Some(rest) = text.strip_prefix("SASL ") {
        return sasl(text, rest);
    }
    if let Some(rest) = text.strip_prefix("Sender requested REQUIRETLS, but ") {
        return Some(no_tls(text, rest));
    }
    if text.starts_with("Server certificate ") {
        return Some(without_tls(text));
    }
    text.starts_with("SMTPUTF8 is required, but ").then(|| Reason::ours(text).at(named_last(text)))
}

/// Behind `SASL `: `[[CACHED] ]authentication failed; server PEER said: REPLY`, or our own trouble
/// with the server's mechanisms.
fn sasl<'a>(text: &'a str, rest: &'a str) -> Option<Reason<'a>> {
    let rest = rest.strip_prefix("[CACHED] ").unwrap_or(rest);
    let rest = rest.strip_prefix("authentication failed")?;
    let rest = rest.strip_prefix([';', ':']).unwrap_or(rest);
    if let Some(rest) = rest.strip_prefix(" server ")
        && let Some((rest, relay)) = server(rest)
    {
        return Some(match rest.strip_prefix(" said: ") {
            Some(words) => Reason::remote(words, Some(Stage::Auth)).at(relay),
            None => Reason { stage: Some(Stage::Auth), ..Reason::ours(text).at(relay) },
        });
    }
    let relay = rest.strip_prefix(" cannot authenticate to server ").and_then(server);
    let relay = relay.and_then(|(_, relay)| relay);
    Some(Reason { stage: Some(Stage::Auth), ..Reason::ours(text).at(relay) })
}

/// The name service gave no usable answer.
fn name_service(text: &str) -> Option<Reason<'_>> {
    let known = text.starts_with("Host or domain name not found")
        || text.starts_with("Name service error for ")
        || text.starts_with("unable to look up host ")
        || text.starts_with("unable to find primary relay for ")
        || text.starts_with("network address conversion failed")
        || text.ends_with(": host not found");
    known.then(|| Reason::nobody(text, None))
}
