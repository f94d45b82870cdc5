//! Sentences and labels of explanations that are not in the data files, each in every language.
//!
//! To add one: a line in `texts!`; the words for a closed word of the knowledge base are an arm in its function.

use super::answer::NoteKind;
use crate::classify;
use crate::i18n::{Text, texts};
use crate::knowledge::{
    Level, Party, Permanence, Retry, Role, SaidAt, Speaker, Standing, Suppress, Urgency,
};
use crate::smtp::{Disposition, Stage};

texts! {
    // Labels.
    READ = "Read", "Прочитано";
    TEXT = "Text", "Текст";
    CAUSE = "Cause", "Причина";
    USUAL_CAUSE = "Mostly", "Обычно";
    WHY = "Why", "Почему";
    MEANING = "Meaning", "Значение";
    TELL = "Tell by", "Признаки";
    SEEN = "Seen", "Встречается";
    STAGE = "Stage", "Этап";
    DO_FIRST = "Do first", "Сначала";
    WHOSE = "Whose", "Чей ход";
    RETRY = "Retry", "Повтор";
    URGENCY = "Urgency", "Срочность";
    CHECK = "Check", "Проверка";
    FIX = "Do", "Делать";
    POSTFIX = "Postfix", "Postfix";
    EXIM = "Exim", "Exim";
    ASK = "Ask them", "Написать";
    NOTE = "Note", "Заметьте";
    SOURCE = "Source", "Источник";
    ELSEWHERE = "Elsewhere", "Иначе";
    UNLIKE = "Unlike", "Не путать";
    PROVIDER = "Provider", "Провайдер";
    POSTMASTER = "Postmaster", "Postmaster";
    DELISTING = "Delisting", "Исключение";
    BLOCKLIST = "List", "Список";
    CODES = "Codes", "Коды";
    DETAILS = "Kinds", "Виды";
    HOSTS = "Hosts", "Хосты";
    TOKENS = "Marks", "Приметы";
    DOMAINS = "Domains", "Домены";
    OWN_CODES = "Own codes", "Свои коды";
    ZONES = "Zones", "Зоны";
    WAY_OUT = "Way out", "Выход";
    PAGE = "Page", "Страница";
    SEE_ALSO = "See also", "См. также";

    // Headings.
    IF_THEY_SAID_IT = "If another server said it to us", "Если это сказал нам чужой сервер";
    IF_WE_SAID_IT = "If our server said it to a client", "Если это сказал клиенту наш сервер";

    // Whole sentences.
    NOTHING = "Nothing of this is known. Give a reply code (521), an enhanced status code (5.7.26), the name of a cause (null-mx), of a provider or of a blocklist, the text of a reply, or a line of a Postfix or Exim log.",
        "Ничего из этого не известно. Дайте код ответа (521), расширенный код (5.7.26), имя причины (null-mx), провайдера или чёрного списка, текст ответа или строку журнала Postfix либо Exim.";
    DID_YOU_MEAN = "Did you mean: {0}?", "Возможно, вы имели в виду: {0}?";
    NO_CODE_IN_LINE = "The log line carries no code: nobody said one.", "Кода в строке журнала нет: его никто не говорил.";
    NOTHING_FAILED = "The log line tells of no failure.", "Строка журнала не сообщает об отказе.";
    CUT = "The input was longer than {0} bytes; what lies beyond was not looked at.",
        "Вход длиннее {0} байт; что дальше, не рассматривалось.";
    IMPLIED = "The log line states no code; its phrase and stage imply {0}.",
        "Кода в строке журнала нет; по словам и этапу это {0}.";
    OWN_VERDICT = "No server said {0}: it is Postfix's own verdict (dsn=) on a failure without a reply.",
        "Ни один сервер не говорил {0}: это собственное заключение Postfix (dsn=) о сбое без ответа.";
    NOT_SMTP = "SMTP has no replies that begin with {0}.", "Ответов SMTP, начинающихся с {0}, не бывает.";
    UNKNOWN_REPLY = "{0} is not known: no standard defines it. Only its first digit can be explained.",
        "Код {0} неизвестен: ни один стандарт его не определяет. Объяснить можно только первую цифру.";
    PROVIDERS_OWN = "{0} is not in the registry: it is a provider's own code.",
        "Кода {0} в реестре нет: это собственный код провайдера.";
    UNKNOWN_ENHANCED = "{0} is not known: the registry does not have it. Only its class ({1}) and subject ({2}) can be explained.",
        "Код {0} неизвестен: в реестре его нет. Объяснить можно только класс ({1}) и тему ({2}).";
    DEPRECATED = "The registry marks {0} as deprecated: servers should not send it.",
        "В реестре код {0} помечен как устаревший: серверы не должны его отправлять.";
    ANY_CLASS = "The class was not given; this is for class {0}. Class 4 means for now, class 5 for good.",
        "Класс не указан; здесь объяснён класс {0}. Класс 4 — пока нет, класс 5 — окончательно.";
    CLASS_NOT_PERMITTED = "The registry permits {0} with class {1} only.", "Реестр допускает {0} только с классом {1}.";
    CLASS_NOT_PERMITTED_BUT_SEEN = "The registry permits {0} with class {1} only; servers send it all the same.",
        "Реестр допускает {0} только с классом {1}, но серверы всё равно так отвечают.";
    CONTRADICTION = "The codes contradict each other: {0} says {1}, {2} says {3}. Mail servers act on the reply code.",
        "Коды противоречат друг другу: {0} значит «{1}», {2} значит «{3}». Почтовые серверы действуют по коду ответа.";
    SAYS_SUCCESS = "success", "успех";
    SAYS_GO_ON = "go on", "продолжайте";
    SAYS_NOT_NOW = "not now", "пока нет";
    SAYS_NEVER = "never", "нет";
    SAYS_NOTHING = "nothing that SMTP knows", "ничего, что знает SMTP";
    MIXED_CODES = "The lines of this reply have different codes. Postfix acts on the last, Exim on the first.",
        "В строках этого ответа разные коды. Postfix действует по последнему, Exim — по первому.";
    STANDS_FOR = "It stands for {0}, written without the dots.", "Это {0}, записанный без точек.";
    CLASS = "class {0}: {1}", "класс {0}: {1}";
    UNKNOWN_CODE = "unknown code", "код неизвестен";
    READ_BY = "read by {0}", "прочитано по признаку: {0}";
    DEFINED_IN = ", defined in {0}", ", определён в {0}";
    GOES_WITH = "; goes with {0}", "; обычно с {0}";
    AT_PROVIDER = "At {0} ({1}): {2} {3}", "{0} ({1}): {2} {3}";
    WHO_CAN_ACT = "Who can act: {0}.", "Действовать может: {0}.";
    NOBODY_OR = "Mostly nobody has to act; otherwise: {0}.", "Чаще всего никому ничего делать не надо; иначе — {0}.";
    NOBODY_HAS_TO = "Nobody has to act.", "Делать никому ничего не надо.";
    MAYBE_CAUSE = "{0} ({1})", "{0} ({1})";
    CAUSE_WITH_DETAIL = "{0} ({1}): {2}", "{0} ({1}): {2}";

    // Log lines.
    LINE_POSTFIX = "Postfix log line", "строка журнала Postfix";
    LINE_EXIM = "Exim log line", "строка журнала Exim";
    LINE = "log line", "строка журнала";
    BOUNCE_POSTFIX = "words of Postfix", "слова Postfix";
    BOUNCE_EXIM = "words of Exim", "слова Exim";
    PEER_SAID_IT = "{0}: {1} said it to us", "{0}: {1} сказал это нам";
    OTHER_SAID_IT = "{0}: the other server said it to us", "{0}: это сказал нам чужой сервер";
    WE_SAID_IT_TO = "{0}: we said it to {1}", "{0}: мы сказали это клиенту {1}";
    WE_SAID_IT = "{0}: we said it to a client", "{0}: мы сказали это клиенту";
    OUR_SERVER_SAYS = "{0}: our own server says it", "{0}: это говорит наш собственный сервер";
    NOBODY_SAID_IT_PEER = "{0}: nobody said it; the other side was {1}", "{0}: этого никто не говорил; другая сторона — {1}";
    NOBODY_SAID_IT = "{0}: nobody said it", "{0}: этого никто не говорил";
    AT_STAGE = "stage: {0}", "этап: {0}";
    SENDER_IS = "sender {0}", "отправитель {0}";
    RECIPIENT_IS = "recipient {0}", "получатель {0}";
    QUEUE_ID_IS = "queue id {0}", "идентификатор в очереди {0}";

    // What became of the recipient.
    DELIVERED = "delivered", "доставлено";
    DEFERRED = "deferred", "отложено";
    BOUNCED = "bounced", "возвращено";
    EXPIRED = "expired", "срок в очереди вышел";
    REJECTED = "rejected", "отказано";
    DISCARDED = "discarded", "выброшено";
    HELD = "held", "задержано";
    DELIVERABLE = "would be accepted", "было бы принято";
    UNDELIVERABLE = "would be refused", "не было бы принято";

    // Why we think so.
    BY_USER = "A rule of your own decides: {0}.", "Решает ваше собственное правило: {0}.";
    BY_OWN = "These are the words of the mail server itself, and they mean one thing only{1} (rule {0}).",
        "Это слова самого почтового сервера, и понять их можно только так{1} (правило {0}).";
    BY_PROVIDER = "It is known what {2} means by these words{1} (rule {0}).",
        "Известно, что {2} имеет в виду под этими словами{1} (правило {0}).";
    BY_TEXT = "The words of the reply can mean one thing only{1} (rule {0}).",
        "Слова ответа можно понять только так{1} (правило {0}).";
    BY_LIST = "The text names the blocklist {0}.", "В тексте назван чёрный список {0}.";
    BY_ENHANCED = "The enhanced status code says it; no words tell more (rule {0}).",
        "Так говорит расширенный код; слова ничего не добавляют (правило {0}).";
    BY_HINT = "No rule knows this wording; it is taken by what it is about{1} (rule {0}).",
        "Такой формулировки правила не знают; судим по тому, о чём она{1} (правило {0}).";
    BY_CODE = "Only the codes speak: this is what they mostly mean, no more (rule {0}).",
        "Говорят только коды: чаще всего они значат это, не более (правило {0}).";
    BY_KIND = "The kind of the log line tells; the words add nothing.", "Это видно по виду строки журнала; слова ничего не добавляют.";
    BY_NOTHING = "Neither words nor codes tell why: an honest answer is that it is not known.",
        "Ни слова, ни коды причины не называют: честный ответ — она неизвестна.";
    QUOTED = ": “{0}”", ": «{0}»";
    THE_PROVIDER = "the provider", "провайдер";

    // Parties.
    SENDER = "the sender", "отправитель";
    RECIPIENT = "the recipient", "получатель";
    SENDING_ADMIN = "the administrator of the sending server", "администратор отправляющего сервера";
    RECEIVING_ADMIN = "the administrator of the receiving server", "администратор принимающего сервера";
    OUR_ADMIN = "we, the administrators of this server", "мы, администраторы этого сервера";
    CLIENT_ADMIN = "the administrator of the client", "администратор клиента";
    NOBODY = "nobody", "никто";
    BY_PARTY = "{0}: {1}", "{0}: {1}";
    SENDER_DOES = "The sender", "Отправитель";
    RECIPIENT_DOES = "The recipient", "Получатель";
    RECEIVING_ADMIN_DOES = "The other side", "Другая сторона";

    // Placeholders.
    DOMAIN = "the domain of the recipient", "домен получателя";
    HOST = "the name of a mail exchanger", "имя почтового сервера (MX)";
    ADDRESS = "the mail address in question", "почтовый адрес, о котором речь";
    CLIENT = "the IP address of the host that sends", "IP-адрес отправляющего хоста";
    QUEUE_ID = "the queue id of the message", "идентификатор письма в очереди";
    ENVELOPE_SENDER = "the envelope sender", "отправитель конверта";
    SENDER_DOMAIN = "the domain of the envelope sender", "домен отправителя конверта";
    ENVELOPE_RECIPIENT = "the address of the recipient", "адрес получателя";

    // Permanence.
    NO_REPLY_OF_SMTP = "not a reply of SMTP", "не ответ SMTP";
    SUCCESS = "success", "успех";
    GO_ON = "go on", "продолжайте";
    TRANSIENT = "failure for now", "временный отказ";
    PERMANENT = "permanent failure", "постоянный отказ";

    // Standing.
    STANDARD = "standard", "стандарт";
    REGISTERED = "registered number", "зарегистрированное число";
    VENDOR = "not standard: a vendor's own", "не стандарт: обычай одной программы или службы";
    FOLKLORE = "not standard: from web lists", "не стандарт: из списков в интернете";

    // Levels.
    LEVEL_PROVIDER = "the provider's own use of the code", "употребление кода у этого провайдера";
    LEVEL_PAIR = "both codes together", "оба кода вместе";
    LEVEL_ENHANCED = "the enhanced status code", "расширенный код";
    LEVEL_REPLY = "the reply code", "код ответа";
    LEVEL_SUBJECT = "class and subject only", "только класс и тема";
    LEVEL_CLASS = "the class only", "только класс";

    // Retry.
    RETRY_NOT_NEEDED = "Not needed: nothing failed.", "Не нужен: отказа не было.";
    RETRY_WAIT = "Yes: the queue does it by itself.", "Да: очередь повторит сама.";
    RETRY_SLOWER = "Yes, but more slowly.", "Да, но медленнее.";
    RETRY_AFTER_REPAIR = "Only after the cause has been mended.", "Только когда причина устранена.";
    RETRY_NO = "No: the same mail will be refused again.", "Нет: то же письмо снова не примут.";
    RETRY_READ_TEXT = "It depends: the text of the reply tells.", "По-разному: скажет текст ответа.";

    // Suppress.
    SUPPRESS_NEVER = "Keep the address: this says nothing about it.", "Адрес из рассылок не убирайте: о нём это ничего не говорит.";
    SUPPRESS_AFTER_REPEATED = "Take the address off mailing lists if this goes on for weeks.",
        "Уберите адрес из рассылок, если это длится неделями.";
    SUPPRESS_AT_ONCE = "Take the address off mailing lists.", "Уберите адрес из рассылок.";
    SUPPRESS_READ_TEXT = "Whether to take the address off mailing lists depends on the text.",
        "Убирать ли адрес из рассылок, зависит от текста.";

    // Urgency.
    URGENCY_NOTE = "none: note it, no more", "никакой: примите к сведению";
    URGENCY_WATCH = "watch whether it grows", "следите, не растёт ли";
    URGENCY_TODAY = "look at it today", "разберитесь сегодня";
    URGENCY_NOW = "look at it now: much mail may hang on it", "разберитесь сейчас: может стоять много почты";

    // Stages that are not the name of a command.
    ANY_STAGE = "any", "любой";
    CONNECT = "connect", "соединение";
    END_OF_MESSAGE = "end of message", "конец письма";
    OTHER_STAGE = "another command", "другая команда";
    TIMEOUT_STAGE = "the client was silent", "клиент молчал";

    // Speakers.
    SPEAKER_SERVER = "the server of the session", "сервер, с которым идёт сессия";
    SPEAKER_RELAY = "a relay that looked into DNS for its client", "сервер пересылки, посмотревший в DNS за клиента";
    SPEAKER_OWN_MTA = "the sending mail server, in its own log", "отправляющий сервер, в своём журнале";
    SPEAKER_SERVICE = "a sending service, in its reports", "служба рассылки, в своих отчётах";
    SPEAKER_SYSTEM = "the client's operating system", "операционная система клиента";

    // Providers and lists.
    KEEPS_MAILBOXES = "keeps mailboxes", "хранит ящики";
    FILTERS = "filters mail for domains that keep it elsewhere", "фильтрует почту для доменов, которые хранят её в другом месте";
    LISTS_IP = "lists addresses of sending hosts", "содержит адреса отправляющих хостов";
    LISTS_DOMAIN = "lists domains and links", "содержит домены и ссылки";
    LIST_CLOSED = "closed: it answers no more", "закрыт: больше не отвечает";
    LIST_ACTIVE = "active", "действует";
}

