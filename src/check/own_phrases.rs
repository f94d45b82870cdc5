//! Sentences about ourselves: what others know and think of us, and what that means for our mail.

use crate::i18n::texts;

texts! {
    // Page.
    SECTION = "What DNS says now", "Что сейчас говорит DNS";
    MAIL = "This mail", "Эти письма";
    OURS = "{0} (this server)", "{0} (этот сервер)";
    PROGRESS = "asking, {0} done", "опрос, готово: {0}";
    REMEDY = "Way out", "Что делать";
    PAGE = "Page", "Страница";
    OWN_UNKNOWN = "Entries about your own standing (blocklists, reputation, PTR, SPF and the like): {0}. No reply names the address that you send from; give it with --self to have it checked.",
        "Записей о вашей собственной репутации (чёрные списки, PTR, SPF и подобное): {0}. Ни один ответ не называет адрес, с которого вы отправляете; укажите его в --self, и он будет проверен.";
    OWN_FROM_LOG = "{0} is the address that replies name as yours ({1} of them).",
        "{0} — адрес, который ответы называют вашим (таких ответов: {1}).";
    DOMAINS_FROM_LOG = "Domains of the senders who submit mail here, the busiest first: {0}.",
        "Домены отправителей, которые сдают почту здесь, от самых частых: {0}.";

    // What a verdict means for the mail in the log.
    MAIL_LOST = "Log entries about it: {0}. Sending again cannot help: what is still queued will come back to its senders.",
        "Записей об этом в журнале: {0}. Повтор не поможет: то, что ещё в очереди, вернётся отправителям.";
    MAIL_AFTER_REPAIR = "Log entries about it: {0}. Once the route is repaired, what is still queued goes out; what has bounced must be sent again.",
        "Записей об этом в журнале: {0}. Когда маршрут исправят, письма из очереди уйдут; вернувшиеся придётся отправить заново.";
    MAIL_WAITS = "Log entries about it: {0}. What is still queued will be tried again by itself; what has bounced must be sent again.",
        "Записей об этом в журнале: {0}. Письма из очереди сервер попробует отправить снова сам; вернувшиеся придётся отправить заново.";
    MAIL_BLOCKED = "Log entries about it: {0}. That gets no better until the provider lifts it; sending more makes it worse.",
        "Записей об этом в журнале: {0}. Лучше не станет, пока провайдер не снимет ограничение; чем больше отправлять, тем хуже.";
    MAIL_NOT_OURS = "Log entries about it: {0}. What is still queued waits for the other side; what has bounced must be sent again after that.",
        "Записей об этом в журнале: {0}. Письма из очереди ждут другую сторону; вернувшиеся придётся потом отправить заново.";
    MAIL_NOT_KNOWN = "Log entries about it: {0}.", "Записей об этом в журнале: {0}.";
    MAIL_OWN = "Log entries about your standing: {0}. What is still queued goes out when the failing points are repaired.",
        "Записей о вашей репутации в журнале: {0}. Письма из очереди уйдут, когда исправите то, что отмечено как сбой.";

    // Ourselves.
    V_OWN_FAILS = "Your server gives others a reason to refuse it. {0}", "Ваш сервер даёт другим повод отказывать. {0}";
    V_OWN_FAILS_MORE = "Your server gives others a reason to refuse it. {0} Failing points besides: {1}.",
        "Ваш сервер даёт другим повод отказывать. {0} Кроме того, сбоев: {1}.";

    ASK_LISTS = "Replies name a blocklist: --blocklists asks the public ones.",
        "Ответы называют чёрный список: с --blocklists общедоступные списки будут опрошены.";

    // Providers.
    PROVIDER_REFUSES = "{0} refuses or slows down this mail for what it thinks of your server or of the mail; its DNS is not the reason.",
        "{0} отвергает или задерживает эти письма из-за того, что думает о вашем сервере или о самих письмах; DNS получателя ни при чём.";
    V_PROVIDER_REFUSES = "DNS of {1} is in order: {0} itself refuses or slows down your mail, and only {0} can lift that. Repair what its reply names, then use its own pages.",
        "DNS домена {1} в порядке: вашу почту отвергает или задерживает сам {0}, и снять это может только он. Исправьте то, что названо в ответе, и воспользуйтесь его страницами.";
    V_PROVIDER_WITHOUT_PAGE = "DNS of {1} is in order: {0} itself refuses or slows down your mail, and only {0} can lift that. Repair what its reply names, then write to its postmaster.",
        "DNS домена {1} в порядке: вашу почту отвергает или задерживает сам {0}, и снять это может только он. Исправьте то, что названо в ответе, и напишите его postmaster.";

    // DKIM.
    DKIM_KEY = "DKIM key {1} of {0}: {2}.", "Ключ DKIM {1} домена {0}: {2}.";
    DKIM_MISSING = "{0} has no DKIM key under the selector {1}: signatures that name it fail.",
        "У {0} нет ключа DKIM под селектором {1}: подписи с ним не проходят проверку.";
    DKIM_REVOKED = "The DKIM key {1} of {0} is revoked (empty `p=`): signatures that name it fail.",
        "Ключ DKIM {1} домена {0} отозван (пустой `p=`): подписи с ним не проходят проверку.";
    DKIM_BROKEN = "Receivers cannot use the DKIM key {1} of {0}: {2}", "Ключом DKIM {1} домена {0} воспользоваться нельзя: {2}";
    DKIM_TOO_SHORT = "The DKIM key {1} of {0} has {2} bits; receivers must ignore RSA keys below 1024 (RFC 8301).",
        "В ключе DKIM {1} домена {0} {2} бит; RSA короче 1024 получатели обязаны не учитывать (RFC 8301).";
    DKIM_WEAK = "The DKIM key {1} of {0} has {2} bits; RFC 8301 asks for 2048.",
        "В ключе DKIM {1} домена {0} {2} бит; RFC 8301 требует 2048.";
    DKIM_TEST = "The DKIM key {1} of {0} is marked as a test (`t=y`): receivers treat a failed signature as none.",
        "Ключ DKIM {1} домена {0} помечен как тестовый (`t=y`): неверную подпись получатели считают отсутствующей.";
    DKIM_RSA = "RSA, {0} bits", "RSA, {0} бит";
    DKIM_ED25519 = "Ed25519", "Ed25519";
    DKIM_WRONG_VERSION = "its version is `{0}`, not DKIM1.", "версия `{0}`, а не DKIM1.";
    DKIM_MANY = "there are several records under one selector.", "под одним селектором несколько записей.";
    DKIM_NO_KEY = "it has no `p=`.", "в записи нет `p=`.";
    DKIM_BAD_KEY = "its `p=` is no key.", "в `p=` не ключ.";
    DKIM_BAD_TYPE = "it has the key type `{0}`, which nobody knows.", "тип ключа `{0}` никому не известен.";
    DKIM_NOT_FOR_MAIL = "it is not meant for e-mail (`s={0}`).", "он не для почты (`s={0}`).";
    DKIM_NO_SHA256 = "it permits no SHA-256 (`h={0}`).", "он не допускает SHA-256 (`h={0}`).";

    // Blocklists.
    LISTED = "{0} is on {1}.", "{0} — в списке {1}.";
    LISTED_FOR = "{0} is on {1}: {2}.", "{0} — в списке {1}: {2}.";
    NOT_LISTED = "{0} is on none of these lists: {1}.", "{0} нет ни в одном из этих списков: {1}.";
    LIST_REFUSES = "May not be asked by this resolver, so nothing is known: {0}. Ask through a resolver of your own (--resolver); public ones are shut out.",
        "Этому резолверу спрашивать нельзя, так что ничего не известно: {0}. Спросите через собственный резолвер (--resolver): общедоступным эти списки не отвечают.";
    LIST_SILENT = "No answer that can be believed, so nothing is known: {0}. Either the resolver cannot reach them, or they do not answer it.",
        "Достоверного ответа нет, так что ничего не известно: {0}. Либо резолвер до них не достаёт, либо они ему не отвечают.";
    LIST_DEAD = "{0} answers what no blocklist answers ({1}): the zone has been given up or hijacked, or the resolver makes answers up. Its word counts for nothing.",
        "{0} отвечает так, как чёрные списки не отвечают ({1}): зона брошена, перехвачена, или ответы выдумывает резолвер. Верить ему нельзя.";
    LIST_HAS_ALL = "{0} lists everything, even 127.0.0.1: the zone has been given up. Its word counts for nothing.",
        "{0} вносит в список всё, даже 127.0.0.1: зона брошена. Верить ему нельзя.";
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
