//! Merging, coarsening, cutting and saving, on digests that are drawn.

use super::*;
use crate::error::Error;
use proptest::prelude::*;
use std::fs;

const DAY: i64 = 86_400;

fn host() -> impl Strategy<Value = CompactString> {
    prop::sample::select(vec!["", "mx1", "mx2", "a-host.with.a.rather.long.name.example.org"])
        .prop_map(CompactString::const_new)
}

fn direction() -> impl Strategy<Value = Direction> {
    prop::sample::select(Direction::ALL.to_vec())
}

fn provider() -> impl Strategy<Value = Option<CompactString>> {
    prop::option::of(prop::sample::select(vec!["one", "two"]).prop_map(CompactString::const_new))
}

/// Hours of two months.
fn period() -> impl Strategy<Value = i64> {
    (0_i64..1440).prop_map(|hour| 1_767_571_200 + hour * 3600)
}

fn rows() -> impl Strategy<Value = BTreeMap<RowKey, RowCounts>> {
    let cause = prop::option::of(prop::sample::select(vec!["mailbox-full", "greylisted"]));
    let code = prop::option::of(prop::sample::select(vec![250_u16, 421, 550]));
    let key = (period(), host(), direction(), cause, code, provider());
    let key = key.prop_map(|(period, host, direction, cause, code, provider)| RowKey {
        period,
        host,
        direction,
        cause: cause.map(CompactString::const_new),
        code: code.and_then(ReplyCode::new),
        enhanced: code.and_then(|_| EnhancedCode::new(5, 7, 26)),
        provider,
    });
    let counts = prop::array::uniform6(0_u64..1000);
    let counts = counts.prop_map(|values| RowCounts::of_values(&values).unwrap());
    prop::collection::btree_map(key, counts, 0..60)
}

fn traffic() -> impl Strategy<Value = BTreeMap<TrafficKey, TrafficCounts>> {
    let key = (period(), host(), direction(), provider());
    let key = key.prop_map(|(period, host, direction, provider)| TrafficKey {
        period,
        host,
        direction,
        provider,
    });
    let counts = prop::array::uniform12(0_u64..1000);
    let counts = counts.prop_map(|values| TrafficCounts::of_values(&values).unwrap());
    prop::collection::btree_map(key, counts, 0..40)
}

fn mail() -> impl Strategy<Value = BTreeMap<MailKey, MailCounts>> {
    let kind = prop::sample::select(MailKind::ALL.to_vec());
    let key = (period(), host(), kind);
    let key = key.prop_map(|(period, host, kind)| MailKey { period, host, kind });
    let counts = prop::array::uniform25(0_u64..1000);
    let counts = counts.prop_map(|values| MailCounts::of_values(&values).unwrap());
    prop::collection::btree_map(key, counts, 0..40)
}

/// A digest of one log, which is known by `id`.
fn digest(id: &'static str) -> impl Strategy<Value = Digest> {
    let grain = prop::sample::select(Grain::ALL.to_vec());
    let span = (0_i64..1 << 50, 0_i64..1 << 40);
    (grain, rows(), traffic(), mail(), span, 0_u64..1 << 40).prop_map(
        move |(grain, rows, traffic, mail, (first, length), lines)| {
            let span = Span { first, last: first + length, lines };
            let hosts = BTreeMap::from([("mx1".to_owned(), span)]);
            let part = Part { hosts, lines, ..Part::default() };
            let parts = BTreeMap::from([(id.to_owned(), part)]);
            Digest { grain: Grain::Hour, rows, traffic, mail, parts }.coarser(grain)
        },
    )
}

