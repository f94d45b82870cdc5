//! Explanations as people and programs get them.

use super::*;
use crate::i18n::Language;
use crate::knowledge::{Level, Retry};
use crate::smtp::{Direction, EnhancedCode, ReplyCode, Stage};

fn explained(input: &str) -> Explanation {
    explain(input, &Knowledge::embedded())
}

fn text(input: &str, width: usize) -> String {
    text_in(Language::En, input, width)
}

fn text_in(language: Language, input: &str, width: usize) -> String {
    let explanation = explain(input, &Knowledge::in_language(language));
    page_of(&explanation, language).to_text(width)
}

fn notes(input: &str) -> Vec<NoteKind> {
    explained(input)
        .answers
        .iter()
        .flat_map(|answer| answer.notes.iter().map(|note| note.kind))
        .collect()
}

#[test]
fn every_code_is_explained_in_text_and_json() {
    let knowledge = Knowledge::embedded();
    let mut inputs: Vec<String> = knowledge.replies().map(|entry| entry.code.to_string()).collect();
    for entry in knowledge.enhanced_codes() {
        inputs.push(entry.code.to_string());
        for &class in entry.classes.iter().chain(&entry.seen_classes) {
            inputs.push(entry.code.with_class(class).unwrap().to_string());
        }
    }
    for provider in knowledge.providers() {
        for entry in provider.entries() {
            inputs.extend(entry.codes.iter().map(|range| range.0.start().to_string()));
            inputs.extend(entry.codes.iter().map(|range| range.0.end().to_string()));
            inputs.extend(entry.codes.iter().map(ToString::to_string));
        }
    }
    inputs.extend(knowledge.pairs().map(|pair| format!("{} {}", pair.code, pair.enhanced)));
    for input in inputs {
        let explanation = explain(&input, &knowledge);
        assert!(explanation.known, "{input}");
        assert_eq!(explanation.answers.len(), 1, "{input}");
        let answer = &explanation.answers[0];
        assert!(!answer.remedy.contains('{'), "{input}: {}", answer.remedy);
        for width in [60, 80, 120] {
            for line in text(&input, width).lines() {
                let steps = answer.cause.iter().flat_map(|cause| &cause.steps);
                let mut checks = answer.checks.iter().chain(steps.flat_map(|step| &step.checks));
                let command = checks.any(|check| line.ends_with(check.as_str()));
                let command = command || line.contains("https://");
                assert!(command || line.chars().count() <= width, "{input} at {width}: {line}");
            }
        }
        let json = serde_json::to_value(&explanation).unwrap();
        assert_eq!(json["schema"], 2);
        assert_eq!(json["answers"][0]["level"], answer.level.slug());
    }
}

#[test]
fn explanations_read_well_in_every_language() {
    let line = "Jan  5 10:00:00 mx1 postfix/smtpd[811]: NOQUEUE: reject: RCPT from \
                mail.example.net[198.51.100.7]: 554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked \
                using zen.spamhaus.org; from=<bob@example.net> to=<ann@example.com> proto=ESMTP helo=<mail>";
    let exim = "2026-01-05 10:00:00 1tUAbc-0000xY-3c ** ann@example.com R=dnslookup T=remote_smtp H=mx.example.com \
                [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<ann@example.com>: 552 5.2.2 mailbox \
                is full";
    for (name, input) in [
        ("421", "421"),
        ("5.7.26", "5.7.26"),
        ("null-mx", "null-mx"),
        ("google", "google"),
        ("spamhaus-zen", "spamhaus-zen"),
        (
            "gmail-spam",
            "550-5.7.1 [192.0.2.1] Our system has detected that this message is likely unsolicited mail gsmtp",
        ),
        ("unknown-reply", "550 it is what it is"),
        ("reject-line", line),
        ("exim-line", exim),
        ("near-miss", "mailbx-full"),
    ] {
        for &language in Language::ALL {
            insta::assert_snapshot!(format!("{name}-{language}"), text_in(language, input, 80));
        }
    }
}

#[test]
fn a_521_says_to_look_up_the_mx() {
    let explanation = explained("521");
    let answer = &explanation.answers[0];
    assert!(answer.remedy.contains("`dig +short MX DOMAIN`"), "{}", answer.remedy);
    assert_eq!(answer.checks[0], "dig +short MX DOMAIN");
    assert_eq!(answer.unfilled[0].word, "DOMAIN");
    insta::assert_snapshot!(text("521", 80));
}

