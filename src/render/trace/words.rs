//! What the text of a trace says, in each language.

use crate::correlate::Fate;
use crate::i18n::Language;
use crate::trace::{KeyKind, Missing, StepKind};

/// The sentences of one language; `{0}`, `{1}` … are filled in.
pub(super) struct Words {
    pub(super) found: &'static str,
    pub(super) found_at_least: &'static str,
    pub(super) nothing: &'static str,
    pub(super) looked_through: &'static str,
    pub(super) earlier: &'static str,
    pub(super) refusals: &'static str,
    pub(super) earlier_refusals: &'static str,
    pub(super) not_followed: &'static str,
    pub(super) filter: &'static str,
    pub(super) from: &'static str,
    pub(super) null_sender: &'static str,
    pub(super) unknown_sender: &'static str,
    pub(super) through: &'static str,
    pub(super) login: &'static str,
    pub(super) local: &'static str,
    pub(super) by_this_server: &'static str,
    pub(super) id: &'static str,
    pub(super) to: &'static str,
    pub(super) told: &'static str,
    pub(super) alias: &'static str,
    pub(super) after: &'static str,
    pub(super) tries: &'static str,
    pub(super) since_first_try: &'static str,
    pub(super) untried: &'static str,
    pub(super) recipients_left_out: &'static str,
    pub(super) steps_left_out: &'static str,
    pub(super) not_in_the_log: &'static str,
    pub(super) at: &'static str,
    pub(super) client: &'static str,
    pub(super) sender: &'static str,
    pub(super) as_id: &'static str,
    pub(super) of_id: &'static str,
    pub(super) move_of: &'static str,
    pub(super) times: &'static str,
    pub(super) on: &'static str,
    pub(super) notification: &'static str,
    pub(super) delay_notice: &'static str,
    pub(super) non_delivery: &'static str,
    pub(super) success_notice: &'static str,
    pub(super) postmaster_notice: &'static str,
}

pub(super) const fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &EN,
        Language::Ru => &RU,
    }
}

static EN: Words = Words {
    found: "Messages found for {1}: {0}.",
    found_at_least: "Messages found for {1}: at least {0}.",
    nothing: "Nothing found for {0}.",
    looked_through: "Log: {0}, from {1} to {2}.",
    earlier: "{0} earlier are not shown; --limit N shows more, --since and other filters narrow down.",
    refusals: "WITHOUT A QUEUE ID: refusals, failed logins and the like ({0})",
    earlier_refusals: "{0} earlier lines are not shown; --limit N shows more.",
    not_followed: "Further queue ids are named and were not followed: {0}.",
    filter: "Filter: {0}",
    from: "from",
    null_sender: "<> (a notification)",
    unknown_sender: "not in the log",
    through: "through {0}",
    login: "login {0}",
    local: "from a program on this machine",
    by_this_server: "written by this mail server",
    id: "id",
    to: "to",
    told: "notice",
    alias: " (for {0})",
    after: " {0} after arrival",
    tries: ", {0} tries",
    since_first_try: " {0} after the first try",
    untried: "{0} more, not tried in this log",
    recipients_left_out: "{0} more recipients, not kept",
    steps_left_out: "{0} more lines about it, not kept.",
    not_in_the_log: "Not in the log: {0}.",
    at: " at {0}",
    client: " from {0}",
    sender: " sender {0}",
    as_id: " as {0}",
    of_id: ", made of {0}",
    move_of: "{0}; who must act: {1}",
    times: " ({0} times)",
    on: " on {0}",
    notification: "notification",
    delay_notice: "notice of the delay",
    non_delivery: "notice of non-delivery",
    success_notice: "notice of success",
    postmaster_notice: "notice to the postmaster",
};

static RU: Words = Words {
    found: "По запросу {1} найдено писем: {0}.",
    found_at_least: "По запросу {1} найдено писем: не меньше {0}.",
    nothing: "По запросу {0} ничего не найдено.",
    looked_through: "Журнал: {0}, с {1} по {2}.",
    earlier: "Более ранние письма не показаны: {0}. --limit N покажет больше, --since и другие фильтры сузят поиск.",
    refusals: "БЕЗ НОМЕРА В ОЧЕРЕДИ: отказы, неудачные входы и подобное ({0})",
    earlier_refusals: "Более ранние строки не показаны: {0}. --limit N покажет больше.",
    not_followed: "В журнале названы и другие номера, за ними не следили: {0}.",
    filter: "Фильтр: {0}",
    from: "от",
    null_sender: "<> (уведомление)",
    unknown_sender: "в журнале не назван",
    through: "через {0}",
    login: "логин {0}",
    local: "от программы на этой машине",
    by_this_server: "написано самим сервером",
    id: "id",
    to: "кому",
    told: "отчёт",
    alias: " (для {0})",
    after: " через {0} после приёма",
    tries: ", попыток: {0}",
    since_first_try: " через {0} после первой попытки",
    untried: "ещё {0}: попыток в журнале нет",
    recipients_left_out: "ещё получателей, не сохранены: {0}",
    steps_left_out: "Ещё строк об этом письме, не сохранены: {0}.",
    not_in_the_log: "В журнале нет: {0}.",
    at: " на {0}",
    client: " от {0}",
    sender: " отправитель {0}",
    as_id: " под номером {0}",
    of_id: ", из письма {0}",
    move_of: "{0}; чей ход: {1}",
    times: " (раз: {0})",
    on: " на {0}",
    notification: "уведомление",
    delay_notice: "уведомление о задержке",
    non_delivery: "уведомление о недоставке",
    success_notice: "уведомление о доставке",
    postmaster_notice: "уведомление постмастеру",
};

