//! Two digests side by side, as text and as Markdown.

use super::digest::{code_of, heading_of, provider_name, title_of};
use super::layout::{Align, Look, Page, Tone, bytes, number, percent};
use super::sanitize::for_terminal;
use crate::digest::{Change, Comparison, Side, Subject, Trend};
use crate::i18n::{KeptLabels, say};
use crate::knowledge::Knowledge;
use crate::report::duration;
use crate::smtp::Direction;
use std::fmt::Write as _;

/// Writes a comparison for people; `all` shows what did not change too.
pub fn text(comparison: &Comparison, knowledge: &Knowledge, look: Look, all: bool) -> String {
    let language = knowledge.language();
    let (labels, kept) = (language.labels(), language.kept());
    let mut page = Page::new(look);
    page.paragraph("A  ", &side(&comparison.a, knowledge));
    page.paragraph("B  ", &side(&comparison.b, knowledge));
    page.heading(kept.mail);
    let [a, b, c, d] = kept.mail_columns;
    let columns = [(a, Align::Left), (b, Align::Right), (c, Align::Right), (d, Align::Right)];
    page.table(&columns, mail_rows(comparison, kept));
    let mut hidden = 0;
    for direction in Direction::ALL {
        let of = |row: &&Change| row.direction == *direction;
        let rows: Vec<&Change> = comparison.rows.iter().filter(of).collect();
        if rows.is_empty() {
            continue;
        }
        page.heading(heading_of(*direction, labels));
        page.paragraph("  ", &traffic(comparison, *direction, kept));
        let shown: Vec<&Change> = rows.iter().copied().filter(|row| all || changed(row)).collect();
        if rows.iter().all(|row| row.trend == Trend::Untold) {
            page.paragraph("  ", kept.untold);
        } else if shown.is_empty() {
            page.paragraph("  ", kept.no_change);
        }
        hidden += rows.len() - shown.len();
        let cells = shown.iter().map(|row| {
            let mut cells = cells(row, knowledge);
            if let Some(first) = cells.first_mut() {
                *first = page.tone(tone_of(row.trend), first);
            }
            cells
        });
        let cells: Vec<_> = cells.collect();
        let aligned = [
            Align::Left,
            Align::Left,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
        ];
        let columns: Vec<_> = kept.change_columns.into_iter().zip(aligned).collect();
        page.table(&columns, cells);
    }
    page.gap();
    if hidden > 0 {
        page.paragraph("", &say(kept.under_floor, &[&number(hidden as u64)]));
    }
    page.paragraph("", &rule(comparison, kept));
    page.finish()
}

/// Writes a comparison as Markdown.
pub fn markdown(comparison: &Comparison, knowledge: &Knowledge, all: bool) -> String {
    let language = knowledge.language();
    let (labels, kept) = (language.labels(), language.kept());
    let mut out = String::new();
    for (name, one) in [("A", &comparison.a), ("B", &comparison.b)] {
        let _ = writeln!(out, "- **{name}**: {}", escaped(&side(one, knowledge)));
    }
    let _ = writeln!(out, "\n## {}\n", escaped(kept.mail));
    table(&mut out, &kept.mail_columns, 1, mail_rows(comparison, kept));
    for direction in Direction::ALL {
        let of = |row: &&Change| row.direction == *direction;
        let rows: Vec<&Change> = comparison.rows.iter().filter(of).collect();
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n## {}\n", escaped(heading_of(*direction, labels)));
        let _ = writeln!(out, "{}\n", escaped(&traffic(comparison, *direction, kept)));
        let shown: Vec<_> = rows.iter().filter(|row| all || changed(row)).collect();
        if shown.is_empty() {
            let untold = rows.iter().all(|row| row.trend == Trend::Untold);
            let _ = writeln!(out, "{}", escaped(if untold { kept.untold } else { kept.no_change }));
            continue;
        }
        let cells = shown.into_iter().map(|row| cells(row, knowledge)).collect();
        table(&mut out, &kept.change_columns, 2, cells);
    }
    let _ = writeln!(out, "\n{}", escaped(&rule(comparison, kept)));
    out
}

/// A Markdown table; the first `words` columns are words, the others numbers.
fn table(out: &mut String, names: &[&str], words: usize, rows: Vec<Vec<String>>) {
    let mut line = |cells: Vec<String>| {
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    };
    line(names.iter().map(|name| escaped(name)).collect());
    let rule = |n| if n < words { "---" } else { "---:" };
    line((0..names.len()).map(|n| rule(n).to_owned()).collect());
    for row in rows {
        line(row.iter().map(|cell| escaped(cell)).collect());
    }
}

