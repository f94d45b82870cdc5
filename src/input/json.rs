//! One line of JSON to one plain syslog line: journald (J-3, J-4), Docker (K-1), collectors (K-6).
//!
//! The forms differ in the names of five things: time, host, program, process and message. A message that is
//! a whole log line itself stands for the line; otherwise the five are put together as RFC 3339 syslog. An
//! object without a message is no log line and stays as it is. To add a form: its names in the tables.

use super::chunk::{push_hex, visible};
use crate::time::{Stamp, Time, parse_stamp};
use serde_json::{Map, Value};

/// Where the message is; a dot goes into an object.
const MESSAGE: &[&str] = &[
    "MESSAGE",
    "message",
    "short_message",
    "msg",
    "log",
    "line",
    "textPayload",
    "jsonPayload.message",
    "jsonPayload.MESSAGE",
];
const TIME: &[&str] =
    &["__REALTIME_TIMESTAMP", "@timestamp", "timestamp", "time", "timereported", "ISODATE", "DATE"];
const HOST: &[&str] = &[
    "_HOSTNAME",
    "host.name",
    "host.hostname",
    "hostname",
    "host",
    "HOST",
    "fromhost",
    "syslog.hostname",
    "jsonPayload._HOSTNAME",
    "jsonPayload.hostname",
];
const PROGRAM: &[&str] = &[
    "SYSLOG_IDENTIFIER",
    "_COMM",
    "process.name",
    "log.syslog.appname",
    "syslog.appname",
    "syslog.program",
    "appname",
    "program",
    "programname",
    "ident",
    "PROGRAM",
    "app-name",
    "app_name",
    "application_name",
    "_application_name",
    "_program",
    "jsonPayload.SYSLOG_IDENTIFIER",
    "jsonPayload._COMM",
];
const PROCESS: &[&str] = &[
    "SYSLOG_PID",
    "_PID",
    "process.pid",
    "log.syslog.procid",
    "syslog.procid",
    "procid",
    "pid",
    "PID",
    "jsonPayload.SYSLOG_PID",
    "jsonPayload._PID",
];

/// What a line of JSON is.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum JsonLine {
    /// A log line.
    Whole {
        /// In one line, visible.
        text: String,
        /// Bytes of the message that were not UTF-8.
        invalid_bytes: u64,
    },
    /// What a container wrote: a line, or a part of one where the line feed lacks.
    Written {
        /// Its standard error.
        to_stderr: bool,
        /// Docker's time and a space.
        prefix: String,
        /// In one line, visible.
        text: String,
        /// With its line feed.
        complete: bool,
    },
}

/// Reads `line`, which begins with `{`; `None` when it holds no log message.
pub(super) fn parse_json_line(line: &str) -> Option<JsonLine> {
    let object: Map<String, Value> = serde_json::from_str(line).ok()?;
    written(&object).or_else(|| whole(&object))
}

/// Docker's json-file and nothing else: a collector may have taken line feeds away.
fn written(object: &Map<String, Value>) -> Option<JsonLine> {
    let (log, stream) = (object.get("log")?.as_str()?, object.get("stream")?.as_str()?);
    let time = time_of(object.get("time")?)?;
    if object.keys().any(|key| !matches!(key.as_str(), "log" | "stream" | "time" | "attrs")) {
        return None;
    }
    Some(JsonLine::Written {
        to_stderr: stream == "stderr",
        prefix: format!("{time} "),
        text: in_one_line(log),
        complete: log.ends_with('\n'),
    })
}

fn whole(object: &Map<String, Value>) -> Option<JsonLine> {
    let mut invalid_bytes = 0;
    let message = MESSAGE.iter().find_map(|name| match find(object, name)? {
        // journald leaves out the text of a very long message.
        Value::Null if *name == "MESSAGE" => Some(String::new()),
        value => text_of(value, &mut invalid_bytes),
    })?;
    let message = in_one_line(&message);
    let word = |names: &[&str]| {
        let found = names.iter().find_map(|name| scalar(find(object, name)?));
        found.map(|text| one_word(&text)).filter(|text| !text.is_empty())
    };
    let program = word(PROGRAM);
    // Exim writes its own stamp into syslog too; anybody else's stamp begins a line of its own.
    let by_exim = program.as_ref().is_some_and(|program| program.starts_with("exim"));
    let time = TIME.iter().find_map(|name| time_of(find(object, name)?));
    let host = || word(HOST).map_or_else(String::new, |host| format!("{host} "));
    let text = match (time, program) {
        _ if message.is_empty() && !object.contains_key("MESSAGE") => message,
        _ if begins_a_line(&message) && !by_exim => message,
        (None, _) => message,
        (Some(time), None) if names_its_program(&message) => format!("{time} {}{message}", host()),
        (Some(time), None) => format!("{time} {message}"),
        (Some(time), Some(program)) => {
            let process = word(PROCESS).map_or_else(String::new, |id| format!("[{id}]"));
            format!("{time} {}{program}{process}: {message}", host())
        }
    };
    Some(JsonLine::Whole { text, invalid_bytes })
}

