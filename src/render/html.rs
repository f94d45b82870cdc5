//! The report as one HTML page that needs nothing else: no script, style, font or image from elsewhere.
//!
//! Made from [`Report`], never from its text. All text of the log goes through `log`, which shows what a terminal
//! would act on, and is escaped by `maud`. A Content-Security-Policy permits the page's own style and script, by
//! their hashes, and nothing else, so that hostile text that found a way in would still do nothing. Everything can
//! be read without the script, which sorts tables and opens what a link points at.
//!
//! ```text
//! page.rs: order of the sections ─► head.rs, incidents.rs, direction.rs (causes, codes, drawers), charts.rs (SVG), tables.rs
//! ```
//!
//! To add a section: a function that gives its markup, its place in `page.rs`, its labels in `i18n::pages`.

mod charts;
mod checks;
mod direction;
mod head;
mod incidents;
mod page;
mod tables;

use super::sanitize::for_terminal;
use crate::report::Report;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/sort.js");

/// Writes the page.
pub fn render(report: &Report) -> String {
    page::page(report).into_string()
}

/// What the page may do: its own style and script, and the empty icon that keeps browsers from asking for one.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; \
         form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// Text of the log: what cannot be seen is shown.
fn log(text: &str) -> Markup {
    html! { (for_terminal(text).as_ref()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    #[test]
    fn style_and_script_cannot_end_their_elements() {
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains("</"), "an end tag");
            assert!(!text.contains("//"), "an address, or a comment that only costs bytes");
        }
    }

    #[test]
    fn a_report_on_nothing_is_a_page() {
        for language in Language::ALL {
            let page = render(&Report::empty(*language));
            assert!(page.starts_with("<!DOCTYPE html><html lang=\""), "{page}");
            assert!(page.contains(language.page_labels().title), "{page}");
        }
    }

    #[test]
    fn log_text_is_inert() {
        assert_eq!(
            log("<script>\"x\"</script>\u{202e}&\u{1b}[1m").into_string(),
            "&lt;script&gt;&quot;x&quot;&lt;/script&gt;\\u{202e}&amp;\\x1b[1m"
        );
    }
}
