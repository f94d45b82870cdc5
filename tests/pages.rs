//! The report as a page, as CSV and as Markdown: whole, self-contained, and inert whatever the log says.

use crate::support::{Scratch, mailwhy, repository, sample, samples};
use mailwhy::render::sanitize::for_terminal;
use scraper::{Html, Selector};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}

/// A page that is HTML without an error and has nothing from elsewhere.
fn parsed(page: &str, what: &str) -> Html {
    let html = Html::parse_document(page);
    assert!(html.errors.is_empty(), "{what}: {:?}", html.errors);
    for element in html.select(&selector("*")) {
        let name = element.value().name();
        for (attribute, value) in element.value().attrs() {
            let allowed = match attribute {
                "href" if name == "a" => value.starts_with('#'),
                "href" => name == "link" && value == "data:,",
                "src" | "srcset" | "action" | "style" | "background" | "data" | "poster" => false,
                _ => !attribute.starts_with("on"),
            };
            assert!(allowed, "{what}: <{name} {attribute}={value:?}>");
        }
        assert!(
            !["img", "iframe", "object", "embed", "form", "base", "video", "audio"].contains(&name),
            "{what}: <{name}>"
        );
    }
    for name in ["script", "style", "main", "h1", "head > title"] {
        assert_eq!(html.select(&selector(name)).count(), 1, "{what}: <{name}>");
    }
    let targets: BTreeSet<_> =
        html.select(&selector("[id]")).filter_map(|e| e.value().attr("id")).collect();
    assert_eq!(targets.len(), html.select(&selector("[id]")).count(), "{what}: an id twice");
    for link in html.select(&selector("a")) {
        let href = link.value().attr("href").unwrap();
        assert!(targets.contains(&href[1..]), "{what}: nothing is at {href}");
    }
    html
}

fn text_of(html: &Html) -> String {
    html.root_element().text().collect()
}

/// The samples of causes and codes in a report.
fn sample_texts(report: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    for direction in ["outbound", "inbound", "local"] {
        for list in ["causes", "codes"] {
            let rows = report[direction][list].as_array().unwrap();
            texts.extend(rows.iter().filter_map(|row| row["sample"]["text"].as_str()));
        }
    }
    texts.iter().map(|text| for_terminal(text).into_owned()).collect()
}

#[test]
fn a_page_is_whole_and_needs_nothing_else() {
    for sample in samples() {
        let page = |language: &str| {
            let command = ["--lang", language, "report", "--format", "html", "--show-unknown"];
            mailwhy(sample.arguments(&command)).run().ok()
        };
        let (english, russian) = (page("en"), page("ru"));
        let (en, ru) = (parsed(&english, &sample.name), parsed(&russian, &sample.name));
        let text = text_of(&en);
        for said in sample_texts(&sample.report()) {
            assert!(text.contains(&said), "{}: {said}", sample.name);
        }
        // The structure does not depend on the language.
        let tags = |html: &Html| html.select(&selector("*")).count();
        assert_eq!(tags(&en), tags(&ru), "{}", sample.name);
        assert!(text_of(&ru).contains("Прочитанные строки"), "{}", sample.name);
        for cell in en.select(&selector("table.sortable td.n")) {
            let value = cell.value().attr("data-v").unwrap();
            assert!(value.parse::<f64>().is_ok(), "{}: {value:?}", sample.name);
        }
    }
}

#[test]
fn the_policy_permits_the_pages_own_style_and_script_only() {
    let page = mailwhy(["report", "--format", "html", "--year", "2026", "samples/exim/mainlog"])
        .run()
        .ok();
    let html = Html::parse_document(&page);
    let policy = html.select(&selector("meta[http-equiv=Content-Security-Policy]")).next().unwrap();
    let policy = policy.value().attr("content").unwrap();
    let inner =
        |name: &str| html.select(&selector(name)).next().unwrap().text().collect::<String>();
    let hash = |text: &str| {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes()))
    };
    let expected = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(&inner("style")),
        hash(&inner("script"))
    );
    assert_eq!(policy, expected);
}

/// What a stranger may write into a log to get at its reader.
const HOSTILE: [&str; 8] = [
    "<script>document.title='pwned'</script>",
    "<img src=http://127.0.0.1:PORT/x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>",
    "</p></dd></details></main></body><h1>fake</h1>",
    "<style>body{display:none}</style>",
    "<a href=javascript:alert(1)>x</a>",
    "<!-- &lt;b&gt; --> \u{202e}gpj.exe\u{202c}",
    "|`rm -rf /`| =HYPERLINK(0) @SUM(1)",
];

