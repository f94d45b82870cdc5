//! The embedded rule files, in one place. A further provider is one line in [`provider::FILES`].

use super::CauseId;
use super::engine::RuleList;
use crate::knowledge::Listed;
use crate::knowledge::blocklist::List;
use crate::knowledge::provider::{self, Provider};
use std::sync::LazyLock;

/// Phrases of our own MTA and failures that nobody spoke of.
pub(super) const OWN: &str = "own.toml";
/// Wordings that mean the same whoever uses them.
pub(super) const TEXT: &str = "rules.toml";
/// What a refusal is about, where no wording fits.
pub(super) const HINTS: &str = "hints.toml";
/// What codes mean where no words tell.
pub(super) const STATUSES: &str = "statuses.toml";

/// The rules of an embedded file, ready to be asked.
pub(super) fn list_of(file: &str) -> RuleList {
    /// What the build script made of all files: the rules of each with their filing, by the file's name.
    static STORED: LazyLock<Vec<(&str, &[u8])>> = LazyLock::new(|| {
        let stored = include_bytes!(concat!(env!("OUT_DIR"), "/rules"));
        postcard::from_bytes(stored).unwrap_or_default()
    });
    let stored = STORED.iter().find(|(name, _)| *name == file);
    RuleList::embedded(stored.map_or(&[], |(_, rules)| rules))
}

/// The file of the provider that answered.
pub(super) fn provider_of(relay: Option<&str>, text: &str) -> Option<&'static str> {
    provider::provider_of(relay, text).map(Provider::file)
}

/// The cause that a listing of this kind has.
pub(super) fn cause_of(list: &List) -> CauseId {
    CauseId::new(match list.kind {
        Listed::Ip => "ip-blocklisted",
        Listed::Domain => "domain-blocklisted",
    })
}

/// The codes that lead to a cause where no words tell: `X.2.2`, `552 (rcpt)`. As `statuses.toml` has them.
pub fn usual_codes(cause: &str) -> Vec<String> {
    static RULES: LazyLock<RuleList> = LazyLock::new(|| list_of(STATUSES));
    let mut codes = Vec::new();
    for rule in RULES.rules().iter().filter(|rule| rule.cause.slug() == cause) {
        let named: Vec<_> = if rule.enhanced.is_empty() {
            rule.code.iter().map(ToString::to_string).collect()
        } else {
            rule.enhanced.iter().map(ToString::to_string).collect()
        };
        for code in named {
            let code = match rule.stage.as_slice() {
                [] => code,
                stages => {
                    let stages: Vec<_> = stages.iter().map(|stage| stage.slug()).collect();
                    format!("{code} ({})", stages.join(", "))
                }
            };
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
    }
    codes
}
