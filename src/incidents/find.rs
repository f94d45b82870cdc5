//! From courses to episodes: each course against its own baseline, what stands out with its figures.
//!
//! What episodes have to do with each other is `story.rs`.

use super::course::{Cell, Course, Seconds, Who};
use super::kind::{Kind, kind_of};
use super::statistics::{
    Bin, Known, LEAST_RATIO, Point, Stretch, again, at_silences, baseline, refine, score,
    threshold, times,
};
use super::usual::{usual_of, with_usual};
use super::watch::{Key, Watcher};
use crate::digest::Unit;
use hashbrown::HashMap;

/// What is over sooner is not worth waking anybody.
const LEAST_SECONDS: u32 = 300;

/// A stretch of a course that stands out.
#[derive(Clone, Debug)]
pub(super) struct Episode {
    pub(super) key: Key,
    /// Index of the course.
    pub(super) course: usize,
    pub(super) kind: Kind,
    pub(super) from: Seconds,
    pub(super) until: Seconds,
    /// When the course's own events ended; `until` may be later, for mail that was tried for days.
    pub(super) acted_until: Seconds,
    pub(super) figures: Figures,
    /// What the statistics counted, and what they expected.
    pub(super) events: f64,
    pub(super) expected: f64,
    pub(super) score: f64,
}

/// What an episode adds up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) lines: u64,
    pub(super) messages: u64,
    /// Of those, mail of hours before.
    pub(super) waited: u64,
    pub(super) recipients: u64,
    pub(super) recovered: u64,
    pub(super) bounced: u64,
}

impl Figures {
    fn of(cells: &[Cell]) -> Self {
        let mut sum = Self::default();
        for cell in cells {
            sum.lines += u64::from(cell.lines);
            sum.messages += u64::from(cell.messages);
            sum.waited += u64::from(cell.waited);
            sum.recipients += u64::from(cell.recipients);
            sum.recovered += u64::from(cell.recovered);
            sum.bounced += u64::from(cell.bounced);
        }
        sum
    }
}

/// What the test needs of the whole log.
#[derive(Debug)]
pub(super) struct Frame {
    outbound: Vec<Bin>,
    inbound: Vec<Bin>,
    /// As `inbound`, of clients without a name.
    unnamed: Vec<Bin>,
    pub(super) last: Seconds,
}

impl Frame {
    /// A log that is shorter has no norm.
    const LEAST_SECONDS: u32 = 3 * 3600;

    pub(super) fn of(watcher: &Watcher) -> Option<Self> {
        let whole = &watcher.whole;
        let (first, last) = (whole.first, whole.last);
        let span = last.checked_sub(first)?;
        let length = if span < 12 * 3600 { 900 } else { 3600 }.max(whole.length());
        let mut outbound: Vec<Bin> = Vec::new();
        let mut inbound: Vec<Bin> = Vec::new();
        let mut unnamed: Vec<Bin> = Vec::new();
        for (begin, share) in whole.shares() {
            let hour = begin / length * length;
            let end = hour.saturating_add(length).min(last.saturating_add(1));
            let hour = hour.max(first);
            if outbound.last().is_none_or(|bin| bin.begin < hour) {
                let length = f64::from(end.saturating_sub(hour));
                let bin = Bin { begin: hour, length, demand: 0.0, known: Known::Nothing };
                outbound.push(bin);
                inbound.push(bin);
                unnamed.push(bin);
            }
            if let (Some(out), Some(into)) = (outbound.last_mut(), inbound.last_mut()) {
                out.demand += f64::from(share.demand);
                into.demand += f64::from(share.accepted);
            }
            if let Some(bin) = unnamed.last_mut() {
                bin.demand += f64::from(share.unnamed);
            }
        }
        let seconds: f64 = outbound.iter().map(|bin| bin.length).sum();
        if seconds < f64::from(Self::LEAST_SECONDS) && watcher.baseline.is_none() {
            return None;
        }
        Some(Self { outbound, inbound, unnamed, last })
    }

