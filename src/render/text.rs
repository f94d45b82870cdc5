//! The report as text: one screen first, details below; 80 columns are enough.

use super::layout::{Align, Look, Page, Tone, bars, bytes, number, percent};
use crate::report::{CodeRow, DirectionSection, MailSection, Named, Report, SampleRow, duration};
use crate::summary::{Counts, DistinctCount};

/// How much of the report is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Rows of each list.
    pub top: usize,
    /// All codes with their texts, not only the most frequent ones.
    pub detail: bool,
    /// The shapes of lines that were not understood.
    pub shapes: bool,
}

/// Writes the report.
pub fn render(report: &Report, look: Look, extent: Extent) -> String {
    let mut page = Page::new(look);
    head(&mut page, report);
    warnings(&mut page, report);
    fates(&mut page, report);
    let parts: [(&str, &str, &DirectionSection); 3] = [
        ("OUTBOUND: what other servers told us", "attempts", &report.outbound),
        ("INBOUND: what we told our clients", "refusals", &report.inbound),
        ("LOCAL: delivery on this machine", "attempts", &report.local),
    ];
    for (title, what, section) in parts {
        direction(&mut page, title, what, section, extent);
    }
    time(&mut page, report);
    names(&mut page, report, extent);
    for (title, section) in
        [("OUTBOUND", &report.outbound), ("INBOUND", &report.inbound), ("LOCAL", &report.local)]
    {
        code_details(&mut page, title, section, extent);
    }
    trouble(&mut page, report, extent);
    shapes(&mut page, report, extent);
    foot(&mut page, report);
    page.finish()
}

fn head(page: &mut Page, report: &Report) {
    let input = &report.input;
    let hosts: Vec<String> = input.hosts.iter().take(4).map(|h| Page::log(&h.name, 40)).collect();
    let hosts = match input.hosts.len() {
        0 => String::new(),
        n if n > 4 => format!(" of {} and more", hosts.join(", ")),
        _ => format!(" of {}", hosts.join(", ")),
    };
    let servers: Vec<String> = input
        .mta
        .iter()
        .map(|(mta, lines)| {
            let name = if mta == "postfix" { "Postfix" } else { "Exim" };
            format!("{name} {}", number(*lines))
        })
        .collect();
    let files = match input.files.as_slice() {
        [one] => Page::log(&one.name, 60),
        files => format!("{} files", files.len()),
    };
    page.paragraph(
        "Read    ",
        &format!(
            "{files}: {} lines, {}{hosts}; lines of {}",
            number(input.lines),
            bytes(input.bytes),
            if servers.is_empty() { "no mail server".to_owned() } else { servers.join(", ") },
        ),
    );
    if let (Some(first), Some(last)) = (&input.first, &input.last) {
        page.paragraph("Period  ", &format!("{first} to {last} ({})", duration(input.seconds)));
    }
}

fn warnings(page: &mut Page, report: &Report) {
    if report.warnings.is_empty() {
        return;
    }
    page.heading("The figures may be wrong:");
    for warning in &report.warnings {
        let place = match (&warning.file, warning.line) {
            (Some(file), Some(line)) => format!(" [{}:{line}]", Page::log(file, 60)),
            _ => String::new(),
        };
        page.paragraph("  ! ", &format!("{}{place}", Page::log(&warning.text, 1000)));
    }
}

fn fate_label(fate: &str) -> &str {
    match fate {
        "queued" => "still queued (deferred)",
        "expired" => "expired (lifetime ended)",
        "removed" => "removed by hand",
        "unknown" => "end not in the log",
        other => other,
    }
}

