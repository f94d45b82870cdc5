//! `mailwhy explain`: what a code, a reply or a log line means.

use super::Status;
use crate::error::Error;
use crate::explain::{Explanation, explain, render_text};
use crate::knowledge::Knowledge;
use crate::render::json;
use clap::{Args, ValueEnum};
use std::io::{BufRead, Write};

/// What `mailwhy explain` takes.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Codes (521, 5.7.26, '550 5.7.1'), the text of a reply, or a log line; `-` or nothing: standard input, one
    /// input per line
    #[arg(value_name = "CODE|TEXT")]
    pub inputs: Vec<String>,
    /// Text for people, or a JSON array with one object per input
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    pub format: ExplainFormat,
}

/// How to write explanations.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ExplainFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Explains the inputs; reads `stdin` where they say so. `width` is that of the text.
///
/// The status is [`Status::No`] when nothing of any input is known.
///
/// # Errors
///
/// Standard input cannot be read, or `out` cannot be written.
pub(super) fn run(
    args: &ExplainArgs,
    knowledge: &Knowledge,
    width: usize,
    stdin: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<Status, Error> {
    let mut page = Writer { format: args.format, width, out, written: 0, known: false };
    page.begin()?;
    let arguments = joined(&args.inputs);
    if arguments.is_empty() {
        page.explain_lines(stdin, knowledge)?;
    }
    for input in arguments {
        if input == "-" {
            page.explain_lines(stdin, knowledge)?;
        } else {
            page.write(&explain(&input, knowledge))?;
        }
    }
    page.end()
}

/// The inputs. Words without a blank between them are one input, so that an unquoted `explain 550 5.7.1` or
/// `explain 550 no such user` means what it says; a list of codes is then taken apart by `explain` itself.
fn joined(arguments: &[String]) -> Vec<String> {
    let words = arguments.iter().all(|argument| argument != "-" && !argument.contains(' '));
    if words && arguments.len() > 1 {
        return vec![arguments.join(" ")];
    }
    arguments.to_vec()
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
            ExplainFormat::Text => Ok(()),
            ExplainFormat::Json => Ok(self.out.write_all(b"[")?),
        }
    }

    /// One input per line; empty lines are skipped, invalid UTF-8 is replaced.
    fn explain_lines(
        &mut self,
        input: &mut dyn BufRead,
        knowledge: &Knowledge,
    ) -> Result<(), Error> {
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = input.read_until(b'\n', &mut line);
            if read.map_err(|source| Error::Read { path: "-".into(), source })? == 0 {
                return Ok(());
            }
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\n', '\r']);
            if !text.trim().is_empty() {
                self.write(&explain(text, knowledge))?;
            }
        }
    }

    fn write(&mut self, explanation: &Explanation) -> Result<(), Error> {
        let first = self.written == 0;
        match self.format {
            ExplainFormat::Text => {
                if !first {
                    writeln!(self.out)?;
                }
                render_text(explanation, self.width, self.out)?;
            }
            ExplainFormat::Json => {
                self.out.write_all(if first { b"\n" } else { b",\n" })?;
                let mut object = Vec::new();
                json::write_pretty(&mut object, explanation)?;
                self.out.write_all(object.trim_ascii_end())?;
            }
        }
        self.written += 1;
        self.known |= explanation.known;
        Ok(())
    }

    fn end(self) -> Result<Status, Error> {
        if self.format == ExplainFormat::Json {
            self.out.write_all(if self.written == 0 { b"]\n" } else { b"\n]\n" })?;
        }
        Ok(if self.known { Status::Done } else { Status::No })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_with(inputs: &[&str], format: ExplainFormat, stdin: &str) -> (Status, String) {
        let inputs = inputs.iter().map(|&input| input.to_owned()).collect();
        let mut out = Vec::new();
        let args = ExplainArgs { inputs, format };
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
