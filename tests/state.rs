//! Runs over what is new, played against the rotation of a growing log: together they say what one report over the
//! whole log says, whatever logrotate and its relatives do between them, and whenever a run is killed.

use crate::generator::{Random, Server, log};
use crate::support::{Scratch, depth, mailwhy};
use mailwhy::classify::Judge;
use mailwhy::error::Error;
use mailwhy::i18n::Language;
use mailwhy::input::Input;
use mailwhy::pipeline::{self, Options, Outcome};
use mailwhy::report::{About, Collector, Report, RunsSection, build};
use mailwhy::state::{State, Store, plan};
use mailwhy::time::Zone;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

fn options(chunk_size: usize) -> Options {
    Options {
        threads: NonZeroUsize::MIN,
        zone: Zone::utc(),
        year: Some(2026),
        chunk_size,
        now: Some(1_800_000_000), // 2027-01-15
        ..Options::default()
    }
}

fn report_of(collector: Collector, outcome: &Outcome) -> Report {
    let summary = collector.finish();
    let knowledge = &crate::properties::KNOWLEDGE;
    build(
        &summary,
        About {
            outcome,
            zone: Zone::utc(),
            top: 1000,
            filter: None,
            knowledge,
            language: Language::En,
        },
    )
}

/// The counts of a report that runs add up to, by their places in its JSON.
fn counts(report: &Report) -> BTreeMap<String, u64> {
    let json = serde_json::to_value(report).unwrap();
    let mut counts = BTreeMap::new();
    let mut add = |name: String, value: &Value| {
        if let Some(count) = value.as_u64().filter(|count| *count > 0) {
            *counts.entry(name).or_default() += count;
        }
    };
    add("lines read".to_owned(), &json["input"]["lines"]);
    add("bytes".to_owned(), &json["input"]["bytes"]);
    add("duplicates".to_owned(), &json["input"]["duplicates"]);
    for (bucket, lines) in json["input"]["buckets"].as_object().unwrap() {
        add(format!("bucket {bucket}"), lines);
    }
    for (name, value) in json["lines"].as_object().unwrap() {
        add(name.clone(), value);
        for (key, value) in value.as_object().into_iter().flatten() {
            add(format!("{name} {key}"), value);
        }
    }
    // What became of mail is told once, by the run in which it did.
    for section in ["mail", "notifications"] {
        for row in json[section]["fates"].as_array().unwrap() {
            let is_end =
                matches!(row["fate"].as_str().unwrap(), "delivered" | "bounced" | "expired");
            if is_end {
                add(format!("{section} {}", row["fate"]), &row["recipients"]);
            }
        }
        add(format!("{section} after deferral"), &json[section]["delivered_after_deferral"]);
    }
    for direction in ["outbound", "inbound", "local"] {
        for row in json[direction]["causes"].as_array().unwrap() {
            for field in ["lines", "hard_lines", "repeated", "messages", "recipients"] {
                add(format!("{direction} {} {field}", row["cause"]), &row[field]);
            }
        }
        for row in json[direction]["codes"].as_array().unwrap() {
            let key = ["code", "enhanced", "no_reply", "implied_code", "name"]
                .map(|f| row[f].to_string());
            for field in ["lines", "replies", "repeated", "passing", "messages", "recipients"] {
                add(format!("{direction} {} {field}", key.join(" ")), &row[field]);
            }
        }
    }
    counts
}

/// What became of all mail.
fn mail(mail: &impl serde::Serialize) -> Value {
    serde_json::to_value(mail).unwrap()
}

/// How the log is rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    /// Renamed, and a new file made.
    Create,
    /// The same, and packed at once.
    CreateAndPack,
    /// The same, and packed at the next rotation.
    PackLater,
    /// Copied, and emptied.
    CopyTruncate,
    /// Renamed with a date.
    Dated,
}

/// A folder in which logs grow and are rotated together.
struct Host {
    folder: Scratch,
    /// One log, or Exim's main log and reject log.
    logs: &'static [&'static str],
    scheme: Scheme,
    rotations: u32,
    day: u32,
}

impl Host {
    fn live(&self, log: usize) -> PathBuf {
        self.folder.path.join(self.logs[log])
    }

