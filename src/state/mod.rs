//! What is kept between two runs, so that each line is read once: how far each file was read, and what is on its
//! way.
//!
//! ```text
//! files.rs: is this the file that was read before, and where does it go on?
//! plan.rs: all files of a run ─► what to read of them          store.rs: one file on disk, whole or not there
//! ```
//!
//! Nothing here reads log lines: [`crate::pipeline::resume`] does, by the plan. To keep another thing: a field of
//! [`State`], with a new version in `store.rs`.

mod files;
mod plan;
mod store;

pub use files::{Head, KnownFile, Mark, OnDisk};
pub use plan::{Oddity, Plan, plan};
pub use store::{Loaded, Store};

use crate::pipeline::Copies;
use crate::report::Carried;
use serde::{Deserialize, Serialize};

/// What one run leaves for the next.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// When the run began, seconds since 1970; 0 before the first.
    pub last_run: i64,
    /// When the first run began.
    pub first_run: i64,
    /// How many runs there were.
    pub runs: u64,
    /// The files, and how far each was read.
    pub files: Vec<KnownFile>,
    /// Numbers given to files so far.
    pub identities: u32,
    /// Where the journal was read to.
    pub cursor: String,
    /// Entries that may come again in another log.
    pub copies: Copies,
    /// Messages on their way, and those that have ended.
    pub carried: Carried,
}

impl State {
    /// A run that began at this moment has been done.
    pub fn ran(&mut self, now: i64) {
        if self.first_run == 0 {
            self.first_run = now;
        }
        self.last_run = now;
        self.runs += 1;
    }
}
