//! Lines about sessions with clients (by the shapes of the log-line inventory, I-4 to I-14) and processes.

use super::check;

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
                "refused relay (host) to <bob@example.org> from <ann@example.net> H=mx.example.net [192.0.2.9]",
                "reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<bob@example.org> client=mx.example.net[192.0.2.9] | refused relay (host) to <bob@example.org> from <ann@example.net> H=mx.example.net [192.0.2.9]",
            ),
            (
                "verify failed for SMTP recipient bob@example.com from <ann@example.net> H=mx.example.net [192.0.2.9]",
                "reject inbound ours reject rejected at=rcpt from=<ann@example.net> to=<bob@example.com> client=mx.example.net[192.0.2.9] | verify failed for SMTP recipient bob@example.com from <ann@example.net> H=mx.example.net [192.0.2.9]",
            ),
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
