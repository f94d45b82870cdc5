//! Sentences about TLS, each in every language.

use crate::i18n::texts;

texts! {
    // Why a TLSA record cannot be used.
    TLSA_PKIX = "usages 0 and 1 are not for mail (RFC 7672)", "типы 0 и 1 для почты не действуют (RFC 7672)";
    TLSA_USAGE = "nobody knows this usage", "такого типа (usage) нет";
    TLSA_SELECTOR = "nobody knows this selector", "такого селектора нет";
    TLSA_MATCHING = "nobody knows this matching type", "такого способа сравнения (matching) нет";
    TLSA_LENGTH = "the data have the wrong length for it", "длина данных не та";

    // What is wrong with a certificate, after "its certificate".
    FLAW_UNREADABLE = "cannot be read", "не читается";
    FLAW_NAME = "is for other names ({0})", "выдан на другие имена ({0})";
    FLAW_EXPIRED = "expired on {0}", "истёк {0}";
    FLAW_NOT_YET = "is not valid before {0}", "начнёт действовать только {0}";
    FLAW_SELF_SIGNED = "is self-signed", "самоподписанный";
    FLAW_ISSUER = "comes from no authority that this system trusts (issuer: {0}); perhaps the server does not send the certificate between",
        "выпущен не тем центром, которому доверяет эта система (издатель: {0}); возможно, сервер не присылает промежуточный сертификат";
    FLAW_CHAIN = "does not stand the check: {0}", "не проходит проверку: {0}";

    // DANE.
    DANE_RECORDS = "{0} announces DANE ({1} TLSA records), and the resolver says that DNSSEC proves them: senders with DANE keep mail that finds another certificate there.",
        "{0} объявляет DANE (записей TLSA: {1}), и резолвер подтверждает их по DNSSEC: отправители с DANE не отдадут почту, если сертификат другой.";
    DANE_UNPROVED = "{0} announces DANE ({1} TLSA records), but whether DNSSEC proves them is unknown through this resolver: it sets no AD bit. Either the zone is not signed, and then no sender heeds them, or the resolver does not validate: ask one that does.",
        "{0} объявляет DANE (записей TLSA: {1}), но подписаны ли они DNSSEC, через этот резолвер не узнать: бита AD нет. Либо зона не подписана, и тогда записи никто не учитывает, либо резолвер не проверяет DNSSEC: спросите тот, который проверяет.";
    DANE_MX_UNPROVED = "{0} announces DANE ({1} TLSA records, proved by DNSSEC), but the MX records of {2} are not proved, and most senders then do not heed it (RFC 7672).",
        "{0} объявляет DANE (записей TLSA: {1}, подтверждены DNSSEC), но записи MX домена {2} не подтверждены, и большинство отправителей DANE тогда не учитывает (RFC 7672).";
    DANE_MALFORMED = "A TLSA record of {0} cannot be used, `{1}`: {2}.",
        "Запись TLSA у {0} непригодна, `{1}`: {2}.";
    DANE_NONE_USABLE = "No TLSA record of {0} can be used: senders with DANE encrypt, but check nothing (RFC 7672).",
        "У {0} нет ни одной пригодной записи TLSA: отправители с DANE шифруют, но ничего не проверяют (RFC 7672).";
    DANE_UNANSWERED = "Nobody can tell whether {0} has TLSA records ({1}): its name servers fail at this type. Senders with DANE keep the mail until they answer (RFC 7672), others do not notice.",
        "Есть ли у {0} записи TLSA, не узнать ({1}): серверы имён на этот тип не отвечают. Отправители с DANE держат почту до ответа (RFC 7672), остальные ничего не замечают.";
    DANE_MATCH = "The certificate of {0} fits the TLSA record `{1}`.", "Сертификат {0} соответствует записи TLSA `{1}`.";
    DANE_MISMATCH = "The certificate of {0} fits none of its TLSA records: senders with DANE keep the mail. Often the certificate was renewed and the record was not; one that fits is `{1}`.",
        "Сертификат {0} не соответствует ни одной записи TLSA: отправители с DANE держат почту. Часто сертификат обновили, а запись нет; подошла бы `{1}`.";
    DANE_MISMATCH_UNPROVED = "The certificate of {0} fits none of its TLSA records. Whether senders with DANE keep the mail hangs on DNSSEC, which this resolver does not tell; a record that fits is `{1}`.",
        "Сертификат {0} не соответствует ни одной записи TLSA. Задержат ли почту отправители с DANE, зависит от DNSSEC, а об этом резолвер молчит; подошла бы запись `{1}`.";

    ENDED_SERVFAIL = "SERVFAIL", "SERVFAIL";
    ENDED_TIMEOUT = "no answer in time", "нет ответа вовремя";
    ENDED_FAILED = "an answer that cannot be used", "ответ непригоден";

    // MTA-STS.
    STS_RECORD = "{0} announces MTA-STS (policy {1}).", "{0} объявляет MTA-STS (политика {1}).";
    STS_MANY = "{0} has more than one MTA-STS record, so senders act as if there were none.",
        "У {0} больше одной записи MTA-STS, и отправители считают, что её нет.";
    STS_NO_ID = "The MTA-STS record of {0} has no usable id, so senders ignore it.",
        "В записи MTA-STS домена {0} нет пригодного id, и отправители её не учитывают.";
    STS_NOT_FETCHED = "The MTA-STS policy of {0} was not fetched, as that needs a connection to {1}: --connect does it.",
        "Политика MTA-STS домена {0} не загружена: для этого нужно соединение с {1}; его устанавливает --connect.";
    STS_POLICY = "The MTA-STS policy of {0} is in mode {1} for {2}, to be kept {3} s.",
        "Политика MTA-STS домена {0}: режим {1} для {2}, хранить {3} с.";
    STS_POLICY_NONE = "The MTA-STS policy of {0} is in mode none: it withdraws what was demanded before.",
        "Политика MTA-STS домена {0}: режим none, прежние требования отозваны.";
    STS_UNAVAILABLE = "The MTA-STS policy of {0} cannot be fetched: {1}. Senders that know it already go on with what they have; for others the domain is without protection.",
        "Политику MTA-STS домена {0} не загрузить: {1}. Кто её уже знает, действует по-старому; для остальных домен не защищён.";
    STS_POLICY_BROKEN = "Senders ignore the MTA-STS policy of {0}: its `{1}` is missing or wrong.",
        "Политику MTA-STS домена {0} отправители не учтут: поле `{1}` отсутствует или неверно.";
    STS_EXCHANGER_ENFORCE = "The exchanger {0} is not in the MTA-STS policy of {1} (mode enforce; {2}): senders that honour it send nothing there, and keep the mail if there is no other.",
        "MX {0} не назван в политике MTA-STS домена {1} (режим enforce; {2}): соблюдающие её отправители туда не шлют, а если другого MX нет, держат почту.";
    STS_EXCHANGER_TESTING = "The exchanger {0} is not in the MTA-STS policy of {1} (mode testing; {2}): senders report it, and send.",
        "MX {0} не назван в политике MTA-STS домена {1} (режим testing; {2}): отправители сообщат об этом, но почту отдадут.";
    FETCH_NO_ADDRESS = "{0} has no address that can be reached", "у {0} нет достижимого адреса";
    FETCH_CONNECT = "{0} cannot be connected to ({1})", "с {0} не соединиться ({1})";
    FETCH_TIMEOUT = "{0} does not answer in time", "{0} не отвечает вовремя";
    FETCH_TLS = "TLS with {0} fails ({1})", "TLS с {0} не удаётся ({1})";
    FETCH_CERTIFICATE = "the certificate of {0} {1}", "сертификат {0} {1}";
    FETCH_STATUS = "{0} answers with {1}, and only 200 counts; redirects are not followed (RFC 8461)",
        "{0} отвечает {1}, а годится только 200; по перенаправлениям не ходят (RFC 8461)";
    FETCH_HTTP = "what {0} answers is not HTTP ({1})", "ответ {0} — не HTTP ({1})";
    FETCH_TOO_LONG = "what {0} answers is longer than 64 KiB", "ответ {0} длиннее 64 КиБ";
    FETCH_NOT_TEXT = "what {0} answers is not UTF-8 text", "ответ {0} — не текст UTF-8";
    FETCH_NO_AUTHORITIES = "this system has no certificate authorities to check {0} by (SSL_CERT_FILE names others)",
        "в этой системе нет удостоверяющих центров, чтобы проверить {0} (другие задаёт SSL_CERT_FILE)";
    FETCH_NOT_TRIED = "the run reached its deadline before {0} was asked", "срок вышел раньше, чем дошла очередь до {0}";

    // TLS-RPT.
    REPORTS_TO = "Senders report failures of TLS for {0} to {1}.", "Об отказах TLS для {0} отправители сообщают на {1}.";
    REPORTS_BROKEN = "The TLS-RPT record of {0} cannot be used: more than one, or no address in `rua`. Nobody reports failures of TLS.",
        "Запись TLS-RPT домена {0} непригодна: их несколько или в `rua` нет адреса. Об отказах TLS никто не сообщит.";
    REPORTS_MISSING = "{0} has no TLS-RPT record beside its DANE or MTA-STS: its operator hears of no failure.",
        "При DANE или MTA-STS у {0} нет записи TLS-RPT: об отказах его администратор не узнает.";

    // What it means.
    OPPORTUNISTIC = "{0} announces neither DANE nor MTA-STS: senders encrypt if they can, and check no certificate unless told to.",
        "{0} не объявляет ни DANE, ни MTA-STS: отправители шифруют, если могут, и сертификат не проверяют, если их не заставить.";
    TLS_WORKS = "{0} speaks {1} ({2}). Its certificate is for {3}, issued by {4}, valid from {5} to {6}.",
        "{0} говорит по {1} ({2}). Сертификат на {3}, издатель {4}, действует с {5} по {6}.";
    TLS_WORKS_UNREAD = "{0} speaks {1} ({2}); its certificate cannot be read.",
        "{0} говорит по {1} ({2}); сертификат не читается.";
    TLS_UNPROVED = "{0} did not prove by its signature that the certificate is its own: {1}. Senders that check the signature break off.",
        "{0} не доказал подписью, что сертификат его: {1}. Отправители, которые проверяют подпись, разорвут соединение.";
    TLS_FAILED = "{0} offers STARTTLS, but TLS fails: {1}. Many senders then try again without encryption, some keep the mail.",
        "{0} предлагает STARTTLS, но TLS не удаётся: {1}. Многие отправители повторят без шифрования, некоторые оставят почту у себя.";
    TLS_FAILED_DEMANDED = "{0} offers STARTTLS, but TLS fails: {1}. The domain demands TLS, so senders that honour it keep the mail.",
        "{0} предлагает STARTTLS, но TLS не удаётся: {1}. Домен требует TLS, и соблюдающие это отправители держат почту.";
    TLS_SILENT = "no answer within {0} s", "нет ответа за {0} с";
    TLS_EARLY = "the server speaks before it is asked", "сервер говорит раньше, чем его спросили";
    TLS_ALERT = "the server breaks off with the alert {0}", "сервер прерывает переговоры сообщением {0}";
    TLS_OUTDATED = "the server knows neither TLS 1.2 nor 1.3, or no cipher suite of today",
        "сервер не знает ни TLS 1.2, ни 1.3 или ни одного нынешнего набора шифров";
    TLS_NOT_TLS = "what the server sends is not TLS", "сервер отвечает не по TLS";
    TLS_HUNG_UP = "the server hangs up", "сервер бросает соединение";
    STARTTLS_REFUSED = "{0} offers STARTTLS, but answers it with {1}. {2}", "{0} предлагает STARTTLS, но отвечает на него {1}. {2}";
    CERTIFICATE_NOTE = "{0}: its certificate {1}. Opportunistic TLS does not look, so mail flows; senders that were told to check it (Postfix `verify` or `secure`, Exim `tls_verify_hosts`) keep the mail.",
        "{0}: сертификат {1}. Оппортунистический TLS этого не проверяет, и почта идёт; отправители, которым велено проверять (Postfix `verify` или `secure`, Exim `tls_verify_hosts`), держат почту у себя.";
    CERTIFICATE_TESTING = "{0}: its certificate {1}. MTA-STS is in mode testing: senders report it, and send.",
        "{0}: сертификат {1}. MTA-STS в режиме testing: отправители сообщат об этом, но почту отдадут.";
    CERTIFICATE_ENFORCE = "{0}: its certificate {1}. MTA-STS is in mode enforce: senders that honour it keep the mail.",
        "{0}: сертификат {1}. MTA-STS в режиме enforce: соблюдающие его отправители держат почту.";
    CERTIFICATE_SOON = "{0}: its certificate ends on {1}.", "{0}: сертификат действует только до {1}.";
    AUTHORITIES_UNKNOWN = "This system has no certificate authorities, so who issued the certificate of {0} was not checked (SSL_CERT_FILE names others).",
        "В этой системе нет удостоверяющих центров, поэтому издатель сертификата {0} не проверен (другие задаёт SSL_CERT_FILE).";

    // Verdicts.
    V_TLS_UNMET = "{0} demands verified TLS and {1} does not pass: senders that honour DANE or MTA-STS keep the mail. Only its operator can repair that; write to the postmaster by another way.",
        "{0} требует проверенного TLS, а {1} проверку не проходит: отправители, которые соблюдают DANE или MTA-STS, держат почту. Исправить может только администратор той стороны; пишите ему другим путём.";
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
