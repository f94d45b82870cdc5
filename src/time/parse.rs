//! Reading time stamps: fixed columns where a form has them, never a format string.
//!
//! Forms, with the names of the log-envelope inventory: traditional `Jan  5 10:00:00` (E-1, day padded,
//! zero-padded or bare), with year (E-7), with fraction (E-8); ISO 8601 with `T`, space, comma or dot
//! fraction and any zone (E-3, E-4, Exim's own); seconds since 1970 and TAI64N (E-12).
//! To add a form: one function here, one arm in [`parse_stamp`], one line in the test.

use super::{Local, Stamp, Time};
use chrono::NaiveDate;

/// Reads the stamp at the start of `text`; gives it and the text behind it, its space removed.
///
/// `None` when `text` does not begin with a stamp. A stamp of a known form whose numbers no calendar has
/// gives [`Stamp::Missing`], so that the line still counts as a log line.
pub fn parse_stamp(text: &str) -> Option<(Stamp, &str)> {
    let (stamp, rest) = match text.as_bytes().first()? {
        b'A'..=b'Z' | b'a'..=b'z' => named_month(text)?,
        b'0'..=b'9' => {
            iso(text).or_else(|| named_month_after_year(text)).or_else(|| since_1970(text))?
        }
        b'@' => tai64n(text)?,
        _ => return None,
    };
    match rest.as_bytes().first() {
        None => Some((stamp, rest)),
        Some(b' ' | b'\t') => Some((stamp, rest.trim_start_matches([' ', '\t']))),
        Some(_) => None,
    }
}

/// Remembers the last stamp: of those of the same minute only the seconds are read.
#[derive(Clone, Debug)]
pub struct StampCache {
    /// The first bytes of the stamp as a number, and ones where they are compared.
    first: u128,
    first_mask: u128,
    /// The first 16 bytes are all of it, seconds included: `Jan  5 10:00:00 `.
    short: bool,
    /// Where the seconds begin, which may be one byte behind the first ones: a colon.
    seconds_at: usize,
    /// The zone, or what else stands behind the fraction, and its space.
    behind: u64,
    behind_mask: u64,
    behind_length: usize,
    /// The stamp at the begin of the minute.
    stamp: Stamp,
}

impl Default for StampCache {
    /// Knows no stamp: whatever is compared with nothing is not all ones.
    fn default() -> Self {
        Self {
            first: u128::MAX,
            first_mask: 0,
            short: false,
            seconds_at: 0,
            behind: u64::MAX,
            behind_mask: 0,
            behind_length: 0,
            stamp: Stamp::Missing,
        }
    }
}

/// Where the seconds of a traditional stamp begin.
const TRADITIONAL: usize = 13;
/// Its seconds, in the number of its 16 bytes.
const SECONDS: u128 = 0xffff << (8 * TRADITIONAL);

