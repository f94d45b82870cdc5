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
    needs: Vec<Vec<usize>>,
    expression: OnceLock<Tried>,
}

impl Index {
    pub(super) fn of<'r>(rules: impl Iterator<Item = &'r Rule>) -> Self {
        let mut literals = Numbered::default();
        let mut candidates = Vec::new();
        let rules: Vec<_> = rules.cloned().collect();
        for (place, rule) in rules.iter().enumerate() {
            let words = Need::of(rule.words.iter().map(|&word| Cow::Borrowed(word)).collect());
            let words = words.map(|words| words.numbered(&mut literals));
            // The expression's alternatives, or the rule itself.
            let parts = rule.text.into_iter().flat_map(|text| alternatives(text).map(Some));
            for part in parts.chain(rule.text.is_none().then_some(None)) {
                candidates.push(Candidate::new(place, part, words.as_ref(), &mut literals));
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
        rule: usize,
        part: Option<Alternative<'static>>,
        words: Option<&Need<usize>>,
        literals: &mut Numbered,
    ) -> Self {
        let pattern = part.as_ref().map(|part| part.pattern);
        // A shorter one is not looked for.
        let literal = part.as_ref().is_some_and(|part| {
            part.literal && part.needs.iter().all(|choice| how_telling(choice) >= SHORTEST)
        });
        let needs = part.into_iter().flat_map(|part| part.needs).filter_map(Need::of);
        let numbered = needs.map(|need| need.numbered(literals));
        let mut needs: Vec<_> = numbered.chain(words.cloned()).collect();
        needs.sort_by_key(|need| Reverse(need.tells));
        Self {
            rule,
            pattern,
            literal,
            captures: pattern.is_some_and(captures),
            needs: needs.into_iter().map(|need| need.one_of).collect(),
            expression: OnceLock::new(),
        }
    }

    /// Whether the text has what it needs.
    fn may_match(&self, present: &Bits) -> bool {
        let met = |choice: &Vec<usize>| choice.iter().any(|&literal| is_set(present, literal));
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

/// A choice of literals and how much it tells.
#[derive(Clone)]
struct Need<L> {
    tells: usize,
    one_of: Vec<L>,
}

impl Need<Cow<'static, str>> {
    /// `None` for what is not worth finding: to find two letters costs more than they tell.
    fn of(choice: Choice<'static>) -> Option<Self> {
        let tells = how_telling(&choice);
        (tells >= SHORTEST).then(|| Self { tells, one_of: choice.into_vec() })
    }

    fn numbered(self, literals: &mut Numbered) -> Need<usize> {
        Need { tells: self.tells, one_of: literals.numbers(self.one_of) }
    }
}

/// Literals, each once, and their numbers.
#[derive(Default)]
struct Numbered {
    list: Vec<Cow<'static, str>>,
    numbers: HashMap<Cow<'static, str>, usize, FixedState>,
}

impl Numbered {
    fn numbers(&mut self, choice: Vec<Cow<'static, str>>) -> Vec<usize> {
        let number = |literal: Cow<'static, str>| {
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
