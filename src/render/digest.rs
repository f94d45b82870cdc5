//! A digest added up, as text: what `merge` shows.

use super::layout::{Align, Look, Page, bytes, number, percent};
use crate::correlate::Fate;
use crate::digest::{DirectionView, Grain, View};
use crate::i18n::{KeptLabels, Labels, Language, say};
use crate::knowledge::Knowledge;
use crate::knowledge::provider::provider;
use crate::report::{duration, share};
use crate::smtp::{Direction, EnhancedCode, ReplyCode};

/// Something to be said before the figures.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Remark {
    /// A digest was left out, as it holds a log that is there already.
    LeftOut {
        /// The file left out.
        file: String,
        /// The file that has the same log.
        same_as: String,
    },
    /// Times that were added although another log tells of them.
    Overlap {
        /// The host.
        host: String,
        /// From, RFC 3339, UTC.
        from: String,
        /// To.
        to: String,
    },
}

/// Writes a digest.
pub fn render(
    view: &View,
    remarks: &[Remark],
    knowledge: &Knowledge,
    (look, top): (Look, usize),
) -> String {
    let language = knowledge.language();
    let mut writer = Writer {
        page: Page::new(look),
        view,
        knowledge,
        language,
        labels: language.labels(),
        kept: language.kept(),
        top,
    };
    writer.head(remarks);
    writer.mail();
    for direction in &view.directions {
        writer.direction(direction);
    }
    writer.hosts();
    writer.page.finish()
}

/// What a remark says.
pub fn remark(remark: &Remark, kept: &KeptLabels) -> String {
    match remark {
        Remark::LeftOut { file, same_as } => {
            say(kept.left_out, &[&Page::log(file, 60), &Page::log(same_as, 60)])
        }
        Remark::Overlap { host, from, to } => say(kept.overlap, &[&name_of(host, kept), from, to]),
    }
}

/// A host's name as it is shown.
pub(super) fn name_of(host: &str, kept: &KeptLabels) -> String {
    if host.is_empty() { kept.no_name.to_owned() } else { Page::log(host, 50) }
}

/// The heading of a direction.
pub(super) const fn heading_of(direction: Direction, labels: &Labels) -> &'static str {
    match direction {
        Direction::Outbound => labels.outbound,
        Direction::Inbound => labels.inbound,
        Direction::Local => labels.local,
    }
}

/// A cause's name; the word itself where nobody knows it.
pub(super) fn title_of(cause: &str, knowledge: &Knowledge) -> String {
    let known = knowledge.cause(cause).map(|known| known.title(knowledge.language()).to_owned());
    known.unwrap_or_else(|| Page::log(cause, 60))
}

/// A provider's name; the word itself where nobody knows it.
pub(super) fn provider_name(slug: &str) -> String {
    provider(slug).map_or_else(|| Page::log(slug, 60), |provider| provider.name().to_owned())
}

/// A code as it is written, and what it is called.
pub(super) fn code_of(
    code: Option<u16>,
    enhanced: Option<&str>,
    knowledge: &Knowledge,
) -> (String, String) {
    let kept = knowledge.language().kept();
    let reply = code.and_then(ReplyCode::new);
    let status = enhanced.and_then(|text| text.parse::<EnhancedCode>().ok());
    let written = match (reply, status) {
        (Some(reply), Some(status)) => format!("{} {status}", reply.value()),
        (Some(reply), None) => reply.value().to_string(),
        (None, Some(status)) => status.to_string(),
        (None, None) => kept.no_reply.to_owned(),
    };
    let meaning = knowledge.meaning(reply, status, None);
    let name = meaning.map_or_else(
        || knowledge.language().labels().no_code.to_owned(),
        |meaning| meaning.name.to_owned(),
    );
    (written, name)
}

struct Writer<'v> {
    page: Page,
    view: &'v View,
    knowledge: &'v Knowledge,
    language: Language,
    labels: &'static Labels,
    kept: &'static KeptLabels,
    top: usize,
}

