//! What to read in this run.
//!
//! For each name that was given its whole rotation set is looked at, oldest first, because the rest of what was
//! read last time may have been rotated, twice, and packed. A file is
//!
//! - one that was read before (by its content): the rest of it is read;
//! - a new one: it is read from its begin, if it is one of the names given, or was written to since the last run;
//! - anything else (the archives that lay there before the first run): left out, and remembered as such.
//!
//! Only a file that is still written to may end inside a line; that line waits for the next run. A file has been
//! written to for the last time when a younger one of its set is not empty.

use super::State;
use super::files::{Candidate, Head, KnownFile, LENGTH, Mark, OnDisk, bytes_before};
use crate::input::{Input, Position, Rest, live_name_of, resolve};
use crate::pipeline::SourceReport;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Files that no run has seen for so long are forgotten.
const FORGET_AFTER_SECONDS: i64 = 400 * 86_400;
/// How many forms of one file (plain, packed) are remembered.
const FORMS: usize = 4;

/// Something about the files that may make figures wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// A file is shorter than what was read of it, and has the same begin: an older state of it came back.
    Shorter {
        /// The file.
        path: PathBuf,
        /// How far it was read.
        read: u64,
        /// Its length now.
        length: u64,
    },
    /// What cannot be read by parts (standard input, pipes) is read as it is.
    NoFile {
        /// Its name.
        path: PathBuf,
    },
}

/// What to read, and what to remember of it.
#[derive(Debug, Default)]
pub struct Plan {
    /// The rests, in reading order.
    pub rests: Vec<Rest>,
    /// For each rest the file that it is of.
    readings: Vec<Reading>,
    /// What is odd.
    pub oddities: Vec<Oddity>,
    /// Names that cannot be opened: they are to be told of.
    pub unreadable: Vec<PathBuf>,
    /// Every file that was looked at, as it was then: as long as none of them is another, nothing is new.
    pub members: Vec<(PathBuf, OnDisk)>,
    now: i64,
}

#[derive(Debug)]
struct Reading {
    candidate: Candidate,
    identity: u32,
    goes_on: bool,
}

/// Looks at the files and decides. Files that are new get their numbers in `state`, which is otherwise as it was.
pub fn plan(state: &mut State, names: &[OsString], rotated: bool, now: i64) -> Plan {
    let first = state.last_run == 0;
    let given: HashSet<PathBuf> =
        resolve(names, rotated).inputs.into_iter().map(|input| input.path().to_owned()).collect();
    let mut plan = Plan { now, ..Plan::default() };
    let mut sets = Vec::new();
    for input in resolve(names, true).inputs {
        match Candidate::of(input.path()) {
            Some(candidate) => {
                plan.members.push((candidate.path.clone(), candidate.on_disk));
                sets.push(candidate);
            }
            None if matches!(input, Input::Stdin) || is_special(input.path()) => {
                plan.oddities.push(Oddity::NoFile { path: input.path().to_owned() });
            }
            None if given.contains(input.path()) => plan.unreadable.push(input.path().to_owned()),
            None => {}
        }
    }
    // Each known file has one form that is read: the longest.
    let matches: Vec<Option<(usize, bool)>> = sets.iter().map(|c| known_as(state, c)).collect();
    let best = |known: usize| {
        let of = matches.iter().zip(&sets).enumerate();
        let forms = of.filter(|(_, (m, _))| m.is_some_and(|(k, short)| k == known && !short));
        forms.max_by_key(|(at, (_, c))| (!c.packed, c.on_disk.length, *at)).map(|(at, _)| at)
    };
    let mut forms = HashMap::<usize, usize>::new();
    for (known, short) in matches.iter().flatten() {
        *forms.entry(*known).or_default() += usize::from(!short);
    }
    let chosen: Vec<bool> = matches
        .iter()
        .enumerate()
        .map(|(at, m)| m.is_none_or(|(known, short)| short || best(known) == Some(at)))
        .collect();
    let goes_on: Vec<bool> = (0..sets.len()).map(|at| is_written_to(&sets, at)).collect();
    for (at, candidate) in sets.into_iter().enumerate() {
        let goes_on = goes_on.get(at).copied().unwrap_or(false);
        let is_chosen = chosen.get(at).copied().unwrap_or(true);
        if let Some((known, short)) = matches.get(at).copied().flatten() {
            // A copy in the making (copytruncate, a compressor) beside what it is made of.
            if short && forms.get(&known).copied().unwrap_or(0) > 0 {
                continue;
            }
            plan.known(state, known, candidate, (short, is_chosen, goes_on));
            continue;
        }
        let written = candidate.on_disk.changed.0 >= state.last_run;
        let wanted = given.contains(&candidate.path) || (!first && written);
        plan.new_file(state, candidate, wanted, goes_on);
    }
    plan
}

