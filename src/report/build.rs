//! From counters and knowledge to the report.

use super::grid::delays;
use super::{
    AttemptsByName, ClassRow, CodeRow, DirectionSection, FateRow, FileSection, InputSection,
    LineSection, MailSection, Named, NamesSection, Report, SCHEMA, SampleRow, ShapeRow, Step,
    TextRow, TroubleRow, warnings,
};
use crate::correlate::Fate;
use crate::event::Kind;
use crate::filter::Filter;
use crate::i18n::{Labels, Language, say};
use crate::knowledge::fill::address_named_in;
use crate::knowledge::provider::provider;
use crate::knowledge::{Facts, Knowledge, fill};
use crate::pipeline::Outcome;
use crate::smtp::{Direction, EnhancedCode, ReplyCode, Stage, domain_of};
use crate::summary::{
    Attempts, MessageCounts, Row, RowKey, Sample, Silence, Summary, Tally, Unstated, Weight,
};
use crate::time::{Time, Zone};
use std::collections::BTreeMap;
use std::fmt::Display;

/// What the report is about and how much of it is wanted.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// What the pipeline said of the input.
    pub outcome: &'a Outcome,
    /// The zone that times are shown in.
    pub zone: Zone,
    /// How many names, peers and texts a list shows.
    pub top: usize,
    /// The filter that was on.
    pub filter: Option<&'a Filter>,
    /// The knowledge base.
    pub knowledge: &'a Knowledge,
    /// The language of names, meanings and remedies.
    pub language: Language,
}

/// Builds the report.
pub fn build(summary: &Summary, about: About<'_>) -> Report {
    let shown = Shown::new(about);
    let mut sections = BTreeMap::<Direction, Vec<(&RowKey, &Row)>>::new();
    for (key, row) in summary.rows() {
        sections.entry(key.direction).or_default().push((key, row));
    }
    let mut section = |direction| DirectionSection {
        causes: shown.causes(summary, direction),
        delays: summary.delays.get(&direction).map(delays),
        ..shown.direction(sections.remove(&direction).unwrap_or_default())
    };
    Report {
        schema: SCHEMA,
        generator: format!("mailwhy {}", env!("CARGO_PKG_VERSION")),
        language: about.language,
        filter: about.filter.map(|filter| filter.told().to_vec()),
        input: shown.input(summary),
        warnings: warnings(about.outcome, summary.lost_lines, about.language, about.zone),
        incidents: Vec::new(),
        incidents_found: 0,
        baseline_hours: None,
        runs: None,
        thresholds: Vec::new(),
        mail: mail(&summary.mail.of_this_run()),
        notifications: mail(&summary.notifications.of_this_run()),
        reinjected: summary.reinjected,
        incomplete: summary.incomplete,
        lost_track: summary.lost_track,
        outbound: section(Direction::Outbound),
        inbound: section(Direction::Inbound),
        local: section(Direction::Local),
        lines: lines(summary),
        per_day: summary.timeline.days.iter().map(|(day, c)| (day.to_string(), *c)).collect(),
        per_hour: summary.timeline.hours.to_vec(),
        timeline: summary
            .timeline
            .buckets
            .iter()
            .map(|(number, counts)| Step {
                begin: shown.time(Time::from_parts(number * summary.timeline.width, 0)),
                counts: *counts,
            })
            .collect(),
        timeline_step: summary.timeline.width,
        timeline_numbers: summary.timeline.buckets.keys().copied().collect(),
        providers: shown.providers(&summary.providers),
        provider_causes: shown.provider_causes(summary),
        domains: shown.attempts(&summary.domains),
        relays: shown.attempts(&summary.relays),
        clients: NamesSection {
            rows: shown.named(&summary.clients),
            total: summary.clients.len(),
            error: summary.clients.error(),
        },
        trouble: shown.trouble(summary),
        usual: None,
        #[cfg(feature = "cli")]
        checks: None,
    }
}

