//! One composed line and more for every shape of the log-line inventory, and for each of its hazards.

mod client;
mod delivery;
mod hazards;
mod postscreen;
mod queue;
mod reason;
mod server;

use super::*;
use crate::event::{Client, Content, Event, Note, Relay};
use crate::smtp::Disposition;
use std::fmt::Write as _;

fn parse<'a>(daemon: &str, text: &'a str) -> Content<'a> {
    super::parse(family_of(daemon), text)
}

/// What a line says, in one line: only what is known.
fn told(content: &Content<'_>) -> String {
    match content {
        Content::Event(event) => event_told(event),
        Content::Note(note) => note_told(note),
        Content::Quiet => "quiet".to_owned(),
        Content::Unknown => "unknown".to_owned(),
        Content::Foreign => "foreign".to_owned(),
        Content::Malformed(defect) => defect.to_string(),
        other => format!("{other:?}"),
    }
}

fn event_told(event: &Event<'_>) -> String {
    let mut told = format!("{} {} {}", event.kind, event.direction, event.origin);
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = write!(told, " {name}={value}");
        }
    };
    add("action", event.action.map(|v| v.to_string()));
    add("stage", event.stage.map(|v| v.to_string()));
    add("became", event.disposition.map(|v| v.to_string()));
    add("code", event.code.map(|v| v.to_string()));
    add("enhanced", event.enhanced.map(|v| v.to_string()));
    add("mixed", event.mixed_codes.then(|| "yes".to_owned()));
    add("implied", event.implied_code.map(|v| v.to_string()));
    add("dsn", event.dsn.map(|v| v.to_string()));
    add("repeated", event.repeated.then(|| "yes".to_owned()));
    add("id", event.queue_id.map(str::to_owned));
    add("from", event.sender.map(|v| format!("<{v}>")));
    add("to", event.recipient.map(|v| format!("<{v}>")));
    add("orig", event.original_recipient.map(|v| format!("<{v}>")));
    add("client", event.client.map(client_told));
    add("helo", event.helo.map(str::to_owned));
    add("relay", event.relay.map(relay_told));
    add("tls", event.tls.map(str::to_owned));
    add("user", event.sasl_user.map(str::to_owned));
    add("next", event.queued_as.map(str::to_owned));
    add("text", Some(event.text.to_owned()));
    told
}

fn place_told(name: Option<&str>, address: Option<&str>, port: Option<u16>) -> String {
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}[{}]{port}", name.unwrap_or("?"), address.unwrap_or("?"))
}

fn client_told(client: Client<'_>) -> String {
    place_told(client.name, client.address, client.port)
}

fn relay_told(relay: Relay<'_>) -> String {
    place_told(relay.host, relay.address, relay.port)
}

fn note_told(note: &Note<'_>) -> String {
    match note {
        Note::Arrival(arrival) => {
            let known = |value: Option<&str>| value.unwrap_or("-").to_owned();
            format!(
                "arrival {} by={} client={} user={} from={} parent={}",
                arrival.queue_id,
                arrival.by,
                arrival.client.map_or("-".to_owned(), client_told),
                known(arrival.sasl_user),
                known(arrival.sender),
                known(arrival.parent),
            )
        }
        Note::MessageId { queue_id, id } => format!("message-id {queue_id} {id}"),
        Note::Queued { queue_id, sender, size, recipients } => {
            format!("queued {queue_id} <{sender}> {size:?} {recipients:?}")
        }
        Note::Notified { queue_id, child, what } => format!("notified {queue_id} {child} {what}"),
        Note::Closed { queue_id, how } => format!("closed {queue_id} {how}"),
        Note::Held { queue_id } => format!("held {queue_id}"),
        Note::Released { queue_id } => format!("released {queue_id}"),
        Note::Trouble { severity, text } => format!("trouble {severity} {text}"),
        other => format!("{other:?}"),
    }
}

/// Shape of the inventory, daemon, line, what it says.
type Case = (&'static str, &'static str, &'static str, &'static str);

fn every_case() -> impl Iterator<Item = Case> {
    [delivery::LINES, client::LINES, server::LINES, postscreen::LINES, queue::LINES, hazards::LINES]
        .into_iter()
        .flatten()
        .copied()
}

#[test]
fn every_shape_says_what_the_inventory_says() {
    for (shape, daemon, line, want) in every_case() {
        assert_eq!(told(&parse(daemon, line)), want, "{shape}: {daemon}: {line}");
    }
}

#[test]
fn a_line_cut_anywhere_is_read_without_a_guess() {
    for (_, daemon, line, _) in every_case() {
        let whole = told(&parse(daemon, line));
        for (end, _) in line.char_indices() {
            let (part, _) = line.split_at(end);
            let _ = parse_without_daemon(part);
            let _ = parse("policyd", part);
            let Content::Event(event) = parse(daemon, part) else { continue };
            // What a cut line tells of a recipient's fate is what the whole line tells. But for a filter that threw the
            // message away: it says so behind `status=sent`.
            let thrown_away = event.disposition == Some(Disposition::Delivered)
                && whole.contains(" became=discarded");
            if let Some(disposition) = event.disposition.filter(|_| !thrown_away) {
                assert!(whole.contains(&format!(" became={disposition}")), "{part}");
            }
            // But for a reply whose lines differ: its last line counts.
            if let Some(code) = event.code.filter(|_| !whole.contains(" mixed=yes")) {
                assert!(whole.contains(&format!(" code={code}")), "{part}");
            }
        }
    }
}

