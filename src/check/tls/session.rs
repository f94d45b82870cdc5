//! What the TLS of a session with an exchanger means. The handshake itself is in [`super::handshake`].

use super::certificate::{Certificate, Flaw, Trust, day, flaws, is_for, vouches};
use super::dane::{END_ENTITY, TRUST_ANCHOR, fitting};
use super::expect::{Dane, Expectation};
use super::phrases as p;
use super::sts::Mode;
use crate::check::answer::Tlsa;
use crate::check::finding::{FindingKind, Severity, TlsFacts};
use crate::check::recipient::Findings;
use crate::i18n::{Language, Text};
use crate::knowledge::Party;
use std::fmt::Display;

/// A certificate that ends within so many seconds is worth a note: two weeks, when renewing should be over.
const SOON: u64 = 14 * 24 * 3600;

/// TLS as it was negotiated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tls {
    /// The protocol: `TLSv1.3`.
    pub protocol: String,
    /// The cipher suite: `TLS13_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// The certificates as sent, the server's first.
    pub chain: Vec<Vec<u8>>,
    /// Why the server's signature does not prove that the certificate is its own; `None` where it does.
    pub unproved: Option<String>,
}

/// Why there is no TLS.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TlsTrouble {
    /// No answer for so many seconds.
    Silent(u64),
    /// The connection ended.
    HungUp,
    /// The server sent something before the handshake began: it would be taken for a part of it.
    Early,
    /// The server breaks off with this alert, as the RFC names it.
    Alert(String),
    /// Neither TLS 1.2 nor 1.3, or no cipher suite of today.
    Outdated,
    /// What the server sends is not TLS.
    NotTls,
    /// The handshake failed otherwise, in the words of the library.
    Failed(String),
}

impl TlsTrouble {
    pub(in crate::check) fn say(&self, language: Language) -> String {
        match self {
            Self::Silent(seconds) => p::TLS_SILENT.say(language, &[seconds]),
            Self::HungUp => p::TLS_HUNG_UP.get(language).to_owned(),
            Self::Early => p::TLS_EARLY.get(language).to_owned(),
            Self::Alert(alert) => p::TLS_ALERT.say(language, &[alert]),
            Self::Outdated => p::TLS_OUTDATED.get(language).to_owned(),
            Self::NotTls => p::TLS_NOT_TLS.get(language).to_owned(),
            Self::Failed(why) => why.clone(),
        }
    }
}

/// The findings about an encrypted session with `host`, which is empty where only an address is known.
pub(in crate::check) fn judge(
    place: &str,
    host: &str,
    tls: &Tls,
    expectation: &Expectation,
    trust: &Trust,
    findings: &mut Findings,
) {
    let theirs = Some(Party::RemoteAdmin);
    let certificate = tls.chain.first().and_then(|der| Certificate::read(der));
    works(place, tls, certificate.as_ref(), findings);
    // Of what cannot be read that is no news.
    if let Some(why) = tls.unproved.as_ref().filter(|_| certificate.is_some()) {
        findings.push(
            FindingKind::TlsUnproved,
            Severity::Warning,
            theirs,
            (p::TLS_UNPROVED, &[&place, why]),
        );
    }
    let found = flaws(&tls.chain, host, trust);
    if let (Some(dane), Some(certificate)) = (expectation.dane_of(host), &certificate) {
        dane_fits(place, dane, certificate, &tls.chain, &found, trust, findings);
    }
    let (severity, text) = if expectation.has_mode(host, Mode::Enforce) {
        (Severity::Failing, p::CERTIFICATE_ENFORCE)
    } else if expectation.has_mode(host, Mode::Testing) {
        (Severity::Warning, p::CERTIFICATE_TESTING)
    } else {
        (Severity::Note, p::CERTIFICATE_NOTE)
    };
    for flaw in &found {
        let words = flaw.say(findings.language);
        findings.push(kind_of(flaw), severity, theirs, (text, &[&place, &words]));
    }
    let Some(certificate) = certificate else { return };
    let left = certificate.not_after.saturating_sub(trust.now);
    if left > 0 && left < SOON {
        let end = day(certificate.not_after);
        findings.push(
            FindingKind::CertificateEndsSoon,
            Severity::Note,
            theirs,
            (p::CERTIFICATE_SOON, &[&place, &end]),
        );
    }
    if trust.roots.is_empty() {
        findings.push(
            FindingKind::AuthoritiesUnknown,
            Severity::Note,
            Some(Party::OwnAdmin),
            (p::AUTHORITIES_UNKNOWN, &[&place]),
        );
    }
}