/// A share of a whole; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "a share is shown with four digits at most")]
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

pub(super) fn mail(counts: &MessageCounts) -> MailSection {
    let shown: Vec<Fate> = Fate::ALL.iter().copied().filter(|f| *f != Fate::HandedOver).collect();
    let recipients: u64 = shown.iter().map(|fate| counts.recipients.get(*fate)).sum();
    MailSection {
        messages: counts.messages,
        recipients,
        fates: shown
            .iter()
            .filter(|fate| counts.recipients.get(**fate) > 0)
            .map(|fate| FateRow {
                fate: fate.slug().to_owned(),
                recipients: counts.recipients.get(*fate),
                share: share(counts.recipients.get(*fate), recipients),
                messages: counts.messages_with.get(*fate),
            })
            .collect(),
        delivered_after_deferral: counts.delivered_after_deferral,
        ever_deferred: counts.ever_deferred,
        after_queue_lifetime: counts.recipients.get(Fate::Expired),
        began_before: counts.began_before,
        without_end: counts.without_end,
        bytes: counts.bytes,
    }
}

fn key_of<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

fn counted<'a, K: Display + Copy + 'a>(
    map: impl IntoIterator<Item = (&'a Option<K>, &'a u64)>,
) -> BTreeMap<String, u64> {
    map.into_iter().map(|(key, count)| (key_of(*key), *count)).collect()
}

fn lines(summary: &Summary) -> LineSection {
    let lines = &summary.lines();
    let mut by_code = BTreeMap::<Option<ReplyCode>, u64>::new();
    let mut by_both = BTreeMap::<String, BTreeMap<String, u64>>::new();
    for ((status, code), count) in &lines.attempts_by_code {
        *by_code.entry(*code).or_default() += count;
        *by_both.entry(key_of(*status)).or_default().entry(key_of(*code)).or_default() += count;
    }
    let plain = |map: &BTreeMap<_, u64>| -> BTreeMap<String, u64> {
        map.iter()
            .map(|(key, count): (&crate::event::Entrance, _)| (key.to_string(), *count))
            .collect()
    };
    LineSection {
        attempts: lines.attempts.values().sum(),
        attempts_by_status: counted(&lines.attempts),
        attempts_by_reply_code: counted(&by_code),
        attempts_by_status_and_reply_code: by_both,
        attempts_by_enhanced: counted(&lines.attempts_by_enhanced),
        attempts_by_dsn: lines.attempts_by_dsn.iter().map(|(k, n)| (k.to_string(), *n)).collect(),
        repeated: lines.repeated,
        handed_over: lines.handed_over,
        postponed: lines.postponed,
        rejects: lines.rejects.values().sum(),
        rejects_by_action: lines.rejects.iter().map(|(k, n)| (k.to_string(), *n)).collect(),
        rejects_by_reply_code: counted(&lines.rejects_by_code),
        rejects_by_enhanced: counted(&lines.rejects_by_enhanced),
        in_passing: lines.passing.iter().map(|(k, n)| (k.to_string(), *n)).collect(),
        in_passing_without_reply: lines.passing_without_reply,
        login_failures: lines.login_failures,
        other_events: lines.other_events.iter().map(|(k, n)| (k.to_string(), *n)).collect(),
        received: lines.received.values().sum(),
        received_by: plain(&lines.received),
        closed: lines.closed,
    }
}

/// What every section needs: names of the sources, zone, how much to show.
pub(super) struct Shown<'a> {
    pub(super) about: About<'a>,
    names: Vec<&'a str>,
    labels: &'static Labels,
}

impl<'a> Shown<'a> {
    pub(super) fn new(about: About<'a>) -> Self {
        let names = about.outcome.sources.iter().map(|s| s.name.as_str()).collect();
        Self { about, names, labels: about.language.labels() }
    }
}

