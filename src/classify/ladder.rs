//! The order of evidence: the first step that speaks decides.
//!
//! 1. the user's rules;
//! 2. who speaks: phrases of our own MTA for what is not another server's reply, and what only a log says;
//! 3. rules of the provider that answered;
//! 4. wordings;
//! 5. a public blocklist that the text names;
//! 6. the same once more with the names that programs give to things taken apart into words, then the phrases of
//!    our own MTA in another server's mouth, and, where no MTA is known, another server's in ours;
//! 7. the kind of event, where it tells;
//! 8. codes, in the order of `statuses.toml`: enhanced ones that say something, then, for another server's reply,
//!    what `hints.toml` sees its words to be about, then the rest;
//! 9. a refusal of ours without any of this is our policy.
//!
//! Words whose code somebody left out go through 1 to 5 as if they had one.
//! A reply that the reply quotes goes through 1, 3, 4, 5, the telling codes and the hints before all this: the server
//! behind knows best.

use super::causes::CauseTable;
use super::clean::{Cleaned, before_quotation, clean, quoted_in, with_tokens_apart};
use super::engine::{Hit, RuleList};
use super::examples::check_examples;
use super::shown::{Shown, without_links, without_login};
use super::sources::{self, cause_of, list_of};
use super::tried::Expression;
use super::{Basis, CauseId, Level, Retry, Said, Verdict};
use crate::error::Error;
use crate::event::{Kind, Mta};
use crate::knowledge::blocklist::{List, list_named_in};
use crate::knowledge::rule::{Detail, Facts};
use crate::knowledge::{Hardness, UserKnowledge, provider};
use crate::smtp::{Direction, Disposition, EnhancedCode, Origin, ReplyCode, Stage};
use compact_str::CompactString;

/// Everything needed to judge. Made once, shared by all threads.
#[derive(Debug)]
pub struct Classifier {
    user: RuleList,
    own: RuleList,
    text: RuleList,
    hints: RuleList,
    statuses: RuleList,
    /// One for each of the providers' files.
    providers: Vec<(&'static str, RuleList)>,
    causes: CauseTable,
}

impl Default for Classifier {
    fn default() -> Self {
        Self::builtin()
    }
}

impl Classifier {
    /// The embedded rules. Cheap to make: they were made ready when the program was built.
    pub fn builtin() -> Self {
        Self::new(RuleList::of(Vec::new()))
    }

    /// The embedded rules, and before them those of the user.
    ///
    /// # Errors
    /// [`Error::Knowledge`] names file, line and rule, where an expression does not compile or a rule does not win
    /// one of its examples.
    pub fn with(user: &UserKnowledge) -> Result<Self, Error> {
        for rule in user.rules() {
            rule.rule.text.map(Expression::new).transpose().map_err(|error| {
                let error = error.to_string();
                let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
                rule.wrong(&format!("`text` is no regular expression: {reason}"))
            })?;
        }
        let rules = user.rules().iter().map(|rule| rule.rule.clone()).collect();
        let classifier = Self::new(RuleList::of(rules));
        check_examples(&classifier, user)?;
        Ok(classifier)
    }

    fn new(user: RuleList) -> Self {
        Self {
            user,
            own: list_of(sources::OWN),
            text: list_of(sources::TEXT),
            hints: list_of(sources::HINTS),
            statuses: list_of(sources::STATUSES),
            providers: provider::FILES.iter().map(|&(file, _)| (file, list_of(file))).collect(),
            causes: CauseTable::new(),
        }
    }

    /// The lists of embedded rules with the files they stand in.
    #[cfg(test)]
    pub(super) fn lists(&self) -> impl Iterator<Item = (&'static str, &RuleList)> {
        [
            (sources::OWN, &self.own),
            (sources::TEXT, &self.text),
            (sources::HINTS, &self.hints),
            (sources::STATUSES, &self.statuses),
        ]
        .into_iter()
        .chain(self.providers.iter().map(|(file, list)| (*file, list)))
    }

