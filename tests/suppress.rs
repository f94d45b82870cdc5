//! `mailwhy suppress`: which addresses no longer deserve mail, on logs as servers write them.

use crate::generator::{self, Server};
use crate::support::{acts_on_a_terminal, mailwhy, samples};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;

/// A delivery attempt of Postfix on a day of January.
fn attempt(day: u32, id: &str, to: &str, status: &str, dsn: &str, said: &str) -> String {
    format!(
        "Jan {day:2} 10:00:00 mx1 postfix/smtp[8]: {id}: to=<{to}>, relay=mx.example.com[198.51.100.25]:25, delay=1, \
         delays=0/0/0/1, dsn={dsn}, status={status} ({said})\n"
    )
}

fn said(reply: &str) -> String {
    format!("host mx.example.com[198.51.100.25] said: {reply} (in reply to RCPT TO command)")
}

fn list_of(log: &str, more: &[&str]) -> Value {
    let arguments = ["suppress", "--format", "json", "--tz", "UTC", "--year", "2026"];
    mailwhy(arguments.iter().chain(more)).stdin(log).run().json()
}

fn addresses(list: &Value) -> Vec<&str> {
    let rows = list["addresses"].as_array().unwrap();
    rows.iter().map(|row| row["address"].as_str().unwrap()).collect()
}

#[test]
fn an_unknown_address_is_listed_with_its_evidence() {
    let reply = said("550 5.1.1 <Gone@example.com>: Recipient address rejected: User unknown");
    let log = attempt(5, "4C1D2E3F41", "Gone@example.com", "bounced", "5.1.1", &reply)
        + &attempt(7, "4C1D2E3F42", "gone@example.com", "bounced", "5.1.1", &reply)
        + &attempt(7, "4C1D2E3F43", "well@example.com", "sent", "2.0.0", "250 2.0.0 Ok");
    let list = list_of(&log, &[]);
    assert_eq!(addresses(&list), ["Gone@example.com"]);
    let row = &list["addresses"][0];
    for (field, want) in [
        ("cause", Value::from("recipient-unknown")),
        ("scope", "address".into()),
        ("rule", "hard".into()),
        ("hard", 2.into()),
        ("soft", 0.into()),
        ("first", "2026-01-05T10:00:00Z".into()),
        ("last", "2026-01-07T10:00:00Z".into()),
        ("file", "-".into()),
        ("line", 2.into()),
        ("codes", serde_json::json!([{"code": 550, "enhanced": "5.1.1", "count": 2}])),
    ] {
        assert_eq!(row[field], want, "{field}");
    }
}

#[test]
fn what_is_said_about_us_lists_nobody() {
    for (case, dsn, reply) in [
        (
            "a blocklist",
            "5.7.1",
            "550 5.7.1 Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org",
        ),
        (
            "a blocklist behind an unknown user's code",
            "5.1.1",
            "550 5.1.1 Blocked by spamhaus, see https://www.spamhaus.org/query/ip/192.0.2.1",
        ),
        (
            "a provider's own list",
            "5.7.1",
            "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
        ),
        (
            "authentication",
            "5.7.26",
            "550 5.7.26 This mail has been blocked because the sender is unauthenticated",
        ),
        ("spam", "5.7.1", "554 5.7.1 Message rejected as spam"),
        ("policy", "5.7.1", "550 5.7.1 Access denied"),
        (
            "rate",
            "4.7.28",
            "550 5.7.28 Our system has detected an unusual rate of unsolicited mail",
        ),
        ("relaying", "5.7.1", "554 5.7.1 <a@example.com>: Relay access denied"),
        ("size", "5.3.4", "552 5.3.4 Message size exceeds fixed limit"),
        ("a full mailbox", "5.2.2", "552 5.2.2 Mailbox full"),
        (
            "a sender without a domain",
            "5.1.8",
            "550 5.1.8 Sender address rejected: Domain not found",
        ),
    ] {
        let log: String = (1..=28)
            .map(|day| attempt(day, "4C1D2E3F41", "ann@example.com", "bounced", dsn, &said(reply)))
            .collect();
        assert_eq!(addresses(&list_of(&log, &[])), [""; 0], "{case}");
    }
}

