//! What a device has recorded without coverage, sent at once (erä).
use crate::rejection::{Code, Rejections};

/// The most rows of a batch: each is a transaction of its own, and all of them are answered within the time of one request.
pub const MAX_ROWS: usize = 50;

/// A batch has rows, and not too many.
///
/// # Errors
/// [`Code::Required`] or [`Code::TooLong`].
pub fn check_length(rows: usize) -> Result<(), Rejections> {
    let mut out = Rejections::default();
    if rows == 0 {
        out.add(Code::Required, &["rows"]);
    }
    if rows > MAX_ROWS {
        out.add_with(Code::TooLong, &["rows"], MAX_ROWS.to_string());
    }
    out.into_result()
}
