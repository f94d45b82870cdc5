//! How a blocklist is asked over DNS, and what its answers mean.
//!
//! Source: RFC 5782 (names, test entries, the answers are addresses in 127.0.0.0/8); what each list makes of it
//! stands on the page that its `source` names.

use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr};

/// How to ask a list that answers everybody; the `[list.query]` of an entry.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// The zone for IPv4 addresses, or for domains.
    pub zone: String,
    /// The zone for IPv6 addresses, often the same; `None` where the list has none.
    pub zone6: Option<String>,
    /// A page that says how the list is asked.
    pub source: String,
    /// What is always listed, so that a list that answers can be told from one that is silent: an address, or a
    /// domain; `None` where the list promises nothing.
    pub test: Option<String>,
    /// Each bit of the answer's last byte has a meaning of its own.
    #[serde(default)]
    pub bits: bool,
    /// What single answers mean; a listing whose answer is not here is a listing all the same.
    #[serde(default)]
    pub answers: Vec<AnswerMeaning>,
    /// Answers that mean: you may not ask.
    #[serde(default)]
    pub refusals: Vec<Answers>,
}

/// What an answer means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerMeaning {
    /// Which.
    pub is: Answers,
    /// The part of the list that it stands for: a slug.
    pub part: Option<String>,
    /// In English, where it stands for no list of its own.
    pub en: Option<String>,
    /// In Russian.
    pub ru: Option<String>,
}

/// An address, or the first and the last of a range: `127.0.0.10-127.0.0.11`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Answers {
    first: Ipv4Addr,
    last: Ipv4Addr,
}

impl TryFrom<String> for Answers {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (first, last) = text.split_once('-').unwrap_or((&text, &text));
        let read = |part: &str| {
            part.parse::<Ipv4Addr>().map_err(|_| format!("`{part}` is no IPv4 address"))
        };
        Ok(Self { first: read(first)?, last: read(last)? })
    }
}

impl Answers {
    /// Whether an answer is one of these.
    pub fn has(self, answer: Ipv4Addr) -> bool {
        (self.first..=self.last).contains(&answer)
    }

    /// The first of them.
    pub const fn first(self) -> Ipv4Addr {
        self.first
    }
}

/// What one answer comes to.
#[derive(Clone, Debug)]
pub enum Reading<'q> {
    /// Listed, for these reasons; none where the list does not tell.
    Listed(Vec<&'q AnswerMeaning>),
    /// The list does not want to be asked by this resolver. Nobody is listed.
    Refused,
    /// No answer that a blocklist gives: the zone has gone to somebody else, or the resolver makes answers up.
    Foreign,
}

/// Where several lists answer that they may not be asked (begun by Spamhaus in 2019).
const USUAL_REFUSALS: Answers =
    Answers { first: Ipv4Addr::new(127, 255, 255, 0), last: Ipv4Addr::new(127, 255, 255, 255) };

impl ListQuery {
    /// Reads one answer.
    pub fn read(&self, answer: Ipv4Addr) -> Reading<'_> {
        if !answer.is_loopback() {
            return Reading::Foreign;
        }
        if USUAL_REFUSALS.has(answer) || self.refusals.iter().any(|range| range.has(answer)) {
            return Reading::Refused;
        }
        let [.., byte] = answer.octets();
        let means = |meaning: &&AnswerMeaning| {
            if self.bits {
                let [.., bit] = meaning.is.first().octets();
                byte & bit != 0
            } else {
                meaning.is.has(answer)
            }
        };
        Reading::Listed(self.answers.iter().filter(means).collect())
    }

    /// The zone to ask for an address.
    pub fn zone_for(&self, address: IpAddr) -> Option<&str> {
        if address.is_ipv4() { Some(&self.zone) } else { self.zone6.as_deref() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ListStatus;
    use super::super::blocklist::{list, lists};
    use super::*;
    use crate::knowledge::Listed;

    fn read(slug: &str, answer: &str) -> String {
        let query = list(slug).unwrap().query.as_ref().unwrap();
        match query.read(answer.parse().unwrap()) {
            Reading::Refused => "refused".to_owned(),
            Reading::Foreign => "foreign".to_owned(),
            Reading::Listed(reasons) => {
                let word = |reason: &&AnswerMeaning| reason.part.clone().or(reason.en.clone());
                reasons.iter().filter_map(word).collect::<Vec<_>>().join(" + ")
            }
        }
    }

    #[test]
    fn answers_are_read_as_the_lists_say() {
        for (slug, answer, want) in [
            ("spamhaus-zen", "127.0.0.2", "spamhaus-sbl"),
            ("spamhaus-zen", "127.0.0.3", "spamhaus-css"),
            ("spamhaus-zen", "127.0.0.4", "spamhaus-xbl"),
            ("spamhaus-zen", "127.0.0.11", "spamhaus-pbl"),
            ("spamhaus-zen", "127.255.255.252", "refused"),
            ("spamhaus-zen", "127.255.255.254", "refused"),
            ("spamhaus-zen", "127.255.255.255", "refused"),
            ("spamhaus-zen", "198.18.0.1", "foreign"),
            ("spamhaus-dbl", "127.0.1.255", "refused"),
            ("spamhaus-dbl", "127.0.1.4", "domain used for phishing"),
            ("uribl", "127.0.0.1", "refused"),
            ("uribl", "127.0.0.10", "black + red"),
            ("surbl", "127.0.0.1", "refused"),
            ("surbl", "127.0.0.80", "malware + abuse"),
            ("spamcop", "127.0.0.2", ""),
            // What a list begins to say some day is a listing without a reason.
            ("spamhaus-zen", "127.0.0.99", ""),
        ] {
            assert_eq!(read(slug, answer), want, "{slug} {answer}");
        }
    }

    #[test]
    fn every_query_is_well_formed() {
        let mut count = 0;
        for list in lists() {
            let Some(query) = &list.query else { continue };
            let slug = &list.slug;
            count += 1;
            assert_eq!(list.status, ListStatus::Active, "{slug}: a closed list is not asked");
            for zone in std::iter::once(&query.zone).chain(&query.zone6) {
                assert!(list.zones.contains(zone), "{slug}: {zone} is none of its zones");
            }
            assert!(query.source.starts_with("https://"), "{slug}: {}", query.source);
            assert!(list.url.is_some(), "{slug}: no page for getting off");
            if let Some(test) = &query.test {
                let is_address = test.parse::<Ipv4Addr>().is_ok_and(|test| test.is_loopback());
                assert_eq!(is_address, list.kind == Listed::Ip, "{slug}: {test}");
            }
            for meaning in &query.answers {
                assert!(meaning.is.first <= meaning.is.last, "{slug}: {:?}", meaning.is);
                assert!(meaning.is.first.is_loopback(), "{slug}: {:?}", meaning.is);
                match (&meaning.part, &meaning.en, &meaning.ru) {
                    (Some(part), None, None) => {
                        assert!(list.parts.contains(part), "{slug}: {part} is no part of it");
                    }
                    (None, Some(_), Some(_)) => {}
                    other => panic!("{slug}: {other:?}"),
                }
            }
        }
        assert!(count >= 15, "{count} lists can be asked");
    }
}
