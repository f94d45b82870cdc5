//! The small parts of Exim's lines: `K=value` items, hosts, spans of time.
//!
//! One letter can mean several things (`P=` protocol or return path, `C=` reply or list of commands, `T=`
//! subject or transport), so this page only cuts; the page of each kind of line says what an item means. How
//! a value ends is told by how it begins: `<…>`, `"…"`, or a word.

use crate::event::{Client, Relay};
use crate::parse::near::near;
use crate::parse::token::{Res, angle, quoted, seconds, small};
use nom::Parser;
use nom::bytes::complete::tag;
use nom::combinator::opt;
use nom::sequence::preceded;

/// `K=value`, or a bare word such as `TFO*` or `L`, whose key is then empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

/// Longest key: `DMARC`.
const LONGEST_KEY: usize = 5;

/// Cuts one item at the start of `text`.
///
/// A colon that ends a word is left: it separates the items of a failure from its message.
#[inline]
pub(super) fn item(text: &str) -> Res<'_, Item<'_>> {
    if let Some(length) = length_of_key(text)
        && let (Some(key), Some(value)) = (text.get(..length), text.get(length + 1..))
    {
        let (rest, value) = value_of_item(value)?;
        return Ok((rest, Item { key, value }));
    }
    let (rest, value) = word_before_colon(text)?;
    if value.is_empty() {
        return Err(nom::Err::Error(()));
    }
    Ok((rest, Item { key: "", value }))
}

/// Letters, digits and asterisks before a `=`.
#[inline]
fn length_of_key(text: &str) -> Option<usize> {
    // Nearly all.
    match text.as_bytes() {
        [a, b'=', ..] if a.is_ascii_alphanumeric() => return Some(1),
        [a, b, b'=', ..] if a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric() => {
            return Some(2);
        }
        _ => {}
    }
    for (at, byte) in text.bytes().take(LONGEST_KEY + 1).enumerate() {
        match byte {
            b'=' => return (at > 0).then_some(at),
            b'*' => {}
            _ if byte.is_ascii_alphanumeric() => {}
            _ => return None,
        }
    }
    None
}

#[inline]
fn value_of_item(text: &str) -> Res<'_, &str> {
    match text.as_bytes().first() {
        Some(b'<') => angle(text).or_else(|_| word_before_colon(text)),
        Some(b'"') => quoted(text).or_else(|_| word_before_colon(text)),
        _ => word_before_colon(text),
    }
}

/// Up to a space or the end, without a colon that stands there.
#[inline]
pub(super) fn word_before_colon(text: &str) -> Res<'_, &str> {
    let at = near([b' '], text.as_bytes()).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(at).ok_or(nom::Err::Error(()))?;
    if word.ends_with(':') {
        let (word, rest) = text.split_at_checked(at - 1).ok_or(nom::Err::Error(()))?;
        return Ok((rest, word));
    }
    Ok((rest, word))
}

/// The message behind the separator: `: ` (all versions) or ` : ` (current ones).
#[inline]
pub(super) fn behind_separator(text: &str) -> Option<&str> {
    match text.as_bytes() {
        [b':', b' ', ..] => text.get(2..),
        [b' ', b':', b' ', ..] => text.get(3..),
        b":" | b" :" => Some(""),
        _ => None,
    }
}

/// The other end of a connection as Exim writes it: `name (helo) [address]:port`, most parts optional.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Host<'a> {
    /// The name found by looking up the address; `None` where there is none.
    pub(super) name: Option<&'a str>,
    /// What the client called itself.
    pub(super) helo: Option<&'a str>,
    pub(super) address: Option<&'a str>,
    pub(super) port: Option<u16>,
}

impl<'a> Host<'a> {
    pub(super) fn client(self) -> Client<'a> {
        Client { name: self.name, address: self.address, port: self.port }
    }

    pub(super) fn relay(self) -> Relay<'a> {
        Relay { host: self.name, address: self.address, port: self.port }
    }
}

