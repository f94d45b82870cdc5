//! `mailwhy suppress`.

use super::args::{Color, InputArgs};
use super::between::Between;
use super::doubts::tell;
use super::filter::FilterArgs;
use super::knowledge::KnowledgeArgs;
use super::reading::{inputs_of, names_of};
use super::redact::RedactArgs;
use super::report::problems;
use super::status::{Status, complain};
use super::terminal::look;
use crate::classify::Judge;
use crate::error::Error;
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use crate::render::{json, suppress};
use crate::suppress::{Collector, Ending, MAY_BE_ADDED, Rules};
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use std::io::{BufWriter, Write};

/// `mailwhy suppress`.
#[derive(Debug, Args)]
#[command(after_help = "\
What counts: a failed delivery attempt of ours for one recipient, by an address-level cause: \
recipient-unknown, recipient-moved, recipient-disabled; and about the whole domain \
recipient-domain-missing and domain-accepts-no-mail, of which the addresses in this log are listed and \
marked. It is a final refusal when the recipient was given up with it, the cause does not pass, and a \
text or an enhanced status code says so; a bare `550` and everything temporary are other failures. \
Nothing else ever lists an address: not reputation, blocklists, policy, content, authentication, DNS or \
connections, which are about us or the way there; not a quotation of an earlier reply (`delivery \
temporarily suspended`); not an address probe; and not a refusal at our own door, as whoever is refused \
there is a stranger who chose the address.

An address that accepted mail after its failures is not listed; for a cause about the domain one that \
any address of the domain accepted is enough. Only what came after the last acceptance is counted. What \
a content filter took over is no acceptance.

When more than --most-addresses addresses failed, the further ones are not followed; the output says so, \
standard error too, and the exit code is 2. What is listed is right all the same.

Fields of csv, json and ndjson: address, scope (address, domain), cause, rule (hard, soft), hard and soft \
(failures), first and last, codes, provider, file, line and text of a sample. CSV cells that a \
spreadsheet would take for a formula begin with an apostrophe. `plain` is one address a line.

Examples:
  mailwhy suppress /var/log/mail.log
  mailwhy suppress --format plain --rotated /var/log/mail.log > suppress.txt
  mailwhy suppress --hard 2 --soft 5 --soft-days 14 --also mailbox-full /var/log/mail.log")]
pub struct SuppressArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub redact: RedactArgs,
    /// So many final refusals list an address; 0 means none do
    #[arg(long, value_name = "N", default_value_t = Rules::default().hard)]
    pub hard: u32,
    /// So many failures of any kind list an address, if they last long enough; 0 means none do
    #[arg(long, value_name = "N", default_value_t = Rules::default().soft)]
    pub soft: u32,
    /// Days from the first to the last of them
    ///
    /// More than a mail server keeps trying (Postfix 5, Exim 4), so that it was more than one message.
    #[arg(long, value_name = "DAYS", default_value_t = Rules::default().soft_days)]
    pub soft_days: u32,
    /// Count this cause too; repeatable
    #[arg(long, value_name = "CAUSE", value_parser = PossibleValuesParser::new(MAY_BE_ADDED))]
    pub also: Vec<String>,
    /// Failing addresses that are followed; each needs up to 640 bytes
    #[arg(long, value_name = "N", default_value_t = Rules::default().most)]
    pub most_addresses: usize,
    /// Addresses shown in the text form; the others have all
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = SuppressFormat::Text)]
    pub format: SuppressFormat,
    #[command(flatten)]
    pub filter: FilterArgs,
}

/// Forms of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SuppressFormat {
    /// For people
    Text,
    /// Comma-separated values with a header line
    Csv,
    /// For programs: rules, counts and addresses, with a schema version
    Json,
    /// One JSON object a line
    Ndjson,
    /// One address a line
    Plain,
}

/// Runs the command.
///
/// # Errors
///
/// The user's knowledge, a filter or the key for pseudonyms cannot be used.
pub(super) fn run(args: &SuppressArgs, color: Color, language: Language) -> Result<Status, Error> {
    let judge = Judge::new(args.knowledge.classifier()?);
    let options = args.input.options();
    let between = Between::of(&args.filter, &args.redact, &options)?;
    let knowledge = Knowledge::in_language(language);
    let rules = Rules {
        hard: args.hard,
        soft: args.soft,
        soft_days: args.soft_days,
        also: args.also.clone(),
        most: args.most_addresses,
    };
    let mut collector = Collector::new(judge, &knowledge, rules);
    let inputs = inputs_of(&args.input);
    let (outcome, warnings) =
        between.read_and_doubt(&args.input, &inputs, (&options, language), &mut collector);
    let mut status = problems(&outcome);
    if outcome.nothing_was_read() {
        return Ok(status);
    }
    let files = names_of(&args.input, &inputs);
    let ending = Ending { files: &files, zone: options.zone, knowledge: &knowledge, language };
    let mut list = collector.finish(&ending);
    list.filter = between.told();
    if !matches!(args.format, SuppressFormat::Text | SuppressFormat::Json) {
        tell(&warnings);
    }
    list.warnings = warnings;
    for text in suppress::incomplete(&list, language) {
        complain(&text);
        status = Status::Failed;
    }
    let mut out = BufWriter::new(std::io::stdout().lock());
    let written = match args.format {
        SuppressFormat::Text => {
            let text = suppress::render(&list, look(color), language, args.top);
            out.write_all(text.as_bytes())
        }
        SuppressFormat::Csv => suppress::write_csv(&mut out, &list),
        SuppressFormat::Json => json::write_pretty(&mut out, &list),
        SuppressFormat::Ndjson => suppress::write_ndjson(&mut out, &list),
        SuppressFormat::Plain => suppress::write_plain(&mut out, &list).map(|odd| {
            if odd > 0 {
                complain(&format!("{odd} addresses with odd characters are not in a plain list"));
            }
        }),
    };
    Ok(status.and(Status::of_output(written.and_then(|()| out.flush()))))
}
