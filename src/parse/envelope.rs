//! What stands before the MTA's own text: priority, time, host, program, process.
//!
//! Names in brackets are those of the log-envelope inventory. The common forms (E-1, E-3) take the short way
//! through [`Heads`] or [`syslog_tag`]; everything else is looked for only where that fails. To add a form: a function
//! that gives an [`Envelope`], one line in [`unusual_envelope`], one line in the test. JSON lines (journald,
//! Docker) never come here: the input floor turns them into plain lines first.

use super::heads::Heads;
use super::speaker::{Speaker, speaker_of};
use super::token::{Res, number, until, word};
use crate::bytes::digits_in;
use crate::event::Header;
use crate::time::{Stamp, parse_stamp};
use memchr::memmem::Finder;
use nom::Parser;
use nom::bytes::complete::tag;
use nom::sequence::{delimited, preceded};
use std::sync::LazyLock;

/// A line cut into its envelope and the text of the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope<'a> {
    pub(super) header: Header<'a>,
    /// Who writes under the program's name.
    pub(super) speaker: Speaker,
    /// Behind `program[pid]: `, or behind the stamp where there is no program.
    pub(super) text: &'a str,
}

impl<'a> Envelope<'a> {
    fn new(header: Header<'a>, text: &'a str) -> Self {
        Self { header, speaker: speaker_of(header.program), text }
    }
}

/// Cuts the envelope off a line that does not begin with a stamp; `None` when it has no stamp in a place
/// where one can be.
pub(super) fn unusual_envelope(line: &str) -> Option<Envelope<'_>> {
    if line.starts_with('<') {
        return with_priority(line);
    }
    // RFC 5424 whose priority a collector took away.
    if let Some(rest) = line.strip_prefix("1 ")
        && let Some(envelope) = rfc_5424(rest)
        && names_a_mail_server(envelope.header.program)
    {
        return Some(envelope);
    }
    behind_a_prefix(line)
}

/// Cuts the envelope off a line that has no stamp in a place where one can be, by the one thing that is certain:
/// `PROGRAM[PID]: ` of a mail server near its beginning, or `postfix/COMMAND: ` at it. Whatever stands before is
/// a host (`host program[pid]: …` of the journal), or a time in a form that we do not know (E-13).
///
/// Header lines of Exim's reject log are a stranger's words and begin with one character and a space, with white
/// space or with `Envelope-`: none of them is believed, wherever it stands.
pub(super) fn envelope_by_program(line: &str) -> Option<Envelope<'_>> {
    const FARTHEST: usize = 200;
    if line.starts_with("postfix/")
        && let Ok((text, (program, pid))) = syslog_tag(true).parse(line)
    {
        return Some(Envelope::new(Header { program, pid, ..Header::default() }, text));
    }
    let first = line.split(' ').next().unwrap_or("");
    if first.len() < 2 || first.ends_with(':') && !first.ends_with("]:") || first.contains('\t') {
        return None;
    }
    let near = line.as_bytes().get(..FARTHEST).unwrap_or(line.as_bytes());
    for at in memchr::memmem::find_iter(near, b"]: ") {
        let front = line.get(..at)?;
        let Some((front, digits)) = front.rsplit_once('[') else { continue };
        let start = front.rfind([' ', '\t', '|', '"', '>', '`']).map_or(0, |at| at + 1);
        let (front, program) = front.split_at_checked(start)?;
        let Ok(pid) = digits.parse() else { continue };
        if !matches!(speaker_of(program), Speaker::Postfix(_) | Speaker::Exim) {
            continue;
        }
        if let Some(envelope) = stamp_inside(line, front) {
            return Some(envelope);
        }
        let host = front.trim_end().rsplit([' ', '\t']).next().unwrap_or("");
        let host = if host.contains([':', '@', '|']) || is_level(host) { "" } else { host };
        let header = Header { stamp: Stamp::Missing, host, program, pid: Some(pid) };
        return Some(Envelope::new(header, line.get(at + 3..)?));
    }
    None
}

