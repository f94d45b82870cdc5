//! `mailwhy diff`: two logs, saved digests or stretches of time of one side by side.

use super::args::{Color, InputArgs};
use super::keep::digest_of;
use super::moment::parse_moment;
use super::range::{Range, parse_range};
use super::status::{Status, complain};
use super::terminal::look;
use crate::digest::{Comparison, Rules, compare};
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use crate::render::{compare as shown, json};
use crate::time::Time;
use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::io::Write;

/// What `mailwhy diff` takes.
#[derive(Debug, Args)]
#[command(
    mut_arg("files", |arg| arg.required(true).help("Two saved digests or logs").long_help(
        "Two saved digests (`report --save`) or logs, the earlier first\n\nWhich is which is told by the \
         content. With --split, or --before and --after, one saved digest, or the files of one log."
    )),
    after_help = "\
Examples:
  mailwhy diff last-week.digest this-week.digest
  mailwhy diff /var/log/mail.log.1 /var/log/mail.log
  mailwhy diff --split 2026-11-20T14:00Z /var/log/mail.log
  mailwhy diff --before 2026-11-02..2026-11-09 --after 2026-11-09..2026-11-16 --rotated /var/log/mail.log

Shares of the traffic are compared, so the two need not be equally long. What counts as a change is
said at the end of the output. Exit code 1 when nothing changed."
)]
pub struct DiffArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Compare what was before this moment with what was after it
    ///
    /// A date, RFC 3339, `yesterday`; UTC where it names no zone. On a full hour (for a saved digest of
    /// days on midnight UTC). A recipient who failed before and after counts before.
    #[arg(long, value_name = "MOMENT", value_parser = parse_moment, allow_hyphen_values = true)]
    pub split: Option<i64>,
    /// Compare this stretch of time with that of --after
    ///
    /// `A..B`: from A on until before B, each as for --split; one of the two may be left out.
    #[arg(long, value_name = "RANGE", value_parser = parse_range, allow_hyphen_values = true,
          requires = "after", conflicts_with = "split")]
    pub before: Option<Range>,
    /// Compare this stretch of time with that of --before
    #[arg(long, value_name = "RANGE", value_parser = parse_range, allow_hyphen_values = true,
          requires = "before", conflicts_with = "split")]
    pub after: Option<Range>,
    /// Least difference: recipients, inbound lines
    #[arg(long, value_name = "N", default_value_t = Rules::default().least)]
    pub least: u64,
    /// Least factor between the two shares
    #[arg(long, value_name = "X", default_value_t = Rules::default().factor)]
    pub factor: f64,
    /// Show the rows that did not change too
    #[arg(long)]
    pub all: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub format: DiffFormat,
}

/// Forms of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people
    Text,
    /// For programs; all rows
    Json,
    /// For tickets
    Markdown,
}

/// Runs the command.
pub(super) fn run(args: &DiffArgs, color: Color, language: Language) -> Status {
    let (comparison, status) = match compared(args) {
        Ok(done) => done,
        Err(status) => return status,
    };
    let knowledge = Knowledge::in_language(language);
    let mut out = std::io::stdout().lock();
    let written = match args.format {
        DiffFormat::Text => {
            let text = shown::text(&comparison, &knowledge, look(color), args.all);
            out.write_all(text.as_bytes())
        }
        DiffFormat::Json => json::write_pretty(&mut out, &comparison),
        DiffFormat::Markdown => {
            out.write_all(shown::markdown(&comparison, &knowledge, args.all).as_bytes())
        }
    };
    let same = if shown::changes(&comparison) == 0 { Status::No } else { Status::Done };
    status.and(same).and(Status::of_output(written.and_then(|()| out.flush())))
}

/// The one thing that is wrong with what was typed.
fn usage<T>(text: &str) -> Result<T, Status> {
    complain(text);
    Err(Status::Failed)
}

fn compared(args: &DiffArgs) -> Result<(Comparison, Status), Status> {
    if !args.factor.is_finite() || args.factor < 1.0 {
        return usage("--factor is a number from 1 on");
    }
    let rules = Rules { least: args.least, factor: args.factor, ..Rules::default() };
    let ranges = match (args.split, args.before, args.after) {
        (Some(at), _, _) => Some(Range::halves(at)),
        (None, Some(before), Some(after)) => Some([before, after]),
        _ => None,
    };
    let files = args.input.files.as_slice();
    if let Some(ranges) = ranges {
        return of_one(args, files, ranges, rules);
    }
    let [one, two] = files else {
        return usage(
            "name two FILEs, or one log with --split MOMENT, or with --before and --after",
        );
    };
    let (a, first) = digest_of(&args.input, std::slice::from_ref(one), "")?;
    let (b, second) = digest_of(&args.input, std::slice::from_ref(two), "")?;
    let (one, two) = (one.to_string_lossy(), two.to_string_lossy());
    Ok((compare((&one, &a), (&two, &b), rules), first.and(second)))
}

/// Two stretches of time of one log.
fn of_one(
    args: &DiffArgs,
    files: &[OsString],
    ranges: [Range; 2],
    rules: Rules,
) -> Result<(Comparison, Status), Status> {
    let [before, after] = ranges;
    if before.overlaps(after) {
        return usage(&format!(
            "{before} and {after} overlap: what is in both would be compared with itself"
        ));
    }
    let (whole, status) = digest_of(&args.input, files, "")?;
    for range in ranges {
        if let Some(moment) = range.inside_a_period(whole.grain) {
            return usage(&format!(
                "{}: the counts are by the {}, so the moment must be the begin of one (UTC)",
                Time::from_parts(moment, 0),
                whole.grain
            ));
        }
        if range.of(&whole).is_empty() {
            let shown = |micros: i64| Time(micros).to_string();
            let told = whole
                .span()
                .map(|(first, last)| format!("it tells of {} to {}", shown(first), shown(last)));
            let told = told.unwrap_or_else(|| "it tells of no time".to_owned());
            return usage(&format!("the log has nothing in {range}: {told}"));
        }
    }
    let file = files.first().map(|file| file.to_string_lossy()).unwrap_or_default();
    let more = if files.len() > 1 { format!(" (+{})", files.len() - 1) } else { String::new() };
    let name = |range: Range| format!("{file}{more} {range}");
    let (a, b) = (before.of(&whole), after.of(&whole));
    Ok((compare((&name(before), &a), (&name(after), &b), rules), status))
}
