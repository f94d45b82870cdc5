//! Reply codes (RFC 5321 section 4.2) and enhanced status codes (RFC 3463).

use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU8;
use std::str::FromStr;

/// Three digits in the place of an SMTP reply code, 100 to 999.
///
/// Any three digits that a peer sent are kept: a broken server's `850` is what was on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ReplyCode(u16);

impl ReplyCode {
    /// A code from its number; `None` outside 100..=999.
    pub const fn new(number: u16) -> Option<Self> {
        if number >= 100 && number <= 999 { Some(Self(number)) } else { None }
    }

    /// The number, 100 to 999.
    pub const fn value(self) -> u16 {
        self.0
    }

    /// The first digit: 2 done, 3 go on, 4 try later, 5 no. Others occur from broken peers.
    #[expect(clippy::cast_possible_truncation, reason = "at most 9")]
    pub const fn class(self) -> u8 {
        (self.0 / 100) as u8
    }

    /// Reads a code at the very start of `text`: three digits followed by a space, `-`, or the end.
    ///
    /// A first digit of 0 or 1 or above 5 is accepted from 1 on, as broken peers send them; a fourth digit,
    /// a dot or a letter after the digits means that this is no reply code. Returns the text behind the code
    /// (its separator included).
    ///
    /// Source: RFC 5321 section 4.2; `850 nonsense` was seen from real peers.
    #[inline]
    pub fn parse_prefix(text: &str) -> Option<(Self, &str)> {
        let bytes = text.as_bytes();
        let (&[a, b, c], after) = bytes.split_first_chunk::<3>()?;
        if !(a.is_ascii_digit() && b.is_ascii_digit() && c.is_ascii_digit()) {
            return None;
        }
        if !matches!(after.first(), None | Some(b' ' | b'-')) {
            return None;
        }
        let number = u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0');
        Some((Self::new(number)?, text.get(3..)?))
    }
}

impl fmt::Display for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// An enhanced status code `class.subject.detail` (RFC 3463): class 2, 4 or 5, the rest 0 to 999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct EnhancedCode {
    class: NonZeroU8,
    subject: u16,
    detail: u16,
}

impl EnhancedCode {
    /// A code from its three numbers; `None` when RFC 3463 does not allow one of them.
    pub const fn new(class: u8, subject: u16, detail: u16) -> Option<Self> {
        if !matches!(class, 2 | 4 | 5) || subject > 999 || detail > 999 {
            return None;
        }
        match NonZeroU8::new(class) {
            Some(class) => Some(Self { class, subject, detail }),
            None => None,
        }
    }

    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    pub const fn class(self) -> u8 {
        self.class.get()
    }

    /// The second number: 1 address, 2 mailbox, 3 system, 4 network, 5 protocol, 6 content, 7 policy.
    pub const fn subject(self) -> u16 {
        self.subject
    }

    /// The third number.
    pub const fn detail(self) -> u16 {
        self.detail
    }

    /// All of it in one number below 2^23, not 0.
    pub(crate) const fn packed(self) -> u32 {
        (self.class() as u32) << 20 | (self.subject() as u32) << 10 | self.detail() as u32
    }

    /// Whether the class is the first digit of `code`, as RFC 3463 section 2 asks.
    pub const fn agrees_with(self, code: ReplyCode) -> bool {
        self.class.get() == code.class()
    }

    /// Reads a code at the very start of `text`; it must be followed by a space or the end.
    ///
    /// Returns the text behind it. `5.1.1:`, `5.7.1.2` and `#5.1.1` are no enhanced status codes in their
    /// standard place.
    #[inline]
    pub fn parse_prefix(text: &str) -> Option<(Self, &str)> {
        let (&class, rest) = text.as_bytes().split_first()?;
        if !matches!(class, b'2' | b'4' | b'5') {
            return None;
        }
        let (subject, rest) = number_after_dot(rest)?;
        let (detail, rest) = number_after_dot(rest)?;
        if !matches!(rest.first(), None | Some(b' ')) {
            return None;
        }
        let code = Self::new(class - b'0', subject, detail)?;
        Some((code, text.get(text.len() - rest.len()..)?))
    }
}

/// `.` and one to three digits.
#[inline]
fn number_after_dot(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (b'.', mut rest) = bytes.split_first()? else { return None };
    let mut number = None;
    while let Some((&digit, tail)) = rest.split_first() {
        if !digit.is_ascii_digit() {
            break;
        }
        let next = number.unwrap_or(0) * 10 + u16::from(digit - b'0');
        if next > 999 {
            return None;
        }
        number = Some(next);
        rest = tail;
    }
    Some((number?, rest))
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl FromStr for EnhancedCode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match Self::parse_prefix(text) {
            Some((code, "")) => Ok(code),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_needs_a_boundary_behind_its_digits() {
        for (text, want) in [
            ("250 ok", Some(250)),
            ("250", Some(250)),
            ("550-5.1.1 x", Some(550)),
            ("850 nonsense", Some(850)),
            ("5501 x", None),
            ("550.1 x", None),
            ("55", None),
            ("099 x", None),
            ("５５０ x", None),
        ] {
            let got = ReplyCode::parse_prefix(text).map(|(code, _)| code.value());
            assert_eq!(got, want, "{text:?}");
        }
    }

    #[test]
    fn an_enhanced_code_needs_three_numbers_and_a_boundary() {
        for (text, want) in [
            ("5.1.1 user", Some("5.1.1")),
            ("5.1.10", Some("5.1.10")),
            ("4.7.650 x", Some("4.7.650")),
            ("5.1.1: x", None),
            ("5.7.1.2 x", None),
            ("3.1.1 x", None),
            ("5.1 x", None),
            ("5..1 x", None),
            ("5.1000.1 x", None),
            ("#5.1.1", None),
        ] {
            let got = EnhancedCode::parse_prefix(text).map(|(code, _)| code.to_string());
            assert_eq!(got.as_deref(), want, "{text:?}");
        }
    }
}
