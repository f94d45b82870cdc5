//! The words of a delivery that failed: another server's reply, or why there was none.
//!
//! A reply code is taken only from the place where Exim puts the reply: behind `… error … after COMMAND: `
//! (and behind `host NAME [ADDRESS]: `, which versions before 4.83 put there). Any other number is prose; so
//! is one at the start of an administrator's `:fail:` text. To add an opening: one arm in [`read`], one line
//! in the test.

use super::item::host;
use crate::event::{Event, Kind, Relay};
use crate::parse::token::{Res, angle, until_text};
use crate::smtp::{Direction, LineBreak, Origin, Reply, Stage, parse_reply};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::combinator::{opt, value};
use nom::sequence::{preceded, terminated};

/// Why a delivery (or one host of it) failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cause<'a> {
    /// The reply, where the other server gave one.
    pub(super) reply: Option<Reply<'a>>,
    /// The command that failed, where the words name it.
    pub(super) stage: Option<Stage>,
    pub(super) origin: Origin,
    /// The host, where the words name it (older versions).
    pub(super) relay: Option<Relay<'a>>,
    /// The address of the RCPT command that failed.
    pub(super) recipient: Option<&'a str>,
    /// The reply from its code on; without one, the words.
    pub(super) text: &'a str,
}

impl<'a> Cause<'a> {
    fn without_reply(origin: Origin, text: &'a str) -> Self {
        Self { reply: None, stage: None, origin, relay: None, recipient: None, text }
    }

    /// Puts the cause into an event.
    pub(super) fn tell(self, event: &mut Event<'a>) {
        event.text = self.text;
        event.origin = self.origin;
        event.stage = self.stage;
        if let Some(reply) = self.reply {
            event.set_reply(reply);
        }
        if event.relay.is_none() {
            event.relay = self.relay;
        }
        if event.recipient.is_none() {
            event.recipient = self.recipient;
        }
    }
}

/// Openings of texts about the network, DNS or TLS: nobody said anything, and it was not our decision.
const NOBODY: [&str; 26] = [
    "Connection ",
    "No route to host",
    "Network ",
    "Host is ",
    "Operation timed out",
    "Broken pipe",
    "Protocol error",
    "smtp send to ",
    "failed to connect ",
    "failed to write ",
    "TLS session",
    "TLS error ",
    "DANE ",
    "host lookup did not complete",
    "all hosts",
    "all host address lookups",
    "all relevant MX records",
    "an MX or SRV record",
    "lowest numbered MX record",
    "the lowest numbered MX",
    "no IP address found",
    "no host found",
    "lookup of host ",
    "DNS ",
    "authentication required ",
    "remote host ",
];

/// Whether `text` is about the network, DNS or TLS.
pub(super) fn says_nobody(text: &str) -> bool {
    NOBODY.iter().any(|opening| text.starts_with(opening))
}

/// What another server said, from the words in which a bounce quotes it: the event of the delivery without message id
/// and outcome. The host stands in front since 4.83.
pub(in crate::parse) fn parse_quoted_failure(text: &str) -> Option<Event<'_>> {
    let (words, relay) = match preceded(tag("host "), host).parse(text) {
        Ok((words, host)) if host.address.is_some() => (words.trim_start(), Some(host.relay())),
        _ => (text, None),
    };
    let cause = read(words);
    cause.reply?;
    let mut event = Event::new(Kind::Delivery, Direction::Outbound, cause.origin, cause.text);
    event.relay = relay;
    cause.tell(&mut event);
    Some(event)
}

/// Reads the message of a failure.
pub(super) fn read(text: &str) -> Cause<'_> {
    match text.as_bytes() {
        [b'S' | b'L', b'M', b'T', b'P', ..] | [b'P', b'R', b'D', b'R', ..] => {
            error_after_command(text).or_else(|| timeout(text))
        }
        [b'R', b'e', ..] => closed(text),
        [b'M', b'a', ..] => malformed(text),
        [b'a', b' ', b'T', ..] => tls_required(text),
        [b'h', b'o', b's', b't', b' ', ..] => named_host(text),
        [b's', b'm', b't', b'p', ..] => send_failed(text),
        _ => None,
    }
    .unwrap_or_else(|| {
        let origin = if says_nobody(text) { Origin::Nobody } else { Origin::Ours };
        let mut cause = Cause::without_reply(origin, text);
        if text.starts_with("TLS ") || text.starts_with("DANE ") {
            cause.stage = Some(Stage::StartTls);
        } else if text.starts_with("authentication required ") {
            cause.stage = Some(Stage::Auth);
        }
        cause
    })
}

