//! What somebody looks for, and where it can stand.
//!
//! A key is not asked what it is: it is compared with every fact of a message that it could be. `a@b` may be an
//! envelope address, a login or a Message-ID; a name with dots a domain, a client's name or a login.

use crate::event::{Client, Content, Event, Note};
use crate::filter::Network;
use crate::record::Record;
use crate::smtp::domain_of;
use crate::words::words;

words! {
    /// The fact of a message that a key was found in.
    KeyKind {
        /// Queue id.
        QueueId = "queue-id",
        /// Message-ID header.
        MessageId = "message-id",
        /// Envelope sender.
        Sender = "sender",
        /// Envelope recipient.
        Recipient = "recipient",
        /// Domain of the sender or of a recipient.
        Domain = "domain",
        /// Name or address of the client.
        Client = "client",
        /// Login.
        User = "user",
    }
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    text: String,
    network: Option<Network>,
    /// Written `@example.com`: a domain and nothing else.
    only_domain: bool,
}

impl Key {
    /// Reads a key: `<…>` and a leading `@` are taken off. `None` when nothing is left.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bare =
            text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(text).trim();
        let (bare, only_domain) = match bare.strip_prefix('@') {
            Some(domain) => (domain, true),
            None => (bare, false),
        };
        let network = Network::parse(bare).filter(|_| !only_domain);
        (!bare.is_empty()).then(|| Self { text: bare.to_owned(), network, only_domain })
    }

    /// The key itself.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What every line that has the key must contain, upper and lower case being the same; `None` where an
    /// address may be written in several ways.
    pub(super) fn literal(&self) -> Option<&str> {
        let one_way = self.network.is_none() || self.text.parse::<std::net::Ipv4Addr>().is_ok();
        one_way.then_some(self.text.as_str())
    }

    /// The key as a queue id, if it can be one.
    pub(super) fn as_queue_id(&self) -> Option<&str> {
        let can_be = self.network.is_none()
            && !self.only_domain
            && self.text.len() >= 5
            && self.text.bytes().any(|b| b.is_ascii_digit())
            && self.text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        can_be.then_some(self.text.as_str())
    }

    fn is(&self, fact: Option<&str>) -> bool {
        fact.is_some_and(|fact| fact.eq_ignore_ascii_case(&self.text))
    }

    fn is_domain_of(&self, address: Option<&str>) -> bool {
        self.is(address.and_then(domain_of))
    }

    fn is_client(&self, client: Option<Client<'_>>) -> bool {
        client.is_some_and(|client| match &self.network {
            Some(network) => client.address.is_some_and(|address| network.has(address)),
            None => self.is(client.name),
        })
    }

    /// The facts of a line that are the key.
    pub(super) fn kinds(&self, record: &Record<'_>) -> Vec<KeyKind> {
        let facts = match record.content {
            Content::Event(event) => Facts::of_event(event),
            Content::Note(note) => Facts::of_note(note),
            _ => return Vec::new(),
        };
        let domain = facts.addresses().any(|address| self.is_domain_of(Some(address)));
        let found = [
            (KeyKind::QueueId, facts.queue_id == Some(self.text.as_str())),
            (KeyKind::MessageId, facts.message_id == Some(self.text.as_str())),
            (KeyKind::Sender, self.is(facts.sender)),
            (KeyKind::Recipient, facts.recipients.iter().any(|recipient| self.is(*recipient))),
            (KeyKind::Domain, domain),
            (KeyKind::Client, self.is_client(facts.client)),
            (KeyKind::User, self.is(facts.user)),
        ];
        found
            .into_iter()
            .filter(|(kind, found)| *found && (!self.only_domain || *kind == KeyKind::Domain))
            .map(|(kind, _)| kind)
            .collect()
    }
}

/// What a line says that a key may be.
#[derive(Default)]
struct Facts<'a> {
    queue_id: Option<&'a str>,
    message_id: Option<&'a str>,
    sender: Option<&'a str>,
    recipients: [Option<&'a str>; 3],
    client: Option<Client<'a>>,
    user: Option<&'a str>,
}

impl<'a> Facts<'a> {
    fn addresses(&self) -> impl Iterator<Item = &'a str> {
        self.recipients.into_iter().flatten().chain(self.sender)
    }

    fn of_event(event: &Event<'a>) -> Self {
        Self {
            queue_id: event.queue_id,
            message_id: event.message_id,
            sender: event.sender,
            recipients: [event.recipient, event.original_recipient, event.final_recipient],
            client: event.client,
            user: event.sasl_user,
        }
    }

    fn of_note(note: &Note<'a>) -> Self {
        let queue_id = queue_id_of(note);
        match note {
            Note::Arrival(arrival) => Self {
                queue_id,
                message_id: arrival.message_id,
                sender: arrival.sender,
                client: arrival.client,
                user: arrival.sasl_user,
                ..Self::default()
            },
            Note::MessageId { id, .. } => {
                Self { queue_id, message_id: Some(id), ..Self::default() }
            }
            Note::Queued { sender, .. } => {
                Self { queue_id, sender: Some(sender), ..Self::default() }
            }
            _ => Self { queue_id, ..Self::default() },
        }
    }
}

/// The message that a note is about.
pub(super) fn queue_id_of<'a>(note: &Note<'a>) -> Option<&'a str> {
    match note {
        Note::Arrival(arrival) => Some(arrival.queue_id),
        Note::MessageId { queue_id, .. }
        | Note::Queued { queue_id, .. }
        | Note::Notified { queue_id, .. }
        | Note::Closed { queue_id, .. }
        | Note::Held { queue_id }
        | Note::Released { queue_id } => Some(queue_id),
        Note::Trouble { .. } | Note::LostLines { .. } | Note::Tick => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_know_what_to_search_for() {
        for (text, literal, id) in [
            ("4C1D2E3F40", Some("4C1D2E3F40"), true),
            ("1tUAbc-0000xY-3c", Some("1tUAbc-0000xY-3c"), true),
            ("<1@example.com>", Some("1@example.com"), false),
            ("@example.com", Some("example.com"), false),
            ("mx.example.com", Some("mx.example.com"), false),
            ("192.0.2.1", Some("192.0.2.1"), false),
            ("192.0.2.0/24", None, false),
            ("2001:db8::1", None, false),
            ("ann", Some("ann"), false),
        ] {
            let key = Key::parse(text).unwrap();
            assert_eq!((key.literal(), key.as_queue_id().is_some()), (literal, id), "{text}");
        }
        for nothing in ["", " ", "<>", "@", "<@>"] {
            assert_eq!(Key::parse(nothing), None, "{nothing:?}");
        }
    }
}
