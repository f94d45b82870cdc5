//! What is selected, on lines composed here.

use super::{Filter, Filtering, Terms};
use crate::classify::Judge;
use crate::error::Error;
use crate::event::Content;
use crate::pipeline::{Options, run_reader};
use crate::record::{Record, Sink};
use crate::time::Zone;
use std::io::Cursor;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

const LOG: &str = "\
2026-01-05T10:00:00Z mx1 postfix/submission/smtpd[1]: 4C1D2E3F40: client=pc.example.com[192.0.2.10], sasl_username=ann
2026-01-05T10:00:00Z mx1 postfix/cleanup[2]: 4C1D2E3F40: message-id=<1@example.com>
2026-01-05T10:00:00Z mx1 postfix/qmgr[3]: 4C1D2E3F40: from=<ann@example.com>, size=700, nrcpt=2 (queue active)
2026-01-05T10:00:01Z mx1 postfix/smtp[4]: 4C1D2E3F40: to=<bob@example.net>, relay=mx.example.net[198.51.100.1]:25, delay=1, delays=0/0/0.5/0.5, dsn=4.2.2, status=deferred (host mx.example.net[198.51.100.1] said: 452 4.2.2 mailbox full (in reply to RCPT TO command))
2026-01-05T10:00:02Z mx1 postfix/smtp[5]: 4C1D2E3F40: to=<eve@example.org>, relay=mx.example.org[198.51.100.2]:25, delay=2, delays=0/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as XY)
2026-01-05T11:00:00Z mx2 postfix/smtpd[6]: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 550 5.1.1 <no@example.com>: Recipient address rejected: User unknown in local recipient table; from=<spam@example.net> to=<no@example.com> proto=ESMTP helo=<x>
";

/// The line numbers of the events and notes that a filter selects.
struct Selected(Vec<u64>, Vec<u64>);

impl Sink for Selected {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        if record.selected {
            match record.content {
                Content::Event(_) => self.0.push(record.at.line),
                _ => self.1.push(record.at.line),
            }
        }
        ControlFlow::Continue(())
    }
}

fn terms(typed: &str) -> Terms {
    let mut terms = Terms::default();
    for option in typed.split("--").filter(|option| !option.is_empty()) {
        let (name, value) = option.trim().split_once(' ').unwrap();
        let value = value.trim().to_owned();
        match name {
            "since" => terms.since = Some(value),
            "until" => terms.until = Some(value),
            "code" => terms.code.push(value),
            "class" => terms.class.push(value),
            "cause" => terms.cause.push(value),
            "party" => terms.party.push(value),
            "direction" => terms.direction.push(value),
            "disposition" => terms.disposition.push(value),
            "sender" => terms.sender.push(value),
            "recipient" => terms.recipient.push(value),
            "domain" => terms.domain.push(value),
            "provider" => terms.provider.push(value),
            "client" => terms.client.push(value),
            "host" => terms.host.push(value),
            "user" => terms.user.push(value),
            "queue-id" => terms.queue_id.push(value),
            other => panic!("{other}"),
        }
    }
    terms
}

fn filter(typed: &str) -> Result<Option<Filter>, Error> {
    Filter::parse(&terms(typed), Zone::utc(), 1_767_700_000)
}

fn selected(typed: &str) -> (Vec<u64>, Vec<u64>) {
    let options = Options { threads: NonZeroUsize::MIN, zone: Zone::utc(), ..Options::default() };
    let mut sink = Selected(Vec::new(), Vec::new());
    let filter = filter(typed).unwrap().unwrap();
    let mut filtering = Filtering::new(filter, Judge::builtin(), &mut sink);
    run_reader("-", Cursor::new(LOG), &options, &mut filtering);
    (sink.0, sink.1)
}

#[test]
fn each_option_selects_its_lines() {
    for (typed, events, notes) in [
        ("--code 452", &[4][..], &[][..]),
        ("--code 4xx --code 5xx", &[4, 6], &[]),
        ("--code 5.1.1", &[6], &[]),
        ("--code 4.2.x", &[4], &[]),
        ("--code 4*", &[4], &[]),
        ("--class 2", &[5], &[]),
        ("--class !2", &[4, 6], &[]),
        ("--cause mailbox-full", &[4], &[]),
        ("--cause mailbox-*", &[4], &[]),
        ("--cause !mailbox-full", &[5, 6], &[]),
        ("--party recipient", &[4], &[]),
        ("--direction inbound", &[6], &[]),
        ("--disposition deferred", &[4], &[]),
        // The sender of the message, from another line; also lines about the message.
        ("--sender ann@example.com", &[4, 5], &[3]),
        ("--sender *@example.net", &[6], &[]),
        ("--sender !ann@*", &[6], &[]),
        ("--user ann", &[4, 5], &[3]),
        ("--user !ann", &[6], &[]),
        ("--client 192.0.2.0/24", &[4, 5], &[3]),
        ("--client *.example.com", &[4, 5], &[3]),
        ("--client 203.0.113.9", &[6], &[]),
        ("--client !192.0.2.10 --client !203.0.113.0/24", &[], &[]),
        ("--recipient BOB@example.net", &[4], &[]),
        ("--domain example.net", &[4], &[]),
        ("--domain example.net --domain example.org", &[4, 5], &[]),
        ("--domain *.net --domain !example.net", &[], &[]),
        ("--host mx2", &[6], &[]),
        ("--host mx1", &[4, 5], &[3]),
        ("--queue-id 4C1D2E3F40", &[4, 5], &[3]),
        ("--queue-id 4c1d2e3f40", &[], &[]),
        ("--since 2026-01-05T10:00:02Z", &[5, 6], &[]),
        ("--until 2026-01-05T10:00:02Z", &[4], &[3]),
        ("--since 2026-01-05T10:00:01Z --until 2026-01-05T10:00:02Z", &[4], &[]),
        ("--sender ann@example.com --domain example.org", &[5], &[]),
        ("--sender ann@example.com --class 5", &[], &[]),
    ] {
        assert_eq!(selected(typed), (events.to_vec(), notes.to_vec()), "{typed}");
    }
}

#[test]
fn wrong_values_are_told_with_those_that_are_right() {
    for (typed, says) in [
        ("--code 5.7", "a reply code such as 550"),
        ("--code 55", "a reply code such as 550"),
        ("--class 6", "2, 3, 4 or 5"),
        ("--cause greylist", "greylisted"),
        ("--party me", "own-admin"),
        ("--direction out", "one of outbound, inbound, local"),
        ("--disposition sent", "delivered"),
        ("--provider gmial", "google"),
        ("--domain a@b", "a domain such as"),
        ("--client 192.0.2.0/99", "192.0.2.0/24"),
        ("--since soon", "yesterday"),
        ("--until 2026-02-30", "2026-11-20"),
        ("--since today --until yesterday", "a moment after --since"),
    ] {
        let error = filter(typed).unwrap_err().to_string();
        assert!(error.starts_with("invalid value"), "{typed}: {error}");
        assert!(error.contains(says), "{typed}: {error}");
    }
    assert!(filter("").unwrap().is_none());
}

#[test]
fn a_filter_tells_what_was_asked_for() {
    let filter =
        filter("--code 550 --since yesterday --code !5.1.1 --cause *full").unwrap().unwrap();
    let told: Vec<_> =
        filter.told().iter().map(|term| (term.option, term.values.join(" "))).collect();
    assert_eq!(
        told,
        [
            ("since", "2026-01-05T00:00:00Z".to_owned()),
            ("code", "550 !5.1.1".to_owned()),
            ("cause", "*full".to_owned()),
        ]
    );
}
