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

/// Hash of an address or a host name, whose case does not matter.
pub(crate) fn hash_in_lower_case(seed: &FixedState, value: &str) -> u64 {
    let mut hasher = seed.build_hasher();
    if has_upper_case(value) {
        hasher.write(value.to_ascii_lowercase().as_bytes());
    } else {
        hasher.write(value.as_bytes());
    }
    // As `str` does it, so that a value is never the beginning of another one.
    hasher.write_u8(0xff);
    hasher.finish()
}

/// Whether lower case would be something else. Without a branch a byte, so that the compiler can take many
/// at once.
#[inline]
pub(crate) fn has_upper_case(text: &str) -> bool {
    text.bytes().fold(false, |found, b| found | b.is_ascii_uppercase())
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
}
