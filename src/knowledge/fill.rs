//! Fills the placeholders of remedies and check commands with what a log line says.
//!
//! The values come from strangers: whoever sends mail chooses its addresses and HELO name, whoever receives it
//! its host names. They land in command lines that a tired administrator copies into a root shell. So a
//! value is put in only if it consists of characters that are harmless in every shell and is not taken for an
//! option (or, as `ALL` by `postsuper`, for everything); otherwise the placeholder's own word stays. The check is by what is
//! permitted, never by what is forbidden, and there is no quoting to get wrong.
//!
//! To add a placeholder: one line in [`PLACEHOLDERS`], one arm in `value_of`, a row in the tests.

use crate::event::Event;
use crate::smtp::{Direction, domain_of};
use std::borrow::Cow;
use std::net::IpAddr;

/// What is known to fill in. Everything as logged; nothing of it is trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts<'a> {
    /// The domain in question, normally the recipient's.
    pub domain: Option<&'a str>,
    /// The mail exchanger (name or address) that we spoke to.
    pub host: Option<&'a str>,
    /// The mail address in question.
    pub address: Option<&'a str>,
    /// The IP address of the client: whoever connected to the server that speaks.
    pub client: Option<&'a str>,
    /// The queue id, or Exim's message id.
    pub queue_id: Option<&'a str>,
    /// The envelope sender.
    pub sender: Option<&'a str>,
    /// The envelope recipient.
    pub recipient: Option<&'a str>,
}

impl<'a> Facts<'a> {
    /// What one event knows.
    pub fn of(event: &Event<'a>) -> Self {
        let recipient = event.recipient.filter(|address| !address.is_empty());
        let sender = event.sender.filter(|address| !address.is_empty());
        let relay = event.relay.filter(|_| event.direction == Direction::Outbound);
        Self {
            domain: recipient.and_then(domain_of),
            host: relay.and_then(|relay| relay.name()),
            address: recipient.or(sender),
            client: event
                .client
                .and_then(|client| client.address)
                .or_else(|| address_named_in(event.text, relay.and_then(|relay| relay.address))),
            queue_id: event.queue_id,
            sender,
            recipient,
        }
    }
}

/// The address of ours that another server's reply names: the first public one that is not the server's own. Where
/// a reply names an address, it is that of the client it talks to, or of one behind it.
pub fn address_named_in<'a>(text: &'a str, server: Option<&str>) -> Option<&'a str> {
    let server: Option<IpAddr> = server.and_then(|address| address.parse().ok());
    let in_address = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':';
    text.split(|c| !in_address(c))
        .map(|word| word.trim_end_matches(['.', ':']))
        .filter(|word| word.len() >= 7)
        .find(|word| word.parse().is_ok_and(|ip| Some(ip) != server && is_public(ip)))
}

/// An address that a server on the Internet can see. Those kept for documentation count as such.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_multicast()
                || ip.is_broadcast())
        }
        IpAddr::V6(ip) => !(ip.is_loopback() || ip.is_unspecified() || ip.is_multicast()),
    }
}

/// A placeholder: how it stands in a template, the word for it while nothing is known, and what the word
/// stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placeholder {
    /// In a template, with its braces.
    pub key: &'static str,
    /// Where nothing (harmless) is known.
    pub word: &'static str,
}

/// All placeholders. `{sender_domain}` is the domain of [`Facts::sender`].
pub const PLACEHOLDERS: [Placeholder; 8] = [
    Placeholder { key: "{domain}", word: "DOMAIN" },
    Placeholder { key: "{host}", word: "HOST" },
    Placeholder { key: "{address}", word: "ADDRESS" },
    Placeholder { key: "{client}", word: "CLIENT" },
    Placeholder { key: "{queue_id}", word: "QUEUE_ID" },
    Placeholder { key: "{sender}", word: "SENDER" },
    Placeholder { key: "{sender_domain}", word: "SENDER_DOMAIN" },
    Placeholder { key: "{recipient}", word: "RECIPIENT" },
];

