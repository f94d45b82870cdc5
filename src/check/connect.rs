//! The session with a server: greeting, EHLO, STARTTLS, QUIT. It never sends MAIL or RCPT.
//!
//! Bounds: one connection a place; a reply of at most [`MOST_LINES`] lines and [`MOST_BYTES`]; a time for each reply
//! as a whole, so a server that sends a byte a minute is not waited for; and the deadline of the run.

use super::greeting::{Session, SessionTrouble};
use super::tls::handshake::negotiate;
use super::tls::session::TlsTrouble;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// Lines of a reply.
pub const MOST_LINES: usize = 100;
/// Bytes of a reply.
pub const MOST_BYTES: usize = 64 * 1024;

/// How to connect.
#[derive(Clone, Debug)]
pub struct Connecting {
    /// The port.
    pub port: u16,
    /// How long to wait for the connection, and for each reply.
    pub patience: Duration,
    /// The name for EHLO; a [`super::HostName`], or an address in brackets.
    pub helo: String,
    /// Where to connect to instead of the addresses that DNS has: for a host, or for every exchanger.
    pub via: Vec<Via>,
}

/// Another place to connect to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Via {
    /// For this host; `None` for every exchanger.
    pub host: Option<super::HostName>,
    /// The address.
    pub address: IpAddr,
    /// The port; `None` for the usual one.
    pub port: Option<u16>,
}

impl Connecting {
    /// Where else to connect to for a host; one that is named is stronger than one for all.
    pub fn via(&self, host: &str) -> Option<SocketAddr> {
        let named = self.named_via(host, self.port);
        let all = || self.via.iter().find(|via| via.host.is_none());
        named.or_else(|| {
            all().map(|via| SocketAddr::new(via.address, via.port.unwrap_or(self.port)))
        })
    }

    /// Where else to connect to for a host that is named.
    pub fn named_via(&self, host: &str, port: u16) -> Option<SocketAddr> {
        let is_meant = |via: &&Via| {
            via.host.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case(host))
        };
        let via = self.via.iter().find(is_meant)?;
        Some(SocketAddr::new(via.address, via.port.unwrap_or(port)))
    }
}

/// Speaks to a server until TLS stands, or as far as it lets us, then leaves.
pub async fn speak(host: &str, at: SocketAddr, how: &Connecting, deadline: Instant) -> Session {
    if Instant::now() >= deadline {
        return Session::never(host, at, how.patience);
    }
    let mut session = Session::at(host, at, how.patience);
    let until = deadline.min(Instant::now() + how.patience);
    let mut stream = match timeout_at(until, TcpStream::connect(at)).await {
        Err(_) => {
            session.trouble = Some(out_of_time(deadline, SessionTrouble::ConnectTimeout));
            return session;
        }
        Ok(Err(error)) => {
            session.trouble = Some(match error.kind() {
                ErrorKind::ConnectionRefused => SessionTrouble::Refused,
                ErrorKind::TimedOut => SessionTrouble::ConnectTimeout,
                _ => SessionTrouble::Failed(error.to_string()),
            });
            return session;
        }
        Ok(Ok(stream)) => stream,
    };
    let mut listener = Listener { buffer: Vec::new(), patience: how.patience, deadline };
    match talk(&mut stream, &mut listener, how, &mut session.replies).await {
        Ok(false) => leave(&mut stream).await,
        Ok(true) => encrypt(stream, host, at.ip(), &mut listener, &mut session).await,
        Err(trouble) => {
            session.trouble = Some(trouble);
            leave(&mut stream).await;
        }
    }
    session
}

/// Negotiates TLS after the server agreed to it.
async fn encrypt(
    stream: TcpStream,
    host: &str,
    address: IpAddr,
    listener: &mut Listener,
    session: &mut Session,
) {
    if !listener.buffer.is_empty() {
        session.tls = Some(Err(TlsTrouble::Early));
        return;
    }
    let seconds = listener.patience.as_secs();
    let done = timeout_at(listener.until(), negotiate(stream, host, address)).await;
    session.tls = Some(match done {
        Err(_) => Err(TlsTrouble::Silent(seconds)),
        Ok(Err(trouble)) => Err(trouble),
        Ok(Ok((mut stream, tls))) => {
            leave(&mut stream).await;
            Ok(tls)
        }
    });
}

