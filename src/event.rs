//! What one log line says, in words that Postfix and Exim share.
//!
//! Everything here borrows from the line. A line is an [`Event`] when it carries a reply, a refusal or a
//! delivery attempt, a [`Note`] when it helps to correlate or concerns our own server, and otherwise one of
//! the silent [`Content`] kinds. Nothing here knows which MTA wrote the line; `Line::mta` does.

mod mta;

pub use mta::Mta;

use crate::smtp::{Direction, Disposition, EnhancedCode, Origin, Reply, ReplyCode, Stage};
use crate::time::Stamp;
use crate::words::words;

words! {
    /// What kind of thing an event is.
    Kind {
        /// An attempt to deliver to one recipient, with its outcome; the hand-over to a content filter too.
        Delivery = "delivery",
        /// The MTA did not try: retry time not reached, delivery suspended by our own choice.
        Postponed = "postponed",
        /// One host's reply (or failure), told in passing while delivery goes on elsewhere.
        HostReply = "host-reply",
        /// We refused a client.
        Reject = "reject",
        /// We would have refused a client if the restriction were not in warning mode.
        RejectWarning = "reject-warning",
        /// A client's login failed.
        AuthFailure = "auth-failure",
        /// A client broke the protocol and was turned away (out of turn, bad syntax, too many errors),
        /// or came too often (Postfix's connection and rate limits).
        ProtocolViolation = "protocol-violation",
        /// A client was over a limit of connections, messages, recipients or logins, and was put off.
        LimitExceeded = "limit-exceeded",
        /// A client's session ended by its silence.
        SessionTimeout = "session-timeout",
        /// An address probe; no mail was sent.
        Probe = "probe",
        /// We accepted a message and put it aside or threw it away (hold, discard); nobody was refused.
        Disposal = "disposal",
    }
}

words! {
    /// How we refused, or what we did with a message instead of delivering it.
    Action {
        /// A restriction or ACL refused.
        Reject = "reject",
        /// A restriction in warning mode would have refused.
        RejectWarning = "reject-warning",
        /// A milter refused.
        MilterReject = "milter-reject",
        /// A before-queue content filter refused.
        ProxyReject = "proxy-reject",
        /// A header pattern refused (`header_checks`, MIME errors).
        HeaderReject = "header-reject",
        /// A body pattern refused (`body_checks`).
        BodyReject = "body-reject",
        /// Put on hold.
        Hold = "hold",
        /// Accepted and thrown away.
        Discard = "discard",
        /// The connection was dropped.
        Drop = "drop",
    }
}

/// A line, cut and understood.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// Time, host and program.
    pub header: Header<'a>,
    /// The text behind the envelope; `None` when the line has no envelope.
    pub text: Option<&'a str>,
    /// Who wrote it; `None` for other programs and lines without an envelope.
    pub mta: Option<Mta>,
    /// How often the thing happened: more than 1 for `message repeated N times`.
    pub count: u32,
    /// What it says.
    pub content: Content<'a>,
}

/// What stands before the MTA's own text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Header<'a> {
    /// The time as logged.
    pub stamp: Stamp,
    /// The host; empty when the line has none (Exim's own files).
    pub host: &'a str,
    /// The program as logged, for example `postfix-out/smtp` or `exim`; empty in Exim's own files.
    pub program: &'a str,
    /// The process, where logged.
    pub pid: Option<u32>,
}

impl<'a> Header<'a> {
    /// The instance: the program without its last path element (`postfix-out` of `postfix-out/smtp`).
    ///
    /// `postfix/submission/smtpd` belongs to instance `postfix`: the middle part names a service of
    /// master.cf, not another queue.
    pub fn instance(&self) -> &'a str {
        self.program.split('/').next().unwrap_or("")
    }
}

/// What a line says. Each line is in exactly one of five buckets; see [`Content::bucket`].
#[derive(Clone, Copy, Debug)]
#[expect(clippy::large_enum_variant, reason = "a box would cost an allocation for every event")]
pub enum Content<'a> {
    /// A reply, a refusal or a delivery attempt.
    Event(Event<'a>),
    /// Something to correlate by, or about our own server.
    Note(Note<'a>),
    /// A known line that says nothing we use (connections, statistics, continuation lines).
    Quiet,
    /// A line of Postfix or Exim in a shape we do not know.
    Unknown,
    /// Another program's line.
    Foreign,
    /// No log line: no envelope, or cut inside a part that we would have to guess.
    Malformed(Defect),
    /// A part of an entry that syslog split; the parts are put together in order.
    Part(Part<'a>),
    /// `last message repeated N times`: the line before, of the same host, N more times.
    Repeat(u32),
}

words! {
    /// The five fates of a line. Each line has exactly one; together they are the lines read.
    Bucket {
        /// Carries a reply, a refusal or a delivery attempt.
        Event = "event",
        /// Understood, without any of those.
        Quiet = "quiet",
        /// Of Postfix or Exim, in a shape we do not know.
        Unknown = "unknown",
        /// Another program's.
        Foreign = "foreign",
        /// No log line, or cut off.
        Malformed = "malformed",
    }
}

impl Content<'_> {
    /// Which of the five buckets the line falls into. Parts and repeats count by what they turn out to be;
    /// here they are quiet.
    pub const fn bucket(&self) -> Bucket {
        match self {
            Self::Event(_) => Bucket::Event,
            Self::Note(_) | Self::Quiet | Self::Part(_) | Self::Repeat(_) => Bucket::Quiet,
            Self::Unknown => Bucket::Unknown,
            Self::Foreign => Bucket::Foreign,
            Self::Malformed(_) => Bucket::Malformed,
        }
    }
}

words! {
    /// Why a line is no log line.
    Defect {
        /// Neither a time stamp nor anything else that a log line begins with.
        NoEnvelope = "no-envelope",
        /// The line ends before the part that says what happened.
        Cut = "cut",
    }
}

/// One part of an Exim entry that was too long for syslog, or had line breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// From 1.
    pub index: u32,
    /// How many parts there are.
    pub total: u32,
    /// The cut is at a line break of the entry (`[1\3]`), not at a length (`[1/3]`).
    pub at_line_break: bool,
    /// The part's text, behind the bracket.
    pub text: &'a str,
}

