//! The kinds of incidents, and which kind a course speaks of.
//!
//! To add a kind: a variant, what leads to it in [`kind_of`], its title in `i18n/incidents.rs` (both languages; a test
//! fails on a gap), its weight in [`Kind::weights`].

use super::theme::Theme;
use super::watch::Key;
use crate::smtp::Direction;
use crate::words::words;

words! {
    /// What kind of thing went wrong.
    Kind {
        /// A receiver (or the way to it) is out of order; our mail waits.
        ProviderOutage = "provider-outage",
        /// A receiver refuses us for our reputation or its policy.
        ProviderBlocked = "provider-blocked",
        /// A receiver takes less mail from us than we send.
        ProviderThrottling = "provider-throttling",
        /// Many receivers refuse us because a public list has our address.
        IpBlocklisted = "ip-blocklisted",
        /// Many receivers refuse us for another reason of ours: authentication, names, policy, content.
        RefusedByMany = "refused-by-many",
        /// Receivers cannot resolve a domain that we send from.
        OwnDomainUnresolvable = "own-domain-unresolvable",
        /// Our server cannot look up names.
        DnsFailure = "dns-failure",
        /// Our server cannot reach many others.
        NetworkFailure = "network-failure",
        /// Our certificate, or TLS with many others, fails.
        TlsFailure = "tls-failure",
        /// No room on our disk: we take no mail.
        DiskFull = "disk-full",
        /// Another part of our server fails: tables, filters, processes.
        OwnTrouble = "own-trouble",
        /// Mail for mailboxes on this server cannot be stored.
        LocalDeliveryFailure = "local-delivery-failure",
        /// A login sends far more than it ever does, from elsewhere or into the void: stolen.
        HijackedAccount = "hijacked-account",
        /// Much mail to addresses that do not take it: an old list.
        BounceWave = "bounce-wave",
        /// Strangers try passwords.
        PasswordGuessing = "password-guessing",
        /// Strangers try recipients.
        DictionaryAttack = "dictionary-attack",
        /// Bounces of mail that somebody sent in our name.
        Backscatter = "backscatter",
        /// A rule of ours begins to refuse ordinary mail.
        OwnRestriction = "own-restriction",
        /// A rule of ours refuses much more than usual, and ordinary mail comes as before: spam.
        RefusedWave = "refused-wave",
        /// The queue only grows.
        QueueGrowth = "queue-growth",
    }
}

/// How much a recipient or a line weighs in the harm of an incident.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weights {
    /// A recipient that never got it.
    pub(super) lost: f64,
    /// One who waits.
    pub(super) waiting: f64,
    /// One who got it late.
    pub(super) late: f64,
    /// A line, whatever became of it.
    pub(super) line: f64,
}

impl Kind {
    /// What harm is made of: a loss counts more than a delay, and attempts that we turned away hardly anything.
    pub(super) const fn weights(self) -> Weights {
        let mail = Weights { lost: 3.0, waiting: 2.0, late: 0.5, line: 0.0 };
        match self {
            Self::HijackedAccount => Weights { line: 5.0, ..mail },
            Self::DiskFull | Self::OwnRestriction | Self::OwnTrouble => {
                Weights { line: 1.0, ..mail }
            }
            Self::TlsFailure | Self::DnsFailure => Weights { line: 0.2, ..mail },
            Self::BounceWave => Weights { lost: 1.0, waiting: 0.5, late: 0.2, line: 0.0 },
            Self::PasswordGuessing | Self::DictionaryAttack | Self::RefusedWave => {
                Weights { lost: 0.0, waiting: 0.0, late: 0.0, line: 0.02 }
            }
            Self::Backscatter => Weights { lost: 0.0, waiting: 0.0, late: 0.0, line: 0.05 },
            _ => mail,
        }
    }

