//! `mailwhy explain`: codes, names, replies and log lines, explained.

use super::Status;
use super::knowledge::KnowledgeArgs;
use crate::error::Error;
use crate::explain::names::provider_named;
use crate::explain::{Context, Explainer, Explanation, LONGEST_INPUT, page_of};
use crate::knowledge::{Knowledge, Provider};
use crate::render::json;
use crate::smtp::{Direction, Stage};
use clap::{Args, ValueEnum};
use std::io::{BufRead, Write};

/// What `mailwhy explain` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mailwhy explain 521
  mailwhy explain 550 5.7.1
  mailwhy explain 521 null-mx greylisted
  mailwhy explain google spamhaus-zen
  mailwhy explain '452 4.2.2 The email account that you tried to reach is over quota'
  mailwhy explain --provider google --stage eod '550 5.7.1 unsolicited mail'
  grep status=bounced /var/log/mail.log | mailwhy explain --format ndjson -

Exit codes: 0 something is known; 1 nothing of any input is.")]
pub struct ExplainArgs {
    /// Codes (521, 5.7.26, '550 5.7.1'), names of causes, providers and blocklists, the text of a reply, or a log
    /// line; `-` or nothing: standard input, one input per line
    ///
    /// Words without quotes are one input, unless each of them is a code or a name by itself. Of an input 64 KiB
    /// are looked at.
    #[arg(value_name = "CODE|NAME|TEXT")]
    pub inputs: Vec<String>,
    /// The provider that answered, where the text does not tell: google, 'mail.ru', …
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// Where in the dialogue, where the text does not tell
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    pub stage: Option<Stage>,
    /// Who was the server, where the text does not tell: outbound, they said it to us; inbound, we said it to a
    /// client; local, delivery on this host
    #[arg(long, value_name = "DIRECTION", value_parser = direction)]
    pub direction: Option<Direction>,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    pub format: ExplainFormat,
    #[command(flatten)]
    pub knowledge: KnowledgeArgs,
}

/// How to write explanations.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ExplainFormat {
    /// For people
    Text,
    /// For programs: an array with one object per input
    Json,
    /// For programs: one object a line per input
    Ndjson,
    /// For a wiki or a ticket
    Markdown,
}

/// The slug of a provider, from its slug, its name or its mail domain.
pub(super) fn provider(text: &str) -> Result<String, String> {
    let knowledge = Knowledge::embedded();
    provider_named(text, &knowledge).map(|provider| provider.slug().to_owned()).ok_or_else(|| {
        let known: Vec<&str> = knowledge.providers().iter().map(Provider::slug).collect();
        format!("known providers: {}", known.join(", "))
    })
}

fn stage(text: &str) -> Result<Stage, String> {
    word(text, Stage::ALL, Stage::slug)
}

fn direction(text: &str) -> Result<Direction, String> {
    word(text, Direction::ALL, Direction::slug)
}

/// One of our closed words; the error lists them all.
fn word<T: Copy>(text: &str, all: &[T], slug: fn(T) -> &'static str) -> Result<T, String> {
    all.iter().copied().find(|&word| slug(word).eq_ignore_ascii_case(text)).ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|&word| slug(word)).collect();
        format!("it must be one of: {}", words.join(", "))
    })
}

/// Explains the inputs; reads `stdin` where they say so. `width` is that of the text.
///
/// The status is [`Status::No`] when nothing of any input is known.
///
/// # Errors
///
/// Standard input cannot be read, `out` cannot be written, or the user's knowledge cannot be used.
pub(super) fn run(
    args: &ExplainArgs,
    knowledge: &Knowledge,
    width: usize,
    stdin: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<Status, Error> {
    // The user's knowledge first: he may have named a provider of his own.
    let classifier = args.knowledge.classifier()?;
    let named = args.provider.as_deref().map(|name| {
        provider(name).map_err(|what| Error::Config { place: format!("--provider {name}"), what })
    });
    let context = Context {
        provider: named.transpose()?.and_then(|slug| knowledge.provider(&slug)),
        stage: args.stage,
        direction: args.direction,
    };
    let explainer = Explainer::with(knowledge, classifier, context);
    let mut page = Writer { format: args.format, width, out, written: 0, known: false };
    page.begin()?;
    if args.inputs.is_empty() {
        page.explain_lines(stdin, &explainer)?;
    }
    for input in explainer.inputs(&args.inputs) {
        if input == "-" {
            page.explain_lines(stdin, &explainer)?;
        } else {
            page.explain(&input, &explainer)?;
        }
    }
    page.end()
}

struct Writer<'o> {
    format: ExplainFormat,
    width: usize,
    out: &'o mut dyn Write,
    written: usize,
    known: bool,
}