#[test]
fn who_we_refused_is_not_ours_to_list() {
    let log = "\
Jan  5 10:00:00 mx1 postfix/smtpd[8]: NOQUEUE: reject: RCPT from mail.example.net[192.0.2.10]: 550 5.1.1 <nobody@example.com>: Recipient address rejected: User unknown in local recipient table; from=<ann@example.net> to=<nobody@example.com> proto=ESMTP helo=<mail.example.net>
Jan  5 10:00:01 mx1 postfix/smtpd[8]: NOQUEUE: reject: RCPT from mail.example.net[192.0.2.10]: 450 4.1.8 <ann@nowhere.example.net>: Sender address rejected: Domain not found; from=<ann@nowhere.example.net> to=<bob@example.com> proto=ESMTP helo=<mail.example.net>
2026-01-05 10:00:00 H=mail.example.net [192.0.2.10] F=<ann@example.net> rejected RCPT <nobody@example.com>: Unrouteable address
2026-01-05 10:00:01 H=mail.example.net [192.0.2.10] sender verify fail for <ann@example.net>: Unrouteable address
"
    .repeat(50);
    assert_eq!(addresses(&list_of(&log, &["--soft-days", "0"])), [""; 0]);
}

#[test]
fn quotations_are_no_evidence() {
    let first = said("450 4.1.1 <a@example.com>: Recipient address rejected: User unknown");
    let quoted = format!("delivery temporarily suspended: {first}");
    let story = |words: &str| -> String {
        [1, 5, 9]
            .map(|day| attempt(day, "4C1D2E3F41", "a@example.com", "deferred", "4.1.1", words))
            .concat()
    };
    assert_eq!(addresses(&list_of(&story(&first), &[])), ["a@example.com"]);
    assert_eq!(addresses(&list_of(&story(&quoted), &[])), [""; 0]);
}

#[test]
fn a_domain_that_is_gone_lists_its_addresses_marked() {
    let gone = "Host or domain name not found. Name service error for name=gone.example type=A: Host not found";
    let log = ["a@gone.example", "b@gone.example"]
        .map(|to| attempt(5, "4C1D2E3F41", to, "bounced", "5.4.4", gone))
        .concat();
    let list = list_of(&log, &[]);
    assert_eq!(addresses(&list), ["a@gone.example", "b@gone.example"]);
    for row in list["addresses"].as_array().unwrap() {
        assert_eq!(
            (&row["cause"], &row["scope"]),
            (&"recipient-domain-missing".into(), &"domain".into())
        );
    }
    let text = mailwhy(["suppress", "--year", "2026"]).stdin(log).run().ok();
    assert!(text.contains("whole domain"), "{text}");
}

#[test]
fn a_content_filter_accepts_for_nobody() {
    let unknown = said("550 5.1.1 <a@example.com>: User unknown");
    let mut log = String::new();
    for (day, parent, child) in [(5, "A000000001", "B000000001"), (6, "A000000002", "B000000002")] {
        for line in [
            format!("qmgr[8]: {parent}: from=<ann@example.net>, size=900, nrcpt=1 (queue active)"),
            format!("smtpd[8]: {child}: client=localhost[127.0.0.1]"),
        ] {
            writeln!(log, "Jan  {day} 09:59:59 mx1 postfix/{line}").unwrap();
        }
        let taken =
            format!("250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as {child}");
        log += &attempt(day, parent, "a@example.com", "sent", "2.0.0", &taken);
        log += &attempt(day, child, "a@example.com", "bounced", "5.1.1", &unknown);
    }
    let list = list_of(&log, &["--hard", "2"]);
    assert_eq!(addresses(&list), ["a@example.com"]);
}

