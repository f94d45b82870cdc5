//! Pseudonyms instead of addresses, client addresses, logins and host names, so that a report can be handed on.
//!
//! ```text
//! pipeline ─► Redacting (sink.rs): every text of a record ─► the real sink, which never sees a name
//!                 │
//!                 └─► Redactor (here, names.rs): one name ─► its pseudonym    scan.rs: names within any text
//! ```
//!
//! A pseudonym is a keyed hash (HMAC-SHA-256, 50 bits of it shown): the same name has the same one in every run with
//! the same key, and without the key nobody can try out names. Names whose case does not matter are hashed in lower
//! case. Domains and hosts end in `.invalid` (RFC 2606), hosts below the pseudonym of their registrable domain, so
//! that what belongs together still does.
//!
//! What stays: queue ids, codes, times, programs, names of input files, the machine itself (`localhost`,
//! `127.0.0.1`), and public names: the suffixes of mail providers and the zones of blocklists that the knowledge base
//! has. What is not a name by its form and stands in no field of the record (a mailbox called only by a bare word in
//! prose of a third party) cannot be known as one; see [`Redactor::text`].
//!
//! To add a field of a record: its line in `sink.rs`, which names every field, so that the compiler asks for it.

mod known;
mod names;
mod scan;
mod sink;

#[cfg(test)]
mod tests;

pub use names::Redactor;
pub use sink::Redacting;

/// What becomes of domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domains {
    /// They get pseudonyms too.
    Hidden,
    /// The domain of an address stays, and of a host name its registrable part.
    Kept,
}
