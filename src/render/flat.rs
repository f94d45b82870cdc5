//! JSON objects of many short fields, written fast.
//!
//! What [`super::json::write_line`] writes, byte for byte, for structs of strings, numbers and booleans: the names
//! of fields are ours and need no escaping, and nearly all text is plain ASCII, which one look tells. Whatever
//! needs more is handed to `json.rs`. To write a kind of value that is refused here: one method of
//! [`Flat`]'s `Serializer`.

use super::json;
use serde::ser::{Error as _, Impossible, Serialize, SerializeStruct, Serializer};
use std::fmt::Display;
use std::io::{self, Write};

/// Appends `record` to `out` on one line, without a line feed.
///
/// # Errors
/// A field is neither text nor a number nor a boolean nor absent.
pub(super) fn write_record(out: &mut Vec<u8>, record: &impl Serialize) -> io::Result<()> {
    record.serialize(Flat { out, first: true }).map_err(io::Error::from)
}

struct Flat<'o> {
    out: &'o mut Vec<u8>,
    /// No field of the object was written yet.
    first: bool,
}

type Written = Result<(), serde_json::Error>;
type Refused = Impossible<(), serde_json::Error>;

impl SerializeStruct for Flat<'_> {
    type Ok = ();
    type Error = serde_json::Error;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Written {
        self.out.extend_from_slice(if self.first { b"{\"" } else { b",\"" });
        self.first = false;
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        value.serialize(Flat { out: self.out, first: true })
    }

    fn end(self) -> Written {
        self.out.extend_from_slice(if self.first { b"{}" } else { b"}" });
        Ok(())
    }
}

/// Whether JSON and a terminal take the bytes as they are.
#[expect(clippy::needless_bitwise_bool, reason = "a branch would keep the bytes apart")]
#[inline]
fn is_plain(bytes: &[u8]) -> bool {
    // Without a branch a byte, so that the compiler can take many at once.
    bytes
        .iter()
        .fold(true, |plain, b| plain & (*b >= b' ') & (*b < 0x7f) & (*b != b'"') & (*b != b'\\'))
}

fn refused<T>() -> Result<T, serde_json::Error> {
    Err(serde_json::Error::custom("only flat records are written here"))
}

macro_rules! by_serde_json {
    ($($method:ident: $kind:ty),+) => {
        $(#[inline]
        fn $method(self, value: $kind) -> Written {
            serde_json::to_writer(self.out, &value)
        })+
    };
}

impl Serializer for Flat<'_> {
    type Ok = ();
    type Error = serde_json::Error;
    type SerializeStruct = Self;
    type SerializeSeq = Refused;
    type SerializeTuple = Refused;
    type SerializeTupleStruct = Refused;
    type SerializeTupleVariant = Refused;
    type SerializeMap = Refused;
    type SerializeStructVariant = Refused;

    by_serde_json! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_f32: f32, serialize_f64: f64
    }

    #[inline]
    fn serialize_str(self, text: &str) -> Written {
        if !is_plain(text.as_bytes()) {
            return json::write_line(self.out, &text).map_err(serde_json::Error::io);
        }
        self.out.push(b'"');
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(b'"');
        Ok(())
    }

    /// Written in place, and written anew in the rare case that it must be escaped.
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Written {
        let begin = self.out.len();
        write!(self.out, "\"{value}\"").map_err(serde_json::Error::io)?;
        let written = self.out.get(begin + 1..self.out.len() - 1).unwrap_or_default();
        if is_plain(written) {
            return Ok(());
        }
        self.out.truncate(begin);
        json::write_line(self.out, &value.to_string()).map_err(serde_json::Error::io)
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Written {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_char(self, value: char) -> Written {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_none(self) -> Written {
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit(self) -> Written {
        self.serialize_none()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_none()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, serde_json::Error> {
        Ok(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Written {
        refused()
    }

    fn serialize_bytes(self, _: &[u8]) -> Written {
        refused()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Refused, serde_json::Error> {
        refused()
    }

    fn serialize_tuple(self, _: usize) -> Result<Refused, serde_json::Error> {
        refused()
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Refused, serde_json::Error> {
        refused()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Refused, serde_json::Error> {
        refused()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Refused, serde_json::Error> {
        refused()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Refused, serde_json::Error> {
        refused()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    #[derive(Serialize)]
    struct Fields<'a> {
        text: &'a str,
        absent: Option<u8>,
        number: Option<u64>,
        seconds: f64,
        yes: bool,
    }

    #[derive(Serialize)]
    struct Nothing {}

    #[test]
    fn it_is_what_the_careful_way_writes() {
        let texts = ["", "plain", "a \"quoted\" \\ text", "tab\t, del\u{7f}", "ü \u{202e}", "~ "];
        for (n, text) in texts.into_iter().enumerate() {
            let number = Some(n as u64 * 1_000_003);
            let seconds = f64::from(u8::try_from(n).unwrap()) / 3.0;
            let fields = Fields { text, absent: None, number, seconds, yes: n % 2 == 0 };
            let (mut fast, mut careful) = (Vec::new(), Vec::new());
            write_record(&mut fast, &fields).unwrap();
            json::write_line(&mut careful, &fields).unwrap();
            assert_eq!(String::from_utf8(fast), String::from_utf8(careful), "{text:?}");
        }
        let mut empty = Vec::new();
        write_record(&mut empty, &Nothing {}).unwrap();
        assert_eq!(empty, b"{}");
    }

    #[test]
    fn what_is_displayed_is_escaped_too() {
        struct Shown(&'static str);
        impl Serialize for Shown {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self.0)
            }
        }
        for (text, want) in [("5.1.1", r#""5.1.1""#), ("a\"\u{1b}", r#""a\"\u001b""#)] {
            let mut out = Vec::new();
            write_record(&mut out, &Shown(text)).unwrap();
            assert_eq!(String::from_utf8(out).as_deref(), Ok(want));
        }
    }

    #[test]
    fn what_is_not_flat_is_refused() {
        assert!(write_record(&mut Vec::new(), &[1, 2]).is_err());
    }
}
