//! Width and colour, decided once: from the flag, then the environment, then the terminal.

use super::args::Color;
use crate::render::layout::Look;
use std::io::IsTerminal;

/// The look of standard output.
pub(super) fn look(color: Color) -> Look {
    Look { width: width(), colour: colour(color) }
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
