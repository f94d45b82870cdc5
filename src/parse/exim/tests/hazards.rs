//! What has gone wrong in other readers of Exim's logs, one test each, and entries on syslog.

use super::show;
use crate::event::{Content, Mta};
use crate::parse::{LineParser, parse_exim_entry};

const STAMP: &str = "2026-01-05 10:00:00 ";
const ID: &str = "1tUAbc-0000xY-3c ";

fn said(line: &str) -> String {
    show(&LineParser::default().parse(line).content)
}

/// The line behind stamp and id says all of `facts`, and none of `never`.
fn message(text: &str, facts: &[&str], never: &[&str]) {
    let said = format!("{} ", said(&format!("{STAMP}{ID}{text}")));
    for fact in facts {
        assert!(said.contains(&format!(" {fact} ")), "{text}\n  does not say {fact}: {said}");
    }
    for fact in never {
        assert!(!said.contains(&format!(" {fact} ")), "{text}\n  says {fact}: {said}");
    }
}

#[test]
fn a_delivery_time_follows_free_text_and_only_there_it_is_cut_off() {
    let failed = |said: &str| {
        format!(
            "** b@example.com R=r T=t H=mx [192.0.2.1] : SMTP error from remote mail server after end of data: {said}"
        )
    };
    message(&failed("550 no DT=1s"), &["code=550", "took=None/(1000000)", "| 550 no"], &[]);
    message(&failed("550 no DT=soon"), &["code=550", "| 550 no DT=soon"], &[]);
    message(&failed("550 DT=1s see us"), &["code=550", "| 550 DT=1s see us"], &[]);
}

#[test]
fn only_the_last_address_of_a_host_counts() {
    for helo in ["[10.0.0.1]", "a(b) c", "[10.0.0.1]) ([10.0.0.2]", "(", "a) [10.0.0.1]"] {
        message(
            &format!("<= a@example.net H=mx.example.net ({helo}) [2001:db8::9]:40112 P=esmtp S=1"),
            &["client=mx.example.net[2001:db8::9]:40112", &format!("helo=<{helo}>")],
            &[],
        );
    }
}

#[test]
fn a_command_has_spaces_before_its_recipient() {
    message(
        "=> |/usr/bin/proc -f a b <orig@example.com> R=r T=address_pipe",
        &["to=<orig@example.com>", "final=<|/usr/bin/proc -f a b>"],
        &[],
    );
}

#[test]
fn an_administrators_failure_may_look_like_anything() {
    message(
        "** :fail: text@special <\":fail: text\"@special> R=aliases : 550 5.1.1 gone",
        &["to=<\":fail: text\"@special>", "ours", "| 550 5.1.1 gone"],
        &["code=550", "enhanced=5.1.1"],
    );
}

#[test]
fn letters_mean_what_the_line_makes_of_them() {
    // P= protocol and return path, T= subject and transport, R= parent and router, C= reply and commands.
    message("<= <> R=1tUAbb-0000xX-2b U=mail P=local S=1 T=\"T=x R=y\"", &["bounce"], &[]);
    message(
        "=> b@example.com F=<> P=<p@example.com> R=r T=t H=mx [192.0.2.1] X=a DN=\"C=DE\" C=\"250 ok\"",
        &["from=<>", "code=250", "tls=a"],
        &[],
    );
    assert_eq!(
        said(&format!("{STAMP}no MAIL in SMTP connection from [192.0.2.1] D=1s C=EHLO,QUIT")),
        "quiet"
    );
}

#[test]
fn quoted_strings_hide_what_is_in_them() {
    message(
        r#"=> b@example.com R=r T=t H=mx [192.0.2.1] C="250 \"R=x\" => c@example.com F=<x@y>" QT=1s"#,
        &["to=<b@example.com>", "code=250", "took=(1000000)/None"],
        &["from=<x@y>"],
    );
    message(
        r#"<= a@example.net H=mx [192.0.2.1] P=esmtp S=1 T="x\" for b@example.com => U=x" for c@example.com"#,
        &["from=<a@example.net>"],
        &[],
    );
}

#[test]
fn a_further_address_is_a_delivery_of_its_own() {
    message(
        "-> c@example.com R=r T=t H=mx [192.0.2.1] C=\"250 ok\"",
        &["delivered", "to=<c@example.com>", "code=250"],
        &[],
    );
}

