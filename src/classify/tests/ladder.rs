//! The order of evidence, and what a verdict adds to a cause.

use super::{FIRST, FOURTH, SECOND, THIRD, with_context};
use crate::classify::{Classifier, Level, Party, Retry, Said, Verdict};
use crate::event::{Kind, Mta};
use crate::knowledge::rule::parse_rules;
use crate::smtp::{Direction, Disposition, Origin, Stage};

fn judge(said: Said<'_>) -> Verdict {
    Classifier::builtin().judge(&said)
}

fn ours(text: &str) -> Said<'_> {
    Said {
        direction: Direction::Inbound,
        origin: Origin::Ours,
        kind: Kind::Reject,
        mta: Some(Mta::Postfix),
        stage: Some(Stage::Rcpt),
        disposition: Some(Disposition::Rejected),
        ..Said::reply(text)
    }
}

#[test]
fn the_first_evidence_that_speaks_decides() {
    let google = Said {
        relay: Some("gmail-smtp-in.l.google.com"),
        ..Said::reply("450 4.2.1 The user you are trying to contact is receiving mail too quickly")
    };
    for (name, said, level, cause) in [
        ("provider", google, Level::Provider, "rate-limited"),
        ("text before code", Said::reply("550 5.1.1 mailbox full"), Level::Text, "mailbox-full"),
        ("list alone", Said::reply("554 no: psbl.org/listing"), Level::Text, "ip-blocklisted"),
        ("code", Said::reply("550 5.1.1 ann"), Level::Enhanced, "recipient-unknown"),
        ("vague code", Said::reply("550 5.7.1 ann"), Level::Code, "policy-refused"),
        ("nothing", Said::reply("550 no"), Level::Nothing, "unknown"),
        (
            "our phrase",
            ours("451 4.3.0 <a@example.com>: Temporary lookup failure"),
            Level::Own,
            "own-system-error",
        ),
        ("our policy", ours("550 go away, ann"), Level::Kind, "policy-refused"),
    ] {
        let verdict = judge(said);
        assert_eq!((verdict.basis.level, verdict.cause.slug()), (level, cause), "{name}");
    }
}

#[test]
fn the_server_behind_knows_best() {
    for (text, want) in [
        (
            "550 5.7.1 refused by our gateway: host mx.example.com said: 552 5.2.2 mailbox full",
            "mailbox-full",
        ),
        (
            "450 4.1.1 <a@example.com>: unverified address: host mx said: 451 try later",
            "remote-error",
        ),
        (
            "550 5.1.351 Remote server returned -> 550 5.7.1 blocked using zen.spamhaus.org",
            "ip-blocklisted",
        ),
    ] {
        assert_eq!(judge(Said::reply(text)).cause.slug(), want, "{text}");
    }
}

#[test]
fn expiry_names_the_last_cause() {
    let verdict = judge(Said::reply("550 4.4.7 Message expired: 421 4.4.1 Connection timed out"));
    assert_eq!(verdict.cause.slug(), "expired");
    assert_eq!(verdict.detail.as_deref(), Some("connection-failed"));
}

#[test]
fn the_party_follows_who_spoke() {
    let text = "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.9]";
    assert_eq!(judge(Said::reply(text)).party, Some(Party::OwnAdmin));
    assert_eq!(judge(ours(text)).party, Some(Party::RemoteAdmin));
}

#[test]
fn what_is_final_follows_the_cause_and_then_the_code() {
    for (text, hard) in [
        ("450 4.1.1 user unknown", true),
        ("552 5.2.2 mailbox full", false),
        ("450 4.7.25 no reverse name", false),
        ("550 5.7.25 no reverse name", true),
        ("554 5.7.1 expected: host mx said: 450 4.7.25 no reverse DNS", true),
    ] {
        assert_eq!(judge(Said::reply(text)).hard, hard, "{text}");
    }
}

#[test]
fn a_success_has_no_cause() {
    let verdict = judge(Said::reply("250 2.0.0 Ok: queued as 1A2B3C, mailbox full of spam"));
    assert_eq!(
        (verdict.cause.slug(), verdict.retry, verdict.hard),
        ("unknown", Retry::NotNeeded, false)
    );
    assert_eq!(verdict.party, None);
}

#[test]
fn the_user_rules_go_first() {
    let rules = "[[rule]]\nid = \"mine\"\ncause = \"greylisted\"\ntext = 'mailbox full'\nexamples = [\"550 mailbox full\"]";
    let classifier = Classifier::with("my.toml", parse_rules("my.toml", rules).unwrap()).unwrap();
    let verdict = classifier.judge(&Said::reply("552 5.2.2 Mailbox full"));
    assert_eq!((verdict.basis.level, verdict.basis.rule), (Level::User, "mine"));
}

#[test]
fn a_user_rule_that_does_not_compile_is_named() {
    let rules =
        "[[rule]]\nid = \"mine\"\ncause = \"greylisted\"\ntext = '('\nexamples = [\"550 x\"]";
    let error = Classifier::with("my.toml", parse_rules("my.toml", rules).unwrap()).unwrap_err();
    assert!(error.to_string().starts_with("my.toml: rule `mine`: "), "{error}");
}

#[test]
fn addresses_in_a_text_say_nothing() {
    let verdict = judge(Said::reply("550 5.1.1 <quota-spam@virus.example.com>: user unknown"));
    assert_eq!(verdict.cause.slug(), "recipient-unknown");
}

/// The engine has a way for one text and another for many; nobody may see which one was taken.
#[test]
fn one_text_and_many_get_the_same_verdict() {
    let warm = Classifier::builtin();
    let replies = || {
        [FIRST, SECOND, THIRD, FOURTH].into_iter().flat_map(str::lines).filter_map(|line| {
            let (_, rest) = line.split_once('\t').filter(|_| !line.starts_with('#'))?;
            let (context, reply) = rest.split_once('\t')?;
            Some(with_context(Said::reply(reply), context))
        })
    };
    for said in replies() {
        warm.judge(&said);
    }
    for said in replies().step_by(3) {
        assert_eq!(judge(said), warm.judge(&said), "{}", said.text);
    }
}
