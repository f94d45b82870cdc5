//! The decoders, one step at a time.
//!
//! The crates' own readers throw away what they had unpacked when they meet damage, and tell no place.
//! So each format is driven by hand here, and a step says how far it came even where it fails. To add a
//! format: its signature in [`Format::of`], its name, and a variant of [`Codec`] with its step.

use super::damage::Fault;
use bzip2::{Decompress as Bunzip2, Status as Bzip2Status};
use flate2::{Decompress as Gzip, FlushDecompress, Status as GzipStatus};
use liblzma::stream::{Action, Error as XzError, Status as XzStatus, Stream as Xz};
use std::io::Read;
use zstd::zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, get_error_name};

/// What an archive may ask for: `xz -9` needs half of it, `zstd -19` a sixteenth. Without a bound a few
/// bytes could fill the memory.
const MAX_WINDOW_LOG: u32 = 27;
/// The same, and what the decoder needs besides.
const MAX_XZ_MEMORY: u64 = (1 << MAX_WINDOW_LOG) + (1 << 20);

/// How a source is compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// `.gz`
    Gzip,
    /// `.bz2`
    Bzip2,
    /// `.xz`
    Xz,
    /// `.zst`
    Zstd,
}

impl Format {
    /// As many bytes as the longest signature needs (bzip2: `BZh9` and the first block's mark).
    pub(super) const SIGNATURE: usize = 10;

    /// What a member begins with.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // The second is a frame to be skipped; parallel compressors put one before each real one.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [b'B', b'Z', b'h', b'1'..=b'9', mark @ ..]
                if mark.starts_with(b"1AY&SY") || mark.starts_with(b"\x17rE8P\x90") =>
            {
                Some(Self::Bzip2)
            }
            _ => None,
        }
    }

    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
        }
    }
}

/// How far a step came.
#[derive(Debug)]
pub(super) struct Step {
    /// Bytes of input that were used.
    pub(super) taken: usize,
    /// Bytes of text that were written.
    pub(super) given: usize,
    pub(super) then: Then,
}

/// What comes after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// It goes on.
    More,
    /// The member is complete.
    End,
    /// It cannot go on.
    Failed(Fault),
}

/// The decoder of one member.
pub(super) enum Codec {
    Gzip(Gzip),
    Bzip2(Bzip2),
    Xz(Xz),
    Zstd(Zstd),
}

impl Codec {
    /// `None` when the library cannot get what it needs.
    pub(super) fn new(format: Format) -> Option<Self> {
        Some(match format {
            Format::Gzip => Self::Gzip(Gzip::new_gzip(15)),
            Format::Bzip2 => Self::Bzip2(Bzip2::new()),
            Format::Xz => Self::Xz(Xz::new_stream_decoder(MAX_XZ_MEMORY, 0).ok()?),
            Format::Zstd => Self::Zstd(Zstd::new()?),
        })
    }

    /// Unpacks some of `input` into `text`. Input and room may be of any length: with all input there is
    /// given, nothing taken and nothing written, it waits for more.
    pub(super) fn step(&mut self, input: &[u8], text: &mut [u8]) -> Step {
        match self {
            Self::Gzip(gzip) => {
                let before = (gzip.total_in(), gzip.total_out());
                let then = match gzip.decompress(input, text, FlushDecompress::None) {
                    Ok(GzipStatus::StreamEnd) => Then::End,
                    Ok(_) => Then::More,
                    Err(error) if error.message() == Some("incorrect data check") => {
                        Then::Failed(Fault::Checksum)
                    }
                    Err(_) => Then::Failed(Fault::Damaged),
                };
                Step::since(before, (gzip.total_in(), gzip.total_out()), then)
            }
            Self::Bzip2(bzip2) => bzip2.step(input, text),
            Self::Xz(xz) => {
                let before = (xz.total_in(), xz.total_out());
                let then = match xz.process(input, text, Action::Run) {
                    Ok(XzStatus::StreamEnd) => Then::End,
                    Ok(_) => Then::More,
                    Err(XzError::MemLimit) => Then::Failed(Fault::TooLarge),
                    Err(XzError::Options) => Then::Failed(Fault::Unsupported),
                    Err(_) => Then::Failed(Fault::Damaged),
                };
                Step::since(before, (xz.total_in(), xz.total_out()), then)
            }
            Self::Zstd(zstd) => zstd.step(input, text),
        }
    }
}

