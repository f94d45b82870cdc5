//! `mailwhy report`.

use super::args::{Color, ReportArgs, ReportFormat};
use super::asking::status_of;
use super::between::Between;
use super::incremental::{Incremental, NO_FILTER, NO_KEY};
use super::live;
use super::moment::now;
use super::output::Output;
use super::reading::{Writes, inputs_of, read};
use super::sending::send;
use super::status::{Status, complain};
use super::terminal::look;
use crate::check::TroubleSink;
use crate::classify::Judge;
use crate::error::Error;
use crate::explain::{Context, Explainer};
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use crate::pipeline::{Options, Outcome};
use crate::record::Sink;
use crate::render::layout::Look;
use crate::render::tables::{TableName, table};
use crate::render::text::{self, Extent};
use crate::render::{csv, email, html, json, markdown, prometheus};
use crate::report::{
    About, Collected, Collector, Report, RunsSection, build, incident_rows, usual_section,
};
use std::cell::RefCell;
use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;

/// Width of the text in a message: what a mail reader shows without wrapping.
const LETTER_WIDTH: u16 = 78;

/// Runs the command.
///
/// # Errors
///
/// The user's knowledge, a filter, the key for pseudonyms or the state cannot be used.
pub(super) fn run(args: &ReportArgs, color: Color, language: Language) -> Result<Status, Error> {
    if args.table.is_some() && !formats(args).any(|format| TABULAR.contains(&format)) {
        complain("--table chooses a table for --format csv or markdown");
        return Ok(Status::Failed);
    }
    let judge = Judge::new(args.knowledge.classifier()?);
    let filter = args.filter.filter(&args.input.options())?;
    if filter.is_some() && args.state.is_some() {
        complain(NO_FILTER);
        return Ok(Status::Failed);
    }
    if filter.is_some() && args.keep.wanted() {
        // A part of a log would later be taken for the whole.
        complain("--save and --history keep counts of whole logs: leave the filter or them out");
        return Ok(Status::Failed);
    }
    if !args.asks.check && args.asks.ask.is_given() {
        complain("--limit, --resolver and the like are for --check");
        return Ok(Status::Failed);
    }
    if args.asks.check && !shows_checks(args) {
        complain(
            "--check has no place in CSV and Prometheus: choose another format, or `mailwhy check --log`",
        );
        return Ok(Status::Failed);
    }
    if args.state.is_some() && args.redact.is_for_one_run() {
        complain(NO_KEY);
        return Ok(Status::Failed);
    }
    let between = Between { filter, guard: args.redact.guard()? };
    if args.follow {
        return live::run(args, (color, language), judge, &between);
    }
    let guard = &between.guard;
    let begin = |folder: &PathBuf| Incremental::begin(folder, "report", &args.input);
    let incremental = args.state.as_ref().map(begin).transpose()?;
    let options = Options { shapes: args.show_unknown, ..args.input.options() };
    let mut collector = Collector::new(options.zone, judge);
    if args.keep.wanted() {
        collector = collector.with_digest(&args.keep.own_host);
    }
    let mut troubles = if args.asks.check {
        Some(TroubleSink::new(Judge::new(args.knowledge.classifier()?)))
    } else {
        None
    };
    let knowing = troubles.as_mut().map(|sink| sink as &mut dyn Sink);
    let Some(mut incremental) = incremental else {
        let inputs = inputs_of(&args.input);
        let mut outcome = between.with_names(&mut collector, knowing, |sink| {
            read(&args.input, &inputs, &options, (sink, Writes::AtTheEnd))
        });
        guard.coverage(&mut outcome.coverage);
        let status = problems(&outcome);
        let told = Told { between: &between, runs: None, troubles };
        let shown = show(collector, &outcome, args, (color, language), told)?;
        return Ok(shown.status.and(status));
    };
    let runs = incremental.runs();
    let carried = incremental.carried();
    let carried_over = carried.open_messages() as u64;
    collector.go_on(carried);
    let mut outcome = between
        .with_names(&mut collector, knowing, |sink| incremental.read(&args.input, &options, sink));
    guard.coverage(&mut outcome.coverage);
    let status = problems(&outcome).and(incremental.status());
    let next = collector.carry();
    let runs = AboutRuns {
        first: runs.map(|(first, _)| first),
        before: runs.map(|(_, before)| before),
        carried_over,
        name: incremental.name(),
    };
    let told = Told { between: &between, runs: Some(&runs), troubles };
    let shown = show(collector, &outcome, args, (color, language), told)?;
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

/// What is told beside the counts.
struct Told<'a> {
    between: &'a Between,
    runs: Option<&'a AboutRuns>,
    /// What DNS is to be asked about.
    troubles: Option<TroubleSink>,
}

