//! `mailwhy incidents` and the head of the report: composed logs with one thing going wrong, and logs in which nothing
//! does.

use crate::support::{Ran, Scratch, acts_on_a_terminal, mailwhy, samples};
use serde_json::Value;
use std::fmt::Write;

const HOUR: i64 = 3600;

/// A Postfix log that is composed in any order and read in the order of time.
struct Log {
    lines: Vec<(i64, String)>,
    ids: u64,
}

impl Log {
    fn line(&mut self, at: i64, program: &str, text: &str) {
        self.lines.push((at, format!("mx1 postfix/{program}[77]: {text}")));
    }

    /// A message that came in; gives its queue id.
    fn message(&mut self, at: i64, sender: &str, login: Option<(&str, &str)>) -> String {
        self.ids += 1;
        let id = format!("{:010X}", 0x10_0000_0000 + self.ids);
        match login {
            Some((user, client)) => {
                let text = format!(
                    "{id}: client=unknown[{client}], sasl_method=PLAIN, sasl_username={user}"
                );
                self.line(at, "submission/smtpd", &text);
            }
            None => self.line(at, "smtpd", &format!("{id}: client=mail.example.net[192.0.2.9]")),
        }
        self.line(at, "cleanup", &format!("{id}: message-id=<{id}@example.com>"));
        self.line(at, "qmgr", &format!("{id}: from=<{sender}>, size=2000, nrcpt=1 (queue active)"));
        id
    }

    fn attempt(&mut self, at: i64, id: &str, recipient: &str, relay: &str, outcome: &str) {
        let relay =
            if relay == "none" { relay.to_owned() } else { format!("{relay}[203.0.113.5]:25") };
        let text = format!(
            "{id}: to=<{recipient}>, relay={relay}, delay=1, delays=0.1/0/0.4/0.5, {outcome}"
        );
        self.line(at, "smtp", &text);
    }

    fn removed(&mut self, at: i64, id: &str) {
        self.line(at, "qmgr", &format!("{id}: removed"));
    }

    /// A message of ours to `recipient` that ends with its first attempt.
    fn sent(&mut self, at: i64, recipient: &str, relay: &str, outcome: &str) {
        let id = self.message(at, "ann@example.com", Some(("ann@example.com", "192.0.2.20")));
        self.attempt(at + 1, &id, recipient, relay, outcome);
        self.removed(at + 2, &id);
    }

    /// Days of ordinary mail: out every five minutes, in every ten, with a failure now and then.
    fn ordinary(days: i64) -> Self {
        let mut log = Self { lines: Vec::new(), ids: 0 };
        for n in 0..days * 288 {
            let at = n * 300 + n * 7 % 60;
            let (recipient, relay) = receiver(n);
            let outcome = if n % 40 == 17 { UNKNOWN } else { SENT };
            log.sent(at, &recipient, &relay, outcome);
            if n % 2 == 0 {
                let id = log.message(at + 90, "carl@example.net", None);
                log.line(
                    at + 91,
                    "lmtp",
                    &format!(
                        "{id}: to=<ann@example.com>, relay=mx1[private/dovecot-lmtp], delay=0.2, \
                         delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Saved)"
                    ),
                );
                log.removed(at + 92, &id);
            }
        }
        log
    }

    fn text(mut self) -> String {
        self.lines.sort_by_key(|(at, _)| *at);
        let mut text = String::new();
        for (at, line) in self.lines {
            let (day, second) = (9 + at / 86_400, at % 86_400);
            let (hour, minute) = (second / 3600, second / 60 % 60);
            let stamp = format!("2026-11-{day:02}T{hour:02}:{minute:02}:{:02}Z", second % 60);
            writeln!(text, "{stamp} {line}").unwrap();
        }
        text
    }

    fn incidents(self) -> Vec<Value> {
        run(&self.text(), &["--format", "ndjson"]).json_lines()
    }
}

const SENT: &str = "dsn=2.0.0, status=sent (250 2.0.0 OK)";
const UNKNOWN: &str = "dsn=5.1.1, status=bounced (host mx.example.org[203.0.113.5] said: 550 5.1.1 \
                       <bob@example.org>: user unknown (in reply to RCPT TO command))";

