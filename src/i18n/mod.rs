//! Languages: which one to speak, and how it counts.
//!
//! The choice is made once, by `--lang`, else by the locale; only texts for people depend on it, slugs never do.
//! Numbers and dates look the same in every language (ISO), so nothing here formats them.
//!
//! To add a language: a variant here, its plural rule in [`Language::plural`], and its texts: the compiler and
//! the tests of the data files list what is missing.

pub mod audit;
mod en;
mod incidents;
mod kept;
mod labels;
mod pages;
pub mod queue;
mod ru;
pub mod suppress;
mod text;

pub use incidents::IncidentLabels;
pub use kept::KeptLabels;
pub use labels::{Labels, say};
#[cfg(test)]
pub(crate) use pages::has_title;
pub use pages::{PageLabels, column_title};
pub use text::Text;
pub(crate) use text::texts;

use crate::words::words;

words! {
    /// A language that the program speaks.
    Language {
        /// English.
        En = "en",
        /// Russian.
        Ru = "ru",
    }
}

impl Default for Language {
    /// English.
    fn default() -> Self {
        Self::En
    }
}

/// The variables that name the locale of messages, strongest first (POSIX).
const LOCALE_VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

impl Language {
    /// Reads a language as people write it: `ru`, `RU`, `ru-RU`, `ru_RU.UTF-8`. `None` for one that we do not
    /// speak.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.split(['_', '-', '.', '@']).next()?;
        Self::ALL.iter().copied().find(|language| language.slug().eq_ignore_ascii_case(name))
    }

    /// The language of the locale; English where it is none of ours.
    ///
    /// `variable` looks up an environment variable. The first one that is set and not empty decides, also when
    /// it names a language that we do not speak (or none: `C`, `POSIX`): whoever sets `LC_ALL=C` wants English.
    pub fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Self {
        LOCALE_VARIABLES
            .into_iter()
            .filter_map(variable)
            .find(|value| !value.is_empty())
            .and_then(|value| Self::parse(&value))
            .unwrap_or(Self::En)
    }

    /// Which form of a word goes with `count`.
    pub const fn plural(self, count: u64) -> Plural {
        match self {
            Self::En if count == 1 => Plural::One,
            Self::En => Plural::Many,
            Self::Ru => match (count % 10, count % 100) {
                (_, 11..=14) => Plural::Many,
                (1, _) => Plural::One,
                (2..=4, _) => Plural::Few,
                _ => Plural::Many,
            },
        }
    }
}

/// The forms that a counted word takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Plural {
    /// 1 message, 1 письмо, 21 письмо.
    One,
    /// 2 письма, 23 письма; no English word has it.
    Few,
    /// 0 messages, 5 писем, 11 писем.
    Many,
}

/// A word in the forms that it takes when counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counted {
    /// With [`Plural::One`].
    pub one: &'static str,
    /// With [`Plural::Few`].
    pub few: &'static str,
    /// With [`Plural::Many`].
    pub many: &'static str,
}

impl Counted {
    /// A word of two forms, as English has them.
    pub const fn two(one: &'static str, many: &'static str) -> Self {
        Self { one, few: many, many }
    }

    /// A word of three forms, as Russian has them.
    pub const fn three(one: &'static str, few: &'static str, many: &'static str) -> Self {
        Self { one, few, many }
    }

    /// The form that goes with `count`, without the number.
    pub const fn of(&self, language: Language, count: u64) -> &'static str {
        match language.plural(count) {
            Plural::One => self.one,
            Plural::Few => self.few,
            Plural::Many => self.many,
        }
    }
}

/// `3 h 12 min`, as people say it.
pub fn duration(seconds: i64, language: Language) -> String {
    let labels = language.labels();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => say(labels.seconds, &[&seconds]),
        (0, 0, m) => say(labels.minutes, &[&m]),
        (0, h, m) => say(labels.hours_minutes, &[&h, &m]),
        (d, h, _) => say(labels.days_hours, &[&d, &h]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_read_as_people_write_them() {
        for (text, want) in [
            ("en", Some(Language::En)),
            ("ru", Some(Language::Ru)),
            ("RU", Some(Language::Ru)),
            ("ru_RU.UTF-8", Some(Language::Ru)),
            ("ru-RU", Some(Language::Ru)),
            ("ru@latin", Some(Language::Ru)),
            ("en_GB", Some(Language::En)),
            ("de", None),
            ("russian", None),
            ("C.UTF-8", None),
            ("POSIX", None),
            ("", None),
        ] {
            assert_eq!(Language::parse(text), want, "{text:?}");
        }
    }

    #[test]
    fn the_strongest_variable_that_is_set_decides() {
        for (set, want) in [
            (&[][..], Language::En),
            (&[("LANG", "ru_RU.UTF-8")], Language::Ru),
            (&[("LANG", "ru_RU.UTF-8"), ("LC_MESSAGES", "en_US.UTF-8")], Language::En),
            (&[("LANG", "en_US.UTF-8"), ("LC_MESSAGES", "ru_RU")], Language::Ru),
            (&[("LANG", "ru_RU"), ("LC_MESSAGES", "ru_RU"), ("LC_ALL", "C")], Language::En),
            (&[("LANG", "ru_RU"), ("LC_ALL", "")], Language::Ru),
            (&[("LANG", "ru_RU"), ("LC_ALL", "de_DE.UTF-8")], Language::En),
            (&[("LANGUAGE", "ru"), ("LANG", "en_US")], Language::En),
        ] {
            let lookup = |name: &str| {
                set.iter().find(|(key, _)| *key == name).map(|&(_, value)| value.to_owned())
            };
            assert_eq!(Language::of_locale(lookup), want, "{set:?}");
        }
    }

    #[test]
    fn counted_words_take_the_right_form() {
        let message = Counted::two("message", "messages");
        for (count, want) in [(0, "messages"), (1, "message"), (2, "messages"), (21, "messages")] {
            assert_eq!(message.of(Language::En, count), want, "{count}");
        }
        let letter = Counted::three("письмо", "письма", "писем");
        for (counts, want) in [
            (&[1, 21, 31, 101, 121, 1001, 10_001][..], "письмо"),
            (&[2, 3, 4, 22, 24, 33, 102, 104, 122, 1002], "письма"),
            (
                &[0, 5, 9, 10, 11, 12, 13, 14, 15, 19, 20, 25, 100, 111, 112, 114, 211, 1011],
                "писем",
            ),
            (&[u64::MAX], "писем"),
        ] {
            for &count in counts {
                assert_eq!(letter.of(Language::Ru, count), want, "{count}");
            }
        }
    }
}
