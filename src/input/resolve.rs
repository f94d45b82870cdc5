//! From the names that were given to the inputs in reading order.
//!
//! A message's lines may lie in several members of a rotation set, so each set is read oldest first wherever
//! its members were named. Names decide, see `rotation.rs`. Sets of one host come in the order of their first
//! stamps (`succession.rs`); otherwise the order given stays. Exim's main,
//! reject and panic log are rotated together and hold copies of each other, so they are read together, age
//! by age.

use super::rotation::{Age, member_of};
use super::succession::{Begin, succession};
use super::{Held, Input, Meter, open};
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The logs that are read of a folder. Those that hold a choice of the lines of another (`mail.info`,
/// `mail.warn`, `mail.err`) are left out: their lines would count twice.
const USUAL_NAMES: [&str; 14] = [
    "mail.log",
    "maillog",
    "mail",
    "postfix.log",
    "mainlog",
    "rejectlog",
    "paniclog",
    "exim_mainlog",
    "exim_rejectlog",
    "exim_paniclog",
    "main.log",
    "reject.log",
    "panic.log",
    "exim.log",
];

/// How many bytes at the begin of two files are compared.
const COMPARED: u64 = 64 * 1024;
/// In how many bytes at the begin of a file a stamp is looked for.
const LOOKED_AT: u64 = 8 * 1024;

/// What the names stand for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The inputs in reading order.
    pub inputs: Vec<Input>,
    /// What is not read, because another input holds the same lines.
    pub twins: Vec<Twin>,
}

/// Two names for the same lines.
#[derive(Debug, PartialEq, Eq)]
pub struct Twin {
    /// The one that is not read.
    pub left_out: PathBuf,
    /// The one that is.
    pub read: PathBuf,
}

impl fmt::Display for Twin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { left_out, read } = self;
        write!(
            f,
            "{} holds the same as {}, which is read; left out",
            left_out.display(),
            read.display()
        )
    }
}

/// Puts the inputs in reading order. With `rotated` a name stands for its whole rotation set, and a folder
/// for all sets in it that have usual names: `mail.log`, `maillog`, `mail`, `mainlog` and the like.
///
/// Never fails: what is not there, or cannot be read, is an input that fails when it is opened.
pub fn resolve(names: &[OsString], rotated: bool) -> Resolved {
    let mut sets = Sets::default();
    for name in names {
        match Input::from_name(name) {
            Input::Stdin => sets.add_stdin(),
            Input::Path(path) if rotated => {
                let members = members_for(&path);
                for member in members {
                    sets.add_once(member);
                }
            }
            Input::Path(path) => sets.add(path),
        }
    }
    sets.resolved()
}

/// The files that a name stands for; the name itself, where there are none.
fn members_for(path: &Path) -> Vec<PathBuf> {
    let members = if path.is_dir() {
        let files = files_in(path);
        USUAL_NAMES.iter().flat_map(|base| with_base(&files, base)).collect()
    } else {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let files = files_in(folder.unwrap_or(Path::new(".")));
        let mut found = with_base(&files, &member_of(&name).base);
        for file in &mut found {
            // As it would be named beside the one that was.
            *file = path.with_file_name(file.file_name().unwrap_or_default());
        }
        // Perhaps a pipe, which is no member of anything.
        if path.exists() && !found.iter().any(|file| file == path) {
            found.push(path.to_owned());
        }
        found
    };
    if members.is_empty() { vec![path.to_owned()] } else { members }
}

/// The regular files of a folder, by name.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn with_base(files: &[PathBuf], base: &str) -> Vec<PathBuf> {
    let name_of = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files.iter().filter(|path| member_of(&name_of(path)).base == base).cloned().collect()
}

/// The inputs, each in its set; sets in the order in which they were named first.
#[derive(Default)]
struct Sets {
    in_order: Vec<Vec<Found>>,
    by_name: HashMap<String, usize>,
    known: HashSet<PathBuf>,
}

struct Found {
    input: Input,
    base: String,
    age: Age,
    /// Only regular files can be looked into, and be twins.
    file: Option<RegularFile>,
}

struct RegularFile {
    /// Its path without symbolic links.
    real: PathBuf,
    changed: Option<SystemTime>,
}

impl RegularFile {
    fn at(path: &Path) -> Option<Self> {
        let about = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some(Self { real: fs::canonicalize(path).ok()?, changed: about.modified().ok() })
    }
}

