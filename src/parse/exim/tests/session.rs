//! Lines about sessions with clients (by the shapes of the log-line inventory, I-1 to I-14) and processes.

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
fn failed_logins_i_4() {
    check(
        "",
        &[
            (
                "plain authenticator failed for (helo) [192.0.2.9]: 535 Incorrect authentication data (set_id=ann)",
                "auth-failure inbound ours reject rejected at=auth code=535 client=[192.0.2.9] helo=<helo> user=<ann> | 535 Incorrect authentication data (set_id=ann)",
            ),
            (
                "login_server authenticator failed for (User) [192.0.2.9]:4000: 535 Incorrect authentication data (set_id=ann@example.com)",
                "auth-failure inbound ours reject rejected at=auth code=535 client=[192.0.2.9]:4000 helo=<User> user=<ann@example.com> | 535 Incorrect authentication data (set_id=ann@example.com)",
            ),
            (
                "login authenticator failed for (helo) [192.0.2.9]:4000 I=[192.0.2.1]:587 U=x: 435 Unable to authenticate at present (set_id=a(b)c): :defer: down",
                "auth-failure inbound ours reject rejected at=auth code=435 client=[192.0.2.9]:4000 helo=<helo> user=<a(b)c> | 435 Unable to authenticate at present (set_id=a(b)c): :defer: down",
            ),
            (
                "plain authenticator failed for H=mx.example.net (helo) [192.0.2.9] U=ann: 501 Invalid base64 data",
                "auth-failure inbound ours reject rejected at=auth code=501 client=mx.example.net[192.0.2.9] helo=<helo> | 501 Invalid base64 data",
            ),
            (
                "dovecot_login authenticator failed for mx.example.net ([10.1.2.3]) [192.0.2.9]: 535 Incorrect authentication data",
                "auth-failure inbound ours reject rejected at=auth code=535 client=mx.example.net[192.0.2.9] helo=<[10.1.2.3]> | 535 Incorrect authentication data",
            ),
            (
                "cram authenticator failed for [192.0.2.9]: 454 no",
                "auth-failure inbound ours reject rejected at=auth code=454 client=[192.0.2.9] | 454 no",
            ),
        ],
    );
}

#[test]
fn bad_helo_i_5() {
    check(
        "",
        &[
            (
                "rejected EHLO from [192.0.2.9]: syntactically invalid argument(s): bad_helo!",
                "reject inbound ours reject rejected at=ehlo implied=501 client=[192.0.2.9] | syntactically invalid argument(s): bad_helo!",
            ),
            (
                "rejected HELO from mx.example.net [192.0.2.9]:4000 I=[192.0.2.1]:25: syntactically invalid argument(s): (no argument given)",
                "reject inbound ours reject rejected at=ehlo implied=501 client=mx.example.net[192.0.2.9]:4000 | syntactically invalid argument(s): (no argument given)",
            ),
            (
                "rejected HELO from CALLER: syntactically invalid argument(s): !@#$%^&*(",
                "reject inbound ours reject rejected at=ehlo implied=501 | syntactically invalid argument(s): !@#$%^&*(",
            ),
            (
                r#"rejected "EHLO lie.example.com" from [192.0.2.9]"#,
                r#"reject inbound ours reject rejected at=ehlo implied=550 client=[192.0.2.9] helo=<lie.example.com> | rejected "EHLO lie.example.com" from [192.0.2.9]"#,
            ),
            (
                r#"temporarily rejected "EHLO lie.example.com" from H=[192.0.2.9]"#,
                r#"reject inbound ours reject rejected at=ehlo implied=451 client=[192.0.2.9] helo=<lie.example.com> | temporarily rejected "EHLO lie.example.com" from H=[192.0.2.9]"#,
            ),
        ],
    );
}

