//! The order of evidence: the first step that speaks decides.
//!
//! 1. the user's rules; 2. who speaks: phrases of our own MTA for what is not another server's; 3. rules of
//! the provider that answered; 4. wordings; 5. a public blocklist that the text names; 6. codes, as the order in
//! `statuses.toml` has it; 7. the kind of event. A reply that the reply quotes goes through 1, 3, 4, 5 and the
//! telling codes first: the server behind knows best.

use super::causes::{Hardness, facts_of, party_of};
use super::clean::{Cleaned, clean, quoted_in};
use super::engine::{Hit, RuleList};
use super::sources::{self, cause_of};
use super::{Basis, CauseId, Level, Retry, Said, Verdict};
use crate::error::Error;
use crate::event::Kind;
use crate::knowledge::Listed;
use crate::knowledge::blocklist::list_named_in;
use crate::knowledge::rule::{Detail, Facts, Rule};
use crate::smtp::{Disposition, EnhancedCode, Origin, ReplyCode};
use compact_str::CompactString;
use std::borrow::Cow;
use std::sync::OnceLock;

/// Everything needed to judge. Made once, shared by all threads.
#[derive(Debug)]
pub struct Classifier {
    user: RuleList,
    own: RuleList,
    text: RuleList,
    statuses: RuleList,
    /// One for each of the providers' files.
    providers: Vec<(&'static str, OnceLock<RuleList>)>,
}

impl Default for Classifier {
    fn default() -> Self {
        Self::builtin()
    }
}

impl Classifier {
    /// The embedded rules. Cheap to make: a rule is parsed when its words occur.
    pub fn builtin() -> Self {
        Self::new(RuleList::embedded(("", "")))
    }

    /// The embedded rules, and before them those of a user's file.
    ///
    /// # Errors
    /// [`Error::Knowledge`] names the file and the rule whose expression does not compile.
    pub fn with(file: &str, rules: Vec<Rule>) -> Result<Self, Error> {
        Ok(Self::new(RuleList::checked(file, rules)?))
    }

    fn new(user: RuleList) -> Self {
        Self {
            user,
            own: RuleList::embedded(sources::OWN),
            text: RuleList::embedded(sources::TEXT),
            statuses: RuleList::embedded(sources::STATUSES),
            providers: sources::PROVIDERS
                .iter()
                .map(|&(file, _)| (file, OnceLock::new()))
                .collect(),
        }
    }

    /// The lists of embedded rules with the files they stand in.
    #[cfg(test)]
    pub(super) fn lists(&self) -> impl Iterator<Item = (&'static str, &RuleList)> {
        [(sources::OWN.0, &self.own), (sources::TEXT.0, &self.text), (sources::STATUSES.0, &self.statuses)]
            .into_iter()
            .chain(sources::PROVIDERS.iter().filter_map(|&(file, _)| Some((file, self.rules_in(file)?))))
    }

    /// Names the cause.
    pub fn judge(&self, said: &Said<'_>) -> Verdict {
        let cleaned = clean(said.text);
        let facts = facts_for(said, &cleaned);
        if said.disposition == Some(Disposition::Expired) {
            return verdict(said, &facts, CauseId::new("expired"), None, Level::Kind, "");
        }
        if is_success(said, &facts) {
            let verdict = verdict(said, &facts, CauseId::UNKNOWN, None, Level::Nothing, "");
            return Verdict { retry: Retry::NotNeeded, hard: false, ..verdict };
        }
        self.judge_quoted(said, &cleaned, &facts)
            .or_else(|| self.judge_words(said, &cleaned, &facts))
            .or_else(|| self.judge_kind(said, &facts))
            .or_else(|| {
                // These rules have no words, so any text will do.
                let hit = self.statuses.first("", &facts)?;
                Some(Self::conclude(said, &facts, hit, status_level(&hit, &facts), ""))
            })
            .unwrap_or_else(|| verdict(said, &facts, CauseId::UNKNOWN, None, Level::Nothing, ""))
    }

    /// Judges the reply that a reply quotes: what the next server, or the one asked about an address, said.
    fn judge_quoted(
        &self,
        said: &Said<'_>,
        outer: &Cleaned<'_>,
        outer_facts: &Facts,
    ) -> Option<Verdict> {
        let inner = quoted_in(outer)?;
        let facts = Facts {
            code: inner.code,
            enhanced: inner.enhanced,
            stage: inner.stage.or(outer_facts.stage),
            origin: Origin::Remote,
            ..*outer_facts
        };
        let speaker = Said { origin: Origin::Remote, relay: None, ..*said };
        let verdict = self.judge_words(&speaker, &inner, &facts).or_else(|| {
            let hit = self.statuses.first("", &facts)?;
            let level = status_level(&hit, &facts);
            (level == Level::Enhanced).then(|| Self::conclude(&speaker, &facts, hit, level, ""))
        })?;
        // The queue acts on the outer reply, and its direction tells whose move it is.
        let facts_of_cause = facts_of(verdict.cause);
        Some(Verdict {
            hard: is_hard(facts_of_cause.hard, said, outer_facts),
            party: party_of(facts_of_cause, said.direction, said.origin),
            ..verdict
        })
    }

