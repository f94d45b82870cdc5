//! The history as the commands make and show it: nothing twice, nothing lost by a crash, nothing shown to others.

use crate::support::{Mailwhy, Scratch, count, mailwhy};
use serde_json::Value;
use std::fs;

/// A delivery each ten minutes of `days` days from a Monday in 2026, `bad` of them refused at noon of each day.
fn log(first: u32, days: u32, bad: impl Fn(u32) -> u32) -> String {
    let mut log = String::new();
    for day in first..first + days {
        // 2026-03-02 is a Monday.
        let date =
            chrono::NaiveDate::from_ymd_opt(2026, 3, 2).unwrap() + chrono::Days::new(day.into());
        for n in 0..144 {
            let at = format!("{date}T{:02}:{:02}:07+00:00 mx1 postfix", n / 6, n % 6 * 10);
            let id = format!("4F{day:04X}{n:04X}");
            let to =
                "to=<b@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, delays=0/0/0/1";
            let end = if (72..72 + bad(day)).contains(&n) {
                "dsn=5.2.2, status=bounced (host mx.example.net[192.0.2.1] said: 552 5.2.2 Mailbox full (in reply to RCPT TO command))"
            } else {
                "dsn=2.0.0, status=sent (250 2.0.0 Ok)"
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
    }
    log
}

fn in_folder(folder: &Scratch, line: &str) -> Mailwhy {
    mailwhy(line.split_whitespace()).in_folder(folder)
}

/// Reports on a log with a history; gives the report.
fn report(folder: &Scratch, log: &str) -> Value {
    let line = format!("report {log} --tz UTC --format json --history h/history --keep 4000d");
    in_folder(folder, &line).run().json()
}

fn history(folder: &Scratch, more: &str) -> Value {
    in_folder(folder, &format!("history h/history --format json {more}")).run().json()
}

/// The sum of a number over all periods.
fn total(history: &Value, pointer: &str) -> u64 {
    history["periods"].as_array().unwrap().iter().map(|period| count(period, pointer)).sum()
}

#[test]
fn a_log_that_is_reported_again_and_a_longer_one_count_once() {
    let folder = Scratch::of_test("history-once");
    folder.file("half.log", log(0, 3, |_| 4));
    folder.file("all.log", log(0, 5, |_| 4));
    folder.file("next.log", log(5, 2, |_| 4));
    for (file, days) in
        [("half.log", 3), ("half.log", 3), ("all.log", 5), ("half.log", 5), ("next.log", 7)]
    {
        report(&folder, file);
        let json = history(&folder, "");
        assert_eq!(json["periods"].as_array().unwrap().len(), days, "{file}");
        assert_eq!(total(&json, "/mail/messages"), 144 * days as u64, "{file}");
        assert_eq!(total(&json, "/mail/bounced"), 4 * days as u64, "{file}");
        assert_eq!(total(&json, "/mail/bytes"), 500 * 144 * days as u64, "{file}");
    }
    let weeks = history(&folder, "--by week");
    assert_eq!(weeks["periods"].as_array().unwrap().len(), 1);
    assert_eq!(weeks["periods"][0]["begin"], "2026-03-02T00:00:00Z");
    assert_eq!(total(&weeks, "/mail/messages"), 1008);
    let two = history(&folder, "--since 2026-03-04 --until 2026-03-06");
    assert_eq!(total(&two, "/mail/messages"), 288);
}

#[test]
fn a_report_sums_up_to_what_the_history_tells() {
    let folder = Scratch::of_test("history-sums");
    folder.file("mail.log", log(0, 4, |day| day + 2));
    let report = report(&folder, "mail.log");
    let json = history(&folder, "");
    for pointer in ["/mail/messages", "/mail/recipients", "/mail/bytes"] {
        assert_eq!(total(&json, pointer), count(&report, pointer), "{pointer}");
    }
    let bounced = json["periods"].as_array().unwrap().iter().map(|day| count(day, "/mail/bounced"));
    assert_eq!(bounced.collect::<Vec<_>>(), [2, 3, 4, 5]);
}

#[test]
fn the_last_day_is_shown_beside_the_same_days_before() {
    let folder = Scratch::of_test("history-usual");
    folder.file("past.log", log(0, 42, |_| 3));
    folder.file("good.log", log(42, 1, |_| 4));
    folder.file("bad.log", log(43, 1, |_| 60));
    let first = report(&folder, "past.log");
    assert_eq!(first["usual"], Value::Null, "nothing is known before the first report");
    for (file, deviation, today) in [("good.log", "usual", 4), ("bad.log", "above", 60)] {
        let usual = &report(&folder, file)["usual"];
        assert_eq!(usual["days"].as_array().unwrap().len(), 6, "{file}: {usual}");
        let cause = &usual["causes"][0];
        assert_eq!(cause["cause"], "mailbox-full", "{file}");
        assert_eq!((&cause["today"], &cause["usual"]), (&today.into(), &3.into()), "{file}");
        assert_eq!(cause["deviation"], deviation, "{file}");
        assert_eq!(cause["title"], "Mailbox full", "{file}");
    }
    for (language, word) in [("en", "more than usual"), ("ru", "больше обычного")] {
        let line =
            format!("report bad.log --tz UTC --history h/history --keep 4000 --lang {language}");
        let text = in_folder(&folder, &line).run().ok();
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn a_damaged_history_is_set_aside_and_the_report_comes() {
    let folder = Scratch::of_test("history-damaged");
    folder.file("mail.log", log(0, 20, |_| 4));
    report(&folder, "mail.log");
    let path = folder.path.join("h/history");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let ran = in_folder(&folder, "report mail.log --tz UTC --history h/history").run();
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.stderr.contains("the history was damaged; it is now h/history.damaged-"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.contains("MAIL: what became of 2,880 messages"), "{}", ran.stdout);
    assert_eq!(total(&history(&folder, ""), "/mail/messages"), 2880);
}

#[test]
fn a_file_that_is_no_history_is_left_alone_and_the_report_comes() {
    let folder = Scratch::of_test("history-foreign");
    folder.file("mail.log", log(0, 1, |_| 4));
    let before = fs::read(folder.path.join("mail.log")).unwrap();
    let ran = in_folder(&folder, "report mail.log --tz UTC --history mail.log").run();
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("no history; name another"), "{}", ran.stderr);
    assert!(ran.stdout.contains("MAIL: what became of 144 messages"), "{}", ran.stdout);
    assert_eq!(fs::read(folder.path.join("mail.log")).unwrap(), before);
    for (line, code) in [
        ("history none", 2),
        ("history mail.log", 2),
        ("report mail.log --history h --keep soon", 2),
        ("report mail.log --keep 10d", 2),
        ("report mail.log --history h --code 552", 2),
        ("report mail.log --save h --since yesterday", 2),
        ("history h --since soon", 2),
    ] {
        assert_eq!(in_folder(&folder, line).run().code, Some(code), "{line}");
    }
    assert!(!folder.path.join("h").exists());
}

#[test]
fn two_reports_at_once_lose_nothing() {
    let folder = Scratch::of_test("history-at-once");
    for n in 0..6 {
        folder.file(&format!("{n}.log"), log(n * 2, 2, |_| 4));
    }
    std::thread::scope(|scope| {
        for n in 0..6 {
            let folder = &folder;
            scope.spawn(move || report(folder, &format!("{n}.log")));
        }
    });
    assert_eq!(total(&history(&folder, ""), "/mail/messages"), 12 * 144);
}

#[test]
fn counts_older_than_asked_for_are_forgotten() {
    let folder = Scratch::of_test("history-keep");
    folder.file("mail.log", log(0, 3, |_| 4));
    report(&folder, "mail.log");
    assert_eq!(total(&history(&folder, ""), "/mail/messages"), 432);
    in_folder(&folder, "report mail.log --tz UTC --history h/history --keep 1d").run().ok();
    let ran = in_folder(&folder, "history h/history").run();
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), "The history is empty.\n"));
}

