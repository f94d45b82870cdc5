//! Lines of ACLs, by the shapes of the log-line inventory: I-1, I-2, I-3, I-11, I-12.

use super::check;

#[test]
fn acls_that_refuse_i_1() {
    check(
        "",
        &[
            (
                "H=mx.example.net (helo) [192.0.2.9] F=<ann@example.net> rejected RCPT <bob@example.com>: relay not permitted",
                "reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<bob@example.com> client=mx.example.net[192.0.2.9] helo=<helo> | relay not permitted",
            ),
            (
                r#"H=mx.example.net (helo) [192.0.2.9]:4000 I=[192.0.2.1]:25 Ci=7 X=TLS1.3:AES:256 CV=no DN="CN=a" SNI=mx F=<ann@example.net> A=plain:ann rejected RCPT <bob@example.com>: 554 5.7.1 go away"#,
                "reject inbound ours reject rejected at=rcpt code=554 enhanced=5.7.1 from=<ann@example.net> to=<bob@example.com> client=mx.example.net[192.0.2.9]:4000 helo=<helo> tls=TLS1.3:AES:256 user=<ann> | 554 5.7.1 go away",
            ),
            (
                "[811] H=(helo) [192.0.2.9] F=<> temporarily rejected RCPT <bob@example.com>: 451 4.7.1 Greylisted",
                "reject inbound ours reject rejected at=rcpt code=451 enhanced=4.7.1 from=<> to=<bob@example.com> client=[192.0.2.9] helo=<helo> | 451 4.7.1 Greylisted",
            ),
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> temporarily rejected RCPT <bob@example.com>: greylisted",
                "reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<bob@example.com> client=[192.0.2.9] helo=<helo> | greylisted",
            ),
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> rejected RCPT <bob@example.com>",
                "reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<bob@example.com> client=[192.0.2.9] helo=<helo> | rejected RCPT <bob@example.com>",
            ),
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> rejected RCPT bob@example.com NOTIFY=NEVER: unqualified",
                "reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<bob@example.com> client=[192.0.2.9] helo=<helo> | unqualified",
            ),
            (
                r#"H=(helo) [192.0.2.9] F=<ann@example.net> rejected RCPT "b: c"@example.com: no"#,
                r#"reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<"b: c"@example.com> client=[192.0.2.9] helo=<helo> | no"#,
            ),
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> rejected RCPT <bob@example.com>: 5.7.1 enhanced only",
                "reject inbound ours reject rejected at=rcpt enhanced=5.7.1 from=<ann@example.net> to=<bob@example.com> client=[192.0.2.9] helo=<helo> | 5.7.1 enhanced only",
            ),
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> rejected RCPT <bob@example.com>: 550-5.7.1 first line",
                "reject inbound ours reject rejected at=rcpt code=550 from=<ann@example.net> to=<bob@example.com> client=[192.0.2.9] helo=<helo> | 550-5.7.1 first line",
            ),
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> rejected RCPT <bob@example.com>: 554-5.7.1 first line",
                "reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<bob@example.com> client=[192.0.2.9] helo=<helo> | 554-5.7.1 first line",
            ),
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> rejected RCPT <bob@example.com>: 451 wrong class",
                "reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<bob@example.com> client=[192.0.2.9] helo=<helo> | 451 wrong class",
            ),
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> temporarily rejected RCPT <bob@example.com>: Could not complete recipient verify callout: mx.example.com [192.0.2.25] : SMTP error from remote mail server after RCPT TO:<bob@example.com>: 451 no",
                "reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<bob@example.com> client=[192.0.2.9] helo=<helo> | Could not complete recipient verify callout: mx.example.com [192.0.2.25] : SMTP error from remote mail server after RCPT TO:<bob@example.com>: 451 no",
            ),
            (
                r#"H=(helo) [192.0.2.9] F=<ann@example.net> rejected RCPT <bob@example.com>: response to "RCPT TO:<bob@example.com>" from mx.example.com [192.0.2.25] was: 550 no"#,
                r#"reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<bob@example.com> client=[192.0.2.9] helo=<helo> | response to "RCPT TO:<bob@example.com>" from mx.example.com [192.0.2.25] was: 550 no"#,
            ),
            (
                r#"H=(helo) [192.0.2.9] F=<ann@example.net> rejected RCPT <bob@example.com>: "JunkMail rejected - 550 5.7.1""#,
                r#"reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<bob@example.com> client=[192.0.2.9] helo=<helo> | "JunkMail rejected - 550 5.7.1""#,
            ),
            (
                "H=(helo) [192.0.2.9] rejected MAIL <ann@example.net>: 553 sender refused; bye",
                "reject inbound ours reject rejected at=mail code=553 from=<ann@example.net> client=[192.0.2.9] helo=<helo> | 553 sender refused; bye",
            ),
            (
                "H=(helo) [192.0.2.9] rejected MAIL <>",
                "reject inbound ours reject rejected at=mail from=<> client=[192.0.2.9] helo=<helo> | rejected MAIL <>",
            ),
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> rejected DATA: 554 5.7.1 no data",
                "reject inbound ours reject rejected at=data code=554 enhanced=5.7.1 from=<ann@example.net> client=[192.0.2.9] helo=<helo> | 554 5.7.1 no data",
            ),
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> temporarily rejected DATA",
                "reject inbound ours reject rejected at=data from=<ann@example.net> client=[192.0.2.9] helo=<helo> | temporarily rejected DATA",
            ),
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> rejected during MIME ACL checks: bad attachment",
                "reject inbound ours reject rejected at=eod from=<ann@example.net> client=[192.0.2.9] helo=<helo> | bad attachment",
            ),
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> rejected after DATA PRDR: no",
                "reject inbound ours reject rejected at=eod from=<ann@example.net> client=[192.0.2.9] helo=<helo> | no",
            ),
            (
                "H=(helo) [192.0.2.9] rejected EHLO or HELO helo: HELO name is a lie: helo",
                "reject inbound ours reject rejected at=ehlo client=[192.0.2.9] helo=<helo> | HELO name is a lie: helo",
            ),
            (
                "H=[192.0.2.9] temporarily rejected EHLO or HELO [IPv6:2001:db8::1]: 450 4.7.1 later",
                "reject inbound ours reject rejected at=ehlo code=450 enhanced=4.7.1 client=[192.0.2.9] helo=<[IPv6:2001:db8::1]> | 450 4.7.1 later",
            ),
            (
                r#"H=[192.0.2.9] rejected connection in "connect" ACL: 554 5.7.1 your address is not welcome"#,
                "reject inbound ours reject rejected at=connect code=554 enhanced=5.7.1 client=[192.0.2.9] | 554 5.7.1 your address is not welcome",
            ),
            (
                r#"H=[192.0.2.9] temporarily rejected connection in "connect" ACL"#,
                r#"reject inbound ours reject rejected at=connect client=[192.0.2.9] | temporarily rejected connection in "connect" ACL"#,
            ),
            (
                "H=(helo) [192.0.2.9] rejected AUTH PLAIN: 503 not here",
                "reject inbound ours reject rejected at=auth code=503 client=[192.0.2.9] helo=<helo> | 503 not here",
            ),
            (
                "H=(helo) [192.0.2.9] rejected STARTTLS: no",
                "reject inbound ours reject rejected at=starttls client=[192.0.2.9] helo=<helo> | no",
            ),
            (
                "H=(helo) [192.0.2.9] rejected ETRN #x",
                "reject inbound ours reject rejected at=other client=[192.0.2.9] helo=<helo> | rejected ETRN #x",
            ),
            (
                "H=(helo) [192.0.2.9] rejected VRFY bob: 252 try it",
                "reject inbound ours reject rejected at=other code=252 client=[192.0.2.9] helo=<helo> | 252 try it",
            ),
            (
                "H=(helo) [192.0.2.9] rejected EXPN list",
                "reject inbound ours reject rejected at=other client=[192.0.2.9] helo=<helo> | rejected EXPN list",
            ),
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> rejected DKIM : DKIM test failed",
                "reject inbound ours reject rejected at=eod from=<ann@example.net> client=[192.0.2.9] helo=<helo> | DKIM test failed",
            ),
            (
                "DS H=mx.example.net DS (helo) [192.0.2.9] F=<ann@example.net> rejected RCPT <bob@example.com>: no",
                "reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<bob@example.com> client=mx.example.net[192.0.2.9] helo=<helo> | no",
            ),
            (
                "U=www data F=<ann@example.net> rejected RCPT <bob@example.com>: no",
                "reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<bob@example.com> | no",
            ),
            (
                r#"U=CALLER rejected connection in "connect" ACL"#,
                r#"reject inbound ours reject rejected at=connect | rejected connection in "connect" ACL"#,
            ),
            (
                "H=[192.0.2.9] U=root F=<ann@example.net> rejected RCPT <bob@example.com>: Sender verify failed",
                "reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<bob@example.com> client=[192.0.2.9] | Sender verify failed",
            ),
            (
                "1tUAbc-0000xY-3c H=(helo) [192.0.2.9] F=<ann@example.net> rejected after DATA: 550 5.7.1 This message scored 15.5 points",
                "reject inbound ours reject rejected at=eod code=550 enhanced=5.7.1 from=<ann@example.net> client=[192.0.2.9] helo=<helo> | 550 5.7.1 This message scored 15.5 points",
            ),
            (
                "1tUAbc-0000xY-3c H=(helo) [192.0.2.9] F=<> temporarily rejected after DATA",
                "reject inbound ours reject rejected at=eod from=<> client=[192.0.2.9] helo=<helo> | temporarily rejected after DATA",
            ),
            (
                "1tUAbc-0000xY-3c U=ann F=<ann@example.net> rejected after DATA: there is no valid sender in any header line",
                "reject inbound ours reject rejected at=eod from=<ann@example.net> | there is no valid sender in any header line",
            ),
        ],
    );
}

