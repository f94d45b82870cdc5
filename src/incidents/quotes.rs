//! The first and the last line of a block, as long as they may still be shown.
//!
//! Nearly every line of trouble is the first or the last one of some block, and nearly every block turns out to be
//! quiet. So the words of a line stand in one text, not in one for each fact, those of a line that is alone in its block
//! stand there once, and what held a forgotten line holds the next one ([`Spare`]): in the long run nothing is allocated.

use super::course::Seconds;
use crate::record::Location;
use crate::summary::{Sample, Seen, begin_of};

/// Both lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Quotes {
    pub(super) first: First,
    /// [`NOWHERE`] as long as the first line is the last one too.
    last: Last,
}

impl Quotes {
    /// The first line.
    pub(super) fn begin(&mut self, time: Seconds, seen: &Seen<'_>) {
        self.first.become_line(time, seen);
        self.last.at = NOWHERE;
    }

    /// A later line, whose words may come in pieces.
    pub(super) fn go_on(&mut self, at: Location, time: Seconds, pieces: &[&str]) {
        self.last.become_line(at, time, pieces);
    }

    /// The last line.
    pub(super) fn last(&self) -> Quote<'_> {
        let (first, last) = (&self.first, &self.last);
        if last.at == NOWHERE {
            let text = begin_of(first.text(), Last::LONGEST);
            return Quote { at: first.at, time: first.time, text };
        }
        Quote { at: last.at, time: last.time, text: &last.text }
    }

    /// Those of a block that follows.
    pub(super) fn append(&mut self, next: Self) {
        if next.last.at == NOWHERE {
            let Quote { at, time, text } = next.last();
            self.last.become_line(at, time, &[text]);
        } else {
            self.last = next.last;
        }
    }
}

/// A line as it is quoted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quote<'q> {
    pub(super) at: Location,
    pub(super) time: Seconds,
    pub(super) text: &'q str,
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
struct Last {
    at: Location,
    time: Seconds,
    text: String,
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
    fn become_line(&mut self, time: Seconds, seen: &Seen<'_>) {
        let Seen { at, text, recipient, sender, host, address, queue_id } = *seen;
        (self.time, self.at) = (time, at);
        let facts = [Some(text), recipient, sender, host, address, queue_id];
        make_room(&mut self.texts, facts.iter().flatten().map(|fact| fact.len()).sum());
        for (length, fact) in self.lengths.iter_mut().zip(facts) {
            *length = fact.and_then(|fact| u32::try_from(fact.len()).ok()).unwrap_or(NO_FACT);
            self.texts.push_str(fact.unwrap_or(""));
        }
    }

    /// The words.
    fn text(&self) -> &str {
        let [length, ..] = self.lengths;
        self.texts.get(..length as usize).unwrap_or("")
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
    fn become_line(&mut self, at: Location, time: Seconds, pieces: &[&str]) {
        (self.at, self.time) = (at, time);
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        make_room(&mut self.text, length.min(Self::LONGEST));
        for piece in pieces {
            let begin = begin_of(piece, Self::LONGEST - self.text.len());
            self.text.push_str(begin);
            if begin.len() < piece.len() {
                break;
            }
        }
    }
}

/// Empties a text that will be so long, with room for one that is hardly longer, as the next one may be.
fn make_room(text: &mut String, length: usize) {
    text.clear();
    if text.capacity() < length {
        text.reserve_exact(length.next_multiple_of(64));
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
    fn a_line_alone_is_the_last_one_too() {
        let at = |line: u64| Location { source: 1, line };
        let long = "я".repeat(200);
        let mut quotes = Quotes::default();
        let seen = |line: u64, text: &'static str| Seen {
            at: at(line),
            text,
            recipient: None,
            sender: None,
            host: None,
            address: None,
            queue_id: None,
        };
        let told = |quotes: &Quotes| {
            let Quote { at, time, text } = quotes.last();
            (at.line, time, text.to_owned())
        };
        quotes.begin(5, &Seen { text: &long, ..seen(1, "") });
        assert_eq!(told(&quotes), (1, 5, "я".repeat(Last::LONGEST / 2)));
        let mut next = Quotes::default();
        next.begin(7, &seen(2, "alone"));
        quotes.append(next.clone());
        assert_eq!(told(&quotes), (2, 7, "alone".to_owned()));
        next.go_on(at(3), 8, &["two", " pieces"]);
        quotes.append(next);
        assert_eq!(told(&quotes), (3, 8, "two pieces".to_owned()));
        assert_eq!(quotes.first.time, 5);
        quotes.begin(9, &seen(4, "again"));
        assert_eq!(told(&quotes), (4, 9, "again".to_owned()));
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
