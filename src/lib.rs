//! Reads Postfix and Exim logs and says why mail was refused, late or lost.
//!
//! ```text
//! files, stdin ─► input: chunks ─► parse: lines ─► pipeline: records in order ─► sink
//!                                                     sinks: events writer, report (correlate ─► summary)
//! summary + knowledge ─► report ─► render: text, JSON
//! ```
//!
//! Arrows go one way: a module imports only from those named before it.

pub mod audit;
mod bytes;
#[cfg(feature = "cli")]
pub mod check;
pub mod classify;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compare;
pub mod correlate;
pub mod digest;
pub mod error;
pub mod event;
pub mod explain;
pub mod filter;
pub mod follow;
#[cfg(feature = "cli")]
pub mod history;
pub mod i18n;
pub mod incidents;
pub mod input;
pub mod knowledge;
pub mod parse;
pub mod pipeline;
mod private;
pub mod queue;
mod recent;
pub mod record;
#[cfg(feature = "redact")]
pub mod redact;
pub mod render;
pub mod report;
pub mod smtp;
pub mod state;
pub mod summary;
pub mod suppress;
pub mod time;
pub mod trace;
mod wording;
mod words;
