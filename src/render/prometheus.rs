//! The report as Prometheus metrics, for the textfile collector of the node exporter.
//!
//! Every metric is a gauge, as a report speaks of one period and the next report of another. Label values come
//! from closed lists (directions, classes, causes, parties, fates, our providers, the thresholds that were set), so
//! a stranger's text can neither make a series nor forge a line. To add a metric: a call in [`render`].

use crate::report::Report;
use prometheus::{Encoder, GaugeVec, Opts, Registry, TextEncoder};
use std::collections::BTreeMap;

/// Writes the metrics in the text exposition format.
pub fn render(report: &Report) -> String {
    let mut page = Page { registry: Registry::new() };
    let one = |value| vec![(vec![], value)];
    page.gauge("report_timestamp_seconds", "Last moment in the log, seconds since 1970.", &[], {
        report.input.last.iter().filter_map(|time| seconds_of(time)).map(|s| (vec![], s)).collect()
    });
    page.gauge(
        "log_period_seconds",
        "Time between the first and the last line.",
        &[],
        one(of(report.input.seconds.unsigned_abs())),
    );
    page.gauge("log_bytes", "Bytes read, unpacked.", &[], one(of(report.input.bytes)));
    page.gauge(
        "log_lines",
        "Lines read, each in one bucket.",
        &["bucket"],
        counted(report.input.buckets.iter().map(|(bucket, n)| ([bucket.as_str()], *n))),
    );
    page.gauge(
        "report_warnings",
        "What may make the figures wrong.",
        &[],
        one(of(report.warnings.len() as u64)),
    );
    page.gauge(
        "messages",
        "Messages, content filters folded in.",
        &[],
        one(of(report.mail.messages)),
    );
    page.gauge(
        "recipients",
        "Recipients by what became of their mail by the end of the log.",
        &["fate"],
        counted(report.mail.fates.iter().map(|row| ([row.fate.as_str()], row.recipients))),
    );
    page.gauge(
        "recipients_deferred",
        "Recipients whose mail was deferred at least once.",
        &[],
        one(of(report.mail.ever_deferred)),
    );
    page.gauge("attempts", "Delivery attempts.", &["disposition"], {
        counted(report.lines.attempts_by_status.iter().map(|(status, n)| ([status.as_str()], *n)))
    });
    page.gauge("rejects", "Refusals to clients.", &[], one(of(report.lines.rejects)));
    page.gauge(
        "login_failures",
        "Failed logins of clients.",
        &[],
        one(of(report.lines.login_failures)),
    );
    let sections =
        [("outbound", &report.outbound), ("inbound", &report.inbound), ("local", &report.local)];
    page.gauge(
        "replies",
        "Replies and refusals by the first digit of their code; `none` where the log states none.",
        &["direction", "class"],
        counted(sections.iter().flat_map(|(direction, section)| {
            section.classes.iter().map(move |row| ([*direction, row.class.as_str()], row.lines))
        })),
    );
    page.gauge(
        "failures",
        "Failed attempts and refusals by cause and by who must act.",
        &["direction", "cause", "party"],
        counted(sections.iter().flat_map(|(direction, section)| {
            section
                .causes
                .iter()
                .map(move |row| ([*direction, row.cause.as_str(), row.party.as_str()], row.lines))
        })),
    );
    page.gauge(
        "provider_attempts",
        "Outbound attempts by receiving provider.",
        &["provider", "disposition"],
        {
            counted(report.providers.rows.iter().flat_map(|row| {
                [("delivered", row.delivered), ("deferred", row.deferred), ("bounced", row.bounced)]
                    .map(|(disposition, n)| ([row.name.as_str(), disposition], n))
            }))
        },
    );
    page.gauge("trouble_lines", "Lines about trouble of our own servers.", &["severity"], {
        counted(report.trouble.iter().map(|row| ([row.severity.as_str()], row.lines)))
    });
    let thresholds = || report.thresholds.iter();
    page.gauge("threshold_value", "What was compared with a threshold.", &["threshold"], {
        thresholds().map(|row| (vec![row.threshold.clone()], row.value)).collect()
    });
    page.gauge("threshold_passed", "Whether a threshold was passed: 1 or 0.", &["threshold"], {
        thresholds()
            .map(|row| (vec![row.threshold.clone()], f64::from(u8::from(row.passed))))
            .collect()
    });
    page.finish()
}

struct Page {
    registry: Registry,
}

type Samples = Vec<(Vec<String>, f64)>;

impl Page {
    fn gauge(&mut self, name: &str, help: &str, labels: &[&str], samples: Samples) {
        if samples.is_empty() {
            return;
        }
        // Names and labels are those above, which the tests try.
        let Ok(gauge) = GaugeVec::new(Opts::new(format!("mailwhy_{name}"), help), labels) else {
            return;
        };
        for (values, value) in samples {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            if let Ok(gauge) = gauge.get_metric_with_label_values(&values) {
                gauge.set(value);
            }
        }
        let _ = self.registry.register(Box::new(gauge));
    }

    /// Families by name, series by labels: the encoder sorts both.
    fn finish(self) -> String {
        let mut text = Vec::new();
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut text);
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// Samples with the counts of the same labels added up.
fn counted<'a, const N: usize>(rows: impl Iterator<Item = ([&'a str; N], u64)>) -> Samples {
    let mut sums = BTreeMap::<[&str; N], u64>::new();
    for (labels, count) in rows {
        *sums.entry(labels).or_default() += count;
    }
    sums.into_iter().map(|(labels, n)| (labels.map(str::to_owned).to_vec(), of(n))).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of lines and bytes are below 2^52")]
fn of(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "seconds are below 2^52")]
fn seconds_of(time: &str) -> Option<f64> {
    chrono::DateTime::parse_from_rfc3339(time).ok().map(|time| time.timestamp() as f64)
}