impl Writer<'_> {
    fn head(&mut self, remarks: &[Remark]) {
        let (view, labels, kept) = (self.view, self.labels, self.kept);
        let hosts = view.hosts.len() as u64;
        let text = say(
            kept.merged_what,
            &[
                &number(view.logs),
                &kept.logs.of(self.language, view.logs),
                &number(hosts),
                &kept.hosts.of(self.language, hosts),
                &number(view.lines),
                &bytes(view.bytes),
            ],
        );
        let width = kept.merged.chars().count().max(labels.period.chars().count()) + 2;
        self.page.paragraph(&format!("{:<width$}", kept.merged), &text);
        if let (Some(first), Some(last)) = (&view.first, &view.last) {
            let text =
                say(labels.period_what, &[first, last, &duration(view.seconds, self.language)]);
            let [hour, day, week, whole] = kept.grains;
            let grain = match view.grain {
                Grain::Hour => hour,
                Grain::Day => day,
                Grain::Week => week,
                Grain::Whole => whole,
            };
            self.page.paragraph(&format!("{:<width$}", labels.period), &format!("{text}, {grain}"));
        }
        let left_out = |one: &&Remark| matches!(one, Remark::LeftOut { .. });
        for one in remarks.iter().filter(left_out) {
            self.page.paragraph("", &remark(one, kept));
        }
        let others = remarks.iter().filter(|one| !left_out(one));
        let mut said: Vec<String> = others.map(|one| remark(one, kept)).collect();
        if view.lost_lines > 0 {
            said.push(say(kept.lost_lines, &[&number(view.lost_lines)]));
        }
        if view.problems > 0 {
            said.push(say(kept.problems, &[&number(view.problems)]));
        }
        if view.cut {
            said.push(kept.cut.to_owned());
        }
        if !said.is_empty() {
            self.page.heading(labels.figures_may_be_wrong);
        }
        for text in said {
            self.page.paragraph("  ! ", &text);
        }
        if view.directions.is_empty() {
            self.page.gap();
            self.page.line(kept.nothing);
        }
    }

    fn mail(&mut self) {
        let (labels, mail) = (self.labels, &self.view.mail);
        if mail.counts.messages == 0 && mail.recipients == 0 {
            return;
        }
        let count = mail.counts.messages;
        self.page.heading(&say(
            labels.mail_heading,
            &[
                &number(count),
                &labels.messages.of(self.language, count),
                &number(mail.recipients),
                &labels.recipients.of(self.language, mail.recipients),
            ],
        ));
        let rows = [
            (Fate::Delivered, labels.delivered),
            (Fate::Queued, labels.queued),
            (Fate::Bounced, labels.bounced),
            (Fate::Expired, labels.expired),
            (Fate::Discarded, labels.discarded),
            (Fate::Held, labels.held),
            (Fate::Removed, labels.removed),
            (Fate::Unknown, labels.lost),
        ];
        let rows = rows
            .into_iter()
            .filter(|(fate, _)| mail.counts.recipients_of(*fate) > 0)
            .map(|(fate, label)| {
                let recipients = mail.counts.recipients_of(fate);
                vec![
                    label.to_owned(),
                    number(recipients),
                    percent(share(recipients, mail.recipients)),
                    number(mail.counts.messages_of(fate)),
                ]
            })
            .collect();
        let [a, b, c, d, _] = labels.fate_columns;
        let columns = [(a, Align::Left), (b, Align::Right), (c, Align::Right), (d, Align::Right)];
        self.page.table(&columns, rows);
        self.page.paragraph("  ", labels.star);
    }

    fn direction(&mut self, direction: &DirectionView) {
        let (labels, kept) = (self.labels, self.kept);
        self.page.heading(heading_of(direction.direction, labels));
        let traffic = &direction.traffic;
        let inbound = direction.direction == Direction::Inbound;
        let text = if inbound {
            say(
                kept.traffic_in,
                &[
                    &number(traffic.received),
                    &number(traffic.rejected),
                    &number(traffic.login_failures),
                ],
            )
        } else {
            say(
                kept.traffic_out,
                &[
                    &number(traffic.attempts),
                    &number(traffic.recipients),
                    &number(traffic.delivered),
                    &number(traffic.deferred),
                    &number(traffic.bounced.saturating_add(traffic.expired)),
                ],
            )
        };
        self.page.paragraph("  ", &text);
        let all = direction.causes.iter().map(|row| row.lines).fold(0, u64::saturating_add);
        let rows: Vec<_> = direction
            .causes
            .iter()
            .take(self.top)
            .map(|row| {
                vec![
                    title_of(&row.cause, self.knowledge),
                    number(row.lines),
                    percent(share(row.lines, all)),
                    number(row.messages),
                    number(row.recipients),
                ]
            })
            .collect();
        let numbers = [Align::Left, Align::Right, Align::Right, Align::Right, Align::Right];
        self.table(kept.cause_columns, numbers, rows, direction.causes.len());
        let rows = direction
            .codes
            .iter()
            .take(self.top)
            .map(|row| {
                let (code, name) = code_of(row.code, row.enhanced.as_deref(), self.knowledge);
                let counts = [row.lines, row.messages, row.recipients].map(number);
                [vec![code], counts.to_vec(), vec![name]].concat()
            })
            .collect();
        let words = [Align::Left, Align::Right, Align::Right, Align::Right, Align::Left];
        self.table(kept.code_columns, words, rows, direction.codes.len());
        let rows: Vec<_> = direction
            .providers
            .iter()
            .take(self.top)
            .map(|row| {
                let traffic = &row.traffic;
                let given_up = traffic.bounced.saturating_add(traffic.expired);
                let counts =
                    [traffic.provider_recipients, traffic.delivered, traffic.deferred, given_up];
                [vec![provider_name(&row.provider)], counts.map(number).to_vec()].concat()
            })
            .collect();
        if !rows.is_empty() {
            self.page.heading(kept.providers_heading);
            self.table(kept.provider_columns, numbers, rows, direction.providers.len());
        }
    }

    fn table(
        &mut self,
        names: [&'static str; 5],
        aligned: [Align; 5],
        rows: Vec<Vec<String>>,
        all: usize,
    ) {
        if rows.is_empty() {
            return;
        }
        let hidden = all - rows.len();
        self.page.gap();
        let columns: Vec<_> = names.into_iter().zip(aligned).collect();
        self.page.table(&columns, rows);
        if hidden > 0 {
            self.page.line(&format!("  {}", say(self.labels.more, &[&number(hidden as u64)])));
        }
    }

    fn hosts(&mut self) {
        if self.view.hosts.is_empty() {
            return;
        }
        self.page.heading(self.kept.hosts_heading);
        let hosts = self.view.hosts.iter().take(self.top.max(10));
        let rows = hosts
            .map(|host| {
                let name = name_of(&host.host, self.kept);
                vec![name, host.first.clone(), host.last.clone(), number(host.lines)]
            })
            .collect();
        let [a, b, c, d] = self.kept.host_columns;
        let columns = [(a, Align::Left), (b, Align::Left), (c, Align::Left), (d, Align::Right)];
        self.page.table(&columns, rows);
    }
}
