//! The report's section about what DNS says, as text.

use super::layout::Page;
use crate::check::finding::CheckReport;
use crate::check::page::{brief_page_of, heading, page_of};
use crate::i18n::Language;

/// Writes the section; with `detail` also the findings that ask nobody for anything.
pub(super) fn write(page: &mut Page, checks: &CheckReport, language: Language, detail: bool) {
    page.heading(&heading(language).to_uppercase());
    page.gap();
    let sheet = if detail { page_of(checks, language) } else { brief_page_of(checks, language) };
    for line in sheet.to_text(page.width()).lines() {
        page.line(line);
    }
}
