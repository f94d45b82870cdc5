//! The table by cause: titles, whose move, and remedies filled in from a real line.

use super::build::{Shown, facts_of, share};
use super::{CauseRow, DetailRow, RemedyRow};
use crate::classify::CauseId;
use crate::knowledge::blocklist;
use crate::knowledge::{Cause, Facts, Remedy, fill};
use crate::smtp::Direction;
use crate::summary::{CauseCount, Summary, party_of};

/// How many remedies a cause shows: the most effective ones come first.
const REMEDIES: usize = 3;

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
        let facts = count.sample.as_ref().map_or_else(Facts::default, |s| facts_of(s, inbound));
        let details = count.details.by_weight();
        let first = details.first().map(|(slug, _)| *slug);
        let remedies = known
            .map(|cause| cause.remedies(Some(direction), count.mta, first))
            .unwrap_or_default();
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
                .map(|(slug, lines)| DetailRow {
                    detail: slug.to_owned(),
                    name: self.detail_name(known, slug),
                    lines: *lines,
                })
                .collect(),
            peers: self.named(&count.peers),
            peers_error: count.peers.error(),
            sample: count.sample.as_ref().map(|s| self.sample(s)),
            remedies: remedies.iter().take(REMEDIES).map(|r| self.remedy(r, &facts)).collect(),
            rules: self.named(&count.rules),
        }
    }

    /// What a cause is called.
    pub(super) fn title_of(&self, slug: &str) -> String {
        let known = self.about.knowledge.cause(slug);
        known.map_or(slug, |cause| cause.title(self.about.language)).to_owned()
    }

    fn remedy(&self, remedy: &Remedy, facts: &Facts<'_>) -> RemedyRow {
        RemedyRow {
            by: remedy.by.slug().to_owned(),
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