#[test]
fn refusals_without_smtp_i_2() {
    check(
        "",
        &[
            (
                "1tUAbc-0000xY-3c F=<ann@example.net> rejected by non-SMTP ACL: 550 don't like it",
                "reject inbound ours reject rejected from=<ann@example.net> | 550 don't like it",
            ),
            (
                "1tUAbc-0000xY-3c H=(helo) [192.0.2.9] F=<ann@example.net> temporarily rejected by local_scan(): busy",
                "reject inbound ours reject rejected at=eod from=<ann@example.net> client=[192.0.2.9] helo=<helo> | busy",
            ),
            // The sender without brackets, before the host or behind it.
            (
                "1tUAbc-0000xY-3c F=ann@example.net H=mail.example.net (helo) [192.0.2.9] I=[192.0.2.32]:25 P=esmtp temporarily rejected by local_scan(): busy",
                "reject inbound ours reject rejected at=eod from=<ann@example.net> client=mail.example.net[192.0.2.9] helo=<helo> | busy",
            ),
            (
                "H=(helo) [192.0.2.9]:3755 I=[192.0.2.32]:25 F=ann@example.net rejected RCPT bob@example.com: relay not permitted",
                "reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<bob@example.com> client=[192.0.2.9]:3755 helo=<helo> | relay not permitted",
            ),
        ],
    );
}

