//! The course of one thing over time: counts in cells, and who and what was behind them.
//!
//! A cell is a minute in which something happened: 48 bytes. A block is a quarter of an hour of them with names, codes
//! and two lines of the log: about a kilobyte. The watcher bounds how many there are of both (`room.rs`): where a
//! course has too many, neighbours that are alike in rate become one (`thin.rs`), so that quiet days are told
//! coarsely and the minutes in which something begins or ends stay as they are.

use super::names::NOBODY;
use super::quotes::{Quotes, Spare};
use super::thin::{Extent, Thinning, thin};
use crate::summary::Seen;

/// Seconds since 1970 in 32 bits: enough until 2106, and half the memory.
pub(super) type Seconds = u32;

/// Lines of one minute share a cell.
const STEP: Seconds = 60;
/// Lines of so many seconds share a block.
const BLOCK: Seconds = 960;

/// What happened in a minute, or in a longer time of much the same rate.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cell {
    /// Time of the first line.
    pub(super) first: Seconds,
    /// Time of the last line.
    pub(super) last: Seconds,
    /// Lines.
    pub(super) lines: u32,
    /// Messages that met this for the first time; what the statistics count, but for [`Self::waited`].
    pub(super) messages: u32,
    /// Of those, mail of hours before that something else had kept in the queue.
    pub(super) waited: u32,
    /// Recipients that met this for the first time.
    pub(super) recipients: u32,
    /// Of those, who got the message in the end.
    pub(super) recovered: u32,
    /// Of those, who never will. Of refusals the lines of clients without a name.
    pub(super) bounced: u32,
    /// Time of the last line about what came in this cell; 0 where nothing came later.
    pub(super) tail: Seconds,
    /// The login behind most lines (Boyer and Moore, 1981: never too many), and how much of the cell is its doing.
    pub(super) user: u32,
    pub(super) user_lines: u32,
    pub(super) user_messages: u32,
}

impl Cell {
    fn merge(&mut self, other: &Self) {
        self.lines = self.lines.saturating_add(other.lines);
        self.messages = self.messages.saturating_add(other.messages);
        self.waited = self.waited.saturating_add(other.waited);
        self.recipients = self.recipients.saturating_add(other.recipients);
        self.recovered = self.recovered.saturating_add(other.recovered);
        self.bounced = self.bounced.saturating_add(other.bounced);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.tail = self.tail.max(other.tail);
        self.vote(other.user, other.user_lines, other.user_messages);
    }

    /// Lines and messages that are the doing of a login.
    pub(super) fn vote(&mut self, user: u32, lines: u32, messages: u32) {
        if user == self.user {
            self.user_lines = self.user_lines.saturating_add(lines);
            self.user_messages = self.user_messages.saturating_add(messages);
        } else if lines > self.user_lines {
            (self.user, self.user_lines, self.user_messages) =
                (user, lines - self.user_lines, messages);
        } else {
            self.user_lines -= lines;
            self.user_messages = self.user_messages.min(self.user_lines);
        }
    }

    /// Whether a line of that time belongs here: within the cell, or within the minute in which it begins or ends.
    const fn takes(&self, time: Seconds) -> bool {
        self.first <= time && time <= self.last
            || time / STEP == self.last / STEP
            || time / STEP == self.first / STEP
    }

    /// Takes in the time of a line.
    const fn see(&mut self, time: Seconds) {
        if time < self.first {
            self.first = time;
        }
        if time > self.last {
            self.last = time;
        }
    }
}

impl Extent for Cell {
    fn begin(&self) -> Seconds {
        self.first
    }

    fn end(&self) -> Seconds {
        self.last
    }

    fn counts(&self) -> (u32, u32) {
        (self.lines, self.messages)
    }

    fn take_in(&mut self, next: &mut Self) {
        self.merge(next);
    }
}

