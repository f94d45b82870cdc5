//! The report: its numbers against a count of our own, its text against its JSON, its widths and colours.

mod naive;

use crate::generator::{Of, Server, Status, log};
use crate::support::{Ran, Sample, Scratch, count, fate, mailwhy, sample, samples};
use serde_json::Value;
use std::collections::BTreeMap;
use textwrap::core::display_width;

/// The report on a sample, as text.
fn text_of(sample: &Sample, columns: usize, arguments: &[&str]) -> String {
    mailwhy(sample.arguments(&[&["report"], arguments].concat())).columns(columns).run().ok()
}

fn sum(map: &Value) -> u64 {
    map.as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum()
}

#[test]
fn each_line_of_each_sample_is_in_one_bucket() {
    for sample in samples() {
        let report = sample.report();
        let input = &report["input"];
        let lines = sample.bytes.split(|b| *b == b'\n').count()
            - usize::from(sample.bytes.last() == Some(&b'\n'));
        assert_eq!(input["lines"], lines, "{}: lines", sample.name);
        assert_eq!(input["bytes"], sample.bytes.len(), "{}: bytes", sample.name);
        assert_eq!(sum(&input["buckets"]), lines as u64, "{}: buckets", sample.name);
        assert_eq!(report["schema"], 1, "{}", sample.name);
    }
}

/// The counts of a report in the shape of the naive ones.
fn counted(report: &Value) -> naive::Counts {
    let lines = &report["lines"];
    let mut attempts = BTreeMap::new();
    for (status, codes) in lines["attempts_by_status_and_reply_code"].as_object().unwrap() {
        for (code, number) in codes.as_object().unwrap() {
            // `status=expired` names no recipient and is not among these.
            attempts.insert((status.clone(), code.parse().ok()), number.as_u64().unwrap());
        }
    }
    naive::Counts {
        attempts,
        rejects: count(lines, "/rejects"),
        login_failures: count(lines, "/login_failures"),
        received: count(lines, "/received"),
        closed: count(lines, "/closed"),
    }
}

#[test]
fn totals_are_those_of_a_naive_count() {
    for sample in samples() {
        // JSON around the lines is beyond a naive count, and its samples are small: their snapshots are enough.
        if !sample.is_json() {
            assert_eq!(counted(&sample.report()), naive::count(&sample.text()), "{}", sample.name);
        }
    }
}

#[test]
fn totals_of_a_generated_log_are_what_the_generator_wrote() {
    let folder = Scratch::of_test("report-generated");
    for (server, seed) in [(Server::Postfix, 1), (Server::Exim, 2), (Server::Both, 3)] {
        let (text, truth) = log(server, 400_000, seed);
        let name = folder.file("mail.log", &text);
        let arguments = ["report", "--format", "json", "--tz", "UTC", "--year", "2026", name];
        let report = mailwhy(arguments).in_folder(&folder).run().json();
        let mut attempts = BTreeMap::<(String, Option<u16>), u64>::new();
        for ((_, status, code), number) in &truth.attempts {
            let word = match status {
                Status::Delivered => "delivered",
                Status::Deferred => "deferred",
                Status::Bounced => "bounced",
            };
            *attempts.entry((word.to_owned(), *code)).or_default() += number;
        }
        let want = naive::Counts {
            attempts,
            rejects: truth.all_rejects(),
            login_failures: truth.login_failures,
            received: truth.received,
            closed: truth.closed,
        };
        assert_eq!(counted(&report), want, "{server:?}");
        assert_eq!(naive::count(&text), want, "{server:?}, naive count");
        for (code, number) in &truth.rejects {
            let code = code.map_or("none".to_owned(), |code| code.to_string());
            let got = count(&report, &format!("/lines/rejects_by_reply_code/{code}"));
            assert_eq!(got, *number, "{server:?}: rejects with {code}");
        }
        assert_eq!(report["input"]["lines"], truth.lines, "{server:?}: lines");
        assert_eq!(report["input"]["buckets"]["unknown"], 0, "{server:?}: unknown lines");
        assert_eq!(report["input"]["buckets"]["malformed"], 0, "{server:?}: malformed lines");
        let delivered = fate(&report, "mail", "delivered");
        assert_eq!(delivered, truth.recipients(Status::Delivered), "{server:?}: delivered");
        let bounced = fate(&report, "mail", "bounced");
        assert_eq!(bounced, truth.recipients(Status::Bounced), "{server:?}: bounced");
        let reported = count(&report, "/notifications/recipients");
        let ended = truth.attempts.keys().filter(|(of, ..)| *of == Of::Notification).count() > 0;
        assert_eq!(reported > 0, ended, "{server:?}: notifications");
        assert!(truth.attempts_of(Status::Deferred) > 100, "{server:?}: too small a log");
    }
}

