//! What a user adds to the knowledge: rules, blocklists and receivers of his own.
//!
//! A user's file is one TOML file that may hold
//!
//! ```text
//! [[rule]]       as in rules.toml; goes before every rule of ours
//! [[list]]       a blocklist, as in blocklists.toml; [[way]] its way out, unless one of ours fits
//! [[provider]]   a receiver, as the head of a file in providers/
//! ```
//!
//! It is read and checked here, all but the expressions and examples of its rules: those are the classifier's to try.
//! Lists and receivers are then the process's ([`install`]), as ours are; they must come before the first look-up.
//!
//! To let a user add another kind of entry: a field in `RawFile`, one in [`UserKnowledge`], and its merging where
//! the embedded entries of that kind are first read.

use super::blocklist::{self, List, WayOut};
use super::cause::{Cause, Causes, OpenDetails, cause_slugs};
use super::provider;
use super::rule::{Detail, RawRule, Rule};
use super::schema::ProviderHead;
use crate::error::Error;
use serde::Deserialize;
use std::sync::{Arc, OnceLock};
use toml::Spanned;

/// What the user's files hold, in their order.
#[derive(Debug, Default)]
pub struct UserKnowledge {
    rules: Vec<UserRule>,
    /// Blocklists.
    pub(super) lists: Vec<List>,
    /// Ways out of them.
    pub(super) ways: Vec<WayOut>,
    /// Receivers.
    pub(super) providers: Vec<ProviderHead>,
}

/// A rule, and where it stands.
#[derive(Clone, Debug)]
pub struct UserRule {
    /// What it says.
    pub rule: Rule,
    place: Place,
}

impl UserRule {
    /// The file that it stands in, as named.
    pub fn file(&self) -> &str {
        &self.place.file
    }

    /// Something is wrong with the rule.
    pub fn wrong(&self, what: &str) -> Error {
        self.place.wrong(&format!("rule `{}`: {what}", self.rule.id))
    }
}

/// A file and a line, for messages.
#[derive(Clone, Debug)]
struct Place {
    file: Arc<str>,
    line: usize,
}