    fn names(&self) -> Vec<OsString> {
        (0..self.logs.len()).map(|log| self.live(log).into()).collect()
    }

    fn append(&self, log: usize, text: &[u8]) {
        let file = File::options().append(true).create(true).open(self.live(log));
        file.unwrap().write_all(text).unwrap();
    }

    fn rotate(&mut self) {
        self.rotations += 1;
        self.day += 1;
        for log in 0..self.logs.len() {
            self.rotate_log(log);
        }
    }

    fn rotate_log(&self, log: usize) {
        let live = self.live(log);
        let old = |number: u32| PathBuf::from(format!("{}.{number}", live.display()));
        if self.scheme == Scheme::Dated {
            let dated = format!("{}-202601{:02}", live.display(), self.day);
            fs::rename(&live, dated).unwrap();
            File::create(&live).unwrap();
            return;
        }
        for number in (1..30).rev() {
            for suffix in ["", ".gz"] {
                let name = |n: u32| PathBuf::from(format!("{}{suffix}", old(n).display()));
                if name(number).exists() {
                    fs::rename(name(number), name(number + 1)).unwrap();
                }
            }
        }
        if self.scheme == Scheme::CopyTruncate {
            fs::copy(&live, old(1)).unwrap();
            File::options().write(true).truncate(true).open(&live).unwrap();
        } else {
            fs::rename(&live, old(1)).unwrap();
            File::create(&live).unwrap();
        }
        match self.scheme {
            Scheme::CreateAndPack => pack(&old(1)),
            Scheme::PackLater if old(2).exists() => pack(&old(2)),
            _ => {}
        }
    }
}

/// Exim's reject log: each refusal once more, sometimes with the head of the message behind it.
fn reject_log_of(main: &str, random: &mut Random) -> Vec<(usize, String)> {
    let mut entries = Vec::new();
    for line in main.split_inclusive('\n') {
        entries.push((0, line.to_owned()));
        if line.contains(" rejected ") {
            let mut entry = line.to_owned();
            if random.below(4) == 0 {
                entry += "Envelope-from: <a@example.com>\nEnvelope-to: <b@example.net>\n\
                          P Received: from a.example.com by mx1\n  Subject: offer\n";
            }
            entries.push((1, entry));
        }
    }
    entries
}

fn pack(path: &Path) {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&fs::read(path).unwrap()).unwrap();
    fs::write(format!("{}.gz", path.display()), packed.finish().unwrap()).unwrap();
    fs::remove_file(path).unwrap();
}

/// A run with the state of the runs before; what it counted, and all mail so far.
fn run(host: &Host, state: &mut State, chunk_size: usize, now: i64) -> (Report, RunsSection) {
    let mut plan = plan(state, &host.names(), false, now);
    assert!(plan.oddities.is_empty() && plan.unreadable.is_empty(), "{plan:?}");
    let mut collector = Collector::new(Zone::utc(), Judge::clone(&JUDGE));
    collector.go_on(std::mem::take(&mut state.carried));
    let rests = std::mem::take(&mut plan.rests);
    let copies = std::mem::take(&mut state.copies);
    let (outcome, copies) = pipeline::resume(rests, copies, &options(chunk_size), &mut collector);
    state.copies = copies;
    plan.done(state, &outcome.sources);
    state.carried = collector.carry();
    let before = collector.ended_before().clone();
    let summary = collector.finish();
    let knowledge = &crate::properties::KNOWLEDGE;
    let about = About {
        outcome: &outcome,
        zone: Zone::utc(),
        top: 1000,
        filter: None,
        knowledge,
        language: Language::En,
    };
    let runs = RunsSection::new(&before, &summary, (None, None), 0);
    (build(&summary, about), runs)
}

