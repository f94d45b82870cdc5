//! The `events` output: one record per log line that carries a reply, a refusal or a delivery attempt.
//!
//! JSON lines or CSV, the same names in both, streaming. The fields are documented at [`EventFields`], which
//! is the contract: a field may be added at any time; to rename or remove one raises [`SCHEMA`].

use super::cell::{for_csv, io_error_of};
use super::flat;
use crate::classify::{Judge, Verdict, has_cause};
use crate::event::{Content, Event};
use crate::knowledge::Party;
use crate::record::{Judging, Record, Sink};
use crate::smtp::EnhancedCode;
use serde::{Serialize, Serializer};
use std::fmt::Display;
use std::io::{self, Write};
use std::ops::ControlFlow;

/// Version of the fields.
pub const SCHEMA: u32 = 1;

/// The form of the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventsFormat {
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values with a header line. Cells that a spreadsheet would take for a formula begin
    /// with an apostrophe; characters that are not printable are shown escaped.
    Csv,
}

#[expect(clippy::ref_option, reason = "serde hands the field over like this")]
fn shown<T: Display, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

/// Microseconds as seconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "a delay has far fewer than 52 bits of microseconds"
)]
#[expect(clippy::ref_option, reason = "serde hands the field over like this")]
fn seconds<S: Serializer>(value: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(micros) => serializer.serialize_some(&(*micros as f64 / 1e6)),
        None => serializer.serialize_none(),
    }
}

/// One event as it is written. Unknown is null (empty in CSV); nothing is guessed.
#[derive(Serialize)]
#[expect(
    missing_docs,
    reason = "each field says what it is in the table of the README and of --help"
)]
pub struct EventFields<'a> {
    pub schema: u32,
    pub file: &'a str,
    pub line: u64,
    #[serde(serialize_with = "shown")]
    pub time: Option<crate::time::Time>,
    pub host: Option<&'a str>,
    pub program: Option<&'a str>,
    pub mta: Option<crate::event::Mta>,
    pub kind: crate::event::Kind,
    pub action: Option<crate::event::Action>,
    pub direction: crate::smtp::Direction,
    pub origin: crate::smtp::Origin,
    pub stage: Option<crate::smtp::Stage>,
    pub disposition: Option<crate::smtp::Disposition>,
    pub code: Option<u16>,
    pub class: Option<u8>,
    #[serde(serialize_with = "shown")]
    pub enhanced: Option<EnhancedCode>,
    pub enhanced_source: Option<&'a str>,
    pub implied_code: Option<u16>,
    #[serde(serialize_with = "shown")]
    pub dsn: Option<EnhancedCode>,
    pub mixed_codes: bool,
    pub repeated: bool,
    pub duplicate: bool,
    pub count: u32,
    pub queue_id: Option<&'a str>,
    pub sender: Option<&'a str>,
    pub recipient: Option<&'a str>,
    pub original_recipient: Option<&'a str>,
    pub final_recipient: Option<&'a str>,
    pub client_name: Option<&'a str>,
    pub client_address: Option<&'a str>,
    pub client_port: Option<u16>,
    pub helo: Option<&'a str>,
    pub relay_host: Option<&'a str>,
    pub relay_address: Option<&'a str>,
    pub relay_port: Option<u16>,
    #[serde(serialize_with = "seconds")]
    pub delay: Option<u64>,
    #[serde(serialize_with = "seconds")]
    pub delay_before_queue: Option<u64>,
    #[serde(serialize_with = "seconds")]
    pub delay_in_queue: Option<u64>,
    #[serde(serialize_with = "seconds")]
    pub delay_connect: Option<u64>,
    #[serde(serialize_with = "seconds")]
    pub delay_transmit: Option<u64>,
    pub tls: Option<&'a str>,
    pub sasl_user: Option<&'a str>,
    pub message_id: Option<&'a str>,
    pub queued_as: Option<&'a str>,
    pub provider: Option<&'a str>,
    pub cause: Option<&'a str>,
    pub detail: Option<&'a str>,
    pub basis: Option<&'a str>,
    pub rule: Option<&'a str>,
    pub party: Option<&'a str>,
    pub hard: Option<bool>,
    pub retry: Option<&'a str>,
    pub text: &'a str,
}

impl<'a> EventFields<'a> {
    /// The fields of one event; `file` is the source's name as the user gave it, `verdict` the cause of a failure.
    pub fn new(
        record: &Record<'a>,
        event: &Event<'a>,
        file: &'a str,
        verdict: Option<&'a Verdict>,
    ) -> Self {
        let filled = |text: &'a str| (!text.is_empty()).then_some(text);
        let client = event.client.unwrap_or_default();
        let relay = event.relay.unwrap_or_default();
        let delays = event.delays.unwrap_or_default();
        Self {
            schema: SCHEMA,
            file,
            line: record.at.line,
            time: record.time,
            host: filled(record.header.host),
            program: filled(record.header.program),
            mta: record.mta,
            kind: event.kind,
            action: event.action,
            direction: event.direction,
            origin: event.origin,
            stage: event.stage,
            disposition: event.disposition,
            code: event.code.map(crate::smtp::ReplyCode::value),
            class: event.code.map(crate::smtp::ReplyCode::class),
            enhanced: event.enhanced,
            enhanced_source: event.enhanced.map(|_| "reply"),
            implied_code: event.implied_code.map(crate::smtp::ReplyCode::value),
            dsn: event.dsn,
            mixed_codes: event.mixed_codes,
            repeated: event.repeated,
            duplicate: record.duplicate,
            count: record.count,
            queue_id: event.queue_id,
            sender: event.sender,
            recipient: event.recipient,
            original_recipient: event.original_recipient,
            final_recipient: event.final_recipient,
            client_name: client.name,
            client_address: client.address,
            client_port: client.port,
            helo: event.helo,
            relay_host: relay.host,
            relay_address: relay.address,
            relay_port: relay.port,
            delay: delays.total,
            delay_before_queue: delays.before_queue,
            delay_in_queue: delays.in_queue,
            delay_connect: delays.connect,
            delay_transmit: delays.transmit,
            tls: event.tls,
            sasl_user: event.sasl_user,
            message_id: event.message_id,
            queued_as: event.queued_as,
            provider: record.provider,
            cause: verdict.map(|v| v.cause.slug()),
            detail: verdict.and_then(|v| v.detail.as_deref()),
            basis: verdict.map(|v| v.basis.level.slug()),
            rule: verdict.map(|v| v.basis.rule).filter(|rule| !rule.is_empty()),
            party: verdict.and_then(|v| v.party).map(Party::slug),
            hard: verdict.map(|v| v.hard),
            retry: verdict.map(|v| v.retry.slug()),
            text: event.text,
        }
    }
}

