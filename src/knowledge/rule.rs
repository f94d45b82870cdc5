//! Rules: what a reply may look like, and the cause that it then has.
//!
//! One schema for every file that has `[[rule]]`s: `rules.toml`, `own.toml`, `statuses.toml`, `providers/*.toml`
//! and the user's own file. This module reads and checks them; `classify` applies them. A rule file is read
//! once and kept as long as the process lives, so its words are `&'static str` and a verdict is cheap to copy.
//!
//! To add a rule, see the head of `rules.toml`. To add a condition: a field in `RawRule`, one in [`Rule`], its
//! reading in `RawRule::check`, and its test in [`Rule::fits`].

use crate::error::Error;
use crate::event::Mta;
use crate::smtp::{Direction, EnhancedCode, Origin, ReplyCode, Stage};
use serde::Deserialize;

/// A cause: the stable word for why mail was refused, late or lost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
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

impl std::fmt::Display for CauseId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// What a rule looks at beside the text.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
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
}

/// A rule, checked. An empty condition fits everything.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Unique over all files.
    pub id: &'static str,
    /// What it concludes.
    pub cause: CauseId,
    /// The sub-kind that it concludes.
    pub detail: Detail,
    /// A regular expression (alternatives of the file joined by `|`), judged on the cleaned text without regard
    /// to case.
    pub text: Option<&'static str>,
    /// Lower-case literals of which one must be in the text; empty: no such condition.
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
    /// Replies that the rule must win.
    pub examples: Vec<Example>,
}

impl Rule {
    /// Whether everything but the text fits.
    pub fn fits(&self, facts: &Facts) -> bool {
        any(&self.origin, |&origin| origin == facts.origin)
            && any(&self.direction, |&direction| direction == facts.direction)
            && self.mta.is_none_or(|mta| facts.mta == Some(mta))
            && any(&self.stage, |&stage| facts.stage == Some(stage))
            && any(&self.code, |mask| facts.code.is_some_and(|code| mask.fits(code)))
            && any(&self.enhanced, |mask| facts.enhanced.is_some_and(|code| mask.fits(code)))
    }
}

/// Whether one of `conditions` holds; no condition holds always.
fn any<T>(conditions: &[T], holds: impl Fn(&T) -> bool) -> bool {
    conditions.is_empty() || conditions.iter().any(holds)
}

/// Where the detail of a verdict comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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

/// Enhanced status codes: `5.7.1`, `X.2.2`, `X.6.X`, `5.7.606..5.7.649`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
}

/// Reads a file of `[[rule]]`s: `rules.toml`, `own.toml`, `statuses.toml` or a user's file.
///
/// # Errors
/// [`Error::Knowledge`] names the file and the entry that is wrong.
pub fn parse_rules(file: &str, text: &str) -> Result<Vec<Rule>, Error> {
    let raw: RawRules = toml::from_str(text).map_err(|error| wrong(file, error.to_string()))?;
    raw.rule.into_iter().map(|rule| rule.check(file)).collect()
}

/// Reads the rules of a file that has other entries too; those are left to who wants them.
///
/// # Errors
/// [`Error::Knowledge`] names the file and the entry that is wrong.
pub fn parse_rules_among_others(file: &str, text: &str) -> Result<Vec<Rule>, Error> {
    let raw: RulesAmongOthers =
        toml::from_str(text).map_err(|error| wrong(file, error.to_string()))?;
    raw.rule.into_iter().map(|rule| rule.check(file)).collect()
}

/// Keeps a word of a rule file for the life of the process.
fn keep(word: String) -> &'static str {
    word.leak()
}

#[cold]
fn wrong(file: &str, what: String) -> Error {
    Error::Knowledge { file: file.to_owned(), what }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRules {
    #[serde(default)]
    rule: Vec<RawRule>,
}

#[derive(Deserialize)]
struct RulesAmongOthers {
    #[serde(default)]
    rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
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
    mta: Option<String>,
    examples: Vec<RawExample>,
}

/// A word, or a list of words.
#[derive(Deserialize)]
#[serde(untagged)]
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
#[serde(untagged)]
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
}

