//! Data tests: every rule wins its examples; composed replies get their causes.

use super::engine::compile;
use super::{CAUSES, Classifier, Level, Said, Verdict};
use crate::event::Mta;
use crate::knowledge::rule::Example;
use crate::smtp::{Direction, Origin, Stage};
use std::collections::BTreeMap;

const FIRST: &str = include_str!("first.tsv");
const SECOND: &str = include_str!("second.tsv");

fn said_of<'a>(example: &Example) -> Said<'a> {
    Said {
        stage: example.stage,
        direction: example.direction,
        origin: example.origin,
        mta: example.mta,
        dsn: example.dsn,
        relay: example.host,
        ..Said::reply(example.reply)
    }
}

#[test]
fn every_rule_wins_its_examples() {
    let classifier = Classifier::builtin().unwrap();
    let mut wrong = Vec::new();
    for (file, rule) in classifier.rules() {
        for example in &rule.examples {
            let verdict = classifier.judge(&said_of(example));
            if verdict.basis.rule != rule.id {
                wrong.push(format!(
                    "{file}: {}: {:?} is won by {:?}",
                    rule.id, example.reply, verdict.basis
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_expression_compiles_and_needs_a_text() {
    for (file, rule) in Classifier::builtin().unwrap().rules() {
        let Some(text) = rule.text else { continue };
        match compile(text) {
            Ok(regex) => {
                assert!(!regex.is_match(b""), "{file}: {} matches nothing at all", rule.id)
            }
            Err(error) => panic!("{file}: {}: {error}", rule.id),
        }
        assert!(
            !rule.words.is_empty(),
            "{file}: {} has no words, so every text pays for it",
            rule.id
        );
    }
}

#[test]
fn rule_ids_are_unique_and_name_a_known_cause() {
    let classifier = Classifier::builtin().unwrap();
    let mut seen = BTreeMap::new();
    for (file, rule) in classifier.rules() {
        if let Some(other) = seen.insert(rule.id, file) {
            panic!("{} stands in {other} and {file}", rule.id);
        }
        assert!(CAUSES.iter().any(|facts| facts.cause == rule.cause), "{file}: {}", rule.id);
    }
}

#[test]
fn every_cause_has_a_rule_and_eight_examples() {
    let classifier = Classifier::builtin().unwrap();
    let mut examples = BTreeMap::new();
    for (_, rule) in classifier.rules() {
        *examples.entry(rule.cause.slug()).or_insert(0) += rule.examples.len();
    }
    for facts in CAUSES.iter().filter(|facts| facts.cause.slug() != "unknown") {
        let count = examples.get(facts.cause.slug()).copied().unwrap_or(0);
        assert!(count >= 8, "{} has {count} examples", facts.cause);
    }
}

/// Reads the context column of a table of replies.
fn with_context<'a>(mut said: Said<'a>, context: &'a str) -> Said<'a> {
    for word in context.split(' ').filter(|word| *word != "-") {
        if let Some(stage) = Stage::ALL.iter().find(|stage| stage.slug() == word) {
            said.stage = Some(*stage);
        } else if let Some(direction) = Direction::ALL.iter().find(|one| one.slug() == word) {
            said.direction = *direction;
        } else if let Some(origin) = Origin::ALL.iter().find(|origin| origin.slug() == word) {
            said.origin = *origin;
        } else if let Some(mta) = Mta::ALL.iter().find(|mta| mta.slug() == word) {
            said.mta = Some(*mta);
        } else if let Some(dsn) = word.strip_prefix("dsn=") {
            said.dsn = dsn.parse().ok();
        } else if let Some(host) = word.strip_prefix("host=") {
            said.relay = Some(host);
        } else {
            panic!("{context}: {word}");
        }
    }
    said
}

/// Judges a table; gives right, right without `unknown` verdicts, answered, all, and the mistakes.
fn measure(table: &str) -> (usize, usize, usize, Vec<String>) {
    let classifier = Classifier::builtin().unwrap();
    let (mut right, mut answered, mut all) = (0, 0, 0);
    let mut mistakes = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let mut columns = line.split('\t');
        let (want, context, reply) =
            (columns.next().unwrap(), columns.next().unwrap(), columns.next().unwrap());
        let verdict = classifier.judge(&with_context(Said::reply(reply), context));
        all += 1;
        answered += usize::from(verdict.basis.level != Level::Nothing);
        if verdict.cause.slug() == want {
            right += 1;
        } else {
            mistakes.push(describe(want, reply, &verdict));
        }
    }
    (right, answered, all, mistakes)
}

fn describe(want: &str, reply: &str, verdict: &Verdict) -> String {
    format!("{want} <- {} ({}:{}) {reply}", verdict.cause, verdict.basis.level, verdict.basis.rule)
}

#[test]
fn composed_replies_get_their_causes() {
    for (name, table) in [("first", FIRST), ("second", SECOND)] {
        let (right, answered, all, mistakes) = measure(table);
        let report = mistakes.join("\n");
        println!("{name}: {right} right, {answered} answered, of {all}\n{report}");
        assert!(right * 100 >= all * 95, "{name}: {right} of {all}\n{report}");
    }
}
