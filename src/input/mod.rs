//! From the names that the user gave to chunks of text: open, unpack, cut at line ends, make valid UTF-8.
//!
//! Nothing here knows what a log line is. Three promises hold for everybody above: memory is bounded
//! whatever the input (no line is longer than [`MAX_LINE`]), each line of the input is one line of a chunk (so
//! that line numbers are those of the file), and the text of all chunks together does not depend on where
//! they were cut. To add a compression: `codec.rs`. To add a JSON form: `json.rs`.

mod chunk;
mod codec;
mod damage;
mod json;
mod members;
mod meter;
mod resolve;
mod rotation;
mod succession;
#[cfg(test)]
mod tests;
mod unpack;
mod unpacker;
mod wrapped;

pub use chunk::{Chunk, ChunkReader, MAX_LINE};
pub use codec::Format;
pub use damage::{Damage, Fault};
pub use members::missing_members;
pub use meter::Meter;
pub use resolve::{Resolved, Twin, resolve};

use crate::error::Error;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
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
    /// The file, where its bytes are the text and can be looked at out of order. Shares its position with
    /// the reader.
    pub(crate) plain_file: Option<File>,
    /// The reader counts what it reads by itself: bytes of an archive.
    pub(crate) packed: bool,
    /// What the first bytes look like, for the message that this is no mail log.
    pub(crate) looks_like: &'static str,
}

/// An input, and its file if that is open already.
///
/// A rotation that comes while others are read changes what the name stands for, and lines would be lost or
/// read twice. So regular files are opened before any is read. Whatever else a name may stand for (a pipe,
/// whose opening may wait for its writer) is opened in its turn.
pub(crate) struct Held {
    input: Input,
    file: Option<(File, Metadata)>,
}

/// Takes hold of an input; what fails here fails again, and is told, in [`open`].
pub(crate) fn hold(input: Input) -> Held {
    let is_regular = |path: &Path| fs::metadata(path).is_ok_and(|about| about.is_file());
    let file = match &input {
        Input::Path(path) if is_regular(path) => open_file(path).ok(),
        _ => None,
    };
    Held { input, file }
}

impl Held {
    /// An input that is opened in its turn.
    pub(crate) fn later(input: Input) -> Self {
        Self { input, file: None }
    }

    /// As the user named it; `-` for standard input.
    pub(crate) fn path(&self) -> &Path {
        self.input.path()
    }
}

fn open_file(path: &Path) -> io::Result<(File, Metadata)> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    Ok((file, about))
}

/// Opens an input.
///
/// A regular file is read up to the size it had when it was opened: what is written to it meanwhile, perhaps
/// by this program itself, is not waited for. One that became shorter ends early.
pub(crate) fn open(held: Held, meter: &Meter) -> Result<Opened, Error> {
    let path = held.path().to_owned();
    let failed = |source| Error::Read { path: path.clone(), source };
    let mut file = None;
    let (raw, changed): (Box<dyn Read + Send>, _) = match held.input {
        Input::Stdin => (Box::new(io::stdin()), None),
        Input::Path(path) => {
            let (opened, about) = held.file.map_or_else(|| open_file(&path), Ok).map_err(failed)?;
            if about.is_dir() {
                let what = "is a directory; name the log files in it, or let --rotated find those with \
                            usual names (mail.log, maillog, mainlog, …)";
                return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, what)));
            }
            let changed = about.modified().ok().filter(|_| about.is_file()).map(seconds_of);
            file = opened.try_clone().ok().filter(|_| about.is_file());
            // The files of /proc say that they are empty.
            let size = Some(about.len()).filter(|size| *size > 0 && about.is_file());
            (Box::new(opened.take(size.unwrap_or(u64::MAX))), changed)
        }
    };
    let unpacked = unpack::unpack(raw, &path, meter)?;
    Ok(Opened {
        reader: unpacked.reader,
        changed,
        plain_file: file.filter(|_| !unpacked.packed),
        packed: unpacked.packed,
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
