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
mod notice;
mod postfix;
mod repeated;
mod speaker;
mod token;

use crate::event::{Content, Defect, Header, Line, Mta, Note};
use crate::time::{Local, Stamp, StampCache};
use envelope::{
    Envelope, behind_cri, borne, envelope_by_program, envelope_with_new_head, may_be_cri,
    may_be_exim_file, unusual_envelope,
};
use heads::{Cut, Heads};
pub(crate) use notice::parse_notice;
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

/// A [`Line`] without its content.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) header: Header<'a>,
    pub(crate) text: Option<&'a str>,
    pub(crate) mta: Option<Mta>,
    pub(crate) count: u32,
}

impl<'a> About<'a> {
    /// As a line.
    pub(crate) fn with(self, content: &Content<'a>) -> Line<'a> {
        let Self { header, text, mta, count } = self;
        Line { header, text, mta, count, content: *content }
    }
}

/// Parses lines in their order.
#[derive(Clone, Debug, Default)]
pub struct LineParser {
    stamps: StampCache,
    /// Of Exim's own stamps behind those of syslog.
    inner_stamps: StampCache,
    heads: Heads,
    previous: Previous,
}

impl LineParser {
    /// The parser for lines that follow what `previous` says, with what it remembers to save work.
    ///
    /// Lines without an envelope are judged by it, so whoever begins in the middle of a log parses the
    /// lines before the first envelope when it is known what came before them.
    #[must_use]
    pub fn after(self, previous: Previous) -> Self {
        Self { previous, ..self }
    }

    /// Who wrote the last line that had an envelope.
    pub fn previous(&self) -> Previous {
        self.previous
    }

    /// Reads one line, without its line feed. Any text is accepted.
    ///
    /// Nearly every line has a head that was met before (`heads.rs`), or begins as an entry of Exim's own files;
    /// the others take the long way.
    #[inline]
    pub fn parse<'a>(&mut self, line: &'a str) -> Line<'a> {
        self.parse_with(line, About::with)
    }

    /// As [`Self::parse`], for whoever does not need a whole [`Line`]. A content is large, and to move it about
    /// takes as long as to parse many a line: so `take` is shown it where it was made, and
    /// copies what it keeps.
    #[inline]
    pub(crate) fn parse_with<'a, T>(
        &mut self,
        line: &'a str,
        take: impl FnOnce(About<'a>, &Content<'a>) -> T,
    ) -> T {
        let line = trim(line);
        let Some((stamp, rest)) = self.stamps.parse(line) else {
            return self.in_unusual_envelope(line, take);
        };
        let strict = may_be_exim_file(line);
        if strict && exim::begins_entry(rest) {
            return self.without_program(Header { stamp, ..Header::default() }, rest, take);
        }
        match self.heads.cut(rest) {
            Some(Cut { host, program, speaker, pid, text })
                if !(strict && pid.is_none() || may_be_cri(text)) =>
            {
                self.previous = Previous::Other;
                let header = Header { stamp, host, program, pid };
                line_of(header, speaker, text, &mut self.inner_stamps, take)
            }
            _ => {
                let envelope = envelope_with_new_head(stamp, rest, strict, &mut self.heads);
                self.in_envelope(envelope, take)
            }
        }
    }

    #[inline(never)]
    fn in_unusual_envelope<'a, T>(
        &mut self,
        line: &'a str,
        take: impl FnOnce(About<'a>, &Content<'a>) -> T,
    ) -> T {
        if let Some(envelope) = unusual_envelope(line) {
            return self.in_envelope(envelope, take);
        }
        if let Some(envelope) = envelope_by_program(line) {
            return self.in_envelope(envelope, take);
        }
        let (about, content) = self.without_envelope(trim_end(line));
        take(about, &content)
    }

    #[inline(never)]
    fn in_envelope<'a, T>(
        &mut self,
        envelope: Envelope<'a>,
        take: impl FnOnce(About<'a>, &Content<'a>) -> T,
    ) -> T {
        let inner = if may_be_cri(envelope.text) { behind_cri(envelope) } else { None };
        let Envelope { header, speaker, text } = inner.unwrap_or(envelope);
        if header.program.is_empty() {
            return self.without_program(header, text, take);
        }
        self.previous = Previous::Other;
        line_of(header, speaker, text, &mut self.inner_stamps, take)
    }

    #[inline(never)]
    fn without_program<'a, T>(
        &mut self,
        header: Header<'a>,
        text: &'a str,
        take: impl FnOnce(About<'a>, &Content<'a>) -> T,
    ) -> T {
        let previous = &mut self.previous;
        line_without_program(header, text, |about, content| {
            let exim = about.mta == Some(Mta::Exim);
            *previous = if exim { Previous::EximFile } else { Previous::Other };
            take(about, content)
        })
    }

    /// A continuation of the entry before, a message without any envelope (`journalctl -o cat`), or junk.
    fn without_envelope<'a>(&self, line: &'a str) -> (About<'a>, Content<'a>) {
        let bare = |mta, content| {
            (About { header: Header::default(), text: None, mta, count: 1 }, content)
        };
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
        match by_content(line) {
            (mta @ Some(_), content) => bare(mta, content),
            _ => bare(None, Content::Malformed(Defect::NoEnvelope)),
        }
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
#[inline]
fn line_of<'a, T>(
    header: Header<'a>,
    speaker: Speaker,
    text: &'a str,
    inner_stamps: &mut StampCache,
    take: impl FnOnce(About<'a>, &Content<'a>) -> T,
) -> T {
    match speaker {
        Speaker::Postfix(Some(family)) if postfix::says_nothing(family, text) => {
            let about = About { header, text: Some(text), mta: Some(Mta::Postfix), count: 1 };
            take(about, &Content::Quiet)
        }
        Speaker::Postfix(family) => line_of_postfix(header, family, text, take),
        Speaker::PerhapsPostfix(family) => line_of_perhaps_postfix(header, family, text, take),
        Speaker::Exim => line_of_exim(header, text, inner_stamps, take),
        Speaker::Bearer => match borne(header, text) {
            Some(Envelope { header, speaker: Speaker::Exim, text }) => {
                line_of_exim(header, text, inner_stamps, take)
            }
            Some(Envelope { header, speaker: Speaker::Postfix(family), text }) => {
                line_of_postfix(header, family, text, take)
            }
            _ => line_of_another(header, text, take),
        },
        Speaker::Other | Speaker::Nobody => line_of_another(header, text, take),
    }
}

