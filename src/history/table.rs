//! The three tables of counts: their names, keys and counts, and the statements made of them.

use crate::digest::{MailCounts, RowCounts, TrafficCounts};

/// One table of counts.
#[derive(Debug)]
pub(super) struct Table {
    name: &'static str,
    /// What the key has besides period, width, host and owner.
    key: &'static [&'static str],
    counts: &'static [&'static str],
}

pub(super) const ANSWERS: Table = Table {
    name: "answers",
    key: &["direction", "cause", "code", "enhanced", "provider"],
    counts: RowCounts::NAMES,
};
pub(super) const TRAFFIC: Table =
    Table { name: "traffic", key: &["direction", "provider"], counts: TrafficCounts::NAMES };
pub(super) const MAIL: Table = Table { name: "mail", key: &["kind"], counts: MailCounts::NAMES };

pub(super) const TABLES: [Table; 3] = [ANSWERS, TRAFFIC, MAIL];

impl Table {
    fn columns(&self) -> String {
        let before = ["period", "width", "host", "owner"];
        [&before[..], self.key, self.counts].concat().join(", ")
    }

    fn conflict(&self) -> String {
        let key = [&["period", "width", "host", "owner"], self.key].concat().join(", ");
        let sums: Vec<String> = self
            .counts
            .iter()
            .map(|count| format!("{count} = {count} + excluded.{count}"))
            .collect();
        format!("ON CONFLICT ({key}) DO UPDATE SET {}", sums.join(", "))
    }

    /// Adds a row to what is there under its key.
    pub(super) fn add(&self) -> String {
        let places = 4 + self.key.len() + self.counts.len();
        let places: Vec<String> = (1..=places).map(|place| format!("?{place}")).collect();
        format!(
            "INSERT INTO {} ({}) VALUES ({}) {}",
            self.name,
            self.columns(),
            places.join(", "),
            self.conflict()
        )
    }

    /// All rows that begin from `?1` until before `?2`: period, width, host, key, counts.
    pub(super) fn select(&self) -> String {
        let sums: Vec<String> = self.counts.iter().map(|count| format!("SUM({count})")).collect();
        let key = [&["period", "width", "host"], self.key].concat().join(", ");
        format!(
            "SELECT {key}, {} FROM {} WHERE period >= ?1 AND period < ?2 GROUP BY {key}",
            sums.join(", "),
            self.name
        )
    }

    /// How many columns of [`Table::select`] come before the counts.
    pub(super) fn before_counts(&self) -> usize {
        3 + self.key.len()
    }

    /// How many counts there are.
    pub(super) fn counts(&self) -> usize {
        self.counts.len()
    }

    /// Deletes what an owner (`?1`) tells of a host (`?2`) from `?3` until before `?4`.
    pub(super) fn drop_period(&self) -> String {
        format!(
            "DELETE FROM {} WHERE owner = ?1 AND host = ?2 AND period >= ?3 AND period < ?4",
            self.name
        )
    }

    /// Gives all that an owner (`?1`) tells to the owner 1.
    pub(super) fn share(&self) -> String {
        let rest = [self.key, self.counts].concat().join(", ");
        format!(
            "INSERT INTO {0} ({1}) SELECT period, width, host, 1, {rest} FROM {0} WHERE owner = ?1 {2}",
            self.name,
            self.columns(),
            self.conflict()
        )
    }

    /// Deletes all that an owner (`?1`) tells.
    pub(super) fn drop_owner(&self) -> String {
        format!("DELETE FROM {} WHERE owner = ?1", self.name)
    }

    /// Deletes what is older than `?1`.
    pub(super) fn forget(&self) -> String {
        format!("DELETE FROM {} WHERE period < ?1", self.name)
    }

    /// Adds up hours before `?1` to days of the owner 1.
    pub(super) fn fold_into_days(&self) -> String {
        let key = self.key.join(", ");
        let sums: Vec<String> = self.counts.iter().map(|count| format!("SUM({count})")).collect();
        // `WHERE` also keeps `ON CONFLICT` from being taken for a join.
        format!(
            "INSERT INTO {0} ({1}) SELECT period - period % 86400 AS day, 86400, host, 1, {key}, {2} \
             FROM {0} WHERE width < 86400 AND period < ?1 GROUP BY day, host, {key} {3}",
            self.name,
            self.columns(),
            sums.join(", "),
            self.conflict()
        )
    }

    /// Deletes the hours that [`Table::fold_into_days`] added up.
    pub(super) fn drop_hours(&self) -> String {
        format!("DELETE FROM {} WHERE width < 86400 AND period < ?1", self.name)
    }
}
