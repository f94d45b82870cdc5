//! What is found, what stays, and that a pseudonym is one.

use super::{Domains, Redacting, Redactor};
use crate::pipeline::{self, Options};
use crate::record::{Record, Sink};
use crate::time::Zone;
use proptest::prelude::*;
use std::ops::ControlFlow;

fn hidden() -> Redactor {
    Redactor::new(b"a key for tests only", Domains::Hidden)
}

fn kept() -> Redactor {
    Redactor::new(b"a key for tests only", Domains::Kept)
}

#[test]
fn names_of_any_form_are_found() {
    let redactor = hidden();
    for (text, secrets) in [
        ("550 5.1.1 <ann.secret@private.example>: User unknown", &["ann", "secret", "private"][..]),
        ("\"ann secret\"@private.example not here", &["ann", "secret", "private"]),
        ("<o'brien+tag=1@private.example> x", &["brien", "tag", "private"]),
        ("=cmd|x@private.example", &["cmd", "private"]),
        ("SRS0=HHH=TT=private.example=ann@fwd.example", &["ann", "private", "HHH", "fwd"]),
        ("prvs=12345abc=ann@private.example", &["ann", "private", "12345abc"]),
        ("bounce-77-ann=private.example@list.example", &["ann", "private", "list"]),
        ("sender=ann@private.example relayed", &["ann", "private"]),
        (
            "see http://spf.secret.example/why?s=mfrom;id=ann%40private.example;ip=203.0.113.9",
            &["ann", "private", "203.0.113.9", "secret"],
        ),
        ("https://private.example/q?s=mfrom&id=ann@secret.example", &["ann", "private", "secret"]),
        ("message-id=<20260105.1234@host.private.example>", &["20260105", "host", "private"]),
        (
            "connect to mx.private.example[203.0.113.9]:25: Connection refused",
            &["mx", "private", "203.0.113.9"],
        ),
        ("[2001:db8:7::9]:25 and [IPv6:2001:db8:7::9], 2001:db8:7::9:", &["2001", "db8"]),
        ("blocked: 9.113.0.203.bl.private.example", &["9.113", "203", "private"]),
        ("9.113.0.203.zen.spamhaus.org listed", &["9.113", "203"]),
        ("at 203.0.113.9-25 or ip203.0.113.9.", &["203.0.113.9"]),
        ("helo=<[203.0.113.9]> proto=ESMTP", &["203.0.113.9"]),
        ("ann@[203.0.113.9] and ann@[IPv6:2001:db8::9]", &["ann", "203", "2001"]),
        ("ann@[203.0.113.9", &["ann", "203"]),
        ("<ann>: Recipient address rejected", &["ann"]),
        ("sasl_username=ann, user=<ann>", &["ann"]),
        ("set_id=ann: bad", &["ann"]),
        ("cannot open /home/ann/Maildir or /var/mail/ann: denied", &["/ann"]),
        ("MX.PRIVATE.EXAMPLE said", &["PRIVATE"]),
        ("кто@почта.example нет", &["кто", "почта"]),
        ("пример.испытание.рф молчит", &["пример", "испытание"]),
        ("mail.intranet.firm refused", &["intranet", "firm"]),
        ("ann@", &["ann"]),
        ("unknown user: \"ann\" and mailbox 'ann' are full", &["ann"]),
    ] {
        let shown = redactor.text(text);
        for secret in secrets {
            assert!(!shown.contains(secret), "{secret} of {text:?} in {shown:?}");
        }
    }
}

#[test]
fn nothing_but_names_is_lost() {
    // The expressions must compile with the features that the crate has.
    assert_eq!(hidden().text("plain: 1.5 of <> words."), "plain: 1.5 of <> words.");
    let shown = hidden()
        .text("connect to mx.private.example[203.0.113.9]:25: Connection refused")
        .into_owned();
    assert!(
        shown.starts_with("connect to h") && shown.ends_with("]:25: Connection refused"),
        "{shown}"
    );
    assert!(hidden().text("»mx.private.example« x-203.0.113.9.7").starts_with("»h"));
}

#[test]
fn what_is_no_name_stays() {
    let redactor = hidden();
    for text in [
        "550 5.1.1 User unknown; 4.7.650 and 2.0.0 Ok: queued as 4wTZZld88wzbgc",
        "250 2.0.0 OK  1795437540 d9443c01a7336-2a5f0c1b2casi1234567b3a.452 - gsmtp",
        "connect to localhost[127.0.0.1]:25: Connection refused, [::1] too",
        "blocked using zen.spamhaus.org, see https://www.spamhaus.org",
        "read main.cf and /etc/aliases.db at 09:10:11, 2026-01-05T09:10:11.036Z",
        "Rejected.See the rules. Try again later.",
        "lost connection after END-OF-MESSAGE, <CR><LF>.<CR><LF> expected",
        "ends with: 50.25 % :blackhole: <> :",
        "mail for gmail.com is refused by gmail-smtp-in",
    ] {
        let shown = redactor.text(text);
        let public = shown.replace(&*redactor.host("www.spamhaus.org"), "www.spamhaus.org");
        assert_eq!(public, text);
    }
}

