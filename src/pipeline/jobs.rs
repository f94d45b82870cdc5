//! The reading side: opens one source after another and cuts it into chunks.

use super::Options;
use super::year::YearEvidence;
use crate::error::Error;
use crate::input::{Chunk, ChunkReader, Held, Input, hold, open, seconds_of};
use std::collections::VecDeque;
use std::io::Read;
use std::path::PathBuf;
use std::time::SystemTime;

/// One step of reading, in order.
pub(super) enum Job {
    /// A source begins.
    Start(Start),
    /// Its next lines.
    Text(Chunk),
    /// It ended, perhaps before its time.
    End(Option<Error>),
}

/// What is known of a source before its lines.
pub(super) struct Start {
    pub(super) path: PathBuf,
    pub(super) evidence: YearEvidence,
    /// For the message that it is no mail log.
    pub(super) looks_like: &'static str,
}

/// So many files are opened before the first is read; a process may not have many more.
const MAX_HELD: usize = 200;

type AnyReader = Box<dyn Read + Send>;

enum Waiting {
    Input(Held),
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

    fn of(waiting: VecDeque<Waiting>, options: &Options) -> Self {
        Self { waiting, current: Current::Nothing, options: options.clone() }
    }

    fn begin(&mut self, waiting: Waiting) -> Start {
        let now = self.options.now.unwrap_or_else(|| seconds_of(SystemTime::now()));
        let (path, opened) = match waiting {
            Waiting::Reader(path, reader) => {
                self.current = self.source(path.clone(), reader, true);
                return Start { path, evidence: YearEvidence::only(now), looks_like: "" };
            }
            Waiting::Input(held) => (held.path().to_owned(), open(held, &self.options.meter)),
        };
        match opened {
            Ok(opened) => {
                let mut evidence = YearEvidence::only(opened.changed.unwrap_or(now));
                if let Some(file) = opened.plain_file
                    && self.options.year.is_none()
                {
                    evidence.look_into(&file);
                }
                self.current = self.source(path.clone(), opened.reader, !opened.packed);
                Start { path, evidence, looks_like: opened.looks_like }
            }
            Err(error) => {
                self.current = Current::Failed(error);
                Start { path, evidence: YearEvidence::only(now), looks_like: "" }
            }
        }
    }

    fn source(&self, path: PathBuf, reader: AnyReader, plain: bool) -> Current {
        let panic_log =
            path.file_name().is_some_and(|name| name.to_string_lossy().contains("panic"));
        let reader = ChunkReader::new(reader, self.options.chunk_size);
        Current::Source(Source { reader, path, panic_log, plain })
    }
}

impl Iterator for Jobs {
    type Item = Job;

    fn next(&mut self) -> Option<Job> {
        match std::mem::replace(&mut self.current, Current::Nothing) {
            Current::Failed(error) => Some(Job::End(Some(error))),
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
                    Job::End(Some(Error::Read { path: source.path, source: error }))
                }
                None => Job::End(None),
            }),
            Current::Nothing => {
                let waiting = self.waiting.pop_front()?;
                Some(Job::Start(self.begin(waiting)))
            }
        }
    }
}
