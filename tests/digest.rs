//! What is kept of a log: its sums are the report's, two digests make the digest of both logs, and two logs side by
//! side show what changed.

use crate::support::{Mailwhy, Scratch, count, fate, mailwhy, samples};
use serde_json::Value;
use std::collections::BTreeMap;

/// Saves the digest of a log; gives the report that came with it.
fn save(folder: &Scratch, log: &str, digest: &str, more: &[&str]) -> Value {
    let arguments = ["report", "--tz", "UTC", "--format", "json", "--save", digest, log];
    mailwhy([&arguments[..], more].concat()).in_folder(folder).run().json()
}

fn in_folder(folder: &Scratch, line: &str) -> Mailwhy {
    mailwhy(line.split_whitespace()).in_folder(folder)
}

/// Rows of a list by a key made of fields, with the sums of other fields.
fn sums(rows: &Value, key: &[&str], fields: &[&str]) -> BTreeMap<String, Vec<u64>> {
    let mut sums = BTreeMap::new();
    for row in rows.as_array().unwrap() {
        let name = key.iter().map(|field| row[field].to_string()).collect::<Vec<_>>().join(" ");
        let sum = sums.entry(name).or_insert_with(|| vec![0; fields.len()]);
        for (place, field) in sum.iter_mut().zip(fields) {
            *place += row[field].as_u64().unwrap();
        }
    }
    sums
}

#[test]
fn a_digest_of_each_sample_adds_up_to_its_report() {
    let folder = Scratch::of_test("digest-samples");
    for sample in samples() {
        let log = folder.path.join("log");
        std::fs::write(&log, &sample.bytes).unwrap();
        let report = save(&folder, "log", "saved", &["--year", sample.year(), "--top", "100000"]);
        let merged = in_folder(&folder, "merge saved --format json").run().json();
        let name = &sample.name;
        for (pointer, own) in [
            ("/input/lines", "/lines"),
            ("/input/bytes", "/bytes"),
            ("/mail/messages", "/mail/messages"),
            ("/mail/recipients", "/mail/recipients"),
            ("/mail/bytes", "/mail/bytes"),
            ("/mail/began_before", "/mail/began_before"),
            ("/mail/without_end", "/mail/without_end"),
            ("/mail/ever_deferred", "/mail/ever_deferred"),
            ("/mail/delivered_after_deferral", "/mail/delivered_after_deferral"),
            ("/notifications/messages", "/notifications/messages"),
            ("/notifications/recipients", "/notifications/recipients"),
        ] {
            assert_eq!(count(&merged, own), count(&report, pointer), "{name}: {pointer}");
        }
        for (total, field) in [
            ("/reinjected", "reinjected"),
            ("/incomplete", "incomplete"),
            ("/lost_track", "lost_track"),
        ] {
            let both = count(&merged, &format!("/mail/{field}"))
                + count(&merged, &format!("/notifications/{field}"));
            assert_eq!(both, count(&report, total), "{name}: {total}");
        }
        for section in ["mail", "notifications"] {
            for word in [
                "delivered",
                "queued",
                "bounced",
                "expired",
                "discarded",
                "held",
                "removed",
                "unknown",
            ] {
                let own = count(&merged, &format!("/{section}/{word}"));
                assert_eq!(own, fate(&report, section, word), "{name}: {section} {word}");
            }
            for row in report[section]["fates"].as_array().unwrap() {
                let word = row["fate"].as_str().unwrap();
                let own = count(&merged, &format!("/{section}/messages_{word}"));
                assert_eq!(own, row["messages"].as_u64().unwrap(), "{name}: messages {word}");
            }
        }
        for (bucket, lines) in report["input"]["buckets"].as_object().unwrap() {
            let own = count(&merged, &format!("/buckets/{bucket}"));
            assert_eq!(own, lines.as_u64().unwrap(), "{name}: {bucket}");
        }
        directions_agree(name, &report, &merged);
        traffic_agrees(name, &report, &merged);
    }
}

