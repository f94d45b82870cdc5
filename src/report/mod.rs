//! The report: counters and knowledge, sorted, with shares, names and remedies; ready to be shown.
//!
//! [`Report`] is what both the text and the JSON are made of, so they cannot disagree. Renderers only lay out;
//! everything that counts, sorts or looks up is here. To add a section: a field of [`Report`], a function that
//! fills it, and its place in each renderer.

mod build;
mod causes;
mod collect;
mod grid;
mod incidents;
mod runs;
mod threshold;
mod usual;
pub(crate) mod warn;

#[cfg(feature = "cli")]
pub(crate) use crate::i18n::duration;
#[cfg(feature = "cli")]
pub(crate) use build::share;
pub use build::{About, build};
pub use collect::{Carried, Collected, Collector};
pub use incidents::{IncidentRow, IncidentsDocument, rows as incident_rows};
pub use runs::RunsSection;
pub use threshold::{Figure, Threshold, ThresholdRow, WrongThreshold};
pub use usual::{UsualSection, usual_section};
pub use warn::{Warning, warnings};

#[cfg(feature = "cli")]
use crate::check::finding::CheckReport;
use crate::filter::FilterTerm;
use crate::i18n::Language;
use crate::summary::DistinctCount;
use serde::Serialize;
use std::collections::BTreeMap;

/// Version of the JSON form. Fields may be added at any time; a removed or redefined field raises it.
pub const SCHEMA: u32 = 1;

/// Everything a report says.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Version of this structure.
    pub schema: u32,
    /// The program and its version.
    pub generator: String,
    /// The language of names, meanings and remedies.
    pub language: Language,
    /// The filter that was on; null when none was. What is counted below is then what it selected.
    pub filter: Option<Vec<FilterTerm>>,
    /// What was read, whatever the filter selected of it.
    pub input: InputSection,
    /// What may make the figures wrong; empty when nothing is known to.
    pub warnings: Vec<Warning>,
    /// What went wrong for a while, the most harmful first: as many as were asked for.
    pub incidents: Vec<IncidentRow>,
    /// How many incidents there are.
    pub incidents_found: usize,
    /// Of how many of the 168 hours of a week an earlier log says what is usual; null where only the log itself does.
    pub baseline_hours: Option<usize>,
    /// The runs before this one, where only what is new was read.
    pub runs: Option<RunsSection>,
    /// The limits that were set, with the values compared; empty when none was.
    pub thresholds: Vec<ThresholdRow>,
    /// Mail: messages and recipients, content filters folded in, our own notifications apart.
    pub mail: MailSection,
    /// Notifications (DSNs) that our own servers wrote.
    pub notifications: MailSection,
    /// Messages that a content filter brought back; they are part of the mail they came from.
    pub reinjected: u64,
    /// Transactions that left no message: refused, cancelled, or broken off.
    pub incomplete: u64,
    /// Messages whose end the log does not show: the queue id came again, or a week of silence.
    pub lost_track: u64,
    /// What other servers told us.
    pub outbound: DirectionSection,
    /// What we told our clients.
    pub inbound: DirectionSection,
    /// Deliveries on this machine, hand-over to content filters included.
    pub local: DirectionSection,
    /// Counts by raw line, without correlation.
    pub lines: LineSection,
    /// By day of the log's zone.
    pub per_day: BTreeMap<String, crate::summary::Counts>,
    /// By hour of the day, 0 to 23, in the log's zone.
    pub per_hour: Vec<crate::summary::Counts>,
    /// In equal steps of time.
    pub timeline: Vec<Step>,
    /// Width of a step in seconds.
    pub timeline_step: i64,
    /// The number of each step, counted in steps since 1970; steps in which nothing happened are left out.
    #[serde(skip)]
    pub timeline_numbers: Vec<i64>,
    /// Outbound attempts by receiving provider, most failures first.
    pub providers: NamesSection<AttemptsByName>,
    /// Outbound failures by receiving provider and cause.
    pub provider_causes: ProviderCauses,
    /// Attempts by the recipient's domain, most failures first.
    pub domains: NamesSection<AttemptsByName>,
    /// Attempts by relay host, most failures first.
    pub relays: NamesSection<AttemptsByName>,
    /// Refusals by client.
    pub clients: NamesSection<Named>,
    /// Trouble of our own servers.
    pub trouble: Vec<TroubleRow>,
    /// The last day beside the same days of the weeks before; null without a history, or when it has none of them.
    pub usual: Option<UsualSection>,
    /// What DNS says of the domains and hosts with trouble, where it was asked; absent otherwise.
    #[cfg(feature = "cli")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checks: Option<CheckReport>,
}

