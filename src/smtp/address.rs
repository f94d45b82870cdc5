//! Small projections of envelope addresses and hosts.

use foldhash::fast::FixedState;
use std::hash::{BuildHasher, Hasher};

/// The domain of an envelope address, without the `@`: the part behind the last `@`, or `None` for the null
/// sender, a bare local part and an empty domain. Case is kept as logged.
pub fn domain_of(address: &str) -> Option<&str> {
    let at = memchr::memrchr(b'@', address.as_bytes())?;
    let domain = address.get(at + 1..)?.trim_end_matches('>');
    (!domain.is_empty()).then_some(domain)
}

/// Whether a host or address as logged is this machine: `127.…`, `::1` or `localhost`.
pub fn is_loopback(address: &str) -> bool {
    address.starts_with("127.") || address == "::1" || address.eq_ignore_ascii_case("localhost")
}

/// Hash of an address or a host name, whose case does not matter; the same in every run.
pub(crate) fn hash_in_lower_case(value: &str) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    if has_upper_case(value) {
        hasher.write(value.to_ascii_lowercase().as_bytes());
    } else {
        hasher.write(value.as_bytes());
    }
    // As `str` does it, so that a value is never the beginning of another one.
    hasher.write_u8(0xff);
    hasher.finish()
}

/// Whether lower case would be something else. Looks at eight bytes at a time, the last ones perhaps twice: names
/// are short, and a loop over single bytes takes longer than what is done with them.
#[inline]
pub(crate) fn has_upper_case(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(last) = bytes.last_chunk::<8>() else {
        return bytes.iter().fold(false, |found, b| found | b.is_ascii_uppercase());
    };
    let (chunks, _) = bytes.as_chunks::<8>();
    chunks.iter().fold(upper_case_in(*last), |found, chunk| found | upper_case_in(*chunk)) != 0
}

/// The highest bit of each byte that is an upper-case letter.
#[inline]
const fn upper_case_in(bytes: [u8; 8]) -> u64 {
    const HIGHEST: u64 = 0x8080_8080_8080_8080;
    const EACH: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_le_bytes(bytes);
    let low = word & !HIGHEST;
    // The highest bit becomes one from 'A' on, and from behind 'Z' on.
    let from_a = low + EACH * (0x80 - b'A' as u64);
    let behind_z = low + EACH * (0x7f - b'Z' as u64);
    from_a & !behind_z & !word & HIGHEST
}

/// What stands for a receiver: a host's name without its first part, so that a receiver's hosts count together.
pub(crate) fn site_of(host: &str) -> &str {
    if host.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b':') {
        return host;
    }
    match behind_dot(host) {
        Some(rest) if behind_dot(rest).is_some() => rest,
        _ => host,
    }
}

/// What is behind the first dot, which is a few bytes away: to call for it would take longer.
#[inline]
fn behind_dot(name: &str) -> Option<&str> {
    name.get(name.bytes().position(|byte| byte == b'.')? + 1..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_is_behind_the_last_at() {
        for (address, want) in [
            ("ann@example.com", Some("example.com")),
            ("\"a@b\"@example.net", Some("example.net")),
            ("postmaster", None),
            ("", None),
            ("ann@", None),
        ] {
            assert_eq!(domain_of(address), want, "{address:?}");
        }
    }
    #[test]
    fn upper_case_is_seen_wherever_it_stands() {
        for plain in ["", "ann", "mx1.example.com", "ä@[`{é.0-9_~\u{7f}", "192.0.2.1"] {
            assert!(!has_upper_case(plain), "{plain}");
            for letter in ["A", "M", "Z"] {
                for at in (0..=plain.len()).filter(|at| plain.is_char_boundary(*at)) {
                    let (before, behind) = plain.split_at(at);
                    assert!(has_upper_case(&format!("{before}{letter}{behind}")), "{plain} {at}");
                }
            }
        }
    }

    #[test]
    fn hosts_of_one_receiver_are_one_site() {
        for (host, site) in [
            ("mx1.example.com", "example.com"),
            ("mx2.mail.example.com", "mail.example.com"),
            ("example.com", "example.com"),
            ("localhost", "localhost"),
            ("192.0.2.7", "192.0.2.7"),
        ] {
            assert_eq!(site_of(host), site, "{host}");
        }
    }
}
