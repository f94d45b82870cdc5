//! What is still in the queue when the log ends, as far as the log tells.
//!
//! ```text
//! records ─► Collector (correlate; a small table by open message) ─► finish ─► Queue ─► render: text, JSON, CSV
//! ```
//!
//! It lists what the log knows, which is not what the server has: a message of before the log that no line names is
//! not seen, one that nothing was heard of for a week is given up ([`Queue::lost_track`]), and what was done by hand
//! since is unknown. So each row names the command that confirms it. To show another fact of a message: a field of
//! [`MessageRow`], filled in `collect.rs`.
//!
//! Memory: what the correlator needs for an open message, and beside it at most [`PER_MESSAGE`] bytes a message
//! and [`PER_RECIPIENT`] bytes for each recipient but the first; names longer than 24 bytes and the texts of replies
//! (at most [`Failure::TEXT`] bytes) come on top, a text that many were told one after the other once. A million
//! messages with a recipient each take some 350 MB, and 610 MB where each was told something else. The rows that are
//! shown and the tables by name are bounded by themselves.

mod collect;
mod next;
mod open;

pub use collect::{Collector, Ending};
pub use next::{Backoff, Next};
pub use open::{PER_MESSAGE, PER_RECIPIENT};

use crate::filter::FilterTerm;
use crate::report::warn::Warning;
use serde::Serialize;

/// Version of the JSON form. Fields may be added at any time; a removed or redefined field raises it.
pub const SCHEMA: u32 = 1;

/// The queue at the end of a log.
#[derive(Debug, Serialize)]
pub struct Queue {
    /// Version of this structure.
    pub schema: u32,
    /// The program and its version.
    pub generator: String,
    /// The filter that was on; null when none was. What is told is then what it selected.
    pub filter: Option<Vec<FilterTerm>>,
    /// What of the log could not be read, is missing or may be counted wrongly.
    pub warnings: Vec<Warning>,
    /// The last moment of the log, RFC 3339: ages are counted up to it.
    pub as_of: Option<String>,
    /// Messages with a recipient that is still to be served, or whose recipients no line tells.
    pub messages: u64,
    /// Those recipients.
    pub recipients: u64,
    /// Bytes of the messages whose size is known.
    pub bytes: u64,
    /// Messages that are on hold or frozen.
    pub held: u64,
    /// Recipients that no attempt in the log names.
    pub untried: u64,
    /// Recipients of notifications (DSNs) that our own servers wrote.
    pub notifications: u64,
    /// Messages that nothing was heard of for a week, or whose queue id came again: not listed.
    pub lost_track: u64,
    /// The oldest messages, oldest first.
    pub oldest: Vec<MessageRow>,
    /// By the recipient's domain, most recipients first.
    pub domains: GroupSection,
    /// By the receiving provider, where the log tells it.
    pub providers: GroupSection,
    /// By the cause of the last failure; `null` has those that were not tried yet.
    pub causes: Vec<CauseRow>,
    /// How the next attempt of Postfix was estimated.
    pub backoff: Backoff,
    /// Commands that show the queue itself.
    pub checks: Vec<String>,
}

/// A message in the queue.
#[derive(Clone, Debug, Serialize)]
pub struct MessageRow {
    /// The host that has it; `null` where the log names none.
    pub host: Option<String>,
    /// The mail server.
    pub mta: Option<&'static str>,
    /// Queue id.
    pub queue_id: String,
    /// Envelope sender; empty for the null sender, `null` where the log does not tell.
    pub sender: Option<String>,
    /// Bytes.
    pub size: Option<u64>,
    /// When it came in, RFC 3339; where the log does not tell, when it was first seen.
    pub since: Option<String>,
    /// `since` is the arrival, not the first sight of it: otherwise it is at least so old.
    pub arrival_known: bool,
    /// Seconds from `since` to the end of the log.
    pub age: Option<i64>,
    /// On hold or frozen.
    pub held: bool,
    /// A notification of our own server.
    pub notification: bool,
    /// Those who wait for it, in the order of their first attempts; empty where no line tells them; at most [`MessageRow::RECIPIENTS`].
    pub recipients: Vec<RecipientRow>,
    /// Those who wait beside them.
    pub recipients_left_out: u64,
    /// Those whom no attempt names.
    pub untried: u64,
    /// When the server tries again.
    pub next: Next,
    /// The command that shows this message.
    pub check: Option<String>,
}

impl MessageRow {
    /// Most recipients shown of one message.
    pub const RECIPIENTS: usize = 20;
}

/// A recipient who waits.
#[derive(Clone, Debug, Serialize)]
pub struct RecipientRow {
    /// The address as logged.
    pub address: String,
    /// Attempts in the log; quotations of an earlier reply are none.
    pub tries: u32,
    /// When the last one was, RFC 3339.
    pub last_try: Option<String>,
    /// Why the last one failed; `null` when none did.
    pub failure: Option<Failure>,
}

/// Why an attempt failed.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// The cause's stable word.
    pub cause: &'static str,
    /// Its name in the language asked for.
    pub title: String,
    /// Whose move it is.
    pub party: Option<&'static str>,
    /// The reply code.
    pub code: Option<u16>,
    /// The enhanced status code of the reply.
    pub enhanced: Option<String>,
    /// The reply, or the log's words, cut to [`Failure::TEXT`] bytes.
    pub text: String,
    /// The file of that line.
    pub file: String,
    /// Its number.
    pub line: u64,
}

impl Failure {
    /// Longest text kept of a reply, in bytes.
    pub const TEXT: usize = 160;
}

/// Names with what waits for them.
#[derive(Debug, Default, Serialize)]
pub struct GroupSection {
    /// Most recipients first.
    pub rows: Vec<GroupRow>,
    /// How many names were told apart.
    pub total: usize,
    /// How much each count may be short of the truth; 0 is exact.
    pub error: u64,
}

/// What waits for one domain or provider.
#[derive(Debug, Serialize)]
pub struct GroupRow {
    /// The name; `null` where it is not known.
    pub name: Option<String>,
    /// Recipients.
    pub recipients: u64,
    /// Messages with such a recipient.
    pub messages: u64,
    /// Age of the oldest of them in seconds.
    pub oldest: Option<i64>,
    /// The cause that most of them last failed with.
    pub cause: Option<&'static str>,
    /// Its name in the language asked for.
    pub title: Option<String>,
}

/// What waits because of one cause.
#[derive(Debug, Serialize)]
pub struct CauseRow {
    /// The cause's stable word; `null`: not tried yet.
    pub cause: Option<&'static str>,
    /// Its name in the language asked for.
    pub title: Option<String>,
    /// Whose move it is.
    pub party: Option<&'static str>,
    /// Recipients.
    pub recipients: u64,
    /// Messages with such a recipient.
    pub messages: u64,
    /// Age of the oldest of them in seconds.
    pub oldest: Option<i64>,
}
