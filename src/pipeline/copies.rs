//! Entries that Exim wrote twice: once into its main log and once into its reject log.
//!
//! Across sources the n-th entry of one text and stamp is a copy when another source has had n of them. In one
//! syslog stream both logs come together, and every second of equal entries of one process and second is the
//! copy. What is remembered is bounded, the oldest is forgotten first.

use crate::event::Header;
use crate::time::{Local, Stamp, Time};
use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash};

/// Entries remembered across sources: what a table of 2^20 places holds before it would grow.
const MAX_KEYS: usize = (1 << 20) / 8 * 7;
/// Entries remembered in a syslog stream, where copies follow within the second.
const MAX_PAIRS: usize = 1 << 14;

/// Finds copies; entries come in reading order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Copies {
    max_keys: usize,
    /// Entries of the last source need not be remembered for others.
    last_source: u32,
    known: HashMap<u64, Seen, FixedState>,
    order: VecDeque<u64>,
    /// First source of which something was forgotten.
    forgotten: Option<u32>,
    /// A copy may have been missed.
    unsure: bool,
    #[serde(skip)]
    pairs: HashMap<u64, bool, FixedState>,
    #[serde(skip)]
    pairs_order: VecDeque<u64>,
}

impl Default for Copies {
    /// For a run that others will go on from: any source may have copies in a later one.
    fn default() -> Self {
        Self { last_source: u32::MAX, ..Self::remembering(MAX_KEYS, 0) }
    }
}

/// How often an entry was there, by source; nearly always there is one source, or there are two.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Seen {
    counts: SmallVec<[(u32, u32); 2]>,
}

/// Sources of one entry that are told apart.
const MAX_SOURCES: usize = 8;

impl Seen {
    fn once_in(source: u32) -> Self {
        Self { counts: SmallVec::from_slice(&[(source, 1)]) }
    }

    /// It is in `source` once more. It is a copy when another source has had it as often: in whatever turns the sources
    /// are read, as many entries are no copies as the one with the most of them has.
    fn again_in(&mut self, source: u32) -> bool {
        let others = self.counts.iter().filter(|(other, _)| *other != source);
        let most = others.map(|(_, count)| *count).max().unwrap_or(0);
        let known = self.counts.iter_mut().find(|(known, _)| *known == source);
        let count = if let Some((_, count)) = known {
            *count = count.saturating_add(1);
            *count
        } else {
            if self.counts.len() < MAX_SOURCES {
                self.counts.push((source, 1));
            }
            1
        };
        count <= most
    }

    fn first_source(&self) -> u32 {
        self.counts.first().map_or(0, |(source, _)| *source)
    }
}

impl Copies {
    /// For a run over `sources` sources.
    pub(super) fn new(sources: usize) -> Self {
        Self::remembering(MAX_KEYS, sources)
    }

    fn remembering(max_keys: usize, sources: usize) -> Self {
        Self {
            max_keys,
            last_source: u32::try_from(sources.saturating_sub(1)).unwrap_or(u32::MAX),
            known: HashMap::default(),
            order: VecDeque::new(),
            forgotten: None,
            unsure: false,
            pairs: HashMap::default(),
            pairs_order: VecDeque::new(),
        }
    }

    /// A new source begins: pairs are of one source.
    pub(super) fn start_source(&mut self) {
        self.pairs.clear();
        self.pairs_order.clear();
    }

    /// Whether copies may have been missed.
    pub(super) fn unsure(&self) -> bool {
        self.unsure
    }

    /// Takes the next entry that may have a twin; whether it is the copy.
    pub(super) fn is_copy(&mut self, source: u32, header: &Header<'_>, twin: u64) -> bool {
        let paired = !header.program.is_empty() && self.completes_a_pair(header, twin);
        let known = self.is_known(source, key(twin, header.stamp, ""));
        paired || known
    }

    /// Takes an entry again that a run before took: only the entries of one process and second must know of it.
    pub(super) fn see_again(&mut self, header: &Header<'_>, twin: u64) {
        if !header.program.is_empty() {
            self.completes_a_pair(header, twin);
        }
    }

