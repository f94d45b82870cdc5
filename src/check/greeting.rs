//! What a server's replies to a greeting mean. The session itself is in [`super::connect`].

use super::finding::{FindingKind, Severity};
use super::phrases as p;
use super::recipient::Findings;
use super::seen::says_no_mail;
use super::tls::certificate::Trust;
use super::tls::expect::Expectation;
use super::tls::phrases as t;
use super::tls::session::{self, Tls, TlsTrouble};
use crate::explain::Explainer;
use crate::i18n::Text;
use crate::knowledge::Party;
use crate::smtp::{LineBreak, ReplyCode, parse_reply};
use std::fmt::Display;
use std::net::SocketAddr;
use std::time::Duration;

/// Lines that are shown of a session.
const MOST_SAID: usize = 40;
/// Characters that are shown of a line: RFC 5321 permits 512 with the code.
const LONGEST_LINE: usize = 512;

/// How a session ended, and what was said in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// The host's name; empty where only an address is known.
    pub host: String,
    /// The host, with its address and port.
    pub place: String,
    /// The replies: the greeting, that to EHLO, that to STARTTLS; the lines of each as they came, without their ends.
    pub replies: Vec<Vec<String>>,
    /// What went wrong on the way.
    pub trouble: Option<SessionTrouble>,
    /// How TLS went, where the server agreed to it.
    pub tls: Option<Result<Tls, TlsTrouble>>,
    /// How long a reply was waited for, in seconds.
    pub patience: u64,
}

impl Session {
    /// One that has not begun.
    pub fn at(host: &str, at: SocketAddr, patience: Duration) -> Self {
        let place = if host.is_empty() {
            at.to_string()
        } else {
            format!("{host} [{}]:{}", at.ip(), at.port())
        };
        Self {
            host: host.to_owned(),
            place,
            replies: Vec::new(),
            trouble: None,
            tls: None,
            patience: patience.as_secs(),
        }
    }

    /// What was said, as far as it is worth reading: the first lines, and of each the begin.
    fn said(&self) -> Vec<String> {
        let cut = |line: &String| match line.char_indices().nth(LONGEST_LINE) {
            Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
            None => line.clone(),
        };
        let lines = self.replies.iter().flatten();
        let mut said: Vec<String> = lines.clone().take(MOST_SAID).map(cut).collect();
        if lines.count() > MOST_SAID {
            said.push("…".to_owned());
        }
        said
    }

    /// One that will not begin.
    pub fn never(host: &str, at: SocketAddr, patience: Duration) -> Self {
        Self { trouble: Some(SessionTrouble::NotTried), ..Self::at(host, at, patience) }
    }
}

/// What went wrong with a connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SessionTrouble {
    /// Nobody listens.
    Refused,
    /// No connection in time.
    ConnectTimeout,
    /// No way there, in the system's words.
    Failed(String),
    /// Connected, but not a byte of the reply in time.
    Silent,
    /// Connected, but of the reply only so many bytes in time.
    Dripping(usize),
    /// More of a reply than anybody needs.
    Endless,
    /// Connected, and hung up on before a whole reply.
    HungUp,
    /// The run had no time left for it.
    NotTried,
}

/// The reply to EHLO offers STARTTLS.
pub(super) fn offers_starttls(lines: &[String]) -> bool {
    lines
        .iter()
        .any(|line| line.get(4..).is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS")))
}

/// What a session is measured by.
pub(super) struct Measure<'a> {
    pub(super) explainer: &'a Explainer<'a>,
    pub(super) expectation: &'a Expectation,
    pub(super) trust: &'a Trust,
}

/// The findings about a session. Replies are explained as `mailwhy explain` does it.
pub(super) fn judge(session: &Session, measure: &Measure<'_>, findings: &mut Findings) {
    let place = &session.place;
    let said = session.said();
    for (step, lines) in session.replies.iter().enumerate() {
        let whole = lines.join(" ");
        let Some(reply) = parse_reply(&whole, LineBreak::Space) else {
            findings
                .push(
                    FindingKind::NotSmtp,
                    Severity::Failing,
                    Some(Party::RemoteAdmin),
                    (p::NOT_SMTP, &[place]),
                )
                .said(said);
            return;
        };
        if reply.code.class() != 2 {
            let enhanced = reply.enhanced.map(|code| code.to_string());
            return refusal(session, measure, (step, reply.code, enhanced), findings);
        }
    }
    if let Some(trouble) = &session.trouble {
        return broken_off(session, trouble, findings);
    }
    let demanded = measure.expectation.demands_tls(&session.host);
    let (severity, greets) = match &session.tls {
        Some(_) => (Severity::Ok, p::GREETS),
        None if demanded => (Severity::Failing, p::NO_STARTTLS_DEMANDED),
        None => (Severity::Warning, p::NO_STARTTLS),
    };
    let kind = if session.tls.is_some() { FindingKind::Greets } else { FindingKind::NoStartTls };
    let party = (severity != Severity::Ok).then_some(Party::RemoteAdmin);
    findings.push(kind, severity, party, (greets, &[place])).said(said);
    match &session.tls {
        None => {}
        Some(Ok(tls)) => {
            let Measure { expectation, trust, .. } = measure;
            session::judge(place, &session.host, tls, expectation, trust, findings);
        }
        Some(Err(trouble)) => {
            let (severity, text) = if demanded {
                (Severity::Failing, t::TLS_FAILED_DEMANDED)
            } else {
                (Severity::Warning, t::TLS_FAILED)
            };
            let why = trouble.say(findings.language);
            let theirs = Some(Party::RemoteAdmin);
            findings.push(FindingKind::TlsFailed, severity, theirs, (text, &[place, &why]));
        }
    }
}

