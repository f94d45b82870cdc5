//! The table by cause: titles, whose move, and remedies filled in from a real line.

use super::build::{Shown, facts_of, share};
use super::{CauseRow, DetailRow, RemedyRow};
use crate::classify::CauseId;
use crate::i18n::{Language, say};
use crate::knowledge::blocklist;
use crate::knowledge::provider::provider_of_host;
use crate::knowledge::{Cause, Facts, OpenDetails, Party, Remedy, fill};
use crate::smtp::Direction;
use crate::summary::{CauseCount, Sample, Summary, party_of};

/// How many remedies a cause shows: the most effective ones come first.
const REMEDIES: usize = 3;
/// How many providers' pages a cause names.
const PROVIDERS: usize = 3;
/// A detail has a remedy of its own when it has one in so many lines of the cause; the most frequent one always.
const MATTERS: u64 = 10;

/// What a line of a detail says, or one of its cause.
fn facts_from<'a>(count: &'a CauseCount, line: Option<&'a Sample>, inbound: bool) -> Facts<'a> {
    let sample = line.or(count.sample.as_ref());
    sample.map_or_else(Facts::default, |sample| facts_of(sample, inbound))
}

impl Shown<'_> {
    /// The causes of one direction, most lines first; what nobody can name last.
    pub(super) fn causes(&self, summary: &Summary, direction: Direction) -> Vec<CauseRow> {
        let mut rows: Vec<(CauseId, &CauseCount)> = summary
            .causes
            .rows()
            .into_iter()
            .filter(|(of, _, _)| *of == direction)
            .map(|(_, cause, count)| (cause, count))
            .collect();
        rows.sort_by(|a, b| b.1.lines.cmp(&a.1.lines).then_with(|| a.0.cmp(&b.0)));
        let total = rows.iter().map(|(_, count)| count.lines).sum();
        rows.into_iter().map(|(cause, count)| self.cause(cause, count, direction, total)).collect()
    }

    fn cause(&self, id: CauseId, count: &CauseCount, direction: Direction, total: u64) -> CauseRow {
        let language = self.about.language;
        let inbound = direction == Direction::Inbound;
        let known = self.about.knowledge.cause(id.slug());
        let details = count.details.by_weight();
        let remedies =
            known.map(|cause| self.remedies(cause, count, direction)).unwrap_or_default();
        CauseRow {
            cause: id.slug().to_owned(),
            title: self.title_of(id.slug()),
            meaning: known.map_or_else(String::new, |c| c.meaning(language).to_owned()),
            party: party_of(count).slug().to_owned(),
            hard_lines: count.hard,
            suppress: known.is_some_and(|cause| cause.suppress),
            lines: count.lines,
            repeated: count.repeated,
            messages: count.messages,
            recipients: count.recipients,
            addresses: inbound.then(|| count.addresses.count().at_most(count.lines)),
            clients: inbound.then(|| count.clients.count().at_most(count.lines)),
            share: share(count.lines, total),
            details: details
                .into_iter()
                .take(self.about.top)
                .map(|(slug, counted)| DetailRow {
                    detail: slug.to_owned(),
                    name: self.detail_name(known, slug),
                    lines: counted.lines,
                })
                .collect(),
            peers: self.named(&count.peers),
            peers_error: count.peers.error(),
            sample: count.sample.as_ref().map(|s| self.sample(s)),
            remedies,
            rules: self.named(&count.rules),
        }
    }

    /// What a cause is called.
    pub(super) fn title_of(&self, slug: &str) -> String {
        let known = self.about.knowledge.cause(slug);
        known.map_or(slug, |cause| cause.title(self.about.language)).to_owned()
    }

    /// What can be done: one thing for each detail that matters, filled from a line of that detail, and then what
    /// helps with any.
    fn remedies(&self, cause: &Cause, count: &CauseCount, direction: Direction) -> Vec<RemedyRow> {
        let inbound = direction == Direction::Inbound;
        let of = |detail| cause.remedies(Some(direction), count.mta, detail);
        let mut rows: Vec<RemedyRow> = Vec::new();
        let mut add = |row: RemedyRow| {
            if rows.len() < REMEDIES && rows.iter().all(|other| other.text != row.text) {
                rows.push(row);
            }
        };
        let details = count.details.by_weight();
        let matters = |lines: u64| lines * MATTERS >= count.lines;
        for (n, (slug, counted)) in details.iter().take(REMEDIES).enumerate() {
            if n > 0 && !matters(counted.lines) {
                break;
            }
            let facts = facts_from(count, counted.sample.as_ref(), inbound);
            match cause.open_details() {
                Some(OpenDetails::Blocklist) if !inbound => {
                    self.way_out(slug).into_iter().for_each(&mut add);
                }
                Some(OpenDetails::Cause) => {
                    let behind = self.about.knowledge.cause(slug);
                    let first = behind.and_then(|behind| {
                        behind.remedies(Some(direction), count.mta, None).into_iter().next()
                    });
                    first
                        .map(|r| self.remedy(r, Some(slug), &facts))
                        .into_iter()
                        .for_each(&mut add);
                }
                _ => {}
            }
            // The most frequent detail may have two; two of one leave no room for another's.
            let most = if n == 0 && details.len() == 1 { REMEDIES } else { 1 };
            of(Some(slug))
                .into_iter()
                .filter(|remedy| remedy.detail.is_some())
                .take(most)
                .for_each(|remedy| add(self.remedy(remedy, Some(slug), &facts)));
        }
        for remedy in of(None) {
            add(self.remedy(remedy, None, &facts_from(count, None, inbound)));
        }
        rows.extend(self.pages(count).filter(|_| cause.provider_pages && !inbound));
        rows
    }

    /// The pages for senders of the providers that said it most often.
    fn pages(&self, count: &CauseCount) -> Option<RemedyRow> {
        let mut pages: Vec<String> = Vec::new();
        for (host, _) in count.peers.by_weight() {
            let Some(provider) = provider_of_host(host) else { continue };
            let mut urls = [provider.postmaster(), provider.delisting()].into_iter().flatten();
            let Some(first) = urls.next() else { continue };
            let page = urls
                .fold(format!("{} {first}", provider.name()), |page, url| format!("{page} {url}"));
            if pages.len() < PROVIDERS && !pages.contains(&page) {
                pages.push(page);
            }
        }
        let labels = self.about.language.labels();
        (!pages.is_empty()).then(|| RemedyRow {
            by: Party::OwnAdmin.slug().to_owned(),
            detail: None,
            text: say(labels.provider_pages, &[&pages.join("; ")]),
            checks: Vec::new(),
        })
    }

    /// How to get off a blocklist.
    fn way_out(&self, slug: &str) -> Option<RemedyRow> {
        let list = blocklist::list(slug)?;
        let way = list.way_out()?;
        let sentence = match self.about.language {
            Language::En => &way.en,
            Language::Ru => &way.ru,
        };
        let page = list.url.as_ref().map(|url| format!(" {url}")).unwrap_or_default();
        Some(RemedyRow {
            by: Party::OwnAdmin.slug().to_owned(),
            detail: Some(slug.to_owned()),
            text: format!("{}: {sentence}{page}", list.name),
            checks: Vec::new(),
        })
    }

    pub(super) fn remedy(
        &self,
        remedy: &Remedy,
        detail: Option<&str>,
        facts: &Facts<'_>,
    ) -> RemedyRow {
        RemedyRow {
            by: remedy.by.slug().to_owned(),
            detail: detail.map(str::to_owned),
            text: fill(remedy.text(self.about.language), facts),
            checks: remedy.checks.iter().map(|check| fill(check, facts)).collect(),
        }
    }

    /// A sub-kind's name: of the cause's own list, of a blocklist, or itself.
    fn detail_name(&self, cause: Option<&Cause>, slug: &str) -> String {
        cause
            .and_then(|cause| self.about.knowledge.detail_name(cause, slug, self.about.language))
            .or_else(|| blocklist::list(slug).map(|list| list.name.as_str()))
            .unwrap_or(slug)
            .to_owned()
    }
}
