//! How stable words of the report are called for people.

use crate::i18n::Labels;
use crate::report::CodeRow;

/// A recipient's fate.
pub(super) fn fate(labels: &Labels, slug: &str) -> &'static str {
    match slug {
        "delivered" => labels.delivered,
        "queued" => labels.queued,
        "bounced" => labels.bounced,
        "expired" => labels.expired,
        "discarded" => labels.discarded,
        "held" => labels.held,
        "removed" => labels.removed,
        _ => labels.lost,
    }
}

/// A class of reply codes.
pub(super) fn class(labels: &Labels, slug: &str) -> &'static str {
    match slug {
        "2xx" => labels.class_2,
        "3xx" => labels.class_3,
        "4xx" => labels.class_4,
        "5xx" => labels.class_5,
        "other" => labels.class_other,
        _ => labels.class_none,
    }
}

/// Who must act.
pub(super) fn party(labels: &Labels, slug: &str) -> &'static str {
    let [sender, recipient, own, remote, nobody] = labels.parties;
    match slug {
        "sender" => sender,
        "recipient" => recipient,
        "own-admin" => own,
        "remote-admin" => remote,
        _ => nobody,
    }
}

/// `550 5.1.1`; in brackets what is no reply of the wire: Postfix's own `dsn=`, an implied code.
pub(super) fn code(labels: &Labels, row: &CodeRow) -> String {
    let none = labels.none;
    let stated = row.code.map(|code| code.to_string());
    match (stated, row.implied_code, &row.enhanced, &row.no_reply) {
        (Some(code), _, Some(enhanced), _) => format!("{code} {enhanced}"),
        (Some(code), _, None, _) => code,
        (None, _, Some(enhanced), Some(_)) => format!("{none} ({enhanced})"),
        (None, _, Some(enhanced), None) => format!("? {enhanced}"),
        (None, Some(implied), None, _) => format!("? ({implied})"),
        (None, None, None, Some(_)) => none.to_owned(),
        (None, None, None, None) => "?".to_owned(),
    }
}
