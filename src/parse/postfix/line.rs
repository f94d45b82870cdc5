//! What lines of every daemon have in common: queue id, severity label, and a few texts that any daemon
//! writes.

use crate::bytes::end_of_alphanumerics;
use crate::event::{Content, Note, Severity};

/// What stands before the first `: ` of a line about a message: a queue id, or `NOQUEUE`.
///
/// Short ids are upper-case hexadecimal, long ones base 52 with a `z` in the middle; neither has fewer than
/// six characters, and neither begins with a small letter before the year 2080, which tells them from
/// `warning: ` and `reject: `.
#[inline]
pub(super) fn parse_queue_id(text: &str) -> Option<(Option<&str>, &str)> {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        return None;
    }
    let end = end_of_alphanumerics(bytes.get(..LONGEST_ID).unwrap_or(bytes))?;
    let (id, rest) = text.split_at_checked(end)?;
    let rest = rest.strip_prefix(": ")?;
    match id {
        "NOQUEUE" => Some((None, rest)),
        _ => (end >= SHORTEST_ID).then_some((Some(id), rest)),
    }
}

const SHORTEST_ID: usize = 6;
/// Seconds, microseconds, `z` and a 64-bit inode in base 51 need fewer.
const LONGEST_ID: usize = 40;

/// Whether the whole of `text` is a queue id.
pub(super) fn is_queue_id(text: &str) -> bool {
    (SHORTEST_ID..LONGEST_ID).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// `warning: `, `error: `, `fatal: ` or `panic: ` and the text behind it.
#[inline]
pub(super) fn parse_severity(text: &str) -> Option<(Severity, &str)> {
    let (label, severity) = match text.as_bytes().first()? {
        b'w' => ("warning: ", Severity::Warning),
        b'e' => ("error: ", Severity::Error),
        b'f' => ("fatal: ", Severity::Fatal),
        b'p' => ("panic: ", Severity::Panic),
        _ => return None,
    };
    text.strip_prefix(label).map(|rest| (severity, rest))
}

/// A labelled line that needs no further reading: something is wrong with our own server.
pub(super) const fn trouble(severity: Severity, text: &str) -> Content<'_> {
    Content::Note(Note::Trouble { severity, text })
}

/// The last resort of every daemon's parser: labels, then the texts that any daemon writes (N-4), then
/// unknown.
pub(super) fn parse_any(text: &str) -> Content<'_> {
    if let Some((severity, text)) = parse_severity(text) {
        return trouble(severity, text);
    }
    // `table hash:/etc/postfix/x(0,lock|fold_fix) has changed -- restarting`, and of the start of a process.
    let known = text.starts_with("table ")
        || text.starts_with("using backwards-compatible default setting ")
        || text.starts_with("statistics: ")
        || text.starts_with("daemon started ")
        || text.starts_with("open_limit: ");
    if known || is_library_line(text) || is_debug_line(text) {
        Content::Quiet
    } else {
        Content::Unknown
    }
}

/// What libraries write under the daemon's name, past Postfix and so without a label: Cyrus SASL and its
/// plugins, the resolver, and certificates in the words of releases before 2.5; and remarks that no daemon has a
/// page for.
fn is_library_line(text: &str) -> bool {
    const OPENINGS: [&str; 24] = [
        "sql plugin",
        "sql_select option ",
        "SQL engine ",
        "begin transaction",
        "commit transaction",
        "auxpropfunc error",
        "could not find auxprop plugin",
        "looking for plugins in ",
        "unable to dlopen ",
        "unable to open Berkeley db ",
        "no secret in database",
        "OTP unavailable because ",
        "DIGEST-MD5 ",
        "GSSAPI Error",
        "gethostby*.getanswer: ",
        "verify error:",
        "cert has expired",
        "Peer verification: ",
        "cannot load Certificate Authority data",
        "starting TLS engine",
        "looking for session ",
        "close database ",
        "SMTPS wrappermode ",
        "CLIENT wrappermode ",
    ];
    // Behind a peer's name or a queue id; those about TLS with a log level above 1.
    const INSIDE: [&str; 10] = [
        " offers SMTPUTF8 support, but not 8BITMIME",
        "not sending trace/success notification for ",
        ": no trace file -- ",
        ": discarding EHLO keywords: ",
        "subject_CN=",
        "certificate verification failed for ",
        ": TLS cipher list ",
        ": Issuing session ticket",
        ": save session ",
        ": depth=",
    ];
    OPENINGS.iter().any(|words| text.starts_with(words))
        || INSIDE.iter().any(|words| text.contains(words))
}

