//! The history against what was added to it, and against files that are not what they should be.

use super::*;
use crate::digest::{
    Digest, Grain, Part, RowCounts, RowKey, Span, TrafficCounts, TrafficKey, view,
};
use crate::smtp::{Direction, ReplyCode};
use rusqlite::Connection;
use std::fs;
use std::path::Path;

/// 2026-11-02, a Monday.
const BEGIN: i64 = 1_793_577_600;
const HOUR: i64 = 3600;
const NOW: i64 = BEGIN + 30 * DAY;

fn open(path: &Path) -> History {
    let opened = History::open(path, NOW).unwrap();
    assert_eq!(opened.set_aside, None);
    opened.history
}

/// A log of `host` from hour `from` until before hour `to`, each with `lines` failures.
fn log(host: &str, from: i64, to: i64, lines: u64) -> Digest {
    let mut digest = Digest::default();
    for hour in from..to {
        let period = BEGIN + hour * HOUR;
        let key = RowKey {
            period,
            host: host.into(),
            direction: Direction::Outbound,
            cause: Some("mailbox-full".into()),
            code: ReplyCode::new(552),
            enhanced: "5.2.2".parse().ok(),
            provider: Some("one".into()),
        };
        let counts =
            RowCounts { lines, messages: lines, recipients: lines, ..RowCounts::default() };
        digest.rows.insert(key, counts);
        let key = TrafficKey {
            period,
            host: host.into(),
            direction: Direction::Outbound,
            provider: None,
        };
        digest.traffic.insert(key, TrafficCounts { attempts: lines, ..TrafficCounts::default() });
    }
    let micros = |hour: i64| (BEGIN + hour * HOUR) * 1_000_000;
    let span = Span { first: micros(from), last: micros(to) - 1, lines };
    let part = Part { hosts: [(host.to_owned(), span)].into(), lines, ..Part::default() };
    digest.parts.insert(format!("{host}-{from}-{to}-{lines}"), part);
    digest
}

fn lines(history: &History) -> u64 {
    history.digest(None, None).unwrap().rows.values().map(|counts| counts.lines).sum()
}

#[test]
fn what_was_added_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut history = open(&folder.path().join("history"));
    let log = log("mx1", 0, 50, 3);
    let added = history.add("run", &log, Lines::MayRepeat, NOW).unwrap();
    assert_eq!(added, Added { added: 50, ..Added::default() });
    let back = history.digest(None, None).unwrap();
    assert_eq!((&back.rows, &back.traffic, back.grain), (&log.rows, &log.traffic, Grain::Hour));
    let (from, to) = (BEGIN + 10 * HOUR, BEGIN + 12 * HOUR);
    let piece = history.digest(Some(from), Some(to)).unwrap();
    assert_eq!(piece.rows, log.between(Some(from), Some(to)).rows);
    assert_eq!(view(&piece).hosts.len(), 1);
}

#[test]
fn a_run_that_is_tried_again_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    for (name, mode, from) in [("s/1", Lines::New, 0), ("whole", Lines::MayRepeat, 100)] {
        let mut history = open(&path);
        let before = lines(&history);
        let log = log("mx1", from, from + 10, 2);
        assert!(!history.add(name, &log, mode, NOW).unwrap().known, "{name}");
        drop(history);
        let mut history = open(&path);
        let again = history.add(name, &log, mode, NOW).unwrap();
        assert_eq!(again.known, mode == Lines::MayRepeat, "{name}");
        assert_eq!(lines(&history), before + 20, "{name}");
    }
}

#[test]
fn a_run_that_was_killed_counts_as_its_last_try_tells() {
    let folder = tempfile::tempdir().unwrap();
    let mut history = open(&folder.path().join("history"));
    let mut add = |name: &str, log: &Digest| {
        history.add(name, log, Lines::New, NOW).unwrap();
        lines(&history)
    };
    assert_eq!(add("s/1", &log("mx1", 0, 2, 5)), 10);
    // It was killed; when it is tried again, more has been written to the log.
    assert_eq!(add("s/1", &log("mx1", 0, 3, 5)), 15);
    assert_eq!(add("s/2", &log("mx1", 2, 4, 1)), 17);
    assert_eq!(add("other/1", &log("mx2", 0, 1, 1)), 18);
    assert_eq!(add("s/2", &log("mx1", 2, 5, 1)), 19);
    // The one before is over.
    assert_eq!(add("s/1", &log("mx1", 0, 9, 9)), 19);
}

#[test]
fn runs_of_new_lines_add_up_within_an_hour() {
    let folder = tempfile::tempdir().unwrap();
    let mut history = open(&folder.path().join("history"));
    for run in 0..12 {
        let name = format!("s/{run}");
        history.add(&name, &log("mx1", 0, 1, 5), Lines::New, NOW).unwrap();
    }
    assert_eq!(lines(&history), 60);
    assert_eq!(history.digest(None, None).unwrap().rows.len(), 1);
    assert_eq!(history.runs().unwrap(), 12);
}

