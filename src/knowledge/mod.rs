//! What is known about codes, causes and wordings: data files, embedded in the program.
//!
//! Does not judge a reply (`classify` does) and shows nothing.

pub mod rule;
