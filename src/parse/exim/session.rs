//! Sessions of clients, told by their opening words: refused, out of turn, silent, gone; failed logins.
//!
//! Exim logs most of these without the reply that it sent. Where Exim itself fixes that reply, the code is
//! given as implied (`implied.rs`). To add a shape: one arm by its first letter, one line in the tests.

use super::host_line::{Caller, caller};
use super::implied::implied_code;
use super::item::host;
use super::remote::stage_of_command;
use crate::event::{Action, Content, Event, Kind, Note, Severity};
use crate::parse::near::cut_once;
use crate::parse::token::{angle, quoted, word};
use crate::smtp::{Direction, Disposition, LineBreak, Origin, Stage, parse_reply};

/// Reads a text that begins with known words of a session; `None` for other texts.
pub(super) fn parse<'a>(queue_id: Option<&'a str>, text: &'a str) -> Option<Content<'a>> {
    let event = match text.as_bytes().first()? {
        b'r' => rejected(text)
            .or_else(|| refused_connection(text))
            .or_else(|| refused_recipient(text, "refused relay ", " to "))
            .or_else(|| long_header(text, "ridiculously long message header"))?,
        b't' => temporarily(text).or_else(|| too_many_recipients(text))?,
        b'u' => match unqualified(text) {
            Some(event) => event,
            None => return text.starts_with("unexpected ").then(|| quiet_unexpected(text))?,
        },
        b'v' => refused_recipient(text, "verify failed for ", "SMTP recipient ")?,
        b'S' => return smtp(queue_id, text),
        b'C' => connection(text)?,
        b'T' => return tls_error(text),
        b'n' if is_quiet_n(text) => return Some(Content::Quiet),
        _ => return authenticator(queue_id, text),
    };
    Some(with_id(event, queue_id))
}

fn with_id<'a>(mut event: Event<'a>, queue_id: Option<&'a str>) -> Content<'a> {
    event.queue_id = queue_id;
    Content::Event(event)
}

fn is_quiet_n(text: &str) -> bool {
    text.starts_with("no host name found for IP address ")
        || text.starts_with("no IP address found for host ")
        || text.starts_with("no MAIL in ")
}

fn quiet_unexpected(text: &str) -> Option<Content<'_>> {
    let reading = text.contains(" while reading SMTP command from ");
    (reading || text.starts_with("unexpected disconnection ")).then_some(Content::Quiet)
}

/// A refusal by Exim's own rules.
fn refusal<'a>(stage: Option<Stage>, caller: Caller<'a>, text: &'a str) -> Event<'a> {
    let mut event = Event::new(Kind::Reject, Direction::Inbound, Origin::Ours, text);
    event.action = Some(Action::Reject);
    event.disposition = Some(Disposition::Rejected);
    event.stage = stage;
    event.implied_code = implied_code(text);
    caller.tell(&mut event);
    event
}

/// A client that did not keep to the protocol.
fn violation<'a>(stage: Option<Stage>, caller: Caller<'a>, text: &'a str) -> Event<'a> {
    Event { kind: Kind::ProtocolViolation, ..refusal(stage, caller, text) }
}

/// A client `HOST` with or without `H=`, and the text behind it, its separator removed.
fn peer(text: &str) -> (Caller<'_>, &str) {
    let has_key = text.starts_with("H=") || text.starts_with("U=") || text.starts_with("F=<");
    let (caller, rest) = if has_key {
        caller(text)
    } else {
        match host(text) {
            Ok((rest, host)) => {
                // `I=[192.0.2.1]:25 Ci=… U=…` may follow.
                let (items, behind) = match rest.strip_prefix(' ') {
                    Some(next) => match caller(next) {
                        (_, behind) if behind.len() >= next.len() => (Caller::default(), rest),
                        found => found,
                    },
                    None => (Caller::default(), rest),
                };
                // A local caller's name stands alone.
                let known = host.address.is_some() || host.helo.is_some();
                (Caller { host: known.then_some(host), ..items }, behind)
            }
            Err(_) => (Caller::default(), text),
        }
    };
    (caller, rest.trim_start_matches([' ', ':']))
}

