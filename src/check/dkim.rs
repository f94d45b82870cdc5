//! The key record of a DKIM selector (RFC 6376 section 3.6.1, RFC 8301, RFC 8463), as a receiver reads it.
//!
//! No signature is checked, as no message is at hand: this tells whether receivers can use the key at all.

use super::answer::{Outcome, QueryType, Row};
use super::book::Book;
use super::finding::{FindingKind, Severity};
use super::identity::tag;
use super::name::HostName;
use super::own_phrases as w;
use super::recipient::{Findings, plain};
use crate::i18n::{Language, Text};
use crate::knowledge::Party;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Display;

/// RSA keys below this are ignored by receivers, those below [`GOOD_BITS`] by some (RFC 8301 section 3.2).
const LEAST_BITS: usize = 1024;
const GOOD_BITS: usize = 2048;

/// What is wrong with a record: the sentence and its value.
type Flaw = (Text, String);

/// A key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Key {
    Rsa(usize),
    Ed25519,
    Revoked,
}

/// Looks at the key of a domain under a selector.
pub(super) fn key(book: &Book, domain: &HostName, selector: &HostName, findings: &mut Findings) {
    let by = Some(Party::OwnAdmin);
    let name = format!("{selector}._domainkey.{domain}");
    let answer = book.look(QueryType::Txt, &name);
    let dig = vec![plain(format!("dig TXT {name}"))];
    match answer.outcome {
        Outcome::Pending => return,
        outcome if outcome.is_failure() => {
            return findings.failure(outcome, QueryType::Txt, &name);
        }
        _ => {}
    }
    let records: Vec<&str> = answer.texts().collect();
    let rows: Vec<Row> = answer.rows.clone();
    let read = match records.as_slice() {
        [] => {
            findings
                .push(
                    FindingKind::DkimMissing,
                    Severity::Failing,
                    by,
                    (w::DKIM_MISSING, &[domain, selector]),
                )
                .commands(dig);
            return;
        }
        [record] => parse(record),
        _ => Err((w::DKIM_MANY, String::new())),
    };
    let language = findings.language;
    let mut tell = |kind, severity, text, value: &dyn Display| {
        let values: &[&dyn Display] = &[domain, selector, value];
        let by = by.filter(|_| severity != Severity::Ok);
        let commands = if severity == Severity::Ok { Vec::new() } else { dig.clone() };
        findings.push(kind, severity, by, (text, values)).evidence(rows.clone()).commands(commands);
    };
    let (key, is_test) = match read {
        Ok(read) => read,
        Err((text, value)) => {
            let why = text.say(language, &[&value]);
            return tell(FindingKind::DkimBroken, Severity::Failing, w::DKIM_BROKEN, &why);
        }
    };
    let (weak, failing) = (FindingKind::DkimWeak, Severity::Failing);
    match key {
        Key::Revoked => tell(FindingKind::DkimRevoked, failing, w::DKIM_REVOKED, &""),
        Key::Rsa(bits) if bits < LEAST_BITS => tell(weak, failing, w::DKIM_TOO_SHORT, &bits),
        Key::Rsa(bits) if bits < GOOD_BITS => tell(weak, Severity::Warning, w::DKIM_WEAK, &bits),
        key => tell(FindingKind::DkimKey, Severity::Ok, w::DKIM_KEY, &named(key, language)),
    }
    if is_test && key != Key::Revoked {
        tell(FindingKind::DkimTest, Severity::Warning, w::DKIM_TEST, &"");
    }
}

fn named(key: Key, language: Language) -> String {
    match key {
        Key::Rsa(bits) => w::DKIM_RSA.say(language, &[&bits]),
        Key::Ed25519 | Key::Revoked => w::DKIM_ED25519.get(language).to_owned(),
    }
}

