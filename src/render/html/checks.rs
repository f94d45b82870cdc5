//! What DNS says, as the blocks of a sheet: a card for each subject.

use super::log;
use crate::check::page::brief_page_of;
use crate::render::sheet::Block;
use crate::report::Report;
use maud::{Markup, html};

/// The section; nothing where DNS was not asked.
pub(super) fn checks(report: &Report) -> Option<Markup> {
    let sheet = brief_page_of(report.checks.as_ref()?, report.language);
    Some(html! {
        @for block in sheet.blocks() { (one(block)) }
    })
}

fn one(block: &Block) -> Markup {
    match block {
        Block::Title(what, name) => html! { h3 { (log(what)) " " small { (log(name)) } } },
        Block::Heading(text) => html! { h4 { (ours(text)) } },
        Block::Paragraph(text) | Block::Point(text) => html! { p { (ours(text)) } },
        Block::Row(label, text) if text.starts_with("https://") => html! {
            p { b { (label) } " " a href=(text) rel="noreferrer" { (log(text)) } }
        },
        Block::Row(label, text) => html! { p { b { (label) } " " (ours(text)) } },
        Block::Quote(label, text) => html! { p { b { (label) } " " code { (log(text)) } } },
        Block::Commands(label, lines) => html! {
            p { b { (label) } }
            pre { @for line in lines { (log(line)) "\n" } }
        },
        // No check has one.
        Block::Table(..) | Block::Gap => html! {},
    }
}

/// A text of ours: what stands in backticks is typed or read by machines.
fn ours(text: &str) -> Markup {
    html! {
        @for (n, piece) in text.split('`').enumerate() {
            @if n % 2 == 0 { (log(piece)) } @else { code { (log(piece)) } }
        }
    }
}
