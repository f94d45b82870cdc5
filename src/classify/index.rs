//! An ordered list of rules, made ready for many texts.
//!
//! Every alternative of every expression is filed under one choice of literals that it needs. One pass over the
//! text finds all literals in it (Aho-Corasick); the alternatives filed under them are looked at in the order of
//! their rules, and those whose other needs are met are tried, each compiled when it is first needed.

use super::engine::{Hit, Match, capture, captures, compile};
use super::needs::{Choice, alternatives, how_telling, needs_of};
use crate::knowledge::rule::{Facts, Rule};
use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};
use regex::bytes::Regex;
use smallvec::{SmallVec, smallvec};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Bits, one for each literal or candidate.
type Bits = SmallVec<[u64; 16]>;

/// The rules' alternatives by the literals that they need.
#[derive(Debug)]
pub(super) struct Index {
    /// In the order of the rules.
    candidates: Vec<Candidate>,
    searcher: Option<NFA>,
    /// For each pattern of `searcher`, the candidates filed under it.
    filed: Vec<Vec<usize>>,
    /// Candidates that need nothing.
    always: Bits,
}

/// An alternative of a rule's expression, or a rule without one.
#[derive(Debug)]
struct Candidate {
    rule: Rule,
    pattern: Option<&'static str>,
    captures: bool,
    /// Choices of literals, by their numbers in the searcher; the most telling choice first.
    needs: Vec<Vec<usize>>,
    regex: OnceLock<Option<Regex>>,
}

impl Index {
    pub(super) fn of<'r>(rules: impl Iterator<Item = &'r Rule>) -> Self {
        let mut literals = Literals::default();
        let mut candidates = Vec::new();
        for rule in rules {
            // The expression's alternatives, or the rule itself.
            let patterns = rule.text.into_iter().flat_map(|text| alternatives(text).map(Some));
            for pattern in patterns.chain(rule.text.is_none().then_some(None)) {
                candidates.push(Candidate::new(rule, pattern, &mut literals));
            }
        }
        let mut filed = vec![Vec::new(); literals.list.len()];
        let mut always = bits(candidates.len());
        for (number, candidate) in candidates.iter().enumerate() {
            // The first need is the most telling one.
            let Some(choice) = candidate.needs.first() else {
                set(&mut always, number);
                continue;
            };
            for &literal in choice {
                if let Some(list) = filed.get_mut(literal) {
                    list.push(number);
                }
            }
        }
        let searcher = NFA::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(&literals.list);
        Self { candidates, searcher: searcher.ok(), filed, always }
    }

    /// The first rule that fits; `text` is in lower case beyond ASCII.
    pub(super) fn first<'t>(&self, text: &'t str, facts: &Facts<'_>) -> Option<Hit<'t>> {
        let mut present = bits(self.filed.len());
        let mut possible = self.always.clone();
        if let Some(searcher) = &self.searcher {
            each_literal(searcher, text.as_bytes(), |literal| {
                if !is_set(&present, literal) {
                    set(&mut present, literal);
                    for &candidate in self.filed.get(literal).into_iter().flatten() {
                        set(&mut possible, candidate);
                    }
                }
            });
        }
        first_of_ones(&possible, |number| {
            self.candidates.get(number)?.try_on(text, facts, &present)
        })
    }
}

impl Candidate {
    fn new(rule: &Rule, pattern: Option<&'static str>, literals: &mut Literals) -> Self {
        let mut needs = pattern.map_or_else(Vec::new, needs_of);
        if !rule.words.is_empty() {
            needs.push(rule.words.iter().map(|&word| word.to_owned()).collect());
        }
        needs.sort_by_key(|choice| Reverse(how_telling(choice)));
        Self {
            rule: Rule { examples: Vec::new(), ..rule.clone() },
            pattern,
            captures: pattern.is_some_and(captures),
            needs: needs.into_iter().map(|choice| literals.numbers(choice)).collect(),
            regex: OnceLock::new(),
        }
    }

    fn try_on<'t>(&self, text: &'t str, facts: &Facts<'_>, present: &Bits) -> Option<Hit<'t>> {
        let met = |choice: &Vec<usize>| choice.iter().any(|&literal| is_set(present, literal));
        if !self.needs.iter().all(met) || !self.rule.fits(facts) {
            return None;
        }
        let Some(pattern) = self.pattern else { return Some(Hit::new(&self.rule, Match(None))) };
        let regex = self.regex.get_or_init(|| compile(pattern).ok()).as_ref()?;
        let found = if self.captures {
            capture(regex, text)?
        } else {
            regex.is_match(text.as_bytes()).then_some(Match(None))?
        };
        Some(Hit::new(&self.rule, found))
    }
}

/// Literals, each once, and their numbers.
#[derive(Default)]
struct Literals {
    list: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Literals {
    fn numbers(&mut self, choice: Choice) -> Vec<usize> {
        let number = |literal: String| {
            *self.numbers.entry(literal).or_insert_with_key(|literal| {
                self.list.push(literal.clone());
                self.list.len() - 1
            })
        };
        choice.into_iter().map(number).collect()
    }
}

fn bits(length: usize) -> Bits {
    smallvec![0; length.div_ceil(64)]
}

fn set(bits: &mut Bits, at: usize) {
    if let Some(part) = bits.get_mut(at / 64) {
        *part |= 1 << (at % 64);
    }
}

fn is_set(bits: &Bits, at: usize) -> bool {
    bits.get(at / 64).is_some_and(|part| part >> (at % 64) & 1 == 1)
}

/// Gives the number of each literal at each of its ends in `text`; of literals that end together, all.
///
/// The automaton is walked by hand: there are several literals to a text, and a search begun anew behind each takes
/// three times as long.
fn each_literal(searcher: &NFA, text: &[u8], mut take: impl FnMut(usize)) {
    let Ok(mut state) = searcher.start_state(Anchored::No) else { return };
    for &byte in text {
        state = searcher.next_state(Anchored::No, state, byte);
        if searcher.is_special(state) && searcher.is_match(state) {
            for index in 0..searcher.match_len(state) {
                take(searcher.match_pattern(state, index).as_usize());
            }
        }
    }
}

/// The first answer for the numbers of the bits that are set, in order.
fn first_of_ones<T>(bits: &Bits, ask: impl Fn(usize) -> Option<T>) -> Option<T> {
    for (place, &part) in bits.iter().enumerate() {
        let mut rest = part;
        while rest != 0 {
            let found = ask(place * 64 + rest.trailing_zeros() as usize);
            if found.is_some() {
                return found;
            }
            rest &= rest - 1;
        }
    }
    None
}
