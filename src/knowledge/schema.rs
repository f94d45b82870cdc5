//! What the data files may say. The meaning of each field stands at the top of the file that has it.
//!
//! Unknown fields are mistakes. A text is a struct per kind of entry; a further language is a further field
//! beside `en`, and `in_language` is the one place that chooses between them.

use super::cause::{Urgency, read_optional_word};
use super::terms::{
    CodeRange, Kind, Party, Permanence, Registry, Retry, Role, SaidAt, Speaker, Standing, Suppress,
};
use crate::i18n::Language;
use crate::smtp::{EnhancedCode, ReplyCode};
use serde::{Deserialize, Deserializer};

/// Reads codes from their text.
macro_rules! read_parsed {
    ($function:ident, $type:ty, $raw:ty, $parse:expr) => {
        fn $function<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
            let raw = <$raw>::deserialize(deserializer)?;
            let parse: fn(&$raw) -> Option<$type> = $parse;
            parse(&raw)
                .ok_or_else(|| serde::de::Error::custom(format!("`{raw:?}` is no such code")))
        }
    };
}
read_parsed!(read_reply_code, ReplyCode, u16, |&number| ReplyCode::new(number));
read_parsed!(read_enhanced_code, EnhancedCode, String, |text| text.parse().ok());
read_parsed!(read_optional_code, Option<EnhancedCode>, String, |text| text.parse().ok().map(Some));
read_parsed!(read_kind, Kind, String, |text| Kind::parse(text));

fn the_server() -> Vec<Speaker> {
    vec![Speaker::Server]
}

fn read_urgency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Urgency>, D::Error> {
    read_optional_word(deserializer)
}

/// Chooses between the texts of an entry.
macro_rules! in_language {
    ($($entry:ident: $text:ident),+ $(,)?) => {$(
        impl $entry {
            /// The texts in a language.
            pub fn text(&self, language: Language) -> &$text {
                match language {
                    Language::En => &self.en,
                    Language::Ru => &self.ru,
                }
            }
        }
    )+};
}
in_language!(
    ReplyEntry: ReplyText,
    EnhancedEntry: EnhancedText,
    PairEntry: PairText,
    ProviderEntry: ProviderText,
    ClassEntry: ClassText,
    SubjectEntry: SubjectText,
);

/// A reply code (`codes.toml`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyEntry {
    /// The number.
    #[serde(deserialize_with = "read_reply_code")]
    pub code: ReplyCode,
    /// How far to trust it.
    pub standing: Standing,
    /// The documents that define it; empty for most numbers that are not standard.
    pub defined_in: Vec<String>,
    /// Where it is said; empty when nobody says it over SMTP.
    pub stages: Vec<SaidAt>,
    /// Who says it.
    #[serde(default = "the_server")]
    pub speakers: Vec<Speaker>,
    /// How soon somebody has to look; `None`: as the cause has it.
    #[serde(default, deserialize_with = "read_urgency")]
    pub urgency: Option<Urgency>,
    /// Who can act when another server said it; empty where it depends.
    pub parties: Vec<Party>,
    /// Whether sending again helps.
    pub retry: Retry,
    /// Whether the address may be taken off a list.
    pub suppress: Suppress,
    /// The number alone tells next to nothing.
    #[serde(default)]
    pub vague: bool,
    /// The enhanced status code that is meant.
    #[serde(default, deserialize_with = "read_optional_code")]
    pub stands_for: Option<EnhancedCode>,
    /// Codes that get confused with it.
    pub alike: Vec<String>,
    /// Commands to run, with placeholders.
    #[serde(default)]
    pub checks: Vec<String>,
    /// English texts.
    pub en: ReplyText,
    /// Russian texts.
    pub ru: ReplyText,
}

impl ReplyEntry {
    /// Whether the number says something of its own, so that a vague enhanced status code must not hide it.
    pub fn is_specific(&self) -> bool {
        !self.vague && self.standing != Standing::Folklore
    }
}

/// Texts of a reply code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyText {
    /// Short name.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// When it is seen.
    pub seen: String,
    /// What to do first.
    pub remedy: String,
    /// Whose problem it is, in words.
    pub whose: String,
    /// Where a number comes from that no document defines well.
    pub source: Option<String>,
}

/// An enhanced status code of the registry (`enhanced.toml`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnhancedEntry {
    /// The code without its class.
    #[serde(deserialize_with = "read_kind")]
    pub code: Kind,
    /// How far to trust it.
    pub standing: Standing,
    /// The documents that define it.
    pub defined_in: Vec<String>,
    /// The classes that the registry permits.
    pub classes: Vec<u8>,
    /// The classes that servers send.
    pub seen_classes: Vec<u8>,
    /// Reply codes that it goes with: three digits, `4xx`, `5xx` or `any`; empty where not given.
    pub basic_codes: Vec<String>,
    /// Where failures of this kind are said; empty where nobody says them over SMTP.
    pub stages: Vec<SaidAt>,
    /// Who says it.
    #[serde(default = "the_server")]
    pub speakers: Vec<Speaker>,
    /// How soon somebody has to look; `None`: as the cause has it.
    #[serde(default, deserialize_with = "read_urgency")]
    pub urgency: Option<Urgency>,
    /// Who can act when another server said it; empty where it depends.
    pub parties: Vec<Party>,
    /// Whether sending again helps, for class 5.
    pub retry: Retry,
    /// The same for class 4, where it is not simply [`Retry::Wait`].
    #[serde(default)]
    pub retry_transient: Option<Retry>,
    /// Whether the address may be taken off a list, for class 5.
    pub suppress: Suppress,
    /// It names a subject but no reason.
    #[serde(default)]
    pub vague: bool,
    /// The registry tells not to use it.
    #[serde(default)]
    pub deprecated: bool,
    /// Codes that get confused with it.
    pub alike: Vec<String>,
    /// Commands to run, with placeholders.
    #[serde(default)]
    pub checks: Vec<String>,
    /// English texts.
    pub en: EnhancedText,
    /// Russian texts.
    pub ru: EnhancedText,
}