/// The lines of a text report, cut into cells at two blanks or more; lines of one cell left out.
fn rows_of(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        line.split("  ").map(str::trim).filter(|c| !c.is_empty()).map(str::to_owned).collect()
    };
    text.lines().map(cells).filter(|row| row.len() > 1).collect()
}

/// A number as text shows it.
fn shown(value: &Value) -> String {
    let digits = value.as_u64().unwrap().to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How text labels a row of a table by code.
fn label(row: &Value) -> String {
    let text = |name: &str| row[name].as_str().map(str::to_owned);
    let number = |name: &str| row[name].as_u64().map(|n| n.to_string());
    match (number("code"), text("enhanced"), text("no_reply"), number("implied_code")) {
        (Some(code), Some(enhanced), ..) => format!("{code} {enhanced}"),
        (Some(code), None, ..) => code,
        (None, Some(enhanced), Some(_), _) => format!("none ({enhanced})"),
        (None, Some(enhanced), None, _) => format!("? {enhanced}"),
        (None, None, _, Some(implied)) => format!("? ({implied})"),
        (None, None, Some(_), None) => "none".to_owned(),
        (None, None, None, None) => "?".to_owned(),
    }
}

/// Every number of a table of the text, as JSON has it: the cells that each row must begin with.
fn wanted_rows(report: &Value) -> Vec<Vec<String>> {
    let mut wanted = Vec::new();
    for section in ["outbound", "inbound", "local"] {
        for row in report[section]["codes"].as_array().unwrap() {
            let last = if section == "inbound" {
                [&row["clients"]["count"], &row["addresses"]["count"]]
            } else {
                [&row["messages"], &row["recipients"]]
            };
            let [third, fourth] = last.map(shown);
            wanted.push(vec![
                label(row),
                shown(&row["lines"]),
                shown(&row["replies"]),
                third,
                fourth,
            ]);
        }
    }
    for section in ["providers", "domains", "relays"] {
        for row in report[section]["rows"].as_array().unwrap() {
            let name = row["name"].as_str().unwrap().to_owned();
            let [a, b, c] = ["delivered", "deferred", "bounced"].map(|field| shown(&row[field]));
            wanted.push(vec![name, a, b, c]);
        }
    }
    wanted
}

#[test]
fn text_and_json_say_the_same() {
    for sample in samples() {
        let report = sample.report();
        let text = text_of(&sample, 120, &["--detail", "--top", "100000"]);
        let mut rows = rows_of(&text);
        for want in wanted_rows(&report) {
            let found = rows.iter().position(|row| row.starts_with(&want));
            let found =
                found.unwrap_or_else(|| panic!("{}: no row {want:?} in\n{text}", sample.name));
            rows.remove(found);
        }
        // And no row of numbers that JSON does not have; those of fates, texts and trouble have other shapes.
        let is_number = |cell: &String| cell.chars().all(|c| c.is_ascii_digit() || c == ',');
        let left = rows.iter().find(|row| row.len() >= 4 && row[1..4].iter().all(is_number));
        assert_eq!(left, None, "{}: a row that JSON does not have in\n{text}", sample.name);

        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let says = |words: String| {
            assert!(flat.contains(&words), "{}: no “{words}” in\n{text}", sample.name);
        };
        let plural = |value: &Value, one: &str| {
            format!("{} {one}{}", shown(value), if *value == 1 { "" } else { "s" })
        };
        let mail = &report["mail"];
        says(format!(
            "{} for {}",
            plural(&mail["messages"], "message"),
            plural(&mail["recipients"], "recipient")
        ));
        for row in mail["fates"].as_array().unwrap() {
            let percent = format!("{:.1} %", row["share"].as_f64().unwrap() * 100.0);
            says(format!("{} {percent} {}", shown(&row["recipients"]), shown(&row["messages"])));
        }
        let buckets = &report["input"]["buckets"];
        let account = ["event", "quiet", "unknown", "foreign", "malformed"]
            .map(|bucket| format!("{bucket} {}", shown(&buckets[bucket])));
        says(format!("{} = {}", shown(&report["input"]["lines"]), account.join(" + ")));
    }
}

#[test]
fn sections_of_the_report_agree_with_each_other() {
    for sample in samples() {
        let report = sample.report();
        let lines = &report["lines"];
        for map in ["attempts_by_status", "attempts_by_reply_code", "attempts_by_enhanced"] {
            assert_eq!(sum(&lines[map]), count(lines, "/attempts"), "{}: {map}", sample.name);
        }
        for map in ["rejects_by_action", "rejects_by_reply_code", "rejects_by_enhanced"] {
            assert_eq!(sum(&lines[map]), count(lines, "/rejects"), "{}: {map}", sample.name);
        }
        for (section, field) in
            [("per_day", "delivered"), ("per_day", "deferred"), ("per_day", "bounced")]
        {
            let days = report[section].as_object().unwrap().values();
            let of_days: u64 = days.map(|day| day[field].as_u64().unwrap()).sum();
            let steps = report["timeline"].as_array().unwrap().iter();
            let of_steps: u64 = steps.map(|step| step[field].as_u64().unwrap()).sum();
            let hours = report["per_hour"].as_array().unwrap().iter();
            let of_hours: u64 = hours.map(|hour| hour[field].as_u64().unwrap()).sum();
            assert_eq!(
                (of_days, of_days),
                (of_steps, of_hours),
                "{}: {field} over time",
                sample.name
            );
        }
        for section in ["mail", "notifications"] {
            let fates = report[section]["fates"].as_array().unwrap();
            let recipients: u64 = fates.iter().map(|row| row["recipients"].as_u64().unwrap()).sum();
            assert_eq!(report[section]["recipients"], recipients, "{}: {section}", sample.name);
            for row in fates {
                assert!(
                    row["messages"].as_u64() <= report[section]["messages"].as_u64(),
                    "{}: {row}",
                    sample.name
                );
            }
        }
        for section in ["outbound", "inbound", "local"] {
            let rows = |name: &str, field: &str| -> u64 {
                let rows = report[section][name].as_array().unwrap();
                rows.iter().map(|row| row[field].as_u64().unwrap()).sum()
            };
            for field in ["lines", "replies"] {
                assert_eq!(
                    rows("classes", field),
                    rows("codes", field),
                    "{}: {section} {field}",
                    sample.name
                );
            }
        }
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for sample in samples() {
        for columns in [40, 80, 120, 200] {
            for arguments in [&[][..], &["--detail", "--show-unknown"]] {
                let text = text_of(&sample, columns, arguments);
                for line in text.lines() {
                    // A command is to be copied: it stays in one piece.
                    let command = line.trim_start().starts_with("$ ");
                    let fits = display_width(line) <= columns;
                    assert!(fits || command, "{} at {columns} columns: {line}", sample.name);
                    assert!(!line.ends_with(' '), "{}: blanks at the end of {line:?}", sample.name);
                }
            }
        }
    }
}

#[test]
fn colour_only_where_it_is_wanted() {
    let sample = sample("mixed/crowded.log");
    let run = |arguments: &[&str], environment: &[(&str, &str)]| -> Ran {
        let command = [&["report"], arguments].concat();
        let mut run = mailwhy(sample.arguments(&command)).columns(80);
        for (name, value) in environment {
            run = run.env(name, value);
        }
        run.run()
    };
    let plain = run(&[], &[]).ok();
    assert!(!plain.contains('\u{1b}'), "a pipe gets no colour");
    assert_eq!(run(&[], &[("NO_COLOR", "1"), ("TERM", "xterm")]).ok(), plain);
    assert_eq!(run(&["--color", "never"], &[]).ok(), plain);
    let coloured = run(&["--color", "always"], &[]).ok();
    assert!(coloured.contains("\u{1b}["), "--color always has colour");
    assert_eq!(without_colour(&coloured), plain, "colour changes nothing else");
    let asked_for = run(&["--color", "always"], &[("NO_COLOR", "1")]).ok();
    assert_eq!(asked_for, coloured, "what is asked for on the command line wins over NO_COLOR");
}

/// The text without sequences that begin with ESC `[` and end with `m`.
fn without_colour(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or("").to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').unwrap().1)
}

#[test]
fn the_text_reads_like_this() {
    for name in ["postfix/content-filter.log", "mixed/crowded.log"] {
        let sample = sample(name);
        insta::assert_snapshot!(name.replace('/', "-"), text_of(&sample, 80, &[]));
    }
}
