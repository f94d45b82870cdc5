//! What each cause implies: whose move, whether the queue can help, whether sending again does.

use crate::knowledge::rule::CauseId;
use crate::knowledge::{Party, Retry};
use crate::smtp::{Direction, Origin};
use crate::words::words;

words! {
    /// Whether a cause is final.
    Hardness {
        /// The same message to the same address will not get through, whatever the code says.
        Hard = "hard",
        /// It may get through later, whatever the code says.
        Soft = "soft",
        /// The class of the reply decides.
        ByClass = "by-class",
    }
}

/// The facts of a cause.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Its slug.
    pub cause: CauseId,
    /// Who can act, first first, when another server said it.
    pub parties: &'static [Party],
    /// Whether it is final.
    pub hard: Hardness,
    /// Whether sending again helps.
    pub retry: Retry,
}

const fn facts(
    slug: &'static str,
    parties: &'static [Party],
    hard: Hardness,
    retry: Retry,
) -> Facts {
    Facts { cause: CauseId::new(slug), parties, hard, retry }
}

use Hardness::{ByClass, Hard, Soft};
use Party::{Nobody, OwnAdmin, Recipient, RemoteAdmin, Sender};

/// Every cause.
pub const CAUSES: &[Facts] = &[
    facts("recipient-unknown", &[Sender], Hard, Retry::No),
    facts("recipient-moved", &[Sender], Hard, Retry::No),
    facts("recipient-disabled", &[Sender, Recipient], ByClass, Retry::No),
    facts("mailbox-full", &[Recipient], Soft, Retry::Wait),
    facts("recipient-refuses", &[Recipient], Hard, Retry::No),
    facts("recipient-domain-missing", &[Sender], Hard, Retry::No),
    facts("domain-accepts-no-mail", &[Sender], Hard, Retry::No),
    facts("auth-failed", &[OwnAdmin], ByClass, Retry::AfterRepair),
    facts("missing-ptr", &[OwnAdmin], ByClass, Retry::AfterRepair),
    facts("bad-helo", &[OwnAdmin], Hard, Retry::AfterRepair),
    facts("sender-rejected", &[Sender, OwnAdmin], ByClass, Retry::AfterRepair),
    facts("ip-blocklisted", &[OwnAdmin], ByClass, Retry::AfterRepair),
    facts("provider-blocked", &[OwnAdmin], ByClass, Retry::Slower),
    facts("domain-blocklisted", &[Sender, OwnAdmin], Hard, Retry::AfterRepair),
    facts("spam-content", &[Sender], Hard, Retry::AfterRepair),
    facts("virus-or-attachment", &[Sender], Hard, Retry::AfterRepair),
    facts("malformed-message", &[Sender, OwnAdmin], Hard, Retry::AfterRepair),
    facts("message-too-big", &[Sender], Hard, Retry::No),
    facts("policy-refused", &[RemoteAdmin], ByClass, Retry::ReadText),
    facts("rate-limited", &[OwnAdmin, Nobody], Soft, Retry::Slower),
    facts("greylisted", &[Nobody], Soft, Retry::Wait),
    facts("relay-denied", &[OwnAdmin], Hard, Retry::AfterRepair),
    facts("smtp-auth-failed", &[OwnAdmin], ByClass, Retry::AfterRepair),
    facts("tls-failed", &[OwnAdmin, RemoteAdmin], ByClass, Retry::AfterRepair),
    facts("dns-failure", &[Nobody, OwnAdmin], Soft, Retry::Wait),
    facts("connection-failed", &[RemoteAdmin, OwnAdmin], Soft, Retry::Wait),
    facts("remote-error", &[RemoteAdmin], Soft, Retry::Wait),
    facts("mail-loop", &[OwnAdmin, RemoteAdmin], Hard, Retry::AfterRepair),
    facts("expired", &[OwnAdmin], Hard, Retry::No),
    facts("protocol-error", &[OwnAdmin], Hard, Retry::AfterRepair),
    facts("own-system-error", &[OwnAdmin], Soft, Retry::Wait),
    facts("local-delivery-failed", &[OwnAdmin], ByClass, Retry::AfterRepair),
    facts("unknown", &[RemoteAdmin], ByClass, Retry::ReadText),
];

/// The facts of a cause; those of `unknown` for a cause that nobody described.
pub fn facts_of(cause: CauseId) -> &'static Facts {
    const NONE: &Facts = &facts("unknown", &[RemoteAdmin], ByClass, Retry::ReadText);
    CAUSES.iter().find(|facts| facts.cause == cause).unwrap_or(NONE)
}

/// Who can act first, seen from who spoke.
///
/// The facts are written for replies that others gave us. When we refuse a client, our administrator's part
/// of a cause on the sending side is played by the client's, except where the fault is in this host.
pub(super) fn party_of(facts: &Facts, direction: Direction, origin: Origin) -> Party {
    let first = facts.parties.first().copied().unwrap_or(RemoteAdmin);
    if direction != Direction::Inbound || origin == Origin::Remote {
        return first;
    }
    match (facts.cause.slug(), first) {
        ("own-system-error" | "local-delivery-failed" | "mail-loop", _) => OwnAdmin,
        // Our own policy, and what nobody can name, is ours to read.
        ("policy-refused" | "unknown", _) => OwnAdmin,
        ("recipient-unknown" | "recipient-moved" | "recipient-disabled", _) => first,
        (_, OwnAdmin | Sender) => RemoteAdmin,
        (_, party) => party,
    }
}
