//! A run over what is new: the state is read, the files are found again, and what the next run needs is written
//! after the output.

use super::args::InputArgs;
use super::moment::now;
use super::reading::{names_of, read_journal, resume};
use super::status::{Status, complain};
use crate::error::Error;
use crate::input::Ending;
use crate::pipeline::{Copies, Options, Outcome};
use crate::record::Sink;
use crate::report::Carried;
use crate::state::{Loaded, Oddity, Plan, State, Store, plan};
use std::path::Path;

/// Why a filter is refused: whether a message carried over is selected hangs on lines that are not read again.
pub(super) const NO_FILTER: &str =
    "--state goes on from earlier runs, whose lines no filter can see: leave one of them out";

/// Why pseudonyms of one run are refused: the next run would have others for the same names.
pub(super) const NO_KEY: &str = "--state with --redact needs a key (--redact-key-file, MAILWHY_REDACT_KEY), so that the next run has the same pseudonyms";

/// A run that goes on from another.
pub(super) struct Incremental {
    store: Store,
    state: State,
    plan: Plan,
    status: Status,
}

impl Incremental {
    /// Reads the state of `command` in a folder and decides what to read. Other runs wait outside until this is
    /// dropped.
    ///
    /// # Errors
    ///
    /// The folder or the state cannot be used, or another run uses it.
    pub(super) fn begin(folder: &Path, command: &str, args: &InputArgs) -> Result<Self, Error> {
        let (store, mut state, mut status) = opened(folder, command)?;
        if args.files.is_empty() && !args.journal {
            return Err(Error::StateOfWhat);
        }
        // 0 stands for no run.
        let plan = plan(&mut state, &args.files, args.rotated, now().max(1));
        for oddity in &plan.oddities {
            complain(&told(oddity));
            status = Status::Failed;
        }
        for path in &plan.unreadable {
            let source =
                std::fs::File::open(path).err().unwrap_or(std::io::ErrorKind::Other.into());
            complain(&Error::Read { path: path.clone(), source }.to_string());
            status = Status::Failed;
        }
        Ok(Self { store, state, plan, status })
    }

    /// What the run before left for the collector.
    pub(super) fn carried(&mut self) -> Carried {
        std::mem::take(&mut self.state.carried)
    }

    /// When the first run with this state began, and the one before this one; `None` for the first.
    pub(super) fn runs(&self) -> Option<(i64, i64)> {
        (self.state.last_run != 0).then_some((self.state.first_run, self.state.last_run))
    }

    /// The name of this run in a history: the same when it is repeated because it was killed before its end. `None` for
    /// the first, which reads what may have been read before.
    pub(super) fn name(&self) -> Option<String> {
        let State { last_run, first_run, runs, .. } = self.state;
        let path = self.store.path();
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        (last_run != 0).then(|| format!("{}@{first_run}/{runs}", path.display()))
    }

    /// What the sources are called, in reading order.
    pub(super) fn names(&self, args: &InputArgs) -> Vec<String> {
        if args.journal {
            return names_of(args, &[]);
        }
        self.plan.rests.iter().map(|rest| rest.path.display().to_string()).collect()
    }

    /// How it went so far.
    pub(super) fn status(&self) -> Status {
        self.status
    }

    /// Reads what is new.
    pub(super) fn read(
        &mut self,
        args: &InputArgs,
        options: &Options,
        sink: &mut dyn Sink,
    ) -> Outcome {
        let copies: Copies = std::mem::take(&mut self.state.copies);
        if args.journal {
            let from = (self.state.cursor.as_str(), Ending::WholeLines);
            let read = read_journal(args, from, copies, options, sink);
            self.state.copies = read.copies;
            // What was read is what was counted, also where journalctl failed behind it.
            if let Some(cursor) = read.cursor {
                self.state.cursor = cursor;
            }
            return read.outcome;
        }
        let rests = std::mem::take(&mut self.plan.rests);
        let (outcome, copies) = resume(args, rests, copies, options, sink);
        self.state.copies = copies;
        outcome
    }

    /// Leaves the state for the next run: after the output was written, so that a run that is killed before is
    /// repeated rather than lost.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub(super) fn commit(self, outcome: &Outcome, carried: Carried) -> Result<(), Error> {
        let Self { store, mut state, plan, .. } = self;
        plan.done(&mut state, &outcome.sources);
        state.carried = carried;
        store.save(&state)
    }
}

/// The state of a command in a folder; says when a damaged one was set aside.
///
/// # Errors
///
/// The folder or the state cannot be used, or another run uses it.
pub(super) fn opened(folder: &Path, command: &str) -> Result<(Store, State, Status), Error> {
    let store = Store::open(folder, command)?;
    let Loaded { state, set_aside } = store.load()?;
    let Some((path, why)) = set_aside else { return Ok((store, state, Status::Done)) };
    complain(&format!(
        "the state could not be used ({why}) and is now {}; this run reads the files from their begins",
        path.display()
    ));
    Ok((store, state, Status::Failed))
}

pub(super) fn told(oddity: &Oddity) -> String {
    match oddity {
        Oddity::Shorter { path, read, length } => format!(
            "{}: is shorter ({length} bytes) than what was read of it ({read}): an older copy came back? What is \
             written to it from now on is read",
            path.display()
        ),
        Oddity::NoFile { path } => format!(
            "{}: is no file that can be read by parts; leave --state out, or name the log files",
            path.display()
        ),
    }
}
