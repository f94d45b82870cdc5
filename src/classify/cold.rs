//! Searches with an expression once, without compiling more of it than the text makes necessary.
//!
//! A rule's expression is a long list of alternatives, and compiling it whole takes a quarter of a millisecond.
//! Here it is cut at its outermost `|`, the alternatives that need a literal which the text does not have are
//! left out, and the others, mostly one or none, are compiled one by one. Knows as much of the syntax as it
//! takes to be right: what it does not understand it takes to be possible.

use super::engine::{Match, compile, search as search_with};

/// As [`super::engine::search`]; `lower` is `text` in lower case.
pub(super) fn search<'t>(pattern: &str, text: &'t str, lower: &str) -> Option<Match<'t>> {
    // Flags and named groups reach over alternatives.
    if pattern.replace("(?:", "").contains("(?") {
        return search_with(&compile(pattern).ok()?, pattern, text);
    }
    alternatives(pattern)
        .filter(|alternative| could_match(alternative, lower))
        .filter_map(|alternative| compile(alternative).ok())
        .any(|regex| regex.is_match(text.as_bytes()))
        .then_some(Match(None))
}

/// Cuts an expression at its outermost `|`.
fn alternatives(pattern: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(pattern);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let mut at = 0;
        while let Some(tail) = text.get(at..) {
            if tail.starts_with('|') {
                rest = tail.get(1..);
                return text.get(..at);
            }
            match atom_of(tail) {
                Some((_, length)) => at += length,
                None => break,
            }
        }
        Some(text)
    })
}

/// One element of an expression.
enum Atom<'p> {
    Literal(char),
    /// What stands in parentheses.
    Group(&'p str),
    /// Matches no characters (`\b`, `^`).
    Boundary,
    /// Matches characters that are not looked at.
    Class,
}

/// The element at the start of `pattern`, and its length; `None` at the end, and for a group without an end.
fn atom_of(pattern: &str) -> Option<(Atom<'_>, usize)> {
    let mut chars = pattern.chars();
    let first = chars.next()?;
    Some(match first {
        '\\' => {
            let second = chars.next()?;
            let atom = match second {
                'b' | 'B' => Atom::Boundary,
                _ if second.is_ascii_alphanumeric() => Atom::Class,
                _ => Atom::Literal(second),
            };
            (atom, 1 + second.len_utf8())
        }
        '[' => (Atom::Class, class_length(pattern)?),
        '(' => {
            let length = group_length(pattern)?;
            let inside = pattern.get(1..length - 1)?;
            (Atom::Group(inside.strip_prefix("?:").unwrap_or(inside)), length)
        }
        '.' => (Atom::Class, 1),
        '^' | '$' => (Atom::Boundary, 1),
        _ => (Atom::Literal(first), first.len_utf8()),
    })
}

/// The length of the class at the start of `pattern`.
fn class_length(pattern: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in pattern.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            // A bracket in the first place is one of the class.
            b']' if at > 1 && pattern.get(..at) != Some("[^") => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The length of the group at the start of `pattern`.
fn group_length(pattern: &str) -> Option<usize> {
    let mut at = 1;
    loop {
        let tail = pattern.get(at..)?;
        if tail.starts_with(')') {
            return Some(at + 1);
        }
        at += atom_of(tail)?.1;
    }
}

/// How often an element may occur.
struct Quantifier {
    /// It may be absent.
    optional: bool,
    length: usize,
}

fn quantifier_of(rest: &str) -> Quantifier {
    let (optional, length) = match rest.chars().next() {
        Some('?' | '*') => (true, 1),
        Some('+') => (false, 1),
        Some('{') => {
            let length = rest.find('}').map_or(rest.len(), |at| at + 1);
            (rest.starts_with("{0") || rest.starts_with("{,"), length)
        }
        _ => (false, 0),
    };
    let lazy = length > 0 && rest.get(length..).is_some_and(|more| more.starts_with('?'));
    Quantifier { optional, length: length + usize::from(lazy) }
}

/// Whether every literal that a match of `alternative` must have occurs in `lower`.
fn could_match(alternative: &str, lower: &str) -> bool {
    let mut run = String::new();
    let mut at = 0;
    while let Some((atom, length)) = alternative.get(at..).and_then(atom_of) {
        at += length;
        let quantifier = quantifier_of(alternative.get(at..).unwrap_or(""));
        at += quantifier.length;
        match atom {
            Atom::Boundary => continue,
            Atom::Literal(literal) if !quantifier.optional => {
                run.push(literal.to_ascii_lowercase());
                if quantifier.length == 0 {
                    continue;
                }
            }
            Atom::Group(inside)
                if !quantifier.optional
                    && !alternatives(inside).any(|one| could_match(one, lower)) =>
            {
                return false;
            }
            _ => {}
        }
        // The next literal does not follow this one directly.
        if !occurs(&run, lower) {
            return false;
        }
        run.clear();
    }
    occurs(&run, lower)
}

fn occurs(run: &str, lower: &str) -> bool {
    run.is_empty() || memchr::memmem::find(lower.as_bytes(), run.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_cut_at_its_outermost_bars() {
        for (pattern, want) in [
            ("a|b", vec!["a", "b"]),
            ("a(b|c)|d", vec!["a(b|c)", "d"]),
            (r"a\|b|[|]c", vec![r"a\|b", "[|]c"]),
            (r"(a|(b|c))", vec!["(a|(b|c))"]),
            ("a||b", vec!["a", "", "b"]),
        ] {
            assert_eq!(alternatives(pattern).collect::<Vec<_>>(), want, "{pattern}");
        }
    }

    #[test]
    fn an_alternative_is_left_out_only_without_a_literal_that_it_needs() {
        for (alternative, text, want) in [
            ("quota", "over quota", true),
            ("quota", "full", false),
            ("mail ?box full", "mailbox full", true),
            ("mail ?box full", "mailbox empty", false),
            ("(user|recipient) unknown", "recipient unknown", true),
            ("(user|recipient) unknown", "address unknown", false),
            ("(user|recipient)? ?unknown", "address unknown", true),
            (r"\bspf\b.{0,40}dkim", "dkim", false),
            (r"not[- ]known", "is not-known here", true),
            ("ab+c", "abbc", true),
            ("ab{2}c", "abbc", true),
            ("(e|é)tat", "état", true),
            (r"5\.7\.1", "5.7.1", true),
            ("[]x]y", "]y", true),
        ] {
            assert_eq!(could_match(alternative, text), want, "{alternative} in {text}");
        }
    }
}