fn directions_agree(name: &str, report: &Value, merged: &Value) {
    let nothing = Value::Array(Vec::new());
    for way in ["outbound", "inbound", "local"] {
        let directions = merged["directions"].as_array().unwrap();
        let own = directions.iter().find(|direction| direction["direction"] == way);
        let list = |list: &str| own.map_or(&nothing, |own| &own[list]);
        let causes = ["lines", "messages", "recipients"];
        assert_eq!(
            sums(list("causes"), &["cause"], &causes),
            sums(&report[way]["causes"], &["cause"], &causes),
            "{name}: {way} causes"
        );
        let codes = ["lines", "passing", "messages", "recipients"];
        assert_eq!(
            sums(list("codes"), &["code", "enhanced"], &codes),
            sums(&report[way]["codes"], &["code", "enhanced"], &codes),
            "{name}: {way} codes"
        );
    }
}

fn traffic_agrees(name: &str, report: &Value, merged: &Value) {
    let directions = merged["directions"].as_array().unwrap();
    let all = |field: &str| -> u64 {
        directions.iter().map(|direction| count(&direction["traffic"], &format!("/{field}"))).sum()
    };
    for (field, pointer) in [
        ("attempts", "/lines/attempts"),
        ("delivered", "/lines/attempts_by_status/delivered"),
        ("deferred", "/lines/attempts_by_status/deferred"),
        ("bounced", "/lines/attempts_by_status/bounced"),
        ("expired", "/lines/attempts_by_status/expired"),
        ("handed_over", "/lines/handed_over"),
        ("rejected", "/lines/rejects"),
        ("login_failures", "/lines/login_failures"),
        ("received", "/lines/received"),
    ] {
        assert_eq!(all(field), count(report, pointer), "{name}: {pointer}");
    }
    let mut providers = [0; 3];
    for row in report["providers"]["rows"].as_array().unwrap() {
        for (sum, field) in providers.iter_mut().zip(["delivered", "deferred", "bounced"]) {
            *sum += row[field].as_u64().unwrap();
        }
    }
    let rows =
        || directions.iter().flat_map(|direction| direction["providers"].as_array().unwrap());
    let own = |field: &str| rows().map(|row| row[field].as_u64().unwrap()).sum::<u64>();
    let given_up = own("bounced") + own("expired");
    assert_eq!([own("delivered"), own("deferred"), given_up], providers, "{name}: providers");
    for direction in directions {
        let traffic = &direction["traffic"];
        assert!(
            count(traffic, "/recipients") <= count(traffic, "/attempts"),
            "{name}: {direction}"
        );
    }
}

#[test]
fn keeping_a_digest_changes_nothing_in_the_report() {
    let folder = Scratch::of_test("digest-same-report");
    for sample in samples() {
        std::fs::write(folder.path.join("log"), &sample.bytes).unwrap();
        let year = ["--year", sample.year(), "--top", "10"];
        let with = save(&folder, "log", "saved", &year);
        let plain = ["report", "--tz", "UTC", "--format", "json", "log"];
        let plain = mailwhy([&plain[..], &year].concat()).in_folder(&folder).run().json();
        assert_eq!(with, plain, "{}", sample.name);
    }
}

/// `count` deliveries at `host` from hour `from` on, one a minute; each tenth refused with `reply` if there is one.
fn log(host: &str, day: u32, count: u32, reply: Option<&str>) -> String {
    let mut log = String::new();
    for n in 0..count {
        let at =
            format!("2026-11-{day:02}T{:02}:{:02}:07+00:00 {host} postfix", n / 60 % 24, n % 60);
        let id = format!("4F{day:02}{n:06X}");
        let to = "to=<b@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, delays=0/0/0/1";
        let end = match reply.filter(|_| n % 10 == 0) {
            Some(reply) => {
                format!("dsn=5.0.0, status=bounced (host mx.example.net[192.0.2.1] said: {reply})")
            }
            None => "dsn=2.0.0, status=sent (250 2.0.0 Ok)".to_owned(),
        };
        for line in [
            format!("smtpd[1]: {id}: client=c.example.org[192.0.2.9]"),
            format!("cleanup[2]: {id}: message-id=<{id}@example.org>"),
            format!("qmgr[3]: {id}: from=<a@example.org>, size=500, nrcpt=1 (queue active)"),
            format!("smtp[4]: {id}: {to}, {end}"),
            format!("qmgr[3]: {id}: removed"),
        ] {
            log.extend([&at, "/", &line, "\n"]);
        }
    }
    log
}

const FULL: &str = "552 5.2.2 Mailbox full (in reply to RCPT TO command)";
const UNKNOWN: &str = "550 5.1.1 <b@example.net>: User unknown (in reply to RCPT TO command)";

