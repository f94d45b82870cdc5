//! `mailwhy check` against a DNS server and SMTP servers on loopback.

use crate::support::{Ran, Scratch, mailwhy};
use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, MX, NS, NULL, PTR, TLSA, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use mailwhy::check::{FindingKind, VerdictKind};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

/// What the server knows, with what `crate::check_tls` adds: name, type, value. `*` for a type and a word: how all
/// questions for that name end. `AD` for a type: DNSSEC proves what is there, which is told those who ask for it.
/// The benchmark networks (RFC 2544, RFC 5180) stand for addresses that the Internet can reach.
const ZONE: &str = r"
fine.example.com        MX    20 mx2.fine.example.com
fine.example.com        MX    10 mx1.fine.example.com
mx1.fine.example.com    A     198.18.0.1
mx1.fine.example.com    AAAA  2001:2::1
mx2.fine.example.com    A     198.18.0.2
null.example.com        MX    0 .
mixed.example.com       MX    0 .
mixed.example.com       MX    10 mx1.fine.example.com
web.example.com         A     198.18.0.80
bare.example.com        TXT   nothing but text
broken.example.com      *     SERVFAIL
silent.example.com      *     TIMEOUT
refusing.example.com    *     REFUSED
unwilling.example.com   *     NOTIMP
alias.example.com       MX    10 alias-mx.example.com
alias-mx.example.com    CNAME mx1.fine.example.com
noaddr.example.com      MX    10 bare.example.com
lost.example.com        MX    10 nowhere.example.com
half.example.com        MX    10 broken.example.com
private.example.com     MX    10 mx.private.example.com
mx.private.example.com  A     10.0.0.1
loop.example.com        MX    10 mx.loop.example.com
mx.loop.example.com     A     127.0.0.1
docs.example.com        MX    10 mx.docs.example.com
mx.docs.example.com     AAAA  2001:db8::1
number.example.com      MX    10 192.0.2.1
six.example.com         MX    10 mx.six.example.com
mx.six.example.com      AAAA  2001:2::6
one.example.com         MX    10 mx.one.example.com
mx.one.example.com      A     198.18.0.5
many.example.com        MANY  60
ban3.example            MX    10 mx.ban3.example
mx.ban3.example         A     198.18.1.42
ban2.example            MX    10 mx.elsewhere.example.com
mx.elsewhere.example.com A    198.18.0.9
25.0.18.198.in-addr.arpa PTR  mail.own.example.com
26.0.18.198.in-addr.arpa PTR  mail.own.example.com
mail.own.example.com    A     198.18.0.25
own.example.com         TXT   v=spf1 ip4:198.18.0.0/24 -all
own.example.com         TXT   \odd bytes
_dmarc.own.example.com  TXT   v=DMARC1; p=reject
incl.example.com        TXT   v=spf1 a include:own.example.com -all
incl.example.com        A     198.18.0.99
forbids.example.com     TXT   v=spf1 mx -all
forbids.example.com     MX    10 mx.one.example.com
wrong.example.com       TXT   v=spf1 ip4:198.18.0.0/24 ipfour:1 -all
twice.example.com       TXT   v=spf1 +all
twice.example.com       TXT   v=spf1 -all
soft.example.com        TXT   v=spf1 ~all
_dmarc.soft.example.com TXT   v=DMARC1; p=perhaps
shrug.example.com       TXT   v=spf1 ?all
_dmarc.shrug.example.com TXT  v=DMARC1; p=none
_dmarc.shrug.example.com TXT  v=DMARC1; p=reject
deep.example.com        TXT   v=spf1 include:d1.example.com include:d2.example.com include:d3.example.com include:d4.example.com include:d5.example.com include:d6.example.com -all
d1.example.com          TXT   v=spf1 a:mx1.fine.example.com -all
d2.example.com          TXT   v=spf1 a:mx1.fine.example.com -all
d3.example.com          TXT   v=spf1 a:mx1.fine.example.com -all
d4.example.com          TXT   v=spf1 a:mx1.fine.example.com -all
d5.example.com          TXT   v=spf1 a:mx1.fine.example.com -all
d6.example.com          TXT   v=spf1 a:mx1.fine.example.com -all
";

