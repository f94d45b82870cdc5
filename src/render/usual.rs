//! The report's section about what is usual, as text.

use super::layout::{Align, Page, Tone, number};
use crate::digest::{Deviation, UsualRow};
use crate::i18n::{KeptLabels, Language, say};
use crate::report::UsualSection;
use crate::smtp::Direction;

/// Writes the section: traffic, and the causes that deviate.
pub(super) fn write(page: &mut Page, usual: &UsualSection, language: Language) {
    let kept = language.kept();
    let weekday = kept.weekdays.get(usize::from(usual.weekday)).copied().unwrap_or("");
    page.heading(&say(kept.usual, &[&weekday]));
    let clock = |time: &str| time.get(11..16).unwrap_or(time).to_owned();
    // The end of the day is not the begin of the same one.
    let to = if clock(&usual.to) == "00:00" { "24:00".to_owned() } else { clock(&usual.to) };
    let days = number(usual.days.len() as u64);
    page.paragraph("  ", &say(kept.usual_what, &[&usual.day, &clock(&usual.from), &to, &days]));
    let traffic = usual.traffic.iter().map(|row| {
        let [outbound, inbound, local] = kept.traffic_rows;
        let what = match row.direction {
            Direction::Outbound => outbound,
            Direction::Inbound => inbound,
            Direction::Local => local,
        };
        cells(page, row, what, kept)
    });
    let mut rows: Vec<_> = traffic.collect();
    let deviates = |row: &UsualRow| matches!(row.deviation, Deviation::Above | Deviation::Below);
    let causes: Vec<_> = usual.causes.iter().filter(|cause| deviates(&cause.row)).collect();
    let none = causes.is_empty();
    rows.extend(causes.into_iter().map(|cause| cells(page, &cause.row, &cause.title, kept)));
    let aligned = [Align::Left, Align::Right, Align::Right, Align::Right, Align::Left];
    let columns: Vec<_> = kept.usual_columns.into_iter().zip(aligned).collect();
    let unknown = |row: &UsualRow| row.deviation == Deviation::Unknown;
    let few = usual.traffic.iter().any(unknown) || usual.causes.iter().any(|c| unknown(&c.row));
    page.table(&columns, rows);
    if few {
        page.paragraph("  ", kept.usual_few);
    } else if none {
        page.paragraph("  ", kept.usual_none);
    }
}

fn cells(page: &Page, row: &UsualRow, what: &str, kept: &KeptLabels) -> Vec<String> {
    let [outbound, inbound, local] = kept.directions;
    let direction = match row.direction {
        Direction::Outbound => outbound,
        Direction::Inbound => inbound,
        Direction::Local => local,
    };
    let [above, below, usual, _] = kept.deviations;
    let (word, tone) = match row.deviation {
        Deviation::Above => (above, Tone::Bad),
        Deviation::Below => (below, Tone::Late),
        Deviation::Usual => (usual, Tone::Faint),
        Deviation::Unknown => ("", Tone::Faint),
    };
    let range = if row.least == row.most {
        number(row.least)
    } else {
        format!("{} – {}", number(row.least), number(row.most))
    };
    vec![
        format!("{direction}: {}", Page::log(what, 60)),
        number(row.today),
        number(row.usual),
        range,
        if word.is_empty() { String::new() } else { page.tone(tone, word) },
    ]
}
