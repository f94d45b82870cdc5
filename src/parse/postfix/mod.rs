//! Postfix: from the name of a daemon and the text of its line to what the line says.
//!
//! Names in brackets (D-1, R-2, A-8 …) are those of the log-line inventory. The daemon decides first, then the
//! queue id, then the first word: no line is tried against a list of shapes. A line of a shape that we do not
//! know is [`Content::Unknown`] and counted as such.
//!
//! To add a daemon: its name in [`family_of`]. To add a shape: one arm in the file of its daemon, one line in
//! `tests.rs`.

mod access;
mod cleanup;
mod client;
mod context;
mod delivery;
mod line;
mod postscreen;
mod queue;
mod reason;
mod smtpd;
#[cfg(test)]
mod tests;
mod turned_away;

use crate::event::{Content, Defect};
use delivery::Agent;
pub(super) use delivery::parse_cut_delivery;
use line::{parse_any, parse_queue_id, parse_quiet};
pub(super) use reason::parse_quoted_reason;
pub(super) use smtpd::parse_cut_decision;

/// Daemons and commands that speak the same language.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Family {
    /// `smtp`, `lmtp`, and every agent that writes delivery lines.
    Delivery(Agent),
    Smtpd,
    Cleanup,
    Qmgr,
    Pickup,
    Bounce,
    Postscreen,
    Postsuper,
    /// `postfix` alone: its own messages, and what a collector leaves of every daemon's name.
    Nameless,
    /// Says nothing we use, but for warnings.
    Quiet,
}

/// The daemon or command of this name; `None` for a name that Postfix does not have.
pub(super) fn family_of(daemon: &str) -> Option<Family> {
    Some(match daemon {
        "smtp" => Family::Delivery(Agent::Smtp),
        "lmtp" => Family::Delivery(Agent::Lmtp),
        "local" | "virtual" | "pipe" | "discard" => Family::Delivery(Agent::Local),
        "error" | "retry" => Family::Delivery(Agent::Relayed),
        "smtpd" => Family::Smtpd,
        "cleanup" => Family::Cleanup,
        "qmgr" | "oqmgr" | "nqmgr" => Family::Qmgr,
        "pickup" => Family::Pickup,
        "bounce" | "defer" | "trace" => Family::Bounce,
        "postscreen" => Family::Postscreen,
        "postsuper" => Family::Postsuper,
        "postfix" => Family::Nameless,
        "anvil" | "dnsblog" | "flush" | "master" | "nbdb_reindexd" | "postalias" | "postcat"
        | "postconf" | "postdrop" | "postfix-script" | "postfix-tls-script" | "postfix-wrapper"
        | "postkick" | "postlock" | "postlog" | "postlogd" | "postmap" | "postmulti"
        | "postqueue" | "posttls-finger" | "post-install" | "proxymap" | "proxywrite" | "qmqpd"
        | "rewrite" | "scache" | "sendmail" | "showq" | "spawn" | "tlsmgr" | "tlsproxy"
        | "trivial-rewrite" | "verify" => Family::Quiet,
        _ => return None,
    })
}

/// Whether a line is one of those that are most of many a log and say nothing we use: sessions that begin and
/// end, and their encryption. By the first bytes alone; [`parse`] says of the same lines that they are quiet.
#[inline]
pub(super) fn says_nothing(family: Family, text: &str) -> bool {
    // Something must follow: blanks at the end of a line are no part of it.
    let begins = |words: &str| {
        let behind = text.strip_prefix(words).and_then(|rest| rest.as_bytes().first());
        behind.is_some_and(|byte| !matches!(byte, b' ' | b'\t' | b'\r'))
    };
    let encrypted = || {
        begins("Anonymous TLS connection established ")
            || begins("Untrusted TLS connection established ")
            || begins("Trusted TLS connection established ")
    };
    match family {
        Family::Smtpd => match text.as_bytes().first() {
            Some(b'c') => begins("connect from "),
            Some(b'd') => begins("disconnect from "),
            Some(b'l') => begins("lost connection after "),
            Some(b'A' | b'U' | b'T') => encrypted(),
            _ => false,
        },
        Family::Delivery(Agent::Smtp | Agent::Lmtp) => {
            matches!(text.as_bytes().first(), Some(b'A' | b'U' | b'T')) && encrypted()
        }
        _ => false,
    }
}

