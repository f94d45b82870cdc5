//! What can be typed. No behaviour.

use super::asking::AskArgs;
use super::audit::AuditArgs;
use super::check::CheckArgs;
use super::codes::CodesArgs;
use super::compare::CompareArgs;
use super::config::ConfigArgs;
use super::definitions::{CompletionsArgs, ManArgs};
use super::diff::DiffArgs;
use super::explain::ExplainArgs;
use super::filter::FilterArgs;
use super::history::HistoryArgs;
use super::incidents::IncidentsArgs;
use super::keep::KeepArgs;
use super::knowledge::KnowledgeArgs;
use super::merge::MergeArgs;
use super::queue::QueueArgs;
use super::redact::RedactArgs;
use super::suppress::SuppressArgs;
use super::trace::TraceArgs;
use crate::i18n::Language;
use crate::pipeline::Options;
use crate::render::email;
use crate::render::tables::TableName;
use crate::report::Threshold;
use crate::time::Zone;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

/// Reads Postfix and Exim logs and says why mail was refused, late or lost, whose move it is, and what to do.
#[derive(Debug, Parser)]
#[command(
    name = "mailwhy",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done (an empty log too); 1 the answer is no (nothing known, nothing found); \
                  2 it could not be done, or not wholly (usage, unreadable file, not a mail log)."
)]
pub struct Cli {
    /// Colour in text output
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// Language of the output, `en` or `ru`; else that of the locale
    #[arg(long, global = true, value_parser = language, value_name = "LANG")]
    pub lang: Option<Language>,
    /// Configuration file, instead of /etc/mailwhy.toml and the one in the user's configuration folder
    ///
    /// An empty name means none. `mailwhy config --help` says what can stand in it.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "MAILWHY_CONFIG",
        hide_env_values = true
    )]
    pub config: Option<OsString>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "mailwhy speaks `en` and `ru`".to_owned())
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What was said, how often, and what to do about it
    Report(Box<ReportArgs>),
    /// What went wrong, since when, for whom, and what to do about it
    Incidents(IncidentsArgs),
    /// One record for each log line that carries a reply, a refusal or a delivery attempt
    Events(EventsArgs),
    /// What is still in the queue when the log ends, since when, and why
    Queue(QueueArgs),
    /// Who sends and who receives, and how well that works
    Audit(AuditArgs),
    /// The addresses that no longer deserve mail, with the evidence
    Suppress(SuppressArgs),
    /// Where a message is: its story, from its arrival to what became of each recipient
    Trace(TraceArgs),
    /// What a code, a cause, a reply or a log line means, whose move it is, and what to do
    Explain(ExplainArgs),
    /// What separates two codes or causes, and when to use which
    Compare(CompareArgs),
    /// Whose mistake it is: asks DNS and, with --connect, servers
    Check(Box<CheckArgs>),
    /// The list of all codes
    Codes(CodesArgs),
    /// Two logs, saved digests or spans of one side by side: what is new, gone, up or down
    Diff(DiffArgs),
    /// Digests of several hosts or times added up
    Merge(MergeArgs),
    /// What happened on each day or in each week, from the history that reports keep
    History(HistoryArgs),
    /// What the configuration files say, and which option has which value from where
    Config(ConfigArgs),
    /// Completions for a shell, to its standard place or to `eval`
    Completions(CompletionsArgs),
    /// Manual pages, one a command
    Man(ManArgs),
}

