//! The report's tables as plain rows, for CSV, Markdown and pages.
//!
//! A column has a slug, which is its name in CSV and stable, and a title in the report's language. CSV shows all
//! columns; for people those are left out that only a program needs. To add a table: a word in [`TableName`], an
//! arm in [`table`], and titles for new columns in `i18n::pages`.

use super::names;
use crate::i18n::{Language, column_title};
use crate::report::{
    AttemptsByName, CauseRow, CodeRow, DirectionSection, NamesSection, Report, SampleRow,
};
use crate::summary::{Counts, DistinctCount};
use crate::words::words;

words! {
    /// A table of the report.
    TableName {
        /// Failures by cause.
        Causes = "causes",
        /// Replies by code.
        Codes = "codes",
        /// Texts of the replies, with ids and addresses taken out.
        Texts = "texts",
        /// What each party can do about each cause.
        Remedies = "remedies",
        /// Recipients by what became of them.
        Fates = "fates",
        /// Attempts by receiving provider.
        Providers = "providers",
        /// Outbound failures by receiving provider and cause.
        ProviderCauses = "provider-causes",
        /// Attempts by the recipient's domain.
        Domains = "domains",
        /// Attempts by relay host.
        Relays = "relays",
        /// Refusals by client.
        Clients = "clients",
        /// Counts by day.
        Days = "days",
        /// Counts by hour of the day.
        Hours = "hours",
        /// Counts in equal steps of time.
        Timeline = "timeline",
        /// Deliveries by how long they took.
        Delays = "delays",
        /// Trouble of our own servers.
        Trouble = "trouble",
        /// What may make the figures wrong.
        Warnings = "warnings",
        /// What was read.
        Files = "files",
        /// Shapes of lines that were not understood, where asked for.
        Shapes = "shapes",
    }
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing to say.
    Empty,
    /// Words, perhaps of the log.
    Text(String),
    /// A stable word, and what it is called for people.
    Named(String, &'static str),
    /// A number that names something: a line, a code, an hour.
    Id(u64),
    /// A count.
    Count(u64),
    /// A count that may be too low, or an estimate.
    About(u64),
    /// A share, 0 to 1.
    Share(f64),
}

impl Cell {
    fn words(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    fn count(count: u64, error: u64) -> Self {
        if error > 0 { Self::About(count) } else { Self::Count(count) }
    }

    fn distinct(count: Option<DistinctCount>) -> Self {
        match count {
            Some(count) if count.exact => Self::Count(count.count),
            Some(count) => Self::About(count.count),
            None => Self::Empty,
        }
    }

    /// Whether it is a number, to be aligned as one.
    pub fn is_number(&self) -> bool {
        !matches!(self, Self::Empty | Self::Text(_) | Self::Named(..))
    }
}

/// One column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in CSV.
    pub slug: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Only programs need it.
    pub only_csv: bool,
    /// It holds numbers.
    pub numeric: bool,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Which one.
    pub name: TableName,
    /// Its heading.
    pub title: &'static str,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
    /// Rows that the report left out.
    pub more: u64,
    /// How much counts marked as such may be too low.
    pub error: u64,
}

/// A table of the report.
pub fn table(report: &Report, name: TableName) -> Table {
    let maker = Maker { report, language: report.language };
    match name {
        TableName::Causes => maker.causes(),
        TableName::Codes => maker.codes(),
        TableName::Texts => maker.texts(),
        TableName::Remedies => maker.remedies(),
        TableName::Fates => maker.fates(),
        TableName::Providers => maker.attempts(name, "provider", &report.providers),
        TableName::ProviderCauses => maker.provider_causes(),
        TableName::Domains => maker.attempts(name, "domain", &report.domains),
        TableName::Relays => maker.attempts(name, "relay", &report.relays),
        TableName::Clients => maker.clients(),
        TableName::Days | TableName::Hours | TableName::Timeline => maker.times(name),
        TableName::Delays => maker.delays(),
        TableName::Trouble => maker.trouble(),
        TableName::Warnings => maker.warnings(),
        TableName::Files => maker.files(),
        TableName::Shapes => maker.shapes(),
    }
}

/// How a column is: its slug, and a mark in front of those that only programs need.
const ONLY_CSV: char = '-';

struct Maker<'r> {
    report: &'r Report,
    language: Language,
}

