//! The tail of an access line: `; from=<S> to=<R> proto=ESMTP helo=<H> sasl_method=… …`. smtpd and cleanup
//! put spaces between the fields, postscreen commas.
//!
//! Everything before it may be a stranger's words and may hold `; ` too, even `; from=<`. So the tail is the
//! first place where such fields begin and go on without anything else to the end of the line; where none
//! does (a collector's own text behind it), the last place where they begin.

use super::super::token::{angle, value};

/// What an access line tells about the transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Context<'a> {
    /// Empty for the null sender.
    pub(super) sender: Option<&'a str>,
    pub(super) recipient: Option<&'a str>,
    pub(super) helo: Option<&'a str>,
    pub(super) sasl_user: Option<&'a str>,
}

/// Cuts the tail off: the words before it, without the `;` that ends them, and the tail.
pub(super) fn split_context(text: &str) -> (&str, Context<'_>) {
    let mut last = None;
    let mut from = 0;
    while let Some(step) = text.get(from..).and_then(|t| memchr::memchr(b';', t.as_bytes())) {
        let at = from + step;
        from = at + 1;
        let Some(fields) = text.get(at + 1..).and_then(|t| t.strip_prefix(' ')) else { continue };
        if !begins_a_field(fields) {
            continue;
        }
        let (rest, context) = parse_context(fields);
        let words = text.get(..at).unwrap_or(text);
        if rest.is_empty() {
            return (words, context);
        }
        last = Some((words, context));
    }
    last.unwrap_or_else(|| (text.strip_suffix(';').unwrap_or(text), Context::default()))
}

fn begins_a_field(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'f') => text.starts_with("from=<"),
        Some(b't') => text.starts_with("to=<"),
        Some(b'p') => text.starts_with("proto="),
        Some(b'h') => text.starts_with("helo="),
        Some(b's') => text.starts_with("sasl_"),
        _ => false,
    }
}

/// Reads the fields from the start of `text`; gives what is behind them. A field that the end of the line
/// cuts is left out.
pub(super) fn parse_context(text: &str) -> (&str, Context<'_>) {
    let mut context = Context::default();
    let mut rest = text;
    loop {
        let before = rest;
        if let Some(field) = rest.strip_prefix("from=") {
            (rest, context.sender) = bracketed(field);
        } else if let Some(field) = rest.strip_prefix("to=") {
            (rest, context.recipient) = bracketed(field);
        } else if let Some(field) = rest.strip_prefix("proto=") {
            rest = value(field).map_or("", |(rest, _)| rest);
        } else if let Some(field) = rest.strip_prefix("helo=") {
            (rest, context.helo) = helo(field);
        } else if let Some(field) = rest.strip_prefix("sasl_method=") {
            rest = value(field).map_or("", |(rest, _)| rest);
        } else if let Some(field) = rest.strip_prefix("sasl_username=") {
            (rest, context.sasl_user) = user(field);
        } else if let Some(field) = rest.strip_prefix("sasl_sender=") {
            rest = value(field).map_or("", |(rest, _)| rest);
        } else {
            return (before, context);
        }
        let next = rest.strip_prefix(',').unwrap_or(rest);
        match next.strip_prefix(' ') {
            Some(next) if begins_a_field(next) => rest = next,
            _ => return (rest, context),
        }
    }
}

/// `<address>`; without brackets in anonymised logs. An unclosed bracket is the end of a cut line.
fn bracketed(text: &str) -> (&str, Option<&str>) {
    match angle(text) {
        Ok((rest, address)) => (rest, Some(address)),
        Err(_) if text.starts_with('<') => ("", None),
        Err(_) => match value(text) {
            Ok((rest, address)) => (rest, Some(address)),
            Err(_) => ("", None),
        },
    }
}

/// The HELO name is what the client sent, brackets and spaces and all; it is the last field, or `sasl_…` or
/// a table's text (behind `: `) follows.
fn helo(text: &str) -> (&str, Option<&str>) {
    let (rest, name) = bracketed(text);
    let name = name.filter(|name| !name.is_empty());
    if rest.is_empty() || rest.starts_with(": ") || rest.starts_with(" sasl_") {
        return (rest, name);
    }
    let whole = text.strip_prefix('<').and_then(|t| t.strip_suffix('>'));
    match whole {
        Some(name) => ("", Some(name)),
        None => (rest, name),
    }
}

/// A login: free text up to ` sasl_sender=` or the end. Releases before 3.10 put it in brackets (milters).
fn user(text: &str) -> (&str, Option<&str>) {
    let end = text.find(" sasl_sender=").unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let name = name.strip_prefix('<').and_then(|n| n.strip_suffix('>')).unwrap_or(name);
    (rest, (!name.is_empty()).then_some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_told_from_the_words() {
        for (text, words, context) in [
            (
                "554 5.7.1 a; b; from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<[192.0.2.66]>",
                "554 5.7.1 a; b",
                (Some("a@example.net"), Some("b@example.com"), Some("[192.0.2.66]"), None),
            ),
            ("504 x; proto=SMTP helo=<h>", "504 x", (None, None, Some("h"), None)),
            ("450 x; proto=SMTP", "450 x", (None, None, None, None)),
            ("450 x;", "450 x", (None, None, None, None)),
            ("450 x", "450 x", (None, None, None, None)),
            (
                "550 x; from=<>, to=<b@example.com>, proto=ESMTP, helo=<>",
                "550 x",
                (Some(""), Some("b@example.com"), None, None),
            ),
            (
                "450 x; from=<> to=<b@example.com> proto=ESMTP helo=<h> sasl_method=PLAIN sasl_username=ann lee sasl_sender=z",
                "450 x",
                (Some(""), Some("b@example.com"), Some("h"), Some("ann lee")),
            ),
            (
                "450 x; from=<a@example.net> proto=ESMTP helo=<h> sasl_username=<ann>",
                "450 x",
                (Some("a@example.net"), None, Some("h"), Some("ann")),
            ),
            (
                "554 <\"x; from=<y>\"@example.net>: no; from=<\"x; from=<y>\"@example.net> proto=ESMTP helo=<h>",
                "554 <\"x; from=<y>\"@example.net>: no",
                (Some("\"x; from=<y>\"@example.net"), None, Some("h"), None),
            ),
            (
                "554 no; from=<a@example.net> proto=ESMTP helo=<h; from=<z> proto=x>",
                "554 no",
                (Some("a@example.net"), None, Some("h; from=<z> proto=x"), None),
            ),
            (
                "554 no; from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<h> {\"n\": 1}",
                "554 no",
                (Some("a@example.net"), Some("b@example.com"), Some("h"), None),
            ),
            (
                "554 no; from=<a@example.net> to=<b@exam",
                "554 no",
                (Some("a@example.net"), None, None, None),
            ),
            (
                "554 no; from=<a@example.net> proto=ESMTP helo=",
                "554 no",
                (Some("a@example.net"), None, None, None),
            ),
        ] {
            let want = Context {
                sender: context.0,
                recipient: context.1,
                helo: context.2,
                sasl_user: context.3,
            };
            assert_eq!(split_context(text), (words, want), "{text}");
        }
    }
}
