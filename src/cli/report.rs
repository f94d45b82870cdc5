//! `mailwhy report`.

use super::args::{Color, ReportArgs, ReportFormat};
use super::reading::{Writes, inputs_of, read};
use super::status::{Status, complain};
use super::terminal::look;
use crate::classify::Judge;
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use crate::pipeline::{Options, Outcome};
use crate::render::json;
use crate::render::text::{self, Extent};
use crate::report::{About, Collector, build, incident_rows};
use std::io::Write;

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
    let (summary, incidents) = collector.finish_with_incidents();
    let knowledge = &Knowledge::in_language(language);
    let about = About { outcome: &outcome, zone: options.zone, top: args.top, knowledge, language };
    let mut report = build(&summary, about);
    report.incidents = incident_rows(&incidents, about, args.top);
    report.incidents_found = incidents.len();
    let mut out = std::io::stdout().lock();
    let written = match args.format {
        ReportFormat::Text => {
            let extent = Extent { top: args.top, detail: args.detail, shapes: args.show_unknown };
            out.write_all(text::render(&report, look(color), extent).as_bytes())
        }
        ReportFormat::Json => json::write_pretty(&mut out, &report),
    };
    status.and(Status::of_output(written.and_then(|()| out.flush())))
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
