//! Certificates: what stands in them, and what is wrong with them.
//!
//! Each flaw is found by itself, where a verifier would stop at the first: which of them matter depends on who asks.

use super::phrases as p;
use crate::i18n::{Language, Text};
use crate::render::sanitize::for_terminal;
use chrono::{DateTime, Utc};
use rustls::RootCertStore;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use std::time::Duration;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// Names that are shown of one certificate.
const MOST_NAMES: usize = 20;
/// Characters that are shown of one name.
const LONGEST_NAME: usize = 200;
/// Certificates of a chain that are looked at.
pub const MOST_CERTIFICATES: usize = 10;

/// A certificate. Names in it are made fit to be shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Certificate {
    /// All of it.
    pub der: Vec<u8>,
    /// Its public key, with its algorithm (`SubjectPublicKeyInfo`).
    pub key: Vec<u8>,
    /// The hosts it is for; without such an extension the common name, which no sender looks at any more.
    pub names: Vec<String>,
    /// There are more names.
    pub cut: bool,
    /// Whose it is.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// The subject issued it to itself.
    pub self_issued: bool,
    /// Seconds since 1970 from when it is valid.
    pub not_before: u64,
    /// Seconds since 1970 until when it is valid.
    pub not_after: u64,
}

impl Certificate {
    /// Reads a certificate; `None` where it is none.
    pub fn read(der: &[u8]) -> Option<Self> {
        let read = x509_cert::Certificate::from_der(der).ok()?;
        let body = read.tbs_certificate();
        let mut names: Vec<String> = Vec::new();
        if let Ok(Some((_, SubjectAltName(all)))) = body.get_extension::<SubjectAltName>() {
            for name in all {
                match name {
                    GeneralName::DnsName(name) => names.push(shown(name.as_str())),
                    GeneralName::IpAddress(bytes) => names.extend(address(bytes.as_bytes())),
                    _ => {}
                }
            }
        }
        if names.is_empty()
            && let Ok(Some(name)) = body.subject().common_name()
        {
            names.push(shown(&name.value()));
        }
        let cut = names.len() > MOST_NAMES;
        names.truncate(MOST_NAMES);
        Some(Self {
            der: der.to_vec(),
            key: body.subject_public_key_info().to_der().ok()?,
            names,
            cut,
            subject: shown(&body.subject().to_string()),
            issuer: shown(&body.issuer().to_string()),
            self_issued: body.subject() == body.issuer(),
            not_before: body.validity().not_before.to_unix_duration().as_secs(),
            not_after: body.validity().not_after.to_unix_duration().as_secs(),
        })
    }

    /// Its names in one line.
    pub fn list(&self) -> String {
        self.names.join(", ") + if self.cut { ", …" } else { "" }
    }
}

/// A name by strangers: what a terminal would act on is made visible, and it ends somewhere.
fn shown(text: &str) -> String {
    let short: String = text.chars().take(LONGEST_NAME).collect();
    for_terminal(&short).into_owned()
}

fn address(bytes: &[u8]) -> Option<String> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(|b| std::net::IpAddr::from(b).to_string()),
        16 => <[u8; 16]>::try_from(bytes).ok().map(|b| std::net::IpAddr::from(b).to_string()),
        _ => None,
    }
}

/// An error of the library, without what every one about a certificate begins with.
pub(super) fn words(error: &rustls::Error) -> String {
    let text = error.to_string();
    text.strip_prefix("invalid peer certificate: ").unwrap_or(&text).to_owned()
}

/// A day as `2026-11-29`, in UTC.
pub fn day(seconds: u64) -> String {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0))
        .map_or_else(|| "?".to_owned(), |time| time.format("%Y-%m-%d").to_string())
}

/// What certificates are measured by.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The authorities that this system trusts.
    pub roots: RootCertStore,
    /// Seconds since 1970.
    pub now: u64,
}

/// What is wrong with a certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Flaw {
    /// It cannot be read.
    Unreadable,
    /// It is for other names.
    OtherName(String),
    /// Not valid any more, since that day.
    Expired(String),
    /// Not valid until that day.
    NotYet(String),
    /// Nobody but itself vouches for it.
    SelfSigned,
    /// No authority that this system trusts issued it; often an intermediate certificate is not sent.
    UnknownIssuer(String),
    /// The chain has another fault.
    Chain(String),
}

