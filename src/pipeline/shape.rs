//! The shape of a line that was not understood: what lines of one kind have in common.

/// How many characters of a shape are kept.
const MAX_CHARS: usize = 120;

/// Folds what differs from line to line: numbers become `0`, ids and hexadecimal numbers `*`, words with an
/// `@` become `@`. Control characters stay; whoever shows a shape escapes them.
pub(super) fn shape_of(program: &str, text: &str) -> String {
    let mut shape = String::new();
    if !program.is_empty() {
        fold(program, &mut shape);
        shape.push_str(": ");
    }
    let mut rest = text;
    // A shape is no longer than its text but for a few characters, so no more of it needs to be seen.
    let mut room = 2 * MAX_CHARS;
    while !rest.is_empty() && room > 0 {
        let end = rest.find(breaks).unwrap_or(rest.len());
        let (word, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if word.contains('@') {
            shape.push('@');
        } else {
            fold(word, &mut shape);
        }
        let mut after = behind.chars();
        shape.extend(after.next());
        rest = after.as_str();
        room -= 1;
    }
    if let Some((end, _)) = shape.char_indices().nth(MAX_CHARS) {
        shape.truncate(end);
    }
    shape
}

fn breaks(c: char) -> bool {
    matches!(c, ' ' | '\t' | '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | ',' | ';' | '=')
}

/// Folds the runs of letters and digits in a word.
fn fold(word: &str, shape: &mut String) {
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        if run == 0 {
            shape.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        }
        let (run, behind) = rest.split_at_checked(run).unwrap_or((rest, ""));
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        if digits == run.len() {
            shape.push('0');
        } else if digits > 0 && (run.len() >= 6 || run.bytes().all(|b| b.is_ascii_hexdigit())) {
            shape.push('*');
        } else {
            fold_digits(run, shape);
        }
        rest = behind;
    }
}

fn fold_digits(run: &str, shape: &mut String) {
    for c in run.chars() {
        match c {
            '0'..='9' if shape.ends_with('0') => {}
            '0'..='9' => shape.push('0'),
            c => shape.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_kind_have_one_shape() {
        for (program, text, want) in [
            ("postfix/smtp", "4C1D2E3F40: odd thing 17", "postfix/smtp: *: odd thing 0"),
            ("postfix/smtp", "DEAD2E: odd thing 9", "postfix/smtp: *: odd thing 0"),
            ("", "1tUAbc-0000xY-3c to=<ann@example.com> x", "*-*-* to=<@> x"),
            ("", "from [2001:db8::1]:25 and 192.0.2.7", "from [0:*::0]:0 and 0.0.0.0"),
            ("", "TLSv1 mx17\u{7} ünï", "TLSv0 mx0\u{7} ünï"),
            ("", "", ""),
        ] {
            assert_eq!(shape_of(program, text), want, "{text}");
        }
    }

    #[test]
    fn shapes_are_short() {
        let text = "ü ".repeat(40_000);
        assert_eq!(shape_of("p", &text).chars().count(), MAX_CHARS);
        let text = "a@b ".repeat(40_000);
        assert_eq!(shape_of("", &text).chars().count(), MAX_CHARS);
        let text = "x".repeat(60_000);
        assert_eq!(shape_of("", &text).chars().count(), MAX_CHARS);
    }
}
