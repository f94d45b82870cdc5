//! What is known about codes: embedded data files, read on first use, and the look-ups.
//!
//! Data and code are apart: to add or correct a code, edit the TOML file (each begins with how to); to change
//! what an entry may hold, `schema.rs`; to change which entry answers, `meaning.rs`. Nothing here reads logs,
//! prints or decides causes.
//!
//! Every entry is parsed when it is first asked for (`store.rs` says why), so an entry that is wrong would only
//! be missed then; [`Knowledge::check`] parses all, and a test calls it.

pub mod blocklist;
mod cause;
mod confusion;
pub mod fill;
mod incident;
pub mod list_query;
mod meaning;
#[cfg(test)]
mod pack;
mod packed;
mod phrase;
pub mod provider;
mod ranked;
pub mod rule;
pub mod schema;
mod store;
mod terms;
#[cfg(test)]
mod tests;
pub mod user;

pub(crate) use cause::CauseFacts;
pub use cause::{Ask, Cause, Hardness, OpenDetails, Remedy, Urgency, cause_slugs};
pub use confusion::{Confusion, ConfusionText};
pub use fill::{Facts, fill};
pub use incident::{IncidentEntry, incident_kind};
pub use meaning::{Level, Meaning};
pub use provider::Provider;
pub use ranked::Ranked;
pub use schema::{ClassEntry, EnhancedEntry, PairEntry, ProviderEntry, ReplyEntry, SubjectEntry};
pub use terms::{
    CodeRange, Kind, ListStatus, Listed, Party, Permanence, Registry, Retry, Role, SaidAt, Speaker,
    Standing, Suppress,
};
pub use user::{UserKnowledge, UserRule};

use crate::error::Error;
use crate::i18n::Language;
use crate::smtp::{EnhancedCode, ReplyCode};
use cause::Causes;
use std::sync::OnceLock;
use store::Entries;

/// A data file as the build script packed it: its name and what is in it.
macro_rules! embedded {
    ($($name:expr),+) => {
        (
            concat!($($name),+),
            include_bytes!(concat!(env!("OUT_DIR"), "/knowledge/", $($name),+)).as_slice(),
        )
    };
}
use embedded;

/// What [`embedded!`] gives.
type File = (&'static str, &'static [u8]);

const CODES: File = embedded!("codes.toml");
const ENHANCED: File = embedded!("enhanced.toml");
const PAIRS: File = embedded!("pairs.toml");
const CLASSES: File = embedded!("classes.toml");
const SUBJECTS: File = embedded!("subjects.toml");

/// A data file as it is written, for tests that say where in it something is wrong.
#[cfg(test)]
pub(crate) fn source(file: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/knowledge/");
    std::fs::read_to_string([folder, file].concat()).unwrap()
}

/// The knowledge base. Cheap to make: a file is looked at when something of it is asked for.
#[derive(Debug, Default)]
pub struct Knowledge {
    language: Language,
    codes: OnceLock<Entries<ReplyCode, ReplyEntry>>,
    enhanced: OnceLock<Entries<Kind, EnhancedEntry>>,
    pairs: OnceLock<Entries<(ReplyCode, EnhancedCode), PairEntry>>,
    classes: OnceLock<Entries<u8, ClassEntry>>,
    subjects: OnceLock<Entries<u16, SubjectEntry>>,
    confusions: OnceLock<Entries<Vec<String>, Confusion>>,
    ranked: OnceLock<Entries<String, Ranked>>,
    causes: Causes,
}

impl Knowledge {
    /// The embedded knowledge, in English.
    pub fn embedded() -> Self {
        Self::default()
    }

    /// The embedded knowledge, whose [`Meaning`]s are in a language. Entries and causes have their texts in all
    /// languages, whatever this is.
    pub fn in_language(language: Language) -> Self {
        Self { language, ..Self::default() }
    }

    /// The language of [`Meaning`]s.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The entry of a reply code.
    pub fn reply(&self, code: ReplyCode) -> Option<&ReplyEntry> {
        self.reply_entries().get(&code)
    }

    /// The entry of an enhanced status code. The registry has them without class: whether it permits this one
    /// is told by [`EnhancedEntry::permits`].
    pub fn enhanced(&self, code: EnhancedCode) -> Option<&EnhancedEntry> {
        self.kind(code.into())
    }

    /// The entry of an enhanced status code without its class.
    pub fn kind(&self, kind: Kind) -> Option<&EnhancedEntry> {
        self.enhanced_entries().get(&kind)
    }

    /// The entry of exactly these two together.
    pub fn pair_entry(&self, code: ReplyCode, enhanced: EnhancedCode) -> Option<&PairEntry> {
        self.pair_entries().get(&(code, enhanced))
    }

    /// What a first digit says; above 6 as 6.
    pub fn class(&self, digit: u8) -> Option<&ClassEntry> {
        self.class_entries().get(&digit.min(6))
    }

