//! From the arguments to a run of the pipeline, with a progress bar.
//!
//! The bar is drawn by a thread of its own that looks at a counter ten times a second, so reading does not
//! know of it. Work of less than a second shows nothing.

use super::args::InputArgs;
use super::journal::{self, Journal, LastEntry, Noting, Until};
use super::moment::now;
use super::status::complain;
use crate::input::{Ending, Input, Meter, Position, Rest, Stretch, resolve};
use crate::pipeline::{self, Copies, Options, Outcome, SourceReport};
use crate::record::Sink;
use indicatif::{
    DecimalBytes, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle,
};
use std::fmt::Write;
use std::fs::{self, Metadata};
use std::io::IsTerminal;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// Shorter work needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// The inputs in reading order; tells what is left out.
pub(super) fn inputs_of(args: &InputArgs) -> Vec<Input> {
    let names = if args.files.is_empty() { &["-".into()][..] } else { &args.files };
    let resolved = resolve(names, args.rotated);
    for twin in resolved.twins {
        complain(&twin.to_string());
    }
    resolved.inputs
}

/// What the inputs are called in records.
pub(super) fn names_of(args: &InputArgs, inputs: &[Input]) -> Vec<String> {
    if args.journal {
        return vec![journal::NAME.to_owned()];
    }
    inputs.iter().map(|input| input.path().display().to_string()).collect()
}

/// What counts as now, seconds since 1970.
pub(super) fn now_of(options: &Options) -> i64 {
    options.now.unwrap_or_else(now)
}

/// Where the sink writes while it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writes {
    /// To standard output: a bar would stand between its lines on a terminal.
    AsItReads,
    /// Nowhere.
    AtTheEnd,
}

/// Runs the pipeline.
pub(super) fn read(
    args: &InputArgs,
    inputs: &[Input],
    options: &Options,
    (sink, writes): (&mut dyn Sink, Writes),
) -> Outcome {
    let in_the_way = writes == Writes::AsItReads && std::io::stdout().is_terminal();
    let _bar = (is_bar_seen(args) && !in_the_way).then(|| Bar::start(inputs, &options.meter));
    if args.journal {
        return read_journal(args, ("", Ending::Last), Copies::default(), options, sink).outcome;
    }
    pipeline::run(inputs, options, sink)
}

/// Does work that reads the inputs, with a bar.
pub(super) fn with_bar<T>(
    args: &InputArgs,
    inputs: &[Input],
    options: &Options,
    work: impl FnOnce() -> T,
) -> T {
    let _bar = is_bar_seen(args).then(|| Bar::start(inputs, &options.meter));
    work()
}

/// What came of reading the journal.
pub(super) struct OfJournal {
    /// Of the run; that `journalctl` failed is the problem of its only source.
    pub(super) outcome: Outcome,
    /// For the next run.
    pub(super) copies: Copies,
    /// Of the last entry that was read, also before `journalctl` failed.
    pub(super) cursor: Option<String>,
}

/// Reads the journal, behind `cursor` where there is one. Who goes on later by the cursor asks for whole entries only.
pub(super) fn read_journal(
    args: &InputArgs,
    (cursor, ending): (&str, Ending),
    copies: Copies,
    options: &Options,
    sink: &mut dyn Sink,
) -> OfJournal {
    let (journal, out) = match Journal::start(args, cursor, Until::Now) {
        Ok(started) => started,
        Err(error) => {
            let source =
                SourceReport { problem: Some(error), ..SourceReport::of_nothing(journal::NAME) };
            let outcome = Outcome { sources: vec![source], ..Outcome::default() };
            return OfJournal { outcome, copies, cursor: None };
        }
    };
    let last = LastEntry::default();
    let stretch = Stretch {
        name: journal::NAME.into(),
        before: Vec::new(),
        reader: Box::new(Noting { inner: out, last: last.clone() }),
        from: Position::default(),
        ending,
    };
    let (mut outcome, copies) = pipeline::resume_stretch(stretch, copies, options, sink);
    if outcome.stopped {
        // Whoever reads our output has gone.
        return OfJournal { outcome, copies, cursor: None };
    }
    if let Err(error) = journal.finish()
        && let Some(source) = outcome.sources.first_mut()
    {
        source.problem = Some(error);
    }
    OfJournal { outcome, copies, cursor: last.cursor() }
}

