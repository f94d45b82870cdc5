//! `mailwhy check`: asks DNS, and servers, where a log alone cannot tell.
//!
//! The only command that uses the network.

use super::Status;
use super::args::InputArgs;
use super::knowledge::KnowledgeArgs;
use super::reading::{Writes, inputs_of, read};
use super::report::problems;
use super::status::complain;
use crate::check::ask::{Asking, Target, check};
use crate::check::connect::Connecting;
use crate::check::identity::Own;
use crate::check::{CheckReport, HostName, Seen, TroubleSink, page_of};
use crate::classify::Judge;
use crate::error::Error;
use crate::explain::{Context, Explainer};
use crate::knowledge::Knowledge;
use crate::pipeline::Options;
use crate::render::json;
use crate::smtp::domain_of;
use crate::time::Zone;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

/// What `mailwhy check` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mailwhy check example.com
  mailwhy check ann@example.com --refused-by old.example.net --reply '521 5.3.2 no mail here'
  mailwhy check --log /var/log/mail.log
  mailwhy check example.com --connect
  mailwhy check --self 192.0.2.25 --helo mail.example.com --domain example.com

Questions go to the resolvers of the system or to --resolver, over UDP and, where an answer does not fit, TCP; at
most 8 at a time and 150 for each subject, each asked once in a run. --connect opens at most 4 connections for each
subject, reads the greeting, says EHLO and QUIT, and never MAIL or RCPT. Looked at are MX, A, AAAA and PTR records,
SPF and DMARC; not DKIM, DANE, MTA-STS, certificates and blocklists. All other commands never use the network.

Exit codes: 0 nothing fails; 1 something does; 2 nobody could be asked, or a log could not be read.")]
pub struct CheckArgs {
    /// A domain, an e-mail address (its domain is meant), or an IP address
    ///
    /// A host is looked at as the domain that its name also is.
    #[arg(value_name = "DOMAIN|ADDRESS|IP", value_parser = subject)]
    pub subjects: Vec<Subject>,
    /// Check the domains that this log has trouble with, those with the most entries first; repeatable
    ///
    /// Trouble that DNS may explain: names that were not found, connections that failed, and refusals with 521,
    /// 556, 5.1.2, 5.1.10, 5.4.1 or 5.4.4. The host that refused is compared with the exchangers of today.
    #[arg(long, value_name = "FILE")]
    pub log: Vec<OsString>,
    /// Read the whole rotation set of each --log
    #[arg(long, requires = "log")]
    pub rotated: bool,
    /// How many domains of a log
    #[arg(long, value_name = "N", default_value_t = 10, requires = "log")]
    pub limit: usize,
    /// The host that refused the mail, as the log names it: `old.example.net`, `old.example.net[192.0.2.1]`
    #[arg(long, value_name = "HOST", value_parser = host, requires = "subjects")]
    pub refused_by: Option<RefusedBy>,
    /// What it said
    #[arg(long, value_name = "TEXT", requires = "refused_by")]
    pub reply: Option<String>,
    /// Ask this resolver instead of those of the system
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = resolver)]
    pub resolver: Option<SocketAddr>,
    /// Seconds to wait for an answer of DNS
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub timeout: u64,
    /// How often a question is asked until it is given up
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=5))]
    pub tries: u8,
    /// Seconds for all of it; then what is open stays open
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub deadline: u64,
    /// Connect to the servers as well
    #[arg(long)]
    pub connect: bool,
    /// The port for --connect
    #[arg(long, value_name = "PORT", default_value_t = 25, requires = "connect")]
    pub port: u16,
    /// Seconds to wait for a connection, and for each reply
    #[arg(long, value_name = "SECONDS", default_value_t = 15, requires = "connect", value_parser = clap::value_parser!(u64).range(1..=300))]
    pub patience: u64,
    /// Check ourselves: the address that our mail comes from
    #[arg(long = "self", value_name = "IP")]
    pub own: Option<IpAddr>,
    /// The name that we say in EHLO; also what --connect says
    #[arg(long, value_name = "NAME")]
    pub helo: Option<String>,
    /// A domain of our envelope senders; repeatable
    #[arg(long, value_name = "DOMAIN", value_parser = name, requires = "own")]
    pub domain: Vec<HostName>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,
    #[command(flatten)]
    pub knowledge: KnowledgeArgs,
}

/// How to write findings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum CheckFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For a wiki or a ticket
    Markdown,
}

/// What somebody wants to be looked at.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Subject {
    /// A domain.
    Domain(HostName),
    /// An address.
    Address(IpAddr),
}

