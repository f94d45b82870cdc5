//! A log that is being written, at a glance: one screen for a terminal, one line for everything else.
//!
//! The screen has as many lines as the terminal, none wrapped: counts so far and since the last drawing, what is
//! passed or wrong, the causes, and the failures that came last.

use super::layout::{Align, Look, Page, Tone, cut, number, percent};
use super::names;
use crate::i18n::{Labels, Language, texts};
use crate::report::{DirectionSection, Report};
use crate::smtp::Direction;
use crate::time::Time;
use std::collections::BTreeMap;

texts! {
    READ = "{0} lines of {1}", "строк {0}: {1}";
    PERIOD = "{0} to {1}", "{0} — {1}";
    FILES = "{0} files", "файлов {0}";
    NOTHING_YET = "nothing yet", "пока ничего";
    SO_FAR = "so far", "всего";
    SINCE = "last {0} s", "за {0} с";
    DELIVERED = "delivered", "доставлено";
    DEFERRED = "deferred", "отложено";
    GIVEN_UP = "given up", "возвращено";
    REFUSED = "refused", "отказов";
    LOGINS = "bad login", "не вошли";
    TROUBLE = "trouble", "сбоев";
    QUEUED = "queued", "в очереди";
    WHY = "why", "причина";
    LINES = "lines", "строк";
    NEW = "new", "новых";
    WHO = "who must act", "кто действует";
    OUT = "out", "исх.";
    IN = "in", "вх.";
    LOCAL = "local", "местн.";
    LATEST = "LATEST FAILURES", "ПОСЛЕДНИЕ ОТКАЗЫ";
    PASSED = "passed: {0} ({1})", "превышено: {0} ({1})";
    INCIDENT = "incident: {0}", "инцидент: {0}";
    FOOT = "Ctrl-C ends it and prints the report", "Ctrl-C — закончить и вывести отчёт";
    LINE = "{0}  lines +{1}; delivered {2}, deferred {3}, given up {4}; refused {5}, failed logins {6}; trouble {7}; queued {8}",
        "{0}  строк +{1}; доставлено {2}, отложено {3}, возвращено {4}; отказов {5}, неудачных входов {6}; сбоев {7}; в очереди {8}";
}

/// What a report counts, to tell what has been added since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    lines: u64,
    /// Recipients.
    delivered: u64,
    /// Attempts.
    deferred: u64,
    /// Recipients, by a refusal or because the time in the queue was over.
    given_up: u64,
    refused: u64,
    logins: u64,
    trouble: u64,
    /// Lines by direction and cause.
    causes: BTreeMap<(Direction, String), u64>,
}

impl Counts {
    /// Those of a report.
    pub fn of(report: &Report) -> Self {
        let lines = &report.lines;
        let causes = sections(report).into_iter().flat_map(|(direction, section)| {
            let rows = section.causes.iter();
            rows.map(move |row| ((direction, row.cause.clone()), row.lines))
        });
        let own = report.trouble.iter().filter(|row| row.severity != "warning");
        Self {
            lines: report.input.lines,
            delivered: fate(report, "delivered"),
            deferred: lines.attempts_by_status.get("deferred").copied().unwrap_or(0),
            given_up: fate(report, "bounced") + fate(report, "expired"),
            refused: lines.rejects,
            logins: lines.login_failures,
            trouble: own.map(|row| row.lines).sum(),
            causes: causes.collect(),
        }
    }

    fn since(&self, before: &Self) -> Self {
        let less = |of: fn(&Self) -> u64| of(self).saturating_sub(of(before));
        let new = |(key, lines): (&(Direction, String), &u64)| {
            let added = lines.saturating_sub(before.causes.get(key).copied().unwrap_or(0));
            (added > 0).then(|| (key.clone(), added))
        };
        Self {
            lines: less(|c| c.lines),
            delivered: less(|c| c.delivered),
            deferred: less(|c| c.deferred),
            given_up: less(|c| c.given_up),
            refused: less(|c| c.refused),
            logins: less(|c| c.logins),
            trouble: less(|c| c.trouble),
            causes: self.causes.iter().filter_map(new).collect(),
        }
    }

    fn columns(&self) -> [u64; 6] {
        let Self { delivered, deferred, given_up, refused, logins, trouble, .. } = *self;
        [delivered, deferred, given_up, refused, logins, trouble]
    }
}

fn sections(report: &Report) -> [(Direction, &DirectionSection); 3] {
    [
        (Direction::Outbound, &report.outbound),
        (Direction::Inbound, &report.inbound),
        (Direction::Local, &report.local),
    ]
}

