//! The user's own knowledge: `--knowledge` and the configuration folder, as the program sees them.

use crate::support::{Scratch, mailwhy};
use serde_json::Value;
use std::fmt::Write as _;

const LINE: &str = "2026-01-05T10:00:00+00:00 mx1 postfix/smtp[811]: 4C1D2E3F40: to=<ann@example.com>, relay=mx7.partner.example[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=5.7.1, status=bounced (host mx7.partner.example[198.51.100.25] said: 550 5.7.1 Ticket 17: refused by house rule; 192.0.2.9 blocked using bl.partner.example (in reply to RCPT TO command))\n";

const RULE: &str = "[[rule]]\nid = \"house-rule\"\ncause = \"recipient-refuses\"\ndetail = \"allow-list\"\n\
                    text = 'ticket \\d+: refused by house rule'\nexamples = [\"550 5.7.1 Ticket 1: refused by house rule\"]\n";

const LIST: &str = "[[list]]\nslug = \"partner-list\"\nname = \"List of the partner\"\nkind = \"ip\"\nstatus = \"active\"\n\
                    zones = [\"bl.partner.example\"]\nway = \"contact\"\n\n\
                    [[provider]]\nslug = \"partner\"\nname = \"Partner Mail\"\nrole = \"mailboxes\"\n\
                    hosts = [\"partner.example\"]\n";

fn event(folder: &Scratch, arguments: &str) -> Value {
    let line = format!("events {arguments} -");
    let run = mailwhy(line.split_whitespace()).in_folder(folder).stdin(LINE);
    run.env("XDG_CONFIG_HOME", &folder.path.display().to_string()).run().json_lines().remove(0)
}

fn verdict(event: &Value) -> (&str, Option<&str>, &str, &str) {
    let word = |name: &str| event[name].as_str();
    let (cause, detail) = (word("cause").unwrap(), word("detail"));
    (cause, detail, word("basis").unwrap(), word("rule").unwrap_or(""))
}

#[test]
fn a_rule_of_the_user_decides_and_the_basis_tells() {
    let folder = Scratch::of_test("knowledge-rule");
    assert_ne!(verdict(&event(&folder, "")).0, "recipient-refuses");
    folder.file("mine.toml", RULE);
    let judged = event(&folder, "--knowledge mine.toml");
    assert_eq!(
        verdict(&judged),
        ("recipient-refuses", Some("allow-list"), "user", "house-rule"),
        "{judged}"
    );
    let report = mailwhy("report --format json --knowledge mine.toml -".split(' '))
        .in_folder(&folder)
        .stdin(LINE)
        .run()
        .json();
    let cause = &report["outbound"]["causes"][0];
    assert_eq!(cause["cause"], "recipient-refuses", "{cause}");
    assert_eq!(cause["rules"][0]["name"], "house-rule", "{cause}");
}

#[test]
fn explain_tells_that_a_rule_of_the_user_decided() {
    let folder = Scratch::of_test("knowledge-explain");
    folder.file("mine.toml", format!("{RULE}\n{LIST}"));
    let reply = "550 5.7.1 Ticket 4: refused by house rule";
    let arguments =
        ["explain", "--format", "json", "--knowledge", "mine.toml", "--provider", "partner", reply];
    let explained = mailwhy(arguments).in_folder(&folder).run().json();
    let text = explained[0].to_string();
    assert!(text.contains("\"basis\":\"user\""), "{text}");
    assert!(text.contains("\"rule\":\"house-rule\""), "{text}");
    let ran = mailwhy(["explain", "--provider", "nobody", reply]).in_folder(&folder).run();
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("known providers: google, "), "{}", ran.stderr);
}

#[test]
fn the_configuration_folder_is_read_and_files_that_are_named_go_before_it() {
    let folder = Scratch::of_test("knowledge-folder");
    std::fs::create_dir_all(folder.path.join("mailwhy/knowledge")).unwrap();
    let named = |id: &str| RULE.replace("id = \"house-rule\"", &format!("id = \"{id}\""));
    folder.file("mailwhy/knowledge/20.toml", named("second"));
    folder.file("mailwhy/knowledge/10.toml", named("first"));
    folder.file("mailwhy/knowledge/00.txt", "not read");
    folder.file("a.toml", named("named-a"));
    assert_eq!(verdict(&event(&folder, "")).3, "first");
    assert_eq!(verdict(&event(&folder, "--knowledge a.toml")).3, "named-a");
}

#[test]
fn own_blocklists_and_receivers_are_known_by_their_names() {
    let folder = Scratch::of_test("knowledge-list");
    let before = event(&folder, "");
    assert_eq!(before["provider"], Value::Null, "{before}");
    folder.file("mine.toml", LIST);
    let judged = event(&folder, "--knowledge mine.toml");
    assert_eq!(judged["provider"], "partner", "{judged}");
    let (cause, detail, ..) = verdict(&judged);
    assert_eq!((cause, detail), ("ip-blocklisted", Some("partner-list")), "{judged}");
    let report = mailwhy("report --format json --knowledge mine.toml -".split(' '))
        .in_folder(&folder)
        .stdin(LINE)
        .run()
        .json();
    let detail = &report["outbound"]["causes"][0]["details"][0];
    assert_eq!(detail["name"], "List of the partner", "{report}");
}

