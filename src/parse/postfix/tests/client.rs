//! The client's lines besides deliveries (S-1 to S-12).

use super::Case;

/// Shape, daemon, line, what it says.
pub(super) const LINES: &[Case] = &[
    (
        "S-1",
        "smtp",
        "D8962E54: host mx.example.net[192.0.2.25] said: 450 4.2.0 later (in reply to RCPT TO command)",
        "host-reply outbound remote stage=rcpt code=450 enhanced=4.2.0 id=D8962E54 relay=mx.example.net[192.0.2.25] text=450 4.2.0 later",
    ),
    (
        "S-2",
        "smtp",
        "D8962E54: host mx.example.net[192.0.2.25] refused to talk to me: 421 4.7.0 busy",
        "host-reply outbound remote stage=connect code=421 enhanced=4.7.0 id=D8962E54 relay=mx.example.net[192.0.2.25] text=421 4.7.0 busy",
    ),
    (
        "S-3",
        "smtp",
        "D8962E54: lost connection with mx.example.net[192.0.2.25] while sending RCPT TO",
        "host-reply outbound nobody stage=rcpt id=D8962E54 relay=mx.example.net[192.0.2.25] text=lost connection with mx.example.net[192.0.2.25] while sending RCPT TO",
    ),
    (
        "S-3",
        "smtp",
        "D8962E54: conversation with mx.example.net[192.0.2.25] timed out while performing the HELO handshake",
        "host-reply outbound nobody stage=ehlo id=D8962E54 relay=mx.example.net[192.0.2.25] text=conversation with mx.example.net[192.0.2.25] timed out while performing the HELO handshake",
    ),
    (
        "S-3",
        "smtp",
        "D8962E54: TLS is required, but was not offered by host mx.example.net[192.0.2.25]",
        "host-reply outbound nobody stage=starttls id=D8962E54 relay=mx.example.net[192.0.2.25] text=TLS is required, but was not offered by host mx.example.net[192.0.2.25]",
    ),
    (
        "S-3",
        "smtp",
        "D8962E54: SASL authentication failed; server mx.example.net[192.0.2.25] said: 535 5.7.8 no",
        "host-reply outbound remote stage=auth code=535 enhanced=5.7.8 id=D8962E54 relay=mx.example.net[192.0.2.25] text=535 5.7.8 no",
    ),
    (
        "S-3",
        "smtp",
        "D8962E54: Cannot start TLS: handshake failure",
        "host-reply outbound nobody stage=starttls id=D8962E54 text=Cannot start TLS: handshake failure",
    ),
    (
        "S-3",
        "lmtp",
        "D8962E54: lost connection with mx.example.net[private/lmtp] while receiving the initial server greeting",
        "host-reply local nobody stage=connect id=D8962E54 relay=mx.example.net[private/lmtp] text=lost connection with mx.example.net[private/lmtp] while receiving the initial server greeting",
    ),
    (
        "S-4",
        "smtp",
        "connect to mx.example.net[2001:db8::25]:25: Network is unreachable",
        "host-reply outbound nobody stage=connect relay=mx.example.net[2001:db8::25]:25 text=connect to mx.example.net[2001:db8::25]:25: Network is unreachable",
    ),
    (
        "S-4",
        "lmtp",
        "connect to mx.example.net[private/lmtp]: No such file or directory",
        "host-reply local nobody stage=connect relay=mx.example.net[private/lmtp] text=connect to mx.example.net[private/lmtp]: No such file or directory",
    ),
    (
        "S-4 before 2.3",
        "smtp",
        "connect to mx.example.net[192.0.2.25]: server refused to talk to me: 421 busy  (port 25)",
        "host-reply outbound remote stage=connect code=421 relay=mx.example.net[192.0.2.25] text=421 busy",
    ),
    (
        "S-5",
        "smtp",
        "warning: host mx.example.net[192.0.2.25] said: 501 5.5.4 bad (in reply to XFORWARD name/address command)",
        "host-reply outbound remote stage=other code=501 enhanced=5.5.4 relay=mx.example.net[192.0.2.25] text=501 5.5.4 bad",
    ),
    (
        "S-6",
        "smtp",
        "Untrusted TLS connection established to mx.example.net[192.0.2.25]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256",
        "quiet",
    ),
    (
        "S-6",
        "smtp",
        "Verified TLS connection reused to mx.example.net[192.0.2.25]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
        "quiet",
    ),
    (
        "S-6",
        "smtp",
        "Anonymous TLS connection established to mx.example.net[192.0.2.25]:25: TLSv1.2 with cipher AECDH-AES256-SHA (256/256 bits)",
        "quiet",
    ),
    (
        "S-6",
        "smtp",
        "Trusted TLS connection established to mx.example.net[192.0.2.25]:25: TLSv1.2 with cipher AECDH-AES256-SHA (256/256 bits)",
        "quiet",
    ),
    ("S-7", "smtp", "SSL_connect error to mx.example.net[192.0.2.25]:25: lost connection", "quiet"),
    (
        "S-7",
        "smtp",
        "certificate verification failed for mx.example.net[192.0.2.25]:25: untrusted issuer /CN=x",
        "quiet",
    ),
    (
        "S-7",
        "smtp",
        "warning: TLS library problem: error:0A00010B:SSL routines::wrong version number:ssl/record/ssl3_record.c:354:",
        "trouble warning TLS library problem: error:0A00010B:SSL routines::wrong version number:ssl/record/ssl3_record.c:354:",
    ),
    (
        "S-8",
        "smtp",
        "D8962E54: enabling PIX workarounds: disable_esmtp delay_dotcrlf for mx.example.net[192.0.2.25]:25",
        "quiet",
    ),
    ("S-8", "smtp", "D8962E54: breaking line > 998 bytes with <CR><LF>SPACE", "quiet"),
    ("S-8", "smtp", "discarding EHLO keywords: CHUNKING", "quiet"),
    (
        "S-8",
        "smtp",
        "D8962E54: Sender requested REQUIRETLS, but REQUIRETLS was not offered by host mx.example.net[192.0.2.25]",
        "quiet",
    ),
    ("S-9", "local", "D8962E54: passing <ann@example.com> to transport=lmtp", "quiet"),
    ("S-9", "smtp", "D8962E54: passing <ann@example.com> to transport=relay", "quiet"),
    (
        "S-10",
        "smtp",
        r#"mx.example.net[192.0.2.25]:25: replacing server reply "550 5.1.1 no" with "450 4.1.1 no""#,
        "quiet",
    ),
    (
        "S-11",
        "smtp",
        "warning: D8962E54: non-ESMTP response from mx.example.net[192.0.2.25]:25: 550 hello",
        "trouble warning D8962E54: non-ESMTP response from mx.example.net[192.0.2.25]:25: 550 hello",
    ),
    (
        "S-11",
        "smtp",
        "warning: mx.example.net[192.0.2.25]:25: response longer than 2048: 250-xxxx...",
        "trouble warning mx.example.net[192.0.2.25]:25: response longer than 2048: 250-xxxx...",
    ),
    (
        "S-12",
        "smtp",
        "D8962E54: replace: header Received: from mx by example.com 550: Received: x",
        "quiet",
    ),
    ("S-12", "smtp", "D8962E54: warning: header Subject: 550 5.1.1", "quiet"),
    ("S-12", "smtp", "D8962E54: strip: nested header X-A: b", "quiet"),
];
