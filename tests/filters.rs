//! Filters: what they select is what a naive look at the unfiltered events selects, a filter and its negation are
//! together the whole, and messages and recipients are counted right.

use crate::generator::{Server, log};
use crate::support::{Sample, Scratch, count, fate, mailwhy, samples};
use serde_json::Value;

/// The events of a log, behind a filter.
fn events(sample: &Sample, filter: &[&str]) -> Vec<Value> {
    mailwhy(sample.arguments(&[&["events"], filter].concat())).run().json_lines()
}

fn word<'v>(event: &'v Value, field: &str) -> &'v str {
    event[field].as_str().unwrap_or("")
}

/// A filter, and what it means for an event as `events` shows it.
type Meaning = (&'static [&'static str], fn(&Value) -> bool);

const MEANINGS: [Meaning; 13] = [
    (&["--direction", "inbound"], |e| word(e, "direction") == "inbound"),
    (&["--direction", "!outbound"], |e| word(e, "direction") != "outbound"),
    (&["--disposition", "deferred", "--disposition", "bounced"], |e| {
        ["deferred", "bounced"].contains(&word(e, "disposition"))
    }),
    (&["--cause", "mailbox-*"], |e| word(e, "cause").starts_with("mailbox-")),
    (&["--cause", "!unknown"], |e| word(e, "cause") != "unknown"),
    (&["--party", "remote-admin"], |e| word(e, "party") == "remote-admin"),
    (&["--provider", "*"], |e| !e["provider"].is_null()),
    (&["--code", "550"], |e| e["code"] == 550 || e["code"].is_null() && e["implied_code"] == 550),
    (&["--code", "5.7.1"], |e| {
        let said = if e["enhanced"].is_null() { &e["dsn"] } else { &e["enhanced"] };
        said == "5.7.1"
    }),
    (&["--class", "4"], |e| {
        let code = if e["code"].is_null() { &e["implied_code"] } else { &e["code"] };
        let said = if e["enhanced"].is_null() { &e["dsn"] } else { &e["enhanced"] };
        let of_enhanced = said.as_str().is_some_and(|said| said.starts_with('4'));
        code.as_u64().map_or(of_enhanced, |code| code / 100 == 4)
    }),
    (&["--domain", "example.com"], |e| {
        ["recipient", "original_recipient", "final_recipient"]
            .iter()
            .any(|field| word(e, field).to_ascii_lowercase().ends_with("@example.com"))
    }),
    (&["--queue-id", "*0*"], |e| word(e, "queue_id").contains('0')),
    (&["--since", "2026-01-05T10:00:00Z", "--disposition", "!delivered"], |e| {
        // Times of the samples are within one year, so their texts sort as they do.
        word(e, "time") >= "2026-01-05T10:00:00Z" && word(e, "disposition") != "delivered"
    }),
];

#[test]
fn what_is_selected_is_what_a_naive_look_selects() {
    let mut selected = [0; MEANINGS.len()];
    for sample in samples() {
        let all = events(&sample, &[]);
        for ((filter, is_meant), selected) in MEANINGS.iter().zip(&mut selected) {
            let want: Vec<_> = all.iter().filter(|event| is_meant(event)).cloned().collect();
            let got = events(&sample, filter);
            assert_eq!(got, want, "{} {filter:?}", sample.name);
            *selected += got.len();
        }
    }
    assert!(selected.iter().all(|count| *count > 0), "a filter that nothing fits: {selected:?}");
}

/// Adds up the numbers of two JSON values of the same shape; a key that one lacks is 0 there.
fn sum(a: &Value, b: &Value) -> Value {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<_> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            let add = |key: &String| {
                (
                    key.clone(),
                    sum(
                        &a.get(key).cloned().unwrap_or_default(),
                        &b.get(key).cloned().unwrap_or_default(),
                    ),
                )
            };
            Value::Object(keys.into_iter().map(add).collect())
        }
        (Value::Null, other) | (other, Value::Null) => other.clone(),
        (a, b) => (a.as_u64().unwrap() + b.as_u64().unwrap()).into(),
    }
}

fn report(sample: &Sample, filter: &[&str]) -> Value {
    let arguments = [&["report", "--format", "json", "--top", "100000"], filter].concat();
    mailwhy(sample.arguments(&arguments)).run().json()
}

/// The counts of events, without those of messages that came and went.
fn event_counts(report: &Value) -> Value {
    let mut lines = report["lines"].clone();
    for of_messages in ["received", "received_by", "closed"] {
        lines.as_object_mut().unwrap().remove(of_messages);
    }
    for direction in ["outbound", "inbound", "local"] {
        for (list, key) in [("causes", "cause"), ("classes", "class")] {
            for row in report[direction][list].as_array().unwrap() {
                let place = format!("{direction}-{list}-{}", row[key].as_str().unwrap());
                lines[place] = row["lines"].clone();
            }
        }
    }
    lines
}