/// Which logs, and how to read them.
#[derive(Clone, Debug, Args)]
pub struct InputArgs {
    /// Log files of Postfix or Exim, also mixed; `-` or nothing is standard input
    ///
    /// Compressed with gzip, bzip2, xz or zstd they are unpacked, whatever their names are; of a
    /// damaged archive what lies before the damage is read.
    ///
    /// Files of one rotation set (`mail.log mail.log.1 mail.log.2.gz`, or with dates) are read
    /// oldest first in whatever order they are given, and so are other files of one host, by their
    /// first stamps; unrelated files in the order given. A file and its archive are read once. Exim's
    /// main and reject log may be given together: an entry that stands in both is counted once.
    #[arg(value_name = "FILE")]
    pub files: Vec<OsString>,
    /// Read each FILE's whole rotation set, or all mail logs of a folder
    ///
    /// A file's set is everything beside it that has its name and a number or a date:
    /// `mail.log.1`, `mail.log.2.gz`, `mainlog.01`, `maillog-20260105`,
    /// `maillog.20260105-101500.gz`, `mail-20260105.log`. Of a folder those sets are read, not
    /// those in folders below it, that are called `mail.log`, `maillog`, `mail`, `postfix.log`,
    /// `mainlog`, `rejectlog`, `paniclog`, `exim_mainlog`, `exim_rejectlog`, `exim_paniclog`,
    /// `main.log`, `reject.log`, `panic.log` or `exim.log`.
    #[arg(long, requires = "files")]
    pub rotated: bool,
    /// Read the journal of systemd instead of files, by `journalctl`
    ///
    /// All messages of the mail facility, or those of the units named with --unit. With --state what is
    /// new since the last run.
    #[arg(long, conflicts_with_all = ["files", "rotated"])]
    pub journal: bool,
    /// A unit of the journal, for example `postfix@-.service`; repeatable, with `*` patterns
    #[arg(long, value_name = "UNIT", requires = "journal")]
    pub unit: Vec<String>,
    /// Year of each file's first line, for time stamps without one
    ///
    /// Without it the year is the one that puts a file's last line at or before the file's
    /// last change (standard input: now). Over New Year the years go on by themselves.
    #[arg(long, value_name = "YYYY", value_parser = clap::value_parser!(i32).range(1971..=9999))]
    pub year: Option<i32>,
    /// Time zone of stamps that name none, and of the times shown
    ///
    /// `local` (this machine's), `UTC`, an offset such as `+02:00`, or a name such as
    /// `Europe/Berlin`.
    #[arg(long, value_name = "ZONE", default_value = "local", allow_hyphen_values = true)]
    pub tz: Zone,
    /// Threads that read, unpack and parse; the result is the same for any number
    ///
    /// As many as there are cores where none is given. What depends on the order of the lines is done by one of them,
    /// or by one more where the input is standard input or a pipe. With 1 there is only one for all.
    #[arg(short = 'j', long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// No progress bar
    ///
    /// Without it one is shown after a second when standard error is a terminal.
    #[arg(long)]
    pub no_progress: bool,
    /// Bytes read at a time; the result is the same for any size
    #[arg(long, hide = true, default_value_t = Options::CHUNK_SIZE, value_name = "BYTES")]
    pub chunk_size: usize,
}

impl InputArgs {
    /// The options of the pipeline.
    pub fn options(&self) -> Options {
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Options {
            threads: self.threads.unwrap_or(cores),
            zone: self.tz,
            year: self.year,
            chunk_size: self.chunk_size,
            ..Options::default()
        }
    }
}

/// `mailwhy report`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mailwhy report /var/log/mail.log
  mailwhy report /var/log/exim4/mainlog /var/log/exim4/rejectlog
  mailwhy report --rotated /var/log/mail.log
  mailwhy report --detail /var/log/mail.log.2.gz
  mailwhy report --format json /var/log/mail.log | jq .mail.fates
  mailwhy report --format html -o mail.html --write json=mail.json /var/log/mail.log
  mailwhy report --format csv --table domains /var/log/mail.log > domains.csv
  mailwhy report --check --limit 5 /var/log/mail.log

