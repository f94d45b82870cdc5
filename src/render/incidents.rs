//! Incidents as text: three lines each at the head of the report, a page of them for `mailwhy incidents`.

use super::layout::{Look, Page, Tone, number, percent};
use super::text::filter_of;
use crate::i18n::{Counted, IncidentLabels, Labels, Language, say};
use crate::report::{IncidentRow, Named, Report, SampleRow, duration};

/// How many names of each sort are shown.
pub(super) const NAMES: usize = 5;

/// Writes all incidents of a report with all that is known about them.
pub fn render(report: &Report, look: Look) -> String {
    let mut writer = Writer::new(Page::new(look), report.language);
    writer.head(report, false);
    for (index, row) in report.incidents.iter().enumerate() {
        if index > 0 {
            writer.page.gap();
        }
        writer.brief(index + 1, row);
        writer.details(row);
    }
    writer.foot(report);
    writer.page.finish()
}

/// Writes the incidents in brief; nothing where there are none.
pub(super) fn brief(page: Page, report: &Report) -> Page {
    let mut writer = Writer::new(page, report.language);
    if !report.incidents.is_empty() {
        writer.head(report, true);
        for (index, row) in report.incidents.iter().enumerate() {
            writer.brief(index + 1, row);
            let remedy = row.remedies.first().map_or("", |remedy| first_sentence(&remedy.text));
            writer.aside(remedy);
        }
        writer.foot(report);
    }
    writer.page
}

struct Writer {
    page: Page,
    language: Language,
    words: &'static IncidentLabels,
    labels: &'static Labels,
}

/// What lines below a title begin with.
const INDENT: &str = "     ";

impl Writer {
    fn new(page: Page, language: Language) -> Self {
        let (words, labels) = (language.incident_labels(), language.labels());
        Self { page, language, words, labels }
    }

    fn head(&mut self, report: &Report, brief: bool) {
        let count = report.incidents_found as u64;
        let what = self.words.incidents.of(self.language, count);
        let mut heading = say(self.words.heading, &[&number(count), &what]);
        if brief {
            heading = format!("{heading} {}", self.words.more_detail);
        }
        self.page.heading(&heading);
        if let Some(filter) = filter_of(report).filter(|_| !brief) {
            self.page.paragraph(&format!("  {}: ", self.labels.filter), &filter);
        }
        if let Some(hours) = report.baseline_hours.filter(|_| !brief) {
            self.page.paragraph("  ", &say(self.words.beside, &[&hours]));
        }
        if count == 0 {
            let short = report.input.seconds < 3 * 3600;
            let words = match report.baseline_hours {
                Some(_) => self.words.none_beside,
                None if short => self.words.no_norm,
                None => self.words.none,
            };
            self.page.paragraph("  ", words);
        }
    }

    fn foot(&mut self, report: &Report) {
        let more = report.incidents_found.saturating_sub(report.incidents.len());
        if more > 0 {
            self.aside(&say(self.words.more, &[&more]));
        }
    }

    fn aside(&mut self, text: &str) {
        self.page.paragraph(INDENT, text);
    }

    /// What it is, and when, how much and with what outcome.
    fn brief(&mut self, rank: usize, row: &IncidentRow) {
        let first = format!("{rank:>3}. ");
        self.page.paragraph(&first, &title_of(row));
        self.aside(&figures_of(row, self.language).join("; "));
    }

    fn details(&mut self, row: &IncidentRow) {
        let usual = usual_of(row, self.language);
        self.block(self.words.what, &format!("{} ({usual})", row.meaning));
        for (label, names) in [
            (self.words.codes, &row.codes),
            (self.words.receivers, &row.peers),
            (self.words.domains, &row.domains),
            (self.words.senders, &row.senders),
            (self.words.logins, &row.users),
            (self.words.clients, &row.clients),
        ] {
            self.names(label, names);
        }
        self.sample(self.words.first, row.first.as_ref());
        self.sample(self.words.last, row.last.as_ref());
        for remedy in &row.remedies {
            let by = party_name(self.labels, &remedy.by);
            self.block(
                self.labels.act,
                &format!("{} {}", say(self.labels.act_by, &[&by]), remedy.text),
            );
            for check in &remedy.checks {
                let line = format!("{INDENT}{:<9}  $ {}", "", Page::log(check, 400));
                self.page.line(&line);
            }
        }
    }

    fn names(&mut self, label: &str, names: &[Named]) {
        if names.is_empty() {
            return;
        }
        let mut shown: Vec<String> = names
            .iter()
            .take(NAMES)
            .map(|named| format!("{} {}", Page::log(&named.name, 60), number(named.lines)))
            .collect();
        if names.len() > NAMES {
            shown.push("…".to_owned());
        }
        self.block(label, &shown.join(", "));
    }

    fn sample(&mut self, label: &str, sample: Option<&SampleRow>) {
        if let Some(sample) = sample {
            let place = format!("{}:{}", Page::log(&sample.file, 60), sample.line);
            let text = Page::log(&sample.text, 240);
            self.block(label, &format!("{place}  {text}"));
        }
    }

