//! Lines about deliveries that failed: `**`, `==`, and hosts that were tried.

use super::check;

#[test]
fn failures_tell_the_reply_or_the_words() {
    check(
        "1tUAbc-0000xY-3c ",
        &[
            (
                r"** old@example.com <new@example.org> R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.25] X=TLS1.2:ECDHE-RSA-AES256-GCM-SHA384:256 CV=yes : SMTP error from remote mail server after pipelined RCPT TO:<old@example.com>: 550-5.1.1 no such user\n550 5.1.1 see https://example.com/?q=5.7.1 DT=1s",
                r"delivery outbound remote bounced at=rcpt code=550 enhanced=5.1.1 to=<new@example.org> final=<old@example.com> relay=mx.example.com[192.0.2.25] took=None/(1000000) tls=TLS1.2:ECDHE-RSA-AES256-GCM-SHA384:256 | 550-5.1.1 no such user\n550 5.1.1 see https://example.com/?q=5.7.1",
            ),
            (
                r#"** bob@example.com F=<ann@example.net> P=<ann@example.net> R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.25]:25 I=[192.0.2.1]:35592 PS=x X=TLS1.3:A:256 CV=no DN="CN=mx": SMTP error from remote mail server after end of data: 554 5.7.1 spam"#,
                "delivery outbound remote bounced at=eod code=554 enhanced=5.7.1 from=<ann@example.net> to=<bob@example.com> relay=mx.example.com[192.0.2.25]:25 tls=TLS1.3:A:256 | 554 5.7.1 spam",
            ),
            (
                "** bob@example.com R=dnslookup T=remote_smtp: SMTP error from remote mail server after RCPT TO:<bob@example.com>: host mx.example.com [192.0.2.25]: 550 5.1.1 unknown",
                "delivery outbound remote bounced at=rcpt code=550 enhanced=5.1.1 to=<bob@example.com> relay=mx.example.com[192.0.2.25] | 550 5.1.1 unknown",
            ),
            (
                "** bob@example.com R=lookuphost T=smtp: SMTP error from remote mailer after RCPT TO:<bob@example.com>: host mx.example.com [192.0.2.25]: 550 unknown",
                "delivery outbound remote bounced at=rcpt code=550 to=<bob@example.com> relay=mx.example.com[192.0.2.25] | 550 unknown",
            ),
            (
                "** bob <bob@example.com> R=virtual_user T=dovecot_virtual_delivery: LMTP error from remote mail server after RCPT TO:<bob@example.com>: 550 5.1.1 no such user",
                "delivery local remote bounced at=rcpt code=550 enhanced=5.1.1 to=<bob@example.com> final=<bob> relay=dovecot_virtual_delivery[] | 550 5.1.1 no such user",
            ),
            (
                "** bob@example.com: retry timeout exceeded",
                "delivery outbound ours bounced to=<bob@example.com> | retry timeout exceeded",
            ),
            (
                "** bob@example.com <list@example.org>: retry timeout exceeded",
                "delivery outbound ours bounced to=<list@example.org> final=<bob@example.com> | retry timeout exceeded",
            ),
            (
                "** bob@example.com R=dnslookup T=remote_smtp: retry timeout exceeded",
                "delivery outbound ours bounced to=<bob@example.com> | retry timeout exceeded",
            ),
            (
                "** bob@example.com R=dnslookup T=remote_smtp : all hosts for 'example.com' have been failing for a long time and were last tried after this message arrived",
                "delivery outbound nobody bounced to=<bob@example.com> | all hosts for 'example.com' have been failing for a long time and were last tried after this message arrived",
            ),
            (
                "** bob@example.com: Unrouteable address",
                "delivery local ours bounced to=<bob@example.com> | Unrouteable address",
            ),
            (
                "** bob@example.com F=<ann@example.net>: Unrouteable address DT=0.000s",
                "delivery local ours bounced from=<ann@example.net> to=<bob@example.com> took=None/(0) | Unrouteable address",
            ),
            (
                "** bob@example.com R=dnslookup : an MX or SRV record indicated no SMTP service",
                "delivery outbound nobody bounced to=<bob@example.com> | an MX or SRV record indicated no SMTP service",
            ),
            (
                "** bob@example.com R=system_aliases: 550 5.1.6 this user has left",
                "delivery local ours bounced to=<bob@example.com> relay=system_aliases[] | 550 5.1.6 this user has left",
            ),
            (
                "** bob@example.com R=dnslookup_relay_to_domains: Unrouteable address",
                "delivery outbound ours bounced to=<bob@example.com> | Unrouteable address",
            ),
            (
                "** bob@example.com R=dnslookup: lowest numbered MX record points to local host",
                "delivery outbound nobody bounced to=<bob@example.com> | lowest numbered MX record points to local host",
            ),
            (
                "** bob@example.com R=localuser T=local_delivery: mailbox is full (MTA-imposed quota exceeded while writing to /var/mail/bob)",
                "delivery local ours bounced to=<bob@example.com> relay=local_delivery[] | mailbox is full (MTA-imposed quota exceeded while writing to /var/mail/bob)",
            ),
            (
                "** |/bin/false <bob@example.com> R=aliases T=address_pipe : Child process of address_pipe transport returned 1 from command: /bin/false DT=0s",
                "delivery local ours bounced to=<bob@example.com> final=<|/bin/false> relay=address_pipe[] took=None/(0) | Child process of address_pipe transport returned 1 from command: /bin/false",
            ),
            (
                r#"** :fail: text@special <":fail: text"@special> R=system_aliases : no: such user"#,
                r#"delivery local ours bounced to=<":fail: text"@special> final=<:fail: text@special> relay=system_aliases[] | no: such user"#,
            ),
            (
                "** bob@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.25] : message has lines too long for transport (received 1200, limit 998)",
                "delivery outbound ours bounced to=<bob@example.com> relay=mx.example.com[192.0.2.25] | message has lines too long for transport (received 1200, limit 998)",
            ),
            (
                "** bob@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.25]",
                "delivery outbound ours bounced to=<bob@example.com> relay=mx.example.com[192.0.2.25] |",
            ),
            (
                "** bob@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.25]: No route to host",
                "delivery outbound nobody bounced to=<bob@example.com> relay=mx.example.com[192.0.2.25] | No route to host",
            ),
            ("** bob@exam", "malformed(cut)"),
        ],
    );
}

