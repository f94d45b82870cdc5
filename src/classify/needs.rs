//! What an expression needs: literals that every text it matches must have.
//!
//! Nearly no rule fits a given text, and finding literals is much cheaper than running, let alone compiling, an
//! expression. So an expression is cut at its outermost `|`, and for each alternative the literals are gathered
//! without which it cannot match: in one pass, which the build script makes over all embedded rules.
//! Knows as much of the syntax as it takes to be right: what is not understood needs nothing.

use crate::bytes::Set;
use smallvec::{SmallVec, smallvec};
use std::borrow::Cow;

/// Literals of which one must be in the text, in lower case.
pub(super) type Choice<'p> = SmallVec<[Cow<'p, str>; 1]>;

/// What stands between the outermost `|` of an expression, and what a text must have for it to match.
#[derive(Clone, Debug)]
pub(super) struct Alternative<'p> {
    pub(super) pattern: &'p str,
    /// Where in the expression it begins.
    pub(super) begin: usize,
    /// One literal of each choice.
    pub(super) needs: Vec<Choice<'p>>,
    /// It is a literal, and that is its only need: a text that has it matches.
    pub(super) literal: bool,
}

impl Alternative<'_> {
    /// Whether a text may match, by which literals occur in it.
    pub(super) fn may_match(&self, occurs: impl Fn(&str) -> bool) -> bool {
        self.needs.iter().all(|choice| choice.iter().any(|literal| occurs(literal)))
    }
}

/// Cuts an expression at its outermost `|`. One with flags that reach over alternatives stays whole.
pub(super) fn alternatives(pattern: &str) -> Alternatives<'_> {
    Alternatives {
        whole: has_loose_flags(pattern),
        reader: Reader { pattern, at: 0 },
        ended: false,
    }
}

/// The alternatives of an expression, each read when it is asked for.
pub(super) struct Alternatives<'p> {
    reader: Reader<'p>,
    whole: bool,
    ended: bool,
}

impl<'p> Iterator for Alternatives<'p> {
    type Item = Alternative<'p>;

    fn next(&mut self) -> Option<Alternative<'p>> {
        if self.ended {
            return None;
        }
        if self.whole {
            self.ended = true;
            let pattern = self.reader.pattern;
            return Some(Alternative { pattern, begin: 0, needs: Vec::new(), literal: false });
        }
        let begin = self.reader.at;
        let (needs, literal) = self.reader.alternative();
        let bar = self.reader.byte() == Some(b'|');
        // A parenthesis too many: such an expression does not compile.
        let end = if bar { self.reader.at } else { self.reader.pattern.len() };
        let pattern = self.reader.pattern.get(begin..end).unwrap_or_default();
        self.ended = !bar;
        self.reader.at = end + 1;
        Some(Alternative { pattern, begin, needs, literal })
    }
}

/// A place in an expression.
struct Reader<'p> {
    pattern: &'p str,
    at: usize,
}

/// Literals in a row.
#[derive(Default)]
struct Run<'p> {
    /// A part of the expression where that says it as it stands.
    text: Cow<'p, str>,
    /// Where in the expression the run ends.
    end: usize,
}

impl<'p> Reader<'p> {
    fn byte(&self) -> Option<u8> {
        self.pattern.as_bytes().get(self.at).copied()
    }

    /// Reads as far as a `|` or the end of a group; gives what it needs, and whether it is just a literal.
    fn alternative(&mut self) -> (Vec<Choice<'p>>, bool) {
        let mut needs = Vec::new();
        let mut run = Run::default();
        let mut plain = true;
        while let Some(byte) = self.byte() {
            let begin = self.at;
            match byte {
                b'|' | b')' => break,
                b'\\' => match self.escaped() {
                    Some(Atom::Literal) => plain &= self.literal(begin + 1, &mut run, &mut needs),
                    Some(Atom::Class) => {
                        plain = false;
                        self.quantifier();
                        run.end(&mut needs);
                    }
                    Some(Atom::Boundary) => {
                        plain = false;
                        self.quantifier();
                    }
                    None => break,
                },
                b'^' | b'$' => {
                    plain = false;
                    self.at += 1;
                    self.quantifier();
                }
                b'(' | b'[' | b'.' => {
                    plain = false;
                    run.end(&mut needs);
                    let choice = match byte {
                        b'(' => self.group(),
                        b'[' => self.class().map(|()| Choice::new()),
                        _ => {
                            self.at += 1;
                            Some(Choice::new())
                        }
                    };
                    let Some(choice) = choice else { break };
                    let optional = self.quantifier() == Occurs::Perhaps;
                    if !optional && !choice.is_empty() {
                        needs.push(choice);
                    }
                }
                _ => {
                    self.at += length_of_literals(self.pattern.get(begin..).unwrap_or_default());
                    plain &= self.literal(begin, &mut run, &mut needs);
                }
            }
        }
        run.end(&mut needs);
        let literal = plain && needs.len() == 1;
        (needs, literal)
    }

