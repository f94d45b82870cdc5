//! Lines about Exim's processes, its configuration and its scanners: mostly silent, sometimes trouble.

use crate::event::{Content, Note, Severity};
use crate::parse::token::word;

/// Openings of lines that say nothing we use.
const QUIET: [&str; 37] = [
    "Start queue run: ",
    "End queue run: ",
    "Start '",
    "End '",
    "Abandon queue run: ",
    "Abandon '",
    "cwd=",
    "ident connection to ",
    "DNS list lookup defer ",
    "ETRN ",
    "VRFY failed for ",
    "ignoring AUTH=",
    "DKIM: ",
    "Authentication-Results",
    "SIGHUP received",
    "list matching forced to fail: ",
    "overlong message header line received ",
    "TLS session ",
    "Sender identification ",
    "SpamAssassin as ",
    "Suggested action: ",
    "TLS client disconnected cleanly",
    "TLS ALPN (",
    "SSL channel closed on write",
    "Received TLS cert status response",
    "DNS list lookup for ",
    "dnssec fail on ",
    "host name alias list truncated ",
    "CNAME loop for ",
    "Long ",
    "listen backlog ",
    "notify triggered queue run",
    "moved from ",
    "recipient <",
    "sender address changed to ",
    "Message removed because older than ",
    "Delivery deferred by system filter",
];

/// Openings of our own trouble.
const TROUBLE: [(&str, Severity); 57] = [
    ("spool directory space check failed", Severity::Error),
    ("log directory space check failed", Severity::Error),
    ("Exim configuration error", Severity::Fatal),
    ("configured error code ", Severity::Error),
    ("Warning: ", Severity::Warning),
    ("ACL \"", Severity::Warning),
    ("socket bind() to port ", Severity::Error),
    ("IPv6 socket creation failed", Severity::Warning),
    ("daemon: ", Severity::Error),
    ("Berkeley DB error: ", Severity::Error),
    ("Failed to ", Severity::Error),
    ("failed to ", Severity::Error),
    ("Cannot ", Severity::Error),
    ("lookup of \"", Severity::Warning),
    ("unable to ", Severity::Error),
    ("internal error: ", Severity::Panic),
    ("internal problem ", Severity::Panic),
    ("SIGSEGV ", Severity::Panic),
    ("Tainted ", Severity::Error),
    ("malware acl condition: ", Severity::Warning),
    ("spam acl condition: ", Severity::Warning),
    ("MIME acl condition ", Severity::Warning),
    ("regex acl condition ", Severity::Warning),
    ("mime_regex acl condition ", Severity::Warning),
    ("acl_smtp_mime: ", Severity::Error),
    ("local_scan() function ", Severity::Error),
    ("queue run: ", Severity::Error),
    ("process ", Severity::Error),
    ("redirection process ", Severity::Error),
    ("Spool error ", Severity::Error),
    ("Spool error: ", Severity::Error),
    ("Format error in spool file ", Severity::Error),
    ("Error reading spool file ", Severity::Error),
    ("Error in ", Severity::Error),
    ("Couldn't ", Severity::Error),
    ("cannot accept message: ", Severity::Error),
    ("attempt to use tainted ", Severity::Error),
    ("attempt to open journal ", Severity::Error),
    ("tainted search query ", Severity::Error),
    ("expansion of ", Severity::Error),
    ("Expansion of ", Severity::Error),
    ("Rewrite of ", Severity::Warning),
    ("rewrite rule ", Severity::Warning),
    ("routing loop for ", Severity::Warning),
    ("shadow transport ", Severity::Error),
    ("bind of [", Severity::Error),
    ("getsockname() failed", Severity::Error),
    ("setrlimit(", Severity::Warning),
    ("getrlimit(", Severity::Warning),
    ("failure to ", Severity::Warning),
    ("dnslist", Severity::Warning),
    ("unknown item in dnslist ", Severity::Warning),
    ("ARC: ", Severity::Warning),
    ("DCC: ", Severity::Warning),
    ("Wrong ownership on ", Severity::Error),
    ("Stat failed on ", Severity::Error),
    ("string_sprintf expansion was longer ", Severity::Panic),
];

/// Reads a text that no other page knows.
pub(super) fn parse(text: &str) -> Content<'_> {
    if QUIET.iter().any(|words| text.starts_with(words)) || is_daemon_line(text) {
        return Content::Quiet;
    }
    match TROUBLE.iter().find(|(words, _)| text.starts_with(words)) {
        Some((_, severity)) => {
            let severity = *severity;
            let text = text.strip_prefix("Warning: ").unwrap_or(text);
            Content::Note(Note::Trouble { severity, text })
        }
        None => Content::Unknown,
    }
}

/// `exim 4.96 daemon started: …`, `pid 811: SIGHUP received: re-exec daemon`, `[192.0.2.1] SSL verify error: …`.
fn is_daemon_line(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'e') => text.starts_with("exim ") && text.contains(" daemon started: "),
        Some(b'p') => text.starts_with("pid ") && text.contains(": SIG"),
        Some(b'[') => {
            let verify = |(rest, _): (&str, &str)| rest.starts_with(" SSL verify error: ");
            word(text).is_ok_and(verify)
        }
        _ => false,
    }
}
