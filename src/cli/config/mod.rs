//! The configuration file, and `mailwhy config`, which shows what it makes of each option.
//!
//! ```text
//! file.rs: files ─► entries      apply.rs: entries + definitions ─► arguments      here: both, and the command
//! ```

mod apply;
mod file;

use super::args::Cli;
use super::status::Status;
use crate::error::Error;
use clap::{ArgMatches, Args, Command, CommandFactory, FromArgMatches};
use file::{Entry, Source};
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::Write;

/// What `mailwhy config` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Options stand in the file under their own names, those of one command in its table:

  lang = \"ru\"                # for every command that has it
  tz = \"Europe/Berlin\"

  [report]
  files = [\"/var/log/mail.log\"]
  rotated = true
  top = 20

What is typed wins; a command's table wins over the top of the file, the file of the user over that of
the machine. Files: /etc/mailwhy.toml, then $XDG_CONFIG_HOME/mailwhy/config.toml (else
~/.config/mailwhy/config.toml); with --config FILE (or MAILWHY_CONFIG) that one only, with an empty
name none.")]
pub struct ConfigArgs {
    /// Show every option of this command, with its default where no file sets it
    #[arg(value_name = "COMMAND")]
    pub of: Option<String>,
}

/// What was typed and what was written, put together.
pub(super) struct Settings {
    /// All arguments.
    pub(super) cli: Cli,
    sources: Vec<Source>,
    entries: Vec<Entry>,
}

/// Why there are no settings.
pub(super) enum Unusable {
    /// clap's word: wrong usage, but also `--help` and `--version`.
    Usage(clap::Error),
    /// The configuration file is wrong.
    Config(Error),
}

/// Parses the arguments and completes them from the configuration.
///
/// # Errors
///
/// Wrong usage, `--help` and `--version`, and configuration files that are wrong.
pub(super) fn settings(
    arguments: &[OsString],
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Settings, Unusable> {
    let mut command = Cli::command();
    command.build();
    // What is missing in what was typed, the file may have.
    let mut lenient = command.clone().ignore_errors(true);
    let matches = lenient.try_get_matches_from_mut(arguments).map_err(Unusable::Usage)?;
    let named = matches.get_one::<OsString>("config").map(OsString::as_os_str);
    let (sources, entries) = read(named, variable, &command).map_err(Unusable::Config)?;
    let completed = apply::complete(arguments, &entries, &command, &matches);
    let cli = match parse(&completed, &mut command) {
        Ok(cli) => cli,
        // What was typed alone is right, so the file is not.
        Err(error) => match parse(arguments, &mut command) {
            Ok(_) => return Err(Unusable::Config(not_together(&sources, &error))),
            Err(error) => return Err(Unusable::Usage(error)),
        },
    };
    Ok(Settings { cli, sources, entries })
}

fn read(
    named: Option<&OsStr>,
    variable: impl Fn(&str) -> Option<OsString>,
    command: &Command,
) -> Result<(Vec<Source>, Vec<Entry>), Error> {
    let (sources, entries) = file::read(named, variable)?;
    apply::check(&entries, command)?;
    Ok((sources, entries))
}

fn parse(arguments: &[OsString], command: &mut Command) -> Result<Cli, clap::Error> {
    let matches: ArgMatches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches)
}

/// clap's words without its usage, which is about the command line.
fn not_together(sources: &[Source], error: &clap::Error) -> Error {
    let files: Vec<_> =
        sources.iter().filter(|s| s.found).map(|s| s.path.display().to_string()).collect();
    let text = error.to_string();
    let what = text.lines().next().unwrap_or("").trim_start_matches("error: ").to_owned();
    Error::Config { place: files.join(", "), what }
}

/// Runs the command.
pub(super) fn run(
    args: &ConfigArgs,
    settings: &Settings,
    out: &mut dyn Write,
) -> Result<Status, Error> {
    let mut cli = Cli::command();
    cli.build();
    let mut text = String::new();
    for source in &settings.sources {
        let absent = if source.found { "" } else { " (not there)" };
        let _ = writeln!(text, "# {}{absent}", source.path.display());
    }
    match &args.of {
        Some(name) => {
            let Some(command) = cli.find_subcommand(name) else {
                let names: Vec<_> = cli.get_subcommands().map(Command::get_name).collect();
                return Err(Error::Config {
                    place: "config".to_owned(),
                    what: format!("there is no command `{name}`; commands: {}", names.join(", ")),
                });
            };
            show_command(&mut text, &settings.entries, command);
        }
        None => show_entries(&mut text, &settings.entries),
    }
    out.write_all(text.as_bytes())?;
    Ok(Status::Done)
}

/// The entries that are in force, as a file that could replace all that were read.
fn show_entries(text: &mut String, entries: &[Entry]) {
    let mut tables: Vec<Option<&str>> = entries.iter().map(|e| e.table.as_deref()).collect();
    tables.sort_unstable();
    tables.dedup();
    for table in tables {
        if let Some(name) = table {
            let _ = writeln!(text, "\n[{name}]");
        }
        let of_table: Vec<_> = entries.iter().filter(|e| e.table.as_deref() == table).collect();
        for (at, entry) in of_table.iter().enumerate() {
            let later = of_table.iter().skip(at + 1).any(|other| other.key == entry.key);
            let _ = if later {
                writeln!(text, "# {}    # {}, set again below", line(entry), entry.place())
            } else {
                writeln!(text, "{}    # {}", line(entry), entry.place())
            };
        }
    }
}

/// Every option of a command, those that no file sets as comments.
fn show_command(text: &mut String, entries: &[Entry], command: &Command) {
    let _ = writeln!(text, "\n[{}]", command.get_name());
    for arg in apply::arguments_of(command).filter(|arg| !arg.is_hide_set()) {
        let Some(key) = apply::key_of(arg) else { continue };
        if let Some(entry) = apply::deciding(entries, command.get_name(), arg) {
            let _ = writeln!(text, "{}    # {}", line(entry), entry.place());
            continue;
        }
        let values: Vec<_> =
            arg.get_default_values().iter().map(|value| quoted(&value.to_string_lossy())).collect();
        let value = match (values.is_empty(), arg.get_action().takes_values()) {
            (_, false) => "false".to_owned(),
            (true, true) => "(none)".to_owned(),
            (false, true) => values.join(", "),
        };
        let _ = writeln!(text, "# {key} = {value}    # default");
    }
}

fn line(entry: &Entry) -> String {
    let value = match &entry.value {
        file::Value::Switch(on) => on.to_string(),
        file::Value::Words(words) => match words.as_slice() {
            [word] => quoted(word),
            words => {
                format!("[{}]", words.iter().map(|w| quoted(w)).collect::<Vec<_>>().join(", "))
            }
        },
    };
    format!("{} = {value}", entry.key)
}

/// A TOML value: numbers as they are, everything else as a basic string.
fn quoted(word: &str) -> String {
    if word.parse::<i64>().is_ok() { word.to_owned() } else { toml::Value::from(word).to_string() }
}
