//! `mailwhy history`: what the history tells, shown and exported.

use super::args::Color;
use super::moment::parse_moment;
use super::status::{Status, complain};
use super::terminal::look;
use crate::digest::{Digest, DirectionView, Grain, MailView, View, view};
use crate::error::Error;
use crate::history::{History, Opened};
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use crate::render::{history as shown, json};
use crate::time::Time;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What `mailwhy history` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mailwhy history /var/lib/mailwhy/history
  mailwhy history --by week --since 2026-09-01 /var/lib/mailwhy/history
  mailwhy history --format csv /var/lib/mailwhy/history > history.csv

A history is made by `mailwhy report --history FILE`. It has counts by hour, and by day when they are
older than 70 days; no addresses, no texts. All times are UTC.")]
pub struct HistoryArgs {
    /// The history
    #[arg(value_name = "FILE")]
    pub history: PathBuf,
    /// From this moment on: a date, RFC 3339, `yesterday`, `-30d`; UTC where it names no zone
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment, allow_hyphen_values = true)]
    pub since: Option<i64>,
    /// Until before this moment
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment, allow_hyphen_values = true)]
    pub until: Option<i64>,
    /// Length of a period
    #[arg(long, value_enum, default_value_t = By::Day)]
    pub by: By,
    /// Only what this host logged
    #[arg(long, value_name = "NAME")]
    pub of_host: Option<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = HistoryFormat::Text)]
    pub format: HistoryFormat,
}

/// Length of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Days
    Day,
    /// Weeks, from Monday
    Week,
}

/// Forms of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HistoryFormat {
    /// For people: a row a period
    Text,
    /// For programs: each period added up
    Json,
    /// For programs: every count
    Csv,
}

#[derive(Serialize)]
struct Shown<'a> {
    schema: u32,
    generator: String,
    by: Grain,
    periods: Vec<Period<'a>>,
}

#[derive(Serialize)]
struct Period<'a> {
    begin: String,
    hosts: Vec<&'a str>,
    mail: &'a MailView,
    notifications: &'a MailView,
    directions: &'a [DirectionView],
}

impl<'a> Period<'a> {
    fn of((begin, view): &'a (i64, View)) -> Self {
        Self {
            begin: Time::from_parts(*begin, 0).to_string(),
            hosts: view.hosts.iter().map(|host| host.host.as_str()).collect(),
            mail: &view.mail,
            notifications: &view.notifications,
            directions: &view.directions,
        }
    }
}

/// Opens a history and says when a damaged one was set aside.
pub(super) fn told(opened: Result<Opened, Error>, path: &Path) -> Result<History, Status> {
    match opened {
        Ok(Opened { history, set_aside: None }) => Ok(history),
        Ok(Opened { history, set_aside: Some(aside) }) => {
            complain(&format!(
                "{}: the history was damaged; it is now {}, and a new one is begun",
                path.display(),
                aside.display()
            ));
            Ok(history)
        }
        Err(error) => {
            complain(&error.to_string());
            Err(Status::Failed)
        }
    }
}

/// Runs the command. No period at all is the answer no.
pub(super) fn run(args: &HistoryArgs, color: Color, language: Language, now: i64) -> Status {
    let path = &args.history;
    let digest = told(History::open_existing(path, now), path).and_then(|history| {
        history.digest(args.since, args.until).map_err(|error| {
            complain(&error.to_string());
            Status::Failed
        })
    });
    let digest = match digest {
        Ok(digest) => digest,
        Err(status) => return status,
    };
    let by = if args.by == By::Day { Grain::Day } else { Grain::Week };
    let digest = match &args.of_host {
        Some(host) => digest.of_host(host),
        None => digest,
    };
    let digest = digest.coarser(by);
    let periods = periods_of(&digest, by);
    let mut out = std::io::stdout().lock();
    let written = match args.format {
        HistoryFormat::Text => {
            let knowledge = Knowledge::in_language(language);
            let text = shown::text(&periods, &view(&digest), &knowledge, look(color));
            out.write_all(text.as_bytes())
        }
        HistoryFormat::Json => {
            let shown = Shown {
                schema: 1,
                generator: format!("mailwhy {}", env!("CARGO_PKG_VERSION")),
                by,
                periods: periods.iter().map(Period::of).collect(),
            };
            json::write_pretty(&mut out, &shown)
        }
        HistoryFormat::Csv => shown::csv(&digest, &mut out),
    };
    let found = if periods.is_empty() { Status::No } else { Status::Done };
    found.and(Status::of_output(written.and_then(|()| out.flush())))
}

/// Each period added up.
fn periods_of(digest: &Digest, by: Grain) -> Vec<(i64, View)> {
    let length = by.seconds().unwrap_or(0);
    let one = |begin: i64| (begin, view(&digest.between(Some(begin), Some(begin + length))));
    digest.periods().into_iter().map(one).collect()
}
