//! Lines with a message id and no flag: the message was completed, frozen, thawed, removed; and what Exim
//! says about it on the way. An ACL's or an event's own words (`logwrite`) can be anything and stay unknown.

use super::host_line::host_reply;
use super::item::{behind_separator, host};
use super::{process, session};
use crate::event::{Closing, Content, Note, Severity};

/// Reads the text behind the id.
pub(super) fn parse<'a>(queue_id: &'a str, text: &'a str) -> Content<'a> {
    if text.starts_with("Completed") {
        return closed(queue_id, Closing::Done);
    }
    // Releases before 4.7 put stars before it: `*** Frozen`.
    if let Some(content) = state(queue_id, text.strip_prefix("*** ").unwrap_or(text)) {
        return content;
    }
    if is_quiet(text) {
        return Content::Quiet;
    }
    if let Some(content) = session::parse(Some(queue_id), text) {
        return content;
    }
    if TROUBLE.iter().any(|words| text.starts_with(words))
        || TROUBLE_INSIDE.iter().any(|words| text.contains(words))
    {
        return Content::Note(Note::Trouble { severity: Severity::Error, text });
    }
    old_host_line(queue_id, text).unwrap_or_else(|| process::parse(text))
}

fn closed(queue_id: &str, how: Closing) -> Content<'_> {
    Content::Note(Note::Closed { queue_id, how })
}

/// What became of the whole message.
fn state<'a>(queue_id: &'a str, text: &'a str) -> Option<Content<'a>> {
    let starts = |words: &str| text.starts_with(words);
    match text.as_bytes().first()? {
        b'F' | b'f' | b'M'
            if starts("Frozen") || starts("frozen by ") || starts("Message is frozen") =>
        {
            Some(Content::Note(Note::Held { queue_id }))
        }
        b'U' | b'u' if starts("Unfrozen by ") || starts("unfrozen by ") => {
            Some(Content::Note(Note::Released { queue_id }))
        }
        b'r' if starts("removed by ") => Some(closed(queue_id, Closing::Removed)),
        b'c' if starts("cancelled by ") => Some(closed(queue_id, Closing::Removed)),
        b'r' if starts("rescind the above message-accept") => {
            Some(closed(queue_id, Closing::Cancelled))
        }
        _ => None,
    }
}

/// Openings of lines that say nothing we use.
const QUIET: [&str; 22] = [
    "Spool file ",
    "no immediate delivery",
    "address <",
    "no recipients found in headers",
    "Message abandoned",
    "DKIM: ",
    "PDKIM: ",
    "DMARC ",
    "Authentication-Results",
    "PRDR ",
    "SMTP connection lost after final dot",
    "DANE attempt failed",
    "original recipients ignored",
    "Connection aborted; STARTTLS support by ",
    "SSL verify error: ",
    "TLS session failure: ",
    // Of a hosting panel's configuration.
    "SMTP connection ",
    "Sender identification ",
    "SpamAssassin as ",
    "From: ",
    // sa-exim tells its verdict; a refusal has a line of its own.
    "SA: ",
    // Release 3.
    "Error message sent to ",
];

/// Words further on that tell such a line.
const QUIET_INSIDE: [&str; 5] = [
    // The failure itself is the `**` line before; this one only says that nobody is told.
    ": error ignored",
    ": delivering unencrypted to H=",
    " transport output: ",
    "] SSL verify error: ",
    " rewritten as \"",
];

/// Openings of our own machine's trouble.
const TROUBLE: [&str; 9] = [
    "Exim configuration error",
    "Failed to ",
    "Failed writing ",
    "failed to ",
    "unable to ",
    "internal error: ",
    "Tainted ",
    "Warning: ",
    "remote delivery process count got out of step",
];

/// Words further on that tell it.
const TROUBLE_INSIDE: [&str; 4] = [
    " transport process vanished",
    " transport process returned ",
    " acl condition: ",
    " is on the never_users list",
];

fn is_quiet(text: &str) -> bool {
    QUIET.iter().any(|words| text.starts_with(words))
        || (!text.starts_with("SMTP ") && QUIET_INSIDE.iter().any(|words| text.contains(words)))
}

/// A host that was tried, up to about 4.82: `NAME [ADDRESS][:] MESSAGE` without `H=`, or a message that
/// names the host inside.
fn old_host_line<'a>(queue_id: &'a str, text: &'a str) -> Option<Content<'a>> {
    if ["SMTP error from remote ", "LMTP error from remote ", "SMTP timeout ", "Remote host "]
        .iter()
        .any(|o| text.starts_with(o))
    {
        return Some(Content::Event(host_reply(queue_id, None, text)));
    }
    if text.starts_with(['(', '[']) {
        return None;
    }
    let (rest, host) = host(text).ok()?;
    host.address?;
    if host.helo.is_some() {
        return None;
    }
    let message = behind_separator(rest).or_else(|| rest.strip_prefix(' '))?;
    (!message.is_empty()).then(|| Content::Event(host_reply(queue_id, Some(host), message)))
}
