//! Takes a reply out of what surrounds it, so that rules see its words only.
//!
//! Removes the wrapper of the log (`host … said:`, `(in reply to …)`), the reply code, the enhanced status
//! code, and the repeated codes of a multi-line reply; finds a reply that another one quotes. It never
//! decodes, lower-cases or translates. Allocates only to join the lines of a multi-line reply.

use crate::smtp::{EnhancedCode, ReplyCode, Stage};
use std::borrow::Cow;

/// A reply without its wrapper and codes.
#[derive(Clone, Debug, PartialEq)]
pub struct Cleaned<'a> {
    /// The words, lines joined by one space.
    pub text: Cow<'a, str>,
    /// Where the last line begins in `text`; 0 for a reply of one line.
    last_line: usize,
    /// The reply code in its place.
    pub code: Option<ReplyCode>,
    /// The enhanced status code in its place, or in the brackets where qmail puts it.
    pub enhanced: Option<EnhancedCode>,
    /// The stage that the wrapper names.
    pub stage: Option<Stage>,
}

impl Cleaned<'_> {
    /// The last line: of a long reply often the only useful part.
    pub fn last_line(&self) -> &str {
        self.text.get(self.last_line..).unwrap_or("")
    }
}

/// Cleans a reply: the outer one, wrapper removed.
pub fn clean(text: &str) -> Cleaned<'_> {
    let (text, stage) = without_command(text.trim());
    if ReplyCode::parse_prefix(text).is_some() || text.contains('\n') {
        return Cleaned { stage, ..lines_of(text) };
    }
    // Where nothing else was said, the echo of a refusal is the reply.
    match quoted_at(text).or_else(|| last_quotation(text, |_, _| true)) {
        Some(at) => {
            let (wrapper, reply) = text.split_at_checked(at).unwrap_or(("", text));
            Cleaned {
                stage: stage.or_else(|| stage_named_in(wrapper)),
                ..lines_of(unquoted(reply))
            }
        }
        None => Cleaned { stage, ..lines_of(text) },
    }
}

/// The reply that the cleaned reply quotes from a further server, if it does.
pub(super) fn quoted_in<'a>(outer: &'a Cleaned<'_>) -> Option<Cleaned<'a>> {
    let text = outer.text.as_ref();
    let reply = unquoted(text.get(quoted_at(text)?..)?);
    let (reply, stage) = without_command(reply);
    let inner = lines_of(reply);
    // A bare code says less than the words around it, and so does one before a link: the end of the reply itself.
    let words = inner.text.bytes().filter(u8::is_ascii_alphabetic).count() >= 4
        || inner.text.bytes().any(|byte| byte >= 0x80);
    (words && !inner.text.starts_with("http")).then_some(Cleaned { stage, ..inner })
}

/// What the cleaned reply says in its own name: all that stands before the reply that it quotes.
pub(super) fn before_quotation<'a>(outer: &'a Cleaned<'_>) -> Cleaned<'a> {
    let text = outer.text.as_ref();
    let own = quoted_at(text).and_then(|at| text.get(..at)).unwrap_or(text);
    Cleaned { text: Cow::Borrowed(own), last_line: 0, ..outer.clone() }
}

/// Words that programs write short. Those that SMTP itself writes so (`RCPT`) the rules know.
#[rustfmt::skip]
const SHORT: [(&str, &str); 34] = [
    ("acct", "account"), ("accts", "accounts"), ("addr", "address"), ("addrs", "addresses"),
    ("arg", "argument"), ("args", "arguments"), ("auth", "authentication"), ("cmd", "command"),
    ("cmds", "commands"), ("conn", "connection"), ("conns", "connections"), ("cred", "credentials"),
    ("creds", "credentials"), ("db", "database"), ("dest", "destination"), ("dom", "domain"),
    ("ext", "extension"), ("hdr", "header"), ("hdrs", "headers"), ("mbox", "mailbox"),
    ("mbx", "mailbox"), ("msg", "message"), ("msgs", "messages"), ("param", "parameter"),
    ("params", "parameters"), ("passwd", "password"), ("pwd", "password"), ("recip", "recipient"),
    ("recips", "recipients"), ("rej", "rejected"), ("srv", "server"), ("svr", "server"),
    ("unk", "unknown"), ("usr", "user"),
];