/// The envelope from the first stamp in `front` on, the beginning of `line`.
fn stamp_inside<'a>(line: &'a str, front: &str) -> Option<Envelope<'a>> {
    let starts = front.match_indices([' ', '\t', '|', '"', '>', '`']).map(|(at, _)| at + 1);
    starts.take(16).find_map(|at| {
        let rest = line.get(at..)?;
        let (stamp, behind) = parse_stamp(rest)?;
        Some(after_stamp(stamp, behind, rest)).filter(|e| !e.header.program.is_empty())
    })
}

/// Exim's own files have `YYYY-MM-DD HH:MM:SS` and then text at once, which may hold words with colons; so a
/// program is believed there only when it has its process number or names a mail server.
#[inline]
pub(super) fn may_be_exim_file(line: &str) -> bool {
    line.as_bytes().first().is_some_and(u8::is_ascii_digit)
        && line.as_bytes().get(10) == Some(&b' ')
}

/// Cuts the envelope off a line that begins with a stamp, `rest` being behind it, and remembers its head.
pub(super) fn envelope_with_new_head<'a>(
    stamp: Stamp,
    rest: &'a str,
    strict: bool,
    heads: &mut Heads,
) -> Envelope<'a> {
    if strict && !may_have_tag(rest) {
        return Envelope::new(Header { stamp, ..Header::default() }, rest);
    }
    if let Ok((text, (word, (program, pid)))) = (host, syslog_tag(strict)).parse(rest) {
        let host = if is_level(word) { "" } else { host_name(word) };
        let envelope = Envelope::new(Header { stamp, host, program, pid }, text);
        heads.remember(rest, word, host, envelope.speaker);
        return envelope;
    }
    without_simple_tag(stamp, rest, strict)
}

/// Heads that collectors may have put before a line's own, one before the other.
const MOST_HEADS: usize = 4;

/// A line whose host and program do not stand directly behind its stamp.
fn without_simple_tag(stamp: Stamp, rest: &str, strict: bool) -> Envelope<'_> {
    let (mut stamp, mut rest) = (stamp, rest);
    if let Some(envelope) = behind_tabs(stamp, rest) {
        return envelope;
    }
    if let Some(envelope) = with_tag_further_on(stamp, rest, strict) {
        return envelope;
    }
    for _ in 0..MOST_HEADS {
        // Loki's labels before the line (`logcli`).
        let labels = rest.strip_prefix('{').and_then(|labels| labels.split_once("} "));
        let line = labels.map_or(rest, |(_, line)| line);
        // A container runtime's stamp before the line's own (`docker logs --timestamps`).
        let (inner, behind) = match parse_stamp(line) {
            Some(inner) => inner,
            None if labels.is_some() => (stamp, line),
            None => break,
        };
        let strict = may_be_exim_file(line);
        let found = with_simple_tag(inner, behind, strict)
            .or_else(|| with_tag_further_on(inner, behind, strict));
        if let Some(envelope) = found {
            return envelope;
        }
        (stamp, rest) = (inner, behind);
    }
    Envelope::new(Header { stamp, ..Header::default() }, rest)
}

/// Kiwi's files have tabs: `DATE→TIME→Mail.Info→HOST→LINE`.
fn behind_tabs(stamp: Stamp, rest: &str) -> Option<Envelope<'_>> {
    let (level, rest) = rest.split_once('\t').filter(|(level, _)| is_level(level))?;
    let (host, line) = rest.split_once('\t').filter(|(host, _)| level.len() + host.len() < 300)?;
    borne(Header { stamp, host, ..Header::default() }, line)
}

fn with_tag_further_on(stamp: Stamp, rest: &str, strict: bool) -> Option<Envelope<'_>> {
    let (host, program, pid, text) = tag_further_on(rest, strict)?;
    Some(Envelope::new(Header { stamp, host, program, pid }, text))
}

