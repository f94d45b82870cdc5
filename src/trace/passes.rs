//! Which queue ids to tell of: read, look what they name, read again.

use super::teller::{Ids, LookOut, Teller};
use super::{Key, KeyKind, Message, Trace, family};
use crate::classify::Judge;
use crate::filter::{Filter, Filtering};
use crate::input::Meter;
use crate::pipeline::{Options, Outcome, Search};
use crate::record::{Record, Sink};
use std::collections::VecDeque;
use std::fmt::Debug;
use std::ops::ControlFlow;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Query<'r> {
    /// The key; without one the filter alone says what is looked for.
    pub key: Option<Key>,
    /// The filter: a message is told when a line about it is selected.
    pub filter: Option<Filter>,
    /// Messages that are told at most, the newest ones.
    pub limit: usize,
    /// Keep the raw lines.
    pub raw: bool,
    /// What is told is told so; what is looked for is looked for in the log as it is.
    pub rewrite: Option<&'r dyn Rewrite>,
}

/// Other words for what is told, such as pseudonyms for names.
pub trait Rewrite: Debug {
    /// Hands a record on as it is to be told, its raw line too.
    fn record(&self, record: &Record<'_>, behind: &mut dyn Sink) -> ControlFlow<()>;
    /// A key that is no queue id.
    fn key(&self, key: &str) -> String;
}

/// Shorter texts are in nearly every line.
const SHORTEST: usize = 3;

/// Looks for messages. `read` runs the pipeline once with these options, into this sink; it is called up to
/// [`Trace::MOST_PASSES`] times and must read the same log each time. Gives what the last run came to, too.
pub fn trace(
    query: &Query<'_>,
    options: &Options,
    judge: Judge,
    mut read: impl FnMut(&Options, &mut dyn Sink) -> Outcome,
) -> (Trace, Outcome) {
    let mut judge = judge;
    let mut ids = Ids::default();
    let literals = literals(query);
    if let Some(id) = query.key.as_ref().and_then(Key::as_queue_id) {
        ids.insert(id);
    }
    // The key as a queue id has one way to be written, and a search for one text is the fastest.
    let exact = !ids.is_empty();
    let first_search =
        literals.as_ref().map(|texts| Search::new(texts, !(exact && query.key.is_some())));
    let mut look_out = match (&query.key, &first_search) {
        (Some(_), _) => LookOut::Key,
        (None, Some(search)) => LookOut::Text(search),
        (None, None) => LookOut::Selected,
    };
    let mut search = first_search.clone();
    let mut refusals = (VecDeque::new(), 0);
    let mut at_least = false;
    let mut passes = 0;
    loop {
        passes += 1;
        let options =
            Options { search: search.clone(), meter: Meter::default(), ..options.clone() };
        let mut filter_judge = judge.clone();
        let mut teller = Teller::new(query, look_out, &ids, &mut judge);
        let outcome = match &query.filter {
            Some(filter) => {
                let judge = std::mem::replace(&mut filter_judge, Judge::builtin());
                read(&options, &mut Filtering::new(filter.clone(), judge, &mut teller))
            }
            None => read(&options, &mut teller),
        };
        teller.finish();
        let new = std::mem::take(&mut teller.new);
        at_least |= new.overflowed;
        if passes == 1 {
            refusals = (std::mem::take(&mut teller.refusals), teller.refusals_found);
        }
        let ready = new.is_empty() || passes >= Trace::MOST_PASSES || outcome.stopped;
        if ready {
            let messages = family::messages(&teller.stories, &teller.edges, query.key.is_some());
            let trace = finish(query, messages, refusals, &new, &outcome);
            return (Trace { passes, at_least, ..trace }, outcome);
        }
        for id in new.iter() {
            ids.insert(id);
        }
        at_least |= ids.overflowed;
        let texts: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
        search = Some(Search::new(&texts, false));
        look_out = LookOut::Kin;
    }
}

fn finish(
    query: &Query<'_>,
    mut messages: Vec<Message>,
    (refusals, refusals_found): (VecDeque<super::Step>, u64),
    not_followed: &Ids,
    outcome: &Outcome,
) -> Trace {
    let found = messages.len();
    messages.drain(..found.saturating_sub(query.limit));
    let surplus = refusals.len().saturating_sub(query.limit);
    Trace {
        key: query.key.as_ref().map(|key| told_key(key.text(), query.rewrite, &messages)),
        filter: query.filter.as_ref().map(|f| f.told().to_vec()).unwrap_or_default(),
        files: outcome.sources.iter().map(|source| source.name.clone()).collect(),
        first: outcome.sources.iter().filter_map(|source| source.first).min(),
        last: outcome.sources.iter().filter_map(|source| source.last).max(),
        found: found as u64,
        messages,
        refusals: refusals.into_iter().skip(surplus).collect(),
        refusals_found,
        not_followed: not_followed.iter().take(20).map(ToString::to_string).collect(),
        ..Trace::default()
    }
}

/// The key as it is told. A queue id stays; whether it is one, the messages found by it say.
fn told_key(key: &str, rewrite: Option<&dyn Rewrite>, messages: &[Message]) -> String {
    let by_id = |message: &Message| message.found_by.contains(&KeyKind::QueueId);
    match rewrite {
        Some(rewrite) if !messages.iter().any(by_id) => rewrite.key(key),
        _ => key.to_owned(),
    }
}

/// Texts of which each line that leads to a message must have one; `None` where no text is certain, and every
/// line must be parsed.
fn literals(query: &Query<'_>) -> Option<Vec<String>> {
    match &query.key {
        Some(key) => Some(vec![key.literal()?.to_owned()]),
        None => query.filter.as_ref()?.literals(SHORTEST),
    }
}
