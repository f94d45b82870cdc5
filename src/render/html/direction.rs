//! One direction: classes, causes and codes as tables, and a drawer for each with its sample, texts and remedies.

use super::charts::{Part, bar, delays, swatch};
use super::log;
use super::tables::count;
use crate::i18n::{Labels, say};
use crate::render::layout::{number, percent};
use crate::render::names;
use crate::report::{CauseRow, CodeRow, DirectionSection, Named, Report, SampleRow};
use crate::smtp::Direction;
use crate::summary::DistinctCount;
use maud::{Markup, html};

pub(super) fn direction(report: &Report, way: Direction, section: &DirectionSection) -> Markup {
    let direction = Writer {
        report,
        labels: report.language.labels(),
        inbound: way == Direction::Inbound,
        anchor: way.slug(),
    };
    html! {
        (direction.classes(section))
        (direction.causes(section))
        @if let Some(section) = &section.delays { (delays(report, section)) }
        (direction.codes(section))
    }
}

struct Writer<'r> {
    report: &'r Report,
    labels: &'static Labels,
    inbound: bool,
    /// In front of the ids of this direction's drawers.
    anchor: &'static str,
}

/// Most names in a drawer.
const PEERS: usize = 12;

/// Words as slugs are; a code's label becomes one.
fn id_of(anchor: &str, name: &str) -> String {
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{anchor}-{name}")
}

fn tone(class: Option<u8>) -> &'static str {
    match class {
        Some(2 | 3) => "good",
        Some(4) => "late",
        Some(_) => "bad",
        None => "in",
    }
}