/// An entry of Exim's own file, or `host program[pid]: text`.
fn with_simple_tag(stamp: Stamp, rest: &str, strict: bool) -> Option<Envelope<'_>> {
    if strict && super::exim::begins_entry(rest) {
        return Some(Envelope::new(Header { stamp, ..Header::default() }, rest));
    }
    let (text, (host, (program, pid))) = (host, syslog_tag(strict)).parse(rest).ok()?;
    let host = if is_level(host) { "" } else { host_name(host) };
    Some(Envelope::new(Header { stamp, host, program, pid }, text))
}

fn after_stamp<'a>(stamp: Stamp, rest: &'a str, line: &str) -> Envelope<'a> {
    let strict = may_be_exim_file(line);
    with_simple_tag(stamp, rest, strict).unwrap_or_else(|| without_simple_tag(stamp, rest, strict))
}

/// The host, one word and its space. A word that ends in a colon is a program without a host before it, and
/// the queue id behind it would be taken for the program.
#[inline]
fn host(text: &str) -> Res<'_, &str> {
    let (rest, host) = until(b' ')(text)?;
    if host.ends_with(':') { Err(nom::Err::Error(())) } else { Ok((rest, host)) }
}

/// `program[pid]: ` or `program: `.
#[inline]
fn syslog_tag(strict: bool) -> impl Fn(&str) -> Res<'_, (&str, Option<u32>)> {
    move |text| {
        let bytes = text.as_bytes();
        let end = bytes
            .iter()
            .position(|b| matches!(b, b'[' | b' ' | b':'))
            .ok_or(nom::Err::Error(()))?;
        let (program, rest) = text.split_at_checked(end).ok_or(nom::Err::Error(()))?;
        if program.is_empty() {
            return Err(nom::Err::Error(()));
        }
        let has_pid = rest.starts_with('[');
        let (pid, rest) = behind_program(rest).ok_or(nom::Err::Error(()))?;
        if strict && !has_pid && !names_a_mail_server(program) {
            return Err(nom::Err::Error(()));
        }
        Ok((rest, (program, pid)))
    }
}

/// `[PID]`, where there is one, and `: ` or a `:` that ends the line.
pub(super) fn behind_program(text: &str) -> Option<(Option<u32>, &str)> {
    let (pid, rest) = match text.strip_prefix('[') {
        Some(inside) => {
            let (rest, pid) = number(inside).ok()?;
            (u32::try_from(pid).ok(), rest.strip_prefix(']')?)
        }
        None => (None, text),
    };
    let rest = rest.strip_prefix(':')?;
    if rest.is_empty() {
        return Some((pid, rest));
    }
    Some((pid, rest.strip_prefix(' ')?))
}

/// As [`behind_program`], for `[PID]: ` of at most seven digits: nearly all lines.
#[inline]
pub(super) fn usual_pid(text: &str) -> Option<(u32, &str)> {
    let inside = text.strip_prefix('[')?;
    let (pid, digits) = digits_in(*inside.as_bytes().first_chunk()?);
    let behind = inside.get(digits..)?.strip_prefix("]: ")?;
    (digits > 0).then_some((pid, behind))
}

