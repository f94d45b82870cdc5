//! What another log says is usual: the weeks of a history or a saved report, for the courses that it can tell of.
//!
//! It keeps no names: courses of logins, of receivers that are no known provider and of our own trouble have only
//! their own log to be compared with. Of refusals it knows the cause but not the rule or the list behind it; there
//! it says how many there are usually of all rules together.

use super::statistics::{Bin, Known};
use super::watch::{Key, Watcher};
use crate::digest::{Asked, Unit, Week};
use crate::smtp::Direction;

/// The week of a course.
pub(super) enum Usual {
    /// Of just this.
    Exactly(Week),
    /// Of this and of others.
    Together(Week),
}

/// What is usual of a course.
pub(super) fn usual_of(watcher: &Watcher, key: Key) -> Option<Usual> {
    let baseline = watcher.baseline.as_ref()?;
    let of = |row: u16, provider, class| {
        let (direction, cause) = watcher.row(row)?;
        baseline.week(Asked { direction, cause: cause.slug(), provider, class })
    };
    match key {
        Key::Peer { row, peer, class } => {
            let local = watcher.row(row)?.0 != Direction::Outbound;
            let known = watcher.provider_names().any(|name| name == peer);
            let provider = (!local).then(|| Some(watcher.names.text(peer)));
            (known || local).then(|| of(row, provider, Some(class)))?.map(Usual::Exactly)
        }
        Key::Everywhere { row } => of(row, None, None).map(Usual::Exactly),
        Key::Refusal { row, class, .. } => of(row, None, Some(class)).map(Usual::Together),
        Key::User { .. } | Key::Traffic { .. } | Key::Bounces | Key::Trouble { .. } => None,
    }
}

/// The bins with what is usual in each.
pub(super) fn with_usual(
    watcher: &Watcher,
    (key, bins): (Key, &[Bin]),
    usual: &Usual,
    unit: Unit,
) -> Vec<Bin> {
    let (Usual::Exactly(week) | Usual::Together(week)) = usual;
    let others = match usual {
        Usual::Exactly(_) => Vec::new(),
        Usual::Together(_) => lines_of_others(watcher, key, bins),
    };
    let known = |(index, bin): (usize, &Bin)| {
        let all = week.usual(unit, i64::from(bin.begin), bin.length, bin.demand);
        let known = all.map_or(Known::Nothing, |all| match usual {
            Usual::Exactly(_) => Known::Exactly(all),
            Usual::Together(_) => {
                Known::Together { all, others: others.get(index).copied().unwrap_or(0.0) }
            }
        });
        Bin { known, ..*bin }
    };
    bins.iter().enumerate().map(known).collect()
}

/// Lines of the other courses with the cause and class of a refusal.
fn lines_of_others(watcher: &Watcher, of: Key, bins: &[Bin]) -> Vec<f64> {
    let mut sums = vec![0.0; bins.len()];
    let Key::Refusal { row, class, .. } = of else { return sums };
    for (key, course) in &watcher.courses {
        let Key::Refusal { row: other, class: of_other, .. } = *key else { continue };
        if *key == of || other != row || of_other != class {
            continue;
        }
        for cell in course.series.cells() {
            let index = bins.partition_point(|bin| bin.begin <= cell.first);
            if let Some(sum) = index.checked_sub(1).and_then(|index| sums.get_mut(index)) {
                *sum += f64::from(cell.lines);
            }
        }
    }
    sums
}
