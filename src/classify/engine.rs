//! Finds the first rule of an ordered list that fits a text.
//!
//! Two ways, the same answer. A program that judges one reply must be quick to start: so nothing is parsed or
//! compiled before its literal words are seen in the text (`cold.rs`). A program that judges millions must be
//! quick in the long run: after some replies the words of all rules are searched for in one pass
//! (Aho-Corasick), and the expressions of those rules whose words occur are tried in the order of the list, each
//! compiled once.

use super::cold;
use crate::error::Error;
use crate::knowledge::rule::{CauseId, Detail, Facts, Rule, parse_rules_among_others};
use aho_corasick::{AhoCorasick, MatchKind};
use regex::bytes::{Regex, RegexBuilder};
use smallvec::{SmallVec, smallvec};
use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// How many texts a list sees before preparing for many pays. Preparing costs some milliseconds, the first way
/// some hundred microseconds a text.
const COLD_TEXTS: u32 = 24;

/// An ordered list of rules.
#[derive(Debug)]
pub(super) struct RuleList {
    file: &'static str,
    slots: Vec<Slot>,
    /// How many texts were judged, up to [`COLD_TEXTS`].
    seen: AtomicU32,
    words: OnceLock<Words>,
}

/// One rule: its words, and what is made of it when they occur.
#[derive(Debug)]
struct Slot {
    words: Vec<&'static str>,
    /// Its entry in the file; empty for a rule that came parsed.
    entry: &'static str,
    /// `None` inside for an entry that is wrong; tests see to it that no embedded one is.
    rule: OnceLock<Option<Rule>>,
    regex: OnceLock<Option<Regex>>,
}

/// The words of all rules, and who has them.
#[derive(Debug)]
struct Words {
    searcher: Option<AhoCorasick>,
    /// For each pattern of `searcher`, the rules that have it.
    owners: Vec<SmallVec<[u16; 4]>>,
}

/// A rule that fits, and what its expression captured as the detail.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit<'t> {
    pub(super) id: &'static str,
    pub(super) cause: CauseId,
    pub(super) detail: Detail,
    /// The rule looks at the enhanced status code.
    pub(super) by_enhanced: bool,
    pub(super) captured: Option<&'t str>,
}

impl RuleList {
    /// The rules of an embedded file, none of them parsed yet.
    pub(super) fn embedded((file, text): (&'static str, &'static str)) -> Self {
        let starts: Vec<usize> =
            memchr::memmem::find_iter(text.as_bytes(), b"\n[[").map(|at| at + 1).collect();
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        let entries = starts.iter().zip(ends).filter_map(|(&start, end)| text.get(start..end));
        let slots = entries
            .filter(|entry| entry.starts_with("[[rule]]"))
            .map(|entry| Slot {
                words: words_of(entry),
                entry,
                rule: OnceLock::new(),
                regex: OnceLock::new(),
            })
            .collect();
        Self { file, slots, seen: AtomicU32::new(0), words: OnceLock::new() }
    }

    /// Rules of a user's file, every expression of which is compiled at once.
    ///
    /// # Errors
    /// [`Error::Knowledge`] names the rule with an expression that does not compile.
    pub(super) fn checked(file: &str, rules: Vec<Rule>) -> Result<Self, Error> {
        let wrong = |what| Error::Knowledge { file: file.to_owned(), what };
        if u16::try_from(rules.len()).is_err() {
            return Err(wrong("has more than 65535 rules".to_owned()));
        }
        let mut slots = Vec::with_capacity(rules.len());
        for rule in rules {
            let regex = match rule.text.map(compile).transpose() {
                Ok(regex) => OnceLock::from(regex),
                Err(error) => return Err(wrong(format!("rule `{}`: {error}", rule.id))),
            };
            let words = rule.words.clone();
            slots.push(Slot { words, entry: "", rule: OnceLock::from(Some(rule)), regex });
        }
        Ok(Self { file: "", slots, seen: AtomicU32::new(0), words: OnceLock::new() })
    }

