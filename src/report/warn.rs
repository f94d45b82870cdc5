//! What may make the figures wrong, told before them.

use serde::Serialize;

/// One thing that may make figures wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Stable word.
    pub kind: &'static str,
    /// One sentence.
    pub text: String,
    /// The file it is about, if one.
    pub file: Option<String>,
    /// The line, if one.
    pub line: Option<u64>,
}

impl Warning {
    /// A warning about the whole input.
    pub fn new(kind: &'static str, text: String) -> Self {
        Self { kind, text, file: None, line: None }
    }

    /// A warning about a place.
    #[must_use]
    pub fn at(mut self, file: &str, line: Option<u64>) -> Self {
        self.file = Some(file.to_owned());
        self.line = line;
        self
    }
}
