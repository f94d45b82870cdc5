//! Hosts by whole labels, words of replies, and files that hold together.

use super::*;
use std::collections::BTreeSet;

fn slug(provider: Option<&Provider>) -> Option<&str> {
    provider.map(Provider::slug)
}

#[test]
fn hosts_are_found_by_whole_labels() {
    for (host, want) in [
        ("gmail-smtp-in.l.google.com", Some("google")),
        ("GMAIL-SMTP-IN.L.GOOGLE.COM", Some("google")),
        ("gmail-smtp-in.l.google.com.", Some("google")),
        ("google.com", Some("google")),
        ("aspmx2.googlemail.com", Some("google")),
        ("notgoogle.com", None),
        ("google.com.example.org", None),
        ("google.com..", None),
        ("com", None),
        ("", None),
        (".", None),
        ("..", None),
        ("local", None),
        ("dovecot", None),
        ("192.0.2.1", None),
        ("2001:db8::1", None),
        ("example-com.mail.protection.outlook.com", Some("microsoft")),
        ("outlook-com.olc.protection.outlook.com", Some("microsoft")),
        ("example-com.p-v1.mx.microsoft", Some("microsoft")),
        ("notprotection.outlook.com", None),
        ("outlook.com", None),
        ("mta7.am0.yahoodns.net", Some("yahoo")),
        ("mx01.mail.icloud.com", Some("icloud")),
        ("mx00.emig.gmx.net", Some("gmx")),
        ("mx-ha02.web.de", Some("gmx")),
        ("mx01.t-online.de", Some("t-online")),
        ("mxs.mail.ru", Some("mail-ru")),
        ("mfsmax.docomo.ne.jp", Some("docomo")),
        ("mx.example.ne.jp", None),
        ("mx.yandex.ru", Some("yandex")),
        ("mx3.qq.com", Some("qq")),
        ("cxr.mx.a.cloudfilter.net", Some("cox")),
        ("mx.a.cloudfilter.net", Some("spectrum")),
        ("mx0b-00000000.pphosted.com", Some("proofpoint")),
        ("d200.ess.barracudanetworks.com", Some("barracuda")),
        ("müller.example", None),
    ] {
        assert_eq!(slug(provider_of_host(host)), want, "{host}");
    }
}

#[test]
fn every_host_is_found_and_belongs_to_one_provider() {
    for provider in providers() {
        for host in provider.hosts() {
            assert_eq!(*host, host.to_ascii_lowercase(), "{}", provider.slug());
            assert!(host.contains('.'), "{host}: one label would be a whole top-level domain");
            for name in [host.clone(), format!("mx1.{host}"), format!("a.b.c.d.e.f.{host}.")] {
                assert_eq!(slug(provider_of_host(&name)), Some(provider.slug()), "{name}");
            }
            assert!(provider_of_host(&format!("{host}.example.org")).is_none(), "{host}");
            assert_ne!(slug(provider_of_host(&format!("not{host}"))), Some(provider.slug()));
        }
    }
}

#[test]
fn words_of_a_reply_tell_where_the_host_does_not() {
    for (host, text, want) in [
        (None, "550 5.1.1 no such user a1-20020a.1 - gsmtp", Some("google")),
        (None, "421 4.7.0 [TSS04] deferred", Some("yahoo")),
        (None, "421 4.7.0 [tss04] deferred", Some("yahoo")),
        (None, "421 4.7.0 [TSSxx] deferred", None),
        (None, "550 blocked (S3150).", Some("microsoft")),
        (None, "550 5.2.0 OFR006_102", Some("orange")),
        (None, "550 5.1.1 OFR_416 [416]", Some("orange")),
        (None, "550 LPN007_420", Some("laposte")),
        (None, "554 IB104", Some("godaddy")),
        (None, "554 ATTRIB104 LIB104", None),
        (None, "554 IB1045 is longer", None),
        (None, "AUP#CXDNS", Some("cox")),
        (None, "AUP#I-1000", Some("spectrum")),
        (None, "421 HL:REP 163", Some("netease")),
        (None, "550 5.1.1 <user@orange.fr>: user unknown", None),
        (None, "550 5.1.1 <user@example.com>: user unknown", None),
        (None, "", None),
        (Some("mx.yandex.ru"), "550 5.1.1 - gsmtp", Some("yandex")),
        (Some("mx.example.com"), "550 5.1.1 - gsmtp", Some("google")),
    ] {
        assert_eq!(slug(provider_of(host, text)), want, "{host:?} {text}");
    }
}

