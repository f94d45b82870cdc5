//! The cause of a reply, or a cause that was asked for by its name: what happened, why we think so, whose move it
//! is, and the remedies filled in.
//!
//! Nothing is decided here: the verdict comes from `classify`, the texts from `knowledge/causes`.

use super::phrases;
use super::topic::{ListPart, list_part};
use crate::classify::{self, Classifier, Said, Verdict, usual_codes};
use crate::event::Mta;
use crate::i18n::Language;
use crate::knowledge::fill::missing;
use crate::knowledge::{Cause, Facts, Knowledge, Party, Provider, Retry, Urgency, blocklist, fill};
use crate::render::sheet::excerpt;
use crate::smtp::Direction;
use serde::Serialize;

/// How much of the words that decided is quoted, in characters.
const QUOTED: usize = 60;

/// A cause.
#[derive(Clone, Debug, Serialize)]
pub struct CausePart {
    /// Its stable word.
    pub cause: String,
    /// Its name.
    pub title: String,
    /// Its sub-kind.
    pub detail: Option<DetailPart>,
    /// Why this is the cause; `None` where it was asked for by its name.
    pub why: Option<Why>,
    /// What has happened.
    pub meaning: String,
    /// How to tell it from its neighbours.
    pub how_to_tell: String,
    /// Who can act, first first.
    pub parties: Vec<Party>,
    /// The same message can never get through; `None` where it depends on the code.
    pub hard: Option<bool>,
    /// Whether sending again helps.
    pub retry: Retry,
    /// Whether it justifies taking the address off a list.
    pub suppress: bool,
    /// How soon somebody has to look.
    pub urgency: Urgency,
    /// What can be done, the best first.
    pub steps: Vec<Step>,
    /// What to write to the other side.
    pub ask: Option<String>,
    /// The blocklist that the text names.
    pub blocklist: Option<ListPart>,
    /// Causes that get confused with it.
    pub alike: Vec<DetailPart>,
    /// Its sub-kinds, where it was asked for by its name.
    pub details: Vec<DetailPart>,
    /// Codes that usually mean it, where it was asked for by its name.
    pub codes: Vec<String>,
    /// Documents.
    pub references: Vec<String>,
    /// The words in steps and question that are to be replaced by hand.
    pub unfilled: Vec<&'static str>,
    /// Who was the server, where that is known.
    pub direction: Option<&'static str>,
}

/// A stable word and its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DetailPart {
    /// The stable word.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// Why a cause was named.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Why {
    /// Which step of the ladder of evidence decided.
    pub basis: classify::Level,
    /// The rule's id; `None` where no rule was needed.
    pub rule: Option<&'static str>,
    /// The words that decided.
    pub words: Option<String>,
    /// All that in a sentence.
    pub text: String,
}

/// One thing that can be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Who does it.
    pub by: Party,
    /// Whose parameters it names.
    pub mta: Option<&'static str>,
    /// Only in a refusal of our own.
    pub inbound_only: bool,
    /// What to do, filled in.
    pub text: String,
    /// Commands to run, filled in.
    pub checks: Vec<String>,
}

/// What a cause is told for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) direction: Option<Direction>,
    pub(super) mta: Option<Mta>,
    pub(super) facts: &'a Facts<'a>,
}

impl CausePart {
    /// Whether words decided, and not the codes alone.
    pub(super) fn by_words(&self) -> bool {
        use classify::Level as L;
        self.why
            .as_ref()
            .is_some_and(|why| !matches!(why.basis, L::Enhanced | L::Code | L::Nothing))
    }

    /// Whether a rule knows the wording, and it is not only what it is about, or that it was a refusal.
    pub(super) fn by_wording(&self) -> bool {
        use classify::Level as L;
        self.by_words()
            && self.why.as_ref().is_some_and(|why| !matches!(why.basis, L::Hint | L::Kind))
    }
}