fn name(text: &str) -> Name {
    Name::from_ascii(format!("{}.", text.trim_end_matches('.'))).unwrap()
}

fn data(kind: &str, value: &str) -> RData {
    match kind {
        "A" => RData::A(A(value.parse().unwrap())),
        "AAAA" => RData::AAAA(AAAA(value.parse().unwrap())),
        "CNAME" => RData::CNAME(CNAME(name(value))),
        "PTR" => RData::PTR(PTR(name(value))),
        "MX" => {
            let (preference, host) = value.split_once(' ').unwrap();
            RData::MX(MX::new(preference.parse().unwrap(), name(host)))
        }
        "TLSA" => {
            let mut parts = value.splitn(4, ' ');
            let mut number = || parts.next().unwrap().parse::<u8>().unwrap();
            let (usage, selector, matching) = (number(), number(), number());
            let data = crate::check_tls::unhex(parts.next().unwrap());
            RData::TLSA(TLSA::new(usage.into(), selector.into(), matching.into(), data))
        }
        "TORN-TLSA" => RData::Unknown {
            code: RecordType::TLSA,
            rdata: NULL::with(crate::check_tls::unhex(value)),
        },
        "TXT" => {
            let text = value.replace('\\', "\u{1b}[31m\u{9b}");
            RData::TXT(TXT::from_bytes(vec![text.as_bytes()]))
        }
        other => panic!("{other}"),
    }
}

/// The answer to a question; `None` for silence.
fn answer(question: &[u8], by_udp: bool) -> Option<Vec<u8>> {
    let asked = Message::from_vec(question).ok()?;
    let query = asked.queries.first()?.clone();
    let mut reply = Message::response(asked.metadata.id, asked.metadata.op_code);
    reply.metadata.message_type = MessageType::Response;
    reply.metadata.recursion_desired = true;
    reply.metadata.recursion_available = true;
    let mut wanted = query.name().to_ascii().trim_end_matches('.').to_lowercase();
    let kind = query.query_type();
    reply.add_query(query);
    let zones =
        ZONE.lines().chain(crate::check_own::ZONE.lines()).chain(crate::check_tls::zone().lines());
    let lines: Vec<Vec<&str>> =
        zones.filter(|l| !l.is_empty()).map(|l| l.splitn(2, ' ').collect()).collect();
    let rows: Vec<(&str, &str, &str)> = lines
        .iter()
        .map(|line| {
            let (kind, value) = line[1].trim_start().split_once(' ').unwrap();
            (line[0], kind, value.trim_start())
        })
        .collect();
    let mut is_there = false;
    for _ in 0..3 {
        is_there |=
            rows.iter().any(|row| row.0 == wanted || row.0.ends_with(&format!(".{wanted}")));
        let mut next = None;
        for (_, row_kind, value) in rows.iter().filter(|row| row.0 == wanted) {
            match (*row_kind, *value) {
                ("*", "TIMEOUT") => return None,
                ("*", "SERVFAIL") => reply.metadata.response_code = ResponseCode::ServFail,
                ("*", "NOTIMP") => reply.metadata.response_code = ResponseCode::NotImp,
                ("*", "REFERRAL") => {
                    let servers = RData::NS(NS(name("ns.elsewhere.example.com")));
                    reply.add_authority(Record::from_rdata(name(&wanted), 300, servers));
                }
                ("*", "REFUSED") => reply.metadata.response_code = ResponseCode::Refused,
                ("MANY", count) if kind == RecordType::MX && by_udp => {
                    assert!(count.parse::<u16>().unwrap() > 1);
                    reply.metadata.truncation = true;
                }
                ("MANY", count) if kind == RecordType::MX => {
                    for n in 1..=count.parse::<u16>().unwrap() {
                        let host = name(&format!("mx{n}.many.example.com"));
                        reply.add_answer(Record::from_rdata(
                            name(&wanted),
                            300,
                            RData::MX(MX::new(n, host)),
                        ));
                    }
                }
                ("MANY", _) => {}
                ("AD", _) => reply.metadata.authentic_data = asked.metadata.authentic_data,
                (row_kind, value)
                    if row_kind.trim_start_matches("TORN-") == kind.to_string()
                        || row_kind == "CNAME" =>
                {
                    reply.add_answer(Record::from_rdata(name(&wanted), 300, data(row_kind, value)));
                    next = (row_kind == "CNAME").then(|| value.to_owned());
                }
                _ => {}
            }
        }
        match next {
            Some(target) => wanted = target,
            None => break,
        }
    }
    if !is_there {
        reply.metadata.response_code = ResponseCode::NXDomain;
    }
    Some(reply.to_vec().unwrap())
}

