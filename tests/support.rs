//! What all tests share: running the program, folders to run it in, and the samples.

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How many times more cases than usual are tried where cases are drawn: `MAILWHY_TEST_DEPTH=50 cargo test` looks
/// for what the usual ones do not find. They begin with the usual ones.
pub(crate) fn depth() -> u32 {
    std::env::var("MAILWHY_TEST_DEPTH").map_or(1, |depth| depth.parse().unwrap())
}

/// The repository, where the samples have short names.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A run of the program that is being prepared. Its environment is empty but for `TZ=UTC` and `LANG=C`,
/// and it reads no configuration file of this machine.
pub(crate) struct Mailwhy {
    command: Command,
    input: Vec<u8>,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
}

/// Prepares a run in the repository.
pub(crate) fn mailwhy<S: AsRef<std::ffi::OsStr>>(
    arguments: impl IntoIterator<Item = S>,
) -> Mailwhy {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailwhy"));
    command.args(arguments).env_clear().env("TZ", "UTC").env("LANG", "C").env("MAILWHY_CONFIG", "");
    command.current_dir(repository());
    Mailwhy { command, input: Vec::new() }
}

/// Runs the program on words without blanks in them, in the repository.
pub(crate) fn run(line: &str) -> Ran {
    mailwhy(line.split_whitespace()).run()
}

impl Mailwhy {
    /// Runs it elsewhere.
    pub(crate) fn in_folder(mut self, folder: &Scratch) -> Self {
        self.command.current_dir(&folder.path);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// The width of text output.
    pub(crate) fn columns(self, columns: usize) -> Self {
        self.env("COLUMNS", &columns.to_string())
    }

    /// What it reads on standard input; otherwise nothing.
    pub(crate) fn stdin(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    pub(crate) fn run(mut self) -> Ran {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = self.input;
        // In a thread of its own, as neither side may wait for the other. A closed pipe is the reader's choice.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        Ran { stdout: text(output.stdout), stderr: text(output.stderr), code: output.status.code() }
    }
}

impl Ran {
    /// The output of a run that must have gone well.
    pub(crate) fn ok(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{}", self.stdout);
        self.stdout
    }

    /// The output as JSON.
    pub(crate) fn json(self) -> Value {
        let text = self.ok();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The output as one JSON object a line.
    pub(crate) fn json_lines(self) -> Vec<Value> {
        json_lines(&self.ok())
    }
}

/// Text with one JSON value a line.
pub(crate) fn json_lines(text: &str) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    text.lines().map(parse).collect()
}

/// A folder of its own for a test, gone when the test is over.
pub(crate) struct Scratch {
    pub(crate) path: PathBuf,
}

impl Scratch {
    /// `test` must be unlike that of every other test.
    pub(crate) fn of_test(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self { path }
    }

    /// Writes a file; gives its name back.
    pub(crate) fn file<'n>(&self, name: &'n str, text: impl AsRef<[u8]>) -> &'n str {
        fs::write(self.path.join(name), text).unwrap();
        name
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// The first half of a log, whole lines: many stories are not over there.
pub(crate) fn first_half(log: &str) -> &str {
    let (half, _) = log.split_at(log.len() / 2);
    half.rsplit_once('\n').unwrap().0
}

/// A file under `samples/`.
pub(crate) struct Sample {
    /// As it is named on the command line, from the repository.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl Sample {
    /// The year of its first line, where its stamps have none.
    pub(crate) fn year(&self) -> &'static str {
        if self.name.ends_with("new-year.log") { "2025" } else { "2026" }
    }

    /// Its lines are wrapped in JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.bytes.starts_with(b"{")
    }

    /// The command line that reads it, for any command that reads logs.
    pub(crate) fn arguments<'a>(&'a self, command: &'a [&'a str]) -> Vec<&'a str> {
        [command, &["--tz", "UTC", "--year", self.year(), &self.name]].concat()
    }

    /// The report on it as JSON.
    pub(crate) fn report(&self) -> Value {
        mailwhy(self.arguments(&["report", "--format", "json", "--top", "100000"])).run().json()
    }

    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

/// How many line feeds there are.
pub(crate) fn line_ends(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// All samples, by name.
pub(crate) fn samples() -> Vec<Sample> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_none_or(|extension| extension != "md") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&repository().join("samples"), &mut found);
    found.sort();
    assert!(found.len() >= 17, "samples are missing: {found:?}");
    let name = |path: &Path| path.strip_prefix(repository()).unwrap().to_str().unwrap().to_owned();
    found.iter().map(|path| Sample { name: name(path), bytes: fs::read(path).unwrap() }).collect()
}

/// The sample of this name.
pub(crate) fn sample(name: &str) -> Sample {
    samples().into_iter().find(|s| s.name.ends_with(name)).unwrap_or_else(|| panic!("no {name}"))
}

/// A number somewhere in a report; 0 where there is none, as counts that are 0 are left out of maps.
pub(crate) fn count(report: &Value, pointer: &str) -> u64 {
    match report.pointer(pointer) {
        Some(value) => value.as_u64().unwrap_or_else(|| panic!("{pointer} is {value}")),
        None => 0,
    }
}

/// How many recipients met a fate; `section` is `mail` or `notifications`.
pub(crate) fn fate(report: &Value, section: &str, fate: &str) -> u64 {
    let rows = report[section]["fates"].as_array().unwrap();
    rows.iter().find(|row| row["fate"] == fate).map_or(0, |row| row["recipients"].as_u64().unwrap())
}

/// Whether a terminal would act on a character, or show nothing for it.
pub(crate) fn acts_on_a_terminal(c: char) -> bool {
    c.is_control() && c != '\n'
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}' | '\u{2028}' | '\u{2029}')
}
