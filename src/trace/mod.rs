//! Where is my mail: each message's story in order, across queue ids, content filters, retries and notifications.
//!
//! ```text
//! Key, filter ─► passes: which queue ids ─► teller: their lines ─► family: what belongs together, how it ended
//! ```
//!
//! The log is read two or three times at most. The first pass searches bytes for the key and parses only the
//! lines that have it; it finds queue ids, and those that these lines name (what a content filter made of the
//! message, notifications). The next pass searches for all of them. A queue id without kin is told at once, by
//! one pass. Nothing is told that the log does not prove; what is missing is said ([`Missing`]).
//!
//! Memory is bounded whatever the log: [`Trace::MOST_IDS`] queue ids, [`Trace::MOST_STEPS`] lines, 1000 lines and
//! recipients of each message; what is left out is counted.

mod family;
mod key;
mod passes;
mod story;
mod teller;

pub use key::{Key, KeyKind};
pub use passes::{Query, Rewrite, trace};

use crate::correlate::Fate;
use crate::event::{Entrance, Mta};
use crate::filter::FilterTerm;
use crate::record::Location;
use crate::smtp::{EnhancedCode, ReplyCode};
use crate::time::Time;
use crate::words::words;
use compact_str::CompactString;

/// What was found.
#[derive(Debug, Default)]
pub struct Trace {
    /// What was looked for; `None` when only a filter says it.
    pub key: Option<String>,
    /// The filter that was on.
    pub filter: Vec<FilterTerm>,
    /// The sources as named.
    pub files: Vec<String>,
    /// The first moment of the log.
    pub first: Option<Time>,
    /// The last moment of the log.
    pub last: Option<Time>,
    /// How often the log was read.
    pub passes: u32,
    /// The messages, oldest first; the newest ones when there are too many.
    pub messages: Vec<Message>,
    /// How many messages were found.
    pub found: u64,
    /// There are more: so many queue ids have the key that the oldest were given up.
    pub at_least: bool,
    /// Refusals of clients before there was a queue id, and failed logins, oldest first; the newest ones when
    /// there are too many.
    pub refusals: Vec<Step>,
    /// How many such lines were found.
    pub refusals_found: u64,
    /// Queue ids that are named in the last lines read and were not followed any more.
    pub not_followed: Vec<String>,
}

impl Trace {
    /// Queue ids that are followed at most.
    pub const MOST_IDS: usize = 10_000;
    /// Lines that are kept at most, over all messages.
    pub const MOST_STEPS: usize = 200_000;
    /// Lines and recipients of one message that are kept at most.
    pub const MOST_OF_ONE: usize = 1_000;
    /// Longest text that is kept of a line, in bytes.
    pub const LONGEST: usize = 2_000;
    /// Times that the log is read at most.
    pub const MOST_PASSES: u32 = 4;
}

/// A message with all that became of it under other queue ids.
#[derive(Debug, Default)]
pub struct Message {
    /// Its queue ids, that of its arrival first; those of notifications about it are not among them.
    pub queue_ids: Vec<String>,
    /// The host and mail server of its first line.
    pub host: Option<String>,
    /// The mail server.
    pub mta: Option<Mta>,
    /// In which of its facts the key was found.
    pub found_by: Vec<KeyKind>,
    /// It is a notification itself (and what it is about is not in the log).
    pub notification: bool,
    /// How it came in; `None` when its arrival is not in the log.
    pub entrance: Option<Entrance>,
    /// Envelope sender, empty for the null sender.
    pub sender: Option<String>,
    /// The Message-ID header.
    pub message_id: Option<String>,
    /// Bytes.
    pub size: Option<u64>,
    /// The login that submitted it.
    pub user: Option<String>,
    /// The client that brought it.
    pub client_name: Option<String>,
    /// Its address.
    pub client_address: Option<String>,
    /// When it arrived; `None` when its arrival is not in the log.
    pub arrived: Option<Time>,
    /// What became of each recipient, in the order of their first lines.
    pub recipients: Vec<Recipient>,
    /// Further recipients, too many to be kept.
    pub recipients_left_out: u64,
    /// Recipients that the log counts and never names.
    pub recipients_untried: u64,
    /// All lines about it, in the order of the log.
    pub steps: Vec<Step>,
    /// Further lines, too many to be kept.
    pub steps_left_out: u64,
    /// Notifications about it.
    pub notifications: Vec<Notice>,
    /// What the log does not say.
    pub missing: Vec<Missing>,
}

