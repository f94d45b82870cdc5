//! The nom primitives: everything above them is plain sequencing.
//!
//! All take `&str`, split at one ASCII byte, never allocate and never fail on strange input but by the
//! ordinary error. They never answer `Incomplete`: the end of the line is the end of the last field.

use super::near::{cut_once, near};
use crate::event::{Client, Relay};
use nom::bytes::complete::tag;
use nom::combinator::opt;
use nom::sequence::preceded;
use nom::{IResult, Parser};

/// Result of a primitive: the rest of the line and the value. The error carries nothing, as the caller only
/// needs to know that the shape is another one.
pub(crate) type Res<'a, T> = IResult<&'a str, T, ()>;

const NO: nom::Err<()> = nom::Err::Error(());

/// The text before the next `byte` (ASCII), which is consumed.
#[inline]
pub(crate) fn until(byte: u8) -> impl Fn(&str) -> Res<'_, &str> {
    move |text| {
        let at = near([byte], text.as_bytes()).ok_or(NO)?;
        match (text.get(..at), text.get(at + 1..)) {
            (Some(before), Some(behind)) => Ok((behind, before)),
            _ => Err(NO),
        }
    }
}

/// The text before the next `needle`, which is consumed.
#[inline]
pub(crate) fn until_text(needle: &str) -> impl for<'a> Fn(&'a str) -> Res<'a, &'a str> {
    move |text| {
        let (before, behind) = cut_once(text, needle).ok_or(NO)?;
        Ok((behind, before))
    }
}

/// A word: at least one byte, up to a space or the end; the space is left.
#[inline]
pub(crate) fn word(text: &str) -> Res<'_, &str> {
    let at = near([b' '], text.as_bytes()).unwrap_or(text.len());
    match text.split_at_checked(at) {
        Some((word, rest)) if !word.is_empty() => Ok((rest, word)),
        _ => Err(NO),
    }
}

/// A value that ends at `, ` or `;` or a space or the end (which is left).
#[inline]
pub(crate) fn value(text: &str) -> Res<'_, &str> {
    let at = near([b',', b' ', b';'], text.as_bytes()).unwrap_or(text.len());
    let (value, rest) = text.split_at_checked(at).ok_or(NO)?;
    Ok((rest, value))
}

/// Decimal digits that fit 64 bits.
#[inline]
pub(crate) fn number(text: &str) -> Res<'_, u64> {
    /// So many digits always fit.
    const FEW: usize = 19;
    let mut number: u64 = 0;
    let mut used = 0;
    for byte in text.bytes() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        used += 1;
    }
    if used == 0 {
        return Err(NO);
    }
    let (digits, rest) = text.split_at_checked(used).ok_or(NO)?;
    if used > FEW {
        number = digits.parse().map_err(|_| NO)?;
    }
    Ok((rest, number))
}

/// Decimal digits that fit `T`.
#[inline]
pub(crate) fn small<T: TryFrom<u64>>(text: &str) -> Res<'_, T> {
    let (rest, number) = number(text)?;
    Ok((rest, T::try_from(number).map_err(|_| NO)?))
}

/// Seconds with a fraction, as microseconds.
#[inline]
pub(crate) fn seconds(text: &str) -> Res<'_, u64> {
    /// So many digits of seconds always fit as microseconds.
    const FEW: usize = 13;
    let bytes = text.as_bytes();
    let digit_at = |at: usize| {
        let digit = bytes.get(at)?.wrapping_sub(b'0');
        (digit <= 9).then_some(u64::from(digit))
    };
    let (mut at, mut micros) = (0, 0);
    while let Some(digit) = digit_at(at) {
        micros = micros * 10 + digit;
        at += 1;
        if at > FEW {
            return many_seconds(text);
        }
    }
    if at == 0 {
        return Err(NO);
    }
    micros *= 1_000_000;
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        let mut scale = 100_000;
        while let Some(digit) = digit_at(at) {
            micros += digit * scale;
            scale /= 10;
            at += 1;
        }
    }
    Ok((text.get(at..).ok_or(NO)?, micros))
}

/// As [`seconds`], where they may be too many.
#[cold]
fn many_seconds(text: &str) -> Res<'_, u64> {
    let (rest, whole) = number(text)?;
    let micros = whole.checked_mul(1_000_000).ok_or(NO)?;
    let Some(fraction) = rest.strip_prefix('.') else { return Ok((rest, micros)) };
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let places = fraction.bytes().take(digits).zip([100_000, 10_000, 1_000, 100, 10, 1]);
    let parts = places.map(|(digit, scale)| u64::from(digit - b'0') * scale).sum();
    Ok((fraction.get(digits..).ok_or(NO)?, micros.saturating_add(parts)))
}

/// An address in angle brackets; gives it without them.
///
/// The `>` that closes is the first one outside a quoted local part that is followed by a space, comma,
/// semicolon, colon, closing parenthesis or the end; so `<"a>, relay=x"@example.com>` and, from old logs,
/// `<a b>c@example.com>` come whole. A quote that never closes is an ordinary character.
#[inline]
pub(crate) fn angle(text: &str) -> Res<'_, &str> {
    let inner = text.strip_prefix('<').ok_or(NO)?;
    let bytes = inner.as_bytes();
    let start = if bytes.first() == Some(&b'"') { end_of_quoted(bytes).unwrap_or(0) } else { 0 };
    let mut from = start;
    while let Some(step) = bytes.get(from..).and_then(|b| near([b'>'], b)) {
        let at = from + step;
        if matches!(bytes.get(at + 1), None | Some(b' ' | b',' | b';' | b':' | b')' | b'>')) {
            return match (inner.get(..at), inner.get(at + 1..)) {
                (Some(address), Some(rest)) => Ok((rest, address)),
                _ => Err(NO),
            };
        }
        from = at + 1;
    }
    Err(NO)
}

