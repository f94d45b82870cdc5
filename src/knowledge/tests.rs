//! The data files: complete, consistent, readable. The lists of codes below are those of the references the
//! files were made from; an entry that goes missing is noticed.

use super::fill::PLACEHOLDERS;
use super::*;
use std::collections::BTreeSet;

const REPLY_CODES: &[u16] = &[
    101, 110, 111, 200, 211, 214, 220, 221, 235, 240, 250, 251, 252, 253, 334, 354, 355, 420, 421,
    422, 430, 431, 432, 435, 441, 442, 446, 447, 449, 450, 451, 452, 453, 454, 455, 456, 458, 459,
    465, 471, 499, 500, 501, 502, 503, 504, 510, 511, 512, 513, 515, 517, 520, 521, 523, 524, 525,
    530, 531, 532, 533, 534, 535, 538, 540, 541, 542, 543, 546, 550, 551, 552, 553, 554, 555, 556,
    557, 571, 605, 606, 607,
];

/// The registry: how many details each subject has, from X.s.0 on.
const REGISTRY: &[(u16, u16)] =
    &[(0, 0), (1, 10), (2, 4), (3, 6), (4, 7), (5, 6), (6, 10), (7, 30)];

const VENDOR_CODES: &[(&str, &str)] = &[
    (
        "google",
        "4.2.1 4.4.5 5.4.5 4.7.0 4.7.23 4.7.24 5.7.24 5.7.25 4.7.26 5.7.26 4.7.27 5.7.27 4.7.28 5.7.28 \
         4.7.29 5.7.29 4.7.30 5.7.30 4.7.32 5.7.9 5.7.14",
    ),
    (
        "microsoft",
        "4.4.316 4.4.317 5.4.317 5.4.1 5.1.10 5.1.8 5.1.90 5.2.121 5.2.122 5.4.14 5.4.300 5.4.310 5.6.11 \
         5.7.12 5.7.13 5.7.57 5.7.60 5.7.64 5.7.124 5.7.133 5.7.134 5.7.135 5.7.136 4.7.321 5.7.321 5.7.322 \
         4.7.323 5.7.323 4.7.324 5.7.324 4.7.325 5.7.325 4.7.500 4.7.649 4.7.650 4.7.699 4.7.850 4.7.899 \
         5.7.501 5.7.503 5.7.506 5.7.508 5.7.509 5.7.510 5.7.511 5.7.512 5.7.513 5.7.515 5.7.606 5.7.649 \
         5.7.700 5.7.749 5.7.750 5.7.900 5.7.999",
    ),
];

fn reply_code(number: u16) -> ReplyCode {
    ReplyCode::new(number).unwrap()
}

fn enhanced_code(text: &str) -> EnhancedCode {
    text.parse().unwrap()
}

fn kinds() -> Vec<Kind> {
    REGISTRY
        .iter()
        .flat_map(|&(subject, last)| (0..=last).map(move |detail| Kind { subject, detail }))
        .collect()
}

#[test]
fn every_entry_is_well_formed() {
    Knowledge::embedded().check().unwrap();
}

#[test]
fn the_files_have_exactly_the_codes_of_the_references_in_order() {
    let knowledge = Knowledge::embedded();
    let codes: Vec<u16> = knowledge.replies().map(|entry| entry.code.value()).collect();
    assert_eq!(codes, REPLY_CODES);
    let codes: Vec<Kind> = knowledge.enhanced_codes().map(|entry| entry.code).collect();
    assert_eq!(codes, kinds());
    let pairs: Vec<_> = knowledge.pairs().map(|entry| (entry.code, entry.enhanced)).collect();
    assert!(pairs.is_sorted_by(|a, b| a < b), "pairs.toml is sorted and has no duplicates");
}

#[test]
fn every_code_is_found() {
    let knowledge = Knowledge::embedded();
    for &number in REPLY_CODES {
        assert_eq!(knowledge.reply(reply_code(number)).unwrap().code.value(), number);
    }
    for kind in kinds() {
        let code = kind.with_class(5).unwrap();
        assert_eq!(knowledge.enhanced(code).unwrap().code, kind);
    }
    for (slug, codes) in VENDOR_CODES {
        for code in codes.split_whitespace() {
            assert!(knowledge.vendor(slug, enhanced_code(code)).is_some(), "{slug} {code}");
        }
    }
    assert!(knowledge.vendor("google", enhanced_code("5.7.999")).is_none());
    assert!(knowledge.reply(reply_code(599)).is_none());
}