fn fates(page: &mut Page, report: &Report) {
    let mail = &report.mail;
    page.heading(&format!(
        "MAIL: what became of {} {} for {} {}",
        number(mail.messages),
        plural(mail.messages, "message", "messages"),
        number(mail.recipients),
        plural(mail.recipients, "recipient", "recipients"),
    ));
    let mut rows = fate_rows(mail);
    if !report.notifications.fates.is_empty() || report.notifications.messages > 0 {
        let dsn = &report.notifications;
        let of = |fate: &str| {
            dsn.fates.iter().find(|row| row.fate == fate).map_or(0, |row| row.recipients)
        };
        rows.push(vec![
            "own notifications (DSNs)".to_owned(),
            number(dsn.recipients),
            String::new(),
            number(dsn.messages),
            format!("{} delivered", number(of("delivered"))),
        ]);
    }
    page.table(
        &[
            ("recipients", Align::Left),
            ("count", Align::Right),
            ("share", Align::Right),
            ("messages*", Align::Right),
            ("of which", Align::Left),
        ],
        rows,
    );
    let mut notes = Vec::new();
    if mail.began_before > 0 {
        notes.push(format!("{} began before the log", number(mail.began_before)));
    }
    if mail.without_end > 0 {
        notes.push(format!("{} have no end in it", number(mail.without_end)));
    }
    if report.reinjected > 0 {
        notes.push(format!(
            "{} came back from a content filter and are counted once",
            number(report.reinjected)
        ));
    }
    if report.incomplete > 0 {
        notes.push(format!(
            "{} more transactions left no message (refused or broken off)",
            number(report.incomplete)
        ));
    }
    if report.lost_track > 0 {
        notes.push(format!("{} were lost sight of", number(report.lost_track)));
    }
    if !notes.is_empty() {
        page.paragraph("  ", &format!("Of the messages {}.", notes.join("; ")));
    }
    page.paragraph(
        "  ",
        "* messages with at least one such recipient; one message may be in several rows",
    );
    let lines = &report.lines;
    if lines.rejects + lines.login_failures > 0 {
        page.paragraph(
            "  ",
            &format!(
                "At the door: {} {} of clients, {} failed {}; these are no recipients of ours.",
                number(lines.rejects),
                plural(lines.rejects, "refusal", "refusals"),
                number(lines.login_failures),
                plural(lines.login_failures, "login", "logins"),
            ),
        );
    }
}

fn fate_rows(mail: &MailSection) -> Vec<Vec<String>> {
    mail.fates
        .iter()
        .map(|row| {
            let of_which = match row.fate.as_str() {
                "delivered" if mail.delivered_after_deferral > 0 => {
                    format!("{} after a deferral", number(mail.delivered_after_deferral))
                }
                _ => String::new(),
            };
            vec![
                fate_label(&row.fate).to_owned(),
                number(row.recipients),
                percent(row.share),
                number(row.messages),
                of_which,
            ]
        })
        .collect()
}

fn class_label(class: &str) -> &str {
    match class {
        "2xx" => "2xx accepted",
        "3xx" => "3xx go on",
        "4xx" => "4xx try later",
        "5xx" => "5xx refused",
        "other" => "other numbers",
        _ => "no reply code in the log",
    }
}

fn tone_of(class: Option<u8>) -> Tone {
    match class {
        Some(2 | 3) => Tone::Good,
        Some(4) => Tone::Late,
        Some(_) => Tone::Bad,
        None => Tone::Faint,
    }
}

