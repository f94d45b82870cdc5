//! `mailwhy check` and TLS: what domains expect, and servers on loopback that keep it or not.

use crate::check::{dns, slugs};
use crate::support::{Scratch, mailwhy};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    PublicKeyData,
};
use regex::Regex;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, ServerConnection, Stream};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The zones, less the records that hold hashes. Every `NAME` gets an exchanger `mx.NAME` at a benchmark address.
const NAMES: &[(&str, &str)] = &[
    ("plain", ""),
    (
        "dane",
        "NAME AD yes\n_25._tcp.mx.NAME AD yes\n_25._tcp.mx.NAME TLSA 3 1 1 GOOD\n_smtp._tls.NAME TXT v=TLSRPTv1; rua=mailto:tls@NAME\n",
    ),
    ("unproved", "_25._tcp.mx.NAME TLSA 3 1 1 GOOD\n"),
    ("mx-unproved", "_25._tcp.mx.NAME AD yes\n_25._tcp.mx.NAME TLSA 3 1 1 GOOD\n"),
    (
        "malformed",
        "NAME AD yes\n_25._tcp.mx.NAME AD yes\n_25._tcp.mx.NAME TLSA 3 1 1 0011\n_25._tcp.mx.NAME TLSA 1 1 1 GOOD\n_smtp._tls.NAME TXT v=TLSRPTv1; rua=mailto:tls@NAME\n",
    ),
    (
        "half",
        "NAME AD yes\n_25._tcp.mx.NAME AD yes\n_25._tcp.mx.NAME TLSA 3 1 1 0011\n_25._tcp.mx.NAME TLSA 3 1 1 GOOD\n_smtp._tls.NAME TXT v=TLSRPTv1; rua=mailto:tls@NAME\n",
    ),
    ("mismatch", "NAME AD yes\n_25._tcp.mx.NAME AD yes\n_25._tcp.mx.NAME TLSA 3 1 1 OTHER\n"),
    ("mismatch-unproved", "_25._tcp.mx.NAME TLSA 3 1 1 OTHER\n"),
    ("anchor", "NAME AD yes\n_25._tcp.mx.NAME AD yes\n_25._tcp.mx.NAME TLSA 2 0 1 ANCHOR\n"),
    ("torn", "_25._tcp.mx.NAME TORN-TLSA 0301\n"),
    ("unanswered", "NAME AD yes\n_25._tcp.mx.NAME * SERVFAIL\n"),
    ("unanswered-unproved", "_25._tcp.mx.NAME * TIMEOUT\n"),
    ("refused", "_25._tcp.mx.NAME * REFUSED\n"),
    (
        "sts",
        "_mta-sts.NAME TXT v=STSv1; id=2026;\nmta-sts.NAME A 198.18.1.2\n_smtp._tls.NAME TXT v=TLSRPTv1; rua=https://reports.NAME/\n",
    ),
    ("sts-two", "_mta-sts.NAME TXT v=STSv1; id=2026;\n_mta-sts.NAME TXT v=STSv1; id=2027;\n"),
    ("sts-no-id", "_mta-sts.NAME TXT v=STSv1;\n"),
    ("sts-inside", "_mta-sts.NAME TXT v=STSv1; id=2026;\nmta-sts.NAME A 10.0.0.1\n"),
    ("sts-broken", "_mta-sts.NAME * SERVFAIL\n"),
    ("no-reports", "_smtp._tls.NAME TXT v=TLSRPTv1; rua=tls@NAME\n"),
    ("reports-broken", "_smtp._tls.NAME * SERVFAIL\n"),
    ("two", "NAME MX 20 mx2.NAME\nmx2.NAME A 198.18.1.3\n"),
];

/// What the DNS server of the tests knows for this module.
pub(crate) fn zone() -> &'static str {
    static ZONE: OnceLock<String> = OnceLock::new();
    ZONE.get_or_init(|| {
        let own = own();
        let hash = |bytes: &[u8]| hex(&Sha256::digest(bytes));
        let mut zone = String::new();
        for (name, records) in NAMES {
            let name = format!("{name}.tls.example");
            let _ = writeln!(zone, "{name} MX 10 mx.{name}\nmx.{name} A 198.18.1.1");
            zone += &records
                .replace("NAME", &name)
                .replace("GOOD", &hash(&own.key.subject_public_key_info()))
                .replace("OTHER", &hash(b"another key"))
                .replace("ANCHOR", &hash(&own.stranger_der));
        }
        zone += "example.net MX 10 mx.example.net\nmx.example.net A 198.18.1.1\n\
            mx.example.net AAAA 2001:2::1\n_mta-sts.example.net TXT v=STSv1; id=20261101;\n\
            _smtp._tls.example.net TXT v=TLSRPTv1; rua=mailto:tls@example.net\n";
        zone
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

pub(crate) fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// Authorities and a key, made once a run.
struct Own {
    /// The one that `SSL_CERT_FILE` names.
    authority: Issuer<'static, KeyPair>,
    authority_pem: String,
    /// One that nobody trusts.
    stranger: Issuer<'static, KeyPair>,
    stranger_der: Vec<u8>,
    /// The key of every server.
    key: KeyPair,
}

fn own() -> &'static Own {
    static OWN: OnceLock<Own> = OnceLock::new();
    OWN.get_or_init(|| {
        let authority = |name: &str| {
            let key = KeyPair::generate().unwrap();
            let mut params = params(&[], (2020, 2060));
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.distinguished_name.push(DnType::CommonName, name);
            let certificate = params.self_signed(&key).unwrap();
            (Issuer::new(params, key), certificate)
        };
        let (trusted, certificate) = authority("Test Authority");
        let (stranger, strange) = authority("Stranger \u{1b}[31m");
        Own {
            authority: trusted,
            authority_pem: certificate.pem(),
            stranger,
            stranger_der: strange.der().to_vec(),
            key: KeyPair::generate().unwrap(),
        }
    })
}

fn params(names: &[&str], years: (i32, i32)) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
    params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
    params
}

