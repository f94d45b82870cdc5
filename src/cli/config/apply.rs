//! From the entries of configuration files to arguments: an option in a file means what it means on the command
//! line, because it goes through the same definitions.
//!
//! What was typed wins over what was written. There is no list of options here: names are looked up in clap's
//! own definitions, so a new option can be configured as soon as it is there.

use super::file::{Entry, Value};
use crate::error::Error;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::ffi::OsString;

/// The name of a command's file arguments in a configuration file.
const FILES: &str = "files";
/// Options that a file cannot set.
const NOT_HERE: [&str; 3] = ["config", "help", "version"];

/// Checks every entry, also those of other commands: a typing error is found when it is made, not when it is
/// needed.
///
/// # Errors
///
/// The first entry whose table or key nobody knows, or whose value cannot be one.
pub(super) fn check(entries: &[Entry], cli: &Command) -> Result<(), Error> {
    for entry in entries {
        let wrong = |what: String| Error::Config { place: entry.place(), what };
        let arg = match &entry.table {
            Some(table) => {
                let Some(command) = cli.find_subcommand(table) else {
                    let names = cli.get_subcommands().map(Command::get_name);
                    return Err(wrong(unknown("command", table, names)));
                };
                argument(command, &entry.key)
                    .ok_or_else(|| wrong(unknown("option", &entry.key, names_of(command))))?
            }
            None => cli
                .get_subcommands()
                .find_map(|command| argument(command, &entry.key))
                .ok_or_else(|| {
                    let all = cli.get_subcommands().flat_map(names_of);
                    wrong(unknown("option", &entry.key, all))
                })?,
        };
        match (&entry.value, is_flag(arg)) {
            (Value::Switch(_), false) => {
                return Err(wrong(format!("`{}` needs a value, not true or false", entry.key)));
            }
            (Value::Words(_), true) => {
                return Err(wrong(format!("`{}` is on or off: write true or false", entry.key)));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The arguments with those of the entries that were not typed: options behind the command's name, files at the
/// end.
pub(super) fn complete(
    arguments: &[OsString],
    entries: &[Entry],
    cli: &Command,
    matches: &ArgMatches,
) -> Vec<OsString> {
    let Some((name, typed)) = matches.subcommand() else { return arguments.to_vec() };
    let Some(command) = cli.find_subcommand(name) else { return arguments.to_vec() };
    let (mut options, mut files) = (Vec::new(), Vec::new());
    for (arg, value) in in_force(entries, command) {
        if was_typed(typed, arg) {
            continue;
        }
        match (value, arg.get_long()) {
            (Value::Switch(on), Some(long)) => {
                options.extend(on.then(|| OsString::from(format!("--{long}"))));
            }
            (Value::Words(words), Some(long)) => {
                options.extend(words.iter().map(|word| OsString::from(format!("--{long}={word}"))));
            }
            (Value::Words(words), None) => files.extend(words.iter().map(OsString::from)),
            (Value::Switch(_), None) => {}
        }
    }
    let mut all = arguments.to_vec();
    // The first word that is the command's name: before it only global options can stand, and none of them has
    // a value that is the name of a command.
    let behind =
        arguments.iter().skip(1).position(|word| word == name).map_or(all.len(), |at| at + 2);
    all.splice(behind..behind, options);
    if !files.is_empty() && !arguments.iter().any(|word| word == "--") {
        all.push("--".into());
    }
    all.extend(files);
    all
}

/// The entries that count for a command, one for each of its options: the command's own table before the top,
/// the later file before the earlier.
fn in_force<'a>(
    entries: &'a [Entry],
    command: &'a Command,
) -> impl Iterator<Item = (&'a Arg, &'a Value)> {
    arguments_of(command).filter_map(move |arg| {
        deciding(entries, command.get_name(), arg).map(|entry| (arg, &entry.value))
    })
}

/// The entry that decides about an option of a command.
pub(super) fn deciding<'a>(entries: &'a [Entry], command: &str, arg: &Arg) -> Option<&'a Entry> {
    let key = key_of(arg)?;
    let of = |table: Option<&str>| {
        entries.iter().rev().find(|entry| entry.key == key && entry.table.as_deref() == table)
    };
    of(Some(command)).or_else(|| of(None))
}

fn was_typed(typed: &ArgMatches, arg: &Arg) -> bool {
    let id = arg.get_id().as_str();
    typed.try_contains_id(id).is_ok()
        && typed.value_source(id).is_some_and(|source| source != ValueSource::DefaultValue)
}

fn argument<'a>(command: &'a Command, key: &str) -> Option<&'a Arg> {
    arguments_of(command).find(|arg| key_of(arg) == Some(key))
}

/// The arguments that a file can set; a command has the global ones too, once it is built.
pub(super) fn arguments_of(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| key_of(arg).is_some_and(|key| !NOT_HERE.contains(&key)))
}

/// What an argument is called in a file: as its long option, or [`FILES`].
pub(super) fn key_of(arg: &Arg) -> Option<&str> {
    arg.get_long().or_else(|| (arg.get_id() == FILES).then_some(FILES))
}

fn names_of(command: &Command) -> impl Iterator<Item = &str> {
    arguments_of(command).filter_map(key_of)
}

fn is_flag(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::SetTrue | ArgAction::SetFalse | ArgAction::Count)
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let near = known
        .map(|other| (strsim::jaro_winkler(name, other), other))
        .filter(|(nearness, _)| *nearness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)));
    let hint = near.map_or(String::new(), |(_, other)| format!("; did you mean `{other}`?"));
    format!("there is no {what} `{name}`{hint}")
}
