//! Headings and sentences about incidents, one field each; a language that lacks one does not compile.

use super::{Counted, Language};

/// The labels of one language.
#[derive(Debug)]
#[expect(missing_docs, reason = "each field is its own English text")]
pub struct IncidentLabels {
    pub heading: &'static str,
    pub title: &'static str,
    pub samples: &'static str,
    pub incidents: Counted,
    pub none: &'static str,
    pub no_norm: &'static str,
    pub beside: &'static str,
    pub none_beside: &'static str,
    pub more_detail: &'static str,
    pub more: &'static str,
    pub from_to: &'static str,
    pub still_on: &'static str,
    pub messages: Counted,
    pub of_messages: &'static str,
    pub messages_only: &'static str,
    pub share: &'static str,
    pub kept: &'static str,
    pub late: &'static str,
    pub lost: &'static str,
    pub waiting: &'static str,
    pub usual: &'static str,
    pub what: &'static str,
    pub codes: &'static str,
    pub receivers: &'static str,
    pub domains: &'static str,
    pub senders: &'static str,
    pub clients: &'static str,
    pub logins: &'static str,
    pub first: &'static str,
    pub last: &'static str,
}

impl Language {
    /// The labels of incidents in this language.
    pub const fn incident_labels(self) -> &'static IncidentLabels {
        match self {
            Self::En => &EN,
            Self::Ru => &RU,
        }
    }
}

const EN: IncidentLabels = IncidentLabels {
    heading: "WHAT WENT WRONG: {0} {1}",
    title: "What went wrong",
    samples: "The first line and the last",
    incidents: Counted::two("incident", "incidents"),
    none: "Nothing stands out from the rest of the log.",
    no_norm: "The log covers less than three hours: too little to know what is usual.",
    beside: "What is usual is known from an earlier log, for {0} hours of the week.",
    none_beside: "Nothing stands out from what is usual.",
    more_detail: "(with samples and commands: mailwhy incidents)",
    more: "({0} more: --top N)",
    from_to: "{0} to {1} ({2})",
    still_on: "since {0} ({1}), still on when the log ends",
    messages: Counted::two("message", "messages"),
    of_messages: "{0} {1} of {2} {3}",
    messages_only: "{0} {1}",
    share: "{0} of the attempts there",
    kept: "{0} of what came in",
    late: "{0} got it later",
    lost: "{0} lost",
    waiting: "{0} in the queue",
    usual: "usual: {0}",
    what: "what",
    codes: "codes",
    receivers: "at",
    domains: "domains",
    senders: "senders",
    clients: "clients",
    logins: "logins",
    first: "first",
    last: "last",
};

const RU: IncidentLabels = IncidentLabels {
    heading: "ЧТО СЛУЧИЛОСЬ: {0} {1}",
    title: "Что случилось",
    samples: "Первая и последняя строки",
    incidents: Counted::three("происшествие", "происшествия", "происшествий"),
    none: "Ничто не выделяется на фоне остального журнала.",
    no_norm: "В журнале меньше трёх часов: слишком мало, чтобы знать, что обычно.",
    beside: "Что обычно, известно из более раннего журнала (часов недели: {0}).",
    none_beside: "Ничто не выделяется на фоне обычного.",
    more_detail: "(с примерами и командами: mailwhy incidents)",
    more: "(ещё {0}: --top N)",
    from_to: "с {0} по {1} ({2})",
    still_on: "с {0} ({1}), к концу журнала не кончилось",
    messages: Counted::three("письмо", "письма", "писем"),
    of_messages: "{0} {1}, {2} {3}",
    messages_only: "{0} {1}",
    share: "{0} попыток туда",
    kept: "{0} пришедшего",
    late: "дошло позже: {0}",
    lost: "потеряно: {0}",
    waiting: "в очереди: {0}",
    usual: "обычно: {0}",
    what: "что",
    codes: "коды",
    receivers: "где",
    domains: "домены",
    senders: "от кого",
    clients: "клиенты",
    logins: "логины",
    first: "первая",
    last: "последняя",
};
