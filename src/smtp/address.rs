//! Small projections of envelope addresses and hosts.

/// The domain of an envelope address, without the `@`: the part behind the last `@`, or `None` for the null
/// sender, a bare local part and an empty domain. Case is kept as logged.
pub fn domain_of(address: &str) -> Option<&str> {
    let (_, domain) = address.rsplit_once('@')?;
    let domain = domain.trim_end_matches('>');
    (!domain.is_empty()).then_some(domain)
}

/// Whether a host or address as logged is this machine: `127.…`, `::1` or `localhost`.
pub fn is_loopback(address: &str) -> bool {
    address.starts_with("127.") || address == "::1" || address.eq_ignore_ascii_case("localhost")
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