    fn block(&mut self, label: &str, text: &str) {
        let label = self.page.tone(Tone::Faint, &format!("{label:<9}"));
        let first = format!("{INDENT}{label} ");
        // Escape sequences count as columns in what a paragraph begins with; words alone do not.
        if first.contains('\u{1b}') {
            self.page.paragraph(&format!("{INDENT}{:<9} ", ""), text);
        } else {
            self.page.paragraph(&first, text);
        }
    }
}

/// What it is, whom it is about, and why: `Throttled by a provider: Google (rate limit; 421 4.7.28)`.
pub(super) fn title_of(row: &IncidentRow) -> String {
    let mut title = row.title.clone();
    if let Some(who) = who_of(row) {
        title = format!("{title}: {who}");
    }
    let codes: Vec<&str> = row.codes.iter().take(2).map(|code| code.name.as_str()).collect();
    let why: Vec<String> = [row.cause_title.clone(), Some(codes.join(", "))]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    if !why.is_empty() {
        title = format!("{title} ({})", why.join("; "));
    }
    title
}

/// When, how much, and what became of it.
pub(super) fn figures_of(row: &IncidentRow, language: Language) -> Vec<String> {
    let words = language.incident_labels();
    let mut parts = vec![when(row, language), how_much(row, language)];
    parts.extend(row.share.map(|share| {
        let what = if row.kind == "queue-growth" { words.kept } else { words.share };
        say(what, &[&percent(share)])
    }));
    for (count, label) in
        [(row.recovered, words.late), (row.bounced, words.lost), (row.waiting, words.waiting)]
    {
        if let Some(count) = count.filter(|count| *count > 0) {
            parts.push(say(label, &[&number(count)]));
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// How many would have been usual in that time.
pub(super) fn usual_of(row: &IncidentRow, language: Language) -> String {
    say(language.incident_labels().usual, &[&tenths(row.usual)])
}

fn when(row: &IncidentRow, language: Language) -> String {
    let (words, lasted) = (language.incident_labels(), duration(row.seconds, language));
    if row.going_on {
        say(words.still_on, &[&row.since, &lasted])
    } else {
        say(words.from_to, &[&row.since, &row.until, &lasted])
    }
}

fn how_much(row: &IncidentRow, language: Language) -> String {
    let (words, labels) = (language.incident_labels(), language.labels());
    let counted = |count: u64, word: &Counted| (number(count), word.of(language, count));
    match (row.recipients, row.messages) {
        (Some(recipients), Some(messages)) => {
            let (recipients, word) = counted(recipients, &labels.recipients);
            let (messages, other) = counted(messages, &words.messages);
            say(words.of_messages, &[&recipients, &word, &messages, &other])
        }
        (None, Some(messages)) => {
            let (messages, word) = counted(messages, &words.messages);
            say(words.messages_only, &[&messages, &word])
        }
        _ => {
            let (lines, word) = counted(row.lines, &labels.lines);
            say(words.messages_only, &[&lines, &word])
        }
    }
}

/// Whom the title names.
fn who_of(row: &IncidentRow) -> Option<String> {
    let name = row
        .peer_name
        .as_deref()
        .or_else(|| {
            Some(row.users.first()?.name.as_str()).filter(|_| row.kind == "hijacked-account")
        })
        .or_else(|| Some(row.domains.first()?.name.as_str()).filter(|_| row.kind == "backscatter"))
        .or_else(|| {
            Some(row.senders.first()?.name.as_str())
                .filter(|_| row.kind == "own-domain-unresolvable")
        })?;
    Some(Page::log(name, 48))
}

fn party_name(labels: &Labels, slug: &str) -> String {
    let order = ["sender", "recipient", "own-admin", "remote-admin", "nobody"];
    order
        .iter()
        .position(|known| *known == slug)
        .and_then(|at| labels.parties.get(at))
        .map_or_else(|| slug.to_owned(), |name| (*name).to_owned())
}

/// A number with one decimal below ten.
fn tenths(value: f64) -> String {
    if value < 9.95 {
        format!("{value:.1}")
    } else {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
        number(value.round() as u64)
    }
}

/// Up to the first full stop that ends a sentence.
fn first_sentence(text: &str) -> &str {
    text.match_indices(". ").next().and_then(|(at, _)| text.get(..=at)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_have_a_decimal() {
        for (value, want) in [(0.04, "0.0"), (1.25, "1.2"), (9.99, "10"), (1234.4, "1 234")] {
            assert_eq!(tenths(value).replace(',', " "), want, "{value}");
        }
    }

    #[test]
    fn the_first_sentence_ends_with_its_stop() {
        assert_eq!(first_sentence("Stop it. Then ask."), "Stop it.");
        assert_eq!(first_sentence("Stop it."), "Stop it.");
    }
}