/// The state's place. A test beside this one that starts a program holds our locks too, until that program runs.
fn opened(folder: &Path) -> Store {
    for _ in 0..1000 {
        match Store::open(folder, "report") {
            Ok(store) => return store,
            Err(Error::AnotherRun { .. }) => {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the lock stays")
}

/// A run with the state in a folder, as the program does it. Another that begins meanwhile is told to wait.
fn run_on_disk(
    host: &Host,
    chunk_size: usize,
    now: i64,
    dies: Option<Death>,
) -> (Report, RunsSection) {
    let folder = host.folder.path.join("state");
    let store = opened(&folder);
    let another = Store::open(&folder, "report").unwrap_err();
    assert!(matches!(another, Error::AnotherRun { .. }), "{another}");
    let loaded = store.load().unwrap();
    assert_eq!(loaded.set_aside, None);
    let mut state = loaded.state;
    let ran = run(host, &mut state, chunk_size, now);
    match dies {
        Some(Death::BeforeTheState) => {}
        // What it leaves behind is half of the new state, beside the old one.
        Some(Death::InTheState) => fs::write(folder.join("report.state.new"), b"mailwhy").unwrap(),
        None => store.save(&state).unwrap(),
    }
    ran
}

/// When a run is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Death {
    BeforeTheState,
    InTheState,
}

static JUDGE: std::sync::LazyLock<Judge> = std::sync::LazyLock::new(Judge::builtin);

/// How many histories are played.
const HISTORIES: u64 = 500;

#[test]
fn runs_over_a_rotated_log_add_up_to_one_report_over_the_whole() {
    let threads = std::thread::available_parallelism().map_or(2, NonZeroUsize::get) as u64;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                (thread..HISTORIES * u64::from(depth()))
                    .step_by(usize::try_from(threads).unwrap())
                    .for_each(play);
            });
        }
    });
}

/// One history: a log grows and is rotated, is read now and then, and sometimes by a run that is killed.
fn play(seed: u64) {
    let mut random = Random::new(seed);
    let schemes = [
        Scheme::Create,
        Scheme::CreateAndPack,
        Scheme::PackLater,
        Scheme::CopyTruncate,
        Scheme::Dated,
    ];
    let scheme = *random.pick(&schemes);
    // Every fourth is Exim with its reject log.
    let is_pair = seed % 4 == 3;
    let servers = [Server::Postfix, Server::Exim, Server::Both];
    let server = if is_pair { Server::Exim } else { *random.pick(&servers) };
    let history = format!("seed {seed}, {scheme:?}, {server:?}, reject log: {is_pair}");
    let (text, _) = log(server, 5_000 + seed % 7 * 2_000, seed);
    let entries = if is_pair {
        reject_log_of(&text, &mut random)
    } else {
        text.split_inclusive('\n').map(|line| (0, line.to_owned())).collect()
    };
    let folder = Scratch::of_test(&format!("state-{seed}"));
    let logs: &[&str] = if is_pair { &["mainlog", "rejectlog"] } else { &["mail.log"] };
    let mut host = Host { folder, logs, scheme, rotations: 0, day: 0 };
    let mut sums = BTreeMap::<String, u64>::new();
    let mut now = 1_700_000_000;
    // What was rotated before the first run would be left out, so it comes before the first line.
    (0..logs.len()).for_each(|log| drop(File::create(host.live(log)).unwrap()));
    run_on_disk(&host, 4096, now, None);
    let mut waiting = entries.iter().peekable();
    // The end of the last line, which its writer has not written yet.
    let mut rest: Option<(usize, &[u8])> = None;
    while waiting.peek().is_some() || rest.is_some() {
        if let Some((log, end)) = rest.take() {
            host.append(log, end);
        }
        let more = 1 + random.below(entries.len() / 3);
        for (log, entry) in waiting.by_ref().take(more) {
            host.append(*log, entry.as_bytes());
        }
        let rotates = random.below(3) == 0;
        // A writer ends its line before it opens the next file; copytruncate may cut a line in two, which changes
        // what the log says.
        if !rotates && let Some((log, entry)) = waiting.next() {
            let (begin, end) = entry.as_bytes().split_at(random.below(entry.len()));
            host.append(*log, begin);
            rest = Some((*log, end));
        }
        let times = random.below(3);
        // Missing days: rotations without a run between them.
        if rotates && random.below(2) == 0 {
            host.rotate();
        }
        for _ in 0..times {
            now += 1;
            let chunk_size = *random.pick(&[512, 4096, 1 << 18]);
            let dies = match random.below(8) {
                0 => Some(Death::BeforeTheState),
                1 => Some(Death::InTheState),
                _ => None,
            };
            let (report, _) = run_on_disk(&host, chunk_size, now, dies);
            // The next run does it again.
            if dies.is_none() {
                add(&mut sums, &report);
            }
        }
        if rotates && random.below(2) == 0 {
            host.rotate();
        }
    }
    let (report, runs) = run_on_disk(&host, 4096, now + 1, None);
    add(&mut sums, &report);
    let mut collector = Collector::new(Zone::utc(), Judge::clone(&JUDGE));
    let whole = (0..logs.len()).map(|log| {
        let lines = entries.iter().filter(|(of, _)| *of == log).map(|(_, line)| line.as_str());
        // A name of its own, so that nothing is taken for a member of a rotation set.
        let path = host.folder.path.join(format!("whole-{}", logs[log]));
        fs::write(&path, lines.collect::<String>()).unwrap();
        Input::Path(path)
    });
    let whole: Vec<Input> = whole.collect();
    let outcome = pipeline::run(&whole, &options(1 << 18), &mut collector);
    let whole = report_of(collector, &outcome);
    assert_eq!(sums, counts(&whole), "{history}");
    assert_eq!(
        sums.contains_key("duplicates"),
        is_pair && text.contains(" rejected "),
        "{history}"
    );
    assert_eq!(mail(&runs.mail), mail(&whole.mail), "{history}");
    assert_eq!(mail(&runs.notifications), mail(&whole.notifications), "{history}");
    assert_eq!(
        (runs.reinjected, runs.incomplete, runs.lost_track),
        (whole.reinjected, whole.incomplete, whole.lost_track),
        "{history}"
    );
    assert!(host.rotations < 30, "{history}");
}

