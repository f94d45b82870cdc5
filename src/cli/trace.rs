//! `mailwhy trace`.

use super::args::{Color, InputArgs};
use super::doubts::tell_missing_files;
use super::filter::FilterArgs;
use super::knowledge::KnowledgeArgs;
use super::reading::{Writes, inputs_of, read};
use super::redact::RedactArgs;
use super::report::problems;
use super::spool::{MOST, Spool};
use super::status::{Status, complain};
use super::terminal::look;
use crate::classify::Judge;
use crate::error::Error;
use crate::i18n::Language;
use crate::input::Input;
use crate::knowledge::Knowledge;
use crate::pipeline::Outcome;
use crate::render::trace::{Telling, render, write_json, write_ndjson};
use crate::trace::{Key, Query, trace};
use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

/// What `mailwhy trace` takes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct TraceArgs {
    /// Queue id, Message-ID, address, domain, client's address or name, or login
    ///
    /// It is compared with whatever it can be: `ann@example.com` with senders, recipients, logins
    /// and Message-IDs; `mx.example.com` with domains, clients and logins; `@example.com` with
    /// domains only. May be left out when a filter says what is looked for; a file that exists is
    /// then taken for the first FILE.
    #[arg(value_name = "KEY")]
    pub key: Option<OsString>,
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub redact: RedactArgs,
    /// Show at most so many messages, the newest, and as many refusals
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub limit: usize,
    /// Show each line as it stands in the log, too
    #[arg(long)]
    pub lines: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = TraceFormat::Text)]
    pub format: TraceFormat,
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// Forms of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TraceFormat {
    /// For people
    Text,
    /// For programs: one document
    Json,
    /// For programs: one object a line for each message and each refusal
    Ndjson,
}

const EXAMPLES: &str = "\
Examples:
  mailwhy trace 4C1D2E3F40 /var/log/mail.log
  mailwhy trace ann@example.com --rotated /var/log/mail.log
  mailwhy trace '<20260105.1@example.net>' --lines /var/log/exim4/mainlog
  mailwhy trace --sender ann@example.com --domain example.net --since -2d /var/log/mail.log
  journalctl -o json | mailwhy trace ann@example.com

Told are the newest messages in which KEY is found and of which the filters select a line, each with
what content filters made of it, its retries and its notifications. The log is read up to four times,
so standard input is kept in a temporary file meanwhile, up to 8 GiB. Only what the log says is told;
what is missing is said. A next hop's queue id is followed where that is this machine or has a
private address. Exit code 1: nothing was found.";

/// Runs the command.
///
/// # Errors
///
/// The user's knowledge, a filter, the key for pseudonyms or standard input cannot be used.
pub(super) fn run(args: &TraceArgs, color: Color, language: Language) -> Result<Status, Error> {
    let judge = Judge::new(args.knowledge.classifier()?);
    let options = args.input.options();
    let filter = args.filter.filter(&options)?;
    let guard = args.redact.guard()?;
    let (key, files) = match what_and_where(args, filter.is_some()) {
        Ok(found) => found,
        Err(complaint) => {
            complain(&complaint);
            return Ok(Status::Failed);
        }
    };
    let query = Query { key, filter, limit: args.limit, raw: args.lines, rewrite: guard.rewrite() };
    let named = inputs_of(&InputArgs { files, ..args.input.clone() });
    let (inputs, spool) = readable_twice(&named)?;
    let (mut found, mut outcome) = trace(&query, &options, judge, |options, sink| {
        read(&args.input, &inputs, options, (sink, Writes::AtTheEnd))
    });
    if let Some(spool) = &spool {
        name_as_typed(&mut outcome, &named, &spool.path());
    }
    guard.filter(&mut found.filter);
    found.files = named.iter().map(|input| input.path().display().to_string()).collect();
    tell_missing_files(&outcome, language);
    let mut status = problems(&outcome);
    if spool.is_some_and(|spool| spool.cut) {
        complain("-: longer than 8 GiB; only its begin was looked through. Name a file instead");
        status = Status::Failed;
    }
    if found.found == 0 && found.refusals_found == 0 {
        status = status.and(Status::No);
    }
    let knowledge = &Knowledge::in_language(language);
    let telling =
        Telling { trace: &found, zone: options.zone, language, knowledge, lines: args.lines };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let written = match args.format {
        TraceFormat::Text => out.write_all(render(telling, look(color)).as_bytes()),
        TraceFormat::Json => write_json(&mut out, telling),
        TraceFormat::Ndjson => write_ndjson(&mut out, telling),
    };
    Ok(status.and(Status::of_output(written.and_then(|()| out.flush()))))
}

/// The key and the files, as the first argument may be either.
fn what_and_where(
    args: &TraceArgs,
    filtered: bool,
) -> Result<(Option<Key>, Vec<OsString>), String> {
    let files = args.input.files.clone();
    let Some(first) = &args.key else {
        return if filtered {
            Ok((None, files))
        } else {
            Err("name what to look for: a KEY, or a filter such as --recipient".to_owned())
        };
    };
    if Path::new(first).is_file() || first == "-" {
        if filtered {
            return Ok((None, std::iter::once(first.clone()).chain(files).collect()));
        }
        if files.is_empty() {
            let name = first.to_string_lossy();
            return Err(format!(
                "{name} is a file: name what to look for before it, `mailwhy trace KEY {name}`"
            ));
        }
    }
    match Key::parse(&first.to_string_lossy()) {
        Some(key) => Ok((Some(key), files)),
        None => Err("the key is empty: name a queue id, an address, a domain, …".to_owned()),
    }
}

/// The inputs, with standard input kept in a file.
fn readable_twice(named: &[Input]) -> Result<(Vec<Input>, Option<Spool>), Error> {
    if !named.contains(&Input::Stdin) {
        return Ok((named.to_vec(), None));
    }
    let spool = Spool::of(std::io::stdin().lock(), MOST)?;
    let place = Input::Path(spool.path());
    let kept = |input: &Input| if *input == Input::Stdin { place.clone() } else { input.clone() };
    Ok((named.iter().map(kept).collect(), Some(spool)))
}

/// Problems with the file that standard input is kept in are problems with standard input.
fn name_as_typed(outcome: &mut Outcome, named: &[Input], place: &Path) {
    for (source, input) in outcome.sources.iter_mut().zip(named) {
        source.name = input.path().display().to_string();
        match &mut source.problem {
            Some(Error::Read { path, .. } | Error::NotAMailLog { path, .. }) if path == place => {
                input.path().clone_into(path);
            }
            _ => {}
        }
    }
}