#[test]
fn a_single_code_of_a_provider_wins_over_the_range_around_it() {
    let knowledge = Knowledge::embedded();
    let name = |code| {
        knowledge.vendor("microsoft", enhanced_code(code)).unwrap().text(Language::En).name.clone()
    };
    assert_ne!(name("4.7.650"), name("4.7.651"));
    assert_eq!(name("4.7.649"), name("4.7.651"));
    for provider in knowledge.providers() {
        for entry in provider.entries() {
            for range in &entry.codes {
                let first = provider.entry(*range.0.start()).unwrap();
                assert!(std::ptr::eq(first, entry), "{range} of {} is hidden", provider.slug());
            }
        }
    }
}

/// Every text, with the entry that it belongs to.
fn texts(knowledge: &Knowledge, language: Language) -> Vec<(String, &'static str, String)> {
    let mut all = Vec::new();
    let mut add =
        |entry: &str, kind, text: &str| all.push((entry.to_owned(), kind, text.to_owned()));
    for entry in knowledge.replies() {
        let (id, text) = (entry.code.to_string(), entry.text(language));
        add(&id, "name", &text.name);
        add(&id, "sentence", &text.meaning);
        add(&id, "sentence", &text.seen);
        add(&id, "sentence", &text.remedy);
        add(&id, "sentence", &text.whose);
        text.source.iter().for_each(|source| add(&id, "sentence", source));
        entry.checks.iter().for_each(|check| add(&id, "command", check));
    }
    for entry in knowledge.enhanced_codes() {
        let (id, text) = (entry.code.to_string(), entry.text(language));
        add(&id, "name", &text.name);
        add(&id, "sentence", &text.meaning);
        add(&id, "sentence", &text.remedy);
        add(&id, "sentence", &text.whose);
        let more = [&text.meaning_success, &text.remedy_transient, &text.source];
        more.into_iter().flatten().for_each(|text| add(&id, "sentence", text));
        entry.checks.iter().for_each(|check| add(&id, "command", check));
    }
    for entry in knowledge.pairs() {
        let (id, text) = (format!("{} {}", entry.code, entry.enhanced), entry.text(language));
        add(&id, "name", &text.name);
        add(&id, "sentence", &text.meaning);
        add(&id, "sentence", &text.remedy);
        add(&id, "sentence", &text.whose);
        text.seen.iter().for_each(|seen| add(&id, "sentence", seen));
        entry.checks.iter().for_each(|check| add(&id, "command", check));
    }
    for provider in knowledge.providers() {
        for entry in provider.entries() {
            let codes: Vec<_> = entry.codes.iter().map(ToString::to_string).collect();
            let (id, text) =
                (format!("{} {}", provider.slug(), codes.join(", ")), entry.text(language));
            add(&id, "name", &text.name);
            add(&id, "sentence", &text.meaning);
            add(&id, "sentence", &text.remedy);
            entry.checks.iter().for_each(|check| add(&id, "command", check));
        }
    }
    for digit in 1..=6 {
        let text = knowledge.class(digit).unwrap().text(language);
        add(&digit.to_string(), "name", &text.name);
        add(&digit.to_string(), "sentence", &text.meaning);
        add(&digit.to_string(), "sentence", &text.remedy);
    }
    for subject in 0..=7 {
        let text = knowledge.subject(subject).unwrap().text(language);
        add(&subject.to_string(), "name", &text.name);
        add(&subject.to_string(), "sentence", &text.meaning);
    }
    all
}

fn texts_in_all_languages() -> impl Iterator<Item = (String, &'static str, String)> {
    let knowledge = Knowledge::embedded();
    Language::ALL.iter().flat_map(move |&language| texts(&knowledge, language))
}

#[test]
fn russian_has_every_text_and_says_the_same_names() {
    let knowledge = Knowledge::embedded();
    let (english, russian) = (texts(&knowledge, Language::En), texts(&knowledge, Language::Ru));
    assert_eq!(english.len(), russian.len(), "a text that only one language has");
    let names = |text: &str| {
        let mut names: Vec<_> = text.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        names.sort();
        names
    };
    let cyrillic = |text: &str| text.chars().any(|c| matches!(c, 'а'..='я' | 'А'..='Я'));
    let count = |text: &str, key: &str| text.contains(key);
    for ((entry, kind, en), (same, ru_kind, ru)) in english.iter().zip(&russian) {
        assert_eq!((entry, kind), (same, ru_kind));
        let at = format!("{entry}: {en:?} / {ru:?}");
        assert_eq!(names(en), names(ru), "{at}");
        for placeholder in PLACEHOLDERS {
            assert_eq!(count(en, placeholder.key), count(ru, placeholder.key), "{at}");
        }
        if *kind == "command" {
            assert_eq!(en, ru);
        } else {
            assert!(!cyrillic(en), "{at}");
            assert!(cyrillic(ru) || ru == "DNS.", "{at}");
        }
    }
}