/// The key, and whether it is only a test.
fn parse(record: &str) -> Result<(Key, bool), Flaw> {
    let of = |name| tag(record, name);
    let list = |name| -> Option<Vec<String>> {
        of(name)
            .map(|value| value.split(':').map(|word| word.trim().to_ascii_lowercase()).collect())
    };
    let flaw = |text, name| Err((text, of(name).unwrap_or_default().to_owned()));
    // Case counts here (RFC 6376 section 3.6.1).
    if of("v").is_some_and(|version| version != "DKIM1") {
        return flaw(w::DKIM_WRONG_VERSION, "v");
    }
    let Some(text) = of("p") else { return flaw(w::DKIM_NO_KEY, "p") };
    let is_test = list("t").is_some_and(|flags| flags.iter().any(|flag| flag == "y"));
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    if text.is_empty() {
        return Ok((Key::Revoked, is_test));
    }
    if list("s").is_some_and(|uses| !uses.iter().any(|word| word == "*" || word == "email")) {
        return flaw(w::DKIM_NOT_FOR_MAIL, "s");
    }
    if list("h").is_some_and(|hashes| !hashes.iter().any(|hash| hash == "sha256")) {
        return flaw(w::DKIM_NO_SHA256, "h");
    }
    let bad = || (w::DKIM_BAD_KEY, String::new());
    let bytes = STANDARD.decode(text.as_bytes()).map_err(|_| bad())?;
    let key = match of("k").unwrap_or("rsa").to_ascii_lowercase().as_str() {
        "rsa" => Key::Rsa(rsa_bits(&bytes).ok_or_else(bad)?),
        "ed25519" if bytes.len() == 32 => Key::Ed25519,
        "ed25519" => return Err(bad()),
        _ => return flaw(w::DKIM_BAD_TYPE, "k"),
    };
    Ok((key, is_test))
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;

/// Bits of the modulus of an RSA key: of a `SubjectPublicKeyInfo`, or of a bare `RSAPublicKey` (RFC 8017 appendix
/// A.1.1), which some signers publish.
fn rsa_bits(der: &[u8]) -> Option<usize> {
    let (inside, _) = element(der, SEQUENCE)?;
    let numbers = match element(inside, SEQUENCE) {
        Some((_algorithm, rest)) => {
            let (string, _) = element(rest, BIT_STRING)?;
            // How many bits at the end do not count: none.
            let (0, key) = string.split_first()? else { return None };
            element(key, SEQUENCE)?.0
        }
        None => inside,
    };
    let (modulus, _) = element(numbers, INTEGER)?;
    let start = modulus.iter().position(|byte| *byte != 0)?;
    let significant = modulus.get(start..)?;
    let first = significant.first()?;
    Some(significant.len() * 8 - first.leading_zeros() as usize)
}

/// What an element of DER holds, if it is of that kind, and what stands behind it.
fn element(der: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        short @ 0..=0x7f => (usize::from(*short), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => {
            let (bytes, rest) = rest.split_at_checked(2)?;
            (usize::from(u16::from_be_bytes(bytes.try_into().ok()?)), rest)
        }
        _ => return None,
    };
    (*found == kind).then(|| rest.split_at_checked(length))?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An RSA key with a modulus of so many bytes, the first of them 0x80 or more.
    fn rsa(bytes: usize, bare: bool) -> String {
        let wrap = |kind: u8, inside: &[u8]| {
            let length = u16::try_from(inside.len()).unwrap().to_be_bytes();
            [&[kind, 0x82], &length[..], inside].concat()
        };
        let modulus = [&[0][..], &vec![0xc5; bytes]].concat();
        let numbers = [wrap(INTEGER, &modulus), wrap(INTEGER, &[1, 0, 1])].concat();
        let key = wrap(SEQUENCE, &numbers);
        let algorithm = wrap(SEQUENCE, &[0x05, 0]);
        let string = wrap(BIT_STRING, &[&[0][..], &key].concat());
        let whole = wrap(SEQUENCE, &[algorithm, string].concat());
        STANDARD.encode(if bare { key } else { whole })
    }

    #[test]
    fn records_are_read_as_receivers_do() {
        let good = rsa(256, false);
        for (record, want) in [
            (format!("v=DKIM1; k=rsa; p={good}"), Ok((Key::Rsa(2048), false))),
            (format!("p={}", rsa(128, true)), Ok((Key::Rsa(1024), false))),
            (format!("v=DKIM1; t=y:s; p={}", rsa(96, false)), Ok((Key::Rsa(768), true))),
            ("v=DKIM1; p=".to_owned(), Ok((Key::Revoked, false))),
            (
                format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode([7; 32])),
                Ok((Key::Ed25519, false)),
            ),
            ("v=DKIM1; k=ed25519; p=AAAA".to_owned(), Err(w::DKIM_BAD_KEY)),
            ("v=dkim1; p=AAAA".to_owned(), Err(w::DKIM_WRONG_VERSION)),
            ("v=DKIM1; k=rsa".to_owned(), Err(w::DKIM_NO_KEY)),
            ("v=DKIM1; p=not!a!key".to_owned(), Err(w::DKIM_BAD_KEY)),
            (format!("v=DKIM1; k=dsa; p={good}"), Err(w::DKIM_BAD_TYPE)),
            (format!("v=DKIM1; s=tlsrpt; p={good}"), Err(w::DKIM_NOT_FOR_MAIL)),
            (format!("v=DKIM1; s=*; h=sha1; p={good}"), Err(w::DKIM_NO_SHA256)),
            (format!("v=DKIM1; h=sha1:sha256; p={good}"), Ok((Key::Rsa(2048), false))),
        ] {
            let got = parse(&record).map_err(|(text, _)| text);
            assert_eq!(got, want, "{record}");
        }
    }

    #[test]
    fn a_key_that_ends_early_is_none() {
        let whole = STANDARD.decode(rsa(256, false)).unwrap();
        assert_eq!(rsa_bits(&whole), Some(2048));
        // The exponent behind the modulus is not looked at.
        for length in 0..whole.len() - 8 {
            assert_eq!(rsa_bits(&whole[..length]), None, "{length}");
        }
    }
}