#[test]
fn deferrals_tell_the_reply_and_what_was_not_tried() {
    check(
        "1tUAbc-0000xY-3c ",
        &[
            (
                "== bob@example.com R=dnslookup T=remote_smtp defer (113): No route to host H=mx.example.com [192.0.2.25]: mx.example.com [192.0.2.25]",
                "delivery outbound nobody deferred to=<bob@example.com> relay=mx.example.com[192.0.2.25] | No route to host",
            ),
            (
                "== bob@example.com R=dnslookup T=remote_smtp defer (-44) H=mx.example.com [2001:db8::25]:25: SMTP error from remote mail server after RCPT TO:<bob@example.com>: 451 4.7.1 Greylisted (wait 300s): again",
                "delivery outbound remote deferred at=rcpt code=451 enhanced=4.7.1 to=<bob@example.com> relay=mx.example.com[2001:db8::25]:25 | 451 4.7.1 Greylisted (wait 300s): again",
            ),
            (
                "== bob@example.com R=dnslookup T=remote_smtp defer (110): Connection timed out",
                "delivery outbound nobody deferred to=<bob@example.com> | Connection timed out",
            ),
            (
                "== bob@example.com R=dnslookup T=remote_smtp defer (-44) H=mx.example.com [192.0.2.25]:25* I=[192.0.2.1]:56342 DT=0.2s: SMTP error from remote mail server after RCPT TO:<bob@example.com>: 452 4.5.3 Too many recipients",
                "delivery outbound remote deferred at=rcpt code=452 enhanced=4.5.3 to=<bob@example.com> relay=mx.example.com[192.0.2.25]:25 took=None/(200000) | 452 4.5.3 Too many recipients",
            ),
            (
                "== bob@example.com R=dnslookup T=remote_smtp defer (-45): SMTP error from remote mail server after MAIL FROM:<ann@example.net> SIZE=2211: host mx.example.com [192.0.2.25]: 451 later",
                "delivery outbound remote deferred at=mail code=451 to=<bob@example.com> relay=mx.example.com[192.0.2.25] | 451 later",
            ),
            (
                "== bob@example.com R=dnslookup T=remote_smtp defer (60): Operation timed out H=mx.example.com [192.0.2.25] DT=30s: SMTP timeout after RCPT TO:<bob@example.com>",
                "delivery outbound nobody deferred at=rcpt to=<bob@example.com> relay=mx.example.com[192.0.2.25] took=None/(30000000) | SMTP timeout after RCPT TO:<bob@example.com>",
            ),
            (
                "== bob@example.com R=dnslookup T=remote_smtp defer (110): Connection timed out: SMTP timeout while connected to mx.example.com [192.0.2.25] after initial connection",
                "delivery outbound nobody deferred at=connect to=<bob@example.com> relay=mx.example.com[192.0.2.25] | Connection timed out: SMTP timeout while connected to mx.example.com [192.0.2.25] after initial connection",
            ),
            (
                "== bob@example.com R=dnslookup T=remote_smtp defer (111): Connection refused DT=0s",
                "delivery outbound nobody deferred to=<bob@example.com> took=None/(0) | Connection refused",
            ),
            (
                "== bob@example.com R=dnslookup T=remote_smtp defer (0): SMTP error from remote mail server after initial connection: 421 4.3.2 busy",
                "delivery outbound remote deferred at=connect code=421 enhanced=4.3.2 to=<bob@example.com> | 421 4.3.2 busy",
            ),
            (
                "== bob@example.com R=dnslookup defer (-1): host lookup did not complete",
                "delivery outbound nobody deferred to=<bob@example.com> | host lookup did not complete",
            ),
            (
                "== bob@example.com routing defer (-52): retry time not reached",
                "postponed outbound ours deferred to=<bob@example.com> | retry time not reached",
            ),
            (
                "== bob@example.com routing defer (-51): retry time not reached",
                "postponed outbound ours deferred to=<bob@example.com> | retry time not reached",
            ),
            (
                "== bob@example.com R=dnslookup T=remote_smtp defer (-54) DT=0.000s: retry time not reached for any host for 'example.com'",
                "postponed outbound ours deferred to=<bob@example.com> took=None/(0) | retry time not reached for any host for 'example.com'",
            ),
            (
                "== bob@example.com R=localuser T=local_delivery defer (-53): Retry time not yet reached",
                "postponed local ours deferred to=<bob@example.com> relay=local_delivery[] | Retry time not yet reached",
            ),
            (
                "== bob@example.com routing defer (-56): domain is in queue_domains",
                "postponed local ours deferred to=<bob@example.com> | domain is in queue_domains",
            ),
            (
                "== bob@example.com R=dnslookup T=remote_smtp defer (0): SMTP delivery explicitly queued",
                "postponed outbound ours deferred to=<bob@example.com> | SMTP delivery explicitly queued",
            ),
            (
                "== bob <bob@example.com> R=virtual_user T=dovecot_lmtp defer (0): LMTP error after end of data: 452 4.2.2 <bob@example.com> Quota exceeded",
                "delivery local remote deferred at=eod code=452 enhanced=4.2.2 to=<bob@example.com> final=<bob> relay=dovecot_lmtp[] | 452 4.2.2 <bob@example.com> Quota exceeded",
            ),
            (
                "== bob@example.com R=localuser T=local_delivery defer (-22): mailbox is full (MTA-imposed quota exceeded while writing to /var/mail/bob)",
                "delivery local ours deferred to=<bob@example.com> relay=local_delivery[] | mailbox is full (MTA-imposed quota exceeded while writing to /var/mail/bob)",
            ),
            (
                "== bob@example.com R=localuser T=local_delivery defer (28): No space left on device",
                "delivery local ours deferred to=<bob@example.com> relay=local_delivery[] | No space left on device",
            ),
            (
                "== |/bin/sh -c 'exit 75' <bob@example.com> R=aliases T=address_pipe defer (0): Child process of address_pipe transport returned 75 (could mean temporary error) from command: /bin/sh",
                "delivery local ours deferred to=<bob@example.com> final=<|/bin/sh -c 'exit 75'> relay=address_pipe[] | Child process of address_pipe transport returned 75 (could mean temporary error) from command: /bin/sh",
            ),
            (
                "== bob@example.com R=aliases defer (-1): 451 mailbox is being moved",
                "delivery local ours deferred to=<bob@example.com> relay=aliases[] | 451 mailbox is being moved",
            ),
            (
                "== bob@example.com R=dnslookup T=remote_smtp defer (-38) H=mx.example.com [192.0.2.25]: a TLS session is required, but the server did not offer TLS support",
                "delivery outbound nobody deferred at=starttls to=<bob@example.com> relay=mx.example.com[192.0.2.25] | a TLS session is required, but the server did not offer TLS support",
            ),
            (
                "== bob@example.com Q=big R=dnslookup T=remote_smtp defer (-18) H=mx.example.com [192.0.2.25]: Remote host closed connection in response to HELO mx1.example.com (EHLO response was: 421 4.7.0 mx1.example.com: not available)",
                "delivery outbound remote deferred at=ehlo code=421 enhanced=4.7.0 to=<bob@example.com> relay=mx.example.com[192.0.2.25] | 421 4.7.0 mx1.example.com: not available",
            ),
            ("== bob@example.com R=dnslookup T=rem", "malformed(cut)"),
        ],
    );
}

