//! A second opinion: counts lines by looking for words in them, as somebody with grep would. Shares nothing with
//! the library. Where it knows more than grep, a comment says why.

use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// By status word and reply code.
    pub(super) attempts: BTreeMap<(String, Option<u16>), u64>,
    pub(super) rejects: u64,
    pub(super) login_failures: u64,
    pub(super) received: u64,
    pub(super) closed: u64,
}

pub(super) fn count(text: &str) -> Counts {
    let mut counts = Counts::default();
    let mut born = BTreeSet::new();
    let mut refused = BTreeSet::new();
    let mut last_status: Option<Attempt> = None;
    for line in text.lines() {
        let line = line.trim_start_matches('\u{feff}').trim_end();
        let times =
            behind(line, "message repeated ").and_then(|rest| rest.split(' ').next()?.parse().ok());
        if let Some(again) = behind(line, " last message repeated ") {
            let again: u64 = again.split(' ').next().unwrap().parse().unwrap();
            if let Some(key) = &last_status {
                *counts.attempts.entry(key.clone()).or_default() += again;
            }
        } else if line.contains(" postfix") {
            last_status = postfix(line, times.unwrap_or(1), &mut counts, &mut born);
        } else {
            exim(line, &mut counts, &mut refused);
        }
    }
    counts
}

type Attempt = (String, Option<u16>);

fn postfix(
    line: &str,
    times: u64,
    counts: &mut Counts,
    born: &mut BTreeSet<String>,
) -> Option<Attempt> {
    let text = behind(line, "]: ")?;
    let text = text
        .strip_prefix("message repeated ")
        .map_or(text, |rest| behind(rest, "[ ").unwrap_or(rest));
    let id = text.split(": ").next()?.to_owned();
    // A message is received when it comes into the active queue for the first time and its birth is in the log.
    let by_client = line.contains("smtpd[") && text.contains(": client=");
    if by_client || line.contains("/cleanup[") && text.contains(": message-id=") {
        born.insert(id.clone());
    }
    if line.contains("/qmgr[") && text.ends_with(" (queue active)") && born.remove(&id) {
        counts.received += 1;
    }
    counts.closed += u64::from(line.contains("/qmgr[") && text.ends_with(": removed"));
    if text.contains(": SASL ")
        && text.contains(" authentication failed")
        && line.contains("smtpd[")
    {
        counts.login_failures += times;
    }
    // With a queue id or `NOQUEUE` in front, or without.
    let refused = ["reject: ", "milter-reject: ", "proxy-reject: "];
    let is_refusal = |word: &&str| text.starts_with(*word) || text.contains(&format!(": {word}"));
    let by_proxy = text.starts_with("warning: proxy ") && text.contains(" rejected \"");
    if by_proxy || refused.iter().any(is_refusal) {
        counts.rejects += times;
    }
    if !text.contains(": to=<") {
        return None;
    }
    let (word, rest) = behind(text, " status=")?.split_once(' ')?;
    let status = match word {
        "sent" => "delivered",
        "deferred" | "SOFTBOUNCE" => "deferred",
        "bounced" => "bounced",
        _ => return None,
    };
    let by_host = [" said: ", " refused to talk to me: ", " refused to start TLS: "];
    let reply = match by_host.iter().find_map(|words| behind(rest, words)) {
        // What we tell ourselves (`error`, `discard`, `pipe`) is no reply.
        None if !line.contains("/smtp[") && !line.contains("/lmtp[") => "",
        None => rest.trim_start_matches('('),
        Some(reply) => reply,
    };
    let key = (status.to_owned(), number(reply));
    *counts.attempts.entry(key.clone()).or_default() += times;
    Some(key)
}

fn exim(line: &str, counts: &mut Counts, refused: &mut BTreeSet<String>) {
    let words: Vec<&str> = line.split(' ').collect();
    if let Some(at) = words.iter().take(8).position(|word| is_exim_id(word)) {
        let flag = words.get(at + 1).copied().unwrap_or("");
        counts.received += u64::from(flag == "<=");
        counts.closed += u64::from(flag == "Completed");
        let status = match flag {
            "=>" | "->" => "delivered",
            "**" => "bounced",
            // Nothing is tried before its time.
            "==" if !line.contains(": retry time not ") && !line.contains(": Retry time not ") => {
                "deferred"
            }
            "==" => return,
            _ => "",
        };
        if !status.is_empty() {
            *counts.attempts.entry((status.to_owned(), exim_code(line))).or_default() += 1;
            return;
        }
    }
    // The rest is the same in the main and in the reject log, or twice in syslog: the same line counts once. With
    // `[1\14]` begins an entry that syslog split at its line breaks: one of the reject log, with headers.
    let login = line.contains(" authenticator failed for ");
    let reject = [" rejected ", " rejected:", " refused: too many"].iter().any(|word| {
        let before = line.split(word).next().unwrap_or("");
        line.contains(word) && !before.contains("SMTP error") && !before.contains(": [1\\")
    });
    if (login || reject) && refused.insert(line.to_owned()) {
        if login {
            counts.login_failures += 1;
        } else {
            counts.rejects += 1;
        }
    }
}

/// Six, six or eleven, two or four letters and digits.
fn is_exim_id(word: &str) -> bool {
    let parts: Vec<usize> = word.split('-').map(str::len).collect();
    word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && (parts == [6, 6, 2] || parts == [6, 11, 4])
}

/// The reply's code: behind the words about the remote server's error, or in `C="…"`.
fn exim_code(line: &str) -> Option<u16> {
    let failed = ["SMTP error from remote mail server after ", "LMTP error after "];
    let Some(mut rest) = failed.iter().find_map(|words| behind(line, words)) else {
        return number(behind(line, " C=\"")?);
    };
    while let Some(text) = behind(rest, ": ") {
        if let Some(code) = number(text) {
            return Some(code);
        }
        rest = text;
    }
    None
}

fn behind<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    Some(line.split_once(word)?.1)
}

/// The three digits that a text begins with.
fn number(text: &str) -> Option<u16> {
    let digits = text.get(..3)?;
    let ends =
        text.get(3..).is_none_or(|rest| rest.is_empty() || rest.starts_with([' ', '-', ')', '"']));
    if ends { digits.parse().ok() } else { None }
}
