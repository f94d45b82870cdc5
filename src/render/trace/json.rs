//! Stories as JSON: one document, or one object a line for each message and refusal.
//!
//! The fields are those of [`crate::trace`], slugs and times in UTC (RFC 3339), the same in every language but for
//! `title`. A field may be added at any time; to rename or remove one raises [`SCHEMA`].

use super::Telling;
use crate::render::json::{write_line, write_pretty};
use crate::smtp::ReplyCode;
use crate::time::Time;
use crate::trace::{Message, Recipient, Step};
use serde::Serialize;
use std::io::{self, Write};

/// Version of the fields.
pub const SCHEMA: u32 = 1;

/// The whole document.
#[derive(Serialize)]
#[expect(missing_docs, reason = "each field is that of `Trace`")]
pub struct TraceJson<'a> {
    pub schema: u32,
    pub generator: String,
    pub key: Option<&'a str>,
    pub filter: &'a [crate::filter::FilterTerm],
    pub files: &'a [String],
    pub first: Option<String>,
    pub last: Option<String>,
    pub passes: u32,
    pub found: u64,
    pub at_least: bool,
    pub messages: Vec<MessageJson<'a>>,
    pub refusals_found: u64,
    pub refusals: Vec<StepJson<'a>>,
    pub not_followed: &'a [String],
}

#[derive(Serialize)]
pub struct MessageJson<'a> {
    queue_ids: &'a [String],
    host: Option<&'a str>,
    mta: Option<crate::event::Mta>,
    found_by: &'a [crate::trace::KeyKind],
    notification: bool,
    entrance: Option<crate::event::Entrance>,
    sender: Option<&'a str>,
    message_id: Option<&'a str>,
    size: Option<u64>,
    user: Option<&'a str>,
    client_name: Option<&'a str>,
    client_address: Option<&'a str>,
    arrived: Option<String>,
    recipients: Vec<RecipientJson<'a>>,
    recipients_left_out: u64,
    recipients_untried: u64,
    notifications: Vec<NoticeJson<'a>>,
    missing: &'a [crate::trace::Missing],
    steps: Vec<StepJson<'a>>,
    steps_left_out: u64,
}

#[derive(Serialize)]
struct RecipientJson<'a> {
    address: &'a str,
    original: Option<&'a str>,
    fate: crate::correlate::Fate,
    tries: u32,
    first_try: Option<String>,
    last_try: Option<String>,
    /// Seconds from the arrival to the last attempt.
    after: Option<f64>,
    /// Index into the steps.
    decided_by: Option<usize>,
    cause: Option<&'a str>,
    title: Option<&'a str>,
    party: Option<&'a str>,
    reply: Option<&'a str>,
}

#[derive(Serialize)]
struct NoticeJson<'a> {
    queue_id: &'a str,
    what: Option<&'a str>,
    recipients: Vec<RecipientJson<'a>>,
}

#[derive(Serialize)]
pub struct StepJson<'a> {
    file: &'a str,
    line: u64,
    time: Option<String>,
    /// Seconds since the step before.
    wait: Option<f64>,
    host: Option<&'a str>,
    queue_id: Option<&'a str>,
    what: crate::trace::StepKind,
    count: u32,
    sender: Option<&'a str>,
    recipient: Option<&'a str>,
    relay: Option<&'a str>,
    client: Option<&'a str>,
    names: Option<&'a str>,
    notification: Option<&'a str>,
    code: Option<u16>,
    enhanced: Option<String>,
    cause: Option<&'a str>,
    detail: Option<&'a str>,
    title: Option<&'a str>,
    party: Option<&'a str>,
    hard: bool,
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'a str>,
}

/// Writes one document.
///
/// # Errors
/// What the writer says.
pub fn write_json(out: &mut dyn Write, telling: Telling<'_>) -> io::Result<()> {
    let trace = telling.trace;
    write_pretty(
        out,
        &TraceJson {
            schema: SCHEMA,
            generator: format!("mailwhy {}", env!("CARGO_PKG_VERSION")),
            key: trace.key.as_deref(),
            filter: &trace.filter,
            files: &trace.files,
            first: shown(trace.first),
            last: shown(trace.last),
            passes: trace.passes,
            found: trace.found,
            at_least: trace.at_least,
            messages: trace.messages.iter().map(|message| message_json(telling, message)).collect(),
            refusals_found: trace.refusals_found,
            refusals: steps(telling, &trace.refusals),
            not_followed: &trace.not_followed,
        },
    )
}