impl Flaw {
    /// What it is, to stand in a sentence.
    pub(crate) fn say(&self, language: Language) -> String {
        let (text, value): (Text, &str) = match self {
            Self::Unreadable => (p::FLAW_UNREADABLE, ""),
            Self::OtherName(names) => (p::FLAW_NAME, names),
            Self::Expired(day) => (p::FLAW_EXPIRED, day),
            Self::NotYet(day) => (p::FLAW_NOT_YET, day),
            Self::SelfSigned => (p::FLAW_SELF_SIGNED, ""),
            Self::UnknownIssuer(issuer) => (p::FLAW_ISSUER, issuer),
            Self::Chain(why) => (p::FLAW_CHAIN, why),
        };
        text.say(language, &[&value])
    }
}

/// Checks a chain, the server's certificate first, for a name; an empty name is any. All flaws, in a fixed order.
///
/// Without any authority on this system nothing is said of the issuer: `trust.roots` is empty then.
pub fn flaws(chain: &[Vec<u8>], name: &str, trust: &Trust) -> Vec<Flaw> {
    let Some(der) = chain.first() else { return vec![Flaw::Unreadable] };
    let Some(certificate) = Certificate::read(der) else { return vec![Flaw::Unreadable] };
    let mut flaws = Vec::new();
    let cert = CertificateDer::from(der.as_slice());
    let parsed = match ParsedCertificate::try_from(&cert) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Old versions of the format, which OpenSSL still takes.
            return vec![Flaw::Chain(shown(&words(&error)))];
        }
    };
    if !name.is_empty() {
        let fits =
            ServerName::try_from(name).is_ok_and(|name| verify_server_name(&parsed, &name).is_ok());
        if !fits {
            flaws.push(Flaw::OtherName(certificate.list()));
        }
    }
    let mut at = trust.now;
    if trust.now > certificate.not_after {
        flaws.push(Flaw::Expired(day(certificate.not_after)));
        // The issuer is looked at as of a day when it was valid.
        at = certificate.not_after;
    } else if trust.now < certificate.not_before {
        flaws.push(Flaw::NotYet(day(certificate.not_before)));
        at = certificate.not_before;
    }
    if trust.roots.is_empty() {
        return flaws;
    }
    match signed_by(&parsed, chain, &trust.roots, at) {
        Ok(()) => {}
        Err(_) if certificate.self_issued => flaws.push(Flaw::SelfSigned),
        Err(rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer)) => {
            flaws.push(Flaw::UnknownIssuer(certificate.issuer));
        }
        Err(error) => flaws.push(Flaw::Chain(shown(&words(&error)))),
    }
    flaws
}

fn fits(parsed: &ParsedCertificate<'_>, name: &str) -> bool {
    ServerName::try_from(name).is_ok_and(|name| verify_server_name(parsed, &name).is_ok())
}

/// Whether the first certificate of a chain is for this name.
pub fn is_for(chain: &[Vec<u8>], name: &str) -> bool {
    chain.first().is_some_and(|der| {
        let der = CertificateDer::from(der.as_slice());
        ParsedCertificate::try_from(&der).is_ok_and(|parsed| fits(&parsed, name))
    })
}

/// Whether this certificate, as the only authority, vouches for the first of a chain.
pub fn vouches(anchor: &Certificate, chain: &[Vec<u8>], trust: &Trust) -> bool {
    let mut roots = RootCertStore::empty();
    let Some(der) = chain.first() else { return false };
    let cert = CertificateDer::from(der.as_slice());
    roots.add(CertificateDer::from(anchor.der.clone())).is_ok()
        && ParsedCertificate::try_from(&cert)
            .is_ok_and(|parsed| signed_by(&parsed, chain, &roots, trust.now).is_ok())
}

