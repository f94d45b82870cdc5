//! Incidents as rows: named, with samples, whose move it is, and remedies filled in from the first line.

use super::build::{Shown, facts_of};
use super::{About, InputSection, Named, RemedyRow, Report, SampleRow, Warning};
use crate::event::Mta;
use crate::i18n::Language;
use crate::incidents::Incident;
use crate::knowledge::provider::provider;
use crate::knowledge::{Facts, fill, incident_kind};
use crate::smtp::Direction;
use serde::Serialize;

/// How many remedies of the cause are shown behind the kind's own.
const REMEDIES: usize = 2;

/// Something that went wrong for a while.
#[derive(Debug, Serialize)]
pub struct IncidentRow {
    /// Stable word for its kind.
    pub kind: String,
    /// What the kind is called, in the language of the report.
    pub title: String,
    /// What the kind means.
    pub meaning: String,
    /// `outbound`, `inbound` or `local`.
    pub direction: String,
    /// Stable word for its cause; null where no reply has one.
    pub cause: Option<String>,
    /// What the cause is called.
    pub cause_title: Option<String>,
    /// Sub-kinds of the cause, most lines first: which blocklist, which check.
    pub details: Vec<Named>,
    /// Reply codes with their enhanced status codes, most lines first.
    pub codes: Vec<Named>,
    /// The receiver, where it is about one: a provider's slug or the end of its hosts' names.
    pub peer: Option<String>,
    /// What that receiver is called.
    pub peer_name: Option<String>,
    /// The receivers hit, where it is about many.
    pub peers: Vec<Named>,
    /// Domains hit: of recipients; inbound, ours.
    pub domains: Vec<Named>,
    /// Domains that sent.
    pub senders: Vec<Named>,
    /// Addresses of the clients behind it.
    pub clients: Vec<Named>,
    /// Logins behind it, or aimed at.
    pub users: Vec<Named>,
    /// Time of its first line, RFC 3339.
    pub since: String,
    /// Time of its last line, RFC 3339.
    pub until: String,
    /// Seconds between them.
    pub seconds: i64,
    /// It has not ended when the log does.
    pub going_on: bool,
    /// Lines.
    pub lines: u64,
    /// Different messages; null for refusals, which mostly come before there is a message.
    pub messages: Option<u64>,
    /// Different recipients of those messages.
    pub recipients: Option<u64>,
    /// Recipients that got it later.
    pub recovered: Option<u64>,
    /// Recipients that never will.
    pub bounced: Option<u64>,
    /// Recipients still in the queue, or removed from it by hand.
    pub waiting: Option<u64>,
    /// Share of the attempts at this receiver that failed so, 0 to 1; for `queue-growth` of the mail that stayed.
    pub share: Option<f64>,
    /// How many would have been usual in that time: messages, for refusals lines.
    pub usual: f64,
    /// How surprising it is: the logarithm of a likelihood ratio, corrected for the scatter of the course.
    pub score: f64,
    /// What incidents are ranked by; no unit.
    pub harm: f64,
    /// Who acts first: `sender`, `recipient`, `own-admin`, `remote-admin`, `nobody`.
    pub party: String,
    /// What to do, most urgent first.
    pub remedies: Vec<RemedyRow>,
    /// The first line, or the first one that was kept.
    pub first: Option<SampleRow>,
    /// The last line.
    pub last: Option<SampleRow>,
}

/// What `mailwhy incidents` says as one document.
#[derive(Debug, Serialize)]
pub struct IncidentsDocument<'r> {
    /// Version of this structure: [`super::SCHEMA`].
    pub schema: u32,
    /// The program and its version.
    pub generator: &'r str,
    /// The language of names and remedies.
    pub language: Language,
    /// What was read.
    pub input: &'r InputSection,
    /// What may make the figures wrong.
    pub warnings: &'r [Warning],
    /// How many incidents there are.
    pub incidents_found: usize,
    /// Of how many of the 168 hours of a week an earlier log says what is usual; null where only the log itself does.
    pub baseline_hours: Option<usize>,
    /// As many of them as were asked for, the most harmful first.
    pub incidents: &'r [IncidentRow],
}

impl<'r> IncidentsDocument<'r> {
    /// The part of a report that is about incidents.
    pub fn of(report: &'r Report) -> Self {
        Self {
            schema: report.schema,
            generator: &report.generator,
            language: report.language,
            input: &report.input,
            warnings: &report.warnings,
            incidents_found: report.incidents_found,
            baseline_hours: report.baseline_hours,
            incidents: &report.incidents,
        }
    }
}

/// Rows of the first `top` incidents.
pub fn rows(incidents: &[Incident], about: About<'_>, top: usize) -> Vec<IncidentRow> {
    let shown = Shown::new(about);
    incidents.iter().take(top).map(|incident| shown.incident(incident)).collect()
}

