//! Adding a run: once, whatever how often it is tried, and never a period twice.

use super::open::failed;
use super::table::{ANSWERS, MAIL, TABLES, TRAFFIC};
use super::{DAY, History};
use crate::digest::{Digest, Grain, MailKind, Span};
use crate::error::Error;
use compact_str::CompactString;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params, params_from_iter};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the lines of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// None of them was in a run before: a run that goes on where the last one of its series ended. All is added. The
    /// last run of a series can be added again, as one that was killed and tried again tells of more lines than before;
    /// what is told then counts in place of what was. A series is what stands before the last `/` of the runs' names.
    New,
    /// They may have been in other runs: whole logs, read when somebody wants a report. Where two runs tell of the
    /// same time of a host, each period counts as the run has it that saw more of it.
    MayRepeat,
}

/// What came of adding a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// The run was there already; nothing was done.
    pub known: bool,
    /// Periods of hosts that were added.
    pub added: u64,
    /// Periods that were there, and now are as this run has them.
    pub replaced: u64,
    /// Periods that were there, and stay as they were.
    pub kept: u64,
}

/// The owner of runs of new lines, and of days.
const SHARED: i64 = 1;

/// Larger counts cannot be added up in `SQLite`'s numbers without care.
const MOST: u64 = 1 << 53;

impl History {
    /// Adds the digest of a run. `run` is its name, the same when it is tried again; `now` is in seconds since 1970.
    ///
    /// Messages that had not ended when the log did are not added: they end in a later run.
    ///
    /// # Errors
    ///
    /// [`Error::Saved`] when its periods are longer than days or the history cannot be changed; nothing is added then.
    pub fn add(
        &mut self,
        run: &str,
        digest: &Digest,
        lines: Lines,
        now: i64,
    ) -> Result<Added, Error> {
        if digest.grain > Grain::Day {
            return Err(Error::Saved {
                path: self.path.clone(),
                what: format!("counts by the {} are too coarse for a history", digest.grain),
            });
        }
        let path = self.path.clone();
        let mut add = || -> rusqlite::Result<Added> {
            let change =
                self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let added = added(&change, run, digest, lines, now)?;
            change.commit()?;
            Ok(added)
        };
        add().map_err(|error| failed(&path, &error))
    }
}

fn added(
    change: &Transaction<'_>,
    run: &str,
    digest: &Digest,
    lines: Lines,
    now: i64,
) -> rusqlite::Result<Added> {
    let known = change.query_row("SELECT id, pending FROM runs WHERE run = ?1", [run], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?))
    });
    match known.optional()? {
        Some((owner, true)) if lines == Lines::New => {
            drop_owner(change, owner)?;
            change.execute("DELETE FROM runs WHERE id = ?1", [owner])?;
        }
        Some(_) => return Ok(Added { known: true, ..Added::default() }),
        None if lines == Lines::New => share_series(change, run)?,
        None => {}
    }
    let sum = |count: fn(&crate::digest::Part) -> u64| {
        number(digest.parts.values().map(count).fold(0, u64::saturating_add))
    };
    change.execute(
        "INSERT INTO runs (run, added, lines, bytes, pending) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![run, now, sum(|part| part.lines), sum(|part| part.bytes), lines == Lines::New],
    )?;
    let owner = change.last_insert_rowid();
    let spans = spans(digest);
    let mut owners = BTreeMap::new();
    if lines == Lines::MayRepeat {
        for (host, span) in &spans {
            owners.insert(host.clone(), owners_of(change, owner, host, span)?);
        }
    }
    let (mut told, mut left_out) = (Added::default(), BTreeSet::new());
    for (host, period, weight) in periods(digest) {
        let owners = owners.get(&host).map_or(&[][..], Vec::as_slice);
        let others = others(change, owners, &host, (period, digest.grain))?;
        if others.is_empty() {
            told.added += 1;
        } else if others.iter().any(|other| other.wider)
            || others.iter().map(|other| other.weight).fold(0, u64::saturating_add) >= weight
        {
            told.kept += 1;
            left_out.insert((host, period));
        } else {
            told.replaced += 1;
            let end = period + digest.grain.seconds().unwrap_or(DAY);
            for other in others {
                for table in &TABLES {
                    change
                        .execute(&table.drop_period(), params![other.owner, &*host, period, end])?;
                }
            }
        }
    }
    insert(change, owner, digest, &left_out)?;
    for (host, span) in spans {
        change.execute(
            "INSERT INTO spans (owner, host, first, last, lines) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![owner, &*host, span.first, span.last, number(span.lines)],
        )?;
    }
    Ok(told)
}

