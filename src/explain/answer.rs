//! From codes to an [`Answer`]: the meaning, the cause, where it comes from, and what is odd about the codes.
//!
//! Code and cause make one answer. Where words decided, the cause speaks (its meaning, whose move, retry), and
//! of the codes only their names remain; where only codes speak, the code does, and the cause adds its remedies.

use super::cause::CausePart;
use super::phrases;
use super::topic::{ProviderPart, provider_pages};
use super::understand::{Basis, Codes, Understood};
use crate::i18n::Language;
use crate::knowledge::fill::missing;
use crate::knowledge::{
    EnhancedEntry, Facts, Kind, Knowledge, Level, Meaning, Party, Permanence, Provider, Registry,
    ReplyEntry, Retry, SaidAt, Speaker, Standing, Suppress, Urgency, fill,
};
use crate::smtp::{EnhancedCode, ReplyCode};
use crate::words::words;
use serde::Serialize;

/// The explanation of one code, or of a reply code and an enhanced status code together.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// The reply code.
    pub code: Option<u16>,
    /// The enhanced status code.
    pub enhanced: Option<String>,
    /// What the first digit says.
    pub class: ClassFact,
    /// What decided the meaning.
    pub level: Level,
    /// More than class and subject is known of at least one of the codes.
    pub known: bool,
    /// The slug of the provider whose use of the code this is.
    pub provider: Option<String>,
    /// Short name.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// When it is seen.
    pub seen: Option<String>,
    /// Where in a session it is said.
    pub stages: Vec<SaidAt>,
    /// Who says it.
    pub speakers: Vec<Speaker>,
    /// What to do first, filled in.
    pub remedy: String,
    /// Commands to run, filled in.
    pub checks: Vec<String>,
    /// The words in `remedy` and `checks` that are to be replaced by hand.
    pub unfilled: Vec<Unfilled>,
    /// Whether sending the same again helps.
    pub retry: Retry,
    /// Whether the address may be taken off a mailing list because of it.
    pub suppress: Suppress,
    /// How soon somebody has to look, where anything tells.
    pub urgency: Option<Urgency>,
    /// Who can act, first first; empty where it depends. Where the direction is not known: when another server
    /// said it.
    pub parties: Vec<Party>,
    /// Whose problem it is, in words.
    pub whose: Option<String>,
    /// Why it failed: the cause. For codes alone what they mostly mean; `None` for a success, and where codes alone
    /// do not tell.
    pub cause: Option<Box<CausePart>>,
    /// What the codes are mostly said for, most often first; empty where words decided, and where they mean one
    /// thing only.
    pub ranked: Vec<RankedCause>,
    /// Who answered, if that is known: its pages.
    pub at: Option<ProviderPart>,
    /// How far to trust it.
    pub standing: Option<Standing>,
    /// What is odd, or must be known.
    pub notes: Vec<Note>,
    /// The entries of the codes.
    pub parts: Vec<Part>,
    /// What the enhanced status code means at providers that use it in their own way.
    pub elsewhere: Vec<ProviderMeaning>,
    /// Codes that get confused with it.
    pub alike: Vec<Alike>,
}

/// One of the causes that a code is mostly said for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RankedCause {
    /// Its stable word.
    pub cause: String,
    /// Its name.
    pub title: String,
    /// What betrays it; no sentence of its own.
    pub tell: String,
}

/// What a first digit says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClassFact {
    /// The digit.
    pub digit: u8,
    /// Its name.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// What it means for the queue.
    pub permanence: Permanence,
}

/// A word in capital letters that stands where nothing is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unfilled {
    /// The word.
    pub word: &'static str,
    /// What it is to be replaced by.
    pub stands_for: &'static str,
}

words! {
    /// What a [`Note`] is about.
    NoteKind {
        /// The number is not known.
        UnknownReply = "unknown-reply-code",
        /// The enhanced status code is not in the registry.
        UnknownEnhanced = "unknown-enhanced-code",
        /// The enhanced status code is not in the registry, but a provider uses it.
        ProvidersOwn = "providers-own-code",
        /// The classes of reply code and enhanced status code differ.
        Contradiction = "class-contradiction",
        /// The registry does not permit the class.
        ClassNotPermitted = "class-not-permitted",
        /// The enhanced status code was given without a class.
        AnyClass = "any-class",
        /// No SMTP reply begins with this digit.
        NotSmtp = "not-smtp",
        /// The code is another one without its dots.
        StandsFor = "stands-for",
        /// The registry tells not to use it.
        Deprecated = "deprecated",
        /// The lines of the reply have different codes.
        MixedCodes = "mixed-codes",
        /// The log states no code; phrase and stage imply it.
        Implied = "implied",
        /// Nobody said it: Postfix made it up.
        OwnVerdict = "own-verdict",
    }
}

