//! Rules: what a reply may look like, and the cause that it then has.
//!
//! One schema for every file that has `[[rule]]`s: `rules.toml`, `own.toml`, `hints.toml`, `statuses.toml`,
//! `providers/*.toml` and the user's own files (`user.rs`). This module reads and checks them; `classify` applies them. A rule file is read
//! once and kept as long as the process lives, so its words are `&'static str` and a verdict is cheap to copy.
//!
//! To add a rule, see the head of `rules.toml`. To add a condition: a field in `RawRule`, one in [`Rule`], its
//! reading in `RawRule::check`, and its test in [`Rule::misfit`].

use crate::error::Error;
use crate::event::Mta;
use crate::smtp::{Direction, EnhancedCode, Origin, ReplyCode, Stage};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A cause: the stable word for why mail was refused, late or lost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct CauseId(&'static str);

impl CauseId {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self("unknown");

    /// The cause with this slug.
    pub const fn new(slug: &'static str) -> Self {
        Self(slug)
    }

    /// The stable word used in JSON, CSV and filters.
    pub const fn slug(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for CauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What a rule looks at beside the text.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The reply code.
    pub code: Option<ReplyCode>,
    /// The enhanced status code.
    pub enhanced: Option<EnhancedCode>,
    /// Where in the dialogue.
    pub stage: Option<Stage>,
    /// Who spoke.
    pub origin: Origin,
    /// Who was the server.
    pub direction: Direction,
    /// Which MTA wrote the log.
    pub mta: Option<Mta>,
    /// The receiving host.
    pub host: Option<&'a str>,
    /// The recipient's domain is ours.
    pub own_domain: Option<bool>,
}

/// A rule, checked. An empty condition fits everything. Those of embedded files are stored as they are here.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// Unique over all files.
    pub id: &'static str,
    /// What it concludes.
    pub cause: CauseId,
    /// The sub-kind that it concludes.
    pub detail: Detail,
    /// A regular expression (alternatives of the file joined by `|`), judged on the cleaned text without regard
    /// to case.
    #[serde(borrow)]
    pub text: Option<&'static str>,
    /// Lower-case literals of which one must be in the text; empty: no such condition.
    #[serde(borrow)]
    pub words: Vec<&'static str>,
    /// Any of these reply codes.
    pub code: Vec<CodeMask>,
    /// Any of these enhanced status codes.
    pub enhanced: Vec<EnhancedMask>,
    /// Any of these stages.
    pub stage: Vec<Stage>,
    /// Any of these speakers.
    pub origin: Vec<Origin>,
    /// Any of these directions.
    pub direction: Vec<Direction>,
    /// Only lines of this MTA.
    pub mta: Option<Mta>,
    /// Any of these receiving hosts, or a host whose name ends in one of these.
    #[serde(borrow)]
    pub host: Vec<&'static str>,
    /// Whether the recipient's domain must be ours.
    pub own_domain: Option<bool>,
    /// Replies that the rule must win; who applies rules does without them.
    #[serde(skip)]
    pub examples: Vec<Example>,
}

impl Rule {
    /// Whether everything but the text fits.
    pub fn fits(&self, facts: &Facts<'_>) -> bool {
        self.misfit(facts).is_none()
    }

    /// The first condition, beside the text, that does not hold.
    pub fn misfit(&self, facts: &Facts<'_>) -> Option<&'static str> {
        let unless = |holds: bool, name| (!holds).then_some(name);
        unless(any(&self.origin, |&origin| origin == facts.origin), "origin")
            .or_else(|| unless(any(&self.direction, |&one| one == facts.direction), "direction"))
            .or_else(|| unless(self.mta.is_none_or(|mta| facts.mta == Some(mta)), "mta"))
            .or_else(|| {
                let holds = self.own_domain.is_none_or(|same| facts.own_domain == Some(same));
                unless(holds, "own_domain")
            })
            .or_else(|| unless(any(&self.stage, |&stage| facts.stage == Some(stage)), "stage"))
            .or_else(|| unless(any_of(&self.code, facts.code, CodeMask::fits), "code"))
            .or_else(|| {
                unless(any_of(&self.enhanced, facts.enhanced, EnhancedMask::fits), "enhanced")
            })
            .or_else(|| unless(any_of(&self.host, facts.host, ends_host), "host"))
    }
}

/// Whether `end` is a host's name, or its end in whole labels.
fn ends_host(end: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let Some(start) = host.len().checked_sub(end.len()) else { return false };
    let (labels, rest) = (host.get(..start), host.get(start..));
    rest.is_some_and(|rest| rest.eq_ignore_ascii_case(end))
        && labels.is_some_and(|labels| labels.is_empty() || labels.ends_with('.'))
}

/// Whether one of `conditions` holds; no condition holds always.
fn any<T>(conditions: &[T], holds: impl Fn(&T) -> bool) -> bool {
    conditions.is_empty() || conditions.iter().any(holds)
}

/// The same of something that may not be known: then no condition holds.
fn any_of<C: Copy, T: Copy>(
    conditions: &[C],
    fact: Option<T>,
    holds: impl Fn(C, T) -> bool,
) -> bool {
    any(conditions, |&condition| fact.is_some_and(|fact| holds(condition, fact)))
}

/// Where the detail of a verdict comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Detail {
    /// There is none.
    None,
    /// The rule says it.
    Fixed(&'static str),
    /// The blocklist that the text names (`@list`).
    List,
    /// What the group `detail` of the regular expression matched (`@number`).
    Captured,
}

/// Reply codes: `552`, `5xx`, `45x`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CodeMask {
    low: u16,
    high: u16,
}

impl CodeMask {
    /// Reads three characters, digits and then `x` for any digit.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim_end_matches(['x', 'X']);
        if text.len() != 3 || digits.is_empty() {
            return None;
        }
        let number: u16 = digits.parse().ok()?;
        let span = [100, 10, 1].get(digits.len() - 1)?;
        Some(Self { low: number * span, high: number * span + span - 1 })
    }

    /// Whether the code is one of them.
    pub fn fits(self, code: ReplyCode) -> bool {
        (self.low..=self.high).contains(&code.value())
    }
}