impl StampCache {
    /// As [`parse_stamp`].
    #[expect(
        clippy::inline_always,
        reason = "a call, and what it hands over in memory, is half of the work"
    )]
    #[inline(always)]
    pub fn parse<'a>(&mut self, text: &'a str) -> Option<(Stamp, &'a str)> {
        self.known(text).or_else(|| self.read(text))
    }

    #[expect(
        clippy::inline_always,
        reason = "a call, and what it hands over in memory, is half of the work"
    )]
    #[inline(always)]
    fn known<'a>(&self, text: &'a str) -> Option<(Stamp, &'a str)> {
        let bytes = text.as_bytes();
        let first = u128::from_le_bytes(*bytes.first_chunk()?);
        if first & self.first_mask != self.first {
            return None;
        }
        let (second, micros, end) = if self.short {
            let [tens, ones, ..] = ((first & SECONDS) >> (8 * TRADITIONAL)).to_le_bytes();
            (two_digits(tens, ones)?, 0, 16)
        } else {
            self.seconds_and_end(bytes)?
        };
        // 60 is another minute's.
        if second >= 60 {
            return None;
        }
        let rest = text.get(end..)?;
        // A zone may follow after a space (Exim), or a year, and then the stamp is another one.
        match rest.as_bytes() {
            [b'+' | b'-' | b' ', ..] => return None,
            [b'1' | b'2', _, _, _, b' ', ..] if self.short => return None,
            _ => {}
        }
        let stamp = match self.stamp {
            Stamp::Missing => Stamp::Missing,
            Stamp::Local(at) => Stamp::Local(Local { second, micros, ..at }),
            Stamp::Absolute(minute) => {
                Stamp::Absolute(Time(minute.0 + i64::from(second) * 1_000_000 + i64::from(micros)))
            }
        };
        Some((stamp, rest))
    }

    /// Second and microseconds of a stamp that is longer than its first bytes, and where it ends.
    #[inline]
    fn seconds_and_end(&self, bytes: &[u8]) -> Option<(u8, u32, usize)> {
        let at = self.seconds_at;
        let &[b':', tens, ones] = bytes.get(at - 1..)?.first_chunk()? else { return None };
        let second = two_digits(tens, ones)?;
        // Many stamps have none, and to look is less than to call.
        let (micros, used) = match bytes.get(at + 2)? {
            b'.' | b',' => fraction(bytes.get(at + 2..)?),
            _ => (0, 0),
        };
        let end = at + 2 + used;
        let behind = u64::from_le_bytes(*bytes.get(end..)?.first_chunk()?);
        let same = behind & self.behind_mask == self.behind;
        same.then_some((second, micros, end + self.behind_length))
    }

    #[inline(never)]
    fn read<'a>(&mut self, text: &'a str) -> Option<(Stamp, &'a str)> {
        let (stamp, rest) = parse_stamp(text)?;
        *self = Self::default();
        let whole = text.get(..text.len() - rest.len())?;
        // The space at the end is part of the key, or a longer stamp would match a shorter one.
        if whole.ends_with(' ') {
            self.remember(whole, stamp);
        }
        Some((stamp, rest))
    }

    fn remember(&mut self, whole: &str, stamp: Stamp) -> Option<()> {
        let seconds_at = begin_of_seconds(whole)?;
        let (before, behind) = whole.as_bytes().split_at_checked(seconds_at)?;
        // 61 makes the stamp an impossible one, which the rest of its minute is not.
        let second = two(behind, 0).filter(|second| *second <= 60)?;
        let (micros, used) = fraction(behind.get(2..)?);
        let behind = behind.get(2 + used..).filter(|behind| behind.len() <= 8)?;
        self.stamp = match stamp {
            Stamp::Missing => Stamp::Missing,
            Stamp::Local(at) => Stamp::Local(Local { second: 0, micros: 0, ..at }),
            Stamp::Absolute(time) => {
                Stamp::Absolute(Time(time.0 - i64::from(second) * 1_000_000 - i64::from(micros)))
            }
        };
        self.first_mask = mask_of(before.len().min(16));
        self.behind_mask = u64::try_from(mask_of(behind.len())).ok()?;
        self.behind = u64::try_from(number_of(behind)).ok()?;
        self.behind_length = behind.len();
        self.seconds_at = seconds_at;
        self.short = seconds_at == TRADITIONAL && used == 0 && behind == b" ";
        if self.short {
            self.first_mask = !SECONDS;
        }
        // At last, as it is by this that a stamp is known.
        self.first = number_of(whole.as_bytes().first_chunk::<16>()?) & self.first_mask;
        Some(())
    }
}

/// The bytes (at most 16) as a number, the first one lowest.
fn number_of(bytes: &[u8]) -> u128 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// Ones where a number has its lowest `bytes` bytes, at most 16.
fn mask_of(bytes: usize) -> u128 {
    // A shift by all bits is none that the language has.
    if bytes == 0 { 0 } else { u128::MAX >> (8 * (16 - bytes)) }
}

/// Where the seconds begin in the two most common forms, `Jan  5 10:00:00` and `2026-01-05 10:00:00`; a
/// fraction may stand there in both.
fn begin_of_seconds(stamp: &str) -> Option<usize> {
    let colon = |at: usize| stamp.as_bytes().get(at) == Some(&b':');
    if colon(9) && colon(12) {
        Some(13)
    } else if colon(13) && colon(16) {
        Some(17)
    } else {
        None
    }
}