impl Report {
    /// Whether nothing at all is counted in it.
    pub fn is_empty(&self) -> bool {
        let mail = self.mail.messages + self.notifications.messages + self.incomplete;
        let lines = self.lines.attempts + self.lines.rejects + self.lines.login_failures;
        let sections = [&self.outbound, &self.inbound, &self.local];
        mail + lines == 0
            && sections.iter().all(|section| section.classes.iter().all(|row| row.lines == 0))
            && self.lines.in_passing.is_empty()
            && self.lines.other_events.is_empty()
    }
}

#[cfg(test)]
impl Report {
    /// The report on nothing.
    pub(crate) fn empty(language: Language) -> Self {
        build(
            &crate::summary::Summary::new(crate::time::Zone::utc()),
            About {
                outcome: &crate::pipeline::Outcome::default(),
                zone: crate::time::Zone::utc(),
                top: 10,
                filter: None,
                knowledge: &crate::knowledge::Knowledge::in_language(language),
                language,
            },
        )
    }
}

/// What was read.
#[derive(Debug, Default, Serialize)]
pub struct InputSection {
    /// Each source.
    pub files: Vec<FileSection>,
    /// Lines of all sources.
    pub lines: u64,
    /// Bytes of all sources.
    pub bytes: u64,
    /// Hosts that wrote lines of a mail server, with how many were used.
    pub hosts: Vec<Named>,
    /// Lines by mail server.
    pub mta: BTreeMap<String, u64>,
    /// First moment in the log, RFC 3339.
    pub first: Option<String>,
    /// Last moment in the log, RFC 3339.
    pub last: Option<String>,
    /// Seconds between them.
    pub seconds: i64,
    /// Lines by bucket; their sum is `lines`.
    pub buckets: BTreeMap<String, u64>,
    /// Bytes that were no valid UTF-8.
    pub invalid_bytes: u64,
    /// Lines cut because they were too long.
    pub cut_lines: u64,
    /// Lines whose stamp no calendar has.
    pub without_time: u64,
    /// Lines that are copies of an entry in another log.
    pub duplicates: u64,
    /// Shapes of lines that were not understood, where asked for.
    pub shapes: Vec<ShapeRow>,
}

/// One source.
#[derive(Debug, Serialize)]
pub struct FileSection {
    /// As the user named it.
    pub name: String,
    /// Lines.
    pub lines: u64,
    /// Bytes.
    pub bytes: u64,
    /// First moment, RFC 3339.
    pub first: Option<String>,
    /// Last moment, RFC 3339.
    pub last: Option<String>,
    /// Why it could not be read, or not wholly.
    pub problem: Option<String>,
}

/// A shape of lines that were not understood.
#[derive(Debug, Serialize)]
pub struct ShapeRow {
    /// The line, digits folded.
    pub shape: String,
    /// `unknown` or `malformed`.
    pub bucket: String,
    /// How many.
    pub lines: u64,
    /// The first one.
    pub file: String,
    /// Its line number.
    pub line: u64,
}

