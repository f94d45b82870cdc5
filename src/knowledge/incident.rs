//! Kinds of incidents: their names, and what to do first. Which kind a log shows is decided in `incidents`.

use super::store::Entries;
use super::terms::Party;
use super::value;
use crate::error::Error;
use crate::event::Mta;
use crate::i18n::Language;
use serde::Deserialize;
use std::sync::LazyLock;

/// What is known about a kind of incident.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentEntry {
    /// The stable word for it.
    pub slug: String,
    /// Who acts first.
    pub party: Party,
    /// Whether the remedies of its cause apply too.
    pub causes: bool,
    postfix: Vec<String>,
    exim: Vec<String>,
    en: IncidentText,
    ru: IncidentText,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IncidentText {
    title: String,
    meaning: String,
    remedy: String,
}

impl IncidentEntry {
    /// What it is called.
    pub fn title(&self, language: Language) -> &str {
        &self.text(language).title
    }

    /// What it means, in a sentence.
    pub fn meaning(&self, language: Language) -> &str {
        &self.text(language).meaning
    }

    /// What to do first.
    pub fn remedy(&self, language: Language) -> &str {
        &self.text(language).remedy
    }

    /// Commands that check it; those of Postfix where it is not known which server it is.
    pub fn checks(&self, mta: Option<Mta>) -> &[String] {
        match mta {
            Some(Mta::Exim) => &self.exim,
            _ => &self.postfix,
        }
    }

    fn text(&self, language: Language) -> &IncidentText {
        match language {
            Language::En => &self.en,
            Language::Ru => &self.ru,
        }
    }
}

fn entries() -> &'static Entries<String, IncidentEntry> {
    static ENTRIES: LazyLock<Entries<String, IncidentEntry>> = LazyLock::new(|| {
        Entries::new(super::embedded!("incidents.toml"), "incident", |facts| {
            Some(value(facts, "slug")?.trim_matches('"').to_owned())
        })
    });
    &ENTRIES
}

/// The kind with this slug.
pub fn incident_kind(slug: &str) -> Option<&'static IncidentEntry> {
    entries().find(|known| known == slug)
}

/// Parses all entries.
///
/// # Errors
///
/// [`Error::Knowledge`] for the first one that is wrong.
pub(super) fn check() -> Result<(), Error> {
    entries().check()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_short_whole_and_translated() {
        check().unwrap();
        for entry in entries().iter() {
            for language in Language::ALL {
                let slug = &entry.slug;
                assert!(entry.title(*language).chars().count() <= 60, "{slug}: title is too long");
                assert!(!entry.title(*language).ends_with('.'), "{slug}: a title is no sentence");
                for text in [entry.meaning(*language), entry.remedy(*language)] {
                    assert!(text.ends_with('.'), "{slug}: not a sentence: {text}");
                }
                let russian = entry.meaning(*language).chars().any(|c| ('а'..='я').contains(&c));
                assert_eq!(russian, *language == Language::Ru, "{slug}");
            }
        }
    }
}
