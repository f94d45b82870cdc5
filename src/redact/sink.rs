//! The sink in front of a sink: every text of a record is rewritten, so that nothing behind it can leak a name.
//!
//! Events are judged where lines are parsed, on the words of the log; the verdict goes on as it is.

use super::names::Redactor;
use super::scan::Terms;
use crate::classify::Verdict;
use crate::event::{Arrival, Client, Content, Event, Header, Note, Relay};
use crate::record::{Judging, Raw, Record, Sink};
use crate::smtp::Direction;
use std::borrow::Cow;
use std::ops::ControlFlow;

/// Hands records on with pseudonyms for names.
pub struct Redacting<'r, S> {
    redactor: &'r Redactor,
    sink: S,
    lines: bool,
}

impl<'r, S: Sink> Redacting<'r, S> {
    /// In front of `sink`, which does not look at the lines themselves: it finds them empty.
    pub fn new(redactor: &'r Redactor, sink: S) -> Self {
        Self { redactor, sink, lines: false }
    }

    /// In front of a sink that looks at [`Record::raw`] too.
    pub fn with_lines(redactor: &'r Redactor, sink: S) -> Self {
        Self { redactor, sink, lines: true }
    }
}

impl<S: Sink> Sink for Redacting<'_, S> {
    fn judging(&self) -> Option<Judging> {
        self.sink.judging()
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        let host = self.redactor.host(record.header.host);
        let header = Header { host: &host, ..record.header };
        let (redactor, sink) = (self.redactor, &mut self.sink);
        let verdict = record.verdict.map(|verdict| hide_zone(redactor, verdict));
        let verdict = verdict.as_deref();
        let lines = self.lines;
        let machine = (record.header.host, &*host);
        let mut hand_on = |content: &Content<'_>, terms: &Terms<'_>| {
            let line =
                if lines { redactor.text_of(record.raw.line(), terms) } else { Cow::Borrowed("") };
            let raw = Raw::begin_of(&line);
            sink.record(&Record { header, content, verdict, raw, prepared: None, ..*record })
        };
        match record.content {
            Content::Event(event) => with_event(redactor, machine, event, &mut hand_on),
            Content::Note(note) => with_note(redactor, machine, note, &mut hand_on),
            // They have no text: lines of these kinds are no records.
            other => hand_on(other, &Terms::default()),
        }
    }
}

/// The detail of a verdict is a word of ours, but for a blocklist that nobody knows: its zone.
fn hide_zone<'v>(redactor: &Redactor, verdict: &'v Verdict) -> Cow<'v, Verdict> {
    match verdict.detail.as_deref().filter(|detail| detail.contains('.')) {
        None => Cow::Borrowed(verdict),
        Some(zone) => {
            let zone = redactor.host(zone).into_owned();
            Cow::Owned(Verdict { detail: Some(zone.into()), ..verdict.clone() })
        }
    }
}

/// What takes the rewritten content.
type HandOn<'h> = dyn FnMut(&Content<'_>, &Terms<'_>) -> ControlFlow<()> + 'h;

/// A field that may be absent, rewritten.
fn each<'t>(
    text: Option<&'t str>,
    rewrite: impl FnOnce(&'t str) -> Cow<'t, str>,
) -> Option<Cow<'t, str>> {
    text.map(rewrite)
}

/// A mailbox; what is delivered to instead of one (a pipe, a file, a special word) is text.
fn mailbox<'t>(redactor: &Redactor, address: &'t str) -> Cow<'t, str> {
    if address.starts_with(['|', '/', ':']) || address.contains(' ') && !address.contains('@') {
        redactor.text(address)
    } else {
        redactor.address(address)
    }
}

/// The name of the next hop; a local service and a transport keep theirs.
fn relay_host<'t>(redactor: &Redactor, host: &'t str, direction: Direction) -> Cow<'t, str> {
    if direction == Direction::Local && !host.contains('.') {
        Cow::Borrowed(host)
    } else {
        redactor.host(host)
    }
}

