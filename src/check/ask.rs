//! Asks what the judging wants to know. With [`super::connect`] the only code of this program that uses the network.
//!
//! Rounds: all subjects are judged, what they lack is asked for side by side, and they are judged again, until
//! nothing is lacking. Bounds: [`super::book::MOST_QUESTIONS`] questions a subject, [`PARALLEL`] at a time,
//! [`MOST_PLACES`] connections a subject, and the deadline, behind which nothing is asked any more.

use super::answer::{
    Answer, Data, LONGEST_DATA, LONGEST_TEXT, Outcome, QueryType, Question, Row, Tlsa,
};
use super::book::Book;
use super::conclude::conclude;
use super::connect::Connecting;
use super::finding::{CheckReport, SCHEMA, Subject};
use super::greeting::Measure;
use super::identity::{self, Own};
use super::name::HostName;
use super::recipient::{self, Findings, Host};
use super::seen::Seen;
use super::tls::expect::{self, Expectation, Fetched};
use super::visit::{Visited, prepare, visit};
use crate::explain::Explainer;
use crate::i18n::Language;
use hickory_resolver::config::{NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::{DnsHandle, FirstAnswer};
use hickory_resolver::net::{DnsError, NetError, RetryDnsHandle};
use hickory_resolver::proto::op::{
    DnsRequest, DnsRequestOptions, Edns, Message, Query, ResponseCode,
};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use hickory_resolver::{NameServerPool, PoolContext, Resolver, TlsConfig, TokioResolver};
use std::fmt::Write;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// Questions, or connections, at a time.
pub const PARALLEL: usize = 8;
/// Rounds; the deepest chain of questions, an SPF record of ten lookups, takes some twenty.
const MOST_ROUNDS: usize = 60;
/// Connections for one subject.
pub const MOST_PLACES: usize = 4;

/// How to ask.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Whom; nobody named: the resolvers of the system.
    pub resolver: Option<SocketAddr>,
    /// How long to wait for one answer.
    pub timeout: Duration,
    /// How often to ask, at least once.
    pub attempts: usize,
    /// How long all of it may take.
    pub deadline: Duration,
    /// Look at what domains expect of TLS, even where no log tells of its failure.
    pub tls: bool,
}

/// What to look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// Where mail for a domain goes; with what the log says of it.
    Domain(HostName, Vec<Seen>),
    /// An address.
    Address(IpAddr),
    /// Ourselves.
    Own(Own),
}

impl Target {
    fn judge(&self, book: &Book, language: Language) -> Subject {
        match self {
            Self::Domain(domain, seen) => recipient::judge(book, domain, seen, language),
            Self::Address(address) => identity::judge_address(book, *address, language),
            Self::Own(own) => identity::judge(book, own, language),
        }
    }

    /// How many subjects' worth of questions it takes.
    fn weight(&self) -> usize {
        match self {
            Self::Domain(..) | Self::Address(_) => 1,
            Self::Own(own) => own.weight(),
        }
    }

    /// What it expects of TLS, where that was asked for or is in the log; with the hosts that it is about.
    fn expect(
        &self,
        book: &Book,
        asked: bool,
        fetched: Option<&Fetched>,
        findings: &mut Findings,
    ) -> (Expectation, Vec<Host>) {
        let Self::Domain(domain, seen) = self else { return Default::default() };
        let hosts = recipient::hosts(book, domain);
        let wanted = asked || seen.iter().any(Seen::is_about_tls);
        if !wanted || hosts.is_empty() {
            return (Expectation::default(), hosts);
        }
        (expect::judge(book, domain, &hosts, fetched, findings), hosts)
    }
}

