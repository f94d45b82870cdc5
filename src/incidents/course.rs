//! The course of one thing over time: counts in steps, and who and what was behind them.
//!
//! A course costs 48 bytes for each step in which something happened, and some 350 for each [`BLOCK`] steps in which
//! something did (names, codes, two lines of the log). The watcher bounds how many there are of both, by doubling
//! the step and the block ([`Course::widen`], [`Course::widen_blocks`]).

use super::names::NOBODY;
use crate::record::Location;
use crate::summary::Sample;

/// Seconds since 1970 in 32 bits: enough until 2106, and half the memory.
pub(super) type Seconds = u32;

/// What happened in one step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cell {
    /// The step: seconds since 1970 divided by its width.
    pub(super) step: u32,
    /// Lines.
    pub(super) lines: u32,
    /// Messages that met this for the first time; what the statistics count.
    pub(super) messages: u32,
    /// Recipients that met this for the first time.
    pub(super) recipients: u32,
    /// Of those, who got the message in the end.
    pub(super) recovered: u32,
    /// Of those, who never will.
    pub(super) bounced: u32,
    /// Time of the first line.
    pub(super) first: Seconds,
    /// Time of the last line.
    pub(super) last: Seconds,
    /// Time of the last line about what came in this step; 0 where nothing came later.
    pub(super) tail: Seconds,
    /// The login behind most lines (Boyer and Moore, 1981: never too many), and how much of the step is its doing.
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
        self.first = match (self.first, other.first) {
            (0, first) | (first, 0) => first,
            (a, b) => a.min(b),
        };
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

    /// Takes in the time of a line.
    pub(super) fn see(&mut self, time: Seconds) {
        if self.first == 0 || time < self.first {
            self.first = time;
        }
        self.last = self.last.max(time);
    }
}

/// Cells in the order of their steps. The step asked for is nearly always the last one.
#[derive(Clone, Debug, Default)]
pub(super) struct Series {
    cells: Vec<Cell>,
    last: usize,
}

impl Series {
    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cell of a step, made if it is new (second value).
    pub(super) fn at(&mut self, step: u32) -> (&mut Cell, bool) {
        let mut new = false;
        if self.cells.get(self.last).is_none_or(|cell| cell.step != step) {
            self.last = match self.cells.binary_search_by_key(&step, |cell| cell.step) {
                Ok(at) => at,
                Err(at) => {
                    self.cells.insert(at, Cell { step, ..Cell::default() });
                    new = true;
                    at
                }
            };
        }
        // The line above has made it.
        #[expect(clippy::indexing_slicing, reason = "found or inserted above")]
        (&mut self.cells[self.last], new)
    }

    /// The cell of a step, if there is one.
    pub(super) fn known(&mut self, step: u32) -> Option<&mut Cell> {
        let at = self.cells.binary_search_by_key(&step, |cell| cell.step).ok()?;
        self.cells.get_mut(at)
    }

    /// As [`Self::widen`], where `lines` is a level: that of the later step stays.
    pub(super) fn widen_levels(&mut self) {
        for cell in &mut self.cells {
            cell.step /= 2;
        }
        self.cells.dedup_by(|next, kept| {
            let same = next.step == kept.step;
            if same {
                kept.merge(next);
                kept.lines = next.lines;
            }
            same
        });
        self.last = 0;
    }

    /// Steps of twice the width; gives how many cells there are fewer.
    pub(super) fn widen(&mut self) -> usize {
        let before = self.cells.len();
        for cell in &mut self.cells {
            cell.step /= 2;
        }
        self.cells.dedup_by(|next, kept| {
            let same = next.step == kept.step;
            if same {
                kept.merge(next);
            }
            same
        });
        self.last = 0;
        before - self.cells.len()
    }
}

/// How many steps share one block at first.
pub(super) const BLOCK: u32 = 16;

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
    pub(super) const LONGEST: usize = 300;

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

    fn write(&mut self, text: &str) {
        let most = text.len().min(Self::LONGEST);
        let end = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        self.text.push_str(text.get(..end).unwrap_or(""));
    }
}

/// Who and what was behind some steps.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    /// Step number divided by the steps in a block.
    pub(super) number: u32,
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
        if self.lines == 0 || time < self.begin {
            self.begin = time;
        }
        self.end = self.end.max(time);
        self.lines = self.lines.saturating_add(lines);
    }

    fn merge(&mut self, other: &mut Self) {
        self.begin = self.begin.min(other.begin);
        self.end = self.end.max(other.end);
        self.lines = self.lines.saturating_add(other.lines);
        for (mine, theirs) in self.tops.iter_mut().zip(&other.tops) {
            for (name, count) in theirs.entries() {
                mine.add(name, count);
            }
        }
        if self.first.is_none() {
            self.first = other.first.take();
        }
        if other.last.is_some() {
            self.last = other.last.take();
        }
    }

    /// Nothing of it will be shown.
    pub(super) fn forget_lines(&mut self) {
        self.first = None;
        self.last = None;
    }
}

/// One thing over time.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    pub(super) series: Series,
    pub(super) blocks: Vec<Block>,
    pub(super) lines: u64,
    pub(super) messages: u64,
}

/// A block with fewer lines is quiet: no incident is made of so few.
const QUIET: u32 = 4;

impl Course {
    /// The block of a number, made if it is new (second value).
    pub(super) fn block(&mut self, number: u32) -> (&mut Block, bool) {
        let last = self.blocks.last().map(|block| block.number);
        let (at, new) = if last == Some(number) {
            (self.blocks.len() - 1, false)
        } else {
            match self.blocks.binary_search_by_key(&number, |block| block.number) {
                Ok(at) => (at, false),
                Err(at) => {
                    if let Some(quiet) = self.blocks.last_mut().filter(|b| b.lines < QUIET) {
                        quiet.forget_lines();
                    }
                    self.blocks.insert(at, Block { number, ..Block::default() });
                    (at, true)
                }
            }
        };
        #[expect(clippy::indexing_slicing, reason = "found or inserted above")]
        (&mut self.blocks[at], new)
    }

    /// Blocks of twice the width; gives how many there are fewer.
    pub(super) fn widen_blocks(&mut self) -> usize {
        let before = self.blocks.len();
        for block in &mut self.blocks {
            block.number /= 2;
        }
        self.blocks.dedup_by(|next, kept| {
            let same = next.number == kept.number;
            if same {
                kept.merge(next);
            }
            same
        });
        before - self.blocks.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_steps_lose_no_count_and_keep_the_first_and_last_time() {
        let mut series = Series::default();
        for time in (1000..5000).step_by(7).rev() {
            let (cell, _) = series.at(time / 60);
            cell.lines += 1;
            cell.see(time);
        }
        let lines = |series: &Series| series.cells().iter().map(|c| c.lines).sum::<u32>();
        let (before, fewer) = (lines(&series), series.widen());
        assert_eq!((before, lines(&series)), (572, 572));
        assert!(fewer > 30, "{fewer}");
        assert!(series.cells().is_sorted_by_key(|cell| cell.step));
        assert_eq!(series.cells().first().map(|c| c.first), Some(1000));
        assert_eq!(series.cells().last().map(|c| c.last), Some(4997));
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