impl fmt::Display for CodeMask {
    /// As it is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.high - self.low {
            0 => write!(f, "{}", self.low),
            9 => write!(f, "{}x", self.low / 10),
            _ => write!(f, "{}xx", self.low / 100),
        }
    }
}

/// Enhanced status codes: `5.7.1`, `X.2.2`, `X.6.X`, `5.7.606..5.7.649`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EnhancedMask {
    class: Option<u8>,
    subject: u16,
    low: u16,
    high: u16,
}

impl EnhancedMask {
    /// Reads one code, one with `X` for its class or detail, or a range of details.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((first, last)) = text.split_once("..") {
            let (first, last) = (Self::parse(first)?, Self::parse(last)?);
            let same = (first.class, first.subject) == (last.class, last.subject);
            return (same && first.low <= last.high).then_some(Self { high: last.high, ..first });
        }
        let mut parts = text.split('.');
        let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
        let class = match class {
            "X" => None,
            "2" | "4" | "5" => Some(class.parse().ok()?),
            _ => return None,
        };
        let subject = subject.parse().ok()?;
        let (low, high) = if detail == "X" {
            (0, 999)
        } else {
            let number = detail.parse().ok()?;
            (number, number)
        };
        parts.next().is_none().then_some(Self { class, subject, low, high })
    }

    /// Whether the code is one of them.
    pub fn fits(self, code: EnhancedCode) -> bool {
        self.class.is_none_or(|class| class == code.class())
            && self.subject == code.subject()
            && (self.low..=self.high).contains(&code.detail())
    }
}

impl fmt::Display for EnhancedMask {
    /// As it is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = self.class.map_or("X".to_owned(), |class| class.to_string());
        let front = format!("{class}.{}", self.subject);
        match (self.low, self.high) {
            (0, 999) => write!(f, "{front}.X"),
            (low, high) if low == high => write!(f, "{front}.{low}"),
            (low, high) => write!(f, "{front}.{low}..{front}.{high}"),
        }
    }
}

/// A reply that a rule must win. Without more than a text it came from another server.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The reply, code included; without a reply, the words of the log.
    pub reply: &'static str,
    /// Where it was given.
    pub stage: Option<Stage>,
    /// The receiving host.
    pub host: Option<&'static str>,
    /// Who was the server.
    pub direction: Direction,
    /// Who spoke.
    pub origin: Origin,
    /// Which MTA wrote the log.
    pub mta: Option<Mta>,
    /// What the MTA itself concluded (Postfix `dsn=`).
    pub dsn: Option<EnhancedCode>,
    /// The recipient's domain is ours.
    pub own_domain: Option<bool>,
}

