//! Explains whatever a person pastes: codes, names, replies, log lines.
//!
//! The way: `understand.rs` finds the codes and what else the input tells, `names.rs` what a name stands for;
//! the knowledge base gives the meaning, `classify` the cause; `cause.rs` and `answer.rs` put them together, and
//! `page.rs` says what stands on the page. All results are plain owned data with stable slugs; JSON is their
//! serialisation. Sentences that are not in the data files stand in `phrases.rs`, in every language.
//!
//! To understand another form of input: a function in `understand.rs` and one line in `understand`. A way in which a
//! program wraps a reply: `wrapped.rs`.

mod answer;
mod cause;
pub(crate) mod names;
mod page;
pub(crate) mod phrases;
mod topic;
pub(crate) mod understand;
mod wrapped;

pub use answer::{
    Alike, Answer, ClassFact, Note, NoteKind, Part, ProviderMeaning, RankedCause, Unfilled,
};
pub use cause::{CausePart, DetailPart, Step, Why};
pub use names::Suggestion;
pub use page::page_of;
pub use topic::{ListPart, ProviderPart, Topic};
pub use understand::Form;

use crate::classify::{self, Classifier, Said};
use crate::event::Kind;
use crate::knowledge::{Knowledge, Provider};
use crate::smtp::{Direction, Disposition, EnhancedCode, Origin, ReplyCode, Stage};
use cause::Asked;
use names::{Named, named};
use serde::Serialize;
use understand::Understood;

/// The version of the fields of [`Explanation`]: raised when one is renamed, removed or redefined.
///
/// 2: causes. `line` has `action`'s place unchanged; `answers` have `cause`, `at`, `speakers`, `urgency`, and
/// `retry`, `suppress` and `parties` follow the cause where words decided; `topics`, `suggestions` and `cut` are new.
/// `ranked` and `conclusion` came later.
pub const SCHEMA: u32 = 2;

/// How many bytes of an input are looked at.
pub const LONGEST_INPUT: usize = 64 * 1024;

/// What one input means.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The input, as it came; not more than [`LONGEST_INPUT`] bytes of it.
    pub input: String,
    /// The input was longer, or had more codes, than is looked at.
    pub cut: bool,
    /// What it was taken for.
    pub form: Form,
    /// Something of it is known: a code, a name, a cause.
    pub known: bool,
    /// What a log line, or the words of a bounce, tell beside the codes.
    pub line: Option<LineFacts>,
    /// The one cause that the whole input comes to; null where it has none or may have several.
    pub conclusion: Option<Conclusion>,
    /// One for each code, or pair of codes, in the order of the input.
    pub answers: Vec<Answer>,
    /// What was asked for by its name; the cause of a line or text without codes.
    pub topics: Vec<Topic>,
    /// The nearest names, where nothing is known.
    pub suggestions: Vec<Suggestion>,
}

/// A cause in brief, wherever it stands in an [`Explanation`]: what a script wants of each of many lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conclusion {
    /// The cause's stable word; `unknown` where the words leave it open.
    pub cause: String,
    /// Its sub-kind.
    pub detail: Option<String>,
    /// Which step of the ladder of evidence decided; null where the cause was asked for by its name.
    pub basis: Option<classify::Level>,
    /// The id of the rule that decided.
    pub rule: Option<&'static str>,
}

impl Conclusion {
    fn of(part: &CausePart) -> Self {
        Self {
            cause: part.cause.clone(),
            detail: part.detail.as_ref().map(|detail| detail.slug.clone()),
            basis: part.why.as_ref().map(|why| why.basis),
            rule: part.why.as_ref().and_then(|why| why.rule),
        }
    }
}

impl Explanation {
    /// What topics and answers agree on.
    fn conclude(&self) -> Option<Conclusion> {
        let of_topics = self.topics.iter().filter_map(|topic| match topic {
            Topic::Cause(part) => Some(&**part),
            _ => None,
        });
        let of_answers = self.answers.iter().filter_map(|answer| answer.cause.as_deref());
        // With several codes in a text the words are about all of it; the codes alone may come to several causes.
        let one_answer = (self.answers.len() == 1).then_some(of_answers).into_iter().flatten();
        let mut causes: Vec<_> = of_topics.chain(one_answer).map(Conclusion::of).collect();
        causes.dedup();
        <[Conclusion; 1]>::try_from(causes).ok().map(|[one]| one)
    }
}