/// The reply with blanks for underscores and before capital letters within words, and with words written out that
/// are often written short, so that the names that programs give to things can be read; `None` where nothing
/// changes.
pub(super) fn with_tokens_apart<'a>(cleaned: &Cleaned<'a>) -> Option<Cleaned<'a>> {
    let mut apart = String::with_capacity(cleaned.text.len() + 8);
    let mut before = ' ';
    for c in cleaned.text.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            apart.push(' ');
        }
        apart.push(if c == '_' { ' ' } else { c });
        before = c;
    }
    let mut whole = String::with_capacity(apart.len() + 16);
    for piece in apart.split_inclusive(|c: char| !c.is_ascii_alphabetic()) {
        let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
        match SHORT.iter().find(|(short, _)| word.eq_ignore_ascii_case(short)) {
            Some((_, long)) => {
                whole.push_str(long);
                whole.push_str(piece.strip_prefix(word).unwrap_or_default());
            }
            None => whole.push_str(piece),
        }
    }
    let text = Cow::Owned(whole);
    (text != cleaned.text).then(|| Cleaned { text, last_line: 0, ..cleaned.clone() })
}

/// Cuts off `(in reply to RCPT TO command)` and what Postfix, or a collector, wrote behind it.
fn without_command(text: &str) -> (&str, Option<Stage>) {
    let Some(at) = last_at(text, "(in reply to ") else { return (text, None) };
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let before = before.trim_end();
    // A reply that consists of nothing else is the server's own joke.
    if before.len() <= 10 { (text, None) } else { (before, stage_named_in(after)) }
}

/// Where the last `words` begin. Their first byte is rare, so there is hardly a second place to look at.
fn last_at(text: &str, words: &str) -> Option<usize> {
    let first = *words.as_bytes().first()?;
    let mut places = memchr::memrchr_iter(first, text.as_bytes());
    places.find(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(words)))
}

/// The command that a wrapper names.
fn stage_named_in(wrapper: &str) -> Option<Stage> {
    const NAMES: [(&str, Stage); 17] = [
        ("end of DATA", Stage::EndOfData),
        ("end of data", Stage::EndOfData),
        ("RCPT TO", Stage::Rcpt),
        ("MAIL FROM", Stage::Mail),
        ("DATA", Stage::Data),
        ("initial connection", Stage::Connect),
        ("refused to talk to me", Stage::Connect),
        ("EHLO", Stage::Ehlo),
        ("HELO", Stage::Ehlo),
        ("STARTTLS", Stage::StartTls),
        ("uthentication failed", Stage::Auth),
        ("AUTH command", Stage::Auth),
        // qmail, and what mailers make of it.
        ("but sender was rejected", Stage::Mail),
        ("does not like recipient", Stage::Rcpt),
        ("ail from command failed", Stage::Mail),
        ("ail command failed", Stage::Mail),
        ("MAIL command", Stage::Mail),
    ];
    NAMES.iter().find(|(name, _)| wrapper.contains(name)).map(|&(_, stage)| stage)
}

/// Joins the lines of a reply that begins at the start of `text`.
fn lines_of(text: &str) -> Cleaned<'_> {
    let (code, rest) = match ReplyCode::parse_prefix(text) {
        Some((code, rest)) => (Some(code), rest),
        None => (None, text),
    };
    let rest = code.map_or(rest, |code| behind_repeated(code, rest));
    let more = code.is_some() && rest.starts_with('-');
    let (first, enhanced) = without_enhanced(rest.trim_start_matches(['-', ' ']));
    let mut cleaned =
        Cleaned { text: Cow::Borrowed(first), last_line: 0, code, enhanced, stage: None };
    if first.contains('\n') || first.contains("\\n") {
        cleaned.join(first.split('\n').flat_map(|line| line.split("\\n")));
    } else if let (true, Some(code)) = (more, code) {
        cleaned.join(Continued { rest: Some(first), code });
    }
    if cleaned.enhanced.is_none() {
        cleaned.enhanced = enhanced_in_brackets(&cleaned.text);
    }
    cleaned
}

