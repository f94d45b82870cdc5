//! How a command ended.

/// The three ends of a command, and its exit codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Status {
    /// Done.
    Done = 0,
    /// Done, but the answer is no: nothing known, nothing found.
    No = 1,
    /// Could not do it.
    Failed = 2,
}

impl From<Status> for std::process::ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}
