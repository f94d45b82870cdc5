//! Log text as a CSV cell, and what goes wrong in writing cells.

use super::sanitize::for_terminal;
use std::borrow::Cow;
use std::io;

/// Makes text safe for a spreadsheet: what is not printable is shown escaped, and a cell that would be taken
/// for a formula (`=`, `+`, `-`, `@` in front) begins with an apostrophe. Quoting is the CSV writer's work.
pub fn for_csv(text: &str) -> Cow<'_, str> {
    let shown = for_terminal(text);
    if shown.starts_with(['=', '+', '-', '@']) {
        return Cow::Owned(format!("'{shown}"));
    }
    shown
}

/// An error of the CSV writer as one of its output: a reader that went away must be known as one.
pub(super) fn io_error_of(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_controls_shown() {
        for (text, want) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2+3", "'-2+3"),
            ("\t=1", r"\x09=1"),
            ("ann@example.com", "ann@example.com"),
        ] {
            assert_eq!(for_csv(text), want);
        }
    }
}