#[test]
fn a_filter_and_its_negation_count_every_event_once() {
    for sample in samples() {
        let whole = report(&sample, &[]);
        for (option, value) in [
            ("--code", "5xx"),
            ("--class", "4"),
            ("--cause", "greylisted"),
            ("--party", "recipient"),
            ("--disposition", "delivered"),
            ("--sender", "*@example.net"),
            ("--recipient", "a*"),
            ("--domain", "*.example"),
            ("--client", "192.0.2.0/24"),
            ("--host", "mx1"),
            ("--user", "*"),
            ("--queue-id", "*1"),
        ] {
            let excluded = format!("!{value}");
            let halves =
                [value, &excluded].map(|value| event_counts(&report(&sample, &[option, value])));
            assert_eq!(
                sum(&halves[0], &halves[1]),
                event_counts(&whole),
                "{} {option} {value}",
                sample.name
            );
        }
    }
}

#[test]
fn a_filter_about_messages_also_counts_every_arrival_and_end_once() {
    // One message of the old versions tells its sender only when it expires: its lines are on both sides.
    for sample in samples().into_iter().filter(|s| !s.name.ends_with("old-versions.log")) {
        let whole = report(&sample, &[]);
        for (option, value) in
            [("--sender", "*@example.net"), ("--client", "192.0.2.0/24"), ("--host", "mx1")]
        {
            let excluded = format!("!{value}");
            let halves = [value, &excluded].map(|value| report(&sample, &[option, value]));
            for counter in
                ["/lines/received", "/lines/closed", "/mail/messages", "/mail/recipients"]
            {
                // Where mail from this machine itself came from is not known when it arrives.
                if option == "--client" && counter == "/lines/received" {
                    continue;
                }
                let parts = halves.iter().map(|half| count(half, counter)).sum::<u64>();
                assert_eq!(
                    parts,
                    count(&whole, counter),
                    "{} {option} {value} {counter}",
                    sample.name
                );
            }
        }
    }
}

/// Ann writes to Bob, Carol and Dan through a content filter; Eve writes to Bob; a third message is in the queue
/// from before. Times are minutes after ten.
const LOG: &str = "\
Jan  5 10:00:00 mx1 postfix/submission/smtpd[1]: 4C1D2E3F40: client=pc.example.net[192.0.2.10], sasl_method=PLAIN, sasl_username=ann
Jan  5 10:00:00 mx1 postfix/cleanup[2]: 4C1D2E3F40: message-id=<1@example.net>
Jan  5 10:00:00 mx1 postfix/qmgr[3]: 4C1D2E3F40: from=<ann@example.net>, size=1000, nrcpt=3 (queue active)
Jan  5 10:01:00 mx1 postfix/smtpd[4]: 5D2E3F4051: client=localhost[127.0.0.1]
Jan  5 10:01:00 mx1 postfix/cleanup[2]: 5D2E3F4051: message-id=<1@example.net>
Jan  5 10:01:00 mx1 postfix/qmgr[3]: 5D2E3F4051: from=<ann@example.net>, size=1100, nrcpt=3 (queue active)
Jan  5 10:01:00 mx1 postfix/smtp[5]: 4C1D2E3F40: to=<bob@example.com>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.9, delays=0.2/0.01/0.01/0.68, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5D2E3F4051)
Jan  5 10:01:00 mx1 postfix/smtp[5]: 4C1D2E3F40: to=<carol@example.com>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.9, delays=0.2/0.01/0.01/0.68, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5D2E3F4051)
Jan  5 10:01:00 mx1 postfix/smtp[5]: 4C1D2E3F40: to=<dan@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.9, delays=0.2/0.01/0.01/0.68, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5D2E3F4051)
Jan  5 10:01:00 mx1 postfix/qmgr[3]: 4C1D2E3F40: removed
Jan  5 10:02:00 mx1 postfix/smtp[6]: 5D2E3F4051: to=<bob@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=4.2.2, status=deferred (host mx.example.com[198.51.100.25] said: 452 4.2.2 <bob@example.com>: Mailbox is over its quota (in reply to RCPT TO command))
Jan  5 10:02:00 mx1 postfix/smtp[6]: 5D2E3F4051: to=<carol@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 6E3F405162)
Jan  5 10:02:00 mx1 postfix/smtp[7]: 5D2E3F4051: to=<dan@example.org>, relay=mx.example.org[198.51.100.26]:25, delay=1, delays=0/0/0.5/0.5, dsn=5.1.1, status=bounced (host mx.example.org[198.51.100.26] said: 550 5.1.1 <dan@example.org>: User unknown (in reply to RCPT TO command))
Jan  5 10:10:00 mx1 postfix/smtpd[1]: 7F40516273: client=mail.example.org[192.0.2.20]
Jan  5 10:10:00 mx1 postfix/cleanup[2]: 7F40516273: message-id=<2@example.org>
Jan  5 10:10:00 mx1 postfix/qmgr[3]: 7F40516273: from=<eve@example.org>, size=500, nrcpt=1 (queue active)
Jan  5 10:10:01 mx1 postfix/smtp[6]: 7F40516273: to=<bob@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 805162738A)
Jan  5 10:10:01 mx1 postfix/qmgr[3]: 7F40516273: removed
Jan  5 10:20:00 mx1 postfix/qmgr[3]: 905162738B: from=<ann@example.net>, size=300, nrcpt=1 (queue active)
Jan  5 10:20:01 mx1 postfix/smtp[6]: 5D2E3F4051: to=<bob@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=1200, delays=1199/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as A162738BC9)
Jan  5 10:20:01 mx1 postfix/qmgr[3]: 5D2E3F4051: removed
";