/// The known file that a candidate is, and whether it is shorter than what was read. The same file on disk comes
/// first, then the one of which most was read.
fn known_as(state: &State, candidate: &Candidate) -> Option<(usize, bool)> {
    let like = |(at, known): (usize, &KnownFile)| {
        candidate.likeness(known).map(|likeness| (at, known.position.offset, likeness))
    };
    let all = state.files.iter().enumerate().filter_map(like);
    all.max_by_key(|(at, offset, likeness)| (!likeness.short, likeness.same_file, *offset, *at))
        .map(|(at, _, likeness)| (at, likeness.short))
}

fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| !about.is_file() && !about.is_dir())
}

/// Whether lines may still come: no younger file of the set has any. Files of one set stand side by side, the
/// oldest first, but Exim's three logs by turns; so each is compared with those of its own name.
fn is_written_to(sets: &[Candidate], at: usize) -> bool {
    let Some(this) = sets.get(at) else { return false };
    if this.packed {
        return false;
    }
    let younger = sets.iter().skip(at + 1).filter(|other| is_of_one_set(&this.path, &other.path));
    !younger.into_iter().any(|other| other.on_disk.length > 0)
}

fn is_of_one_set(one: &Path, other: &Path) -> bool {
    let base = |path: &Path| live_name_of(&path.to_string_lossy());
    base(one) == base(other)
}

impl Plan {
    fn known(
        &mut self,
        state: &mut State,
        at: usize,
        candidate: Candidate,
        (short, chosen, goes_on): (bool, bool, bool),
    ) {
        let Some(known) = state.files.get_mut(at) else { return };
        known.last_seen = self.now;
        known.name.clone_from(&candidate.path);
        if known.left_out {
            return;
        }
        if short && candidate.packed {
            return;
        }
        if short {
            self.oddities.push(Oddity::Shorter {
                path: candidate.path.clone(),
                read: known.position.offset,
                length: candidate.on_disk.length,
            });
            // What is written behind its end now was never read.
            known.position.offset = candidate.on_disk.length;
            known.tail = Mark::default();
            return;
        }
        let is_read = known.seen_as.contains(&candidate.on_disk)
            || !candidate.packed && candidate.on_disk.length == known.position.offset;
        let unsettled = !goes_on && known.position.unsettled > 0;
        if !chosen || is_read && !unsettled {
            return;
        }
        let (identity, from) = (known.identity, known.position);
        self.read(candidate, identity, from, goes_on);
    }

    fn new_file(&mut self, state: &mut State, candidate: Candidate, wanted: bool, goes_on: bool) {
        let identity = state.identities;
        state.identities += 1;
        let known = KnownFile {
            identity,
            name: candidate.path.clone(),
            head: Head::default(),
            tail: Mark::default(),
            position: Position::default(),
            left_out: !wanted,
            seen_as: Vec::new(),
            last_seen: self.now,
        };
        if wanted {
            state.files.push(known);
            self.read(candidate, identity, Position::default(), goes_on);
        } else if !candidate.head.is_empty() {
            state.files.push(KnownFile { head: Head::of(&candidate.head), ..known });
        }
    }

    fn read(&mut self, candidate: Candidate, identity: u32, from: Position, goes_on: bool) {
        let Ok(file) = candidate.file.try_clone() else {
            self.unreadable.push(candidate.path);
            return;
        };
        self.rests.push(Rest { path: candidate.path.clone(), file, from, goes_on, identity });
        self.readings.push(Reading { candidate, identity, goes_on });
    }

    /// Enters in `state` how far each file was read; the reports are those of the rests.
    pub fn done(self, state: &mut State, reports: &[SourceReport]) {
        for (reading, report) in self.readings.iter().zip(reports) {
            let candidate = &reading.candidate;
            let Some(known) = state.files.iter_mut().find(|f| f.identity == reading.identity)
            else {
                continue;
            };
            known.position = report.position;
            if known.head.length() < LENGTH {
                known.head = candidate.head_up_to(report.position);
            }
            let length = report.position.offset.min(LENGTH);
            known.tail = if candidate.packed {
                Mark::default()
            } else {
                let before = bytes_before(&candidate.file, report.position.offset, length);
                before.map_or_else(Mark::default, |bytes| Mark::of(&bytes))
            };
            if report.problem.is_none() {
                remember_form(known, candidate.on_disk, reading.goes_on);
            }
        }
        let limit = self.now - FORGET_AFTER_SECONDS;
        // A new file of which nothing was read has no mark and is found new again.
        state.files.retain(|known| known.last_seen >= limit && known.head.length() > 0);
        state.ran(self.now);
    }
}

/// A file that goes on being written is remembered by its inode alone.
fn remember_form(known: &mut KnownFile, form: OnDisk, goes_on: bool) {
    known.seen_as.retain(|seen| !seen.is_same_file(&form));
    let form = if goes_on { OnDisk { length: u64::MAX, ..form } } else { form };
    known.seen_as.push(form);
    let surplus = known.seen_as.len().saturating_sub(FORMS);
    known.seen_as.drain(..surplus);
}
