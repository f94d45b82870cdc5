//! The report as text: one screen first, details below; 80 columns are enough.
//!
//! Every word comes from the labels of the report's language, so that this file is only about layout.

use super::layout::{Align, Look, Page, Tone, bytes, number, percent};
use super::names;
use super::notes::{self, counted};
use super::sanitize::for_terminal;
use super::timeline::fold;
use crate::filter::FilterTerm;
use crate::i18n::{Counted, Labels, Language, say};
use crate::report::{
    AttemptsByName, CauseRow, CodeRow, DirectionSection, MailSection, Named, NamesSection, Report,
    SampleRow, Warning, duration,
};
use crate::smtp::Direction;
use crate::summary::{Counts, DistinctCount};

/// How much of the report is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Rows of each list.
    pub top: usize,
    /// All codes with their texts, not only the most frequent ones.
    pub detail: bool,
    /// The shapes of lines that were not understood.
    pub shapes: bool,
}

/// Writes the report.
pub fn render(report: &Report, look: Look, extent: Extent) -> String {
    let language = report.language;
    let mut writer =
        Writer { page: Page::new(look), report, language, labels: language.labels(), extent };
    writer.head();
    warning_lines(&mut writer.page, &report.warnings, writer.labels);
    writer.thresholds();
    writer.runs();
    writer.page = super::incidents::brief(writer.page, report);
    writer.mail();
    if let Some(usual) = &report.usual {
        super::usual::write(&mut writer.page, usual, language);
    }
    let sections = [
        (Direction::Outbound, writer.labels.outbound, &report.outbound),
        (Direction::Inbound, writer.labels.inbound, &report.inbound),
        (Direction::Local, writer.labels.local, &report.local),
    ];
    for (direction, title, section) in sections {
        writer.direction(direction, title, section);
    }
    if let Some(checks) = &report.checks {
        super::checks::write(&mut writer.page, checks, language, extent.detail);
    }
    writer.time();
    writer.names();
    for (_, title, section) in sections {
        // `OUTBOUND: what …` is `OUTBOUND` in the further headings.
        let short = title.split(':').next().unwrap_or(title);
        writer.cause_details(short, section);
        writer.code_details(short, section);
    }
    writer.trouble();
    writer.shapes();
    writer.foot();
    writer.page.finish()
}

/// An option of a filter as it would be typed; shells take blanks, stars and `!` for something else.
pub(super) fn filter_term(term: &FilterTerm) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_.:@/+".contains(c);
    let typed = |value: &String| {
        let value = for_terminal(value);
        let quoted = if !value.is_empty() && value.chars().all(plain) {
            value.into_owned()
        } else {
            format!("'{value}'")
        };
        format!("--{} {quoted}", term.option)
    };
    term.values.iter().map(typed).collect::<Vec<_>>().join(" ")
}

/// The filter of a report, if it has one, and what that means for the figures.
pub(super) fn filter_of(report: &Report) -> Option<String> {
    let labels = report.language.labels();
    let what = if report.is_empty() { labels.filter_selects_nothing } else { labels.filter_what };
    Some(filter_text(report.filter.as_ref()?, what))
}

fn filter_text(filter: &[FilterTerm], what: &str) -> String {
    let terms: Vec<String> = filter.iter().map(filter_term).collect();
    say(what, &[&terms.join(" ")])
}

/// The line that says which filter was on, if one was.
pub(super) fn filter_line(page: &mut Page, filter: Option<&[FilterTerm]>, labels: &Labels) {
    if let Some(filter) = filter {
        let text = filter_text(filter, labels.filter_what);
        page.paragraph(&format!("  {}: ", labels.filter), &text);
    }
}

/// What may make the figures wrong, if anything.
pub(super) fn warning_lines(page: &mut Page, warnings: &[Warning], labels: &Labels) {
    if warnings.is_empty() {
        return;
    }
    page.heading(labels.figures_may_be_wrong);
    for warning in warnings {
        let place = match (&warning.file, warning.line) {
            (Some(file), Some(line)) => format!(" [{}:{line}]", Page::log(file, 60)),
            _ => String::new(),
        };
        page.paragraph("  ! ", &format!("{}{place}", Page::log(&warning.text, 1000)));
    }
}

