//! From a line of text to a [`Line`]: the only door is [`LineParser::parse`].
//!
//! A pure function but for memories that save work (the last time stamps, the hosts and programs met) or
//! decide about continuation lines: who wrote the line before. No clock, no file, no allocation, and no way to fail: a line that
//! does not match is a value. The way: envelope, then the program's name, then the daemon, then the first
//! token. To add a daemon or a shape: see the top of `postfix/mod.rs` and `exim/mod.rs`.

mod envelope;
mod exim;
mod heads;
mod near;
mod postfix;
mod repeated;
mod speaker;
mod token;

use crate::event::{Content, Defect, Header, Line, Mta, Note};
use crate::time::{Local, Stamp, StampCache};
use envelope::{
    Envelope, behind_cri, envelope_with_new_head, may_be_cri, may_be_exim_file, unusual_envelope,
};
use heads::{Cut, Heads};
use postfix::Family;
use speaker::Speaker;

/// Who wrote the last line that had an envelope: decides what a line without one is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Previous {
    /// No line with an envelope yet.
    #[default]
    Nothing,
    /// An entry of one of Exim's own files, whose further lines have no stamp (reject log).
    EximFile,
    /// Anything else.
    Other,
}

/// Parses lines in their order.
#[derive(Debug, Default)]
pub struct LineParser {
    stamps: StampCache,
    /// Of Exim's own stamps behind those of syslog.
    inner_stamps: StampCache,
    heads: Heads,
    previous: Previous,
}

impl LineParser {
    /// A parser for lines that follow what `previous` says.
    ///
    /// Lines without an envelope are judged by it, so whoever begins in the middle of a log parses the
    /// lines before the first envelope when it is known what came before them.
    pub fn after(previous: Previous) -> Self {
        Self { previous, ..Self::default() }
    }

    /// Who wrote the last line that had an envelope.
    pub fn previous(&self) -> Previous {
        self.previous
    }

    /// Reads one line, without its line feed. Any text is accepted.
    ///
    /// Nearly every line has a head that was met before ([`Heads`]), or begins as an entry of Exim's own files;
    /// the others take the long way.
    #[inline]
    pub fn parse<'a>(&mut self, line: &'a str) -> Line<'a> {
        let line = trim(line);
        let Some((stamp, rest)) = self.stamps.parse(line) else {
            return self.in_unusual_envelope(line);
        };
        let strict = may_be_exim_file(line);
        if strict && exim::begins_entry(rest) {
            return self.without_program(Header { stamp, ..Header::default() }, rest);
        }
        match self.heads.cut(rest) {
            Some(Cut { host, program, speaker, pid, text })
                if !(strict && pid.is_none() || may_be_cri(text)) =>
            {
                self.previous = Previous::Other;
                let header = Header { stamp, host, program, pid };
                line_of(header, speaker, text, &mut self.inner_stamps)
            }
            _ => {
                let envelope = envelope_with_new_head(stamp, rest, strict, &mut self.heads);
                self.in_envelope(envelope)
            }
        }
    }

    #[inline(never)]
    fn in_unusual_envelope<'a>(&mut self, line: &'a str) -> Line<'a> {
        match unusual_envelope(line) {
            Some(envelope) => self.in_envelope(envelope),
            None => self.without_envelope(trim_end(line)),
        }
    }

    #[inline(never)]
    fn in_envelope<'a>(&mut self, envelope: Envelope<'a>) -> Line<'a> {
        let inner = if may_be_cri(envelope.text) { behind_cri(envelope) } else { None };
        let Envelope { header, speaker, text } = inner.unwrap_or(envelope);
        if header.program.is_empty() {
            return self.without_program(header, text);
        }
        self.previous = Previous::Other;
        line_of(header, speaker, text, &mut self.inner_stamps)
    }

    #[inline(never)]
    fn without_program<'a>(&mut self, header: Header<'a>, text: &'a str) -> Line<'a> {
        let line = line_without_program(header, text);
        let exim = line.mta == Some(Mta::Exim);
        self.previous = if exim { Previous::EximFile } else { Previous::Other };
        line
    }

    /// A continuation of the entry before, a message without any envelope (`journalctl -o cat`), or junk.
    fn without_envelope<'a>(&self, line: &'a str) -> Line<'a> {
        let bare =
            |mta, content| Line { header: Header::default(), text: None, mta, count: 1, content };
        if line.is_empty() {
            return bare(None, Content::Quiet);
        }
        if self.previous == Previous::EximFile {
            return bare(Some(Mta::Exim), Content::Quiet);
        }
        if let Some(times) = repeated::repeat_of_the_line_before(line) {
            return bare(None, Content::Repeat(times));
        }
        // `-- Boot 1a2b --`, `==> /var/log/mail.log <==`, and continuation lines of any program.
        if line.starts_with("-- ") || line.starts_with("==> ") {
            return bare(None, Content::Quiet);
        }
        if self.previous == Previous::Other && line.starts_with([' ', '\t']) {
            return bare(None, Content::Quiet);
        }
        let parsed = by_content(Header::default(), line);
        if parsed.mta.is_some() {
            return Line { text: None, ..parsed };
        }
        bare(None, Content::Malformed(Defect::NoEnvelope))
    }
}

