//! Asks what the judging wants to know. With [`super::connect`] the only code of this program that uses the network.
//!
//! Rounds: all subjects are judged, what they lack is asked for side by side, and they are judged again, until
//! nothing is lacking. Bounds: [`super::book::MOST_QUESTIONS`] questions a subject, [`PARALLEL`] at a time,
//! [`MOST_PLACES`] connections a subject, and the deadline, behind which nothing is asked any more.

use super::answer::{Answer, Data, LONGEST_TEXT, Outcome, QueryType, Question, Row};
use super::book::Book;
use super::connect::{Connecting, speak};
use super::finding::{CheckReport, SCHEMA, Subject};
use super::greeting::{self, Session};
use super::identity::{self, Own};
use super::name::HostName;
use super::recipient::{self, Findings};
use super::seen::Seen;
use crate::explain::Explainer;
use crate::i18n::Language;
use hickory_resolver::config::{NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use hickory_resolver::{Resolver, TokioResolver};
use std::fmt::Write;
use std::io;
use std::net::{IpAddr, SocketAddr};
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

    /// Where to connect to, the most wanted first.
    fn places(&self, book: &Book) -> Vec<(String, IpAddr)> {
        let mut places = match self {
            Self::Domain(domain, _) => recipient::places(book, domain),
            Self::Address(address) => vec![(String::new(), *address)],
            Self::Own(_) => Vec::new(),
        };
        places.truncate(MOST_PLACES);
        places
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
    let (book, sessions, resolvers) = runtime.block_on(async {
        let (resolver, resolvers) = resolver(asking).map_err(io::Error::other)?;
        let patience = asking.patience(resolvers.len());
        let mut asker = Asker { resolver, patience, deadline, done: 0, progress };
        let mut book = Book::for_subjects(targets.iter().map(Target::weight).sum());
        for _ in 0..MOST_ROUNDS {
            for target in targets {
                target.judge(&book, language);
            }
            let wanted = book.take_wanted();
            if wanted.is_empty() {
                break;
            }
            asker.ask(wanted, &mut book).await;
        }
        let mut places = Vec::new();
        if connecting.is_some() {
            for (index, target) in targets.iter().enumerate() {
                places.extend(target.places(&book).into_iter().map(|place| (index, place)));
            }
        }
        let sessions = match connecting {
            Some(how) => asker.connect(places, how).await,
            None => Vec::new(),
        };
        Ok::<_, io::Error>((book, sessions, resolvers))
    })?;
    // A lookup that was given up may still wait somewhere; nothing waits for it.
    runtime.shutdown_background();
    let subjects = targets
        .iter()
        .enumerate()
        .map(|(index, target)| {
            let mut subject = target.judge(&book, language);
            let mut findings = Findings::new(language);
            for (_, session) in sessions.iter().filter(|(of, _)| *of == index) {
                greeting::judge(session, explainer, &mut findings);
            }
            subject.add(findings.sorted(), language);
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

fn resolver(asking: &Asking) -> Result<(TokioResolver, Vec<String>), NetError> {
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
    let config = ResolverConfig::from_parts(None, Vec::new(), servers);
    let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
    *builder.options_mut() = options;
    Ok((builder.build()?, named))
}

struct Asker<'a> {
    resolver: TokioResolver,
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
                open.spawn(ask(self.resolver.clone(), question, until));
            }
            // A task that panicked leaves its question open, to be asked again; there is none that can.
            let Some(ended) = open.join_next().await else { return };
            if let Ok((question, answer)) = ended {
                book.enter(question, answer);
                self.count();
            }
        }
    }

    /// Connects to the places; the sessions are in their order.
    async fn connect(
        &mut self,
        places: Vec<(usize, (String, IpAddr))>,
        how: &Connecting,
    ) -> Vec<(usize, Session)> {
        let mut open = JoinSet::new();
        let mut waiting = places.into_iter().enumerate();
        let mut sessions = Vec::new();
        loop {
            while open.len() < PARALLEL && Instant::now() < self.deadline {
                let Some((order, (index, (host, address)))) = waiting.next() else { break };
                let left = self.deadline.saturating_duration_since(Instant::now());
                let how = Connecting { patience: how.patience.min(left), ..how.clone() };
                open.spawn(async move { (order, index, speak(&host, address, &how).await) });
            }
            let Some(ended) = open.join_next().await else { break };
            sessions.extend(ended.ok());
            self.count();
        }
        sessions.sort_by_key(|(order, ..)| *order);
        sessions.into_iter().map(|(_, index, session)| (index, session)).collect()
    }
}

async fn ask(resolver: TokioResolver, question: Question, until: Instant) -> (Question, Answer) {
    // Fully qualified, so that no search list is tried.
    let Ok(name) = Name::from_ascii(format!("{}.", question.name)) else {
        return (question, Answer::without_rows(Outcome::NoSuchName));
    };
    let kind = match question.kind {
        QueryType::A => RecordType::A,
        QueryType::Aaaa => RecordType::AAAA,
        QueryType::Mx => RecordType::MX,
        QueryType::Ptr => RecordType::PTR,
        QueryType::Txt => RecordType::TXT,
    };
    let answer = match timeout_at(until, resolver.lookup(name, kind)).await {
        Err(_) => Answer::without_rows(Outcome::Timeout),
        Ok(Ok(lookup)) => Answer::with_rows(lookup.answers().iter().filter_map(row).collect()),
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