    /// What is measured beside a course, and whether the course goes with it.
    fn of_key(&self, key: Key, kind: Kind) -> (&[Bin], bool) {
        match key {
            Key::Peer { .. } | Key::Everywhere { .. } | Key::User { .. } | Key::Traffic { .. } => {
                (&self.outbound, true)
            }
            Key::Refusal { .. } => (&self.inbound, kind != Kind::PasswordGuessing),
            Key::Bounces => (&self.inbound, true),
            Key::Trouble { .. } => (&self.inbound, false),
        }
    }

    /// Mail that strangers brought and we took between two moments, and what was to be expected: of all clients, of
    /// those without a name and of those with one.
    pub(super) fn accepted(
        &self,
        watcher: &Watcher,
        (from, until): (Seconds, Seconds),
    ) -> [(f64, f64); 3] {
        let (all, unnamed) = watcher.whole.accepted(from, until);
        let usual_all = usual(&self.inbound, from, until);
        let usual_unnamed = usual(&self.unnamed, from, until);
        [(all, usual_all), (unnamed, usual_unnamed), (all - unnamed, usual_all - usual_unnamed)]
    }
}

/// What bins outside of a time have at the same hours of the day; with less than two days of log, at any hour.
fn usual(bins: &[Bin], from: Seconds, until: Seconds) -> f64 {
    let outside: Vec<&Bin> = bins
        .iter()
        .filter(|bin| {
            let end = f64::from(bin.begin) + bin.length;
            end <= f64::from(from) || bin.begin >= until
        })
        .collect();
    let mean = |hour: Option<u32>| {
        let (mut seconds, mut demand) = (0.0, 0.0);
        for bin in &outside {
            if hour.is_none_or(|hour| bin.begin / 3600 % 24 == hour) {
                seconds += bin.length;
                demand += bin.demand;
            }
        }
        (seconds >= 3600.0 || hour.is_none()).then(|| demand / f64::max(seconds, 1.0))
    };
    let all = mean(None).unwrap_or(0.0);
    let mut sum = 0.0;
    let mut time = from;
    while time < until {
        let next = (time / 3600 + 1).saturating_mul(3600).min(until);
        sum += mean(Some(time / 3600 % 24)).unwrap_or(all) * f64::from(next - time);
        time = next;
    }
    sum
}

/// A login whose doings are told apart from all else, from a moment on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stolen {
    pub(super) user: u32,
    pub(super) from: Seconds,
}

/// All that stands out, in the order of the courses' keys. What logins send is looked at first: `is_stolen` says
/// which of them are stolen, and what their mail met is left out of the courses of peers and causes.
pub(super) fn episodes(
    watcher: &Watcher,
    frame: &Frame,
    is_stolen: impl Fn(&Episode) -> bool,
) -> Vec<Episode> {
    let mut tested: Vec<(usize, Key, Kind)> = watcher
        .courses
        .iter()
        .enumerate()
        .filter_map(|(index, (key, course))| {
            let detail = match key {
                Key::Refusal { detail, .. } => watcher.names.text(*detail).to_owned(),
                _ => commonest(watcher, course, Who::Detail),
            };
            let kind = kind_of(*key, cause_of(watcher, *key), &detail)?;
            let events = if counts_lines(*key) { course.lines } else { course.messages };
            (events >= u64::from(kind.floor())).then_some((index, *key, kind))
        })
        .collect();
    tested.sort_unstable_by_key(|(_, key, _)| *key);
    let least = threshold(tested.len(), frame.outbound.len());
    let test = |of: &(usize, Key, Kind), stolen: &[Stolen]| {
        let (index, key, kind) = *of;
        let test = Test { watcher, frame, key, kind, index, least, stolen };
        watcher.courses.get(index).map_or_else(Vec::new, |(_, course)| test.run(course))
    };
    let (users, others): (Vec<_>, Vec<_>) =
        tested.iter().partition(|(_, key, _)| matches!(key, Key::User { .. }));
    let mut found: Vec<Episode> = users.into_iter().flat_map(|of| test(of, &[])).collect();
    found.retain(is_stolen);
    let stolen: Vec<Stolen> = found
        .iter()
        .filter_map(|episode| match episode.key {
            Key::User { user } => Some(Stolen { user, from: episode.from }),
            _ => None,
        })
        .collect();
    found.extend(others.into_iter().flat_map(|of| test(of, &stolen)));
    found
}

