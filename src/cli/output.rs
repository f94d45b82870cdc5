//! Where output goes: to standard output, or to a file that is whole or not there.
//!
//! A file is written beside its place under another name and moved there at the end, so a reader (a collector, a
//! web server, the next step of a script) never sees half of it, and a run that fails leaves the old one.

use crate::error::Error;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// What may read a new file; the umask takes from it.
#[cfg(unix)]
const NEW_FILE: u32 = 0o666;

/// An output that is being written.
pub(super) enum Output {
    /// Standard output.
    Stdout(io::Stdout),
    /// A file to be.
    File(NamedTempFile, PathBuf),
    /// A pipe or a device, which cannot be put in its place: it is written as it is.
    Special(File),
}

impl Output {
    /// Standard output for no name and for `-`, else the file of that name.
    ///
    /// # Errors
    ///
    /// The file's folder cannot be written.
    pub(super) fn to(name: Option<&OsStr>) -> Result<Self, Error> {
        match name {
            None => Ok(Self::Stdout(io::stdout())),
            Some(name) if name == "-" => Ok(Self::Stdout(io::stdout())),
            Some(name) => {
                let path = PathBuf::from(name);
                if fs::metadata(&path).is_ok_and(|about| !about.is_file() && !about.is_dir()) {
                    let opened = File::options().write(true).open(&path);
                    return opened
                        .map(Self::Special)
                        .map_err(|source| Error::WriteFile { path, source });
                }
                let file = beside(&path)
                    .map_err(|source| Error::WriteFile { path: path.clone(), source })?;
                Ok(Self::File(file, path))
            }
        }
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    ///
    /// Something could not be written, or not moved.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.flush()?;
        match self {
            Self::Stdout(_) | Self::Special(_) => Ok(()),
            Self::File(file, path) => {
                let written = file.as_file().sync_all().and_then(|()| Ok(file.persist(&path)?));
                written.map(drop).map_err(|source| Error::WriteFile { path, source })
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File(file, _) => file.write(bytes),
            Self::Special(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File(file, _) => file.flush(),
            Self::Special(file) => file.flush(),
        }
    }
}

/// A file of another name in the folder of `path`, with the permissions of the one that it will replace.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    let prefix = {
        let mut prefix = OsString::from(".");
        prefix.push(path.file_name().unwrap_or_default());
        prefix
    };
    builder.prefix(&prefix);
    let there =
        fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|about| about.permissions());
    #[cfg(unix)]
    let new = {
        use std::os::unix::fs::PermissionsExt;
        Permissions::from_mode(NEW_FILE)
    };
    #[cfg(unix)]
    builder.permissions(new);
    let file = builder.tempfile_in(folder)?;
    if let Some(permissions) = there {
        file.as_file().set_permissions(permissions)?;
    }
    Ok(file)
}