/// What a server shows as its certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shows {
    Good,
    Expired,
    NotYet,
    EndsSoon,
    OtherName,
    SelfSigned,
    Stranger,
    /// As `Stranger`, for the domain instead of the host.
    StrangerForDomain,
    ForClients,
    Garbage,
    /// A good certificate, but not the key to it.
    WithoutKey,
}

/// The chain that is shown for a name.
fn chain(shows: Shows, name: &str) -> Vec<Vec<u8>> {
    let own = own();
    let signed = |params: CertificateParams| {
        vec![params.signed_by(&own.key, &own.authority).unwrap().der().to_vec()]
    };
    match shows {
        Shows::Good | Shows::WithoutKey => signed(params(&[name], (2020, 2050))),
        Shows::Expired => signed(params(&[name], (2020, 2021))),
        Shows::NotYet => signed(params(&[name], (2050, 2051))),
        Shows::EndsSoon => {
            let mut params = params(&[name], (2020, 2050));
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
            let days = i64::try_from(now / 86400).unwrap() + 5;
            params.not_after = rcgen::date_time_ymd(1970, 1, 1)
                + Duration::from_secs(u64::try_from(days).unwrap() * 86400);
            signed(params)
        }
        Shows::OtherName => signed(params(&["elsewhere.example"], (2020, 2050))),
        Shows::SelfSigned => {
            let params = params(&[name], (2020, 2050));
            vec![params.self_signed(&own.key).unwrap().der().to_vec()]
        }
        Shows::Stranger | Shows::StrangerForDomain => {
            let name = if shows == Shows::Stranger { name } else { &name[3..] };
            let leaf = params(&[name], (2020, 2050)).signed_by(&own.key, &own.stranger).unwrap();
            vec![leaf.der().to_vec(), own.stranger_der.clone()]
        }
        Shows::ForClients => {
            let mut params = params(&[name], (2020, 2050));
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
            signed(params)
        }
        Shows::Garbage => vec![b"\x1b[31mno certificate".to_vec()],
    }
}

fn tls(shows: Shows, name: &str) -> Arc<ServerConfig> {
    let chain = chain(shows, name).into_iter().map(CertificateDer::from).collect();
    let other = KeyPair::generate().unwrap();
    let key = if shows == Shows::WithoutKey { &other } else { &own().key };
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let signing = ring::sign::any_supported_type(&key).unwrap();
    let certified = CertifiedKey::new(chain, signing);
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
    Arc::new(config)
}

/// A server on loopback that does `what` with every connection; its port.
fn server(what: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    serve(TcpListener::bind("127.0.0.1:0").unwrap(), what)
}

fn serve(listener: TcpListener, what: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let port = listener.local_addr().unwrap().port();
    let what = Arc::new(what);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            let what = what.clone();
            thread::spawn(move || what(stream));
        }
    });
    port
}

fn line(stream: &mut impl Read) -> String {
    let mut line = Vec::new();
    let mut byte = [0];
    while let Ok(1) = stream.read(&mut byte) {
        line.push(byte[0]);
        if byte[0] == b'\n' {
            break;
        }
    }
    String::from_utf8(line).unwrap()
}

/// Greets, and offers and grants STARTTLS; what was said on the way.
fn until_tls(stream: &mut TcpStream, starttls: &[u8]) -> String {
    stream.write_all(b"220 mx ESMTP\r\n").unwrap();
    let ehlo = line(stream);
    stream.write_all(b"250-mx\r\n250-SIZE 1000\r\n250 STARTTLS\r\n").unwrap();
    let wish = line(stream);
    stream.write_all(starttls).unwrap();
    ehlo + &wish
}

/// A mail server with TLS; its port and what it was told by everybody.
fn mail_server(config: Arc<ServerConfig>) -> (u16, Arc<Mutex<String>>) {
    mail_server_at(TcpListener::bind("127.0.0.1:0").unwrap(), config)
}

fn mail_server_at(listener: TcpListener, config: Arc<ServerConfig>) -> (u16, Arc<Mutex<String>>) {
    let told = Arc::new(Mutex::new(String::new()));
    let tells = told.clone();
    let port = serve(listener, move |mut stream| {
        let mut said = until_tls(&mut stream, b"220 go ahead\r\n");
        let mut session = ServerConnection::new(config.clone()).unwrap();
        let mut encrypted = Stream::new(&mut session, &mut stream);
        loop {
            let next = line(&mut encrypted);
            if next.is_empty() {
                break;
            }
            said += &next;
        }
        *tells.lock().unwrap() += &said;
    });
    (port, told)
}

