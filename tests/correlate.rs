//! Which lines are one message, and what became of each recipient: composed logs against the report's JSON.

use crate::support::{Scratch, count, fate, mailwhy};
use serde_json::Value;

/// Lines as Postfix writes them, a second apart. Each is `daemon: text`.
fn postfix(lines: &[&str]) -> String {
    let line = |(second, line): (usize, &&str)| {
        let (daemon, text) = line.split_once(": ").unwrap();
        let (minute, second) = (second / 60, second % 60);
        format!("Jan  5 10:{minute:02}:{second:02} mx1 postfix/{daemon}[811]: {text}\n")
    };
    lines.iter().enumerate().map(line).collect()
}

/// Lines of Exim's main log, a second apart.
fn exim(lines: &[&str]) -> String {
    let line = |(second, line): (usize, &&str)| format!("2026-01-05 10:00:{second:02} {line}\n");
    lines.iter().enumerate().map(line).collect()
}

fn report_of(text: &str) -> Value {
    mailwhy("report --format json --tz UTC --year 2026".split(' ')).stdin(text).run().json()
}

/// Asserts on a report: `mail.delivered=2` is a fate, everything else a path of names.
fn assert_counts(case: &str, report: &Value, wanted: &str) {
    for want in wanted.split_whitespace() {
        let (path, number) = want.split_once('=').unwrap();
        let (section, name) = path.split_once('.').unwrap_or((path, ""));
        let direct = format!("/{}", path.replace('.', "/"));
        let got =
            if matches!(section, "mail" | "notifications") && report.pointer(&direct).is_none() {
                fate(report, section, name)
            } else {
                count(report, &direct)
            };
        assert_eq!(got.to_string(), number, "{case}: {path} in {report:#}");
    }
}

fn assert_cases(cases: &[(&str, String, &str)]) {
    for (case, text, wanted) in cases {
        assert_counts(case, &report_of(text), wanted);
    }
}

/// What Postfix writes when a message comes in.
fn arrival(id: &str, sender: &str, recipients: usize) -> [String; 3] {
    [
        format!("smtpd: {id}: client=mail.example.net[192.0.2.10]"),
        format!("cleanup: {id}: message-id=<1@example.net>"),
        format!("qmgr: {id}: from=<{sender}>, size=1000, nrcpt={recipients} (queue active)"),
    ]
}

const SENT: &str = "relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 7D1F2A33C0)";
const DEFERRED: &str = "relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=4.7.1, status=deferred (host mx.example.com[198.51.100.25] said: 450 4.7.1 Greylisted (in reply to RCPT TO command))";
const BOUNCED: &str = "relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=5.1.1, status=bounced (host mx.example.com[198.51.100.25] said: 550 5.1.1 User unknown (in reply to RCPT TO command))";

/// Lines of a story: those of `arrival` and others, in order.
macro_rules! story {
    ($($part:expr),* $(,)?) => {{
        let mut lines = Vec::<String>::new();
        $(lines.extend($part.lines());)*
        postfix(&lines.iter().map(String::as_str).collect::<Vec<_>>())
    }};
}

/// Something that gives lines.
trait Lines {
    fn lines(&self) -> Vec<String>;
}
impl Lines for [String; 3] {
    fn lines(&self) -> Vec<String> {
        self.to_vec()
    }
}
impl Lines for String {
    fn lines(&self) -> Vec<String> {
        vec![self.clone()]
    }
}
impl Lines for &str {
    fn lines(&self) -> Vec<String> {
        vec![(*self).to_owned()]
    }
}

/// A bounce of Postfix's own: no client brings it.
fn bounce_of(id: &str) -> [String; 3] {
    [
        format!("cleanup: {id}: message-id=<20260105.{id}@mx1.example.org>"),
        format!("bounce: 7F40516273: sender non-delivery notification: {id}"),
        format!("qmgr: {id}: from=<>, size=3000, nrcpt=1 (queue active)"),
    ]
}

/// The hand-over of `id` to a content filter that brought it back as `child`.
fn handed(id: &str, to: &str, child: &str) -> String {
    format!(
        "smtp: {id}: to=<{to}>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.9, delays=0.2/0/0/0.7, dsn=2.0.0, \
         status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as {child})"
    )
}

fn to(id: &str, to: &str, rest: &str) -> String {
    format!("smtp: {id}: to=<{to}>, {rest}")
}

