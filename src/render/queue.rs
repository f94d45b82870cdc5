//! The queue as text: what it is, the oldest messages, then tables by domain, provider and cause; and its messages
//! as CSV.

use super::cell::{for_csv, io_error_of};
use super::layout::{Align, Look, Page, bytes, number};
use super::notes::counted;
use super::text::{filter_line, warning_lines};
use crate::i18n::queue::Labels;
use crate::i18n::{Language, say};
use crate::queue::{CauseRow, GroupRow, GroupSection, MessageRow, Next, Queue, RecipientRow};
use crate::report::duration;
use std::io::{self, Write};

/// Writes the queue.
pub fn render(queue: &Queue, look: Look, language: Language) -> String {
    let mut writer =
        Writer { page: Page::new(look), queue, language, labels: Labels::of(language) };
    writer.head();
    if queue.messages > 0 {
        writer.oldest();
        writer.causes();
        let labels = writer.labels;
        writer.groups(labels.domains, labels.domain_columns, labels.unknown_name, &queue.domains);
        writer.groups(
            labels.providers,
            labels.provider_columns,
            labels.other_provider,
            &queue.providers,
        );
    }
    writer.notes();
    writer.page.finish()
}

struct Writer<'q> {
    page: Page,
    queue: &'q Queue,
    language: Language,
    labels: &'static Labels,
}