/// Reads an Exim entry that syslog had split and that was put together again: the parts' texts
/// ([`Content::Part`]) one after another. Gives Exim's own stamp where the entry has it.
pub fn parse_exim_entry(text: &str) -> (Option<Stamp>, Content<'_>) {
    let mut stamp = None;
    let content = exim::parse_syslog(text, &mut StampCache::default(), &mut stamp);
    (stamp, content)
}

/// NULs of a crash before the line, a byte order mark, and the CR of CRLF at the end. Blanks at the end go
/// later, as they belong to the text of an Exim entry that was cut there.
#[inline]
fn trim(line: &str) -> &str {
    let line = match line.as_bytes().first() {
        Some(b'\0' | 0xef) => {
            let line = line.trim_start_matches('\0');
            line.strip_prefix('\u{feff}').unwrap_or(line)
        }
        _ => line,
    };
    if line.ends_with('\r') { line.trim_end_matches('\r') } else { line }
}

/// Without the blanks at the end.
#[inline]
fn trim_end(text: &str) -> &str {
    if text.ends_with([' ', '\t', '\r']) { text.trim_end_matches([' ', '\t', '\r']) } else { text }
}

/// By the program.
///
/// A [`Line`] is large, so every function from here on builds one, where its caller wants it, and mends it there.
fn line_of<'a>(
    header: Header<'a>,
    speaker: Speaker,
    text: &'a str,
    inner_stamps: &mut StampCache,
) -> Line<'a> {
    match speaker {
        Speaker::Postfix(family) => line_of_postfix(header, family, text),
        Speaker::PerhapsPostfix(family) => line_of_perhaps_postfix(header, family, text),
        Speaker::Exim => line_of_exim(header, text, inner_stamps),
        Speaker::Other | Speaker::Nobody => line_of_others(header, text),
    }
}

/// What `message repeated N times: [ TEXT]` wraps, and N; without a wrapping the text itself, once.
#[inline]
fn unwrapped(text: &str) -> (u32, &str) {
    let wrapped = text.starts_with("message repeated ").then(|| repeated::unwrap(text)).flatten();
    wrapped.unwrap_or((1, text))
}

#[inline(never)]
fn line_of_postfix<'a>(header: Header<'a>, family: Option<Family>, text: &'a str) -> Line<'a> {
    let (count, unwrapped) = unwrapped(trim_end(text));
    let content = postfix::parse(family, unwrapped);
    let mut line = Line { header, text: Some(text), mta: Some(Mta::Postfix), count, content };
    // A policy service or the like under Postfix's name.
    if matches!(line.content, Content::Foreign) {
        line.mta = None;
    }
    line
}

/// Other software has daemons of this name too: believe only a shape that we know.
#[inline(never)]
fn line_of_perhaps_postfix<'a>(header: Header<'a>, family: Family, text: &'a str) -> Line<'a> {
    let (count, unwrapped) = unwrapped(trim_end(text));
    let content = postfix::parse(Some(family), unwrapped);
    let mut line = Line { header, text: Some(text), mta: Some(Mta::Postfix), count, content };
    if let Content::Unknown
    | Content::Quiet
    | Content::Malformed(_)
    | Content::Note(Note::Trouble { .. }) = line.content
    {
        line.mta = None;
        line.content = Content::Foreign;
    }
    line
}

