//! What `--connect` does: sessions with exchangers and policies of MTA-STS, side by side, each place once.
//!
//! Connections go to reachable addresses only: whoever writes a log or a zone must not lead us into the networks
//! behind us. Where to go instead is said by whoever calls ([`Connecting::via`]), or by naming an address.

use super::answer::QueryType;
use super::ask::{MOST_PLACES, PARALLEL, Target};
use super::book::Book;
use super::connect::{Connecting, speak};
use super::greeting::Session;
use super::name::HostName;
use super::reach::why_unreachable;
use super::recipient::hosts;
use super::tls::certificate::Trust;
use super::tls::expect::{FetchTrouble, Fetched, announces_policy, policy_host};
use super::tls::https::fetch;
use rustls::RootCertStore;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// The port of HTTPS.
const HTTPS: u16 = 443;

/// What came of it.
#[derive(Debug)]
pub(super) struct Visited {
    /// The sessions.
    sessions: Vec<Session>,
    /// Which of them are about a target.
    of_target: Vec<Vec<usize>>,
    /// The policy of each target that announces one.
    fetched: Vec<Option<Fetched>>,
    /// What certificates are measured by.
    pub(super) trust: Trust,
}

impl Visited {
    /// Nobody was visited.
    pub(super) fn nobody() -> Self {
        let trust = Trust { roots: RootCertStore::empty(), now: 0 };
        Self { sessions: Vec::new(), of_target: Vec::new(), fetched: Vec::new(), trust }
    }

    /// The sessions about a target.
    pub(super) fn sessions(&self, target: usize) -> impl Iterator<Item = &Session> {
        let indexes = self.of_target.get(target).map(Vec::as_slice).unwrap_or_default();
        indexes.iter().filter_map(|index| self.sessions.get(*index))
    }

    /// The policy of a target.
    pub(super) fn fetched(&self, target: usize) -> Option<&Fetched> {
        self.fetched.get(target)?.as_ref()
    }
}

/// Notes what connecting will have to know of a domain beyond its exchangers.
pub(super) fn prepare(book: &Book, domain: &HostName) {
    if announces_policy(book, domain) {
        addresses_of_policy(book, domain);
    }
}

fn addresses_of_policy(book: &Book, domain: &HostName) -> Vec<IpAddr> {
    let host = policy_host(domain);
    // IPv4 first: not every machine has a way over IPv6.
    [QueryType::A, QueryType::Aaaa]
        .into_iter()
        .flat_map(|kind| book.look(kind, &host).addresses())
        .filter(|address| why_unreachable(*address).is_none())
        .collect()
}

/// Where to connect to for a target, the most wanted first.
fn places(target: &Target, book: &Book, how: &Connecting) -> Vec<(String, SocketAddr)> {
    let at = |address: &IpAddr| SocketAddr::new(*address, how.port);
    let mut places = match target {
        Target::Domain(domain, _) => hosts(book, domain)
            .into_iter()
            .flat_map(|host| {
                let via = how.via(&host.name).map(|at| vec![at]);
                let all = via.unwrap_or_else(|| host.addresses.iter().map(at).collect());
                all.into_iter().map(move |at| (host.name.clone(), at)).collect::<Vec<_>>()
            })
            .collect(),
        Target::Address(address) => vec![(String::new(), at(address))],
        Target::Own(_) => Vec::new(),
    };
    places.truncate(MOST_PLACES);
    places
}

enum Done {
    Session(usize, Box<Session>),
    Policy(usize, Fetched),
}

/// Visits everybody that the targets lead to; `count` is told of each that is done.
pub(super) async fn visit(
    targets: &[Target],
    book: &Book,
    how: &Connecting,
    deadline: Instant,
    count: &mut dyn FnMut(),
) -> Visited {
    let trust = Arc::new(trust_of_system());
    let mut all: Vec<(String, SocketAddr)> = Vec::new();
    let mut of_target = Vec::new();
    for target in targets {
        let mut indexes = Vec::new();
        for place in places(target, book, how) {
            // Many domains have the same exchangers.
            let known = all.iter().position(|other| *other == place);
            indexes.push(known.unwrap_or_else(|| {
                all.push(place);
                all.len() - 1
            }));
        }
        of_target.push(indexes);
    }
    let mut waiting: Vec<Errand> = all
        .iter()
        .enumerate()
        .map(|(index, (host, at))| Errand::Session(index, host.clone(), *at))
        .collect();
    let mut fetched: Vec<Option<Fetched>> = targets.iter().map(|_| None).collect();
    for (index, target) in targets.iter().enumerate() {
        let Target::Domain(domain, _) = target else { continue };
        if announces_policy(book, domain) {
            let host = policy_host(domain);
            let found = addresses_of_policy(book, domain).first().copied();
            let at = how
                .named_via(&host, HTTPS)
                .or_else(|| found.map(|address| SocketAddr::new(address, HTTPS)));
            waiting.push(Errand::Policy(index, host, at));
        }
    }
    let mut sessions: Vec<Option<Session>> = all.iter().map(|_| None).collect();
    let mut waiting = waiting.into_iter();
    let mut open = JoinSet::new();
    loop {
        while open.len() < PARALLEL {
            let Some(errand) = waiting.next() else { break };
            open.spawn(run(errand, how.clone(), trust.clone(), deadline));
        }
        let Some(ended) = open.join_next().await else { break };
        match ended {
            Ok(Done::Session(index, session)) => {
                if let Some(place) = sessions.get_mut(index) {
                    *place = Some(*session);
                }
            }
            Ok(Done::Policy(index, policy)) => {
                if let Some(place) = fetched.get_mut(index) {
                    *place = Some(policy);
                }
            }
            // A task that panicked; there is none that can.
            Err(_) => {}
        }
        count();
    }
    let never = |(host, at): &(String, SocketAddr)| Session::never(host, *at, how.patience);
    let sessions = sessions
        .into_iter()
        .zip(&all)
        .map(|(session, place)| session.unwrap_or_else(|| never(place)))
        .collect();
    let trust = Arc::unwrap_or_clone(trust);
    Visited { sessions, of_target, fetched, trust }
}

/// Something to be done.
enum Errand {
    Session(usize, String, SocketAddr),
    Policy(usize, String, Option<SocketAddr>),
}

async fn run(errand: Errand, how: Connecting, trust: Arc<Trust>, deadline: Instant) -> Done {
    match errand {
        Errand::Session(index, host, at) => {
            Done::Session(index, Box::new(speak(&host, at, &how, deadline).await))
        }
        Errand::Policy(index, host, at) => {
            let now = Instant::now();
            let policy = match at {
                _ if now >= deadline => Err(FetchTrouble::NotTried),
                None => Err(FetchTrouble::NoAddress),
                Some(at) => fetch(&host, at, &trust, deadline.min(now + how.patience)).await,
            };
            Done::Policy(index, policy)
        }
    }
}

/// The authorities that this system trusts: those of its mail servers and programs, or of `SSL_CERT_FILE`.
fn trust_of_system() -> Trust {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Trust { roots, now: now.map_or(0, |since| since.as_secs()) }
}
