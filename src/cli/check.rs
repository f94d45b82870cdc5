//! `mailwhy check`: asks DNS, and servers, where a log alone cannot tell.
//!
//! With `report --check` the only command that uses the network.

use super::Status;
use super::args::InputArgs;
use super::asking::{AskArgs, OfLog, name, status_of};
use super::between::Between;
use super::filter::FilterArgs;
use super::knowledge::KnowledgeArgs;
use super::reading::{Writes, inputs_of, read};
use super::redact::RedactArgs;
use super::report::problems;
use crate::check::ask::Target;
use crate::check::connect::{Connecting, Via};
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
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

/// What `mailwhy check` takes.
#[derive(Debug, Args)]
#[command(mut_arg("domain", |arg| {
    arg.help("The recipient's domain; with --self it names a domain of our envelope senders instead")
}))]
#[command(after_help = "\
Examples:
  mailwhy check example.com
  mailwhy check ann@example.com --refused-by old.example.net --reply '521 5.3.2 no mail here'
  mailwhy check --log /var/log/mail.log
  mailwhy check example.com --tls
  mailwhy check --log /var/log/mail.log --since yesterday --domain example.com
  mailwhy check example.com --connect
  mailwhy check --self 192.0.2.25 --helo mail.example.com --domain example.com
  mailwhy check --self 192.0.2.25 --domain example.com --dkim-selector mail --blocklists

Questions go to the resolvers of the system or to --resolver, over UDP and, where an answer does
not fit, TCP; at most 8 at a time and 150 for each subject, each asked once in a run, tried 2
times for 3 seconds each, 60 seconds for all of them (--tries, --timeout, --deadline). --connect
opens at most 4 connections for each subject, reads the greeting, says EHLO, STARTTLS and QUIT,
and never MAIL or RCPT; it also fetches the MTA-STS policy over HTTPS. Looked at are MX, A, AAAA
and PTR records, SPF, DMARC and DKIM keys, with --blocklists also lists; of TLS: DANE, MTA-STS and
TLS-RPT with --tls, with --connect, and where a log has a failure of TLS; certificates with
--connect. Of all other commands only `report --check` uses the network.

With --self, --domain names the domains of our envelope senders; else it is a filter for --log.
Without --self the address is the one that refusals in the log name as ours, and the domains are
those of senders who submit mail here.

