//! The closed words of the knowledge base, and the forms in which its files name codes.

use crate::smtp::EnhancedCode;
use crate::words::words;
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::ops::RangeInclusive;

words! {
    /// How far a code can be trusted to mean what it says.
    Standing {
        /// A standards document defines it.
        Standard = "standard",
        /// A registry lists the number, without more.
        Registered = "registered",
        /// One vendor or program uses it.
        Vendor = "vendor",
        /// Web lists copy it from each other; no document has it.
        Folklore = "folklore",
    }
}

words! {
    /// What the code means for the queue of the sender.
    Permanence {
        /// No reply of SMTP (first digit 1).
        Preliminary = "preliminary",
        /// Done.
        Success = "success",
        /// The server waits for the next part.
        Intermediate = "intermediate",
        /// Not now: the queue tries again.
        Transient = "transient",
        /// No: the mail goes back.
        Permanent = "permanent",
        /// No reply of SMTP (first digit 6 and more).
        NoSmtp = "no-smtp",
    }
}

words! {
    /// Whether sending the same again helps.
    Retry {
        /// Nothing failed.
        NotNeeded = "not-needed",
        /// Yes: the queue does it.
        Wait = "wait",
        /// Yes, at a lower rate.
        Slower = "slower",
        /// Only after something has been mended.
        AfterRepair = "after-repair",
        /// Never.
        No = "no",
        /// Only the text of the reply tells.
        ReadText = "read-text",
    }
}

words! {
    /// Whether the address may be taken off a mailing list because of it.
    Suppress {
        /// It says nothing about the address.
        Never = "never",
        /// After several of them over weeks.
        AfterRepeated = "after-repeated",
        /// Yes.
        AtOnce = "at-once",
        /// Only the text of the reply tells.
        ReadText = "read-text",
    }
}

words! {
    /// Who can act.
    Party {
        /// The person or program that wrote the message.
        Sender = "sender",
        /// The owner of the mailbox.
        Recipient = "recipient",
        /// The operator of this server or its DNS.
        OwnAdmin = "own-admin",
        /// The operator of the other server or its DNS.
        RemoteAdmin = "remote-admin",
        /// Nobody: wait, or nothing is wrong.
        Nobody = "nobody",
    }
}

words! {
    /// Where in a session a code is said. Finer than [`crate::smtp::Stage`], which is what logs tell apart.
    SaidAt {
        /// Anywhere.
        Any = "any",
        /// The greeting.
        Connect = "connect",
        /// EHLO or HELO.
        Ehlo = "ehlo",
        /// STARTTLS.
        StartTls = "starttls",
        /// AUTH.
        Auth = "auth",
        /// MAIL FROM.
        Mail = "mail",
        /// RCPT TO.
        Rcpt = "rcpt",
        /// DATA.
        Data = "data",
        /// BDAT.
        Bdat = "bdat",
        /// The end of the message.
        EndOfData = "eod",
        /// RSET.
        Rset = "rset",
        /// NOOP.
        Noop = "noop",
        /// HELP.
        Help = "help",
        /// QUIT.
        Quit = "quit",
        /// VRFY.
        Vrfy = "vrfy",
        /// EXPN.
        Expn = "expn",
        /// ETRN.
        Etrn = "etrn",
        /// ATRN.
        Atrn = "atrn",
    }
}

words! {
    /// Who says a code.
    Speaker {
        /// The server of the session.
        Server = "server",
        /// A server that passes mail on and looked ahead for its client.
        Relay = "relay",
        /// The mail server that sends, in its own log and bounces: nobody said it to it.
        OwnMta = "own-mta",
        /// The reports of a sending service.
        Service = "service",
        /// The operating system of the client.
        System = "system",
    }
}

words! {
    /// How a provider's use of a number stands to the registry.
    Registry {
        /// The same sense.
        Same = "same",
        /// Another, related sense beside the registered one.
        Overloads = "overloads",
        /// Something else.
        Differs = "differs",
        /// The registry does not have the number.
        Unregistered = "unregistered",
    }
}

words! {
    /// What a provider does with the mail.
    Role {
        /// It keeps the mailboxes.
        Mailboxes = "mailboxes",
        /// It filters for domains that keep their mail elsewhere: its customer may have made the rule.
        Filter = "filter",
    }
}

words! {
    /// What a blocklist lists.
    Listed {
        /// Addresses of sending hosts.
        Ip = "ip",
        /// Domains and other things of the message: of its sender, or in its text.
        Domain = "domain",
    }
}

words! {
    /// Whether a blocklist still exists.
    ListStatus {
        /// It answers.
        Active = "active",
        /// It has closed: a refusal that names it is a fault of the receiver.
        Closed = "closed",
    }
}

/// An enhanced status code of the registry, which has no class: `X.7.1`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Kind {
    /// The second number.
    pub subject: u16,
    /// The third number.
    pub detail: u16,
}

impl Kind {
    /// Reads `X.7.1` (or `x.7.1`); nothing may follow.
    pub fn parse(text: &str) -> Option<Self> {
        let (subject, detail) =
            text.strip_prefix(['X', 'x'])?.strip_prefix('.')?.split_once('.')?;
        // The class is checked by nobody here; 5 stands for any.
        let code: EnhancedCode = format!("5.{subject}.{detail}").parse().ok()?;
        Some(code.into())
    }

    /// The code with a class; `None` for a class that cannot be.
    pub fn with_class(self, class: u8) -> Option<EnhancedCode> {
        EnhancedCode::new(class, self.subject, self.detail)
    }
}

impl From<EnhancedCode> for Kind {
    fn from(code: EnhancedCode) -> Self {
        Self { subject: code.subject(), detail: code.detail() }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "X.{}.{}", self.subject, self.detail)
    }
}

/// One code or a range of them: `4.7.26`, `4.7.500..4.7.699` (both ends included).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodeRange(pub RangeInclusive<EnhancedCode>);

impl CodeRange {
    /// Reads one code or a range.
    pub fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        (first <= last).then_some(Self(first..=last))
    }

    /// Whether the code is in it.
    pub fn contains(&self, code: EnhancedCode) -> bool {
        self.0.contains(&code)
    }
}

impl fmt::Display for CodeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.start() == self.0.end() {
            return write!(f, "{}", self.0.start());
        }
        write!(f, "{}..{}", self.0.start(), self.0.end())
    }
}

impl<'de> Deserialize<'de> for CodeRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no code or range")))
    }
}
