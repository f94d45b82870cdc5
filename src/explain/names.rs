//! Finding causes, providers, blocklists and codes by their names.
//!
//! Neither case nor hyphens, blanks and dots count, and names are known in every language: `null-mx`, `Null MX`,
//! `nullmx`; `greylisted`, `Серые списки`. What is found first in this order answers: causes by slug, providers,
//! blocklists, causes by title, their sub-kinds, codes by name. Where nothing is, the nearest names are suggested.
//!
//! Files are parsed only as far as the search goes: slugs of causes cost nothing.

use crate::i18n::Language;
use crate::knowledge::blocklist::{self, List};
use crate::knowledge::{Cause, Kind, Knowledge, Provider, cause_slugs};
use crate::smtp::ReplyCode;
use serde::Serialize;

/// How many suggestions are made.
const SUGGESTIONS: usize = 4;
/// Names are shorter; a longer text is not compared with them.
const LONGEST_NAME: usize = 80;

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Named<'k> {
    /// A cause.
    Cause(&'k Cause),
    /// A sub-kind of a cause.
    Detail(&'k Cause, &'k str),
    /// A provider.
    Provider(&'k Provider),
    /// A blocklist.
    List(&'k List),
    /// A reply code.
    Reply(ReplyCode),
    /// An enhanced status code without class.
    Kind(Kind),
}

/// A name that is near to what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Suggestion {
    /// What to ask for: a slug or a code.
    pub ask: String,
    /// Its name.
    pub name: String,
}

/// Letters and digits, in lower case: what counts of a name. `ё` is `е`, as most people write it.
pub(crate) fn folded(name: &str) -> String {
    letters_of(name).collect()
}

fn letters_of(name: &str) -> impl Iterator<Item = char> {
    let lower = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
    lower.map(|c| if c == 'ё' { 'е' } else { c })
}

/// Whether a name is the one wanted, which is folded: mostly told by their first letters.
fn is(name: &str, wanted: &str) -> bool {
    letters_of(name).eq(wanted.chars())
}

/// What exactly has this name. Several only where a provider has a list, or several causes have a sub-kind, of the
/// same name.
pub(crate) fn named<'k>(text: &str, knowledge: &'k Knowledge) -> Vec<Named<'k>> {
    let wanted = folded(text);
    if wanted.is_empty() || text.len() > LONGEST_NAME * 2 {
        return Vec::new();
    }
    let is = |name: &str| is(name, &wanted);
    if let Some(cause) = cause_slugs().find(|slug| is(slug)).and_then(|slug| knowledge.cause(slug))
    {
        return vec![Named::Cause(cause)];
    }
    let provider = provider_named(text, knowledge).map(Named::Provider);
    let of_list = |list: &List| {
        is(&list.slug) || is(&list.name) || list.zones.iter().chain(&list.words).any(|n| is(n))
    };
    let list = blocklist::lists().iter().find(|list| of_list(list)).map(Named::List);
    // Some are both: a filter service with a list of its own.
    if provider.is_some() || list.is_some() {
        return provider.into_iter().chain(list).collect();
    }
    let titled = |cause: &&Cause| titles(cause).any(is);
    if let Some(cause) = knowledge.causes().find(titled) {
        return vec![Named::Cause(cause)];
    }
    let details = knowledge.causes().flat_map(|cause| {
        let of_detail = move |slug: &&str| {
            is(slug) || languages().any(|l| cause.detail_name(slug, l).is_some_and(is))
        };
        cause.details().filter(of_detail).map(move |slug| Named::Detail(cause, slug))
    });
    let details: Vec<Named<'_>> = details.collect();
    if !details.is_empty() {
        return details;
    }
    let reply = knowledge.replies().find(|e| languages().any(|l| is(&e.text(l).name)));
    if let Some(entry) = reply {
        return vec![Named::Reply(entry.code)];
    }
    let kind = knowledge.enhanced_codes().find(|e| languages().any(|l| is(&e.text(l).name)));
    kind.map(|entry| Named::Kind(entry.code)).into_iter().collect()
}

