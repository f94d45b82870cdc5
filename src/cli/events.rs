//! `mailwhy events`.

use super::args::{EventsArgs, EventsFormat};
use super::report::problems;
use super::status::Status;
use crate::classify::Judge;
use crate::pipeline;
use crate::render::events::{self, EventWriter};
use std::io::BufWriter;

/// Runs the command.
pub(super) fn run(args: &EventsArgs) -> Status {
    let inputs = args.input.inputs();
    let names: Vec<String> =
        inputs.iter().map(|input| input.path().display().to_string()).collect();
    let format = match args.format {
        EventsFormat::Ndjson => events::EventsFormat::Ndjson,
        EventsFormat::Csv => events::EventsFormat::Csv,
    };
    let out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let mut writer = EventWriter::new(out, format, &names, Judge::builtin());
    let outcome = pipeline::run(&inputs, &args.input.options(), &mut writer);
    problems(&outcome).and(Status::of_output(writer.finish()))
}
