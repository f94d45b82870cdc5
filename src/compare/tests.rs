//! Comparisons as people and programs get them.

use super::*;
use crate::i18n::Language;

fn text_in(language: Language, a: &str, b: &str) -> String {
    let comparison = compare(a, b, &Knowledge::in_language(language));
    page_of(&comparison, language).to_text(80)
}

#[test]
fn comparisons_read_well_in_every_language() {
    for (a, b) in [
        ("214", "521"),
        ("450", "550"),
        ("550 5.1.1", "550 5.7.1"),
        ("521", "521"),
        ("5.7.1", "421"),
        ("5.1.4", "5.6.0"),
        ("mailbox-full", "552"),
        ("ip-blocklisted", "provider-blocked"),
        ("599", "550"),
        ("605", "250"),
    ] {
        for &language in Language::ALL {
            let name = format!("{a}-{b}-{language}").replace(' ', "_");
            insta::assert_snapshot!(name, text_in(language, a, b));
        }
    }
}

#[test]
fn what_is_written_is_shown_in_either_order_and_every_language() {
    for &language in Language::ALL {
        let knowledge = Knowledge::in_language(language);
        for confusion in knowledge.confusions() {
            let text = confusion.text(language);
            for a in &confusion.codes {
                for b in &confusion.codes {
                    let comparison = compare(a, b, &knowledge);
                    assert!(comparison.known, "{a} {b}");
                    let alone =
                        knowledge.confusion(a, b).is_some_and(|own| std::ptr::eq(own, confusion));
                    if !alone {
                        continue;
                    }
                    assert!(comparison.written, "{a} {b}");
                    assert_eq!(comparison.difference, text.difference, "{a} {b}");
                    let want = fill(&text.each[a], &Facts::default());
                    assert_eq!(comparison.a.act, want, "{a} {b}");
                }
            }
        }
    }
}

#[test]
fn the_relation_of_any_two_is_told() {
    let knowledge = Knowledge::embedded();
    for (a, b, want) in [
        ("521", "521", Relation::Same),
        ("X.1.1", "5.1.1", Relation::Same),
        ("599", "550", Relation::Unknown),
        ("hello", "550", Relation::Unknown),
        ("214", "521", Relation::GoodAndBad),
        ("354", "4.5.3", Relation::GoodAndBad),
        ("250", "5.7.1", Relation::GoodAndBad),
        ("605", "250", Relation::NoReply),
        ("111", "550", Relation::NoReply),
        ("220", "221", Relation::Moments),
        ("250", "251", Relation::BothGood),
        ("450", "550", Relation::SameMatter),
        ("4.2.2", "5.2.2", Relation::SameMatter),
        ("452", "530", Relation::NowAndNever),
        ("521", "5.7.1", Relation::Layers),
        ("550", "mailbox-full", Relation::CodeAndCause),
        ("greylisted", "rate-limited", Relation::Causes),
        ("550", "554", Relation::Matters),
        ("550 5.1.1", "554 5.7.1", Relation::Matters),
    ] {
        for (a, b) in [(a, b), (b, a)] {
            assert_eq!(compare(a, b, &knowledge).relation, want, "{a} {b}");
        }
    }
}

#[test]
fn codes_that_never_compete_are_told_so_first() {
    for (a, b) in [("214", "521"), ("250", "5.7.1"), ("220", "221"), ("605", "550"), ("354", "450")]
    {
        let comparison = compare(a, b, &Knowledge::embedded());
        assert!(comparison.never_compete, "{a} {b}");
        assert!(comparison.difference.starts_with("These two never compete"), "{a} {b}");
        let russian = compare(a, b, &Knowledge::in_language(Language::Ru));
        assert!(russian.difference.starts_with("Эти два кода не соперничают"), "{a} {b}");
    }
}

#[test]
fn any_two_codes_make_a_page() {
    let knowledge = Knowledge::embedded();
    let mut codes: Vec<String> = knowledge.replies().map(|entry| entry.code.to_string()).collect();
    codes.extend(knowledge.enhanced_codes().map(|entry| entry.code.to_string()));
    codes.extend(["550 5.7.1", "421 4.7.0", "599", "5.7.999", "null-mx"].map(str::to_owned));
    for &language in Language::ALL {
        let knowledge = Knowledge::in_language(language);
        // Every code with one of the others: all of them would take a minute.
        for (index, a) in codes.iter().enumerate() {
            let b = &codes[(index * 37 + 11) % codes.len()];
            let comparison = compare(a, b, &knowledge);
            let name = format!("{a} and {b} in {language}");
            assert!(!comparison.difference.is_empty(), "{name}");
            let text = page_of(&comparison, language).to_text(80);
            assert!(!text.contains(['{', '}']), "{name}: {text}");
            for line in text.lines() {
                let command = comparison.a.checks.iter().chain(&comparison.b.checks);
                let long = command.into_iter().any(|check| line.ends_with(check.as_str()));
                assert!(long || line.chars().count() <= 80, "{name}: {line}");
            }
            for side in [&comparison.a, &comparison.b] {
                assert!(!comparison.difference.contains(&side.meaning), "{name}: said twice");
            }
        }
    }
}

#[test]
fn json_has_stable_slugs_whatever_the_language() {
    let slugs = |language| {
        let comparison = compare("214", "521", &Knowledge::in_language(language));
        let json = serde_json::to_value(&comparison).unwrap();
        assert_eq!(json["schema"], 1);
        let points: Vec<_> =
            json["points"].as_array().unwrap().iter().map(|row| row["point"].clone()).collect();
        (json["relation"].clone(), json["a"]["sort"].clone(), json["b"]["retry"].clone(), points)
    };
    assert_eq!(slugs(Language::En), slugs(Language::Ru));
    assert_eq!(slugs(Language::En).0, "success-and-failure");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
    #[test]
    fn any_text_is_compared_without_control_characters(a in ".{0,60}", b in "[0-9X]{1,3}(\\.[0-9]{1,3}){0,3}") {
        for &language in Language::ALL {
            let comparison = compare(&a, &b, &Knowledge::in_language(language));
            let page = page_of(&comparison, language);
            for text in [page.to_text(80), page.to_markdown()] {
                assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{a:?} {b:?}");
            }
        }
    }
}