/// Whether `text` begins with a program (`postfix/smtp[811]: `), so that only the host is missing before it.
fn names_its_program(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(word, _)| word.len() > 1 && word.ends_with(':'))
}

/// Whether `text` has an envelope of its own.
pub(super) fn begins_a_line(text: &str) -> bool {
    let priority = |text: &str| {
        let behind = text.strip_prefix('<')?;
        let (number, _) = behind.split_once('>')?;
        Some(!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
    };
    parse_stamp(text).is_some() || priority(text) == Some(true)
}

/// Looks up a name as it is (flattened objects have dots in it), then part by part.
fn find<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = object.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    find(object.get(first)?.as_object()?, rest)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A string, an array of bytes, or an array of either (a field that the entry has several times).
fn text_of(value: &Value, invalid_bytes: &mut u64) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let byte = |item: &Value| item.as_u64().and_then(|n| u8::try_from(n).ok());
            let bytes: Option<Vec<u8>> = items.iter().map(byte).collect();
            if let Some(bytes) = bytes {
                let (text, invalid) = visible(&bytes);
                *invalid_bytes += invalid;
                return Some(text);
            }
            let texts: Option<Vec<String>> = items
                .iter()
                // One level is all that there is; deeper ones could be as deep as the line is long.
                .map(|item| match item {
                    Value::Array(inner) if inner.iter().any(|i| !i.is_number()) => None,
                    item => text_of(item, invalid_bytes),
                })
                .collect();
            Some(texts?.join("\n"))
        }
        _ => None,
    }
}

/// A stamp that can stand at the begin of a line.
fn time_of(value: &Value) -> Option<String> {
    let text = scalar(value)?;
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return since_1970(&text).map(|time| time.to_string());
    }
    match parse_stamp(&text) {
        Some((Stamp::Absolute(_) | Stamp::Local(_), "")) => Some(text),
        _ => None,
    }
}

/// Seconds, or their thousandths, millionths or milliardths: the number of digits tells.
fn since_1970(text: &str) -> Option<Time> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number: i64 = whole.parse().ok()?;
    let micros = match whole.len() {
        ..=11 => {
            let six: String = fraction.chars().chain("000000".chars()).take(6).collect();
            number * 1_000_000 + six.parse::<i64>().ok()?
        }
        12..=14 => number * 1000,
        15..=17 => number,
        _ => number / 1000,
    };
    Some(Time(micros))
}

/// A field as one word of an envelope.
fn one_word(text: &str) -> String {
    let breaks = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '[' | ']');
    text.trim().trim_end_matches(':').replace(breaks, "_")
}

