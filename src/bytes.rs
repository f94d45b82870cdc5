//! Looks for bytes in texts, eight at a time: texts in a log are short, and a loop over single bytes takes longer than
//! what is done with them.

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