fn add(sums: &mut BTreeMap<String, u64>, report: &Report) {
    for (name, count) in counts(report) {
        *sums.entry(name).or_default() += count;
    }
}

#[test]
fn a_program_that_is_killed_at_any_moment_counts_no_line_twice_and_loses_none() {
    let folder = Scratch::of_test("state-killed");
    let mut random = Random::new(6);
    let (text, _) = log(Server::Both, 60_000, 6);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let command = |output: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mailwhy"));
        command.args([
            "report",
            "--config=",
            "--year=2026",
            "--tz=UTC",
            "--format=json",
            "--state=state",
        ]);
        command.args(["--top=1000", "--output", output, "mail.log"]).current_dir(&folder.path);
        command
    };
    let state = || fs::read(folder.path.join("state/report.state")).ok();
    let mut sums = BTreeMap::<String, u64>::new();
    let mut add = |output: &str| {
        let json: Value =
            serde_json::from_slice(&fs::read(folder.path.join(output)).unwrap()).unwrap();
        for (bucket, count) in json["input"]["buckets"].as_object().unwrap() {
            *sums.entry(bucket.clone()).or_default() += count.as_u64().unwrap();
        }
        for name in ["attempts", "rejects", "received", "login_failures"] {
            *sums.entry(name.to_owned()).or_default() += json["lines"][name].as_u64().unwrap();
        }
    };
    let (mut killed, mut at) = (0, 0);
    // How long a run takes is found by one that is not killed.
    let mut length = std::time::Duration::from_secs(1);
    for run in 0..24 {
        let end = (at + lines.len() / 24 + 1).min(lines.len());
        let mut file =
            File::options().append(true).create(true).open(folder.path.join("mail.log")).unwrap();
        lines[at..end].iter().for_each(|line| file.write_all(line.as_bytes()).unwrap());
        at = end;
        let output = format!("{run}.json");
        let before = state();
        let begin = std::time::Instant::now();
        let mut child = command(&output).spawn().unwrap();
        if run % 4 == 0 {
            assert!(child.wait().unwrap().success());
            length = begin.elapsed();
        } else {
            std::thread::sleep(length * u32::try_from(random.below(120)).unwrap() / 100);
            child.kill().unwrap();
            killed += u32::from(!child.wait().unwrap().success());
        }
        // The state is the last thing: where it is new, the output is there, and where it is not, the next run
        // repeats it.
        if state() != before {
            add(&output);
        }
    }
    assert!(command("last.json").status().unwrap().success());
    add("last.json");
    let whole = mailwhy(["report", "--year=2026", "--format=json", "mail.log"])
        .in_folder(&folder)
        .run()
        .json();
    for (name, count) in &sums {
        let of_whole = whole["input"]["buckets"].get(name).unwrap_or(&whole["lines"][name]);
        assert_eq!(Some(*count), of_whole.as_u64(), "{name}: {sums:?}");
    }
    assert!(killed > 0, "nothing was killed");
}

