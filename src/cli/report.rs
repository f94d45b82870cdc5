//! `mailwhy report`.

use super::args::{Color, ReportArgs, ReportFormat};
use super::filter::behind;
use super::incremental::Incremental;
use super::output::Output;
use super::reading::{Writes, inputs_of, read};
use super::sending::send;
use super::status::{Status, complain};
use super::terminal::look;
use crate::classify::Judge;
use crate::error::Error;
use crate::filter::Filter;
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use crate::pipeline::{Options, Outcome};
use crate::render::layout::Look;
use crate::render::text::{self, Extent};
use crate::render::{email, json, prometheus};
use crate::report::{About, Collector, Report, RunsSection, build};
use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// Width of the text in a message: what a mail reader shows without wrapping.
const LETTER_WIDTH: u16 = 78;

/// Runs the command.
///
/// # Errors
///
/// The user's knowledge, a filter or the state cannot be used.
pub(super) fn run(args: &ReportArgs, color: Color, language: Language) -> Result<Status, Error> {
    let judge = Judge::new(args.knowledge.classifier()?);
    let filter = args.filter.filter(&args.input.options())?;
    if filter.is_some() && args.state.is_some() {
        // Whether a message carried over is selected hangs on lines that are not read again.
        complain(
            "--state goes on from earlier runs, whose lines no filter can see: leave one of them out",
        );
        return Ok(Status::Failed);
    }
    let begin = |folder: &PathBuf| Incremental::begin(folder, "report", &args.input);
    let incremental = args.state.as_ref().map(begin).transpose()?;
    let options = Options { shapes: args.show_unknown, ..args.input.options() };
    let mut collector = Collector::new(options.zone, judge);
    let Some(mut incremental) = incremental else {
        let inputs = inputs_of(&args.input);
        let outcome = behind(filter.as_ref(), &mut collector, |sink| {
            read(&args.input, &inputs, &options, (sink, Writes::AtTheEnd))
        });
        let status = problems(&outcome);
        let about = (filter.as_ref(), None);
        let shown = show(collector, &outcome, args, (color, language), about);
        return Ok(shown.status.and(status));
    };
    let runs = incremental.runs();
    let carried = incremental.carried();
    let carried_over = carried.open_messages() as u64;
    collector.go_on(carried);
    let outcome = incremental.read(&args.input, &options, &mut collector);
    let status = problems(&outcome).and(incremental.status());
    let next = collector.carry();
    let runs = AboutRuns {
        first: runs.map(|(first, _)| first),
        before: runs.map(|(_, before)| before),
        carried_over,
    };
    let shown = show(collector, &outcome, args, (color, language), (None, Some(&runs)));
    // What nobody got to see is said again by the next run.
    if shown.handed_out {
        incremental.commit(&outcome, next)?;
    }
    Ok(shown.status.and(status))
}

/// What came of showing a report.
struct Shown {
    status: Status,
    /// It is where it should be; a reader that went away is one that had enough.
    handed_out: bool,
}

/// Builds the report, writes it and sends it.
fn show(
    collector: Collector,
    outcome: &Outcome,
    args: &ReportArgs,
    (color, language): (Color, Language),
    (filter, runs): (Option<&Filter>, Option<&AboutRuns>),
) -> Shown {
    // Nothing could be read at all: an empty report would only hide that.
    if !outcome.sources.is_empty()
        && outcome.sources.iter().all(|s| s.problem.is_some() && s.lines == 0)
    {
        return Shown { status: Status::Failed, handed_out: false };
    }
    let ended = collector.ended_before().clone();
    let summary = collector.finish();
    let knowledge = &Knowledge::in_language(language);
    let zone = args.input.tz;
    let about = About { outcome, zone, top: args.top, filter, knowledge, language };
    let mut report = build(&summary, about);
    report.runs = runs.map(|AboutRuns { first, before, carried_over }| {
        RunsSection::new(&ended, &summary, (*first, *before), *carried_over)
    });
    report.thresholds = args.fail_on.iter().map(|threshold| threshold.look(&report)).collect();
    let passed = report.thresholds.iter().any(|row| row.passed);
    let alarm = if passed { Status::No } else { Status::Done };
    let failed = outcome.sources.iter().any(|source| source.problem.is_some());
    let quiet = args.quiet_ok && !passed && !failed;
    let status = hand_out(&report, args, color, quiet);
    Shown { status: alarm.and(status), handed_out: status == Status::Done }
}