/// The cause that a verdict names, with the reason for it.
pub(super) fn of_verdict(
    (said, verdict): (&Said<'_>, &Verdict),
    provider: Option<&Provider>,
    asked: Asked<'_>,
    classifier: &Classifier,
    knowledge: &Knowledge,
) -> Option<CausePart> {
    let cause = knowledge.cause(verdict.cause.slug())?;
    let language = knowledge.language();
    let mut part = part(cause, verdict.detail.as_deref(), asked, knowledge);
    let words = classifier.words_behind(said, verdict).map(|words| excerpt(&words, QUOTED));
    part.why = Some(why(verdict, words, provider, &part, language));
    part.hard = Some(verdict.hard);
    part.retry = verdict.retry;
    Some(part)
}

/// A cause that was asked for by its name: with its sub-kinds and codes.
pub(super) fn by_name(
    cause: &Cause,
    detail: Option<&str>,
    asked: Asked<'_>,
    knowledge: &Knowledge,
) -> CausePart {
    let language = knowledge.language();
    let details = cause.details().filter_map(|slug| {
        let name = cause.detail_name(slug, language)?.to_owned();
        Some(DetailPart { slug: slug.to_owned(), name })
    });
    CausePart {
        details: details.collect(),
        codes: usual_codes(&cause.slug),
        ..part(cause, detail, asked, knowledge)
    }
}

fn part(cause: &Cause, detail: Option<&str>, asked: Asked<'_>, knowledge: &Knowledge) -> CausePart {
    let language = knowledge.language();
    let direction = asked.direction.unwrap_or(Direction::Outbound);
    let remedies = cause.remedies(asked.direction, asked.mta, detail);
    let ask = cause.ask(direction).map(|ask| ask.text(language));
    let templates: Vec<&str> = remedies
        .iter()
        .flat_map(|remedy| remedy.checks.iter().map(String::as_str).chain([remedy.text(language)]))
        .chain(ask)
        .collect();
    CausePart {
        cause: cause.slug.clone(),
        title: cause.title(language).to_owned(),
        detail: detail.map(|slug| DetailPart {
            slug: slug.to_owned(),
            name: detail_name(cause, slug, knowledge).to_owned(),
        }),
        why: None,
        meaning: cause.meaning(language).to_owned(),
        how_to_tell: cause.how_to_tell(language).to_owned(),
        parties: cause.parties(direction).to_vec(),
        hard: match cause.hard {
            crate::knowledge::Hardness::Hard => Some(true),
            crate::knowledge::Hardness::Soft => Some(false),
            crate::knowledge::Hardness::ByClass => None,
        },
        retry: cause.retry,
        suppress: cause.suppress,
        urgency: cause.urgency,
        steps: remedies
            .iter()
            .map(|remedy| Step {
                by: remedy.by,
                mta: remedy.mta.map(Mta::slug),
                inbound_only: remedy.direction == [Direction::Inbound],
                text: fill(remedy.text(language), asked.facts),
                checks: remedy.checks.iter().map(|check| fill(check, asked.facts)).collect(),
            })
            .collect(),
        ask: ask.map(|text| fill(text, asked.facts)),
        blocklist: detail.and_then(blocklist::list).map(|list| list_part(list, language)),
        alike: cause
            .alike
            .iter()
            .filter_map(|slug| {
                let name = knowledge.cause(slug)?.title(language).to_owned();
                Some(DetailPart { slug: slug.clone(), name })
            })
            .collect(),
        details: Vec::new(),
        codes: Vec::new(),
        references: cause.references.clone(),
        unfilled: missing(&templates.join(" "), asked.facts)
            .into_iter()
            .map(|placeholder| placeholder.word)
            .collect(),
        direction: asked.direction.map(Direction::slug),
    }
}

/// The name of a sub-kind: of the cause's own list, of a blocklist, or itself.
fn detail_name<'a>(cause: &'a Cause, slug: &'a str, knowledge: &'a Knowledge) -> &'a str {
    knowledge
        .detail_name(cause, slug, knowledge.language())
        .or_else(|| blocklist::list(slug).map(|list| list.name.as_str()))
        .unwrap_or(slug)
}

fn why(
    verdict: &Verdict,
    words: Option<String>,
    provider: Option<&Provider>,
    part: &CausePart,
    language: Language,
) -> Why {
    let basis = verdict.basis.level;
    let rule = Some(verdict.basis.rule).filter(|rule| !rule.is_empty());
    let quoted = words.as_ref().map(|words| phrases::QUOTED.say(language, &[words]));
    let list = part.detail.as_ref().map(|detail| detail.name.as_str());
    let first = match basis {
        classify::Level::List => list.unwrap_or_default(),
        _ => rule.unwrap_or_default(),
    };
    let provider = provider.map_or(phrases::THE_PROVIDER.get(language), Provider::name);
    let text = phrases::basis(basis)
        .say(language, &[&first, &quoted.as_deref().unwrap_or_default(), &provider]);
    Why { basis, rule, words, text }
}