#[test]
fn limits_i_6() {
    check(
        "",
        &[
            (
                "rejected MAIL from [192.0.2.9]: no HELO/EHLO given",
                "reject inbound ours reject rejected at=mail implied=503 client=[192.0.2.9] | no HELO/EHLO given",
            ),
            (
                "rejected MAIL command H=(helo) [192.0.2.9]: too many messages in one connection",
                "reject inbound ours reject rejected at=mail implied=421 client=[192.0.2.9] helo=<helo> | too many messages in one connection",
            ),
            (
                "rejected MAIL FROM:<ann@example.net> H=(helo) [192.0.2.9]:4000 I=[192.0.2.1]:25: message too big: size=99999999 max=40000",
                "reject inbound ours reject rejected at=mail implied=552 from=<ann@example.net> client=[192.0.2.9]:4000 helo=<helo> | message too big: size=99999999 max=40000",
            ),
            (
                "1tUAbc-0000xY-3c rejected from <ann@example.net> H=(helo) [192.0.2.9]: message too big: read=60214 max=40000",
                "reject inbound ours reject rejected at=eod implied=552 from=<ann@example.net> client=[192.0.2.9] helo=<helo> | message too big: read=60214 max=40000",
            ),
            (
                r#"rejected from <ann@example.net> H=(helo) [192.0.2.9] U=ann: Too many "Received" headers"#,
                r#"reject inbound ours reject rejected at=eod implied=550 from=<ann@example.net> client=[192.0.2.9] helo=<helo> | Too many "Received" headers"#,
            ),
            (
                "rejected from <ann@example.net> U=ann: message too big: read=60214 max=40000",
                "reject inbound ours reject rejected at=eod implied=552 from=<ann@example.net> | message too big: read=60214 max=40000",
            ),
            (
                "rejected from <ann@example.net> H=(helo) [192.0.2.9]: Non-CRLF-terminated header, under CHUNKING: message abandoned",
                "reject inbound ours reject rejected at=eod from=<ann@example.net> client=[192.0.2.9] helo=<helo> | Non-CRLF-terminated header, under CHUNKING: message abandoned",
            ),
            (
                "unqualified sender rejected: <ann> H=(helo) [192.0.2.9]",
                "reject inbound ours reject rejected at=mail implied=501 from=<ann> client=[192.0.2.9] helo=<helo> | unqualified sender rejected: <ann> H=(helo) [192.0.2.9]",
            ),
            (
                "unqualified recipient rejected: <bob> H=(helo) [192.0.2.9] (failed to find host name from IP address)",
                "reject inbound ours reject rejected at=rcpt implied=501 to=<bob> client=[192.0.2.9] helo=<helo> | unqualified recipient rejected: <bob> H=(helo) [192.0.2.9] (failed to find host name from IP address)",
            ),
            (
                "unqualified verify rejected: <bob> H=(helo) [192.0.2.9]",
                "reject inbound ours reject rejected at=other implied=501 to=<bob> client=[192.0.2.9] helo=<helo> | unqualified verify rejected: <bob> H=(helo) [192.0.2.9]",
            ),
            (
                "too many recipients: excess temporarily rejected: sender=<ann@example.net> H=(helo) [192.0.2.9]",
                "reject inbound ours reject rejected at=rcpt implied=452 from=<ann@example.net> client=[192.0.2.9] helo=<helo> | too many recipients: excess temporarily rejected: sender=<ann@example.net> H=(helo) [192.0.2.9]",
            ),
            (
                "too many recipients: message rejected: sender=<> H=(helo) [192.0.2.9]",
                "reject inbound ours reject rejected at=rcpt implied=552 from=<> client=[192.0.2.9] helo=<helo> | too many recipients: message rejected: sender=<> H=(helo) [192.0.2.9]",
            ),
            (
                "ridiculously long message header received from H=(helo) [192.0.2.9] F=<ann@example.net> (more than 1048576 characters): message abandoned",
                "reject inbound ours reject rejected at=eod implied=552 from=<ann@example.net> client=[192.0.2.9] helo=<helo> | ridiculously long message header received from H=(helo) [192.0.2.9] F=<ann@example.net> (more than 1048576 characters): message abandoned",
            ),
        ],
    );
}