/// The host that refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusedBy {
    host: Option<HostName>,
    address: Option<IpAddr>,
}

fn name(text: &str) -> Result<HostName, String> {
    HostName::parse(text).ok_or_else(|| "a domain is like example.com".to_owned())
}

fn subject(text: &str) -> Result<Subject, String> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse() {
        return Ok(Subject::Address(address));
    }
    HostName::parse(domain_of(text).unwrap_or(text)).map(Subject::Domain).ok_or_else(|| {
        "it must be like example.com, ann@example.com, mx1.example.com or 192.0.2.1".to_owned()
    })
}

fn host(text: &str) -> Result<RefusedBy, String> {
    let wrong =
        || "a host is like mx.example.net, mx.example.net[192.0.2.1] or 192.0.2.1".to_owned();
    if let Ok(address) = text.trim_start_matches('[').trim_end_matches(']').parse() {
        return Ok(RefusedBy { host: None, address: Some(address) });
    }
    let (host, address) = match text.split_once('[') {
        Some((host, rest)) => {
            // As Postfix logs it, perhaps with its port.
            let (address, _) = rest.split_once(']').ok_or_else(wrong)?;
            (host, Some(address.parse().map_err(|_| wrong())?))
        }
        None => (text, None),
    };
    let host = HostName::parse(host.trim()).ok_or_else(wrong)?;
    Ok(RefusedBy { host: Some(host), address })
}

fn resolver(text: &str) -> Result<SocketAddr, String> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    text.parse().or_else(|_| bare.parse().map(|address| SocketAddr::new(address, 53))).map_err(
        |_| "a resolver is like 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53".to_owned(),
    )
}

/// Checks; [`Status::No`] when something fails, [`Status::Failed`] when nobody could be asked.
///
/// # Errors
///
/// There is nothing to check, no network at all, or `out` cannot be written.
pub(super) fn run(
    args: &CheckArgs,
    knowledge: &Knowledge,
    width: usize,
    out: &mut dyn Write,
) -> Result<Status, Error> {
    let classifier = args.knowledge.classifier()?;
    let mut status = Status::Done;
    let explainer = Explainer::with(knowledge, classifier, Context::default());
    let mut targets = given(args, &explainer);
    let mut left_out = 0;
    if !args.log.is_empty() {
        let mut sink = TroubleSink::new(Judge::new(args.knowledge.classifier()?));
        status = status.and(read_logs(args, &mut sink));
        let (troubles, _) = sink.finish();
        if troubles.is_empty() && targets.is_empty() && status == Status::Failed {
            // An answer would hide that nothing was read.
            return Ok(status);
        }
        // A domain that was named and stands in the log is looked at once, with what the log says of it.
        targets.retain(|target| match target {
            Target::Domain(name, _) => {
                args.refused_by.is_some() || troubles.iter().all(|trouble| trouble.domain != *name)
            }
            _ => true,
        });
        left_out = troubles.len().saturating_sub(args.limit);
        targets.extend(
            troubles.into_iter().take(args.limit).map(|t| Target::Domain(t.domain, t.seen)),
        );
    } else if targets.is_empty() {
        let what = "nothing to check: give a domain, an address, --log or --self".to_owned();
        return Err(Error::Config { place: "check".to_owned(), what });
    }
    let asking = Asking {
        resolver: args.resolver,
        timeout: Duration::from_secs(args.timeout),
        attempts: usize::from(args.tries),
        deadline: Duration::from_secs(args.deadline),
    };
    let connecting = args.connect.then(|| Connecting {
        port: args.port,
        patience: Duration::from_secs(args.patience),
        helo: ehlo_name(args),
    });
    let bar = progress();
    let asked = check(&targets, &asking, connecting.as_ref(), &explainer, &|done| {
        bar.set_message(done.to_string());
        bar.tick();
    });
    bar.finish_and_clear();
    let mut report = asked.map_err(|error| Error::Config {
        place: "cannot ask".to_owned(),
        what: error.to_string(),
    })?;
    report.left_out = left_out;
    write(&report, args.format, knowledge, width, out)?;
    if report.is_deaf() {
        complain(&format!(
            "no question was answered by {}: name another resolver with --resolver",
            report.resolvers.join(", ")
        ));
        return Ok(Status::Failed);
    }
    Ok(status.and(if report.fails() { Status::No } else { Status::Done }))
}

