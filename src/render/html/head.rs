//! The top of the page: what was read, what may be wrong, what became of the mail; and its foot.

use super::super::tables::{TableName, table};
use super::{log, tables};
use crate::event::Bucket;
use crate::i18n::say;
use crate::render::layout::{bytes, number, percent};
use crate::render::text::filter_of;
use crate::render::{names, notes};
use crate::report::{Report, RunsSection, duration};
use maud::{Markup, html};

/// What the browser's tab says: the day and the host first, as tabs are narrow.
pub(super) fn title(report: &Report) -> String {
    let day = report.input.first.as_deref().and_then(|first| first.get(..10));
    let host = match report.input.hosts.as_slice() {
        [one] => one.name.as_str(),
        _ => "",
    };
    let parts = [report.language.page_labels().title, day.unwrap_or(""), host];
    let parts: Vec<_> = parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(|part| crate::render::sanitize::for_terminal(part).into_owned())
        .collect();
    parts.join(" · ")
}

pub(super) fn head(report: &Report) -> Markup {
    let (labels, input) = (report.language.labels(), &report.input);
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
    let hosts: Vec<&str> = input.hosts.iter().map(|host| host.name.as_str()).collect();
    let hosts =
        if hosts.is_empty() { String::new() } else { say(labels.of_hosts, &[&hosts.join(", ")]) };
    let files = match input.files.as_slice() {
        [one] => one.name.clone(),
        files => {
            let count = files.len() as u64;
            format!("{count} {}", labels.files.of(report.language, count))
        }
    };
    let read = say(
        labels.read_what,
        &[&files, &number(input.lines), &bytes(input.bytes), &hosts, &servers],
    );
    html! {
        h1 { (report.language.page_labels().title) }
        dl.read {
            dt { (labels.read) }
            dd { (log(&read)) }
            @if let (Some(first), Some(last)) = (&input.first, &input.last) {
                dt { (labels.period) }
                dd {
                    (say(labels.period_what, &[first, last, &duration(input.seconds, report.language)]))
                }
            }
            @if let Some(filter) = filter_of(report) {
                dt { (labels.filter) }
                dd.log { (log(&filter)) }
            }
            @if let Some(runs) = &report.runs {
                dt { (labels.runs) }
                dd { (since(report, runs)) }
            }
        }
    }
}

/// What the runs before left, and what became of it.
fn since(report: &Report, runs: &RunsSection) -> String {
    let labels = report.language.labels();
    match &runs.before {
        None => labels.runs_first.to_owned(),
        Some(before) => say(
            labels.runs_what,
            &[
                &number(runs.carried_over),
                before,
                &number(runs.earlier_deferrals_delivered),
                &number(runs.earlier_deferrals_given_up),
            ],
        ),
    }
}

pub(super) fn warnings(report: &Report) -> Markup {
    html! {
        @if !report.warnings.is_empty() {
            div.notice role="note" {
                h2 { (report.language.page_labels().warnings) }
                ul {
                    @for warning in &report.warnings {
                        li {
                            (log(&warning.text))
                            @if let (Some(file), Some(line)) = (&warning.file, warning.line) {
                                " " span.soft { (log(file)) ":" (line) }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn thresholds(report: &Report) -> Markup {
    let labels = report.language.labels();
    let alarm = report.thresholds.iter().any(|row| row.passed);
    html! {
        @if !report.thresholds.is_empty() {
            div.notice.alarm[alarm] role="note" {
                h2 { (labels.thresholds) }
                ul {
                    @for row in &report.thresholds {
                        @let value = if row.is_share { percent(row.value) } else { format!("{}", row.value) };
                        @let said = if row.passed { labels.passed } else { labels.not_passed };
                        li { (say(said, &[&row.threshold, &value])) }
                    }
                }
            }
        }
    }
}

/// What became of the mail: one tile a fate.
pub(super) fn mail(report: &Report) -> Option<Markup> {
    let (labels, mail) = (report.language.labels(), &report.mail);
    let lines = &report.lines;
    if mail.messages == 0 && lines.rejects + lines.login_failures == 0 {
        return None;
    }
    let tone = |fate: &str| match fate {
        "delivered" => "good",
        "queued" | "held" => "late",
        "bounced" | "expired" => "bad",
        _ => "",
    };
    let page = report.language.page_labels();
    let notes = notes::of_the_messages(report, labels);
    let door = say(
        labels.at_the_door,
        &[
            &number(lines.rejects),
            &labels.refusals.of(report.language, lines.rejects),
            &number(lines.login_failures),
            &labels.failed_logins.of(report.language, lines.login_failures),
        ],
    );
    Some(html! {
        p { (say(page.by_recipients, &[&number(mail.messages), &number(mail.recipients)])) }
        ul.tiles {
            @for row in &mail.fates {
                li class=(tone(&row.fate)) {
                    b { (number(row.recipients)) }
                    (names::fate(labels, &row.fate)) ", " (percent(row.share))
                    span {
                        (number(row.messages)) " " (labels.messages.of(report.language, row.messages))
                        @if row.fate == "delivered" && mail.delivered_after_deferral > 0 {
                            "; " (say(labels.after_deferral, &[&number(mail.delivered_after_deferral)]))
                        }
                    }
                }
            }
            @if report.notifications.messages > 0 {
                li { b { (number(report.notifications.messages)) } (labels.own_dsns) }
            }
        }
        @if let Some(notes) = &notes { p.soft { (notes) } }
        @if lines.rejects + lines.login_failures > 0 { p.soft { (door) } }
    })
}

/// The lines by bucket, and the files.
pub(super) fn lines(report: &Report) -> Markup {
    let (labels, input) = (report.language.labels(), &report.input);
    let count = |bucket: &Bucket| input.buckets.get(bucket.slug()).copied().unwrap_or(0);
    let buckets: Vec<String> = Bucket::ALL
        .iter()
        .zip(labels.buckets)
        .map(|(bucket, label)| format!("{label} {}", number(count(bucket))))
        .collect();
    let notes = [
        (input.duplicates, labels.duplicates),
        (input.cut_lines, labels.cut_lines),
        (input.invalid_bytes, labels.invalid_bytes),
    ];
    html! {
        p { (number(input.lines)) " = " (buckets.join(" + ")) }
        @for (count, label) in notes {
            @if count > 0 { p.soft { (say(label, &[&number(count)])) } }
        }
        (tables::table(&table(report, TableName::Files), report))
    }
}