fn removed(id: &str) -> String {
    format!("qmgr: {id}: removed")
}

#[test]
fn a_content_filter_makes_no_second_mail() {
    let (a, b, c) = ("4C1D2E3F40", "5D2E3F4051", "6E3F405162");
    let (ann, bob) = ("ann@example.com", "bob@example.com");
    let one_mail = "mail.messages=1 mail.recipients=1 mail.delivered=1 reinjected=1 lines.attempts=2 \
         lines.handed_over=1 lines.received=2 mail.without_end=0 mail.began_before=0";
    assert_cases(&[
        (
            "filter before the answer",
            story![
                arrival(a, "s@example.net", 1),
                arrival(b, "s@example.net", 1),
                handed(a, ann, b),
                removed(a),
                to(b, ann, SENT),
                removed(b)
            ],
            one_mail,
        ),
        (
            "the filter's answer is logged when the mail has gone already",
            story![
                arrival(a, "s@example.net", 1),
                arrival(b, "s@example.net", 1),
                to(b, ann, SENT),
                removed(b),
                handed(a, ann, b),
                removed(a)
            ],
            one_mail,
        ),
        (
            "two recipients, one message back",
            story![
                arrival(a, "s@example.net", 2),
                arrival(b, "s@example.net", 2),
                handed(a, ann, b),
                handed(a, bob, b),
                removed(a),
                to(b, ann, SENT),
                to(b, bob, BOUNCED),
                removed(b)
            ],
            "mail.messages=1 mail.recipients=2 mail.delivered=1 mail.bounced=1 reinjected=1 lines.handed_over=2",
        ),
        (
            "two recipients, two messages back",
            story![
                arrival(a, "s@example.net", 2),
                arrival(b, "s@example.net", 1),
                arrival(c, "s@example.net", 1),
                handed(a, ann, b),
                handed(a, bob, c),
                removed(a),
                to(b, ann, SENT),
                removed(b),
                to(c, bob, DEFERRED)
            ],
            "mail.messages=1 mail.recipients=2 mail.delivered=1 mail.queued=1 reinjected=2 lines.received=3",
        ),
        (
            "deferred at the filter first",
            story![
                arrival(a, "s@example.net", 1),
                to(
                    a,
                    ann,
                    "relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (connect to 127.0.0.1[127.0.0.1]:10024: Connection refused)"
                ),
                arrival(b, "s@example.net", 1),
                handed(a, ann, b),
                removed(a),
                to(b, ann, SENT),
                removed(b)
            ],
            "mail.messages=1 mail.recipients=1 mail.delivered=1 mail.delivered_after_deferral=1 mail.ever_deferred=1",
        ),
        (
            "the next server's queue id is no message of ours",
            story![arrival(a, "s@example.net", 1), to(a, ann, SENT), removed(a)],
            "mail.messages=1 mail.recipients=1 mail.delivered=1 reinjected=0 lines.handed_over=0",
        ),
    ]);
    let forwarded = |id: &str, child: &str| {
        format!(
            "local: {id}: to=<ann@mx1.example.net>, relay=local, delay=0.1, delays=0/0/0/0.1, \
             dsn=2.0.0, status=sent (forwarded as {child})"
        )
    };
    assert_cases(&[(
        "an alias to another server",
        story![
            arrival(a, "s@example.net", 1),
            format!("cleanup: {b}: message-id=<1@example.net>"),
            format!("qmgr: {b}: from=<s@example.net>, size=1100, nrcpt=1 (queue active)"),
            forwarded(a, b),
            removed(a),
            to(b, ann, SENT),
            removed(b)
        ],
        one_mail,
    )]);
    // Two instances on one host.
    let text = story![
        arrival(a, "s@example.net", 1),
        arrival(b, "s@example.net", 1),
        handed(a, ann, b),
        removed(a),
        to(b, ann, SENT),
        removed(b)
    ];
    let of_b = |line: &str| line.contains(&format!("]: {b}: "));
    let text: String =
        text.split_inclusive('\n')
            .map(|line| {
                if of_b(line) {
                    line.replace(" postfix/", " postfix-out/")
                } else {
                    line.to_owned()
                }
            })
            .collect();
    assert_counts("the filter hands to another instance", &report_of(&text), one_mail);
}

