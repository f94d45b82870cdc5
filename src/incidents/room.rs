//! Room for what the watcher keeps: the bounds, and what is given up to keep them.
//!
//! Courses with too many cells or blocks are told more coarsely (`thin.rs`), light courses and unused names are
//! forgotten. Of too many cells those go first that tell least, whichever course they are of: a login that sends a
//! message a day keeps none that a receiver's outage needs. The sums are looked at once a minute, so that what one
//! minute can add comes on top of them.

use super::course::{Block, Course, Seconds, Who};
use super::names::{NOBODY, Names};
use super::quotes::Spare;
use super::watch::{Key, Origin, Watcher};
use std::cmp::Reverse;

/// The most courses; with names of their own some 400 bytes each.
const MOST_COURSES: usize = 4096;
/// The most cells of all courses: 3 MB.
const MOST_CELLS: usize = 1 << 16;
/// The most blocks of all courses: some 4 MB with their lines.
const MOST_BLOCKS: usize = 4096;
/// The most cells of one course: a day of minutes, and it is thinned to half of them.
const CELLS: usize = 2048;
/// What a cell must tell at the least where there are too many.
const CHEAPEST: f32 = 0.25;
/// The most blocks of one course.
const BLOCKS: usize = 128;
/// A course of fewer lines is below the floor of every kind: its blocks become one before others lose any.
const LIGHT: u64 = 10;

/// How much there is, and how much one course may have.
#[derive(Clone, Debug)]
pub(super) struct Room {
    pub(super) cells: usize,
    pub(super) blocks: usize,
    /// Halved when all courses together have too many.
    blocks_each: usize,
    courses_ever: u32,
    pub(super) spare: Spare,
}

impl Default for Room {
    fn default() -> Self {
        Self { cells: 0, blocks: 0, blocks_each: BLOCKS, courses_ever: 0, spare: Spare::default() }
    }
}

impl Room {
    /// The number of a new course.
    pub(super) const fn next_number(&mut self) -> u32 {
        self.courses_ever = self.courses_ever.saturating_add(1);
        self.courses_ever
    }

    /// The block of a line in a course.
    pub(super) fn block<'c>(&mut self, course: &'c mut Course, time: Seconds) -> &'c mut Block {
        let (block, new) = course.block(time, &mut self.spare);
        self.blocks += usize::from(new);
        block
    }

    /// Thins a course that has too many cells.
    #[inline]
    pub(super) fn mind_cells(&mut self, course: &mut Course) {
        if course.series.cells().len() > CELLS {
            self.cells -= course.series.thin(CELLS / 2);
        }
    }
}

impl Watcher {
    pub(super) fn make_room(&mut self) {
        if self.room.cells > MOST_CELLS {
            self.thin_cells();
        }
        if self.room.blocks > MOST_BLOCKS {
            self.thin_blocks();
        }
        if self.courses.len() > MOST_COURSES {
            self.forget_light_courses();
        }
        if self.names.are_full() {
            self.forget_names();
        }
    }

    #[cold]
    fn thin_cells(&mut self) {
        // From below, so that what is alike is one before anybody asks where it differs from its neighbour.
        let mut limit = CHEAPEST;
        let mut thinnings: Vec<_> =
            self.courses.iter().map(|(_, course)| course.series.thinning()).collect();
        while self.room.cells > MOST_CELLS * 3 / 4 && limit.is_finite() {
            let courses = self.courses.iter_mut().zip(&mut thinnings);
            // Most courses have nothing left below the next limit.
            for ((_, course), thinning) in courses.filter(|(_, t)| !t.is_done(limit)) {
                self.room.cells -= course.series.thin_below(limit, thinning);
            }
            limit *= 2.0;
        }
    }

    #[cold]
    fn thin_blocks(&mut self) {
        for (_, course) in self.courses.iter_mut().filter(|(_, course)| course.lines < LIGHT) {
            self.room.blocks -= course.thin_blocks(1);
        }
        while self.room.blocks > MOST_BLOCKS * 3 / 4 && self.room.blocks_each > 1 {
            self.room.blocks_each /= 2;
            for (_, course) in &mut self.courses {
                if course.blocks.len() > self.room.blocks_each {
                    self.room.blocks -= course.thin_blocks(self.room.blocks_each);
                }
            }
        }
        // Those of the moment grow again; the bound of each course comes back where it does not hurt.
        self.room.blocks_each = (self.room.blocks_each * 2).min(BLOCKS);
    }

    #[cold]
    fn forget_light_courses(&mut self) {
        let weigh = |(index, (key, course)): (usize, &(Key, Course))| {
            let last = course.series.cells().last().map_or(0, |cell| cell.last);
            (Reverse((course.lines, last)), *key, index)
        };
        let mut light: Vec<_> = self.courses.iter().enumerate().map(weigh).collect();
        let heavy = MOST_COURSES / 2;
        let mut kept = vec![true; light.len()];
        if heavy < light.len() {
            light.select_nth_unstable(heavy);
        }
        for (_, _, index) in light.iter().skip(heavy) {
            if let Some(kept) = kept.get_mut(*index) {
                *kept = false;
            }
        }
        // In the order in which they were begun, which is that of their numbers.
        let mut kept = kept.into_iter();
        self.courses.retain(|_| kept.next().unwrap_or(false));
        self.courses.shrink_to(MOST_COURSES);
        self.room.cells = self.courses.iter().map(|(_, c)| c.series.cells().len()).sum();
        self.room.blocks = self.courses.iter().map(|(_, c)| c.blocks.len()).sum();
        self.index = (0_u32..).zip(&self.courses).map(|(n, (key, _))| (key.packed(), n)).collect();
    }

