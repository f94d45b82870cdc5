//! The cause files: complete in both languages, consistent, usable; and the loader.

use super::*;
use crate::knowledge::Knowledge;
use crate::knowledge::fill::PLACEHOLDERS;
use std::collections::BTreeSet;

const PROGRAMS: &[&str] = &[
    "curl",
    "df",
    "diff",
    "dig",
    "doveadm",
    "exigrep",
    "exim",
    "exinext",
    "exiqgrep",
    "exiwhat",
    "grep",
    "journalctl",
    "namei",
    "nc",
    "openssl",
    "postcat",
    "postconf",
    "postfix",
    "postqueue",
    "postsuper",
    "posttls-finger",
    "qshape",
    "repquota",
    "sendmail",
    "ss",
    "swaks",
    "tail",
    "tracepath",
    "uptime",
];

fn all() -> Vec<Cause> {
    let parse = |file: String| Cause::parse(&file, &crate::knowledge::source(&file)).unwrap();
    cause_slugs().map(file_of).map(parse).collect()
}

/// Every pair of texts of a cause, English and Russian, with its place.
fn pairs(cause: &Cause) -> Vec<(String, &str, &str)> {
    let (en, ru) = (&cause.en, &cause.ru);
    let mut all = vec![
        ("title".to_owned(), en.title.as_str(), ru.title.as_str()),
        ("meaning".to_owned(), &en.meaning, &ru.meaning),
        ("how_to_tell".to_owned(), &en.how_to_tell, &ru.how_to_tell),
    ];
    for detail in &cause.details {
        all.push((format!("detail {}", detail.slug), &detail.en, &detail.ru));
    }
    for (number, remedy) in cause.remedy.iter().enumerate() {
        all.push((format!("remedy {}", number + 1), &remedy.en, &remedy.ru));
    }
    for (number, ask) in cause.ask.iter().enumerate() {
        all.push((format!("ask {}", number + 1), &ask.en, &ask.ru));
    }
    all
}

fn placeholders(text: &str) -> BTreeSet<&'static str> {
    PLACEHOLDERS.iter().map(|p| p.key).filter(|key| text.contains(key)).collect()
}

fn names(text: &str) -> Vec<&str> {
    let mut names: Vec<_> = text.split('`').skip(1).step_by(2).collect();
    names.sort_unstable();
    names
}