/// What a daemon tells with `-v` or about a client of `debug_peer_list`: the dialogue (`> PEER: 220 …`), and
/// functions of its source by their names (`match_list_match: …`). A refusal has a line of its own.
fn is_debug_line(text: &str) -> bool {
    const OPENINGS: [&str; 28] = [
        "> ",
        "< ",
        ">>> ",
        "<<< ",
        "input attribute ",
        "send attr ",
        "private/",
        "public/",
        "rewrite stream ",
        "connection established",
        "trying ",
        "process generation: ",
        "report ",
        "query milter states ",
        "disconnect event to all milters",
        "skipping ",
        "starting new SASL client",
        "disposing SASL state ",
        "host name lookup methods: ",
        "server features: ",
        "Using ESMTP PIPELINING",
        "begin ",
        "end ",
        "pref ",
        "initial envelope ",
        "extracted envelope ",
        "fd=",
        "mynetworks: ",
    ];
    let name = text.bytes().take_while(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_')).count();
    let function = text.get(..name).is_some_and(|name| name.contains('_'))
        && text.get(name..).is_some_and(|rest| {
            rest.starts_with(": ") || rest.starts_with('(') || rest.starts_with(" = ")
        });
    function || OPENINGS.iter().any(|words| text.starts_with(words))
}

/// As [`parse_any`], for daemons that say nothing we use: what has no label is quiet.
pub(super) fn parse_quiet(text: &str) -> Content<'_> {
    match parse_severity(text) {
        Some((severity, text)) => trouble(severity, text),
        None => Content::Quiet,
    }
}

/// A line about TLS, in the words of the library code that client and server share: connections (S-6,
/// A-16), failures (S-7), and what `*_tls_loglevel = 1` of older releases tells about certificates.
pub(super) fn is_tls_line(text: &str) -> bool {
    let known = match text.as_bytes().first() {
        Some(b'A') => text.starts_with("Anonymous TLS "),
        Some(b'U') => text.starts_with("Untrusted TLS "),
        Some(b'T') => {
            text.starts_with("Trusted TLS ")
                || text.starts_with("TLS connection ")
                || text.starts_with("TLS SNI ")
        }
        Some(b'V') => text.starts_with("Verified TLS "),
        Some(b'S') => {
            text.starts_with("SSL_")
                || text.starts_with("Server certificate ")
                || text.starts_with("SSL3 alert ")
        }
        Some(b'P') => text.starts_with("Peer certificate ") || text.starts_with("Peer cert "),
        Some(b'H') => text.starts_with("Host offered STARTTLS: "),
        Some(b'c') => text.starts_with("certificate ") || text.starts_with("client TLS "),
        Some(b's') => {
            text.starts_with("setting up TLS ")
                || text.starts_with("save session ")
                || text.starts_with("subject=")
        }
        Some(b'i') => text.starts_with("initializing the ") || text.starts_with("issuer="),
        Some(b'f') => text.starts_with("fingerprint="),
        _ => false,
    };
    known || text.contains(" subject_CN=") || text.contains(": certificate verification ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queue_ids_of_all_forms() {
        for (text, want) in [
            ("4C1D2E3F40: x", Some((Some("4C1D2E3F40"), "x"))),
            ("4XyZ12abcdz9: x", Some((Some("4XyZ12abcdz9"), "x"))),
            ("3F1A2C: x", Some((Some("3F1A2C"), "x"))),
            ("NOQUEUE: x", Some((None, "x"))),
            ("warning: x", None),
            ("4C1D2: x", None),
            ("4C1D2E3F40:x", None),
            ("4C1D2E3F40", None),
            ("4C1D-2E3F40: x", None),
            ("", None),
        ] {
            assert_eq!(parse_queue_id(text), want, "{text}");
        }
    }
}
