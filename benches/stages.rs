//! Where the time goes: one group a stage, from cutting chunks to the whole program, in bytes per second.
//!
//! `cargo bench` runs all of them, `cargo bench -- parse` those with `parse` in their names. The logs are generated
//! from a seed (`support/generator.rs`). A bench is named by its log's size and a hash of its text, so that a
//! figure is never compared with one of another log, and each checks what it computes before it is timed.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what goes wrong here shall stop it"
)]

#[path = "support/generator.rs"]
#[allow(dead_code, reason = "each user of the generator needs a part of it")]
mod generator;

use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use generator::{Server, Status, Truth, log};
use mailwhy::classify::Judge;
use mailwhy::event::{Content, Kind};
use mailwhy::explain::{explain, page_of};
use mailwhy::i18n::Language;
use mailwhy::input::ChunkReader;
use mailwhy::knowledge::Knowledge;
use mailwhy::parse::LineParser;
use mailwhy::pipeline::{Options, run_reader};
use mailwhy::record::{Record, Sink};
use mailwhy::render::events::{EventWriter, EventsFormat};
use mailwhy::render::{layout::Look, text};
use mailwhy::report::{About, Collector, Report, build};
use mailwhy::time::Zone;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::hint::black_box;
use std::io::{self, Cursor};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::process::Command;
use std::time::Duration;

/// Bytes of the logs of all groups but `whole`.
const SIZE: u64 = 4_000_000;
/// Bytes of the log of the group `whole`.
const LARGE: u64 = 32_000_000;

struct Log {
    name: String,
    text: String,
    truth: Truth,
}

fn logs(size: u64) -> Vec<Log> {
    [("postfix", Server::Postfix), ("exim", Server::Exim), ("both", Server::Both)]
        .map(|(name, server)| {
            let (text, truth) = log(server, size, 1);
            let mut hash = DefaultHasher::new();
            text.hash(&mut hash);
            let name = format!("{name}-{}MB-{:08x}", size / 1_000_000, hash.finish() >> 32);
            Log { name, text, truth }
        })
        .into()
}

fn options(threads: usize) -> Options {
    Options {
        threads: NonZeroUsize::new(threads).unwrap(),
        zone: Zone::utc(),
        year: Some(2026),
        now: Some(1_800_000_000),
        ..Options::default()
    }
}

/// Times `work` on each log.
fn stage<T>(criterion: &mut Criterion, name: &str, mut work: impl FnMut(&Log) -> T) {
    let mut group = criterion.benchmark_group(name);
    few_samples(&mut group);
    for log in logs(SIZE) {
        group.throughput(Throughput::Bytes(log.text.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(&log.name), |b| b.iter(|| work(&log)));
    }
    group.finish();
}

fn few_samples(group: &mut BenchmarkGroup<'_, criterion::measurement::WallTime>) {
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
}

/// Cutting into chunks of whole lines, UTF-8 checked.
fn split(criterion: &mut Criterion) {
    stage(criterion, "split", |log| {
        let mut reader = ChunkReader::new(log.text.as_bytes(), Options::CHUNK_SIZE);
        let mut bytes = 0;
        while let Some(chunk) = reader.next_chunk() {
            bytes += black_box(chunk.unwrap()).bytes;
        }
        assert_eq!(bytes, log.truth.bytes);
    });
}

/// Envelopes and texts: every line on its own.
fn parse(criterion: &mut Criterion) {
    stage(criterion, "parse", |log| {
        let mut parser = LineParser::default();
        let mut refusals = 0;
        for line in log.text.lines() {
            let line = black_box(parser.parse(line));
            refusals +=
                u64::from(matches!(&line.content, Content::Event(e) if e.kind == Kind::Reject));
        }
        assert_eq!(refusals, log.truth.all_rejects());
    });
}

/// Takes records and forgets them.
#[derive(Default)]
struct Nothing(u64);

impl Sink for Nothing {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        black_box(record);
        self.0 += 1;
        ControlFlow::Continue(())
    }
}

fn read(log: &Log, sink: &mut dyn Sink) -> mailwhy::pipeline::Outcome {
    // The copy of the text is the cost of a read.
    run_reader("-", Cursor::new(log.text.clone()), &options(1), sink)
}