/// By how much what is full grows: what is small less than usual, as there are thousands of courses, and half of a
/// doubling would stay empty. Large ones are few, and to move them costs more than what stays empty in them.
const fn more_room(full: usize) -> usize {
    if full < 8 { full / 2 + 1 } else { full }
}

/// Cells in the order of time. The one asked for is nearly always the last one.
#[derive(Clone, Debug, Default)]
pub(super) struct Series {
    cells: Vec<Cell>,
    at: usize,
}

impl Series {
    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cell of a line, made if it is new (second value).
    #[inline]
    pub(super) fn at(&mut self, time: Seconds) -> (&mut Cell, bool) {
        let mut new = false;
        if self.cells.get(self.at).is_none_or(|cell| !cell.takes(time)) {
            new = self.find(time);
        }
        // Found or made above.
        #[expect(clippy::indexing_slicing, reason = "found or inserted above")]
        let cell = &mut self.cells[self.at];
        cell.see(time);
        (cell, new)
    }

    /// Where the cells end that begin by a time: nearly always behind the last one or the one before, and to search
    /// for it means to wait for memory a dozen times.
    fn after(&self, time: Seconds) -> usize {
        let mut late = self.cells.iter().rev().take(4).take_while(|cell| cell.first > time).count();
        if late == 4 {
            late = self.cells.len() - self.cells.partition_point(|cell| cell.first <= time);
        }
        self.cells.len() - late
    }

    /// Moves to the cell of a time; says whether it is new.
    fn find(&mut self, time: Seconds) -> bool {
        let after = self.after(time);
        for near in [after.wrapping_sub(1), after] {
            if self.cells.get(near).is_some_and(|cell| cell.takes(time)) {
                self.at = near;
                return false;
            }
        }
        if self.cells.len() == self.cells.capacity() {
            self.cells.reserve_exact(more_room(self.cells.len()));
        }
        self.cells.insert(after, Cell { first: time, last: time, ..Cell::default() });
        self.at = after;
        true
    }

    /// The cell that a line of that time was counted in, if there is one.
    pub(super) fn known(&mut self, time: Seconds) -> Option<&mut Cell> {
        let after = self.after(time);
        let near = [after.wrapping_sub(1), after];
        let at =
            near.into_iter().find(|at| self.cells.get(*at).is_some_and(|cell| cell.takes(time)))?;
        self.cells.get_mut(at)
    }

    /// The last cell that begins by that time.
    pub(super) fn before(&mut self, time: Seconds) -> Option<&mut Cell> {
        let after = self.after(time);
        self.cells.get_mut(after.checked_sub(1)?)
    }

    /// What it loses when it is thinned along with others.
    pub(super) fn thinning(&self) -> Thinning {
        Thinning::of(&self.cells)
    }

    /// Loses the cells that tell less than `limit`; gives how many there are fewer.
    pub(super) fn thin_below(&mut self, limit: f32, thinning: &mut Thinning) -> usize {
        let fewer = thinning.go_on(&mut self.cells, limit);
        self.cells.shrink_to_fit();
        self.at = 0;
        fewer
    }

    /// Has at most so many cells afterwards; gives how many there are fewer.
    pub(super) fn thin(&mut self, most: usize) -> usize {
        // What has become so long goes on to grow: the room that is free now will be needed.
        let fewer = thin(&mut self.cells, most);
        self.at = 0;
        fewer
    }
}

/// The commonest of many names, in little room (Misra and Gries, 1982): counts are never too high.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Top {
    places: [(u32, u32); Top::MOST],
    /// Places behind so many were never used: mostly there are one or two names.
    used: u8,
}

impl Top {
    const MOST: usize = 6;

    #[inline]
    pub(super) fn add(&mut self, name: u32, count: u32) {
        let [(first, sum), ..] = &mut self.places;
        if name == *first && *sum > 0 {
            *sum = sum.saturating_add(count);
        } else if name != NOBODY {
            self.enter(name, count);
        }
    }