#[test]
fn a_pair_tells_what_decided_and_what_its_parts_mean() {
    insta::assert_snapshot!(text("550 5.7.1", 80));
}

#[test]
fn an_enhanced_code_tells_what_providers_make_of_it() {
    insta::assert_snapshot!(text("5.7.29", 80));
}

#[test]
fn oddities_of_the_codes_are_told() {
    use NoteKind as N;
    for (input, want) in [
        ("521", &[][..]),
        ("550 5.1.1", &[]),
        ("550 4.2.2", &[N::Contradiction]),
        ("454 5.5.1", &[N::Contradiction]),
        ("5.2.2", &[N::ClassNotPermitted]),
        ("550 5.2.2", &[N::ClassNotPermitted]),
        ("X.7.1", &[N::AnyClass]),
        ("5.6.10", &[N::Deprecated]),
        ("599", &[N::UnknownReply]),
        ("850", &[N::NotSmtp, N::UnknownReply]),
        ("111", &[N::NotSmtp]),
        ("441", &[N::StandsFor]),
        ("5.7.999", &[N::ProvidersOwn]),
        ("5.7.400", &[N::UnknownEnhanced]),
        ("5.9.1", &[N::UnknownEnhanced]),
        ("550-one 551 two", &[N::MixedCodes]),
    ] {
        assert_eq!(notes(input), want, "{input}");
    }
}

#[test]
fn an_unknown_code_gets_its_class_and_says_so() {
    let explanation = explained("599");
    assert!(!explanation.known);
    let answer = &explanation.answers[0];
    assert_eq!((answer.level, answer.class.digit), (Level::Class, 5));
    let text = text("599", 80);
    assert!(text.contains("599 is not known"), "{text}");
    assert!(explained("599 5.1.1").known);
    assert!(explained("4.7.555").known, "a provider's code");
}

#[test]
fn a_code_that_only_one_provider_has_is_that_providers() {
    for (input, provider, level) in [
        ("5.7.606", Some("microsoft"), Level::Provider),
        ("550 5.7.606 Access denied", Some("microsoft"), Level::Provider),
        ("4.7.32", Some("google"), Level::Provider),
        ("5.1.10", None, Level::Enhanced),
    ] {
        let answer = &explained(input).answers[0];
        assert_eq!((answer.provider.as_deref(), answer.level), (provider, level), "{input}");
    }
}

#[test]
fn a_reply_fills_in_the_address_that_it_names() {
    let explanation = explained("550 5.1.1 <ann@example.com>: Recipient address rejected: unknown");
    assert_eq!(
        explanation.answers[0].checks,
        ["sendmail -bv ann@example.com", "exim -bt ann@example.com"]
    );
    let hostile = explained("550 5.1.1 <a;reboot@example.com>: Recipient address rejected: x");
    assert_eq!(hostile.answers[0].checks[0], "sendmail -bv RECIPIENT");
}

#[test]
fn several_codes_get_an_answer_each() {
    let explanation = explained("521, 554 5.7.1, 4.4.1");
    let codes: Vec<_> = explanation
        .answers
        .iter()
        .map(|answer| (answer.code, answer.enhanced.as_deref()))
        .collect();
    assert_eq!(codes, [(Some(521), None), (Some(554), Some("5.7.1")), (None, Some("4.4.1"))]);
}

#[test]
fn success_needs_no_remedy() {
    for input in ["250 2.0.0", "2.1.5", "2.6.0", "2.7.0", "250 2.6.0 <x@example.com> Queued mail"] {
        let explanation = explained(input);
        let answer = &explanation.answers[0];
        assert_eq!(answer.retry, Retry::NotNeeded, "{input}");
        assert!(answer.remedy.starts_with("Nothing to do"), "{input}: {}", answer.remedy);
    }
}

#[test]
fn control_characters_of_the_input_do_not_reach_the_terminal() {
    for input in [
        "550 5.1.1 \u{1b}[2J<a@example.com>: Recipient address rejected",
        "\u{1b}]0;x\u{7} 550 5.1.1",
    ] {
        assert!(!text(input, 80).contains('\u{1b}'), "{input:?}");
    }
}

#[test]
fn any_input_is_accepted() {
    let long = "550 5.1.1 ".repeat(2000);
    for input in
        ["", " ", "\"", "5", "550-", "550 ", "X.", "X..", "5.1.", "\u{202e}", "٥٥٠", "<>: ", &long]
    {
        let _ = text(input, 0);
    }
}

