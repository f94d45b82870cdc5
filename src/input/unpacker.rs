//! The text of an archive: member after member, each by its own signature.
//!
//! Runs where it is read: in the pipeline by whichever thread reads, while the others parse. All text before damage is
//! given before the damage is told. Zeros behind a member are padding, as tapes and `xz` write it; anything else there
//! that is no member is told.

use super::Meter;
use super::codec::{Codec, Format, Step, Then};
use super::damage::{Damage, Fault};
use std::io::{self, Read};
use std::ops::Range;

/// Bytes read from the archive at a time.
const BLOCK: usize = 128 * 1024;
/// A decoder that did nothing so often will never do anything.
const MAX_IDLE: u32 = 4;

/// Reads the text of an archive.
pub(super) struct Unpacker<R> {
    archive: Block<R>,
    format: Format,
    state: State,
    /// Bytes of text given.
    text: u64,
}

enum State {
    /// A member, padding or the end comes next.
    Between,
    Inside(Codec),
    /// Told once, then it is the end.
    Failed(io::Error),
    Ended,
}

impl<R: Read> Unpacker<R> {
    /// Reads an archive whose first member is of this format.
    pub(super) fn new(archive: R, format: Format, meter: Meter) -> Self {
        let archive = Block::new(archive, meter);
        Self { archive, format, state: State::Between, text: 0 }
    }

    /// At the end of a member or the begin: what comes next.
    fn next_member(&mut self) -> State {
        loop {
            self.archive.fill(Format::SIGNATURE);
            let rest = self.archive.rest();
            if rest.is_empty() {
                return self.archive.failure.take().map_or(State::Ended, State::Failed);
            }
            if let Some(format) = Format::of(rest) {
                self.format = format;
                return match Codec::new(format) {
                    Some(codec) => State::Inside(codec),
                    None => self.failed(Fault::TooLarge),
                };
            }
            match rest.iter().position(|byte| *byte != 0) {
                Some(0) => return self.failed(Fault::Trailing),
                zeros => self.archive.take(zeros.unwrap_or(rest.len())),
            }
        }
    }

    /// Unpacks into `text`, which has room, until something was written or the member ended.
    fn unpack(&mut self, mut codec: Codec, text: &mut [u8]) -> (usize, State) {
        let mut idle = 0;
        loop {
            self.archive.fill(1);
            let Step { taken, given, then } = codec.step(self.archive.rest(), text);
            let at_its_end = self.archive.rest().is_empty();
            self.archive.take(taken);
            self.text += given as u64;
            match then {
                Then::End => return (given, State::Between),
                Then::Failed(fault) => return (given, self.failed(fault)),
                Then::More if given > 0 => return (given, State::Inside(codec)),
                Then::More if taken > 0 => idle = 0,
                Then::More => idle += 1,
            }
            if idle == MAX_IDLE {
                return (
                    0,
                    match self.archive.failure.take() {
                        Some(error) if at_its_end => State::Failed(error),
                        _ => self.failed(if at_its_end { Fault::Cut } else { Fault::Damaged }),
                    },
                );
            }
        }
    }

    fn failed(&self, fault: Fault) -> State {
        let (packed, text) = (self.archive.offset, self.text);
        State::Failed(Damage { format: self.format, fault, packed, text }.into())
    }
}

impl<R: Read> Read for Unpacker<R> {
    fn read(&mut self, text: &mut [u8]) -> io::Result<usize> {
        if text.is_empty() {
            return Ok(0);
        }
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Between => self.state = self.next_member(),
                State::Inside(codec) => {
                    let (given, state) = self.unpack(codec, text);
                    self.state = state;
                    if given > 0 {
                        return Ok(given);
                    }
                }
                State::Failed(error) => return Err(error),
                State::Ended => return Ok(0),
            }
        }
    }
}

/// A part of the archive, and its place.
struct Block<R> {
    archive: R,
    bytes: Vec<u8>,
    /// What of the bytes was read and not used yet.
    known: Range<usize>,
    /// The place of the first of them in the archive.
    offset: u64,
    ended: bool,
    /// Why it ended, if it could not be read. Text that is still in the decoder comes first.
    failure: Option<io::Error>,
    meter: Meter,
}

impl<R: Read> Block<R> {
    fn new(archive: R, meter: Meter) -> Self {
        let bytes = vec![0; BLOCK];
        Self { archive, bytes, known: 0..0, offset: 0, ended: false, failure: None, meter }
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.known.clone()).unwrap_or_default()
    }

    fn take(&mut self, bytes: usize) {
        self.known.start += bytes;
        self.offset += bytes as u64;
    }

    /// Reads until there are `wanted` bytes, or all there are.
    fn fill(&mut self, wanted: usize) {
        while self.known.len() < wanted && !self.ended {
            self.bytes.copy_within(self.known.clone(), 0);
            self.known = 0..self.known.len();
            match self.archive.read(self.bytes.get_mut(self.known.end..).unwrap_or_default()) {
                Ok(0) => self.ended = true,
                Ok(read) => {
                    self.known.end += read;
                    self.meter.add(read as u64);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    self.failure = Some(error);
                }
            }
        }
    }
}
