//! The causes: why a message was refused, late or lost, who can act, and what to do.
//!
//! A cause is a file in `causes/`, read when it is first asked for: prose in two languages is long, and an
//! answer needs one cause of thirty-three. Which cause a reply has is not decided here.
//!
//! To add a cause: a file like its neighbours, its slug in the list of [`FILES`], rules that lead to it. A file has
//!
//! ```text
//! slug             the file's name; stable, singular, kebab-case
//! parties          who can act when another server spoke, or nobody did: first first
//! parties_inbound  the same in a refusal of our own: who sends to us is remote-admin; absent where equal
//! hard             hard: never gets through; soft: may later; by-class: as the first digit of the code says
//! suppress         the address may be taken off a list because of it
//! provider_pages   true where the receiver's own pages for senders help; absent: no
//! retry            as in codes.toml
//! urgency          note | watch | today | now
//! alike            causes that get confused with it
//! references       documents
//! details          the sub-kinds and their names; open_details tells which others there are:
//!                  blocklist (slugs of blocklists.toml), cause (slugs of causes), number
//! [en] [ru]        title (up to 60 letters), meaning, how_to_tell
//! [[remedy]]       by: the party that does it; direction, mta, detail: where it applies (absent: anywhere);
//!                  en, ru; checks: commands. Most effective first; in a refusal of ours first which restriction
//!                  fired and how to exempt a client, then what the client has to mend
//! [[ask]]          to: whom to write; direction; en, ru: two sentences, ready to be sent
//! ```
//!
//! Placeholders are those of `fill.rs`, the same in both languages; so are the parameter names in backticks. The
//! tests below hold a new file to all of this.

use super::packed::unpack;
use super::terms::{Party, Retry};
use crate::error::Error;
use crate::event::Mta;
use crate::i18n::Language;
use crate::smtp::Direction;
use crate::words::words;
use serde::{Deserialize, Deserializer};
use std::sync::OnceLock;

macro_rules! files {
    ($($slug:literal)+) => {
        &[$(($slug, super::embedded!("causes/", $slug, ".toml").1),)+]
    };
}

/// Slug and packed file of every cause, in the order in which they are listed: from the recipient back to ourselves.
const FILES: &[(&str, &[u8])] = files! {
    "recipient-unknown" "recipient-moved" "recipient-disabled" "mailbox-full" "recipient-refuses"
    "recipient-domain-missing" "domain-accepts-no-mail"
    "auth-failed" "missing-ptr" "bad-helo" "sender-rejected"
    "ip-blocklisted" "provider-blocked" "domain-blocklisted"
    "spam-content" "virus-or-attachment" "malformed-message" "message-too-big"
    "policy-refused" "rate-limited" "greylisted" "relay-denied" "smtp-auth-failed" "tls-failed"
    "dns-failure" "connection-failed" "remote-error" "mail-loop" "expired" "protocol-error"
    "own-system-error" "local-delivery-failed"
    "unknown"
};

words! {
    /// Whether the same message to the same address can still get through.
    Hardness {
        /// No, whatever the code says.
        Hard = "hard",
        /// Yes, even with a 5xx.
        Soft = "soft",
        /// As the first digit says.
        ByClass = "by-class",
    }
}

words! {
    /// How soon somebody has to look.
    Urgency {
        /// Not at all: it is normal, or the sender's affair.
        Note = "note",
        /// When it grows.
        Watch = "watch",
        /// Within the day.
        Today = "today",
        /// At once: much mail hangs on it.
        Now = "now",
    }
}

words! {
    /// What details a cause has beside those that its file names.
    OpenDetails {
        /// Slugs of blocklists.
        Blocklist = "blocklist",
        /// Slugs of causes: the one that is behind.
        Cause = "cause",
        /// A number from the text, with its unit if it has one.
        Number = "number",
    }
}

/// A cause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// The stable word for it.
    pub slug: String,
    parties: Vec<Party>,
    #[serde(default)]
    parties_inbound: Option<Vec<Party>>,
    /// Whether it can get through later.
    #[serde(deserialize_with = "read_word")]
    pub hard: Hardness,
    /// Whether it justifies taking the address off a list.
    pub suppress: bool,
    /// Whether the receiver's own pages for senders help.
    #[serde(default)]
    pub provider_pages: bool,
    /// Whether sending again helps.
    pub retry: Retry,
    /// How soon somebody has to look.
    #[serde(deserialize_with = "read_word")]
    pub urgency: Urgency,
    /// Slugs of causes that get confused with it.
    pub alike: Vec<String>,
    /// Documents.
    pub references: Vec<String>,
    #[serde(default, deserialize_with = "read_optional_word")]
    open_details: Option<OpenDetails>,
    details: Vec<Detail>,
    en: CauseText,
    ru: CauseText,
    #[serde(default)]
    remedy: Vec<Remedy>,
    #[serde(default)]
    ask: Vec<Ask>,
}

/// The texts of a cause in one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CauseText {
    title: String,
    meaning: String,
    how_to_tell: String,
}

/// A sub-kind of a cause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Detail {
    slug: String,
    en: String,
    ru: String,
}

