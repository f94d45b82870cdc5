//! The program from outside: exit codes, inputs, and what strangers' text may do to a terminal or a spreadsheet.

use crate::support::{Ran, Scratch, acts_on_a_terminal, mailwhy, run, sample, samples};
use std::io::Read;
use std::process::{Command, Stdio};

const LINE: &str = "Jan  5 10:00:00 mx1 postfix/smtp[811]: 4C1D2E3F40: to=<ann@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=5.7.1, status=bounced (host mx.example.com[198.51.100.25] said: 550 5.7.1 no (in reply to RCPT TO command))\n";

#[test]
fn exit_codes_tell_how_it_went() {
    let folder = Scratch::of_test("cli-exit");
    folder.file("mail.log", LINE);
    folder.file("empty.log", "");
    folder.file("notes.txt", "milk\nbread\n");
    folder.file("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    for (arguments, code, complaint) in [
        ("report mail.log", 0, ""),
        ("report --year 2026 empty.log", 0, ""),
        ("events mail.log", 0, ""),
        ("events empty.log", 0, ""),
        ("report missing.log", 2, "mailwhy: missing.log: "),
        ("report missing.log mail.log", 2, "mailwhy: missing.log: "),
        ("events mail.log missing.log", 2, "mailwhy: missing.log: "),
        ("report notes.txt", 2, "mailwhy: notes.txt: not a mail log"),
        ("events notes.txt", 2, "mailwhy: notes.txt: not a mail log"),
        ("report picture.png", 2, "mailwhy: picture.png: not a mail log"),
        ("report .", 2, "mailwhy: .: is a directory"),
        ("report --year now mail.log", 2, "error: invalid value 'now' for '--year <YYYY>'"),
        ("report --tz Nowhere/Here mail.log", 2, "Nowhere/Here"),
        ("report -j 0 mail.log", 2, "error: invalid value '0'"),
        ("report --frmat json mail.log", 2, "error: unexpected argument '--frmat'"),
        ("reprot mail.log", 2, "error: unrecognized subcommand 'reprot'"),
        ("", 2, "Usage: mailwhy"),
        ("explain 550", 0, ""),
        ("explain 5.7.26", 0, ""),
        ("explain hello", 1, ""),
        ("codes --search greylist", 0, ""),
        ("codes --search xyzzy", 1, ""),
        ("codes --class 9", 2, "error: invalid value '9'"),
        ("--version", 0, ""),
        ("--help", 0, ""),
    ] {
        let ran = mailwhy(arguments.split_whitespace()).in_folder(&folder).run();
        assert_eq!(ran.code, Some(code), "mailwhy {arguments}: {ran:?}");
        assert!(ran.stderr.contains(complaint), "mailwhy {arguments}: {}", ran.stderr);
        assert_eq!(
            ran.stderr.is_empty(),
            complaint.is_empty(),
            "mailwhy {arguments}: {}",
            ran.stderr
        );
    }
}

#[test]
fn what_can_be_read_is_read() {
    let folder = Scratch::of_test("cli-rest");
    folder.file("mail.log", LINE);
    folder.file("notes.txt", "milk\nbread\n");
    for names in
        ["missing.log mail.log", "mail.log missing.log", "notes.txt mail.log", ". mail.log"]
    {
        let events = mailwhy(format!("events {names}").split(' ')).in_folder(&folder).run();
        assert_eq!(
            (events.code, events.stdout.lines().count()),
            (Some(2), 1),
            "{names}: {events:?}"
        );
        let report =
            mailwhy(format!("report --format json {names}").split(' ')).in_folder(&folder).run();
        let json: serde_json::Value = serde_json::from_str(&report.stdout).unwrap();
        assert_eq!((report.code, &json["lines"]["attempts"]), (Some(2), &1.into()), "{names}");
        assert_eq!(json["warnings"][0]["kind"], "unreadable", "{names}");
    }
}

