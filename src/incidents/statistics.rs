//! The test: is there a stretch of time with far more events than the rest of the log lets expect?
//!
//! Counts are taken as Poisson around an expectation (below). For a stretch with `c` events where `e` are expected
//! the logarithm of the likelihood ratio is `c ln(c/e) - (c - e)`; divided by the course's own dispersion (as in a
//! quasi-Poisson model, since mail comes in clumps; at least [`LEAST_DISPERSION`]) it must exceed the logarithm of the number of stretches that
//! were looked at in all courses, over [`ALPHA`]: the correction of Bonferroni, by which one ordinary log in a hundred
//! would show an incident by chance. Beside that, the ratio must be [`LEAST_RATIO`] and the count at a floor of its
//! kind, so that what is only significant in the statistician's sense is no incident.
//!
//! The expectation comes from the course itself, outside of the stretches that stand out (found anew in each of a few
//! rounds): the larger of a level rate over the time that the log covers and a rate in proportion to the mail at that
//! hour. So neither working hours nor a busy day make an incident, and mail that fails at night at its usual rate
//! does not either.
//!
//! Where another log (a history, a saved report) tells what is usual at an hour of the week, that is the expectation in
//! its place: then what fills the whole log is found too, and what comes every Monday is none.
//!
//! Stretches are the excursions of a cumulated sum (Page's CUSUM) of log-likelihood ratios; their edges are moved to
//! where the likelihood is greatest with the stretch's own rate.

use super::course::Seconds;

/// Chance of a false incident in a whole log.
pub(super) const ALPHA: f64 = 0.01;
/// How many times the expectation an incident must have.
pub(super) const LEAST_RATIO: f64 = 3.0;
/// The ratio that the search is made for.
const SOUGHT_RATIO: f64 = 3.0;
/// A stretch with a lower score is not looked at.
const LEAST_SCORE: f64 = 4.0;
/// Mail comes in clumps (lists, correspondence, queue runs), also where a short log does not show how much.
const LEAST_DISPERSION: f64 = 1.5;
/// What stands out this much is left out of the norm.
const LEAST_RATIO_OUTSIDE: f64 = 2.0;
/// Edges move outwards over what is this surprising by itself (one case in twenty).
const EDGE_SCORE: f64 = 3.0;
/// Seconds without any event that end an incident.
const SILENCE: Seconds = 12 * 3600;
const ROUNDS: usize = 5;
/// Bins of logs of less than half a day are no longer (seconds).
const SHORT: f64 = 900.0;

/// Events in a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) first: Seconds,
    pub(super) last: Seconds,
    pub(super) count: f64,
}

/// A part of the time that the log covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bin {
    pub(super) begin: Seconds,
    /// Seconds.
    pub(super) length: f64,
    /// Mail in it, of the kind that the course follows.
    pub(super) demand: f64,
    /// What is usual in it by another log.
    pub(super) known: Known,
}

/// What another log says of a bin.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Known {
    /// Nothing: only the log itself is a measure.
    #[default]
    Nothing,
    /// So many events are usual.
    Exactly(f64),
    /// So many are usual of this and of others, which have so many in it.
    Together {
        /// Usual of all.
        all: f64,
        /// What the others have.
        others: f64,
    },
}

/// Indices of the first and the last point of a stretch.
pub(super) type Stretch = (usize, usize);

/// What is expected: cumulated over the bins.
#[derive(Clone, Debug)]
pub(super) struct Expectation<'b> {
    bins: &'b [Bin],
    until: Vec<f64>,
    rate: f64,
    per_mail: f64,
    how: How,
}

/// Which expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// The larger of both: for the test.
    Cautious,
    /// The level rate alone: for the edges of what comes at all hours.
    Level,
    /// Mostly with the mail: for the edges of what follows it, as nights must not cut an incident in two.
    WithMail,
}

impl<'b> Expectation<'b> {
    fn new(bins: &'b [Bin], rate: f64, per_mail: f64, how: How) -> Self {
        let mut until = Vec::with_capacity(bins.len() + 1);
        let mut sum = 0.0;
        until.push(0.0);
        for bin in bins {
            sum += in_bin(bin, rate, per_mail, how);
            until.push(sum);
        }
        Self { bins, until, rate, per_mail, how }
    }

