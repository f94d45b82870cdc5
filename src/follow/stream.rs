//! A text that comes once: standard input, a pipe, what `journalctl` writes.
//!
//! A thread reads it, so that whoever follows can do something else while nothing comes. Lines are handed on whole;
//! the last ones are kept for what they mean to the lines behind them.

use super::total::Renumbering;
use super::{Look, Total};
use crate::error::Error;
use crate::input::{Ending, MAX_LINE, Position, Stretch};
use crate::pipeline::{self, Copies, Options};
use crate::record::Sink;
use memchr::{memchr, memrchr};
use std::io::{self, Cursor, ErrorKind, Read};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::Builder;
use std::time::Duration;

/// Bytes read at a time.
const BLOCK: usize = 64 * 1024;
/// Blocks that wait; then the writer waits.
const WAITING: usize = 16;
/// Blocks taken together.
const MOST_BLOCKS: usize = 64;
/// So much is kept of a line without end: enough to see that it is too long.
pub(super) const LONGEST: usize = 2 * MAX_LINE;

/// A text that is being written.
#[derive(Debug)]
pub struct Stream {
    name: PathBuf,
    blocks: Receiver<io::Result<Vec<u8>>>,
    /// Whole lines that were read last.
    before: Vec<u8>,
    /// Whole lines to be read, and behind them the begin of one.
    pub(super) waiting: Vec<u8>,
    /// How many bytes of it are whole lines.
    whole: usize,
    /// The begun line is longer than what is kept of it.
    skipping: bool,
    ended: bool,
    failure: Option<io::Error>,
    position: Position,
    copies: Copies,
    total: Total,
}

impl Stream {
    /// Begins to read.
    ///
    /// # Errors
    ///
    /// The system has no thread for it.
    pub fn new(name: &str, reader: impl Read + Send + 'static) -> io::Result<Self> {
        let (to_us, blocks) = sync_channel(WAITING);
        Builder::new().spawn(move || read_blocks(reader, &to_us))?;
        let mut total = Total::default();
        total.place(0, name);
        Ok(Self {
            name: name.into(),
            blocks,
            before: Vec::new(),
            waiting: Vec::new(),
            whole: 0,
            skipping: false,
            ended: false,
            failure: None,
            position: Position::default(),
            copies: Copies::default(),
            total,
        })
    }

    /// Goes on with what a run before knew of copies.
    #[must_use]
    pub fn knowing(self, copies: Copies) -> Self {
        Self { copies, ..self }
    }

    /// Waits so long for something new.
    pub fn look(&mut self, patience: Duration) -> Look {
        let mut patience = patience;
        for _ in 0..MOST_BLOCKS {
            if self.ended {
                break;
            }
            match self.blocks.recv_timeout(patience) {
                Ok(Ok(block)) => self.take(&block),
                Ok(Err(error)) => {
                    self.failure = Some(error);
                    self.ended = true;
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => self.ended = true,
            }
            if self.whole > 0 {
                // What is there already comes along.
                patience = Duration::ZERO;
            }
        }
        match (self.whole, self.ended) {
            (0, true) if self.waiting.is_empty() && self.position.unsettled == 0 => {
                self.fail();
                Look::Ended
            }
            (0, false) => Look::Nothing,
            _ => Look::New,
        }
    }

    fn take(&mut self, mut block: &[u8]) {
        if self.skipping {
            let Some(end) = memchr(b'\n', block) else { return };
            block = block.split_at(end).1;
            self.skipping = false;
        }
        let known = self.waiting.len();
        self.waiting.extend_from_slice(block);
        if let Some(end) = memrchr(b'\n', block) {
            self.whole = known + end + 1;
        }
        if self.waiting.len() - self.whole > LONGEST {
            self.waiting.truncate(self.whole + LONGEST);
            self.skipping = true;
        }
    }

    /// Reads what the last look found.
    pub fn read(&mut self, options: &Options, sink: &mut dyn Sink) {
        let (ending, length) = if self.ended {
            (Ending::Last, self.waiting.len())
        } else {
            (Ending::Open, self.whole)
        };
        let rest = self.waiting.split_off(length);
        let lines = std::mem::replace(&mut self.waiting, rest);
        self.whole = 0;
        let stretch = Stretch {
            name: self.name.clone(),
            before: self.before.clone(),
            reader: Box::new(Cursor::new(lines.clone())),
            from: self.position,
            ending,
        };
        let copies = std::mem::take(&mut self.copies);
        let places = [0];
        let mut sink = Renumbering { places: &places, sink };
        let (outcome, copies) = pipeline::resume_stretch(stretch, copies, options, &mut sink);
        self.copies = copies;
        if let Some(source) = outcome.sources.first() {
            self.position = source.position;
        }
        self.total.add(outcome, &places);
        self.remember(&lines);
        if self.ended {
            self.position.unsettled = 0;
        }
    }

    /// Keeps the last whole lines.
    fn remember(&mut self, lines: &[u8]) {
        self.before.extend_from_slice(lines);
        let surplus = self.before.len().saturating_sub(Stretch::MEMORY);
        if surplus > 0 {
            let begin = self.before.get(surplus - 1..).and_then(|kept| memchr(b'\n', kept));
            self.before.drain(..begin.map_or(self.before.len(), |at| surplus + at));
        }
    }

    fn fail(&mut self) {
        if let Some(source) = self.failure.take() {
            self.total.fail(0, Error::Read { path: self.name.clone(), source });
        }
    }

    /// The line that was read last; empty where there was none, or where it is too long to be kept.
    pub fn last_line(&self) -> &[u8] {
        let lines = self.before.strip_suffix(b"\n").unwrap_or(&self.before);
        lines.rsplit(|byte| *byte == b'\n').next().unwrap_or_default()
    }

    /// The account so far.
    pub fn total(&self) -> &Total {
        &self.total
    }

    /// What a later run needs to know of copies.
    pub fn copies(&self) -> &Copies {
        &self.copies
    }
}

fn read_blocks(mut reader: impl Read, blocks: &SyncSender<io::Result<Vec<u8>>>) {
    let mut room = vec![0; BLOCK];
    loop {
        let block = match reader.read(&mut room) {
            Ok(0) => return,
            Ok(read) => Ok(room.get(..read).unwrap_or_default().to_vec()),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let failed = block.is_err();
        if blocks.send(block).is_err() || failed {
            return;
        }
    }
}
