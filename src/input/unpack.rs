//! What the first bytes of a source say: compressed, UTF-16, or text.
//!
//! The content decides, never the name: rotated logs carry any suffix. Decompression has its place in
//! [`unpack`]; until a format is read here, its message names the command that unpacks it. To add one: an arm
//! in [`packing_of`] that carries the reader, instead of the advice.

use crate::error::Error;
use std::io::{Cursor, Read};
use std::path::Path;

/// As many bytes as the longest signature needs (bzip2: `BZh9` and the first block's mark).
const HEAD: u64 = 16;

/// A reader of the text itself.
pub(super) struct Unpacked {
    pub(super) reader: Box<dyn Read + Send>,
    /// Nothing had to be unpacked.
    pub(super) plain: bool,
    /// What the text's first bytes look like, as the end of a sentence; empty when nothing is known.
    pub(super) looks_like: &'static str,
}

/// Wraps `raw` so that it gives text.
pub(super) fn unpack(mut raw: Box<dyn Read + Send>, path: &Path) -> Result<Unpacked, Error> {
    let mut head = Vec::new();
    raw.by_ref()
        .take(HEAD)
        .read_to_end(&mut head)
        .map_err(|source| Error::Read { path: path.to_owned(), source })?;
    if let Some(hint) = packing_of(&head) {
        return Err(Error::NotAMailLog { path: path.to_owned(), lines: 0, hint });
    }
    let looks_like = looks_like(&head);
    Ok(Unpacked { reader: Box::new(Cursor::new(head).chain(raw)), plain: true, looks_like })
}

/// What to say about bytes that are not text.
fn packing_of(head: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| head.starts_with(magic);
    if starts(b"\x1f\x8b") {
        return Some("it is compressed with gzip: `zcat FILE | mailwhy report -`");
    }
    if starts(b"\x28\xb5\x2f\xfd") {
        return Some("it is compressed with zstd: `zstdcat FILE | mailwhy report -`");
    }
    if starts(b"\xfd7zXZ\0") {
        return Some("it is compressed with xz: `xzcat FILE | mailwhy report -`");
    }
    if starts(b"BZh") && matches!(head.get(4..10), Some(b"1AY&SY" | b"\x17rE8P\x90")) {
        return Some("it is compressed with bzip2: `bzcat FILE | mailwhy report -`");
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
        unpack(Box::new(bytes), Path::new("mail.log.2"))
    }

    #[test]
    fn packed_and_utf_16_sources_are_named_with_the_command_that_unpacks_them() {
        for (bytes, want) in [
            (&b"\x1f\x8b\x08\0"[..], "zcat"),
            (b"\x28\xb5\x2f\xfd\x04", "zstdcat"),
            (b"\xfd7zXZ\0\0", "xzcat"),
            (b"BZh91AY&SY...", "bzcat"),
            (b"BZh9\x17rE8P\x90", "bzcat"),
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