/// What a server was told, once it is so much: its thread ends after ours.
fn eventually(told: &Mutex<String>, length: usize) -> String {
    for _ in 0..500 {
        if told.lock().unwrap().len() >= length {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    told.lock().unwrap().clone()
}

/// A web server with TLS that answers every request with these bytes.
fn web_server(config: Arc<ServerConfig>, answer: Vec<u8>) -> u16 {
    server(move |mut stream| {
        let mut session = ServerConnection::new(config.clone()).unwrap();
        let mut encrypted = Stream::new(&mut session, &mut stream);
        let request = line(&mut encrypted);
        if request.is_empty() {
            return;
        }
        assert_eq!(request, "GET /.well-known/mta-sts.txt HTTP/1.1\r\n");
        while line(&mut encrypted).trim_end() != "" {}
        let _ = encrypted.write_all(&answer);
        let _ = encrypted.flush();
        session.send_close_notify();
        let _ = session.complete_io(&mut stream);
    })
}

/// The file with the authority that is trusted.
fn authorities() -> &'static str {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let folder = Scratch::of_test("check-tls-authorities");
        let file = folder.path.with_extension("pem");
        std::fs::write(&file, &own().authority_pem).unwrap();
        file
    })
    .to_str()
    .unwrap()
}

/// The report as JSON, and the exit code.
fn checked_by(authorities: &str, arguments: &[&str]) -> (Value, Option<i32>) {
    let resolver = dns().to_string();
    let common = ["check", "--resolver", &resolver, "--timeout", "3", "--tries", "1"];
    let ran = mailwhy([&common[..], &["--format", "json"], arguments].concat())
        .env("SSL_CERT_FILE", authorities)
        .run();
    let json = serde_json::from_str(&ran.stdout);
    (json.unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr)), ran.code)
}

fn checked(arguments: &[&str]) -> (Value, Option<i32>) {
    checked_by(authorities(), arguments)
}

/// Connects to the exchangers of `NAME.tls.example` at a port of loopback.
fn connected(name: &str, port: u16, more: &[&str]) -> (Value, Option<i32>) {
    let (domain, via) = (format!("{name}.tls.example"), format!("127.0.0.1:{port}"));
    let connect = ["--connect", "--helo", "me.example.com", "--via", &via];
    let patience: &[&str] = if more.contains(&"--patience") { &[] } else { &["--patience", "5"] };
    let (report, code) = checked(&[&[domain.as_str()], &connect[..], patience, more].concat());
    (report["subjects"][0].clone(), code)
}

fn severity<'v>(subject: &'v Value, slug: &str) -> &'v str {
    let findings = subject["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["finding"] == slug);
    found.unwrap_or_else(|| panic!("no {slug}: {subject:#}"))["severity"].as_str().unwrap()
}

/// Findings of TLS alone: those of DNS have their own tests.
fn about_tls(subject: &Value) -> Vec<&str> {
    let mut found = slugs(subject);
    found.retain(|slug| !["mx-set", "only-ipv4", "greets"].contains(slug));
    found.sort_unstable();
    found
}

/// What a domain announces: its name, its findings about TLS, the exit code.
const EXPECTED: &[(&str, &[&str], i32)] = &[
    ("plain", &["tls-opportunistic"], 0),
    ("dane", &["dane-records", "tls-reports"], 0),
    ("unproved", &["dane-unproved", "tls-reports-missing"], 0),
    ("mx-unproved", &["dane-unproved", "tls-reports-missing"], 0),
    (
        "malformed",
        &["dane-malformed", "dane-malformed", "dane-none-usable", "dane-records", "tls-reports"],
        0,
    ),
    ("half", &["dane-malformed", "dane-records", "tls-reports"], 0),
    ("torn", &["dane-unanswered"], 0),
    ("unanswered", &["dane-unanswered"], 1),
    ("unanswered-unproved", &["dane-unanswered"], 0),
    ("refused", &["dns-refused", "tls-opportunistic"], 0),
    ("sts", &["sts-not-fetched", "sts-record", "tls-reports"], 0),
    ("sts-two", &["sts-record-broken", "tls-opportunistic"], 0),
    ("sts-no-id", &["sts-record-broken", "tls-opportunistic"], 0),
    ("sts-broken", &["dns-servfail"], 0),
    ("no-reports", &["tls-opportunistic", "tls-reports-broken"], 0),
    ("reports-broken", &["dns-servfail"], 0),
];

#[test]
fn what_a_domain_announces_is_found_in_both_languages() {
    let mut sentences = Sentences::default();
    for (name, want, code) in EXPECTED {
        let domain = format!("{name}.tls.example");
        let (report, exit) = checked(&[&domain, "--tls"]);
        let subject = &report["subjects"][0];
        assert_eq!(about_tls(subject), *want, "{name}: {subject:#}");
        assert_eq!(exit, Some(*code), "{name}");
        let (russian, _) = checked(&[&domain, "--tls", "--lang", "ru"]);
        sentences.add(name, subject, &russian["subjects"][0]);
    }
    insta::assert_snapshot!("check_tls_announced", sentences.text);
}

#[test]
fn nothing_is_asked_of_tls_unless_that_is_wanted() {
    let (report, _) = checked(&["dane.tls.example"]);
    assert_eq!(about_tls(&report["subjects"][0]), [""; 0]);
    let one = report["questions"].as_u64().unwrap();
    let (report, _) = checked(&["dane.tls.example", "--tls"]);
    // TLSA, MTA-STS, TLS-RPT.
    assert_eq!(report["questions"].as_u64().unwrap(), one + 3);
}

