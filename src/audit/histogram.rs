//! Durations counted in fixed logarithmic steps.
//!
//! Sixteen steps to each doubling, from one millisecond to 49 days; longer ones count as that. The middle of a step is
//! at most 1/32 (3.2 %) away from every value in it. Only steps that occur are kept, because there is a histogram for
//! every name and most names see few delays; a dense table of a crate would need some kilobytes for each.
//! Steps are whole numbers, so sums do not depend on order.

/// Counts of durations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Step and count, by step.
    steps: Vec<(u16, u32)>,
    total: u64,
}

/// Below this many milliseconds each has a step of its own.
const EXACT: u32 = 16;

impl Histogram {
    /// Counts a duration.
    pub fn add(&mut self, micros: u64) {
        let millis = u32::try_from(micros / 1000).unwrap_or(u32::MAX);
        let step = step_of(millis);
        match self.steps.binary_search_by_key(&step, |(step, _)| *step) {
            Ok(at) => {
                if let Some((_, count)) = self.steps.get_mut(at) {
                    *count = count.saturating_add(1);
                }
            }
            Err(at) => self.steps.insert(at, (step, 1)),
        }
        self.total += 1;
    }

    /// How many were counted.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The duration in seconds below which `percent` of all lie; `None` when there are none.
    pub fn quantile(&self, percent: u64) -> Option<f64> {
        let rank = (u128::from(self.total) * u128::from(percent)).div_ceil(100).max(1);
        let mut seen = 0;
        for (step, count) in &self.steps {
            seen += u128::from(*count);
            if seen >= rank {
                return Some(middle_of(*step) / 1000.0);
            }
        }
        None
    }
}

/// The step of a number of milliseconds: its first five binary digits, and how many follow.
fn step_of(millis: u32) -> u16 {
    if millis < EXACT {
        return u16::try_from(millis).unwrap_or(0);
    }
    let shift = 27 - millis.leading_zeros();
    u16::try_from(shift * EXACT + (millis >> shift)).unwrap_or(u16::MAX)
}

/// The middle of a step, in milliseconds.
fn middle_of(step: u16) -> f64 {
    let step = u32::from(step);
    if step < EXACT {
        return f64::from(step);
    }
    let shift = step / EXACT - 1;
    let first = f64::from(step % EXACT + EXACT);
    let width = f64::from(1_u32 << shift);
    first * width + (width - 1.0) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_near_the_middle_of_its_step() {
        let mut last = 0;
        let mut values: Vec<u32> = (0..5000).collect();
        values.extend((0..32).flat_map(|bit| {
            let power = 1_u32 << bit;
            [power.saturating_sub(1), power, power.saturating_add(power / 3)]
        }));
        values.push(u32::MAX);
        values.sort_unstable();
        for millis in values {
            let step = step_of(millis);
            assert!(step >= last, "{millis}: steps go up");
            last = step;
            let off = (middle_of(step) - f64::from(millis)).abs();
            assert!(off <= f64::from(millis) / 31.0, "{millis} ms is off by {off}");
        }
    }

    #[test]
    fn quantiles_are_those_of_the_values() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(50), None);
        for n in 1..=1000_u64 {
            histogram.add(n * 1_000_000);
        }
        for (percent, want) in [(50, 500.0), (95, 950.0), (100, 1000.0), (0, 1.0)] {
            let got = histogram.quantile(percent).unwrap();
            assert!((got - want).abs() <= want * 0.032, "{percent} %: {got}");
        }
        assert_eq!(histogram.total(), 1000);
    }

    #[test]
    fn a_histogram_has_a_bound() {
        let mut histogram = Histogram::default();
        for n in 0..3_000_000_u64 {
            histogram.add(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (n % 64));
        }
        assert!(histogram.steps.len() <= 464, "{}", histogram.steps.len());
    }
}
