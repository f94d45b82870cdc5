//! Where a report goes: files that are whole or not there, several forms in one run, e-mail, metrics, and the limits
//! that decide whether anybody is told.

use crate::support::{Mailwhy, Scratch, mailwhy};
use mail_parser::{MessageParser, MimeHeaders};
use std::fs;
use std::os::unix::fs::PermissionsExt;

const LOG: &str = "samples/postfix/traditional.log";

fn report(more: &[&str]) -> Mailwhy {
    mailwhy(["report", "--year", "2026", LOG].iter().chain(more))
}

fn read(folder: &Scratch, name: &str) -> String {
    fs::read_to_string(folder.path.join(name)).unwrap()
}

fn path(folder: &Scratch, name: &str) -> String {
    folder.path.join(name).to_str().unwrap().to_owned()
}

/// A program that takes a message as `sendmail` does, into the file `mail` of the folder.
fn sendmail(folder: &Scratch, exit: u8) -> String {
    let (program, mail) = (path(folder, "sendmail"), path(folder, "mail"));
    folder
        .file("sendmail", format!("#!/bin/sh\n{{ echo \"$@\"; cat; }} > '{mail}'\nexit {exit}\n"));
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

#[test]
fn a_file_has_what_would_be_printed() {
    let folder = Scratch::of_test("output-file");
    let printed = report(&["--format", "json"]).run().ok();
    let file = path(&folder, "report.json");
    assert_eq!(report(&["--format", "json", "--output", &file]).run().ok(), "");
    assert_eq!(read(&folder, "report.json"), printed);
    // Nothing else is left in the folder, and a second run takes the place of the first with its permissions.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(report(&["-o", &file]).run().ok(), "");
    assert!(read(&folder, "report.json").starts_with("Read "));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(&folder.path).unwrap().count(), 1);
}

#[test]
fn a_run_that_fails_leaves_the_old_file() {
    let folder = Scratch::of_test("output-fails");
    folder.file("report.txt", "old");
    let file = path(&folder, "report.txt");
    let ran = mailwhy(["report", "missing.log", "--output", &file]).run();
    assert_eq!(ran.code, Some(2));
    assert_eq!(read(&folder, "report.txt"), "old");
    let nowhere = path(&folder, "no/such/folder/report.txt");
    let ran = report(&["--output", &nowhere]).run();
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("cannot write") && ran.stderr.contains("no/such/folder"),
        "{ran:?}"
    );
}

#[test]
fn several_forms_come_from_one_run() {
    let folder = Scratch::of_test("output-write");
    let (json, metrics) = (path(&folder, "a.json"), path(&folder, "a.prom"));
    let write = [&format!("json={json}"), &format!("prometheus={metrics}")];
    let printed =
        report(&["--format", "text", "--write", write[0], "--write", write[1]]).run().ok();
    assert_eq!(printed, report(&[]).run().ok());
    assert_eq!(read(&folder, "a.json"), report(&["--format", "json"]).run().ok());
    assert_eq!(read(&folder, "a.prom"), report(&["--format", "prometheus"]).run().ok());
    // Without a form of its own nothing is printed.
    assert_eq!(report(&["--write", write[0]]).run().ok(), "");
}

#[test]
fn limits_decide_the_exit_code() {
    for (limits, code) in [
        (&["bounce-rate>99%"][..], 0),
        (&["bounce-rate>0.1%"], 1),
        (&["messages>1000000", "bounced>0"], 1),
        (&["delivered<1"], 0),
        (&["code:550"], 1),
        (&["cause:mailbox-full>1000"], 0),
        (&["bounces>1"], 2),
    ] {
        let arguments: Vec<&str> = limits.iter().flat_map(|limit| ["--fail-on", limit]).collect();
        let ran = report(&arguments).run();
        assert_eq!(ran.code, Some(code), "{limits:?}: {}", ran.stderr);
    }
    let pointed = report(&["--fail-on", "bounced=1"]).run().stderr;
    assert!(pointed.contains("bounced=1\n         ^"), "{pointed}");
}