    /// Expected from the beginning of the log to a moment.
    fn at(&self, time: Seconds) -> f64 {
        let index = self.bins.partition_point(|bin| bin.begin <= time);
        let Some(before) = index.checked_sub(1) else { return 0.0 };
        let Some(bin) = self.bins.get(before) else { return 0.0 };
        let share = (f64::from(time - bin.begin) / bin.length.max(1.0)).min(1.0);
        let begin = self.until.get(before).copied().unwrap_or(0.0);
        begin + share * in_bin(bin, self.rate, self.per_mail, self.how)
    }

    /// Expected between two moments; never nothing, as a log is not endless.
    pub(super) fn between(&self, from: Seconds, to: Seconds) -> f64 {
        (self.at(to) - self.at(from)).max(1e-3)
    }
}

fn in_bin(bin: &Bin, rate: f64, per_mail: f64, how: How) -> f64 {
    let (level, with_mail) = (rate * bin.length, per_mail * bin.demand);
    let own = match how {
        How::Cautious => level.max(with_mail),
        How::Level => level,
        How::WithMail => 0.1 * level + 0.9 * with_mail,
    };
    match bin.known {
        Known::Nothing => own,
        Known::Exactly(usual) => usual,
        // What the others leave of it; and never more than all.
        Known::Together { all, others } => (all - others).max(own.min(all)),
    }
}

/// What a course is like outside of what stands out, and what stands out.
#[derive(Clone, Debug)]
pub(super) struct Baseline<'b> {
    pub(super) expectation: Expectation<'b>,
    /// How much more the counts scatter than Poisson; at least [`LEAST_DISPERSION`].
    pub(super) dispersion: f64,
    pub(super) stretches: Vec<Stretch>,
}

/// Finds what stands out of the course of `points` against the rest of it, or what is known of its bins.
pub(super) fn baseline<'b>(
    points: &[Point],
    bins: &'b [Bin],
    follows_mail: bool,
    least_score: f64,
) -> Baseline<'b> {
    let expectation = expectation_outside(points, bins, &[], follows_mail);
    let mut base = Baseline { expectation, dispersion: LEAST_DISPERSION, stretches: Vec::new() };
    for round in 0..ROUNDS {
        let sought = excursions(points, &base.expectation, SOUGHT_RATIO);
        let found: Vec<Stretch> = sought
            .iter()
            .copied()
            .filter(|stretch| base.passes(points, *stretch, LEAST_RATIO_OUTSIDE, least_score))
            .collect();
        if round == 0 && found.is_empty() && bins.iter().all(|bin| bin.length <= SHORT) {
            // In a short log one incident is most of its own norm: the strongest stretch is tried against the rest.
            let most = |a: &&Stretch, b: &&Stretch| {
                base.score(points, **a).total_cmp(&base.score(points, **b))
            };
            let Some(strongest) = sought.iter().max_by(most).copied() else { break };
            base.expectation = expectation_outside(points, bins, &[strongest], follows_mail);
            base.dispersion = dispersion(points, bins, &[strongest], &base.expectation);
            continue;
        }
        if covered(points, &found, bins) > 0.6 && !is_known(bins) {
            // Then the rest is no norm.
            base.stretches.clear();
            break;
        }
        if found == base.stretches {
            break;
        }
        base.expectation = expectation_outside(points, bins, &found, follows_mail);
        base.dispersion = dispersion(points, bins, &found, &base.expectation);
        base.stretches = found;
    }
    base
}

impl Baseline<'_> {
    /// How surprising a stretch is.
    fn score(&self, points: &[Point], stretch: Stretch) -> f64 {
        times(points, stretch).map_or(0.0, |(from, until)| {
            score(weight(points, stretch), self.expectation.between(from, until))
        })
    }

    /// Whether a stretch is so many times its expectation, and surprising enough.
    pub(super) fn passes(
        &self,
        points: &[Point],
        stretch: Stretch,
        ratio: f64,
        least_score: f64,
    ) -> bool {
        times(points, stretch).is_some_and(|(from, until)| {
            let count = weight(points, stretch);
            let expected = self.expectation.between(from, until);
            count >= ratio * expected && score(count, expected) / self.dispersion > least_score
        })
    }
}