/// The provider of this slug or name, or whose own domain or host this is.
pub(crate) fn provider_named<'k>(text: &str, knowledge: &'k Knowledge) -> Option<&'k Provider> {
    let wanted = folded(text);
    let is = |name: &str| is(name, &wanted);
    let providers = knowledge.providers();
    let by_name = |p: &&Provider| is(p.slug()) || is(p.name());
    let by_host = |p: &&Provider| p.domains().iter().chain(p.hosts()).any(|name| is(name));
    let by_part = |p: &&Provider| p.name().split([',', '(', ')', '/']).any(is);
    let short = |p: &&Provider| {
        let ends = |host: &String| host.split('.').any(is);
        wanted.len() > 3 && p.domains().iter().any(ends)
    };
    providers
        .iter()
        .find(by_name)
        .or_else(|| providers.iter().find(by_part))
        .or_else(|| providers.iter().find(by_host))
        .or_else(|| providers.iter().find(short))
}

/// The names nearest to a text, nearest first; empty where none is near.
pub(crate) fn near(text: &str, knowledge: &Knowledge) -> Vec<Suggestion> {
    let wanted = folded(text);
    let words: Vec<String> = words_of(text).collect();
    let length = wanted.chars().count();
    if !(3..=LONGEST_NAME).contains(&length) || words.len() > 8 {
        return Vec::new();
    }
    let language = knowledge.language();
    let mut found: Vec<(usize, usize, Suggestion)> = Vec::new();
    let mut consider = |names: &[&str], ask: String, name: String| {
        let far = names.iter().filter_map(|name| distance(&wanted, &words, name)).min();
        if let Some(far) = far {
            found.push((far, found.len(), Suggestion { ask, name }));
        }
    };
    for cause in knowledge.causes() {
        let mut names: Vec<&str> = titles(cause).collect();
        names.push(&cause.slug);
        consider(&names, cause.slug.clone(), cause.title(language).to_owned());
        for slug in cause.details() {
            let mut names: Vec<&str> =
                languages().filter_map(|l| cause.detail_name(slug, l)).collect();
            names.push(slug);
            let name = cause.detail_name(slug, language).unwrap_or(slug);
            consider(&names, slug.to_owned(), format!("{name} ({})", cause.slug));
        }
    }
    for provider in knowledge.providers() {
        consider(
            &[provider.slug(), provider.name()],
            provider.slug().to_owned(),
            provider.name().to_owned(),
        );
    }
    for list in blocklist::lists() {
        consider(&[&list.slug, &list.name], list.slug.clone(), list.name.clone());
    }
    for entry in knowledge.replies() {
        let names: Vec<&str> = languages().map(|l| entry.text(l).name.as_str()).collect();
        consider(&names, entry.code.to_string(), entry.text(language).name.clone());
    }
    for entry in knowledge.enhanced_codes() {
        let names: Vec<&str> = languages().map(|l| entry.text(l).name.as_str()).collect();
        consider(&names, entry.code.to_string(), entry.text(language).name.clone());
    }
    found.sort();
    found.dedup_by(|a, b| a.2.ask == b.2.ask);
    found.into_iter().take(SUGGESTIONS).map(|(_, _, suggestion)| suggestion).collect()
}

fn languages() -> impl Iterator<Item = Language> {
    Language::ALL.iter().copied()
}

/// A cause's titles: whole, and without what stands behind a colon or in brackets.
fn titles(cause: &Cause) -> impl Iterator<Item = &str> {
    languages().flat_map(|language| {
        let title = cause.title(language);
        let short = title.split([':', '(', ',']).next().unwrap_or(title);
        [title, short]
    })
}

fn words_of(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).map(folded).filter(|word| !word.is_empty())
}

