//! `mailwhy report --check` and `check --log`: what a log gives to look at, and who we are; against the DNS server of
//! [`crate::check`].

use crate::check::{checked, dns, run as check, slugs};
use crate::readme::fits;
use crate::support::{Ran, Scratch, mailwhy, repository};
use serde_json::Value;
use std::fs;
use std::time::{Duration, Instant};

/// What the server knows beside its other zone: of the recorded sample, of ourselves, of blocklists. Addresses are
/// those of the sample, or of the benchmark networks (RFC 2544, RFC 5180).
pub(crate) const ZONE: &str = r"
example.com             MX    10 mx1.example.com
mx1.example.com         A     198.18.0.10
ban1.example            MX    10 mx.ban1.example
mx.ban1.example         A     198.18.1.40
nullmx.example          MX    0 .
44.2.0.192.in-addr.arpa PTR   mx1.app.example
mx1.app.example         A     192.0.2.44
app.example             TXT   v=spf1 ip4:192.0.2.0/28 -all
_dmarc.app.example      TXT   v=DMARC1; p=none
weak._domainkey.app.example TXT v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDUUSuB+WkNN3MBQ+/4g5CZTeGURsNLCbgcrL8C7BGkDI3KujEadsWIQGsV912HYlBFy63CS+leuZDnNPny2NEn7OaQmRUucMko5a7wAsd/Upwl3PkhVkBwEUXjsHRNddnkpq8QKdMA7uKq6CTwJqA9sjvFiyOySiEw7DEnYZT56wIDAQAB
good._domainkey.app.example  TXT v=DKIM1; k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
test._domainkey.app.example  TXT v=DKIM1; t=y; k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
gone._domainkey.app.example  TXT v=DKIM1; p=
odd._domainkey.app.example   TXT v=DKIM2; p=AAAA
hosted.example.com      MX    10 hosted-example-com.mail.protection.outlook.com
hosted-example-com.mail.protection.outlook.com A 198.18.1.50
lame.example.com        *     REFERRAL
loop1.example.com       CNAME loop2.example.com
loop2.example.com       CNAME loop1.example.com
exists.example.com      TXT   v=spf1 exists:%{i}.allowed.example.com -all
192.0.2.44.allowed.example.com A 127.0.0.2
round.example.com       TXT   v=spf1 include:round.example.com -all
44.2.0.192.zen.spamhaus.org  A 127.0.0.2
44.2.0.192.zen.spamhaus.org  A 127.0.0.4
44.2.0.192.zen.spamhaus.org  TXT https://check.spamhaus.org/query/ip/192.0.2.44
2.0.0.127.bl.spamcop.net     A 127.0.0.2
44.2.0.192.b.barracudacentral.org A 127.255.255.254
44.2.0.192.psbl.surriel.com  A 198.18.9.9
44.2.0.192.bl.mailspike.net  A 127.0.0.10
1.0.0.127.bl.mailspike.net   A 127.0.0.2
44.2.0.192.dnsbl-3.uceprotect.net A 127.0.0.2
44.2.0.192.dnsbl-3.uceprotect.net TXT odd \ bytes
44.2.0.192.all.s5h.net  *     SERVFAIL
dnsbl.dronebl.org       A     198.18.7.7
2.0.0.127.bl.spameatingmonkey.net A 127.255.255.255
app.example.multi.surbl.org  A 127.0.0.80
test.uribl.com.multi.uribl.com A 127.0.0.1
dbltest.com.dbl.spamhaus.org A 127.0.1.2
4.4.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.zen.spamhaus.org A 127.0.0.3
2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.ipv6.spameatingmonkey.net A 127.0.0.2
";

const SAMPLE: &str = "samples/postfix/takes-no-mail.log";

/// The report on the sample with what DNS says.
fn report(arguments: &[&str]) -> Ran {
    let resolver = dns().to_string();
    let common = ["report", "--tz", "UTC", "--check", "--resolver", &resolver, "--tries", "1"];
    mailwhy([&common[..], arguments].concat()).run()
}

#[test]
fn a_report_on_a_sample_ends_its_521_in_a_verdict() {
    let ran = report(&["--format", "json", SAMPLE]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    let verdicts: Vec<(&str, &str)> = json["checks"]["subjects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|subject| {
            (subject["subject"].as_str().unwrap(), subject["verdict"]["verdict"].as_str().unwrap())
        })
        .collect();
    // Worst first: five entries each, then one each.
    assert_eq!(
        verdicts,
        [
            ("192.0.2.44", "see-findings"),
            ("ban3.example", "only-exchanger-refuses"),
            ("nodomain.example", "no-such-domain"),
            ("nullmx.example", "takes-no-mail"),
        ]
    );
}

