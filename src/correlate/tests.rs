//! What the table of open messages remembers of where mail came from, and what it says at a message's end.

use super::{Correlator, End, Envelope, Fate, Finished, Keep};
use crate::event::{Content, Entrance};
use crate::pipeline::{Options, run_reader};
use crate::record::{Record, Sink};
use crate::time::Zone;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

struct Follows {
    correlator: Correlator,
    ended: Vec<Finished>,
    /// Queue ids of the slots that events named, at that time.
    named: Vec<String>,
}

impl Sink for Follows {
    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        let ended = &mut self.ended;
        self.correlator.tick(record, |message| ended.push(message.clone()));
        match record.content {
            Content::Event(event) => {
                if let Some(slot) = self.correlator.event(record, event).slot {
                    let envelope = self.correlator.envelope(slot);
                    let id = envelope.and_then(|envelope| envelope.queue_id());
                    self.named.push(id.unwrap_or("?").to_owned());
                }
            }
            Content::Note(note) => {
                self.correlator.note(record, note);
            }
            _ => {}
        }
        self.correlator.hand_out(|message| ended.push(message.clone()));
        ControlFlow::Continue(())
    }
}

fn follow(keep: Keep, log: &'static str) -> Follows {
    let mut follows =
        Follows { correlator: Correlator::keeping(keep), ended: Vec::new(), named: Vec::new() };
    let options = Options {
        threads: NonZeroUsize::MIN,
        zone: Zone::utc(),
        year: Some(2026),
        ..Options::default()
    };
    run_reader("log", log.as_bytes(), &options, &mut follows);
    let Follows { correlator, ended, .. } = &mut follows;
    correlator.finish(|message| ended.push(message.clone()));
    follows
}

const ONE: &str = "\
Jan  5 10:00:00 mx1 postfix/submission/smtpd[8]: 4C1D2E3F40: client=pc.example.net[192.0.2.7], sasl_method=PLAIN, sasl_username=ann@example.net
Jan  5 10:00:00 mx1 postfix/cleanup[8]: 4C1D2E3F40: message-id=<1@example.net>
Jan  5 10:00:00 mx1 postfix/qmgr[8]: 4C1D2E3F40: from=<ann@example.net>, size=1234, nrcpt=3 (queue active)
Jan  5 10:00:01 mx1 postfix/smtp[8]: 4C1D2E3F40: to=<a@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok)
Jan  5 10:00:02 mx1 postfix/smtp[8]: 4C1D2E3F40: to=<b@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=4.2.0, status=deferred (host mx.example.com[198.51.100.25] said: 451 4.2.0 later (in reply to RCPT TO command))
";

#[test]
fn everything_is_kept_when_it_is_asked_for() {
    let follows = follow(Keep::Everything, ONE);
    assert_eq!(follows.named, ["4C1D2E3F40", "4C1D2E3F40"]);
    let [message] = follows.ended.as_slice() else { panic!("{:?}", follows.ended) };
    let envelope = message.came_from().unwrap();
    assert_eq!(envelope.user(), Some("ann@example.net"));
    assert_eq!(envelope.client(), Some("192.0.2.7"));
    assert_eq!(envelope.client_name(), Some("pc.example.net"));
    assert_eq!(envelope.sender(), Some("ann@example.net"));
    assert_eq!(envelope.message_id(), Some("1@example.net"));
    assert_eq!(envelope.size(), Some(1234));
    assert_eq!(envelope.entrance(), Some(Entrance::Smtp));
    assert_eq!(envelope.arrived().map(|t| t.to_string()), Some("2026-01-05T10:00:00Z".to_owned()));
    assert_eq!(message.end, End::InputEnded);
    let fates: Vec<_> = message.recipients.iter().map(|r| (r.fate, r.deferred)).collect();
    assert_eq!(fates, [(Fate::Delivered, false), (Fate::Queued, true)]);
    assert_eq!(message.untried, 1, "nrcpt=3 told of one more");
    assert_eq!(message.fates.get(Fate::Queued), 2);
}

#[test]
fn less_is_kept_when_less_is_asked_for() {
    for (keep, recipients) in [(Keep::Nothing, 0), (Keep::Recipients, 2), (Keep::Sender, 0)] {
        let follows = follow(keep, ONE);
        let [message] = follows.ended.as_slice() else { panic!("{:?}", follows.ended) };
        assert_eq!(message.envelope.as_ref().and_then(Envelope::sender), None, "{keep:?}");
        assert_eq!(message.recipients.len(), recipients, "{keep:?}");
        assert_eq!(message.fates.get(Fate::Queued), 2, "{keep:?}");
        assert_eq!(message.queue_id.as_deref(), Some("4C1D2E3F40"), "{keep:?}");
    }
}

