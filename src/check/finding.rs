//! What a check comes to: findings, each with its evidence, and a verdict a subject. This is the schema of
//! `mailwhy check --format json`.

use super::answer::{Row, without_hashes};
use super::seen::Seen;
use crate::knowledge::Party;
use crate::words::words;
use serde::Serialize;

/// The schema of [`CheckReport`].
pub const SCHEMA: u32 = 1;

words! {
    /// How bad a finding is.
    Severity {
        /// All is well.
        Ok = "ok",
        /// Worth knowing.
        Note = "note",
        /// Works, but not everywhere or not for long.
        Warning = "warning",
        /// Mail fails because of it.
        Failing = "failing",
    }
}

words! {
    /// What was looked at.
    SubjectKind {
        /// A domain that we send to.
        Domain = "domain",
        /// An IP address.
        Address = "address",
        /// Ourselves.
        Own = "own",
    }
}

words! {
    /// What was found.
    FindingKind {
        /// The exchangers, in order.
        MxSet = "mx-set",
        /// A null MX: the domain takes no mail (RFC 7505).
        NullMx = "null-mx",
        /// A null MX beside real ones.
        NullMxMixed = "null-mx-mixed",
        /// No MX: mail goes to the address of the domain itself (RFC 5321 section 5.1).
        AddressFallback = "address-fallback",
        /// Neither MX nor address.
        NoMailHost = "no-mail-host",
        /// The name does not exist.
        NoSuchName = "no-such-name",
        /// SERVFAIL.
        DnsServFail = "dns-servfail",
        /// Sent on to other name servers instead of an answer: a lame delegation, or no resolver was asked.
        DnsReferral = "dns-referral",
        /// The resolver refused.
        DnsRefused = "dns-refused",
        /// No answer in time.
        DnsTimeout = "dns-timeout",
        /// Another failure of DNS.
        DnsFailed = "dns-failed",
        /// Not asked, because of a limit of the run.
        NotAsked = "not-asked",
        /// An exchanger that is an alias (RFC 2181 section 10.3).
        ExchangerAlias = "exchanger-alias",
        /// An exchanger without an address.
        ExchangerWithoutAddress = "exchanger-without-address",
        /// An exchanger whose name does not exist.
        ExchangerMissing = "exchanger-missing",
        /// An exchanger that no host can be called; often an IP address.
        ExchangerBadName = "exchanger-bad-name",
        /// An exchanger at an address that the Internet cannot reach.
        ExchangerUnreachable = "exchanger-unreachable",
        /// No exchanger has an IPv4 address.
        OnlyIpv6 = "only-ipv6",
        /// No exchanger has an IPv6 address.
        OnlyIpv4 = "only-ipv4",
        /// The host in the log is no exchanger today.
        StaleExchanger = "stale-exchanger",
        /// The address in the log is not one of the exchanger's addresses today.
        OtherAddress = "other-address",
        /// The host in the log is an exchanger today, and said that it takes no mail.
        ExchangerRefuses = "exchanger-refuses",
        /// The host in the log is an exchanger today.
        RightExchanger = "right-exchanger",
        /// The address that others name as ours.
        OwnAddress = "own-address",
        /// The domains that send from here.
        OwnDomains = "own-domains",
        /// The address has a name which has the address.
        PtrConfirmed = "ptr-confirmed",
        /// The address has a name which does not have the address.
        PtrUnconfirmed = "ptr-unconfirmed",
        /// The address has no name.
        PtrMissing = "ptr-missing",
        /// The HELO name has the address.
        HeloConfirmed = "helo-confirmed",
        /// The HELO name has other addresses.
        HeloOtherAddress = "helo-other-address",
        /// The HELO name has no address.
        HeloWithoutAddress = "helo-without-address",
        /// The HELO name is not a whole domain name.
        HeloNotQualified = "helo-not-qualified",
        /// SPF permits the address.
        SpfPass = "spf-pass",
        /// SPF forbids it.
        SpfFail = "spf-fail",
        /// SPF doubts it.
        SpfSoftFail = "spf-softfail",
        /// SPF says nothing of it.
        SpfNeutral = "spf-neutral",
        /// There is no SPF record.
        SpfNone = "spf-none",
        /// SPF cannot be evaluated now.
        SpfTempError = "spf-temperror",
        /// The SPF record is broken.
        SpfPermError = "spf-permerror",
        /// A DMARC record.
        DmarcPolicy = "dmarc-policy",
        /// No DMARC record.
        DmarcNone = "dmarc-none",
        /// A DMARC record that receivers must ignore.
        DmarcBroken = "dmarc-broken",
        /// A DKIM key that receivers can use.
        DkimKey = "dkim-key",
        /// No key under the selector.
        DkimMissing = "dkim-missing",
        /// The key was revoked.
        DkimRevoked = "dkim-revoked",
        /// A key record that receivers must ignore.
        DkimBroken = "dkim-broken",
        /// A key too short for some receivers, or for all.
        DkimWeak = "dkim-weak",
        /// Receivers are told to treat a bad signature as none.
        DkimTest = "dkim-test",
        /// On a blocklist.
        Listed = "listed",
        /// Not on these blocklists.
        NotListed = "not-listed",
        /// Blocklists that do not want to be asked by this resolver.
        ListRefuses = "list-refuses",
        /// Blocklists that did not answer.
        ListSilent = "list-silent",
        /// A blocklist whose answers are none: given up, hijacked, or the resolver makes answers up.
        ListDead = "list-dead",
        /// A provider refuses us for what it thinks of us.
        ProviderRefuses = "provider-refuses",
        /// The server greets and offers STARTTLS.
        Greets = "greets",
        /// The server greets and offers no STARTTLS.
        NoStartTls = "no-starttls",
        /// The greeting is 521: this host takes no mail.
        GreetingNoMail = "greeting-no-mail",
        /// The greeting is another refusal.
        GreetingRefusal = "greeting-refusal",
        /// The server defers at once.
        GreetingDeferral = "greeting-deferral",
        /// EHLO was refused.
        EhloRefused = "ehlo-refused",
        /// Nobody listens.
        ConnectionRefused = "connection-refused",
        /// No connection in time.
        ConnectionTimeout = "connection-timeout",
        /// No way there.
        ConnectionFailed = "connection-failed",
        /// Connected, but not a byte of a reply in time.
        SilentServer = "silent-server",
        /// Connected, but a reply in drips.
        Tarpit = "tarpit",
        /// A reply without an end.
        EndlessReply = "endless-reply",
        /// Not connected to, or not until the end, because of the deadline.
        NotConnected = "not-connected",
        /// Connected, and hung up on.
        HungUp = "hung-up",
        /// What answers does not speak SMTP.
        NotSmtp = "not-smtp",
        /// Neither DANE nor MTA-STS: nobody checks certificates.
        TlsOpportunistic = "tls-opportunistic",
        /// TLSA records that DNSSEC proves.
        DaneRecords = "dane-records",
        /// TLSA records of which it is unknown whether DNSSEC proves them, or whose MX records it does not prove.
        DaneUnproved = "dane-unproved",
        /// A TLSA record that senders cannot use.
        DaneMalformed = "dane-malformed",
        /// No TLSA record that senders can use.
        DaneNoneUsable = "dane-none-usable",
        /// The question for TLSA records fails.
        DaneUnanswered = "dane-unanswered",
        /// The certificate fits a TLSA record.
        DaneMatch = "dane-match",
        /// The certificate fits no TLSA record.
        DaneMismatch = "dane-mismatch",
        /// A record that announces a policy of MTA-STS.
        StsRecord = "sts-record",
        /// One that senders ignore.
        StsRecordBroken = "sts-record-broken",
        /// The policy was not asked for.
        StsNotFetched = "sts-not-fetched",
        /// The policy cannot be fetched.
        StsUnavailable = "sts-unavailable",
        /// The policy.
        StsPolicy = "sts-policy",
        /// A policy that senders ignore.
        StsPolicyBroken = "sts-policy-broken",
        /// An exchanger that the policy does not name.
        StsExchangerMissing = "sts-exchanger-missing",
        /// Where failures of TLS are reported to (TLS-RPT).
        TlsReports = "tls-reports",
        /// A record of TLS-RPT that senders cannot use.
        TlsReportsBroken = "tls-reports-broken",
        /// TLS is demanded, but failures are reported to nobody.
        TlsReportsMissing = "tls-reports-missing",
        /// TLS was negotiated; with the certificate.
        TlsWorks = "tls-works",
        /// The server's signature does not prove its certificate.
        TlsUnproved = "tls-unproved",
        /// STARTTLS is offered, and TLS fails.
        TlsFailed = "tls-failed",
        /// STARTTLS is offered, and refused.
        StartTlsRefused = "starttls-refused",
        /// The certificate cannot be read.
        CertificateUnreadable = "certificate-unreadable",
        /// The certificate is for other names.
        CertificateOtherName = "certificate-other-name",
        /// The certificate has expired.
        CertificateExpired = "certificate-expired",
        /// The certificate is not valid yet.
        CertificateNotYetValid = "certificate-not-yet-valid",
        /// The certificate vouches for itself.
        CertificateSelfSigned = "certificate-self-signed",
        /// No authority that this system trusts issued it.
        CertificateUnknownIssuer = "certificate-unknown-issuer",
        /// The certificate or those above it have another fault.
        CertificateChain = "certificate-chain",
        /// The certificate ends within two weeks.
        CertificateEndsSoon = "certificate-ends-soon",
        /// This system has no authorities to check certificates by.
        AuthoritiesUnknown = "authorities-unknown",
    }
}