/// Writes each event as it comes; the sink of the `events` command.
pub struct EventWriter<W: Write> {
    names: Vec<String>,
    judge: Judge,
    output: Output<W>,
    error: Option<io::Error>,
}

enum Output<W: Write> {
    /// With room for one line.
    Ndjson(W, Vec<u8>),
    Csv(Box<csv::Writer<W>>),
}

impl<W: Write> EventWriter<W> {
    /// A writer; `names` are the sources' names by number. Give it a buffered `out`.
    pub fn new(out: W, format: EventsFormat, names: &[String], judge: Judge) -> Self {
        let output = match format {
            EventsFormat::Ndjson => Output::Ndjson(out, Vec::new()),
            EventsFormat::Csv => Output::Csv(Box::new(csv::Writer::from_writer(out))),
        };
        Self { names: names.to_vec(), judge, output, error: None }
    }

    /// The sources are called so from now on.
    pub fn call_sources(&mut self, names: &[String]) {
        if self.names != names {
            names.clone_into(&mut self.names);
        }
    }

    /// Hands on what was written so far.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        match &mut self.output {
            Output::Ndjson(out, _) => out.flush(),
            Output::Csv(out) => out.flush(),
        }
    }

    /// Flushes.
    ///
    /// # Errors
    /// The first error that writing met.
    pub fn finish(mut self) -> io::Result<()> {
        match self.error.take() {
            Some(error) => Err(error),
            None => self.flush(),
        }
    }

    fn write(&mut self, record: &Record<'_>, event: &Event<'_>) -> io::Result<()> {
        let name = usize::try_from(record.at.source).ok().and_then(|n| self.names.get(n));
        let file = name.map_or("", String::as_str);
        let verdict = (record.verdict.is_some() || has_cause(event))
            .then(|| record.judged(event, &mut self.judge));
        let fields = EventFields::new(record, event, file, verdict.as_deref());
        match &mut self.output {
            Output::Ndjson(out, line) => {
                line.clear();
                flat::write_record(line, &fields)?;
                line.push(b'\n');
                out.write_all(line)
            }
            Output::Csv(out) => write_csv(out, &fields),
        }
    }
}

fn write_csv<W: Write>(out: &mut csv::Writer<W>, fields: &EventFields<'_>) -> io::Result<()> {
    let texts = [
        Some(fields.file),
        fields.host,
        fields.program,
        fields.queue_id,
        fields.sender,
        fields.recipient,
        fields.original_recipient,
        fields.final_recipient,
        fields.client_name,
        fields.client_address,
        fields.helo,
        fields.relay_host,
        fields.relay_address,
        fields.tls,
        fields.sasl_user,
        fields.message_id,
        fields.queued_as,
        Some(fields.text),
    ]
    .map(|text| text.map(for_csv));
    let [
        file,
        host,
        program,
        queue_id,
        sender,
        recipient,
        original_recipient,
        final_recipient,
        client_name,
        client_address,
        helo,
        relay_host,
        relay_address,
        tls,
        sasl_user,
        message_id,
        queued_as,
        text,
    ] = &texts;
    out.serialize(EventFields {
        file: file.as_deref().unwrap_or(""),
        host: host.as_deref(),
        program: program.as_deref(),
        queue_id: queue_id.as_deref(),
        sender: sender.as_deref(),
        recipient: recipient.as_deref(),
        original_recipient: original_recipient.as_deref(),
        final_recipient: final_recipient.as_deref(),
        client_name: client_name.as_deref(),
        client_address: client_address.as_deref(),
        helo: helo.as_deref(),
        relay_host: relay_host.as_deref(),
        relay_address: relay_address.as_deref(),
        tls: tls.as_deref(),
        sasl_user: sasl_user.as_deref(),
        message_id: message_id.as_deref(),
        queued_as: queued_as.as_deref(),
        text: text.as_deref().unwrap_or(""),
        ..*fields
    })
    .map_err(io_error_of)
}

impl<W: Write> Sink for EventWriter<W> {
    fn judging(&self) -> Option<Judging> {
        Some(Judging { judge: self.judge.clone(), wanted: has_cause })
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        let Content::Event(event) = record.content else { return ControlFlow::Continue(()) };
        if !record.selected {
            return ControlFlow::Continue(());
        }
        match self.write(record, event) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.error = Some(error);
                ControlFlow::Break(())
            }
        }
    }
}
