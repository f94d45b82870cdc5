//! Reasons by themselves: whose words they are, where in the dialogue, and which code counts.

use super::super::reason::parse_reason;

/// Code (or `-`), enhanced code (or `-`), origin, stage (or `-`).
fn told(text: &str) -> String {
    let reason = parse_reason(text);
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    format!(
        "{} {} {} {}{}",
        or_dash(reason.reply.map(|reply| reply.code.to_string())),
        or_dash(reason.reply.and_then(|reply| reply.enhanced).map(|code| code.to_string())),
        reason.origin,
        or_dash(reason.stage.map(|stage| stage.to_string())),
        if reason.repeated { " repeated" } else { "" },
    )
}

#[test]
fn a_code_is_taken_where_a_server_is_quoted() {
    for (id, text, want) in [
        (
            "R-2",
            "host mx.example.com[192.0.2.25] said: 550-5.7.1 a 550 5.7.1 b (see policy) (in reply to end of DATA command)",
            "550 5.7.1 remote eod",
        ),
        (
            "R-2",
            "host mx.example.com[2001:db8::25]:25 said: 450 4.2.0 no (in reply to RCPT TO command)",
            "450 4.2.0 remote rcpt",
        ),
        (
            "R-2",
            "host mx.example.com[192.0.2.25] said: 550 (in reply to MAIL FROM command)",
            "550 - remote mail",
        ),
        (
            "R-2",
            "host mx.example.com[192.0.2.25] said: 554 no (in reply to DATA command)",
            "554 - remote data",
        ),
        (
            "R-2",
            "host mx.example.com[192.0.2.25] said: 550 5.7.0 (in reply to MAIL FROM command) (in reply to RCPT TO command)",
            "550 5.7.0 remote rcpt",
        ),
        (
            "R-2 cut",
            "host mx.example.com[192.0.2.25] said: 550 5.7.0 (in reply to MAIL FROM command) was",
            "550 5.7.0 remote -",
        ),
        (
            "R-2 cut",
            "host mx.example.com[192.0.2.25] said: 550 5.7.0 no (in reply to RCPT T",
            "550 5.7.0 remote rcpt",
        ),
        (
            "R-2 XFORWARD",
            "host mx.example.com[192.0.2.25] said: 501 no (in reply to XFORWARD name/address command)",
            "501 - remote other",
        ),
        (
            "R-2 no address",
            "host mx.example.com said: 550 5.1.1 x (in reply to RCPT TO command)",
            "550 5.1.1 remote rcpt",
        ),
        (
            "R-3",
            "host mx.example.com[192.0.2.25] refused to talk to me: 554-mx 554 5.7.1 no",
            "554 5.7.1 remote connect",
        ),
        (
            "R-3 of 2.2",
            "connect to mx.example.com[192.0.2.25]: server refused to talk to me: 421 4.7.0 [TS01] later  (port 25)",
            "421 4.7.0 remote connect",
        ),
        (
            "R-4",
            "TLS is required, but host mx.example.com[192.0.2.25] refused to start TLS: 454 4.7.0 no",
            "454 4.7.0 remote starttls",
        ),
        (
            "R-5",
            "Sender requested REQUIRETLS, but host mx.example.com[192.0.2.25] refused to start TLS: 454 4.7.0 no",
            "454 4.7.0 remote starttls",
        ),
        (
            "R-6",
            "SASL authentication failed; server mx.example.com[192.0.2.25] said: 535-5.7.8 first?535 5.7.8 second",
            "535 5.7.8 remote auth",
        ),
        (
            "R-6 cached",
            "SASL [CACHED] authentication failed; server mx.example.com said: 535 5.7.8 no",
            "535 5.7.8 remote auth",
        ),
        (
            "R-7",
            "Protocol error: host mx.example.com[192.0.2.25] said: 250 yes (in reply to RCPT TO command)",
            "250 - remote rcpt",
        ),
        (
            "R-7 garbage",
            "Protocol error: host mx.example.com[192.0.2.25] said: hello 550 (in reply to RCPT TO command)",
            "- - remote rcpt",
        ),
        (
            "R-8",
            "delivery temporarily suspended: host mx.example.com[192.0.2.25] refused to talk to me: 421 4.3.2 busy",
            "421 4.3.2 remote connect repeated",
        ),
        (
            "R-8 without",
            "delivery temporarily suspended: connect to mx.example.com[192.0.2.25]:25: Connection refused",
            "- - nobody connect repeated",
        ),
        (
            "R-9",
            "undeliverable address: host mx.example.com[192.0.2.25] said: 550 5.1.1 x (in reply to RCPT TO command)",
            "550 5.1.1 remote rcpt",
        ),
        (
            "first said",
            "host mx.example.com[192.0.2.25] said: 451 4.0.0 host b.example.com said: 550 no (in reply to RCPT TO command)",
            "451 4.0.0 remote rcpt",
        ),
        (
            "bracket",
            "host mx.example.com[192.0.2.25] said: 421 4.7.0 [TSS04] later (in reply to MAIL FROM command)",
            "421 4.7.0 remote mail",
        ),
        (
            "odd code",
            "host mx.example.com[192.0.2.25] said: 850 nonsense (in reply to MAIL FROM command)",
            "850 - remote mail",
        ),
    ] {
        assert_eq!(told(text), want, "{id}: {text}");
    }
}