#[test]
fn of_two_logs_of_the_same_time_each_period_counts_once_as_the_fuller_has_it() {
    let folder = tempfile::tempdir().unwrap();
    for (case, first, second, want, told) in [
        ("a longer log of the same file", (0, 10, 2), (0, 20, 2), 40, (10, 0, 10)),
        ("the rotated log and the next", (0, 10, 2), (10, 20, 2), 40, (10, 0, 0)),
        (
            "the second saw more of the last hour",
            (0, 10, 2),
            (9, 20, 3),
            9 * 2 + 11 * 3,
            (10, 1, 0),
        ),
        ("the second saw less of it", (0, 10, 2), (9, 20, 1), 10 * 2 + 10, (10, 0, 1)),
        ("a gap between them", (0, 10, 2), (50, 60, 2), 40, (10, 0, 0)),
    ] {
        let path = folder.path().join(case);
        let mut history = open(&path);
        history.add("a", &log("mx1", first.0, first.1, first.2), Lines::MayRepeat, NOW).unwrap();
        // Another host's time is its own.
        history.add("x", &log("mx2", 0, 30, 1), Lines::MayRepeat, NOW).unwrap();
        let second = log("mx1", second.0, second.1, second.2);
        let added = history.add("b", &second, Lines::MayRepeat, NOW).unwrap();
        assert_eq!((added.added, added.replaced, added.kept), told, "{case}");
        assert_eq!(lines(&history), want + 30, "{case}");
    }
}

#[test]
fn old_hours_become_days_and_older_ones_are_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    let mut history = open(&path);
    let old = log("mx1", 0, 48, 1);
    history.add("a", &old, Lines::MayRepeat, BEGIN).unwrap();
    history.add("b", &log("mx1", 48, 96, 1), Lines::MayRepeat, BEGIN).unwrap();
    let now = BEGIN + (HOURS_KEPT_DAYS + 3) * DAY + HOUR;
    history.prune(400, now).unwrap();
    let digest = history.digest(None, None).unwrap();
    assert_eq!((digest.grain, lines(&history)), (Grain::Day, 96));
    assert_eq!(digest.rows, {
        let mut all = old.clone();
        all.merge(&log("mx1", 48, 96, 1)).unwrap();
        all.coarser(Grain::Day).rows
    });
    // The last day is still in hours.
    let recent = history.digest(Some(BEGIN + 3 * DAY), None).unwrap();
    assert_eq!((recent.grain, recent.rows.len()), (Grain::Hour, 24));
    // What has become days is not added again, under whatever name.
    let again = history.add("c", &log("mx1", 0, 48, 9), Lines::MayRepeat, now).unwrap();
    assert_eq!((again.added, again.replaced, again.kept), (0, 0, 48));
    assert_eq!(lines(&history), 96);
    history.prune(400, now).unwrap();
    assert_eq!(lines(&history), 96, "pruning twice changes nothing");
    history.prune(1, BEGIN + 3 * DAY).unwrap();
    assert_eq!(lines(&history), 48);
    history.prune(1, BEGIN + 300 * DAY).unwrap();
    assert!(history.digest(None, None).unwrap().is_empty());
    assert_eq!(history.runs().unwrap(), 0);
}

#[test]
fn counts_by_the_week_are_too_coarse() {
    let folder = tempfile::tempdir().unwrap();
    let mut history = open(&folder.path().join("history"));
    let weeks = log("mx1", 0, 5, 1).coarser(Grain::Week);
    let error = history.add("a", &weeks, Lines::MayRepeat, NOW).unwrap_err().to_string();
    assert!(error.contains("too coarse"), "{error}");
    assert!(history.digest(None, None).unwrap().is_empty());
}

#[test]
fn two_writers_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    std::thread::scope(|scope| {
        for writer in 0..4_i64 {
            let path = &path;
            scope.spawn(move || {
                for run in 0..10 {
                    let mut history = open(path);
                    let name = format!("{writer}/{run}");
                    history.add(&name, &log("mx1", run, run + 2, 1), Lines::New, NOW).unwrap();
                }
            });
        }
    });
    let history = open(&path);
    assert_eq!((lines(&history), history.runs().unwrap()), (80, 40));
}

#[test]
fn a_program_that_was_killed_while_it_wrote_leaves_the_history_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    open(&path).add("a", &log("mx1", 0, 2000, 1), Lines::MayRepeat, NOW).unwrap();
    let before = fs::read(&path).unwrap();
    // A writer in the middle: its pages are in the file already, its journal beside it.
    let writer = Connection::open(&path).unwrap();
    writer.execute_batch("PRAGMA cache_size = 5; PRAGMA cache_spill = 5; BEGIN IMMEDIATE").unwrap();
    writer
        .execute_batch(
            "UPDATE answers SET lines = 7; UPDATE traffic SET attempts = 7; DELETE FROM runs",
        )
        .unwrap();
    let crashed = folder.path().join("crashed");
    fs::copy(&path, &crashed).unwrap();
    let journal = fs::read(folder.path().join("history-journal")).unwrap();
    assert!(journal.len() > 1000, "no journal to speak of");
    assert!(fs::read(&path).unwrap() != before, "nothing was written yet");
    fs::write(folder.path().join("crashed-journal"), journal).unwrap();
    let history = open(&crashed);
    assert_eq!((lines(&history), history.runs().unwrap()), (2000, 1));
}