/// A log whose replies, names and addresses are hostile.
fn hostile_log(port: u16) -> String {
    let mut log = String::new();
    for (n, text) in HOSTILE.iter().enumerate() {
        let text = text.replace("PORT", &port.to_string());
        let _ = write!(
            log,
            "Jan  5 10:0{n}:00 mx1 postfix/smtp[77]: 4B1C2D3E4{n}: to=<=cmd|x{n}@example.com>, \
             relay=mx.example.com[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced \
             (host mx.example.com[192.0.2.1] said: 550 5.7.{n} {text} (in reply to RCPT TO command))\n\
             Jan  5 10:0{n}:10 mx1 postfix/smtpd[78]: NOQUEUE: reject: RCPT from unknown[192.0.2.{n}]: \
             550 5.7.1 <ann@example.com>: {text}; from=<b@example.net> to=<ann@example.com> proto=ESMTP helo=<{text}>\n\
             Jan  5 10:0{n}:20 mx1 postfix/smtpd[78]: warning: {text}\n"
        );
    }
    log
}

#[test]
fn hostile_text_is_shown_and_does_nothing() {
    let log = hostile_log(9);
    let run = |format: &[&str]| {
        let arguments = [&["report", "--year", "2026", "--top", "100"][..], format].concat();
        mailwhy(arguments).stdin(log.clone()).run().ok()
    };
    let html = parsed(&run(&["--format", "html"]), "hostile");
    assert_eq!(html.select(&selector("h1")).next().unwrap().inner_html(), "Mail report");
    let text = text_of(&html);
    for hostile in HOSTILE {
        let shown = for_terminal(&hostile.replace("PORT", "9")).into_owned();
        assert!(text.contains(&shown), "{shown}");
    }
    let markdown = run(&["--format", "markdown"]);
    assert!(!markdown.contains('<') && !markdown.contains("`rm"), "{markdown}");
    for table in ["causes", "codes", "texts", "trouble"] {
        let csv = run(&["--format", "csv", "--table", table]);
        for record in rows(&csv) {
            for cell in record {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t']), "{table}: {cell:?}");
                assert!(!cell.contains(['\u{202e}', '\u{1b}']), "{table}: {cell:?}");
            }
        }
    }
}

