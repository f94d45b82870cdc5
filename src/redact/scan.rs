//! Names within any text: what has the form of one, and what the fields of the same record say is one.
//!
//! Everything here errs on the side of too much: a word that may be a name is one.

use super::known::{is_common_word, is_host};
use super::names::{Redactor, split_literal};
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::sync::LazyLock;

/// What has the form of a name, the most telling form first. Linear in the length of the text.
///
/// Letters are all of ASCII and all characters of other scripts but for punctuation: without tables of Unicode, which
/// the crate is built without.
const FORMS: &str = r#"(?x)
    # an address with a quoted local part
    (?P<quoted> "(?:[^"\\]|\\.){1,200}" (?:@|%40) (?:\[[^\]\x00-\x20]{1,80}\] | [0-9A-Za-z_\x{C0}-\x{1FFF}\x{2070}-\x{2FFF}\x{3040}-\x{10FFFF}.-]*) )
    # any other address; also with an empty domain, and with %40 as in links
  | (?P<address> [^\x00-\x20<>()\[\]",;:@]{1,320} (?:@|%40) (?:\[[^\]\x00-\x20]{1,80}\]? | [0-9A-Za-z_\x{C0}-\x{1FFF}\x{2070}-\x{2FFF}\x{3040}-\x{10FFFF}.-]*) )
    # a login or a mailbox behind its key
  | (?P<key> (?-u:\b)(?i-u:sasl_username|sasl_sender|username|user|login|set_id|authid|mailbox|uid) = [<"']? )
    (?P<value> [^\x00-\x20<>"',;()\[\]]+ )
    # a quoted word that is said to be one
  | (?P<said> (?-u:\b)(?i-u:user|recipient|mailbox|account|login|username|addressee|sender)(?:\x20name)? :? \x20? ["'`«»„“] )
    (?P<quoted_word> [^\x00-\x20"'`«»“”<>@]{1,64} ) (?P<end> ["'`»«“”] )
    # a folder of a user
  | (?P<folder> /(?:home|var/mail|var/spool/mail|mail)/ ) (?P<owner> [^/\x00-\x20:,;"']+ )
    # a bare word where an address belongs
  | < (?P<angle> [^<>@\x00-\x20]{1,128} ) >
    # hosts, IP addresses, with ports and all
  | (?P<run> [0-9A-Za-z_\x{C0}-\x{1FFF}\x{2070}-\x{2FFF}\x{3040}-\x{10FFFF}:][0-9A-Za-z_\x{C0}-\x{1FFF}\x{2070}-\x{2FFF}\x{3040}-\x{10FFFF}.:-]*[0-9A-Za-z_\x{C0}-\x{1FFF}\x{2070}-\x{2FFF}\x{3040}-\x{10FFFF}:.] )
"#;

static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(FORMS).ok());

/// Keys in front of an address: `sender=ann@example.com`. Anything else before a `=` belongs to the local part.
const KEYS: [&str; 30] = [
    "addr",
    "address",
    "a",
    "by",
    "e",
    "email",
    "envelope-from",
    "f",
    "for",
    "from",
    "header.from",
    "header.i",
    "i",
    "id",
    "login",
    "mail",
    "mailbox",
    "mailto",
    "mfrom",
    "orig_to",
    "p",
    "r",
    "rcpt",
    "recipient",
    "s",
    "sender",
    "set_id",
    "smtp.mailfrom",
    "to",
    "user",
];

/// Words in angle brackets that are no names.
const MARKS: [&str; 7] = ["CR", "LF", "CRLF", "CR LF", "NUL", "EOF", "null"];

impl Redactor {
    /// Any text, with pseudonyms for all names that have the form of one: addresses (quoted and odd local parts,
    /// SRS, VERP and BATV, `%40`), Message-IDs, IP addresses, host names, words in angle brackets, logins and
    /// mailboxes behind `user=` and the like, owners of mail folders.
    ///
    /// A name without such a form (`no mailbox for ann here`) is found in a record by `text_of` if a field of
    /// the record has it. Borrowed where there is nothing to replace.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        // Most words of most texts are plain.
        if !text.bytes().any(|b| matches!(b, b'@' | b'.' | b'<' | b'=' | b'/' | b'%' | b':')) {
            return Cow::Borrowed(text);
        }
        // Never: a test compiles it. Nothing is better than a name.
        let Some(names) = NAMES.as_ref() else { return Cow::Borrowed("") };
        let (mut out, mut copied) = (String::new(), 0);
        for found in names.find_iter(text) {
            out.push_str(text.get(copied..found.start()).unwrap_or(""));
            out.push_str(&self.found(names, found.as_str()));
            copied = found.end();
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(copied..).unwrap_or(""));
        Cow::Owned(out)
    }

    /// What stands for one that was found. Nearly all are of the last form, and no other has its characters alone; only
    /// for the rest is it asked which one it is, which takes much longer than to find it.
    fn found(&self, names: &Regex, whole: &str) -> String {
        let of_run = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.' | b'-');
        if whole.bytes().all(of_run) {
            return self.run(whole);
        }
        // By itself it matches as it did in the text: no form looks at what stands around it, but for the start of a word.
        names
            .captures(whole)
            .map_or_else(|| self.user(whole).into_owned(), |found| self.of_its_form(&found))
    }

    fn of_its_form(&self, found: &Captures<'_>) -> String {
        let whole = found.get(0).map_or("", |whole| whole.as_str());
        let group = |name| found.name(name).map(|part| part.as_str());
        if group("quoted").is_some() {
            self.address_in_text(whole, "")
        } else if let Some(address) = group("address") {
            let (key, rest) = key_of(address);
            self.address_in_text(rest, key)
        } else if let (Some(key), Some(value)) = (group("key"), group("value")) {
            format!("{key}{}", self.user(value))
        } else if let (Some(said), Some(word), Some(end)) =
            (group("said"), group("quoted_word"), group("end"))
        {
            format!("{said}{}{end}", self.user(word))
        } else if let (Some(folder), Some(owner)) = (group("folder"), group("owner")) {
            format!("{folder}{}", self.user(owner))
        } else if let Some(word) = group("angle") {
            self.in_angles(word)
        } else {
            self.run(whole)
        }
    }

    /// `rest` is the address with what stands behind it, `key` what stands before it and has no `@`.
    fn address_in_text(&self, rest: &str, key: &str) -> String {
        let quote = if rest.starts_with('\'') { "'" } else { "" };
        let address = rest.trim_start_matches('\'');
        // The end of a sentence is none of the domain.
        let bare = address.trim_end_matches(['.', '-']);
        let tail = address.get(bare.len()..).unwrap_or("");
        let (shown, sign) = match bare.rfind('@') {
            None => (bare.replace("%40", "@"), "%40"),
            Some(_) => (bare.to_owned(), "@"),
        };
        // A bracket that the log cut off.
        let shown = if shown.contains('[') && !shown.ends_with(']') { shown + "]" } else { shown };
        let pseudonym = self.address(&shown);
        let pseudonym =
            if sign == "@" { pseudonym.into_owned() } else { pseudonym.replace('@', sign) };
        format!("{}{quote}{pseudonym}{tail}", self.text(key))
    }

    fn in_angles(&self, word: &str) -> String {
        if MARKS.contains(&word)
            || word.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !self.is_ip(word)
        {
            return format!("<{word}>");
        }
        let inner = self.text(word);
        match inner {
            // Nothing in it has the form of a name, so it is one as a whole.
            Cow::Borrowed(word) if !word.contains(['.', ':', '/', '=']) => {
                format!("<{}>", self.user(word))
            }
            inner => format!("<{inner}>"),
        }
    }

    fn is_ip(&self, word: &str) -> bool {
        self.ip(word).is_some()
    }

    /// Letters, digits, dots, colons and hyphens: an address, hosts with ports, a time, a number, a word.
    fn run(&self, run: &str) -> String {
        let bare = run.trim_end_matches(['.', ':', '-']);
        let tail = run.get(bare.len()..).unwrap_or("");
        // `2001:db8::` ends in colons.
        for (word, tail) in [(run, ""), (bare, tail)] {
            let (tag, address) = split_literal(word);
            if word.contains(':')
                && let Some(ip) = self.ip(address)
            {
                return format!("{tag}{ip}{tail}");
            }
        }
        let parts: Vec<String> = bare
            .split(':')
            .map(|part| {
                let word = part.trim_end_matches('.');
                let dots = part.get(word.len()..).unwrap_or("");
                match self.ip(word) {
                    Some(ip) => ip + dots,
                    None if is_host(word) => format!("{}{dots}", self.host(word)),
                    None => self.with_hidden_address(part),
                }
            })
            .collect();
        parts.join(":") + tail
    }

    /// An IP address with something hung on: `198.51.100.7-25`, `ip198.51.100.7`.
    fn with_hidden_address(&self, word: &str) -> String {
        static INSIDE: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}").ok());
        if word.bytes().filter(|b| *b == b'.').count() < 3 {
            return word.to_owned();
        }
        let Some(inside) = INSIDE.as_ref() else { return word.to_owned() };
        let ip = |found: &Captures<'_>| {
            let ip = found.get(0).map_or("", |found| found.as_str());
            self.ip(ip).unwrap_or_else(|| ip.to_owned())
        };
        inside.replace_all(word, ip).into_owned()
    }

    /// A text of a record, whose fields have the names in `terms`, each with its pseudonym: these are found as words
    /// of any form, before everything else.
    pub(super) fn text_of<'t>(&self, text: &'t str, terms: &Terms<'_>) -> Cow<'t, str> {
        let mut out = String::new();
        let mut copied = 0;
        let mut at = 0;
        let bytes = text.as_bytes();
        while at < bytes.len() {
            let begins = text.is_char_boundary(at)
                && text
                    .get(..at)
                    .and_then(|before| before.chars().next_back())
                    .is_none_or(may_stand_before);
            let found = begins.then(|| terms.at(text, at)).flatten();
            let Some((length, pseudonym)) = found else {
                at += 1;
                continue;
            };
            out.push_str(&self.text(text.get(copied..at).unwrap_or("")));
            out.push_str(pseudonym);
            at += length;
            copied = at;
        }
        if copied == 0 {
            return self.text(text);
        }
        out.push_str(&self.text(text.get(copied..).unwrap_or("")));
        Cow::Owned(out)
    }
}

/// Whether a name may begin behind this character: it is no part of a longer word.
fn may_stand_before(c: char) -> bool {
    !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+'))
}

/// `sender=` and the address behind it.
fn key_of(address: &str) -> (&str, &str) {
    if let Some((key, rest)) = address.split_once('=')
        && KEYS.contains(&key.to_ascii_lowercase().as_str())
        && !rest.starts_with('@')
    {
        return address.split_at(key.len() + 1);
    }
    // In a link the keys stand behind others: `?s=mfrom&id=ann@example.com`.
    match address.rfind(['?', '&']).and_then(|mark| {
        let behind = address.get(mark + 1..)?;
        let (key, _) = behind.split_once('=')?;
        KEYS.contains(&key.to_ascii_lowercase().as_str()).then_some(mark + 1 + key.len() + 1)
    }) {
        Some(begin) => address.split_at(begin),
        None => ("", address),
    }
}

/// Names that the fields of a record have, each with its pseudonym.
#[derive(Default)]
pub(super) struct Terms<'r>(Vec<(&'r str, String)>);

impl<'r> Terms<'r> {
    /// Adds an address, and its local part as a word of its own.
    pub(super) fn address(&mut self, address: &'r str, pseudonym: &str) {
        self.add(address, pseudonym);
        if let Some((local, _)) = address.rsplit_once('@') {
            let shown = pseudonym.rsplit_once('@').map_or(pseudonym, |(local, _)| local);
            self.add(local, shown);
        }
    }

    /// Adds a name.
    pub(super) fn add(&mut self, name: &'r str, pseudonym: &str) {
        if !is_common_word(&name.to_lowercase()) && name != pseudonym {
            self.0.push((name, pseudonym.to_owned()));
        }
    }

    /// The longest name that stands at a place of the text, as a whole word: its length and its pseudonym.
    fn at(&self, text: &str, at: usize) -> Option<(usize, &str)> {
        let mut best: Option<(usize, &str)> = None;
        for (name, pseudonym) in &self.0 {
            let stands =
                text.get(at..at + name.len()).is_some_and(|here| here.eq_ignore_ascii_case(name));
            if stands
                && best.is_none_or(|(longest, _)| name.len() > longest)
                && ends_well(text.get(at + name.len()..).unwrap_or(""))
            {
                best = Some((name.len(), pseudonym));
            }
        }
        best
    }
}

/// Whether a word ends before `rest`: no letter follows, no other domain, and no further label.
fn ends_well(rest: &str) -> bool {
    let mut rest = rest.chars();
    match rest.next() {
        None => true,
        Some('@' | '%' | '_') => false,
        Some('.' | '-' | '+') => rest.next().is_none_or(|c| !c.is_alphanumeric()),
        Some(c) => !c.is_alphanumeric(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::Domains;
    use proptest::prelude::*;

    fn is_as_if_each_was_asked_in_its_place(text: &str) {
        let redactor = Redactor::new(b"a key for tests only", Domains::Hidden);
        let names = NAMES.as_ref().unwrap();
        let want = names.replace_all(text, |found: &Captures<'_>| redactor.of_its_form(found));
        // A text without marks is not searched.
        if text.contains(['@', '.', '<', '=', '/', '%', ':']) {
            assert_eq!(redactor.text(text), want, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_form_is_the_same_by_itself(text in r#"([a-z]{1,3}|user=|user:? ?|sender|\.|@|%40|<|>|"|'|«|»|“|/home/|:|;|=|-|_| |[0-9]{1,3}|é|я|\[|\]|\\){0,24}"#) {
            is_as_if_each_was_asked_in_its_place(&text);
        }

        #[test]
        fn and_of_any_text(text in any::<String>()) {
            is_as_if_each_was_asked_in_its_place(&text);
        }
    }
}