impl Writer<'_> {
    fn head(&mut self) {
        let (queue, labels) = (self.queue, self.labels);
        if queue.messages == 0 {
            self.page.line(labels.nothing);
            filter_line(&mut self.page, queue.filter.as_deref(), self.language.labels());
            warning_lines(&mut self.page, &queue.warnings, self.language.labels());
            return;
        }
        let recipients = labels.for_recipients.of(self.language, queue.recipients);
        let heading = say(
            labels.heading,
            &[
                &queue.as_of.as_deref().unwrap_or(labels.no_time),
                &number(queue.messages),
                &labels.messages.of(self.language, queue.messages),
                &say(recipients, &[&number(queue.recipients)]),
                &if queue.bytes == 0 { String::new() } else { format!(", {}", bytes(queue.bytes)) },
            ],
        );
        self.page.title(&heading);
        filter_line(&mut self.page, queue.filter.as_deref(), self.language.labels());
        let notes = [
            (queue.held, labels.held_note),
            (queue.untried, labels.untried_note),
            (queue.notifications, labels.notifications_note),
        ];
        if let Some(notes) = counted(&notes) {
            self.page.paragraph("  ", &notes);
        }
        warning_lines(&mut self.page, &queue.warnings, self.language.labels());
    }

    fn notes(&mut self) {
        let (queue, labels) = (self.queue, self.labels);
        self.page.gap();
        if queue.oldest.iter().any(|row| row.next.at.is_some()) {
            let limit = |seconds| duration(seconds, self.language);
            let text = say(
                labels.estimate_rule,
                &[&limit(queue.backoff.minimal), &limit(queue.backoff.maximal)],
            );
            self.page.paragraph("", &text);
        }
        if queue.lost_track > 0 {
            let text = say(labels.lost_track_note, &[&number(queue.lost_track)]);
            self.page.paragraph("", &text);
        }
        if !queue.checks.is_empty() {
            let text = say(labels.only_the_log, &[&queue.checks.join(", ")]);
            self.page.paragraph("", &text);
        }
    }

    fn oldest(&mut self) {
        let (queue, labels) = (self.queue, self.labels);
        if queue.oldest.is_empty() {
            return;
        }
        self.page.heading(labels.oldest);
        for row in &queue.oldest {
            self.message(row);
        }
        let hidden = queue.messages - queue.oldest.len() as u64;
        if hidden > 0 {
            let text = say(labels.more_rows, &[&number(hidden), &queue.messages]);
            self.page.paragraph("  ", &text);
        }
    }

    fn age(&self, row: &MessageRow) -> String {
        let Some(age) = row.age else { return "?".to_owned() };
        let age = duration(age, self.language);
        if row.arrival_known { age } else { say(self.labels.at_least, &[&age]) }
    }

    fn message(&mut self, row: &MessageRow) {
        let labels = self.labels;
        let sender = match row.sender.as_deref() {
            _ if row.notification => labels.own_notification.to_owned(),
            Some("") => labels.null_sender.to_owned(),
            Some(sender) => Page::log(sender, 60),
            None => labels.unknown_sender.to_owned(),
        };
        let mut facts = vec![self.age(row), Page::log(&row.queue_id, 40)];
        facts.extend(row.size.map(bytes));
        facts.push(say(labels.from, &[&sender]));
        if row.held {
            facts.push(labels.on_hold.to_owned());
        }
        let line = facts.join(", ");
        self.page.paragraph("  ", &line);
        for recipient in &row.recipients {
            self.recipient(recipient);
        }
        if row.recipients_left_out > 0 {
            let text = say(labels.left_out, &[&number(row.recipients_left_out)]);
            self.page.paragraph("      ", &text);
        }
        if row.recipients.is_empty() {
            self.page.paragraph("    → ", labels.not_tried);
        } else if row.untried > 0 {
            self.page.paragraph("      ", &say(labels.untried, &[&number(row.untried)]));
        }
        let next = self.next(&row.next);
        let check = row.check.as_ref().map(|check| say(labels.check, &[check]));
        let both = format!("{next}; {}", check.as_deref().unwrap_or_default());
        // A command is copied: it must not be broken.
        let lines = if both.chars().count() + 6 <= self.page.width() || check.is_none() {
            vec![both.trim_end_matches("; ").to_owned()]
        } else {
            std::iter::once(next).chain(check).collect()
        };
        for line in lines {
            self.page.paragraph("      ", &line);
        }
    }

    fn recipient(&mut self, row: &RecipientRow) {
        let labels = self.labels;
        let mut facts = vec![Page::log(&row.address, 70)];
        if row.tries == 0 {
            facts.push(labels.not_tried.to_owned());
        } else {
            let tries = labels.tries.of(self.language, row.tries.into());
            facts.push(say(tries, &[&row.tries]));
            facts.extend(row.last_try.iter().map(|at| say(labels.last_at, &[at])));
        }
        self.page.paragraph("    → ", &facts.join(", "));
        let Some(failure) = &row.failure else { return };
        let party = failure.party.map_or("", |slug| party(self.language, slug));
        let why = if party.is_empty() {
            failure.title.clone()
        } else {
            format!("{} ({party})", failure.title)
        };
        let text = Page::log(&failure.text, 160);
        let place = format!("{}:{}", Page::log(&failure.file, 60), failure.line);
        self.page.paragraph("      ", &format!("{why}: {text} [{place}]"));
    }

    fn next(&self, next: &Next) -> String {
        let labels = self.labels;
        let what = match (next.basis, &next.at) {
            ("held", _) => labels.next_held.to_owned(),
            ("not-logged", _) => labels.next_not_logged.to_owned(),
            (_, Some(at)) if next.seconds.is_some_and(|s| s < 0) => say(labels.next_due, &[at]),
            (_, Some(at)) => say(labels.next_estimate, &[at]),
            _ => labels.next_never_tried.to_owned(),
        };
        say(labels.next, &[&what])
    }

    fn oldest_of(&self, age: Option<i64>) -> String {
        age.map_or_else(|| "?".to_owned(), |age| duration(age, self.language))
    }

    fn causes(&mut self) {
        let labels = self.labels;
        let rows = self.queue.causes.iter().map(|row: &CauseRow| {
            vec![
                row.title.clone().unwrap_or_else(|| labels.not_tried.to_owned()),
                number(row.recipients),
                number(row.messages),
                self.oldest_of(row.oldest),
                row.party.map_or("", |slug| party(self.language, slug)).to_owned(),
            ]
        });
        let rows = rows.collect();
        self.page.heading(labels.causes);
        self.page.table(&columns(labels.cause_columns), rows);
    }

    fn groups(
        &mut self,
        title: &str,
        names: [&'static str; 5],
        unknown: &str,
        section: &GroupSection,
    ) {
        if section.rows.iter().all(|row| row.name.is_none()) {
            return;
        }
        let about = if section.error > 0 { "≈" } else { "" };
        let rows = section.rows.iter().map(|row: &GroupRow| {
            vec![
                row.name.as_deref().map_or_else(|| unknown.to_owned(), |name| Page::log(name, 60)),
                format!("{about}{}", number(row.recipients)),
                format!("{about}{}", number(row.messages)),
                self.oldest_of(row.oldest),
                row.title.clone().unwrap_or_default(),
            ]
        });
        let rows = rows.collect();
        self.page.heading(title);
        self.page.table(&columns(names), rows);
        let labels = self.language.labels();
        let hidden = section.total - section.rows.len();
        let text = match (section.error, hidden) {
            (0, 0) => return,
            (0, hidden) => say(labels.more, &[&number(hidden as u64)]),
            (error, hidden) => {
                say(labels.too_many_names, &[&number(error), &number(hidden as u64)])
            }
        };
        self.page.paragraph("  ", &text);
    }
}