/// What a line says.
pub(super) const fn step(kind: StepKind, language: Language) -> &'static str {
    let (en, ru) = match kind {
        StepKind::Arrived => ("arrived", "принято"),
        StepKind::MessageId => ("Message-ID", "Message-ID"),
        StepKind::Queued => ("in the active queue", "в активной очереди"),
        StepKind::Delivered => ("delivered", "доставлено"),
        StepKind::HandedOver => ("given to a content filter:", "отдано контент-фильтру:"),
        StepKind::Deferred => ("deferred", "отложено"),
        StepKind::Bounced => ("refused for good", "окончательный отказ"),
        StepKind::Expired => ("given up, too long in the queue", "срок в очереди вышел"),
        StepKind::Tried => ("tried", "попытка"),
        StepKind::Postponed => ("not tried now", "пока без попытки"),
        StepKind::HostReply => ("one host said", "ответ одного из узлов"),
        StepKind::Rejected => ("we refused", "мы отказали"),
        StepKind::Warned => ("we would have refused", "мы отказали бы"),
        StepKind::LoginFailed => ("login failed", "неудачный вход"),
        StepKind::Session => ("session broken off", "сеанс оборван"),
        StepKind::Probe => ("address probed", "проверка адреса"),
        StepKind::Discarded => ("accepted and thrown away", "принято и выброшено"),
        StepKind::Held => ("put on hold", "задержано (hold)"),
        StepKind::Released => ("released", "отпущено"),
        StepKind::Notified => ("notification written", "написано уведомление"),
        StepKind::Done => ("left the queue", "вышло из очереди"),
        StepKind::Removed => ("removed by an administrator", "удалено вручную"),
        StepKind::Cancelled => ("transaction broken off, no message", "транзакция без письма"),
    };
    choose(language, en, ru)
}

/// What became of a recipient.
pub(super) const fn fate(fate: Fate, language: Language) -> &'static str {
    let (en, ru) = match fate {
        Fate::Delivered => ("delivered", "доставлено"),
        Fate::Queued => ("still queued when the log ends", "в конце журнала ещё в очереди"),
        Fate::Bounced => ("returned to the sender", "возвращено отправителю"),
        Fate::Expired => ("given up, too long in the queue", "срок в очереди вышел"),
        Fate::Discarded => ("accepted and thrown away", "принято и выброшено"),
        Fate::Held => ("on hold when the log ends", "в конце журнала задержано (hold)"),
        Fate::Removed => ("removed by an administrator", "удалено вручную"),
        Fate::Unknown => ("outcome not in the log", "исхода в журнале нет"),
        Fate::HandedOver => ("given to a content filter", "отдано контент-фильтру"),
    };
    choose(language, en, ru)
}

/// What is not in the log.
pub(super) const fn missing(missing: Missing, language: Language) -> &'static str {
    let (en, ru) = match missing {
        Missing::Arrival => ("its arrival", "приёма письма"),
        Missing::FilteredMessage => {
            ("what the next hop made of it", "того, что с ним сделал следующий узел")
        }
        Missing::Notification => ("what became of the notification", "судьбы уведомления"),
        Missing::StillQueued => (
            "its end: the log ends while it is queued",
            "конца: журнал кончается, письмо в очереди",
        ),
        Missing::IdUsedAgain => {
            ("its end: the queue id began another message", "конца: номер достался другому письму")
        }
        Missing::Silent => {
            ("its end: a week without a line about it", "конца: неделю ни строки о письме")
        }
        Missing::Outcome => ("the outcome for each recipient", "исхода для каждого получателя"),
    };
    choose(language, en, ru)
}

/// In what a key was found.
pub(super) const fn kind(kind: KeyKind, language: Language) -> &'static str {
    let (en, ru) = match kind {
        KeyKind::QueueId => ("queue id", "номер в очереди"),
        KeyKind::MessageId => ("Message-ID", "Message-ID"),
        KeyKind::Sender => ("sender", "отправитель"),
        KeyKind::Recipient => ("recipient", "получатель"),
        KeyKind::Domain => ("domain", "домен"),
        KeyKind::Client => ("client", "клиент"),
        KeyKind::User => ("login", "логин"),
    };
    choose(language, en, ru)
}

const fn choose(language: Language, en: &'static str, ru: &'static str) -> &'static str {
    match language {
        Language::En => en,
        Language::Ru => ru,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn russian_is_said_in_russian() {
        let russian = |text: &str| text.chars().any(|c| ('а'..='я').contains(&c));
        let same_in_both = ["Message-ID"];
        let texts = StepKind::ALL
            .iter()
            .map(|s| [step(*s, Language::En), step(*s, Language::Ru)])
            .chain(Fate::ALL.iter().map(|f| [fate(*f, Language::En), fate(*f, Language::Ru)]))
            .chain(
                Missing::ALL.iter().map(|m| [missing(*m, Language::En), missing(*m, Language::Ru)]),
            )
            .chain(KeyKind::ALL.iter().map(|k| [kind(*k, Language::En), kind(*k, Language::Ru)]));
        for [en, ru] in texts {
            assert!(!russian(en), "{en}");
            assert!(russian(ru) || same_in_both.contains(&ru), "{ru}");
        }
    }
}
