//! Counts over time: by day and by hour of the log's own zone, and in buckets that widen as the log grows.

use super::sorted::SortedMap;
use crate::time::{Time, Zone};
use chrono::{NaiveDate, Timelike};

/// What happened in a stretch of time. Lines, each times its repeat count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Messages that came into the queue.
    pub received: u64,
    /// Attempts with `sent` (hand-over to a content filter included).
    pub delivered: u64,
    /// Attempts that were deferred.
    pub deferred: u64,
    /// Attempts that were given up.
    pub bounced: u64,
    /// Refusals of ours.
    pub rejected: u64,
}

impl Counts {
    /// Adds another stretch.
    pub fn add(&mut self, other: &Self) {
        self.received += other.received;
        self.delivered += other.delivered;
        self.deferred += other.deferred;
        self.bounced += other.bounced;
        self.rejected += other.rejected;
    }
}

/// Counts by day, by hour of the day, and in at most [`Timeline::MOST`] equal buckets.
#[derive(Clone, Debug)]
pub struct Timeline {
    zone: Zone,
    /// Calendar days of the zone.
    pub days: SortedMap<NaiveDate, Counts>,
    /// Events on days for which no place was left (only hostile stamps reach that).
    pub other_days: Counts,
    /// Hours of the day, 0 to 23.
    pub hours: [Counts; 24],
    /// Bucket number (seconds since 1970 divided by the width) and its counts.
    pub buckets: SortedMap<i64, Counts>,
    /// Width of a bucket in seconds.
    pub width: i64,
    /// Where the last event was counted.
    here: Option<Here>,
}

/// Where all events of a stretch of time are counted. Valid until a day or a bucket is new.
#[derive(Clone, Copy, Debug)]
struct Here {
    /// The stretch: microseconds since 1970.
    from: i64,
    until: i64,
    hour: usize,
    /// Place of the day, where there is one for it.
    day: Option<usize>,
    bucket: usize,
}

impl Timeline {
    /// The most buckets; with one more the width doubles.
    pub const MOST: usize = 1024;
    const MOST_DAYS: usize = 4000;

    /// An empty timeline for wall clocks of `zone`.
    pub fn new(zone: Zone) -> Self {
        Self {
            zone,
            days: SortedMap::default(),
            other_days: Counts::default(),
            hours: [Counts::default(); 24],
            buckets: SortedMap::default(),
            width: 60,
            here: None,
        }
    }

    /// Adds to the counts at a time, by `change`.
    #[inline]
    pub fn add(&mut self, time: Time, change: impl Fn(&mut Counts)) {
        let here = match self.here {
            Some(here) if (here.from..here.until).contains(&time.0) => here,
            _ => match self.find(time) {
                Some(here) => here,
                None => return,
            },
        };
        if let Some(counts) = self.hours.get_mut(here.hour) {
            change(counts);
        }
        let day = here.day.and_then(|day| self.days.value_at(day));
        change(day.unwrap_or(&mut self.other_days));
        if let Some(counts) = self.buckets.value_at(here.bucket) {
            change(counts);
        }
    }

    /// Finds, or makes, the places where the events of a time are counted.
    #[inline(never)]
    fn find(&mut self, time: Time) -> Option<Here> {
        // No zone changes its offset but at a quarter of an hour.
        const QUARTER: i64 = 900;
        let seconds = time.seconds();
        let wall = self.zone.wall_clock(seconds)?;
        let room = self.days.len() < Self::MOST_DAYS || self.days.contains_key(wall.date());
        let day = room.then(|| self.days.place_of(wall.date()));
        let mut bucket = self.buckets.place_of(seconds.div_euclid(self.width));
        while self.buckets.len() > Self::MOST {
            self.widen();
            bucket = self.buckets.place_of(seconds.div_euclid(self.width));
        }
        let begin = |width: i64| seconds.div_euclid(width) * width;
        let from = begin(QUARTER).max(begin(self.width));
        let until = (begin(QUARTER) + QUARTER).min(begin(self.width) + self.width);
        let micros = |seconds: i64| Time::from_parts(seconds, 0).0;
        let (from, until) = (micros(from), micros(until));
        self.here = Some(Here { from, until, hour: wall.hour() as usize, day, bucket });
        self.here
    }

    #[cold]
    fn widen(&mut self) {
        self.width *= 2;
        let old = std::mem::take(&mut self.buckets);
        for (number, counts) in old.iter() {
            if let Some(sum) = self.buckets.entry(number.div_euclid(2)) {
                sum.add(counts);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_widen_and_lose_nothing() {
        let mut timeline = Timeline::new(Zone::utc());
        for n in 0..5000 {
            timeline.add(Time::from_parts(1_767_600_000 + n * 120, 0), |c| c.received += 1);
        }
        assert!(timeline.buckets.len() <= Timeline::MOST);
        assert_eq!(timeline.buckets.values().map(|c| c.received).sum::<u64>(), 5000);
        assert_eq!(timeline.days.values().map(|c| c.received).sum::<u64>(), 5000);
        assert_eq!(timeline.hours.iter().map(|c| c.received).sum::<u64>(), 5000);
    }
}