#[test]
fn meaning_and_answer_agree() {
    let knowledge = Knowledge::embedded();
    let code = ReplyCode::new(552);
    let enhanced: EnhancedCode = "5.2.2".parse().unwrap();
    let meaning = knowledge.meaning(code, Some(enhanced), None).unwrap();
    assert_eq!(explained("552 5.2.2").answers[0].name, meaning.name);
}

#[test]
fn a_log_line_tells_who_spoke_and_fills_in_the_checks() {
    for (line, code, enhanced, level, origin, check) in [
        (
            "Jan  5 10:00:00 mx1 postfix/smtp[811]: 4C1D2E3F40: to=<ann@example.com>, \
             relay=mx.example.com[192.0.2.1]:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn=5.0.0, status=bounced \
             (host mx.example.com[192.0.2.1] said: 521 host does not accept mail (in reply to RCPT TO command))",
            Some(521),
            None,
            Level::Reply,
            "remote",
            "dig +short MX example.com",
        ),
        (
            "Jan  5 10:00:00 mx1 postfix/smtp[811]: 4C1D2E3F40: to=<ann@example.com>, \
             relay=gmail-smtp-in.l.google.com[192.0.2.1]:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn=4.7.23, \
             status=deferred (host gmail-smtp-in.l.google.com[192.0.2.1] said: 421 4.7.23 no PTR (in reply to \
             end of DATA command))",
            Some(421),
            Some("4.7.23"),
            Level::Provider,
            "remote",
            "dig +short -x CLIENT",
        ),
        (
            "Jan  5 10:00:00 mx1 postfix/smtp[811]: 4C1D2E3F40: to=<ann@example.com>, relay=none, delay=30, \
             delays=0.1/0/30/0, dsn=4.4.1, status=deferred (connect to mx.example.com[192.0.2.1]:25: Connection \
             timed out)",
            None,
            Some("4.4.1"),
            Level::Enhanced,
            "nobody",
            "dig +short MX example.com",
        ),
        (
            "Jan  5 10:00:00 mx1 postfix/smtpd[811]: NOQUEUE: reject: RCPT from \
             mail.example.net[198.51.100.7]: 450 4.7.25 Client host rejected: cannot find your hostname, \
             [198.51.100.7]; from=<bob@example.net> to=<ann@example.com> proto=ESMTP helo=<mail>",
            Some(450),
            Some("4.7.25"),
            Level::Pair,
            "ours",
            "dig +short -x 198.51.100.7",
        ),
        (
            "2026-01-05 10:00:00 1tUAbc-0000xY-3c ** ann@example.com R=dnslookup T=remote_smtp \
             H=mx.example.com [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<ann@example.com>: \
             550 5.1.1 no such user",
            Some(550),
            Some("5.1.1"),
            Level::Enhanced,
            "remote",
            "sendmail -bv ann@example.com",
        ),
    ] {
        let explanation = explained(line);
        assert_eq!(explanation.form, Form::LogLine, "{line}");
        let answer = &explanation.answers[0];
        let got = (answer.code, answer.enhanced.as_deref(), answer.level);
        assert_eq!(got, (code, enhanced, level), "{line}");
        assert_eq!(explanation.line.as_ref().unwrap().origin, origin, "{line}");
        assert!(answer.checks.iter().any(|c| c == check), "{line}: {:?}", answer.checks);
    }
}

#[test]
fn a_log_line_in_text() {
    insta::assert_snapshot!(text(
        "Jan  5 10:00:00 mx1 postfix/smtp[811]: 4C1D2E3F40: to=<ann@example.com>, \
         relay=mx.example.com[192.0.2.1]:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn=5.3.4, status=bounced (host \
         mx.example.com[192.0.2.1] said: 552 5.3.4 Message size exceeds fixed limit (in reply to MAIL FROM \
         command))",
        80
    ));
}

#[test]
fn a_log_line_without_a_code_gets_its_cause() {
    let line = "2026-01-05 10:00:00 1tUAbc-0000xY-3c == ann@example.com R=dnslookup T=remote_smtp defer (110): \
                Connection timed out H=mx.example.com [192.0.2.1]";
    let explanation = explained(line);
    assert!(explanation.known && explanation.answers.is_empty(), "{explanation:?}");
    assert_eq!(causes(line), ["connection-failed timeout"]);
    assert!(text(line, 80).contains("carries no code"));
}

