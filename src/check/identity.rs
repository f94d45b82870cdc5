//! Who we are to those who take our mail: the name of our address, our HELO name, SPF, DMARC and DKIM keys of our
//! domains, and on demand what blocklists have of us.

use super::answer::{Outcome, QueryType};
use super::blocklist;
use super::book::Book;
use super::dkim;
use super::finding::{FindingKind, Severity, Subject, SubjectKind, Verdict, VerdictKind};
use super::name::HostName;
use super::own::OwnSeen;
use super::own_phrases as w;
use super::phrases as p;
use super::recipient::{Findings, ended, list, plain, rows_of};
use super::spf::{self, Identity, SpfResult};
use crate::i18n::Language;
use crate::knowledge::Party;
use std::fmt::Display;
use std::net::IpAddr;

/// Names of an address that are looked at.
const MOST_NAMES: usize = 10;

/// Us.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Own {
    /// The address that our mail comes from.
    pub address: IpAddr,
    /// The name that we say in HELO or EHLO.
    pub helo: Option<String>,
    /// Domains of our envelope senders.
    pub domains: Vec<HostName>,
    /// Selectors of our DKIM signatures, looked up under each domain.
    pub selectors: Vec<HostName>,
    /// Ask blocklists too.
    pub blocklists: bool,
    /// What a log knows of us, where one was read.
    pub log: Option<OwnSeen>,
}

impl Own {
    /// An address of which nothing else is known.
    pub const fn new(address: IpAddr) -> Self {
        Self {
            address,
            helo: None,
            domains: Vec::new(),
            selectors: Vec::new(),
            blocklists: false,
            log: None,
        }
    }

    /// How many subjects' worth of questions it takes.
    pub(super) const fn weight(&self) -> usize {
        1 + self.domains.len() + self.blocklists as usize
    }
}

/// Looks at ourselves.
pub fn judge(book: &Book, own: &Own, language: Language) -> Subject {
    let mut findings = Findings::new(language);
    pointer(book, own.address, Party::OwnAdmin, &mut findings);
    if let Some(helo) = &own.helo {
        helo_name(book, helo, own.address, &mut findings);
    }
    for domain in &own.domains {
        sender_policy(book, domain, own, &mut findings);
        dmarc(book, domain, &mut findings);
        for selector in &own.selectors {
            dkim::key(book, domain, selector, &mut findings);
        }
        if own.blocklists {
            blocklist::of_domain(book, domain, &mut findings);
        }
    }
    if own.blocklists {
        blocklist::of_address(book, own.address, &mut findings);
    }
    let log = own.log.as_ref();
    if let Some(times) = log.and_then(|log| log.times(own.address)) {
        let values: &[&dyn Display] = &[&own.address, &times];
        findings.push(FindingKind::OwnAddress, Severity::Ok, None, (w::OWN_FROM_LOG, values));
    }
    if log.is_some_and(|log| !log.domains.is_empty() && log.domains == own.domains) {
        let names: Vec<&str> = own.domains.iter().map(HostName::as_str).collect();
        let names = names.join(", ");
        let text = (w::DOMAINS_FROM_LOG, &[&names as &dyn Display][..]);
        findings.push(FindingKind::OwnDomains, Severity::Ok, None, text);
    }
    let mut subject = subject(own.address.to_string(), SubjectKind::Own, findings);
    let mut failing = subject.findings.iter().filter(|f| f.severity == Severity::Failing);
    if let Some(first) = failing.next() {
        let text = match failing.count() {
            0 => w::V_OWN_FAILS.say(language, &[&first.meaning]),
            more => w::V_OWN_FAILS_MORE.say(language, &[&first.meaning, &more]),
        };
        subject.verdict.text = text;
    }
    if let Some(log) = log.filter(|log| log.count > 0) {
        let mut mail = w::MAIL_OWN.say(language, &[&log.count]);
        let named = log.seen.iter().any(|seen| seen.cause.ends_with("-blocklisted"));
        if named && !own.blocklists {
            mail.push(' ');
            mail.push_str(w::ASK_LISTS.get(language));
        }
        subject.mail = Some(mail);
        subject.log.clone_from(&log.seen);
    }
    subject
}

/// Looks at an address: its name.
pub fn judge_address(book: &Book, address: IpAddr, language: Language) -> Subject {
    let mut findings = Findings::new(language);
    pointer(book, address, Party::RemoteAdmin, &mut findings);
    subject(address.to_string(), SubjectKind::Address, findings)
}