fn has_cyrillic(text: &str) -> bool {
    text.chars().any(|c| matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё'))
}

#[test]
fn every_cause_is_read_and_has_the_name_of_its_file() {
    Causes::check().unwrap();
    assert_eq!(FILES.len(), 33);
    let knowledge = Knowledge::embedded();
    for slug in cause_slugs() {
        assert_eq!(knowledge.cause(slug).unwrap().slug, slug);
    }
    assert_eq!(knowledge.causes().count(), FILES.len());
    assert!(knowledge.cause("nonsense").is_none());
}

#[test]
fn looking_up_one_cause_parses_no_other() {
    let causes = Causes::default();
    causes.get("greylisted").unwrap();
    let parsed: Vec<_> =
        causes.0.iter().filter(|slot| slot.value.get().is_some()).map(|slot| slot.slug).collect();
    assert_eq!(parsed, ["greylisted"]);
}

#[test]
fn every_text_is_there_in_both_languages_and_says_the_same_names() {
    for cause in all() {
        for (place, en, ru) in pairs(&cause) {
            let at = format!("{}, {place}", cause.slug);
            for text in [en, ru] {
                assert_eq!(text, text.trim(), "{at}");
                assert!(!text.is_empty() && !text.contains("  "), "{at}: {text:?}");
                assert_eq!(text.matches('`').count() % 2, 0, "{at}: {text:?}");
            }
            assert!(!has_cyrillic(en), "{at}: English with Russian letters: {en:?}");
            let name_only = en == ru && en.chars().all(|c| c.is_ascii_uppercase());
            assert!(has_cyrillic(ru) || name_only, "{at}: no Russian: {ru:?}");
            assert_eq!(placeholders(en), placeholders(ru), "{at}: placeholders");
            assert_eq!(names(en), names(ru), "{at}: names in backticks");
        }
    }
}

#[test]
fn braces_are_placeholders_that_exist() {
    for cause in all() {
        let texts = pairs(&cause).into_iter().flat_map(|(_, en, ru)| [en, ru]);
        let checks = cause.remedy.iter().flat_map(|remedy| &remedy.checks).map(String::as_str);
        for text in texts.chain(checks) {
            let mut rest = text.to_owned();
            for placeholder in PLACEHOLDERS {
                rest = rest.replace(placeholder.key, "");
            }
            assert!(!rest.contains(['{', '}']), "{}: {text:?}", cause.slug);
        }
    }
}

#[test]
fn titles_are_short_and_texts_are_sentences() {
    for cause in all() {
        for (place, en, ru) in pairs(&cause) {
            for text in [en, ru] {
                let at = format!("{}, {place}: {text:?}", cause.slug);
                if place == "title" {
                    assert!(text.chars().count() <= 60, "{at}");
                    assert!(!text.ends_with('.'), "{at}");
                } else if place.starts_with("detail") {
                    assert!(text.chars().count() <= 60, "{at}");
                } else {
                    assert!(text.ends_with(['.', ')']), "{at}");
                    assert!(!text.starts_with(char::is_lowercase), "{at}");
                }
            }
        }
        for ask in &cause.ask {
            for language in Language::ALL {
                // Ends of sentences: a full stop, question or exclamation mark before a blank or the end.
                let text = ask.text(*language).replace(['?', '!'], ".");
                let ends = text.matches(". ").count() + usize::from(text.ends_with('.'));
                assert_eq!(ends, 2, "{}: {text:?}", cause.slug);
            }
        }
    }
}

#[test]
fn words_of_the_facts_exist() {
    let slugs: BTreeSet<_> = cause_slugs().collect();
    for cause in all() {
        let unique: BTreeSet<_> = cause.alike.iter().map(String::as_str).collect();
        assert_eq!(unique.len(), cause.alike.len(), "{}", cause.slug);
        assert!(
            unique.is_subset(&slugs) && !unique.contains(cause.slug.as_str()),
            "{}",
            cause.slug
        );
        assert!(!cause.references.is_empty(), "{}", cause.slug);
        let details: BTreeSet<_> = cause.details().collect();
        assert_eq!(details.len(), cause.details.len(), "{}", cause.slug);
        for (place, ..) in pairs(&cause) {
            let Some(word) = place.strip_prefix("detail ") else { continue };
            assert!(word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{word}");
        }
    }
}

#[test]
fn a_remedy_that_names_a_program_has_commands_and_commands_are_commands() {
    for cause in all() {
        for (number, remedy) in cause.remedy.iter().enumerate() {
            let at = format!("{}, remedy {}", cause.slug, number + 1);
            for name in names(&remedy.en) {
                let program = name.split(' ').next().unwrap();
                let speaks = PROGRAMS.contains(&program) || program == "postmap";
                assert!(!speaks || !remedy.checks.is_empty(), "{at} speaks of {name}");
            }
            for check in &remedy.checks {
                let program = check.split(' ').next().unwrap();
                assert!(PROGRAMS.contains(&program), "{at}: {check:?}");
                let exim = program.starts_with("exi");
                let postfix = program.starts_with("post") || program == "qshape";
                // The test program of Postfix shows any server's TLS, whatever MTA is ours.
                let ours = (exim || postfix) && program != "posttls-finger";
                assert!(remedy.mta.is_some() || !ours, "{at}: {check:?} needs `mta`");
                assert!(remedy.mta != Some(Mta::Postfix) || !exim, "{at}: {check:?}");
                assert!(remedy.mta != Some(Mta::Exim) || !postfix, "{at}: {check:?}");
            }
        }
    }
}

#[test]
fn whoever_can_act_is_told_what_to_do() {
    for cause in all() {
        for direction in [Direction::Outbound, Direction::Inbound] {
            // Nobody refuses a client for these.
            let never = ["expired", "local-delivery-failed"].contains(&cause.slug.as_str());
            if never && direction == Direction::Inbound {
                continue;
            }
            for mta in Mta::ALL {
                let remedies = cause.remedies(Some(direction), Some(*mta), None);
                let at = format!("{} {direction} {mta}", cause.slug);
                assert!(!remedies.is_empty(), "{at}");
                for party in cause.parties(direction) {
                    let told = remedies.iter().any(|remedy| remedy.by == *party);
                    assert!(told || *party == Party::Nobody, "{at}: nothing for {party}");
                }
                let ours = remedies.iter().any(|remedy| remedy.by == Party::OwnAdmin);
                assert!(ours || direction == Direction::Outbound, "{at}: nothing for us");
            }
        }
    }
}

#[test]
fn somebody_can_be_asked_wherever_another_server_spoke() {
    for cause in all() {
        let ours = ["own-system-error", "local-delivery-failed"].contains(&cause.slug.as_str());
        assert_eq!(cause.ask(Direction::Outbound).is_none(), ours, "{}", cause.slug);
    }
}

#[test]
fn remedies_are_chosen_by_direction_mta_and_detail() {
    let knowledge = Knowledge::embedded();
    let first = |slug: &str, direction, mta, detail| {
        let remedies = knowledge.cause(slug).unwrap().remedies(direction, mta, detail);
        (remedies[0].by, remedies[0].en.clone(), remedies[0].checks.first().cloned())
    };
    let (out, inbound) = (Some(Direction::Outbound), Some(Direction::Inbound));
    let (postfix, exim) = (Some(Mta::Postfix), Some(Mta::Exim));
    for (slug, direction, mta, detail, by, begins, check) in [
        (
            "domain-accepts-no-mail",
            out,
            postfix,
            None,
            Party::Sender,
            "Check the MX",
            "dig +short MX",
        ),
        (
            "domain-accepts-no-mail",
            None,
            None,
            Some("null-mx"),
            Party::Sender,
            "Check the MX",
            "dig",
        ),
        ("auth-failed", out, postfix, Some("spf"), Party::OwnAdmin, "Publish one SPF", "dig"),
        ("auth-failed", out, postfix, None, Party::OwnAdmin, "Look at all three", "dig"),
        (
            "missing-ptr",
            inbound,
            postfix,
            None,
            Party::OwnAdmin,
            "`reject_unknown_client",
            "postconf",
        ),
        ("missing-ptr", inbound, exim, None, Party::OwnAdmin, "`verify = reverse", "exim -bh"),
        ("ip-blocklisted", out, exim, Some("spamhaus-zen"), Party::OwnAdmin, "First find", ""),
        (
            "own-system-error",
            inbound,
            postfix,
            Some("milter"),
            Party::OwnAdmin,
            "Start the",
            "postconf",
        ),
        ("expired", out, exim, Some("dns-failure"), Party::OwnAdmin, "Look at the last", "exigrep"),
    ] {
        let at = format!("{slug} {direction:?} {mta:?} {detail:?}");
        let (who, text, first_check) = first(slug, direction, mta, detail);
        assert_eq!(who, by, "{at}");
        assert!(text.starts_with(begins), "{at}: {text}");
        assert!(first_check.unwrap_or_default().starts_with(check), "{at}");
    }
    let cause = knowledge.cause("tls-failed").unwrap();
    let all = cause.remedies(out, None, None);
    assert!(all.iter().any(|r| r.mta == postfix) && all.iter().any(|r| r.mta == exim));
    assert!(all.iter().all(|remedy| remedy.detail.is_none()));
}

#[test]
fn details_have_names() {
    let knowledge = Knowledge::embedded();
    for (cause, detail, language, want) in [
        ("auth-failed", "spf", Language::Ru, Some("SPF")),
        ("missing-ptr", "none", Language::En, Some("no reverse name")),
        ("expired", "mailbox-full", Language::En, Some("Mailbox full")),
        ("expired", "mailbox-full", Language::Ru, Some("Почтовый ящик переполнен")),
        ("expired", "nonsense", Language::En, None),
        ("message-too-big", "25 MB", Language::En, None),
        ("ip-blocklisted", "spamcop", Language::En, None),
    ] {
        let name = knowledge.detail_name(knowledge.cause(cause).unwrap(), detail, language);
        assert_eq!(name, want, "{cause} {detail}");
    }
}

#[test]
fn in_a_refusal_of_ours_the_clients_people_are_the_other_side() {
    let knowledge = Knowledge::embedded();
    for (slug, outbound, inbound) in [
        ("missing-ptr", Party::OwnAdmin, Party::RemoteAdmin),
        ("spam-content", Party::Sender, Party::RemoteAdmin),
        ("policy-refused", Party::RemoteAdmin, Party::OwnAdmin),
        ("own-system-error", Party::OwnAdmin, Party::OwnAdmin),
        ("mailbox-full", Party::Recipient, Party::Recipient),
        ("recipient-unknown", Party::Sender, Party::Sender),
        ("greylisted", Party::Nobody, Party::Nobody),
    ] {
        let cause = knowledge.cause(slug).unwrap();
        assert_eq!(cause.parties(Direction::Outbound)[0], outbound, "{slug}");
        assert_eq!(cause.parties(Direction::Local)[0], outbound, "{slug}");
        assert_eq!(cause.parties(Direction::Inbound)[0], inbound, "{slug}");
    }
    assert!(knowledge.cause("unknown").unwrap().parties(Direction::Outbound).is_empty());
}

#[test]
fn only_what_concerns_the_address_justifies_taking_it_off() {
    let knowledge = Knowledge::embedded();
    let suppress: Vec<_> = knowledge
        .causes()
        .filter(|cause| cause.suppress)
        .map(|cause| cause.slug.as_str())
        .collect();
    assert_eq!(
        suppress,
        [
            "recipient-unknown",
            "recipient-moved",
            "recipient-disabled",
            "recipient-domain-missing",
            "domain-accepts-no-mail"
        ]
    );
}

#[test]
fn mistakes_name_file_line_and_entry() {
    let good = r#"slug = "x"
parties = ["sender"]
hard = "soft"
suppress = false
retry = "wait"
urgency = "note"
alike = []
references = []
details = [{ slug = "a", en = "A", ru = "А" }]
[en]
title = "T"
meaning = "M."
how_to_tell = "H."
[ru]
title = "Т"
meaning = "М."
how_to_tell = "Н."
[[remedy]]
by = "sender"
en = "E."
ru = "Е."
"#;
    Cause::parse("x.toml", good).unwrap();
    for (old, new, want) in [
        (
            "[\"sender\"]",
            "[\"boss\"]",
            "x.toml: line 2, head: `boss` is none of: sender, recipient",
        ),
        ("\"soft\"", "\"firm\"", "x.toml: line 3, head: `firm` is none of: hard, soft, by-class"),
        ("\"note\"", "\"soon\"", "x.toml: line 6, head: `soon` is none of: note, watch"),
        ("[ru]", "[ru]\nodd = 1", "x.toml: line 15, text [ru]: unknown field `odd`"),
        ("meaning = \"М.\"", "", "x.toml: line 14, text [en]: missing field `meaning`"),
        ("ru = \"Е.\"", "", "x.toml: line 18, text [ru]: missing field `ru`"),
        (
            "by = ",
            "mta = \"qmail\"\nby = ",
            "x.toml: line 19, remedy 1: `qmail` is none of: postfix, exim",
        ),
        (
            "by = ",
            "direction = [\"up\"]\nby = ",
            "x.toml: line 19, remedy 1: `up` is none of: outbound",
        ),
        ("by = ", "detail = \"b\"\nby = ", "x.toml: remedy 1: no detail `b`"),
        ("[[remedy]]", "[[cure]]", "x.toml: line 18, text [ru]: unknown field `cure`, expected"),
    ] {
        let text = good.replacen(old, new, 1);
        let error = Cause::parse("x.toml", &text).unwrap_err().to_string();
        assert!(error.starts_with(want), "{old} → {new}: {error}");
    }
}
