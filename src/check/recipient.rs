//! Where mail for a domain goes today, and whether the host in the log is one of those places.
//!
//! Order of the questions, as a sending server asks them (RFC 5321 section 5.1): MX; without MX the addresses of
//! the domain; the addresses of every exchanger. A failure is never taken for an absence.

use super::answer::{Answer, Outcome, QueryType, Row};
use super::book::Book;
use super::finding::{
    Command, Finding, FindingKind, Severity, Subject, SubjectKind, TlsFacts, Verdict, VerdictKind,
};
use super::name::HostName;
use super::own_phrases as w;
use super::phrases as p;
use super::reach::why_unreachable;
use super::seen::Seen;
use crate::i18n::{Language, Text};
use crate::knowledge::Party;
use crate::knowledge::provider::providers;
use std::fmt::Display;
use std::net::IpAddr;

/// Exchangers that are looked at; the rest is only listed.
pub const MOST_EXCHANGERS: usize = 20;

/// A host that mail for the domain goes to.
struct Exchanger {
    /// As answered.
    name: String,
    /// What it is an alias of, where it is one.
    alias: Option<String>,
    /// All its addresses.
    addresses: Vec<IpAddr>,
    /// A question about it failed.
    unsure: bool,
}

impl Exchanger {
    /// Those that mail can reach.
    fn reachable(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.addresses.iter().copied().filter(|address| why_unreachable(*address).is_none())
    }

    fn is_called(&self, host: &HostName) -> bool {
        let same = |name: &str| name.trim_end_matches('.').eq_ignore_ascii_case(host.as_str());
        same(&self.name) || self.alias.as_deref().is_some_and(same)
    }
}

/// The finding that was added last, to be told more of.
pub(super) struct Pushed<'f>(Option<&'f mut Finding>);

impl Pushed<'_> {
    /// The records that show it.
    pub(super) fn evidence(mut self, rows: Vec<Row>) -> Self {
        if let Some(finding) = &mut self.0 {
            finding.evidence = rows;
        }
        self
    }

    /// What was said.
    pub(super) fn said(mut self, lines: Vec<String>) -> Self {
        if let Some(finding) = &mut self.0 {
            finding.said = lines;
        }
        self
    }

    /// TLS as it was negotiated.
    pub(super) fn tls(mut self, facts: TlsFacts) -> Self {
        if let Some(finding) = &mut self.0 {
            finding.tls = Some(facts);
        }
        self
    }

    /// What to run.
    pub(super) fn commands(mut self, commands: Vec<Command>) -> Self {
        if let Some(finding) = &mut self.0 {
            finding.commands = commands;
        }
        self
    }

    /// What to do, where the meaning does not say it already.
    pub(super) fn remedy(mut self, remedy: Option<String>) -> Self {
        if let Some(finding) = &mut self.0 {
            finding.remedy = remedy;
        }
        self
    }

    /// Where to go.
    pub(super) fn pages(mut self, pages: Vec<String>) -> Self {
        if let Some(finding) = &mut self.0 {
            finding.pages = pages;
        }
        self
    }
}

/// Findings that are being written.
pub(super) struct Findings {
    pub(super) language: Language,
    pub(super) all: Vec<Finding>,
}

impl Findings {
    pub(super) fn new(language: Language) -> Self {
        Self { language, all: Vec::new() }
    }