fn direction(page: &mut Page, title: &str, what: &str, section: &DirectionSection, extent: Extent) {
    if section.codes.is_empty() {
        return;
    }
    page.heading(title);
    let classes: Vec<String> = section
        .classes
        .iter()
        .map(|row| {
            format!("{} {} ({})", class_label(&row.class), number(row.lines), percent(row.share))
        })
        .collect();
    page.paragraph("  ", &format!("{what}: {}", classes.join(", ")));
    let inbound = what == "refusals";
    let shown: Vec<&CodeRow> =
        section.codes.iter().take(if extent.detail { usize::MAX } else { extent.top }).collect();
    let rows = shown
        .iter()
        .map(|row| {
            let (third, fourth) = if inbound {
                (approximate(row.clients), approximate(row.addresses))
            } else {
                (number(row.messages), number(row.recipients))
            };
            vec![
                page.tone(tone_of(row.class), &code_label(row)),
                number(row.lines),
                number(row.replies),
                third,
                fourth,
                row.name.clone(),
            ]
        })
        .collect();
    let columns: [(&str, Align); 6] = if inbound {
        [
            ("code", Align::Left),
            ("lines", Align::Right),
            ("replies", Align::Right),
            ("clients", Align::Right),
            ("rcpts", Align::Right),
            ("meaning", Align::Left),
        ]
    } else {
        [
            ("code", Align::Left),
            ("attempts", Align::Right),
            ("replies", Align::Right),
            ("mails", Align::Right),
            ("rcpts", Align::Right),
            ("meaning", Align::Left),
        ]
    };
    page.table(&columns, rows);
    let hidden = section.codes.len() - shown.len();
    if hidden > 0 {
        page.line(&format!("  {hidden} more; --detail shows all"));
    }
}

/// `550 5.1.1`; in brackets what is no reply of the wire: Postfix's own `dsn=`, an implied code.
fn code_label(row: &CodeRow) -> String {
    let stated = row.code.map(|code| code.to_string());
    match (stated, row.implied_code, &row.enhanced, &row.no_reply) {
        (Some(code), _, Some(enhanced), _) => format!("{code} {enhanced}"),
        (Some(code), _, None, _) => code,
        (None, _, Some(enhanced), Some(_)) => format!("none ({enhanced})"),
        (None, _, Some(enhanced), None) => format!("? {enhanced}"),
        (None, Some(implied), None, _) => format!("? ({implied})"),
        (None, None, None, Some(_)) => "none".to_owned(),
        (None, None, None, None) => "?".to_owned(),
    }
}

fn approximate(count: Option<DistinctCount>) -> String {
    match count {
        Some(count) if count.exact => number(count.count),
        Some(count) => format!("≈{}", number(count.count)),
        None => String::new(),
    }
}

fn code_details(page: &mut Page, title: &str, section: &DirectionSection, extent: Extent) {
    // Success needs no remedy.
    let rows: Vec<&CodeRow> = section
        .codes
        .iter()
        .filter(|row| extent.detail || !matches!(row.class, Some(2 | 3)))
        .take(if extent.detail { usize::MAX } else { extent.top })
        .collect();
    if rows.is_empty() {
        return;
    }
    page.heading(&format!("{title}, code by code"));
    for row in rows {
        page.gap();
        code_detail(page, row, extent);
    }
}

fn code_detail(page: &mut Page, row: &CodeRow, extent: Extent) {
    let label = page.tone(tone_of(row.class), &code_label(row));
    let silence = row.no_reply.as_ref().map_or(String::new(), |s| format!(" [{s}]"));
    page.paragraph("", &format!("{label}  {}{silence}", row.name));
    let repeated = if row.repeated > 0 {
        format!(", {} of them quoting an earlier reply", number(row.repeated))
    } else {
        String::new()
    };
    let passing = if row.passing > 0 {
        format!(", {} told in passing", number(row.passing))
    } else {
        String::new()
    };
    page.paragraph(
        "  what    ",
        &format!(
            "{} {}{repeated}{passing}. {}",
            number(row.lines),
            plural(row.lines, "line", "lines"),
            row.meaning
        ),
    );
    if !row.peers.is_empty() {
        page.paragraph("  who     ", &peers(&row.peers, row.peers_error, 5));
    }
    if let Some(sample) = &row.sample {
        page.paragraph("  sample  ", &sample_line(sample, page.width() * 3));
    }
    if row.texts_total > 1 {
        let most = if extent.detail { extent.top } else { 3 };
        page.line(&format!(
            "  texts   {}{}",
            if row.texts_error > 0 { "at least " } else { "" },
            number(row.texts_total as u64)
        ));
        for text in row.texts.iter().take(most) {
            let count = number(text.lines);
            page.paragraph(
                &format!("    {count:>6}  "),
                &Page::log(&text.template, page.width() * 2),
            );
        }
    }
    if !row.remedy.is_empty() && !matches!(row.class, Some(2 | 3)) {
        page.paragraph("  do      ", &row.remedy);
        for check in &row.checks {
            page.line(&format!("          $ {check}"));
        }
    }
}

