//! What went wrong: a card for each incident, the most harmful first. Titles and figures are worded as in the text
//! report (`render::incidents`).
//!
//! How many there are is bounded by `--top`, how many names of each sort by [`NAMES`].

use super::direction::{commands, words};
use super::log;
use crate::i18n::say;
use crate::render::incidents::{NAMES, figures_of, title_of, usual_of};
use crate::render::layout::number;
use crate::render::names;
use crate::report::{IncidentRow, Named, Report, SampleRow};
use maud::{Markup, html};

/// `None` where nothing stands out.
pub(super) fn incidents(report: &Report) -> Option<Markup> {
    let labels = report.language.incident_labels();
    let more = report.incidents_found.saturating_sub(report.incidents.len());
    (!report.incidents.is_empty()).then(|| {
        html! {
            @for (n, row) in report.incidents.iter().enumerate() { (card(report, n + 1, row)) }
            @if more > 0 { p.soft { (say(labels.more, &[&number(more as u64)])) } }
        }
    })
}

fn card(report: &Report, rank: usize, row: &IncidentRow) -> Markup {
    let (labels, parties) = (report.language.incident_labels(), report.language.labels());
    html! {
        article.incident.on[row.going_on] id=(format!("incident-{rank}")) {
            h3 { (rank) ". " (log(&title_of(row))) }
            p { (log(&figures_of(row, report.language).join("; "))) }
            p.soft { (words(&row.meaning)) " (" (usual_of(row, report.language)) ")" }
            dl.read {
                (names_of(labels.codes, &row.codes))
                (names_of(labels.receivers, &row.peers))
                (names_of(labels.domains, &row.domains))
                (names_of(labels.senders, &row.senders))
                (names_of(labels.logins, &row.users))
                (names_of(labels.clients, &row.clients))
            }
            @for remedy in &row.remedies {
                div.remedy {
                    b { (names::party(parties, &remedy.by)) ": " }
                    (words(&remedy.text))
                    (commands(&remedy.checks))
                }
            }
            @if row.first.is_some() || row.last.is_some() {
                // Of class `cause`, which is opened for printing.
                details.cause {
                    summary { (labels.samples) }
                    div {
                        dl {
                            (sample(labels.first, row.first.as_ref()))
                            (sample(labels.last, row.last.as_ref()))
                        }
                    }
                }
            }
        }
    }
}

fn names_of(label: &str, names: &[Named]) -> Markup {
    html! {
        @if !names.is_empty() {
            dt { (label) }
            dd.log {
                @for (n, named) in names.iter().take(NAMES).enumerate() {
                    @if n > 0 { ", " }
                    (log(&named.name)) " " (number(named.lines))
                }
                @if names.len() > NAMES { ", …" }
            }
        }
    }
}

fn sample(label: &str, sample: Option<&SampleRow>) -> Markup {
    html! {
        @if let Some(sample) = sample {
            dt { (label) }
            dd.log {
                span.soft { (log(&sample.file)) ":" (sample.line) ": " }
                (log(&sample.text))
            }
        }
    }
}
