//! Charts as inline SVG. Drawn without text, so that they stretch to any width; labels are HTML beside them.
//!
//! Colour is by class (`style.css`), for both colour schemes; no chart says by colour alone what is not also a
//! number. Coordinates are in thousandths.

use super::super::tables::{SERIES, within};
use super::super::timeline::fold;
use super::log;
use crate::i18n::say;
use crate::render::layout::{number, percent};
use crate::report::{DelaySection, Report, duration};
use crate::time::{Time, Zone};
use maud::{Markup, html};

/// A part of a bar: its class of colour, and its value.
pub(super) type Part = (&'static str, u64);

/// Columns of the timeline: more would be thinner than a pixel on a telephone.
const COLUMNS: usize = 168;

/// A coordinate: `part` of `whole` on a scale of 1000, with one digit.
#[expect(clippy::cast_precision_loss, reason = "a picture has a thousand pixels")]
fn scale(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 * 10_000.0 / whole as f64).round() / 10.0 }
}

/// A horizontal bar of parts, of which all together are `most` at full width. What is not nothing can be seen.
pub(super) fn bar(parts: &[Part], most: u64) -> Markup {
    let mut at = 0.0;
    let placed: Vec<(&str, f64, f64)> = parts
        .iter()
        .filter(|(_, value)| *value > 0)
        .map(|(class, value)| {
            let width = scale(*value, most).max(4.0);
            let from = at;
            at += width;
            (*class, from, width)
        })
        .collect();
    // Parts that were widened must not push the last one out of the picture.
    let full = at.max(1000.0);
    html! {
        svg.bar viewBox=(format!("0 0 {full} 10")) preserveAspectRatio="none" aria-hidden="true" {
            @for (class, x, width) in placed {
                rect class=(class) x=(x) y="0" width=(width) height="10" {}
            }
        }
    }
}

/// The square of a colour key.
pub(super) fn swatch(class: &'static str) -> Markup {
    html! {
        svg viewBox="0 0 1 1" aria-hidden="true" { rect class=(class) width="1" height="1" {} }
    }
}

/// Counts over time, one strip a series, each with its own scale: one common scale would hide all failures.
pub(super) fn timeline(report: &Report) -> Option<Markup> {
    let (Some(first), Some(last)) = (report.timeline.first(), report.timeline.last()) else {
        return None;
    };
    if report.timeline.len() < 2 {
        return None;
    }
    let (labels, page) = (report.language.labels(), report.language.page_labels());
    let (columns, seconds) = fold(report, COLUMNS);
    let begins: Vec<String> =
        (0..).take(columns.len()).map(|n| begin_of(report, n, seconds)).collect();
    let classes = ["in", "good", "late", "bad", "door"];
    let each = duration(seconds, report.language);
    Some(html! {
        figure {
            figcaption { (say(page.time_hint, &[&first.begin, &last.begin, &each])) }
            @for ((label, pick), class) in labels.series.iter().zip(SERIES).zip(classes) {
                @let values: Vec<u64> = columns.iter().map(pick).collect();
                @let most = values.iter().copied().max().unwrap_or(0);
                @if most > 0 {
                    div.strip {
                        span { (label) }
                        (strip(label, class, &values, &begins))
                        span.n { (say(page.most, &[&number(most)])) }
                    }
                }
            }
            div.axis { span { (first.begin) } span { (last.begin) } }
        }
    })
}

/// When a column begins, in words for its tooltip.
fn begin_of(report: &Report, column: i64, seconds: i64) -> String {
    let first = report.timeline_numbers.first().copied().unwrap_or(0) * report.timeline_step;
    let time = Time::from_parts(first + column * seconds, 0);
    let zone = report.timeline.first().map_or(Zone::utc(), |step| zone_of(&step.begin));
    zone.wall_clock(time.seconds())
        .map_or(String::new(), |wall| wall.format("%Y-%m-%d %H:%M").to_string())
}

/// The offset that times of the report are shown with.
fn zone_of(rfc3339: &str) -> Zone {
    chrono::DateTime::parse_from_rfc3339(rfc3339)
        .map_or(Zone::utc(), |time| Zone::Fixed(*time.offset()))
}

