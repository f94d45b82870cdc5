//! `mailwhy completions` and `mailwhy man`: made from the definitions of the arguments, so that they cannot be
//! out of date.

use super::args::Cli;
use super::status::Status;
use crate::error::Error;
use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What `mailwhy completions` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mailwhy completions bash > /etc/bash_completion.d/mailwhy
  mailwhy completions zsh > \"${fpath[1]}/_mailwhy\"
  mailwhy completions fish > ~/.config/fish/completions/mailwhy.fish")]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// What `mailwhy man` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mailwhy man | man -l -
  mailwhy man report | man -l -
  mailwhy man --folder /usr/local/share/man/man1")]
pub struct ManArgs {
    /// The page of this command; without one that of the program
    #[arg(value_name = "COMMAND", conflicts_with = "folder")]
    pub of: Option<String>,
    /// Write all pages into this folder, which must be there
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}

/// Writes the completions.
pub(super) fn completions(args: &CompletionsArgs, out: &mut dyn Write) -> Result<Status, Error> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "mailwhy", &mut text);
    out.write_all(&text)?;
    Ok(Status::Done)
}

/// Writes manual pages.
pub(super) fn man(args: &ManArgs, out: &mut dyn Write) -> Result<Status, Error> {
    let pages = pages();
    if let Some(folder) = &args.folder {
        for (name, page) in &pages {
            write_page(folder, name, page)?;
        }
        return Ok(Status::Done);
    }
    let name = args.of.as_ref().map_or_else(|| "mailwhy".to_owned(), |of| format!("mailwhy-{of}"));
    let Some((_, page)) = pages.iter().find(|(known, _)| *known == name) else {
        let names: Vec<_> = pages.iter().filter_map(|(n, _)| n.strip_prefix("mailwhy-")).collect();
        return Err(Error::Config {
            place: "man".to_owned(),
            what: format!("there is no page {name}; commands: {}", names.join(", ")),
        });
    };
    out.write_all(page)?;
    Ok(Status::Done)
}

fn write_page(folder: &Path, name: &str, page: &[u8]) -> Result<(), Error> {
    let path = folder.join(format!("{name}.1"));
    fs::write(&path, page).map_err(|source| Error::Read { path, source })
}

/// The pages by their names, the program's own first.
fn pages() -> Vec<(String, Vec<u8>)> {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let mut pages = vec![("mailwhy".to_owned(), rendered(root.clone()))];
    for command in root.get_subcommands().filter(|command| !command.is_hide_set()) {
        // Building has named them: `mailwhy-report` the page, `mailwhy report` in its synopsis.
        let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
        pages.push((name, rendered(command.clone())));
    }
    pages
}

fn rendered(command: Command) -> Vec<u8> {
    let mut page = Vec::new();
    // A vector takes whatever is written.
    let _ = Man::new(command).render(&mut page);
    page
}
