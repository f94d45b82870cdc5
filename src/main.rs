//! The `mailwhy` program: arguments in, exit code out.

use clap::Parser;
use mailwhy::cli::{Cli, run};
use std::process::ExitCode;

fn main() -> ExitCode {
    run(Cli::parse()).into()
}
