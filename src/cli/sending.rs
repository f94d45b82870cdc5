//! Hands a message to the mail server of this machine.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Where `sendmail` is, if not on the path: cron's does not have these.
const USUAL_PLACES: [&str; 2] = ["/usr/sbin/sendmail", "/usr/lib/sendmail"];

/// Pipes a message into `program -i -t`, which takes the recipients from its headers. No shell has a part in it.
///
/// # Errors
///
/// The program cannot be run, does not read the message, or says that it failed.
pub(super) fn send(program: &OsStr, message: &[u8]) -> io::Result<()> {
    let program = found(program);
    let mut child = Command::new(&program)
        .args(["-i", "-t"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    // Unix line ends, as sendmail wants them from local programs.
    let text = without_returns(message);
    let written = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(&text));
    let status = child.wait()?;
    if !status.success() {
        return Err(io::Error::other(format!("{status}")));
    }
    written
}

fn found(program: &OsStr) -> OsString {
    let on_path = std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    });
    let named_with_folder = Path::new(program).components().count() > 1;
    if on_path || named_with_folder || program != "sendmail" {
        return program.to_owned();
    }
    USUAL_PLACES
        .iter()
        .find(|place| Path::new(place).is_file())
        .map_or_else(|| program.to_owned(), OsString::from)
}

fn without_returns(message: &[u8]) -> Vec<u8> {
    message.iter().copied().filter(|byte| *byte != b'\r').collect()
}
