//! Where is my mail: stories composed here and in the samples, from outside and through the library.

use crate::generator::{Server, log};
use crate::support::{Scratch, acts_on_a_terminal, depth, mailwhy, samples};
use mailwhy::classify::Judge;
use mailwhy::pipeline::{Options, run_reader};
use mailwhy::time::Zone;
use mailwhy::trace::{Key, Query, Trace, trace};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::num::NonZeroUsize;

/// Ann's message goes through a content filter to three recipients: Bob's mailbox is full at first, Carol gets it,
/// Dan is unknown and Ann is told. Eve's login fails, Frank is refused. A second message with Ann's old queue id
/// comes a month later.
const LOG: &str = "\
Jan  5 10:00:00 mx1 postfix/submission/smtpd[1]: 4C1D2E3F40: client=pc.example.net[192.0.2.10], sasl_method=PLAIN, sasl_username=ann
Jan  5 10:00:00 mx1 postfix/cleanup[2]: 4C1D2E3F40: message-id=<1.a@example.net>
Jan  5 10:00:00 mx1 postfix/qmgr[3]: 4C1D2E3F40: from=<ann@example.net>, size=1000, nrcpt=3 (queue active)
Jan  5 10:00:01 mx1 postfix/smtpd[4]: 5D2E3F4051: client=localhost[127.0.0.1]
Jan  5 10:00:01 mx1 postfix/cleanup[2]: 5D2E3F4051: message-id=<1.a@example.net>
Jan  5 10:00:01 mx1 postfix/qmgr[3]: 5D2E3F4051: from=<ann@example.net>, size=1100, nrcpt=3 (queue active)
Jan  5 10:00:01 mx1 postfix/smtp[5]: 4C1D2E3F40: to=<bob@example.com>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.9, delays=0.2/0.01/0.01/0.68, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5D2E3F4051)
Jan  5 10:00:01 mx1 postfix/smtp[5]: 4C1D2E3F40: to=<carol@example.com>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.9, delays=0.2/0.01/0.01/0.68, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5D2E3F4051)
Jan  5 10:00:01 mx1 postfix/smtp[5]: 4C1D2E3F40: to=<dan@example.org>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.9, delays=0.2/0.01/0.01/0.68, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5D2E3F4051)
Jan  5 10:00:01 mx1 postfix/qmgr[3]: 4C1D2E3F40: removed
Jan  5 10:00:02 mx1 postfix/smtp[6]: 5D2E3F4051: to=<bob@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=4.2.2, status=deferred (host mx.example.com[198.51.100.25] said: 452 4.2.2 <bob@example.com>: Mailbox is over its quota (in reply to RCPT TO command))
Jan  5 10:00:02 mx1 postfix/smtp[6]: 5D2E3F4051: to=<carol@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 6E3F405162)
Jan  5 10:00:02 mx1 postfix/smtp[7]: 5D2E3F4051: to=<dan@example.org>, relay=mx.example.org[198.51.100.26]:25, delay=1, delays=0/0/0.5/0.5, dsn=5.1.1, status=bounced (host mx.example.org[198.51.100.26] said: 550 5.1.1 <dan@example.org>: User unknown (in reply to RCPT TO command))
Jan  5 10:00:02 mx1 postfix/cleanup[2]: 7F40516273: message-id=<2@mx1.example.net>
Jan  5 10:00:02 mx1 postfix/bounce[8]: 5D2E3F4051: sender non-delivery notification: 7F40516273
Jan  5 10:00:02 mx1 postfix/qmgr[3]: 7F40516273: from=<>, size=3000, nrcpt=1 (queue active)
Jan  5 10:00:03 mx1 postfix/local[9]: 7F40516273: to=<ann@example.net>, relay=local, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (delivered to mailbox)
Jan  5 10:00:03 mx1 postfix/qmgr[3]: 7F40516273: removed
Jan  5 10:05:00 mx1 postfix/smtpd[10]: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 550 5.1.1 <frank@example.net>: Recipient address rejected: User unknown in local recipient table; from=<spam@example.org> to=<frank@example.net> proto=ESMTP helo=<x>
Jan  5 10:06:00 mx1 postfix/smtpd[10]: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: authentication failure, sasl_username=eve
Jan  5 11:00:02 mx1 postfix/smtp[6]: 5D2E3F4051: to=<bob@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=3601, delays=3600/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as A162738BC9)
Jan  5 11:00:02 mx1 postfix/qmgr[3]: 5D2E3F4051: removed
Feb  5 12:00:00 mx1 postfix/smtpd[1]: 4C1D2E3F40: client=mail.example.org[192.0.2.20]
Feb  5 12:00:00 mx1 postfix/cleanup[2]: 4C1D2E3F40: message-id=<9@example.org>
Feb  5 12:00:00 mx1 postfix/qmgr[3]: 4C1D2E3F40: from=<gus@example.org>, size=500, nrcpt=2 (queue active)
Feb  5 12:00:01 mx1 postfix/smtp[6]: 4C1D2E3F40: to=<bob@example.com>, relay=none, delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred (connect to mx.example.com[198.51.100.25]:25: Connection timed out)
";

