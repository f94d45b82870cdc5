//! The embedded rule files, in one place. A further provider is one line in [`provider::FILES`].

use super::CauseId;
use crate::knowledge::Listed;
use crate::knowledge::blocklist::List;
use crate::knowledge::provider::{self, Provider};

/// The name of a data file, for messages, and its text.
pub(super) type Source = (&'static str, &'static str);

macro_rules! embedded {
    ($path:literal) => {
        ($path, include_str!(concat!("../knowledge/", $path)))
    };
}

/// Phrases of our own MTA and failures that nobody spoke of.
pub(super) const OWN: Source = embedded!("own.toml");
/// Wordings that mean the same whoever uses them.
pub(super) const TEXT: Source = embedded!("rules.toml");
/// What codes mean where no words tell.
pub(super) const STATUSES: Source = embedded!("statuses.toml");
/// One file a receiver or filter service.
pub(super) const PROVIDERS: &[Source] = provider::FILES;

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