/// The cause of a course's row, with its direction.
pub(super) fn cause_of(
    watcher: &Watcher,
    key: Key,
) -> Option<(crate::smtp::Direction, &'static str)> {
    match key {
        Key::Peer { row, .. } | Key::Everywhere { row } | Key::Refusal { row, .. } => {
            watcher.row(row).map(|(direction, cause)| (direction, cause.slug()))
        }
        _ => None,
    }
}

fn commonest(watcher: &Watcher, course: &Course, who: Who) -> String {
    top_of(course, who, 0, Seconds::MAX)
        .first()
        .map_or_else(String::new, |(name, _)| watcher.names.text(*name).to_owned())
}

/// The commonest names between two moments, as blocks have them: most lines first, then by number of the name.
pub(super) fn top_of(course: &Course, who: Who, from: Seconds, until: Seconds) -> Vec<(u32, u64)> {
    let mut sums: HashMap<u32, u64> = HashMap::new();
    for block in blocks_of(course, from, until) {
        for (name, count) in block.top(who).entries() {
            *sums.entry(name).or_default() += u64::from(count);
        }
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    sums
}

/// The blocks with lines between two moments.
pub(super) fn blocks_of(
    course: &Course,
    from: Seconds,
    until: Seconds,
) -> impl DoubleEndedIterator<Item = &super::course::Block> {
    course.blocks.iter().filter(move |block| block.begin <= until && block.end >= from)
}

fn counts_lines(key: Key) -> bool {
    matches!(key, Key::Refusal { .. } | Key::Trouble { .. } | Key::Bounces)
}

/// The test of one course.
struct Test<'f> {
    watcher: &'f Watcher,
    frame: &'f Frame,
    key: Key,
    kind: Kind,
    index: usize,
    least: f64,
    stolen: &'f [Stolen],
}

impl Test<'_> {
    fn run(&self, course: &Course) -> Vec<Episode> {
        let cells = course.series.cells();
        let is_stolen =
            |cell: &Cell| self.stolen.iter().any(|s| s.user == cell.user && cell.last >= s.from);
        let of = |count: fn(&Cell) -> u32, of_user: fn(&Cell) -> u32| -> Vec<Point> {
            cells
                .iter()
                .map(|cell| {
                    let taken = if is_stolen(cell) { of_user(cell) } else { 0 };
                    Point {
                        first: cell.first,
                        last: cell.last.max(cell.first),
                        count: f64::from(count(cell).saturating_sub(taken)),
                    }
                })
                .collect()
        };
        let lines = || of(|cell| cell.lines, |cell| cell.user_lines);
        // Mail that waited is not among the mail of its hour, so that it cannot be measured by that either: when a
        // receiver takes mail again, all that waits meets at once what a part of it meets on any day.
        let messages =
            || of(|cell| cell.messages.saturating_sub(cell.waited), |cell| cell.user_messages);
        let user = matches!(self.key, Key::User { .. });
        let events = if counts_lines(self.key) { lines() } else { messages() };
        let (bins, follows) = self.frame.of_key(self.key, self.kind);
        let usual = usual_of(self.watcher, self.key);
        let known = |unit| {
            let usual = usual.as_ref()?;
            Some(with_usual(self.watcher, (self.key, bins), usual, unit))
        };
        let unit = if counts_lines(self.key) { Unit::Lines } else { Unit::Messages };
        let (of_events, of_lines) = (known(unit), known(Unit::Lines));
        let line_bins = of_lines.as_deref().unwrap_or(bins);
        let bins = of_events.as_deref().unwrap_or(bins);
        let base = baseline(&events, bins, follows, self.least);
        let passed: Vec<Stretch> = base
            .stretches
            .iter()
            .flat_map(|stretch| at_silences(&events, *stretch))
            .filter(|stretch| {
                sum(&events, *stretch) >= f64::from(self.kind.floor())
                    && base.passes(&events, *stretch, LEAST_RATIO, self.least)
            })
            .collect();
        let spans: Vec<_> = base.stretches.iter().filter_map(|s| times(&events, *s)).collect();
        // Retries tell when it ended better than first failures do.
        let lines = if user { events.clone() } else { lines() };
        let by_lines = again(&lines, line_bins, &spans, follows);
        let mut found: Vec<Episode> = Vec::new();
        for stretch in passed {
            let exact = refine(&lines, &by_lines, stretch);
            let Some((from, until)) = times(&lines, exact) else { continue };
            let count = sum(&events, exact);
            let expected = base.expectation.between(from, until);
            let inside = cells.get(exact.0..=exact.1).unwrap_or(&[]);
            let counted = events.get(exact.0..=exact.1).unwrap_or(&[]);
            let usual = |from, until| base.expectation.between(from, until);
            let (from, acted_until) = edges(counted, from, until, usual);
            let tail = inside.iter().map(|cell| cell.tail).max().unwrap_or(0);
            let again = found.last().is_some_and(|before| before.acted_until >= from);
            if again || acted_until - from < LEAST_SECONDS {
                continue;
            }
            found.push(Episode {
                key: self.key,
                course: self.index,
                kind: self.kind,
                from,
                until: acted_until.max(tail),
                acted_until,
                figures: Figures::of(inside),
                events: count,
                expected,
                score: score(count, expected) / base.dispersion,
            });
        }
        found
    }
}

