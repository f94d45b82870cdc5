//! Explains whatever a person pastes: codes, replies, log lines.
//!
//! The way: `understand.rs` finds the codes and what else the input tells, the knowledge base gives the meaning, `answer.rs` puts both together, `text.rs` writes it for people. All results are
//! plain owned data with stable slugs; JSON is their serialisation. Why a mail failed (the cause) is not decided
//! here. Sentences that are not in the data files stand in `phrases.rs`, so that a language is one more file.
//!
//! To understand another form of input: a function in `understand.rs` and one line in `understand`.

mod answer;
mod phrases;
mod text;
mod understand;

pub use answer::{Alike, Answer, ClassFact, Note, NoteKind, Part, ProviderMeaning, Unfilled};
pub use text::render_text;
pub use understand::Form;

use crate::knowledge::Knowledge;
use serde::Serialize;

/// The version of the fields of [`Explanation`]: raised when one is renamed, removed or redefined.
pub const SCHEMA: u32 = 1;

/// What one input means.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The input, as it came.
    pub input: String,
    /// What it was taken for.
    pub form: Form,
    /// At least one code of it is in the knowledge base.
    pub known: bool,
    /// What a log line tells beside the codes.
    pub line: Option<LineFacts>,
    /// One for each code, or pair of codes, in the order of the input.
    pub answers: Vec<Answer>,
}

/// What a log line tells, as its words and slugs.
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

/// Explains one input: a code, a pair, several of them, the text of a reply, a log line. Any text is accepted.
pub fn explain(input: &str, knowledge: &Knowledge) -> Explanation {
    let cleaned = understand::clean(input);
    let understood = understand::understand(&cleaned, knowledge);
    let answers: Vec<Answer> = understood
        .codes
        .iter()
        .filter_map(|codes| answer::answer(codes, &understood, knowledge))
        .collect();
    Explanation {
        schema: SCHEMA,
        input: input.to_owned(),
        form: understood.form,
        known: answers.iter().any(|answer| answer.known),
        line: understood.line_facts(),
        answers,
    }
}

#[cfg(test)]
mod tests;
