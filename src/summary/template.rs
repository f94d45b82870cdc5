//! The shape of a text: what stays when addresses, ids, times and session tokens are taken out, so that texts
//! that differ only in those are one row.
//!
//! Reply codes, enhanced status codes and the short marks of providers (`S3140`, `TSS04`) stay: they tell
//! texts apart. Deliberately simple and word by word; it never decides anything, it only groups.

use super::tally::begin_of;
use crate::bytes::telling_from;
use crate::smtp::{EnhancedCode, ReplyCode};
use memchr::memchr2_iter;

/// Names that belong to the one case at hand and are masked wherever they stand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Own<'a> {
    /// The recipient's domain.
    pub domain: Option<&'a str>,
    /// The other server's name.
    pub host: Option<&'a str>,
    /// The client's name, or its HELO name.
    pub client: Option<&'a str>,
    /// The recipient, the sender's domain and other such words.
    pub sender_domain: Option<&'a str>,
}

impl Own<'_> {
    fn names(&self) -> impl Iterator<Item = &str> {
        [self.domain, self.host, self.client, self.sender_domain].into_iter().flatten()
    }

    /// One bit for each length that one of the names has: most words have another one.
    fn lengths(&self) -> u64 {
        self.names().fold(0, |bits, name| bits | bit_of(name.len()))
    }

    /// Whether `text` has one of the names in it that look like any word (`localhost`).
    fn has_plain_name(&self, text: &str) -> bool {
        let plain = |name: &&str| telling_from::<b'.'>(name.as_bytes(), 0).is_none();
        self.names().filter(plain).any(|name| has_in_any_case(text.as_bytes(), name.as_bytes()))
    }
}

fn bit_of(length: usize) -> u64 {
    1 << length.min(63)
}

fn has_in_any_case(text: &[u8], name: &[u8]) -> bool {
    let Some(first) = name.first() else { return false };
    memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text).any(|at| {
        text.get(at..at + name.len()).is_some_and(|there| there.eq_ignore_ascii_case(name))
    })
}

/// Longest template kept, in bytes.
const LONGEST: usize = 200;

/// Writes the template of `text` behind what is in `out`.
pub fn template_of(text: &str, own: Own<'_>, out: &mut String) {
    let from = out.len();
    let bytes = text.as_bytes();
    let lengths = own.lengths();
    let any_word = own.has_plain_name(text);
    // What stands before `copied` is in `out`; what comes after it stays as it is, as far as is known.
    let (mut copied, mut at) = (0, 0);
    while let Some(Word { begin, end, kinds }) = next_word(bytes, at, any_word) {
        if (kinds & TELLING != 0 || may_be_own(bytes, begin, end, lengths))
            && let Some(word) = text.get(begin..end)
            && let Some(mask) = mask(bare_of(word), kinds, text, own)
        {
            out.push_str(text.get(copied..begin).unwrap_or_default());
            out.push_str(mask);
            copied = end;
        }
        at = end + 1;
        // What comes further behind would be cut off.
        if out.len() - from + end - copied > LONGEST {
            break;
        }
    }
    // Four bytes more than are kept hold a whole character more.
    out.push_str(begin_of(text.get(copied..).unwrap_or_default(), LONGEST + 4));
    let kept = begin_of(out.get(from..).unwrap_or_default(), LONGEST).len();
    if from + kept < out.len() {
        out.truncate(from + kept);
        out.push('…');
    }
}

/// Ends a word: `/`, `:`, `.` and `-` do not, as they belong to dates, addresses, host names, ids.
const SEPARATOR: u8 = 1;
const DIGIT: u8 = 2;
const AT: u8 = 4;
const SLASH: u8 = 8;
/// A word without any of these stays, unless it is one of the names of the case at hand.
const TELLING: u8 = DIGIT | AT | SLASH;

const KINDS: [u8; 256] = kinds();

#[expect(clippy::indexing_slicing, reason = "every byte has its place; checked by the compiler")]
const fn kinds() -> [u8; 256] {
    let mut kinds = [0; 256];
    let separators = *b" ()<>[]{}\"',;=\\";
    let mut at = 0;
    while at < separators.len() {
        kinds[separators[at] as usize] = SEPARATOR;
        at += 1;
    }
    let mut digit = b'0';
    while digit <= b'9' {
        kinds[digit as usize] = DIGIT;
        digit += 1;
    }
    kinds[b'@' as usize] = AT;
    kinds[b'/' as usize] = SLASH;
    kinds
}

/// A run of bytes that are no separators.
struct Word {
    begin: usize,
    end: usize,
    /// The kinds of bytes in it.
    kinds: u8,
}

/// The next word at or behind `from`, where a word may begin, that is not certain to stay; with `any`, the next one.
#[inline]
fn next_word(bytes: &[u8], from: usize, any: bool) -> Option<Word> {
    let (begin, known) = if any {
        (from, from)
    } else {
        // All but words without a digit, a slash, an at sign or a dot, which plain names alone may be.
        let at = telling_from::<b'.'>(bytes, from)?;
        let before = bytes.get(from..at)?.iter().rposition(|byte| kind_of(*byte) == SEPARATOR);
        (before.map_or(from, |step| from + step + 1), at)
    };
    let mut kinds = 0;
    let mut end = known;
    for byte in bytes.get(known..).filter(|rest| !rest.is_empty())? {
        let kind = kind_of(*byte);
        if kind == SEPARATOR {
            break;
        }
        kinds |= kind;
        end += 1;
    }
    Some(Word { begin, end, kinds })
}

