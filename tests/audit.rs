//! `mailwhy audit`: who sends and receives, and how well that works.

use crate::generator::{self, Server};
use crate::support::{acts_on_a_terminal, count, fate, first_half, mailwhy, samples};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

fn audit_of(log: &str, more: &[&str]) -> Value {
    let arguments = ["audit", "--format", "json", "--tz", "UTC", "--year", "2026"];
    mailwhy(arguments.iter().chain(more)).stdin(log).run().json()
}

fn section<'a>(audit: &'a Value, by: &str) -> &'a Value {
    let sections = audit["sections"].as_array().unwrap();
    sections.iter().find(|section| section["by"] == by).unwrap_or_else(|| panic!("no {by}"))
}

/// The row of a name; `-` is the row without a name.
fn row<'a>(audit: &'a Value, by: &str, name: &str) -> &'a Value {
    let rows = section(audit, by)["rows"].as_array().unwrap();
    rows.iter()
        .find(|row| row["name"].as_str().unwrap_or("-") == name)
        .unwrap_or_else(|| panic!("no {name} in {rows:#?}"))
}

/// Compares figures: `accepted=1 delay.median=2`.
fn assert_figures(case: &str, row: &Value, wanted: &str) {
    for want in wanted.split_whitespace() {
        let (path, number) = want.split_once('=').unwrap();
        let got = row.pointer(&format!("/{}", path.replace('.', "/"))).unwrap();
        assert_eq!(got.to_string(), number, "{case}: {path} in {row:#}");
    }
}

const REPLY: &str = "in reply to RCPT TO command";

