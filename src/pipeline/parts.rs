//! Exim's entries that were split for syslog (`[1/3]`, `[2\3]`), put together again.
//!
//! `/` is a cut at a length, `\` a cut at a line break of the entry. What says what happened is the first
//! line, so text is collected up to the first line break; the parts behind it are headers of a refused
//! message. An entry that lacks a part is given as far as it goes.

use crate::event::{Header, Part};
use crate::input::MAX_LINE;
use crate::record::Location;
use crate::time::{Stamp, Time};

/// More entries cannot be in the making; the oldest is given as it is.
const MAX_OPEN: usize = 64;

/// The entries in the making of one source, oldest first.
#[derive(Debug, Default)]
pub(super) struct Parts {
    open: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    next: u32,
    total: u32,
    /// Its text was given, and only headers are still to come.
    given: bool,
    joined: Joined,
}

/// An entry put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Joined {
    /// Place, time and envelope of the first part.
    pub(super) at: Location,
    pub(super) time: Option<Time>,
    pub(super) stamp: Stamp,
    pub(super) host: String,
    pub(super) program: String,
    pub(super) pid: Option<u32>,
    pub(super) count: u32,
    pub(super) text: String,
}

impl Joined {
    pub(super) fn header(&self) -> Header<'_> {
        Header { stamp: self.stamp, host: &self.host, program: &self.program, pid: self.pid }
    }
}

/// Where a part stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) header: Header<'a>,
    pub(super) at: Location,
    pub(super) time: Option<Time>,
    pub(super) count: u32,
}

impl Parts {
    /// Takes the next part; gives what is complete now, or will never be.
    pub(super) fn take(&mut self, place: Place<'_>, part: Part<'_>) -> Vec<Joined> {
        let mut ready = Vec::new();
        let found = self.open.iter().position(|open| open.is_of(&place.header));
        if part.index == 1 {
            if let Some(old) = found {
                ready.extend(self.open.remove(old).rest());
            }
            if self.open.len() == MAX_OPEN {
                ready.extend(self.open.remove(0).rest());
            }
            self.open.push(Open::new(place, part));
        }
        let Some(at) = self.open.iter().position(|open| open.is_of(&place.header)) else {
            // The begin lies before this log.
            return ready;
        };
        if let Some(open) = self.open.get_mut(at) {
            ready.extend(open.add(part));
            if part.index >= open.total {
                ready.extend(self.open.remove(at).rest());
            }
        }
        ready
    }

    /// How many entries there are whose text was not given yet; the line of each one's first part is in no bucket
    /// for good.
    pub(super) fn unsettled(&self) -> u64 {
        self.open.iter().filter(|open| !open.given).count() as u64
    }

    /// The source ended: what is there of the entries in the making.
    pub(super) fn end(&mut self) -> Vec<Joined> {
        self.open.drain(..).filter_map(Open::rest).collect()
    }
}

impl Open {
    fn new(place: Place<'_>, part: Part<'_>) -> Self {
        let Place { header, at, time, count } = place;
        let joined = Joined {
            at,
            time,
            stamp: header.stamp,
            host: header.host.to_owned(),
            program: header.program.to_owned(),
            pid: header.pid,
            count,
            text: String::new(),
        };
        Self { next: 1, total: part.total, given: false, joined }
    }

    fn is_of(&self, header: &Header<'_>) -> bool {
        let joined = &self.joined;
        joined.pid == header.pid && joined.program == header.program && joined.host == header.host
    }

    /// Gives the entry when it has all it needs, or when `part` shows that one was lost.
    fn add(&mut self, part: Part<'_>) -> Option<Joined> {
        if self.given {
            return None;
        }
        let follows = part.index == self.next && part.total == self.total;
        if follows {
            self.next += 1;
            let room = MAX_LINE.saturating_sub(self.joined.text.len());
            let mut fits = part.text.len().min(room);
            while !part.text.is_char_boundary(fits) {
                fits -= 1;
            }
            self.joined.text.push_str(part.text.get(..fits).unwrap_or_default());
        }
        if part.at_line_break || part.index >= self.total || !follows {
            self.given = true;
            return Some(self.joined.clone());
        }
        None
    }

    fn rest(self) -> Option<Joined> {
        (!self.given).then_some(self.joined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `line pid index kind total text` a part; the texts that come out, with the lines they stand at.
    fn joined(parts: &[(u32, u32, char, u32, &str)]) -> Vec<(u64, String)> {
        let mut collector = Parts::default();
        let mut out = Vec::new();
        for (line, (pid, index, kind, total, text)) in (1..).zip(parts) {
            let header = Header { pid: Some(*pid), program: "exim", ..Header::default() };
            let at = Location { source: 0, line };
            let place = Place { header, at, time: None, count: 1 };
            let part = Part { index: *index, total: *total, at_line_break: *kind == '\\', text };
            out.extend(collector.take(place, part));
        }
        out.extend(collector.end());
        out.into_iter().map(|joined| (joined.at.line, joined.text)).collect()
    }

    #[test]
    fn parts_of_one_process_are_put_together_up_to_the_first_line_break() {
        let text = |line: u64, text: &str| (line, text.to_owned());
        for (name, parts, want) in [
            (
                "two lengths",
                &[(1, 1, '/', 2, "ab"), (1, 2, '/', 2, "cd")][..],
                &[text(1, "abcd")][..],
            ),
            (
                "headers behind the entry",
                &[(1, 1, '\\', 3, "a"), (1, 2, '\\', 3, "H1"), (1, 3, '/', 3, "H2")],
                &[text(1, "a")],
            ),
            (
                "length, line break, header",
                &[(1, 1, '/', 3, "a"), (1, 2, '\\', 3, "b"), (1, 3, '/', 3, "H")],
                &[text(1, "ab")],
            ),
            (
                "two processes",
                &[
                    (1, 1, '/', 2, "a"),
                    (2, 1, '/', 2, "x"),
                    (1, 2, '/', 2, "b"),
                    (2, 2, '/', 2, "y"),
                ],
                &[text(1, "ab"), text(2, "xy")],
            ),
            ("no end", &[(1, 1, '/', 3, "a"), (1, 2, '/', 3, "b")], &[text(1, "ab")]),
            ("no begin", &[(1, 2, '/', 2, "b")], &[]),
            ("a part lost", &[(1, 1, '/', 3, "a"), (1, 3, '/', 3, "c")], &[text(1, "a")]),
            (
                "the next before the end",
                &[(1, 1, '/', 2, "a"), (1, 1, '/', 2, "x"), (1, 2, '/', 2, "y")],
                &[text(1, "a"), text(2, "xy")],
            ),
            ("one part", &[(1, 1, '/', 1, "a")], &[text(1, "a")]),
            ("nonsense", &[(1, 0, '/', 0, "a"), (1, 1, '/', 0, "b")], &[text(2, "b")]),
        ] {
            assert_eq!(joined(parts), want, "{name}");
        }
    }

    #[test]
    fn the_oldest_of_too_many_is_given_as_it_is() {
        let parts: Vec<_> = (0..70).map(|pid| (pid, 1, '/', 2, "a")).collect();
        let lines: Vec<u64> = joined(&parts).into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, (1..=70).collect::<Vec<u64>>());
    }
}