/// The address of the DNS server, which runs as long as the tests do.
pub(crate) fn dns() -> SocketAddr {
    static SERVER: OnceLock<SocketAddr> = OnceLock::new();
    *SERVER.get_or_init(|| {
        // TCP first: another test's connection cannot take a port that both are free on.
        let (tcp, udp) = loop {
            let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
            if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()) {
                break (tcp, udp);
            }
        };
        let at = tcp.local_addr().unwrap();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok((length, client)) = udp.recv_from(&mut buffer) {
                if let Some(reply) = answer(&buffer[..length], true) {
                    let _ = udp.send_to(&reply, client);
                }
            }
        });
        thread::spawn(move || {
            for stream in tcp.incoming().map_while(Result::ok) {
                thread::spawn(move || serve(stream));
            }
        });
        at
    })
}

fn serve(mut stream: TcpStream) {
    let mut length = [0; 2];
    while stream.read_exact(&mut length).is_ok() {
        let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut question).unwrap();
        let Some(reply) = answer(&question, false) else { return };
        let length = u16::try_from(reply.len()).unwrap().to_be_bytes();
        let _ = stream.write_all(&[&length[..], &reply].concat());
    }
}

pub(crate) fn run(arguments: &[&str]) -> Ran {
    let resolver = dns().to_string();
    // A busy machine may answer late: what must be silent is given up after three seconds, not one.
    let common = ["check", "--resolver", &resolver, "--timeout", "3", "--tries", "1"];
    mailwhy([&common[..], arguments].concat()).run()
}

/// The report as JSON, and the exit code.
pub(crate) fn checked(arguments: &[&str]) -> (Value, Option<i32>) {
    let ran = run(&[arguments, &["--format", "json"]].concat());
    let json = serde_json::from_str(&ran.stdout);
    (json.unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr)), ran.code)
}