/// What is known of the runs before, for the report.
struct AboutRuns {
    /// When the first began.
    first: Option<i64>,
    /// When the one before this one began.
    before: Option<i64>,
    /// Messages that were on their way.
    carried_over: u64,
}

/// Writes and sends what is asked for. When there is nothing to say, files are written empty, so that whoever
/// waits for them sees that the run took place, and nothing is printed or sent.
fn hand_out(report: &Report, args: &ReportArgs, color: Color, quiet: bool) -> Status {
    let sends = args.mail_to.is_some()
        && !(args.format == Some(ReportFormat::Email) && args.output.is_some());
    let prints = match args.format {
        Some(ReportFormat::Email) => !sends,
        Some(_) => true,
        None => args.output.is_some() || (!sends && args.write.is_empty()),
    };
    let main = (args.format.unwrap_or(ReportFormat::Text), args.output.as_deref());
    let others = args.write.iter().map(|(format, file)| (*format, Some(file.as_os_str())));
    let mut status = Status::Done;
    for (format, file) in prints.then_some(main).into_iter().chain(others) {
        status = status.and(write(report, args, (format, file), color, quiet));
    }
    if sends && !quiet {
        let sent = letter(report, args).and_then(|message| send(&args.sendmail, &message));
        if let Err(error) = sent {
            complain(&format!("cannot send: {}: {error}", args.sendmail.display()));
            status = Status::Failed;
        }
    }
    status
}

fn write(
    report: &Report,
    args: &ReportArgs,
    (format, file): (ReportFormat, Option<&OsStr>),
    color: Color,
    quiet: bool,
) -> Status {
    // Metrics of a quiet day are metrics.
    let silent = quiet && format != ReportFormat::Prometheus;
    let written = || -> Result<(), Error> {
        let mut out = Output::to(file)?;
        if !silent {
            let look = if matches!(out, Output::Stdout(_)) { look(color) } else { PLAIN };
            let mut whole = Vec::new();
            render(report, args, format, look, &mut whole)?;
            out.write_all(&whole)?;
        }
        out.finish()
    };
    match written() {
        Ok(()) => Status::Done,
        Err(Error::Write(error)) => Status::of_output(Err(error)),
        Err(error) => {
            complain(&error.to_string());
            Status::Failed
        }
    }
}

/// The look of text in files and messages.
const PLAIN: Look = Look { width: LETTER_WIDTH, colour: false };

fn render(
    report: &Report,
    args: &ReportArgs,
    format: ReportFormat,
    look: Look,
    out: &mut dyn Write,
) -> Result<(), Error> {
    match format {
        ReportFormat::Text => out.write_all(as_text(report, args, look).as_bytes())?,
        ReportFormat::Json => json::write_pretty(out, report)?,
        ReportFormat::Email => out.write_all(&letter(report, args)?)?,
        ReportFormat::Prometheus => out.write_all(prometheus::render(report).as_bytes())?,
    }
    Ok(())
}

fn as_text(report: &Report, args: &ReportArgs, look: Look) -> String {
    let extent = Extent { top: args.top, detail: args.detail, shapes: args.show_unknown };
    text::render(report, look, extent)
}

fn letter(report: &Report, args: &ReportArgs) -> std::io::Result<Vec<u8>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let letter = email::Letter {
        from: &args.mail_from,
        to: args.mail_to.as_deref().unwrap_or("root"),
        now: i64::try_from(now).unwrap_or(0),
        text: &as_text(report, args, PLAIN),
        html: "",
    };
    email::render(report, letter)
}

/// Tells of every source that could not be read.
pub(super) fn problems(outcome: &Outcome) -> Status {
    let mut status = Status::Done;
    for source in &outcome.sources {
        if let Some(problem) = &source.problem {
            complain(&problem.to_string());
            status = Status::Failed;
        }
    }
    status
}