#[test]
fn notifications_are_told_from_mail() {
    let (a, b, c) = ("4C1D2E3F40", "5D2E3F4051", "6E3F405162");
    let born = |id: &str| format!("cleanup: {id}: message-id=<{id}@mx1.example.net>");
    let dsn = |parent: &str, id: &str| {
        format!("bounce: {parent}: sender non-delivery notification: {id}")
    };
    let queued = |id: &str| format!("qmgr: {id}: from=<>, size=3000, nrcpt=1 (queue active)");
    let bounce = |rest: &dyn Fn() -> String| rest();
    assert_cases(&[
        (
            "a bounce and its notification",
            story![
                arrival(a, "s@example.net", 1),
                to(a, "x@example.com", BOUNCED),
                born(b),
                dsn(a, b),
                queued(b),
                removed(a),
                to(b, "s@example.net", SENT),
                removed(b)
            ],
            "mail.messages=1 mail.recipients=1 mail.bounced=1 notifications.messages=1 notifications.recipients=1 \
             notifications.delivered=1 lines.received=2 lines.attempts=2",
        ),
        (
            "the notification bounces: the postmaster gets one about it",
            story![
                arrival(a, "s@example.net", 1),
                to(a, "x@example.com", BOUNCED),
                born(b),
                dsn(a, b),
                queued(b),
                removed(a),
                to(b, "s@example.net", BOUNCED),
                born(c),
                bounce(&|| format!("bounce: {b}: postmaster non-delivery notification: {c}")),
                format!(
                    "qmgr: {c}: from=<double-bounce@mx1.example.net>, size=3000, nrcpt=1 (queue active)"
                ),
                removed(b),
                to(c, "postmaster@example.net", SENT),
                removed(c)
            ],
            "mail.messages=1 mail.recipients=1 mail.bounced=1 notifications.messages=2 notifications.recipients=2 \
             notifications.delivered=1 notifications.bounced=1",
        ),
        (
            "a warning that mail is late",
            story![
                arrival(a, "s@example.net", 1),
                to(a, "x@example.com", DEFERRED),
                born(b),
                bounce(&|| format!("bounce: {a}: sender delay notification: {b}")),
                queued(b),
                to(b, "s@example.net", SENT),
                removed(b)
            ],
            "mail.messages=1 mail.queued=1 notifications.messages=1 notifications.delivered=1",
        ),
        (
            "Exim: a bounce message",
            exim(&[
                "1tUAbc-0000xY-3c <= s@example.net H=mail.example.net [192.0.2.10] P=esmtp S=500 id=1@example.net",
                "1tUAbc-0000xY-3c ** x@example.com R=dnslookup T=remote_smtp H=mx.example.com [198.51.100.25]: SMTP error from remote mail server after RCPT TO:<x@example.com>: 550 5.1.1 User unknown",
                "1tUAbd-0000xZ-4d <= <> R=1tUAbc-0000xY-3c U=Debian-exim P=local S=1800",
                "1tUAbc-0000xY-3c Completed",
                "1tUAbd-0000xZ-4d => s@example.net R=dnslookup T=remote_smtp H=mail.example.net [192.0.2.10] C=\"250 OK\"",
                "1tUAbd-0000xZ-4d Completed",
            ]),
            "mail.messages=1 mail.recipients=1 mail.bounced=1 notifications.messages=1 notifications.delivered=1 lines.received=2",
        ),
        (
            "mail from others with the null sender is mail",
            story![arrival(a, "", 1), to(a, "x@example.com", SENT), removed(a)],
            "mail.messages=1 mail.delivered=1 notifications.messages=0",
        ),
    ]);
}

