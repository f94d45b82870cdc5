//! Finds the first rule of an ordered list that fits a text.
//!
//! Two ways, the same answer. A program that judges one reply must be quick to start: nothing is parsed before
//! a rule's words are seen in the text, nothing is compiled before the literals are that an alternative of its
//! expression needs ([`needs`]), and what is compiled serves once. A program that judges millions must be quick
//! in the long run: after some texts all literals are searched for in one pass (`index.rs`), and of some thousand
//! alternatives the few that can match are tried, each compiled once.

use super::index::Index;
use super::needs::{alternatives, reads_lower_case};
#[cfg(test)]
use crate::knowledge::rule::parse_rules_among_others;
use crate::knowledge::rule::{CauseId, Detail, Facts, Rule, parse_rule_without_examples};
use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};
use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{self, backtrack::BoundedBacktracker};
use regex_automata::util::pool::Pool;
use regex_automata::util::syntax;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// How many texts a list sees before preparing for many pays. Preparing costs some milliseconds, the first way
/// some hundred microseconds a text.
const COLD_TEXTS: u32 = 3;

/// An ordered list of rules.
#[derive(Debug)]
pub(super) struct RuleList {
    file: &'static str,
    slots: Vec<Slot>,
    /// How many texts were judged, up to [`COLD_TEXTS`].
    seen: AtomicU32,
    index: OnceLock<Index>,
}

/// One rule: its words, and what is made of it when they occur.
#[derive(Debug)]
struct Slot {
    words: Vec<&'static str>,
    /// Its entry in the file; empty for a rule that came parsed.
    entry: &'static str,
    /// `None` inside for an entry that is wrong; tests see to it that no embedded one is.
    rule: OnceLock<Option<Rule>>,
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
            memmem::find_iter(text.as_bytes(), b"\n[[").map(|at| at + 1).collect();
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        let entries = starts.iter().zip(ends).filter_map(|(&start, end)| text.get(start..end));
        let slots = entries
            .filter(|entry| entry.starts_with("[[rule]]"))
            .map(|entry| Slot { words: words_of(entry), entry, rule: OnceLock::new() })
            .collect();
        Self { file, slots, seen: AtomicU32::new(0), index: OnceLock::new() }
    }

    /// Rules that are there already; their expressions are known to compile.
    pub(super) fn parsed(rules: impl Iterator<Item = Rule>) -> Self {
        let slot = |rule: Rule| {
            let words = rule.words.clone();
            Slot { words, entry: "", rule: OnceLock::from(Some(rule)) }
        };
        Self { slots: rules.map(slot).collect(), ..Self::embedded(("", "")) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The first rule that fits; `text` is in lower case beyond ASCII.
    pub(super) fn first<'t>(&self, text: &'t str, facts: &Facts<'_>) -> Option<Hit<'t>> {
        if self.slots.is_empty() {
            return None;
        }
        if self.seen.load(Relaxed) < COLD_TEXTS {
            self.seen.fetch_add(1, Relaxed);
            return self.first_cold(text, facts);
        }
        let index = self
            .index
            .get_or_init(|| Index::of(self.slots.iter().filter_map(|slot| slot.rule(self.file))));
        index.first(text, facts)
    }

    fn first_cold<'t>(&self, text: &'t str, facts: &Facts<'_>) -> Option<Hit<'t>> {
        let lower = text.to_ascii_lowercase();
        let occurs =
            |word: &&'static str| memmem::find(lower.as_bytes(), word.as_bytes()).is_some();
        self.slots.iter().find_map(|slot| {
            if !slot.words.is_empty() && !slot.words.iter().any(occurs) {
                return None;
            }
            let rule = slot.rule(self.file).filter(|rule| rule.fits(facts))?;
            let Some(pattern) = rule.text else { return Some(Hit::new(rule, Match(None))) };
            Some(Hit::new(rule, search_once(pattern, text, &lower)?))
        })
    }

    /// The part of `text` that the rule of this id matches. Compiles anew each time: for one answer to a person.
    pub(super) fn matched<'t>(&self, id: &str, text: &'t str) -> Option<&'t str> {
        let named = format!("id = \"{id}\"\n");
        let own = |slot: &&Slot| slot.entry.is_empty() || slot.entry.contains(&named);
        let mut rules = self.slots.iter().filter(own).filter_map(|slot| slot.rule(self.file));
        let rule = rules.find(|rule| rule.id == id)?;
        let lower = text.to_ascii_lowercase();
        let occurs = |literal: &str| memmem::find(lower.as_bytes(), literal.as_bytes()).is_some();
        alternatives(rule.text?)
            .filter(|part| part.may_match(occurs))
            .find_map(|part| Expression::new(part.pattern).ok()?.find(text))
    }

    /// The rules, in order, with their examples.
    #[cfg(test)]
    pub(super) fn rules(&self) -> impl Iterator<Item = &Rule> {
        let parse = |entry| parse_rules_among_others(self.file, entry).ok()?.pop();
        self.slots.iter().filter_map(move |slot| match parse(slot.entry) {
            Some(whole) => Some(&*Box::leak(Box::new(whole))),
            None => slot.rule(self.file),
        })
    }

    /// The rules as they are applied.
    #[cfg(test)]
    pub(super) fn applied(&self) -> impl Iterator<Item = &Rule> {
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
}

