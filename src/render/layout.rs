//! What text pages are made of: headings, tables, wrapped paragraphs, bars. Knows width and colour, and
//! nothing of mail.
//!
//! Colour is never the only carrier of meaning, and every piece of log text must have gone through
//! [`super::sanitize`] before it comes here: [`Page::log`] does it.

use super::sanitize::for_terminal;
use comfy_table::{
    CellAlignment, Column, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle,
};
use std::fmt::Write as _;

/// Rules under the header only: the least ink that still lines up.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─').left('─'));

/// How a page looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns of the terminal.
    pub width: u16,
    /// Whether colour is wanted.
    pub colour: bool,
    /// Whether bars must do with ASCII.
    pub ascii: bool,
}

/// A tone, for terminals that show colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Headings.
    Strong,
    /// Asides.
    Faint,
    /// Success.
    Good,
    /// Late.
    Late,
    /// Refused.
    Bad,
}

const END_OF_TONE: &str = "\u{1b}[0m";

impl Tone {
    const ALL: [Self; 5] = [Self::Strong, Self::Faint, Self::Good, Self::Late, Self::Bad];

    const fn code(self) -> &'static str {
        match self {
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Good => "32",
            Self::Late => "33",
            Self::Bad => "31",
        }
    }

    fn begin(self) -> String {
        format!("\u{1b}[{}m", self.code())
    }

    /// Stands for the begin of the tone while a table is laid out: a character without width, which sanitised log
    /// text never has.
    const fn marker(self) -> char {
        match self {
            Self::Strong => '\u{2060}',
            Self::Faint => '\u{2061}',
            Self::Good => '\u{2062}',
            Self::Late => '\u{2063}',
            Self::Bad => '\u{2064}',
        }
    }

    /// A cell's text for the table: escape sequences would count as columns, so where [`Page::tone`] gave the text a
    /// tone, each word begins with its marker instead. (By words, as a cell may be wrapped.)
    fn marked(text: String) -> String {
        for tone in Self::ALL {
            let toned = text.strip_prefix(&tone.begin());
            if let Some(plain) = toned.and_then(|rest| rest.strip_suffix(END_OF_TONE)) {
                let words = plain.split(' ').map(|word| format!("{}{word}", tone.marker()));
                return words.collect::<Vec<_>>().join(" ");
            }
        }
        text
    }

    /// A line of the table with the tones of its words.
    fn unmarked(line: String) -> String {
        Self::ALL.into_iter().fold(line, |line, tone| {
            let mut parts = line.split(tone.marker());
            let first = parts.next().unwrap_or("").to_owned();
            parts.fold(first, |line, part| {
                let (word, rest) = part.split_at(part.find(' ').unwrap_or(part.len()));
                line + &tone.begin() + word + END_OF_TONE + rest
            })
        })
    }
}

/// A page that is being written.
#[derive(Debug)]
pub struct Page {
    look: Look,
    text: String,
}

/// How a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

impl Page {
    /// An empty page. A width below 40 columns is taken as 40.
    pub fn new(look: Look) -> Self {
        Self { look: Look { width: look.width.max(40), ..look }, text: String::new() }
    }

    /// The finished text.
    pub fn finish(self) -> String {
        self.text
    }

    /// The width in columns.
    pub fn width(&self) -> usize {
        usize::from(self.look.width)
    }

    /// Text in a tone; plain where colour is off.
    pub fn tone(&self, tone: Tone, text: &str) -> String {
        if self.look.colour {
            format!("{}{text}{END_OF_TONE}", tone.begin())
        } else {
            text.to_owned()
        }
    }

    /// Log text, made safe and cut to `most` columns (… marks the cut).
    pub fn log(text: &str, most: usize) -> String {
        cut(&for_terminal(text), most)
    }

    /// Bars over time, one character a value: see [`bars`].
    pub fn bars(&self, values: &[u64]) -> String {
        bars(values, self.look.ascii)
    }

    /// A share as a bar of at most `columns` characters, where the page has room for one.
    pub fn share_bar(&self, share: f64, columns: usize) -> Option<String> {
        (self.look.width >= Self::WIDE).then(|| share_bar(share, columns, self.look.ascii))
    }

    /// Pages of so many columns have room for bars beside tables.
    const WIDE: u16 = 100;

    /// An empty line.
    pub fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A heading with an empty line before it.
    pub fn heading(&mut self, text: &str) {
        self.gap();
        self.title(text);
    }

    /// A heading at the top of the page.
    pub fn title(&mut self, text: &str) {
        for line in textwrap::wrap(text, self.width()) {
            let shown = self.tone(Tone::Strong, &line);
            self.line(&shown);
        }
    }

    /// One line as it is.
    pub fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    /// A paragraph wrapped to the width; the first line begins with `first`, the others with as many blanks.
    pub fn paragraph(&mut self, first: &str, text: &str) {
        let blanks = " ".repeat(textwrap::core::display_width(first));
        let options = textwrap::Options::new(self.width())
            .initial_indent(first)
            .subsequent_indent(&blanks)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .break_words(true);
        for line in textwrap::wrap(text, options) {
            self.line(&line);
        }
    }