/// The runs of this one's series are over.
fn share_series(change: &Transaction<'_>, run: &str) -> rusqlite::Result<()> {
    let Some((series, _)) = run.rsplit_once('/') else { return Ok(()) };
    let mut pending = change.prepare("SELECT id, run FROM runs WHERE pending")?;
    let pending = pending
        .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let of_series =
        |other: &str| other.rsplit_once('/').is_some_and(|(before, _)| before == series);
    for (owner, _) in pending.iter().filter(|(_, other)| of_series(other)) {
        for table in &TABLES {
            change.execute(&table.share(), [owner])?;
        }
        change.execute(
            "INSERT INTO spans (owner, host, first, last, lines)
             SELECT ?2, host, first, last, lines FROM spans WHERE owner = ?1
             ON CONFLICT (owner, host) DO UPDATE SET first = MIN(first, excluded.first),
             last = MAX(last, excluded.last), lines = lines + excluded.lines",
            params![owner, SHARED],
        )?;
        drop_owner(change, *owner)?;
        change.execute("UPDATE runs SET pending = 0 WHERE id = ?1", [owner])?;
    }
    Ok(())
}

fn drop_owner(change: &Transaction<'_>, owner: i64) -> rusqlite::Result<()> {
    for table in &TABLES {
        change.execute(&table.drop_owner(), [owner])?;
    }
    change.execute("DELETE FROM spans WHERE owner = ?1", [owner])?;
    Ok(())
}

/// The periods of each host, with how much was seen in them.
fn periods(digest: &Digest) -> Vec<(CompactString, i64, u64)> {
    let mut periods = BTreeMap::<(CompactString, i64), u64>::new();
    for (key, counts) in &digest.rows {
        let weight = periods.entry((key.host.clone(), key.period)).or_default();
        *weight = weight.saturating_add(counts.lines).saturating_add(counts.passing);
    }
    for (key, counts) in &digest.traffic {
        let weight = periods.entry((key.host.clone(), key.period)).or_default();
        *weight = weight.saturating_add(counts.received);
    }
    for key in digest.mail.keys().filter(|key| has_ended(key.kind)) {
        periods.entry((key.host.clone(), key.period)).or_default();
    }
    periods.into_iter().map(|((host, period), weight)| (host, period, weight)).collect()
}

fn has_ended(kind: MailKind) -> bool {
    matches!(kind, MailKind::Mail | MailKind::Notification)
}

fn spans(digest: &Digest) -> BTreeMap<CompactString, Span> {
    let mut spans = BTreeMap::<CompactString, Span>::new();
    for (host, span) in digest.parts.values().flat_map(|part| &part.hosts) {
        let known = spans.entry(CompactString::new(host)).or_insert(Span { lines: 0, ..*span });
        known.first = known.first.min(span.first);
        known.last = known.last.max(span.last);
        known.lines = known.lines.saturating_add(span.lines);
    }
    spans
}

/// What another run tells of a period.
struct Other {
    owner: i64,
    weight: u64,
    /// Its period is longer, so it cannot be taken apart.
    wider: bool,
}

/// The owners that tell of the same time of a host.
fn owners_of(
    change: &Transaction<'_>,
    owner: i64,
    host: &str,
    span: &Span,
) -> rusqlite::Result<Vec<i64>> {
    let mut overlapping = change.prepare(
        "SELECT owner FROM spans WHERE host = ?1 AND owner <> ?2 AND (first < ?4 AND last > ?3
         OR first = last AND ?3 = ?4 AND first = ?3) ORDER BY owner",
    )?;
    let key = params![host, owner, span.first, span.last];
    overlapping.query_map(key, |row| row.get(0))?.collect()
}

