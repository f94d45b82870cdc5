//! What a domain expects of those who send to it: DANE for each exchanger, MTA-STS, and where failures are told.

use super::certificate::Flaw;
use super::phrases as p;
use super::reports::{Reporting, reporting};
use super::session::TlsTrouble;
use super::sts::{Announced, Mode, Policy, announced, parse_policy};
use crate::check::answer::{Answer, Data, Outcome, QueryType, Row, Tlsa};
use crate::check::book::Book;
use crate::check::finding::{FindingKind, Severity};
use crate::check::name::HostName;
use crate::check::recipient::{Findings, Host, plain};
use crate::i18n::{Language, Text};
use crate::knowledge::Party;
use std::fmt::Display;

/// What an exchanger announces by TLSA records.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dane {
    /// The exchanger, in lower case.
    pub host: String,
    /// Names that the certificate of an authority (usage 2) may be for: the one that the records stand under, the
    /// exchanger, the domain (RFC 7672 section 3.2.2).
    pub names: Vec<String>,
    /// The records that can be used.
    pub usable: Vec<Tlsa>,
    /// DNSSEC proves them, and the MX records, as far as the resolver says.
    pub proved: bool,
}

/// What a domain expects.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Expectation {
    /// The exchangers with TLSA records.
    pub dane: Vec<Dane>,
    /// The policy of MTA-STS, where it was fetched.
    pub policy: Option<Policy>,
}

impl Expectation {
    /// The TLSA records of an exchanger.
    pub fn dane_of(&self, host: &str) -> Option<&Dane> {
        self.dane.iter().find(|dane| dane.host.eq_ignore_ascii_case(host))
    }

    /// The policy of MTA-STS is about this exchanger and in this mode.
    pub fn has_mode(&self, host: &str, mode: Mode) -> bool {
        self.policy.as_ref().is_some_and(|policy| policy.mode == mode && policy.names(host))
    }

    /// Senders that honour DANE and MTA-STS send nothing to this exchanger without TLS.
    pub fn demands_tls(&self, host: &str) -> bool {
        self.dane_of(host).is_some_and(|dane| dane.proved) || self.has_mode(host, Mode::Enforce)
    }
}

/// What came of fetching a policy: its bytes, or why there are none.
pub type Fetched = Result<Vec<u8>, FetchTrouble>;

/// Why a policy could not be fetched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FetchTrouble {
    /// There is no address to connect to.
    NoAddress,
    /// No connection, in the system's words.
    Connect(String),
    /// No answer in time.
    Timeout,
    /// No TLS.
    Tls(TlsTrouble),
    /// The certificate is not good, and RFC 8461 permits none that is not.
    Certificate(Vec<Flaw>),
    /// There is nothing to check the certificate by.
    NoAuthorities,
    /// Another status than 200.
    Status(u16),
    /// Not HTTP.
    Http(String),
    /// More than a policy may have.
    TooLong,
    /// The run had no time left.
    NotTried,
}

impl FetchTrouble {
    fn say(&self, host: &str, language: Language) -> String {
        let (text, value): (Text, String) = match self {
            Self::NoAddress => (p::FETCH_NO_ADDRESS, String::new()),
            Self::Connect(why) => (p::FETCH_CONNECT, why.clone()),
            Self::Timeout => (p::FETCH_TIMEOUT, String::new()),
            Self::Tls(trouble) => (p::FETCH_TLS, trouble.say(language)),
            Self::Certificate(flaws) => {
                let flaws: Vec<String> = flaws.iter().map(|flaw| flaw.say(language)).collect();
                (p::FETCH_CERTIFICATE, flaws.join("; "))
            }
            Self::NoAuthorities => (p::FETCH_NO_AUTHORITIES, String::new()),
            Self::Status(status) => (p::FETCH_STATUS, status.to_string()),
            Self::Http(why) => (p::FETCH_HTTP, why.clone()),
            Self::TooLong => (p::FETCH_TOO_LONG, String::new()),
            Self::NotTried => (p::FETCH_NOT_TRIED, String::new()),
        };
        text.say(language, &[&host, &value])
    }
}

/// The host that serves the policy of a domain.
pub fn policy_host(domain: &HostName) -> String {
    format!("mta-sts.{domain}")
}

/// Whether a domain announces a policy, as far as is known.
pub fn announces_policy(book: &Book, domain: &HostName) -> bool {
    let answer = book.look(QueryType::Txt, &format!("_mta-sts.{domain}"));
    matches!(announced(answer.texts()), Announced::Policy(_))
}