/// The messages found: their queue ids, and each recipient with its fate.
fn told(found: &Value) -> Vec<(String, String)> {
    let words = |values: &Value, each: fn(&Value) -> String| {
        values.as_array().unwrap().iter().map(each).collect::<Vec<_>>().join(" ")
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let messages = found["messages"].as_array().unwrap().iter();
    messages
        .map(|message| {
            let recipient = |r: &Value| {
                let of = |field: &str| r[field].as_str().unwrap().to_owned();
                format!("{}={}", of("address").split('@').next().unwrap(), of("fate"))
            };
            (words(&message["queue_ids"], text), words(&message["recipients"], recipient))
        })
        .collect()
}

struct Tracing {
    folder: Scratch,
}

impl Tracing {
    fn of(test: &str, log: impl AsRef<[u8]>) -> Self {
        let folder = Scratch::of_test(test);
        folder.file("mail.log", log);
        Self { folder }
    }

    fn run(&self, arguments: &[&str]) -> crate::support::Ran {
        let all = [&["trace", "--tz", "UTC", "--year", "2026"], arguments].concat();
        mailwhy(all).in_folder(&self.folder).run()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--format", "json", "mail.log"]].concat()).json()
    }
}

const ANNS: (&str, &str) = ("4C1D2E3F40 5D2E3F4051", "bob=delivered carol=delivered dan=bounced");
const GUS: (&str, &str) = ("4C1D2E3F40", "bob=queued");

#[test]
fn every_key_finds_its_messages_with_all_their_kin() {
    let tracing = Tracing::of("trace-keys", LOG);
    for (keys, want) in [
        // A queue id, that of its filtered message, that of its notification: the same story. The first was used
        // again.
        (&["4C1D2E3F40"][..], &[ANNS, GUS][..]),
        (&["5D2E3F4051"], &[ANNS]),
        (&["7F40516273"], &[ANNS]),
        (&["<1.a@example.net>"], &[ANNS]),
        (&["1.a@example.net"], &[ANNS]),
        (&["ann@example.net"], &[ANNS]),
        (&["BOB@Example.com"], &[ANNS, GUS]),
        (&["dan@example.org"], &[ANNS]),
        (&["@example.org"], &[ANNS, GUS]),
        (&["example.com"], &[ANNS, GUS]),
        (&["ann"], &[ANNS]),
        (&["192.0.2.10"], &[ANNS]),
        (&["192.0.2.0/28"], &[ANNS]),
        (&["pc.example.net"], &[ANNS]),
        // The first character of an id is no id.
        (&["4C1D2E3F4"], &[]),
        // Filters, alone and together with a key.
        (&["--recipient", "carol@example.com"], &[ANNS]),
        (&["--sender", "*@example.org", "--sender", "ann@*"], &[ANNS, GUS]),
        (&["--user", "ann", "--class", "5"], &[ANNS]),
        (&["--user", "ann", "--class", "3"], &[]),
        (&["--client", "192.0.2.16/28"], &[GUS]),
        (&["--cause", "mailbox-full"], &[ANNS]),
        (&["bob@example.com", "--since", "2026-02-01"], &[GUS]),
        (&["bob@example.com", "--until", "2026-02-01"], &[ANNS]),
        (&["bob@example.com", "--disposition", "bounced"], &[ANNS]),
        (&["bob@example.com", "--queue-id", "5D2E3F4051"], &[ANNS]),
    ] {
        let ran = tracing.run(&[keys, &["--format", "json", "mail.log"]].concat());
        assert_eq!(ran.code, Some(i32::from(want.is_empty())), "{keys:?}: {}", ran.stderr);
        let found: Value = serde_json::from_str(&ran.stdout).unwrap();
        let want: Vec<_> = want.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(told(&found), want, "{keys:?}");
        assert_eq!(found["found"], want.len(), "{keys:?}");
    }
}

#[test]
fn a_story_has_its_facts_times_and_causes() {
    let found = Tracing::of("trace-story", LOG).json(&["ann@example.net"]);
    let message = &found["messages"][0];
    for (pointer, want) in [
        ("/sender", "ann@example.net"),
        ("/user", "ann"),
        ("/client_name", "pc.example.net"),
        ("/client_address", "192.0.2.10"),
        ("/message_id", "1.a@example.net"),
        ("/arrived", "2026-01-05T10:00:00Z"),
        ("/recipients/0/first_try", "2026-01-05T10:00:02Z"),
        ("/recipients/0/last_try", "2026-01-05T11:00:02Z"),
        ("/recipients/2/party", "sender"),
        ("/notifications/0/queue_id", "7F40516273"),
        ("/notifications/0/what", "non-delivery"),
        ("/notifications/0/recipients/0/fate", "delivered"),
    ] {
        assert_eq!(message.pointer(pointer), Some(&want.into()), "{pointer}");
    }
    assert_eq!(message["recipients"][0]["tries"], 2);
    assert_eq!(message["recipients"][0]["after"], 3602.0);
    assert_eq!(message["missing"], serde_json::json!([]));
    let steps = message["steps"].as_array().unwrap();
    let what: Vec<_> = steps
        .iter()
        .map(|step| step["what"].as_str().unwrap())
        .filter(|what| !["message-id", "queued"].contains(what))
        .collect();
    assert_eq!(
        what.join(" "),
        "arrived arrived handed-over handed-over handed-over done deferred delivered bounced notified delivered \
         done delivered done"
    );
    let deferred = steps.iter().find(|step| step["what"] == "deferred").unwrap();
    assert_eq!((&deferred["cause"], &deferred["line"]), (&"mailbox-full".into(), &11.into()));
}

#[test]
fn what_is_not_in_the_log_is_said() {
    let lines: Vec<&str> = LOG.split_inclusive('\n').collect();
    let without = |dropped: &[usize]| {
        let kept = lines.iter().enumerate().filter(|(n, _)| !dropped.contains(&(n + 1)));
        kept.map(|(_, line)| *line).collect::<String>()
    };
    let again = lines[22..].concat().replace("Feb  5", "Jan  6");
    for (name, log, key, want) in [
        ("nothing", LOG.to_owned(), "dan@example.org", &[][..]),
        ("still queued", LOG.to_owned(), "gus@example.org", &["still-queued"]),
        (
            "begun before the log",
            without(&[1, 2, 3, 4, 5, 7, 8, 9, 10]),
            "5D2E3F4051",
            &["arrival"],
        ),
        (
            "no filtered message",
            lines[..3].concat() + lines[6] + lines[9],
            "4C1D2E3F40",
            &["filtered-message"],
        ),
        ("no notification", without(&[14, 16, 17, 18]), "carol@example.com", &["notification"]),
        ("a week of silence", without(&[21, 22]), "carol@example.com", &["silent", "outcome"]),
        ("removed without an outcome", without(&[21]), "carol@example.com", &["outcome"]),
        ("id used again", lines[..3].concat() + &again, "1.a@example.net", &["id-used-again"]),
    ] {
        let tracing = Tracing::of("trace-missing", log);
        let found = tracing.json(&[key]);
        assert_eq!(found["messages"][0]["missing"], serde_json::json!(want), "{name}");
    }
}

#[test]
fn refusals_without_a_queue_id_are_told() {
    let tracing = Tracing::of("trace-refusals", LOG);
    for (keys, lines) in [
        (&["frank@example.net"][..], &[19][..]),
        (&["spam@example.org"], &[19]),
        (&["203.0.113.9"], &[19, 20]),
        (&["203.0.113.0/24", "--code", "550"], &[19]),
        (&["eve"], &[20]),
        (&["--client", "203.0.113.9"], &[19, 20]),
        (&["--cause", "smtp-auth-failed"], &[20]),
    ] {
        let found = tracing.json(keys);
        let refusals = found["refusals"].as_array().unwrap().iter();
        let got: Vec<_> = refusals.map(|step| step["line"].as_u64().unwrap()).collect();
        assert_eq!(got, lines, "{keys:?}");
        assert_eq!((&found["found"], &found["refusals_found"]), (&0.into(), &lines.len().into()));
    }
}

#[test]
fn arguments_are_keys_or_files() {
    let tracing = Tracing::of("trace-arguments", LOG);
    for (arguments, code, says) in [
        (&["4C1D2E3F40", "mail.log"][..], 0, ""),
        (&["--recipient", "bob@example.com", "mail.log"], 0, ""),
        (&["mail.log"], 2, "is a file"),
        (&[], 2, "name what to look for"),
        (&["", "mail.log"], 2, "the key is empty"),
        (&["nobody@example.com", "mail.log"], 1, ""),
        (&["4C1D2E3F40", "missing.log"], 2, "missing.log"),
        (&["4C1D2E3F40", "--cause", "full", "mail.log"], 2, "mailbox-full"),
    ] {
        let ran = tracing.run(arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.contains(says), "{arguments:?}: {}", ran.stderr);
        assert_eq!(ran.stderr.is_empty(), says.is_empty(), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn standard_input_is_read_twice_packed_or_not() {
    let tracing = Tracing::of("trace-stdin", LOG);
    let wide = |run: crate::support::Mailwhy| run.columns(4000).run().ok();
    let arguments = ["trace", "bob@example.com", "--lines", "--tz", "UTC", "--year", "2026"];
    let named = mailwhy([&arguments[..], &["mail.log"]].concat()).in_folder(&tracing.folder);
    let want = wide(named);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(LOG.as_bytes()).unwrap();
    for input in [LOG.as_bytes().to_vec(), packed.finish().unwrap()] {
        for files in [&[][..], &["-"]] {
            let ran = wide(mailwhy([&arguments[..], files].concat()).stdin(input.clone()));
            assert_eq!(ran.replace("-:", "mail.log:").replace("Log: -", "Log: mail.log"), want);
        }
    }
    let no_log = mailwhy(["trace", "bob@example.com"]).stdin("milk\nbread\n").run();
    assert_eq!(no_log.code, Some(2));
    assert!(no_log.stderr.starts_with("mailwhy: -: not a mail log"), "{}", no_log.stderr);
}

#[test]
fn only_the_newest_messages_are_shown_and_the_others_counted() {
    let mut text = String::new();
    for n in 0..30 {
        let id = format!("{:010X}", 0xA0_0000_0000_u64 + n);
        let head = format!("Jan  5 10:{n:02}");
        writeln!(text, "{head}:00 mx1 postfix/qmgr[3]: {id}: from=<ann@example.net>, size=9, nrcpt=1 (queue active)").unwrap();
        writeln!(text, "{head}:01 mx1 postfix/smtp[6]: {id}: to=<bob@example.com>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1, status=deferred (connect to mx.example.com[198.51.100.25]:25: Connection timed out)").unwrap();
    }
    let tracing = Tracing::of("trace-limit", text);
    let found = tracing.json(&["bob@example.com", "--limit", "3"]);
    assert_eq!(found["found"], 30);
    let ids: Vec<_> = told(&found).into_iter().map(|(ids, _)| ids).collect();
    assert_eq!(ids, ["A00000001B", "A00000001C", "A00000001D"]);
    let shown = tracing.run(&["bob@example.com", "--limit", "3", "mail.log"]).ok();
    assert!(shown.contains("27 earlier are not shown"), "{shown}");
}

#[test]
fn years_are_right_though_few_lines_are_parsed() {
    // No line of December is about the message, and what lies between tells that there was a new year.
    let mut text = String::new();
    for (month, days) in [("Nov", 1..=30), ("Dec", 1..=31), ("Jan", 1..=9)] {
        for day in days {
            writeln!(text, "{month} {day:>2} 10:00:00 mx1 postfix/qmgr[3]: 4C1D2E3F40: removed")
                .unwrap();
        }
    }
    text += "Jan 10 10:00:00 mx1 postfix/qmgr[3]: 5D2E3F4051: from=<ann@example.net>, size=9, nrcpt=1 (queue active)\n";
    let tracing = Tracing::of("trace-years", &text);
    for chunk in ["64", "1000", "262144"] {
        let arguments = [
            "trace",
            "5D2E3F4051",
            "--tz",
            "UTC",
            "--year",
            "2025",
            "--chunk-size",
            chunk,
            "--format",
            "json",
            "mail.log",
        ];
        let found = mailwhy(arguments).in_folder(&tracing.folder).run().json();
        assert_eq!(found["messages"][0]["steps"][0]["time"], "2026-01-10T10:00:00Z", "{chunk}");
    }
}

#[test]
fn text_fits_its_width_in_both_languages_and_hostile_text_is_harmless() {
    let hostile = LOG.replace("Mailbox is over its quota", "\u{1b}[31mred\u{202e}\u{7}").replace(
        "<1.a@example.net>",
        &format!("<1.a{}\u{1b}]0;x\u{7}@example.net>", "x".repeat(3000)),
    );
    let tracing = Tracing::of("trace-text", hostile);
    for language in ["en", "ru"] {
        for columns in [80, 120] {
            for more in [&[][..], &["--lines"]] {
                let arguments = [
                    "trace",
                    "--tz",
                    "UTC",
                    "--year",
                    "2026",
                    "--lang",
                    language,
                    "bob@example.com",
                    "mail.log",
                ];
                let text = mailwhy([&arguments[..], more].concat())
                    .in_folder(&tracing.folder)
                    .columns(columns)
                    .run()
                    .ok();
                for line in text.lines() {
                    let width = textwrap::core::display_width(line);
                    assert!(width <= columns, "{language} {columns}: {width} {line}");
                }
                assert!(!text.chars().any(acts_on_a_terminal), "{language} {columns}");
                assert_eq!(text.contains("mail.log:11: "), !more.is_empty(), "{text}");
            }
        }
    }
    let json = tracing.run(&["bob@example.com", "--format", "json", "--lines", "mail.log"]).ok();
    assert!(!json.chars().any(acts_on_a_terminal));
    let raw =
        tracing.json(&["bob@example.com", "--lines"])["messages"][0]["steps"][0]["raw"].clone();
    assert!(raw.as_str().unwrap().starts_with("Jan  5 10:00:00 mx1 postfix/submission"), "{raw}");
}

#[test]
fn ndjson_has_the_messages_and_refusals_of_the_document() {
    let tracing = Tracing::of("trace-ndjson", LOG);
    for key in ["bob@example.com", "203.0.113.9"] {
        let whole = tracing.json(&[key]);
        let lines = tracing.run(&[key, "--format", "ndjson", "mail.log"]).json_lines();
        for kind in ["message", "refusal"] {
            let got: Vec<_> = lines
                .iter()
                .filter(|line| line["type"] == kind)
                .map(|line| {
                    let mut line = line.clone();
                    line.as_object_mut()
                        .unwrap()
                        .retain(|field, _| field != "type" && field != "schema");
                    line
                })
                .collect();
            let list = if kind == "message" { "messages" } else { "refusals" };
            assert_eq!(&got, whole[list].as_array().unwrap(), "{key} {kind}");
        }
    }
}

/// What is found, in full, with a key in some bytes.
fn found(bytes: &[u8], key: &str, threads: usize, chunk_size: usize) -> Option<Trace> {
    let options = Options {
        threads: NonZeroUsize::new(threads).unwrap(),
        zone: Zone::utc(),
        year: Some(2026),
        chunk_size,
        now: Some(1_800_000_000),
        ..Options::default()
    };
    let query =
        Query { key: Some(Key::parse(key)?), filter: None, limit: 1000, raw: true, rewrite: None };
    let (found, _) = trace(&query, &options, Judge::builtin(), |options, sink| {
        run_reader("-", Cursor::new(bytes.to_vec()), options, sink)
    });
    Some(found)
}

#[test]
fn every_queue_id_of_every_sample_is_traced_and_its_lines_are_those_that_events_have() {
    for sample in samples() {
        let events = mailwhy(sample.arguments(&["events"])).run().json_lines();
        let mut ids: Vec<_> =
            events.iter().filter_map(|event| event["queue_id"].as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let found = found(&sample.bytes, id, 1, Options::CHUNK_SIZE).unwrap();
            let mut got: Vec<_> = found
                .messages
                .iter()
                .flat_map(|message| &message.steps)
                .filter(|step| step.queue_id.as_deref() == Some(id) && step.text.is_some())
                .filter(|step| step.what.slug() != "message-id")
                .map(|step| step.at.line)
                .collect();
            got.sort_unstable();
            got.dedup();
            let want = events.iter().filter(|event| {
                event["queue_id"] == id && event["duplicate"] == false && event["text"] != ""
            });
            let mut want: Vec<_> = want.map(|event| event["line"].as_u64().unwrap()).collect();
            want.dedup();
            assert_eq!(got, want, "{} {id}", sample.name);
        }
    }
}

#[test]
fn any_key_in_any_log_gives_the_same_for_any_threads_and_chunks() {
    let mut inputs: Vec<Vec<u8>> = samples().into_iter().map(|sample| sample.bytes).collect();
    inputs.push(log(Server::Both, 60_000, 7).0.into_bytes());
    inputs.push(LOG.as_bytes().to_vec());
    let config = Config {
        cases: 60 * depth(),
        rng_seed: RngSeed::Fixed(5),
        failure_persistence: None,
        ..Config::default()
    };
    // A key is cut out of a log, or anything.
    let cut = (0..inputs.len(), any::<prop::sample::Index>(), 1..40_usize)
        .prop_map(|(n, at, length)| (n, Some((at, length)), String::new()));
    let free = (0..inputs.len(), ".{0,30}").prop_map(|(n, text)| (n, None, text));
    let cases = prop_oneof![3 => cut, 1 => free];
    TestRunner::new(config)
        .run(&cases, |(n, cut, free)| {
            let bytes = &inputs[n];
            let key = match cut {
                Some((at, length)) => {
                    let at = at.index(bytes.len());
                    let end = bytes.len().min(at + length);
                    String::from_utf8_lossy(&bytes[at..end]).into_owned()
                }
                None => free,
            };
            let plain = format!("{:?}", found(bytes, &key, 1, Options::CHUNK_SIZE));
            for (threads, chunk_size) in [(1, 64), (3, 777), (2, 65_536)] {
                let other = format!("{:?}", found(bytes, &key, threads, chunk_size));
                prop_assert_eq!(&plain, &other, "{:?} {} {}", &key, threads, chunk_size);
            }
            Ok(())
        })
        .unwrap();
}
