//! Where one of a few texts stands in a log, many bytes at a time.
//!
//! The processor compares 16 or 32 bytes at once with the begins of up to 64 windows (`aho_corasick::packed`): an
//! eighth of the time of any search that goes byte by byte. It knows no upper and lower case, so of a text that may
//! be written in both a window of four bytes is searched for in all its spellings, and where one is found the text
//! is looked at as a whole.

use aho_corasick::Span;
use aho_corasick::packed::{Config, MatchKind, Searcher};
use std::collections::BTreeMap;

/// More windows the processor does not compare at once.
const MOST: usize = 64;

/// Bytes of a window where upper and lower case are the same: 16 spellings at most.
const WIDTH: usize = 4;

/// Bytes from those that are frequent in mail logs to those that are seldom, as far as it matters.
const FREQUENT: &[u8] = b" 01.2534=6789etaoinrsmcldp[]:,-@x/<>(fuhgbvy_wk";

/// Texts to be searched for.
#[derive(Debug)]
pub(super) struct Few {
    searcher: Searcher,
    texts: Vec<Box<[u8]>>,
    /// For each window the texts that have it, and where in them.
    windows: Vec<Vec<(usize, usize)>>,
    ignore_case: bool,
}

impl Few {
    /// `None` where there are too many, or an empty one, or where the processor cannot do it.
    pub(super) fn new<T: AsRef<str>>(texts: &[T], ignore_case: bool) -> Option<Self> {
        if texts.len() > MOST {
            return None;
        }
        let texts: Vec<Box<[u8]>> =
            texts.iter().map(|text| text.as_ref().as_bytes().into()).collect();
        let shortest = texts.iter().map(|text| text.len()).min().filter(|least| *least > 0)?;
        let width = if ignore_case { shortest.min(WIDTH) } else { shortest };
        // All of one length, so that at one place there is one at most.
        let mut windows = BTreeMap::<Vec<u8>, Vec<(usize, usize)>>::new();
        for (index, text) in texts.iter().enumerate() {
            let offset = if ignore_case { rarest(text, width) } else { 0 };
            let window = text.get(offset..offset + width)?;
            for spelling in spellings(window, ignore_case) {
                windows.entry(spelling).or_default().push((index, offset));
            }
        }
        if windows.len() > MOST {
            return None;
        }
        let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
        let searcher = builder.extend(windows.keys()).build()?;
        Some(Self { searcher, texts, windows: windows.into_values().collect(), ignore_case })
    }

    /// Where one of them begins, at or behind `from`: in the first line that has one.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let span = Span { start: at.min(text.len()), end: text.len() };
            let found = self.searcher.find_in(text, span)?;
            let places = self.windows.get(found.pattern().as_usize())?;
            let begins = places.iter().filter_map(|(index, offset)| {
                let begin = found.start().checked_sub(*offset).filter(|begin| *begin >= from)?;
                self.is_at(*index, text.get(begin..)?).then_some(begin)
            });
            match begins.min() {
                Some(begin) => return Some(begin),
                None => at = found.start() + 1,
            }
        }
    }

    fn is_at(&self, index: usize, text: &[u8]) -> bool {
        let Some(wanted) = self.texts.get(index) else { return false };
        match text.get(..wanted.len()) {
            Some(here) if self.ignore_case => here.eq_ignore_ascii_case(wanted),
            Some(here) => here == &**wanted,
            None => false,
        }
    }
}

/// Where in a text the window begins that is seldom met elsewhere.
fn rarest(text: &[u8], width: usize) -> usize {
    let frequency = |byte: &u8| {
        let place = FREQUENT.iter().position(|known| known == &byte.to_ascii_lowercase());
        place.map_or(0, |place| FREQUENT.len() - place)
    };
    let sums = text.windows(width).map(|window| window.iter().map(frequency).sum::<usize>());
    sums.enumerate().min_by_key(|(_, sum)| *sum).map_or(0, |(offset, _)| offset)
}

/// All ways to write a window.
fn spellings(window: &[u8], ignore_case: bool) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    for byte in window {
        let mut ways = vec![*byte];
        if ignore_case && byte.is_ascii_alphabetic() {
            ways = vec![byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
        }
        all = ways
            .iter()
            .flat_map(|way| all.iter().map(|begin| [begin.as_slice(), &[*way]].concat()))
            .collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn too_many_and_empty_texts_are_left_to_others() {
        assert!(Few::new(&["4C1D2E3F40"; 65], false).is_none());
        assert!(Few::new(&["4C1D2E3F40", ""], false).is_none());
        assert!(Few::new::<&str>(&[], false).is_none());
        let many: Vec<String> = (0..9).map(|n| format!("{n}abc")).collect();
        assert!(Few::new(&many, true).is_none(), "72 spellings");
    }

    #[test]
    fn a_window_is_what_is_seldom() {
        for (text, want) in [("no.qzj.example.com", ".qzj"), ("ann", "ann"), ("000kkkk000", "kkkk")]
        {
            let width = text.len().min(WIDTH);
            let at = rarest(text.as_bytes(), width);
            assert_eq!(text.get(at..at + width), Some(want), "{text}");
        }
        assert_eq!(spellings(b"a.b", true).len(), 4);
        assert_eq!(spellings(b"a.b", false), [b"a.b"]);
    }

    /// The lines, by the places where they begin, that have one of the texts.
    fn lines(texts: &[String], text: &str, ignore_case: bool) -> Vec<usize> {
        let folded =
            |text: &str| if ignore_case { text.to_ascii_lowercase() } else { text.to_owned() };
        let mut at = 0;
        let mut found = Vec::new();
        for line in text.split_inclusive('\n') {
            if texts.iter().any(|wanted| folded(line).contains(&folded(wanted))) {
                found.push(at);
            }
            at += line.len();
        }
        found
    }

    proptest! {
        /// Few letters, so that texts are often there, and nearly there, and within one another.
        #[test]
        fn finds_the_lines_that_the_plain_way_finds(
            texts in prop::collection::vec("[aAb@1]{1,7}", 1..5),
            text in "[aAb@1`\n]{0,3000}",
            ignore_case: bool,
        ) {
            // Where the processor cannot do it there is nothing to be tested.
            if let Some(few) = Few::new(&texts, ignore_case) {
                let mut found = Vec::new();
                let mut from = 0;
                while let Some(at) = few.find(text.as_bytes(), from) {
                    prop_assert!(at >= from);
                    let (before, behind) = text.split_at(at);
                    found.push(before.rfind('\n').map_or(0, |end| end + 1));
                    from = behind.find('\n').map_or(text.len(), |end| at + end + 1);
                }
                prop_assert_eq!(found, lines(&texts, &text, ignore_case));
            }
        }
    }
}
