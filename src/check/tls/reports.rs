//! TLS-RPT (RFC 8460): where senders report failures of TLS to.

/// What the texts at `_smtp._tls.DOMAIN` come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reporting {
    /// Nothing there is a record of TLS-RPT.
    Nothing,
    /// Where reports go.
    To(String),
    /// More than one record, or no `rua` that can be written to: senders report nothing.
    Broken,
}

/// Reads the texts. Source: RFC 8460 section 3.
pub fn reporting<'t>(texts: impl Iterator<Item = &'t str>) -> Reporting {
    let mut records = texts.filter(|text| {
        text.split(';').next().is_some_and(|version| version.trim_end() == "v=TLSRPTv1")
    });
    let Some(record) = records.next() else { return Reporting::Nothing };
    let to = record.split(';').find_map(|field| field.trim().strip_prefix("rua="));
    let usable = |to: &&str| {
        to.split(',').all(|place| {
            let place = place.trim();
            place.starts_with("mailto:") || place.starts_with("https://")
        })
    };
    match (to.filter(usable), records.next()) {
        (Some(to), None) => Reporting::To(to.trim().to_owned()),
        _ => Reporting::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_says_where_reports_go() {
        for (texts, want) in [
            (&["something else"][..], Reporting::Nothing),
            (
                &["v=TLSRPTv1; rua=mailto:tls@example.com"],
                Reporting::To("mailto:tls@example.com".into()),
            ),
            (
                &["v=TLSRPTv1;rua=mailto:a@example.com,https://example.com/r;"],
                Reporting::To("mailto:a@example.com,https://example.com/r".into()),
            ),
            (&["v=TLSRPTv1; rua=tls@example.com"], Reporting::Broken),
            (&["v=TLSRPTv1;"], Reporting::Broken),
            (&["v=TLSRPTv1; rua=mailto:a@example.com"; 2], Reporting::Broken),
        ] {
            assert_eq!(reporting(texts.iter().copied()), want, "{texts:?}");
        }
    }
}