    fn enter(&mut self, name: u32, count: u32) {
        let used = usize::from(self.used);
        let mut free = used;
        for (index, (known, sum)) in self.places.iter_mut().take(used).enumerate() {
            if *sum == 0 {
                free = free.min(index);
            } else if *known == name {
                *sum = sum.saturating_add(count);
                return;
            }
        }
        if let Some(place) = self.places.get_mut(free) {
            *place = (name, count);
            self.used += u8::from(free == used);
            return;
        }
        let least = self.places.iter().map(|(_, sum)| *sum).min().unwrap_or(0).min(count);
        for (_, sum) in &mut self.places {
            *sum -= least;
        }
        if count > least {
            self.enter(name, count - least);
        }
    }

    fn forget_singles(&mut self) {
        for (_, sum) in &mut self.places {
            if *sum == 1 {
                *sum = 0;
            }
        }
    }

    /// Names with their least counts.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let used = self.places.iter().take(usize::from(self.used));
        used.copied().filter(|(_, sum)| *sum > 0)
    }
}

/// What [`Top`]s of a block are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Receiving domain, or the peer where the course is about all peers; inbound and for logins the client.
    Peer = 0,
    /// The login.
    User = 1,
    /// The sender's domain; inbound the recipient's, which is ours.
    Domain = 2,
    /// Reply code and enhanced status code.
    Code = 3,
    /// The verdict's detail; for logins the cause.
    Detail = 4,
}

/// Who and what was behind some cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    /// Times of its first and last line.
    pub(super) begin: Seconds,
    pub(super) end: Seconds,
    pub(super) lines: u32,
    tops: [Top; 5],
    /// Its first and its last line; `None` once the block has turned out to be quiet.
    pub(super) quotes: Option<Box<Quotes>>,
}

impl Block {
    pub(super) fn top(&self, who: Who) -> &Top {
        #[expect(clippy::indexing_slicing, reason = "there is one for each value")]
        &self.tops[who as usize]
    }

    pub(super) fn top_mut(&mut self, who: Who) -> &mut Top {
        #[expect(clippy::indexing_slicing, reason = "there is one for each value")]
        &mut self.tops[who as usize]
    }

    /// Takes in a line.
    pub(super) fn see(&mut self, time: Seconds, lines: u32) {
        self.begin = self.begin.min(time);
        self.end = self.end.max(time);
        self.lines = self.lines.saturating_add(lines);
    }

    const fn takes(&self, time: Seconds) -> bool {
        self.begin <= time && (time <= self.end || time - self.begin < BLOCK)
    }

    /// Takes in what a line says: the last one is kept, and the first one.
    pub(super) fn quote(&mut self, time: Seconds, seen: &Seen<'_>, spare: &mut Spare) {
        if let Some(quotes) = &mut self.quotes {
            quotes.go_on(seen.at, time, &[seen.text]);
        } else {
            let mut quotes = spare.take().unwrap_or_default();
            quotes.begin(time, seen);
            self.quotes = Some(quotes);
        }
    }

    /// Nothing of it will be shown.
    fn forget_lines(&mut self, spare: &mut Spare) {
        if let Some(quotes) = self.quotes.take() {
            spare.give(quotes);
        }
    }

    /// Names that stand for one line each are forgotten.
    pub(super) fn forget_singles(&mut self) {
        for top in &mut self.tops {
            top.forget_singles();
        }
    }
}

impl Extent for Block {
    fn begin(&self) -> Seconds {
        self.begin
    }

    fn end(&self) -> Seconds {
        self.end
    }

    fn counts(&self) -> (u32, u32) {
        (self.lines, 0)
    }

    fn take_in(&mut self, next: &mut Self) {
        self.begin = self.begin.min(next.begin);
        self.end = self.end.max(next.end);
        self.lines = self.lines.saturating_add(next.lines);
        for (mine, theirs) in self.tops.iter_mut().zip(&next.tops) {
            for (name, count) in theirs.entries() {
                mine.add(name, count);
            }
        }
        match (&mut self.quotes, next.quotes.take()) {
            (Some(mine), Some(theirs)) => mine.append(*theirs),
            (mine @ None, theirs) => *mine = theirs,
            (Some(_), None) => {}
        }
    }
}