#[inline(never)]
fn line_of_exim<'a>(header: Header<'a>, text: &'a str, stamps: &mut StampCache) -> Line<'a> {
    let (count, unwrapped) = unwrapped(trim_end(text));
    // Blanks at the end belong to a part that was cut there.
    let entry = if unwrapped.len() < trim_end(text).len() { unwrapped } else { text };
    let mut stamp = None;
    let content = exim::parse_syslog(entry, stamps, &mut stamp);
    let mut line = Line { header, text: Some(text), mta: Some(Mta::Exim), count, content };
    line.header.stamp = better(header.stamp, stamp);
    line
}

#[inline(never)]
fn line_of_others<'a>(header: Header<'a>, text: &'a str) -> Line<'a> {
    let (count, unwrapped) = unwrapped(trim_end(text));
    let content = other_program(header.program, unwrapped);
    Line { header, text: Some(text), mta: None, count, content }
}

/// Of syslog's stamp and Exim's own: the one that knows its zone, else Exim's, which has the year.
fn better(outer: Stamp, own: Option<Stamp>) -> Stamp {
    match (outer, own) {
        (Stamp::Absolute(_), Some(Stamp::Local(_) | Stamp::Missing)) | (_, None) => outer,
        (_, Some(own)) => own,
    }
}

/// A stamp and then text at once: Exim's own files; or a syslog line that only points at the one before.
#[inline]
fn line_without_program<'a>(header: Header<'a>, with_blanks: &'a str) -> Line<'a> {
    let text = trim_end(with_blanks);
    if let Some(times) = repeated::repeat_of_the_line_before(text) {
        let content = Content::Repeat(times);
        return Line { header, text: Some(with_blanks), mta: None, count: 1, content };
    }
    let content = exim::parse(text);
    let mut line =
        Line { header, text: Some(with_blanks), mta: Some(Mta::Exim), count: 1, content };
    if let Content::Unknown | Content::Malformed(_) = line.content {
        let other = by_content(header, text);
        if other.mta.is_some() {
            line = Line { text: Some(with_blanks), ..other };
        } else if let Stamp::Local(Local { year: None, .. }) = header.stamp {
            // A syslog line whose program has no colon (`-- MARK --`, `syslogd restart`) is not Exim's.
            line.mta = None;
            line.content = Content::Foreign;
        }
    }
    line
}

/// No program: believe only shapes that are certain.
fn by_content<'a>(header: Header<'a>, text: &'a str) -> Line<'a> {
    let found = |mta, content| Line { header, text: Some(text), mta, count: 1, content };
    if let content @ (Content::Event(_) | Content::Note(_)) = exim::parse(text) {
        return found(Some(Mta::Exim), content);
    }
    match postfix::parse_without_daemon(text) {
        content @ (Content::Event(_) | Content::Note(_)) => found(Some(Mta::Postfix), content),
        _ => found(None, Content::Foreign),
    }
}

/// Other programs are skipped, but for the word of the log itself that lines are missing (N-4).
fn other_program<'a>(program: &str, text: &'a str) -> Content<'a> {
    let lost = match program {
        "rsyslogd" | "rsyslogd-pstats" | "syslog-ng" => lost_lines(text, "lost "),
        "systemd-journald" | "journal" | "systemd-journal" => lost_lines(text, "Suppressed "),
        _ => None,
    };
    match lost {
        Some(lines) => Content::Note(Note::LostLines { lines, text }),
        None => Content::Foreign,
    }
}

/// `imuxsock lost 231 messages from pid 811 due to rate-limiting`, `Suppressed 40 messages from …`.
fn lost_lines(text: &str, before: &str) -> Option<u64> {
    let (_, behind) = text.split_once(before)?;
    let (rest, lines) = token::number(behind).ok()?;
    rest.trim_start().starts_with("messages").then_some(lines)
}