#[test]
fn messages_and_recipients_of_which_a_selected_line_speaks_are_counted() {
    let folder = Scratch::of_test("filters-messages");
    folder.file("mail.log", LOG);
    let at = |time: &str| format!("2026-01-05T{time}:00Z");
    for (filter, messages, delivered, bounced, queued) in [
        (vec![], 3, 3, 1, 1),
        // All of Ann's; one of them is in the queue and was not tried.
        (vec!["--sender", "ann@example.net"], 2, 2, 1, 1),
        (vec!["--user", "ann"], 1, 2, 1, 0),
        (vec!["--client", "192.0.2.10"], 1, 2, 1, 0),
        (vec!["--queue-id", "905162738B"], 1, 0, 0, 1),
        // Only the recipients that selected lines name.
        (vec!["--domain", "example.com"], 2, 3, 0, 0),
        (vec!["--recipient", "dan@*"], 1, 0, 1, 0),
        (vec!["--class", "5"], 1, 0, 1, 0),
        // Of those that were deferred: delivered later, and that counts.
        (vec!["--disposition", "deferred"], 1, 1, 0, 0),
        (vec!["--cause", "mailbox-full"], 1, 1, 0, 0),
        (vec!["--cause", "!mailbox-full"], 2, 3, 1, 0),
        (vec!["--sender", "ann@example.net", "--domain", "example.com"], 1, 2, 0, 0),
        // In that time arrived or were tried; what became of them, the whole log says.
        (vec!["--until", &at("10:03")], 1, 2, 1, 0),
        (vec!["--since", &at("10:05"), "--until", &at("10:15")], 1, 1, 0, 0),
        (vec!["--since", &at("10:15")], 2, 1, 0, 1),
        (vec!["--since", &at("11:00")], 0, 0, 0, 0),
    ] {
        let arguments = ["report", "--format", "json", "--tz", "UTC", "--year", "2026", "mail.log"];
        let report = mailwhy([&arguments[..], &filter].concat()).in_folder(&folder).run().json();
        let got = (
            count(&report, "/mail/messages"),
            fate(&report, "mail", "delivered"),
            fate(&report, "mail", "bounced"),
            fate(&report, "mail", "queued"),
        );
        assert_eq!(got, (messages, delivered, bounced, queued), "{filter:?}");
        let whole: u64 = delivered + bounced + queued;
        assert_eq!(count(&report, "/mail/recipients"), whole, "{filter:?}");
    }
}

#[test]
fn an_expiry_tells_the_deferral_before_it_though_that_was_not_selected() {
    let folder = Scratch::of_test("filters-expired");
    folder.file(
        "mail.log",
        "Jan  1 10:00:00 mx1 postfix/qmgr[3]: 4C1D2E3F40: from=<ann@example.net>, size=300, nrcpt=1 (queue active)\n\
         Jan  1 10:00:01 mx1 postfix/smtp[6]: 4C1D2E3F40: to=<bob@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=4.2.2, status=deferred (host mx.example.com[198.51.100.25] said: 452 4.2.2 <bob@example.com>: Mailbox is over its quota (in reply to RCPT TO command))\n\
         Jan  6 10:00:00 mx1 postfix/qmgr[3]: 4C1D2E3F40: from=<ann@example.net>, status=expired, returned to sender\n\
         Jan  6 10:00:00 mx1 postfix/qmgr[3]: 4C1D2E3F40: removed\n",
    );
    let arguments = ["report", "--format", "json", "--tz", "UTC", "--year", "2026", "mail.log"];
    let filter = ["--disposition", "expired"];
    let report = mailwhy([&arguments[..], &filter].concat()).in_folder(&folder).run().json();
    let sections = ["outbound", "local", "inbound"].map(|name| report[name]["causes"].clone());
    let rows: Vec<&Value> = sections.iter().flat_map(|rows| rows.as_array().unwrap()).collect();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((&rows[0]["cause"], &rows[0]["lines"]), (&"expired".into(), &1.into()));
    assert_eq!(rows[0]["details"][0]["detail"], "mailbox-full");
}

