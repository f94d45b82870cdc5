//! Which entry says most about a reply: its name, meaning and remedy.
//!
//! The most specific knowledge wins, and [`Meaning::level`] says which it was:
//!
//! 1. the provider's own use of the enhanced status code, if the provider is known (at Google 4.7.23 means a
//!    missing reverse name, whatever the registry says);
//! 2. the pair of reply code and enhanced status code (`pairs.toml`);
//! 3. for a success, the reply code: that `250 2.6.0` carries subject 6 says nothing about the content; but
//!    for enhanced status codes that only exist as a success (2.1.5);
//! 4. a specific enhanced status code (5.1.1 tells more than 550);
//! 5. a specific reply code: 521, 535 or 552 must not be hidden by a *vague* enhanced status code such as X.0.0
//!    or X.7.1, which names a subject but no reason;
//! 6. a vague enhanced status code that at least names a subject (550 5.7.1: policy), then the subject alone of
//!    a code that the registry does not have (550 5.7.999: something about policy);
//! 7. a vague reply code, or one from web lists: 550, 554, 451 say next to nothing;
//! 8. X.0.0, whose name says that nothing is known;
//! 9. the class.
//!
//! What a code means for the queue comes from the first digit of the reply code, also when the enhanced status
//! code contradicts it: that is how mail servers act.

use super::cause::Urgency;
use super::schema::{ClassEntry, EnhancedEntry, PairEntry, ProviderEntry, ReplyEntry};
use super::terms::{Party, Permanence, Retry, SaidAt, Speaker, Standing, Suppress};
use super::{Knowledge, Provider};
use crate::i18n::Language;
use crate::smtp::{EnhancedCode, ReplyCode};
use crate::words::words;
use std::borrow::Cow;

words! {
    /// What decided a meaning, most specific first.
    Level {
        /// A provider's own use of the code.
        Provider = "provider",
        /// Reply code and enhanced status code together.
        Pair = "pair",
        /// The enhanced status code.
        Enhanced = "enhanced",
        /// The reply code.
        Reply = "reply",
        /// Only the subject of an enhanced status code that is not known.
        Subject = "subject",
        /// Only the first digit.
        Class = "class",
    }
}

/// What is known about a reply. Texts may hold placeholders: see [`super::Facts`].
#[derive(Clone, Debug)]
pub struct Meaning<'k> {
    /// What decided.
    pub level: Level,
    /// The provider, if it decided.
    pub provider: Option<&'k Provider>,
    /// Short name.
    pub name: &'k str,
    /// What it means, as sentences.
    pub meaning: Cow<'k, str>,
    /// When it is seen, where known.
    pub seen: Option<&'k str>,
    /// Where in a session it is said; empty where nobody says it over SMTP, or nothing is known.
    pub stages: &'k [SaidAt],
    /// Who says it; empty where nothing is known.
    pub speakers: &'k [Speaker],
    /// How soon somebody has to look, where the code itself tells.
    pub urgency: Option<Urgency>,
    /// What to do first.
    pub remedy: &'k str,
    /// Whose problem it is, in words.
    pub whose: Option<&'k str>,
    /// Commands to run.
    pub checks: &'k [String],
    /// What it means for the queue: by the reply code, else by the enhanced status code.
    pub permanence: Permanence,
    /// Whether sending again helps.
    pub retry: Retry,
    /// Whether the address may be taken off a list.
    pub suppress: Suppress,
    /// Who can act when another server said it; empty where it depends.
    pub parties: &'k [Party],
    /// How far to trust it; `None` where only subject or class are known.
    pub standing: Option<Standing>,
    /// Codes that get confused with it.
    pub alike: &'k [String],
    /// Reply code and enhanced status code are of different classes.
    pub contradiction: bool,
}

impl Meaning<'_> {
    /// Whether more than class and subject is known.
    pub fn is_known(&self) -> bool {
        !matches!(self.level, Level::Subject | Level::Class)
    }
}

