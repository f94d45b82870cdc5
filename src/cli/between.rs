//! What stands between a log and the command that counts it: the filter, which sees the log as it is, and behind it
//! pseudonyms for names.

use super::args::InputArgs;
use super::doubts::Losses;
use super::filter::{FilterArgs, behind};
use super::reading::{Writes, read};
use super::redact::{Guard, RedactArgs};
use crate::error::Error;
use crate::filter::{Filter, FilterTerm};
use crate::i18n::Language;
use crate::input::Input;
use crate::pipeline::{Options, Outcome};
use crate::record::{Judging, Record, Sink};
use crate::report::{Warning, warnings};
use std::ops::ControlFlow;

/// A filter, if there is one, and the guard of names.
pub(super) struct Between {
    /// Which lines are selected.
    pub(super) filter: Option<Filter>,
    /// What names become.
    pub(super) guard: Guard,
}

impl Between {
    /// What the arguments ask for.
    ///
    /// # Errors
    ///
    /// A filter or the key for pseudonyms cannot be used.
    pub(super) fn of(
        filter: &FilterArgs,
        redact: &RedactArgs,
        options: &Options,
    ) -> Result<Self, Error> {
        Ok(Self { filter: filter.filter(options)?, guard: redact.guard()? })
    }

    /// Reads the inputs into `sink`; gives what may make its figures wrong, too.
    pub(super) fn read_and_doubt(
        &self,
        args: &InputArgs,
        inputs: &[Input],
        (options, language): (&Options, Language),
        sink: &mut dyn Sink,
    ) -> (Outcome, Vec<Warning>) {
        let mut losses = Losses::before(sink);
        let mut outcome = self.read(args, inputs, options, (&mut losses, Writes::AtTheEnd));
        self.guard.coverage(&mut outcome.coverage);
        let doubts = warnings(&outcome, losses.lines, language, options.zone);
        (outcome, doubts)
    }

    /// Runs `work` with a sink that stands before `sink`.
    pub(super) fn before<T>(
        &self,
        sink: &mut dyn Sink,
        work: impl FnOnce(&mut dyn Sink) -> T,
    ) -> T {
        self.with_names(sink, None, work)
    }

    /// Reads the inputs into `sink`.
    pub(super) fn read(
        &self,
        args: &InputArgs,
        inputs: &[Input],
        options: &Options,
        (sink, writes): (&mut dyn Sink, Writes),
    ) -> Outcome {
        self.with_names(sink, None, |sink| read(args, inputs, options, (sink, writes)))
    }

    /// Runs `work` with a sink that hands on to `sink`, behind filter and pseudonyms, and to `knowing`, behind the
    /// filter alone: DNS is asked for names, and no pseudonym has an answer.
    pub(super) fn with_names<T>(
        &self,
        sink: &mut dyn Sink,
        knowing: Option<&mut dyn Sink>,
        work: impl FnOnce(&mut dyn Sink) -> T,
    ) -> T {
        self.guard.before(sink, |guarded| match knowing {
            None => behind(self.filter.as_ref(), guarded, work),
            Some(knowing) => {
                let mut both = Both { guarded, knowing };
                behind(self.filter.as_ref(), &mut both, work)
            }
        })
    }

    /// Runs `work` with a sink behind the filter alone, for one that must know names.
    pub(super) fn knowing<T>(
        &self,
        sink: &mut dyn Sink,
        work: impl FnOnce(&mut dyn Sink) -> T,
    ) -> T {
        behind(self.filter.as_ref(), sink, work)
    }

    /// The filter as the output names it.
    pub(super) fn told(&self) -> Option<Vec<FilterTerm>> {
        let mut terms = self.filter.as_ref()?.told().to_vec();
        self.guard.filter(&mut terms);
        Some(terms)
    }
}

/// Two sinks; the first decides when it is enough, and whose verdicts come along.
struct Both<'s> {
    guarded: &'s mut dyn Sink,
    knowing: &'s mut dyn Sink,
}

impl Sink for Both<'_> {
    fn judging(&self) -> Option<Judging> {
        self.guarded.judging()
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        // It is never the one that has had enough.
        let _ = self.knowing.record(record);
        self.guarded.record(record)
    }
}