#[test]
fn two_digests_make_the_digest_of_both_logs() {
    let folder = Scratch::of_test("digest-merge");
    let (one, two) = (log("mx1", 9, 500, Some(FULL)), log("mx2", 9, 700, Some(UNKNOWN)));
    folder.file("both.log", format!("{one}{two}"));
    folder.file("one.log", one);
    folder.file("two.log", two);
    for name in ["one", "two", "both"] {
        save(&folder, &format!("{name}.log"), name, &[]);
    }
    let view = |line: &str| {
        let mut json = in_folder(&folder, line).run().json();
        json["logs"] = Value::Null;
        json
    };
    let both = view("merge both --format json");
    assert_eq!(view("merge one two --format json --save sum"), both);
    assert_eq!(view("merge two one --format json"), both);
    assert_eq!(view("merge sum --format json"), both);
    // Logs are read where they stand for digests.
    assert_eq!(view("merge one two.log --tz UTC --format json"), both);
    assert_eq!(count(&both, "/mail/messages"), 1200);
}

#[test]
fn a_log_that_is_merged_twice_counts_once_and_that_is_said() {
    let folder = Scratch::of_test("digest-twice");
    folder.file("one.log", log("mx1", 9, 100, None));
    folder.file("two.log", log("mx2", 9, 100, None));
    save(&folder, "one.log", "one", &[]);
    save(&folder, "two.log", "two", &[]);
    // Under another name, packed, it is the same log.
    std::fs::copy(folder.path.join("one.log"), folder.path.join("copy.log")).unwrap();
    for line in ["merge one one", "merge one copy.log", "merge one two one"] {
        let ran = in_folder(&folder, &format!("{line} --tz UTC --format json")).run();
        assert_eq!(ran.code, Some(0), "{line}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("is left out: the same log is in one already"),
            "{line}: {}",
            ran.stderr
        );
        let json: Value = serde_json::from_str(&ran.stdout).unwrap();
        let logs = if line.contains("two") { 2 } else { 1 };
        assert_eq!(count(&json, "/mail/messages"), logs * 100, "{line}");
        assert_eq!(json["remarks"][0]["kind"], "left-out", "{line}");
    }
    in_folder(&folder, "merge one two --save sum").run().ok();
    in_folder(&folder, "merge sum one --format json").run();
    let ran = in_folder(&folder, "merge one sum").run();
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("the same log is in both"), "{}", ran.stderr);
}

#[test]
fn logs_of_the_same_time_of_a_host_are_refused_unless_asked_for() {
    let folder = Scratch::of_test("digest-overlap");
    folder.file("short.log", log("mx1", 9, 50, None));
    folder.file("long.log", log("mx1", 9, 100, None));
    folder.file("next.log", log("mx1", 10, 100, None));
    let line = "merge short.log long.log --tz UTC --format json --save sum";
    let ran = in_folder(&folder, line).run();
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(
        ran.stderr.contains("mx1: 2026-11-09T00:00:07Z to 2026-11-09T00:49:07Z"),
        "{}",
        ran.stderr
    );
    assert!(!folder.path.join("sum").exists());
    let ran = in_folder(&folder, &format!("{line} --add-overlaps")).run();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(count(&json, "/mail/messages"), 150);
    assert_eq!(json["remarks"][0]["kind"], "overlap");
    in_folder(&folder, "merge long.log next.log --tz UTC").run().ok();
}

#[test]
fn hosts_that_the_log_does_not_name_get_their_names_by_an_option() {
    let folder = Scratch::of_test("digest-own-host");
    let sample = crate::support::sample("exim/mainlog");
    folder.file("mainlog", &sample.bytes);
    save(&folder, "mainlog", "one", &["--own-host", "mx1.example.org"]);
    save(&folder, "mainlog", "two", &["--own-host", "mx2.example.org"]);
    let json = in_folder(&folder, "merge one two --format json").run().json();
    let hosts: Vec<_> = json["hosts"].as_array().unwrap().iter().map(|row| &row["host"]).collect();
    assert_eq!(hosts, ["mx1.example.org", "mx2.example.org"]);
}