/// Something odd, or something that must be known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// As a sentence.
    pub text: String,
}

/// The entry of one of the codes.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// The code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its meaning.
    pub meaning: String,
    /// How far to trust it.
    pub standing: Standing,
    /// The documents that define it.
    pub defined_in: Vec<String>,
    /// Where a code comes from that no document defines well.
    pub source: Option<String>,
    /// The classes that the registry permits; empty for reply codes.
    pub classes: Vec<u8>,
    /// The reply codes that go with an enhanced status code.
    pub basic_codes: Vec<String>,
}

/// What an enhanced status code means at a provider.
#[derive(Clone, Debug, Serialize)]
pub struct ProviderMeaning {
    /// Slug of the provider.
    pub provider: String,
    /// Its name.
    pub provider_name: String,
    /// The codes or ranges of the entry.
    pub codes: Vec<String>,
    /// The reply codes that come with it.
    pub basic_codes: Vec<String>,
    /// How it stands to the registry.
    pub registry: Registry,
    /// Short name.
    pub name: String,
    /// What it means there.
    pub meaning: String,
    /// What to do first, filled in.
    pub remedy: String,
}

/// A code that gets confused with this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alike {
    /// The code, or both codes.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// Explains codes; `None` without any.
pub(super) fn answer(
    codes: &Codes,
    understood: &Understood<'_, '_>,
    cause: Option<CausePart>,
    knowledge: &Knowledge,
) -> Option<Answer> {
    let language = knowledge.language();
    let Codes { code, enhanced, .. } = *codes;
    let provider = understood.provider.or_else(|| only_user(enhanced, understood, knowledge));
    let meaning = knowledge.meaning(code, enhanced, provider)?;
    let reply_entry = code.and_then(|code| knowledge.reply(code));
    let enhanced_entry = enhanced.and_then(|code| knowledge.enhanced(code));
    let digit = code.map(ReplyCode::class).or(enhanced.map(EnhancedCode::class))?;
    let class = knowledge.class(digit)?;
    let facts = &understood.facts;
    let by_words = cause.as_ref().filter(|cause| cause.by_words());
    let at_a_provider = meaning.level == Level::Provider;
    let elsewhere = elsewhere(enhanced, &meaning, facts, knowledge);
    Some(Answer {
        code: code.map(ReplyCode::value),
        enhanced: enhanced.map(|code| named(code, codes.any_class)),
        class: ClassFact {
            digit,
            name: class.text(knowledge.language()).name.clone(),
            meaning: class.text(knowledge.language()).meaning.clone(),
            permanence: class.permanence,
        },
        level: meaning.level,
        known: meaning.is_known() || reply_entry.is_some() || !elsewhere.is_empty(),
        provider: meaning.provider.map(|provider| provider.slug().to_owned()),
        name: meaning.name.to_owned(),
        meaning: meaning.meaning.clone().into_owned(),
        seen: meaning.seen.map(str::to_owned),
        stages: meaning.stages.to_vec(),
        speakers: meaning.speakers.to_vec(),
        remedy: fill(meaning.remedy, facts),
        checks: meaning.checks.iter().map(|check| fill(check, facts)).collect(),
        unfilled: unfilled(&meaning, cause.as_ref(), facts, language),
        retry: by_words.map_or(meaning.retry, |cause| cause.retry),
        suppress: by_words.map_or(meaning.suppress, |cause| suppress(cause, &meaning)),
        urgency: match (by_words, meaning.urgency) {
            (Some(cause), _) => Some(cause.urgency),
            (None, None) => cause.as_ref().map(|cause| cause.urgency),
            (None, own) => own,
        },
        parties: match &cause {
            Some(cause) if cause.by_words() || cause.direction.is_some() => cause.parties.clone(),
            _ => meaning.parties.to_vec(),
        },
        whose: meaning.whose.filter(|_| by_words.is_none()).map(str::to_owned),
        ranked: if by_words.is_some() || at_a_provider || digit < 4 {
            Vec::new()
        } else {
            ranked((code, enhanced), knowledge)
        },
        cause: cause.map(Box::new),
        at: provider.map(|provider| provider_pages(provider, language)),
        standing: meaning.standing,
        notes: notes(
            codes,
            (reply_entry, enhanced_entry),
            !elsewhere.is_empty() || at_a_provider,
            language,
        ),
        parts: parts(codes, reply_entry, enhanced_entry, language),
        elsewhere,
        alike: meaning.alike.iter().filter_map(|code| alike(code, knowledge)).collect(),
    })
}

