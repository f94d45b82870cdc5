//! Makes log text safe to show on a terminal.
//!
//! Log text is written by strangers: whoever sends mail chooses its HELO name, its addresses and its reply
//! texts. A control character among them can recolour or rewrite the screen, a bidirectional control can turn
//! a line round, a character without width can hide in a domain. [`for_terminal`] shows such characters as
//! what they are and leaves every ordinary text, in any script, as it was. It keeps no secrets and decides
//! nothing about shells: for command lines see `knowledge::fill`. To add a character: one arm in `is_unsafe`,
//! one row in the tests.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with every character made visible that a terminal would act on or not show.
///
/// Controls of ASCII (line feed, tab and ESC included) become `\xNN`, all others `\u{NNNN}`. A backslash is
/// left alone, so the result cannot be turned back. Allocates only when there is something to change.
///
/// The joiners U+200C and U+200D have no width but belong to the spelling of Persian, of Indic scripts and of
/// emoji, so they are kept behind a character of such a script, and shown anywhere else.
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    // Nearly all text is plain ASCII: one quick look, eight bytes at a time after the optimiser.
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    let mut copied = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if is_unsafe(c, before) {
            shown.push_str(text.get(copied..at).unwrap_or_default());
            // Writing to a String cannot fail.
            let _ = if c.is_ascii() {
                write!(shown, "\\x{:02x}", u32::from(c))
            } else {
                write!(shown, "\\u{{{:x}}}", u32::from(c))
            };
            copied = at + c.len_utf8();
        }
        before = c;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(shown)
}

/// Whether a terminal would act on `c`, or show nothing for it, where it stands behind `before`.
pub(super) fn is_unsafe(c: char, before: char) -> bool {
    match c {
        // Joiners: see above.
        '\u{200c}' | '\u{200d}' => !is_joined_script(before),
        // Controls: C0, DEL, C1 (a C1 byte is an escape sequence of its own on many terminals).
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Bidirectional controls.
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Line and paragraph separator.
        | '\u{2028}' | '\u{2029}'
        // Without width, and not needed to write any language.
        | '\u{ad}' | '\u{34f}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}'
        | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        // Tag characters: invisible letters.
        | '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}

/// Arabic and everything behind it, but for punctuation and spaces.
fn is_joined_script(c: char) -> bool {
    c >= '\u{600}' && !matches!(c, '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{3004}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_shown() {
        for (text, want) in [
            ("\u{1b}[31mred\u{1b}[0m", r"\x1b[31mred\x1b[0m"),
            ("\u{1b}]0;title\u{7}", r"\x1b]0;title\x07"),
            ("one\ntwo\r\tthree\0", r"one\x0atwo\x0d\x09three\x00"),
            ("del\u{7f}", r"del\x7f"),
            ("c1 \u{9b}31m \u{85}", r"c1 \u{9b}31m \u{85}"),
            ("exe.\u{202e}fdp", r"exe.\u{202e}fdp"),
            (
                "\u{2066}a\u{2069}\u{200e}\u{200f}\u{61c}",
                r"\u{2066}a\u{2069}\u{200e}\u{200f}\u{61c}",
            ),
            ("pay\u{200b}pal\u{2060}\u{feff}\u{ad}", r"pay\u{200b}pal\u{2060}\u{feff}\u{ad}"),
            ("pay\u{200d}pal\u{200c}", r"pay\u{200d}pal\u{200c}"),
            ("\u{200d}", r"\u{200d}"),
            ("a\u{2028}b\u{2029}", r"a\u{2028}b\u{2029}"),
            ("\u{e0041}\u{e007f}", r"\u{e0041}\u{e007f}"),
            ("é\u{1b}é", r"é\x1bé"),
        ] {
            assert_eq!(for_terminal(text), want, "{text:?}");
        }
    }

    #[test]
    fn ordinary_text_of_any_script_stays_and_costs_nothing() {
        for text in [
            "",
            "550 5.1.1 <ann@example.com>: user unknown \\x1b",
            "Почтовый ящик переполнен",
            "用户不存在",
            "メールボックス",
            "사용자를 찾을 수 없습니다",
            "تم رفض الرسالة",
            "הודעה נדחתה",
            "می\u{200c}شود",
            "क्\u{200d}ष",
            "👩\u{200d}👩\u{200d}👧 ❤\u{fe0f}\u{200d}🔥",
            "e\u{301} ﬁ ½ — “”",
        ] {
            assert!(matches!(for_terminal(text), Cow::Borrowed(t) if t == text), "{text:?}");
        }
    }

    #[test]
    fn the_result_is_safe_whatever_came_in() {
        let all: String = (0..=0x10_ffff).filter_map(char::from_u32).collect();
        let shown = for_terminal(&all);
        assert!(!shown.chars().any(char::is_control));
        assert_eq!(for_terminal(&shown), shown, "once is enough");
    }
}
