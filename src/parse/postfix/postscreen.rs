//! postscreen: it refuses clients before smtpd sees them (P-2, P-3). Its verdicts (`PASS`, `DNSBL rank`,
//! `PREGREET`, … P-1, P-4) refuse nobody by themselves: the refusal is a line of its own. Where it drops a
//! client at once, the verdict is the only line, and so an event.

use super::super::token::peer;
use super::access::{Decision, Meaning, implied, meaning_of, parse_access, stage_of};
use super::line::{is_tls_line, parse_any, parse_queue_id};
use crate::event::{Content, Defect, Event, Kind};
use crate::smtp::{Direction, Disposition, Origin, Stage};

/// Reads a line of `postscreen`.
pub(super) fn parse_postscreen(text: &str) -> Content<'_> {
    if let Some(verdict) = parse_verdict(text) {
        return verdict;
    }
    let (queue_id, rest) = parse_queue_id(text).unwrap_or((None, text));
    if let Some((action, rest)) = rest.split_once(": ")
        && let Some(meaning) = meaning_of(action)
    {
        return match meaning {
            Meaning::Report(decision) => parse_reject(decision, queue_id, rest),
            Meaning::Nothing => Content::Quiet,
        };
    }
    if is_tls_line(text) || text.starts_with("cache ") { Content::Quiet } else { parse_any(text) }
}

/// P-2; without a reply in the text (P-3) the reply was 421.
fn parse_reject<'a>(decision: Decision, queue_id: Option<&'a str>, text: &'a str) -> Content<'a> {
    let mut content = parse_access(decision, queue_id, text);
    if let Content::Event(event) = &mut content
        && event.code.is_none()
        && matches!(
            event.text,
            "too many connections" | "all server ports busy" | "all screening ports busy"
        )
    {
        event.implied_code = implied(421);
    }
    content
}

fn parse_verdict(text: &str) -> Option<Content<'_>> {
    let quiet = match text.as_bytes().first()? {
        b'C' => {
            if let Some(rest) = text.strip_prefix("COMMAND ") {
                return Some(parse_command(text, rest));
            }
            text.starts_with("CONNECT from ")
        }
        b'D' => {
            text.starts_with("DISCONNECT [")
                || text.starts_with("DNSBL rank ")
                || text.starts_with("DENYLISTED ")
                || text.starts_with("DATA without valid RCPT ")
        }
        b'P' => text.starts_with("PASS ") || text.starts_with("PREGREET "),
        b'A' => text.starts_with("ALLOWLISTED ") || text.starts_with("ALLOWLIST VETO "),
        b'W' => text.starts_with("WHITELISTED ") || text.starts_with("WHITELIST VETO "),
        b'B' => {
            text.starts_with("BLACKLISTED ")
                || text.starts_with("BARE NEWLINE ")
                || text.starts_with("BDAT without valid RCPT ")
        }
        b'H' => text.starts_with("HANGUP after "),
        b'N' => {
            // Dropped with 521 by default; other settings refuse later or not at all.
            let rest = text.strip_prefix("NON-SMTP COMMAND from ")?;
            return Some(dropped(Kind::ProtocolViolation, Some(Stage::Other), text, rest));
        }
        b'e' => text.starts_with("entering STRESS mode "),
        b'l' => text.starts_with("leaving STRESS mode "),
        b'r' => text.starts_with("replacing command "),
        b'[' => text.contains(": replacing command "),
        _ => false,
    };
    quiet.then_some(Content::Quiet)
}

/// Behind `COMMAND `: the limits end the session with 421; pipelining is judged later.
fn parse_command<'a>(text: &'a str, rest: &'a str) -> Content<'a> {
    let (kind, stage, rest) = if let Some(rest) = rest.strip_prefix("TIME LIMIT from ") {
        (Kind::SessionTimeout, Some(Stage::Timeout), rest)
    } else if let Some(rest) =
        rest.strip_prefix("COUNT LIMIT from ").or_else(|| rest.strip_prefix("LENGTH LIMIT from "))
    {
        let after = rest.rsplit_once(" after ").and_then(|(_, command)| stage_of(command));
        (Kind::ProtocolViolation, after, rest)
    } else if rest.starts_with("PIPELINING from ") {
        return Content::Quiet;
    } else {
        return Content::Malformed(Defect::Cut);
    };
    let mut content = dropped(kind, stage, text, rest);
    if let Content::Event(event) = &mut content {
        event.implied_code = implied(421);
    }
    content
}

fn dropped<'a>(kind: Kind, stage: Option<Stage>, text: &'a str, client: &'a str) -> Content<'a> {
    let mut event = Event::new(kind, Direction::Inbound, Origin::Ours, text);
    event.disposition = Some(Disposition::Rejected);
    event.stage = stage;
    event.client = peer(client).ok().map(|(_, peer)| peer.client());
    Content::Event(event)
}
