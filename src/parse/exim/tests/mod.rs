//! Every shape of the log-line inventory, as `line → what it says`; and the hazards one by one.
//!
//! What a line says is written `kind direction origin [action] [disposition] key=value… | text`; only what is
//! known is there, so an unexpected fact fails a test too.

mod acl;
mod failure;
mod hazards;
mod message;
mod session;

use super::parse;
use crate::event::{Content, Event, Note};
use crate::time::Stamp;
use crate::time::StampCache;
use std::fmt::Write;

fn parse_syslog(text: &str) -> (Option<Stamp>, Content<'_>) {
    let mut stamp = None;
    let content = super::parse_syslog(text, &mut StampCache::default(), &mut stamp);
    (stamp, content)
}

/// Checks each line behind `head`, and that all its beginnings (a file cut off anywhere) can be read.
fn check(head: &str, cases: &[(&str, &str)]) {
    for (text, want) in cases {
        let line = format!("{head}{text}");
        let content = parse(&line);
        assert_eq!(&show(&content), want, "{line}");
        if let Content::Event(event) = &content {
            let id = line.starts_with("1tUAbc-").then(|| line.split(' ').next().unwrap());
            assert_eq!(event.queue_id, id, "{line}");
        }
        for at in (0..line.len()).filter(|at| line.is_char_boundary(*at)) {
            let (beginning, _) = line.split_at(at);
            let _ = (parse(beginning), parse_syslog(beginning));
        }
    }
}

fn show(content: &Content<'_>) -> String {
    match content {
        Content::Event(event) => show_event(event),
        Content::Note(Note::Arrival(a)) => {
            let mut out = format!("arrival {}", a.by);
            let mut put = |name: &str, value: Option<&str>| {
                if let Some(value) = value {
                    write!(out, " {name}=<{value}>").unwrap();
                }
            };
            put("from", a.sender);
            put("id", a.message_id);
            put("user", a.sasl_user);
            put("helo", a.helo);
            put("parent", a.parent);
            if let Some(c) = a.client {
                write!(out, " client={}", peer(c.name, c.address, c.port)).unwrap();
            }
            if let Some(size) = a.size {
                write!(out, " size={size}").unwrap();
            }
            out
        }
        Content::Note(Note::Closed { how, .. }) => format!("closed {how}"),
        Content::Note(Note::Held { .. }) => "held".into(),
        Content::Note(Note::Released { .. }) => "released".into(),
        Content::Note(Note::Trouble { severity, text }) => format!("trouble {severity} | {text}"),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn peer(name: Option<&str>, address: Option<&str>, port: Option<u16>) -> String {
    let port = port.map(|p| format!(":{p}")).unwrap_or_default();
    format!("{}[{}]{port}", name.unwrap_or(""), address.unwrap_or(""))
}

fn show_event(e: &Event<'_>) -> String {
    let mut out = format!("{} {} {}", e.kind, e.direction, e.origin);
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let space = if name.is_empty() { "" } else { "=" };
            write!(out, " {name}{space}{value}").unwrap();
        }
    };
    put("", e.action.map(|v| v.to_string()));
    put("", e.disposition.map(|v| v.to_string()));
    put("at", e.stage.map(|v| v.to_string()));
    put("code", e.code.map(|v| v.to_string()));
    put("enhanced", e.enhanced.map(|v| v.to_string()));
    put("mixed", e.mixed_codes.then(|| "yes".into()));
    put("implied", e.implied_code.map(|v| v.to_string()));
    put("from", e.sender.map(|v| format!("<{v}>")));
    put("to", e.recipient.map(|v| format!("<{v}>")));
    put("final", e.final_recipient.map(|v| format!("<{v}>")));
    put("client", e.client.map(|c| peer(c.name, c.address, c.port)));
    put("helo", e.helo.map(|v| format!("<{v}>")));
    put("relay", e.relay.map(|r| peer(r.host, r.address, r.port)));
    put("took", e.delays.map(|d| format!("{:?}/{:?}", d.total, d.transmit).replace("Some", "")));
    put("tls", e.tls.map(str::to_owned));
    put("user", e.sasl_user.map(|v| format!("<{v}>")));
    put("next", e.queued_as.map(str::to_owned));
    write!(out, " | {}", e.text).unwrap();
    out.trim_end().to_owned()
}
