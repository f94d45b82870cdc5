//! Which mail server wrote a line: rules of causes ask for it too, which the build script reads.

use crate::words::words;

words! {
    /// Which mail server wrote a line.
    Mta {
        /// Postfix.
        Postfix = "postfix",
        /// Exim.
        Exim = "exim",
    }
}