#[inline]
fn line_of_another<'a, T>(
    header: Header<'a>,
    text: &'a str,
    take: impl FnOnce(About<'a>, &Content<'a>) -> T,
) -> T {
    let (count, unwrapped) = unwrapped(trim_end(text));
    let about = About { header, text: Some(text), mta: None, count };
    take(about, &other_program(header.program, unwrapped))
}

/// What `message repeated N times: [ TEXT]` wraps, and N; without a wrapping the text itself, once.
#[inline]
fn unwrapped(text: &str) -> (u32, &str) {
    let text = if text.starts_with(['[', ' ']) { behind_message_id(text) } else { text };
    let wrapped = text.starts_with("message repeated ").then(|| repeated::unwrap(text)).flatten();
    wrapped.unwrap_or((1, text))
}

/// `[ID 197553 mail.info] `, which the syslog of Solaris puts before the text, and blanks of a collector's template.
fn behind_message_id(text: &str) -> &str {
    let text = text.trim_start_matches(' ');
    let behind = text.strip_prefix("[ID ").and_then(|rest| rest.split_once("] "));
    match behind {
        Some((inside, rest))
            if inside.len() < 40 && inside.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            rest
        }
        _ => text,
    }
}

#[inline(never)]
fn line_of_postfix<'a, T>(
    header: Header<'a>,
    family: Option<Family>,
    text: &'a str,
    take: impl FnOnce(About<'a>, &Content<'a>) -> T,
) -> T {
    let (count, unwrapped) = unwrapped(trim_end(text));
    let content = postfix::parse(family, unwrapped);
    // Foreign is a policy service or the like under Postfix's name.
    let mta = if matches!(content, Content::Foreign) { None } else { Some(Mta::Postfix) };
    take(About { header, text: Some(text), mta, count }, &content)
}

/// Other software has daemons of this name too: believe only a shape that we know.
#[inline(never)]
fn line_of_perhaps_postfix<'a, T>(
    header: Header<'a>,
    family: Family,
    text: &'a str,
    take: impl FnOnce(About<'a>, &Content<'a>) -> T,
) -> T {
    let (count, unwrapped) = unwrapped(trim_end(text));
    let about = About { header, text: Some(text), mta: Some(Mta::Postfix), count };
    let content = postfix::parse(Some(family), unwrapped);
    if let Content::Unknown
    | Content::Quiet
    | Content::Malformed(_)
    | Content::Note(Note::Trouble { .. }) = content
    {
        return take(About { mta: None, ..about }, &Content::Foreign);
    }
    take(about, &content)
}

