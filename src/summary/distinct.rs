//! Counting different things with a bound on memory: exact up to a limit, then estimated.
//!
//! Beyond the limit a `HyperLogLog` of 2,048 registers estimates with a standard error of 2.3 %
//! (Flajolet and others, 2007: 1.04 / √registers).

use crate::smtp::hash_in_lower_case;
use foldhash::fast::FixedState;
use hashbrown::HashSet;

const EXACT: usize = 2048;
const INDEX_BITS: u32 = 11;
const REGISTERS: usize = 1 << INDEX_BITS;

/// How many different values were added.
#[derive(Clone, Debug)]
pub struct Distinct {
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Exact(HashSet<u64, FixedState>),
    Estimate(Box<[u8; REGISTERS]>),
}

/// A count of different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DistinctCount {
    /// The count, or the estimate.
    pub count: u64,
    /// Whether it is exact; an estimate has a standard error of 2.3 %.
    pub exact: bool,
}

impl DistinctCount {
    /// No more than `most`: an estimate may lie above the number of lines that it was made of.
    #[must_use]
    pub fn at_most(self, most: u64) -> Self {
        Self { count: self.count.min(most), ..self }
    }
}

impl Default for Distinct {
    fn default() -> Self {
        Self { state: State::Exact(HashSet::default()) }
    }
}

impl Distinct {
    /// Adds a value; case does not matter.
    pub fn add(&mut self, value: &str) {
        // The same in every run, as the estimate must be too.
        self.add_hash(hash_in_lower_case(value));
    }

    /// Adds a value whose [`hash_in_lower_case`] is known.
    pub(crate) fn add_hash(&mut self, hash: u64) {
        match &mut self.state {
            State::Exact(seen) => {
                seen.insert(hash);
                if seen.len() > EXACT {
                    let mut registers = Box::new([0; REGISTERS]);
                    // The order does not matter: registers keep the largest.
                    let mut all: Vec<u64> = seen.drain().collect();
                    all.sort_unstable();
                    for hash in all {
                        enter(&mut registers, hash);
                    }
                    self.state = State::Estimate(registers);
                }
            }
            State::Estimate(registers) => enter(registers, hash),
        }
    }

    /// How many different values were added.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate"
    )]
    pub fn count(&self) -> DistinctCount {
        match &self.state {
            State::Exact(seen) => DistinctCount { count: seen.len() as u64, exact: true },
            State::Estimate(registers) => {
                let m = REGISTERS as f64;
                let sum: f64 = registers.iter().map(|r| 2_f64.powi(-i32::from(*r))).sum();
                let raw = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
                let zeros = registers.iter().map(|r| usize::from(*r == 0)).sum::<usize>();
                let estimate =
                    if raw <= 2.5 * m && zeros > 0 { m * (m / zeros as f64).ln() } else { raw };
                DistinctCount { count: estimate.round() as u64, exact: false }
            }
        }
    }
}

fn enter(registers: &mut [u8; REGISTERS], hash: u64) {
    let index = usize::try_from(hash >> (64 - INDEX_BITS)).unwrap_or(0);
    let rank = (hash << INDEX_BITS | 1 << (INDEX_BITS - 1)).leading_zeros() + 1;
    if let Some(register) = registers.get_mut(index) {
        *register = (*register).max(u8::try_from(rank).unwrap_or(u8::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_counts_are_exact_and_large_ones_close() {
        let mut distinct = Distinct::default();
        for n in 0..500 {
            distinct.add(&format!("User{n}@example.com"));
            distinct.add(&format!("user{n}@example.com"));
        }
        assert_eq!(distinct.count(), DistinctCount { count: 500, exact: true });
        for n in 0..200_000 {
            distinct.add(&format!("user{n}@example.net"));
        }
        let count = distinct.count();
        assert!(!count.exact);
        assert!(count.count.abs_diff(200_500) < 200_500 / 10, "{count:?}");
    }
}