#[test]
fn every_daemon_reads_every_line() {
    let daemons =
        ["smtp", "lmtp", "local", "error", "smtpd", "cleanup", "qmgr", "pickup", "bounce"];
    for (_, _, line, _) in every_case() {
        for daemon in daemons.into_iter().chain(["postscreen", "postsuper", "anvil", "postfix", ""])
        {
            let _ = parse(daemon, line);
        }
    }
}

#[test]
fn a_line_without_a_daemon_is_believed_when_no_other_program_writes_it() {
    for (line, believed) in [
        ("4C1D2E3F40: to=<ann@example.com>, relay=none, delay=1, status=deferred (x)", true),
        (
            "4C1D2E3F40: to=<ann@example.com>, delay=1, relay=mx.example.com., stat=User unknown",
            false,
        ),
        ("4C1D2E3F40: to=<ann@example.com>, relay=none, delay=1, status=", false),
        ("NOQUEUE: reject: RCPT from unknown[192.0.2.8]: 554 5.7.1 no; proto=SMTP", true),
        ("NOQUEUE: reject_warning: RCPT from unknown[192.0.2.8]: 554 5.7.1 no; proto=SMTP", true),
        ("4C1D2E3F40: reject: header X: y from local; from=<a@example.net>: 5.7.1 no", true),
        ("4C1D2E3F40: reject: body y from local; from=<a@example.net>: 5.7.1 no", true),
        ("4C1D2E3F40: milter-reject: END-OF-MESSAGE from h[192.0.2.8]: 5.7.1 no; proto=SMTP", true),
        ("NOQUEUE: milter-reject: RCPT from h[192.0.2.8]: 550 5.7.1 no; proto=SMTP", true),
        ("proxy-reject: END-OF-MESSAGE: 554 5.7.0 no; from=<> proto=SMTP helo=<h>", true),
        ("4C1D2E3F40: client=mx.example.net[192.0.2.8]", true),
        ("4C1D2E3F40: message-id=<x@example.com>", true),
        ("4C1D2E3F40: from=<a@example.net>, size=1, nrcpt=1 (queue active)", true),
        ("4C1D2E3F40: from=<a@example.net>, status=expired, returned to sender", true),
        ("4C1D2E3F40: removed", true),
        ("4C1D2E3F40: uid=0 from=<root>", true),
        ("4C1D2E3F40: sender non-delivery notification: 7D1F2A33C0", true),
        (
            "4C1D2E3F40: host mx.example.net[192.0.2.25] said: 450 no (in reply to DATA command)",
            true,
        ),
        ("4C1D2E3F40: DKIM-Signature field added (s=mail, d=example.com)", false),
        ("4C1D2E3F40: action=reject, 554 5.7.1 no", false),
        ("connect from mx.example.net[192.0.2.8]", false),
        ("warning: something", false),
        ("", false),
    ] {
        let content = parse_without_daemon(line);
        let is_believed = matches!(content, Content::Event(_) | Content::Note(_));
        assert_eq!(is_believed, believed, "{line}: {}", told(&content));
    }
}

#[test]
fn delays_are_microseconds() {
    for (line, want) in [
        (
            "4C1D2E3F40: to=<a@example.com>, relay=none, delay=9.1, delays=8/0.02/0.4/0.7, dsn=4.0.0, status=deferred (x)",
            [Some(9_100_000), Some(8_000_000), Some(20_000), Some(400_000), Some(700_000)],
        ),
        (
            "4C1D2E3F40: to=<a@example.com>, relay=none, delay=46, status=deferred (x)",
            [Some(46_000_000), None, None, None, None],
        ),
        (
            "4C1D2E3F40: to=<a@example.com>, relay=x, conn_use=2 delay=0.2, delays=0/0/0/0.2, status=deferred (x)",
            [Some(200_000), Some(0), Some(0), Some(0), Some(200_000)],
        ),
    ] {
        let Content::Event(event) = parse("smtp", line) else { panic!("no event: {line}") };
        let delays = event.delays.unwrap();
        let have =
            [delays.total, delays.before_queue, delays.in_queue, delays.connect, delays.transmit];
        assert_eq!(have, want, "{line}");
    }
}

/// The first bytes may only say of a line what reading it says.
#[test]
fn what_says_nothing_is_quiet() {
    let families = ["smtpd", "smtp", "lmtp", "local", "cleanup", "qmgr", "bounce", "postscreen"];
    let lines = [
        "connect from mx.example.net[192.0.2.8]",
        "connect to mx.example.net[192.0.2.8]:25: Connection timed out",
        "disconnect from unknown[192.0.2.8] ehlo=1 quit=1 commands=2",
        "lost connection after RCPT from unknown[192.0.2.8]",
        "lost connection with mx.example.net[192.0.2.8] while sending RCPT TO",
        "Anonymous TLS connection established from h[192.0.2.8]: TLSv1.3 with cipher X (256/256 bits)",
        "Untrusted TLS connection established to h[192.0.2.8]:25: TLSv1.3 with cipher X (256/256 bits)",
        "Trusted TLS connection established to h[192.0.2.8]:25: TLSv1.3 with cipher X (256/256 bits)",
        "Untrusted: connection established",
        "4C1D2E3F40: client=mx.example.net[192.0.2.8]",
        "Anonymous",
        "",
    ];
    let mut quiet = 0;
    for daemon in families {
        let family = family_of(daemon).unwrap();
        for line in lines {
            // Cut anywhere, too.
            for text in (0..=line.len()).filter_map(|end| line.get(..end)) {
                if says_nothing(family, text) {
                    let content = super::parse(Some(family), text.trim_end());
                    assert!(matches!(content, Content::Quiet), "{daemon}: {text:?}");
                    quiet += usize::from(text == line);
                }
            }
        }
    }
    assert_eq!(quiet, 3 * 3 + 3);
}