impl Cleaned<'_> {
    fn join<'l>(&mut self, lines: impl Iterator<Item = &'l str>) {
        let mut joined = String::with_capacity(self.text.len());
        for line in lines {
            let line = line.trim().trim_end_matches('\\');
            let line = match (ReplyCode::parse_prefix(line), self.code) {
                (Some((code, rest)), None) => {
                    self.code = Some(code);
                    rest.trim_start_matches(['-', ' '])
                }
                (Some((code, rest)), Some(own)) if code.class() == own.class() => {
                    rest.trim_start_matches(['-', ' '])
                }
                _ => line,
            };
            let (line, enhanced) = without_enhanced(line);
            self.enhanced = self.enhanced.or(enhanced);
            if line.is_empty() {
                continue;
            }
            if !joined.is_empty() {
                joined.push(' ');
            }
            self.last_line = joined.len();
            joined.push_str(line);
        }
        self.text = Cow::Owned(joined);
    }
}

/// The lines of a reply that the log joined by a space: each further one begins with the reply's code.
struct Continued<'a> {
    rest: Option<&'a str>,
    code: ReplyCode,
}

impl<'a> Iterator for Continued<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest.take()?;
        let mut from = 0;
        while let Some(step) = text.get(from..).and_then(|tail| tail.find([' ', '?'])) {
            let at = from + step;
            from = at + 1;
            let Some((code, rest)) = text.get(from..).and_then(ReplyCode::parse_prefix) else {
                continue;
            };
            if code == self.code {
                // Behind a space it is the last line: what follows is prose.
                self.rest = Some(rest.trim_start_matches(['-', ' ']));
                if !rest.starts_with('-') {
                    let line = text.get(..at);
                    self.code = NO_CODE;
                    return line;
                }
                return text.get(..at);
            }
        }
        Some(text)
    }
}

/// What is behind a code that stands there twice: `550 550 no such user`, as some write that quote others.
fn behind_repeated(code: ReplyCode, rest: &str) -> &str {
    match rest.strip_prefix(' ').and_then(ReplyCode::parse_prefix) {
        Some((again, behind)) if again == code && behind.starts_with(' ') => behind,
        _ => rest,
    }
}

/// A code that no reply has, so that nothing continues.
const NO_CODE: ReplyCode = match ReplyCode::new(100) {
    Some(code) => code,
    None => panic!("100 is a code"),
};

/// Cuts an enhanced status code off the start: `5.1.1 `, `#5.1.0 `, `5.1.1:`.
fn without_enhanced(text: &str) -> (&str, Option<EnhancedCode>) {
    let text = text.trim_start();
    let start = text.strip_prefix('#').unwrap_or(text);
    let end = start.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(start.len());
    let Some((number, rest)) = start.split_at_checked(end) else { return (text, None) };
    // Longer things in its place, such as an address or a year, fail to parse.
    match number.parse::<EnhancedCode>() {
        Ok(code) if !rest.starts_with('-') && !rest.starts_with('/') => {
            (rest.trim_start_matches([':', ',', ';', ' ', '-']), Some(code))
        }
        _ => (text, None),
    }
}

/// `(#5.1.1)`, `#5.7.1`, `(5.1.1)`, `[5.1.1]` anywhere: the habit of qmail and others.
fn enhanced_in_brackets(text: &str) -> Option<EnhancedCode> {
    let mut rest = text;
    while let Some(at) = rest.find(['#', '(', '[']) {
        rest = rest.get(at + 1..)?;
        let start = rest.strip_prefix('#').unwrap_or(rest);
        let end = start.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(start.len());
        if let Some(code) = start.get(..end).and_then(|number| number.parse().ok()) {
            return Some(code);
        }
    }
    None
}

