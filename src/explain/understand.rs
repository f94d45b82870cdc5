//! From pasted text to codes and facts.
//!
//! In this order, first that fits: a list of bare codes; a reply (begins with three digits); a log line; the words
//! in which a bounce quotes a server; any other text that holds codes in a place where no number of prose stands.
//! A number in prose is never taken for a code: in running text a reply code counts only directly in front of an
//! enhanced status code, or behind `said:`, `code`, `error` and the like.

use super::LineFacts;
use crate::classify;
use crate::event::{Content, Event, Mta};
use crate::knowledge::provider::provider_of_reply;
use crate::knowledge::{CodeRange, Facts, Kind, Knowledge, Provider};
use crate::parse::{LineParser, parse_notice};
use crate::smtp::{Direction, EnhancedCode, LineBreak, Origin, ReplyCode, domain_of, parse_reply};
use crate::words::words;

words! {
    /// What an input was taken for.
    Form {
        /// Bare codes.
        Code = "code",
        /// The text of a reply.
        Reply = "reply",
        /// A line of a Postfix or Exim log.
        LogLine = "log-line",
        /// Other text with codes in it, or whose words tell a cause.
        Text = "text",
        /// The name of a cause, a provider, a blocklist or a code.
        Name = "name",
        /// Nothing that has a code.
        Nothing = "nothing",
    }
}

/// Where the codes of an answer come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Basis {
    /// The input states them.
    Stated,
    /// The log states none; phrase and stage imply the reply code.
    Implied,
    /// Nobody said it: Postfix's own `dsn=`.
    OwnVerdict,
}

/// One reply code, one enhanced status code, or both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Codes {
    pub(super) code: Option<ReplyCode>,
    pub(super) enhanced: Option<EnhancedCode>,
    /// The enhanced status code came without a class (`X.7.1`): the one it has here was chosen.
    pub(super) any_class: bool,
    pub(super) mixed: bool,
    pub(super) basis: Basis,
}

impl Codes {
    fn stated(code: Option<ReplyCode>, enhanced: Option<EnhancedCode>) -> Self {
        Self { code, enhanced, any_class: false, mixed: false, basis: Basis::Stated }
    }
}