fn strip(label: &str, class: &str, values: &[u64], begins: &[String]) -> Markup {
    let most = values.iter().copied().max().unwrap_or(0);
    let width = 1000 / values.len().max(1) as u64;
    let total = width * values.len() as u64;
    html! {
        svg viewBox=(format!("0 0 {total} 1000")) preserveAspectRatio="none" role="img" aria-label=(label) {
            @for ((n, value), begin) in (0_u64..).zip(values).zip(begins) {
                @if *value > 0 {
                    @let height = scale(*value, most).max(30.0);
                    rect class=(class) x=(n * width) y=(1000.0 - height) width=(width) height=(height) {
                        title { (begin) ": " (number(*value)) }
                    }
                }
            }
        }
    }
}

/// How long deliveries took, one bar a bucket.
pub(super) fn delays(report: &Report, section: &DelaySection) -> Markup {
    let (language, page) = (report.language, report.language.page_labels());
    let most = section.buckets.iter().map(|bucket| bucket.lines).max().unwrap_or(0);
    // Empty buckets at the ends say nothing.
    let shown = section.buckets.iter().rposition(|bucket| bucket.lines > 0).map_or(0, |n| n + 1);
    let tone = |edge: Option<u64>| match edge {
        Some(0..=300) => "good",
        Some(301..=14_400) => "late",
        _ => "bad",
    };
    html! {
        h3 { (page.delays) }
        p.soft {
            (say(page.delays_hint, &[&number(section.lines)])) " "
            (say(page.delays_within, &[
                &within(section.half_within, language),
                &within(section.most_within, language),
            ]))
        }
        figure.rows {
            @for bucket in section.buckets.iter().take(shown) {
                span {
                    @if bucket.within.is_some() { "≤ " }
                    (within(bucket.within, language))
                }
                (bar(&[(tone(bucket.within), bucket.lines)], most))
                span.n { (number(bucket.lines)) }
                span.n { (percent(bucket.share)) }
            }
        }
    }
}

/// Rows and columns of the heat map; the rest is in the tables.
const GRID_ROWS: usize = 20;
const GRID_COLUMNS: usize = 14;

/// Outbound failures by provider and cause.
pub(super) fn grid(report: &Report) -> Option<Markup> {
    let (grid, page) = (&report.provider_causes, report.language.page_labels());
    if grid.rows.is_empty() {
        return None;
    }
    let most = grid.rows.iter().flat_map(|row| &row.by_cause).copied().max().unwrap_or(0);
    let causes = grid.causes.iter().take(GRID_COLUMNS);
    Some(html! {
        p.soft { (page.grid_hint) }
        div.scroll {
            table.grid {
                thead { tr {
                    th scope="col" { (report.language.labels().provider) }
                    @for cause in causes {
                        th.c scope="col" {
                            a href=(format!("#outbound-{}", cause.cause)) { span { (cause.title) } }
                        }
                    }
                } }
                tbody {
                    @for row in grid.rows.iter().take(GRID_ROWS) {
                        tr {
                            th scope="row" {
                                @match &row.provider {
                                    Some(name) => (log(name)),
                                    None => (page.other_providers),
                                }
                            }
                            @for lines in row.by_cause.iter().take(GRID_COLUMNS) {
                                td { @if *lines > 0 { (heat(*lines, most)) } }
                            }
                        }
                    }
                }
            }
        }
    })
}

/// A cell whose shade goes by the logarithm: one provider is often a hundred times the others.
#[expect(clippy::cast_precision_loss, reason = "a shade")]
fn heat(lines: u64, most: u64) -> Markup {
    let depth = ((lines as f64 + 1.0).ln() / (most as f64 + 1.0).ln()).clamp(0.0, 1.0);
    let opacity = format!("{:.2}", 0.08 + 0.5 * depth);
    html! {
        svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true" {
            rect.heat width="1" height="1" fill-opacity=(opacity) {}
        }
        span { (number(lines)) }
    }
}