/// A reply that is not positive: in the greeting, to EHLO, to STARTTLS.
fn refusal(
    session: &Session,
    measure: &Measure<'_>,
    (step, code, enhanced): (usize, ReplyCode, Option<String>),
    findings: &mut Findings,
) {
    let demanded = measure.expectation.demands_tls(&session.host);
    let (kind, text, severity) = match (step, code.class()) {
        (2.., _) if demanded => {
            (FindingKind::StartTlsRefused, t::STARTTLS_REFUSED, Severity::Failing)
        }
        (2.., _) => (FindingKind::StartTlsRefused, t::STARTTLS_REFUSED, Severity::Warning),
        (1, _) => (FindingKind::EhloRefused, p::EHLO_REFUSED, Severity::Failing),
        (_, 4) => (FindingKind::GreetingDeferral, p::GREETING_DEFERRAL, Severity::Failing),
        // 554 is what a server says that does not want this client (RFC 5321 section 3.1); 521 wants nobody.
        _ if says_no_mail(Some(code.value()), enhanced.as_deref()) => {
            (FindingKind::GreetingNoMail, p::GREETING_NO_MAIL, Severity::Failing)
        }
        _ => (FindingKind::GreetingRefusal, p::GREETING_REFUSAL, Severity::Failing),
    };
    let reply = session.replies.get(step).map(|lines| lines.join(" ")).unwrap_or_default();
    let explanation = measure.explainer.explain(&reply);
    let answer = explanation.answers.first();
    let meaning = answer.map_or("", |answer| answer.meaning.as_str());
    let party = answer.and_then(|answer| answer.parties.first().copied());
    let values: &[&dyn Display] = &[&session.place, &code, &meaning];
    let said = session.said();
    findings.push(kind, severity, party.or(Some(Party::RemoteAdmin)), (text, values)).said(said);
}

/// A session that ended before its replies did.
fn broken_off(session: &Session, trouble: &SessionTrouble, findings: &mut Findings) {
    let step = match session.replies.len() {
        0 => p::STEP_GREETING,
        1 => p::STEP_EHLO,
        _ => p::STEP_STARTTLS,
    };
    let step = step.get(findings.language);
    let (kind, text): (FindingKind, Text) = match trouble {
        SessionTrouble::Refused => (FindingKind::ConnectionRefused, p::CONNECTION_REFUSED),
        SessionTrouble::ConnectTimeout => (FindingKind::ConnectionTimeout, p::CONNECTION_TIMEOUT),
        SessionTrouble::Failed(_) => (FindingKind::ConnectionFailed, p::CONNECTION_FAILED),
        SessionTrouble::Silent => (FindingKind::SilentServer, p::SILENT_SERVER),
        SessionTrouble::Dripping(_) => (FindingKind::Tarpit, p::TARPIT),
        SessionTrouble::Endless => (FindingKind::EndlessReply, p::ENDLESS_REPLY),
        SessionTrouble::HungUp => (FindingKind::HungUp, p::HUNG_UP),
        SessionTrouble::NotTried => (FindingKind::NotConnected, p::NOT_CONNECTED),
    };
    let third: &dyn Display = match trouble {
        SessionTrouble::Failed(why) => why,
        SessionTrouble::Dripping(bytes) => bytes,
        _ => &session.patience,
    };
    let (severity, party) = match trouble {
        SessionTrouble::NotTried => (Severity::Note, None),
        _ => (Severity::Failing, Some(Party::RemoteAdmin)),
    };
    let said = session.said();
    let values: &[&dyn Display] = &[&session.place, &step, third, &session.patience];
    findings.push(kind, severity, party, (text, values)).said(said);
}