/// One mail of a login to three servers, one to be given up, one without a login.
fn story() -> String {
    let to = |second: u32, id: &str, to: &str, host: &str, rest: &str| {
        format!(
            "Jan  5 10:00:{second:02} mx1 postfix/smtp[8]: {id}: to=<{to}>, relay={host}[198.51.100.25]:25, {rest}\n"
        )
    };
    let said =
        |host: &str, reply: &str| format!("(host {host}[198.51.100.25] said: {reply} ({REPLY}))");
    let google = "aspmx.l.google.com";
    [
        "Jan  5 10:00:00 mx1 postfix/submission/smtpd[8]: A000000001: client=pc.example.net[192.0.2.7], sasl_method=PLAIN, sasl_username=Ann@example.net\n".to_owned(),
        "Jan  5 10:00:00 mx1 postfix/qmgr[8]: A000000001: from=<Ann@Example.net>, size=2000, nrcpt=4 (queue active)\n".to_owned(),
        to(2, "A000000001", "a@gmail.example", google, "delay=2, delays=0.5/0.5/0.4/0.6, tls=secure, dsn=2.0.0, status=sent (250 2.0.0 OK)"),
        to(2, "A000000001", "b@gmail.example", google, &format!("delay=2, delays=0/0/1/1, dsn=4.2.2, status=deferred {}", said(google, "452 4.2.2 The email account that you tried to reach is over quota"))),
        to(3, "A000000001", "gone@Example.com", "mx.example.com", &format!("delay=3, delays=0/0/1/2, dsn=5.1.1, status=bounced {}", said("mx.example.com", "550 5.1.1 User unknown"))),
        to(4, "A000000001", "bad@example.com", "mx.example.com", &format!("delay=4, delays=0/0/1/2, dsn=5.7.1, status=bounced {}", said("mx.example.com", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"))),
        to(40, "A000000001", "b@gmail.example", google, "delay=40, delays=38/0/1/1, tls=none, dsn=2.0.0, status=sent (250 2.0.0 OK)"),
        "Jan  5 10:00:40 mx1 postfix/qmgr[8]: A000000001: removed\n".to_owned(),
        "Jan  5 10:00:41 mx1 postfix/pickup[8]: B000000002: uid=0 from=<root>\n".to_owned(),
        "Jan  5 10:00:41 mx1 postfix/cleanup[8]: B000000002: message-id=<2@mx1.example.net>\n".to_owned(),
        "Jan  5 10:00:41 mx1 postfix/qmgr[8]: B000000002: from=<root@mx1.example.net>, size=500, nrcpt=2 (queue active)\n".to_owned(),
        to(42, "B000000002", "full@example.com", "mx.example.com", &format!("delay=1, delays=0/0/0.5/0.5, dsn=5.2.2, status=bounced {}", said("mx.example.com", "552 5.2.2 Mailbox full"))),
    ]
    .concat()
}

#[test]
fn every_recipient_is_counted_in_each_view() {
    let audit = audit_of(&story(), &[]);
    assert_figures(
        "all",
        &audit["total"],
        "messages=2 bytes=2500 recipients=6 accepted=2 accepted_late=1 ever_deferred=1 hard_bounced=1 \
         soft_bounced=1 blocked=1 queued=1 other=0 bounce_rate=0.6 tls_known=2 tls=1 delay.known=2",
    );
    for (by, name, want) in [
        (
            "sender-domain",
            "example.net",
            "messages=1 bytes=2000 recipients=4 accepted=2 hard_bounced=1 blocked=1",
        ),
        (
            "sender-domain",
            "mx1.example.net",
            "messages=1 recipients=2 accepted=0 soft_bounced=1 queued=1",
        ),
        ("user", "ann@example.net", "messages=1 recipients=4 accepted=2"),
        ("user", "-", "messages=1 recipients=2 queued=1"),
        ("client", "192.0.2.7", "messages=1 recipients=4"),
        ("client", "-", "messages=1 recipients=2"),
        (
            "recipient-domain",
            "gmail.example",
            "messages=1 bytes=2000 recipients=2 accepted=2 accepted_late=1",
        ),
        (
            "recipient-domain",
            "example.com",
            "messages=2 bytes=2500 recipients=3 hard_bounced=1 soft_bounced=1 blocked=1 bounce_rate=1.0",
        ),
        ("recipient-domain", "-", "messages=1 recipients=1 queued=1"),
        ("provider", "Google", "messages=1 recipients=2 accepted=2 tls_known=2 tls=1"),
        ("provider", "-", "messages=2 recipients=4 accepted=0"),
    ] {
        assert_figures(&format!("{by} {name}"), row(&audit, by, name), want);
    }
    let first = |by: &str| section(&audit, by)["rows"][0]["name"].clone();
    assert_eq!(first("recipient-domain"), "example.com", "worst first");
}

#[test]
fn delays_are_told_with_their_parts() {
    let audit = audit_of(&story(), &[]);
    let delay = &audit["total"]["delay"];
    for (name, want) in [("median", 2.0), ("p95", 40.0)] {
        let got = delay[name].as_f64().unwrap();
        assert!((got - want).abs() <= want * 0.032, "{name}: {got}");
    }
    // 0.5 + 38 of 42 seconds, 0.5, 1.4 and 1.6.
    for (name, want) in
        [("before_queue", 38.5), ("in_queue", 0.5), ("connecting", 1.4), ("sending", 1.6)]
    {
        let got = delay[name].as_f64().unwrap();
        assert!((got - want / 42.0).abs() < 1e-9, "{name}: {got}");
    }
    assert_eq!(audit["delays"]["known"], 2);
    let exim = "\
2026-01-05 10:00:00 1tUAbc-0000xY-3c <= ann@example.net H=pc.example.net [192.0.2.7] P=esmtps X=TLS1.3:TLS_AES_256_GCM_SHA384:256 S=900
2026-01-05 10:00:07 1tUAbc-0000xY-3c => a@example.com R=dnslookup T=remote_smtp H=mx.example.com [198.51.100.25] X=TLS1.3:TLS_AES_256_GCM_SHA384:256 C=\"250 OK\" QT=10s DT=2s
2026-01-05 10:00:09 1tUAbc-0000xY-3c => b@example.org R=dnslookup T=remote_smtp H=mx.example.org [198.51.100.26] C=\"250 OK\"
2026-01-05 10:00:09 1tUAbc-0000xY-3c Completed
";
    let audit = audit_of(exim, &[]);
    assert_figures(
        "Exim",
        &audit["total"],
        "tls_known=2 tls=1 delay.known=2 delay.in_queue=0.8 delay.sending=0.2",
    );
    let p95 = audit["total"]["delay"]["p95"].as_f64().unwrap();
    let median = audit["total"]["delay"]["median"].as_f64().unwrap();
    assert!((p95 - 10.0).abs() < 0.32 && (median - 9.0).abs() < 0.29, "by QT=, else by the stamps");
}

#[test]
fn filtered_mail_counts_once_and_for_where_it_came_from() {
    let log = "\
Jan  5 10:00:00 mx1 postfix/smtpd[8]: A000000001: client=pc.example.net[192.0.2.7], sasl_method=PLAIN, sasl_username=ann
Jan  5 10:00:00 mx1 postfix/qmgr[8]: A000000001: from=<ann@example.net>, size=1000, nrcpt=1 (queue active)
Jan  5 10:00:05 mx1 postfix/smtpd[8]: B000000002: client=localhost[127.0.0.1]
Jan  5 10:00:05 mx1 postfix/qmgr[8]: B000000002: from=<ann@example.net>, size=1500, nrcpt=1 (queue active)
Jan  5 10:00:05 mx1 postfix/smtp[8]: A000000001: to=<a@example.com>, relay=127.0.0.1[127.0.0.1]:10024, delay=5, delays=0/0/0/5, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as B000000002)
Jan  5 10:00:05 mx1 postfix/qmgr[8]: A000000001: removed
Jan  5 10:00:06 mx1 postfix/smtp[8]: B000000002: to=<a@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok)
Jan  5 10:00:06 mx1 postfix/qmgr[8]: B000000002: removed
";
    let audit = audit_of(log, &[]);
    let once = "messages=1 bytes=1000 recipients=1 accepted=1";
    assert_figures("all", &audit["total"], once);
    for (by, name) in [
        ("user", "ann"),
        ("client", "192.0.2.7"),
        ("sender-domain", "example.net"),
        ("recipient-domain", "example.com"),
    ] {
        assert_figures(by, row(&audit, by, name), once);
        assert_eq!(section(&audit, by)["names"], 1, "{by}");
    }
    let delay = audit["total"]["delay"]["median"].as_f64().unwrap();
    assert!((delay - 6.0).abs() < 0.2, "five seconds in the filter, one behind it: {delay}");
}

/// Figures whose sums over all names of a view are the totals.
const SUMS: [&str; 10] = [
    "recipients",
    "accepted",
    "accepted_late",
    "ever_deferred",
    "hard_bounced",
    "soft_bounced",
    "blocked",
    "queued",
    "other",
    "tls",
];

fn assert_agrees(name: &str, audit: &Value, report: &Value) {
    let fates = |section: &str| -> BTreeMap<String, u64> {
        let rows = report[section]["fates"].as_array().unwrap();
        let fate = |row: &Value| row["fate"].as_str().unwrap().to_owned();
        rows.iter().map(|row| (fate(row), row["recipients"].as_u64().unwrap())).collect()
    };
    for (figures, section) in [("total", "mail"), ("notifications", "notifications")] {
        let ours = &audit[figures];
        for (mine, theirs) in [
            ("messages", "messages"),
            ("bytes", "bytes"),
            ("recipients", "recipients"),
            ("accepted_late", "delivered_after_deferral"),
            ("ever_deferred", "ever_deferred"),
        ] {
            assert_eq!(ours[mine], report[section][theirs], "{name}: {figures}.{mine}");
        }
        let by_fate: BTreeMap<String, u64> = serde_json::from_value(ours["fates"].clone()).unwrap();
        assert_eq!(by_fate, fates(section), "{name}: {figures}");
        let given_up = fate(report, section, "bounced") + fate(report, section, "expired");
        let parts: u64 = ["hard_bounced", "soft_bounced", "blocked"]
            .map(|part| ours[part].as_u64().unwrap())
            .iter()
            .sum();
        assert_eq!(parts, given_up, "{name}: {figures}");
    }
    for section in audit["sections"].as_array().unwrap() {
        let by = section["by"].as_str().unwrap();
        let rows = section["rows"].as_array().unwrap();
        assert_eq!((&section["error"], &section["others"]), (&0.into(), &0.into()), "{name}: {by}");
        for figure in SUMS {
            let sum: u64 = rows.iter().map(|row| row[figure].as_u64().unwrap()).sum();
            assert_eq!(audit["total"][figure], sum, "{name}: {figure} by {by}");
        }
        if ["sender-domain", "user", "client"].contains(&by) {
            for figure in ["messages", "bytes"] {
                let sum: u64 = rows.iter().map(|row| row[figure].as_u64().unwrap()).sum();
                assert_eq!(audit["total"][figure], sum, "{name}: {figure} by {by}");
            }
        }
    }
    let senders = audit["busiest"][0]["rows"].as_array().unwrap();
    let accepted: u64 = senders.iter().map(|row| row["accepted"].as_u64().unwrap()).sum();
    assert!(accepted <= count(audit, "/total/accepted"), "{name}");
}

#[test]
fn sums_are_those_of_the_report() {
    let everything = ["audit", "--format", "json", "--top", "100000"];
    for sample in samples() {
        let audit = mailwhy(sample.arguments(&everything)).run().json();
        assert_agrees(&sample.name, &audit, &sample.report());
    }
    for (seed, server) in [(1, Server::Postfix), (2, Server::Exim), (3, Server::Both)] {
        let (log, _) = generator::log(server, 500_000, seed);
        for log in [log.as_str(), first_half(&log)] {
            let arguments = "report --format json --tz UTC --year 2026".split(' ');
            let report = mailwhy(arguments).stdin(log).run().json();
            assert!(count(&report, "/mail/messages") > 100, "seed {seed}");
            assert_agrees(&format!("seed {seed}"), &audit_of(log, &["--top", "100000"]), &report);
        }
    }
}

#[test]
fn top_and_minimum_say_what_they_leave_out() {
    let (log, _) = generator::log(Server::Postfix, 300_000, 4);
    let audit =
        audit_of(&log, &["--by", "recipient-domain", "--top", "3", "--min-recipients", "5"]);
    assert_eq!(audit["sections"].as_array().unwrap().len(), 1);
    let section = section(&audit, "recipient-domain");
    let rows = section["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    let shown: u64 = rows.iter().map(|row| row["recipients"].as_u64().unwrap()).sum();
    assert_eq!(audit["total"]["recipients"], shown + section["others"].as_u64().unwrap());
    assert!(rows.iter().all(|row| row["recipients"].as_u64().unwrap() >= 5));
    let none = audit_of(&log, &["--by", "client", "--min-recipients", "1000000"]);
    assert_eq!(none["sections"][0]["too_small"], none["sections"][0]["names"]);
}

#[test]
fn more_names_than_can_be_held_are_approximate_and_totals_exact() {
    let mut log = String::new();
    for n in 0..9000 {
        let stamp = format!("Jan  5 10:{:02}:{:02} mx1 postfix", n / 3600, n / 60 % 60);
        writeln!(log, "{stamp}/smtp[8]: A{n:09X}: to=<a@d{n}.example.com>, relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)").unwrap();
        writeln!(log, "{stamp}/qmgr[8]: A{n:09X}: removed").unwrap();
    }
    let audit = audit_of(&log, &["--by", "recipient-domain", "--top", "100000"]);
    assert_figures("all", &audit["total"], "recipients=9000 accepted=9000");
    let section = section(&audit, "recipient-domain");
    assert!(section["names"].as_u64().unwrap() <= 8192, "{}", section["names"]);
    assert!(section["error"].as_u64().unwrap() > 0);
    let shown = section["rows"].as_array().unwrap().len() as u64;
    assert_eq!(section["others"], 9000 - shown);
}

#[test]
fn the_busiest_are_listed_by_what_was_accepted() {
    let audit = audit_of(&story(), &[]);
    let busiest = |n: usize| audit["busiest"][n].clone();
    assert_eq!((&busiest(0)["of"], &busiest(0)["names"]), (&"sender".into(), &2.into()));
    assert_eq!(busiest(0)["rows"][0]["name"], "ann@example.net");
    assert_figures("sender", &busiest(0)["rows"][0], "messages=1 recipients=4 accepted=2");
    assert_eq!(busiest(1)["rows"].as_array().unwrap().len(), 1, "nobody is no login");
    assert_eq!(busiest(2)["rows"][0]["name"], "192.0.2.7");
}

#[test]
fn csv_has_the_figures_of_the_json() {
    let log = story().replace("gmail.example", "=cmd.example");
    let audit = audit_of(&log, &[]);
    let arguments = ["audit", "--format", "csv", "--tz", "UTC", "--year", "2026"];
    let csv = mailwhy(arguments).stdin(log).run().ok();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    let mut rows = 0;
    for record in reader.records() {
        let record = record.unwrap();
        let cell = |name: &str| &record[header.iter().position(|h| h == name).unwrap()];
        assert!(record.iter().all(|cell| !cell.starts_with(['=', '+', '@'])), "{record:?}");
        let name = if cell("name").is_empty() { "-" } else { cell("name") };
        let figures = match cell("by") {
            "all" => &audit["total"],
            by => row(&audit, by, name.trim_start_matches('\'')),
        };
        for figure in SUMS {
            assert_eq!(cell(figure), figures[figure].to_string(), "{figure} of {name}");
        }
        rows += 1;
    }
    let names = audit["sections"].as_array().unwrap().iter();
    assert_eq!(rows, 1 + names.map(|s| s["rows"].as_array().unwrap().len()).sum::<usize>());
}

#[test]
fn the_text_fits_and_speaks_two_languages() {
    let (log, _) = generator::log(Server::Both, 200_000, 5);
    for (language, words, hidden) in [
        (
            "en",
            ["AUDIT:", "BY CLIENT, worst first", "MOST ACCEPTED MAIL", "in the queue"],
            ["narrow: mails, late, median, ours, TLS, bytes.", "narrow: bytes."],
        ),
        (
            "ru",
            ["АУДИТ:", "ПО КЛИЕНТАМ", "БОЛЬШЕ ВСЕГО ПРИНЯТО", "в очереди"],
            ["колонок: писем, поздно, медиана, наше, TLS, объём.", "колонок: объём."],
        ),
    ] {
        for (columns, hidden) in [(80, Some(hidden[0])), (120, Some(hidden[1])), (140, None)] {
            let arguments = ["audit", "--lang", language, "--year", "2026"];
            let text = mailwhy(arguments).columns(columns).stdin(log.as_str()).run().ok();
            for word in words {
                assert!(text.contains(word), "{language}, {columns} columns: {word} in\n{text}");
            }
            // Each figure is there, or it is said where it is.
            let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
            match hidden {
                Some(hidden) => assert!(flat.contains(hidden), "{columns} columns:\n{text}"),
                None => assert!(!flat.contains("--format csv"), "{columns} columns:\n{text}"),
            }
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= columns, "{language}: {widest} of {columns} columns\n{text}");
        }
    }
    let empty = mailwhy(["audit", "--year", "2026"]).stdin("").run().ok();
    assert!(empty.contains("no mail in this log"), "{empty}");
}

#[test]
fn threads_and_chunks_do_not_show() {
    let (log, _) = generator::log(Server::Both, 300_000, 6);
    let want = audit_of(&log, &["-j", "1"]);
    assert_eq!(audit_of(&log, &["-j", "4", "--chunk-size", "4096"]), want);
}

#[test]
fn strangers_text_stays_text() {
    let evil = "\u{1b}[31m\u{202e}\u{200b}";
    let log = story()
        .replace("Ann@", &format!("{evil}@"))
        .replace("gmail.example", &format!("{evil}.example"))
        .replace("192.0.2.7", evil);
    for format in ["text", "json", "csv"] {
        let arguments = ["audit", "--year", "2026", "--format", format];
        let ran = mailwhy(arguments).stdin(log.as_str()).run();
        assert!(!ran.stdout.contains(acts_on_a_terminal), "{format}: {}", ran.stdout);
    }
}

#[test]
fn a_filtered_audit_agrees_with_the_filtered_report() {
    let (log, _) = generator::log(Server::Both, 400_000, 8);
    for filter in [
        &["--disposition", "bounced"][..],
        &["--direction", "outbound", "--class", "4"],
        &["--until", "2026-11-09T00:05:00Z"],
    ] {
        let arguments = "report --format json --tz UTC --year 2026".split(' ');
        let report = mailwhy(arguments.chain(filter.iter().copied())).stdin(log.as_str());
        let audit = audit_of(&log, &[&["--top", "100000"], filter].concat());
        assert!(count(&audit, "/total/recipients") > 0, "{filter:?}");
        assert!(audit["filter"].is_array());
        assert_agrees(&format!("{filter:?}"), &audit, &report.run().json());
    }
}
