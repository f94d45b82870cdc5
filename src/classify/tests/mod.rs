//! Data tests: every rule wins its examples; composed replies get their causes.

mod ladder;

use super::automaton::Automaton;
use super::needs::{Alternative, alternatives};
use super::sources;
use super::store::to_bytes;
use super::tried::{Expression, Tried};
use super::{Classifier, Judge, Level, Said, Verdict, clean};
use crate::event::Mta;
use crate::knowledge::blocklist::{list, lists};
use crate::knowledge::rule::{Detail, Rule, parse_rules_among_others};
use crate::knowledge::{Knowledge, Listed, OpenDetails, cause_slugs, provider, source};
use crate::smtp::{Direction, Origin, Stage};
use crate::wording::Wording;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;
use std::sync::LazyLock;

const FIRST: &str = include_str!("first.tsv");
const SECOND: &str = include_str!("second.tsv");
const THIRD: &str = include_str!("third.tsv");
const FOURTH: &str = include_str!("fourth.tsv");
const FIFTH: &str = include_str!("fifth.tsv");
const SIXTH: &str = include_str!("sixth.tsv");
const SEVENTH: &str = include_str!("seventh.tsv");
/// The tables of composed replies.
const TABLES: [(&str, &str); 7] = [
    ("first", FIRST),
    ("second", SECOND),
    ("third", THIRD),
    ("fourth", FOURTH),
    ("fifth", FIFTH),
    ("sixth", SIXTH),
    ("seventh", SEVENTH),
];

/// The rules of all files as they stand there, with their examples.
fn rules() -> impl Iterator<Item = (&'static str, &'static Rule)> {
    static RULES: LazyLock<Vec<(&str, Vec<Rule>)>> = LazyLock::new(|| {
        let general = [sources::OWN, sources::TEXT, sources::HINTS, sources::STATUSES].into_iter();
        let files = general.chain(provider::FILES.iter().map(|(file, _)| *file));
        let read = |file| parse_rules_among_others(file, &source(file)).unwrap();
        files.map(|file| (file, read(file))).collect()
    });
    RULES.iter().flat_map(|(file, rules)| rules.iter().map(|rule| (*file, rule)))
}

#[test]
fn what_is_applied_is_what_the_files_say() {
    let classifier = Classifier::builtin();
    let applied = classifier
        .lists()
        .flat_map(|(file, list)| list.rules().iter().map(move |rule| (file, rule)));
    let mut count = 0;
    for ((file, stored), (named, whole)) in applied.zip(rules()) {
        let whole = Rule { examples: Vec::new(), ..whole.clone() };
        assert_eq!((file, format!("{stored:?}")), (named, format!("{whole:?}")));
        count += 1;
    }
    assert_eq!(count, rules().count());
    assert!(count > 500, "{count}");
}