impl Place {
    fn wrong(&self, what: &str) -> Error {
        Error::Knowledge {
            file: self.file.to_string(),
            what: format!("line {}, {what}", self.line),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    rule: Vec<Spanned<RawRule>>,
    #[serde(default)]
    list: Vec<Spanned<List>>,
    #[serde(default)]
    way: Vec<Spanned<WayOut>>,
    #[serde(default)]
    provider: Vec<Spanned<ProviderHead>>,
}

impl UserKnowledge {
    /// Adds the entries of a file behind those that are there.
    ///
    /// # Errors
    ///
    /// [`Error::Knowledge`] with file, line, entry, and what would be right.
    pub fn add(&mut self, file: &str, text: &str) -> Result<(), Error> {
        let file: Arc<str> = file.into();
        let at = |start: usize| Place {
            file: Arc::clone(&file),
            line: text.get(..start).unwrap_or_default().matches('\n').count() + 1,
        };
        let raw: RawFile = toml::from_str(text)
            .map_err(|e| at(e.span().map_or(0, |span| span.start)).wrong(&one_line(e.message())))?;
        // Lists first: rules may name them, wherever they stand.
        for way in raw.way {
            let (place, way) = (at(way.span().start), way.into_inner());
            let taken = self.way(&way.slug) || blocklist::embedded_way(&way.slug);
            free("way", &way.slug, taken).map_err(|what| place.wrong(&what))?;
            self.ways.push(way);
        }
        for list in raw.list {
            let (place, list) = (at(list.span().start), list.into_inner());
            self.check_list(&list).map_err(|what| place.wrong(&what))?;
            self.lists.push(list);
        }
        for provider in raw.provider {
            let (place, provider) = (at(provider.span().start), provider.into_inner());
            self.check_provider(&provider).map_err(|what| place.wrong(&what))?;
            self.providers.push(provider);
        }
        let causes = Causes::default();
        for rule in raw.rule {
            let (place, rule) = (at(rule.span().start), rule.into_inner());
            let rule = rule.check().map_err(|what| place.wrong(&what))?;
            let rule = UserRule { rule, place };
            self.check_rule(&rule.rule, &causes).map_err(|what| rule.wrong(&what))?;
            self.rules.push(rule);
        }
        Ok(())
    }

    /// The rules, in order.
    pub fn rules(&self) -> &[UserRule] {
        &self.rules
    }

    /// The rules alone; what is left is to be installed.
    #[must_use]
    pub fn take_rules(&mut self) -> Self {
        Self { rules: std::mem::take(&mut self.rules), ..Self::default() }
    }

    fn way(&self, slug: &str) -> bool {
        self.ways.iter().any(|way| way.slug == slug)
    }

    fn list(&self, slug: &str) -> bool {
        self.lists.iter().any(|list| list.slug == slug) || blocklist::embedded_list(slug)
    }

    fn check_list(&self, list: &List) -> Result<(), String> {
        let slug = &list.slug;
        free("list", slug, self.list(slug))?;
        if list.zones.is_empty() && list.words.is_empty() {
            return Err(format!("list `{slug}`: needs `zones` or `words` to be known by"));
        }
        if let Some(short) = list.zones.iter().chain(&list.words).find(|name| name.len() < 4) {
            return Err(format!("list `{slug}`: `{short}` is too short to mean one thing"));
        }
        if let Some(part) = list.parts.iter().find(|part| !self.list(part)) {
            return Err(format!("list `{slug}`: no list `{part}` for `parts`"));
        }
        if let Some(query) = &list.query
            && let Some(zone) =
                query.zone6.iter().chain([&query.zone]).find(|zone| !list.zones.contains(zone))
        {
            return Err(format!(
                "list `{slug}`: the zone `{zone}` of `query` is none of its `zones`"
            ));
        }
        if self.way(&list.way) || blocklist::embedded_way(&list.way) {
            return Ok(());
        }
        let way = &list.way;
        let ours = blocklist::embedded_ways().collect::<Vec<_>>().join(", ");
        Err(format!("list `{slug}`: no way out `{way}`; add a `[[way]]`, or use one of {ours}"))
    }

    fn check_provider(&self, head: &ProviderHead) -> Result<(), String> {
        let slug = &head.slug;
        let taken = self.providers.iter().any(|other| other.slug == *slug);
        free("provider", slug, taken || provider::embedded(slug))?;
        if head.hosts.is_empty() && head.signatures.is_empty() {
            return Err(format!("provider `{slug}`: needs `hosts` or `signatures` to be known by"));
        }
        Ok(())
    }

    fn check_rule(&self, rule: &Rule, causes: &Causes) -> Result<(), String> {
        if self.rules.iter().any(|other| other.rule.id == rule.id) {
            return Err("another rule has this id".to_owned());
        }
        let slug = rule.cause.slug();
        let Some(cause) = causes.get(slug) else {
            let all = cause_slugs().collect::<Vec<_>>().join(", ");
            return Err(format!("no cause `{slug}`; one of {all}"));
        };
        match rule.detail {
            Detail::None => Ok(()),
            Detail::Captured if rule.text.is_some_and(|text| text.contains("(?P<detail>")) => {
                Ok(())
            }
            Detail::Captured => {
                Err("`@number` is what a group `(?P<detail>…)` of `text` matches; there is none"
                    .to_owned())
            }
            Detail::List if cause.open_details() == Some(OpenDetails::Blocklist) => Ok(()),
            Detail::List => Err(format!("`@list` names a blocklist, and {slug} is not about any")),
            Detail::Fixed(detail) => self.check_detail(cause, detail),
        }
    }

    fn check_detail(&self, cause: &Cause, detail: &str) -> Result<(), String> {
        let known = cause.details().any(|listed| listed == detail)
            || match cause.open_details() {
                Some(OpenDetails::Blocklist) => self.list(detail),
                Some(OpenDetails::Cause) => cause_slugs().any(|slug| slug == detail),
                Some(OpenDetails::Number) => true,
                None => false,
            };
        if known {
            return Ok(());
        }
        let mut right: Vec<&str> = cause.details().collect();
        match cause.open_details() {
            Some(OpenDetails::Blocklist) => right.push("the slug of a blocklist"),
            Some(OpenDetails::Cause) => right.push("the slug of a cause"),
            Some(OpenDetails::Number) | None => {}
        }
        let right = if right.is_empty() { "none".to_owned() } else { right.join(", ") };
        Err(format!("{} has no detail `{detail}`; it has: {right}", cause.slug))
    }
}

/// An entry's slug must be well formed and nobody else's.
fn free(kind: &str, slug: &str, taken: bool) -> Result<(), String> {
    let plain = |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-');
    if slug.is_empty() || !slug.bytes().all(plain) {
        return Err(format!("{kind} `{slug}`: a slug has lower-case letters, digits and `-` only"));
    }
    if taken {
        return Err(format!("{kind} `{slug}`: there is one of this name; take another"));
    }
    Ok(())
}

/// A message of the TOML parser may have several lines.
fn one_line(message: &str) -> String {
    message.split('\n').map(str::trim).collect::<Vec<_>>().join("; ")
}

/// Frozen when the first list or provider is looked up.
static INSTALLED: OnceLock<UserKnowledge> = OnceLock::new();

/// Makes the user's lists and receivers those of the process, before ours. Nothing to add is fine at any time.
///
/// # Errors
///
/// [`Error::Knowledge`] when it comes too late: something has been looked up before, or something was installed.
pub fn install(user: UserKnowledge) -> Result<(), Error> {
    if user.lists.is_empty() && user.providers.is_empty() {
        return Ok(());
    }
    INSTALLED.set(user).map_err(|_| Error::Knowledge {
        file: "knowledge".to_owned(),
        what: "blocklists and providers must be added once, before the first look-up".to_owned(),
    })
}

/// What was installed; nothing can be from now on.
pub(super) fn installed() -> &'static UserKnowledge {
    INSTALLED.get_or_init(UserKnowledge::default)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "[[rule]]\nid = \"mine\"\ncause = \"greylisted\"\nexamples = [\"450 x\"]\n";

    fn added(text: &str) -> Result<UserKnowledge, String> {
        let mut user = UserKnowledge::default();
        user.add("my.toml", text).map_err(|error| error.to_string())?;
        Ok(user)
    }

    #[test]
    fn a_file_may_hold_every_kind_of_entry() {
        let user = added(&format!(
            "{RULE}text = 'x'\n[[list]]\nslug = \"ours\"\nname = \"Ours\"\nkind = \"ip\"\nstatus = \"active\"\n\
             zones = [\"bl.example.net\"]\nway = \"ask\"\n[[way]]\nslug = \"ask\"\nen = \"Ask.\"\nru = \"Спросите.\"\n\
             [[provider]]\nslug = \"partner\"\nname = \"Partner\"\nrole = \"mailboxes\"\nhosts = [\"partner.example\"]\n"
        ))
        .unwrap();
        assert_eq!(user.rules().len(), 1);
        assert_eq!((user.lists.len(), user.ways.len(), user.providers.len()), (1, 1, 1));
    }

    #[test]
    fn mistakes_name_the_file_the_line_the_entry_and_what_would_be_right() {
        let rule = |id: &str, more: &str| {
            format!(
                "\n[[rule]]\nid = \"{id}\"\ncause = \"unknown\"\nexamples = [\"550 x\"]\n{more}"
            )
        };
        let list = |more: &str| {
            format!(
                "[[list]]\nslug = \"ours\"\nname = \"Ours\"\nkind = \"ip\"\nstatus = \"active\"\n{more}"
            )
        };
        for (text, want) in [
            ("[[rule]\n".to_owned(), "line 1, "),
            ("# mine\n[[rules]]\nid = \"a\"\n".to_owned(), "line 2, unknown field `rules`, expected one of `rule`"),
            (rule("a", "texts = 'x'\n"), "line 6, unknown field `texts`, expected one of `id`, `cause`"),
            ("[[rule]]\nid = \"a\"\ncause = \"unknown\"\n".to_owned(), "line 1, missing field `examples`"),
            (rule("a", "text = 5\n"), "line 6, a word or a list of words"),
            (rule("a", ""), "line 2, rule `a`: has no condition"),
            (rule("a", "words = [\"X\"]"), "line 2, rule `a`: word `X` is not in lower case"),
            (rule("a", "code = \"55\""), "line 2, rule `a`: `55` is no reply code; write 550, 55x or 5xx"),
            (rule("a", "stage = [\"dot\"]\ncode = \"550\""), "`dot` is no stage; one of connect, ehlo"),
            (rule("a", "enhanced = \"7.1\""), "`7.1` is no enhanced status code; write 5.7.1, X.7.1"),
            (rule("a", "mta = \"qmail\"\ncode = \"550\""), "`qmail` is no MTA; one of postfix, exim"),
            (rule("a", "text = 'x'").replace("unknown", "spam"), "no cause `spam`; one of recipient-unknown, "),
            (
                rule("a", "text = 'x'\ndetail = \"spam\"").replace("unknown", "auth-failed"),
                "auth-failed has no detail `spam`; it has: spf, dkim",
            ),
            (rule("a", "text = 'x'\ndetail = \"@list\""), "`@list` names a blocklist, and unknown is not about any"),
            (rule("a", "text = 'x'\ndetail = \"@number\""), "there is none"),
            (rule("a", "text = 'x'") + &rule("a", "text = 'y'"), "line 7, rule `a`: another rule has this id"),
            (list("way = \"form\""), "line 1, list `ours`: needs `zones` or `words`"),
            (list("zones = [\"x.example\"]\nway = \"x\""), "no way out `x`; add a `[[way]]`, or use one of form, "),
            (list("zones = [\"x.example\"]\nway = \"form\"").replace("ours", "spamcop"), "take another"),
            (list("zones = [\"x.example\"]\nway = \"form\"").replace("ours", "Ours!"), "lower-case letters"),
            (
                "[[provider]]\nslug = \"google\"\nname = \"G\"\nrole = \"mailboxes\"\nhosts = [\"x.example\"]"
                    .to_owned(),
                "line 1, provider `google`: there is one of this name",
            ),
        ] {
            let error = added(&text).unwrap_err();
            assert!(error.starts_with("my.toml: line "), "{text}: {error}");
            assert!(error.contains(want), "{text}: {error}");
            assert!(!error.contains('\n'), "{text}: {error}");
        }
    }
}