/// Where the last quoted reply begins that is no echo: a dialogue goes on behind a refusal (`503 need RCPT`), and ends.
fn quoted_at(text: &str) -> Option<usize> {
    last_quotation(text, |code, rest| {
        let is_echo = |echo: &&str| rest.find(*echo).is_some_and(|at| at < NEAR);
        code.value() != 503 && !ECHOES.iter().any(is_echo)
    })
}

/// Where the last quoted reply begins that is wanted: 4xx or 5xx in a place where only a quotation puts it.
fn last_quotation(text: &str, wanted: impl Fn(ReplyCode, &str) -> bool) -> Option<usize> {
    let bytes = text.as_bytes();
    // A code at the start is the outer reply's, and behind a code there is at least one byte.
    let inside = bytes.get(1..bytes.len().checked_sub(3)?)?;
    for at in memchr::memrchr2_iter(b'4', b'5', inside).map(|at| at + 1) {
        let Some((code, rest)) = text.get(at..).and_then(ReplyCode::parse_prefix) else { continue };
        let before = text.get(..at).unwrap_or("");
        // A program's output is no reply.
        if wanted(code, rest) && !before.contains("utput: ") && is_quotation(before, rest, code) {
            return Some(begin_of_lines(text, at));
        }
    }
    None
}

/// What is said behind a refusal because of it: by a server that hangs up or has no recipient left, and by sendmail of its
/// own MX.
const ECHOES: [&str; 3] = ["too many errors", "no valid recipients", "Local configuration error"];

/// Within so many bytes from the code: a host's name may stand between.
const NEAR: usize = 64;

/// Where the first line of a quoted reply begins, of which another line begins at `at`.
fn begin_of_lines(text: &str, at: usize) -> usize {
    let line = text.get(at..at + 3).map(|code| [code, "-"].concat());
    line.and_then(|line| text.get(..at)?.find(&line)).unwrap_or(at)
}

fn is_quotation(before: &str, rest: &str, code: ReplyCode) -> bool {
    let Some(words) = behind_repeated(code, rest).get(1..) else { return false };
    let words = words.trim_start_matches(['-', ' ']);
    let near = before.trim_end_matches(' ');
    let spaced = near.len() < before.len();
    if EnhancedCode::parse_prefix(words)
        .is_some_and(|(enhanced, _)| enhanced.class() == code.class())
    {
        let marked = near.ends_with(['\'', '"', ';', ':', '<', '(', '[', '=', '>', '?']);
        // A line that goes on stands behind the line before, unless somebody says that it begins there.
        let goes_on = rest.starts_with('-');
        return marked
            || (spaced && (!goes_on || near.ends_with("said") || near.ends_with("returned")));
    }
    let known = matches!(code.value(), 421 | 422 | 450..=454 | 500..=504 | 521 | 530..=535 | 550..=556 | 571);
    if !known
        || !words.starts_with(|c: char| c.is_alphabetic() || matches!(c, '<' | '[' | '"' | '#'))
    {
        return false;
    }
    let word = words.split([' ', ',', '/', '.']).next().unwrap_or("");
    if matches!(
        word,
        "messages"
            | "message"
            | "mails"
            | "emails"
            | "recipients"
            | "seconds"
            | "sec"
            | "s"
            | "minutes"
            | "days"
            | "kB"
            | "KB"
            | "MB"
            | "M"
            | "bytes"
            | "points"
            | "for"
            | "in"
    ) {
        return false;
    }
    if spaced {
        near.ends_with([':', ';']) || near.ends_with("->") || near.ends_with("<<<")
    } else {
        near.ends_with(['\'', '"', ';', '='])
            || near.strip_suffix(':').is_some_and(|n| n.ends_with(|c: char| c.is_alphabetic()))
    }
}

