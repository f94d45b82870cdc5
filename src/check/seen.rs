//! What a log says of a domain: by which host it was refused, and with which code.

use super::name::HostName;
use crate::smtp::{EnhancedCode, LineBreak, ReplyCode, parse_reply};
use serde::Serialize;
use std::net::IpAddr;

/// Reply codes and enhanced codes that say: wrong host, or no mail here.
const NO_MAIL_CODES: [u16; 2] = [521, 556];
const NO_MAIL_ENHANCED: [&str; 4] = ["5.1.2", "5.1.10", "5.4.1", "5.4.4"];

/// The causes that such a code has when it means that.
const NO_MAIL_CAUSES: [&str; 2] = ["domain-accepts-no-mail", "recipient-domain-missing"];

/// The cause of failures of TLS.
pub(super) const TLS_CAUSE: &str = "tls-failed";

/// The causes that are about us: what others think of our address, our names or our domains.
const ABOUT_US: [&str; 8] = [
    "provider-blocked",
    "ip-blocklisted",
    "domain-blocklisted",
    "missing-ptr",
    "bad-helo",
    "auth-failed",
    "rate-limited",
    "sender-rejected",
];

/// Causes that are about the mail; where a known provider names one, its pages tell more than DNS.
const OF_PROVIDERS: [&str; 2] = ["policy-refused", "spam-content"];

/// A host that gave trouble, as the log names it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize)]
pub struct Seen {
    /// The host's name.
    pub host: Option<HostName>,
    /// Its address.
    pub address: Option<IpAddr>,
    /// The reply code.
    pub code: Option<u16>,
    /// The enhanced status code.
    pub enhanced: Option<String>,
    /// The cause, as the report names it; empty where no log was read.
    pub cause: String,
    /// The provider that it met: its stable word.
    pub provider: Option<&'static str>,
    /// How often.
    pub count: u64,
    /// One of its texts, as logged.
    pub text: String,
}

impl Seen {
    /// With the codes at the begin of a reply.
    pub fn of_reply(host: Option<HostName>, address: Option<IpAddr>, reply: &str) -> Self {
        let parsed = parse_reply(reply, LineBreak::Space);
        Self {
            host,
            address,
            code: parsed.as_ref().map(|reply| reply.code.value()),
            enhanced: parsed.and_then(|reply| reply.enhanced).map(|code| code.to_string()),
            text: reply.to_owned(),
            ..Self::default()
        }
    }

    /// The host said that it takes no mail, or none for this domain.
    ///
    /// Where the words tell another cause, they count: Exchange Online says 5.1.10 and 5.4.1 of a mailbox that does
    /// not exist, and Postfix 521 when a policy hangs up.
    pub fn says_no_mail(&self) -> bool {
        let fits = self.cause.is_empty() || NO_MAIL_CAUSES.contains(&self.cause.as_str());
        fits && says_no_mail(self.code, self.enhanced.as_deref())
    }

    /// TLS is what failed.
    pub fn is_about_tls(&self) -> bool {
        self.cause == TLS_CAUSE
    }

    /// It is about us and not about the recipient's domain.
    pub fn is_about_us(&self) -> bool {
        ABOUT_US.contains(&self.cause.as_str())
    }

    /// A known provider refuses us or our mail by its own judgement.
    pub fn is_providers_own(&self) -> bool {
        let of_mail = OF_PROVIDERS.contains(&self.cause.as_str());
        self.provider.is_some() && (of_mail || self.is_about_us())
    }

    /// Puts its names through `rewrite`.
    pub(super) fn rewrite(&mut self, rewrite: &dyn Fn(&str) -> String) {
        let host = self.host.take();
        self.host = host.and_then(|host| HostName::parse(&rewrite(host.as_str())));
        // A pseudonym of an address is a word.
        if let Some(address) = self.address.take() {
            let shown = rewrite(&address.to_string());
            match shown.parse() {
                Ok(address) => self.address = Some(address),
                Err(_) => self.host = self.host.take().or_else(|| HostName::parse(&shown)),
            }
        }
        self.text = rewrite(&self.text);
    }

    /// Its name, else its address.
    pub fn name(&self) -> Option<String> {
        let address = || self.address.map(|address| address.to_string());
        self.host.as_ref().map(|host| host.as_str().to_owned()).or_else(address)
    }
}

/// Whether codes say: no mail here, or the wrong host.
pub(super) fn says_no_mail(code: Option<u16>, enhanced: Option<&str>) -> bool {
    code.is_some_and(|code| NO_MAIL_CODES.contains(&code))
        || enhanced.is_some_and(|code| NO_MAIL_ENHANCED.contains(&code))
}

/// As [`says_no_mail`], of the codes of a record.
pub(super) fn event_says_no_mail(code: Option<ReplyCode>, enhanced: Option<EnhancedCode>) -> bool {
    let enhanced = enhanced.map(|code| code.to_string());
    says_no_mail(code.map(ReplyCode::value), enhanced.as_deref())
}