impl Knowledge {
    /// The most useful meaning of a reply; `None` without any code.
    ///
    /// `provider` is who said it, if known ([`Knowledge::provider_of_host`]). Give `None` for replies of our own
    /// server and for `dsn=` codes that Postfix made up itself.
    pub fn meaning<'k>(
        &'k self,
        code: Option<ReplyCode>,
        enhanced: Option<EnhancedCode>,
        provider: Option<&'k Provider>,
    ) -> Option<Meaning<'k>> {
        let class = code.map(ReplyCode::class).or(enhanced.map(EnhancedCode::class))?;
        let by =
            Chooser { knowledge: self, class: self.class(class)?, digit: class, code, enhanced };
        by.provider(provider)
            .or_else(|| by.pair())
            .or_else(|| by.success())
            .or_else(|| by.enhanced(|entry| !entry.vague))
            .or_else(|| by.reply(ReplyEntry::is_specific))
            .or_else(|| by.enhanced(|entry| entry.code.subject != 0))
            .or_else(|| by.subject())
            .or_else(|| by.reply(|_| true))
            .or_else(|| by.enhanced(|_| true))
            .or_else(|| Some(by.class()))
    }

    /// [`Knowledge::meaning`] of a reply code and an enhanced status code, from an unknown speaker.
    pub fn pair(&self, code: ReplyCode, enhanced: Option<EnhancedCode>) -> Option<Meaning<'_>> {
        self.meaning(Some(code), enhanced, None)
    }
}

/// The codes asked for, and the rungs of the ladder.
struct Chooser<'k> {
    knowledge: &'k Knowledge,
    class: &'k ClassEntry,
    digit: u8,
    code: Option<ReplyCode>,
    enhanced: Option<EnhancedCode>,
}

impl<'k> Chooser<'k> {
    fn language(&self) -> Language {
        self.knowledge.language()
    }

    fn provider(&self, provider: Option<&'k Provider>) -> Option<Meaning<'k>> {
        let provider = provider?;
        let entry: &ProviderEntry = provider.entry(self.enhanced?)?;
        let text = entry.text(self.language());
        Some(Meaning {
            level: Level::Provider,
            provider: Some(provider),
            name: &text.name,
            meaning: Cow::Borrowed(&text.meaning),
            remedy: &text.remedy,
            checks: &entry.checks,
            retry: entry.retry,
            suppress: entry.suppress,
            parties: &entry.parties,
            standing: Some(Standing::Vendor),
            ..self.class()
        })
    }

    fn pair(&self) -> Option<Meaning<'k>> {
        let entry: &PairEntry = self.knowledge.pair_entry(self.code?, self.enhanced?)?;
        let text = entry.text(self.language());
        let reply = self.knowledge.reply(entry.code);
        Some(Meaning {
            level: Level::Pair,
            name: &text.name,
            meaning: Cow::Borrowed(&text.meaning),
            seen: text
                .seen
                .as_deref()
                .or(reply.map(|reply| reply.text(self.language()).seen.as_str())),
            remedy: &text.remedy,
            stages: reply.map(|reply| reply.stages.as_slice()).unwrap_or_default(),
            speakers: reply.map(|reply| reply.speakers.as_slice()).unwrap_or_default(),
            urgency: self.knowledge.enhanced(entry.enhanced).and_then(|entry| entry.urgency),
            whose: Some(&text.whose),
            checks: &entry.checks,
            retry: entry.retry,
            suppress: entry.suppress,
            parties: &entry.parties,
            standing: reply.map(|reply| reply.standing),
            alike: &entry.alike,
            ..self.class()
        })
    }

