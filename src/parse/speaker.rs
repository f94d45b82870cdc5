//! Who writes under a program's name.

use super::postfix::{Family, family_of};

/// Which mail server a program belongs to, and which of its daemons it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Speaker {
    /// Postfix; the daemon is none that we know where there is no family.
    Postfix(Option<Family>),
    /// A name that Postfix and other software share.
    PerhapsPostfix(Family),
    Exim,
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