fn merged(digests: &[&Digest]) -> Digest {
    let mut sum = Digest::default();
    for digest in digests {
        sum.merge(digest).unwrap();
    }
    sum
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_order_and_the_grouping_of_additions_do_not_matter(
        a in digest("a"), b in digest("b"), c in digest("c")
    ) {
        let all = merged(&[&a, &b, &c]);
        prop_assert_eq!(&merged(&[&c, &a, &b]), &all);
        prop_assert_eq!(&merged(&[&b, &a, &c]), &all);
        prop_assert_eq!(&merged(&[&a, &merged(&[&b, &c])]), &all);
        prop_assert_eq!(&merged(&[&merged(&[&c, &a]), &b]), &all);
    }

    #[test]
    fn a_small_bound_makes_the_same_digest_in_any_order(
        a in digest("a"), b in digest("b"), c in digest("c"), most in 3_usize..200
    ) {
        let bounded = |digests: &[&Digest]| {
            let mut sum = Digest::default();
            for digest in digests {
                sum.merge(digest).unwrap();
                sum.keep_bound(most);
            }
            sum
        };
        let all = bounded(&[&a, &b, &c]);
        prop_assert_eq!(&bounded(&[&c, &b, &a]), &all);
        prop_assert_eq!(&bounded(&[&b, &bounded(&[&a, &c])]), &all);
        prop_assert!(all.grain == Grain::Whole || all.rows.len().max(all.traffic.len()).max(all.mail.len()) <= most);
    }

    #[test]
    fn a_coarser_digest_adds_up_to_the_same(a in digest("a")) {
        let lines = |d: &Digest| d.rows.values().map(|c| c.lines).sum::<u64>();
        let attempts = |d: &Digest| d.traffic.values().map(|c| c.attempts).sum::<u64>();
        let messages = |d: &Digest| d.mail.values().map(|c| c.messages).sum::<u64>();
        for grain in Grain::ALL {
            let coarse = a.clone().coarser(*grain);
            prop_assert!(coarse.grain >= *grain);
            prop_assert_eq!(
                (lines(&coarse), attempts(&coarse), messages(&coarse)),
                (lines(&a), attempts(&a), messages(&a))
            );
        }
    }

    #[test]
    fn two_pieces_make_the_whole(a in digest("a"), day in 0_i64..60) {
        let at = Some(1_767_571_200 + day * DAY);
        let (before, after) = (a.between(None, at), a.between(at, None));
        let sum = merged(&[&before, &after]);
        prop_assert_eq!(&sum.rows, &a.rows);
        prop_assert_eq!(&sum.traffic, &a.traffic);
        prop_assert_eq!(&sum.mail, &a.mail);
    }

    #[test]
    fn what_was_saved_comes_back(a in digest("a"), b in digest("b")) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("saved");
        let sum = merged(&[&a, &b]);
        write_digest(&path, &sum).unwrap();
        prop_assert!(is_saved(&path));
        prop_assert_eq!(read_digest(&path).unwrap(), sum);
    }

    #[test]
    fn a_spoiled_file_is_an_error_and_no_panic(a in digest("a"), at in 0_usize..4000, byte: u8, cut: bool) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("saved");
        write_digest(&path, &a).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let at = at % bytes.len();
        let same = !cut && bytes[at] == byte;
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        fs::write(&path, &bytes).unwrap();
        match read_digest(&path) {
            Ok(read) => prop_assert!(same && read == a),
            Err(error) => prop_assert!(matches!(error, Error::Saved { .. } | Error::Read { .. }), "{error}"),
        }
    }
}

fn one(rows: Vec<(RowKey, RowCounts)>, id: &str) -> Digest {
    let parts = BTreeMap::from([(id.to_owned(), Part::default())]);
    Digest { rows: rows.into_iter().collect(), parts, ..Digest::default() }
}

#[test]
fn the_same_log_is_not_added_twice() {
    let mut sum = one(Vec::new(), "a");
    let before = sum.clone();
    assert_eq!(sum.merge(&one(Vec::new(), "a")), Err(Unmergeable::Same));
    assert_eq!(sum, before);
}

