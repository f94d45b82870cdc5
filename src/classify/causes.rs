//! What each cause implies, looked up quickly: whose move, whether the queue can help, whether sending again does.
//!
//! The facts stand in `knowledge/causes/*.toml`; here they are kept once read.

use crate::knowledge::rule::CauseId;
use crate::knowledge::{CauseFacts, Hardness, Party, Retry, cause_slugs};
use crate::smtp::Direction;
use std::sync::OnceLock;

/// The facts of a cause as a verdict has them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Implied {
    /// Who can act first when others spoke, or nobody did.
    outbound: Option<Party>,
    /// The same in a refusal of ours.
    inbound: Option<Party>,
    /// Whether it is final.
    pub(super) hard: Hardness,
    /// Whether sending again helps.
    pub(super) retry: Retry,
}

impl Implied {
    /// What an unknown cause implies.
    const NOTHING: Self =
        Self { outbound: None, inbound: None, hard: Hardness::ByClass, retry: Retry::ReadText };

    fn of(slug: &str) -> Self {
        CauseFacts::of(slug).map_or(Self::NOTHING, |facts| Self {
            outbound: facts.party(Direction::Outbound),
            inbound: facts.party(Direction::Inbound),
            hard: facts.hard,
            retry: facts.retry,
        })
    }

    /// Who can act first.
    pub(super) fn party(self, direction: Direction) -> Option<Party> {
        if direction == Direction::Inbound { self.inbound } else { self.outbound }
    }
}

/// The facts of all causes, each read when it is first asked for.
#[derive(Debug)]
pub(super) struct CauseTable(Vec<(&'static str, OnceLock<Implied>)>);

impl CauseTable {
    pub(super) fn new() -> Self {
        Self(cause_slugs().map(|slug| (slug, OnceLock::new())).collect())
    }

    /// What a cause implies; a cause that no file describes implies nothing.
    pub(super) fn get(&self, cause: CauseId) -> Implied {
        let slot = self.0.iter().find(|(slug, _)| *slug == cause.slug());
        slot.map_or(Implied::NOTHING, |(slug, facts)| *facts.get_or_init(|| Implied::of(slug)))
    }
}