    /// Whether there are rules of the user's.
    pub(super) fn has_user_rules(&self) -> bool {
        !self.user.rules().is_empty()
    }

    /// Names the cause.
    pub fn judge(&self, said: &Said<'_>) -> Verdict {
        let text = without_login(said);
        let said = &Said { text: &text, ..*said };
        let cleaned = clean(said.text);
        let facts = facts_for(said, &cleaned);
        let finding = if is_success(said, &facts) {
            Finding::NOTHING
        } else if said.disposition == Some(Disposition::Expired) {
            Finding::by_kind("expired", None)
        } else {
            let shown = Shown::of(&cleaned);
            self.find_quoted(said, &cleaned, &facts)
                .map(|quoted| self.behind_expiry(said, &cleaned, &facts, quoted))
                .or_else(|| self.find_as_if_coded(said, &shown, &facts))
                .or_else(|| self.find_in_words(said, &shown, &facts))
                .or_else(|| self.find_in_tokens(said, &cleaned, &facts))
                .or_else(|| self.find_as_if_ours(&shown, &facts))
                .or_else(|| self.find_as_if_theirs(said, &shown, &facts))
                .or_else(|| find_in_kind(said.kind))
                .or_else(|| self.find_in_codes(&shown, &facts))
                .or_else(|| find_in_refusal(said))
                .unwrap_or(Finding::NOTHING)
        };
        let finding = self.with_last_cause(said, &cleaned, &facts, finding);
        self.conclude(said, &facts, finding)
    }

    /// Exim names behind what it gave up: `mailbox is full: retry timeout exceeded`.
    fn with_last_cause(
        &self,
        said: &Said<'_>,
        cleaned: &Cleaned<'_>,
        facts: &Facts<'_>,
        finding: Finding,
    ) -> Finding {
        if finding.cause.slug() != "expired" || finding.detail.is_some() {
            return finding;
        }
        let last = cleaned.text.strip_suffix(": retry timeout exceeded").and_then(|before| {
            let before = clean(before);
            let said = Said { text: &before.text, ..*said };
            self.find_in_words(&said, &Shown::of(&before), facts)
        });
        match last.filter(|last| !["expired", "unknown"].contains(&last.cause.slug())) {
            Some(last) => finding.because_of(last.cause),
            None => finding,
        }
    }

    /// The words that a verdict rests on, as the text has them; `None` where no words decided.
    pub fn words_behind(&self, said: &Said<'_>, verdict: &Verdict) -> Option<String> {
        let list = match verdict.basis.level {
            Level::User => &self.user,
            Level::Own => &self.own,
            Level::Text => &self.text,
            Level::Hint => &self.hints,
            Level::Provider => self.provider_rules(said)?,
            _ => return None,
        };
        let text = without_login(said);
        let cleaned = clean(&text);
        let shown = Shown::of(&cleaned);
        list.matched(verdict.basis.rule, shown.text()).map(|words| words.trim().to_owned())
    }

    /// Looks at the reply that a reply quotes: what the next server, or the one asked about an address, said.
    fn find_quoted(
        &self,
        said: &Said<'_>,
        outer: &Cleaned<'_>,
        outer_facts: &Facts<'_>,
    ) -> Option<Finding> {
        let inner = quoted_in(outer)?;
        // What was said of the sender when its address was checked is no news of the recipient.
        if checks_sender(&outer.text) {
            return None;
        }
        let facts = Facts {
            code: inner.code,
            enhanced: inner.enhanced,
            stage: inner.stage.or(outer_facts.stage),
            origin: Origin::Remote,
            ..*outer_facts
        };
        // Whose words they are is not known: the relay's name is that of the server that quotes them.
        let said = Said { relay: None, ..*said };
        let shown = Shown::of(&inner);
        let found = self.find_in_words(&said, &shown, &facts).or_else(|| {
            self.find_in_codes(&shown, &facts)
                .filter(|found| matches!(found.level, Level::Enhanced | Level::Hint))
        })?;
        Some(Finding { quoted: true, ..found })
    }