impl Baseline<'_> {
    /// Whether the counts outside of the stretches follow the mail or come at all hours: what is more likely.
    fn explained_by(&self, points: &[Point]) -> How {
        let Expectation { bins, rate, per_mail, .. } = &self.expectation;
        if *per_mail <= 0.0 {
            return How::Level;
        }
        let counts = counts_of(points, bins);
        let spans: Vec<_> = self.stretches.iter().filter_map(|s| times(points, *s)).collect();
        let mut gain = 0.0;
        for (bin, count) in bins.iter().zip(counts).filter(|(bin, _)| !touched(&spans, bin)) {
            let with_mail = in_bin(bin, *rate, *per_mail, How::WithMail).max(1e-6);
            let level = in_bin(bin, *rate, *per_mail, How::Level).max(1e-6);
            gain += count * (with_mail / level).ln() - (with_mail - level);
        }
        if gain > 0.0 { How::WithMail } else { How::Level }
    }
}

/// Events in each bin; a point that reaches into several gives each its share of the time.
fn counts_of(points: &[Point], bins: &[Bin]) -> Vec<f64> {
    let (mut next, mut taken) = (0, 0.0);
    let mut counts = Vec::with_capacity(bins.len());
    for bin in bins {
        let end = f64::from(bin.begin) + bin.length;
        let mut count = 0.0;
        while let Some(point) = points.get(next).filter(|p| f64::from(p.first) < end) {
            let from = f64::from(point.first).max(f64::from(bin.begin));
            let share = (end - from) / (f64::from(point.last) + 1.0 - from).max(1.0);
            if share < 1.0 {
                let part = (point.count - taken) * share;
                count += part;
                taken += part;
                break;
            }
            count += point.count - taken;
            taken = 0.0;
            next += 1;
        }
        counts.push(count);
    }
    counts
}

fn touched(spans: &[(Seconds, Seconds)], bin: &Bin) -> bool {
    let end = f64::from(bin.begin) + bin.length;
    spans.iter().any(|(from, to)| f64::from(*from) < end && *to >= bin.begin)
}

/// Whether another log tells what is usual, most of the time.
fn is_known(bins: &[Bin]) -> bool {
    let known = bins.iter().filter(|bin| bin.known != Known::Nothing).count();
    known * 2 > bins.len()
}

/// Share of the covered time in stretches.
fn covered(points: &[Point], stretches: &[Stretch], bins: &[Bin]) -> f64 {
    let all: f64 = bins.iter().map(|bin| bin.length).sum();
    let inside: f64 = stretches
        .iter()
        .filter_map(|stretch| times(points, *stretch))
        .map(|(from, to)| f64::from(to - from))
        .sum();
    inside / all.max(1.0)
}

/// When a stretch begins and ends.
pub(super) fn times(points: &[Point], stretch: Stretch) -> Option<(Seconds, Seconds)> {
    let (first, last) = (points.get(stretch.0)?, points.get(stretch.1)?);
    Some((first.first, last.last.max(first.first)))
}

fn expectation_outside<'b>(
    points: &[Point],
    bins: &'b [Bin],
    stretches: &[Stretch],
    follows_mail: bool,
) -> Expectation<'b> {
    let (count, seconds, demand) = outside(points, bins, stretches);
    // Half an event more: where nothing was seen, the rate is not nothing.
    let rate = (count + 0.5) / seconds.max(60.0);
    let per_mail = if follows_mail && demand >= 50.0 { (count + 0.5) / demand } else { 0.0 };
    Expectation::new(bins, rate, per_mail, How::Cautious)
}

