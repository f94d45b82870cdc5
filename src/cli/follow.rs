//! `--follow`: reads on as the log grows, until it is told to stop.
//!
//! It ends at Ctrl-C and SIGTERM between two reads, so that everything that was read is also said, and the state left.
//! `signal-hook` sets a flag for that; without it the signal would end the program in the middle of a line, and the
//! standard library cannot catch one. The second signal ends it at once. When whoever reads standard output has gone it
//! ends too, even if nothing comes that would have to be written: `rustix` asks the system whether the pipe is broken.

use super::args::InputArgs;
use super::incremental::{opened, told};
use super::journal::{self, Journal, Until, cursor_of};
use super::moment::now;
use super::status::{Status, complain};
use crate::error::Error;
use crate::follow::{Files, Look, Odd, Stream, Total};
use crate::pipeline::{Copies, Options};
use crate::record::{Judging, Record, Sink};
use crate::state::{State, Store};
use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Between two looks at the files.
const PAUSE: Duration = Duration::from_millis(250);
/// Less is read by one thread: to start several would take longer.
const WORTH_THREADS: u64 = 4 << 20;
/// Between two writings of the state: what was read since the last one is said again after a kill.
const BETWEEN_STATES: Duration = Duration::from_secs(5);

/// A log that is read as it grows.
pub(super) struct Following {
    source: Source,
    /// Where the state is left, and what of it is not in the source.
    kept: Option<(Store, State)>,
    left: Instant,
    stop: Stop,
    status: Status,
}

enum Source {
    Files(Box<Files>),
    /// With the `journalctl` that writes it.
    Stream(Box<Stream>, Option<Journal>),
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Something was read.
    Read,
    /// Nothing new; a moment has passed.
    Nothing,
}

impl Following {
    /// Begins to follow what the arguments name, from where the state of `command` in a folder says.
    ///
    /// # Errors
    ///
    /// The state cannot be used, or the input cannot be followed.
    pub(super) fn begin(args: &InputArgs, state: Option<(&Path, &str)>) -> Result<Self, Error> {
        let (mut kept, mut status) = (None, Status::Done);
        if let Some((folder, command)) = state {
            let (store, state, was) = opened(folder, command)?;
            (kept, status) = (Some((store, state)), was);
        }
        let failed = |source| Error::Read { path: PathBuf::from("-"), source };
        let stop = Stop::at_signals().map_err(failed)?;
        let source = if args.journal {
            let (cursor, copies) = match &mut kept {
                Some((_, state)) => (state.cursor.as_str(), std::mem::take(&mut state.copies)),
                None => ("", Copies::default()),
            };
            let (journal, out) = Journal::start(args, cursor, Until::Stopped)?;
            let stream = Stream::new(journal::NAME, out).map_err(failed)?.knowing(copies);
            Source::Stream(Box::new(stream), Some(journal))
        } else if let Some(stream) = stream_of(args)? {
            if kept.is_some() {
                return Err(Error::StateOfWhat);
            }
            Source::Stream(Box::new(stream), None)
        } else {
            let state = kept.as_mut().map(|(_, state)| std::mem::take(state)).unwrap_or_default();
            Source::Files(Box::new(Files::new(state, args.files.clone(), args.rotated)))
        };
        Ok(Self { source, kept, left: Instant::now(), stop, status })
    }

    /// Waits a moment for something new and reads it; `None` at the end. `named` hears what the sources are called
    /// before their records come.
    pub(super) fn turn(
        &mut self,
        options: &Options,
        sink: &mut dyn Sink,
        named: &dyn Fn(&[String]),
    ) -> Option<Turn> {
        if self.stop.came() || reader_is_gone() || self.total().outcome().stopped {
            return None;
        }
        let mut odd = Vec::new();
        let (look, waiting) = match &mut self.source {
            Source::Files(files) => (files.look(now(), &mut odd), files.waiting()),
            Source::Stream(stream, _) => (stream.look(PAUSE), 0),
        };
        for odd in odd {
            self.tell(&odd);
        }
        match look {
            Look::Ended => None,
            Look::Nothing => {
                if matches!(self.source, Source::Files(_)) {
                    std::thread::sleep(PAUSE);
                }
                Some(Turn::Nothing)
            }
            Look::New => {
                named(self.total().names());
                let one = Options { threads: NonZeroUsize::MIN, ..options.clone() };
                let options = if waiting < WORTH_THREADS { &one } else { options };
                match &mut self.source {
                    Source::Files(files) => files.read(options, sink),
                    Source::Stream(stream, _) => stream.read(options, sink),
                }
                Some(Turn::Read)
            }
        }
    }