/// Takes off the quotation mark that closes a quoted reply.
fn unquoted(reply: &str) -> &str {
    reply.trim_end().trim_end_matches(['\'', '"'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_and_codes_go() {
        for (text, code, enhanced, words) in [
            ("550 5.1.1 <a@example.com>: gone", 550, "5.1.1", "<a@example.com>: gone"),
            (
                "host mx.example.com[192.0.2.1] said: 550 5.1.1 gone (in reply to RCPT TO command)",
                550,
                "5.1.1",
                "gone",
            ),
            (
                "550-5.7.1 one 550-5.7.1 two 550 5.7.1 three 550 x",
                550,
                "5.7.1",
                "one two three 550 x",
            ),
            (r"550-5.1.1 one\n550 5.1.1 two", 550, "5.1.1", "one two"),
            ("554-mx.example.com\n554 go away", 554, "", "mx.example.com go away"),
            ("553 sorry (#5.7.1)", 553, "5.7.1", "sorry (#5.7.1)"),
            ("550 #5.1.0 Address rejected.", 550, "5.1.0", "Address rejected."),
            ("550", 550, "", ""),
            (
                "SMTP error from remote mail server after RCPT TO:<a@example.com>: host mx [192.0.2.1]: 450 busy",
                450,
                "",
                "busy",
            ),
            ("421 10.1.2.3 is busy", 421, "", "10.1.2.3 is busy"),
            (
                "mx said: 550-5.7.1 these lines 550-5.7.1 are one",
                550,
                "5.7.1",
                "these lines are one",
            ),
            ("cannot send: 503 nested command", 503, "", "nested command"),
            ("smtp;550 5.1.1 unknown", 550, "5.1.1", "unknown"),
            ("554 554 5.7.1 refused", 554, "5.7.1", "refused"),
            ("The other server said: 550 550 no mailbox", 550, "", "no mailbox"),
        ] {
            let cleaned = clean(text);
            assert_eq!(cleaned.code.map(ReplyCode::value), Some(code), "{text}");
            assert_eq!(
                cleaned.enhanced.map(|e| e.to_string()).unwrap_or_default(),
                enhanced,
                "{text}"
            );
            assert_eq!(cleaned.text, words, "{text}");
        }
    }

    #[test]
    fn the_last_line_can_be_had_alone() {
        for (text, last) in [
            ("554-mx.example.com Nemesis 554-no service 554 bad reverse name", "bad reverse name"),
            (r"550-one\n550 two", "two"),
            ("550 one", "one"),
        ] {
            assert_eq!(clean(text).last_line(), last, "{text}");
        }
    }

    #[test]
    fn a_quoted_reply_is_found_where_a_quotation_stands() {
        for (text, want) in [
            ("450 4.1.1 unverified address: host mx said: 451 no such day", Some("no such day")),
            (
                "550 5.1.351 Remote server returned unknown -> 550 5.1.1 User unknown",
                Some("User unknown"),
            ),
            ("550 Remote server returned '550 5.1.1 nobody here'", Some("nobody here")),
            (
                r"550-Callout verification failed:\n550 550 unknown local part",
                Some("unknown local part"),
            ),
            ("501 5.5.4 Empty argument. 501 5.5.4 https://example.com/help", None),
            ("421 rate limited: 450 messages per hour", None),
            ("550 see http://example.com/550 for more", None),
            ("421 4.4.1 backend connection to [192.0.2.2]:550 lost", None),
            ("user unknown. Command output: 550 5.1.1 no mailbox", None),
            ("550 refused, error 550", None),
            ("The other server said: 550 550 nobody here", None),
            ("450 they said: 550 550 nobody here", Some("nobody here")),
        ] {
            let outer = clean(text);
            let inner = quoted_in(&outer).map(|inner| inner.text.into_owned());
            assert_eq!(inner.as_deref(), want, "{text}");
        }
    }
}
