//! Which lines somebody asked for: by time, code, cause, address, client and so on.
//!
//! ```text
//! what was typed ─► Terms ─► Filter ─► Filtering: each record, marked selected or not ─► any sink
//! ```
//!
//! A filter selects *lines*, never messages. Values of one option are alternatives, options narrow one another
//! down, and `!` before a value leaves out what it would select. So a filter and its negation share no line and
//! leave none: what they count adds up to the whole (tested). Every record is handed on, as messages hang
//! together by lines that nobody asked for; sinks count and show those that are selected ([`Record::selected`]).
//! What that means for messages and recipients is said at [`Filtering`].
//!
//! To add an option: a field of [`Terms`] and its name in [`Terms::options`], a field of [`Filter`], its reading
//! in [`Filter::parse`], its line in `fits_event` (and in `fits_message` when a message has it).

mod moment;
mod network;
mod pattern;
mod sink;
mod value;

#[cfg(test)]
mod tests;

pub use moment::parse_moment;
pub use network::Network;
pub use pattern::Pattern;
pub use sink::Filtering;

use crate::classify::Verdict;
use crate::correlate::Envelope;
use crate::error::Error;
use crate::event::Event;
use crate::knowledge::provider::{provider_of, providers};
use crate::knowledge::{Party, Provider, cause_slugs};
use crate::record::Record;
use crate::smtp::{Direction, Disposition, EnhancedCode, domain_of};
use crate::time::{Time, Zone};
use serde::Serialize;
use value::{Clients, Code, Condition};

/// A filter as it was typed. An empty list selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the option of its name, described in --help")]
pub struct Terms {
    pub since: Option<String>,
    pub until: Option<String>,
    pub code: Vec<String>,
    pub class: Vec<String>,
    pub cause: Vec<String>,
    pub party: Vec<String>,
    pub direction: Vec<String>,
    pub disposition: Vec<String>,
    pub sender: Vec<String>,
    pub recipient: Vec<String>,
    pub domain: Vec<String>,
    pub provider: Vec<String>,
    pub client: Vec<String>,
    pub host: Vec<String>,
    pub user: Vec<String>,
    pub queue_id: Vec<String>,
}

impl Terms {
    /// The lists by the names of their options.
    pub fn options(&self) -> [(&'static str, &[String]); 14] {
        [
            ("code", &self.code),
            ("class", &self.class),
            ("cause", &self.cause),
            ("party", &self.party),
            ("direction", &self.direction),
            ("disposition", &self.disposition),
            ("sender", &self.sender),
            ("recipient", &self.recipient),
            ("domain", &self.domain),
            ("provider", &self.provider),
            ("client", &self.client),
            ("host", &self.host),
            ("user", &self.user),
            ("queue-id", &self.queue_id),
        ]
    }

    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.since.is_none()
            && self.until.is_none()
            && self.options().iter().all(|(_, values)| values.is_empty())
    }
}

/// One option of a filter, as a report tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FilterTerm {
    /// The option without its dashes.
    pub option: &'static str,
    /// Its values as typed; moments as RFC 3339.
    pub values: Vec<String>,
}

/// A filter, understood.
#[derive(Clone, Debug)]
pub struct Filter {
    since: Option<Time>,
    until: Option<Time>,
    code: Condition<Code>,
    class: Condition<u8>,
    cause: Condition<Pattern>,
    party: Condition<Pattern>,
    direction: Condition<Pattern>,
    disposition: Condition<Pattern>,
    sender: Condition<Pattern>,
    recipient: Condition<Pattern>,
    domain: Condition<Pattern>,
    provider: Condition<Pattern>,
    client: Condition<Clients>,
    host: Condition<Pattern>,
    user: Condition<Pattern>,
    queue_id: Condition<Pattern>,
    told: Vec<FilterTerm>,
}

/// Where the message of a line came from: what its own lines say, and what those of the message say that a
/// content filter made it of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Origins<'a> {
    pub(crate) own: Option<&'a Envelope>,
    pub(crate) root: Option<&'a Envelope>,
}

impl<'a> Origins<'a> {
    fn each(self) -> impl Iterator<Item = &'a Envelope> {
        self.own.into_iter().chain(self.root)
    }
}