const ARRIVAL: &str = "\
Jan  5 10:00:00 mx1 postfix/smtpd[1]: 4C1D2E3F40: client=a.example.com[192.0.2.7]
Jan  5 10:00:00 mx1 postfix/cleanup[2]: 4C1D2E3F40: message-id=<1@example.com>
Jan  5 10:00:00 mx1 postfix/qmgr[3]: 4C1D2E3F40: from=<ann@example.com>, size=100, nrcpt=1 (queue active)
Jan  5 10:00:01 mx1 postfix/smtp[4]: 4C1D2E3F40: to=<bob@example.net>, relay=mx.example.net[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=4.2.2, status=deferred (host mx.example.net[198.51.100.25] said: 452 4.2.2 mailbox full (in reply to RCPT TO command))
";
const BOUNCE: &str = "\
Jan  6 10:00:01 mx1 postfix/smtp[4]: 4C1D2E3F40: to=<bob@example.net>, relay=mx.example.net[198.51.100.25]:25, delay=86400, delays=0/0/0.5/0.5, dsn=5.2.2, status=bounced (host mx.example.net[198.51.100.25] said: 552 5.2.2 mailbox full (in reply to RCPT TO command))
Jan  6 10:00:01 mx1 postfix/qmgr[3]: 4C1D2E3F40: removed
";

fn report(folder: &Scratch, more: &[&str]) -> crate::support::Ran {
    let fixed = ["report", "--year", "2026", "--state", "state", "--format", "json", "mail.log"];
    mailwhy(fixed.iter().chain(more)).in_folder(folder).run()
}

#[test]
fn a_mail_that_arrives_today_and_bounces_tomorrow_is_one_message() {
    let folder = Scratch::of_test("state-two-days");
    folder.file("mail.log", ARRIVAL);
    let first = report(&folder, &[]).json();
    assert_eq!(first["runs"]["before"], Value::Null);
    assert_eq!(first["mail"]["fates"][0]["fate"], "queued");
    fs::rename(folder.path.join("mail.log"), folder.path.join("mail.log.1")).unwrap();
    folder.file("mail.log", BOUNCE);
    let second = report(&folder, &[]).json();
    assert_eq!(second["lines"]["attempts"], 1);
    assert_eq!(second["runs"]["carried_over"], 1);
    assert_eq!(second["runs"]["earlier_deferrals_given_up"], 1);
    assert_eq!(second["runs"]["mail"]["messages"], 1);
    assert_eq!(second["runs"]["mail"]["fates"][0]["fate"], "bounced");
    let third = report(&folder, &["--fail-on", "bounced", "--fail-on", "deferred"]).json();
    assert_eq!(third["input"]["lines"], 0);
    assert_eq!(third["runs"]["mail"], second["runs"]["mail"]);
    // What only runs before counted is in no table.
    assert_eq!(third["outbound"]["codes"], Value::Array(Vec::new()));
    assert_eq!(third["outbound"]["causes"], Value::Array(Vec::new()));
    let text = mailwhy(["report", "--state", "state", "mail.log"]).in_folder(&folder).run().ok();
    assert!(text.contains("1 messages for 1 recipients"), "{text}");
}

#[test]
fn what_one_run_has_told_alarms_nobody_again() {
    let folder = Scratch::of_test("state-told");
    // One recipient is given up, another waits: the message stays open.
    let bounced = BOUNCE.lines().next().unwrap().replace("bob@", "eve@");
    folder.file("mail.log", format!("{ARRIVAL}{bounced}\n"));
    let limits = ["--fail-on", "bounce-rate>5%", "--fail-on", "bounced", "--fail-on", "deferred"];
    let first = report(&folder, &limits);
    assert_eq!(first.code, Some(1), "{first:?}");
    let second = report(&folder, &limits);
    assert_eq!(second.code, Some(0), "{second:?}");
    let json = second.json();
    assert_eq!(json["mail"]["fates"].as_array().unwrap().len(), 1, "{}", json["mail"]);
    assert_eq!(json["mail"]["fates"][0]["fate"], "queued");
    assert_eq!(json["runs"]["mail"]["fates"].as_array().unwrap().len(), 2);
}

#[test]
fn events_of_what_is_new_are_those_of_the_whole() {
    let folder = Scratch::of_test("state-events");
    let run = |more: &str| {
        let line = format!("events --year 2026 {more}");
        mailwhy(line.split_whitespace()).in_folder(&folder).run()
    };
    let new = "--state state mail.log";
    folder.file("mail.log", ARRIVAL);
    let first = run(new).ok();
    fs::rename(folder.path.join("mail.log"), folder.path.join("mail.log.1")).unwrap();
    folder.file("mail.log", BOUNCE);
    let second = run(new).ok();
    assert_eq!((first.lines().count(), second.lines().count()), (1, 1), "{first}{second}");
    assert_eq!(run(new).ok(), "");
    let whole = run("mail.log.1 mail.log").ok();
    let text = |events: &str| -> Vec<Value> {
        crate::support::json_lines(events).iter().map(|event| event["text"].clone()).collect()
    };
    assert_eq!(text(&(first + &second)), text(&whole));
    // The report has a state of its own.
    assert_eq!(report(&folder, &[]).json()["input"]["lines"], 2);
    let refused = run("--state state --code 550 mail.log");
    assert!(refused.code == Some(2) && refused.stderr.contains("leave one of them out"));
}

#[test]
fn pseudonyms_that_go_on_need_a_key() {
    let folder = Scratch::of_test("state-redact");
    folder.file("mail.log", ARRIVAL);
    folder.file("key", "0123456789abcdef");
    for command in ["report", "events"] {
        let run = |more: &str| {
            let line = format!("{command} --year 2026 --state state --redact {more} mail.log");
            mailwhy(line.split_whitespace()).in_folder(&folder).run()
        };
        let ran = run("");
        assert!(ran.code == Some(2) && ran.stderr.contains("needs a key"), "{command}: {ran:?}");
        assert!(!folder.path.join(format!("state/{command}.state")).exists(), "{command}");
        let shown = run("--redact-key-file key").ok();
        assert!(!shown.contains("bob@example.net"), "{command}: {shown}");
        // Of what is kept nothing but the name of the log is a name.
        let kept = fs::read(folder.path.join(format!("state/{command}.state"))).unwrap();
        let kept = zstd::decode_all(&kept[12..]).unwrap();
        for name in ["ann", "bob", "example", "mx1"] {
            assert!(memchr::memmem::find(&kept, name.as_bytes()).is_none(), "{command}: {name}");
        }
        assert!(memchr::memmem::find(&kept, b"mail.log").is_some(), "{command}: not looked at");
    }
}

#[test]
fn a_copy_in_the_making_is_no_older_copy() {
    let folder = Scratch::of_test("state-half-copy");
    folder.file("mail.log", format!("{ARRIVAL}{BOUNCE}"));
    assert_eq!(report(&folder, &[]).json()["input"]["lines"], 6);
    // copytruncate at work: the copy is half there, the log not emptied yet.
    folder.file("mail.log.1", &ARRIVAL[..ARRIVAL.len() - 30]);
    assert_eq!(report(&folder, &[]).json()["input"]["lines"], 0);
    folder.file("mail.log.1", format!("{ARRIVAL}{BOUNCE}"));
    folder.file("mail.log", "");
    assert_eq!(report(&folder, &[]).json()["input"]["lines"], 0);
}

#[test]
fn two_logs_that_begin_alike_are_two_logs() {
    let folder = Scratch::of_test("state-alike");
    let refusal = "2026-01-05 10:00:00 H=(x) [192.0.2.7] F=<a@example.com> rejected RCPT <b@example.net>: no such user\n";
    let run = || {
        let line = "report --state state --format json mainlog rejectlog";
        mailwhy(line.split_whitespace()).in_folder(&folder).run().json()
    };
    folder.file("mainlog", refusal);
    folder.file("rejectlog", "");
    assert_eq!(run()["lines"]["rejects"], 1);
    folder.file("rejectlog", refusal);
    let second = run();
    assert_eq!((&second["input"]["lines"], &second["lines"]["rejects"]), (&1.into(), &0.into()));
    assert_eq!(second["input"]["duplicates"], 1);
}

#[test]
fn state_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Scratch::of_test("state-private");
    folder.file("mail.log", ARRIVAL);
    report(&folder, &[]).ok();
    let mode =
        |name: &str| fs::metadata(folder.path.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("state"), mode("state/report.state")), (0o700, 0o600));
    assert_eq!(fs::read_dir(folder.path.join("state")).unwrap().count(), 2, "state and lock");
}