/// What became of one recipient.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipient {
    /// The address delivered to, as first logged.
    pub address: String,
    /// The address before aliases, where it differs.
    pub original: Option<String>,
    /// Where it stands at the end of the log.
    pub fate: Fate,
    /// Attempts.
    pub tries: u32,
    /// The first attempt.
    pub first: Option<Time>,
    /// The last one.
    pub last: Option<Time>,
    /// Index into the steps of the line that decided.
    pub decided_by: Option<usize>,
}

/// A notification about a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Its queue id.
    pub queue_id: String,
    /// What it tells: a slug of [`crate::event::Notification`]; `None` when the log does not say.
    pub what: Option<&'static str>,
    /// To whom, and what became of it.
    pub recipients: Vec<Recipient>,
}

words! {
    /// What a line says of a message.
    StepKind {
        /// It arrived (Postfix: a transaction began).
        Arrived = "arrived",
        /// Its Message-ID.
        MessageId = "message-id",
        /// It entered the active queue.
        Queued = "queued",
        /// Delivered.
        Delivered = "delivered",
        /// Given to a content filter, which brought it back under another queue id.
        HandedOver = "handed-over",
        /// Kept to be tried again.
        Deferred = "deferred",
        /// Given up.
        Bounced = "bounced",
        /// Given up because the queue lifetime ended.
        Expired = "expired",
        /// Tried, with an outcome that nobody knows.
        Tried = "tried",
        /// Not tried: its retry time is not reached, or the destination is put off.
        Postponed = "postponed",
        /// One host's reply, told in passing.
        HostReply = "host-reply",
        /// We refused a client.
        Rejected = "rejected",
        /// We would have refused a client.
        Warned = "warned",
        /// A client's login failed.
        LoginFailed = "login-failed",
        /// Another event of a client's session.
        Session = "session",
        /// An address probe.
        Probe = "probe",
        /// Thrown away.
        Discarded = "discarded",
        /// Put aside.
        Held = "held",
        /// Released.
        Released = "released",
        /// A notification about it was written.
        Notified = "notified",
        /// It left the queue: all recipients done.
        Done = "done",
        /// An administrator removed it.
        Removed = "removed",
        /// The transaction left no message.
        Cancelled = "cancelled",
    }
}

words! {
    /// What the log does not say of a message.
    Missing {
        /// Its arrival.
        Arrival = "arrival",
        /// What a content filter made of it.
        FilteredMessage = "filtered-message",
        /// The notification that was written about it.
        Notification = "notification",
        /// Its end: it is still in the queue when the log ends.
        StillQueued = "still-queued",
        /// Its end: its queue id began another message.
        IdUsedAgain = "id-used-again",
        /// Its end: nothing was heard of it for a week.
        Silent = "silent",
        /// What happened to a recipient before the message left the queue.
        Outcome = "outcome",
    }
}

/// One line of a story.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Where it stands.
    pub at: Location,
    /// When.
    pub time: Option<Time>,
    /// Who wrote it.
    pub host: Option<CompactString>,
    /// Its queue id.
    pub queue_id: Option<CompactString>,
    /// What it says.
    pub what: StepKind,
    /// How often.
    pub count: u32,
    /// Envelope sender, where the line says it.
    pub sender: Option<String>,
    /// Envelope recipient.
    pub recipient: Option<String>,
    /// The next hop, its name or address.
    pub relay: Option<String>,
    /// The client, its name and address.
    pub client: Option<String>,
    /// Another queue id that the line names: of the filtered message, of the notification.
    pub names: Option<CompactString>,
    /// What a notification tells.
    pub notification: Option<&'static str>,
    /// The reply code.
    pub code: Option<ReplyCode>,
    /// The enhanced status code of the reply, else Postfix's `dsn=`.
    pub enhanced: Option<EnhancedCode>,
    /// The cause of a failure.
    pub cause: Option<&'static str>,
    /// Its sub-kind.
    pub detail: Option<CompactString>,
    /// Whose move it is.
    pub party: Option<&'static str>,
    /// The same message cannot get through.
    pub hard: bool,
    /// The reply, or the words of the log.
    pub text: Option<String>,
    /// The raw line, where asked for.
    pub raw: Option<String>,
}
