//! Cuts a byte stream into chunks of whole lines of valid UTF-8.
//!
//! Reads in blocks and carries the unfinished line over, so memory is bounded by the block and [`MAX_LINE`]
//! even where a line has no end. What becomes of a line depends on the line alone, never on where a chunk
//! ends. A lone CR is not a line end; CRs and NULs stay for the parser.

use super::spare::{Spare, Text};
use super::wrapped::Wrapped;
use memchr::{memchr, memrchr};
use std::io::{self, Read};

/// Longer lines are cut here; the rest is skipped.
pub const MAX_LINE: usize = 64 * 1024;

/// A larger block would only take memory.
const MAX_BLOCK: usize = 64 << 20;

/// Whole lines of one source.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// Lines with their line feeds; the last line of a source may lack it.
    pub text: Text,
    /// Bytes read from the source for this chunk, what was skipped included.
    pub bytes: u64,
    /// Bytes that were not valid UTF-8 and are now `\xNN`.
    pub invalid_bytes: u64,
    /// Lines that were longer than [`MAX_LINE`].
    pub cut_lines: u64,
    /// The source is a panic log of Exim.
    pub panic_log: bool,
    /// Lines that a run before has counted: read again only for what they mean for those behind them.
    pub warm_up: bool,
}

/// What a reader is to know of a source whose begin was read in a run before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resumption {
    /// So many of the first bytes were read before; they end with a line.
    pub warm_up: u64,
    /// The first of them lies inside a line, which is left out.
    pub inside_a_line: bool,
    /// The source goes on being written: a line without its line feed is left for the next run.
    pub goes_on: bool,
}

/// Reads chunks until the source ends.
pub struct ChunkReader<R> {
    reader: R,
    size: usize,
    /// The begin of a line whose end was not read yet.
    carry: Vec<u8>,
    /// The carried line is longer than allowed; what follows of it is dropped.
    skipping: bool,
    /// The carried line began with more NULs than a line may be long.
    drop_nuls: bool,
    wrapped: Wrapped,
    spare: Spare,
    resumption: Resumption,
    /// Bytes read since the last line feed.
    unfinished: u64,
    finished: bool,
    failure: Option<io::Error>,
}

impl<R: Read> ChunkReader<R> {
    /// Reads blocks of `size` bytes (at least one, at most 64 MiB).
    pub fn new(reader: R, size: usize) -> Self {
        Self::resuming(reader, size, Resumption::default())
    }

    /// Reads a source of which a run before read a part. What is read again comes first, as one chunk.
    pub fn resuming(reader: R, size: usize, resumption: Resumption) -> Self {
        Self {
            reader,
            size: size.clamp(1, MAX_BLOCK),
            carry: Vec::new(),
            skipping: false,
            drop_nuls: false,
            wrapped: Wrapped::default(),
            spare: Spare::default(),
            resumption,
            unfinished: 0,
            finished: false,
            failure: None,
        }
    }

    /// Bytes of a last line that was left for the next run, once the source has ended.
    pub fn left_for_later(&self) -> u64 {
        if self.resumption.goes_on { self.unfinished } else { 0 }
    }

    /// The next chunk; `None` at the end. An error ends the source, after the lines read before it.
    pub fn next_chunk(&mut self) -> Option<io::Result<Chunk>> {
        let warm_up = std::mem::take(&mut self.resumption.warm_up);
        if warm_up > 0 && !self.finished {
            return Some(Ok(self.warm_up(warm_up)));
        }
        let mut bytes = 0;
        while !self.finished {
            let drop_nuls = self.drop_nuls;
            let (lines, read) = self.read_lines();
            bytes += read;
            if lines.is_empty() && !self.finished {
                continue;
            }
            let chunk = self.chunk_of(lines, bytes, drop_nuls);
            if chunk.bytes > 0 || !chunk.text.is_empty() {
                return Some(Ok(chunk));
            }
        }
        self.failure.take().map(Err)
    }

