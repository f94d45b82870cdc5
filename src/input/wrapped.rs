//! Lines that wrap a log line: JSON, and the parts into which container runtimes cut long lines.
//!
//! Each line of the input stays one line: the joined line stands where its last part stood, and an empty
//! line stands for each part before it. Text without such lines passes through untouched, at the price of
//! one search a chunk.

use super::chunk::MAX_LINE;
use super::json::{JsonLine, begins_a_line, parse_json_line};
use memchr::memchr2_iter;

/// Text of a chunk without wrapping.
#[derive(PartialEq, Eq, Debug, Default)]
pub(super) struct Bare {
    pub(super) text: String,
    /// Lines that became too long when they were joined.
    pub(super) cut_lines: u64,
    /// Bytes inside JSON that were not UTF-8.
    pub(super) invalid_bytes: u64,
}

/// Unwraps the chunks of one source in their order.
#[derive(Default, Debug)]
pub(super) struct Wrapped {
    /// Lines of which only parts were seen yet: standard output, standard error.
    open: [Option<Open>; 2],
    /// The last line seen was a part of this stream's; its line is written when the next one shows whether
    /// it goes on.
    owed: Option<usize>,
}

#[derive(Debug)]
struct Open {
    prefix: String,
    text: String,
    cut: bool,
}

/// A part that a container runtime wrote.
struct Part<'a> {
    stream: usize,
    prefix: &'a str,
    /// What stands between prefix and text of a complete line.
    tag: &'static str,
    text: &'a str,
    complete: bool,
    /// The runtime says itself that this is a part (CRI); Docker only leaves out the line feed, as
    /// collectors do.
    told: bool,
}

impl Wrapped {
    /// The text with its lines unwrapped; `last` when the source ends here.
    pub(super) fn unwrap(&mut self, text: String, last: bool) -> Bare {
        if self.open.iter().all(Option::is_none) && !has_wrapped_line(&text) {
            return Bare { text, ..Bare::default() };
        }
        let mut bare = Bare { text: String::with_capacity(text.len()), ..Bare::default() };
        for line in text.split_inclusive('\n') {
            match line.strip_suffix('\n') {
                Some(body) => self.line(body, "\n", &mut bare),
                None => self.line(line, "", &mut bare),
            }
        }
        if last {
            self.end(&mut bare);
        }
        bare
    }

    fn line(&mut self, line: &str, end: &str, bare: &mut Bare) {
        let json = match begin_of_json(line) {
            Some(json) => parse_json_line(json),
            None => None,
        };
        // A whole line by CRI is plain text, but for the end of one that came in parts.
        let cri = cri_part(line).filter(|part| {
            !part.complete || self.open.get(part.stream).is_some_and(Option::is_some)
        });
        let part = match &json {
            Some(JsonLine::Written { to_stderr, prefix, text, complete }) => Some(Part {
                stream: usize::from(*to_stderr),
                prefix,
                tag: "",
                text,
                complete: *complete,
                told: false,
            }),
            _ => cri,
        };
        let Some(part) = part else {
            self.pay(None, bare);
            match json {
                Some(JsonLine::Whole { text, invalid_bytes }) => {
                    bare.invalid_bytes += invalid_bytes;
                    bare.cut_lines += u64::from(push_bounded(&mut bare.text, &text));
                }
                _ => bare.text.push_str(line),
            }
            bare.text.push_str(end);
            return;
        };
        self.pay(Some(&part), bare);
        self.part(&part, bare);
        if self.owed.is_none() {
            bare.text.push_str(end);
        }
    }

    /// Writes the line of the part before, now that the next line is known.
    fn pay(&mut self, next: Option<&Part<'_>>, bare: &mut Bare) {
        let Some(stream) = self.owed.take() else { return };
        let ended = next
            .is_some_and(|next| next.stream == stream && !next.told && begins_a_line(next.text));
        if ended {
            self.close(stream, bare);
        }
        bare.text.push('\n');
    }

