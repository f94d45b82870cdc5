//! Opening a history: making it, taking it to the newest form, setting a damaged one aside.

use super::History;
use crate::error::Error;
use crate::private::{make_folder, open_file};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How a `SQLite` file begins.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Says that a `SQLite` file is ours (`mwhy`).
const APPLICATION: i32 = 0x6d77_6879;

/// The forms in their order; the n-th takes a history of version n to version n + 1. Entries are only added.
const MIGRATIONS: [&str; 1] = [include_str!("schema-1.sql")];

/// How long another writer is waited for. A run is added in far less than a second.
const PATIENCE: Duration = Duration::from_secs(30);

/// A history that is open, and what became of a damaged one.
#[derive(Debug)]
pub struct Opened {
    /// The history.
    pub history: History,
    /// Where the damaged one is now; this one is empty then.
    pub set_aside: Option<PathBuf>,
}

impl History {
    /// Opens a history; makes it, and its folder, where it is not there. `now` (seconds since 1970) is in the name that
    /// a damaged one gets.
    ///
    /// Damaged is a file that begins as `SQLite`'s do, or with nothing but zeros, and cannot be read. What never was a
    /// history is left alone.
    ///
    /// # Errors
    ///
    /// [`Error::WriteFile`] where it cannot be made, [`Error::Saved`] where the file is something else, or was written by
    /// a newer version.
    pub fn open(path: &Path, now: i64) -> Result<Opened, Error> {
        let wrong = |source: io::Error| Error::WriteFile { path: path.to_owned(), source };
        make_folder_of(path).map_err(wrong)?;
        // One at a time: two that find it damaged must not both set it aside.
        let lock = open_file(&with_suffix(path, ".lock")).map_err(wrong)?;
        lock.lock().map_err(wrong)?;
        let mut set_aside = None;
        if looks_damaged(path).map_err(wrong)? {
            set_aside = Some(put_aside(path, now).map_err(wrong)?);
        }
        drop(open_file(path).map_err(wrong)?);
        let connection = match connect(path) {
            Ok(connection) => connection,
            Err(error) if is_damage(&error) => {
                set_aside = Some(put_aside(path, now).map_err(wrong)?);
                drop(open_file(path).map_err(wrong)?);
                connect(path).map_err(|error| failed(path, &error))?
            }
            Err(error) => return Err(failed(path, &error)),
        };
        let mut history = Self { connection, path: path.to_owned() };
        migrate(&mut history.connection, &MIGRATIONS, path)?;
        Ok(Opened { history, set_aside })
    }

    /// Opens a history that must be there, to read it.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] when it is not there; else as [`History::open`].
    pub fn open_existing(path: &Path, now: i64) -> Result<Opened, Error> {
        File::open(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        Self::open(path, now)
    }
}

/// What `SQLite` said, with the file.
pub(super) fn failed(path: &Path, error: &rusqlite::Error) -> Error {
    let what = if is_damage(error) {
        format!("the history is damaged: {error}")
    } else {
        format!("the history cannot be used: {error}")
    };
    Error::Saved { path: path.to_owned(), what }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    let answer: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if answer == "ok" {
        return Ok(connection);
    }
    Err(rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
        Some(answer),
    ))
}

/// Takes a history to the newest form, or says why not.
pub(super) fn migrate(
    connection: &mut Connection,
    migrations: &[&str],
    path: &Path,
) -> Result<(), Error> {
    let newest = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let not_ours = |what: String| Error::Saved { path: path.to_owned(), what };
    let mut run = || -> rusqlite::Result<Result<(), Error>> {
        let change =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let number = |pragma: &str| change.query_row(pragma, [], |row| row.get::<_, i64>(0));
        let application = number("PRAGMA application_id")?;
        let version = number("PRAGMA user_version")?;
        let tables = number("SELECT COUNT(*) FROM sqlite_schema")?;
        if application != i64::from(APPLICATION) && (application != 0 || tables > 0) {
            return Ok(Err(not_ours("a database of something else, not a history".to_owned())));
        }
        if version > newest {
            return Ok(Err(not_ours(format!(
                "a history of version {version}; this program knows version {newest}"
            ))));
        }
        if version == newest {
            return Ok(Ok(()));
        }
        for migration in migrations.iter().skip(usize::try_from(version).unwrap_or(0)) {
            change.execute_batch(migration)?;
        }
        change.pragma_update(None, "application_id", APPLICATION)?;
        change.pragma_update(None, "user_version", newest)?;
        change.commit()?;
        Ok(Ok(()))
    };
    run().map_err(|error| failed(path, &error))?
}

/// Whether there is a file that was a history and is none any more; what is something else is an error.
fn looks_damaged(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(MAGIC.len() as u64).read_to_end(&mut head)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if head.is_empty() || head == MAGIC {
        return Ok(false);
    }
    if head.iter().all(|byte| *byte == 0) || MAGIC.starts_with(&head) {
        return Ok(true);
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        "there is a file that is no history; name another",
    ))
}

/// Renames a damaged history, and what `SQLite` has beside it.
fn put_aside(path: &Path, now: i64) -> io::Result<PathBuf> {
    let time = crate::time::Time::from_parts(now, 0).to_string().replace([':', '-'], "");
    let mut aside = with_suffix(path, &format!(".damaged-{time}"));
    for n in 2.. {
        if !aside.try_exists()? {
            break;
        }
        aside = with_suffix(path, &format!(".damaged-{time}-{n}"));
    }
    fs::rename(path, &aside)?;
    for suffix in ["-journal", "-wal", "-shm"] {
        match fs::rename(with_suffix(path, suffix), with_suffix(&aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(aside)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes the folder of a file for the owner alone.
fn make_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or(Ok(()), make_folder)
}