pub(crate) fn slugs(subject: &Value) -> Vec<&str> {
    let findings = subject["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["finding"].as_str().unwrap()).collect()
}

/// Every situation of a recipient domain: the arguments behind `check`, its verdict, its findings, the exit code.
const DOMAINS: &[(&[&str], &str, &[&str], i32)] = &[
    (&["fine.example.com"], "in-order", &["mx-set"], 0),
    (&["null.example.com"], "takes-no-mail", &["null-mx"], 1),
    (&["mixed.example.com"], "in-order", &["null-mx-mixed", "mx-set"], 0),
    (&["web.example.com"], "in-order", &["address-fallback"], 0),
    (&["bare.example.com"], "no-mail-host", &["no-mail-host"], 1),
    (&["gone.example.com"], "no-such-domain", &["no-such-name"], 1),
    (&["broken.example.com"], "dns-broken", &["dns-servfail"], 1),
    // Alone, so that nobody answered anything.
    (&["silent.example.com"], "dns-silent", &["dns-timeout"], 2),
    (&["refusing.example.com"], "not-known", &["dns-refused"], 2),
    (&["alias.example.com"], "in-order", &["exchanger-alias", "mx-set"], 0),
    (&["noaddr.example.com"], "no-usable-exchanger", &["exchanger-without-address", "mx-set"], 1),
    (&["lost.example.com"], "no-usable-exchanger", &["exchanger-missing", "mx-set"], 1),
    (&["half.example.com"], "see-findings", &["dns-servfail", "dns-servfail", "mx-set"], 1),
    (&["private.example.com"], "no-usable-exchanger", &["exchanger-unreachable", "mx-set"], 1),
    (&["loop.example.com"], "no-usable-exchanger", &["exchanger-unreachable", "mx-set"], 1),
    (&["docs.example.com"], "no-usable-exchanger", &["exchanger-unreachable", "mx-set"], 1),
    (&["number.example.com"], "no-usable-exchanger", &["exchanger-bad-name", "mx-set"], 1),
    (&["six.example.com"], "in-order", &["only-ipv6", "mx-set"], 0),
    (&["one.example.com"], "in-order", &["only-ipv4", "mx-set"], 0),
    // The host in the log.
    (
        &[
            "fine.example.com",
            "--refused-by",
            "old.example.net[198.18.0.77]:25",
            "--reply",
            "521 no mail here",
        ],
        "stale-route",
        &["stale-exchanger", "mx-set"],
        1,
    ),
    (
        &["web.example.com", "--refused-by", "old.example.net"],
        "stale-route",
        &["stale-exchanger", "address-fallback", "only-ipv4"],
        1,
    ),
    (
        &[
            "one.example.com",
            "--refused-by",
            "mx.one.example.com[198.18.0.5]",
            "--reply",
            "521 5.3.2 no mail here",
        ],
        "only-exchanger-refuses",
        &["exchanger-refuses", "only-ipv4", "mx-set"],
        1,
    ),
    (
        &[
            "fine.example.com",
            "--refused-by",
            "MX2.fine.example.com",
            "--reply",
            "550 5.4.1 no such domain here",
        ],
        "one-exchanger-refuses",
        &["exchanger-refuses", "mx-set"],
        1,
    ),
    (
        &["web.example.com", "--refused-by", "web.example.com", "--reply", "521 no mail here"],
        "fallback-refuses",
        &["exchanger-refuses", "address-fallback", "only-ipv4"],
        1,
    ),
    // Refused by an exchanger, but not because it takes no mail.
    (
        &[
            "one.example.com",
            "--refused-by",
            "mx.one.example.com",
            "--reply",
            "550 5.1.1 user unknown",
        ],
        "in-order",
        &["only-ipv4", "mx-set", "right-exchanger"],
        0,
    ),
    // Named by its address, as Exim and Postfix do without a name; and at another address.
    (
        &["one.example.com", "--refused-by", "198.18.0.5"],
        "in-order",
        &["only-ipv4", "mx-set", "right-exchanger"],
        0,
    ),
    (
        &["one.example.com", "--refused-by", "mx.one.example.com[198.18.0.6]"],
        "in-order",
        &["only-ipv4", "other-address", "mx-set", "right-exchanger"],
        0,
    ),
    (
        &[
            "alias.example.com",
            "--refused-by",
            "mx1.fine.example.com",
            "--reply",
            "556 5.1.10 null mx",
        ],
        "only-exchanger-refuses",
        &["exchanger-refuses", "exchanger-alias", "mx-set"],
        1,
    ),
];

#[test]
fn every_state_of_a_domain_has_its_findings_and_its_verdict_in_both_languages() {
    let mut sentences = String::new();
    for (arguments, verdict, findings, code) in DOMAINS {
        let (report, exit) = checked(arguments);
        let subject = &report["subjects"][0];
        assert_eq!(subject["verdict"]["verdict"], *verdict, "{arguments:?}: {subject:#}");
        // The exchangers of one test zone have no IPv6 on the side.
        let found: Vec<&str> = slugs(subject)
            .into_iter()
            .filter(|slug| findings.contains(slug) || *slug != "only-ipv4")
            .collect();
        assert_eq!(found, *findings, "{arguments:?}");
        assert_eq!(exit, Some(*code), "{arguments:?}");
        let (russian, _) = checked(&[*arguments, &["--lang", "ru"]].concat());
        assert_eq!(russian["subjects"][0]["verdict"]["verdict"], *verdict);
        let mut shown = format!("{}\n", arguments.join(" "));
        for subject in [subject, &russian["subjects"][0]] {
            let text = subject["verdict"]["text"].as_str().unwrap();
            shown.extend(["  ", text, "\n"]);
        }
        if !sentences.contains(&shown) {
            sentences += &shown;
        }
    }
    insta::assert_snapshot!("check_verdicts", sentences);
}

#[test]
fn silence_and_refusal_are_not_absence() {
    let (report, code) = checked(&["silent.example.com", "fine.example.com"]);
    let subjects = report["subjects"].as_array().unwrap();
    assert_eq!(subjects[0]["verdict"]["verdict"], "dns-silent");
    assert_eq!(slugs(&subjects[0]), ["dns-timeout"]);
    assert_eq!(subjects[1]["verdict"]["verdict"], "in-order");
    assert_eq!(code, Some(1));
    let (report, _) = checked(&["unwilling.example.com"]);
    assert_eq!(slugs(&report["subjects"][0]), ["dns-failed"], "{report:#}");
    // Nobody answered anything: that is no finding about the domain.
    let (report, code) = checked(&["refusing.example.com"]);
    assert_eq!(report["subjects"][0]["verdict"]["verdict"], "not-known");
    assert_eq!(slugs(&report["subjects"][0]), ["dns-refused"]);
    assert_eq!(code, Some(2));
}

#[test]
fn what_the_deadline_leaves_open_is_told() {
    // The one has to be waited for; what the other needs after its MX is not asked any more.
    let (report, _) = checked(&["silent.example.com", "web.example.com", "--deadline", "1"]);
    assert_eq!(slugs(&report["subjects"][1]), ["not-asked"], "{report:#}");
    assert_eq!(report["subjects"][1]["verdict"]["verdict"], "not-known");
}

#[test]
fn every_finding_and_every_verdict_is_brought_about_by_a_test() {
    // In a test as a word, in a snapshot at the begin of a line.
    let all = |folder: &str, extension: &str| -> String {
        std::fs::read_dir(crate::support::repository().join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|found| found == extension))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect()
    };
    let (tests, snapshots) = (all("tests", "rs"), all("tests/snapshots", "snap"));
    let words = FindingKind::ALL.iter().map(|kind| kind.slug());
    let words = words.chain(VerdictKind::ALL.iter().map(|kind| kind.slug()));
    let missing: Vec<&str> = words
        .filter(|word| !tests.contains(&format!("\"{word}\"")))
        .filter(|word| !snapshots.contains(&format!("\n{word} ")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn an_answer_that_does_not_fit_comes_over_tcp_and_is_bounded() {
    let (report, code) = checked(&["many.example.com"]);
    let subject = &report["subjects"][0];
    let set = subject["findings"].as_array().unwrap().iter().find(|f| f["finding"] == "mx-set");
    assert_eq!(set.unwrap()["evidence"].as_array().unwrap().len(), 50);
    assert!(set.unwrap()["meaning"].as_str().unwrap().ends_with(", …."));
    // Twenty of them are looked at; none exists.
    let missing = slugs(subject).iter().filter(|slug| **slug == "exchanger-missing").count();
    assert_eq!((missing, code), (20, Some(1)));
}

#[test]
fn a_resolver_that_is_not_there_is_an_exit_code_of_its_own() {
    let ran = mailwhy([
        "check",
        "--resolver",
        "127.0.0.1:9",
        "--timeout",
        "1",
        "--tries",
        "1",
        "example.com",
    ])
    .run();
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("no question was answered by 127.0.0.1:9"), "{ran:?}");
}

#[test]
fn evidence_is_the_records_as_answered() {
    let (report, _) = checked(&["fine.example.com"]);
    let evidence = &report["subjects"][0]["findings"][0]["evidence"];
    let want = serde_json::json!([
        {"name": "fine.example.com", "ttl": 300, "type": "MX", "value": "10 mx1.fine.example.com"},
        {"name": "fine.example.com", "ttl": 300, "type": "MX", "value": "20 mx2.fine.example.com"},
    ]);
    assert_eq!(*evidence, want);
}

#[test]
fn who_we_are_is_checked_with_the_term_that_decides() {
    for (arguments, findings, code, words) in [
        (
            &[
                "--self",
                "198.18.0.25",
                "--helo",
                "mail.own.example.com",
                "--domain",
                "own.example.com",
            ][..],
            &["ptr-confirmed", "helo-confirmed", "spf-pass", "dmarc-policy"][..],
            0,
            "`ip4:198.18.0.0/24` in the record of own.example.com; 0 of 10 lookups",
        ),
        (
            &["--self", "198.18.0.26", "--helo", "mail.own.example.com"],
            &["ptr-unconfirmed", "helo-other-address"],
            1,
            "198.18.0.26 has the name mail.own.example.com",
        ),
        (
            &["--self", "198.18.0.27", "--helo", "localhost"],
            &["ptr-missing", "helo-not-qualified"],
            1,
            "not a whole host name",
        ),
        (
            &[
                "--self",
                "198.18.0.25",
                "--helo",
                "bare.example.com",
                "--domain",
                "incl.example.com",
            ],
            &["helo-without-address", "dmarc-none", "ptr-confirmed", "spf-pass"],
            1,
            "`include:own.example.com` in the record of incl.example.com; 2 of 10 lookups",
        ),
        (
            &["--self", "198.18.0.25", "--domain", "forbids.example.com"],
            &["spf-fail", "dmarc-none", "ptr-confirmed"],
            1,
            "`-all` in the record of forbids.example.com; 1 of 10 lookups",
        ),
        (
            &["--self", "198.18.0.25", "--domain", "soft.example.com"],
            &["spf-softfail", "dmarc-broken", "ptr-confirmed"],
            0,
            "`~all` in the record of soft.example.com",
        ),
        (
            &["--self", "198.18.0.25", "--domain", "shrug.example.com"],
            &["spf-neutral", "dmarc-broken", "ptr-confirmed"],
            0,
            "has more than one DMARC record",
        ),
        (
            &["--self", "198.18.0.25", "--domain", "deep.example.com"],
            &["spf-permerror", "dmarc-none", "ptr-confirmed"],
            1,
            "more than 10 lookups, at `include:d6.example.com`",
        ),
        (
            &["--self", "198.18.0.25", "--domain", "wrong.example.com"],
            &["spf-permerror", "dmarc-none", "ptr-confirmed"],
            1,
            "`ipfour:1` cannot be read",
        ),
        (
            &["--self", "198.18.0.25", "--domain", "twice.example.com"],
            &["spf-permerror", "dmarc-none", "ptr-confirmed"],
            1,
            "more than one SPF record",
        ),
        (
            &["--self", "198.18.0.25", "--domain", "broken.example.com"],
            &["spf-temperror", "ptr-confirmed", "dmarc-none"],
            1,
            "no answer about broken.example.com",
        ),
        (
            &["--self", "198.18.0.25", "--domain", "bare.example.com"],
            &["spf-none", "dmarc-none", "ptr-confirmed"],
            0,
            "no SPF record",
        ),
    ] {
        let (report, exit) = checked(arguments);
        let subject = &report["subjects"][0];
        let mut found = slugs(subject);
        let mut want = findings.to_vec();
        found.sort_unstable();
        want.sort_unstable();
        assert_eq!(found, want, "{arguments:?}");
        assert_eq!(exit, Some(code), "{arguments:?}");
        assert!(
            subject.to_string().contains(&words.replace('"', "\\\"")),
            "{arguments:?}: {subject:#}"
        );
    }
}

#[test]
fn odd_bytes_in_an_answer_do_not_reach_the_terminal() {
    let shown = run(&["--self", "198.18.0.25", "--domain", "own.example.com"]).stdout;
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
}

/// An SMTP server that says `greeting`, answers EHLO with `ehlo`, and tells on its thread what it was told.
fn smtp(greeting: &'static str, ehlo: &'static str) -> (u16, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(greeting.as_bytes()).unwrap();
        if greeting.is_empty() {
            // Hangs up.
            return String::new();
        }
        let mut told = Vec::new();
        let mut piece = [0; 512];
        loop {
            match stream.read(&mut piece) {
                Ok(0) | Err(_) => break,
                Ok(read) => told.extend_from_slice(&piece[..read]),
            }
            if told.starts_with(b"EHLO") && !told.ends_with(b"QUIT\r\n") {
                stream.write_all(ehlo.as_bytes()).unwrap();
            }
        }
        String::from_utf8(told).unwrap()
    });
    (port, server)
}

