//! Who writes under a program's name.

use super::postfix::{Family, family_of};
use std::net::Ipv4Addr;

/// Which mail server a program belongs to, and which of its daemons it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Speaker {
    /// Postfix; the daemon is none that we know where there is no family.
    Postfix(Option<Family>),
    /// A name that Postfix and other software share.
    PerhapsPostfix(Family),
    Exim,
    /// Not a program but what passes on lines of others: their lines may stand behind it, head and all.
    Bearer,
    /// The line names no program.
    #[default]
    Nobody,
    Other,
}

/// By the program's name: the last path element is the daemon, anything may stand before it.
pub(super) fn speaker_of(program: &str) -> Speaker {
    if program.is_empty() {
        return Speaker::Nobody;
    }
    if is_bearer(program) {
        return Speaker::Bearer;
    }
    let (path, name) = program.rsplit_once('/').unwrap_or(("", program));
    let family = family_of(name);
    if (!path.is_empty() && family.is_some())
        || path.contains("postfix")
        || name.starts_with("postfix")
    {
        return Speaker::Postfix(family);
    }
    if name.starts_with("exim") {
        return Speaker::Exim;
    }
    match family {
        Some(family) if path.is_empty() => Speaker::PerhapsPostfix(family),
        _ => Speaker::Other,
    }
}

/// A container by its number or as `docker/NAME`, the journal, and an address in the place of a host: `192.0.2.1: `.
/// No others, as what a program says may be a stranger's words.
fn is_bearer(program: &str) -> bool {
    /// Docker's short number of a container.
    const SHORTEST: usize = 12;
    match program.as_bytes() {
        [b'd' | b'p' | b'j', ..] => {
            program.starts_with("docker/") || program.starts_with("podman/") || program == "journal"
        }
        [b'0'..=b'9' | b'a'..=b'f', ..] => {
            let is_number = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
            program.len() >= SHORTEST && program.bytes().all(is_number)
                || program.parse::<Ipv4Addr>().is_ok()
        }
        _ => false,
    }
}
