//! The course of one thing over time: counts in cells, and who and what was behind them.
//!
//! A cell is a minute in which something happened: 44 bytes. A block is a quarter of an hour of them with names, codes
//! and two lines of the log: about a kilobyte. The watcher bounds how many there are of both (`room.rs`): where a
//! course has too many, neighbours that are alike in rate become one (`thin.rs`), so that quiet days are told
//! coarsely and the minutes in which something begins or ends stay as they are.

use super::names::NOBODY;
use super::thin::{Extent, thin};
use crate::record::Location;
use crate::summary::Sample;

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
    /// Messages that met this for the first time; what the statistics count.
    pub(super) messages: u32,
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

    /// Moves to the cell of a time; says whether it is new.
    fn find(&mut self, time: Seconds) -> bool {
        let after = self.cells.partition_point(|cell| cell.first <= time);
        for near in [after.wrapping_sub(1), after] {
            if self.cells.get(near).is_some_and(|cell| cell.takes(time)) {
                self.at = near;
                return false;
            }
        }
        if self.cells.len() == self.cells.capacity() {
            // By a quarter: there are thousands of courses, and half of the usual doubling would stay empty.
            self.cells.reserve_exact(self.cells.len() / 4 + 2);
        }
        self.cells.insert(after, Cell { first: time, last: time, ..Cell::default() });
        self.at = after;
        true
    }

    /// The cell that a line of that time was counted in, if there is one.
    pub(super) fn known(&mut self, time: Seconds) -> Option<&mut Cell> {
        let after = self.cells.partition_point(|cell| cell.first <= time);
        let near = [after.wrapping_sub(1), after];
        let at =
            near.into_iter().find(|at| self.cells.get(*at).is_some_and(|cell| cell.takes(time)))?;
        self.cells.get_mut(at)
    }

    /// The last cell that begins by that time.
    pub(super) fn before(&mut self, time: Seconds) -> Option<&mut Cell> {
        let after = self.cells.partition_point(|cell| cell.first <= time);
        self.cells.get_mut(after.checked_sub(1)?)
    }

    /// Has at most so many cells afterwards; gives how many there are fewer.
    pub(super) fn thin(&mut self, most: usize) -> usize {
        let fewer = thin(&mut self.cells, most);
        self.cells.shrink_to(most);
        self.at = 0;
        fewer
    }
}

/// The commonest of many names, in little room (Misra and Gries, 1982): counts are never too high.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Top([(u32, u32); Top::MOST]);

impl Top {
    const MOST: usize = 6;

    pub(super) fn add(&mut self, name: u32, count: u32) {
        if name == NOBODY {
            return;
        }
        let mut free = None;
        for (index, (known, sum)) in self.0.iter_mut().enumerate() {
            if *known == name && *sum > 0 {
                *sum = sum.saturating_add(count);
                return;
            }
            if *sum == 0 && free.is_none() {
                free = Some(index);
            }
        }
        if let Some(place) = free.and_then(|index| self.0.get_mut(index)) {
            *place = (name, count);
            return;
        }
        let least = self.0.iter().map(|(_, sum)| *sum).min().unwrap_or(0).min(count);
        for (_, sum) in &mut self.0 {
            *sum -= least;
        }
        if count > least {
            self.add(name, count - least);
        }
    }

    fn forget_singles(&mut self) {
        for (_, sum) in &mut self.0 {
            if *sum == 1 {
                *sum = 0;
            }
        }
    }

    /// Names with their least counts.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.0.iter().copied().filter(|(_, sum)| *sum > 0)
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

/// A line of the log, as long as it may still be shown.
#[derive(Clone, Debug)]
pub(super) struct Quote {
    pub(super) at: Location,
    pub(super) time: Seconds,
    pub(super) text: String,
}

impl Quote {
    /// A longer text is cut.
    pub(super) const LONGEST: usize = 240;

    pub(super) fn new(at: Location, time: Seconds, text: &str) -> Self {
        let mut quote = Self { at, time, text: String::new() };
        quote.write(text);
        quote
    }

    /// Takes over another line.
    pub(super) fn become_line(&mut self, at: Location, time: Seconds, text: &str) {
        (self.at, self.time) = (at, time);
        self.text.clear();
        self.write(text);
    }

    /// Takes over a line that is made of pieces.
    pub(super) fn become_words(
        &mut self,
        at: Location,
        time: Seconds,
        words: std::fmt::Arguments<'_>,
    ) {
        use std::fmt::Write;
        (self.at, self.time) = (at, time);
        self.text.clear();
        // A string takes all that is written to it.
        let _ = self.text.write_fmt(words);
        let end = (0..=self.text.len().min(Self::LONGEST)).rev();
        let end = end.into_iter().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        self.text.truncate(end);
    }

    fn write(&mut self, text: &str) {
        let most = text.len().min(Self::LONGEST);
        let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        self.text.push_str(text.get(..end).unwrap_or(""));
    }
}

/// Who and what was behind some cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    /// Times of its first and last line.
    pub(super) begin: Seconds,
    pub(super) end: Seconds,
    pub(super) lines: u32,
    tops: [Top; 5],
    /// The first line, with what remedies are filled in from; `None` once the block has turned out to be quiet.
    pub(super) first: Option<Box<(Seconds, Sample)>>,
    /// The last line.
    pub(super) last: Option<Box<Quote>>,
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

    /// Nothing of it will be shown.
    fn forget_lines(&mut self) {
        self.first = None;
        self.last = None;
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
        if self.first.is_none() {
            self.first = next.first.take();
        }
        if next.last.is_some() {
            self.last = next.last.take();
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
    pub(super) fn block(&mut self, time: Seconds) -> (&mut Block, bool) {
        let (at, new) = match self.blocks.last() {
            Some(block) if block.takes(time) => (self.blocks.len() - 1, false),
            _ => self.find_block(time),
        };
        #[expect(clippy::indexing_slicing, reason = "found or inserted above")]
        (&mut self.blocks[at], new)
    }

    fn find_block(&mut self, time: Seconds) -> (usize, bool) {
        let after = self.blocks.partition_point(|block| block.begin <= time);
        if let Some(before) = after.checked_sub(1)
            && self.blocks.get(before).is_some_and(|block| block.takes(time))
        {
            return (before, false);
        }
        if let Some(quiet) = self.blocks.last_mut().filter(|b| b.lines < QUIET) {
            quiet.forget_lines();
        }
        if self.blocks.len() == self.blocks.capacity() {
            self.blocks.reserve_exact(self.blocks.len() / 4 + 1);
        }
        self.blocks.insert(after, Block { begin: time, end: time, ..Block::default() });
        (after, true)
    }

    /// Has at most so many blocks afterwards; gives how many there are fewer.
    pub(super) fn thin_blocks(&mut self, most: usize) -> usize {
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

    #[test]
    fn a_quote_is_cut_between_letters() {
        let quote = Quote::new(Location { source: 0, line: 1 }, 0, &"я".repeat(500));
        assert_eq!(quote.text.len(), Quote::LONGEST);
    }
}
