//! `mailwhy codes`: the list of all codes, or of those that fit.

use super::Status;
use crate::error::Error;
use crate::i18n::Language;
use crate::knowledge::{EnhancedEntry, Knowledge, Provider, ProviderEntry, ReplyEntry, Standing};
use clap::{Args, ValueEnum};
use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Table, Width};
use serde::Serialize;
use std::io::Write;

/// What `mailwhy codes` takes.
#[derive(Debug, Args)]
pub struct CodesArgs {
    /// Only codes with this first digit
    #[arg(long, value_name = "DIGIT", value_parser = clap::value_parser!(u8).range(1..=6))]
    pub class: Option<u8>,
    /// Only codes whose number, name or texts have all these words
    #[arg(long, value_name = "WORDS")]
    pub search: Option<String>,
    /// A table for people, or JSON
    #[arg(long, value_enum, default_value_t = CodesFormat::Text)]
    pub format: CodesFormat,
}

/// How to write the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum CodesFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The version of the fields of the JSON form.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct List<'k> {
    schema: u32,
    codes: Vec<Row<'k>>,
}

/// One code of the list.
#[derive(Serialize)]
struct Row<'k> {
    /// `reply`, `enhanced` or `provider`.
    kind: &'static str,
    /// The provider's slug.
    provider: Option<&'k str>,
    /// The number; for a provider perhaps several, or ranges.
    code: String,
    /// First digits that it occurs with.
    classes: Vec<u8>,
    name: &'k str,
    standing: Standing,
    defined_in: &'k [String],
    source: Option<&'k str>,
    meaning: &'k str,
    seen: Option<&'k str>,
    remedy: &'k str,
    /// The heading it stands under.
    #[serde(skip)]
    heading: String,
}

/// Lists the codes that fit; [`Status::No`] when none does. `width` is that of the table.
///
/// # Errors
///
/// `out` cannot be written.
pub(super) fn run(
    args: &CodesArgs,
    knowledge: &Knowledge,
    width: usize,
    out: &mut dyn Write,
) -> Result<Status, Error> {
    let mut rows = rows(knowledge);
    rows.retain(|row| fits(row, args));
    let status = if rows.is_empty() { Status::No } else { Status::Done };
    match args.format {
        CodesFormat::Json => {
            let list = List { schema: SCHEMA, codes: rows };
            serde_json::to_writer_pretty(&mut *out, &list).map_err(|e| Error::Write(e.into()))?;
            writeln!(out)?;
        }
        CodesFormat::Text => write_tables(&rows, width, out)?,
    }
    Ok(status)
}

fn rows(knowledge: &Knowledge) -> Vec<Row<'_>> {
    let language = knowledge.language();
    let replies = knowledge.replies().map(|entry| of_reply(entry, language));
    let enhanced = knowledge.enhanced_codes().map(|entry| of_enhanced(entry, language));
    let providers = knowledge.providers().iter().flat_map(|provider| {
        provider.entries().map(move |entry| of_provider(provider, entry, language))
    });
    replies.chain(enhanced).chain(providers).collect()
}

fn of_reply(entry: &ReplyEntry, language: Language) -> Row<'_> {
    let text = entry.text(language);
    Row {
        kind: "reply",
        provider: None,
        code: entry.code.to_string(),
        classes: vec![entry.code.class()],
        name: &text.name,
        standing: entry.standing,
        defined_in: &entry.defined_in,
        source: text.source.as_deref(),
        meaning: &text.meaning,
        seen: Some(&text.seen),
        remedy: &text.remedy,
        heading: "Reply codes".to_owned(),
    }
}

fn of_enhanced(entry: &EnhancedEntry, language: Language) -> Row<'_> {
    let text = entry.text(language);
    let mut classes: Vec<u8> = entry.classes.iter().chain(&entry.seen_classes).copied().collect();
    classes.sort_unstable();
    classes.dedup();
    Row {
        kind: "enhanced",
        provider: None,
        code: entry.code.to_string(),
        classes,
        name: &text.name,
        standing: entry.standing,
        defined_in: &entry.defined_in,
        source: text.source.as_deref(),
        meaning: &text.meaning,
        seen: None,
        remedy: &text.remedy,
        heading: "Enhanced status codes (X is the class: 2, 4 or 5)".to_owned(),
    }
}

