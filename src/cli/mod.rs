//! The command line: the only code that knows clap, standard output and the environment.
//!
//! Definitions (`args`) and behaviour (one file a command) are apart. To add a command: a file here, a variant
//! in [`args::Command`], an arm in [`run`].

mod args;
mod events;
mod report;
mod status;
mod terminal;

pub use args::Cli;
pub use status::Status;

use args::Command;

/// Runs one command.
pub fn run(cli: Cli) -> Status {
    match cli.command {
        Command::Report(args) => report::run(&args, cli.color),
        Command::Events(args) => events::run(&args),
    }
}