/// Reads a host (the `H=` is already gone); the rest begins with a space, a colon, or is empty.
///
/// Only the last `[address]` counts: the client's own word in parentheses may hold brackets and parentheses.
#[inline]
pub(super) fn host(text: &str) -> Res<'_, Host<'_>> {
    let mut host = Host::default();
    let mut rest = text;
    if !matches!(text.as_bytes().first(), Some(b'(' | b'[')) {
        let (behind, name) = word_before_colon(text)?;
        host.name = (!name.is_empty()).then_some(name);
        // The answer to the query for the name was signed.
        let signed = behind.strip_prefix(" DS");
        rest = signed.filter(|r| r.starts_with(" [") || r.starts_with(" (")).unwrap_or(behind);
    }
    let without_space = rest.strip_prefix(' ').unwrap_or(rest);
    if let Some(inside) = without_space.strip_prefix('(') {
        let Some((helo, behind)) = helo(inside) else {
            return if host.name.is_some() { Ok((rest, host)) } else { Err(nom::Err::Error(())) };
        };
        host.helo = Some(helo);
        rest = behind;
    }
    if let Some((address, behind)) = address(rest.strip_prefix(' ').unwrap_or(rest)) {
        host.address = Some(address);
        let (behind, port) = opt(preceded(tag::<_, _, ()>(":"), small::<u16>))
            .parse(behind)
            .unwrap_or((behind, None));
        host.port = port;
        // An asterisk: the connection was used before for another message.
        rest = behind.strip_prefix('*').unwrap_or(behind);
    }
    Ok((rest, host))
}

/// `[192.0.2.1]`, with a boundary behind it.
#[inline]
fn address(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('[')?;
    let end = near([b']', b' '], inside.as_bytes())?;
    let (address, rest) = inside.split_at_checked(end)?;
    let rest = rest.strip_prefix(']')?;
    matches!(rest.as_bytes().first(), None | Some(b' ' | b':' | b'*' | b',' | b';'))
        .then_some((address, rest))
}

/// The client's word up to the parenthesis that closes it: the first that leaves none open and is followed
/// by an address; failing that, the first one followed by an address; failing that, by a space or the end.
fn helo(inside: &str) -> Option<(&str, &str)> {
    let mut open = 1;
    let mut from = 0;
    let mut best = None;
    let mut without_address = None;
    let bytes = inside.as_bytes();
    while let Some(step) = bytes.get(from..).and_then(|b| memchr::memchr2(b'(', b')', b)) {
        let at = from + step;
        from = at + 1;
        if bytes.get(at) == Some(&b'(') {
            open += 1;
            continue;
        }
        open -= 1;
        let Some((helo, rest)) = inside.split_at_checked(at) else { break };
        let Some(rest) = rest.get(1..) else { break };
        if rest.strip_prefix(' ').and_then(address).is_some() {
            if open <= 0 {
                return Some((helo, rest));
            }
            best = best.or(Some((helo, rest)));
        } else if without_address.is_none() && (rest.is_empty() || rest.starts_with([' ', ':'])) {
            without_address = Some((helo, rest));
        }
    }
    best.or(without_address)
}

/// `3s`, `1m2s`, `0.304s`, `1d2h`: microseconds.
pub(super) fn span(text: &str) -> Option<u64> {
    let mut total: u64 = 0;
    let mut rest = text;
    loop {
        let (behind, number) = seconds(rest).ok()?;
        let (factor, behind) = match behind.as_bytes().first()? {
            b's' => (1, behind.get(1..)?),
            b'm' => (60, behind.get(1..)?),
            b'h' => (3_600, behind.get(1..)?),
            b'd' => (86_400, behind.get(1..)?),
            b'w' => (604_800, behind.get(1..)?),
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(factor)?)?;
        if behind.is_empty() {
            return Some(total);
        }
        rest = behind;
    }
}