#[test]
fn sender_verification_i_3() {
    check(
        "",
        &[
            (
                "H=(helo) [192.0.2.9] sender verify fail for <ann@example.net>: Unrouteable address",
                "probe outbound ours undeliverable to=<ann@example.net> client=[192.0.2.9] helo=<helo> | Unrouteable address",
            ),
            (
                "H=(helo) [192.0.2.9] sender verify defer for <ann@example.net>: host lookup did not complete",
                "probe outbound nobody to=<ann@example.net> client=[192.0.2.9] helo=<helo> | host lookup did not complete",
            ),
            (
                "H=(helo) [192.0.2.9] sender verify fail for <ann@example.net>: mx.example.net [192.0.2.7] : SMTP error from remote mail server after RCPT TO:<ann@example.net>: 550 5.1.1 unknown",
                "host-reply outbound remote at=rcpt code=550 enhanced=5.1.1 to=<ann@example.net> client=[192.0.2.9] helo=<helo> relay=mx.example.net[192.0.2.7] | 550 5.1.1 unknown",
            ),
            (
                r#"H=(helo) [192.0.2.9] sender verify fail for <ann@example.net>: mx.example.net [192.0.2.7] : response to "RCPT TO:<ann@example.net>" was: 550 5.1.1 unknown"#,
                "host-reply outbound remote at=rcpt code=550 enhanced=5.1.1 to=<ann@example.net> client=[192.0.2.9] helo=<helo> relay=mx.example.net[192.0.2.7] | 550 5.1.1 unknown",
            ),
            (
                r#"H=(helo) [192.0.2.9] sender verify defer for <ann@example.net>: Could not complete sender verify callout: response to "MAIL FROM:<>" from mx.example.net [192.0.2.7] was: 450-slow\n450 down"#,
                r"host-reply outbound remote at=mail code=450 to=<ann@example.net> client=[192.0.2.9] helo=<helo> relay=mx.example.net[192.0.2.7] | 450-slow\n450 down",
            ),
            (
                "H=(helo) [192.0.2.9] sender verify defer for <ann@example.net>: Could not complete sender verify callout: mx.example.net [192.0.2.7] : could not connect: Connection refused",
                "probe outbound nobody to=<ann@example.net> client=[192.0.2.9] helo=<helo> | Could not complete sender verify callout: mx.example.net [192.0.2.7] : could not connect: Connection refused",
            ),
            (
                "H=(helo) [192.0.2.9] sender verify fail for <ann@example.net>",
                "probe outbound ours undeliverable to=<ann@example.net> client=[192.0.2.9] helo=<helo> | sender verify fail for <ann@example.net>",
            ),
        ],
    );
}

