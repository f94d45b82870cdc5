//! Runs over what is new, played against the rotation of a growing log: together they say what one report over the
//! whole log says, whatever logrotate and its relatives do between them, and whenever a run is killed.

use crate::generator::{Random, Server, log};
use crate::support::{Scratch, depth, mailwhy};
use mailwhy::classify::Judge;
use mailwhy::i18n::Language;
use mailwhy::pipeline::{self, Options, Outcome, run_reader};
use mailwhy::report::{About, Collector, Report, RunsSection, build};
use mailwhy::state::{State, plan};
use mailwhy::time::Zone;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Cursor, Write};
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

/// A folder in which a log grows and is rotated.
struct Host {
    folder: Scratch,
    scheme: Scheme,
    rotations: u32,
    day: u32,
}

impl Host {
    fn live(&self) -> PathBuf {
        self.folder.path.join("mail.log")
    }

    fn old(&self, number: u32) -> PathBuf {
        self.folder.path.join(format!("mail.log.{number}"))
    }

    fn append(&self, text: &[u8]) {
        File::options()
            .append(true)
            .create(true)
            .open(self.live())
            .unwrap()
            .write_all(text)
            .unwrap();
    }

    fn rotate(&mut self) {
        self.rotations += 1;
        if self.scheme == Scheme::Dated {
            self.day += 1;
            let dated = format!("mail.log-202601{:02}", self.day);
            fs::rename(self.live(), self.folder.path.join(dated)).unwrap();
            File::create(self.live()).unwrap();
            return;
        }
        for number in (1..30).rev() {
            for suffix in ["", ".gz"] {
                let name = |n: u32| PathBuf::from(format!("{}{suffix}", self.old(n).display()));
                if name(number).exists() {
                    fs::rename(name(number), name(number + 1)).unwrap();
                }
            }
        }
        if self.scheme == Scheme::CopyTruncate {
            fs::copy(self.live(), self.old(1)).unwrap();
            File::options().write(true).truncate(true).open(self.live()).unwrap();
        } else {
            fs::rename(self.live(), self.old(1)).unwrap();
            File::create(self.live()).unwrap();
        }
        match self.scheme {
            Scheme::CreateAndPack => pack(&self.old(1)),
            Scheme::PackLater if self.old(2).exists() => pack(&self.old(2)),
            _ => {}
        }
    }
}

fn pack(path: &Path) {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&fs::read(path).unwrap()).unwrap();
    fs::write(format!("{}.gz", path.display()), packed.finish().unwrap()).unwrap();
    fs::remove_file(path).unwrap();
}

/// A run with the state of the runs before; what it counted, and all mail so far.
fn run(host: &Host, state: &mut State, chunk_size: usize, now: i64) -> (Report, RunsSection) {
    let names: [OsString; 1] = [host.live().into()];
    let mut plan = plan(state, &names, false, now);
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

static JUDGE: std::sync::LazyLock<Judge> = std::sync::LazyLock::new(Judge::builtin);

/// The state as it comes back from disk.
fn copy_of(state: &State) -> State {
    postcard::from_bytes(&postcard::to_allocvec(state).unwrap()).unwrap()
}

#[test]
fn runs_over_a_rotated_log_add_up_to_one_report_over_the_whole() {
    let schemes = [
        Scheme::Create,
        Scheme::CreateAndPack,
        Scheme::PackLater,
        Scheme::CopyTruncate,
        Scheme::Dated,
    ];
    let servers = [Server::Postfix, Server::Exim, Server::Both];
    for seed in 0..500 * u64::from(depth()) {
        let mut random = Random::new(seed);
        let server = *random.pick(&servers);
        let (text, _) = log(server, 12_000 + seed % 7 * 4_000, seed);
        let text = text.as_bytes();
        let scheme = *random.pick(&schemes);
        let history = format!("seed {seed}, {scheme:?}, {server:?}");
        let folder = Scratch::of_test(&format!("state-{}", seed % 8));
        let mut host = Host { folder, scheme, rotations: 0, day: 0 };
        let mut state = State::default();
        let mut sums = BTreeMap::<String, u64>::new();
        let mut at = 0;
        let mut now = 1_700_000_000;
        let mut runs = None;
        // What was rotated before the first run would be left out, so it comes before the first line.
        File::create(host.live()).unwrap();
        run(&host, &mut state, 4096, now);
        while at < text.len() {
            let more = 1 + random.below(text.len() / 3);
            let mut end = (at + more).min(text.len());
            let rotates = random.below(3) == 0;
            // A writer ends its line before it opens the next file; copytruncate may cut a line in two, which
            // changes what the log says.
            if rotates {
                end = text[end - 1..]
                    .iter()
                    .position(|b| *b == b'\n')
                    .map_or(text.len(), |n| end + n);
            }
            host.append(&text[at..end]);
            at = end;
            let times = random.below(3);
            // Missing days: rotations without a run between them.
            if rotates && random.below(2) == 0 {
                host.rotate();
            }
            for _ in 0..times {
                now += 1;
                let chunk_size = *random.pick(&[512, 4096, 1 << 18]);
                let mut after = copy_of(&state);
                let (report, all) = run(&host, &mut after, chunk_size, now);
                // Killed before it could leave its state: the next run does it again.
                if random.below(4) == 0 {
                    continue;
                }
                state = after;
                for (name, count) in counts(&report) {
                    *sums.entry(name).or_default() += count;
                }
                runs = Some(all);
            }
            if rotates && random.below(2) == 0 {
                host.rotate();
            }
        }
        let (report, all) = run(&host, &mut state, 4096, now + 1);
        for (name, count) in counts(&report) {
            *sums.entry(name).or_default() += count;
        }
        drop(runs.replace(all));
        let mut collector = Collector::new(Zone::utc(), Judge::clone(&JUDGE));
        let outcome =
            run_reader("-", Cursor::new(text.to_vec()), &options(1 << 18), &mut collector);
        let whole = report_of(collector, &outcome);
        assert_eq!(sums, counts(&whole), "{history}");
        let runs = runs.unwrap();
        assert_eq!(mail(&runs.mail), mail(&whole.mail), "{history}");
        assert_eq!(mail(&runs.notifications), mail(&whole.notifications), "{history}");
        assert_eq!(
            (runs.reinjected, runs.incomplete, runs.lost_track),
            (whole.reinjected, whole.incomplete, whole.lost_track),
            "{history}"
        );
        assert!(host.rotations < 30, "{history}");
    }
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
    let third = report(&folder, &[]).json();
    assert_eq!(third["input"]["lines"], 0);
    assert_eq!(third["runs"]["mail"], second["runs"]["mail"]);
    // What only runs before counted is in no table.
    assert_eq!(third["outbound"]["codes"], Value::Array(Vec::new()));
    assert_eq!(third["outbound"]["causes"], Value::Array(Vec::new()));
    let text = mailwhy(["report", "--state", "state", "mail.log"]).in_folder(&folder).run().ok();
    assert!(text.contains("1 messages for 1 recipients"), "{text}");
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
