//! What programs do to a reply before somebody pastes it, undone: the reply as it was said.
//!
//! To add a program's way: a function, a line in [`WRAPPERS`] and one in the test.

use super::understand::first_enhanced;
use crate::smtp::{EnhancedCode, ReplyCode};
use std::borrow::Cow;

/// Each gives the reply out of a text that is wrapped in its way; the first that does counts.
const WRAPPERS: [fn(&str) -> Option<String>; 12] = [
    of_qmail,
    of_fields,
    of_python,
    of_phpmailer,
    of_old_phpmailer,
    of_a_list,
    of_iis,
    of_dotnet,
    of_a_transcript,
    of_a_table,
    of_an_alias,
    behind_its_code,
];

/// The input without blanks and quotes around it, its lines joined as Postfix joins them, and without the type
/// that a delivery report puts in front of a reply.
pub(super) fn unwrapped(input: &str) -> Cow<'_, str> {
    let text = input.trim().trim_matches(['"', '\'', '`', '\\']).trim();
    // As Postfix has them at the end of a line; not a tuple, and not sendmail's reason.
    let in_brackets = text.strip_prefix('(').and_then(|inside| inside.strip_suffix(')'));
    let is_postfix = |inside: &&str| {
        inside.starts_with(|c: char| c.is_alphabetic()) && !inside.starts_with("reason: ")
    };
    let text = in_brackets.filter(is_postfix).unwrap_or(text);
    let text = without_diagnostic_type(text);
    // A string within a string.
    let text = if text.contains("\\\"") {
        Cow::Owned(text.replace("\\\"", "\"").replace("\\r\\n", "\\n"))
    } else {
        Cow::Borrowed(text)
    };
    if let Some(words) = WRAPPERS.iter().find_map(|unwrap| unwrap(&text)) {
        return Cow::Owned(words);
    }
    if text.contains(['\n', '\r']) {
        return Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    text
}

/// What qmail-send's log says of a delivery, which has underscores for blanks and slashes for the ends of lines:
/// `delivery 7: failure: 192.0.2.1_does_not_like_recipient./Remote_host_said:_550_no/`.
fn of_qmail(text: &str) -> Option<String> {
    let at = text.find("delivery ")?;
    let rest =
        text.get(at..)?.strip_prefix("delivery ")?.trim_start_matches(|c: char| c.is_ascii_digit());
    let told = rest.strip_prefix(": failure: ").or_else(|| rest.strip_prefix(": deferral: "))?;
    Some(told.trim_end_matches('/').replace(['_', '/'], " "))
}

/// The reply in a log that has it as fields: `code = 550, details = "no such user"` (Stalwart).
fn of_fields(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("code = ")?;
    let (code, rest) = rest.split_at_checked(3)?;
    ReplyCode::parse_prefix(code)?;
    let (_, words) = rest.split_once("details = \"")?;
    let words = words.split('"').next()?;
    Some(format!("{code} {words}"))
}

/// The reply in an exception of Python, which has it as a tuple: `SMTPDataError: (550, b'5.7.1 no')`. The exception
/// tells at which command, which is written behind the reply as Postfix does.
fn of_python(text: &str) -> Option<String> {
    const COMMANDS: [(&str, &str); 4] = [
        ("SMTPSenderRefused", " (in reply to MAIL FROM command)"),
        ("SMTPRecipientsRefused", " (in reply to RCPT TO command)"),
        ("SMTPDataError", " (in reply to end of DATA command)"),
        ("SMTPAuthenticationError", " (in reply to AUTH command)"),
    ];
    let command = COMMANDS.iter().find(|(exception, _)| text.contains(exception));
    let command = command.map_or("", |(_, command)| command);
    let tuple = |at: usize| {
        let (code, words) = text.get(at + 1..)?.split_at_checked(3)?;
        let words = words.strip_prefix(", ")?.trim_start_matches(['b', 'u']);
        let quote = words.chars().next().filter(|mark| ['\'', '"'].contains(mark))?;
        let words = words.get(1..)?;
        // Whoever pasted it may have cut it off before the quotation mark.
        let end = words.find(quote).or_else(|| words.rfind(')')).unwrap_or(words.len());
        ReplyCode::parse_prefix(code)?;
        Some(format!("{code} {}{command}", words.get(..end)?))
    };
    text.match_indices('(').find_map(|(at, _)| tuple(at))
}

/// The reply in an error of `PHPMailer`, which takes it apart: `MAIL FROM command failed Detail: WORDS SMTP code: 553
/// Additional SMTP info: 5.7.1`.
fn of_phpmailer(text: &str) -> Option<String> {
    let (before, behind) = text.split_once(" SMTP code: ")?;
    let (_, words) = before.split_once("Detail: ")?;
    let (code, behind) = behind.split_at_checked(3)?;
    ReplyCode::parse_prefix(code)?;
    let enhanced =
        behind.trim_start().strip_prefix("Additional SMTP info: ").and_then(first_enhanced);
    Some(match enhanced {
        Some(enhanced) => format!("{code} {enhanced} {words}"),
        None => format!("{code} {words}"),
    })
}