/// The records of a CSV table, its header first; each as long as the header.
fn rows(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

const TABLES: [&str; 18] = [
    "causes",
    "codes",
    "texts",
    "remedies",
    "fates",
    "providers",
    "provider-causes",
    "domains",
    "relays",
    "clients",
    "days",
    "hours",
    "timeline",
    "delays",
    "trouble",
    "warnings",
    "files",
    "shapes",
];

#[test]
fn an_incident_is_a_card_with_what_to_do_and_its_lines() {
    let hostile = " <b onclick=alert(1)>x</b>";
    let log = crate::incidents::log_of_an_incident(hostile);
    for language in ["en", "ru"] {
        let run = |format: &str| {
            let arguments =
                ["--lang", language, "report", "--tz", "UTC", "--year", "2026", "--format", format];
            mailwhy(arguments).stdin(log.clone()).run()
        };
        let report = run("json").json();
        let row = &report["incidents"][0];
        assert_eq!(row["kind"], "provider-throttling", "{language}");
        let html = parsed(&run("html").ok(), language);
        let cards: Vec<_> = html.select(&selector("#incidents article.incident")).collect();
        assert_eq!(cards.len(), report["incidents"].as_array().unwrap().len(), "{language}");
        let text: String = cards[0].text().collect();
        for field in ["title", "since", "until", "peer_name", "cause_title"] {
            assert!(text.contains(row[field].as_str().unwrap()), "{language}: {field}: {text}");
        }
        for remedy in row["remedies"].as_array().unwrap() {
            let said = remedy["text"].as_str().unwrap().replace('`', "");
            assert!(text.contains(&said), "{language}: {said}");
        }
        assert!(cards[0].select(&selector("details .log")).count() == 2, "{language}: samples");
        assert!(text.contains(hostile), "{language}: {text}");
        assert_eq!(html.select(&selector("b[onclick]")).count(), 0, "{language}");
        let markdown = run("markdown").ok();
        let title = format!("1. {}", row["title"].as_str().unwrap());
        assert!(markdown.contains(&title) && !markdown.contains('<'), "{language}: {markdown}");
    }
}

#[test]
fn tables_say_what_the_report_says() {
    let names =
        ["postfix/traditional.log", "exim/mainlog", "mixed/crowded.log", "broken/damaged.log"];
    for sample in names.map(sample) {
        let report = sample.report();
        let run = |format: &[&str]| {
            mailwhy(sample.arguments(&[&["report", "--format"], format].concat())).run().ok()
        };
        for section in run(&["markdown", "--top", "1000"]).split("\n## ") {
            let lines: Vec<_> = section.lines().filter(|line| line.starts_with('|')).collect();
            let cells = |line: &str| line.matches('|').count();
            for line in &lines {
                assert_eq!(cells(line), cells(lines[0]), "{}: {line}", sample.name);
            }
        }
        let mut tables = BTreeMap::new();
        for table in TABLES {
            tables.insert(table, rows(&run(&["csv", "--table", table])));
        }
        let sum = |table: &str, column: &str, direction: Option<&str>| -> u64 {
            let rows = &tables[table];
            let at = rows[0].iter().position(|name| name == column).unwrap();
            let fits = |row: &&Vec<String>| direction.is_none_or(|direction| row[0] == direction);
            rows[1..].iter().filter(fits).map(|row| row[at].parse::<u64>().unwrap()).sum()
        };
        let all = |list: &Value, field: &str| -> u64 {
            list.as_array().unwrap().iter().map(|row| row[field].as_u64().unwrap()).sum()
        };
        for direction in ["outbound", "inbound", "local"] {
            for table in ["causes", "codes"] {
                assert_eq!(
                    sum(table, "lines", Some(direction)),
                    all(&report[direction][table], "lines"),
                    "{}: {direction} {table}",
                    sample.name
                );
            }
        }
        for list in ["providers", "domains", "relays"] {
            for column in ["delivered", "deferred", "bounced"] {
                assert_eq!(
                    sum(list, column, None),
                    all(&report[list]["rows"], column),
                    "{}: {list} {column}",
                    sample.name
                );
            }
        }
        // Providers by cause are the outbound failures that went to somebody else, each once.
        let failures = sum("causes", "lines", Some("outbound"));
        assert_eq!(sum("provider-causes", "lines", None), failures, "{}", sample.name);
        // A delay is told of deliveries only.
        let delivered = report["lines"]["attempts_by_status"]["delivered"].as_u64().unwrap_or(0);
        assert!(sum("delays", "lines", None) <= delivered, "{}", sample.name);
        for series in ["received", "delivered", "deferred", "bounced", "rejected"] {
            assert_eq!(
                sum("days", series, None),
                sum("hours", series, None),
                "{}: {series}",
                sample.name
            );
        }
    }
}

#[test]
fn markdown_says_words_where_csv_has_slugs() {
    let slugs =
        ["delivered", "bounced", "outbound", "inbound", "own-admin", "remote-admin", "sender"];
    let names = ["доставлено", "исходящие", "входящие", "та сторона", "отправитель"];
    let run = |more: &str| {
        let line = format!("report --lang ru --year 2026 {more} samples/postfix/traditional.log");
        mailwhy(line.split(' ')).run().ok()
    };
    let page = run("--format markdown");
    let cells: BTreeSet<&str> = page.lines().flat_map(|line| line.split(" | ")).collect();
    let cells: BTreeSet<&str> = cells.iter().map(|cell| cell.trim_matches(['|', ' '])).collect();
    for slug in slugs {
        assert!(!cells.contains(slug), "{slug} in\n{page}");
    }
    for name in names {
        assert!(cells.contains(name), "{name} not in\n{page}");
    }
    for (table, slug) in [("fates", "delivered"), ("causes", "outbound"), ("causes", "own-admin")] {
        let csv = run(&format!("--format csv --table {table}"));
        assert!(csv.split(['\n', ',']).any(|cell| cell == slug), "{slug} not in\n{csv}");
    }
}

#[test]
fn delays_are_counted_by_how_long_they_took() {
    let line = |n: u32, delay: &str| {
        format!(
            "Jan  5 10:00:0{n} mx1 postfix/smtp[77]: 4B1C2D3E4{n}: to=<x{n}@example.com>, relay=mx.example.com[192.0.2.1]:25, \
             delay={delay}, delays=0/0/0/{delay}, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 1234567{n})\n"
        )
    };
    let log = line(1, "0.5") + &line(2, "2") + &line(3, "2.5") + &line(4, "500000");
    let json = mailwhy(["report", "--year", "2026", "--format", "json"]).stdin(log).run().json();
    let delays = &json["outbound"]["delays"];
    let of = |within: Value| {
        let buckets = delays["buckets"].as_array().unwrap();
        buckets.iter().find(|bucket| bucket["within"] == within).unwrap()["lines"].as_u64().unwrap()
    };
    assert_eq!((of(1.into()), of(3.into()), of(10.into()), of(Value::Null)), (1, 2, 0, 1));
    assert_eq!((&delays["half_within"], &delays["most_within"]), (&3.into(), &Value::Null));
    assert_eq!(json["local"]["delays"], Value::Null);
}

#[test]
fn a_table_is_for_tables() {
    for (arguments, code) in [
        ("report --table causes samples/exim/mainlog", 2),
        ("report --format json --table causes samples/exim/mainlog", 2),
        ("report --format csv --table nothing samples/exim/mainlog", 2),
        ("report --format csv --table days samples/exim/mainlog", 0),
        ("report --format csv samples/exim/mainlog", 0),
    ] {
        let ran = mailwhy(arguments.split(' ')).run();
        assert_eq!(ran.code, Some(code), "{arguments}: {}", ran.stderr);
        assert_eq!(ran.stderr.is_empty(), code == 0, "{arguments}");
    }
}

#[test]
fn pages_do_not_depend_on_threads() {
    for format in ["html", "csv", "markdown"] {
        let run = |threads: &str| {
            let arguments = [
                "report",
                "--year",
                "2026",
                "-j",
                threads,
                "--format",
                format,
                "samples/postfix/traditional.log",
            ];
            mailwhy(arguments).run().ok()
        };
        assert_eq!(run("1"), run("4"), "{format}");
    }
}

fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)))
        .find(|program| program.is_file())
}