#[test]
fn queue_ids_come_again_and_logs_begin_and_end_somewhere() {
    let (a, x) = ("4C1D2E3F40", "x@example.com");
    assert_cases(&[
        (
            "a short queue id is used again after the end",
            story![
                arrival(a, "s@example.net", 1),
                to(a, x, SENT),
                removed(a),
                arrival(a, "s@example.net", 1),
                to(a, x, BOUNCED),
                removed(a)
            ],
            "mail.messages=2 mail.recipients=2 mail.delivered=1 mail.bounced=1 lost_track=0",
        ),
        (
            "the end of the first one was not logged",
            story![
                arrival(a, "s@example.net", 1),
                to(a, x, DEFERRED),
                arrival(a, "s@example.net", 1),
                to(a, x, SENT),
                removed(a)
            ],
            "mail.messages=2 mail.recipients=2 mail.delivered=1 mail.unknown=1 lost_track=1",
        ),
        (
            "the end of the first one was not logged, and a bounce has its queue id",
            story![
                arrival(a, "s@example.net", 1),
                to(a, x, DEFERRED),
                bounce_of(a),
                to(a, "s@example.net", SENT),
                removed(a)
            ],
            "mail.messages=1 mail.unknown=1 lost_track=1 notifications.messages=1 \
             notifications.delivered=1 lines.received=2 lines.closed=1",
        ),
        (
            "it came before the log, and a bounce has its queue id",
            story![
                format!("qmgr: {a}: from=<s@example.net>, size=1000, nrcpt=1 (queue active)"),
                to(a, x, DEFERRED),
                bounce_of(a),
                to(a, "s@example.net", SENT),
                removed(a)
            ],
            "mail.messages=1 mail.began_before=1 mail.unknown=1 lost_track=1 notifications.messages=1 \
             notifications.delivered=1 lines.received=1",
        ),
        (
            "one message: a header that it has twice, and a line that others overtook",
            {
                let [client, id, active] = arrival(a, "s@example.net", 1);
                story![client, id.clone(), id, active, to(a, x, SENT), removed(a)]
            } + &{
                let [client, id, active] = arrival("5D2E3F4051", "s@example.net", 1);
                story![client, active, id, to("5D2E3F4051", x, SENT), removed("5D2E3F4051")]
            },
            "mail.messages=2 mail.recipients=2 mail.delivered=2 lost_track=0 lines.received=2",
        ),
        (
            "begun before the log",
            story![to(a, x, SENT), removed(a)],
            "mail.messages=1 mail.recipients=1 mail.delivered=1 mail.began_before=1 mail.without_end=0 lines.received=0",
        ),
        (
            "without an end in the log",
            story![arrival(a, "s@example.net", 1), to(a, x, DEFERRED)],
            "mail.messages=1 mail.queued=1 mail.began_before=0 mail.without_end=1 lines.closed=0",
        ),
        (
            "queued and not tried yet",
            story![arrival(a, "s@example.net", 3), to(a, x, DEFERRED)],
            "mail.messages=1 mail.recipients=3 mail.queued=3 mail.ever_deferred=1",
        ),
        (
            "the same queue id on two hosts",
            story![arrival(a, "s@example.net", 1), to(a, x, SENT)]
                + &story![arrival(a, "s@example.net", 1), to(a, x, DEFERRED)]
                    .replace(" mx1 ", " mx2 "),
            "mail.messages=2 mail.delivered=1 mail.queued=1 lost_track=0",
        ),
        (
            "deferred, then delivered",
            story![
                arrival(a, "s@example.net", 1),
                to(a, x, DEFERRED),
                to(a, x, DEFERRED),
                to(a, x, SENT),
                removed(a)
            ],
            "mail.messages=1 mail.recipients=1 mail.delivered=1 mail.delivered_after_deferral=1 mail.ever_deferred=1 \
             lines.attempts=3 lines.attempts_by_status.deferred=2",
        ),
    ]);
}

