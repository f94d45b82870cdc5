//! A page that answers a question, as text for a terminal or as Markdown.
//!
//! Whoever explains or compares says what stands on the page (a title, labelled paragraphs, commands, a table of
//! differences); how it looks is decided here, once for all of them. Every text is made safe for a terminal on
//! its way out. Texts of ours may hold commands in backticks; texts of a log never mean Markdown.
//!
//! To add a kind of block: a variant of [`Block`] and an arm in both renderers.

use super::sanitize::for_terminal;
use std::fmt::{Arguments, Write};

/// Narrower than this a page is not made.
const NARROWEST: usize = 40;
/// The widest column of labels.
const WIDEST_LABEL: usize = 14;

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// What is explained, and its name.
    Title(String, String),
    /// A heading within the page.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// A point of a list.
    Point(String),
    /// A label and a paragraph of ours; an empty label goes on under the row before.
    Row(String, String),
    /// A label and a text that strangers wrote.
    Quote(String, String),
    /// A label and commands, one a line.
    Commands(String, Vec<String>),
    /// Columns with a header: the first column holds labels.
    Table([String; 3], Vec<[String; 3]>),
    /// An empty line.
    Gap,
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    blocks: Vec<Block>,
}

impl Sheet {
    /// Adds a block.
    pub fn push(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// Adds a labelled paragraph, unless it is empty.
    pub fn row(&mut self, label: &str, text: &str) {
        if !text.is_empty() {
            self.push(Block::Row(label.to_owned(), text.to_owned()));
        }
    }

    /// Adds an empty line, unless the page begins here or has one already.
    pub fn gap(&mut self) {
        if !matches!(self.blocks.last(), None | Some(Block::Gap)) {
            self.push(Block::Gap);
        }
    }

    /// Adds all blocks of another page.
    pub fn append(&mut self, mut other: Self) {
        self.blocks.append(&mut other.blocks);
    }

    /// What stands on it, for a renderer of its own.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// For a terminal of this width.
    pub fn to_text(&self, width: usize) -> String {
        let width = width.max(NARROWEST);
        let labels = self.blocks.iter().filter_map(|block| match block {
            Block::Row(label, _) | Block::Quote(label, _) | Block::Commands(label, _) => {
                Some(label.chars().count())
            }
            _ => None,
        });
        let indent = (labels.max().unwrap_or(0) + 2).min(WIDEST_LABEL + 2);
        let mut out = String::new();
        for block in &self.blocks {
            match block {
                Block::Title(what, name) if name.is_empty() => wrap(&mut out, "", what, 0, width),
                Block::Title(what, name) => {
                    let what = format!("{}  ", for_terminal(what));
                    let indent = what.chars().count().min(width / 2);
                    wrap(&mut out, &what, name, indent, width);
                }
                Block::Heading(text) | Block::Paragraph(text) => {
                    wrap(&mut out, "", text, 0, width);
                }
                Block::Point(text) => wrap(&mut out, "- ", text, 2, width),
                Block::Row(label, text) | Block::Quote(label, text) => {
                    wrap(&mut out, &format!("{label:indent$}"), text, indent, width);
                }
                Block::Commands(label, commands) => {
                    for (index, command) in commands.iter().enumerate() {
                        let label = if index == 0 { label.as_str() } else { "" };
                        put(&mut out, format_args!("{label:indent$}"));
                        out.push_str(&for_terminal(command));
                        out.push('\n');
                    }
                }
                Block::Table(header, rows) => table(&mut out, header, rows, width),
                Block::Gap => out.push('\n'),
            }
        }
        out
    }

    /// As Markdown. The title is a heading of the second level, so that pages can stand one behind another.
    pub fn to_markdown(&self) -> String {
        self.to_markdown_below(1)
    }

    /// As a part of a page whose heading has this level.
    pub fn to_markdown_below(&self, level: usize) -> String {
        let (title, heading) = ("#".repeat(level + 1), "#".repeat(level + 2));
        let mut out = String::new();
        let mut before: Option<&Block> = None;
        for block in &self.blocks {
            let in_list = matches!(
                block,
                Block::Row(..) | Block::Quote(..) | Block::Point(_) | Block::Commands(..)
            );
            let was_list = matches!(
                before,
                Some(Block::Row(..) | Block::Quote(..) | Block::Point(_) | Block::Commands(..))
            );
            if before.is_some() && !(in_list && was_list) && *block != Block::Gap {
                out.push('\n');
            }
            match block {
                Block::Title(what, name) if name.is_empty() => {
                    put(&mut out, format_args!("{title} {}\n", foreign(what)));
                }
                Block::Title(what, name) => {
                    put(&mut out, format_args!("{title} {}: {}\n", foreign(what), ours(name)));
                }
                Block::Heading(text) => put(&mut out, format_args!("{heading} {}\n", ours(text))),
                Block::Paragraph(text) => put(&mut out, format_args!("{}\n", ours(text))),
                Block::Point(text) => put(&mut out, format_args!("- {}\n", ours(text))),
                Block::Row(label, text) if label.is_empty() => {
                    put(&mut out, format_args!("  - {}\n", ours(text)));
                }
                Block::Row(label, text) => {
                    put(&mut out, format_args!("- **{label}**: {}\n", ours(text)));
                }
                Block::Quote(label, text) => {
                    put(&mut out, format_args!("- **{label}**: {}\n", code(text)));
                }
                Block::Commands(label, commands) => {
                    if !label.is_empty() {
                        put(&mut out, format_args!("- **{label}**:\n"));
                    }
                    for command in commands {
                        put(&mut out, format_args!("  - {}\n", code(command)));
                    }
                }
                Block::Table(header, rows) => {
                    let line = |cells: &[String; 3]| {
                        let cells: Vec<String> = cells.iter().map(|cell| ours(cell)).collect();
                        format!("| {} |\n", cells.join(" | "))
                    };
                    out.push_str(&line(header));
                    out.push_str("|---|---|---|\n");
                    for row in rows {
                        out.push_str(&line(row));
                    }
                }
                Block::Gap => {}
            }
            if *block != Block::Gap {
                before = Some(block);
            }
        }
        out
    }
}

/// The text, cut to so many characters (… marks the cut).
pub fn excerpt(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

/// Appends; writing to a string cannot fail.
fn put(out: &mut String, text: Arguments<'_>) {
    let _ = out.write_fmt(text);
}

/// Writes `first` and behind it the text, its further lines indented.
fn wrap(out: &mut String, first: &str, text: &str, indent: usize, width: usize) {
    let mut line = first.to_owned();
    let mut used = first.chars().count();
    if used > indent.max(WIDEST_LABEL + 2) && used + 8 > width {
        out.push_str(line.trim_end());
        out.push('\n');
        line = " ".repeat(indent);
        used = indent;
    }
    for (index, piece) in lines_of(text, width.saturating_sub(used), width - indent.min(width))
        .into_iter()
        .enumerate()
    {
        if index > 0 {
            line = " ".repeat(indent);
        }
        line.push_str(&piece);
        out.push_str(line.trim_end());
        out.push('\n');
        line.clear();
    }
    if !line.is_empty() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// The text in lines: the first has `first` columns, the others have `others`. A word longer than a line stands on
/// a line of its own, uncut, so that it can be copied.
fn lines_of(text: &str, first: usize, others: usize) -> Vec<String> {
    let text = for_terminal(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let room = if lines.is_empty() { first } else { others };
        let length = word.chars().count();
        if used > 0 && used + 1 + length > room {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += length;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Three columns: the labels as wide as they are, the others share the rest.
fn table(out: &mut String, header: &[String; 3], rows: &[[String; 3]], width: usize) {
    let [corner, left, right] = header;
    let labels =
        rows.iter().map(|[label, _, _]| label.chars().count()).chain([corner.chars().count()]);
    let first = labels.max().unwrap_or(0).min(WIDEST_LABEL);
    let column = width.saturating_sub(first + 4) / 2;
    let mut line = |label: &str, left: &str, right: &str| {
        let (left, right) = (lines_of(left, column, column), lines_of(right, column, column));
        for index in 0..left.len().max(right.len()).max(1) {
            let label = if index == 0 { label } else { "" };
            let cell = |cells: &[String]| cells.get(index).cloned().unwrap_or_default();
            let text = format!("{label:first$}  {:column$}  {}", cell(&left), cell(&right));
            out.push_str(text.trim_end());
            out.push('\n');
        }
    };
    line(corner, left, right);
    for [label, left, right] in rows {
        line(label, left, right);
    }
}

/// A text of ours in Markdown: backticks keep their sense, nothing else has one.
fn ours(text: &str) -> String {
    let text = for_terminal(text);
    let mut out = String::with_capacity(text.len());
    for (index, piece) in text.split('`').enumerate() {
        if index > 0 {
            out.push('`');
        }
        if index % 2 == 0 {
            escape(&mut out, piece, "<*|[]\\");
        } else {
            out.push_str(&piece.replace('|', "\\|"));
        }
    }
    out
}

/// A stranger's text in Markdown, of which nothing may have a sense.
fn foreign(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(&mut out, &for_terminal(text), "\\`*_{}[]<>()#+!|~&");
    out
}

fn escape(out: &mut String, text: &str, special: &str) {
    for c in text.chars() {
        if special.contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
}

/// A code span, fenced by one backtick more than the text has in a row.
fn code(text: &str) -> String {
    let text = for_terminal(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Sheet {
        let mut sheet = Sheet::default();
        sheet.push(Block::Title("550".to_owned(), "Mailbox unavailable".to_owned()));
        sheet.gap();
        sheet.row("Meaning", "Run `postqueue -p` and read <what> it says about the queue.");
        sheet.row("Nothing", "");
        sheet.push(Block::Quote("Text".to_owned(), "550 *no* `such` user\u{1b}[2J".to_owned()));
        sheet.push(Block::Commands(
            "Check".to_owned(),
            vec!["dig +short MX a".to_owned(), "b".to_owned()],
        ));
        sheet.push(Block::Table(
            [String::new(), "450".to_owned(), "550".to_owned()],
            vec![["Retry".to_owned(), "yes, the queue does it".to_owned(), "no".to_owned()]],
        ));
        sheet
    }

    #[test]
    fn a_page_for_a_terminal_lines_up() {
        assert_eq!(
            page().to_text(44),
            "550  Mailbox unavailable\n\
             \n\
             Meaning  Run `postqueue -p` and read <what>\n\
             \x20        it says about the queue.\n\
             Text     550 *no* `such` user\\x1b[2J\n\
             Check    dig +short MX a\n\
             \x20        b\n\
             \x20      450                550\n\
             Retry  yes, the queue     no\n\
             \x20      does it\n"
        );
    }

    #[test]
    fn a_page_in_markdown_lets_no_log_text_mean_anything() {
        assert_eq!(
            page().to_markdown(),
            "## 550: Mailbox unavailable\n\
             \n\
             - **Meaning**: Run `postqueue -p` and read \\<what> it says about the queue.\n\
             - **Text**: `` 550 *no* `such` user\\x1b[2J ``\n\
             - **Check**:\n\
             \x20 - `dig +short MX a`\n\
             \x20 - `b`\n\
             \n\
             |  | 450 | 550 |\n\
             |---|---|---|\n\
             | Retry | yes, the queue does it | no |\n"
        );
    }

    #[test]
    fn long_words_are_not_cut() {
        let word = "x".repeat(100);
        let mut sheet = Sheet::default();
        sheet.row("Text", &format!("a {word} b"));
        assert_eq!(sheet.to_text(40), format!("Text  a\n      {word}\n      b\n"));
    }
}
