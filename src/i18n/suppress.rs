//! Words of `mailwhy suppress`. A language that lacks one does not compile.

use super::{Counted, Language};

/// The labels of one language.
#[derive(Debug)]
#[expect(missing_docs, reason = "each field is its own English text")]
pub struct Labels {
    pub heading: Counted,
    pub nothing: &'static str,
    pub not_listed: &'static str,
    pub hard_rule: Counted,
    pub soft_rule: Counted,
    pub days: Counted,
    pub never: &'static str,
    pub rules: &'static str,
    pub last: &'static str,
    pub cause_columns: [&'static str; 3],
    pub domain_mark: &'static str,
    pub domain_note: &'static str,
    pub final_times: &'static str,
    pub temporary_times: &'static str,
    pub more: &'static str,
    pub why: &'static str,
    pub addresses: &'static str,
    pub left_out: &'static str,
    pub acceptances_forgotten: &'static str,
    pub never_listed: &'static str,
}

impl Labels {
    /// The labels of a language.
    pub const fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &EN,
            Language::Ru => &RU,
        }
    }
}

const EN: Labels = Labels {
    heading: Counted::two(
        "SUPPRESS {0} address that no longer deserves mail",
        "SUPPRESS {0} addresses that no longer deserve mail",
    ),
    nothing: "No address is to be suppressed.",
    not_listed: "{0} more failed by such a cause and are not listed: not often or not long enough, or mail was accepted since.",
    hard_rule: Counted::two("{0} final refusal", "{0} final refusals"),
    soft_rule: Counted::two(
        "{0} failure over at least {1} {2}",
        "{0} failures over at least {1} {2}",
    ),
    days: Counted::two("day", "days"),
    never: "no rule",
    rules: "Rule: {0}. An address that accepted mail after that is not listed.",
    last: "last {0}",
    cause_columns: ["why", "addresses", "final"],
    domain_mark: "{0} *",
    domain_note: "* the cause is about the whole domain; listed are its addresses in this log",
    final_times: "{0} final",
    temporary_times: "{0} other",
    more: "{0} more; --top {1} shows all, and so does --format csv",
    why: "WHY",
    addresses: "ADDRESSES, most failures first",
    left_out: "The list is not complete: {0} addresses were followed, and {1} more failed. --most-addresses raises that.",
    acceptances_forgotten: "Not every acceptance could be remembered: give the files in the order of their times, or raise --most-addresses.",
    never_listed: "Never listed: for reputation, policy, content or a fault on the way; for refusals at our own door; by a quotation of an earlier reply.",
};

const RU: Labels = Labels {
    heading: Counted::three(
        "УБРАТЬ ИЗ РАССЫЛКИ {0} адрес",
        "УБРАТЬ ИЗ РАССЫЛКИ {0} адреса",
        "УБРАТЬ ИЗ РАССЫЛКИ {0} адресов",
    ),
    nothing: "Убирать из рассылки некого.",
    not_listed: "По таким же причинам не принимали, но не попали в список: {0}; слишком мало или недолго, либо с тех пор почту приняли.",
    hard_rule: Counted::three(
        "{0} окончательный отказ",
        "{0} окончательных отказа",
        "{0} окончательных отказов",
    ),
    soft_rule: Counted::three(
        "{0} неудача не меньше чем за {1} {2}",
        "{0} неудачи не меньше чем за {1} {2}",
        "{0} неудач не меньше чем за {1} {2}",
    ),
    days: Counted::three("сутки", "суток", "суток"),
    never: "правил нет",
    rules: "Правило: {0}. Адрес, который после этого принял почту, в список не попадает.",
    last: "последняя {0}",
    cause_columns: ["почему", "адресов", "окончат."],
    domain_mark: "{0} *",
    domain_note: "* причина относится ко всему домену; перечислены его адреса из этого журнала",
    final_times: "{0} окончат.",
    temporary_times: "{0} прочих",
    more: "ещё {0}; все покажет --top {1} или --format csv",
    why: "ПОЧЕМУ",
    addresses: "АДРЕСА, сначала где больше неудач",
    left_out: "Список неполон: отслежено {0} адресов, не приняли почту ещё {1}. Предел задаёт --most-addresses.",
    acceptances_forgotten: "Запомнены не все доставки: давайте файлы по порядку времени или увеличьте --most-addresses.",
    never_listed: "Никогда не попадают в список: из-за репутации, политики, содержания или сбоев по пути; из-за отказов на нашем входе; из-за повторов прежнего ответа.",
};
