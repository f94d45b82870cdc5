//! What an ACL did with a client's command: refused it, verified the sender, warned, threw the mail away.
//!
//! The reply that the client got is not logged as such. It stands in the line only where the ACL's own message
//! begins with a reply code and there is no separate log message; then the code's class is what the words
//! say (`rejected` 5, `temporarily rejected` 4), as Exim corrects any other. Every further number in the text
//! belongs to somebody else.

use super::host_line::Caller;
use super::item::host;
use super::remote::{self, stage_of_command};
use crate::event::{Action, Content, Event, Kind, Note, Severity};
use crate::parse::token::{angle, quoted};
use crate::smtp::{Direction, Disposition, EnhancedCode, LineBreak, Origin, Stage, parse_reply};

/// Whether `text` begins with words that [`parse`] knows.
pub(super) fn begins_words(text: &str) -> bool {
    [
        "rejected ",
        "temporarily rejected ",
        "sender verify ",
        "Warning: ",
        "dropped by ",
        "incomplete transaction",
        "RCPT <",
        "MAIL <",
    ]
    .iter()
    .any(|words| text.starts_with(words))
}

/// What a line says of a refusal behind its caller, as people quote it: `rejected RCPT <A>: TEXT`. A word that a server
/// may say of itself needs a text behind it.
pub(in crate::parse) fn parse_cut_refusal(text: &str) -> Option<Event<'_>> {
    rejected(text).filter(|event| event.text != text)
}

/// Reads the words behind the caller; `None` where they are none of an ACL.
pub(super) fn parse<'a>(
    queue_id: Option<&'a str>,
    caller: Caller<'a>,
    words: &'a str,
) -> Option<Content<'a>> {
    let mut event = match words.as_bytes().first()? {
        b'r' | b't' => rejected(words)?,
        b's' => return sender_verify(queue_id, caller, words),
        b'W' => return warning(words),
        b'd' => dropped(words)?,
        b'R' | b'M' => discarded(refusal(words)?)?,
        b'i' => return words.starts_with("incomplete transaction").then_some(Content::Quiet),
        b'S' => return words.starts_with("SMTP connection lost").then_some(Content::Quiet),
        _ => return None,
    };
    let sender = event.sender;
    let helo = event.helo;
    caller.tell(&mut event);
    event.sender = event.sender.or(sender);
    event.helo = event.helo.or(helo);
    event.queue_id = queue_id;
    Some(Content::Event(event))
}

/// What was refused, and the words behind it.
#[derive(Clone, Copy, Default)]
struct Refusal<'a> {
    stage: Option<Stage>,
    recipient: Option<&'a str>,
    sender: Option<&'a str>,
    helo: Option<&'a str>,
    /// Behind `: `; empty where nothing was said.
    text: &'a str,
    /// The text is what an SMTP client was told.
    replied: bool,
}

impl Refusal<'_> {
    fn at(stage: Stage) -> Self {
        Self { stage: Some(stage), replied: true, ..Self::default() }
    }
}

fn rejected(words: &str) -> Option<Event<'_>> {
    let (what, for_now) = match words.strip_prefix("temporarily rejected ") {
        Some(what) => (what, true),
        None => (words.strip_prefix("rejected ")?, false),
    };
    let refusal = refusal(what)?;
    // Very old versions wrote `rejected RCPT <A>: discarded by RCPT ACL`: it was accepted.
    if let Some(event) = discarded(refusal) {
        return Some(event);
    }
    let mut event = refused(refusal, words);
    tell_own_reply(refusal, for_now, &mut event);
    Some(event)
}

fn refused<'a>(refusal: Refusal<'a>, words: &'a str) -> Event<'a> {
    let text = if refusal.text.is_empty() { words } else { refusal.text };
    let mut event = Event::new(Kind::Reject, Direction::Inbound, Origin::Ours, text);
    event.action = Some(Action::Reject);
    event.disposition = Some(Disposition::Rejected);
    event.stage = refusal.stage;
    event.recipient = refusal.recipient;
    event.sender = refusal.sender;
    event.helo = refusal.helo;
    event
}