#[test]
fn optional_texts_are_there_in_both_languages_or_in_none() {
    let knowledge = Knowledge::embedded();
    let (en, ru) = (Language::En, Language::Ru);
    for entry in knowledge.replies() {
        let (en, ru) = (entry.text(en), entry.text(ru));
        assert_eq!(en.source.is_some(), ru.source.is_some(), "{}", entry.code);
    }
    for entry in knowledge.enhanced_codes() {
        let (en, ru) = (entry.text(en), entry.text(ru));
        assert_eq!(en.source.is_some(), ru.source.is_some(), "{}", entry.code);
        assert_eq!(en.meaning_success.is_some(), ru.meaning_success.is_some(), "{}", entry.code);
        assert_eq!(en.remedy_transient.is_some(), ru.remedy_transient.is_some(), "{}", entry.code);
    }
    for entry in knowledge.pairs() {
        let (en, ru) = (entry.text(en), entry.text(ru));
        assert_eq!(en.seen.is_some(), ru.seen.is_some(), "{} {}", entry.code, entry.enhanced);
    }
}

#[test]
fn meanings_are_in_the_language_of_the_knowledge() {
    for (language, name) in
        [(Language::En, "Host does not accept mail"), (Language::Ru, "Хост не принимает почту")]
    {
        let knowledge = Knowledge::in_language(language);
        assert_eq!(knowledge.pair(reply_code(521), None).unwrap().name, name);
    }
}

#[test]
fn texts_are_sentences_names_are_short_and_commands_are_commands() {
    let programs = [
        "dig",
        "nc",
        "openssl",
        "swaks",
        "postconf",
        "postfix",
        "postcat",
        "posttls-finger",
        "sendmail",
        "exim",
        "exiqgrep",
        "qshape",
        "df",
    ];
    for (entry, kind, text) in texts_in_all_languages() {
        assert_eq!(text, text.trim(), "{entry}");
        assert!(!text.contains("  ") && text.chars().count() >= 3, "{entry}: {text:?}");
        match kind {
            "name" => {
                assert!(text.chars().count() <= 72, "{entry}: {text:?} is long");
                assert!(!text.ends_with('.'), "{entry}: {text:?}");
            }
            "sentence" => {
                assert!(text.ends_with(['.', ')']), "{entry}: {text:?}");
                let first = text.chars().next().unwrap();
                assert!(!first.is_lowercase(), "{entry}: {text:?}");
                assert_eq!(text.matches('`').count() % 2, 0, "{entry}: {text:?}");
            }
            _ => {
                let program = text.split(' ').next().unwrap();
                assert!(programs.contains(&program), "{entry}: {text:?}");
            }
        }
    }
}

#[test]
fn braces_are_placeholders_that_exist() {
    for (entry, _, text) in texts_in_all_languages() {
        let mut rest = text.clone();
        for placeholder in PLACEHOLDERS {
            rest = rest.replace(placeholder.key, "");
        }
        assert!(!rest.contains(['{', '}']), "{entry}: {text:?}");
    }
}