#[test]
fn what_dns_says_stands_in_every_form_of_the_report_in_both_languages() {
    for (lang, sentence) in [
        (
            "en",
            "mx.ban3.example is the only exchanger of ban3.example and says that it takes no mail: the route is \
             right and retrying is useless; suppress the addresses.",
        ),
        (
            "ru",
            "mx.ban3.example — единственный MX для ban3.example, и он говорит, что почту не принимает: маршрут верен, \
             повторять бесполезно; уберите адреса.",
        ),
    ] {
        for format in ["text", "json", "markdown", "html", "email"] {
            let ran = report(&["--lang", lang, "--format", format, SAMPLE]);
            assert_eq!(ran.code, Some(1), "{format}: {}", ran.stderr);
            let text = match format {
                "email" => {
                    let message = mail_parser::MessageParser::new().parse(&ran.stdout).unwrap();
                    let html = message.body_html(0).unwrap();
                    assert!(html.contains(sentence), "{html}");
                    message.body_text(0).unwrap().into_owned()
                }
                _ => ran.stdout,
            };
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains(sentence), "{lang} {format}: {text}");
        }
    }
}

#[test]
fn the_section_of_the_report_reads_well() {
    for lang in ["en", "ru"] {
        let text = report(&["--lang", lang, SAMPLE]).stdout;
        let begin = text
            .find(if lang == "en" {
                "WHAT DNS SAYS"
            } else {
                "ЧТО СЕЙЧАС ГОВОРИТ DNS"
            })
            .unwrap();
        let end = text[begin..].find("127.0.0.1:").unwrap() + begin;
        let section = &text[begin..end];
        // A command or a record is not wrapped, so that it can be copied.
        insta::assert_snapshot!(format!("report_check_{lang}"), section);
    }
}

#[test]
fn a_report_asks_only_with_check_and_only_where_it_is_shown() {
    for (arguments, words) in [
        (&["report", "--resolver", "127.0.0.1:9", SAMPLE][..], "are for --check"),
        (&["report", "--blocklists", SAMPLE], "are for --check"),
        (&["report", "--check", "--format", "csv", SAMPLE], "has no place in CSV"),
        (&["check", "--limit", "3", "example.com"], "choose from a --log"),
        (&["check", "--since", "today", "example.com"], "choose from a --log"),
    ] {
        let ran = mailwhy(arguments.iter()).run();
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ran.stderr.contains(words), "{arguments:?}: {}", ran.stderr);
    }
    let quiet = ["report", "--check", "--resolver", "127.0.0.1:9", "--fail-on", "bounced>999"];
    let ran = mailwhy(quiet.iter().chain(&["--quiet-ok", SAMPLE])).run();
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""));
    // Nobody there: the report comes all the same, and the exit code tells.
    let deaf = ["report", "--check", "--resolver", "127.0.0.1:9", "--tries", "1", "--timeout", "1"];
    let ran = mailwhy(deaf.iter().chain(&["--deadline", "3", SAMPLE])).run();
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stdout.contains("ban3.example") && ran.stderr.contains("no question was answered"));
}

