//! The list of addresses as text, CSV, JSON lines and a plain list.
//!
//! A plain list is read by other programs, so an address that has an unprintable character or white space is left
//! out of it and counted: no such address can be on a list that people wrote.

use super::cell::{for_csv, io_error_of};
use super::json;
use super::layout::{Align, Look, Page, number};
use super::sanitize::for_terminal;
use super::text::{filter_line, warning_lines};
use crate::i18n::suppress::Labels;
use crate::i18n::{Language, say};
use crate::suppress::{CodeCount, List, Listed, Rules, Scope};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Writes the list for people; `top` addresses of it.
pub fn render(list: &List, look: Look, language: Language, top: usize) -> String {
    let labels = Labels::of(language);
    let mut page = Page::new(look);
    if list.addresses.is_empty() {
        page.line(labels.nothing);
    } else {
        let count = list.addresses.len() as u64;
        page.title(&say(labels.heading.of(language, count), &[&number(count)]));
    }
    filter_line(&mut page, list.filter.as_deref(), language.labels());
    page.paragraph("  ", &say(labels.rules, &[&rules(&list.rules, labels, language)]));
    if list.not_listed > 0 {
        page.paragraph("  ", &say(labels.not_listed, &[&number(list.not_listed)]));
    }
    page.paragraph("  ", labels.never_listed);
    warning_lines(&mut page, &list.warnings, language.labels());
    if !list.addresses.is_empty() {
        causes(&mut page, list, labels);
        addresses(&mut page, list, labels, top);
    }
    for text in incomplete(list, language) {
        page.gap();
        page.paragraph("! ", &text);
    }
    page.finish()
}

/// What is to be said when the bound was reached.
pub fn incomplete(list: &List, language: Language) -> Vec<String> {
    let labels = Labels::of(language);
    let Some(incomplete) = &list.incomplete else { return Vec::new() };
    let mut texts = Vec::new();
    if incomplete.left_out.count > 0 {
        let about = if incomplete.left_out.exact { "" } else { "≈" };
        let left_out = format!("{about}{}", number(incomplete.left_out.count));
        texts.push(say(labels.left_out, &[&number(list.rules.most as u64), &left_out]));
    }
    if incomplete.acceptances_forgotten {
        texts.push(labels.acceptances_forgotten.to_owned());
    }
    texts
}

fn rules(rules: &Rules, labels: &Labels, language: Language) -> String {
    let mut said = Vec::new();
    if rules.hard > 0 {
        said.push(say(labels.hard_rule.of(language, rules.hard.into()), &[&rules.hard]));
    }
    if rules.soft > 0 {
        let days = labels.days.of(language, rules.soft_days.into());
        let soft = labels.soft_rule.of(language, rules.soft.into());
        said.push(say(soft, &[&rules.soft, &rules.soft_days, &days]));
    }
    let or = match language {
        Language::En => " or ",
        Language::Ru => " или ",
    };
    if said.is_empty() { labels.never.to_owned() } else { said.join(or) }
}

fn causes(page: &mut Page, list: &List, labels: &Labels) {
    let mut by_cause = BTreeMap::<&str, (&Listed, u64, u64)>::new();
    for listed in &list.addresses {
        let (_, addresses, hard) = by_cause.entry(listed.cause).or_insert((listed, 0, 0));
        *addresses += 1;
        *hard += u64::from(listed.hard);
    }
    let mut rows: Vec<_> = by_cause.into_values().collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cause.cmp(b.0.cause)));
    let rows = rows
        .into_iter()
        .map(|(listed, addresses, hard)| {
            let title = match listed.scope {
                Scope::Domain => say(labels.domain_mark, &[&listed.title]),
                Scope::Address => listed.title.clone(),
            };
            vec![title, number(addresses), number(hard)]
        })
        .collect();
    page.heading(labels.why);
    let [why, addresses, hard] = labels.cause_columns;
    page.table(&[(why, Align::Left), (addresses, Align::Right), (hard, Align::Right)], rows);
    if list.addresses.iter().any(|listed| listed.scope == Scope::Domain) {
        page.paragraph("  ", labels.domain_note);
    }
}