    fn success(&self) -> Option<Meaning<'k>> {
        if !matches!(self.digit, 2 | 3) {
            return None;
        }
        self.enhanced(|entry| entry.classes == [2]).or_else(|| self.reply(|_| true))
    }

    fn enhanced(&self, fits: impl Fn(&EnhancedEntry) -> bool) -> Option<Meaning<'k>> {
        let entry = self.knowledge.enhanced(self.enhanced?).filter(|entry| fits(entry))?;
        let text = entry.text(self.language());
        let base = Meaning {
            level: Level::Enhanced,
            name: &text.name,
            meaning: Cow::Borrowed(&text.meaning),
            stages: &entry.stages,
            speakers: &entry.speakers,
            urgency: entry.urgency,
            standing: Some(entry.standing),
            alike: &entry.alike,
            ..self.class()
        };
        Some(match self.digit {
            // Nothing failed: the remedy is that of the class.
            2 | 3 => Meaning {
                meaning: Cow::Borrowed(match &text.meaning_success {
                    Some(success) => success,
                    None if entry.classes == [2] => &text.meaning,
                    None => &self.class.text(self.language()).meaning,
                }),
                ..base
            },
            4 => Meaning {
                remedy: text.remedy_transient.as_ref().unwrap_or(&text.remedy),
                whose: Some(&text.whose),
                checks: &entry.checks,
                retry: entry.retry_transient.unwrap_or(Retry::Wait),
                suppress: match entry.suppress {
                    Suppress::AtOnce => Suppress::AfterRepeated,
                    other => other,
                },
                parties: &entry.parties,
                ..base
            },
            _ => Meaning {
                remedy: &text.remedy,
                whose: Some(&text.whose),
                checks: &entry.checks,
                retry: entry.retry,
                suppress: entry.suppress,
                parties: &entry.parties,
                ..base
            },
        })
    }

    fn reply(&self, fits: impl Fn(&ReplyEntry) -> bool) -> Option<Meaning<'k>> {
        let entry = self.knowledge.reply(self.code?).filter(|entry| fits(entry))?;
        let text = entry.text(self.language());
        Some(Meaning {
            level: Level::Reply,
            name: &text.name,
            meaning: Cow::Borrowed(&text.meaning),
            seen: Some(&text.seen),
            stages: &entry.stages,
            speakers: &entry.speakers,
            urgency: entry.urgency,
            remedy: &text.remedy,
            whose: Some(&text.whose),
            checks: &entry.checks,
            retry: entry.retry,
            suppress: self.suppress_by_reply(entry),
            parties: &entry.parties,
            standing: Some(entry.standing),
            alike: &entry.alike,
            ..self.class()
        })
    }

    /// 521 says that the host takes no mail; with an enhanced status code about protocol, content or policy it
    /// is this client that it does not want, and the address may be fine.
    fn suppress_by_reply(&self, entry: &ReplyEntry) -> Suppress {
        match self.enhanced {
            Some(code) if code.subject() >= 5 && entry.suppress == Suppress::AtOnce => {
                Suppress::ReadText
            }
            _ => entry.suppress,
        }
    }

    /// The subject of an enhanced status code that the registry does not have.
    fn subject(&self) -> Option<Meaning<'k>> {
        let code = self.enhanced.filter(|code| code.subject() != 0)?;
        let entry = self.knowledge.subject(code.subject())?;
        let (class, subject) =
            (&self.class.text(self.language()).meaning, &entry.text(self.language()).meaning);
        Some(Meaning {
            level: Level::Subject,
            name: &entry.text(self.language()).name,
            meaning: Cow::Owned(format!("{class} {subject}")),
            ..self.class()
        })
    }

    fn class(&self) -> Meaning<'k> {
        let text = self.class.text(self.language());
        Meaning {
            level: Level::Class,
            provider: None,
            name: &text.name,
            meaning: Cow::Borrowed(&text.meaning),
            seen: None,
            stages: &[],
            speakers: &[],
            urgency: None,
            remedy: &text.remedy,
            whose: None,
            checks: &[],
            permanence: self.class.permanence,
            retry: self.class.retry,
            suppress: Suppress::Never,
            parties: &self.class.parties,
            standing: None,
            alike: &[],
            contradiction: matches!((self.code, self.enhanced),
                (Some(code), Some(enhanced)) if !enhanced.agrees_with(code)),
        }
    }
}
