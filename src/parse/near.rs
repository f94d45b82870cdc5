//! Looking for the end of a field, which is a few bytes away.
//!
//! `memchr` is the better one over long stretches, but a field of ten bytes is over before it has begun: it
//! chooses its code at run time and looks at both ends of its text first. This looks at eight bytes at a time,
//! and the compiler can build it into the caller.

/// Where the first of `wanted` is.
#[inline]
pub(crate) fn near<const N: usize>(wanted: [u8; N], bytes: &[u8]) -> Option<usize> {
    let (words, tail) = bytes.as_chunks::<8>();
    let mut at = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let found = wanted.iter().fold(0, |found, byte| found | bytes_equal(word, *byte));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    tail.iter().position(|byte| wanted.contains(byte)).map(|step| at + step)
}

/// Cuts `text` before and behind the first `words`, as [`str::split_once`]; for words that are near, or whose first
/// byte is rare.
#[inline]
pub(crate) fn cut_once<'a>(text: &'a str, words: &str) -> Option<(&'a str, &'a str)> {
    let first = *words.as_bytes().first()?;
    let mut from = 0;
    loop {
        let at = from + near([first], text.as_bytes().get(from..)?)?;
        if let Some(behind) = text.get(at..).and_then(|rest| rest.strip_prefix(words)) {
            return Some((text.get(..at)?, behind));
        }
        from = at + 1;
    }
}

/// Cuts `text` before and behind the last `words`, as [`str::rsplit_once`]; looks for their byte `rare`.
#[inline]
pub(crate) fn cut_last<'a>(text: &'a str, words: &str, rare: u8) -> Option<(&'a str, &'a str)> {
    let offset = words.bytes().position(|byte| byte == rare)?;
    memchr::memrchr_iter(rare, text.as_bytes()).find_map(|at| {
        let at = at.checked_sub(offset)?;
        let behind = text.get(at..)?.strip_prefix(words)?;
        Some((text.get(..at)?, behind))
    })
}

/// The highest bit of each byte of `word` that is `byte`. Bits above the first one may be wrong: a borrow
/// wanders up. (Mycroft 1987; "Bit Twiddling Hacks", determine if a word has a zero byte.)
#[inline]
const fn bytes_equal(word: u64, byte: u8) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let differing = word ^ (LOW * byte as u64);
    differing.wrapping_sub(LOW) & !differing & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_one_is_found_wherever_it_is() {
        // Every byte value before, at and behind the place, at every place of two words and a tail.
        for at in 0..20 {
            for other in 0..=255_u8 {
                let mut bytes = [other; 20];
                bytes[at] = b',';
                let want = if other == b',' { 0 } else { at };
                assert_eq!(near([b','], &bytes), Some(want), "{other} {at}");
                let want = if other == b';' { 0 } else { want };
                assert_eq!(near([b';', b','], &bytes), Some(want), "{other} {at}");
                let want = (other == b'x').then_some(usize::from(at == 0));
                assert_eq!(near([b'x'], &bytes), want, "{other} {at}");
            }
        }
        assert_eq!(near([b','], b""), None);
    }

    #[test]
    fn texts_are_cut_as_the_library_cuts_them() {
        for text in [
            "",
            "a from b",
            "from",
            " from ",
            "a fro from b from c",
            "x from",
            "ü from ü",
            "  from ",
        ] {
            assert_eq!(cut_once(text, " from "), text.split_once(" from "), "{text}");
            assert_eq!(cut_last(text, " from ", b'f'), text.rsplit_once(" from "), "{text}");
        }
    }
}