fn sample_line(sample: &SampleRow, most: usize) -> String {
    format!("{}:{}: {}", Page::log(&sample.file, 80), sample.line, Page::log(&sample.text, most))
}

fn peers(names: &[Named], error: u64, most: usize) -> String {
    let approximate = if error > 0 { "≈" } else { "" };
    let mut parts: Vec<String> = names
        .iter()
        .take(most)
        .map(|n| format!("{} {approximate}{}", Page::log(&n.name, 60), number(n.lines)))
        .collect();
    if names.len() > most {
        parts.push("…".to_owned());
    }
    parts.join(", ")
}

/// A label, and which of the counts it shows.
type Series = (&'static str, fn(&Counts) -> u64);

fn time(page: &mut Page, report: &Report) {
    let steps = &report.timeline;
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return };
    if steps.len() < 2 {
        return;
    }
    page.heading("TIME");
    let columns = page.width().saturating_sub(22).clamp(20, 100);
    let line = |label: &str, values: &[Counts], pick: fn(&Counts) -> u64| {
        let values: Vec<u64> = values.iter().map(pick).collect();
        let most = values.iter().copied().max().unwrap_or(0);
        (most > 0).then(|| format!("  {label:<10} {} {}", bars(&values), number(most)))
    };
    let series: [Series; 5] = [
        ("received", |c| c.received),
        ("delivered", |c| c.delivered),
        ("deferred", |c| c.deferred),
        ("bounced", |c| c.bounced),
        ("rejected", |c| c.rejected),
    ];
    let (folded, seconds) = fold(report, columns);
    page.paragraph(
        "  ",
        &format!(
            "{} to {}, {} a column; the number is the largest column",
            first.begin,
            last.begin,
            duration(seconds)
        ),
    );
    for (label, pick) in series {
        if let Some(text) = line(label, &folded, pick) {
            page.line(&text);
        }
    }
    if report.input.seconds > 86_400 {
        page.line("  by hour of the day, 0 to 23");
        for (label, pick) in series {
            if let Some(text) = line(label, &report.per_hour, pick) {
                page.line(&text);
            }
        }
    }
}

/// The timeline in at most `columns` equal columns, empty ones included; and how wide one is.
fn fold(report: &Report, columns: usize) -> (Vec<Counts>, i64) {
    let numbers = || report.timeline_numbers.iter().copied().zip(&report.timeline);
    let first = numbers().next().map_or(0, |(n, _)| n);
    let last = numbers().next_back().map_or(0, |(n, _)| n);
    let steps = usize::try_from(last - first + 1).unwrap_or(1);
    let each = steps.div_ceil(columns).max(1);
    let mut folded = vec![Counts::default(); steps.div_ceil(each)];
    for (n, step) in numbers() {
        let index = usize::try_from(n - first).unwrap_or(0) / each;
        if let Some(sum) = folded.get_mut(index) {
            sum.received += step.counts.received;
            sum.delivered += step.counts.delivered;
            sum.deferred += step.counts.deferred;
            sum.bounced += step.counts.bounced;
            sum.rejected += step.counts.rejected;
        }
    }
    (folded, report.timeline_step * i64::try_from(each).unwrap_or(1))
}

