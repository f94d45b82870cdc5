//! The report as an e-mail message: headers, a text part and, where there is one, an HTML part.
//!
//! Both parts are in base64. Not for secrecy: the report quotes spam, addresses of senders and replies, and the
//! administrator's own header and body checks must not fire on them. Log text comes into the headers only as the
//! host's name, and only if it is one.

use crate::i18n::Language;
use crate::report::Report;
use mail_builder::MessageBuilder;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::mime::MimePart;
use std::io;

/// The letter's envelope and parts.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// The address in `From:`.
    pub from: &'a str,
    /// The address in `To:`.
    pub to: &'a str,
    /// When it is written, seconds since 1970.
    pub now: i64,
    /// The report as text.
    pub text: &'a str,
    /// The report as a page.
    pub html: &'a str,
}

/// Writes the message, its lines ended by CR LF.
///
/// # Errors
///
/// None that writing to memory can meet.
pub fn render(report: &Report, letter: Letter<'_>) -> io::Result<Vec<u8>> {
    let boundary = boundary_of(&[letter.text, letter.html]);
    let parts = vec![
        part("text/plain; charset=utf-8", letter.text),
        part("text/html; charset=utf-8", letter.html),
    ];
    let content_type =
        ContentType::new("multipart/alternative").attribute("boundary", boundary.clone());
    let domain = letter.from.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    MessageBuilder::new()
        .from(letter.from)
        .to(letter.to)
        .subject(subject(report))
        .date(letter.now)
        .message_id(format!("{}.{boundary}@{domain}", letter.now))
        // RFC 3834: nobody's vacation notice shall answer.
        .header("Auto-Submitted", Text::new("auto-generated"))
        .body(MimePart::new(content_type, parts))
        .write_to_vec()
}

/// The state in one line: thresholds first, then what was lost.
pub fn subject(report: &Report) -> String {
    let host = match report.input.hosts.as_slice() {
        [one] if is_host_name(&one.name) => format!(" {}", one.name),
        _ => String::new(),
    };
    let passed: Vec<_> = report
        .thresholds
        .iter()
        .filter(|row| row.passed)
        .map(|row| row.threshold.as_str())
        .collect();
    let fate = |fate: &str| {
        report.mail.fates.iter().find(|row| row.fate == fate).map_or(0, |row| row.recipients)
    };
    let lost = fate("bounced") + fate("expired");
    let (queued, rejects) = (fate("queued"), report.lines.rejects);
    let state = match (report.language, passed.as_slice()) {
        (Language::En, []) => format!("ok, {lost} given up, {queued} queued, {rejects} refused"),
        (Language::En, passed) => format!("ALARM {}", passed.join(", ")),
        (Language::Ru, []) => {
            format!("порядок, не доставлено {lost}, в очереди {queued}, отказов {rejects}")
        }
        (Language::Ru, passed) => format!("ТРЕВОГА {}", passed.join(", ")),
    };
    format!("mailwhy{host}: {state}")
}

/// Letters, digits, dots and hyphens, as RFC 1123 has it.
fn is_host_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 253
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
}

/// A part whose content type the builder does not look into: what is no text for it is put into base64.
fn part<'a>(content_type: &'static str, text: &'a str) -> MimePart<'a> {
    MimePart::raw(text.as_bytes()).header("Content-Type", Raw::new(content_type))
}

/// The same for the same report. What is in base64 cannot hold it.
fn boundary_of(parts: &[&str]) -> String {
    use foldhash::quality::FixedState;
    use std::hash::BuildHasher;
    format!("=_{:016x}", FixedState::with_seed(0).hash_one(parts))
}

/// Whether a text can stand as an address in a header and on the command line of `sendmail`: visible ASCII
/// without brackets, quotes and commas, and no option. A name without a domain is fine: the mail server adds its own.
pub fn is_address(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 320
        && !text.starts_with('-')
        && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"'(),:;[\\]`|&$".contains(&b))
}
