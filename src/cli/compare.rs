//! `mailwhy compare`: what separates two codes or causes.

use super::Status;
use crate::compare::{compare, page_of};
use crate::error::Error;
use crate::explain::{Context, Explainer};
use crate::knowledge::Knowledge;
use crate::render::json;
use clap::{Args, ValueEnum};
use std::io::Write;

/// What `mailwhy compare` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mailwhy compare 214 521
  mailwhy compare '550 5.1.1' '550 5.7.1'
  mailwhy compare 5.1.1 5.1.10
  mailwhy compare provider-blocked ip-blocklisted
  mailwhy compare 521 521

Exit codes: 0 both are known; 1 one of them is not.")]
pub struct CompareArgs {
    /// Two reply codes (421), enhanced status codes (5.7.26), both together ('550 5.7.1'), or names of causes
    #[arg(value_name = "A B", num_args = 2.., required = true)]
    pub codes: Vec<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = CompareFormat::Text)]
    pub format: CompareFormat,
}

/// How to write a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum CompareFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For a wiki or a ticket
    Markdown,
}

/// Compares; [`Status::No`] when one of the two is not known. `width` is that of the text.
///
/// # Errors
///
/// There are not two to compare, or `out` cannot be written.
pub(super) fn run(
    args: &CompareArgs,
    knowledge: &Knowledge,
    width: usize,
    out: &mut dyn Write,
) -> Result<Status, Error> {
    let grouped = match args.codes.as_slice() {
        // Two words are two, even if they could be one reply.
        [_, _] => args.codes.clone(),
        many => Explainer::new(knowledge, Context::default()).inputs(many),
    };
    let [a, b] = grouped.as_slice() else {
        return Err(Error::NotTwo { given: grouped.len() });
    };
    let comparison = compare(a, b, knowledge);
    match args.format {
        CompareFormat::Json => json::write_pretty(&mut *out, &comparison)?,
        CompareFormat::Text | CompareFormat::Markdown => {
            let page = page_of(&comparison, knowledge.language());
            let text = match args.format {
                CompareFormat::Markdown => page.to_markdown(),
                _ => page.to_text(width),
            };
            writeln!(out, "{}", text.trim_end())?;
        }
    }
    Ok(if comparison.known { Status::Done } else { Status::No })
}
