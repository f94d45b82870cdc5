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
//! `FILES`.

#[cfg(test)]
mod tests;

use super::packed::{Packed, unpack};
use super::phrase::{Phrases, SEED, hash_step};
use super::rule::{RawRule, Rule};
use super::schema::{Note, ProviderEntry, ProviderHead};
use super::store::Entries;
use super::terms::{CodeRange, Role};
use super::user::installed;
use super::{File, value};
use crate::error::Error;
use crate::recent::Recent;
use crate::smtp::EnhancedCode;
use hashbrown::HashTable;
use std::cmp::Reverse;
use std::sync::LazyLock;

macro_rules! files {
    ($($slug:literal)*) => {
        &[$(super::embedded!("providers/", $slug, ".toml")),*]
    };
}

/// The providers' files, in the order in which they are listed.
pub(crate) const FILES: &[File] = files! {
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
    "mailchannels"
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
    fn new((file, packed): File) -> Result<Self, Error> {
        let codes = Entries::new((file, packed), "code", |facts| {
            let list = value(facts, "codes")?.strip_prefix('[')?.strip_suffix(']')?;
            list.split(", ").map(|code| CodeRange::parse(code.trim_matches('"'))).collect()
        });
        let head = unpack(codes.head())
            .map_err(|e| Error::Knowledge { file: file.to_owned(), what: e.to_string() })?;
        Ok(Self { file, head, codes })
    }

    /// A user's: known by its hosts and words, without codes and rules of its own.
    fn of_user(head: ProviderHead) -> Self {
        Self { file: "", head, codes: Entries::new(("", &[]), "code", |_| None) }
    }

    /// The name of its file: `providers/google.toml`; empty for a user's.
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

/// All providers: the user's, and then ours in the order of `FILES`.
pub fn providers() -> &'static [Provider] {
    // A file that is wrong is left out here; `check` names it, and a test calls that.
    static PROVIDERS: LazyLock<Vec<Provider>> = LazyLock::new(|| {
        let users = installed().providers.iter().map(|head| Provider::of_user(head.clone()));
        let ours = FILES.iter().filter_map(|&file| Provider::new(file).ok());
        users.chain(ours).collect()
    });
    &PROVIDERS
}

/// The rules of a provider's file ([`Provider::file`]), with their examples: for those who list them.
pub fn rules_of(file: &str) -> Vec<Rule> {
    let packed = FILES.iter().find(|(name, _)| *name == file).map_or(&[][..], |(_, packed)| packed);
    let rules = Packed::open(packed).entries.into_iter().filter(|entry| entry.table == "rule");
    rules.filter_map(|rule| unpack::<RawRule>(rule.value).ok()?.check().ok()).collect()
}

/// Whether we have a provider of that slug ourselves; each file has the name of its provider.
pub(super) fn embedded(slug: &str) -> bool {
    FILES.iter().any(|(file, _)| {
        file.strip_prefix("providers/").and_then(|name| name.strip_suffix(".toml")) == Some(slug)
    })
}

/// The provider of that slug.
pub fn provider(slug: &str) -> Option<&'static Provider> {
    providers().iter().find(|provider| provider.slug() == slug)
}

/// Reads all files.
///
/// # Errors
///
/// [`Error::Knowledge`] for the first entry that is wrong.
pub(super) fn check() -> Result<(), Error> {
    FILES.iter().try_for_each(|&file| Provider::new(file)?.codes.check())
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

/// Remembers whose the last hosts were: mail goes to few of them, and each is asked for at every delivery.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostMemory(Recent<Option<&'static str>, 256, 100>);

impl HostMemory {
    /// The stable word of [`provider_of_host`].
    pub(crate) fn provider(&mut self, host: &str) -> Option<&'static str> {
        self.0.of(host, |host| provider_of_host(host).map(Provider::slug))
    }
}

/// The provider whose words `text` has; where several have some, the longest decide, then the first.
pub fn provider_of_reply(text: &str) -> Option<&'static Provider> {
    static SIGNATURES: LazyLock<Phrases<&Provider>> = LazyLock::new(|| {
        let of = |provider: &'static Provider| {
            provider.signatures().iter().map(move |words| (words.as_str(), provider))
        };
        Phrases::of_whole_words(providers().iter().flat_map(of))
    });
    if text.is_empty() {
        return None;
    }
    let mut best: Option<((usize, Reverse<usize>), &'static Provider)> = None;
    SIGNATURES.each_place(text, |place| {
        let rank = (place.phrase.len(), Reverse(place.start));
        if best.is_none_or(|(highest, _)| rank > highest)
            && stands_at(place.phrase, text.as_bytes(), place.start)
        {
            best = Some((rank, place.value));
        }
    });
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
