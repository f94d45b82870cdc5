//! The rows of the list: codes of either kind, causes, a provider's own codes and wordings.

use super::phrases as p;
use super::search::Words;
use crate::i18n::Language;
use crate::knowledge::provider::rules_of;
use crate::knowledge::{
    Cause, EnhancedEntry, Knowledge, Provider, ProviderEntry, ReplyEntry, Standing,
};
use serde::Serialize;

/// What a row is about.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RowKind {
    /// A reply code.
    Reply,
    /// An enhanced status code of the registry.
    Enhanced,
    /// A cause.
    Cause,
    /// A provider's own use of enhanced status codes.
    Provider,
    /// A wording of a provider's, and the cause that it names.
    Rule,
}

/// One row.
#[derive(Serialize)]
pub(super) struct Row<'k> {
    pub(super) kind: RowKind,
    /// The provider's slug.
    pub(super) provider: Option<&'k str>,
    /// The number, for a provider perhaps several, or ranges; the slug of a cause; the id of a rule.
    pub(super) code: String,
    /// First digits that it occurs with; empty for causes and rules.
    pub(super) classes: Vec<u8>,
    pub(super) name: String,
    pub(super) standing: Option<Standing>,
    pub(super) defined_in: &'k [String],
    pub(super) source: Option<&'k str>,
    pub(super) meaning: String,
    pub(super) seen: Option<&'k str>,
    pub(super) remedy: Option<&'k str>,
    /// The cause that a rule names.
    pub(super) cause: Option<&'k str>,
    /// The heading it stands under.
    #[serde(skip)]
    pub(super) heading: String,
}

impl Row<'_> {
    fn new(kind: RowKind, code: String, name: &str, heading: String) -> Self {
        Self {
            kind,
            provider: None,
            code,
            classes: Vec::new(),
            name: name.to_owned(),
            standing: None,
            defined_in: &[],
            source: None,
            meaning: String::new(),
            seen: None,
            remedy: None,
            cause: None,
            heading,
        }
    }
}

/// Which rows are wanted.
pub(super) struct Wanted<'a> {
    pub(super) class: Option<u8>,
    pub(super) words: Option<Words>,
    pub(super) provider: Option<&'a str>,
}

impl Wanted<'_> {
    /// Whether all words are in the texts.
    fn fits<'t>(&self, classes: &[u8], texts: impl IntoIterator<Item = &'t str>) -> bool {
        self.class.is_none_or(|class| classes.contains(&class))
            && self.words.as_ref().is_none_or(|words| words.are_in(texts.into_iter()))
    }
}

/// All rows that are wanted, in the order of the list.
pub(super) fn rows<'k>(wanted: &Wanted<'_>, knowledge: &'k Knowledge) -> Vec<Row<'k>> {
    let language = knowledge.language();
    let mut rows = Vec::new();
    if wanted.provider.is_none() {
        rows.extend(knowledge.replies().filter_map(|entry| of_reply(entry, wanted, language)));
        rows.extend(knowledge.enhanced_codes().filter_map(|e| of_enhanced(e, wanted, language)));
        rows.extend(knowledge.causes().filter_map(|cause| of_cause(cause, wanted, language)));
    }
    let of_provider_wanted = |p: &&Provider| wanted.provider.is_none_or(|slug| p.slug() == slug);
    for provider in knowledge.providers().iter().filter(of_provider_wanted) {
        let codes = provider.entries();
        rows.extend(codes.filter_map(|entry| of_provider(provider, entry, wanted, language)));
        if wanted.provider.is_some() {
            rows.extend(of_rules(provider, wanted, knowledge));
        }
    }
    rows
}

fn languages() -> impl Iterator<Item = Language> {
    Language::ALL.iter().copied()
}

fn of_reply<'k>(entry: &'k ReplyEntry, wanted: &Wanted<'_>, language: Language) -> Option<Row<'k>> {
    let code = entry.code.to_string();
    let texts = languages().flat_map(|language| {
        let text = entry.text(language);
        let source = text.source.as_deref().unwrap_or_default();
        [text.name.as_str(), &text.meaning, &text.seen, &text.remedy, source]
    });
    let classes = vec![entry.code.class()];
    if !wanted.fits(&classes, texts.chain([code.as_str()])) {
        return None;
    }
    let text = entry.text(language);
    Some(Row {
        classes,
        standing: Some(entry.standing),
        defined_in: &entry.defined_in,
        source: text.source.as_deref(),
        meaning: text.meaning.clone(),
        seen: Some(&text.seen),
        remedy: Some(&text.remedy),
        ..Row::new(RowKind::Reply, code, &text.name, p::REPLY_CODES.get(language).to_owned())
    })
}