words! {
    /// What it comes to.
    VerdictKind {
        /// The domain wants no mail.
        TakesNoMail = "takes-no-mail",
        /// There is no such domain.
        NoSuchDomain = "no-such-domain",
        /// The domain has no host for mail.
        NoMailHost = "no-mail-host",
        /// Its only exchanger takes no mail.
        OnlyExchangerRefuses = "only-exchanger-refuses",
        /// One of its exchangers takes no mail.
        OneExchangerRefuses = "one-exchanger-refuses",
        /// We spoke to a host that is no exchanger any more.
        StaleRoute = "stale-route",
        /// No exchanger can be reached.
        NoUsableExchanger = "no-usable-exchanger",
        /// The name servers fail.
        DnsBroken = "dns-broken",
        /// Nobody answered in time.
        DnsSilent = "dns-silent",
        /// The provider refuses us, and only it knows why.
        ProviderRefuses = "provider-refuses",
        /// No MX, and the fallback takes no mail.
        FallbackRefuses = "fallback-refuses",
        /// Every exchanger says in its greeting that it takes no mail.
        EveryExchangerRefuses = "every-exchanger-refuses",
        /// Every exchanger refuses this host in its greeting.
        RefusesUs = "refuses-us",
        /// No exchanger can be connected to.
        NobodyAnswers = "nobody-answers",
        /// Every exchanger takes the connection and does not greet.
        NobodyGreets = "nobody-greets",
        /// The domain demands TLS, and an exchanger does not pass.
        TlsUnmet = "tls-unmet",
        /// Nothing fails.
        InOrder = "in-order",
        /// Something fails: see the findings.
        SeeFindings = "see-findings",
        /// Could not be asked.
        NotKnown = "not-known",
    }
}

