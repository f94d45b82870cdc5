//! The audit as text and as CSV. Narrow pages show the figures that decide; wide ones all.

use super::cell::{for_csv, io_error_of};
use super::layout::{Align, Look, Page, bytes, number, percent};
use super::notes::counted;
use super::text::{filter_line, warning_lines};
use crate::audit::{Audit, Busiest, Figures, Quantiles, Section, View};
use crate::i18n::audit::Labels;
use crate::i18n::{Language, say};
use crate::report::share;
use std::io::{self, Write};

/// A page this wide shows nearly all figures.
const WIDE: usize = 116;
/// And this wide all.
const WIDEST: usize = 130;

/// The figures of a narrow page, by their places in the labels.
const FEW: [usize; 8] = [1, 2, 4, 5, 6, 7, 9, 11];
/// All, of which wide pages but not the widest leave out the last.
const ALL: [usize; 14] = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14];

/// Writes the audit.
pub fn render(audit: &Audit, look: Look, language: Language) -> String {
    let page = Page::new(look);
    let figures = match page.width() {
        0..WIDE => FEW.to_vec(),
        WIDE..WIDEST => ALL.iter().copied().filter(|figure| *figure != 14).collect(),
        _ => ALL.to_vec(),
    };
    let mut writer = Writer { page, labels: Labels::of(language), language, figures };
    if audit.total.messages + audit.total.recipients + audit.notifications.messages == 0 {
        writer.page.line(writer.labels.nothing);
        filter_line(&mut writer.page, audit.filter.as_deref(), language.labels());
        warning_lines(&mut writer.page, &audit.warnings, language.labels());
        return writer.page.finish();
    }
    writer.head(audit);
    for section in &audit.sections {
        writer.section(section);
    }
    writer.busiest(&audit.busiest);
    writer.delays(audit);
    writer.page.gap();
    writer.page.paragraph("", writer.labels.legend);
    let hidden: Vec<&str> = ALL
        .iter()
        .filter(|figure| !writer.figures.contains(figure))
        .filter_map(|figure| writer.labels.figures.get(*figure).copied())
        .collect();
    if !hidden.is_empty() {
        let text = say(writer.labels.hidden, &[&hidden.join(", "), &WIDEST]);
        writer.page.paragraph("", &text);
    }
    writer.page.finish()
}

struct Writer {
    page: Page,
    labels: &'static Labels,
    language: Language,
    figures: Vec<usize>,
}

impl Writer {
    fn head(&mut self, audit: &Audit) {
        let labels = self.labels;
        let total = &audit.total;
        self.page
            .title(&say(labels.heading, &[&number(total.messages), &number(total.recipients)]));
        if let (Some(first), Some(last)) = (&audit.first, &audit.last) {
            self.page.paragraph("  ", &say(labels.period, &[first, last]));
        }
        filter_line(&mut self.page, audit.filter.as_deref(), self.language.labels());
        warning_lines(&mut self.page, &audit.warnings, self.language.labels());
        let mut rows = vec![self.row(labels.total.to_owned(), total)];
        if audit.notifications.messages > 0 {
            rows.push(self.row(labels.own_notifications.to_owned(), &audit.notifications));
        }
        self.page.gap();
        let columns = self.columns("");
        self.page.figures(&columns, rows);
    }

    fn columns(&self, first: &'static str) -> Vec<(&'static str, Align)> {
        let figure = |n: &usize| (self.labels.figures.get(*n).copied().unwrap_or(""), Align::Right);
        std::iter::once((first, Align::Left)).chain(self.figures.iter().map(figure)).collect()
    }

    fn row(&self, name: String, figures: &Figures) -> Vec<String> {
        std::iter::once(name).chain(self.figures.iter().map(|n| self.figure(*n, figures))).collect()
    }

    fn figure(&self, place: usize, figures: &Figures) -> String {
        let delay = &figures.delay;
        let none = || "–".to_owned();
        match place {
            0 => number(figures.messages),
            1 => number(figures.recipients),
            2 => number(figures.accepted),
            3 => number(figures.accepted_late),
            4 => number(figures.hard_bounced),
            5 => number(figures.soft_bounced),
            6 => number(figures.blocked),
            7 => number(figures.queued),
            8 => number(figures.other),
            9 => short_percent(figures.bounce_rate),
            10 => self.seconds(delay.median),
            11 => self.seconds(delay.p95),
            12 => match (delay.before_queue, delay.in_queue) {
                (Some(before), Some(queue)) => format!("{:.0} %", (before + queue) * 100.0),
                _ => none(),
            },
            13 if figures.tls_known == 0 => none(),
            13 => short_percent(share(figures.tls, figures.tls_known)),
            _ => bytes(figures.bytes),
        }
    }

    /// A duration as people say it, two digits or so.
    fn seconds(&self, seconds: Option<f64>) -> String {
        let Some(seconds) = seconds else { return "–".to_owned() };
        let labels = self.labels;
        let (value, label) = match seconds {
            s if s < 99.5 => (s, labels.seconds),
            s if s < 5970.0 => (s / 60.0, labels.minutes),
            s if s < 172_800.0 => (s / 3600.0, labels.hours),
            s => (s / 86_400.0, labels.days),
        };
        let digits = if value < 1.0 { 2 } else { usize::from(value < 9.95) };
        say(label, &[&format!("{value:.digits$}")])
    }