#[test]
fn what_a_content_filter_brings_back_came_from_where_the_mail_did() {
    let follows = follow(
        Keep::Everything,
        "\
Jan  5 10:00:00 mx1 postfix/smtpd[8]: A000000001: client=pc.example.net[192.0.2.7], sasl_method=PLAIN, sasl_username=ann
Jan  5 10:00:00 mx1 postfix/qmgr[8]: A000000001: from=<ann@example.net>, size=1000, nrcpt=1 (queue active)
Jan  5 10:00:05 mx1 postfix/smtpd[8]: B000000002: client=localhost[127.0.0.1]
Jan  5 10:00:05 mx1 postfix/qmgr[8]: B000000002: from=<ann@example.net>, size=1500, nrcpt=1 (queue active)
Jan  5 10:00:05 mx1 postfix/smtp[8]: A000000001: to=<a@example.com>, relay=127.0.0.1[127.0.0.1]:10024, delay=5, delays=0/0/0/5, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as B000000002)
Jan  5 10:00:05 mx1 postfix/qmgr[8]: A000000001: removed
Jan  5 10:00:06 mx1 postfix/smtp[8]: B000000002: to=<a@example.com>, relay=mx.example.com[198.51.100.25]:25, delay=1, delays=0/0/0.5/0.5, dsn=2.0.0, status=sent (250 2.0.0 Ok)
Jan  5 10:00:06 mx1 postfix/qmgr[8]: B000000002: removed
",
    );
    let [child, parent] = follows.ended.as_slice() else { panic!("{:?}", follows.ended) };
    assert_eq!(child.parent, Some(parent.slot));
    assert_eq!(child.envelope.as_ref().unwrap().client(), Some("127.0.0.1"));
    let origin = child.came_from().unwrap();
    assert_eq!((origin.user(), origin.queue_id()), (Some("ann"), Some("A000000001")));
    assert_eq!(parent.origin, None);
    assert_eq!(parent.came_from(), parent.envelope.as_ref());
    assert_eq!(parent.recipients[0].fate, Fate::HandedOver);
    assert_eq!(child.recipients[0].fate, Fate::Delivered);
}

#[test]
fn a_slot_that_is_used_again_has_nothing_of_its_last_message() {
    let follows = follow(
        Keep::Everything,
        "\
Jan  5 10:00:00 mx1 postfix/smtpd[8]: A000000001: client=pc.example.net[192.0.2.7], sasl_method=PLAIN, sasl_username=ann
Jan  5 10:00:00 mx1 postfix/qmgr[8]: A000000001: from=<ann@example.net>, size=1000, nrcpt=1 (queue active)
Jan  5 10:00:01 mx1 postfix/qmgr[8]: A000000001: removed
Jan  5 10:00:02 mx1 postfix/qmgr[8]: B000000002: from=<>, size=2000, nrcpt=1 (queue active)
Jan  5 10:00:03 mx1 postfix/smtp[8]: B000000002: to=<a@example.com>, relay=none, delay=1, delays=0/0/0.5/0.5, dsn=4.4.1, status=deferred (connect to mx.example.com[198.51.100.25]:25: Connection timed out)
",
    );
    let [first, second] = follows.ended.as_slice() else { panic!("{:?}", follows.ended) };
    assert_eq!(first.slot, second.slot, "the place is free again");
    let envelope = second.envelope.as_ref().unwrap();
    assert_eq!((envelope.sender(), envelope.queue_id()), (Some(""), Some("B000000002")));
    assert_eq!((envelope.user(), envelope.client(), envelope.arrived()), (None, None, None));
}

#[test]
fn what_became_of_each_recipient_adds_up_to_the_fates() {
    for log in [
        include_str!("../../samples/postfix/traditional.log"),
        include_str!("../../samples/postfix/content-filter.log"),
        include_str!("../../samples/exim/mainlog"),
        include_str!("../../samples/mixed/crowded.log"),
    ] {
        let follows = follow(Keep::Everything, log);
        assert!(!follows.ended.is_empty());
        for message in &follows.ended {
            let mut sum = super::FateCounts::default();
            for end in &message.recipients {
                sum.add(end.fate, 1);
            }
            let fate = if sum.get(Fate::Held) > 0 || message.fates.get(Fate::Held) > 0 {
                Fate::Held
            } else {
                Fate::Queued
            };
            sum.add(fate, message.untried);
            assert_eq!(sum, message.fates, "{message:?}");
            let deferred = message.recipients.iter().filter(|r| r.deferred).count() as u64;
            assert_eq!(deferred, message.ever_deferred, "{message:?}");
        }
    }
}
