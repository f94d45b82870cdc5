//! One side of a comparison: everything that is known of a code or cause, from its explanation.

use super::phrases as p;
use crate::explain::phrases;
use crate::explain::{Answer, CausePart, Explainer, Suggestion, Topic};
use crate::i18n::Language;
use crate::knowledge::{Party, Permanence, Retry, SaidAt, Speaker, Standing, Suppress, Urgency};
use crate::words::words;
use serde::Serialize;

words! {
    /// What a side is.
    Sort {
        /// A reply code.
        Reply = "reply",
        /// An enhanced status code.
        Enhanced = "enhanced",
        /// A reply code and an enhanced status code.
        Pair = "pair",
        /// A cause.
        Cause = "cause",
        /// Nothing that can be compared.
        Nothing = "nothing",
    }
}

/// What is known of one side.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// The code, or the slug of the cause; what was asked for where it is neither.
    pub label: String,
    /// What it is.
    pub sort: Sort,
    /// More than its class is known.
    pub known: bool,
    /// The reply code.
    pub code: Option<String>,
    /// The enhanced status code, with a class.
    pub enhanced: Option<String>,
    /// Short name.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// When it is seen.
    pub seen: String,
    /// What to do about it.
    pub act: String,
    /// Commands to run.
    pub checks: Vec<String>,
    /// The first digit; `None` for causes.
    pub class: Option<u8>,
    /// What it means for the queue.
    pub permanence: Option<Permanence>,
    /// What an enhanced status code is about.
    pub subject: Option<String>,
    /// Where in a session it is said.
    pub stages: Vec<SaidAt>,
    /// Who says it.
    pub speakers: Vec<Speaker>,
    /// Whether sending again helps.
    pub retry: Retry,
    /// Whether the address may be taken off a list.
    pub suppress: Suppress,
    /// Who can act, first first.
    pub parties: Vec<Party>,
    /// How soon somebody has to look.
    pub urgency: Option<Urgency>,
    /// How far to trust it.
    pub standing: Option<Standing>,
    /// Reply codes that an enhanced status code goes with.
    pub basic_codes: Vec<String>,
    /// Where that is written.
    pub sources: Vec<String>,
    /// What may have been meant, where nothing is known.
    pub suggestions: Vec<Suggestion>,
}