/// What a log line or a bounce tells, as its words and slugs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineFacts {
    /// Who wrote it.
    pub mta: Option<&'static str>,
    /// What kind of event it is.
    pub kind: &'static str,
    /// Who was the server.
    pub direction: &'static str,
    /// Who spoke.
    pub origin: &'static str,
    /// Where in the dialogue.
    pub stage: Option<&'static str>,
    /// What became of the recipient.
    pub disposition: Option<&'static str>,
    /// The queue id.
    pub queue_id: Option<String>,
    /// Envelope sender; empty for the null sender.
    pub sender: Option<String>,
    /// Envelope recipient.
    pub recipient: Option<String>,
    /// The client's name, where it has one.
    pub client_name: Option<String>,
    /// The client's address.
    pub client_address: Option<String>,
    /// The next hop's name.
    pub relay_host: Option<String>,
    /// The next hop's address.
    pub relay_address: Option<String>,
    /// The slug of the provider that the next hop belongs to.
    pub provider: Option<String>,
    /// The reply as logged, or the words of the log.
    pub text: String,
}

/// What the asker knows beside the input. It counts where the input itself does not tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'k> {
    /// Who answered.
    pub provider: Option<&'k Provider>,
    /// Where in the dialogue.
    pub stage: Option<Stage>,
    /// Who was the server.
    pub direction: Option<Direction>,
}

/// Explains inputs. Keep one for many: its rules get faster with use.
#[derive(Debug)]
pub struct Explainer<'k> {
    knowledge: &'k Knowledge,
    classifier: Classifier,
    context: Context<'k>,
}

/// Explains one input of which nothing else is known: [`Explainer::explain`].
pub fn explain(input: &str, knowledge: &Knowledge) -> Explanation {
    Explainer::new(knowledge, Context::default()).explain(input)
}

impl<'k> Explainer<'k> {
    /// An explainer by the embedded rules.
    pub fn new(knowledge: &'k Knowledge, context: Context<'k>) -> Self {
        Self::with(knowledge, Classifier::builtin(), context)
    }

    /// An explainer by these rules.
    pub fn with(knowledge: &'k Knowledge, classifier: Classifier, context: Context<'k>) -> Self {
        Self { knowledge, classifier, context }
    }

