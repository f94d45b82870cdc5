//! Exim, 4.6x to 4.99: main, reject and panic logs, and the same lines by syslog.
//!
//! A line is `[stamp] [pid] [message id] rest`. With a message id the two characters behind it are a flag
//! (`<=` arrival, `=>` delivery, `**` failure, `==` deferral, …), or words follow; without one the words
//! begin at once. So the way is: id, flag or opening words, items, free text. A text that is none of these
//! gives [`Content::Unknown`].
//!
//! Not here: header lines of the reject log and other lines without a stamp (the door recognises them by the
//! line before), putting together the parts of an entry that syslog split (they are given as
//! [`Content::Part`]), and telling a copy in the panic or reject log from the entry itself.
//!
//! To add a shape: a line behind an id without a flag in `message.rs`, about a session in `session.rs`, about
//! a process or the configuration in `process.rs`; one line in the tests of that page.

mod arrival;
mod delivery;
mod failure;
mod head;
mod host_line;
mod implied;
mod incoming;
mod item;
mod message;
mod message_id;
mod process;
mod remote;
mod session;

use crate::event::Content;
use crate::time::{Stamp, StampCache};
pub(super) use failure::parse_cut_failure;
pub(super) use incoming::parse_cut_refusal;
use message_id::message_id;
pub(super) use remote::parse_quoted_failure;

/// Reads the text behind the stamp of one of Exim's own files.
pub(super) fn parse(text: &str) -> Content<'_> {
    let text = head::behind_pid(text).trim_start_matches(' ');
    let Some((id, rest)) = message_id(text) else { return without_id(behind_dnssec(text)) };
    let rest = behind_dnssec(rest);
    match rest.as_bytes() {
        [b'<' | b'(', b'=', b' ', ..] => arrival::parse(id, behind_flag(rest)),
        [b'=' | b'-' | b'>', b'>', b' ', ..] => delivery::parse(id, false, behind_flag(rest)),
        [b'*', b'>', b' ', ..] => delivery::parse(id, true, behind_flag(rest)),
        [b'*', b'*', b' ', ..] => failure::parse_failed(id, behind_flag(rest)),
        [b'=', b'=', b' ', ..] => failure::parse_deferred(id, behind_flag(rest)),
        [b'H' | b'U' | b'F', b'=', ..] => host_line::parse(Some(id), rest),
        _ => message::parse(id, rest),
    }
}

/// Whether `text` begins as only an entry about a message does: id and flag, `H=` or `Completed`. A host and
/// a program cannot look like this, so the door need not look for them.
#[inline]
pub(super) fn begins_entry(text: &str) -> bool {
    let Some((_, rest)) = message_id(text) else { return text.starts_with("H=") };
    let flagged = matches!(
        rest.as_bytes().get(..3),
        Some(b"<= " | b"(= " | b"=> " | b"-> " | b">> " | b"*> " | b"** " | b"== ")
    );
    flagged || rest.starts_with("H=") || rest.starts_with("Completed")
}

fn behind_flag(rest: &str) -> &str {
    rest.get(3..).unwrap_or("")
}

/// ` DS` before the host of a client: the answer to the query for its name was signed.
#[inline]
fn behind_dnssec(text: &str) -> &str {
    if !text.starts_with([' ', 'D']) {
        return text;
    }
    match text.trim_start_matches(' ').strip_prefix("DS ") {
        Some(rest) if rest.starts_with("H=") => rest,
        _ => text,
    }
}

fn without_id(text: &str) -> Content<'_> {
    match text.as_bytes() {
        [b'H' | b'U' | b'F', b'=', ..] => host_line::parse(None, text),
        _ => session::parse(None, text).unwrap_or_else(|| process::parse(text)),
    }
}

/// Reads the message part of a syslog line; gives Exim's own stamp where it is there too.
pub(super) fn parse_syslog<'a>(
    text: &'a str,
    stamps: &mut StampCache,
    own_stamp: &mut Option<Stamp>,
) -> Content<'a> {
    let head = head::parse(text, stamps);
    *own_stamp = head.stamp;
    match head.part {
        Some(part) => Content::Part(part),
        None => parse(head.text.trim_end_matches([' ', '\t', '\r'])),
    }
}

#[cfg(test)]
mod tests;