/// What an input tells.
pub(super) struct Understood<'a, 'k> {
    pub(super) form: Form,
    pub(super) codes: Vec<Codes>,
    pub(super) facts: Facts<'a>,
    pub(super) provider: Option<&'k Provider>,
    pub(super) event: Option<(Option<Mta>, Event<'a>)>,
    /// There were more than [`MOST_CODES`].
    pub(super) cut: bool,
}

/// How many codes of one input are explained.
pub(super) const MOST_CODES: usize = 32;

pub(super) fn understand<'a, 'k>(text: &'a str, knowledge: &'k Knowledge) -> Understood<'a, 'k> {
    let found = |form, mut codes: Vec<Codes>, facts| {
        let cut = codes.len() > MOST_CODES;
        codes.truncate(MOST_CODES);
        // A bare code has no words that a provider could be known by.
        let provider = (form != Form::Code).then(|| provider_of_reply(text)).flatten();
        Understood { form, codes, facts, provider, event: None, cut }
    };
    if let Some(codes) = bare_codes(text, knowledge) {
        return found(Form::Code, codes, Facts::default());
    }
    if let Some(codes) = reply(text) {
        return found(Form::Reply, vec![codes], facts_of_reply(text));
    }
    let line = LineParser::default().parse(text);
    if let Content::Event(event) = line.content {
        return of_event(line.mta, &event, knowledge);
    }
    if let Some((mta, event)) = parse_notice(text) {
        return Understood { form: Form::Text, ..of_event(Some(mta), &event, knowledge) };
    }
    let codes = codes_in_prose(text);
    let form = match (line.mta, codes.is_empty()) {
        (Some(_), _) => Form::LogLine,
        (None, false) => Form::Text,
        (None, true) => Form::Nothing,
    };
    found(form, codes, Facts::default())
}

/// `521`, `5.7.26`, `550 5.7.1`, `X.7.1`, `521, 554`: nothing but codes. A range, as the tables of codes have them
/// (`4.7.500..4.7.699`), is asked for by its first code: one entry is for all of it.
fn bare_codes(text: &str, knowledge: &Knowledge) -> Option<Vec<Codes>> {
    let mut all: Vec<Codes> = Vec::new();
    for word in text.split([' ', '\t', ',', ';', '/', '+']).filter(|word| !word.is_empty()) {
        let word = word.trim_matches(['(', ')', '#', ':', '"', '\'']);
        if let Some((code, "")) = ReplyCode::parse_prefix(word) {
            all.push(Codes::stated(Some(code), None));
        } else if let Some(CodeRange(codes)) = CodeRange::parse(word) {
            let enhanced = *codes.start();
            match all.last_mut() {
                Some(last) if is_pair(*last, enhanced) => last.enhanced = Some(enhanced),
                _ => all.push(Codes::stated(None, Some(enhanced))),
            }
        } else {
            let kind = Kind::parse(word)?;
            let class = usual_class(kind, knowledge);
            let enhanced = Some(kind.with_class(class)?);
            all.push(Codes { any_class: true, ..Codes::stated(None, enhanced) });
        }
    }
    (!all.is_empty()).then_some(all)
}

/// Whether a reply code and the enhanced status code behind it can be one reply: both failures, or both of the
/// same class. `250 5.7.1` are two questions.
fn is_pair(codes: Codes, enhanced: EnhancedCode) -> bool {
    let Codes { code: Some(code), enhanced: None, .. } = codes else { return false };
    enhanced.agrees_with(code) || (matches!(code.class(), 4 | 5) && enhanced.class() != 2)
}

/// The class to show an enhanced status code with that came without one.
fn usual_class(kind: Kind, knowledge: &Knowledge) -> u8 {
    let classes = knowledge.kind(kind).map(|entry| entry.classes.as_slice()).unwrap_or_default();
    classes.iter().copied().max().unwrap_or(5)
}

/// The text of a reply, as it stands in a log or a bounce.
fn reply(text: &str) -> Option<Codes> {
    let breaks = if text.contains("\\n") { LineBreak::BackslashN } else { LineBreak::Space };
    // `550: user unknown` is no reply, but what people write.
    let colon = text.get(3..4) == Some(":");
    let Some(reply) = parse_reply(text, breaks) else {
        let code = ReplyCode::parse_prefix(text.get(..3)?).filter(|_| colon)?.0;
        return Some(Codes::stated(Some(code), first_enhanced(text)));
    };
    let enhanced = reply.enhanced.or_else(|| first_enhanced(text));
    Some(Codes { mixed: reply.mixed, ..Codes::stated(Some(reply.code), enhanced) })
}

/// The first enhanced status code anywhere: `(#5.1.1)` at the end is how qmail writes it.
pub(super) fn first_enhanced(text: &str) -> Option<EnhancedCode> {
    prose_words(text).find_map(|word| word.parse().ok())
}

/// Words without the brackets and marks around them.
fn prose_words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\t', '(', ')', '[', ']', '<', '>', ',', ';', '"', '=', '?', '-'])
        .map(|word| word.trim_matches(['#', ':', '.', '\'', '"', '*']))
        .filter(|word| !word.is_empty())
}

/// Codes in running text.
fn codes_in_prose(text: &str) -> Vec<Codes> {
    let mut all: Vec<Codes> = Vec::new();
    let mut before = "";
    let mut candidate = None;
    for word in prose_words(text) {
        if let Ok(enhanced) = word.parse::<EnhancedCode>() {
            let codes = Codes::stated(candidate.take(), Some(enhanced));
            // `said: 550 5.1.1` has been taken for a bare 550 a word before.
            all.retain(|earlier| earlier.enhanced.is_some() || earlier.code != codes.code);
            if !all.contains(&codes) {
                all.push(codes);
            }
        } else {
            // Programs end with a status too, mostly a small one: `exit status 78`, `died with status 255`.
            let least = if before.eq_ignore_ascii_case("status") { 4 } else { 2 };
            candidate = ReplyCode::parse_prefix(word)
                .filter(|(code, rest)| rest.is_empty() && (least..=5).contains(&code.class()))
                .map(|(code, _)| code);
            let introduced = ["said", "code", "error", "reply", "response", "smtp", "status"]
                .iter()
                .any(|known| before.eq_ignore_ascii_case(known));
            if let (Some(code), true) = (candidate, introduced) {
                let codes = Codes::stated(Some(code), None);
                if !all.contains(&codes) {
                    all.push(codes);
                }
            }
        }
        before = word;
    }
    without_expected_and_repeated(&mut all, text);
    if all.is_empty() {
        // `cannot send: 502 invalid input`: what a program quotes behind its own words.
        let quoted = classify::clean(text);
        all.extend(quoted.code.map(|code| Codes::stated(Some(code), quoted.enhanced)));
    }
    one_reply(&all).map_or(all, |codes| vec![codes])
}