#[test]
fn greetings_are_told_apart_and_no_mail_is_begun() {
    for (greeting, ehlo, finding, told, code) in [
        ("220-mx\r\n220 mx\r\n", "250 mx\r\n", "no-starttls", "EHLO me.example.com\r\nQUIT\r\n", 0),
        ("521 5.3.2 no mail here\r\n", "", "greeting-no-mail", "QUIT\r\n", 1),
        ("554 go away\r\n", "", "greeting-refusal", "QUIT\r\n", 1),
        ("421 busy\r\n", "", "greeting-deferral", "QUIT\r\n", 1),
        ("220 mx\r\n", "550 5.7.1 who\r\n", "ehlo-refused", "EHLO me.example.com\r\nQUIT\r\n", 1),
        ("220-slow, and never whole\r\n", "", "tarpit", "QUIT\r\n", 1),
        ("SSH-2.0-nothing\r\n", "", "not-smtp", "QUIT\r\n", 1),
        ("", "", "hung-up", "", 1),
    ] {
        let (port, server) = smtp(greeting, ehlo);
        let port = port.to_string();
        let (report, exit) = checked(&[
            "127.0.0.1",
            "--connect",
            "--port",
            &port,
            "--helo",
            "me.example.com",
            "--patience",
            "2",
        ]);
        let found = slugs(&report["subjects"][0]);
        assert!(found.contains(&finding), "{greeting:?}: {found:?}");
        assert_eq!(server.join().unwrap(), told, "{greeting:?}");
        assert_eq!(exit, Some(code), "{greeting:?}");
    }
}