#[test]
fn lines_about_a_whole_message_settle_its_recipients() {
    let (a, x, y) = ("4C1D2E3F40", "x@example.com", "y@example.com");
    let expired = format!("qmgr: {a}: from=<s@example.net>, status=expired, returned to sender");
    let forced =
        format!("qmgr: {a}: from=<s@example.net>, status=force-expired, returned to sender");
    assert_cases(&[
        (
            "expired: those that are still open",
            story![
                arrival(a, "s@example.net", 2),
                to(a, x, SENT),
                to(a, y, DEFERRED),
                expired,
                removed(a)
            ],
            "mail.messages=1 mail.recipients=2 mail.delivered=1 mail.expired=1 mail.after_queue_lifetime=1 \
             lines.attempts=2 lines.attempts_by_status.deferred=1",
        ),
        (
            "expired by hand",
            story![arrival(a, "s@example.net", 1), to(a, y, DEFERRED), forced, removed(a)],
            "mail.messages=1 mail.recipients=1 mail.expired=1",
        ),
        (
            "put on hold",
            story![
                arrival(a, "s@example.net", 1),
                to(a, y, DEFERRED),
                format!("postsuper: {a}: placed on hold")
            ],
            "mail.messages=1 mail.recipients=1 mail.held=1 mail.queued=0",
        ),
        (
            "held at the door, no attempt yet",
            story![
                format!("smtpd: {a}: client=mail.example.net[192.0.2.10]"),
                format!(
                    "cleanup: {a}: hold: header Subject: x from mail.example.net[192.0.2.10]; from=<s@example.net> to=<x@example.com> proto=ESMTP helo=<mail.example.net>: look at it"
                ),
                format!("cleanup: {a}: message-id=<1@example.net>")
            ],
            "mail.messages=1 mail.recipients=1 mail.held=1",
        ),
        (
            "released and delivered",
            story![
                arrival(a, "s@example.net", 1),
                to(a, y, DEFERRED),
                format!("postsuper: {a}: placed on hold"),
                format!("postsuper: {a}: released from hold"),
                to(a, y, SENT),
                removed(a)
            ],
            "mail.messages=1 mail.recipients=1 mail.delivered=1 mail.held=0",
        ),
        (
            "removed by hand",
            story![
                arrival(a, "s@example.net", 1),
                to(a, y, DEFERRED),
                format!("postsuper: {a}: removed")
            ],
            "mail.messages=1 mail.recipients=1 mail.removed=1 mail.queued=0 mail.without_end=0 lines.closed=0",
        ),
        (
            "Exim: frozen, thawed, delivered",
            exim(&[
                "1tUAbc-0000xY-3c <= s@example.net H=mail.example.net [192.0.2.10] P=esmtp S=500",
                "1tUAbc-0000xY-3c == x@example.com R=dnslookup T=remote_smtp defer (111): Connection refused",
                "1tUAbc-0000xY-3c Message is frozen",
                "1tUAbe-0000xA-5e <= s@example.net H=mail.example.net [192.0.2.10] P=esmtp S=500",
                "1tUAbe-0000xA-5e == y@example.com R=dnslookup T=remote_smtp defer (111): Connection refused",
                "1tUAbe-0000xA-5e frozen by ann",
                "1tUAbe-0000xA-5e Unfrozen by ann",
                "1tUAbe-0000xA-5e => y@example.com R=dnslookup T=remote_smtp H=mx.example.com [198.51.100.25] C=\"250 OK\"",
                "1tUAbe-0000xA-5e Completed",
            ]),
            "mail.messages=2 mail.recipients=2 mail.held=1 mail.delivered=1",
        ),
        (
            "Exim: removed by hand",
            exim(&[
                "1tUAbc-0000xY-3c <= s@example.net H=mail.example.net [192.0.2.10] P=esmtp S=500",
                "1tUAbc-0000xY-3c == x@example.com R=dnslookup T=remote_smtp defer (111): Connection refused",
                "1tUAbc-0000xY-3c removed by ann",
                "1tUAbc-0000xY-3c Completed",
            ]),
            "mail.messages=1 mail.recipients=1 mail.removed=1 mail.queued=0",
        ),
        (
            "Exim: the retry time ended",
            exim(&[
                "1tUAbc-0000xY-3c <= s@example.net H=mail.example.net [192.0.2.10] P=esmtp S=500",
                "1tUAbc-0000xY-3c == x@example.com R=dnslookup T=remote_smtp defer (111): Connection refused",
                "1tUAbc-0000xY-3c ** x@example.com: retry timeout exceeded",
                "1tUAbc-0000xY-3c Completed",
            ]),
            "mail.messages=1 mail.recipients=1 mail.expired=1 lines.attempts_by_status.bounced=1",
        ),
    ]);
}

