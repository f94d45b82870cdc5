//! `mailwhy codes`: the list of all codes and causes, or of those that fit.

mod phrases;
mod rows;
mod search;

use super::Status;
use super::explain::provider;
use crate::error::Error;
use crate::explain::names::near;
use crate::explain::{Context, Explainer, Explanation, ProviderPart, Topic, page_of};
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use crate::render::json;
use crate::render::sanitize::for_terminal;
use crate::render::sheet::{Block, excerpt};
use clap::{Args, ValueEnum};
use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Table, Width};
use phrases as p;
use rows::{Row, RowKind, Wanted, rows};
use search::Words;
use serde::Serialize;
use std::io::Write;

/// What `mailwhy codes` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mailwhy codes --class 5
  mailwhy codes --search greylisting
  mailwhy codes --search 'серые списки'
  mailwhy codes --provider google
  mailwhy codes --search dmarc --format json | jq -r '.codes[].code'

Exit codes: 0 something fits; 1 nothing does.")]
pub struct CodesArgs {
    /// Only codes with this first digit
    #[arg(long, value_name = "DIGIT", value_parser = clap::value_parser!(u8).range(1..=6))]
    pub class: Option<u8>,
    /// Only what has all these words in its number, name or texts, in whatever language and ending
    #[arg(long, value_name = "WORDS")]
    pub search: Option<String>,
    /// Only this provider's own codes, and what it means by its words: google, 'mail.ru', …
    #[arg(long, value_name = "NAME", value_parser = provider)]
    pub provider: Option<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = CodesFormat::Text)]
    pub format: CodesFormat,
}

/// How to write the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum CodesFormat {
    /// Tables for people
    Text,
    /// For programs
    Json,
}

/// The version of the fields of the JSON form. 2: causes and rules; `standing` and `remedy` may be null. `provider`
/// came later.
const SCHEMA: u32 = 2;

#[derive(Serialize)]
struct List<'k> {
    schema: u32,
    /// What is known of the provider that was asked for.
    provider: Option<ProviderPart>,
    codes: Vec<Row<'k>>,
}

/// Lists what fits; [`Status::No`] when nothing does. `width` is that of the table.
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
    let wanted = Wanted {
        class: args.class,
        words: args.search.as_deref().map(Words::of),
        provider: args.provider.as_deref(),
    };
    let rows = rows(&wanted, knowledge);
    let provider = args.provider.as_deref().and_then(|slug| explained(slug, knowledge));
    // A provider without codes and wordings of its own is an answer, unless some of them were asked for.
    let all_of_it = provider.is_some() && args.class.is_none() && args.search.is_none();
    let status = if rows.is_empty() && !all_of_it { Status::No } else { Status::Done };
    match args.format {
        CodesFormat::Json => {
            let provider = provider.as_ref().and_then(part_of).cloned();
            json::write_pretty(&mut *out, &List { schema: SCHEMA, provider, codes: rows })?;
        }
        CodesFormat::Text => {
            if let Some(page) = provider.filter(|_| all_of_it) {
                write_page(&page, rows.is_empty(), width, knowledge.language(), out)?;
            }
            if rows.is_empty() && !all_of_it {
                writeln!(out, "{}", nothing(args.search.as_deref(), knowledge))?;
            }
            write_tables(&rows, width, knowledge.language(), out)?;
        }
    }
    Ok(status)
}

/// What is known of a provider.
fn explained(slug: &str, knowledge: &Knowledge) -> Option<Explanation> {
    let mut explanation = Explainer::new(knowledge, Context::default()).explain(slug);
    explanation.suggestions.clear();
    explanation.topics.retain(|topic| matches!(topic, Topic::Provider(_)));
    // Its codes stand in the table.
    for topic in &mut explanation.topics {
        if let Topic::Provider(part) = topic {
            part.codes.clear();
        }
    }
    (!explanation.topics.is_empty()).then_some(explanation)
}

fn part_of(explanation: &Explanation) -> Option<&ProviderPart> {
    explanation.topics.iter().find_map(|topic| match topic {
        Topic::Provider(part) => Some(part),
        _ => None,
    })
}

fn write_page(
    explanation: &Explanation,
    has_nothing_own: bool,
    width: usize,
    language: Language,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut page = page_of(explanation, language);
    if has_nothing_own {
        page.gap();
        page.push(Block::Paragraph(p::NOTHING_OWN.get(language).to_owned()));
    }
    let page = page.to_text(width);
    writeln!(out, "{}", page.trim_end())?;
    if !has_nothing_own {
        writeln!(out)?;
    }
    Ok(())
}