impl Step {
    fn since(before: (u64, u64), after: (u64, u64), then: Then) -> Self {
        let grown = |before: u64, after: u64| usize::try_from(after - before).unwrap_or(0);
        Self { taken: grown(before.0, after.0), given: grown(before.1, after.1), then }
    }
}

/// A bzip2 decoder that always writes the same amounts.
///
/// How far the library reads ahead depends on the room it is given, and with it the place where damage
/// shows; but a message must not depend on how its text is asked for.
pub(super) struct Bzip2 {
    decoder: Bunzip2,
    text: Vec<u8>,
    /// Bytes of it that were handed on.
    given: usize,
    /// What comes after it.
    then: Then,
}

impl Bzip2 {
    fn new() -> Self {
        let text = Vec::with_capacity(1 << 16);
        Self { decoder: Bunzip2::new(false), text, given: 0, then: Then::More }
    }

    fn step(&mut self, input: &[u8], text: &mut [u8]) -> Step {
        let mut taken = 0;
        if self.given == self.text.len() && self.then == Then::More {
            self.text.clear();
            self.given = 0;
            let before = self.decoder.total_in();
            self.then = match self.decoder.decompress_vec(input, &mut self.text) {
                Ok(Bzip2Status::StreamEnd) => Then::End,
                Ok(_) => Then::More,
                Err(_) => Then::Failed(Fault::Damaged),
            };
            taken = usize::try_from(self.decoder.total_in() - before).unwrap_or(0);
        }
        let mut rest = self.text.get(self.given..).unwrap_or_default();
        let given = rest.read(text).unwrap_or(0);
        self.given += given;
        let then = if self.given == self.text.len() { self.then } else { Then::More };
        Step { taken, given, then }
    }
}

/// A zstd decoder that is fed block by block.
///
/// The library does not tell what it wrote in a call that fails. So no call is given both a place to write
/// earlier text to and bytes that may be wrong.
pub(super) struct Zstd {
    context: DCtx<'static>,
    /// Bytes up to the next point where it decides something.
    wanted: usize,
    /// Text waits for room.
    pending: bool,
}

/// Before the first block the library wants this much.
const ZSTD_HEAD: usize = 5;
/// What stands before each block; the library asks for it together with the block before.
const ZSTD_BLOCK_HEAD: usize = 3;

impl Zstd {
    fn new() -> Option<Self> {
        let mut context = DCtx::try_create()?;
        context.set_parameter(DParameter::WindowLogMax(MAX_WINDOW_LOG)).ok()?;
        Some(Self { context, wanted: ZSTD_HEAD, pending: false })
    }

    fn step(&mut self, input: &[u8], text: &mut [u8]) -> Step {
        let room = text.len();
        let fed = if self.pending { &[] } else { input.get(..self.wanted).unwrap_or(input) };
        let (mut source, mut target) = (InBuffer::around(fed), OutBuffer::around(text));
        let outcome = self.context.decompress_stream(&mut target, &mut source);
        let (taken, given) = (source.pos(), target.pos());
        self.pending = given == room;
        let then = match outcome {
            Ok(0) => {
                self.pending = false;
                self.wanted = ZSTD_HEAD;
                Then::End
            }
            Ok(hint) => {
                self.wanted = if hint > ZSTD_BLOCK_HEAD { hint - ZSTD_BLOCK_HEAD } else { hint };
                Then::More
            }
            Err(code) => Then::Failed(match get_error_name(code) {
                // The library gives its codes no names that can be matched.
                name if name.starts_with("Frame requires too much memory") => Fault::TooLarge,
                name if name.starts_with("Dictionary") => Fault::Unsupported,
                name if name.contains("checksum") => Fault::Checksum,
                _ => Fault::Damaged,
            }),
        };
        Step { taken, given, then }
    }
}