struct Writer<'r> {
    page: Page,
    report: &'r Report,
    language: Language,
    labels: &'static Labels,
    extent: Extent,
}

impl<'r> Writer<'r> {
    fn counted(&self, word: &Counted, count: u64) -> &'static str {
        word.of(self.language, count)
    }

    /// A block whose first line begins with `label`, padded to the width of the block's labels.
    fn block(&mut self, label: &str, text: &str) {
        self.page.paragraph(&format!("  {label:<8}"), text);
    }

    fn head(&mut self) {
        let (report, labels) = (self.report, self.labels);
        let input = &report.input;
        let hosts: Vec<String> =
            input.hosts.iter().take(4).map(|h| Page::log(&h.name, 40)).collect();
        let more = if input.hosts.len() > 4 { labels.and_more } else { "" };
        let hosts = if hosts.is_empty() {
            String::new()
        } else {
            say(labels.of_hosts, &[&format!("{}{more}", hosts.join(", "))])
        };
        let servers: Vec<String> = input
            .mta
            .iter()
            .map(|(mta, lines)| {
                let name = if mta == "postfix" { "Postfix" } else { "Exim" };
                format!("{name} {}", number(*lines))
            })
            .collect();
        let servers =
            if servers.is_empty() { labels.no_mail_server.to_owned() } else { servers.join(", ") };
        let files = match input.files.as_slice() {
            [one] => Page::log(&one.name, 60),
            files => {
                let count = files.len() as u64;
                format!("{count} {}", self.counted(&labels.files, count))
            }
        };
        let text = say(
            labels.read_what,
            &[&files, &number(input.lines), &bytes(input.bytes), &hosts, &servers],
        );
        let width = labels.read.chars().count().max(labels.period.chars().count()) + 2;
        self.page.paragraph(&format!("{:<width$}", labels.read), &text);
        if let (Some(first), Some(last)) = (&input.first, &input.last) {
            let text =
                say(labels.period_what, &[first, last, &duration(input.seconds, self.language)]);
            self.page.paragraph(&format!("{:<width$}", labels.period), &text);
        }
        if let Some(text) = filter_of(report) {
            self.page.paragraph(&format!("{:<width$}", labels.filter), &text);
        }
    }

    fn thresholds(&mut self) {
        if self.report.thresholds.is_empty() {
            return;
        }
        self.page.heading(self.labels.thresholds);
        for row in &self.report.thresholds {
            let value = if row.is_share { percent(row.value) } else { format!("{}", row.value) };
            let (mark, said) = if row.passed {
                ("  ! ", self.labels.passed)
            } else {
                ("    ", self.labels.not_passed)
            };
            self.page.paragraph(mark, &say(said, &[&Page::log(&row.threshold, 80), &value]));
        }
    }

    fn runs(&mut self) {
        let (Some(runs), labels) = (&self.report.runs, self.labels) else { return };
        self.page.heading(labels.runs);
        let (Some(first), Some(before)) = (&runs.first, &runs.before) else {
            self.page.paragraph("  ", labels.runs_first);
            return;
        };
        let what = say(
            labels.runs_what,
            &[
                &number(runs.carried_over),
                before,
                &number(runs.earlier_deferrals_delivered),
                &number(runs.earlier_deferrals_given_up),
            ],
        );
        self.page.paragraph("  ", &what);
        let all = [first, &number(runs.mail.messages), &number(runs.mail.recipients)];
        self.page.paragraph("  ", &say(labels.runs_all, &[&all[0], &all[1], &all[2]]));
    }

    fn mail(&mut self) {
        let (report, labels) = (self.report, self.labels);
        let mail = &report.mail;
        let heading = say(
            labels.mail_heading,
            &[
                &number(mail.messages),
                &self.counted(&labels.messages, mail.messages),
                &number(mail.recipients),
                &self.counted(&labels.recipients, mail.recipients),
            ],
        );
        self.page.heading(&heading);
        let mut rows = self.fate_rows(mail);
        let dsns = &report.notifications;
        if dsns.messages > 0 || !dsns.fates.is_empty() {
            let delivered = dsns
                .fates
                .iter()
                .find(|row| row.fate == "delivered")
                .map_or(0, |row| row.recipients);
            rows.push(vec![
                labels.own_dsns.to_owned(),
                number(dsns.recipients),
                String::new(),
                number(dsns.messages),
                say(labels.dsns_delivered, &[&number(delivered)]),
            ]);
        }
        let mut columns = aligned(labels.fate_columns, [LEFT, RIGHT, RIGHT, RIGHT, LEFT]);
        columns.push(("", LEFT));
        self.page.table(&columns, rows);
        if let Some(notes) = notes::of_the_messages(report, labels) {
            self.page.paragraph("  ", &notes);
        }
        if !mail.fates.is_empty() {
            self.page.paragraph("  ", labels.star);
        }
        let lines = &report.lines;
        if lines.rejects + lines.login_failures > 0 {
            let text = say(
                labels.at_the_door,
                &[
                    &number(lines.rejects),
                    &self.counted(&labels.refusals, lines.rejects),
                    &number(lines.login_failures),
                    &self.counted(&labels.failed_logins, lines.login_failures),
                ],
            );
            self.page.paragraph("  ", &text);
        }
    }

    fn fate_rows(&self, mail: &MailSection) -> Vec<Vec<String>> {
        let labels = self.labels;
        mail.fates
            .iter()
            .map(|row| {
                let label = names::fate(labels, &row.fate);
                let after = mail.delivered_after_deferral;
                let of_which = if row.fate == "delivered" && after > 0 {
                    say(labels.after_deferral, &[&number(after)])
                } else {
                    String::new()
                };
                let cells = vec![
                    label.to_owned(),
                    number(row.recipients),
                    percent(row.share),
                    number(row.messages),
                    of_which,
                ];
                self.with_bar(cells, row.share)
            })
            .collect()
    }

    fn direction(&mut self, direction: Direction, title: &str, section: &'r DirectionSection) {
        if section.codes.is_empty() {
            return;
        }
        let labels = self.labels;
        self.page.heading(title);
        let classes: Vec<String> = section
            .classes
            .iter()
            .map(|row| {
                let label = names::class(labels, &row.class);
                format!("{label} {} ({})", number(row.lines), percent(row.share))
            })
            .collect();
        let inbound = direction == Direction::Inbound;
        let label = if inbound { labels.answers_by_class } else { labels.attempts_by_class };
        self.page.paragraph("  ", &say(label, &[&classes.join(", ")]));
        self.causes(inbound, section);
        self.codes(inbound, section);
    }

    /// How many rows of a list of `total` are shown.
    fn most(&self, total: usize) -> usize {
        if self.extent.detail { total } else { total.min(self.extent.top) }
    }

    fn more(&mut self, hidden: usize) {
        if hidden > 0 {
            let text = say(self.labels.more_detail, &[&number(hidden as u64)]);
            self.page.line(&format!("  {text}"));
        }
    }

    fn causes(&mut self, inbound: bool, section: &DirectionSection) {
        let most = self.most(section.causes.len());
        let rows: Vec<Vec<String>> = section
            .causes
            .iter()
            .take(most)
            .map(|row| {
                let (third, fourth) = if inbound {
                    (approximate(row.clients), approximate(row.addresses))
                } else {
                    (number(row.messages), number(row.recipients))
                };
                let cells = vec![
                    row.title.clone(),
                    number(row.lines),
                    percent(row.share),
                    third,
                    fourth,
                    names::party(self.labels, &row.party).to_owned(),
                ];
                self.with_bar(cells, row.share)
            })
            .collect();
        if rows.is_empty() {
            return;
        }
        let labels = self.labels;
        let names = if inbound { labels.cause_columns_in } else { labels.cause_columns_out };
        let mut columns = aligned(names, [LEFT, RIGHT, RIGHT, RIGHT, RIGHT, LEFT]);
        columns.push(("", LEFT));
        self.page.table(&columns, rows);
        self.more(section.causes.len() - most);
        self.page.gap();
    }

    /// A row with its share as a bar, where there is room.
    fn with_bar(&self, mut cells: Vec<String>, share: f64) -> Vec<String> {
        cells.extend(self.page.share_bar(share, BAR));
        cells
    }

    fn codes(&mut self, inbound: bool, section: &DirectionSection) {
        let most = self.most(section.codes.len());
        let rows = section
            .codes
            .iter()
            .take(most)
            .map(|row| {
                let (third, fourth) = if inbound {
                    (approximate(row.clients), approximate(row.addresses))
                } else {
                    (number(row.messages), number(row.recipients))
                };
                vec![
                    self.page.tone(tone_of(row.class), &names::code(self.labels, row)),
                    number(row.lines),
                    number(row.replies),
                    third,
                    fourth,
                    row.name.clone(),
                ]
            })
            .collect();
        let labels = self.labels;
        let names = if inbound { labels.code_columns_in } else { labels.code_columns_out };
        let columns = aligned(names, [LEFT, RIGHT, RIGHT, RIGHT, RIGHT, LEFT]);
        self.page.table(&columns, rows);
        self.more(section.codes.len() - most);
    }

    fn time(&mut self) {
        let (report, labels) = (self.report, self.labels);
        let steps = &report.timeline;
        let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return };
        if steps.len() < 2 {
            return;
        }
        self.page.heading(labels.time);
        let wide = labels.series.iter().map(|label| label.chars().count()).max().unwrap_or(0);
        let columns = self.page.width().saturating_sub(wide + 12).clamp(20, 100);
        let (folded, seconds) = fold(report, columns);
        let each = duration(seconds, self.language);
        self.page.paragraph("  ", &say(labels.time_what, &[&first.begin, &last.begin, &each]));
        self.bars(wide, &folded);
        if report.input.seconds > 86_400 {
            self.page.line(&format!("  {}", labels.by_hour));
            self.bars(wide, &report.per_hour);
        }
    }

    fn bars(&mut self, wide: usize, values: &[Counts]) {
        let series: [fn(&Counts) -> u64; 5] =
            [|c| c.received, |c| c.delivered, |c| c.deferred, |c| c.bounced, |c| c.rejected];
        for (label, pick) in self.labels.series.iter().zip(series) {
            let values: Vec<u64> = values.iter().map(pick).collect();
            let most = values.iter().copied().max().unwrap_or(0);
            if most > 0 {
                self.page.line(&format!(
                    "  {label:<wide$} {} {}",
                    self.page.bars(&values),
                    number(most)
                ));
            }
        }
    }

    fn names(&mut self) {
        let (report, labels) = (self.report, self.labels);
        for (title, column, section) in [
            (labels.providers, labels.provider, &report.providers),
            (labels.domains, labels.domain, &report.domains),
            (labels.relays, labels.host, &report.relays),
        ] {
            self.names_section(title, column, section);
        }
        if !report.clients.rows.is_empty() {
            self.page.heading(labels.clients);
            let text = peers(&report.clients.rows, report.clients.error, self.extent.top);
            self.page.paragraph("  ", &text);
        }
    }

    fn names_section(&mut self, title: &str, column: &str, section: &NamesSection<AttemptsByName>) {
        if section.rows.is_empty() {
            return;
        }
        let labels = self.labels;
        self.page.heading(title);
        let mark = if section.error > 0 { "≈" } else { "" };
        let wide = self.page.width().saturating_sub(42).max(16);
        let rows = section
            .rows
            .iter()
            .take(self.extent.top)
            .map(|row| {
                vec![
                    Page::log(&row.name, wide),
                    format!("{mark}{}", number(row.delivered)),
                    format!("{mark}{}", number(row.deferred)),
                    format!("{mark}{}", number(row.bounced)),
                ]
            })
            .collect();
        let [_, b, c, d] = labels.name_columns;
        let columns =
            [(column, Align::Left), (b, Align::Right), (c, Align::Right), (d, Align::Right)];
        self.page.table(&columns, rows);
        let more = section.total.saturating_sub(section.rows.len().min(self.extent.top)) as u64;
        if section.error > 0 {
            let text = say(labels.too_many_names, &[&number(section.error), &number(more)]);
            self.page.paragraph("  ", &text);
        } else if more > 0 {
            self.page.line(&format!("  {}", say(labels.more, &[&number(more)])));
        }
    }

    fn cause_details(&mut self, title: &str, section: &DirectionSection) {
        let most = self.most(section.causes.len());
        if most == 0 {
            return;
        }
        self.page.heading(&say(self.labels.cause_by_cause, &[&title]));
        for row in section.causes.iter().take(most) {
            self.page.gap();
            self.cause_detail(row);
        }
    }

    fn cause_detail(&mut self, row: &CauseRow) {
        let labels = self.labels;
        let title = self.page.tone(Tone::Strong, &row.title);
        self.page.paragraph("", &format!("{title} [{}]", row.cause));
        let text = format!(
            "{} {}{}. {}",
            number(row.lines),
            self.counted(&labels.lines, row.lines),
            self.quoting(row.repeated),
            row.meaning
        );
        self.block(labels.what, &text);
        if !row.details.is_empty() {
            let details: Vec<String> = row
                .details
                .iter()
                .take(5)
                .map(|d| format!("{} {}", Page::log(&d.name, 60), number(d.lines)))
                .collect();
            self.block(labels.kind, &details.join(", "));
        }
        if !row.peers.is_empty() {
            self.block(labels.who, &peers(&row.peers, row.peers_error, 5));
        }
        if let Some(sample) = &row.sample {
            self.block(labels.sample, &sample_line(sample, self.page.width() * 3));
        }
        for (n, remedy) in row.remedies.iter().enumerate() {
            let text = say(labels.act_by, &[&names::party(labels, &remedy.by), &remedy.text]);
            self.block(if n == 0 { labels.act } else { "" }, &text);
            for check in &remedy.checks {
                self.page.line(&format!("          $ {check}"));
            }
        }
    }

    fn quoting(&self, repeated: u64) -> String {
        if repeated == 0 {
            return String::new();
        }
        say(self.labels.quoting, &[&number(repeated)])
    }

    fn code_details(&mut self, title: &str, section: &DirectionSection) {
        // Success needs no remedy.
        let rows: Vec<&CodeRow> = section
            .codes
            .iter()
            .filter(|row| self.extent.detail || !matches!(row.class, Some(2 | 3)))
            .take(self.most(usize::MAX))
            .collect();
        if rows.is_empty() {
            return;
        }
        self.page.heading(&say(self.labels.code_by_code, &[&title]));
        for row in rows {
            self.page.gap();
            self.code_detail(row);
        }
    }

    fn code_detail(&mut self, row: &CodeRow) {
        let (labels, extent) = (self.labels, self.extent);
        let label = self.page.tone(tone_of(row.class), &names::code(self.labels, row));
        let silence = row.no_reply.as_ref().map_or(String::new(), |s| format!(" [{s}]"));
        self.page.paragraph("", &format!("{label}  {}{silence}", row.name));
        let passing = if row.passing > 0 {
            say(labels.in_passing, &[&number(row.passing)])
        } else {
            String::new()
        };
        let text = format!(
            "{} {}{}{passing}. {}",
            number(row.lines),
            self.counted(&labels.lines, row.lines),
            self.quoting(row.repeated),
            row.meaning
        );
        self.block(labels.what, &text);
        if !row.peers.is_empty() {
            self.block(labels.who, &peers(&row.peers, row.peers_error, 5));
        }
        if let Some(sample) = &row.sample {
            self.block(labels.sample, &sample_line(sample, self.page.width() * 3));
        }
        if row.texts_total > 1 {
            let most = if extent.detail { extent.top } else { 3 };
            let at_least = if row.texts_error > 0 { labels.at_least } else { "" };
            self.block(labels.texts, &format!("{at_least}{}", number(row.texts_total as u64)));
            for text in row.texts.iter().take(most) {
                let count = number(text.lines);
                let template = Page::log(&text.template, self.page.width() * 2);
                self.page.paragraph(&format!("    {count:>6}  "), &template);
            }
        }
        if !row.remedy.is_empty() && !matches!(row.class, Some(2 | 3)) {
            self.block(labels.act, &row.remedy);
            for check in &row.checks {
                self.page.line(&format!("          $ {check}"));
            }
        }
    }

    fn trouble(&mut self) {
        let (report, labels) = (self.report, self.labels);
        if report.trouble.is_empty() {
            return;
        }
        self.page.heading(labels.trouble);
        let most = self.most(report.trouble.len());
        for row in report.trouble.iter().take(most) {
            let place = row
                .sample
                .as_ref()
                .map_or(String::new(), |s| format!(" [{}:{}]", Page::log(&s.file, 60), s.line));
            let text = row.sample.as_ref().map_or(row.template.as_str(), |s| s.text.as_str());
            self.page.paragraph(
                &format!("{:>7}  {:<8} ", number(row.lines), row.severity),
                &format!("{}{place}", Page::log(text, self.page.width() * 2)),
            );
        }
        self.more(report.trouble.len() - most);
    }

    fn shapes(&mut self) {
        if !self.extent.shapes {
            return;
        }
        self.page.heading(self.labels.not_understood);
        if self.report.input.shapes.is_empty() {
            self.page.line(&format!("  {}", self.labels.none));
        }
        for row in &self.report.input.shapes {
            self.page.paragraph(
                &format!("{:>7}  {:<9} ", number(row.lines), row.bucket),
                &format!(
                    "{} [{}:{}]",
                    Page::log(&row.shape, 400),
                    Page::log(&row.file, 60),
                    row.line
                ),
            );
        }
    }

    fn foot(&mut self) {
        let (input, labels) = (&self.report.input, self.labels);
        self.page.heading(labels.lines_read);
        let buckets: Vec<String> = crate::event::Bucket::ALL
            .iter()
            .zip(labels.buckets)
            .map(|(bucket, label)| {
                format!(
                    "{label} {}",
                    number(input.buckets.get(bucket.slug()).copied().unwrap_or(0))
                )
            })
            .collect();
        self.page.paragraph("  ", &format!("{} = {}", number(input.lines), buckets.join(" + ")));
        let notes = [
            (input.duplicates, labels.duplicates),
            (input.cut_lines, labels.cut_lines),
            (input.invalid_bytes, labels.invalid_bytes),
        ];
        if let Some(notes) = counted(&notes) {
            self.page.paragraph("  ", &notes);
        }
    }
}

