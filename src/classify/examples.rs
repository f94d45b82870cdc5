//! Whether the user's rules win the examples that stand with them, and if not, why.

use super::clean::clean;
use super::ladder::{Classifier, facts_for, is_success};
use super::shown::Shown;
use super::tried::Expression;
use super::{Level, Said};
use crate::error::Error;
use crate::knowledge::UserKnowledge;
use crate::knowledge::rule::{Example, Rule};

impl Said<'_> {
    /// What an example of a rule says.
    pub(super) fn of_example(example: &Example) -> Self {
        Self {
            stage: example.stage,
            direction: example.direction,
            origin: example.origin,
            mta: example.mta,
            dsn: example.dsn,
            relay: example.host,
            own_domain: example.own_domain,
            ..Self::reply(example.reply)
        }
    }
}

/// Judges every example of the user's rules. A rule of an earlier file may take another file's examples: a file named
/// on the command line overrides the configuration.
///
/// # Errors
/// [`Error::Knowledge`] for the first rule that does not win one of its own.
pub(super) fn check_examples(classifier: &Classifier, user: &UserKnowledge) -> Result<(), Error> {
    for rule in user.rules() {
        for example in &rule.rule.examples {
            let said = Said::of_example(example);
            let basis = classifier.judge(&said).basis;
            if (basis.level, basis.rule) == (Level::User, rule.rule.id) {
                continue;
            }
            let winner = user.rules().iter().find(|other| other.rule.id == basis.rule);
            if winner.is_some_and(|winner| winner.file() != rule.file()) {
                continue;
            }
            let why = if winner.is_some() {
                format!("rule `{}`, which stands before it, wins it", basis.rule)
            } else {
                why_not(&rule.rule, &said)
            };
            return Err(rule.wrong(&format!("does not win its example {:?}: {why}", example.reply)));
        }
    }
    Ok(())
}

/// Why a rule does not fit.
fn why_not(rule: &Rule, said: &Said<'_>) -> String {
    let cleaned = clean(said.text);
    let facts = facts_for(said, &cleaned);
    let shown = Shown::of(&cleaned);
    let text = shown.text();
    if is_success(said, &facts) {
        return "its code tells of no failure, and only failures are judged".to_owned();
    }
    if let Some(condition) = rule.misfit(&facts) {
        return format!("its `{condition}` is another one, or not known from the example");
    }
    let matches = rule.text.is_none_or(|pattern| {
        Expression::new(pattern).is_ok_and(|expression| expression.is_match(text))
    });
    if matches {
        return format!("none of the rule's `words` is in it: {text:?}");
    }
    format!("`text` does not match what is judged, which is the reply without its codes: {text:?}")
}
