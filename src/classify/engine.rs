//! An ordered list of rules, of which the first one that fits a text is wanted.
//!
//! Those of embedded files come from the build script, with all that can be known before any text is; a list is opened
//! when it is first asked. Those of the user are made ready here.

use super::index::Index;
use super::needs::alternatives;
use super::tried::{Match, part_matched};
use crate::knowledge::rule::{CauseId, Detail, Facts, Rule};
use memchr::memmem;
use std::sync::OnceLock;

/// An ordered list of rules.
#[derive(Debug)]
pub(super) struct RuleList {
    /// As the build script stored it.
    stored: &'static [u8],
    index: OnceLock<Index>,
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
    /// The rules of an embedded file.
    pub(super) fn embedded(stored: &'static [u8]) -> Self {
        Self { stored, index: OnceLock::new() }
    }

    /// Rules of the user's; their expressions are known to compile.
    pub(super) fn of(rules: Vec<Rule>) -> Self {
        Self { stored: &[], index: OnceLock::from(Index::of(rules)) }
    }

    /// Its rules, in order.
    pub(super) fn rules(&self) -> &[Rule] {
        self.index().rules()
    }

    /// The first rule that fits; `text` is in lower case beyond ASCII.
    pub(super) fn first<'t>(&self, text: &'t str, facts: &Facts<'_>) -> Option<Hit<'t>> {
        self.index().first(text, facts)
    }

    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::stored(self.stored))
    }

    /// The part of `text` that the rule of this id matches.
    pub(super) fn matched<'t>(&self, id: &str, text: &'t str) -> Option<&'t str> {
        let rule = self.rules().iter().find(|rule| rule.id == id)?;
        let lower = text.to_ascii_lowercase();
        let occurs = |literal: &str| memmem::find(lower.as_bytes(), literal.as_bytes()).is_some();
        alternatives(rule.text?)
            .filter(|part| part.may_match(occurs))
            .find_map(|part| part_matched(part.pattern, text))
    }
}

impl<'t> Hit<'t> {
    pub(super) fn new(rule: &Rule, Match(captured): Match<'t>) -> Self {
        let by_enhanced = !rule.enhanced.is_empty();
        Self { id: rule.id, cause: rule.cause, detail: rule.detail, by_enhanced, captured }
    }
}