/// What a party is called.
pub(super) fn party(language: Language, slug: &str) -> &'static str {
    let [sender, recipient, own, remote, nobody] = language.labels().parties;
    match slug {
        "sender" => sender,
        "recipient" => recipient,
        "own-admin" => own,
        "remote-admin" => remote,
        _ => nobody,
    }
}

fn columns(names: [&'static str; 5]) -> Vec<(&'static str, Align)> {
    let aligns = [Align::Left, Align::Right, Align::Right, Align::Right, Align::Left];
    names.into_iter().zip(aligns).collect()
}

/// The columns of the CSV form.
const COLUMNS: [&str; 22] = [
    "queue_id",
    "host",
    "mta",
    "since",
    "arrival_known",
    "age",
    "size",
    "sender",
    "held",
    "notification",
    "recipient",
    "tries",
    "last_try",
    "cause",
    "party",
    "code",
    "enhanced",
    "text",
    "file",
    "line",
    "next_try",
    "next_basis",
];

/// Writes the messages as CSV: a row for each recipient who waits; for those whom no line names one row, without a
/// name.
///
/// # Errors
///
/// What the writer says.
pub fn write_csv(out: impl Write, queue: &Queue) -> io::Result<()> {
    let mut out = csv::WriterBuilder::new().from_writer(out);
    out.write_record(COLUMNS).map_err(io_error_of)?;
    for row in &queue.oldest {
        let unnamed = (row.recipients.is_empty() || row.untried > 0).then_some(None);
        for recipient in row.recipients.iter().map(Some).chain(unnamed) {
            out.write_record(record(row, recipient)).map_err(io_error_of)?;
        }
    }
    out.flush()
}

fn record(row: &MessageRow, recipient: Option<&RecipientRow>) -> [String; COLUMNS.len()] {
    let log = |text: Option<&str>| for_csv(text.unwrap_or_default()).into_owned();
    let own = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let figure = |figure: Option<u64>| figure.map_or_else(String::new, |n| n.to_string());
    let failure = recipient.and_then(|recipient| recipient.failure.as_ref());
    [
        log(Some(&row.queue_id)),
        log(row.host.as_deref()),
        own(row.mta),
        own(row.since.as_deref()),
        row.arrival_known.to_string(),
        row.age.map_or_else(String::new, |age| age.to_string()),
        figure(row.size),
        log(row.sender.as_deref()),
        row.held.to_string(),
        row.notification.to_string(),
        log(recipient.map(|recipient| recipient.address.as_str())),
        recipient.map_or(0, |recipient| recipient.tries).to_string(),
        own(recipient.and_then(|recipient| recipient.last_try.as_deref())),
        own(failure.map(|failure| failure.cause)),
        own(failure.and_then(|failure| failure.party)),
        figure(failure.and_then(|failure| failure.code).map(u64::from)),
        own(failure.and_then(|failure| failure.enhanced.as_deref())),
        log(failure.map(|failure| failure.text.as_str())),
        log(failure.map(|failure| failure.file.as_str())),
        figure(failure.map(|failure| failure.line)),
        own(row.next.at.as_deref()),
        row.next.basis.to_owned(),
    ]
}