/// Builds the report, writes it and sends it.
fn show(
    mut collector: Collector,
    outcome: &Outcome,
    args: &ReportArgs,
    (color, language): (Color, Language),
    Told { between, runs, troubles }: Told<'_>,
) -> Result<Shown, Error> {
    // Nothing could be read at all: an empty report would only hide that.
    if outcome.nothing_was_read() {
        return Ok(Shown { status: Status::Failed, handed_out: false });
    }
    let ended = collector.ended_before().clone();
    if let Some(baseline) = args.keep.baseline(collector.begin()) {
        collector.compare_with(baseline);
    }
    let baseline_hours = collector.baseline_hours();
    let Collected { summary, incidents, digest } = collector.finish_with_all(outcome);
    // Before the report: whoever reads it may stop in the middle.
    let name = runs.and_then(|runs| runs.name.as_deref());
    let (beside, kept) = match &digest {
        Some(digest) => args.keep.keep(digest, name),
        None => (None, Status::Done),
    };
    let knowledge = &Knowledge::in_language(language);
    let zone = args.input.tz;
    let filter = between.filter.as_ref();
    let about = About { outcome, zone, top: TOP, filter, knowledge, language };
    let usual = beside.map(|usual| usual_section(usual, knowledge));
    let checks = RefCell::new(None);
    let report_for = |format| {
        let about = About { top: top_of(args, format), ..about };
        let mut report = build(&summary, about);
        report.incidents = incident_rows(&incidents, about, about.top);
        report.incidents_found = incidents.len();
        report.baseline_hours = baseline_hours;
        report.runs = runs.map(|AboutRuns { first, before, carried_over, .. }| {
            RunsSection::new(&ended, &summary, (*first, *before), *carried_over)
        });
        report.usual.clone_from(&usual);
        report.filter = between.told();
        report.checks.clone_from(&checks.borrow());
        report.thresholds = args.fail_on.iter().map(|threshold| threshold.look(&report)).collect();
        report
    };
    // A report is built for each form that is asked for; where no limit is set there is nothing to build one for.
    let passed = !args.fail_on.is_empty()
        && report_for(ReportFormat::Text).thresholds.iter().any(|row| row.passed);
    let alarm = if passed { Status::No } else { Status::Done };
    let failed = outcome.sources.iter().any(|source| source.problem.is_some());
    let quiet = args.quiet_ok && !passed && !failed;
    let mut found = Status::Done;
    // Nobody is asked for what nobody reads.
    if let Some(sink) = troubles.filter(|_| !quiet) {
        let explainer =
            Explainer::with(knowledge, args.knowledge.classifier()?, Context::default());
        let of = args.asks.ask.of_log(sink.finish(), &[]);
        let report = args.asks.ask.ask(&of, None, &explainer, &between.guard)?;
        found = status_of(&report);
        checks.replace(Some(report));
    }
    let status = hand_out(&report_for, args, color, quiet);
    let handed_out = status == Status::Done;
    Ok(Shown { status: alarm.and(kept).and(found).and(status), handed_out })
}

/// What is known of the runs before, for the report.
struct AboutRuns {
    /// When the first began.
    first: Option<i64>,
    /// When the one before this one began.
    before: Option<i64>,
    /// Messages that were on their way.
    carried_over: u64,
    /// What this run is called in a history.
    name: Option<String>,
}

/// The formats that `--table` is for.
const TABULAR: [ReportFormat; 2] = [ReportFormat::Csv, ReportFormat::Markdown];

/// Whether what DNS says has a place in anything that is written or sent.
fn shows_checks(args: &ReportArgs) -> bool {
    let has_place = |format| !matches!(format, ReportFormat::Csv | ReportFormat::Prometheus);
    args.mail_to.is_some()
        || (args.format.is_none() && args.write.is_empty())
        || formats(args).any(has_place)
}

/// All formats that are asked for.
fn formats(args: &ReportArgs) -> impl Iterator<Item = ReportFormat> {
    args.format.into_iter().chain(args.write.iter().map(|(format, _)| *format))
}

/// Rows of each list, where the user does not say.
pub(super) const TOP: usize = 10;

/// A page has room; who wants CSV wants all.
pub(super) fn top_of(args: &ReportArgs, format: ReportFormat) -> usize {
    args.top.unwrap_or(match format {
        ReportFormat::Html => 25,
        ReportFormat::Csv => usize::MAX,
        _ => TOP,
    })
}

/// The report, with as many rows as a format shows.
type ReportFor<'a> = dyn Fn(ReportFormat) -> Report + 'a;

/// Writes and sends what is asked for. When there is nothing to say, files are written empty, so that whoever
/// waits for them sees that the run took place, and nothing is printed or sent.
fn hand_out(report_for: &ReportFor<'_>, args: &ReportArgs, color: Color, quiet: bool) -> Status {
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
        status = status.and(write(&report_for(format), args, (format, file), color, quiet));
    }
    if sends && !quiet {
        let sent = letter(&report_for(ReportFormat::Email), args)
            .and_then(|message| send(&args.sendmail, &message));
        if let Err(error) = sent {
            complain(&format!("cannot send: {}: {error}", args.sendmail.display()));
            status = Status::Failed;
        }
    }
    status
}

pub(super) fn write(
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
const PLAIN: Look = Look { width: LETTER_WIDTH, colour: false, ascii: false };

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
        ReportFormat::Html => out.write_all(html::render(report).as_bytes())?,
        ReportFormat::Csv => {
            csv::write(&table(report, args.table.unwrap_or(TableName::Causes)), out)?;
        }
        ReportFormat::Markdown => {
            let text = match args.table {
                Some(name) => markdown::one(&table(report, name), report),
                None => markdown::render(report),
            };
            out.write_all(text.as_bytes())?;
        }
        ReportFormat::Email => out.write_all(&letter(report, args)?)?,
        ReportFormat::Prometheus => out.write_all(prometheus::render(report).as_bytes())?,
    }
    Ok(())
}

fn as_text(report: &Report, args: &ReportArgs, look: Look) -> String {
    let extent =
        Extent { top: args.top.unwrap_or(TOP), detail: args.detail, shapes: args.show_unknown };
    text::render(report, look, extent)
}

fn letter(report: &Report, args: &ReportArgs) -> std::io::Result<Vec<u8>> {
    let letter = email::Letter {
        from: &args.mail_from,
        to: args.mail_to.as_deref().unwrap_or("root"),
        now: now(),
        text: &as_text(report, args, PLAIN),
        html: &html::render(report),
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