    /// The rules, in order.
    #[cfg(test)]
    pub(super) fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.slots.iter().filter_map(|slot| slot.rule(self.file))
    }

    /// How many entries the file has, whether they parse or not.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The words of each entry.
    #[cfg(test)]
    pub(super) fn words(&self) -> impl Iterator<Item = &[&'static str]> {
        self.slots.iter().map(|slot| slot.words.as_slice())
    }

    /// The first rule that fits; `text` is in lower case beyond ASCII.
    pub(super) fn first<'t>(&self, text: &'t str, facts: &Facts) -> Option<Hit<'t>> {
        if self.slots.is_empty() {
            return None;
        }
        if self.seen.load(Relaxed) < COLD_TEXTS {
            self.seen.fetch_add(1, Relaxed);
            return self.first_cold(text, facts);
        }
        let words = self.words.get_or_init(|| Words::of(&self.slots));
        let present = words.occurring_in(text, self.slots.len());
        self.slots.iter().enumerate().find_map(|(index, slot)| {
            if !slot.words.is_empty() && !is_set(&present, index) {
                return None;
            }
            let rule = slot.rule(self.file).filter(|rule| rule.fits(facts))?;
            let Some(pattern) = rule.text else { return Some(Hit::new(rule, Match(None))) };
            let regex = slot.regex.get_or_init(|| compile(pattern).ok()).as_ref()?;
            Some(Hit::new(rule, search(regex, pattern, text)?))
        })
    }

    fn first_cold<'t>(&self, text: &'t str, facts: &Facts) -> Option<Hit<'t>> {
        let lower = text.to_ascii_lowercase();
        let occurs =
            |word: &&'static str| memchr::memmem::find(lower.as_bytes(), word.as_bytes()).is_some();
        self.slots.iter().find_map(|slot| {
            if !slot.words.is_empty() && !slot.words.iter().any(occurs) {
                return None;
            }
            let rule = slot.rule(self.file).filter(|rule| rule.fits(facts))?;
            let Some(pattern) = rule.text else { return Some(Hit::new(rule, Match(None))) };
            Some(Hit::new(rule, cold::search(pattern, text, &lower)?))
        })
    }
}

impl Slot {
    fn rule(&self, file: &str) -> Option<&Rule> {
        let parse = || parse_rules_among_others(file, self.entry).ok()?.pop();
        self.rule.get_or_init(parse).as_ref()
    }
}

impl<'t> Hit<'t> {
    fn new(rule: &Rule, Match(captured): Match<'t>) -> Self {
        let by_enhanced = !rule.enhanced.is_empty();
        Self { id: rule.id, cause: rule.cause, detail: rule.detail, by_enhanced, captured }
    }
}

impl Words {
    fn of(slots: &[Slot]) -> Self {
        let mut patterns: Vec<&'static str> = Vec::new();
        let mut owners: Vec<SmallVec<[u16; 4]>> = Vec::new();
        let mut places = HashMap::<&str, usize>::new();
        for (index, slot) in slots.iter().enumerate() {
            for word in &slot.words {
                let place = *places.entry(word).or_insert_with(|| {
                    patterns.push(word);
                    owners.push(SmallVec::new());
                    patterns.len() - 1
                });
                if let (Some(list), Ok(index)) = (owners.get_mut(place), u16::try_from(index)) {
                    list.push(index);
                }
            }
        }
        let searcher = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(patterns)
            .ok();
        Self { searcher, owners }
    }

    /// One bit a rule: one of its words is in the text.
    fn occurring_in(&self, text: &str, rules: usize) -> SmallVec<[u64; 4]> {
        let mut present: SmallVec<[u64; 4]> = smallvec![0; rules.div_ceil(64)];
        let Some(searcher) = &self.searcher else { return smallvec![u64::MAX; present.len()] };
        for hit in searcher.find_overlapping_iter(text) {
            let Some(owners) = self.owners.get(hit.pattern().as_usize()) else { continue };
            for &index in owners {
                if let Some(part) = present.get_mut(usize::from(index) / 64) {
                    *part |= 1 << (index % 64);
                }
            }
        }
        present
    }
}

fn is_set(bits: &[u64], index: usize) -> bool {
    bits.get(index / 64).is_some_and(|part| part >> (index % 64) & 1 == 1)
}

/// The words of an entry, from its list of them. An entry without such a list, or with escapes in it, has no
/// words, so it is parsed and tried for every text: slow, never wrong.
fn words_of(entry: &'static str) -> Vec<&'static str> {
    let list = entry.split_once("\nwords = [").and_then(|(_, rest)| rest.split_once("]\n"));
    match list {
        Some((list, _)) if !list.contains('\\') => list.split('"').skip(1).step_by(2).collect(),
        _ => Vec::new(),
    }
}

/// A match of an expression, and what its group `detail` captured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Match<'t>(pub(super) Option<&'t str>);

/// Searches with a compiled expression.
pub(super) fn search<'t>(regex: &Regex, pattern: &str, text: &'t str) -> Option<Match<'t>> {
    if !pattern.contains("(?P<detail>") {
        return regex.is_match(text.as_bytes()).then_some(Match(None));
    }
    let captures = regex.captures(text.as_bytes())?;
    Some(Match(captures.name("detail").and_then(|group| text.get(group.range()))))
}

/// Compiles an expression as rules mean it: on bytes, without regard to the case of ASCII letters.
///
/// Expressions that know Unicode take several times as long to compile, which a program that judges one reply
/// would feel. Texts beyond ASCII are in lower case when they come here, so their letters can stand in an
/// expression, but not in a class: `(e|é)`, not `[eé]`.
pub(super) fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).case_insensitive(true).unicode(false).build()
}
