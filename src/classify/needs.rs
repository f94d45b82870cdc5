//! What an expression needs: literals that every text it matches must have.
//!
//! Nearly no rule fits a given text, and finding literals is much cheaper than running, let alone compiling, an
//! expression. So an expression is cut at its outermost `|`, and for each alternative the literals are gathered
//! without which it cannot match. Knows as much of the syntax as it takes to be right: what is not understood
//! needs nothing.

use std::iter;

/// Literals of which one must be in the text, in lower case.
pub(super) type Choice = Vec<String>;

/// Cuts an expression at its outermost `|`. One with flags that reach over alternatives stays whole.
pub(super) fn alternatives(pattern: &str) -> impl Iterator<Item = &str> {
    let whole = has_loose_flags(pattern);
    let mut rest = Some(pattern);
    iter::from_fn(move || {
        let text = rest.take()?;
        let mut at = 0;
        while let Some(tail) = text.get(at..).filter(|_| !whole) {
            at += length_until(tail, b"|([\\");
            let tail = text.get(at..).unwrap_or_default();
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

/// What `alternative` needs: one literal of each choice.
pub(super) fn needs_of(alternative: &str) -> Vec<Choice> {
    let mut needs = Vec::new();
    if has_loose_flags(alternative) {
        return needs;
    }
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
            Atom::Group(inside) if !quantifier.optional => needs.extend(choice_of(inside)),
            _ => {}
        }
        // The next literal does not follow this one directly.
        end_run(&mut run, &mut needs);
    }
    end_run(&mut run, &mut needs);
    needs
}

/// The literal, in lower case, that is all there is of `alternative`: a text that has it matches.
pub(super) fn literal_of(alternative: &str) -> Option<String> {
    let mut literal = String::new();
    let mut rest = alternative;
    while !rest.is_empty() {
        let (Atom::Literal(char), length) = atom_of(rest)? else { return None };
        rest = rest.get(length..)?;
        if quantifier_of(rest).length > 0 {
            return None;
        }
        literal.push(char.to_ascii_lowercase());
    }
    Some(literal)
}

/// Whether an expression that minds no case finds in any text what, minding case, it finds in that text in lower
/// case. To compile it so takes half of the time. Says no where it is not sure.
pub(super) fn reads_lower_case(pattern: &str) -> bool {
    // No capital letter means: no `\S` or the like either, and no name of a group.
    let plain = !pattern.bytes().any(|byte| byte.is_ascii_uppercase())
        && !["\\x", "\\u", "\\p", "[:"].iter().any(|odd| pattern.contains(odd))
        && pattern.split("(?").skip(1).all(|inside| inside.starts_with(':'));
    plain && classes_of(pattern).all(has_whole_ranges)
}

/// The classes of an expression, or what may look like one behind an escaped bracket.
fn classes_of(pattern: &str) -> impl Iterator<Item = &str> {
    pattern
        .match_indices('[')
        .map(|(at, _)| pattern.get(at..).unwrap_or_default())
        .map(|rest| rest.get(..class_length(rest).unwrap_or(rest.len())).unwrap_or_default())
}

/// Whether the ranges of a class are of small letters, or of digits, alone.
fn has_whole_ranges(class: &str) -> bool {
    let inside = class.trim_start_matches(['[', '^']).trim_end_matches(']').trim_matches('-');
    inside.as_bytes().windows(3).all(|window| match window {
        [from, b'-', to] => {
            let both = |is: fn(&u8) -> bool| is(from) && is(to);
            both(u8::is_ascii_lowercase) || both(u8::is_ascii_digit)
        }
        _ => true,
    })
}

/// One letter is everywhere, so it tells nothing.
fn end_run(run: &mut String, needs: &mut Vec<Choice>) {
    let run = std::mem::take(run);
    if run.trim().len() > 1 {
        needs.push(vec![run]);
    }
}

/// The choice that a group offers: from each of its alternatives the most telling one.
fn choice_of(group: &str) -> Option<Choice> {
    let mut all = Choice::new();
    for alternative in alternatives(group) {
        all.extend(needs_of(alternative).into_iter().max_by_key(how_telling)?);
    }
    Some(all)
}

/// How much a choice tells: the length of its shortest literal.
pub(super) fn how_telling(choice: &Choice) -> usize {
    choice.iter().map(String::len).min().unwrap_or(0)
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
            (Atom::Group(without_name(pattern.get(1..length - 1)?)), length)
        }
        '.' => (Atom::Class, 1),
        '^' | '$' => (Atom::Boundary, 1),
        _ => (Atom::Literal(first), first.len_utf8()),
    })
}