/// What a placeholder's word stands for.
pub(crate) const fn stands_for(word: &str) -> Option<Text> {
    Some(match word.as_bytes() {
        b"DOMAIN" => DOMAIN,
        b"HOST" => HOST,
        b"ADDRESS" => ADDRESS,
        b"CLIENT" => CLIENT,
        b"QUEUE_ID" => QUEUE_ID,
        b"SENDER" => ENVELOPE_SENDER,
        b"SENDER_DOMAIN" => SENDER_DOMAIN,
        b"RECIPIENT" => ENVELOPE_RECIPIENT,
        _ => return None,
    })
}

/// What a first digit says, in two words.
pub(super) const fn for_how_long(class: u8) -> Text {
    match class {
        2 => SAYS_SUCCESS,
        3 => SAYS_GO_ON,
        4 => SAYS_NOT_NOW,
        5 => SAYS_NEVER,
        _ => SAYS_NOTHING,
    }
}

/// What a class means for the queue.
pub(crate) const fn permanence(permanence: Permanence) -> Text {
    match permanence {
        Permanence::Preliminary | Permanence::NoSmtp => NO_REPLY_OF_SMTP,
        Permanence::Success => SUCCESS,
        Permanence::Intermediate => GO_ON,
        Permanence::Transient => TRANSIENT,
        Permanence::Permanent => PERMANENT,
    }
}