#[test]
fn a_state_that_cannot_be_used_is_set_aside_and_the_report_still_comes() {
    let folder = Scratch::of_test("state-damaged");
    folder.file("mail.log", ARRIVAL);
    report(&folder, &[]).ok();
    let path = folder.path.join("state/report.state");
    let good = fs::read(&path).unwrap();
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let mut other_version = good.clone();
    other_version[8] = 99;
    for (case, bytes) in [
        ("empty", Vec::new()),
        ("cut", good[..good.len() / 2].to_vec()),
        ("flipped", flipped),
        ("of another version", other_version),
        ("something else", b"hello".to_vec()),
    ] {
        fs::write(&path, bytes).unwrap();
        let ran = report(&folder, &[]);
        assert_eq!(ran.code, Some(2), "{case}: {ran:?}");
        assert!(ran.stderr.contains("state could not be used"), "{case}: {}", ran.stderr);
        assert!(ran.stderr.contains(".damaged"), "{case}: {}", ran.stderr);
        let json: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(json["lines"]["attempts"], 1, "{case}");
        assert_eq!(report(&folder, &[]).json()["input"]["lines"], 0, "{case}");
    }
}

#[test]
fn a_run_that_could_not_write_its_output_reads_the_lines_again() {
    let folder = Scratch::of_test("state-unwritten");
    folder.file("mail.log", ARRIVAL);
    let failed = report(&folder, &["--output", "no/such/folder/report.json"]);
    assert_eq!(failed.code, Some(2), "{failed:?}");
    assert_eq!(report(&folder, &[]).json()["lines"]["attempts"], 1);
}

