//! `mailwhy events`.

use super::args::{EventsArgs, EventsFormat};
use super::between::Between;
use super::follow::{Following, Shared, Turn};
use super::incremental::{Incremental, NO_FILTER, NO_KEY};
use super::reading::{Writes, inputs_of, names_of};
use super::redact::Guard;
use super::report::problems;
use super::status::{Status, complain};
use crate::classify::Judge;
use crate::error::Error;
use crate::render::events::{self, EventWriter};
use crate::report::Carried;
use std::cell::RefCell;
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
    let between = Between::of(&args.filter, &args.redact, &options)?;
    if let Some(folder) = &args.state {
        if between.filter.is_some() {
            complain(NO_FILTER);
            return Ok(Status::Failed);
        }
        if args.redact.is_for_one_run() {
            complain(NO_KEY);
            return Ok(Status::Failed);
        }
        if args.follow {
            return follow(args, Some((folder, "events")), judge, &between);
        }
        return run_on(args, folder, judge, &between.guard);
    }
    if args.follow {
        return follow(args, None, judge, &between);
    }
    let inputs = inputs_of(&args.input);
    let names = names_of(&args.input, &inputs);
    let mut writer = EventWriter::new(out(), form(args), &names, judge);
    let outcome = between.read(&args.input, &inputs, &options, (&mut writer, Writes::AsItReads));
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
    let written = writer.finish();
    if written.is_ok() && !outcome.stopped {
        incremental.commit(&outcome, Carried::default())?;
    }
    Ok(status.and(Status::of_output(written)))
}

/// The same as the log grows.
fn follow(
    args: &EventsArgs,
    state: Option<(&Path, &str)>,
    judge: Judge,
    between: &Between,
) -> Result<Status, Error> {
    let options = args.input.options();
    let mut following = Following::begin(&args.input, state)?;
    let writer = RefCell::new(EventWriter::new(out(), form(args), &[], judge));
    let mut written = Ok(());
    let named = |names: &[String]| writer.borrow_mut().call_sources(names);
    let left: Result<(), Error> = between.before(&mut Shared::new(&writer, &following), |sink| {
        while let Some(turn) = following.turn(&options, sink, &named) {
            if turn == Turn::Read {
                written = writer.borrow_mut().flush();
                if written.is_err() {
                    break;
                }
            }
            following.leave_if_due()?;
        }
        Ok(())
    });
    let status = problems(following.total().outcome());
    let written = written.and_then(|()| writer.into_inner().finish());
    left?;
    // What a reader did not take comes again.
    let ended = if written.is_ok() { following.end()? } else { Status::Done };
    Ok(status.and(ended).and(Status::of_output(written)))
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