/// Reads the rules of a file that has other entries too; those are left to who wants them.
///
/// # Errors
/// [`Error::Knowledge`] names the file and the entry that is wrong.
pub fn parse_rules_among_others(file: &str, text: &str) -> Result<Vec<Rule>, Error> {
    let wrong = |what: String| Error::Knowledge { file: file.to_owned(), what };
    let raw: RulesAmongOthers = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
    raw.rule.into_iter().map(|rule| rule.check().map_err(wrong)).collect()
}

/// Keeps a word of a rule file for the life of the process.
fn keep(word: String) -> &'static str {
    word.leak()
}

#[derive(Deserialize)]
struct RulesAmongOthers {
    #[serde(default)]
    rule: Vec<RawRule>,
}

/// A rule as it stands in a file, not checked yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    id: String,
    cause: String,
    detail: Option<String>,
    text: Option<OneOrMore>,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    code: OneOrMore,
    #[serde(default)]
    enhanced: OneOrMore,
    #[serde(default)]
    stage: OneOrMore,
    #[serde(default)]
    origin: OneOrMore,
    #[serde(default)]
    direction: OneOrMore,
    #[serde(default)]
    host: OneOrMore,
    mta: Option<String>,
    own_domain: Option<bool>,
    examples: Vec<RawExample>,
}

/// A word, or a list of words.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a word or a list of words in quotes")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

impl OneOrMore {
    fn as_slice(&self) -> &[String] {
        match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::More(words) => words,
        }
    }
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a reply in quotes, or { reply, stage, host, direction, origin, mta, dsn, own_domain } of which all but \
                 `reply` may be absent"
)]
enum RawExample {
    Text(String),
    Context(RawContext),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawContext {
    reply: String,
    stage: Option<String>,
    host: Option<String>,
    direction: Option<String>,
    origin: Option<String>,
    mta: Option<String>,
    dsn: Option<String>,
    own_domain: Option<bool>,
}

impl RawRule {
    /// # Errors
    /// Names the rule, what is wrong with it, and what would be right.
    pub(super) fn check(self) -> Result<Rule, String> {
        if self.examples.is_empty() {
            return Err(format!(
                "rule `{}`: has no example; give a reply that it must win",
                self.id
            ));
        }
        self.check_facts()
    }

