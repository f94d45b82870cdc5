//! Decisions about a client or its message: `ACTION: STAGE from PEER: TEXT; CONTEXT`, the common form of
//! smtpd's restrictions, milters (A-2, A-3, C-3, C-4), before-queue filters and postscreen (P-2,
//! P-3).
//!
//! Only refusals carry a reply code, and only as the first word of TEXT. `hold` and `discard` refuse
//! nobody; `warn`, `info`, `filter`, `redirect`, `bcc`, `permit`, `prepend`, `replace` and their like change
//! nothing that we report. To add an action: one arm in [`meaning_of`].

use super::super::near::cut_once;
use super::super::token::{Peer, peer};
use super::context::{Context, split_context};
use crate::event::{Action, Content, Defect, Event, Kind};
use crate::smtp::{
    Direction, Disposition, EnhancedCode, LineBreak, Origin, ReplyCode, Stage, parse_reply,
};

/// What an action does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Decision {
    pub(super) kind: Kind,
    pub(super) action: Action,
    pub(super) disposition: Option<Disposition>,
}

impl Decision {
    const fn refuse(action: Action) -> Self {
        Self { kind: Kind::Reject, action, disposition: Some(Disposition::Rejected) }
    }

    const fn dispose(action: Action, disposition: Disposition) -> Self {
        Self { kind: Kind::Disposal, action, disposition: Some(disposition) }
    }

    /// The decision with its action named more closely.
    pub(super) const fn by(mut self, action: Action) -> Self {
        self.action = action;
        self
    }
}

/// What an action word means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    /// Something became of the client or the message.
    Report(Decision),
    /// Nothing that we report.
    Nothing,
}

/// What `action` means; `None` when it is no action.
pub(super) fn meaning_of(action: &str) -> Option<Meaning> {
    Some(Meaning::Report(match action {
        "reject" => Decision::refuse(Action::Reject),
        "milter-reject" => Decision::refuse(Action::MilterReject),
        "proxy-reject" => Decision::refuse(Action::ProxyReject),
        "hangup" => Decision::refuse(Action::Drop),
        "reject_warning" => {
            Decision { kind: Kind::RejectWarning, action: Action::RejectWarning, disposition: None }
        }
        "hold" | "milter-hold" => Decision::dispose(Action::Hold, Disposition::Held),
        "discard" | "milter-discard" => Decision::dispose(Action::Discard, Disposition::Discarded),
        "warn" | "warning" | "info" | "filter" | "redirect" | "bcc" | "permit" | "delay"
        | "prepend" | "replace" | "strip" | "ignore" | "abort" | "proxy-accept" => {
            return Some(Meaning::Nothing);
        }
        _ => return None,
    }))
}

/// Where in the dialogue a stage word of Postfix is.
pub(super) fn stage_of(word: &str) -> Option<Stage> {
    // `DATA content` and `BDAT content`: the message's lines.
    let word = word.strip_suffix(" content").unwrap_or(word);
    Some(match word {
        "RCPT" => Stage::Rcpt,
        "MAIL" => Stage::Mail,
        "CONNECT" | "connect" => Stage::Connect,
        "HELO" | "EHLO" => Stage::Ehlo,
        "DATA" | "BDAT" => Stage::Data,
        "END-OF-MESSAGE" => Stage::EndOfData,
        "STARTTLS" | "TLS" => Stage::StartTls,
        "AUTH" => Stage::Auth,
        "VRFY" | "ETRN" | "RSET" | "NOOP" | "QUIT" | "HELP" | "XCLIENT" | "XFORWARD"
        | "UNKNOWN" => Stage::Other,
        _ => return None,
    })
}

/// Reads `STAGE from PEER: TEXT; CONTEXT` behind an action that gives an event.
#[inline]
pub(super) fn parse_access<'a>(
    decision: Decision,
    queue_id: Option<&'a str>,
    text: &'a str,
) -> Content<'a> {
    match cut_access(text) {
        Some(parts) => Content::Event(access_event(decision, queue_id, &parts)),
        None => Content::Malformed(Defect::Cut),
    }
}

/// The parts of an access line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Access<'a> {
    pub(super) stage: Option<Stage>,
    pub(super) peer: Option<Peer<'a>>,
    pub(super) words: &'a str,
    pub(super) context: Context<'a>,
}

/// Cuts `STAGE from PEER: TEXT; CONTEXT`; `None` when the line ends before TEXT.
pub(super) fn cut_access(text: &str) -> Option<Access<'_>> {
    let (stage, rest) = cut_once(text, " from ")?;
    let (rest, peer) = match peer(rest) {
        Ok((rest, peer)) => (rest, Some(peer)),
        // Anonymised: whatever stands there.
        Err(_) => (rest.get(rest.find(": ")?..)?, None),
    };
    let rest = rest.strip_prefix(": ")?;
    let (words, context) = split_context(rest);
    Some(Access { stage: stage_of(stage), peer, words, context })
}

/// The event of an access line; a refusal's reply code is the first word of its text.
pub(super) fn access_event<'a>(
    decision: Decision,
    queue_id: Option<&'a str>,
    parts: &Access<'a>,
) -> Event<'a> {
    let mut event = Event::new(decision.kind, Direction::Inbound, Origin::Ours, parts.words);
    event.action = Some(decision.action);
    event.disposition = decision.disposition;
    event.stage = parts.stage;
    event.queue_id = queue_id;
    event.client = parts.peer.map(Peer::client);
    event.sender = parts.context.sender;
    event.recipient = parts.context.recipient;
    event.helo = parts.context.helo;
    event.sasl_user = parts.context.sasl_user;
    if matches!(decision.kind, Kind::Reject | Kind::RejectWarning)
        && let Some(reply) = parse_reply(parts.words, LineBreak::Space)
    {
        event.set_reply(reply);
        if decision.action == Action::MilterReject && parts.stage == Some(Stage::Connect) {
            // The client is greeted with the code and words of smtpd's own (`554 HOST ESMTP not accepting
            // connections`); the milter's reply, its enhanced code with it, comes at later commands.
            event.enhanced = None;
        }
    } else if decision.action == Action::MilterReject {
        // The words of a milter whose code did not come with them.
        event.enhanced = EnhancedCode::parse_prefix(parts.words).map(|(code, _)| code);
    }
    event
}

/// Takes the enhanced status code at the start of a text whose reply code Postfix did not log (cleanup).
/// Only words that Postfix itself puts there fix the code; a table's or a filter's words may go with any.
pub(super) fn without_code(event: &mut Event<'_>) {
    event.code = None;
    event.enhanced = EnhancedCode::parse_prefix(event.text).map(|(code, _)| code);
    event.mixed_codes = false;
}

/// A code that we know to be valid.
pub(super) const fn implied(code: u16) -> Option<ReplyCode> {
    ReplyCode::new(code)
}

/// Reads `STAGE: REPLY; CONTEXT`: a before-queue filter's answer, which has neither queue id nor
/// client.
pub(super) fn parse_proxy_reject(text: &str) -> Content<'_> {
    let Some((stage, rest)) = cut_once(text, ": ") else {
        return Content::Malformed(Defect::Cut);
    };
    let (words, context) = split_context(rest);
    let parts = Access { stage: stage_of(stage), peer: None, words, context };
    let decision = Decision::refuse(Action::ProxyReject);
    Content::Event(access_event(decision, None, &parts))
}