/// One thing that a party can do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// Who does it.
    pub by: Party,
    /// Where it applies; empty: everywhere.
    #[serde(default, deserialize_with = "read_words")]
    pub direction: Vec<Direction>,
    /// Whose parameters it names; `None`: nobody's.
    #[serde(default, deserialize_with = "read_optional_word")]
    pub mta: Option<Mta>,
    /// The detail that it is for; `None`: any.
    #[serde(default)]
    pub detail: Option<String>,
    en: String,
    ru: String,
    /// Commands to run, with placeholders.
    #[serde(default)]
    pub checks: Vec<String>,
}

impl Remedy {
    /// What to do, as sentences with placeholders.
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Ru => &self.ru,
        }
    }

    fn applies(
        &self,
        direction: Option<Direction>,
        mta: Option<Mta>,
        detail: Option<&str>,
    ) -> bool {
        direction.is_none_or(|direction| in_direction(&self.direction, direction))
            && (self.mta.is_none() || mta.is_none() || self.mta == mta)
            && (self.detail.is_none() || self.detail.as_deref() == detail)
    }
}

/// What to write to the other side.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// To whom.
    pub to: Party,
    /// Where it applies; empty: everywhere.
    #[serde(default, deserialize_with = "read_words")]
    pub direction: Vec<Direction>,
    en: String,
    ru: String,
}

impl Ask {
    /// The two sentences, with placeholders.
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Ru => &self.ru,
        }
    }
}

impl Cause {
    /// Reads a cause from the text of its file and checks what the schema cannot: that the details of remedies
    /// are those of the cause.
    ///
    /// # Errors
    ///
    /// [`Error::Knowledge`] with file, entry and what is wrong.
    pub fn parse(file: &str, text: &str) -> Result<Self, Error> {
        let wrong = |what: String| Error::Knowledge { file: file.to_owned(), what };
        let cause = toml::from_str::<Self>(text).map_err(|e| {
            let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            wrong(format!(
                "line {}, {}: {}",
                before.matches('\n').count() + 1,
                entry_at(before),
                e.message()
            ))
        })?;
        cause.checked().map_err(wrong)
    }

    /// Reads a packed file.
    fn unpack(packed: &'static [u8]) -> Result<Self, String> {
        unpack::<Self>(packed).map_err(|error| error.to_string())?.checked()
    }

    fn checked(self) -> Result<Self, String> {
        for (number, remedy) in self.remedy.iter().enumerate() {
            if let Some(detail) = remedy.detail.as_deref().filter(|d| self.listed(d).is_none()) {
                return Err(format!("remedy {}: no detail `{detail}`", number + 1));
            }
        }
        Ok(self)
    }

    /// Its name for people, without a full stop.
    pub fn title(&self, language: Language) -> &str {
        &self.text(language).title
    }

    /// What has happened, as sentences.
    pub fn meaning(&self, language: Language) -> &str {
        &self.text(language).meaning
    }

    /// How to tell it from its neighbours, as sentences.
    pub fn how_to_tell(&self, language: Language) -> &str {
        &self.text(language).how_to_tell
    }

    /// Who can act, first first; empty where nobody knows.
    ///
    /// In a refusal of our own ([`Direction::Inbound`]) the people of the client are `remote-admin`.
    pub fn parties(&self, direction: Direction) -> &[Party] {
        match (direction, &self.parties_inbound) {
            (Direction::Inbound, Some(parties)) => parties,
            _ => &self.parties,
        }
    }

    /// What details it has beside [`Cause::details`].
    pub fn open_details(&self) -> Option<OpenDetails> {
        self.open_details
    }

    /// The slugs of the details that its file names.
    pub fn details(&self) -> impl Iterator<Item = &str> {
        self.details.iter().map(|detail| detail.slug.as_str())
    }

    /// The name of a detail that its file names. Slugs of blocklists and causes have their names there
    /// ([`super::Knowledge::detail_name`] knows those of causes); numbers are their own names.
    pub fn detail_name(&self, slug: &str, language: Language) -> Option<&str> {
        let detail = self.listed(slug)?;
        Some(match language {
            Language::En => &detail.en,
            Language::Ru => &detail.ru,
        })
    }

    /// What can be done, the best first: what is made for this detail before what helps with any, and then as
    /// the file has it.
    ///
    /// Without a direction those of all directions, without an MTA those for all. Remedies of details are only
    /// given for their detail. A remedy that names parameters of an MTA does not go before one that names
    /// none: which step helps most does not depend on that.
    pub fn remedies(
        &self,
        direction: Option<Direction>,
        mta: Option<Mta>,
        detail: Option<&str>,
    ) -> Vec<&Remedy> {
        let mut fit: Vec<_> =
            self.remedy.iter().filter(|remedy| remedy.applies(direction, mta, detail)).collect();
        fit.sort_by_key(|remedy| remedy.detail.is_none());
        fit
    }

    /// What to write to the other side, if there is anybody to write to.
    pub fn ask(&self, direction: Direction) -> Option<&Ask> {
        self.ask.iter().find(|ask| in_direction(&ask.direction, direction))
    }

