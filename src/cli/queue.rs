//! `mailwhy queue`.

use super::args::{Color, InputArgs};
use super::between::Between;
use super::doubts::tell;
use super::filter::FilterArgs;
use super::knowledge::KnowledgeArgs;
use super::reading::{inputs_of, names_of};
use super::redact::RedactArgs;
use super::report::problems;
use super::status::Status;
use super::terminal::look;
use crate::classify::Judge;
use crate::error::Error;
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use crate::queue::{Backoff, Collector, Ending};
use crate::render::{json, queue};
use clap::{Args, ValueEnum};
use std::io::Write;

/// `mailwhy queue`.
#[derive(Debug, Args)]
#[command(after_help = "\
What is counted: a message is in the queue when the log ends before it was removed or completed, and at \
least one of its recipients was neither served nor given up. Age is the time from its arrival to the \
last moment of the log; where the log does not have the arrival, `delay=` tells it, and where nothing \
does the age is `at least` the time since the first line about it. A try is a delivery attempt for that \
recipient; a quotation of an earlier reply (`delivery temporarily suspended`) and Exim's `retry time not \
reached` are none. The reply is the last one that the recipient met. Recipients that only `nrcpt=` told \
of count as not tried, without a name.

Next attempt: Postfix does not log it. It waits as long as the message is old at its last failure, at \
least --minimal-backoff and at most --maximal-backoff, so the waits double; the estimate is that time, \
and the real attempt up to queue_run_delay (300 s) later. Exim keeps its retry times in a database \
(`exinext ADDRESS`) and logs none of them, so none is estimated.

Not seen: messages of before the log that no line names, and what was done by hand without a line. A \
message that nothing is heard of for a week is given up and only counted.

Examples:
  mailwhy queue /var/log/mail.log
  mailwhy queue --top 100 --format json /var/log/mail.log | jq -r '.oldest[].queue_id'
  mailwhy queue --format csv /var/log/mail.log > queue.csv")]
pub struct QueueArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub redact: RedactArgs,
    /// Messages shown, and rows of each table; everything is counted [default: 10, of CSV all]
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// Postfix's `minimal_backoff_time` in seconds, for the estimate of the next attempt
    #[arg(long, value_name = "SECONDS", default_value_t = Backoff::default().minimal,
          value_parser = clap::value_parser!(i64).range(1..=31_536_000))]
    pub minimal_backoff: i64,
    /// Postfix's `maximal_backoff_time` in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = Backoff::default().maximal,
          value_parser = clap::value_parser!(i64).range(1..=31_536_000))]
    pub maximal_backoff: i64,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = QueueFormat::Text)]
    pub format: QueueFormat,
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// Forms of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QueueFormat {
    /// For people
    Text,
    /// For programs; the same facts, with a schema version
    Json,
    /// The messages alone, oldest first: one row a recipient who waits
    Csv,
}

/// Rows of each list, where the user does not say.
const TOP: usize = 10;

/// Runs the command.
///
/// # Errors
///
/// The user's knowledge, a filter or the key for pseudonyms cannot be used.
pub(super) fn run(args: &QueueArgs, color: Color, language: Language) -> Result<Status, Error> {
    let judge = Judge::new(args.knowledge.classifier()?);
    let options = args.input.options();
    let between = Between::of(&args.filter, &args.redact, &options)?;
    let mut collector = Collector::new(judge);
    let inputs = inputs_of(&args.input);
    let (outcome, warnings) =
        between.read_and_doubt(&args.input, &inputs, (&options, language), &mut collector);
    let status = problems(&outcome);
    if outcome.nothing_was_read() {
        return Ok(status);
    }
    let files = names_of(&args.input, &inputs);
    let ending = Ending {
        files: &files,
        zone: options.zone,
        knowledge: &Knowledge::in_language(language),
        language,
        top: args.top.unwrap_or(if args.format == QueueFormat::Csv { usize::MAX } else { TOP }),
        backoff: Backoff { minimal: args.minimal_backoff, maximal: args.maximal_backoff },
    };
    let mut found = collector.finish(&ending);
    found.filter = between.told();
    if args.format == QueueFormat::Csv {
        tell(&warnings);
    }
    found.warnings = warnings;
    let mut out = std::io::stdout().lock();
    let written = match args.format {
        QueueFormat::Text => out.write_all(queue::render(&found, look(color), language).as_bytes()),
        QueueFormat::Json => json::write_pretty(&mut out, &found),
        QueueFormat::Csv => queue::write_csv(&mut out, &found),
    };
    Ok(status.and(Status::of_output(written.and_then(|()| out.flush()))))
}
