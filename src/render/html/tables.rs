//! Tables of the page. A cell with a number has its value in `data-v`, by which the script sorts.

use super::super::tables::{Cell, Column, Table, TableName};
use super::charts::{Part, bar};
use super::log;
use crate::i18n::say;
use crate::render::layout::{number, percent};
use crate::report::{AttemptsByName, Report};
use maud::{Markup, html};

/// A table of plain cells.
pub(super) fn table(table: &Table, report: &Report) -> Markup {
    let shown: Vec<(usize, &Column)> =
        table.columns.iter().enumerate().filter(|(_, column)| !column.only_csv).collect();
    html! {
        div.scroll {
            table.sortable {
                thead { tr {
                    @for (_, column) in &shown {
                        th scope="col" class=[column.numeric.then_some("n")] { (column.title) }
                    }
                } }
                tbody {
                    @for row in &table.rows {
                        tr {
                            @for (n, column) in &shown {
                                @if let Some(cell) = row.get(*n) { (td(cell, column.slug)) }
                            }
                        }
                    }
                }
            }
        }
        (below(table.more, table.error, report))
    }
}

/// What a table leaves out, and how far it may be wrong.
fn below(more: u64, error: u64, report: &Report) -> Markup {
    let labels = report.language.page_labels();
    html! {
        @if more > 0 {
            p.soft { (number(more)) " " (labels.more_rows.of(report.language, more)) }
        }
        @if error > 0 { p.soft { (say(labels.approximate, &[&number(error)])) } }
    }
}

fn td(cell: &Cell, slug: &str) -> Markup {
    let (value, shown) = match cell {
        Cell::Empty => return html! { td {} },
        Cell::Text(text) => {
            let class = if matches!(slug, "text" | "shape" | "sample") { "w log" } else { "w" };
            return html! { td class=(class) { (log(text)) } };
        }
        Cell::Named(_, name) => return html! { td class="w" { (name) } },
        Cell::Id(id) => (id.to_string(), id.to_string()),
        Cell::Count(count) => (count.to_string(), number(*count)),
        Cell::About(count) => (count.to_string(), format!("≈{}", number(*count))),
        Cell::Share(share) => (format!("{share:.6}"), percent(*share)),
    };
    html! { td.n data-v=(value) { (shown) } }
}

/// A cell with a count.
pub(super) fn count(value: u64) -> Markup {
    html! { td.n data-v=(value) { (number(value)) } }
}

/// Attempts by name, with a bar of what became of them.
pub(super) fn attempts(report: &Report, name: TableName) -> Option<Markup> {
    let section = match name {
        TableName::Providers => &report.providers,
        TableName::Domains => &report.domains,
        _ => &report.relays,
    };
    if section.rows.is_empty() {
        return None;
    }
    let labels = report.language.labels();
    let first = match name {
        TableName::Providers => labels.provider,
        TableName::Domains => labels.domain,
        _ => labels.host,
    };
    let [_, delivered, deferred, bounced] = labels.name_columns;
    let most = section.rows.iter().map(all).max().unwrap_or(0);
    let mark = if section.error > 0 { "≈" } else { "" };
    let more = section.total.saturating_sub(section.rows.len()) as u64;
    Some(html! {
        div.scroll {
            table.sortable {
                thead { tr {
                    th scope="col" { (first) }
                    @for column in [delivered, deferred, bounced] {
                        th.n scope="col" { (column) }
                    }
                    th.b {}
                } }
                tbody {
                    @for row in &section.rows {
                        tr {
                            td.w { (log(&row.name)) }
                            @for value in [row.delivered, row.deferred, row.bounced] {
                                td.n data-v=(value) { (mark) (number(value)) }
                            }
                            td.b { (bar(&parts(row), most)) }
                        }
                    }
                }
            }
        }
        (below(more, section.error, report))
    })
}

fn all(row: &AttemptsByName) -> u64 {
    row.delivered + row.deferred + row.bounced
}

fn parts(row: &AttemptsByName) -> [Part; 3] {
    [("bad", row.bounced), ("late", row.deferred), ("good", row.delivered)]
}
