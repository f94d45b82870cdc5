//! What a command came to, and its exit code.

use std::io;
use std::process::ExitCode;

/// The outcome of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Done; an empty log and a reader that went away (`| head`) too.
    Done,
    /// Done, but the answer is no: nothing known, nothing found.
    No,
    /// It could not be done, or not wholly: usage, unreadable input.
    Failed,
}

impl Status {
    /// The worse of two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if other as u8 > self as u8 { other } else { self }
    }

    /// The status of writing: a closed pipe is a quiet end, anything else is told.
    pub fn of_output(result: io::Result<()>) -> Self {
        match result {
            Ok(()) => Self::Done,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Self::Done,
            Err(error) => {
                complain(&format!("cannot write the output: {error}"));
                Self::Failed
            }
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// One line on standard error, made safe for a terminal.
#[expect(clippy::print_stderr, reason = "the one place that complains")]
pub(super) fn complain(text: &str) {
    eprintln!("mailwhy: {}", crate::render::sanitize::for_terminal(text));
}