/// Index behind the closing quote of a string that begins with a quote.
fn end_of_quoted(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'\\', b'"', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// An address in angle brackets, or bare up to a comma, semicolon or space (old and relayed logs).
#[inline]
pub(crate) fn address(text: &str) -> Res<'_, &str> {
    angle(text).or_else(|_| value(text))
}

/// A double-quoted string with backslash escapes; gives the inside as it stands.
#[inline]
pub(crate) fn quoted(text: &str) -> Res<'_, &str> {
    if !text.starts_with('"') {
        return Err(NO);
    }
    let end = end_of_quoted(text.as_bytes()).ok_or(NO)?;
    match (text.get(1..end - 1), text.get(end..)) {
        (Some(inside), Some(rest)) => Ok((rest, inside)),
        _ => Err(NO),
    }
}

/// Host, address and port as Postfix writes a peer: `host[addr]` or `host[addr]:port`; host may be missing
/// (postscreen's `[addr]:port`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer<'a> {
    pub(crate) host: &'a str,
    pub(crate) address: &'a str,
    pub(crate) port: Option<u16>,
}

/// Reads a [`Peer`]. The host has no space, comma or bracket in it.
#[inline]
pub(crate) fn peer(text: &str) -> Res<'_, Peer<'_>> {
    let end = near([b'[', b' ', b',', b';'], text.as_bytes()).ok_or(NO)?;
    let (host, rest) = text.split_at_checked(end).ok_or(NO)?;
    let rest = rest.strip_prefix('[').ok_or(NO)?;
    let (rest, address) = until(b']')(rest)?;
    let (rest, port) = opt(preceded(tag::<_, _, ()>(":"), small::<u16>)).parse(rest)?;
    Ok((rest, Peer { host, address, port }))
}

fn known(text: &str) -> Option<&str> {
    (!text.is_empty() && text != "unknown").then_some(text)
}

impl<'a> Peer<'a> {
    /// As the client of a session; `unknown` becomes absent.
    pub(crate) fn client(self) -> Client<'a> {
        Client { name: known(self.host), address: known(self.address), port: self.port }
    }

    /// As the next hop.
    pub(crate) fn relay(self) -> Relay<'a> {
        Relay { host: known(self.host), address: known(self.address), port: self.port }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_primitive_may_be_the_last_of_its_line() {
        assert_eq!(word("abc"), Ok(("", "abc")));
        assert_eq!(value("abc"), Ok(("", "abc")));
        assert_eq!(number("12"), Ok(("", 12)));
        assert_eq!(seconds("1.5"), Ok(("", 1_500_000)));
        for text in
            ["0", "07.25,", "389117", "0.1234567/", "9999999999999.5", "1.", "12 ", "", ".5", "x"]
        {
            assert_eq!(seconds(text), many_seconds(text), "{text}");
        }
        assert_eq!(seconds("18446744073709.9"), Ok(("", u64::MAX)));
        assert_eq!(seconds("18446744073710"), Err(NO));
        assert_eq!(seconds("00000000000000000000001.5 "), Ok((" ", 1_500_000)));
        assert_eq!(angle("<a@example.com>"), Ok(("", "a@example.com")));
        assert_eq!(quoted(r#""a\"b""#), Ok(("", r#"a\"b"#)));
        let peer = peer("mx[192.0.2.1]").unwrap();
        assert_eq!(peer, ("", Peer { host: "mx", address: "192.0.2.1", port: None }));
        assert_eq!(until_text("said: ")("x said: 550"), Ok(("550", "x ")));
    }

    #[test]
    fn addresses_with_brackets_and_commas_come_whole() {
        for (text, want) in [
            (r#"<"a>, relay=x"@example.com>, y"#, r#""a>, relay=x"@example.com"#),
            (r#"<"a,b"@example.com>, y"#, r#""a,b"@example.com"#),
            ("<>, y", ""),
            ("<a b@example.com> y", "a b@example.com"),
            ("<a>b@example.com>; y", "a>b@example.com"),
            ("<\"open@example.com>, y", "\"open@example.com"),
        ] {
            assert_eq!(angle(text).map(|(_, a)| a), Ok(want), "{text}");
        }
        assert_eq!(address("ann@example.com, y"), Ok((", y", "ann@example.com")));
    }

    #[test]
    fn peers_of_all_forms() {
        for (text, host, address, port) in [
            ("mx.example.com[192.0.2.1]:25, x", "mx.example.com", "192.0.2.1", Some(25)),
            ("unknown[2001:db8::1]; x", "unknown", "2001:db8::1", None),
            ("[192.0.2.1]:4000", "", "192.0.2.1", Some(4000)),
            ("dovecot[private/lmtp]", "dovecot", "private/lmtp", None),
        ] {
            assert_eq!(peer(text).unwrap().1, Peer { host, address, port }, "{text}");
        }
        assert!(peer("none, delay=1 [x]").is_err());
    }
}
