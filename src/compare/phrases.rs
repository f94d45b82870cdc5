//! Sentences and labels of comparisons, each in every language.
//!
//! In the sentences `{0}` and `{1}` are label and name of the first, `{2}` and `{3}` those of the second. Names
//! stand in brackets or quotation marks, so that no language has to inflect them.

use crate::i18n::{Text, texts};
use crate::knowledge::{Party, Permanence, Retry, Suppress, Urgency};

texts! {
    // Page.
    TITLE = "what sets them apart", "в чём разница";
    TITLE_SAME = "one code", "один код";
    AND = "{0} and {1}", "{0} и {1}";
    POINTS = "Point by point", "По пунктам";
    ALIKE = "In both", "Общее";
    MEANING = "Meaning", "Значение";
    SEEN = "Seen", "Встречается";
    TELL = "Tell by", "Признаки";
    AS_ABOVE = "As above.", "То же.";
    DO = "Do", "Делать";
    CHECK = "Check", "Проверка";
    CHOOSE = "When to use which", "Когда какой";
    SOURCES = "Sources", "Источники";
    DID_YOU_MEAN = "Did you mean: {0}?", "Возможно, вы имели в виду: {0}?";

    // Points.
    CLASS = "Class", "Класс";
    SUBJECT = "About", "О чём";
    QUEUE = "Queue", "Очередь";
    SPEAKER = "Who speaks", "Кто говорит";
    STAGE = "Stage", "Этап";
    RETRY = "Retry", "Повтор";
    ADDRESS = "Address", "Адрес";
    WHOSE = "Whose move", "Чей ход";
    URGENCY = "Urgency", "Срочность";
    STANDING = "Standing", "Статус";

    // Values.
    QUEUE_NOTHING = "has nothing to do", "ничего не делает";
    QUEUE_GOES_ON = "goes on with the session", "продолжает сессию";
    QUEUE_RETRIES = "keeps the mail, tries again", "держит письмо и повторяет";
    QUEUE_GIVES_UP = "gives up, the mail goes back", "сдаётся, письмо возвращается";
    QUEUE_NONE = "takes no part", "ни при чём";
    RETRY_NOT_NEEDED = "not needed", "не нужен";
    RETRY_WAIT = "by the queue itself", "очередь сделает сама";
    RETRY_SLOWER = "more slowly", "медленнее";
    RETRY_AFTER_REPAIR = "after the repair", "после исправления";
    RETRY_NO = "useless", "бесполезен";
    RETRY_READ_TEXT = "the text tells", "скажет текст";
    ADDRESS_KEEP = "stays on lists", "остаётся в рассылках";
    ADDRESS_LATER = "off lists if it lasts for weeks", "убрать, если длится неделями";
    ADDRESS_OFF = "off lists at once", "убрать из рассылок сразу";
    ADDRESS_TEXT = "the text tells", "скажет текст";

    SENDER = "sender", "отправитель";
    RECIPIENT = "recipient", "получатель";
    SENDING_SIDE = "sending server", "отправляющий сервер";
    RECEIVING_SIDE = "receiving server", "принимающий сервер";
    NOBODY = "nobody", "никто";
    URGENCY_NONE = "none", "никакой";
    URGENCY_WATCH = "watch it", "следить";
    URGENCY_TODAY = "today", "сегодня";
    URGENCY_NOW = "at once", "сейчас же";

    // When it is seen, where a record does not say.
    SEEN_AT = "At {0}.", "На этапе: {0}.";
    SEEN_AT_WITH = "At {0}, behind {1}.", "На этапе: {0}; после {1}.";
    SEEN_ANYWHERE = "At any stage.", "На любом этапе.";
    SEEN_ANYWHERE_WITH = "At any stage, behind {0}.", "На любом этапе, после {0}.";
    SEEN_IN_OWN_LOG = "In the sending server's own log and bounces; no other server said it.",
        "В журнале и возвратах самого отправляющего сервера; чужой сервер этого не говорил.";

    // What cannot be compared.
    NOT_COMPARABLE = "neither a code nor a cause", "не код и не причина";
    NOT_COMPARABLE_HINT = "Give a reply code (521), an enhanced status code (5.7.26), both together ('550 5.7.1'), or the name of a cause (mailbox-full).",
        "Дайте код ответа (521), расширенный код (5.7.26), оба вместе ('550 5.7.1') или имя причины (mailbox-full).";

    // What separates two.
    SAME = "It is the same twice: there is nothing to tell apart. What it means stands below.",
        "Это одно и то же: различать нечего. Что оно значит, сказано ниже.";
    UNKNOWN = "{0} is not known: no standard, registry or provider that we know defines it. Of it only the first digit can be compared.",
        "{0} неизвестен: его не определяет ни один известный нам стандарт, реестр или провайдер. Сравнить можно только первую цифру.";
    NEITHER = "{0} is neither a code nor the name of a cause.", "{0} — не код и не имя причины.";
    ONE_CLASS = "The first digits of {0} and {2} agree ({1}), so a mail server treats both alike.",
        "Первые цифры {0} и {2} согласны ({1}), так что почтовый сервер поступит с ними одинаково.";
    TWO_CLASSES = "The first digits differ: {0} means {1}, {2} means {3}.",
        "Первые цифры разные: {0} — {1}, {2} — {3}.";
    GOOD_AND_NEVER = "These two never compete. {0} is good news ({1}): nothing has failed. {2} is a refusal for good ({3}).",
        "Эти два кода не соперничают никогда. {0} — хорошая весть («{1}»): ничего не сломано. {2} — окончательный отказ («{3}»).";
    GOOD_AND_NOT_NOW = "These two never compete. {0} is good news ({1}): nothing has failed. {2} is a refusal for now ({3}), and the queue tries again.",
        "Эти два кода не соперничают никогда. {0} — хорошая весть («{1}»): ничего не сломано. {2} — отказ на время («{3}»), очередь повторит.";
    STEP_AND_NEVER = "These two never compete. {0} is a step on the way ({1}): the server waits for more. {2} is a refusal for good ({3}).",
        "Эти два кода не соперничают никогда. {0} — шаг на пути («{1}»): сервер ждёт продолжения. {2} — окончательный отказ («{3}»).";
    STEP_AND_NOT_NOW = "These two never compete. {0} is a step on the way ({1}): the server waits for more. {2} is a refusal for now ({3}), and the queue tries again.",
        "Эти два кода не соперничают никогда. {0} — шаг на пути («{1}»): сервер ждёт продолжения. {2} — отказ на время («{3}»), очередь повторит.";
    NO_REPLY = "These two never compete. {0} ({1}) is no reply of a mail server: it comes from {4}. {2} ({3}) is said in an SMTP session.",
        "Эти два кода не соперничают никогда. {0} («{1}») — не ответ почтового сервера: источник — {4}. {2} («{3}») говорят в сессии SMTP.";
    SOME_PROGRAM = "some program", "какая-то программа";
    MOMENTS = "These two never compete: both are good news, said at different moments. {0} ({1}) belongs to: {4}. {2} ({3}) belongs to: {5}.",
        "Эти два кода не соперничают никогда: оба — хорошая весть, но в разное время. {0} («{1}») — этап: {4}. {2} («{3}») — этап: {5}.";
    BOTH_GOOD = "Both say that all is well. {0}: {1}. {2}: {3}.",
        "Оба говорят, что всё хорошо. {0}: {1}. {2}: {3}.";
    SAME_MATTER = "The same matter, for now and for good: with {0} the queue tries again, with {2} the mail goes back at once.",
        "Речь об одном, на время и окончательно: с {0} очередь повторяет, с {2} письмо сразу возвращается.";
    NOW_AND_NEVER = "Two matters and two outcomes. {0} ({1}) is for now: the queue tries again. {2} ({3}) is for good: the mail goes back to its sender.",
        "Разные дела и разный исход. {0} («{1}») — на время: очередь повторит. {2} («{3}») — окончательно: письмо вернётся отправителю.";
    LAYERS = "These are no alternatives but two parts of a reply. {0} ({1}) is a reply code: by it the mail server acts. {2} ({3}) is an enhanced status code: it tells why.",
        "Это не варианты, а две части ответа. {0} («{1}») — код ответа: по нему действует почтовый сервер. {2} («{3}») — расширенный код: он говорит почему.";
    LAYERS_TOGETHER = "They are often seen together, as `{0} {1}`.", "Их часто видят вместе: `{0} {1}`.";
    LAYERS_POSSIBLE = "In one reply they would read `{0} {1}`.", "В одном ответе это выглядело бы так: `{0} {1}`.";
    LAYERS_CONTRADICT = "In one reply they would contradict each other, and the mail server would act by {0}.",
        "В одном ответе они противоречили бы друг другу, и почтовый сервер действовал бы по {0}.";
    LAYERS_UNSAID = "But {0} stands in logs and reports only: no server sends it in a reply, so the two do not meet in one.",
        "Но {0} стоит только в журналах и отчётах: ни один сервер его в ответе не отправляет, так что в одном ответе они не встречаются.";
    LAYERS_BOTH_UNSAID = "But both {0} and {1} stand in logs and reports only: no server sends them in a reply.",
        "Но и {0}, и {1} стоят только в журналах и отчётах: ни один сервер их в ответе не отправляет.";
    CODE_AND_CAUSE = "{0} ({1}) is what a server says; {2} ({3}) is why it says so. One code may have many causes, and one cause many codes.",
        "{0} («{1}») — что говорит сервер; {2} («{3}») — почему. У одного кода бывает много причин, а у одной причины много кодов.";
    CAUSES = "Two causes. {0}: {1}. {2}: {3}.", "Две причины. {0}: {1}. {2}: {3}.";
    MATTERS_FOR_GOOD = "Both refuse for good; the matter differs. {0}: {1}. {2}: {3}.",
        "Оба отказывают окончательно, но дело в разном. {0}: {1}. {2}: {3}.";
    MATTERS_FOR_NOW = "With both the mail waits in the queue; the matter differs. {0}: {1}. {2}: {3}.",
        "С обоими письмо ждёт в очереди, но дело в разном. {0}: {1}. {2}: {3}.";
    MATTERS_NO_SMTP = "Neither is a reply of SMTP. {0}: {1}. {2}: {3}.",
        "Ни тот, ни другой не ответ SMTP. {0}: {1}. {2}: {3}.";
    OTHERS_MOVE = "The first move is another's: with {0} {1}, with {2} {3}.",
        "Первый ход за разными: при {0} это {1}, при {2} — {3}.";
    SAME_MOVE = "What follows is the same: the first move is for {0}, and what to do about retries and the address does not differ.",
        "Последствия одинаковы: первый ход делает {0}, с повторами и с адресом поступают одинаково.";

    // When to use which.
    CHOOSE_NEVER = "A server never has to choose between them.", "Выбирать между ними серверу не приходится.";
    CHOOSE_BOTH = "Answer with both: first {0}, behind it {2}, then words that name the reason.",
        "Отвечайте обоими: сначала {0}, за ним {2}, потом слова с причиной.";
    CHOOSE_APART = "Never send {0} and {2} in one reply: the first digits have to agree.",
        "Не отправляйте {0} и {2} в одном ответе: первые цифры должны совпадать.";
    CHOOSE_REGISTRY = "Where a reply needs {0}, put {1} in front of it: so the registry has it, not with {2}.",
        "Если в ответе нужен {0}, ставьте перед ним {1}: так в реестре, а не с {2}.";
    CHOOSE_NOT_THIS = "Put a code of the standard in front of {2}: {0} is in none, and programs see no more of it than its first digit.",
        "Ставьте перед {2} код из стандарта: {0} в стандартах нет, и программы видят только его первую цифру.";
    CHOOSE_BY_REASON = "On a server of your own the reason decides between {0} and {2}; the first digit then decides whether the client keeps the mail or sends it back.",
        "На своём сервере между {0} и {2} решает причина, а первая цифра — оставит ли клиент письмо в очереди или вернёт.";
    CHOOSE_ONLY = "A server answers only {0}; {2} is what others write about a session, and nobody sends it.",
        "Ответить сервер может только {0}; {2} пишут о сессии другие, его никто не отправляет.";
    CHOOSE_NEITHER = "Use neither: no standard has them, and programs see no more than their first digit.",
        "Не берите ни один: в стандартах их нет, и программы видят только первую цифру.";
    CHOOSE_STANDARD = "Use {0} if either fits: {2} is in no standard, and programs see no more of it than its first digit.",
        "Если подходит, берите {0}: {2} нет в стандартах, и программы видят только его первую цифру.";
    CHOOSE_BY_NAME = "On a server of your own take the one whose name fits the reason, and write the reason into the text as well: programs act by the code, people by the text.",
        "На своём сервере берите тот, чьё название подходит к причине, и напишите причину в тексте: программы действуют по коду, люди — по тексту.";
    CHOOSE_BY_HOPE = "On a server of your own answer {0} as long as the answer may change by itself, and {2} once it will not: a deferral that never ends only delays the bounce.",
        "На своём сервере отвечайте {0}, пока ответ может измениться сам, и {2}, когда уже не изменится: вечная отсрочка лишь задерживает возврат.";
}

