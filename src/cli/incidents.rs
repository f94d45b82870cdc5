//! `mailwhy incidents`: what went wrong, since when, for whom, and what to do.

use super::args::{Color, InputArgs};
use super::between::Between;
use super::filter::FilterArgs;
use super::knowledge::KnowledgeArgs;
use super::reading::{Writes, inputs_of};
use super::redact::RedactArgs;
use super::report::problems;
use super::status::Status;
use super::terminal::look;
use crate::classify::Judge;
use crate::error::Error;
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use crate::render::{incidents as text, json};
use crate::report::{About, Collector, IncidentsDocument, build, incident_rows};
use clap::{Args, ValueEnum};
use std::io::Write;

/// `mailwhy incidents`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mailwhy incidents /var/log/mail.log
  mailwhy incidents --rotated /var/log/exim4/mainlog
  mailwhy incidents --format ndjson /var/log/mail.log | jq -r 'select(.going_on) | .title'

An incident is a stretch of time in which one thing (a receiver with a cause, a login, a restriction, a fault of our
server) happened at least three times as often as the rest of the log lets expect, and more often than chance makes
it in one of a hundred logs. Trouble that lasts as long as the log, and a handful of messages, are none. The log must
cover three hours.")]
pub struct IncidentsArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub redact: RedactArgs,
    /// How many incidents, most harmful first
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = IncidentsFormat::Text)]
    pub format: IncidentsFormat,
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// Forms of incidents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum IncidentsFormat {
    /// For people
    Text,
    /// For programs: one document, with a schema version
    Json,
    /// For programs: one incident a line
    Ndjson,
}

/// Runs the command.
///
/// # Errors
///
/// The user's knowledge, a filter or the key for pseudonyms cannot be used.
pub(super) fn run(args: &IncidentsArgs, color: Color, language: Language) -> Result<Status, Error> {
    let judge = Judge::new(args.knowledge.classifier()?);
    let options = args.input.options();
    let between = Between::of(&args.filter, &args.redact, &options)?;
    let mut collector = Collector::new(options.zone, judge);
    let inputs = inputs_of(&args.input);
    let outcome = between.read(&args.input, &inputs, &options, (&mut collector, Writes::AtTheEnd));
    let status = problems(&outcome);
    if outcome.nothing_was_read() {
        return Ok(status);
    }
    let (summary, incidents) = collector.finish_with_incidents();
    let knowledge = &Knowledge::in_language(language);
    let filter = between.filter.as_ref();
    let about =
        About { outcome: &outcome, zone: options.zone, top: 0, filter, knowledge, language };
    let mut report = build(&summary, about);
    report.incidents = incident_rows(&incidents, about, args.top);
    report.incidents_found = incidents.len();
    report.filter = between.told();
    let mut out = std::io::stdout().lock();
    let written = match args.format {
        IncidentsFormat::Text => out.write_all(text::render(&report, look(color)).as_bytes()),
        IncidentsFormat::Json => json::write_pretty(&mut out, &IncidentsDocument::of(&report)),
        IncidentsFormat::Ndjson => report.incidents.iter().try_for_each(|row| {
            json::write_line(&mut out, row)?;
            out.write_all(b"\n")
        }),
    };
    Ok(status.and(Status::of_output(written.and_then(|()| out.flush()))))
}
