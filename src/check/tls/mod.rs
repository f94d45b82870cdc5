//! What a domain expects of TLS, and what its servers have.
//!
//! Pure, as the judging of [`super`] is: [`dane`], [`sts`] and [`reports`] read records, [`certificate`] reads and
//! checks certificates, [`expect`] and [`session`] judge. Only [`handshake`] and [`https`] use the network, and only
//! with `--connect`.
//!
//! Severity follows what a sender does with it. Ordinary sending is opportunistic: it encrypts where it can and looks
//! at no certificate, so a bad one is worth a note. Where the domain demands more (TLSA records that DNSSEC proves,
//! MTA-STS in mode `enforce`), senders that honour the demand keep the mail, and the same certificate is a failure.

pub mod certificate;
pub mod dane;
pub mod expect;
pub mod handshake;
pub mod https;
pub(super) mod phrases;
pub mod reports;
pub mod session;
pub mod sts;
