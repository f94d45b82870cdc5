//! What is said of an archive that could not be read to its end.

use super::codec::Format;
use std::fmt;
use std::io;

/// An archive that could not be read to its end. Travels inside an [`io::Error`], behind the text that could
/// be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Damage {
    /// How the member is compressed that could not be read, or that is the last one.
    pub format: Format,
    /// What is wrong.
    pub fault: Fault,
    /// Bytes of the archive before the place where it showed; what caused it may lie a little before.
    pub packed: u64,
    /// Bytes of text before it.
    pub text: u64,
}

/// What is wrong with an archive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It ends before its time.
    Cut,
    /// It does not follow its format.
    Damaged,
    /// A member's text is not what was packed, although it could be unpacked.
    Checksum,
    /// It asks for more memory than it is given.
    TooLarge,
    /// It needs a dictionary, or an option that is not known here.
    Unsupported,
    /// Something stands behind the last member.
    Trailing,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { format, fault, packed, text } = self;
        let name = format.name();
        match fault {
            Fault::Cut => write!(f, "the {name} archive is cut off at byte {packed}"),
            Fault::Damaged => write!(f, "the {name} archive is damaged at byte {packed}"),
            Fault::Checksum => write!(
                f,
                "the {name} archive is damaged: a checksum at byte {packed} does not fit the text before it"
            ),
            Fault::TooLarge => write!(
                f,
                "the {name} archive needs more than 128 MiB of memory at byte {packed}; unpack it with a \
                 command of its own"
            ),
            Fault::Unsupported => write!(
                f,
                "the {name} archive needs a dictionary or an option that is not supported at byte {packed}"
            ),
            Fault::Trailing => {
                write!(
                    f,
                    "something that is no {name} archive follows the archive at byte {packed}"
                )
            }
        }?;
        write!(f, " (compressed); the {text} bytes of text before that were read")
    }
}

impl std::error::Error for Damage {}

impl From<Damage> for io::Error {
    fn from(damage: Damage) -> Self {
        let kind = match damage.fault {
            Fault::Cut => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, damage)
    }
}
