//! What a bounce says of one recipient, or somebody has cut out of a log: words without the line around them.
//!
//! Postfix writes `<bob@example.com>: host mx.example.com[192.0.2.1] said: 550 … (in reply to RCPT TO command)`;
//! Exim the address, `host mx.example.com [192.0.2.1]` and `SMTP error from remote mail server after COMMAND: 550 …` on
//! lines of their own, older versions the host behind the command. Lines are expected to be joined by a blank. Of a
//! log line, people quote what is behind the queue id, or the last fields. To add a mail server: an arm in
//! [`parse_notice`].

use super::exim::{parse_cut_failure, parse_cut_refusal, parse_quoted_failure};
use super::postfix::{parse_cut_decision, parse_cut_delivery, parse_quoted_reason};
use super::token::{Res, angle, word};
use crate::event::{Event, Mta};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::combinator::{opt, verify};
use nom::sequence::terminated;

/// Reads the words of a bounce that quote another server, or a line of a delivery or refusal without its head;
/// `None` for other text.
pub(crate) fn parse_notice(text: &str) -> Option<(Mta, Event<'_>)> {
    if let Some(event) = parse_cut_delivery(text).or_else(|| parse_cut_decision(text)) {
        return Some((Mta::Postfix, event));
    }
    if let Some(event) = parse_cut_failure(text).or_else(|| parse_cut_refusal(text)) {
        return Some((Mta::Exim, event));
    }
    let (words, recipient) = opt(recipient).parse(text).ok()?;
    let postfix = parse_quoted_reason(words).map(|event| (Mta::Postfix, event));
    let (mta, mut event) =
        postfix.or_else(|| parse_quoted_failure(words).map(|event| (Mta::Exim, event)))?;
    event.recipient = recipient.or(event.recipient);
    Some((mta, event))
}

/// `<bob@example.com>: ` or `bob@example.com `.
fn recipient(text: &str) -> Res<'_, &str> {
    let bare = verify(word, |word: &str| word.contains('@') && !word.contains(['<', ':']));
    alt((terminated(angle, tag(": ")), terminated(bare, tag(" ")))).parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_bounce_tell_host_stage_and_recipient() {
        for (text, mta, host, address, stage, code, recipient) in [
            (
                "<bob@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1 no such user (in reply to RCPT TO command)",
                Mta::Postfix,
                "mx.example.com",
                "192.0.2.1",
                Some("rcpt"),
                550,
                Some("bob@example.com"),
            ),
            (
                "host mx.example.com[192.0.2.1] refused to talk to me: 421 4.7.0 too many",
                Mta::Postfix,
                "mx.example.com",
                "192.0.2.1",
                Some("connect"),
                421,
                None,
            ),
            (
                "bob@example.com host mx.example.com [192.0.2.1] SMTP error from remote mail server after end of data: 554 no",
                Mta::Exim,
                "mx.example.com",
                "192.0.2.1",
                Some("eod"),
                554,
                Some("bob@example.com"),
            ),
            (
                "SMTP error from remote mail server after RCPT TO:<bob@example.com>: host mx.example.com [192.0.2.1]: 550 no",
                Mta::Exim,
                "mx.example.com",
                "192.0.2.1",
                Some("rcpt"),
                550,
                Some("bob@example.com"),
            ),
        ] {
            let (who, event) = parse_notice(text).unwrap();
            let relay = event.relay.unwrap();
            assert_eq!(
                (who, relay.host, relay.address),
                (mta, Some(host), Some(address)),
                "{text}"
            );
            assert_eq!(event.stage.map(crate::smtp::Stage::slug), stage, "{text}");
            assert_eq!(event.code.map(crate::smtp::ReplyCode::value), Some(code), "{text}");
            assert_eq!(event.recipient, recipient, "{text}");
        }
        for text in [
            "550 5.1.1 no such user",
            "host mx.example.com is down",
            "bob@example.com is gone",
            "connect to mx.example.com[192.0.2.1]:25: Connection timed out",
            "SMTP error from remote mail server after",
            "",
        ] {
            assert!(parse_notice(text).is_none(), "{text}");
        }
    }
    #[test]
    fn a_line_without_its_head_tells_what_is_left_of_it() {
        for (text, mta, origin, relay, recipient, words) in [
            (
                "to=<bob@example.com>, relay=none, delay=1, dsn=4.3.0, status=deferred (mail transport unavailable)",
                Mta::Postfix,
                "ours",
                None,
                Some("bob@example.com"),
                "mail transport unavailable",
            ),
            (
                "delays=1/2/3/4, dsn=5.1.1, status=bounced (host mx.example.com[192.0.2.1] said: 550 no (in reply to RCPT TO command))",
                Mta::Postfix,
                "remote",
                Some("mx.example.com"),
                None,
                "550 no",
            ),
            (
                "status=deferred (connect to mx.example.com[192.0.2.1]:25: Connection timed out)",
                Mta::Postfix,
                "nobody",
                Some("mx.example.com"),
                None,
                "Connection timed out",
            ),
            (
                "milter-reject: END-OF-MESSAGE from unknown[192.0.2.1]: 4.7.1 Try again later; from=<ann@example.com> to=<bob@example.com> proto=ESMTP helo=<x>",
                Mta::Postfix,
                "ours",
                None,
                Some("bob@example.com"),
                "Try again later",
            ),
            (
                "== bob@example.com R=dns T=smtp defer (-53): retry time not reached for any host",
                Mta::Exim,
                "ours",
                None,
                Some("bob@example.com"),
                "retry time not reached for any host",
            ),
            (
                "** bob@example.com R=dns T=smtp: SMTP error from remote mail server after RCPT TO:<bob@example.com>: host mx.example.com [192.0.2.1]: 550 no",
                Mta::Exim,
                "remote",
                Some("mx.example.com"),
                Some("bob@example.com"),
                "550 no",
            ),
            (
                "T=address_file defer (28): No space left on device: while writing",
                Mta::Exim,
                "ours",
                Some("address_file"),
                None,
                "No space left on device: while writing",
            ),
            (
                "temporarily rejected RCPT <bob@example.com>: DNS lookup deferred",
                Mta::Exim,
                "ours",
                None,
                Some("bob@example.com"),
                "DNS lookup deferred",
            ),
            ("rejected by local_scan(): no", Mta::Exim, "ours", None, None, "no"),
        ] {
            let (who, event) = parse_notice(text).unwrap();
            let host = event.relay.and_then(|relay| relay.host);
            assert_eq!(
                (who, event.origin.slug(), host, event.recipient, event.queue_id),
                (mta, origin, relay, recipient, None),
                "{text}"
            );
            assert!(event.text.contains(words), "{text}: {}", event.text);
        }
        for text in [
            "to=<bob@example.com>, relay=none",
            "status=",
            "== bob",
            "** ",
            "R=dnslookup T=remote_smtp",
            "T=x defer: no",
            "relay=none, stat",
            "reject: no",
            "rejected RCPT <bob@example.com>",
            "rejected because of its content: no",
        ] {
            assert!(parse_notice(text).is_none(), "{text}");
        }
    }
}
