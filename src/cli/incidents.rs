//! `mailwhy incidents`: what went wrong, since when, for whom, and what to do.

use super::args::{Color, InputArgs};
use super::between::Between;
use super::filter::FilterArgs;
use super::history::told;
use super::incremental::{Incremental, NO_FILTER};
use super::keep::KeepArgs;
use super::knowledge::KnowledgeArgs;
use super::moment::now;
use super::reading::{Writes, inputs_of};
use super::redact::RedactArgs;
use super::report::problems;
use super::status::{Status, complain};
use super::terminal::look;
use crate::classify::Judge;
use crate::digest::is_saved;
use crate::error::Error;
use crate::history::{History, read_baseline};
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use crate::pipeline::Outcome;
use crate::render::{incidents as text, json};
use crate::report::{About, Collected, Collector, IncidentsDocument, build, incident_rows};
use clap::{Args, ValueEnum};
use std::io::Write;
use std::path::{Path, PathBuf};

/// `mailwhy incidents`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mailwhy incidents /var/log/mail.log
  mailwhy incidents --rotated /var/log/exim4/mainlog
  mailwhy incidents --format ndjson /var/log/mail.log | jq -r 'select(.going_on) | .title'
  mailwhy incidents --baseline /var/lib/mailwhy/history /var/log/mail.log
  mailwhy incidents --state /var/lib/mailwhy /var/log/mail.log

An incident is a stretch of time in which one thing (a receiver with a cause, a login, a restriction, a fault of our
server) happened at least three times as often as is usual, and more often than chance makes it in one of a hundred
logs. A handful of messages is none. What is usual is told by the rest of the log, which must cover three hours; so
trouble that lasts as long as the log is not found. With --baseline a history or a saved report tells it, hour by hour of
the week: then such trouble is found, in a log of any length, and what comes every Monday is no incident.")]
pub struct IncidentsArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub redact: RedactArgs,
    /// What is usual: a history (`report --history`) or a saved report (`report --save`)
    ///
    /// Of it counts what happened before the log begins. It has no names: what a login sends and what
    /// fails at a receiver that is no known provider is compared with the rest of the log only.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Go on from the last run: read only what is new, and leave the state in this folder
    ///
    /// As for `report`, with a state of its own. The counts of each run are kept there too (`incidents.history`, by the
    /// hour 70 days, then by the day up to 400), and are what is usual for the next, unless --baseline says it. Filters
    /// are refused with it.
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
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
/// The user's knowledge, a filter, the key for pseudonyms, the baseline or the state cannot be used.
pub(super) fn run(args: &IncidentsArgs, color: Color, language: Language) -> Result<Status, Error> {
    let judge = Judge::new(args.knowledge.classifier()?);
    let options = args.input.options();
    let between = Between::of(&args.filter, &args.redact, &options)?;
    if let Some(folder) = &args.state {
        return run_on(args, (folder, judge), &between, (color, language));
    }
    let mut collector = Collector::new(options.zone, judge);
    let inputs = inputs_of(&args.input);
    let outcome = between.read(&args.input, &inputs, &options, (&mut collector, Writes::AtTheEnd));
    let status = problems(&outcome);
    if outcome.nothing_was_read() {
        return Ok(status);
    }
    let compared = match &args.baseline {
        Some(file) => compare(&mut collector, file)?,
        None => Status::Done,
    };
    let usual = collector.baseline_hours();
    let collected = collector.finish_with_all(&outcome);
    Ok(status.and(compared).and(show(
        (&collected, usual),
        &outcome,
        args,
        &between,
        (color, language),
    )))
}

/// The same over what is new, beside what the runs before have counted.
fn run_on(
    args: &IncidentsArgs,
    (folder, judge): (&Path, Judge),
    between: &Between,
    (color, language): (Color, Language),
) -> Result<Status, Error> {
    if between.filter.is_some() {
        complain(NO_FILTER);
        return Ok(Status::Failed);
    }
    if args.redact.is_for_one_run() {
        complain("--state with --redact needs a key, so that the next run knows the names again");
        return Ok(Status::Failed);
    }
    let mut incremental = Incremental::begin(folder, "incidents", &args.input)?;
    let name = incremental.name();
    let options = args.input.options();
    let mut collector = Collector::new(options.zone, judge).with_digest("");
    collector.go_on(incremental.carried());
    let outcome =
        between.guard.before(&mut collector, |sink| incremental.read(&args.input, &options, sink));
    let mut status = problems(&outcome).and(incremental.status());
    if outcome.nothing_was_read() {
        return Ok(status);
    }
    let next = collector.carry();
    let history = folder.join("incidents.history");
    if let Some(file) = &args.baseline {
        status = status.and(compare(&mut collector, file)?);
    } else if history.exists() {
        match told(History::open(&history, now()), &history) {
            Ok(history) => {
                let baseline = history.baseline(collector.begin())?;
                if baseline.hours() > 0 {
                    collector.compare_with(baseline);
                }
            }
            Err(failed) => status = status.and(failed),
        }
    }
    let usual = collector.baseline_hours();
    let collected = collector.finish_with_all(&outcome);
    let shown = show((&collected, usual), &outcome, args, between, (color, language));
    // What nobody got to see is said again by the next run.
    if shown == Status::Done {
        if let Some(digest) = &collected.digest {
            let keep = KeepArgs { history: Some(history), keep: KEPT_DAYS, ..KeepArgs::default() };
            status = status.and(keep.keep(digest, name.as_deref()).1);
        }
        incremental.commit(&outcome, next)?;
    }
    Ok(status.and(shown))
}

/// How long the counts of runs are kept.
const KEPT_DAYS: i64 = 400;

/// Takes a baseline, as far as it is older than the log.
fn compare(collector: &mut Collector, file: &Path) -> Result<Status, Error> {
    let begin = collector.begin();
    let baseline = if is_saved(file) {
        read_baseline(file, begin, now())?
    } else {
        match told(History::open_existing(file, now()), file) {
            Ok(history) => history.baseline(begin)?,
            Err(failed) => return Ok(failed),
        }
    };
    if baseline.hours() == 0 {
        complain(&format!("{}: tells nothing of the time before the log begins", file.display()));
        return Ok(Status::Failed);
    }
    collector.compare_with(baseline);
    Ok(Status::Done)
}

fn show(
    (collected, baseline_hours): (&Collected, Option<usize>),
    outcome: &Outcome,
    args: &IncidentsArgs,
    between: &Between,
    (color, language): (Color, Language),
) -> Status {
    let Collected { summary, incidents, .. } = collected;
    let knowledge = &Knowledge::in_language(language);
    let filter = between.filter.as_ref();
    let zone = args.input.tz;
    let about = About { outcome, zone, top: 0, filter, knowledge, language };
    let mut report = build(summary, about);
    report.incidents = incident_rows(incidents, about, args.top);
    report.incidents_found = incidents.len();
    report.baseline_hours = baseline_hours;
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
    Status::of_output(written.and_then(|()| out.flush()))
}
