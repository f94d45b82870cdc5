//! The values of options: how each is read, and what is said of a wrong one.

use super::moment::{MOMENTS, parse_moment};
use super::network::Network;
use super::pattern::Pattern;
use crate::error::Error;
use crate::knowledge::rule::{CodeMask, EnhancedMask};
use crate::smtp::{EnhancedCode, ReplyCode};
use crate::time::{Time, Zone};
use std::net::Ipv4Addr;

/// The values of one option: some are wanted (any will do), some are not (none must be there).
#[derive(Clone, Debug)]
pub(super) struct Condition<T> {
    wanted: Vec<T>,
    unwanted: Vec<T>,
}

impl<T> Condition<T> {
    /// Reads each value; `!` before it makes it unwanted.
    pub(super) fn parse(
        option: &'static str,
        values: &[String],
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Self, Error> {
        let mut condition = Self { wanted: Vec::new(), unwanted: Vec::new() };
        for value in values {
            let (list, text) = match value.strip_prefix('!') {
                Some(rest) => (&mut condition.unwanted, rest),
                None => (&mut condition.wanted, value.as_str()),
            };
            list.push(read(text.trim()).map_err(|expected| wrong(option, value, &expected))?);
        }
        Ok(condition)
    }

    /// Whether it asks for nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty()
    }

    /// Whether it leaves something out.
    pub(super) fn excludes(&self) -> bool {
        !self.unwanted.is_empty()
    }

    /// The texts of which one must be there for something wanted to be there; none when nothing is wanted.
    pub(super) fn literals<'t>(
        &'t self,
        literal: impl Fn(&'t T) -> Option<&'t str>,
    ) -> Vec<String> {
        let each = self.wanted.iter().map(|value| literal(value).unwrap_or("").to_owned());
        each.collect()
    }

    /// Whether what a line says fits. A line that says nothing fits when nothing is wanted.
    pub(super) fn fits<F: Copy>(
        &self,
        facts: impl IntoIterator<Item = F>,
        is: impl Fn(&T, F) -> bool,
    ) -> bool {
        if self.is_empty() {
            return true;
        }
        let mut found = self.wanted.is_empty();
        for fact in facts {
            if self.unwanted.iter().any(|value| is(value, fact)) {
                return false;
            }
            found = found || self.wanted.iter().any(|value| is(value, fact));
        }
        found
    }
}

impl Condition<Pattern> {
    /// Patterns of which each must be one of the words, or fit some.
    pub(super) fn words(
        option: &'static str,
        values: &[String],
        words: &[&str],
    ) -> Result<Self, Error> {
        Self::parse(option, values, |text| {
            let pattern = Pattern::new(text);
            if words.iter().any(|word| pattern.fits(word)) {
                Ok(pattern)
            } else {
                Err(format!("one of {}, or a pattern such as `*` that fits some", words.join(", ")))
            }
        })
    }

    pub(super) fn fits_any<'a>(&self, facts: impl IntoIterator<Item = &'a str>) -> bool {
        self.fits(facts, Pattern::fits)
    }
}

/// The error of a wrong value.
pub(super) fn wrong(option: &'static str, value: &str, expected: &str) -> Error {
    Error::Filter { option, value: value.to_owned(), expected: expected.to_owned() }
}

pub(super) fn moment(
    option: &'static str,
    text: &str,
    zone: Zone,
    now: i64,
) -> Result<Time, Error> {
    parse_moment(text, zone, now).ok_or_else(|| wrong(option, text, MOMENTS))
}

/// Reply codes or enhanced status codes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Code {
    Reply(CodeMask),
    Enhanced(EnhancedMask),
}

impl Code {
    pub(super) fn fits(self, code: Option<ReplyCode>, enhanced: Option<EnhancedCode>) -> bool {
        match self {
            Self::Reply(mask) => code.is_some_and(|code| mask.fits(code)),
            Self::Enhanced(mask) => enhanced.is_some_and(|enhanced| mask.fits(enhanced)),
        }
    }
}

pub(super) fn code(text: &str) -> Result<Code, String> {
    let masked = text.replace('*', "X").to_ascii_uppercase();
    // `5*` and `45*` are as clear as `5xx` and `45x`.
    let padded = if text.contains('.') { masked.clone() } else { format!("{masked:X<3}") };
    let reply = || CodeMask::parse(&padded).filter(|_| text.len() == 3 || text.ends_with('*'));
    reply()
        .map(Code::Reply)
        .or_else(|| EnhancedMask::parse(&masked).map(Code::Enhanced))
        .ok_or_else(|| {
            "a reply code such as 550, 5xx or 45x, or an enhanced status code such as 5.7.1, 5.7.x or x.7.1"
                .to_owned()
        })
}

pub(super) fn class(text: &str) -> Result<u8, String> {
    let digit = text.strip_suffix("xx").unwrap_or(text);
    match digit.parse() {
        Ok(class @ 2..=5) => Ok(class),
        _ => Err("a class of replies: 2, 3, 4 or 5".to_owned()),
    }
}

/// An envelope address; `<>` is the null sender.
pub(super) fn address(text: &str) -> Result<Pattern, String> {
    let bare = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    if text.is_empty() {
        return Err(
            "an address such as ann@example.com or *@example.com; <> is the null sender".to_owned()
        );
    }
    Ok(Pattern::new(bare.unwrap_or(text)))
}

pub(super) fn domain(text: &str) -> Result<Pattern, String> {
    let bare = text.strip_prefix('@').unwrap_or(text).trim_end_matches('.');
    if bare.is_empty() || bare.contains('@') {
        return Err("a domain such as example.com or *.example.com".to_owned());
    }
    Ok(Pattern::new(bare))
}

pub(super) fn name(text: &str) -> Result<Pattern, String> {
    if text.is_empty() {
        return Err("a name, or a pattern with *".to_owned());
    }
    Ok(Pattern::new(text))
}

/// Queue ids that differ in the case of a letter are different messages.
pub(super) fn queue_id(text: &str) -> Result<Pattern, String> {
    if text.is_empty() {
        return Err("a queue id such as 4C1D2E3F40 or 1tUAbc-0000xY-3c".to_owned());
    }
    Ok(Pattern::exact_case(text))
}

/// Clients by address, network or name.
#[derive(Clone, Debug)]
pub(super) enum Clients {
    Network(Network, String),
    Pattern(Pattern),
}

impl Clients {
    /// What a line must contain that fits; `None` for networks and addresses that are written in several ways.
    pub(super) fn literal(&self) -> Option<&str> {
        match self {
            Self::Network(_, text) => text.parse::<Ipv4Addr>().is_ok().then_some(text.as_str()),
            Self::Pattern(pattern) => Some(pattern.literal()),
        }
    }

    pub(super) fn fits(&self, address: Option<&str>, name: Option<&str>) -> bool {
        match self {
            Self::Network(network, _) => address.is_some_and(|address| network.has(address)),
            Self::Pattern(pattern) => {
                [address, name].into_iter().flatten().any(|text| pattern.fits(text))
            }
        }
    }
}

pub(super) fn clients(text: &str) -> Result<Clients, String> {
    if let Some(network) = Network::parse(text) {
        return Ok(Clients::Network(network, text.to_owned()));
    }
    if text.is_empty() || text.contains('/') {
        return Err(
            "an address, a network such as 192.0.2.0/24 or 2001:db8::/32, or a name such as \
                    *.example.com"
                .to_owned(),
        );
    }
    Ok(Clients::Pattern(Pattern::new(text)))
}