/// Events, seconds and mail outside of the stretches.
fn outside(points: &[Point], bins: &[Bin], stretches: &[Stretch]) -> (f64, f64, f64) {
    let mut count = 0.0;
    let mut rest = stretches.iter().copied().peekable();
    for (index, point) in points.iter().enumerate() {
        while rest.next_if(|stretch| stretch.1 < index).is_some() {}
        if rest.peek().is_none_or(|stretch| index < stretch.0) {
            count += point.count;
        }
    }
    let (mut seconds, mut demand) = (0.0, 0.0);
    let spans: Vec<_> = stretches.iter().filter_map(|s| times(points, *s)).collect();
    for bin in bins {
        let (begin, end) = (f64::from(bin.begin), f64::from(bin.begin) + bin.length);
        let inside: f64 = spans
            .iter()
            .map(|(from, to)| (f64::from(*to).min(end) - f64::from(*from).max(begin)).max(0.0))
            .sum();
        let share = 1.0 - (inside / bin.length.max(1.0)).min(1.0);
        seconds += share * bin.length;
        demand += share * bin.demand;
    }
    (count, seconds, demand)
}

/// The excursions of the cumulated sum, each up to its highest point.
fn excursions(points: &[Point], expectation: &Expectation<'_>, ratio: f64) -> Vec<Stretch> {
    let (gain, cost) = (ratio.ln(), ratio - 1.0);
    // What is expected up to the begin and the end of each point is asked for several times.
    let expected = |point: &Point| (expectation.at(point.first), expectation.at(point.last));
    let expected: Vec<(f64, f64)> = points.iter().map(expected).collect();
    let mut found = Vec::new();
    let mut index = 0;
    while index < points.len() {
        let (mut sum, mut start, mut best, mut best_at) = (0.0, index, 0.0, index);
        let mut before: Option<f64> = None;
        let mut at = index;
        while let (Some(point), Some((begin, end))) = (points.get(at), expected.get(at)) {
            if let Some(before) = before {
                sum -= cost * (begin - before).max(0.0);
                if sum <= 0.0 && best >= LEAST_SCORE {
                    break;
                }
            }
            if sum <= 0.0 {
                (sum, start, best, best_at) = (0.0, at, 0.0, at);
            }
            sum += gain * point.count - cost * (end - begin).max(0.0);
            if sum > best {
                (best, best_at) = (sum, at);
            }
            before = Some(*end);
            at += 1;
        }
        if best < LEAST_SCORE {
            break;
        }
        found.push((start, best_at));
        index = best_at + 1;
    }
    found
}

/// Pearson's statistic of the bins outside of the stretches, over their number.
fn dispersion(
    points: &[Point],
    bins: &[Bin],
    stretches: &[Stretch],
    expectation: &Expectation<'_>,
) -> f64 {
    let spans: Vec<_> = stretches.iter().filter_map(|s| times(points, *s)).collect();
    let mut terms = Vec::new();
    let (mut observed, mut expected) = (0.0, 0.0);
    for (bin, count) in bins.iter().zip(counts_of(points, bins)) {
        if touched(&spans, bin) {
            continue;
        }
        observed += count;
        expected += in_bin(bin, expectation.rate, expectation.per_mail, How::Cautious);
        // Bins are put together until a normal approximation makes some sense.
        if expected >= 2.0 {
            terms.push((observed - expected).powi(2) / expected);
            (observed, expected) = (0.0, 0.0);
        }
    }
    if terms.len() < 4 {
        return LEAST_DISPERSION;
    }
    #[expect(clippy::cast_precision_loss, reason = "some thousands at most")]
    let mean = terms.iter().sum::<f64>() / terms.len() as f64;
    mean.clamp(LEAST_DISPERSION, 50.0)
}

/// Cuts a stretch where nothing happened for [`SILENCE`]: where hardly anything is usual, the cumulated sum bridges days.
pub(super) fn at_silences(points: &[Point], stretch: Stretch) -> Vec<Stretch> {
    let mut parts = Vec::new();
    let mut part: Option<Stretch> = None;
    for (index, point) in points.iter().enumerate().take(stretch.1 + 1).skip(stretch.0) {
        if point.count <= 0.0 {
            continue;
        }
        part = Some(match part {
            Some((begin, end)) => {
                let before = points.get(end).map_or(0, |before| before.last);
                if point.first.saturating_sub(before) >= SILENCE {
                    parts.push((begin, end));
                    (index, index)
                } else {
                    (begin, index)
                }
            }
            None => (index, index),
        });
    }
    parts.extend(part);
    parts
}

