//! Stamps to times, and the year of a source whose stamps have none.
//!
//! A file tells it by its last change: its last stamp cannot be later. The first and last 64 KiB give the
//! stamps at both ends; whether a 29 February lies between is found by bisection, for lines are in order.
//! Everything else is of the year that now says.

use crate::input::ChunkReader;
use crate::parse::LineParser;
use crate::time::{Calendar, Local, Stamp, Time, YearRule, Zone, guess_year};
use chrono::{Datelike, NaiveDate};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// How much is read at a place that is looked at.
const WINDOW: u64 = 64 * 1024;
/// A source that begins so soon after the one before goes on where that one ended.
const DAYS_TO_GO_ON: i64 = 7;

/// What tells the year of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct YearEvidence {
    /// No stamp is later than this.
    not_after: i64,
    /// The last stamp without a year.
    last: Option<Local>,
    /// A 29 February lies between.
    leap_day: bool,
}

impl YearEvidence {
    /// All stamps lie before this moment, and nothing else is known.
    pub(super) fn only(not_after: i64) -> Self {
        Self { not_after, last: None, leap_day: false }
    }

    /// Looks at both ends of a file, whose position is then as it was. What cannot be read here will be
    /// reported when it is read for good.
    pub(super) fn look_into(&mut self, mut file: &File) {
        let Ok(position) = file.stream_position() else { return };
        if let Some(ends) = Ends::of(file) {
            self.last = Some(ends.last);
            self.leap_day = ends.leap_day;
        }
        // It was possible before, and where it is not any more the reader will say so.
        let _ = file.seek(SeekFrom::Start(position));
    }

    /// The rule for a source that begins with `first`, whose year was not given.
    fn rule(&self, zone: Zone, first: Local) -> YearRule {
        YearRule {
            first: guess_year(zone, first, self.last, self.leap_day, self.not_after),
            not_after: Some(self.not_after),
        }
    }
}

/// The times of a run, source by source.
pub(super) struct Times {
    zone: Zone,
    year: Option<i32>,
    calendar: Calendar,
    evidence: YearEvidence,
    /// A stamp without a year was seen in this source.
    year_known: bool,
    /// The day on which the source before ended.
    ended: Option<NaiveDate>,
}

impl Times {
    pub(super) fn new(zone: Zone, year: Option<i32>) -> Self {
        Self {
            zone,
            year,
            calendar: Calendar::new(zone),
            evidence: YearEvidence::only(0),
            year_known: false,
            ended: None,
        }
    }

    /// A source begins.
    pub(super) fn start(&mut self, evidence: YearEvidence) {
        self.evidence = evidence;
        self.year_known = false;
        self.calendar.start(YearRule { first: 1970, not_after: None });
    }

    /// The moment of the next stamp. The first one without a year sets the year.
    pub(super) fn resolve(&mut self, stamp: Stamp) -> Option<Time> {
        if let Stamp::Local(first) = stamp
            && first.year.is_none()
            && !self.year_known
        {
            self.year_known = true;
            self.calendar.start(match self.year {
                Some(year) => given_year(year, first, self.ended),
                None => self.evidence.rule(self.zone, first),
            });
        }
        self.calendar.resolve(stamp)
    }

    /// The source ended, its last line at this time.
    pub(super) fn end(&mut self, last: Option<Time>) {
        let wall = last.and_then(|time| self.zone.wall_clock(time.seconds()));
        self.ended = wall.map(|wall| wall.date()).or(self.ended);
    }
}

/// The rule where the user gave the year: it is every source's, but for one that goes on where the source
/// before ended, perhaps over New Year.
fn given_year(year: i32, first: Local, before: Option<NaiveDate>) -> YearRule {
    let goes_on = |candidate: i32| {
        let begin = NaiveDate::from_ymd_opt(candidate, first.month.into(), first.day.into())?;
        (0..=DAYS_TO_GO_ON).contains(&(begin - before?).num_days()).then_some(candidate)
    };
    let candidates = before.map(|date| [date.year(), date.year() + 1]);
    let first = candidates.into_iter().flatten().find_map(goes_on).unwrap_or(year);
    YearRule { first, not_after: None }
}

/// Days since `first` in a year of 31-day months, which is enough to order the stamps of a year.
fn days_since(first: Local, month: u8, day: u8) -> i32 {
    let count = |month: u8, day: u8| i32::from(month) * 31 + i32::from(day);
    (count(month, day) - count(first.month, first.day)).rem_euclid(12 * 31)
}

struct Ends {
    last: Local,
    leap_day: bool,
}

impl Ends {
    fn of(file: &File) -> Option<Self> {
        let length = file.metadata().ok()?.len();
        let first = *stamps_at(file, 0, WINDOW).first()?;
        let last = *stamps_at(file, length.saturating_sub(WINDOW), WINDOW).last().unwrap_or(&first);
        let leap_day = days_since(first, 2, 29) <= days_since(first, last.month, last.day)
            && has_leap_day(file, first, length);
        Some(Self { last, leap_day })
    }
}

fn has_leap_day(file: &File, first: Local, length: u64) -> bool {
    let wanted = days_since(first, 2, 29);
    let (mut low, mut high) = (0, length);
    while high - low > WINDOW {
        let middle = low + (high - low) / 2;
        match stamps_at(file, middle, WINDOW).first() {
            Some(at) if days_since(first, at.month, at.day) < wanted => low = middle,
            Some(at) if (at.month, at.day) == (2, 29) => return true,
            _ => high = middle,
        }
    }
    stamps_at(file, low, 2 * WINDOW).iter().any(|at| (at.month, at.day) == (2, 29))
}

/// The stamps without a year of the lines that begin in a part of the file.
fn stamps_at(mut file: &File, offset: u64, length: u64) -> Vec<Local> {
    let mut stamps = Vec::new();
    if file.seek(SeekFrom::Start(offset)).is_err() {
        return stamps;
    }
    let mut reader = ChunkReader::new(file.take(length), 16 * 1024);
    let mut parser = LineParser::default();
    let mut inside_a_line = offset > 0;
    while let Some(Ok(chunk)) = reader.next_chunk() {
        for line in chunk.text.lines().skip(usize::from(inside_a_line)) {
            if let Stamp::Local(at) = parser.parse(line).header.stamp
                && at.year.is_none()
            {
                stamps.push(at);
            }
        }
        inside_a_line = false;
    }
    stamps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::parse_stamp;

    fn at(text: &str) -> Local {
        match parse_stamp(text) {
            Some((Stamp::Local(local), _)) => local,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_given_year_goes_on_from_one_source_to_the_next() {
        for (first, before, want) in [
            ("Jan  5 10:00:00", None, 2025),
            ("Jan  1 00:00:00", Some((2025, 12, 31)), 2026),
            ("Jan  7 00:00:00", Some((2025, 12, 31)), 2026),
            ("Jan  8 00:00:00", Some((2025, 12, 31)), 2025),
            ("Dec 31 00:00:00", Some((2025, 12, 31)), 2025),
            ("Mar  1 00:00:00", Some((2026, 2, 28)), 2026),
            ("Jan  5 00:00:00", Some((2026, 2, 28)), 2025),
            ("Feb 29 00:00:00", Some((2025, 2, 28)), 2025),
        ] {
            let before = before.and_then(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d));
            assert_eq!(given_year(2025, at(first), before).first, want, "{first} after {before:?}");
        }
    }
}
