//! The verdict after connecting: it changes that of DNS only where DNS left nothing to say.

use super::finding::{Finding, FindingKind, Severity, Subject, SubjectKind, Verdict, VerdictKind};
use super::greeting::{self, Measure, Session};
use super::phrases as p;
use super::recipient::{Findings, Host, meant, plain};
use super::tls::phrases as t;
use crate::i18n::Language;
use crate::knowledge::Party;

/// What came of one session.
struct Ended<'s> {
    session: &'s Session,
    /// The first finding about it, which says how far it came.
    first: Finding,
    /// TLS is demanded, and this session did not come to what is demanded.
    unmet: bool,
}

/// Adds what is expected of TLS and what connecting found, and judges again.
pub(super) fn conclude(
    subject: &mut Subject,
    expected: Findings,
    sessions: &[&Session],
    hosts: &[Host],
    measure: &Measure<'_>,
) {
    let language = expected.language;
    let mut more = expected.all;
    let outside: Vec<&str> = hosts
        .iter()
        .filter(|host| {
            let policy = measure.expectation.policy.as_ref();
            policy.is_some_and(|p| p.mode == super::tls::sts::Mode::Enforce && !p.names(&host.name))
        })
        .map(|host| host.name.as_str())
        .collect();
    let mut ended = Vec::new();
    for session in sessions {
        let mut findings = Findings::new(language);
        greeting::judge(session, measure, &mut findings);
        let unmet = findings.all.iter().any(is_unmet);
        if let Some(first) = findings.all.first().cloned() {
            ended.push(Ended { session, first, unmet });
        }
        more.extend(findings.all);
    }
    subject.findings.extend(more);
    // The worst first, otherwise in the order they were found.
    subject.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    if subject.verdict.verdict == VerdictKind::InOrder {
        let verdict = after_sessions(subject, &ended, hosts, language)
            .or_else(|| tls_unmet(subject, &ended, &outside, language))
            .or_else(|| something(subject, language));
        if let Some(verdict) = verdict {
            subject.mail = meant(&subject.log, verdict.verdict, verdict.suppress, language);
            subject.verdict = verdict;
        } else if subject.worst() == Severity::Warning && subject.log.is_empty() {
            subject.verdict.text = p::V_WARNINGS.say(language, &[&subject.subject]);
        }
    }
}

/// A failure of TLS where TLS is demanded: else it would not be failing.
fn is_unmet(finding: &Finding) -> bool {
    let about_tls = matches!(
        finding.finding,
        FindingKind::NoStartTls
            | FindingKind::StartTlsRefused
            | FindingKind::TlsFailed
            | FindingKind::DaneMismatch
            | FindingKind::CertificateUnreadable
            | FindingKind::CertificateOtherName
            | FindingKind::CertificateExpired
            | FindingKind::CertificateNotYetValid
            | FindingKind::CertificateSelfSigned
            | FindingKind::CertificateUnknownIssuer
            | FindingKind::CertificateChain
    );
    about_tls && finding.severity == Severity::Failing
}

/// What all sessions have in common.
fn after_sessions(
    subject: &Subject,
    ended: &[Ended<'_>],
    hosts: &[Host],
    language: Language,
) -> Option<Verdict> {
    use FindingKind as F;
    if subject.kind != SubjectKind::Domain {
        return None;
    }
    let tried: Vec<&Ended<'_>> =
        ended.iter().filter(|end| end.first.finding != F::NotConnected).collect();
    let first = tried.first()?;
    let all = |kinds: &[FindingKind]| tried.iter().all(|end| kinds.contains(&end.first.finding));
    let name = &subject.subject;
    let host = &first.session.host;
    let everybody = hosts.iter().all(|host| tried.iter().any(|end| end.session.host == host.name));
    let dig = plain(format!("dig +noall +answer MX {name}"));
    let verdict = |kind, text, party, suppress, commands| {
        Some(Verdict { verdict: kind, text, party, suppress, commands, pages: Vec::new() })
    };
    if all(&[F::GreetingNoMail]) {
        let by = Some(Party::Sender);
        return if hosts.len() == 1 {
            let text = p::V_ONLY_REFUSES.say(language, &[host, name]);
            verdict(VerdictKind::OnlyExchangerRefuses, text, by, true, vec![dig])
        } else {
            let text = p::V_EVERY_REFUSES.say(language, &[name]);
            verdict(VerdictKind::EveryExchangerRefuses, text, by, everybody, vec![dig])
        };
    }
    if all(&[F::GreetingRefusal, F::GreetingNoMail]) {
        let text = p::V_REFUSES_US.say(language, &[name]);
        return verdict(VerdictKind::RefusesUs, text, first.first.party, false, Vec::new());
    }
    if all(&[F::ConnectionRefused, F::ConnectionTimeout, F::ConnectionFailed]) {
        let text = p::V_NOBODY_ANSWERS.say(language, &[name]);
        return verdict(VerdictKind::NobodyAnswers, text, None, false, Vec::new());
    }
    if all(&[F::SilentServer, F::Tarpit]) && tried.iter().all(|end| end.session.replies.is_empty())
    {
        let text = p::V_NOBODY_GREETS.say(language, &[name, &first.session.patience]);
        let by = Some(Party::RemoteAdmin);
        return verdict(VerdictKind::NobodyGreets, text, by, false, Vec::new());
    }
    None
}

fn tls_unmet(
    subject: &Subject,
    ended: &[Ended<'_>],
    outside: &[&str],
    language: Language,
) -> Option<Verdict> {
    let mut unmet: Vec<&str> = outside.to_vec();
    for end in ended.iter().filter(|end| end.unmet) {
        let host = end.session.host.as_str();
        if !unmet.contains(&host) {
            unmet.push(host);
        }
    }
    let first = *unmet.first()?;
    let listed = unmet.join(", ");
    let check = super::HostName::parse(first).map(|host| {
        plain(format!("openssl s_client -starttls smtp -connect {host}:25 -servername {host}"))
    });
    Some(Verdict {
        verdict: VerdictKind::TlsUnmet,
        text: t::V_TLS_UNMET.say(language, &[&subject.subject, &listed]),
        party: Some(Party::RemoteAdmin),
        suppress: false,
        commands: check.into_iter().collect(),
        pages: Vec::new(),
    })
}

fn something(subject: &Subject, language: Language) -> Option<Verdict> {
    let worst = subject.findings.iter().find(|f| f.severity == Severity::Failing)?;
    Some(Verdict {
        verdict: VerdictKind::SeeFindings,
        text: p::V_SEE_FINDINGS.say(language, &[&subject.subject]),
        party: worst.party,
        suppress: false,
        commands: Vec::new(),
        pages: Vec::new(),
    })
}
