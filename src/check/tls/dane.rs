//! TLSA records (RFC 6698) as mail servers use them (RFC 7672): which can be used, and which certificate they fit.

use super::certificate::Certificate;
use super::phrases as p;
use crate::check::answer::{Tlsa, hex};
use crate::i18n::Text;
use sha2::{Digest, Sha256, Sha512};

/// Usage 2: the certificate of an authority, which the server sends along.
pub const TRUST_ANCHOR: u8 = 2;
/// Usage 3: the server's own certificate or key.
pub const END_ENTITY: u8 = 3;

impl Tlsa {
    /// Why senders cannot use this record; `None` where they can.
    ///
    /// Source: RFC 7672 sections 3.1.1 to 3.1.3 and 2.2: usages 0 and 1 are not for SMTP.
    pub(crate) fn flaw(&self) -> Option<Text> {
        let length = self.data.len();
        match (self.usage, self.selector, self.matching) {
            (0 | 1, ..) => Some(p::TLSA_PKIX),
            (4.., ..) => Some(p::TLSA_USAGE),
            (_, 2.., _) => Some(p::TLSA_SELECTOR),
            (_, _, 3..) => Some(p::TLSA_MATCHING),
            (_, _, 1) if length != 32 => Some(p::TLSA_LENGTH),
            (_, _, 2) if length != 64 => Some(p::TLSA_LENGTH),
            _ if length == 0 => Some(p::TLSA_LENGTH),
            _ => None,
        }
    }

    /// The record is about this certificate.
    pub fn is_about(&self, certificate: &Certificate) -> bool {
        let part = if self.selector == 0 { &certificate.der } else { &certificate.key };
        match self.matching {
            0 => *part == self.data,
            1 => Sha256::digest(part).as_slice() == self.data,
            2 => Sha512::digest(part).as_slice() == self.data,
            _ => false,
        }
    }
}

/// The record that would fit a certificate, of the kind that RFC 7672 recommends.
pub fn fitting(certificate: &Certificate) -> String {
    format!("3 1 1 {}", hex(&Sha256::digest(&certificate.key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_that_senders_cannot_use_are_known() {
        for (usage, selector, matching, length, want) in [
            (3, 1, 1, 32, None),
            (2, 0, 2, 64, None),
            (3, 0, 0, 500, None),
            (1, 1, 1, 32, Some(p::TLSA_PKIX)),
            (7, 1, 1, 32, Some(p::TLSA_USAGE)),
            (3, 2, 1, 32, Some(p::TLSA_SELECTOR)),
            (3, 1, 3, 32, Some(p::TLSA_MATCHING)),
            (3, 1, 1, 20, Some(p::TLSA_LENGTH)),
            (3, 1, 2, 32, Some(p::TLSA_LENGTH)),
            (3, 1, 0, 0, Some(p::TLSA_LENGTH)),
        ] {
            let tlsa = Tlsa { usage, selector, matching, data: vec![0; length] };
            assert_eq!(tlsa.flaw(), want, "{} {length}", tlsa.as_text());
        }
    }

    #[test]
    fn records_fit_the_certificate_or_its_key_as_it_is_or_hashed() {
        let certificate =
            Certificate { der: b"all".to_vec(), key: b"key".to_vec(), ..Certificate::default() };
        for (selector, matching, data) in [
            (0, 0, b"all".to_vec()),
            (1, 0, b"key".to_vec()),
            (0, 1, Sha256::digest(b"all").to_vec()),
            (1, 1, Sha256::digest(b"key").to_vec()),
            (1, 2, Sha512::digest(b"key").to_vec()),
        ] {
            let fits = Tlsa { usage: END_ENTITY, selector, matching, data };
            assert!(fits.is_about(&certificate), "{}", fits.as_text());
            let other = Tlsa { selector: 1 - selector, ..fits };
            assert!(!other.is_about(&certificate), "{}", other.as_text());
        }
        let suggested = fitting(&certificate);
        assert!(suggested.starts_with("3 1 1 2c70e12b7a0646f9"), "{suggested}");
    }
}
