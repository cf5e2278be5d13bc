//! Tables that spreadsheet programs open in Finland: semicolons between the cells, CRLF after the rows, and no text that is taken for a formula.
use crate::error::{Error, Result};
use csv::{Terminator, Writer, WriterBuilder};

/// A table that begins with a mark of its encoding, or with nothing.
pub(crate) fn writer(mark: &str) -> Writer<Vec<u8>> {
    WriterBuilder::new().delimiter(b';').terminator(Terminator::CRLF).from_writer(mark.as_bytes().to_vec())
}

/// The table as text.
///
/// # Errors
/// [`Error::Internal`] when it cannot be written.
pub(crate) fn text(table: Writer<Vec<u8>>) -> Result<String> {
    String::from_utf8(table.into_inner().map_err(Error::internal)?).map_err(Error::internal)
}

/// A text that no spreadsheet program takes for a formula.
pub(crate) fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// A decimal number as Finvoice and Finnish accounting write it, from so many hundredths.
pub(crate) fn decimal(hundredths: i64) -> String {
    let (sign, size) = (if hundredths < 0 { "-" } else { "" }, hundredths.unsigned_abs());
    format!("{sign}{},{:02}", size / 100, size % 100)
}
