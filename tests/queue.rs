//! `mailwhy queue`: what is still there when the log ends.

use crate::generator::{self, Server};
use crate::support::{acts_on_a_terminal, fate, first_half, mailwhy, samples};
use serde_json::Value;

fn queue_of(log: &str, more: &[&str]) -> Value {
    let arguments = ["queue", "--format", "json", "--tz", "UTC", "--year", "2026"];
    mailwhy(arguments.iter().chain(more)).stdin(log).run().json()
}

const POSTFIX: &str = "\
Jan  5 10:00:00 mx1 postfix/smtpd[8]: A000000001: client=pc.example.net[192.0.2.7]
Jan  5 10:00:00 mx1 postfix/qmgr[8]: A000000001: from=<ann@example.net>, size=2000, nrcpt=3 (queue active)
Jan  5 10:00:02 mx1 postfix/smtp[8]: A000000001: to=<bob@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=2, delays=0/0/1/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)
Jan  5 10:00:02 mx1 postfix/smtp[8]: A000000001: to=<Full@Example.com>, relay=mx.example.com[198.51.100.25]:25, delay=2, delays=0/0/1/1, dsn=4.2.2, status=deferred (host mx.example.com[198.51.100.25] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command))
Jan  5 10:05:02 mx1 postfix/smtp[8]: A000000001: to=<Full@Example.com>, relay=mx.example.com[198.51.100.25]:25, delay=302, delays=300/0/1/1, dsn=4.2.2, status=deferred (delivery temporarily suspended: host mx.example.com[198.51.100.25] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command))
Jan  5 10:10:02 mx1 postfix/smtp[8]: A000000001: to=<Full@Example.com>, relay=mx.example.com[198.51.100.25]:25, delay=602, delays=600/0/1/1, dsn=4.2.2, status=deferred (host mx.example.com[198.51.100.25] said: 452 4.2.2 Mailbox still full (in reply to RCPT TO command))
Jan  5 10:11:00 mx1 postfix/smtpd[8]: B000000002: client=pc.example.net[192.0.2.7]
Jan  5 10:11:00 mx1 postfix/qmgr[8]: B000000002: from=<ann@example.net>, size=500, nrcpt=1 (queue active)
Jan  5 10:11:01 mx1 postfix/smtp[8]: B000000002: to=<gone@example.org>, relay=mx.example.org[198.51.100.26]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx.example.org[198.51.100.26] said: 550 5.1.1 unknown (in reply to RCPT TO command))
Jan  5 10:11:01 mx1 postfix/qmgr[8]: B000000002: removed
Jan  5 10:12:00 mx1 postfix/smtpd[8]: C000000003: client=pc.example.net[192.0.2.7]
Jan  5 10:12:00 mx1 postfix/qmgr[8]: C000000003: from=<>, size=700, nrcpt=1 (queue active)
Jan  5 10:12:00 mx1 postfix/postsuper[8]: C000000003: placed on hold
Jan  5 10:13:00 mx1 postfix/smtp[8]: D000000004: to=<old@example.com>, relay=none, delay=86400, delays=86399/0/1/0, dsn=4.4.1, status=deferred (connect to mx.example.com[198.51.100.25]:25: Connection timed out)
Jan  5 10:20:00 mx1 postfix/smtpd[8]: connect from pc.example.net[192.0.2.7]
";

#[test]
fn a_message_that_waits_has_its_story() {
    let queue = queue_of(POSTFIX, &[]);
    assert_eq!(queue["as_of"], "2026-01-05T10:20:00Z");
    let ids: Vec<_> = queue["oldest"].as_array().unwrap().iter().map(|r| &r["queue_id"]).collect();
    assert_eq!(ids, ["D000000004", "A000000001", "C000000003"], "oldest first, without what left");
    for (name, want) in
        [("messages", 3), ("recipients", 4), ("bytes", 2700), ("held", 1), ("untried", 2)]
    {
        assert_eq!(queue[name], want, "{name} in {queue:#}");
    }
    let message = &queue["oldest"][1];
    assert_eq!(message["sender"], "ann@example.net");
    assert_eq!(message["since"], "2026-01-05T10:00:00Z");
    assert_eq!(message["age"], 1200);
    assert_eq!(message["arrival_known"], true);
    assert_eq!(message["untried"], 1, "nrcpt=3 told of one that no attempt names");
    assert_eq!(message["check"], "postcat -q A000000001");
    let recipients = message["recipients"].as_array().unwrap();
    assert_eq!(recipients.len(), 1, "who was served does not wait");
    let full = &recipients[0];
    assert_eq!(full["address"], "Full@Example.com");
    assert_eq!(full["tries"], 2, "a quotation is no try");
    assert_eq!(full["last_try"], "2026-01-05T10:10:02Z");
    let failure = &full["failure"];
    assert_eq!((&failure["cause"], &failure["code"]), (&"mailbox-full".into(), &452.into()));
    assert_eq!((&failure["file"], &failure["line"]), (&"-".into(), &6.into()));
    assert!(failure["text"].as_str().unwrap().contains("still full"), "the last reply: {failure}");
}