    fn check_facts(self) -> Result<Rule, String> {
        let id = self.id;
        let within = |what: String| format!("rule `{id}`: {what}");
        if let Some(word) = self.words.iter().find(|word| word.to_ascii_lowercase() != **word) {
            return Err(within(format!("word `{word}` is not in lower case, as words must be")));
        }
        let no_condition = self.text.is_none()
            && self.words.is_empty()
            && [&self.code, &self.enhanced, &self.stage, &self.host]
                .iter()
                .all(|list| list.as_slice().is_empty());
        if no_condition {
            return Err(within(
                "has no condition; give at least one of text, words, code, enhanced, stage, host"
                    .to_owned(),
            ));
        }
        let detail = match self.detail.as_deref() {
            None => Detail::None,
            Some("@list") => Detail::List,
            Some("@number") => Detail::Captured,
            Some(_) => self.detail.map_or(Detail::None, |word| Detail::Fixed(keep(word))),
        };
        Ok(Rule {
            cause: CauseId::new(keep(self.cause)),
            detail,
            code: read_list(&self.code, "reply code", MASKS, CodeMask::parse).map_err(within)?,
            enhanced: read_list(
                &self.enhanced,
                "enhanced status code",
                ENHANCED_MASKS,
                EnhancedMask::parse,
            )
            .map_err(within)?,
            stage: read_words(&self.stage, STAGES).map_err(within)?,
            origin: read_words(&self.origin, ORIGINS).map_err(within)?,
            direction: read_words(&self.direction, DIRECTIONS).map_err(within)?,
            mta: read_word(self.mta.as_ref(), MTAS).map_err(within)?,
            own_domain: self.own_domain,
            host: self.host.as_slice().iter().map(|host| keep(host.to_ascii_lowercase())).collect(),
            examples: self
                .examples
                .into_iter()
                .map(RawExample::check)
                .collect::<Result<_, _>>()
                .map_err(within)?,
            text: self.text.map(|text| keep(text.as_slice().join("|"))),
            words: self.words.into_iter().map(keep).collect(),
            id: keep(id.clone()),
        })
    }
}

impl RawExample {
    fn check(self) -> Result<Example, String> {
        let raw = match self {
            Self::Context(raw) => raw,
            Self::Text(reply) => RawContext {
                reply,
                stage: None,
                host: None,
                direction: None,
                origin: None,
                mta: None,
                dsn: None,
                own_domain: None,
            },
        };
        let direction =
            read_word(raw.direction.as_ref(), DIRECTIONS)?.unwrap_or(Direction::Outbound);
        let spoken = match direction {
            Direction::Outbound => Origin::Remote,
            Direction::Inbound | Direction::Local => Origin::Ours,
        };
        Ok(Example {
            stage: read_word(raw.stage.as_ref(), STAGES)?,
            direction,
            origin: read_word(raw.origin.as_ref(), ORIGINS)?.unwrap_or(spoken),
            mta: read_word(raw.mta.as_ref(), MTAS)?,
            dsn: raw
                .dsn
                .map(|dsn| dsn.parse().map_err(|()| format!("`{dsn}` is no dsn; write 5.7.1")))
                .transpose()?,
            host: raw.host.map(keep),
            own_domain: raw.own_domain,
            reply: keep(raw.reply),
        })
    }
}

const MASKS: &str = "write 550, 55x or 5xx";
const ENHANCED_MASKS: &str = "write 5.7.1, X.7.1, X.7.X or 5.7.606..5.7.649";

/// A closed list of words: what they are called, all of them, and the slug of each.
type Words<T> = (&'static str, &'static [T], fn(T) -> &'static str);

const STAGES: Words<Stage> = ("stage", Stage::ALL, Stage::slug);
const ORIGINS: Words<Origin> = ("origin", Origin::ALL, Origin::slug);
const DIRECTIONS: Words<Direction> = ("direction", Direction::ALL, Direction::slug);
const MTAS: Words<Mta> = ("MTA", Mta::ALL, Mta::slug);

fn read_list<T>(
    list: &OneOrMore,
    what: &str,
    right: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, String> {
    list.as_slice()
        .iter()
        .map(|word| parse(word).ok_or_else(|| format!("`{word}` is no {what}; {right}")))
        .collect()
}

fn read_words<T: Copy>(list: &OneOrMore, words: Words<T>) -> Result<Vec<T>, String> {
    list.as_slice().iter().map(|word| word_of(word, words)).collect()
}

fn read_word<T: Copy>(word: Option<&String>, words: Words<T>) -> Result<Option<T>, String> {
    word.map(|word| word_of(word, words)).transpose()
}

fn word_of<T: Copy>(word: &str, (what, all, slug): Words<T>) -> Result<T, String> {
    let found = all.iter().copied().find(|&one| slug(one) == word);
    found.ok_or_else(|| {
        let right = all.iter().map(|&one| slug(one)).collect::<Vec<_>>().join(", ");
        format!("`{word}` is no {what}; one of {right}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reply_code_masks() {
        for (mask, code, want) in [
            ("552", 552, Some(true)),
            ("552", 550, Some(false)),
            ("5xx", 599, Some(true)),
            ("5xx", 421, Some(false)),
            ("45x", 452, Some(true)),
            ("45x", 421, Some(false)),
            ("xxx", 421, None),
            ("5", 500, None),
            ("5x1", 501, None),
        ] {
            let read = CodeMask::parse(mask);
            let got = read.map(|mask| mask.fits(ReplyCode::new(code).unwrap()));
            assert_eq!(got, want, "{mask} {code}");
            assert!(read.is_none_or(|read| read.to_string() == mask), "{mask}");
        }
    }

    #[test]
    fn enhanced_code_masks() {
        for (mask, code, want) in [
            ("5.7.1", "5.7.1", Some(true)),
            ("5.7.1", "4.7.1", Some(false)),
            ("X.2.2", "4.2.2", Some(true)),
            ("X.6.X", "5.6.7", Some(true)),
            ("X.6.X", "5.7.6", Some(false)),
            ("5.7.606..5.7.649", "5.7.606", Some(true)),
            ("5.7.606..5.7.649", "5.7.650", Some(false)),
            ("5.7.606..5.6.649", "5.7.606", None),
            ("3.1.1", "5.1.1", None),
            ("5.1", "5.1.1", None),
        ] {
            let read = EnhancedMask::parse(mask);
            let got = read.map(|mask| mask.fits(code.parse().unwrap()));
            assert_eq!(got, want, "{mask} {code}");
            assert!(read.is_none_or(|read| read.to_string() == mask), "{mask}");
        }
    }
}