#[test]
fn one_hosts_words_are_told_in_passing() {
    check(
        "1tUAbc-0000xY-3c ",
        &[
            (
                "H=mx1.example.com [192.0.2.1]: SMTP error from remote mail server after MAIL FROM:<a@example.net> SIZE=2211: 452 4.3.1 try later",
                "host-reply outbound remote at=mail code=452 enhanced=4.3.1 relay=mx1.example.com[192.0.2.1] | 452 4.3.1 try later",
            ),
            (
                "H=mx2.example.com [192.0.2.2] Connection timed out",
                "host-reply outbound nobody relay=mx2.example.com[192.0.2.2] | Connection timed out",
            ),
            (
                "H=mx2.example.com [192.0.2.2]:25 SMTP error from remote mail server after RCPT TO:<u@example.com>: 450 4.2.0 later",
                "host-reply outbound remote at=rcpt code=450 enhanced=4.2.0 to=<u@example.com> relay=mx2.example.com[192.0.2.2]:25 | 450 4.2.0 later",
            ),
            (
                r#"H=mx2.example.com [192.0.2.2]: SMTP error from remote mail server after RCPT TO:<"a: b>: 250 x"@example.com>: 450 4.2.0 later"#,
                r#"host-reply outbound remote at=rcpt code=450 enhanced=4.2.0 to=<"a: b>: 250 x"@example.com> relay=mx2.example.com[192.0.2.2] | 450 4.2.0 later"#,
            ),
            (
                "H=mx2.example.com [192.0.2.2]: SMTP error from remote mail server after EHLO mx.example.net: 504 5.5.2 need fully-qualified hostname",
                "host-reply outbound remote at=ehlo code=504 enhanced=5.5.2 relay=mx2.example.com[192.0.2.2] | 504 5.5.2 need fully-qualified hostname",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: SMTP error from remote mail server after STARTTLS: 454 4.7.0 TLS not available",
                "host-reply outbound remote at=starttls code=454 enhanced=4.7.0 relay=mx2.example.com[192.0.2.2] | 454 4.7.0 TLS not available",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: SMTP error from remote mail server after AUTH PLAIN ****: 454 4.7.0 Temporary authentication failure",
                "host-reply outbound remote at=auth code=454 enhanced=4.7.0 relay=mx2.example.com[192.0.2.2] | 454 4.7.0 Temporary authentication failure",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: SMTP error from remote mail server after pipelined DATA: 421 4.7.0 rate limit",
                "host-reply outbound remote at=data code=421 enhanced=4.7.0 relay=mx2.example.com[192.0.2.2] | 421 4.7.0 rate limit",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: SMTP error from remote mail server after BDAT 300: 451 no",
                "host-reply outbound remote at=data code=451 relay=mx2.example.com[192.0.2.2] | 451 no",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: SMTP error from remote mail server after BDAT 300 LAST: 451 no",
                "host-reply outbound remote at=eod code=451 relay=mx2.example.com[192.0.2.2] | 451 no",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: SMTP error from remote mail server after sending data block: 451 no",
                "host-reply outbound remote at=data code=451 relay=mx2.example.com[192.0.2.2] | 451 no",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: SMTP error from remote mail server after QUIT: 421 bye",
                "host-reply outbound remote at=other code=421 relay=mx2.example.com[192.0.2.2] | 421 bye",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: SMTP error from remote mail server after initial connection: 850 NONSENSE",
                "host-reply outbound remote at=connect code=850 relay=mx2.example.com[192.0.2.2] | 850 NONSENSE",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: SMTP error from remote mail server after initial connection: welcome",
                "host-reply outbound remote at=connect relay=mx2.example.com[192.0.2.2] | welcome",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: LMTP error after DATA: 552 5.2.2 <bob@example.com> Quota exceeded",
                "host-reply outbound remote at=eod code=552 enhanced=5.2.2 relay=mx2.example.com[192.0.2.2] | 552 5.2.2 <bob@example.com> Quota exceeded",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: PRDR error after DATA: 550 5.7.1 no",
                "host-reply outbound remote at=eod code=550 enhanced=5.7.1 relay=mx2.example.com[192.0.2.2] | 550 5.7.1 no",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: LMTP error after LHLO mx: 500 what",
                "host-reply outbound remote at=ehlo code=500 relay=mx2.example.com[192.0.2.2] | 500 what",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: SMTP timeout after end of data (400 bytes written): Connection timed out",
                "host-reply outbound nobody at=eod relay=mx2.example.com[192.0.2.2] | SMTP timeout after end of data (400 bytes written): Connection timed out",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: Remote host closed connection in response to pipelined RCPT TO:<a@example.com>",
                "host-reply outbound nobody at=rcpt relay=mx2.example.com[192.0.2.2] | Remote host closed connection in response to pipelined RCPT TO:<a@example.com>",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: Malformed SMTP reply in response to initial connection: 550x is no code",
                "host-reply outbound nobody at=connect relay=mx2.example.com[192.0.2.2] | Malformed SMTP reply in response to initial connection: 550x is no code",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: Malformed SMTP reply (an empty line) in response to EHLO mx",
                "host-reply outbound nobody at=ehlo relay=mx2.example.com[192.0.2.2] | Malformed SMTP reply (an empty line) in response to EHLO mx",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: smtp send to mx2.example.com [192.0.2.2] failed: Broken pipe",
                "host-reply outbound nobody relay=mx2.example.com[192.0.2.2] | smtp send to mx2.example.com [192.0.2.2] failed: Broken pipe",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: a TLS session is required, but host mx2.example.com [192.0.2.2]: 454 4.7.0 no TLS now",
                "host-reply outbound remote at=starttls code=454 enhanced=4.7.0 relay=mx2.example.com[192.0.2.2] | 454 4.7.0 no TLS now",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: TLS session: (gnutls_handshake): timed out",
                "host-reply outbound nobody at=starttls relay=mx2.example.com[192.0.2.2] | TLS session: (gnutls_handshake): timed out",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: DANE error: tlsa lookup DEFER",
                "host-reply outbound nobody at=starttls relay=mx2.example.com[192.0.2.2] | DANE error: tlsa lookup DEFER",
            ),
            (
                "H=mx2.example.com [192.0.2.2]: authentication required but server did not offer AUTH",
                "host-reply outbound nobody at=auth relay=mx2.example.com[192.0.2.2] | authentication required but server did not offer AUTH",
            ),
            (
                "H=mx2.example.com [192.0.2.2] TLS error on connection (SSL_connect): error:0A000126",
                "host-reply outbound nobody at=starttls relay=mx2.example.com[192.0.2.2] | TLS error on connection (SSL_connect): error:0A000126",
            ),
            (
                r"SMTP error from remote mailer after RCPT TO:<bob@example.com>: host mx.example.com [192.0.2.2]: 450-4.2.1 slow\n450 4.2.1 down",
                r"host-reply outbound remote at=rcpt code=450 enhanced=4.2.1 to=<bob@example.com> relay=mx.example.com[192.0.2.2] | 450-4.2.1 slow\n450 4.2.1 down",
            ),
            (
                "SMTP timeout while connected to mx.example.com [192.0.2.2] after RCPT TO:<bob@example.com>: Connection timed out",
                "host-reply outbound nobody at=rcpt relay=mx.example.com[192.0.2.2] | SMTP timeout while connected to mx.example.com [192.0.2.2] after RCPT TO:<bob@example.com>: Connection timed out",
            ),
            (
                "Remote host mx.example.com [192.0.2.2] closed connection in response to end of data",
                "host-reply outbound nobody at=eod relay=mx.example.com[192.0.2.2] | Remote host mx.example.com [192.0.2.2] closed connection in response to end of data",
            ),
            (
                "mx.example.com [192.0.2.2]: Connection refused",
                "host-reply outbound nobody relay=mx.example.com[192.0.2.2] | Connection refused",
            ),
            (
                "mx.example.com [192.0.2.2] Connection refused",
                "host-reply outbound nobody relay=mx.example.com[192.0.2.2] | Connection refused",
            ),
            (
                "plain authenticator failed H=mx.example.com [192.0.2.2] 535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6",
                "host-reply outbound remote at=auth code=535 enhanced=5.7.8 relay=mx.example.com[192.0.2.2] | 535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6",
            ),
            (
                "login authenticator cancelled authentication H=mx.example.com [192.0.2.2] no password",
                "host-reply outbound nobody at=auth relay=mx.example.com[192.0.2.2] | no password",
            ),
        ],
    );
}