#[test]
fn facts_agree_with_the_class() {
    let knowledge = Knowledge::embedded();
    for entry in knowledge.replies() {
        let class = entry.code.class();
        let done = matches!(class, 2 | 3) || entry.code.value() == 453;
        assert_eq!(entry.retry == Retry::NotNeeded, done, "{}", entry.code);
        let permanence = knowledge.class(class).unwrap().permanence;
        assert_eq!(
            permanence,
            match class {
                1 => Permanence::Preliminary,
                2 => Permanence::Success,
                3 => Permanence::Intermediate,
                4 => Permanence::Transient,
                5 => Permanence::Permanent,
                _ => Permanence::NoSmtp,
            }
        );
        match entry.standing {
            Standing::Standard | Standing::Registered => {
                assert!(!entry.defined_in.is_empty(), "{} names no document", entry.code);
            }
            Standing::Vendor | Standing::Folklore => {
                assert!(
                    entry.text(Language::En).source.is_some(),
                    "{} tells no source",
                    entry.code
                );
            }
        }
        assert!(entry.defined_in.iter().all(|document| document.starts_with("RFC ")));
        if let Some(stands_for) = entry.stands_for {
            let dotless: String = stands_for.to_string().split('.').collect();
            assert_eq!(dotless, entry.code.to_string());
        }
    }
    for entry in knowledge.enhanced_codes() {
        for classes in [&entry.classes, &entry.seen_classes] {
            assert!(classes.iter().all(|class| matches!(class, 2 | 4 | 5)), "{}", entry.code);
            assert!(classes.is_sorted());
        }
        assert_eq!(entry.classes.is_empty(), entry.deprecated, "{}", entry.code);
        assert!(!entry.defined_in.is_empty(), "{}", entry.code);
        assert_eq!(entry.classes == [2], entry.retry == Retry::NotNeeded, "{}", entry.code);
        for basic in &entry.basic_codes {
            let known = basic
                .parse()
                .ok()
                .and_then(ReplyCode::new)
                .is_some_and(|code| knowledge.reply(code).is_some());
            assert!(
                known || ["any", "4xx", "5xx"].contains(&basic.as_str()),
                "{}: {basic}",
                entry.code
            );
        }
    }
    for entry in knowledge.pairs() {
        assert!(entry.code.value() == 221 || entry.enhanced.agrees_with(entry.code));
        assert!(knowledge.reply(entry.code).is_some(), "{}", entry.code);
        assert!(knowledge.enhanced(entry.enhanced).is_some(), "{}", entry.enhanced);
    }
    for provider in knowledge.providers() {
        for entry in provider.entries() {
            let registered =
                entry.codes.iter().all(|range| knowledge.enhanced(*range.0.start()).is_some());
            assert_eq!(
                registered,
                entry.registry != Registry::Unregistered,
                "{} {:?}",
                provider.slug(),
                entry.codes
            );
        }
    }
}

#[test]
fn look_alikes_exist_and_name_no_code_twice() {
    let knowledge = Knowledge::embedded();
    let lists = knowledge
        .replies()
        .map(|entry| (entry.code.to_string(), &entry.alike))
        .chain(knowledge.enhanced_codes().map(|entry| (entry.code.to_string(), &entry.alike)))
        .chain(
            knowledge
                .pairs()
                .map(|entry| (format!("{} {}", entry.code, entry.enhanced), &entry.alike)),
        );
    for (code, alike) in lists {
        let unique: BTreeSet<&String> = alike.iter().collect();
        assert_eq!(unique.len(), alike.len(), "{code}: {alike:?}");
        assert!(!alike.contains(&code), "{code}");
        for other in alike {
            let known = match other.split_once(' ') {
                Some((reply, enhanced)) => {
                    knowledge.reply(reply_code(reply.parse().unwrap())).is_some()
                        && enhanced.parse::<EnhancedCode>().is_ok()
                }
                None => {
                    Kind::parse(other).is_some_and(|kind| knowledge.kind(kind).is_some())
                        || other
                            .parse()
                            .is_ok_and(|number| knowledge.reply(reply_code(number)).is_some())
                }
            };
            assert!(known, "{code}: {other}");
        }
    }
}

#[test]
fn the_first_remedy_of_521_is_the_mx_lookup() {
    let knowledge = Knowledge::embedded();
    let meaning = knowledge.pair(reply_code(521), None).unwrap();
    assert!(meaning.remedy.starts_with("Check the MX records"), "{}", meaning.remedy);
    assert!(meaning.remedy.contains("`dig +short MX {domain}`"));
    assert_eq!(meaning.checks[0], "dig +short MX {domain}");
}