What is counted: an attempt is one line about one recipient; a reply is what went over the wire; a
message is a queue id from its arrival to its end, and what a content filter brings back is the same
message. Outbound is what other servers told us, inbound what we told our clients.")]
#[expect(clippy::struct_excessive_bools, reason = "flags that can be typed")]
pub struct ReportArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub redact: RedactArgs,
    /// Rows of each list; 10, in HTML 25, in CSV all that are known
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// Show every code with its texts, and all trouble of our own servers
    #[arg(long)]
    pub detail: bool,
    /// List the shapes of lines that were not understood
    #[arg(long)]
    pub show_unknown: bool,
    /// Form of the output; text if nothing else is asked for
    #[arg(long, value_enum)]
    pub format: Option<ReportFormat>,
    /// The table to write as CSV (causes if not told), or the only one in Markdown
    #[arg(long, value_name = "TABLE", value_parser = table_names())]
    pub table: Option<TableName>,
    /// Write to this file instead of standard output
    ///
    /// The file is whole or not there: it is written under another name and moved to its place.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<OsString>,
    /// Write another form to a file in the same run, for example `html=/var/www/mail.html`; repeatable
    #[arg(long, value_name = "FORMAT=FILE", value_parser = format_and_file)]
    pub write: Vec<(ReportFormat, OsString)>,
    /// Read only what is new since the last run with this folder, and leave there how far it came
    ///
    /// Each FILE is followed through its rotation: renamed, copied, compressed. Messages that are still
    /// in the queue are carried over, so one that arrives today and bounces tomorrow is one message. The
    /// folder is made if it is not there, readable by its owner alone.
    #[arg(long, value_name = "FOLDER")]
    pub state: Option<PathBuf>,
    /// Go on reading as the log grows, and show a live summary
    ///
    /// First everything that is there, then what is written, across rotation (renamed or copied, a file that appears
    /// later) and to a pipe's end; with --journal too. On a terminal one screen is drawn again and again, elsewhere
    /// one line is printed an interval with what was added. Files of --write are written anew each interval. Ctrl-C or
    /// SIGTERM ends it; on a terminal the report follows then.
    #[arg(short, long, conflicts_with_all = ["state", "quiet_ok", "mail_to", "save", "history", "show_unknown", "table", "format", "output"])]
    pub follow: bool,
    /// How often that is shown: `10s`, `5m`; 2 s on a terminal, 60 s elsewhere
    #[arg(long, value_name = "TIME", value_parser = interval, requires = "follow")]
    pub interval: Option<Duration>,
    /// A limit that is worth waking somebody for: exit code 1 if it is passed; repeatable
    ///
    /// A figure, a comparison and a number: `bounce-rate>5%`, `deferred>500`, `delivered<1`. Figures:
    /// bounce-rate (recipients given up), deferral-rate (recipients deferred at least once) and
    /// reject-rate (refusals of refusals and messages received); bounced, expired, deferred, queued
    /// and delivered recipients; messages, rejects, login-failures, trouble (errors of our own server),
    /// unknown-lines, warnings. `cause:NAME` and `code:CODE` count lines: `cause:ip-blocklisted`,
    /// `code:5.7.26>=10`. `incident` and `incident:KIND` count incidents. Without a comparison one is
    /// too many.
    #[arg(long, value_name = "THRESHOLD")]
    pub fail_on: Vec<Threshold>,
    /// No output when no threshold is passed
    #[arg(long, requires = "fail_on")]
    pub quiet_ok: bool,
    /// Send the report by e-mail to this address, through the `sendmail` of this machine
    ///
    /// A name without a domain (`root`) is completed by the mail server. Without `--format` nothing is
    /// printed then; with `--format email` and `--output` the message is written there and not sent.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub mail_to: Option<String>,
    /// The sender of that message
    #[arg(long, value_name = "ADDRESS", value_parser = address, default_value = "mailwhy")]
    pub mail_from: String,
    /// The program that takes the message, called with `-i -t`
    #[arg(long, value_name = "PROGRAM", default_value = "sendmail")]
    pub sendmail: OsString,
    #[command(flatten)]
    pub keep: KeepArgs,
    #[command(flatten)]
    pub asks: ReportAskArgs,
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// What `mailwhy report` asks DNS.
#[derive(Debug, Args)]
pub struct ReportAskArgs {
    /// Ask DNS about the domains and hosts that this log has trouble with, and add the findings
    ///
    /// As `mailwhy check --log` does it, which `mailwhy check --help` explains; without this the report never uses
    /// the network. The exit code is 1 where a finding fails, 2 where nobody could be asked. CSV and Prometheus have
    /// no place for it.
    #[arg(long, help_heading = "Asking DNS")]
    pub check: bool,
    #[command(flatten)]
    pub ask: AskArgs,
}

/// Forms of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people
    Text,
    /// For programs; the same facts, with a schema version
    Json,
    /// One page with everything in it, for a browser: charts, tables, samples, remedies
    Html,
    /// One table with a header line, for spreadsheets and programs; see --table
    Csv,
    /// All tables, for tickets and wikis; see --table
    Markdown,
    /// An e-mail message with a text and an HTML part, for `sendmail -t`
    Email,
    /// Metrics for the textfile collector of the node exporter
    Prometheus,
}

/// The words of [`TableName`], so that help and completions list them.
fn table_names() -> impl TypedValueParser<Value = TableName> {
    let slugs = TableName::ALL.iter().map(|name| name.slug());
    PossibleValuesParser::new(slugs).map(|word| {
        let named = TableName::ALL.iter().find(|name| name.slug() == word);
        named.copied().unwrap_or(TableName::Causes)
    })
}

