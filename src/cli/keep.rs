//! What is kept of a log: the options that say where, and digests of logs or of saved files.

use super::args::InputArgs;
use super::history::told;
use super::moment::now;
use super::reading::{Writes, inputs_of, read};
use super::report::problems;
use super::status::{Status, complain};
use crate::classify::Judge;
use crate::digest::{Baseline, Digest, Usual, Window, is_saved, read_digest, usual};
use crate::error::Error;
use crate::history::{History, Lines};
use crate::report::Collector;
use clap::Args;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What is kept of a log.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Keeping")]
pub struct KeepArgs {
    /// Keep the counts in this file, for `diff` and `merge`
    ///
    /// Counts by hour, host, direction, cause, code and provider; no addresses, no texts. Only its
    /// owner can read the file. What was there is replaced.
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// The host of lines that name none (Exim's own files), in what is kept
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub own_host: String,
    /// Add the counts to the history in this file, and show the last day beside its usual
    ///
    /// It is made where it is not there. Reading a log again adds nothing twice: of two logs that tell
    /// of the same time of a host, each hour counts as the fuller one has it.
    #[arg(long, value_name = "FILE")]
    pub history: Option<PathBuf>,
    /// How long the history keeps counts: by the hour 70 days, then by the day
    #[arg(long, value_name = "DAYS", default_value = "400d", value_parser = parse_days, requires = "history")]
    pub keep: i64,
}

/// Reads `400d` or `400`.
fn parse_days(text: &str) -> Result<i64, String> {
    let days = text.strip_suffix('d').unwrap_or(text).parse().ok();
    days.filter(|days| (1..=100_000).contains(days))
        .ok_or_else(|| "expected a number of days, such as 400d".to_owned())
}

impl KeepArgs {
    /// Whether anything is kept.
    pub fn wanted(&self) -> bool {
        self.save.is_some() || self.history.is_some()
    }

    /// What is usual by the history before a moment (seconds since 1970); `None` where there is none yet, or it cannot be
    /// read, which [`KeepArgs::keep`] says.
    pub(super) fn baseline(&self, until: Option<i64>) -> Option<Baseline> {
        let path = self.history.as_ref().filter(|path| path.exists())?;
        let opened = History::open_existing(path, now()).ok()?;
        let history = told(Ok(opened), path).ok()?;
        history.baseline(until).ok().filter(|baseline| baseline.hours() > 0)
    }

    /// Keeps a digest; says what went wrong. Gives what the history knows of the usual, where there is one. `run` is the
    /// name of a run that read nothing but new lines.
    pub(super) fn keep(&self, digest: &Digest, run: Option<&str>) -> (Option<Usual>, Status) {
        let mut status = Status::Done;
        if let Some(path) = &self.save {
            status = save(path, digest);
        }
        let Some(path) = &self.history else { return (None, status) };
        let added = told(History::open(path, now()), path).and_then(|mut history| {
            let kept = self.add(&mut history, digest, run);
            kept.map_err(|error| {
                complain(&error.to_string());
                Status::Failed
            })
        });
        match added {
            Ok(usual) => (usual, status),
            Err(failed) => (None, status.and(failed)),
        }
    }

    fn add(
        &self,
        history: &mut History,
        digest: &Digest,
        run: Option<&str>,
    ) -> Result<Option<Usual>, Error> {
        let found = match Window::of(digest) {
            Some(window) => {
                let before = window.before().map(|(from, to)| history.digest(Some(from), Some(to)));
                usual(window, digest, &before.collect::<Result<Vec<_>, _>>()?)
            }
            None => None,
        };
        // A log that was read as a whole is known by what it says.
        let log = digest.parts.keys().next().map_or("", String::as_str);
        match run {
            Some(run) => history.add(run, digest, Lines::New, now())?,
            None => history.add(log, digest, Lines::MayRepeat, now())?,
        };
        history.prune(self.keep, now())?;
        Ok(found)
    }
}

/// The digest of a saved file, or of a log (all its files), told apart by content.
///
/// # Errors
///
/// The status when there is none; what is wrong has been told.
pub(super) fn digest_of(
    input: &InputArgs,
    files: &[OsString],
    own_host: &str,
) -> Result<(Digest, Status), Status> {
    if let Some(file) = files.iter().find(|file| is_saved(Path::new(file))) {
        if files.len() > 1 {
            complain(&format!(
                "{}: a saved digest among other files; `merge --save` makes one of several",
                file.display()
            ));
            return Err(Status::Failed);
        }
        return read_digest(Path::new(file)).map(|digest| (digest, Status::Done)).map_err(
            |error| {
                complain(&error.to_string());
                Status::Failed
            },
        );
    }
    let one = InputArgs { files: files.to_vec(), ..input.clone() };
    let options = one.options();
    let mut collector = Collector::new(options.zone, Judge::builtin()).with_digest(own_host);
    let inputs = inputs_of(&one);
    let outcome = read(&one, &inputs, &options, (&mut collector, Writes::AtTheEnd));
    let status = problems(&outcome);
    if outcome.nothing_was_read() {
        return Err(Status::Failed);
    }
    match collector.finish_with_all(&outcome).digest {
        Some(digest) => Ok((digest, status)),
        None => Err(Status::Failed),
    }
}

/// Writes a digest; says what went wrong.
pub(super) fn save(path: &Path, digest: &Digest) -> Status {
    match crate::digest::write_digest(path, digest) {
        Ok(()) => Status::Done,
        Err(error) => {
            complain(&error.to_string());
            Status::Failed
        }
    }
}
