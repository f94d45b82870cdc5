//! Expressions as automata, and how those of embedded rules are stored.
//!
//! To read and compile an expression takes some four hundred thousand instructions, and most that a log needs are tried
//! on a few texts. So the build script compiles every embedded one, and the program puts the states together again
//! when it first tries the expression: the same automaton, for a tenth of the work. Expressions of the user's rules
//! are compiled here.

use super::needs::reads_lower_case;
use regex_automata::nfa::thompson::{Builder, Compiler, Config, NFA, Transition, WhichCaptures};
use regex_automata::util::look::Look;
use regex_automata::util::primitives::StateID;
use regex_automata::util::syntax;
use serde::{Deserialize, Serialize};

/// The automaton of an expression: it tells whether a text matches, and captures nothing.
#[derive(Clone, Debug)]
pub(crate) struct Automaton {
    /// It is to be searched for in lower case, which makes half as many states.
    pub(crate) in_lower_case: bool,
    /// Its states.
    pub(crate) states: NFA,
}

impl Automaton {
    /// Compiles an expression, which is on bytes and minds no case of ASCII letters; `None` where it is wrong.
    pub(crate) fn of(pattern: &str) -> Option<Self> {
        Self::compile(pattern, WhichCaptures::None)
    }

    /// As [`Self::of`], and it tells which part of a text matches.
    pub(crate) fn telling_the_part(pattern: &str) -> Option<Self> {
        Self::compile(pattern, WhichCaptures::Implicit)
    }

    fn compile(pattern: &str, captures: WhichCaptures) -> Option<Self> {
        let in_lower_case = reads_lower_case(pattern);
        let meaning =
            syntax::Config::new().case_insensitive(!in_lower_case).unicode(false).utf8(false);
        let config = Config::new().utf8(false).which_captures(captures);
        let states = Compiler::new().syntax(meaning).configure(config).build(pattern).ok()?;
        Some(Self { in_lower_case, states })
    }

    /// Puts together what is stored.
    pub(crate) fn stored(bytes: &[u8]) -> Option<Self> {
        let stored: Stored = postcard::from_bytes(bytes).ok()?;
        let mut builder = Builder::new();
        builder.set_utf8(false);
        builder.start_pattern().ok()?;
        for state in stored.states {
            state.add_to(&mut builder)?;
        }
        let start = id(stored.start)?;
        builder.finish_pattern(start).ok()?;
        let states = builder.build(start, id(stored.start_anywhere)?).ok()?;
        Some(Self { in_lower_case: stored.in_lower_case, states })
    }
}

/// What is stored of an automaton; `store.rs` makes it.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) in_lower_case: bool,
    /// The state in which a search at one place begins, and that of a search anywhere.
    pub(super) start: u32,
    pub(super) start_anywhere: u32,
    pub(super) states: Vec<StoredState>,
}

/// A state, with the numbers of those that it leads to.
#[derive(Serialize, Deserialize)]
pub(super) enum StoredState {
    Bytes(Step),
    OneOf(Vec<Step>),
    Look(u32, u32),
    Either(u32, u32),
    Any(Vec<u32>),
    Fail,
    Match,
}

/// A byte from the first to the second one leads to a state.
#[derive(Serialize, Deserialize)]
pub(super) struct Step(pub(super) u8, pub(super) u8, pub(super) u32);

impl StoredState {
    /// The builder numbers states in the order in which they come, as they are stored.
    fn add_to(self, builder: &mut Builder) -> Option<()> {
        match self {
            Self::Bytes(step) => builder.add_range(step.transition()?),
            Self::OneOf(steps) => {
                builder.add_sparse(steps.iter().map(Step::transition).collect::<Option<_>>()?)
            }
            Self::Look(look, next) => builder.add_look(id(next)?, Look::from_repr(look)?),
            Self::Either(first, second) => builder.add_union(vec![id(first)?, id(second)?]),
            Self::Any(all) => builder.add_union(all.into_iter().map(id).collect::<Option<_>>()?),
            Self::Fail => builder.add_fail(),
            Self::Match => builder.add_match(),
        }
        .ok()
        .map(|_| ())
    }
}

impl Step {
    fn transition(&self) -> Option<Transition> {
        let &Self(start, end, next) = self;
        Some(Transition { start, end, next: id(next)? })
    }
}

fn id(number: u32) -> Option<StateID> {
    StateID::new(usize::try_from(number).ok()?).ok()
}