fn ranked(
    (code, enhanced): (Option<ReplyCode>, Option<EnhancedCode>),
    knowledge: &Knowledge,
) -> Vec<RankedCause> {
    let language = knowledge.language();
    let of = |(slug, tell): (&str, &str)| {
        let title = knowledge.cause(slug)?.title(language).to_owned();
        Some(RankedCause { cause: slug.to_owned(), title, tell: tell.to_owned() })
    };
    let entry = knowledge.ranked(code, enhanced);
    entry.map(|entry| entry.told(language).filter_map(of).collect()).unwrap_or_default()
}

/// The one provider that uses a code which the registry does not have, where the input does not tell who spoke:
/// a pasted `5.7.606` can only be Microsoft's. Where it does, another server's 5.7.606 stays unknown.
fn only_user<'k>(
    enhanced: Option<EnhancedCode>,
    understood: &Understood<'_, '_>,
    knowledge: &'k Knowledge,
) -> Option<&'k Provider> {
    let code = enhanced.filter(|&code| knowledge.enhanced(code).is_none())?;
    if understood.event.is_some() {
        return None;
    }
    let mut users = knowledge.vendors_of(code).map(|(provider, _)| provider);
    users.next().filter(|_| users.next().is_none())
}

/// The code, or `X.7.1` where the class was not given.
fn named(code: EnhancedCode, any_class: bool) -> String {
    if any_class { Kind::from(code).to_string() } else { code.to_string() }
}

/// Whether to take the address off lists, where the cause is known: a cause that says nothing about the address
/// outweighs a code that does.
fn suppress(cause: &CausePart, meaning: &Meaning<'_>) -> Suppress {
    match (cause.suppress, meaning.suppress) {
        (true, _) if cause.hard == Some(true) => Suppress::AtOnce,
        (true, _) | (false, Suppress::AfterRepeated) => Suppress::AfterRepeated,
        (false, _) => Suppress::Never,
    }
}

fn unfilled(
    meaning: &Meaning<'_>,
    cause: Option<&CausePart>,
    facts: &Facts<'_>,
    language: Language,
) -> Vec<Unfilled> {
    let template = format!("{} {}", meaning.remedy, meaning.checks.join(" "));
    let mut words: Vec<&'static str> = Vec::new();
    if cause.is_none_or(|cause| !cause.by_words()) {
        words.extend(missing(&template, facts).into_iter().map(|p| p.word));
    }
    for &word in cause.map(|cause| cause.unfilled.as_slice()).unwrap_or_default() {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    unfilled_words(&words, language)
}

/// Words in capital letters with what they stand for.
pub(super) fn unfilled_words(words: &[&'static str], language: Language) -> Vec<Unfilled> {
    let stand = |&word: &&'static str| {
        Some(Unfilled { word, stands_for: phrases::stands_for(word)?.get(language) })
    };
    words.iter().filter_map(stand).collect()
}

fn notes(
    codes: &Codes,
    (reply, enhanced): (Option<&ReplyEntry>, Option<&EnhancedEntry>),
    at_a_provider: bool,
    language: Language,
) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |kind, values: &[&dyn std::fmt::Display]| {
        notes.push(Note { kind, text: phrases::note(kind).say(language, values) });
    };
    match (codes.basis, codes.code, codes.enhanced) {
        (Basis::Implied, Some(code), _) => note(NoteKind::Implied, &[&code]),
        (Basis::OwnVerdict, _, Some(code)) => note(NoteKind::OwnVerdict, &[&code]),
        _ => {}
    }
    if let Some(code) = codes.code {
        if !matches!(code.class(), 2..=5) {
            note(NoteKind::NotSmtp, &[&code.class()]);
        }
        if reply.is_none() {
            note(NoteKind::UnknownReply, &[&code]);
        }
    }
    if let Some(stands_for) = reply.and_then(|entry| entry.stands_for) {
        note(NoteKind::StandsFor, &[&stands_for]);
    }
    if let Some(code) = codes.enhanced {
        match enhanced {
            None if at_a_provider => note(NoteKind::ProvidersOwn, &[&code]),
            None => note(NoteKind::UnknownEnhanced, &[&code, &code.class(), &code.subject()]),
            Some(entry) if entry.deprecated => note(NoteKind::Deprecated, &[&entry.code]),
            Some(_) if codes.any_class => note(NoteKind::AnyClass, &[&code.class()]),
            _ => {}
        }
    }
    if let Some((code, entry)) = codes.enhanced.zip(enhanced)
        && !(entry.deprecated || codes.any_class || entry.permits(code.class()))
    {
        notes.push(Note {
            kind: NoteKind::ClassNotPermitted,
            text: class_not_permitted(code, entry, language),
        });
    }
    if let Some((reply, code)) = codes.code.zip(codes.enhanced)
        && !code.agrees_with(reply)
    {
        let says = |class| phrases::for_how_long(class).get(language);
        let text = phrases::CONTRADICTION
            .say(language, &[&reply, &says(reply.class()), &code, &says(code.class())]);
        notes.push(Note { kind: NoteKind::Contradiction, text });
    }
    if codes.mixed {
        let text = phrases::MIXED_CODES.get(language).to_owned();
        notes.push(Note { kind: NoteKind::MixedCodes, text });
    }
    notes
}