#[test]
fn what_is_no_delivery_and_no_bounce_is_counted_as_neither() {
    let (a, x) = ("4C1D2E3F40", "x@example.com");
    let nothing = "lines.attempts_by_status.bounced=0 lines.attempts_by_status.delivered=0 mail.bounced=0 mail.delivered=0";
    let probe = |status: &str| {
        to(
            a,
            x,
            &format!(
                "relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=2.1.5, status={status} (250 2.1.5 Ok)"
            ),
        )
    };
    assert_cases(&[
        (
            "SOFTBOUNCE keeps the mail",
            story![
                arrival(a, "s@example.net", 1),
                to(a, x, &BOUNCED.replace("=bounced", "=SOFTBOUNCE"))
            ],
            "mail.messages=1 mail.queued=1 mail.bounced=0 lines.attempts=1 lines.attempts_by_status.bounced=0",
        ),
        (
            "a restriction in warning mode",
            postfix(&[
                "smtpd: NOQUEUE: reject_warning: RCPT from mail.example.net[192.0.2.10]: 554 5.7.1 <x@example.com>: Relay access denied; from=<s@example.net> to=<x@example.com> proto=ESMTP helo=<mail.example.net>",
            ]),
            "mail.messages=0 lines.attempts=0 lines.rejects=0 lines.other_events.reject-warning=1",
        ),
        ("a probe, deliverable", story![probe("deliverable")], nothing),
        ("a probe, undeliverable", story![probe("undeliverable")], nothing),
        (
            "probes are no attempts",
            story![probe("deliverable")],
            "lines.attempts=0 lines.other_events.probe=1",
        ),
        (
            "a probe with its whole story leaves no mail",
            story![
                format!("cleanup: {a}: message-id=<{a}@mx1.example.net>"),
                format!(
                    "qmgr: {a}: from=<double-bounce@mx1.example.net>, size=250, nrcpt=1 (queue active)"
                ),
                probe("deliverable"),
                removed(a)
            ],
            "mail.recipients=0 mail.delivered=0 lines.attempts=0",
        ),
        (
            "Exim: not tried before its time",
            exim(&[
                "1tUAbc-0000xY-3c == x@example.com R=dnslookup T=remote_smtp defer (-54): retry time not reached for any host for 'example.com'",
            ]),
            "lines.attempts=0 lines.postponed=1 mail.messages=1 mail.queued=1",
        ),
        (
            "thrown away on purpose",
            story![
                arrival(a, "s@example.net", 1),
                format!(
                    "cleanup: {a}: discard: header Subject: x from mail.example.net[192.0.2.10]; from=<s@example.net> to=<x@example.com> proto=ESMTP helo=<mail.example.net>"
                )
            ],
            "mail.recipients=1 mail.discarded=1 mail.delivered=0 lines.attempts=0",
        ),
    ]);
}

#[test]
fn a_refusal_at_the_end_of_data_leaves_no_message() {
    let a = "4C1D2E3F40";
    assert_cases(&[
        (
            "a milter",
            story![
                format!("smtpd: {a}: client=mail.example.net[192.0.2.10]"),
                format!("cleanup: {a}: message-id=<1@example.net>"),
                format!(
                    "cleanup: {a}: milter-reject: END-OF-MESSAGE from mail.example.net[192.0.2.10]: 5.7.1 Spam; from=<s@example.net> to=<x@example.com> proto=ESMTP helo=<mail.example.net>"
                )
            ],
            "mail.messages=0 mail.recipients=0 incomplete=1 lines.rejects=1 lines.received=0",
        ),
        (
            "a header check",
            story![
                format!("smtpd: {a}: client=mail.example.net[192.0.2.10]"),
                format!("cleanup: {a}: message-id=<1@example.net>"),
                format!(
                    "cleanup: {a}: reject: header Subject: x from mail.example.net[192.0.2.10]; from=<s@example.net> to=<x@example.com> proto=ESMTP helo=<mail.example.net>: 5.7.1 no"
                )
            ],
            "mail.messages=0 mail.recipients=0 incomplete=1 lines.rejects=1",
        ),
        (
            "one recipient refused, the other accepted",
            story![
                format!("smtpd: {a}: client=mail.example.net[192.0.2.10]"),
                format!(
                    "smtpd: {a}: reject: RCPT from mail.example.net[192.0.2.10]: 550 5.1.1 <no@example.com>: Recipient address rejected: User unknown; from=<s@example.net> to=<no@example.com> proto=ESMTP helo=<mail.example.net>"
                ),
                format!("cleanup: {a}: message-id=<1@example.net>"),
                format!("qmgr: {a}: from=<s@example.net>, size=1000, nrcpt=1 (queue active)"),
                to(a, "x@example.com", SENT),
                removed(a)
            ],
            "mail.messages=1 mail.recipients=1 mail.delivered=1 incomplete=0 lines.rejects=1",
        ),
        (
            "Exim: after DATA",
            exim(&[
                "1tUAbc-0000xY-3c H=mail.example.net [192.0.2.10] F=<s@example.net> rejected after DATA: 550 5.7.1 spam",
            ]),
            "mail.messages=0 incomplete=1 lines.rejects=1",
        ),
    ]);
}

