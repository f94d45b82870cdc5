//! The configuration file: what is written there counts as if it were typed, and a mistake is told with its place.
//! And what is made from the definitions: manual pages and completions.

use crate::support::{Ran, Scratch, mailwhy};
use std::fs;

const LINE: &str = "Jan  5 10:00:00 mx1 postfix/smtp[811]: 4C1D2E3F40: to=<ann@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=5.7.1, status=bounced (host mx.example.com[198.51.100.25] said: 550 5.7.1 no (in reply to RCPT TO command))\n";

/// A folder with a log, and with the configuration of a user.
fn folder(name: &str, config: &str) -> Scratch {
    let folder = Scratch::of_test(name);
    folder.file("mail.log", LINE);
    fs::create_dir_all(folder.path.join("config/mailwhy")).unwrap();
    folder.file("config/mailwhy/config.toml", config);
    folder
}

/// Runs as the user whose configuration is in the folder would.
fn run(folder: &Scratch, line: &str) -> Ran {
    let config = folder.path.join("config/mailwhy/config.toml");
    mailwhy(line.split_whitespace())
        .in_folder(folder)
        .env("MAILWHY_CONFIG", config.to_str().unwrap())
        .run()
}

#[test]
fn what_is_written_counts_as_if_it_were_typed() {
    let config =
        "lang = \"ru\"\n[report]\nformat = \"json\"\nfiles = [\"mail.log\"]\nyear = 2026\n";
    let folder = folder("config-counts", config);
    let report = run(&folder, "report").json();
    assert_eq!(report["language"], "ru");
    assert_eq!(report["lines"]["attempts"], 1);
    assert_eq!(report["input"]["first"], "2026-01-05T10:00:00Z");
    // The table of one command is nothing to another.
    assert!(run(&folder, "events mail.log").ok().contains("\"code\":550"));
}

#[test]
fn what_is_typed_wins() {
    let config =
        "lang = \"ru\"\nyear = 2025\n[report]\nformat = \"text\"\nfiles = [\"other.log\"]\n";
    let folder = folder("config-typed", config);
    let typed = "report --lang en --format json --year 2026 mail.log";
    for line in [typed, "--lang en report mail.log --format=json --year=2026"] {
        let report = run(&folder, line).json();
        assert_eq!(report["language"], "en", "{line}");
        assert_eq!(report["input"]["first"], "2026-01-05T10:00:00Z", "{line}");
        assert_eq!(report["input"]["files"][0]["name"], "mail.log", "{line}");
    }
    let nothing = mailwhy(typed.split(' ')).in_folder(&folder).run().json();
    assert_eq!(run(&folder, typed).json(), nothing);
}

#[test]
fn a_named_file_and_an_empty_name() {
    let folder = folder("config-named", "lang = \"ru\"\n");
    folder.file("other.toml", "[explain]\nformat = \"json\"\n");
    let named = run(&folder, "explain 521 --config other.toml");
    assert!(named.ok().starts_with('['));
    let none = mailwhy(["explain", "521", "--config", ""]).in_folder(&folder).run().ok();
    assert!(none.is_ascii(), "{none}");
    let missing = run(&folder, "explain 521 --config missing.toml");
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.starts_with("mailwhy: missing.toml: "), "{}", missing.stderr);
}

#[test]
fn the_user_s_folder_is_looked_at() {
    let folder = folder("config-xdg", "[explain]\nformat = \"json\"\n");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mailwhy"));
    command.args(["explain", "521"]).env_clear();
    for (name, value) in [("XDG_CONFIG_HOME", "config"), ("HOME", "home")] {
        // A relative XDG_CONFIG_HOME does not count, so the absolute path is what works.
        command.env(name, folder.path.join(value));
    }
    let output = command.output().unwrap();
    assert!(output.stdout.starts_with(b"["), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_mistake_is_told_with_its_place_and_a_remedy() {
    for (config, told) in [
        ("lnag = \"ru\"\n", "config.toml:1: there is no option `lnag`; did you mean `lang`?"),
        ("[reprot]\ntop = 1\n", "there is no command `reprot`; did you mean `report`?"),
        ("\n[report]\ntopp = 1\n", "config.toml:3: there is no option `topp`; did you mean `top`?"),
        ("[codes]\ntop = 1\n", "config.toml:2: there is no option `top`"),
        ("[report]\ndetail = 1\n", "config.toml:2: `detail` is on or off"),
        ("[report]\ntop = true\n", "config.toml:2: `top` needs a value"),
        ("[report]\ntop = \"many\"\n", "config.toml: invalid value 'many' for '--top <N>'"),
        ("a = \"\n", "config.toml:1: "),
    ] {
        let folder = folder("config-wrong", config);
        let ran = run(&folder, "report mail.log");
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{config:?}: {ran:?}");
        assert!(ran.stderr.contains(told), "{config:?}: {}", ran.stderr);
    }
}

#[test]
fn what_is_shown_can_be_used_again() {
    let config = "lang = \"ru\"\nyear = 2026\n[report]\ntop = 3\nyear = 2025\ndetail = true\n";
    let folder = folder("config-shown", config);
    let shown = run(&folder, "config").ok();
    assert!(shown.contains("top = 3    # "), "{shown}");
    assert!(shown.contains("config.toml:4"), "{shown}");
    folder.file("again.toml", &shown);
    let again = run(&folder, "config --config again.toml").ok();
    let options = |text: &str| -> Vec<String> {
        text.lines()
            .filter_map(|l| l.split("    #").next())
            .filter(|l| !l.starts_with('#'))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(options(&again), options(&shown));
    let report = run(&folder, "config report").ok();
    for line in [
        "top = 3    # ",
        "detail = true    # ",
        "year = 2025    # ",
        "# show-unknown = false    # default",
        "# tz = \"local\"    # default",
    ] {
        assert!(report.lines().any(|l| l.starts_with(line)), "{line}: {report}");
    }
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let folder = Scratch::of_test("man");
    mailwhy(["man", "--folder", "."]).in_folder(&folder).run().ok();
    let help = mailwhy(["--help"]).run().ok();
    let commands =
        help.lines().skip_while(|l| *l != "Commands:").skip(1).take_while(|l| !l.is_empty());
    let names = commands.filter_map(|l| l.split_whitespace().next()).filter(|name| *name != "help");
    let mut count = 0;
    for name in names {
        let page = fs::read_to_string(folder.path.join(format!("mailwhy-{name}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{name}: {page}");
        assert_eq!(mailwhy(["man", name]).run().ok(), page, "{name}");
        count += 1;
    }
    assert!(count >= 7, "{count}: {help}");
    assert!(mailwhy(["man"]).run().ok().contains("mailwhy\\-report(1)"));
    let wrong = mailwhy(["man", "reprot"]).run();
    assert!(wrong.code == Some(2) && wrong.stderr.contains("report, "), "{wrong:?}");
}

#[test]
fn completions_know_the_commands_and_options() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = mailwhy(["completions", shell]).run().ok();
        for word in ["report", "explain", "rotated"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}
