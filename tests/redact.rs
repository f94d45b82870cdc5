//! `--redact`: nothing of the names in the samples is left in any output, and every count is as without.

use crate::support::{Sample, Scratch, mailwhy, samples};
use serde_json::Value;
use std::collections::BTreeSet;

const KEY: &str = "a key for tests only, of some length";

/// Words that are mailboxes in the samples, and words of our own and other texts. As mailboxes they must be gone too:
/// before an `@`.
const ORDINARY: &[&str] = &[
    "user",
    "nobody",
    "left",
    "sales",
    "temp",
    "out",
    "blackhole",
    "spam",
    "script",
    "local",
    "defer",
    "postmaster",
    "unknown",
    "test",
    "news",
    "info",
    "root",
    "mail",
    "abuse",
    "daemon",
    "data",
    "short",
    "list",
    "error",
    "x",
    "sender",
    "again",
    "failed",
    "slow",
    "good",
    "gone",
    "full",
    "old",
    "off",
    "held",
    "postfix",
];

/// What is to be hidden in a log, taken from its events and from its lines: local parts, hosts, IP addresses.
fn secrets_of(sample: &Sample) -> BTreeSet<String> {
    let events = mailwhy(sample.arguments(&["events"])).run().json_lines();
    let mut secrets = BTreeSet::new();
    for event in &events {
        for field in [
            "sender",
            "recipient",
            "original_recipient",
            "final_recipient",
            "sasl_user",
            "message_id",
        ] {
            let Some(address) = event[field].as_str() else { continue };
            if address.starts_with(['|', '/', ':']) {
                continue;
            }
            let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
            secrets.insert(local.to_lowercase());
            secrets.insert(domain.to_lowercase());
        }
        for field in ["client_name", "client_address", "helo", "relay_address", "host"] {
            // The path of a socket of ours (`private/lmtp`) names nobody.
            let name = event[field].as_str().filter(|name| !name.contains('/'));
            secrets.extend(name.map(str::to_lowercase));
        }
        if event["direction"] != "local" {
            secrets.extend(event["relay_host"].as_str().map(str::to_lowercase));
        }
    }
    // Notes are no events, and their names may be in the trouble of our own servers.
    let text = sample.text().to_lowercase();
    let addresses = regex::Regex::new(r"[a-z0-9._+=-]+@[a-z0-9.-]+\.[a-z]+").unwrap();
    for address in addresses.find_iter(&text) {
        secrets.extend(address.as_str().split('@').map(str::to_owned));
    }
    let ips = regex::Regex::new(r"\[(\d+\.\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f:]+)\]").unwrap();
    secrets.extend(ips.captures_iter(&text).map(|ip| ip[1].to_owned()));
    // The ids of our own notifications are queue ids, which stay.
    let ids = regex::Regex::new(r"\]: ([0-9a-z]{6,}): ").unwrap();
    let ids: BTreeSet<_> = ids.captures_iter(&text).map(|id| id[1].to_owned()).collect();
    secrets.retain(|secret| {
        // A mailbox in octal escapes, named by a reply about another one: a bare word in prose, see `Redactor::text`.
        if ids.contains(secret) || secret == "274ller" {
            return false;
        }
        let secret = secret.trim_matches(['[', ']', '.']);
        secret.len() > 1
            && !ORDINARY.contains(&secret)
            && !["127.0.0.1", "::1", "localhost", "unknown", "gmail.com"].contains(&secret)
            && !secret.ends_with("google.com")
    });
    secrets
}

/// Whether a part of a text is a whole word.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    !before.is_some_and(joins) && !after.is_some_and(joins)
}

/// Whether a text has a name as a whole word.
fn has(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| stands_alone(text, at, at + name.len()))
}

/// Every form in as few runs as can be.
const OUTPUTS: &[&[&str]] = &[
    &[
        "report",
        "--detail",
        "--show-unknown",
        "--top",
        "1000",
        "--format",
        "text",
        "--output",
        "text",
        "--write",
        "json=json",
        "--write",
        "html=html",
        "--write",
        "markdown=markdown",
        "--write",
        "csv=csv",
        "--write",
        "prometheus=prometheus",
        "--write",
        "email=email",
        "--table",
        "texts",
    ],
    &["report", "--format", "csv", "--table", "clients"],
    &["report", "--format", "csv", "--table", "trouble"],
    &["events"],
    &["events", "--format", "csv"],
    &["incidents", "--top", "1000"],
    &["incidents", "--top", "1000", "--format", "json"],
    &["queue", "--top", "1000"],
    &["queue", "--top", "1000", "--format", "json"],
    &["queue", "--format", "csv"],
    &["audit", "--top", "1000"],
    &["audit", "--top", "1000", "--format", "json"],
    &["suppress", "--hard", "1", "--soft", "1", "--soft-days", "0", "--top", "1000"],
    &["suppress", "--hard", "1", "--soft", "1", "--soft-days", "0", "--format", "json"],
    &["trace", "--disposition", "bounced", "--limit", "100", "--lines"],
    &["trace", "--disposition", "rejected", "--limit", "100", "--lines", "--format", "json"],
];