    fn part(&mut self, part: &Part<'_>, bare: &mut Bare) {
        let Some(slot) = self.open.get_mut(part.stream) else { return };
        if part.complete && slot.is_none() {
            let own = !part.told && (part.text.is_empty() || begins_a_line(part.text));
            let prefix = if own { "" } else { part.prefix };
            let line = format!("{prefix}{}{}", part.tag, part.text);
            bare.cut_lines += u64::from(push_bounded(&mut bare.text, &line));
            return;
        }
        let open = slot.get_or_insert_with(|| {
            let own = !part.told && begins_a_line(part.text);
            let prefix = if own { String::new() } else { format!("{}{}", part.prefix, part.tag) };
            Open { prefix, text: String::new(), cut: false }
        });
        if !open.cut {
            open.cut = push_bounded(&mut open.text, part.text);
        }
        if part.complete {
            self.close(part.stream, bare);
        } else {
            self.owed = Some(part.stream);
        }
    }

    fn close(&mut self, stream: usize, bare: &mut Bare) {
        if let Some(open) = self.open.get_mut(stream).and_then(Option::take) {
            let line = format!("{}{}", open.prefix, open.text);
            let cut = push_bounded(&mut bare.text, &line) || open.cut;
            bare.cut_lines += u64::from(cut);
        }
    }

    /// The source ended inside lines: what is there of them is given. The last one has a line to stand in;
    /// one of the other stream gets a line more.
    fn end(&mut self, bare: &mut Bare) {
        if let Some(stream) = self.owed.take() {
            self.close(stream, bare);
            bare.text.push('\n');
        }
        for stream in 0..self.open.len() {
            if self.open.get(stream).is_some_and(Option::is_some) {
                if !bare.text.is_empty() && !bare.text.ends_with('\n') {
                    bare.text.push('\n');
                }
                self.close(stream, bare);
                bare.text.push('\n');
            }
        }
    }
}

/// Appends what keeps `text` within the length of a line; whether something was left out. `text` holds
/// nothing but the begin of this line, or ends before it.
fn push_bounded(text: &mut String, more: &str) -> bool {
    let begin = text.rfind('\n').map_or(0, |at| at + 1);
    let room = MAX_LINE.saturating_sub(text.len() - begin);
    let mut fits = more.len().min(room);
    while !more.is_char_boundary(fits) {
        fits -= 1;
    }
    text.push_str(more.get(..fits).unwrap_or_default());
    fits < more.len()
}

/// The object of a line that is JSON: alone, behind `data: ` (server-sent events) or a record separator.
fn begin_of_json(line: &str) -> Option<&str> {
    let line = line.strip_prefix("data: ").unwrap_or(line);
    let line = line.strip_prefix('\u{1e}').unwrap_or(line);
    line.starts_with('{').then_some(line)
}

/// `STAMP stdout P TEXT` (K-2).
fn cri_part(line: &str) -> Option<Part<'_>> {
    let stamp = line.find(' ').filter(|at| *at < 40)?;
    let (_, behind) = line.split_at_checked(stamp + 1)?;
    let (stream, rest) = if let Some(rest) = behind.strip_prefix("stdout ") {
        (0, rest)
    } else {
        (1, behind.strip_prefix("stderr ")?)
    };
    let (complete, text) = match rest.strip_prefix("P ") {
        Some(text) => (false, text),
        None => (true, if rest == "F" { "" } else { rest.strip_prefix("F ")? }),
    };
    let prefix = line.get(..stamp + 1 + "stdout ".len())?;
    Some(Part { stream, prefix, tag: "F ", text, complete, told: true })
}

