//! The reading side: opens one source after another and cuts it into chunks.

use super::Options;
use super::year::YearEvidence;
use crate::error::Error;
use crate::input::{
    Chunk, ChunkReader, Ending, Held, Input, Position, Rest, Resumption, Stretch, hold, open,
    open_rest, seconds_of,
};
use std::collections::VecDeque;
use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::time::SystemTime;

/// One step of reading, in order.
pub(super) enum Job {
    /// A source begins.
    Start(Start),
    /// Its next lines.
    Text(Chunk),
    /// It ended, perhaps before its time.
    End(End),
}

/// How a source ended.
#[derive(Default)]
pub(super) struct End {
    /// Why before its time.
    pub(super) failure: Option<Error>,
    /// Bytes of a last line that was left for the next run; its text was not given, its bytes were counted.
    pub(super) left_for_later: u64,
}

impl From<Error> for End {
    fn from(failure: Error) -> Self {
        Self { failure: Some(failure), left_for_later: 0 }
    }
}

/// What is known of a source before its lines.
pub(super) struct Start {
    pub(super) path: PathBuf,
    pub(super) evidence: YearEvidence,
    /// For the message that it is no mail log.
    pub(super) looks_like: &'static str,
    /// What was read of it before.
    pub(super) resumed: Option<Resumed>,
}

/// What a run before read of a source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resumed {
    pub(super) identity: u32,
    pub(super) from: Position,
    pub(super) goes_on: bool,
}

/// So many files are opened before the first is read; a process may not have many more.
const MAX_HELD: usize = 200;

type AnyReader = Box<dyn Read + Send>;

enum Waiting {
    Input(Held),
    Rest(Rest),
    Stretch(Stretch),
    Reader(PathBuf, AnyReader),
}

enum Current {
    Nothing,
    Source(Source),
    Failed(Error),
}

struct Source {
    reader: ChunkReader<AnyReader>,
    path: PathBuf,
    panic_log: bool,
    /// The bytes of its chunks are those that were read from disk.
    plain: bool,
}

/// All steps of a run.
pub(super) struct Jobs {
    waiting: VecDeque<Waiting>,
    current: Current,
    options: Options,
}

impl Jobs {
    pub(super) fn of_inputs(inputs: &[Input], options: &Options) -> Self {
        let held = inputs.iter().cloned().enumerate().map(|(n, input)| {
            Waiting::Input(if n < MAX_HELD { hold(input) } else { Held::later(input) })
        });
        Self::of(held.collect(), options)
    }

    pub(super) fn of_reader(name: &str, reader: AnyReader, options: &Options) -> Self {
        Self::of([Waiting::Reader(name.into(), reader)].into(), options)
    }

    pub(super) fn of_rests(rests: Vec<Rest>, options: &Options) -> Self {
        Self::of(rests.into_iter().map(Waiting::Rest).collect(), options)
    }

    pub(super) fn of_stretch(stretch: Stretch, options: &Options) -> Self {
        Self::of([Waiting::Stretch(stretch)].into(), options)
    }

    fn of(waiting: VecDeque<Waiting>, options: &Options) -> Self {
        Self { waiting, current: Current::Nothing, options: options.clone() }
    }

    /// Whether the next job may come at any time, or never, as somebody is still writing it.
    pub(super) fn may_wait(&self) -> bool {
        self.waiting.iter().any(|waiting| match waiting {
            Waiting::Input(held) => !held.is_regular(),
            Waiting::Rest(_) => false,
            Waiting::Stretch(_) | Waiting::Reader(..) => true,
        })
    }

    fn begin(&mut self, waiting: Waiting) -> Start {
        let now = self.options.now.unwrap_or_else(|| seconds_of(SystemTime::now()));
        let meter = &self.options.meter;
        let mut resumed = None;
        let (path, opened) = match waiting {
            Waiting::Reader(path, reader) => {
                self.current = self.source(path.clone(), reader, true, Resumption::default());
                let evidence = YearEvidence::only(now);
                return Start { path, evidence, looks_like: "", resumed };
            }
            Waiting::Stretch(Stretch { name, before, reader, from, ending }) => {
                let resumption = Resumption {
                    warm_up: before.len() as u64,
                    inside_a_line: false,
                    goes_on: ending != Ending::Last,
                };
                let reader = Box::new(Cursor::new(before).chain(reader));
                self.current = self.source(name.clone(), reader, true, resumption);
                let goes_on = ending == Ending::Open;
                resumed = Some(Resumed { identity: 0, from, goes_on });
                return Start {
                    path: name,
                    evidence: YearEvidence::only(now),
                    looks_like: "",
                    resumed,
                };
            }
            Waiting::Input(held) => {
                let path = held.path().to_owned();
                (path, open(held, meter).map(|opened| (opened, Resumption::default())))
            }
            Waiting::Rest(rest) => {
                let Rest { identity, from, goes_on, .. } = rest;
                resumed = Some(Resumed { identity, from, goes_on });
                let opened = open_rest(&rest, meter);
                (rest.path, opened)
            }
        };
        match opened {
            Ok((opened, resumption)) => {
                let mut evidence = YearEvidence::only(opened.changed.unwrap_or(now));
                if let Some(file) = opened.plain_file
                    && self.options.year.is_none()
                {
                    evidence.look_into(&file);
                }
                let plain = !opened.packed;
                self.current = self.source(path.clone(), opened.reader, plain, resumption);
                Start { path, evidence, looks_like: opened.looks_like, resumed }
            }
            Err(error) => {
                self.current = Current::Failed(error);
                Start { path, evidence: YearEvidence::only(now), looks_like: "", resumed }
            }
        }
    }

    fn source(
        &self,
        path: PathBuf,
        reader: AnyReader,
        plain: bool,
        resumption: Resumption,
    ) -> Current {
        let panic_log =
            path.file_name().is_some_and(|name| name.to_string_lossy().contains("panic"));
        let reader = ChunkReader::resuming(reader, self.options.chunk_size, resumption);
        Current::Source(Source { reader, path, panic_log, plain })
    }
}

impl Iterator for Jobs {
    type Item = Job;

    fn next(&mut self) -> Option<Job> {
        match std::mem::replace(&mut self.current, Current::Nothing) {
            Current::Failed(error) => Some(Job::End(error.into())),
            Current::Source(mut source) => Some(match source.reader.next_chunk() {
                Some(Ok(mut chunk)) => {
                    chunk.panic_log = source.panic_log;
                    if source.plain {
                        self.options.meter.add(chunk.bytes);
                    }
                    self.current = Current::Source(source);
                    Job::Text(chunk)
                }
                Some(Err(error)) => {
                    Job::End(Error::Read { path: source.path, source: error }.into())
                }
                None => {
                    let left_for_later = source.reader.left_for_later();
                    Job::End(End { left_for_later, ..End::default() })
                }
            }),
            Current::Nothing => {
                let waiting = self.waiting.pop_front()?;
                Some(Job::Start(self.begin(waiting)))
            }
        }
    }
}
