//! Every command but `check` and `report --check` does without a network: in an empty network namespace it says the same.

use crate::support::{Scratch, mailwhy, repository};
use std::process::{Command, Stdio};

const LOG: &str = "samples/postfix/traditional.log";

/// A command line for every command but `check`.
fn lines<'a>(log: &'a str, history: &'a str) -> Vec<Vec<&'a str>> {
    vec![
        vec!["report", "--tz", "UTC", log],
        vec!["report", "--tz", "UTC", "--format", "json", log],
        vec!["report", "--tz", "UTC", "--format", "prometheus", log],
        vec!["events", "--tz", "UTC", log],
        vec!["trace", "--tz", "UTC", "--code", "5xx", log],
        vec!["queue", "--tz", "UTC", log],
        vec!["incidents", "--tz", "UTC", log],
        vec!["audit", "--tz", "UTC", log],
        vec!["suppress", "--tz", "UTC", log],
        vec!["diff", "--tz", "UTC", log, log],
        vec!["merge", "--tz", "UTC", log],
        vec!["history", history],
        vec!["explain", "521", "spamhaus-zen", "google"],
        vec!["compare", "521", "556"],
        vec!["codes"],
        vec!["config", "report"],
        vec!["completions", "bash"],
        vec!["man"],
    ]
}

/// Prepares a program as the tests run it.
fn prepared(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs([("TZ", "UTC"), ("LANG", "C"), ("MAILWHY_CONFIG", "")])
        .current_dir(repository())
        .stdin(Stdio::null());
    command
}

/// Whether this machine lets us have a network namespace of our own.
fn has_namespaces() -> bool {
    prepared("/usr/bin/unshare", &["-rn", "true"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[test]
fn every_command_but_check_says_the_same_without_a_network() {
    if !has_namespaces() {
        println!("skipped: this machine has no network namespaces for its users (unshare -rn)");
        return;
    }
    let samples = crate::support::samples();
    let log = samples.iter().map(|sample| sample.name.as_str()).find(|name| *name == LOG);
    let log = log.unwrap_or(&samples[0].name);
    let folder = Scratch::of_test("offline");
    let history = folder.path.join("history");
    let history = history.to_str().unwrap();
    mailwhy(["report", "--tz", "UTC", "--history", history, log]).run().ok();
    let program = env!("CARGO_BIN_EXE_mailwhy");
    let mut commands = std::collections::BTreeSet::new();
    for arguments in lines(log, history) {
        let without = [&["-rn", program], arguments.as_slice()].concat();
        let without = prepared("/usr/bin/unshare", &without).output().unwrap();
        let with = prepared(program, &arguments).output().unwrap();
        assert_eq!(without.status.code(), with.status.code(), "{arguments:?}");
        assert_eq!(without.stdout, with.stdout, "{arguments:?}");
        assert_eq!(without.stderr, with.stderr, "{arguments:?}");
        assert!(!with.stdout.is_empty(), "{arguments:?}");
        commands.insert(arguments[0].to_owned());
    }
    // A new command has to stand in the table.
    let help = mailwhy(["--help"]).run().ok();
    let (_, listed) = help.split_once("Commands:\n").unwrap();
    for line in listed.lines().take_while(|line| line.starts_with("  ")) {
        let name = line.split_whitespace().next().unwrap();
        // Descriptions go on in deeper columns.
        if line.chars().nth(2).is_some_and(|c| c != ' ') && !["check", "help"].contains(&name) {
            assert!(commands.contains(name), "`{name}` is not run without a network");
        }
    }
}

#[test]
fn check_is_the_one_that_notices() {
    if !has_namespaces() {
        println!("skipped: this machine has no network namespaces for its users (unshare -rn)");
        return;
    }
    let asks = [
        &["check", "example.com"][..],
        &["report", "--check", "samples/postfix/takes-no-mail.log"],
    ];
    let program = env!("CARGO_BIN_EXE_mailwhy");
    for asks in asks {
        let how = ["--resolver", "192.0.2.53", "--timeout", "1", "--tries", "1"];
        let arguments = [&["-rn", program], asks, &how].concat();
        let ran = prepared("/usr/bin/unshare", &arguments).output().unwrap();
        assert_eq!(ran.status.code(), Some(2), "{asks:?}: {ran:?}");
    }
}
