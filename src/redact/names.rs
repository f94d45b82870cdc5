//! One name, one pseudonym.

use super::Domains;
use super::known::{is_own, public_suffix_of, registrable};
use crate::recent::Recent;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Gives names their pseudonyms, under a key.
#[derive(Clone)]
pub struct Redactor {
    /// The hash with its key already in.
    keyed: Hmac<Sha256>,
    /// The hashes of the last names of each kind: a log repeats its names, and to hash one takes thousands of instructions.
    known: Arc<Mutex<[Recent<u64, 4096, 128>; 4]>>,
    pub(super) domains: Domains,
}

impl std::fmt::Debug for Redactor {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").field("domains", &self.domains).finish_non_exhaustive()
    }
}

/// What a name is; the same word as a host and as a login has two pseudonyms.
#[derive(Clone, Copy)]
enum Kind {
    Mailbox,
    Domain,
    Host,
    Address,
}

/// Letters and digits of pseudonyms: without `i`, `l`, `o` and `u`, which are misread.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters of a pseudonym behind its first letter, 5 bits each. With a million names the chance that any two of
/// them share one is below one in a thousand.
const LENGTH: usize = 10;

/// What pseudonyms of domains end in.
const TOP: &str = ".invalid";

impl Redactor {
    /// Under a key of any length; a short one can be guessed.
    pub fn new(key: &[u8], domains: Domains) -> Self {
        // Of the length of a block whatever the key's is, so that this cannot fail.
        let mut block = [0; 64];
        for (to, from) in block.iter_mut().zip(Sha256::digest(key)) {
            *to = from;
        }
        Self { keyed: Hmac::new(&block.into()), known: Arc::default(), domains }
    }

    /// The begin of a name's hash.
    fn hash(&self, kind: Kind, name: &str) -> u64 {
        let hash = |name: &str| {
            let mut mac = self.keyed.clone();
            mac.update(&[kind as u8]);
            mac.update(name.as_bytes());
            let hash = mac.finalize().into_bytes();
            hash.iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte))
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get_mut(kind as usize) {
            Some(known) => known.of(name, hash),
            None => hash(name),
        }
    }

    fn pseudonym(&self, kind: Kind, name: &str) -> String {
        let first = match kind {
            Kind::Mailbox => 'u',
            Kind::Domain => 'd',
            Kind::Host => 'h',
            Kind::Address => 'i',
        };
        let mut bits = self.hash(kind, name);
        let mut out = String::with_capacity(1 + LENGTH);
        out.push(first);
        for _ in 0..LENGTH {
            let digit = ALPHABET.get(usize::try_from(bits & 31).unwrap_or(0)).copied();
            out.push(char::from(digit.unwrap_or(b'0')));
            bits >>= 5;
        }
        out
    }

    /// An envelope address, a Message-ID or a login: the part before the last `@` gets the pseudonym of the whole.
    /// Empty stays empty.
    pub fn address<'t>(&self, address: &'t str) -> Cow<'t, str> {
        if address.is_empty() {
            return Cow::Borrowed(address);
        }
        let lower = address.to_lowercase();
        let local = self.pseudonym(Kind::Mailbox, &lower);
        Cow::Owned(match lower.rsplit_once('@') {
            Some((_, domain)) => format!("{local}@{}", self.domain(domain)),
            None => local,
        })
    }

    /// A login, or a mailbox without a domain.
    pub fn user<'t>(&self, user: &'t str) -> Cow<'t, str> {
        self.address(user)
    }

    /// The domain of an address; an address literal too.
    fn domain(&self, domain: &str) -> String {
        if let Some(literal) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let (prefix, ip) = split_literal(literal);
            return format!(
                "[{prefix}{}]",
                self.ip(ip).unwrap_or_else(|| self.host(literal).into())
            );
        }
        match self.domains {
            Domains::Kept => domain.to_owned(),
            Domains::Hidden => self.host(domain).into_owned(),
        }
    }

    /// A host or domain name: its public end stays, and with [`Domains::Kept`] its registrable domain.
    pub fn host<'t>(&self, host: &'t str) -> Cow<'t, str> {
        let lower = host.to_lowercase();
        let name = lower.trim_end_matches('.');
        if name.is_empty() || is_own(name) {
            return Cow::Borrowed(host);
        }
        if let Some(ip) = self.ip(name) {
            return Cow::Owned(ip);
        }
        if let Some(public) = public_suffix_of(name) {
            return Cow::Owned(self.below(name, public, public));
        }
        if !name.contains('.') {
            return Cow::Owned(self.pseudonym(Kind::Host, name));
        }
        let domain = registrable(name);
        let shown = match self.domains {
            Domains::Kept => domain.to_owned(),
            Domains::Hidden => self.pseudonym(Kind::Domain, domain) + TOP,
        };
        Cow::Owned(self.below(name, domain, &shown))
    }

    /// A host below a domain that is shown as `shown`.
    fn below(&self, host: &str, domain: &str, shown: &str) -> String {
        if host == domain {
            shown.to_owned()
        } else {
            format!("{}.{shown}", self.pseudonym(Kind::Host, host))
        }
    }

    /// The pseudonym of an IP address; `None` for what is none. This machine's own address stays.
    pub(super) fn ip(&self, address: &str) -> Option<String> {
        let ip: IpAddr = address.parse().ok()?;
        let ip = ip.to_canonical();
        let own = ip.is_unspecified() || ip.is_loopback() && is_plain_loopback(ip);
        if own {
            return Some(address.to_owned());
        }
        let pseudonym = self.pseudonym(Kind::Address, &ip.to_string());
        Some(format!("ip{}-{}", if ip.is_ipv4() { 4 } else { 6 }, pseudonym.get(1..)?))
    }

    /// An address as logged; text that is none (the path of a socket) is searched for names.
    pub fn ip_or_text<'t>(&self, address: &'t str) -> Cow<'t, str> {
        self.ip(address).map_or_else(|| self.text(address), Cow::Owned)
    }

    /// What a client called itself: a host, an address literal, or anything.
    pub fn helo<'t>(&self, helo: &'t str) -> Cow<'t, str> {
        let literal = helo.trim_start_matches('[').trim_end_matches(']');
        if let Some(ip) = self.ip(split_literal(literal).1) {
            return Cow::Owned(if literal.len() < helo.len() { format!("[{ip}]") } else { ip });
        }
        self.host(helo)
    }
}

fn is_plain_loopback(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.octets() == [127, 0, 0, 1],
        IpAddr::V6(_) => true,
    }
}

/// `IPv6:2001:db8::1` as `IPv6:` and the address.
pub(super) fn split_literal(literal: &str) -> (&str, &str) {
    let tag = literal.get(..5).filter(|tag| tag.eq_ignore_ascii_case("ipv6:"));
    tag.map_or(("", literal), |tag| (tag, literal.get(5..).unwrap_or("")))
}
