//! The order of evidence, and what a verdict adds to a cause.

use super::{TABLES, with_context};
use crate::classify::{Classifier, Level, Party, Retry, Said, Verdict};
use crate::event::{Kind, Mta};
use crate::knowledge::UserKnowledge;
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
        (
            "vague code beside words that must mean something",
            Said::reply("550 5.7.1 ann thinks that bob should rather come on foot with the parcel"),
            Level::Nothing,
            "unknown",
        ),
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
            "450 4.1.1 <a@example.com>: unverified address: host mx said: 451 4.3.0 try later",
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

fn with(rules: &str) -> Result<Classifier, String> {
    let mut user = UserKnowledge::default();
    user.add("my.toml", rules).and_then(|()| Classifier::with(&user)).map_err(|e| e.to_string())
}

#[test]
fn the_user_rules_go_first_for_every_speaker() {
    let rules = "[[rule]]\nid = \"mine\"\ncause = \"greylisted\"\ntext = 'mailbox full|lookup failure'\n\
                 examples = [\"550 mailbox full\"]";
    let classifier = with(rules).unwrap();
    for said in [
        Said::reply("552 5.2.2 Mailbox full"),
        ours("451 4.3.0 <a@example.com>: Temporary lookup failure"),
        Said { relay: Some("gmail-smtp-in.l.google.com"), ..Said::reply("552 5.2.2 mailbox full") },
        Said::reply("550 5.7.1 refused: host mx.example.com said: 552 5.2.2 mailbox full"),
    ] {
        let verdict = classifier.judge(&said);
        assert_eq!((verdict.basis.level, verdict.basis.rule), (Level::User, "mine"), "{said:?}");
    }
}

#[test]
fn a_user_rule_may_be_for_certain_hosts() {
    let rules = "[[rule]]\nid = \"mine\"\ncause = \"greylisted\"\nhost = \"partner.example\"\n\
                 examples = [{ reply = \"550 no\", host = \"mx.partner.example\" }]";
    let classifier = with(rules).unwrap();
    for (host, wins) in [
        (Some("partner.example"), true),
        (Some("MX1.Partner.Example."), true),
        (Some("notpartner.example"), false),
        (Some("partner.example.com"), false),
        (None, false),
    ] {
        let verdict = classifier.judge(&Said { relay: host, ..Said::reply("550 no") });
        assert_eq!(verdict.basis.level == Level::User, wins, "{host:?}");
    }
}

