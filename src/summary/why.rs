//! Failures by cause: how many lines, messages and recipients, whose move, by which rule.

use super::distinct::Distinct;
use super::finder::client_of;
use super::row::{Sample, TextCount};
use super::tally::{Name, Namer, Tally};
use crate::classify::{CauseId, Verdict};
use crate::event::{Event, Kind, Mta};
use crate::knowledge::{Party, cause_slugs};
use crate::record::Record;
use crate::smtp::{Direction, Disposition, hash_in_lower_case};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Rows of causes are numbered from here, so that a message tells them from rows of codes.
const FIRST: u16 = 0x8000;

/// How many peers and rules a cause tells apart before the long tail is approximate.
const NAMES: usize = 256;
/// How many sub-kinds; each keeps a sample line. There are fewer blocklists than that.
const DETAILS: usize = 192;

/// The counts of one cause in one direction.
#[derive(Clone, Debug)]
pub struct CauseCount {
    /// Lines about attempts for one recipient, or refusals.
    pub lines: u64,
    /// Lines by whether the same message can get through later.
    pub hard: u64,
    /// Lines that quote an earlier reply.
    pub repeated: u64,
    /// Different messages.
    pub messages: u64,
    /// Different recipients of those messages.
    pub recipients: u64,
    /// Different addresses named as recipients (inbound).
    pub addresses: Distinct,
    /// Different clients (inbound).
    pub clients: Distinct,
    /// The servers that said it, or the clients it was said to.
    pub peers: Tally<u64>,
    /// Sub-kinds, with a line of each.
    pub details: Tally<TextCount>,
    /// `level:rule` that decided.
    pub rules: Tally<u64>,
    /// Whose move, by lines.
    pub parties: Tally<u64>,
    /// The first line.
    pub sample: Option<Sample>,
    /// Who wrote that line.
    pub mta: Option<Mta>,
}

impl Default for CauseCount {
    fn default() -> Self {
        Self {
            lines: 0,
            hard: 0,
            repeated: 0,
            messages: 0,
            recipients: 0,
            addresses: Distinct::default(),
            clients: Distinct::default(),
            peers: Tally::new(NAMES),
            details: Tally::new(DETAILS),
            rules: Tally::new(NAMES),
            parties: Tally::new(NAMES),
            sample: None,
            mta: None,
        }
    }
}

/// All causes.
#[derive(Clone, Debug, Default)]
pub struct Causes {
    rows: Vec<((Direction, CauseId), CauseCount)>,
    numbers: HashMap<(Direction, CauseId), u16>,
    /// As many as there are rules, mostly.
    decided: HashMap<Decision, Decided, FixedState>,
    namer: Namer,
}

/// What verdicts have in common that were made by the same rule.
type Decision = (Direction, WordPlace, WordPlace, Option<Party>);

/// What is found of them once.
#[derive(Clone, Copy, Debug)]
struct Decided {
    row: u16,
    /// Hashes of the rule and of the party.
    rule: u64,
    party: u64,
}

/// Where a word stands that stays for good. Such words are told apart by it faster than by their letters; the same word
/// may stand in two places.
pub(super) type WordPlace = (usize, usize);

pub(super) fn place_of(word: &'static str) -> WordPlace {
    (word.as_ptr().addr(), word.len())
}

/// Whether an event is a failure whose cause is counted: what was told in passing while delivery went on
/// elsewhere, warnings, probes and what was never tried are not.
pub fn is_failure(event: &Event<'_>) -> bool {
    match event.kind {
        Kind::Delivery => matches!(
            event.disposition,
            Some(
                Disposition::Deferred
                    | Disposition::Bounced
                    | Disposition::Expired
                    | Disposition::Discarded
            )
        ),
        Kind::Reject
        | Kind::AuthFailure
        | Kind::ProtocolViolation
        | Kind::LimitExceeded
        | Kind::SessionTimeout => true,
        Kind::Postponed | Kind::HostReply | Kind::RejectWarning | Kind::Probe | Kind::Disposal => {
            false
        }
    }
}

impl Causes {
    /// No causes yet; names come from `namer`.
    pub(super) fn new(namer: Namer) -> Self {
        Self { namer, ..Self::default() }
    }

    /// The rows in the order of direction and cause; those that only an earlier run has lines of are left out.
    pub fn rows(&self) -> Vec<(Direction, CauseId, &CauseCount)> {
        let mut rows: Vec<_> = self
            .rows
            .iter()
            // A row may be there for failures that a filter left out.
            .filter(|(_, count)| count.lines > 0)
            .map(|((direction, cause), count)| (*direction, *cause, count))
            .collect();
        rows.sort_by_key(|(direction, cause, _)| (*direction, *cause));
        rows
    }

