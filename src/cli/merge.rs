//! `mailwhy merge`: digests of several hosts or times added up.

use super::args::{Color, InputArgs};
use super::keep::{digest_of, save};
use super::status::{Status, complain};
use super::terminal::look;
use crate::digest::{Digest, Overlap, Unmergeable, View, view};
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use crate::render::digest::{Remark, remark, render};
use crate::render::json;
use crate::time::Time;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;

/// What `mailwhy merge` takes.
#[derive(Debug, Args)]
#[command(
    mut_arg("files", |arg| arg.required(true).help("Saved digests, or logs").long_help(
        "Saved digests (`report --save`), or logs\n\nWhich is which is told by the content. Each FILE is \
         a log of its own; several that belong together (a rotation set that is not found by \
         --rotated, Exim's main and reject log) are saved together first."
    )),
    after_help = "\
Examples:
  mailwhy merge mx1.digest mx2.digest
  mailwhy merge /var/lib/mailwhy/*.digest --save all.digest
  mailwhy merge mx1.digest /var/log/mail.log --format json

A log that is in two digests is counted once: the second digest is left out, which is said. Two
different logs that tell of the same time of the same host are refused, as what stands in both would
count twice; Exim's own files name no host, so save them with --own-host."
)]
pub struct MergeArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Keep the sum in this file
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// The host of lines that name none (Exim's own files), in FILEs that are logs
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub own_host: String,
    /// Add logs of the same time of the same host too
    ///
    /// Right where they share no line: two instances with a log each.
    #[arg(long)]
    pub add_overlaps: bool,
    /// Rows of each list
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// Form of the output
    #[arg(long, value_enum, default_value_t = MergeFormat::Text)]
    pub format: MergeFormat,
}

/// Forms of a merged digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MergeFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Serialize)]
struct Merged<'a> {
    schema: u32,
    generator: String,
    remarks: &'a [Remark],
    #[serde(flatten)]
    view: &'a View,
}

/// Runs the command.
pub(super) fn run(args: &MergeArgs, color: Color, language: Language) -> Status {
    let kept = language.kept();
    let mut status = Status::Done;
    let mut sum = Digest::default();
    let mut remarks = Vec::new();
    // The files that went in, with the ids of their logs.
    let mut files: Vec<(String, Vec<String>)> = Vec::new();
    for file in &args.input.files {
        let name = file.to_string_lossy().into_owned();
        let digest = match digest_of(&args.input, std::slice::from_ref(file), &args.own_host) {
            Ok((digest, read)) => {
                status = status.and(read);
                digest
            }
            Err(failed) => return failed,
        };
        let overlaps = sum.overlaps(&digest);
        match sum.merge(&digest) {
            Ok(()) => {}
            Err(Unmergeable::Same) if digest.parts.keys().all(|id| sum.parts.contains_key(id)) => {
                let has = |(_, ids): &&(String, Vec<String>)| {
                    ids.iter().any(|id| digest.parts.contains_key(id))
                };
                let same_as = files.iter().find(has).map(|(name, _)| name.clone());
                let left_out = Remark::LeftOut { file: name, same_as: same_as.unwrap_or_default() };
                complain(&remark(&left_out, kept));
                remarks.push(left_out);
                continue;
            }
            Err(why) => {
                complain(&format!(
                    "{name}: {why}, together with logs that are not; merge the digests that these \
                     were made of"
                ));
                return Status::Failed;
            }
        }
        for overlap in &overlaps {
            let overlap = of_overlap(overlap);
            complain(&format!("{name}: {}", remark(&overlap, kept)));
            remarks.push(overlap);
        }
        if !overlaps.is_empty() && !args.add_overlaps {
            complain("nothing is merged; --add-overlaps adds them all the same");
            return Status::Failed;
        }
        files.push((name, digest.parts.into_keys().collect()));
    }
    if let Some(path) = &args.save {
        status = status.and(save(path, &sum));
    }
    let view = view(&sum);
    let mut out = std::io::stdout().lock();
    let written = match args.format {
        MergeFormat::Text => {
            let knowledge = Knowledge::in_language(language);
            let text = render(&view, &remarks, &knowledge, (look(color), args.top));
            out.write_all(text.as_bytes())
        }
        MergeFormat::Json => {
            let generator = format!("mailwhy {}", env!("CARGO_PKG_VERSION"));
            let merged = Merged { schema: 1, generator, remarks: &remarks, view: &view };
            json::write_pretty(&mut out, &merged)
        }
    };
    status.and(Status::of_output(written.and_then(|()| out.flush())))
}

fn of_overlap(overlap: &Overlap) -> Remark {
    Remark::Overlap {
        host: overlap.host.clone(),
        from: Time(overlap.from).to_string(),
        to: Time(overlap.to).to_string(),
    }
}
