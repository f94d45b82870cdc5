//! Labels of what is kept: merged digests, comparisons, history. A language that lacks one does not compile.
//!
//! Values go in as in [`super::Labels`]; words that the report has too are taken from there.

use super::{Counted, Language};

/// The labels of one language.
#[derive(Debug)]
#[expect(missing_docs, reason = "each field is its own English text")]
pub struct KeptLabels {
    pub logs: Counted,
    pub hosts: Counted,
    pub merged: &'static str,
    pub merged_what: &'static str,
    pub grains: [&'static str; 4],
    pub cut: &'static str,
    pub no_name: &'static str,
    pub left_out: &'static str,
    pub overlap: &'static str,
    pub lost_lines: &'static str,
    pub problems: &'static str,
    pub host_columns: [&'static str; 4],
    pub hosts_heading: &'static str,
    pub traffic_out: &'static str,
    pub traffic_in: &'static str,
    pub cause_columns: [&'static str; 5],
    pub code_columns: [&'static str; 5],
    pub provider_columns: [&'static str; 5],
    pub providers_heading: &'static str,
    pub no_reply: &'static str,
    pub nothing: &'static str,
    // Comparison.
    pub side: &'static str,
    pub side_empty: &'static str,
    pub mail: &'static str,
    pub mail_columns: [&'static str; 4],
    pub mail_rows: [&'static str; 8],
    pub tried: &'static str,
    pub taken: &'static str,
    pub change_columns: [&'static str; 7],
    pub trends: [&'static str; 6],
    pub provider_row: &'static str,
    pub no_change: &'static str,
    pub under_floor: &'static str,
    pub untold: &'static str,
    pub rule: &'static str,
    // History.
    pub history: &'static str,
    pub history_what: &'static str,
    pub history_empty: &'static str,
    pub history_columns: [&'static str; 6],
    // A day beside its usual.
    pub usual: &'static str,
    pub usual_what: &'static str,
    pub usual_columns: [&'static str; 5],
    pub traffic_rows: [&'static str; 3],
    pub deviations: [&'static str; 4],
    pub usual_none: &'static str,
    pub usual_few: &'static str,
    pub directions: [&'static str; 3],
    pub weekdays: [&'static str; 7],
}

impl Language {
    /// The labels of what is kept.
    pub const fn kept(self) -> &'static KeptLabels {
        match self {
            Self::En => &EN,
            Self::Ru => &RU,
        }
    }
}

const EN: KeptLabels = KeptLabels {
    logs: Counted::two("log", "logs"),
    hosts: Counted::two("host", "hosts"),
    merged: "Merged",
    merged_what: "{0} {1} of {2} {3}: {4} lines, {5}",
    grains: ["by the hour", "by the day", "by the week", "as a whole"],
    cut: "a piece is counted; lines and bytes are those of the whole logs",
    no_name: "(no name in the log)",
    left_out: "{0} is left out: the same log is in {1} already",
    overlap: "{0}: {1} to {2} is in more than one log; what stands in both counts twice",
    lost_lines: "the logs themselves say that {0} lines were lost; all counts are too low",
    problems: "{0} files could not be read, or not wholly, when this was saved",
    host_columns: ["host", "from", "to", "lines"],
    hosts_heading: "HOSTS",
    traffic_out: "{0} attempts for {1} recipients: {2} delivered, {3} deferred, {4} bounced or expired",
    traffic_in: "{0} messages taken, {1} refusals, {2} failed logins",
    cause_columns: ["why", "lines", "share", "mails", "rcpts"],
    code_columns: ["code", "lines", "mails", "rcpts", "meaning"],
    provider_columns: ["provider", "rcpts", "delivered", "deferred", "bounced"],
    providers_heading: "RECEIVING PROVIDERS, most failures first",
    no_reply: "none",
    nothing: "Nothing was counted.",
    side: "{0}, {1} to {2} ({3})",
    side_empty: "{0}, nothing in it",
    mail: "MAIL",
    mail_columns: ["", "A", "B", "change"],
    mail_rows: [
        "messages",
        "recipients",
        "delivered",
        "ever deferred",
        "bounced",
        "expired",
        "still queued",
        "bytes",
    ],
    tried: "recipients tried: A {0}, B {1}",
    taken: "messages taken, refusals and failed logins: A {0}, B {1}",
    change_columns: ["change", "what", "A", "share", "B", "share", "times"],
    trends: ["new", "gone", "up", "down", "same", "?"],
    provider_row: "failures at {0}",
    no_change: "no change above the floor",
    under_floor: "{0} more rows without a change above the floor; --all shows them",
    untold: "only one of the two has traffic in this direction, so nothing can be said of it",
    rule: "A change is one that chance would bring with a probability below {0} % over all {1} rows together \
           (binomial test of counts by traffic, corrected by Holm; counts divided by the size of the clumps \
           that they come in), of at least {2} and by a factor of {3}. Outbound and local recipients are \
           counted once for each cause, inbound lines.",
    history: "History",
    history_what: "{0} to {1}, {2}, {3} {4}; times are UTC",
    history_empty: "The history is empty.",
    history_columns: ["from", "rcpts", "deferred", "bounced", "refused", "most failures"],
    usual: "BESIDE THE USUAL {0}",
    usual_what: "{0}, {1} to {2} UTC, beside {3} such days; usual is their median",
    usual_columns: ["", "that day", "usual", "from – to", ""],
    traffic_rows: ["recipients tried", "messages taken", "recipients tried"],
    deviations: ["more than usual", "less than usual", "as usual", "too few days to tell"],
    usual_none: "No failure deviates from the usual.",
    usual_few: "Deviations are told when the history has four such days or more.",
    directions: ["outbound", "inbound", "local"],
    weekdays: ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"],
};

const RU: KeptLabels = KeptLabels {
    logs: Counted::three("журнал", "журнала", "журналов"),
    hosts: Counted::three("узел", "узла", "узлов"),
    merged: "Сложено",
    merged_what: "{0} {1}, {2} {3}: строк {4}, {5}",
    grains: ["по часам", "по дням", "по неделям", "без разбивки"],
    cut: "посчитана часть; строки и байты — целых журналов",
    no_name: "(в журнале без имени)",
    left_out: "{0} не учтён: тот же журнал уже есть в {1}",
    overlap: "{0}: время с {1} по {2} есть в нескольких журналах; общее посчитано дважды",
    lost_lines: "журналы сами сообщают, что {0} строк потеряно; все числа занижены",
    problems: "при сохранении не прочитано (или не до конца) файлов: {0}",
    host_columns: ["узел", "с", "по", "строк"],
    hosts_heading: "УЗЛЫ",
    traffic_out: "попыток {0}, получателей {1}: доставлено {2}, отложено {3}, возвращено или истёк срок {4}",
    traffic_in: "принято писем {0}, отказов {1}, неудачных входов {2}",
    cause_columns: ["почему", "строк", "доля", "писем", "получ."],
    code_columns: ["код", "строк", "писем", "получ.", "значение"],
    provider_columns: ["провайдер", "получ.", "доставлено", "отложено", "возвращено"],
    providers_heading: "ПРОВАЙДЕРЫ ПОЛУЧАТЕЛЕЙ, сначала где больше неудач",
    no_reply: "нет",
    nothing: "Ничего не посчитано.",
    side: "{0}, с {1} по {2} ({3})",
    side_empty: "{0}, пусто",
    mail: "ПОЧТА",
    mail_columns: ["", "A", "B", "изменение"],
    mail_rows: [
        "писем",
        "получателей",
        "доставлено",
        "хоть раз отложено",
        "возвращено",
        "вышел срок",
        "ещё в очереди",
        "байтов",
    ],
    tried: "получателей, которым пытались доставить: A {0}, B {1}",
    taken: "принятых писем, отказов и неудачных входов: A {0}, B {1}",
    change_columns: ["стало", "что", "A", "доля", "B", "доля", "в … раз"],
    trends: ["новое", "исчезло", "больше", "меньше", "так же", "?"],
    provider_row: "неудачи у {0}",
    no_change: "изменений выше порога нет",
    under_floor: "ещё строк без изменений выше порога: {0}; их покажет --all",
    untold: "почта в этом направлении есть только на одной стороне, сказать ничего нельзя",
    rule: "Изменение — то, что случайно вышло бы с вероятностью ниже {0} % на все строки вместе (их {1}; \
           биномиальный критерий по доле в почте с поправкой Холма; числа поделены на размер сгустков, \
           которыми приходят неудачи), не меньше чем на {2} и в {3} раза. Исходящие и местные: получатели, \
           по одному разу на причину; входящие: строки.",
    history: "История",
    history_what: "с {0} по {1}, {2}, {3} {4}; время — UTC",
    history_empty: "История пуста.",
    history_columns: ["с", "получ.", "отложено", "возврат", "отказов", "больше всего неудач"],
    usual: "РЯДОМ С ОБЫЧНЫМ ДНЁМ: {0}",
    usual_what: "{0}, с {1} по {2} UTC, рядом с такими же днями ({3}); обычное — их медиана",
    usual_columns: ["", "в этот день", "обычно", "от – до", ""],
    traffic_rows: ["получателей, попытки", "принято писем", "получателей, попытки"],
    deviations: ["больше обычного", "меньше обычного", "как обычно", "мало дней, чтобы судить"],
    usual_none: "Ни одна из неудач не отличается от обычного.",
    usual_few: "Отклонения видны, когда таких дней в истории не меньше четырёх.",
    directions: ["исходящие", "входящие", "местные"],
    weekdays: ["ПОНЕДЕЛЬНИК", "ВТОРНИК", "СРЕДА", "ЧЕТВЕРГ", "ПЯТНИЦА", "СУББОТА", "ВОСКРЕСЕНЬЕ"],
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The places of a label that values go to.
    fn places(label: &str) -> BTreeSet<&str> {
        label.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
    }

    #[test]
    fn both_languages_say_the_same_values() {
        let of = |labels: &KeptLabels| {
            [
                labels.merged_what,
                labels.left_out,
                labels.overlap,
                labels.lost_lines,
                labels.problems,
                labels.traffic_out,
                labels.traffic_in,
                labels.side,
                labels.side_empty,
                labels.tried,
                labels.taken,
                labels.provider_row,
                labels.under_floor,
                labels.rule,
                labels.history_what,
                labels.usual,
                labels.usual_what,
            ]
        };
        for (english, russian) in of(&EN).into_iter().zip(of(&RU)) {
            assert_eq!(places(english), places(russian), "{english}");
            assert_ne!(places(english).len(), 0, "{english}");
        }
    }
}