    /// A message that expired because of what is quoted: then expiry is the cause, and the quoted one its detail.
    fn behind_expiry(
        &self,
        said: &Said<'_>,
        outer: &Cleaned<'_>,
        facts: &Facts<'_>,
        quoted: Finding,
    ) -> Finding {
        // What it quotes may have words that rules know, and the marks of another provider.
        let own = before_quotation(outer);
        let said = Said { text: &own.text, ..*said };
        let shown = Shown::of(&own);
        let outer =
            self.find_in_words(&said, &shown, facts).or_else(|| self.find_in_codes(&shown, facts));
        match outer {
            Some(expired) if expired.cause.slug() == "expired" => expired.because_of(quoted.cause),
            _ => quoted,
        }
    }

    /// Steps 1 to 5.
    fn find_in_words(
        &self,
        said: &Said<'_>,
        shown: &Shown<'_>,
        facts: &Facts<'_>,
    ) -> Option<Finding> {
        let (text, plain) = (shown.text(), shown.plain());
        let hit = |list, text, level| Finding::by_first(list, text, facts, level);
        let by_speaker = || match facts.origin {
            // A provider is known by its addresses too.
            Origin::Remote => self
                .provider_rules(said)
                .and_then(|rules| hit(rules, text, Level::Provider))
                .or_else(|| self.find_unspoken(plain, facts)),
            Origin::Ours | Origin::Nobody => hit(&self.own, plain, Level::Own),
        };
        hit(&self.user, text, Level::User)
            .or_else(by_speaker)
            .or_else(|| hit(&self.text, plain, Level::Text))
            .or_else(|| list_named_in(plain).map(Finding::by_list))
    }

    /// The words of a reply whose code somebody left out: as those of a final refusal, then of one for now. Many
    /// rules ask for the code, since the same words can mean another thing beside another one, and the order of
    /// the rules counts on all of them being asked.
    fn find_as_if_coded(
        &self,
        said: &Said<'_>,
        shown: &Shown<'_>,
        facts: &Facts<'_>,
    ) -> Option<Finding> {
        codes_left_out(facts).next()?;
        Finding::by_first(&self.user, shown.text(), facts, Level::User)
            .or_else(|| self.find_unspoken(shown.plain(), facts))
            .or_else(|| {
                codes_left_out(facts).find_map(|code| {
                    self.find_in_words(said, shown, &Facts { code: Some(code), ..*facts })
                })
            })
    }

    /// The words of names that programs give to things: `FORBIDDEN_FILE`, `MailboxFullException`.
    fn find_in_tokens(
        &self,
        said: &Said<'_>,
        cleaned: &Cleaned<'_>,
        facts: &Facts<'_>,
    ) -> Option<Finding> {
        self.find_in_words(said, &Shown::of(&with_tokens_apart(cleaned)?), facts)
    }

    /// Most servers are Postfix or Exim as well, and say to us what we would say to a client.
    fn find_as_if_ours(&self, shown: &Shown<'_>, facts: &Facts<'_>) -> Option<Finding> {
        if facts.origin != Origin::Remote || facts.code.is_none() {
            return None;
        }
        let facts = Facts { origin: Origin::Ours, direction: Direction::Inbound, ..*facts };
        let finding = Finding::by_first(&self.own, shown.plain(), &facts, Level::Own)?;
        // Of a fault the words that follow say as much, and whose it is.
        (finding.cause.slug() != "own-system-error").then_some(finding)
    }

    /// Words of ours that none of our own rules knows, of which nobody says which server wrote them: what they would mean
    /// in another's mouth.
    fn find_as_if_theirs(
        &self,
        said: &Said<'_>,
        shown: &Shown<'_>,
        facts: &Facts<'_>,
    ) -> Option<Finding> {
        if facts.origin != Origin::Ours || said.mta.is_some() {
            return None;
        }
        let facts = Facts { origin: Origin::Remote, direction: Direction::Outbound, ..*facts };
        self.find_as_if_coded(said, shown, &facts)
            .or_else(|| self.find_in_words(said, shown, &facts))
            .or_else(|| self.find_hint(shown, &facts))
    }