    /// Adds a finding without evidence; the caller may add to it.
    pub(super) fn push(
        &mut self,
        finding: FindingKind,
        severity: Severity,
        party: Option<Party>,
        (text, values): (Text, &[&dyn Display]),
    ) -> Pushed<'_> {
        let meaning = text.say(self.language, values);
        let new = Finding {
            finding,
            severity,
            meaning,
            evidence: Vec::new(),
            said: Vec::new(),
            party,
            remedy: None,
            commands: Vec::new(),
            tls: None,
            pages: Vec::new(),
        };
        self.all.push(new);
        Pushed(self.all.last_mut())
    }

    /// The worst first, otherwise in the order they were found.
    pub(super) fn sorted(mut self) -> Vec<Finding> {
        self.all.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        self.all
    }

    /// A question that nobody answered: SERVFAIL, timeout and the like are each a finding of its own.
    pub(super) fn failure(&mut self, outcome: Outcome, kind: QueryType, name: &str) {
        let (finding, text, severity) = match outcome {
            Outcome::ServFail => (FindingKind::DnsServFail, p::DNS_SERVFAIL, Severity::Failing),
            Outcome::Refused => (FindingKind::DnsRefused, p::DNS_REFUSED, Severity::Warning),
            Outcome::Timeout => (FindingKind::DnsTimeout, p::DNS_TIMEOUT, Severity::Failing),
            Outcome::NotAsked => (FindingKind::NotAsked, p::NOT_ASKED, Severity::Note),
            Outcome::Referral => (FindingKind::DnsReferral, p::DNS_REFERRAL, Severity::Failing),
            Outcome::Failed => (FindingKind::DnsFailed, p::DNS_FAILED, Severity::Failing),
            _ => return,
        };
        let party = match outcome {
            Outcome::Refused => Some(Party::OwnAdmin),
            Outcome::NotAsked => None,
            _ => Some(Party::RemoteAdmin),
        };
        let finding = self.push(finding, severity, party, (text, &[&name, &kind.slug()]));
        finding.commands(vec![
            plain(format!("dig {} {name}", kind.slug())),
            plain(format!("dig +trace {} {name}", kind.slug())),
        ]);
    }
}

/// A command for any mail server.
pub(super) fn plain(line: String) -> Command {
    Command { mta: None, line }
}

/// Looks at a domain that we send to. `seen` is what the log says of it.
pub fn judge(book: &Book, domain: &HostName, seen: &[Seen], language: Language) -> Subject {
    let mut findings = Findings::new(language);
    let (verdict, party, suppress, text) = look(book, domain, seen, &mut findings);
    let commands = commands_for(verdict, domain);
    let pages = match verdict {
        VerdictKind::ProviderRefuses => {
            let pages = findings.all.iter().filter(|f| f.finding == FindingKind::ProviderRefuses);
            pages.flat_map(|finding| finding.pages.clone()).collect()
        }
        _ => Vec::new(),
    };
    Subject {
        subject: domain.to_string(),
        kind: SubjectKind::Domain,
        mail: meant(seen, verdict, suppress, language),
        log: seen.to_vec(),
        verdict: Verdict { verdict, text, party, suppress, commands, pages },
        findings: findings.sorted(),
    }
}

/// What a verdict means for the mail that the log is about; nothing where no log was read.
pub(super) fn meant(
    seen: &[Seen],
    verdict: VerdictKind,
    suppress: bool,
    language: Language,
) -> Option<String> {
    let count: u64 = seen.iter().map(|seen| seen.count).sum();
    let text = match verdict {
        _ if count == 0 => return None,
        _ if suppress => w::MAIL_LOST,
        VerdictKind::StaleRoute => w::MAIL_AFTER_REPAIR,
        VerdictKind::DnsBroken | VerdictKind::DnsSilent | VerdictKind::InOrder => w::MAIL_WAITS,
        VerdictKind::ProviderRefuses => w::MAIL_BLOCKED,
        VerdictKind::NotKnown => w::MAIL_NOT_KNOWN,
        _ => w::MAIL_NOT_OURS,
    };
    Some(text.say(language, &[&count]))
}

type Said = (VerdictKind, Option<Party>, bool, String);