    #[cold]
    fn forget_names(&mut self) {
        self.keep_used_names();
        if self.names.count() > Names::MOST * 3 / 4 {
            // Names in use fill the room: those of single lines go, as they say the least.
            for (_, course) in &mut self.courses {
                course.blocks.iter_mut().for_each(super::course::Block::forget_singles);
            }
            self.keep_used_names();
        }
        if self.names.count() > Names::MOST * 3 / 4 {
            for (_, course) in &mut self.courses {
                self.room.blocks -= course.thin_blocks(course.blocks.len().div_ceil(4));
            }
            self.keep_used_names();
        }
        if self.names.count() > Names::MOST * 3 / 4 {
            self.forget_senders_of_old_mail();
            self.keep_used_names();
        }
    }

    /// Messages that wait have the names: of the older half nobody will know any more who sent it. Otherwise a long queue
    /// would be gone through for names every minute, and none found.
    fn forget_senders_of_old_mail(&mut self) {
        let has_names = |origin: &&Origin| origin.user != NOBODY || origin.domain != NOBODY;
        let mut arrived: Vec<Seconds> =
            self.origins.iter().filter(has_names).map(|origin| origin.arrived).collect();
        if arrived.is_empty() {
            return;
        }
        let middle = arrived.len() / 2;
        let (_, &mut limit, _) = arrived.select_nth_unstable(middle);
        for origin in self.origins.iter_mut().filter(|origin| origin.arrived <= limit) {
            (origin.user, origin.domain) = (NOBODY, NOBODY);
        }
    }

    fn keep_used_names(&mut self) {
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
        self.provider_names().for_each(&mut mark);
        self.names.keep_only(&used);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn counted(watcher: &Watcher) -> (usize, usize) {
        let cells = watcher.courses.iter().map(|(_, c)| c.series.cells().len()).sum();
        (cells, watcher.courses.iter().map(|(_, c)| c.blocks.len()).sum())
    }

    #[test]
    fn millions_of_names_find_room() {
        let watcher = watched(400_000, 7);
        assert!(watcher.courses.len() <= MOST_COURSES, "{} courses", watcher.courses.len());
        assert!(watcher.room.cells <= MOST_CELLS, "{} cells", watcher.room.cells);
        assert!(watcher.room.blocks <= MOST_BLOCKS, "{} blocks", watcher.room.blocks);
        assert!(watcher.names.len() <= Names::MOST + 1, "{} names", watcher.names.len());
        assert_eq!((watcher.room.cells, watcher.room.blocks), counted(&watcher));
    }

    #[test]
    fn years_have_no_more_cells_than_days() {
        for days in [1, 90, 4000] {
            let mut watcher = Watcher::new();
            let logins: Vec<u32> =
                (0..300).map(|n| watcher.names.number(&format!("login{n}"))).collect();
            for n in 0..200_000_u32 {
                let time = u64::from(n) * 86_400 * days / 200_000;
                watcher.go_to(1_000_000_000 + u32::try_from(time).unwrap());
                watcher.send(logins[n as usize * 7 % 300]);
            }
            let sent: u64 = watcher.courses.iter().map(|(_, course)| course.lines).sum();
            let lines = watcher.courses.iter().flat_map(|(_, course)| course.series.cells());
            assert_eq!(lines.map(|cell| u64::from(cell.lines)).sum::<u64>(), sent, "{days} days");
            assert_eq!((watcher.room.cells, watcher.room.blocks), counted(&watcher), "{days} days");
            assert!(watcher.room.cells <= MOST_CELLS + 300, "{days} days");
        }
    }

    #[test]
    fn mail_that_waits_leaves_room_for_new_names() {
        let mut watcher = Watcher::new();
        watcher.go_to(1_000_000_000);
        for n in 0..Names::MOST {
            let domain = watcher.names.number(&format!("{n}.example.net"));
            let arrived = 1_000_000_000 + u32::try_from(n).unwrap();
            watcher.origins.push(Origin { arrived, domain, ..Origin::default() });
        }
        assert_eq!(watcher.names.number("new.example.net"), NOBODY);
        watcher.go_to(1_000_000_060);
        assert!(watcher.names.count() <= Names::MOST * 3 / 4);
        let domain_of = |origin: Option<&Origin>| watcher.names.text(origin.unwrap().domain);
        assert_eq!(domain_of(watcher.origins.first()), "");
        assert_eq!(domain_of(watcher.origins.last()), format!("{}.example.net", Names::MOST - 1));
    }

    #[test]
    fn names_in_use_leave_room_for_new_ones() {
        let mut watcher = Watcher::new();
        let user = watcher.names.number("ann@example.com");
        for n in 0..3 * Names::MOST {
            let now = 1_000_000_000 + u32::try_from(n).unwrap() * 40;
            watcher.go_to(now);
            let index = watcher.send(user);
            let client = watcher.names.number(&format!("client{n}.example.net"));
            let block = watcher.room.block(&mut watcher.courses[index].1, now);
            block.see(now, 1);
            block.top_mut(Who::Peer).add(client, 1);
            assert!(watcher.names.count() <= Names::MOST);
        }
        let last = watcher.names.number("the-last.example.net");
        assert_eq!(watcher.names.text(last), "the-last.example.net");
    }
}