/// A command that confirms or repairs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Command {
    /// `postfix` or `exim` for one that only this mail server has.
    pub mta: Option<&'static str>,
    /// To be typed as it is.
    pub line: String,
}

/// TLS as it was negotiated, and the certificate.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TlsFacts {
    /// The protocol: `TLSv1.3`.
    pub protocol: String,
    /// The cipher suite: `TLS13_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// The hosts that the certificate is for, at most twenty; empty where it cannot be read.
    pub names: Vec<String>,
    /// Whose it is; this and the rest `None` where it cannot be read.
    pub subject: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// The first day that it is valid, in UTC.
    pub not_before: Option<String>,
    /// The last day.
    pub not_after: Option<String>,
    /// The TLSA record that fits it.
    pub tlsa: Option<String>,
}

/// Something that was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// What.
    pub finding: FindingKind,
    /// How bad.
    pub severity: Severity,
    /// What it means, in words.
    pub meaning: String,
    /// The records as answered.
    pub evidence: Vec<Row>,
    /// What a server said, as it came.
    pub said: Vec<String>,
    /// Who can act; `None` where there is nothing to do.
    pub party: Option<Party>,
    /// What to do, where the meaning does not say it already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// What to run.
    pub commands: Vec<Command>,
    /// TLS with a server; only of the finding that tells of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFacts>,
    /// Where to go with it: the page of a list or of a provider.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<String>,
}

