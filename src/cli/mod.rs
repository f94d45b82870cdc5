//! The command line: the only code that knows clap.

pub mod codes;
pub mod explain;
mod status;

pub use status::Status;