/// What a run wrote, on standard output and into its folder; gone from there afterwards.
fn written(folder: &Scratch, stdout: String) -> Vec<(String, String)> {
    let mut all = vec![("-".to_owned(), stdout)];
    for file in std::fs::read_dir(&folder.path).unwrap() {
        let path = file.unwrap().path();
        all.push((
            path.file_name().unwrap().to_str().unwrap().to_owned(),
            std::fs::read_to_string(&path).unwrap(),
        ));
        std::fs::remove_file(path).unwrap();
    }
    all.sort();
    all
}

#[test]
fn no_output_has_a_name_of_the_samples() {
    let folder = Scratch::of_test("redact-outputs");
    let (mut leaks, mut names) = (Vec::new(), 0);
    for sample in samples() {
        let secrets = secrets_of(&sample);
        let finder = aho_corasick::AhoCorasick::builder()
            .kind(Some(aho_corasick::AhoCorasickKind::ContiguousNFA))
            .build(&secrets)
            .unwrap();
        names += secrets.len();
        // The names of files stay, and this is one of them.
        for output in OUTPUTS {
            let arguments = [output, &["--redact"][..]].concat();
            let arguments = sample.arguments(&arguments);
            let path = crate::support::repository().join(&sample.name);
            let file = path.to_str().unwrap();
            let arguments: Vec<_> =
                arguments.iter().map(|a| if *a == sample.name { file } else { *a }).collect();
            let ran = mailwhy(arguments).in_folder(&folder).env("MAILWHY_REDACT_KEY", KEY).run();
            // A trace that found nothing says so by its exit code.
            let nothing_found = output[0] == "trace" && ran.code == Some(1);
            // What the log lacks is told beside a table.
            let table = output.contains(&"csv") && ran.code == Some(0);
            let ran = match (nothing_found, table) {
                (true, _) => ran.stdout,
                (_, true) => ran.stdout + &ran.stderr,
                _ => ran.ok(),
            };
            for (form, shown) in written(&folder, ran) {
                let shown = shown.replace(file, "FILE").to_lowercase();
                for word in ORDINARY {
                    let address = format!("{word}@");
                    if has(&shown, &address) {
                        leaks.push(format!("{} {form}: {address}", sample.name));
                    }
                }
                let found: BTreeSet<_> = finder
                    .find_overlapping_iter(&shown)
                    .filter(|found| stands_alone(&shown, found.start(), found.end()))
                    .map(|found| shown[found.start()..found.end()].to_owned())
                    .collect();
                leaks
                    .extend(found.iter().map(|secret| format!("{} {form}: {secret}", sample.name)));
            }
        }
    }
    assert!(names > 1000, "only {names} names were looked for");
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}

/// A report without what may have other words: only counts are left.
fn counts(report: &mut Value) {
    match report {
        Value::Object(map) => {
            map.retain(|key, _| {
                !matches!(
                    key.as_str(),
                    "sample"
                        | "detail"
                        | "name"
                        | "template"
                        | "texts"
                        | "texts_total"
                        | "texts_error"
                        | "remedy"
                        | "checks"
                        | "remedies"
                        | "peers"
                        | "shapes"
                        | "trouble"
                        | "text"
                        | "clients"
                        | "domains"
                        | "relays"
                        | "recipient"
                )
            });
            map.values_mut().for_each(counts);
        }
        Value::Array(list) => list.iter_mut().for_each(counts),
        _ => {}
    }
}

#[test]
fn counts_are_as_without() {
    for sample in samples() {
        let report = |redact: &[&str]| {
            let command = [&["report", "--format", "json", "--top", "100000"][..], redact].concat();
            mailwhy(sample.arguments(&command)).env("MAILWHY_REDACT_KEY", KEY).run().json()
        };
        let (mut plain, mut redacted) = (report(&[]), report(&["--redact"]));
        for list in ["domains", "relays", "clients", "providers"] {
            let numbers = |report: &Value| {
                let rows = report[list]["rows"].as_array().unwrap();
                let mut rows: Vec<String> = rows
                    .iter()
                    .map(|row| {
                        let mut row = row.clone();
                        row.as_object_mut().unwrap().remove("name");
                        row.to_string()
                    })
                    .collect();
                rows.sort();
                rows
            };
            assert_eq!(numbers(&plain), numbers(&redacted), "{}: {list}", sample.name);
        }
        counts(&mut plain);
        counts(&mut redacted);
        assert_eq!(plain, redacted, "{}", sample.name);
    }
}