#[test]
fn texts_without_a_reply_tell_who_and_where() {
    for (text, want) in [
        ("connect to mx.example.com[192.0.2.25]:25: Connection timed out", "- - nobody connect"),
        (
            "connect to mx.example.com[private/lmtp]: No such file or directory",
            "- - nobody connect",
        ),
        (
            "lost connection with mx.example.com[192.0.2.25] while receiving the initial server greeting",
            "- - nobody connect",
        ),
        (
            "lost connection with mx.example.com[192.0.2.25] while performing the EHLO handshake",
            "- - nobody ehlo",
        ),
        (
            "lost connection with mx.example.com[192.0.2.25] while performing the LHLO handshake",
            "- - nobody ehlo",
        ),
        (
            "lost connection with mx.example.com[192.0.2.25] while receiving the STARTTLS response",
            "- - nobody starttls",
        ),
        (
            "conversation with mx.example.com[192.0.2.25] timed out while sending MAIL FROM",
            "- - nobody mail",
        ),
        (
            "conversation with mx.example.com[192.0.2.25] timed out while sending RCPT TO",
            "- - nobody rcpt",
        ),
        (
            "lost connection with mx.example.com[192.0.2.25] while sending DATA command",
            "- - nobody data",
        ),
        (
            "lost connection with mx.example.com[192.0.2.25] while sending message body",
            "- - nobody data",
        ),
        (
            "lost connection with mx.example.com[192.0.2.25] while sending end of data -- message may be sent more than once",
            "- - nobody eod",
        ),
        (
            "lost connection with mx.example.com[192.0.2.25] while sending XFORWARD name/address",
            "- - nobody other",
        ),
        (
            "lost connection with mx.example.com[192.0.2.25] while sending final RSET",
            "- - nobody other",
        ),
        ("lost connection with mx.example.com[192.0.2.25] while sending QUIT", "- - nobody other"),
        ("local data error while talking to mx.example.com[192.0.2.25]", "- - ours -"),
        (
            "Host or domain name not found. Name service error for name=example.com type=MX: Host not found, try again",
            "- - nobody -",
        ),
        ("Name service error for name=example.com type=A: 550", "- - nobody -"),
        ("Domain example.com does not accept mail (nullMX)", "- - nobody -"),
        ("unable to look up host example.com: Temporary failure", "- - nobody -"),
        ("mx.example.com: host not found", "- - nobody -"),
        ("unable to find primary relay for example.com", "- - nobody -"),
        ("mail for example.com loops back to myself", "- - ours -"),
        ("network address conversion failed: x", "- - nobody -"),
        ("server unavailable or unable to receive mail", "- - nobody connect"),
        ("all network protocols are disabled", "- - ours -"),
        ("server configuration error", "- - ours -"),
        (
            "TLS is required, but was not offered by host mx.example.com[192.0.2.25]",
            "- - nobody starttls",
        ),
        ("TLS is required, but our TLS engine is unavailable", "- - ours starttls"),
        ("Server certificate not verified", "- - nobody starttls"),
        ("Cannot start TLS: handshake failure", "- - nobody starttls"),
        ("client TLS configuration problem", "- - ours -"),
        ("TLSA lookup error for mx.example.com:25", "- - nobody starttls"),
        (
            "Sender requested REQUIRETLS, but mx.example.com has no 5.7.10 policy",
            "- - nobody starttls",
        ),
        (
            "SASL authentication failed; cannot authenticate to server mx.example.com[192.0.2.25]: no worthy mechs found",
            "- - ours auth",
        ),
        (
            "SASL authentication failed: server mx.example.com[192.0.2.25] offered no compatible authentication mechanisms for this type of connection security",
            "- - ours auth",
        ),
        ("unexpected server message", "- - ours -"),
        (
            "message size 550000 exceeds size limit 10240000 of server mx.example.com[192.0.2.25]",
            "- - ours -",
        ),
        (
            "message requires SMTPUTF8, but no server was found that supports SMTPUTF8. The last attempted server was mx.example.com[192.0.2.25]",
            "- - ours -",
        ),
        (
            "SMTPUTF8 is required, but was not offered by host mx.example.com[192.0.2.25]",
            "- - ours -",
        ),
        ("unreadable mail queue entry", "- - ours -"),
        ("bounce or trace service failure", "- - ours -"),
        ("mail transport unavailable", "- - ours -"),
        ("unknown mail transport error", "- - ours -"),
        ("550 this address has moved", "- - ours -"),
        ("", "- - ours -"),
    ] {
        assert_eq!(told(text), want, "{text}");
    }
}

#[test]
fn the_text_is_the_reply_or_else_the_whole_reason() {
    for (text, want, host) in [
        (
            "host mx.example.com[192.0.2.25] said: 550 no (x) (in reply to RCPT TO command)",
            "550 no (x)",
            Some("mx.example.com"),
        ),
        (
            "delivery temporarily suspended: lost connection with mx.example.com[192.0.2.25] while sending QUIT",
            "delivery temporarily suspended: lost connection with mx.example.com[192.0.2.25] while sending QUIT",
            Some("mx.example.com"),
        ),
        (
            "TLS is required, but was not offered by host mx.example.com[192.0.2.25]",
            "TLS is required, but was not offered by host mx.example.com[192.0.2.25]",
            Some("mx.example.com"),
        ),
        ("mail transport unavailable", "mail transport unavailable", None),
    ] {
        let reason = parse_reason(text);
        assert_eq!((reason.text, reason.relay.and_then(|r| r.host)), (want, host), "{text}");
    }
}
