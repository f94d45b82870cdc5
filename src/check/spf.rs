//! SPF (RFC 7208) of a domain for an address: the result, the term that decided, and how many of the ten lookups
//! it took.
//!
//! Our own walk and not the crate `mail-auth`: its answer (0.15, `SpfOutput`) has the result, the domain and the
//! explanation, but neither the term that decided nor the number of lookups, which are what an administrator needs
//! in order to repair a record; and it asks as it goes, so that the questions of several domains could not be put
//! side by side, each once in a run, under one bound and one deadline ([`super::book`]). DMARC and DKIM records are
//! a few tags each, of which we show those that receivers stumble over.
//!
//! Limits: the sender is taken as `postmaster@` the domain; `exp=` is not fetched; the macro `p` stands for
//! `unknown`, as the standard permits; the name of an address (`ptr`) is looked up for ten names at most.

use super::answer::{Answer, Outcome, QueryType};
use super::book::Book;
use super::identity::reverse_name;
use super::name::HostName;
use super::phrases as p;
use crate::i18n::Text;
use std::net::IpAddr;

/// Terms with a question that an evaluation may have (RFC 7208 section 4.6.4).
pub const MOST_LOOKUPS: u32 = 10;
/// Questions without an answer that it may have.
const MOST_VOIDS: u32 = 2;
/// Exchangers of a `mx` term, and names of a `ptr` term.
const MOST_HOSTS: usize = 10;
/// How deep records include one another; ten lookups end it before.
const DEEPEST: u32 = 12;
/// Terms that are read of one record.
const MOST_TERMS: usize = 500;

/// Whose mail from where.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'i> {
    /// The sending address.
    pub address: IpAddr,
    /// The domain of the envelope sender.
    pub domain: &'i HostName,
    /// The HELO name.
    pub helo: Option<&'i str>,
}

/// What SPF says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpfResult {
    /// Permitted.
    Pass,
    /// Forbidden.
    Fail,
    /// Doubted.
    SoftFail,
    /// No statement.
    Neutral,
    /// No record.
    None,
    /// A question could not be answered.
    TempError,
    /// The record is broken.
    PermError,
    /// Answers are missing yet.
    Pending,
}

/// Why there is no result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProblemKind {
    /// More than one record.
    ManyRecords,
    /// A term that cannot be read.
    Syntax,
    /// More than [`MOST_LOOKUPS`].
    TooManyLookups,
    /// More than two questions without an answer.
    TooManyVoids,
    /// An included domain without a record.
    NoIncluded,
    /// Too many exchangers or records.
    TooMuch,
    /// No answer.
    NoAnswer,
}

/// The sentence about a problem; its value is [`Problem::what`].
pub const fn problem_text(kind: ProblemKind) -> Text {
    match kind {
        ProblemKind::ManyRecords => p::SPF_MANY_RECORDS,
        ProblemKind::Syntax => p::SPF_SYNTAX,
        ProblemKind::TooManyLookups => p::SPF_TOO_MANY_LOOKUPS,
        ProblemKind::TooManyVoids => p::SPF_TOO_MANY_VOIDS,
        ProblemKind::NoIncluded => p::SPF_NO_INCLUDED,
        ProblemKind::TooMuch => p::SPF_TOO_MUCH,
        ProblemKind::NoAnswer => p::SPF_NO_ANSWER,
    }
}

/// Why there is no result, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// The domain or term.
    pub what: String,
}

/// What an evaluation came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpfFound {
    /// The result.
    pub result: SpfResult,
    /// The term that decided; `None` at the end of a record without `all`, and without a record.
    pub term: Option<String>,
    /// Whose record the term stands in.
    pub record_of: String,
    /// Terms with a question, of ten.
    pub lookups: u32,
    /// Why there is no result.
    pub problem: Option<Problem>,
}

/// Whether a text is an SPF record.
pub fn is_spf(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text == "v=spf1" || text.starts_with("v=spf1 ")
}

