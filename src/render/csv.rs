//! A table of the report as CSV (RFC 4180): a header line with the columns' slugs, then the rows.
//!
//! Numbers are plain, shares are fractions, nothing is an empty cell. Log text goes through [`for_csv`], so that no
//! spreadsheet takes it for a formula.

use super::cell::{for_csv, io_error_of};
use super::tables::{Cell, Table};
use std::borrow::Cow;
use std::io::{self, Write};

/// Writes the table.
///
/// # Errors
///
/// `out` cannot be written.
pub fn write(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().from_writer(out);
    writer.write_record(table.columns.iter().map(|column| column.slug)).map_err(io_error_of)?;
    for row in &table.rows {
        writer
            .write_record(row.iter().map(|cell| shown(cell).into_owned()))
            .map_err(io_error_of)?;
    }
    writer.flush()
}

fn shown(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Empty => Cow::Borrowed(""),
        Cell::Text(text) | Cell::Named(text, _) => for_csv(text),
        Cell::Id(number) | Cell::Count(number) | Cell::About(number) => number.to_string().into(),
        Cell::Share(share) => format!("{share:.6}").into(),
    }
}