/// How far to trust a code.
pub(crate) const fn standing(standing: Standing) -> Text {
    match standing {
        Standing::Standard => STANDARD,
        Standing::Registered => REGISTERED,
        Standing::Vendor => VENDOR,
        Standing::Folklore => FOLKLORE,
    }
}

/// What decided a meaning.
pub(super) const fn level(level: Level) -> Text {
    match level {
        Level::Provider => LEVEL_PROVIDER,
        Level::Pair => LEVEL_PAIR,
        Level::Enhanced => LEVEL_ENHANCED,
        Level::Reply => LEVEL_REPLY,
        Level::Subject => LEVEL_SUBJECT,
        Level::Class => LEVEL_CLASS,
    }
}

/// Whether sending again helps.
pub(crate) const fn retry(retry: Retry) -> Text {
    match retry {
        Retry::NotNeeded => RETRY_NOT_NEEDED,
        Retry::Wait => RETRY_WAIT,
        Retry::Slower => RETRY_SLOWER,
        Retry::AfterRepair => RETRY_AFTER_REPAIR,
        Retry::No => RETRY_NO,
        Retry::ReadText => RETRY_READ_TEXT,
    }
}

/// Whether the address may be taken off a list.
pub(crate) const fn suppress(suppress: Suppress) -> Text {
    match suppress {
        Suppress::Never => SUPPRESS_NEVER,
        Suppress::AfterRepeated => SUPPRESS_AFTER_REPEATED,
        Suppress::AtOnce => SUPPRESS_AT_ONCE,
        Suppress::ReadText => SUPPRESS_READ_TEXT,
    }
}