#[test]
fn the_report_lists_its_limits_with_their_values() {
    let limits = ["--fail-on", "bounce-rate>90%", "--fail-on", "rejects>0"];
    let ran = report(&limits).run();
    assert!(ran.stdout.contains("  ! rejects>0: "), "{}", ran.stdout);
    assert!(ran.stdout.contains("    bounce-rate>90%: "), "{}", ran.stdout);
    let json = report(&[&limits[..], &["--format", "json"]].concat()).run().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["thresholds"][0]["passed"], false);
    assert_eq!(json["thresholds"][1]["value"], json["lines"]["rejects"].as_f64().unwrap());
    assert_eq!(json["thresholds"][1]["passed"], true);
}

#[test]
fn a_quiet_day_is_quiet() {
    let folder = Scratch::of_test("output-quiet");
    let program = sendmail(&folder, 0);
    let (text, metrics) = (path(&folder, "a.txt"), path(&folder, "a.prom"));
    let write = [format!("text={text}"), format!("prometheus={metrics}")];
    let quiet = ["--quiet-ok", "--mail-to", "root", "--sendmail", &program, "--format", "text"];
    let all = [&quiet[..], &["--write", &write[0], "--write", &write[1]]].concat();
    let ran = report(&[&all[..], &["--fail-on", "bounce-rate>99%"]].concat()).run();
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
    assert_eq!(read(&folder, "a.txt"), "");
    assert!(read(&folder, "a.prom").contains("mailwhy_messages "));
    assert!(!folder.path.join("mail").exists());
    let ran = report(&[&all[..], &["--fail-on", "bounced"]].concat()).run();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stdout.starts_with("Read ") && read(&folder, "a.txt").starts_with("Read "));
    assert!(folder.path.join("mail").exists());
    // A job that failed is never quiet about it.
    let ran = mailwhy([
        "report",
        "missing.log",
        LOG,
        "--year",
        "2026",
        "--quiet-ok",
        "--fail-on",
        "bounce-rate>99%",
    ])
    .run();
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stdout.starts_with("Read "), "{}", ran.stdout);
    // It needs a limit to know what is quiet.
    assert_eq!(report(&["--quiet-ok"]).run().code, Some(2));
}

#[test]
fn the_message_can_be_read_by_a_mail_program() {
    let folder = Scratch::of_test("output-mail");
    let program = sendmail(&folder, 0);
    let ran = report(&[
        "--lang",
        "ru",
        "--mail-to",
        "postmaster@example.com",
        "--sendmail",
        &program,
        "--fail-on",
        "bounced",
    ])
    .run();
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(1), "", ""));
    let whole = read(&folder, "mail");
    let (called, message) = whole.split_once('\n').unwrap();
    assert_eq!(called, "-i -t");
    assert!(message.is_ascii() && !message.contains('\r'), "{message}");
    assert!(message.lines().all(|line| line.len() <= 78), "{message}");
    let parsed = MessageParser::default().parse(message.as_bytes()).unwrap();
    assert!(parsed.subject().unwrap().contains("ТРЕВОГА bounced"), "{:?}", parsed.subject());
    assert_eq!(parsed.to().unwrap().first().unwrap().address(), Some("postmaster@example.com"));
    assert_eq!(parsed.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
    assert!(parsed.date().is_some() && parsed.message_id().is_some());
    let text = parsed.body_text(0).unwrap();
    assert!(text.contains("ПОЧТА: что стало с"), "{text}");
    for part in [parsed.text_part(0).unwrap(), parsed.html_part(0).unwrap()] {
        let encoding = part.content_transfer_encoding();
        assert_eq!(encoding, Some("base64"), "one's own filters must not fire on quoted spam");
    }
}