/// `SMTP error from remote mail server after COMMAND: [host NAME [ADDRESS]: ]REPLY` and its relatives.
fn error_after_command(text: &str) -> Option<Cause<'_>> {
    let smtp = preceded(
        (alt((tag::<_, _, ()>("SMTP"), tag("LMTP"))), tag(" error from remote mail")),
        alt((tag(" server after "), tag("er after "))),
    );
    let per_recipient = alt((tag("LMTP error after "), tag("PRDR error after ")));
    let (rest, per_recipient) =
        alt((value(false, smtp), value(true, per_recipient))).parse(text).ok()?;
    let (reply, command) = command_and_colon(rest).ok()?;
    let stage = match stage_of_command(command) {
        // The smtp transport names DATA or BDAT, but one reply per recipient comes only after the final dot.
        Some(Stage::Data) if per_recipient => Some(Stage::EndOfData),
        stage => stage,
    };
    let (reply, relay) = behind_host(reply);
    let recipient = command
        .strip_prefix("pipelined ")
        .unwrap_or(command)
        .strip_prefix("RCPT TO:")
        .and_then(|address| angle(address).ok())
        .map(|(_, address)| address);
    let origin = Origin::Remote;
    Some(with_reply(Cause { reply: None, stage, origin, relay, recipient, text: reply }))
}

fn with_reply(mut cause: Cause<'_>) -> Cause<'_> {
    cause.reply = parse_reply(cause.text, LineBreak::BackslashN);
    cause
}

/// A command and the `: ` behind it. The address of MAIL and RCPT may hold a colon itself.
fn command_and_colon(text: &str) -> Res<'_, &str> {
    let verb = alt((tag::<_, _, ()>("MAIL FROM:"), tag("RCPT TO:")));
    let behind = match preceded(opt(tag("pipelined ")), preceded(verb, angle)).parse(text) {
        Ok((behind, _)) => behind,
        Err(_) => text,
    };
    let (rest, _) = terminated_by_colon(behind)?;
    let used = text.len() - rest.len();
    let command = text.get(..used).unwrap_or(text).trim_end_matches([':', ' ']);
    Ok((rest, command))
}

fn terminated_by_colon(text: &str) -> Res<'_, &str> {
    match text.strip_suffix(':') {
        Some(all) if !all.contains(": ") => Ok(("", all)),
        _ => until_text(": ")(text),
    }
}

/// Removes `host NAME [ADDRESS]: `.
fn behind_host(text: &str) -> (&str, Option<Relay<'_>>) {
    let named = terminated(preceded(tag("host "), host), tag(": ")).parse(text);
    match named {
        Ok((rest, host)) if host.address.is_some() => (rest, Some(host.relay())),
        _ => (text, None),
    }
}

/// The stage of a command, as Exim's messages name it or as a client spelled it.
pub(super) fn stage_of_command(command: &str) -> Option<Stage> {
    let command = command.strip_prefix("pipelined ").unwrap_or(command);
    let word = command.split([' ', ':']).next().unwrap_or("");
    let stage = match word {
        "initial" => Stage::Connect,
        "sending" => Stage::Data,
        "end" => Stage::EndOfData,
        _ => COMMANDS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name))?.1,
    };
    // The reply to the last chunk is the one to the whole message.
    let last_chunk = word.eq_ignore_ascii_case("BDAT")
        && command.rsplit(' ').next().is_some_and(|last| last.eq_ignore_ascii_case("LAST"));
    Some(if last_chunk { Stage::EndOfData } else { stage })
}

const COMMANDS: [(&str, Stage); 17] = [
    ("RCPT", Stage::Rcpt),
    ("MAIL", Stage::Mail),
    ("DATA", Stage::Data),
    ("BDAT", Stage::Data),
    ("EHLO", Stage::Ehlo),
    ("HELO", Stage::Ehlo),
    ("LHLO", Stage::Ehlo),
    ("STARTTLS", Stage::StartTls),
    ("AUTH", Stage::Auth),
    ("QUIT", Stage::Other),
    ("RSET", Stage::Other),
    ("NOOP", Stage::Other),
    ("ETRN", Stage::Other),
    ("VRFY", Stage::Other),
    ("EXPN", Stage::Other),
    ("HELP", Stage::Other),
    ("ATRN", Stage::Other),
];