impl Sets {
    fn add_stdin(&mut self) {
        let (base, age) = (String::new(), Age::Live);
        self.in_order.push(vec![Found { input: Input::Stdin, base, age, file: None }]);
    }

    fn add_once(&mut self, path: PathBuf) {
        if self.known.insert(path.clone()) {
            self.add(path);
        }
    }

    fn add(&mut self, path: PathBuf) {
        let name = path.to_string_lossy();
        let member = member_of(&name);
        let (base, age) = (member.base.into_owned(), member.age);
        let file = RegularFile::at(&path);
        let at = *self.by_name.entry(family_of(&base)).or_insert_with(|| {
            self.in_order.push(Vec::new());
            self.in_order.len() - 1
        });
        if let Some(set) = self.in_order.get_mut(at) {
            set.push(Found { input: Input::Path(path), base, age, file });
        }
    }

    fn resolved(self) -> Resolved {
        let mut resolved = Resolved::default();
        for set in put_sets_in_order(self.in_order) {
            let mut read: Vec<Found> = Vec::new();
            for found in set {
                match read.iter_mut().find(|other| are_twins(other, &found)) {
                    Some(other) => {
                        let left_out = keep_the_better(other, found);
                        let read = other.input.path().to_owned();
                        resolved.twins.push(Twin { left_out, read });
                    }
                    None => read.push(found),
                }
            }
            resolved.inputs.extend(read.into_iter().map(|found| found.input));
        }
        resolved
    }
}

/// Each set oldest first, and sets of one host by their first stamps.
fn put_sets_in_order(mut sets: Vec<Vec<Found>>) -> Vec<Vec<Found>> {
    sets.iter_mut().for_each(|set| put_in_order(set));
    if sets.len() < 2 {
        return sets;
    }
    let begin_of_set = |set: &Vec<Found>| {
        let first = set.first()?;
        // What is no regular file can be read only once.
        let changed = first.file.as_ref()?.changed;
        Begin::of(&begin_of(first, LOOKED_AT), changed)
    };
    let begins: Vec<_> = sets.iter().map(begin_of_set).collect();
    let mut in_order = Vec::with_capacity(sets.len());
    for place in succession(&begins) {
        in_order.extend(sets.get_mut(place).map(std::mem::take));
    }
    in_order
}

/// One name for the logs of Exim that are rotated together.
fn family_of(base: &str) -> String {
    for (part, main) in [
        ("rejectlog", "mainlog"),
        ("paniclog", "mainlog"),
        ("reject.log", "main.log"),
        ("panic.log", "main.log"),
    ] {
        if let Some(before) = base.strip_suffix(part) {
            return format!("{before}{main}");
        }
    }
    base.to_owned()
}

/// Oldest first; members of one age in the order given.
fn put_in_order(set: &mut [Found]) {
    let newest = |dated: bool| {
        let of_this_kind = set.iter().filter(|found| match found.age {
            Age::Dated { .. } => dated,
            Age::Numbered { .. } => !dated,
            Age::Live => false,
        });
        of_this_kind.filter_map(|found| found.file.as_ref()?.changed).max()
    };
    // Where the scheme was changed, the members of the old one stay behind.
    let dates_first = newest(true) <= newest(false);
    set.sort_by_key(|found| {
        let is_later = match found.age {
            Age::Live => false,
            Age::Dated { .. } => !dates_first,
            Age::Numbered { .. } => dates_first,
        };
        let is_live = found.age == Age::Live;
        (is_live, is_later, found.age.order())
    });
}

/// Whether two files hold the same lines: two names of one file, or a file and its archive, as compressors
/// leave them for a while.
fn are_twins(one: &Found, other: &Found) -> bool {
    let (Some(one_file), Some(other_file)) = (&one.file, &other.file) else { return false };
    if one_file.real == other_file.real {
        return true;
    }
    if one.base != other.base || one.age != other.age {
        return false;
    }
    let (one, other) = (begin_of(one, COMPARED), begin_of(other, COMPARED));
    let common = one.len().min(other.len());
    common > 0 && one.get(..common) == other.get(..common)
}

/// Keeps the one that is sure to be whole, and gives the path of the other.
fn keep_the_better(kept: &mut Found, found: Found) -> PathBuf {
    let length_of = |found| begin_of(found, COMPARED).len();
    let is_better = match (length_of(&found), length_of(kept)) {
        // An archive may be in the making, what it is made from is not.
        (new, old) if new == old => !is_packed(&found) && is_packed(kept),
        (new, old) => new > old,
    };
    let left_out = if is_better { std::mem::replace(kept, found) } else { found };
    left_out.input.path().to_owned()
}

