//! Data files as the program has them: read once, by the build script, and packed.
//!
//! A packed entry is as good as its TOML, with names and all, so that every type that is read from TOML is read from it by
//! the same `Deserialize`, for a tenth of the work. `pack.rs` makes it.

use postcard::de_flavors::Slice;
use serde::de::value::{BorrowedStrDeserializer, Error};
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, forward_to_deserialize_any};

/// A file that is cut into entries.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Packed<'a> {
    /// What stands before the first entry: a packed table.
    pub(super) head: &'a [u8],
    /// In the order of the file.
    #[serde(borrow)]
    pub(super) entries: Vec<Entry<'a>>,
}

/// An entry `[[table]]`.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Entry<'a> {
    /// Its kind.
    pub(super) table: &'a str,
    /// Line number of its `[[` line, from 1.
    pub(super) line: u32,
    /// The two lines below that one, where its key is.
    pub(super) key: &'a str,
    /// A packed table.
    pub(super) value: &'a [u8],
}

impl Packed<'static> {
    /// Opens a packed file.
    pub(super) fn open(bytes: &'static [u8]) -> Self {
        postcard::from_bytes(bytes).unwrap_or_default()
    }
}

/// Reads a packed table.
pub(super) fn unpack<T: Deserialize<'static>>(bytes: &'static [u8]) -> Result<T, Error> {
    T::deserialize(Reader(&mut Bytes::from_bytes(bytes)))
}

/// The bytes of a packed table, as far as they are not read yet.
type Bytes<'de> = postcard::Deserializer<'de, Slice<'de>>;

/// What a packed value is, in the order of `pack::Value`.
#[derive(Deserialize)]
enum Kind {
    Text,
    Number,
    Flag,
    List,
    Table,
}

/// Reads one value.
struct Reader<'b, 'de>(&'b mut Bytes<'de>);

/// Reads the values of a list, or the fields of a table, of which so many are left.
struct Rest<'b, 'de>(&'b mut Bytes<'de>, usize);

fn read<'de, T: Deserialize<'de>>(bytes: &mut Bytes<'de>) -> Result<T, Error> {
    T::deserialize(bytes).map_err(Error::custom)
}

impl<'de> Deserializer<'de> for Reader<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Self(bytes) = self;
        match read(bytes)? {
            Kind::Text => visitor.visit_borrowed_str(read(bytes)?),
            Kind::Number => visitor.visit_i64(read(bytes)?),
            Kind::Flag => visitor.visit_bool(read(bytes)?),
            Kind::List => {
                let length = read(bytes)?;
                visitor.visit_seq(Rest(bytes, length))
            }
            Kind::Table => {
                let length = read(bytes)?;
                visitor.visit_map(Rest(bytes, length))
            }
        }
    }

    /// What is absent stands nowhere.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl Rest<'_, '_> {
    /// Whether there is one more, which is read now.
    fn goes_on(&mut self) -> bool {
        let left = self.1.checked_sub(1);
        self.1 = left.unwrap_or(0);
        left.is_some()
    }
}

impl<'de> SeqAccess<'de> for Rest<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        self.goes_on().then(|| seed.deserialize(Reader(self.0))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.1)
    }
}

impl<'de> MapAccess<'de> for Rest<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        if !self.goes_on() {
            return Ok(None);
        }
        seed.deserialize(BorrowedStrDeserializer::new(read(self.0)?)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(Reader(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::pack::{pack, pack_whole};

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        text: String,
        number: u16,
        flag: bool,
        list: Vec<String>,
        #[serde(default)]
        absent: Option<String>,
        table: std::collections::BTreeMap<String, Option<i64>>,
    }

    const SAMPLE: &str =
        "text = 'é'\nnumber = 5\nflag = true\nlist = ['a', 'b']\n[table]\nx = -1\n";

    #[test]
    fn a_table_says_what_it_said_in_toml() {
        let packed = pack_whole(SAMPLE).unwrap().leak();
        assert_eq!(unpack::<Sample>(packed).unwrap(), toml::from_str::<Sample>(SAMPLE).unwrap());
        for (text, want) in [
            ("number = 70000", "invalid value: integer `70000`, expected u16"),
            ("odd = 1", "unknown field `odd`"),
            ("text = 1", "invalid type: integer `1`, expected a string"),
        ] {
            let error = unpack::<Sample>(pack_whole(text).unwrap().leak()).unwrap_err();
            assert!(error.to_string().starts_with(want), "{error}");
        }
        assert!(pack_whole("x = 1.5").unwrap_err().contains("1.5"));
        assert!(pack_whole("\nx = ").unwrap_err().starts_with("line 2"));
    }

    #[test]
    fn a_file_is_cut_into_entries() {
        let text = "# head\nname = 'x'\n\n[[code]]\ncode = 1\nmore = 'y'\n[code.en]\nz = 1\n[[rule]]\nid = 'r'\n";
        let packed = Packed::open(pack(text).unwrap().leak());
        assert_eq!(unpack::<toml::Table>(packed.head).unwrap()["name"].as_str(), Some("x"));
        let entries: Vec<_> =
            packed.entries.iter().map(|entry| (entry.table, entry.line, entry.key)).collect();
        assert_eq!(entries, [("code", 4, "code = 1\nmore = 'y'\n"), ("rule", 9, "id = 'r'\n")]);
        assert!(pack("a = 1\n[[b]]\nc = 1\nc = 2\n").unwrap_err().starts_with("line 4"));
        let cut = "[[x]]\na = 1\n[[b]]\nc = '''\n[[d]]\n'''\n";
        assert!(pack(cut).is_err(), "a text with a line that begins as an entry does");
    }
}
