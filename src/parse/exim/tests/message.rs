//! Lines with a message id: arrivals, deliveries, states.

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
                r#"=> bob <bob@example.com> R=lmtp T=lmtp_transport H=/run/dovecot/lmtp [] C="250 2.0.0 ok""#,
                "delivery local remote delivered at=eod code=250 enhanced=2.0.0 to=<bob@example.com> final=<bob> relay=lmtp_transport[] | 250 2.0.0 ok",
            ),
            (
                "=> bob <bob@example.com> D=localuser T=local_delivery",
                "delivery local ours delivered to=<bob@example.com> final=<bob> relay=local_delivery[] | D=localuser T=local_delivery",
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
            ("SA: Action: silently tossed message: score=31.0 required=5.0", "quiet"),
            ("Error message sent to ann@example.net", "quiet"),
            ("*** Frozen (delivery error message)", "held"),
            ("[192.0.2.25] SSL verify error: depth=0 error=self-signed certificate", "quiet"),
            ("Message removed because older than 3d", "quiet"),
            (
                "Couldn't open journal file x-J: No space left on device",
                "trouble error | Couldn't open journal file x-J: No space left on device",
            ),
            ("PDKIM: d=example.net s=x [failed key import]", "quiet"),
            (
                "Tainted filename for search: '/etc/virtual/x'",
                "trouble error | Tainted filename for search: '/etc/virtual/x'",
            ),
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