#[test]
fn every_signature_is_found() {
    for provider in providers() {
        for words in provider.signatures() {
            let text = format!("550 5.7.1 sorry, {} was said", words.replace('9', "3"));
            assert_eq!(slug(provider_of_reply(&text)), Some(provider.slug()), "{text}");
        }
    }
}

#[test]
fn heads_are_complete() {
    let mut seen = BTreeSet::new();
    assert_eq!(providers().len(), FILES.len());
    for (provider, (file, _)) in providers().iter().zip(FILES) {
        let slug = provider.slug();
        assert_eq!(*file, format!("providers/{slug}.toml"));
        assert!(seen.insert(slug), "{slug} twice");
        assert!(!provider.name().is_empty(), "{slug}");
        assert!(!provider.hosts().is_empty() || !provider.signatures().is_empty(), "{slug}");
        for url in provider.postmaster().into_iter().chain(provider.delisting()) {
            assert!(url.starts_with("http") && !url.contains(' '), "{slug}: {url}");
        }
        assert_eq!(provider.note().is_some(), provider.note_ru().is_some(), "{slug}: languages");
        for note in provider.note().into_iter().chain(provider.note_ru()) {
            assert!(note.note.ends_with('.'), "{slug}: {}", note.note);
        }
        let cyrillic = |c: char| ('а'..='я').contains(&c);
        assert!(provider.note_ru().is_none_or(|note| note.note.contains(cyrillic)), "{slug}");
    }
}

/// What the rules of a file say, as far as this module is concerned.
fn rules_in(file: &str) -> Vec<toml::Table> {
    let table: toml::Table = toml::from_str(&crate::knowledge::source(file)).unwrap();
    let rules = table.get("rule").and_then(toml::Value::as_array);
    rules.into_iter().flatten().map(|rule| rule.as_table().unwrap().clone()).collect()
}

#[test]
fn an_example_tells_its_provider_by_host_or_words() {
    for (provider, (file, _)) in providers().iter().zip(FILES) {
        for rule in rules_in(file) {
            for example in rule["examples"].as_array().unwrap() {
                let (reply, host) = match example.as_str() {
                    Some(reply) => (reply, None),
                    None => (
                        example["reply"].as_str().unwrap(),
                        example.get("host").map(|host| host.as_str().unwrap()),
                    ),
                };
                let found = slug(provider_of(host, reply));
                assert_eq!(found, Some(provider.slug()), "{file}: {reply}");
            }
        }
    }
}

#[test]
fn rule_ids_begin_with_the_slug_and_are_unique() {
    let mut seen = BTreeSet::new();
    for (provider, (file, _)) in providers().iter().zip(FILES) {
        for rule in rules_in(file) {
            let id = rule["id"].as_str().unwrap().to_owned();
            assert!(id.starts_with(&format!("{}-", provider.slug())), "{file}: {id}");
            assert!(seen.insert(id.clone()), "{file}: {id} twice");
        }
    }
}

#[test]
fn whose_hosts_were_is_remembered_rightly() {
    let mut memory = HostMemory::default();
    let known = providers().iter().flat_map(Provider::hosts).map(|host| format!("mx1.{host}"));
    let others = (0..600).map(|n| format!("mx{n}.example.com"));
    let odd = ["", ".", "GMAIL-SMTP-IN.L.GOOGLE.COM.", &"x".repeat(500)].map(str::to_owned);
    let hosts: Vec<String> = known.chain(others).chain(odd).collect();
    for host in hosts.iter().chain(hosts.iter().rev()).chain(hosts.iter().step_by(3)) {
        assert_eq!(memory.provider(host), provider_of_host(host).map(Provider::slug), "{host}");
        assert_eq!(memory.provider(host), provider_of_host(host).map(Provider::slug), "{host}");
    }
}