#[test]
fn discarded_by_an_acl_i_11() {
    check(
        "",
        &[
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> RCPT <bob@example.com>: discarded by RCPT ACL",
                "disposal inbound ours discard discarded at=rcpt from=<ann@example.net> to=<bob@example.com> client=[192.0.2.9] helo=<helo> | discarded by RCPT ACL",
            ),
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> RCPT <bob@example.com>: discarded by MAIL ACL: listed (550)",
                "disposal inbound ours discard discarded at=rcpt from=<ann@example.net> to=<bob@example.com> client=[192.0.2.9] helo=<helo> | listed (550)",
            ),
            (
                "H=(helo) [192.0.2.9] F=<ann@example.net> rejected RCPT <bob@example.com>: discarded by RCPT ACL: old",
                "disposal inbound ours discard discarded at=rcpt from=<ann@example.net> to=<bob@example.com> client=[192.0.2.9] helo=<helo> | old",
            ),
            (
                "H=(helo) [192.0.2.9] MAIL <ann@example.net>: discarded by MAIL ACL",
                "disposal inbound ours discard discarded at=mail from=<ann@example.net> client=[192.0.2.9] helo=<helo> | discarded by MAIL ACL",
            ),
        ],
    );
}

#[test]
fn warnings_i_12() {
    check(
        "",
        &[
            ("H=(helo) [192.0.2.9] Warning: watch this 550 client", "quiet"),
            (
                r#"H=(helo) [192.0.2.9] Warning: ACL "warn" statement skipped (in "acl"): condition test deferred: no server"#,
                r#"trouble warning | ACL "warn" statement skipped (in "acl"): condition test deferred: no server"#,
            ),
            (
                "U=CALLER Warning: Sender verify failed: 192.0.2.7 [192.0.2.7] : SMTP error from remote mail server after RCPT TO:<x@example.net>: 550 Unknown",
                "quiet",
            ),
        ],
    );
}