fn look(book: &Book, domain: &HostName, seen: &[Seen], findings: &mut Findings) -> Said {
    let language = findings.language;
    let name = domain.as_str();
    let mx = book.look(QueryType::Mx, name);
    match mx.outcome {
        Outcome::Records => {}
        Outcome::NoData => return without_mx(book, domain, seen, findings),
        Outcome::NoSuchName => {
            findings
                .push(
                    FindingKind::NoSuchName,
                    Severity::Failing,
                    Some(Party::Sender),
                    (p::NO_SUCH_NAME, &[&name]),
                )
                .commands(vec![plain(format!("dig MX {name}")), plain(format!("whois {name}"))]);
            let text = p::V_NO_SUCH_DOMAIN.say(language, &[&name]);
            return (VerdictKind::NoSuchDomain, Some(Party::Sender), true, text);
        }
        failed => {
            findings.failure(failed, QueryType::Mx, name);
            return unanswered(failed, name, language);
        }
    }
    let rows: Vec<Row> = mx.rows.clone();
    let is_null = |host: &str| host == "." || host.is_empty();
    let set: Vec<(u16, &str)> = mx.exchangers().collect();
    if set.is_empty() {
        // Aliases alone: the alias leads to a name without MX.
        return without_mx(book, domain, seen, findings);
    }
    if set.iter().all(|(_, host)| is_null(host)) {
        findings
            .push(
                FindingKind::NullMx,
                Severity::Failing,
                Some(Party::Sender),
                (p::NULL_MX, &[&name]),
            )
            .evidence(rows);
        let text = p::V_TAKES_NO_MAIL.say(language, &[&name]);
        return (VerdictKind::TakesNoMail, Some(Party::Sender), true, text);
    }
    let names: Vec<String> = set.iter().map(|(n, host)| format!("{host} ({n})")).collect();
    let shown = names.join(", ") + if mx.cut { ", …" } else { "" };
    findings
        .push(FindingKind::MxSet, Severity::Ok, None, (p::MX_SET, &[&name, &shown]))
        .evidence(rows.clone());
    if set.iter().any(|(_, host)| is_null(host)) {
        findings
            .push(
                FindingKind::NullMxMixed,
                Severity::Warning,
                Some(Party::RemoteAdmin),
                (p::NULL_MX_MIXED, &[&name]),
            )
            .evidence(rows);
    }
    let hosts = set.iter().map(|(_, host)| *host).filter(|host| !is_null(host));
    let exchangers: Vec<Exchanger> =
        hosts.take(MOST_EXCHANGERS).map(|host| exchanger(book, host, seen, findings)).collect();
    families(&exchangers, findings);
    met(&exchangers, domain, seen, findings, false)
}

/// No MX: the domain's own addresses take its place.
fn without_mx(book: &Book, domain: &HostName, seen: &[Seen], findings: &mut Findings) -> Said {
    let language = findings.language;
    let name = domain.as_str();
    let (v4, v6) = (book.look(QueryType::A, name), book.look(QueryType::Aaaa, name));
    let addresses: Vec<IpAddr> = v4.addresses().chain(v6.addresses()).collect();
    if addresses.is_empty() {
        for (answer, kind) in [(v4, QueryType::A), (v6, QueryType::Aaaa)] {
            if answer.outcome.is_failure() {
                findings.failure(answer.outcome, kind, name);
                return unanswered(answer.outcome, name, language);
            }
        }
        findings
            .push(
                FindingKind::NoMailHost,
                Severity::Failing,
                Some(Party::Sender),
                (p::NO_MAIL_HOST, &[&name]),
            )
            .commands(vec![plain(format!("dig ANY {name}"))]);
        let text = p::V_NO_MAIL_HOST.say(language, &[&name]);
        return (VerdictKind::NoMailHost, Some(Party::Sender), true, text);
    }
    let listed = list(&addresses);
    findings
        .push(
            FindingKind::AddressFallback,
            Severity::Warning,
            Some(Party::RemoteAdmin),
            (p::ADDRESS_FALLBACK, &[&name, &listed]),
        )
        .evidence(rows_of(&[v4, v6]));
    let own = Exchanger { name: name.to_owned(), alias: None, addresses, unsure: false };
    unreachable_addresses(&own, &rows_of(&[v4, v6]), seen, findings);
    families(std::slice::from_ref(&own), findings);
    met(&[own], domain, seen, findings, true)
}

/// What nobody answered cannot be judged.
fn unanswered(outcome: Outcome, name: &str, language: Language) -> Said {
    match outcome {
        Outcome::ServFail | Outcome::Referral => {
            let how: &dyn Display = match outcome {
                Outcome::Referral => &p::ONLY_REFERRAL.get(language),
                _ => &"SERVFAIL",
            };
            let text = p::V_DNS_BROKEN.say(language, &[&name, how]);
            (VerdictKind::DnsBroken, Some(Party::RemoteAdmin), false, text)
        }
        Outcome::Timeout => {
            let text = p::V_DNS_SILENT.say(language, &[&name]);
            (VerdictKind::DnsSilent, None, false, text)
        }
        _ => (VerdictKind::NotKnown, None, false, p::V_NOT_KNOWN.say(language, &[&name])),
    }
}