fn of_provider<'k>(
    provider: &'k Provider,
    entry: &'k ProviderEntry,
    language: Language,
) -> Row<'k> {
    let text = entry.text(language);
    let codes: Vec<String> = entry.codes.iter().map(ToString::to_string).collect();
    let mut classes: Vec<u8> = entry.codes.iter().map(|range| range.0.start().class()).collect();
    classes.sort_unstable();
    classes.dedup();
    Row {
        kind: "provider",
        provider: Some(provider.slug()),
        code: codes.join(", "),
        classes,
        name: &text.name,
        standing: Standing::Vendor,
        defined_in: &[],
        source: None,
        meaning: &text.meaning,
        seen: None,
        remedy: &text.remedy,
        heading: format!("Enhanced status codes as {} uses them", provider.name()),
    }
}

fn fits(row: &Row<'_>, args: &CodesArgs) -> bool {
    if args.class.is_some_and(|class| !row.classes.contains(&class)) {
        return false;
    }
    let Some(search) = &args.search else { return true };
    let texts = [
        Some(row.code.as_str()),
        Some(row.name),
        Some(row.meaning),
        row.seen,
        Some(row.remedy),
        row.source,
        row.provider,
    ];
    let haystack =
        texts.into_iter().flatten().map(str::to_lowercase).collect::<Vec<_>>().join("\n");
    search.to_lowercase().split_whitespace().all(|word| haystack.contains(word))
}

fn write_tables(rows: &[Row<'_>], width: usize, out: &mut dyn Write) -> Result<(), Error> {
    for (index, group) in rows.chunk_by(|a, b| a.heading == b.heading).enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        if let Some(first) = group.first() {
            writeln!(out, "{}", first.heading)?;
        }
        let table = table(group, width).to_string();
        for line in table.lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(())
}

fn table(rows: &[Row<'_>], width: usize) -> Table {
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width.max(40)).unwrap_or(u16::MAX));
    table.set_header(["Code", "Name", "Standing", "Defined in"]);
    for row in rows {
        table.add_row([
            Cell::new(&row.code),
            Cell::new(row.name),
            Cell::new(row.standing.slug()),
            Cell::new(row.defined_in.join(", ")),
        ]);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(18)));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(class: Option<u8>, search: Option<&str>, format: CodesFormat) -> (Status, String) {
        let args = CodesArgs { class, search: search.map(str::to_owned), format };
        let mut out = Vec::new();
        let status = run(&args, &Knowledge::embedded(), 80, &mut out).unwrap();
        (status, String::from_utf8(out).unwrap())
    }

    #[test]
    fn all_codes_are_listed_within_the_width() {
        let (status, text) = list(None, None, CodesFormat::Text);
        assert_eq!(status, Status::Done);
        for code in ["\n 101", "\n 607", "\n X.0.0", "\n X.7.30", "4.7.23", "4.7.500..4.7.699"] {
            assert!(text.contains(code), "{code:?} in\n{text}");
        }
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    #[test]
    fn class_and_search_leave_what_fits() {
        let (_, json) = list(Some(5), Some("full MAILBOX"), CodesFormat::Json);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["schema"], 1);
        let codes: Vec<_> = json["codes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["code"].as_str().unwrap())
            .collect();
        assert!(codes.contains(&"552") && codes.contains(&"X.2.2"), "{codes:?}");
        assert!(!codes.contains(&"452") && !codes.contains(&"521"), "{codes:?}");
    }

    #[test]
    fn nothing_that_fits_is_the_answer_no() {
        assert_eq!(
            list(None, Some("no such words"), CodesFormat::Text),
            (Status::No, String::new())
        );
    }
}
