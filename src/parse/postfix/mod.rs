//! Postfix.
use crate::event::Content;

/// Whether `name` is a daemon of Postfix.
pub(super) fn is_daemon(name: &str) -> bool {
    matches!(
        name,
        "smtp"
            | "lmtp"
            | "smtpd"
            | "cleanup"
            | "qmgr"
            | "bounce"
            | "pickup"
            | "local"
            | "virtual"
            | "pipe"
            | "error"
            | "retry"
            | "discard"
            | "postscreen"
            | "dnsblog"
            | "tlsproxy"
            | "verify"
            | "anvil"
            | "scache"
            | "master"
            | "proxymap"
            | "trivial-rewrite"
            | "tlsmgr"
            | "flush"
            | "showq"
            | "spawn"
            | "postlogd"
            | "postsuper"
            | "postdrop"
            | "sendmail"
            | "postqueue"
            | "postmap"
            | "postalias"
            | "postfix-script"
            | "postlog"
            | "oqmgr"
            | "nqmgr"
            | "defer"
            | "trace"
    )
}

/// Reads the text of a daemon.
pub(super) fn parse<'a>(daemon: &str, text: &'a str) -> Content<'a> {
    let _ = (daemon, text);
    Content::Unknown
}

/// Reads a text whose daemon is not known.
pub(super) fn parse_without_daemon(text: &str) -> Content<'_> {
    parse("", text)
}