/// How much of `pattern` stands before the first of `marks`, all of it where there is none: elements of one
/// character each.
fn length_until(pattern: &str, marks: &[u8]) -> usize {
    pattern.bytes().position(|byte| marks.contains(&byte)).unwrap_or(pattern.len())
}

/// The inside of a group without `?:`, `?P<name>` or `?-i:`.
fn without_name(inside: &str) -> &str {
    if !inside.starts_with('?') {
        return inside;
    }
    inside.find([':', '>']).and_then(|at| inside.get(at + 1..)).unwrap_or(inside)
}

/// Whether flags stand alone, `(?x)`, and so hold for all that follows.
fn has_loose_flags(pattern: &str) -> bool {
    if !pattern.contains('(') {
        return false;
    }
    let is_flag = |c: char| c.is_ascii_alphabetic() || c == '-';
    pattern.split("(?").skip(1).any(|rest| rest.trim_start_matches(is_flag).starts_with(')'))
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
        at += length_until(pattern.get(at..)?, b")([\\");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_cut_at_its_outermost_bars() {
        for (pattern, want) in [
            ("a|b", vec!["a", "b"]),
            ("a(b|c)|d", vec!["a(b|c)", "d"]),
            (r"a\|b|[|]c", vec![r"a\|b", "[|]c"]),
            ("(a|(b|c))", vec!["(a|(b|c))"]),
            ("(?P<detail>a)|b", vec!["(?P<detail>a)", "b"]),
            ("a||b", vec!["a", "", "b"]),
            ("(?x)a|b", vec!["(?x)a|b"]),
        ] {
            assert_eq!(alternatives(pattern).collect::<Vec<_>>(), want, "{pattern}");
        }
    }

    #[test]
    fn a_literal_is_all_there_is_or_none() {
        for (alternative, want) in [
            ("over quota", Some("over quota")),
            (r"RESOLVER\.RST", Some("resolver.rst")),
            ("", Some("")),
            ("over quotas?", None),
            ("over.quota", None),
            (r"\bspam", None),
            ("^spam", None),
            ("(spam)", None),
            ("[s]pam", None),
        ] {
            assert_eq!(literal_of(alternative).as_deref(), want, "{alternative}");
        }
    }

    #[test]
    fn only_what_minds_no_case_anyway_is_read_in_lower_case() {
        for (pattern, want) in [
            ("over quota", true),
            (r"\bspf\b.{0,40}[- ]dkim", true),
            ("[^a-z0-9_-]x", true),
            ("(?:a|b)", true),
            (r"a\[b-c", true),
            ("Over", false),
            (r"\S", false),
            (r"\x41", false),
            ("(?-i:a)", false),
            ("[ -_]", false),
            ("[:-z]", false),
            ("[[:upper:]]", false),
        ] {
            assert_eq!(reads_lower_case(pattern), want, "{pattern}");
        }
    }

    #[test]
    fn an_alternative_needs_the_literals_that_every_match_has() {
        for (alternative, want) in [
            ("over quota", "over quota"),
            ("mail ?box full", "mail + box full"),
            ("(user|recipient) unknown", "user/recipient +  unknown"),
            ("(user|recipient)? ?unknown", "unknown"),
            ("(user|.) unknown", " unknown"),
            (r"\bspf\b.{0,40}dkim", "spf + dkim"),
            ("not[- ]known", "not + known"),
            ("ab+c", "ab"),
            ("(abc){2}d", "abc"),
            (r"RESOLVER\.RST", "resolver.rst"),
            ("(?-i:BANNED) (?P<detail>files)", "banned + files"),
            ("(e|é)tat", "tat"),
            ("[]x]yz", "yz"),
            ("(?x)abc", ""),
        ] {
            let needs: Vec<_> =
                needs_of(alternative).iter().map(|choice| choice.join("/")).collect();
            assert_eq!(needs.join(" + "), want, "{alternative}");
        }
    }
}
