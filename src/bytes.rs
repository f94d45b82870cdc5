//! Looks at the bytes of texts: by a table, or eight at a time, as texts in a log are short, and a loop over single bytes
//! takes longer than what is done with them.

/// A set of bytes. A table, as to compare each byte with the ends of three ranges takes twice as long.
pub(crate) struct Set([bool; 256]);

impl Set {
    /// These bytes.
    #[expect(
        clippy::indexing_slicing,
        reason = "every byte has its place; checked by the compiler"
    )]
    pub(crate) const fn of(bytes: &[u8]) -> Self {
        let mut set = [false; 256];
        let mut at = 0;
        while at < bytes.len() {
            set[bytes[at] as usize] = true;
            at += 1;
        }
        Self(set)
    }

    /// With all letters and digits of ASCII.
    #[expect(
        clippy::indexing_slicing,
        reason = "every byte has its place; checked by the compiler"
    )]
    pub(crate) const fn and_alphanumerics(mut self) -> Self {
        let mut byte = 0_u8;
        while byte < 128 {
            self.0[byte as usize] |= byte.is_ascii_alphanumeric();
            byte += 1;
        }
        self
    }

    /// Whether a byte is in it.
    #[inline]
    pub(crate) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).is_some_and(|is_in| *is_in)
    }
}

const HIGHEST: u64 = 0x8080_8080_8080_8080;
const EACH: u64 = 0x0101_0101_0101_0101;

/// Where the first byte at or behind `from` stands that tells of an address, a host or an id: an at sign, or one from
/// `FIRST` to `9`. `FIRST` is `0`, or `.`, which takes in the slash too.
#[inline]
pub(crate) fn telling_from<const FIRST: u8>(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let found = telling_in::<FIRST>(*chunk);
        if found != 0 {
            return Some(at + place_of_first(found));
        }
        at += 8;
    }
    let rest = bytes.get(at..)?;
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
    let found = telling_in::<FIRST>(last);
    (found != 0).then(|| at + place_of_first(found))
}

/// Where the letters and digits of ASCII end that `bytes` begin with; `None` where all are such.
#[inline]
pub(crate) fn end_of_alphanumerics(bytes: &[u8]) -> Option<usize> {
    let (words, tail) = bytes.as_chunks::<8>();
    let mut at = 0;
    for word in words {
        let others = others_than_alphanumerics(*word);
        if others != 0 {
            return Some(at + place_of_first(others));
        }
        at += 8;
    }
    tail.iter().position(|byte| !byte.is_ascii_alphanumeric()).map(|step| at + step)
}

/// The highest bit of each byte that is neither a letter nor a digit of ASCII.
#[inline]
const fn others_than_alphanumerics(bytes: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(bytes);
    let low = word & !HIGHEST;
    let small = low | (EACH * 0x20);
    // The highest bit becomes one from the first of a range on, and from behind its last on.
    let digits = (low + EACH * (0x80 - b'0' as u64)) & !(low + EACH * (0x7f - b'9' as u64));
    let letters = (small + EACH * (0x80 - b'a' as u64)) & !(small + EACH * (0x7f - b'z' as u64));
    (!(digits | letters) | word) & HIGHEST
}