pub(super) fn subject(name: String, kind: SubjectKind, findings: Findings) -> Subject {
    let (verdict, party, suppress, text) = ended(&name, &findings);
    let unknown = findings.all.iter().all(|finding| finding.finding == FindingKind::NotAsked)
        && !findings.all.is_empty();
    let (verdict, text) = if unknown {
        (VerdictKind::NotKnown, p::V_NOT_KNOWN.say(findings.language, &[&name]))
    } else {
        (verdict, text)
    };
    Subject {
        subject: name,
        kind,
        log: Vec::new(),
        verdict: Verdict {
            verdict,
            text,
            party,
            suppress,
            commands: Vec::new(),
            pages: Vec::new(),
        },
        mail: None,
        findings: findings.sorted(),
    }
}

/// The name under which DNS keeps the name of an address.
pub fn reverse_name(address: IpAddr) -> String {
    let tree = if address.is_ipv4() { "in-addr.arpa" } else { "ip6.arpa" };
    format!("{}.{tree}", reversed(address))
}

/// An address as the labels that stand before a zone of addresses.
pub(super) fn reversed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}")
        }
        IpAddr::V6(address) => {
            let nibbles =
                address.octets().into_iter().rev().flat_map(|byte| [byte & 15, byte >> 4]);
            let labels: Vec<String> = nibbles.map(|nibble| format!("{nibble:x}")).collect();
            labels.join(".")
        }
    }
}

fn type_of(address: IpAddr) -> QueryType {
    if address.is_ipv4() { QueryType::A } else { QueryType::Aaaa }
}

/// The names of an address, and whether they lead back to it. Many receivers refuse mail where none does.
fn pointer(book: &Book, address: IpAddr, by: Party, findings: &mut Findings) {
    let name = reverse_name(address);
    let answer = book.look(QueryType::Ptr, &name);
    let dig = vec![plain(format!("dig -x {address}"))];
    // For an address that is not ours the lack of a name breaks nothing that we do.
    let severity = if by == Party::OwnAdmin { Severity::Failing } else { Severity::Note };
    match answer.outcome {
        Outcome::Records | Outcome::NoData | Outcome::NoSuchName => {}
        failed => return findings.failure(failed, QueryType::Ptr, &name),
    }
    let names: Vec<&str> = answer.pointers().take(MOST_NAMES).collect();
    if names.is_empty() {
        findings
            .push(FindingKind::PtrMissing, severity, Some(by), (p::PTR_MISSING, &[&address]))
            .commands(dig);
        return;
    }
    let shown = names.join(", ");
    let mut rows = answer.rows.clone();
    let (mut confirmed, mut open) = (None, false);
    for host in names.iter().filter_map(|host| HostName::parse(host)) {
        let back = book.look(type_of(address), host.as_str());
        rows.extend(rows_of(&[back]));
        open |= !back.outcome.is_certain();
        if confirmed.is_none() && back.addresses().any(|found| found == address) {
            confirmed = Some(host);
        }
    }
    if let Some(host) = confirmed {
        let values: &[&dyn Display] = &[&address, &host];
        findings
            .push(FindingKind::PtrConfirmed, Severity::Ok, None, (p::PTR_CONFIRMED, values))
            .evidence(rows);
    } else if open {
        findings.failure(Outcome::Timeout, type_of(address), names.first().unwrap_or(&""));
    } else {
        let values: &[&dyn Display] = &[&address, &shown];
        findings
            .push(FindingKind::PtrUnconfirmed, severity, Some(by), (p::PTR_UNCONFIRMED, values))
            .evidence(rows)
            .commands(dig);
    }
}

/// Whether the HELO name is a whole name that has our address.
fn helo_name(book: &Book, helo: &str, address: IpAddr, findings: &mut Findings) {
    let by = Some(Party::OwnAdmin);
    let set = || {
        let own =
            |mta, line: &str| super::finding::Command { mta: Some(mta), line: line.to_owned() };
        vec![
            own("postfix", "postconf myhostname smtp_helo_name"),
            own("exim", "exim -bP primary_hostname"),
        ]
    };
    let name = HostName::parse(helo).filter(|name| name.as_str().contains('.'));
    let Some(name) = name else {
        findings
            .push(
                FindingKind::HeloNotQualified,
                Severity::Failing,
                by,
                (p::HELO_NOT_QUALIFIED, &[&helo]),
            )
            .commands(set());
        return;
    };
    let (v4, v6) =
        (book.look(QueryType::A, name.as_str()), book.look(QueryType::Aaaa, name.as_str()));
    let asked = if address.is_ipv4() { v4 } else { v6 };
    if asked.outcome.is_failure() {
        return findings.failure(asked.outcome, type_of(address), name.as_str());
    }
    let found: Vec<IpAddr> = v4.addresses().chain(v6.addresses()).collect();
    let listed = list(&found);
    let rows = rows_of(&[v4, v6]);
    let values: &[&dyn Display] = &[&name, &address, &listed];
    let (kind, severity, by, text) = if found.contains(&address) {
        (FindingKind::HeloConfirmed, Severity::Ok, None, p::HELO_CONFIRMED)
    } else if found.is_empty() {
        (FindingKind::HeloWithoutAddress, Severity::Failing, by, p::HELO_WITHOUT_ADDRESS)
    } else {
        (FindingKind::HeloOtherAddress, Severity::Warning, by, p::HELO_OTHER_ADDRESS)
    };
    let commands = if severity == Severity::Ok { Vec::new() } else { set() };
    findings.push(kind, severity, by, (text, values)).evidence(rows).commands(commands);
}