/// How far a name is from what was asked for: 0 where all its words begin words of the name, else the letters
/// that are wrong; `None` where that is too many.
fn distance(wanted: &str, words: &[String], name: &str) -> Option<usize> {
    let name_folded = folded(name);
    let (have, want) = (name_folded.chars().count(), wanted.chars().count());
    let permitted = want / 4 + 1;
    if have.abs_diff(want) <= permitted {
        let far = strsim::osa_distance(wanted, &name_folded);
        if far <= permitted.min(4) {
            return Some(far);
        }
    }
    // One short word begins too many others.
    if words.iter().map(String::len).sum::<usize>() < 4 {
        return None;
    }
    let names: Vec<String> = words_of(name).collect();
    let all = words.iter().all(|word| names.iter().any(|name| name.starts_with(word.as_str())));
    (all && !words.is_empty()).then_some(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(text: &str) -> String {
        let knowledge = Knowledge::embedded();
        let names: Vec<String> = named(text, &knowledge)
            .iter()
            .map(|named| match named {
                Named::Cause(cause) => cause.slug.clone(),
                Named::Detail(cause, detail) => format!("{} {detail}", cause.slug),
                Named::Provider(provider) => format!("provider {}", provider.slug()),
                Named::List(list) => format!("list {}", list.slug),
                Named::Reply(code) => code.to_string(),
                Named::Kind(kind) => kind.to_string(),
            })
            .collect();
        names.join("; ")
    }

    #[test]
    fn names_are_found_however_they_are_written() {
        for (text, want) in [
            ("greylisted", "greylisted"),
            ("Greylisted", "greylisted"),
            ("серые списки", "greylisted"),
            ("mailbox-full", "mailbox-full"),
            ("Mailbox full", "mailbox-full"),
            ("MAILBOX_FULL", "mailbox-full"),
            ("null-mx", "domain-accepts-no-mail null-mx; sender-rejected null-mx"),
            ("Null MX", "domain-accepts-no-mail null-mx; sender-rejected null-mx"),
            ("google", "provider google"),
            ("Gmail", "provider google"),
            ("gmail.com", "provider google"),
            ("mail.ru", "provider mail-ru"),
            ("spamhaus-zen", "list spamhaus-zen"),
            ("Spamhaus ZEN", "list spamhaus-zen"),
            ("zen.spamhaus.org", "list spamhaus-zen"),
            ("host does not accept mail", "521"),
            ("Хост не принимает почту", "521"),
            ("hello", ""),
            ("", ""),
            ("--", ""),
        ] {
            assert_eq!(what(text), want, "{text:?}");
        }
    }

    #[test]
    fn every_cause_provider_list_and_detail_is_found_by_its_slug() {
        let knowledge = Knowledge::embedded();
        for cause in knowledge.causes() {
            assert_eq!(what(&cause.slug), cause.slug);
            for language in languages() {
                assert!(!what(cause.title(language)).is_empty(), "{}", cause.slug);
            }
            for detail in cause.details() {
                assert!(!what(detail).is_empty(), "{} {detail}", cause.slug);
            }
        }
        for provider in knowledge.providers() {
            let want = format!("provider {}", provider.slug());
            assert!(what(provider.slug()).starts_with(&want), "{want}");
            assert!(what(provider.name()).starts_with(&want), "{want}");
        }
        for list in blocklist::lists() {
            let got = what(&list.slug);
            assert!(got.ends_with(&format!("list {}", list.slug)), "{}: {got}", list.slug);
        }
    }

    #[test]
    fn a_slip_of_the_keyboard_gets_a_suggestion() {
        let knowledge = Knowledge::embedded();
        for (text, want) in [
            ("graylisted", "greylisted"),
            ("greylistd", "greylisted"),
            ("mailbox-ful", "mailbox-full"),
            ("spamhaus zenn", "spamhaus-zen"),
            ("gogle", "google"),
            ("ящик переполнен", "mailbox-full"),
        ] {
            let near = near(text, &knowledge);
            assert!(near.iter().any(|s| s.ask == want), "{text:?}: {near:?}");
        }
        for text in ["xyzzy", "a", "the quick brown fox jumps over the lazy dog again"] {
            assert_eq!(near(text, &knowledge), [], "{text:?}");
        }
    }
}
