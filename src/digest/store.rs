//! Saved digests: a file that says what it is.
//!
//! A `zstd` frame of JSON behind a skippable frame with our name, so that `zstd -dc FILE | jq` shows it and nothing
//! takes it for a log. The JSON alone is read too. Read with bounds: 256 MiB unpacked, [`MOST_ROWS`] rows a
//! table.
//!
//! ```text
//! mailwhy_digest   the version of this form
//! generator        the program that wrote it
//! grain            hour, day, week or whole
//! names            hosts, causes and providers; the tables have their places here
//! rows             [period, host, direction, cause, code, enhanced, provider, [counts]], columns named beside
//! traffic          [period, host, direction, provider, [counts]]
//! mail             [period, host, kind, [counts]]
//! parts            the logs that went in
//! ```

use super::{
    Digest, Grain, MOST_PARTS, MOST_ROWS, MailCounts, MailKey, MailKind, Part, RowCounts, RowKey,
    SCHEMA, TrafficCounts, TrafficKey,
};
use crate::error::Error;
use crate::smtp::{Direction, EnhancedCode, ReplyCode};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hash::Hasher;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

/// Most bytes of JSON that are read: a digest of the most rows has a third of it.
pub(super) const MOST_BYTES: u64 = 256 << 20;

/// Most hosts, causes or providers that are read.
const MOST_NAMES: usize = 1 << 16;

/// A skippable frame of zstd (RFC 8878 section 3.1.2) of 16 bytes.
const HEAD: &[u8; 24] = b"\x5d\x2a\x4d\x18\x10\x00\x00\x00mailwhy digest\r\n";

/// The JSON without packing begins so.
const JSON: &[u8] = b"{\"mailwhy_digest\":";

/// Level 9 packs a year of hours into a few megabytes within a second.
const LEVEL: i32 = 9;

#[derive(Serialize, Deserialize)]
struct Saved {
    mailwhy_digest: u32,
    generator: String,
    grain: String,
    names: Vec<String>,
    row_columns: Vec<String>,
    rows: Vec<SavedRow>,
    traffic_columns: Vec<String>,
    traffic: Vec<SavedTraffic>,
    mail_columns: Vec<String>,
    mail: Vec<SavedMail>,
    parts: BTreeMap<String, Part>,
}

#[derive(Serialize, Deserialize)]
struct SavedRow(i64, u32, String, Option<u32>, Option<u16>, Option<String>, Option<u32>, Vec<u64>);

#[derive(Serialize, Deserialize)]
struct SavedTraffic(i64, u32, String, Option<u32>, Vec<u64>);

#[derive(Serialize, Deserialize)]
struct SavedMail(i64, u32, String, Vec<u64>);

/// Only the version, which must be known before the rest is read.
#[derive(Deserialize)]
struct Version {
    mailwhy_digest: u32,
}

/// Whether a file begins as a saved digest does. `false` for what cannot be opened: whoever reads it as a log will
/// say so.
pub fn is_saved(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    // A pipe must not lose its first bytes here.
    if !file.metadata().is_ok_and(|about| about.is_file()) {
        return false;
    }
    let mut head = Vec::new();
    if file.take(HEAD.len() as u64).read_to_end(&mut head).is_err() {
        return false;
    }
    head == HEAD || head.starts_with(JSON)
}

/// Reads a saved digest.
///
/// # Errors
///
/// [`Error::Read`] when the file cannot be read; [`Error::Saved`] when it is none, of another version, damaged or
/// too large.
pub fn read_digest(path: &Path) -> Result<Digest, Error> {
    let wrong = |what: String| Error::Saved { path: path.to_owned(), what };
    let read = |source: io::Error| Error::Read { path: path.to_owned(), source };
    let mut file = BufReader::new(File::open(path).map_err(read)?);
    let start = file.fill_buf().map_err(read)?;
    let mut json = Vec::new();
    if start.starts_with(HEAD) {
        let unpacked = zstd::Decoder::with_buffer(file).map_err(read)?;
        unpacked
            .take(MOST_BYTES + 1)
            .read_to_end(&mut json)
            .map_err(|error| wrong(format!("damaged or cut off: {error}")))?;
    } else if start.starts_with(JSON) {
        file.take(MOST_BYTES + 1).read_to_end(&mut json).map_err(read)?;
    } else {
        return Err(wrong("not a saved digest".to_owned()));
    }
    if json.len() as u64 > MOST_BYTES {
        return Err(wrong(format!("larger than {MOST_BYTES} bytes of JSON")));
    }
    parse(&json).map_err(wrong)
}