/// Looks at one exchanger.
fn exchanger(book: &Book, host: &str, seen: &[Seen], findings: &mut Findings) -> Exchanger {
    let by = Some(Party::RemoteAdmin);
    let mut found =
        Exchanger { name: host.to_owned(), alias: None, addresses: Vec::new(), unsure: false };
    let Some(name) = HostName::parse(host) else {
        let address = host.trim_end_matches('.').parse::<IpAddr>().is_ok();
        let text = if address { p::EXCHANGER_IS_ADDRESS } else { p::EXCHANGER_BAD_NAME };
        findings.push(FindingKind::ExchangerBadName, Severity::Failing, by, (text, &[&host]));
        return found;
    };
    let name = name.as_str();
    let (v4, v6) = (book.look(QueryType::A, name), book.look(QueryType::Aaaa, name));
    let rows = rows_of(&[v4, v6]);
    found.addresses = v4.addresses().chain(v6.addresses()).collect();
    if let Some(alias) = v4.alias_of(name).or_else(|| v6.alias_of(name)) {
        findings
            .push(
                FindingKind::ExchangerAlias,
                Severity::Warning,
                by,
                (p::EXCHANGER_ALIAS, &[&host, &alias]),
            )
            .evidence(rows.clone());
        found.alias = Some(alias.to_owned());
    }
    for (answer, kind) in [(v4, QueryType::A), (v6, QueryType::Aaaa)] {
        if answer.outcome.is_failure() {
            found.unsure = true;
            findings.failure(answer.outcome, kind, name);
        }
    }
    if found.addresses.is_empty() && !found.unsure {
        let missing = v4.outcome == Outcome::NoSuchName;
        let (kind, text) = if missing {
            (FindingKind::ExchangerMissing, p::EXCHANGER_MISSING)
        } else {
            (FindingKind::ExchangerWithoutAddress, p::EXCHANGER_WITHOUT_ADDRESS)
        };
        findings
            .push(kind, Severity::Failing, by, (text, &[&host]))
            .commands(vec![plain(format!("dig A {name}")), plain(format!("dig AAAA {name}"))]);
    }
    unreachable_addresses(&found, &rows, seen, findings);
    found
}

/// Who answered was reached, whatever its address looks like from here: mail within a network of one's own.
fn is_reached(address: IpAddr, seen: &[Seen]) -> bool {
    seen.iter().any(|seen| seen.code.is_some() && seen.address == Some(address))
}

/// Addresses that mail cannot reach: failing, where the host has no other and never answered us.
fn unreachable_addresses(
    exchanger: &Exchanger,
    rows: &[Row],
    seen: &[Seen],
    findings: &mut Findings,
) {
    let works = exchanger.reachable().next().is_some()
        || exchanger.addresses.iter().any(|address| is_reached(*address, seen));
    let severity = if works { Severity::Warning } else { Severity::Failing };
    for address in &exchanger.addresses {
        if let Some(why) = why_unreachable(*address) {
            let why = why.get(findings.language);
            let values: &[&dyn Display] = &[&exchanger.name, address, &why];
            let by = Some(Party::RemoteAdmin);
            let text = (p::EXCHANGER_UNREACHABLE, values);
            findings.push(FindingKind::ExchangerUnreachable, severity, by, text).evidence(
                rows.iter()
                    .filter(|row| row.data.value() == address.to_string())
                    .cloned()
                    .collect(),
            );
        }
    }
}

/// IPv4 alone is common and fine; IPv6 alone keeps many senders out.
fn families(exchangers: &[Exchanger], findings: &mut Findings) {
    if exchangers.iter().any(|exchanger| exchanger.unsure) {
        return;
    }
    let has = |v6: bool| {
        exchangers.iter().flat_map(Exchanger::reachable).any(|address| address.is_ipv6() == v6)
    };
    match (has(false), has(true)) {
        (true, false) => {
            findings.push(FindingKind::OnlyIpv4, Severity::Note, None, (p::ONLY_IPV4, &[]));
        }
        (false, true) => {
            let by = Some(Party::OwnAdmin);
            let finding =
                findings.push(FindingKind::OnlyIpv6, Severity::Warning, by, (p::ONLY_IPV6, &[]));
            finding.commands(vec![
                Command { mta: Some("postfix"), line: "postconf inet_protocols".to_owned() },
                Command { mta: Some("exim"), line: "exim -bP disable_ipv6".to_owned() },
                plain("ip -6 route show default".to_owned()),
            ]);
        }
        _ => {}
    }
}