/// How soon somebody has to look.
pub(crate) const fn urgency(urgency: Urgency) -> Text {
    match urgency {
        Urgency::Note => URGENCY_NOTE,
        Urgency::Watch => URGENCY_WATCH,
        Urgency::Today => URGENCY_TODAY,
        Urgency::Now => URGENCY_NOW,
    }
}

/// Who can act, seen by nobody in particular.
pub(crate) const fn party(party: Party) -> Text {
    match party {
        Party::Sender => SENDER,
        Party::Recipient => RECIPIENT,
        Party::OwnAdmin => SENDING_ADMIN,
        Party::RemoteAdmin => RECEIVING_ADMIN,
        Party::Nobody => NOBODY,
    }
}

/// Who can act, where it is known who sits here: `inbound` when a client was refused.
pub(super) const fn party_here(of: Party, inbound: bool) -> Text {
    match of {
        Party::OwnAdmin => OUR_ADMIN,
        Party::RemoteAdmin if inbound => CLIENT_ADMIN,
        other => party(other),
    }
}

/// Who carries a remedy out, at the head of a sentence; `None` where it is the reader.
pub(super) const fn party_does(party: Party) -> Option<Text> {
    match party {
        Party::Sender => Some(SENDER_DOES),
        Party::Recipient => Some(RECIPIENT_DOES),
        Party::RemoteAdmin => Some(RECEIVING_ADMIN_DOES),
        Party::OwnAdmin | Party::Nobody => None,
    }
}

