//! One row of the tables by code: everything that was said with the same reply code and enhanced status code
//! in the same direction.

use super::distinct::Distinct;
use super::silence::Silence;
use super::tally::{Tally, Weight, begin_of};
use crate::event::{Event, Kind};
use crate::record::{Location, Record};
use crate::smtp::{Direction, EnhancedCode, ReplyCode, Stage};
use serde::{Deserialize, Serialize};

/// What makes a row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct RowKey {
    /// Who was the server.
    pub direction: Direction,
    /// The reply code; `None` where the line states none.
    pub code: Option<ReplyCode>,
    /// The enhanced status code of the reply; without a reply Postfix's `dsn=`.
    pub enhanced: Option<EnhancedCode>,
    /// What there was instead of a reply (outbound, local).
    pub silence: Option<Silence>,
    /// What was done where the line states no code (inbound).
    pub unstated: Option<Unstated>,
}

/// An answer of our own whose code is not in the log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Unstated {
    /// What kind of thing it was.
    pub kind: Kind,
    /// Where in the dialogue.
    pub stage: Option<Stage>,
    /// The code that phrase and stage imply, where that is certain.
    pub implied: Option<ReplyCode>,
}

/// How many peers and texts a row tells apart before the long tail is approximate.
const PEERS: usize = 256;
const TEXTS: usize = 32;
/// Rows that come so late are those of a hostile log, and there must be room for all of them.
const LATE: usize = 256;
const LATE_PEERS: usize = 16;
const LATE_TEXTS: usize = 8;

/// The counts of one row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Lines about attempts for one recipient (outbound, local) or refusals (inbound).
    pub lines: u64,
    /// Replies that went over the wire: without quotations of an earlier one, with those told in passing.
    pub replies: u64,
    /// Lines that quote an earlier reply (`delivery temporarily suspended`).
    pub repeated: u64,
    /// Lines that tell one host's reply in passing.
    pub passing: u64,
    /// Different messages. Inbound: unknown before there is a queue id, so only those that had one.
    pub messages: u64,
    /// Different recipients of those messages (outbound, local).
    pub recipients: u64,
    /// Different addresses named as recipients (inbound).
    pub addresses: Distinct,
    /// Different clients (inbound).
    pub clients: Distinct,
    /// The servers that said it, or the clients it was said to.
    pub peers: Tally<u64>,
    /// The texts, ids and addresses taken out.
    pub texts: Tally<TextCount>,
    /// The first line of this row.
    pub sample: Option<Sample>,
}

impl Row {
    /// An empty row; `before` are there already.
    pub(super) fn new(before: usize) -> Self {
        let (peers, texts) = if before < LATE { (PEERS, TEXTS) } else { (LATE_PEERS, LATE_TEXTS) };
        Self {
            lines: 0,
            replies: 0,
            repeated: 0,
            passing: 0,
            messages: 0,
            recipients: 0,
            addresses: Distinct::default(),
            clients: Distinct::default(),
            peers: Tally::new(peers),
            texts: Tally::new(texts),
            sample: None,
        }
    }
}

/// How often a text came, and one example.
#[derive(Clone, Debug, Default)]
pub struct TextCount {
    /// Lines.
    pub lines: u64,
    /// The first of them.
    pub sample: Option<Sample>,
}

impl Weight for TextCount {
    fn weight(&self) -> u64 {
        self.lines
    }
}

/// A real line: where it stands, and what of it fills the blanks of a remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Its place.
    pub at: Location,
    /// Its words, as logged, at most [`Sample::LONGEST`] bytes.
    pub text: Box<str>,
    /// Envelope recipient.
    pub recipient: Option<Box<str>>,
    /// Envelope sender.
    pub sender: Option<Box<str>>,
    /// The other server.
    pub host: Option<Box<str>>,
    /// The client's or server's address.
    pub address: Option<Box<str>>,
    /// Queue id.
    pub queue_id: Option<Box<str>>,
}

impl Sample {
    /// Longest text kept, in bytes.
    pub const LONGEST: usize = 400;
}

/// What a [`Sample`] is made of, as it stands in the line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) at: Location,
    pub(crate) text: &'a str,
    pub(crate) recipient: Option<&'a str>,
    pub(crate) sender: Option<&'a str>,
    pub(crate) host: Option<&'a str>,
    pub(crate) address: Option<&'a str>,
    pub(crate) queue_id: Option<&'a str>,
}

impl<'a> Seen<'a> {
    /// Of a line that an event came from.
    pub(crate) fn of(record: &Record<'_>, event: &Event<'a>) -> Self {
        let inbound = event.direction == Direction::Inbound;
        let (client, relay) = (event.client, event.relay);
        Self {
            recipient: event.recipient,
            sender: event.sender.filter(|sender| !sender.is_empty()),
            host: if inbound { client.and_then(|c| c.name) } else { relay.and_then(|r| r.host) },
            address: if inbound {
                client.and_then(|c| c.address)
            } else {
                relay.and_then(|r| r.address)
            },
            queue_id: event.queue_id,
            ..Self::of_text(record, event.text)
        }
    }

    /// Of a line that is no event.
    pub(crate) fn of_text(record: &Record<'_>, text: &'a str) -> Self {
        Self {
            at: record.at,
            text: begin_of(text, Sample::LONGEST),
            recipient: None,
            sender: None,
            host: None,
            address: None,
            queue_id: None,
        }
    }

    /// To keep it.
    pub(crate) fn keep(self) -> Sample {
        let own = |text: Option<&str>| text.map(Box::<str>::from);
        Sample {
            at: self.at,
            text: self.text.into(),
            recipient: own(self.recipient),
            sender: own(self.sender),
            host: own(self.host),
            address: own(self.address),
            queue_id: own(self.queue_id),
        }
    }
}