impl Writer<'_> {
    fn classes(&self, section: &DirectionSection) -> Markup {
        let tone = |class: &str| match class {
            "2xx" | "3xx" => "good",
            "4xx" => "late",
            "5xx" => "bad",
            _ => "in",
        };
        let parts: Vec<Part> =
            section.classes.iter().map(|row| (tone(&row.class), row.lines)).collect();
        let total = section.classes.iter().map(|row| row.lines).sum();
        html! {
            figure {
                (bar(&parts, total))
                figcaption.key {
                    @for row in &section.classes {
                        span {
                            (swatch(tone(&row.class)))
                            (names::class(self.labels, &row.class)) " "
                            (number(row.lines)) " (" (percent(row.share)) ")"
                        }
                    }
                }
            }
        }
    }

    fn columns(names: [&'static str; 6]) -> Markup {
        let [first, numbers @ .., last] = names;
        html! {
            thead { tr {
                th scope="col" { (first) }
                @for name in numbers { th.n scope="col" { (name) } }
                th scope="col" { (last) }
                th.b {}
            } }
        }
    }

    /// Inbound: clients and addresses; else messages and recipients.
    fn whom(
        &self,
        clients: Option<DistinctCount>,
        addresses: Option<DistinctCount>,
        messages: u64,
        recipients: u64,
    ) -> Markup {
        html! {
            @if self.inbound {
                (distinct(clients)) (distinct(addresses))
            } @else {
                (count(messages)) (count(recipients))
            }
        }
    }

    fn causes(&self, section: &DirectionSection) -> Markup {
        if section.causes.is_empty() {
            return html! {};
        }
        let (labels, page) = (self.labels, self.report.language.page_labels());
        let most = section.causes.iter().map(|row| row.lines).max().unwrap_or(0);
        let names = if self.inbound { labels.cause_columns_in } else { labels.cause_columns_out };
        html! {
            h3 { (page.why) }
            p.key {
                span { (swatch("bad")) (page.for_good) }
                span { (swatch("late")) (page.for_now) }
            }
            div.scroll {
                table.sortable {
                    (Self::columns(names))
                    tbody {
                        @for row in &section.causes {
                            tr {
                                td.w { a href=(format!("#{}", id_of(self.anchor, &row.cause))) { (row.title) } }
                                (count(row.lines))
                                td.n data-v=(format!("{:.6}", row.share)) { (percent(row.share)) }
                                (self.whom(row.clients, row.addresses, row.messages, row.recipients))
                                td { (names::party(labels, &row.party)) }
                                td.b {
                                    (bar(&[
                                        ("bad", row.hard_lines),
                                        ("late", row.lines.saturating_sub(row.hard_lines)),
                                    ], most))
                                }
                            }
                        }
                    }
                }
            }
            div {
                h3 { (page.each_cause) }
                @for row in &section.causes { (self.cause(row)) }
            }
        }
    }

    fn cause(&self, row: &CauseRow) -> Markup {
        let labels = self.labels;
        html! {
            details.cause id=(id_of(self.anchor, &row.cause)) {
                summary {
                    b { (row.title) }
                    span.soft { (row.cause) }
                    span.n {
                        (number(row.lines)) " " (labels.lines.of(self.report.language, row.lines))
                    }
                }
                div {
                    p { (words(&row.meaning)) (self.quoting(row.repeated)) }
                    dl {
                        @if !row.details.is_empty() {
                            dt { (labels.kind) }
                            dd {
                                @for (n, detail) in row.details.iter().enumerate() {
                                    @if n > 0 { ", " }
                                    (log(&detail.name)) " " (number(detail.lines))
                                }
                            }
                        }
                        (self.peers(&row.peers, row.peers_error))
                        (self.sample(row.sample.as_ref()))
                    }
                    @for remedy in &row.remedies {
                        div.remedy {
                            b { (names::party(labels, &remedy.by)) ": " }
                            (words(&remedy.text))
                            (commands(&remedy.checks))
                        }
                    }
                }
            }
        }
    }

    fn quoting(&self, repeated: u64) -> Markup {
        html! {
            @if repeated > 0 {
                " " span.soft {
                    "(" (say(self.labels.quoting, &[&number(repeated)]).trim_start_matches([',', ' '])) ")"
                }
            }
        }
    }

    fn peers(&self, peers: &[Named], error: u64) -> Markup {
        let mark = if error > 0 { "≈" } else { "" };
        html! {
            @if !peers.is_empty() {
                dt { (self.labels.who) }
                dd.log {
                    @for (n, peer) in peers.iter().take(PEERS).enumerate() {
                        @if n > 0 { ", " }
                        (log(&peer.name)) " " (mark) (number(peer.lines))
                    }
                    @if peers.len() > PEERS { ", …" }
                }
            }
        }
    }

    fn sample(&self, sample: Option<&SampleRow>) -> Markup {
        html! {
            @if let Some(sample) = sample {
                dt { (self.labels.sample) }
                dd.log {
                    span.soft { (log(&sample.file)) ":" (sample.line) ": " }
                    (log(&sample.text))
                }
            }
        }
    }

    fn codes(&self, section: &DirectionSection) -> Markup {
        let (labels, page) = (self.labels, self.report.language.page_labels());
        let most = section.codes.iter().map(|row| row.lines).max().unwrap_or(0);
        let names = if self.inbound { labels.code_columns_in } else { labels.code_columns_out };
        html! {
            h3 { (page.codes) }
            div.scroll {
                table.sortable {
                    (Self::columns(names))
                    tbody {
                        @for (n, row) in section.codes.iter().enumerate() {
                            tr {
                                td.k { a href=(format!("#{}", self.code_id(n))) { (names::code(labels, row)) } }
                                (count(row.lines))
                                (count(row.replies))
                                (self.whom(row.clients, row.addresses, row.messages, row.recipients))
                                td.w { (row.name) }
                                td.b { (bar(&[(tone(row.class), row.lines)], most)) }
                            }
                        }
                    }
                }
            }
            div.each-code {
                h3 { (page.each_code) }
                @for (n, row) in section.codes.iter().enumerate() { (self.code(n, row)) }
            }
        }
    }

    /// Two rows may have the same label, so codes are numbered.
    fn code_id(&self, n: usize) -> String {
        format!("{}-code-{}", self.anchor, n + 1)
    }

    fn code(&self, n: usize, row: &CodeRow) -> Markup {
        let labels = self.labels;
        // Success needs no remedy.
        let failed = !matches!(row.class, Some(2 | 3));
        let at_least = if row.texts_error > 0 { labels.at_least } else { "" };
        html! {
            details.code id=(self.code_id(n)) {
                summary {
                    b { (names::code(labels, row)) }
                    span { (row.name) }
                    span.n {
                        (number(row.lines)) " " (labels.lines.of(self.report.language, row.lines))
                    }
                }
                div {
                    p {
                        (words(&row.meaning)) (self.quoting(row.repeated))
                        @if row.passing > 0 {
                            " " span.soft {
                                "("
                                (say(labels.in_passing, &[&number(row.passing)]).trim_start_matches([',', ' ']))
                                ")"
                            }
                        }
                    }
                    dl {
                        (self.peers(&row.peers, row.peers_error))
                        (self.sample(row.sample.as_ref()))
                        @if row.texts_total > 1 {
                            dt { (labels.texts) }
                            dd {
                                (at_least) (number(row.texts_total as u64))
                                ol.texts {
                                    @for text in &row.texts {
                                        li {
                                            span.n { (number(text.lines)) }
                                            span.log { (log(&text.template)) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                    @if failed && !row.remedy.is_empty() {
                        div.remedy { (words(&row.remedy)) (commands(&row.checks)) }
                    }
                }
            }
        }
    }
}

fn distinct(value: Option<DistinctCount>) -> Markup {
    html! {
        @match value {
            Some(value) => {
                td.n data-v=(value.count) {
                    @if !value.exact { "≈" } (number(value.count))
                }
            }
            None => td {},
        }
    }
}

/// A text of ours, whose `code` is shown as such.
pub(super) fn words(text: &str) -> Markup {
    html! {
        @for (n, part) in text.split('`').enumerate() {
            @if n % 2 == 1 { code { (log(part)) } } @else { (log(part)) }
        }
    }
}

pub(super) fn commands(checks: &[String]) -> Markup {
    html! {
        @for check in checks { pre { code { (log(check)) } } }
    }
}