impl Shown<'_> {
    pub(super) fn time(&self, time: Time) -> String {
        self.about.zone.shown(time)
    }

    pub(super) fn file(&self, source: u32) -> &str {
        usize::try_from(source).ok().and_then(|n| self.names.get(n)).copied().unwrap_or("")
    }

    pub(super) fn sample(&self, sample: &Sample) -> SampleRow {
        SampleRow {
            file: self.file(sample.at.source).to_owned(),
            line: sample.at.line,
            text: sample.text.to_string(),
            recipient: sample.recipient.as_deref().map(str::to_owned),
            queue_id: sample.queue_id.as_deref().map(str::to_owned),
        }
    }

    pub(super) fn named(&self, tally: &Tally<u64>) -> Vec<Named> {
        tally
            .first(self.about.top, |a, b| b.cmp(a))
            .into_iter()
            .map(|(name, lines)| Named { name: name.to_owned(), lines: *lines })
            .collect()
    }

    /// Most failures first: that is what a postmaster looks for.
    fn attempts(&self, tally: &Tally<Attempts>) -> NamesSection<AttemptsByName> {
        let failures = |v: &Attempts| v.deferred + v.bounced;
        let worst = tally.first(self.about.top, |a, b| {
            failures(b).cmp(&failures(a)).then_with(|| b.weight().cmp(&a.weight()))
        });
        NamesSection {
            rows: worst
                .into_iter()
                .map(|(name, v)| AttemptsByName {
                    name: name.to_owned(),
                    delivered: v.delivered,
                    deferred: v.deferred,
                    bounced: v.bounced,
                })
                .collect(),
            total: tally.len(),
            error: tally.error(),
        }
    }

    /// Providers by their names.
    fn providers(&self, tally: &Tally<Attempts>) -> NamesSection<AttemptsByName> {
        let mut section = self.attempts(tally);
        for row in &mut section.rows {
            if let Some(provider) = provider(&row.name) {
                provider.name().clone_into(&mut row.name);
            }
        }
        section
    }

    fn trouble(&self, summary: &Summary) -> Vec<TroubleRow> {
        let mut rows = Vec::new();
        for (severity, tally) in summary.trouble.iter().rev() {
            for (template, trouble) in tally.by_weight() {
                rows.push(TroubleRow {
                    severity: severity.slug().to_owned(),
                    template: template.to_owned(),
                    lines: trouble.lines,
                    sample: trouble.sample.as_ref().map(|s| self.sample(s)),
                });
            }
        }
        rows
    }

    fn input(&self, summary: &Summary) -> InputSection {
        let outcome = self.about.outcome;
        let coverage = &outcome.coverage;
        let seconds = match (summary.first, summary.last) {
            (Some(first), Some(last)) => last.seconds() - first.seconds(),
            _ => 0,
        };
        InputSection {
            files: outcome
                .sources
                .iter()
                .map(|source| FileSection {
                    name: source.name.clone(),
                    lines: source.lines,
                    bytes: source.bytes,
                    first: source.first.map(|t| self.time(t)),
                    last: source.last.map(|t| self.time(t)),
                    problem: source.problem.as_ref().map(ToString::to_string),
                })
                .collect(),
            lines: coverage.lines,
            bytes: coverage.bytes,
            hosts: self.named(&summary.hosts()),
            mta: coverage.by_mta.iter().map(|(mta, n)| (mta.to_string(), *n)).collect(),
            first: summary.first.map(|t| self.time(t)),
            last: summary.last.map(|t| self.time(t)),
            seconds,
            buckets: crate::event::Bucket::ALL
                .iter()
                .map(|b| (b.to_string(), coverage.buckets.get(b).copied().unwrap_or(0)))
                .collect(),
            invalid_bytes: coverage.invalid_bytes,
            cut_lines: coverage.cut_lines,
            without_time: coverage.without_time,
            duplicates: coverage.duplicates,
            shapes: {
                let mut shapes: Vec<_> = coverage.shapes.iter().collect();
                shapes.sort_by(|a, b| b.1.lines.cmp(&a.1.lines).then_with(|| a.0.cmp(b.0)));
                shapes
                    .into_iter()
                    .map(|(shape, seen)| ShapeRow {
                        shape: shape.clone(),
                        bucket: seen.bucket.to_string(),
                        lines: seen.lines,
                        file: self.file(seen.first.source).to_owned(),
                        line: seen.first.line,
                    })
                    .collect()
            },
        }
    }

    fn direction(&self, rows: Vec<(&RowKey, &Row)>) -> DirectionSection {
        let total: u64 = rows.iter().map(|(_, row)| row.lines).sum();
        let mut classes = BTreeMap::<String, (u64, u64)>::new();
        for (key, row) in &rows {
            let sums = classes.entry(class_name(key)).or_default();
            sums.0 += row.lines;
            sums.1 += row.replies;
        }
        let mut rows = rows;
        rows.sort_by(|a, b| {
            let weight = |row: &Row| (row.lines, row.passing);
            weight(b.1).cmp(&weight(a.1)).then_with(|| a.0.cmp(b.0))
        });
        DirectionSection {
            classes: classes
                .into_iter()
                .map(|(class, (lines, replies))| ClassRow {
                    class,
                    lines,
                    replies,
                    share: share(lines, total),
                })
                .collect(),
            causes: Vec::new(),
            delays: None,
            codes: rows.into_iter().map(|(key, row)| self.code_row(key, row, total)).collect(),
        }
    }

    fn code_row(&self, key: &RowKey, row: &Row, total: u64) -> CodeRow {
        let inbound = key.direction == Direction::Inbound;
        let sample = row.sample.as_ref();
        let facts = sample.map_or_else(Facts::default, |s| facts_of(s, inbound));
        let said = self.said(key, sample, &facts);
        let texts = row.texts.by_weight();
        CodeRow {
            code: key.code.map(ReplyCode::value),
            class: key.code.map(ReplyCode::class).or(key.enhanced.map(EnhancedCode::class)),
            enhanced: key.enhanced.map(|e| e.to_string()),
            no_reply: key.silence.map(|s| s.slug().to_owned()),
            implied_code: key.unstated.and_then(|u| u.implied).map(ReplyCode::value),
            name: said.name,
            meaning: said.meaning,
            remedy: said.remedy,
            checks: said.checks,
            basis: said.basis,
            lines: row.lines,
            replies: row.replies,
            repeated: row.repeated,
            passing: row.passing,
            messages: row.messages,
            recipients: row.recipients,
            addresses: inbound.then(|| row.addresses.count().at_most(row.lines)),
            clients: inbound.then(|| row.clients.count().at_most(row.lines)),
            share: share(row.lines, total),
            peers: self.named(&row.peers),
            peers_error: row.peers.error(),
            sample: sample.map(|s| self.sample(s)),
            texts_total: texts.len(),
            texts_error: row.texts.error(),
            texts: texts
                .into_iter()
                .take(self.about.top)
                .map(|(template, text)| TextRow {
                    template: template.to_owned(),
                    lines: text.lines,
                    sample: text.sample.as_ref().map(|s| self.sample(s)),
                })
                .collect(),
        }
    }
}

