//! Lines with a message id: arrivals, deliveries, failures, hosts, states.

use super::check;

#[test]
fn arrivals_tell_client_login_and_parent() {
    check(
        "1tUAbc-0000xY-3c ",
        &[
            (
                "<= ann@example.net H=mx.example.net (helo.example.net) [192.0.2.9]:40112 I=[192.0.2.1]:25 P=esmtps X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no S=5120 id=q1@example.net",
                "arrival smtp from=<ann@example.net> id=<q1@example.net> helo=<helo.example.net> client=mx.example.net[192.0.2.9]:40112 size=5120",
            ),
            (
                r#"<= "ann lee"@example.net H=mx.example.net ([10.1.2.3]) [192.0.2.9]:40112 I=[192.0.2.1]:25 P=esmtps X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no S=5120 id=q1@example.net T="re: \"late\" => now for you" for bob@example.com"#,
                r#"arrival smtp from=<"ann lee"@example.net> id=<q1@example.net> helo=<[10.1.2.3]> client=mx.example.net[192.0.2.9]:40112 size=5120"#,
            ),
            (
                r#"<= ann@example.net H=(pc) [2001:db8::9] P=esmtpsa X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no SNI="mx.example.com" A=plain:ann@example.net:ann PRDR K S=812 M8S=0 DKIM=example.net RT=0.1s Q=big id=x y@example.net from <ann@example.net> for a@example.com b@example.com"#,
                "arrival smtp from=<ann@example.net> id=<x y@example.net> user=<ann@example.net> helo=<pc> client=[2001:db8::9] size=812",
            ),
            (
                r#"<= ann@example.net U=www data P=local S=300 T="Your order""#,
                "arrival local from=<ann@example.net> size=300",
            ),
            (
                "<= ann@example.net U=root P=local-smtp S=300",
                "arrival local from=<ann@example.net> size=300",
            ),
            (
                "<= <> R=1tUAbb-0000xX-2b U=Debian-exim P=local S=1955 id*=E1tUAbc-0000xY-3c@mx.example.com",
                "arrival bounce from=<> id=<E1tUAbc-0000xY-3c@mx.example.com> parent=<1tUAbb-0000xX-2b> size=1955",
            ),
            (
                "<= ann@example.net R=1tUAbb-0000xX-2b U=mail P=local S=700",
                "arrival local from=<ann@example.net> parent=<1tUAbb-0000xX-2b> size=700",
            ),
            (
                "<= <> H=mx.example.net [192.0.2.9] TFO* L* P=esmtp L- S=20 DKIM=example.net id=b1@example.net",
                "arrival smtp from=<> id=<b1@example.net> client=mx.example.net[192.0.2.9] size=20",
            ),
            (
                "<= ann@example.net DS H=mx.example.net DS [192.0.2.9] U=ann Ci=7 P=smtp S=1",
                "arrival smtp from=<ann@example.net> client=mx.example.net[192.0.2.9] size=1",
            ),
            (
                r#"<= ann@example.net H=mx.example.net [192.0.2.9] P=esmtp X=TLS1.2:AES:256 CV=yes DN="C=DE,O=a \"b\",CN=mx" A=login S=20"#,
                "arrival smtp from=<ann@example.net> client=mx.example.net[192.0.2.9] size=20",
            ),
            (
                "(= ann@example.net H=mx.example.net [192.0.2.9] P=esmtp S=20",
                "arrival smtp from=<ann@example.net> client=mx.example.net[192.0.2.9] size=20",
            ),
            ("<= bob", "malformed(cut)"),
        ],
    );
}