/// The hosts in the log against those of today: the heart of the matter.
fn met(
    exchangers: &[Exchanger],
    domain: &HostName,
    seen: &[Seen],
    findings: &mut Findings,
    fallback: bool,
) -> Said {
    let language = findings.language;
    let today: Vec<&str> = exchangers.iter().map(|e| e.name.as_str()).collect();
    let today = today.join(", ");
    let mut stale: Option<String> = None;
    let mut refuses: Option<String> = None;
    for host in seen {
        let Some(name) = host.name() else { continue };
        let at_address =
            |e: &&Exchanger| host.address.is_some_and(|address| e.addresses.contains(&address));
        let by_name = host.host.as_ref().and_then(|h| exchangers.iter().find(|e| e.is_called(h)));
        let found = by_name.or_else(|| exchangers.iter().find(at_address));
        let Some(found) = found else {
            // While a question about an exchanger is open, an address alone proves nothing.
            if host.host.is_none() && exchangers.iter().any(|e| e.unsure) {
                continue;
            }
            let values: &[&dyn Display] = &[&name, domain, &today];
            let text = if fallback { p::STALE_FALLBACK } else { p::STALE_EXCHANGER };
            findings.push(
                FindingKind::StaleExchanger,
                Severity::Failing,
                Some(Party::OwnAdmin),
                (text, values),
            );
            stale.get_or_insert(name);
            continue;
        };
        if host.says_no_mail() {
            let by = Some(Party::RemoteAdmin);
            let text = (p::EXCHANGER_REFUSES, &[&name as &dyn Display, domain][..]);
            findings
                .push(FindingKind::ExchangerRefuses, Severity::Failing, by, text)
                .said(vec![host.text.clone()]);
        } else {
            let text = (p::RIGHT_EXCHANGER, &[&name as &dyn Display, domain][..]);
            findings.push(FindingKind::RightExchanger, Severity::Ok, None, text);
        }
        if let Some(address) = host.address
            && !found.addresses.is_empty()
            && !found.unsure
            && !found.addresses.contains(&address)
        {
            let listed = list(&found.addresses);
            let values: &[&dyn Display] = &[&address, &found.name, &listed];
            findings.push(
                FindingKind::OtherAddress,
                Severity::Note,
                Some(Party::OwnAdmin),
                (p::OTHER_ADDRESS, values),
            );
        }
        if host.says_no_mail() {
            refuses.get_or_insert(name);
        }
    }
    let usable = exchangers.iter().any(|e| {
        e.unsure
            || e.reachable().next().is_some()
            || e.addresses.iter().any(|address| is_reached(*address, seen))
    });
    if let Some(host) = stale {
        let text = if fallback { p::V_STALE_FALLBACK } else { p::V_STALE_ROUTE };
        let text = text.say(language, &[&host, domain, &today]);
        return (VerdictKind::StaleRoute, Some(Party::OwnAdmin), false, text);
    }
    // Who answered was reached, whatever its address looks like from here.
    match refuses {
        Some(host) if fallback => {
            let text = p::V_FALLBACK_REFUSES.say(language, &[domain, &host]);
            (VerdictKind::FallbackRefuses, Some(Party::Sender), true, text)
        }
        Some(host) if exchangers.len() == 1 => {
            let text = p::V_ONLY_REFUSES.say(language, &[&host, domain]);
            (VerdictKind::OnlyExchangerRefuses, Some(Party::Sender), true, text)
        }
        Some(host) => {
            let text = p::V_ONE_REFUSES.say(language, &[&host, domain, &today]);
            (VerdictKind::OneExchangerRefuses, Some(Party::RemoteAdmin), false, text)
        }
        None if !usable => {
            let text = p::V_NO_USABLE.say(language, &[domain, &today]);
            (VerdictKind::NoUsableExchanger, Some(Party::RemoteAdmin), false, text)
        }
        None => {
            if let Some(said) = provider_refuses(domain, seen, findings) {
                return said;
            }
            let mut said = ended(domain.as_str(), findings);
            if said.0 == VerdictKind::InOrder && !seen.is_empty() {
                said.3 = p::V_IN_ORDER_TODAY.say(language, &[domain]);
            }
            said
        }
    }
}