/// Text that Markdown shows as it is.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in for_terminal(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' | '!')
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn side(side: &Side, knowledge: &Knowledge) -> String {
    let kept = knowledge.language().kept();
    let name = Page::log(&side.name, 60);
    match (&side.first, &side.last) {
        (Some(first), Some(last)) => {
            let length = duration(side.seconds, knowledge.language());
            say(kept.side, &[&name, first, last, &length])
        }
        _ => say(kept.side_empty, &[&name]),
    }
}

fn mail_rows(comparison: &Comparison, kept: &KeptLabels) -> Vec<Vec<String>> {
    let of = |side: &Side| {
        let counts = &side.mail.counts;
        [
            counts.messages,
            side.mail.recipients,
            counts.delivered,
            counts.ever_deferred,
            counts.bounced,
            counts.expired,
            counts.queued,
            counts.bytes,
        ]
    };
    let values = of(&comparison.a).into_iter().zip(of(&comparison.b));
    let last = kept.mail_rows.len() - 1;
    kept.mail_rows
        .iter()
        .zip(values)
        .enumerate()
        .map(|(n, (label, (a, b)))| {
            let shown = |value| if n == last { bytes(value) } else { number(value) };
            vec![(*label).to_owned(), shown(a), shown(b), growth(a, b)]
        })
        .collect()
}

/// `+12 %`; nothing where there was nothing.
#[expect(clippy::cast_precision_loss, reason = "whole percents are shown")]
fn growth(a: u64, b: u64) -> String {
    match (a, b) {
        (0, _) => String::new(),
        (a, b) if a == b => "=".to_owned(),
        (a, b) => match (b as f64 / a as f64 - 1.0) * 100.0 {
            change if change.abs() < 0.5 => "±0 %".to_owned(),
            change => format!("{change:+.0} %"),
        },
    }
}

fn traffic(comparison: &Comparison, direction: Direction, kept: &KeptLabels) -> String {
    let of = |side: &Side| number(side.traffic.get(direction.slug()).copied().unwrap_or(0));
    let label = if direction == Direction::Inbound { kept.taken } else { kept.tried };
    say(label, &[&of(&comparison.a), &of(&comparison.b)])
}

/// How many rows changed.
pub fn changes(comparison: &Comparison) -> usize {
    comparison.rows.iter().filter(|row| changed(row)).count()
}

const fn changed(row: &Change) -> bool {
    matches!(row.trend, Trend::New | Trend::Gone | Trend::Up | Trend::Down)
}

fn cells(row: &Change, knowledge: &Knowledge) -> Vec<String> {
    let kept = knowledge.language().kept();
    let what = match &row.subject {
        Subject::Cause { cause } => title_of(cause, knowledge),
        Subject::Provider { provider } => say(kept.provider_row, &[&provider_name(provider)]),
        Subject::Code { code, enhanced } => {
            let (code, name) = code_of(*code, enhanced.as_deref(), knowledge);
            format!("{code}  {name}")
        }
    };
    let share = |share: Option<f64>| share.map_or_else(String::new, percent);
    let factor = row.factor.filter(|_| row.a > 0 && row.b > 0);
    vec![
        trend_name(row.trend, kept).to_owned(),
        what,
        number(row.a),
        share(row.share_a),
        number(row.b),
        share(row.share_b),
        factor.map_or_else(String::new, |factor| format!("{factor:.2}")),
    ]
}

const fn trend_name(trend: Trend, kept: &KeptLabels) -> &'static str {
    let [new, gone, up, down, same, untold] = kept.trends;
    match trend {
        Trend::New => new,
        Trend::Gone => gone,
        Trend::Up => up,
        Trend::Down => down,
        Trend::Same => same,
        Trend::Untold => untold,
    }
}

const fn tone_of(trend: Trend) -> Tone {
    match trend {
        Trend::New | Trend::Up => Tone::Bad,
        Trend::Gone | Trend::Down => Tone::Good,
        Trend::Same | Trend::Untold => Tone::Faint,
    }
}

fn rule(comparison: &Comparison, kept: &KeptLabels) -> String {
    let rules = comparison.rules;
    let rows = number(comparison.rows.len() as u64);
    let alpha = format!("{:.0}", rules.alpha * 100.0);
    say(kept.rule, &[&alpha, &rows, &number(rules.least), &rules.factor])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_shows_text_as_it_is() {
        assert_eq!(escaped("a|b <i> [x](y) \u{1b}*"), r"a\|b \<i\> \[x\](y) \\x1b\*");
    }

    #[test]
    fn growth_reads_well() {
        for (a, b, want) in
            [(0, 5, ""), (5, 5, "="), (1000, 999, "±0 %"), (100, 112, "+12 %"), (100, 0, "-100 %")]
        {
            assert_eq!(growth(a, b), want, "{a} {b}");
        }
    }
}