    /// A table of ready cells. Columns that are too wide are wrapped, the widest first.
    pub fn table(&mut self, columns: &[(&str, Align)], rows: Vec<Vec<String>>) {
        self.write_table(columns, rows, |column, _| {
            column.set_padding((0, 2));
        });
    }

    /// A table of names with many short figures: only the first column is wrapped.
    pub fn figures(&mut self, columns: &[(&str, Align)], rows: Vec<Vec<String>>) {
        self.write_table(columns, rows, |column, place| {
            column.set_padding((0, 1));
            if place > 0 {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        });
    }

    fn write_table(
        &mut self,
        columns: &[(&str, Align)],
        rows: Vec<Vec<String>>,
        arrange: impl Fn(&mut Column, usize),
    ) {
        if rows.is_empty() {
            return;
        }
        let mut table = Table::new();
        table.load_style(STYLE);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(self.look.width);
        // A last column that no row has (bars, where there is no room) is none.
        let there = rows.iter().map(Vec::len).max().unwrap_or(0);
        let columns = columns.get(..there).unwrap_or(columns);
        table.set_header(columns.iter().map(|(name, _)| *name));
        table.add_rows(rows.into_iter().map(|row| row.into_iter().map(Tone::marked)));
        for (place, (column, (_, align))) in table.column_iter_mut().zip(columns).enumerate() {
            arrange(column, place);
            if *align == Align::Right {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        for line in table.lines() {
            self.line(&Tone::unmarked(line));
        }
    }
}

/// Cuts text to `most` columns.
pub fn cut(text: &str, most: usize) -> String {
    if textwrap::core::display_width(text) <= most {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        let width = textwrap::core::display_width(c.encode_utf8(&mut [0; 4]));
        if used + width > most {
            break;
        }
        used += width;
        out.push(c);
    }
    out.push('…');
    out
}

/// A number with thin groups of three: `1,234,567`.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share as a percentage with one digit; what is not nothing is not shown as `0.0 %`.
pub fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.000_5 {
        "<0.1 %".to_owned()
    } else {
        format!("{:.1} %", share * 100.0)
    }
}

/// Bytes with a unit: `1.2 MB` (decimal).
#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
pub fn bytes(value: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if value < 1000 {
        return format!("{value} B");
    }
    let mut size = value as f64 / 1000.0;
    let mut unit = "kB";
    for next in UNITS.iter().skip(1) {
        if size < 999.5 {
            break;
        }
        size /= 1000.0;
        unit = next;
    }
    let mut out = String::new();
    let digits = usize::from(size < 99.95);
    let _ = write!(out, "{size:.digits$} {unit}");
    out
}

/// A line of bars, one a value, the largest being full; a value that is not 0 shows at least the lowest bar.
pub fn bars(values: &[u64], ascii: bool) -> String {
    const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const ASCII: [char; 9] = [' ', '.', ':', '-', '=', '+', '*', '%', '#'];
    let levels = if ascii { ASCII } else { BLOCKS };
    let most = values.iter().copied().max().unwrap_or(0);
    values
        .iter()
        .map(|value| {
            let level =
                if most == 0 { 0 } else { (u128::from(*value) * 8).div_ceil(u128::from(most)) };
            usize::try_from(level).ok().and_then(|level| levels.get(level)).copied().unwrap_or(' ')
        })
        .collect()
}

/// A horizontal bar of at most `columns` characters, in eighths of one; what is not nothing shows at least the
/// thinnest.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "at most a few hundred eighths"
)]
pub fn share_bar(share: f64, columns: usize, ascii: bool) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let share = share.clamp(0.0, 1.0);
    if ascii {
        let length = (share * columns as f64).round() as usize;
        return "#".repeat(length.max(usize::from(share > 0.0)));
    }
    let eighths = ((share * columns as f64 * 8.0).round() as usize).max(usize::from(share > 0.0));
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS.get(eighths % 8).copied().unwrap_or(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_bars() {
        for (share, blocks, ascii) in [
            (0.0, "", ""),
            (0.000_1, "▏", "#"),
            (0.5, "████", "####"),
            (0.55, "████▍", "####"),
            (1.0, "████████", "########"),
            (7.0, "████████", "########"),
        ] {
            assert_eq!(share_bar(share, 8, false), blocks, "{share}");
            assert_eq!(share_bar(share, 8, true), ascii, "{share}");
        }
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(percent(0.123_4), "12.3 %");
        assert_eq!(percent(0.000_01), "<0.1 %");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_234_567), "1.2 MB");
        assert_eq!(bytes(1_073_741_824), "1.1 GB");
        assert_eq!(bars(&[0, 1, 50, 100], false), " ▁▄█");
        assert_eq!(bars(&[0, 1, 50, 100], true), " .=#");
    }

    #[test]
    fn cutting_counts_columns_not_bytes() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(cut("日本語文字", 6), "日本…");
    }
}
