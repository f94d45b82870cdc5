//! Questions and answers of DNS, as far as the judging needs them.

use crate::words::words;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::fmt::Write;
use std::net::IpAddr;

/// Records kept of one answer. More than this no mail server uses; the answer says that it was cut.
pub const MOST_ROWS: usize = 50;
/// Bytes kept of one text record.
pub const LONGEST_TEXT: usize = 4096;
/// Bytes kept of the data of one TLSA record; whole keys and certificates are permitted there.
pub const LONGEST_DATA: usize = 8192;

words! {
    /// What kind of record is asked for.
    QueryType {
        /// An IPv4 address.
        A = "A",
        /// An IPv6 address.
        Aaaa = "AAAA",
        /// Mail exchangers.
        Mx = "MX",
        /// The name of an address.
        Ptr = "PTR",
        /// Which certificate TLS may show (DANE).
        Tlsa = "TLSA",
        /// Text.
        Txt = "TXT",
    }
}

words! {
    /// What came of a question.
    Outcome {
        /// Records.
        Records = "records",
        /// The name is there, records of this kind are not.
        NoData = "no-data",
        /// The name does not exist (NXDOMAIN).
        NoSuchName = "no-such-name",
        /// The resolver could not find out (SERVFAIL).
        ServFail = "servfail",
        /// The resolver does not want to answer.
        Refused = "refused",
        /// Sent on to other name servers: whoever was asked does not look for others.
        Referral = "referral",
        /// No answer in time.
        Timeout = "timeout",
        /// Another error code, or an answer that cannot be read.
        Failed = "failed",
        /// Not asked: the deadline of the run, or as many questions as a run asks.
        NotAsked = "not-asked",
        /// Not known yet.
        Pending = "pending",
    }
}

impl Outcome {
    /// The servers told something for certain: records, or that there are none.
    pub const fn is_certain(self) -> bool {
        matches!(self, Self::Records | Self::NoData | Self::NoSuchName)
    }

    /// Neither records nor an answer that there are none.
    pub const fn is_failure(self) -> bool {
        !self.is_certain() && !matches!(self, Self::Pending)
    }
}

/// A question; the name is one that [`super::HostName`] accepts, or one in `in-addr.arpa` or `ip6.arpa`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Question {
    /// The name, in lower case, without the final dot.
    pub name: String,
    /// The kind.
    pub kind: QueryType,
}

/// A TLSA record (RFC 6698).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Tlsa {
    /// What kind of certificate is meant: 0 to 3.
    pub usage: u8,
    /// What of it: 0 all of it, 1 its public key.
    pub selector: u8,
    /// How: 0 as it is, 1 as SHA-256, 2 as SHA-512.
    pub matching: u8,
    /// The bytes to compare with, at most [`LONGEST_DATA`].
    pub data: Vec<u8>,
}

impl Tlsa {
    /// As in a zone file.
    pub fn as_text(&self) -> String {
        format!("{} {} {} {}", self.usage, self.selector, self.matching, hex(&self.data))
    }
}

/// Bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // A string takes everything.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Takes hashes out of a text, as [`hex`] writes them.
pub(super) fn without_hashes(text: &str) -> String {
    let is_hash = |word: &str| word.len() >= 32 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    words
        .map(|word| {
            let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            if is_hash(bare) { word.replace(bare, "…") } else { word.to_owned() }
        })
        .collect()
}

/// What a record holds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Data {
    /// `A`, `AAAA`.
    Address(IpAddr),
    /// `MX`; the host is `.` in a null MX, otherwise without its final dot, as answered.
    Mx(u16, String),
    /// `CNAME`.
    Alias(String),
    /// `PTR`.
    Pointer(String),
    /// `TLSA`.
    Tlsa(Tlsa),
    /// `TXT`: its strings put together; bytes that are not ASCII text are `\xNN`.
    Text(String),
    /// The pseudonym of a value, behind its type.
    Renamed(&'static str, String),
}

impl Data {
    /// The type as DNS calls it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Address(IpAddr::V4(_)) => "A",
            Self::Address(IpAddr::V6(_)) => "AAAA",
            Self::Mx(..) => "MX",
            Self::Alias(_) => "CNAME",
            Self::Pointer(_) => "PTR",
            Self::Tlsa(_) => "TLSA",
            Self::Text(_) => "TXT",
            Self::Renamed(kind, _) => kind,
        }
    }

    /// The value as in a zone file.
    pub fn value(&self) -> String {
        match self {
            Self::Address(address) => address.to_string(),
            Self::Mx(preference, host) => format!("{preference} {host}"),
            Self::Alias(text) | Self::Pointer(text) | Self::Renamed(_, text) => text.clone(),
            Self::Tlsa(tlsa) => tlsa.as_text(),
            Self::Text(text) => format!("\"{text}\""),
        }
    }
}