/// The log-likelihood ratio of a stretch against its expectation.
pub(super) fn score(count: f64, expected: f64) -> f64 {
    if count <= expected { 0.0 } else { count * (count / expected).ln() - (count - expected) }
}

/// What a score must exceed, where so many courses were looked at over so many bins.
pub(super) fn threshold(courses: usize, bins: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "some thousands at most")]
    let looked_at = courses.max(1) as f64 * bins.max(1) as f64;
    (looked_at / ALPHA).ln()
}

/// Moves the edges of a stretch to where the likelihood is greatest with the stretch's own rate.
pub(super) fn refine(points: &[Point], baseline: &Baseline<'_>, stretch: Stretch) -> Stretch {
    let Expectation { bins, rate, per_mail, .. } = &baseline.expectation;
    let how = baseline.explained_by(points);
    let expectation = Expectation::new(bins, *rate, *per_mail, how);
    let mut now = stretch;
    for _ in 0..4 {
        let Some((from, to)) = times(points, now) else { return now };
        let count: f64 = points.get(now.0..=now.1).unwrap_or(&[]).iter().map(|p| p.count).sum();
        let ratio = (count / expectation.between(from, to)).clamp(2.0, 1e6);
        let margin = (to - from).max(1800);
        let begin = points.partition_point(|p| p.last < from.saturating_sub(margin));
        let end = points.partition_point(|p| p.first <= to.saturating_add(margin));
        let near = points.get(begin..end).unwrap_or(&[]);
        let best = excursions(near, &expectation, ratio)
            .into_iter()
            .map(|(a, b)| (a + begin, b + begin))
            .filter(|(a, b)| *a <= now.1 && *b >= now.0)
            .max_by(|a, b| weight(points, *a).total_cmp(&weight(points, *b)));
        match best {
            Some(better) if better != now => now = better,
            _ => break,
        }
    }
    outwards(points, &expectation, baseline.dispersion, now)
}

/// Moves the edges over what lies close outside and would hardly be there otherwise: an incident may begin slowly.
fn outwards(
    points: &[Point],
    expectation: &Expectation<'_>,
    dispersion: f64,
    stretch: Stretch,
) -> Stretch {
    let Some((from, to)) = times(points, stretch) else { return stretch };
    let margin = ((to - from) / 10).max(1200);
    let unlikely = |count: f64, from, to| {
        let expected = expectation.between(from, to);
        count >= LEAST_RATIO * expected && score(count, expected) / dispersion > EDGE_SCORE
    };
    let (mut begin, mut end) = stretch;
    let mut count = 0.0;
    for (index, point) in points.iter().enumerate().take(stretch.0).rev() {
        if point.first.saturating_add(margin) < from {
            break;
        }
        count += point.count;
        if unlikely(count, point.first, from) {
            begin = index;
        }
    }
    count = 0.0;
    for (index, point) in points.iter().enumerate().skip(stretch.1 + 1) {
        if point.last > to.saturating_add(margin) {
            break;
        }
        count += point.count;
        if unlikely(count, to, point.last) {
            end = index;
        }
    }
    (begin, end)
}

fn weight(points: &[Point], stretch: Stretch) -> f64 {
    points.get(stretch.0..=stretch.1).unwrap_or(&[]).iter().map(|p| p.count).sum()
}

