//! Whether blocklists have our address and our domains; only on demand.
//!
//! What the lists are, how they are asked and what their answers mean is data
//! ([`crate::knowledge::list_query`]). An answer is believed only from a list that answers like one: where it says
//! `not listed`, its own test entry must be listed (or, where it promises none, its zone be there), and where it says `listed`, 127.0.0.1 must not be (RFC 5782
//! section 5). Everything else is told as not known, never as a listing.

use super::answer::{Answer, Outcome, QueryType};
use super::book::Book;
use super::finding::{FindingKind, Severity};
use super::identity::reversed;
use super::name::HostName;
use super::own_phrases as w;
use super::recipient::{Findings, plain, rows_of};
use crate::i18n::Language;
use crate::knowledge::blocklist::{List, list, lists};
use crate::knowledge::list_query::{AnswerMeaning, ListQuery, Reading};
use crate::knowledge::{ListStatus, Listed, Party};
use std::fmt::Display;
use std::net::IpAddr;

/// Looks the address up in all lists of addresses.
pub(super) fn of_address(book: &Book, address: IpAddr, findings: &mut Findings) {
    let name = reversed(address);
    look(book, &address.to_string(), Listed::Ip, findings, |query| {
        query.zone_for(address).map(|zone| (format!("{name}.{zone}"), zone.to_owned()))
    });
}

/// Looks a domain up in all lists of domains.
pub(super) fn of_domain(book: &Book, domain: &HostName, findings: &mut Findings) {
    look(book, domain.as_str(), Listed::Domain, findings, |query| {
        Some((format!("{domain}.{}", query.zone), query.zone.clone()))
    });
}

/// What a list came to, where it does not list.
#[derive(Default)]
struct Others {
    clean: Vec<&'static str>,
    refusing: Vec<&'static str>,
    silent: Vec<&'static str>,
}

fn look(
    book: &Book,
    what: &str,
    kind: Listed,
    findings: &mut Findings,
    name_in: impl Fn(&'static ListQuery) -> Option<(String, String)>,
) {
    let mut others = Others::default();
    for list in lists() {
        if list.kind != kind || list.status != ListStatus::Active {
            continue;
        }
        let Some(query) = &list.query else { continue };
        let Some((name, zone)) = name_in(query) else { continue };
        // Longer names cannot be asked for.
        if HostName::parse(&name).is_some() {
            one(&Asked { book, list, query, what, name, zone }, findings, &mut others);
        }
    }
    let by = Some(Party::OwnAdmin);
    for (names, kind, severity, text) in [
        (others.refusing, FindingKind::ListRefuses, Severity::Note, w::LIST_REFUSES),
        (others.silent, FindingKind::ListSilent, Severity::Note, w::LIST_SILENT),
    ] {
        if !names.is_empty() {
            findings.push(kind, severity, by, (text, &[&names.join(", ")]));
        }
    }
    if !others.clean.is_empty() {
        let names = others.clean.join(", ");
        let values: &[&dyn Display] = &[&what, &names];
        findings.push(FindingKind::NotListed, Severity::Ok, None, (w::NOT_LISTED, values));
    }
}

/// A list, and what it is asked for.
struct Asked<'a> {
    book: &'a Book,
    list: &'static List,
    query: &'static ListQuery,
    /// The address or domain.
    what: &'a str,
    /// The name that stands for it.
    name: String,
    zone: String,
}

fn one(asked: &Asked<'_>, findings: &mut Findings, others: &mut Others) {
    let Asked { book, list, query, .. } = asked;
    let answer = book.look(QueryType::A, &asked.name);
    match answer.outcome {
        Outcome::Pending => {}
        Outcome::Records => listed(asked, answer, findings, others),
        Outcome::NoData | Outcome::NoSuchName => {
            let Some(test) = &query.test else {
                // It promises no entry to test; at least its zone must be there.
                return match book.look(QueryType::A, &asked.zone).outcome {
                    Outcome::Pending => {}
                    Outcome::Records | Outcome::NoData => others.clean.push(&list.name),
                    _ => others.silent.push(&list.name),
                };
            };
            let test = book.look(QueryType::A, &asked.test_name(test));
            let readings: Vec<Reading<'_>> = readings(query, test);
            if readings.iter().any(|reading| matches!(reading, Reading::Refused)) {
                others.refusing.push(&list.name);
            } else if readings.iter().any(|reading| matches!(reading, Reading::Listed(_))) {
                others.clean.push(&list.name);
            } else if test.outcome != Outcome::Pending {
                others.silent.push(&list.name);
            }
        }
        Outcome::Refused => others.refusing.push(&list.name),
        _ => others.silent.push(&list.name),
    }
}