fn month(bytes: &[u8]) -> Option<u8> {
    let &[a, b, c] = bytes.first_chunk::<3>()?;
    Some(match [a | 32, b | 32, c | 32] {
        [b'j', b'a', b'n'] => 1,
        [b'f', b'e', b'b'] => 2,
        [b'm', b'a', b'r'] => 3,
        [b'a', b'p', b'r'] => 4,
        [b'm', b'a', b'y'] => 5,
        [b'j', b'u', b'n'] => 6,
        [b'j', b'u', b'l'] => 7,
        [b'a', b'u', b'g'] => 8,
        [b's', b'e', b'p'] => 9,
        [b'o', b'c', b't'] => 10,
        [b'n', b'o', b'v'] => 11,
        [b'd', b'e', b'c'] => 12,
        _ => return None,
    })
}

#[inline]
fn two(bytes: &[u8], at: usize) -> Option<u8> {
    let &[a, b] = bytes.get(at..)?.first_chunk::<2>()?;
    two_digits(a, b)
}

#[inline]
fn two_digits(a: u8, b: u8) -> Option<u8> {
    (a.is_ascii_digit() && b.is_ascii_digit()).then(|| (a - b'0') * 10 + (b - b'0'))
}

#[inline]
fn four(bytes: &[u8]) -> Option<i16> {
    Some(i16::from(two(bytes, 0)?) * 100 + i16::from(two(bytes, 2)?))
}

/// Hour, minute, second, microseconds.
type Clock = (u8, u8, u8, u32);

/// `hh:mm:ss` with an optional fraction; gives the time and the text behind it.
#[inline]
fn clock(text: &str) -> Option<(Clock, &str)> {
    let bytes = text.as_bytes();
    let (hour, minute, second) = (two(bytes, 0)?, two(bytes, 3)?, two(bytes, 6)?);
    if bytes.get(2) != Some(&b':') || bytes.get(5) != Some(&b':') {
        return None;
    }
    let (micros, used) = fraction(bytes.get(8..)?);
    Some(((hour, minute, second, micros), text.get(8 + used..)?))
}

/// `.123` or `,123456789` as microseconds, and how many bytes it took.
#[inline]
fn fraction(bytes: &[u8]) -> (u32, usize) {
    if !matches!(bytes.first(), Some(b'.' | b',')) || !bytes.get(1).is_some_and(u8::is_ascii_digit)
    {
        return (0, 0);
    }
    let (mut micros, mut scale, mut used) = (0, 100_000, 1);
    while let Some(digit) = bytes.get(used).filter(|b| b.is_ascii_digit()) {
        micros += u32::from(digit - b'0') * scale;
        scale /= 10;
        used += 1;
    }
    (micros, used)
}

fn local(year: Option<i16>, month: u8, day: u8, clock: Clock) -> Stamp {
    let (hour, minute, second, micros) = clock;
    let possible = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60
        && year.is_none_or(|y| {
            y > 0
                && NaiveDate::from_ymd_opt(i32::from(y), u32::from(month), u32::from(day)).is_some()
        });
    if !possible {
        return Stamp::Missing;
    }
    Stamp::Local(Local { year, month, day, hour, minute, second, micros })
}

/// One or two digits of a day, perhaps after padding, and the text behind its space.
fn day(text: &str) -> Option<(u8, &str)> {
    let text = text.trim_start_matches(' ');
    let bytes = text.as_bytes();
    let (day, used) = match two(bytes, 0) {
        Some(day) => (day, 2),
        None => (bytes.first().filter(|b| b.is_ascii_digit())? - b'0', 1),
    };
    Some((day, text.get(used..)?.strip_prefix(' ')?.trim_start_matches(' ')))
}

/// ` 2026` between a time and a host. In front of a program it is the host itself.
fn year_behind(rest: &str) -> Option<(i16, &str)> {
    let [b' ', b'1' | b'2', _, _, _, b' ', ..] = rest.as_bytes() else { return None };
    let year = four(rest.get(1..)?.as_bytes())?;
    let behind = rest.get(5..)?;
    let (host, _) = behind.get(1..)?.split_once(' ')?;
    (!host.is_empty() && !host.contains([':', '['])).then_some((year, behind))
}