/// The same course in another unit: its baseline outside of the stretches.
pub(super) fn again<'b>(
    points: &[Point],
    bins: &'b [Bin],
    spans: &[(Seconds, Seconds)],
    follows_mail: bool,
) -> Baseline<'b> {
    let stretches: Vec<Stretch> = spans
        .iter()
        .filter_map(|(from, to)| {
            let begin = points.partition_point(|p| p.last < *from);
            let end = points.partition_point(|p| p.first <= *to);
            (begin < end).then(|| (begin, end - 1))
        })
        .collect();
    let expectation = expectation_outside(points, bins, &stretches, follows_mail);
    let dispersion = dispersion(points, bins, &stretches, &expectation);
    Baseline { expectation, dispersion, stretches }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins(hours: u32) -> Vec<Bin> {
        (0..hours)
            .map(|h| Bin { begin: h * 3600, length: 3600.0, demand: 100.0, known: Known::Nothing })
            .collect()
    }

    /// A small generator, so that the cases are the same each time.
    fn draws(mut state: u64) -> impl FnMut() -> f64 {
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
            f64::from(u32::try_from(state >> 33).unwrap()) / f64::from(1_u32 << 31)
        }
    }

    fn poisson_process(rate: impl Fn(u32) -> f64, hours: u32, seed: u64) -> Vec<Point> {
        let mut draw = draws(seed);
        (0..hours * 60)
            .filter(|minute| draw() < rate(*minute) / 60.0)
            .map(|minute| Point { first: minute * 60, last: minute * 60, count: 1.0 })
            .collect()
    }

    fn significant(points: &[Point], bins: &[Bin]) -> Vec<(Seconds, Seconds)> {
        let least = threshold(100, bins.len());
        let found = baseline(points, bins, false, least);
        found
            .stretches
            .iter()
            .filter(|s| found.passes(points, **s, LEAST_RATIO, least))
            .map(|s| times(points, refine(points, &found, *s)).unwrap())
            .collect()
    }

    #[test]
    fn chance_alone_makes_no_incident() {
        let bins = bins(168);
        for seed in 0..300 {
            for rate in [0.05, 0.5, 5.0] {
                let points = poisson_process(|_| rate, 168, seed);
                assert_eq!(significant(&points, &bins), [], "seed {seed}, {rate} an hour");
            }
        }
    }

    #[test]
    fn a_burst_is_found_with_its_edges() {
        let bins = bins(168);
        let mut off = 0;
        for seed in 0..50 {
            let rate = |minute| if (6000..6240).contains(&minute) { 30.0 } else { 0.5 };
            let points = poisson_process(rate, 168, seed);
            let found = significant(&points, &bins);
            let [(from, to)] = found.as_slice() else { panic!("seed {seed}: {found:?}") };
            off += u32::from(from.abs_diff(6000 * 60) > 600 || to.abs_diff(6240 * 60) > 600);
        }
        // Chance makes a lull at an edge now and then.
        assert!(off <= 2, "{off} of 50 edges are off");
    }

    #[test]
    fn a_handful_is_no_incident_and_a_long_one_is_still_found() {
        let bins = bins(24);
        let at = |n: u32| Point { first: 40_000 + n, last: 40_000 + n, count: 1.0 };
        let few: Vec<Point> = (0..3).map(at).collect();
        assert_eq!(significant(&few, &bins), []);
        // A third of the day.
        let rate = |minute| if (300..800).contains(&minute) { 40.0 } else { 1.0 };
        let found = significant(&poisson_process(rate, 24, 7), &bins);
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn what_is_known_of_another_log_decides() {
        let points = poisson_process(|_| 30.0, 24, 5);
        let known = |usual| -> Vec<Bin> {
            bins(24).into_iter().map(|bin| Bin { known: usual, ..bin }).collect()
        };
        assert_eq!(significant(&points, &bins(24)), [], "the log knows nothing else");
        let found = significant(&points, &known(Known::Exactly(1.0)));
        let [(from, to)] = found.as_slice() else { panic!("{found:?}") };
        assert!(*from < 1800 && *to > 23 * 3600, "all of it: {found:?}");
        assert_eq!(significant(&points, &known(Known::Exactly(30.0))), [], "as every day");
        let others = |all, others| known(Known::Together { all, others });
        assert_eq!(significant(&points, &others(32.0, 2.0)), [], "the only rule that refuses");
        assert_eq!(significant(&points, &others(4.0, 4.0)).len(), 1);
        // An hour that is always so.
        let rate = |minute| if (600..660).contains(&minute) { 50.0 } else { 0.5 };
        let points = poisson_process(rate, 24, 5);
        assert_eq!(significant(&points, &bins(24)).len(), 1);
        let mut bins = known(Known::Exactly(0.5));
        bins[10].known = Known::Exactly(45.0);
        assert_eq!(significant(&points, &bins), []);
    }

    #[test]
    fn failures_in_proportion_to_the_mail_are_no_incident() {
        let mut bins = bins(168);
        for bin in &mut bins[80..90] {
            bin.demand = 2000.0;
        }
        let rate = |minute| if (4800..5400).contains(&minute) { 40.0 } else { 2.0 };
        let points = poisson_process(rate, 168, 3);
        let follows = baseline(&points, &bins, true, threshold(100, bins.len()));
        let strongest = follows
            .stretches
            .iter()
            .map(|s| {
                let (from, to) = times(&points, *s).unwrap();
                weight(&points, *s) / follows.expectation.between(from, to)
            })
            .fold(0.0, f64::max);
        assert!(strongest < LEAST_RATIO, "{strongest}");
    }

    #[test]
    fn a_short_log_does_not_hide_what_is_most_of_it() {
        // A course that had nothing but a dozen events within an hour of five.
        let bins: Vec<Bin> = (0..20)
            .map(|n| Bin { begin: n * 900, length: 900.0, demand: 5.0, known: Known::Nothing })
            .collect();
        let points: Vec<Point> = (0..14)
            .map(|n| Point { first: 8000 + n * 290, last: 8000 + n * 290, count: 1.0 })
            .collect();
        let least = threshold(3, bins.len());
        let found = baseline(&points, &bins, true, least);
        assert!(
            found.stretches.iter().any(|s| found.passes(&points, *s, LEAST_RATIO, least)),
            "{found:?}"
        );
        // The same events spread over the whole log are its norm.
        let even: Vec<Point> =
            (0..14).map(|n| Point { first: n * 1200, last: n * 1200, count: 1.0 }).collect();
        let found = baseline(&even, &bins, true, least);
        assert!(found.stretches.is_empty(), "{found:?}");
    }

    #[test]
    fn what_comes_at_all_hours_ends_at_night_too() {
        // Mail by day only; the course comes at all hours, and for an hour of the night twenty times as often.
        let mut bins = bins(168);
        for (hour, bin) in bins.iter_mut().enumerate() {
            bin.demand = if (8..20).contains(&(hour % 24)) { 100.0 } else { 0.0 };
        }
        let rate = |minute| if (2940..3000).contains(&minute) { 40.0 } else { 2.0 };
        let mut off = 0;
        for seed in 0..20 {
            let points = poisson_process(rate, 168, seed);
            let least = threshold(100, bins.len());
            let found = baseline(&points, &bins, true, least);
            let spans: Vec<_> = found.stretches.iter().filter_map(|s| times(&points, *s)).collect();
            let lines = again(&points, &bins, &spans, true);
            assert_eq!(found.stretches.len(), 1, "seed {seed}");
            let (from, to) = times(&points, refine(&points, &lines, found.stretches[0])).unwrap();
            off += u32::from(from.abs_diff(2940 * 60) > 900 || to.abs_diff(3000 * 60) > 900);
        }
        assert!(off <= 2, "{off} of 20 edges are off");
    }

    #[test]
    fn days_of_silence_part_two_incidents() {
        let at = |time: u32, count: f64| Point { first: time, last: time + 60, count };
        let points = [at(0, 5.0), at(3600, 0.0), at(7200, 5.0), at(90_000, 9.0), at(90_100, 9.0)];
        assert_eq!(at_silences(&points, (0, 4)), [(0, 2), (3, 4)]);
        assert_eq!(at_silences(&points, (3, 4)), [(3, 4)]);
        assert_eq!(at_silences(&points, (1, 1)), []);
    }

    #[test]
    fn the_score_is_that_of_poisson() {
        assert!((score(20.0, 2.0) - (20.0 * 10.0_f64.ln() - 18.0)).abs() < 1e-9);
        assert!(score(2.0, 20.0).abs() < 1e-9);
        assert!((threshold(100, 100) - 1e6_f64.ln()).abs() < 1e-9);
    }
}