/// Evaluates the record of a domain.
pub fn evaluate(book: &Book, identity: &Identity<'_>) -> SpfFound {
    let mut walk = Walk { book, identity, lookups: 0, voids: 0 };
    let domain = identity.domain.as_str();
    let ended = walk.check(domain, 0);
    let (lookups, none) = (walk.lookups, None);
    let found = |result, term, record_of: &str, problem| SpfFound {
        result,
        term,
        record_of: record_of.to_owned(),
        lookups,
        problem,
    };
    match ended {
        Ok(Decided { result, term, record_of }) => found(result, term, &record_of, none),
        Err(Stop::Pending) => found(SpfResult::Pending, None, domain, none),
        Err(Stop::Temp(problem)) => found(SpfResult::TempError, None, domain, Some(problem)),
        Err(Stop::Perm(problem)) => found(SpfResult::PermError, None, domain, Some(problem)),
    }
}

struct Decided {
    result: SpfResult,
    term: Option<String>,
    record_of: String,
}

enum Stop {
    Pending,
    Temp(Problem),
    Perm(Problem),
}

fn perm(kind: ProblemKind, what: &str) -> Stop {
    Stop::Perm(Problem { kind, what: what.to_owned() })
}

struct Walk<'w> {
    book: &'w Book,
    identity: &'w Identity<'w>,
    lookups: u32,
    voids: u32,
}

impl<'w> Walk<'w> {
    /// Evaluates the record of `domain`.
    fn check(&mut self, domain: &str, depth: u32) -> Result<Decided, Stop> {
        if depth > DEEPEST {
            return Err(perm(ProblemKind::TooManyLookups, domain));
        }
        let decided = |result, term: Option<&str>| {
            let term = term.map(str::to_owned);
            Ok(Decided { result, term, record_of: domain.to_owned() })
        };
        if HostName::parse(domain).is_none() {
            return decided(SpfResult::None, None);
        }
        let answer = self.answer(QueryType::Txt, domain)?;
        if answer.cut {
            return Err(perm(ProblemKind::TooMuch, domain));
        }
        let mut records = answer.texts().filter(|text| is_spf(text));
        let (Some(record), second) = (records.next(), records.next()) else {
            return decided(SpfResult::None, None);
        };
        if second.is_some() {
            return Err(perm(ProblemKind::ManyRecords, domain));
        }
        let terms: Vec<&str> = record.split(' ').skip(1).filter(|term| !term.is_empty()).collect();
        if terms.len() > MOST_TERMS {
            return Err(perm(ProblemKind::TooMuch, domain));
        }
        // An error anywhere in the record counts, also behind the term that matches.
        let mut parsed = Vec::new();
        let mut redirect = None;
        for &term in &terms {
            match Term::parse(term).ok_or_else(|| perm(ProblemKind::Syntax, term))? {
                Term::Redirect(_) if redirect.is_some() => {
                    return Err(perm(ProblemKind::Syntax, term));
                }
                Term::Redirect(target) => redirect = Some((term, target)),
                Term::OtherModifier => {}
                Term::Mechanism(mechanism) => parsed.push((term, mechanism)),
            }
        }
        for (term, mechanism) in &parsed {
            if self.matches(mechanism, term, domain, depth)? {
                return decided(mechanism.result, Some(term));
            }
        }
        let Some((term, target)) = redirect else { return decided(SpfResult::Neutral, None) };
        self.count(term)?;
        let target = self.expand(target, domain).ok_or_else(|| perm(ProblemKind::Syntax, term))?;
        let there = self.check(&target, depth + 1)?;
        if there.result == SpfResult::None {
            return Err(perm(ProblemKind::NoIncluded, term));
        }
        Ok(there)
    }

