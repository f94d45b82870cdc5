//! How often is the cause right? Lists of replies, each labelled by two readers who knew the definitions of the causes
//! and no rule, against what `explain` says.
//!
//! The share must not fall below a floor, and the misreadings are a snapshot: whoever changes a rule sees which of these
//! replies it moved. A list, `replies/*.tsv`, says at its top from where its replies are seen. To add one: the file, in
//! the columns of the others, with labels of somebody who has not seen the rules.

use crate::support::{mailwhy, repository};
use mailwhy::knowledge::cause_slugs;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;

/// Percent of all replies that get the cause that a reader named first, and one that it would take too.
const FLOOR: (f64, f64) = (96.5, 98.5);

/// What one reader says of a reply.
struct Label {
    cause: String,
    /// Another one that is right too.
    other: Option<String>,
}

/// A reply with the labels of both readers.
struct Reply {
    labels: [Label; 2],
    text: String,
}

struct List {
    name: String,
    replies: Vec<Reply>,
}

/// Each label counts for itself.
#[derive(Default)]
struct Shares {
    labels: u32,
    first: u32,
    accepted: u32,
    answered: u32,
    answered_first: u32,
    answered_accepted: u32,
}

impl Shares {
    fn count(&mut self, cause: &str, label: &Label) {
        let first = u32::from(cause == label.cause);
        let accepted = first | u32::from(label.other.as_deref() == Some(cause));
        let answered = u32::from(cause != "unknown");
        self.labels += 1;
        self.first += first;
        self.accepted += accepted;
        self.answered += answered;
        self.answered_first += answered & first;
        self.answered_accepted += answered & accepted;
    }

    fn line(&self, name: &str) -> String {
        let of_all = |part| percent(part, self.labels);
        let of_answers = |part| percent(part, self.answered);
        format!(
            "{name:18} {:5} replies: {:5.1} % of all, {:5.1} % of answers; accepted {:5.1} %, {:5.1} %",
            self.labels / 2,
            of_all(self.first),
            of_answers(self.answered_first),
            of_all(self.accepted),
            of_answers(self.answered_accepted)
        )
    }
}

fn percent(part: u32, whole: u32) -> f64 {
    100.0 * f64::from(part) / f64::from(whole)
}

fn lists() -> Vec<List> {
    let folder = repository().join("tests/replies");
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.sort();
    let list = |path: &std::path::PathBuf| List {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        replies: replies(&fs::read_to_string(path).unwrap()),
    };
    paths.iter().map(list).collect()
}

fn replies(table: &str) -> Vec<Reply> {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    let reply = |row: &str| {
        let [a, also_a, b, also_b, text] = row.splitn(5, '\t').collect::<Vec<_>>()[..] else {
            panic!("five columns: {row}");
        };
        let label = |cause: &str, other: &str| Label {
            cause: cause.to_owned(),
            other: (other != "-").then(|| other.to_owned()),
        };
        Reply { labels: [label(a, also_a), label(b, also_b)], text: text.to_owned() }
    };
    rows.map(reply).collect()
}

/// What `explain` says of each, and which rule.
fn verdicts(replies: &[Reply]) -> Vec<(String, String)> {
    let texts: Vec<_> = replies.iter().map(|reply| &*reply.text).collect();
    let run = mailwhy(["explain", "--format", "ndjson"]).stdin(texts.join("\n")).run();
    let lines = run.json_lines();
    let word = |line: &Value, name: &str| {
        line["conclusion"][name].as_str().unwrap_or("nothing").to_owned()
    };
    let verdict = |line: &Value| {
        let cause = line["conclusion"]["cause"].as_str().unwrap_or("unknown");
        (cause.to_owned(), format!("{} {}", word(line, "basis"), word(line, "rule")))
    };
    lines.iter().map(verdict).collect()
}

#[test]
fn causes_are_those_that_readers_name() {
    let (mut all, mut table, mut misreadings) = (Shares::default(), String::new(), String::new());
    for list in lists() {
        let verdicts = verdicts(&list.replies);
        assert_eq!(verdicts.len(), list.replies.len(), "{}", list.name);
        let mut shares = Shares::default();
        for (reply, (cause, basis)) in list.replies.iter().zip(&verdicts) {
            for label in &reply.labels {
                let slugs = std::iter::once(&label.cause).chain(&label.other);
                for slug in slugs {
                    assert!(cause_slugs().any(|cause| cause == slug), "{slug}: {}", reply.text);
                }
                shares.count(cause, label);
                all.count(cause, label);
            }
            let [a, b] = reply.labels.each_ref().map(|label| &label.cause);
            if cause != a && cause != b {
                let labels = if a == b { a.clone() } else { format!("{a} or {b}") };
                writeln!(misreadings, "{labels}, not {cause} ({basis}): {}", reply.text).unwrap();
            }
        }
        writeln!(table, "{}", shares.line(&list.name)).unwrap();
    }
    writeln!(table, "{}", all.line("all")).unwrap();
    println!("{table}");
    let (first, accepted) = (percent(all.first, all.labels), percent(all.accepted, all.labels));
    assert!(first >= FLOOR.0 && accepted >= FLOOR.1, "{table}\n{misreadings}");
    insta::assert_snapshot!("accuracy", format!("{table}\n{misreadings}"));
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = format!("Now it is {first:.1} % and {accepted:.1} %");
    assert!(readme.contains(&said), "the README does not say: {said}");
}
