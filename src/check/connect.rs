//! The session with a server: greeting, EHLO, QUIT. It never sends MAIL or RCPT.
//!
//! Bounds: one connection a place; a reply of at most 100 lines and 64 KiB; a deadline for the whole session, so a
//! server that sends a byte a minute is not waited for.

use super::greeting::{Session, SessionTrouble};
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
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
}

/// Speaks to a server until its answer to EHLO, then leaves.
pub async fn speak(host: &str, address: IpAddr, how: &Connecting) -> Session {
    let at = SocketAddr::new(address, how.port);
    let place =
        if host.is_empty() { at.to_string() } else { format!("{host} [{address}]:{}", how.port) };
    let mut session =
        Session { place, replies: Vec::new(), trouble: None, patience: how.patience.as_secs() };
    let connected = timeout_at(Instant::now() + how.patience, TcpStream::connect(at)).await;
    let mut stream = match connected {
        Err(_) => {
            session.trouble = Some(SessionTrouble::ConnectTimeout);
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
    if let Err(trouble) = talk(&mut stream, how, &mut session.replies).await {
        session.trouble = Some(trouble);
    }
    // Polite, and of no consequence.
    let _ = timeout_at(Instant::now() + how.patience.min(Duration::from_secs(1)), async {
        let _ = stream.write_all(b"QUIT\r\n").await;
        stream.shutdown().await
    })
    .await;
    session
}

async fn talk(
    stream: &mut TcpStream,
    how: &Connecting,
    replies: &mut Vec<Vec<String>>,
) -> Result<(), SessionTrouble> {
    let mut buffer = Vec::new();
    let greeting = reply(stream, &mut buffer, how.patience).await?;
    let welcome = greeting.first().is_some_and(|line| line.starts_with('2'));
    replies.push(greeting);
    if !welcome {
        return Ok(());
    }
    let ehlo = format!("EHLO {}\r\n", how.helo);
    stream.write_all(ehlo.as_bytes()).await.map_err(|_| SessionTrouble::HungUp)?;
    replies.push(reply(stream, &mut buffer, how.patience).await?);
    Ok(())
}

/// Reads the lines of a reply; what is not text in them is shown as `\xNN`.
async fn reply(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    patience: Duration,
) -> Result<Vec<String>, SessionTrouble> {
    let deadline = Instant::now() + patience;
    let mut lines = Vec::new();
    let mut bytes = 0;
    loop {
        while let Some(end) = memchr::memchr(b'\n', buffer) {
            let line: Vec<u8> = buffer.drain(..=end).collect();
            bytes += line.len();
            let line = super::ask::shown(line.trim_ascii_end());
            let goes_on = matches!(line.as_bytes(), [a, b, c, b'-', ..]
                if [a, b, c].iter().all(|digit| digit.is_ascii_digit()));
            lines.push(line);
            if !goes_on {
                return Ok(lines);
            }
            if lines.len() >= MOST_LINES {
                return Err(SessionTrouble::Silent);
            }
        }
        if bytes + buffer.len() > MOST_BYTES {
            return Err(SessionTrouble::Silent);
        }
        let mut piece = [0; 4096];
        match timeout_at(deadline, stream.read(&mut piece)).await {
            Err(_) => return Err(SessionTrouble::Silent),
            Ok(Err(_) | Ok(0)) => return Err(SessionTrouble::HungUp),
            Ok(Ok(read)) => buffer.extend_from_slice(piece.get(..read).unwrap_or_default()),
        }
    }
}
