//! Whether a file is one that was read before, by what is in it.
//!
//! Names say little about logs: rotation renames them, `copytruncate` copies them, compression gives them new
//! inodes. What stays is the text: its first bytes, and those before the place where the last run ended. Both are
//! kept as hashes, so the state tells nothing of the log.

use crate::input::{Position, head_of, live_name_of};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// How many bytes are hashed at most. The stamps of its first lines tell one log from another.
pub(super) const LENGTH: u64 = 1024;
/// A file that came back shorter than it was can be known by fewer.
const SHORTER: [u64; 3] = [512, 256, 128];

/// Some bytes of a text, by their hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// How many.
    pub length: u64,
    /// SHA-256, its first half.
    pub hash: [u8; 16],
}

impl Mark {
    /// The mark of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hash = [0; 16];
        hash.iter_mut().zip(Sha256::digest(bytes)).for_each(|(half, byte)| *half = byte);
        Self { length: bytes.len() as u64, hash }
    }

    /// Whether a text that begins with `bytes` begins with what was marked.
    fn begins(&self, bytes: &[u8]) -> bool {
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        bytes.get(..length).is_some_and(|begin| Self::of(begin) == *self)
    }
}

/// The begin of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// As many bytes as there were, at most [`LENGTH`].
    whole: Mark,
    /// Fewer of them, longest first.
    shorter: Vec<Mark>,
}

impl Head {
    /// The head of a text that begins with `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let part = |length: u64| bytes.get(..usize::try_from(length).ok()?).map(Mark::of);
        let length = bytes.len() as u64;
        Self {
            whole: Mark::of(bytes),
            shorter: SHORTER.into_iter().filter(|n| *n < length).filter_map(part).collect(),
        }
    }

    /// How many bytes it is of.
    pub fn length(&self) -> u64 {
        self.whole.length
    }

    /// Whether a text that begins with `bytes`, or is no longer than they are, has this begin as far as it goes.
    fn agrees(&self, bytes: &[u8]) -> bool {
        if self.whole.length <= bytes.len() as u64 {
            return self.whole.begins(bytes);
        }
        let fits = self.shorter.iter().find(|mark| mark.length <= bytes.len() as u64);
        fits.is_some_and(|mark| mark.begins(bytes))
    }
}

/// What the system says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnDisk {
    /// The device it is on.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
    /// Its length as it is, packed or not.
    pub length: u64,
    /// Its last change, seconds and nanoseconds since 1970.
    pub changed: (i64, i64),
}

impl OnDisk {
    /// Reads it off.
    #[cfg(unix)]
    pub fn of(about: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            device: about.dev(),
            inode: about.ino(),
            length: about.len(),
            changed: (about.mtime(), about.mtime_nsec()),
        }
    }

    /// Whether both are one file, though it may have grown.
    pub fn is_same_file(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }
}

/// A file that a run has read, or left out for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFile {
    /// Its number among all files of all runs.
    pub identity: u32,
    /// What it was called last.
    pub name: PathBuf,
    /// Its first bytes, all of which were read.
    pub head: Head,
    /// The bytes before `position`; none where they could not be looked at (packed files).
    pub tail: Mark,
    /// How far it was read.
    pub position: Position,
    /// It was there before the first run and not asked for: nothing of it is ever read.
    pub left_out: bool,
    /// The file as it was when its text was known to be read to the end; a packed one need not be unpacked again.
    pub seen_as: Vec<OnDisk>,
    /// The run that saw it last, seconds since 1970.
    pub last_seen: i64,
}

/// A file as it lies there.
#[derive(Debug)]
pub(super) struct Candidate {
    /// Its name.
    pub(super) path: PathBuf,
    /// Open, at its begin.
    pub(super) file: File,
    /// What the system says.
    pub(super) on_disk: OnDisk,
    /// Its first bytes, unpacked.
    pub(super) head: Vec<u8>,
    /// It is compressed.
    pub(super) packed: bool,
}

impl Candidate {
    /// Opens a file and looks at its begin. `None` when it cannot be read, which reading it will tell.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let file = File::open(path).ok()?;
        let about = file.metadata().ok().filter(Metadata::is_file)?;
        let (head, packed) = head_of(&file, LENGTH).ok()?;
        Some(Self { path: path.to_owned(), file, on_disk: OnDisk::of(&about), head, packed })
    }

    /// How well it agrees with a file that was read: `None` not at all.
    pub(super) fn likeness(&self, known: &KnownFile) -> Option<Likeness> {
        if known.head.length() == 0 || !known.head.agrees(&self.head) {
            return None;
        }
        let same = known.seen_as.iter().any(|seen| seen.is_same_file(&self.on_disk));
        // Exim's main log and reject log can begin with the same lines: the first ones after a rotation are often
        // refusals.
        if !same && set_of(&known.name) != set_of(&self.path) {
            return None;
        }
        if known.left_out {
            return Some(Likeness { same_file: same, short: false });
        }
        if self.packed {
            // Its length shows when it is unpacked; one that is known by fewer bytes is shorter than they are.
            let short = (self.head.len() as u64) < known.head.length();
            return Some(Likeness { same_file: same, short });
        }
        if self.on_disk.length < known.position.offset {
            return Some(Likeness { same_file: same, short: true });
        }
        self.has_tail(known).then_some(Likeness { same_file: same, short: false })
    }

    /// Whether what stands before the place where the last run ended is what stood there.
    fn has_tail(&self, known: &KnownFile) -> bool {
        known.tail.length == 0
            || bytes_before(&self.file, known.position.offset, known.tail.length)
                .is_some_and(|bytes| Mark::of(&bytes) == known.tail)
    }

    /// The first bytes up to a position.
    pub(super) fn head_up_to(&self, position: Position) -> Head {
        let length = usize::try_from(position.offset.min(LENGTH)).unwrap_or(usize::MAX);
        self.head.get(..length).map_or_else(Head::default, Head::of)
    }
}

/// What the logs of a rotation set have in common, whatever folder they are named by.
fn set_of(path: &Path) -> String {
    live_name_of(&path.file_name().unwrap_or_default().to_string_lossy())
}

/// How a file agrees with one that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Likeness {
    /// The system says that it is the same file.
    pub(super) same_file: bool,
    /// It ends before the place where the last run did.
    pub(super) short: bool,
}

/// Some bytes before a place in a file.
pub(super) fn bytes_before(mut file: &File, offset: u64, length: u64) -> Option<Vec<u8>> {
    let begin = offset.checked_sub(length)?;
    file.seek(SeekFrom::Start(begin)).ok()?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 == length).then_some(bytes)
}
