//! The history as text and as CSV.

use super::cell::{for_csv, io_error_of};
use super::digest::title_of;
use super::layout::{Align, Look, Page, cut, number};
use crate::digest::{CauseSum, Digest, Grain, MailCounts, RowCounts, TrafficCounts, View};
use crate::i18n::say;
use crate::knowledge::Knowledge;
use crate::smtp::{Direction, ReplyCode};
use crate::time::Time;
use std::io::{self, Write};
use textwrap::core::display_width;

/// Writes one row a period; `periods` are the begins with what happened in each.
pub fn text(periods: &[(i64, View)], whole: &View, knowledge: &Knowledge, look: Look) -> String {
    let language = knowledge.language();
    let kept = language.kept();
    let mut page = Page::new(look);
    let (Some(first), Some(last)) = (&whole.first, &whole.last) else {
        page.line(kept.history_empty);
        return page.finish();
    };
    let [hour, day, week, all] = kept.grains;
    let grain = match whole.grain {
        Grain::Hour => hour,
        Grain::Day => day,
        Grain::Week => week,
        Grain::Whole => all,
    };
    let hosts = whole.hosts.len() as u64;
    let counted = kept.hosts.of(language, hosts);
    let what = say(kept.history_what, &[first, last, &grain, &number(hosts), &counted]);
    page.paragraph(&format!("{}  ", kept.history), &what);
    page.gap();
    let mut rows: Vec<Vec<String>> = periods
        .iter()
        .map(|(begin, view)| {
            let counts = &view.mail.counts;
            let refused = view.directions.iter().map(|direction| direction.traffic.rejected);
            vec![
                date(*begin),
                number(view.mail.recipients),
                number(counts.ever_deferred),
                number(counts.bounced.saturating_add(counts.expired)),
                number(refused.fold(0, u64::saturating_add)),
            ]
        })
        .collect();
    // What the other columns leave to the last one: three blanks between two, and the edges.
    let wide = |n: usize| {
        let cells = rows.iter().filter_map(|row| row.get(n)).map(String::as_str);
        let name = kept.history_columns.get(n).copied();
        cells.chain(name).map(display_width).max().unwrap_or(0)
    };
    let last = kept.history_columns.len() - 1;
    let used: usize = (0..last).map(|n| wide(n) + 3).sum();
    let room = page.width().saturating_sub(used + 4).max(16);
    for (row, (_, view)) in rows.iter_mut().zip(periods) {
        row.push(most_lines(view).map_or_else(String::new, |most| {
            let title = title_of(&most.cause, knowledge);
            cut(&format!("{} {title}", number(most.lines)), room)
        }));
    }
    let align = |n| if n == 0 || n == last { Align::Left } else { Align::Right };
    let names = kept.history_columns.into_iter().enumerate();
    let columns: Vec<_> = names.map(|(n, name)| (name, align(n))).collect();
    page.table(&columns, rows);
    page.finish()
}

/// The cause with the most lines; of equals the first in the order of directions and names.
fn most_lines(view: &View) -> Option<&CauseSum> {
    let causes = view.directions.iter().flat_map(|direction| &direction.causes);
    causes.reduce(|most, row| if row.lines > most.lines { row } else { most })
}

fn date(seconds: i64) -> String {
    Time::from_parts(seconds, 0).to_string().chars().take(10).collect()
}

/// Writes all counts, one row each: `table` says of which of the three tables it is, and the counts of the other two
/// are empty.
///
/// # Errors
///
/// What the writer says.
pub fn csv(digest: &Digest, out: impl Write) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    let keys =
        ["period", "table", "host", "direction", "cause", "code", "enhanced", "provider", "kind"];
    let named = |table: &str, names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("{table}_{name}")).collect()
    };
    let header: Vec<String> = keys.into_iter().map(str::to_owned).collect();
    let header = [
        header,
        named("answers", RowCounts::NAMES),
        named("traffic", TrafficCounts::NAMES),
        named("mail", MailCounts::NAMES),
    ]
    .concat();
    out.write_record(&header).map_err(io_error_of)?;
    let before = [0, RowCounts::NAMES.len(), RowCounts::NAMES.len() + TrafficCounts::NAMES.len()];
    let all = header.len() - keys.len();
    let mut write = |table: usize, words: [&str; 7], period: i64, counts: Vec<u64>| {
        let name = ["answers", "traffic", "mail"].get(table).copied().unwrap_or("");
        let mut row = vec![Time::from_parts(period, 0).to_string(), name.to_owned()];
        row.extend(words.into_iter().map(|word| for_csv(word).into_owned()));
        let skipped = before.get(table).copied().unwrap_or(0);
        row.extend(std::iter::repeat_n(String::new(), skipped));
        let rest = all - skipped - counts.len();
        row.extend(counts.into_iter().map(|count| count.to_string()));
        row.extend(std::iter::repeat_n(String::new(), rest));
        out.write_record(&row).map_err(io_error_of)
    };
    for (key, counts) in &digest.rows {
        let code = key.code.map_or_else(String::new, |code| ReplyCode::value(code).to_string());
        let enhanced = key.enhanced.map_or_else(String::new, |code| code.to_string());
        let cause = key.cause.as_deref().unwrap_or("");
        let provider = key.provider.as_deref().unwrap_or("");
        let direction = key.direction.slug();
        let words = [&key.host, direction, cause, &code, &enhanced, provider, ""];
        write(0, words, key.period, counts.values())?;
    }
    for (key, counts) in &digest.traffic {
        let provider = key.provider.as_deref().unwrap_or("");
        let words = [&key.host, Direction::slug(key.direction), "", "", "", provider, ""];
        write(1, words, key.period, counts.values())?;
    }
    for (key, counts) in &digest.mail {
        let words = [&key.host, "", "", "", "", "", key.kind.slug()];
        write(2, words, key.period, counts.values())?;
    }
    out.flush()
}
