//! What is found of an event before it is counted: the hashes of its names, its category, its words without what is of
//! the case alone. It needs nothing but the event, so that many threads can do it at a time.

use super::category::Category;
use super::silence::{Silence, silence_of};
use super::tally::Namer;
use super::template::Own;
use super::templates::{Templates, word};
use crate::event::{Event, Mta};
use crate::recent::Recent;
use crate::record::Findings;
use crate::smtp::{Direction, Disposition, domain_of, has_upper_case, hash_in_lower_case, site_of};

/// Finds, and remembers what it found of the last texts. Of those without a reply most are about a few hosts that
/// nobody reaches.
#[derive(Clone, Debug)]
pub(super) struct Finder {
    namer: Namer,
    silences: Recent<Silence, 256, 512>,
    templates: Templates,
}

impl Finder {
    /// Hashes come from `namer`.
    pub(super) fn new(namer: Namer) -> Self {
        Self { namer, silences: Recent::default(), templates: Templates::default() }
    }

    /// What of an event needs nothing but the event; new words go behind `words`.
    pub(super) fn find(
        &mut self,
        event: &Event<'_>,
        mta: Option<Mta>,
        words: &mut String,
    ) -> Findings {
        let Self { namer, silences, templates } = self;
        let hash_of = |name: Option<&str>| name.map_or(0, |name| namer.name(name).hash());
        let in_any_case = |name: Option<&str>| name.map_or(0, hash_in_lower_case);
        let (host, client) = (host_of(event), client_of(event));
        let silence_of = |text: &str| silences.of(text, silence_of);
        let mut found = Findings {
            category: Category::of(mta, event, false, silence_of).key(),
            host: hash_of(host),
            client: hash_of(client),
            recipient: in_any_case(event.recipient),
            ..Findings::default()
        };
        if event.direction == Direction::Inbound {
            found.stranger = in_any_case(client);
            found.sender = in_any_case(event.sender);
        } else if let Some(host) = host {
            found.site = namer.hash_in_lower_case(site_of(host));
        }
        let domain = event.recipient.and_then(domain_of);
        if let Some(domain) = domain {
            if has_upper_case(domain) {
                let from = words.len();
                words.extend(domain.chars().map(|c| c.to_ascii_lowercase()));
                let hash = namer.name(words.get(from..).unwrap_or_default()).hash();
                found.domain = word(from, words, hash);
            } else {
                found.domain.hash = namer.name(domain).hash();
            }
        }
        // Texts of success are ids and thanks; only what went wrong is worth telling apart.
        if event.disposition != Some(Disposition::Delivered) {
            let own = Own {
                domain,
                host,
                client: event.client.and_then(|c| c.name).or(event.helo),
                sender_domain: event.sender.and_then(domain_of),
            };
            let wording = templates.wording(event.text);
            found.wording = Some(wording.1);
            found.template = templates.write(event.text, wording, own, namer, words);
        }
        found
    }
}

/// The other server's name, or its address.
pub(super) fn host_of<'a>(event: &Event<'a>) -> Option<&'a str> {
    event.relay.and_then(|relay| relay.name())
}

/// The client's address, or its name.
pub(super) fn client_of<'a>(event: &Event<'a>) -> Option<&'a str> {
    event.client.and_then(|client| client.address.or(client.name))
}
