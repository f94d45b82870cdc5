//! What stands between a log and the command that counts it: the filter, which sees the log as it is, and behind it
//! pseudonyms for names.

use super::args::InputArgs;
use super::filter::{FilterArgs, behind};
use super::reading::{Writes, read};
use super::redact::{Guard, RedactArgs};
use crate::error::Error;
use crate::filter::{Filter, FilterTerm};
use crate::input::Input;
use crate::pipeline::{Options, Outcome};
use crate::record::Sink;

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

    /// Runs `work` with a sink that stands before `sink`.
    pub(super) fn before<T>(
        &self,
        sink: &mut dyn Sink,
        work: impl FnOnce(&mut dyn Sink) -> T,
    ) -> T {
        self.guard.before(sink, |sink| behind(self.filter.as_ref(), sink, work))
    }

    /// Reads the inputs into `sink`.
    pub(super) fn read(
        &self,
        args: &InputArgs,
        inputs: &[Input],
        options: &Options,
        (sink, writes): (&mut dyn Sink, Writes),
    ) -> Outcome {
        self.before(sink, |sink| read(args, inputs, options, (sink, writes)))
    }

    /// The filter as the output names it.
    pub(super) fn told(&self) -> Option<Vec<FilterTerm>> {
        let mut terms = self.filter.as_ref()?.told().to_vec();
        self.guard.filter(&mut terms);
        Some(terms)
    }
}