/// Recipients whose mail has come to this.
fn fate(report: &Report, fate: &str) -> u64 {
    report.mail.fates.iter().find(|row| row.fate == fate).map_or(0, |row| row.recipients)
}

/// A failure as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// When, if the line says so.
    pub time: Option<Time>,
    /// Which way.
    pub direction: Direction,
    /// Reply code and enhanced status code; empty where there is none.
    pub code: String,
    /// Whom it is about.
    pub who: String,
    /// The stable word of its cause.
    pub cause: &'static str,
    /// What was said.
    pub text: String,
}

/// A moment of a log that is being written.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The report so far.
    pub report: &'a Report,
    /// The counts at the last drawing.
    pub before: &'a Counts,
    /// Seconds since then.
    pub seconds: u64,
    /// Now.
    pub now: Time,
}

/// How many causes a screen shows at most.
const MOST_CAUSES: usize = 10;

/// One screen of `rows` lines, each ended. `latest` comes latest first.
pub fn screen<'l>(
    moment: Moment<'_>,
    look: Look,
    rows: usize,
    latest: impl Iterator<Item = &'l Latest>,
) -> String {
    let Moment { report, before, seconds, now } = moment;
    let language = report.language;
    let labels = language.labels();
    let mut page = Page::new(look);
    let width = page.width();
    let files = match report.input.files.as_slice() {
        [one] => Page::log(&one.name, width / 2),
        files => FILES.say(language, &[&files.len()]),
    };
    let read = READ.say(language, &[&number(report.input.lines), &files]);
    let clock = now.to_string();
    let room = width.saturating_sub(clock.len() + 2);
    let title = format!("{:<room$}  {clock}", cut(&format!("mailwhy: {read}"), room));
    let title = page.tone(Tone::Strong, &title);
    page.line(&title);
    let period = match (&report.input.first, &report.input.last) {
        (Some(first), Some(last)) => PERIOD.say(language, &[first, last]),
        _ => NOTHING_YET.get(language).to_owned(),
    };
    page.line(&cut(&format!("  {period}"), width));
    page.gap();
    let counts = Counts::of(report);
    let new = counts.since(before);
    totals(&mut page, &counts, &new, (fate(report, "queued"), seconds), language);
    for row in report.thresholds.iter().filter(|row| row.passed) {
        let value = if row.is_share { percent(row.value) } else { format!("{}", row.value) };
        let text = PASSED.say(language, &[&Page::log(&row.threshold, 60), &value]);
        let text = page.tone(Tone::Bad, &cut(&format!("  ! {text}"), width));
        page.line(&text);
    }
    for row in report.incidents.iter().take(3) {
        let about = [row.cause_title.as_deref(), row.peer_name.as_deref()];
        let about: Vec<_> = about.into_iter().flatten().map(|text| Page::log(text, 60)).collect();
        let text = format!("{}: {}", row.title, about.join(", "));
        let text = INCIDENT.say(language, &[&text.trim_end_matches([':', ' '])]);
        let text = page.tone(Tone::Late, &cut(&format!("  ! {text}"), width));
        page.line(&text);
    }
    let mut text = page.finish();
    let used = text.lines().count();
    // A heading and its rule; the last lines are for the foot.
    let left = rows.saturating_sub(used + 6);
    text += &causes(report, &new, look, (left / 2).clamp(1, MOST_CAUSES), labels);
    let used = text.lines().count();
    let mut page = Page::new(look);
    let left = rows.saturating_sub(used + 4);
    let lines: Vec<_> = latest.take(left).map(|latest| line_of(latest, width, language)).collect();
    if !lines.is_empty() {
        page.heading(LATEST.get(language));
        for line in &lines {
            page.line(line);
        }
    }
    text += &page.finish();
    let mut lines: Vec<&str> = text.lines().take(rows.saturating_sub(1)).collect();
    lines.resize(rows.saturating_sub(1), "");
    let foot = Page::new(look).tone(Tone::Faint, FOOT.get(language));
    lines.push(&foot);
    lines.join("\n") + "\n"
}

fn totals(
    page: &mut Page,
    counts: &Counts,
    new: &Counts,
    (queued, seconds): (u64, u64),
    language: Language,
) {
    let names = [DELIVERED, DEFERRED, GIVEN_UP, REFUSED, LOGINS, TROUBLE, QUEUED];
    let mut columns = vec![("", Align::Left)];
    columns.extend(names.map(|name| (name.get(language), Align::Right)));
    let row = |name: String, counts: &Counts, mark: &str, queued: String| {
        let cells = counts.columns().map(|count| match (count, mark) {
            (0, "+") => "·".to_owned(),
            _ => format!("{mark}{}", number(count)),
        });
        [name].into_iter().chain(cells).chain([queued]).collect::<Vec<_>>()
    };
    let all = row(SO_FAR.get(language).to_owned(), counts, "", number(queued));
    let since = row(SINCE.say(language, &[&seconds]), new, "+", String::new());
    page.figures(&columns, vec![all, since]);
}