impl RawRule {
    fn check(self, file: &str) -> Result<Rule, Error> {
        let id = self.id;
        let within = |what: String| wrong(file, format!("rule `{id}`: {what}"));
        if self.examples.is_empty() {
            return Err(within("has no example".to_owned()));
        }
        if let Some(word) = self.words.iter().find(|word| word.to_ascii_lowercase() != **word) {
            return Err(within(format!("word `{word}` is not in lower case")));
        }
        let no_condition = self.text.is_none()
            && self.words.is_empty()
            && [&self.code, &self.enhanced, &self.stage]
                .iter()
                .all(|list| list.as_slice().is_empty());
        if no_condition {
            return Err(within("has no condition".to_owned()));
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
            code: read_list(&self.code, "reply code", CodeMask::parse).map_err(within)?,
            enhanced: read_list(&self.enhanced, "enhanced status code", EnhancedMask::parse)
                .map_err(within)?,
            stage: read_list(&self.stage, "stage", stage_of).map_err(within)?,
            origin: read_list(&self.origin, "origin", origin_of).map_err(within)?,
            direction: read_list(&self.direction, "direction", direction_of).map_err(within)?,
            mta: read_word(self.mta.as_ref(), "MTA", mta_of).map_err(within)?,
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
            },
        };
        let direction = read_word(raw.direction.as_ref(), "direction", direction_of)?
            .unwrap_or(Direction::Outbound);
        let spoken = match direction {
            Direction::Outbound => Origin::Remote,
            Direction::Inbound | Direction::Local => Origin::Ours,
        };
        Ok(Example {
            stage: read_word(raw.stage.as_ref(), "stage", stage_of)?,
            direction,
            origin: read_word(raw.origin.as_ref(), "origin", origin_of)?.unwrap_or(spoken),
            mta: read_word(raw.mta.as_ref(), "MTA", mta_of)?,
            dsn: read_word(raw.dsn.as_ref(), "dsn", |text| text.parse().ok())?,
            host: raw.host.map(keep),
            reply: keep(raw.reply),
        })
    }
}

fn read_list<T>(
    list: &OneOrMore,
    what: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, String> {
    list.as_slice()
        .iter()
        .map(|word| parse(word).ok_or_else(|| format!("`{word}` is no {what}")))
        .collect()
}

fn read_word<T>(
    word: Option<&String>,
    what: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, String> {
    word.map(|word| parse(word).ok_or_else(|| format!("`{word}` is no {what}"))).transpose()
}

fn stage_of(slug: &str) -> Option<Stage> {
    Stage::ALL.iter().copied().find(|word| word.slug() == slug)
}

fn origin_of(slug: &str) -> Option<Origin> {
    Origin::ALL.iter().copied().find(|word| word.slug() == slug)
}

fn direction_of(slug: &str) -> Option<Direction> {
    Direction::ALL.iter().copied().find(|word| word.slug() == slug)
}

fn mta_of(slug: &str) -> Option<Mta> {
    Mta::ALL.iter().copied().find(|word| word.slug() == slug)
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
            let got = CodeMask::parse(mask).map(|mask| mask.fits(ReplyCode::new(code).unwrap()));
            assert_eq!(got, want, "{mask} {code}");
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
            let got = EnhancedMask::parse(mask).map(|mask| mask.fits(code.parse().unwrap()));
            assert_eq!(got, want, "{mask} {code}");
        }
    }

    #[test]
    fn mistakes_name_the_file_and_the_rule() {
        let rule = |more: &str| format!("[[rule]]\nid = \"a\"\ncause = \"unknown\"\n{more}");
        for (more, want) in [
            ("text = 'x'\nexamples = []", "has no example"),
            ("examples = [\"550 x\"]", "has no condition"),
            ("words = [\"X\"]\nexamples = [\"550 x\"]", "not in lower case"),
            ("code = \"55\"\nexamples = [\"550 x\"]", "`55` is no reply code"),
            ("code = \"550\"\nstage = [\"dot\"]\nexamples = [\"550 x\"]", "`dot` is no stage"),
            ("code = \"550\"\nexamples = [{ reply = \"550\", mta = \"qmail\" }]", "no MTA"),
        ] {
            let error = parse_rules("my.toml", &rule(more)).unwrap_err().to_string();
            assert!(error.starts_with("my.toml: rule `a`: "), "{more}: {error}");
            assert!(error.contains(want), "{more}: {error}");
        }
    }
}
