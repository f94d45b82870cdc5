//! Reads configuration files: which there are, and what stands in them, with the place of each entry.
//!
//! It knows TOML and nothing of options; what the names mean is said by `apply.rs`.

use crate::error::Error;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// The file for all users of the machine.
const SYSTEM: &str = "/etc/mailwhy.toml";

/// One entry of a file.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The file.
    pub(super) file: PathBuf,
    /// Its line, from 1.
    pub(super) line: usize,
    /// The table it stands in, which is a command; `None` at the top, which is for all.
    pub(super) table: Option<String>,
    /// The name of the option.
    pub(super) key: String,
    /// What it is set to.
    pub(super) value: Value,
}

impl Entry {
    /// Where it stands, as compilers say it.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.file.display(), self.line)
    }
}

/// What an option can be set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A flag, on or off.
    Switch(bool),
    /// A value, or several.
    Words(Vec<String>),
}

/// A file that was looked for.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// Where.
    pub(super) path: PathBuf,
    /// Whether it is there.
    pub(super) found: bool,
}

/// The files in order: the later wins. A file that was named must be there; the usual places may be empty.
pub(super) fn usual_places(variable: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let folder = |name: &str| variable(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let own = folder("XDG_CONFIG_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| Some(folder("HOME")?.join(".config")));
    std::iter::once(PathBuf::from(SYSTEM))
        .chain(own.map(|folder| folder.join("mailwhy").join("config.toml")))
        .collect()
}

/// Reads the file that was named, else those in the usual places.
///
/// # Errors
///
/// A file cannot be read, or is no TOML that options can be taken from.
pub(super) fn read(
    named: Option<&OsStr>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<(Vec<Source>, Vec<Entry>), Error> {
    let places = match named {
        Some(path) if path.is_empty() => Vec::new(),
        Some(path) => vec![PathBuf::from(path)],
        None => usual_places(variable),
    };
    let mut sources = Vec::new();
    let mut entries = Vec::new();
    for path in places {
        match fs::read_to_string(&path) {
            Ok(text) => {
                entries.extend(entries_of(&path, &text)?);
                sources.push(Source { path, found: true });
            }
            // `NotADirectory`: the home of a system account is often /dev/null.
            Err(error)
                if named.is_none()
                    && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                sources.push(Source { path, found: false });
            }
            Err(source) => return Err(Error::Read { path, source }),
        }
    }
    Ok((sources, entries))
}

/// The entries of a file in the order of their lines.
fn entries_of(path: &Path, text: &str) -> Result<Vec<Entry>, Error> {
    let wrong = |at: usize, what: &str| Error::Config {
        place: format!("{}:{}", path.display(), line_of(text, at)),
        what: what.to_owned(),
    };
    let root = DeTable::parse(text)
        .map_err(|error| wrong(error.span().map_or(0, |span| span.start), error.message()))?;
    let mut entries = Vec::new();
    for (key, value) in root.get_ref() {
        if let DeValue::Table(table) = value.get_ref() {
            for (name, value) in table {
                entries
                    .push(entry(path, text, Some(key), name, value).map_err(|w| wrong(w.0, w.1))?);
            }
        } else {
            entries.push(entry(path, text, None, key, value).map_err(|w| wrong(w.0, w.1))?);
        }
    }
    entries.sort_by_key(|entry| entry.line);
    Ok(entries)
}

type Name<'a> = Spanned<DeString<'a>>;

fn entry(
    path: &Path,
    text: &str,
    table: Option<&Name<'_>>,
    key: &Name<'_>,
    value: &Spanned<DeValue<'_>>,
) -> Result<Entry, (usize, &'static str)> {
    let value = match value.get_ref() {
        DeValue::Boolean(on) => Value::Switch(*on),
        DeValue::Array(values) => Value::Words(
            values
                .iter()
                .map(|value| word_of(value).ok_or((value.span().start, SCALARS)))
                .collect::<Result<_, _>>()?,
        ),
        _ => Value::Words(vec![word_of(value).ok_or((value.span().start, SCALARS))?]),
    };
    Ok(Entry {
        file: path.to_owned(),
        line: line_of(text, key.span().start),
        table: table.map(|table| table.get_ref().to_string()),
        key: key.get_ref().to_string(),
        value,
    })
}

const SCALARS: &str =
    "an option is set to a text, a number, true or false, or a list of texts and numbers";

fn word_of(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Datetime(time) => Some(time.to_string()),
        DeValue::Boolean(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_know_their_places() {
        let text = "lang = \"ru\"\n\n[report]\ntop = 5\ndetail = true\nfiles = [\"a\", \"b\"]\n";
        let entries = entries_of(Path::new("c.toml"), text).unwrap();
        let told: Vec<_> = entries
            .iter()
            .map(|e| (e.place(), e.table.as_deref(), e.key.as_str(), e.value.clone()))
            .collect();
        let words = |words: &[&str]| Value::Words(words.iter().map(ToString::to_string).collect());
        assert_eq!(
            told,
            [
                ("c.toml:1".to_owned(), None, "lang", words(&["ru"])),
                ("c.toml:4".to_owned(), Some("report"), "top", words(&["5"])),
                ("c.toml:5".to_owned(), Some("report"), "detail", Value::Switch(true)),
                ("c.toml:6".to_owned(), Some("report"), "files", words(&["a", "b"])),
            ]
        );
    }

    #[test]
    fn what_is_no_option_is_told_with_its_place() {
        for (text, place) in [
            ("lang = \n", "c.toml:1"),
            ("a = 1\nb = [[1]]\n", "c.toml:2"),
            ("[report]\n\ntop = { a = 1 }\n", "c.toml:3"),
            ("a = 1\na = 2\n", "c.toml:2"),
        ] {
            let error = entries_of(Path::new("c.toml"), text).unwrap_err().to_string();
            assert!(error.starts_with(place), "{text:?}: {error}");
        }
    }

    #[test]
    fn the_usual_places_are_those_of_the_xdg_rules() {
        let places = |vars: &[(&str, &str)]| {
            usual_places(|name| {
                vars.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
            })
        };
        let system = PathBuf::from(SYSTEM);
        for (variables, own) in [
            (&[("HOME", "/home/a")][..], Some("/home/a/.config/mailwhy/config.toml")),
            (&[("HOME", "/home/a"), ("XDG_CONFIG_HOME", "/x")], Some("/x/mailwhy/config.toml")),
            (
                &[("HOME", "/home/a"), ("XDG_CONFIG_HOME", "x")],
                Some("/home/a/.config/mailwhy/config.toml"),
            ),
            (&[("HOME", "")], None),
            (&[], None),
        ] {
            let expected: Vec<_> =
                std::iter::once(system.clone()).chain(own.map(PathBuf::from)).collect();
            assert_eq!(places(variables), expected, "{variables:?}");
        }
    }
}
