//! `mailwhy report`.

use super::args::{Color, ReportArgs, ReportFormat};
use super::output::Output;
use super::reading::{Writes, inputs_of, read};
use super::sending::send;
use super::status::{Status, complain};
use super::terminal::look;
use crate::classify::Judge;
use crate::error::Error;
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use crate::pipeline::{Options, Outcome};
use crate::render::layout::Look;
use crate::render::text::{self, Extent};
use crate::render::{email, json, prometheus};
use crate::report::{About, Collector, Report, build};
use std::ffi::OsStr;
use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

/// Width of the text in a message: what a mail reader shows without wrapping.
const LETTER_WIDTH: u16 = 78;

/// Runs the command.
pub(super) fn run(args: &ReportArgs, color: Color, language: Language) -> Status {
    let options = Options { shapes: args.show_unknown, ..args.input.options() };
    let mut collector = Collector::new(options.zone, Judge::builtin());
    let inputs = inputs_of(&args.input);
    let outcome = read(&args.input, &inputs, &options, (&mut collector, Writes::AtTheEnd));
    let status = problems(&outcome);
    // Nothing could be read at all: an empty report would only hide that.
    if !outcome.sources.is_empty()
        && outcome.sources.iter().all(|s| s.problem.is_some() && s.lines == 0)
    {
        return status;
    }
    let summary = collector.finish();
    let knowledge = &Knowledge::in_language(language);
    let about = About { outcome: &outcome, zone: options.zone, top: args.top, knowledge, language };
    let mut report = build(&summary, about);
    report.thresholds = args.fail_on.iter().map(|threshold| threshold.look(&report)).collect();
    let passed = report.thresholds.iter().any(|row| row.passed);
    let alarm = if passed { Status::No } else { Status::Done };
    let quiet = args.quiet_ok && !passed && status == Status::Done;
    status.and(alarm).and(hand_out(&report, args, color, quiet))
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
