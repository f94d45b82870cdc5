//! Many threads, one order.
//!
//! Whoever is free reads the next job and parses it, and so does the calling thread while no piece is ready for the
//! ordered stage. A fixed order of workers leaves cores idle: the ordered stage takes a third of the whole work, and who
//! shares a core with it gets on more slowly than the others. This way there are as many threads as cores, none of them
//! only waits, and two wake each other once in a thousand lines instead of thrice.
//!
//! Pieces come out of order and are taken in the order in which the jobs were read: for each job, a place where its
//! piece will be is put into a queue while nobody else can read.

use super::batch::{Piece, Worker, parse_job};
use super::jobs::{Job, Jobs};
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::sync::{Arc, Mutex, TryLockError};
use std::thread::{Builder, JoinHandle};

/// So many jobs a thread may be read before the ordered stage has taken the first of them. Fewer, and a worker waits
/// whenever the ordered stage has something longer to do; each is a chunk of text with its parsed lines.
const AHEAD: usize = 4;

/// What is shared: the jobs, and the queue of places where their pieces will be. Whoever holds it waits for nothing but
/// the input.
struct Supply {
    jobs: Jobs,
    places: Sender<Receiver<Piece>>,
}

/// The next piece in order, or where it will be.
enum Next {
    Here(Piece),
    There(Receiver<Piece>),
}

/// Reads and parses in `threads` threads, this one included, and hands each piece to `take` in order, here. Gives the
/// jobs back untouched where one thread is wanted, or the system has none to spare.
pub(super) fn parse_in_turns(
    jobs: Jobs,
    threads: usize,
    worker: &mut Worker,
    take: &mut dyn FnMut(Piece) -> ControlFlow<()>,
) -> Option<Jobs> {
    if threads < 2 {
        return Some(jobs);
    }
    // Who reads what comes in its own time may wait for ever: not here, where pieces are waiting.
    let helps = !jobs.may_wait();
    let (places, queue) = channel();
    let (room, taken) = sync_channel(threads * AHEAD);
    let supply = Arc::new(Mutex::new(Supply { jobs, places }));
    // No worker begins before it is known that there is one.
    let held = supply.lock();
    let handles: Vec<_> = (usize::from(helps)..threads)
        .filter_map(|_| {
            let (supply, room, worker) = (Arc::clone(&supply), room.clone(), worker.clone());
            Builder::new().spawn(move || work(&supply, &room, worker)).ok()
        })
        .collect();
    drop(held);
    if handles.is_empty() {
        return Some(Arc::into_inner(supply)?.into_inner().ok()?.jobs);
    }
    let supply = helps.then_some(supply);
    let (next, ahead) = (VecDeque::new(), threads * AHEAD);
    let mut turns = Turns { supply, worker, queue, taken, next, ahead };
    while let Some(piece) = turns.next() {
        if take(piece).is_break() {
            // A worker may wait for standard input for ever; threads that nobody listens to end by
            // themselves at their next step.
            return None;
        }
    }
    drop(turns);
    handles.into_iter().for_each(join);
    None
}

/// A worker's whole life. It takes up `room` for each job before it reads.
fn work(supply: &Mutex<Supply>, room: &SyncSender<()>, mut worker: Worker) {
    while room.send(()).is_ok() {
        let Some((job, piece)) = next_job(supply) else { return };
        if piece.send(parse_job(job, &mut worker)).is_err() {
            return;
        }
    }
}

/// Reads the next job; `None` at the end, and when nobody waits for pieces any more.
fn next_job(supply: &Mutex<Supply>) -> Option<(Job, SyncSender<Piece>)> {
    // Where another panicked as it read there is nothing to go on with.
    let mut supply = supply.lock().ok()?;
    let job = supply.jobs.next()?;
    let (piece, place) = sync_channel(1);
    supply.places.send(place).ok()?;
    Some((job, piece))
}

/// The calling thread's side.
struct Turns<'w> {
    /// `None` where this thread does not read, or all is read: the queue then ends with the workers.
    supply: Option<Arc<Mutex<Supply>>>,
    worker: &'w mut Worker,
    queue: Receiver<Receiver<Piece>>,
    /// The room that the workers' jobs take up, until their pieces come.
    taken: Receiver<()>,
    /// The begin of the queue, in order; pieces that were parsed here stand in it themselves.
    next: VecDeque<Next>,
    ahead: usize,
}

impl Turns<'_> {
    /// The next piece in order; `None` at the end, or where a worker panicked.
    fn next(&mut self) -> Option<Piece> {
        loop {
            if self.next.is_empty() {
                self.next.extend(self.queue.try_iter().map(Next::There));
            }
            match self.next.pop_front() {
                Some(Next::Here(piece)) => return Some(piece),
                Some(Next::There(place)) => match place.try_recv() {
                    Ok(piece) => return self.came(piece),
                    Err(TryRecvError::Disconnected) => return None,
                    Err(TryRecvError::Empty) => {
                        self.next.push_front(Next::There(place));
                        if !self.parse_one()
                            && let Some(Next::There(place)) = self.next.pop_front()
                        {
                            return self.came(place.recv().ok()?);
                        }
                    }
                },
                None => {
                    if !self.parse_one() && self.next.is_empty() {
                        self.next.push_back(Next::There(self.queue.recv().ok()?));
                    }
                }
            }
        }
    }

    /// A worker's piece: there is room for another.
    fn came(&mut self, piece: Piece) -> Option<Piece> {
        self.taken.recv().ok().map(|()| piece)
    }

    /// Parses a job here, if there is one and nobody else is reading it.
    fn parse_one(&mut self) -> bool {
        let Some(job) = self.read() else { return false };
        let piece = parse_job(job, self.worker);
        self.next.push_back(Next::Here(piece));
        true
    }

    fn read(&mut self) -> Option<Job> {
        if self.next.len() >= self.ahead {
            return None;
        }
        let supply = self.supply.clone()?;
        let held = match supply.try_lock() {
            Err(TryLockError::WouldBlock) if !self.next.is_empty() => return None,
            // With nothing to wait for, this waits until the other has read.
            Err(TryLockError::WouldBlock) => supply.lock().ok(),
            held => held.ok(),
        };
        let job = held.and_then(|mut held| {
            // Nobody adds to the queue now, so what is read here comes behind all that is in it.
            self.next.extend(self.queue.try_iter().map(Next::There));
            held.jobs.next()
        });
        if job.is_none() {
            self.supply = None;
        }
        job
    }
}

/// A thread that panicked must not look like the end of the input.
fn join(handle: JoinHandle<()>) {
    if let Err(panic) = handle.join() {
        std::panic::resume_unwind(panic);
    }
}