#[test]
fn a_failure_of_tls_in_a_log_brings_the_question_up() {
    let folder = Scratch::of_test("check-tls-log");
    let log = "2026-11-20T10:00:01+00:00 mail postfix/smtp[1]: 1AAAAAAAAA: to=<ann@mismatch.tls.example>, \
               relay=mx.mismatch.tls.example[198.18.1.1]:25, delay=1, delays=0/0/1/0, dsn=4.7.5, status=deferred \
               (Server certificate not trusted)\n";
    let log = folder.path.join(folder.file("mail.log", log));
    let (report, code) = checked(&["--log", log.to_str().unwrap()]);
    let subject = &report["subjects"][0];
    assert_eq!(subject["subject"], "mismatch.tls.example", "{report:#}");
    assert_eq!(subject["log"][0]["cause"], "tls-failed");
    let want = ["dane-records", "right-exchanger", "tls-reports-missing"];
    assert_eq!(about_tls(subject), want);
    assert_eq!(code, Some(0));
}

/// Sentences of findings and verdicts, each once, with what differs from run to run taken out.
#[derive(Default)]
struct Sentences {
    seen: BTreeSet<String>,
    text: String,
}

impl Sentences {
    fn add(&mut self, name: &str, english: &Value, russian: &Value) {
        let verdict = english["verdict"]["verdict"].as_str().unwrap();
        let both = [&english["verdict"]["text"], &russian["verdict"]["text"]];
        self.push(name, &format!("verdict {verdict}"), both);
        let findings = |subject: &Value| subject["findings"].as_array().unwrap().clone();
        for (english, russian) in findings(english).iter().zip(&findings(russian)) {
            assert_eq!(english["finding"], russian["finding"]);
            let slug = english["finding"].as_str().unwrap();
            if !["mx-set", "only-ipv4"].contains(&slug) {
                let key = format!("{} {slug}", english["severity"].as_str().unwrap());
                self.push(name, &key, [&english["meaning"], &russian["meaning"]]);
            }
        }
    }

    fn push(&mut self, name: &str, key: &str, texts: [&Value; 2]) {
        static VARYING: OnceLock<[Regex; 4]> = OnceLock::new();
        let [port, hash, date, bytes] = VARYING.get_or_init(|| {
            [
                r"127\.0\.0\.1(\]?):[0-9]+",
                r"[0-9a-f]{64}",
                r"202[6-9]-[0-9]{2}-[0-9]{2}",
                "[0-9]+ (bytes|байт)",
            ]
            .map(|pattern| Regex::new(pattern).unwrap())
        });
        let texts = texts.map(|text| {
            let text = port.replace_all(text.as_str().unwrap(), "127.0.0.1$1:PORT");
            let text = hash.replace_all(&text, "HASH");
            let text = date.replace_all(&text, "DATE");
            bytes.replace_all(&text, "N $1").into_owned()
        });
        // The same sentence about another name is the same.
        if self.seen.insert(format!("{key}{}", texts[0].replace(name, ""))) {
            let _ = writeln!(self.text, "{key}\n  {}\n  {}", texts[0], texts[1]);
        }
    }
}

/// An exchanger with TLS: the domain, what the server shows, verdict, findings, exit code.
const SHOWN: &[(&str, Shows, &str, &[&str], i32)] = &[
    ("plain", Shows::Good, "in-order", &["tls-opportunistic", "tls-works"], 0),
    (
        "plain",
        Shows::Expired,
        "in-order",
        &["certificate-expired", "tls-opportunistic", "tls-works"],
        0,
    ),
    (
        "plain",
        Shows::NotYet,
        "in-order",
        &["certificate-not-yet-valid", "tls-opportunistic", "tls-works"],
        0,
    ),
    (
        "plain",
        Shows::EndsSoon,
        "in-order",
        &["certificate-ends-soon", "tls-opportunistic", "tls-works"],
        0,
    ),
    (
        "plain",
        Shows::OtherName,
        "in-order",
        &["certificate-other-name", "tls-opportunistic", "tls-works"],
        0,
    ),
    (
        "plain",
        Shows::SelfSigned,
        "in-order",
        &["certificate-self-signed", "tls-opportunistic", "tls-works"],
        0,
    ),
    (
        "plain",
        Shows::Stranger,
        "in-order",
        &["certificate-unknown-issuer", "tls-opportunistic", "tls-works"],
        0,
    ),
    (
        "plain",
        Shows::ForClients,
        "in-order",
        &["certificate-chain", "tls-opportunistic", "tls-works"],
        0,
    ),
    (
        "plain",
        Shows::Garbage,
        "in-order",
        &["certificate-unreadable", "tls-opportunistic", "tls-works"],
        0,
    ),
    (
        "plain",
        Shows::WithoutKey,
        "in-order",
        &["tls-opportunistic", "tls-unproved", "tls-works"],
        0,
    ),
    (
        "dane",
        Shows::Good,
        "in-order",
        &["dane-match", "dane-records", "tls-reports", "tls-works"],
        0,
    ),
    // Of usage 3 neither name nor date counts.
    (
        "dane",
        Shows::Expired,
        "in-order",
        &["certificate-expired", "dane-match", "dane-records", "tls-reports", "tls-works"],
        0,
    ),
    (
        "half",
        Shows::Good,
        "in-order",
        &["dane-malformed", "dane-match", "dane-records", "tls-reports", "tls-works"],
        0,
    ),
    (
        "mismatch",
        Shows::Good,
        "tls-unmet",
        &["dane-mismatch", "dane-records", "tls-reports-missing", "tls-works"],
        1,
    ),
    (
        "mismatch-unproved",
        Shows::Good,
        "in-order",
        &["dane-mismatch", "dane-unproved", "tls-reports-missing", "tls-works"],
        0,
    ),
    (
        "anchor",
        Shows::Stranger,
        "in-order",
        &[
            "certificate-unknown-issuer",
            "dane-match",
            "dane-records",
            "tls-reports-missing",
            "tls-works",
        ],
        0,
    ),
    (
        "anchor",
        Shows::StrangerForDomain,
        "in-order",
        &[
            "certificate-other-name",
            "certificate-unknown-issuer",
            "dane-match",
            "dane-records",
            "tls-reports-missing",
            "tls-works",
        ],
        0,
    ),
    (
        "anchor",
        Shows::Good,
        "tls-unmet",
        &["dane-mismatch", "dane-records", "tls-reports-missing", "tls-works"],
        1,
    ),
];

