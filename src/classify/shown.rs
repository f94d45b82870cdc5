//! What rules are shown of a reply: its words, written one way, and without the names that strangers chose.
//!
//! Where a rule must not take such a name for a word of the reply, it is hidden here; what surrounds a reply, and its
//! codes, `clean.rs` has taken away before.

use super::Said;
use super::clean::Cleaned;
use crate::event::Kind;
use std::borrow::Cow;

/// A reply's words as rules see them.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    text: Cow<'a, str>,
    /// Without addresses, where that is another text.
    plain: Option<String>,
}

impl<'a> Shown<'a> {
    pub(super) fn of(cleaned: &'a Cleaned<'_>) -> Self {
        let text = as_rules_read(&cleaned.text);
        let plain = match without_addresses(&text) {
            Cow::Borrowed(_) => None,
            Cow::Owned(plain) => Some(plain),
        };
        Self { text, plain }
    }

    /// All of them: for rules of a provider, which is known by its addresses too, and those of the user.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Without the addresses and names that they are about.
    pub(super) fn plain(&self) -> &str {
        self.plain.as_deref().unwrap_or(&self.text)
    }

    /// More words than `message rejected, contact your administrator` has; numbers, addresses and links are none.
    pub(super) fn says_much(&self) -> bool {
        let is_word = |word: &&str| {
            let letters = word.trim_matches(|c: char| c.is_ascii_punctuation());
            letters.chars().count() > 1 && letters.chars().all(|c| c.is_alphabetic() || c == '\'')
        };
        self.text.split_whitespace().filter(is_word).nth(8).is_some()
    }
}

/// Rules mind no case, no quotation marks of a typesetter's, and not how many blanks there are. The engine sees to the
/// case of ASCII; the rest is done here, for the few texts that need it.
fn as_rules_read(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.contains("  ") {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            ' ' | '\u{a0}' if plain.ends_with(' ') => {}
            '\u{a0}' => plain.push(' '),
            '\u{2018}' | '\u{2019}' | '\u{2bc}' => plain.push('\''),
            '\u{201c}'..='\u{201e}' | '\u{ab}' | '\u{bb}' => plain.push('"'),
            '\u{2010}'..='\u{2014}' => plain.push('-'),
            '\u{2026}' => plain.push_str("..."),
            c => plain.push(c),
        }
    }
    Cow::Owned(plain)
}

/// The text without what a client tried to log in as: it may be any words, and a stranger chose them. Postfix writes it
/// last; behind that of Exim, `(set_id=ann): `, a reason may follow.
pub(super) fn without_login<'t>(said: &Said<'t>) -> Cow<'t, str> {
    let text = said.text;
    // Of an event it is known whether it is about a login.
    if said.kind != Kind::AuthFailure && said.mta.is_some() {
        return Cow::Borrowed(text);
    }
    let behind = |key: &str| Some(text.find(key)? + key.len());
    let (end, reason) = match (behind("sasl_username="), behind("(set_id=")) {
        (Some(end), _) => (end, None),
        (None, Some(end)) => {
            (end, text.rfind("): ").filter(|at| *at >= end && !text.ends_with(')')))
        }
        (None, None) => return Cow::Borrowed(text),
    };
    let before = text.get(..end).unwrap_or(text);
    match reason.and_then(|at| text.get(at..)) {
        Some(reason) => Cow::Owned([before, reason].concat()),
        None => Cow::Borrowed(before),
    }
}

/// Hides mail addresses, and whom Postfix names before its words: `<quota-spam@example.com>` says nothing of either, and no
/// more does `<sql.example.com>: Helo command rejected` of a database.
fn without_addresses(text: &str) -> Cow<'_, str> {
    if let Some((name, words)) = text.strip_prefix('<').and_then(|rest| rest.split_once(">: "))
        && !name.contains(['@', '<', ' '])
    {
        return Cow::Owned(["<x>: ", &without_addresses(words)].concat());
    }
    if !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let mut hidden = String::with_capacity(text.len());
    for piece in text.split_inclusive(ends_a_word) {
        let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '@');
        match word.split_once('@') {
            Some((local, domain)) if !local.is_empty() && !domain.is_empty() => {
                hidden.push_str("x@x.x");
                hidden.push_str(piece.get(word.len()..).unwrap_or(""));
            }
            _ => hidden.push_str(piece),
        }
    }
    Cow::Owned(hidden)
}

/// Hides links: `http://example.com/relay.html` is about neither relaying nor HTML.
pub(super) fn without_links(text: &str) -> String {
    let shown = text.split_inclusive(char::is_whitespace).map(|word| {
        let link = word.contains("://") || word.starts_with("www.");
        if link { "x " } else { word }
    });
    shown.collect()
}

fn ends_a_word(c: char) -> bool {
    match c {
        '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | '\'' | ',' | ';' | ':' | '='
        | '|' => true,
        c => c.is_whitespace(),
    }
}
