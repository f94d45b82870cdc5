//! What the first bytes of a source say: compressed, UTF-16, or text.
//!
//! The content decides, never the name: rotated logs carry any suffix. What is in a supported format is
//! unpacked; of the rest it is said what it is, and how to turn it into text.

use super::Meter;
use super::codec::Format;
use super::unpacker::Unpacker;
use crate::error::Error;
use std::io::{self, Cursor, Read};
use std::path::Path;

/// Enough for each signature.
pub(super) const HEAD: u64 = 16;

/// A reader of the text itself.
pub(super) struct Unpacked {
    pub(super) reader: Box<dyn Read + Send>,
    /// The text is unpacked, and the reader counts what is read for it.
    pub(super) packed: bool,
    /// What the text's first bytes look like, as the end of a sentence; empty when nothing is known.
    pub(super) looks_like: &'static str,
}

/// Wraps `raw` so that it gives text.
pub(super) fn unpack(
    raw: Box<dyn Read + Send>,
    path: &Path,
    meter: &Meter,
) -> Result<Unpacked, Error> {
    let (head, raw) = peek(raw);
    let Some(format) = Format::of(&head) else {
        return text_of(&head, raw, path, false);
    };
    let (head, text) = peek(Box::new(Unpacker::new(raw, format, meter.clone())));
    text_of(&head, text, path, true)
}

/// The first bytes, and all of it. An error comes when the reader comes to it.
fn peek(mut reader: Box<dyn Read + Send>) -> (Vec<u8>, Box<dyn Read + Send>) {
    let mut head = Vec::new();
    let outcome = reader.by_ref().take(HEAD).read_to_end(&mut head);
    let begin = Cursor::new(head.clone());
    match outcome {
        Ok(_) => (head, Box::new(begin.chain(reader))),
        Err(error) => (head, Box::new(begin.chain(Fails(Some(error))))),
    }
}

/// An error, then the end.
struct Fails(Option<io::Error>);

impl Read for Fails {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

fn text_of(
    head: &[u8],
    reader: Box<dyn Read + Send>,
    path: &Path,
    packed: bool,
) -> Result<Unpacked, Error> {
    match unreadable(head) {
        Some(hint) => Err(Error::NotAMailLog { path: path.to_owned(), lines: 0, hint }),
        None => Ok(Unpacked { reader, packed, looks_like: looks_like(head) }),
    }
}

/// What to say about bytes that are not text, and cannot be made text here.
fn unreadable(head: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| head.starts_with(magic);
    if starts(b"\x04\x22\x4d\x18") {
        return Some("it is compressed with lz4: `lz4 -dc FILE | mailwhy report -`");
    }
    if starts(b"\x1f\x9d") {
        return Some("it is compressed with compress: `zcat FILE | mailwhy report -`");
    }
    if starts(b"\xff\xfe") || starts(b"\xfe\xff") {
        return Some("it is UTF-16 text: `iconv -f UTF-16 -t UTF-8 FILE | mailwhy report -`");
    }
    None
}

/// A guess for the message that no line began as a log line does.
fn looks_like(head: &[u8]) -> &'static str {
    let starts = |magic: &[u8]| head.starts_with(magic);
    if starts(b"PK\x03\x04") {
        "; it looks like a zip archive"
    } else if starts(b"\x7fELF") || starts(b"MZ") {
        "; it looks like a program"
    } else if starts(b"LPKSHHRH") {
        "; it is a journal file of systemd: `journalctl --file FILE -o json | mailwhy report -`"
    } else if starts(b"From ") || starts(b"Return-Path:") || starts(b"Received:") {
        "; it looks like mail"
    } else if starts(b"{") || starts(b"[{") {
        "; it looks like JSON without log messages that are known here"
    } else if starts(b"<!") || starts(b"<html") || starts(b"<?xml") {
        "; it looks like HTML or XML"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(bytes: &'static [u8]) -> Result<Unpacked, Error> {
        unpack(Box::new(bytes), Path::new("mail.log.2"), &Meter::default())
    }

    #[test]
    fn what_is_no_text_is_named_with_the_command_that_makes_it_text() {
        for (bytes, want) in [
            (&b"\x04\x22\x4d\x18\x64"[..], "lz4 -dc"),
            (b"\x1f\x9d\x90", "zcat"),
            (b"\xff\xfeJ\0a\0n\0", "iconv -f UTF-16"),
            (b"\xfe\xff\0J\0a\0n", "iconv -f UTF-16"),
        ] {
            let error = unpacked(bytes).err().unwrap_or_else(|| panic!("{want}: taken as text"));
            let text = error.to_string();
            assert!(text.contains(want) && !text.contains("lines"), "{want}: {text}");
        }
    }

    #[test]
    fn text_comes_through_whole() {
        for bytes in [&b""[..], b"J", b"BZh is how this line of text begins\n", b"\xef\xbb\xbfJan"]
        {
            let mut text = Vec::new();
            unpacked(bytes).unwrap().reader.read_to_end(&mut text).unwrap();
            assert_eq!(text, bytes);
        }
    }
}