/// Messages and recipients by what became of them.
#[derive(Debug, Default, Serialize)]
pub struct MailSection {
    /// Messages.
    pub messages: u64,
    /// Their recipients.
    pub recipients: u64,
    /// By fate; only those that occur.
    pub fates: Vec<FateRow>,
    /// Recipients that were deferred and delivered later.
    pub delivered_after_deferral: u64,
    /// Recipients that were deferred at least once.
    pub ever_deferred: u64,
    /// Recipients given up after the queue lifetime (also in `fates`).
    pub after_queue_lifetime: u64,
    /// Messages whose arrival is not in the log.
    pub began_before: u64,
    /// Messages without an end in the log.
    pub without_end: u64,
    /// Bytes of the messages whose size is known.
    pub bytes: u64,
}

/// One fate.
#[derive(Debug, Serialize)]
pub struct FateRow {
    /// Stable word.
    pub fate: String,
    /// Recipients.
    pub recipients: u64,
    /// Share of all recipients, 0 to 1.
    pub share: f64,
    /// Messages with at least one such recipient.
    pub messages: u64,
}

/// One direction: by class and by code.
#[derive(Debug, Default, Serialize)]
pub struct DirectionSection {
    /// By class, `2xx` to `5xx`, `other`, and `none` for no reply (inbound: no code in the log).
    pub classes: Vec<ClassRow>,
    /// Why it failed, most lines first. Failures only.
    pub causes: Vec<CauseRow>,
    /// By code, most lines first.
    pub codes: Vec<CodeRow>,
    /// How long deliveries took, where the log tells.
    pub delays: Option<DelaySection>,
}

/// How long deliveries took, from arrival to delivery.
#[derive(Debug, Serialize)]
pub struct DelaySection {
    /// Lines about deliveries whose delay the log tells.
    pub lines: u64,
    /// By delay, shortest first, with fixed edges.
    pub buckets: Vec<DelayBucket>,
    /// Half of the deliveries took no longer than this edge, in seconds; null behind the last one.
    pub half_within: Option<u64>,
    /// 95 of 100 deliveries took no longer than this edge, in seconds; null behind the last one.
    pub most_within: Option<u64>,
}

/// Deliveries that took longer than the edge before and no longer than this one.
#[derive(Debug, Serialize)]
pub struct DelayBucket {
    /// Upper edge in seconds; null for what took longer than all.
    pub within: Option<u64>,
    /// Lines.
    pub lines: u64,
    /// Share of the deliveries, 0 to 1.
    pub share: f64,
}

/// Outbound failures by receiving provider and cause, as a grid: the rows and columns with most lines first.
#[derive(Debug, Default, Serialize)]
pub struct ProviderCauses {
    /// The columns.
    pub causes: Vec<NamedCause>,
    /// The rows.
    pub rows: Vec<ProviderRow>,
}

/// A cause, and how many outbound failures have it.
#[derive(Debug, Serialize)]
pub struct NamedCause {
    /// Stable word.
    pub cause: String,
    /// What it is called, in the language of the report.
    pub title: String,
    /// Lines.
    pub lines: u64,
}

/// Failures at one provider.
#[derive(Debug, Serialize)]
pub struct ProviderRow {
    /// The provider's name; null for receivers of whom nothing is known.
    pub provider: Option<String>,
    /// Lines.
    pub lines: u64,
    /// Lines by cause, in the order of the columns.
    pub by_cause: Vec<u64>,
}