    /// Reads again what a run before read last.
    fn warm_up(&mut self, length: u64) -> Chunk {
        let size = std::mem::replace(&mut self.size, usize::try_from(length).unwrap_or(MAX_BLOCK));
        let (mut lines, bytes) = self.read_lines();
        self.size = size;
        if self.resumption.inside_a_line {
            let begin = memchr(b'\n', &lines).map_or(lines.len(), |at| at + 1);
            lines.drain(..begin);
        }
        Chunk { warm_up: true, ..self.chunk_of(lines, bytes, false) }
    }

    /// Reads one block; gives the lines that end in it (all there is, at the end of the source) and the
    /// number of bytes read.
    fn read_lines(&mut self) -> (Vec<u8>, u64) {
        let mut lines = self.spare.room(self.carry.len() + self.size);
        lines.append(&mut self.carry);
        let known = lines.len();
        // `read_to_end` fills the spare room without zeroing it first, and tries again when interrupted.
        let wanted = self.size as u64;
        let outcome = self.reader.by_ref().take(wanted).read_to_end(&mut lines);
        let read = lines.len() - known;
        self.finished = outcome.is_err() || read < self.size;
        self.failure = outcome.err();
        self.unfinished = match memrchr(b'\n', lines.get(known..).unwrap_or_default()) {
            Some(end) => (lines.len() - known - end - 1) as u64,
            None => self.unfinished + read as u64,
        };
        if self.finished && self.resumption.goes_on {
            lines.truncate(memrchr(b'\n', &lines).map_or(0, |end| end + 1));
        }
        if self.skipping {
            match memchr(b'\n', lines.get(known..).unwrap_or_default()) {
                Some(end) => {
                    lines.drain(known..known + end);
                    self.skipping = false;
                }
                None => lines.truncate(known),
            }
        }
        if !self.finished {
            let new = lines.get(known..).unwrap_or_default();
            let end = memrchr(b'\n', new).map_or(0, |at| known + at + 1);
            if end == 0 {
                self.carry = std::mem::take(&mut lines);
            } else {
                self.carry.extend_from_slice(lines.get(end..).unwrap_or_default());
                lines.truncate(end);
                self.drop_nuls = false;
            }
            self.bound_the_carry();
        }
        (lines, read as u64)
    }

    /// A line without end must not fill the memory. One byte more than allowed is kept: it shows that the
    /// line is too long, and whether the cut falls inside a character.
    fn bound_the_carry(&mut self) {
        if self.carry.len() <= MAX_LINE {
            return;
        }
        let nuls = leading_nuls(&self.carry);
        if nuls > 0 {
            self.drop_nuls = true;
            self.carry.drain(..nuls);
        }
        if self.carry.len() > MAX_LINE {
            self.carry.truncate(MAX_LINE + 1);
            self.skipping = true;
        }
    }

    fn chunk_of(&mut self, lines: Vec<u8>, bytes: u64, drop_nuls: bool) -> Chunk {
        let (lines, cut) = if drop_nuls || has_long_line(&lines) {
            shortened(&lines, drop_nuls)
        } else {
            (lines, 0)
        };
        let (text, invalid_bytes) = match String::from_utf8(lines) {
            Ok(text) => (text, 0),
            Err(error) => visible(error.as_bytes()),
        };
        let last = self.finished && !self.resumption.goes_on;
        let bare = self.wrapped.unwrap(text, last);
        Chunk {
            text: Text::from_room(bare.text, &self.spare, 2 * (self.size + MAX_LINE)),
            bytes,
            invalid_bytes: invalid_bytes + bare.invalid_bytes,
            cut_lines: cut + bare.cut_lines,
            panic_log: false,
            warm_up: false,
        }
    }
}

fn leading_nuls(line: &[u8]) -> usize {
    line.iter().position(|b| *b != 0).unwrap_or(line.len())
}

/// Whether some line is longer than [`MAX_LINE`]. Looks back from where a line would be too long, so it
/// sees few bytes of ordinary text.
fn has_long_line(lines: &[u8]) -> bool {
    let mut rest = lines;
    while let Some(window) = rest.get(..=MAX_LINE) {
        match memrchr(b'\n', window) {
            Some(end) => rest = rest.get(end + 1..).unwrap_or_default(),
            None => return true,
        }
    }
    false
}