fn works(place: &str, tls: &Tls, certificate: Option<&Certificate>, findings: &mut Findings) {
    let kind = FindingKind::TlsWorks;
    let facts = TlsFacts {
        protocol: tls.protocol.clone(),
        cipher: tls.cipher.clone(),
        names: certificate.map(|c| c.names.clone()).unwrap_or_default(),
        subject: certificate.map(|c| c.subject.clone()),
        issuer: certificate.map(|c| c.issuer.clone()),
        not_before: certificate.map(|c| day(c.not_before)),
        not_after: certificate.map(|c| day(c.not_after)),
        tlsa: certificate.map(fitting),
    };
    let pushed = match certificate {
        Some(certificate) => {
            let (names, from, to) =
                (certificate.list(), day(certificate.not_before), day(certificate.not_after));
            let values: [&dyn Display; 7] =
                [&place, &tls.protocol, &tls.cipher, &names, &certificate.issuer, &from, &to];
            findings.push(kind, Severity::Ok, None, (p::TLS_WORKS, &values))
        }
        None => findings.push(
            kind,
            Severity::Ok,
            None,
            (p::TLS_WORKS_UNREAD, &[&place, &tls.protocol, &tls.cipher]),
        ),
    };
    pushed.tls(facts);
}

/// Whether the certificate fits a TLSA record, as senders with DANE look.
fn dane_fits(
    place: &str,
    dane: &Dane,
    certificate: &Certificate,
    chain: &[Vec<u8>],
    found: &[Flaw],
    trust: &Trust,
    findings: &mut Findings,
) {
    if dane.usable.is_empty() {
        return;
    }
    // Of usage 3 only the key counts; of usage 2 names and dates as well (RFC 7672 sections 3.1.1 and 3.1.2).
    let in_time = !found
        .iter()
        .any(|flaw| matches!(flaw, Flaw::Expired(_) | Flaw::NotYet(_) | Flaw::Unreadable));
    let named = || dane.names.iter().any(|name| is_for(chain, name));
    let above: Vec<Certificate> =
        chain.iter().skip(1).filter_map(|der| Certificate::read(der)).collect();
    let fits = |tlsa: &&Tlsa| match tlsa.usage {
        END_ENTITY => tlsa.is_about(certificate),
        TRUST_ANCHOR => {
            in_time
                && named()
                && above.iter().any(|ca| tlsa.is_about(ca) && vouches(ca, chain, trust))
        }
        _ => false,
    };
    if let Some(tlsa) = dane.usable.iter().find(fits) {
        let short: String = tlsa.as_text().chars().take(80).collect();
        let values: &[&dyn Display] = &[&place, &short];
        findings.push(FindingKind::DaneMatch, Severity::Ok, None, (p::DANE_MATCH, values));
        return;
    }
    let (severity, text): (Severity, Text) = if dane.proved {
        (Severity::Failing, p::DANE_MISMATCH)
    } else {
        (Severity::Warning, p::DANE_MISMATCH_UNPROVED)
    };
    let fitting = fitting(certificate);
    findings.push(
        FindingKind::DaneMismatch,
        severity,
        Some(Party::RemoteAdmin),
        (text, &[&place, &fitting]),
    );
}

fn kind_of(flaw: &Flaw) -> FindingKind {
    match flaw {
        Flaw::Unreadable => FindingKind::CertificateUnreadable,
        Flaw::OtherName(_) => FindingKind::CertificateOtherName,
        Flaw::Expired(_) => FindingKind::CertificateExpired,
        Flaw::NotYet(_) => FindingKind::CertificateNotYetValid,
        Flaw::SelfSigned => FindingKind::CertificateSelfSigned,
        Flaw::UnknownIssuer(_) => FindingKind::CertificateUnknownIssuer,
        Flaw::Chain(_) => FindingKind::CertificateChain,
    }
}
