//! Packs data files for `packed.rs` to read. The build script does it; the program never does.

use super::packed::{Entry, Packed};
use serde::Serialize;
use toml::{Table, Value as Toml};

/// What TOML can say, as far as our files do.
#[derive(Serialize)]
enum Value<'a> {
    Text(&'a str),
    Number(i64),
    Flag(bool),
    List(Vec<Value<'a>>),
    Table(Vec<(&'a str, Value<'a>)>),
}

/// A file that is cut into entries at its `[[` lines, so that each can be read alone.
///
/// # Errors
/// Names the line and what is wrong.
pub(crate) fn pack(text: &str) -> Result<Vec<u8>, String> {
    let starts: Vec<usize> = text.match_indices("\n[[").map(|(at, _)| at + 1).collect();
    let head = text.get(..starts.first().copied().unwrap_or(text.len())).unwrap_or_default();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let mut line = 1 + lines(head);
    let mut packed = Vec::new();
    for (&start, end) in starts.iter().zip(ends) {
        let entry = text.get(start..end).unwrap_or_default();
        let name = entry.strip_prefix("[[").and_then(|rest| rest.split_once("]]\n"));
        let (table, below) = name.ok_or_else(|| format!("line {line}: no `[[name]]`"))?;
        // The whole entry is the one element of its table.
        let value = match read(entry, line)?.remove(table) {
            Some(Toml::Array(mut one)) => one.pop(),
            _ => None,
        };
        let value = match value {
            Some(Toml::Table(fields)) => packed_table(&fields)?,
            _ => return Err(format!("line {line}: no entry `[[{table}]]`")),
        };
        let key: usize = below.split_inclusive('\n').take(2).map(str::len).sum();
        packed.push((table, line, below.get(..key).unwrap_or_default(), value));
        line += lines(entry);
    }
    let head = packed_table(&read(head, 1)?)?;
    let entries = packed.iter().map(|(table, line, key, value)| Entry {
        table,
        line: u32::try_from(*line).unwrap_or(u32::MAX),
        key,
        value,
    });
    let packed = Packed { head: &head, entries: entries.collect() };
    postcard::to_allocvec(&packed).map_err(|error| error.to_string())
}

/// A file that is one table.
///
/// # Errors
/// As [`pack`].
pub(crate) fn pack_whole(text: &str) -> Result<Vec<u8>, String> {
    packed_table(&read(text, 1)?)
}

fn lines(text: &str) -> usize {
    text.matches('\n').count()
}

/// Reads what begins at a line.
fn read(text: &str, line: usize) -> Result<Table, String> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        format!("line {}: {}", line + lines(before), error.message())
    })
}

fn packed_table(table: &Table) -> Result<Vec<u8>, String> {
    postcard::to_allocvec(&Value::Table(fields(table)?)).map_err(|error| error.to_string())
}

fn fields(table: &Table) -> Result<Vec<(&str, Value<'_>)>, String> {
    table.iter().map(|(name, field)| Ok((name.as_str(), value(field)?))).collect()
}

fn value(toml: &Toml) -> Result<Value<'_>, String> {
    Ok(match toml {
        Toml::String(text) => Value::Text(text),
        Toml::Integer(number) => Value::Number(*number),
        Toml::Boolean(flag) => Value::Flag(*flag),
        Toml::Array(items) => Value::List(items.iter().map(value).collect::<Result<_, _>>()?),
        Toml::Table(table) => Value::Table(fields(table)?),
        Toml::Float(_) | Toml::Datetime(_) => {
            return Err(format!("{toml:?}: no field is a fraction or a date"));
        }
    })
}
