//! Every sample's events and account of lines, as snapshots: the contract of the parsers.
//!
//! One event is one line with all that is known of it. Of a sample with many events the first ones are kept, and
//! how many there are of each kind. A snapshot that changes is a change of what users get: read the difference.

use crate::support::{Sample, acts_on_a_terminal, mailwhy, sample, samples};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The fields of an event in the order of its documentation, but for `schema` and `file`.
const FIELDS: [&str; 50] = [
    "line",
    "time",
    "host",
    "program",
    "mta",
    "kind",
    "action",
    "direction",
    "origin",
    "stage",
    "disposition",
    "code",
    "class",
    "enhanced",
    "enhanced_source",
    "implied_code",
    "dsn",
    "mixed_codes",
    "repeated",
    "duplicate",
    "count",
    "queue_id",
    "sender",
    "recipient",
    "original_recipient",
    "final_recipient",
    "client_name",
    "client_address",
    "client_port",
    "helo",
    "relay_host",
    "relay_address",
    "relay_port",
    "delay",
    "delay_before_queue",
    "delay_in_queue",
    "delay_connect",
    "delay_transmit",
    "tls",
    "sasl_user",
    "message_id",
    "queued_as",
    "provider",
    "cause",
    "detail",
    "basis",
    "rule",
    "party",
    "hard",
    "retry",
];
/// Words that stand alone in a snapshot; their fields are plain from them.
const WORDS: [&str; 7] = ["kind", "action", "direction", "origin", "stage", "disposition", "code"];
/// Follows from another field; checked, not shown.
const IMPLIED: [&str; 8] =
    ["class", "enhanced_source", "mta", "basis", "rule", "party", "hard", "retry"];

const MANY: usize = 60;
const LONGEST_TEXT: usize = 200;

#[test]
fn each_sample_gives_its_events() {
    for sample in samples() {
        let events = events_of(&sample);
        let mut text = account(&sample);
        text.push('\n');
        for event in events.iter().take(MANY) {
            text.push_str(&one_line(event));
            text.push('\n');
        }
        if events.len() > MANY {
            let _ = writeln!(
                text,
                "… and {} more; all of them by kind, disposition, code, stage:",
                events.len() - MANY
            );
            text.push_str(&by_kind(&events));
        }
        let name = sample.name.trim_start_matches("samples/").replace('/', "-");
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn an_event_has_the_documented_fields_in_json_and_in_csv() {
    let sample = sample("mixed/crowded.log");
    let documented: BTreeSet<&str> =
        FIELDS.iter().copied().chain(["schema", "file", "text"]).collect();
    for event in events_of(&sample) {
        let names: BTreeSet<&str> = event.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, documented);
    }
    let csv = mailwhy(sample.arguments(&["events", "--format", "csv"])).run().ok();
    let header: BTreeSet<&str> = csv.lines().next().unwrap().split(',').collect();
    assert_eq!(header, documented);
    let help = mailwhy(["events", "--help"]).run().ok();
    for field in documented {
        let word = |text: &str| {
            text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').any(|w| w == field)
        };
        assert!(word(&help), "--help does not tell of {field}");
    }
}

#[test]
fn csv_says_the_same_as_json() {
    for sample in samples() {
        let csv = mailwhy(sample.arguments(&["events", "--format", "csv"])).run().ok();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let header = reader.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let events = events_of(&sample);
        assert_eq!(rows.len(), events.len(), "{}", sample.name);
        for (row, event) in rows.iter().zip(&events) {
            for (field, cell) in header.iter().zip(row) {
                let want = match &event[field] {
                    Value::Null => String::new(),
                    Value::String(text) => safe_cell(text),
                    other => other.to_string(),
                };
                assert_eq!(cell, want, "{}:{} {field}", sample.name, event["line"]);
            }
        }
    }
}

/// What a spreadsheet may see of a text: what is not printable escaped, formulas defused.
fn safe_cell(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        let _ = match c {
            '\0'..='\u{1f}' | '\u{7f}' => write!(shown, "\\x{:02x}", u32::from(c)),
            c if acts_on_a_terminal(c) => write!(shown, "\\u{{{:x}}}", u32::from(c)),
            c => write!(shown, "{c}"),
        };
    }
    if shown.starts_with(['=', '+', '-', '@']) { format!("'{shown}") } else { shown }
}

fn events_of(sample: &Sample) -> Vec<Value> {
    mailwhy(sample.arguments(&["events"])).run().json_lines()
}

/// The account of the lines, as the report has it.
fn account(sample: &Sample) -> String {
    let report = sample.report();
    let input = &report["input"];
    let mut text = format!("{} lines", input["lines"]);
    for (bucket, lines) in input["buckets"].as_object().unwrap() {
        let _ = write!(text, ", {bucket} {lines}");
    }
    for (name, value) in input.as_object().unwrap() {
        let extra =
            matches!(name.as_str(), "invalid_bytes" | "cut_lines" | "without_time" | "duplicates");
        if extra && value != 0 {
            let _ = write!(text, "; {name} {value}");
        }
    }
    text.push('\n');
    text
}

/// All that is known of an event.
fn one_line(event: &Value) -> String {
    let code = event["code"].as_u64();
    assert_eq!(event["class"].as_u64(), code.map(|code| code / 100), "{event}");
    assert_eq!(event["enhanced"].is_null(), event["enhanced_source"].is_null(), "{event}");
    let mut text = format!("{}:", event["line"]);
    for field in FIELDS.into_iter().skip(1) {
        let value = match &event[field] {
            Value::String(text) if text.is_empty() => "<>".to_owned(),
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(true) => String::new(),
            _ => continue,
        };
        let plain = field == "count" && value == "1" || field == "host" && value == "mx1";
        if plain || IMPLIED.contains(&field) {
            continue;
        }
        let _ = match field {
            "time" => write!(text, " {value}"),
            _ if WORDS.contains(&field) => write!(text, " {value}"),
            _ if value.is_empty() => write!(text, " {field}"),
            _ => write!(text, " {field}={value}"),
        };
    }
    let said = event["text"].as_str().unwrap();
    let short: String = said.chars().take(LONGEST_TEXT).collect();
    let mark = if short.len() < said.len() { "…" } else { "" };
    let _ = write!(text, " | {}{mark}", short.escape_debug());
    text
}

fn by_kind(events: &[Value]) -> String {
    let mut counts = BTreeMap::<String, usize>::new();
    for event in events {
        let shown = |field: &str| match &event[field] {
            Value::Null => "-".to_owned(),
            value => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        };
        let key = ["kind", "disposition", "code", "enhanced", "stage"].map(shown).join(" ");
        *counts.entry(key).or_default() += 1;
    }
    counts.iter().fold(String::new(), |mut text, (key, count)| {
        let _ = writeln!(text, "{count:>5} {key}");
        text
    })
}
