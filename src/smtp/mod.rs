//! The words of SMTP: reply codes, enhanced status codes, stages, dispositions.
//!
//! The lowest floor of the library: it imports nothing of ours. Numbers of registries stay numbers
//! ([`ReplyCode`], [`EnhancedCode`]), so that unknown values survive; our own concepts are closed enums.

mod address;
mod code;
mod dialogue;
mod reply;

pub use address::{domain_of, is_loopback};
pub(crate) use address::{has_upper_case, hash_in_lower_case, site_of};
pub use code::{EnhancedCode, ReplyCode};
pub use dialogue::{Direction, Disposition, Origin, Stage};
pub use reply::{LineBreak, Reply, parse_reply};
