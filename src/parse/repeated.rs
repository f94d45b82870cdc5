//! `message repeated N times`: rsyslog's form that wraps a message (N-2), and the forms that point at the
//! line before (N-1, N-3).

use super::token::{number, until_text};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::sequence::{delimited, preceded, terminated};

/// Whether `text` points at the line before.
pub(super) fn is_repeat(text: &str) -> bool {
    repeat_of_the_line_before(text).is_some()
}

/// `last message repeated 3 times` and its relatives: how often. `Previous message repeated` is once.
pub(super) fn repeat_of_the_line_before(text: &str) -> Option<u32> {
    // Nearly every line begins with something else.
    if !text.starts_with(['l', 'a', 'P', '-', ' ']) {
        return None;
    }
    let text = text.trim_matches(['-', ' ']);
    let counted = alt((
        preceded(tag::<_, _, ()>("last message repeated "), number),
        preceded(tag("above message repeats "), number),
        preceded(tag("Previous message repeated "), number),
    ));
    match terminated(counted, tag(" time")).parse(text) {
        Ok((_, times)) => u32::try_from(times).ok(),
        Err(_) if text == "Previous message repeated" => Some(1),
        Err(_) => None,
    }
}

/// `message repeated 2 times: [ TEXT]`: how often, and TEXT. A cut line lacks the bracket; TEXT may end in
/// one of its own, so only the last is taken away.
pub(super) fn unwrap(text: &str) -> Option<(u32, &str)> {
    let (inner, times) =
        delimited(tag::<_, _, ()>("message repeated "), number, until_text(" times: ["))
            .parse(text)
            .ok()?;
    let inner = inner.strip_prefix(' ').unwrap_or(inner);
    Some((u32::try_from(times).ok()?, inner.strip_suffix(']').unwrap_or(inner)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms() {
        for (text, want) in [
            ("last message repeated 3 times", Some(3)),
            ("--- last message repeated 2 times ---", Some(2)),
            ("last message repeated 1 time", Some(1)),
            ("above message repeats 4 times", Some(4)),
            ("Previous message repeated", Some(1)),
            ("last message repeated often", None),
        ] {
            assert_eq!(repeat_of_the_line_before(text), want, "{text}");
        }
        assert_eq!(
            unwrap("message repeated 2 times: [ 4C1D2E3F40: client=localhost[127.0.0.1]]"),
            Some((2, "4C1D2E3F40: client=localhost[127.0.0.1]"))
        );
        assert_eq!(unwrap("message repeated 2 times: [ cut her"), Some((2, "cut her")));
    }
}