/// Looks at the targets; tells `progress` how many questions and connections are done.
///
/// # Errors
///
/// The system's resolvers are not known, or there can be no sockets.
pub fn check(
    targets: &[Target],
    asking: &Asking,
    connecting: Option<&Connecting>,
    explainer: &Explainer<'_>,
    progress: &dyn Fn(usize),
) -> io::Result<CheckReport> {
    let language = explainer.knowledge().language();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let deadline = Instant::from_std(std::time::Instant::now() + asking.deadline);
    let tls = asking.tls || connecting.is_some();
    let (book, visited, resolvers) = runtime.block_on(async {
        let (asked, resolvers) = Asked::of(asking).map_err(io::Error::other)?;
        let patience = asking.patience(resolvers.len());
        let mut asker = Asker { asked, patience, deadline, done: 0, progress };
        let mut book = Book::for_subjects(targets.iter().map(Target::weight).sum());
        for _ in 0..MOST_ROUNDS {
            for target in targets {
                target.judge(&book, language);
                target.expect(&book, tls, None, &mut Findings::new(language));
                if let (Target::Domain(domain, _), Some(_)) = (target, connecting) {
                    prepare(&book, domain);
                }
            }
            let wanted = book.take_wanted();
            if wanted.is_empty() {
                break;
            }
            asker.ask(wanted, &mut book).await;
        }
        let visited = match connecting {
            Some(how) => visit(targets, &book, how, deadline, &mut || asker.count()).await,
            None => Visited::nobody(),
        };
        Ok::<_, io::Error>((book, visited, resolvers))
    })?;
    // A lookup that was given up may still wait somewhere; nothing waits for it.
    runtime.shutdown_background();
    let subjects = targets
        .iter()
        .enumerate()
        .map(|(index, target)| {
            let mut subject = target.judge(&book, language);
            let mut findings = Findings::new(language);
            let (expectation, hosts) =
                target.expect(&book, tls, visited.fetched(index), &mut findings);
            let measure = Measure { explainer, expectation: &expectation, trust: &visited.trust };
            let sessions: Vec<_> = visited.sessions(index).collect();
            conclude(&mut subject, findings, &sessions, &hosts, &measure);
            subject
        })
        .collect();
    let (answered, questions) = book.tally();
    Ok(CheckReport {
        schema: SCHEMA,
        resolvers,
        questions,
        answered,
        timeout: asking.timeout.as_secs(),
        attempts: asking.attempts,
        subjects,
        left_out: 0,
        own_unknown: 0,
    })
}

impl Asking {
    /// How long one question may take in all.
    fn patience(&self, servers: usize) -> Duration {
        let tries = self.attempts.saturating_mul(servers.max(1)).min(20);
        self.timeout * u32::try_from(tries).unwrap_or(1) + Duration::from_millis(500)
    }
}

/// Whom to ask.
#[derive(Clone)]
struct Asked {
    resolver: TokioResolver,
    /// The same servers, for questions that the resolver cannot ask: those with the AD bit.
    pool: RetryDnsHandle<NameServerPool<TokioRuntimeProvider>>,
}

impl Asked {
    /// Those to ask, and their addresses with ports.
    fn of(asking: &Asking) -> Result<(Self, Vec<String>), NetError> {
        let servers = match asking.resolver {
            Some(at) => {
                let mut server = NameServerConfig::udp_and_tcp(at.ip());
                for connection in &mut server.connections {
                    connection.port = at.port();
                }
                vec![server]
            }
            None => hickory_resolver::system_conf::read_system_conf()?.0.into_parts().2,
        };
        let named = servers
            .iter()
            .map(|server| {
                let port = server.connections.first().map_or(53, |connection| connection.port);
                SocketAddr::new(server.ip, port).to_string()
            })
            .collect();
        let mut options = ResolverOpts::default();
        options.timeout = asking.timeout;
        // There they are the ones after the first.
        options.attempts = asking.attempts.saturating_sub(1);
        // What /etc/hosts says is not what the world sees; the book keeps the answers.
        options.use_hosts_file = ResolveHosts::Never;
        options.cache_size = 0;
        let context = Arc::new(PoolContext::new(options.clone(), TlsConfig::new()?));
        let provider = TokioRuntimeProvider::default();
        let pool = NameServerPool::from_config(servers.clone(), context, provider);
        let pool = RetryDnsHandle::new(pool, options.attempts);
        let config = ResolverConfig::from_parts(None, Vec::new(), servers);
        let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
        *builder.options_mut() = options;
        Ok((Self { resolver: builder.build()?, pool }, named))
    }

    /// Asks the resolver.
    async fn lookup(&self, name: Name, kind: RecordType) -> Result<Answer, NetError> {
        let lookup = self.resolver.lookup(name, kind).await?;
        Ok(Answer::with_rows(lookup.answers().iter().filter_map(row).collect()))
    }

    /// Asks with the AD bit, which means: tell me whether DNSSEC proves this (RFC 6840 section 5.7).
    async fn lookup_proved(&self, name: Name, kind: RecordType) -> Result<Answer, NetError> {
        let options = DnsRequestOptions::default();
        let mut message = Message::query();
        message.add_query(Query::query(name, kind));
        message.metadata.recursion_desired = true;
        message.metadata.authentic_data = true;
        message.edns.get_or_insert_with(Edns::new).set_max_payload(options.edns_payload_len);
        let response = self.pool.send(DnsRequest::new(message, options)).first_answer().await?;
        let response = DnsError::from_response(response)?;
        let rows = response.answers.iter().filter_map(row).collect();
        let mut answer = Answer::with_rows(rows);
        answer.secure = response.metadata.authentic_data;
        Ok(answer)
    }
}

struct Asker<'a> {
    asked: Asked,
    patience: Duration,
    deadline: Instant,
    done: usize,
    progress: &'a dyn Fn(usize),
}