/// Beside a failure, a code of success is what was hoped for (`expected 250 but got 550`), or what came at the wrong time
/// (`STARTTLS failed: 220 ready`). An enhanced status code that has stood behind its reply code is said again where links
/// and advice repeat it.
fn without_expected_and_repeated(all: &mut Vec<Codes>, text: &str) {
    let class = |codes: &Codes| {
        let code = codes.code.map(ReplyCode::class);
        code.or(codes.enhanced.map(EnhancedCode::class)).unwrap_or(0)
    };
    if all.iter().any(|codes| class(codes) > 3) || tells_of_failure(text) {
        all.retain(|codes| class(codes) > 3);
    }
    let pairs: Vec<Codes> = all.iter().filter(|codes| codes.code.is_some()).copied().collect();
    all.retain(|codes| {
        codes.code.is_some() || !pairs.iter().any(|pair| pair.enhanced == codes.enhanced)
    });
}

fn tells_of_failure(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["fail", "error", "exception", "expected", "rejected"].iter().any(|word| text.contains(word))
}

/// A bare reply code and a bare enhanced status code, and no others: the two of one reply, set apart by its words
/// (`said: 550 no such user (#5.1.1)`).
fn one_reply(all: &[Codes]) -> Option<Codes> {
    let [first, second] = all else { return None };
    let code = first.code.xor(second.code)?;
    let enhanced = first.enhanced.xor(second.enhanced)?;
    let apart = first.code.is_none() != first.enhanced.is_none();
    (apart && enhanced.class() == code.class()).then(|| Codes::stated(Some(code), Some(enhanced)))
}

/// What the text of a reply tells beside the codes: the address that it is about, where the words leave no
/// doubt whose it is (`<ann@example.com>: Recipient address rejected`).
fn facts_of_reply(text: &str) -> Facts<'_> {
    let none = Facts::default();
    let Some((address, words)) = text.split_once('<').and_then(|(_, rest)| rest.split_once(">: "))
    else {
        return none;
    };
    if words.starts_with("Sender address") {
        return Facts { address: Some(address), sender: Some(address), ..none };
    }
    if words.starts_with("Recipient address") || words.starts_with("Relay access denied") {
        let domain = domain_of(address);
        return Facts { address: Some(address), recipient: Some(address), domain, ..none };
    }
    none
}

fn of_event<'a, 'k>(
    mta: Option<Mta>,
    event: &Event<'a>,
    knowledge: &'k Knowledge,
) -> Understood<'a, 'k> {
    let (code, enhanced, basis) = match (event.code, event.enhanced, event.implied_code, event.dsn)
    {
        (None, enhanced, Some(implied), _) => (Some(implied), enhanced, Basis::Implied),
        (None, None, None, Some(dsn)) => (None, Some(dsn), Basis::OwnVerdict),
        (code, enhanced, _, _) => (code, enhanced, Basis::Stated),
    };
    let codes = Codes { code, enhanced, any_class: false, mixed: event.mixed_codes, basis };
    let said_by_them = event.origin == Origin::Remote && event.direction == Direction::Outbound;
    let provider = event
        .relay
        .filter(|_| said_by_them)
        .and_then(|relay| knowledge.provider_of_host(relay.host?))
        .or_else(|| provider_of_reply(event.text).filter(|_| said_by_them));
    Understood {
        form: Form::LogLine,
        codes: if code.is_some() || enhanced.is_some() { vec![codes] } else { Vec::new() },
        facts: Facts::of(event),
        provider,
        event: Some((mta, *event)),
        cut: false,
    }
}

/// `550`, `5.7.1` or `X.7.1` and nothing else.
pub(super) fn is_code(word: &str, knowledge: &Knowledge) -> bool {
    bare_codes(word, knowledge).is_some_and(|codes| codes.len() == 1)
}

/// A reply code and an enhanced status code that can be one reply.
pub(super) fn are_pair(first: &str, second: &str, knowledge: &Knowledge) -> bool {
    let both = bare_codes(&format!("{first} {second}"), knowledge);
    both.is_some_and(|codes| codes.len() == 1)
}

