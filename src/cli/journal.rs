//! The journal of systemd as an input, through `journalctl`, which knows its format, its rotation and its rights.
//!
//! Where the last run ended is a cursor of the journal; `journalctl` reads and writes it in a file of its own. That
//! file is a copy until the output of the run was written: a run that is killed is repeated, not lost.

use super::args::InputArgs;
use crate::error::Error;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use tempfile::NamedTempFile;

/// What the input is called in messages and records.
pub(super) const NAME: &str = "journal";
/// Messages of the mail system, whatever unit they come from (`LOG_MAIL` of syslog).
const MAIL_FACILITY: &str = "SYSLOG_FACILITY=2";

/// A running `journalctl`.
pub(super) struct Journal {
    child: Child,
    cursor: Option<NamedTempFile>,
}

impl Journal {
    /// Starts reading behind `cursor`, or from the begin where it is empty; `None` when no run follows.
    ///
    /// # Errors
    ///
    /// There is no `journalctl`.
    pub(super) fn start(
        args: &InputArgs,
        cursor: Option<&str>,
    ) -> Result<(Self, ChildStdout), Error> {
        let failed = |source| Error::Read { path: PathBuf::from(NAME), source };
        let cursor = cursor.map(cursor_file).transpose().map_err(failed)?;
        let mut command = Command::new("journalctl");
        command.args(arguments(args, cursor.as_ref()));
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| {
                failed(io::Error::new(error.kind(), format!("journalctl: {error}")))
            })?;
        let out = child.stdout.take().ok_or_else(|| failed(io::ErrorKind::BrokenPipe.into()))?;
        Ok((Self { child, cursor }, out))
    }

    /// Waits for its end; gives the cursor behind the last entry, empty when there was none yet.
    ///
    /// # Errors
    ///
    /// `journalctl` says that it failed.
    pub(super) fn finish(mut self) -> Result<Option<String>, Error> {
        let failed = |source| Error::Read { path: PathBuf::from(NAME), source };
        let mut said = String::new();
        if let Some(stderr) = self.child.stderr.take() {
            // What it says is only for the message.
            let _ = stderr.take(4096).read_to_string(&mut said);
        }
        let status = self.child.wait().map_err(failed)?;
        if !status.success() {
            let why = format!("journalctl: {status}: {}", said.trim());
            return Err(failed(io::Error::other(why)));
        }
        self.cursor.map(|file| fs::read_to_string(file.path()).map_err(failed)).transpose()
    }
}

fn cursor_file(cursor: &str) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new()?;
    file.write_all(cursor.as_bytes())?;
    file.flush()?;
    Ok(file)
}

fn arguments(args: &InputArgs, cursor: Option<&NamedTempFile>) -> Vec<OsString> {
    let mut all: Vec<OsString> =
        ["--output=json", "--no-pager", "--quiet"].map(Into::into).to_vec();
    if let Some(file) = cursor {
        let mut option = OsString::from("--cursor-file=");
        option.push(file.path());
        all.push(option);
    }
    if args.unit.is_empty() {
        all.push(MAIL_FACILITY.into());
    }
    for unit in &args.unit {
        all.push(format!("--unit={unit}").into());
    }
    all
}