#[test]
fn deliveries_tell_recipient_relay_and_reply() {
    check(
        "1tUAbc-0000xY-3c ",
        &[
            (
                r#"=> bob@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.25]* X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes DN="CN=mx.example.com" K C="250- 3120 byte chunk, total 3120\\n250 OK id=1tUAbd-00000000xY4-2bCd""#,
                r"delivery outbound remote delivered at=eod code=250 to=<bob@example.com> relay=mx.example.com[192.0.2.25] tls=TLS1.3:TLS_AES_256_GCM_SHA384:256 next=1tUAbd-00000000xY4-2bCd | 250- 3120 byte chunk, total 3120\\n250 OK id=1tUAbd-00000000xY4-2bCd",
            ),
            (
                r#"=> bob@example.com F=<ann@example.net> P=<ann@example.net> R=dnslookup T=remote_smtp S=411 H=mx.example.com [192.0.2.25]:25 I=[192.0.2.1]:46290 L C="250 2.0.0 Ok: queued as 7D1F2A33C0" QT=0.110s DT=0.016s"#,
                "delivery outbound remote delivered at=eod code=250 enhanced=2.0.0 from=<ann@example.net> to=<bob@example.com> relay=mx.example.com[192.0.2.25]:25 took=(110000)/(16000) next=7D1F2A33C0 | 250 2.0.0 Ok: queued as 7D1F2A33C0",
            ),
            (
                r#"-> eve@example.com <list@example.org> R=dnslookup T=remote_smtp H=mx.example.com [2001:db8::25] PRX=192.0.2.7 TFO PRDR C="250 2.6.0 Queued mail for delivery" QT=1d2h DT=1m2s"#,
                "delivery outbound remote delivered at=eod code=250 enhanced=2.6.0 to=<list@example.org> final=<eve@example.com> relay=mx.example.com[2001:db8::25] took=(93600000000)/(62000000) | 250 2.6.0 Queued mail for delivery",
            ),
            (
                r#">> bob@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.25] C="250 OK id=1tUAbd-0000xY-4d""#,
                "delivery outbound remote delivered at=eod code=250 to=<bob@example.com> relay=mx.example.com[192.0.2.25] next=1tUAbd-0000xY-4d | 250 OK id=1tUAbd-0000xY-4d",
            ),
            (
                r#"*> bob@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.25] C="delivery bypassed by -N option""#,
                "probe outbound remote at=eod to=<bob@example.com> relay=mx.example.com[192.0.2.25] | delivery bypassed by -N option",
            ),
            (
                "=> bob <bob@example.com> R=localuser T=local_delivery",
                "delivery local ours delivered to=<bob@example.com> final=<bob> relay=local_delivery[] | R=localuser T=local_delivery",
            ),
            (
                r#"=> bob <bob@example.com> R=lmtp T=dovecot_lmtp C="250 2.0.0 <bob@example.com> 4Abc saved" QT=1s DT=0.2s"#,
                "delivery local remote delivered at=eod code=250 enhanced=2.0.0 to=<bob@example.com> final=<bob> relay=dovecot_lmtp[] took=(1000000)/(200000) | 250 2.0.0 <bob@example.com> 4Abc saved",
            ),
            (
                "=> bob (team@example.com, all@example.com) <staff@example.com> R=localuser T=local_delivery H=here ST=backup (shadow failed)",
                "delivery local ours delivered to=<staff@example.com> final=<bob> relay=local_delivery[] | R=localuser T=local_delivery H=here ST=backup (shadow failed)",
            ),
            (
                "=> |/usr/bin/proc -f a b <orig@example.com> R=system_aliases T=address_pipe",
                "delivery local ours delivered to=<orig@example.com> final=<|/usr/bin/proc -f a b> relay=address_pipe[] | R=system_aliases T=address_pipe",
            ),
            (
                "=> |/bin/sh -c 'cat < x' (list@example.com) <orig@example.com> F=<> R=system_aliases T=address_pipe S=3",
                "delivery local ours delivered from=<> to=<orig@example.com> final=<|/bin/sh -c 'cat < x'> relay=address_pipe[] | F=<> R=system_aliases T=address_pipe S=3",
            ),
            (
                "=> /var/spool/archive/2026 <orig@example.com> R=system_aliases T=address_file",
                "delivery local ours delivered to=<orig@example.com> final=</var/spool/archive/2026> relay=address_file[] | R=system_aliases T=address_file",
            ),
            (
                "=> save inbox/work <bob@example.com> R=userforward T=address_file",
                "delivery local ours delivered to=<bob@example.com> final=<save inbox/work> relay=address_file[] | R=userforward T=address_file",
            ),
            (
                "=> >ann@example.net,eve@example.net <vacation@example.com> R=vacation T=auto_reply",
                "delivery local ours delivered to=<vacation@example.com> final=<>ann@example.net,eve@example.net> relay=auto_reply[] | R=vacation T=auto_reply",
            ),
            (
                "=> :blackhole: <void@example.com> R=system_aliases",
                "delivery local ours discard delivered to=<void@example.com> final=<:blackhole:> | R=system_aliases",
            ),
            (
                "=> /dev/null <bob@example.com> R=filter T=**bypassed**",
                "delivery local ours discard delivered to=<bob@example.com> final=</dev/null> relay=**bypassed**[] | R=filter T=**bypassed**",
            ),
            (
                "=> blackhole (DATA ACL discarded recipients): thrown away (550)",
                "delivery local ours discard delivered to=<blackhole> | (DATA ACL discarded recipients): thrown away (550)",
            ),
            (
                "=> blackhole spam found by local_scan",
                "delivery local ours discard delivered to=<blackhole> | spam found by local_scan",
            ),
            (
                "=> discarded (system filter)",
                "delivery local ours discard delivered to=<discarded> | (system filter)",
            ),
            (
                "=> blackhole <blackhole@example.com> R=localuser T=local_delivery",
                "delivery local ours delivered to=<blackhole@example.com> final=<blackhole> relay=local_delivery[] | R=localuser T=local_delivery",
            ),
            (
                "=> bob@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.25] X=TLS1.2:AES:256",
                "delivery outbound nobody delivered to=<bob@example.com> relay=mx.example.com[192.0.2.25] tls=TLS1.2:AES:256 | R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.25] X=TLS1.2:AES:256",
            ),
            (
                r#"=> "a b"@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.25] C="250 \"quoted\" R=x => y ok" QT=3s"#,
                r#"delivery outbound remote delivered at=eod code=250 to=<"a b"@example.com> relay=mx.example.com[192.0.2.25] took=(3000000)/None | 250 \"quoted\" R=x => y ok"#,
            ),
            (
                r#"=> bob@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.25] C="250-first\\n250 2.0.0 second""#,
                r"delivery outbound remote delivered at=eod code=250 enhanced=2.0.0 to=<bob@example.com> relay=mx.example.com[192.0.2.25] | 250-first\\n250 2.0.0 second",
            ),
            (
                r#"=> bob@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.25] C="strange words""#,
                "delivery outbound remote delivered at=eod to=<bob@example.com> relay=mx.example.com[192.0.2.25] | strange words",
            ),
            ("=> bob@exam", "malformed(cut)"),
        ],
    );
}

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
                "delivery local ours bounced to=<bob@example.com> | 550 5.1.6 this user has left",
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
                r#"delivery local ours bounced to=<":fail: text"@special> final=<:fail: text@special> | no: such user"#,
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
                "delivery outbound remote deferred at=eod code=452 enhanced=4.2.2 to=<bob@example.com> final=<bob> | 452 4.2.2 <bob@example.com> Quota exceeded",
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
                "delivery local ours deferred to=<bob@example.com> | 451 mailbox is being moved",
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

