//! From the names that the user gave to chunks of text: open, unpack, cut at line ends, make valid UTF-8.
//!
//! Nothing here knows what a log line is. Three promises hold for everybody above: memory is bounded
//! whatever the input (no line is longer than [`MAX_LINE`]), each line of the input is one line of a chunk (so
//! that line numbers are those of the file), and the text of all chunks together does not depend on where
//! they were cut. To add a compression: `unpack.rs`. To add a JSON form: `json.rs`.

mod chunk;
mod json;
mod members;
mod unpack;
mod wrapped;

pub use chunk::{Chunk, ChunkReader, MAX_LINE};
pub use members::missing_members;

use crate::error::Error;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// What the user named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// A file.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

impl Input {
    /// From a command-line argument; `-` is standard input.
    pub fn from_name(name: &OsStr) -> Self {
        if name == "-" { Self::Stdin } else { Self::Path(name.into()) }
    }

    /// As the user named it; `-` for standard input.
    pub fn path(&self) -> &Path {
        match self {
            Self::Path(path) => path,
            Self::Stdin => Path::new("-"),
        }
    }
}

/// An input that can be read, unpacked already.
pub(crate) struct Opened {
    pub(crate) reader: Box<dyn Read + Send>,
    /// When a regular file was last changed, seconds since 1970.
    pub(crate) changed: Option<i64>,
    /// The bytes on disk are the text: places in the file can be looked at out of order.
    pub(crate) plain_file: bool,
    /// What the first bytes look like, for the message that this is no mail log.
    pub(crate) looks_like: &'static str,
}

/// Opens an input.
pub(crate) fn open(input: &Input) -> Result<Opened, Error> {
    let path = input.path();
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let (raw, changed, regular): (Box<dyn Read + Send>, _, _) = match input {
        Input::Stdin => (Box::new(io::stdin()), None, false),
        Input::Path(path) => {
            let file = File::open(path).map_err(failed)?;
            let about = file.metadata().map_err(failed)?;
            if about.is_dir() {
                let what = "is a directory; name the log files in it";
                return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, what)));
            }
            let changed = about.modified().ok().filter(|_| about.is_file()).map(seconds_of);
            (Box::new(file), changed, about.is_file())
        }
    };
    let unpacked = unpack::unpack(raw, path)?;
    Ok(Opened {
        reader: unpacked.reader,
        changed,
        plain_file: regular && unpacked.plain,
        looks_like: unpacked.looks_like,
    })
}

/// Seconds since 1970, rounded down.
pub(crate) fn seconds_of(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX) - 1,
    }
}