/// `rejected EHLO|HELO from HOST: …`, `rejected "EHLO name" from HOST`, `rejected MAIL from HOST: …`,
/// `rejected MAIL command HOST: …`, `rejected MAIL FROM:<S> HOST: …`, `rejected from <S>[ HOST]: …`.
fn rejected(text: &str) -> Option<Event<'_>> {
    let rest = text.strip_prefix("rejected ")?;
    if let Some(event) = helo_refused(text, rest, false) {
        return Some(event);
    }
    if let Some(rest) = rest.strip_prefix("from ") {
        let (rest, sender) = angle(rest).ok()?;
        let (caller, text) = peer(rest.trim_start_matches(' '));
        let caller = Caller { sender: Some(sender), ..caller };
        return Some(refusal(Some(Stage::EndOfData), caller, text));
    }
    let rest = rest.strip_prefix("MAIL ")?;
    let (host, sender) = if let Some(rest) = rest.strip_prefix("FROM:") {
        let (rest, sender) = angle(rest).ok()?;
        // The command's parameters may stand between.
        (rest.find("H=").and_then(|at| rest.get(at..)).unwrap_or(rest), Some(sender))
    } else {
        (rest.strip_prefix("from ").or_else(|| rest.strip_prefix("command "))?, None)
    };
    let (caller, text) = peer(host.trim_start_matches(' '));
    Some(refusal(Some(Stage::Mail), Caller { sender, ..caller }, text))
}

fn helo_refused<'a>(text: &'a str, rest: &'a str, for_now: bool) -> Option<Event<'a>> {
    if rest.starts_with('"') {
        let (rest, command) = quoted(rest).ok()?;
        let (caller, _) = peer(rest.strip_prefix(" from ")?);
        let mut event = refusal(stage_of_command(command), caller, text);
        // `helo_verify_hosts`: Exim's own answer, no ACL.
        event.implied_code = crate::smtp::ReplyCode::new(if for_now { 451 } else { 550 });
        event.helo = event.helo.or(command.split_once(' ').map(|(_, name)| name));
        return Some(event);
    }
    let rest = rest.strip_prefix("EHLO ").or_else(|| rest.strip_prefix("HELO "))?;
    let (caller, words) = peer(rest.strip_prefix("from ")?);
    Some(refusal(Some(Stage::Ehlo), caller, words))
}

/// `temporarily rejected "EHLO name" from HOST`, `temporarily refused connection from HOST: …`.
fn temporarily(text: &str) -> Option<Event<'_>> {
    let rest = text.strip_prefix("temporarily ")?;
    if let Some(rest) = rest.strip_prefix("rejected ") {
        return helo_refused(text, rest, true);
    }
    let (caller, words) = peer(rest.strip_prefix("refused connection from ")?);
    let words = if words.is_empty() { text } else { words };
    Some(refusal(Some(Stage::Connect), caller, words))
}

/// `refused connection from HOST (host_reject_connection)`.
fn refused_connection(text: &str) -> Option<Event<'_>> {
    let (caller, words) = peer(text.strip_prefix("refused connection from ")?);
    let words = if words.is_empty() { text } else { words };
    Some(refusal(Some(Stage::Connect), caller, words))
}

/// Release 3: `refused relay (host) to <A> from <S> HOST`, `verify failed for SMTP recipient A from <S> HOST`.
fn refused_recipient<'a>(text: &'a str, opening: &str, before: &str) -> Option<Event<'a>> {
    let (_, rest) = text.strip_prefix(opening)?.split_once(before)?;
    let (rest, recipient) = angle(rest).or_else(|_| word(rest)).ok()?;
    let (rest, sender) = angle(rest.strip_prefix(" from ")?).ok()?;
    let (caller, _) = peer(rest.trim_start_matches(' '));
    let mut event = refusal(Some(Stage::Rcpt), Caller { sender: Some(sender), ..caller }, text);
    event.recipient = Some(recipient);
    Some(event)
}

/// `too many recipients: excess temporarily rejected: sender=<S> HOST`.
fn too_many_recipients(text: &str) -> Option<Event<'_>> {
    let rest = text.strip_prefix("too many recipients: ")?;
    let (_, rest) = rest.split_once("rejected: sender=")?;
    let (rest, sender) = angle(rest).ok()?;
    let (caller, _) = peer(rest.trim_start_matches(' '));
    Some(refusal(Some(Stage::Rcpt), Caller { sender: Some(sender), ..caller }, text))
}

