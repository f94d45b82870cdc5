//! What a server's first replies mean. The session itself is in [`super::connect`].

use super::finding::{FindingKind, Severity};
use super::phrases as p;
use super::recipient::Findings;
use super::seen::says_no_mail;
use crate::explain::Explainer;
use crate::knowledge::Party;
use crate::smtp::{LineBreak, parse_reply};
use std::fmt::Display;

/// How a session ended, and what was said in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// The host, with its address and port.
    pub place: String,
    /// The replies: the greeting, then that to EHLO; the lines of each as they came, without their ends.
    pub replies: Vec<Vec<String>>,
    /// What went wrong on the way.
    pub trouble: Option<SessionTrouble>,
    /// How long a reply was waited for, in seconds.
    pub patience: u64,
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
    /// Connected, but no whole reply in time, or more of it than anybody needs.
    Silent,
    /// Connected, and hung up on before a whole reply.
    HungUp,
}

/// The findings about a session. Replies are explained as `mailwhy explain` does it.
pub(super) fn judge(session: &Session, explainer: &Explainer<'_>, findings: &mut Findings) {
    use Severity::{Failing, Ok, Warning};
    let place = &session.place;
    let theirs = Some(Party::RemoteAdmin);
    let said: Vec<String> = session.replies.iter().flatten().cloned().collect();
    let patience = session.patience;
    let mut replies = session.replies.iter();
    for step in ["greeting", "ehlo"] {
        let Some(lines) = replies.next() else { break };
        let whole = lines.join(" ");
        let Some(reply) = parse_reply(&whole, LineBreak::Space) else {
            findings
                .push(FindingKind::NotSmtp, Failing, theirs, (p::NOT_SMTP, &[place]))
                .said(said);
            return;
        };
        if reply.code.class() == 2 {
            continue;
        }
        let enhanced = reply.enhanced.map(|code| code.to_string());
        let (kind, text) = match (step, reply.code.class()) {
            ("ehlo", _) => (FindingKind::EhloRefused, p::EHLO_REFUSED),
            (_, 4) => (FindingKind::GreetingDeferral, p::GREETING_DEFERRAL),
            // 554 is what a server says that does not want this client (RFC 5321 section 3.1); 521 wants nobody.
            _ if says_no_mail(Some(reply.code.value()), enhanced.as_deref()) => {
                (FindingKind::GreetingNoMail, p::GREETING_NO_MAIL)
            }
            _ => (FindingKind::GreetingRefusal, p::GREETING_REFUSAL),
        };
        let explanation = explainer.explain(&whole);
        let meaning = explanation.answers.first().map_or("", |answer| answer.meaning.as_str());
        let party = explanation.answers.first().and_then(|answer| answer.parties.first().copied());
        let values: &[&dyn Display] = &[place, &reply.code, &meaning];
        findings.push(kind, Failing, party.or(theirs), (text, values)).said(said);
        return;
    }
    let (kind, text, severity) = match &session.trouble {
        None => {
            let offers = session.replies.get(1).is_some_and(|lines| {
                lines.iter().any(|line| {
                    line.get(4..).is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS"))
                })
            });
            if offers {
                (FindingKind::Greets, p::GREETS, Ok)
            } else {
                (FindingKind::NoStartTls, p::NO_STARTTLS, Warning)
            }
        }
        Some(SessionTrouble::Refused) => {
            (FindingKind::ConnectionRefused, p::CONNECTION_REFUSED, Failing)
        }
        Some(SessionTrouble::ConnectTimeout) => {
            (FindingKind::ConnectionTimeout, p::CONNECTION_TIMEOUT, Failing)
        }
        Some(SessionTrouble::Silent) => (FindingKind::SilentServer, p::SILENT_SERVER, Failing),
        Some(SessionTrouble::HungUp) => (FindingKind::HungUp, p::HUNG_UP, Failing),
        Some(SessionTrouble::Failed(_)) => {
            (FindingKind::ConnectionFailed, p::CONNECTION_FAILED, Failing)
        }
    };
    let second: &dyn Display = match &session.trouble {
        Some(SessionTrouble::Failed(why)) => why,
        _ => &patience,
    };
    let party = theirs.filter(|_| severity != Ok);
    findings.push(kind, severity, party, (text, &[place, second])).said(said);
}
