//! The reason of a delivery: the text in the parentheses at the end of a delivery line (R-1 to R-9 and the
//! texts without a reply), and of the same text behind a queue id when another server is tried next.
//!
//! A reply code is taken only from the place where Postfix quotes a server: behind `said: `,
//! `refused to talk to me: ` and `refused to start TLS: ` at the start of the reason, or at the very start
//! of what a server answered to accepted mail. The output of local commands and the texts of administrators
//! look like replies and are none, so [`parse_reason`] is not for the agents that deliver locally.
//! To add a text: one arm in [`parse_failure`].

use super::super::token::peer;
use crate::event::Relay;
use crate::smtp::{LineBreak, Origin, Reply, Stage, parse_reply};

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
        Self {
            reply,
            text: words,
            origin: Origin::Remote,
            stage,
            relay: None,
            repeated: false,
        }
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

/// Reads a text that tells of a server or the way to it; `None` when it is neither.
pub(super) fn parse_failure(text: &str) -> Option<Reason<'_>> {
    match text.as_bytes().first()? {
        b'h' => host_said(text.strip_prefix("host ")?),
        b'c' => {
            if let Some(rest) = text.strip_prefix("connect to ") {
                Some(connect(text, rest))
            } else if let Some(rest) = text.strip_prefix("conversation with ") {
                Some(broken_off(text, rest, " timed out while "))
            } else {
                None
            }
        }
        b'l' => text
            .strip_prefix("lost connection with ")
            .map(|rest| broken_off(text, rest, " while ")),
        b'T' => tls_required(text)
            .or_else(|| text.starts_with("TLSA lookup error ").then(|| without_tls(text))),
        b'S' => starts_with_s(text),
        b'C' => text.starts_with("Cannot start TLS: ").then(|| without_tls(text)),
        b'D' => (text.starts_with("Domain ") && text.ends_with("(nullMX)"))
            .then(|| Reason::nobody(text, None)),
        b'H' | b'N' | b'n' | b'u' => name_service(text),
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
    let end = memchr::memchr2(b' ', b':', text.as_bytes())?;
    let (host, rest) = text.split_at_checked(end)?;
    (!host.is_empty()).then_some((rest, Some(Relay { host: Some(host), ..Relay::default() })))
}

