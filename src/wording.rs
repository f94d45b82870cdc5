//! What texts have in common that differ in whom they are about: nearly every refusal names a mailbox or a client.

use crate::bytes::Set;
use std::hash::{Hash, Hasher};

/// A text taken apart at a mailbox in angle brackets, or else at the address that it begins with or that is in square
/// brackets, and once more where it ends in a link with that address, as blocklists have it. Two wordings have the same
/// hash where all but this is the same; what is remembered of a wording must not hang on the mailbox or the address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wording<'a> {
    /// With the bracket, if there is one; the whole text where there is neither.
    pub(crate) before: &'a str,
    /// The mailbox, or the address; empty where there is none.
    pub(crate) about: &'a str,
    /// With the bracket, if there is one.
    pub(crate) behind: &'a str,
    /// How long the address is that stood behind that, so that all words have the same lengths; 0 if none did.
    pub(crate) again: usize,
    /// What stood behind that: nothing, or a parenthesis.
    pub(crate) end: &'a str,
}

impl Hash for Wording<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.before.hash(state);
        self.behind.hash(state);
        self.again.hash(state);
        self.end.hash(state);
    }
}

impl<'a> Wording<'a> {
    /// Takes a text apart.
    pub(crate) fn of(text: &'a str) -> Self {
        let at_mailbox = || parted(text, mailbox_in(text.as_bytes())?);
        let at_address = || Some(parted(text, address_in(text.as_bytes())?)?.without_link());
        let whole = Self { before: text, about: "", behind: "", again: 0, end: "" };
        at_mailbox().or_else(at_address).unwrap_or(whole)
    }

    /// An address in a link is a word of its own for who hides it, and the link is one word for who masks it.
    fn without_link(self) -> Self {
        let link = self.behind.strip_suffix(')').unwrap_or(self.behind);
        let end = self.behind.get(link.len()..).unwrap_or_default();
        let begin = link.strip_suffix(self.about).filter(|begin| begin.ends_with('/'));
        let is_link = |begin: &&str| {
            let path = memchr::memrchr(b':', begin.as_bytes()).and_then(|at| begin.get(at + 1..));
            path.is_some_and(|path| {
                path.starts_with("//") && path.bytes().all(|b| b == b'/' || usual(b))
            })
        };
        match begin.filter(is_link) {
            Some(begin) => Self { behind: begin, again: self.about.len(), end, ..self },
            None => self,
        }
    }
}

fn parted(text: &str, (begin, end): (usize, usize)) -> Option<Wording<'_>> {
    let (before, rest) = text.split_at_checked(begin)?;
    let (about, behind) = rest.split_at_checked(end - begin)?;
    Some(Wording { before, about, behind, again: 0, end: "" })
}

/// What mailboxes consist of.
fn usual(byte: u8) -> bool {
    static USUAL: Set = Set::of(b".-_+").and_alphanumerics();
    USUAL.has(byte)
}

/// Where the first mailbox begins and ends. It begins with a letter, as `550-` may be a reply code, and nobody can take
/// it for anything else: it stands alone in the brackets, has no other marks than these, and no dot at its end.
fn mailbox_in(bytes: &[u8]) -> Option<(usize, usize)> {
    let at = memchr::memchr(b'@', bytes)?;
    let (local, domain) = (bytes.get(..at)?, bytes.get(at + 1..)?);
    let begin = local.iter().rposition(|byte| !usual(*byte))? + 1;
    let length = domain.iter().position(|byte| !usual(*byte))?;
    let is_alone = local.get(begin - 1) == Some(&b'<') && domain.get(length) == Some(&b'>');
    let is_usual = local.get(begin)?.is_ascii_alphabetic()
        && domain.get(..length)?.last().is_some_and(|byte| *byte != b'.');
    (is_alone && is_usual).then_some((begin, at + 1 + length))
}

/// Where the address at the beginning, as one word, or in the first square brackets begins and ends; `[127.0.0.2]` may be
/// the answer of a blocklist.
fn address_in(bytes: &[u8]) -> Option<(usize, usize)> {
    if let Some(length) = length_of_address(bytes, b' ') {
        return Some((0, length));
    }
    let begin = memchr::memchr(b'[', bytes)? + 1;
    let length = length_of_address(bytes.get(begin..)?, b']')?;
    Some((begin, begin + length))
}