#[test]
fn the_end_of_retrying_carries_no_code() {
    message("** b@example.com: retry timeout exceeded", &["bounced"], &["code=451"]);
    message(
        "== b@example.com routing defer (-52): retry time not reached",
        &["deferred", "ours"],
        &["delivered"],
    );
}

#[test]
fn a_bounce_names_its_parent() {
    message("<= <> R=1tUAbb-0000xX-2b U=mail P=local S=1", &["parent=<1tUAbb-0000xX-2b>"], &[]);
}

#[test]
fn nothing_is_decoded() {
    message(
        r"** b@example.com R=r T=t H=mx [192.0.2.1] : SMTP error from remote mail server after end of data: 550 g\303\244nzlich ü \xe4",
        &["code=550", r"| 550 g\303\244nzlich ü \xe4"],
        &[],
    );
}

#[test]
fn a_number_in_prose_is_no_code() {
    for text in [
        "** b@example.com R=r T=t H=mx [192.0.2.1]: Connection timed out 550 5.1.1",
        "** b@example.com R=r: SMTP error 550 5.1.1",
        "== b@example.com R=r T=t defer (0): child said: 451 4.3.0 no",
        "H=mx [192.0.2.1]: TLS session: 454 4.7.0 x",
        "H=mx [192.0.2.1]: Malformed SMTP reply in response to DATA: 5.5 550 no",
    ] {
        message(text, &["|"], &["code=550", "code=451", "code=454", "enhanced=5.1.1"]);
    }
}

#[test]
fn collectors_put_host_and_program_behind_exims_stamp() {
    let line = "2026-01-05 10:00:00 mx1 exim[811]: 1tUAbc-0000xY-3c => b@example.com R=r T=t";
    let parsed = LineParser::default().parse(line);
    assert_eq!((parsed.mta, parsed.header.host), (Some(Mta::Exim), "mx1"));
    assert!(show(&parsed.content).starts_with("delivery local ours delivered to=<b@example.com>"));
}

#[test]
fn syslog_lines_have_the_process_once_or_twice_and_perhaps_a_second_stamp() {
    for line in [
        "Jan  5 10:00:00 mx1 exim[811]: 1tUAbc-0000xY-3c Completed",
        "Jan  5 10:00:00 mx1 exim[811]: [811] 1tUAbc-0000xY-3c Completed",
        "Jan  5 10:00:00 mx1 exim4[811]: 2026-01-05 10:00:00 1tUAbc-0000xY-3c Completed",
        "Jan  5 10:00:00 mx1 exim[811]: 2026-01-05 10:00:00.118 +0100 [811] 1tUAbc-0000xY-3c Completed",
        r"Jan  5 10:00:00 mx1 exim[811]: [1\2] [811] 1tUAbc-0000xY-3c Completed",
    ] {
        assert_eq!(said(line), "closed done", "{line}");
    }
}

#[test]
fn an_entry_cut_by_length_is_whole_again_when_its_parts_are_joined() {
    let text = "2026-01-05 10:00:00 [811] 1tUAbc-0000xY-3c ** b@example.com R=r T=t H=mx [192.0.2.1]: SMTP error \
                from remote mail server after RCPT TO:<b@example.com>: 550 5.1.1 no such user here";
    for at in [1, 20, 60, 120, text.len() - 3] {
        let (first, second) = text.split_at(at);
        let lines = [
            format!("Jan  5 10:00:00 mx1 exim[811]: [1/2] {first}"),
            format!("Jan  5 10:00:00 mx1 exim[811]: [2/2] {second}"),
        ];
        let mut joined = String::new();
        for line in &lines {
            match LineParser::default().parse(line).content {
                Content::Part(part) => joined.push_str(part.text),
                other => panic!("{line}: {other:?}"),
            }
        }
        let (stamp, content) = parse_exim_entry(&joined);
        assert!(stamp.is_some(), "{joined}");
        let said = show(&content);
        assert!(said.contains("code=550 enhanced=5.1.1 to=<b@example.com>"), "{joined}: {said}");
    }
}

#[test]
fn headers_behind_a_line_break_are_no_entries() {
    for line in [
        r"Jan  5 10:00:00 mx1 exim[811]: [2\3] Envelope-from: <a@example.net>",
        "Jan  5 10:00:00 mx1 exim[811]: [3/3]   Subject: 1tUAbc-0000xY-3c ** b@example.com: 550 no",
    ] {
        let content = LineParser::default().parse(line).content;
        assert!(matches!(content, Content::Part(_)), "{line}");
    }
}