/// Writes each message on a line, `"type":"message"`, and each refusal, `"type":"refusal"`.
///
/// # Errors
/// What the writer says.
pub fn write_ndjson(out: &mut dyn Write, telling: Telling<'_>) -> io::Result<()> {
    #[derive(Serialize)]
    struct Typed<T> {
        schema: u32,
        r#type: &'static str,
        #[serde(flatten)]
        what: T,
    }
    for message in &telling.trace.messages {
        let what = message_json(telling, message);
        write_line(&mut *out, &Typed { schema: SCHEMA, r#type: "message", what })?;
        out.write_all(b"\n")?;
    }
    for what in steps(telling, &telling.trace.refusals) {
        write_line(&mut *out, &Typed { schema: SCHEMA, r#type: "refusal", what })?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn shown(time: Option<Time>) -> Option<String> {
    time.map(|time| time.to_string())
}

#[expect(clippy::cast_precision_loss, reason = "a wait has far fewer than 52 bits of microseconds")]
fn seconds(from: Option<Time>, to: Option<Time>) -> Option<f64> {
    Some(to?.0.saturating_sub(from?.0) as f64 / 1e6)
}

fn message_json<'a>(telling: Telling<'a>, message: &'a Message) -> MessageJson<'a> {
    MessageJson {
        queue_ids: &message.queue_ids,
        host: message.host.as_deref(),
        mta: message.mta,
        found_by: &message.found_by,
        notification: message.notification,
        entrance: message.entrance,
        sender: message.sender.as_deref(),
        message_id: message.message_id.as_deref(),
        size: message.size,
        user: message.user.as_deref(),
        client_name: message.client_name.as_deref(),
        client_address: message.client_address.as_deref(),
        arrived: shown(message.arrived),
        recipients: recipients(telling, message, &message.recipients),
        recipients_left_out: message.recipients_left_out,
        recipients_untried: message.recipients_untried,
        notifications: message
            .notifications
            .iter()
            .map(|notice| NoticeJson {
                queue_id: &notice.queue_id,
                what: notice.what,
                recipients: recipients(telling, message, &notice.recipients),
            })
            .collect(),
        missing: &message.missing,
        steps: steps(telling, &message.steps),
        steps_left_out: message.steps_left_out,
    }
}

fn recipients<'a>(
    telling: Telling<'a>,
    message: &'a Message,
    recipients: &'a [Recipient],
) -> Vec<RecipientJson<'a>> {
    let each = |recipient: &'a Recipient| {
        let step = recipient.decided_by.and_then(|at| message.steps.get(at));
        RecipientJson {
            address: &recipient.address,
            original: recipient.original.as_deref(),
            fate: recipient.fate,
            tries: recipient.tries,
            first_try: shown(recipient.first),
            last_try: shown(recipient.last),
            after: seconds(message.arrived, recipient.last),
            decided_by: recipient.decided_by,
            cause: step.and_then(|step| step.cause),
            title: step.and_then(|step| telling.title(step.cause?)),
            party: step.and_then(|step| step.party),
            reply: step.and_then(|step| step.text.as_deref()),
        }
    };
    recipients.iter().map(each).collect()
}

fn steps<'a>(telling: Telling<'a>, steps: &'a [Step]) -> Vec<StepJson<'a>> {
    let mut before = None;
    let each = |step: &'a Step| {
        let wait = seconds(before, step.time);
        before = step.time.or(before);
        StepJson {
            file: telling.file(step.at.source),
            line: step.at.line,
            time: shown(step.time),
            wait,
            host: step.host.as_deref(),
            queue_id: step.queue_id.as_deref(),
            what: step.what,
            count: step.count,
            sender: step.sender.as_deref(),
            recipient: step.recipient.as_deref(),
            relay: step.relay.as_deref(),
            client: step.client.as_deref(),
            names: step.names.as_deref(),
            notification: step.notification,
            code: step.code.map(ReplyCode::value),
            enhanced: step.enhanced.map(|enhanced| enhanced.to_string()),
            cause: step.cause,
            detail: step.detail.as_deref(),
            title: step.cause.and_then(|cause| telling.title(cause)),
            party: step.party,
            hard: step.hard,
            text: step.text.as_deref(),
            raw: step.raw.as_deref(),
        }
    };
    steps.iter().map(each).collect()
}
