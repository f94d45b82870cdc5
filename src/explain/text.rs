//! Writes an [`Explanation`] for people: plain text, no colour, wrapped at a width.
//!
//! Everything that came from the input or from a log passes through `for_terminal`. Commands are never
//! wrapped, so that they can be copied whole.

use super::answer::{Answer, Part};
use super::{Explanation, LineFacts, phrases};
use crate::knowledge::SaidAt;
use crate::render::sanitize::for_terminal;
use std::io::{self, Write};

/// Width of the column of labels.
const LABEL: usize = 10;
/// Narrower than this is not attempted.
const MIN_WIDTH: usize = 40;

/// Writes the explanation, at most `width` columns wide (commands and long words excepted).
///
/// # Errors
///
/// What `out` says.
pub fn render_text(explanation: &Explanation, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { width: width.max(MIN_WIDTH), out };
    if let Some(line) = &explanation.line {
        page.row("Read", &line_summary(line))?;
        page.row("Text", &line.text)?;
        writeln!(page.out)?;
    }
    if explanation.answers.is_empty() {
        let none =
            if explanation.line.is_some() { phrases::NO_CODE_IN_LINE } else { phrases::NOTHING };
        return page.paragraph("", none);
    }
    for (index, answer) in explanation.answers.iter().enumerate() {
        if index > 0 {
            writeln!(page.out)?;
        }
        page.answer(answer)?;
    }
    Ok(())
}

struct Page<'o> {
    width: usize,
    out: &'o mut dyn Write,
}

impl Page<'_> {
    fn answer(&mut self, answer: &Answer) -> io::Result<()> {
        self.paragraph(&format!("{}  ", title(answer)), &answer.name)?;
        self.paragraph("", &subtitle(answer))?;
        writeln!(self.out)?;
        self.row("Meaning", &answer.meaning)?;
        if let Some(seen) = &answer.seen {
            self.row("Seen", seen)?;
        }
        self.row("Stage", &said_at(&answer.stages))?;
        self.row("Do first", &answer.remedy)?;
        self.row("Whose", &whose(answer))?;
        let retry = [Some(phrases::retry(answer.retry)), phrases::suppress(answer.suppress)];
        self.row("Retry", &retry.into_iter().flatten().collect::<Vec<_>>().join(" "))?;
        for (index, check) in answer.checks.iter().enumerate() {
            let label = if index == 0 { "Check" } else { "" };
            writeln!(self.out, "{label:LABEL$}{}", for_terminal(check))?;
        }
        if !answer.unfilled.is_empty() {
            let words: Vec<_> =
                answer.unfilled.iter().map(|u| format!("{}: {}", u.word, u.stands_for)).collect();
            self.row("", &format!("({})", words.join("; ")))?;
        }
        for note in &answer.notes {
            self.row("Note", &note.text)?;
        }
        if answer.parts.len() > 1
            || answer.parts.first().is_some_and(|part| part.name != answer.name)
        {
            for part in &answer.parts {
                self.row(&part.code, &format!("{}. {}", part.name, part.meaning))?;
            }
        }
        self.sources(&answer.parts)?;
        for other in &answer.elsewhere {
            let codes = other.codes.join(", ");
            let text =
                format!("At {} ({codes}): {} {}", other.provider_name, other.meaning, other.remedy);
            self.row("Elsewhere", &text)?;
        }
        for (index, alike) in answer.alike.iter().enumerate() {
            let label = if index == 0 { "Unlike" } else { "" };
            self.row(label, &format!("{}: {}", alike.code, alike.name))?;
        }
        Ok(())
    }

    fn sources(&mut self, parts: &[Part]) -> io::Result<()> {
        for part in parts {
            let mut text = format!("{}: {}", part.code, phrases::standing(part.standing));
            if !part.defined_in.is_empty() {
                text.push_str(", defined in ");
                text.push_str(&part.defined_in.join(", "));
            }
            if !part.basic_codes.is_empty() {
                text.push_str("; goes with ");
                text.push_str(&part.basic_codes.join(", "));
            }
            text.push('.');
            if let Some(source) = &part.source {
                text.push(' ');
                text.push_str(source);
            }
            self.row("Source", &text)?;
        }
        Ok(())
    }

    /// A label and its text; nothing for an empty text.
    fn row(&mut self, label: &str, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.paragraph(&format!("{label:LABEL$}"), text)
    }

    /// Text behind a first word, its further lines indented as far as the first.
    fn paragraph(&mut self, first: &str, text: &str) -> io::Result<()> {
        let text = for_terminal(text);
        let indent = first.chars().count();
        let mut used = indent;
        write!(self.out, "{first}")?;
        let mut at_start = true;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let length = word.chars().count();
            if !at_start && used + 1 + length > self.width {
                write!(self.out, "\n{:indent$}", "")?;
                used = indent;
                at_start = true;
            }
            if !at_start {
                write!(self.out, " ")?;
                used += 1;
            }
            write!(self.out, "{word}")?;
            used += length;
            at_start = false;
        }
        writeln!(self.out)
    }
}

