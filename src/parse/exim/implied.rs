//! Reply codes that Exim itself fixes for a phrase that it logs without one.
//!
//! Only phrases whose code no configuration can change: what an ACL refuses is usually answered with 550 (451
//! `temporarily`), but its message may set any code, so nothing is implied there.
//! Source: the replies next to these log calls in `smtp_in.c`, `receive.c` and `daemon.c`, 4.60 to 4.99.

use crate::smtp::ReplyCode;

/// Opening of the phrase, and the code sent with it.
const IMPLIED: [(&str, u16); 35] = [
    // Greeting and connection.
    ("too many connections", 421),
    ("load average", 421),
    ("(host_reject_connection)", 554),
    ("(tcp wrappers)", 554),
    ("SMTP protocol synchronization error", 554),
    ("SMTP protocol violation: synchronization error", 554),
    // HELO and EHLO.
    ("syntactically invalid argument(s)", 501),
    // MAIL, RCPT and the message.
    ("no HELO/EHLO given", 503),
    ("too many messages in one connection", 421),
    ("message too big", 552),
    ("Too many \"Received\" headers", 550),
    ("ridiculously long message header", 552),
    ("unqualified sender rejected", 501),
    ("unqualified recipient rejected", 501),
    ("unqualified verify rejected", 501),
    ("too many recipients: excess temporarily rejected", 452),
    ("too many recipients: message rejected", 552),
    // Commands out of turn.
    ("sender not yet given", 503),
    ("sender already given", 503),
    ("valid RCPT command must precede", 503),
    ("is not permitted inside a transaction", 503),
    ("STARTTLS command used when not advertised", 503),
    ("AUTH command used when not advertised", 503),
    ("BDAT command used when CHUNKING not advertised", 503),
    ("already authenticated", 503),
    ("not permitted in mail transaction", 503),
    ("must have an address operand", 501),
    ("argument must begin with #", 501),
    // Commands in bad syntax.
    ("unrecognized command", 500),
    ("authentication mechanism not supported", 504),
    // Sessions that were broken off.
    ("too many unrecognized commands", 500),
    ("too many nonmail commands", 554),
    ("SMTP command timeout", 421),
    ("SMTP data timeout", 421),
    ("SMTP incoming data timeout", 421),
];

/// The code that goes with the phrase that `text` begins with.
pub(super) fn implied_code(text: &str) -> Option<ReplyCode> {
    IMPLIED
        .iter()
        .find(|(phrase, _)| text.starts_with(phrase))
        .and_then(|(_, code)| ReplyCode::new(*code))
}