/// The reply in the debugging output of older `PHPMailer`s: `SMTP -> FROM SERVER:550 no SMTP -> ERROR: RCPT not accepted`.
fn of_old_phpmailer(text: &str) -> Option<String> {
    let (_, said) = text.rsplit_once("SMTP -> FROM SERVER:")?;
    ReplyCode::parse_prefix(said)?;
    Some(said.split(" SMTP -> ").next().unwrap_or(said).to_owned())
}

/// The lines of a reply as a list of strings: `["550-no", "550 such user"]`.
fn of_a_list(text: &str) -> Option<String> {
    let lines = text.strip_prefix("[\"")?.strip_suffix("\"]")?;
    ReplyCode::parse_prefix(lines)?;
    Some(lines.replace("\", \"", " ").trim_end().to_owned())
}

/// The reply in a log of IIS, which has plus signs for blanks: `550+5.7.60+SMTP;+Client+does+not`.
fn of_iis(text: &str) -> Option<String> {
    let is_one = text.matches('+').count() > 2 && !text.contains(char::is_whitespace);
    is_one.then(|| text.replace('+', " "))
}

/// The reply in an exception of .NET, whose own words for the code stand before it: `Mailbox unavailable. The server
/// response was: 5.7.1 relaying denied`.
fn of_dotnet(text: &str) -> Option<String> {
    let (_, words) = text.split_once("The server response was: ")?;
    (words.len() > 3).then(|| words.to_owned())
}

/// The reason in a bounce of Postfix, without where the address came from: `<ann@example.com> (expanded from
/// <staff@example.com>): host mx.example.com[192.0.2.1] said: 550 no`.
fn of_an_alias(text: &str) -> Option<String> {
    let (recipient, rest) = text.strip_prefix('<')?.split_once("> (expanded from <")?;
    let (_, words) = rest.split_once(">): ")?;
    Some(format!("<{recipient}>: {words}"))
}

/// The last reply in the transcript of sendmail's bounce, before what sendmail made of it: `>>> DATA <<< 550 no such user
/// 554 5.0.0 Service unavailable`.
fn of_a_transcript(text: &str) -> Option<String> {
    const OWN: [&str; 4] = [" 554 5.0.0 ", " 554 5.5.0 ", " 550 5.1.1 ", " 501 5.6.0 "];
    let mut said: Vec<&str> = text.rsplit("<<< ").collect();
    // What stands before the first mark is no reply unless sendmail summed one up there, and what the server says behind
    // its refusal is an echo.
    let before = said.pop()?.trim_end();
    let is_echo = |line: &&&str| line.starts_with("503 ") || line.contains("no valid recipients");
    let echoes = said.iter().take_while(is_echo).count();
    if echoes > 0 && echoes == said.len() && before.contains("... Deferred: ") {
        return Some(before.to_owned());
    }
    said.drain(..echoes.min(said.len().saturating_sub(1)));
    let last = said.first()?;
    let (code, _) = ReplyCode::parse_prefix(last)?;
    let goes_on = |line: &&&str| {
        ReplyCode::parse_prefix(line)
            .is_some_and(|(other, rest)| other == code && rest.starts_with('-'))
    };
    let next = last.find(" >>> ").or_else(|| last.find("... Deferred: "));
    let end = OWN.iter().filter_map(|own| last.find(own)).chain(next).min();
    let before = said.iter().skip(1).take_while(goes_on).count();
    let mut lines: Vec<&str> = said.get(1..=before)?.iter().rev().copied().collect();
    lines.push(last.get(..end.unwrap_or(last.len()))?);
    Some(lines.concat())
}

/// A row of a provider's table of replies: `552, "5.2.2", The mailbox is full`.
fn of_a_table(text: &str) -> Option<String> {
    let (code, rest) = text.split_at_checked(3)?;
    ReplyCode::parse_prefix(code)?;
    let quotes = ['"', '\u{201c}', '\u{201d}'];
    let (enhanced, words) = rest.strip_prefix(", ")?.split_once(", ")?;
    let enhanced = enhanced.trim_matches(quotes).parse::<EnhancedCode>().ok()?;
    Some(format!("{code} {enhanced} {}", words.trim_matches(quotes)))
}

/// A reply whose blank behind the code got lost where it was shown: `450MI:CEL too many errors`, `550User unknown`. A size
/// is none.
fn behind_its_code(text: &str) -> Option<String> {
    let (code, rest) = text.split_at_checked(3)?;
    let is_failure = ReplyCode::parse_prefix(code).is_some_and(|(code, _)| code.class() > 3);
    let begins = rest.starts_with(|c: char| c.is_alphabetic() && !c.is_ascii_lowercase());
    let word = rest.split(|c: char| !c.is_alphabetic()).next()?;
    let is_unit = UNITS.iter().any(|unit| word.eq_ignore_ascii_case(unit));
    (is_failure && begins && !is_unit).then(|| format!("{code} {rest}"))
}