/// That nothing fits, and what may have been meant.
fn nothing(search: Option<&str>, knowledge: &Knowledge) -> String {
    let language = knowledge.language();
    let sentence = p::NOTHING.get(language);
    let near = search.map(|search| near(search, knowledge)).unwrap_or_default();
    if near.is_empty() {
        return sentence.to_owned();
    }
    let names: Vec<String> = near.iter().map(|s| format!("`{}` ({})", s.ask, s.name)).collect();
    format!("{sentence} {}", p::DID_YOU_MEAN.say(language, &[&names.join(", ")]))
}

fn write_tables(
    rows: &[Row<'_>],
    width: usize,
    language: Language,
    out: &mut dyn Write,
) -> Result<(), Error> {
    for (index, group) in rows.chunk_by(|a, b| a.heading == b.heading).enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        if let Some(first) = group.first() {
            writeln!(out, "{}", first.heading)?;
        }
        let table = table(group, width, language).to_string();
        for line in table.lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(())
}

fn table(rows: &[Row<'_>], width: usize, language: Language) -> Table {
    let mut table = Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width.max(40)).unwrap_or(u16::MAX));
    let kind = rows.first().map_or(RowKind::Reply, |row| row.kind);
    let (columns, first): (&[crate::i18n::Text], u16) = match kind {
        RowKind::Rule => (&[p::RULE, p::CAUSE, p::EXAMPLE], 28),
        RowKind::Cause => (&[p::CAUSE, p::NAME, p::DEFINED_IN], 26),
        _ => (&[p::CODE, p::NAME, p::STANDING, p::DEFINED_IN], 18),
    };
    table.set_header(columns.iter().map(|column| column.get(language)));
    for row in rows {
        let standing = row.standing.map(|standing| p::standing(standing).get(language));
        let cells = match kind {
            RowKind::Rule => {
                let example = for_terminal(&row.meaning).into_owned();
                vec![row.code.clone(), row.name.clone(), excerpt(&example, 60)]
            }
            RowKind::Cause => vec![row.code.clone(), row.name.clone(), row.defined_in.join(", ")],
            _ => vec![
                row.code.clone(),
                row.name.clone(),
                standing.unwrap_or_default().to_owned(),
                row.defined_in.join(", "),
            ],
        };
        table.add_row(cells.into_iter().map(Cell::new));
    }
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(ColumnConstraint::UpperBoundary(Width::Fixed(first)));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(class: Option<u8>, search: Option<&str>, format: CodesFormat) -> (Status, String) {
        let search = search.map(str::to_owned);
        listed(&CodesArgs { class, search, provider: None, format }, Language::En)
    }

    fn listed(args: &CodesArgs, language: Language) -> (Status, String) {
        let mut out = Vec::new();
        let status = run(args, &Knowledge::in_language(language), 80, &mut out).unwrap();
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
        assert_eq!(json["schema"], 2);
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
        let (status, text) = list(None, Some("perpendicular"), CodesFormat::Text);
        assert_eq!((status, text.as_str()), (Status::No, "Nothing fits.\n"));
        let (status, text) = list(None, Some("greylsted"), CodesFormat::Text);
        assert_eq!(status, Status::No);
        assert!(text.contains("`greylisted`"), "{text}");
    }

    #[test]
    fn words_of_either_language_find_the_same() {
        for &language in Language::ALL {
            for search in ["greylisting", "серые списки"] {
                let args = CodesArgs {
                    class: None,
                    search: Some(search.to_owned()),
                    provider: None,
                    format: CodesFormat::Text,
                };
                let (status, text) = listed(&args, language);
                assert_eq!(status, Status::Done);
                for want in ["greylisted", "450", "X.2.0"] {
                    assert!(text.contains(want), "{search} in {language}: {want} in\n{text}");
                }
            }
        }
    }

    #[test]
    fn a_provider_has_its_codes_and_wordings() {
        let knowledge = Knowledge::embedded();
        for provider in knowledge.providers() {
            for &language in Language::ALL {
                let args = CodesArgs {
                    class: None,
                    search: None,
                    provider: Some(provider.slug().to_owned()),
                    format: CodesFormat::Text,
                };
                let (status, text) = listed(&args, language);
                assert_eq!(status, Status::Done, "{}", provider.slug());
                // How it is known, whatever else there is.
                assert!(text.contains(provider.name()), "{text}");
                assert!(provider.hosts().iter().any(|host| text.contains(host)), "{text}");
                let own = text.contains(&format!(" {}-", provider.slug()));
                let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
                let none = words(&text).contains(&words(p::NOTHING_OWN.get(language)));
                assert!(own != none, "{text}");
                for line in text.lines() {
                    // An address of a page is not cut.
                    let whole = line.contains("://");
                    assert!(whole || line.chars().count() <= 80, "{line}");
                }
            }
        }
    }

    #[test]
    fn the_table_in_russian() {
        let args = CodesArgs {
            class: Some(5),
            search: Some("нулевой MX".to_owned()),
            provider: None,
            format: CodesFormat::Text,
        };
        insta::assert_snapshot!(listed(&args, Language::Ru).1);
    }
}
