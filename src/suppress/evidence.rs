//! What speaks against one address.

use super::{CodeCount, Scope};
use crate::classify::{CauseId, Level, Verdict};
use crate::event::{Event, Kind};
use crate::knowledge::Provider;
use crate::knowledge::provider::provider_of;
use crate::record::{Location, Record};
use crate::smtp::{Direction, Disposition};
use crate::time::Time;
use smallvec::SmallVec;

/// How many different codes of an address are told apart.
const CODES: usize = 4;

/// The failures of one address since it last accepted mail.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Final refusals.
    pub hard: u32,
    /// Other failures.
    pub soft: u32,
    pub(super) cause: CauseId,
    pub(super) scope: Scope,
    pub(super) first: Option<Time>,
    pub(super) last: Option<Time>,
    /// The last failure in the course of the log: where its line has no time, that of the line before.
    pub(super) failed: Option<Time>,
    pub(super) provider: Option<&'static str>,
    pub(super) at: Location,
    pub(super) text: Box<str>,
    pub(super) codes: SmallVec<[CodeCount; 1]>,
    pub(super) more_codes: u32,
    /// The address where it is not in lower case.
    pub(super) spelling: Option<Box<str>>,
}

impl Evidence {
    /// Longest text kept of the sample, in bytes.
    pub const TEXT: usize = 160;

    /// Seconds from the first failure to the last.
    pub fn seconds(&self) -> Option<i64> {
        Some(self.last?.seconds().saturating_sub(self.first?.seconds()))
    }

    pub(super) fn new(record: &Record<'_>, event: &Event<'_>, of: (CauseId, Scope)) -> Self {
        Self {
            hard: 0,
            soft: 0,
            cause: of.0,
            scope: of.1,
            first: record.time,
            last: record.time,
            failed: None,
            provider: None,
            at: record.at,
            text: Box::default(),
            codes: SmallVec::new(),
            more_codes: 0,
            spelling: event
                .recipient
                .filter(|address| address.bytes().any(|b| b.is_ascii_uppercase()))
                .map(Box::from),
        }
    }

    /// One more failure.
    pub(super) fn add(
        &mut self,
        record: &Record<'_>,
        event: &Event<'_>,
        strength: Strength,
        (cause, scope): (CauseId, Scope),
    ) {
        let none_before = self.hard == 0 && self.soft == 0;
        // The sample is the strongest that there is, and of those the last.
        if none_before || strength == Strength::Hard || self.hard == 0 {
            (self.cause, self.scope, self.at) = (cause, scope, record.at);
            self.text = beginning(event.text).into();
            let host = event.relay.and_then(|relay| relay.host);
            let outbound = event.direction == Direction::Outbound;
            let provider = outbound.then(|| provider_of(host, event.text)).flatten();
            self.provider = provider.map(Provider::slug).or(self.provider);
        }
        match strength {
            Strength::Hard => self.hard = self.hard.saturating_add(record.count),
            Strength::Soft => self.soft = self.soft.saturating_add(record.count),
        }
        if let Some(time) = record.time {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
        let code = event.code.map(crate::smtp::ReplyCode::value);
        let same = |c: &&mut CodeCount| c.code == code && c.enhanced == event.enhanced;
        if let Some(known) = self.codes.iter_mut().find(same) {
            known.count = known.count.saturating_add(record.count);
        } else if self.codes.len() < CODES {
            self.codes.push(CodeCount { code, enhanced: event.enhanced, count: record.count });
        } else {
            self.more_codes = self.more_codes.saturating_add(record.count);
        }
    }
}

/// How much a failure says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    /// It is final.
    Hard,
    /// It may pass.
    Soft,
}

impl Strength {
    /// What a failure with a cause that counts says; `None` where it is no evidence.
    ///
    /// It is final when the recipient was given up with it, the cause is one that does not pass, and more than a
    /// bare reply code says so: `550` alone is an unknown user as often as a list of bad clients.
    pub(super) fn of(event: &Event<'_>, verdict: &Verdict) -> Option<Self> {
        let attempt = event.kind == Kind::Delivery
            && event.direction != Direction::Inbound
            && !event.repeated
            && event.recipient.is_some();
        let given_up = match event.disposition {
            Some(Disposition::Bounced) => true,
            Some(Disposition::Deferred) => false,
            _ => return None,
        };
        let sure = !matches!(
            verdict.basis.level,
            Level::Hint | Level::Code | Level::Kind | Level::Nothing
        );
        attempt.then_some(if given_up && verdict.hard && sure { Self::Hard } else { Self::Soft })
    }
}

/// The first [`Evidence::TEXT`] bytes, cut between characters.
fn beginning(text: &str) -> &str {
    let end = (0..=text.len().min(Evidence::TEXT)).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}