/// Runs the pipeline over the rests of files.
pub(super) fn resume(
    args: &InputArgs,
    rests: Vec<Rest>,
    copies: Copies,
    options: &Options,
    sink: &mut dyn Sink,
) -> (Outcome, Copies) {
    // How much of a packed file is new is not known before.
    let _bar = is_bar_seen(args).then(|| Bar::start(&[Input::Stdin], &options.meter));
    pipeline::resume(rests, copies, options, sink)
}

/// Whether somebody sees a bar, and did not ask for none.
fn is_bar_seen(args: &InputArgs) -> bool {
    let is_dumb = || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !args.no_progress && std::io::stderr().is_terminal() && !is_dumb()
}

/// A bar that is there until this is dropped.
struct Bar {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Bar {
    fn start(inputs: &[Input], meter: &Meter) -> Self {
        let (end, ended) = channel();
        let (meter, total) = (meter.clone(), total_of(inputs));
        // Without a thread there is no bar, and that is no reason not to work.
        let thread = Builder::new().spawn(move || draw(&ended, &meter, total)).ok();
        Self { end: Some(end), thread }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // A bar that failed is not worth a word.
            let _ = thread.join();
        }
    }
}

/// Bytes of all inputs; `None` when not all are regular files.
fn total_of(inputs: &[Input]) -> Option<u64> {
    let size = |input: &Input| match input {
        Input::Stdin => None,
        Input::Path(path) => {
            fs::metadata(path).ok().filter(Metadata::is_file).map(|about| about.len())
        }
    };
    inputs.iter().map(size).sum()
}

fn draw(ended: &Receiver<()>, meter: &Meter, total: Option<u64>) {
    let begin = Instant::now();
    let goes_on = |wait| ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout);
    if !goes_on(PATIENCE) {
        return;
    }
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(10))
        .with_style(style(total.is_some()))
        .with_elapsed(begin.elapsed());
    loop {
        bar.set_position(meter.bytes());
        bar.tick();
        if !goes_on(BETWEEN_LOOKS) {
            break;
        }
    }
    bar.finish_and_clear();
}

fn template(total_is_known: bool) -> &'static str {
    if total_is_known {
        "{bar:30} {decimal_bytes} of {decimal_total_bytes}, {rate}, {left} left"
    } else {
        "{spinner} {decimal_bytes}, {rate}"
    }
}

/// Bytes a second since the begin: the library's own rate begins with the bar, a second late.
fn rate_of(state: &ProgressState) -> u64 {
    let millis = state.elapsed().as_millis().max(1);
    u64::try_from(u128::from(state.pos()) * 1000 / millis).unwrap_or(u64::MAX)
}

fn style(total_is_known: bool) -> ProgressStyle {
    ProgressStyle::with_template(template(total_is_known))
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
            // A closure that cannot write has nowhere to say so.
            let _ = write!(out, "{}/s", DecimalBytes(rate_of(state)));
        })
        .with_key("left", |state: &ProgressState, out: &mut dyn Write| {
            let rest = state.len().unwrap_or(0).saturating_sub(state.pos());
            let left = Duration::from_secs(rest / rate_of(state).max(1));
            let _ = write!(out, "{}", HumanDuration(left));
        })
        .progress_chars("=> ")
        .tick_chars("|/-\\ ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_templates_are_right() {
        for total_is_known in [true, false] {
            // A wrong template would silently become another bar.
            assert!(ProgressStyle::with_template(template(total_is_known)).is_ok());
        }
    }

    #[test]
    fn a_total_needs_regular_files() {
        let file = Input::Path(file!().into());
        let length = fs::metadata(file!()).unwrap().len();
        assert_eq!(total_of(&[file.clone(), file.clone()]), Some(2 * length));
        assert_eq!(total_of(&[file.clone(), Input::Stdin]), None);
        assert_eq!(total_of(&[file, Input::Path("/dev/null".into())]), None);
    }

    #[test]
    fn a_bar_ends_with_its_work() {
        let begin = Instant::now();
        drop(Bar::start(&[Input::Stdin], &Meter::default()));
        assert!(begin.elapsed() < PATIENCE);
    }
}
