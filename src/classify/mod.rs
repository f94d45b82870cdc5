//! Names the cause of every reply, refusal and loss.
//!
//! ```text
//! Said ─► clean: the reply out of its wrapper ─► shown: its words as rules see them
//!      ─► ladder: user, own, provider, text, codes ─► Verdict
//! ```
//!
//! Only failures are judged; a success is `unknown` and means nothing. The wordings are data
//! (`knowledge/rules.toml`, `own.toml`, `hints.toml`, `statuses.toml`, `providers/*.toml`); this module only applies them.
//! It never decides on two kinds of evidence at once: the first step of the ladder that speaks wins, and the
//! verdict says which step and which rule that was.

mod automaton;
mod causes;
mod clean;
mod engine;
mod examples;
mod filing;
mod ids;
mod index;
mod judge;
mod ladder;
mod literals;
mod needs;
mod shown;
mod sources;
#[cfg(test)]
mod store;
mod tried;

#[cfg(test)]
mod tests;

pub use clean::{Cleaned, clean};
pub use judge::Judge;
pub use ladder::Classifier;
pub use sources::usual_codes;

pub use crate::knowledge::rule::CauseId;
pub use crate::knowledge::{Party, Retry};

use crate::event::{Event, Kind, Mta, Relay};
use crate::smtp::{Direction, Disposition, EnhancedCode, Origin, ReplyCode, Stage, domain_of};
use crate::words::words;
use compact_str::CompactString;
use std::hash::{Hash, Hasher};

/// What is judged: a reply or failure with what the log says around it.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The reply as logged, code included; without a reply, the words of the log.
    pub text: &'a str,
    /// The reply code, stated or implied; read from the text when `None`.
    pub code: Option<ReplyCode>,
    /// The enhanced status code; read from the text when `None`.
    pub enhanced: Option<EnhancedCode>,
    /// What the MTA itself concluded (Postfix `dsn=`).
    pub dsn: Option<EnhancedCode>,
    /// Where in the dialogue.
    pub stage: Option<Stage>,
    /// Who was the server.
    pub direction: Direction,
    /// Who spoke.
    pub origin: Origin,
    /// Which MTA wrote the line.
    pub mta: Option<Mta>,
    /// The receiving host.
    pub relay: Option<&'a str>,
    /// What kind of event it is.
    pub kind: Kind,
    /// What became of the recipient.
    pub disposition: Option<Disposition>,
    /// The recipient's domain is ours: a router or transport of ours took the address, or mail comes from the domain;
    /// `None` where that is not known. Only asked for in local trouble.
    pub own_domain: Option<bool>,
}

impl<'a> Said<'a> {
    /// A reply of another server of which nothing but the text is known.
    pub const fn reply(text: &'a str) -> Self {
        Self {
            text,
            code: None,
            enhanced: None,
            dsn: None,
            stage: None,
            direction: Direction::Outbound,
            origin: Origin::Remote,
            mta: None,
            relay: None,
            kind: Kind::Delivery,
            disposition: None,
            own_domain: None,
        }
    }

    /// What an event says.
    pub fn of(event: &Event<'a>, mta: Option<Mta>) -> Self {
        Self {
            text: event.text,
            code: event.code.or(event.implied_code),
            enhanced: event.enhanced,
            dsn: event.dsn,
            stage: event.stage,
            direction: event.direction,
            origin: event.origin,
            mta,
            relay: event.relay.and_then(answering),
            kind: event.kind,
            disposition: event.disposition,
            own_domain: if event.direction == Direction::Local {
                is_own_domain(event)
            } else {
                None
            },
        }
    }
}

/// The host that answers at a relay: at a socket this one, whatever its name.
fn answering(relay: Relay<'_>) -> Option<&str> {
    let at_socket = relay.address.is_some_and(|address| address.contains('/'));
    if at_socket { Some("localhost") } else { relay.host }
}

/// Of every failure, so the small facts go in together, as two numbers, instead of one by one.
impl Hash for Said<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { text, relay, code, enhanced, dsn, stage, direction, origin, .. } = *self;
        let Self { mta, kind, disposition, own_domain, .. } = *self;
        let code = code.map_or(0, |code| u64::from(code.value()));
        let packed = |code: Option<EnhancedCode>| code.map_or(0, |code| u64::from(code.packed()));
        // Below 2^10, 2^23 and 2^23.
        state.write_u64(code << 46 | packed(enhanced) << 23 | packed(dsn));
        state.write_u64(u64::from_le_bytes([
            direction as u8,
            origin as u8,
            kind as u8,
            mta.map_or(0, |mta| mta as u8 + 1),
            stage.map_or(0, |stage| stage as u8 + 1),
            disposition.map_or(0, |disposition| disposition as u8 + 1),
            own_domain.map_or(0, |same| u8::from(same) + 1),
            0,
        ]));
        relay.hash(state);
        text.hash(state);
    }
}

/// Whether there is something to name a cause of: success, what we put aside and what was not tried have none. What
/// another program took and threw away has one.
pub fn has_cause(event: &Event<'_>) -> bool {
    match event.disposition {
        Some(Disposition::Delivered | Disposition::Deliverable | Disposition::Held) => false,
        Some(Disposition::Discarded) => event.kind == Kind::Delivery,
        _ => event.kind != Kind::Postponed,
    }
}

fn is_own_domain(event: &Event<'_>) -> Option<bool> {
    if event.is_taken_here() {
        return Some(true);
    }
    let (sender, recipient) = (domain_of(event.sender?)?, domain_of(event.recipient?)?);
    Some(sender.eq_ignore_ascii_case(recipient))
}

/// Why, whose move, and whether it can still get through.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The cause.
    pub cause: CauseId,
    /// Its sub-kind: which blocklist, which check, which limit.
    pub detail: Option<CompactString>,
    /// What decided.
    pub basis: Basis,
    /// Who can act first; `None` where nobody knows.
    pub party: Option<Party>,
    /// The same message to the same address will not get through.
    pub hard: bool,
    /// Whether sending it again helps.
    pub retry: Retry,
}

/// Which step of the ladder decided, and by which rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Basis {
    /// The step.
    pub level: Level,
    /// The rule's id; empty where no rule was needed.
    pub rule: &'static str,
}

words! {
    /// A step of the ladder of evidence, strongest first.
    Level {
        /// A rule of the user.
        User = "user",
        /// A phrase of our own MTA, or a failure that nobody spoke of.
        Own = "own",
        /// A rule for the provider that answered.
        Provider = "provider",
        /// A wording that can mean one thing only.
        Text = "text",
        /// The name of a public blocklist in the text.
        List = "list",
        /// An enhanced status code that says something.
        Enhanced = "enhanced",
        /// What the words are about, in a wording that no rule knows.
        Hint = "hint",
        /// The reply code at this stage, or an enhanced status code that says little.
        Code = "code",
        /// The kind of event: an expired message, a failed login.
        Kind = "kind",
        /// Nothing speaks.
        Nothing = "nothing",
    }
}