fn class_not_permitted(code: EnhancedCode, entry: &EnhancedEntry, language: Language) -> String {
    let permitted: Vec<String> = entry.classes.iter().map(ToString::to_string).collect();
    let sentence = if entry.seen_classes.contains(&code.class()) {
        phrases::CLASS_NOT_PERMITTED_BUT_SEEN
    } else {
        phrases::CLASS_NOT_PERMITTED
    };
    sentence.say(language, &[&entry.code, &permitted.join(", ")])
}

fn parts(
    codes: &Codes,
    reply: Option<&ReplyEntry>,
    enhanced: Option<&EnhancedEntry>,
    language: Language,
) -> Vec<Part> {
    let reply = reply.map(|entry| Part {
        code: entry.code.to_string(),
        name: entry.text(language).name.clone(),
        meaning: entry.text(language).meaning.clone(),
        standing: entry.standing,
        defined_in: entry.defined_in.clone(),
        source: entry.text(language).source.clone(),
        classes: Vec::new(),
        basic_codes: Vec::new(),
    });
    let enhanced = enhanced.zip(codes.enhanced).map(|(entry, code)| Part {
        code: named(code, codes.any_class),
        name: entry.text(language).name.clone(),
        meaning: match &entry.text(language).meaning_success {
            Some(success) if code.class() == 2 => success.clone(),
            _ => entry.text(language).meaning.clone(),
        },
        standing: entry.standing,
        defined_in: entry.defined_in.clone(),
        source: entry.text(language).source.clone(),
        classes: entry.classes.clone(),
        basic_codes: entry.basic_codes.clone(),
    });
    reply.into_iter().chain(enhanced).collect()
}

/// Other meanings of the enhanced status code; not the one that is the answer.
fn elsewhere(
    enhanced: Option<EnhancedCode>,
    meaning: &Meaning<'_>,
    facts: &Facts<'_>,
    knowledge: &Knowledge,
) -> Vec<ProviderMeaning> {
    let Some(enhanced) = enhanced else { return Vec::new() };
    let chosen = meaning.provider.map(Provider::slug);
    knowledge
        .vendors_of(enhanced)
        .filter(|(provider, _)| Some(provider.slug()) != chosen)
        .map(|(provider, entry)| ProviderMeaning {
            provider: provider.slug().to_owned(),
            provider_name: provider.name().to_owned(),
            codes: entry.codes.iter().map(ToString::to_string).collect(),
            basic_codes: entry.basic_codes.clone(),
            registry: entry.registry,
            name: entry.text(knowledge.language()).name.clone(),
            meaning: entry.text(knowledge.language()).meaning.clone(),
            remedy: fill(&entry.text(knowledge.language()).remedy, facts),
        })
        .collect()
}

/// A code that a data file names: `554`, `X.7.1`, `421 4.7.0`.
pub(super) fn alike(code: &str, knowledge: &Knowledge) -> Option<Alike> {
    let name = if let Some(kind) = Kind::parse(code) {
        &knowledge.kind(kind)?.text(knowledge.language()).name
    } else {
        let (reply, rest) = ReplyCode::parse_prefix(code)?;
        match rest.strip_prefix(' ') {
            Some(enhanced) => {
                let enhanced: EnhancedCode = enhanced.parse().ok()?;
                match knowledge.pair_entry(reply, enhanced) {
                    Some(entry) => &entry.text(knowledge.language()).name,
                    None => knowledge.meaning(Some(reply), Some(enhanced), None)?.name,
                }
            }
            None => &knowledge.reply(reply)?.text(knowledge.language()).name,
        }
    };
    Some(Alike { code: code.to_owned(), name: name.to_owned() })
}
