//! Fewer cells for the same course: neighbours that are alike become one.
//!
//! Two neighbours are alike when one rate explains both about as well as two rates do: the logarithm of the likelihood
//! ratio (Poisson) is small. So ordinary hours melt together, and the edge of an incident, where the rate jumps, is
//! the last thing to go. Each neighbour reaches up to where the next one begins, so that silence counts.

use super::course::Seconds;
use smallvec::SmallVec;

/// Something with a time and counts that can take in its neighbour.
pub(super) trait Extent {
    /// Time of its first line.
    fn begin(&self) -> Seconds;
    /// Time of its last line.
    fn end(&self) -> Seconds;
    /// What is counted.
    fn counts(&self) -> (u32, u32);
    /// Takes in the one that follows.
    fn take_in(&mut self, next: &mut Self);
}

/// What becomes longer costs more.
const LONGEST: Seconds = 3600;
/// How much, for each time that it is longer: a rate that triples within two dozen lines loses as much.
const COST: f32 = 3.0;
/// So many lines may be together at no cost however long they took: of fewer nobody could say where a rate changed.
const FEW: f32 = 32.0;

/// Makes at most `most` (at least one) of the parts of a course; gives how many there are fewer. The last part, which
/// may still grow, is taken only where there is no other way.
pub(super) fn thin<T: Extent>(parts: &mut Vec<T>, most: usize) -> usize {
    let (before, most) = (parts.len(), most.max(1));
    // Two become one; of three the first two do at first, whatever they are, as the last one may still grow.
    if most == 1 && before <= 3 {
        parts.dedup_by(|next, kept| {
            kept.take_in(next);
            true
        });
        return before - parts.len();
    }
    let mut losses = Losses::of(parts);
    let mut sorted = SmallVec::<[f32; 16]>::new();
    while parts.len() > most {
        // Some of the cheapest; the others are looked at again, as what was joined changes its neighbours.
        let left = (parts.len() - most).min(losses.each.len() / 4 + 1);
        sorted.clone_from(&losses.each);
        let (_, limit, _) = sorted.select_nth_unstable_by(left - 1, f32::total_cmp);
        losses.join(parts, *limit, left);
    }
    before - parts.len()
}

/// So many parts each course keeps when it is thinned along with others: what happens seldom has no more, and
/// neighbours of few lines seem alike too soon.
const KEPT: usize = 8;

/// A course that is thinned along with others, as far as all of them are: the same limit for many courses takes from
/// each what tells least of all.
pub(super) struct Thinning {
    losses: Losses,
    /// Under this limit nothing more would be joined.
    least: f32,
}

impl Thinning {
    /// Of the parts as they are.
    pub(super) fn of<T: Extent>(parts: &[T]) -> Self {
        let losses = if parts.len() > KEPT { Losses::of(parts) } else { Losses::default() };
        let least = losses.least();
        Self { losses, least }
    }

    /// Whether [`Self::go_on`] would find anything to do.
    pub(super) fn is_done(&self, limit: f32) -> bool {
        self.least > limit
    }

    /// Joins the neighbours that lose no more than `limit` by it; gives how many parts there are fewer.
    pub(super) fn go_on<T: Extent>(&mut self, parts: &mut Vec<T>, limit: f32) -> usize {
        let before = parts.len();
        while !self.is_done(limit) {
            self.losses.join(parts, limit, parts.len() - KEPT);
            self.least = if parts.len() > KEPT { self.losses.least() } else { f32::INFINITY };
        }
        before - parts.len()
    }
}

/// What is long in a course: an hour, or more where the course is of months.
fn longest_of<T: Extent>(parts: &[T]) -> Seconds {
    let span = match (parts.first(), parts.last()) {
        (Some(first), Some(last)) => last.end().saturating_sub(first.begin()),
        _ => 0,
    };
    LONGEST.max(span / 2048)
}