impl Asked<'_> {
    /// The name of an entry such as 127.0.0.2, or of a domain.
    fn test_name(&self, entry: &str) -> String {
        // An IPv4 address stands in a zone of IPv6 addresses as ::FFFF:127.0.0.2 (RFC 5782 section 5).
        match entry.parse::<IpAddr>() {
            Ok(IpAddr::V4(v4)) if self.what.contains(':') => {
                format!("{}.{}", reversed(IpAddr::V6(v4.to_ipv6_mapped())), self.zone)
            }
            Ok(address) => format!("{}.{}", reversed(address), self.zone),
            Err(_) => format!("{entry}.{}", self.zone),
        }
    }
}

fn readings<'q>(query: &'q ListQuery, answer: &Answer) -> Vec<Reading<'q>> {
    let v4 = answer.addresses().filter_map(|address| match address {
        IpAddr::V4(address) => Some(query.read(address)),
        IpAddr::V6(_) => None,
    });
    v4.collect()
}

/// The list has an answer: a listing, a refusal, or nonsense.
fn listed(asked: &Asked<'_>, answer: &Answer, findings: &mut Findings, others: &mut Others) {
    let Asked { book, list, query, what, .. } = asked;
    let language = findings.language;
    let by = Some(Party::OwnAdmin);
    let readings = readings(query, answer);
    let mut reasons: Vec<&AnswerMeaning> = Vec::new();
    let (mut is_listed, mut refuses, mut foreign) = (false, false, false);
    for reading in readings {
        match reading {
            Reading::Listed(more) => {
                is_listed = true;
                reasons.extend(more);
            }
            Reading::Refused => refuses = true,
            Reading::Foreign => foreign = true,
        }
    }
    let name = list.name.as_str();
    let nonsense = |findings: &mut Findings, text, values: &[&dyn Display], answer: &Answer| {
        findings
            .push(FindingKind::ListDead, Severity::Note, None, (text, values))
            .evidence(rows_of(&[answer]));
    };
    if refuses {
        return others.refusing.push(&list.name);
    }
    if foreign || !is_listed {
        let shown: Vec<String> = answer.addresses().map(|address| address.to_string()).collect();
        return nonsense(findings, w::LIST_DEAD, &[&name, &shown.join(", ")], answer);
    }
    if list.kind == Listed::Ip {
        let nobody = book.look(QueryType::A, &asked.test_name("127.0.0.1"));
        match nobody.outcome {
            Outcome::Pending => return,
            Outcome::Records => return nonsense(findings, w::LIST_HAS_ALL, &[&name], nobody),
            _ => {}
        }
    }
    let text = book.look(QueryType::Txt, &asked.name);
    // The administrator of one address can do nothing about a listing of the whole network.
    let severity = if matches!(list.way.as_str(), "network" | "receiver") {
        Severity::Warning
    } else {
        Severity::Failing
    };
    let why: Vec<String> = reasons.iter().map(|reason| sense(reason, language)).collect();
    let why = why.join(", ");
    let values: &[&dyn Display] = &[what, &name, &why];
    let sentence = if why.is_empty() { w::LISTED } else { w::LISTED_FOR };
    // What the parts of a list ask for, else what it asks for itself; each once.
    let parts: Vec<&List> =
        reasons.iter().filter_map(|reason| self::list(reason.part.as_deref()?)).collect();
    let parts = if parts.is_empty() { vec![*list] } else { parts };
    let mut ways: Vec<String> = Vec::new();
    let mut pages: Vec<String> = Vec::new();
    for part in parts {
        let way = part.way_out().map(|out| match language {
            Language::En => &out.en,
            Language::Ru => &out.ru,
        });
        ways.extend(way.filter(|way| !ways.contains(way)).cloned());
        pages.extend(
            part.url.iter().filter(|page| !pages.contains(page)).cloned().collect::<Vec<_>>(),
        );
    }
    findings
        .push(FindingKind::Listed, severity, by, (sentence, values))
        .evidence(rows_of(&[answer, text]))
        .remedy(Some(ways.join(" ")))
        .pages(pages)
        .commands(vec![plain(format!("dig +short A {}", asked.name))]);
}

/// What an answer means, in words.
fn sense(reason: &AnswerMeaning, language: Language) -> String {
    if let Some(part) = reason.part.as_deref() {
        return list(part).map_or(part, |list| list.name.as_str()).to_owned();
    }
    let text = match language {
        Language::En => &reason.en,
        Language::Ru => &reason.ru,
    };
    text.clone().unwrap_or_default()
}