/// A reply, a refusal or a delivery attempt. Absent facts are `None`; nothing is guessed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event<'a> {
    /// What kind of thing it is.
    pub kind: Kind,
    /// How we refused, for refusals, holds and discards.
    pub action: Option<Action>,
    /// Who was the server.
    pub direction: Direction,
    /// Who produced `text`.
    pub origin: Origin,
    /// Where in the dialogue.
    pub stage: Option<Stage>,
    /// What became of the recipient by this line.
    pub disposition: Option<Disposition>,
    /// The reply, where the line states one.
    pub code: Option<ReplyCode>,
    /// The enhanced status code in the reply's text (or in our own refusal's text without a reply code).
    pub enhanced: Option<EnhancedCode>,
    /// The lines of the reply had different codes.
    pub mixed_codes: bool,
    /// What phrase and stage imply, where the line states no code and the implication is certain.
    pub implied_code: Option<ReplyCode>,
    /// Postfix's own `dsn=` (never the reply's).
    pub dsn: Option<EnhancedCode>,
    /// A quotation of a reply that came earlier (`delivery temporarily suspended`): no new reply.
    pub repeated: bool,
    /// The queue id (Exim: message id); `None` for `NOQUEUE`.
    pub queue_id: Option<&'a str>,
    /// Envelope sender, where this line has it; empty for the null sender.
    pub sender: Option<&'a str>,
    /// Envelope recipient, without angle brackets.
    pub recipient: Option<&'a str>,
    /// The recipient before aliases and forwards, where it differs (Postfix `orig_to=`).
    pub original_recipient: Option<&'a str>,
    /// The address delivered to behind redirects, where it differs (Exim's first address on the line; a bare
    /// local part, a file or a pipe for local deliveries).
    pub final_recipient: Option<&'a str>,
    /// The client that spoke to us.
    pub client: Option<Client<'a>>,
    /// The client's HELO or EHLO name.
    pub helo: Option<&'a str>,
    /// Where the message was to go; of local mail the transport, or the router that gave the address up.
    pub relay: Option<Relay<'a>>,
    /// How long it took.
    pub delays: Option<Delays>,
    /// TLS as logged (`dane/requiretls`, `TLS1.3:TLS_AES_256_GCM_SHA384:256`).
    pub tls: Option<&'a str>,
    /// The login of the client (or the one that failed).
    pub sasl_user: Option<&'a str>,
    /// The Message-ID header, where this line has it.
    pub message_id: Option<&'a str>,
    /// The queue id that the next server (or content filter) gave the message (`queued as …`), or that it got
    /// here behind an alias (`forwarded as …`).
    pub queued_as: Option<&'a str>,
    /// The reply as logged, code included; without a reply, the words of the log.
    pub text: &'a str,
}

impl<'a> Event<'a> {
    /// A transport or a router of this machine took the address, so its domain is ours.
    pub fn is_taken_here(&self) -> bool {
        self.direction == Direction::Local && self.relay.is_some()
    }

    /// An event with its four fixed facts and nothing else known.
    pub const fn new(kind: Kind, direction: Direction, origin: Origin, text: &'a str) -> Self {
        Self {
            kind,
            action: None,
            direction,
            origin,
            stage: None,
            disposition: None,
            code: None,
            enhanced: None,
            mixed_codes: false,
            implied_code: None,
            dsn: None,
            repeated: false,
            queue_id: None,
            sender: None,
            recipient: None,
            original_recipient: None,
            final_recipient: None,
            client: None,
            helo: None,
            relay: None,
            delays: None,
            tls: None,
            sasl_user: None,
            message_id: None,
            queued_as: None,
            text,
        }
    }

    /// Takes over a reply: its code, its enhanced status code and its text.
    pub fn set_reply(&mut self, reply: Reply<'a>) {
        self.code = Some(reply.code);
        self.enhanced = reply.enhanced;
        self.mixed_codes = reply.mixed;
        self.text = reply.text;
    }
}