/// Where in a session a code is said. The names of commands are the same in every language.
pub(crate) const fn said_at(said_at: SaidAt) -> Text {
    const fn name(name: &'static str) -> Text {
        Text { en: name, ru: name }
    }
    match said_at {
        SaidAt::Any => ANY_STAGE,
        SaidAt::Connect => CONNECT,
        SaidAt::Ehlo => name("EHLO"),
        SaidAt::StartTls => name("STARTTLS"),
        SaidAt::Auth => name("AUTH"),
        SaidAt::Mail => name("MAIL FROM"),
        SaidAt::Rcpt => name("RCPT TO"),
        SaidAt::Data => name("DATA"),
        SaidAt::Bdat => name("BDAT"),
        SaidAt::EndOfData => END_OF_MESSAGE,
        SaidAt::Rset => name("RSET"),
        SaidAt::Noop => name("NOOP"),
        SaidAt::Help => name("HELP"),
        SaidAt::Quit => name("QUIT"),
        SaidAt::Vrfy => name("VRFY"),
        SaidAt::Expn => name("EXPN"),
        SaidAt::Etrn => name("ETRN"),
        SaidAt::Atrn => name("ATRN"),
    }
}

/// Where in a session a log line was written.
pub(super) const fn stage(stage: Stage) -> Text {
    match stage {
        Stage::Connect => CONNECT,
        Stage::Ehlo => said_at(SaidAt::Ehlo),
        Stage::StartTls => said_at(SaidAt::StartTls),
        Stage::Auth => said_at(SaidAt::Auth),
        Stage::Mail => said_at(SaidAt::Mail),
        Stage::Rcpt => said_at(SaidAt::Rcpt),
        Stage::Data => said_at(SaidAt::Data),
        Stage::EndOfData => END_OF_MESSAGE,
        Stage::Other => OTHER_STAGE,
        Stage::Timeout => TIMEOUT_STAGE,
    }
}