impl Understood<'_, '_> {
    /// What a log line tells, for the output.
    pub(super) fn line_facts(&self) -> Option<LineFacts> {
        let (mta, event) = self.event.as_ref()?;
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Some(LineFacts {
            mta: mta.map(Mta::slug),
            kind: event.kind.slug(),
            direction: event.direction.slug(),
            origin: event.origin.slug(),
            stage: event.stage.map(crate::smtp::Stage::slug),
            disposition: event.disposition.map(crate::smtp::Disposition::slug),
            queue_id: owned(event.queue_id),
            sender: owned(event.sender),
            recipient: owned(event.recipient),
            client_name: owned(event.client.and_then(|client| client.name)),
            client_address: owned(event.client.and_then(|client| client.address)),
            relay_host: owned(event.relay.and_then(|relay| relay.host)),
            relay_address: owned(event.relay.and_then(|relay| relay.address)),
            provider: owned(self.provider.map(Provider::slug)),
            text: event.text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::wrapped::unwrapped;
    use super::*;

    fn codes(text: &str) -> (Form, String) {
        let knowledge = Knowledge::embedded();
        let cleaned = unwrapped(text);
        let understood = understand(&cleaned, &knowledge);
        let words: Vec<String> = understood
            .codes
            .iter()
            .map(|codes| {
                let code = codes.code.map(|code| code.to_string());
                let enhanced = codes.enhanced.map(|code| code.to_string());
                [code, enhanced].into_iter().flatten().collect::<Vec<_>>().join(" ")
            })
            .collect();
        (understood.form, words.join(", "))
    }

    #[test]
    fn codes_are_found_where_they_stand() {
        for (text, form, want) in [
            ("521", Form::Code, "521"),
            (" '521' ", Form::Code, "521"),
            ("5.7.26", Form::Code, "5.7.26"),
            ("#5.1.1", Form::Code, "5.1.1"),
            ("550 5.7.1", Form::Code, "550 5.7.1"),
            ("550 4.2.2", Form::Code, "550 4.2.2"),
            ("250 5.7.1", Form::Code, "250, 5.7.1"),
            ("521, 554 5.7.1; 4.4.1", Form::Code, "521, 554 5.7.1, 4.4.1"),
            ("X.7.1", Form::Code, "5.7.1"),
            ("x.1.5", Form::Code, "2.1.5"),
            ("599", Form::Code, "599"),
            ("550 5.1.1 <a@example.com>: Recipient address rejected", Form::Reply, "550 5.1.1"),
            ("550-5.7.1 one\r\n550 5.7.1 two", Form::Reply, "550 5.7.1"),
            (r"550-one\n550 5.7.1 two", Form::Reply, "550 5.7.1"),
            ("553 sorry (#5.7.1)", Form::Reply, "553 5.7.1"),
            ("550: user unknown", Form::Reply, "550"),
            ("421 try again in 300 seconds", Form::Reply, "421"),
            ("host mx.example.com said: 550 5.1.1 no such user", Form::Text, "550 5.1.1"),
            ("host mx.example.com said: 550 no such user", Form::Text, "550"),
            ("SMTP error 550", Form::Text, "550"),
            ("smtp; 550 5.1.1 no such user", Form::Reply, "550 5.1.1"),
            ("Diagnostic-Code: X-Postfix; 550 no such user", Form::Reply, "550"),
            ("smtp;5.1.0 - no such user", Form::Text, "5.1.0"),
            ("mx.example.com said: 550 no such user (#5.1.1)", Form::Text, "550 5.1.1"),
            ("error 550 or else 4.2.2", Form::Text, "550, 4.2.2"),
            ("#5.1.1 bad address", Form::Text, "5.1.1"),
            ("5.1.1: bad address", Form::Text, "5.1.1"),
            ("cannot send: 502 invalid input", Form::Text, "502"),
            ("refused -> 550 5.1.1 nobody here", Form::Text, "550 5.1.1"),
            (
                "expected 250 but got code 535, with \"535-5.7.8 no\" 535 5.7.8 x",
                Form::Text,
                "535 5.7.8",
            ),
            ("failed: 555 5.5.2 syntax, see 5.5.2 http://example.com", Form::Text, "555 5.5.2"),
            ("the limit is: 500 messages", Form::Nothing, ""),
            ("450MI:CEL too many errors", Form::Reply, "450"),
            ("550User unknown", Form::Reply, "550"),
            ("500MB are too many", Form::Nothing, ""),
            ("waited 300 seconds for 192.0.2.1", Form::Nothing, ""),
            ("room 550", Form::Nothing, ""),
            ("command died with status 255", Form::Nothing, ""),
            ("status 550: gone", Form::Text, "550"),
            ("hello", Form::Nothing, ""),
            ("", Form::Nothing, ""),
            ("5", Form::Nothing, ""),
            ("5.7", Form::Nothing, ""),
            ("5210", Form::Nothing, ""),
            ("99", Form::Nothing, ""),
        ] {
            assert_eq!(codes(text), (form, want.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn an_address_is_taken_only_where_its_role_is_certain() {
        for (text, sender, recipient) in [
            (
                "550 5.1.1 <a@example.com>: Recipient address rejected: x",
                None,
                Some("a@example.com"),
            ),
            ("550 5.1.8 <a@example.com>: Sender address rejected: x", Some("a@example.com"), None),
            ("450 4.7.1 <x>: Helo command rejected: Host not found", None, None),
            ("550 5.1.1 <a@example.com> user unknown", None, None),
        ] {
            let facts = facts_of_reply(text);
            assert_eq!((facts.sender, facts.recipient), (sender, recipient), "{text}");
        }
    }
}
