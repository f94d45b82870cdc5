//! Finds which of some thousand literals stand in a short text.
//!
//! Each literal is filed under three of its bytes, whose pairs the other literals have least often. A walk over the text
//! asks at each place whether three bytes are among those: one look into a table of bits. Only where they are is
//! anything compared. Which bytes to file under the build script finds out; the rest is built in some ten microseconds
//! (an Aho-Corasick automaton takes some milliseconds), and a byte of text costs half of what the automaton's states do.
//!
//! Literals of fewer than [`SHORTEST`] bytes are not for this.

/// Literals have at least so many bytes.
pub(super) const SHORTEST: usize = 3;

/// Places in the table of bits: some percent of them are taken.
const BITS: u32 = 16;
/// Chains of literals.
const CHAINS: usize = 1 << 11;

/// A set of literals.
#[derive(Debug)]
pub(super) struct Literals {
    known: Vec<Literal>,
    /// Whether some literal may be filed under three bytes, by [`place_of`].
    filed: Vec<u64>,
    /// The first literal of each chain; [`Literal::next`] tells the others.
    first: Vec<Option<u16>>,
}

#[derive(Debug)]
struct Literal {
    text: &'static str,
    /// What it is filed under.
    three: u32,
    /// Where in `text` the bytes are that it is filed under.
    offset: usize,
    /// Another one of the same chain.
    next: Option<u16>,
}

/// Where in each literal the three bytes are whose pairs the others have least often; 0 for those that are too short.
pub(super) fn rarest_places<'t>(texts: impl Iterator<Item = &'t str> + Clone) -> Vec<u16> {
    // Of each two bytes, how often they stand in literals.
    let mut often = vec![0_u32; 1 << 16];
    for three in texts.clone().flat_map(|text| threes(text.as_bytes())) {
        for pair in pairs_of(three) {
            if let Some(count) = often.get_mut(pair) {
                *count += 1;
            }
        }
    }
    let common = |three: u32| {
        let often = pairs_of(three).map(|pair| u64::from(often.get(pair).copied().unwrap_or(0)));
        often.into_iter().product::<u64>()
    };
    let rarest = |text: &'t str| {
        let places = (0..=u16::MAX).zip(threes(text.as_bytes()));
        places.min_by_key(|(_, three)| common(*three)).map_or(0, |(place, _)| place)
    };
    texts.map(rarest).collect()
}

impl Literals {
    /// `texts` in lower case, at most 65,535 of them, with the places of [`rarest_places`]; those that are too short
    /// are never found.
    pub(super) fn new(texts: impl Iterator<Item = (&'static str, u16)>) -> Self {
        let filed = vec![0; 1 << (BITS - 6)];
        let mut made = Self { known: Vec::new(), filed, first: vec![None; CHAINS] };
        for (number, (text, offset)) in (0..=u16::MAX).zip(texts) {
            let offset = usize::from(offset);
            let rarest = threes(text.as_bytes().get(offset..).unwrap_or_default()).next();
            let mut literal = Literal { text, three: 0, offset, next: None };
            if let Some(three) = rarest {
                let place = place_of(three);
                literal.three = three;
                if let Some(first) = made.first.get_mut(place % CHAINS) {
                    literal.next = first.replace(number);
                }
                if let Some(part) = made.filed.get_mut(place / 64) {
                    *part |= 1 << (place % 64);
                }
            }
            made.known.push(literal);
        }
        made
    }

    /// Gives the number of each literal that stands in `text`, perhaps several times. The text is in lower case.
    pub(super) fn each_in(&self, text: &[u8], mut take: impl FnMut(u16)) {
        for (at, three) in threes(text).enumerate() {
            let place = place_of(three);
            if self.filed.get(place / 64).is_some_and(|part| part >> (place % 64) & 1 == 1) {
                self.each_filed(three, place, text, at, &mut take);
            }
        }
    }

    #[inline]
    fn each_filed(
        &self,
        three: u32,
        place: usize,
        text: &[u8],
        at: usize,
        take: &mut impl FnMut(u16),
    ) {
        let mut number = self.first.get(place % CHAINS).copied().flatten();
        while let Some(known) = number {
            let Some(literal) = self.known.get(usize::from(known)) else { return };
            number = literal.next;
            if literal.three != three {
                continue;
            }
            let begin = at.checked_sub(literal.offset);
            let found = begin.and_then(|begin| text.get(begin..begin + literal.text.len()));
            if found == Some(literal.text.as_bytes()) {
                take(known);
            }
        }
    }
}

/// Each three bytes of a text in one number, letters of either case alike; so are some marks, which does no harm.
#[inline]
fn threes(text: &[u8]) -> impl Iterator<Item = u32> {
    text.windows(3).map(|window| match window {
        &[a, b, c] => u32::from_le_bytes([a, b, c, 0]) | 0x0020_2020,
        _ => 0,
    })
}

/// The first two and the last two of three bytes.
#[inline]
fn pairs_of(three: u32) -> [usize; 2] {
    [three & 0xffff, three >> 8 & 0xffff].map(|pair| pair as usize)
}

#[inline]
fn place_of(three: u32) -> usize {
    /// 2^32 divided by the golden ratio: spreads what differs over the highest bits.
    const SPREAD: u32 = 0x9e37_79b9;
    (three.wrapping_mul(SPREAD) >> (32 - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_found_wherever_they_stand_and_whatever_their_case() {
        let literals = ["spam", "pam", "over quota", "[ts", "ü.x", "mx"];
        let places = rarest_places(literals.iter().copied());
        let finder = Literals::new(literals.into_iter().zip(places));
        for (text, want) in [
            ("", vec![]),
            ("SPAM", vec![0, 1]),
            ("pam", vec![1]),
            ("is Over QUOTA", vec![2]),
            ("[TSS04] ü.x mx", vec![3, 4]),
            ("{ts", vec![]),
            ("over quot", vec![]),
        ] {
            let mut found = Vec::new();
            finder.each_in(&text.as_bytes().to_ascii_lowercase(), |number| found.push(number));
            found.sort_unstable();
            found.dedup();
            assert_eq!(found, want, "{text}");
        }
        assert_eq!(finder.known.len(), literals.len());
    }
}