/// `template` with every placeholder replaced: by its value if that is known and harmless, else by its word.
///
/// Braces that enclose no placeholder stay.
pub fn fill(template: &str, facts: &Facts<'_>) -> String {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, brace)) = rest.find('{').and_then(|at| rest.split_at_checked(at)) {
        filled.push_str(before);
        let found = PLACEHOLDERS.iter().find_map(|p| Some((p, brace.strip_prefix(p.key)?)));
        if let Some((placeholder, behind)) = found {
            match value_of(placeholder.key, facts) {
                Some(value) => filled.push_str(&value),
                None => filled.push_str(placeholder.word),
            }
            rest = behind;
        } else {
            filled.push('{');
            rest = brace.strip_prefix('{').unwrap_or_default();
        }
    }
    filled.push_str(rest);
    filled
}

/// The placeholders of `template` that would stay words, in the order of [`PLACEHOLDERS`].
pub fn missing(template: &str, facts: &Facts<'_>) -> Vec<Placeholder> {
    PLACEHOLDERS
        .into_iter()
        .filter(|p| template.contains(p.key) && value_of(p.key, facts).is_none())
        .collect()
}

fn value_of<'a>(key: &str, facts: &Facts<'a>) -> Option<Cow<'a, str>> {
    let harmless = |value: Option<&'a str>, check: fn(&str) -> bool| {
        value.filter(|value| check(value)).map(Cow::Borrowed)
    };
    match key {
        "{domain}" => harmless(facts.domain, is_domain),
        "{sender_domain}" => harmless(facts.sender.and_then(domain_of), is_domain),
        "{host}" => harmless(facts.host, is_host),
        "{address}" => harmless(facts.address, is_address),
        "{sender}" => harmless(facts.sender, is_address),
        "{recipient}" => harmless(facts.recipient, is_address),
        "{queue_id}" => harmless(facts.queue_id, is_queue_id),
        // Written anew from its bits: nothing of the log's text gets through.
        "{client}" => facts.client?.parse::<IpAddr>().ok().map(|ip| Cow::Owned(ip.to_string())),
        _ => None,
    }
}

/// Letters, digits, `-`, `.` and `_`, of which the first is a letter, a digit or `_`, and one a letter or a
/// digit. 253 bytes is the longest name that DNS has.
fn is_domain(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() <= 253
        && text.bytes().next().is_some_and(plain)
        && text.bytes().any(|b| b.is_ascii_alphanumeric())
        && text.bytes().all(|b| plain(b) || b == b'-' || b == b'.')
}

/// A name, or an address of either family.
fn is_host(text: &str) -> bool {
    is_domain(text) || text.parse::<IpAddr>().is_ok()
}

/// `local@domain`, the local part of letters, digits and `-._+=`, of which the first is a letter, a digit or
/// `_`. Addresses with other characters are legal and rare; they stay words.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    local.len() <= 64
        && local.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
        && local
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'+' | b'='))
        && is_domain(domain)
}

