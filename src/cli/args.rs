//! What can be typed. No behaviour.

use super::codes::CodesArgs;
use super::explain::ExplainArgs;
use super::incidents::IncidentsArgs;
use crate::i18n::Language;
use crate::pipeline::Options;
use crate::time::Zone;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::num::NonZeroUsize;

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
    Report(ReportArgs),
    /// What went wrong, since when, for whom, and what to do about it
    Incidents(IncidentsArgs),
    /// One record for each log line that carries a reply, a refusal or a delivery attempt
    Events(EventsArgs),
    /// What a code, a reply or a log line means, and what to do first
    Explain(ExplainArgs),
    /// The list of all codes
    Codes(CodesArgs),
}

/// Which logs, and how to read them.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// Log files of Postfix or Exim, also mixed; `-` or nothing is standard input
    ///
    /// Compressed with gzip, bzip2, xz or zstd they are unpacked, whatever their names are; of a
    /// damaged archive what lies before the damage is read.
    ///
    /// Files of one rotation set (`mail.log mail.log.1 mail.log.2.gz`, or with dates) are read
    /// oldest first in whatever order they are given; unrelated files in the order given. A file
    /// and its archive are read once. Exim's main and reject log may be given together: an entry
    /// that stands in both is counted once.
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
    /// Threads that parse; the result is the same for any number
    ///
    /// One more reads and unpacks beside them. With 1 there is only one for all.
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

What is counted: an attempt is one line about one recipient; a reply is what went over the wire; a
message is a queue id from its arrival to its end, and what a content filter brings back is the same
message. Outbound is what other servers told us, inbound what we told our clients.")]
pub struct ReportArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Rows of each list
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// Show every code with its texts, and all trouble of our own servers
    #[arg(long)]
    pub detail: bool,
    /// List the shapes of lines that were not understood
    #[arg(long)]
    pub show_unknown: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
}

/// Forms of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people
    Text,
    /// For programs; the same facts, with a schema version
    Json,
}

/// `mailwhy events`.
#[derive(Debug, Args)]
#[command(after_help = EVENT_FIELDS)]
pub struct EventsArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = EventsFormat::Ndjson)]
    pub format: EventsFormat,
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