/// Looks at what a domain expects. `fetched` is its policy, where somebody fetched it.
pub(in crate::check) fn judge(
    book: &Book,
    domain: &HostName,
    hosts: &[Host],
    fetched: Option<&Fetched>,
    findings: &mut Findings,
) -> Expectation {
    let mut expectation = Expectation::default();
    let mx = book.look(QueryType::Mx, domain.as_str());
    // Without MX the addresses of the domain itself are meant, and what proves their absence is not kept.
    let mx_proved = mx.secure || mx.outcome == Outcome::NoData;
    for host in hosts {
        expectation.dane.extend(dane(book, domain, host, mx_proved, findings));
    }
    let announces = policy(book, domain, hosts, fetched, findings, &mut expectation);
    let demands = announces || !expectation.dane.is_empty();
    reports(book, domain, demands, findings);
    let quiet = |kind: FindingKind| {
        matches!(
            kind,
            FindingKind::DaneUnanswered | FindingKind::DnsServFail | FindingKind::DnsTimeout
        )
    };
    // What nobody answered may be a demand.
    if !demands && !findings.all.iter().any(|finding| quiet(finding.finding)) {
        findings.push(
            FindingKind::TlsOpportunistic,
            Severity::Ok,
            None,
            (p::OPPORTUNISTIC, &[domain]),
        );
    }
    expectation
}

fn dane(
    book: &Book,
    domain: &HostName,
    host: &Host,
    mx_proved: bool,
    findings: &mut Findings,
) -> Option<Dane> {
    let theirs = Some(Party::RemoteAdmin);
    // For an alias first where it leads, then itself (RFC 7672 section 2.2.2).
    let bases = host.alias.iter().chain([&host.name]).filter_map(|name| HostName::parse(name));
    let (mut found, mut failed) = (None, None);
    for base in bases {
        let name = format!("_25._tcp.{base}");
        let answer = book.look(QueryType::Tlsa, &name);
        if tlsas(answer).next().is_some() {
            found = Some((answer, name, base));
            break;
        }
        if answer.outcome.is_failure() {
            failed = failed.or(Some((answer.outcome, name)));
        }
    }
    let Some((answer, name, base)) = found else {
        let (outcome, name) = failed?;
        let ended = match outcome {
            Outcome::ServFail => Some(p::ENDED_SERVFAIL),
            Outcome::Timeout => Some(p::ENDED_TIMEOUT),
            Outcome::Failed => Some(p::ENDED_FAILED),
            _ => None,
        };
        if let Some(ended) = ended {
            // Senders ask for TLSA where the zone is signed; of an unsigned one few notice.
            let severity = if mx_proved { Severity::Failing } else { Severity::Warning };
            let ended = ended.get(findings.language);
            let values: &[&dyn Display] = &[&host.name, &ended];
            findings
                .push(FindingKind::DaneUnanswered, severity, theirs, (p::DANE_UNANSWERED, values))
                .commands(vec![plain(format!("dig +dnssec TLSA {name}"))]);
        } else {
            findings.failure(outcome, QueryType::Tlsa, &name);
        }
        return None;
    };
    let rows: Vec<Row> = answer.rows.clone();
    let all: Vec<&Tlsa> = tlsas(answer).collect();
    for tlsa in &all {
        let Some(flaw) = tlsa.flaw() else { continue };
        let short: String = tlsa.as_text().chars().take(80).collect();
        let why = flaw.get(findings.language);
        findings.push(
            FindingKind::DaneMalformed,
            Severity::Warning,
            theirs,
            (p::DANE_MALFORMED, &[&host.name, &short, &why]),
        );
    }
    let usable: Vec<Tlsa> =
        all.iter().filter(|tlsa| tlsa.flaw().is_none()).map(|tlsa| (*tlsa).clone()).collect();
    if usable.is_empty() {
        findings.push(
            FindingKind::DaneNoneUsable,
            Severity::Warning,
            theirs,
            (p::DANE_NONE_USABLE, &[&host.name]),
        );
    }
    let count = all.len();
    let values: &[&dyn Display] = &[&host.name, &count, domain];
    let dig = vec![plain(format!("dig +dnssec TLSA {name}"))];
    match (answer.secure, mx_proved) {
        (true, true) => findings
            .push(FindingKind::DaneRecords, Severity::Ok, None, (p::DANE_RECORDS, values))
            .evidence(rows),
        (true, false) => findings
            .push(
                FindingKind::DaneUnproved,
                Severity::Warning,
                theirs,
                (p::DANE_MX_UNPROVED, values),
            )
            .evidence(rows)
            .commands(dig),
        (false, _) => findings
            .push(
                FindingKind::DaneUnproved,
                Severity::Note,
                Some(Party::OwnAdmin),
                (p::DANE_UNPROVED, values),
            )
            .evidence(rows)
            .commands(dig),
    };
    let proved = answer.secure && mx_proved;
    let names = vec![base.to_string(), host.name.clone(), domain.to_string()];
    Some(Dane { host: host.name.to_ascii_lowercase(), names, usable, proved })
}

fn tlsas(answer: &Answer) -> impl Iterator<Item = &Tlsa> {
    answer.rows.iter().filter_map(|row| match &row.data {
        Data::Tlsa(tlsa) => Some(tlsa),
        _ => None,
    })
}