Exit codes: 0 nothing fails; 1 something does; 2 nobody could be asked, or a log could not be
read.")]
pub struct CheckArgs {
    /// A domain, an e-mail address (its domain is meant), or an IP address
    ///
    /// A host is looked at as the domain that its name also is.
    #[arg(value_name = "DOMAIN|ADDRESS|IP", value_parser = subject)]
    pub subjects: Vec<Subject>,
    /// Check the domains that this log has trouble with, those with the most entries first; repeatable
    ///
    /// Trouble that DNS may explain: names that were not found, connections and TLS that failed, and refusals with 521,
    /// 556, 5.1.2, 5.1.10, 5.4.1 or 5.4.4. The host that refused is compared with the exchangers of today.
    #[arg(long, value_name = "FILE")]
    pub log: Vec<OsString>,
    /// Read the whole rotation set of each --log
    #[arg(long, requires = "log")]
    pub rotated: bool,
    /// Time zone of stamps that name none, and of --since and --until; as for `report`
    #[arg(long, value_name = "ZONE", default_value = "local", allow_hyphen_values = true)]
    pub tz: Zone,
    /// Year of the first line of each --log, for time stamps without one
    #[arg(long, value_name = "YYYY", requires = "log", value_parser = clap::value_parser!(i32).range(1971..=9999))]
    pub year: Option<i32>,
    /// The host that refused the mail, as the log names it: `old.example.net`, `old.example.net[192.0.2.1]`
    #[arg(long, value_name = "HOST", value_parser = host, requires = "subjects")]
    pub refused_by: Option<RefusedBy>,
    /// What it said
    #[arg(long, value_name = "TEXT", requires = "refused_by")]
    pub reply: Option<String>,
    /// Connect to the servers as well
    #[arg(long)]
    pub connect: bool,
    /// Connect there instead, as through a tunnel: every exchanger, or the one that is named; repeatable
    ///
    /// For a machine whose network closes port 25: `ssh -L 2525:mx.example.com:25 elsewhere` and `--via
    /// 127.0.0.1:2525`. The name stays that of the exchanger, for TLS too. The host of an MTA-STS policy has to be
    /// named: `--via mta-sts.example.com=127.0.0.1:8443`.
    #[arg(long, value_name = "[HOST=]ADDR[:PORT]", value_parser = via, requires = "connect")]
    pub via: Vec<Via>,
    /// The port for --connect
    #[arg(long, value_name = "PORT", default_value_t = 25, requires = "connect")]
    pub port: u16,
    /// Seconds to wait for a connection, and for each reply
    #[arg(long, value_name = "SECONDS", default_value_t = 15, requires = "connect", value_parser = clap::value_parser!(u64).range(1..=300))]
    pub patience: u64,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,
    #[command(flatten)]
    pub knowledge: KnowledgeArgs,
    #[command(flatten)]
    pub ask: AskArgs,
    #[command(flatten)]
    pub redact: RedactArgs,
    #[command(flatten)]
    pub filter: FilterArgs,
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

fn via(text: &str) -> Result<Via, String> {
    let wrong = || "it is like 127.0.0.1:2525 or mx.example.com=[::1]:2525".to_owned();
    let (host, place) = match text.split_once('=') {
        Some((host, place)) => (Some(HostName::parse(host).ok_or_else(wrong)?), place),
        None => (None, text),
    };
    if let Ok(at) = place.parse::<SocketAddr>() {
        return Ok(Via { host, address: at.ip(), port: Some(at.port()) });
    }
    let bare = place.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().map_err(|_| wrong())?;
    Ok(Via { host, address, port: None })
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
    let (filter, domains) = filter_and_domains(args)?;
    let between = Between::of(&filter, &args.redact, &log_of(args).options())?;
    if args.log.is_empty() && (between.filter.is_some() || args.ask.limit.is_some()) {
        return Err(nothing("filters and --limit choose from a --log"));
    }
    let mut of = OfLog { targets: given(args, &explainer, &domains), ..OfLog::default() };
    if !args.log.is_empty() {
        let mut sink = TroubleSink::new(Judge::new(args.knowledge.classifier()?));
        status = status.and(read_logs(args, &between, &mut sink));
        let troubles = sink.finish();
        if troubles.domains.is_empty() && of.targets.is_empty() && status == Status::Failed {
            // An answer would hide that nothing was read.
            return Ok(status);
        }
        // Who was named and stands in the log is looked at once, with what the log says.
        of.targets.retain(|target| match target {
            Target::Domain(name, _) => {
                args.refused_by.is_some()
                    || troubles.domains.iter().all(|trouble| trouble.domain != *name)
            }
            Target::Own(_) => false,
            Target::Address(_) => true,
        });
        let of_log = args.ask.of_log(troubles, &domains);
        of.targets.extend(of_log.targets);
        of = OfLog { targets: of.targets, ..of_log };
    } else if of.targets.is_empty() {
        return Err(nothing("nothing to check: give a domain, an address, --log or --self"));
    }
    let connecting = args.connect.then(|| Connecting {
        port: args.port,
        patience: Duration::from_secs(args.patience),
        helo: ehlo_name(args),
        via: args.via.clone(),
    });
    let report = args.ask.ask(&of, connecting.as_ref(), &explainer, &between.guard)?;
    write(&report, args.format, knowledge, width, out)?;
    Ok(status.and(status_of(&report)))
}

fn nothing(what: &str) -> Error {
    Error::Config { place: "check".to_owned(), what: what.to_owned() }
}

/// With `--self`, `--domain` names our domains, as the words `--self IP --helo NAME --domain D` say; else it filters.
fn filter_and_domains(args: &CheckArgs) -> Result<(FilterArgs, Vec<HostName>), Error> {
    let mut filter = args.filter.clone();
    if args.ask.own.is_none() {
        return Ok((filter, Vec::new()));
    }
    let domains: Result<Vec<HostName>, String> =
        std::mem::take(&mut filter.domain).iter().map(|text| name(text)).collect();
    let domains = domains.map_err(|what| Error::Config { place: "--domain".to_owned(), what })?;
    Ok((filter, domains))
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
fn given(args: &CheckArgs, explainer: &Explainer<'_>, domains: &[HostName]) -> Vec<Target> {
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
    if let Some(address) = args.ask.own {
        targets.push(Target::Own(args.ask.own(address, domains)));
    }
    targets
}

/// What we say in EHLO: what is given, else the name of this machine, else an address that claims nothing.
fn ehlo_name(args: &CheckArgs) -> String {
    let given = args.ask.helo.as_deref().and_then(HostName::parse).map(|name| name.to_string());
    let address = args.ask.own.map(|address| match address {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    });
    let machine = || {
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
        HostName::parse(name.trim()).map(|name| name.to_string())
    };
    given.or(address).or_else(machine).unwrap_or_else(|| "[127.0.0.1]".to_owned())
}

/// The logs to read.
fn log_of(args: &CheckArgs) -> InputArgs {
    InputArgs {
        files: args.log.clone(),
        rotated: args.rotated,
        journal: false,
        unit: Vec::new(),
        year: args.year,
        tz: args.tz,
        threads: None::<NonZeroUsize>,
        no_progress: false,
        chunk_size: Options::CHUNK_SIZE,
    }
}

fn read_logs(args: &CheckArgs, between: &Between, sink: &mut TroubleSink) -> Status {
    let input = log_of(args);
    let inputs = inputs_of(&input);
    // Names must be known here; pseudonyms come over what was found.
    let outcome = between
        .knowing(sink, |sink| read(&input, &inputs, &input.options(), (sink, Writes::AtTheEnd)));
    problems(&outcome)
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
    fn tunnels_are_for_all_or_for_a_host() {
        let of = |host: Option<&str>, address: &str, port| Via {
            host: host.and_then(HostName::parse),
            address: address.parse().unwrap(),
            port,
        };
        for (text, want) in [
            ("127.0.0.1:2525", Some(of(None, "127.0.0.1", Some(2525)))),
            ("MX.example.com=127.0.0.1", Some(of(Some("mx.example.com"), "127.0.0.1", None))),
            ("mx.example.com=[::1]:2525", Some(of(Some("mx.example.com"), "::1", Some(2525)))),
            ("::1", Some(of(None, "::1", None))),
            ("localhost:25", None),
            ("a b=127.0.0.1", None),
        ] {
            assert_eq!(via(text).ok(), want, "{text}");
        }
    }

    #[test]
    fn subjects_are_read_in_their_forms() {
        let domain = Subject::Domain(HostName::parse("example.com").unwrap());
        assert_eq!(subject("Ann@Example.com"), Ok(domain.clone()));
        assert_eq!(subject("example.com."), Ok(domain));
        assert_eq!(subject("[192.0.2.1]"), Ok(Subject::Address("192.0.2.1".parse().unwrap())));
        assert!(subject("a b").is_err());
    }
}
