//! Arrivals: `<=`, and `(=` where an ACL told the client that the message was refused while it was taken.

use super::item::{host, item};
use crate::event::{Arrival, Content, Defect, Entrance, Note};
use crate::parse::near::near;
use crate::parse::token::{angle, number, quoted, word};

/// Reads an arrival line behind its flag.
pub(super) fn parse<'a>(queue_id: &'a str, text: &'a str) -> Content<'a> {
    match arrival(queue_id, text) {
        Some(arrival) => Content::Note(Note::Arrival(arrival)),
        None => Content::Malformed(Defect::Cut),
    }
}

fn arrival<'a>(queue_id: &'a str, text: &'a str) -> Option<Arrival<'a>> {
    let (mut rest, sender) = sender(text)?;
    let mut arrival = Arrival { queue_id, sender: Some(sender), ..Arrival::default() };
    let mut local_protocol = false;
    let mut complete = false;
    while let Some(text) = rest.strip_prefix(' ') {
        if let Some(text) = text.strip_prefix("H=") {
            let Ok((behind, host)) = host(text) else { break };
            arrival.client = Some(host.client());
            arrival.helo = host.helo;
            rest = behind;
            continue;
        }
        // Recipients (`for a b`) are raw and take the rest of the line.
        if text.starts_with("for ") || text.starts_with("from <") {
            break;
        }
        let Ok((behind, item)) = item(text) else { break };
        rest = behind;
        match item.key {
            "R" => arrival.parent = Some(item.value),
            "P" => {
                complete = true;
                local_protocol = item.value.starts_with("local");
            }
            "A" => arrival.sasl_user = login(item.value),
            "S" => {
                complete = true;
                arrival.size = number(item.value).ok().map(|(_, size)| size);
            }
            "id" | "id*" => {
                let (behind, id) = message_id(text.get(item.key.len() + 1..)?);
                // `id*=` is one that Exim added.
                arrival.message_id = (!id.is_empty()).then_some(id);
                rest = behind;
            }
            _ => {}
        }
    }
    if !complete {
        // Protocol and size are always there.
        return None;
    }
    arrival.by = match (arrival.client, arrival.parent, sender) {
        (Some(_), ..) if !local_protocol => Entrance::Smtp,
        (_, Some(_), "") => Entrance::Bounce,
        _ => Entrance::Local,
    };
    if arrival.by != Entrance::Smtp {
        arrival.client = None;
    }
    Some(arrival)
}

/// `<>` is the null sender; a quoted local part may hold spaces.
fn sender(text: &str) -> Option<(&str, &str)> {
    if text.starts_with('<')
        && let Ok((rest, sender)) = angle(text)
    {
        return Some((rest, sender));
    }
    let behind_quotes = quoted(text).map_or(text, |(rest, _)| rest);
    let rest = match word(behind_quotes) {
        Ok((rest, _)) => rest,
        Err(_) if behind_quotes.len() < text.len() => behind_quotes,
        Err(_) => return None,
    };
    Some((rest, text.get(..text.len() - rest.len())?))
}

/// `authenticator:login:sender`: the login.
pub(super) fn login(value: &str) -> Option<&str> {
    let login = value.get(near([b':'], value.as_bytes())? + 1..)?;
    let end = near([b':'], login.as_bytes()).unwrap_or(login.len());
    login.get(..end).filter(|login| !login.is_empty())
}

/// The value of `id=`, which a client wrote and which may hold spaces: it ends before the subject, the
/// sender, the recipients, or at the end.
fn message_id(text: &str) -> (&str, &str) {
    let mut from = 0;
    while let Some(step) = text.as_bytes().get(from..).and_then(|b| memchr::memchr(b' ', b)) {
        let at = from + step;
        if let Some((id, rest)) = text.split_at_checked(at)
            && [" T=\"", " from <", " for "].iter().any(|next| rest.starts_with(next))
        {
            return (rest, id);
        }
        from = at + 1;
    }
    ("", text)
}
