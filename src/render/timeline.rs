//! The timeline in as many columns as there is room for.

use crate::report::Report;
use crate::summary::Counts;

/// The timeline in at most `columns` equal columns, empty ones included; and how many seconds one is wide.
pub(super) fn fold(report: &Report, columns: usize) -> (Vec<Counts>, i64) {
    let numbers = || report.timeline_numbers.iter().copied().zip(&report.timeline);
    let first = numbers().next().map_or(0, |(n, _)| n);
    let last = numbers().next_back().map_or(0, |(n, _)| n);
    let steps = usize::try_from(last - first + 1).unwrap_or(1);
    let each = steps.div_ceil(columns).max(1);
    let mut folded = vec![Counts::default(); steps.div_ceil(each)];
    for (n, step) in numbers() {
        let index = usize::try_from(n - first).unwrap_or(0) / each;
        if let Some(sum) = folded.get_mut(index) {
            sum.add(&step.counts);
        }
    }
    (folded, report.timeline_step * i64::try_from(each).unwrap_or(1))
}
