//! A fixed text in every language, side by side.
//!
//! Long pages of labels stand in a struct per language ([`super::Labels`]); sentences that belong to one module
//! stand in that module, each as a [`Text`]. One that lacks a language does not compile; `texts!` also lists them
//! all, so that a test can look for gaps, for placeholders that differ and for texts nobody translated.

use super::{Language, say};
use std::fmt::Display;

/// A text in every language. Values go in at `{0}`, `{1}`, …
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// Russian.
    pub ru: &'static str,
}

impl Text {
    /// The text in a language.
    pub const fn get(self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Ru => self.ru,
        }
    }

    /// The text in a language, with values in their places.
    pub fn say(self, language: Language, values: &[&dyn Display]) -> String {
        say(self.get(language), values)
    }

    /// What is wrong with a translation: empty, untranslated, other placeholders.
    #[cfg(test)]
    pub(crate) fn flaw(self) -> Option<&'static str> {
        let places = |text: &str| {
            (0..9).filter(|n| text.contains(&format!("{{{n}}}"))).collect::<Vec<usize>>()
        };
        let cyrillic = |text: &str| text.chars().any(|c| ('а'..='я').contains(&c) || c == 'ё');
        let has_words = |text: &str| text.chars().filter(char::is_ascii_lowercase).count() > 3;
        if self.en.is_empty() || self.ru.is_empty() {
            Some("is empty in a language")
        } else if places(self.en) != places(self.ru) {
            Some("has other placeholders in Russian")
        } else if cyrillic(self.en) || (has_words(self.en) && !cyrillic(self.ru)) {
            Some("is not translated")
        } else {
            None
        }
    }
}

/// Names texts: `NAME = "English", "Russian";`. `ALL` lists them for the tests.
macro_rules! texts {
    ($($name:ident = $en:literal, $ru:literal;)+) => {
        $(pub(crate) const $name: crate::i18n::Text = crate::i18n::Text { en: $en, ru: $ru };)+

        /// Every text with its name.
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, crate::i18n::Text)] = &[$((stringify!($name), $name),)+];
    };
}
pub(crate) use texts;