fn addresses(page: &mut Page, list: &List, labels: &Labels, top: usize) {
    let mut worst: Vec<&Listed> = list.addresses.iter().collect();
    // Stable: equal ones stay in the order of the addresses.
    worst.sort_by_key(|listed| std::cmp::Reverse((listed.hard, listed.soft)));
    page.heading(labels.addresses);
    for listed in worst.iter().take(top) {
        let mut facts = vec![listed.title.clone()];
        if listed.scope == Scope::Domain {
            facts = vec![say(labels.domain_mark, &[&listed.title])];
        }
        if listed.hard > 0 {
            facts.push(say(labels.final_times, &[&listed.hard]));
        }
        if listed.soft > 0 {
            facts.push(say(labels.temporary_times, &[&listed.soft]));
        }
        // The day is enough here; the other forms have the second.
        let last = listed.last.as_deref().and_then(|last| last.get(..10)).unwrap_or("?");
        facts.push(say(labels.last, &[&last]));
        let address = Page::log(&listed.address, 70);
        page.paragraph("  ", &format!("{address}: {}", facts.join(", ")));
        let place = format!("{}:{}", Page::log(&listed.file, 60), listed.line);
        page.paragraph("      ", &format!("{} [{place}]", Page::log(&listed.text, 160)));
    }
    let hidden = worst.len().saturating_sub(top);
    if hidden > 0 {
        let text = say(labels.more, &[&number(hidden as u64), &worst.len()]);
        page.paragraph("  ", &text);
    }
}

/// A row of the CSV form.
#[derive(Serialize)]
struct Row<'a> {
    address: &'a str,
    scope: Scope,
    cause: &'a str,
    rule: crate::suppress::Rule,
    hard: u32,
    soft: u32,
    first: Option<&'a str>,
    last: Option<&'a str>,
    codes: String,
    provider: Option<&'a str>,
    file: &'a str,
    line: u64,
    text: &'a str,
}

/// Writes CSV with a header line; no cell is taken for a formula.
///
/// # Errors
/// What the writer says.
pub fn write_csv(out: impl Write, list: &List) -> io::Result<()> {
    let mut out = csv::WriterBuilder::new().has_headers(false).from_writer(out);
    // By hand, so that an empty list has its header too.
    out.write_record([
        "address", "scope", "cause", "rule", "hard", "soft", "first", "last", "codes", "provider",
        "file", "line", "text",
    ])
    .map_err(io_error_of)?;
    for listed in &list.addresses {
        let [address, file, text] =
            [&listed.address, &listed.file, &listed.text].map(|text| for_csv(text));
        out.serialize(Row {
            address: &address,
            scope: listed.scope,
            cause: listed.cause,
            rule: listed.rule,
            hard: listed.hard,
            soft: listed.soft,
            first: listed.first.as_deref(),
            last: listed.last.as_deref(),
            codes: codes_of(listed),
            provider: listed.provider,
            file: &file,
            line: listed.line,
            text: &text,
        })
        .map_err(io_error_of)?;
    }
    out.flush()
}

/// `550 5.1.1 x3; 450 4.2.1 x1`.
fn codes_of(listed: &Listed) -> String {
    let code = |code: &CodeCount| {
        let stated = code.code.map(|code| code.to_string());
        let enhanced = code.enhanced.map(|code| code.to_string());
        let both: Vec<String> = stated.into_iter().chain(enhanced).collect();
        let name = if both.is_empty() { "none".to_owned() } else { both.join(" ") };
        format!("{name} x{}", code.count)
    };
    let more = (listed.more_codes > 0).then(|| format!("others x{}", listed.more_codes));
    listed.codes.iter().map(code).chain(more).collect::<Vec<_>>().join("; ")
}

/// Writes one JSON object a line.
///
/// # Errors
/// What the writer says.
pub fn write_ndjson(mut out: impl Write, list: &List) -> io::Result<()> {
    for listed in &list.addresses {
        json::write_line(&mut out, listed)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// Writes one address a line; gives how many were left out as no such address can be on a list.
///
/// # Errors
/// What the writer says.
pub fn write_plain(mut out: impl Write, list: &List) -> io::Result<u64> {
    let mut odd = 0;
    for listed in &list.addresses {
        let address = listed.address.as_str();
        let plain = !address.contains(char::is_whitespace) && for_terminal(address) == address;
        if plain {
            writeln!(out, "{address}")?;
        } else {
            odd += 1;
        }
    }
    out.flush()?;
    Ok(odd)
}