#[test]
fn input_out_of_turn_i_7() {
    check(
        "",
        &[
            (
                r#"SMTP protocol synchronization error (input sent without waiting for greeting): rejected connection from H=[192.0.2.9] input="EHLO x\r\n""#,
                r#"protocol-violation inbound ours reject rejected at=connect implied=554 client=[192.0.2.9] | SMTP protocol synchronization error (input sent without waiting for greeting): rejected connection from H=[192.0.2.9] input="EHLO x\r\n""#,
            ),
            (
                r#"SMTP protocol synchronization error (next input sent too soon: pipelining was not advertised): rejected "mail from:<ann@example.net>" H=(helo) [192.0.2.9] next input="rcpt to:<b@example.com>\r\n" (30 bytes)"#,
                r#"protocol-violation inbound ours reject rejected at=mail implied=554 client=[192.0.2.9] helo=<helo> | SMTP protocol synchronization error (next input sent too soon: pipelining was not advertised): rejected "mail from:<ann@example.net>" H=(helo) [192.0.2.9] next input="rcpt to:<b@example.com>\r\n" (30 bytes)"#,
            ),
            (
                "SMTP protocol violation: synchronization error (input sent without waiting for greeting): rejected connection from H=[192.0.2.9]",
                "protocol-violation inbound ours reject rejected at=connect implied=554 client=[192.0.2.9] | SMTP protocol violation: synchronization error (input sent without waiting for greeting): rejected connection from H=[192.0.2.9]",
            ),
        ],
    );
}

#[test]
fn errors_of_protocol_and_syntax_i_8() {
    check(
        "",
        &[
            (
                r#"SMTP protocol error in "RCPT TO:<bob@example.com>" H=(helo) [192.0.2.9] sender not yet given"#,
                "protocol-violation inbound ours reject rejected at=rcpt implied=503 to=<bob@example.com> client=[192.0.2.9] helo=<helo> | sender not yet given",
            ),
            (
                r#"SMTP protocol error in "MAIL FROM:<ann@example.net>" H=(helo) [192.0.2.9] I=[192.0.2.1]:25 sender already given"#,
                "protocol-violation inbound ours reject rejected at=mail implied=503 from=<ann@example.net> client=[192.0.2.9] helo=<helo> | sender already given",
            ),
            (
                r#"SMTP protocol error in "data" U=ann valid RCPT command must precede DATA"#,
                "protocol-violation inbound ours reject rejected at=data implied=503 | valid RCPT command must precede DATA",
            ),
            (
                r#"SMTP protocol error in "AUTH CRAM-MD5" H=(helo) [192.0.2.9] CRAM-MD5 authentication mechanism not supported"#,
                "protocol-violation inbound ours reject rejected at=auth implied=504 client=[192.0.2.9] helo=<helo> | CRAM-MD5 authentication mechanism not supported",
            ),
            (
                r#"SMTP protocol error in "AUTH LOGIN" H=(helo) [192.0.2.9] AUTH command used when not advertised"#,
                "protocol-violation inbound ours reject rejected at=auth implied=503 client=[192.0.2.9] helo=<helo> | AUTH command used when not advertised",
            ),
            (
                r#"SMTP protocol error in "etrn #abc" U=ann ETRN is not permitted inside a transaction"#,
                "protocol-violation inbound ours reject rejected at=other implied=503 | ETRN is not permitted inside a transaction",
            ),
            (
                r#"SMTP syntax error in "FOO" H=(helo) [192.0.2.9] unrecognized command"#,
                "protocol-violation inbound ours reject rejected at=other implied=500 client=[192.0.2.9] helo=<helo> | unrecognized command",
            ),
            (
                r#"SMTP syntax error in "a "quoted" word" H=(helo) [192.0.2.9] unrecognized command"#,
                "protocol-violation inbound ours reject rejected at=other implied=500 client=[192.0.2.9] helo=<helo> | unrecognized command",
            ),
            (
                r#"SMTP syntax error in "MAIL FROM:<a b@example.net>" H=(helo) [192.0.2.9]:4000 I=[192.0.2.1]:25 "@" or "." expected after "a""#,
                r#"protocol-violation inbound ours reject rejected at=mail implied=501 from=<a b@example.net> client=[192.0.2.9]:4000 helo=<helo> | "@" or "." expected after "a""#,
            ),
            (
                r#"SMTP call from (helo) [192.0.2.9] dropped: too many unrecognized commands (last was "BAZ")"#,
                r#"protocol-violation inbound ours drop rejected implied=500 client=[192.0.2.9] helo=<helo> | too many unrecognized commands (last was "BAZ")"#,
            ),
            (
                r#"SMTP call from H=(helo) [192.0.2.9]:4000 dropped: too many nonmail commands (last was "NOOP")"#,
                r#"protocol-violation inbound ours drop rejected implied=554 client=[192.0.2.9]:4000 helo=<helo> | too many nonmail commands (last was "NOOP")"#,
            ),
            (
                r#"SMTP call from [192.0.2.9] dropped: too many syntax or protocol errors (last command was "X", C=EHLO,X)"#,
                r#"protocol-violation inbound ours drop rejected client=[192.0.2.9] | too many syntax or protocol errors (last command was "X", C=EHLO,X)"#,
            ),
        ],
    );
}

