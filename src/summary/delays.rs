//! How long delivery took: a histogram with fixed edges, so that those of several logs can be added.

/// Upper edges in seconds, about a factor of three apart, at values that people say. What takes longer than the
/// last one is counted behind it.
pub const DELAY_EDGES: [u64; 13] =
    [1, 3, 10, 30, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 172_800, 432_000];

/// Deliveries by the time from arrival to delivery. Lines, each times its repeat count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delays([u64; DELAY_EDGES.len() + 1]);

impl Delays {
    /// Counts deliveries that took `micros` microseconds; an edge belongs to what lies below it.
    pub fn add(&mut self, micros: u64, count: u64) {
        let place = DELAY_EDGES.partition_point(|edge| edge.saturating_mul(1_000_000) < micros);
        if let Some(bucket) = self.0.get_mut(place) {
            *bucket += count;
        }
    }

    /// How many deliveries were counted.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The upper edge of each bucket, in seconds, and what it holds; the last one has no edge.
    pub fn buckets(&self) -> impl Iterator<Item = (Option<u64>, u64)> {
        let edges = DELAY_EDGES.iter().copied().map(Some).chain([None]);
        edges.zip(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_delay_is_in_one_bucket() {
        let mut delays = Delays::default();
        for (micros, edge) in [
            (0, Some(1)),
            (1_000_000, Some(1)),
            (1_000_001, Some(3)),
            (59_900_000, Some(60)),
            (3_600_000_000, Some(3600)),
            (432_000_000_001, None),
            (u64::MAX, None),
        ] {
            let before = delays;
            delays.add(micros, 2);
            let grown: Vec<_> = before
                .buckets()
                .zip(delays.buckets())
                .filter(|(before, after)| before.1 != after.1)
                .map(|(_, after)| after.0)
                .collect();
            assert_eq!(grown, [edge], "{micros}");
        }
        assert_eq!(delays.total(), 14);
    }
}