/// Text from a line whose last word is `DT=…`, without that word, and the time.
#[inline]
pub(super) fn without_delivery_time(text: &str) -> (&str, Option<u64>) {
    // Every span ends in `s`, `m`, `h`, `d` or `w`.
    if !matches!(text.as_bytes().last(), Some(b's' | b'm' | b'h' | b'd' | b'w')) {
        return (text, None);
    }
    let Some(at) = memchr::memrchr(b' ', text.as_bytes()) else { return (text, None) };
    let Some((before, last)) = text.split_at_checked(at) else { return (text, None) };
    match last.strip_prefix(" DT=").and_then(span) {
        Some(time) => (before, Some(time)),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_as_they_begin() {
        for (text, key, value, rest) in [
            ("R=dnslookup T=x", "R", "dnslookup", " T=x"),
            ("T=remote_smtp: said", "T", "remote_smtp", ": said"),
            ("F=<a b@example.com> R=x", "F", "a b@example.com", " R=x"),
            ("F=<>: said", "F", "", ": said"),
            (r#"DN="C=DE,CN=\"a\" b" A=x"#, "DN", r#"C=DE,CN=\"a\" b"#, " A=x"),
            (r#"C="250 ok R=x => y" QT=1s"#, "C", "250 ok R=x => y", " QT=1s"),
            ("X=TLS1.3:AES:256 CV=no", "X", "TLS1.3:AES:256", " CV=no"),
            ("id*=x@example.com", "id*", "x@example.com", ""),
            ("TFO* H=x", "", "TFO*", " H=x"),
            ("rejected", "", "rejected", ""),
        ] {
            assert_eq!(item(text), Ok((rest, Item { key, value })), "{text}");
        }
        assert!(item("").is_err() && item(" x").is_err());
    }

    #[test]
    fn hosts_of_all_forms() {
        for (text, name, helo, address, port, rest) in [
            ("mx [192.0.2.1]:25* I=x", Some("mx"), None, Some("192.0.2.1"), Some(25), " I=x"),
            ("mx [192.0.2.1]: said", Some("mx"), None, Some("192.0.2.1"), None, ": said"),
            ("mx DS [192.0.2.1] X=y", Some("mx"), None, Some("192.0.2.1"), None, " X=y"),
            ("mx (me) [2001:db8::1]", Some("mx"), Some("me"), Some("2001:db8::1"), None, ""),
            (
                "([10.1.2.3]) [192.0.2.9]:40112 I=",
                None,
                Some("[10.1.2.3]"),
                Some("192.0.2.9"),
                Some(40112),
                " I=",
            ),
            ("(a(b) c) [192.0.2.9]", None, Some("a(b) c"), Some("192.0.2.9"), None, ""),
            (
                "(a) [198.51.100.1]) [192.0.2.9] x",
                None,
                Some("a) [198.51.100.1]"),
                Some("192.0.2.9"),
                None,
                " x",
            ),
            ("(a(b) [192.0.2.9] x", None, Some("a(b"), Some("192.0.2.9"), None, " x"),
            ("(me) U=ann", None, Some("me"), None, None, " U=ann"),
            ("[192.0.2.1]", None, None, Some("192.0.2.1"), None, ""),
            ("localhost", Some("localhost"), None, None, None, ""),
            ("[x.x.x.x] y", None, None, Some("x.x.x.x"), None, " y"),
        ] {
            assert_eq!(host(text), Ok((rest, Host { name, helo, address, port })), "{text}");
        }
    }

    #[test]
    fn spans_of_time() {
        for (text, want) in [
            ("3s", Some(3_000_000)),
            ("0.304s", Some(304_000)),
            ("1m2s", Some(62_000_000)),
            ("1d2h", Some(93_600_000_000)),
            ("1w", Some(604_800_000_000)),
            ("3", None),
            ("s", None),
            ("", None),
        ] {
            assert_eq!(span(text), want, "{text}");
        }
        assert_eq!(without_delivery_time("550 no DT=1s"), ("550 no", Some(1_000_000)));
        assert_eq!(without_delivery_time("see DT=x as"), ("see DT=x as", None));
    }
}
