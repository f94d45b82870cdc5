//! Sentences and labels of checks, each in every language.

use super::finding::Severity;
use crate::i18n::{Text, texts};
use crate::knowledge::Party;

texts! {
    // Page.
    ASKED = "Asked {0}; {1} questions, {2} answered; each {3} times at most, {4} s each.",
        "Спрошен {0}; вопросов {1}, ответов {2}; каждый не более {3} раз по {4} с.";
    VERDICT = "Verdict", "Вывод";
    WHOSE = "Whose move", "Чей ход";
    CONFIRM = "Confirm", "Проверить";
    IN_LOG = "In the log", "В журнале";
    RECORD = "Record", "Запись";
    SAID = "Said", "Ответ";
    LEFT_OUT = "{0} more with trouble in the log: raise --limit to check them.",
        "Ещё {0} с трудностями в журнале: чтобы проверить и их, увеличьте --limit.";
    NO_TROUBLE = "The log has no trouble that DNS could explain: nothing was asked.",
        "В журнале нет трудностей, которые мог бы объяснить DNS: ничего не спрошено.";
    TIMES = "{0} (×{1})", "{0} (×{1})";
    SEVERITY_OK = "in order", "в порядке";
    SEVERITY_NOTE = "note", "к сведению";
    SEVERITY_WARNING = "warning", "внимание";
    SEVERITY_FAILING = "failing", "сбой";
    SENDER = "the sender", "отправитель";
    RECIPIENT = "the recipient", "получатель";
    OWN_ADMIN = "you, the operator of this server", "вы, администратор этого сервера";
    REMOTE_ADMIN = "the operator of the other side", "администратор той стороны";
    NOBODY = "nobody", "никто";

    // Addresses that mail cannot reach.
    LOOPBACK = "loopback: every host takes it for itself", "loopback: каждый узел считает его собой";
    UNSPECIFIED = "no address of a host", "не адрес узла";
    PRIVATE = "private: nothing outside leads there", "частный: снаружи туда не попасть";
    LINK_LOCAL = "link-local: it ends at the next router", "link-local: не дальше ближайшего маршрутизатора";
    DOCUMENTATION = "reserved for documentation", "зарезервирован для документации";
    NO_UNICAST = "no address of a single host", "не адрес отдельного узла";

    // Domains.
    MX_SET = "{0} takes mail at: {1}.", "{0} принимает почту на: {1}.";
    NULL_MX = "{0} publishes a null MX (RFC 7505): it takes no mail, on purpose.",
        "{0} публикует null MX (RFC 7505): домен намеренно не принимает почту.";
    NULL_MX_MIXED = "{0} has a null MX beside real exchangers; senders differ in what they make of it.",
        "У {0} null MX стоит рядом с настоящими MX; разные отправители понимают это по-разному.";
    ADDRESS_FALLBACK = "{0} has no MX, so mail goes to the address of the domain itself: {1}. Often that is a web server.",
        "У {0} нет MX, поэтому почта идёт на адрес самого домена: {1}. Часто это веб-сервер.";
    NO_MAIL_HOST = "{0} exists, but has neither MX nor address: mail has nowhere to go.",
        "Домен {0} есть, но у него нет ни MX, ни адреса: почте некуда идти.";
    NO_SUCH_NAME = "{0} does not exist in DNS (NXDOMAIN).", "Имени {0} нет в DNS (NXDOMAIN).";
    DNS_SERVFAIL = "The resolver cannot find out {1} of {0} (SERVFAIL): its name servers fail, or DNSSEC does not hold. That is not `does not exist`.",
        "Резолвер не смог узнать {1} для {0} (SERVFAIL): отказали серверы имён или не сошёлся DNSSEC. Это не «не существует».";
    DNS_REFERRAL = "Asked for {1} of {0}, the resolver only names other name servers: the domain's delegation is lame, or the resolver does not look for answers itself. That is not `does not exist`.",
        "На вопрос про {1} для {0} резолвер лишь называет другие серверы имён: делегирование домена неисправно или резолвер не ищет ответы сам. Это не «не существует».";
    ONLY_REFERRAL = "only a referral", "вместо ответа — отсылка";
    DNS_REFUSED = "The resolver refused to answer for {1} of {0} (REFUSED): it may not serve this machine.",
        "Резолвер отказался отвечать про {1} для {0} (REFUSED): возможно, он не обслуживает эту машину.";
    DNS_TIMEOUT = "No answer for {1} of {0} in time: the resolver or the domain's name servers are silent. That is not `does not exist`.",
        "Нет ответа про {1} для {0} за отведённое время: молчит резолвер или серверы имён домена. Это не «не существует».";
    DNS_FAILED = "The answer for {1} of {0} cannot be used.", "Ответ про {1} для {0} непригоден.";
    NOT_ASKED = "{1} of {0} was not asked for: the run reached its deadline or its most questions.",
        "{1} для {0} не запрошено: вышел срок или исчерпано число вопросов.";
    EXCHANGER_ALIAS = "The exchanger {0} is an alias of {1}; an MX must name a host itself (RFC 2181), and some servers refuse it.",
        "MX {0} — псевдоним {1}; MX обязан указывать на сам узел (RFC 2181), и часть серверов такое не принимает.";
    EXCHANGER_WITHOUT_ADDRESS = "The exchanger {0} has no address.", "У MX {0} нет адреса.";
    EXCHANGER_MISSING = "The exchanger {0} does not exist (NXDOMAIN).", "MX {0} не существует (NXDOMAIN).";
    EXCHANGER_IS_ADDRESS = "The MX holds an IP address, {0}; it must hold a name.", "В MX стоит IP-адрес {0}, а должно стоять имя.";
    EXCHANGER_BAD_NAME = "The MX holds {0}, which no host can be called.", "В MX стоит {0}; так не может называться ни один узел.";
    EXCHANGER_UNREACHABLE = "The exchanger {0} has the address {1} ({2}).", "У MX {0} адрес {1} ({2}).";
    ONLY_IPV4 = "Reachable over IPv4 only.", "Достижим только по IPv4.";
    ONLY_IPV6 = "Reachable over IPv6 only: without IPv6 no mail gets there.",
        "Достижим только по IPv6: без IPv6 почта туда не дойдёт.";
    STALE_EXCHANGER = "{0} is no exchanger of {1} today; they are: {2}. If it is your own relayhost, that is meant, and the refusal is the relay's.", "{0} сегодня не MX для {1}; сегодня это: {2}. Если это ваш relayhost, так и задумано, и отказал он.";
    STALE_FALLBACK = "{0} is not where mail for {1} goes today: without MX that is {2} itself.",
        "{0} — не то место, куда сегодня идёт почта для {1}: без MX это сам {2}.";
    EXCHANGER_REFUSES = "{0} takes mail for {1} by DNS, but said that it takes none.",
        "{0} по DNS принимает почту для {1}, но ответил, что не принимает.";
    RIGHT_EXCHANGER = "{0} is an exchanger of {1} today: the mail went to the right place.",
        "{0} и сегодня MX для {1}: почта шла куда надо.";
    OTHER_ADDRESS = "The log has {0}, which is none of the addresses of {1} today ({2}): an old cached answer, an entry in /etc/hosts, or a host that moves, as those of large providers do.",
        "В журнале {0}, а среди сегодняшних адресов {1} ({2}) его нет: старый ответ в кеше, запись в /etc/hosts или узел переезжает, как у крупных провайдеров.";

    // Verdicts.
    V_TAKES_NO_MAIL = "{0} says in DNS that it takes no mail (null MX): sending again cannot help; correct the address or suppress it.",
        "{0} объявляет в DNS, что почту не принимает (null MX): повтор не поможет; исправьте адрес или уберите его.";
    V_NO_SUCH_DOMAIN = "{0} does not exist: a typing error or a domain given up; correct the address or suppress it.",
        "Домена {0} нет: опечатка или домен заброшен; исправьте адрес или уберите его.";
    V_NO_MAIL_HOST = "{0} has no host for mail, neither MX nor address; correct the address or suppress it.",
        "У {0} нет узла для почты — ни MX, ни адреса; исправьте адрес или уберите его.";
    V_ONLY_REFUSES = "{0} is the only exchanger of {1} and says that it takes no mail: the route is right and retrying is useless; suppress the addresses.",
        "{0} — единственный MX для {1}, и он говорит, что почту не принимает: маршрут верен, повторять бесполезно; уберите адреса.";
    V_ONE_REFUSES = "{0} is an exchanger of {1} today and says that it takes no mail, though the domain lists it ({2}): their MX or their server is wrong, tell their postmaster.",
        "{0} — действующий MX для {1}, но говорит, что почту не принимает, хотя домен его указывает ({2}): у них неверен MX или сервер, сообщите их администратору.";
    V_STALE_ROUTE = "You were talking to {0}, which is no exchanger of {1} any more; today's are {2}: look for a stale transport map, relayhost or cached answer.",
        "Вы говорили с {0}, а для {1} это уже не MX; сегодняшние — {2}: ищите устаревшую запись в transport_maps, relayhost или старый ответ в кеше.";
    V_STALE_FALLBACK = "You were talking to {0}, but {1} has no MX today, and mail goes to {2} itself: look for a stale transport map, relayhost or cached answer.",
        "Вы говорили с {0}, но у {1} сегодня нет MX, и почта идёт на сам {2}: ищите устаревшую запись в transport_maps, relayhost или старый ответ в кеше.";
    V_FALLBACK_REFUSES = "{0} has no MX, and the host behind its address, {1}, says that it takes no mail: the domain is not set up for mail; suppress the addresses.",
        "У {0} нет MX, а узел по его адресу, {1}, говорит, что почту не принимает: домен для почты не настроен; уберите адреса.";
    V_NO_USABLE = "No exchanger of {0} can be reached from the Internet ({1}): their DNS is wrong, and only they can repair it.",
        "Ни один MX домена {0} недостижим из Интернета ({1}): их DNS неверен, исправить могут только они.";
    V_DNS_BROKEN = "DNS of {0} is broken ({1}), so nobody can tell where its mail goes: it is not gone, keep the mail queued and tell their postmaster if it lasts.",
        "DNS домена {0} сломан ({1}), и никто не знает, куда идёт его почта: домен не исчез, пусть письма ждут в очереди, а если это надолго — сообщите им.";
    V_DNS_SILENT = "No answer about {0} in time, so nothing is proved: check your own resolver first, then the domain's name servers.",
        "О {0} нет ответа вовремя, так что ничего не доказано: сначала проверьте свой резолвер, потом серверы имён домена.";
    V_NOT_KNOWN = "{0} could not be asked about.", "О {0} не удалось спросить.";
    V_IN_ORDER = "What was asked about {0} is in order.", "Всё, что спрошено о {0}, в порядке.";
    V_WARNINGS = "Nothing about {0} fails, but there are warnings.", "С {0} ничего не сломано, но есть предупреждения.";
    V_IN_ORDER_TODAY = "DNS of {0} is in order today, so what the log shows lies with the server that answered, or has passed: `mailwhy explain` tells what its reply means.",
        "DNS домена {0} сегодня в порядке: дело в том сервере, который ответил, или всё уже прошло; смысл ответа скажет `mailwhy explain`.";
    V_EVERY_REFUSES = "Every exchanger of {0} that was tried greets with a reply that says: no mail here. Retrying is useless; suppress the addresses.",
        "Каждый опрошенный MX домена {0} приветствует отказом: почты здесь нет. Повторять бесполезно; уберите адреса.";
    V_REFUSES_US = "Every exchanger of {0} that was tried refuses this host in its greeting, before it knows any mail: it is about the address that you come from; the reply says why.",
        "Каждый опрошенный MX домена {0} отказывает этому узлу уже в приветствии, не видя письма: дело в адресе, с которого вы пришли; почему — сказано в ответе.";
    V_NOBODY_ANSWERS = "No exchanger of {0} that was tried can be connected to from here. See whether port 25 of any other domain answers: if none does, your own network closes it.",
        "Ни с одним опрошенным MX домена {0} отсюда не соединиться. Проверьте порт 25 любого другого домена: если не отвечает ни один, его закрывает ваша сеть.";
    V_NOBODY_GREETS = "Every exchanger of {0} that was tried takes the connection, but does not greet in {1} s: overloaded, or a tarpit for this host. Mail servers wait longer.",
        "Каждый опрошенный MX домена {0} принимает соединение, но за {1} с не приветствует: перегружен или держит этот узел в tarpit. Почтовые серверы ждут дольше.";
    V_SEE_FINDINGS = "Something about {0} fails, as the findings tell.", "С {0} не всё в порядке — см. находки.";

    // Who we are.
    PTR_CONFIRMED = "{0} has the name {1}, which has that address.", "Имя адреса {0} — {1}, и оно ведёт обратно на этот адрес.";
    PTR_UNCONFIRMED = "{0} has the name {1}, but that does not lead back to the address; many receivers refuse such mail.",
        "Имя адреса {0} — {1}, но оно не ведёт обратно на этот адрес; многие получатели такое отвергают.";
    PTR_MISSING = "{0} has no name (PTR); many receivers refuse such mail. The owner of the network sets it.",
        "У {0} нет имени (PTR); многие получатели такое отвергают. PTR задаёт владелец сети.";
    HELO_CONFIRMED = "The HELO name {0} has the address {1} ({2}).", "Имя HELO {0} ведёт на адрес {1} ({2}).";
    HELO_OTHER_ADDRESS = "The HELO name {0} has not the address {1}, but {2}.", "Имя HELO {0} ведёт не на {1}, а на {2}.";
    HELO_WITHOUT_ADDRESS = "The HELO name {0} has no address at all; {1} should be one of its addresses ({2}).",
        "У имени HELO {0} нет адреса; должен быть {1} ({2}).";
    HELO_NOT_QUALIFIED = "The HELO name {0} is not a whole host name, such as mail.example.com.",
        "Имя HELO {0} — не полное имя узла вроде mail.example.com.";
    SPF_PASS = "SPF of {0} permits {1} by `{2}` in the record of {3}; {4} of 10 lookups.",
        "SPF домена {0} разрешает {1} термином `{2}` в записи {3}; запросов {4} из 10.";
    SPF_FAIL = "SPF of {0} forbids {1} by `{2}` in the record of {3}; {4} of 10 lookups.",
        "SPF домена {0} запрещает {1} термином `{2}` в записи {3}; запросов {4} из 10.";
    SPF_SOFTFAIL = "SPF of {0} doubts {1} by `{2}` in the record of {3}; {4} of 10 lookups.",
        "SPF домена {0} сомневается в {1} по термину `{2}` в записи {3}; запросов {4} из 10.";
    SPF_NEUTRAL = "SPF of {0} says nothing about {1} (`{2}` in the record of {3}); {4} of 10 lookups.",
        "SPF домена {0} ничего не говорит о {1} (`{2}` в записи {3}); запросов {4} из 10.";
    SPF_NONE = "{0} has no SPF record, so receivers cannot tell whether {1} may send for it.",
        "У {0} нет записи SPF, и получатели не знают, вправе ли {1} слать от его имени.";
    SPF_TEMPERROR = "SPF of {0} for {1} cannot be evaluated now: {5}",
        "SPF домена {0} для {1} сейчас не вычислить: {5}";
    SPF_PERMERROR = "SPF of {0} for {1} is broken, and receivers ignore it or refuse: {5}",
        "SPF домена {0} для {1} сломан, получатели его не учтут или откажут: {5}";
    SPF_MANY_RECORDS = "{0} has more than one SPF record.", "у {0} больше одной записи SPF.";
    SPF_SYNTAX = "`{0}` cannot be read.", "термин `{0}` не читается.";
    SPF_TOO_MANY_LOOKUPS = "more than 10 lookups, at `{0}`.", "больше 10 запросов, на `{0}`.";
    SPF_TOO_MANY_VOIDS = "more than 2 lookups without an answer, at {0}.", "больше 2 запросов без ответа, на {0}.";
    SPF_NO_INCLUDED = "`{0}` leads to a domain without SPF record.", "`{0}` ведёт на домен без записи SPF.";
    SPF_TOO_MUCH = "`{0}` has more hosts or records than is permitted.", "у `{0}` больше узлов или записей, чем разрешено.";
    SPF_NO_ANSWER = "no answer about {0}.", "нет ответа о {0}.";
    DMARC_POLICY = "DMARC of {0} is in {1}: p={2}.", "DMARC домена {0} — в {1}: p={2}.";
    DMARC_BROKEN = "The DMARC record for {0} in {1} has no policy that receivers know (p={2}).",
        "В записи DMARC для {0} в {1} нет известной получателям политики (p={2}).";
    DMARC_MANY = "{1} has more than one DMARC record, so receivers ignore them for {0}.",
        "В {1} больше одной записи DMARC, и для {0} получатели их не учтут.";
    DMARC_NONE = "{0} has no DMARC record; large providers demand one of bulk senders.",
        "У {0} нет записи DMARC; крупные провайдеры требуют её от массовых отправителей.";

    // Greetings.
    GREETS = "{0} greets, answers EHLO and offers STARTTLS.", "{0} приветствует, отвечает на EHLO и предлагает STARTTLS.";
    NO_STARTTLS = "{0} greets and answers EHLO, but offers no STARTTLS.", "{0} приветствует и отвечает на EHLO, но STARTTLS не предлагает.";
    NO_STARTTLS_DEMANDED = "{0} greets and answers EHLO, but offers no STARTTLS, though the domain demands TLS: senders that honour that keep the mail.",
        "{0} приветствует и отвечает на EHLO, но STARTTLS не предлагает, хотя домен требует TLS: соблюдающие это отправители держат почту.";
    GREETING_NO_MAIL = "{0} greets with {1}: this host takes no mail at all. {2}", "{0} приветствует кодом {1}: этот узел вообще не принимает почту. {2}";
    GREETING_REFUSAL = "{0} refuses us in its greeting, {1}. {2}", "{0} отказывает уже в приветствии, {1}. {2}";
    GREETING_DEFERRAL = "{0} puts us off in its greeting, {1}. {2}", "{0} откладывает уже в приветствии, {1}. {2}";
    EHLO_REFUSED = "{0} greets, but answers EHLO with {1}. {2}", "{0} приветствует, но на EHLO отвечает {1}. {2}";
    CONNECTION_REFUSED = "{0} refuses the connection: nobody listens there, or a firewall says no.",
        "{0} отвергает соединение: там никто не слушает или не пускает межсетевой экран.";
    CONNECTION_TIMEOUT = "{0} does not answer the connection: the host is down, or a firewall drops it. Port 25 is often closed for home and cloud networks.",
        "{0} не отвечает на соединение: узел выключен или межсетевой экран молча отбрасывает. Домашним и облачным сетям порт 25 часто закрывают.";
    CONNECTION_FAILED = "{0} cannot be connected to: {2}.", "С {0} не соединиться: {2}.";
    STEP_GREETING = "greeting", "приветствие";
    STEP_EHLO = "answer to EHLO", "ответ на EHLO";
    STEP_STARTTLS = "answer to STARTTLS", "ответ на STARTTLS";
    SILENT_SERVER = "{0} takes the connection, but not a byte of its {1} comes in {2} s. It is overloaded, or delays strangers on purpose; mail servers wait five minutes.",
        "{0} принимает соединение, но {1} за {2} с не присылает: ни байта. Сервер перегружен или нарочно задерживает чужих; почтовые серверы ждут пять минут.";
    TARPIT = "{0} lets its {1} drip: {2} bytes in {3} s, and no end. So does a tarpit, which holds strangers on purpose; an overloaded server rather says nothing at all.",
        "{0} цедит {1} по капле: {2} байт за {3} с, и не до конца. Так ведёт себя tarpit, который нарочно держит чужих; перегруженный сервер скорее молчит.";
    ENDLESS_REPLY = "{0} does not stop: its {1} is longer than 100 lines or 64 KiB, and was cut off.",
        "{0} не останавливается: {1} длиннее 100 строк или 64 КиБ; соединение прервано.";
    HUNG_UP = "{0} takes the connection and hangs up before its {1} is whole.", "{0} принимает соединение и бросает его, не закончив {1}.";
    NOT_CONNECTED = "{0} was not spoken to until the end: the run reached its deadline.",
        "Разговор с {0} не состоялся или не закончен: вышел срок.";
    NOT_SMTP = "What answers at {0} does not speak SMTP.", "То, что отвечает на {0}, говорит не по SMTP.";
}

/// How bad.
pub(super) const fn severity(severity: Severity) -> Text {
    match severity {
        Severity::Ok => SEVERITY_OK,
        Severity::Note => SEVERITY_NOTE,
        Severity::Warning => SEVERITY_WARNING,
        Severity::Failing => SEVERITY_FAILING,
    }
}

/// Who can act.
pub(super) const fn party(party: Party) -> Text {
    match party {
        Party::Sender => SENDER,
        Party::Recipient => RECIPIENT,
        Party::OwnAdmin => OWN_ADMIN,
        Party::RemoteAdmin => REMOTE_ADMIN,
        Party::Nobody => NOBODY,
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