impl Shown<'_> {
    fn incident(&self, incident: &Incident) -> IncidentRow {
        let language = self.about.language;
        let entry = incident_kind(incident.kind.slug());
        let cause = incident.cause.and_then(|cause| self.about.knowledge.cause(cause.slug()));
        let peer_name = incident.peer.as_deref().map(|peer| {
            provider(peer).map_or_else(|| peer.to_owned(), |known| known.name().to_owned())
        });
        let first = incident.first.as_ref().map(|sample| self.sample(sample));
        let last = incident.last.as_ref().map(|(at, text)| SampleRow {
            file: self.file(at.source).to_owned(),
            line: at.line,
            text: text.clone(),
            recipient: None,
            queue_id: None,
        });
        let slug = incident.kind.slug();
        let text = |text: Option<&str>| text.unwrap_or(slug).to_owned();
        IncidentRow {
            kind: slug.to_owned(),
            title: text(entry.map(|entry| entry.title(language))),
            meaning: text(entry.map(|entry| entry.meaning(language))),
            direction: incident.direction.slug().to_owned(),
            cause: incident.cause.map(|cause| cause.slug().to_owned()),
            cause_title: cause.map(|cause| cause.title(language).to_owned()),
            details: named(&incident.details),
            codes: named(&incident.codes),
            peer: incident.peer.clone(),
            peer_name,
            peers: incident
                .peers
                .iter()
                .map(|(name, lines)| Named {
                    name: provider(name).map_or(name.as_str(), |known| known.name()).to_owned(),
                    lines: *lines,
                })
                .collect(),
            domains: named(&incident.domains),
            senders: named(&incident.senders),
            clients: named(&incident.clients),
            users: named(&incident.users),
            since: self.time(incident.since),
            until: self.time(incident.until),
            seconds: incident.until.seconds() - incident.since.seconds(),
            going_on: incident.going_on,
            lines: incident.lines,
            messages: incident.messages,
            recipients: incident.recipients,
            recovered: incident.recovered,
            bounced: incident.bounced,
            waiting: incident.waiting,
            share: incident.share,
            usual: incident.expected,
            score: incident.score,
            harm: incident.harm,
            party: text(entry.map(|entry| entry.party.slug())),
            remedies: self.remedies_of(incident),
            first,
            last,
        }
    }

    fn remedies_of(&self, incident: &Incident) -> Vec<RemedyRow> {
        let Some(entry) = incident_kind(incident.kind.slug()) else { return Vec::new() };
        let inbound = incident.direction == Direction::Inbound;
        let mut facts =
            incident.first.as_ref().map_or_else(Facts::default, |s| facts_of(s, inbound));
        let first = |names: &[(String, u64)]| names.first().map(|(name, _)| name.clone());
        let (user, client) = (first(&incident.users), first(&incident.clients));
        let (domain, sender) = (first(&incident.domains), first(&incident.senders));
        // The names of the whole incident tell more than its first line.
        facts.address = user.as_deref().or(facts.address);
        facts.client = client.as_deref().or(facts.client);
        facts.domain = domain.as_deref().or(facts.domain);
        let of_sender = sender.map(|domain| format!("postmaster@{domain}"));
        facts.sender = of_sender.as_deref().or(facts.sender);
        let mta = self.mta();
        let mut rows = vec![RemedyRow {
            by: entry.party.slug().to_owned(),
            detail: None,
            text: fill(entry.remedy(self.about.language), &facts),
            checks: entry.checks(mta).iter().map(|check| fill(check, &facts)).collect(),
        }];
        let cause = incident.cause.and_then(|cause| self.about.knowledge.cause(cause.slug()));
        if let Some(cause) = cause.filter(|_| entry.causes) {
            let detail = incident.details.first().map(|(slug, _)| slug.as_str());
            let of_cause = cause.remedies(Some(incident.direction), mta, detail);
            rows.extend(of_cause.iter().take(REMEDIES).map(|r| self.remedy(r, None, &facts)));
        }
        rows
    }

    /// The server that wrote the log; `None` where several did.
    fn mta(&self) -> Option<Mta> {
        let mut servers = self.about.outcome.coverage.by_mta.keys();
        servers.next().copied().filter(|_| servers.next().is_none())
    }
}

fn named(names: &[(String, u64)]) -> Vec<Named> {
    names.iter().map(|(name, lines)| Named { name: name.clone(), lines: *lines }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::Kind;

    #[test]
    fn every_kind_of_incident_is_described() {
        for kind in Kind::ALL {
            assert!(incident_kind(kind.slug()).is_some(), "{kind} has no entry in incidents.toml");
        }
    }
}
