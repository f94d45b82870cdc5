//! Who sends and who receives, and how well that works: the same counts by sending domain, login, client, receiving
//! domain and provider.
//!
//! ```text
//! records ─► Collector (correlate; a small table by open message) ─► groups by name ─► build: Audit ─► render
//! ```
//!
//! A recipient is counted once in each view, when its message ends or the log does, so the sums of a view are the
//! totals, and the totals are those of the report. What a content filter brought back counts for where it came from
//! first. To add a view: a variant of [`View`], its key in `collect.rs`, its title in the labels. To add a figure: a
//! field of `Group` and [`Figures`].
//!
//! Memory: each view tells [`NAMES`] names apart exactly, and then the larger ones ([`Section::error`]); a name costs
//! some 300 bytes and at most 4 kB. An open message costs its need in the correlator, and [`PER_MESSAGE`] and
//! [`PER_RECIPIENT`] bytes here.

mod build;
mod collect;
mod group;
mod histogram;
mod open;

pub use build::Wanted;
pub use collect::{Collector, NAMES};
pub use histogram::Histogram;
pub use open::{PER_MESSAGE, PER_RECIPIENT};

use crate::filter::FilterTerm;
use crate::report::warn::Warning;
use crate::words::words;
use serde::Serialize;
use std::collections::BTreeMap;

/// Version of the JSON form. Fields may be added at any time; a removed or redefined field raises it.
pub const SCHEMA: u32 = 1;

words! {
    /// What names stand for.
    View {
        /// Domains of envelope senders.
        SenderDomain = "sender-domain",
        /// Logins.
        User = "user",
        /// Addresses of clients.
        Client = "client",
        /// Domains of recipients.
        RecipientDomain = "recipient-domain",
        /// Who receives.
        Provider = "provider",
    }
}

/// The audit.
#[derive(Debug, Serialize)]
pub struct Audit {
    /// Version of this structure.
    pub schema: u32,
    /// The program and its version.
    pub generator: String,
    /// The filter that was on; null when none was. What is told is then what it selected.
    pub filter: Option<Vec<FilterTerm>>,
    /// What of the log could not be read, is missing or may be counted wrongly.
    pub warnings: Vec<Warning>,
    /// First moment of the log, RFC 3339.
    pub first: Option<String>,
    /// Last moment of the log, RFC 3339.
    pub last: Option<String>,
    /// All mail, our own notifications apart.
    pub total: Figures,
    /// Delays of all accepted mail, part by part.
    pub delays: DelayParts,
    /// Notifications (DSNs) that our own servers wrote.
    pub notifications: Figures,
    /// The views asked for.
    pub sections: Vec<Section>,
    /// Who sent most mail that was accepted: a hijacked account succeeds before it fails.
    pub busiest: Vec<Busiest>,
}

/// One view.
#[derive(Debug, Serialize)]
pub struct Section {
    /// What the names stand for.
    pub by: View,
    /// Worst first: by how many recipients more were given up or still wait than the share of all mail would have.
    pub rows: Vec<Row>,
    /// How many names were told apart.
    pub names: usize,
    /// Those with fewer recipients than asked for.
    pub too_small: usize,
    /// By how many recipients and messages together a row may be short of the truth; 0 is exact.
    pub error: u64,
    /// Recipients of all other names, so that the sums are the totals.
    pub others: u64,
}

/// One name.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The name in lower case; `<>` is the null sender, `local` delivery on this machine; `null` where there is none:
    /// no login, no client (submitted on this machine), a provider nobody knows, a recipient not tried yet.
    pub name: Option<String>,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// What is counted of a name. Recipients, unless said otherwise.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Figures {
    /// Messages; in views by recipient those with at least one such recipient.
    pub messages: u64,
    /// Bytes of those messages, each once, where the size is known.
    pub bytes: u64,
    /// Recipients.
    pub recipients: u64,
    /// Accepted by the next server or stored.
    pub accepted: u64,
    /// Accepted after they had been deferred at least once.
    pub accepted_late: u64,
    /// Deferred at least once, whatever came of it.
    pub ever_deferred: u64,
    /// Given up, with a cause that does not pass and is not `blocked`.
    pub hard_bounced: u64,
    /// Given up, with a cause that may pass, or after the queue lifetime.
    pub soft_bounced: u64,
    /// Given up because of our reputation: `ip-blocklisted`, `provider-blocked`, `domain-blocklisted`; for an expired
    /// message the cause that it last failed with.
    pub blocked: u64,
    /// Still in the queue.
    pub queued: u64,
    /// On hold, frozen, thrown away, removed by hand, or lost sight of.
    pub other: u64,
    /// By fate, as the report has them.
    pub fates: BTreeMap<&'static str, u64>,
    /// Given up ÷ (given up + accepted), 0 to 1.
    pub bounce_rate: f64,
    /// Delay of accepted recipients, arrival to acceptance.
    pub delay: Delay,
    /// Accepted by other servers where the log tells whether TLS was used.
    pub tls_known: u64,
    /// Those with TLS.
    pub tls: u64,
}

/// A distribution of delays in seconds, each figure right within 3.2 % or half a millisecond.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Delay {
    /// Recipients whose delay the log tells.
    pub known: u64,
    /// Half of them were faster.
    pub median: Option<f64>,
    /// 95 % of them were faster.
    pub p95: Option<f64>,
    /// Share of all delay that was before the queue manager had it, 0 to 1, with the time in a content filter; `null`
    /// where the log does not tell the parts.
    pub before_queue: Option<f64>,
    /// Share that was in the queue (for Exim all that is not sending).
    pub in_queue: Option<f64>,
    /// Share that was connecting: DNS, connection, greeting, TLS. Exim has it in `sending`.
    pub connecting: Option<f64>,
    /// Share that was sending the message.
    pub sending: Option<f64>,
}

/// Each part as a distribution of its own, in seconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct DelayParts {
    /// Accepted recipients whose parts the log tells.
    pub known: u64,
    /// Before the queue.
    pub before_queue: Quantiles,
    /// In the queue.
    pub in_queue: Quantiles,
    /// Connecting.
    pub connecting: Quantiles,
    /// Sending.
    pub sending: Quantiles,
}

/// Two points of a distribution.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Quantiles {
    /// Half lies below.
    pub median: Option<f64>,
    /// 95 % lie below.
    pub p95: Option<f64>,
}

/// Names by accepted recipients, most first.
#[derive(Debug, Serialize)]
pub struct Busiest {
    /// `sender` (the whole address), `user` or `client`.
    pub of: &'static str,
    /// Most first.
    pub rows: Vec<BusiestRow>,
    /// How many names were told apart.
    pub names: usize,
    /// By how many recipients and messages together a row may be short of the truth; 0 is exact.
    pub error: u64,
}

/// One of them.
#[derive(Debug, Serialize)]
pub struct BusiestRow {
    /// The name; `<>` is the null sender.
    pub name: String,
    /// Messages.
    pub messages: u64,
    /// Recipients.
    pub recipients: u64,
    /// Accepted ones.
    pub accepted: u64,
}
