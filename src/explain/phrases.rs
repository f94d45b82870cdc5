//! Sentences and labels of explanations that are not in the data files. A language is one more file like this.

use crate::knowledge::{
    EnhancedEntry, Level, Party, Permanence, Retry, SaidAt, Standing, Suppress,
};
use crate::smtp::{EnhancedCode, ReplyCode};

pub(super) const fn stands_for(word: &str) -> &'static str {
    match word.as_bytes() {
        b"DOMAIN" => "the domain of the recipient",
        b"HOST" => "the name of a mail exchanger",
        b"ADDRESS" => "the mail address in question",
        b"CLIENT" => "the IP address of the host that sends",
        b"QUEUE_ID" => "the queue id of the message",
        b"SENDER" => "the envelope sender",
        b"SENDER_DOMAIN" => "the domain of the envelope sender",
        b"RECIPIENT" => "the address of the recipient",
        _ => "",
    }
}

pub(super) fn implied(code: Option<ReplyCode>) -> String {
    let code = code.map(|code| code.to_string()).unwrap_or_default();
    format!("The log line states no code; its phrase and stage imply {code}.")
}

pub(super) fn own_verdict(code: Option<EnhancedCode>) -> String {
    let code = code.map(|code| code.to_string()).unwrap_or_default();
    format!(
        "No server said {code}: it is Postfix's own verdict (dsn=) on a failure without a reply."
    )
}

pub(super) fn not_smtp(code: ReplyCode) -> String {
    format!("SMTP has no replies that begin with {}.", code.class())
}

pub(super) fn unknown_reply(code: ReplyCode) -> String {
    format!("{code} is not known: no standard defines it. Only its first digit can be explained.")
}

pub(super) fn unknown_enhanced(code: EnhancedCode, at_a_provider: bool) -> String {
    if at_a_provider {
        return format!("{code} is not in the registry: it is a provider's own code.");
    }
    format!(
        "{code} is not known: the registry does not have it. Only its class ({}) and subject ({}) can be \
         explained.",
        code.class(),
        code.subject()
    )
}

pub(super) fn deprecated(entry: &EnhancedEntry) -> String {
    format!("The registry marks {} as deprecated: servers should not send it.", entry.code)
}

pub(super) fn any_class(code: EnhancedCode) -> String {
    format!(
        "The class was not given; this is for class {}. Class 4 means for now, class 5 for good.",
        code.class()
    )
}

pub(super) fn class_not_permitted(code: EnhancedCode, entry: &EnhancedEntry) -> String {
    let digits =
        |classes: &[u8]| classes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let seen = if entry.seen_classes.contains(&code.class()) {
        "; servers send it all the same"
    } else {
        ""
    };
    let permitted = digits(&entry.classes);
    format!("The registry permits {} with class {permitted} only{seen}.", entry.code)
}

pub(super) fn contradiction(reply: ReplyCode, enhanced: EnhancedCode) -> String {
    format!(
        "The codes contradict each other: {reply} says {}, {enhanced} says {}. Mail servers act on the reply \
         code.",
        for_how_long(reply.class()),
        for_how_long(enhanced.class())
    )
}

fn for_how_long(class: u8) -> &'static str {
    match class {
        2 => "success",
        3 => "go on",
        4 => "not now",
        5 => "never",
        _ => "nothing that SMTP knows",
    }
}

pub(super) fn mixed_codes() -> String {
    "The lines of this reply have different codes. Postfix acts on the last, Exim on the first."
        .to_owned()
}

pub(super) fn stands_for_code(code: EnhancedCode) -> String {
    format!("It stands for {code}, written without the dots.")
}

pub(super) const fn permanence(permanence: Permanence) -> &'static str {
    match permanence {
        Permanence::Preliminary | Permanence::NoSmtp => "not a reply of SMTP",
        Permanence::Success => "success",
        Permanence::Intermediate => "go on",
        Permanence::Transient => "failure for now",
        Permanence::Permanent => "permanent failure",
    }
}

pub(super) const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Standard => "standard",
        Standing::Registered => "registered number",
        Standing::Vendor => "not standard: a vendor's own",
        Standing::Folklore => "not standard: from web lists",
    }
}

pub(super) const fn level(level: Level) -> &'static str {
    match level {
        Level::Provider => "the provider's own use of the code",
        Level::Pair => "both codes together",
        Level::Enhanced => "the enhanced status code",
        Level::Reply => "the reply code",
        Level::Subject => "class and subject only",
        Level::Class => "the class only",
    }
}

pub(super) const fn retry(retry: Retry) -> &'static str {
    match retry {
        Retry::NotNeeded => "Not needed: nothing failed.",
        Retry::Wait => "Yes: the queue does it by itself.",
        Retry::Slower => "Yes, but more slowly.",
        Retry::AfterRepair => "Only after the cause has been mended.",
        Retry::No => "No: the same mail will be refused again.",
        Retry::ReadText => "It depends: the text of the reply tells.",
    }
}

pub(super) const fn suppress(suppress: Suppress) -> Option<&'static str> {
    match suppress {
        Suppress::Never => None,
        Suppress::AfterRepeated => {
            Some("Take the address off mailing lists if this goes on for weeks.")
        }
        Suppress::AtOnce => Some("Take the address off mailing lists."),
        Suppress::ReadText => {
            Some("Whether to take the address off mailing lists depends on the text.")
        }
    }
}

pub(super) const fn party(party: Party) -> &'static str {
    match party {
        Party::Sender => "the sender",
        Party::Recipient => "the recipient",
        Party::OwnAdmin => "the administrator of the sending server",
        Party::RemoteAdmin => "the administrator of the receiving server",
        Party::Nobody => "nobody",
    }
}

pub(super) const fn said_at(said_at: SaidAt) -> &'static str {
    match said_at {
        SaidAt::Any => "any",
        SaidAt::Connect => "connect",
        SaidAt::Ehlo => "EHLO",
        SaidAt::StartTls => "STARTTLS",
        SaidAt::Auth => "AUTH",
        SaidAt::Mail => "MAIL FROM",
        SaidAt::Rcpt => "RCPT TO",
        SaidAt::Data => "DATA",
        SaidAt::Bdat => "BDAT",
        SaidAt::EndOfData => "end of message",
        SaidAt::Rset => "RSET",
        SaidAt::Noop => "NOOP",
        SaidAt::Help => "HELP",
        SaidAt::Quit => "QUIT",
        SaidAt::Vrfy => "VRFY",
        SaidAt::Expn => "EXPN",
        SaidAt::Etrn => "ETRN",
        SaidAt::Atrn => "ATRN",
    }
}

pub(super) const NOTHING: &str = "No code found. Give a reply code (521), an enhanced status code (5.7.26), the text of a reply, or a line \
     of a Postfix or Exim log.";

pub(super) const NO_CODE_IN_LINE: &str = "The log line carries no code: nobody said one.";