/// `SMTP timeout [while connected to NAME [ADDRESS] ]after COMMAND[ (n bytes written)][: ERROR]`.
fn timeout(text: &str) -> Option<Cause<'_>> {
    let rest = text.strip_prefix("SMTP timeout ")?;
    let (rest, relay) = match rest.strip_prefix("while connected to ") {
        Some(rest) => {
            let (rest, host) = host(rest).ok()?;
            (rest.strip_prefix(' ').unwrap_or(rest), Some(host.relay()))
        }
        None => (rest, None),
    };
    let stage = rest.strip_prefix("after ").and_then(stage_of_words);
    Some(Cause { stage, relay, ..Cause::without_reply(Origin::Nobody, text) })
}

/// The stage of the command at the start of `text`, where more words may follow.
fn stage_of_words(text: &str) -> Option<Stage> {
    let end = text.find(" (").or_else(|| text.find(": ")).unwrap_or(text.len());
    stage_of_command(text.get(..end)?.trim_end_matches(':'))
}

/// `Remote host [NAME [ADDRESS] ]closed connection[ in response to COMMAND][ (EHLO response was: REPLY)]`.
///
/// The reply in parentheses is the one to EHLO, after which the host did not answer HELO any more.
fn closed(text: &str) -> Option<Cause<'_>> {
    let rest = text.strip_prefix("Remote host ")?;
    let (rest, relay) = if rest.starts_with("closed ") {
        (rest, None)
    } else {
        let (rest, host) = host(rest).ok()?;
        (rest.strip_prefix(' ')?, Some(host.relay()))
    };
    let rest = rest.strip_prefix("closed connection")?;
    let stage = rest.strip_prefix(" in response to ").and_then(stage_of_words);
    let cause = Cause { stage, relay, ..Cause::without_reply(Origin::Nobody, text) };
    if let Some((_, reply)) = rest.split_once(" (EHLO response was: ") {
        let reply = reply.strip_suffix(')').unwrap_or(reply);
        let quoted = with_reply(Cause { text: reply, origin: Origin::Remote, ..cause });
        if quoted.reply.is_some() {
            return Some(quoted);
        }
    }
    Some(cause)
}

/// `Malformed SMTP reply[ (an empty line)] in response to COMMAND[: TEXT]`,
/// `Malformed SMTP reply from NAME [ADDRESS] [in response to|after] COMMAND: TEXT`.
fn malformed(text: &str) -> Option<Cause<'_>> {
    let rest = text
        .strip_prefix("Malformed SMTP reply ")
        .or_else(|| text.strip_prefix("Malformed SMTP response "))?;
    let (rest, relay) = match rest.strip_prefix("from ").map(host) {
        Some(Ok((rest, host))) => (rest.strip_prefix(' ').unwrap_or(rest), Some(host.relay())),
        _ => (rest, None),
    };
    let rest = rest.strip_prefix("(an empty line) ").unwrap_or(rest);
    let command = rest.strip_prefix("in response to ").or_else(|| rest.strip_prefix("after "));
    let stage = command.and_then(|command| match command_and_colon(command) {
        Ok((_, command)) => stage_of_command(command),
        Err(_) => stage_of_words(command),
    });
    Some(Cause { stage, relay, ..Cause::without_reply(Origin::Nobody, text) })
}

/// `a TLS session is required[ for NAME [ADDRESS]], but TEXT`, where TEXT may quote the reply to STARTTLS.
fn tls_required(text: &str) -> Option<Cause<'_>> {
    let rest = text.strip_prefix("a TLS session is required")?;
    let nobody =
        Cause { stage: Some(Stage::StartTls), ..Cause::without_reply(Origin::Nobody, text) };
    let Some((_, why)) = rest.split_once(", but ") else { return Some(nobody) };
    let (reply, Some(relay)) = behind_host(why) else { return Some(nobody) };
    let quoted = with_reply(Cause { relay: Some(relay), text: reply, ..nobody });
    match quoted.reply {
        Some(_) => Some(Cause { origin: Origin::Remote, ..quoted }),
        None => Some(Cause { text, ..quoted }),
    }
}

/// `host NAME [ADDRESS]: ERROR`: older versions name the host before the error.
fn named_host(text: &str) -> Option<Cause<'_>> {
    match behind_host(text) {
        (_, Some(relay)) => {
            Some(Cause { relay: Some(relay), ..Cause::without_reply(Origin::Nobody, text) })
        }
        (_, None) => None,
    }
}

/// `smtp send to NAME [ADDRESS] failed: ERROR`.
fn send_failed(text: &str) -> Option<Cause<'_>> {
    let (_, host) = host(text.strip_prefix("smtp send to ")?).ok()?;
    Some(Cause { relay: Some(host.relay()), ..Cause::without_reply(Origin::Nobody, text) })
}
