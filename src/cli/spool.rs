//! Standard input that is to be read more than once: kept in a file without a name that others could open.
//!
//! The file lies in the system's folder for temporary files and is gone with the program. At most
//! [`MOST`] bytes are kept, as they come (compressed input stays compressed); what lies behind is not read, and
//! that is an error the user is told.

use crate::error::Error;
use std::io::{self, Read};
use std::path::PathBuf;
use tempfile::NamedTempFile;

/// Bytes of standard input that are kept.
pub(super) const MOST: u64 = 8 << 30;

/// What was kept.
#[derive(Debug)]
pub(super) struct Spool {
    file: NamedTempFile,
    /// There was more.
    pub(super) cut: bool,
}

impl Spool {
    /// Keeps up to `most` bytes.
    ///
    /// # Errors
    /// `reader` cannot be read, or there is no place for the file.
    pub(super) fn of(mut reader: impl Read, most: u64) -> Result<Self, Error> {
        let failed = |source: io::Error| Error::Read { path: "-".into(), source };
        let place = |error: io::Error| {
            let what = format!("cannot be kept in {}: {error}", std::env::temp_dir().display());
            failed(io::Error::new(error.kind(), what))
        };
        let mut file = NamedTempFile::new().map_err(place)?;
        io::copy(&mut reader.by_ref().take(most), &mut file).map_err(place)?;
        let mut next = [0];
        let cut = reader.read(&mut next).map_err(failed)? > 0;
        Ok(Self { file, cut })
    }

    /// Where it lies.
    pub(super) fn path(&self) -> PathBuf {
        self.file.path().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_is_kept_up_to_the_bound() {
        for (most, kept, cut) in [(10, "abc", false), (3, "abc", false), (2, "ab", true)] {
            let spool = Spool::of(&b"abc"[..], most).unwrap();
            assert_eq!(std::fs::read_to_string(spool.path()).unwrap(), kept, "{most}");
            assert_eq!(spool.cut, cut, "{most}");
        }
    }

    #[test]
    fn the_file_is_gone_with_the_spool() {
        let spool = Spool::of(&b"abc"[..], 10).unwrap();
        let path = spool.path();
        drop(spool);
        assert!(!path.exists());
    }
}