/// The reply code at the very start of the text, if it can be the one that was sent. VRFY and EXPN may have
/// been answered with any class.
///
/// Exim takes a code only before a space. `550-5.7.1 first line` went out behind Exim's own code, which is 550
/// (`temporarily` 451) for most commands; so a code with `-` counts where it is that one, and an enhanced
/// status code behind it is text.
fn tell_own_reply<'a>(refusal: Refusal<'a>, for_now: bool, event: &mut Event<'a>) {
    if !refusal.replied {
        return;
    }
    let (class, usual) = if for_now { (4, 451) } else { (5, 550) };
    let Some(reply) = parse_reply(refusal.text, LineBreak::BackslashN) else {
        event.enhanced = EnhancedCode::parse_prefix(refusal.text).map(|(code, _)| code);
        return;
    };
    let any_class = refusal.stage == Some(Stage::Other);
    if refusal.text.as_bytes().get(3) == Some(&b'-') {
        let sent = reply.code.value() == usual && !any_class && refusal.stage != Some(Stage::Auth);
        event.code = sent.then_some(reply.code);
    } else if reply.code.class() == class || any_class {
        event.set_reply(reply);
    }
}

/// Reads WHAT of `rejected WHAT[: TEXT]`.
fn refusal(what: &str) -> Option<Refusal<'_>> {
    if let Some(rest) = what.strip_prefix("RCPT ") {
        let (recipient, text) = argument(rest);
        let recipient = (!recipient.is_empty()).then_some(recipient);
        return Some(Refusal { recipient, text, ..Refusal::at(Stage::Rcpt) });
    }
    if let Some(rest) = what.strip_prefix("MAIL ") {
        let (sender, text) = argument(rest);
        return Some(Refusal { sender: Some(sender), text, ..Refusal::at(Stage::Mail) });
    }
    let local = Refusal::default();
    for (opening, refusal) in [
        ("after DATA PRDR", Refusal::at(Stage::EndOfData)),
        ("after DATA", Refusal::at(Stage::EndOfData)),
        ("DATA", Refusal::at(Stage::Data)),
        ("during MIME ACL checks", Refusal::at(Stage::EndOfData)),
        ("by local_scan()", Refusal { stage: Some(Stage::EndOfData), ..local }),
        ("by non-SMTP ACL", local),
        ("connection in \"connect\" ACL", Refusal::at(Stage::Connect)),
        ("connect", Refusal::at(Stage::Connect)),
    ] {
        if let Some(rest) = what.strip_prefix(opening)
            && (rest.is_empty() || rest.starts_with([':', ' ']))
        {
            return Some(with_text(refusal, rest));
        }
    }
    if let Some(rest) = what.strip_prefix("EHLO or HELO ") {
        let (helo, text) = cut(rest);
        return Some(Refusal { helo: Some(helo), text, ..Refusal::at(Stage::Ehlo) });
    }
    let word = what.split([' ', ':']).next()?;
    let stage = match word {
        "AUTH" => Stage::Auth,
        "STARTTLS" => Stage::StartTls,
        "MAILAUTH" => Stage::Mail,
        "DKIM" | "PRDR" | "MIME" => Stage::EndOfData,
        "ETRN" | "VRFY" | "EXPN" | "ATRN" | "QUIT" | "NOTQUIT" | "HELP" | "WELLKNOWN" => {
            Stage::Other
        }
        _ => return None,
    };
    Some(with_text(Refusal::at(stage), what.get(word.len()..)?))
}

fn with_text<'a>(refusal: Refusal<'a>, rest: &'a str) -> Refusal<'a> {
    Refusal { text: cut(rest).1, ..refusal }
}

/// Text up to `: ` and text behind it.
fn cut(text: &str) -> (&str, &str) {
    text.split_once(": ").unwrap_or((text.strip_suffix(':').unwrap_or(text), ""))
}

/// The argument of RCPT or MAIL: an address in brackets, or as the client wrote it, and the text behind.
fn argument(text: &str) -> (&str, &str) {
    if let Ok((rest, address)) = angle(text) {
        return (address, cut(rest).1);
    }
    let behind_quotes = quoted(text).map_or(text, |(rest, _)| rest);
    let (behind, said) = cut(behind_quotes);
    let argument = text.len() - behind_quotes.len() + behind.len();
    let argument = text.get(..argument).unwrap_or(text);
    // Parameters may follow (`a@example.com NOTIFY=NEVER`).
    let address = match argument.rsplit_once('@') {
        Some((_, domain)) => {
            let parameters = domain.find(' ').map_or(0, |at| domain.len() - at);
            argument.get(..argument.len() - parameters).unwrap_or(argument)
        }
        None => argument,
    };
    (address, said)
}