#[test]
fn a_line_that_tells_of_no_failure_says_so() {
    let line = "Jan  5 10:00:00 mx1 postfix/local[811]: 4C1D2E3F40: to=<ann@example.com>, relay=local, delay=1.2, \
                delays=0.1/0/0.5/0.6, dsn=2.0.0, status=sent (delivered to mailbox)";
    let explanation = explained(line);
    assert!(explanation.answers.iter().all(|answer| answer.cause.is_none()), "{explanation:?}");
    assert!(explanation.topics.is_empty());
}

/// The causes of an explanation, with their details.
fn causes(input: &str) -> Vec<String> {
    causes_of(&explained(input))
}

fn causes_of(explanation: &Explanation) -> Vec<String> {
    let of_answers = explanation.answers.iter().filter_map(|answer| answer.cause.as_deref());
    let of_topics = explanation.topics.iter().filter_map(|topic| match topic {
        Topic::Cause(part) => Some(&**part),
        _ => None,
    });
    let named = |part: &CausePart| match &part.detail {
        Some(detail) => format!("{} {}", part.cause, detail.slug),
        None => part.cause.clone(),
    };
    of_answers.chain(of_topics).map(named).collect()
}

#[test]
fn the_conclusion_is_the_cause_wherever_the_answer_has_it() {
    for (input, cause, rule) in [
        ("552 5.2.2 Mailbox is over quota", Some("mailbox-full"), true),
        (
            "connect to mx.example.com[192.0.2.1]:25: Connection timed out",
            Some("connection-failed"),
            true,
        ),
        ("over quota", Some("mailbox-full"), true),
        (
            "Command died with status 127: \"filter -a\". Command output: sh: filter: not found",
            Some("local-delivery-failed"),
            true,
        ),
        ("greylisted", Some("greylisted"), false),
        ("554 no", Some("unknown"), false),
        ("google", None, false),
        ("521 552", None, false),
        ("good morning", None, false),
    ] {
        let conclusion = explained(input).conclusion;
        assert_eq!(conclusion.as_ref().map(|c| c.cause.as_str()), cause, "{input}");
        assert_eq!(conclusion.is_some_and(|c| c.rule.is_some()), rule, "{input}");
    }
}

#[test]
fn the_words_of_a_bounce_tell_who_spoke_and_where() {
    let postfix = explained(
        "<bob@example.com>: host gmail-smtp-in.l.google.com[192.0.2.1] said: 550-5.2.1 too quickly\n    550 5.2.1 for now (in reply to RCPT TO command)",
    );
    let exim = explained(
        "  bob@example.com\n    host gmail-smtp-in.l.google.com [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<bob@example.com>:\n    550-5.2.1 too quickly\\n550 5.2.1 for now",
    );
    for explanation in [postfix, exim] {
        let line = explanation.line.unwrap();
        assert_eq!(
            (explanation.form, line.stage, line.recipient.as_deref()),
            (Form::Text, Some("rcpt"), Some("bob@example.com"))
        );
        assert_eq!(line.provider.as_deref(), Some("google"), "{}", explanation.input);
        assert_eq!(explanation.answers[0].code, Some(550));
    }
}

#[test]
fn a_reply_gets_its_cause_and_the_reason_for_it() {
    for (input, cause, why) in [
        (
            "452 4.2.2 The email account that you tried to reach is over quota",
            "mailbox-full",
            "over quota",
        ),
        (
            "550 5.7.1 Client host [192.0.2.9] blocked using zen.spamhaus.org",
            "ip-blocklisted spamhaus-zen",
            "blocked using",
        ),
        ("550 5.1.1 nobody home", "recipient-unknown", "enhanced status code"),
        ("greylisted, please come back in 300 seconds", "greylisted", "greylisted"),
        ("550 it is what it is", "unknown", "honest"),
    ] {
        let explanation = explained(input);
        let causes = causes_of(&explanation);
        assert!(causes.len() == 1 && causes[0].starts_with(cause), "{input}: {causes:?}");
        assert!(text(input, 200).contains(why), "{input}: {why} in\n{}", text(input, 200));
    }
}

