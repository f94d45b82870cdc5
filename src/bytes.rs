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