/// Letters, digits and, as Exim has them, `-`. Not `ALL`, which `postsuper -d` takes for every message.
fn is_queue_id(text: &str) -> bool {
    text.len() <= 64
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.eq_ignore_ascii_case("all")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str =
        "{domain} {host} {address} {client} {queue_id} {sender} {sender_domain} {recipient}";
    const WORDS: &str = "DOMAIN HOST ADDRESS CLIENT QUEUE_ID SENDER SENDER_DOMAIN RECIPIENT";

    fn facts(value: &str) -> Facts<'_> {
        Facts {
            domain: Some(value),
            host: Some(value),
            address: Some(value),
            client: Some(value),
            queue_id: Some(value),
            sender: Some(value),
            recipient: Some(value),
        }
    }

    #[test]
    fn unknown_facts_leave_the_words() {
        assert_eq!(fill(ALL, &Facts::default()), WORDS);
        assert_eq!(fill("dig +short MX {domain}", &Facts::default()), "dig +short MX DOMAIN");
    }

    #[test]
    fn known_facts_are_put_in() {
        let facts = Facts {
            domain: Some("example.com"),
            host: Some("2001:db8::25"),
            address: Some("ann+list=x@example.com"),
            client: Some("2001:DB8:0::1"),
            queue_id: Some("1tUAbc-0000xY-3c"),
            sender: Some("bob@mail-1.example.net"),
            recipient: Some("_a.n-n@example.com"),
        };
        assert_eq!(
            fill(ALL, &facts),
            "example.com 2001:db8::25 ann+list=x@example.com 2001:db8::1 1tUAbc-0000xY-3c \
             bob@mail-1.example.net mail-1.example.net _a.n-n@example.com"
        );
        assert!(missing(ALL, &facts).is_empty());
    }

    #[test]
    fn hostile_values_never_reach_a_command_line() {
        let hostile = [
            "$(reboot)",
            "`reboot`",
            "example.com;reboot",
            "example.com|sh",
            "example.com&",
            "example.com\nreboot",
            "example.com\r",
            "example.com\0",
            "'example.com'",
            "\"example.com\"",
            "example.com\\",
            "-oProxyCommand=x",
            "--help",
            "@192.0.2.1",
            "+trace",
            "a b",
            "a\tb",
            "a\u{a0}b",
            "example.com>x",
            "<x",
            "${IFS}",
            "a*",
            "a?",
            "[a]",
            "{a,b}",
            "~root",
            "!x",
            "#x",
            "a%b",
            "a/b",
            "../x",
            "",
            ".",
            "..",
            "_",
            "\u{202e}moc.elpmaxe",
            "ехample.com",
            "{domain}",
            "ALL",
            "all",
        ];
        for value in hostile {
            let of_domain = matches!(value, "ALL" | "all");
            for placeholder in PLACEHOLDERS {
                if of_domain && matches!(placeholder.key, "{domain}" | "{host}") {
                    continue;
                }
                // The domain of this one is harmless.
                if value == "@192.0.2.1" && placeholder.key == "{sender_domain}" {
                    continue;
                }
                for value in [value.to_owned(), format!("{value}@example.com;id")] {
                    let filled = fill(placeholder.key, &facts(&value));
                    assert_eq!(filled, placeholder.word, "{value:?} in {}", placeholder.key);
                }
            }
            for address in [format!("{value}@example.com"), format!("ann@{value}")] {
                let filled = fill("{address} {sender} {recipient}", &facts(&address));
                if !of_domain && address != "_@example.com" {
                    assert_eq!(filled, "ADDRESS SENDER RECIPIENT", "{address:?}");
                }
            }
        }
    }

    #[test]
    fn replies_name_the_address_that_they_are_about() {
        for (text, server, want) in [
            ("550 Client host [192.0.2.9] blocked using bl.example.org", None, Some("192.0.2.9")),
            ("550 2001:db8::9 has no PTR", None, Some("2001:db8::9")),
            ("554 192.0.2.9. 203.0.113.5 too", None, Some("192.0.2.9")),
            (
                "550 198.51.100.25 does not like 192.0.2.9:",
                Some("198.51.100.25"),
                Some("192.0.2.9"),
            ),
            ("550 listed (127.0.0.2), 10.1.2.3", None, None),
            ("421 4.7.1 10:00:00 try later, id 1.2.3", None, None),
        ] {
            assert_eq!(address_named_in(text, server), want, "{text}");
        }
    }

    #[test]
    fn too_long_values_stay_out() {
        let long = "a".repeat(300);
        assert_eq!(fill(ALL, &facts(&long)), WORDS);
    }

    #[test]
    fn a_filled_value_is_not_filled_again_and_other_braces_stay() {
        let facts = Facts { domain: Some("example.com"), ..Facts::default() };
        assert_eq!(
            fill("{ {x} {domain}{domain} {domain", &facts),
            "{ {x} example.comexample.com {domain"
        );
        assert_eq!(missing("{host} {domain}", &facts), [PLACEHOLDERS[1]]);
    }
}
