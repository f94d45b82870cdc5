//! MTA-STS (RFC 8461): the record that announces a policy, and the policy.

/// Bytes of a policy; RFC 8461 section 3.2 suggests this bound.
pub const LONGEST_POLICY: usize = 64 * 1024;
/// Lines with `mx` that are kept.
const MOST_PATTERNS: usize = 100;

/// What the texts at `_mta-sts.DOMAIN` come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Announced {
    /// Nothing there is a record of MTA-STS.
    Nothing,
    /// The domain has a policy with this id.
    Policy(String),
    /// There is more than one record: senders act as if there were none.
    Many,
    /// The id is missing or has other characters than letters and digits.
    NoId,
}

/// Reads the texts. Source: RFC 8461 section 3.1.
pub fn announced<'t>(texts: impl Iterator<Item = &'t str>) -> Announced {
    let mut records = texts.filter(|text| {
        let begin = text.split(';').next().unwrap_or_default();
        begin.trim_end() == "v=STSv1"
    });
    let Some(record) = records.next() else { return Announced::Nothing };
    if records.next().is_some() {
        return Announced::Many;
    }
    let id = record.split(';').find_map(|field| field.trim().strip_prefix("id="));
    match id.map(str::trim) {
        Some(id)
            if (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric()) =>
        {
            Announced::Policy(id.to_owned())
        }
        _ => Announced::NoId,
    }
}

/// What senders do when the policy is not met.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// They keep the mail.
    Enforce,
    /// They report it, and send.
    Testing,
    /// There is no policy any more.
    None,
}

impl Mode {
    /// The word in the policy.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Testing => "testing",
            Self::None => "none",
        }
    }
}

/// A policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// What to do.
    pub mode: Mode,
    /// Seconds that senders keep it.
    pub max_age: u64,
    /// Names of exchangers; `*.` at the begin stands for one label. In lower case.
    pub mx: Vec<String>,
}

/// Why a policy cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PolicyFlaw {
    /// It does not say `version: STSv1`.
    Version,
    /// It has no mode that is known.
    Mode,
    /// It has no `max_age` between 0 and 31557600.
    MaxAge,
    /// It has no exchangers, but a mode that needs some.
    NoMx,
}

impl PolicyFlaw {
    /// The field in question.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Mode => "mode",
            Self::MaxAge => "max_age",
            Self::NoMx => "mx",
        }
    }
}

/// Reads a policy. Of a field that stands there twice the first counts; unknown fields are ignored.
///
/// Source: RFC 8461 section 3.2.
///
/// # Errors
///
/// What makes senders ignore it.
pub fn parse_policy(text: &str) -> Result<Policy, PolicyFlaw> {
    let fields: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()))
        .collect();
    let first = |name: &str| fields.iter().find(|field| field.0 == name).map(|field| field.1);
    if first("version") != Some("STSv1") {
        return Err(PolicyFlaw::Version);
    }
    let mode = match first("mode") {
        Some("enforce") => Mode::Enforce,
        Some("testing") => Mode::Testing,
        Some("none") => Mode::None,
        _ => return Err(PolicyFlaw::Mode),
    };
    let max_age = first("max_age")
        .and_then(|age| age.parse().ok())
        .filter(|age| *age <= 31_557_600)
        .ok_or(PolicyFlaw::MaxAge)?;
    let mx: Vec<String> = fields
        .iter()
        .filter(|(name, value)| *name == "mx" && !value.is_empty())
        .map(|(_, value)| value.to_ascii_lowercase())
        .take(MOST_PATTERNS)
        .collect();
    if mx.is_empty() && mode != Mode::None {
        return Err(PolicyFlaw::NoMx);
    }
    Ok(Policy { mode, max_age, mx })
}

impl Policy {
    /// The policy names this exchanger. Source: RFC 8461 section 4.1.
    pub fn names(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.mx.iter().any(|pattern| match pattern.strip_prefix("*.") {
            Some(parent) => host
                .split_once('.')
                .is_some_and(|(first, rest)| !first.is_empty() && rest == parent),
            None => *pattern == host,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_announces_a_policy_when_it_is_the_only_one_and_has_an_id() {
        for (texts, want) in [
            (&[][..], Announced::Nothing),
            (&["v=spf1 -all"], Announced::Nothing),
            (&["v=STSv1; id=20260101000000Z;"], Announced::Policy("20260101000000Z".into())),
            (&["v=spf1 -all", "v=STSv1;id=a1"], Announced::Policy("a1".into())),
            (&["v=STSv1; id=1;", "v=STSv1; id=2;"], Announced::Many),
            (&["v=STSv1;"], Announced::NoId),
            (&["v=STSv1; id=not-this;"], Announced::NoId),
            (&["v=STSv10; id=1;"], Announced::Nothing),
        ] {
            assert_eq!(announced(texts.iter().copied()), want, "{texts:?}");
        }
    }

    #[test]
    fn policies_are_read_and_their_flaws_named() {
        let whole = "version: STSv1\r\nmode: enforce\r\nmx: MX1.example.com\r\nmx: *.example.net\r\nmax_age: 86400\r\n";
        let policy = parse_policy(whole).unwrap();
        assert_eq!((policy.mode, policy.max_age), (Mode::Enforce, 86400));
        assert_eq!(policy.mx, ["mx1.example.com", "*.example.net"]);
        for (part, instead, want) in [
            ("STSv1", "STSv2", PolicyFlaw::Version),
            ("enforce", "strict", PolicyFlaw::Mode),
            ("86400", "1e9", PolicyFlaw::MaxAge),
            ("86400", "99999999999", PolicyFlaw::MaxAge),
            ("mx:", "host:", PolicyFlaw::NoMx),
        ] {
            assert_eq!(parse_policy(&whole.replace(part, instead)), Err(want), "{instead}");
        }
        assert_eq!(parse_policy(""), Err(PolicyFlaw::Version));
        let none = "version: STSv1\nmode: none\nmax_age: 0";
        assert_eq!(parse_policy(none).unwrap().mode, Mode::None);
    }

    #[test]
    fn a_star_stands_for_one_label() {
        let policy = Policy {
            mode: Mode::Enforce,
            max_age: 1,
            mx: vec!["mx.example.com".into(), "*.example.net".into()],
        };
        for (host, want) in [
            ("MX.example.com.", true),
            ("mx2.example.com", false),
            ("a.example.net", true),
            ("a.b.example.net", false),
            ("example.net", false),
            (".example.net", false),
        ] {
            assert_eq!(policy.names(host), want, "{host}");
        }
    }
}