#[test]
fn what_is_wrong_is_told_with_file_line_and_what_would_be_right() {
    let folder = Scratch::of_test("knowledge-wrong");
    for (text, want) in [
        ("[[rule]]\nid = \"a\"\n", "mine.toml: line 1, missing field `cause`"),
        (
            &RULE.replace("recipient-refuses", "recipient-refused"),
            "no cause `recipient-refused`; one of ",
        ),
        (
            &RULE.replace("allow-list", "allowlist"),
            "no detail `allowlist`; it has: group, allow-list",
        ),
        (&RULE.replace("Ticket 1", "Ticket"), "rule `house-rule`: does not win its example"),
    ] {
        folder.file("mine.toml", text);
        for command in ["events", "report", "explain"] {
            let ran = mailwhy([command, "--knowledge", "mine.toml", "-"])
                .in_folder(&folder)
                .stdin(LINE)
                .run();
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{command} {text}");
            assert!(ran.stderr.starts_with("mailwhy: mine.toml: line "), "{}", ran.stderr);
            assert!(ran.stderr.contains(want), "{command} {text}: {}", ran.stderr);
        }
    }
    let ran = mailwhy(["events", "--knowledge", "missing.toml", "-"]).in_folder(&folder).run();
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.starts_with("mailwhy: missing.toml: "), "{}", ran.stderr);
}

#[test]
fn the_example_file_works() {
    let example = "src/packaging/knowledge.toml";
    let explain = |reply: &str| {
        let ran = mailwhy(["explain", "--format", "json", "--knowledge", example, reply]).run();
        ran.json()[0].to_string()
    };
    assert!(explain("550 Ticket 1 is closed").contains("our-ticket-system"));
    let listed = explain("554 5.7.1 Client host [192.0.2.9] blocked using bl.friends.example");
    assert!(listed.contains("\"friends\""), "{listed}");
    let log = LINE.replace("Ticket 17: refused by house rule", "held in quarantine Q9");
    let events = mailwhy(["events", "--knowledge", example, "-"]).stdin(log).run().json_lines();
    assert_eq!(verdict(&events[0]), ("policy-refused", None, "user", "partner-quarantine"));
    assert_eq!(events[0]["provider"], "partner");
}

/// Six hours with a delivery each minute; in the third each is refused with the words of the user's rule, and the
/// last one waits with them.
fn refused_for_an_hour() -> String {
    let mut log = String::new();
    for minute in 0..360 {
        let time = format!("2026-01-05T{:02}:{:02}", 8 + minute / 60, minute % 60);
        let id = format!("4C1D2E{minute:04}");
        let words = "host mx7.partner.example[198.51.100.25] said: 550 5.7.1 Ticket 17: refused by house rule (in reply to RCPT TO command)";
        let (dsn, ended, text) = match minute {
            120..180 => ("5.7.1", "bounced", words),
            359 => ("5.7.1", "deferred", words),
            _ => ("2.0.0", "sent", "250 2.0.0 Ok"),
        };
        for rest in [
            format!(
                "postfix/qmgr[810]: {id}: from=<bob@example.net>, size=900, nrcpt=1 (queue active)"
            ),
            format!(
                "postfix/smtp[811]: {id}: to=<ann@example.com>, relay=mx7.partner.example[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn={dsn}, status={ended} ({text})"
            ),
            format!("postfix/qmgr[810]: {id}: removed"),
        ] {
            if minute != 359 || !rest.ends_with("removed") {
                let _ = writeln!(log, "{time}:00+00:00 mx1 {rest}");
            }
        }
    }
    log
}

#[test]
fn each_command_that_names_causes_knows_the_rules_of_the_user() {
    let folder = Scratch::of_test("knowledge-commands");
    let log = refused_for_an_hour();
    for (command, cause, told) in [
        ("incidents", "mailbox-full", "\"cause\": \"mailbox-full\""),
        ("queue", "mailbox-full", "\"cause\": \"mailbox-full\""),
        ("audit", "ip-blocklisted", "\"blocked\": 60"),
        ("suppress --also mailbox-full --soft 1 --soft-days 0", "mailbox-full", "ann@example.com"),
    ] {
        let rule = "[[rule]]\nid = \"house-rule\"\ntext = 'ticket \\d+: refused by house rule'\n\
                    examples = [\"550 5.7.1 Ticket 1: refused by house rule\"]\n";
        folder.file("mine.toml", format!("{rule}cause = \"{cause}\"\n"));
        let run = |more: &str| {
            let line = format!("{command} --format json {more} -");
            mailwhy(line.split_whitespace()).in_folder(&folder).stdin(log.as_str()).run()
        };
        let (without, with) = (run("").ok(), run("--knowledge mine.toml").ok());
        assert!(!without.contains(told), "{command}: {without}");
        assert!(with.contains(told), "{command}: {with}");
        let missing = run("--knowledge missing.toml");
        assert_eq!((missing.code, missing.stdout.as_str()), (Some(2), ""), "{command}");
    }
}
