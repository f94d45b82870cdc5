//! Fetches the policy of MTA-STS: one GET, over TLS with a certificate that is good for the name, and no redirects.
//!
//! Source: RFC 8461 section 3.3. Bounds: one address, [`LONGEST_POLICY`] bytes, heads as `hyper` bounds them, and
//! the deadline.

use super::certificate::{Trust, flaws};
use super::expect::{FetchTrouble, Fetched};
use super::handshake::negotiate;
use super::session::TlsTrouble;
use super::sts::LONGEST_POLICY;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, HOST, USER_AGENT};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// Where every policy lies.
const PATH: &str = "/.well-known/mta-sts.txt";

/// Fetches the policy from `host` at an address.
///
/// # Errors
///
/// Why there is none.
pub async fn fetch(host: &str, at: SocketAddr, trust: &Trust, until: Instant) -> Fetched {
    timeout_at(until, get(host, at, trust)).await.unwrap_or(Err(FetchTrouble::Timeout))
}

async fn get(host: &str, at: SocketAddr, trust: &Trust) -> Fetched {
    let stream = TcpStream::connect(at)
        .await
        .map_err(|error| FetchTrouble::Connect(format!("{at}: {error}")))?;
    let (stream, tls) = negotiate(stream, host, at.ip()).await.map_err(FetchTrouble::Tls)?;
    if trust.roots.is_empty() {
        return Err(FetchTrouble::NoAuthorities);
    }
    let found = flaws(&tls.chain, host, trust);
    if !found.is_empty() {
        return Err(FetchTrouble::Certificate(found));
    }
    if let Some(why) = tls.unproved {
        return Err(FetchTrouble::Tls(TlsTrouble::Failed(why)));
    }
    let broken = |error: hyper::Error| FetchTrouble::Http(error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let request = Request::get(PATH)
        .header(HOST, host)
        .header(USER_AGENT, concat!("mailwhy/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "text/plain")
        .body(Empty::<Bytes>::new())
        .map_err(|error| FetchTrouble::Http(error.to_string()))?;
    // Drives the connection beside this; whatever ends this, the set ends it too.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let response = sender.send_request(request).await.map_err(broken)?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(FetchTrouble::Status(status));
    }
    match Limited::new(response.into_body(), LONGEST_POLICY).collect().await {
        Ok(body) => Ok(body.to_bytes().to_vec()),
        Err(error) if error.is::<LengthLimitError>() => Err(FetchTrouble::TooLong),
        Err(error) => Err(FetchTrouble::Http(error.to_string())),
    }
}