#[test]
fn a_certificate_is_judged_by_what_the_domain_demands() {
    let mut sentences = Sentences::default();
    for (name, shows, verdict, want, code) in SHOWN {
        let (port, told) = mail_server(tls(*shows, &format!("mx.{name}.tls.example")));
        let (subject, exit) = connected(name, port, &[]);
        assert_eq!(about_tls(&subject), *want, "{name} {shows:?}: {subject:#}");
        assert_eq!(subject["verdict"]["verdict"], *verdict, "{name} {shows:?}");
        assert_eq!(exit, Some(*code), "{name} {shows:?}");
        let (russian, _) = connected(name, port, &["--lang", "ru"]);
        sentences.add(name, &subject, &russian);
        // Twice, as it was asked in two languages; and no mail was begun.
        let whole = "EHLO me.example.com\r\nSTARTTLS\r\nQUIT\r\n";
        assert_eq!(eventually(&told, whole.len() * 2), whole.repeat(2), "{name} {shows:?}");
    }
    insta::assert_snapshot!("check_tls_certificates", sentences.text);
}

#[test]
fn the_certificate_is_told_in_full() {
    let (port, _) = mail_server(tls(Shows::Good, "mx.dane.tls.example"));
    let (subject, _) = connected("dane", port, &[]);
    let findings = subject["findings"].as_array().unwrap();
    let works = findings.iter().find(|finding| finding["finding"] == "tls-works").unwrap();
    let tlsa = format!("3 1 1 {}", hex(&Sha256::digest(own().key.subject_public_key_info())));
    let want = serde_json::json!({
        "protocol": "TLSv1.3",
        "cipher": "TLS13_AES_256_GCM_SHA384",
        "names": ["mx.dane.tls.example"],
        "subject": "CN=rcgen self signed cert",
        "issuer": "CN=Test Authority",
        "not_before": "2020-01-01",
        "not_after": "2050-01-01",
        "tlsa": tlsa,
    });
    assert_eq!(works["tls"], want);
}

#[test]
fn a_system_without_authorities_says_so() {
    let (port, _) = mail_server(tls(Shows::Good, "mx.plain.tls.example"));
    let via = format!("127.0.0.1:{port}");
    let asks = ["plain.tls.example", "--connect", "--via", &via];
    let (report, _) = checked_by("/nonexistent.pem", &asks);
    let subject = &report["subjects"][0];
    assert_eq!(about_tls(subject), ["authorities-unknown", "tls-opportunistic", "tls-works"]);
}

