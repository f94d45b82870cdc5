//! Compares two codes, or two causes: what separates them, when to use which, what to do about each.
//!
//! What people really confuse is written by hand (`knowledge/confusions.toml`); every other two are compared by
//! the fields of their records. `side.rs` gathers what is known of each, `points.rs` sets the fields side by side,
//! `derive.rs` says in sentences what the fields come to, `page.rs` lays the page out. Nothing is looked up twice:
//! what a code means is what `explain` says.
//!
//! To add a point of comparison: a variant of [`Point`], its value in `points.rs`, its label in `phrases.rs`.

mod derive;
mod page;
mod phrases;
mod points;
mod side;

pub use derive::Relation;
pub use page::page_of;
pub use points::{Point, PointRow};
pub use side::{Side, Sort};

use crate::explain::{Context, Explainer};
use crate::knowledge::fill::PLACEHOLDERS;
use crate::knowledge::{Confusion, Facts, Knowledge, fill};
use serde::Serialize;

/// The version of the fields of [`Comparison`]: raised when one is renamed, removed or redefined.
pub const SCHEMA: u32 = 1;

/// Two codes or causes, compared.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Both are known.
    pub known: bool,
    /// How they stand to each other.
    pub relation: Relation,
    /// No reply could be the one or the other: they never compete.
    pub never_compete: bool,
    /// The sentences below were written for these codes.
    pub written: bool,
    /// What separates them.
    pub difference: String,
    /// The first.
    pub a: Side,
    /// The second.
    pub b: Side,
    /// Their fields side by side.
    pub points: Vec<PointRow>,
    /// For the operator of a server: when to use which.
    pub choose: Option<String>,
    /// The words in capital letters that are to be replaced by hand.
    pub unfilled: Vec<&'static str>,
}

/// Compares two things: codes of either kind, pairs, names of causes. Any text is accepted.
pub fn compare(a: &str, b: &str, knowledge: &Knowledge) -> Comparison {
    let explainer = Explainer::new(knowledge, Context::default());
    let (mut a, mut b) = (side::of(a, &explainer), side::of(b, &explainer));
    let language = knowledge.language();
    let found = written(&a, &b, knowledge);
    let relation = derive::relation(&a, &b);
    let (difference, choose) = if let Some((confusion, keys)) = &found {
        let text = confusion.text(language);
        for (side, key) in [&mut a, &mut b].into_iter().zip(keys) {
            if let Some(act) = text.each.get(key) {
                side.act = fill(act, &Facts::default());
            }
        }
        let filled = |text: &String| fill(text, &Facts::default());
        (filled(&text.difference), text.choose.as_ref().map(filled))
    } else {
        (derive::difference(relation, &a, &b, language), derive::choose(relation, &a, &b, language))
    };
    Comparison {
        schema: SCHEMA,
        known: a.known && b.known,
        relation,
        never_compete: relation.never_compete(),
        written: found.is_some(),
        difference,
        points: points::points(&a, &b, language),
        choose,
        unfilled: unfilled(&[&a, &b]),
        a,
        b,
    }
}

/// The words in capital letters that stand for something in what to do and what to run.
fn unfilled(sides: &[&Side]) -> Vec<&'static str> {
    let texts = sides.iter().flat_map(|side| side.checks.iter().chain([&side.act]));
    let words: Vec<&str> =
        texts.flat_map(|text| text.split(|c: char| !c.is_ascii_uppercase() && c != '_')).collect();
    PLACEHOLDERS.into_iter().map(|p| p.word).filter(|word| words.contains(word)).collect()
}

/// What is written about the two, and the names under which they stand there: as pairs of codes, else their
/// enhanced status codes, else their reply codes.
fn written<'k>(
    a: &Side,
    b: &Side,
    knowledge: &'k Knowledge,
) -> Option<(&'k Confusion, [String; 2])> {
    let exact = [a.key(), b.key()];
    let enhanced = a.enhanced.clone().zip(b.enhanced.clone()).filter(|(a, b)| a != b);
    let looked_up = |keys: [String; 2]| {
        let [one, other] = &keys;
        Some((knowledge.confusion(one, other)?, keys))
    };
    looked_up(exact).or_else(|| looked_up(enhanced.map(|(a, b)| [a, b])?))
}

#[cfg(test)]
mod tests;