#[inline]
fn kind_of(byte: u8) -> u8 {
    KINDS.get(usize::from(byte)).copied().unwrap_or(0)
}

/// Whether a word is as long as one of the names of the case at hand, or ends in marks, which may hide that.
#[inline]
fn may_be_own(bytes: &[u8], begin: usize, end: usize, lengths: u64) -> bool {
    lengths & bit_of(end - begin) != 0
        || (end > begin && matches!(bytes.get(end - 1), Some(b'.' | b':' | b'!' | b'?')))
}

/// Without the marks at its end.
#[inline]
fn bare_of(word: &str) -> &str {
    match word.as_bytes().last() {
        Some(b'.' | b':' | b'!' | b'?') => word.trim_end_matches(['.', ':', '!', '?']),
        _ => word,
    }
}

/// What stands for a word in the template; `None` when the word itself does.
fn mask(bare: &str, kinds: u8, text: &str, own: Own<'_>) -> Option<&'static str> {
    if bare.is_empty() {
        return None;
    }
    let is = |name: Option<&str>| name.is_some_and(|name| name.eq_ignore_ascii_case(bare));
    if is(own.domain) || is(own.sender_domain) {
        return Some("DOMAIN");
    }
    if is(own.host) || is(own.client) {
        return Some("HOST");
    }
    if kinds & SLASH != 0 && bare.contains("://") {
        return Some("URL");
    }
    if kinds & AT != 0 {
        return Some("ADDRESS");
    }
    if kinds & DIGIT == 0 || is_code(bare, text) {
        return None;
    }
    if is_ip(bare) {
        return Some("IP");
    }
    let mut counts = [0; 3];
    let [digits, letters, others] = &mut counts;
    for byte in bare.bytes() {
        match byte {
            b'0'..=b'9' => *digits += 1,
            b'.' | b':' | b'/' | b'-' | b'+' | b'%' | b'_' => {}
            _ if byte.is_ascii_alphabetic() => *letters += 1,
            _ => *others += 1,
        }
    }
    let [digits, letters, others] = counts;
    if letters + others == 0 {
        return Some("N");
    }
    // A short mark of letters and then digits tells texts apart: S3140, TSS04, PRX4, RFC5321.
    let marks = bare.bytes().take_while(u8::is_ascii_uppercase).count();
    if marks > 0 && marks == letters && bare.len() <= 7 {
        return None;
    }
    if bare.contains('.') && letters > digits && !bare.contains(':') {
        return Some("HOST");
    }
    (bare.len() >= 6 || digits >= 3).then_some("ID")
}

/// Whether a word is the reply code, also where it begins a further line of the reply, or an enhanced status
/// code.
fn is_code(bare: &str, text: &str) -> bool {
    if text.get(..3) == Some(bare) {
        return true;
    }
    if let Ok(code) = bare.trim_start_matches('#').parse::<EnhancedCode>()
        && code.subject() < 10
    {
        return true;
    }
    ReplyCode::parse_prefix(bare)
        .and_then(|(_, rest)| rest.strip_prefix('-'))
        .is_some_and(|rest| rest.is_empty() || rest.parse::<EnhancedCode>().is_ok())
}

fn is_ip(word: &str) -> bool {
    // An address of either kind has two of these, and to try both kinds takes a while.
    let marks = word.bytes().filter(|b| matches!(b, b'.' | b':')).count();
    marks >= 2 && word.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_only_in_ids_are_one() {
        let own =
            Own { domain: Some("example.com"), host: Some("mx.example.com"), ..Own::default() };
        let mut out = String::new();
        for (text, want) in [
            (
                "550 5.1.1 <ann@example.com>: Recipient address rejected: User unknown",
                "550 5.1.1 <ADDRESS>: Recipient address rejected: User unknown",
            ),
            (
                "550-5.1.1 The email account does not exist. 550 5.1.1 see https://example.org/?p=x d9443c01a7336-2a5",
                "550-5.1.1 The email account does not exist. 550 5.1.1 see URL=x ID",
            ),
            (
                "421 4.7.0 [TSS04] Messages from 192.0.2.1 deferred",
                "421 4.7.0 [TSS04] Messages from IP deferred",
            ),
            (
                "450 4.2.0 Greylisted, try again in 300 seconds",
                "450 4.2.0 Greylisted, try again in N seconds",
            ),
            ("451 mx.example.com busy at 2026-11-23T10:55:12Z", "451 HOST busy at ID"),
            (
                "connect to mx.example.com[192.0.2.1]:25: Connection refused",
                "connect to HOST[IP]N Connection refused",
            ),
            (
                "550 Domain example.com does not accept mail",
                "550 Domain DOMAIN does not accept mail",
            ),
            (
                "554 5.7.1 Client host [2001:db8::1] blocked using zen.example.org",
                "554 5.7.1 Client host [IP] blocked using zen.example.org",
            ),
        ] {
            out.clear();
            template_of(text, own, &mut out);
            assert_eq!(out, want, "{text}");
        }
    }
}