/// A cell that is filled by such a share may as well be filled to its end.
const FILLED: f64 = 0.6;

/// A cell that is longer is looked into for where the episode begins or ends.
const LONG: u32 = 300;

/// A long cell at an edge may hold what is usual beside what is not: then the share of it that its surplus fills, where it
/// stands as high above the usual as in the whole, tells the time. What is counted is what the episode is measured by:
/// retries come in bursts, and have no rate. What is usual follows the mail, so that nights are no end.
fn edges(
    inside: &[Point],
    from: Seconds,
    until: Seconds,
    usual: impl Fn(Seconds, Seconds) -> f64,
) -> (Seconds, Seconds) {
    let [first, between @ .., last] = inside else { return (from, until) };
    let (begin, end) = match (between.first(), between.last()) {
        (Some(second), Some(_)) => (second.first, last.first),
        _ => return (from, until),
    };
    let events: f64 = between.iter().map(|point| point.count).sum();
    let surplus = |events: f64, usual: f64| (events - usual) / usual;
    let whole = surplus(events, usual(begin, end));
    if whole.is_nan() || whole <= 0.0 {
        return (from, until);
    }
    let filled = |point: &Point, begin: Seconds, end: Seconds| -> Option<u32> {
        let length = end.saturating_sub(begin);
        let usual = usual(begin, end);
        let share = (surplus(point.count, usual) / whole).clamp(0.0, 1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to length")]
        (length > LONG && usual >= 0.5 && share < FILLED)
            .then_some((share * f64::from(length)) as u32)
    };
    let from = filled(first, first.first, begin)
        .map_or(from, |seconds| begin.saturating_sub(seconds).clamp(first.first, first.last));
    let until = filled(last, last.first, last.last)
        .map_or(until, |seconds| last.first.saturating_add(seconds).clamp(last.first, last.last));
    (from, until.max(from))
}

fn sum(points: &[Point], stretch: Stretch) -> f64 {
    points.get(stretch.0..=stretch.1).unwrap_or(&[]).iter().map(|point| point.count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_a_long_cell_that_is_filled_tells_the_edge() {
        let points = |counts: [f64; 4]| {
            let begins = [0, 1000, 1100, 2000];
            begins.into_iter().zip(counts).map(|(first, count)| Point {
                first,
                last: first + 990,
                count,
            })
        };
        let usual = |from, until| f64::from(until - from) / 1000.0;
        // At night there is half of the mail, and so of what goes wrong.
        let falling = |from, until| usual(from, until) * if from == 2000 { 0.55 } else { 1.0 };
        for (what, counts, usual, want) in [
            (
                "as dense as the rest",
                [101.0, 10.0, 91.0, 100.0],
                &usual as &dyn Fn(u32, u32) -> f64,
                (0, 2990),
            ),
            ("half of each", [51.0, 10.0, 91.0, 51.0], &usual, (500, 2500)),
            ("nothing between", [101.0, 0.0, 0.0, 100.0], &usual, (0, 2990)),
            ("the mail itself is half of it", [101.0, 10.0, 91.0, 51.0], &falling, (0, 2990)),
        ] {
            let points: Vec<Point> = points(counts).collect();
            assert_eq!(edges(&points, 0, 2990, usual), want, "{what}");
        }
    }
}
