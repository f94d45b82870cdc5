//! The hazards of the inventory: what looks like a reply and is none, and what is cut, glued on or made anonymous.

use super::Case;

/// Shape, daemon, line, what it says.
pub(super) const LINES: &[Case] = &[
    (
        "1 numbers elsewhere",
        "smtp",
        "D8962E54: to=<550@example.com>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0.4/0.6, dsn=4.4.2, status=deferred (lost connection with mx.example.net[192.0.2.25] while sending RCPT TO)",
        "delivery outbound nobody stage=rcpt became=deferred dsn=4.4.2 id=D8962E54 to=<550@example.com> relay=mx.example.net[192.0.2.25]:25 text=lost connection with mx.example.net[192.0.2.25] while sending RCPT TO",
    ),
    (
        "1 numbers elsewhere",
        "smtp",
        "D8962E54: to=<ann@example.com>, relay=none, delay=1, delays=0/0/0.4/0.6, dsn=5.4.4, status=bounced (Host or domain name not found. Name service error for name=550.example.com type=AAAA: Host not found)",
        "delivery outbound nobody became=bounced dsn=5.4.4 id=D8962E54 to=<ann@example.com> text=Host or domain name not found. Name service error for name=550.example.com type=AAAA: Host not found",
    ),
    (
        "1 numbers elsewhere",
        "smtp",
        "D8962E54: to=<ann@example.com>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0.4/0.6, dsn=5.0.0, status=bounced (host mx.example.net[192.0.2.25] said: 550 Blocked (#5.7.1), see https://example.net/421?c=5.1.1 (in reply to RCPT TO command))",
        "delivery outbound remote stage=rcpt became=bounced code=550 dsn=5.0.0 id=D8962E54 to=<ann@example.com> relay=mx.example.net[192.0.2.25]:25 text=550 Blocked (#5.7.1), see https://example.net/421?c=5.1.1",
    ),
    (
        "2 said twice",
        "smtp",
        "D8962E54: to=<ann@example.com>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0.4/0.6, dsn=4.7.1, status=deferred (host mx.example.net[192.0.2.25] said: 450 4.7.1 host b.example.net[192.0.2.9] said: 550 5.1.1 unknown (in reply to RCPT TO command) (in reply to RCPT TO command))",
        "delivery outbound remote stage=rcpt became=deferred code=450 enhanced=4.7.1 dsn=4.7.1 id=D8962E54 to=<ann@example.com> relay=mx.example.net[192.0.2.25]:25 text=450 4.7.1 host b.example.net[192.0.2.9] said: 550 5.1.1 unknown (in reply to RCPT TO command)",
    ),
    (
        "3 sent with 4xx",
        "smtp",
        "D8962E54: to=<ann@example.com>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0.4/0.6, dsn=4.0.0, status=deferred (host mx.example.net[192.0.2.25] said: 450 5.1.1 x (in reply to RCPT TO command))",
        "delivery outbound remote stage=rcpt became=deferred code=450 enhanced=5.1.1 dsn=4.0.0 id=D8962E54 to=<ann@example.com> relay=mx.example.net[192.0.2.25]:25 text=450 5.1.1 x",
    ),
    (
        "4 quoted recipient",
        "smtp",
        r#"D8962E54: to=<"a>, relay=b"@example.com>, orig_to=<"a,b"@example.com>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0.4/0.6, dsn=2.0.0, status=sent (250 ok)"#,
        r#"delivery outbound remote stage=eod became=delivered code=250 dsn=2.0.0 id=D8962E54 to=<"a>, relay=b"@example.com> orig=<"a,b"@example.com> relay=mx.example.net[192.0.2.25]:25 text=250 ok"#,
    ),
    (
        "4 unquoted recipient",
        "smtp",
        "D8962E54: to=<a b@example.com>, orig_to=<|/usr/bin/x -a, b>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0.4/0.6, dsn=2.0.0, status=sent (250 ok)",
        "delivery outbound remote stage=eod became=delivered code=250 dsn=2.0.0 id=D8962E54 to=<a b@example.com> orig=<|/usr/bin/x -a, b> relay=mx.example.net[192.0.2.25]:25 text=250 ok",
    ),
    (
        "5 no brackets",
        "smtp",
        "D8962E54: to=ann@example.com, orig_to=bob, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0.4/0.6, dsn=2.0.0, status=sent (250 ok)",
        "delivery outbound remote stage=eod became=delivered code=250 dsn=2.0.0 id=D8962E54 to=<ann@example.com> orig=<bob> relay=mx.example.net[192.0.2.25]:25 text=250 ok",
    ),
    (
        "5 no brackets",
        "local",
        r#"D8962E54: to=ann@example.com, orig_to="|/usr/bin/x a, b", relay=local, delay=1, delays=0/0/0.4/0.6, dsn=2.0.0, status=sent (delivered to mailbox)"#,
        r#"delivery local ours became=delivered dsn=2.0.0 id=D8962E54 to=<ann@example.com> orig=<"|/usr/bin/x a, b"> relay=local[?] text=delivered to mailbox"#,
    ),
    ("6 cut", "smtp", "D8962E54: to=<ann@exam", "cut"),
    ("6 cut", "smtp", "D8962E54: to=<ann@example.com>", "cut"),
    (
        "6 cut",
        "smtp",
        "D8962E54: to=<ann@example.com>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0.4/0.6, dsn=2.0.0",
        "cut",
    ),
    (
        "6 cut",
        "smtp",
        "D8962E54: to=<ann@example.com>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0.4/0.6, dsn=2.0.0, stat",
        "cut",
    ),
    (
        "6 cut",
        "smtp",
        "D8962E54: to=<ann@example.com>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0.4/0.6, dsn=2.0.0, status=",
        "cut",
    ),
    (
        "6 cut",
        "smtp",
        "D8962E54: to=<ann@example.com>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0.4/0.6, dsn=2.0.0, status=bounc",
        "cut",
    ),
    (
        "6 cut behind status",
        "smtp",
        "D8962E54: to=<ann@example.com>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0.4/0.6, dsn=5.1.1, status=bounced",
        "delivery outbound ours became=bounced dsn=5.1.1 id=D8962E54 to=<ann@example.com> relay=mx.example.net[192.0.2.25]:25 text=",
    ),
    (
        "6 cut in reply",
        "smtp",
        "D8962E54: to=<ann@example.com>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0.4/0.6, dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.25] said: 550 5.1.1 no such us",
        "delivery outbound remote became=bounced code=550 enhanced=5.1.1 dsn=5.1.1 id=D8962E54 to=<ann@example.com> relay=mx.example.net[192.0.2.25]:25 text=550 5.1.1 no such us",
    ),
    ("6 cut reject", "smtpd", "NOQUEUE: reject: RCPT from mx.exam", "cut"),
    ("6 cut reject", "smtpd", "NOQUEUE: rej", "unknown"),
    (
        "6 cut context",
        "smtpd",
        "NOQUEUE: reject: RCPT from unknown[192.0.2.8]: 554 5.7.1 <b@example.com>: Relay access denied; from=<a@example.net> to=<b@exa",
        "reject inbound ours action=reject stage=rcpt became=rejected code=554 enhanced=5.7.1 from=<a@example.net> client=?[192.0.2.8] text=554 5.7.1 <b@example.com>: Relay access denied",
    ),
    ("6 cut expired", "qmgr", "D8962E54: from=<ann@example.com>, status=exp", "cut"),
    ("6 cut queued", "qmgr", "D8962E54: from=<ann@exam", "cut"),
    (
        "7 trailing text",
        "smtp",
        r#"D8962E54: to=<ann@example.com>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0.4/0.6, dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.25] said: 550 5.1.1 no (in reply to RCPT TO command)) {"bytes": 550}"#,
        "delivery outbound remote stage=rcpt became=bounced code=550 enhanced=5.1.1 dsn=5.1.1 id=D8962E54 to=<ann@example.com> relay=mx.example.net[192.0.2.25]:25 text=550 5.1.1 no",
    ),
    (
        "8 9 id reused, two ids",
        "smtp",
        "7D1F2A33C0: to=<ann@example.com>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0.4/0.6, dsn=2.0.0, status=sent (250 2.6.0 Ok, id=01234-05, from MTA([127.0.0.1]:10025): 250 Ok: queued as 4XyZ12abcdz9.)",
        "delivery outbound remote stage=eod became=delivered code=250 enhanced=2.6.0 dsn=2.0.0 id=7D1F2A33C0 to=<ann@example.com> relay=127.0.0.1[127.0.0.1]:10024 next=4XyZ12abcdz9 text=250 2.6.0 Ok, id=01234-05, from MTA([127.0.0.1]:10025): 250 Ok: queued as 4XyZ12abcdz9.",
    ),
    (
        "anonymised",
        "smtp",
        "D8962E54: to=<REDACTED>, relay=[x.x.x.x], delay=1, delays=0/0/0.4/0.6, dsn=5.1.1, status=bounced (host REDACTED said: 550 5.1.1 no (in reply to RCPT TO command))",
        "delivery outbound remote stage=rcpt became=bounced code=550 enhanced=5.1.1 dsn=5.1.1 id=D8962E54 to=<REDACTED> relay=?[x.x.x.x] text=550 5.1.1 no",
    ),
    (
        "anonymised",
        "smtp",
        "D8962E54: to=<>, relay=mx[x.x.x.x]:25, delay=1, delays=0/0/0.4/0.6, dsn=5.1.1, status=bounced (host mx[x.x.x.x] said: 550 5.1.1 no (in reply to RCPT TO command))",
        "delivery outbound remote stage=rcpt became=bounced code=550 enhanced=5.1.1 dsn=5.1.1 id=D8962E54 to=<> relay=mx[x.x.x.x]:25 text=550 5.1.1 no",
    ),
    (
        "anonymised",
        "smtpd",
        "NOQUEUE: reject: RCPT from <REDACTED>: 554 5.7.1 <REDACTED>: Relay access denied; from=<REDACTED> to=<REDACTED> proto=ESMTP helo=REDACTED",
        "reject inbound ours action=reject stage=rcpt became=rejected code=554 enhanced=5.7.1 from=<REDACTED> to=<REDACTED> helo=REDACTED text=554 5.7.1 <REDACTED>: Relay access denied",
    ),
    (
        "UTF-8",
        "smtp",
        "D8962E54: to=<jörg@example.com>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0/0/0.4/0.6, dsn=5.7.1, status=bounced (host mx.example.net[192.0.2.25] said: 550 5.7.1 Postfach »müller« voll (in reply to RCPT TO command))",
        "delivery outbound remote stage=rcpt became=bounced code=550 enhanced=5.7.1 dsn=5.7.1 id=D8962E54 to=<jörg@example.com> relay=mx.example.net[192.0.2.25]:25 text=550 5.7.1 Postfach »müller« voll",
    ),
];