#[test]
fn a_file_that_may_not_be_read_is_told_of() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Scratch::of_test("cli-permission");
    folder.file("mail.log", LINE);
    let path = folder.path.join("mail.log");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&path).is_ok() {
        return; // Whoever runs this may read everything.
    }
    let ran = mailwhy(["report", "mail.log"]).in_folder(&folder).run();
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.starts_with("mailwhy: mail.log: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("adm"), "says who may read it: {}", ran.stderr);
}

#[test]
fn standard_input_is_a_dash_or_nothing() {
    let folder = Scratch::of_test("cli-stdin");
    folder.file("mail.log", LINE);
    let events = |arguments: &str| {
        let command = format!("events --tz UTC --year 2026 {arguments}");
        mailwhy(command.split_whitespace()).in_folder(&folder).stdin(LINE).run().json_lines()
    };
    for (arguments, files) in [("", &["-"][..]), ("-", &["-"]), ("mail.log -", &["mail.log", "-"])]
    {
        let got: Vec<_> =
            events(arguments).iter().map(|e| e["file"].as_str().unwrap().to_owned()).collect();
        assert_eq!(got, files, "events {arguments}");
    }
    let text = mailwhy(["report", "--year", "2026"]).stdin(LINE).run().ok();
    assert!(text.contains("550 5.7.1"), "{text}");
    let empty = mailwhy(["report"]).run().ok();
    assert!(empty.contains("0 lines"), "{empty}");
    let explained = mailwhy(["explain"]).stdin(LINE).run().ok();
    assert!(explained.contains("550 5.7.1"), "{explained}");
}