/// What it comes to, in one sentence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Verdict {
    /// Which.
    pub verdict: VerdictKind,
    /// The sentence.
    pub text: String,
    /// Who can act; `None` where there is nothing to do.
    pub party: Option<Party>,
    /// The address may be taken off mailing lists.
    pub suppress: bool,
    /// Commands that confirm it.
    pub commands: Vec<Command>,
    /// Where to go with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<String>,
}

/// A domain, host or address, and what is the matter with it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Subject {
    /// Its name.
    pub subject: String,
    /// What it is.
    pub kind: SubjectKind,
    /// What the log says of it.
    pub log: Vec<Seen>,
    /// What it comes to.
    pub verdict: Verdict,
    /// What that means for the mail in the log, where a log was read.
    pub mail: Option<String>,
    /// The worst first.
    pub findings: Vec<Finding>,
}

impl Subject {
    /// The worst finding.
    pub fn worst(&self) -> Severity {
        self.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Ok)
    }
}

/// All of a run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CheckReport {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Who was asked: addresses with ports.
    pub resolvers: Vec<String>,
    /// How many questions were asked.
    pub questions: usize,
    /// How many of them the resolver answered.
    pub answered: usize,
    /// Seconds until a question was given up, and how often it was asked.
    pub timeout: u64,
    /// See `timeout`.
    pub attempts: usize,
    /// What was looked at, in the order of the arguments; of a log, worst first.
    pub subjects: Vec<Subject>,
    /// Domains and hosts with trouble in the log that `--limit` left out.
    pub left_out: usize,
    /// Log entries about what others think of us, where no entry names our address, so that it was not looked at.
    pub own_unknown: u64,
}

impl CheckReport {
    /// Puts every text that may hold a name through `rewrite`, which must make a host name of a host name. An address
    /// that becomes none is left out.
    pub fn rewrite(&mut self, rewrite: &dyn Fn(&str) -> String) {
        let change = |text: &mut String| *text = rewrite(text);
        self.resolvers.iter_mut().for_each(change);
        for subject in &mut self.subjects {
            change(&mut subject.subject);
            for seen in &mut subject.log {
                seen.rewrite(rewrite);
            }
            let Verdict { text, commands, .. } = &mut subject.verdict;
            change(text);
            for command in commands {
                change(&mut command.line);
            }
            for finding in &mut subject.findings {
                let Finding { meaning, evidence, said, commands, tls, .. } = finding;
                *meaning = without_hashes(&rewrite(meaning));
                if let Some(tls) = tls {
                    tls.names.iter_mut().for_each(change);
                    tls.subject.iter_mut().chain(&mut tls.issuer).for_each(change);
                    tls.tlsa = None;
                }
                said.iter_mut().for_each(change);
                for row in evidence {
                    row.rewrite(rewrite);
                }
                for command in commands {
                    change(&mut command.line);
                }
            }
        }
    }

    /// No question was answered.
    pub fn is_deaf(&self) -> bool {
        self.questions > 0 && self.answered == 0
    }

    /// Something fails.
    pub fn fails(&self) -> bool {
        self.subjects.iter().any(|subject| subject.worst() == Severity::Failing)
    }
}
