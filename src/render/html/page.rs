//! The page: its head for browsers, and the order of its sections.

use super::super::tables::{TableName, table};
use super::direction::direction;
use super::{SCRIPT, STYLE, charts, checks, head, incidents, policy, tables};
use crate::check::page::heading;
use crate::i18n::say;
use crate::render::layout::number;
use crate::report::{DirectionSection, Report};
use crate::smtp::Direction;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A section: its anchor, its heading and what stands in it; `None` where the report has nothing of the kind.
type Section = (&'static str, &'static str, Option<Markup>);

pub(super) fn page(report: &Report) -> Markup {
    let labels = report.language.page_labels();
    let sections = sections(report);
    let there: Vec<_> = sections.iter().filter(|(_, _, markup)| markup.is_some()).collect();
    html! {
        (DOCTYPE)
        html lang=(report.language.slug()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                link rel="icon" href="data:,";
                title { (head::title(report)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    (head::head(report))
                    (head::warnings(report))
                    (head::thresholds(report))
                }
                nav aria-label=(labels.contents) {
                    ul {
                        @for (id, heading, _) in &there {
                            li { a href=(format!("#{id}")) { (short(heading)) } }
                        }
                    }
                }
                main {
                    @for (id, heading, markup) in &there {
                        section id=(id) {
                            h2 { (heading) }
                            @if let Some(markup) = markup { (markup) }
                        }
                    }
                }
                footer {
                    p {
                        (say(labels.made_by, &[&report.generator, &number(report.input.lines)]))
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// `Outbound: what other servers told us` is `Outbound` in the contents.
fn short(heading: &str) -> &str {
    heading.split(':').next().unwrap_or(heading)
}

fn sections(report: &Report) -> Vec<Section> {
    let labels = report.language.page_labels();
    let of = |way, section: &DirectionSection| {
        (!section.codes.is_empty()).then(|| direction(report, way, section))
    };
    let plain = |name| {
        let table = table(report, name);
        (!table.rows.is_empty()).then(|| tables::table(&table, report))
    };
    vec![
        ("mail", labels.mail, head::mail(report)),
        // What broke stands before what is counted.
        ("incidents", report.language.incident_labels().title, incidents::incidents(report)),
        ("checks", heading(report.language), checks::checks(report)),
        ("time", labels.time, charts::timeline(report)),
        ("outbound", labels.outbound, of(Direction::Outbound, &report.outbound)),
        ("inbound", labels.inbound, of(Direction::Inbound, &report.inbound)),
        ("local", labels.local, of(Direction::Local, &report.local)),
        ("grid", labels.grid, charts::grid(report)),
        ("providers", labels.providers, tables::attempts(report, TableName::Providers)),
        ("domains", labels.domains, tables::attempts(report, TableName::Domains)),
        ("relays", labels.relays, tables::attempts(report, TableName::Relays)),
        ("clients", labels.clients, plain(TableName::Clients)),
        ("days", labels.days, plain(TableName::Days)),
        ("trouble", labels.trouble, plain(TableName::Trouble)),
        ("shapes", labels.shapes, plain(TableName::Shapes)),
        ("lines", labels.lines_read, Some(head::lines(report))),
    ]
}