#[test]
fn what_is_logged_twice_is_counted_once() {
    let folder = Scratch::of_test("correlate-twice");
    let refused = exim(&[
        "H=mail.example.net [192.0.2.10] F=<s@example.net> rejected RCPT <x@example.com>: relay not permitted",
        "H=mail.example.net [192.0.2.11] F=<s@example.net> temporarily rejected RCPT <x@example.com>: greylisted",
    ]);
    let accepted =
        exim(&["1tUAbc-0000xY-3c <= s@example.net H=mail.example.net [192.0.2.10] P=esmtp S=500"]);
    folder.file("mainlog", format!("{refused}{accepted}"));
    folder.file("rejectlog", &refused);
    let report = |names: &str| {
        let arguments = format!("report --format json --tz UTC {names}");
        mailwhy(arguments.split(' ')).in_folder(&folder).run().json()
    };
    for names in ["mainlog", "rejectlog", "mainlog rejectlog", "rejectlog mainlog"] {
        assert_counts(names, &report(names), "lines.rejects=2");
    }
    assert_counts("both", &report("mainlog rejectlog"), "input.duplicates=2 lines.received=1");
    let arguments = ["events", "--tz", "UTC", "mainlog", "rejectlog"];
    let events = mailwhy(arguments).in_folder(&folder).run().json_lines();
    let duplicates: Vec<_> = events.iter().map(|event| event["duplicate"] == true).collect();
    assert_eq!(duplicates, [false, false, true, true], "events lists both and marks the copy");

    let syslog = |line: &str| format!("Jan  5 10:00:00 mx1 exim[815]: {line}\n");
    let line = syslog(
        "2026-01-05 10:00:00 H=mail.example.net [192.0.2.10] F=<s@example.net> rejected RCPT <x@example.com>: relay not permitted",
    );
    assert_counts(
        "twice in syslog",
        &report_of(&line.repeat(2)),
        "lines.rejects=1 input.duplicates=1",
    );
}

#[test]
fn repeated_messages_count_as_often_as_they_came() {
    let refused = "NOQUEUE: reject: RCPT from mail.example.net[192.0.2.10]: 554 5.7.1 <x@example.com>: Relay access denied; from=<s@example.net> to=<x@example.com> proto=ESMTP helo=<mail.example.net>";
    let line = |text: &str| format!("Jan  5 10:00:00 mx1 postfix/smtpd[811]: {text}\n");
    let repeated = line(&format!("message repeated 4 times: [ {refused}]"));
    let last = "Jan  5 10:00:01 mx1 last message repeated 2 times\n";
    for (case, text, rejects) in [
        ("once", line(refused), 1),
        ("rsyslog's form", line(refused) + &repeated, 5),
        ("the old form", line(refused) + last, 3),
        (
            "the old form behind a quiet line",
            line(refused) + &line("disconnect from mail.example.net[192.0.2.10]") + last,
            1,
        ),
        ("the old form of another host", line(refused) + &last.replace("mx1", "mx2"), 1),
    ] {
        let wanted = format!("lines.rejects={rejects} lines.rejects_by_reply_code.554={rejects}");
        assert_counts(case, &report_of(&text), &wanted);
    }
}

#[test]
fn the_last_cause_of_what_was_given_up_is_counted_once() {
    let story = |end: &str| {
        report_of(&exim(&[
            "1tUAbc-0000xY-3c <= s@example.net H=mail.example.net [192.0.2.10] P=esmtp S=500",
            "1tUAbc-0000xY-3c == x@example.com R=local T=dovecot defer (-22): mailbox is full",
            &format!("1tUAbc-0000xY-3c ** x@example.com R=local T=dovecot: {end}"),
            "1tUAbc-0000xY-3c Completed",
        ]))
    };
    // Exim names it behind what it gave up, or leaves it to the reader to look for it.
    for end in ["mailbox is full: retry timeout exceeded", "retry timeout exceeded"] {
        let report = story(end);
        let rows = report["local"]["causes"].as_array().unwrap();
        let expired = rows.iter().find(|row| row["cause"] == "expired").unwrap();
        let details = expired["details"].as_array().unwrap();
        assert_eq!(details.len(), 1, "{end}: {details:?}");
        assert_eq!(
            (&details[0]["detail"], &details[0]["lines"]),
            (&"mailbox-full".into(), &1.into())
        );
    }
}