/// What is lost when a part takes in the next one, for each but the last.
#[derive(Default)]
struct Losses {
    // Most courses are short ones, of which there are thousands.
    each: SmallVec<[f32; 16]>,
    longest: Seconds,
}

/// A loss that nobody has found yet, or that is another one since.
const UNKNOWN: f32 = f32::NAN;

impl Losses {
    fn of<T: Extent>(parts: &[T]) -> Self {
        let each = SmallVec::from_elem(UNKNOWN, parts.len().saturating_sub(1));
        let mut losses = Self { each, longest: longest_of(parts) };
        losses.find_unknown(parts);
        losses
    }

    /// The least one; infinite where there is none.
    fn least(&self) -> f32 {
        self.each.iter().copied().fold(f32::INFINITY, f32::min)
    }

    /// Joins at most `most` of the neighbours that lose no more than `limit`, no part with both of its own.
    fn join<T: Extent>(&mut self, parts: &mut Vec<T>, limit: f32, most: usize) {
        let each = &mut self.each;
        let mut left = most;
        let mut joined_before = false;
        // How many losses were looked at, and how many of them there still are.
        let (mut seen, mut kept) = (0, 0);
        // `dedup_by` shows each part with the one kept before it: part 1 comes first.
        parts.dedup_by(|next, part| {
            let loss = each.get(seen).copied().unwrap_or(f32::INFINITY);
            seen += 1;
            let has_grown = joined_before;
            joined_before = !joined_before && left > 0 && loss <= limit;
            if joined_before {
                left -= 1;
                part.take_in(next);
                if let Some(before) = each.get_mut(..kept).and_then(<[f32]>::last_mut) {
                    *before = UNKNOWN;
                }
            } else if let Some(place) = each.get_mut(kept) {
                *place = if has_grown { UNKNOWN } else { loss };
                kept += 1;
            }
            joined_before
        });
        each.truncate(kept);
        self.find_unknown(parts);
    }

    /// Finds what the parts lose where that is unknown.
    fn find_unknown<T: Extent>(&mut self, parts: &[T]) {
        let mut before: Option<(usize, Rates)> = None;
        for (index, loss) in self.each.iter_mut().enumerate().filter(|(_, loss)| loss.is_nan()) {
            let (Some(a), Some(b)) = (parts.get(index), parts.get(index + 1)) else { break };
            let end = parts.get(index + 2).map_or_else(|| b.end().saturating_add(1), T::begin);
            let a_rates = match before {
                Some((place, rates)) if place == index => rates,
                _ => Rates::of(a.counts(), b.begin().saturating_sub(a.begin())),
            };
            let b_rates = Rates::of(b.counts(), end.saturating_sub(b.begin()));
            *loss = a_rates.gain(&b_rates) + length_cost(a, b, self.longest);
            before = Some((index + 1, b_rates));
        }
        // The last part may still grow.
        if let Some(last) = self.each.last_mut().filter(|_| parts.len() > 2) {
            *last = f32::INFINITY;
        }
    }
}

/// What two parts cost more as they would be long together.
#[expect(clippy::cast_precision_loss, reason = "a comparison")]
fn length_cost<T: Extent>(a: &T, b: &T, longest: Seconds) -> f32 {
    let times_longer = b.end().saturating_sub(a.begin()) as f32 / longest as f32;
    let lines = a.counts().0 + b.counts().0;
    COST * (times_longer - 1.0).max(0.0) * (lines as f32 / FEW - 1.0).clamp(0.0, 1.0)
}

/// The rates of both counts of a part: made once where each is compared with those of both neighbours.
#[derive(Clone, Copy)]
struct Rates {
    lines: Rate,
    messages: Rate,
    /// There are as many messages as lines, as often.
    same: bool,
}

impl Rates {
    fn of((lines, messages): (u32, u32), seconds: Seconds) -> Self {
        let (rate, same) = (Rate::of(lines, seconds), lines == messages);
        let messages = if same { rate } else { Rate::of(messages, seconds) };
        Self { lines: rate, messages, same }
    }