impl Filter {
    /// Reads a filter; `None` when nothing was asked for. Wall-clock times are those of `zone`, and `now`
    /// (seconds since 1970) is what `-3h` and `yesterday` count from.
    ///
    /// # Errors
    /// A value that its option cannot have; the error lists or describes those that it can.
    pub fn parse(terms: &Terms, zone: Zone, now: i64) -> Result<Option<Self>, Error> {
        if terms.is_empty() {
            return Ok(None);
        }
        let moment = |option, text: &Option<String>| match text {
            Some(text) => value::moment(option, text, zone, now).map(Some),
            None => Ok(None),
        };
        let since = moment("since", &terms.since)?;
        let until = moment("until", &terms.until)?;
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            return Err(value::wrong(
                "until",
                terms.until.as_deref().unwrap_or(""),
                &format!("a moment after --since, which is {}", zone.shown(since)),
            ));
        }
        let slugs = |all: &[Direction]| all.iter().map(|word| word.slug()).collect::<Vec<_>>();
        let dispositions: Vec<_> = Disposition::ALL.iter().map(|word| word.slug()).collect();
        let parties: Vec<_> = Party::ALL.iter().map(|word| word.slug()).collect();
        let providers: Vec<_> = providers().iter().map(Provider::slug).collect();
        let mut causes: Vec<_> = cause_slugs().collect();
        causes.push("unknown");
        causes.sort_unstable();
        causes.dedup();
        let mut told: Vec<_> = [("since", since), ("until", until)]
            .into_iter()
            .filter_map(|(option, time)| {
                Some(FilterTerm { option, values: vec![zone.shown(time?)] })
            })
            .collect();
        told.extend(
            terms
                .options()
                .into_iter()
                .filter(|(_, values)| !values.is_empty())
                .map(|(option, values)| FilterTerm { option, values: values.to_vec() }),
        );
        Ok(Some(Self {
            since,
            until,
            code: Condition::parse("code", &terms.code, value::code)?,
            class: Condition::parse("class", &terms.class, value::class)?,
            cause: Condition::words("cause", &terms.cause, &causes)?,
            party: Condition::words("party", &terms.party, &parties)?,
            direction: Condition::words("direction", &terms.direction, &slugs(Direction::ALL))?,
            disposition: Condition::words("disposition", &terms.disposition, &dispositions)?,
            sender: Condition::parse("sender", &terms.sender, value::address)?,
            recipient: Condition::parse("recipient", &terms.recipient, value::address)?,
            domain: Condition::parse("domain", &terms.domain, value::domain)?,
            provider: Condition::words("provider", &terms.provider, &providers)?,
            client: Condition::parse("client", &terms.client, value::clients)?,
            host: Condition::parse("host", &terms.host, value::name)?,
            user: Condition::parse("user", &terms.user, value::name)?,
            queue_id: Condition::parse("queue-id", &terms.queue_id, value::queue_id)?,
            told,
        }))
    }

    /// What was asked for, in the order of the options.
    pub fn told(&self) -> &[FilterTerm] {
        &self.told
    }

    /// Texts of which each line must have one that leads to a message the filter selects, upper and lower case
    /// being the same; `None` when no option needs a text of at least `shortest` bytes.
    pub fn literals(&self, shortest: usize) -> Option<Vec<String>> {
        let patterns = [&self.queue_id, &self.recipient, &self.sender, &self.user, &self.domain];
        let texts = patterns
            .into_iter()
            .map(|condition| condition.literals(|pattern| Some(pattern.literal())))
            .chain([self.client.literals(Clients::literal)]);
        let shortest_of = |texts: &Vec<String>| texts.iter().map(String::len).min().unwrap_or(0);
        texts.filter(|texts| shortest_of(texts) >= shortest).max_by_key(|texts| shortest_of(texts))
    }

    /// Whether it asks for causes or parties, for which events must be judged.
    pub(crate) fn needs_verdicts(&self) -> bool {
        !self.cause.is_empty() || !self.party.is_empty()
    }

    /// Whether it asks where messages came from, which other lines tell than those of the attempts.
    pub(crate) fn needs_origins(&self) -> bool {
        !self.sender.is_empty() || !self.client.is_empty() || !self.user.is_empty()
    }

    /// Whether a message may turn out to be left out, because of whom a content filter got it from.
    pub(crate) fn excludes_origins(&self) -> bool {
        self.client.excludes() || self.user.excludes()
    }

    /// Whether a line about a message as a whole, such as its arrival, can answer all that is asked.
    pub(crate) fn speaks_of_messages(&self) -> bool {
        self.code.is_empty()
            && self.class.is_empty()
            && !self.needs_verdicts()
            && self.direction.is_empty()
            && self.disposition.is_empty()
            && self.recipient.is_empty()
            && self.domain.is_empty()
            && self.provider.is_empty()
    }

    /// Whether a line about the server itself can answer all that is asked.
    pub(crate) fn speaks_of_the_log(&self) -> bool {
        self.speaks_of_messages() && !self.needs_origins() && self.queue_id.is_empty()
    }

    /// Whether a line is of the time and the host that are asked for. One without a time is of no time.
    pub(crate) fn fits_log(&self, record: &Record<'_>) -> bool {
        let in_time = match record.time {
            Some(time) => {
                self.since.is_none_or(|since| time >= since)
                    && self.until.is_none_or(|until| time < until)
            }
            None => self.since.is_none() && self.until.is_none(),
        };
        in_time && (self.host.is_empty() || self.host.fits_any([record.header.host]))
    }

    /// Whether a line about a message as a whole is selected.
    pub(crate) fn fits_message(
        &self,
        record: &Record<'_>,
        queue_id: &str,
        origins: Origins<'_>,
    ) -> bool {
        self.speaks_of_messages()
            && self.fits_log(record)
            && (self.queue_id.is_empty() || self.queue_id.fits_any([queue_id]))
            && self.fits_origins(None, origins)
    }

    fn fits_origins(&self, event: Option<&Event<'_>>, origins: Origins<'_>) -> bool {
        if !self.needs_origins() {
            return true;
        }
        let client = event.and_then(|event| event.client);
        let clients = client
            .map(|client| (client.address, client.name))
            .into_iter()
            .chain(origins.each().map(|envelope| (envelope.client(), envelope.client_name())));
        let senders = event
            .and_then(|event| event.sender)
            .into_iter()
            .chain(origins.each().filter_map(Envelope::sender));
        let users = event
            .and_then(|event| event.sasl_user)
            .into_iter()
            .chain(origins.each().filter_map(Envelope::user));
        self.sender.fits_any(senders)
            && self.user.fits_any(users)
            && self.client.fits(clients, |wanted, (address, name)| wanted.fits(address, name))
    }

    /// Whether an event is selected.
    pub(crate) fn fits_event(
        &self,
        record: &Record<'_>,
        event: &Event<'_>,
        verdict: Option<&Verdict>,
        origins: Origins<'_>,
    ) -> bool {
        self.fits_log(record)
            && (self.direction.is_empty() || self.direction.fits_any([event.direction.slug()]))
            && (self.disposition.is_empty()
                || self.disposition.fits_any(event.disposition.map(Disposition::slug)))
            && (self.queue_id.is_empty() || self.queue_id.fits_any(event.queue_id))
            && self.fits_codes(event)
            && self.fits_recipient(event)
            && (self.cause.is_empty() || self.cause.fits_any(verdict.map(|v| v.cause.slug())))
            && (self.party.is_empty()
                || self.party.fits_any(verdict.and_then(|v| v.party).map(Party::slug)))
            && self.fits_origins(Some(event), origins)
            && (self.provider.is_empty() || self.provider.fits_any(provider_slug(event)))
    }

    fn fits_codes(&self, event: &Event<'_>) -> bool {
        if self.code.is_empty() && self.class.is_empty() {
            return true;
        }
        let code = event.code.or(event.implied_code);
        let enhanced = event.enhanced.or(event.dsn);
        let class = code.map(|code| u8::try_from(code.value() / 100).unwrap_or(0));
        let class = class.or(enhanced.map(EnhancedCode::class));
        self.code.fits([()], |wanted, ()| wanted.fits(code, enhanced))
            && self.class.fits(class, |wanted, class| *wanted == class)
    }

    fn fits_recipient(&self, event: &Event<'_>) -> bool {
        if self.recipient.is_empty() && self.domain.is_empty() {
            return true;
        }
        let names = [event.recipient, event.original_recipient, event.final_recipient];
        self.recipient.fits_any(names.into_iter().flatten())
            && self.domain.fits_any(names.into_iter().flatten().filter_map(domain_of))
    }
}

/// The receiving provider of an outbound event, as the report counts it.
fn provider_slug(event: &Event<'_>) -> Option<&'static str> {
    (event.direction == Direction::Outbound)
        .then(|| provider_of(event.relay.and_then(|relay| relay.host), event.text))
        .flatten()
        .map(Provider::slug)
}