#[test]
fn the_next_attempt_is_told_as_far_as_it_can_be() {
    let queue = queue_of(POSTFIX, &[]);
    let next = |row: usize| queue["oldest"][row]["next"].clone();
    // 602 seconds old at the last failure, so 602 seconds later.
    assert_eq!(next(1)["at"], "2026-01-05T10:20:04Z");
    assert_eq!((&next(1)["seconds"], &next(1)["basis"]), (&4.into(), &"estimate".into()));
    assert_eq!(next(0)["at"], "2026-01-05T11:19:40Z", "a day old: maximal_backoff_time");
    assert_eq!((&next(2)["at"], &next(2)["basis"]), (&Value::Null, &"held".into()));
    let own = queue_of(POSTFIX, &["--minimal-backoff", "60", "--maximal-backoff", "120"]);
    assert_eq!(own["oldest"][0]["next"]["at"], "2026-01-05T10:15:00Z");
    assert_eq!(own["backoff"]["maximal"], 120);
}

#[test]
fn an_age_that_the_log_does_not_tell_is_found_or_marked() {
    let queue = queue_of(POSTFIX, &[]);
    let row = &queue["oldest"][0];
    assert_eq!(
        (&row["since"], &row["arrival_known"]),
        (&"2026-01-04T10:13:00Z".into(), &true.into())
    );
    let exim = "\
2026-01-05 10:00:00 1tUAbc-0000xY-3c == a@example.com R=dnslookup T=remote_smtp defer (110): Connection timed out H=mx.example.com [198.51.100.25]
2026-01-05 11:00:00 1tUAbc-0000xY-3c == a@example.com R=dnslookup T=remote_smtp defer (-54): retry time not reached for any host for 'example.com'
2026-01-05 12:00:00 1tUAbc-0000xZ-3c <= ann@example.net H=pc.example.net [192.0.2.7] P=esmtp S=900
2026-01-05 12:00:01 1tUAbc-0000xZ-3c Frozen (delivery error message)
";
    let queue = queue_of(exim, &[]);
    let [late, frozen] = queue["oldest"].as_array().unwrap().as_slice() else {
        panic!("{queue:#}")
    };
    assert_eq!((&late["age"], &late["arrival_known"]), (&7201.into(), &false.into()));
    assert_eq!(late["recipients"][0]["tries"], 1, "retry time not reached is no try");
    assert_eq!((&late["next"]["at"], &late["next"]["basis"]), (&Value::Null, &"not-logged".into()));
    assert_eq!(late["check"], "exim -Mvl 1tUAbc-0000xY-3c");
    assert_eq!(frozen["recipients"], serde_json::json!([]), "no line tells for whom");
    assert_eq!((&frozen["held"], &frozen["sender"]), (&true.into(), &"ann@example.net".into()));
    assert_eq!(queue["checks"], serde_json::json!(["exim -bp"]));
}

#[test]
fn tables_tell_where_and_why() {
    let queue = queue_of(POSTFIX, &[]);
    let rows = |section: &str, name: &str| -> Vec<(String, u64)> {
        let rows = queue.pointer(section).unwrap().as_array().unwrap();
        let row = |row: &Value| {
            (row[name].as_str().unwrap_or("-").to_owned(), row["recipients"].as_u64().unwrap())
        };
        rows.iter().map(row).collect()
    };
    let own = |pairs: &[(&str, u64)]| -> Vec<(String, u64)> {
        pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    };
    assert_eq!(rows("/domains/rows", "name"), own(&[("-", 2), ("example.com", 2)]));
    let causes = own(&[("-", 2), ("connection-failed", 1), ("mailbox-full", 1)]);
    assert_eq!(rows("/causes", "cause"), causes);
}

