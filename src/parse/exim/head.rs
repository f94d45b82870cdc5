//! What Exim itself puts before an entry on syslog: its own stamp, the process, the number of a split part.
//!
//! An entry is split at each of its line breaks (`[1\3] `) and after 870 characters (`[1/3] `). The first part
//! of one cut at a line break is a complete entry: its further lines are headers or explanations. All other
//! parts are given as parts.

use crate::event::Part;
use crate::parse::token::{number, small};
use crate::time::{Stamp, StampCache};
use nom::Parser;
use nom::bytes::complete::tag;
use nom::character::complete::one_of;
use nom::sequence::delimited;

/// The beginning of a syslog message, cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head<'a> {
    pub(super) stamp: Option<Stamp>,
    /// Set where `text` is no entry by itself.
    pub(super) part: Option<Part<'a>>,
    pub(super) text: &'a str,
}

/// Cuts stamp, process and part number off, in whatever order they come.
pub(super) fn parse<'a>(text: &'a str, stamps: &mut StampCache) -> Head<'a> {
    let mut head = Head { stamp: None, part: None, text };
    if let Some(part) = part(head.text) {
        head.text = part.text;
        if part.index > 1 || !part.at_line_break {
            head.part = Some(part);
            return head;
        }
    }
    if let Some((stamp, rest)) = own_stamp(head.text, stamps) {
        head.stamp = Some(stamp);
        head.text = rest;
    }
    head.text = behind_pid(head.text);
    if head.text.len() < text.len()
        && let Some(part) = part(head.text)
    {
        head.text = part.text;
        if part.index > 1 || !part.at_line_break {
            head.part = Some(part);
        }
    }
    head
}

/// `2026-01-05 10:00:00.118 +0100 `: only this form is Exim's.
fn own_stamp<'a>(text: &'a str, stamps: &mut StampCache) -> Option<(Stamp, &'a str)> {
    let bytes = text.as_bytes();
    match (bytes.get(4), bytes.get(7), bytes.get(10)) {
        (Some(b'-'), Some(b'-'), Some(b' ')) => {
            let (stamp, rest) = stamps.parse(text)?;
            Some((stamp, rest.trim_start_matches(' ')))
        }
        _ => None,
    }
}

/// Removes `[811] `.
#[inline]
pub(super) fn behind_pid(text: &str) -> &str {
    if !text.starts_with('[') {
        return text;
    }
    match delimited(tag::<_, _, ()>("["), number, tag("] ")).parse(text) {
        Ok((rest, _)) => rest,
        Err(_) => text,
    }
}

/// `[n/m] ` or `[n\m] `.
fn part(text: &str) -> Option<Part<'_>> {
    if !text.starts_with('[') {
        return None;
    }
    let mut numbers =
        delimited(tag::<_, _, ()>("["), (small::<u32>, one_of("/\\"), small::<u32>), tag("]"));
    let (rest, (index, cut, total)) = numbers.parse(text).ok()?;
    let text = match rest.strip_prefix(' ') {
        Some(text) => text,
        None if rest.is_empty() => rest,
        None => return None,
    };
    (index >= 1 && index <= total).then_some(Part {
        index,
        total,
        at_line_break: cut == '\\',
        text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamp_process_and_part_come_in_any_order() {
        for (text, stamped, rest) in [
            ("1tUAbc-0000xY-3c Completed", false, "1tUAbc-0000xY-3c Completed"),
            ("2026-01-05 10:00:00 Completed", true, "Completed"),
            ("2026-01-05 10:00:00.118 +0100 [811] Completed", true, "Completed"),
            ("[811] Completed", false, "Completed"),
            (r"[1\3] [811] Completed", false, "Completed"),
            (r"[1\3] 2026-01-05 10:00:00 [811] Completed", true, "Completed"),
            (r"2026-01-05 10:00:00 [1\3] Completed", true, "Completed"),
            ("[192.0.2.1] x", false, "[192.0.2.1] x"),
            ("[3/2] x", false, "[3/2] x"),
            ("[1/2]x", false, "[1/2]x"),
        ] {
            let head = parse(text, &mut StampCache::default());
            assert_eq!(
                (head.stamp.is_some(), head.part, head.text),
                (stamped, None, rest),
                "{text}"
            );
        }
    }

    #[test]
    fn parts_that_are_no_entry_are_given_as_parts() {
        for (text, index, total, at_line_break, rest) in [
            ("[1/2] [811] begin", 1, 2, false, "[811] begin"),
            ("[2/2]   end", 2, 2, false, "  end"),
            (r"[2\3] Envelope-from: <>", 2, 3, true, "Envelope-from: <>"),
            ("2026-01-05 10:00:00 [1/2] begin", 1, 2, false, "begin"),
            ("[2/2]", 2, 2, false, ""),
        ] {
            let want = Part { index, total, at_line_break, text: rest };
            assert_eq!(parse(text, &mut StampCache::default()).part, Some(want), "{text}");
        }
    }
}