/// The causes with the most new lines, then those with the most lines.
fn causes(report: &Report, new: &Counts, look: Look, most: usize, labels: &Labels) -> String {
    let language = report.language;
    let mut rows: Vec<_> = sections(report)
        .into_iter()
        .flat_map(|(direction, section)| section.causes.iter().map(move |row| (direction, row)))
        .map(|(direction, row)| {
            let added = new.causes.get(&(direction, row.cause.clone())).copied().unwrap_or(0);
            (added, direction, row)
        })
        .collect();
    rows.sort_by_key(|(added, _, row)| std::cmp::Reverse((*added, row.lines)));
    let mut page = Page::new(look);
    let width = page.width();
    let cells = |(added, direction, row): &(u64, Direction, &crate::report::CauseRow)| {
        vec![
            cut(&row.title, width * 2 / 5),
            way(*direction, language).to_owned(),
            number(row.lines),
            if *added > 0 { format!("+{}", number(*added)) } else { "·".to_owned() },
            names::party(labels, &row.party).to_owned(),
        ]
    };
    let rows: Vec<_> = rows.iter().take(most).map(cells).collect();
    if rows.is_empty() {
        return String::new();
    }
    let columns = [
        (WHY.get(language), Align::Left),
        ("", Align::Left),
        (LINES.get(language), Align::Right),
        (NEW.get(language), Align::Right),
        (WHO.get(language), Align::Left),
    ];
    page.gap();
    page.table(&columns, rows);
    page.finish()
}

fn way(direction: Direction, language: Language) -> &'static str {
    match direction {
        Direction::Outbound => OUT,
        Direction::Inbound => IN,
        Direction::Local => LOCAL,
    }
    .get(language)
}

fn line_of(latest: &Latest, width: usize, language: Language) -> String {
    // Hours and minutes: the date stands above.
    let time = latest.time.map(|time| time.to_string());
    let clock = time.as_deref().and_then(|time| time.get(11..19)).unwrap_or("");
    let Latest { direction, code, who, cause, text, .. } = latest;
    let parts = [clock, way(*direction, language), code, who, cause];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let head = Page::log(&parts.join(" "), width);
    Page::log(&format!("  {head}: {}", Page::log(text, 500)), width)
}

/// What was added since the last line, in one.
pub fn line(moment: Moment<'_>) -> String {
    let Moment { report, before, now, .. } = moment;
    let language = report.language;
    let new = Counts::of(report).since(before);
    let [delivered, deferred, given_up, refused, logins, trouble] = new.columns().map(number);
    let mut text = LINE.say(
        language,
        &[
            &now,
            &number(new.lines),
            &delivered,
            &deferred,
            &given_up,
            &refused,
            &logins,
            &trouble,
            &number(fate(report, "queued")),
        ],
    );
    let mut causes: Vec<_> = new.causes.iter().collect();
    causes.sort_by_key(|(_, lines)| std::cmp::Reverse(**lines));
    for ((_, cause), lines) in causes.iter().take(3) {
        text.extend(["; ", cause.as_str(), " ", number(**lines).as_str()]);
    }
    for row in report.thresholds.iter().filter(|row| row.passed) {
        let value = if row.is_share { percent(row.value) } else { format!("{}", row.value) };
        text += "; ";
        text += &PASSED.say(language, &[&Page::log(&row.threshold, 60), &value]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_in_both_languages() {
        for (name, text) in ALL {
            assert_eq!(text.flaw(), None, "{name}: {text:?}");
        }
    }

    #[test]
    fn a_failure_is_one_safe_line() {
        let latest = Latest {
            time: Some(Time::from_parts(1_767_607_201, 0)),
            direction: Direction::Outbound,
            code: "550 5.1.1".to_owned(),
            who: "ann@example.com\u{1b}[2J".to_owned(),
            cause: "mailbox-unknown",
            text: format!("550 no\nsuch\u{202e} user {}", "x".repeat(300)),
        };
        for width in [40, 80, 120] {
            let line = line_of(&latest, width, Language::En);
            assert!(textwrap::core::display_width(&line) <= width, "{line}");
            assert!(!line.contains(['\n', '\u{1b}', '\u{202e}']), "{line:?}");
            assert!(line.starts_with("  10:00:01 out 550 5.1.1 ann@"), "{line}");
        }
    }
}