#[test]
fn pseudonyms_go_by_the_key() {
    let run = |key: &str, more: &[&str]| {
        let arguments =
            [&["events", "--redact", "--year", "2026", "samples/postfix/traditional.log"], more]
                .concat();
        mailwhy(arguments).env("MAILWHY_REDACT_KEY", key).run().ok()
    };
    assert_eq!(run(KEY, &["-j", "1"]), run(KEY, &["-j", "3", "--chunk-size", "1000"]));
    assert_ne!(run(KEY, &[]), run("another key, of some length too", &[]));
    // Without a key each run has its own, and says so.
    let once = || {
        mailwhy(["events", "--redact", "--year", "2026", "samples/postfix/traditional.log"]).run()
    };
    let (one, two) = (once(), once());
    assert!(one.stderr.contains("of this run only"), "{}", one.stderr);
    assert_ne!(one.stdout, two.stdout);
}

#[test]
fn a_key_that_can_be_guessed_is_refused() {
    let folder = crate::support::Scratch::of_test("redact-key");
    folder.file("key", "a key of a file, which ends with a line feed\n");
    folder.file("short", "short\n");
    let log = crate::support::repository().join("samples/postfix/new-year.log");
    let log = log.to_str().unwrap();
    let run = |file: &str| {
        mailwhy(["events", "--redact", "--redact-key-file", file, log]).in_folder(&folder).run()
    };
    let by_file = run("key").ok();
    let by_variable = mailwhy(["events", "--redact", log])
        .env("MAILWHY_REDACT_KEY", "a key of a file, which ends with a line feed")
        .run()
        .ok();
    assert_eq!(by_file, by_variable);
    for (file, complaint) in [("short", "too short"), ("missing", "missing: ")] {
        let ran = run(file);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{file}");
        assert!(ran.stderr.contains(complaint), "{file}: {}", ran.stderr);
    }
}

#[test]
fn the_filter_that_was_on_names_no_name() {
    let sample = crate::support::sample("postfix/traditional.log");
    for command in ["report", "queue", "audit", "suppress"] {
        let run = |redact: &[&str]| {
            let filter = ["--domain", "corp.example", "--format", "json"];
            let arguments = [&[command], &filter[..], redact].concat();
            mailwhy(sample.arguments(&arguments)).env("MAILWHY_REDACT_KEY", KEY).run().json()
        };
        let value =
            |document: &Value| document["filter"][0]["values"][0].as_str().map(str::to_owned);
        let (plain, redacted) = (run(&[]), run(&["--redact"]));
        assert_eq!(value(&plain).as_deref(), Some("corp.example"), "{command}: {plain}");
        let pseudonym = value(&redacted).unwrap();
        assert!(pseudonym.ends_with(".invalid"), "{command}: {pseudonym}");
    }
}

#[test]
fn a_trace_finds_by_the_name_and_tells_the_pseudonym() {
    let sample = crate::support::sample("postfix/traditional.log");
    let events = mailwhy(sample.arguments(&["events"])).run().json_lines();
    let refused = events.iter().find(|event| event["disposition"] == "bounced").unwrap();
    let id = refused["queue_id"].as_str().unwrap();
    for field in ["recipient", "queue_id"] {
        let key = refused[field].as_str().unwrap();
        let run = |redact: &[&str]| {
            let arguments =
                [&["trace", key], &["--format", "json", "--lines"][..], redact].concat();
            mailwhy(sample.arguments(&arguments)).env("MAILWHY_REDACT_KEY", KEY).run().json()
        };
        let (plain, redacted) = (run(&[]), run(&["--redact"]));
        assert_eq!(plain["found"], redacted["found"], "{key}");
        assert!(redacted["found"].as_u64() > Some(0), "{key}: {redacted}");
        assert_eq!(redacted["key"] == key, field == "queue_id", "{key}: {}", redacted["key"]);
        let text = redacted.to_string();
        assert!(text.contains(id), "{key}: the queue id stays");
        assert!(!has(&text, refused["recipient"].as_str().unwrap()), "{key}: {text}");
        // What became of messages, and why, is as without.
        let told = |document: &Value| {
            let messages = document["messages"].as_array().unwrap();
            let rows = |message: &Value, list: &str, fields: &[&str]| -> Vec<Value> {
                let rows = message[list].as_array().unwrap().iter();
                rows.flat_map(|row| fields.iter().map(|field| row[*field].clone())).collect()
            };
            let told = messages.iter().map(|message| {
                let steps = rows(message, "steps", &["what", "cause", "code", "line"]);
                (message["found_by"].clone(), message["missing"].clone(), steps)
            });
            told.collect::<Vec<_>>()
        };
        assert_eq!(told(&plain), told(&redacted), "{key}");
    }
}

#[test]
fn domains_are_kept_on_request() {
    let sample = crate::support::sample("postfix/traditional.log");
    let events = |more: &[&str]| {
        let command = [&["events", "--redact"][..], more].concat();
        mailwhy(sample.arguments(&command)).env("MAILWHY_REDACT_KEY", KEY).run().ok()
    };
    let (hidden, kept) = (events(&[]), events(&["--redact-keep-domains"]));
    assert!(!hidden.contains("corp.example") && kept.contains("@corp.example"), "{kept}");
    assert!(!kept.contains("ann@") && !kept.contains("mx1"), "{kept}");
}
