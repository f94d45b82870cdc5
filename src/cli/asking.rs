//! How DNS is asked, for `check` and `report --check`: the options, what is looked at because of a log, and the asking.

use super::redact::Guard;
use super::status::{Status, complain};
use crate::check::ask::{Asking, Target, check};
use crate::check::connect::Connecting;
use crate::check::finding::CheckReport;
use crate::check::identity::Own;
use crate::check::page::progress;
use crate::check::{HostName, Troubles};
use crate::error::Error;
use crate::explain::Explainer;
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Subjects of a log, where the user does not say.
const LIMIT: usize = 10;

/// How to ask. All may be left out, so that a command that asks only on demand sees what was typed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Asking DNS")]
pub struct AskArgs {
    /// How many domains of a log, those with the most entries first; 10 if not told
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Ask this resolver instead of those of the system
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = resolver)]
    pub resolver: Option<SocketAddr>,
    /// Seconds to wait for an answer of DNS; 3 if not told
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=60))]
    pub timeout: Option<u64>,
    /// How often a question is asked until it is given up; 2 if not told
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    pub tries: Option<u8>,
    /// Seconds for all of it, then what is open stays open; 60 if not told
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub deadline: Option<u64>,
    /// Look at what a domain expects of TLS, too: DANE, MTA-STS, TLS-RPT
    ///
    /// Without it only where a log has a failure of TLS.
    #[arg(long)]
    pub tls: bool,
    /// Check ourselves: the address that our mail comes from
    ///
    /// Without it the address that refusals in the log name as ours, if they do.
    #[arg(long = "self", value_name = "IP")]
    pub own: Option<IpAddr>,
    /// The name that we say in EHLO
    #[arg(long, value_name = "NAME")]
    pub helo: Option<String>,
    /// A selector of our DKIM signatures (`s=` in them), looked up under each of our domains; repeatable
    #[arg(long, value_name = "SELECTOR", value_parser = name)]
    pub dkim_selector: Vec<HostName>,
    /// Ask public blocklists about our address and our domains
    ///
    /// They see which address is asked about, and most answer no public resolver.
    #[arg(long)]
    pub blocklists: bool,
}

/// A host or domain name.
pub(super) fn name(text: &str) -> Result<HostName, String> {
    HostName::parse(text).ok_or_else(|| "a domain is like example.com".to_owned())
}

fn resolver(text: &str) -> Result<SocketAddr, String> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    text.parse().or_else(|_| bare.parse().map(|address| SocketAddr::new(address, 53))).map_err(
        |_| "a resolver is like 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53".to_owned(),
    )
}

impl AskArgs {
    /// Whether anything was asked for.
    pub(super) fn is_given(&self) -> bool {
        let Self {
            limit,
            resolver,
            timeout,
            tries,
            deadline,
            tls,
            own,
            helo,
            dkim_selector,
            blocklists,
        } = self;
        limit.is_some()
            || resolver.is_some()
            || timeout.is_some()
            || tries.is_some()
            || deadline.is_some()
            || *tls
            || own.is_some()
            || helo.is_some()
            || !dkim_selector.is_empty()
            || *blocklists
    }

    fn asking(&self) -> Asking {
        Asking {
            resolver: self.resolver,
            timeout: Duration::from_secs(self.timeout.unwrap_or(3)),
            attempts: usize::from(self.tries.unwrap_or(2)),
            deadline: Duration::from_secs(self.deadline.unwrap_or(60)),
            tls: self.tls,
        }
    }

    /// Ourselves as far as the arguments say, with a domain or without.
    pub(super) fn own(&self, address: IpAddr, domains: &[HostName]) -> Own {
        Own {
            helo: self.helo.clone(),
            domains: domains.to_vec(),
            selectors: self.dkim_selector.clone(),
            blocklists: self.blocklists,
            ..Own::new(address)
        }
    }

    /// What a log gives to look at, worst first. `domains` are ours, as named on the command line.
    pub(super) fn of_log(&self, troubles: Troubles, domains: &[HostName]) -> OfLog {
        let Troubles { domains: mut met, own: log, .. } = troubles;
        let limit = self.limit.unwrap_or(LIMIT);
        let left_out = met.len().saturating_sub(limit);
        met.truncate(limit);
        let addresses: Vec<IpAddr> = match self.own {
            Some(address) => vec![address],
            None => log.addresses.iter().map(|(address, _)| *address).collect(),
        };
        let unknown = if addresses.is_empty() { log.count } else { 0 };
        let mut ourselves: Vec<(u64, Target)> = Vec::new();
        for address in addresses {
            let mut own = self.own(address, domains);
            if own.domains.is_empty() {
                own.domains.clone_from(&log.domains);
            }
            own.helo = own.helo.or_else(|| log.helo.as_ref().map(HostName::to_string));
            own.log = Some(log.clone());
            ourselves.push((log.count, Target::Own(own)));
        }
        let met = met.into_iter().map(|t| (t.count, Target::Domain(t.domain, t.seen)));
        let mut all: Vec<(u64, Target)> = ourselves.into_iter().chain(met).collect();
        // Of equal counts ourselves first, and the others as they were.
        all.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        OfLog { targets: all.into_iter().map(|(_, target)| target).collect(), left_out, unknown }
    }

    /// Asks, with progress on a terminal. Names become pseudonyms where `guard` has them.
    ///
    /// # Errors
    ///
    /// There is no network at all.
    pub(super) fn ask(
        &self,
        of: &OfLog,
        connecting: Option<&Connecting>,
        explainer: &Explainer<'_>,
        guard: &Guard,
    ) -> Result<CheckReport, Error> {
        let language = explainer.knowledge().language();
        let bar = spinner();
        let asked = check(&of.targets, &self.asking(), connecting, explainer, &|done| {
            bar.set_message(progress(done, language));
            bar.tick();
        });
        bar.finish_and_clear();
        let mut report = asked.map_err(|error| Error::Config {
            place: "cannot ask".to_owned(),
            what: error.to_string(),
        })?;
        report.left_out = of.left_out;
        report.own_unknown = of.unknown;
        guard.check(&mut report);
        Ok(report)
    }
}

/// What is looked at.
#[derive(Debug, Default)]
pub(super) struct OfLog {
    /// Each once, in their order.
    pub(super) targets: Vec<Target>,
    /// Domains that the limit left out.
    pub(super) left_out: usize,
    /// Entries about us, where nobody knows our address.
    pub(super) unknown: u64,
}

/// What a report comes to for whoever reads exit codes; tells when nobody could be asked.
pub(super) fn status_of(report: &CheckReport) -> Status {
    if report.is_deaf() {
        complain(&format!(
            "no question was answered by {}: name another resolver with --resolver",
            report.resolvers.join(", ")
        ));
        return Status::Failed;
    }
    if report.fails() { Status::No } else { Status::Done }
}

/// Shown on a terminal only.
fn spinner() -> ProgressBar {
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
    fn resolvers_are_read_in_their_forms() {
        for (text, want) in [
            ("192.0.2.53", "192.0.2.53:53"),
            ("192.0.2.53:5353", "192.0.2.53:5353"),
            ("2001:db8::53", "[2001:db8::53]:53"),
            ("[2001:db8::53]:54", "[2001:db8::53]:54"),
        ] {
            assert_eq!(resolver(text).map(|at| at.to_string()), Ok(want.to_owned()), "{text}");
        }
    }
}