/// Opens a page: its document after its script has run, what the browser said, and what it asked the network for.
fn opened(browser: &Path, folder: &Scratch, page: &str) -> (String, String, String) {
    let net = folder.path.join("net.json");
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg(format!("--user-data-dir={}", folder.path.join("profile").display()))
        .arg(format!("--log-net-log={}", net.display()))
        .args(["--enable-logging=stderr", "--dump-dom"])
        .arg(format!("file://{}", folder.path.join(page).display()))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let net = std::fs::read_to_string(net).unwrap_or_default();
    (text(&output.stdout), text(&output.stderr), net)
}

#[test]
fn a_browser_finds_no_fault_and_asks_for_nothing() {
    let Some(browser) = browser() else {
        // Not `println`, which a test that passes keeps to itself.
        let _ = writeln!(std::io::stderr(), "SKIPPED: no chromium on this machine");
        return;
    };
    // Whoever connects has been led here by the page.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let urls = regex::Regex::new(r#""url":"(https?://[^"]*)""#).unwrap();
    let folder = Scratch::of_test("pages-browser");
    folder.file("hostile.log", hostile_log(port));
    let sample = repository().join("samples/postfix/traditional.log");
    for (log, page) in [("hostile.log", "hostile.html"), (sample.to_str().unwrap(), "sample.html")]
    {
        let arguments =
            ["report", "--year", "2026", "--top", "50", "--format", "html", "-o", page, log];
        mailwhy(arguments).in_folder(&folder).run().ok();
        let (document, said, net) = opened(&browser, &folder, page);
        let html = Html::parse_document(&document);
        let title = html.select(&selector("title")).next().map(|title| title.inner_html());
        assert!(title.is_some_and(|title| title.starts_with("Mail report")), "{page}: {said}");
        assert!(html.select(&selector("th button")).count() > 10, "{page}: the script did not run");
        assert!(!said.contains("CONSOLE"), "{page}: {said}");
        for url in urls.captures_iter(&net) {
            let host = url[1].split('/').nth(2).unwrap();
            // The browser's own business.
            let own = [".google.com", ".googleapis.com", ".gstatic.com"];
            assert!(own.iter().any(|end| host.ends_with(end)), "{page} asked for {}", &url[1]);
        }
        assert!(listener.accept().is_err(), "{page} connected");
    }
}