/// Polite, and of no consequence.
async fn leave<S: AsyncWrite + Unpin>(stream: &mut S) {
    let _ = timeout_at(Instant::now() + Duration::from_secs(1), async {
        let _ = stream.write_all(b"QUIT\r\n").await;
        stream.shutdown().await
    })
    .await;
}

/// The dialogue without encryption; tells whether the server waits for the handshake now.
async fn talk(
    stream: &mut TcpStream,
    listener: &mut Listener,
    how: &Connecting,
    replies: &mut Vec<Vec<String>>,
) -> Result<bool, SessionTrouble> {
    let greeting = listener.reply(stream).await?;
    let welcome = is_positive(&greeting);
    replies.push(greeting);
    if !welcome {
        return Ok(false);
    }
    let ehlo = format!("EHLO {}\r\n", how.helo);
    stream.write_all(ehlo.as_bytes()).await.map_err(|_| SessionTrouble::HungUp)?;
    let answer = listener.reply(stream).await?;
    let offers = is_positive(&answer) && super::greeting::offers_starttls(&answer);
    replies.push(answer);
    if !offers {
        return Ok(false);
    }
    stream.write_all(b"STARTTLS\r\n").await.map_err(|_| SessionTrouble::HungUp)?;
    let answer = listener.reply(stream).await?;
    let agreed = is_positive(&answer);
    replies.push(answer);
    Ok(agreed)
}

fn is_positive(reply: &[String]) -> bool {
    reply.last().is_some_and(|line| line.starts_with('2'))
}

/// What the deadline cut off is no finding about the server.
fn out_of_time(deadline: Instant, else_trouble: SessionTrouble) -> SessionTrouble {
    if Instant::now() >= deadline { SessionTrouble::NotTried } else { else_trouble }
}

/// Reads replies.
struct Listener {
    /// What was read beyond the last reply.
    buffer: Vec<u8>,
    patience: Duration,
    deadline: Instant,
}

impl Listener {
    fn until(&self) -> Instant {
        self.deadline.min(Instant::now() + self.patience)
    }

    /// Reads the lines of a reply; what is not text in them is shown as `\xNN`.
    async fn reply(&mut self, stream: &mut TcpStream) -> Result<Vec<String>, SessionTrouble> {
        let until = self.until();
        let mut lines = Vec::new();
        let mut bytes = 0;
        loop {
            while let Some(end) = memchr::memchr(b'\n', &self.buffer) {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                bytes += line.len();
                let line = super::ask::shown(line.trim_ascii_end());
                let goes_on = matches!(line.as_bytes(), [a, b, c, b'-', ..]
                    if [a, b, c].iter().all(|digit| digit.is_ascii_digit()));
                lines.push(line);
                if !goes_on {
                    return Ok(lines);
                }
                if lines.len() >= MOST_LINES {
                    return Err(SessionTrouble::Endless);
                }
            }
            if bytes + self.buffer.len() > MOST_BYTES {
                return Err(SessionTrouble::Endless);
            }
            let mut piece = [0; 4096];
            match timeout_at(until, stream.read(&mut piece)).await {
                Err(_) => {
                    let had = bytes + self.buffer.len();
                    let trouble = if had == 0 {
                        SessionTrouble::Silent
                    } else {
                        SessionTrouble::Dripping(had)
                    };
                    return Err(out_of_time(self.deadline, trouble));
                }
                Ok(Err(_) | Ok(0)) => return Err(SessionTrouble::HungUp),
                Ok(Ok(read)) => {
                    self.buffer.extend_from_slice(piece.get(..read).unwrap_or_default());
                }
            }
        }
    }
}
