//! Hides what differs between two texts that say the same: ids, client addresses, recipients.
//!
//! Nine of ten failures in a log say what another one said before, but for such words. No rule looks at them, so
//! what is judged is the text without them, and it is judged once ([`super::Judge`]). A word, or the front of one, is
//! hidden only where nothing is lost: host names but for a machine's number in brackets, links, short marks
//! (`TSS04`), codes and the answers of blocklists (`127.0.0.2`) stay. Tests compare with the verdict on the whole text
//! for all examples.

use crate::bytes::telling_from;

/// Ends a word. A stamp or an id may have dots, colons and hyphens in it.
const SEPARATOR: u8 = 1;
const DIGIT: u8 = 2;
const LETTER: u8 = 4;
const DOT: u8 = 8;
const AT: u8 = 16;

const KINDS: [u8; 256] = kinds();

#[expect(clippy::indexing_slicing, reason = "every byte has its place; checked by the compiler")]
const fn kinds() -> [u8; 256] {
    let mut kinds = [LETTER; 256];
    let separators = *b" \t\n()<>[]{}\"',;=\\/?&|";
    let mut at = 0;
    while at < separators.len() {
        kinds[separators[at] as usize] = SEPARATOR;
        at += 1;
    }
    let marks = *b"-_:+*#!$%^~`";
    at = 0;
    while at < marks.len() {
        kinds[marks[at] as usize] = 0;
        at += 1;
    }
    let mut digit = b'0';
    while digit <= b'9' {
        kinds[digit as usize] = DIGIT;
        digit += 1;
    }
    kinds[b'.' as usize] = DOT;
    kinds[b'@' as usize] = AT;
    kinds
}