/// Whether a line is JSON, or a part by CRI. One search for both: every byte of the input goes through it.
fn has_wrapped_line(text: &str) -> bool {
    let bytes = text.as_bytes();
    let before = |at: usize| bytes.get(..at).unwrap_or_default();
    memchr2_iter(b'{', b'P', bytes).any(|at| {
        if bytes.get(at) == Some(&b'P') {
            let before = before(at);
            return bytes.get(at + 1) == Some(&b' ')
                && (before.ends_with(b" stdout ") || before.ends_with(b" stderr "));
        }
        let before = before(at);
        let before = before.strip_suffix(b"\x1e").unwrap_or(before);
        let before = before.strip_suffix(b"data: ").unwrap_or(before);
        before.last().is_none_or(|last| *last == b'\n')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docker(log: &str, stream: &str) -> String {
        format!(r#"{{"log":"{log}","stream":"{stream}","time":"2026-01-05T10:00:00.1Z"}}"#)
    }

    /// In chunks of every number of lines, which must not matter.
    fn bare(lines: &[String]) -> String {
        let whole = Wrapped::default().unwrap(lines.join("\n"), true).text;
        for size in 1..=lines.len() {
            let mut wrapped = Wrapped::default();
            let mut text = String::new();
            let chunks: Vec<String> = lines.chunks(size).map(|c| c.join("\n")).collect();
            for (n, chunk) in chunks.iter().enumerate() {
                let last = n + 1 == chunks.len();
                let end = if last { "" } else { "\n" };
                text.push_str(&wrapped.unwrap(format!("{chunk}{end}"), last).text);
            }
            assert_eq!(text, whole, "chunks of {size} lines");
        }
        whole
    }

    #[test]
    fn docker_parts_are_joined_where_the_last_one_stands() {
        let lines = [
            docker("Jan  5 10:00:00 mx1 postfix/smtp[811]: a", "stdout"),
            docker("b", "stdout"),
            docker("c\\n", "stdout"),
            docker("postfix/smtp[811]: T\\n", "stdout"),
            docker("\\n", "stdout"),
        ];
        assert_eq!(
            bare(&lines),
            "\n\nJan  5 10:00:00 mx1 postfix/smtp[811]: abc\n\
             2026-01-05T10:00:00.1Z postfix/smtp[811]: T\n"
        );
    }

    #[test]
    fn lines_whose_line_feed_a_collector_took_are_not_joined() {
        let lines = [
            docker("Jan  5 10:00:00 mx1 p: a", "stdout"),
            docker("Jan  5 10:00:01 mx1 p: b", "stdout"),
            docker("Jan  5 10:00:02 mx1 p: c", "stdout"),
        ];
        assert_eq!(
            bare(&lines),
            "Jan  5 10:00:00 mx1 p: a\nJan  5 10:00:01 mx1 p: b\nJan  5 10:00:02 mx1 p: c\n"
        );
    }

    #[test]
    fn streams_are_joined_apart_and_nothing_is_lost_at_the_end() {
        let lines = [
            "2026-01-05T10:00:00.1Z stdout P a".to_owned(),
            "2026-01-05T10:00:00.2Z stderr P x".to_owned(),
            "2026-01-05T10:00:00.3Z stdout F b".to_owned(),
            "2026-01-05T10:00:00.4Z stdout P c".to_owned(),
            "Jan  5 10:00:00 mx1 p: plain".to_owned(),
            "2026-01-05T10:00:00.5Z stderr P y".to_owned(),
        ];
        assert_eq!(
            bare(&lines),
            "\n\n2026-01-05T10:00:00.1Z stdout F ab\n\nJan  5 10:00:00 mx1 p: plain\n\
             2026-01-05T10:00:00.2Z stderr F xy\n2026-01-05T10:00:00.4Z stdout F c\n"
        );
    }

    #[test]
    fn a_line_of_endless_parts_is_bounded() {
        let part = format!("2026-01-05T10:00:00.1Z stdout P {}\n", "x".repeat(16_000));
        let mut wrapped = Wrapped::default();
        let text = part.repeat(20) + "2026-01-05T10:00:00.1Z stdout F end\n";
        let bare = wrapped.unwrap(text, true);
        assert_eq!(bare.cut_lines, 1);
        assert_eq!(bare.text.lines().count(), 21);
        assert_eq!(bare.text.lines().last().unwrap().len(), MAX_LINE);
    }

    #[test]
    fn plain_text_is_not_touched() {
        for text in [
            "Jan  5 10:00:00 mx1 amavis[1]: Passed CLEAN {RelayedInbound}\n",
            "  {\"message\":\"T\"}\n",
            "x P y\nstdout P z\n",
        ] {
            assert!(!has_wrapped_line(text), "{text}");
        }
        for text in ["a\n{", "data: {", "a\n\u{1e}{", "1 stdout P x"] {
            assert!(has_wrapped_line(text), "{text}");
        }
        let json = "{\"a\":1}\nplain\n{\nlast".to_owned();
        assert_eq!(Wrapped::default().unwrap(json.clone(), true).text, json);
    }

    #[test]
    fn marks_of_event_streams_and_sequences_go() {
        let object = r#"{"line":"Jan  5 10:00:00 mx1 p: T"}"#;
        let text = format!("data: {object}\n\u{1e}{object}\n{object}");
        assert_eq!(
            Wrapped::default().unwrap(text, true).text,
            ["Jan  5 10:00:00 mx1 p: T"; 3].join("\n")
        );
    }
}
