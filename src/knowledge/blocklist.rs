//! Public blocklists: which one a reply names, what a listing means, and the way out.
//!
//! A list is known by its DNS zone or by its words (the host of a look-up link, its name in prose). A zone in
//! the text is an answer of that very list, so it goes before words. Whether the text is a refusal at all is
//! not judged here, and an answer such as 127.255.255.254 is no listing: ask [`is_query_refusal`] first.
//!
//! To add a list: an entry in `blocklists.toml`, whose head explains the fields.

use super::list_query::ListQuery;
use super::packed::unpack;
use super::phrase::Phrases;
use super::terms::{ListStatus, Listed};
use super::user::installed;
use serde::Deserialize;
use std::sync::LazyLock;

const FILE: &[u8] = super::embedded!("blocklists.toml").1;

/// A public blocklist.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Its name in JSON, and the `detail` of a verdict.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// What it lists.
    pub kind: Listed,
    /// Whether it still answers.
    pub status: ListStatus,
    /// DNS zones.
    #[serde(default)]
    pub zones: Vec<String>,
    /// Hosts of links, and names in prose, lower case.
    #[serde(default)]
    pub words: Vec<String>,
    /// Lists that this one is made of. A text that names one of them as well means that one.
    #[serde(default)]
    pub parts: Vec<String>,
    /// Entries of this list are ranges of end users, which says nothing about abuse.
    #[serde(default)]
    pub dynamic: bool,
    /// Its look-up or home page.
    pub url: Option<String>,
    /// The slug of its [`WayOut`].
    pub way: String,
    /// How to ask it, where everybody may.
    pub query: Option<ListQuery>,
}

/// How to get off a list, or what else to do about it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WayOut {
    /// What entries refer to.
    pub slug: String,
    /// In English.
    pub en: String,
    /// In Russian.
    pub ru: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    way: Vec<WayOut>,
    list: Vec<List>,
}

/// What is embedded, and before it what the user has installed.
fn file() -> &'static File {
    static MERGED: LazyLock<File> = LazyLock::new(|| {
        let ours = parsed();
        let user = installed();
        File {
            way: user.ways.iter().cloned().chain(ours.way).collect(),
            list: user.lists.iter().cloned().chain(ours.list).collect(),
        }
    });
    &MERGED
}

fn parsed() -> File {
    // A test sees to it that the file can be read.
    unpack(FILE).unwrap_or_default()
}

/// What is embedded, for those who check what is to be installed.
fn embedded() -> &'static File {
    static EMBEDDED: LazyLock<File> = LazyLock::new(parsed);
    &EMBEDDED
}

/// Whether we have a list of that slug ourselves.
pub(super) fn embedded_list(slug: &str) -> bool {
    embedded().list.iter().any(|list| list.slug == slug)
}

/// Whether we have a way out of that slug ourselves.
pub(super) fn embedded_way(slug: &str) -> bool {
    embedded_ways().any(|way| way == slug)
}

/// The slugs of our ways out.
pub(super) fn embedded_ways() -> impl Iterator<Item = &'static str> {
    embedded().way.iter().map(|way| way.slug.as_str())
}

/// All lists: the user's, and then ours in the order of the file.
pub fn lists() -> &'static [List] {
    &file().list
}

/// The list of that slug.
pub fn list(slug: &str) -> Option<&'static List> {
    lists().iter().find(|list| list.slug == slug)
}

impl List {
    /// The way out of this list; `None` only for an entry that the tests would not let pass.
    pub fn way_out(&self) -> Option<&'static WayOut> {
        file().way.iter().find(|way| way.slug == self.way)
    }
}

/// The list that `text` names: a zone goes before a word, a longer one before a shorter, the first before
/// the second. A part goes before the list that it is a part of: `zen.spamhaus.org … /pbl/` means PBL.
pub fn list_named_in(text: &str) -> Option<&'static List> {
    let whole = best_named_in(text, |_| true)?;
    if whole.parts.is_empty() {
        return Some(whole);
    }
    best_named_in(text, |list| whole.parts.contains(&list.slug)).or(Some(whole))
}

/// The text tells that a list refused the *query*: a public resolver asked, or asked too often, or a wrong
/// zone. Nobody is listed; the administrator of the server that asked has to mend its resolver.
///
/// Source: Spamhaus answers in 127.255.255.0/24, its page `returnc`; URIBL's 127.0.0.1 with "query refused".
pub fn is_query_refusal(text: &str) -> bool {
    static PHRASES: LazyLock<Phrases<()>> =
        LazyLock::new(|| Phrases::new(QUERY_REFUSALS.iter().map(|phrase| (*phrase, ()))));
    let mut found = false;
    PHRASES.each_place(text, |place| found |= stands_at(place.phrase, text, place.start));
    found
}