/// The rows that changed: subject, what, trend, both counts.
fn changes(comparison: &Value) -> Vec<String> {
    let rows = comparison["rows"].as_array().unwrap().iter();
    rows.filter(|row| row["trend"] != "same")
        .map(|row| {
            let what = ["cause", "provider", "code"].iter().find_map(|field| row.get(*field));
            format!("{} {} {} {}", row["trend"], what.unwrap(), row["a"], row["b"]).replace('"', "")
        })
        .collect()
}

#[test]
fn two_logs_side_by_side_show_what_is_new_and_gone() {
    let folder = Scratch::of_test("digest-diff");
    folder.file("a.log", log("mx1", 9, 1000, Some(FULL)));
    folder.file("b.log", log("mx1", 16, 1000, Some(UNKNOWN)));
    save(&folder, "a.log", "a", &[]);
    let want = [
        "new recipient-unknown 0 100",
        "gone mailbox-full 100 0",
        "new 550 0 100",
        "gone 552 100 0",
    ];
    let mut want: Vec<String> = want.map(str::to_owned).to_vec();
    want.sort();
    for line in ["diff a b.log", "diff a.log b.log"] {
        let json = in_folder(&folder, &format!("{line} --tz UTC --format json")).run().json();
        let mut found = changes(&json);
        found.sort();
        assert_eq!(found, want, "{line}");
        assert_eq!(json["a"]["traffic"]["outbound"], 1000, "{line}");
    }
    let text = in_folder(&folder, "diff a b.log --tz UTC").run().ok();
    let row = |begin: &str| text.lines().find(|line| line.trim_start().starts_with(begin));
    assert!(row("new").is_some_and(|row| row.contains("No such mailbox")), "{text}");
    assert!(row("gone").is_some_and(|row| row.contains("Mailbox full")), "{text}");
    let markdown = in_folder(&folder, "diff a b.log --tz UTC --format markdown").run().ok();
    assert!(
        markdown.contains("| new | No such mailbox | 0 | 0.0 % | 100 | 10.0 % |  |"),
        "{markdown}"
    );
}

#[test]
fn the_same_log_twice_is_no_change_and_exit_code_1() {
    let folder = Scratch::of_test("digest-no-change");
    folder.file("a.log", log("mx1", 9, 300, Some(FULL)));
    let ran = in_folder(&folder, "diff a.log a.log --tz UTC").run();
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""), "{}", ran.stdout);
    assert!(ran.stdout.contains("no change above the floor"), "{}", ran.stdout);
    let all = in_folder(&folder, "diff a.log a.log --tz UTC --all").run();
    assert!(all.stdout.contains("same     Mailbox full"), "{}", all.stdout);
}

#[test]
fn one_log_is_split_at_a_moment() {
    let folder = Scratch::of_test("digest-split");
    let text =
        format!("{}{}", log("mx1", 9, 1000, Some(FULL)), log("mx1", 10, 1000, Some(UNKNOWN)));
    folder.file("all.log", text);
    save(&folder, "all.log", "all", &[]);
    for file in ["all", "all.log"] {
        let line = format!("diff {file} --split 2026-11-10 --tz UTC --format json");
        let json = in_folder(&folder, &line).run().json();
        assert_eq!(changes(&json).len(), 4, "{file}: {json}");
        assert_eq!(json["a"]["last"], "2026-11-09T23:59:59Z", "{file}");
        assert_eq!(json["b"]["mail"]["messages"], 1000, "{file}");
    }
    let ran = in_folder(&folder, "diff all --split 2026-11-10T00:30").run();
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("the moment must be the begin of one"), "{}", ran.stderr);
    for line in [
        "diff all",
        "diff all all --split 2026-11-10",
        "diff all all.log --split 2026-11-10",
        "diff all all all",
        "diff all all --factor 0.5",
    ] {
        assert_eq!(in_folder(&folder, line).run().code, Some(2), "{line}");
    }
}

