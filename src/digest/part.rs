//! The logs that went into a digest: which hosts, from when to when, how many lines.
//!
//! Counts cannot be taken apart again, so whether a log is in twice must be seen before digests are added. Two
//! logs are the same when their ids are; they overlap when they tell of the same time of the same host.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most files that are named; the others are counted.
pub(super) const MOST_FILES: usize = 256;

/// One log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its hosts.
    pub hosts: BTreeMap<String, Span>,
    /// Its files, at most 256.
    pub files: Vec<FileRow>,
    /// Further files.
    pub more_files: u64,
    /// Its lines.
    pub lines: u64,
    /// Its bytes.
    pub bytes: u64,
    /// Lines by bucket.
    pub buckets: BTreeMap<String, u64>,
    /// Lines by mail server.
    pub mta: BTreeMap<String, u64>,
    /// Lines that the log says it lost.
    pub lost_lines: u64,
    /// Files that could not be read, or not wholly.
    pub problems: u64,
    /// It is only a piece of the log, cut out by time: lines and files are those of the whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// What a log tells of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First moment, microseconds since 1970.
    pub first: i64,
    /// Last moment.
    pub last: i64,
    /// Lines of its mail server that were used.
    pub lines: u64,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRow {
    /// As the user named it.
    pub name: String,
    /// Lines.
    pub lines: u64,
    /// Bytes.
    pub bytes: u64,
}

/// A time that two logs tell of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overlap {
    /// The host.
    pub host: String,
    /// From, microseconds since 1970.
    pub from: i64,
    /// To.
    pub to: i64,
}

impl Part {
    /// The piece from `from` until before `to`, seconds since 1970, with its id; `None` when it would be empty.
    pub(super) fn between(
        &self,
        id: &str,
        from: Option<i64>,
        to: Option<i64>,
    ) -> Option<(String, Self)> {
        if from.is_none() && to.is_none() {
            return Some((id.to_owned(), self.clone()));
        }
        let micros = |limit: Option<i64>| limit.map(|seconds| seconds.saturating_mul(1_000_000));
        let (from, to) = (micros(from), micros(to));
        let mut piece = Self { cut: true, ..self.clone() };
        piece.hosts = self
            .hosts
            .iter()
            .map(|(host, span)| {
                let first = from.map_or(span.first, |from| span.first.max(from));
                // By the second: what of the last one is in the log is not known.
                let last = to.map_or(span.last, |to| span.last.min(first.max(to - 1_000_000)));
                (host.clone(), Span { first, last, lines: span.lines })
            })
            .filter(|(_, span)| span.first <= span.last && to.is_none_or(|to| span.first < to))
            .collect();
        let name = |limit: Option<i64>| limit.map_or_else(String::new, |limit| limit.to_string());
        let id = format!("{id}[{}..{}]", name(from), name(to));
        (!piece.hosts.is_empty()).then_some((id, piece))
    }
}

/// One for each host and pair of parts whose times overlap; a shared moment is none, as a log may be rotated
/// within it.
pub(super) fn overlaps(a: &BTreeMap<String, Part>, b: &BTreeMap<String, Part>) -> Vec<Overlap> {
    let mut by_host = BTreeMap::<&str, Vec<Span>>::new();
    for (host, span) in a.values().flat_map(|part| &part.hosts) {
        by_host.entry(host).or_default().push(*span);
    }
    let mut found = Vec::new();
    for (host, span) in b.values().flat_map(|part| &part.hosts) {
        for other in by_host.get(host.as_str()).into_iter().flatten() {
            let (from, to) = (span.first.max(other.first), span.last.min(other.last));
            let one_moment = span.first == span.last && other.first == other.last && from == to;
            if from < to || one_moment {
                found.push(Overlap { host: host.clone(), from, to });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(host: &str, first: i64, last: i64) -> BTreeMap<String, Part> {
        let hosts = BTreeMap::from([(host.to_owned(), Span { first, last, lines: 1 })]);
        BTreeMap::from([(format!("{host}{first}"), Part { hosts, ..Part::default() })])
    }

    #[test]
    fn logs_overlap_when_they_tell_of_the_same_time_of_a_host() {
        for (a, b, overlapping) in [
            (("mx1", 0, 10), ("mx1", 5, 15), true),
            (("mx1", 0, 10), ("mx1", 3, 4), true),
            (("mx1", 0, 10), ("mx1", 10, 20), false),
            (("mx1", 0, 10), ("mx1", 11, 20), false),
            (("mx1", 0, 10), ("mx2", 0, 10), false),
            (("", 0, 10), ("", 0, 10), true),
            (("mx1", 7, 7), ("mx1", 7, 7), true),
        ] {
            let found = overlaps(&parts(a.0, a.1, a.2), &parts(b.0, b.1, b.2));
            assert_eq!(!found.is_empty(), overlapping, "{a:?} {b:?}");
        }
    }
}
