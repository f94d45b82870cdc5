//! Exim's message ids.

/// Length of an id up to 4.96: `1tUAbc-0000xY-3c`.
const OLD: usize = 16;
/// Length of an id from 4.97 on: `1tUAbc-00000000xY3-1aBc`.
const NEW: usize = 23;

/// The message id at the start of `text`, and the text behind it and its space.
///
/// Only the shape is checked: base 62 on most systems, base 36 on those whose file names ignore case.
#[inline]
pub(super) fn message_id(text: &str) -> Option<(&str, &str)> {
    let length = length_of(text)?;
    let (id, rest) = text.split_at_checked(length)?;
    match rest.strip_prefix(' ') {
        Some(rest) => Some((id, rest)),
        None => rest.is_empty().then_some((id, rest)),
    }
}

/// Whether all of `text` is a message id.
pub(super) fn is_message_id(text: &str) -> bool {
    length_of(text) == Some(text.len())
}

#[inline]
fn length_of(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let first = bytes.first_chunk::<OLD>()?;
    if first.get(6) != Some(&b'-') {
        return None;
    }
    if first.get(13) == Some(&b'-') {
        return are_id(first, 2).then_some(OLD);
    }
    let second_dash = bytes.get(18) == Some(&b'-');
    let last = bytes.get(NEW - OLD..)?.first_chunk::<OLD>()?;
    (second_dash && are_id(first, 1) && are_id(last, 1)).then_some(NEW)
}

/// Whether the bytes are letters, digits and so many dashes. Without a branch a byte, so that the compiler
/// can take them all at once.
#[inline]
#[expect(clippy::needless_bitwise_bool, reason = "a lazy `||` is a branch")]
fn are_id(bytes: &[u8; OLD], dashes: u8) -> bool {
    let good = bytes.iter().fold(true, |all, b| all & (b.is_ascii_alphanumeric() | (*b == b'-')));
    good & (bytes.iter().map(|b| u8::from(*b == b'-')).sum::<u8>() == dashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lengths_are_cut_and_nothing_else() {
        for (text, want) in [
            ("1tUAbc-0000xY-3c <= x", Some(("1tUAbc-0000xY-3c", "<= x"))),
            ("1tUAbc-00000000xY3-1aBc Completed", Some(("1tUAbc-00000000xY3-1aBc", "Completed"))),
            ("1tUAbc-0000xY-3c", Some(("1tUAbc-0000xY-3c", ""))),
            ("1tUAbc-0000xY-3cd x", None),
            ("1tUAbc-0000xY-3", None),
            ("1tUAb_-0000xY-3c x", None),
            ("1tUAbc-00000000xY3-1aB x", None),
            ("aaaaaa-bbbb", None),
            ("", None),
        ] {
            assert_eq!(message_id(text), want, "{text:?}");
        }
        assert!(is_message_id("1tUAbc-0000xY-3c") && !is_message_id("1tUAbc-0000xY-3c "));
    }
}
