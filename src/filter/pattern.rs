//! Patterns with `*`: any run of characters, none included. There is no other sign with a meaning.

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// What stands between the stars.
    parts: Vec<String>,
    ignore_case: bool,
}

impl Pattern {
    /// A pattern for which `A` and `a` are the same.
    pub fn new(text: &str) -> Self {
        Self { parts: text.split('*').map(str::to_owned).collect(), ignore_case: true }
    }

    /// A pattern for which they are not.
    pub fn exact_case(text: &str) -> Self {
        Self { ignore_case: false, ..Self::new(text) }
    }

    /// Whether the whole of `text` fits.
    ///
    /// Takes the leftmost place for each part, so time is that of one search for each, however many stars a
    /// hostile text could be matched by.
    pub fn fits(&self, text: &str) -> bool {
        let (Some((first, rest)), Some(mut left)) = (self.parts.split_first(), Some(text)) else {
            return false;
        };
        if rest.is_empty() {
            return text.len() == first.len() && self.begins(text, first);
        }
        let Some((last, middle)) = rest.split_last() else { return false };
        if !self.begins(left, first) {
            return false;
        }
        left = left.get(first.len()..).unwrap_or("");
        for part in middle {
            let Some(at) = self.find(left, part) else { return false };
            left = left.get(at + part.len()..).unwrap_or("");
        }
        left.len()
            .checked_sub(last.len())
            .and_then(|at| left.get(at..))
            .is_some_and(|end| self.begins(end, last))
    }

    /// The longest text that whatever fits must contain.
    pub fn literal(&self) -> &str {
        // The first of the longest.
        self.parts.iter().rev().max_by_key(|part| part.len()).map_or("", String::as_str)
    }

    fn begins(&self, text: &str, part: &str) -> bool {
        text.get(..part.len()).is_some_and(|begin| {
            if self.ignore_case { begin.eq_ignore_ascii_case(part) } else { begin == part }
        })
    }

    fn find(&self, text: &str, part: &str) -> Option<usize> {
        if !self.ignore_case {
            return text.find(part);
        }
        (0..=text.len().checked_sub(part.len())?)
            .find(|at| text.get(*at..).is_some_and(|rest| self.begins(rest, part)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, fits) in [
            ("ann@example.com", "Ann@Example.COM", true),
            ("ann@example.com", "xann@example.com", false),
            ("*@example.com", "ann@example.com", true),
            ("*@example.com", "ann@example.com.example.net", false),
            ("ann@*", "ann@", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "acb", false),
            ("*b*", "abc", true),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*a", "a", false),
            ("*ü*", "grün", true),
            ("*.example.com", "mx.example.com", true),
            ("*.example.com", "example.com", false),
        ] {
            assert_eq!(Pattern::new(pattern).fits(text), fits, "{pattern} {text}");
        }
        assert!(!Pattern::exact_case("4bX").fits("4Bx"));
        assert!(Pattern::exact_case("4b*").fits("4bX"));
    }

    #[test]
    fn many_stars_take_no_long_time() {
        let pattern = Pattern::new(&"*a".repeat(500));
        assert!(!pattern.fits(&"a".repeat(499)));
        assert!(pattern.fits(&"a".repeat(5000)));
    }

    #[test]
    fn the_literal_is_the_longest_part() {
        for (pattern, want) in
            [("ann@example.com", "ann@example.com"), ("*@example.*", "@example."), ("*", "")]
        {
            assert_eq!(Pattern::new(pattern).literal(), want);
        }
    }
}