/// What a number counts that is no code.
const UNITS: [&str; 19] = [
    "b", "k", "m", "g", "kb", "mb", "gb", "kib", "mib", "gib", "bytes", "s", "sec", "secs",
    "seconds", "ms", "msec", "minutes", "hours",
];

/// `smtp; 550 5.1.1 unknown`, `Diagnostic-Code: X-Postfix; ...` (RFC 3464, section 2.3.6).
fn without_diagnostic_type(text: &str) -> &str {
    /// The last as providers have it in JSON. Other fields may stand before it.
    const FIELDS: [&str; 3] = ["Diagnostic-Code:", "diagnostic-code:", "diagnosticCode\":"];
    let behind = |name: &&str| text.split_once(name).map(|(_, rest)| rest);
    let text =
        FIELDS.iter().find_map(behind).map_or(text, |rest| rest.trim_start_matches([' ', '"']));
    let Some((kind, rest)) = text.split_once(';') else { return text };
    let kind = kind.to_ascii_lowercase();
    let is_type = ["smtp", "lmtp", "esmtp", "dns"].contains(&kind.as_str())
        || kind.strip_prefix("x-").is_some_and(|name| {
            (2..=20).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
    if is_type { rest.trim_start() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_do_to_a_reply_is_undone() {
        for (input, want) in [
            (
                "delivery 7: failure: 192.0.2.1_does_not_like_recipient./Remote_host_said:_550_no/",
                "192.0.2.1 does not like recipient. Remote host said: 550 no",
            ),
            ("delivery 7: success: done/", "delivery 7: success: done/"),
            (
                "SMTP server error: MAIL FROM command failed Detail: not owned by auth user. SMTP code: 553 Additional SMTP info: 5.7.1",
                "553 5.7.1 not owned by auth user.",
            ),
            ("Detail: no SMTP code: 550", "550 no"),
            ("Detail: no SMTP code: none", "Detail: no SMTP code: none"),
            (
                "smtplib.SMTPDataError: (550, b'5.7.1 no such luck')",
                "550 5.7.1 no such luck (in reply to end of DATA command)",
            ),
            (r#"{'a@example.com': (550, "can't be")}"#, "550 can't be"),
            ("(550, 5)", "(550, 5)"),
            ("SMTP -> FROM SERVER:421 busy SMTP -> ERROR: EHLO not accepted", "421 busy"),
            (r#"["550-no", "550 such user"]"#, "550-no 550 such user"),
            (
                "Mailbox unavailable. The server response was: 5.7.1 relaying denied",
                "5.7.1 relaying denied",
            ),
            (
                "... while talking to mx.example.com: >>> DATA <<< 550 no such user 554 5.0.0 Service unavailable",
                "550 no such user",
            ),
            (r#""diagnosticCode":"smtp; 550 no <421 x>""#, "550 no <421 x>"),
            (
                r#"got code \"550\", with message \"550 no\r\n\""#,
                r#"got code "550", with message "550 no\n"#,
            ),
            (
                ">>> DATA <<< 550-5.7.1 you may <<< 550-5.7.1 not <<< 550 5.7.1 send 554 5.0.0 Service unavailable",
                "550-5.7.1 you may 550-5.7.1 not 550 5.7.1 send",
            ),
            (
                r#"(delivery.dsn-perm-fail) code = 550, details = "no such user", total = 1"#,
                "550 no such user",
            ),
            (
                "(connect to 192.0.2.1[192.0.2.1]:25: refused)",
                "connect to 192.0.2.1[192.0.2.1]:25: refused",
            ),
            ("Status: 4.4.3 Diagnostic-Code: X-Postfix; Host not found", "Host not found"),
            (
                "<ann@example.com> (expanded from <staff@example.com>): Domain name not found",
                "<ann@example.com>: Domain name not found",
            ),
            (
                "<<< 554 blocked using bl.example.org <<< 554 Error: no valid recipients",
                "554 blocked using bl.example.org ",
            ),
            (
                "<ann@example.com>... Deferred: 452 4.2.2 full <<< 503 5.0.0 Need RCPT (recipient)",
                "<ann@example.com>... Deferred: 452 4.2.2 full",
            ),
            ("552, \u{201c}5.2.2\u{201d}, The mailbox is full", "552 5.2.2 The mailbox is full"),
            ("552, full", "552, full"),
            ("550+5.7.60+SMTP;+Client+does+not", "550 5.7.60 SMTP; Client does not"),
            ("550 1+1+1+1", "550 1+1+1+1"),
        ] {
            assert_eq!(unwrapped(input), want, "{input}");
        }
    }
}
