//! Log files that are followed through their rotation.

use super::total::Renumbering;
use super::{Look, Total};
use crate::error::Error;
use crate::input::Rest;
use crate::pipeline::{self, Copies, Options};
use crate::record::Sink;
use crate::state::{Oddity, OnDisk, Plan, State, plan};
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Files that are being written, and how far each was read.
#[derive(Debug)]
pub struct Files {
    state: State,
    names: Vec<OsString>,
    rotated: bool,
    /// What was there at the last look: the names given, and the members of their sets.
    seen: Vec<(PathBuf, Option<OnDisk>)>,
    /// Names that could not be opened then.
    unreadable: Vec<PathBuf>,
    due: Option<Due>,
    total: Total,
}

/// Something that whoever follows wants to know.
#[derive(Debug)]
pub enum Odd {
    /// Figures may be wrong.
    File(Oddity),
    /// It is not there, or may not be read; perhaps later.
    Unreadable(Error),
}

/// What is to be read now.
#[derive(Debug)]
struct Due {
    plan: Plan,
    rests: Vec<Rest>,
    places: Vec<u32>,
}

impl Files {
    /// Follows these names from where `state` says that they were read to. With `rotated` their archives are read
    /// first, those of a folder too, as [`crate::input::resolve`] finds them.
    pub fn new(state: State, names: Vec<OsString>, rotated: bool) -> Self {
        let seen = names.iter().map(|name| (name.into(), None)).collect();
        Self {
            state,
            names,
            rotated,
            seen,
            unreadable: Vec::new(),
            due: None,
            total: Total::default(),
        }
    }

    /// Looks whether there is something new; `now` is in seconds since 1970. What is odd about the files is left in
    /// `odd`.
    pub fn look(&mut self, now: i64, odd: &mut Vec<Odd>) -> Look {
        let first = self.state.last_run == 0;
        let there: Vec<_> = self.seen.iter().map(|(path, _)| on_disk(path)).collect();
        let is_same = self.seen.iter().zip(&there).all(|((_, before), now)| before == now);
        if is_same && !first {
            return Look::Nothing;
        }
        // 0 stands for no run.
        let mut plan = plan(&mut self.state, &self.names, self.rotated, now.max(1));
        let given = self.names.iter().map(PathBuf::from).zip(there);
        self.seen =
            given.chain(plan.members.drain(..).map(|(path, was)| (path, Some(was)))).collect();
        for oddity in plan.oddities.drain(..) {
            odd.push(Odd::File(oddity));
        }
        let unreadable = std::mem::take(&mut plan.unreadable);
        for path in unreadable.iter().filter(|path| !self.unreadable.contains(path)) {
            let source = File::open(path).err().unwrap_or(std::io::ErrorKind::Other.into());
            odd.push(Odd::Unreadable(Error::Read { path: path.clone(), source }));
        }
        self.unreadable = unreadable;
        let rests = std::mem::take(&mut plan.rests);
        if rests.is_empty() {
            plan.done(&mut self.state, &[]);
            return Look::Nothing;
        }
        let total = &mut self.total;
        let place = |rest: &Rest| total.place(rest.identity, &rest.path.display().to_string());
        let places = rests.iter().map(place).collect();
        self.due = Some(Due { plan, rests, places });
        Look::New
    }

    /// Reads what the last look found.
    pub fn read(&mut self, options: &Options, sink: &mut dyn Sink) {
        let Some(Due { plan, rests, places }) = self.due.take() else { return };
        let copies: Copies = std::mem::take(&mut self.state.copies);
        let mut sink = Renumbering { places: &places, sink };
        let (outcome, copies) = pipeline::resume(rests, copies, options, &mut sink);
        self.state.copies = copies;
        if !outcome.stopped {
            plan.done(&mut self.state, &outcome.sources);
        }
        self.total.add(outcome, &places);
    }

    /// How many bytes the last look found.
    pub fn waiting(&self) -> u64 {
        let length = |rest: &Rest| {
            let length = rest.file.metadata().map_or(0, |about| about.len());
            length.saturating_sub(rest.from.offset)
        };
        self.due.iter().flat_map(|due| &due.rests).map(length).sum()
    }

    /// Whether a name could not be opened at the last look.
    pub fn lacks_a_file(&self) -> bool {
        !self.unreadable.is_empty()
    }

    /// The account so far.
    pub fn total(&self) -> &Total {
        &self.total
    }

    /// Where a later run can go on.
    pub fn state(&self) -> &State {
        &self.state
    }
}

fn on_disk(path: &Path) -> Option<OnDisk> {
    fs::metadata(path).ok().map(|about| OnDisk::of(&about))
}