#[test]
fn the_history_is_shown_within_its_width_and_exported() {
    let folder = Scratch::of_test("history-shown");
    folder.file("mail.log", log(0, 10, |_| 4));
    report(&folder, "mail.log");
    for columns in [80, 120] {
        for language in ["en", "ru"] {
            let line = format!("history h/history --lang {language}");
            let text = in_folder(&folder, &line).columns(columns).run().ok();
            let widest = text.lines().map(textwrap::core::display_width).max().unwrap();
            assert!(widest <= columns, "{widest} > {columns}: {text}");
            let days =
                text.lines().filter(|line| line.trim_start().starts_with("2026-03-")).count();
            assert_eq!(days, 10, "{text}");
        }
    }
    let csv = in_folder(&folder, "history h/history --format csv --by week").run().ok();
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let header = rows.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|field| field == name).unwrap();
    let (table, messages) = (column("table"), column("mail_messages"));
    let sum = rows.records().map(|row| {
        let row = row.unwrap();
        assert_eq!(row.len(), header.len());
        if &row[table] == "mail" { row[messages].parse::<u64>().unwrap() } else { 0 }
    });
    assert_eq!(sum.sum::<u64>(), 1440);
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Scratch::of_test("history-private");
    folder.file("mail.log", log(0, 1, |_| 4));
    report(&folder, "mail.log");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let kept = folder.path.join("h");
    assert_eq!(mode(&kept), 0o700);
    for entry in fs::read_dir(&kept).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