/// `machine` is the one that wrote the line, and its pseudonym.
fn with_event(
    redactor: &Redactor,
    machine: (&str, &str),
    event: &Event<'_>,
    hand_on: &mut HandOn<'_>,
) -> ControlFlow<()> {
    let r = redactor;
    let client = event.client.unwrap_or_default();
    let relay = event.relay.unwrap_or_default();
    let sender = each(event.sender, |a| mailbox(r, a));
    let recipient = each(event.recipient, |a| mailbox(r, a));
    let original_recipient = each(event.original_recipient, |a| mailbox(r, a));
    let final_recipient = each(event.final_recipient, |a| mailbox(r, a));
    let client_name = each(client.name, |h| r.host(h));
    let client_address = each(client.address, |a| r.ip_or_text(a));
    let helo = each(event.helo, |h| r.helo(h));
    let relay_name = each(relay.host, |h| relay_host(r, h, event.direction));
    let relay_address = each(relay.address, |a| r.ip_or_text(a));
    let tls = each(event.tls, |t| r.text(t));
    let sasl_user = each(event.sasl_user, |u| r.user(u));
    let message_id = each(event.message_id, |m| r.address(m));
    let mut terms = Terms::default();
    for (field, shown) in [
        (event.sender, &sender),
        (event.recipient, &recipient),
        (event.original_recipient, &original_recipient),
        (event.final_recipient, &final_recipient),
        (event.message_id, &message_id),
        (event.sasl_user, &sasl_user),
    ] {
        if let (Some(field), Some(shown)) = (field, shown) {
            terms.address(field, shown);
        }
    }
    terms.add(machine.0, machine.1);
    for (field, shown) in
        [(client.name, &client_name), (event.helo, &helo), (relay.host, &relay_name)]
    {
        if let (Some(field), Some(shown)) = (field, shown) {
            terms.add(field, shown);
        }
    }
    let text = r.text_of(event.text, &terms);
    // Every field is named, so that a new one cannot be forgotten.
    let rewritten = Event {
        kind: event.kind,
        action: event.action,
        direction: event.direction,
        origin: event.origin,
        stage: event.stage,
        disposition: event.disposition,
        code: event.code,
        enhanced: event.enhanced,
        mixed_codes: event.mixed_codes,
        implied_code: event.implied_code,
        dsn: event.dsn,
        repeated: event.repeated,
        queue_id: event.queue_id,
        sender: sender.as_deref(),
        recipient: recipient.as_deref(),
        original_recipient: original_recipient.as_deref(),
        final_recipient: final_recipient.as_deref(),
        client: event.client.map(|client| Client {
            name: client_name.as_deref(),
            address: client_address.as_deref(),
            port: client.port,
        }),
        helo: helo.as_deref(),
        relay: event.relay.map(|relay| Relay {
            host: relay_name.as_deref(),
            address: relay_address.as_deref(),
            port: relay.port,
        }),
        delays: event.delays,
        tls: tls.as_deref(),
        sasl_user: sasl_user.as_deref(),
        message_id: message_id.as_deref(),
        queued_as: event.queued_as,
        text: &text,
    };
    hand_on(&Content::Event(rewritten), &terms)
}

fn with_note(
    redactor: &Redactor,
    machine: (&str, &str),
    note: &Note<'_>,
    hand_on: &mut HandOn<'_>,
) -> ControlFlow<()> {
    let r = redactor;
    let mut terms = Terms::default();
    terms.add(machine.0, machine.1);
    if let Note::Arrival(arrival) = note {
        return with_arrival(r, arrival, terms, hand_on);
    }
    let mut with = |note: Note<'_>| hand_on(&Content::Note(note), &terms);
    match *note {
        Note::MessageId { queue_id, id } => {
            let id = r.address(id);
            with(Note::MessageId { queue_id, id: &id })
        }
        Note::Queued { queue_id, sender, size, recipients } => {
            let sender = mailbox(r, sender);
            with(Note::Queued { queue_id, sender: &sender, size, recipients })
        }
        Note::Trouble { severity, text } => {
            let text = r.text_of(text, &terms);
            with(Note::Trouble { severity, text: &text })
        }
        Note::LostLines { lines, text } => {
            let text = r.text_of(text, &terms);
            with(Note::LostLines { lines, text: &text })
        }
        // Queue ids, and nothing else (the arrival is done with). Named one by one: see above.
        Note::Arrival(_) => ControlFlow::Continue(()),
        Note::Notified { queue_id, child, what } => with(Note::Notified { queue_id, child, what }),
        Note::Closed { queue_id, how } => with(Note::Closed { queue_id, how }),
        Note::Held { queue_id } => with(Note::Held { queue_id }),
        Note::Released { queue_id } => with(Note::Released { queue_id }),
        Note::Tick => with(Note::Tick),
    }
}

fn with_arrival<'t>(
    r: &Redactor,
    arrival: &Arrival<'t>,
    mut terms: Terms<'t>,
    hand_on: &mut HandOn<'_>,
) -> ControlFlow<()> {
    let client = arrival.client.unwrap_or_default();
    let client_name = each(client.name, |h| r.host(h));
    let client_address = each(client.address, |a| r.ip_or_text(a));
    let helo = each(arrival.helo, |h| r.helo(h));
    let sasl_user = each(arrival.sasl_user, |u| r.user(u));
    let sender = each(arrival.sender, |a| mailbox(r, a));
    let message_id = each(arrival.message_id, |m| r.address(m));
    for (field, shown) in [
        (arrival.sender, &sender),
        (arrival.message_id, &message_id),
        (arrival.sasl_user, &sasl_user),
        (client.name, &client_name),
        (arrival.helo, &helo),
    ] {
        if let (Some(field), Some(shown)) = (field, shown) {
            terms.address(field, shown);
        }
    }
    let rewritten = Arrival {
        queue_id: arrival.queue_id,
        client: arrival.client.map(|client| Client {
            name: client_name.as_deref(),
            address: client_address.as_deref(),
            port: client.port,
        }),
        helo: helo.as_deref(),
        sasl_user: sasl_user.as_deref(),
        sender: sender.as_deref(),
        size: arrival.size,
        message_id: message_id.as_deref(),
        by: arrival.by,
        parent: arrival.parent,
    };
    hand_on(&Content::Note(Note::Arrival(rewritten)), &terms)
}