/// What a policy host answers: the domain's other findings depend on it.
fn answer(status: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn policy(mode: &str, mx: &str) -> Vec<u8> {
    answer("200 OK", &format!("version: STSv1\nmode: {mode}\nmx: {mx}\nmax_age: 86400\n"))
}

#[test]
fn a_policy_is_fetched_and_kept_or_not() {
    let mut sentences = Sentences::default();
    let own_mx = "mx.sts.tls.example";
    let policy_host = "mta-sts.sts.tls.example";
    let parts = ["version: STSv1\nmode: testing\nmx: ", "*.sts.tls.example\nmax_age: 604800\n", ""];
    let chunks = parts.map(|part| format!("{:x}\r\n{part}\r\n", part.len())).concat();
    let chunked = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
    for (case, answer, web, mail, want, severities, verdict, code) in [
        (
            "enforced and kept",
            policy("enforce", own_mx),
            Shows::Good,
            Shows::Good,
            "sts-policy",
            "ok",
            "in-order",
            0,
        ),
        (
            "chunks",
            chunked.into_bytes(),
            Shows::Good,
            Shows::Good,
            "sts-policy",
            "ok",
            "in-order",
            0,
        ),
        (
            "enforced, other exchanger",
            policy("enforce", "mx2.sts.tls.example"),
            Shows::Good,
            Shows::Good,
            "sts-exchanger-missing",
            "failing",
            "tls-unmet",
            1,
        ),
        (
            "tested, other exchanger",
            policy("testing", "*.example.net"),
            Shows::Good,
            Shows::Good,
            "sts-exchanger-missing",
            "warning",
            "in-order",
            0,
        ),
        (
            "given up",
            policy("none", "other.example.net"),
            Shows::Good,
            Shows::SelfSigned,
            "certificate-self-signed",
            "note",
            "in-order",
            0,
        ),
        (
            "enforced, expired",
            policy("enforce", own_mx),
            Shows::Good,
            Shows::Expired,
            "certificate-expired",
            "failing",
            "tls-unmet",
            1,
        ),
        (
            "enforced, other name",
            policy("enforce", "*.sts.tls.example"),
            Shows::Good,
            Shows::OtherName,
            "certificate-other-name",
            "failing",
            "tls-unmet",
            1,
        ),
        (
            "tested, self-signed",
            policy("testing", own_mx),
            Shows::Good,
            Shows::SelfSigned,
            "certificate-self-signed",
            "warning",
            "in-order",
            0,
        ),
        (
            "no version",
            answer("200 OK", "mode: enforce\n"),
            Shows::Good,
            Shows::Good,
            "sts-policy-broken",
            "warning",
            "in-order",
            0,
        ),
        (
            "redirect",
            answer("301 Moved\r\nLocation: https://127.0.0.1/", ""),
            Shows::Good,
            Shows::Good,
            "sts-unavailable",
            "warning",
            "in-order",
            0,
        ),
        (
            "not found",
            answer("404 Not Found", ""),
            Shows::Good,
            Shows::Good,
            "sts-unavailable",
            "warning",
            "in-order",
            0,
        ),
        (
            "too long",
            answer("200 OK", &"mx: a\n".repeat(20_000)),
            Shows::Good,
            Shows::Good,
            "sts-unavailable",
            "warning",
            "in-order",
            0,
        ),
        (
            "no text",
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe".to_vec(),
            Shows::Good,
            Shows::Good,
            "sts-unavailable",
            "warning",
            "in-order",
            0,
        ),
        (
            "no HTTP",
            b"\x1b[31mSSH-2.0\r\n\r\n".to_vec(),
            Shows::Good,
            Shows::Good,
            "sts-unavailable",
            "warning",
            "in-order",
            0,
        ),
        (
            "endless head",
            [&b"HTTP/1.1 200 OK\r\n"[..], &b"X: y\r\n".repeat(200_000)].concat(),
            Shows::Good,
            Shows::Good,
            "sts-unavailable",
            "warning",
            "in-order",
            0,
        ),
        (
            "bad certificate",
            policy("enforce", own_mx),
            Shows::SelfSigned,
            Shows::Good,
            "sts-unavailable",
            "warning",
            "in-order",
            0,
        ),
    ] {
        let (port, _) = mail_server(tls(mail, own_mx));
        let web = format!("{policy_host}=127.0.0.1:{}", web_server(tls(web, policy_host), answer));
        let (subject, exit) = connected("sts", port, &["--via", &web]);
        assert_eq!(severity(&subject, want), severities, "{case}: {subject:#}");
        assert_eq!(subject["verdict"]["verdict"], verdict, "{case}");
        assert_eq!(exit, Some(code), "{case}");
        let (russian, _) = connected("sts", port, &["--via", &web, "--lang", "ru"]);
        sentences.add("sts", &subject, &russian);
    }
    insta::assert_snapshot!("check_tls_policies", sentences.text);
}

#[test]
fn a_policy_host_that_cannot_be_reached_is_told_apart() {
    let (port, _) = mail_server(tls(Shows::Good, "mx.sts.tls.example"));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let silent = server(|stream| {
        thread::sleep(Duration::from_secs(10));
        drop(stream);
    });
    let garbage = server(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    for (at, words) in [
        (free, "cannot be connected to (127.0.0.1"),
        (silent, "does not answer in time"),
        (garbage, "TLS with mta-sts.sts.tls.example fails"),
    ] {
        let web = format!("mta-sts.sts.tls.example=127.0.0.1:{at}");
        let (subject, _) = connected("sts", port, &["--via", &web, "--patience", "2"]);
        let told = subject.to_string();
        assert!(told.contains("sts-unavailable") && told.contains(words), "{words}: {subject:#}");
    }
    // What DNS says leads behind us: nobody goes there.
    let (port, _) = mail_server(tls(Shows::Good, "mx.sts-inside.tls.example"));
    let (subject, _) = connected("sts-inside", port, &[]);
    let told = subject.to_string();
    assert!(
        told.contains("mta-sts.sts-inside.tls.example has no address that can be reached"),
        "{told}"
    );
}

/// A mail server that says these bytes after it agreed to TLS, and then waits.
fn after_starttls(
    starttls: &'static [u8],
    then: impl Fn(&mut TcpStream) + Send + Sync + 'static,
) -> u16 {
    server(move |mut stream| {
        until_tls(&mut stream, starttls);
        then(&mut stream);
    })
}

#[test]
fn tls_that_fails_is_a_warning_unless_the_domain_demands_it() {
    let mut sentences = Sentences::default();
    let wait = |stream: &mut TcpStream| {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
    };
    let cases: Vec<(&str, u16, &str)> = vec![
        (
            "tls-failed",
            after_starttls(b"220 go\r\n", |stream| {
                // Only then: what comes earlier is another fault.
                let _ = stream.read(&mut [0; 64]);
                let _ = stream.write_all(
                    b"\x1b[31mthis is no TLS at all, but it is long enough for a record\r\n",
                );
            }),
            "what the server sends is not TLS",
        ),
        (
            "tls-failed",
            after_starttls(b"220 go\r\n", |stream| {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(&[0x15, 3, 1, 0, 2, 2, 40]);
            }),
            "with the alert HandshakeFailure",
        ),
        (
            "tls-failed",
            after_starttls(b"220 go\r\n", |stream| {
                let _ = stream.read(&mut [0; 4096]);
                // A ServerHello of TLS 1.0 with TLS_RSA_WITH_AES_128_CBC_SHA.
                let hello =
                    [&[0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1][..], &[7; 32], &[0, 0, 0x2f, 0]];
                let _ = stream.write_all(&hello.concat());
                let _ = stream.read(&mut [0; 4096]);
            }),
            "knows neither TLS 1.2 nor 1.3",
        ),
        ("tls-failed", after_starttls(b"220 go\r\n", |_| {}), "hangs up"),
        ("tls-failed", after_starttls(b"220 go\r\n250 and more\r\n", wait), "before it is asked"),
        ("tls-failed", after_starttls(b"220 go\r\n", wait), "no answer within 2 s"),
        (
            "starttls-refused",
            after_starttls(b"454 4.7.0 TLS not available\r\n", wait),
            "answers it with 454",
        ),
    ];
    for (slug, port, words) in cases {
        for (name, want, verdict) in
            [("plain", "warning", "in-order"), ("dane", "failing", "tls-unmet")]
        {
            let (subject, _) = connected(name, port, &["--patience", "2"]);
            assert_eq!(severity(&subject, slug), want, "{words}: {subject:#}");
            assert!(subject.to_string().contains(words), "{words}: {subject:#}");
            assert_eq!(subject["verdict"]["verdict"], verdict, "{words}");
            let (russian, _) = connected(name, port, &["--patience", "2", "--lang", "ru"]);
            sentences.add(name, &subject, &russian);
        }
    }
    // Nothing on offer.
    let port = server(|mut stream| {
        stream.write_all(b"220 mx\r\n").unwrap();
        line(&mut stream);
        stream.write_all(b"250 mx\r\n").unwrap();
        line(&mut stream);
    });
    for (name, want) in [("plain", "warning"), ("dane", "failing")] {
        let (subject, _) = connected(name, port, &[]);
        assert_eq!(severity(&subject, "no-starttls"), want);
        let (russian, _) = connected(name, port, &["--lang", "ru"]);
        sentences.add(name, &subject, &russian);
    }
    insta::assert_snapshot!("check_tls_failures", sentences.text);
}

#[test]
fn what_all_exchangers_have_in_common_is_the_verdict() {
    let mut sentences = Sentences::default();
    let says = |greeting: &'static [u8]| {
        server(move |mut stream| {
            let _ = stream.write_all(greeting);
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest);
        })
    };
    let drips = server(|mut stream| {
        while stream.write_all(b"2").is_ok() {
            thread::sleep(Duration::from_millis(200));
        }
    });
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (name, port, finding, verdict, suppress) in [
        (
            "plain",
            says(b"521 5.3.2 no mail here\r\n"),
            "greeting-no-mail",
            "only-exchanger-refuses",
            true,
        ),
        (
            "two",
            says(b"521 5.3.2 no mail here\r\n"),
            "greeting-no-mail",
            "every-exchanger-refuses",
            true,
        ),
        ("two", says(b"554 5.7.1 listed\r\n"), "greeting-refusal", "refuses-us", false),
        ("two", says(b"421 4.3.2 busy\r\n"), "greeting-deferral", "see-findings", false),
        ("two", says(b""), "silent-server", "nobody-greets", false),
        ("two", drips, "tarpit", "nobody-greets", false),
        ("two", free, "connection-refused", "nobody-answers", false),
    ] {
        let (subject, code) = connected(name, port, &["--patience", "2"]);
        assert!(slugs(&subject).contains(&finding), "{finding}: {subject:#}");
        assert_eq!(subject["verdict"]["verdict"], verdict, "{finding}");
        assert_eq!(subject["verdict"]["suppress"], suppress, "{finding}");
        assert_eq!(code, Some(1));
        let (russian, _) = connected(name, port, &["--patience", "2", "--lang", "ru"]);
        sentences.add(name, &subject, &russian);
    }
    insta::assert_snapshot!("check_tls_greetings", sentences.text);
}

