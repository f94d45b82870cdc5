//! Addresses and networks of clients.

use std::net::IpAddr;

/// A network, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`. Bits behind the length need not be 0. An IPv4
    /// address within IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let written: IpAddr = address.parse().ok()?;
        let address = written.to_canonical();
        let width = width_of(address);
        let bits = match length {
            None => width,
            Some(length) => {
                let bits: u8 = length.parse().ok()?;
                bits.checked_sub(width_of(written) - width)?
            }
        };
        (bits <= width).then_some(Self { address, bits })
    }

    /// Whether an address as logged lies in it.
    pub fn has(&self, address: &str) -> bool {
        let Ok(address) = address.parse::<IpAddr>() else { return false };
        let address = address.to_canonical();
        width_of(address) == width_of(self.address)
            && prefix(address, self.bits) == prefix(self.address, self.bits)
    }
}

fn width_of(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn prefix(address: IpAddr, bits: u8) -> u128 {
    let (value, width) = match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    value.checked_shr(u32::from(width - bits)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_have_their_addresses() {
        for (network, address, has) in [
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.77/24", "192.0.2.1", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.10", false),
            ("0.0.0.0/0", "198.51.100.7", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/32", "2001:DB8:0:0::1", true),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::1", "2001:db8:0:0:0:0:0:1", true),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("::ffff:192.0.2.0/120", "192.0.2.9", true),
            ("192.0.2.0/24", "unknown", false),
        ] {
            assert_eq!(Network::parse(network).unwrap().has(address), has, "{network} {address}");
        }
        for wrong in ["192.0.2.0/33", "192.0.2", "192.0.2.0/", "::/129", "mx.example.com", ""] {
            assert_eq!(Network::parse(wrong), None, "{wrong}");
        }
    }
}
