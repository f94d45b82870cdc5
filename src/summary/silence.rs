//! What there was instead of a reply, by the fixed words of the two mail servers.
//!
//! Coarse on purpose: it only sorts the table of "no reply". To add words: one entry in [`WORDS`].

use crate::words::words;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::sync::LazyLock;

words! {
    /// Why a line about an attempt or a refusal states no reply code.
    Silence {
        /// The connection was refused or could not be routed.
        Refused = "connection-refused",
        /// Nobody answered in time.
        TimedOut = "timed-out",
        /// The connection broke, or was closed without a word.
        Lost = "connection-lost",
        /// A name did not resolve, or has no usable mail exchanger.
        Dns = "dns",
        /// TLS could not be had, or not be trusted.
        Tls = "tls",
        /// The queue lifetime ended.
        Lifetime = "lifetime-ended",
        /// The mail server put it off by itself.
        Postponed = "not-tried",
        /// Our own mail server's word: local delivery, unknown user, quota, a rule.
        Own = "own-decision",
    }
}

/// Words and what they mean; the first that is in the text decides.
const WORDS: &[(&str, Silence)] = &[
    ("retry timeout exceeded", Silence::Lifetime),
    ("returned to sender", Silence::Lifetime),
    ("etry time not", Silence::Postponed),
    ("Name service error", Silence::Dns),
    ("host lookup did not complete", Silence::Dns),
    ("Host or domain name not found", Silence::Dns),
    ("unable to look up host", Silence::Dns),
    ("nullMX", Silence::Dns),
    ("MX", Silence::Dns),
    ("host not found", Silence::Dns),
    ("Unrouteable address", Silence::Dns),
    ("all host address lookups", Silence::Dns),
    ("TLS", Silence::Tls),
    ("certificate", Silence::Tls),
    ("DANE", Silence::Tls),
    ("imed out", Silence::TimedOut),
    ("timeout", Silence::TimedOut),
    ("onnection refused", Silence::Refused),
    ("oute to host", Silence::Refused),
    ("unreachable", Silence::Refused),
    ("lost connection", Silence::Lost),
    ("closed connection", Silence::Lost),
    ("onnection reset", Silence::Lost),
    ("Malformed SMTP reply", Silence::Lost),
    ("Broken pipe", Silence::Lost),
];

/// Finds all words in one walk over a text, which is short.
static WORDS_IN: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let mut all = AhoCorasick::builder();
    all.kind(Some(AhoCorasickKind::DFA)).match_kind(MatchKind::Standard).prefilter(false);
    // A test sees to it that there is one.
    all.build(WORDS.iter().map(|(words, _)| words)).ok()
});

/// The kind of silence that a text without a reply tells of.
pub fn silence_of(text: &str) -> Silence {
    let Some(words) = &*WORDS_IN else { return Silence::Own };
    words
        .find_overlapping_iter(text)
        .map(|found| found.pattern().as_usize())
        .min()
        .and_then(|first| WORDS.get(first))
        .map_or(Silence::Own, |(_, silence)| *silence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixed_words_of_both_servers() {
        for (text, want) in [
            ("connect to mx.example.com[192.0.2.1]:25: Connection refused", Silence::Refused),
            ("connect to mx.example.com[192.0.2.1]:25: Connection timed out", Silence::TimedOut),
            (
                "conversation with mx[192.0.2.1] timed out while sending MAIL FROM",
                Silence::TimedOut,
            ),
            (
                "lost connection with mx[192.0.2.1] while receiving the initial server greeting",
                Silence::Lost,
            ),
            (
                "Host or domain name not found. Name service error for name=x type=MX: Host not found",
                Silence::Dns,
            ),
            ("Domain example.com does not accept mail (nullMX)", Silence::Dns),
            ("TLS is required, but was not offered by host mx[192.0.2.1]", Silence::Tls),
            ("retry timeout exceeded", Silence::Lifetime),
            ("retry time not reached for any host", Silence::Postponed),
            ("Remote host closed connection in response to initial connection", Silence::Lost),
            ("delivered to mailbox", Silence::Own),
            ("unknown user: \"ann\"", Silence::Own),
        ] {
            assert_eq!(silence_of(text), want, "{text}");
        }
    }

    #[test]
    fn the_first_word_of_the_list_decides_wherever_it_stands() {
        let texts =
            ["", "MX", "xMXx imed out TLS", "TLS MX timeout", "no\u{e9}MX", "lost connectionMX"];
        let pairs =
            WORDS.iter().flat_map(|(a, _)| WORDS.iter().map(move |(b, _)| format!("é {a}{b} {a}")));
        for text in texts.into_iter().map(str::to_owned).chain(pairs) {
            let want = WORDS.iter().find(|(words, _)| text.contains(words));
            assert_eq!(
                silence_of(&text),
                want.map_or(Silence::Own, |(_, silence)| *silence),
                "{text}"
            );
        }
    }
}