impl EnhancedEntry {
    /// Whether the registry permits the class.
    pub fn permits(&self, class: u8) -> bool {
        self.classes.contains(&class)
    }
}

/// Texts of an enhanced status code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnhancedText {
    /// Short name.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// What it means with class 2.
    pub meaning_success: Option<String>,
    /// What to do first, for class 5 (and class 4 without a text of its own).
    pub remedy: String,
    /// What to do first, for class 4.
    pub remedy_transient: Option<String>,
    /// Whose problem it is, in words.
    pub whose: String,
    /// Where a code comes from that no document defines well.
    pub source: Option<String>,
}

/// A reply code and an enhanced status code together (`pairs.toml`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairEntry {
    /// The reply code.
    #[serde(deserialize_with = "read_reply_code")]
    pub code: ReplyCode,
    /// The enhanced status code.
    #[serde(deserialize_with = "read_enhanced_code")]
    pub enhanced: EnhancedCode,
    /// Who can act; empty where it depends.
    pub parties: Vec<Party>,
    /// Whether sending again helps.
    pub retry: Retry,
    /// Whether the address may be taken off a list.
    pub suppress: Suppress,
    /// Codes that get confused with it.
    pub alike: Vec<String>,
    /// Commands to run, with placeholders.
    #[serde(default)]
    pub checks: Vec<String>,
    /// English texts.
    pub en: PairText,
    /// Russian texts.
    pub ru: PairText,
}

/// Texts of a pair.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairText {
    /// Short name.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// When it is seen, where the reply code's own text does not fit.
    pub seen: Option<String>,
    /// What to do first.
    pub remedy: String,
    /// Whose problem it is, in words.
    pub whose: String,
}

/// Who a provider is: the head of a file in `providers/`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderHead {
    /// Stable word for JSON and options.
    pub slug: String,
    /// Name as people say it.
    pub name: String,
    /// What it does with the mail.
    pub role: Role,
    /// What the names of its mail exchangers end in.
    pub hosts: Vec<String>,
    /// Words that only its replies have; a `9` stands for any digit.
    #[serde(default)]
    pub signatures: Vec<String>,
    /// Mailbox domains that are certainly its own; not all of them.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Its page for those who send to it.
    pub postmaster: Option<String>,
    /// Its page for getting off its own list.
    pub delisting: Option<String>,
    /// What is good to know about its replies.
    pub en: Option<Note>,
    /// The same in Russian.
    pub ru: Option<Note>,
}

/// A remark in one language.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// One to four sentences.
    pub note: String,
}

/// A provider's own use of an enhanced status code (`providers/*.toml`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderEntry {
    /// The codes.
    pub codes: Vec<CodeRange>,
    /// The reply codes that come with them, three digits each.
    pub basic_codes: Vec<String>,
    /// How it stands to the registry.
    pub registry: Registry,
    /// Who can act; empty where it depends.
    pub parties: Vec<Party>,
    /// Whether sending again helps.
    pub retry: Retry,
    /// Whether the address may be taken off a list.
    pub suppress: Suppress,
    /// Commands to run, with placeholders.
    #[serde(default)]
    pub checks: Vec<String>,
    /// English texts.
    pub en: ProviderText,
    /// Russian texts.
    pub ru: ProviderText,
}

/// Texts of a provider's code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderText {
    /// Short name.
    pub name: String,
    /// What it means there.
    pub meaning: String,
    /// What to do first.
    pub remedy: String,
}

/// What a first digit says (`classes.toml`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassEntry {
    /// The digit, 1 to 6; 6 stands for all above.
    pub digit: u8,
    /// What it means for the queue.
    pub permanence: Permanence,
    /// Who can act; empty where it depends.
    pub parties: Vec<Party>,
    /// Whether sending again helps.
    pub retry: Retry,
    /// English texts.
    pub en: ClassText,
    /// Russian texts.
    pub ru: ClassText,
}

/// Texts of a class.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassText {
    /// Short name.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// What to do first.
    pub remedy: String,
}

/// What the second number of an enhanced status code is about (`classes.toml`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectEntry {
    /// The number.
    pub subject: u16,
    /// English texts.
    pub en: SubjectText,
    /// Russian texts.
    pub ru: SubjectText,
}

/// Texts of a subject.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectText {
    /// Short name.
    pub name: String,
    /// What it is about, as a sentence.
    pub meaning: String,
}