#[test]
fn filters_choose_what_is_looked_at_in_a_log() {
    let subjects = |arguments: &[&str]| -> Vec<String> {
        let (report, _) = checked(&[&["--tz", "UTC", "--year", "2026"], arguments].concat());
        let subjects = report["subjects"].as_array().unwrap();
        subjects.iter().map(|subject| subject["subject"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(subjects(&["--log", SAMPLE, "--domain", "ban3.example"]), ["ban3.example"]);
    assert_eq!(subjects(&["--log", SAMPLE, "--code", "5.4.4"]), ["nodomain.example"]);
    assert_eq!(
        subjects(&["--log", SAMPLE, "--until", "2026-11-23 13:00:20", "--disposition", "deferred"]),
        ["192.0.2.44", "ban3.example"]
    );
    assert_eq!(subjects(&["--log", SAMPLE, "--since", "2026-11-24"]), [] as [&str; 0]);
    let (report, _) = checked(&["--log", SAMPLE, "--limit", "1", "--party", "!own-admin"]);
    assert_eq!((report["subjects"].as_array().unwrap().len(), &report["left_out"]), (1, &2.into()));
}

#[test]
fn pseudonyms_cover_what_dns_said() {
    let names =
        ["ban3", "ban1", "nullmx", "nodomain", "app.example", "billing", "192.0.2.", "127.0.10.42"];
    let key = Scratch::of_test("check-redact");
    let key = key.path.join(key.file("key", "a key of more than sixteen letters"));
    let pseudonyms = ["--redact", "--redact-key-file", key.to_str().unwrap()];
    let lists = ["--blocklists", "--dkim-selector", "good"];
    for format in ["text", "json", "markdown"] {
        let arguments = [&["--log", SAMPLE, "--format", format], &pseudonyms[..], &lists].concat();
        let shown = check(&arguments).stdout;
        for name in names {
            assert!(!shown.contains(name), "{format}: {name}: {shown}");
        }
        assert!(shown.contains(".invalid"), "{format}: {shown}");
    }
    for format in ["text", "json", "markdown", "html"] {
        let arguments = [&["--format", format, SAMPLE], &pseudonyms[..], &lists].concat();
        let shown = report(&arguments).stdout;
        for name in names {
            assert!(!shown.contains(name), "{format}: {name}: {shown}");
        }
    }
    // The same names have the same pseudonyms in both halves of the report.
    let arguments = [&["--format", "json", SAMPLE], &pseudonyms[..]].concat();
    let json: Value = serde_json::from_str(&report(&arguments).stdout).unwrap();
    let checked = json["checks"]["subjects"][1]["subject"].as_str().unwrap();
    let rows = json["domains"]["rows"].to_string();
    assert!(rows.contains(checked), "{checked}: {rows}");
}

#[test]
fn who_we_are_is_taken_from_the_log_where_replies_name_us() {
    let (report, code) = checked(&["--log", SAMPLE, "--domain", "ban1.example"]);
    let own = &report["subjects"][0];
    assert_eq!((own["subject"].as_str(), own["kind"].as_str()), (Some("192.0.2.44"), Some("own")));
    let mut found = slugs(own);
    found.sort_unstable();
    // 192.0.2.44 is outside of 192.0.2.0/28.
    let want = ["dmarc-policy", "own-address", "own-domains", "ptr-confirmed", "spf-fail"];
    assert_eq!(found, want, "{own:#}");
    assert_eq!(own["log"][0]["cause"], "ip-blocklisted");
    assert!(own["mail"].as_str().unwrap().contains(": 5."), "{own:#}");
    assert_eq!(code, Some(1));
    // Told who we are, it believes that.
    let (report, _) = checked(&["--log", SAMPLE, "--self", "198.18.0.25", "--limit", "0"]);
    assert_eq!(report["subjects"][0]["subject"], "198.18.0.25");
    assert_eq!(report["subjects"].as_array().unwrap().len(), 1, "once, not once more for the log");
    // Nobody names us: that is said.
    let folder = Scratch::of_test("check-own");
    let log = fs::read_to_string(repository().join(SAMPLE)).unwrap();
    let log = folder.path.join(folder.file("mail.log", log.replace("[192.0.2.44] ", "")));
    let (report, _) = checked(&["--log", log.to_str().unwrap()]);
    assert_eq!(report["own_unknown"], 5);
    assert_eq!(report["subjects"][0]["subject"], "ban3.example");
    let shown = check(&["--log", log.to_str().unwrap()]).stdout;
    assert!(shown.contains("give it with --self"), "{shown}");
}

#[test]
fn dkim_keys_are_read_as_receivers_do() {
    for (selector, findings, code) in [
        ("good", &["dkim-key"][..], 0),
        ("test", &["dkim-test", "dkim-key"], 0),
        ("weak", &["dkim-weak"], 0),
        ("gone", &["dkim-revoked"], 1),
        ("odd", &["dkim-broken"], 1),
        ("none", &["dkim-missing"], 1),
    ] {
        // Its SPF permits this address.
        let own = ["--self", "192.0.2.1", "--domain", "app.example", "--dkim-selector", selector];
        let (report, exit) = checked(&own);
        let found = slugs(&report["subjects"][0]);
        let of_dkim: Vec<&str> =
            found.iter().filter(|slug| slug.starts_with("dkim")).copied().collect();
        assert_eq!(of_dkim, findings, "{selector}: {report:#}");
        // The address has no name, which fails by itself.
        assert_eq!(exit, Some(1), "{selector}");
        let failing = report["subjects"][0]["findings"].as_array().unwrap().iter().any(|f| {
            f["severity"] == "failing" && f["finding"].as_str().unwrap().starts_with("dkim")
        });
        assert_eq!(failing, code == 1, "{selector}");
    }
}

#[test]
fn exists_and_records_that_include_themselves_are_evaluated() {
    for (domain, words) in [
        (
            "exists.example.com",
            "permits 192.0.2.44 by `exists:%{i}.allowed.example.com` in the record of exists.example.com; 1 of 10",
        ),
        ("round.example.com", "more than 10 lookups, at `include:round.example.com`"),
    ] {
        let (report, _) = checked(&["--self", "192.0.2.44", "--domain", domain]);
        assert!(report.to_string().contains(words), "{domain}: {report:#}");
    }
}

/// The findings about blocklists, each with its severity and meaning.
fn lists(arguments: &[&str]) -> Vec<(String, String, String)> {
    let (report, _) = checked(&[arguments, &["--blocklists"]].concat());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut found: Vec<_> = report["subjects"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (text(&f["finding"]), text(&f["severity"]), text(&f["meaning"])))
        .filter(|(finding, ..)| finding.contains("list"))
        .collect();
    found.sort();
    found
}

#[test]
fn blocklists_are_believed_only_where_they_answer_like_one() {
    for lang in ["en", "ru"] {
        let found = lists(&["--self", "192.0.2.44", "--domain", "app.example", "--lang", lang]);
        let shown: Vec<String> = found
            .iter()
            .map(|(finding, severity, text)| format!("{finding} {severity}: {text}"))
            .collect();
        insta::assert_snapshot!(format!("check_blocklists_{lang}"), shown.join("\n"));
    }
    // Not asked, not told.
    let (report, _) = checked(&["--self", "192.0.2.44"]);
    assert!(slugs(&report["subjects"][0]).iter().all(|slug| !slug.contains("list")), "{report:#}");
}

#[test]
fn ipv6_addresses_are_looked_up_where_a_list_has_them() {
    let found = lists(&["--self", "2001:db8::44"]);
    let text: Vec<&str> = found.iter().map(|(.., text)| text.as_str()).collect();
    assert!(text.contains(&"2001:db8::44 is on Spamhaus ZEN: Spamhaus CSS."), "{found:#?}");
    assert!(
        text.contains(&"2001:db8::44 is on none of these lists: Spam Eating Monkey (SEM-BLACK).")
            && text.iter().any(|text| text.ends_with("so nothing is known: S5H. Either the resolver cannot reach them, or they do not answer it.")),
        "{found:#?}"
    );
    assert!(
        !text.iter().any(|text| text.contains("SpamCop")),
        "it has no IPv6 addresses: {text:?}"
    );
}

#[test]
fn a_listing_has_its_page_its_way_out_and_the_words_of_the_list() {
    let shown = check(&["--self", "192.0.2.44", "--blocklists"]).stdout;
    let flat = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "192.0.2.44 (this server) failing",
        "192.0.2.44 is on Spamhaus ZEN",
        "44.2.0.192.zen.spamhaus.org 300 A 127.0.0.2",
        "TXT \"https://check.spamhaus.org/query/ip/192.0.2.44\"",
        "TXT \"odd \\x1b",
        "Page https://check.spamhaus.org/",
        // Of both parts that have the address.
        "Way out Only the owner of the address range can ask for removal",
        "The address behaves like an infected machine",
    ] {
        assert!(flat.contains(words), "{words}: {shown}");
    }
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
}

#[test]
fn a_provider_that_refuses_us_is_the_verdict_with_its_pages() {
    let folder = Scratch::of_test("check-provider");
    let line = |n: u32, to: &str| {
        format!(
            "2026-11-20T10:00:{n:02}+00:00 mail postfix/smtp[1]: {n}AAAAAAAAA: to=<ann@{to}>, \
             relay=hosted-example-com.mail.protection.outlook.com[198.18.1.50]:25, delay=1, delays=0/0/1/0, \
             dsn=5.7.1, status=bounced (host hosted-example-com.mail.protection.outlook.com[198.18.1.50] said: \
             550 5.7.1 Unfortunately, messages from [192.0.2.44] weren't sent. Please contact your Internet service \
             provider since part of their network is on our block list (S3150). (in reply to MAIL FROM command))\n"
        )
    };
    // One of the domains stands for the provider.
    let lines: String = (0..8)
        .map(|n| line(n, if n < 5 { "hosted.example.com" } else { "fine.example.com" }))
        .collect();
    let log = folder.path.join(folder.file("mail.log", lines));
    let log = log.to_str().unwrap();
    let mut sentences = String::new();
    for lang in ["en", "ru"] {
        let (report, code) = checked(&["--log", log, "--lang", lang]);
        let subjects = report["subjects"].as_array().unwrap();
        let named: Vec<&str> = subjects.iter().map(|s| s["subject"].as_str().unwrap()).collect();
        assert_eq!(named, ["192.0.2.44", "hosted.example.com"]);
        let verdict = &subjects[1]["verdict"];
        assert_eq!(verdict["verdict"], "provider-refuses", "{verdict:#}");
        for page in verdict["pages"].as_array().unwrap() {
            assert!(page.as_str().unwrap().starts_with("https://"), "{page}");
        }
        assert_eq!(code, Some(1));
        let pages = verdict["pages"].to_string();
        for text in [&verdict["text"], &subjects[1]["mail"]] {
            sentences.extend([text.as_str().unwrap(), "\n"]);
        }
        sentences.extend([pages.as_str(), "\n"]);
    }
    insta::assert_snapshot!("check_provider", sentences);
}

#[test]
fn a_host_that_answered_was_reached_whatever_its_address() {
    let answered = ["--refused-by", "mx.private.example.com[10.0.0.1]", "--reply", "550 5.7.1 no"];
    let (report, code) = checked(&[&["private.example.com"], &answered[..]].concat());
    let subject = &report["subjects"][0];
    assert_eq!(subject["verdict"]["verdict"], "in-order", "{subject:#}");
    assert_eq!(slugs(subject), ["exchanger-unreachable", "mx-set", "right-exchanger"]);
    assert_eq!(code, Some(0));
    // Nobody answered from there.
    let silent = ["--refused-by", "mx.private.example.com[10.0.0.1]", "--reply", "timed out"];
    let (report, code) = checked(&[&["private.example.com"], &silent[..]].concat());
    assert_eq!(report["subjects"][0]["verdict"]["verdict"], "no-usable-exchanger");
    assert_eq!(code, Some(1));
}

#[test]
fn a_referral_is_no_answer_and_a_ring_of_aliases_ends() {
    let (report, code) = checked(&["lame.example.com", "fine.example.com"]);
    let lame = &report["subjects"][0];
    assert_eq!(lame["verdict"]["verdict"], "dns-broken", "{lame:#}");
    assert_eq!(slugs(lame), ["dns-referral"]);
    assert_eq!(code, Some(1));
    let (report, code) = checked(&["loop1.example.com", "fine.example.com"]);
    assert_eq!(report["subjects"][1]["verdict"]["verdict"], "in-order");
    assert_eq!(code, Some(1), "{report:#}");
}

#[test]
fn what_two_domains_share_is_asked_once() {
    // An MX each; A and AAAA of the exchanger that both have, and of another.
    let (report, _) = checked(&["fine.example.com", "mixed.example.com", "fine.example.com"]);
    assert_eq!((&report["questions"], &report["answered"]), (&6.into(), &6.into()), "{report:#}");
    assert_eq!(report["subjects"].as_array().unwrap().len(), 2);
}

#[test]
fn the_deadline_ends_a_run_with_what_is_known() {
    let begin = Instant::now();
    let resolver = dns().to_string();
    let slow = ["--timeout", "60", "--tries", "5", "--deadline", "3"];
    let common = ["check", "--resolver", &resolver, "fine.example.com", "silent.example.com"];
    let ran = mailwhy([&common[..], &slow, &["--format", "json"]].concat()).run();
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["subjects"][0]["verdict"]["verdict"], "in-order", "{report:#}");
    assert_eq!(report["subjects"][1]["verdict"]["verdict"], "dns-silent");
    assert_eq!(ran.code, Some(1));
}

#[test]
fn the_readme_shows_what_asking_comes_to() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let mut lines = readme.lines();
    let mut ran = 0;
    while let Some(line) = lines.next() {
        if line != "```text" {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let Some(command) = block.first().and_then(|line| line.strip_prefix("# mailwhy ")) else {
            continue;
        };
        // Those with a server to connect to: `check_tls`.
        if command.contains("--via") {
            continue;
        }
        let script = format!(
            "exec 2>&1; '{}' {command} --resolver {}",
            env!("CARGO_BIN_EXE_mailwhy"),
            dns()
        );
        let output = std::process::Command::new("sh")
            .args(["-c", &script])
            .env_clear()
            .envs([("TZ", "UTC"), ("LANG", "C"), ("COLUMNS", "80"), ("MAILWHY_CONFIG", "")])
            .current_dir(repository())
            .output()
            .unwrap();
        let got = String::from_utf8(output.stdout).unwrap();
        let got: Vec<&str> = got.lines().collect();
        assert!(fits(&block[1..], &got), "# mailwhy {command}\n{}", got.join("\n"));
        ran += 1;
    }
    assert!(ran >= 3, "{ran} blocks");
}
