//! `mailwhy events`.

use super::args::{EventsArgs, EventsFormat};
use super::filter::behind;
use super::incremental::Incremental;
use super::reading::{Writes, inputs_of, names_of, read};
use super::redact::Guard;
use super::report::problems;
use super::status::{Status, complain};
use crate::classify::Judge;
use crate::error::Error;
use crate::render::events::{self, EventWriter};
use crate::report::Carried;
use std::io::{BufWriter, StdoutLock};
use std::path::Path;

/// Runs the command.
///
/// # Errors
///
/// The user's knowledge, a filter or the key for pseudonyms cannot be used.
pub(super) fn run(args: &EventsArgs) -> Result<Status, Error> {
    let judge = Judge::new(args.knowledge.classifier()?);
    let options = args.input.options();
    let filter = args.filter.filter(&options)?;
    let guard = args.redact.guard()?;
    if let Some(folder) = &args.state {
        if filter.is_some() {
            complain(
                "--state goes on from earlier runs, whose lines no filter can see: leave one of them out",
            );
            return Ok(Status::Failed);
        }
        return run_on(args, folder, judge, &guard);
    }
    let inputs = inputs_of(&args.input);
    let names = names_of(&args.input, &inputs);
    let mut writer = EventWriter::new(out(), form(args), &names, judge);
    let outcome = guard.before(&mut writer, |sink| {
        behind(filter.as_ref(), sink, |sink| {
            read(&args.input, &inputs, &options, (sink, Writes::AsItReads))
        })
    });
    Ok(problems(&outcome).and(Status::of_output(writer.finish())))
}

/// The same over what is new. The state is left when all was written: what a reader did not take comes again.
fn run_on(args: &EventsArgs, folder: &Path, judge: Judge, guard: &Guard) -> Result<Status, Error> {
    let mut incremental = Incremental::begin(folder, "events", &args.input)?;
    let names = incremental.names(&args.input);
    let mut writer = EventWriter::new(out(), form(args), &names, judge);
    let options = args.input.options();
    let outcome = guard.before(&mut writer, |sink| incremental.read(&args.input, &options, sink));
    let status = problems(&outcome).and(incremental.status());
    let written = Status::of_output(writer.finish());
    if written == Status::Done && !outcome.stopped {
        incremental.commit(&outcome, Carried::default())?;
    }
    Ok(status.and(written))
}

fn form(args: &EventsArgs) -> events::EventsFormat {
    match args.format {
        EventsFormat::Ndjson => events::EventsFormat::Ndjson,
        EventsFormat::Csv => events::EventsFormat::Csv,
    }
}

fn out() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(1 << 16, std::io::stdout().lock())
}