/// Those of the owners that have counts in this period of the host.
fn others(
    change: &Transaction<'_>,
    owners: &[i64],
    host: &str,
    (period, grain): (i64, Grain),
) -> rusqlite::Result<Vec<Other>> {
    let mut others = Vec::new();
    if owners.is_empty() {
        return Ok(others);
    }
    let width = grain.seconds().unwrap_or(DAY);
    // A day begins up to a day before the hours in it.
    let from = Grain::Day.begin(period);
    let mut weights = change.prepare(
        "SELECT SUM(weight), MAX(width) FROM (
           SELECT lines + passing AS weight, width FROM answers
           WHERE owner = ?1 AND host = ?2 AND period >= ?3 AND period < ?4 AND period + width > ?5
           UNION ALL SELECT received, width FROM traffic
           WHERE owner = ?1 AND host = ?2 AND period >= ?3 AND period < ?4 AND period + width > ?5
           UNION ALL SELECT 0, width FROM mail
           WHERE owner = ?1 AND host = ?2 AND period >= ?3 AND period < ?4 AND period + width > ?5)",
    )?;
    for owner in owners {
        let key = params![owner, host, from, period + width, period];
        let (weight, widest): (Option<i64>, Option<i64>) =
            weights.query_row(key, |row| Ok((row.get(0)?, row.get(1)?)))?;
        if let (Some(weight), Some(widest)) = (weight, widest) {
            let weight = u64::try_from(weight).unwrap_or(0);
            others.push(Other { owner: *owner, weight, wider: widest > width });
        }
    }
    Ok(others)
}

fn insert(
    change: &Transaction<'_>,
    owner: i64,
    digest: &Digest,
    left_out: &BTreeSet<(CompactString, i64)>,
) -> rusqlite::Result<()> {
    let width = digest.grain.seconds().unwrap_or(DAY);
    let wanted = |host: &CompactString, period: i64| !left_out.contains(&(host.clone(), period));
    let place = |period: i64, host: &str| {
        let host = Value::Text(host.to_owned());
        vec![Value::Integer(period), Value::Integer(width), host, Value::Integer(owner)]
    };
    let word = |word: Option<&str>| Value::Text(word.unwrap_or("").to_owned());
    let numbers = |counts: Vec<u64>| counts.into_iter().map(|count| Value::Integer(number(count)));
    let mut statement = change.prepare(&ANSWERS.add())?;
    for (key, counts) in digest.rows.iter().filter(|(k, _)| wanted(&k.host, k.period)) {
        let mut values = place(key.period, &key.host);
        values.push(word(Some(key.direction.slug())));
        values.push(word(key.cause.as_deref()));
        values.push(Value::Integer(key.code.map_or(0, |code| code.value().into())));
        values.push(word(key.enhanced.map(|code| code.to_string()).as_deref()));
        values.push(word(key.provider.as_deref()));
        values.extend(numbers(counts.values()));
        statement.execute(params_from_iter(values))?;
    }
    let mut statement = change.prepare(&TRAFFIC.add())?;
    for (key, counts) in digest.traffic.iter().filter(|(k, _)| wanted(&k.host, k.period)) {
        let mut values = place(key.period, &key.host);
        values.push(word(Some(key.direction.slug())));
        values.push(word(key.provider.as_deref()));
        values.extend(numbers(counts.values()));
        statement.execute(params_from_iter(values))?;
    }
    let mut statement = change.prepare(&MAIL.add())?;
    let ended = digest.mail.iter().filter(|(key, _)| has_ended(key.kind));
    for (key, counts) in ended.filter(|(k, _)| wanted(&k.host, k.period)) {
        let mut values = place(key.period, &key.host);
        values.push(word(Some(key.kind.slug())));
        values.extend(numbers(counts.values()));
        statement.execute(params_from_iter(values))?;
    }
    Ok(())
}

/// A count as `SQLite` has it.
fn number(count: u64) -> i64 {
    i64::try_from(count.min(MOST)).unwrap_or(i64::MAX)
}