    /// Without any code it is hardly a reply: somebody gave us the words in which an MTA tells that nobody spoke.
    fn find_unspoken(&self, text: &str, facts: &Facts<'_>) -> Option<Finding> {
        // What was found out of the sender when its address was checked is no failure on the way.
        if facts.code.is_some() || facts.enhanced.is_some() || checks_sender(text) {
            return None;
        }
        // What only a log says, whoever seems to speak.
        let daemons = Finding::by_first(&self.own, text, facts, Level::Own);
        if daemons.as_ref().is_some_and(|finding| finding.cause.slug() == "own-system-error") {
            return daemons;
        }
        let facts = Facts { origin: Origin::Nobody, ..*facts };
        let finding = Finding::by_first(&self.own, text, &facts, Level::Own)?;
        // Faults of this host need more than a word, and of quotas other servers speak too: rules of texts tell.
        let ours = ["own-system-error", "local-delivery-failed", "mailbox-full"];
        (!ours.contains(&finding.cause.slug())).then_some(finding)
    }

    /// Step 8.
    fn find_in_codes(&self, shown: &Shown<'_>, facts: &Facts<'_>) -> Option<Finding> {
        // These rules have no words, so any text will do.
        let hit = self.statuses.first("", facts);
        let by_enhanced = hit.as_ref().is_some_and(|hit| hit.by_enhanced);
        let vague = facts.enhanced.filter(|&code| by_enhanced && is_vague(code));
        if by_enhanced && vague.is_none() && facts.enhanced.is_some() {
            return hit.map(|hit| Finding::by_rule(hit, Level::Enhanced, ""));
        }
        // The words that no rule knows say more than such a code; what, we do not know.
        let silent = vague.is_some_and(|code| code.subject() >= 5) && shown.says_much();
        let by_code = || hit.map(|hit| Finding::by_rule(hit, Level::Code, ""));
        self.find_hint(shown, facts).or_else(|| by_code().filter(|_| !silent))
    }

    /// What the words of another server are about, where no wording is known. Our own words are all known.
    fn find_hint(&self, shown: &Shown<'_>, facts: &Facts<'_>) -> Option<Finding> {
        if facts.origin != Origin::Remote {
            return None;
        }
        let plain = without_links(shown.plain());
        let hint = |facts: &Facts<'_>| Finding::by_first(&self.hints, &plain, facts, Level::Hint);
        hint(facts).or_else(|| {
            // Of words that no rule knows, a refusal is what most are.
            let code = codes_left_out(facts).next()?;
            hint(&Facts { code: Some(code), ..*facts })
        })
    }

    /// The rules of the provider that answered, if it is known.
    fn provider_rules(&self, said: &Said<'_>) -> Option<&RuleList> {
        self.rules_in(sources::provider_of(said.relay, said.text)?)
    }

    fn rules_in(&self, file: &str) -> Option<&RuleList> {
        self.providers.iter().find(|(name, _)| *name == file).map(|(_, list)| list)
    }

