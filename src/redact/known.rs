//! Public names that stay: they say nothing about who wrote to whom.

use crate::knowledge::blocklist;
use crate::knowledge::provider::providers;
use hashbrown::HashSet;
use std::sync::LazyLock;

/// Names of this machine and of nobody.
const OWN: [&str; 7] =
    ["localhost", "localhost.localdomain", "localhost6", "unknown", "local", "none", "unavailable"];

/// Top-level names that no registry has and that logs are full of.
const PRIVATE: [&str; 14] = [
    "arpa",
    "corp",
    "domain",
    "example",
    "home",
    "intern",
    "internal",
    "intra",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "onion",
    "test",
];

/// Ends of file names that are not top-level domains, or seldom.
const FILES: [&str; 22] = [
    "cdb", "cfg", "cidr", "conf", "crt", "db", "html", "htm", "ini", "json", "key", "lmdb", "log",
    "pcre", "pem", "php", "pid", "regexp", "sock", "toml", "txt", "xml",
];

/// Dotted words that are no hosts: names of files and of properties in reports on authentication.
const WORDS: [&str; 13] = [
    "aspmx.l",
    "header.b",
    "header.d",
    "header.from",
    "header.i",
    "header.s",
    "main.cf",
    "master.cf",
    "policy.dmarc",
    "policy.ptr",
    "smtp.helo",
    "smtp.mailfrom",
    "smtp.rcpttodomain",
];

static SUFFIXES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let of_providers = providers().iter().flat_map(|p| p.hosts().iter().chain(p.domains()));
    let of_lists = blocklist::lists().iter().flat_map(|list| list.zones.iter().chain(&list.words));
    of_providers
        .chain(of_lists)
        .map(String::as_str)
        .filter(|name| name.contains('.') && name.bytes().all(is_host_byte))
        .collect()
});

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_')
}

/// Whether it is this machine, or a word that stands where a name would.
pub(super) fn is_own(host: &str) -> bool {
    OWN.contains(&host)
}

/// The longest end of a host name, in lower case, that is public, beginning at a label.
pub(super) fn public_suffix_of(host: &str) -> Option<&str> {
    let mut rest = host;
    loop {
        if SUFFIXES.contains(rest) {
            return Some(rest);
        }
        rest = rest.split_once('.')?.1;
    }
}

/// Whether a dotted word in a text is a host or domain name by its form. Where in doubt it is.
pub(super) fn is_host(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    let Some((before, last)) = word.rsplit_once('.') else { return false };
    let labels_are_sane = word.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    });
    let lower = word.to_lowercase();
    let top = last.to_lowercase();
    if !labels_are_sane || WORDS.contains(&lower.as_str()) {
        return false;
    }
    let registered = PRIVATE.contains(&top.as_str())
        || psl::suffix(lower.as_bytes()).is_some_and(|suffix| suffix.is_known());
    if registered {
        return true;
    }
    let is_file = !before.contains('.') && FILES.contains(&top.as_str());
    let alphabetic = last.chars().count() >= 2 && last.chars().all(char::is_alphabetic);
    // `Rejected.See` is the end of a sentence; `mx.firm` is nobody's registry, but a name.
    alphabetic && !is_file && !last.starts_with(char::is_uppercase)
}

/// Where the registrable domain of a host name in lower case begins; the host itself where none is known.
pub(super) fn registrable(host: &str) -> &str {
    psl::domain_str(host).unwrap_or(host)
}

/// Local parts that are words of everyday prose or names of roles: alone they name nobody, and replaced wherever they
/// stand they would garble texts (`User unknown`). With a domain they are replaced like all others.
const COMMON: [&str; 62] = [
    "abuse",
    "access",
    "account",
    "address",
    "admin",
    "administrator",
    "all",
    "anonymous",
    "bounce",
    "bounces",
    "client",
    "contact",
    "daemon",
    "data",
    "delivery",
    "deferred",
    "defer",
    "domain",
    "error",
    "expired",
    "fail",
    "full",
    "help",
    "host",
    "hostmaster",
    "info",
    "left",
    "local",
    "mail",
    "mailbox",
    "mailer-daemon",
    "message",
    "moved",
    "news",
    "no-reply",
    "nobody",
    "none",
    "noreply",
    "office",
    "out",
    "policy",
    "postmaster",
    "queue",
    "recipient",
    "reject",
    "relay",
    "reply",
    "root",
    "sales",
    "script",
    "sender",
    "server",
    "service",
    "smtp",
    "spam",
    "support",
    "temp",
    "test",
    "tls",
    "unknown",
    "user",
    "webmaster",
];

/// Whether a local part alone, as a word of a text, stays.
pub(super) fn is_common_word(local: &str) -> bool {
    local.len() < 2 || COMMON.contains(&local)
}