#[test]
fn a_port_where_nobody_listens_is_a_refused_connection() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let (report, code) = checked(&["127.0.0.1", "--connect", "--port", &free]);
    assert!(slugs(&report["subjects"][0]).contains(&"connection-refused"), "{report:#}");
    assert_eq!(code, Some(1));
}

#[test]
fn a_log_is_checked_for_what_dns_can_explain() {
    let folder = Scratch::of_test("check-log");
    let line = |id: u32, to: &str, relay: &str, dsn: &str, status: &str| {
        format!(
            "2026-11-20T10:00:0{id}+00:00 mail postfix/smtp[1]: {id}AAAAAAAAA: to=<ann@{to}>, relay={relay}, delay=1, \
             delays=0/0/1/0, dsn={dsn}, status={status}\n"
        )
    };
    let refused =
        "bounced (host old.example.net[198.18.0.77] refused to talk to me: 521 5.3.2 no mail here)";
    let log = [
        line(1, "fine.example.com", "old.example.net[198.18.0.77]:25", "5.3.2", refused),
        line(2, "fine.example.com", "old.example.net[198.18.0.77]:25", "5.3.2", refused),
        line(
            3,
            "gone.example.com",
            "none",
            "5.4.4",
            "bounced (Host or domain name not found. Name service error for name=gone.example.com type=A: Host not found)",
        ),
        line(
            4,
            "one.example.com",
            "mx.one.example.com[198.18.0.5]:25",
            "5.1.1",
            "bounced (host mx.one.example.com[198.18.0.5] said: 550 5.1.1 user unknown (in reply to RCPT TO command))",
        ),
        line(5, "web.example.com", "web.example.com[198.18.0.80]:25", "2.0.0", "sent (250 ok)"),
    ];
    let log = folder.path.join(folder.file("mail.log", log.concat()));
    let log = log.to_str().unwrap();
    let (report, code) = checked(&["--log", log]);
    let got: Vec<(&str, &str, u64)> = report["subjects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|subject| {
            let count = subject["log"][0]["count"].as_u64().unwrap();
            (
                subject["subject"].as_str().unwrap(),
                subject["verdict"]["verdict"].as_str().unwrap(),
                count,
            )
        })
        .collect();
    assert_eq!(
        got,
        [("fine.example.com", "stale-route", 2), ("gone.example.com", "no-such-domain", 1)]
    );
    assert_eq!(code, Some(1));
    let (report, _) = checked(&["--log", log, "--limit", "1"]);
    assert_eq!((report["subjects"].as_array().unwrap().len(), &report["left_out"]), (1, &1.into()));
}

