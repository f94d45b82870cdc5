//! The state on disk: one file for each command, whole or not there, and one run at a time.
//!
//! The file is written beside its place and moved there after the output was written, so a run that is killed leaves
//! the state of the run before: its lines are reported again rather than lost. It is readable by its owner alone.

use super::State;
use crate::error::Error;
use crate::private::{make_folder, open_file};
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Raised when the form of [`State`] changes; an older file is set aside like a damaged one.
pub(super) const VERSION: u32 = 2;
/// What a state file begins with.
const MAGIC: &[u8; 8] = b"mailwhy\n";
const COMPRESSION: i32 = 3;

/// The place of a state, locked against other runs until this is dropped.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    _lock: File,
}

/// What was found.
#[derive(Debug)]
pub struct Loaded {
    /// The state; an empty one when there was none.
    pub state: State,
    /// Where a file that could not be used was moved to, and why.
    pub set_aside: Option<(PathBuf, String)>,
}

impl Store {
    /// Opens the state of a command in a folder, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// The folder cannot be made or written, or another run holds it.
    pub fn open(folder: &Path, command: &str) -> Result<Self, Error> {
        let failed = |source| Error::WriteFile { path: folder.to_owned(), source };
        make_folder(folder).map_err(failed)?;
        let lock_path = folder.join(format!("{command}.lock"));
        let lock = open_file(&lock_path)
            .map_err(|source| Error::WriteFile { path: lock_path.clone(), source })?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::AnotherRun { path: lock_path }),
            Err(TryLockError::Error(source)) => {
                return Err(Error::WriteFile { path: lock_path, source });
            }
        }
        Ok(Self { path: folder.join(format!("{command}.state")), _lock: lock })
    }

    /// The file of the state.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the state.
    ///
    /// # Errors
    ///
    /// The file is there but cannot be read; one that can be read but not used is set aside.
    pub fn load(&self) -> Result<Loaded, Error> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Loaded { state: State::default(), set_aside: None });
            }
            Err(source) => return Err(Error::Read { path: self.path.clone(), source }),
        };
        match decoded(&bytes) {
            Ok(state) => Ok(Loaded { state, set_aside: None }),
            Err(why) => {
                let aside = free_name(&self.path);
                fs::rename(&self.path, &aside)
                    .map_err(|source| Error::WriteFile { path: aside.clone(), source })?;
                Ok(Loaded { state: State::default(), set_aside: Some((aside, why)) })
            }
        }
    }

    /// Replaces the state.
    ///
    /// # Errors
    ///
    /// It cannot be written; the old one is still there then.
    pub fn save(&self, state: &State) -> Result<(), Error> {
        let failed = |source| Error::WriteFile { path: self.path.clone(), source };
        let bytes = encoded(state).map_err(failed)?;
        let new = self.path.with_extension("state.new");
        let write = || -> io::Result<()> {
            let mut file = open_file(&new)?;
            file.set_len(0)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&new, &self.path)?;
            // So that the move itself survives a power cut.
            self.path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
        };
        write().map_err(failed)
    }
}

fn encoded(state: &State) -> io::Result<Vec<u8>> {
    let plain = postcard::to_allocvec(state).map_err(io::Error::other)?;
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    // The frame carries a checksum, so that damage is seen.
    let mut encoder = zstd::Encoder::new(&mut bytes, COMPRESSION)?;
    encoder.include_checksum(true)?;
    encoder.write_all(&plain)?;
    encoder.finish()?;
    Ok(bytes)
}

fn decoded(bytes: &[u8]) -> Result<State, String> {
    let rest = bytes.strip_prefix(MAGIC).ok_or("it is no state of mailwhy")?;
    let (version, rest) = rest.split_first_chunk::<4>().ok_or("it is cut off")?;
    let version = u32::from_le_bytes(*version);
    if version != VERSION {
        return Err(format!("it is of version {version}, this program writes version {VERSION}"));
    }
    let plain = zstd::decode_all(rest).map_err(|error| format!("it is damaged: {error}"))?;
    postcard::from_bytes(&plain).map_err(|error| format!("it is damaged: {error}"))
}

/// `report.state.damaged`, or the first free of `.damaged.1`, `.damaged.2` …
fn free_name(path: &Path) -> PathBuf {
    let name = |number: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(if number == 0 { ".damaged".to_owned() } else { format!(".damaged.{number}") });
        PathBuf::from(name)
    };
    (0..100).map(name).find(|name| !name.exists()).unwrap_or_else(|| name(100))
}