fn of_enhanced<'k>(
    entry: &'k EnhancedEntry,
    wanted: &Wanted<'_>,
    language: Language,
) -> Option<Row<'k>> {
    let mut classes: Vec<u8> = entry.classes.iter().chain(&entry.seen_classes).copied().collect();
    classes.sort_unstable();
    classes.dedup();
    let code = entry.code.to_string();
    // `5.7.1` is what people search for.
    let with_class: Vec<String> = classes
        .iter()
        .filter_map(|&class| Some(entry.code.with_class(class)?.to_string()))
        .collect();
    let texts = languages().flat_map(|language| {
        let text = entry.text(language);
        let source = text.source.as_deref().unwrap_or_default();
        [text.name.as_str(), &text.meaning, &text.remedy, source]
    });
    let codes = with_class.iter().chain([&code]).map(String::as_str);
    if !wanted.fits(&classes, texts.chain(codes)) {
        return None;
    }
    let text = entry.text(language);
    Some(Row {
        classes,
        standing: Some(entry.standing),
        defined_in: &entry.defined_in,
        source: text.source.as_deref(),
        meaning: text.meaning.clone(),
        remedy: Some(&text.remedy),
        ..Row::new(RowKind::Enhanced, code, &text.name, p::ENHANCED_CODES.get(language).to_owned())
    })
}

fn of_cause<'k>(cause: &'k Cause, wanted: &Wanted<'_>, language: Language) -> Option<Row<'k>> {
    let texts = languages().flat_map(|language| {
        let details = cause.details().filter_map(move |slug| cause.detail_name(slug, language));
        // Not how to tell it: that names its neighbours.
        [cause.title(language), cause.meaning(language)].into_iter().chain(details)
    });
    if !wanted.fits(&[], texts.chain(cause.details()).chain([cause.slug.as_str()])) {
        return None;
    }
    Some(Row {
        defined_in: &cause.references,
        meaning: cause.meaning(language).to_owned(),
        seen: Some(cause.how_to_tell(language)),
        cause: Some(&cause.slug),
        ..Row::new(
            RowKind::Cause,
            cause.slug.clone(),
            cause.title(language),
            p::CAUSES.get(language).to_owned(),
        )
    })
}

fn of_provider<'k>(
    provider: &'k Provider,
    entry: &'k ProviderEntry,
    wanted: &Wanted<'_>,
    language: Language,
) -> Option<Row<'k>> {
    let codes: Vec<String> = entry.codes.iter().map(ToString::to_string).collect();
    let mut classes: Vec<u8> = entry.codes.iter().map(|range| range.0.start().class()).collect();
    classes.sort_unstable();
    classes.dedup();
    let texts = languages().flat_map(|language| {
        let text = entry.text(language);
        [text.name.as_str(), &text.meaning, &text.remedy]
    });
    let names = [provider.slug(), provider.name()];
    if !wanted.fits(&classes, texts.chain(names).chain(codes.iter().map(String::as_str))) {
        return None;
    }
    let text = entry.text(language);
    let heading = p::PROVIDER_CODES.say(language, &[&provider.name()]);
    Some(Row {
        provider: Some(provider.slug()),
        classes,
        standing: Some(Standing::Vendor),
        meaning: text.meaning.clone(),
        remedy: Some(&text.remedy),
        ..Row::new(RowKind::Provider, codes.join(", "), &text.name, heading)
    })
}

/// What the provider's words mean. The rules are read only here: a list of codes has no need of them.
fn of_rules<'k>(
    provider: &'k Provider,
    wanted: &Wanted<'_>,
    knowledge: &'k Knowledge,
) -> Vec<Row<'k>> {
    let language = knowledge.language();
    let heading = p::PROVIDER_RULES.say(language, &[&provider.name()]);
    let rules = rules_of(provider.file());
    let of = |rule: &crate::knowledge::rule::Rule| {
        let cause = knowledge.cause(rule.cause.slug());
        let titles = languages().filter_map(|language| Some(cause?.title(language)));
        let examples = rule.examples.iter().map(|example| example.reply);
        if !wanted.fits(&[], titles.chain(examples).chain([rule.id, rule.cause.slug()])) {
            return None;
        }
        let example = rule.examples.first().map_or("", |example| example.reply);
        Some(Row {
            provider: Some(provider.slug()),
            meaning: example.to_owned(),
            cause: Some(rule.cause.slug()),
            ..Row::new(
                RowKind::Rule,
                rule.id.to_owned(),
                cause.map_or(rule.cause.slug(), |cause| cause.title(language)),
                heading.clone(),
            )
        })
    };
    rules.iter().filter_map(of).collect()
}