#[test]
fn a_damaged_history_is_set_aside_and_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let sound = folder.path().join("sound");
    open(&sound).add("a", &log("mx1", 0, 500, 1), Lines::MayRepeat, NOW).unwrap();
    let sound = fs::read(&sound).unwrap();
    let half = &sound[..sound.len() / 2];
    let mut scribbled = sound.clone();
    scribbled[5000..30_000].fill(0x55);
    let mut head = sound.clone();
    head[16..100].fill(0xff);
    for (case, bytes) in [
        ("cut", half),
        ("scribbled", &scribbled),
        ("head", &head),
        ("zeros", &[0; 4096][..]),
        ("begun", &b"SQLite"[..]),
    ] {
        let path = folder.path().join(case);
        fs::write(&path, bytes).unwrap();
        let Opened { mut history, set_aside } = History::open(&path, NOW).unwrap();
        let aside = set_aside.unwrap_or_else(|| panic!("{case} was taken for sound"));
        assert_eq!(
            aside.file_name().unwrap().to_str().unwrap(),
            format!("{case}.damaged-20261202T000000Z")
        );
        assert!(fs::read(&aside).unwrap() == bytes, "{case}");
        history.add("b", &log("mx1", 0, 5, 1), Lines::MayRepeat, NOW).unwrap();
        assert_eq!(lines(&history), 5, "{case}");
    }
}

#[test]
fn what_is_no_history_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("mail.log");
    fs::write(&log, "Nov  9 00:00:00 mx1 postfix/smtp[1]: hello\n").unwrap();
    let error = History::open(&log, NOW).unwrap_err().to_string();
    assert!(error.contains("no history; name another"), "{error}");
    assert!(fs::read_to_string(&log).unwrap().ends_with("hello\n"));
    let other = folder.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE mine (x)").unwrap();
    let error = History::open(&other, NOW).unwrap_err().to_string();
    assert!(error.ends_with("a database of something else, not a history"), "{error}");
    let newer = folder.path().join("newer");
    drop(open(&newer));
    Connection::open(&newer).unwrap().pragma_update(None, "user_version", 7).unwrap();
    let error = History::open(&newer, NOW).unwrap_err().to_string();
    assert!(error.ends_with("a history of version 7; this program knows version 1"), "{error}");
    assert!(matches!(
        History::open_existing(&folder.path().join("none"), NOW),
        Err(Error::Read { .. })
    ));
}

#[test]
fn an_older_history_is_taken_to_the_newest_form() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    let mut history = open(&path);
    history.add("a", &log("mx1", 0, 5, 1), Lines::MayRepeat, NOW).unwrap();
    let next = "ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT ''";
    let forms = [include_str!("schema-1.sql"), next];
    open::migrate(&mut history.connection, &forms, &path).unwrap();
    let version = |history: &History| {
        let pragma = "PRAGMA user_version";
        history.connection.query_row(pragma, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(version(&history), 2);
    history.connection.execute("UPDATE runs SET note = 'x'", []).unwrap();
    assert_eq!(lines(&history), 5);
    // A step that fails changes nothing.
    let wrong = [forms[0], forms[1], "CREATE TABLE half (x); nonsense"];
    assert!(open::migrate(&mut history.connection, &wrong, &path).is_err());
    assert_eq!(version(&history), 2);
    assert!(history.connection.prepare("SELECT * FROM half").is_err());
}

#[cfg(unix)]
#[test]
fn file_and_folder_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made/here/history");
    drop(open(&path));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[test]
fn a_baseline_is_read_from_a_history_or_a_saved_digest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history");
    let weeks = log("mx1", 0, 4 * 168, 6);
    open(&path).add("a", &weeks, Lines::MayRepeat, NOW).unwrap();
    let saved = folder.path().join("saved");
    crate::digest::write_digest(&saved, &weeks).unwrap();
    for path in [&path, &saved] {
        let until = Some(BEGIN + 3 * 168 * HOUR);
        let baseline = read_baseline(path, until, NOW).unwrap();
        let rate = baseline.rate(Direction::Outbound, Some("one"), "mailbox-full", NOW).unwrap();
        assert_eq!((baseline.hours(), rate.weeks), (168, 3), "{}", path.display());
        assert!((rate.lines - 6.0).abs() < 1e-9, "{}", path.display());
    }
    let mut history = open(&path);
    history.prune(400, BEGIN + (HOURS_KEPT_DAYS + 7) * DAY).unwrap();
    assert_eq!(
        history.baseline(None).unwrap().rate(Direction::Outbound, None, "x", NOW).unwrap().weeks,
        3
    );
    crate::digest::write_digest(&saved, &weeks.coarser(Grain::Day)).unwrap();
    let error = read_baseline(&saved, None, NOW).unwrap_err().to_string();
    assert!(error.contains("a baseline needs them"), "{error}");
}
