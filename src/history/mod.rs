//! The history: digests of many runs in one `SQLite` file, by hour, and by day when they are older than two months.
//!
//! It is what a report is compared with, so it must not count a line twice: a run is added once whatever how often it
//! is tried ([`History::add`]), and of two logs that tell of the same time of the same host each period counts once.
//! Every change is one transaction; a killed program leaves the history as it was. What is damaged is set aside and
//! begun anew ([`History::open`]), never repaired: figures that may be wrong are worse than none.
//!
//! No addresses and no texts are kept. The file, and the folder if it is made, are for their owner alone.

mod add;
mod open;
mod read;
mod table;

#[cfg(test)]
mod tests;

pub use add::{Added, Lines};
pub use open::Opened;
pub use read::read_baseline;

use crate::error::Error;
use rusqlite::Connection;
use std::path::PathBuf;

/// Hours are kept this long; older ones become days. Eight weeks, and two for a log that is read late.
pub const HOURS_KEPT_DAYS: i64 = 70;

/// A history that is open.
#[derive(Debug)]
pub struct History {
    connection: Connection,
    path: PathBuf,
}

const DAY: i64 = 86_400;

impl History {
    /// Forgets what happened more than `days` before `now` (seconds since 1970), and makes days of the hours that
    /// are older than [`HOURS_KEPT_DAYS`].
    ///
    /// # Errors
    ///
    /// [`Error::Saved`] when the history cannot be changed; nothing is changed then.
    pub fn prune(&mut self, days: i64, now: i64) -> Result<(), Error> {
        let path = self.path.clone();
        let begin = |days: i64| {
            let time = now.saturating_sub(days.max(1).saturating_mul(DAY));
            time - time.rem_euclid(DAY)
        };
        let (cutoff, fold) = (begin(days), begin(HOURS_KEPT_DAYS));
        let mut run = || -> rusqlite::Result<()> {
            let change = self
                .connection
                .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            for table in &table::TABLES {
                change.execute(&table.forget(), [cutoff])?;
                change.execute(&table.fold_into_days(), [fold])?;
                change.execute(&table.drop_hours(), [fold])?;
            }
            // What was added up is told by the shared owner from now on.
            let micros = |seconds: i64| seconds.saturating_mul(1_000_000);
            change.execute(
                "INSERT INTO spans (owner, host, first, last, lines)
                 SELECT 1, host, MIN(first), MIN(MAX(last), ?1), 0 FROM spans WHERE first < ?1 GROUP BY host
                 ON CONFLICT (owner, host) DO UPDATE
                 SET first = MIN(first, excluded.first), last = MAX(last, excluded.last)",
                [micros(fold)],
            )?;
            change.execute("DELETE FROM runs WHERE id > 1 AND added < ?1", [cutoff])?;
            change.execute("DELETE FROM spans WHERE last < ?1", [micros(cutoff)])?;
            change.commit()
        };
        run().map_err(|error| open::failed(&path, &error))
    }
}