/// Whether there is anything in `rest` that [`syslog_tag`] or [`tag_further_on`] would accept when strict: a
/// process number, a mail server's name, or the words of a repeat. Sessions without a message id have none of
/// these, and every word of them would be tried.
fn may_have_tag(rest: &str) -> bool {
    static WORDS: LazyLock<[Finder<'static>; 3]> =
        LazyLock::new(|| ["postfix", "exim", "essage repeat"].map(Finder::new));
    let bytes = rest.as_bytes();
    let has_pid = memchr::memchr_iter(b']', bytes).any(|at| {
        let before = bytes.get(..at).unwrap_or_default();
        let digits = before.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        digits > 0
            && bytes.get(at + 1) == Some(&b':')
            && before.get(..at - digits).is_some_and(|before| before.ends_with(b"["))
    });
    has_pid || WORDS.iter().any(|words| words.find(bytes).is_some())
}

fn names_a_mail_server(program: &str) -> bool {
    program.contains("postfix") || program.rsplit('/').next().is_some_and(|p| p.starts_with("exim"))
}

/// The tag is not the second word: no host (E-10), a level or facility (E-6), a chain of relays (E-9), or
/// `last message repeated` without a tag (N-1).
fn tag_further_on(rest: &str, strict: bool) -> Option<(&str, &str, Option<u32>, &str)> {
    let mut host = "";
    let mut at = rest;
    for _ in 0..4 {
        if let Ok((text, (program, pid))) = syslog_tag(strict).parse(at) {
            return Some((host_name(host), program, pid, text));
        }
        let (behind, next) = word(at).ok()?;
        if !is_level(next) {
            host = next;
        }
        if let Some(text) = behind.strip_prefix(' ')
            && super::repeated::is_repeat(text)
        {
            return Some((host_name(host), "", None, text));
        }
        at = behind.strip_prefix(' ')?.trim_start_matches(' ');
    }
    None
}

/// `src@mx1/mx1`, `mx1/192.0.2.5`: the host itself.
fn host_name(word: &str) -> &str {
    let word = word.rsplit('@').next().unwrap_or(word);
    word.split('/').next().unwrap_or(word)
}

/// `<mail.info>`, `mail.info`, `INFO`: the syslog level, not a host.
fn is_level(word: &str) -> bool {
    let word = word.trim_start_matches('<').trim_end_matches('>');
    let level = word.rsplit('.').next().unwrap_or(word);
    let facility = word.split('.').next().unwrap_or("").to_ascii_lowercase();
    ["debug", "info", "notice", "warn", "warning", "err", "error", "crit", "alert", "emerg"]
        .iter()
        .any(|known| level.eq_ignore_ascii_case(known))
        && (level.len() == word.len() || facility == "mail" || facility.starts_with("local"))
}

/// `<22>` and what follows: RFC 3164 (E-2) or RFC 5424 (E-5).
fn with_priority(line: &str) -> Option<Envelope<'_>> {
    let (rest, _) = delimited(tag::<_, _, ()>("<"), number, tag(">")).parse(line).ok()?;
    match rest.strip_prefix("1 ") {
        Some(rest) => rfc_5424(rest),
        None => parse_stamp(rest).map(|(stamp, behind)| after_stamp(stamp, behind, rest)),
    }
}

/// `STAMP HOST APP PROCID MSGID SD [BOM]MSG`, every field perhaps `-`.
fn rfc_5424(rest: &str) -> Option<Envelope<'_>> {
    let (stamp, rest) = match rest.strip_prefix("- ") {
        Some(rest) => (Stamp::Missing, rest),
        None => parse_stamp(rest)?,
    };
    let (rest, (host, program, pid, _msgid)) =
        (until(b' '), until(b' '), until(b' '), until(b' ')).parse(rest).ok()?;
    let text = behind_structured_data(rest)?;
    let text = text.strip_prefix(' ').unwrap_or(text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let known = |field| if field == "-" { "" } else { field };
    let header =
        Header { stamp, host: known(host), program: known(program), pid: pid.parse().ok() };
    Some(Envelope::new(header, text))
}

/// `-`, or `[id k="v\"]"]` elements one after another.
fn behind_structured_data(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix('-') {
        return Some(rest);
    }
    let mut rest = text;
    while rest.starts_with('[') {
        let mut in_quotes = false;
        let mut escaped = false;
        let end = rest.bytes().position(|b| {
            let close = b == b']' && !in_quotes;
            match b {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_quotes = !in_quotes,
                _ => {}
            }
            close
        })?;
        rest = rest.get(end + 1..)?;
    }
    Some(rest)
}