/// The lines, long ones without their leading NULs (a crash leaves them, and the line behind them is good)
/// and cut where they are still too long; and how many were cut.
fn shortened(lines: &[u8], drop_nuls_of_the_first: bool) -> (Vec<u8>, u64) {
    let mut short = Vec::with_capacity(lines.len());
    let mut cut = 0;
    for (n, line) in lines.split_inclusive(|b| *b == b'\n').enumerate() {
        let (mut body, end) = match line.strip_suffix(b"\n") {
            Some(body) => (body, &b"\n"[..]),
            None => (line, &b""[..]),
        };
        if body.len() > MAX_LINE || (n == 0 && drop_nuls_of_the_first) {
            body = body.get(leading_nuls(body)..).unwrap_or_default();
        }
        if body.len() > MAX_LINE {
            body = body.get(..end_of_cut(body)).unwrap_or_default();
            cut += 1;
        }
        short.extend_from_slice(body);
        short.extend_from_slice(end);
    }
    (short, cut)
}

/// [`MAX_LINE`], or a little less where that would be inside a character.
fn end_of_cut(body: &[u8]) -> usize {
    let inside = |at: &usize| body.get(*at).is_none_or(|b| b & 0xc0 != 0x80);
    (MAX_LINE - 3..=MAX_LINE).rev().find(inside).unwrap_or(MAX_LINE)
}

/// The text with each byte that is not UTF-8 as `\xNN`, and how many there were.
pub(super) fn visible(bytes: &[u8]) -> (String, u64) {
    let mut text = String::with_capacity(bytes.len() + 64);
    let mut invalid = 0;
    for part in bytes.utf8_chunks() {
        text.push_str(part.valid());
        for byte in part.invalid() {
            push_hex(&mut text, *byte);
            invalid += 1;
        }
    }
    (text, invalid)
}