#[test]
fn zones_west_of_greenwich_can_be_typed() {
    for (zone, time) in [
        ("-03:30", "2026-01-05T13:30:00Z"),
        ("+02:00", "2026-01-05T08:00:00Z"),
        ("America/New_York", "2026-01-05T15:00:00Z"),
    ] {
        let events = mailwhy(["events", "--year", "2026", "--tz", zone]).stdin(LINE).run();
        assert_eq!(events.json_lines()[0]["time"], time, "{zone}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Scratch::of_test("cli-pipe");
    folder.file("mail.log", LINE.repeat(5000));
    for arguments in [
        &["events", "mail.log"][..],
        &["events", "--format", "csv", "mail.log"],
        &["events", "-j", "1", "mail.log"],
        &["report", "mail.log"],
        &["codes"],
        &["codes", "--format", "json"],
        &["explain", "--format", "json", "550"],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mailwhy"))
            .args(arguments)
            .current_dir(&folder.path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut first = [0; 1];
        let _ = stdout.read(&mut first);
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), stderr.as_ref()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_full_disk_is_told_of() {
    let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else { return };
    let sample = sample("postfix/traditional.log");
    for command in ["report", "events"] {
        let output = Command::new(env!("CARGO_BIN_EXE_mailwhy"))
            .args(sample.arguments(&[command]))
            .current_dir(crate::support::repository())
            .stdout(full.try_clone().unwrap())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{command}: {stderr}");
        assert!(stderr.starts_with("mailwhy: cannot write"), "{command}: {stderr}");
    }
}

#[test]
fn help_reads_like_this() {
    for command in [
        "", "report", "events", "queue", "audit", "suppress", "trace", "explain", "compare",
        "check", "codes", "diff", "merge", "history",
    ] {
        let name = if command.is_empty() { "mailwhy" } else { command };
        insta::assert_snapshot!(format!("help-{name}"), run(&format!("{command} --help")).ok());
    }
}

/// Strangers' text in every place of a line, and a line for each reader.
fn hostile() -> String {
    let evil =
        "\u{1b}[31m\u{1b}]0;title\u{7}\u{9b}2J\u{202e}gnp\u{2066}\u{200b}\u{feff}\u{7f}\r\u{8}=1+1";
    [
        format!("Jan  5 10:00:00 mx1 postfix/smtpd[811]: NOQUEUE: reject: RCPT from {evil}[192.0.2.1]: 554 5.7.1 <{evil}@example.com>: {evil}; from=<{evil}@example.net> to=<{evil}@example.com> proto=ESMTP helo=<{evil}>"),
        format!("Jan  5 10:00:00 mx1 postfix/smtp[811]: 4C1D2E3F40: to=<{evil}@{evil}.example.com>, relay={evil}[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced (host {evil}[192.0.2.1] said: 550 5.7.1 {evil} (in reply to RCPT TO command))"),
        format!("Jan  5 10:00:00 mx1 postfix/smtpd[811]: fatal: {evil}"),
        format!("Jan  5 10:00:00 mx1 postfix/smtpd[811]: {evil} nobody knows this"),
        format!("Jan  5 10:00:00 {evil} postfix/smtpd[811]: warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: {evil}, sasl_username={evil}"),
        format!("2026-01-05 10:00:00 1tUAbc-0000xY-3c ** {evil}@example.com R=dnslookup T=remote_smtp H={evil} [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<{evil}@example.com>: 550 {evil}"),
        format!("2026-01-05 10:00:00 H=({evil}) [192.0.2.1] F=<{evil}@example.com> rejected RCPT <{evil}@example.com>: {evil}"),
        evil.to_owned(),
        String::new(),
    ]
    .join("\n")
}

#[test]
fn no_control_character_of_a_log_reaches_the_terminal() {
    let damaged = sample("broken/damaged.log");
    for (name, bytes) in [("damaged.log", damaged.bytes), ("hostile.log", hostile().into_bytes())] {
        for command in [
            "report",
            "report --detail --show-unknown",
            "report --format json --show-unknown",
            "events",
            "events --format csv",
            "explain",
            "explain --format json",
        ] {
            let ran = mailwhy(
                format!(
                    "{command}{}",
                    if command.starts_with("explain") { "" } else { " --year 2026" }
                )
                .split(' '),
            )
            .stdin(bytes.clone())
            .run();
            assert!(!ran.stdout.is_empty(), "{command} of {name}");
            for (where_, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
                let bad = text.lines().find(|line| line.contains(acts_on_a_terminal));
                assert_eq!(bad, None, "{command} of {name}: {where_}");
            }
        }
    }
}

#[test]
fn names_of_files_are_strangers_too() {
    let folder = Scratch::of_test("cli-names");
    let name = "mail\u{1b}[31m\u{202e}.log";
    folder.file(name, LINE);
    for arguments in [
        &["report", name][..],
        &["events", name],
        &["report", "no\u{1b}[31m.log"],
        &["events", "no\u{1b}]0;x\u{7}.log"],
    ] {
        let ran = mailwhy(arguments).in_folder(&folder).run();
        assert!(!ran.stdout.contains(acts_on_a_terminal), "{arguments:?}: {}", ran.stdout);
        assert!(!ran.stderr.contains(acts_on_a_terminal), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn json_keeps_the_text_as_it_was() {
    let recipient = "\u{1b}[31m\u{202e}ümlaut\"\\\u{200b}@example.com";
    let line = LINE.replace("ann@example.com", recipient);
    let events = mailwhy(["events", "--year", "2026"]).stdin(line).run().json_lines();
    assert_eq!(events[0]["recipient"], recipient);
    for sample in samples() {
        let ran: Ran = mailwhy(sample.arguments(&["events"])).run();
        for line in ran.stdout.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(value.is_object(), "{}: {line}", sample.name);
        }
    }
}

#[test]
fn csv_cells_are_no_formulas() {
    let line = |recipient: &str| LINE.replace("ann@example.com", recipient);
    for recipient in [
        "=cmd|x@example.com",
        "+1@example.com",
        "-1@example.com",
        "@example.com",
        "\t=1@example.com",
    ] {
        let csv = mailwhy(["events", "--format", "csv", "--year", "2026"])
            .stdin(line(recipient))
            .run()
            .ok();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        for record in reader.records() {
            for cell in &record.unwrap() {
                assert!(
                    !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                    "{recipient:?}: cell {cell:?}"
                );
            }
        }
    }
}