fn format_and_file(text: &str) -> Result<(ReportFormat, OsString), String> {
    let (format, file) = text.split_once('=').ok_or("write it as FORMAT=FILE")?;
    if file.is_empty() {
        return Err("the name of the file is missing".to_owned());
    }
    Ok((ReportFormat::from_str(format, false)?, file.into()))
}

/// Reads `90`, `90s`, `5m`, `1h`.
fn interval(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, 's')) => (text.get(..at), 1),
        Some((at, 'm')) => (text.get(..at), 60),
        Some((at, 'h')) => (text.get(..at), 3600),
        _ => (Some(text), 1),
    };
    let number = number.and_then(|number| number.parse::<u64>().ok());
    number
        .filter(|number| (1..=86_400).contains(number))
        .map(|number| Duration::from_secs(number * unit))
        .ok_or_else(|| "expected a time from 1 s on, such as 10s or 5m".to_owned())
}

fn address(text: &str) -> Result<String, String> {
    if email::is_address(text) {
        Ok(text.to_owned())
    } else {
        Err("an address is like postmaster@example.com or root".to_owned())
    }
}

/// `mailwhy events`.
#[derive(Debug, Args)]
#[command(after_help = EVENT_FIELDS)]
pub struct EventsArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub redact: RedactArgs,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = EventsFormat::Ndjson)]
    pub format: EventsFormat,
    /// Read only what is new since the last run with this folder, and leave there how far it came
    ///
    /// As for `report`, with a state of its own. Filters are refused with it.
    #[arg(long, value_name = "FOLDER")]
    pub state: Option<PathBuf>,
    /// Go on reading as the log grows: each event comes as soon as its line is there
    ///
    /// First everything that is there, as without this option; then what is written, across rotation (renamed or
    /// copied, a file that appears later) and to a pipe's end. With --journal too. Ctrl-C or SIGTERM ends it. With
    /// --state it goes on where it was, and leaves its place every few seconds. An event is told when its line is
    /// written, so what becomes of the message is in later events.
    #[arg(short, long)]
    pub follow: bool,
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// Forms of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EventsFormat {
    /// One JSON object a line
    Ndjson,
    /// Comma-separated values with a header line
    Csv,
}

const EVENT_FIELDS: &str = "\
Fields (null, in CSV empty, where the line does not say):
  schema                version of these fields: 1
  file, line            the file as named, and the line's number in it, from 1
  time                  RFC 3339, UTC
  host, program         who wrote the line; absent in Exim's own files
  mta                   postfix or exim
  kind                  delivery, postponed (the server did not try), host-reply (told in passing),
                        reject, reject-warning, auth-failure, protocol-violation, limit-exceeded,
                        session-timeout, disposal (put on hold or thrown away), probe
  action                how we refused: reject, milter-reject, proxy-reject, header-reject, …
  direction             outbound (we were the client), inbound (we were the server), local
  origin                who produced the text: remote, ours, nobody (a timeout, DNS)
  stage                 connect ehlo starttls auth mail rcpt data eod other timeout
  disposition           delivered deferred bounced expired rejected discarded held; for probes
                        deliverable undeliverable
  code, class           the reply code as stated in the line, and its first digit
  enhanced              the enhanced status code in the reply
  enhanced_source       reply
  implied_code          what phrase and stage imply where the line states no code, if that is certain
  dsn                   Postfix's own dsn= field, which is not always the peer's code
  mixed_codes           the lines of the reply had different codes
  repeated              a quotation of an earlier reply, no new one
  duplicate             the same entry stood in another log before
  count                 how often (message repeated N times)
  queue_id, sender, recipient, original_recipient, final_recipient
  client_name, client_address, client_port, helo
  relay_host, relay_address, relay_port
  delay, delay_before_queue, delay_in_queue, delay_connect, delay_transmit    seconds
  tls, sasl_user, message_id
  queued_as             the queue id that the next server gave the message
  provider              the receiving provider, by relay host or reply
  cause, detail         why it failed (mailbox-full, ip-blocklisted with the list, …), unknown if
                        nothing tells; basis and rule say what decided; party who must act
                        (sender recipient own-admin remote-admin nobody), hard whether the same
                        message can never get through, retry whether sending again helps
  text                  the reply with its code; without a reply the log's words

Examples:
  mailwhy events /var/log/mail.log | jq -r 'select(.code == 550) | .recipient'
  mailwhy events --format csv /var/log/exim4/mainlog > events.csv";