/// The policy of MTA-STS; tells whether one is announced.
fn policy(
    book: &Book,
    domain: &HostName,
    hosts: &[Host],
    fetched: Option<&Fetched>,
    findings: &mut Findings,
    expectation: &mut Expectation,
) -> bool {
    let theirs = Some(Party::RemoteAdmin);
    let name = format!("_mta-sts.{domain}");
    let answer = book.look(QueryType::Txt, &name);
    if answer.outcome.is_failure() {
        unanswered(answer.outcome, &name, findings);
        return false;
    }
    let rows = answer.rows.clone();
    let broken = |text: Text, findings: &mut Findings| {
        findings
            .push(FindingKind::StsRecordBroken, Severity::Warning, theirs, (text, &[domain]))
            .evidence(rows.clone());
    };
    let id = match announced(answer.texts()) {
        Announced::Nothing => return false,
        Announced::Many => {
            broken(p::STS_MANY, findings);
            return false;
        }
        Announced::NoId => {
            broken(p::STS_NO_ID, findings);
            return false;
        }
        Announced::Policy(id) => id,
    };
    let values: &[&dyn Display] = &[domain, &id];
    findings
        .push(FindingKind::StsRecord, Severity::Ok, None, (p::STS_RECORD, values))
        .evidence(rows);
    let host = policy_host(domain);
    let Some(fetched) = fetched else {
        findings.push(
            FindingKind::StsNotFetched,
            Severity::Note,
            None,
            (p::STS_NOT_FETCHED, &[domain, &host]),
        );
        return true;
    };
    let unavailable = |why: String, findings: &mut Findings| {
        findings
            .push(
                FindingKind::StsUnavailable,
                Severity::Warning,
                theirs,
                (p::STS_UNAVAILABLE, &[domain, &why]),
            )
            .commands(vec![plain(format!("curl -v https://{host}/.well-known/mta-sts.txt"))]);
    };
    let bytes = match fetched {
        Err(trouble) => {
            unavailable(trouble.say(&host, findings.language), findings);
            return true;
        }
        Ok(bytes) => bytes,
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        unavailable(p::FETCH_NOT_TEXT.say(findings.language, &[&host]), findings);
        return true;
    };
    let said: Vec<String> =
        text.lines().take(50).map(|line| line.chars().take(200).collect()).collect();
    match parse_policy(text) {
        Err(flaw) => {
            let field = flaw.field();
            findings
                .push(
                    FindingKind::StsPolicyBroken,
                    Severity::Warning,
                    theirs,
                    (p::STS_POLICY_BROKEN, &[domain, &field]),
                )
                .said(said);
        }
        Ok(policy) => {
            let listed = policy.mx.join(", ");
            let values: &[&dyn Display] = &[domain, &policy.mode.word(), &listed, &policy.max_age];
            let text = match policy.mode {
                Mode::None => p::STS_POLICY_NONE,
                Mode::Enforce | Mode::Testing => p::STS_POLICY,
            };
            findings.push(FindingKind::StsPolicy, Severity::Ok, None, (text, values)).said(said);
            outside(&policy, domain, hosts, &listed, findings);
            expectation.policy = Some(policy);
        }
    }
    true
}

/// Exchangers that the policy does not name.
fn outside(
    policy: &Policy,
    domain: &HostName,
    hosts: &[Host],
    listed: &str,
    findings: &mut Findings,
) {
    let (severity, text) = match policy.mode {
        Mode::Enforce => (Severity::Failing, p::STS_EXCHANGER_ENFORCE),
        Mode::Testing => (Severity::Warning, p::STS_EXCHANGER_TESTING),
        Mode::None => return,
    };
    for host in hosts.iter().filter(|host| !policy.names(&host.name)) {
        findings.push(
            FindingKind::StsExchangerMissing,
            severity,
            Some(Party::RemoteAdmin),
            (text, &[&host.name, domain, &listed]),
        );
    }
}

fn reports(book: &Book, domain: &HostName, demands: bool, findings: &mut Findings) {
    let theirs = Some(Party::RemoteAdmin);
    let name = format!("_smtp._tls.{domain}");
    let answer = book.look(QueryType::Txt, &name);
    if answer.outcome.is_failure() {
        return unanswered(answer.outcome, &name, findings);
    }
    match reporting(answer.texts()) {
        Reporting::To(to) => {
            let values: &[&dyn Display] = &[domain, &to];
            findings
                .push(FindingKind::TlsReports, Severity::Ok, None, (p::REPORTS_TO, values))
                .evidence(answer.rows.clone());
        }
        Reporting::Broken => {
            findings
                .push(
                    FindingKind::TlsReportsBroken,
                    Severity::Warning,
                    theirs,
                    (p::REPORTS_BROKEN, &[domain]),
                )
                .evidence(answer.rows.clone());
        }
        Reporting::Nothing if demands && answer.outcome.is_certain() => {
            findings.push(
                FindingKind::TlsReportsMissing,
                Severity::Note,
                theirs,
                (p::REPORTS_MISSING, &[domain]),
            );
        }
        Reporting::Nothing => {}
    }
}

/// Mail flows all the same when these records cannot be asked for.
fn unanswered(outcome: Outcome, name: &str, findings: &mut Findings) {
    findings.failure(outcome, QueryType::Txt, name);
    if let Some(last) = findings.all.last_mut() {
        last.severity = last.severity.min(Severity::Warning);
    }
}