impl Asker<'_> {
    fn count(&mut self) {
        self.done += 1;
        (self.progress)(self.done);
    }

    /// Asks the questions and enters the answers.
    async fn ask(&mut self, questions: Vec<Question>, book: &mut Book) {
        let mut open = JoinSet::new();
        let mut waiting = questions.into_iter();
        loop {
            while open.len() < PARALLEL {
                let Some(question) = waiting.next() else { break };
                if Instant::now() >= self.deadline {
                    book.enter(question, Answer::without_rows(Outcome::NotAsked));
                    continue;
                }
                let until = self.deadline.min(Instant::now() + self.patience);
                open.spawn(ask(self.asked.clone(), question, until));
            }
            // A task that panicked leaves its question open, to be asked again; there is none that can.
            let Some(ended) = open.join_next().await else { return };
            if let Ok((question, answer)) = ended {
                book.enter(question, answer);
                self.count();
            }
        }
    }
}

async fn ask(asked: Asked, question: Question, until: Instant) -> (Question, Answer) {
    // Fully qualified, so that no search list is tried.
    let Ok(name) = Name::from_ascii(format!("{}.", question.name)) else {
        return (question, Answer::without_rows(Outcome::NoSuchName));
    };
    let kind = match question.kind {
        QueryType::A => RecordType::A,
        QueryType::Aaaa => RecordType::AAAA,
        QueryType::Mx => RecordType::MX,
        QueryType::Ptr => RecordType::PTR,
        QueryType::Tlsa => RecordType::TLSA,
        QueryType::Txt => RecordType::TXT,
    };
    let answered = timeout_at(until, async {
        match question.kind {
            // What DANE stands on.
            QueryType::Mx | QueryType::Tlsa => asked.lookup_proved(name, kind).await,
            _ => asked.lookup(name, kind).await,
        }
    });
    let answer = match answered.await {
        Err(_) => Answer::without_rows(Outcome::Timeout),
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => Answer::without_rows(outcome(&error)),
    };
    (question, answer)
}

fn outcome(error: &NetError) -> Outcome {
    let code = match error {
        // Nobody answers for the zone, and nobody says that there is nothing: the opposite of an answer.
        NetError::Dns(DnsError::NoRecordsFound(none))
            if none.response_code == ResponseCode::NoError
                && none.soa.is_none()
                && none.ns.as_ref().is_some_and(|servers| !servers.is_empty()) =>
        {
            return Outcome::Referral;
        }
        NetError::Dns(DnsError::NoRecordsFound(none)) => none.response_code,
        NetError::Dns(DnsError::ResponseCode(code)) => *code,
        // That nobody is there at all is as good as silence.
        NetError::Timeout | NetError::NoConnections | NetError::Io(_) => return Outcome::Timeout,
        _ => return Outcome::Failed,
    };
    match code {
        ResponseCode::NoError => Outcome::NoData,
        ResponseCode::NXDomain => Outcome::NoSuchName,
        ResponseCode::ServFail => Outcome::ServFail,
        ResponseCode::Refused => Outcome::Refused,
        _ => Outcome::Failed,
    }
}

/// A name as answered, without its final dot; the root stays `.`.
fn name_of(name: &Name) -> String {
    let text = name.to_ascii();
    match text.strip_suffix('.') {
        Some("") | None => text,
        Some(name) => name.to_owned(),
    }
}

fn row(record: &Record) -> Option<Row> {
    let data = match &record.data {
        RData::A(address) => Data::Address(IpAddr::V4(address.0)),
        RData::AAAA(address) => Data::Address(IpAddr::V6(address.0)),
        RData::MX(mx) => Data::Mx(mx.preference, name_of(&mx.exchange)),
        RData::CNAME(name) => Data::Alias(name_of(&name.0)),
        RData::PTR(name) => Data::Pointer(name_of(&name.0)),
        RData::TLSA(tlsa) => Data::Tlsa(Tlsa {
            usage: tlsa.cert_usage.into(),
            selector: tlsa.selector.into(),
            matching: tlsa.matching.into(),
            data: tlsa.cert_data.iter().copied().take(LONGEST_DATA).collect(),
        }),
        RData::TXT(text) => {
            let bytes: Vec<u8> = text
                .txt_data
                .iter()
                .flat_map(|part| part.iter().copied())
                .take(LONGEST_TEXT)
                .collect();
            Data::Text(shown(&bytes))
        }
        _ => return None,
    };
    Some(Row { name: name_of(&record.name), ttl: record.ttl, data })
}

/// Bytes of strangers as ASCII text; others as `\xNN`.
pub(super) fn shown(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        if (b' '..=b'~').contains(&byte) {
            out.push(char::from(byte));
        } else {
            // A string takes everything.
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}