/// Large receivers and small ones in turn.
fn receiver(n: i64) -> (String, String) {
    match n % 3 {
        0 => (format!("u{n}@gmail.com"), "gmail-smtp-in.l.google.com".to_owned()),
        1 => (format!("u{n}@outlook.com"), "outlook-com.olc.protection.outlook.com".to_owned()),
        _ => {
            let site = n / 3 % 20;
            (format!("u{n}@site{site}.example.org"), format!("mx.site{site}.example.org"))
        }
    }
}

fn run(log: &str, arguments: &[&str]) -> Ran {
    let fixed = ["incidents", "--tz", "UTC", "--year", "2026"];
    mailwhy(fixed.iter().chain(arguments)).stdin(log).run()
}

fn time_of(text: &Value) -> i64 {
    let text = text.as_str().unwrap();
    let (days, clock) = (text[8..10].parse::<i64>().unwrap() - 9, &text[11..19]);
    let mut parts = clock.split(':').map(|part| part.parse::<i64>().unwrap());
    let (hour, minute, second) =
        (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    days * 86_400 + hour * 3600 + minute * 60 + second
}

/// The only incident, which must be of this kind and time (seconds, to ten minutes).
#[track_caller]
fn only(incidents: &[Value], kind: &str, from: i64, until: i64) -> Value {
    let shown: Vec<String> =
        incidents.iter().map(|i| format!("{} {}..{}", i["kind"], i["since"], i["until"])).collect();
    assert_eq!(incidents.len(), 1, "{shown:?}");
    let incident = &incidents[0];
    assert_eq!(incident["kind"], kind, "{shown:?}");
    let (since, end) = (time_of(&incident["since"]), time_of(&incident["until"]));
    assert!((since - from).abs() <= 600, "{kind}: since {}", incident["since"]);
    assert!((end - until).abs() <= 600, "{kind}: until {}", incident["until"]);
    for sample in ["first", "last"] {
        let line = incident[sample]["line"].as_u64();
        assert!(
            kind == "queue-growth" || line.is_some_and(|line| line > 0),
            "{sample}: {incident}"
        );
    }
    assert!(!incident["remedies"].as_array().unwrap().is_empty(), "{kind}");
    incident.clone()
}

#[test]
fn ordinary_days_have_no_incident() {
    assert_eq!(Log::ordinary(3).incidents(), Vec::<Value>::new());
}

#[test]
fn a_newsletter_is_no_incident() {
    let mut log = Log::ordinary(3);
    for n in 0..1500 {
        let (recipient, relay) = receiver(n);
        let outcome = if n % 40 == 3 { UNKNOWN } else { SENT };
        log.sent(34 * HOUR + n, &recipient, &relay, outcome);
    }
    assert_eq!(log.incidents(), Vec::<Value>::new());
}

/// Three days in which Google slows us down for a while; `said` ends its reply.
fn throttled(from: i64, until: i64, said: &str) -> Log {
    let mut log = Log::ordinary(3);
    let rate = format!(
        "dsn=4.7.28, status=deferred (host gmail-smtp-in.l.google.com[203.0.113.5] said: 421-4.7.28 Gmail \
                has detected an unusual rate of unsolicited mail. To protect 421-4.7.28 our users from spam, mail \
                has been temporarily rate limited. 421 4.7.28 https://support.google.com/mail/ - gsmtp{said} (in reply \
                to end of DATA command))"
    );
    for n in 0..60 {
        let at = from + n * 180;
        let id = log.message(at, "ann@example.com", None);
        let recipient = format!("r{n}@gmail.com");
        log.attempt(at + 1, &id, &recipient, "gmail-smtp-in.l.google.com", &rate);
        // Two thirds get through after the end, the rest stays.
        if n % 3 > 0 {
            log.attempt(until + 600 + n, &id, &recipient, "gmail-smtp-in.l.google.com", SENT);
            log.removed(until + 601 + n, &id);
        }
    }
    log
}

/// The log of an incident, for other tests; `said` ends the reply that tells of it.
pub(crate) fn log_of_an_incident(said: &str) -> String {
    throttled(30 * HOUR, 33 * HOUR, said).text()
}

#[test]
fn a_provider_that_slows_us_down_is_found_with_what_became_of_the_mail() {
    let (from, until) = (30 * HOUR, 33 * HOUR);
    let log = throttled(from, until, "");
    let incident = only(&log.incidents(), "provider-throttling", from, until);
    assert_eq!(incident["peer"], "google");
    assert_eq!(incident["cause"], "rate-limited");
    assert_eq!(incident["codes"][0]["name"], "421 4.7.28");
    let figures: Vec<u64> = ["messages", "recipients", "recovered", "bounced", "waiting"]
        .iter()
        .map(|figure| incident[figure].as_u64().unwrap())
        .collect();
    assert_eq!(figures, [60, 60, 40, 0, 20]);
    assert_eq!(incident["going_on"], false);
}

#[test]
fn timeouts_and_deferrals_of_one_provider_are_one_outage() {
    let mut log = Log::ordinary(3);
    let (from, until) = (40 * HOUR, 44 * HOUR);
    for n in 0..80 {
        let at = from + n * 180;
        let id = log.message(at, "ann@example.com", None);
        let recipient = format!("r{n}@outlook.com");
        if n % 2 == 0 {
            log.attempt(
                at + 1,
                &id,
                &recipient,
                "none",
                "dsn=4.4.1, status=deferred (connect to \
                 outlook-com.olc.protection.outlook.com[203.0.113.5]:25: Connection timed out)",
            );
        } else {
            let relay = "outlook-com.olc.protection.outlook.com";
            log.attempt(
                at + 1,
                &id,
                &recipient,
                relay,
                "dsn=4.3.2, status=deferred (host outlook-com.olc.protection.outlook.com[203.0.113.5] said: \
                 451 4.3.2 Temporary server error. Please try again later (in reply to RCPT TO command))",
            );
        }
    }
    let incident = only(&log.incidents(), "provider-outage", from, until);
    assert_eq!(incident["peer"], "microsoft");
    assert_eq!(incident["recipients"], 80);
}

#[test]
fn mail_that_waited_meets_at_once_what_mail_meets_every_day() {
    let mut log = Log::ordinary(3);
    let (from, until) = (30 * HOUR, 50 * HOUR);
    let relay = "mx.slow.example.net";
    let lost = "dsn=4.4.2, status=deferred (lost connection with mx.slow.example.net[203.0.113.5] while sending \
                RCPT TO)";
    let blocked = "dsn=4.7.1, status=deferred (host mx.slow.example.net[203.0.113.5] said: 451 4.7.1 Your IP \
                   address 192.0.2.1 is blocked for its poor reputation (in reply to RCPT TO command))";
    for n in 0..432 {
        let at = n * 600;
        let id = log.message(at, "ann@example.com", None);
        let recipient = format!("r{n}@slow.example.net");
        let mut next = at + 1;
        if (from..until).contains(&at) {
            // Once an hour, and at the end all within three quarters of one.
            while next < until {
                log.attempt(next, &id, &recipient, relay, blocked);
                next += HOUR;
            }
            next = until + 60 + (at - from) / 600 * 20;
        }
        // Every tenth connection breaks, on any day.
        if n % 10 == 3 {
            log.attempt(next, &id, &recipient, relay, lost);
            next += 900;
        }
        log.attempt(next, &id, &recipient, relay, SENT);
        log.removed(next + 1, &id);
    }
    let incident = only(&log.incidents(), "provider-blocked", from, until);
    assert_eq!(incident["messages"], 120);
    // All but those that failed with something else last.
    assert_eq!(incident["recovered"], 108);
}

#[test]
fn a_domain_of_ours_that_nobody_finds_is_named() {
    let mut log = Log::ordinary(3);
    let (from, until) = (50 * HOUR, 56 * HOUR);
    for n in 0..90 {
        let at = from + n * 240;
        let id = log.message(at, "shop@example.net", None);
        let site = n % 12;
        let relay = format!("mx.site{site}.example.org");
        let outcome = format!(
            "dsn=4.1.8, status=deferred (host {relay}[203.0.113.5] said: 450 4.1.8 <shop@example.net>: Sender \
             address rejected: Domain not found (in reply to RCPT TO command))"
        );
        log.attempt(at + 1, &id, &format!("r{n}@site{site}.example.org"), &relay, &outcome);
    }
    let incident = only(&log.incidents(), "own-domain-unresolvable", from, until);
    assert_eq!(incident["senders"][0]["name"], "example.net");
    assert_eq!(incident["waiting"], 90);
    let checks = incident["remedies"][0]["checks"].to_string();
    assert!(checks.contains("dig +short MX example.net"), "{checks}");
}

#[test]
fn an_expired_certificate_of_ours_is_found() {
    let mut log = Log::ordinary(3);
    let (from, until) = (60 * HOUR, 64 * HOUR);
    for n in 0..120 {
        log.line(
            from + n * 120,
            "smtpd",
            "warning: TLS library problem: error:0A000415:SSL routines::sslv3 alert certificate \
             expired:../ssl/record/rec_layer_s3.c:1584:SSL alert number 45:",
        );
    }
    let incident = only(&log.incidents(), "tls-failure", from, until);
    assert_eq!(incident["lines"], 120);
    assert_eq!(incident["party"], "own-admin");
}

#[test]
fn a_dictionary_attack_is_found_with_its_clients() {
    let mut log = Log::ordinary(3);
    let (from, until) = (20 * HOUR, 22 * HOUR);
    for n in 0..360 {
        log.line(
            from + n * 20,
            "smtpd",
            &format!(
                "NOQUEUE: reject: RCPT from unknown[198.51.100.{}]: 550 5.1.1 <name{n}@example.com>: Recipient \
                 address rejected: User unknown in virtual mailbox table; from=<x{n}@example.org> \
                 to=<name{n}@example.com> proto=ESMTP helo=<x>",
                n % 4
            ),
        );
    }
    let incident = only(&log.incidents(), "dictionary-attack", from, until);
    assert_eq!(incident["lines"], 360);
    assert_eq!(incident["clients"].as_array().unwrap().len(), 4);
    assert_eq!(incident["domains"][0]["name"], "example.com");
}

#[test]
fn a_wave_of_spam_that_a_rule_refuses_is_no_fault_of_the_rule() {
    let mut log = Log::ordinary(3);
    let (from, until) = (20 * HOUR, 22 * HOUR);
    let refusal = |n: i64, sender: &str| {
        format!(
            "NOQUEUE: reject: RCPT from unknown[198.51.100.{}]: 554 5.7.1 Service unavailable; Client host \
             [198.51.100.9] blocked using zen.spamhaus.org; from=<{sender}> to=<ann@example.com> proto=ESMTP \
             helo=<x>",
            n % 250
        )
    };
    for n in 0..360 {
        log.line(from + n * 20, "smtpd", &refusal(n, &format!("x{n}@example.org")));
    }
    only(&log.incidents(), "refused-wave", from, until);

    // The same refusals of people whose mail we took before.
    let mut log = Log::ordinary(3);
    for n in 0..60 {
        let sender = format!("friend{n}@example.org");
        let id = log.message(10 * HOUR + n * 120, &sender, None);
        log.removed(10 * HOUR + n * 120 + 2, &id);
        for again in 0..4 {
            log.line(from + n * 110 + again * 20, "smtpd", &refusal(n, &sender));
        }
    }
    only(&log.incidents(), "own-restriction", from, from + 6550);
}

#[test]
fn mailboxes_that_take_nothing_are_found() {
    let mut log = Log::ordinary(3);
    let (from, until) = (30 * HOUR, 31 * HOUR);
    for n in 0..60 {
        let id = log.message(from + n * 60, "carl@example.net", None);
        let text = format!(
            "{id}: to=<ann@example.com>, relay=none, delay=1, delays=0.1/0/0.9/0, dsn=4.4.1, status=deferred \
             (connect to mx1.example.com[private/dovecot-lmtp]: Connection refused)"
        );
        log.line(from + n * 60 + 1, "lmtp", &text);
    }
    only(&log.incidents(), "local-delivery-failure", from, until);
}

#[test]
fn no_way_out_to_anybody_is_one_incident() {
    let mut log = Log::ordinary(3);
    let (from, until) = (30 * HOUR, 31 * HOUR);
    for n in 0..90 {
        let (recipient, relay) = receiver(n);
        let id = log.message(from + n * 40, "ann@example.com", None);
        let outcome = format!(
            "dsn=4.4.1, status=deferred (connect to {relay}[203.0.113.5]:25: Network is unreachable)"
        );
        log.attempt(from + n * 40 + 1, &id, &recipient, "none", &outcome);
    }
    let incident = only(&log.incidents(), "network-failure", from, until);
    assert_eq!(incident["recipients"], 90);
}

#[test]
fn a_queue_that_only_grows_is_found_and_still_on() {
    let mut log = Log::ordinary(2);
    let (from, until) = (40 * HOUR, 40 * HOUR + 400 * 70);
    for n in 0..400 {
        log.message(from + n * 70, "ann@example.com", None);
    }
    let incident = only(&log.incidents(), "queue-growth", from, until);
    // To the step: ordinary mail comes and goes in the one where it begins.
    assert!(
        (395..=405).contains(&incident["waiting"].as_u64().unwrap()),
        "{}",
        incident["waiting"]
    );
    assert_eq!(incident["going_on"], true);
}

/// A login that sends into the void from many addresses.
fn stolen(log: &mut Log, from: i64) {
    for n in 0..200 {
        let at = from + n * 30;
        let client = format!("198.51.100.{}", n % 9);
        let id = log.message(at, "eve@example.com", Some(("eve@example.com", &client)));
        let (recipient, relay) = receiver(n);
        let outcome = if n % 2 == 0 { UNKNOWN } else { SENT };
        log.attempt(at + 1, &id, &recipient, &relay, outcome);
        log.removed(at + 2, &id);
    }
}

#[test]
fn a_stolen_login_is_told_with_its_clients_and_what_it_met_is_no_other_incident() {
    let mut log = Log::ordinary(3);
    let from = 26 * HOUR;
    stolen(&mut log, from);
    let incident = only(&log.incidents(), "hijacked-account", from, from + 6000);
    assert_eq!(incident["users"][0]["name"], "eve@example.com");
    assert!(incident["clients"].as_array().unwrap().len() >= 6, "{}", incident["clients"]);
    assert_eq!((&incident["messages"], &incident["bounced"]), (&200.into(), &100.into()));
    assert_eq!(incident["cause"], "recipient-unknown");
}

#[test]
fn the_report_shows_incidents_at_its_head_in_three_lines_each() {
    let mut log = Log::ordinary(3);
    stolen(&mut log, 26 * HOUR);
    let text = log.text();
    for (language, heading) in [("en", "WHAT WENT WRONG: 1 incident"), ("ru", "ЧТО СЛУЧИЛОСЬ: 1 ")]
    {
        let arguments = ["report", "--tz", "UTC", "--lang", language];
        let report = mailwhy(arguments).columns(120).stdin(text.as_str()).run().ok();
        let at = report.lines().position(|line| line.starts_with(heading)).expect(heading);
        assert!(at < 6, "{report}");
        let rest: Vec<&str> = report.lines().skip(at + 1).take_while(|l| !l.is_empty()).collect();
        assert!((3..=4).contains(&rest.len()), "{rest:#?}");
        assert!(rest[0].contains("eve@example.com"), "{rest:#?}");
    }
    let report = mailwhy(["report", "--tz", "UTC", "--format", "json"]).stdin(text).run().json();
    assert_eq!(report["incidents"][0]["kind"], "hijacked-account");
    assert_eq!(report["incidents_found"], 1);
}

#[test]
fn lines_fit_the_width_in_both_languages() {
    let mut log = Log::ordinary(3);
    stolen(&mut log, 26 * HOUR);
    let text = log.text();
    for language in ["en", "ru"] {
        for width in [80, 120] {
            let fixed = ["incidents", "--tz", "UTC", "--lang", language];
            let shown = mailwhy(fixed).columns(width).stdin(text.as_str()).run().ok();
            // Commands are never broken: they are to be copied.
            for line in shown.lines().filter(|line| !line.trim_start().starts_with("$ ")) {
                assert!(line.chars().count() <= width, "{language} {width}: {line}");
            }
        }
    }
}

#[test]
fn a_handful_of_lines_makes_no_incident() {
    for sample in samples().iter().filter(|sample| !sample.name.ends_with("outage.log")) {
        let shown = mailwhy(sample.arguments(&["incidents", "--format", "ndjson"])).run();
        assert_eq!((shown.stdout.as_str(), shown.code), ("", Some(0)), "{}", sample.name);
    }
    let nothing = run("", &[]);
    assert_eq!(nothing.code, Some(0), "{}", nothing.stderr);
}

#[test]
fn the_result_does_not_depend_on_threads_or_chunks() {
    let mut log = Log::ordinary(3);
    stolen(&mut log, 26 * HOUR);
    let text = log.text();
    let want = run(&text, &["--format", "json", "-j", "1"]).ok();
    for arguments in [["-j", "4"], ["--chunk-size", "997"]] {
        let got = run(&text, &[&["--format", "json"][..], &arguments].concat()).ok();
        assert_eq!(got, want, "{arguments:?}");
    }
}

#[test]
fn hostile_names_are_cut_and_shown_harmless() {
    let mut log = Log::ordinary(3);
    let name = format!("\u{202e}evil\u{1b}[31m{}", "x".repeat(3000));
    for n in 0..300 {
        log.line(
            20 * HOUR + n * 20,
            "smtpd",
            &format!(
                "warning: unknown[198.51.100.7]: SASL LOGIN authentication failed: \u{202e}no, \
                 sasl_username={name}{}",
                n % 3
            ),
        );
    }
    let text = log.text();
    for format in ["text", "json", "ndjson"] {
        let shown = run(&text, &["--format", format]).ok();
        assert!(!shown.chars().any(acts_on_a_terminal), "{format}: {shown}");
        assert!(shown.len() < 20_000, "{format}: {} bytes", shown.len());
    }
    let incidents = run(&text, &["--format", "ndjson"]).json_lines();
    only(&incidents, "password-guessing", 20 * HOUR, 20 * HOUR + 6000);
}

#[test]
fn top_limits_what_is_shown_but_not_what_is_counted() {
    let mut log = Log::ordinary(3);
    stolen(&mut log, 26 * HOUR);
    for n in 0..120 {
        let text = "warning: TLS library problem: error:0A000415: sslv3 alert certificate expired";
        log.line(60 * HOUR + n * 120, "smtpd", text);
    }
    let text = log.text();
    let document = run(&text, &["--format", "json", "--top", "1"]).json();
    assert_eq!(document["incidents_found"], 2);
    assert_eq!(document["incidents"].as_array().unwrap().len(), 1);
    assert_eq!(document["incidents"][0]["kind"], "hijacked-account", "the most harmful one");
    assert_eq!(document["schema"], 1);
}

const GOOGLE: &str = "gmail-smtp-in.l.google.com";
const DOWN: &str = "dsn=4.3.0, status=deferred (host gmail-smtp-in.l.google.com[203.0.113.5] said: 451 4.3.0 Mail \
                    server temporarily rejected message. gsmtp (in reply to end of DATA command))";
const LIMITED: &str = "dsn=4.7.28, status=deferred (host gmail-smtp-in.l.google.com[203.0.113.5] said: 421-4.7.28 \
                       Gmail has detected an unusual rate of unsolicited mail. 421 4.7.28 mail has been temporarily \
                       rate limited (in reply to end of DATA command))";

/// Some hours of a day (after so many others), and what comes of mail to Google in them.
fn hours_of(day: i64, hours: std::ops::Range<i64>, google: &str) -> Log {
    let mut log = Log { lines: Vec::new(), ids: 5_000_000 + 10_000 * hours.start.cast_unsigned() };
    for n in hours.start * 30..hours.end * 30 {
        let at = day * 24 * HOUR + n * 120;
        let (recipient, relay) = receiver(n);
        if relay == GOOGLE && google != SENT {
            let id = log.message(at, "ann@example.com", Some(("ann@example.com", "192.0.2.20")));
            log.attempt(at + 1, &id, &recipient, &relay, google);
        } else {
            log.sent(at, &recipient, &relay, SENT);
        }
    }
    log
}

/// At nine Google limits us: every day.
fn limited_at_nine(log: &mut Log, days: std::ops::Range<i64>) {
    for n in days.start * 40..days.end * 40 {
        let at = n / 40 * 24 * HOUR + 9 * HOUR + n % 40 * 80;
        let id = log.message(at, "ann@example.com", None);
        let recipient = format!("r{n}@gmail.com");
        log.attempt(at + 1, &id, &recipient, GOOGLE, LIMITED);
        log.attempt(at + 4000, &id, &recipient, GOOGLE, SENT);
        log.removed(at + 4001, &id);
    }
}

fn in_folder(folder: &Scratch, arguments: &str) -> Ran {
    let fixed = ["--tz", "UTC", "--year", "2026"];
    let (command, rest) = arguments.split_once(' ').unwrap();
    let rest = rest.split_whitespace();
    mailwhy(std::iter::once(command).chain(fixed).chain(rest)).in_folder(folder).run()
}

#[test]
fn what_fills_the_whole_log_is_found_beside_a_baseline() {
    let folder = Scratch::of_test("incidents-baseline");
    folder.file("before.log", Log::ordinary(3).text());
    let day = hours_of(3, 0..24, DOWN);
    folder.file("day.log", day.text());
    // Two hours, which alone are no norm at all.
    folder.file("hours.log", hours_of(3, 5..7, DOWN).text());
    in_folder(&folder, "report --save saved --history history before.log").ok();
    let run =
        |more: &str| in_folder(&folder, &format!("incidents --format ndjson {more}")).json_lines();
    assert_eq!(run("day.log"), Vec::<Value>::new(), "the log knows nothing else");
    for baseline in ["saved", "history"] {
        for (log, from, until) in [("day.log", 72, 96), ("hours.log", 77, 79)] {
            let found = run(&format!("--baseline {baseline} {log}"));
            let incident = only(&found, "provider-outage", from * HOUR, until * HOUR);
            assert_eq!(incident["peer"], "google", "{baseline} {log}");
            assert_eq!(incident["going_on"], true, "{baseline} {log}");
            assert!(incident["usual"].as_f64().unwrap() < 10.0, "{incident}");
        }
    }
    // The report with the same history says it too.
    let report = in_folder(&folder, "report --format json --history history day.log").json();
    assert_eq!(report["incidents"][0]["kind"], "provider-outage");
}

#[test]
fn what_comes_every_day_is_no_incident_beside_a_baseline() {
    let folder = Scratch::of_test("incidents-habit");
    let mut log = Log::ordinary(3);
    limited_at_nine(&mut log, 0..3);
    folder.file("before.log", log.text());
    let mut log = Log::ordinary(4);
    limited_at_nine(&mut log, 3..4);
    log.lines.retain(|(at, _)| *at >= 3 * 24 * HOUR);
    folder.file("day.log", log.text());
    in_folder(&folder, "report --save saved before.log").ok();
    let run =
        |more: &str| in_folder(&folder, &format!("incidents --format ndjson {more}")).json_lines();
    only(&run("day.log"), "provider-throttling", 81 * HOUR, 82 * HOUR);
    assert_eq!(run("--baseline saved day.log"), Vec::<Value>::new());
}

#[test]
fn a_baseline_must_be_one_and_older_than_the_log() {
    let folder = Scratch::of_test("incidents-no-baseline");
    folder.file("mail.log", Log::ordinary(1).text());
    in_folder(&folder, "report --save saved mail.log").ok();
    for (baseline, said) in [
        ("saved", "tells nothing of the time before the log begins"),
        ("mail.log", "no history"),
        ("missing", "missing"),
    ] {
        let ran = in_folder(&folder, &format!("incidents --baseline {baseline} mail.log"));
        assert_eq!(ran.code, Some(2), "{baseline}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{baseline}: {}", ran.stderr);
    }
    assert!(folder.path.join("mail.log").exists() && !folder.path.join("missing").exists());
}

#[test]
fn with_a_state_only_what_is_new_is_read_and_what_was_before_is_the_baseline() {
    let folder = Scratch::of_test("incidents-state");
    let before = Log::ordinary(3).text();
    folder.file("mail.log", &before);
    let run = |more: &str| in_folder(&folder, &format!("incidents --state state {more} mail.log"));
    let found = |more: &str| run(&format!("--format ndjson {more}")).json_lines();
    assert_eq!(found(""), Vec::<Value>::new());
    let ordinary = hours_of(3, 0..1, SENT).text();
    folder.file("mail.log", format!("{before}{ordinary}"));
    assert_eq!(found(""), Vec::<Value>::new());
    // Two hours without Google: new lines alone are too few for a norm.
    let outage = hours_of(3, 1..3, DOWN).text();
    folder.file("mail.log", format!("{before}{ordinary}{outage}"));
    let incident = only(&found(""), "provider-outage", 73 * HOUR, 75 * HOUR);
    assert_eq!(incident["going_on"], true);
    assert_eq!(found(""), Vec::<Value>::new(), "nothing is new");
    let json = run("--format json").json();
    assert_eq!(json["input"]["lines"], 0);
    // The report has a state of its own, and filters are refused.
    let report = in_folder(&folder, "report --state state --format json mail.log").json();
    assert!(report["input"]["lines"].as_u64().unwrap() > 1000);
    let refused = run("--code 550");
    assert!(refused.code == Some(2) && refused.stderr.contains("leave one of them out"));
    let kept = folder.path.join("state/incidents.history");
    let kept = mailwhy([std::ffi::OsStr::new("history"), kept.as_os_str()]).run();
    assert_eq!(kept.code, Some(0), "{}", kept.stderr);
}

#[test]
fn a_run_that_nobody_could_read_is_repeated() {
    let folder = Scratch::of_test("incidents-state-lost");
    folder.file("mail.log", throttled(30 * HOUR, 33 * HOUR, "").text());
    let arguments = "incidents --state state --redact mail.log";
    let refused = in_folder(&folder, arguments);
    assert!(
        refused.code == Some(2) && refused.stderr.contains("needs a key"),
        "{}",
        refused.stderr
    );
    let run = || in_folder(&folder, "incidents --state state --format ndjson mail.log");
    assert_eq!(run().json_lines().len(), 1);
    assert_eq!(run().json_lines().len(), 0);
}

#[test]
fn a_table_that_cannot_be_asked_is_trouble_of_our_own() {
    let mut log = Log::ordinary(3);
    let (from, until) = (30 * HOUR, 32 * HOUR);
    for n in 0..120 {
        let at = from + n * 60;
        log.line(at, "trivial-rewrite", "warning: virtual_alias_domains: proxy:mysql:/etc/postfix/domains.cf: table lookup problem");
        log.line(
            at + 1,
            "smtpd",
            "NOQUEUE: reject: RCPT from mail.example.net[192.0.2.9]: 451 4.3.0 <ann@example.com>: Temporary lookup \
             failure; from=<carl@example.net> to=<ann@example.com> proto=ESMTP helo=<mail.example.net>",
        );
    }
    let incident = only(&log.incidents(), "own-trouble", from, until);
    assert_eq!(incident["party"], "own-admin");
}

#[test]
fn receivers_that_all_refuse_us_for_one_reason_are_one_incident() {
    let mut log = Log::ordinary(3);
    let (from, until) = (40 * HOUR, 46 * HOUR);
    for n in 0..72 {
        let at = from + n * 300;
        let site = n % 12;
        let text = format!(
            "dsn=5.7.26, status=bounced (host mx.site{site}.example.org[203.0.113.5] said: 550 5.7.26 Unauthenticated \
             email from example.com is not accepted due to domain's DMARC policy (in reply to end of DATA command))"
        );
        log.sent(
            at,
            &format!("u{n}@site{site}.example.org"),
            &format!("mx.site{site}.example.org"),
            &text,
        );
    }
    let incident = only(&log.incidents(), "refused-by-many", from, until);
    assert_eq!(incident["peers"].as_array().unwrap().len(), 8, "as many names as are kept");
    assert_eq!(incident["recipients"], 72);
}