impl Writer<'_> {
    fn begin(&mut self) -> Result<(), Error> {
        match self.format {
            ExplainFormat::Json => Ok(self.out.write_all(b"[")?),
            _ => Ok(()),
        }
    }

    /// One input per line; empty lines are skipped, invalid UTF-8 is replaced.
    fn explain_lines(
        &mut self,
        input: &mut dyn BufRead,
        explainer: &Explainer<'_>,
    ) -> Result<(), Error> {
        let mut line = Vec::new();
        let failed = |source| Error::Read { path: "-".into(), source };
        while read_line(input, &mut line).map_err(failed)? {
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches('\r');
            if !text.trim().is_empty() {
                self.explain(text, explainer)?;
            }
        }
        Ok(())
    }

    fn explain(&mut self, input: &str, explainer: &Explainer<'_>) -> Result<(), Error> {
        let explanation = explainer.explain(input);
        self.write(&explanation, explainer.knowledge())?;
        self.written += 1;
        self.known |= explanation.known;
        Ok(())
    }

    fn write(&mut self, explanation: &Explanation, knowledge: &Knowledge) -> Result<(), Error> {
        let first = self.written == 0;
        match self.format {
            ExplainFormat::Text | ExplainFormat::Markdown => {
                let page = page_of(explanation, knowledge.language());
                let text = match self.format {
                    ExplainFormat::Markdown => page.to_markdown(),
                    _ => page.to_text(self.width),
                };
                if !first {
                    writeln!(self.out)?;
                }
                writeln!(self.out, "{}", text.trim_end())?;
            }
            ExplainFormat::Json => {
                self.out.write_all(if first { b"\n" } else { b",\n" })?;
                let mut object = Vec::new();
                json::write_pretty(&mut object, explanation)?;
                self.out.write_all(object.trim_ascii_end())?;
            }
            ExplainFormat::Ndjson => {
                json::write_line(&mut self.out, explanation)?;
                writeln!(self.out)?;
            }
        }
        Ok(())
    }

    fn end(self) -> Result<Status, Error> {
        if self.format == ExplainFormat::Json {
            self.out.write_all(if self.written == 0 { b"]\n" } else { b"\n]\n" })?;
        }
        Ok(if self.known { Status::Done } else { Status::No })
    }
}

/// Reads a line without its end. Of a longer one than is looked at only that much and a byte are kept, so memory
/// stays flat and the explanation can say that it was cut. False at the end of the input.
fn read_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    let mut any = false;
    loop {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            return Ok(any);
        }
        any = true;
        let end = memchr::memchr(b'\n', buffer);
        let piece = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
        let room = (LONGEST_INPUT + 1).saturating_sub(line.len());
        line.extend_from_slice(piece.get(..room.min(piece.len())).unwrap_or_default());
        let used = end.map_or(buffer.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_with(inputs: &[&str], format: ExplainFormat, stdin: &str) -> (Status, String) {
        let inputs = inputs.iter().map(|&input| input.to_owned()).collect();
        let mut out = Vec::new();
        let knowledge = KnowledgeArgs::default();
        let args =
            ExplainArgs { inputs, provider: None, stage: None, direction: None, format, knowledge };
        let status =
            run(&args, &Knowledge::embedded(), 80, &mut stdin.as_bytes(), &mut out).unwrap();
        (status, String::from_utf8(out).unwrap())
    }

    #[test]
    fn unquoted_words_are_one_input() {
        for (inputs, answers) in [
            (&["550", "5.7.1"][..], &["550 5.7.1"][..]),
            (&["521", "554"], &["521", "554"]),
            (&["550", "5.1.1", "no", "such", "user"], &["550 5.1.1"]),
            (&["550 5.7.1", "521"], &["550 5.7.1", "521"]),
        ] {
            let (status, text) = run_with(inputs, ExplainFormat::Text, "");
            assert_eq!(status, Status::Done, "{inputs:?}");
            for answer in answers {
                assert!(
                    text.lines().any(|line| line.starts_with(&format!("{answer}  "))),
                    "{inputs:?}: {answer} in\n{text}"
                );
            }
        }
    }

    #[test]
    fn standard_input_is_read_line_by_line() {
        for inputs in [&[][..], &["-"][..]] {
            let (status, json) = run_with(inputs, ExplainFormat::Json, "521\r\n\n5.7.26\nhello\n");
            assert_eq!(status, Status::Done);
            let json: serde_json::Value = serde_json::from_str(&json).unwrap();
            let known: Vec<_> =
                json.as_array().unwrap().iter().map(|e| (&e["input"], &e["known"])).collect();
            assert_eq!(
                known,
                [
                    (&"521".into(), &true.into()),
                    (&"5.7.26".into(), &true.into()),
                    (&"hello".into(), &false.into()),
                ]
            );
        }
    }

    #[test]
    fn nothing_known_is_the_answer_no() {
        for input in ["hello", "599", "5.7.999x", "5.9.1"] {
            assert_eq!(run_with(&[input], ExplainFormat::Text, "").0, Status::No, "{input}");
        }
        assert_eq!(run_with(&[], ExplainFormat::Json, ""), (Status::No, "[]\n".to_owned()));
    }
}