/// The words of a provider that refuses us for what it thinks of us, where nothing in DNS is wrong: its own pages are
/// the way out.
fn provider_refuses(domain: &HostName, seen: &[Seen], findings: &mut Findings) -> Option<Said> {
    let language = findings.language;
    if findings.all.iter().any(|finding| finding.severity == Severity::Failing) {
        return None;
    }
    let refusal = seen.iter().find(|seen| seen.is_providers_own())?;
    let provider = providers().iter().find(|p| Some(p.slug()) == refusal.provider)?;
    let pages: Vec<String> = [provider.delisting(), provider.postmaster()]
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .collect();
    let by = Some(Party::OwnAdmin);
    let name = provider.name();
    let note = match language {
        Language::En => provider.note(),
        Language::Ru => provider.note_ru(),
    };
    findings
        .push(FindingKind::ProviderRefuses, Severity::Failing, by, (w::PROVIDER_REFUSES, &[&name]))
        .said(vec![refusal.text.clone()])
        .remedy(note.map(|note| note.note.clone()))
        .pages(pages.clone());
    let text = if pages.is_empty() { w::V_PROVIDER_WITHOUT_PAGE } else { w::V_PROVIDER_REFUSES };
    let text = text.say(language, &[&name, domain]);
    Some((VerdictKind::ProviderRefuses, by, false, text))
}

/// The verdict where no host in the log decides.
pub(super) fn ended(name: &str, findings: &Findings) -> Said {
    let language = findings.language;
    let failing = findings.all.iter().find(|finding| finding.severity == Severity::Failing);
    match failing {
        Some(finding) => {
            let text = p::V_SEE_FINDINGS.say(language, &[&name]);
            (VerdictKind::SeeFindings, finding.party, false, text)
        }
        None => (VerdictKind::InOrder, None, false, p::V_IN_ORDER.say(language, &[&name])),
    }
}

/// What confirms a verdict about a domain. The name is a [`HostName`], so it needs no quotes.
fn commands_for(verdict: VerdictKind, domain: &HostName) -> Vec<Command> {
    let route = || {
        let own = |mta, line: String| Command { mta: Some(mta), line };
        [
            plain(format!("dig +noall +answer MX {domain}")),
            own("postfix", "postconf relayhost transport_maps default_transport".to_owned()),
            own(
                "postfix",
                format!("postmap -q {domain} $(postconf -xh transport_maps | tr , ' ')"),
            ),
            own("exim", format!("exim -bt postmaster@{domain}")),
        ]
    };
    match verdict {
        VerdictKind::StaleRoute => route().to_vec(),
        VerdictKind::InOrder
        | VerdictKind::NotKnown
        | VerdictKind::ProviderRefuses
        | VerdictKind::SeeFindings => Vec::new(),
        VerdictKind::NoSuchDomain | VerdictKind::DnsBroken | VerdictKind::DnsSilent => {
            vec![plain(format!("dig MX {domain}")), plain(format!("dig +trace NS {domain}"))]
        }
        // The route too: what the log says may be older than the records.
        _ => {
            let [dig, _, postfix, exim] = route();
            vec![dig, postfix, exim]
        }
    }
}

/// The records of several answers.
pub(super) fn rows_of(answers: &[&Answer]) -> Vec<Row> {
    let rows = answers.iter().flat_map(|answer| answer.rows.clone());
    // An alias stands in the answers to both questions.
    let mut once: Vec<Row> = Vec::new();
    for row in rows {
        if !once.contains(&row) {
            once.push(row);
        }
    }
    once
}

pub(super) fn list(addresses: &[IpAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A host that mail for a domain goes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host {
    /// Its name, as answered.
    pub name: String,
    /// What it is an alias of, where it is one.
    pub alias: Option<String>,
    /// Its addresses that mail can reach.
    pub addresses: Vec<IpAddr>,
}

/// The hosts that mail for a domain goes to, most wanted first: its exchangers, or the domain itself.
pub fn hosts(book: &Book, domain: &HostName) -> Vec<Host> {
    let mut quiet = Findings::new(Language::En);
    let mx = book.look(QueryType::Mx, domain.as_str());
    let mut hosts: Vec<&str> =
        mx.exchangers().map(|(_, host)| host).filter(|host| *host != ".").collect();
    if mx.outcome == Outcome::NoData {
        hosts = vec![domain.as_str()];
    }
    hosts
        .into_iter()
        .take(MOST_EXCHANGERS)
        .map(|host| {
            let found = exchanger(book, host, &[], &mut quiet);
            let addresses = found.reachable().collect();
            Host { addresses, name: found.name, alias: found.alias }
        })
        .collect()
}