impl Slot {
    fn rule(&self, file: &str) -> Option<&Rule> {
        let parse = || parse_rule_without_examples(file, self.entry).ok();
        self.rule.get_or_init(parse).as_ref()
    }
}

impl<'t> Hit<'t> {
    pub(super) fn new(rule: &Rule, Match(captured): Match<'t>) -> Self {
        let by_enhanced = !rule.enhanced.is_empty();
        Self { id: rule.id, cause: rule.cause, detail: rule.detail, by_enhanced, captured }
    }
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

/// Whether an expression has the group that [`Match`] tells of.
pub(super) fn captures(pattern: &str) -> bool {
    pattern.contains("(?P<detail>")
}

/// A compiled expression, as rules mean it: on bytes, without regard to the case of ASCII letters.
///
/// Expressions that know Unicode take several times as long to compile, which a program that judges one reply
/// would feel. Texts beyond ASCII are in lower case when they come here, so their letters can stand in an
/// expression, but not in a class: `(e|é)`, not `[eé]`.
#[derive(Debug)]
pub(super) struct Expression(Regex);

impl Expression {
    pub(super) fn new(pattern: &str) -> Result<Self, regex::Error> {
        RegexBuilder::new(pattern).case_insensitive(true).unicode(false).build().map(Self)
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text.as_bytes())
    }

    /// The part of a text that it matches.
    pub(super) fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.get(self.0.find(text.as_bytes())?.range())
    }

    /// What the group `detail` captured, where the expression matches.
    pub(super) fn capture<'t>(&self, text: &'t str) -> Option<Match<'t>> {
        let captures = self.0.captures(text.as_bytes())?;
        Some(Match(captures.name("detail").and_then(|group| text.get(group.range()))))
    }
}

fn meaning(case_insensitive: bool) -> syntax::Config {
    syntax::Config::new().case_insensitive(case_insensitive).unicode(false).utf8(false)
}

/// An expression that is tried on many texts. Most of those in a list are tried on a few, so what makes searches
/// quick is built when there have been some: the automaton is walked first, and then turned into states one at a
/// time, as texts need them.
#[derive(Debug)]
pub(super) struct Tried {
    pattern: &'static str,
    /// `None` where it does not compile.
    automaton: Option<Automaton>,
    capturing: OnceLock<Option<Expression>>,
}

/// So many searches cost as much as the states that they would need.
const FEW_SEARCHES: u32 = 16;

impl Tried {
    pub(super) fn new(pattern: &'static str) -> Self {
        Self { pattern, automaton: Automaton::new(pattern), capturing: OnceLock::new() }
    }

    /// Whether the expression matches a text, which is given in lower case too.
    pub(super) fn is_match(&self, text: &str, lower: &[u8]) -> bool {
        let found = self.automaton.as_ref().and_then(|automaton| automaton.is_match(text, lower));
        found.unwrap_or_else(|| self.compiled().is_some_and(|expression| expression.is_match(text)))
    }

