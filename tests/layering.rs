//! Arrows go one way: a module of `src` uses only modules of lower floors.

use crate::support::repository;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors, lowest first. A name with `::` is a file that stands lower than the rest of its module. Modules of
/// the same floor do not know each other. To add a module: its name, on the lowest floor where this test passes.
const FLOORS: [&[&str]; 18] = [
    &["words", "bytes", "recent", "private", "render::sanitize"],
    &["wording"],
    &["error", "i18n", "smtp", "render::cell", "render::json", "render::sheet"],
    &["time"],
    &["event"],
    &["parse", "input"],
    &["knowledge"],
    // What a check comes to is a section of the report.
    &[
        "classify",
        "check::answer",
        "check::finding",
        "check::name",
        "check::phrases",
        "check::own_phrases",
        "check::seen",
    ],
    &["record", "check::page"],
    &["correlate", "redact"],
    &["pipeline", "filter"],
    &["summary", "trace", "digest", "report::warn"],
    &["incidents"],
    &["report", "history", "audit", "queue", "suppress"],
    &["render", "state"],
    &["explain", "follow"],
    &["compare", "check"],
    &["cli"],
];
/// The roof: sees everything.
const ROOF: [&str; 3] = ["lib", "main", "build"];

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The module in the table that a path such as `render::text::Extent` belongs to.
fn module_of(path: &str) -> String {
    let mut parts = path.split("::");
    let (first, second) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let both = format!("{first}::{second}");
    if floor_of(&both).is_some() { both } else { first.to_owned() }
}

/// The paths behind each `crate::` in a file's text, comments and tests left out.
fn used_paths(text: &str) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let mut paths = BTreeSet::new();
    for (at, word) in code.match_indices("crate::") {
        if code[..at].ends_with('$') {
            continue;
        }
        let rest = &code[at + word.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            paths.insert(rest[..end.unwrap_or(rest.len())].trim_matches(':').to_owned());
            continue;
        };
        // `crate::{a, b::{c, d}}`
        let mut depth = 0;
        let mut name = String::new();
        for c in group.chars() {
            match c {
                '}' if depth == 0 => break,
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => paths.extend([std::mem::take(&mut name)]),
                _ if depth == 0 && !c.is_whitespace() => name.push(c),
                _ => {}
            }
        }
        paths.insert(name);
    }
    paths.remove("");
    paths
}

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path.file_stem().is_some_and(|name| name == "tests");
        if path.is_dir() && !is_test {
            source_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") && !is_test {
            found.push(path);
        }
    }
}

#[test]
fn modules_use_only_lower_floors() {
    let src = repository().join("src");
    let mut files = Vec::new();
    source_files(&src, &mut files);
    files.sort();
    assert!(files.len() > 50, "source files are missing: {files:?}");
    let mut wrong = Vec::new();
    for file in files {
        let name = file.strip_prefix(&src).unwrap().with_extension("");
        let path = name.to_str().unwrap().replace('/', "::");
        let module = module_of(&path);
        if ROOF.contains(&module.as_str()) {
            continue;
        }
        let Some(floor) = floor_of(&module) else {
            wrong.push(format!("src/{}: `{module}` is on no floor", name.display()));
            continue;
        };
        for used in used_paths(&fs::read_to_string(&file).unwrap()) {
            let other = module_of(&used);
            let same = other.split("::").next() == module.split("::").next();
            match floor_of(&other) {
                _ if other == module => {}
                Some(lower) if lower < floor => {}
                Some(_) if same => {
                    let place = name.display();
                    wrong.push(format!("src/{place}: `{module}` uses `{used}` above it"));
                }
                Some(upper) => wrong.push(format!(
                    "src/{}: `{module}` (floor {floor}) uses `{used}` (floor {upper})",
                    name.display()
                )),
                // A word exported at the root by a macro.
                None => wrong.push(format!("src/{}: `{used}` is on no floor", name.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "upward arrows:\n{}", wrong.join("\n"));
}

#[test]
fn paths_are_found_in_all_their_forms() {
    let text = "use crate::event::{Line, Mta};\n// use crate::cli::run;\nuse crate::{smtp, time::{Stamp, Zone}};\n\
                fn f() -> crate::report::Report {}\n#[cfg(test)]\nmod tests {\nuse crate::pipeline;\n}\n";
    let found: Vec<_> = used_paths(text).into_iter().map(|path| module_of(&path)).collect();
    assert_eq!(found, ["event", "report", "smtp", "time"]);
    assert_eq!(module_of("render::sanitize::for_terminal"), "render::sanitize");
    assert_eq!(module_of("render::text"), "render");
}
