//! What a line about our own server is about, as far as it can be an incident of its own.
//!
//! Postfix and Exim write such lines beside mail, not about one message. To add a phrase: a row of [`PHRASES`] and a
//! line of the test; phrases are looked for in any case, the first one in the text decides.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::sync::LazyLock;

/// Which part of our server is in trouble.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Theme {
    /// No room, or a disk that cannot be written.
    Disk,
    /// Names cannot be looked up.
    Dns,
    /// Our own certificate or key.
    Certificate,
    /// Tables, databases, directories.
    Lookup,
    /// Milters, scanners, policy servers.
    Filter,
    /// Not enough processes, memory or file handles.
    Resources,
    /// Programs of the mail server that die.
    Crash,
}

const PHRASES: &[(&str, Theme)] = &[
    ("no space left on device", Theme::Disk),
    ("not enough free space", Theme::Disk),
    ("insufficient system storage", Theme::Disk),
    ("spool directory space check failed", Theme::Disk),
    ("log directory space check failed", Theme::Disk),
    ("disk quota exceeded", Theme::Disk),
    ("read-only file system", Theme::Disk),
    ("queue file write error", Theme::Disk),
    ("input/output error", Theme::Disk),
    ("temporary failure in name resolution", Theme::Dns),
    ("host lookup did not complete", Theme::Dns),
    ("alert certificate expired", Theme::Certificate),
    ("certificate has expired", Theme::Certificate),
    ("certificate is expired", Theme::Certificate),
    ("alert bad certificate", Theme::Certificate),
    ("alert certificate unknown", Theme::Certificate),
    ("alert unknown ca", Theme::Certificate),
    ("certificate is bad", Theme::Certificate),
    ("cannot get rsa certificate from", Theme::Certificate),
    ("cannot get ecdsa certificate from", Theme::Certificate),
    ("cannot get rsa private key from", Theme::Certificate),
    ("cannot get ecdsa private key from", Theme::Certificate),
    ("cannot load certificate", Theme::Certificate),
    ("error loading chain from", Theme::Certificate),
    ("key values mismatch", Theme::Certificate),
    ("key/cert setup", Theme::Certificate),
    ("(cert/key setup", Theme::Certificate),
    ("tls currently unavailable", Theme::Certificate),
    ("tls engine unavailable", Theme::Certificate),
    ("no server certs available", Theme::Certificate),
    ("lookup error", Theme::Lookup),
    ("table lookup problem", Theme::Lookup),
    ("connect to mysql server", Theme::Lookup),
    ("connect to pgsql server", Theme::Lookup),
    ("unable to bind to server", Theme::Lookup),
    ("connect to milter", Theme::Filter),
    ("milter unix:", Theme::Filter),
    ("milter inet:", Theme::Filter),
    ("malware acl condition", Theme::Filter),
    ("spam acl condition", Theme::Filter),
    ("problem talking to server", Theme::Filter),
    ("too many open files", Theme::Resources),
    ("cannot allocate memory", Theme::Resources),
    ("resource temporarily unavailable", Theme::Resources),
    ("all server ports busy", Theme::Resources),
    ("has reached its process limit", Theme::Resources),
    ("killed by signal", Theme::Crash),
    ("bad command startup", Theme::Crash),
    ("terminated abnormally", Theme::Crash),
];

/// What the text is about; `None` for the many warnings that are about one client or one message.
pub(super) fn theme_of(text: &str) -> Option<Theme> {
    static PHRASE: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostFirst)
            // A log has a few such lines, and a table of all states takes longer to build than they do.
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .build(PHRASES.iter().map(|(phrase, _)| phrase))
            .ok()
    });
    let found = PHRASE.as_ref()?.find(text)?;
    PHRASES.get(found.pattern().as_usize()).map(|(_, theme)| *theme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_about_our_own_server_have_their_theme() {
        for (text, want) in [
            ("spool directory space check failed: space=1792 inodes=90363", Some(Theme::Disk)),
            ("write queue file: No space left on device", Some(Theme::Disk)),
            (
                "TLS library problem: error:14094415:SSL routines:ssl3_read_bytes:sslv3 alert certificate \
                 expired:../ssl/record/rec_layer_s3.c:1543:SSL alert number 45:",
                Some(Theme::Certificate),
            ),
            (
                "cannot get RSA certificate from file \"/etc/ssl/mail.pem\": disabling TLS support",
                Some(Theme::Certificate),
            ),
            (
                "TLS error on connection from mail.example.net [192.0.2.7] (gnutls_handshake): A TLS fatal alert \
                 has been received: Certificate is bad",
                Some(Theme::Certificate),
            ),
            (
                "proxy:mysql:/etc/postfix/virtual.cf lookup error for \"ann@example.com\"",
                Some(Theme::Lookup),
            ),
            (
                "connect to Milter service inet:127.0.0.1:8891: Connection refused",
                Some(Theme::Filter),
            ),
            ("process /usr/lib/postfix/sbin/smtpd pid 77 killed by signal 11", Some(Theme::Crash)),
            ("hostname mail.example.net does not resolve to address 192.0.2.7", None),
            ("unknown[192.0.2.7]: SASL LOGIN authentication failed", None),
            ("", None),
        ] {
            assert_eq!(theme_of(text), want, "{text}");
        }
    }

    #[test]
    fn no_phrase_hides_behind_an_earlier_one() {
        for (phrase, theme) in PHRASES {
            assert_eq!(theme_of(phrase), Some(*theme), "{phrase}");
        }
    }
}
