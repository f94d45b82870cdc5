//! The user's own knowledge: `--knowledge`, and the folders that are read without being asked.
//!
//! A command that names causes flattens [`KnowledgeArgs`] and takes its classifier from there, before it looks
//! anything up. What such a file holds is told in `knowledge/user.rs`.

use crate::classify::Classifier;
use crate::error::Error;
use crate::knowledge::user::{UserKnowledge, install};
use clap::Args;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where every user's knowledge is.
const SYSTEM: &str = "/etc/mailwhy/knowledge";

/// Which knowledge of the user's own.
#[derive(Debug, Default, Args)]
pub struct KnowledgeArgs {
    /// Your own rules, blocklists and receivers, which go before those built in
    ///
    /// May be given several times; the first rule that fits wins. After these files come those of
    /// `$XDG_CONFIG_HOME/mailwhy/knowledge/` (or `~/.config/mailwhy/knowledge/`) and of
    /// `/etc/mailwhy/knowledge/` that end in `.toml`, by name. A file holds entries `[[rule]]`,
    /// `[[list]]` (a blocklist) and `[[provider]]`, as the README describes.
    #[arg(long, value_name = "FILE")]
    pub knowledge: Vec<PathBuf>,
}

impl KnowledgeArgs {
    /// Reads all files and makes a classifier that knows them; their lists and receivers are the process's from now
    /// on.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or something in it is wrong: then it is told where, and what would be right.
    pub fn classifier(&self) -> Result<Classifier, Error> {
        let folders = folders_of(|name| std::env::var_os(name));
        let mut user = UserKnowledge::default();
        for path in self.knowledge.iter().cloned().map(Ok).chain(files_in(&folders)) {
            let path = path?;
            let text = fs::read_to_string(&path)
                .map_err(|source| Error::Read { path: path.clone(), source })?;
            user.add(&path.display().to_string(), &text)?;
        }
        // Its lists and receivers may be what makes an example be judged so; they come first.
        let rules = user.take_rules();
        install(user)?;
        Classifier::with(&rules)
    }
}

/// The folders of knowledge, the user's before the system's.
fn folders_of(variable: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    // As the XDG base directory specification has it: what is not absolute counts as not set.
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")));
    let user = config.map(|config| config.join("mailwhy/knowledge"));
    user.into_iter().chain([PathBuf::from(SYSTEM)]).collect()
}

/// The `.toml` files of folders, each folder's by name. A folder that is not there has none.
fn files_in(folders: &[PathBuf]) -> impl Iterator<Item = Result<PathBuf, Error>> {
    folders.iter().flat_map(|folder| match files_of(folder) {
        Ok(files) => files.into_iter().map(Ok).collect(),
        Err(source) if source.kind() == ErrorKind::NotFound => Vec::new(),
        Err(source) => vec![Err(Error::Read { path: folder.clone(), source })],
    })
}

fn files_of(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_follow_the_environment() {
        let folders = |xdg: Option<&str>, home: Option<&str>| -> Vec<String> {
            let variable = |name: &str| match name {
                "XDG_CONFIG_HOME" => xdg.map(OsString::from),
                "HOME" => home.map(OsString::from),
                _ => None,
            };
            folders_of(variable).iter().map(|path| path.display().to_string()).collect()
        };
        for (xdg, home, want) in [
            (Some("/x"), Some("/home/ann"), Some("/x/mailwhy/knowledge")),
            (None, Some("/home/ann"), Some("/home/ann/.config/mailwhy/knowledge")),
            (Some(""), Some("/home/ann"), Some("/home/ann/.config/mailwhy/knowledge")),
            (Some("relative"), None, None),
            (None, None, None),
        ] {
            let want: Vec<&str> = want.into_iter().chain([SYSTEM]).collect();
            assert_eq!(folders(xdg, home), want, "{xdg:?} {home:?}");
        }
    }
}