    /// Fewer events than this are a handful.
    pub(super) const fn floor(self) -> u32 {
        match self {
            Self::PasswordGuessing | Self::DictionaryAttack => 60,
            Self::Backscatter | Self::OwnRestriction | Self::RefusedWave => 40,
            Self::HijackedAccount | Self::BounceWave => 30,
            Self::OwnTrouble | Self::TlsFailure | Self::DiskFull => 12,
            _ => 10,
        }
    }
}

/// What a course speaks of when it stands out; `None` when that is nobody's trouble. `cause` is that of its row.
pub(super) fn kind_of(key: Key, cause: Option<(Direction, &str)>, detail: &str) -> Option<Kind> {
    match key {
        Key::Peer { .. } => match cause? {
            (Direction::Local, cause) => of_local(cause),
            (_, cause) => of_peer(cause),
        },
        Key::Everywhere { .. } => of_all(cause?.1, detail),
        Key::Refusal { bounce, .. } => of_refusal(cause?.1, detail, bounce),
        Key::User { .. } => Some(Kind::HijackedAccount),
        Key::Bounces => Some(Kind::Backscatter),
        Key::Traffic { .. } => None,
        Key::Trouble { theme } => Some(match theme {
            Theme::Disk => Kind::DiskFull,
            Theme::Dns => Kind::DnsFailure,
            Theme::Certificate => Kind::TlsFailure,
            Theme::Lookup | Theme::Filter | Theme::Resources | Theme::Crash => Kind::OwnTrouble,
        }),
    }
}

fn of_peer(cause: &str) -> Option<Kind> {
    Some(match cause {
        "remote-error" | "connection-failed" | "dns-failure" | "tls-failed" | "protocol-error" => {
            Kind::ProviderOutage
        }
        "rate-limited" => Kind::ProviderThrottling,
        "greylisted"
        | "expired"
        | "message-too-big"
        | "mail-loop"
        | "own-system-error"
        | "local-delivery-failed" => return None,
        _ if is_about_the_recipient(cause) => Kind::BounceWave,
        _ => Kind::ProviderBlocked,
    })
}

fn of_all(cause: &str, detail: &str) -> Option<Kind> {
    Some(match cause {
        "dns-failure" => Kind::DnsFailure,
        "connection-failed" => Kind::NetworkFailure,
        "tls-failed" => Kind::TlsFailure,
        "ip-blocklisted" => Kind::IpBlocklisted,
        "sender-rejected" if matches!(detail, "no-such-domain" | "null-mx") => {
            Kind::OwnDomainUnresolvable
        }
        "own-system-error" => Kind::OwnTrouble,
        "greylisted"
        | "expired"
        | "remote-error"
        | "message-too-big"
        | "mail-loop"
        | "local-delivery-failed" => return None,
        _ if is_about_the_recipient(cause) => Kind::BounceWave,
        _ => Kind::RefusedByMany,
    })
}

fn of_local(cause: &str) -> Option<Kind> {
    match cause {
        "local-delivery-failed" | "own-system-error" | "remote-error" | "connection-failed" => {
            Some(Kind::LocalDeliveryFailure)
        }
        _ => None,
    }
}

fn of_refusal(cause: &str, detail: &str, bounce: bool) -> Option<Kind> {
    Some(match cause {
        // It refuses ordinary mail on purpose.
        "greylisted" => return None,
        "smtp-auth-failed" => Kind::PasswordGuessing,
        "recipient-unknown" if bounce => Kind::Backscatter,
        "recipient-unknown" => Kind::DictionaryAttack,
        "own-system-error" if detail == "disk" => Kind::DiskFull,
        "own-system-error" => Kind::OwnTrouble,
        // Whether ordinary mail suffers is seen from what we accept at the same time.
        _ => Kind::OwnRestriction,
    })
}

fn is_about_the_recipient(cause: &str) -> bool {
    cause.starts_with("recipient-") || matches!(cause, "mailbox-full" | "domain-accepts-no-mail")
}