/// `dropped by ACL WHAT: TEXT`.
fn dropped(words: &str) -> Option<Event<'_>> {
    let what = words.strip_prefix("dropped by ")?;
    let what = what.strip_prefix("ACL ").unwrap_or(what);
    let refusal = refusal(what)?;
    let mut event = refused(refusal, words);
    event.action = Some(Action::Drop);
    tell_own_reply(refusal, false, &mut event);
    Some(event)
}

/// `RCPT <A>: discarded by RCPT ACL[: TEXT]`, `MAIL <S>: discarded by MAIL ACL`: the client was told 250.
fn discarded(refusal: Refusal<'_>) -> Option<Event<'_>> {
    let by = refusal.text.strip_prefix("discarded by ")?;
    let mut event = refused(refusal, refusal.text);
    event.kind = Kind::Disposal;
    event.action = Some(Action::Discard);
    event.disposition = Some(Disposition::Discarded);
    if let (_, text) = cut(by)
        && !text.is_empty()
    {
        event.text = text;
    }
    Some(event)
}

/// `sender verify fail|defer for <A>[: TEXT]`. Where TEXT quotes another server's reply (a callout), that is
/// what the line tells; else it is a probe that ended here. The refusal itself is a line of its own.
fn sender_verify<'a>(
    queue_id: Option<&'a str>,
    caller: Caller<'a>,
    words: &'a str,
) -> Option<Content<'a>> {
    let rest = words.strip_prefix("sender verify ")?;
    let (rest, failed) = match rest.strip_prefix("fail for ") {
        Some(rest) => (rest, true),
        None => (rest.strip_prefix("defer for ")?, false),
    };
    let (rest, address) = angle(rest).ok()?;
    let text = rest.strip_prefix(": ").unwrap_or("");
    let mut event = callout(text).unwrap_or_else(|| {
        let text = if text.is_empty() { words } else { text };
        let mut event = Event::new(Kind::Probe, Direction::Outbound, Origin::Ours, text);
        remote::read(text).tell(&mut event);
        if text.starts_with("Could not complete ") {
            event.origin = Origin::Nobody;
        }
        event.disposition = failed.then_some(Disposition::Undeliverable);
        event
    });
    caller.tell(&mut event);
    event.queue_id = queue_id;
    event.recipient = Some(address);
    Some(Content::Event(event))
}

/// A third party's reply that a verification quotes:
/// `[…callout: ]NAME [ADDRESS] : SMTP error from remote mail server after COMMAND: REPLY`,
/// `[…callout: ]NAME [ADDRESS] : response to "COMMAND"[ from NAME [ADDRESS]] was: REPLY`.
fn callout(text: &str) -> Option<Event<'_>> {
    let at = text.find("SMTP error from remote mail").or_else(|| text.find("response to \""))?;
    let (before, said) = text.split_at_checked(at)?;
    let mut event = Event::new(Kind::HostReply, Direction::Outbound, Origin::Remote, said);
    event.relay = relay_before(before);
    if let Some(rest) = said.strip_prefix("response to ") {
        let (rest, command) = quoted(rest).ok()?;
        let (from, reply) = rest.split_once("was: ")?;
        // Versions before 4.86 name the host here.
        event.relay = event.relay.or_else(|| relay_before(from.strip_prefix(" from ")?));
        event.set_reply(parse_reply(reply, LineBreak::BackslashN)?);
        event.stage = stage_of_command(command);
        return Some(event);
    }
    let cause = remote::read(said);
    cause.reply?;
    cause.tell(&mut event);
    Some(event)
}

/// `… callout: NAME [ADDRESS] : `.
fn relay_before(text: &str) -> Option<crate::event::Relay<'_>> {
    let text = text.trim_end_matches([' ', ':']);
    let text = text.rsplit_once(": ").map_or(text, |(_, last)| last);
    let text = text.strip_prefix("host ").unwrap_or(text);
    let (_, host) = host(text).ok()?;
    host.address.map(|_| host.relay())
}

/// `Warning: TEXT`: an administrator's own words, unless the ACL machinery speaks of a statement that it
/// could not evaluate.
fn warning(words: &str) -> Option<Content<'_>> {
    let text = words.strip_prefix("Warning: ")?;
    if text.starts_with("ACL \"") && text.contains(" statement skipped") {
        return Some(Content::Note(Note::Trouble { severity: Severity::Warning, text }));
    }
    Some(Content::Quiet)
}