/// `unqualified sender|recipient|verify rejected: <A> HOST`.
fn unqualified(text: &str) -> Option<Event<'_>> {
    let rest = text.strip_prefix("unqualified ")?;
    let (rest, what) = word(rest).ok()?;
    let stage = match what {
        "sender" => Stage::Mail,
        "recipient" => Stage::Rcpt,
        "verify" => Stage::Other,
        _ => return None,
    };
    let (rest, address) = angle(rest.strip_prefix(" rejected: ")?).ok()?;
    let (caller, _) = peer(rest.trim_start_matches(' '));
    let mut event = refusal(Some(stage), caller, text);
    match stage {
        Stage::Mail => event.sender = Some(address),
        _ => event.recipient = Some(address),
    }
    Some(event)
}

/// `ridiculously long message header received from HOST (more than n characters): message abandoned`.
fn long_header<'a>(text: &'a str, opening: &str) -> Option<Event<'a>> {
    let rest = text.strip_prefix(opening)?.strip_prefix(" received from ")?;
    let (caller, _) = peer(rest);
    Some(refusal(Some(Stage::EndOfData), caller, text))
}

/// `Connection from [ADDRESS] refused: too many connections[ from that IP address]`.
fn connection(text: &str) -> Option<Event<'_>> {
    let (caller, rest) = peer(text.strip_prefix("Connection from ")?);
    let words = rest.strip_prefix("refused: ")?;
    let mut event = refusal(Some(Stage::Connect), caller, words);
    event.action = Some(Action::Drop);
    Some(event)
}

/// Everything that begins with `SMTP `, and `SSL_…`.
fn smtp<'a>(queue_id: Option<&'a str>, text: &'a str) -> Option<Content<'a>> {
    let Some(rest) = text.strip_prefix("SMTP ") else {
        return text.starts_with("SSL_").then_some(Content::Quiet);
    };
    let event = match rest.as_bytes().first()? {
        b'p' => match rest.strip_prefix("protocol error in ") {
            Some(rest) => bad_command(rest)?,
            None => synchronization(text)?,
        },
        b's' => {
            let mut event = bad_command(rest.strip_prefix("syntax error in ")?)?;
            // Whatever is wrong with a command that Exim knows, its answer is 501.
            event.implied_code = event.implied_code.or(crate::smtp::ReplyCode::new(501));
            event
        }
        b'c' if rest.starts_with("connection ") => return Some(Content::Quiet),
        b'c' if rest.starts_with("call from ") => dropped_call(rest)?,
        b'c' | b'd' | b'i' => client_timeout(text, rest)?,
        _ => return None,
    };
    Some(with_id(event, queue_id))
}

/// `"COMMAND" HOST TEXT`.
fn bad_command(rest: &str) -> Option<Event<'_>> {
    let (rest, command) = command_in_quotes(rest)?;
    let (caller, words) = peer(rest.trim_start_matches(' '));
    let mut event = violation(stage_of_command(command), caller, words);
    if event.stage.is_none() {
        event.stage = Some(Stage::Other);
    }
    match (event.stage, command.split_once(':')) {
        (Some(Stage::Rcpt), Some((_, argument))) => event.recipient = address_of(argument),
        (Some(Stage::Mail), Some((_, argument))) => event.sender = address_of(argument),
        _ => {}
    }
    // The client's word may come first: `CRAM-MD5 authentication mechanism not supported`.
    let behind_word = words.split_once(' ').map_or("", |(_, behind)| behind);
    event.implied_code = event.implied_code.or_else(|| implied_code(behind_word));
    Some(event)
}

/// The address of a client's RCPT or MAIL command, where it is written as it should be.
fn address_of(argument: &str) -> Option<&str> {
    angle(argument.trim_start_matches(' ')).ok().map(|(_, address)| address)
}

/// A command between quotes that are not escaped inside: it ends at the quote before ` H=` or ` U=`, failing
/// that at the first one.
fn command_in_quotes(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('"')?;
    let end = inside
        .find("\" H=")
        .or_else(|| inside.find("\" U="))
        .or_else(|| inside.find("\" next input="))
        .or_else(|| inside.find('"'))?;
    Some((inside.get(end + 1..)?, inside.get(..end)?))
}

