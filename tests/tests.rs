//! The integration tests: the built program and the library's pipeline, on the samples, on logs composed here and
//! on generated ones. One binary. No network, no root, nothing outside the repository's `target` folder.
//!
//! To add a test: in the module whose subject it is. Every file under `samples/` is tested as soon as it is there
//! (`cargo insta review`, or `INSTA_UPDATE=always cargo test`, takes its snapshot over; read it first).

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "what goes wrong here shall stop the test"
)]

mod accuracy;
mod audit;
mod check;
mod check_own;
mod check_tls;
mod cli;
mod config;
mod correlate;
mod digest;
mod filters;
mod follow;
mod history;
mod incidents;
mod journal;
mod knowledge;
mod layering;
mod offline;
mod outputs;
mod pages;
mod properties;
mod queue;
mod readme;
mod redact;
mod remedies;
mod report;
mod robustness;
mod samples;
mod state;
mod support;
mod suppress;
mod trace;

#[path = "../benches/support/generator.rs"]
mod generator;