/// What the queue does.
pub(super) const fn queue(permanence: Permanence) -> Text {
    match permanence {
        Permanence::Success => QUEUE_NOTHING,
        Permanence::Intermediate => QUEUE_GOES_ON,
        Permanence::Transient => QUEUE_RETRIES,
        Permanence::Permanent => QUEUE_GIVES_UP,
        Permanence::Preliminary | Permanence::NoSmtp => QUEUE_NONE,
    }
}

/// Whether sending again helps, in a few words.
pub(super) const fn retry(retry: Retry) -> Text {
    match retry {
        Retry::NotNeeded => RETRY_NOT_NEEDED,
        Retry::Wait => RETRY_WAIT,
        Retry::Slower => RETRY_SLOWER,
        Retry::AfterRepair => RETRY_AFTER_REPAIR,
        Retry::No => RETRY_NO,
        Retry::ReadText => RETRY_READ_TEXT,
    }
}

/// What becomes of the address, in a few words.
pub(super) const fn suppress(suppress: Suppress) -> Text {
    match suppress {
        Suppress::Never => ADDRESS_KEEP,
        Suppress::AfterRepeated => ADDRESS_LATER,
        Suppress::AtOnce => ADDRESS_OFF,
        Suppress::ReadText => ADDRESS_TEXT,
    }
}

/// Who can act, in a word or two.
pub(super) const fn party(party: Party) -> Text {
    match party {
        Party::Sender => SENDER,
        Party::Recipient => RECIPIENT,
        Party::OwnAdmin => SENDING_SIDE,
        Party::RemoteAdmin => RECEIVING_SIDE,
        Party::Nobody => NOBODY,
    }
}

/// How soon somebody has to look, in a word or two.
pub(super) const fn urgency(urgency: Urgency) -> Text {
    match urgency {
        Urgency::Note => URGENCY_NONE,
        Urgency::Watch => URGENCY_WATCH,
        Urgency::Today => URGENCY_TODAY,
        Urgency::Now => URGENCY_NOW,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_in_every_language() {
        for &(name, text) in ALL {
            assert_eq!(text.flaw(), None, "{name}: {text:?}");
        }
    }
}