#[test]
fn what_waits_is_what_the_report_counts() {
    let mut logs: Vec<(String, Value, Value)> = samples()
        .iter()
        .map(|sample| {
            let arguments = sample.arguments(&["queue", "--format", "json", "--top", "100000"]);
            (sample.name.clone(), mailwhy(arguments).run().json(), sample.report())
        })
        .collect();
    for (seed, server) in [(1, Server::Postfix), (2, Server::Exim), (3, Server::Both)] {
        let (log, _) = generator::log(server, 400_000, seed);
        // Cut in the middle of its stories, so that many are open.
        let log = first_half(&log);
        let report = mailwhy("report --format json --tz UTC --year 2026".split(' ')).stdin(log);
        let queue = queue_of(log, &["--top", "100000"]);
        logs.push((format!("seed {seed}"), queue, report.run().json()));
    }
    let mut waiting = 0;
    for (name, queue, report) in logs {
        let want: u64 = ["mail", "notifications"]
            .iter()
            .flat_map(|section| ["queued", "held"].map(|word| fate(&report, section, word)))
            .sum();
        assert_eq!(queue["recipients"], want, "{name}");
        let own = fate(&report, "notifications", "queued") + fate(&report, "notifications", "held");
        assert_eq!(queue["notifications"], own, "{name}");
        for section in ["/domains/rows", "/providers/rows", "/causes"] {
            let rows = queue.pointer(section).unwrap().as_array().unwrap();
            let sum: u64 = rows.iter().map(|row| row["recipients"].as_u64().unwrap()).sum();
            assert_eq!(sum, want, "{name}: {section}");
        }
        let messages = queue["oldest"].as_array().unwrap();
        assert_eq!(queue["messages"], messages.len(), "{name}");
        let shown: u64 = messages
            .iter()
            .map(|row| {
                row["recipients"].as_array().unwrap().len() as u64
                    + row["untried"].as_u64().unwrap()
                    + row["recipients_left_out"].as_u64().unwrap()
            })
            .sum();
        assert_eq!(shown, want, "{name}");
        waiting += want;
    }
    assert!(waiting > 50, "something waited: {waiting}");
}

#[test]
fn top_bounds_what_is_shown_and_nothing_that_is_counted() {
    let whole = queue_of(POSTFIX, &[]);
    for top in ["0", "1", "2"] {
        let queue = queue_of(POSTFIX, &["--top", top]);
        let shown = queue["oldest"].as_array().unwrap();
        assert_eq!(shown.len().to_string(), top);
        assert_eq!(shown.as_slice(), &whole["oldest"].as_array().unwrap()[..shown.len()]);
        assert_eq!(queue["recipients"], whole["recipients"]);
    }
}

#[test]
fn the_text_has_the_same_facts_in_two_languages() {
    for (language, words) in [
        ("en", ["at the end of the log", "ON HOLD", "estimate", "postqueue -p"]),
        ("ru", ["на конец журнала", "ЗАДЕРЖАНО", "оценка", "postqueue -p"]),
    ] {
        for columns in [80, 120] {
            let text = mailwhy(["queue", "--lang", language, "--year", "2026"])
                .columns(columns)
                .stdin(POSTFIX)
                .run()
                .ok();
            for word in words.iter().chain(&["A000000001", "Full@Example.com", "-:6"]) {
                assert!(text.contains(word), "{language}, {columns} columns: {word} in\n{text}");
            }
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= columns, "{language}: {widest} of {columns} columns\n{text}");
        }
    }
    let empty = mailwhy(["queue", "--year", "2026"]).stdin("").run().ok();
    assert!(empty.contains("Nothing is left in the queue"), "{empty}");
}