    /// Steps 1 to 5.
    fn judge_words(
        &self,
        said: &Said<'_>,
        cleaned: &Cleaned<'_>,
        facts: &Facts,
    ) -> Option<Verdict> {
        let text = lower_case_of(&cleaned.text);
        let text = text.as_ref();
        let ours = facts.origin != Origin::Remote;
        let hit = self.user.first(text, facts).map(|hit| (hit, Level::User));
        let hit = hit.or_else(|| Some((self.own.first(text, facts).filter(|_| ours)?, Level::Own)));
        let hit = hit.or_else(|| {
            let rules = self.provider_rules(said).filter(|_| !ours)?;
            Some((rules.first(text, facts)?, Level::Provider))
        });
        let hit = hit.or_else(|| Some((self.text.first(text, facts)?, Level::Text)));
        if let Some((hit, level)) = hit {
            return Some(Self::conclude(said, facts, hit, level, text));
        }
        let list = list_named_in(text)?;
        let detail = Some(CompactString::const_new(&list.slug));
        Some(verdict(said, facts, cause_of(list), detail, Level::List, ""))
    }

    /// Step 7, before the codes: the event itself tells.
    fn judge_kind(&self, said: &Said<'_>, facts: &Facts) -> Option<Verdict> {
        let (slug, detail) = match said.kind {
            Kind::AuthFailure => ("smtp-auth-failed", None),
            Kind::ProtocolViolation => ("protocol-error", None),
            Kind::SessionTimeout => ("connection-failed", Some("timeout")),
            _ => return None,
        };
        let detail = detail.map(CompactString::const_new);
        Some(verdict(said, facts, CauseId::new(slug), detail, Level::Kind, ""))
    }

    /// The rules of the provider that answered, if it is known.
    fn provider_rules(&self, said: &Said<'_>) -> Option<&RuleList> {
        self.rules_in(sources::provider_of(said.relay, said.text)?)
    }

    fn rules_in(&self, file: &str) -> Option<&RuleList> {
        let (_, list) = self.providers.iter().find(|(name, _)| *name == file)?;
        let source = sources::PROVIDERS.iter().find(|(name, _)| *name == file)?;
        Some(list.get_or_init(|| RuleList::embedded(*source)))
    }

    /// A verdict from a rule that fits.
    fn conclude(
        said: &Said<'_>,
        facts: &Facts,
        hit: Hit<'_>,
        level: Level,
        text: &str,
    ) -> Verdict {
        let mut cause = hit.cause;
        let detail = match hit.detail {
            Detail::None => None,
            Detail::Fixed(word) => Some(CompactString::const_new(word)),
            Detail::Captured => hit.captured.map(CompactString::new),
            Detail::List => match list_named_in(text) {
                Some(list) => {
                    // `blocked using` is said of addresses and domains alike; the list tells which.
                    if list.kind == Listed::Domain {
                        cause = cause_of(list);
                    }
                    Some(CompactString::const_new(&list.slug))
                }
                None => hit.captured.map(CompactString::new),
            },
        };
        verdict(said, facts, cause, detail, level, hit.id)
    }
}

/// Rules mind no case. The engine sees to ASCII; other letters are folded here, for the few texts that have any.
fn lower_case_of(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// What rules look at: what the log says, else what the text says, else what the MTA concluded.
fn facts_for(said: &Said<'_>, cleaned: &Cleaned<'_>) -> Facts {
    let own_conclusion = said.dsn.filter(|dsn| said.origin != Origin::Remote && dsn.detail() != 0);
    Facts {
        code: said.code.or(cleaned.code),
        enhanced: said.enhanced.or(cleaned.enhanced).or(own_conclusion),
        stage: said.stage.or(cleaned.stage),
        origin: said.origin,
        direction: said.direction,
        mta: said.mta,
    }
}

fn is_success(said: &Said<'_>, facts: &Facts) -> bool {
    match said.disposition {
        Some(Disposition::Delivered | Disposition::Deliverable) => true,
        Some(_) => false,
        None => facts.code.is_some_and(|code| code.class() < 4),
    }
}

fn verdict(
    said: &Said<'_>,
    facts: &Facts,
    cause: CauseId,
    detail: Option<CompactString>,
    level: Level,
    rule: &'static str,
) -> Verdict {
    // A fault that the other side would have is ours where we spoke.
    let cause = if cause.slug() == "remote-error" && facts.origin == Origin::Ours {
        CauseId::new("own-system-error")
    } else {
        cause
    };
    let known = facts_of(cause);
    Verdict {
        cause,
        detail,
        basis: Basis { level, rule },
        party: party_of(known, said.direction, facts.origin),
        hard: is_hard(known.hard, said, facts),
        retry: known.retry,
    }
}

/// Whether it is final: by the cause, else by the first digit that the queue acts on, else by what it did.
fn is_hard(hardness: Hardness, said: &Said<'_>, facts: &Facts) -> bool {
    match hardness {
        Hardness::Hard => true,
        Hardness::Soft => false,
        Hardness::ByClass => {
            let class = facts.code.map(ReplyCode::class);
            let class = class.or_else(|| facts.enhanced.map(EnhancedCode::class));
            let class = class.or_else(|| said.dsn.map(EnhancedCode::class));
            match class {
                Some(class) => class == 5,
                None => !matches!(said.disposition, Some(Disposition::Deferred) | None),
            }
        }
    }
}

/// A code that says something of its own, or one that says little.
fn status_level(hit: &Hit<'_>, facts: &Facts) -> Level {
    let telling = hit.by_enhanced && facts.enhanced.is_some_and(|code| !is_vague(code));
    if telling { Level::Enhanced } else { Level::Code }
}

/// Enhanced status codes that name a subject but no reason.
fn is_vague(code: EnhancedCode) -> bool {
    code.detail() == 0 || matches!((code.subject(), code.detail()), (2 | 7, 1))
}
