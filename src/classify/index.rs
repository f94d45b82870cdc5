//! An ordered list of rules, made ready for many texts.
//!
//! Every alternative of every expression is filed under one choice of literals that it needs. One pass over the
//! text finds all literals in it (`literals.rs`); the alternatives filed under them are looked at in the order of
//! their rules, and those whose other needs are met are tried, each compiled when it is first needed.

use super::engine::{Hit, Match, Tried, captures};
use super::literals::{Literals, SHORTEST};
use super::needs::{Alternative, Choice, alternatives, how_telling};
use crate::knowledge::rule::{Facts, Rule};
use foldhash::fast::FixedState;
use smallvec::{SmallVec, smallvec};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Bits, one for each literal or candidate.
type Bits = SmallVec<[u64; 32]>;

/// The literals of a choice.
type Numbers = SmallVec<[u32; 4]>;

/// The rules' alternatives by the literals that they need.
#[derive(Debug)]
pub(super) struct Index {
    rules: Vec<Rule>,
    /// In the order of the rules.
    candidates: Vec<Candidate>,
    literals: Literals,
    /// For each literal, the candidates filed under it.
    filed: Vec<Vec<usize>>,
    /// Candidates that need nothing.
    always: Bits,
}

/// An alternative of a rule's expression, or a rule without one.
#[derive(Debug)]
struct Candidate {
    /// Place of its rule.
    rule: usize,
    pattern: Option<&'static str>,
    /// It is a literal, and that is one of its needs: nothing is left to be tried.
    literal: bool,
    captures: bool,
    /// Choices of literals, by their numbers; the most telling choice first.
    needs: Vec<Numbers>,
    expression: OnceLock<Tried>,
}

impl Index {
    pub(super) fn of<'r>(rules: impl Iterator<Item = &'r Rule>) -> Self {
        let mut literals = Numbered::default();
        let mut candidates = Vec::new();
        let rules: Vec<_> = rules.cloned().collect();
        for (place, rule) in rules.iter().enumerate() {
            // The expression's alternatives, or the rule itself.
            let parts = rule.text.into_iter().flat_map(|text| alternatives(text).map(Some));
            for part in parts.chain(rule.text.is_none().then_some(None)) {
                candidates.push(Candidate::new(place, rule, part.as_ref(), &mut literals));
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
                if let Some(list) = filed.get_mut(literal as usize) {
                    list.push(number);
                }
            }
        }
        let literals = Literals::new(literals.list.iter().map(|literal| &**literal));
        Self { rules, candidates, literals, filed, always }
    }

    /// The first rule that fits; `text` is in lower case beyond ASCII.
    pub(super) fn first<'t>(&self, text: &'t str, facts: &Facts<'_>) -> Option<Hit<'t>> {
        let lower = text.as_bytes().to_ascii_lowercase();
        let mut present = bits(self.filed.len());
        let mut possible = self.always.clone();
        self.literals.each_in(&lower, |literal| {
            if !is_set(&present, literal) {
                set(&mut present, literal);
                for &candidate in self.filed.get(literal).into_iter().flatten() {
                    set(&mut possible, candidate);
                }
            }
        });
        first_of_ones(&possible, |number| {
            let candidate = self.candidates.get(number)?;
            let rule = self.rules.get(candidate.rule)?;
            if !candidate.may_match(&present) || !rule.fits(facts) {
                return None;
            }
            Some(Hit::new(rule, candidate.try_on(text, &lower)?))
        })
    }
}

impl Candidate {
    fn new(
        place: usize,
        rule: &Rule,
        part: Option<&Alternative<'static>>,
        literals: &mut Numbered,
    ) -> Self {
        let mut needs: SmallVec<[_; 4]> = part
            .into_iter()
            .flat_map(|part| &part.needs)
            .filter(|choice| is_worth_finding(choice))
            .collect();
        needs.sort_by_key(|choice| Reverse(how_telling(choice)));
        let pattern = part.map(|part| part.pattern);
        let literal = part.is_some_and(|part| part.literal) && needs.len() == 1;
        let mut needs: Vec<_> = needs.iter().map(|choice| literals.numbers(choice)).collect();
        if needs.is_empty() {
            // What the whole rule needs.
            let words: Choice<'static> =
                rule.words.iter().map(|&word| Cow::Borrowed(word)).collect();
            needs.extend(is_worth_finding(&words).then(|| literals.numbers(&words)));
        }
        Self {
            rule: place,
            pattern,
            literal,
            captures: pattern.is_some_and(captures),
            needs,
            expression: OnceLock::new(),
        }
    }

    /// Whether the text has what it needs.
    fn may_match(&self, present: &Bits) -> bool {
        let met =
            |choice: &Numbers| choice.iter().any(|&literal| is_set(present, literal as usize));
        self.needs.iter().all(met)
    }

    fn try_on<'t>(&self, text: &'t str, lower: &[u8]) -> Option<Match<'t>> {
        let Some(pattern) = self.pattern.filter(|_| !self.literal) else {
            return Some(Match(None));
        };
        let expression = self.expression.get_or_init(|| Tried::new(pattern));
        if self.captures {
            expression.capture(text)
        } else {
            expression.is_match(text, lower).then_some(Match(None))
        }
    }
}

/// To find two letters costs more than they tell.
fn is_worth_finding(choice: &Choice<'_>) -> bool {
    how_telling(choice) >= SHORTEST
}

/// Literals, each once, and their numbers.
#[derive(Default)]
struct Numbered {
    list: Vec<Cow<'static, str>>,
    numbers: HashMap<Cow<'static, str>, u32, FixedState>,
}

impl Numbered {
    fn numbers(&mut self, choice: &Choice<'static>) -> Numbers {
        let number = |literal: &Cow<'static, str>| {
            if let Some(&known) = self.numbers.get(literal) {
                return known;
            }
            let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
            self.list.push(literal.clone());
            self.numbers.insert(literal.clone(), number);
            number
        };
        choice.iter().map(number).collect()
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