#[test]
fn sessions_that_end_i_9() {
    check(
        "",
        &[
            (
                "SMTP command timeout on connection from (helo) [192.0.2.9]:4000 I=[192.0.2.1]:25 D=5m",
                "session-timeout inbound ours rejected at=timeout implied=421 client=[192.0.2.9]:4000 helo=<helo> | SMTP command timeout on connection from (helo) [192.0.2.9]:4000 I=[192.0.2.1]:25 D=5m",
            ),
            (
                "SMTP command timeout on TLS connection from H=(helo) [192.0.2.9]",
                "session-timeout inbound ours rejected at=timeout implied=421 client=[192.0.2.9] helo=<helo> | SMTP command timeout on TLS connection from H=(helo) [192.0.2.9]",
            ),
            (
                "1tUAbc-0000xY-3c SMTP data timeout (message abandoned) on connection from (helo) [192.0.2.9] F=<ann@example.net> D=5m",
                "session-timeout inbound ours rejected at=timeout implied=421 from=<ann@example.net> client=[192.0.2.9] helo=<helo> | SMTP data timeout (message abandoned) on connection from (helo) [192.0.2.9] F=<ann@example.net> D=5m",
            ),
            (
                "unexpected disconnection while reading SMTP command from (helo) [192.0.2.9] D=0s",
                "quiet",
            ),
            ("unexpected EOF while reading SMTP command from [192.0.2.9]", "quiet"),
            ("SMTP connection from (helo) [192.0.2.9] D=1s closed by QUIT", "quiet"),
            ("SMTP connection from [192.0.2.9] closed by DROP in ACL", "quiet"),
            (
                "SMTP connection from (helo) [192.0.2.9] lost while reading message data (header)",
                "quiet",
            ),
            (
                "SMTP connection from [192.0.2.9]:4000 I=[192.0.2.1]:25 (TCP/IP connection count = 2)",
                "quiet",
            ),
            (
                "no MAIL in SMTP connection from (helo) [192.0.2.9] D=0.2s X=TLS1.3:A:256 C=EHLO,QUIT",
                "quiet",
            ),
            ("no MAIL in TFO SMTP connection from [192.0.2.9] D=0s", "quiet"),
            (
                "H=(helo) [192.0.2.9] incomplete transaction (QUIT) from <ann@example.net> for bob@example.com",
                "quiet",
            ),
            (
                "1tUAbc-0000xY-3c H=(helo) [192.0.2.9] incomplete transaction (connection lost) from <ann@example.net>",
                "quiet",
            ),
        ],
    );
}

