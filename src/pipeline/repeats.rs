//! `last message repeated N times`: which line that was.
//!
//! It is the last line of the same host, where the repeat names one. A repeat of a repeat (BSD writes one
//! every few minutes) means the same line again. Looked for among the few lines before; further back it
//! would be a guess.

use crate::event::Content;
use crate::parse::LineParser;
use memchr::memrchr_iter;

/// How many lines back a line is looked for.
const LINES_BACK: usize = 16;

/// The last lines of one source.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    /// Of the chunks before.
    before: String,
    /// The repeat resolved last: its line number and host, and the line it meant.
    last: Option<(u64, String, String)>,
}

impl Repeats {
    /// The line that the repeat of `host` at line `number` means. `begin` is the text of the chunk up to it.
    pub(super) fn line_before(&mut self, number: u64, host: &str, begin: &str) -> Option<String> {
        let earlier = self.before.lines().rev();
        let mut parser = LineParser::default();
        let mut found = None;
        for (back, line) in (1..).zip(begin.lines().rev().chain(earlier).take(LINES_BACK)) {
            let parsed = parser.parse(line);
            if let Content::Repeat(_) = parsed.content {
                if let Some((at, of, meant)) = &self.last
                    && Some(*at) == number.checked_sub(back)
                    && (host.is_empty() || host == of)
                {
                    found = Some(meant.clone());
                    break;
                }
            } else if parsed.text.is_some() && (host.is_empty() || parsed.header.host == host) {
                found = Some(line.to_owned());
                break;
            }
        }
        if let Some(line) = &found {
            self.last = Some((number, host.to_owned(), line.clone()));
        }
        found
    }

    /// The chunk is done: its last lines are kept.
    pub(super) fn end_of_chunk(&mut self, text: &str) {
        let begin = begin_of_last_lines(text);
        if begin > 0 {
            self.before.clear();
        }
        self.before.push_str(text.get(begin..).unwrap_or_default());
        let surplus = begin_of_last_lines(&self.before);
        self.before.drain(..surplus);
    }
}

/// Where the last [`LINES_BACK`] lines of a text begin; at its begin where there are no more.
fn begin_of_last_lines(text: &str) -> usize {
    let mut ends = memrchr_iter(b'\n', text.strip_suffix('\n').unwrap_or(text).as_bytes());
    ends.nth(LINES_BACK - 1).map_or(0, |end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(lines: &[&str], host: &str) -> Option<String> {
        let mut repeats = Repeats::default();
        let whole = repeats.line_before(lines.len() as u64 + 1, host, &lines.join("\n"));
        // The same with the lines in chunks before.
        for size in 1..=lines.len() {
            let mut repeats = Repeats::default();
            for chunk in lines.chunks(size) {
                repeats.end_of_chunk(&(chunk.join("\n") + "\n"));
            }
            let split = repeats.line_before(lines.len() as u64 + 1, host, "");
            assert_eq!(split, whole, "chunks of {size}");
        }
        whole
    }

    #[test]
    fn the_last_line_of_the_same_host_is_meant() {
        let (a, b) = ("Jan  5 10:00:00 mx1 p: a", "Jan  5 10:00:00 mx2 p: b");
        for (name, lines, host, want) in [
            ("the line before", &[b, a][..], "mx1", Some(a)),
            ("another host between", &[a, b], "mx1", Some(a)),
            ("no host named", &[a, b], "", Some(b)),
            ("no such host", &[a, b], "mx3", None),
            ("blank and bare lines between", &[a, "", "bare"], "mx1", Some(a)),
            ("nothing", &[], "", None),
        ] {
            assert_eq!(meant(lines, host).as_deref(), want, "{name}");
        }
        let mut far = vec![a];
        far.extend([b; LINES_BACK]);
        assert_eq!(meant(&far, "mx1"), None, "too far back");
    }

    #[test]
    fn a_repeat_of_a_repeat_means_the_same_line() {
        let line = "Jan  5 10:00:00 mx1 p: a";
        let repeat = "Jan  5 10:01:00 mx1 last message repeated 3 times";
        let mut repeats = Repeats::default();
        repeats.end_of_chunk(&format!("{line}\n"));
        for number in 2..100 {
            let meant = repeats.line_before(number, "mx1", "");
            assert_eq!(meant.as_deref(), Some(line), "line {number}");
            repeats.end_of_chunk(&format!("{repeat}\n"));
        }
    }
}