const QUERY_REFUSALS: &[&str] = &[
    "127.255.255.",
    "open resolver",
    "open/public resolver",
    "public resolver",
    "public dns resolver",
    "returnc/",
    "query refused",
    "queries refused",
    "refused your query",
    "uribl.com/refused",
    "excessive number of queries",
    "excessive queries",
];

/// A zone or word: whose it is, and what may stand around it.
#[derive(Clone, Copy)]
struct Name {
    list: &'static List,
    is_zone: bool,
    is_domain: bool,
}

/// Every zone and word of every list.
fn names() -> &'static Phrases<Name> {
    static NAMES: LazyLock<Phrases<Name>> = LazyLock::new(|| {
        Phrases::of_whole_words(lists().iter().flat_map(|list| {
            let zones = list.zones.iter().map(|zone| (zone, true));
            let words = list.words.iter().map(|word| (word, false));
            zones.chain(words).map(move |(text, is_zone)| {
                (text.as_str(), Name { list, is_zone, is_domain: text.contains('.') })
            })
        }))
    });
    &NAMES
}

/// The most specific name in `text` whose list fits.
fn best_named_in(text: &str, fits: impl Fn(&List) -> bool) -> Option<&'static List> {
    let mut best: Option<((bool, usize), &'static List)> = None;
    names().each_place(text, |place| {
        let Name { list, is_zone, is_domain } = place.value;
        let rank = (is_zone, place.phrase.len());
        if best.is_none_or(|(highest, _)| rank > highest)
            && fits(list)
            && stands_at(place.phrase, text, place.start)
            && stands_alone(
                text.as_bytes(),
                place.start,
                place.start + place.phrase.len(),
                is_domain,
            )
        {
            best = Some((rank, list));
        }
    });
    best.map(|(_, list)| list)
}

/// `phrase` stands in `text` at `start`, in any case.
fn stands_at(phrase: &str, text: &str, start: usize) -> bool {
    let found = text.as_bytes().get(start..).and_then(|rest| rest.get(..phrase.len()));
    found.is_some_and(|found| found.eq_ignore_ascii_case(phrase.as_bytes()))
}