#[inline(never)]
fn line_of_exim<'a, T>(
    header: Header<'a>,
    text: &'a str,
    stamps: &mut StampCache,
    take: impl FnOnce(About<'a>, &Content<'a>) -> T,
) -> T {
    let (count, unwrapped) = unwrapped(trim_end(text));
    // Blanks at the end belong to a part that was cut there.
    let entry = if unwrapped.len() < trim_end(text).len() { unwrapped } else { text };
    let mut stamp = None;
    let content = exim::parse_syslog(entry, stamps, &mut stamp);
    let header = Header { stamp: better(header.stamp, stamp), ..header };
    take(About { header, text: Some(text), mta: Some(Mta::Exim), count }, &content)
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
fn line_without_program<'a, T>(
    header: Header<'a>,
    with_blanks: &'a str,
    take: impl FnOnce(About<'a>, &Content<'a>) -> T,
) -> T {
    let text = trim_end(with_blanks);
    let about = About { header, text: Some(with_blanks), mta: Some(Mta::Exim), count: 1 };
    if let Some(times) = repeated::repeat_of_the_line_before(text) {
        return take(About { mta: None, ..about }, &Content::Repeat(times));
    }
    let content = exim::parse(text);
    if !matches!(content, Content::Unknown | Content::Malformed(_)) {
        return take(about, &content);
    }
    match by_content(text) {
        (mta @ Some(_), content) => take(About { mta, ..about }, &content),
        // A syslog line whose program has no colon (`-- MARK --`, `syslogd restart`) is not Exim's.
        _ if matches!(header.stamp, Stamp::Local(Local { year: None, .. })) => {
            take(About { mta: None, ..about }, &Content::Foreign)
        }
        _ => take(about, &content),
    }
}

/// No program: believe only shapes that are certain.
fn by_content(text: &str) -> (Option<Mta>, Content<'_>) {
    if let content @ (Content::Event(_) | Content::Note(_)) = exim::parse(text) {
        return (Some(Mta::Exim), content);
    }
    match postfix::parse_without_daemon(text) {
        content @ (Content::Event(_) | Content::Note(_)) => (Some(Mta::Postfix), content),
        _ => (None, Content::Foreign),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn queue_id(parser: &mut LineParser, line: &str) -> Option<String> {
        match parser.parse(line).content {
            Content::Event(event) => event.queue_id.map(str::to_owned),
            _ => None,
        }
    }

    #[test]
    fn lines_that_another_passes_on_are_read_and_nobody_elses() {
        const POSTFIX: &str = "postfix/smtp[7]: 4C1D2E3F40: to=<b@example.com>, relay=none, \
                               delay=1, status=deferred (x)";
        const EXIM: &str = "2026-01-05 10:00:00 1tUAbc-0000xY-3c ** b@example.com: x";
        let parse = |line: &str| {
            let mut parser = LineParser::default();
            let line = parser.parse(line);
            let id = match line.content {
                Content::Event(event) => event.queue_id.unwrap_or("").to_owned(),
                content => format!("{content:?}"),
            };
            (line.header.host.to_owned(), id)
        };
        let head = "Jan  5 10:00:00 mx1 ";
        for bearer in ["abc123def456[812]: ", "docker/mail[812]: ", "journal: "] {
            for (line, host, id) in [
                (POSTFIX, "mx1", "4C1D2E3F40"),
                (EXIM, "mx1", "1tUAbc-0000xY-3c"),
                (&format!("Jan  5 10:00:00 mail {POSTFIX}"), "mail", "4C1D2E3F40"),
                ("Jan  5 10:00:00 mail sshd[7]: bye", "mx1", "Foreign"),
                ("bye", "mx1", "Foreign"),
            ] {
                let got = parse(&format!("{head}{bearer}{line}"));
                assert_eq!(got, (host.to_owned(), id.to_owned()), "{bearer}{line}");
            }
        }
        let got = parse(&format!("Jan  5 10:00:00 192.0.2.1: {POSTFIX}"));
        assert_eq!(got, ("192.0.2.1".to_owned(), "4C1D2E3F40".to_owned()));
        // What a program says may be a stranger's words.
        for program in ["myapp[812]: ", "root: ", "abc123[1]: "] {
            assert_eq!(parse(&format!("{head}{program}{POSTFIX}")).1, "Foreign", "{program}");
        }
    }

    #[test]
    fn what_solaris_and_templates_put_before_the_text_is_no_part_of_it() {
        const TEXT: &str =
            "4C1D2E3F40: to=<b@example.com>, relay=none, delay=1, status=deferred (x)";
        for before in ["[ID 197553 mail.info] ", " ", " [ID 1 mail.warning] "] {
            let line = format!("Jan  5 10:00:00 mx1 postfix/smtp[811]: {before}{TEXT}");
            let id = queue_id(&mut LineParser::default(), &line);
            assert_eq!(id.as_deref(), Some("4C1D2E3F40"), "{line}");
        }
    }

    #[test]
    fn a_program_in_a_header_of_the_reject_log_is_not_believed() {
        let mut parser = LineParser::default();
        let header = "* X: mx1 postfix/smtp[811]: 4C1D2E3F40: to=<b@example.com>, relay=none, delay=1, status=deferred (x)";
        assert_eq!(queue_id(&mut parser, header), None);
        parser.parse("2026-01-05 10:00:00 1tUAbc-0000xY-3c H=mx.example.net [192.0.2.9] F=<a@example.net> rejected after DATA");
        assert_eq!(queue_id(&mut parser, header), None);
    }
}