/// The number that the digits write which the bytes begin with, and how many digits these are.
#[inline]
pub(crate) fn digits_in(bytes: [u8; 8]) -> (u32, usize) {
    let digits = u64::from_le_bytes(bytes) ^ (EACH * u64::from(b'0'));
    // The highest bit becomes one from ten on.
    let from_ten = (digits & !HIGHEST) + EACH * (0x80 - 10);
    let others = (from_ten | digits) & HIGHEST;
    if others & 0x80 != 0 {
        return (0, 0);
    }
    let count = place_of_first(others);
    // With zeros before them, so that there are always eight; then pairs, fours and all of them are put together.
    let eight = digits << (64 - 8 * count);
    let pairs = (eight * 10 + (eight >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    let number = (fours * 10_000 + (fours >> 32)) & 0xffff_ffff;
    (u32::try_from(number).unwrap_or(0), count)
}

/// The highest bit of each byte that is looked for.
#[inline]
const fn telling_in<const FIRST: u8>(bytes: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(bytes);
    let low = word & !HIGHEST;
    // The highest bit becomes one from `FIRST` on, and from behind the nine on.
    let from_first = low + EACH * (0x80 - FIRST as u64);
    let behind_nine = low + EACH * (0x7f - b'9' as u64);
    // It stays 0 where the byte is an at sign.
    let differs = (low ^ (EACH * b'@' as u64)) + EACH * 0x7f;
    (from_first & !behind_nine | !differs) & !word & HIGHEST
}

#[inline]
const fn place_of_first(found: u64) -> usize {
    found.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_it_was_made_of() {
        let (marks, names) = (Set::of(b".\xff"), Set::of(b".-").and_alphanumerics());
        for byte in 0..=255 {
            assert_eq!(marks.has(byte), matches!(byte, b'.' | 0xff), "{byte}");
            let of_name = byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
            assert_eq!(names.has(byte), of_name, "{byte}");
        }
    }

    #[test]
    fn the_first_byte_that_is_no_letter_and_no_digit_is_found_wherever_it_stands() {
        for length in 0..20 {
            for at in 0..length {
                for byte in 0..=255 {
                    for around in [b'0', b'9', b'A', b'Z', b'a', b'z'] {
                        let mut bytes = vec![around; length];
                        bytes[at] = byte;
                        let want = (!byte.is_ascii_alphanumeric()).then_some(at);
                        assert_eq!(end_of_alphanumerics(&bytes), want, "{bytes:?}");
                    }
                }
            }
        }
        assert_eq!(end_of_alphanumerics(b"a:\xffb"), Some(1));
    }

    #[test]
    fn numbers_are_read_up_to_what_is_no_digit() {
        for text in
            ["12345678", "99999999", "00000000", "1234567]", "0]: x999", "811]: 12", "90\0\x01    "]
        {
            let bytes = *text.as_bytes().first_chunk().unwrap();
            let digits = text.bytes().take(8).take_while(u8::is_ascii_digit).count();
            assert_eq!(
                digits_in(bytes),
                (text.get(..digits).unwrap().parse().unwrap(), digits),
                "{text}"
            );
        }
        for byte in (0..=255_u8).filter(|byte| !byte.is_ascii_digit()) {
            for at in 0..8 {
                let mut bytes = *b"98765432";
                bytes[at] = byte;
                let number =
                    (0..at).fold(0, |number, at| number * 10 + u32::from(bytes[at] - b'0'));
                assert_eq!(digits_in(bytes), (number, at), "{bytes:?}");
            }
        }
    }

    /// Every byte at every place of texts of all small lengths, and the rest of the bytes around it.
    #[test]
    fn the_first_telling_byte_is_found_wherever_it_stands() {
        fn simply<const FIRST: u8>(bytes: &[u8], from: usize) -> Option<usize> {
            (from..bytes.len())
                .find(|at| matches!(bytes[*at], b'@') || (FIRST..=b'9').contains(&bytes[*at]))
        }
        for length in 0..20 {
            for at in 0..length {
                for byte in 0..=255 {
                    for around in [b' ', b'-', b':', 0xff] {
                        let mut bytes = vec![around; length];
                        bytes[at] = byte;
                        for from in [0, at.saturating_sub(1), at, at + 1] {
                            assert_eq!(
                                telling_from::<b'0'>(&bytes, from),
                                simply::<b'0'>(&bytes, from),
                                "{bytes:?} from {from}"
                            );
                            assert_eq!(
                                telling_from::<b'.'>(&bytes, from),
                                simply::<b'.'>(&bytes, from),
                                "{bytes:?} from {from}"
                            );
                        }
                    }
                }
            }
        }
        assert_eq!(telling_from::<b'.'>(b"1", 2), None);
    }
}