/// Appends `\xNN`.
pub(super) fn push_hex(text: &mut String, byte: u8) {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    text.push_str("\\x");
    for nibble in [byte >> 4, byte & 15] {
        text.extend(DIGITS.get(usize::from(nibble)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], size: usize) -> Chunk {
        let mut reader = ChunkReader::new(bytes, size);
        let mut whole = Chunk::default();
        while let Some(chunk) = reader.next_chunk() {
            let chunk = chunk.unwrap();
            whole.text = Text::from(format!("{}{}", &*whole.text, &*chunk.text));
            whole.bytes += chunk.bytes;
            whole.invalid_bytes += chunk.invalid_bytes;
            whole.cut_lines += chunk.cut_lines;
        }
        whole
    }

    #[test]
    fn every_block_size_gives_the_same_lines() {
        let long = "x".repeat(MAX_LINE + 700);
        let umlaut = format!("{}ü and more", "x".repeat(MAX_LINE - 1));
        let exact = "y".repeat(MAX_LINE);
        let nuls = format!("{}Jan  5", "\0".repeat(3 * MAX_LINE));
        let only_nuls = "\0".repeat(2 * MAX_LINE + 17);
        let cases: Vec<(&str, Vec<u8>, u64, u64)> = vec![
            ("empty", b"".to_vec(), 0, 0),
            ("no final newline", b"a\nb".to_vec(), 0, 0),
            ("blank lines", b"\n\n\na\n\n".to_vec(), 0, 0),
            ("carriage returns", b"a\r\nb\rc\r\n".to_vec(), 0, 0),
            ("invalid UTF-8", b"a\xffb\xc3\nc\xe2\x82\n\xf0\x9f\x98\x80ok\xe2\x82".to_vec(), 6, 0),
            ("long line", format!("a\n{long}\nb\n").into_bytes(), 0, 1),
            ("long last line", format!("a\n{long}").into_bytes(), 0, 1),
            ("cut inside a character", format!("{umlaut}\nb").into_bytes(), 0, 1),
            ("exactly the limit", format!("{exact}\n{exact}").into_bytes(), 0, 0),
            ("a run of NULs", format!("a\n{nuls}\nb\n").into_bytes(), 0, 0),
            ("NULs, then too long", format!("{only_nuls}{long}\nb\n").into_bytes(), 0, 1),
            ("only NULs", only_nuls.clone().into_bytes(), 0, 0),
        ];
        for (name, bytes, invalid, cut) in cases {
            let whole = read(&bytes, 1 << 20);
            assert_eq!((whole.invalid_bytes, whole.cut_lines), (invalid, cut), "{name}");
            assert_eq!(whole.bytes, bytes.len() as u64, "{name}");
            let newlines = |text: &[u8]| memchr::memchr_iter(b'\n', text).count();
            assert_eq!(newlines(whole.text.as_bytes()), newlines(&bytes), "{name}");
            assert!(whole.text.lines().all(|l| l.len() <= MAX_LINE), "{name}");
            for size in [1, 2, 3, 7, 1000, MAX_LINE - 1, MAX_LINE, MAX_LINE + 1, 200_000] {
                if size < 7 && bytes.len() > 100_000 {
                    continue;
                }
                assert!(read(&bytes, size) == whole, "{name}: blocks of {size}");
            }
        }
    }

    #[test]
    fn invalid_bytes_become_visible() {
        assert_eq!(visible(b"a\xffb\xc3("), ("a\\xffb\\xc3(".to_owned(), 2));
        assert_eq!(visible("grün €".as_bytes()), ("grün €".to_owned(), 0));
    }

    #[test]
    fn a_line_of_any_length_needs_little_memory() {
        let endless = io::repeat(b'x').take(50 << 20).chain(&b"\nJan"[..]);
        let mut reader = ChunkReader::new(endless, 4096);
        let chunk = reader.next_chunk().unwrap().unwrap();
        assert_eq!(chunk.text.len(), MAX_LINE + 1 + 3);
        assert!(reader.carry.capacity() < 4 * MAX_LINE);
    }

    #[test]
    fn a_source_read_in_two_runs_gives_its_lines_once() {
        let text = "ab\nc\n\ndefgh\nijk\n";
        for size in [1, 2, 3, 100] {
            for end in 0..=text.len() {
                // The first run comes upon the file as it is being written.
                let read = |resumption, from: usize, to: usize| {
                    let bytes = text.as_bytes().get(from..to).unwrap();
                    let mut reader = ChunkReader::resuming(bytes, size, resumption);
                    let (mut fresh, mut length) = (String::new(), 0);
                    while let Some(chunk) = reader.next_chunk() {
                        let chunk = chunk.unwrap();
                        length += chunk.bytes;
                        if !chunk.warm_up {
                            fresh.push_str(&chunk.text);
                        }
                    }
                    (fresh, usize::try_from(length - reader.left_for_later()).unwrap())
                };
                let goes_on = Resumption { goes_on: true, ..Resumption::default() };
                let (first, position) = read(goes_on, 0, end);
                assert!(first.is_empty() || first.ends_with('\n'), "{end}, blocks of {size}");
                assert_eq!(first.len(), position, "{end}, blocks of {size}");
                for back in 0..=position {
                    let begin = position - back;
                    let resumption = Resumption {
                        warm_up: back as u64,
                        inside_a_line: begin > 0,
                        goes_on: false,
                    };
                    let (second, _) = read(resumption, begin, text.len());
                    assert_eq!(
                        first.clone() + &second,
                        text,
                        "{end}, {back} back, blocks of {size}"
                    );
                }
            }
        }
    }

    #[test]
    fn lines_before_a_read_error_are_given_first() {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("disk"))
            }
        }
        let mut reader = ChunkReader::new((&b"a\nb"[..]).chain(Fails), 100);
        assert_eq!(&*reader.next_chunk().unwrap().unwrap().text, "a\nb");
        assert!(reader.next_chunk().unwrap().is_err());
        assert!(reader.next_chunk().is_none());
    }
}