#[test]
fn the_most_useful_entry_decides() {
    let knowledge = Knowledge::embedded();
    for (code, enhanced, level, name) in [
        ("550", "", Level::Reply, "Mailbox unavailable, or refused by policy"),
        ("", "5.7.26", Level::Enhanced, "Mail is not authenticated"),
        ("550", "5.7.26", Level::Enhanced, "Mail is not authenticated"),
        ("550", "5.1.1", Level::Enhanced, "No such mailbox"),
        ("550", "5.7.1", Level::Pair, "Refused by policy"),
        ("554", "5.7.1", Level::Pair, "Relay denied, blocklisted, or refused by a map"),
        // A vague enhanced status code does not hide a specific reply code …
        ("521", "5.0.0", Level::Reply, "Host does not accept mail"),
        ("521", "5.7.1", Level::Reply, "Host does not accept mail"),
        ("552", "5.7.1", Level::Reply, "Storage exceeded: message too large, or mailbox full"),
        ("535", "5.7.0", Level::Reply, "Login refused"),
        ("421", "4.3.0", Level::Reply, "Service not available, closing the connection"),
        // … but says more than a vague one, or one from web lists.
        ("451", "4.7.0", Level::Enhanced, "Other security status"),
        ("571", "5.7.1", Level::Enhanced, "Refused by policy"),
        ("511", "5.1.1", Level::Enhanced, "No such mailbox"),
        // X.0.0 says less than anything.
        ("550", "5.0.0", Level::Reply, "Mailbox unavailable, or refused by policy"),
        ("", "5.0.0", Level::Enhanced, "Undefined status"),
        ("599", "5.0.0", Level::Enhanced, "Undefined status"),
        // Success.
        ("250", "2.0.0", Level::Reply, "Done"),
        ("250", "2.6.0", Level::Reply, "Done"),
        ("250", "2.1.5", Level::Enhanced, "Recipient address valid"),
        ("", "2.6.0", Level::Enhanced, "Other content error"),
        // Unknown.
        ("550", "5.7.999", Level::Subject, "Security or policy"),
        ("521", "5.7.999", Level::Reply, "Host does not accept mail"),
        ("599", "", Level::Class, "Permanent failure"),
        ("850", "", Level::Class, "Not SMTP"),
        ("", "5.9.1", Level::Class, "Permanent failure"),
        ("550", "5.9.1", Level::Reply, "Mailbox unavailable, or refused by policy"),
        // Contradictions.
        ("550", "4.2.2", Level::Enhanced, "Mailbox full"),
        ("454", "5.5.1", Level::Enhanced, "Invalid command"),
    ] {
        let enhanced = (!enhanced.is_empty()).then(|| enhanced_code(enhanced));
        let code = (!code.is_empty()).then(|| reply_code(code.parse().unwrap()));
        let meaning = knowledge.meaning(code, enhanced, None).unwrap();
        assert_eq!((meaning.level, meaning.name), (level, name), "{code:?} {enhanced:?}");
        let contradicts = code.zip(enhanced).is_some_and(|(code, e)| !e.agrees_with(code));
        assert_eq!(meaning.contradiction, contradicts, "{code:?} {enhanced:?}");
    }
    assert!(knowledge.meaning(None, None, None).is_none());
}

#[test]
fn the_reply_code_says_what_the_queue_does() {
    let knowledge = Knowledge::embedded();
    let meaning = knowledge.pair(reply_code(550), Some(enhanced_code("4.2.2"))).unwrap();
    assert_eq!(meaning.permanence, Permanence::Permanent);
    let meaning = knowledge.pair(reply_code(450), Some(enhanced_code("4.1.1"))).unwrap();
    assert_eq!((meaning.permanence, meaning.retry), (Permanence::Transient, Retry::Wait));
    assert_eq!(meaning.suppress, Suppress::AfterRepeated);
    let suppress = |e: Option<_>| knowledge.pair(reply_code(521), e).unwrap().suppress;
    assert_eq!(suppress(None), Suppress::AtOnce);
    assert_eq!(suppress(Some(enhanced_code("5.7.1"))), Suppress::ReadText);
}

#[test]
fn a_provider_has_its_own_use_of_a_code() {
    let knowledge = Knowledge::embedded();
    for (host, code, level) in [
        ("gmail-smtp-in.l.google.com", "4.7.23", Level::Provider),
        ("GMAIL-SMTP-IN.L.GOOGLE.COM.", "4.7.23", Level::Provider),
        ("notgoogle.com", "4.7.23", Level::Enhanced),
        ("google.com.example.net", "4.7.23", Level::Enhanced),
        ("example-com.mail.protection.outlook.com", "5.7.606", Level::Provider),
        ("gmail-smtp-in.l.google.com", "5.1.1", Level::Enhanced),
    ] {
        let provider = knowledge.provider_of_host(host);
        let meaning = knowledge.meaning(None, Some(enhanced_code(code)), provider).unwrap();
        assert_eq!(meaning.level, level, "{host} {code}");
    }
    let vendors: Vec<_> = knowledge
        .vendors_of(enhanced_code("5.1.10"))
        .map(|(provider, _)| provider.slug())
        .collect();
    assert_eq!(vendors, ["microsoft"]);
}