/// Writes `text` without ids into `out` (cleared first).
pub(super) fn hide_ids(text: &str, out: &mut String) {
    out.clear();
    let bytes = text.as_bytes();
    let (mut copied, mut at) = (0, 0);
    // All others stay.
    while let Some((begin, end, kinds)) = next_with_digit_or_at(bytes, at) {
        if let Some(word) = text.get(begin..end)
            && let Some((hidden, shown)) = shown_instead(word, kinds, text, begin)
        {
            out.push_str(text.get(copied..begin).unwrap_or_default());
            out.push_str(shown);
            copied = begin + hidden;
        }
        at = end + 1;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
}

/// The next word at or behind `from`, where a word may begin, that has a digit or an at sign in it: where it begins and
/// ends, and the kinds of bytes in it.
#[inline]
fn next_with_digit_or_at(bytes: &[u8], from: usize) -> Option<(usize, usize, u8)> {
    let at = telling_from::<b'0'>(bytes, from)?;
    let mut kinds = 0;
    let mut in_word = |byte: &&u8| {
        let kind = KINDS.get(usize::from(**byte)).copied().unwrap_or(0);
        let goes_on = kind != SEPARATOR;
        kinds |= if goes_on { kind } else { 0 };
        goes_on
    };
    let before = bytes.get(from..at)?.iter().rev().take_while(&mut in_word).count();
    let behind = bytes.get(at..)?.iter().take_while(&mut in_word).count();
    Some((at - before, at + behind, kinds))
}

/// Of what is hidden and no address of mail: `11.a.b` in brackets.
const SHORTEST: usize = 6;

/// How much of a word tells nothing, and what stands for that; `None` for a word that stays.
fn shown_instead(word: &str, kinds: u8, text: &str, begin: usize) -> Option<(usize, &'static str)> {
    let word = match word.as_bytes().last() {
        Some(b'.' | b':') => word.trim_end_matches(['.', ':']),
        _ => word,
    };
    if word.len() < SHORTEST && kinds & AT == 0 {
        return None;
    }
    let before = text.get(..begin)?;
    // `\n552-5.7.0` and `550-Requested` begin lines of a reply.
    if word.starts_with('n') && before.ends_with('\\') || begins_with_code(word) {
        return None;
    }
    let whole = |shown| Some((word.len(), shown));
    if kinds & AT != 0 {
        // In angle brackets it is a mailbox of this message, and behind an equals sign or in parentheses hardly
        // anything else, but the domain may tell of a provider. Elsewhere it is somebody to write to.
        return match before.as_bytes().last()? {
            b'<' if text.get(begin + word.len()..)?.starts_with('>') => whole("x@x.x"),
            b'=' | b'(' => Some((word.find('@')?, "x")),
            _ => None,
        };
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if kinds & LETTER == 0 {
        return match address(word) {
            Some(shown) => whole(shown),
            None if digits == word.len() => whole("1000000000").filter(|_| digits >= 10),
            None => whole("1000000000").filter(|_| is_double_number(word, digits)),
        };
    }
    // `[SA2A41CC.eop-NAM10.prod.protection.outlook.com`.
    if before.ends_with('[')
        && let Some((machine, network)) = word.split_once('.')
        && network.contains('.')
        && machine.bytes().filter(u8::is_ascii_digit).count() > 1
    {
        return Some((machine.len(), "x0"));
    }
    // A provider's mark has its letters first (`AUP#IPBL0001`); in an id they are mixed. `error:0A00010B:SSL` is
    // neither.
    if word.len() < 10 || digits < 3 || changes(word) < 3 {
        return None;
    }
    if word.contains(':') && !word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let is_host = word.rsplit_once('.').is_some_and(|(_, last)| {
        last.len() > 1 && last.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    (!is_host).then_some((word.len(), "x0x0x0x0x0"))
}

/// `53184-16`, as filters count their work.
fn is_double_number(word: &str, digits: usize) -> bool {
    let one_hyphen = word.split('-').count() == 2 && digits + 1 == word.len();
    one_hyphen && digits >= 6
}

/// How often letters follow digits, or digits letters.
fn changes(word: &str) -> usize {
    let mut marks =
        word.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.is_ascii_digit());
    let Some(mut last) = marks.next() else { return 0 };
    marks.filter(|is_digit| std::mem::replace(&mut last, *is_digit) != *is_digit).count()
}

/// `550-`.
fn begins_with_code(word: &str) -> bool {
    word.get(..3).is_some_and(|code| code.bytes().all(|byte| byte.is_ascii_digit()))
        && word.get(3..).is_some_and(|behind| behind.starts_with('-'))
}

/// An IPv4 address that is no answer of a blocklist.
fn address(word: &str) -> Option<&'static str> {
    let dots = word.bytes().filter(|byte| *byte == b'.').count();
    let is_address = dots == 3
        && !word.starts_with("127.")
        && word.split('.').all(|part| part.len() <= 3 && part.parse::<u8>().is_ok());
    is_address.then_some("192.0.2.1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wording::Wording;
    use proptest::prelude::*;
    use std::net::Ipv4Addr;

    #[test]
    fn only_words_that_tell_nothing_are_hidden() {
        let mut out = String::new();
        for (text, want) in [
            ("", ""),
            ("550 5.1.1 <ann7@example.com>: gone", "550 5.1.1 <x@x.x>: gone"),
            ("write to abuse@example.com", "write to abuse@example.com"),
            (
                "Client host [198.51.100.7] blocked using zen.example.org; https://example.org/ip/198.51.100.7",
                "Client host [192.0.2.1] blocked using zen.example.org; https://example.org/ip/192.0.2.1",
            ),
            ("answer 127.0.0.2, version 10.1.2.300", "answer 127.0.0.2, version 10.1.2.300"),
            (
                "421 4.7.0 [TSS04] id d9443c01a7336-2a5 - gsmtp",
                "421 4.7.0 [TSS04] id x0x0x0x0x0 - gsmtp",
            ),
            (
                "at 2026-11-23T10:55:12Z: InternalId=7972042063422",
                "at x0x0x0x0x0: InternalId=1000000000",
            ),
            ("mx17a33b.mail100.example.com is busy", "mx17a33b.mail100.example.com is busy"),
            (
                "(S77). [SA7BC7E.eop-NAM10.prod.outlook.com 08D9443C01A7336]",
                "(S77). [x0.eop-NAM10.prod.outlook.com x0x0x0x0x0]",
            ),
            ("blocked using [bl1.example.net]", "blocked using [bl1.example.net]"),
            ("[11.a.b] 1.1.1.1 1.1", "[x0.a.b] 192.0.2.1 1.1"),
            (
                "no account (ann7@example.com), id=bob@example.net;",
                "no account (x@example.com), id=x@example.net;",
            ),
            (
                "554 5.7.1 id=53184-16 - BANNED 2026-11-29",
                "554 5.7.1 id=1000000000 - BANNED 2026-11-29",
            ),
            (r"552-5.7.0 one\n552-5.7.0 two", r"552-5.7.0 one\n552-5.7.0 two"),
            ("550-Requested action 550-7.1", "550-Requested action 550-7.1"),
            ("try again in 300 seconds", "try again in 300 seconds"),
            ("ü 1234567ü.", "ü 1234567ü."),
            ("AUP#IPBL0001 LPN000_630 AS16012607", "AUP#IPBL0001 LPN000_630 AS16012607"),
            ("error:0A00010B:SSL routines", "error:0A00010B:SSL routines"),
        ] {
            hide_ids(text, &mut out);
            assert_eq!(out, want, "{text}");
        }
    }

    /// The same without any haste: every word is looked at.
    fn simply(text: &str) -> String {
        let kind = |byte: u8| KINDS[usize::from(byte)];
        let is_separator = |c: char| u8::try_from(c).is_ok_and(|c| kind(c) == SEPARATOR);
        let (mut out, mut begin) = (String::new(), 0);
        for piece in text.split_inclusive(is_separator) {
            let word = piece.strip_suffix(is_separator).unwrap_or(piece);
            let kinds = word.bytes().fold(0, |kinds, byte| kinds | kind(byte));
            let (hidden, shown) = shown_instead(word, kinds, text, begin)
                .filter(|_| kinds & (DIGIT | AT) != 0)
                .unwrap_or((0, ""));
            out.push_str(shown);
            out.push_str(piece.get(hidden..).unwrap());
            begin += piece.len();
        }
        out
    }

    proptest! {
        #[test]
        fn words_that_are_skipped_stay(text in "([a1] ?[-<>@.:=\\[(nü/]{0,2}|550-|[a-f0-9]{10,12}|198.51.100.7|a[0-9]{2,3}\\.b\\.c){0,12}") {
            let mut out = String::new();
            hide_ids(&text, &mut out);
            prop_assert_eq!(out, simply(&text), "{}", text);
        }

        /// So a verdict may be remembered by the wording.
        #[test]
        fn texts_of_one_wording_are_one_without_ids(
            before in "[a1 @.:=\\[(nü\\\\-]{0,6}",
            behind in "[a1 @.:=>\\[(nü\\\\-]{0,6}",
            mailboxes in ["[a-z][a-z0-9.+_-]{0,8}@[a-z0-9.-]{0,8}", "[a-z][a-z0-9.+_-]{0,8}@[a-z0-9.-]{0,8}"],
            addresses in [any::<Ipv4Addr>(), any::<Ipv4Addr>()],
        ) {
            let of_mailboxes = mailboxes.map(|mailbox| format!("{before}<{mailbox}>{behind}"));
            let of_addresses = addresses.map(|address| format!("{before}[{address}]{behind}"));
            let with_link = addresses.map(|a| format!("{before}[{a}]{behind} https://a.b/{a}"));
            let at_begin = addresses.map(|a| format!("{a} {behind} (https://a.b/{a})"));
            for texts in [of_mailboxes, of_addresses, with_link, at_begin] {
                let wordings = texts.each_ref().map(|text| Wording::of(text));
                if wordings.iter().any(|wording| wording.about.is_empty()) {
                    continue;
                }
                let kept = wordings.map(|Wording { before, behind, end, .. }| (before, behind, end));
                prop_assert_eq!(kept[0], kept[1]);
                let hidden = texts.each_ref().map(|text| {
                    let mut hidden = String::new();
                    hide_ids(text, &mut hidden);
                    hidden
                });
                prop_assert_eq!(&hidden[0], &hidden[1], "{:?}", texts);
            }
        }
    }
}
