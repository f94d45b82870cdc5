//! Finding by words, in whatever language they are.
//!
//! Every word has to occur, in no order, whatever its case and its ending: `greylisting` finds greylisted, `серые
//! списки` finds «серых списков». Endings are cut off by length and by a few English ones: crude, but a list of
//! some hundred entries has no need of a dictionary.

/// What is searched for.
#[derive(Clone, Debug, Default)]
pub(super) struct Words(Vec<String>);

impl Words {
    /// Takes a search apart.
    pub(super) fn of(search: &str) -> Self {
        Self(lower(search).split_whitespace().map(|word| stem(word).to_owned()).collect())
    }

    /// Whether all words occur in one or the other of `texts`.
    pub(super) fn are_in<'t>(&self, texts: impl Iterator<Item = &'t str>) -> bool {
        let all = lower(&texts.collect::<Vec<_>>().join("\n"));
        self.0.iter().all(|word| occurs(word, &all))
    }
}

/// A short word has to stand alone: `no` is a part of nearly everything.
fn occurs(word: &str, text: &str) -> bool {
    if word.chars().count() > 3 {
        return text.contains(word);
    }
    let joined = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(at, _)| {
        let (before, behind) = text.split_at_checked(at).unwrap_or_default();
        !joined(before.chars().next_back()) && !joined(behind.chars().nth(word.chars().count()))
    })
}

/// Lower case, and `ё` as `е`, as most people write it.
fn lower(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
}

/// The word without its ending.
fn stem(word: &str) -> &str {
    if word.is_ascii() {
        let long = |rest: &&str| rest.len() >= 4;
        let mut cut = ["ing", "ed", "es", "s"].iter().filter_map(|end| word.strip_suffix(end));
        return cut
            .find(long)
            .filter(|_| word.bytes().all(|b| b.is_ascii_alphabetic()))
            .unwrap_or(word);
    }
    let letters = word.chars().count();
    let cut = match letters {
        0..=4 => 0,
        5..=6 => 1,
        7..=9 => 2,
        _ => 4,
    };
    word.char_indices().nth(letters - cut).and_then(|(at, _)| word.get(..at)).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_ending() {
        for (search, text, want) in [
            ("greylisting", "Greylisted: first contact", true),
            ("серые списки", "Службы серых списков часто отвечают", true),
            ("Переполненный ящик", "ящик переполнен", true),
            ("full MAILBOX", "Mailbox full", true),
            ("full mailboxes", "Mailbox full", true),
            ("ещё", "еще раз", true),
            ("5.7.1", "X.7.1", false),
            ("X.7.1", "X.7.1", true),
            ("no mx", "Another MX", false),
            ("null mx", "The null MX record", true),
            ("greylist relay", "Greylisted", false),
            ("", "anything", true),
        ] {
            assert_eq!(
                Words::of(search).are_in([text].into_iter()),
                want,
                "{search:?} in {text:?}"
            );
        }
    }
}
