//! `--redact`: pseudonyms in everything that is shown. For every command that shows text of a log.

use super::status::complain;
use crate::check::finding::CheckReport;
use crate::error::Error;
use crate::filter::FilterTerm;
use crate::record::{Coverage, Record, Shape, Sink};
use crate::redact::{Domains, Redacting, Redactor};
use crate::trace::Rewrite;
use clap::Args;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

/// The variable that has the key.
const KEY_VARIABLE: &str = "MAILWHY_REDACT_KEY";

/// A shorter key could be tried out.
const SHORTEST_KEY: usize = 16;

/// How names are shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pseudonyms")]
pub struct RedactArgs {
    /// Pseudonyms for addresses, client addresses, logins and host names, in every output
    ///
    /// The same name has the same pseudonym in every run with the same key: that of --redact-key-file, else
    /// of the variable `MAILWHY_REDACT_KEY`; without one, a random key of this run. Queue ids, the names of the files
    /// read and public names (mail providers, blocklists) stay.
    #[arg(long)]
    pub redact: bool,
    /// Keep domains as they are; of host names the registrable domain
    #[arg(long, requires = "redact")]
    pub redact_keep_domains: bool,
    /// File with the key, at least 16 characters; white space at its end does not count
    #[arg(long, value_name = "FILE", requires = "redact")]
    pub redact_key_file: Option<PathBuf>,
}

impl RedactArgs {
    /// What stands between the log and the output.
    ///
    /// # Errors
    ///
    /// The key cannot be read, or is too short.
    pub(super) fn guard(&self) -> Result<Guard, Error> {
        if !self.redact {
            return Ok(Guard(None));
        }
        let domains = if self.redact_keep_domains { Domains::Kept } else { Domains::Hidden };
        let key = match self.key()? {
            Some(key) => key,
            None => random_key()?,
        };
        Ok(Guard(Some(Redactor::new(&key, domains))))
    }

    /// Whether pseudonyms will be others in the next run.
    pub(super) fn is_for_one_run(&self) -> bool {
        self.redact && self.redact_key_file.is_none() && key_of_environment().is_none()
    }

    fn key(&self) -> Result<Option<Vec<u8>>, Error> {
        let (key, place) = if let Some(path) = &self.redact_key_file {
            let key =
                std::fs::read(path).map_err(|source| Error::Read { path: path.clone(), source })?;
            (key, path.display().to_string())
        } else if let Some(key) = key_of_environment() {
            (key, KEY_VARIABLE.to_owned())
        } else {
            return Ok(None);
        };
        let key = key.trim_ascii_end().to_vec();
        if key.len() < SHORTEST_KEY {
            return Err(Error::ShortKey { place, shortest: SHORTEST_KEY });
        }
        Ok(Some(key))
    }
}

fn key_of_environment() -> Option<Vec<u8>> {
    let key = std::env::var_os(KEY_VARIABLE)?.into_encoded_bytes();
    (!key.is_empty()).then_some(key)
}

fn random_key() -> Result<Vec<u8>, Error> {
    let mut key = vec![0; 32];
    getrandom::fill(&mut key).map_err(|error| Error::NoRandomness(error.to_string()))?;
    complain(&format!(
        "these pseudonyms are of this run only: there is no key (--redact-key-file, {KEY_VARIABLE})"
    ));
    Ok(key)
}

/// Stands between the log and the output: with a redactor, or as if it were not there.
#[derive(Debug)]
pub(super) struct Guard(Option<Redactor>);

impl Guard {
    /// Runs `work` with a sink in front of which names become pseudonyms.
    pub(super) fn before<T>(
        &self,
        sink: &mut dyn Sink,
        work: impl FnOnce(&mut dyn Sink) -> T,
    ) -> T {
        match &self.0 {
            None => work(sink),
            Some(redactor) => work(&mut Redacting::new(redactor, sink)),
        }
    }

    /// What makes the pseudonyms, for a command that must see names itself to find what it looks for.
    pub(super) fn rewrite(&self) -> Option<&dyn Rewrite> {
        self.0.as_ref().map(|redactor| redactor as &dyn Rewrite)
    }

    /// The filter that a report names: as typed, it would name names.
    pub(super) fn filter(&self, terms: &mut [FilterTerm]) {
        let Some(redactor) = &self.0 else { return };
        for term in terms {
            for value in &mut term.values {
                *value = match term.option {
                    // Not a name, but a pattern of names: it has no pseudonym.
                    _ if value.contains(['*', '!']) => "…".to_owned(),
                    "sender" | "recipient" | "user" => redactor.address(value).into_owned(),
                    "domain" | "host" => redactor.host(value).into_owned(),
                    "client" if value.contains('/') => "…".to_owned(),
                    "client" => redactor.helo(value).into_owned(),
                    _ => continue,
                };
            }
        }
    }

    /// What DNS said: it was asked for names, so they are replaced in everything that is shown of it.
    pub(super) fn check(&self, report: &mut CheckReport) {
        if let Some(redactor) = &self.0 {
            report.rewrite(&|text| redactor.text(text).into_owned());
        }
    }

    /// The shapes of lines that no record is made of.
    pub(super) fn coverage(&self, coverage: &mut Coverage) {
        let Some(redactor) = &self.0 else { return };
        let mut shapes = BTreeMap::<String, Shape>::new();
        for (shape, seen) in std::mem::take(&mut coverage.shapes) {
            let merged = shapes
                .entry(redactor.text(&shape).into_owned())
                .or_insert(Shape { lines: 0, ..seen });
            merged.lines += seen.lines;
            merged.first = merged.first.min(seen.first);
        }
        coverage.shapes = shapes;
    }
}

impl Rewrite for Redactor {
    fn record(&self, record: &Record<'_>, behind: &mut dyn Sink) -> ControlFlow<()> {
        Redacting::with_lines(self, behind).record(record)
    }

    fn key(&self, key: &str) -> String {
        if key.contains('/') {
            // A network is a pattern of names: it has no pseudonym.
            "…".to_owned()
        } else if !key.contains('@') && key.contains(['.', ':']) {
            self.helo(key).into_owned()
        } else {
            self.address(key).into_owned()
        }
    }
}
