//! The one error type of the library. A line that does not parse is never an error: it is counted.

use std::path::PathBuf;

/// What can go wrong: input that cannot be read, and options that make no sense.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that was named cannot be opened or read.
    #[error("{path}: {source}{}", hint(source, path))]
    Read {
        /// The file as the user named it; `-` is standard input.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Output could not be written.
    #[error("cannot write: {0}")]
    Write(#[from] std::io::Error),
    /// A file that was to be written cannot be.
    #[error("cannot write {path}: {source}")]
    WriteFile {
        /// The file as the user named it.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A state is asked for, but there is nothing that can be followed from run to run.
    #[error(
        "--state needs the names of log files, or --journal: standard input cannot be read again"
    )]
    StateOfWhat,
    /// A pipe among other things to be followed.
    #[error(
        "{path}: a pipe or standard input can only be followed alone; name log files, or only this"
    )]
    FollowAlone {
        /// The pipe as the user named it.
        path: PathBuf,
    },
    /// Another run is at work with the same state.
    #[error(
        "{path}: another run of mailwhy is at work with this state; wait for it, or give this one another folder"
    )]
    AnotherRun {
        /// The file that it holds.
        path: PathBuf,
    },
    /// Data, but not one line that a mail log can have.
    #[error(
        "{path}: not a mail log: {}{hint}; \
         name a Postfix or Exim log, for example /var/log/mail.log or /var/log/exim4/mainlog",
        none_of(*lines)
    )]
    NotAMailLog {
        /// The file as the user named it.
        path: PathBuf,
        /// How many lines were read; 0 when the first bytes told enough.
        lines: u64,
        /// What the bytes look like, if known: begins with `; ` where `lines` is not 0.
        hint: &'static str,
    },
    /// A file of ours that cannot be used: a saved digest, a history.
    #[error("{path}: {what}")]
    Saved {
        /// The file as the user named it.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A time zone nobody knows.
    #[error(
        "unknown time zone {0:?}: use `local`, `UTC`, an offset such as `+02:00`, or a name such as \
         `Europe/Berlin`"
    )]
    TimeZone(String),
    /// A key for pseudonyms that can be guessed.
    #[error("the key in {place} is too short: at least {shortest} characters")]
    ShortKey {
        /// File or variable.
        place: String,
        /// The fewest characters.
        shortest: usize,
    },
    /// The system has no random numbers to make a key of.
    #[error("no key for pseudonyms: the system gives no random numbers ({0})")]
    NoRandomness(String),
    /// A filter's value that its option cannot have.
    #[error("invalid value {value:?} for --{option}: use {expected}")]
    Filter {
        /// The option without its dashes.
        option: &'static str,
        /// As typed.
        value: String,
        /// What it can have.
        expected: String,
    },
    /// A comparison of other than two.
    #[error(
        "{given} to compare: give two codes or causes, each quoted if it has a blank: '550 5.1.1' '550 5.7.1'"
    )]
    NotTwo {
        /// How many there are.
        given: usize,
    },
    /// A configuration file that is wrong.
    #[error("{place}: {what}")]
    Config {
        /// File and line.
        place: String,
        /// What is wrong there.
        what: String,
    },
    /// An entry of the knowledge base that is wrong.
    #[error("{file}: {what}")]
    Knowledge {
        /// The data file.
        file: String,
        /// What is wrong with it.
        what: String,
    },
}

/// What is wrong with the lines, where they were looked at.
fn none_of(lines: u64) -> String {
    match lines {
        0 => String::new(),
        1 => "its only line does not begin as a log line does".to_owned(),
        _ => format!("none of its {lines} lines begins as a log line does"),
    }
}

/// What to do about an unreadable file, if the system's word tells.
fn hint(source: &std::io::Error, path: &std::path::Path) -> &'static str {
    match source.kind() {
        std::io::ErrorKind::PermissionDenied => {
            "; read it as root, or as a member of the group that owns it (often `adm` or `systemd-journal`)"
        }
        std::io::ErrorKind::NotFound if path.starts_with("/var/log") => {
            "; hosts without a syslog daemon keep it in the journal: try `journalctl -o json | mailwhy report -`"
        }
        _ => "",
    }
}
