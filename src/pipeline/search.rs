//! Only the lines with certain texts: for those who look for a few messages in a large log.
//!
//! Bytes are searched before anything is parsed, so a log is gone through about as fast as it can be read. What
//! is parsed beside the lines found: the first line of each hour (traditional stamps have no year, which is
//! found by the course of the stamps), the last of each chunk (so that it is known when the log ends), and lines
//! whose meaning stands in others (parts of an entry, `message repeated`).

use super::few::Few;
use super::skip::Skipping;
use aho_corasick::{AhoCorasick, Input};
use memchr::memmem;
use std::sync::{Arc, LazyLock};

/// Texts of which a line must have one.
#[derive(Clone, Debug)]
pub struct Search {
    finder: Arc<Finder>,
}

#[derive(Debug)]
enum Finder {
    One(Box<memmem::Finder<'static>>),
    Few(Box<Few>),
    Long(Box<Skipping>),
    Short(AhoCorasick),
    /// So many or so long that there is no automaton for them: everything is parsed, which is slow and right.
    Everything,
}

/// Beside these, `[1/3]` of Exim's parts in syslog.
static OTHERS: LazyLock<[memmem::Finder<'static>; 2]> =
    LazyLock::new(|| [memmem::Finder::new("message repeated "), memmem::Finder::new("]: [")]);

impl Search {
    /// Lines with one of `texts`; no text is in every line. Upper and lower case are the same if `ignore_case`.
    pub fn new<T: AsRef<str>>(texts: &[T], ignore_case: bool) -> Self {
        let finder = match texts {
            [one] if !ignore_case => {
                Finder::One(Box::new(memmem::Finder::new(one.as_ref()).into_owned()))
            }
            _ => Few::new(texts, ignore_case)
                .map(|few| Finder::Few(Box::new(few)))
                .or_else(|| {
                    Skipping::new(texts, ignore_case).map(|long| Finder::Long(Box::new(long)))
                })
                .unwrap_or_else(|| {
                    AhoCorasick::builder()
                        .ascii_case_insensitive(ignore_case)
                        .build(texts.iter().map(AsRef::as_ref))
                        .map_or(Finder::Everything, Finder::Short)
                }),
        };
        Self { finder: Arc::new(finder) }
    }

    /// Whether a line has one.
    pub fn is_in(&self, line: &str) -> bool {
        self.next(line, 0).is_some()
    }

    /// Where one begins, at or behind `from`, in the first line that has one there.
    fn next(&self, text: &str, from: usize) -> Option<usize> {
        match &*self.finder {
            Finder::One(finder) => Some(from + finder.find(text.as_bytes().get(from..)?)?),
            Finder::Few(search) => search.find(text.as_bytes(), from),
            Finder::Long(search) => search.find(text.as_bytes(), from),
            Finder::Short(automaton) if from <= text.len() => {
                automaton.find(Input::new(text).range(from..)).map(|found| found.start())
            }
            Finder::Short(_) => None,
            Finder::Everything => (from < text.len()).then_some(from),
        }
    }
}

/// The places in a chunk where lines are wanted, asked for from its begin to its end.
pub(super) struct Wanted<'a> {
    search: &'a Search,
    text: &'a str,
    found: Option<usize>,
    others: [Option<usize>; 2],
    /// The begin of the last line that was parsed for its time.
    hour: [u8; HOUR],
}

/// `Jan  5 10:` or `2026-01-05`.
const HOUR: usize = 10;

impl<'a> Wanted<'a> {
    pub(super) fn new(search: &'a Search, text: &'a str) -> Self {
        let other = |n: usize| OTHERS.get(n).and_then(|finder| finder.find(text.as_bytes()));
        Self {
            search,
            text,
            found: search.next(text, 0),
            others: [other(0), other(1)],
            hour: [0; HOUR],
        }
    }

    /// Whether the line from `start` to `end` is wanted; lines are asked for in order.
    #[inline]
    pub(super) fn line(&mut self, start: usize, end: usize) -> bool {
        let mut wanted = end >= self.text.len();
        // Lines before the first that was asked for may have some too.
        if self.found.is_some_and(|at| at < start) {
            self.found = self.search.next(self.text, start);
        }
        if self.found.is_some_and(|at| at < end) {
            wanted = true;
            self.found = self.search.next(self.text, end);
        }
        for (place, finder) in self.others.iter_mut().zip(OTHERS.iter()) {
            let find = |from: usize| {
                let rest = self.text.as_bytes().get(from..)?;
                finder.find(rest).map(|at| at + from)
            };
            if place.is_some_and(|at| at < start) {
                *place = find(start);
            }
            if place.is_some_and(|at| at < end) {
                wanted = true;
                *place = find(end);
            }
        }
        let hour = self.text.as_bytes().get(start..).and_then(|rest| rest.first_chunk::<HOUR>());
        if let Some(hour) = hour
            && *hour != self.hour
        {
            self.hour = *hour;
            wanted = true;
        }
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of the lines that are wanted, from 0.
    fn wanted(search: &Search, text: &str) -> Vec<usize> {
        let mut wanted = Wanted::new(search, text);
        let mut at = 0;
        let mut numbers = Vec::new();
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if wanted.line(at, at + line.len()) {
                numbers.push(number);
            }
            at += line.len();
        }
        numbers
    }

    #[test]
    fn lines_found_are_wanted_and_those_that_tell_the_time() {
        let text = "Jan  5 10:00:00 a\nJan  5 10:00:01 b ID\nJan  5 10:00:02 c\nJan  5 10:00:03 id d\n\
                    Jan  5 11:00:00 e\nJan  5 11:00:01 last message repeated 2 times\nJan  5 11:00:01 f\n\
                    Jan  5 11:00:02 exim[8]: [2/3] g\nJan  5 11:00:03 h\nJan  5 11:00:04 ID ID ID\n\
                    Jan  5 11:00:05 i\nJan  5 11:00:06 j\n";
        for (texts, ignore_case, want) in [
            (&["ID"][..], false, &[0, 1, 4, 5, 7, 9, 11][..]),
            (&["ID"], true, &[0, 1, 3, 4, 5, 7, 9, 11]),
            (&["b", "h"], false, &[0, 1, 4, 5, 7, 8, 11]),
            (&[], false, &[0, 4, 5, 7, 11]),
        ] {
            assert_eq!(wanted(&Search::new(texts, ignore_case), text), want, "{texts:?}");
        }
    }

    #[test]
    fn a_line_has_a_text_or_not() {
        let search = Search::new(&["Ann@example.com", "4C1D"], true);
        assert!(search.is_in("to=<ann@EXAMPLE.com>"));
        assert!(!search.is_in("to=<ann@example.org>"));
    }
}