    fn matches(
        &mut self,
        mechanism: &Mechanism<'_>,
        term: &str,
        domain: &str,
        depth: u32,
    ) -> Result<bool, Stop> {
        let address = self.identity.address;
        let target = match mechanism.target {
            Some(text) => {
                self.expand(text, domain).ok_or_else(|| perm(ProblemKind::Syntax, term))?
            }
            None => domain.to_owned(),
        };
        match mechanism.name {
            Name::All => Ok(true),
            Name::Ip(network) => Ok(is_in(address, network, mechanism.prefixes)),
            Name::Include => {
                self.count(term)?;
                let there = self.check(&target, depth + 1)?;
                match there.result {
                    SpfResult::Pass => Ok(true),
                    SpfResult::None => Err(perm(ProblemKind::NoIncluded, term)),
                    _ => Ok(false),
                }
            }
            Name::A => {
                self.count(term)?;
                let answer = self.question(address_type(address), &target)?;
                Ok(answer.addresses().any(|found| is_in(address, found, mechanism.prefixes)))
            }
            Name::Mx => {
                self.count(term)?;
                let answer = self.question(QueryType::Mx, &target)?;
                let hosts: Vec<&str> =
                    answer.exchangers().map(|(_, host)| host).filter(|host| *host != ".").collect();
                if hosts.len() > MOST_HOSTS {
                    return Err(perm(ProblemKind::TooMuch, term));
                }
                self.any_host_has(&hosts, mechanism.prefixes)
            }
            Name::Ptr => {
                self.count(term)?;
                let answer = self.question(QueryType::Ptr, &reverse_name(address))?;
                let ends = |host: &str| {
                    let host = host.trim_end_matches('.').to_ascii_lowercase();
                    host == target || host.ends_with(&format!(".{target}"))
                };
                let hosts: Vec<&str> =
                    answer.pointers().take(MOST_HOSTS).filter(|host| ends(host)).collect();
                self.any_host_has(&hosts, (32, 128))
            }
            Name::Exists => {
                self.count(term)?;
                Ok(self.question(QueryType::A, &target)?.addresses().next().is_some())
            }
        }
    }

    /// Whether one of the hosts has our address. All are asked for before the first is waited for.
    fn any_host_has(&self, hosts: &[&str], prefixes: (u8, u8)) -> Result<bool, Stop> {
        let address = self.identity.address;
        let kind = address_type(address);
        for host in hosts {
            if let Some(host) = HostName::parse(host) {
                self.book.look(kind, host.as_str());
            }
        }
        for host in hosts {
            if let Some(host) = HostName::parse(host)
                && self
                    .answer(kind, host.as_str())?
                    .addresses()
                    .any(|found| is_in(address, found, prefixes))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// One more of ten.
    fn count(&mut self, term: &str) -> Result<(), Stop> {
        self.lookups += 1;
        if self.lookups > MOST_LOOKUPS {
            return Err(perm(ProblemKind::TooManyLookups, term));
        }
        Ok(())
    }

    /// An answer that counts as void when there are no records.
    fn question(&mut self, kind: QueryType, name: &str) -> Result<&'w Answer, Stop> {
        static NOTHING: Answer = Answer::without_rows(Outcome::NoSuchName);
        // What macros made of it may be no name; then there is nothing under it.
        let answer = if kind == QueryType::Ptr || HostName::parse(name).is_some() {
            self.answer(kind, name)?
        } else {
            &NOTHING
        };
        if answer.outcome != Outcome::Records {
            self.voids += 1;
            if self.voids > MOST_VOIDS {
                return Err(perm(ProblemKind::TooManyVoids, name));
            }
        }
        Ok(answer)
    }

    fn answer(&self, kind: QueryType, name: &str) -> Result<&'w Answer, Stop> {
        let answer = self.book.look(kind, name);
        match answer.outcome {
            Outcome::Pending => Err(Stop::Pending),
            outcome if outcome.is_failure() => {
                Err(Stop::Temp(Problem { kind: ProblemKind::NoAnswer, what: name.to_owned() }))
            }
            _ => Ok(answer),
        }
    }

    /// Puts the macros of RFC 7208 section 7 in; `None` where they are wrong.
    fn expand(&self, text: &str, domain: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('%') {
            out.push_str(before);
            let mut chars = behind.chars();
            match chars.next()? {
                '%' => out.push('%'),
                '_' => out.push(' '),
                '-' => out.push_str("%20"),
                '{' => {
                    let (inside, after) = chars.as_str().split_once('}')?;
                    out.push_str(&self.macro_value(inside, domain)?);
                    rest = after;
                    continue;
                }
                _ => return None,
            }
            rest = chars.as_str();
        }
        out.push_str(rest);
        // A name that got too long loses labels on its left.
        let mut name = out.trim_end_matches('.');
        while name.len() > 253 {
            name = name.split_once('.')?.1;
        }
        Some(name.to_ascii_lowercase())
    }