    /// The number of a cause's row, made if it is new.
    pub(super) fn row_of(&mut self, direction: Direction, cause: CauseId) -> u16 {
        let key = (direction, cause);
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let number = FIRST + u16::try_from(self.rows.len()).unwrap_or(0);
        self.rows.push((key, CauseCount::default()));
        self.numbers.insert(key, number);
        number
    }

    fn decided(&mut self, direction: Direction, verdict: &Verdict) -> Decided {
        let (cause, rule) = (verdict.cause.slug(), verdict.basis.rule);
        let decision = (direction, place_of(cause), place_of(rule), verdict.party);
        if let Some(known) = self.decided.get(&decision) {
            return *known;
        }
        let hash = |word| self.namer.name(word).hash();
        let (rule, party) = (hash(rule), verdict.party.map_or(0, |party| hash(party.slug())));
        let decided = Decided { row: self.row_of(direction, verdict.cause), rule, party };
        self.decided.insert(decision, decided);
        decided
    }

    /// Counts a failure; gives the number of its row. `peer` is the client, or the server that we asked.
    pub(super) fn count(
        &mut self,
        record: &Record<'_>,
        event: &Event<'_>,
        direction: Direction,
        verdict: &Verdict,
        peer: Option<Name<'_>>,
        sample: impl Fn() -> Sample,
    ) -> u16 {
        let Decided { row: number, rule, party } = self.decided(direction, verdict);
        let index = usize::from(number - FIRST);
        let Some((_, row)) = self.rows.get_mut(index) else { return number };
        let name = |text| self.namer.name(text);
        let count = u64::from(record.count);
        row.lines += count;
        row.hard += if verdict.hard { count } else { 0 };
        row.repeated += if event.repeated { count } else { 0 };
        if let Some(detail) = &verdict.detail {
            let counted = row.details.entry(name(detail));
            counted.lines += count;
            counted.sample.get_or_insert_with(&sample);
        }
        *row.rules.entry_of_hash(rule, || verdict.basis.rule) += count;
        if let Some(known) = verdict.party {
            *row.parties.entry_of_hash(party, || known.slug()) += count;
        }
        if let Some(peer) = peer {
            *row.peers.entry(peer) += count;
        }
        if direction == Direction::Inbound {
            let found = record.prepared.map(|prepared| prepared.found);
            if let Some(client) = client_of(event) {
                let hash = found.map(|found| found.stranger);
                row.clients.add_hash(hash.unwrap_or_else(|| hash_in_lower_case(client)));
            }
            if let Some(recipient) = event.recipient {
                let hash = found.map(|found| found.recipient);
                row.addresses.add_hash(hash.unwrap_or_else(|| hash_in_lower_case(recipient)));
            }
        }
        if row.sample.is_none() {
            row.sample = Some(sample());
            row.mta = record.mta;
        }
        number
    }

    /// Adds what the correlator found new.
    pub(super) fn novelty(&mut self, number: u16, messages: u64, recipients: u64) {
        if let Some(row) = self.row_mut(number) {
            row.messages += messages;
            row.recipients += recipients;
        }
    }

    /// A message gave up with `number` (`expired`), having last failed with the cause of row `last`.
    pub(super) fn last_cause(&mut self, number: u16, last: u16) {
        let Some(slug) = self.row_mut(last).is_some().then(|| self.slug_of(last)).flatten() else {
            return;
        };
        let name = self.namer.name(slug);
        if let Some(row) = self.row_mut(number) {
            row.details.entry(name).lines += 1;
        }
    }

    /// What the rows are about, by their numbers.
    pub(super) fn keys(&self) -> Vec<(Direction, &'static str)> {
        self.rows.iter().map(|((direction, cause), _)| (*direction, cause.slug())).collect()
    }

    /// Gives the rows the numbers that they had in a run before. A cause that is known no more keeps its number.
    pub(super) fn number(&mut self, keys: &[(Direction, String)]) {
        for (direction, slug) in keys {
            let cause =
                cause_slugs().find(|known| known == slug).map_or(CauseId::UNKNOWN, CauseId::new);
            let number = FIRST + u16::try_from(self.rows.len()).unwrap_or(0);
            self.rows.push(((*direction, cause), CauseCount::default()));
            self.numbers.entry((*direction, cause)).or_insert(number);
        }
    }

    fn slug_of(&self, number: u16) -> Option<&'static str> {
        self.rows.get(usize::from(number.checked_sub(FIRST)?)).map(|((_, cause), _)| cause.slug())
    }

    fn row_mut(&mut self, number: u16) -> Option<&mut CauseCount> {
        self.rows.get_mut(usize::from(number.checked_sub(FIRST)?)).map(|(_, count)| count)
    }
}

/// The party that most lines of a cause name.
pub fn party_of(count: &CauseCount) -> Party {
    let slug = count.parties.by_weight().first().map_or("nobody", |(slug, _)| *slug);
    Party::ALL.iter().copied().find(|party| party.slug() == slug).unwrap_or(Party::Nobody)
}
