//! Finds the first rule of an ordered list that fits a text.
//!
//! One pass over the text finds which rules' literal words occur in it (Aho-Corasick); only the regular
//! expressions of those rules are tried, in the order of the list, each compiled when it is first needed.
//! So a program that judges one reply compiles a handful of expressions, and one that judges millions tries few.

use crate::error::Error;
use crate::knowledge::rule::{Facts, Rule};
use aho_corasick::{AhoCorasick, MatchKind};
use regex::bytes::{Regex, RegexBuilder};
use smallvec::{SmallVec, smallvec};
use std::sync::OnceLock;

/// An ordered list of rules, ready to be asked.
#[derive(Debug)]
pub(super) struct RuleList {
    rules: Vec<Prepared>,
    /// Finds the words of all rules; `None` when no rule has words.
    words: Option<AhoCorasick>,
    /// For each pattern of `words`, the rules that have it.
    owners: Vec<SmallVec<[u16; 4]>>,
}

#[derive(Debug)]
struct Prepared {
    rule: Rule,
    /// `None` inside for an expression that does not compile; tests see to it that there is none.
    regex: OnceLock<Option<Regex>>,
}

/// A rule that fits, and what its expression captured as the detail.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit<'t> {
    pub(super) rule: RuleRef,
    pub(super) captured: Option<&'t str>,
}

/// What a verdict needs of a rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct RuleRef {
    pub(super) id: &'static str,
    pub(super) cause: crate::knowledge::rule::CauseId,
    pub(super) detail: crate::knowledge::rule::Detail,
    pub(super) by_enhanced: bool,
}

impl RuleList {
    /// Prepares rules; `file` is for messages.
    pub(super) fn new(file: &str, rules: Vec<Rule>) -> Result<Self, Error> {
        let mut patterns: Vec<&'static str> = Vec::new();
        let mut owners: Vec<SmallVec<[u16; 4]>> = Vec::new();
        let mut seen = std::collections::HashMap::<&str, usize>::new();
        for (index, rule) in rules.iter().enumerate() {
            let index = u16::try_from(index).map_err(|_| too_many(file))?;
            for word in &rule.words {
                let slot = *seen.entry(word).or_insert_with(|| {
                    patterns.push(word);
                    owners.push(SmallVec::new());
                    patterns.len() - 1
                });
                if let Some(list) = owners.get_mut(slot) {
                    list.push(index);
                }
            }
        }
        let words = if patterns.is_empty() {
            None
        } else {
            let searcher = AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .match_kind(MatchKind::Standard)
                .build(patterns);
            Some(searcher.map_err(|error| Error::Knowledge {
                file: file.to_owned(),
                what: error.to_string(),
            })?)
        };
        let rules =
            rules.into_iter().map(|rule| Prepared { rule, regex: OnceLock::new() }).collect();
        Ok(Self { rules, words, owners })
    }

    /// Compiles every expression now, and tells which one is wrong.
    pub(super) fn check(&self, file: &str) -> Result<(), Error> {
        for prepared in &self.rules {
            if let Some(text) = prepared.rule.text {
                compile(text).map_err(|error| Error::Knowledge {
                    file: file.to_owned(),
                    what: format!("rule `{}`: {error}", prepared.rule.id),
                })?;
            }
        }
        Ok(())
    }

    /// The rules, in order.
    pub(super) fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|prepared| &prepared.rule)
    }

    /// The first rule that fits.
    pub(super) fn first<'t>(&self, text: &'t str, facts: &Facts) -> Option<Hit<'t>> {
        let present = self.words_in(text);
        for (index, prepared) in self.rules.iter().enumerate() {
            let rule = &prepared.rule;
            if !rule.words.is_empty() && !is_set(&present, index) || !rule.fits(facts) {
                continue;
            }
            let captured = match rule.text {
                None => None,
                Some(pattern) => match prepared.search(pattern, text) {
                    None => continue,
                    Some(captured) => captured,
                },
            };
            return Some(Hit {
                rule: RuleRef {
                    id: rule.id,
                    cause: rule.cause,
                    detail: rule.detail,
                    by_enhanced: !rule.enhanced.is_empty(),
                },
                captured,
            });
        }
        None
    }

    /// One bit a rule: one of its words is in the text.
    fn words_in(&self, text: &str) -> SmallVec<[u64; 8]> {
        let mut present: SmallVec<[u64; 8]> = smallvec![0; self.rules.len().div_ceil(64)];
        if let Some(words) = &self.words {
            for hit in words.find_overlapping_iter(text) {
                let Some(owners) = self.owners.get(hit.pattern().as_usize()) else { continue };
                for &index in owners {
                    if let Some(part) = present.get_mut(usize::from(index) / 64) {
                        *part |= 1 << (index % 64);
                    }
                }
            }
        }
        present
    }
}

fn is_set(bits: &[u64], index: usize) -> bool {
    bits.get(index / 64).is_some_and(|part| part >> (index % 64) & 1 == 1)
}

#[cold]
fn too_many(file: &str) -> Error {
    Error::Knowledge { file: file.to_owned(), what: "has more than 65535 rules".to_owned() }
}

impl Prepared {
    /// `None` where the expression does not match, else what its group `detail` captured.
    fn search<'t>(&self, pattern: &'static str, text: &'t str) -> Option<Option<&'t str>> {
        let regex = self.regex.get_or_init(|| compile(pattern).ok()).as_ref()?;
        if !pattern.contains("(?P<detail>") {
            return regex.is_match(text.as_bytes()).then_some(None);
        }
        let captures = regex.captures(text.as_bytes())?;
        Some(captures.name("detail").and_then(|group| text.get(group.range())))
    }
}

/// Compiles an expression as rules mean it: on bytes, without regard to the case of ASCII letters.
///
/// Expressions that know Unicode take ten times as long to compile, which a program that judges one reply would
/// feel. Texts beyond ASCII are in lower case when they come here, so their letters can stand in an expression,
/// but not in a class: `(e|é)`, not `[eé]`.
pub(super) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).case_insensitive(true).unicode(false).build()
}
