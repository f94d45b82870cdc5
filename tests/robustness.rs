//! Damage: every line of every sample, spoiled in thousands of ways, always the same ones. Nothing may panic, and
//! every line must be accounted for.

use crate::generator::Random;
use crate::properties::{KNOWLEDGE, all_outputs, assert_conserved};
use crate::support::{depth, line_ends, samples};
use mailwhy::classify::Judge;
use mailwhy::explain::explain;
use mailwhy::pipeline::{Options, run_reader};
use mailwhy::report::Collector;
use mailwhy::time::Zone;
use std::io::Cursor;
use std::num::NonZeroUsize;

/// Spoiled lines of each file, at least.
const MUTATIONS: usize = 3000;

/// What parsers look for.
const WORDS: [&str; 40] = [
    "[",
    "]",
    "<",
    ">",
    "(",
    ")",
    ":",
    ": ",
    ", ",
    "=",
    "\"",
    "\\",
    "\\n",
    "{",
    "}",
    " ",
    "  ",
    "-",
    "/",
    "[1/2] ",
    "[1\\3] ",
    "to=<",
    "from=<",
    " status=",
    "status=sent (",
    " said: ",
    " (in reply to ",
    "dsn=",
    "550 5.1.1 ",
    "550-",
    "4.7.1",
    " => ",
    " ** ",
    " == ",
    "C=\"",
    "message repeated 3 times: [ ",
    "999999999999999999999",
    "é",
    "\u{feff}",
    "\u{202e}",
];

/// What was being read when a test panicked.
struct ShownOnPanic(String);

impl Drop for ShownOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("while reading {:?}", self.0);
        }
    }
}

/// Spoils a line once.
fn spoil(line: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(line.len() + 1);
    let end = at + random.below(12).min(line.len() - at);
    match random.below(7) {
        0 => drop(line.drain(at..end)),
        1 => {
            let copy = line[at..end].to_vec();
            line.splice(at..at, copy);
        }
        2 if line.len() > 1 => {
            let (a, b) = (random.below(line.len()), random.below(line.len()));
            line.swap(a, b);
        }
        3 => {
            let word = random.pick(&WORDS).as_bytes().to_vec();
            line.splice(at..at, word);
        }
        4 => {
            let word = random.pick(&WORDS).as_bytes().to_vec();
            line.splice(at..end, word);
        }
        5 => {
            let bytes: Vec<u8> =
                (0..random.below(4)).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
            line.splice(at..at, bytes);
        }
        _ => line.truncate(at),
    }
}

/// The lines, each spoiled one to three times. A text of `\n` may make two lines of one.
fn spoiled(lines: &[&[u8]], random: &mut Random) -> Vec<u8> {
    let mut text = Vec::new();
    for line in lines {
        let mut line = line[..line.len().min(4000)].to_vec();
        for _ in 0..=random.below(3) {
            spoil(&mut line, random);
        }
        text.extend(line);
        text.push(b'\n');
    }
    text
}

#[test]
fn spoiled_samples_are_read() {
    let options = Options {
        threads: NonZeroUsize::MIN,
        zone: Zone::utc(),
        year: Some(2026),
        shapes: true,
        now: Some(1_800_000_000),
        ..Options::default()
    };
    for (number, sample) in samples().into_iter().enumerate() {
        let lines: Vec<&[u8]> = sample.bytes.split(|b| *b == b'\n').collect();
        let mut random = Random::new(number as u64);
        let rounds = MUTATIONS.div_ceil(lines.len()).max(2) * depth() as usize;
        for round in 0..rounds {
            let text = spoiled(&lines, &mut random);
            let _shown = ShownOnPanic(String::from_utf8_lossy(&text).into_owned());
            let written = line_ends(&text);
            let mut collector = Collector::new(options.zone, Judge::builtin());
            let outcome = run_reader("-", Cursor::new(text.clone()), &options, &mut collector);
            assert_conserved(&outcome);
            // Where a container's line never ends, what is there of it is a line more for each of two streams.
            let more = if sample.is_json() { 2 } else { 0 };
            let lines = outcome.coverage.lines;
            assert!((written..=written + more).contains(&lines), "{written} lines, not {lines}");
            if round == 0 {
                all_outputs(&text, 2, 4096);
            }
        }
    }
}

#[test]
fn spoiled_lines_are_explained() {
    let mut random = Random::new(99);
    for sample in samples() {
        let lines: Vec<&[u8]> =
            sample.bytes.split(|b| *b == b'\n').filter(|l| l.len() < 4000).collect();
        for _ in 0..20 * depth() {
            let mut line = random.pick(&lines).to_vec();
            spoil(&mut line, &mut random);
            let text = String::from_utf8_lossy(&line);
            let _shown = ShownOnPanic(text.to_string());
            let explanation = explain(&text, &KNOWLEDGE);
            let page = mailwhy::explain::page_of(&explanation, KNOWLEDGE.language());
            assert!(!page.to_text(80).is_empty() && !page.to_markdown().is_empty());
        }
    }
}