/// The client of a session with us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Client<'a> {
    /// Its name as the MTA found it; `None` for `unknown`.
    pub name: Option<&'a str>,
    /// Its address as logged, without brackets.
    pub address: Option<&'a str>,
    /// Its port.
    pub port: Option<u16>,
}

/// The next hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Relay<'a> {
    /// Host name, or the name of a local service (`local`, `virtual`, `dovecot`).
    pub host: Option<&'a str>,
    /// Address as logged, without brackets; a socket path for local services.
    pub address: Option<&'a str>,
    /// Port.
    pub port: Option<u16>,
}

impl<'a> Relay<'a> {
    /// What it is called: its host, else its address.
    pub fn name(&self) -> Option<&'a str> {
        self.host.or(self.address)
    }
}

/// Times of a delivery, in microseconds. Exim tells `total` (`QT=`) and `transmit` (`DT=`) at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Delays {
    /// From arrival to the end of this attempt.
    pub total: Option<u64>,
    /// Before the queue manager (Postfix `delays=` a).
    pub before_queue: Option<u64>,
    /// In the queue (b).
    pub in_queue: Option<u64>,
    /// Connection setup, with DNS, HELO and TLS (c).
    pub connect: Option<u64>,
    /// Sending the message (d; Exim `DT=` has c in it).
    pub transmit: Option<u64>,
}

/// A fact to correlate by, or about our own server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Note<'a> {
    /// A queue id is born.
    Arrival(Arrival<'a>),
    /// The Message-ID header of a message.
    MessageId {
        /// Queue id.
        queue_id: &'a str,
        /// The header's value, with its angle brackets removed where it has them.
        id: &'a str,
    },
    /// A message entered the active queue (Postfix logs it at each retry).
    Queued {
        /// Queue id.
        queue_id: &'a str,
        /// Envelope sender, empty for the null sender.
        sender: &'a str,
        /// Bytes.
        size: Option<u64>,
        /// How many recipients are still to be served.
        recipients: Option<u32>,
    },
    /// `child` is a notification about `queue_id`.
    Notified {
        /// The message that the notification is about.
        queue_id: &'a str,
        /// The notification's own queue id.
        child: &'a str,
        /// What the notification says.
        what: Notification,
    },
    /// The message left the queue for good.
    Closed {
        /// Queue id.
        queue_id: &'a str,
        /// By whom.
        how: Closing,
    },
    /// The message was put aside or frozen.
    Held {
        /// Queue id.
        queue_id: &'a str,
    },
    /// The message was released, thawed or requeued.
    Released {
        /// Queue id.
        queue_id: &'a str,
    },
    /// Something about our own server: a warning, error, fatal or panic.
    Trouble {
        /// How bad.
        severity: Severity,
        /// The text, without its severity label.
        text: &'a str,
    },
    /// The log itself lost lines (rate limits).
    LostLines {
        /// How many.
        lines: u64,
        /// The line's words.
        text: &'a str,
    },
    /// A line that only shows that time went by; kept so that gaps are seen.
    Tick,
}

/// The birth of a queue id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Arrival<'a> {
    /// Queue id.
    pub queue_id: &'a str,
    /// The client; `None` for local submission.
    pub client: Option<Client<'a>>,
    /// The client's HELO name, where this line has it.
    pub helo: Option<&'a str>,
    /// The login.
    pub sasl_user: Option<&'a str>,
    /// Envelope sender, where this line has it.
    pub sender: Option<&'a str>,
    /// Bytes.
    pub size: Option<u64>,
    /// Message-ID header.
    pub message_id: Option<&'a str>,
    /// How it came.
    pub by: Entrance,
    /// The message that this one is a bounce of (Exim `R=`), or the queue id it had before.
    pub parent: Option<&'a str>,
}

words! {
    /// How a message came into the queue.
    #[derive(Default)]
    Entrance {
        /// From a client by SMTP.
        #[default]
        Smtp = "smtp",
        /// From a program on this machine.
        Local = "local",
        /// Written by the mail server itself.
        Bounce = "bounce",
    }
}

words! {
    /// What a notification tells.
    Notification {
        /// Mail could not be delivered, to the sender.
        NonDelivery = "non-delivery",
        /// Mail is late, to the sender.
        Delay = "delay",
        /// Mail was delivered, as the sender asked to know.
        Status = "status",
        /// To the postmaster.
        Postmaster = "postmaster",
    }
}

words! {
    /// How a queue id ended.
    Closing {
        /// All recipients are done (`removed`, `Completed`).
        Done = "done",
        /// An administrator removed it.
        Removed = "removed",
        /// The transaction left no message (refused or thrown away at the end of data).
        Cancelled = "cancelled",
    }
}

words! {
    /// How bad a line about our own server is.
    Severity {
        /// `warning:`.
        Warning = "warning",
        /// `error:`.
        Error = "error",
        /// `fatal:`.
        Fatal = "fatal",
        /// `panic:`, Exim's panic log.
        Panic = "panic",
    }
}