/// What became of the recipient.
pub(super) const fn disposition(disposition: Disposition) -> Text {
    match disposition {
        Disposition::Delivered => DELIVERED,
        Disposition::Deferred => DEFERRED,
        Disposition::Bounced => BOUNCED,
        Disposition::Expired => EXPIRED,
        Disposition::Rejected => REJECTED,
        Disposition::Discarded => DISCARDED,
        Disposition::Held => HELD,
        Disposition::Deliverable => DELIVERABLE,
        Disposition::Undeliverable => UNDELIVERABLE,
    }
}

/// Who says a code.
pub(crate) const fn speaker(speaker: Speaker) -> Text {
    match speaker {
        Speaker::Server => SPEAKER_SERVER,
        Speaker::Relay => SPEAKER_RELAY,
        Speaker::OwnMta => SPEAKER_OWN_MTA,
        Speaker::Service => SPEAKER_SERVICE,
        Speaker::System => SPEAKER_SYSTEM,
    }
}

/// What a provider does.
pub(super) const fn role(role: Role) -> Text {
    match role {
        Role::Mailboxes => KEEPS_MAILBOXES,
        Role::Filter => FILTERS,
    }
}

/// Why we think so. `{0}` is the rule or the list, `{1}` the quotation, `{2}` the provider.
pub(super) const fn basis(level: classify::Level) -> Text {
    match level {
        classify::Level::User => BY_USER,
        classify::Level::Own => BY_OWN,
        classify::Level::Provider => BY_PROVIDER,
        classify::Level::Text => BY_TEXT,
        classify::Level::List => BY_LIST,
        classify::Level::Enhanced => BY_ENHANCED,
        classify::Level::Hint => BY_HINT,
        classify::Level::Code => BY_CODE,
        classify::Level::Kind => BY_KIND,
        classify::Level::Nothing => BY_NOTHING,
    }
}

/// The sentence of a note.
pub(super) const fn note(kind: NoteKind) -> Text {
    match kind {
        NoteKind::UnknownReply => UNKNOWN_REPLY,
        NoteKind::UnknownEnhanced => UNKNOWN_ENHANCED,
        NoteKind::ProvidersOwn => PROVIDERS_OWN,
        NoteKind::Contradiction => CONTRADICTION,
        NoteKind::ClassNotPermitted => CLASS_NOT_PERMITTED,
        NoteKind::AnyClass => ANY_CLASS,
        NoteKind::NotSmtp => NOT_SMTP,
        NoteKind::StandsFor => STANDS_FOR,
        NoteKind::Deprecated => DEPRECATED,
        NoteKind::MixedCodes => MIXED_CODES,
        NoteKind::Implied => IMPLIED,
        NoteKind::OwnVerdict => OWN_VERDICT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_in_every_language() {
        for &(name, text) in ALL {
            // Names of programs, and what only puts values together.
            if ["POSTFIX", "EXIM", "POSTMASTER"].contains(&name) {
                continue;
            }
            assert_eq!(text.flaw(), None, "{name}: {text:?}");
        }
    }
}