    fn is_known(&mut self, source: u32, key: u64) -> bool {
        self.unsure |= self.forgotten.is_some_and(|first| first < source);
        if let Some(seen) = self.known.get_mut(&key) {
            return seen.again_in(source);
        }
        if source < self.last_source {
            if self.order.len() == self.max_keys
                && let Some(oldest) = self.order.pop_front()
                && let Some(seen) = self.known.remove(&oldest)
            {
                let first = seen.first_source();
                self.forgotten = Some(self.forgotten.map_or(first, |f| f.min(first)));
            }
            self.order.push_back(key);
            self.known.insert(key, Seen::once_in(source));
        }
        false
    }

    fn completes_a_pair(&mut self, header: &Header<'_>, twin: u64) -> bool {
        let key = key(twin, second_of(header.stamp), (header.program, header.pid));
        if let Some(waits) = self.pairs.get_mut(&key) {
            *waits = !*waits;
            return !*waits;
        }
        if self.pairs_order.len() == MAX_PAIRS
            && let Some(oldest) = self.pairs_order.pop_front()
        {
            self.pairs.remove(&oldest);
        }
        self.pairs_order.push_back(key);
        self.pairs.insert(key, true);
        false
    }
}

fn key(twin: u64, stamp: Stamp, more: impl Hash) -> u64 {
    let hash = FixedState::default();
    match stamp {
        Stamp::Missing => hash.hash_one((twin, more)),
        Stamp::Absolute(time) => hash.hash_one((twin, time, more)),
        Stamp::Local(Local { year, month, day, hour, minute, second, micros }) => {
            hash.hash_one((twin, year, (month, day, hour, minute, second, micros), more))
        }
    }
}

fn second_of(stamp: Stamp) -> Stamp {
    match stamp {
        Stamp::Missing => Stamp::Missing,
        Stamp::Absolute(time) => Stamp::Absolute(Time::from_parts(time.seconds(), 0)),
        Stamp::Local(at) => Stamp::Local(Local { micros: 0, ..at }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(program: &str, micros: i64) -> Header<'_> {
        Header { stamp: Stamp::Absolute(Time(micros)), host: "", program, pid: Some(811) }
    }

    #[test]
    fn the_nth_entry_of_a_source_is_a_copy_when_one_before_had_n() {
        let mut copies = Copies::new(4);
        let mut is_copy = |source, twin| copies.is_copy(source, &header("", 0), twin);
        for (source, twin, want) in [
            (0, 1, false),
            (0, 1, false),
            (0, 2, false),
            (1, 1, true),
            (1, 1, true),
            (1, 1, false),
            (1, 3, false),
            (2, 1, true),
            (2, 1, true),
            (2, 1, true),
            (2, 1, false),
            (3, 3, true),
            (3, 4, false),
            (3, 4, false),
        ] {
            assert_eq!(is_copy(source, twin), want, "source {source}, entry {twin}");
        }
    }

    #[test]
    fn sources_that_are_read_by_turns_have_the_same_copies() {
        let mut copies = Copies::default();
        let mut is_copy = |source| copies.is_copy(source, &header("", 0), 1);
        // Main log, reject log, and again both: four lines about two refusals of one second.
        assert_eq!([is_copy(0), is_copy(1), is_copy(0), is_copy(1)], [false, true, false, true]);
        // The reject log comes first.
        assert_eq!([is_copy(1), is_copy(0), is_copy(1)], [false, true, false]);
    }

    #[test]
    fn in_one_syslog_stream_every_second_one_of_a_second_is_the_copy() {
        let mut copies = Copies::new(1);
        let got: Vec<bool> = [0, 3, 5, 900_000, 1_000_000, 1_000_001]
            .into_iter()
            .map(|micros| copies.is_copy(0, &header("exim", micros), 7))
            .collect();
        assert_eq!(got, [false, true, false, true, false, true]);
        assert!(!copies.is_copy(0, &header("", 0), 7), "Exim's own files have them apart");
    }

    #[test]
    fn memory_is_bounded_and_the_doubt_is_told() {
        let mut copies = Copies::remembering(2, 2);
        for twin in 0..3 {
            assert!(!copies.is_copy(0, &header("", 0), twin));
        }
        assert_eq!((copies.known.len(), copies.unsure()), (2, false));
        assert!(copies.is_copy(1, &header("", 0), 2));
        assert!(!copies.is_copy(1, &header("", 0), 0), "forgotten");
        assert!(copies.unsure());
    }
}