    /// Takes what was read from `begin` on as a literal, which it is if nothing makes it optional or repeats it; says so.
    fn literal(&mut self, begin: usize, run: &mut Run<'p>, needs: &mut Vec<Choice<'p>>) -> bool {
        let end = self.at;
        let occurs = self.quantifier();
        if occurs != Occurs::Perhaps {
            run.push(self.pattern, begin, end);
        }
        if occurs == Occurs::Once {
            return true;
        }
        // The next literal does not follow this one directly.
        run.end(needs);
        false
    }

    /// Goes over a backslash and what belongs to it. A literal is the character behind it.
    fn escaped(&mut self) -> Option<Atom> {
        let rest = self.pattern.get(self.at + 1..)?;
        let second = rest.chars().next()?;
        self.at += 1 + second.len_utf8();
        // `\x41`, `\u0041`, `\pL`: those with braces are gone over as with a quantifier.
        let more = match second {
            _ if rest.get(1..).is_some_and(|rest| rest.starts_with('{')) => 0,
            'x' => 2,
            'u' => 4,
            'U' => 8,
            'p' | 'P' => 1,
            _ => 0,
        };
        self.at += rest.chars().skip(1).take(more).map(char::len_utf8).sum::<usize>();
        Some(match second {
            'b' | 'B' => Atom::Boundary,
            _ if second.is_ascii_alphanumeric() => Atom::Class,
            _ => Atom::Literal,
        })
    }

    /// Goes over a class; `None` for one without an end.
    fn class(&mut self) -> Option<()> {
        self.at += class_length(self.pattern.get(self.at..)?)?;
        Some(())
    }

    /// Reads a group; gives the choice that it offers: from each of its alternatives the most telling one, an empty
    /// one where one of them needs nothing. `None` for a group without an end.
    fn group(&mut self) -> Option<Choice<'p>> {
        self.at += 1;
        let flags = self.flags();
        let mut all = Some(Choice::new());
        loop {
            let most = match self.plain_literal() {
                Some(run) => run.choice(),
                None => self.alternative().0.into_iter().max_by_key(how_telling),
            };
            match (&mut all, most) {
                (Some(all), Some(most)) => all.extend(most),
                _ => all = None,
            }
            let byte = self.byte()?;
            self.at += 1;
            if byte == b')' {
                // With `x`, spaces stand for nothing.
                return Some(all.filter(|_| !flags.contains('x')).unwrap_or_default());
            }
        }
    }

    /// Reads an alternative in a group that is a literal and no more, as most are: nothing is gathered for it.
    fn plain_literal(&mut self) -> Option<Run<'p>> {
        let rest = self.pattern.get(self.at..)?;
        if MARKS.has(*rest.as_bytes().first()?) {
            return None;
        }
        let length = length_of_literals(rest);
        if !matches!(rest.as_bytes().get(length), Some(b'|' | b')')) {
            return None;
        }
        let mut run = Run::default();
        run.push(self.pattern, self.at, self.at + length);
        self.at += length;
        Some(run)
    }

    /// Goes over `?:`, `?P<name>` or `?-i:` at the start of a group.
    fn flags(&mut self) -> &'p str {
        let inside = self.pattern.get(self.at..).unwrap_or_default();
        if !inside.starts_with('?') {
            return "";
        }
        let Some(length) = inside.find([':', '>']) else { return "" };
        self.at += length + 1;
        let flags = inside.get(1..length).unwrap_or_default();
        if flags.contains('<') { "" } else { flags }
    }

    /// Goes over a quantifier, if there is one.
    fn quantifier(&mut self) -> Occurs {
        let (occurs, length) = match self.byte() {
            Some(b'?' | b'*') => (Occurs::Perhaps, 1),
            Some(b'+') => (Occurs::Often, 1),
            Some(b'{') => {
                let rest = self.pattern.get(self.at..).unwrap_or_default();
                let length = rest.find('}').map_or(rest.len(), |at| at + 1);
                let perhaps = rest.starts_with("{0") || rest.starts_with("{,");
                (if perhaps { Occurs::Perhaps } else { Occurs::Often }, length)
            }
            _ => return Occurs::Once,
        };
        self.at += length;
        // A lazy one.
        if self.byte() == Some(b'?') {
            self.at += 1;
        }
        occurs
    }
}