#[test]
fn an_older_copy_that_came_back_is_told_of_and_read_no_second_time() {
    let folder = Scratch::of_test("state-restored");
    let old = ARRIVAL.to_owned();
    folder.file("mail.log", format!("{old}{BOUNCE}"));
    assert_eq!(report(&folder, &[]).json()["input"]["lines"], 6);
    folder.file("mail.log", &old);
    let ran = report(&folder, &[]);
    assert!(ran.code == Some(2) && ran.stderr.contains("is shorter"), "{ran:?}");
    folder.file("mail.log", format!("{old}{BOUNCE}"));
    assert_eq!(report(&folder, &[]).json()["input"]["lines"], 2);
}

#[test]
fn archives_from_before_the_first_run_are_not_read() {
    let folder = Scratch::of_test("state-archives");
    folder.file("mail.log.1", ARRIVAL);
    pack(&folder.path.join("mail.log.1"));
    folder.file("mail.log", BOUNCE);
    assert_eq!(report(&folder, &[]).json()["input"]["lines"], 2);
    fs::rename(folder.path.join("mail.log.1.gz"), folder.path.join("mail.log.2.gz")).unwrap();
    fs::rename(folder.path.join("mail.log"), folder.path.join("mail.log.1")).unwrap();
    folder.file("mail.log", "");
    assert_eq!(report(&folder, &[]).json()["input"]["lines"], 0);
    // Unless they are asked for.
    fs::remove_dir_all(folder.path.join("state")).unwrap();
    assert_eq!(report(&folder, &["--rotated"]).json()["input"]["lines"], 6);
}

#[test]
fn two_runs_at_once_do_not_count_twice() {
    let folder = Scratch::of_test("state-lock");
    folder.file("mail.log", ARRIVAL);
    fs::create_dir(folder.path.join("state")).unwrap();
    let lock = File::create(folder.path.join("state/report.lock")).unwrap();
    lock.lock().unwrap();
    let ran = report(&folder, &[]);
    assert!(ran.code == Some(2) && ran.stderr.contains("another run"), "{ran:?}");
    assert_eq!(ran.stdout, "");
    drop(lock);
    assert_eq!(report(&folder, &[]).json()["lines"]["attempts"], 1);
}