    fn listed(&self, slug: &str) -> Option<&Detail> {
        self.details.iter().find(|detail| detail.slug == slug)
    }

    fn text(&self, language: Language) -> &CauseText {
        match language {
            Language::En => &self.en,
            Language::Ru => &self.ru,
        }
    }
}

/// A file of [`FILES`], and what it says once somebody asked.
#[derive(Debug)]
struct Slot {
    slug: &'static str,
    packed: &'static [u8],
    /// `None` inside: the file is wrong. The tests see to it that none is.
    value: OnceLock<Option<Cause>>,
}

impl Slot {
    fn cause(&self) -> Option<&Cause> {
        self.value.get_or_init(|| Cause::unpack(self.packed).ok()).as_ref()
    }
}

/// All causes, each parsed when it is first asked for.
#[derive(Debug)]
pub(super) struct Causes(Vec<Slot>);

impl Default for Causes {
    fn default() -> Self {
        let slot = |&(slug, packed)| Slot { slug, packed, value: OnceLock::new() };
        Self(FILES.iter().map(slot).collect())
    }
}

impl Causes {
    /// The cause with this slug.
    pub(super) fn get(&self, slug: &str) -> Option<&Cause> {
        self.0.iter().find(|slot| slot.slug == slug)?.cause()
    }

    /// All, in the order of [`FILES`].
    pub(super) fn iter(&self) -> impl Iterator<Item = &Cause> {
        self.0.iter().filter_map(Slot::cause)
    }

    /// Reads every cause.
    ///
    /// # Errors
    ///
    /// [`Error::Knowledge`] for the first that is wrong.
    pub(super) fn check() -> Result<(), Error> {
        FILES.iter().try_for_each(|&(slug, packed)| {
            let what = match Cause::unpack(packed) {
                Ok(cause) if cause.slug == slug => return Ok(()),
                Ok(cause) => format!("slug `{}`", cause.slug),
                Err(what) => what,
            };
            Err(Error::Knowledge { file: file_of(slug), what })
        })
    }
}

/// The slugs of all causes, in the order in which they are listed; nothing is parsed.
pub fn cause_slugs() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|&(slug, _)| slug)
}

/// What a verdict needs to know of a cause.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CauseFacts {
    parties: Vec<Party>,
    #[serde(default)]
    parties_inbound: Option<Vec<Party>>,
    #[serde(deserialize_with = "read_word")]
    pub(crate) hard: Hardness,
    pub(crate) retry: Retry,
}

impl CauseFacts {
    /// The facts of a cause; a verdict has no need of the prose.
    pub(crate) fn of(slug: &str) -> Option<Self> {
        let (_, packed) = FILES.iter().find(|(file, _)| *file == slug)?;
        unpack(packed).ok()
    }

    /// Who can act first; `None` where nobody knows.
    pub(crate) fn party(&self, direction: Direction) -> Option<Party> {
        let parties = match (direction, &self.parties_inbound) {
            (Direction::Inbound, Some(parties)) => parties,
            _ => &self.parties,
        };
        parties.first().copied()
    }
}

fn file_of(slug: &str) -> String {
    format!("causes/{slug}.toml")
}

fn in_direction(list: &[Direction], direction: Direction) -> bool {
    list.is_empty() || list.contains(&direction)
}

/// Which entry a mistake is in, from the text before it.
fn entry_at(before: &str) -> String {
    let table = before.lines().rev().find(|line| line.starts_with('[') && line.ends_with(']'));
    match table {
        Some(line @ ("[[remedy]]" | "[[ask]]")) => {
            let number = before.lines().filter(|other| *other == line).count();
            format!("{} {number}", line.trim_matches(['[', ']']))
        }
        Some(line) => format!("text {line}"),
        None => "head".to_owned(),
    }
}

/// A closed word that data files name by its slug.
pub(super) trait Word: Copy + 'static {
    /// All of them, with their slugs.
    fn known() -> impl Iterator<Item = (Self, &'static str)>;
}

macro_rules! word {
    ($($name:ty),+) => {$(
        impl Word for $name {
            fn known() -> impl Iterator<Item = (Self, &'static str)> {
                Self::ALL.iter().map(|word| (*word, word.slug()))
            }
        }
    )+};
}
word!(Direction, Mta, Hardness, Urgency, OpenDetails);

fn word_of<T: Word, E: serde::de::Error>(text: &str) -> Result<T, E> {
    T::known().find(|(_, slug)| *slug == text).map(|(word, _)| word).ok_or_else(|| {
        let known: Vec<_> = T::known().map(|(_, slug)| slug).collect();
        E::custom(format!("`{text}` is none of: {}", known.join(", ")))
    })
}

fn read_word<'de, D: Deserializer<'de>, T: Word>(deserializer: D) -> Result<T, D::Error> {
    word_of(&String::deserialize(deserializer)?)
}

pub(super) fn read_optional_word<'de, D: Deserializer<'de>, T: Word>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    read_word(deserializer).map(Some)
}

fn read_words<'de, D: Deserializer<'de>, T: Word>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Vec::<String>::deserialize(deserializer)?.iter().map(|text| word_of(text)).collect()
}

#[cfg(test)]
mod tests;
