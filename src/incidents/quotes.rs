//! The first and the last line of a block, as long as they may still be shown.
//!
//! Nearly every line of trouble is the first or the last one of some block, and nearly every block turns out to be
//! quiet. So the words of a line stand in one text, not in one for each fact, and what held a forgotten line holds
//! the next one ([`Spare`]): in the long run nothing is allocated.

use super::course::Seconds;
use crate::record::Location;
use crate::summary::{Sample, Seen, begin_of};

/// Both lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Quotes {
    pub(super) first: First,
    pub(super) last: Last,
}

/// The first line, with what remedies are filled in from.
#[derive(Clone, Debug)]
pub(super) struct First {
    pub(super) time: Seconds,
    at: Location,
    /// The words and the facts, one behind the other.
    texts: String,
    /// How long each of them is; [`NO_FACT`] where the line does not have it.
    lengths: [u32; 6],
}

/// The last line.
#[derive(Clone, Debug)]
pub(super) struct Last {
    pub(super) at: Location,
    pub(super) time: Seconds,
    pub(super) text: String,
}

const NO_FACT: u32 = u32::MAX;
const NOWHERE: Location = Location { source: 0, line: 0 };

impl Default for First {
    fn default() -> Self {
        Self { time: 0, at: NOWHERE, texts: String::new(), lengths: [NO_FACT; 6] }
    }
}

impl Default for Last {
    fn default() -> Self {
        Self { at: NOWHERE, time: 0, text: String::new() }
    }
}

impl First {
    /// Takes over a line.
    pub(super) fn become_line(&mut self, time: Seconds, seen: &Seen<'_>) {
        let Seen { at, text, recipient, sender, host, address, queue_id } = *seen;
        (self.time, self.at) = (time, at);
        let facts = [Some(text), recipient, sender, host, address, queue_id];
        self.texts.clear();
        self.texts.reserve_exact(facts.iter().flatten().map(|fact| fact.len()).sum());
        for (length, fact) in self.lengths.iter_mut().zip(facts) {
            *length = fact.and_then(|fact| u32::try_from(fact.len()).ok()).unwrap_or(NO_FACT);
            self.texts.push_str(fact.unwrap_or(""));
        }
    }

    /// The line as it is shown.
    pub(super) fn sample(&self) -> Sample {
        let mut rest = self.texts.as_str();
        let facts = self.lengths.map(|length| {
            // None is that long.
            let (fact, behind) = rest.split_at_checked(length as usize)?;
            rest = behind;
            Some(fact)
        });
        let [text, recipient, sender, host, address, queue_id] = facts;
        let text = text.unwrap_or("");
        Seen { at: self.at, text, recipient, sender, host, address, queue_id }.keep()
    }
}

impl Last {
    /// A longer text is cut.
    const LONGEST: usize = 240;

    /// Takes over a line, whose words may come in pieces.
    pub(super) fn become_line(&mut self, at: Location, time: Seconds, pieces: &[&str]) {
        (self.at, self.time) = (at, time);
        self.text.clear();
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        self.text.reserve_exact(length.min(Self::LONGEST));
        for piece in pieces {
            let begin = begin_of(piece, Self::LONGEST - self.text.len());
            self.text.push_str(begin);
            if begin.len() < piece.len() {
                break;
            }
        }
    }
}

/// What held lines that were forgotten.
#[derive(Clone, Debug, Default)]
#[expect(clippy::vec_box, reason = "blocks have the boxes, and they are what is used again")]
pub(super) struct Spare(Vec<Box<Quotes>>);

impl Spare {
    /// As many blocks come as go, so a few are enough.
    const MOST: usize = 32;
    /// A log made to fill memory has addresses as long as lines may be.
    const LONGEST: usize = 1024;

    /// Something that can hold two lines, where there is one.
    pub(super) fn take(&mut self) -> Option<Box<Quotes>> {
        self.0.pop()
    }

    /// Lines that are not shown any more.
    pub(super) fn give(&mut self, mut quotes: Box<Quotes>) {
        if self.0.len() < Self::MOST {
            quotes.first.texts.clear();
            quotes.first.texts.shrink_to(Self::LONGEST);
            self.0.push(quotes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_back_as_it_was() {
        let at = Location { source: 1, line: 2 };
        let mut first = First::default();
        let long = "x".repeat(500);
        for seen in [
            Seen {
                at,
                text: "550 no",
                recipient: Some("ann@example.com"),
                sender: None,
                host: Some(""),
                address: Some("192.0.2.1"),
                queue_id: None,
            },
            Seen {
                at,
                text: &long,
                recipient: None,
                sender: Some("bob@example.net"),
                host: None,
                address: None,
                queue_id: Some("4XYZ"),
            },
        ] {
            first.become_line(7, &seen);
            assert_eq!(first.sample(), seen.keep());
        }
    }

    #[test]
    fn quotes_are_cut_at_a_character() {
        let mut last = Last::default();
        last.become_line(NOWHERE, 0, &[&"я".repeat(500)]);
        assert_eq!(last.text.len(), Last::LONGEST);
        last.become_line(NOWHERE, 0, &["a", "", &"я".repeat(500), "never"]);
        assert_eq!(last.text.len(), Last::LONGEST - 1);
        last.become_line(NOWHERE, 0, &["one", " and ", "two"]);
        assert_eq!(last.text, "one and two");
    }
}