impl Side {
    /// Under which name something may be written about it.
    pub(super) fn key(&self) -> String {
        match (&self.code, &self.enhanced) {
            (Some(code), Some(enhanced)) => format!("{code} {enhanced}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => self.label.clone(),
        }
    }

    /// It tells of no failure.
    pub(super) fn is_good(&self) -> bool {
        matches!(self.class, Some(2 | 3))
    }

    /// It is a reply of SMTP, or a cause of one.
    pub(super) fn is_smtp(&self) -> bool {
        self.class.is_none_or(|class| (2..=5).contains(&class))
            && !matches!(self.speakers.as_slice(), [Speaker::System | Speaker::Service, ..])
    }

    /// Servers answer with it.
    pub(super) fn is_answer(&self) -> bool {
        self.sort != Sort::Cause
            && (self.speakers.is_empty()
                || self.speakers.iter().any(|s| matches!(s, Speaker::Server | Speaker::Relay)))
    }
}

/// What is known of something that was asked for.
pub(super) fn of(asked: &str, explainer: &Explainer<'_>) -> Side {
    let language = explainer.knowledge().language();
    let explanation = explainer.explain(asked);
    if let [answer] = explanation.answers.as_slice() {
        return of_answer(answer, explainer);
    }
    if let [Topic::Cause(cause), ..] = explanation.topics.as_slice()
        && cause.why.is_none()
    {
        return of_cause(cause, language);
    }
    let asked = crate::render::sheet::excerpt(asked.trim(), 40);
    Side { suggestions: explanation.suggestions, ..nothing(asked, language) }
}

fn nothing(label: String, language: Language) -> Side {
    Side {
        sort: Sort::Nothing,
        known: false,
        code: None,
        enhanced: None,
        name: p::NOT_COMPARABLE.get(language).to_owned(),
        meaning: p::NOT_COMPARABLE_HINT.get(language).to_owned(),
        seen: String::new(),
        act: String::new(),
        checks: Vec::new(),
        class: None,
        permanence: None,
        subject: None,
        stages: Vec::new(),
        speakers: Vec::new(),
        retry: Retry::ReadText,
        suppress: Suppress::Never,
        parties: Vec::new(),
        urgency: None,
        standing: None,
        basic_codes: Vec::new(),
        sources: Vec::new(),
        suggestions: Vec::new(),
        label,
    }
}

fn of_answer(answer: &Answer, explainer: &Explainer<'_>) -> Side {
    let knowledge = explainer.knowledge();
    let language = knowledge.language();
    let code = answer.code.map(|code| code.to_string());
    let shown = [code.clone(), answer.enhanced.clone()];
    // Without a class the explanation is for the usual one, and so is what is written about it.
    let enhanced = answer.enhanced.as_ref().map(|text| match text.strip_prefix('X') {
        Some(rest) => format!("{}{rest}", answer.class.digit),
        None => text.clone(),
    });
    let subject = enhanced.as_ref().and_then(|text| {
        let subject = text.split('.').nth(1)?.parse().ok()?;
        Some(knowledge.subject(subject)?.text(language).name.clone())
    });
    let part = answer.parts.last();
    let basic_codes = part.map(|part| part.basic_codes.clone()).unwrap_or_default();
    let sources = answer.parts.iter().map(|part| {
        let documents = part.defined_in.join(", ");
        let standing = phrases::standing(part.standing).get(language);
        let source = part.source.as_deref().unwrap_or_default();
        let known = match documents.as_str() {
            "" => format!("{standing}. {source}"),
            documents => format!("{standing}, {documents}. {source}"),
        };
        format!("{}: {}", part.code, known.trim_end())
    });
    Side {
        sort: match (&code, &enhanced) {
            (Some(_), Some(_)) => Sort::Pair,
            (Some(_), None) => Sort::Reply,
            _ => Sort::Enhanced,
        },
        known: answer.known,
        name: answer.name.clone(),
        meaning: answer.meaning.clone(),
        seen: seen(answer, &basic_codes, language),
        act: answer.remedy.clone(),
        checks: answer.checks.clone(),
        class: Some(answer.class.digit),
        permanence: Some(answer.class.permanence),
        subject,
        stages: answer.stages.clone(),
        speakers: answer.speakers.clone(),
        retry: answer.retry,
        suppress: answer.suppress,
        parties: answer.parties.clone(),
        urgency: answer.urgency.filter(|_| answer.class.digit >= 4),
        standing: answer.standing,
        sources: sources.collect(),
        basic_codes,
        enhanced,
        code,
        ..nothing(shown.into_iter().flatten().collect::<Vec<_>>().join(" "), language)
    }
}

/// When a code is seen: as its record says, else by its stages and the codes that it goes with.
fn seen(answer: &Answer, basic_codes: &[String], language: Language) -> String {
    if let Some(seen) = &answer.seen {
        return seen.clone();
    }
    if !answer.speakers.contains(&Speaker::Server) && answer.speakers.contains(&Speaker::OwnMta) {
        return p::SEEN_IN_OWN_LOG.get(language).to_owned();
    }
    let stages: Vec<&str> =
        answer.stages.iter().map(|&stage| phrases::said_at(stage).get(language)).collect();
    let codes: Vec<&str> =
        basic_codes.iter().map(String::as_str).filter(|code| *code != "any").collect();
    match (answer.stages.as_slice(), codes.as_slice()) {
        ([], _) => String::new(),
        ([SaidAt::Any], []) => p::SEEN_ANYWHERE.get(language).to_owned(),
        ([SaidAt::Any], codes) => p::SEEN_ANYWHERE_WITH.say(language, &[&codes.join(", ")]),
        (_, []) => p::SEEN_AT.say(language, &[&stages.join(", ")]),
        (_, codes) => p::SEEN_AT_WITH.say(language, &[&stages.join(", "), &codes.join(", ")]),
    }
}

fn of_cause(cause: &CausePart, language: Language) -> Side {
    let steps: Vec<&str> = cause
        .steps
        .iter()
        .filter(|step| step.mta.is_none() && !step.inbound_only)
        .map(|step| step.text.as_str())
        .take(1)
        .collect();
    Side {
        sort: Sort::Cause,
        known: true,
        name: cause.title.clone(),
        meaning: cause.meaning.clone(),
        seen: cause.how_to_tell.clone(),
        act: steps.join(" "),
        permanence: cause
            .hard
            .map(|hard| if hard { Permanence::Permanent } else { Permanence::Transient }),
        retry: cause.retry,
        suppress: match (cause.suppress, cause.hard) {
            (true, Some(true)) => Suppress::AtOnce,
            (true, _) => Suppress::AfterRepeated,
            (false, _) => Suppress::Never,
        },
        parties: cause.parties.clone(),
        urgency: Some(cause.urgency),
        sources: match cause.references.join(", ") {
            documents if documents.is_empty() => Vec::new(),
            documents => vec![format!("{}: {documents}", cause.cause)],
        },
        ..nothing(cause.cause.clone(), language)
    }
}