/// Reads the text of a daemon. A daemon that is not Postfix's own may live under its name (policy services):
/// only shapes that are certain are believed there, and the rest is foreign.
pub(super) fn parse(family: Option<Family>, text: &str) -> Content<'_> {
    match family {
        Some(Family::Delivery(agent @ (Agent::Smtp | Agent::Lmtp))) => {
            client::parse_client(agent, text)
        }
        Some(Family::Delivery(agent)) => parse_agent(agent, text),
        Some(Family::Smtpd) => smtpd::parse_smtpd(text),
        Some(Family::Cleanup) => cleanup::parse_cleanup(text),
        Some(Family::Qmgr) => queue::parse_qmgr(text),
        Some(Family::Pickup) => queue::parse_pickup(text),
        Some(Family::Bounce) => queue::parse_bounce(text),
        Some(Family::Postscreen) => postscreen::parse_postscreen(text),
        Some(Family::Postsuper) => queue::parse_postsuper(text),
        Some(Family::Nameless) => match parse_without_daemon(text) {
            Content::Unknown => parse_quiet(text),
            content => content,
        },
        Some(Family::Quiet) => parse_quiet(text),
        None => match parse_without_daemon(text) {
            Content::Unknown => Content::Foreign,
            content => content,
        },
    }
}

/// Agents that deliver here, and those that pass on a failure.
fn parse_agent(agent: Agent, text: &str) -> Content<'_> {
    let Some((queue_id, rest)) = parse_queue_id(text) else { return parse_any(text) };
    if let Some(rest) = rest.strip_prefix("to=") {
        return delivery::parse_delivery(agent, queue_id, rest);
    }
    if let Some(rest) = rest.strip_prefix("status=") {
        return delivery::parse_message_status(queue_id, rest);
    }
    // S-9: delegation to another transport.
    if rest.starts_with("passing ") { Content::Quiet } else { parse_any(text) }
}

/// Reads a text whose daemon is not known. Believes only shapes that no other software writes; whatever else
/// begins with a queue id (milters, content filters) is unknown.
pub(super) fn parse_without_daemon(text: &str) -> Content<'_> {
    let Some((queue_id, rest)) = parse_queue_id(text) else {
        return match text.strip_prefix("proxy-reject: ") {
            Some(rest) => access::parse_proxy_reject(rest),
            None => Content::Unknown,
        };
    };
    let content = match rest.as_bytes().first() {
        Some(b't') if rest.starts_with("to=") && rest.contains(" status=") => rest
            .strip_prefix("to=")
            .map(|rest| delivery::parse_delivery(Agent::Unknown, queue_id, rest)),
        Some(b'f') if rest.starts_with("from=<") => queue::parse_with_id(queue_id, rest),
        Some(b'c') if rest.starts_with("client=") => smtpd::parse_with_id(queue_id, rest),
        Some(b'r') if rest == "removed" => queue::parse_with_id(queue_id, rest),
        Some(b'r') if rest.starts_with("reject: ") || rest.starts_with("reject_warning: ") => {
            let of_cleanup =
                rest.starts_with("reject: header ") || rest.starts_with("reject: body ");
            if of_cleanup {
                cleanup::parse_with_id(queue_id, rest)
            } else {
                smtpd::parse_with_id(queue_id, rest)
            }
        }
        Some(b'm') if rest.starts_with("message-id=") => cleanup::parse_with_id(queue_id, rest),
        Some(b'm') if rest.starts_with("milter-reject: END-OF-MESSAGE ") => {
            cleanup::parse_with_id(queue_id, rest)
        }
        Some(b'm') if rest.starts_with("milter-reject: ") => smtpd::parse_with_id(queue_id, rest),
        Some(b'h') if rest.starts_with("host ") => {
            client::in_passing(Agent::Unknown, queue_id, rest)
        }
        Some(b'u') if rest.starts_with("uid=") => {
            queue_id.and_then(|queue_id| queue::parse_submission(queue_id, rest))
        }
        Some(b's' | b'p') if rest.contains(" notification: ") => {
            queue_id.and_then(|queue_id| queue::parse_notification(queue_id, rest))
        }
        _ => None,
    };
    match content {
        Some(Content::Malformed(Defect::Cut)) | None => Content::Unknown,
        Some(content) => content,
    }
}