/// `SMTP protocol synchronization error (WHY): rejected connection from|"COMMAND" HOST [next ]input="…"`.
fn synchronization(text: &str) -> Option<Event<'_>> {
    let rest = text
        .strip_prefix("SMTP protocol synchronization error")
        .or_else(|| text.strip_prefix("SMTP protocol violation: synchronization error"))?;
    let (_, rest) = rest.split_once("): rejected ")?;
    let (stage, rest) = if let Some(rest) = rest.strip_prefix("connection from ") {
        (Some(Stage::Connect), rest)
    } else {
        let (rest, command) = command_in_quotes(rest)?;
        (stage_of_command(command).or(Some(Stage::Other)), rest)
    };
    let (caller, _) = peer(rest.trim_start_matches(' '));
    Some(violation(stage, caller, text))
}

/// `call from HOST dropped: too many … (last …)`.
fn dropped_call(rest: &str) -> Option<Event<'_>> {
    let (caller, rest) = peer(rest.strip_prefix("call from ")?);
    let words = rest.strip_prefix("dropped: ")?;
    let mut event = violation(None, caller, words);
    event.action = Some(Action::Drop);
    Some(event)
}

/// `SMTP command timeout on[ TLS] connection from HOST`, `SMTP data timeout (…) on connection from HOST F=<S>`.
fn client_timeout<'a>(text: &'a str, rest: &'a str) -> Option<Event<'a>> {
    let rest = rest
        .strip_prefix("command timeout ")
        .or_else(|| rest.strip_prefix("data timeout "))
        .or_else(|| rest.strip_prefix("incoming data timeout "))?;
    let (_, host) = rest.split_once("connection from ")?;
    let (caller, _) = peer(host);
    let mut event = refusal(Some(Stage::Timeout), caller, text);
    event.kind = Kind::SessionTimeout;
    event.action = None;
    Some(event)
}

/// `TLS error on connection from HOST (FUNCTION): TEXT`, `TLS error on connection to …`, `TLS error (…): …`:
/// the other side's trouble, unless the text is about our own certificate.
fn tls_error(text: &str) -> Option<Content<'_>> {
    let rest = text.strip_prefix("TLS ")?;
    let rest = rest.strip_prefix("recv ").or_else(|| rest.strip_prefix("send ")).unwrap_or(rest);
    let rest = rest.strip_prefix("error ")?;
    let ours = ["cert/key setup", "cert=", "dh_param", "error while reading file"];
    if ours.iter().any(|words| rest.contains(words)) {
        return Some(Content::Note(Note::Trouble { severity: Severity::Warning, text }));
    }
    Some(Content::Quiet)
}

/// `NAME authenticator failed for HOST: REPLY[ (set_id=LOGIN)]`: a client's login.
/// `NAME authenticator failed H=HOST REPLY`: ours at another server.
fn authenticator<'a>(queue_id: Option<&'a str>, text: &'a str) -> Option<Content<'a>> {
    let (rest, _) = word(text).ok()?;
    let rest = rest.strip_prefix(" authenticator ")?;
    if let Some(rest) = rest.strip_prefix("failed for ") {
        return Some(with_id(failed_login(rest), queue_id));
    }
    let rest =
        rest.strip_prefix("failed ").or_else(|| rest.strip_prefix("cancelled authentication "))?;
    let (rest, host) = host(rest.strip_prefix("H=")?).ok()?;
    let words = rest.trim_start_matches([' ', ':']);
    let mut event = Event::new(Kind::HostReply, Direction::Outbound, Origin::Nobody, words);
    event.stage = Some(Stage::Auth);
    event.relay = Some(host.relay());
    if let Some(reply) = parse_reply(words, LineBreak::BackslashN) {
        event.origin = Origin::Remote;
        event.set_reply(reply);
    }
    Some(with_id(event, queue_id))
}

fn failed_login(text: &str) -> Event<'_> {
    let (caller, words) = peer(text);
    let mut event = Event::new(Kind::AuthFailure, Direction::Inbound, Origin::Ours, words);
    event.action = Some(Action::Reject);
    event.disposition = Some(Disposition::Rejected);
    event.stage = Some(Stage::Auth);
    caller.tell(&mut event);
    if let Some(reply) = parse_reply(words, LineBreak::BackslashN) {
        event.set_reply(reply);
    }
    event.sasl_user = set_id(words);
    event
}

/// `… (set_id=LOGIN)`, after which `: TEXT` may follow. A login may hold a parenthesis.
fn set_id(words: &str) -> Option<&str> {
    let (_, login) = cut_once(words, "(set_id=")?;
    let login = match cut_once(login, "): ") {
        Some((login, _)) => login,
        None => login.strip_suffix(')').unwrap_or(login),
    };
    (!login.is_empty()).then_some(login)
}