/// One thing over time.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    /// Its number: later courses have higher ones.
    pub(super) number: u32,
    pub(super) series: Series,
    pub(super) blocks: Vec<Block>,
    pub(super) lines: u64,
    pub(super) messages: u64,
}

/// A block with fewer lines is quiet: no incident is made of so few.
const QUIET: u32 = 4;

impl Course {
    /// The block of a line, made if it is new (second value).
    pub(super) fn block(&mut self, time: Seconds, spare: &mut Spare) -> (&mut Block, bool) {
        let (at, new) = match self.blocks.last() {
            Some(block) if block.takes(time) => (self.blocks.len() - 1, false),
            _ => self.find_block(time, spare),
        };
        #[expect(clippy::indexing_slicing, reason = "found or inserted above")]
        (&mut self.blocks[at], new)
    }

    fn find_block(&mut self, time: Seconds, spare: &mut Spare) -> (usize, bool) {
        let after = self.blocks.partition_point(|block| block.begin <= time);
        if let Some(before) = after.checked_sub(1)
            && self.blocks.get(before).is_some_and(|block| block.takes(time))
        {
            return (before, false);
        }
        if let Some(quiet) = self.blocks.last_mut().filter(|b| b.lines < QUIET) {
            quiet.forget_lines(spare);
        }
        if self.blocks.len() == self.blocks.capacity() {
            self.blocks.reserve_exact(more_room(self.blocks.len()));
        }
        self.blocks.insert(after, Block { begin: time, end: time, ..Block::default() });
        (after, true)
    }

    /// Has at most so many blocks afterwards; gives how many there are fewer.
    pub(super) fn thin_blocks(&mut self, most: usize) -> usize {
        if self.blocks.len() <= most {
            return 0;
        }
        let fewer = thin(&mut self.blocks, most);
        self.blocks.shrink_to(most);
        fewer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_minute_share_a_cell_in_whatever_order_they_come() {
        let mut series = Series::default();
        for time in (1000..5000).step_by(7).rev() {
            series.at(time).0.lines += 1;
        }
        let cells = series.cells();
        assert_eq!(cells.iter().map(|c| c.lines).sum::<u32>(), 572);
        assert_eq!(cells.len(), 68, "minutes from 16 to 83");
        assert!(cells.is_sorted_by_key(|cell| cell.first));
        assert_eq!(cells.first().map(|c| c.first), Some(1000));
        assert_eq!(cells.last().map(|c| c.last), Some(4997));
        assert_eq!(series.known(3000).map(|c| c.first / 60), Some(50));
        assert!(series.known(90_000).is_none() && series.before(999).is_none());
        assert_eq!(series.before(90_000).map(|c| c.last), Some(4997));
    }

    #[test]
    fn a_thinned_course_loses_no_count_and_finds_its_cells_again() {
        let mut series = Series::default();
        for time in (0..86_400).step_by(97) {
            series.at(time).0.lines += 1;
        }
        let before = series.cells().len();
        let fewer = series.thin(200);
        assert!(series.cells().len() <= 200);
        assert_eq!(before - fewer, series.cells().len());
        assert_eq!(series.cells().iter().map(|c| c.lines).sum::<u32>(), 891);
        for time in (0..86_400).step_by(97) {
            assert!(!series.at(time).1, "{time}");
        }
    }

    #[test]
    fn the_commonest_name_is_found_and_never_counted_too_high() {
        let mut top = Top::default();
        for n in 0..3000_u32 {
            top.add(if n % 3 == 0 { 7 } else { 100 + n }, 1);
        }
        let most = top.entries().max_by_key(|(_, count)| *count);
        assert!(matches!(most, Some((7, 1..=1000))), "{most:?}");
    }
}