    fn macro_value(&self, inside: &str, domain: &str) -> Option<String> {
        let mut chars = inside.chars();
        let letter = chars.next()?;
        let own = self.identity.domain.as_str();
        let value = match letter.to_ascii_lowercase() {
            's' => format!("postmaster@{own}"),
            'l' => "postmaster".to_owned(),
            'o' => own.to_owned(),
            'd' => domain.to_owned(),
            'i' => match self.identity.address {
                IpAddr::V4(address) => address.to_string(),
                address @ IpAddr::V6(_) => {
                    let reversed = reverse_name(address);
                    let nibbles = reversed.trim_end_matches(".ip6.arpa").split('.').rev();
                    nibbles.collect::<Vec<_>>().join(".")
                }
            },
            'p' => "unknown".to_owned(),
            'v' => if self.identity.address.is_ipv4() { "in-addr" } else { "ip6" }.to_owned(),
            'h' => self.identity.helo.unwrap_or("unknown").to_owned(),
            _ => return None,
        };
        let rest = chars.as_str();
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let rest = rest.strip_prefix(digits.as_str())?;
        let (reverse, rest) = match rest.strip_prefix(['r', 'R']) {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        if !rest.chars().all(|c| ".-+,/_=".contains(c)) {
            return None;
        }
        let at = |c: char| if rest.is_empty() { c == '.' } else { rest.contains(c) };
        let mut parts: Vec<&str> = value.split(at).collect();
        if reverse {
            parts.reverse();
        }
        let keep = if digits.is_empty() { parts.len() } else { digits.parse().ok()? };
        if keep == 0 {
            return None;
        }
        let from = parts.len().saturating_sub(keep);
        Some(parts.get(from..)?.join("."))
    }
}

fn address_type(address: IpAddr) -> QueryType {
    if address.is_ipv4() { QueryType::A } else { QueryType::Aaaa }
}

/// A term of a record.
enum Term<'t> {
    Mechanism(Mechanism<'t>),
    Redirect(&'t str),
    /// `exp=`, and what later standards may add.
    OtherModifier,
}

struct Mechanism<'t> {
    result: SpfResult,
    name: Name,
    target: Option<&'t str>,
    /// Bits that count, of IPv4 and of IPv6.
    prefixes: (u8, u8),
}

#[derive(Clone, Copy)]
enum Name {
    All,
    Include,
    A,
    Mx,
    Ptr,
    Ip(IpAddr),
    Exists,
}

impl<'t> Term<'t> {
    fn parse(term: &'t str) -> Option<Self> {
        let name_end = term.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
        if let Some((name, value)) = term.split_once('=')
            && name_end == Some(name.len())
        {
            let is_redirect = name.eq_ignore_ascii_case("redirect");
            return Some(if is_redirect { Self::Redirect(value) } else { Self::OtherModifier });
        }
        let (result, rest) = match term.split_at_checked(1)? {
            ("+", rest) => (SpfResult::Pass, rest),
            ("-", rest) => (SpfResult::Fail, rest),
            ("~", rest) => (SpfResult::SoftFail, rest),
            ("?", rest) => (SpfResult::Neutral, rest),
            _ => (SpfResult::Pass, term),
        };
        let end = rest.find([':', '/']).unwrap_or(rest.len());
        let (name, behind) = rest.split_at_checked(end)?;
        let (value, prefix) = match behind.strip_prefix(':') {
            Some(value) => match value.split_once('/') {
                Some((value, prefix)) => (Some(value), Some(prefix)),
                None => (Some(value), None),
            },
            None => (None, behind.strip_prefix('/')),
        };
        if value.is_some_and(str::is_empty) {
            return None;
        }
        let name = match name.to_ascii_lowercase().as_str() {
            "all" if behind.is_empty() => Name::All,
            "include" if value.is_some() && prefix.is_none() => Name::Include,
            "exists" if value.is_some() && prefix.is_none() => Name::Exists,
            "a" => Name::A,
            "mx" => Name::Mx,
            "ptr" if prefix.is_none() => Name::Ptr,
            "ip4" => Name::Ip(IpAddr::V4(value?.parse().ok()?)),
            "ip6" => Name::Ip(IpAddr::V6(value?.parse().ok()?)),
            _ => return None,
        };
        let prefixes = match (name, prefix) {
            (_, None) => (32, 128),
            (Name::Ip(IpAddr::V4(_)), Some(bits)) => (length(bits, 32)?, 128),
            (Name::Ip(IpAddr::V6(_)), Some(bits)) => (32, length(bits, 128)?),
            // `a/24`, `a//64`, `a/24//64`
            (_, Some(bits)) => match bits.split_once('/') {
                None => (length(bits, 32)?, 128),
                Some(("", six)) => (32, length(six, 128)?),
                Some((four, six)) => (length(four, 32)?, length(six.strip_prefix('/')?, 128)?),
            },
        };
        let target = if matches!(name, Name::Ip(_)) { None } else { value };
        Some(Self::Mechanism(Mechanism { result, name, target, prefixes }))
    }
}

fn length(text: &str, most: u8) -> Option<u8> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|&bits| digits && bits <= most)
}