/// Something of a collector or a terminal stands before the line: `mail.log:1234:` (N-13), `> ` (N-14),
/// `postfix-1  | ` (K-3), `[pod/name/container] ` (K-4), CRI `STAMP stdout F ` (K-2), journald's
/// `[ 1234.567890] ` (J-1), colours (N-12).
fn behind_a_prefix(line: &str) -> Option<Envelope<'_>> {
    let line = line.trim_start_matches(['>', ' ', '`', '"', '#']);
    let line = behind_colour(line);
    if let Some((stamp, rest)) = parse_stamp(line) {
        return Some(after_stamp(stamp, rest, line));
    }
    if let Some((name, rest)) = line.split_once('|')
        && name.len() < 80
        && name.trim_end().bytes().all(|b| b.is_ascii_graphic() || b == 0x1b)
    {
        let line = behind_colour(rest.trim_start());
        let (stamp, rest) = parse_stamp(line)?;
        // Exim's own file has its one stamp; other containers write such lines too.
        let line = if name.contains("exim") { line } else { "" };
        return Some(innermost(after_stamp(stamp, rest, line)));
    }
    if let Some(rest) = line.strip_prefix('[') {
        let (inside, rest) = rest.split_once("] ")?;
        if inside.contains('/') {
            let (stamp, rest) = parse_stamp(rest)?;
            return Some(after_stamp(stamp, rest, ""));
        }
        let monotonic = inside.trim_start();
        if !monotonic.is_empty() && monotonic.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Some(after_stamp(Stamp::Missing, rest, ""))
                .filter(|envelope| !envelope.header.program.is_empty());
        }
        return None;
    }
    // A path and perhaps a line number, as grep and zgrep put them.
    let (path, rest) = line.split_once(':')?;
    if path.len() > 200 || path.contains(' ') {
        return None;
    }
    let rest = match preceded(number, tag::<_, _, ()>(":")).parse(rest) {
        Ok((rest, _)) => rest,
        Err(_) => rest,
    };
    let (stamp, behind) = parse_stamp(rest)?;
    Some(after_stamp(stamp, behind, rest))
}

fn behind_colour(text: &str) -> &str {
    let mut text = text;
    while let Some(rest) = text.strip_prefix("\u{1b}[") {
        match rest.split_once('m') {
            Some((code, behind)) if code.bytes().all(|b| b.is_ascii_digit() || b == b';') => {
                text = behind.trim_start();
            }
            _ => break,
        }
    }
    text
}

