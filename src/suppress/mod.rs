//! The addresses that no longer deserve mail, each with its evidence and the rule that lists it.
//!
//! ```text
//! records ─► Collector: failing addresses ─► finish: those that a rule lists ─► List ─► render: text, CSV, JSON, plain
//! ```
//!
//! Taking a good address off a list does lasting harm and leaving a dead one on it little, so in doubt nothing is
//! listed. What counts as evidence:
//!
//! - a delivery attempt of ours for one recipient that failed by an address-level cause: those whose file in
//!   `knowledge/causes/` says `suppress = true`, and of [`MAY_BE_ADDED`] what the user adds. Whatever tells of our
//!   reputation, our policy, the message or the way there says nothing about the address;
//! - not what quotes an earlier reply (`delivery temporarily suspended`), an address probe, a reply told in passing,
//!   or a copy of an entry in another log;
//! - not our own refusals of clients: who is refused at our door is a stranger who named one of our addresses, or
//!   made one up, and no list of ours has it because of that;
//! - not what lies before the last time that the address accepted mail (for domain-level causes: any address of the
//!   domain).
//!
//! To add a rule: a field of [`Rules`] and its arm in [`Rules::judge`].
//!
//! Memory: an address that failed costs at most [`PER_ADDRESS`] bytes (one longer than 24 bytes as much more as it is
//! long), one that accepted mail 34. Both are bounded by [`Rules::most`]: see [`Incomplete`].

mod collect;
mod evidence;

pub use collect::{Collector, Ending, PER_ADDRESS};
pub use evidence::Evidence;

use crate::filter::FilterTerm;
use crate::knowledge::Knowledge;
use crate::report::warn::Warning;
use crate::smtp::EnhancedCode;
use crate::summary::DistinctCount;
use crate::words::words;
use serde::ser::{Serialize, SerializeStruct, Serializer};

/// Version of the JSON form. Fields may be added at any time; a removed or redefined field raises it.
pub const SCHEMA: u32 = 1;

/// Causes that say something of the address and may change without its owner being gone, so only the user can
/// add them.
pub const MAY_BE_ADDED: [&str; 2] = ["mailbox-full", "recipient-refuses"];

/// Causes that are about the whole domain.
const OF_THE_DOMAIN: [&str; 2] = ["recipient-domain-missing", "domain-accepts-no-mail"];

words! {
    /// What a cause is about.
    Scope {
        /// This address.
        Address = "address",
        /// Every address of its domain.
        Domain = "domain",
    }
}

words! {
    /// Why an address is listed.
    Rule {
        /// Enough final refusals.
        Hard = "hard",
        /// Temporary ones for long enough.
        Soft = "soft",
    }
}

/// When an address is listed.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Rules {
    /// So many final refusals are enough; 0: never.
    pub hard: u32,
    /// So many failures of any kind are enough; 0: never;
    pub soft: u32,
    /// if between the first and the last of them lie so many days.
    pub soft_days: u32,
    /// Causes added to the address-level ones; of [`MAY_BE_ADDED`].
    pub also: Vec<String>,
    /// How many failing addresses are followed.
    pub most: usize,
}

impl Default for Rules {
    /// One `550 5.1.1` is a fact; what is said to be temporary must last longer than a mail server tries.
    fn default() -> Self {
        Self { hard: 1, soft: 3, soft_days: 7, also: Vec::new(), most: 500_000 }
    }
}

impl Rules {
    /// The rule that lists an address with this evidence; `None`: it stays.
    pub fn judge(&self, evidence: &Evidence) -> Option<Rule> {
        if self.hard > 0 && evidence.hard >= self.hard {
            return Some(Rule::Hard);
        }
        let failures = evidence.hard.saturating_add(evidence.soft);
        let days = i64::from(self.soft_days) * 86_400;
        let long_enough = evidence.seconds().is_some_and(|seconds| seconds >= days);
        (self.soft > 0 && failures >= self.soft && (long_enough || days == 0)).then_some(Rule::Soft)
    }

    /// What a cause is about if it can list an address.
    pub fn scope(&self, knowledge: &Knowledge, slug: &str) -> Option<Scope> {
        let by_default = knowledge.cause(slug).is_some_and(|cause| cause.suppress);
        let added = MAY_BE_ADDED.contains(&slug) && self.also.iter().any(|also| also == slug);
        (by_default || added)
            .then(|| if OF_THE_DOMAIN.contains(&slug) { Scope::Domain } else { Scope::Address })
    }
}

/// The list.
#[derive(Debug, serde::Serialize)]
pub struct List {
    /// Version of this structure.
    pub schema: u32,
    /// The program and its version.
    pub generator: String,
    /// The filter that was on; null when none was. What is told is then what it selected.
    pub filter: Option<Vec<FilterTerm>>,
    /// What of the log could not be read, is missing or may be counted wrongly.
    pub warnings: Vec<Warning>,
    /// By which rules.
    pub rules: Rules,
    /// The causes that count, by their stable words.
    pub causes: Vec<&'static str>,
    /// Addresses that failed by such a cause and are not listed: not often or not long enough, or mail was accepted
    /// since.
    pub not_listed: u64,
    /// What may be missing, if anything.
    pub incomplete: Option<Incomplete>,
    /// The addresses, in their order.
    pub addresses: Vec<Listed>,
}

/// The bound was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Incomplete {
    /// Addresses that failed after [`Rules::most`] others and were not followed. Those that are listed are right.
    pub left_out: DistinctCount,
    /// Not every acceptance could be remembered. It matters only where the log is not in the order of time: then an
    /// address may be listed that accepted mail later, in a file that was read before.
    pub acceptances_forgotten: bool,
}

/// An address of the list.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Listed {
    /// The address as first logged.
    pub address: String,
    /// Whether the cause is about it or about its domain.
    pub scope: Scope,
    /// The cause's stable word: of the last final refusal, else of the last failure.
    pub cause: &'static str,
    /// Its name in the language asked for.
    pub title: String,
    /// Why it is listed.
    pub rule: Rule,
    /// Final refusals.
    pub hard: u32,
    /// Other failures.
    pub soft: u32,
    /// First failure, RFC 3339.
    pub first: Option<String>,
    /// Last failure, RFC 3339.
    pub last: Option<String>,
    /// The codes, most first.
    pub codes: Vec<CodeCount>,
    /// Failures with further codes.
    pub more_codes: u32,
    /// The receiving provider, where the log tells it.
    pub provider: Option<&'static str>,
    /// The file of the sample.
    pub file: String,
    /// Its line.
    pub line: u64,
    /// What it says, cut to [`Evidence::TEXT`] bytes.
    pub text: String,
}

/// A code and how often it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeCount {
    /// The reply code; `null` where the line states none.
    pub code: Option<u16>,
    /// The enhanced status code.
    pub enhanced: Option<EnhancedCode>,
    /// How often.
    pub count: u32,
}

impl Serialize for CodeCount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("CodeCount", 3)?;
        fields.serialize_field("code", &self.code)?;
        fields.serialize_field("enhanced", &self.enhanced.map(|code| code.to_string()))?;
        fields.serialize_field("count", &self.count)?;
        fields.end()
    }
}

#[cfg(test)]
mod tests;
