//! `mailwhy events`.

use super::args::{EventsArgs, EventsFormat};
use super::filter::behind;
use super::reading::{Writes, inputs_of, names_of, read};
use super::report::problems;
use super::status::Status;
use crate::classify::Judge;
use crate::error::Error;
use crate::render::events::{self, EventWriter};
use std::io::BufWriter;

/// Runs the command.
///
/// # Errors
///
/// The user's knowledge or a filter cannot be used.
pub(super) fn run(args: &EventsArgs) -> Result<Status, Error> {
    let judge = Judge::new(args.knowledge.classifier()?);
    let options = args.input.options();
    let filter = args.filter.filter(&options)?;
    let inputs = inputs_of(&args.input);
    let names = names_of(&args.input, &inputs);
    let format = match args.format {
        EventsFormat::Ndjson => events::EventsFormat::Ndjson,
        EventsFormat::Csv => events::EventsFormat::Csv,
    };
    let out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let mut writer = EventWriter::new(out, format, &names, judge);
    let outcome = behind(filter.as_ref(), &mut writer, |sink| {
        read(&args.input, &inputs, &options, (sink, Writes::AsItReads))
    });
    Ok(problems(&outcome).and(Status::of_output(writer.finish())))
}