fn signed_by(
    parsed: &ParsedCertificate<'_>,
    chain: &[Vec<u8>],
    roots: &RootCertStore,
    at: u64,
) -> Result<(), rustls::Error> {
    let between: Vec<CertificateDer<'_>> = chain
        .iter()
        .skip(1)
        .take(MOST_CERTIFICATES)
        .map(|der| CertificateDer::from(der.as_slice()))
        .collect();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(at));
    let algorithms = ring::default_provider().signature_verification_algorithms.all;
    verify_server_cert_signed_by_trust_anchor(parsed, roots, &between, at, algorithms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType};

    fn trust(roots: &[&[u8]]) -> Trust {
        let mut store = RootCertStore::empty();
        for root in roots {
            store.add(CertificateDer::from(root.to_vec())).unwrap();
        }
        Trust { roots: store, now: 1_800_000_000 }
    }

    fn params(names: &[&str], years: (i32, i32)) -> CertificateParams {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
        params
    }

    #[test]
    fn every_flaw_is_found_by_itself_and_all_of_them_together() {
        let ca_key = KeyPair::generate().unwrap();
        let mut ca = params(&[], (2020, 2040));
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.distinguished_name.push(DnType::CommonName, "Test Authority");
        let ca_der = ca.self_signed(&ca_key).unwrap().der().to_vec();
        let issuer = Issuer::new(ca, ca_key);
        let key = KeyPair::generate().unwrap();
        let issued = |names: &[&str], years| {
            params(names, years).signed_by(&key, &issuer).unwrap().der().to_vec()
        };
        let fine = [issued(&["mx.example.com", "*.example.net"], (2025, 2035))];
        let ours = trust(&[&ca_der]);
        assert_eq!(flaws(&fine, "mx.example.com", &ours), []);
        assert_eq!(flaws(&fine, "a.example.net", &ours), []);
        assert_eq!(flaws(&fine, "", &ours), []);
        let other = Flaw::OtherName("mx.example.com, *.example.net".into());
        assert_eq!(flaws(&fine, "mx2.example.com", &ours), std::slice::from_ref(&other));
        // Not a name that a certificate can have.
        assert_eq!(flaws(&fine, "a b", &ours), [other]);
        let old = issued(&["mx.example.com"], (2020, 2021));
        assert_eq!(flaws(&[old], "mx.example.com", &ours), [Flaw::Expired("2021-01-01".into())]);
        let new = issued(&["mx.example.com"], (2030, 2031));
        assert_eq!(flaws(&[new], "mx.example.com", &ours), [Flaw::NotYet("2030-01-01".into())]);
        let stranger = trust(&[params(&[], (2020, 2040)).self_signed(&key).unwrap().der()]);
        let unknown = Flaw::UnknownIssuer("CN=Test Authority".into());
        assert_eq!(flaws(&fine, "mx.example.com", &stranger), [unknown]);
        let own = params(&["mx.example.com"], (2020, 2021)).self_signed(&key).unwrap();
        let both = [Flaw::Expired("2021-01-01".into()), Flaw::SelfSigned];
        assert_eq!(flaws(&[own.der().to_vec()], "mx.example.com", &ours), both);
        assert_eq!(flaws(&[b"garbage".to_vec()], "", &ours), [Flaw::Unreadable]);
        assert_eq!(flaws(&[], "", &ours), [Flaw::Unreadable]);
        // A system without authorities says nothing of issuers.
        assert_eq!(flaws(&fine, "mx.example.com", &trust(&[])), []);
        let anchor = Certificate::read(&ca_der).unwrap();
        assert!(vouches(&anchor, &fine, &ours));
        assert!(!vouches(&Certificate::read(&fine[0]).unwrap(), &[own.der().to_vec()], &ours));
    }

    #[test]
    fn names_of_strangers_are_escaped_and_bounded() {
        let key = KeyPair::generate().unwrap();
        let mut wild = params(&[], (2020, 2040));
        wild.distinguished_name.push(DnType::CommonName, "\u{1b}[31mred\u{202e}");
        wild.subject_alt_names = (0..50)
            .map(|n| SanType::DnsName(format!("mx{n}.example.com").try_into().unwrap()))
            .collect();
        let read = Certificate::read(wild.self_signed(&key).unwrap().der()).unwrap();
        assert!(!read.subject.chars().any(|c| c.is_control() || c == '\u{202e}'), "{read:?}");
        assert_eq!((read.names.len(), read.cut), (MOST_NAMES, true));
        assert!(read.list().ends_with("mx19.example.com, …"));
    }
}