fn is_packed(found: &Found) -> bool {
    open(Held::later(found.input.clone()), &Meter::default()).is_ok_and(|opened| opened.packed)
}

/// The first bytes of the text; fewer where the file cannot be read.
fn begin_of(found: &Found, bytes: u64) -> Vec<u8> {
    let mut begin = Vec::new();
    if let Ok(opened) = open(Held::later(found.input.clone()), &Meter::default()) {
        // What cannot be read here will be told when it is read for good.
        let _ = opened.reader.take(bytes).read_to_end(&mut begin);
    }
    begin
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::time::Duration;

    struct Folder(PathBuf);

    impl Folder {
        /// With files whose text is their name, but for archives, which hold that of what they were made from.
        fn with(test: &str, files: &[&str]) -> Self {
            let folder =
                std::env::temp_dir().join(format!("mailwhy-{}-{test}", std::process::id()));
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).unwrap();
            let folder = Self(folder);
            for file in files {
                folder.file(file);
            }
            folder
        }

        fn file(&self, name: &str) {
            let text = format!("{}\n", name.trim_end_matches(".gz"));
            let is_archive = name != name.trim_end_matches(".gz");
            let bytes = if is_archive { gzip(&text) } else { text.into_bytes() };
            fs::write(self.0.join(name), bytes).unwrap();
        }

        fn resolve(&self, names: &[&str], rotated: bool) -> (Vec<String>, Vec<String>) {
            let names: Vec<OsString> = names
                .iter()
                .map(|name| if *name == "-" { (*name).into() } else { self.0.join(name).into() })
                .collect();
            let Resolved { inputs, twins } = resolve(&names, rotated);
            let short = |path: &Path| {
                let path = path.strip_prefix(&self.0).unwrap_or(path);
                path.to_string_lossy().trim_end_matches('/').to_owned()
            };
            (
                inputs.iter().map(|input| short(input.path())).collect(),
                twins.iter().map(|twin| short(&twin.left_out)).collect(),
            )
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn sets_are_read_oldest_first_and_the_rest_as_given() {
        // Nothing of this is there: names are enough.
        let folder = Folder::with("order", &[]);
        for (names, want) in [
            (&["mail.log", "mail.log.1"][..], &["mail.log.1", "mail.log"][..]),
            (
                &["mail.log", "mail.log.1", "mail.log.10.gz", "mail.log.2.gz"],
                &["mail.log.10.gz", "mail.log.2.gz", "mail.log.1", "mail.log"],
            ),
            (&["b.log", "a.log"], &["b.log", "a.log"]),
            (&["b.log", "a.log", "b.log.1"], &["b.log.1", "b.log", "a.log"]),
            (&["x/mail.log", "y/mail.log.1"], &["x/mail.log", "y/mail.log.1"]),
            (&["m-20260112", "m-20260105.gz", "m"], &["m-20260105.gz", "m-20260112", "m"]),
            (&["mail.log", "-", "mail.log.1"], &["mail.log.1", "mail.log", "-"]),
            (&["-", "-"], &["-", "-"]),
            (&["rejectlog", "mainlog"], &["rejectlog", "mainlog"]),
            (
                &["mainlog", "mainlog.01", "rejectlog", "rejectlog.01", "paniclog"],
                &["mainlog.01", "rejectlog.01", "mainlog", "rejectlog", "paniclog"],
            ),
            (&[], &[]),
        ] {
            assert_eq!(folder.resolve(names, false).0, want, "{names:?}");
            let is_one_set =
                names.len() > 1 && names.iter().all(|name| name.starts_with("mail.log"));
            if is_one_set {
                let reversed: Vec<&str> = names.iter().rev().copied().collect();
                assert_eq!(folder.resolve(&reversed, false).0, want, "{reversed:?}");
            }
        }
    }

    #[test]
    fn a_name_stands_for_its_whole_set() {
        let files = [
            "mail.log",
            "mail.log.1",
            "mail.log.2.gz",
            "mail.log.11.gz",
            "mail.log.bak",
            "mail.logger",
            "mail.info",
            "mail.warn.1",
            "mainlog",
            "mainlog.01",
            "mainlog.02.gz",
            "rejectlog.01",
            "notes.txt",
            "syslog",
            "maillog-20260105",
            "maillog.20251229-101500.gz",
        ];
        let folder = Folder::with("sets", &files);
        fs::create_dir(folder.0.join("mail")).unwrap();
        let mail_log = ["mail.log.11.gz", "mail.log.2.gz", "mail.log.1", "mail.log"];
        let maillog = ["maillog.20251229-101500.gz", "maillog-20260105"];
        let exim = ["mainlog.02.gz", "mainlog.01", "rejectlog.01", "mainlog"];
        let all = [&mail_log[..], &maillog, &exim].concat();
        for (names, want) in [
            (&["mail.log"][..], &mail_log[..]),
            (&["mail.log.1"], &mail_log),
            (&["mail.log.1", "mail.log", "mail.log.11.gz"], &mail_log),
            (&["mainlog"], &["mainlog.02.gz", "mainlog.01", "mainlog"]),
            (&["maillog"], &maillog),
            (&["mail.log.bak"], &["mail.log.bak"]),
            (&["mainlog", "rejectlog"], &exim),
            (&[""], &all),
            (&["", "mail.log", "-"], &[&all[..], &["-"]].concat()),
            (&["mail"], &["mail"]),
            (&["missing.log"], &["missing.log"]),
        ] {
            assert_eq!(folder.resolve(names, true).0, want, "{names:?}");
        }
    }

    #[test]
    fn members_of_a_former_scheme_are_the_older_ones() {
        let files = ["m", "m.1", "m.2", "m-20260105", "m-20260106"];
        let folder = Folder::with("schemes", &files);
        let touch = |name: &str, age: u64| {
            let file = fs::File::options().append(true).open(folder.0.join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        };
        for (numbered, dated, want) in [
            (100, 9000, ["m-20260105", "m-20260106", "m.2", "m.1", "m"]),
            (9000, 100, ["m.2", "m.1", "m-20260105", "m-20260106", "m"]),
        ] {
            for (name, age) in
                [("m.1", numbered), ("m.2", numbered), ("m-20260105", dated), ("m-20260106", dated)]
            {
                touch(name, age);
            }
            assert_eq!(folder.resolve(&["m"], true).0, want);
            assert_eq!(folder.resolve(&files, false).0, want);
        }
    }

    #[test]
    fn each_line_is_read_once() {
        let files = ["m.log", "m.log.1", "m.log.2", "m.log.2.gz", "m.log.3.gz"];
        let folder = Folder::with("twins", &files);
        for (names, rotated) in [(&["m.log"][..], true), (&files[..], false)] {
            let (read, left_out) = folder.resolve(names, rotated);
            assert_eq!(read, ["m.log.3.gz", "m.log.2", "m.log.1", "m.log"]);
            assert_eq!(left_out, ["m.log.2.gz"]);
        }
        assert_eq!(folder.resolve(&["m.log", "m.log"], false).1, ["m.log"]);
        // An archive in the making, a file that is not the archive's, an empty one.
        let whole = gzip("m.log.2\n");
        fs::write(folder.0.join("m.log.2.gz"), &whole[..whole.len() - 9]).unwrap();
        assert_eq!(folder.resolve(&["m.log.2", "m.log.2.gz"], false).1, ["m.log.2.gz"]);
        fs::write(folder.0.join("m.log.2"), "other\n").unwrap();
        assert_eq!(folder.resolve(&["m.log.2", "m.log.2.gz"], false).1, [""; 0]);
        fs::write(folder.0.join("m.log.2"), "").unwrap();
        assert_eq!(folder.resolve(&["m.log.2", "m.log.2.gz"], false).1, [""; 0]);
        // A file that was unpacked in part.
        fs::write(folder.0.join("m.log.2.gz"), &whole).unwrap();
        fs::write(folder.0.join("m.log.2"), "m.lo").unwrap();
        assert_eq!(folder.resolve(&["m.log.2", "m.log.2.gz"], false).1, ["m.log.2"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_member_is_that_member() {
        let folder = Folder::with("links", &["m-20260105", "m-20260106"]);
        std::os::unix::fs::symlink("m-20260106", folder.0.join("m")).unwrap();
        let (read, left_out) = folder.resolve(&["m"], true);
        assert_eq!((read.len(), left_out.len()), (2, 1), "{read:?}");
        assert_eq!(read[0], "m-20260105");
    }
}
