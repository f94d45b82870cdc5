//! Who the receiver is: mailbox providers and filter services, known by the relay's host name or by their
//! own words in a reply.
//!
//! The host decides; the recipient's domain never does, because many domains keep their mail with somebody
//! else. A signature (`gsmtp`, `[TSS04]`, `OFR_416`) helps where the host is not known: a pasted reply, or a
//! reply that a relay passes on. Judging the reply is not done here; the `[[rule]]`s of the same files are
//! the business of the classifier, and so is the question whether the host or the words go first in a reply
//! that a relay passes on.
//!
//! To add a provider: a file in `providers/`, as the head of `providers/google.toml` says, and its line in
//! [`FILES`].

use super::phrase::{Phrases, SEED, hash_step};
use super::schema::{Note, ProviderEntry, ProviderHead};
use super::store::Entries;
use super::terms::{CodeRange, Role};
use super::value;
use crate::error::Error;
use crate::smtp::EnhancedCode;
use hashbrown::HashTable;
use std::sync::LazyLock;

macro_rules! files {
    ($($slug:literal)*) => {
        &[$((
            concat!("providers/", $slug, ".toml"),
            include_str!(concat!("providers/", $slug, ".toml")),
        )),*]
    };
}

/// The providers' files, in the order in which they are listed.
pub(crate) const FILES: &[(&str, &str)] = files! {
    "google"
    "microsoft"
    "yahoo"
    "icloud"
    "gmx"
    "t-online"
    "orange"
    "laposte"
    "free"
    "sfr"
    "mail-ru"
    "yandex"
    "qq"
    "netease"
    "comcast"
    "cox"
    "spectrum"
    "godaddy"
    "proofpoint"
    "mimecast"
    "barracuda"
    "cisco"
    "symantec"
    "trend-micro"
    "zoho"
    "facebook"
    "att"
    "i-ua"
    "docomo"
    "kddi"
    "cloudflare"
    "fastmail"
    "proton"
    "rackspace"
    "ionos"
    "strato"
    "ovh"
    "gandi"
    "hornetsecurity"
    "sophos"
    "spamexperts"
    "naver"
    "seznam"
    "wp"
    "onet"
    "rambler"
    "ukr-net"
    "libero"
    "aliyun"
};

/// A receiver or filter service, and its own codes.
#[derive(Debug)]
pub struct Provider {
    file: &'static str,
    head: ProviderHead,
    codes: Entries<Vec<CodeRange>, ProviderEntry>,
}

impl Provider {
    fn new(file: &'static str, text: &'static str) -> Result<Self, Error> {
        let codes = Entries::new((file, text), "code", |facts| {
            let list = value(facts, "codes")?.strip_prefix('[')?.strip_suffix(']')?;
            list.split(", ").map(|code| CodeRange::parse(code.trim_matches('"'))).collect()
        });
        let head = toml::from_str(codes.head()).map_err(|e| Error::Knowledge {
            file: file.to_owned(),
            what: e.message().to_owned(),
        })?;
        Ok(Self { file, head, codes })
    }

    /// The name of its file: `providers/google.toml`.
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// Stable word.
    pub fn slug(&self) -> &str {
        &self.head.slug
    }

    /// Name as people say it.
    pub fn name(&self) -> &str {
        &self.head.name
    }

    /// Whether it keeps the mailboxes or filters for others.
    pub fn role(&self) -> Role {
        self.head.role
    }

    /// What the names of its mail exchangers end in.
    pub fn hosts(&self) -> &[String] {
        &self.head.hosts
    }

    /// Words that only its replies have; a `9` stands for any digit.
    pub fn signatures(&self) -> &[String] {
        &self.head.signatures
    }

    /// Mailbox domains that are certainly its own; not all of them.
    pub fn domains(&self) -> &[String] {
        &self.head.domains
    }

    /// Its page for those who send to it.
    pub fn postmaster(&self) -> Option<&str> {
        self.head.postmaster.as_deref()
    }

    /// Its page for getting off its own list.
    pub fn delisting(&self) -> Option<&str> {
        self.head.delisting.as_deref()
    }

    /// What is good to know about its replies.
    pub fn note(&self) -> Option<&Note> {
        self.head.en.as_ref()
    }

    /// The same in Russian.
    pub fn note_ru(&self) -> Option<&Note> {
        self.head.ru.as_ref()
    }

    /// Its own use of the code.
    pub fn entry(&self, code: EnhancedCode) -> Option<&ProviderEntry> {
        self.codes.find(|ranges| ranges.iter().any(|range| range.contains(code)))
    }