#[test]
fn refused_connections_i_10() {
    check(
        "",
        &[
            (
                "Connection from [192.0.2.9]:4000 I=[192.0.2.1]:25 refused: too many connections",
                "reject inbound ours drop rejected at=connect implied=421 client=[192.0.2.9]:4000 | too many connections",
            ),
            (
                "Connection from [192.0.2.9] refused: too many connections from that IP address",
                "reject inbound ours drop rejected at=connect implied=421 client=[192.0.2.9] | too many connections from that IP address",
            ),
            (
                "Connection from [192.0.2.9] refused: load average = 22.13",
                "reject inbound ours drop rejected at=connect implied=421 client=[192.0.2.9] | load average = 22.13",
            ),
            (
                "refused connection from [192.0.2.9] (host_reject_connection)",
                "reject inbound ours reject rejected at=connect implied=554 client=[192.0.2.9] | (host_reject_connection)",
            ),
            (
                "refused connection from mx.example.net [192.0.2.9] (tcp wrappers)",
                "reject inbound ours reject rejected at=connect implied=554 client=mx.example.net[192.0.2.9] | (tcp wrappers)",
            ),
            (
                "temporarily refused connection from H=[192.0.2.9]: host lookup failed",
                "reject inbound ours reject rejected at=connect client=[192.0.2.9] | host lookup failed",
            ),
            (
                "H=[192.0.2.9] dropped by ACL connect: 554 go",
                "reject inbound ours drop rejected at=connect code=554 client=[192.0.2.9] | 554 go",
            ),
            (
                "H=(helo) [192.0.2.9] dropped by ACL RCPT <bob@example.com>: listed",
                "reject inbound ours drop rejected at=rcpt to=<bob@example.com> client=[192.0.2.9] helo=<helo> | listed",
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

#[test]
fn tls_errors_i_13() {
    check(
        "",
        &[
            (
                "TLS error on connection from mx.example.net [192.0.2.9] (SSL_accept): error:0A000126",
                "quiet",
            ),
            (
                "TLS error on connection to mx.example.com [192.0.2.25] (gnutls_handshake): timed out",
                "quiet",
            ),
            (
                "TLS error on connection from [192.0.2.9] (cert/key setup: cert=/etc/exim.crt key=/etc/exim.key): Error while reading file.",
                "trouble warning | TLS error on connection from [192.0.2.9] (cert/key setup: cert=/etc/exim.crt key=/etc/exim.key): Error while reading file.",
            ),
            (
                "[192.0.2.9] SSL verify error: depth=0 error=unable to get local issuer certificate",
                "quiet",
            ),
            ("SSL_write: (from mx.example.net [192.0.2.9]) syscall: Broken pipe", "quiet"),
        ],
    );
}

#[test]
fn lookups_i_14() {
    check(
        "",
        &[
            ("no host name found for IP address 192.0.2.9", "quiet"),
            (
                "no IP address found for host mx.example.net (during SMTP connection from [192.0.2.9])",
                "quiet",
            ),
            (
                "DNS list lookup defer (probably timeout) for 9.2.0.192.list.example.org: assumed not in list",
                "quiet",
            ),
            ("ident connection to 192.0.2.9 timed out", "quiet"),
            ("ETRN #example.com received from [192.0.2.9]", "quiet"),
            ("VRFY failed for bob H=(helo) [192.0.2.9]", "quiet"),
            (
                "ignoring AUTH=ann@example.net from H=(helo) [192.0.2.9] (client not authenticated)",
                "quiet",
            ),
            (
                "spool directory space check failed: space=10 inodes=2000",
                "trouble error | spool directory space check failed: space=10 inodes=2000",
            ),
        ],
    );
}

#[test]
fn lines_about_processes() {
    check(
        "",
        &[
            (
                "exim 4.96 daemon started: pid=562, -q30m, listening for SMTP on port 25 (IPv4)",
                "quiet",
            ),
            ("Start queue run: pid=563 -qf", "quiet"),
            ("End queue run: pid=563", "quiet"),
            ("Start 'big' queue run: pid=1", "quiet"),
            ("Abandon queue run: pid=1", "quiet"),
            ("cwd=/var/www 3 args: /usr/sbin/sendmail -t => -i", "quiet"),
            ("pid 562: SIGHUP received: re-exec daemon", "quiet"),
            ("Warning: purging the environment.", "trouble warning | purging the environment."),
            (
                "Exim configuration error in line 12 of /etc/exim.conf:",
                "trouble fatal | Exim configuration error in line 12 of /etc/exim.conf:",
            ),
            (
                r#"configured error code starts with incorrect digit (expected 5) in "250 not allowed""#,
                r#"trouble error | configured error code starts with incorrect digit (expected 5) in "250 not allowed""#,
            ),
            (
                "malware acl condition: clamd: unable to connect to UNIX socket",
                "trouble warning | malware acl condition: clamd: unable to connect to UNIX socket",
            ),
            (
                "DKIM: d=example.net s=m c=simple/simple a=rsa-sha256 b=1024 [verification succeeded]",
                "quiet",
            ),
        ],
    );
}

#[test]
fn other_texts_are_unknown() {
    check(
        "",
        &[
            ("hello world", "unknown"),
            ("R=1 rejected", "unknown"),
            ("H=not a host", "unknown"),
            ("Jan 5 something", "unknown"),
            ("550 5.1.1 no", "unknown"),
            ("=> bob@example.com R=dnslookup", "unknown"),
            ("[192.0.2.9] something", "unknown"),
        ],
    );
}
