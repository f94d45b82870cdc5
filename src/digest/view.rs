//! A digest added up: what `merge` and `history` show, and what both sides of a comparison are made of.

use super::{Digest, Grain, MailCounts, MailKind, RowCounts, TrafficCounts};
use crate::smtp::{Direction, EnhancedCode, ReplyCode};
use crate::time::Time;
use compact_str::CompactString;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// All periods and hosts of a digest in one.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    /// How coarse its periods are.
    pub grain: Grain,
    /// First moment, RFC 3339, UTC.
    pub first: Option<String>,
    /// Last moment.
    pub last: Option<String>,
    /// Seconds between them.
    pub seconds: i64,
    /// How many logs went in.
    pub logs: u64,
    /// Only pieces of these logs are counted; lines and bytes are those of the whole.
    pub cut: bool,
    /// Their lines.
    pub lines: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Lines by bucket.
    pub buckets: BTreeMap<String, u64>,
    /// Lines by mail server.
    pub mta: BTreeMap<String, u64>,
    /// Lines that the logs say they lost.
    pub lost_lines: u64,
    /// Files that could not be read, or not wholly.
    pub problems: u64,
    /// The hosts, by name.
    pub hosts: Vec<HostView>,
    /// Mail.
    pub mail: MailView,
    /// Notifications of ours.
    pub notifications: MailView,
    /// Each direction.
    pub directions: Vec<DirectionView>,
}

/// A host.
#[derive(Clone, Debug, Serialize)]
pub struct HostView {
    /// Its name; empty where lines name none.
    pub host: String,
    /// First moment, RFC 3339, UTC.
    pub first: String,
    /// Last moment.
    pub last: String,
    /// Lines of its mail server.
    pub lines: u64,
}

/// Messages and recipients.
#[derive(Clone, Debug, Default, Serialize)]
pub struct MailView {
    /// Recipients of all fates.
    pub recipients: u64,
    /// Messages that had not ended when their log did.
    pub without_end: u64,
    /// The counts.
    #[serde(flatten)]
    pub counts: MailCounts,
}

/// One direction.
#[derive(Clone, Debug, Serialize)]
pub struct DirectionView {
    /// Which.
    pub direction: Direction,
    /// Its traffic.
    pub traffic: TrafficCounts,
    /// Failures by cause, most lines first.
    pub causes: Vec<CauseSum>,
    /// Answers by code, most lines first.
    pub codes: Vec<CodeSum>,
    /// Traffic by provider, most failures first; only where there are providers.
    pub providers: Vec<ProviderSum>,
}

/// One cause.
#[derive(Clone, Debug, Serialize)]
pub struct CauseSum {
    /// Stable word.
    pub cause: String,
    /// Lines.
    pub lines: u64,
    /// Different messages (inbound: of those that had a queue id).
    pub messages: u64,
    /// Different recipients of those messages.
    pub recipients: u64,
}

/// One code.
#[derive(Clone, Debug, Serialize)]
pub struct CodeSum {
    /// The reply code; null where the line states none.
    pub code: Option<u16>,
    /// The enhanced status code.
    pub enhanced: Option<String>,
    /// Lines.
    pub lines: u64,
    /// Lines that tell one host's reply in passing.
    pub passing: u64,
    /// Different messages.
    pub messages: u64,
    /// Different recipients of those messages.
    pub recipients: u64,
}

/// One provider.
#[derive(Clone, Debug, Serialize)]
pub struct ProviderSum {
    /// Stable word.
    pub provider: String,
    /// Its traffic.
    #[serde(flatten)]
    pub traffic: TrafficCounts,
}

