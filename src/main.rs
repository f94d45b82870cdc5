//! Temporary: prints the scored fields of each event.
use mailwhy::event::Content;
use mailwhy::parse::LineParser;
use std::io::Write;

fn main() {
    let mut out = std::io::stdout().lock();
    for path in std::env::args().skip(1) {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        let mut parser = LineParser::default();
        for (n, raw) in text.split('\n').enumerate() {
            let line = parser.parse(raw);
            match &line.content {
                Content::Event(e) => {
                    let v = serde_json::json!({"file": path, "line": n + 1, "mta": line.mta, "kind": e.kind, "action": e.action,
                        "code": e.code.map(|c| c.value()), "enhanced": e.enhanced.map(|c| c.to_string()), "dsn": e.dsn.map(|c| c.to_string()),
                        "recipient": e.recipient, "disposition": e.disposition, "stage": e.stage, "queue_id": e.queue_id,
                        "implied_code": e.implied_code.map(|c| c.value()), "text": e.text});
                    let _ = writeln!(out, "{v}");
                }
                Content::Unknown | Content::Malformed(_) if !raw.is_empty() => {
                    eprintln!("{path}:{}: {:?} {raw}", n + 1, line.content.bucket())
                }
                _ => {}
            }
        }
    }
}
