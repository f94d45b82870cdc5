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
/// What a refusal is about, where no wording fits.
pub(super) const HINTS: Source = embedded!("hints.toml");
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

/// The codes that lead to a cause where no words tell: `X.2.2`, `552 (rcpt)`. Read from `statuses.toml`.
pub fn usual_codes(cause: &str) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Conditions {
        #[serde(default)]
        code: Vec<String>,
        #[serde(default)]
        enhanced: Vec<String>,
        #[serde(default)]
        stage: Vec<String>,
    }
    let mut codes = Vec::new();
    let leads_here = format!("\ncause = \"{cause}\"\n");
    let entries = STATUSES
        .1
        .split("\n[[rule]]\n")
        .filter(|entry| entry.starts_with("id = ") && format!("\n{entry}").contains(&leads_here));
    for entry in entries {
        let Ok(Conditions { code, enhanced, stage }) = toml::from_str(entry) else { continue };
        let named = if enhanced.is_empty() { code } else { enhanced };
        for code in named {
            let code = match stage.as_slice() {
                [] => code,
                stages => format!("{code} ({})", stages.join(", ")),
            };
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
    }
    codes
}
