//! `mailwhy audit`.

use super::args::{Color, InputArgs};
use super::between::Between;
use super::doubts::tell;
use super::filter::FilterArgs;
use super::knowledge::KnowledgeArgs;
use super::reading::inputs_of;
use super::redact::RedactArgs;
use super::report::problems;
use super::status::Status;
use super::terminal::look;
use crate::audit::{Collector, View, Wanted};
use crate::classify::Judge;
use crate::error::Error;
use crate::i18n::Language;
use crate::render::{audit, json};
use clap::{Args, ValueEnum};
use std::io::{BufWriter, Write};

/// `mailwhy audit`.
#[derive(Debug, Args)]
#[command(after_help = "\
What is counted: recipients, each once in each view, when their message ends or the log does. The sums of \
a view are the totals, and the totals are those of the report's mail section: our own notifications apart, \
what a content filter brought back counted once and for where it came from first.

  messages       in views by recipient those with at least one such recipient; bytes are theirs
  accepted       by the next server, or stored here; late: after at least one deferral
  hard_bounced   given up with a cause that does not pass (an unknown address)
  soft_bounced   given up with a cause that may pass (a full mailbox), or after the queue lifetime
  blocked        given up because of our reputation: ip-blocklisted, provider-blocked,
                 domain-blocklisted; of who expired by the cause that the last attempt failed with
  queued         still in the queue when the log ends
  other          on hold, thrown away, removed by hand, or lost sight of
  bounce_rate    given up / (given up + accepted)
  delay          of accepted recipients, from arrival to acceptance: Postfix delay=, Exim QT=,
                 else by the time stamps; median and 95th percentile, right within 3.2 %
  before_queue, in_queue, connecting, sending
                 shares of the sum of all delay (Postfix delays=a/b/c/d); the first two are ours.
                 Time in a content filter is before_queue. Of Exim only DT= is known: sending
                 with connecting; the rest is in_queue
  tls            of tls_known: recipients that other servers accepted where the log tells whether
                 TLS was used (Exim X=; Postfix only where its delivery lines have tls=)

Worst first: by how many recipients more were given up or still wait than there would be by the share of \
all mail in the log, so that one bad of one does not go before 400 bad of 1000, and nobody is bad by being \
large. Sender and recipient domains are those of the \
envelope; `<>` is the null sender; the provider is who answered last, by its host or its words. Each view \
tells 8192 names apart exactly; beyond that the larger ones are kept, and the error is shown.

Examples:
  mailwhy audit /var/log/mail.log
  mailwhy audit --by user --by client --top 30 /var/log/mail.log
  mailwhy audit --by recipient-domain --min-recipients 100 --format csv /var/log/mail.log")]
pub struct AuditArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub redact: RedactArgs,
    /// View: what names stand for; repeatable; all of them if absent
    #[arg(long, value_enum, value_name = "VIEW")]
    pub by: Vec<By>,
    /// Rows of each view and list
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// Leave out names with fewer recipients
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub min_recipients: u64,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = AuditFormat::Text)]
    pub format: AuditFormat,
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// Views.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Domain of the envelope sender
    SenderDomain,
    /// Login
    User,
    /// Address of the client
    Client,
    /// Domain of the recipient
    RecipientDomain,
    /// Receiving provider
    Provider,
}

/// Forms of the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AuditFormat {
    /// For people
    Text,
    /// For programs; the same facts, with a schema version
    Json,
    /// One row a name, all views in one table
    Csv,
}

impl By {
    const fn view(self) -> View {
        match self {
            Self::SenderDomain => View::SenderDomain,
            Self::User => View::User,
            Self::Client => View::Client,
            Self::RecipientDomain => View::RecipientDomain,
            Self::Provider => View::Provider,
        }
    }
}

/// Runs the command.
///
/// # Errors
///
/// The user's knowledge, a filter or the key for pseudonyms cannot be used.
pub(super) fn run(args: &AuditArgs, color: Color, language: Language) -> Result<Status, Error> {
    let judge = Judge::new(args.knowledge.classifier()?);
    let options = args.input.options();
    let between = Between::of(&args.filter, &args.redact, &options)?;
    let mut collector = Collector::new(judge);
    let inputs = inputs_of(&args.input);
    let (outcome, warnings) =
        between.read_and_doubt(&args.input, &inputs, (&options, language), &mut collector);
    let status = problems(&outcome);
    if outcome.nothing_was_read() {
        return Ok(status);
    }
    let views = if args.by.is_empty() {
        View::ALL.to_vec()
    } else {
        args.by.iter().map(|by| by.view()).collect()
    };
    let mut found = collector.finish(&Wanted {
        views,
        top: args.top,
        min_recipients: args.min_recipients,
        zone: options.zone,
    });
    found.filter = between.told();
    if args.format == AuditFormat::Csv {
        tell(&warnings);
    }
    found.warnings = warnings;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let written = match args.format {
        AuditFormat::Text => out.write_all(audit::render(&found, look(color), language).as_bytes()),
        AuditFormat::Json => json::write_pretty(&mut out, &found),
        AuditFormat::Csv => audit::write_csv(&mut out, &found),
    };
    Ok(status.and(Status::of_output(written.and_then(|()| out.flush()))))
}
