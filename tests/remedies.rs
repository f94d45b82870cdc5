//! Remedies of the report: one for each kind that matters, filled in from lines of that kind and from the message's
//! envelope.

use crate::support::{Scratch, mailwhy};
use serde_json::Value;

/// One refused message: its sender stands in the queue manager's line only.
fn refused(n: u32, sender: &str, domain: &str, reply: &str) -> String {
    let id = format!("4C1D2E3F{n:02}");
    let stamp = format!("2026-01-05T10:00:{n:02}+00:00 mx1");
    format!(
        "{stamp} postfix/qmgr[811]: {id}: from=<{sender}>, size=900, nrcpt=1 (queue active)\n\
         {stamp} postfix/smtp[812]: {id}: to=<ann@{domain}>, relay=mx.{domain}[198.51.100.25]:25, delay=1, \
         delays=0/0/0.5/0.5, dsn=5.7.1, status=bounced (host mx.{domain}[198.51.100.25] said: {reply} \
         (in reply to RCPT TO command))\n\
         {stamp} postfix/qmgr[811]: {id}: removed\n"
    )
}

fn causes(log: &str, language: &str) -> Vec<Value> {
    let folder = Scratch::of_test(&format!("remedies-{language}-{}", log.len()));
    folder.file("mail.log", log);
    let line = format!("report --format json --lang {language} mail.log");
    let report = mailwhy(line.split(' ')).in_folder(&folder).run().json();
    report["outbound"]["causes"].as_array().unwrap().clone()
}

#[test]
fn each_blocklist_that_matters_has_its_way_out_and_no_text_comes_twice() {
    let log = [
        refused(
            1,
            "a@example.net",
            "one.example",
            "554 5.7.1 Client host [192.0.2.9] blocked using bl.spamcop.net",
        ),
        refused(2, "a@example.net", "two.example", "550 192.0.2.9 listed at psbl.surriel.com"),
        refused(
            3,
            "a@example.net",
            "three.example",
            "554 5.7.1 [192.0.2.9] blocked using bl.spamcop.net",
        ),
    ]
    .concat();
    for (language, word) in [("en", "reports"), ("ru", "жал")] {
        let cause = &causes(&log, language)[0];
        assert_eq!(cause["cause"], "ip-blocklisted", "{cause}");
        let remedies = cause["remedies"].as_array().unwrap();
        assert_eq!(remedies.len(), 3, "{cause}");
        assert_eq!(remedies[0]["detail"], "spamcop", "{cause}");
        assert!(remedies[0]["text"].as_str().unwrap().contains(word), "{cause}");
        assert_eq!(remedies[1]["detail"], "psbl", "{cause}");
        assert_eq!(remedies[2]["detail"], Value::Null, "{cause}");
    }
}

#[test]
fn each_kind_is_filled_in_from_its_own_lines_and_their_messages() {
    let log = [
        refused(
            1,
            "a@spf.example",
            "one.example",
            "550 5.7.23 SPF validation failed for 192.0.2.9",
        ),
        refused(2, "b@signed.example", "two.example", "550 5.7.20 no valid DKIM signature"),
    ]
    .concat();
    let cause = &causes(&log, "en")[0];
    assert_eq!(cause["cause"], "auth-failed", "{cause}");
    let of = |detail: &str| {
        let remedies = cause["remedies"].as_array().unwrap();
        remedies.iter().find(|remedy| remedy["detail"] == detail).unwrap().to_string()
    };
    assert!(of("spf").contains("spf.example"), "{cause}");
    assert!(of("dkim").contains("signed.example"), "{cause}");
    assert!(!cause["remedies"].to_string().contains("SENDER_DOMAIN"), "{cause}");
}

#[test]
fn a_message_that_expired_is_helped_by_the_remedy_of_what_held_it_up() {
    let log = [
        "2026-01-05T10:00:00+00:00 mx1 postfix/qmgr[811]: 4C1D2E3F01: from=<a@example.net>, size=900, nrcpt=1 (queue active)\n",
        "2026-01-05T10:00:01+00:00 mx1 postfix/smtp[812]: 4C1D2E3F01: to=<ann@one.example>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1, status=deferred (connect to mx.one.example[198.51.100.25]:25: Connection timed out)\n",
        "2026-01-10T10:00:01+00:00 mx1 postfix/qmgr[811]: 4C1D2E3F01: from=<a@example.net>, status=expired, returned to sender\n",
    ]
    .concat();
    let causes = causes(&log, "en");
    let expired = causes.iter().find(|cause| cause["cause"] == "expired").unwrap();
    assert_eq!(expired["details"][0]["detail"], "connection-failed", "{expired}");
    assert_eq!(expired["remedies"][0]["detail"], "connection-failed", "{expired}");
}
