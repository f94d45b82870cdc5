//! What stands on the page of a comparison: the difference first, then point by point what differs, each side,
//! when to use which, sources.

use super::points::label;
use super::side::{Side, Sort};
use super::{Comparison, Relation, phrases as p};
use crate::explain::phrases::stands_for;
use crate::i18n::Language;
use crate::render::sheet::{Block, Sheet};

/// The page of a comparison.
pub fn page_of(comparison: &Comparison, language: Language) -> Sheet {
    let mut sheet = Sheet::default();
    let Comparison { a, b, .. } = comparison;
    let same = comparison.relation == Relation::Same;
    let (what, name) = if same {
        (a.label.clone(), p::TITLE_SAME)
    } else {
        (p::AND.say(language, &[&a.label, &b.label]), p::TITLE)
    };
    sheet.push(Block::Title(what, name.get(language).to_owned()));
    sheet.gap();
    sheet.push(Block::Paragraph(comparison.difference.clone()));
    sheet.gap();
    if !same && a.sort != Sort::Nothing && b.sort != Sort::Nothing {
        points(&mut sheet, comparison, language);
    }
    side(&mut sheet, a, None, language);
    if !same {
        side(&mut sheet, b, Some(a), language);
    }
    let words: Vec<String> = comparison
        .unfilled
        .iter()
        .filter_map(|word| Some(format!("{word}: {}", stands_for(word)?.get(language))))
        .collect();
    if !words.is_empty() {
        sheet.push(Block::Paragraph(format!("({})", words.join("; "))));
        sheet.gap();
    }
    if let Some(choose) = &comparison.choose {
        sheet.push(Block::Heading(p::CHOOSE.get(language).to_owned()));
        sheet.push(Block::Paragraph(choose.clone()));
        sheet.gap();
    }
    let mut sources: Vec<&String> = a.sources.iter().collect();
    sources.extend(b.sources.iter().filter(|source| !a.sources.contains(source)));
    if !sources.is_empty() {
        sheet.push(Block::Heading(p::SOURCES.get(language).to_owned()));
        for source in sources {
            sheet.push(Block::Point(source.clone()));
        }
    }
    sheet
}

/// What differs as a table, what does not as a row below it.
fn points(sheet: &mut Sheet, comparison: &Comparison, language: Language) {
    let (same, differ): (Vec<_>, Vec<_>) = comparison.points.iter().partition(|point| point.same);
    if !differ.is_empty() {
        let rows = differ
            .iter()
            .map(|row| [label(row.point).get(language).to_owned(), row.a.clone(), row.b.clone()]);
        let header = [String::new(), comparison.a.label.clone(), comparison.b.label.clone()];
        sheet.push(Block::Heading(p::POINTS.get(language).to_owned()));
        sheet.push(Block::Table(header, rows.collect()));
    }
    let alike: Vec<String> = same
        .iter()
        .map(|row| format!("{}: {}", label(row.point).get(language).to_lowercase(), row.a))
        .collect();
    if !alike.is_empty() {
        let text = format!("{}: {}.", p::ALIKE.get(language), alike.join("; "));
        sheet.push(Block::Paragraph(text));
    }
    sheet.gap();
}

/// One side; what the side `before` says in the same words is not said again.
fn side(sheet: &mut Sheet, side: &Side, before: Option<&Side>, language: Language) {
    sheet.push(Block::Title(side.label.clone(), side.name.clone()));
    let new = |text: fn(&Side) -> &String| {
        let text_of_this = text(side);
        before.is_none_or(|before| text(before) != text_of_this).then_some(text_of_this)
    };
    match new(|side| &side.meaning) {
        Some(meaning) => sheet.row(p::MEANING.get(language), meaning),
        None => sheet.row(p::MEANING.get(language), p::AS_ABOVE.get(language)),
    }
    let label = if side.sort == Sort::Cause { p::TELL } else { p::SEEN };
    if let Some(seen) = new(|side| &side.seen) {
        sheet.row(label.get(language), seen);
    }
    sheet.row(p::DO.get(language), &side.act);
    if !side.checks.is_empty() {
        sheet.push(Block::Commands(p::CHECK.get(language).to_owned(), side.checks.clone()));
    }
    if !side.suggestions.is_empty() {
        let names: Vec<String> =
            side.suggestions.iter().map(|s| format!("`{}` ({})", s.ask, s.name)).collect();
        let question = p::DID_YOU_MEAN.say(language, &[&names.join(", ")]);
        sheet.push(Block::Paragraph(question));
    }
    sheet.gap();
}