#[test]
fn stretches_of_time_of_one_log_are_compared() {
    let folder = Scratch::of_test("digest-ranges");
    // Days 9 and 10 before, 11 is left out, 12 and 13 after; in two files, the newer one first.
    let days = |days: &[(u32, Option<&'static str>)]| -> String {
        days.iter().map(|(day, failure)| log("mx1", *day, 500, *failure)).collect()
    };
    folder.file("mail.log.1", days(&[(9, Some(FULL)), (10, Some(FULL)), (11, Some(UNKNOWN))]));
    folder.file("mail.log", days(&[(12, Some(UNKNOWN)), (13, Some(UNKNOWN))]));
    let ranges = "--before 2026-11-09..2026-11-11 --after 2026-11-12..2026-11-14";
    let line = format!("diff mail.log mail.log.1 {ranges} --tz UTC --format json");
    let json = in_folder(&folder, &line).run().json();
    assert_eq!(changes(&json).len(), 4, "{json:#}");
    for (side, first, last, name) in [
        ("a", "2026-11-09T", "2026-11-10T", "2026-11-09..2026-11-11"),
        ("b", "2026-11-12T", "2026-11-13T", "2026-11-12..2026-11-14"),
    ] {
        let side = &json[side];
        assert_eq!(side["mail"]["messages"], 1000, "{side:#}");
        assert!(side["first"].as_str().unwrap().starts_with(first), "{side:#}");
        assert!(side["last"].as_str().unwrap().starts_with(last), "{side:#}");
        assert_eq!(side["name"], format!("mail.log (+1) {name}"));
    }
    // A stretch and its complement in a saved digest are what --split makes.
    in_folder(&folder, "report mail.log mail.log.1 --tz UTC --save all").run().ok();
    let text = |more: &str| in_folder(&folder, &format!("diff all {more}")).run().ok();
    assert_eq!(text("--split 2026-11-11"), text("--before ..2026-11-11 --after 2026-11-11.."));
    for (more, what) in [
        ("--before 2026-11-09..2026-11-11", "--after <RANGE>"),
        ("--before 2026-11-09..2026-11-11 --after 2026-11-10..", "overlap"),
        (
            "--before ..2026-11-09 --after 2026-11-10..",
            "nothing in ..2026-11-09: it tells of 2026-11-09",
        ),
        ("--before ..2026-11-10T00:30 --after 2026-11-11..", "must be the begin of one"),
        ("--before ..2026-11-10 --after 2026-11-11.. --split 2026-11-10", "cannot be used with"),
    ] {
        let ran = in_folder(&folder, &format!("diff all {more}")).run();
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{more}");
        assert!(ran.stderr.contains(what), "{more}: {}", ran.stderr);
    }
}

#[test]
fn text_output_keeps_to_its_width_in_both_languages() {
    let folder = Scratch::of_test("digest-width");
    folder.file("a.log", log("mx1", 9, 1000, Some(FULL)));
    folder.file("b.log", log("mx1", 16, 1000, Some(UNKNOWN)));
    for line in ["diff a.log b.log --all", "merge a.log b.log"] {
        for columns in [80, 120] {
            for language in ["en", "ru"] {
                let line = format!("{line} --tz UTC --lang {language}");
                let text = in_folder(&folder, &line).columns(columns).run().ok();
                for row in text.lines() {
                    let width = textwrap::core::display_width(row);
                    assert!(width <= columns, "{line}: {width} > {columns}: {row}");
                }
                let placeholder = text.contains("{0}") || text.contains("{1}");
                assert!(!placeholder, "{line}: {text}");
            }
        }
    }
}

#[test]
fn spoiled_and_foreign_files_are_told() {
    let folder = Scratch::of_test("digest-spoiled");
    folder.file("a.log", log("mx1", 9, 20, None));
    save(&folder, "a.log", "a", &[]);
    let bytes = std::fs::read(folder.path.join("a")).unwrap();
    folder.file("cut", &bytes[..bytes.len() - 20]);
    folder.file("newer", r#"{"mailwhy_digest":99,"parts":{}}"#);
    for (file, what) in [
        ("cut", "cut: damaged or cut off"),
        ("newer", "newer: saved in form 99; this program reads form 1"),
        ("missing", "missing: No such file"),
    ] {
        let ran = in_folder(&folder, &format!("merge a {file}")).run();
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{file}");
        assert!(ran.stderr.contains(what), "{file}: {}", ran.stderr);
    }
    let ran = in_folder(&folder, "report a.log --tz UTC --save missing/folder/a").run();
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("cannot write missing/folder/a"), "{}", ran.stderr);
    assert!(!ran.stdout.is_empty(), "the report comes all the same");
}

#[cfg(unix)]
#[test]
fn a_saved_digest_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Scratch::of_test("digest-private");
    folder.file("a.log", log("mx1", 9, 20, None));
    save(&folder, "a.log", "a", &[]);
    let mode = std::fs::metadata(folder.path.join("a")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
