//! Reads Postfix and Exim logs and says why mail was refused, late or lost.
//!
//! ```text
//! files, stdin ─► input: chunks ─► parse: lines ─► pipeline: records in order ─► sink
//!                                                     sinks: events writer, report (correlate ─► summary)
//! summary + knowledge ─► report ─► render: text, JSON
//! ```
//!
//! Arrows go one way: a module imports only from those named before it.

pub mod error;
pub mod event;
pub mod input;
pub mod parse;
pub mod pipeline;
pub mod record;
pub mod smtp;
pub mod time;
mod words;