/// Sums of all counts of the history, table by table, whatever the period.
fn all_counts(folder: &Scratch, history: &str) -> Vec<u64> {
    let csv = in_folder(folder, &format!("history {history} --format csv")).run().ok();
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let first = rows.headers().unwrap().iter().position(|name| name == "answers_lines").unwrap();
    let mut sums = vec![0; rows.headers().unwrap().len() - first];
    for row in rows.records() {
        let row = row.unwrap();
        for (sum, count) in sums.iter_mut().zip(row.iter().skip(first)) {
            *sum += count.parse().unwrap_or(0);
        }
    }
    sums
}

#[test]
fn runs_over_new_lines_make_the_same_history_as_the_whole_log() {
    let folder = Scratch::of_test("history-state");
    let sample = crate::support::sample("postfix/rfc3339-long-ids.log");
    let lines: Vec<&[u8]> = sample.bytes.split_inclusive(|byte| *byte == b'\n').collect();
    // Mail that is still in the queue when the log ends is in neither history.
    folder.file("whole.log", &sample.bytes);
    in_folder(&folder, "report whole.log --tz UTC --history whole --keep 4000d").run().ok();
    for seed in 0..2_usize {
        let (state, history) = (format!("s{seed}"), format!("h{seed}"));
        let line =
            format!("report mail.log --tz UTC --state {state} --history {history} --keep 4000d");
        let mut written = 0;
        folder.file("mail.log", "");
        for step in 1.. {
            written = (written + 37 + 61 * (seed * 7 + step * 5) % 149).min(lines.len());
            folder.file("mail.log", lines[..written].concat());
            // A run that is killed before its end leaves the history, but no state: it is tried again.
            let saved = folder.path.join(&state).join("report.state");
            let before = fs::read(&saved).ok();
            let ran = in_folder(&folder, &line).run();
            assert_eq!(ran.code, Some(0), "{seed} {step}: {}", ran.stderr);
            if step % 3 == 0 && written < lines.len() {
                fs::write(&saved, before.unwrap()).unwrap();
            }
            if written == lines.len() {
                break;
            }
        }
        assert_eq!(all_counts(&folder, &history), all_counts(&folder, "whole"), "{seed}");
        let before = all_counts(&folder, &history);
        in_folder(&folder, &line).run();
        assert_eq!(all_counts(&folder, &history), before, "{seed}: nothing new");
    }
}
