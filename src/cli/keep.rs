//! What is kept of a log: the options that say where, and digests of logs or of saved files.

use super::args::InputArgs;
use super::reading::{Writes, inputs_of, read};
use super::report::problems;
use super::status::{Status, complain};
use crate::classify::Judge;
use crate::digest::{Digest, is_saved, read_digest};
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
}

impl KeepArgs {
    /// Whether anything is kept.
    pub fn wanted(&self) -> bool {
        self.save.is_some()
    }
}

/// The digest of a saved file, or of a log, told apart by content.
///
/// # Errors
///
/// The status when there is none; what is wrong has been told.
pub(super) fn digest_of(
    input: &InputArgs,
    file: &OsString,
    own_host: &str,
) -> Result<(Digest, Status), Status> {
    if is_saved(Path::new(file)) {
        return read_digest(Path::new(file)).map(|digest| (digest, Status::Done)).map_err(|error| {
            complain(&error.to_string());
            Status::Failed
        });
    }
    let one = InputArgs { files: vec![file.clone()], ..input.clone() };
    let options = one.options();
    let mut collector = Collector::new(options.zone, Judge::builtin()).with_digest(own_host);
    let inputs = inputs_of(&one);
    let outcome = read(&one, &inputs, &options, (&mut collector, Writes::AtTheEnd));
    let status = problems(&outcome);
    if outcome.sources.iter().all(|source| source.problem.is_some() && source.lines == 0) {
        return Err(Status::Failed);
    }
    match collector.finish_with_digest(&outcome).1 {
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
