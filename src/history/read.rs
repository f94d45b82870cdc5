//! What the history tells, as a digest: so it is added up, compared and shown as any other.

use super::open::failed;
use super::table::{ANSWERS, MAIL, TRAFFIC, Table};
use super::{DAY, History};
use crate::digest::{
    Baseline, Digest, Grain, MailCounts, MailKey, MailKind, Part, RowCounts, RowKey, Span,
    TrafficCounts, TrafficKey, is_saved, read_digest,
};
use crate::error::Error;
use crate::smtp::{Direction, ReplyCode};
use compact_str::CompactString;
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;
use std::path::Path;

/// No log is older or younger.
const NEVER: i64 = 1 << 40;

impl History {
    /// What happened from `from` until before `to` (seconds since 1970, `None` is no limit). Its periods are hours, or
    /// days where the history has only days for some of it.
    ///
    /// # Errors
    ///
    /// [`Error::Saved`] when the history cannot be read.
    pub fn digest(&self, from: Option<i64>, to: Option<i64>) -> Result<Digest, Error> {
        let limits = (from.unwrap_or(-NEVER), to.unwrap_or(NEVER));
        let digest = self.read(limits).map_err(|error| failed(&self.path, &error))?;
        digest.ok_or_else(|| Error::Saved {
            path: self.path.clone(),
            what: "the history has a row that no program of ours wrote".to_owned(),
        })
    }

    /// What was usual at each hour of the week before `until` (seconds since 1970), by the weeks of which it has hours.
    /// `until` keeps an episode from being compared with itself.
    ///
    /// # Errors
    ///
    /// [`Error::Saved`] when the history cannot be read.
    pub fn baseline(&self, until: Option<i64>) -> Result<Baseline, Error> {
        let hours = "SELECT MAX(period + width) FROM answers WHERE width >= 86400";
        let days_end = self.connection.query_row(hours, [], |row| row.get::<_, Option<i64>>(0));
        let days_end = days_end.map_err(|error| failed(&self.path, &error))?;
        // Days that hours were made of end where the first hour begins.
        Ok(Baseline::of(&self.digest(days_end, until)?).unwrap_or_default())
    }

    /// How many runs it was made of.
    ///
    /// # Errors
    ///
    /// [`Error::Saved`] when the history cannot be read.
    pub fn runs(&self) -> Result<u64, Error> {
        let count = "SELECT COUNT(*) FROM runs WHERE id > 1";
        self.connection
            .query_row(count, [], |row| row.get::<_, i64>(0))
            .map(|count| u64::try_from(count).unwrap_or(0))
            .map_err(|error| failed(&self.path, &error))
    }

    fn read(&self, limits: (i64, i64)) -> rusqlite::Result<Option<Digest>> {
        // All tables as they are at one moment.
        let reading = self.connection.unchecked_transaction()?;
        let answers = rows(&reading, &ANSWERS, limits)?;
        let traffic = rows(&reading, &TRAFFIC, limits)?;
        let mail = rows(&reading, &MAIL, limits)?;
        let parts = parts(&reading, limits)?;
        reading.finish()?;
        let mut digest = Digest { parts, ..Digest::default() };
        let widths = answers.iter().chain(&traffic).chain(&mail).map(|row| row.width);
        if widths.max().is_some_and(|width| width >= DAY) {
            digest.grain = Grain::Day;
        }
        let grain = digest.grain;
        Ok(fill(&mut digest, grain, (answers, traffic, mail)).map(|()| digest))
    }
}

/// A row of any of the tables.
struct Read {
    period: i64,
    width: i64,
    host: CompactString,
    key: Vec<String>,
    counts: Vec<u64>,
}