#[test]
fn hostile_servers_are_bounded_and_escaped() {
    let pours = |greeting: &'static [u8], answer: Vec<u8>| {
        server(move |mut stream| {
            if !greeting.is_empty() {
                let _ = stream.write_all(greeting);
                line(&mut stream);
            }
            // As long as somebody listens; the bound has to be the listener's.
            while stream.write_all(&answer).is_ok() {}
        })
    };
    let long = [b"220 ".to_vec(), vec![b'x'; 100_000]].concat();
    let odd = b"220 \x00\x1b[31m\xff\xc3\xa9\xe2\x80\xae\r\n";
    let binary = server(move |mut stream| {
        let _ = stream.write_all(odd);
        line(&mut stream);
        let _ = stream.write_all(b"250 \x1b]0;title\x07\r\n");
        line(&mut stream);
    });
    for (case, port, want) in [
        ("a banner without an end of line", pours(b"", long), "endless-reply"),
        ("a banner of lines without end", pours(b"", b"220-more\r\n".to_vec()), "endless-reply"),
        (
            "an answer to EHLO without end",
            pours(b"220 mx\r\n", b"250-X-MORE\r\n".to_vec()),
            "endless-reply",
        ),
        ("bytes without sense", pours(b"", vec![0x16, 0x03, 0xff, b'\n']), "not-smtp"),
        ("bytes that a terminal acts on", binary, "no-starttls"),
    ] {
        let (subject, _) = connected("plain", port, &[]);
        assert!(slugs(&subject).contains(&want), "{case}: {subject:#}");
        let told = subject.to_string();
        assert!(told.len() < 20_000, "{case}: {}", told.len());
        for language in ["en", "ru"] {
            for format in ["text", "markdown"] {
                let resolver = dns().to_string();
                let via = format!("127.0.0.1:{port}");
                let shown = mailwhy([
                    "check",
                    "plain.tls.example",
                    "--resolver",
                    &resolver,
                    "--connect",
                    "--via",
                    &via,
                    "--lang",
                    language,
                    "--format",
                    format,
                ])
                .run()
                .stdout;
                let odd = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
                assert!(!shown.is_empty() && !shown.chars().any(odd), "{case}: {shown:?}");
            }
        }
    }
    // Many lines, but not too many: they are shown in part.
    let wordy = server(|mut stream| {
        stream.write_all(b"220 mx\r\n").unwrap();
        line(&mut stream);
        let long = format!("250-{}\r\n", "x".repeat(600)).repeat(90) + "250 end\r\n";
        stream.write_all(long.as_bytes()).unwrap();
        line(&mut stream);
    });
    let (subject, _) = connected("plain", wordy, &[]);
    let findings = subject["findings"].as_array().unwrap();
    let said = &findings.iter().find(|f| f["finding"] == "no-starttls").unwrap()["said"];
    let said = said.as_array().unwrap();
    assert_eq!((said.len(), said.last().unwrap().as_str()), (41, Some("…")));
    assert_eq!(said[1].as_str().unwrap().chars().count(), 513);
    // Names in certificates are written by strangers as well.
    let (port, _) = mail_server(tls(Shows::Stranger, "mx.plain.tls.example"));
    let (subject, _) = connected("plain", port, &[]);
    assert!(subject.to_string().contains("Stranger"), "{subject:#}");
    assert!(!subject.to_string().contains("\\u001b"), "{subject:#}");
}

