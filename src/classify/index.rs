//! Judges with an ordered list of rules.
//!
//! One pass over the text finds the literals in it (`literals.rs`); the alternatives filed under them (`filing.rs`) are
//! looked at in the order of their rules, and those whose other needs are met are tried, each made ready when it is
//! first needed (`tried.rs`).

use super::engine::Hit;
use super::filing::{Candidate, Filing};
use super::literals::Literals;
use super::tried::{Match, Tried};
use crate::knowledge::rule::{Facts, Rule};
use memchr::memmem;
use smallvec::{SmallVec, smallvec};
use std::sync::OnceLock;

/// Bits, one for each literal or candidate.
type Bits = SmallVec<[u64; 32]>;

/// Rules, and what judging with them takes.
#[derive(Debug)]
pub(super) struct Index {
    rules: Vec<Rule>,
    filing: Filing<'static>,
    /// Words are a condition, and not only what keeps a rule cheap: of the user's rules.
    words_count: bool,
    literals: Literals,
    /// Candidates that need nothing.
    always: Bits,
    /// Of each candidate, its expression, once it was tried.
    expressions: Vec<OnceLock<Box<Tried>>>,
}

impl Index {
    /// Makes rules of the user's ready.
    pub(super) fn of(rules: Vec<Rule>) -> Self {
        let filing = Filing::of(&rules);
        Self { words_count: true, ..Self::new(rules, filing) }
    }

    /// Opens what the build script stored. A test sees to it that it can be read.
    pub(super) fn stored(bytes: &'static [u8]) -> Self {
        let (rules, filing) = postcard::from_bytes(bytes).unwrap_or_default();
        Self::new(rules, filing)
    }

    fn new(rules: Vec<Rule>, filing: Filing<'static>) -> Self {
        let literals = Literals::new(filing.literals.iter().copied());
        let mut always = bits(filing.candidates.len());
        filing.always.iter().for_each(|candidate| set(&mut always, *candidate));
        let expressions = filing.candidates.iter().map(|_| OnceLock::new()).collect();
        Self { rules, filing, words_count: false, literals, always, expressions }
    }

    /// The rules, in order.
    pub(super) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The first rule that fits; `text` is in lower case beyond ASCII.
    pub(super) fn first<'t>(&self, text: &'t str, facts: &Facts<'_>) -> Option<Hit<'t>> {
        if self.rules.is_empty() {
            return None;
        }
        let lower = text.as_bytes().to_ascii_lowercase();
        let mut present = bits(self.filing.literals.len());
        let mut possible = self.always.clone();
        self.literals.each_in(&lower, |literal| {
            let number = u32::from(literal);
            if !is_set(&present, number) {
                set(&mut present, number);
                for &candidate in self.filing.filed.get(literal.into()) {
                    set(&mut possible, candidate);
                }
            }
        });
        first_of_ones(&possible, |number| {
            let candidate = self.filing.candidates.get(number)?;
            let rule = self.rules.get(candidate.rule as usize)?;
            if !self.may_match(candidate, &present) || !rule.fits(facts) {
                return None;
            }
            if self.words_count && !has_words(rule, &lower) {
                return None;
            }
            Some(Hit::new(rule, self.try_on(number, candidate, rule, text, &lower)?))
        })
    }

    /// Whether the text has what the candidate needs.
    fn may_match(&self, candidate: &Candidate<'_>, present: &Bits) -> bool {
        let met = |choice: &[u32]| choice.iter().any(|&literal| is_set(present, literal));
        self.filing.needs_of(candidate).all(met)
    }

    fn try_on<'t>(
        &self,
        number: usize,
        candidate: &Candidate<'_>,
        rule: &Rule,
        text: &'t str,
        lower: &[u8],
    ) -> Option<Match<'t>> {
        if candidate.sure {
            return Some(Match(None));
        }
        let pattern = candidate.pattern(rule)?;
        let tried = self.expressions.get(number)?;
        if candidate.captures {
            tried.get_or_init(|| Box::new(Tried::capturing(pattern))).capture(text)
        } else {
            let expression =
                tried.get_or_init(|| Box::new(Tried::new(pattern, candidate.automaton)));
            expression.is_match(text, lower).then_some(Match(None))
        }
    }
}

/// Whether one of the rule's words is in a text, where it has some.
fn has_words(rule: &Rule, lower: &[u8]) -> bool {
    let occurs = |word: &&str| memmem::find(lower, word.as_bytes()).is_some();
    rule.words.is_empty() || rule.words.iter().any(occurs)
}

fn bits(length: usize) -> Bits {
    smallvec![0; length.div_ceil(64)]
}

fn set(bits: &mut Bits, at: u32) {
    if let Some(part) = bits.get_mut(at as usize / 64) {
        *part |= 1 << (at % 64);
    }
}

fn is_set(bits: &Bits, at: u32) -> bool {
    bits.get(at as usize / 64).is_some_and(|part| part >> (at % 64) & 1 == 1)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Classifier;
    use crate::classify::automaton::Automaton;

    /// What the build script stores is what would be made here.
    #[test]
    fn the_filing_of_embedded_rules_comes_back_whole() {
        let mut automata = 0;
        for (file, list) in Classifier::builtin().lists() {
            let mut made = Filing::of(list.rules());
            let stored = &list.index().filing;
            for (made, stored) in made.candidates.iter_mut().zip(&stored.candidates) {
                made.automaton = stored.automaton;
                if made.sure || made.captures {
                    assert!(made.automaton.is_empty(), "{file}");
                    continue;
                }
                let pattern = made.pattern(&list.rules()[made.rule as usize]).unwrap();
                let (compiled, stored) =
                    (Automaton::of(pattern), Automaton::stored(made.automaton));
                let (compiled, stored) = (compiled.unwrap(), stored.unwrap());
                assert_eq!(compiled.in_lower_case, stored.in_lower_case, "{file}: {pattern}");
                assert_eq!(compiled.states.states(), stored.states.states(), "{file}: {pattern}");
                automata += 1;
            }
            assert_eq!(format!("{made:?}"), format!("{stored:?}"), "{file}");
        }
        assert!(automata > 1000, "{automata}");
    }

    #[test]
    fn words_of_the_users_rules_are_a_condition() {
        let rule = Rule {
            id: "short",
            cause: crate::knowledge::rule::CauseId::UNKNOWN,
            detail: crate::knowledge::rule::Detail::None,
            text: None,
            words: vec!["ab", "xyz"],
            code: vec![],
            enhanced: vec![],
            stage: vec![],
            origin: vec![],
            direction: vec![],
            mta: None,
            host: vec![],
            own_domain: None,
            examples: vec![],
        };
        let worded = Rule { text: Some("quota|limit [0-9]"), ..rule.clone() };
        let facts = Facts {
            code: None,
            enhanced: None,
            stage: None,
            origin: crate::smtp::Origin::Remote,
            direction: crate::smtp::Direction::Outbound,
            mta: None,
            host: None,
            own_domain: None,
        };
        for (rule, text, want) in [
            (&rule, "", false),
            (&rule, "AB", true),
            (&rule, "a b", false),
            (&rule, "vwxyz", true),
            (&worded, "quota", false),
            (&worded, "xyz quota", true),
            (&worded, "ab limit 5", true),
            (&worded, "limit 5", false),
        ] {
            let index = Index::of(vec![rule.clone()]);
            assert_eq!(index.first(text, &facts).is_some(), want, "{text}");
        }
    }
}
