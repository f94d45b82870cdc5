//! Every heading, column and sentence of the report, one field each; a language that lacks one does not compile.
//!
//! Values go in at `{0}`, `{1}`, … ([`say`]); a translation may put them in another order. Long texts about codes
//! and causes are not here: they stand beside their entries in the knowledge base.

use super::{Counted, Language};
use std::fmt::{Display, Write};

/// The labels of one language.
#[derive(Debug)]
#[expect(missing_docs, reason = "each field is its own English text")]
pub struct Labels {
    // Head.
    pub read: &'static str,
    pub read_what: &'static str,
    pub of_hosts: &'static str,
    pub and_more: &'static str,
    pub files: Counted,
    pub no_mail_server: &'static str,
    pub period: &'static str,
    pub period_what: &'static str,
    pub filter: &'static str,
    pub filter_selects_nothing: &'static str,
    pub filter_what: &'static str,
    pub figures_may_be_wrong: &'static str,
    // Runs with a state.
    pub runs: &'static str,
    pub runs_first: &'static str,
    pub runs_what: &'static str,
    pub runs_all: &'static str,
    // Thresholds.
    pub thresholds: &'static str,
    pub passed: &'static str,
    pub not_passed: &'static str,
    // What to do.
    pub provider_pages: &'static str,
    // Durations.
    pub seconds: &'static str,
    pub minutes: &'static str,
    pub hours_minutes: &'static str,
    pub days_hours: &'static str,
    // Mail.
    pub mail_heading: &'static str,
    pub messages: Counted,
    pub recipients: Counted,
    pub fate_columns: [&'static str; 5],
    pub delivered: &'static str,
    pub queued: &'static str,
    pub bounced: &'static str,
    pub expired: &'static str,
    pub discarded: &'static str,
    pub held: &'static str,
    pub removed: &'static str,
    pub lost: &'static str,
    pub own_dsns: &'static str,
    pub dsns_delivered: &'static str,
    pub after_deferral: &'static str,
    pub began_before: &'static str,
    pub without_end: &'static str,
    pub reinjected: &'static str,
    pub incomplete: &'static str,
    pub lost_track: &'static str,
    pub of_the_messages: &'static str,
    pub star: &'static str,
    pub at_the_door: &'static str,
    pub refusals: Counted,
    pub failed_logins: Counted,
    // Directions.
    pub outbound: &'static str,
    pub inbound: &'static str,
    pub local: &'static str,
    pub attempts_by_class: &'static str,
    pub answers_by_class: &'static str,
    pub class_2: &'static str,
    pub class_3: &'static str,
    pub class_4: &'static str,
    pub class_5: &'static str,
    pub class_other: &'static str,
    pub class_none: &'static str,
    pub code_columns_out: [&'static str; 6],
    pub code_columns_in: [&'static str; 6],
    pub more_detail: &'static str,
    pub cause_columns_out: [&'static str; 6],
    pub cause_columns_in: [&'static str; 6],
    pub none: &'static str,
    // Code by code, cause by cause.
    pub cause_by_cause: &'static str,
    pub code_by_code: &'static str,
    pub what: &'static str,
    pub lines: Counted,
    pub quoting: &'static str,
    pub in_passing: &'static str,
    pub who: &'static str,
    pub sample: &'static str,
    pub texts: &'static str,
    pub at_least: &'static str,
    pub kind: &'static str,
    pub act: &'static str,
    pub act_by: &'static str,
    pub hard: &'static str,
    pub soft: &'static str,
    pub parties: [&'static str; 5],
    // Silence and codes that the log does not state.
    pub silence_refused: &'static str,
    pub silence_timed_out: &'static str,
    pub silence_lost: &'static str,
    pub silence_dns: &'static str,
    pub silence_tls: &'static str,
    pub silence_lifetime: &'static str,
    pub silence_postponed: &'static str,
    pub silence_own: &'static str,
    pub no_code: &'static str,
    pub login_failed: &'static str,
    pub client_silent: &'static str,
    pub violation: &'static str,
    pub would_refuse: &'static str,
    pub put_aside: &'static str,
    pub over_limit: &'static str,
    pub refused: &'static str,
    pub at_connect: &'static str,
    pub at_end_of_data: &'static str,
    pub at_stage: &'static str,
    // Time.
    pub time: &'static str,
    pub time_what: &'static str,
    pub by_hour: &'static str,
    pub series: [&'static str; 5],
    // Names.
    pub providers: &'static str,
    pub domains: &'static str,
    pub relays: &'static str,
    pub clients: &'static str,
    pub name_columns: [&'static str; 4],
    pub provider: &'static str,
    pub domain: &'static str,
    pub host: &'static str,
    pub too_many_names: &'static str,
    pub more: &'static str,
    // Own servers, lines.
    pub trouble: &'static str,
    pub severities: [&'static str; 4],
    pub not_understood: &'static str,
    pub lines_read: &'static str,
    pub buckets: [&'static str; 5],
    pub duplicates: &'static str,
    pub cut_lines: &'static str,
    pub invalid_bytes: &'static str,
    // Warnings.
    pub warn_missing_file: &'static str,
    pub warn_gap: &'static str,
    pub warn_jump: &'static str,
    pub warn_more: &'static str,
    pub warn_lost_lines: &'static str,
    pub warn_duplicates: &'static str,
    pub warn_without_time: &'static str,
    pub warn_unknown: &'static str,
}

impl Language {
    /// The labels of this language.
    pub const fn labels(self) -> &'static Labels {
        match self {
            Self::En => &super::en::LABELS,
            Self::Ru => &super::ru::LABELS,
        }
    }
}

/// Puts values into a label: `{0}` is the first.
pub fn say(label: &str, values: &[&dyn Display]) -> String {
    let mut out = String::new();
    let mut rest = label;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let (number, behind) = behind.split_once('}').unwrap_or((behind, ""));
        if let Some(value) = number.parse().ok().and_then(|n: usize| values.get(n)) {
            let _ = write!(out, "{value}");
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_where_the_label_wants_them() {
        assert_eq!(say("{1} of {0}, {0}", &[&7, &"a"]), "a of 7, 7");
        assert_eq!(say("{0} {5}{", &[&1]), "1 ");
        assert_eq!(say("plain", &[]), "plain");
    }
}