/// One cause of failures.
#[derive(Debug, Serialize)]
pub struct CauseRow {
    /// Stable word.
    pub cause: String,
    /// What it is called, in the language of the report.
    pub title: String,
    /// What it means.
    pub meaning: String,
    /// Who must act: `sender`, `recipient`, `own-admin`, `remote-admin`, `nobody`.
    pub party: String,
    /// Lines by whether the same message can get through later.
    pub hard_lines: u64,
    /// Whether addresses with this cause may be taken off a list.
    pub suppress: bool,
    /// Lines about attempts for one recipient, or refusals.
    pub lines: u64,
    /// Lines that quote an earlier reply.
    pub repeated: u64,
    /// Different messages (inbound: of those that had a queue id).
    pub messages: u64,
    /// Different recipients of those messages.
    pub recipients: u64,
    /// Inbound: different addresses named.
    pub addresses: Option<DistinctCount>,
    /// Inbound: different clients.
    pub clients: Option<DistinctCount>,
    /// Share of the direction's failures, 0 to 1.
    pub share: f64,
    /// Sub-kinds, most first: which blocklist, which check; for `expired` the cause of the last deferral.
    pub details: Vec<DetailRow>,
    /// Who said it (inbound: to whom), most first.
    pub peers: Vec<Named>,
    /// How much each of `peers` may be short of the truth.
    pub peers_error: u64,
    /// A real line.
    pub sample: Option<SampleRow>,
    /// What each party can do, filled in from the sample.
    pub remedies: Vec<RemedyRow>,
    /// Which rules decided, most first.
    pub rules: Vec<Named>,
}

/// A sub-kind of a cause.
#[derive(Debug, Serialize)]
pub struct DetailRow {
    /// Stable word.
    pub detail: String,
    /// What it is called.
    pub name: String,
    /// Lines.
    pub lines: u64,
}

/// One thing that one party can do.
#[derive(Debug, Serialize)]
pub struct RemedyRow {
    /// Who.
    pub by: String,
    /// The sub-kind that it is for; none: it helps with any.
    pub detail: Option<String>,
    /// What.
    pub text: String,
    /// Commands.
    pub checks: Vec<String>,
}

/// One class of replies.
#[derive(Debug, Serialize)]
pub struct ClassRow {
    /// `2xx`, `3xx`, `4xx`, `5xx`, `other`, `none`.
    pub class: String,
    /// Lines about attempts or refusals.
    pub lines: u64,
    /// Replies over the wire.
    pub replies: u64,
    /// Share of the direction's lines, 0 to 1.
    pub share: f64,
}

/// One reply code with its enhanced status code.
#[derive(Debug, Serialize)]
pub struct CodeRow {
    /// The reply code; null where the line states none.
    pub code: Option<u16>,
    /// The class: first digit of the reply code, else of the enhanced status code.
    pub class: Option<u8>,
    /// The enhanced status code; of the reply, or without one Postfix's `dsn=`.
    pub enhanced: Option<String>,
    /// What there was instead of a reply.
    pub no_reply: Option<String>,
    /// The code that phrase and stage imply, where the line states none and that is certain.
    pub implied_code: Option<u16>,
    /// What the code is called.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// What to do first, filled in from the sample.
    pub remedy: String,
    /// Commands that check it, filled in from the sample.
    pub checks: Vec<String>,
    /// Which level of the knowledge base answered (`pair`, `enhanced`, `reply`, `class`).
    pub basis: String,
    /// Lines about attempts for one recipient, or refusals.
    pub lines: u64,
    /// Replies over the wire: no quotations, with those told in passing.
    pub replies: u64,
    /// Lines that quote an earlier reply.
    pub repeated: u64,
    /// Lines that tell one host's reply in passing.
    pub passing: u64,
    /// Different messages (inbound: of those that had a queue id).
    pub messages: u64,
    /// Different recipients of those messages.
    pub recipients: u64,
    /// Inbound: different addresses named.
    pub addresses: Option<DistinctCount>,
    /// Inbound: different clients.
    pub clients: Option<DistinctCount>,
    /// Share of the direction's lines, 0 to 1.
    pub share: f64,
    /// Who said it (inbound: to whom), most first.
    pub peers: Vec<Named>,
    /// How much each of `peers` may be short of the truth.
    pub peers_error: u64,
    /// A real line.
    pub sample: Option<SampleRow>,
    /// The texts, addresses and ids taken out, most first.
    pub texts: Vec<TextRow>,
    /// How many texts there are; at least, if `texts_error` is not 0.
    pub texts_total: usize,
    /// How much each of `texts` may be short of the truth.
    pub texts_error: u64,
}

