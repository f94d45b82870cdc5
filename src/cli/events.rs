//! `mailwhy events`.

use super::args::{EventsArgs, EventsFormat};
use super::reading::{Writes, inputs_of, read};
use super::report::problems;
use super::status::{Status, complain};
use crate::classify::Judge;
use crate::render::events::{self, EventWriter};
use std::io::BufWriter;

/// Runs the command.
pub(super) fn run(args: &EventsArgs) -> Status {
    let guard = match args.redact.guard() {
        Ok(guard) => guard,
        Err(error) => {
            complain(&error.to_string());
            return Status::Failed;
        }
    };
    let inputs = inputs_of(&args.input);
    let names: Vec<String> =
        inputs.iter().map(|input| input.path().display().to_string()).collect();
    let format = match args.format {
        EventsFormat::Ndjson => events::EventsFormat::Ndjson,
        EventsFormat::Csv => events::EventsFormat::Csv,
    };
    let out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let mut writer = EventWriter::new(out, format, &names, Judge::builtin());
    let options = args.input.options();
    let outcome = guard.before(&mut writer, |sink| {
        read(&args.input, &inputs, &options, (sink, Writes::AsItReads))
    });
    problems(&outcome).and(Status::of_output(writer.finish()))
}