#[test]
fn what_the_asker_knows_counts_where_the_text_does_not_tell() {
    let knowledge = Knowledge::embedded();
    let with = |context: Context<'_>, input: &str| {
        causes_of(&Explainer::new(&knowledge, context).explain(input)).join(",")
    };
    let google = Context { provider: knowledge.provider("google"), ..Context::default() };
    let explanation = Explainer::new(&knowledge, google).explain("4.7.23");
    assert_eq!(explanation.answers[0].level, Level::Provider);
    let stage = |stage| Context { stage: Some(stage), ..Context::default() };
    assert_eq!(with(stage(Stage::Ehlo), "504 5.5.2"), "bad-helo");
    assert_ne!(with(stage(Stage::Rcpt), "504 5.5.2"), "bad-helo");
    let inbound = Context { direction: Some(Direction::Inbound), ..Context::default() };
    assert_eq!(with(inbound, "554 5.7.1 <x@example.com>: Relay access denied"), "relay-denied");
    let explanation = Explainer::new(&knowledge, inbound).explain("450 4.3.2 we are full");
    assert_eq!(explanation.answers[0].cause.as_ref().unwrap().direction, Some("inbound"));
}

#[test]
fn every_provider_is_known_by_its_first_host() {
    let knowledge = Knowledge::embedded();
    for provider in knowledge.providers() {
        let host = &provider.hosts()[0];
        let found = knowledge.provider_of_host(host).map(crate::knowledge::Provider::slug);
        assert_eq!(found, Some(provider.slug()), "{host}");
    }
}

#[test]
fn words_of_a_command_line_are_taken_apart() {
    let knowledge = Knowledge::embedded();
    let explainer = Explainer::new(&knowledge, Context::default());
    for (arguments, want) in [
        (&["550", "5.7.1"][..], &["550 5.7.1"][..]),
        (&["550", "5.7.1", "521"], &["550 5.7.1", "521"]),
        (&["521", "554"], &["521", "554"]),
        (&["521", "null-mx", "greylisted"], &["521", "null-mx", "greylisted"]),
        (&["550", "no", "such", "user"], &["550 no such user"]),
        (&["mailbox", "full"], &["mailbox full"]),
        (&["google", "-", "521"], &["google", "-", "521"]),
        (&["550 5.7.1 no", "521"], &["550 5.7.1 no", "521"]),
    ] {
        let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
        assert_eq!(explainer.inputs(&arguments), want, "{arguments:?}");
    }
}

#[test]
fn a_long_input_is_cut_and_says_so() {
    let long = format!("550 5.1.1 {}", "я".repeat(LONGEST_INPUT));
    let explanation = explained(&long);
    assert!(explanation.cut && explanation.input.len() <= LONGEST_INPUT);
    let codes = "521 ".repeat(1000);
    let explanation = explained(&codes);
    assert!(explanation.cut && explanation.answers.len() <= 32);
    assert!(!explained("521").cut);
}

#[test]
fn every_cause_provider_and_list_has_a_page_in_every_language() {
    for &language in Language::ALL {
        let knowledge = Knowledge::in_language(language);
        let slugs = knowledge
            .causes()
            .map(|cause| cause.slug.clone())
            .chain(knowledge.providers().iter().map(|p| p.slug().to_owned()))
            .chain(crate::knowledge::blocklist::lists().iter().map(|list| list.slug.clone()));
        for slug in slugs {
            let explanation = explain(&slug, &knowledge);
            assert!(explanation.known, "{slug}");
            assert_eq!(explanation.form, Form::Name, "{slug}");
            let page = page_of(&explanation, language);
            assert!(page.to_text(80).lines().count() > 3, "{slug}");
            assert!(page.to_markdown().starts_with("## "), "{slug}");
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
    #[test]
    fn any_bytes_are_explained_without_control_characters(
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300),
        start in "(550 5\\.7\\.1 |521-|Jan  5 10:00:00 mx1 postfix/smtp\\[1\\]: 4C1D2E3F40: to=<|said: 450 |)?",
    ) {
        let input = format!("{start}{}", String::from_utf8_lossy(&bytes));
        for &language in Language::ALL {
            let explanation = explain(&input, &Knowledge::in_language(language));
            let page = page_of(&explanation, language);
            for text in [page.to_text(80), page.to_markdown()] {
                let control = text.chars().find(|c| c.is_control() && *c != '\n');
                assert_eq!(control, None, "{input:?}");
            }
            let mut line = Vec::new();
            crate::render::json::write_line(&mut line, &explanation).unwrap();
            assert!(!line.iter().any(u8::is_ascii_control), "{input:?}");
        }
    }
}
