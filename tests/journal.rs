//! The journal as an input: a stand-in for `journalctl` gives recorded entries with cursors, goes on behind one as it
//! does, and says how it was called.

use crate::support::{Mailwhy, Scratch, mailwhy, repository};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// Gives the entries of `entries` behind the number that is the cursor. With `complains` it says a lot more than a pipe
/// holds, with `dies` it ends in the middle of that entry.
const STAND_IN: &str = r#"#!/bin/sh
echo "$@" >> "$0.called"
seen=0
for option; do
    case "$option" in --after-cursor=*) seen=${option#--after-cursor=} ;; esac
done
dies=0
[ -e "$0.dies" ] && read -r dies < "$0.dies"
[ -e "$0.complains" ] && head -c 300000 /dev/zero | tr '\0' x >&2
number=0
while IFS= read -r line; do
    number=$((number + 1))
    [ "$number" -eq "$dies" ] && { printf '{"__CURSOR":"%s","MESSA' "$number"; echo "Killed" >&2; exit 1; }
    [ "$number" -gt "$seen" ] && printf '{"__CURSOR":"%s",%s\n' "$number" "${line#?}"
done < "$0.entries"
[ -e "$0.fails" ] && { echo "Failed to open the journal" >&2; exit 1; }
exit 0
"#;

struct Host {
    folder: Scratch,
    entries: Vec<String>,
}

impl Host {
    fn of_test(name: &str) -> Self {
        let folder = Scratch::of_test(name);
        fs::create_dir(folder.path.join("bin")).unwrap();
        folder.file("bin/journalctl", STAND_IN);
        let program = folder.path.join("bin/journalctl");
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
        let recorded = fs::read_to_string(repository().join("samples/mixed/journal.json")).unwrap();
        Self { folder, entries: recorded.lines().map(str::to_owned).collect() }
    }

    /// The journal has its first so many entries.
    fn has(&self, count: usize) {
        let lines = self.entries[..count].join("\n") + "\n";
        self.folder.file("bin/journalctl.entries", lines);
    }

    fn run(&self, line: &str) -> Mailwhy {
        let path = format!("{}:/usr/bin:/bin", self.folder.path.join("bin").display());
        mailwhy(line.split_whitespace()).in_folder(&self.folder).env("PATH", &path)
    }

    fn called(&self) -> String {
        fs::read_to_string(self.folder.path.join("bin/journalctl.called")).unwrap()
    }
}

#[test]
fn the_journal_is_read_as_its_recorded_output_is() {
    let host = Host::of_test("journal-read");
    host.has(host.entries.len());
    let events = host.run("events --journal").run().json_lines();
    let of_file = mailwhy(["events", "samples/mixed/journal.json"]).run().json_lines();
    assert!(!events.is_empty());
    for (event, of_file) in events.iter().zip(&of_file) {
        assert_eq!((&event["text"], &event["time"]), (&of_file["text"], &of_file["time"]));
        assert_eq!(event["file"], "journal");
    }
    assert_eq!(events.len(), of_file.len());
    assert_eq!(host.called(), "--output=json --no-pager --quiet SYSLOG_FACILITY=2\n");
    host.run("report --journal --unit postfix@-.service --unit exim4.service").run().ok();
    let last = host.called().lines().last().unwrap().to_owned();
    assert_eq!(
        last,
        "--output=json --no-pager --quiet --unit=postfix@-.service --unit=exim4.service"
    );
}

#[test]
fn only_what_is_new_is_read_and_a_run_without_output_is_repeated() {
    let host = Host::of_test("journal-state");
    let all = host.entries.len();
    let lines = |ran: crate::support::Ran| ran.json()["input"]["lines"].as_u64().unwrap();
    let report = "report --journal --state state --format json";
    host.has(all / 3);
    let first = lines(host.run(report).run());
    host.has(all);
    let unwritten = host.run(&format!("{report} --output no/such/folder/file")).run();
    assert_eq!(unwritten.code, Some(2), "{unwritten:?}");
    let second = lines(host.run(report).run());
    assert_eq!(lines(host.run(report).run()), 0);
    assert_eq!(first + second, lines(host.run("report --journal --format json").run()));
}

#[test]
fn what_was_read_before_journalctl_died_is_counted_once() {
    let host = Host::of_test("journal-dies");
    let all = host.entries.len();
    assert!(all > 4);
    host.has(all);
    let lines = |ran: &crate::support::Ran| {
        let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        json["input"]["lines"].as_u64().unwrap()
    };
    let report = "report --journal --state state --format json";
    let mut sum = 0;
    // Dead at the first entry: nothing was read, and the next run begins where this one did.
    for dies in [1, 3, 4] {
        host.folder.file("bin/journalctl.dies", format!("{dies}\n"));
        let ran = host.run(report).run();
        assert!(ran.code == Some(2) && ran.stderr.contains("Killed"), "{ran:?}");
        if dies > 1 {
            sum += lines(&ran);
            assert_eq!(sum, dies - 1, "whole entries, and no half one");
        }
    }
    fs::remove_file(host.folder.path.join("bin/journalctl.dies")).unwrap();
    sum += lines(&host.run(report).run());
    assert_eq!(sum, all as u64);
    assert_eq!(lines(&host.run(report).run()), 0);
}

#[test]
fn a_journalctl_that_complains_a_lot_is_not_waited_for() {
    let host = Host::of_test("journal-complains");
    host.has(3);
    host.folder.file("bin/journalctl.complains", "");
    host.run("report --journal").run().ok();
    host.folder.file("bin/journalctl.fails", "");
    let ran = host.run("report --journal").run();
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.len() < 5_000, "{} bytes of complaints", ran.stderr.len());
}

#[test]
fn that_the_journal_cannot_be_read_is_told() {
    let host = Host::of_test("journal-fails");
    host.has(3);
    host.folder.file("bin/journalctl.fails", "");
    let ran = host.run("report --journal").run();
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("journalctl") && ran.stderr.contains("Failed to open"), "{ran:?}");
    let none =
        mailwhy(["report", "--journal"]).in_folder(&host.folder).env("PATH", "/nowhere").run();
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(none.stderr.contains("journalctl"), "{none:?}");
    for (line, told) in [
        ("report --journal mail.log", "cannot be used with"),
        ("report --unit postfix.service", "--journal"),
        ("report --state state", "--state needs"),
    ] {
        let ran = host.run(line).run();
        assert!(ran.code == Some(2) && ran.stderr.contains(told), "{line}: {ran:?}");
    }
}