#[test]
fn three_mornings_from_a_clean_environment_send_one_message() {
    let folder = Scratch::of_test("output-mornings");
    let program = sendmail(&folder, 0);
    let log = fs::read_to_string(crate::support::repository().join(LOG)).unwrap();
    let (first, second) = log.split_at(crate::support::first_half(&log).len() + 1);
    // As cron does it: neither HOME nor TERM, and no PATH that would find anything.
    let morning = || {
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_mailwhy"))
            .args(["--config=", "report", "--year=2026", "--state=state", "--fail-on=bounced>5"])
            .args([
                "--quiet-ok",
                "--format=email",
                "--mail-to=root",
                "--sendmail",
                &program,
                "mail.log",
            ])
            .env_clear()
            .env("LANG", "C")
            .current_dir(&folder.path)
            .output()
            .unwrap();
        assert_eq!((ran.stdout.len(), String::from_utf8_lossy(&ran.stderr).as_ref()), (0, ""));
        let mail = fs::read_to_string(folder.path.join("mail")).ok();
        let _ = fs::remove_file(folder.path.join("mail"));
        (ran.status.code(), mail)
    };
    folder.file("mail.log", first);
    let (code, mail) = morning();
    assert_eq!(code, Some(1));
    let mail = mail.unwrap();
    let message = MessageParser::default().parse(mail.split_once('\n').unwrap().1.as_bytes());
    let subject = message.as_ref().and_then(|message| message.subject()).unwrap_or("");
    assert!(subject.starts_with("mailwhy mx1: ALARM bounced>5"), "{subject:?}");
    // Nothing happened, and what was told is not told again.
    assert_eq!(morning(), (Some(0), None));
    fs::rename(folder.path.join("mail.log"), folder.path.join("mail.log.1")).unwrap();
    folder.file("mail.log", second);
    let (code, mail) = morning();
    assert_eq!(mail.is_some(), code == Some(1), "a message if and only if a threshold is passed");
}

#[test]
fn a_message_that_cannot_be_sent_is_a_failure() {
    let folder = Scratch::of_test("output-unsent");
    let program = sendmail(&folder, 75);
    let ran = report(&["--mail-to", "root", "--sendmail", &program]).run();
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("cannot send"), "{}", ran.stderr);
    let ran = report(&["--mail-to", "root", "--sendmail", "/no/such/program"]).run();
    assert_eq!(ran.code, Some(2));
    for address in ["", "a b", "-f", "a@example.com,b@example.com", "a\nBcc: b@example.com", "<a>"]
    {
        assert_eq!(report(&["--mail-to", address]).run().code, Some(2), "{address:?}");
    }
}

#[test]
fn a_log_cannot_write_into_the_headers() {
    let folder = Scratch::of_test("output-forged");
    let line = "Jan  5 10:00:00 mx1\u{85}Bcc:x postfix/smtp[811]: 4C1D2E3F40: to=<ann@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=5.7.1, status=bounced (host mx.example.com[198.51.100.25] said: 550 5.7.1 no\r\nSubject: forged (in reply to RCPT TO command))\n";
    folder.file("mail.log", line);
    let message =
        mailwhy(["report", "--format", "email", "mail.log"]).in_folder(&folder).run().ok();
    let parsed = MessageParser::default().parse(message.as_bytes()).unwrap();
    let head = message.split("\r\n\r\n").next().unwrap();
    assert!(!head.contains("forged") && !head.contains("Bcc"), "{head}");
    assert!(parsed.subject().unwrap().starts_with("mailwhy: "), "{head}");
}

#[test]
fn metrics_are_well_formed_and_agree_with_the_report() {
    let text = report(&["--format", "prometheus", "--fail-on", "bounce-rate>90%"]).run().ok();
    let json = report(&["--format", "json"]).run().json();
    let value = |series: &str| -> u64 {
        let line = text
            .lines()
            .find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')));
        line.unwrap_or_else(|| panic!("{series}: {text}"))
            .rsplit(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap()
    };
    assert_eq!(value("mailwhy_messages"), json["mail"]["messages"].as_u64().unwrap());
    assert_eq!(value("mailwhy_rejects"), json["lines"]["rejects"].as_u64().unwrap());
    assert_eq!(value("mailwhy_log_bytes"), json["input"]["bytes"].as_u64().unwrap());
    assert_eq!(value("mailwhy_threshold_passed{threshold=\"bounce-rate>90%\"}"), 0);
    let failures: u64 = text
        .lines()
        .filter(|line| line.starts_with("mailwhy_failures{"))
        .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        .sum();
    let lines = ["outbound", "inbound", "local"]
        .iter()
        .flat_map(|d| json[*d]["causes"].as_array().unwrap());
    assert_eq!(failures, lines.map(|row| row["lines"].as_u64().unwrap()).sum::<u64>());
    // Each family has its help and its type before its samples.
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        assert!(
            text.contains(&format!("# HELP {name} "))
                && text.contains(&format!("# TYPE {name} gauge")),
            "{line}"
        );
    }
}
