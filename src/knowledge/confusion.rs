//! Codes that get confused, and what is written about them by hand (`confusions.toml`).
//!
//! Codes that do not stand there are compared by the fields of their records; that is the business of `compare`.

use super::Knowledge;
use super::store::Entries;
use crate::error::Error;
use crate::i18n::Language;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Two codes, or a family of codes, that get confused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confusion {
    /// The codes; a single one for its own different uses.
    pub codes: Vec<String>,
    /// English texts.
    pub en: ConfusionText,
    /// Russian texts.
    pub ru: ConfusionText,
}

/// The texts of a confusion.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfusionText {
    /// What separates the codes.
    pub difference: String,
    /// When a server's operator uses which; `None` where nobody chooses.
    pub choose: Option<String>,
    /// What to do on meeting each of them.
    pub each: BTreeMap<String, String>,
}

impl Confusion {
    /// The texts in a language.
    pub fn text(&self, language: Language) -> &ConfusionText {
        match language {
            Language::En => &self.en,
            Language::Ru => &self.ru,
        }
    }
}

/// The entries of the file, by their codes.
pub(super) fn entries() -> Entries<Vec<String>, Confusion> {
    Entries::new(super::embedded!("confusions.toml"), "confusion", |facts| {
        let list = super::value(facts, "codes")?.strip_prefix('[')?.strip_suffix(']')?;
        Some(list.split(", ").map(|code| code.trim_matches('"').to_owned()).collect())
    })
}

impl Knowledge {
    /// What is written about two codes, in whatever order: about exactly these two, else about a family that has
    /// both. For a code and itself: about its different uses.
    pub fn confusion(&self, one: &str, other: &str) -> Option<&Confusion> {
        let has = |codes: &[String], code: &str| codes.iter().any(|known| known == code);
        if one == other {
            return self
                .confusion_entries()
                .find(|codes| matches!(codes.as_slice(), [only] if only == one));
        }
        let both = |codes: &Vec<String>| has(codes, one) && has(codes, other);
        let entries = self.confusion_entries();
        entries.find(|codes| codes.len() == 2 && both(codes)).or_else(|| entries.find(both))
    }

    /// All of them, in the order of the file.
    pub fn confusions(&self) -> impl Iterator<Item = &Confusion> {
        self.confusion_entries().iter()
    }
}

/// Checks what the schema cannot: that both languages tell about the same codes.
pub(super) fn check(entries: &Entries<Vec<String>, Confusion>) -> Result<(), Error> {
    entries.check()?;
    for entry in entries.iter() {
        let mut codes = entry.codes.clone();
        codes.sort_unstable();
        let complete = |text: &ConfusionText| text.each.keys().eq(codes.iter());
        if !complete(&entry.en) || !complete(&entry.ru) {
            let what = format!("{}: `each` has other codes than the entry", entry.codes.join(", "));
            return Err(Error::Knowledge { file: "confusions.toml".to_owned(), what });
        }
        if entry.en.choose.is_some() != entry.ru.choose.is_some() {
            let what = format!("{}: `choose` in one language only", entry.codes.join(", "));
            return Err(Error::Knowledge { file: "confusions.toml".to_owned(), what });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{Facts, fill};
    use crate::smtp::ReplyCode;

    #[test]
    fn confusions_are_complete_and_name_known_codes() {
        let knowledge = Knowledge::embedded();
        check(knowledge.confusion_entries()).unwrap();
        for confusion in knowledge.confusions() {
            for code in &confusion.codes {
                let (reply, enhanced) = match ReplyCode::parse_prefix(code) {
                    Some((reply, rest)) => (Some(reply), rest.trim()),
                    None => (None, code.as_str()),
                };
                assert!(reply.is_none_or(|code| knowledge.reply(code).is_some()), "{code}");
                if !enhanced.is_empty() {
                    let enhanced = enhanced.parse().unwrap();
                    assert!(knowledge.enhanced(enhanced).is_some(), "{code}");
                }
            }
        }
    }

    #[test]
    fn texts_are_sentences_in_their_language_with_known_placeholders() {
        let cyrillic = |text: &str| text.chars().any(|c| ('а'..='я').contains(&c));
        for confusion in Knowledge::embedded().confusions() {
            for &language in Language::ALL {
                let text = confusion.text(language);
                let texts = [Some(&text.difference), text.choose.as_ref()];
                for sentence in texts.into_iter().flatten().chain(text.each.values()) {
                    assert!(sentence.ends_with('.'), "{sentence}");
                    assert_eq!(cyrillic(sentence), language == Language::Ru, "{sentence}");
                    assert!(!fill(sentence, &Facts::default()).contains('{'), "{sentence}");
                    assert_eq!(sentence.matches('`').count() % 2, 0, "{sentence}");
                }
            }
            let commands = |text: &ConfusionText| {
                let all: Vec<&str> = text.each.values().map(String::as_str).collect();
                let mut found: Vec<String> =
                    all.join(" ").split('`').skip(1).step_by(2).map(str::to_owned).collect();
                found.sort();
                found
            };
            assert_eq!(commands(&confusion.en), commands(&confusion.ru), "{:?}", confusion.codes);
        }
    }

    #[test]
    fn two_codes_alone_go_before_a_family() {
        let knowledge = Knowledge::embedded();
        for (one, other, want) in [
            ("214", "521", Some("214, 521")),
            ("521", "214", Some("214, 521")),
            ("4.7.0", "4.7.1", Some("4.7.0, 4.7.1")),
            ("4.2.0", "4.7.1", Some("4.2.0, 4.3.2, 4.7.0, 4.7.1")),
            ("521", "521", Some("521")),
            ("550", "550", None),
            ("214", "550", None),
        ] {
            let found = knowledge.confusion(one, other).map(|entry| entry.codes.join(", "));
            assert_eq!(found.as_deref(), want, "{one} {other}");
        }
    }
}