#[test]
fn lines_with_an_id_and_no_flag() {
    check(
        "1tUAbc-0000xY-3c ",
        &[
            ("Completed", "closed done"),
            ("Completed QT=1d2h", "closed done"),
            ("Frozen (delivery error message)", "held"),
            ("frozen by ACL", "held"),
            ("Message is frozen", "held"),
            ("Unfrozen by errmsg timer", "released"),
            ("unfrozen by root", "released"),
            ("removed by root", "closed removed"),
            ("cancelled by timeout_frozen_after", "closed removed"),
            ("rescind the above message-accept", "closed cancelled"),
            ("bob@example.com: error ignored", "quiet"),
            ("bob@example.com <list@example.com>: error ignored", "quiet"),
            (
                "Spool file for 1tUAbc-0000xY-3c is locked (another process is handling this message)",
                "quiet",
            ),
            ("Spool file is locked (another process is handling this message)", "quiet"),
            ("no immediate delivery: more than 10 messages received in one connection", "quiet"),
            ("address <bob@example.com> marked delivered by root", "quiet"),
            ("no recipients found in headers", "quiet"),
            ("Message abandoned: timed out waiting for input", "quiet"),
            (
                "DKIM: d=example.net s=m c=relaxed/relaxed a=rsa-sha256 b=2048 [verification failed - body hash mismatch]",
                "quiet",
            ),
            ("PRDR R=<bob@example.com> refusal", "quiet"),
            ("SMTP connection lost after final dot H=mx.example.net [192.0.2.9]", "quiet"),
            (
                "dovecot_lmtp transport process vanished unexpectedly",
                "trouble error | dovecot_lmtp transport process vanished unexpectedly",
            ),
            ("<bob@example.com>: address_pipe transport output: 550 no", "quiet"),
            (
                "DANE attempt failed; TLS connection to mx.example.com [192.0.2.2]: (SSL_connect): error",
                "quiet",
            ),
            (
                "(SSL_connect): timed out: delivering unencrypted to H=mx.example.com [192.0.2.2] (not in hosts_require_tls)",
                "quiet",
            ),
            (r#""ann@here" from env-from rewritten as "ann@example.net" by rule 1"#, "quiet"),
            (
                "Connection aborted; STARTTLS support by mx.example.com [192.0.2.2] required by DNS SRV but STARTTLS not offered",
                "quiet",
            ),
            ("Sender identification U=shop D=example.com S=ann@example.net", "quiet"),
            (
                r#"failed to expand condition "${if bad}" for shop router: missing }"#,
                r#"trouble error | failed to expand condition "${if bad}" for shop router: missing }"#,
            ),
            ("score 5.5: 550 5.7.1 an administrator's own words", "unknown"),
        ],
    );
}