#[test]
fn csv_has_a_row_for_each_who_waits() {
    let csv = mailwhy("queue --format csv --tz UTC --year 2026".split(' ')).stdin(POSTFIX).run();
    let mut reader = csv::Reader::from_reader(csv.stdout.as_bytes());
    let at = |name: &str, head: &csv::StringRecord| head.iter().position(|h| h == name).unwrap();
    let head = reader.headers().unwrap().clone();
    let wanted = ["queue_id", "recipient", "tries", "cause", "code", "line", "next_basis"];
    let rows: Vec<Vec<String>> = reader
        .records()
        .map(|row| {
            let row = row.unwrap();
            wanted.iter().map(|name| row[at(name, &head)].to_owned()).collect()
        })
        .collect();
    assert_eq!(
        rows,
        [
            ["D000000004", "old@example.com", "1", "connection-failed", "", "14", "estimate"],
            ["A000000001", "Full@Example.com", "2", "mailbox-full", "452", "6", "estimate"],
            ["A000000001", "", "0", "", "", "", "estimate"],
            ["C000000003", "", "0", "", "", "", "held"],
        ]
    );
    // Nothing waits: a table without rows has its head.
    let empty = mailwhy(["queue", "--format", "csv", "--year", "2026"]).stdin("").run().ok();
    assert_eq!(empty.lines().count(), 1, "{empty}");
    let evil = POSTFIX.replace("old@example.com", "=1+1@example.com");
    let csv = mailwhy("queue --format csv --tz UTC --year 2026".split(' ')).stdin(evil).run().ok();
    assert!(csv.contains(",'=1+1@example.com,") && !csv.contains(",=1"), "{csv}");
}

#[test]
fn what_the_log_lacks_is_said_as_the_report_says_it() {
    let later = POSTFIX.replace("Jan  5", "Jan  6").replace("00000000", "00000001");
    let log = format!("{POSTFIX}{POSTFIX}{later}");
    let run = |command: &str| {
        mailwhy(format!("{command} --tz UTC --year 2026").split(' ')).stdin(log.as_str()).run()
    };
    let report = run("report --format json").json();
    assert_eq!(report["warnings"].as_array().unwrap().len(), 2, "{report:#}");
    for command in ["queue", "audit", "suppress"] {
        assert_eq!(run(&format!("{command} --format json")).json()["warnings"], report["warnings"]);
        for (language, words) in [
            ("en", ["the time goes back by", "no line at all for", "[-:31]"]),
            ("ru", ["время идёт назад на", "ни одной строки за", "[-:31]"]),
        ] {
            let text = run(&format!("{command} --lang {language}")).ok();
            for word in words {
                assert!(text.contains(word), "{command}: {word} in\n{text}");
            }
        }
        let ran = run(&format!("{command} --format csv"));
        assert!(ran.stderr.contains("-:31: no line at all for"), "{command}: {}", ran.stderr);
        assert_eq!(ran.code, Some(0), "{command}: as the report's");
        let ran = run(&format!("{command} - missing.log"));
        assert!(ran.stderr.contains("missing.log"), "{command}: {}", ran.stderr);
        assert_eq!(ran.code, Some(2), "{command}");
        assert!(ran.stdout.contains("missing.log"), "{command}: {}", ran.stdout);
    }
}

#[test]
fn threads_and_chunks_do_not_show() {
    let (log, _) = generator::log(Server::Both, 300_000, 7);
    let log = first_half(&log);
    let want = queue_of(log, &["-j", "1"]);
    for more in [["-j", "4", "--chunk-size", "4096"], ["-j", "2", "--chunk-size", "70000"]] {
        assert_eq!(queue_of(log, &more), want, "{more:?}");
    }
}

#[test]
fn strangers_text_stays_text() {
    let evil = "\u{1b}[31m\u{202e}$(reboot)";
    let log = POSTFIX.replace("D000000004", evil).replace("old@example.com", evil);
    for arguments in
        [&["queue", "--year", "2026"][..], &["queue", "--year", "2026", "--format", "json"]]
    {
        let ran = mailwhy(arguments).stdin(log.as_str()).run();
        assert!(!ran.stdout.contains(acts_on_a_terminal), "{}", ran.stdout);
        assert!(!ran.stdout.contains("postcat -q \u{1b}"), "{}", ran.stdout);
        assert!(!ran.stdout.contains("postcat -q $("), "{}", ran.stdout);
    }
}

#[test]
fn a_filter_selects_messages_and_says_so() {
    let queue = queue_of(POSTFIX, &["--cause", "mailbox-full"]);
    let ids: Vec<_> = queue["oldest"].as_array().unwrap().iter().map(|r| &r["queue_id"]).collect();
    assert_eq!(ids, ["A000000001"]);
    assert_eq!((&queue["recipients"], &queue["filter"][0]["option"]), (&1.into(), &"cause".into()));
    let text = mailwhy(["queue", "--year", "2026", "--sender", "nobody@example.com"]);
    let text = text.stdin(POSTFIX).run().ok();
    assert!(text.contains("Filter: --sender nobody@example.com"), "{text}");
}