/// Adds a digest up.
pub fn view(digest: &Digest) -> View {
    let span = digest.span();
    let time = |micros| Time(micros).to_string();
    let parts = || digest.parts.values();
    let mut buckets = BTreeMap::<String, u64>::new();
    let mut mta = BTreeMap::<String, u64>::new();
    for part in parts() {
        for (sums, counts) in [(&mut buckets, &part.buckets), (&mut mta, &part.mta)] {
            for (name, lines) in counts {
                let sum = sums.entry(name.clone()).or_default();
                *sum = sum.saturating_add(*lines);
            }
        }
    }
    View {
        grain: digest.grain,
        first: span.map(|(first, _)| time(first)),
        last: span.map(|(_, last)| time(last)),
        seconds: span.map_or(0, |(first, last)| Time(last).seconds() - Time(first).seconds()),
        logs: digest.parts.len() as u64,
        cut: parts().any(|part| part.cut),
        lines: sum(parts().map(|part| part.lines)),
        bytes: sum(parts().map(|part| part.bytes)),
        buckets,
        mta,
        lost_lines: sum(parts().map(|part| part.lost_lines)),
        problems: sum(parts().map(|part| part.problems)),
        hosts: hosts(digest),
        mail: mail(digest, MailKind::Mail, MailKind::OpenMail),
        notifications: mail(digest, MailKind::Notification, MailKind::OpenNotification),
        directions: Direction::ALL.iter().filter_map(|way| direction(digest, *way)).collect(),
    }
}

fn sum(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0, u64::saturating_add)
}

fn hosts(digest: &Digest) -> Vec<HostView> {
    let mut hosts = BTreeMap::<&str, super::Span>::new();
    for (host, span) in digest.parts.values().flat_map(|part| &part.hosts) {
        let known = hosts.entry(host).or_insert(super::Span { lines: 0, ..*span });
        known.first = known.first.min(span.first);
        known.last = known.last.max(span.last);
        known.lines = known.lines.saturating_add(span.lines);
    }
    let row = |(host, span): (&str, super::Span)| HostView {
        host: host.to_owned(),
        first: Time(span.first).to_string(),
        last: Time(span.last).to_string(),
        lines: span.lines,
    };
    hosts.into_iter().map(row).collect()
}

fn mail(digest: &Digest, ended: MailKind, open: MailKind) -> MailView {
    let mut view = MailView::default();
    for (key, counts) in &digest.mail {
        if key.kind == ended || key.kind == open {
            view.counts.add(counts);
            view.without_end += if key.kind == open { counts.messages } else { 0 };
        }
    }
    view.recipients = view.counts.recipients();
    view
}

fn direction(digest: &Digest, direction: Direction) -> Option<DirectionView> {
    let mut traffic = TrafficCounts::default();
    let mut providers = BTreeMap::<&CompactString, TrafficCounts>::new();
    for (key, counts) in digest.traffic.iter().filter(|(key, _)| key.direction == direction) {
        traffic.add(counts);
        if let Some(provider) = &key.provider {
            providers.entry(provider).or_default().add(counts);
        }
    }
    let mut causes = BTreeMap::<&CompactString, RowCounts>::new();
    let mut codes = BTreeMap::<(Option<ReplyCode>, Option<EnhancedCode>), RowCounts>::new();
    for (key, counts) in digest.rows.iter().filter(|(key, _)| key.direction == direction) {
        codes.entry((key.code, key.enhanced)).or_default().add(counts);
        if let Some(cause) = &key.cause {
            causes.entry(cause).or_default().add(counts);
        }
    }
    if traffic == TrafficCounts::default() && codes.is_empty() {
        return None;
    }
    let mut causes: Vec<CauseSum> = causes
        .into_iter()
        .map(|(cause, counts)| CauseSum {
            cause: cause.to_string(),
            lines: counts.lines,
            messages: counts.messages,
            recipients: counts.recipients,
        })
        .collect();
    // Sorting keeps the order of equals, which is that of the names.
    causes.sort_by_key(|row| Reverse(row.lines));
    let mut codes: Vec<CodeSum> = codes
        .into_iter()
        .map(|((code, enhanced), counts)| CodeSum {
            code: code.map(ReplyCode::value),
            enhanced: enhanced.map(|code| code.to_string()),
            lines: counts.lines,
            passing: counts.passing,
            messages: counts.code_messages,
            recipients: counts.code_recipients,
        })
        .collect();
    codes.sort_by_key(|row| Reverse((row.lines, row.passing)));
    let mut providers: Vec<ProviderSum> = providers
        .into_iter()
        .map(|(provider, traffic)| ProviderSum { provider: provider.to_string(), traffic })
        .collect();
    providers.sort_by_key(|row| Reverse(row.traffic.failures()));
    Some(DirectionView { direction, traffic, causes, codes, providers })
}

impl TrafficCounts {
    /// Attempts that failed.
    pub fn failures(&self) -> u64 {
        self.deferred.saturating_add(self.bounced).saturating_add(self.expired)
    }
}