#[test]
fn a_cause_can_be_added_and_no_other() {
    let full = said("552 5.2.2 Mailbox full");
    let log = [1, 5, 9]
        .map(|day| attempt(day, "4C1D2E3F41", "full@example.com", "deferred", "4.2.2", &full))
        .concat();
    assert_eq!(addresses(&list_of(&log, &["--also", "mailbox-full"])), ["full@example.com"]);
    let ran = mailwhy(["suppress", "--also", "ip-blocklisted"]).stdin(log).run();
    assert_eq!(ran.code, Some(2), "{ran:?}");
}

#[test]
fn all_forms_have_the_same_addresses() {
    let unknown = said("550 5.1.1 User unknown");
    let log: String = ["b@example.com", "a@example.com", "c d@example.com", "=cmd@example.com"]
        .map(|to| attempt(5, "4C1D2E3F41", to, "bounced", "5.1.1", &unknown))
        .concat();
    let form = |format: &str| {
        let arguments = ["suppress", "--tz", "UTC", "--year", "2026", "--format", format];
        mailwhy(arguments).stdin(log.as_str()).run()
    };
    let all = ["=cmd@example.com", "a@example.com", "b@example.com", "c d@example.com"];
    assert_eq!(addresses(&form("json").json()), all);
    let ndjson: Vec<Value> = form("ndjson").json_lines();
    assert_eq!(ndjson.iter().map(|row| row["address"].as_str().unwrap()).collect::<Vec<_>>(), all);
    let plain = form("plain");
    assert_eq!(plain.stdout, "=cmd@example.com\na@example.com\nb@example.com\n");
    assert!(plain.stderr.contains("1 addresses with odd characters"), "{}", plain.stderr);
    let csv = form("csv").ok();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let first: Vec<String> =
        reader.records().map(|record| record.unwrap().get(0).unwrap().to_owned()).collect();
    assert_eq!(first, ["'=cmd@example.com", "a@example.com", "b@example.com", "c d@example.com"]);
    let text = form("text").ok();
    assert!(all.iter().all(|address| text.contains(address)), "{text}");
    let header = mailwhy(["suppress", "--format", "csv"]).stdin("").run().ok();
    assert_eq!(header.lines().count(), 1, "{header}");
    assert!(header.starts_with("address,scope,cause,rule,"), "{header}");
}

#[test]
fn the_bound_is_told_and_fails() {
    let unknown = said("550 5.1.1 User unknown");
    let log: String = (0..50)
        .map(|n| {
            attempt(5, "4C1D2E3F41", &format!("a{n:02}@example.com"), "bounced", "5.1.1", &unknown)
        })
        .collect();
    let arguments = ["suppress", "--year", "2026", "--most-addresses", "10", "--format", "plain"];
    let ran = mailwhy(arguments).stdin(log).run();
    assert_eq!((ran.code, ran.stdout.lines().count()), (Some(2), 10), "{ran:?}");
    assert!(
        ran.stderr.contains("10 addresses were followed, and 40 more failed"),
        "{}",
        ran.stderr
    );
}

/// What the events say, put together by hand.
fn naive(events: &[Value]) -> BTreeSet<String> {
    let may = [
        "recipient-unknown",
        "recipient-moved",
        "recipient-disabled",
        "recipient-domain-missing",
        "domain-accepts-no-mail",
    ];
    let mut listed = BTreeSet::new();
    for event in events {
        let text = |field: &str| event[field].as_str().unwrap_or("");
        if text("kind") != "delivery" || event["duplicate"] == true || event["repeated"] == true {
            continue;
        }
        let address = Some(text("final_recipient"))
            .filter(|address| address.contains('@'))
            .unwrap_or(text("recipient"))
            .to_lowercase();
        match text("disposition") {
            "delivered" => {
                listed.remove(&address);
                let domain = address.split('@').next_back().unwrap().to_owned();
                listed.retain(|other: &String| !other.ends_with(&format!("@{domain} (domain)")));
                listed.remove(&format!("{address} (domain)"));
            }
            "bounced"
                if may.contains(&text("cause"))
                    && event["hard"] == true
                    && !["code", "kind", "nothing"].contains(&text("basis")) =>
            {
                let domain = ["recipient-domain-missing", "domain-accepts-no-mail"];
                let mark = if domain.contains(&text("cause")) { " (domain)" } else { "" };
                listed.insert(format!("{address}{mark}"));
            }
            _ => {}
        }
    }
    listed
}