/// What a backslash makes of the character behind it.
enum Atom {
    Literal,
    /// Matches no characters (`\b`).
    Boundary,
    /// Matches characters that are not looked at.
    Class,
}

/// How often an element occurs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Occurs {
    Once,
    /// Once or more.
    Often,
    /// It may be absent.
    Perhaps,
}

impl<'p> Run<'p> {
    /// Adds what stands from `begin` to `end`, in lower case.
    fn push(&mut self, pattern: &'p str, begin: usize, end: usize) {
        let Some(more) = pattern.get(begin..end) else { return };
        let plain = !more.bytes().any(|byte| byte.is_ascii_uppercase());
        match &mut self.text {
            Cow::Borrowed("") if plain => self.text = Cow::Borrowed(more),
            // Nothing stands between.
            Cow::Borrowed(run) if plain && self.end == begin => {
                *run = pattern.get(begin - run.len()..end).unwrap_or_default();
            }
            run => {
                let run = run.to_mut();
                run.push_str(more);
                let from = run.len() - more.len();
                if let Some(added) = run.get_mut(from..) {
                    added.make_ascii_lowercase();
                }
            }
        }
        self.end = end;
    }

    /// What it means to need the run. One letter is everywhere, so it tells nothing.
    fn choice(self) -> Option<Choice<'p>> {
        (self.text.trim().len() > 1).then(|| smallvec![self.text])
    }

    /// Adds the run to what is needed, and begins another one.
    fn end(&mut self, needs: &mut Vec<Choice<'p>>) {
        needs.extend(std::mem::take(self).choice());
    }
}

/// How much a choice tells: the length of its shortest literal.
pub(super) fn how_telling(choice: &Choice<'_>) -> usize {
    choice.iter().map(|literal| literal.len()).min().unwrap_or(0)
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

/// Which bytes have a meaning.
static MARKS: Set = Set::of(b"\\^$.|()[?*+{");

/// The length of the literals at the start of `rest`, of which there is one at least: all before the next mark that
/// has a meaning, or the first one alone where that mark says how often it may occur.
fn length_of_literals(rest: &str) -> usize {
    let is_mark = |byte: &u8| MARKS.has(*byte);
    let first = rest.chars().next().map_or(1, char::len_utf8);
    let behind = rest.as_bytes().get(first..).unwrap_or_default();
    let Some(length) = behind.iter().position(is_mark) else { return rest.len() };
    let repeats = behind.get(length).is_some_and(|mark| b"?*+{".contains(mark));
    match rest.get(..first + length) {
        // The last one is left to be read with its mark.
        Some(all) if repeats && length > 0 => {
            all.char_indices().next_back().map_or(first, |(at, _)| at)
        }
        _ => first + length,
    }
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
            ("", vec![""]),
            // These do not compile.
            ("a)|b", vec!["a)|b"]),
            ("a|(b|c", vec!["a", "(b|c"]),
            ("a|[b|c", vec!["a", "[b|c"]),
        ] {
            let cut: Vec<_> =
                alternatives(pattern).map(|alternative| alternative.pattern).collect();
            assert_eq!(cut, want, "{pattern}");
        }
    }

    #[test]
    fn a_literal_is_all_there_is_or_none() {
        for (pattern, want) in [
            ("over quota", true),
            (r"RESOLVER\.RST", true),
            ("é quota", true),
            ("", false),
            ("x", false),
            ("over quotas?", false),
            ("over quota{2}", false),
            ("over.quota", false),
            (r"\bspam", false),
            ("^spam", false),
            ("(spam)", false),
            ("[s]pam", false),
        ] {
            let literal: Vec<_> = alternatives(pattern).map(|one| one.literal).collect();
            assert_eq!(literal, [want], "{pattern}");
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
            (r"ab\.cd", "ab.cd"),
            ("abCd", "abcd"),
            ("ab(cd|ef)gh", "ab + cd/ef + gh"),
            ("(a(bc|de){0,1}|fgh)ij", "ij"),
            ("ab(c|)de", "ab + de"),
            (r"ab\x41bc\u0041de\pLfg\x{41}hi\p{Greek}jk", "ab + bc + de + fg + hi + jk"),
            (r"ab\xé", "ab"),
            ("(?x: ab cd )ef", "ef"),
            (r"ab\", "ab"),
            ("ab(cd", "ab"),
            ("ab[cd", "ab"),
            ("ab{2", "ab"),
        ] {
            let needs: Vec<_> = alternatives(alternative)
                .flat_map(|one| one.needs)
                .map(|choice| choice.join("/"))
                .collect();
            assert_eq!(needs.join(" + "), want, "{alternative}");
        }
    }
}