/// Columns of the bar of a whole.
const BAR: usize = 16;

const LEFT: Align = Align::Left;
const RIGHT: Align = Align::Right;

/// Column names with their alignments.
fn aligned<const N: usize>(
    names: [&'static str; N],
    alignments: [Align; N],
) -> Vec<(&'static str, Align)> {
    names.into_iter().zip(alignments).collect()
}

fn tone_of(class: Option<u8>) -> Tone {
    match class {
        Some(2 | 3) => Tone::Good,
        Some(4) => Tone::Late,
        Some(_) => Tone::Bad,
        None => Tone::Faint,
    }
}

fn approximate(count: Option<DistinctCount>) -> String {
    match count {
        Some(count) if count.exact => number(count.count),
        Some(count) => format!("≈{}", number(count.count)),
        None => String::new(),
    }
}

fn sample_line(sample: &SampleRow, most: usize) -> String {
    format!("{}:{}: {}", Page::log(&sample.file, 80), sample.line, Page::log(&sample.text, most))
}

fn peers(names: &[Named], error: u64, most: usize) -> String {
    let approximate = if error > 0 { "≈" } else { "" };
    let mut parts: Vec<String> = names
        .iter()
        .take(most)
        .map(|n| format!("{} {approximate}{}", Page::log(&n.name, 60), number(n.lines)))
        .collect();
    if names.len() > most {
        parts.push("…".to_owned());
    }
    parts.join(", ")
}
