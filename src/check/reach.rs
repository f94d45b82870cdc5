//! Which addresses mail from the Internet can reach.

use super::phrases as p;
use crate::i18n::Text;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address cannot be reached over the Internet; `None` where it can.
///
/// Source: the special-purpose address registries of IANA (RFC 6890), as far as they are found in MX records.
pub(super) fn why_unreachable(address: IpAddr) -> Option<Text> {
    match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(inner) => v4(inner),
            None => v6(address),
        },
    }
}

fn v4(address: Ipv4Addr) -> Option<Text> {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        (127, ..) => Some(p::LOOPBACK),
        (0, ..) => Some(p::UNSPECIFIED),
        (10, ..) | (192, 168, _) | (172, 16..=31, _) | (100, 64..=127, _) => Some(p::PRIVATE),
        (169, 254, _) => Some(p::LINK_LOCAL),
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => Some(p::DOCUMENTATION),
        (224.., ..) => Some(p::NO_UNICAST),
        _ => None,
    }
}

fn v6(address: Ipv6Addr) -> Option<Text> {
    let [a, b, ..] = address.segments();
    match (a, b) {
        _ if address.is_loopback() => Some(p::LOOPBACK),
        _ if address.is_unspecified() => Some(p::UNSPECIFIED),
        (0xfc00..=0xfdff, _) => Some(p::PRIVATE),
        (0xfe80..=0xfebf, _) => Some(p::LINK_LOCAL),
        (0x2001, 0xdb8) | (0x3fff, 0..=0x0fff) => Some(p::DOCUMENTATION),
        (0xff00..=0xffff, _) => Some(p::NO_UNICAST),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_mail_cannot_reach_are_known() {
        for (address, want) in [
            ("127.0.0.1", Some(p::LOOPBACK)),
            ("::1", Some(p::LOOPBACK)),
            ("0.0.0.0", Some(p::UNSPECIFIED)),
            ("10.1.2.3", Some(p::PRIVATE)),
            ("172.31.0.1", Some(p::PRIVATE)),
            ("172.32.0.1", None),
            ("100.64.0.1", Some(p::PRIVATE)),
            ("192.168.1.1", Some(p::PRIVATE)),
            ("::ffff:192.168.1.1", Some(p::PRIVATE)),
            ("169.254.1.1", Some(p::LINK_LOCAL)),
            ("203.0.113.7", Some(p::DOCUMENTATION)),
            ("2001:db8::1", Some(p::DOCUMENTATION)),
            ("fd00::1", Some(p::PRIVATE)),
            ("fe80::1", Some(p::LINK_LOCAL)),
            ("ff02::1", Some(p::NO_UNICAST)),
            ("255.255.255.255", Some(p::NO_UNICAST)),
            ("8.8.8.8", None),
            ("2001:4860:4860::8888", None),
        ] {
            assert_eq!(why_unreachable(address.parse().unwrap()), want, "{address}");
        }
    }
}
