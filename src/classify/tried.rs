//! Expressions as they are tried on texts.

use super::automaton::Automaton;
use regex::bytes::{Regex, RegexBuilder};
use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::backtrack::BoundedBacktracker;
use regex_automata::util::pool::Pool;
use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A match of an expression, and what its group `detail` captured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Match<'t>(pub(super) Option<&'t str>);

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

/// The part of a text that an expression matches. It is searched for once, so nothing is built that would make further
/// searches quick: that takes several times as long.
pub(super) fn part_matched<'t>(pattern: &str, text: &'t str) -> Option<&'t str> {
    let Automaton { in_lower_case, states } = Automaton::telling_the_part(pattern)?;
    let automaton = BoundedBacktracker::new_from_nfa(states).ok()?;
    let searched =
        if in_lower_case { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Borrowed(text) };
    match automaton.try_find(&mut automaton.create_cache(), searched.as_bytes()) {
        Ok(found) => text.get(found?.range()),
        // The text is too much for it.
        Err(_) => Expression::new(pattern).ok()?.find(text),
    }
}

/// An expression that is tried on many texts. Most of those in a list are tried on a few, so what makes searches
/// quick is built when there have been some: the automaton is walked first, and then turned into states one at a
/// time, as texts need them.
#[derive(Debug)]
pub(super) struct Tried {
    pattern: &'static str,
    /// `None` where it does not compile.
    automaton: Option<Walked>,
    capturing: OnceLock<Option<Expression>>,
}

/// So many searches cost as much as the states that they would need.
const FEW_SEARCHES: u32 = 16;

impl Tried {
    /// `stored` is its automaton, if there is one.
    pub(super) fn new(pattern: &'static str, stored: &[u8]) -> Self {
        let automaton = Automaton::stored(stored).or_else(|| Automaton::of(pattern));
        Self { pattern, automaton: automaton.and_then(Walked::of), capturing: OnceLock::new() }
    }

    /// An expression that captures: the automaton could not tell what.
    pub(super) fn capturing(pattern: &'static str) -> Self {
        Self { pattern, automaton: None, capturing: OnceLock::new() }
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
struct Walked {
    /// It is to be searched for in lower case.
    in_lower_case: bool,
    automaton: BoundedBacktracker,
    searches: AtomicU32,
    states: OnceLock<Option<States>>,
}

/// States made of an automaton, with one cache for each thread that searches.
struct States {
    dfa: DFA,
    caches: Pool<Cache, Box<dyn Fn() -> Cache + Send + Sync>>,
}

impl fmt::Debug for Walked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walked").field("in_lower_case", &self.in_lower_case).finish_non_exhaustive()
    }
}

impl Walked {
    fn of(Automaton { in_lower_case, states }: Automaton) -> Option<Self> {
        let automaton = BoundedBacktracker::new_from_nfa(states).ok()?;
        Some(Self {
            in_lower_case,
            automaton,
            searches: AtomicU32::new(0),
            states: OnceLock::new(),
        })
    }

    /// `None` where the text is too much for it.
    fn is_match(&self, text: &str, lower: &[u8]) -> Option<bool> {
        let text = if self.in_lower_case { lower } else { text.as_bytes() };
        if self.searches.load(Relaxed) < FEW_SEARCHES {
            self.searches.fetch_add(1, Relaxed);
            if let Some(found) = walk(&self.automaton, text) {
                return Some(found);
            }
        }
        let states = self.states.get_or_init(|| States::of(&self.automaton)).as_ref()?;
        let mut cache = states.caches.get();
        let found = states.dfa.try_search_fwd(&mut cache, &Input::new(text).earliest(true));
        Some(found.ok()?.is_some())
    }
}

impl States {
    fn of(automaton: &BoundedBacktracker) -> Option<Self> {
        /// Of each thread; hardly one expression needs more, and then it forgets the oldest ones.
        const BYTES: usize = 64 << 10;
        let config = DFA::config().cache_capacity(BYTES).skip_cache_capacity_check(true);
        let dfa =
            DFA::builder().configure(config).build_from_nfa(automaton.get_nfa().clone()).ok()?;
        let again = dfa.clone();
        Some(Self { dfa, caches: Pool::new(Box::new(move || again.create_cache())) })
    }
}

/// Whether the automaton accepts a text; `None` where the text is too long for it.
fn walk(automaton: &BoundedBacktracker, text: &[u8]) -> Option<bool> {
    automaton.try_is_match(&mut automaton.create_cache(), text).ok()
}