/// Whether an address lies in a network.
fn is_in(address: IpAddr, network: IpAddr, (four, six): (u8, u8)) -> bool {
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(four)).unwrap_or(0);
            a.to_bits() & mask == b.to_bits() & mask
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(six)).unwrap_or(0);
            a.to_bits() & mask == b.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::answer::{Data, Question, Row};

    /// Evaluates against lines such as `name TXT value`; a name with `FAIL` has no answer.
    fn evaluate_with(zone: &[(&str, &str)], address: &str) -> SpfFound {
        let mut book = Book::for_subjects(1);
        let domain = HostName::parse("example.com").unwrap();
        let address = address.parse().unwrap();
        let identity = Identity { address, domain: &domain, helo: Some("mail.example.com") };
        for _ in 0..100 {
            let found = evaluate(&book, &identity);
            let wanted = book.take_wanted();
            if wanted.is_empty() {
                return found;
            }
            for question in wanted {
                let answer = answer(zone, &question);
                book.enter(question, answer);
            }
        }
        panic!("it never ends");
    }

    fn answer(zone: &[(&str, &str)], question: &Question) -> Answer {
        let rows: Vec<Row> = zone
            .iter()
            .filter_map(|(name, line)| {
                let (kind, value) = line.split_once(' ')?;
                let data = match kind {
                    "TXT" => Data::Text(value.to_owned()),
                    "MX" => Data::Mx(10, value.to_owned()),
                    "PTR" => Data::Pointer(value.to_owned()),
                    _ => Data::Address(value.parse().unwrap()),
                };
                let fits = *name == question.name && kind == question.kind.slug();
                fits.then(|| Row { name: (*name).to_owned(), ttl: 300, data })
            })
            .collect();
        if zone.contains(&(question.name.as_str(), "FAIL")) {
            Answer::without_rows(Outcome::ServFail)
        } else if rows.is_empty() {
            Answer::without_rows(Outcome::NoSuchName)
        } else {
            Answer::with_rows(rows)
        }
    }

    #[test]
    fn each_mechanism_decides_as_the_standard_says() {
        use SpfResult::{Fail, Neutral, None, Pass, PermError, SoftFail, TempError};
        let zone = [
            ("example.com", "A 192.0.2.10"),
            ("example.com", "MX mx.example.com"),
            ("mx.example.com", "A 192.0.2.20"),
            ("mx.example.com", "AAAA 2001:db8::20"),
            ("25.2.0.192.in-addr.arpa", "PTR out.example.com"),
            ("out.example.com", "A 192.0.2.25"),
            ("192.0.2.25._spf.example.com", "A 127.0.0.2"),
            ("25.2.0.192.in-addr.example.com", "A 127.0.0.2"),
            ("other.example.net", "TXT v=spf1 ip4:192.0.2.25 -all"),
            ("loop.example.net", "TXT v=spf1 include:loop.example.net -all"),
            ("down.example.net", "FAIL"),
        ];
        for (record, address, want, term, lookups) in [
            ("v=spf1 -all", "192.0.2.25", Fail, Some("-all"), 0),
            ("v=spf1 ~all", "192.0.2.25", SoftFail, Some("~all"), 0),
            ("v=spf1", "192.0.2.25", Neutral, Option::None, 0),
            ("v=spf10 +all", "192.0.2.25", None, Option::None, 0),
            ("V=SPF1 IP4:192.0.2.0/27 -ALL", "192.0.2.25", Pass, Some("IP4:192.0.2.0/27"), 0),
            ("v=spf1 ip4:192.0.2.0/28 -all", "192.0.2.25", Fail, Some("-all"), 0),
            ("v=spf1 ip4:192.0.2.0/0 -all", "198.51.100.1", Pass, Some("ip4:192.0.2.0/0"), 0),
            ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::7", Pass, Some("ip6:2001:db8::/32"), 0),
            ("v=spf1 ip6:2001:db8::/32 -all", "192.0.2.25", Fail, Some("-all"), 0),
            ("v=spf1 a -all", "192.0.2.10", Pass, Some("a"), 1),
            ("v=spf1 a/24 -all", "192.0.2.25", Pass, Some("a/24"), 1),
            ("v=spf1 mx//64 -all", "2001:db8::99", Pass, Some("mx//64"), 1),
            (
                "v=spf1 a:example.com/24//64 -all",
                "192.0.2.25",
                Pass,
                Some("a:example.com/24//64"),
                1,
            ),
            ("v=spf1 ptr -all", "192.0.2.25", Pass, Some("ptr"), 1),
            (
                "v=spf1 exists:%{i}._spf.%{d} -all",
                "192.0.2.25",
                Pass,
                Some("exists:%{i}._spf.%{d}"),
                1,
            ),
            (
                "v=spf1 exists:%{ir}.%{v}.%{d2} -all",
                "192.0.2.25",
                Pass,
                Some("exists:%{ir}.%{v}.%{d2}"),
                1,
            ),
            (
                "v=spf1 ?include:other.example.net -all",
                "192.0.2.25",
                Neutral,
                Some("?include:other.example.net"),
                1,
            ),
            ("v=spf1 include:other.example.net -all", "192.0.2.26", Fail, Some("-all"), 1),
            ("v=spf1 redirect=other.example.net", "192.0.2.25", Pass, Some("ip4:192.0.2.25"), 1),
            ("v=spf1 redirect=other.example.net -all", "192.0.2.25", Fail, Some("-all"), 0),
            ("v=spf1 redirect=nothing.example.net", "192.0.2.25", PermError, Option::None, 1),
            ("v=spf1 include:nothing.example.net -all", "192.0.2.25", PermError, Option::None, 1),
            ("v=spf1 include:loop.example.net -all", "192.0.2.25", PermError, Option::None, 11),
            ("v=spf1 include:down.example.net -all", "192.0.2.25", TempError, Option::None, 1),
            (
                "v=spf1 a:x1.example.net a:x2.example.net a:x3.example.net ~all",
                "192.0.2.25",
                PermError,
                Option::None,
                3,
            ),
            ("v=spf1 exp=why.%{d} unknown=1 -all", "192.0.2.25", Fail, Some("-all"), 0),
            ("v=spf1 +all ip4:192.0.2.0/33", "192.0.2.25", PermError, Option::None, 0),
            ("v=spf1 ip4:nonsense -all", "192.0.2.25", PermError, Option::None, 0),
            ("v=spf1 include: -all", "192.0.2.25", PermError, Option::None, 0),
            ("v=spf1 exists:%{z} -all", "192.0.2.25", PermError, Option::None, 1),
        ] {
            let text = format!("TXT {record}");
            let zone: Vec<_> =
                zone.iter().copied().chain([("example.com", text.as_str())]).collect();
            let found = evaluate_with(&zone, address);
            let got = (found.result, found.term.as_deref(), found.lookups);
            // A macro is read before its question is counted.
            let counted = if record.contains("%{z}") { 0 } else { lookups };
            assert_eq!(got, (want, term, counted), "{record} for {address}: {found:?}");
        }
    }
}