/// What the knowledge base says of a row.
#[derive(Default)]
struct SaidOf {
    name: String,
    meaning: String,
    remedy: String,
    checks: Vec<String>,
    basis: String,
}

impl Shown<'_> {
    fn said(&self, key: &RowKey, sample: Option<&Sample>, facts: &Facts<'_>) -> SaidOf {
        let knowledge = self.about.knowledge;
        let remote = key.direction == Direction::Outbound && key.code.is_some();
        let provider = sample
            .and_then(|s| s.host.as_deref())
            .filter(|_| remote)
            .and_then(|host| knowledge.provider_of_host(host));
        // Where nobody spoke, the words of the log tell more than the class of a `dsn=`.
        let silent = key.silence.map(|silence| of_silence(silence, self.labels));
        let enhanced = match (key.enhanced, silent) {
            (None, Some((_, code))) => code,
            (Some(dsn), Some((_, Some(code)))) if dsn.subject() == 0 => Some(code),
            (known, _) => known,
        };
        let code = key.code.or(key.unstated.and_then(|u| u.implied));
        let own_name = match (silent, key.unstated) {
            (Some((name, _)), _) => Some(name.to_owned()),
            (None, Some(unstated)) => Some(of_unstated(unstated, self.labels)),
            (None, None) => None,
        };
        let Some(meaning) = knowledge.meaning(code, enhanced, provider) else {
            let name = own_name.unwrap_or_else(|| self.labels.no_code.to_owned());
            return SaidOf { name, basis: "none".to_owned(), ..SaidOf::default() };
        };
        let name = own_name.unwrap_or_else(|| meaning.name.to_owned());
        SaidOf {
            name,
            meaning: meaning.meaning.into_owned(),
            remedy: fill(meaning.remedy, facts),
            checks: meaning.checks.iter().map(|check| fill(check, facts)).collect(),
            basis: meaning.level.slug().to_owned(),
        }
    }
}