/// Line feeds and other control characters as one sees them in source code; the last line feed goes.
fn in_one_line(text: &str) -> String {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            '\0'..='\x1f' | '\x7f' => push_hex(&mut line, u8::try_from(c).unwrap_or(b'?')),
            c => line.push(c),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole_line(json: &str) -> String {
        match parse_json_line(json) {
            Some(JsonLine::Whole { text, .. }) => text,
            other => panic!("{json}: {other:?}"),
        }
    }

    #[test]
    fn every_form_becomes_a_plain_line() {
        for (json, want) in [
            (
                r#"{"__REALTIME_TIMESTAMP":"1767603600123456","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"postfix/smtp","SYSLOG_PID":"811","_PID":"9","MESSAGE":"4C1D: T"}"#,
                "2026-01-05T09:00:00.123456Z mx1 postfix/smtp[811]: 4C1D: T",
            ),
            (
                r#"{"__REALTIME_TIMESTAMP":"1767603600000000","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"exim4","_PID":"9","MESSAGE":"2026-01-05 10:00:00 T"}"#,
                "2026-01-05T09:00:00Z mx1 exim4[9]: 2026-01-05 10:00:00 T",
            ),
            (
                r#"{"__REALTIME_TIMESTAMP":"1767603600000000","SYSLOG_IDENTIFIER":"p","MESSAGE":[65,255,10,66]}"#,
                "2026-01-05T09:00:00Z p: A\\xff\\nB",
            ),
            (
                r#"{"PROGRAM":"postfix/smtp","PID":"811","MESSAGE":"T","HOST":"mx1","ISODATE":"2026-01-05T09:00:00Z"}"#,
                "2026-01-05T09:00:00Z mx1 postfix/smtp[811]: T",
            ),
            (
                r#"{"msg":" T","fromhost":"mx1","programname":"postfix/smtp","timereported":"2026-01-05T09:00:00Z"}"#,
                "2026-01-05T09:00:00Z mx1 postfix/smtp:  T",
            ),
            (
                r#"{"__REALTIME_TIMESTAMP":"1767603600000000","SYSLOG_IDENTIFIER":"p","MESSAGE":["a","b"]}"#,
                "2026-01-05T09:00:00Z p: a\\nb",
            ),
            (
                r#"{"__REALTIME_TIMESTAMP":"1767603600000000","_HOSTNAME":"h","SYSLOG_IDENTIFIER":"p","MESSAGE":null}"#,
                "2026-01-05T09:00:00Z h p: ",
            ),
            (
                r#"{"MESSAGE":"Jan  5 10:00:00 mx1 postfix/smtp[811]: T","SYSLOG_IDENTIFIER":"f00","__REALTIME_TIMESTAMP":"1767603600000000"}"#,
                "Jan  5 10:00:00 mx1 postfix/smtp[811]: T",
            ),
            (
                r#"{"@timestamp":"2026-01-05T10:00:00.1Z","message":"T","host":{"name":"mx1"},"process":{"name":"postfix/smtp","pid":811}}"#,
                "2026-01-05T10:00:00.1Z mx1 postfix/smtp[811]: T",
            ),
            (
                r#"{"@timestamp":"2026-01-05T10:00:00Z","message":"T","host.name":"mx1","process.name":"p q:"}"#,
                "2026-01-05T10:00:00Z mx1 p_q: T",
            ),
            (
                r#"{"version":"1.1","host":"mx1","short_message":"T","timestamp":1767603600.25}"#,
                "2026-01-05T09:00:00.250Z T",
            ),
            (
                r#"{"host":"mx1","short_message":"postfix/smtp[811]: T","timestamp":1767603600}"#,
                "2026-01-05T09:00:00Z mx1 postfix/smtp[811]: T",
            ),
            (
                r#"{"host":"mx9","message":"mx1 postfix/smtp[811]: T","time":"2026-01-05T10:00:00Z"}"#,
                "2026-01-05T10:00:00Z mx1 postfix/smtp[811]: T",
            ),
            (
                r#"{"timestamp":"2026-01-05T10:00:00Z","jsonPayload":{"message":"T","_HOSTNAME":"mx1","SYSLOG_IDENTIFIER":"p"}}"#,
                "2026-01-05T10:00:00Z mx1 p: T",
            ),
            (r#"{"textPayload":"<22>Jan  5 10:00:00 mx1 p: T\n"}"#, "<22>Jan  5 10:00:00 mx1 p: T"),
            (r#"{"line":"a\tb\u0007"}"#, "a\\tb\\x07"),
            (r#"{"log":"Jan  5 10:00:00 mx1 p: T"}"#, "Jan  5 10:00:00 mx1 p: T"),
        ] {
            assert_eq!(whole_line(json), want, "{json}");
        }
    }

    #[test]
    fn docker_pieces_tell_whether_they_are_complete() {
        for (log, complete) in [(r"T\n", true), (r"T\r\n", true), ("T", false)] {
            let json =
                format!(r#"{{"log":"{log}","stream":"stderr","time":"2026-01-05T10:00:00.1Z"}}"#);
            let want = JsonLine::Written {
                to_stderr: true,
                prefix: "2026-01-05T10:00:00.1Z ".to_owned(),
                text: "T".to_owned(),
                complete,
            };
            assert_eq!(parse_json_line(&json), Some(want), "{json}");
        }
    }

    #[test]
    fn other_json_is_left_alone() {
        for json in [
            "{",
            "{}",
            r#"{"a":1}"#,
            r#"{"message":{"a":1}}"#,
            r#"{"message":"T"} x"#,
            r#"{"MESSAGE":[[[1]]]}"#,
            r#"{"MESSAGE":[300]}"#,
        ] {
            assert_eq!(parse_json_line(json), None, "{json}");
        }
    }

    #[test]
    fn the_number_of_digits_tells_the_unit() {
        for (text, micros) in [
            ("1767603600", 1_767_603_600_000_000),
            ("1767603600.5", 1_767_603_600_500_000),
            ("1767603600123", 1_767_603_600_123_000),
            ("1767603600123456", 1_767_603_600_123_456),
            ("1767603600123456789", 1_767_603_600_123_456),
        ] {
            assert_eq!(since_1970(text), Some(Time(micros)), "{text}");
        }
        assert_eq!(since_1970("99999999999999999999"), None);
    }
}
