//! Cutting the text of a reply, as a log quotes it, into reply code, enhanced status code and rest.

use super::{EnhancedCode, ReplyCode};

/// How a log line shows the end of a line inside a multi-line reply.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineBreak {
    /// Postfix: one space, rarely `?` (a newline that its printable filter met).
    Space,
    /// Exim: backslash and `n`; inside `C="…"` two backslashes and `n`.
    BackslashN,
}

/// A reply as the log quotes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reply<'a> {
    /// The code that counts: Postfix acts on the last line, Exim on the first.
    pub code: ReplyCode,
    /// The enhanced status code that stands in its place (behind the code), of the first line that has one.
    /// Kept when its class contradicts the code.
    pub enhanced: Option<EnhancedCode>,
    /// The whole reply as the log has it, beginning with the code.
    pub text: &'a str,
    /// The lines of the reply have different codes.
    pub mixed: bool,
}

impl Reply<'_> {
    /// The server took the message and threw it away, as a content filter does that refuses nothing: `250 2.7.0 Ok,
    /// discarded, id=01234-05 - INFECTED: Eicar-Test` (amavisd).
    pub fn throws_away(&self) -> bool {
        let bytes = self.text.as_bytes();
        let words = bytes.iter().position(|b| !matches!(b, b'0'..=b'9' | b' ' | b'.'));
        let words = words.and_then(|at| bytes.get(at..)).unwrap_or_default();
        self.code.class() == 2 && words.starts_with(b"Ok, discarded")
    }
}

/// Cuts a reply that begins at the start of `text`; `None` when `text` does not begin with a reply code.
///
/// Continuation lines are followed only while the line before said so with `-` behind its code, so that a
/// number in the prose of the last line is never taken for a code. Never allocates.
///
/// Source: RFC 5321 section 4.2.1, RFC 2034 section 3; how the MTAs act on differing codes:
/// Postfix `smtp_chat_resp` (last line), Exim `smtp_read_response` (first line).
pub fn parse_reply(text: &str, breaks: LineBreak) -> Option<Reply<'_>> {
    let (first, mut rest) = ReplyCode::parse_prefix(text)?;
    let mut enhanced = enhanced_behind(rest);
    let mut last = first;
    let mut mixed = false;
    while rest.starts_with('-') {
        let Some((code, behind)) = next_line(rest, breaks, last) else { break };
        mixed |= code != first;
        last = code;
        rest = behind;
        enhanced = enhanced.or_else(|| enhanced_behind(rest));
    }
    let code = match breaks {
        LineBreak::Space => last,
        LineBreak::BackslashN => first,
    };
    Some(Reply { code, enhanced, text, mixed })
}

/// The enhanced status code behind a reply code: `rest` begins with the separator.
fn enhanced_behind(rest: &str) -> Option<EnhancedCode> {
    let text = rest.get(1..)?;
    if let Some((code, _)) = EnhancedCode::parse_prefix(text) {
        return Some(code);
    }
    // A break may follow directly (`550-5.1.1\n550 …`). The longest code has nine characters.
    let end = text.bytes().take(10).position(|b| matches!(b, b'\\' | b'?'));
    let end = end.unwrap_or(text.len());
    EnhancedCode::parse_prefix(text.get(..end)?).map(|(code, _)| code)
}

/// The next line's code and what is behind it. With [`LineBreak::Space`] a line begins at a space (or `?`)
/// followed by the same code, or by any reply code whose own separator is `-`, or that is the reply's class.
fn next_line(rest: &str, breaks: LineBreak, code: ReplyCode) -> Option<(ReplyCode, &str)> {
    match breaks {
        LineBreak::BackslashN => {
            let at = rest.find("\\n")?;
            ReplyCode::parse_prefix(rest.get(at + 2..)?)
        }
        LineBreak::Space => {
            let mut from = 1;
            let mut other = None;
            while let Some(step) = rest.get(from..)?.find([' ', '?']) {
                from += step + 1;
                let Some((next, behind)) = rest.get(from..).and_then(ReplyCode::parse_prefix)
                else {
                    continue;
                };
                if next == code {
                    return Some((next, behind));
                }
                // Another code ends the reply only if no later line repeats the first one.
                if other.is_none() && matches!(next.class(), 2..=5) && behind.len() > 1 {
                    other = Some((next, behind));
                }
            }
            other.filter(|(next, _)| next.class() == code.class())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, breaks: LineBreak) -> (u16, Option<String>, bool) {
        let reply = parse_reply(text, breaks).unwrap();
        (reply.code.value(), reply.enhanced.map(|e| e.to_string()), reply.mixed)
    }

    #[test]
    fn postfix_replies() {
        use LineBreak::Space;
        for (text, want) in [
            ("250 2.0.0 Ok: queued as 7D1F2A33C0", (250, Some("2.0.0"), false)),
            ("550-5.7.1 aaa 550-5.7.1 bbb 550 5.7.1 ccc", (550, Some("5.7.1"), false)),
            ("554-mx.example.net 554-5.7.1 No thank you 554 see x", (554, Some("5.7.1"), false)),
            ("550 4.2.2 over quota", (550, Some("4.2.2"), false)),
            ("550", (550, None, false)),
            ("250 ", (250, None, false)),
            ("553 sorry (#5.7.1)", (553, None, false)),
            ("550 #5.1.0 Address rejected.", (550, None, false)),
            ("535-5.7.8 first?535 5.7.8 second", (535, Some("5.7.8"), false)),
            ("550-first 551 second", (551, None, true)),
            ("451 4.0.0 host inner.example said: 550 no", (451, Some("4.0.0"), false)),
        ] {
            let want = (want.0, want.1.map(str::to_owned), want.2);
            assert_eq!(cut(text, Space), want, "{text:?}");
        }
    }

    #[test]
    fn a_filter_may_take_a_message_and_throw_it_away() {
        for (text, want) in [
            ("250 2.7.0 Ok, discarded, id=01234-05 - SPAM", true),
            ("250 Ok, discarded", true),
            ("250 2.0.0 Ok: queued as 7D1F2A33C0", false),
            ("550 5.7.0 Ok, discarded", false),
            ("250", false),
        ] {
            let reply = parse_reply(text, LineBreak::Space).unwrap();
            assert_eq!(reply.throws_away(), want, "{text}");
        }
    }

    #[test]
    fn exim_replies() {
        use LineBreak::BackslashN;
        for (text, want) in [
            (r"550-5.1.1 no such user\n550 5.1.1 see", (550, Some("5.1.1"), false)),
            (r"250-first\\n250 2.0.0 second", (250, Some("2.0.0"), false)),
            (r"550-first\n451 second", (550, None, true)),
            (r"550-5.1.1\n550 x", (550, Some("5.1.1"), false)),
        ] {
            let want = (want.0, want.1.map(str::to_owned), want.2);
            assert_eq!(cut(text, BackslashN), want, "{text:?}");
        }
    }
}