    /// As [`Expression::capture`]; few expressions capture, so it is compiled at once.
    pub(super) fn capture<'t>(&self, text: &'t str) -> Option<Match<'t>> {
        self.compiled()?.capture(text)
    }

    fn compiled(&self) -> Option<&Expression> {
        self.capturing.get_or_init(|| Expression::new(self.pattern).ok()).as_ref()
    }
}

/// An expression's automaton, searched with in the way that pays.
struct Automaton {
    /// It was compiled to be searched for in lower case, which takes half of the time.
    in_lower_case: bool,
    walked: BoundedBacktracker,
    searches: AtomicU32,
    states: OnceLock<Option<States>>,
}

/// States made of an automaton, with one cache for each thread that searches.
struct States {
    dfa: DFA,
    caches: Pool<Cache, Box<dyn Fn() -> Cache + Send + Sync>>,
}

impl fmt::Debug for Automaton {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Automaton")
            .field("in_lower_case", &self.in_lower_case)
            .finish_non_exhaustive()
    }
}

impl Automaton {
    fn new(pattern: &str) -> Option<Self> {
        let in_lower_case = reads_lower_case(pattern);
        let walked = automaton(pattern, !in_lower_case)?;
        Some(Self { in_lower_case, walked, searches: AtomicU32::new(0), states: OnceLock::new() })
    }

    /// `None` where the text is too much for it.
    fn is_match(&self, text: &str, lower: &[u8]) -> Option<bool> {
        let text = if self.in_lower_case { lower } else { text.as_bytes() };
        if self.searches.load(Relaxed) < FEW_SEARCHES {
            self.searches.fetch_add(1, Relaxed);
            if let Some(found) = walk(&self.walked, text) {
                return Some(found);
            }
        }
        let states = self.states.get_or_init(|| States::of(&self.walked)).as_ref()?;
        let mut cache = states.caches.get();
        let found = states.dfa.try_search_fwd(&mut cache, &Input::new(text).earliest(true));
        Some(found.ok()?.is_some())
    }
}

impl States {
    fn of(walked: &BoundedBacktracker) -> Option<Self> {
        /// Of each thread; hardly one expression needs more, and then it forgets the oldest ones.
        const BYTES: usize = 64 << 10;
        let config = DFA::config().cache_capacity(BYTES).skip_cache_capacity_check(true);
        let dfa = DFA::builder().configure(config).build_from_nfa(walked.get_nfa().clone()).ok()?;
        let again = dfa.clone();
        Some(Self { dfa, caches: Pool::new(Box::new(move || again.create_cache())) })
    }
}

fn automaton(pattern: &str, case_insensitive: bool) -> Option<BoundedBacktracker> {
    BoundedBacktracker::builder()
        .syntax(meaning(case_insensitive))
        .thompson(thompson::Config::new().utf8(false).which_captures(thompson::WhichCaptures::None))
        .build(pattern)
        .ok()
}

/// Whether the automaton accepts a text; `None` where the text is too long for it.
fn walk(automaton: &BoundedBacktracker, text: &[u8]) -> Option<bool> {
    automaton.try_is_match(&mut automaton.create_cache(), text).ok()
}

/// Searches with an expression that is not kept; `lower` is `text` in lower case.
fn search_once<'t>(pattern: &str, text: &'t str, lower: &str) -> Option<Match<'t>> {
    let occurs = |literal: &str| memmem::find(lower.as_bytes(), literal.as_bytes()).is_some();
    let mut possible = alternatives(pattern).filter(|one| one.may_match(occurs));
    possible.find_map(|one| {
        if captures(one.pattern) {
            Expression::new(one.pattern).ok()?.capture(text)
        } else {
            (one.literal || matches_once(one.pattern, text, lower)).then_some(Match(None))
        }
    })
}

/// Whether an expression matches. Builds no more than an automaton and walks it: three quarters of the time that
/// the `regex` crate takes to compile go into what makes many searches fast.
fn matches_once(pattern: &str, text: &str, lower: &str) -> bool {
    let in_lower_case = reads_lower_case(pattern);
    automaton(pattern, !in_lower_case).is_some_and(|automaton| {
        let walked = walk(&automaton, if in_lower_case { lower } else { text }.as_bytes());
        walked.unwrap_or_else(|| Expression::new(pattern).is_ok_and(|whole| whole.is_match(text)))
    })
}
