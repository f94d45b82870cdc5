//! Stores automata, for `automaton.rs` to put together. The build script does it; the program never does.

use super::automaton::{Automaton, Step, Stored, StoredState};
use regex_automata::nfa::thompson::{State, Transition};
use regex_automata::util::primitives::{PatternID, StateID};

/// An automaton as it is stored; `None` for one with states of kinds that no embedded expression has.
pub(crate) fn to_bytes(automaton: &Automaton) -> Option<Vec<u8>> {
    let states: Option<_> = automaton.states.states().iter().map(stored).collect();
    let stored = Stored {
        in_lower_case: automaton.in_lower_case,
        start: automaton.states.start_pattern(PatternID::ZERO)?.as_u32(),
        start_anywhere: automaton.states.start_unanchored().as_u32(),
        states: states?,
    };
    postcard::to_allocvec(&stored).ok()
}

fn stored(state: &State) -> Option<StoredState> {
    Some(match state {
        State::ByteRange { trans } => StoredState::Bytes(step(*trans)),
        State::Sparse(sparse) => {
            StoredState::OneOf(sparse.transitions.iter().copied().map(step).collect())
        }
        State::Look { look, next } => StoredState::Look(look.as_repr(), next.as_u32()),
        State::BinaryUnion { alt1, alt2 } => StoredState::Either(alt1.as_u32(), alt2.as_u32()),
        State::Union { alternates } => {
            StoredState::Any(alternates.iter().map(StateID::as_u32).collect())
        }
        State::Fail => StoredState::Fail,
        State::Match { pattern_id: PatternID::ZERO } => StoredState::Match,
        State::Match { .. } | State::Dense(_) | State::Capture { .. } => return None,
    })
}

fn step(transition: Transition) -> Step {
    Step(transition.start, transition.end, transition.next.as_u32())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back_state_by_state() {
        for pattern in [
            "over quota",
            "Over [^x]Quota",
            r"\bspf\b.{0,40}[- ]dkim",
            "^(a|b|cd)+?e*$",
            "",
            "(e|é)tat|x{2,}",
            r"(?-i:BANNED) \d+",
        ] {
            let made = Automaton::of(pattern).unwrap();
            let again = Automaton::stored(&to_bytes(&made).unwrap()).unwrap();
            assert_eq!(again.in_lower_case, made.in_lower_case, "{pattern}");
            assert_eq!(again.states.states(), made.states.states(), "{pattern}");
            assert_eq!(again.states.start_anchored(), made.states.start_anchored(), "{pattern}");
            assert_eq!(
                again.states.start_unanchored(),
                made.states.start_unanchored(),
                "{pattern}"
            );
            assert_eq!(again.states.is_utf8(), made.states.is_utf8(), "{pattern}");
            assert_eq!(again.states.has_empty(), made.states.has_empty(), "{pattern}");
        }
        assert!(Automaton::of("(").is_none());
        assert!(Automaton::stored(b"").is_none());
    }
}
