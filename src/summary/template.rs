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
#[derive(Clone, Copy, Debug, Default, Hash)]
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
    pub(super) fn lengths(&self) -> u64 {
        self.names().fold(0, |bits, name| bits | bit_of(name.len()))
    }

    /// Whether `text`, whose words have these lengths, has one of the names in it.
    pub(super) fn has_name_of(&self, lengths: u64, text: &str) -> bool {
        let name_of = |name: &&str| bit_of(name.len()) & lengths != 0;
        self.names().filter(name_of).any(|name| has_in_any_case(text.as_bytes(), name.as_bytes()))
    }

    /// What stands for a word that is one of the names.
    pub(super) fn mask(&self, bare: &str) -> Option<&'static str> {
        let is = |name: Option<&str>| name.is_some_and(|name| name.eq_ignore_ascii_case(bare));
        if bare.is_empty() {
            None
        } else if is(self.domain) || is(self.sender_domain) {
            Some("DOMAIN")
        } else if is(self.host) || is(self.client) {
            Some("HOST")
        } else {
            None
        }
    }

    /// Whether `text` has one of the names in it that look like any word (`localhost`).
    pub(super) fn has_plain_name(&self, text: &str) -> bool {
        let plain = |name: &&str| telling_from::<b'.'>(name.as_bytes(), 0).is_none();
        self.names().filter(plain).any(|name| has_in_any_case(text.as_bytes(), name.as_bytes()))
    }
}

pub(super) fn bit_of(length: usize) -> u64 {
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
    write_template(text, own, text.len(), out);
}

/// What may make the template of the same text another one, with other names.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Met {
    /// One of the names was masked.
    pub(super) is_own: bool,
    /// One bit for each length of a word that may be a name, unless it is a plain one: but for the word at `about`.
    pub(super) lengths: u64,
}

/// As [`template_of`]; at `about` is a word that others may stand for.
pub(super) fn write_template(text: &str, own: Own<'_>, about: usize, out: &mut String) -> Met {
    let mut met = Met::default();
    let from = out.len();
    let bytes = text.as_bytes();
    let lengths = own.lengths();
    let any_word = own.has_plain_name(text);
    // What stands before `copied` is in `out`; what comes after it stays as it is, as far as is known.
    let (mut copied, mut at) = (0, 0);
    while let Some(Word { begin, end, kinds }) = next_word(bytes, at, any_word) {
        let word = bare_of(text.get(begin..end).unwrap_or_default());
        let length = bit_of(word.len());
        met.lengths |= if begin == about { 0 } else { length };
        let own_mask = if lengths & length == 0 { None } else { own.mask(word) };
        met.is_own |= own_mask.is_some();
        if let Some(mask) = own_mask.or_else(|| mask(word, kinds, text)) {
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
    met
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

/// Without the marks at its end.
#[inline]
fn bare_of(word: &str) -> &str {
    match word.as_bytes().last() {
        Some(b'.' | b':' | b'!' | b'?') => word.trim_end_matches(['.', ':', '!', '?']),
        _ => word,
    }
}

/// What stands for a word that is none of the names; `None` when the word itself does.
fn mask(bare: &str, kinds: u8, text: &str) -> Option<&'static str> {
    if kinds & TELLING == 0 || bare.is_empty() {
        return None;
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
    use super::super::tally::Namer;
    use super::super::templates::Templates;
    use super::*;
    use proptest::prelude::*;

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

    /// The same without any haste: every word is looked at.
    fn simply(text: &str, own: Own<'_>) -> String {
        let is_separator = |c: char| u8::try_from(c).is_ok_and(|c| kind_of(c) == SEPARATOR);
        let mut out = String::new();
        for piece in text.split_inclusive(is_separator) {
            let word = piece.strip_suffix(is_separator).unwrap_or(piece);
            let kinds = word.bytes().fold(0, |kinds, byte| kinds | kind_of(byte));
            let mask = own.mask(bare_of(word)).or_else(|| mask(bare_of(word), kinds, text));
            out.push_str(mask.unwrap_or(word));
            out.push_str(piece.strip_prefix(word).unwrap());
        }
        let kept = begin_of(&out, LONGEST);
        if kept.len() < out.len() { format!("{kept}…") } else { out }
    }

    const PIECES: [&str; 27] = [
        "550 ",
        "5.1.1 ",
        " ",
        ": ",
        "<ann@example.com>",
        "<Bob_1.x-y+z@mx.example.net>",
        "<unknown@localhost>",
        "<550-a@b>",
        "ann@example.com",
        "User unknown",
        "in table",
        "mx.example.com",
        "example.com.",
        "EXAMPLE.net!",
        "[192.0.2.1]",
        "192.0.2.1:25:",
        "Client host [192.0.2.1] blocked; https://example.org/ip/192.0.2.1",
        "192.0.2.1 is listed 192 times, not 198",
        "192.0.2.1 is listed (127.0.0.4: https://example.org/ip/192.0.2.1)",
        "localhost:",
        r"\n550-5.7.1 ",
        "https://example.org/x?id=1",
        "id=08DE1E2214E049CE ",
        "S3140",
        "é",
        "Access denied, sending domain that does not meet the level of authentication that is required of it",
        "a_word_that_is_longer_than_a_template_may_be_and_has_nothing_in_it_that_could_tell_of_an_address_or_an_id_so_that_it_stays_as_it_is_but_for_what_is_cut_off_at_its_end_where_the_template_has_to_end_too_éé",
    ];

    fn names() -> impl Strategy<Value = Option<&'static str>> {
        proptest::sample::select(vec![
            None,
            Some(""),
            Some("example.com"),
            Some("mx.example.com"),
            Some("Example.Net"),
            Some("192.0.2.1"),
            Some("198.51.100.7"),
            Some("https://example.org/ip/192.0.2.2"),
            Some("localhost"),
            Some("unknown"),
            Some("ann@example.com"),
            Some("550"),
            Some("https://example.org/x?id"),
            Some("an.other.example.org"),
        ])
    }

    fn cases() -> impl Strategy<Value = Vec<(String, [Option<&'static str>; 4])>> {
        let text = proptest::collection::vec(proptest::sample::select(PIECES.to_vec()), 0..7);
        let case = (text.prop_map(|pieces| pieces.concat()), [names(), names(), names(), names()]);
        proptest::collection::vec(case, 1..30)
    }

    proptest! {
        /// Each with the names of all, so that what was remembered with other names is asked for.
        #[test]
        fn skipping_and_remembering_change_no_template(cases in cases()) {
            let namer = Namer::default();
            let mut templates = Templates::default();
            let texts = cases.iter().flat_map(|(text, _)| [
                text.clone(),
                text.replace("192.0.2.1", "198.51.100.7").replace("<ann@", "<b.c@"),
                text.replace("192.0.2.1", "192.0.2.2").replace("<ann@example.com", "<x@y"),
            ]);
            for text in &texts.collect::<Vec<_>>() {
                for (_, [domain, host, client, sender_domain]) in &cases {
                    let own = Own {
                        domain: *domain,
                        host: *host,
                        client: *client,
                        sender_domain: *sender_domain,
                    };
                    let want = simply(text, own);
                    let mut out = "before ".to_owned();
                    template_of(text, own, &mut out);
                    prop_assert_eq!(out.strip_prefix("before "), Some(&*want), "{} {:?}", text, own);
                    let word = templates.write(text, templates.wording(text), own, &namer, &mut out);
                    prop_assert_eq!(word.of(&out), &want, "{} {:?}", text, own);
                    prop_assert_eq!(word.hash, namer.name(&want).hash());
                }
            }
        }
    }
}