#[test]
fn a_host_that_does_not_answer_and_a_network_that_is_not_there_are_told_apart() {
    // One connection fits into the queue; the next ones wait for ever.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let full = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        socket.listen(0).unwrap()
    });
    let at = full.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&at, Duration::from_millis(500)) {
        queue.push(stream);
        assert!(queue.len() < 20, "the queue takes everybody");
    }
    let (subject, code) = connected("plain", at.port(), &["--patience", "1"]);
    assert_eq!(severity(&subject, "connection-timeout"), "failing", "{subject:#}");
    assert_eq!((subject["verdict"]["verdict"].as_str(), code), (Some("nobody-answers"), Some(1)));
    // Nobody has a connection with all hosts at once.
    let asks = ["plain.tls.example", "--connect", "--via", "255.255.255.255:25"];
    let (report, _) = checked(&asks);
    assert_eq!(severity(&report["subjects"][0], "connection-failed"), "failing", "{report:#}");
}

#[test]
fn what_the_deadline_cuts_off_is_no_finding_about_the_server() {
    let port = server(|stream| {
        thread::sleep(Duration::from_secs(8));
        drop(stream);
    });
    let (subject, code) = connected("plain", port, &["--deadline", "2", "--patience", "60"]);
    assert_eq!(severity(&subject, "not-connected"), "note", "{subject:#}");
    assert_eq!(code, Some(0));
}

#[test]
fn an_exchanger_of_several_domains_is_visited_once() {
    let (port, told) = mail_server(tls(Shows::Good, "mx1.fine.example.com"));
    let via = format!("mx1.fine.example.com=127.0.0.1:{port}");
    // The other one has an exchanger of its own, where nobody listens.
    let other = "mx2.fine.example.com=127.0.0.1:9";
    let asks =
        ["mixed.example.com", "fine.example.com", "--connect", "--via", &via, "--via", other];
    let (report, _) = checked(&asks);
    for subject in report["subjects"].as_array().unwrap() {
        assert_eq!(severity(subject, "tls-works"), "ok", "{subject:#}");
    }
    assert_eq!(eventually(&told, 1).matches("EHLO").count(), 1);
}

#[test]
fn the_readme_shows_a_certificate_as_it_is_shown() {
    let readme = std::fs::read_to_string(crate::support::repository().join("README.md")).unwrap();
    let begin = "# mailwhy check example.net --connect --via 127.0.0.1:2525\n";
    let block = readme.split("```text\n").find_map(|block| block.strip_prefix(begin)).unwrap();
    let block = block.split("```").next().unwrap();
    // A port with as many digits, as the lines are as long then.
    let free = (2525..9999).find_map(|port| TcpListener::bind(("127.0.0.1", port)).ok()).unwrap();
    let (port, _) = mail_server_at(free, tls(Shows::Expired, "mx.example.net"));
    let host = "mta-sts.example.net";
    let web = web_server(tls(Shows::Good, host), policy("enforce", "mx.example.net"));
    let (via, web) = (format!("127.0.0.1:{port}"), format!("{host}=127.0.0.1:{web}"));
    let resolver = dns().to_string();
    let asks = ["check", "example.net", "--resolver", &resolver, "--connect", "--via", &via];
    let ran = mailwhy([&asks[..], &["--via", &web]].concat())
        .env("SSL_CERT_FILE", authorities())
        .columns(80)
        .run();
    let got = ran.stdout.replace(&via, "127.0.0.1:2525").replace(&format!("]:{port}"), "]:2525");
    let (want, got): (Vec<&str>, Vec<&str>) = (block.lines().collect(), got.lines().collect());
    assert!(crate::readme::fits(&want, &got), "{}", got.join("\n"));
}
