//! Makes ready, when the program is built, what every run would have to do again: the embedded rules are read,
//! checked, filed under the literals that they need, and their expressions are compiled.
//!
//! It is made of the library's own modules, those that the rules go through, so there is one way to read a rule. What is
//! wrong in a file ends the build with a message that names file and entry.

#![allow(dead_code, unreachable_pub, reason = "a part of the library is enough")]

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
use knowledge::rule::{Rule, parse_rules_among_others};
use std::error::Error as Fault;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Where the data are.
const FOLDER: &str = "src/knowledge";
/// Files with rules, beside the providers'.
const FILES: [&str; 4] = ["own.toml", "rules.toml", "hints.toml", "statuses.toml"];

fn main() -> Result<(), Box<dyn Fault>> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let mut stored = Vec::new();
    for file in FILES.map(str::to_owned).into_iter().chain(providers()?) {
        let text = fs::read_to_string(Path::new(FOLDER).join(&file))
            .map_err(|error| format!("{FOLDER}/{file}: {error}"))?;
        let rules = parse_rules_among_others(&file, &text)
            .map_err(|Error::Knowledge { file, what }| format!("{FOLDER}/{file}: {what}"))?;
        let rules = ready(&rules).map_err(|error| format!("{FOLDER}/{file}: {error}"))?;
        stored.push((file, rules));
    }
    let folder = PathBuf::from(env::var_os("OUT_DIR").ok_or("there is no OUT_DIR")?);
    fs::write(folder.join("rules"), postcard::to_allocvec(&stored)?)?;
    Ok(())
}

/// The names of the providers' files, in the order of the alphabet.
fn providers() -> Result<Vec<String>, Box<dyn Fault>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(Path::new(FOLDER).join("providers"))? {
        let name = entry?.file_name().into_string().map_err(|name| format!("{}", name.display()))?;
        if name.ends_with(".toml") {
            names.push(format!("providers/{name}"));
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
