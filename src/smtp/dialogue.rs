//! Our own closed words: where a reply was given, what became of a recipient, who spoke to whom.

use crate::words::words;

words! {
    /// Where in the SMTP dialogue a reply was given (RFC 5321 section 3), or a connection ended.
    Stage {
        /// The greeting, or before it.
        Connect = "connect",
        /// EHLO, HELO or LHLO.
        Ehlo = "ehlo",
        /// STARTTLS.
        StartTls = "starttls",
        /// AUTH.
        Auth = "auth",
        /// MAIL FROM.
        Mail = "mail",
        /// RCPT TO.
        Rcpt = "rcpt",
        /// The DATA or BDAT command and the message's lines.
        Data = "data",
        /// The final dot: the reply to the whole message.
        EndOfData = "eod",
        /// VRFY, ETRN, QUIT, unknown commands.
        Other = "other",
        /// The client was silent for too long; the stage is not logged.
        Timeout = "timeout",
    }
}

words! {
    /// What a log line says became of a recipient (or of a refused command).
    Disposition {
        /// Handed on: accepted by the next server or stored.
        Delivered = "delivered",
        /// Kept in our queue, to be tried again.
        Deferred = "deferred",
        /// Given up; the sender is told.
        Bounced = "bounced",
        /// Given up because the queue lifetime ended.
        Expired = "expired",
        /// Refused by us while the client was connected.
        Rejected = "rejected",
        /// Accepted and thrown away.
        Discarded = "discarded",
        /// Put aside until somebody releases it.
        Held = "held",
        /// Address probe: the address would be accepted. No mail was sent.
        Deliverable = "deliverable",
        /// Address probe: the address would be refused. No mail was sent.
        Undeliverable = "undeliverable",
    }
}

words! {
    /// Who was the server in the dialogue.
    Direction {
        /// We were the client: the reply came from another server.
        Outbound = "outbound",
        /// We were the server: the reply is ours.
        Inbound = "inbound",
        /// Delivery on this machine, no SMTP to another host.
        Local = "local",
    }
}

words! {
    /// Who produced the words of an event.
    Origin {
        /// The server at the other end.
        Remote = "remote",
        /// Our own mail server.
        Ours = "ours",
        /// Nobody: a timeout, a refused connection, a name that did not resolve.
        Nobody = "nobody",
    }
}