/// SPF of an envelope domain for our address.
fn sender_policy(book: &Book, domain: &HostName, own: &Own, findings: &mut Findings) {
    let identity = Identity { address: own.address, domain, helo: own.helo.as_deref() };
    let found = spf::evaluate(book, &identity);
    let by = Some(Party::OwnAdmin);
    let (kind, severity, by, text) = match found.result {
        SpfResult::Pass => (FindingKind::SpfPass, Severity::Ok, None, p::SPF_PASS),
        SpfResult::Fail => (FindingKind::SpfFail, Severity::Failing, by, p::SPF_FAIL),
        SpfResult::SoftFail => (FindingKind::SpfSoftFail, Severity::Warning, by, p::SPF_SOFTFAIL),
        SpfResult::Neutral => (FindingKind::SpfNeutral, Severity::Warning, by, p::SPF_NEUTRAL),
        SpfResult::None => (FindingKind::SpfNone, Severity::Warning, by, p::SPF_NONE),
        SpfResult::TempError => {
            (FindingKind::SpfTempError, Severity::Failing, by, p::SPF_TEMPERROR)
        }
        SpfResult::PermError => {
            (FindingKind::SpfPermError, Severity::Failing, by, p::SPF_PERMERROR)
        }
        SpfResult::Pending => return,
    };
    let term = found.term.as_deref().unwrap_or("-");
    let reason = found.problem.map_or_else(String::new, |problem| {
        spf::problem_text(problem.kind).say(findings.language, &[&problem.what])
    });
    let values: &[&dyn Display] =
        &[domain, &own.address, &term, &found.record_of, &found.lookups, &reason];
    let record = book.look(QueryType::Txt, domain.as_str());
    let rows = record
        .rows
        .iter()
        .filter(|row| matches!(&row.data, super::Data::Text(text) if spf::is_spf(text)))
        .cloned()
        .collect();
    let commands = if severity == Severity::Ok {
        Vec::new()
    } else {
        vec![plain(format!("dig TXT {domain}"))]
    };
    findings.push(kind, severity, by, (text, values)).evidence(rows).commands(commands);
}

/// The DMARC record of a domain; without one, that of the domains above it.
fn dmarc(book: &Book, domain: &HostName, findings: &mut Findings) {
    let mut at = domain.as_str();
    let by = Some(Party::OwnAdmin);
    // The organisational domain is found as RFC 9091 and its successor do it: upwards, at most eight steps.
    for _ in 0..8 {
        let name = format!("_dmarc.{at}");
        let answer = book.look(QueryType::Txt, &name);
        if answer.outcome.is_failure() {
            return findings.failure(answer.outcome, QueryType::Txt, &name);
        }
        let records: Vec<&str> = answer
            .texts()
            .filter(|text| text.to_ascii_lowercase().starts_with("v=dmarc1"))
            .collect();
        let rows: Vec<_> = answer.rows.clone();
        match records.as_slice() {
            [] => {}
            [record] => {
                let policy = tag(record, "p").unwrap_or_default().to_ascii_lowercase();
                let known = ["none", "quarantine", "reject"].contains(&policy.as_str());
                let (kind, severity, text) = if known {
                    (FindingKind::DmarcPolicy, Severity::Ok, p::DMARC_POLICY)
                } else {
                    (FindingKind::DmarcBroken, Severity::Warning, p::DMARC_BROKEN)
                };
                let by = if known { None } else { by };
                findings.push(kind, severity, by, (text, &[domain, &name, &policy])).evidence(rows);
                return;
            }
            _ => {
                findings
                    .push(
                        FindingKind::DmarcBroken,
                        Severity::Warning,
                        by,
                        (p::DMARC_MANY, &[domain, &name]),
                    )
                    .evidence(rows);
                return;
            }
        }
        match at.split_once('.') {
            Some((_, above)) if above.contains('.') => at = above,
            _ => break,
        }
    }
    findings
        .push(FindingKind::DmarcNone, Severity::Warning, by, (p::DMARC_NONE, &[domain]))
        .commands(vec![plain(format!("dig TXT _dmarc.{domain}"))]);
}

/// The value of a tag in `v=DMARC1; p=none; …`.
pub(super) fn tag<'t>(record: &'t str, name: &str) -> Option<&'t str> {
    record.split(';').find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