#[test]
fn user_rules_that_cannot_work_are_named_with_the_reason() {
    let rule = |id: &str, more: &str| {
        format!("\n[[rule]]\nid = \"{id}\"\ncause = \"greylisted\"\n{more}\n")
    };
    for (rules, want) in [
        (
            rule("a", "text = '('\nexamples = [\"450 x\"]"),
            "line 2, rule `a`: `text` is no regular expression: unclosed group",
        ),
        (
            rule("a", "text = '450 no'\nexamples = [\"450 No\"]"),
            "does not win its example \"450 No\": `text` does not match what is judged, which is the reply \
             without its codes: \"No\"",
        ),
        (
            rule("a", "text = 'no'\nwords = [\"yes\"]\nexamples = [\"450 no\"]"),
            "none of the rule's `words` is in it",
        ),
        (
            rule("a", "text = 'no'\nstage = \"rcpt\"\nexamples = [\"450 no\"]"),
            "its `stage` is another one, or not known from the example",
        ),
        (rule("a", "text = 'no'\nexamples = [\"250 no\"]"), "its code tells of no failure"),
        (
            rule("a", "text = 'no'\nexamples = [\"450 no\"]")
                + &rule("b", "text = 'oh no'\nexamples = [\"450 oh no\"]"),
            "line 8, rule `b`: does not win its example \"450 oh no\": rule `a`, which stands before it, wins it",
        ),
    ] {
        let error = with(&rules).unwrap_err();
        assert!(error.starts_with("my.toml: line ") && error.contains(want), "{rules}: {error}");
    }
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
        TABLES.iter().flat_map(|(_, table)| table.lines()).filter_map(|line| {
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

#[test]
fn at_mail_from_a_mailbox_that_is_not_there_is_the_senders() {
    let classifier = Classifier::builtin();
    let said = Said { stage: Some(Stage::Mail), ..Said::reply("501 5.1.3 Invalid address") };
    let verdict = classifier.judge(&said);
    assert_eq!((verdict.cause.slug(), verdict.detail.as_deref()), ("sender-rejected", None));
    let said = Said { stage: Some(Stage::Rcpt), ..said };
    assert_eq!(classifier.judge(&said).cause.slug(), "recipient-unknown");
    // At AUTH it is the account of the login.
    let said = Said { stage: Some(Stage::Auth), ..Said::reply("525 5.7.13 Account disabled") };
    assert_eq!(classifier.judge(&said).cause.slug(), "smtp-auth-failed");
}

#[test]
fn what_a_stranger_calls_himself_names_no_cause() {
    let classifier = Classifier::builtin();
    for login in
        ["bob", "spamhaus", "x@zen.spamhaus.org", "mailbox full", "a: 550 5.1.1 no such user"]
    {
        for (text, mta) in [
            (format!("SASL LOGIN authentication failed: x, sasl_username={login}"), Mta::Postfix),
            (format!("535 Incorrect authentication data (set_id={login})"), Mta::Exim),
        ] {
            let said = Said {
                kind: Kind::AuthFailure,
                direction: Direction::Inbound,
                origin: Origin::Ours,
                mta: Some(mta),
                ..Said::reply(&text)
            };
            assert_eq!(classifier.judge(&said).cause.slug(), "smtp-auth-failed", "{text}");
            // What Exim says behind it is its own.
            let text =
                format!("435 Unable to authenticate at present (set_id={login}): database away");
            let said = Said { text: &text, mta: Some(Mta::Exim), ..said };
            assert_eq!(classifier.judge(&said).cause.slug(), "own-system-error", "{text}");
        }
    }
    for (name, rest, cause) in [
        ("sql-server", "Helo command rejected: need fully-qualified hostname", "bad-helo"),
        ("greylist", "Helo command rejected: Host not found", "bad-helo"),
        ("ldap.example.net[192.0.2.1]", "Client host rejected: Access denied", "policy-refused"),
    ] {
        for (origin, direction) in
            [(Origin::Ours, Direction::Inbound), (Origin::Remote, Direction::Outbound)]
        {
            let text = format!("550 5.7.1 <{name}>: {rest}");
            let said = Said { origin, direction, mta: Some(Mta::Postfix), ..Said::reply(&text) };
            assert_eq!(classifier.judge(&said).cause.slug(), cause, "{text}");
        }
    }
    for text in ["550 5.7.1 <x@zen.spamhaus.org>: some odd words", "554 x@bl.spamcop.net strange"] {
        assert_ne!(classifier.judge(&Said::reply(text)).cause.slug(), "ip-blocklisted", "{text}");
    }
}

#[test]
fn typesetters_marks_and_blanks_change_nothing() {
    let classifier = Classifier::builtin();
    for (plain, set) in [
        (
            "550 this server doesn't handle mail for that user",
            "550 this server doesn\u{2019}t handle mail for that user",
        ),
        ("550 mailbox is full", "550 mailbox   is\u{a0}full"),
        ("550 no such user \"ann\"", "550 no such user \u{201c}ann\u{201d}"),
    ] {
        let cause = |text| classifier.judge(&Said::reply(text)).cause;
        assert_eq!(cause(plain), cause(set), "{set}");
        assert_ne!(cause(set).slug(), "unknown", "{set}");
    }
}

#[test]
fn a_silent_filter_on_this_host_is_a_fault_of_ours() {
    let classifier = Classifier::builtin();
    for (relay, cause) in
        [("127.0.0.1", "own-system-error"), ("mx.example.com", "connection-failed")]
    {
        let said = Said {
            origin: Origin::Nobody,
            relay: Some(relay),
            ..Said::reply("connect to it: Connection refused")
        };
        assert_eq!(classifier.judge(&said).cause.slug(), cause, "{relay}");
    }
    // Where the words are all there is, they name it.
    for (text, cause) in [
        ("connect to localhost[127.0.0.1]:10024: Connection refused", "own-system-error"),
        ("connect to localhost[192.0.2.1]:25: Connection refused", "connection-failed"),
        ("conversation with localhost:10025 timed out", "own-system-error"),
        ("conversation with mx.example.com timed out", "connection-failed"),
        ("451 4.4.1 cannot connect to localhost: connection refused", "connection-failed"),
        ("111 Connection refused", "connection-failed"),
    ] {
        assert_eq!(classifier.judge(&Said::reply(text)).cause.slug(), cause, "{text}");
    }
}

#[test]
fn words_that_no_rule_knows_are_taken_by_what_they_are_about() {
    let classifier = Classifier::builtin();
    let reply = Said::reply("553 that host denies the sender.");
    let verdict = classifier.judge(&reply);
    assert_eq!((verdict.cause.slug(), verdict.basis.level), ("sender-rejected", Level::Hint));
    let words = classifier.words_behind(&reply, &verdict);
    assert!(words.is_some_and(|words| words.contains("sender")));
    // A link is about nothing, and our own words are known.
    let link = Said::reply("550 gone, http://example.com/relay/spam.html");
    assert_eq!(classifier.judge(&link).cause.slug(), "unknown");
    let ours = Said { origin: Origin::Ours, kind: Kind::Reject, ..reply };
    let of_postfix = Said { mta: Some(Mta::Postfix), ..ours };
    assert_eq!(classifier.judge(&of_postfix).basis.level, Level::Kind);
    // Where nobody says that an MTA of ours wrote them, they mean what they would mean of others.
    assert_eq!(classifier.judge(&ours).basis.level, Level::Hint);
    // An enhanced status code that says something goes before.
    let coded = Said::reply("553 5.1.1 that host denies the sender.");
    assert_eq!(classifier.judge(&coded).basis.level, Level::Enhanced);
}

#[test]
fn a_code_that_was_left_out_is_not_missed() {
    let classifier = Classifier::builtin();
    for (text, want) in [
        ("mailbox ann is disabled", "recipient-disabled"),
        ("failed to store the letter", "remote-error"),
        ("only registered users may send here", "smtp-auth-failed"),
        ("ann's sending quota is used up", "rate-limited"),
        ("5.7.1 account of ann was closed", "recipient-disabled"),
        ("4.7.1 the system is overloaded", "remote-error"),
        ("hello ann", "unknown"),
    ] {
        assert_eq!(classifier.judge(&Said::reply(text)).cause.slug(), want, "{text}");
    }
    // Our own MTA's words have no code because nobody gave one.
    let ours = Said { direction: Direction::Local, ..ours("mailbox ann is disabled") };
    assert_ne!(classifier.judge(&ours).basis.level, Level::Hint);
}

#[test]
fn exim_tells_at_the_end_what_it_gave_up() {
    for (text, detail) in [
        ("mailbox is full: retry timeout exceeded", Some("mailbox-full")),
        ("no such thing as this: retry timeout exceeded", None),
        ("retry timeout exceeded", None),
    ] {
        let said = Said {
            direction: Direction::Local,
            origin: Origin::Ours,
            mta: Some(Mta::Exim),
            disposition: Some(Disposition::Bounced),
            ..Said::reply(text)
        };
        let verdict = judge(said);
        assert_eq!(
            (verdict.cause.slug(), verdict.detail.as_deref()),
            ("expired", detail),
            "{text}"
        );
    }
}

#[test]
fn a_quoted_reply_does_not_hide_that_the_message_expired() {
    let text = "554 4.4.7 Message expired: too old.<451 4.7.651 192.0.2.9 is rate limited due to IP reputation>";
    let verdict = judge(Said::reply(text));
    let detail = verdict.detail.as_deref();
    assert_eq!((verdict.cause.slug(), detail), ("expired", Some("provider-blocked")));
}

#[test]
fn names_of_programs_and_short_words_are_read() {
    for (text, cause) in [
        ("554 FORBIDDEN_FILE", "virus-or-attachment"),
        ("550 AccountDisabledException", "recipient-disabled"),
        ("550 acct disabled", "recipient-disabled"),
        ("450 MBOX locked", "recipient-disabled"),
        ("421 conn-limit", "rate-limited"),
        ("550 this one means nothing", "unknown"),
    ] {
        assert_eq!(judge(Said::reply(text)).cause.slug(), cause, "{text}");
    }
}
