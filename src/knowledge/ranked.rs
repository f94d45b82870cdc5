//! The ranked causes of codes that mean several things (`ranked.toml`).

use super::store::Entries;
use super::{Kind, Knowledge};
use crate::i18n::Language;
use crate::smtp::{EnhancedCode, ReplyCode};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a code is mostly said for, most often first.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranked {
    /// The code, the kind of enhanced status code, or a pair of codes.
    pub code: String,
    /// Slugs of the causes, in their order.
    pub causes: Vec<String>,
    /// What betrays each of them, in English.
    en: BTreeMap<String, String>,
    /// The same in Russian.
    ru: BTreeMap<String, String>,
}

impl Ranked {
    /// The causes with what betrays each.
    pub fn told(&self, language: Language) -> impl Iterator<Item = (&str, &str)> {
        let texts = match language {
            Language::En => &self.en,
            Language::Ru => &self.ru,
        };
        self.causes.iter().filter_map(|cause| Some((cause.as_str(), texts.get(cause)?.as_str())))
    }
}

/// The entries of the file.
pub(super) fn entries() -> Entries<String, Ranked> {
    Entries::new(super::embedded!("ranked.toml"), "ranked", |facts| {
        Some(super::value(facts, "code")?.trim_matches('"').to_owned())
    })
}

impl Knowledge {
    /// The ranked causes of these codes: of both together, else of the enhanced status code, which says more, else
    /// of the reply code where it stands alone.
    pub fn ranked(
        &self,
        code: Option<ReplyCode>,
        enhanced: Option<EnhancedCode>,
    ) -> Option<&Ranked> {
        let entries = self.ranked_entries();
        let Some(enhanced) = enhanced else { return entries.get(&code?.to_string()) };
        let pair = code.and_then(|code| entries.get(&format!("{code} {enhanced}")));
        pair.or_else(|| entries.get(&Kind::from(enhanced).to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::cause_slugs;

    #[test]
    fn ranked_causes_are_known_few_and_told_in_every_language() {
        let entries = entries();
        assert!(entries.iter().count() >= 20);
        for entry in entries.iter() {
            assert!((2..=4).contains(&entry.causes.len()), "{}", entry.code);
            for cause in &entry.causes {
                assert!(cause_slugs().any(|slug| slug == cause), "{}: {cause}", entry.code);
            }
            for language in [Language::En, Language::Ru] {
                let told: Vec<_> = entry.told(language).collect();
                assert_eq!(told.len(), entry.causes.len(), "{} {language:?}", entry.code);
                for (cause, text) in told {
                    assert!(!text.ends_with('.') && text.len() > 10, "{} {cause}", entry.code);
                }
            }
            assert_eq!(entry.en.len(), entry.causes.len(), "{}", entry.code);
            assert_eq!(entry.ru.len(), entry.causes.len(), "{}", entry.code);
        }
    }

    #[test]
    fn the_pair_goes_before_the_enhanced_code_and_that_before_the_reply_code() {
        let knowledge = Knowledge::embedded();
        for (code, enhanced, want) in [
            (Some(450), Some("4.7.1"), Some("450 4.7.1")),
            (Some(550), Some("5.7.1"), Some("X.7.1")),
            (None, Some("5.7.1"), Some("X.7.1")),
            (Some(550), None, Some("550")),
            (Some(550), Some("5.1.1"), None),
            (Some(521), None, None),
        ] {
            let code = code.and_then(ReplyCode::new);
            let enhanced = enhanced.map(|text| text.parse().unwrap());
            let found = knowledge.ranked(code, enhanced).map(|entry| entry.code.as_str());
            assert_eq!(found, want, "{code:?} {enhanced:?}");
        }
    }
}
