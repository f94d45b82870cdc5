//! Where mail is: stories of messages as text for people, and as JSON.
//!
//! Both are made of [`crate::trace::Trace`]; neither counts or decides anything. Log text is made safe here.

mod json;
mod text;
mod words;

pub use json::{SCHEMA, TraceJson, write_json, write_ndjson};
pub use text::render;

use crate::i18n::Language;
use crate::knowledge::Knowledge;
use crate::time::Zone;
use crate::trace::Trace;

/// What a rendering needs beside what was found.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'a> {
    /// What was found.
    pub trace: &'a Trace,
    /// The zone that times are shown in.
    pub zone: Zone,
    /// The language.
    pub language: Language,
    /// Names of causes.
    pub knowledge: &'a Knowledge,
    /// Show each raw line, and lines that add nothing.
    pub lines: bool,
}

impl<'a> Telling<'a> {
    /// The file that a line stands in, as named.
    fn file(&self, source: u32) -> &'a str {
        let name = usize::try_from(source).ok().and_then(|n| self.trace.files.get(n));
        name.map_or("", String::as_str)
    }

    /// The title of a cause.
    fn title(&self, slug: &str) -> Option<&'a str> {
        Some(self.knowledge.cause(slug)?.title(self.language))
    }
}