    /// The knowledge it explains by.
    pub fn knowledge(&self) -> &'k Knowledge {
        self.knowledge
    }

    /// Takes the words of a command line apart. Words without a blank between them are one input, so that an
    /// unquoted `550 no such user` means what it says, unless each of them is a code or a name: `521 null-mx
    /// greylisted` are three, `550 5.7.1 521` are two.
    pub fn inputs(&self, arguments: &[String]) -> Vec<String> {
        let mut inputs = Vec::new();
        let is_word =
            |argument: &String| argument != "-" && !argument.contains(char::is_whitespace);
        for run in arguments.chunk_by(|a, b| is_word(a) && is_word(b)) {
            let each_known = run.len() > 1
                && run.iter().all(|word| {
                    let code = understand::is_code(word, self.knowledge);
                    code || !named(word, self.knowledge).is_empty()
                });
            if !each_known {
                inputs.push(run.join(" "));
                continue;
            }
            let mut first_of_run = true;
            for word in run {
                match inputs.last_mut() {
                    Some(last) if !first_of_run && self.is_pair(last, word) => {
                        last.push(' ');
                        last.push_str(word);
                    }
                    _ => inputs.push(word.clone()),
                }
                first_of_run = false;
            }
        }
        inputs
    }

    fn is_pair(&self, first: &str, second: &str) -> bool {
        understand::are_pair(first, second, self.knowledge)
    }

    /// Explains one input: a code, a pair, several of them, a name, the text of a reply, a log line. Any text is
    /// accepted; beyond [`LONGEST_INPUT`] bytes nothing is looked at.
    pub fn explain(&self, input: &str) -> Explanation {
        let end =
            (0..=LONGEST_INPUT.min(input.len())).rev().find(|&end| input.is_char_boundary(end));
        let shown = input.get(..end.unwrap_or(0)).unwrap_or_default();
        let cleaned = wrapped::unwrapped(shown);
        let mut understood = understand::understand(&cleaned, self.knowledge);
        understood.provider = understood.provider.or(self.context.provider);
        let mut explanation = Explanation {
            schema: SCHEMA,
            input: shown.to_owned(),
            cut: shown.len() < input.len() || understood.cut,
            form: understood.form,
            known: false,
            line: understood.line_facts(),
            conclusion: None,
            answers: Vec::new(),
            topics: Vec::new(),
            suggestions: Vec::new(),
        };
        if understood.codes.is_empty() {
            self.explain_without_codes(&cleaned, &understood, &mut explanation);
        } else {
            explanation.answers = self.answers(&cleaned, &understood);
            if understood.codes.len() > 1 && understood.form == Form::Text {
                self.explain_words(&cleaned, &understood, &mut explanation);
            }
        }
        let a_cause = |topic: &Topic| !matches!(topic, Topic::Cause(part) if part.cause == "unknown" && part.why.is_some());
        explanation.known = explanation.answers.iter().any(|answer| answer.known)
            || explanation.topics.iter().any(a_cause);
        explanation.conclusion = explanation.conclude();
        explanation
    }

    fn answers(&self, text: &str, understood: &Understood<'_, '_>) -> Vec<Answer> {
        // The words are about one reply: with several codes in them nobody knows which.
        let one = understood.codes.len() == 1;
        let of = |codes: &understand::Codes| {
            let words = if one && understood.form != Form::Code { text } else { "" };
            let said = self.said(words, understood, (codes.code, codes.enhanced));
            let cause = self.cause(&said, understood).filter(|part| {
                // Of a bare code only a guess that there is.
                !words.is_empty() || part.cause != "unknown"
            });
            answer::answer(codes, understood, cause, self.knowledge)
        };
        understood.codes.iter().filter_map(of).collect()
    }

    /// A line without codes, a name, or words that tell by themselves.
    fn explain_without_codes(
        &self,
        text: &str,
        understood: &Understood<'_, '_>,
        explanation: &mut Explanation,
    ) {
        if understood.event.is_some() {
            let said = self.said(text, understood, (None, None));
            let cause = self.cause(&said, understood);
            explanation.topics.extend(cause.map(|part| Topic::Cause(Box::new(part))));
            return;
        }
        self.explain_name(text, understood, explanation);
        if !(explanation.answers.is_empty() && explanation.topics.is_empty()) {
            explanation.form = Form::Name;
            return;
        }
        if self.explain_words(text, understood, explanation) {
            explanation.form = Form::Text;
        } else {
            explanation.suggestions = names::near(text, self.knowledge);
        }
    }

    /// The cause that the words of a text name, whichever of its codes they belong to.
    fn explain_words(
        &self,
        text: &str,
        understood: &Understood<'_, '_>,
        explanation: &mut Explanation,
    ) -> bool {
        let said = self.said(text, understood, (None, None));
        // Words without a code may also be what our own server says of a delivery on this machine.
        let local = Said { direction: Direction::Local, origin: Origin::Nobody, ..said };
        let outbound = self.context.direction == Some(Direction::Outbound);
        let may_be_local = understood.codes.is_empty() && !outbound;
        let told = |said: &Said<'_>| {
            let cause = self.cause(said, understood).filter(CausePart::by_words);
            cause.filter(|part| part.cause != "unknown")
        };
        let here = || may_be_local.then(|| told(&local)).flatten();
        // What our own server is known to say counts for more than what a reply may be about.
        let found = match told(&said) {
            Some(part) if !part.by_wording() => here().filter(CausePart::by_wording).or(Some(part)),
            found => found.or_else(here),
        };
        let Some(part) = found else { return false };
        explanation.topics.push(Topic::Cause(Box::new(part)));
        true
    }

    fn explain_name(
        &self,
        text: &str,
        understood: &Understood<'_, '_>,
        explanation: &mut Explanation,
    ) {
        let asked =
            Asked { direction: self.context.direction, mta: None, facts: &understood.facts };
        let found = named(text, self.knowledge);
        // A sub-kind that several causes have: the first is explained, the others are named.
        for (index, named) in found.iter().enumerate() {
            let topic = match *named {
                Named::Detail(cause, detail) if index > 0 => {
                    let language = self.knowledge.language();
                    let name = cause.detail_name(detail, language).unwrap_or(detail);
                    let name = format!("{}: {name}", cause.title(language));
                    explanation.suggestions.push(Suggestion { ask: cause.slug.clone(), name });
                    continue;
                }
                Named::Cause(cause) => {
                    Topic::Cause(Box::new(cause::by_name(cause, None, asked, self.knowledge)))
                }
                Named::Detail(cause, detail) => Topic::Cause(Box::new(cause::by_name(
                    cause,
                    Some(detail),
                    asked,
                    self.knowledge,
                ))),
                Named::Provider(provider) => {
                    Topic::Provider(topic::provider_part(provider, self.knowledge))
                }
                Named::List(list) => {
                    Topic::Blocklist(topic::list_part(list, self.knowledge.language()))
                }
                Named::Reply(code) => return self.explain_code(&code.to_string(), explanation),
                Named::Kind(kind) => return self.explain_code(&kind.to_string(), explanation),
            };
            explanation.topics.push(topic);
        }
    }

    fn explain_code(&self, code: &str, explanation: &mut Explanation) {
        let mut understood = understand::understand(code, self.knowledge);
        understood.provider = self.context.provider;
        explanation.answers = self.answers(code, &understood);
    }

    fn cause(&self, said: &Said<'_>, understood: &Understood<'_, '_>) -> Option<CausePart> {
        let verdict = self.classifier.judge(said);
        let succeeded = match said.disposition {
            Some(Disposition::Delivered | Disposition::Deliverable) => true,
            Some(_) => false,
            None => {
                let class = said.code.map(ReplyCode::class);
                class.or(said.enhanced.map(EnhancedCode::class)).is_some_and(|class| class < 4)
            }
        };
        if succeeded {
            return None;
        }
        let direction = match &understood.event {
            Some((_, event)) => Some(event.direction),
            // Words are somebody's; people mostly paste what another server told them. A bare code is nobody's.
            None if !said.text.is_empty() => Some(said.direction),
            None => self.context.direction,
        };
        let mta = understood.event.as_ref().and_then(|(mta, _)| *mta);
        let asked = Asked { direction, mta, facts: &understood.facts };
        cause::of_verdict(
            (said, &verdict),
            understood.provider,
            asked,
            &self.classifier,
            self.knowledge,
        )
    }

    /// What is judged: what the log line says, or the text with what the asker knows.
    fn said<'s>(
        &'s self,
        text: &'s str,
        understood: &'s Understood<'_, '_>,
        (code, enhanced): (Option<ReplyCode>, Option<EnhancedCode>),
    ) -> Said<'s> {
        let hint = understood.provider.and_then(|provider| provider.hosts().first());
        if let Some((mta, event)) = &understood.event {
            let said = Said::of(event, *mta);
            let theirs = said.origin == Origin::Remote;
            return Said {
                stage: said.stage.or(self.context.stage),
                relay: said.relay.or(hint.filter(|_| theirs).map(String::as_str)),
                ..said
            };
        }
        let direction = self.context.direction.unwrap_or(Direction::Outbound);
        Said {
            code,
            enhanced,
            stage: self.context.stage,
            relay: hint.map(String::as_str),
            direction,
            origin: match direction {
                Direction::Outbound => Origin::Remote,
                Direction::Inbound => Origin::Ours,
                Direction::Local => Origin::Nobody,
            },
            kind: if direction == Direction::Inbound { Kind::Reject } else { Kind::Delivery },
            disposition: text.contains(" Ok, discarded").then_some(Disposition::Discarded),
            ..Said::reply(text)
        }
    }
}

#[cfg(test)]
mod tests;
