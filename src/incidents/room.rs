//! Room for what the watcher keeps: the bounds, and what is given up to keep them.
//!
//! Steps and blocks double, light courses and unused names are forgotten. Bounds are looked at when a step begins, so
//! that what one step can add comes on top of them.

use super::course::Who;
use super::watch::{Key, Watcher};

/// The most steps in which anything happened; with one more they double. A day has steps of a minute, a week of two,
/// three months of sixteen.
const MOST_STEPS: usize = 8192;
const MOST_COURSES: usize = 8192;
const MOST_CELLS: usize = 1 << 18;
const MOST_BLOCKS: usize = 1 << 15;

impl Watcher {
    #[cold]
    pub(super) fn enter(&mut self, step: u32) {
        if let Some(cell) = self.queue.known(self.step) {
            cell.lines = self.level;
        }
        self.step = step;
        self.covered.at(step);
        self.queue.at(step).0.lines = self.level;
        while self.covered.cells().len() > MOST_STEPS || self.cells > MOST_CELLS {
            self.widen();
        }
        while self.blocks > MOST_BLOCKS {
            self.block *= 2;
            let fewer: usize =
                self.courses.iter_mut().map(|(_, course)| course.widen_blocks()).sum();
            self.blocks -= fewer;
        }
        if self.courses.len() > MOST_COURSES {
            self.forget_light_courses();
        }
        if self.names.are_full() {
            self.forget_names();
        }
        self.step = self.now / self.width;
        self.covered.at(self.step);
    }

    #[cold]
    fn widen(&mut self) {
        self.width *= 2;
        for series in [&mut self.covered, &mut self.demand, &mut self.accepted] {
            series.widen();
        }
        self.queue.widen_levels();
        // Blocks keep their width in time as long as that is more than a step.
        let block_too = self.block == 1;
        self.block = (self.block / 2).max(1);
        for (_, course) in &mut self.courses {
            self.cells -= course.series.widen();
            if block_too {
                self.blocks -= course.widen_blocks();
            }
        }
    }

    #[cold]
    fn forget_light_courses(&mut self) {
        let mut order: Vec<usize> = (0..self.courses.len()).collect();
        let weight = |index: &usize| {
            self.courses.get(*index).map(|(key, course)| {
                let last = course.series.cells().last().map_or(0, |cell| cell.last);
                (std::cmp::Reverse((course.lines, last)), *key)
            })
        };
        order.sort_unstable_by_key(weight);
        order.truncate(MOST_COURSES / 2);
        order.sort_unstable();
        let mut kept = Vec::with_capacity(order.len());
        for index in order {
            if let Some(course) = self.courses.get_mut(index) {
                kept.push((course.0, std::mem::take(&mut course.1)));
            }
        }
        self.courses = kept;
        self.cells = self.courses.iter().map(|(_, c)| c.series.cells().len()).sum();
        self.blocks = self.courses.iter().map(|(_, c)| c.blocks.len()).sum();
        self.index = (0_u32..).zip(&self.courses).map(|(n, (key, _))| (*key, n)).collect();
    }

    #[cold]
    fn forget_names(&mut self) {
        let mut used = vec![false; self.names.len()];
        let mut mark = |number: u32| {
            if let Some(place) = used.get_mut(number as usize) {
                *place = true;
            }
        };
        for (key, course) in &self.courses {
            match *key {
                Key::Peer { peer, .. } | Key::Traffic { peer } => mark(peer),
                Key::Refusal { detail, .. } => mark(detail),
                Key::User { user } => mark(user),
                Key::Everywhere { .. } | Key::Bounces | Key::Trouble { .. } => {}
            }
            for cell in course.series.cells() {
                mark(cell.user);
            }
            for block in &course.blocks {
                for who in [Who::Peer, Who::User, Who::Domain, Who::Code, Who::Detail] {
                    block.top(who).entries().for_each(|(number, _)| mark(number));
                }
            }
        }
        for origin in &self.origins {
            mark(origin.user);
            mark(origin.domain);
        }
        // Marks have no order.
        for number in self.homes.values().chain(self.codes.values()) {
            mark(*number);
        }
        self.names.keep_only(&used);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::names::Names;

    /// A watcher of `logins` logins that send a message each, `seconds` apart.
    fn watched(logins: u32, seconds: u32) -> Watcher {
        let mut watcher = Watcher::new();
        for n in 0..logins {
            watcher.go_to(1_794_182_400 + n * seconds);
            let user = watcher.names.number(&format!("login{n}@example.com"));
            watcher.send(user);
        }
        watcher.go_to(1_794_182_400 + logins * seconds + 86_400);
        watcher
    }

    #[test]
    fn millions_of_names_find_room() {
        let watcher = watched(400_000, 7);
        assert!(watcher.courses.len() <= MOST_COURSES, "{} courses", watcher.courses.len());
        assert!(watcher.cells <= MOST_CELLS, "{} cells", watcher.cells);
        assert!(watcher.blocks <= MOST_BLOCKS, "{} blocks", watcher.blocks);
        assert!(watcher.names.len() <= Names::MOST + 1, "{} names", watcher.names.len());
    }

    #[test]
    fn years_have_no_more_steps_than_days() {
        for days in [1, 90, 4000] {
            let watcher = watched(20_000, days * 86_400 / 20_000);
            let steps = watcher.covered.cells().len();
            assert!(steps <= MOST_STEPS, "{days} days: {steps} steps of {} s", watcher.width);
            let cells: usize = watcher.courses.iter().map(|(_, c)| c.series.cells().len()).sum();
            let blocks: usize = watcher.courses.iter().map(|(_, c)| c.blocks.len()).sum();
            assert_eq!((watcher.cells, watcher.blocks), (cells, blocks), "{days} days");
        }
    }
}
