//! The report's tables as Markdown (GitHub's tables), for tickets and wikis.
//!
//! Log text is shown as it is and never acts: every mark that Markdown or HTML would act on is escaped.

use super::incidents::{figures_of, title_of};
use super::layout::{number, percent};
use super::names::party;
use super::sanitize::for_terminal;
use super::tables::{Cell, Column, Table, TableName, table};
use super::text::filter_of;
use crate::check::page::{brief_page_of, heading};
use crate::i18n::say;
use crate::report::{Report, duration};
use std::fmt::Write as _;

/// The tables that a whole report shows, in its order; those without rows are left out.
const SHOWN: [TableName; 13] = [
    TableName::Warnings,
    TableName::Fates,
    TableName::Causes,
    TableName::Remedies,
    TableName::Codes,
    TableName::Providers,
    TableName::ProviderCauses,
    TableName::Domains,
    TableName::Relays,
    TableName::Clients,
    TableName::Delays,
    TableName::Days,
    TableName::Trouble,
];

/// The whole report: what was read, then its tables.
pub fn render(report: &Report) -> String {
    let labels = report.language.page_labels();
    let mut out = format!("# {}\n\n", labels.title);
    let names: Vec<_> = report.input.files.iter().map(|file| code(&file.name)).collect();
    let _ = write!(out, "{}", names.join(", "));
    if let (Some(first), Some(last)) = (&report.input.first, &report.input.last) {
        let length = duration(report.input.seconds, report.language);
        let _ = write!(
            out,
            "  \n{}",
            say(report.language.labels().period_what, &[first, last, &length])
        );
    }
    if let Some(filter) = filter_of(report) {
        let _ = write!(out, "  \n{}: {}", report.language.labels().filter, escape(&filter));
    }
    let made = say(labels.made_by, &[&report.generator, &number(report.input.lines)]);
    let _ = writeln!(out, "\n\n{}", escape(&made));
    out.push_str(&incidents(report));
    out.push_str(&checks(report));
    for name in SHOWN {
        let table = table(report, name);
        if !table.rows.is_empty() {
            out.push('\n');
            out.push_str(&one(&table, report));
        }
    }
    if !report.input.shapes.is_empty() {
        out.push('\n');
        out.push_str(&one(&table(report, TableName::Shapes), report));
    }
    out
}

/// What went wrong as a numbered list; nothing where nothing did.
fn incidents(report: &Report) -> String {
    let words = report.language.incident_labels();
    if report.incidents.is_empty() {
        return String::new();
    }
    let mut out = format!("\n## {}\n\n", escape(words.title));
    for (n, row) in report.incidents.iter().enumerate() {
        let figures = figures_of(row, report.language).join("; ");
        let _ = writeln!(out, "{}. {}  \n   {}", n + 1, escape(&title_of(row)), escape(&figures));
        for remedy in &row.remedies {
            let by = party(report.language.labels(), &remedy.by);
            let _ = writeln!(out, "   - {}: {}", escape(by), escape(&remedy.text));
        }
    }
    let more = report.incidents_found.saturating_sub(report.incidents.len());
    if more > 0 {
        let _ = writeln!(out, "\n{}", escape(&say(words.more, &[&number(more as u64)])));
    }
    out
}

/// What DNS says, where it was asked.
fn checks(report: &Report) -> String {
    let Some(checks) = &report.checks else { return String::new() };
    let language = report.language;
    let sheet = brief_page_of(checks, language);
    format!("\n## {}\n\n{}", escape(heading(language)), sheet.to_markdown_below(2))
}

/// One table with its heading.
pub fn one(table: &Table, report: &Report) -> String {
    let shown: Vec<(usize, &Column)> =
        table.columns.iter().enumerate().filter(|(_, column)| !column.only_csv).collect();
    let mut out = format!("## {}\n\n|", escape(table.title));
    for (_, column) in &shown {
        let _ = write!(out, " {} |", escape(column.title));
    }
    out.push_str("\n|");
    for (_, column) in &shown {
        out.push_str(if column.numeric { " ---: |" } else { " --- |" });
    }
    out.push('\n');
    for row in &table.rows {
        out.push('|');
        for (n, _) in &shown {
            let text = row.get(*n).map_or(String::new(), cell);
            let _ = write!(out, " {text} |");
        }
        out.push('\n');
    }
    let labels = report.language.page_labels();
    if table.more > 0 {
        let rows = labels.more_rows.of(report.language, table.more);
        let _ = writeln!(out, "\n{} {rows}", number(table.more));
    }
    if table.error > 0 {
        let _ = writeln!(out, "\n{}", say(labels.approximate, &[&number(table.error)]));
    }
    out
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => escape(text),
        Cell::Named(_, name) => escape(name),
        Cell::Id(id) => id.to_string(),
        Cell::Count(count) => number(*count),
        Cell::About(count) => format!("≈{}", number(*count)),
        Cell::Share(share) => percent(*share),
    }
}

/// Text that is shown and does nothing.
///
/// A backslash before a mark of ASCII makes it a plain character (`CommonMark` 2.4); `<`, `>`, `&` are HTML's too.
/// Links are not to be made clickable: `:` and the dot behind `www` are hidden from the extension that finds them
/// in plain text.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in for_terminal(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' => out.push_str("&#124;"),
            '`' => out.push_str("&#96;"),
            '\\' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '!' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            ':' => out.push_str("&#58;"),
            '.' if out.ends_with("www") => out.push_str("&#46;"),
            _ => out.push(c),
        }
    }
    out
}

/// A name in a code span, whose fence is longer than any run of backticks in it.
fn code(text: &str) -> String {
    let shown = for_terminal(text);
    let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if shown.starts_with('`') || shown.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_shown_and_does_nothing() {
        for (text, want) in [
            ("a|b", "a&#124;b"),
            ("`id`", "&#96;id&#96;"),
            ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
            ("[x](javascript:alert(1))", "\\[x\\](javascript&#58;alert(1))"),
            ("![x](//example.com)", "\\!\\[x\\](//example.com)"),
            ("&lt;", "&amp;lt;"),
            ("a\nb", "a\\\\x0ab"),
            ("*bold* _it_ ~s~", "\\*bold\\* \\_it\\_ \\~s\\~"),
            ("see http://www.example.com", "see http&#58;//www&#46;example.com"),
        ] {
            assert_eq!(escape(text), want, "{text:?}");
        }
    }

    #[test]
    fn a_code_span_cannot_be_left() {
        assert_eq!(code("mail.log"), "`mail.log`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`"), "`` ` ``");
    }
}
