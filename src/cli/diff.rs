//! `mailwhy diff`: two logs, saved digests or halves of one side by side.

use super::args::{Color, InputArgs};
use super::keep::digest_of;
use super::moment::parse_moment;
use super::status::{Status, complain};
use super::terminal::look;
use crate::digest::{Comparison, Digest, Rules, compare};
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use crate::render::{compare as shown, json};
use crate::time::Time;
use clap::{Args, ValueEnum};
use std::io::Write;

/// What `mailwhy diff` takes.
#[derive(Debug, Args)]
#[command(
    mut_arg("files", |arg| arg.required(true).help("Two saved digests or logs").long_help(
        "Two saved digests (`report --save`) or logs, the earlier first; with --split one\n\nWhich is which \
         is told by the content."
    )),
    after_help = "\
Examples:
  mailwhy diff last-week.digest this-week.digest
  mailwhy diff /var/log/mail.log.1 /var/log/mail.log
  mailwhy diff --split 2026-11-20T14:00Z /var/log/mail.log

Shares of the traffic are compared, so the two need not be equally long. What counts as a change is
said at the end of the output. Exit code 1 when nothing changed."
)]
pub struct DiffArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Compare what was before this moment with what was after it
    ///
    /// A date, RFC 3339, `yesterday`; UTC where it names no zone. On a full hour (for a saved digest of
    /// days on midnight UTC). A recipient who failed before and after counts before.
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment, allow_hyphen_values = true)]
    pub split: Option<i64>,
    /// Least difference: recipients, inbound lines
    #[arg(long, value_name = "N", default_value_t = Rules::default().least)]
    pub least: u64,
    /// Least factor between the two shares
    #[arg(long, value_name = "X", default_value_t = Rules::default().factor)]
    pub factor: f64,
    /// Show the rows that did not change too
    #[arg(long)]
    pub all: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub format: DiffFormat,
}

/// Forms of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people
    Text,
    /// For programs; all rows
    Json,
    /// For tickets
    Markdown,
}

/// Runs the command.
pub(super) fn run(args: &DiffArgs, color: Color, language: Language) -> Status {
    let (comparison, status) = match compared(args) {
        Ok(done) => done,
        Err(status) => return status,
    };
    let knowledge = Knowledge::in_language(language);
    let mut out = std::io::stdout().lock();
    let written = match args.format {
        DiffFormat::Text => {
            let text = shown::text(&comparison, &knowledge, look(color), args.all);
            out.write_all(text.as_bytes())
        }
        DiffFormat::Json => json::write_pretty(&mut out, &comparison),
        DiffFormat::Markdown => {
            out.write_all(shown::markdown(&comparison, &knowledge, args.all).as_bytes())
        }
    };
    let same = if shown::changes(&comparison) == 0 { Status::No } else { Status::Done };
    status.and(same).and(Status::of_output(written.and_then(|()| out.flush())))
}

fn compared(args: &DiffArgs) -> Result<(Comparison, Status), Status> {
    let usage = |text: &str| {
        complain(text);
        Err(Status::Failed)
    };
    if !args.factor.is_finite() || args.factor < 1.0 {
        return usage("--factor is a number from 1 on");
    }
    let rules = Rules { least: args.least, factor: args.factor, ..Rules::default() };
    match (args.input.files.as_slice(), args.split) {
        ([one], Some(at)) => {
            let (whole, status) = digest_of(&args.input, one, "")?;
            let (before, after) = split(&whole, at)?;
            let name = one.to_string_lossy();
            Ok((compare((&name, &before), (&name, &after), rules), status))
        }
        ([one, two], None) => {
            let (a, first) = digest_of(&args.input, one, "")?;
            let (b, second) = digest_of(&args.input, two, "")?;
            let (one, two) = (one.to_string_lossy(), two.to_string_lossy());
            Ok((compare((&one, &a), (&two, &b), rules), first.and(second)))
        }
        (_, Some(_)) => usage("--split takes one FILE"),
        _ => usage("name two FILEs, or one with --split MOMENT"),
    }
}

/// Before and after a moment.
fn split(digest: &Digest, at: i64) -> Result<(Digest, Digest), Status> {
    if digest.grain.seconds().is_none() || digest.grain.begin(at) != at {
        complain(&format!(
            "--split {}: the counts are by the {}, so the moment must be the begin of one (UTC)",
            Time::from_parts(at, 0),
            digest.grain
        ));
        return Err(Status::Failed);
    }
    Ok((digest.between(None, Some(at)), digest.between(Some(at), None)))
}
