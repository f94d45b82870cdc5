//! Thresholds: what is worth waking somebody for, written as `bounce-rate>5%`.
//!
//! ```text
//! threshold = subject [ ("<" | "<=" | ">" | ">=") number ["%"] ]        without a comparison: more than none
//! subject   = figure | "cause:" cause | "code:" (reply code | enhanced status code)
//! ```
//!
//! To add a figure: a variant of [`Figure`] with its meaning, and its arm in [`Figure::of`].

use super::{DirectionSection, MailSection, Report};
use crate::knowledge::cause_slugs;
use crate::smtp::{EnhancedCode, ReplyCode};
use crate::words::words;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::character::complete::space0;
use nom::combinator::{map, opt, value};
use nom::number::complete::double;
use nom::sequence::delimited;
use nom::{IResult, Parser};
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

words! {
    /// A figure of the report that can be compared with a limit.
    Figure {
        /// Share of the recipients whose mail was given up: bounced, or its time in the queue was over.
        BounceRate = "bounce-rate",
        /// Share of the recipients whose mail was deferred at least once.
        DeferralRate = "deferral-rate",
        /// Refusals to clients as a share of refusals and messages received.
        RejectRate = "reject-rate",
        /// Recipients whose mail was given up after a refusal.
        Bounced = "bounced",
        /// Recipients whose mail's time in the queue was over.
        Expired = "expired",
        /// Recipients whose mail was deferred at least once.
        Deferred = "deferred",
        /// Recipients whose mail is in the queue when the log ends.
        Queued = "queued",
        /// Recipients whose mail was delivered.
        Delivered = "delivered",
        /// Messages.
        Messages = "messages",
        /// Refusals to clients.
        Rejects = "rejects",
        /// Failed logins of clients.
        LoginFailures = "login-failures",
        /// Errors of our own server: lines with `error`, `fatal` or `panic`.
        Trouble = "trouble",
        /// Lines of the mail server that were not understood, and lines that are cut off.
        UnknownLines = "unknown-lines",
        /// What may make the figures wrong: unreadable files, gaps, lost lines.
        Warnings = "warnings",
    }
}

impl Figure {
    /// Whether it is a share, from 0 to 1, and no count.
    const fn is_share(self) -> bool {
        matches!(self, Self::BounceRate | Self::DeferralRate | Self::RejectRate)
    }

    /// Its value in a report.
    #[expect(clippy::cast_precision_loss, reason = "counts of lines are far below 2^52")]
    pub fn of(self, report: &Report) -> f64 {
        let mail = &report.mail;
        let lines = &report.lines;
        let count = match self {
            Self::BounceRate => {
                let given_up = recipients(mail, "bounced") + recipients(mail, "expired");
                return super::build::share(given_up, mail.recipients);
            }
            Self::DeferralRate => return super::build::share(mail.ever_deferred, mail.recipients),
            Self::RejectRate => {
                return super::build::share(lines.rejects, lines.rejects + lines.received);
            }
            Self::Bounced => recipients(mail, "bounced"),
            Self::Expired => recipients(mail, "expired"),
            Self::Deferred => mail.ever_deferred,
            Self::Queued => recipients(mail, "queued"),
            Self::Delivered => recipients(mail, "delivered"),
            Self::Messages => mail.messages,
            Self::Rejects => lines.rejects,
            Self::LoginFailures => lines.login_failures,
            Self::Trouble => {
                report.trouble.iter().filter(|t| t.severity != "warning").map(|t| t.lines).sum()
            }
            Self::UnknownLines => {
                let bucket = |name| report.input.buckets.get(name).copied().unwrap_or(0);
                bucket("unknown") + bucket("malformed")
            }
            Self::Warnings => report.warnings.len() as u64,
        };
        count as f64
    }
}

fn recipients(mail: &MailSection, fate: &str) -> u64 {
    mail.fates.iter().find(|row| row.fate == fate).map_or(0, |row| row.recipients)
}

