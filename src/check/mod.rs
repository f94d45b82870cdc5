//! Looks at DNS and at greetings, where a log alone cannot tell whose mistake it is.
//!
//! The judging is pure: [`recipient`], [`identity`], [`spf`], [`greeting`] and most of [`tls`] are functions from a
//! [`Book`] of answers (or from what a server said) to findings, and ask for what they lack by looking it up in the
//! book. Only [`ask`] and, with `--connect`, `visit` with [`connect`], [`tls::handshake`] and [`tls::https`] use the
//! network, and only `mailwhy check` and `mailwhy report --check` call them: everything else stays offline. What it
//! comes to ([`finding`]) and how that is shown ([`page`]) stand on lower floors, as the report has a section of it.
//!
//! To add a finding: a word in [`FindingKind`], its sentence in `phrases`, and the line that pushes it.

pub mod answer;
pub mod ask;
pub mod blocklist;
pub mod book;
mod conclude;
pub mod connect;
mod dkim;
pub mod finding;
pub mod greeting;
pub mod identity;
mod name;
pub mod own;
mod own_phrases;
pub mod page;
mod phrases;
mod reach;
pub mod recipient;
mod seen;
pub mod spf;
pub mod tls;
pub mod trouble;
mod visit;

pub use answer::{Answer, Data, Outcome, QueryType, Question, Row};
pub use book::Book;
pub use finding::{
    CheckReport, Command, Finding, FindingKind, SCHEMA, Severity, Subject, SubjectKind, TlsFacts,
    Verdict, VerdictKind,
};
pub use name::HostName;
pub use own::OwnSeen;
pub use page::page_of;
pub use seen::Seen;
pub use trouble::{Trouble, TroubleSink, Troubles};
