//! `--follow`, the program itself: that it writes while the log grows, and how it ends. What is read when a log is
//! rotated is tried in the library, look by look.

use crate::support::{Scratch, line_ends, mailwhy};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longer than any machine takes; nothing waits so long where all is well.
const PATIENCE: Duration = Duration::from_secs(120);

fn line(second: u32, recipient: &str) -> String {
    format!(
        "Jan  5 10:00:{second:02} mx1 postfix/smtp[811]: 4C1D2E3F4{second}: to=<{recipient}@example.net>, \
         relay=mx.example.net[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=4.2.2, status=deferred (host \
         mx.example.net[198.51.100.25] said: 452 4.2.2 mailbox full (in reply to RCPT TO command))\n"
    )
}

/// A running program whose lines come as it writes them.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(folder: &Scratch, line: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mailwhy"))
            .args(line.split_whitespace())
            .env_clear()
            .env("TZ", "UTC")
            .env("LANG", "C")
            .env("MAILWHY_CONFIG", "")
            .env("PATH", "/usr/bin:/bin")
            .current_dir(&folder.path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (to_us, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if to_us.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    fn next(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line in time")
    }

    fn recipient(&self) -> String {
        let event: Value = serde_json::from_str(&self.next()).unwrap();
        event["recipient"].as_str().unwrap().split('@').next().unwrap().to_owned()
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Its exit code, the rest of its lines and its complaints.
    fn end(mut self) -> (Option<i32>, Vec<String>, String) {
        drop(self.child.stdin.take());
        let begin = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            if begin.elapsed() > PATIENCE {
                self.child.kill().unwrap();
                panic!("it does not end");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let output = self.child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), self.lines.iter().collect(), said)
    }
}

fn append(folder: &Scratch, text: &str) {
    let path = folder.path.join("mail.log");
    let file = File::options().append(true).create(true).open(path);
    file.unwrap().write_all(text.as_bytes()).unwrap();
}

#[test]
fn events_come_as_their_lines_do_and_the_next_run_goes_on() {
    let folder = Scratch::of_test("follow-events");
    append(&folder, &line(1, "a"));
    let command = "events --follow --year 2026 --state state mail.log";
    let running = Running::start(&folder, command);
    assert_eq!(running.recipient(), "a");
    append(&folder, &line(2, "b"));
    assert_eq!(running.recipient(), "b");
    std::fs::rename(folder.path.join("mail.log"), folder.path.join("mail.log.1")).unwrap();
    append(&folder, &line(3, "c"));
    assert_eq!(running.recipient(), "c");
    let another = mailwhy(command.split_whitespace()).in_folder(&folder).run();
    assert!(another.code == Some(2) && another.stderr.contains("another run"), "{another:?}");
    running.signal("-TERM");
    assert_eq!(running.end(), (Some(0), Vec::new(), String::new()));
    append(&folder, &line(4, "d"));
    let running = Running::start(&folder, command);
    assert_eq!(running.recipient(), "d", "what was told is not told again");
    running.signal("-INT");
    assert_eq!(running.end(), (Some(0), Vec::new(), String::new()));
}

#[test]
fn standard_input_is_told_line_by_line_to_its_end() {
    let folder = Scratch::of_test("follow-stdin");
    let mut running = Running::start(&folder, "events --follow --year 2026 --format csv");
    let mut stdin = running.child.stdin.take().unwrap();
    stdin.write_all(line(1, "a").as_bytes()).unwrap();
    assert!(running.next().starts_with("schema,"));
    assert!(running.next().contains("a@example.net"));
    // The last line lacks its end.
    stdin.write_all(line(2, "b").trim_end().as_bytes()).unwrap();
    drop(stdin);
    let (code, rest, said) = running.end();
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert!(rest.len() == 1 && rest[0].contains("b@example.net"), "{rest:?}");
}

#[test]
fn a_reader_that_goes_away_ends_it_though_nothing_comes() {
    let folder = Scratch::of_test("follow-pipe");
    append(&folder, &line(1, "a"));
    let program = env!("CARGO_BIN_EXE_mailwhy");
    let script = format!("'{program}' events --config= --follow --year 2026 mail.log | head -n 1");
    let begin = Instant::now();
    let output =
        Command::new("sh").args(["-c", &script]).current_dir(&folder.path).output().unwrap();
    assert!(begin.elapsed() < PATIENCE);
    assert_eq!(line_ends(&output.stdout), 1);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_report_without_a_terminal_is_a_line_an_interval() {
    let folder = Scratch::of_test("follow-report");
    append(&folder, &line(1, "a"));
    let running = Running::start(
        &folder,
        "report --follow --year 2026 --interval 1s --fail-on queued>1 --write json=now.json mail.log",
    );
    let line_of = |running: &Running, what: &str| loop {
        let line = running.next();
        if line.contains(what) {
            return line;
        }
    };
    let first = line_of(&running, "lines +0");
    assert!(first.contains("queued 1"), "what was there counts as known: {first}");
    append(&folder, &(line(2, "b") + &line(3, "c")));
    let news = line_of(&running, "lines +2");
    assert!(news.contains("deferred 2") && news.contains("mailbox-full 2"), "{news}");
    assert!(news.contains("passed: queued>1 (3)"), "{news}");
    running.signal("-TERM");
    let (code, _, said) = running.end();
    assert_eq!((code, said.as_str()), (Some(1), ""));
    let written: Value =
        serde_json::from_slice(&std::fs::read(folder.path.join("now.json")).unwrap()).unwrap();
    assert_eq!(written["input"]["lines"], 3);
    assert_eq!(written["thresholds"][0]["passed"], true);
}

#[test]
fn what_is_shown_has_pseudonyms_and_obeys_the_filter() {
    let folder = Scratch::of_test("follow-redact");
    append(&folder, &(line(1, "a") + &line(2, "b")));
    let running =
        Running::start(&folder, "events --follow --year 2026 --redact --recipient b@* mail.log");
    let event = running.next();
    assert!(!event.contains("example.net"), "{event}");
    running.signal("-TERM");
    let (code, rest, _) = running.end();
    assert_eq!((code, rest.len()), (Some(0), 0));
}

#[test]
fn what_cannot_be_followed_is_told() {
    let folder = Scratch::of_test("follow-wrong");
    for (line, told) in [
        ("events --follow mail.log -", "can only be followed alone"),
        ("events --follow --state state", "--state needs"),
        ("report --follow --state state mail.log", "cannot be used with"),
        ("report --follow --format json mail.log", "cannot be used with"),
        ("report --interval 5s mail.log", "--follow"),
        ("report --follow --interval soon mail.log", "10s"),
    ] {
        let ran = mailwhy(line.split_whitespace()).in_folder(&folder).run();
        assert!(ran.code == Some(2) && ran.stderr.contains(told), "{line}: {ran:?}");
    }
    let running = Running::start(&folder, "events --follow --year 2026 mail.log");
    append(&folder, &line(1, "late"));
    assert_eq!(running.recipient(), "late");
    running.signal("-TERM");
    assert_eq!(running.end().0, Some(0));
}