fn title(answer: &Answer) -> String {
    let code = answer.code.map(|code| code.to_string());
    [code, answer.enhanced.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What it means for the queue, how far to trust it, and what decided.
fn subtitle(answer: &Answer) -> String {
    let mut parts = vec![format!(
        "class {}: {}",
        answer.class.digit,
        phrases::permanence(answer.class.permanence)
    )];
    match answer.standing {
        Some(standing) => parts.push(phrases::standing(standing).to_owned()),
        None => parts.push("unknown code".to_owned()),
    }
    let several = answer.code.is_some() && answer.enhanced.is_some();
    if several || answer.provider.is_some() {
        parts.push(format!("read by {}", phrases::level(answer.level)));
    }
    parts.join("; ")
}

fn said_at(stages: &[SaidAt]) -> String {
    stages.iter().map(|&stage| phrases::said_at(stage)).collect::<Vec<_>>().join(", ")
}

/// Whose problem it is, and who can act.
fn whose(answer: &Answer) -> String {
    let parties: Vec<_> = answer.parties.iter().map(|&party| phrases::party(party)).collect();
    let act = match parties.as_slice() {
        [] => String::new(),
        ["nobody"] => "Nobody has to act.".to_owned(),
        many => format!("Who can act: {}.", many.join(", ")),
    };
    match &answer.whose {
        Some(whose) if parties == ["nobody"] => whose.clone(),
        Some(whose) => format!("{whose} {act}"),
        None => act,
    }
}

/// What a log line says beside its codes, in one sentence.
fn line_summary(line: &LineFacts) -> String {
    let mut parts = Vec::new();
    let mta = match line.mta {
        Some("postfix") => "Postfix log line",
        Some("exim") => "Exim log line",
        _ => "log line",
    };
    let peer = match line.direction {
        "inbound" => peer(line.client_name.as_deref(), line.client_address.as_deref()),
        _ => peer(line.relay_host.as_deref(), line.relay_address.as_deref()),
    };
    let who = match (line.origin, line.direction, peer) {
        ("remote", _, Some(peer)) => format!("{mta}: {peer} said it to us"),
        ("remote", _, None) => format!("{mta}: the other server said it to us"),
        ("ours", "inbound", Some(peer)) => format!("{mta}: we said it to {peer}"),
        ("ours", "inbound", None) => format!("{mta}: we said it to a client"),
        ("ours", _, _) => format!("{mta}: our own server says it"),
        (_, _, Some(peer)) => format!("{mta}: nobody said it; the other side was {peer}"),
        (_, _, None) => format!("{mta}: nobody said it"),
    };
    parts.push(who);
    if let Some(stage) = line.stage {
        parts.push(format!("stage {stage}"));
    }
    if let Some(disposition) = line.disposition {
        parts.push(disposition.to_owned());
    }
    for (label, value) in
        [("sender", &line.sender), ("recipient", &line.recipient), ("queue id", &line.queue_id)]
    {
        if let Some(value) = value {
            let shown = if value.is_empty() { "<>" } else { value.as_str() };
            parts.push(format!("{label} {shown}"));
        }
    }
    parts.join("; ")
}

fn peer(name: Option<&str>, address: Option<&str>) -> Option<String> {
    match (name, address) {
        (Some(name), Some(address)) => Some(format!("{name} [{address}]")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}