/// `Jan  5 10:00:00`, `Jan  5 2026 10:00:00`, `Jan  5 10:00:00 2026`, `Mon Jan  5 10:00:00 2026`, `Mon 2026-01-05
/// 10:00:00 CET`.
fn named_month(text: &str) -> Option<(Stamp, &str)> {
    let bytes = text.as_bytes();
    let Some(number) = month(bytes).filter(|_| bytes.get(3) == Some(&b' ')) else {
        return after_weekday(text);
    };
    let (day, rest) = day(text.get(3..)?)?;
    if let Some((time, rest)) = clock(rest) {
        return Some(match year_behind(rest) {
            Some((year, rest)) => (local(Some(year), number, day, time), rest),
            None => (local(None, number, day, time), rest),
        });
    }
    let year = four(rest.as_bytes())?;
    let (time, rest) = clock(rest.get(4..)?.strip_prefix(' ')?)?;
    Some((local(Some(year), number, day, time), rest))
}

fn after_weekday(text: &str) -> Option<(Stamp, &str)> {
    let name = text.get(..3)?;
    if !["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&name) {
        return None;
    }
    let rest = text.get(3..)?.strip_prefix(' ')?;
    if let Some((stamp, behind)) = iso(rest) {
        // A zone abbreviation (`CET`) is ambiguous in the world, so it is skipped, not read.
        let zone = behind.strip_prefix(' ')?.split(' ').next()?;
        if (2..=5).contains(&zone.len()) && zone.bytes().all(|b| b.is_ascii_uppercase()) {
            let stamp = if zone == "UTC" { as_utc(stamp) } else { stamp };
            return Some((stamp, behind.get(1 + zone.len()..)?));
        }
        return Some((stamp, behind));
    }
    let number = month(rest.as_bytes())?;
    let (day, rest) = day(rest.get(3..)?)?;
    let (time, rest) = clock(rest)?;
    let year = four(rest.strip_prefix(' ')?.as_bytes())?;
    Some((local(Some(year), number, day, time), rest.get(5..)?))
}

fn as_utc(stamp: Stamp) -> Stamp {
    match stamp {
        Stamp::Local(at) => with_offset(at, 0),
        other => other,
    }
}

/// `2026 Jan  5 10:00:00`.
fn named_month_after_year(text: &str) -> Option<(Stamp, &str)> {
    let year = four(text.as_bytes())?;
    let rest = text.get(4..)?.strip_prefix(' ')?;
    let number = month(rest.as_bytes())?;
    let (day, rest) = day(rest.get(3..)?)?;
    let (time, rest) = clock(rest)?;
    Some((local(Some(year), number, day, time), rest))
}

/// `2026-01-05T10:00:00.123456+01:00` and its relatives.
fn iso(text: &str) -> Option<(Stamp, &str)> {
    let bytes = text.as_bytes();
    let year = four(bytes)?;
    let separator = *bytes.get(4)?;
    if !matches!(separator, b'-' | b'/') || bytes.get(7) != Some(&separator) {
        return None;
    }
    let (month, day) = (two(bytes, 5)?, two(bytes, 8)?);
    if !matches!(bytes.get(10), Some(b'T' | b't' | b' ' | b'\t' | b'-')) {
        return None;
    }
    let (time, rest) = clock(text.get(11..)?)?;
    let stamp = local(Some(year), month, day, time);
    let Stamp::Local(at) = stamp else { return Some((stamp, skip_offset(rest))) };
    match offset(rest) {
        Some((seconds, rest)) => Some((with_offset(at, seconds), rest)),
        None => Some((stamp, rest)),
    }
}

fn skip_offset(rest: &str) -> &str {
    offset(rest).map_or(rest, |(_, rest)| rest)
}