/// A record as answered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Row {
    /// Whose record it is.
    pub name: String,
    /// Seconds it may be kept.
    pub ttl: u32,
    /// What it holds.
    pub data: Data,
}

impl Row {
    /// Puts its names through `rewrite`; what is no name or address any more then stands as text.
    pub(super) fn rewrite(&mut self, rewrite: &dyn Fn(&str) -> String) {
        self.name = rewrite(&self.name);
        let kind = self.data.kind();
        match &mut self.data {
            Data::Address(address) => {
                let shown = rewrite(&address.to_string());
                self.data = match shown.parse() {
                    Ok(address) => Data::Address(address),
                    Err(_) => Data::Renamed(kind, shown),
                };
            }
            Data::Mx(_, host) | Data::Alias(host) | Data::Pointer(host) => *host = rewrite(host),
            Data::Text(text) | Data::Renamed(_, text) => *text = rewrite(text),
            // The hash of a certificate leads to its host: certificates are published.
            Data::Tlsa(Tlsa { usage, selector, matching, .. }) => {
                self.data = Data::Renamed(kind, format!("{usage} {selector} {matching} …"));
            }
        }
    }

    /// As in a zone file.
    pub fn as_line(&self) -> String {
        format!("{} {} {} {}", self.name, self.ttl, self.data.kind(), self.data.value())
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_struct("Row", 4)?;
        row.serialize_field("name", &self.name)?;
        row.serialize_field("ttl", &self.ttl)?;
        row.serialize_field("type", self.data.kind())?;
        row.serialize_field("value", &self.data.value())?;
        row.end()
    }
}

/// What came of a question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// How it ended.
    pub outcome: Outcome,
    /// The records, aliases that led to them included; sorted, at most [`MOST_ROWS`].
    pub rows: Vec<Row>,
    /// There were more records.
    pub cut: bool,
    /// The resolver says that DNSSEC proves them (the AD bit). It is asked of MX and TLSA records only.
    pub secure: bool,
}

impl Answer {
    /// An answer without records.
    pub const fn without_rows(outcome: Outcome) -> Self {
        Self { outcome, rows: Vec::new(), cut: false, secure: false }
    }

    /// An answer with records.
    pub fn with_rows(mut rows: Vec<Row>) -> Self {
        // As servers turn them round, and the same input has the same output.
        rows.sort_by(|a, b| (&a.data, &a.name).cmp(&(&b.data, &b.name)));
        let cut = rows.len() > MOST_ROWS;
        rows.truncate(MOST_ROWS);
        Self { outcome: Outcome::Records, rows, cut, secure: false }
    }

    /// The addresses.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.rows.iter().filter_map(|row| match row.data {
            Data::Address(address) => Some(address),
            _ => None,
        })
    }

    /// The exchangers with their preferences, most wanted first.
    pub fn exchangers(&self) -> impl Iterator<Item = (u16, &str)> + '_ {
        self.rows.iter().filter_map(|row| match &row.data {
            Data::Mx(preference, host) => Some((*preference, host.as_str())),
            _ => None,
        })
    }

    /// The texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> + '_ {
        self.rows.iter().filter_map(|row| match &row.data {
            Data::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The names that an address points to.
    pub fn pointers(&self) -> impl Iterator<Item = &str> + '_ {
        self.rows.iter().filter_map(|row| match &row.data {
            Data::Pointer(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// What a name is an alias of.
    pub fn alias_of(&self, name: &str) -> Option<&str> {
        self.rows.iter().find_map(|row| match &row.data {
            Data::Alias(target) if row.name.eq_ignore_ascii_case(name) => Some(target.as_str()),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_taken_out_and_nothing_else() {
        let hash = hex(&[7; 32]);
        let text = format!("mx.example.com fits `3 1 1 {hash}`, deadbeef and facade.");
        assert_eq!(without_hashes(&text), "mx.example.com fits `3 1 1 …`, deadbeef and facade.");
    }
}
