//! Makes ready, when the program is built, what every run would have to do again: the data files are read and packed;
//! the embedded rules are checked, filed under the literals that they need, and their expressions are compiled.
//!
//! It is made of the library's own modules, those that the rules go through, so there is one way to read a rule. What is
//! wrong in a file ends the build with a message that names file and entry.
//!
//! To add a data file to `src/knowledge`: nothing here, if it is made of `[[entries]]`.

#![allow(dead_code, unreachable_pub, reason = "a part of the library is enough")]

mod bytes;
mod words;

mod smtp {
    mod code;
    mod dialogue;
    pub(crate) use code::{EnhancedCode, ReplyCode};
    pub(crate) use dialogue::{Direction, Origin, Stage};
}

mod event {
    mod mta;
    pub(crate) use mta::Mta;
}

mod error {
    /// What of the library's errors reading a rule needs.
    #[derive(Debug)]
    pub enum Error {
        Knowledge { file: String, what: String },
    }
}

mod knowledge {
    pub(crate) mod pack;
    mod packed;
    pub(crate) mod rule;
}

mod classify {
    pub(crate) mod automaton;
    pub(crate) mod filing;
    mod literals;
    mod needs;
    pub(crate) mod store;
}

use classify::automaton::Automaton;
use classify::filing::Filing;
use classify::store::to_bytes;
use error::Error;
use knowledge::pack::{pack, pack_whole};
use knowledge::rule::{Rule, parse_rules_among_others};
use std::error::Error as Fault;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Where the data are.
const FOLDER: &str = "src/knowledge";
/// Files with nothing but rules.
const RULES: [&str; 4] = ["own.toml", "rules.toml", "hints.toml", "statuses.toml"];

fn main() {
    println!("cargo::rerun-if-changed={FOLDER}");
    if let Err(fault) = make() {
        // Cargo takes one line.
        println!("cargo::error={}", fault.to_string().trim_end().replace('\n', "; "));
    }
}

fn make() -> Result<(), Box<dyn Fault>> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("there is no OUT_DIR")?);
    let mut stored = Vec::new();
    for file in files_in(&["", "causes/", "providers/"])? {
        let path = Path::new(FOLDER).join(&file);
        let wrong = |what: String| format!("{}: {what}", path.display());
        let text = fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
        let only_rules = RULES.contains(&file.as_str());
        if only_rules || file.starts_with("providers/") {
            let rules = parse_rules_among_others(&file, &text);
            let rules = rules.map_err(|Error::Knowledge { what, .. }| wrong(what))?;
            stored.push((file.clone(), ready(&rules).map_err(|error| wrong(error.to_string()))?));
        }
        if !only_rules {
            let whole = file.starts_with("causes/") || file == "blocklists.toml";
            let packed = if whole { pack_whole(&text) } else { pack(&text) }.map_err(wrong)?;
            let packed_file = out.join("knowledge").join(&file);
            fs::create_dir_all(packed_file.parent().unwrap_or(&out))?;
            fs::write(packed_file, packed)?;
        }
    }
    fs::write(out.join("rules"), postcard::to_allocvec(&stored)?)?;
    Ok(())
}

/// The names of the data files in these folders, always in the same order.
fn files_in(folders: &[&str]) -> Result<Vec<String>, Box<dyn Fault>> {
    let mut names = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(Path::new(FOLDER).join(folder))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "toml")
                && let Some(name) = path.file_name().and_then(|name| name.to_str())
            {
                names.push(format!("{folder}{name}"));
            }
        }
    }
    names.sort();
    Ok(names)
}

/// Rules as `Index::stored` reads them.
fn ready(rules: &[Rule]) -> Result<Vec<u8>, Box<dyn Fault>> {
    let mut filing = Filing::of(rules);
    for candidate in &mut filing.candidates {
        let rule = rules.get(candidate.rule as usize);
        let pattern = rule.and_then(|rule| candidate.pattern(rule)).unwrap_or_default();
        if candidate.sure || candidate.captures {
            continue;
        }
        let automaton = Automaton::of(pattern).ok_or_else(|| {
            let id = rule.map_or("", |rule| rule.id);
            format!("rule `{id}`: no regular expression: `{pattern}`")
        })?;
        candidate.automaton = to_bytes(&automaton).unwrap_or_default().leak();
    }
    Ok(postcard::to_allocvec(&(rules, filing))?)
}
