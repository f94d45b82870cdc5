//! The README's examples, run: a fenced block that begins with `$ mailwhy …` must show what the program prints.
//!
//! In such a block each `$ ` line is a command and the lines up to the next one are its output, standard error
//! among it. A line `…` stands for any lines. `mailwhy` is the built program, run in the repository by `sh`, as the
//! reader would; the width is 80 columns, the zone UTC.

use crate::support::repository;
use std::fs;
use std::process::Command;

#[test]
fn the_examples_of_the_readme_are_what_the_program_prints() {
    let Ok(readme) = fs::read_to_string(repository().join("README.md")) else { return };
    let wrong: Vec<String> = examples(&readme).iter().filter_map(difference).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_example_that_is_no_longer_true_is_found() {
    let right = "```console\n$ mailwhy codes --class 4 --search greylist --format json >/dev/null; echo $?\n0\n```\n";
    let example = |text: &str| {
        let found = examples(text);
        assert_eq!(found.len(), 1, "{text}");
        difference(&found[0])
    };
    assert_eq!(example(right), None);
    let wrong = example(&right.replace("\n0\n", "\n1\n")).unwrap();
    assert!(wrong.contains("+0\n") && wrong.contains("-1\n"), "{wrong}");
    let cut = "```console\n$ mailwhy explain 521\n521  …\n```\n";
    assert!(example(cut).is_some(), "dots within a line stand for themselves");
    let cut = "```console\n$ mailwhy report --help\n…\nUsage: mailwhy report [OPTIONS] [FILE]...\n…\n```\n";
    assert_eq!(example(cut), None);
    assert!(example(&cut.replace("FILE", "NAME")).is_some());
    assert!(
        examples("```console\n$ cargo test\n```\n```json\n{}\n```\n").is_empty(),
        "other blocks are left alone"
    );
}

#[derive(Debug)]
struct Example {
    command: String,
    output: Vec<String>,
}

/// The commands of all blocks that begin with one of ours.
fn examples(text: &str) -> Vec<Example> {
    let mut found = Vec::<Example>::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if !line.trim_start().starts_with("```") {
            continue;
        }
        let block: Vec<&str> =
            lines.by_ref().take_while(|line| !line.trim_start().starts_with("```")).collect();
        if !block.first().is_some_and(|line| line.starts_with("$ mailwhy ")) {
            continue;
        }
        for line in block {
            match (line.strip_prefix("$ "), found.last_mut()) {
                (Some(command), _) => {
                    found.push(Example { command: command.to_owned(), output: Vec::new() });
                }
                (None, Some(example)) => example.output.push(line.to_owned()),
                (None, None) => {}
            }
        }
    }
    // A block without output shows how something is typed, and may need files that are not here.
    found.retain(|example| !example.output.is_empty());
    found
}

/// How the program's output differs from the example's.
fn difference(example: &Example) -> Option<String> {
    let program = env!("CARGO_BIN_EXE_mailwhy");
    let script = format!("exec 2>&1; mailwhy() {{ '{program}' \"$@\"; }}; {}", example.command);
    let output = Command::new("sh")
        .args(["-c", &script])
        .env_remove("NO_COLOR")
        .env("TZ", "UTC")
        .env("LANG", "C")
        .env("COLUMNS", "80")
        // What this machine is set up to do must not show.
        .env("MAILWHY_CONFIG", "")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("HOME")
        .current_dir(repository())
        .output()
        .unwrap();
    let got = String::from_utf8_lossy(&output.stdout).into_owned();
    let got: Vec<&str> = got.lines().collect();
    let want: Vec<&str> = example.output.iter().map(String::as_str).collect();
    if fits(&want, &got) {
        return None;
    }
    let mut text = format!("$ {}\n", example.command);
    for (mark, lines) in [('-', &want), ('+', &got)] {
        for line in lines {
            text.push(mark);
            text.push_str(line);
            text.push('\n');
        }
    }
    Some(text)
}

/// Whether the lines are those wanted, where `…` stands for any.
fn fits(want: &[&str], got: &[&str]) -> bool {
    match want.split_first() {
        None => got.is_empty(),
        Some((&"…", rest)) => (0..=got.len()).any(|skipped| fits(rest, &got[skipped..])),
        Some((first, rest)) => {
            got.split_first().is_some_and(|(line, lines)| first == line && fits(rest, lines))
        }
    }
}