#[test]
fn the_report_says_which_filter_was_on() {
    let folder = Scratch::of_test("filters-said");
    folder.file("mail.log", LOG);
    let report = |more: &[&str]| {
        let arguments = ["report", "--tz", "UTC", "--year", "2026", "mail.log"];
        let filter = ["--since", "2026-01-05 10:00", "--sender", "!*@example.org"];
        mailwhy([&arguments[..], &filter, more].concat()).in_folder(&folder).run()
    };
    let json = report(&["--format", "json"]).json();
    assert_eq!(
        json["filter"],
        serde_json::json!([
            {"option": "since", "values": ["2026-01-05T10:00:00Z"]},
            {"option": "sender", "values": ["!*@example.org"]},
        ])
    );
    for (language, begin) in [("en", "Filter  --since"), ("ru", "Фильтр     --since")] {
        let text = report(&["--lang", language]).ok();
        assert!(text.contains(begin), "{text}");
        assert!(text.replace('\n', " ").contains("--sender '!*@example.org'"), "{text}");
    }
    let plain = mailwhy(["report", "--format", "json", "--year", "2026", "mail.log"]);
    assert_eq!(plain.in_folder(&folder).run().json()["filter"], Value::Null);
}

#[test]
fn moments_are_of_the_zone_and_of_now() {
    let folder = Scratch::of_test("filters-moments");
    folder.file("mail.log", LOG);
    let events = |arguments: &str| {
        let line = format!("events --year 2026 mail.log {arguments}");
        mailwhy(line.split(' ')).in_folder(&folder).run().json_lines().len()
    };
    let all = events("--tz UTC");
    assert_eq!(events("--tz +02:00 --since 2026-01-05T10:10 --until 2026-01-05T10:15"), 1);
    assert_eq!(events("--tz +02:00 --since 2026-01-05T08:10:00Z --until 2026-01-05T08:15:00Z"), 1);
    assert_eq!(events("--tz UTC --since 2026-01-05"), all);
    assert_eq!(events("--tz UTC --until 2026-01-05"), 0);
    // The log is older than an hour, whenever this runs.
    assert_eq!(events("--tz UTC --until -1h"), all);
    assert_eq!(events("--tz UTC --since -1h"), 0);
}

#[test]
fn a_wrong_value_ends_the_program_with_what_would_be_right() {
    for command in ["report", "events"] {
        for (filter, says) in [
            ("--cause fullmailbox", "mailbox-full"),
            ("--since soon", "yesterday"),
            ("--client 192.0.2.0/64", "192.0.2.0/24"),
        ] {
            let line = format!("{command} {filter} samples/postfix/traditional.log");
            let ran = mailwhy(line.split(' ')).run();
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{line}");
            assert!(ran.stderr.contains(says), "{line}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_filter_and_the_state_of_earlier_runs_do_not_go_together() {
    let folder = Scratch::of_test("filters-state");
    folder.file("mail.log", LOG);
    let line = "report --year 2026 --state state --class 5 mail.log";
    let ran = mailwhy(line.split(' ')).in_folder(&folder).run();
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(ran.stderr.contains("leave one of them out"), "{}", ran.stderr);
    assert!(!folder.path.join("state").exists());
}

#[test]
fn threads_and_chunks_do_not_change_what_a_filter_counts() {
    let folder = Scratch::of_test("filters-threads");
    let (text, _) = log(Server::Both, 300_000, 11);
    folder.file("mail.log", text);
    for filter in ["--sender *@example.com --class 4", "--cause !greylisted --domain *.net"] {
        let run = |more: &str| {
            let line =
                format!("report --format json --tz UTC --year 2026 mail.log {filter} {more}");
            mailwhy(line.split_whitespace()).in_folder(&folder).run().ok()
        };
        let plain = run("-j 1");
        for more in ["-j 3 --chunk-size 1000", "-j 8 --chunk-size 70000"] {
            assert_eq!(run(more), plain, "{filter} {more}");
        }
    }
}
