//! The command line: the only code that knows clap, standard output and the environment.
//!
//! Definitions (`args`) and behaviour (one file a command) are apart. To add a command: a file here, a variant
//! in `args::Command`, an arm in [`run`].

mod args;
mod codes;
mod events;
mod explain;
mod incidents;
mod reading;
mod report;
mod status;
mod terminal;

pub use args::Cli;
pub use status::Status;

use crate::error::Error;
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use args::Command;

/// Runs one command.
pub fn run(cli: Cli) -> Status {
    let language = cli.lang.unwrap_or_else(|| Language::of_locale(|name| std::env::var(name).ok()));
    match cli.command {
        Command::Report(args) => report::run(&args, cli.color, language),
        Command::Incidents(args) => incidents::run(&args, cli.color, language),
        Command::Events(args) => events::run(&args),
        Command::Explain(args) => {
            let mut out = std::io::stdout().lock();
            let width = terminal::width().into();
            let mut input = std::io::stdin().lock();
            ended(explain::run(
                &args,
                &Knowledge::in_language(language),
                width,
                &mut input,
                &mut out,
            ))
        }
        Command::Codes(args) => {
            let mut out = std::io::stdout().lock();
            ended(codes::run(
                &args,
                &Knowledge::in_language(language),
                terminal::width().into(),
                &mut out,
            ))
        }
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