/// What there was instead of a reply, and the enhanced status code whose explanation fits it.
fn of_silence(silence: Silence, labels: &Labels) -> (&'static str, Option<EnhancedCode>) {
    match silence {
        Silence::Refused => (labels.silence_refused, EnhancedCode::new(4, 4, 1)),
        Silence::TimedOut => (labels.silence_timed_out, EnhancedCode::new(4, 4, 1)),
        Silence::Lost => (labels.silence_lost, EnhancedCode::new(4, 4, 2)),
        Silence::Dns => (labels.silence_dns, EnhancedCode::new(4, 4, 3)),
        Silence::Tls => (labels.silence_tls, EnhancedCode::new(4, 7, 5)),
        Silence::Lifetime => (labels.silence_lifetime, EnhancedCode::new(5, 4, 7)),
        Silence::Postponed => (labels.silence_postponed, None),
        Silence::Own => (labels.silence_own, None),
    }
}

/// An answer of our own whose code is not in the log.
fn of_unstated(unstated: Unstated, labels: &Labels) -> String {
    let what = match unstated.kind {
        Kind::AuthFailure => return labels.login_failed.to_owned(),
        Kind::SessionTimeout => return labels.client_silent.to_owned(),
        Kind::ProtocolViolation => labels.violation,
        Kind::RejectWarning => labels.would_refuse,
        Kind::Disposal => labels.put_aside,
        Kind::LimitExceeded => labels.over_limit,
        _ => labels.refused,
    };
    let place = match unstated.stage {
        Some(Stage::Connect) => labels.at_connect.to_owned(),
        Some(Stage::EndOfData) => labels.at_end_of_data.to_owned(),
        Some(stage) => say(labels.at_stage, &[&stage.slug().to_uppercase()]),
        None => String::new(),
    };
    say(what, &[&place])
}

/// What of a real line fills the blanks of a remedy.
pub(super) fn facts_of(sample: &Sample, inbound: bool) -> Facts<'_> {
    let recipient = sample.recipient.as_deref().filter(|r| !r.is_empty());
    let sender = sample.sender.as_deref();
    let peer = sample.host.as_deref().or(sample.address.as_deref());
    Facts {
        domain: recipient.and_then(domain_of),
        host: peer.filter(|_| !inbound),
        address: recipient.or(sender),
        client: if inbound {
            sample.address.as_deref()
        } else {
            address_named_in(&sample.text, sample.address.as_deref())
        },
        queue_id: sample.queue_id.as_deref(),
        sender,
        recipient,
    }
}

fn class_name(key: &RowKey) -> String {
    match key.code.map(ReplyCode::class) {
        Some(class @ 2..=5) => format!("{class}xx"),
        Some(_) => "other".to_owned(),
        None => "none".to_owned(),
    }
}