    fn tell(&mut self, odd: &Odd) {
        match odd {
            Odd::File(oddity) => {
                complain(&told(oddity));
                self.status = Status::Failed;
            }
            Odd::Unreadable(error) => complain(&format!("{error} (it is waited for)")),
        }
    }

    /// The account so far.
    pub(super) fn total(&self) -> &Total {
        match &self.source {
            Source::Files(files) => files.total(),
            Source::Stream(stream, _) => stream.total(),
        }
    }

    /// Leaves the state now and then. What was read must have been said.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub(super) fn leave_if_due(&mut self) -> Result<(), Error> {
        if self.left.elapsed() < BETWEEN_STATES {
            return Ok(());
        }
        self.left = Instant::now();
        self.leave()
    }

    /// Leaves the state.
    fn leave(&mut self) -> Result<(), Error> {
        let Some((store, kept)) = &mut self.kept else { return Ok(()) };
        match &self.source {
            Source::Files(files) => store.save(files.state()),
            Source::Stream(stream, _) => {
                kept.copies = stream.copies().clone();
                if let Some(cursor) = cursor_of(stream.last_line()) {
                    kept.cursor = cursor;
                }
                kept.ran(now().max(1));
                store.save(kept)
            }
        }
    }

    /// The end: everything that was read has been said.
    ///
    /// # Errors
    ///
    /// The state cannot be written.
    pub(super) fn end(mut self) -> Result<Status, Error> {
        if !self.total().outcome().stopped {
            self.leave()?;
        }
        let mut status = self.status;
        match self.source {
            Source::Files(files) if files.lacks_a_file() => status = Status::Failed,
            // One that ended by itself says why; else it is we who stop it.
            Source::Stream(_, Some(journal)) if !self.stop.came() && !reader_is_gone() => {
                if let Err(error) = journal.finish() {
                    complain(&error.to_string());
                    status = Status::Failed;
                }
            }
            _ => {}
        }
        Ok(status)
    }
}

/// Standard input or a named pipe, if that is what is asked for.
fn stream_of(args: &InputArgs) -> Result<Option<Stream>, Error> {
    let failed = |path: &Path, source| Error::Read { path: path.to_owned(), source };
    let is_pipe = |name: &OsStr| {
        name == "-" || fs::metadata(name).is_ok_and(|about| !about.is_file() && !about.is_dir())
    };
    match args.files.as_slice() {
        [] => {}
        [one] if is_pipe(one) => {
            if one != "-" {
                let path = Path::new(one);
                let stream = File::open(path)
                    .and_then(|file| Stream::new(&path.display().to_string(), file));
                return stream.map(Some).map_err(|source| failed(path, source));
            }
        }
        names => {
            return match names.iter().find(|name| is_pipe(name)) {
                Some(pipe) => Err(Error::FollowAlone { path: PathBuf::from(pipe) }),
                None => Ok(None),
            };
        }
    }
    Stream::new("-", io::stdin()).map(Some).map_err(|source| failed(Path::new("-"), source))
}

/// Whether somebody asked us to stop.
#[derive(Clone)]
struct Stop(Arc<AtomicBool>);

impl Stop {
    fn at_signals() -> io::Result<Self> {
        let came = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // In this order: the first signal sets the flag, the second one finds it set.
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&came))?;
            signal_hook::flag::register(signal, Arc::clone(&came))?;
        }
        Ok(Self(came))
    }

    fn came(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Whether standard output is a pipe that nobody will read from.
fn reader_is_gone() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let out = io::stdout();
    let mut asked = [PollFd::new(&out, PollFlags::empty())];
    let no_time = Timespec { tv_sec: 0, tv_nsec: 0 };
    let answered = poll(&mut asked, Some(&no_time)).is_ok_and(|count| count > 0);
    answered && asked.iter().any(|out| out.revents().contains(PollFlags::ERR))
}

/// A sink that its owner looks into between two reads, and that stops a long one when that is asked for.
pub(super) struct Shared<'a, S> {
    sink: &'a RefCell<S>,
    stop: Stop,
}

impl<'a, S> Shared<'a, S> {
    pub(super) fn new(sink: &'a RefCell<S>, following: &Following) -> Self {
        Self { sink, stop: following.stop.clone() }
    }
}

impl<S: Sink> Sink for Shared<'_, S> {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        if self.stop.came() {
            return ControlFlow::Break(());
        }
        self.sink.borrow_mut().record(record)
    }

    fn judging(&self) -> Option<Judging> {
        self.sink.borrow().judging()
    }
}
