//! Host and domain names that are safe to ask for and to put into a command line.

use hickory_resolver::proto::rr::Name;
use serde::Serialize;
use std::fmt;

/// A name in lower case, without the final dot: letters, digits, `-`, `_` and dots only. Names of other scripts are
/// in their ASCII form (`xn--…`).
///
/// Nothing else goes into a question or into a command that a reader may copy, whatever a log or an answer holds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct HostName(String);

impl HostName {
    /// Reads a name; `None` for an address, for the root, and for what no host can be called.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('.').unwrap_or(text);
        // A name has at most 253 bytes; one of another script has fewer characters than its ASCII form.
        if text.is_empty() || text.len() > 1024 {
            return None;
        }
        let ascii = if text.is_ascii() {
            text.to_ascii_lowercase()
        } else {
            Name::from_utf8(text).ok()?.to_ascii().to_ascii_lowercase()
        };
        let ascii = ascii.strip_suffix('.').unwrap_or(&ascii);
        let right = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        let last_is_number =
            ascii.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        (ascii.len() <= 253 && ascii.split('.').all(right) && !last_is_number)
            .then(|| Self(ascii.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_what_can_be_asked_and_copied() {
        for (text, want) in [
            ("Example.COM.", Some("example.com")),
            ("_dmarc.example.com", Some("_dmarc.example.com")),
            ("почта.example", Some("xn--80a1acny.example")),
            ("localhost", Some("localhost")),
            ("", None),
            (".", None),
            ("a..b", None),
            ("192.0.2.1", None),
            ("$(reboot).example.com", None),
            ("-oProxy.example.com", None),
            ("a b.example.com", None),
            ("a\u{1b}.example.com", None),
            (&"a".repeat(64), None),
        ] {
            assert_eq!(HostName::parse(text).as_ref().map(HostName::as_str), want, "{text:?}");
        }
    }
}
