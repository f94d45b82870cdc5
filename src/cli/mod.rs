//! The command line: the only code that knows clap, standard output and the environment.
//!
//! Definitions (`args`) and behaviour (one file a command) are apart. To add a command: a file here, a variant
//! in `args::Command`, an arm in [`run`].

mod args;
mod asking;
mod audit;
mod between;
mod check;
mod codes;
mod compare;
mod config;
mod definitions;
mod diff;
mod doubts;
mod events;
mod explain;
mod filter;
mod follow;
mod history;
mod incidents;
mod incremental;
mod journal;
mod keep;
mod knowledge;
mod live;
mod merge;
mod moment;
mod output;
mod queue;
mod range;
mod reading;
mod redact;
mod report;
mod sending;
mod spool;
mod status;
mod suppress;
mod terminal;
mod trace;

pub use args::Cli;
pub use status::Status;

use crate::error::Error;
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use args::Command;
use config::{Settings, Unusable};
use std::ffi::OsString;

/// Runs the program with these arguments, the first of which is its own name.
pub fn run(arguments: &[OsString]) -> Status {
    match config::settings(arguments, |name| std::env::var_os(name)) {
        Ok(settings) => run_command(&settings),
        Err(Unusable::Config(error)) => {
            status::complain(&error.to_string());
            Status::Failed
        }
        Err(Unusable::Usage(error)) => {
            // Nothing can be done if even this cannot be written.
            let _ = error.print();
            if error.use_stderr() { Status::Failed } else { Status::Done }
        }
    }
}

/// Runs one command.
fn run_command(settings: &Settings) -> Status {
    let cli = &settings.cli;
    let language = cli.lang.unwrap_or_else(|| Language::of_locale(|name| std::env::var(name).ok()));
    let knowledge = || Knowledge::in_language(language);
    let width = || terminal::width().into();
    let mut out = std::io::stdout().lock();
    match &cli.command {
        Command::Report(args) => {
            drop(out);
            ended(report::run(args, cli.color, language))
        }
        Command::Incidents(args) => {
            drop(out);
            ended(incidents::run(args, cli.color, language))
        }
        Command::Events(args) => {
            drop(out);
            ended(events::run(args))
        }
        Command::Queue(args) => {
            drop(out);
            ended(queue::run(args, cli.color, language))
        }
        Command::Audit(args) => {
            drop(out);
            ended(audit::run(args, cli.color, language))
        }
        Command::Suppress(args) => {
            drop(out);
            ended(suppress::run(args, cli.color, language))
        }
        Command::Diff(args) => {
            drop(out);
            diff::run(args, cli.color, language)
        }
        Command::History(args) => {
            drop(out);
            history::run(args, cli.color, language, moment::now())
        }
        Command::Merge(args) => {
            drop(out);
            merge::run(args, cli.color, language)
        }
        Command::Trace(args) => {
            drop(out);
            ended(trace::run(args, cli.color, language))
        }
        Command::Explain(args) => {
            let mut input = std::io::stdin().lock();
            ended(explain::run(args, &knowledge(), width(), &mut input, &mut out))
        }
        Command::Compare(args) => ended(compare::run(args, &knowledge(), width(), &mut out)),
        Command::Check(args) => ended(check::run(args, &knowledge(), width(), &mut out)),
        Command::Codes(args) => ended(codes::run(args, &knowledge(), width(), &mut out)),
        Command::Config(args) => ended(config::run(args, settings, &mut out)),
        Command::Completions(args) => ended(definitions::completions(args, &mut out)),
        Command::Man(args) => ended(definitions::man(args, &mut out)),
    }
}

/// An error of a command that writes as it goes; a closed pipe is a quiet end.
fn ended(result: Result<Status, Error>) -> Status {
    match result {
        Ok(status) => status,
        Err(Error::Write(error)) => Status::of_output(Err(error)),
        Err(error) => {
            status::complain(&error.to_string());
            Status::Failed
        }
    }
}
