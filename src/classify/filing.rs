//! The alternatives of an ordered list of rules, filed under literals that they need.
//!
//! All that can be known before any text is: which alternatives the expressions have, the literals of each by
//! number, and what is filed where. The build script works it out for the embedded rules and stores it with them;
//! for the user's rules it is done when they are read. `index.rs` judges with it.

use super::literals::{SHORTEST, rarest_places};
use super::needs::{Alternative, Choice, alternatives, how_telling};
use crate::knowledge::rule::Rule;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;

/// See the top of the file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Filing<'a> {
    /// Literals in lower case, each once, with the place of the three bytes that it is found by.
    #[serde(borrow)]
    pub(crate) literals: Vec<(&'a str, u16)>,
    /// In the order of the rules.
    #[serde(borrow)]
    pub(crate) candidates: Vec<Candidate<'a>>,
    /// The choices of the candidates: literals, by number.
    pub(crate) choices: Lists,
    /// For each literal, the candidates filed under it.
    pub(crate) filed: Lists,
    /// Candidates that need nothing.
    pub(crate) always: Vec<u32>,
}

/// An alternative of a rule's expression, or a rule without one.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Candidate<'a> {
    /// Place of its rule.
    pub(crate) rule: u32,
    /// Where in the rule's expression it begins and ends.
    begin: u32,
    end: u32,
    /// A text that has what is needed matches: there is no expression, or a literal is all of it.
    pub(crate) sure: bool,
    /// It has the group that tells a detail.
    pub(crate) captures: bool,
    /// The numbers of its choices, the most telling one first: the first number and the one behind the last.
    choices: (u32, u32),
    /// Its automaton, as it is stored; empty where it has to be compiled.
    pub(crate) automaton: &'a [u8],
}

impl Filing<'static> {
    /// Files what these rules need.
    pub(crate) fn of(rules: &[Rule]) -> Self {
        let mut made = Self::default();
        let mut numbers = HashMap::new();
        for (place, rule) in (0..).zip(rules) {
            // The expression's alternatives, or the rule itself.
            let parts = rule.text.into_iter().flat_map(|text| alternatives(text).map(Some));
            for part in parts.chain(rule.text.is_none().then_some(None)) {
                made.add(place, rule, part.as_ref(), &mut numbers);
            }
        }
        // Of each literal, the candidates whose first need, the most telling one, has it.
        let mut filed = vec![Vec::new(); made.literals.len()];
        let mut always = Vec::new();
        for (number, candidate) in (0..).zip(&made.candidates) {
            let Some(choice) = made.needs_of(candidate).next() else {
                always.push(number);
                continue;
            };
            for literal in choice {
                if let Some(list) = filed.get_mut(*literal as usize) {
                    list.push(number);
                }
            }
        }
        made.always = always;
        for list in filed {
            made.filed.push(list);
        }
        let places = rarest_places(made.literals.iter().map(|(text, _)| *text));
        made.literals.iter_mut().zip(places).for_each(|((_, place), rarest)| *place = rarest);
        made
    }

    fn add(
        &mut self,
        place: u32,
        rule: &Rule,
        part: Option<&Alternative<'static>>,
        numbers: &mut HashMap<&'static str, u32>,
    ) {
        // What the whole rule needs, where its alternative tells nothing.
        let words: Choice<'static> = rule.words.iter().map(|&word| Cow::Borrowed(word)).collect();
        let mut needs: SmallVec<[_; 4]> = part
            .into_iter()
            .flat_map(|part| &part.needs)
            .filter(|choice| is_worth_finding(choice))
            .collect();
        needs.sort_by_key(|choice| Reverse(how_telling(choice)));
        let sure = part.is_none_or(|part| part.literal && needs.len() == 1);
        if needs.is_empty() && is_worth_finding(&words) {
            needs.push(&words);
        }
        let first = self.choices.len();
        for choice in &needs {
            let choice = choice.iter().cloned();
            let choice = choice.map(|literal| self.number_of(literal, numbers)).collect();
            self.choices.push(choice);
        }
        let pattern = part.map_or("", |part| part.pattern);
        let begin = part.map_or(0, |part| part.begin);
        self.candidates.push(Candidate {
            rule: place,
            begin: number(begin),
            end: number(begin + pattern.len()),
            sure,
            captures: captures(pattern),
            choices: (first, self.choices.len()),
            automaton: &[],
        });
    }

    fn number_of(
        &mut self,
        literal: Cow<'static, str>,
        numbers: &mut HashMap<&'static str, u32>,
    ) -> u32 {
        if let Some(&known) = numbers.get(&*literal) {
            return known;
        }
        let text = match literal {
            Cow::Borrowed(text) => text,
            // Kept as the rules are, for the life of the process.
            Cow::Owned(text) => text.leak(),
        };
        let number = number(self.literals.len());
        self.literals.push((text, 0));
        numbers.insert(text, number);
        number
    }
}

impl Filing<'_> {
    /// The choices of a candidate.
    pub(crate) fn needs_of(&self, candidate: &Candidate<'_>) -> impl Iterator<Item = &[u32]> {
        let (first, end) = candidate.choices;
        (first..end).map(|choice| self.choices.get(choice as usize))
    }
}

impl Candidate<'_> {
    /// What stands in its rule's expression.
    pub(crate) fn pattern(&self, rule: &Rule) -> Option<&'static str> {
        rule.text?.get(self.begin as usize..self.end as usize)
    }
}

/// Whether an expression has the group that tells a detail.
pub(crate) fn captures(pattern: &str) -> bool {
    pattern.contains("(?P<detail>")
}

/// To find two letters costs more than they tell.
fn is_worth_finding(choice: &Choice<'_>) -> bool {
    how_telling(choice) >= SHORTEST
}

/// Nobody writes four thousand millions of rules.
fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Lists of numbers, one behind the other.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Lists {
    ends: Vec<u32>,
    numbers: Vec<u32>,
}

impl Lists {
    fn len(&self) -> u32 {
        number(self.ends.len())
    }

    fn push(&mut self, list: Vec<u32>) {
        self.numbers.extend(list);
        self.ends.push(number(self.numbers.len()));
    }

    /// The list at a place; empty where there is none.
    #[inline]
    pub(crate) fn get(&self, place: usize) -> &[u32] {
        let end = |place: usize| self.ends.get(place).map(|end| *end as usize);
        let begin = place.checked_sub(1).and_then(end).unwrap_or(0);
        let list = end(place).and_then(|end| self.numbers.get(begin..end));
        list.unwrap_or_default()
    }
}