    /// All its own codes.
    pub fn entries(&self) -> impl Iterator<Item = &ProviderEntry> {
        self.codes.iter()
    }
}

/// All providers, in the order of [`FILES`].
pub fn providers() -> &'static [Provider] {
    // A file that is wrong is left out here; `check` names it, and a test calls that.
    static PROVIDERS: LazyLock<Vec<Provider>> = LazyLock::new(|| {
        FILES.iter().filter_map(|&(file, text)| Provider::new(file, text).ok()).collect()
    });
    &PROVIDERS
}

/// The provider of that slug.
pub fn provider(slug: &str) -> Option<&'static Provider> {
    providers().iter().find(|provider| provider.slug() == slug)
}

/// Parses all files.
///
/// # Errors
///
/// [`Error::Knowledge`] for the first entry that is wrong.
pub(super) fn check() -> Result<(), Error> {
    FILES.iter().try_for_each(|&(file, text)| Provider::new(file, text)?.codes.check(text))
}

/// The provider whose host `relay_host` is; failing that, the one whose words `text` has.
///
/// `text` is a reply; give an empty one for a delivery that succeeded, where the words tell nothing.
pub fn provider_of(relay_host: Option<&str>, text: &str) -> Option<&'static Provider> {
    relay_host.and_then(provider_of_host).or_else(|| provider_of_reply(text))
}

/// The provider with a host name that ends in whole labels in `host` (`mx.example.com` ends in `example.com`,
/// `notexample.com` does not). The longest such name wins. Case and a trailing dot do not matter.
///
/// One pass over the last labels, backwards; no allocation. Asked for every delivery.
pub fn provider_of_host(host: &str) -> Option<&'static Provider> {
    static HOSTS: LazyLock<HostTable> = LazyLock::new(HostTable::new);
    HOSTS.find(host.strip_suffix('.').unwrap_or(host))
}

/// The provider whose words `text` has; where several have some, the longest decide, then the first.
pub fn provider_of_reply(text: &str) -> Option<&'static Provider> {
    static SIGNATURES: LazyLock<Phrases<&Provider>> = LazyLock::new(|| {
        let of = |provider: &'static Provider| {
            provider.signatures().iter().map(move |words| (words.as_str(), provider))
        };
        Phrases::new(providers().iter().flat_map(of))
    });
    if text.is_empty() {
        return None;
    }
    let mut best: Option<(usize, &'static Provider)> = None;
    for place in SIGNATURES.places(text) {
        let length = place.phrase.len();
        if best.is_none_or(|(longest, _)| length > longest)
            && stands_at(place.phrase, text.as_bytes(), place.start)
        {
            best = Some((length, place.value));
        }
    }
    best.map(|(_, provider)| provider)
}

/// Host suffixes, found by a hash that is computed from the end of the name. The last two labels tell whether
/// it is worth to go on, so most names cost a dozen bytes and one look-up.
struct HostTable(HashTable<Suffix>);

struct Suffix {
    hash: u64,
    name: &'static str,
    /// `None` where only longer names belong to somebody: `ne.jp` of `docomo.ne.jp`.
    provider: Option<&'static Provider>,
    /// Labels of the longest suffix with these last two labels.
    labels: usize,
}

impl HostTable {
    fn new() -> Self {
        let mut table = Self(HashTable::new());
        for provider in providers() {
            for host in provider.hosts() {
                table.entry(host).provider = Some(provider);
                let labels = host.split('.').count();
                let end = table.entry(last_two_labels(host));
                end.labels = end.labels.max(labels);
            }
        }
        table
    }

    fn entry(&mut self, name: &'static str) -> &mut Suffix {
        let hash = name.bytes().rev().fold(SEED, hash_step);
        self.0
            .entry(hash, |suffix| suffix.name == name, |suffix| suffix.hash)
            .or_insert_with(|| Suffix { hash, name, provider: None, labels: 0 })
            .into_mut()
    }