impl<'r> Maker<'r> {
    fn made(&self, name: TableName, columns: &[&'static str], rows: Vec<Vec<Cell>>) -> Table {
        let labels = self.language.page_labels();
        let title = match name {
            TableName::Causes => labels.why,
            TableName::Codes => labels.codes,
            TableName::Texts => labels.texts,
            TableName::Remedies => labels.remedies,
            TableName::Fates => labels.fates,
            TableName::Providers => labels.providers,
            TableName::ProviderCauses => labels.grid,
            TableName::Domains => labels.domains,
            TableName::Relays => labels.relays,
            TableName::Clients => labels.clients,
            TableName::Days => labels.days,
            TableName::Hours => labels.hours,
            TableName::Timeline => labels.time,
            TableName::Delays => labels.delays,
            TableName::Trouble => labels.trouble,
            TableName::Warnings => labels.warnings,
            TableName::Files => labels.files,
            TableName::Shapes => labels.shapes,
        };
        let columns = columns
            .iter()
            .enumerate()
            .map(|(n, marked)| {
                let slug = marked.strip_prefix(ONLY_CSV).unwrap_or(marked);
                let mut cells = rows.iter().filter_map(|row| row.get(n));
                Column {
                    slug,
                    title: column_title(slug, self.language),
                    only_csv: slug.len() < marked.len(),
                    numeric: cells.any(Cell::is_number),
                }
            })
            .collect();
        Table { name, title, columns, rows, more: 0, error: 0 }
    }

    fn directions(&self) -> [(Cell, &'r DirectionSection); 3] {
        let report = self.report;
        let [outbound, inbound, local] = self.language.kept().directions;
        [
            ("outbound", outbound, &report.outbound),
            ("inbound", inbound, &report.inbound),
            ("local", local, &report.local),
        ]
        .map(|(slug, name, section)| (Cell::Named(slug.to_owned(), name), section))
    }

    /// Who must act.
    fn party(&self, slug: &str) -> Cell {
        if slug.is_empty() {
            return Cell::Empty;
        }
        Cell::Named(slug.to_owned(), names::party(self.language.labels(), slug))
    }

    fn causes(&self) -> Table {
        let mut rows = Vec::new();
        for (direction, section) in self.directions() {
            rows.extend(section.causes.iter().map(|row| self.cause(direction.clone(), row)));
        }
        let columns = [
            "direction",
            "-cause",
            "title",
            "lines",
            "share",
            "-hard_lines",
            "-repeated",
            "messages",
            "recipients",
            "-addresses",
            "-clients",
            "party",
            "-file",
            "-line",
            "-text",
        ];
        self.made(TableName::Causes, &columns, rows)
    }

    fn cause(&self, direction: Cell, row: &CauseRow) -> Vec<Cell> {
        let [file, line, text] = sample(row.sample.as_ref());
        vec![
            direction,
            Cell::words(&*row.cause),
            Cell::words(&*row.title),
            Cell::Count(row.lines),
            Cell::Share(row.share),
            Cell::Count(row.hard_lines),
            Cell::Count(row.repeated),
            Cell::Count(row.messages),
            Cell::Count(row.recipients),
            Cell::distinct(row.addresses),
            Cell::distinct(row.clients),
            self.party(&row.party),
            file,
            line,
            text,
        ]
    }

    fn codes(&self) -> Table {
        let mut rows = Vec::new();
        for (direction, section) in self.directions() {
            rows.extend(section.codes.iter().map(|row| code(direction.clone(), row)));
        }
        let columns = [
            "direction",
            "code",
            "enhanced",
            "-implied_code",
            "-no_reply",
            "lines",
            "share",
            "replies",
            "-repeated",
            "-passing",
            "messages",
            "recipients",
            "-addresses",
            "-clients",
            "name",
            "-meaning",
            "-remedy",
            "-file",
            "-line",
            "-text",
        ];
        self.made(TableName::Codes, &columns, rows)
    }

    fn texts(&self) -> Table {
        let mut rows = Vec::new();
        for (direction, section) in self.directions() {
            for code in &section.codes {
                for text in &code.texts {
                    let [file, line, sample] = sample(text.sample.as_ref());
                    rows.push(vec![
                        direction.clone(),
                        code.code.map_or(Cell::Empty, |code| Cell::Id(code.into())),
                        Cell::words(code.enhanced.as_deref().unwrap_or("")),
                        Cell::count(text.lines, code.texts_error),
                        Cell::words(&*text.template),
                        file,
                        line,
                        sample,
                    ]);
                }
            }
        }
        let columns =
            ["direction", "code", "enhanced", "lines", "text", "-file", "-line", "-sample"];
        self.made(TableName::Texts, &columns, rows)
    }

    fn remedies(&self) -> Table {
        let mut rows = Vec::new();
        for (direction, section) in self.directions() {
            for cause in &section.causes {
                for remedy in &cause.remedies {
                    rows.push(vec![
                        direction.clone(),
                        Cell::words(&*cause.cause),
                        Cell::words(&*cause.title),
                        self.party(&remedy.by),
                        Cell::words(&*remedy.text),
                        Cell::words(remedy.checks.join("; ")),
                    ]);
                }
            }
        }
        let columns = ["direction", "-cause", "title", "by", "remedy", "checks"];
        self.made(TableName::Remedies, &columns, rows)
    }

    fn fates(&self) -> Table {
        let rows = self.report.mail.fates.iter().map(|row| {
            vec![
                Cell::Named(row.fate.clone(), names::fate(self.language.labels(), &row.fate)),
                Cell::Count(row.recipients),
                Cell::Share(row.share),
                Cell::Count(row.messages),
            ]
        });
        let columns = ["fate", "recipients", "share", "messages"];
        self.made(TableName::Fates, &columns, rows.collect())
    }

    fn attempts(
        &self,
        name: TableName,
        of: &'static str,
        section: &NamesSection<AttemptsByName>,
    ) -> Table {
        let error = section.error;
        let rows = section.rows.iter().map(|row| {
            vec![
                Cell::words(&*row.name),
                Cell::count(row.delivered, error),
                Cell::count(row.deferred, error),
                Cell::count(row.bounced, error),
            ]
        });
        let table = self.made(name, &[of, "delivered", "deferred", "bounced"], rows.collect());
        Table { more: more(section.total, section.rows.len()), error, ..table }
    }

    fn provider_causes(&self) -> Table {
        let grid = &self.report.provider_causes;
        let other = self.language.page_labels().other_providers;
        let mut rows = Vec::new();
        for row in &grid.rows {
            for (cause, lines) in grid.causes.iter().zip(&row.by_cause) {
                if *lines > 0 {
                    rows.push(vec![
                        Cell::words(row.provider.as_deref().unwrap_or(other)),
                        Cell::words(&*cause.cause),
                        Cell::words(&*cause.title),
                        Cell::Count(*lines),
                    ]);
                }
            }
        }
        self.made(TableName::ProviderCauses, &["provider", "-cause", "title", "lines"], rows)
    }

    fn clients(&self) -> Table {
        let section = &self.report.clients;
        let rows = section
            .rows
            .iter()
            .map(|row| vec![Cell::words(&*row.name), Cell::count(row.lines, section.error)]);
        let table = self.made(TableName::Clients, &["client", "lines"], rows.collect());
        Table { more: more(section.total, section.rows.len()), error: section.error, ..table }
    }

    fn times(&self, name: TableName) -> Table {
        let report = self.report;
        let (first, rows): (_, Vec<_>) = match name {
            TableName::Days => {
                ("day", report.per_day.iter().map(|(day, c)| (Cell::words(&**day), c)).collect())
            }
            TableName::Hours => ("hour", (0..).map(Cell::Id).zip(&report.per_hour).collect()),
            _ => (
                "begin",
                report.timeline.iter().map(|s| (Cell::words(&*s.begin), &s.counts)).collect(),
            ),
        };
        let rows = rows
            .into_iter()
            .map(|(when, counts)| {
                let mut row = vec![when];
                row.extend(SERIES.map(|pick| Cell::Count(pick(counts))));
                row
            })
            .collect();
        let columns = [first, "received", "delivered", "deferred", "bounced", "rejected"];
        self.made(name, &columns, rows)
    }

    fn delays(&self) -> Table {
        let mut rows = Vec::new();
        for (direction, section) in self.directions() {
            for bucket in section.delays.iter().flat_map(|delays| &delays.buckets) {
                rows.push(vec![
                    direction.clone(),
                    bucket.within.map_or(Cell::Empty, Cell::Id),
                    Cell::words(within(bucket.within, self.language)),
                    Cell::Count(bucket.lines),
                    Cell::Share(bucket.share),
                ]);
            }
        }
        let columns = ["direction", "-within_seconds", "within", "lines", "share"];
        self.made(TableName::Delays, &columns, rows)
    }

    fn trouble(&self) -> Table {
        let rows = self.report.trouble.iter().map(|row| {
            let [file, line, sample] = sample(row.sample.as_ref());
            vec![
                Cell::words(&*row.severity),
                Cell::Count(row.lines),
                Cell::words(&*row.template),
                file,
                line,
                sample,
            ]
        });
        let columns = ["severity", "lines", "text", "-file", "-line", "-sample"];
        self.made(TableName::Trouble, &columns, rows.collect())
    }

    fn warnings(&self) -> Table {
        let rows = self.report.warnings.iter().map(|row| {
            vec![
                Cell::words(row.kind),
                Cell::words(&*row.text),
                Cell::words(row.file.as_deref().unwrap_or("")),
                row.line.map_or(Cell::Empty, Cell::Id),
            ]
        });
        self.made(TableName::Warnings, &["-kind", "text", "file", "line"], rows.collect())
    }

    fn files(&self) -> Table {
        let words = |text: &Option<String>| Cell::words(text.as_deref().unwrap_or(""));
        let rows = self.report.input.files.iter().map(|row| {
            vec![
                Cell::words(&*row.name),
                Cell::Count(row.lines),
                Cell::Count(row.bytes),
                words(&row.first),
                words(&row.last),
                words(&row.problem),
            ]
        });
        let columns = ["file", "lines", "bytes", "first", "last", "problem"];
        self.made(TableName::Files, &columns, rows.collect())
    }

    fn shapes(&self) -> Table {
        let rows = self.report.input.shapes.iter().map(|row| {
            vec![
                Cell::words(&*row.shape),
                Cell::words(&*row.bucket),
                Cell::Count(row.lines),
                Cell::words(&*row.file),
                Cell::Id(row.line),
            ]
        });
        let columns = ["shape", "bucket", "lines", "file", "line"];
        self.made(TableName::Shapes, &columns, rows.collect())
    }
}

/// What is counted over time, in the order of the columns and of the labels.
pub const SERIES: [fn(&Counts) -> u64; 5] =
    [|c| c.received, |c| c.delivered, |c| c.deferred, |c| c.bounced, |c| c.rejected];

fn code(direction: Cell, row: &CodeRow) -> Vec<Cell> {
    let [file, line, text] = sample(row.sample.as_ref());
    let number = |code: Option<u16>| code.map_or(Cell::Empty, |code| Cell::Id(code.into()));
    vec![
        direction,
        number(row.code),
        Cell::words(row.enhanced.as_deref().unwrap_or("")),
        number(row.implied_code),
        Cell::words(row.no_reply.as_deref().unwrap_or("")),
        Cell::Count(row.lines),
        Cell::Share(row.share),
        Cell::Count(row.replies),
        Cell::Count(row.repeated),
        Cell::Count(row.passing),
        Cell::Count(row.messages),
        Cell::Count(row.recipients),
        Cell::distinct(row.addresses),
        Cell::distinct(row.clients),
        Cell::words(&*row.name),
        Cell::words(&*row.meaning),
        Cell::words(&*row.remedy),
        file,
        line,
        text,
    ]
}

fn sample(sample: Option<&SampleRow>) -> [Cell; 3] {
    sample.map_or([Cell::Empty, Cell::Empty, Cell::Empty], |sample| {
        [Cell::words(&*sample.file), Cell::Id(sample.line), Cell::words(&*sample.text)]
    })
}

fn more(total: usize, shown: usize) -> u64 {
    total.saturating_sub(shown) as u64
}

/// `3 s`, `15 min`, `4 h`, `2 d`; the word for what took longer than all.
pub fn within(edge: Option<u64>, language: Language) -> String {
    let labels = language.labels();
    let Some(seconds) = edge else { return language.page_labels().longer.to_owned() };
    let (label, number) = match seconds {
        0..60 => (labels.seconds, seconds),
        60..3600 => (labels.minutes, seconds / 60),
        3600..86_400 => (language.page_labels().hours_only, seconds / 3600),
        _ => (language.page_labels().days_only, seconds / 86_400),
    };
    crate::i18n::say(label, &[&number])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::has_title;
    use crate::report::Report;

    #[test]
    fn every_column_of_every_table_has_a_title() {
        for name in TableName::ALL {
            let table = table(&Report::empty(Language::En), *name);
            assert!(!table.columns.is_empty(), "{name}");
            for column in table.columns {
                assert!(has_title(column.slug), "{name}: {}", column.slug);
            }
        }
    }
}