/// Behind a container's prefix there may be a whole syslog line again: the inner stamp wins.
fn innermost(outer: Envelope<'_>) -> Envelope<'_> {
    if !outer.header.program.is_empty() {
        return outer;
    }
    match parse_stamp(outer.text) {
        Some((stamp, rest)) => after_stamp(stamp, rest, outer.text),
        None => outer,
    }
}

/// Whether [`behind_cri`] is worth trying.
#[inline]
pub(super) fn may_be_cri(text: &str) -> bool {
    text.starts_with("std")
}

/// CRI's `stdout F ` behind its stamp (K-2), where the text is a complete line; the inner line may have an
/// envelope of its own.
pub(super) fn behind_cri(envelope: Envelope<'_>) -> Option<Envelope<'_>> {
    let rest =
        envelope.text.strip_prefix("stdout ").or_else(|| envelope.text.strip_prefix("stderr "))?;
    let rest = rest.strip_prefix("F ")?;
    if let Some((stamp, behind)) = parse_stamp(rest) {
        return Some(after_stamp(stamp, behind, rest));
    }
    // No inner stamp: `postfix/smtp[811]: …` alone, or Exim's text.
    Some(after_stamp(envelope.header.stamp, rest, ""))
}

/// The line of a mail server that one who only passes it on ([`Speaker::Bearer`]) has put behind its own head.
#[inline(never)]
pub(super) fn borne<'a>(outer: Header<'a>, text: &'a str) -> Option<Envelope<'a>> {
    let inner = match parse_stamp(text) {
        Some((_, rest)) if super::exim::begins_entry(rest) => {
            Envelope { header: outer, speaker: Speaker::Exim, text }
        }
        Some((stamp, rest)) => after_stamp(stamp, rest, ""),
        None => {
            let (text, (program, pid)) = syslog_tag(true).parse(text).ok()?;
            Envelope::new(Header { program, pid, ..outer }, text)
        }
    };
    // An address that stood where a program does is the host.
    let or = |host: &'a str, other| if host.is_empty() { other } else { host };
    let named = if outer.program.contains('.') { outer.program } else { "" };
    let host = or(inner.header.host, or(outer.host, named));
    Some(Envelope { header: Header { host, ..inner.header }, ..inner })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_envelope(line: &str) -> Option<Envelope<'_>> {
        let Some((stamp, rest)) = parse_stamp(line) else {
            return unusual_envelope(line).or_else(|| envelope_by_program(line));
        };
        Some(envelope_with_new_head(stamp, rest, may_be_exim_file(line), &mut Heads::default()))
    }

    #[test]
    fn heads_without_end_are_not_followed() {
        for head in
            ["2026-01-05T10:00:00Z ", "2026-01-05T10:00:00Z {a} ", "Jan  5 10:00:00 {a} {b} "]
        {
            let line = head.repeat(3000);
            let envelope = parse_envelope(&line).unwrap();
            assert!(envelope.header.program.is_empty(), "{head}");
        }
    }

    #[test]
    fn every_envelope_form_gives_host_program_pid_and_text() {
        for line in [
            "Jan  5 10:00:00 mx1 postfix/smtp[811]: T",
            "<22>Jan  5 10:00:00 mx1 postfix/smtp[811]: T",
            "2026-01-05T10:00:00.123456+01:00 mx1 postfix/smtp[811]: T",
            "2026-01-05 10:00:00 mx1 postfix/smtp[811]: T",
            "2026-01-05 10:00:00,123 mx1 postfix/smtp[811]: T",
            "<22>1 2026-01-05T10:00:00.1Z mx1 postfix/smtp 811 - - T",
            "<22>1 2026-01-05T10:00:00.1Z mx1 postfix/smtp 811 - [id k=\"v\\\"]\"] \u{feff}T",
            "Jan  5 10:00:00 <mail.info> mx1 postfix/smtp[811]: T",
            "2026-01-05T10:00:00+00:00 mail.info mx1 postfix/smtp[811]: T",
            "2026-01-05T10:00:00+00:00 mx1 INFO    postfix/smtp[811]: T",
            "2026 Jan  5 10:00:00 mx1 postfix/smtp[811]: T",
            "Mon Jan  5 10:00:00 2026 mx1 postfix/smtp[811]: T",
            "Jan  5 10:00:00.123 mx1 postfix/smtp[811]: T",
            "Jan  5 10:00:00 loghost mx1 postfix/smtp[811]: T",
            "Jan  5 10:00:00 src@mx1/mx1 postfix/smtp[811]: T",
            "Jan  5 10:00:00 mx1/192.0.2.5 postfix/smtp[811]: T",
            "1767603600.123 mx1 postfix/smtp[811]: T",
            "Mon 2026-01-05 10:00:00 CET mx1 postfix/smtp[811]: T",
            "2026-01-05T10:00:00+0100 mx1 postfix/smtp[811]: T",
            "[ 1234.567890] mx1 postfix/smtp[811]: T",
            "2026-01-05T10:00:00Z {host=\"mx1\", job=\"mail\"} Jan  5 10:00:00 mx1 postfix/smtp[811]: T",
            "2026-01-05T10:00:00Z {job=\"mail\"} mx1 postfix/smtp[811]: T",
            "postfix-mailcow-1  | Jan  5 10:00:00 mx1 postfix/smtp[811]: T",
            "\u{1b}[36mpostfix_1 | \u{1b}[0mJan  5 10:00:00 mx1 postfix/smtp[811]: T",
            "[pod/mx/postfix] Jan  5 10:00:00 mx1 postfix/smtp[811]: T",
            "mail.log.1:1234:Jan  5 10:00:00 mx1 postfix/smtp[811]: T",
            "./mail.log-20260105:Jan  5 10:00:00 mx1 postfix/smtp[811]: T",
            "> Jan  5 10:00:00 mx1 postfix/smtp[811]: T",
            "`Jan  5 10:00:00 mx1 postfix/smtp[811]: T",
            "# Jan  5 10:00:00 mx1 postfix/smtp[811]: T",
            "2026-01-05T10:00:00.123456789Z Jan  5 10:00:00 mx1 postfix/smtp[811]: T",
            "1 2026-01-05T10:00:00.1Z mx1 postfix/smtp 811 - - T",
            "janv. 05 10:00:00 mx1 postfix/smtp[811]: T",
            "Jan 5, 2026 @ 10:00:00.123 mx1 postfix/smtp[811]: T",
            "2026-01-05\t10:00:00\tMail.Info\tmx1\tpostfix/smtp[811]: T",
            "2026-01-05 10:00:00\tMail.Info\t192.0.2.1\tJan  5 10:00:00 mx1 postfix/smtp[811]: T",
            "mx1 postfix/smtp[811]: T",
        ] {
            let envelope = parse_envelope(line).unwrap_or_else(|| panic!("no envelope: {line}"));
            let header = envelope.header;
            assert_eq!(
                (header.host, header.program, header.pid, envelope.text),
                ("mx1", "postfix/smtp", Some(811), "T"),
                "{line}"
            );
        }
    }

    #[test]
    fn parts_may_be_absent() {
        for (line, want) in [
            ("Jan  5 10:00:00 postfix/smtp[811]: T", ("", "postfix/smtp", Some(811), "T")),
            (
                "Jan  5 10:00:00 postfix/smtp[811]: 4C1D2E3F40: T",
                ("", "postfix/smtp", Some(811), "4C1D2E3F40: T"),
            ),
            ("Jan  5 10:00:00 mx1 postfix/smtp: T", ("mx1", "postfix/smtp", None, "T")),
            ("postfix/smtp[811]: T", ("", "postfix/smtp", Some(811), "T")),
            ("postfix/postfix-script: T", ("", "postfix/postfix-script", None, "T")),
            (
                "mx1 exim[811]: 2026-01-05 10:00:00 T",
                ("mx1", "exim", Some(811), "2026-01-05 10:00:00 T"),
            ),
            (
                "exim-1  | 2026-01-05 10:00:00 1tUAbc-0000xY-3c ** a@b: T",
                ("", "", None, "1tUAbc-0000xY-3c ** a@b: T"),
            ),
            ("Jan  5 10:00:00 mx1 postfix/smtp[811]:", ("mx1", "postfix/smtp", Some(811), "")),
            (
                "2026-01-05 10:00:00 1tUAbc-0000xY-3c Completed",
                ("", "", None, "1tUAbc-0000xY-3c Completed"),
            ),
            (
                "2026-01-05 10:00:00 Start queue run: pid=1",
                ("", "", None, "Start queue run: pid=1"),
            ),
            ("2026-01-05 10:00:00 mx1 exim[811]: T", ("mx1", "exim", Some(811), "T")),
            (
                "Jan  5 10:00:00 2001:db8::1 postfix/smtp[1]: T",
                ("2001:db8::1", "postfix/smtp", Some(1), "T"),
            ),
            (
                "Jan  5 10:00:00 mx1 last message repeated 3 times",
                ("mx1", "", None, "last message repeated 3 times"),
            ),
        ] {
            let envelope = parse_envelope(line).unwrap();
            let header = envelope.header;
            assert_eq!((header.host, header.program, header.pid, envelope.text), want, "{line}");
        }
    }

    #[test]
    fn other_text_has_no_envelope() {
        for line in [
            "",
            "hello",
            "P Received: from mx (1)",
            "    <b@example.com>",
            "Subject: x: y",
            "I see dovecot[811]: T",
        ] {
            assert!(parse_envelope(line).is_none(), "{line}");
        }
    }
}