/// Writes a digest to a file that only its owner can read; it is there wholly or not at all.
///
/// # Errors
///
/// [`Error::WriteFile`] with what the system said.
pub fn write_digest(path: &Path, digest: &Digest) -> Result<(), Error> {
    let wrong = |source: io::Error| Error::WriteFile { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    // The crate makes it readable by the owner alone.
    let mut file =
        tempfile::Builder::new().prefix(".mailwhy-").tempfile_in(folder).map_err(wrong)?;
    write(file.as_file_mut(), digest).map_err(wrong)?;
    file.as_file().sync_all().map_err(wrong)?;
    file.persist(path).map_err(|error| wrong(error.error))?;
    // The name is in the folder only when the folder is on the disk; where that cannot be had, no harm is done.
    if let Ok(folder) = fs::File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

fn write(mut out: impl Write, digest: &Digest) -> io::Result<()> {
    out.write_all(HEAD)?;
    let mut packed = zstd::Encoder::new(&mut out, LEVEL)?;
    packed.include_checksum(true)?;
    let mut packed = io::BufWriter::new(packed);
    serde_json::to_writer(&mut packed, &saved(digest))?;
    packed.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
    out.flush()
}

/// An id of a log by what it said: the same log read again has the same, whatever its name.
pub(super) fn id_of(digest: &Digest, part: &Part) -> String {
    struct Hashing(SipHasher13);
    impl Write for Hashing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.write(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut hashing = Hashing(SipHasher13::new());
    let tables = saved(digest);
    let content = (&tables.grain, &tables.names, &tables.rows, &tables.traffic, &tables.mail);
    // Writing into a hash does not fail.
    let _ = serde_json::to_writer(&mut hashing, &(content, &part.hosts, part.lines, part.bytes));
    let hash = hashing.0.finish128();
    format!("{:016x}{:016x}", hash.h1, hash.h2)
}

fn saved(digest: &Digest) -> Saved {
    let mut names = BTreeMap::<&str, u32>::new();
    let rows = digest.rows.keys();
    let named = rows.flat_map(|key| [Some(&key.host), key.cause.as_ref(), key.provider.as_ref()]);
    let named =
        named.chain(digest.traffic.keys().flat_map(|k| [Some(&k.host), k.provider.as_ref()]));
    for name in named.chain(digest.mail.keys().map(|key| Some(&key.host))).flatten() {
        names.insert(name, 0);
    }
    for (place, number) in names.values_mut().zip(0..) {
        *place = number;
    }
    let place = |name: &str| names.get(name).copied().unwrap_or(u32::MAX);
    let columns = |keys: &[&str], counts: &[&str]| {
        keys.iter().chain(counts).map(|name| (*name).to_owned()).collect()
    };
    Saved {
        mailwhy_digest: SCHEMA,
        generator: format!("mailwhy {}", env!("CARGO_PKG_VERSION")),
        grain: digest.grain.slug().to_owned(),
        row_columns: columns(
            &["period", "host", "direction", "cause", "code", "enhanced", "provider"],
            RowCounts::NAMES,
        ),
        rows: digest
            .rows
            .iter()
            .map(|(key, counts)| {
                SavedRow(
                    key.period,
                    place(&key.host),
                    key.direction.to_string(),
                    key.cause.as_deref().map(place),
                    key.code.map(ReplyCode::value),
                    key.enhanced.map(|code| code.to_string()),
                    key.provider.as_deref().map(place),
                    counts.values(),
                )
            })
            .collect(),
        traffic_columns: columns(
            &["period", "host", "direction", "provider"],
            TrafficCounts::NAMES,
        ),
        traffic: digest
            .traffic
            .iter()
            .map(|(key, counts)| {
                let provider = key.provider.as_deref().map(place);
                let direction = key.direction.to_string();
                SavedTraffic(key.period, place(&key.host), direction, provider, counts.values())
            })
            .collect(),
        mail_columns: columns(&["period", "host", "kind"], MailCounts::NAMES),
        mail: digest
            .mail
            .iter()
            .map(|(key, counts)| {
                SavedMail(key.period, place(&key.host), key.kind.to_string(), counts.values())
            })
            .collect(),
        parts: digest.parts.clone(),
        names: names.into_keys().map(str::to_owned).collect(),
    }
}

fn parse(json: &[u8]) -> Result<Digest, String> {
    let damaged = |error: serde_json::Error| format!("damaged: {error}");
    let version: Version = serde_json::from_slice(json).map_err(damaged)?;
    if version.mailwhy_digest != SCHEMA {
        let found = version.mailwhy_digest;
        return Err(format!("saved in form {found}; this program reads form {SCHEMA}"));
    }
    let saved: Saved = serde_json::from_slice(json).map_err(damaged)?;
    restore(saved).ok_or_else(|| "damaged: a row that no digest has".to_owned())
}

/// `None` when anything is out of its bounds.
fn restore(saved: Saved) -> Option<Digest> {
    let most = saved.rows.len().max(saved.traffic.len()).max(saved.mail.len());
    if most > MOST_ROWS || saved.names.len() > MOST_NAMES || saved.parts.len() > MOST_PARTS {
        return None;
    }
    let names: Vec<CompactString> = saved.names.iter().map(CompactString::new).collect();
    let name = |place: u32| names.get(usize::try_from(place).ok()?).cloned();
    // A place that is there must be right.
    let maybe = |place: Option<u32>| match place {
        None => Some(None),
        Some(place) => name(place).map(Some),
    };
    let mut digest =
        Digest { grain: Grain::parse(&saved.grain)?, parts: saved.parts, ..Digest::default() };
    for SavedRow(period, host, way, cause, code, enhanced, provider, counts) in saved.rows {
        let key = RowKey {
            period: period_of(digest.grain, period)?,
            host: name(host)?,
            direction: direction_of(&way)?,
            cause: maybe(cause)?,
            code: code.map(|code| ReplyCode::new(code).ok_or(())).transpose().ok()?,
            enhanced: enhanced.map(|text| text.parse::<EnhancedCode>()).transpose().ok()?,
            provider: maybe(provider)?,
        };
        digest.rows.entry(key).or_default().add(&RowCounts::of_values(&counts)?);
    }
    for SavedTraffic(period, host, way, provider, counts) in saved.traffic {
        let key = TrafficKey {
            period: period_of(digest.grain, period)?,
            host: name(host)?,
            direction: direction_of(&way)?,
            provider: maybe(provider)?,
        };
        digest.traffic.entry(key).or_default().add(&TrafficCounts::of_values(&counts)?);
    }
    for SavedMail(period, host, kind, counts) in saved.mail {
        let key = MailKey {
            period: period_of(digest.grain, period)?,
            host: name(host)?,
            kind: MailKind::ALL.iter().copied().find(|known| known.slug() == kind)?,
        };
        digest.mail.entry(key).or_default().add(&MailCounts::of_values(&counts)?);
    }
    Some(digest)
}

/// A begin of a period of this grain, in a year of four digits.
fn period_of(grain: Grain, period: i64) -> Option<i64> {
    let sane = (-62_135_596_800..253_402_300_800).contains(&period);
    (sane && grain.begin(period) == period).then_some(period)
}

/// The direction of this name.
fn direction_of(slug: &str) -> Option<Direction> {
    Direction::ALL.iter().copied().find(|direction| direction.slug() == slug)
}