    fn section(&mut self, section: &Section) {
        let labels = self.labels;
        // Nobody logs in on a server without logins.
        if section.rows.iter().all(|row| row.name.is_none()) {
            return;
        }
        let place = section.by as usize;
        let [title, column, none] = [labels.titles, labels.columns, labels.none]
            .map(|words| words.get(place).copied().unwrap_or(""));
        let widest = if self.page.width() >= WIDE { 34 } else { 28 };
        let rows = section
            .rows
            .iter()
            .map(|row| {
                let name = match row.name.as_deref() {
                    None => none.to_owned(),
                    Some("local") if section.by == View::Provider => labels.local.to_owned(),
                    Some(name) => Page::log(name, widest),
                };
                self.row(name, &row.figures)
            })
            .collect();
        let columns = self.columns(column);
        self.page.heading(title);
        self.page.figures(&columns, rows);
        let hidden = section.names - section.rows.len() - section.too_small;
        let notes = [
            (hidden as u64, labels.more),
            (section.too_small as u64, labels.too_small),
            (section.error, labels.approximate),
        ];
        if let Some(notes) = counted(&notes) {
            self.page.paragraph("  ", &notes);
        }
    }

    fn busiest(&mut self, all: &[Busiest]) {
        let labels = self.labels;
        if all.iter().all(|busiest| busiest.rows.is_empty()) {
            return;
        }
        self.page.heading(labels.busiest);
        for (busiest, name) in all.iter().zip(labels.busiest_of) {
            if busiest.rows.is_empty() {
                continue;
            }
            let rows = busiest
                .rows
                .iter()
                .map(|row| {
                    vec![
                        Page::log(&row.name, 48),
                        number(row.messages),
                        number(row.recipients),
                        number(row.accepted),
                    ]
                })
                .collect();
            let [_, mails, recipients, accepted] = labels.busiest_columns;
            let columns = [
                (name, Align::Left),
                (mails, Align::Right),
                (recipients, Align::Right),
                (accepted, Align::Right),
            ];
            self.page.table(&columns, rows);
            let hidden = busiest.names - busiest.rows.len();
            if hidden > 0 {
                self.page.paragraph("  ", &say(labels.more, &[&number(hidden as u64)]));
            }
            self.page.gap();
        }
    }

    fn delays(&mut self, audit: &Audit) {
        let labels = self.labels;
        if audit.delays.known == 0 {
            return;
        }
        let (delays, shares) = (&audit.delays, &audit.total.delay);
        let parts: [(Quantiles, Option<f64>); 4] = [
            (delays.before_queue, shares.before_queue),
            (delays.in_queue, shares.in_queue),
            (delays.connecting, shares.connecting),
            (delays.sending, shares.sending),
        ];
        let rows = labels
            .delay_parts
            .iter()
            .zip(parts)
            .map(|(name, (part, share))| {
                let share = share.map_or_else(|| "–".to_owned(), percent);
                vec![(*name).to_owned(), self.seconds(part.median), self.seconds(part.p95), share]
            })
            .collect();
        // The section before ends with an empty line.
        self.page.title(labels.delays);
        let [part, median, p95, share] = labels.delay_columns;
        let columns = [
            (part, Align::Left),
            (median, Align::Right),
            (p95, Align::Right),
            (share, Align::Right),
        ];
        self.page.table(&columns, rows);
        self.page.paragraph("  ", labels.delay_note);
    }
}

/// A share with two digits: `4.7 %`, `63 %`, `100 %`.
fn short_percent(share: f64) -> String {
    if share < 0.099_5 { percent(share) } else { format!("{:.0} %", share * 100.0) }
}

/// The columns of the CSV form.
const CSV: [&str; 23] = [
    "by",
    "name",
    "messages",
    "bytes",
    "recipients",
    "accepted",
    "accepted_late",
    "ever_deferred",
    "hard_bounced",
    "soft_bounced",
    "blocked",
    "queued",
    "other",
    "bounce_rate",
    "delay_known",
    "delay_median",
    "delay_p95",
    "before_queue",
    "in_queue",
    "connecting",
    "sending",
    "tls_known",
    "tls",
];

/// Writes CSV with a header line: one row a name, and one for all mail; no cell is taken for a formula.
///
/// # Errors
/// What the writer says.
pub fn write_csv(out: impl Write, audit: &Audit) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record(CSV).map_err(io_error_of)?;
    out.write_record(cells("all", None, &audit.total)).map_err(io_error_of)?;
    for section in &audit.sections {
        for row in &section.rows {
            out.write_record(cells(section.by.slug(), row.name.as_deref(), &row.figures))
                .map_err(io_error_of)?;
        }
    }
    out.flush()
}

fn cells(by: &str, name: Option<&str>, figures: &Figures) -> [String; 23] {
    let decimal = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.4}"));
    let delay = &figures.delay;
    [
        by.to_owned(),
        for_csv(name.unwrap_or("")).into_owned(),
        figures.messages.to_string(),
        figures.bytes.to_string(),
        figures.recipients.to_string(),
        figures.accepted.to_string(),
        figures.accepted_late.to_string(),
        figures.ever_deferred.to_string(),
        figures.hard_bounced.to_string(),
        figures.soft_bounced.to_string(),
        figures.blocked.to_string(),
        figures.queued.to_string(),
        figures.other.to_string(),
        decimal(Some(figures.bounce_rate)),
        delay.known.to_string(),
        decimal(delay.median),
        decimal(delay.p95),
        decimal(delay.before_queue),
        decimal(delay.in_queue),
        decimal(delay.connecting),
        decimal(delay.sending),
        figures.tls_known.to_string(),
        figures.tls.to_string(),
    ]
}
