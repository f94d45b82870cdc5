//! From inputs to records in order: one pass, bounded memory, the same result for any number of threads.
//!
//! ```text
//! chunk k ──► whichever thread is free ──batch k──► the calling thread, in the order of the chunks ──► sink
//! jobs.rs     batch.rs                   turns.rs   order.rs
//! ```
//!
//! Workers know one chunk and nothing else. They parse it, and judge the events whose causes the sink wants,
//! which takes as long again. Whatever depends on the lines before (years, repeated messages,
//! split entries, copies, what a line without an envelope is) is done in the ordered stage. So neither the
//! size of the chunks nor the number of threads can be seen in the result. At most a few chunks a thread
//! are alive. With one thread the same three calls run in a loop.

mod batch;
mod copies;
mod course;
mod few;
mod jobs;
mod order;
mod parts;
mod repeats;
mod search;
mod shape;
mod skip;
mod turns;
mod year;

#[cfg(test)]
mod tests;

pub use search::Search;

use crate::error::Error;
use crate::input::{Input, Meter, Position, Rest, Stretch, missing_members};
use crate::record::{Anomaly, Coverage, Sink};
use crate::time::{Time, Zone};
use batch::{Worker, parse_job};
pub use copies::Copies;
use jobs::Jobs;
use order::Ordered;
use std::io::Read;
use std::num::NonZeroUsize;
use turns::parse_in_turns;

/// How to read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that read and parse, the caller's included; where the input may keep them waiting (standard input, a pipe),
    /// the caller's is one more. One means no other thread.
    pub threads: NonZeroUsize,
    /// The zone of stamps that name none.
    pub zone: Zone,
    /// The year of the first stamp of each source, where stamps have none; otherwise it is found from the
    /// file's last change.
    pub year: Option<i32>,
    /// Bytes of text in a chunk.
    pub chunk_size: usize,
    /// Whether shapes of lines that were not understood are kept ([`Coverage::shapes`]).
    pub shapes: bool,
    /// Parses only the lines with certain texts, and the few that those need. The account of the lines
    /// ([`Coverage`]) is then of the parsed ones, but for their number.
    pub search: Option<Search>,
    /// What counts as now, seconds since 1970; the clock is read where this is `None`.
    pub now: Option<i64>,
    /// Counts the bytes read, for whoever holds a clone of it.
    pub meter: Meter,
}

impl Options {
    /// 64 KiB to 1 MiB made no measurable difference in time. Some eight chunks are alive where two threads parse, each
    /// with two or three times its bytes in parsed lines: the smallest saves memory. Below it time grows.
    pub const CHUNK_SIZE: usize = 64 * 1024;
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            zone: Zone::Local,
            year: None,
            chunk_size: Self::CHUNK_SIZE,
            shapes: false,
            search: None,
            now: None,
            meter: Meter::default(),
        }
    }
}

/// What came of one source.
#[derive(Debug)]
pub struct SourceReport {
    /// As the user named it; `-` is standard input.
    pub name: String,
    /// Lines read.
    pub lines: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Time of the first line that has one.
    pub first: Option<Time>,
    /// Time of the last line that has one.
    pub last: Option<Time>,
    /// Where a later run can go on.
    pub position: Position,
    /// Why it could not be read, or not to its end, or is no mail log.
    pub problem: Option<Error>,
}

impl SourceReport {
    /// A source of which nothing was read.
    pub fn of_nothing(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            lines: 0,
            bytes: 0,
            first: None,
            last: None,
            position: Position::default(),
            problem: None,
        }
    }
}

/// What a run came to, besides the records.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The sources in reading order; [`crate::record::Location::source`] is an index into them.
    pub sources: Vec<SourceReport>,
    /// The account of the lines.
    pub coverage: Coverage,
    /// Gaps and backward jumps, in order; at most [`Outcome::MAX_ANOMALIES`].
    pub anomalies: Vec<Anomaly>,
    /// Further ones.
    pub anomalies_left_out: u64,
    /// Members of rotated sets that were not named.
    pub missing_members: Vec<String>,
    /// The sink ended the reading; the account is of what was read until then, the last lines perhaps not
    /// in a bucket yet.
    pub stopped: bool,
}

impl Outcome {
    /// How many anomalies are kept.
    pub const MAX_ANOMALIES: usize = 100;

    /// Nothing could be read at all: an empty result would only hide that.
    pub fn nothing_was_read(&self) -> bool {
        !self.sources.is_empty()
            && self.sources.iter().all(|source| source.problem.is_some() && source.lines == 0)
    }
}

/// Reads the inputs in the order given, for which [`crate::input::resolve`] can be asked, and hands each
/// record to `sink`. No inputs means standard input.
///
/// An input that cannot be read is reported in its [`SourceReport`], and the others are read.
pub fn run(inputs: &[Input], options: &Options, sink: &mut dyn Sink) -> Outcome {
    let inputs = if inputs.is_empty() { &[Input::Stdin] } else { inputs };
    let jobs = Jobs::of_inputs(inputs, options);
    let mut outcome = read_all(jobs, inputs.len(), options, sink);
    let names: Vec<_> = inputs.iter().map(|input| input.path().to_string_lossy()).collect();
    outcome.missing_members = missing_members(names.iter().map(AsRef::as_ref));
    outcome
}

/// Reads one stream of text, as [`run`] reads standard input, but unpacks nothing.
pub fn run_reader(
    name: &str,
    reader: impl Read + Send + 'static,
    options: &Options,
    sink: &mut dyn Sink,
) -> Outcome {
    read_all(Jobs::of_reader(name, Box::new(reader), options), 1, options, sink)
}

/// Reads what is new in sources of which earlier runs read the begin. `copies` is what such a run gave back; the
/// records of all runs together are those of one run over the whole.
pub fn resume(
    rests: Vec<Rest>,
    copies: Copies,
    options: &Options,
    sink: &mut dyn Sink,
) -> (Outcome, Copies) {
    read_on(Jobs::of_rests(rests, options), copies, options, sink)
}

/// Reads the next part of a text that comes once; see [`resume`].
pub fn resume_stretch(
    stretch: Stretch,
    copies: Copies,
    options: &Options,
    sink: &mut dyn Sink,
) -> (Outcome, Copies) {
    read_on(Jobs::of_stretch(stretch, options), copies, options, sink)
}

fn read_all(jobs: Jobs, sources: usize, options: &Options, sink: &mut dyn Sink) -> Outcome {
    read_on(jobs, Copies::new(sources), options, sink).0
}

fn read_on(
    jobs: Jobs,
    copies: Copies,
    options: &Options,
    sink: &mut dyn Sink,
) -> (Outcome, Copies) {
    let mut worker = Worker::new(options, sink);
    let mut ordered = Ordered::new(copies, options, worker.clone(), sink);
    let mut take = |piece| ordered.take(piece);
    let left = parse_in_turns(jobs, options.threads.get(), &mut worker, &mut take);
    for job in left.into_iter().flatten() {
        if take(parse_job(job, &mut worker)).is_break() {
            break;
        }
    }
    ordered.finish()
}