/// The name from `start` to `end` is no part of a longer one. Labels may stand before a domain (the reversed
/// address before a zone, `www.` before a host), but not before a word of prose; none may follow.
fn stands_alone(text: &[u8], start: usize, end: usize, is_domain: bool) -> bool {
    let in_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let free_before = start.checked_sub(1).and_then(|at| text.get(at)).is_none_or(|byte| {
        let joins = if is_domain { *byte == b'-' } else { *byte == b'.' };
        !in_word(byte) && !joins
    });
    let free_behind = match text.get(end) {
        None => true,
        Some(b'.') => !text.get(end + 1).is_some_and(in_word),
        Some(b'-') if is_domain => !text.get(end + 1).is_some_and(in_word),
        Some(byte) => !in_word(byte),
    };
    free_before && free_behind
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn named(text: &str) -> Option<&'static str> {
        list_named_in(text).map(|list| list.slug.as_str())
    }

    #[test]
    fn the_file_is_well_formed() {
        let file: File = unpack(FILE).unwrap();
        assert!(file.list.len() >= 100, "{}", file.list.len());
        let mut seen = BTreeSet::new();
        for list in &file.list {
            let slug = &list.slug;
            assert!(seen.insert(slug.as_str()), "{slug} twice");
            assert!(slug.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-')), "{slug}");
            assert!(!list.zones.is_empty() || !list.words.is_empty(), "{slug} cannot be named");
            assert!(list.way_out().is_some(), "{slug}: way `{}`", list.way);
            for part in &list.parts {
                assert!(file.list.iter().any(|other| other.slug == *part), "{slug}: part {part}");
            }
            if let Some(url) = &list.url {
                assert!(url.starts_with("https://") && !url.contains(' '), "{slug}: {url}");
            }
            let closed = list.status == ListStatus::Closed;
            assert_eq!(closed, list.way.ends_with("closed"), "{slug}: way and status");
            for zone in &list.zones {
                let dots = zone.matches('.').count();
                assert!(
                    dots > 0 && !zone.starts_with('.') && !zone.ends_with('.'),
                    "{slug}: {zone}"
                );
            }
            for text in list.zones.iter().chain(&list.words) {
                assert_eq!(*text, text.to_ascii_lowercase(), "{slug}");
                assert!(text.len() >= 4, "{slug}: `{text}` is too short to mean one thing");
            }
        }
    }

    #[test]
    fn no_name_belongs_to_two_lists() {
        let mut seen = BTreeSet::new();
        for list in lists() {
            for text in list.zones.iter().chain(&list.words) {
                assert!(seen.insert(text), "{}: {text}", list.slug);
            }
        }
    }

    #[test]
    fn every_way_out_is_used_and_speaks_both_languages() {
        let mut seen = BTreeSet::new();
        for way in &file().way {
            assert!(seen.insert(&way.slug), "{} twice", way.slug);
            assert!(lists().iter().any(|list| list.way == way.slug), "{} is unused", way.slug);
            for (text, letter) in [(&way.en, 'e'), (&way.ru, 'е')] {
                assert!(text.ends_with('.') && text.contains(letter), "{}: {text}", way.slug);
                assert!(text.chars().count() < 320, "{}: too long", way.slug);
            }
        }
    }

    #[test]
    fn every_zone_is_found_in_the_sentences_of_refusals() {
        for list in lists() {
            for zone in &list.zones {
                for text in [
                    format!("Service unavailable; Client host [192.0.2.1] blocked using {zone}"),
                    format!("192.0.2.1 is listed at {zone}."),
                    format!("rejected because 1.2.0.192.{zone} says so"),
                    format!("see http://{zone}/?ip=192.0.2.1"),
                    format!("found in {}, try later", zone.to_ascii_uppercase()),
                    format!("({zone})"),
                ] {
                    assert_eq!(named(&text), Some(list.slug.as_str()), "{text}");
                }
            }
        }
    }

    #[test]
    fn every_word_is_found() {
        for list in lists() {
            for word in &list.words {
                for text in [format!("refused by {word}: see there"), format!("[{word}]")] {
                    assert_eq!(named(&text), Some(list.slug.as_str()), "{text}");
                }
            }
        }
    }

    #[test]
    fn the_most_specific_name_wins() {
        for (text, want) in [
            (
                "blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1",
                "spamhaus-zen",
            ),
            (
                "blocked using zen.spamhaus.org; https://www.spamhaus.org/pbl/query/PBL1",
                "spamhaus-pbl",
            ),
            ("listed, see https://www.spamhaus.org/sbl/query/SBL1", "spamhaus-sbl"),
            ("listed, see https://check.spamhaus.org/results/?query=192.0.2.1", "spamhaus"),
            ("on the Spamhaus list", "spamhaus"),
            ("blocked using other.spamhaus.org", "spamhaus"),
            ("Blocked - see https://www.spamcop.net/bl.shtml?192.0.2.1", "spamcop"),
            ("Sender Score says no, listed at bl.spamcop.net", "spamcop"),
            ("blocked using bl.spamcop.net and zen.spamhaus.org", "spamhaus-zen"),
            ("see http://www.uceprotect.net/rblcheck.php?ipr=192.0.2.1", "uceprotect"),
            ("listed in UCEPROTECT-Level 2, see http://www.uceprotect.net/", "uceprotect-2"),
            ("blocked using KEY.combined.mail.abusix.zone", "abusix"),
            ("blocked using KEY.dynamic.mail.abusix.zone", "abusix-dynamic"),
            ("http://www.barracudanetworks.com/reputation/?pr=1&ip=192.0.2.1", "barracuda"),
            ("http://csi.cloudmark.com/reset-request/?ip=192.0.2.1", "cloudmark-csi"),
            ("listed at ix.dnsbl.manitu.net", "nixspam"),
        ] {
            assert_eq!(named(text), Some(want), "{text}");
        }
    }

    #[test]
    fn ordinary_replies_name_no_list() {
        for text in [
            "",
            "550 5.1.1 <user@example.com>: Recipient address rejected: User unknown",
            "554 5.7.1 This message looks like spam; abuse reports go to abuse@example.com",
            "550 blocked by our own blacklist of dynamic ranges",
            "554 blocked using dnsbl.example.org",
            "550 Return path address rejected",
            "450 greylisted, try the black list of example.net",
            "550 zen.spamhaus.org.example.com is no list",
            "550 notspamcop.net, xspamhaus, spamhaus.example.com",
            "550 URIBL_RED_LIGHT hit",
            "550 my-zen.spamhaus.organic",
            "550 mail from bl.spamcop.netz",
            "554 the domain is in a policy block list",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn a_refused_query_is_no_listing() {
        for (text, want) in [
            (
                "blocked using zen.spamhaus.org; Error: open resolver; https://check.spamhaus.org/returnc/pub/192.0.2.53/",
                true,
            ),
            ("listed at zen.spamhaus.org (127.255.255.254)", true),
            ("multi.uribl.com: Query Refused. See http://uribl.com/refused.shtml", true),
            ("blocked using zen.spamhaus.org (127.0.0.2)", false),
            ("550 5.1.1 User unknown", false),
            ("550 relaying through an open relay", false),
        ] {
            assert_eq!(is_query_refusal(text), want, "{text}");
        }
    }

    #[test]
    fn closed_lists_are_the_receivers_fault() {
        for slug in ["sorbs", "nixspam", "ahbl", "njabl", "dsbl", "ordb", "inps"] {
            let list = list(slug).unwrap();
            assert_eq!(list.status, ListStatus::Closed, "{slug}");
            assert!(list.way_out().unwrap().en.contains("receiving server"), "{slug}");
        }
    }
}
