//! Logs that are being written: what is new in them, again and again, as one run over the whole would give it.
//!
//! ```text
//! files.rs: log files, across rotation       stream.rs: a text that comes once (standard input, the journal)
//!                   └────────► total.rs: one account of everything so far ◄────────┘
//! ```
//!
//! Each look is a small run that goes on from the one before, by the same plan that runs of different days go on by
//! ([`crate::state`]), so rotation, copies and half-written lines have one treatment. Files are looked at by their
//! names (`stat`), a few times a second, and not waited for with `inotify`: that says nothing of files on network
//! file systems and little of those that a container runtime mounts, it has to be told anew of each file that takes
//! the place of another, and a look at a few names costs some microseconds.
//!
//! Nothing here waits for a clock or knows a terminal. To follow another kind of input: a type with `look` and `read`.

mod files;
mod stream;
#[cfg(test)]
mod tests;
mod total;

pub use files::{Files, Odd};
pub use stream::Stream;
pub use total::Total;

/// What a look came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// There is something to read.
    New,
    /// Nothing so far.
    Nothing,
    /// Nothing will come any more.
    Ended,
}