fn write(
    report: &CheckReport,
    format: CheckFormat,
    knowledge: &Knowledge,
    width: usize,
    out: &mut dyn Write,
) -> Result<(), Error> {
    match format {
        CheckFormat::Json => json::write_pretty(&mut *out, report)?,
        CheckFormat::Text | CheckFormat::Markdown => {
            let page = page_of(report, knowledge.language());
            let text = match format {
                CheckFormat::Markdown => page.to_markdown(),
                _ => page.to_text(width),
            };
            writeln!(out, "{}", text.trim_end())?;
        }
    }
    Ok(())
}

/// What is named on the command line, each once.
fn given(args: &CheckArgs, explainer: &Explainer<'_>) -> Vec<Target> {
    let seen: Vec<Seen> = args
        .refused_by
        .iter()
        .map(|by| {
            let reply = args.reply.as_deref().unwrap_or_default();
            let mut seen = Seen::of_reply(by.host.clone(), by.address, reply);
            let explained = explainer.explain(reply);
            let cause = explained.answers.first().and_then(|answer| answer.cause.as_ref());
            seen.cause = cause.map(|cause| cause.cause.clone()).unwrap_or_default();
            seen
        })
        .collect();
    let mut once = BTreeSet::new();
    let mut targets: Vec<Target> = args
        .subjects
        .iter()
        .filter(|subject| once.insert(*subject))
        .map(|subject| match subject {
            Subject::Domain(domain) => Target::Domain(domain.clone(), seen.clone()),
            Subject::Address(address) => Target::Address(*address),
        })
        .collect();
    if let Some(address) = args.own {
        let domains = args.domain.clone();
        targets.push(Target::Own(Own { address, helo: args.helo.clone(), domains }));
    }
    targets
}

/// What we say in EHLO: what is given, else the name of this machine, else an address that claims nothing.
fn ehlo_name(args: &CheckArgs) -> String {
    let given = args.helo.as_deref().and_then(HostName::parse).map(|name| name.to_string());
    let address = args.own.map(|address| match address {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    });
    let machine = || {
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
        HostName::parse(name.trim()).map(|name| name.to_string())
    };
    given.or(address).or_else(machine).unwrap_or_else(|| "[127.0.0.1]".to_owned())
}

fn read_logs(args: &CheckArgs, sink: &mut TroubleSink) -> Status {
    let input = InputArgs {
        files: args.log.clone(),
        rotated: args.rotated,
        journal: false,
        unit: Vec::new(),
        year: None,
        tz: Zone::default(),
        threads: None::<NonZeroUsize>,
        no_progress: false,
        chunk_size: Options::CHUNK_SIZE,
    };
    let inputs = inputs_of(&input);
    problems(&read(&input, &inputs, &input.options(), (sink, Writes::AtTheEnd)))
}

/// Shown on a terminal only.
fn progress() -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr_with_hz(10)
    } else {
        ProgressDrawTarget::hidden()
    };
    ProgressBar::with_draw_target(None, target).with_style(ProgressStyle::default_spinner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_as_logs_name_them() {
        let by = |host: Option<&str>, address: Option<&str>| RefusedBy {
            host: host.and_then(HostName::parse),
            address: address.map(|address| address.parse().unwrap()),
        };
        for (text, want) in [
            ("old.example.net", Some(by(Some("old.example.net"), None))),
            ("old.example.net[192.0.2.1]:25", Some(by(Some("old.example.net"), Some("192.0.2.1")))),
            (
                "old.example.net [2001:db8::1]",
                Some(by(Some("old.example.net"), Some("2001:db8::1"))),
            ),
            ("[192.0.2.1]", Some(by(None, Some("192.0.2.1")))),
            ("old.example.net[x]", None),
            ("$(x)", None),
        ] {
            assert_eq!(host(text).ok(), want, "{text}");
        }
    }

    #[test]
    fn resolvers_and_subjects_are_read_in_their_forms() {
        for (text, want) in [
            ("192.0.2.53", "192.0.2.53:53"),
            ("192.0.2.53:5353", "192.0.2.53:5353"),
            ("2001:db8::53", "[2001:db8::53]:53"),
            ("[2001:db8::53]:54", "[2001:db8::53]:54"),
        ] {
            assert_eq!(resolver(text).map(|at| at.to_string()), Ok(want.to_owned()), "{text}");
        }
        let domain = Subject::Domain(HostName::parse("example.com").unwrap());
        assert_eq!(subject("Ann@Example.com"), Ok(domain.clone()));
        assert_eq!(subject("example.com."), Ok(domain));
        assert_eq!(subject("[192.0.2.1]"), Ok(Subject::Address("192.0.2.1".parse().unwrap())));
        assert!(subject("a b").is_err());
    }
}