#[test]
fn every_rule_wins_its_examples() {
    let classifier = Classifier::builtin();
    let mut wrong = Vec::new();
    for (file, rule) in rules() {
        for example in &rule.examples {
            let verdict = classifier.judge(&Said::of_example(example));
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
    for (file, rule) in rules() {
        let Some(text) = rule.text else { continue };
        match Expression::new(text) {
            Ok(regex) => {
                assert!(!regex.is_match(""), "{file}: {} matches nothing at all", rule.id);
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

/// A rule whose words lack one would be passed over in silence. All texts at hand are tried with all general
/// rules; a provider's rule may use its words as a further condition.
#[test]
fn a_text_that_an_expression_matches_has_one_of_the_words() {
    let mut texts: Vec<String> = Vec::new();
    for (_, rule) in rules() {
        texts.extend(rule.examples.iter().map(|example| clean(example.reply).text.to_lowercase()));
    }
    for line in TABLES.iter().flat_map(|(_, table)| table.lines()) {
        texts.extend(line.split('\t').nth(2).map(|reply| clean(reply).text.to_lowercase()));
    }
    let mut missing = Vec::new();
    let general = ["rules.toml", "own.toml", "hints.toml"];
    for (file, rule) in rules().filter(|(file, _)| general.contains(file)) {
        let Some(regex) = rule.text.map(|text| Expression::new(text).unwrap()) else { continue };
        for text in texts.iter().filter(|text| regex.is_match(text)) {
            if !rule.words.iter().any(|word| text.contains(word)) {
                missing.push(format!("{file}: {} has no word for: {text}", rule.id));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// The ways in which an expression is searched for give one answer: in lower case and as it stands, walked and by
/// states, compiled and stored, and by the `regex` crate.
#[test]
fn every_alternative_is_found_alike_in_every_way() {
    let texts: Vec<String> = rules()
        .flat_map(|(_, rule)| &rule.examples)
        .map(|example| clean(example.reply).text.into_owned())
        .collect();
    let mut found = 0;
    for (n, (file, rule)) in rules().enumerate() {
        for Alternative { pattern, .. } in rule.text.into_iter().flat_map(alternatives) {
            let whole = Expression::new(pattern).unwrap();
            let stored = to_bytes(&Automaton::of(pattern).unwrap()).unwrap();
            // Compiled here, as those of the user are, or as the build script stores it.
            let automaton = if n % 2 == 0 { stored.as_slice() } else { &[] };
            let tried = Tried::new(pattern, automaton);
            // More texts than are walked; another choice of them for each rule, and its own.
            let own = rule.examples.iter().map(|example| example.reply);
            let others = texts.iter().skip(n % 29).step_by(29).map(String::as_str);
            for text in own.clone().chain(others).chain(own) {
                let want = whole.is_match(text);
                let got = tried.is_match(text, text.to_ascii_lowercase().as_bytes());
                assert_eq!(got, want, "{file}: {}: {pattern}: {text}", rule.id);
                found += usize::from(want);
            }
        }
    }
    assert!(found > 2000, "{found}");
}

#[test]
fn rule_ids_are_unique_and_name_a_known_cause_and_detail() {
    let knowledge = Knowledge::default();
    let mut seen = BTreeMap::new();
    for (file, rule) in rules() {
        if let Some(other) = seen.insert(rule.id, file) {
            panic!("{} stands in {other} and {file}", rule.id);
        }
        let cause = knowledge.cause(rule.cause.slug());
        let cause = cause.unwrap_or_else(|| panic!("{file}: {}: {}", rule.id, rule.cause));
        if let Detail::Fixed(detail) = rule.detail {
            let listed = cause.details().any(|known| known == detail);
            let open =
                cause.open_details() == Some(OpenDetails::Blocklist) && list(detail).is_some();
            assert!(listed || open, "{file}: {}: {} has no detail {detail}", rule.id, rule.cause);
        }
    }
}

#[test]
fn every_cause_is_reached_by_eight_wordings_and_more() {
    let classifier = Classifier::builtin();
    let mut wordings: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for (_, rule) in rules() {
        for example in &rule.examples {
            let cause = classifier.judge(&Said::of_example(example)).cause;
            // Replies that differ in their codes and addresses only are one wording.
            let text = clean(example.reply).text.to_lowercase();
            let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 2);
            wordings.entry(cause.slug()).or_default().insert(words.collect());
        }
    }
    for slug in cause_slugs().filter(|slug| *slug != "unknown") {
        let count = wordings.get(slug).map_or(0, BTreeSet::len);
        assert!(count >= 8, "{slug} has {count} wordings");
    }
}

/// What is promised: twelve providers with rules of their own, eighty blocklists of which a refusal names the list.
#[test]
fn providers_and_blocklists_are_as_many_as_promised() {
    let classifier = Classifier::builtin();
    let with_rules = classifier
        .lists()
        .filter(|(file, list)| file.starts_with("providers/") && !list.rules().is_empty())
        .count();
    assert!(with_rules >= 12, "{with_rules} providers");
    let mut named = BTreeSet::new();
    for list in lists() {
        for zone in &list.zones {
            let text = format!("554 5.7.1 Service unavailable; [192.0.2.9] blocked using {zone}");
            let verdict = classifier.judge(&Said::reply(&text));
            let wanted = match list.kind {
                Listed::Ip => "ip-blocklisted",
                Listed::Domain => "domain-blocklisted",
            };
            if verdict.cause.slug() == wanted && verdict.detail.as_deref() == Some(&list.slug) {
                named.insert(&list.slug);
            }
        }
    }
    assert!(named.len() >= 80, "{} blocklists", named.len());
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
    let classifier = Classifier::builtin();
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
    for (name, table) in TABLES {
        let (right, answered, all, mistakes) = measure(table);
        let report = mistakes.join("\n");
        println!("{name}: {right} right, {answered} answered, of {all}\n{report}");
        assert!(right * 100 >= all * 95, "{name}: {right} of {all}\n{report}");
    }
}

#[test]
fn what_is_hidden_from_a_judge_changes_no_verdict() {
    let classifier = Classifier::builtin();
    let mut judge = Judge::builtin();
    let without_memory = judge.clone();
    let seed = foldhash::quality::RandomState::default();
    let mut compare = |said: Said<'_>| {
        let (whole, hidden) = (classifier.judge(&said), judge.judge(&said));
        assert_eq!(whole, hidden, "{}", said.text);
        // Remembered, and not taken for the same text said elsewhere.
        assert_eq!(whole, judge.judge(&said), "{}", said.text);
        // By a wording that somebody else has hashed, too.
        let wording = Some(seed.hash_one(Wording::of(said.text)));
        assert_eq!(whole, judge.judge_worded(&said, wording), "{}", said.text);
        assert_eq!(whole, judge.judge_worded(&said, wording), "{}", said.text);
        let elsewhere = Said { stage: Some(Stage::Connect), relay: Some("mx.qq.com"), ..said };
        assert_eq!(classifier.judge(&elsewhere), judge.judge(&elsewhere), "{}", said.text);
        // The same wording about somebody else.
        let Wording { before, about, behind, again, end } = Wording::of(said.text);
        if !about.is_empty() {
            let other = if about.contains('@') { "z.y-x@mx7.example.net" } else { "203.0.113.99" };
            let text = [before, other, behind, if again > 0 { other } else { "" }, end].concat();
            let other = Said { text: &text, ..said };
            assert_eq!(without_memory.clone().judge(&other), judge.judge(&other), "{text}");
        }
    };
    for (_, rule) in rules() {
        rule.examples.iter().for_each(|example| compare(Said::of_example(example)));
    }
    for table in [FIRST, SECOND, THIRD, FOURTH] {
        for line in table.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let mut columns = line.split('\t').skip(1);
            let (context, reply) = (columns.next().unwrap(), columns.next().unwrap());
            compare(with_context(Said::reply(reply), context));
        }
    }
}
