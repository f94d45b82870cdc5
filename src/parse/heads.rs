//! What stands between stamp and text, `HOST PROGRAM[PID]: `, looked up instead of read again.
//!
//! A log has a handful of hosts and programs, and reading their names takes longer than reading many a line. So
//! the bytes up to `[` or `:` are looked up among those that the long way has read before. What is remembered
//! is only where the parts lie, so the answer is what the long way would say of the same bytes.

use super::envelope::{behind_program, usual_pid};
use super::near::near;
use super::speaker::Speaker;

/// A head must fit with its lengths into a cache line.
const LONGEST: usize = 48;
/// Places; heads of the same place push each other out.
const PLACES: usize = 256;

/// Heads that were read.
#[derive(Clone, Debug, Default)]
pub(super) struct Heads {
    /// Empty until the first one.
    known: Vec<Head>,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    text: [u8; LONGEST],
    /// Ones where `text` has bytes: what stands behind them is not compared.
    mask: [u8; LONGEST],
    length: u8,
    /// Where the host's own name begins and ends.
    host: (u8, u8),
    /// Where the program begins; it ends with the head.
    program: u8,
    speaker: Speaker,
}

const NOTHING: Head = Head {
    text: [0; LONGEST],
    mask: [0; LONGEST],
    length: 0,
    host: (0, 0),
    program: 0,
    speaker: Speaker::Nobody,
};

/// A line behind its stamp, cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut<'a> {
    pub(super) host: &'a str,
    pub(super) program: &'a str,
    pub(super) speaker: Speaker,
    pub(super) pid: Option<u32>,
    pub(super) text: &'a str,
}

impl Heads {
    /// Cuts `rest`, which begins behind the stamp, where its head is known.
    #[expect(
        clippy::inline_always,
        reason = "a call, and what it hands over in memory, is half of the work"
    )]
    #[inline(always)]
    pub(super) fn cut<'a>(&self, rest: &'a str) -> Option<Cut<'a>> {
        // A known head has neither mark in it, so whatever is before the bracket is one or is none.
        let (head, text, behind) = match near([b'['], rest.as_bytes()) {
            Some(end) => self.known(rest, end).or_else(|| self.known(rest, colon_of(rest)?))?,
            None => self.known(rest, colon_of(rest)?)?,
        };
        let (pid, behind) = match usual_pid(behind) {
            Some((pid, behind)) => (Some(pid), behind),
            None => behind_program(behind)?,
        };
        Some(Cut {
            host: text.get(head.host.0.into()..head.host.1.into())?,
            program: text.get(head.program.into()..)?,
            speaker: head.speaker,
            pid,
            text: behind,
        })
    }

    /// The head that is the first `end` bytes of `rest`, and those bytes, and the others.
    #[inline]
    fn known<'a>(&self, rest: &'a str, end: usize) -> Option<(&Head, &'a str, &'a str)> {
        let (text, behind) = rest.split_at_checked(end)?;
        let head = self.known.get(place_of(text))?;
        let is = usize::from(head.length) == end && head.begins(rest.as_bytes());
        is.then_some((head, text, behind))
    }

    /// Remembers how `rest` was cut: into `word` (with the host's name in it), a space and the program.
    pub(super) fn remember(&mut self, rest: &str, word: &str, host: &str, speaker: Speaker) {
        if let Some(head) = head_with(rest, word, host, speaker) {
            if self.known.is_empty() {
                self.known = vec![NOTHING; PLACES];
            }
            let place = head_of(rest).map_or(0, |(text, _)| place_of(text));
            if let Some(slot) = self.known.get_mut(place) {
                *slot = head;
            }
        }
    }
}

impl Head {
    /// Whether `rest` begins so. Compares a fixed number of bytes, which takes a few instructions.
    #[inline]
    fn begins(&self, rest: &[u8]) -> bool {
        match rest.first_chunk::<LONGEST>() {
            Some(rest) => {
                let pairs = rest.iter().zip(&self.mask).zip(&self.text);
                pairs.fold(0, |differs, ((byte, mask), known)| differs | (byte & mask ^ known)) == 0
            }
            None => rest.starts_with(self.text.get(..self.length.into()).unwrap_or_default()),
        }
    }
}

/// Where the head belongs: by its last bytes, which are the program's, and its length.
#[inline]
fn place_of(text: &str) -> usize {
    /// 2^64 divided by the golden ratio: spreads what differs over the highest bits.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let last = text.as_bytes().last_chunk::<8>().map_or(0, |last| u64::from_le_bytes(*last));
    let mixed = (last ^ text.len() as u64).wrapping_mul(SPREAD);
    usize::try_from(mixed >> (64 - PLACES.ilog2())).unwrap_or(0)
}

#[inline]
fn colon_of(rest: &str) -> Option<usize> {
    near([b':'], rest.as_bytes())
}

/// The bytes up to the first `[` or `:`, and what is behind them.
#[inline]
fn head_of(rest: &str) -> Option<(&str, &str)> {
    let end = near([b'[', b':'], rest.as_bytes())?;
    rest.split_at_checked(end).filter(|_| end <= LONGEST)
}

fn head_with(rest: &str, word: &str, host: &str, speaker: Speaker) -> Option<Head> {
    let (text, _) = head_of(rest)?;
    let program = text.strip_prefix(word)?.strip_prefix(' ')?;
    if program.is_empty() || program.contains(' ') {
        return None;
    }
    let mut head = Head { speaker, ..NOTHING };
    head.text.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    head.mask.get_mut(..text.len())?.fill(u8::MAX);
    head.length = u8::try_from(text.len()).ok()?;
    head.program = u8::try_from(text.len() - program.len()).ok()?;
    let begin = if host.is_empty() { 0 } else { word.find(host)? };
    head.host = (u8::try_from(begin).ok()?, u8::try_from(begin + host.len()).ok()?);
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_head_is_cut_and_nothing_else() {
        let mut heads = Heads::default();
        let speaker = Speaker::Exim;
        assert_eq!(heads.cut("mx1 exim[811]: T"), None);
        heads.remember("mx1 exim[811]: T", "mx1", "mx1", speaker);
        heads.remember("src@mx2/mx2 exim: T", "src@mx2/mx2", "mx2", speaker);
        heads.remember("INFO exim: T", "INFO", "", speaker);
        heads.remember("a [b] exim: T", "a [b]", "a", speaker);
        for (rest, want) in [
            ("mx1 exim[7]: T", Some(("mx1", Some(7), "T"))),
            ("mx1 exim: T [x]", Some(("mx1", None, "T [x]"))),
            ("mx1 exim[7]:", Some(("mx1", Some(7), ""))),
            ("mx1 exim[x]: T", None),
            ("mx1 exim[7] T", None),
            ("mx1 exim4[7]: T", None),
            ("src@mx2/mx2 exim[7]: T", Some(("mx2", Some(7), "T"))),
            ("INFO exim[7]: T", Some(("", Some(7), "T"))),
            ("a [b] exim: T", None),
            ("exim[7]: T", None),
            ("", None),
        ] {
            let got = heads.cut(rest).map(|cut| {
                assert_eq!((cut.program, cut.speaker), ("exim", speaker), "{rest}");
                (cut.host, cut.pid, cut.text)
            });
            assert_eq!(got, want, "{rest}");
        }
    }
}
