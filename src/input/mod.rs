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
mod spare;
mod succession;
#[cfg(test)]
mod tests;
mod unpack;
mod unpacker;
mod wrapped;

pub use chunk::{Chunk, ChunkReader, MAX_LINE, Resumption};
pub use codec::Format;
pub use damage::{Damage, Fault};
pub use members::missing_members;
pub use meter::Meter;
pub use resolve::{Resolved, Twin, resolve};
pub use spare::Text;

use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
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
    let held = Held::later(input);
    let file = held.is_regular().then(|| open_file(held.path()).ok()).flatten();
    Held { file, ..held }
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

    /// It is a file, whose bytes are there, and not a pipe or what else may keep a reader waiting.
    pub(crate) fn is_regular(&self) -> bool {
        let is_regular = |path: &Path| fs::metadata(path).is_ok_and(|about| about.is_file());
        self.file.is_some() || matches!(&self.input, Input::Path(path) if is_regular(path))
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

/// A place in the text of a source, behind a whole line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Bytes before it, unpacked.
    pub offset: u64,
    /// Lines before it.
    pub line: u64,
    /// Of those, lines that begin an entry whose further parts are still to come: the run that sees its end
    /// counts them.
    pub unsettled: u64,
}

/// A source of which a run before has read the begin, or nothing.
#[derive(Debug)]
pub struct Rest {
    /// As it is named.
    pub path: PathBuf,
    /// The open file, so that what the name stands for meanwhile does not matter. It is read from its begin.
    pub file: File,
    /// Where the run before ended.
    pub from: Position,
    /// It goes on being written: a line without its line feed is left for the next run.
    pub goes_on: bool,
    /// Tells it from all other sources, also those of other runs.
    pub identity: u32,
}

/// The next part of a text that comes once and cannot be read again: standard input, the journal.
pub struct Stretch {
    /// What the text is called.
    pub name: PathBuf,
    /// Whole lines before it, for what they mean to the lines behind them: the last [`Stretch::MEMORY`] bytes.
    pub before: Vec<u8>,
    /// The part itself.
    pub reader: Box<dyn Read + Send>,
    /// Where it begins in the text.
    pub from: Position,
    /// Where it ends.
    pub ending: Ending,
}

impl Stretch {
    /// So many bytes before it are worth keeping.
    pub const MEMORY: usize = 64 * 1024;
}

impl std::fmt::Debug for Stretch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stretch")
            .field("name", &self.name)
            .field("from", &self.from)
            .field("ending", &self.ending)
            .finish_non_exhaustive()
    }
}

/// What the end of a part of a text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The text goes on: a line without its line feed, and an entry some parts of which are there, wait for more.
    Open,
    /// The text goes on in a later run that knows where by whole lines: one without its line feed comes again.
    WholeLines,
    /// The text has ended, perhaps with a line without a line feed.
    Last,
}

/// So much of what was read before is read again: enough for entries that syslog split, and for what
/// `message repeated` means.
const WARM_UP: u64 = Stretch::MEMORY as u64;

/// Opens the rest of a source.
pub(crate) fn open_rest(rest: &Rest, meter: &Meter) -> Result<(Opened, Resumption), Error> {
    let failed = |source| Error::Read { path: rest.path.clone(), source };
    let about = rest.file.metadata().map_err(failed)?;
    let mut file = rest.file.try_clone().map_err(failed)?;
    let skipped = rest.from.offset.saturating_sub(WARM_UP);
    let resumption = Resumption {
        warm_up: rest.from.offset - skipped,
        inside_a_line: skipped > 0,
        goes_on: rest.goes_on,
    };
    let mut head = Vec::new();
    file.by_ref().take(unpack::HEAD).read_to_end(&mut head).map_err(failed)?;
    let packed = Format::of(&head).is_some();
    file.seek(SeekFrom::Start(if packed { 0 } else { skipped })).map_err(failed)?;
    let left = about.len().saturating_sub(if packed { 0 } else { skipped });
    let mut unpacked = if packed || skipped == 0 {
        unpack::unpack(Box::new(file.take(left)), &rest.path, meter)?
    } else {
        unpack::Unpacked { reader: Box::new(file.take(left)), packed, looks_like: "" }
    };
    if packed {
        io::copy(&mut unpacked.reader.by_ref().take(skipped), &mut io::sink()).map_err(failed)?;
    }
    let opened = Opened {
        reader: unpacked.reader,
        changed: about.modified().ok().map(seconds_of),
        plain_file: rest.file.try_clone().ok().filter(|_| !packed),
        packed,
        looks_like: unpacked.looks_like,
    };
    Ok((opened, resumption))
}

/// The first bytes of a file's text, unpacked, at most `length`; and whether it is packed. The file is then at its
/// begin.
pub(crate) fn head_of(mut file: &File, length: u64) -> io::Result<(Vec<u8>, bool)> {
    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    file.take(unpack::HEAD).read_to_end(&mut head)?;
    let packed = Format::of(&head).is_some();
    file.seek(SeekFrom::Start(0))?;
    head.clear();
    if packed {
        let path = Path::new("");
        let unpacked = unpack::unpack(Box::new(file.try_clone()?), path, &Meter::default());
        let mut reader = unpacked.map_err(|error| io::Error::other(error.to_string()))?.reader;
        // Damage behind the head is told when it is read.
        let _ = reader.by_ref().take(length).read_to_end(&mut head);
    } else {
        file.take(length).read_to_end(&mut head)?;
    }
    file.seek(SeekFrom::Start(0))?;
    Ok((head, packed))
}

/// The name of the log that is being written, for any member of its rotation set.
pub(crate) fn live_name_of(name: &str) -> String {
    rotation::member_of(name).base.into_owned()
}

/// Seconds since 1970, rounded down.
pub(crate) fn seconds_of(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX) - 1,
    }
}
