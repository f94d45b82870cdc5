//! Writes a generated log to standard output and what it holds, as JSON, to standard error:
//! `cargo run --release --example generate -- postfix|exim|both BYTES [SEED] > log`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what goes wrong here shall stop it"
)]

#[path = "generator.rs"]
#[allow(dead_code, reason = "each user of the generator needs a part of it")]
mod generator;

use generator::{Server, Status, generate};
use std::io::{BufWriter, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = "usage: generate postfix|exim|both BYTES [SEED]";
    let server = match arguments.first().map(String::as_str) {
        Some("postfix") => Server::Postfix,
        Some("exim") => Server::Exim,
        Some("both") => Server::Both,
        _ => return Err(usage.into()),
    };
    let bytes = arguments.get(1).ok_or(usage)?.parse()?;
    let seed = arguments.get(2).map_or(Ok(1), |seed| seed.parse())?;
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    let truth = generate(&mut out, server, bytes, seed)?;
    let counts = serde_json::json!({
        "lines": truth.lines,
        "received": truth.received,
        "delivered": truth.attempts_of(Status::Delivered),
        "deferred": truth.attempts_of(Status::Deferred),
        "bounced": truth.attempts_of(Status::Bounced),
        "rejects": truth.all_rejects(),
    });
    writeln!(std::io::stderr(), "{counts}")?;
    Ok(())
}