fn rows(connection: &Connection, table: &Table, limits: (i64, i64)) -> rusqlite::Result<Vec<Read>> {
    let mut statement = connection.prepare(&table.select())?;
    let (keys, all) = (table.before_counts(), table.before_counts() + table.counts());
    let read = |row: &Row<'_>| {
        let word = |place: usize| {
            Ok(match row.get::<_, rusqlite::types::Value>(place)? {
                rusqlite::types::Value::Text(text) => text,
                rusqlite::types::Value::Integer(number) => number.to_string(),
                _ => String::new(),
            })
        };
        let count = |place: usize| Ok(u64::try_from(row.get::<_, i64>(place)?).unwrap_or(0));
        Ok(Read {
            period: row.get(0)?,
            width: row.get(1)?,
            host: CompactString::new(row.get::<_, String>(2)?),
            key: (3..keys).map(word).collect::<rusqlite::Result<_>>()?,
            counts: (keys..all).map(count).collect::<rusqlite::Result<_>>()?,
        })
    };
    statement.query_map(params![limits.0, limits.1], read)?.collect()
}

/// `None` when a row is not one of ours.
fn fill(
    digest: &mut Digest,
    grain: Grain,
    (answers, traffic, mail): (Vec<Read>, Vec<Read>, Vec<Read>),
) -> Option<()> {
    let direction = |slug: &str| Direction::ALL.iter().copied().find(|d| d.slug() == slug);
    let some = |word: &String| (!word.is_empty()).then(|| CompactString::new(word));
    for row in answers {
        let [way, cause, code, enhanced, provider] = row.key.as_slice() else { return None };
        let code: u16 = code.parse().ok()?;
        let key = RowKey {
            period: grain.begin(row.period),
            host: row.host,
            direction: direction(way)?,
            cause: some(cause),
            code: if code == 0 { None } else { Some(ReplyCode::new(code)?) },
            enhanced: if enhanced.is_empty() { None } else { Some(enhanced.parse().ok()?) },
            provider: some(provider),
        };
        digest.rows.entry(key).or_default().add(&RowCounts::of_values(&row.counts)?);
    }
    for row in traffic {
        let [way, provider] = row.key.as_slice() else { return None };
        let key = TrafficKey {
            period: grain.begin(row.period),
            host: row.host,
            direction: direction(way)?,
            provider: some(provider),
        };
        digest.traffic.entry(key).or_default().add(&TrafficCounts::of_values(&row.counts)?);
    }
    for row in mail {
        let [kind] = row.key.as_slice() else { return None };
        let kind = MailKind::ALL.iter().copied().find(|known| known.slug() == kind)?;
        let key = MailKey { period: grain.begin(row.period), host: row.host, kind };
        digest.mail.entry(key).or_default().add(&MailCounts::of_values(&row.counts)?);
    }
    Some(())
}

/// One part for each owner; its lines are those of the hosts' mail servers.
fn parts(connection: &Connection, limits: (i64, i64)) -> rusqlite::Result<BTreeMap<String, Part>> {
    let mut statement = connection
        .prepare("SELECT owner, host, first, last, lines FROM spans ORDER BY owner, host")?;
    let mut rows = statement.query([])?;
    let mut parts = BTreeMap::<String, Part>::new();
    let micros = |seconds: i64| seconds.saturating_mul(1_000_000);
    while let Some(row) = rows.next()? {
        let (owner, host): (i64, String) = (row.get(0)?, row.get(1)?);
        let (first, last, lines): (i64, i64, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let (first, last) = (first.max(micros(limits.0)), last.min(micros(limits.1) - 1));
        if first <= last {
            let part = parts.entry(format!("history-{owner}")).or_default();
            let lines = u64::try_from(lines).unwrap_or(0);
            part.hosts.insert(host, Span { first, last, lines });
            part.lines = part.lines.saturating_add(lines);
        }
    }
    Ok(parts)
}

/// The baseline of a saved digest or of a history, told apart by content. `now` is as for [`History::open`].
///
/// # Errors
///
/// [`Error::Saved`] when the file is neither, or a digest whose periods are longer than hours; [`Error::Read`] when it
/// cannot be read.
pub fn read_baseline(path: &Path, until: Option<i64>, now: i64) -> Result<Baseline, Error> {
    if !is_saved(path) {
        return History::open_existing(path, now)?.history.baseline(until);
    }
    let digest = read_digest(path)?.between(None, until);
    Baseline::of(&digest).ok_or_else(|| Error::Saved {
        path: path.to_owned(),
        what: format!("counts by the {} have no hours; a baseline needs them", digest.grain),
    })
}