    fn gain(&self, next: &Self) -> f32 {
        let lines = self.lines.gain(next.lines);
        let same = self.same && next.same;
        lines + if same { lines } else { self.messages.gain(next.messages) }
    }
}

/// A count, in how many seconds, and how well their own rate explains it.
#[derive(Clone, Copy)]
struct Rate {
    count: f32,
    seconds: f32,
    likelihood: f32,
}

impl Rate {
    #[expect(clippy::cast_precision_loss, reason = "a comparison")]
    fn of(count: u32, seconds: Seconds) -> Self {
        Self::new(count as f32, (seconds as f32).max(1.0))
    }

    fn new(count: f32, seconds: f32) -> Self {
        let likelihood = if count > 0.0 { count * (count / seconds).ln() } else { 0.0 };
        Self { count, seconds, likelihood }
    }

    /// By how much two rates explain the counts better than one does.
    fn gain(self, next: Self) -> f32 {
        let one = Self::new(self.count + next.count, self.seconds + next.seconds);
        self.likelihood + next.likelihood - one.likelihood
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Piece(Seconds, Seconds, u32);

    impl Extent for Piece {
        fn begin(&self) -> Seconds {
            self.0
        }
        fn end(&self) -> Seconds {
            self.1
        }
        fn counts(&self) -> (u32, u32) {
            (self.2, 0)
        }
        fn take_in(&mut self, next: &mut Self) {
            self.1 = next.1;
            self.2 += next.2;
        }
    }

    /// A line every ten minutes, and in the fifth hour one every minute.
    fn course() -> Vec<Piece> {
        let times = (0..1440).filter(|minute| minute % 10 == 0 || (240..300).contains(minute));
        times.map(|minute| Piece(minute * 60, minute * 60, 1)).collect()
    }

    #[test]
    fn edges_are_the_last_to_go() {
        for most in [100, 60, 40, 30] {
            let mut parts = course();
            let all: u32 = parts.iter().map(|part| part.2).sum();
            let fewer = thin(&mut parts, most);
            assert!(parts.len() <= most && fewer + parts.len() == course().len());
            assert_eq!(parts.iter().map(|part| part.2).sum::<u32>(), all);
            let edge = |time: Seconds| parts.iter().any(|part| part.0.abs_diff(time) <= 600);
            assert!(edge(240 * 60) && edge(300 * 60), "{most}: {parts:?}");
        }
    }

    #[test]
    fn what_tells_least_goes_whichever_course_it_is_of() {
        // One line in a while, ten times as many hours.
        let mut quiet: Vec<Piece> = (0..40).map(|n| Piece(n * 36_000, n * 36_000, 1)).collect();
        let mut telling = course();
        let edges = |parts: &[Piece]| {
            [240, 300]
                .map(|minute: Seconds| parts.iter().any(|part| part.0.abs_diff(minute * 60) <= 600))
        };
        let (mut slow, mut fast) = (Thinning::of(&quiet), Thinning::of(&telling));
        for limit in [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0] {
            let found = quiet.len();
            assert_eq!(found - slow.go_on(&mut quiet, limit), quiet.len());
            fast.go_on(&mut telling, limit);
            assert!(fast.is_done(limit));
            // Losses that were kept are those that would be found anew.
            assert_eq!(fast.losses.each, Losses::of(&telling).each, "{limit}");
        }
        assert_eq!(quiet.len(), KEPT);
        assert!(telling.len() < 30 && edges(&telling) == [true; 2], "{telling:?}");
        assert_eq!(telling.iter().map(|part| part.2).sum::<u32>(), 198);
    }

    #[test]
    fn any_course_can_be_made_one() {
        let mut parts = course();
        thin(&mut parts, 1);
        assert_eq!(parts, [Piece(0, 1430 * 60, 198)]);
        thin(&mut parts, 0);
        assert_eq!(parts.len(), 1);
        let mut none: Vec<Piece> = Vec::new();
        assert_eq!(thin(&mut none, 5), 0);
    }
}