    /// Adds what a cause implies: seen from who spoke, and with the code that the queue acts on.
    fn conclude(&self, said: &Said<'_>, facts: &Facts<'_>, finding: Finding) -> Verdict {
        let Finding { cause: found, detail, level, rule, quoted } = finding;
        let mut cause = found;
        // A fault that the other side would have is ours where we spoke in our own name, and where what spoke, or should
        // have, runs on this host: a content filter.
        // With a code they are the words of another server, and its names are not ours.
        let named = || facts.code.is_none().then(|| host_named_in(said.text))?;
        let here = said.relay.or_else(named).is_some_and(is_this_host);
        let ours = match cause.slug() {
            "remote-error" => here || facts.origin == Origin::Ours,
            "connection-failed" => here,
            _ => false,
        };
        if ours && !quoted {
            cause = CauseId::new("own-system-error");
        }
        cause = where_it_was_said(cause, said, facts, quoted);
        // The sub-kinds of one cause are not those of another.
        let detail = detail.filter(|_| cause == found);
        let implied = self.causes.get(cause);
        let success = is_success(said, facts);
        Verdict {
            cause,
            detail,
            basis: Basis { level, rule },
            party: if success { None } else { implied.party(said.direction) },
            hard: !success && is_hard(implied.hard, said, facts),
            retry: if success { Retry::NotNeeded } else { implied.retry },
        }
    }
}

/// What a step of the ladder found.
struct Finding {
    cause: CauseId,
    detail: Option<CompactString>,
    level: Level,
    rule: &'static str,
    /// In words that the speaker quotes from another server.
    quoted: bool,
}

impl Finding {
    const NOTHING: Self = Self {
        cause: CauseId::UNKNOWN,
        detail: None,
        level: Level::Nothing,
        rule: "",
        quoted: false,
    };

    /// What was given up, and what it had failed with last.
    fn because_of(self, last: CauseId) -> Self {
        Self { detail: Some(CompactString::const_new(last.slug())), ..self }
    }

    fn by_kind(slug: &'static str, detail: Option<&'static str>) -> Self {
        let detail = detail.map(CompactString::const_new);
        Self { cause: CauseId::new(slug), detail, level: Level::Kind, rule: "", quoted: false }
    }

    fn by_list(list: &'static List) -> Self {
        let detail = Some(CompactString::const_new(&list.slug));
        Self { cause: cause_of(list), detail, level: Level::List, rule: "", quoted: false }
    }

    /// What the first rule of a list says that fits a text.
    fn by_first(list: &RuleList, text: &str, facts: &Facts<'_>, level: Level) -> Option<Self> {
        Some(Self::by_rule(list.first(text, facts)?, level, text))
    }

