//! Width and colour, decided once: from the flag, then the environment, then the terminal.

use super::args::Color;
use crate::render::layout::Look;
use std::io::IsTerminal;

/// The look of standard output.
pub(super) fn look(color: Color) -> Look {
    Look { width: width(), colour: colour(color), ascii: ascii() }
}

/// The terminal's width, else `COLUMNS`, else 80.
pub(super) fn width() -> u16 {
    let out = std::io::stdout();
    terminal_size::terminal_size_of(&out)
        .map(|(width, _)| width.0)
        .filter(|_| out.is_terminal())
        .or_else(|| std::env::var("COLUMNS").ok()?.parse().ok())
        .filter(|width| *width > 0)
        .unwrap_or(80)
}

/// Columns and lines of the terminal on standard output; `None` where there is none that can be drawn on.
pub(super) fn size() -> Option<(u16, u16)> {
    let out = std::io::stdout();
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb" || term.is_empty());
    let (width, height) =
        terminal_size::terminal_size_of(&out).filter(|_| out.is_terminal() && !is_dumb)?;
    Some((width.0, height.0)).filter(|(width, height)| *width >= 40 && *height >= 8)
}

/// Whether a terminal shows ASCII only, as far as the locale tells. Files and pipes are always UTF-8.
fn ascii() -> bool {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    // POSIX: the first that is set decides.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    std::io::stdout().is_terminal() && !locale.contains("utf-8") && !locale.contains("utf8")
}

/// `NO_COLOR` (<https://no-color.org>) counts when it is set and not empty.
fn colour(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
                && std::env::var_os("TERM").is_none_or(|v| v != "dumb")
                && std::io::stdout().is_terminal()
        }
    }
}