fn with_offset(at: Local, offset_seconds: i64) -> Stamp {
    let date = NaiveDate::from_ymd_opt(
        i32::from(at.year.unwrap_or(1970)),
        u32::from(at.month),
        u32::from(at.day),
    );
    let Some(date) = date else { return Stamp::Missing };
    let days = i64::from(date.to_epoch_days());
    let seconds = days * 86_400
        + i64::from(at.hour) * 3_600
        + i64::from(at.minute) * 60
        + i64::from(at.second)
        - offset_seconds;
    Stamp::Absolute(Time::from_parts(seconds, at.micros))
}

/// `Z`, `+01:00`, `+0100`, ` +0100` (Exim puts a space before it): seconds east of UTC.
fn offset(text: &str) -> Option<(i64, &str)> {
    let bytes = text.as_bytes();
    if let Some(b'Z' | b'z') = bytes.first() {
        return Some((0, text.get(1..)?));
    }
    let text = match bytes.first_chunk::<2>() {
        Some([b' ', b'+' | b'-']) => text.get(1..)?,
        _ => text,
    };
    let bytes = text.as_bytes();
    let east = match bytes.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = i64::from(two(bytes, 1)?);
    let colon = usize::from(bytes.get(3) == Some(&b':'));
    let minutes = i64::from(two(bytes, 3 + colon)?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    Some((east * (hours * 3_600 + minutes * 60), text.get(5 + colon..)?))
}

/// `1767603600.123`: seconds since 1970, ten digits (the years 2001 to 2286).
fn since_1970(text: &str) -> Option<(Stamp, &str)> {
    let digits = text.get(..10)?;
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (micros, used) = fraction(text.as_bytes().get(10..)?);
    let seconds = digits.parse().ok()?;
    Some((Stamp::Absolute(Time::from_parts(seconds, micros)), text.get(10 + used..)?))
}

/// `@400000006…`: TAI64N of multilog and s6, 16 hexadecimal digits of seconds and 8 of nanoseconds.
fn tai64n(text: &str) -> Option<(Stamp, &str)> {
    const EPOCH: u64 = 0x4000_0000_0000_0000;
    /// Seconds by which the label is ahead of UTC; leap seconds since 2017 are all counted in it.
    const AHEAD: i64 = 37;
    let seconds = u64::from_str_radix(text.get(1..17)?, 16).ok()?.checked_sub(EPOCH)?;
    let nanos = u32::from_str_radix(text.get(17..25)?, 16).ok()?;
    let seconds = i64::try_from(seconds).ok()?.checked_sub(AHEAD)?;
    Some((Stamp::Absolute(Time::from_parts(seconds, nanos / 1000)), text.get(25..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_the_rest_is_left() {
        for (text, want) in [
            ("Jan  5 10:00:00 mx1 x", "-----01-05 10:00:00.0|mx1 x"),
            ("Jan 05 10:00:00 mx1 x", "-----01-05 10:00:00.0|mx1 x"),
            ("Jan 5 10:00:00 mx1 x", "-----01-05 10:00:00.0|mx1 x"),
            ("JAN 15 10:00:00.123 mx1", "-----01-15 10:00:00.123000|mx1"),
            ("Jan  5 2026 10:00:00 mx1", "2026-01-05 10:00:00.0|mx1"),
            ("Jan  5 10:00:00 2026 mx1 x", "2026-01-05 10:00:00.0|mx1 x"),
            ("Jan  5 10:00:00 2026 x: y", "-----01-05 10:00:00.0|2026 x: y"),
            ("2026 Jan  5 10:00:00 mx1", "2026-01-05 10:00:00.0|mx1"),
            ("Mon Jan  5 10:00:00 2026 mx1", "2026-01-05 10:00:00.0|mx1"),
            ("Mon 2026-01-05 10:00:00 CET mx1", "2026-01-05 10:00:00.0|mx1"),
            ("Mon 2026-01-05 10:00:00 UTC mx1", "2026-01-05T10:00:00Z|mx1"),
            ("2026-01-05 10:00:00 1tUAbc", "2026-01-05 10:00:00.0|1tUAbc"),
            ("2026-01-05 10:00:00,123 mx1", "2026-01-05 10:00:00.123000|mx1"),
            ("2026-01-05 10:00:03.118 +0100 [811] x", "2026-01-05T09:00:03.118Z|[811] x"),
            ("2026-01-05T10:00:00.1Z mx1", "2026-01-05T10:00:00.100Z|mx1"),
            ("2026-01-05T10:00:00.123456789+01:00 mx1", "2026-01-05T09:00:00.123456Z|mx1"),
            ("2026-01-05T10:00:00+0530 mx1", "2026-01-05T04:30:00Z|mx1"),
            ("2026-01-05T10:00:00-03:30 mx1", "2026-01-05T13:30:00Z|mx1"),
            ("1767603600.5 mx1", "2026-01-05T09:00:00.500Z|mx1"),
            ("@40000000695b7db500000000 x", "2026-01-05T09:00:00Z|x"),
            ("2026-02-30 10:00:00 x", "missing|x"),
            ("Jan 32 10:00:00 x", "missing|x"),
        ] {
            let (stamp, rest) = parse_stamp(text).unwrap_or_else(|| panic!("{text:?}"));
            let shown = match stamp {
                Stamp::Missing => "missing".to_owned(),
                Stamp::Absolute(time) => time.to_string(),
                Stamp::Local(l) => format!(
                    "{}-{:02}-{:02} {:02}:{:02}:{:02}.{}",
                    l.year.map_or("----".to_owned(), |y| y.to_string()),
                    l.month,
                    l.day,
                    l.hour,
                    l.minute,
                    l.second,
                    l.micros
                ),
            };
            assert_eq!(format!("{shown}|{rest}"), want, "{text:?}");
        }
    }

    #[test]
    fn other_text_is_no_stamp() {
        for text in [
            "",
            "Jan",
            "January 5",
            "ene  5 10:00:00 x",
            "2026-01-05",
            "2026-01-05T10:00:00+01:00x",
            "12345 x",
            "Jan  5 10:00 x",
            "@4000 x",
        ] {
            assert_eq!(parse_stamp(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_cache_gives_what_the_parser_gives() {
        let mut cache = StampCache::default();
        for text in [
            "Jan  5 10:00:00 a",
            "Jan  5 10:00:00 b",
            "Jan  5 10:00:00  c",
            "2026-01-05 10:00:00 x",
            "2026-01-05 10:00:00 +0100 x",
            "2026-01-05 10:00:00.5 x",
            "2026-01-05 10:00:00 x",
            "2026-01-05 10:00:00, x",
            "2026-01-05T10:00:00.5+01:00 x",
            "2026-01-05T10:00:00.000001+01:00 x",
            "2026-01-05T10:00:00+01:00 x",
            "2026-01-05T10:00:00.5+02:00 x",
            "2026-01-05T10:00:00.25Z x",
            "2026-01-05T10:00:00.5Zx",
            "2026-02-30T10:00:00.5Z x",
            "2026-02-30T10:00:00.75Z x",
            "2026-01-05T10:00:00.25",
            "2026-01-05T10:00:59.75+01:00 x",
            "2026-01-05T10:00:60+01:00 x",
            "2026-01-05T10:01:60+01:00 x",
            "2026-01-05T10:01:07.5+01:00 x",
            "2026-01-06T10:01:07.5+01:00 x",
            "2026-11-06T10:01:07.5+01:00 x",
            "2026-11-06T10:02:07.5+01:00 x",
            "2026-01-05\t10:00:01\tx",
            "2026-01-05 10:00:01\tx",
            "2026-01-05 10:00:02 x",
            "2026-01-05 10:00:03\tx",
            "Jan  5 10:00:01\td",
            "Jan  5 10:00:01 d",
            "Jan  5 10:00:01 2025 mx1 d",
            "Jan  5 10:00:01 2026 mx1 d",
            "Jan  5 10:00:02 2026 mx1 d",
            "Jan  5 10:00:02 d",
            "Jan  6 10:00:01 d",
            "Jan  6 10:01:01 d",
            "Jan  5 10:00:60 d",
            "Jan  5 10:00:61 d",
            "Jan  5 10:00:01.5 d",
            "Jan  5 10:00:01",
        ] {
            let got = cache.parse(text).map(|(stamp, rest)| (stamp, rest.trim_start()));
            assert_eq!(got, parse_stamp(text), "{text:?}");
        }
    }
}