/// How long the address at the beginning is, where `end` follows it.
fn length_of_address(bytes: &[u8], end: u8) -> Option<usize> {
    if bytes.starts_with(b"127.") {
        return None;
    }
    let (mut dots, mut digits, mut number) = (0, 0, 0);
    for (length, byte) in bytes.iter().enumerate() {
        match byte {
            // No zeros before other digits.
            b'0'..=b'9' if number > 0 || digits == 0 => {
                number = number * 10 + u32::from(byte - b'0');
                digits += 1;
            }
            b'.' if dots < 3 && digits > 0 => (dots, digits, number) = (dots + 1, 0, 0),
            byte if *byte == end && dots == 3 && digits > 0 => return Some(length),
            _ => return None,
        }
        if number > 255 {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart_at_who_stands_alone() {
        for (text, about) in [
            ("550 5.1.1 <ann.b-c+d_e1@mx-1.example.com>: gone", "ann.b-c+d_e1@mx-1.example.com"),
            ("<a@b>", "a@b"),
            ("é <a@b> é <c@d>", "a@b"),
            ("", ""),
            ("550 gone", ""),
            ("a@b", ""),
            ("<a@b", ""),
            ("a@b>", ""),
            ("<@b>", ""),
            ("<a@>", ""),
            ("<a@b.>", ""),
            ("<550-a@b>", ""),
            ("<x a@b>", ""),
            ("<a@b x>", ""),
            ("<a@b@c>", ""),
            ("<a/b@c>", ""),
            ("<é@c>", ""),
            ("(a@b) <c@d>", ""),
            ("unknown[192.0.2.1]: x=a@b", "192.0.2.1"),
            ("[192.0.2.1] <a@b>", "a@b"),
            ("[192.0.2.1", ""),
            ("[192.0.2.1 ]", ""),
            ("[192.0.2.01]", ""),
            ("[192.0.2.]", ""),
            ("[127.0.0.2]", ""),
            ("[0.10.200.255]", "0.10.200.255"),
            ("[192.0.2.256]", ""),
            ("[192.0.2]", ""),
            ("[192.0.2.1.1]", ""),
            ("[.192.0.2.1]", ""),
            ("[192..2.1]", ""),
            ("[x] [192.0.2.1]", ""),
            ("192.0.2.1 is listed [198.51.100.7]", "192.0.2.1"),
            ("192.0.2.1: x", ""),
            ("192.0.2.1", ""),
            (" 192.0.2.1 x", ""),
            ("127.0.0.2 is the answer", ""),
        ] {
            let wording = Wording::of(text);
            assert_eq!((wording.about, wording.again), (about, 0), "{text}");
            assert_eq!([wording.before, about, wording.behind].concat(), text);
        }
    }

    #[test]
    fn a_link_at_the_end_may_have_the_same_address() {
        for (text, again) in [
            ("[192.0.2.1] see https://example.org/ip/192.0.2.1", true),
            ("[192.0.2.1] see https://example.org/ip/192.0.2.2", false),
            ("[192.0.2.1] see https://example.org/ip/192.0.2.1.", false),
            ("[192.0.2.1] see https://example.org/?ip=192.0.2.1", false),
            ("[192.0.2.1] see https://example.org/a,b/192.0.2.1", false),
            ("[192.0.2.1] see example.org/ip/192.0.2.1", false),
            ("[192.0.2.1] 192.0.2.1", false),
            ("192.0.2.1 is listed (127.0.0.4: https://example.org/ip/192.0.2.1)", true),
            ("192.0.2.1 is listed (127.0.0.4: https://example.org/ip/192.0.2.1))", false),
            ("192.0.2.1 is listed (x)", false),
        ] {
            let Wording { before, about, behind, again: length, end } = Wording::of(text);
            assert_eq!(length, if again { about.len() } else { 0 }, "{text}");
            let in_link = if again { about } else { "" };
            assert_eq!([before, about, behind, in_link, end].concat(), text);
        }
    }
}