/// A real line of the log.
#[derive(Clone, Debug, Serialize)]
pub struct SampleRow {
    /// The file as the user named it.
    pub file: String,
    /// Line number.
    pub line: u64,
    /// What it says.
    pub text: String,
    /// Its recipient.
    pub recipient: Option<String>,
    /// Its queue id.
    pub queue_id: Option<String>,
}

/// One text.
#[derive(Debug, Serialize)]
pub struct TextRow {
    /// With addresses, ids, times and tokens taken out.
    pub template: String,
    /// Lines.
    pub lines: u64,
    /// The first of them.
    pub sample: Option<SampleRow>,
}

/// A name and how often.
#[derive(Clone, Debug, Serialize)]
pub struct Named {
    /// The name as logged.
    pub name: String,
    /// Lines.
    pub lines: u64,
}

/// Attempts that a domain or host met.
#[derive(Debug, Serialize)]
pub struct AttemptsByName {
    /// The name.
    pub name: String,
    /// Delivered.
    pub delivered: u64,
    /// Deferred.
    pub deferred: u64,
    /// Given up.
    pub bounced: u64,
}

/// A list of names, perhaps approximate.
#[derive(Debug, Serialize)]
pub struct NamesSection<T> {
    /// The rows, most first.
    pub rows: Vec<T>,
    /// How many names were told apart.
    pub total: usize,
    /// How much each count may be short of the truth; 0 is exact.
    pub error: u64,
}

/// Counts by raw line; the README defines each.
#[derive(Debug, Default, Serialize)]
pub struct LineSection {
    /// Attempts.
    pub attempts: u64,
    /// By status: `delivered`, `deferred`, `bounced`, …
    pub attempts_by_status: BTreeMap<String, u64>,
    /// By reply code; `none` without one.
    pub attempts_by_reply_code: BTreeMap<String, u64>,
    /// By status and reply code.
    pub attempts_by_status_and_reply_code: BTreeMap<String, BTreeMap<String, u64>>,
    /// By enhanced status code: Postfix's `dsn=`, Exim's the reply's where the classes agree; `none` without.
    pub attempts_by_enhanced: BTreeMap<String, u64>,
    /// By Postfix's own `dsn=`.
    pub attempts_by_dsn: BTreeMap<String, u64>,
    /// Attempts that quote an earlier reply.
    pub repeated: u64,
    /// Attempts that handed mail to a content filter which brought it back.
    pub handed_over: u64,
    /// The mail server put it off without trying.
    pub postponed: u64,
    /// Refusals.
    pub rejects: u64,
    /// By action.
    pub rejects_by_action: BTreeMap<String, u64>,
    /// By reply code; `none` where the line states none.
    pub rejects_by_reply_code: BTreeMap<String, u64>,
    /// By enhanced status code.
    pub rejects_by_enhanced: BTreeMap<String, u64>,
    /// Replies of one host told in passing, by code.
    pub in_passing: BTreeMap<String, u64>,
    /// Failures at one host told in passing without a reply.
    pub in_passing_without_reply: u64,
    /// Clients' failed logins.
    pub login_failures: u64,
    /// Other kinds of events.
    pub other_events: BTreeMap<String, u64>,
    /// Messages that came into the queue.
    pub received: u64,
    /// By entrance.
    pub received_by: BTreeMap<String, u64>,
    /// Messages that left the queue in the ordinary way.
    pub closed: u64,
}

/// A step of the timeline.
#[derive(Debug, Serialize)]
pub struct Step {
    /// Where it begins, RFC 3339.
    pub begin: String,
    /// What happened in it.
    #[serde(flatten)]
    pub counts: crate::summary::Counts,
}

/// One kind of trouble of our own servers.
#[derive(Debug, Serialize)]
pub struct TroubleRow {
    /// `warning`, `error`, `fatal`, `panic`.
    pub severity: String,
    /// The text, ids and addresses taken out.
    pub template: String,
    /// Lines.
    pub lines: u64,
    /// The first of them.
    pub sample: Option<SampleRow>,
}