/// What Postfix and Exim wrote about a host that takes no mail.
const REFUSED: [&str; 2] = [
    "Nov 23 13:00:19 mx1 postfix/smtp[188]: B399B1082D6: to=<user@ban3.example>, relay=mx.ban3.example[127.0.10.42]:25, \
     delay=0.24, delays=0.02/0.22/0.01/0, dsn=4.3.2, status=deferred (host mx.ban3.example[127.0.10.42] refused to talk \
     to me: 521 5.3.2 ban3.example does not accept mail)\n",
    "2026-11-23 13:01:28 1xVTfj-0000Cj-2c ** user@ban3.example R=dnslookup T=remote_smtp H=mx.ban3.example [127.0.10.42]: \
     SMTP error from remote mail server after initial connection: 521 5.3.2 ban3.example does not accept mail\n",
];

#[test]
fn a_521_in_a_recorded_log_ends_in_a_verdict() {
    for line in REFUSED {
        // The same domain as recorded, and one that has moved since.
        for (domain, verdict) in
            [("ban3.example", "only-exchanger-refuses"), ("ban2.example", "stale-route")]
        {
            let line = line.replace("ban3.example", domain);
            let folder = Scratch::of_test("check-521");
            let log = folder.path.join(folder.file("mail.log", &line));
            let (report, code) = checked(&["--log", log.to_str().unwrap()]);
            let subject = &report["subjects"][0];
            assert_eq!(subject["subject"], domain, "{line}");
            assert_eq!(subject["verdict"]["verdict"], verdict, "{line}");
            assert_eq!(subject["log"][0]["code"], 521, "{line}");
            assert_eq!(subject["log"][0]["cause"], "domain-accepts-no-mail", "{line}");
            assert_eq!(code, Some(1));
        }
    }
}