#[test]
fn the_same_name_has_the_same_pseudonym() {
    let redactor = hidden();
    let ann = redactor.address("ann@private.example").into_owned();
    for text in [
        "ann@private.example",
        "<Ann@Private.Example>",
        "'ann@private.example'",
        "sender=ann@private.example.",
        "\"x\" ann@private.example;",
    ] {
        assert!(redactor.text(text).contains(&ann), "{text}: {} has no {ann}", redactor.text(text));
    }
    let domain = redactor.host("private.example").into_owned();
    let host = redactor.host("mx.private.example").into_owned();
    assert!(ann.ends_with(&format!("@{domain}")), "{ann} {domain}");
    assert!(host.ends_with(&format!(".{domain}")), "{host} {domain}");
    assert_eq!(redactor.text("2001:db8:0::9"), redactor.text("2001:db8::9"));
    assert_eq!(redactor.helo("[203.0.113.9]"), redactor.text("[203.0.113.9]"));
}

#[test]
fn another_key_gives_other_pseudonyms() {
    let other = Redactor::new(b"another key for tests", Domains::Hidden);
    for name in ["ann@private.example", "ann"] {
        assert_ne!(hidden().address(name), other.address(name));
    }
    assert_ne!(hidden().text("203.0.113.9"), other.text("203.0.113.9"));
    assert_ne!(hidden().host("mx.private.example"), other.host("mx.private.example"));
}

#[test]
fn domains_are_kept_on_request() {
    let redactor = kept();
    assert!(redactor.address("ann@mail.firm.co.uk").ends_with("@mail.firm.co.uk"));
    assert!(redactor.host("mx1.firm.co.uk").ends_with(".firm.co.uk"));
    assert!(!redactor.host("mx1.firm.co.uk").contains("mx1"));
    assert_eq!(redactor.text("firm.co.uk"), "firm.co.uk");
    assert!(!redactor.text("dsl-203-0-113-9.firm.co.uk").contains("203"));
}

#[test]
fn providers_are_known_by_the_pseudonyms_of_their_hosts() {
    use crate::knowledge::provider::{provider_of_host, providers};
    let slug = |host: &str| provider_of_host(host).map(crate::knowledge::Provider::slug);
    for host in providers().iter().flat_map(crate::knowledge::Provider::hosts) {
        let host = format!("customer-name.{host}");
        let shown = hidden().host(&host).into_owned();
        assert_eq!(slug(&shown), slug(&host), "{host} as {shown}");
        assert!(!shown.contains("customer"), "{shown}");
    }
}

/// Collects the texts of events.
#[derive(Default)]
struct Texts(Vec<String>);

impl Sink for Texts {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        self.0.push(format!("{:?} {:?}", record.header, record.content));
        ControlFlow::Continue(())
    }
}

fn redacted(log: &str) -> String {
    let (redactor, mut texts) = (hidden(), Texts::default());
    let options = Options { zone: Zone::utc(), year: Some(2026), ..Options::default() };
    let reader = std::io::Cursor::new(log.to_owned().into_bytes());
    pipeline::run_reader("-", reader, &options, &mut Redacting::new(&redactor, &mut texts));
    texts.0.join("\n")
}

#[test]
fn bare_words_are_names_where_a_field_has_them() {
    for (what, said) in [
        ("a mailbox", "no mailbox for ann here"),
        ("a mailbox, quoted", "unknown user: \"ann\""),
        ("the sender", "bob is not welcome"),
        ("the host that logged", "mx1 is not welcome"),
        ("any case", "ANN has left"),
    ] {
        let log = format!(
            "Jan  5 10:00:00 mx1 postfix/qmgr[1]: 4B1C2D3E4F: from=<bob@private.example>, size=1, nrcpt=1 (queue active)\n\
             Jan  5 10:00:01 mx1 postfix/smtp[2]: 4B1C2D3E4F: to=<ann@secret.example>, \
             relay=mx.secret.example[203.0.113.9]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced \
             (host mx.secret.example[203.0.113.9] said: 550 5.1.1 {said} (in reply to RCPT TO command))\n\
             Jan  5 10:00:02 mx1 postfix/smtpd[2]: NOQUEUE: reject: RCPT from c.private.example[203.0.113.8]: \
             550 5.7.1 <ann@secret.example>: {said}; from=<bob@private.example> to=<ann@secret.example> \
             proto=ESMTP helo=<bobs-pc>\n"
        );
        let shown = redacted(&log).to_lowercase();
        assert!(shown.contains("550 5.1.1"), "{shown}");
        let words: Vec<&str> = shown.split(|c: char| !c.is_alphanumeric()).collect();
        for secret in ["ann", "secret", "mx1", "bobs", "203"] {
            assert!(!words.contains(&secret), "{what}: {secret} in {shown}");
        }
    }
}

#[test]
fn ordinary_words_stay_though_a_mailbox_is_called_so() {
    let log = "Jan  5 10:00:01 mx1 postfix/smtp[2]: 4B1C2D3E4F: to=<user@secret.example>, relay=mx.secret.example[203.0.113.9]:25, \
               delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx.secret.example[203.0.113.9] said: \
               550 5.1.1 User unknown (in reply to RCPT TO command))\n";
    assert!(redacted(log).contains("550 5.1.1 User unknown"), "{}", redacted(log));
}

proptest! {
    #[test]
    fn any_text_can_be_redacted_and_no_address_survives(
        before in "\\PC{0,20}", local in "[a-z0-9!#$&'*+/=?^_`{|}~.-]{6,20}", after in "[ >,;)\"]\\PC{0,20}",
    ) {
        let text = format!("{before} <{local}@secretdomain.example>{after}");
        let shown = hidden().text(&text).into_owned();
        let address = format!("{local}@secretdomain");
        prop_assert!(!shown.contains(&address), "{}", shown);
        prop_assert!(!shown.contains("secretdomain"), "{}", shown);
    }
}
