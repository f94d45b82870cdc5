//! The journal of systemd as an input, through `journalctl`, which knows its format, its rotation and its rights.
//!
//! Where a run ended is the cursor of the last entry that it read, taken from that entry. `journalctl` could keep it
//! in a file of its own, but writes it when it ends: after one that was killed half-way nobody would know which
//! entries were counted.

use super::args::InputArgs;
use crate::error::Error;
use memchr::memrchr;
use serde::Deserialize;
use std::ffi::OsString;
use std::io::{self, ErrorKind, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

/// What the input is called in messages and records.
pub(super) const NAME: &str = "journal";
/// Messages of the mail system, whatever unit they come from (`LOG_MAIL` of syslog).
const MAIL_FACILITY: &str = "SYSLOG_FACILITY=2";
/// So much of what `journalctl` complains of is shown.
const MOST_SAID: usize = 4096;
/// An entry whose JSON is longer has no cursor here: the next run then reads it again.
const LONGEST_ENTRY: usize = 1 << 20;

/// How long to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// Up to the last entry that is there.
    Now,
    /// New entries too, as they come.
    Stopped,
}

/// A running `journalctl`; it is stopped when this is dropped.
pub(super) struct Journal {
    child: Child,
    said: Option<JoinHandle<String>>,
}

impl Journal {
    /// Starts reading behind `cursor`, or from the begin where it is empty.
    ///
    /// # Errors
    ///
    /// There is no `journalctl`.
    pub(super) fn start(
        args: &InputArgs,
        cursor: &str,
        until: Until,
    ) -> Result<(Self, ChildStdout), Error> {
        let mut command = Command::new("journalctl");
        command.args(arguments(args, cursor, until));
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| {
                failed(io::Error::new(error.kind(), format!("journalctl: {error}")))
            })?;
        let stderr = child.stderr.take();
        // One that complains a lot would wait for a reader of its complaints, and we for its entries.
        let said = stderr.and_then(|stderr| Builder::new().spawn(move || begin_of(stderr)).ok());
        let out = child.stdout.take();
        let journal = Self { child, said };
        out.map(|out| (journal, out)).ok_or_else(|| failed(ErrorKind::BrokenPipe.into()))
    }

    /// Waits for its end.
    ///
    /// # Errors
    ///
    /// `journalctl` says that it failed.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        let status = self.child.wait().map_err(failed)?;
        let said = self.said.take().and_then(|said| said.join().ok()).unwrap_or_default();
        if status.success() {
            return Ok(());
        }
        Err(failed(io::Error::other(format!("journalctl: {status}: {}", said.trim()))))
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // One that has ended cannot be killed, and that is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn failed(source: io::Error) -> Error {
    Error::Read { path: PathBuf::from(NAME), source }
}

/// The first of what it says; the rest is read and forgotten.
fn begin_of(mut stderr: impl Read) -> String {
    let mut begin = Vec::new();
    let _ = stderr.by_ref().take(MOST_SAID as u64).read_to_end(&mut begin);
    let _ = io::copy(&mut stderr, &mut io::sink());
    String::from_utf8_lossy(&begin).into_owned()
}

fn arguments(args: &InputArgs, cursor: &str, until: Until) -> Vec<OsString> {
    let mut all: Vec<OsString> =
        ["--output=json", "--no-pager", "--quiet"].map(Into::into).to_vec();
    if until == Until::Stopped {
        // Without the second it would begin ten entries before the end.
        all.extend(["--follow", "--no-tail"].map(Into::into));
    }
    if !cursor.is_empty() {
        all.push(format!("--after-cursor={cursor}").into());
    }
    if args.unit.is_empty() {
        all.push(MAIL_FACILITY.into());
    }
    for unit in &args.unit {
        all.push(format!("--unit={unit}").into());
    }
    all
}

/// The last whole entry that was read.
#[derive(Clone, Debug, Default)]
pub(super) struct LastEntry(Arc<Mutex<Entry>>);

#[derive(Debug, Default)]
struct Entry {
    whole: Vec<u8>,
    /// What came behind it.
    begun: Vec<u8>,
    /// The begun one has become too long to be kept.
    too_long: bool,
}

impl LastEntry {
    /// Takes what was read next.
    pub(super) fn see(&self, bytes: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).see(bytes);
    }

    /// Its cursor, if there was an entry.
    pub(super) fn cursor(&self) -> Option<String> {
        cursor_of(&self.0.lock().unwrap_or_else(PoisonError::into_inner).whole)
    }
}

/// The cursor of an entry, which is one line of JSON.
pub(super) fn cursor_of(entry: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct OfEntry {
        #[serde(rename = "__CURSOR")]
        cursor: String,
    }
    serde_json::from_slice(entry).ok().map(|OfEntry { cursor }| cursor)
}

impl Entry {
    fn see(&mut self, bytes: &[u8]) {
        let Some(end) = memrchr(b'\n', bytes) else {
            self.begin(bytes);
            return;
        };
        let (lines, rest) = bytes.split_at(end);
        if let Some(before) = memrchr(b'\n', lines) {
            self.whole.clear();
            self.whole.extend(lines.iter().skip(before + 1));
        } else {
            self.begin(lines);
            if !self.too_long {
                std::mem::swap(&mut self.whole, &mut self.begun);
            }
        }
        self.begun.clear();
        self.too_long = false;
        self.begin(rest.strip_prefix(b"\n").unwrap_or(rest));
    }

    fn begin(&mut self, bytes: &[u8]) {
        self.too_long |= self.begun.len() + bytes.len() > LONGEST_ENTRY;
        if !self.too_long {
            self.begun.extend_from_slice(bytes);
        }
    }
}

/// A reader that remembers the last entry.
pub(super) struct Noting<R> {
    pub(super) inner: R,
    pub(super) last: LastEntry,
}

impl<R: Read> Read for Noting<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(room)?;
        self.last.see(room.get(..read).unwrap_or_default());
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_that_of_the_last_whole_entry_however_it_came() {
        let text = b"{\"__CURSOR\":\"a\",\"MESSAGE\":\"1\"}\n{\"MESSAGE\":\"\\\"__CURSOR\\\":\",\"__CURSOR\" : \"b;i=2\"}\n{\"__CURSOR\":\"c\"";
        for size in 1..text.len() {
            let last = LastEntry::default();
            assert_eq!(last.cursor(), None);
            text.chunks(size).for_each(|part| last.see(part));
            assert_eq!(last.cursor().as_deref(), Some("b;i=2"), "parts of {size}");
            last.see(b"}\n");
            assert_eq!(last.cursor().as_deref(), Some("c"), "parts of {size}");
        }
    }

    #[test]
    fn an_entry_without_end_fills_no_memory_and_moves_no_cursor() {
        let last = LastEntry::default();
        last.see(b"{\"__CURSOR\":\"a\"}\n");
        for _ in 0..3 {
            last.see(&vec![b'x'; LONGEST_ENTRY / 2 + 1]);
        }
        assert!(last.0.lock().unwrap().begun.len() <= LONGEST_ENTRY);
        last.see(b"\n");
        assert_eq!(last.cursor().as_deref(), Some("a"));
        last.see(b"{\"__CURSOR\":\"b\"}\n");
        assert_eq!(last.cursor().as_deref(), Some("b"));
    }
}