#[test]
fn what_a_log_says_of_a_domain_is_bounded() {
    let folder = Scratch::of_test("check-bounds");
    let lines: String = (0..30)
        .map(|n| REFUSED[0].replace("mx.ban3.example", &format!("mx{n}.ban3.example")))
        .collect();
    let log = folder.path.join(folder.file("mail.log", lines));
    let (report, _) = checked(&["--log", log.to_str().unwrap()]);
    assert_eq!(report["subjects"][0]["log"].as_array().unwrap().len(), 20);
}

#[test]
fn a_log_without_such_trouble_asks_nothing() {
    let ran = mailwhy(["check", "--resolver", "127.0.0.1:9", "--log", "-"]).stdin("").run();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("nothing was asked"), "{ran:?}");
    let ran = mailwhy(["check", "--resolver", "127.0.0.1:9", "--log", "no/such.log"]).run();
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
}

#[test]
fn text_and_markdown_say_the_verdict_and_what_to_run() {
    for format in ["text", "markdown"] {
        let shown =
            run(&["fine.example.com", "--refused-by", "old.example.net", "--format", format]);
        for words in
            ["old.example.net", "exim -bt postmaster@fine.example.com", "postconf relayhost"]
        {
            assert!(shown.stdout.contains(words), "{format}: {words}: {}", shown.stdout);
        }
    }
}