    /// What the second number of an enhanced status code is about.
    pub fn subject(&self, subject: u16) -> Option<&SubjectEntry> {
        self.subject_entries().get(&subject)
    }

    /// A provider by its slug.
    pub fn provider(&self, slug: &str) -> Option<&Provider> {
        self.providers().iter().find(|provider| provider.slug() == slug)
    }

    /// The provider that a mail exchanger belongs to, by the end of its name. Never by the recipient's domain:
    /// that says nothing about who hosts it.
    pub fn provider_of_host(&self, host: &str) -> Option<&Provider> {
        provider::provider_of_host(host)
    }

    /// A provider's own use of an enhanced status code.
    pub fn vendor(&self, slug: &str, code: EnhancedCode) -> Option<&ProviderEntry> {
        self.provider(slug)?.entry(code)
    }

    /// Every provider that uses the code in its own way.
    pub fn vendors_of(
        &self,
        code: EnhancedCode,
    ) -> impl Iterator<Item = (&Provider, &ProviderEntry)> {
        self.providers().iter().filter_map(move |provider| Some((provider, provider.entry(code)?)))
    }

    /// All reply codes, in numerical order.
    pub fn replies(&self) -> impl Iterator<Item = &ReplyEntry> {
        self.reply_entries().iter()
    }

    /// All enhanced status codes of the registry, in numerical order.
    pub fn enhanced_codes(&self) -> impl Iterator<Item = &EnhancedEntry> {
        self.enhanced_entries().iter()
    }

    /// All pairs.
    pub fn pairs(&self) -> impl Iterator<Item = &PairEntry> {
        self.pair_entries().iter()
    }

    /// All providers.
    pub fn providers(&self) -> &[Provider] {
        provider::providers()
    }

    /// A cause by its slug.
    pub fn cause(&self, slug: &str) -> Option<&Cause> {
        self.causes.get(slug)
    }

    /// All causes, from the recipient back to ourselves; parses all of them.
    pub fn causes(&self) -> impl Iterator<Item = &Cause> {
        self.causes.iter()
    }

    /// The name of a cause's detail, also of one that is itself a cause. `None` for slugs of blocklists and for
    /// numbers: the first have their names there, the others are their own.
    pub fn detail_name<'k>(
        &'k self,
        cause: &'k Cause,
        detail: &str,
        language: Language,
    ) -> Option<&'k str> {
        cause.detail_name(detail, language).or_else(|| match cause.open_details() {
            Some(OpenDetails::Cause) => Some(self.cause(detail)?.title(language)),
            _ => None,
        })
    }

    /// Reads everything.
    ///
    /// # Errors
    ///
    /// [`Error::Knowledge`] for the first entry that is wrong.
    pub fn check(&self) -> Result<(), Error> {
        self.reply_entries().check()?;
        self.enhanced_entries().check()?;
        self.pair_entries().check()?;
        self.class_entries().check()?;
        self.subject_entries().check()?;
        confusion::check(self.confusion_entries())?;
        self.ranked_entries().check()?;
        provider::check()?;
        incident::check()?;
        Causes::check()
    }

    fn reply_entries(&self) -> &Entries<ReplyCode, ReplyEntry> {
        self.codes.get_or_init(|| {
            Entries::new(CODES, "code", |facts| ReplyCode::new(number(value(facts, "code")?)?))
        })
    }

    fn enhanced_entries(&self) -> &Entries<Kind, EnhancedEntry> {
        self.enhanced.get_or_init(|| {
            Entries::new(ENHANCED, "enhanced", |facts| {
                Kind::parse(value(facts, "code")?.trim_matches('"'))
            })
        })
    }

    fn pair_entries(&self) -> &Entries<(ReplyCode, EnhancedCode), PairEntry> {
        self.pairs.get_or_init(|| {
            Entries::new(PAIRS, "pair", |facts| {
                let code = ReplyCode::new(number(value(facts, "code")?)?)?;
                let (_, second) = facts.split_once('\n')?;
                Some((code, value(second, "enhanced")?.trim_matches('"').parse().ok()?))
            })
        })
    }

    fn confusion_entries(&self) -> &Entries<Vec<String>, Confusion> {
        self.confusions.get_or_init(confusion::entries)
    }

    fn ranked_entries(&self) -> &Entries<String, Ranked> {
        self.ranked.get_or_init(ranked::entries)
    }

    fn class_entries(&self) -> &Entries<u8, ClassEntry> {
        self.classes
            .get_or_init(|| Entries::new(CLASSES, "class", |facts| number(value(facts, "digit")?)))
    }

    fn subject_entries(&self) -> &Entries<u16, SubjectEntry> {
        self.subjects.get_or_init(|| {
            Entries::new(SUBJECTS, "subject", |facts| number(value(facts, "subject")?))
        })
    }
}

/// The text behind `name = ` at the start of `facts`, up to the line's end.
fn value<'a>(facts: &'a str, name: &str) -> Option<&'a str> {
    facts.lines().next()?.strip_prefix(name)?.strip_prefix(" = ")
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}