#[test]
fn the_list_is_what_the_events_say() {
    let mut logs: Vec<(String, Vec<u8>, &str)> = samples()
        .into_iter()
        .filter(|sample| !sample.name.ends_with("content-filter.log"))
        .map(|sample| (sample.name.clone(), sample.bytes.clone(), sample.year()))
        .collect();
    for (seed, server) in [(1, Server::Postfix), (2, Server::Exim)] {
        let (log, _) = generator::log(server, 400_000, seed);
        logs.push((format!("seed {seed}"), log.into_bytes(), "2026"));
    }
    let mut found = 0;
    for (name, bytes, year) in logs {
        let common = ["--tz", "UTC", "--year", year];
        let events = mailwhy([&["events"][..], &common].concat()).stdin(bytes.clone()).run();
        let want = naive(&events.json_lines());
        let arguments = [&["suppress", "--soft", "0", "--format", "json"][..], &common].concat();
        let list = mailwhy(arguments).stdin(bytes).run().json();
        let got: BTreeSet<String> = list["addresses"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let mark = if row["scope"] == "domain" { " (domain)" } else { "" };
                format!("{}{mark}", row["address"].as_str().unwrap().to_lowercase())
            })
            .collect();
        assert_eq!(got, want, "{name}");
        found += got.len();
    }
    assert!(found > 20, "addresses are listed: {found}");
}

#[test]
fn threads_and_chunks_do_not_show() {
    let (log, _) = generator::log(Server::Both, 300_000, 9);
    let want = list_of(&log, &["-j", "1"]);
    assert_eq!(list_of(&log, &["-j", "4", "--chunk-size", "4096"]), want);
}

#[test]
fn the_text_fits_and_speaks_two_languages() {
    let unknown = said("550 5.1.1 User unknown");
    let evil = "\u{1b}[31m\u{202e}x@example.com";
    let log = attempt(5, "4C1D2E3F41", "gone@example.com", "bounced", "5.1.1", &unknown)
        + &attempt(5, "4C1D2E3F42", evil, "bounced", "5.1.1", &unknown);
    for (language, word) in
        [("en", "no longer deserve mail"), ("ru", "УБРАТЬ ИЗ РАССЫЛКИ 2 адреса")]
    {
        for columns in [80, 120] {
            let arguments = ["suppress", "--year", "2026", "--lang", language];
            let text = mailwhy(arguments).columns(columns).stdin(log.as_str()).run().ok();
            assert!(text.contains(word), "{language}: {text}");
            assert!(!text.contains(acts_on_a_terminal), "{text}");
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= columns, "{language}: {widest} of {columns} columns\n{text}");
        }
    }
    for format in ["json", "ndjson", "csv", "plain"] {
        let ran =
            mailwhy(["suppress", "--year", "2026", "--format", format]).stdin(log.as_str()).run();
        assert!(!ran.stdout.contains(acts_on_a_terminal), "{format}: {}", ran.stdout);
    }
}

#[test]
fn a_filter_selects_evidence_and_never_hides_an_acceptance() {
    let unknown = said("550 5.1.1 User unknown");
    let log = attempt(5, "4C1D2E3F41", "a@example.com", "bounced", "5.1.1", &unknown)
        + &attempt(5, "4C1D2E3F42", "b@example.org", "bounced", "5.1.1", &unknown)
        + &attempt(5, "4C1D2E3F43", "c@example.com", "bounced", "5.1.1", &unknown)
        + &attempt(6, "4C1D2E3F44", "c@example.com", "sent", "2.0.0", "250 2.0.0 Ok");
    let list = list_of(&log, &["--domain", "example.com", "--disposition", "bounced"]);
    assert_eq!(addresses(&list), ["a@example.com"]);
    assert!(list["filter"].to_string().contains("example.com"), "{}", list["filter"]);
}