/// Cuts ` (in reply to CMD command)` off the end. The same words inside the reply are the server's own.
fn without_command(words: &str) -> (&str, Option<Stage>) {
    let Some((reply, command)) = words.rsplit_once(" (in reply to ") else {
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
            let words = match words.rsplit_once(" (port ") {
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
    text.starts_with("SMTPUTF8 is required, but ")
        .then(|| Reason::ours(text).at(named_last(text)))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Code (or `-`), enhanced code (or `-`), origin, stage (or `-`).
    fn told(text: &str) -> String {
        let reason = parse_reason(text);
        let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        format!(
            "{} {} {} {}{}",
            or_dash(reason.reply.map(|reply| reply.code.to_string())),
            or_dash(reason.reply.and_then(|reply| reply.enhanced).map(|code| code.to_string())),
            reason.origin,
            or_dash(reason.stage.map(|stage| stage.to_string())),
            if reason.repeated { " repeated" } else { "" },
        )
    }

    #[test]
    fn a_code_is_taken_where_a_server_is_quoted() {
        for (id, text, want) in [
            (
                "R-2",
                "host mx.example.com[192.0.2.25] said: 550-5.7.1 a 550 5.7.1 b (see policy) (in reply to end of DATA command)",
                "550 5.7.1 remote eod",
            ),
            (
                "R-2",
                "host mx.example.com[2001:db8::25]:25 said: 450 4.2.0 no (in reply to RCPT TO command)",
                "450 4.2.0 remote rcpt",
            ),
            (
                "R-2",
                "host mx.example.com[192.0.2.25] said: 550 (in reply to MAIL FROM command)",
                "550 - remote mail",
            ),
            (
                "R-2",
                "host mx.example.com[192.0.2.25] said: 554 no (in reply to DATA command)",
                "554 - remote data",
            ),
            (
                "R-2",
                "host mx.example.com[192.0.2.25] said: 550 5.7.0 (in reply to MAIL FROM command) (in reply to RCPT TO command)",
                "550 5.7.0 remote rcpt",
            ),
            (
                "R-2 cut",
                "host mx.example.com[192.0.2.25] said: 550 5.7.0 (in reply to MAIL FROM command) was",
                "550 5.7.0 remote -",
            ),
            (
                "R-2 cut",
                "host mx.example.com[192.0.2.25] said: 550 5.7.0 no (in reply to RCPT T",
                "550 5.7.0 remote rcpt",
            ),
            (
                "R-2 XFORWARD",
                "host mx.example.com[192.0.2.25] said: 501 no (in reply to XFORWARD name/address command)",
                "501 - remote other",
            ),
            (
                "R-2 no address",
                "host mx.example.com said: 550 5.1.1 x (in reply to RCPT TO command)",
                "550 5.1.1 remote rcpt",
            ),
            (
                "R-3",
                "host mx.example.com[192.0.2.25] refused to talk to me: 554-mx 554 5.7.1 no",
                "554 - remote connect",
            ),
            (
                "R-3 of 2.2",
                "connect to mx.example.com[192.0.2.25]: server refused to talk to me: 421 4.7.0 [TS01] later  (port 25)",
                "421 4.7.0 remote connect",
            ),
            (
                "R-4",
                "TLS is required, but host mx.example.com[192.0.2.25] refused to start TLS: 454 4.7.0 no",
                "454 4.7.0 remote starttls",
            ),
            (
                "R-5",
                "Sender requested REQUIRETLS, but host mx.example.com[192.0.2.25] refused to start TLS: 454 4.7.0 no",
                "454 4.7.0 remote starttls",
            ),
            (
                "R-6",
                "SASL authentication failed; server mx.example.com[192.0.2.25] said: 535-5.7.8 first?535 5.7.8 second",
                "535 5.7.8 remote auth",
            ),
            (
                "R-6 cached",
                "SASL [CACHED] authentication failed; server mx.example.com said: 535 5.7.8 no",
                "535 5.7.8 remote auth",
            ),
            (
                "R-7",
                "Protocol error: host mx.example.com[192.0.2.25] said: 250 yes (in reply to RCPT TO command)",
                "250 - remote rcpt",
            ),
            (
                "R-7 garbage",
                "Protocol error: host mx.example.com[192.0.2.25] said: hello 550 (in reply to RCPT TO command)",
                "- - remote rcpt",
            ),
            (
                "R-8",
                "delivery temporarily suspended: host mx.example.com[192.0.2.25] refused to talk to me: 421 4.3.2 busy",
                "421 4.3.2 remote connect repeated",
            ),
            (
                "R-8 without",
                "delivery temporarily suspended: connect to mx.example.com[192.0.2.25]:25: Connection refused",
                "- - nobody connect repeated",
            ),
            (
                "R-9",
                "undeliverable address: host mx.example.com[192.0.2.25] said: 550 5.1.1 x (in reply to RCPT TO command)",
                "550 5.1.1 remote rcpt",
            ),
            (
                "first said",
                "host mx.example.com[192.0.2.25] said: 451 4.0.0 host b.example.com said: 550 no (in reply to RCPT TO command)",
                "451 4.0.0 remote rcpt",
            ),
            (
                "bracket",
                "host mx.example.com[192.0.2.25] said: 421 4.7.0 [TSS04] later (in reply to MAIL FROM command)",
                "421 4.7.0 remote mail",
            ),
            (
                "odd code",
                "host mx.example.com[192.0.2.25] said: 850 nonsense (in reply to MAIL FROM command)",
                "850 - remote mail",
            ),
        ] {
            assert_eq!(told(text), want, "{id}: {text}");
        }
    }

    #[test]
    fn texts_without_a_reply_tell_who_and_where() {
        for (text, want) in [
            ("connect to mx.example.com[192.0.2.25]:25: Connection timed out", "- - nobody connect"),
            ("connect to mx.example.com[private/lmtp]: No such file or directory", "- - nobody connect"),
            (
                "lost connection with mx.example.com[192.0.2.25] while receiving the initial server greeting",
                "- - nobody connect",
            ),
            (
                "lost connection with mx.example.com[192.0.2.25] while performing the EHLO handshake",
                "- - nobody ehlo",
            ),
            (
                "lost connection with mx.example.com[192.0.2.25] while performing the LHLO handshake",
                "- - nobody ehlo",
            ),
            (
                "lost connection with mx.example.com[192.0.2.25] while receiving the STARTTLS response",
                "- - nobody starttls",
            ),
            (
                "conversation with mx.example.com[192.0.2.25] timed out while sending MAIL FROM",
                "- - nobody mail",
            ),
            (
                "conversation with mx.example.com[192.0.2.25] timed out while sending RCPT TO",
                "- - nobody rcpt",
            ),
            (
                "lost connection with mx.example.com[192.0.2.25] while sending DATA command",
                "- - nobody data",
            ),
            (
                "lost connection with mx.example.com[192.0.2.25] while sending message body",
                "- - nobody data",
            ),
            (
                "lost connection with mx.example.com[192.0.2.25] while sending end of data -- message may be sent more than once",
                "- - nobody eod",
            ),
            (
                "lost connection with mx.example.com[192.0.2.25] while sending XFORWARD name/address",
                "- - nobody other",
            ),
            (
                "lost connection with mx.example.com[192.0.2.25] while sending final RSET",
                "- - nobody other",
            ),
            ("lost connection with mx.example.com[192.0.2.25] while sending QUIT", "- - nobody other"),
            ("local data error while talking to mx.example.com[192.0.2.25]", "- - ours -"),
            (
                "Host or domain name not found. Name service error for name=example.com type=MX: Host not found, try again",
                "- - nobody -",
            ),
            ("Name service error for name=example.com type=A: 550", "- - nobody -"),
            ("Domain example.com does not accept mail (nullMX)", "- - nobody -"),
            ("unable to look up host example.com: Temporary failure", "- - nobody -"),
            ("mx.example.com: host not found", "- - nobody -"),
            ("unable to find primary relay for example.com", "- - nobody -"),
            ("mail for example.com loops back to myself", "- - ours -"),
            ("network address conversion failed: x", "- - nobody -"),
            ("server unavailable or unable to receive mail", "- - nobody connect"),
            ("all network protocols are disabled", "- - ours -"),
            ("server configuration error", "- - ours -"),
            (
                "TLS is required, but was not offered by host mx.example.com[192.0.2.25]",
                "- - nobody starttls",
            ),
            ("TLS is required, but our TLS engine is unavailable", "- - ours starttls"),
            ("Server certificate not verified", "- - nobody starttls"),
            ("Cannot start TLS: handshake failure", "- - nobody starttls"),
            ("client TLS configuration problem", "- - ours -"),
            ("TLSA lookup error for mx.example.com:25", "- - nobody starttls"),
            (
                "Sender requested REQUIRETLS, but mx.example.com has no 5.7.10 policy",
                "- - nobody starttls",
            ),
            (
                "SASL authentication failed; cannot authenticate to server mx.example.com[192.0.2.25]: no worthy mechs found",
                "- - ours auth",
            ),
            (
                "SASL authentication failed: server mx.example.com[192.0.2.25] offered no compatible authentication mechanisms for this type of connection security",
                "- - ours auth",
            ),
            ("unexpected server message", "- - ours -"),
            (
                "message size 550000 exceeds size limit 10240000 of server mx.example.com[192.0.2.25]",
                "- - ours -",
            ),
            (
                "message requires SMTPUTF8, but no server was found that supports SMTPUTF8. The last attempted server was mx.example.com[192.0.2.25]",
                "- - ours -",
            ),
            ("SMTPUTF8 is required, but was not offered by host mx.example.com[192.0.2.25]", "- - ours -"),
            ("unreadable mail queue entry", "- - ours -"),
            ("bounce or trace service failure", "- - ours -"),
            ("mail transport unavailable", "- - ours -"),
            ("unknown mail transport error", "- - ours -"),
            ("550 this address has moved", "- - ours -"),
            ("", "- - ours -"),
        ] {
            assert_eq!(told(text), want, "{text}");
        }
    }

    #[test]
    fn the_text_is_the_reply_or_else_the_whole_reason() {
        for (text, want, host) in [
            (
                "host mx.example.com[192.0.2.25] said: 550 no (x) (in reply to RCPT TO command)",
                "550 no (x)",
                Some("mx.example.com"),
            ),
            (
                "delivery temporarily suspended: lost connection with mx.example.com[192.0.2.25] while sending QUIT",
                "delivery temporarily suspended: lost connection with mx.example.com[192.0.2.25] while sending QUIT",
                Some("mx.example.com"),
            ),
            (
                "TLS is required, but was not offered by host mx.example.com[192.0.2.25]",
                "TLS is required, but was not offered by host mx.example.com[192.0.2.25]",
                Some("mx.example.com"),
            ),
            ("mail transport unavailable", "mail transport unavailable", None),
        ] {
            let reason = parse_reason(text);
            assert_eq!((reason.text, reason.relay.and_then(|r| r.host)), (want, host), "{text}");
        }
    }
}