#[test]
fn the_json_without_packing_is_read_too_and_other_versions_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("saved");
    let digest = one(Vec::new(), "a");
    write_digest(&path, &digest).unwrap();
    let packed = fs::read(&path).unwrap();
    let json = zstd::decode_all(&packed[..]).unwrap();
    fs::write(&path, &json).unwrap();
    assert!(is_saved(&path));
    assert_eq!(read_digest(&path).unwrap(), digest);
    let newer = String::from_utf8(json).unwrap().replacen(":1,", ":7,", 1);
    fs::write(&path, newer).unwrap();
    let error = read_digest(&path).unwrap_err().to_string();
    assert!(error.ends_with("saved in form 7; this program reads form 1"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_saved_digest_is_for_its_owner_alone_and_replaces_what_was_there() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("saved");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    write_digest(&path, &Digest::default()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(is_saved(&path));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn logs_are_no_saved_digests() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.log.zst");
    fs::write(
        &path,
        zstd::encode_all(&b"Jan  5 00:00:00 mx1 postfix/smtp[1]: x\n"[..], 1).unwrap(),
    )
    .unwrap();
    assert!(!is_saved(&path));
    assert!(!is_saved(&folder.path().join("missing")));
    assert!(!is_saved(folder.path()));
}

/// Traffic of `recipients` outbound and one cause, on each of `days`.
fn days(id: &str, first: i64, days: &[(u64, u64)]) -> Digest {
    let mut digest = Digest { grain: Grain::Day, ..Digest::default() };
    for (period, (recipients, failed)) in (0..).map(|n| first + n * DAY).zip(days) {
        let host = CompactString::const_new("mx1");
        let way = TrafficKey {
            period,
            host: host.clone(),
            direction: Direction::Outbound,
            provider: None,
        };
        digest.traffic.insert(way, TrafficCounts { recipients: *recipients, ..Default::default() });
        let key = RowKey {
            period,
            host,
            direction: Direction::Outbound,
            cause: Some("mailbox-full".into()),
            code: None,
            enhanced: None,
            provider: None,
        };
        let failed = *failed;
        let counts = RowCounts { recipients: failed, messages: failed, ..Default::default() };
        digest.rows.insert(key, counts);
    }
    let micros = |seconds: i64| seconds * 1_000_000;
    let length = i64::try_from(days.len()).unwrap() * DAY;
    let last = micros(first + length) - 1_000_000;
    let span = Span { first: micros(first), last, lines: 1 };
    let hosts = BTreeMap::from([("mx1".to_owned(), span)]);
    digest.parts.insert(id.to_owned(), Part { hosts, ..Part::default() });
    digest
}

#[test]
fn trends_are_told_by_shares_of_the_traffic() {
    let week = |failed: [u64; 7]| failed.map(|failed| (1000, failed)).to_vec();
    let calm = week([20, 22, 18, 21, 19, 20, 20]);
    for (case, a, b, want) in [
        ("as before", calm.clone(), week([21, 19, 20, 22, 18, 20, 21]), Trend::Same),
        ("twice as many", calm.clone(), week([40; 7]), Trend::Up),
        ("half", calm.clone(), week([10; 7]), Trend::Down),
        ("new", week([0; 7]), week([3; 7]), Trend::New),
        ("new, one day only", week([0; 7]), week([0, 0, 40, 0, 0, 0, 0]), Trend::New),
        ("new, a handful", week([0; 7]), week([1, 0, 1, 0, 2, 0, 1]), Trend::Same),
        ("gone", calm.clone(), week([0; 7]), Trend::Gone),
        ("twice the traffic, twice the failures", calm.clone(), vec![(2000, 40); 7], Trend::Same),
        ("three days of the same", calm.clone(), vec![(1000, 20); 3], Trend::Same),
        ("a tenth more", calm.clone(), week([22; 7]), Trend::Same),
        // It has always come in bursts: one more is no news.
        ("bursts", week([0, 70, 0, 0, 0, 70, 0]), week([70, 0, 70, 0, 0, 0, 70]), Trend::Same),
        ("nothing to compare with", vec![(0, 0); 7], calm, Trend::Untold),
    ] {
        let (a, b) = (days("a", 0, &a), days("b", 700 * DAY, &b));
        let comparison = compare(("a", &a), ("b", &b), Rules::default());
        let row = comparison.rows.iter().find(
            |row| matches!(&row.subject, Subject::Cause { cause } if cause == "mailbox-full"),
        );
        assert_eq!(row.map_or(Trend::Same, |row| row.trend), want, "{case}: {row:?}");
    }
}

#[test]
fn a_message_to_many_is_one_thing_that_happened() {
    let a = days("a", 0, &[(1000, 20); 7]);
    let mut b = days("b", 700 * DAY, &[(1000, 20); 7]);
    // On one day a message to 100 full mailboxes.
    if let Some((_, counts)) = b.rows.iter_mut().next() {
        counts.recipients += 100;
        counts.messages += 1;
    }
    for counts in b.rows.values_mut().skip(1) {
        counts.messages = counts.recipients;
    }
    let comparison = compare(("a", &a), ("b", &b), Rules::default());
    let row = comparison.rows.first().unwrap();
    assert!(row.clump > 1.3, "{row:?}");
}

fn beside(history: &Digest, today: &Digest) -> Option<Usual> {
    let window = Window::of(today)?;
    let before = window.before().map(|(from, to)| history.between(Some(from), Some(to)));
    usual(window, today, &before.collect::<Vec<_>>())
}

#[test]
fn a_day_is_compared_with_the_same_days_of_the_weeks_before() {
    // Seventy days from a Monday: 100 on Mondays, 10 on other days; the last day is a Sunday.
    let many: Vec<(u64, u64)> =
        (0..70).map(|n| if n % 7 == 0 { (5000, 100) } else { (1000, 10) }).collect();
    let monday = 1_767_571_200;
    let history = days("history", monday, &many);
    for (case, after, failed, want) in [
        ("a usual Monday", 0, 104, Deviation::Usual),
        ("far too many", 0, 300, Deviation::Above),
        ("far too few", 0, 20, Deviation::Below),
        ("a usual Tuesday", 1, 11, Deviation::Usual),
        ("a Tuesday like a Monday", 1, 100, Deviation::Above),
    ] {
        let today = days("today", monday + (70 + after) * DAY, &[(1000, failed)]);
        let usual = beside(&history, &today).unwrap();
        assert_eq!(usual.causes.len(), 1, "{case}");
        let row = usual.causes.first().unwrap();
        assert_eq!(row.deviation, want, "{case}: {row:?}");
        assert_eq!(row.usual, if after == 0 { 100 } else { 10 }, "{case}");
        assert_eq!(usual.days.len(), 8, "{case}");
    }
    let young = days("young", monday, &many[..7]);
    let today = days("today", monday + 7 * DAY, &[(5000, 300)]);
    let row = beside(&young, &today).unwrap().causes.remove(0);
    assert_eq!(row.deviation, Deviation::Unknown);
    assert!(beside(&Digest::default(), &today).is_none());
}

#[test]
fn a_morning_is_compared_with_mornings() {
    let monday = 1_767_571_200;
    let hours = |id: &str, first: i64, count: i64| {
        let mut digest = days(id, first, &[]);
        for hour in 0..count {
            // Five in each hour before noon, a hundred after.
            let failed = if hour % 24 < 12 { 5 } else { 100 };
            let one = days("one", first + hour * 3600, &[(1000, failed)]);
            digest.rows.extend(one.rows);
            digest.traffic.extend(one.traffic);
        }
        digest.grain = Grain::Hour;
        let last = (first + count * 3600) * 1_000_000 - 1;
        let span = Span { first: first * 1_000_000, last, lines: 1 };
        digest.parts.values_mut().for_each(|part| {
            part.hosts.insert("mx1".to_owned(), span);
        });
        digest
    };
    let history = hours("history", monday, 5 * 7 * 24);
    let usual = beside(&history, &hours("today", monday + 5 * 7 * DAY, 9)).unwrap();
    assert_eq!(
        (usual.from.as_str(), usual.to.as_str()),
        ("2026-02-09T00:00:00Z", "2026-02-09T09:00:00Z")
    );
    let row = usual.causes.first().unwrap();
    assert_eq!((row.today, row.usual, row.deviation), (45, 45, Deviation::Usual));
    // Days cannot be cut to a morning.
    assert!(
        beside(&history.coarser(Grain::Day), &hours("today", monday + 5 * 7 * DAY, 9)).is_none()
    );
}

#[test]
fn a_baseline_knows_the_hours_of_the_week() {
    let mut digest = Digest::default();
    let monday = 1_767_571_200;
    for week in 0..4 {
        for (hour, lines) in [(8, 40), (9, 0)] {
            let period = monday + week * 7 * DAY + hour * 3600;
            let host = CompactString::const_new("mx1");
            let direction = Direction::Outbound;
            let way = TrafficKey { period, host: host.clone(), direction, provider: None };
            digest.traffic.insert(way, TrafficCounts::default());
            let key = RowKey {
                period,
                host,
                direction,
                cause: Some("greylisted".into()),
                code: None,
                enhanced: None,
                provider: Some("one".into()),
            };
            digest
                .rows
                .insert(key, RowCounts { lines, recipients: lines / 2, ..Default::default() });
        }
    }
    let baseline = Baseline::of(&digest).unwrap();
    let rate = |hour: i64| {
        baseline.rate(Direction::Outbound, Some("one"), "greylisted", monday + hour * 3600)
    };
    assert_eq!(rate(8), Some(Rate { lines: 40.0, recipients: 20.0, weeks: 4 }));
    assert_eq!(rate(9).map(|rate| rate.lines), Some(0.0));
    assert_eq!(rate(10), None);
    assert_eq!(
        baseline.rate(Direction::Outbound, None, "greylisted", monday + 8 * 3600).map(|r| r.lines),
        Some(0.0)
    );
    assert_eq!(baseline.hours(), 2);
    assert!(Baseline::of(&digest.coarser(Grain::Day)).is_none());
}

#[test]
fn a_log_of_countless_hosts_stays_within_its_bound() {
    let names: Vec<String> = (0..3000).map(|n| format!("host{n}.example.org")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for (most, grain, rows) in [(MOST_ROWS, Grain::Hour, 1025), (100, Grain::Whole, 1)] {
        let mut counter = Counter::new("").bounded(most);
        for host in 0..3000 {
            counter.received(host, crate::event::Entrance::Smtp);
        }
        let digest = counter.finish(&names, &crate::pipeline::Outcome::default());
        assert_eq!((digest.grain, digest.traffic.len()), (grain, rows), "{most}");
        assert_eq!(digest.traffic.values().map(|counts| counts.received).sum::<u64>(), 3000);
        assert!(digest.traffic.keys().any(|key| key.host == OTHER), "{most}");
    }
}