    fn by_rule(hit: Hit<'_>, level: Level, text: &str) -> Self {
        let mut cause = hit.cause;
        let captured = || hit.captured.map(CompactString::new);
        let detail = match hit.detail {
            Detail::None => None,
            Detail::Fixed(word) => Some(CompactString::const_new(word)),
            Detail::Captured => captured(),
            Detail::List => match list_named_in(text) {
                Some(list) => {
                    // `blocked using` is said of addresses and domains alike; the list tells which, where the words
                    // have not named a link or a domain themselves.
                    if cause.slug() != "domain-blocklisted" {
                        cause = cause_of(list);
                    }
                    Some(CompactString::const_new(&list.slug))
                }
                None => captured(),
            },
        };
        Self { cause, detail, level, rule: hit.id, quoted: false }
    }
}

/// The codes that a reply may have had, where only its words are at hand.
fn codes_left_out(facts: &Facts<'_>) -> impl Iterator<Item = ReplyCode> {
    let codes: &[u16] = match (facts.origin, facts.code, facts.enhanced.map(EnhancedCode::class)) {
        (Origin::Remote, None, Some(5)) => &[550],
        (Origin::Remote, None, Some(4)) => &[451],
        (Origin::Remote, None, None) => &[550, 451, 535, 501],
        // Exim does not log what it told a client.
        (Origin::Ours, None, None) => &[550, 451],
        _ => &[],
    };
    codes.iter().filter_map(|&code| ReplyCode::new(code))
}

/// Step 7: the event itself tells.
fn find_in_kind(kind: Kind) -> Option<Finding> {
    match kind {
        Kind::AuthFailure => Some(Finding::by_kind("smtp-auth-failed", None)),
        Kind::ProtocolViolation => Some(Finding::by_kind("protocol-error", None)),
        Kind::SessionTimeout => Some(Finding::by_kind("connection-failed", Some("timeout"))),
        _ => None,
    }
}

/// Step 9: we refused, in words of our administrator's or in none.
fn find_in_refusal(said: &Said<'_>) -> Option<Finding> {
    let refused = matches!(said.kind, Kind::Reject | Kind::RejectWarning);
    (refused && said.origin == Origin::Ours).then(|| Finding::by_kind("policy-refused", None))
}

/// What rules look at: what the log says, else what the text says, else what the MTA concluded.
pub(super) fn facts_for<'a>(said: &Said<'a>, cleaned: &Cleaned<'_>) -> Facts<'a> {
    let own_conclusion = said.dsn.filter(|dsn| said.origin != Origin::Remote && dsn.detail() != 0);
    // What begins with 1 is no reply of SMTP: programs print the system's error numbers so (`(111, 'Connection refused')`).
    let code = said.code.or(cleaned.code).filter(|code| code.class() > 1);
    Facts {
        code,
        enhanced: said.enhanced.or(cleaned.enhanced).or(own_conclusion),
        stage: said.stage.or(cleaned.stage),
        origin: said.origin,
        direction: said.direction,
        mta: said.mta,
        host: said.relay,
        own_domain: said.own_domain,
    }
}

pub(super) fn is_success(said: &Said<'_>, facts: &Facts<'_>) -> bool {
    match said.disposition {
        Some(Disposition::Delivered | Disposition::Deliverable) => true,
        Some(_) => false,
        None => facts.code.is_some_and(|code| code.class() < 4),
    }
}

/// Whether it is final: by the cause, else by the first digit that the queue acts on, else by what it did.
fn is_hard(hardness: Hardness, said: &Said<'_>, facts: &Facts<'_>) -> bool {
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

/// At MAIL FROM nobody has named a recipient yet: a mailbox or domain that is not there is the sender's. So is the address
/// that Exim asks about. At AUTH it is the account of the login.
fn where_it_was_said(cause: CauseId, said: &Said<'_>, facts: &Facts<'_>, quoted: bool) -> CauseId {
    const OF_RECIPIENTS: [&str; 4] =
        ["recipient-unknown", "recipient-disabled", "recipient-moved", "recipient-domain-missing"];
    let of_probe = said.kind == Kind::Probe && said.mta == Some(Mta::Exim);
    let at_mail = facts.origin == Origin::Remote && facts.stage == Some(Stage::Mail) && !quoted;
    if !OF_RECIPIENTS.contains(&cause.slug()) {
        cause
    } else if at_mail || of_probe {
        CauseId::new("sender-rejected")
    } else if facts.stage == Some(Stage::Auth) {
        CauseId::new("smtp-auth-failed")
    } else {
        cause
    }
}

/// Whom the MTA spoke of, where nothing but its words is known: `connect to localhost[127.0.0.1]:10024: …`, `conversation
/// with localhost:10025 timed out`. Of a name with an address the address.
fn host_named_in(text: &str) -> Option<&str> {
    let behind = ["connect to ", "conversation with ", "lost connection with "]
        .iter()
        .find_map(|words| Some(text.split_once(words)?.1))?;
    let (name, rest) = behind.split_at(behind.find(['[', ':', ' '])?);
    match rest.strip_prefix('[') {
        Some(address) => address.split(']').next(),
        None => Some(name),
    }
}

/// Whether a relay is on this host: `localhost`, `127.0.0.1`, `::1`.
pub(super) fn is_this_host(relay: &str) -> bool {
    relay.starts_with("127.") || ["localhost", "localhost.localdomain", "::1"].contains(&relay)
}

/// `Sender callout failed: 550 no such user`.
fn checks_sender(text: &str) -> bool {
    let end = text.char_indices().nth(80).map_or(text.len(), |(at, _)| at);
    let begin = text.get(..end).unwrap_or(text).to_ascii_lowercase();
    (begin.contains("sender") || begin.contains("postmaster verification"))
        && ["verif", "callout", "callback", "undeliverable address"]
            .iter()
            .any(|word| begin.contains(word))
        && !begin.contains("recipient")
}

/// Enhanced status codes that name a subject but no reason.
fn is_vague(code: EnhancedCode) -> bool {
    code.detail() == 0 || matches!((code.subject(), code.detail()), (2 | 7, 1))
}