/// Reading, parsing and the ordered stage, in one thread.
fn pipeline(criterion: &mut Criterion) {
    stage(criterion, "pipeline", |log| {
        let mut sink = Nothing::default();
        let outcome = read(log, &mut sink);
        assert_eq!(outcome.coverage.lines, log.truth.lines);
        sink.0
    });
}

/// The pipeline with each event written.
fn events(criterion: &mut Criterion) {
    let names = ["-".to_owned()];
    for (name, format) in
        [("events-ndjson", EventsFormat::Ndjson), ("events-csv", EventsFormat::Csv)]
    {
        stage(criterion, name, |log| {
            let mut writer = EventWriter::new(io::sink(), format, &names, Judge::builtin());
            read(log, &mut writer);
            writer.finish().unwrap();
        });
    }
}

fn report_of(log: &Log, knowledge: &Knowledge) -> Report {
    let mut collector = Collector::new(Zone::utc(), Judge::builtin());
    let outcome = read(log, &mut collector);
    let language = Language::En;
    let about =
        About { outcome: &outcome, zone: Zone::utc(), top: 10, filter: None, knowledge, language };
    build(&collector.finish(), about)
}

fn assert_counts(report: &Report, truth: &Truth) {
    let lines = &report.lines;
    for (word, status) in [
        ("delivered", Status::Delivered),
        ("deferred", Status::Deferred),
        ("bounced", Status::Bounced),
    ] {
        let counted = lines.attempts_by_status.get(word).copied().unwrap_or(0);
        assert_eq!(counted, truth.attempts_of(status), "{word}");
    }
    assert_eq!(lines.rejects, truth.all_rejects(), "rejects");
    assert_eq!(lines.received, truth.received, "received");
}

/// The whole of `mailwhy report` but for opening files, in one thread.
fn report(criterion: &mut Criterion) {
    let knowledge = Knowledge::embedded();
    for log in logs(SIZE) {
        assert_counts(&report_of(&log, &knowledge), &log.truth);
    }
    let extent = text::Extent { top: 10, detail: false, shapes: false };
    stage(criterion, "report", |log| {
        text::render(
            &report_of(log, &knowledge),
            Look { width: 80, colour: false, ascii: false },
            extent,
        )
    });
}

/// One answer.
fn explanation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("explain");
    few_samples(&mut group);
    let knowledge = Knowledge::embedded();
    for (name, input) in [
        ("code", "521"),
        ("reply", "550 5.7.26 Unauthenticated email from example.org is not accepted"),
        (
            "line",
            "Jan  5 10:00:00 mx1 postfix/smtp[811]: 4C1D2E3F40: to=<ann@example.com>, \
             relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=5.1.1, status=bounced (host \
             mx.example.com[198.51.100.25] said: 550 5.1.1 User unknown (in reply to RCPT TO command))",
        ),
    ] {
        assert!(explain(input, &knowledge).known, "{input}");
        group.bench_function(name, |b| {
            b.iter(|| page_of(&explain(input, &knowledge), knowledge.language()).to_text(80));
        });
    }
    group.finish();
}

/// The program itself on a file, with one thread and with two.
fn whole(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("whole");
    few_samples(&mut group);
    for log in logs(LARGE) {
        let path = format!("{}/{}.log", env!("CARGO_TARGET_TMPDIR"), log.name);
        std::fs::write(&path, &log.text).unwrap();
        let run = |arguments: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_mailwhy"));
            command.args(arguments.split(' ')).args(["--tz", "UTC", "--year", "2026", &path]);
            let output = command.output().unwrap();
            assert!(output.status.success(), "{arguments}: {output:?}");
            output.stdout
        };
        let json: serde_json::Value = serde_json::from_slice(&run("report --format json")).unwrap();
        let attempts: u64 = log.truth.attempts.values().sum();
        assert_eq!(json["lines"]["attempts"], attempts, "{}: attempts", log.name);
        assert_eq!(json["lines"]["rejects"], log.truth.all_rejects(), "{}: rejects", log.name);
        group.throughput(Throughput::Bytes(log.text.len() as u64));
        for arguments in ["report -j 1", "report -j 2", "events -j 2"] {
            let id = BenchmarkId::new(arguments.replace(' ', ""), &log.name);
            group.bench_function(id, |b| b.iter(|| run(arguments)));
        }
        std::fs::remove_file(&path).unwrap();
    }
    group.finish();
}

criterion_group!(stages, split, parse, pipeline, events, report, explanation, whole);
criterion_main!(stages);
