//! The shape of a text: what stays when addresses, ids, times and session tokens are taken out, so that texts
//! that differ only in those are one row.
//!
//! Reply codes, enhanced status codes and the short marks of providers (`S3140`, `TSS04`) stay: they tell
//! texts apart. Deliberately simple and word by word; it never decides anything, it only groups.

use crate::smtp::{EnhancedCode, ReplyCode};

/// Names that belong to the one case at hand and are masked wherever they stand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Own<'a> {
    /// The recipient's domain.
    pub domain: Option<&'a str>,
    /// The other server's name.
    pub host: Option<&'a str>,
    /// The client's name, or its HELO name.
    pub client: Option<&'a str>,
    /// The recipient, the sender's domain and other such words.
    pub sender_domain: Option<&'a str>,
}

/// Longest template kept, in bytes.
const LONGEST: usize = 200;

/// Writes the template of `text` into `out` (cleared first).
pub fn template_of(text: &str, own: Own<'_>, out: &mut String) {
    out.clear();
    let mut rest = text;
    let code = text.get(..3).unwrap_or("");
    while !rest.is_empty() {
        let end = rest.find(is_separator).unwrap_or(rest.len());
        let (word, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if !word.is_empty() {
            out.push_str(mask(word, code, own));
        }
        let mut chars = behind.chars();
        if let Some(separator) = chars.next() {
            out.push(separator);
        }
        rest = chars.as_str();
        if out.len() > LONGEST {
            let cut = (0..=LONGEST).rev().find(|at| out.is_char_boundary(*at)).unwrap_or(0);
            out.truncate(cut);
            out.push('…');
            return;
        }
    }
}

/// `/`, `:`, `.` and `-` belong to words: dates, addresses, host names, ids.
fn is_separator(c: char) -> bool {
    matches!(
        c,
        ' ' | '(' | ')' | '<' | '>' | '[' | ']' | '{' | '}' | '"' | '\'' | ',' | ';' | '=' | '\\'
    )
}

fn mask<'a>(word: &'a str, code: &str, own: Own<'_>) -> &'a str {
    let bare = word.trim_end_matches(['.', ':', '!', '?']);
    if bare.is_empty() {
        return word;
    }
    let is = |name: Option<&str>| name.is_some_and(|name| name.eq_ignore_ascii_case(bare));
    if is(own.domain) || is(own.sender_domain) {
        return "DOMAIN";
    }
    if is(own.host) || is(own.client) {
        return "HOST";
    }
    if bare.contains("://") {
        return "URL";
    }
    if bare.contains('@') {
        return "ADDRESS";
    }
    let digits = bare.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 {
        return word;
    }
    // The reply code, also where it begins a further line of the reply.
    if bare == code {
        return word;
    }
    if let Ok(code) = bare.trim_start_matches('#').parse::<EnhancedCode>()
        && code.subject() < 10
    {
        return word;
    }
    if let Some((_, rest)) = ReplyCode::parse_prefix(bare)
        && rest
            .strip_prefix('-')
            .is_some_and(|rest| rest.parse::<EnhancedCode>().is_ok() || rest.is_empty())
    {
        return word;
    }
    if is_ip(bare) {
        return "IP";
    }
    if bare.bytes().all(|b| b.is_ascii_digit() || b".:/-+%_".contains(&b)) {
        return "N";
    }
    let letters = bare.bytes().filter(u8::is_ascii_alphabetic).count();
    // A short mark of letters and then digits tells texts apart: S3140, TSS04, PRX4, RFC5321.
    let marks = bare.bytes().take_while(u8::is_ascii_uppercase).count();
    if marks > 0 && marks == letters && bare.len() <= 7 {
        return word;
    }
    if bare.contains('.') && letters > digits && !bare.contains(':') {
        return "HOST";
    }
    if bare.len() >= 6 || digits >= 3 { "ID" } else { word }
}

fn is_ip(word: &str) -> bool {
    word.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_only_in_ids_are_one() {
        let own =
            Own { domain: Some("example.com"), host: Some("mx.example.com"), ..Own::default() };
        let mut out = String::new();
        for (text, want) in [
            (
                "550 5.1.1 <ann@example.com>: Recipient address rejected: User unknown",
                "550 5.1.1 <ADDRESS>: Recipient address rejected: User unknown",
            ),
            (
                "550-5.1.1 The email account does not exist. 550 5.1.1 see https://example.org/?p=x d9443c01a7336-2a5",
                "550-5.1.1 The email account does not exist. 550 5.1.1 see URL=x ID",
            ),
            (
                "421 4.7.0 [TSS04] Messages from 192.0.2.1 deferred",
                "421 4.7.0 [TSS04] Messages from IP deferred",
            ),
            (
                "450 4.2.0 Greylisted, try again in 300 seconds",
                "450 4.2.0 Greylisted, try again in N seconds",
            ),
            ("451 mx.example.com busy at 2026-11-23T10:55:12Z", "451 HOST busy at ID"),
            (
                "connect to mx.example.com[192.0.2.1]:25: Connection refused",
                "connect to HOST[IP]N Connection refused",
            ),
            (
                "550 Domain example.com does not accept mail",
                "550 Domain DOMAIN does not accept mail",
            ),
            (
                "554 5.7.1 Client host [2001:db8::1] blocked using zen.example.org",
                "554 5.7.1 Client host [IP] blocked using zen.example.org",
            ),
        ] {
            template_of(text, own, &mut out);
            assert_eq!(out, want, "{text}");
        }
    }
}