/// What is compared.
#[derive(Clone, Debug, PartialEq)]
enum Subject {
    Figure(Figure),
    /// Lines with this cause, of all directions.
    Cause(&'static str),
    /// Lines with this reply code, of all directions.
    Reply(ReplyCode),
    /// Lines with this enhanced status code, of all directions.
    Enhanced(EnhancedCode),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// A limit that somebody set.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    written: String,
    subject: Subject,
    comparison: Comparison,
    limit: f64,
}

/// A threshold that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ThresholdRow {
    /// As written.
    pub threshold: String,
    /// What the report has; shares from 0 to 1.
    pub value: f64,
    /// Whether `value` and `limit` are shares.
    pub is_share: bool,
    /// What it was compared with.
    pub limit: f64,
    /// Whether it was passed.
    pub passed: bool,
}

/// What is wrong with a threshold as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongThreshold {
    written: String,
    /// Byte offset of the place.
    at: usize,
    what: String,
}

impl fmt::Display for WrongThreshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.written.get(..self.at).unwrap_or(&self.written);
        writeln!(f, "{}", self.what)?;
        writeln!(f, "  {}", self.written)?;
        write!(f, "  {:width$}^", "", width = before.chars().count())
    }
}

impl std::error::Error for WrongThreshold {}

impl Threshold {
    /// Compares with a report.
    pub fn look(&self, report: &Report) -> ThresholdRow {
        let value = match &self.subject {
            Subject::Figure(figure) => figure.of(report),
            Subject::Cause(slug) => sum(report, |section| {
                section.causes.iter().filter(|row| row.cause == *slug).map(|row| row.lines).sum()
            }),
            Subject::Reply(code) => sum(report, |section| {
                section.codes.iter().filter(|r| r.code == Some(code.value())).map(|r| r.lines).sum()
            }),
            Subject::Enhanced(code) => {
                let code = code.to_string();
                sum(report, |section| {
                    let rows = section.codes.iter();
                    rows.filter(|r| r.enhanced.as_ref() == Some(&code)).map(|r| r.lines).sum()
                })
            }
        };
        let passed = match self.comparison {
            Comparison::Less => value < self.limit,
            Comparison::AtMost => value <= self.limit,
            Comparison::More => value > self.limit,
            Comparison::AtLeast => value >= self.limit,
        };
        ThresholdRow {
            threshold: self.written.clone(),
            value,
            is_share: matches!(self.subject, Subject::Figure(figure) if figure.is_share()),
            limit: self.limit,
            passed,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of lines are far below 2^52")]
fn sum(report: &Report, of: impl Fn(&DirectionSection) -> u64) -> f64 {
    [&report.outbound, &report.inbound, &report.local].into_iter().map(of).sum::<u64>() as f64
}

impl FromStr for Threshold {
    type Err = WrongThreshold;

    fn from_str(written: &str) -> Result<Self, WrongThreshold> {
        let wrong = |rest: &str, what: String| WrongThreshold {
            written: written.to_owned(),
            at: written.len() - rest.len(),
            what,
        };
        let (behind, name) = parse_name(written).map_err(|_| {
            wrong(written, format!("a threshold begins with one of: {}", figures()))
        })?;
        let subject =
            subject_of(name).map_err(|(at, what)| wrong(written.get(at..).unwrap_or(""), what))?;
        if behind.is_empty() {
            return Ok(Self {
                written: written.to_owned(),
                subject,
                comparison: Comparison::More,
                limit: 0.0,
            });
        }
        let (number, comparison) = parse_comparison(behind)
            .map_err(|_| wrong(behind, "behind the subject comes <, <=, > or >=".to_owned()))?;
        let (rest, (limit, percent)) = parse_limit(number).map_err(|_| {
            wrong(
                number,
                "behind the comparison comes a number, for a rate perhaps with %".to_owned(),
            )
        })?;
        if !rest.is_empty() {
            return Err(wrong(rest, "nothing may follow the number".to_owned()));
        }
        let is_share = matches!(subject, Subject::Figure(figure) if figure.is_share());
        if percent && !is_share {
            return Err(wrong(number, "this is a count: write a number without %".to_owned()));
        }
        if !limit.is_finite() || limit < 0.0 {
            return Err(wrong(number, "a limit is 0 or more".to_owned()));
        }
        let limit = if percent { limit / 100.0 } else { limit };
        if is_share && limit > 1.0 {
            return Err(wrong(number, "a rate is 100% at most: is a % missing?".to_owned()));
        }
        Ok(Self { written: written.to_owned(), subject, comparison, limit })
    }
}

fn parse_name(text: &str) -> IResult<&str, &str> {
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.');
    delimited(space0, take_while1(letter), space0).parse(text)
}

fn parse_comparison(text: &str) -> IResult<&str, Comparison> {
    let sign = alt((
        value(Comparison::AtMost, tag("<=")),
        value(Comparison::AtLeast, tag(">=")),
        value(Comparison::Less, tag("<")),
        value(Comparison::More, tag(">")),
    ));
    delimited(space0, sign, space0).parse(text)
}

fn parse_limit(text: &str) -> IResult<&str, (f64, bool)> {
    let percent = map(opt(delimited(space0, tag("%"), space0)), |sign| sign.is_some());
    (double, delimited(space0, percent, space0)).parse(text)
}

fn figures() -> String {
    let names: Vec<_> = Figure::ALL.iter().map(|figure| figure.slug()).collect();
    format!("{}, cause:NAME, code:CODE", names.join(", "))
}

/// What a name stands for; else the byte offset of what is wrong in it.
fn subject_of(name: &str) -> Result<Subject, (usize, String)> {
    if let Some(slug) = name.strip_prefix("cause:") {
        return match cause_slugs().find(|known| *known == slug) {
            Some(cause) => Ok(Subject::Cause(cause)),
            None => Err((6, format!("there is no cause `{slug}`; `mailwhy codes` lists them"))),
        };
    }
    if let Some(code) = name.strip_prefix("code:") {
        return match (ReplyCode::parse_prefix(code), EnhancedCode::parse_prefix(code)) {
            (Some((code, "")), _) => Ok(Subject::Reply(code)),
            (_, Some((code, ""))) => Ok(Subject::Enhanced(code)),
            _ => Err((5, "a code is like 550 or 5.7.1".to_owned())),
        };
    }
    let figure = Figure::ALL.iter().find(|figure| figure.slug() == name);
    figure
        .map(|figure| Subject::Figure(*figure))
        .ok_or_else(|| (0, format!("there is no figure `{name}`; figures: {}", figures())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_understood() {
        for (written, limit, comparison) in [
            ("bounce-rate>5%", 0.05, Comparison::More),
            ("bounce-rate > 0.05", 0.05, Comparison::More),
            (" deferred >= 500 ", 500.0, Comparison::AtLeast),
            ("delivered<1", 1.0, Comparison::Less),
            ("queued<=0", 0.0, Comparison::AtMost),
            ("cause:ip-blocklisted", 0.0, Comparison::More),
            ("code:550>10", 10.0, Comparison::More),
            ("code:5.7.26>=2", 2.0, Comparison::AtLeast),
        ] {
            let threshold: Threshold = written.parse().unwrap();
            assert!((threshold.limit - limit).abs() < 1e-9, "{written}: {threshold:?}");
            assert_eq!(threshold.comparison, comparison, "{written}");
        }
    }

    #[test]
    fn a_mistake_is_pointed_at() {
        for (written, at, what) in [
            ("", 0, "begins with one of"),
            ("bounces>5", 0, "there is no figure `bounces`"),
            ("cause:ip-blocklist", 6, "there is no cause `ip-blocklist`"),
            ("code:55", 5, "a code is like"),
            ("bounced=5", 7, "behind the subject"),
            ("bounced>", 8, "a number"),
            ("bounced>many", 8, "a number"),
            ("bounced>5%", 8, "without %"),
            ("bounced>-5", 8, "0 or more"),
            ("bounced>inf", 8, "0 or more"),
            ("bounce-rate>5", 12, "is a % missing?"),
            ("bounced>5 or so", 10, "nothing may follow"),
            ("числа>5", 0, "begins with one of"),
        ] {
            let wrong = written.parse::<Threshold>().unwrap_err();
            assert!(wrong.to_string().contains(what), "{written}: {wrong}");
            assert_eq!(wrong.at, at, "{written}: {wrong}");
            let pointer = wrong.to_string().lines().last().unwrap().to_owned();
            assert_eq!(pointer.find('^'), Some(at + 2), "{written}: {wrong}");
        }
    }
}