fn names(page: &mut Page, report: &Report, extent: Extent) {
    for (title, column, section) in [
        ("RECEIVING DOMAINS, most failures first", "domain", &report.domains),
        ("RELAY HOSTS, most failures first", "host", &report.relays),
    ] {
        if section.rows.is_empty() {
            continue;
        }
        page.heading(title);
        let mark = if section.error > 0 { "≈" } else { "" };
        let wide = page.width().saturating_sub(40).max(20);
        let rows = section
            .rows
            .iter()
            .take(extent.top)
            .map(|row| {
                vec![
                    Page::log(&row.name, wide),
                    format!("{mark}{}", number(row.delivered)),
                    format!("{mark}{}", number(row.deferred)),
                    format!("{mark}{}", number(row.bounced)),
                ]
            })
            .collect();
        page.table(
            &[
                (column, Align::Left),
                ("delivered", Align::Right),
                ("deferred", Align::Right),
                ("bounced", Align::Right),
            ],
            rows,
        );
        let more = section.total.saturating_sub(section.rows.len().min(extent.top));
        if section.error > 0 {
            page.paragraph(
                "  ",
                &format!(
                    "Too many names to hold: counts marked ≈ may be up to {} too low; {more} or more names not shown",
                    number(section.error)
                ),
            );
        } else if more > 0 {
            page.line(&format!("  {} more", number(more as u64)));
        }
    }
    if !report.clients.rows.is_empty() {
        page.heading("CLIENTS WE REFUSED");
        page.paragraph("  ", &peers(&report.clients.rows, report.clients.error, extent.top));
    }
}

fn trouble(page: &mut Page, report: &Report, extent: Extent) {
    if report.trouble.is_empty() {
        return;
    }
    page.heading("OUR OWN SERVERS: panics, errors and warnings");
    let most = if extent.detail { usize::MAX } else { extent.top };
    for row in report.trouble.iter().take(most) {
        let place = row
            .sample
            .as_ref()
            .map_or(String::new(), |s| format!(" [{}:{}]", Page::log(&s.file, 60), s.line));
        let text = row.sample.as_ref().map_or(row.template.as_str(), |s| s.text.as_str());
        page.paragraph(
            &format!("{:>7}  {:<8} ", number(row.lines), row.severity),
            &format!("{}{place}", Page::log(text, page.width() * 2)),
        );
    }
    if report.trouble.len() > most {
        page.line(&format!("  {} more; --detail shows all", report.trouble.len() - most));
    }
}

fn shapes(page: &mut Page, report: &Report, extent: Extent) {
    if !extent.shapes {
        return;
    }
    page.heading("LINES NOT UNDERSTOOD, by shape");
    if report.input.shapes.is_empty() {
        page.line("  none");
    }
    for row in &report.input.shapes {
        page.paragraph(
            &format!("{:>7}  {:<9} ", number(row.lines), row.bucket),
            &format!("{} [{}:{}]", Page::log(&row.shape, 400), Page::log(&row.file, 60), row.line),
        );
    }
}

fn foot(page: &mut Page, report: &Report) {
    let input = &report.input;
    page.heading("LINES READ");
    let buckets: Vec<String> = ["event", "quiet", "unknown", "foreign", "malformed"]
        .iter()
        .map(|b| format!("{b} {}", number(input.buckets.get(*b).copied().unwrap_or(0))))
        .collect();
    page.paragraph("  ", &format!("{} = {}", number(input.lines), buckets.join(" + ")));
    let mut notes = Vec::new();
    for (count, what) in [
        (input.duplicates, "entries that stand in two logs are counted once"),
        (input.cut_lines, "lines were longer than 64 KiB and were cut there"),
        (input.invalid_bytes, "bytes were not UTF-8 and are shown as \\xNN"),
    ] {
        if count > 0 {
            notes.push(format!("{} {what}", number(count)));
        }
    }
    if !notes.is_empty() {
        page.paragraph("  ", &notes.join("; "));
    }
}

fn plural<'a>(count: u64, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}