    fn find(&self, host: &str) -> Option<&'static Provider> {
        let mut hash = SEED;
        let mut labels = 0;
        let mut longest = 0;
        let mut found = None;
        for (at, byte) in host.bytes().enumerate().rev() {
            if byte == b'.' {
                labels += 1;
                if labels == 2 {
                    let end = self.get(hash, host.get(at + 1..)?)?;
                    longest = end.labels;
                    found = end.provider;
                } else if labels > 2 {
                    let longer = self.get(hash, host.get(at + 1..)?);
                    found = longer.and_then(|suffix| suffix.provider).or(found);
                }
                if labels >= 2 && labels >= longest {
                    return found;
                }
            }
            hash = hash_step(hash, byte);
        }
        self.get(hash, host).and_then(|suffix| suffix.provider).or(found)
    }

    fn get(&self, hash: u64, name: &str) -> Option<&Suffix> {
        self.0.find(hash, |suffix| suffix.name.eq_ignore_ascii_case(name))
    }
}

fn last_two_labels(host: &str) -> &str {
    host.rmatch_indices('.').nth(1).and_then(|(at, _)| host.get(at + 1..)).unwrap_or(host)
}

/// `words`, with any digit for each `9`, stand in `text` at `start`, and not as a part of a longer word.
fn stands_at(words: &str, text: &[u8], start: usize) -> bool {
    let Some(end) = start.checked_add(words.len()) else { return false };
    let Some(found) = text.get(start..end) else { return false };
    let same = words.bytes().zip(found).all(|(want, have)| match want {
        b'9' => have.is_ascii_digit(),
        _ => want.eq_ignore_ascii_case(have),
    });
    let joined = |inside: Option<u8>, outside: Option<&u8>| {
        inside.is_some_and(|byte| byte.is_ascii_alphanumeric())
            && outside.is_some_and(u8::is_ascii_alphanumeric)
    };
    let before = start.checked_sub(1).and_then(|at| text.get(at));
    same && !joined(words.bytes().next(), before) && !joined(words.bytes().last(), text.get(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn slug(provider: Option<&Provider>) -> Option<&str> {
        provider.map(Provider::slug)
    }

    #[test]
    fn hosts_are_found_by_whole_labels() {
        for (host, want) in [
            ("gmail-smtp-in.l.google.com", Some("google")),
            ("GMAIL-SMTP-IN.L.GOOGLE.COM", Some("google")),
            ("gmail-smtp-in.l.google.com.", Some("google")),
            ("google.com", Some("google")),
            ("aspmx2.googlemail.com", Some("google")),
            ("notgoogle.com", None),
            ("google.com.example.org", None),
            ("google.com..", None),
            ("com", None),
            ("", None),
            (".", None),
            ("..", None),
            ("local", None),
            ("dovecot", None),
            ("192.0.2.1", None),
            ("2001:db8::1", None),
            ("example-com.mail.protection.outlook.com", Some("microsoft")),
            ("outlook-com.olc.protection.outlook.com", Some("microsoft")),
            ("example-com.p-v1.mx.microsoft", Some("microsoft")),
            ("notprotection.outlook.com", None),
            ("outlook.com", None),
            ("mta7.am0.yahoodns.net", Some("yahoo")),
            ("mx01.mail.icloud.com", Some("icloud")),
            ("mx00.emig.gmx.net", Some("gmx")),
            ("mx-ha02.web.de", Some("gmx")),
            ("mx01.t-online.de", Some("t-online")),
            ("mxs.mail.ru", Some("mail-ru")),
            ("mfsmax.docomo.ne.jp", Some("docomo")),
            ("mx.example.ne.jp", None),
            ("mx.yandex.ru", Some("yandex")),
            ("mx3.qq.com", Some("qq")),
            ("cxr.mx.a.cloudfilter.net", Some("cox")),
            ("mx.a.cloudfilter.net", Some("spectrum")),
            ("mx0b-00000000.pphosted.com", Some("proofpoint")),
            ("d200.ess.barracudanetworks.com", Some("barracuda")),
            ("müller.example", None),
        ] {
            assert_eq!(slug(provider_of_host(host)), want, "{host}");
        }
    }

    #[test]
    fn every_host_is_found_and_belongs_to_one_provider() {
        for provider in providers() {
            for host in provider.hosts() {
                assert_eq!(*host, host.to_ascii_lowercase(), "{}", provider.slug());
                assert!(host.contains('.'), "{host}: one label would be a whole top-level domain");
                for name in [host.clone(), format!("mx1.{host}"), format!("a.b.c.d.e.f.{host}.")] {
                    assert_eq!(slug(provider_of_host(&name)), Some(provider.slug()), "{name}");
                }
                assert!(provider_of_host(&format!("{host}.example.org")).is_none(), "{host}");
                assert_ne!(slug(provider_of_host(&format!("not{host}"))), Some(provider.slug()));
            }
        }
    }

    #[test]
    fn words_of_a_reply_tell_where_the_host_does_not() {
        for (host, text, want) in [
            (None, "550 5.1.1 no such user a1-20020a.1 - gsmtp", Some("google")),
            (None, "421 4.7.0 [TSS04] deferred", Some("yahoo")),
            (None, "421 4.7.0 [tss04] deferred", Some("yahoo")),
            (None, "421 4.7.0 [TSSxx] deferred", None),
            (None, "550 blocked (S3150).", Some("microsoft")),
            (None, "550 5.2.0 OFR006_102", Some("orange")),
            (None, "550 5.1.1 OFR_416 [416]", Some("orange")),
            (None, "550 LPN007_420", Some("laposte")),
            (None, "554 IB104", Some("godaddy")),
            (None, "554 ATTRIB104 LIB104", None),
            (None, "554 IB1045 is longer", None),
            (None, "AUP#CXDNS", Some("cox")),
            (None, "AUP#I-1000", Some("spectrum")),
            (None, "421 HL:REP 163", Some("netease")),
            (None, "550 5.1.1 <user@orange.fr>: user unknown", None),
            (None, "550 5.1.1 <user@example.com>: user unknown", None),
            (None, "", None),
            (Some("mx.yandex.ru"), "550 5.1.1 - gsmtp", Some("yandex")),
            (Some("mx.example.com"), "550 5.1.1 - gsmtp", Some("google")),
        ] {
            assert_eq!(slug(provider_of(host, text)), want, "{host:?} {text}");
        }
    }

    #[test]
    fn every_signature_is_found() {
        for provider in providers() {
            for words in provider.signatures() {
                let text = format!("550 5.7.1 sorry, {} was said", words.replace('9', "3"));
                assert_eq!(slug(provider_of_reply(&text)), Some(provider.slug()), "{text}");
            }
        }
    }

    #[test]
    fn heads_are_complete() {
        let mut seen = BTreeSet::new();
        assert_eq!(providers().len(), FILES.len());
        for (provider, (file, _)) in providers().iter().zip(FILES) {
            let slug = provider.slug();
            assert_eq!(*file, format!("providers/{slug}.toml"));
            assert!(seen.insert(slug), "{slug} twice");
            assert!(!provider.name().is_empty(), "{slug}");
            assert!(!provider.hosts().is_empty() || !provider.signatures().is_empty(), "{slug}");
            for url in provider.postmaster().into_iter().chain(provider.delisting()) {
                assert!(url.starts_with("http") && !url.contains(' '), "{slug}: {url}");
            }
            assert_eq!(
                provider.note().is_some(),
                provider.note_ru().is_some(),
                "{slug}: languages"
            );
            for note in provider.note().into_iter().chain(provider.note_ru()) {
                assert!(note.note.ends_with('.'), "{slug}: {}", note.note);
            }
            let cyrillic = |c: char| ('а'..='я').contains(&c);
            assert!(provider.note_ru().is_none_or(|note| note.note.contains(cyrillic)), "{slug}");
        }
    }

    /// What the rules of a file say, as far as this module is concerned.
    fn rules_of(text: &str) -> Vec<toml::Table> {
        let table: toml::Table = toml::from_str(text).unwrap();
        let rules = table.get("rule").and_then(toml::Value::as_array);
        rules.into_iter().flatten().map(|rule| rule.as_table().unwrap().clone()).collect()
    }

    #[test]
    fn an_example_tells_its_provider_by_host_or_words() {
        for (provider, (file, text)) in providers().iter().zip(FILES) {
            for rule in rules_of(text) {
                for example in rule["examples"].as_array().unwrap() {
                    let (reply, host) = match example.as_str() {
                        Some(reply) => (reply, None),
                        None => (
                            example["reply"].as_str().unwrap(),
                            example.get("host").map(|host| host.as_str().unwrap()),
                        ),
                    };
                    let found = slug(provider_of(host, reply));
                    assert_eq!(found, Some(provider.slug()), "{file}: {reply}");
                }
            }
        }
    }

    #[test]
    fn rule_ids_begin_with_the_slug_and_are_unique() {
        let mut seen = BTreeSet::new();
        for (provider, (file, text)) in providers().iter().zip(FILES) {
            for rule in rules_of(text) {
                let id = rule["id"].as_str().unwrap().to_owned();
                assert!(id.starts_with(&format!("{}-", provider.slug())), "{file}: {id}");
                assert!(seen.insert(id.clone()), "{file}: {id} twice");
            }
        }
    }
}
