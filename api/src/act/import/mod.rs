//! Tables that workers bring along as CSV files. A row is done by the same use case as its mutation; here is only what a file adds: which rows there are,
//! that a row which is refused stops no other, and that the same file again changes nothing.
pub mod attendance;
pub mod drop_in_counts;

use crate::error::{Error, Result};
use bytes::Bytes;
use domain::{
    import::sheet::{Column, Sheet},
    rejection::Rejections,
};

/// How often it is tried again what somebody else was writing.
const TRIES: usize = 5;

/// Reads a table: work without a pause, which must not hold up other callers.
async fn read<C: Column + Send>(bytes: Bytes) -> Result<std::result::Result<Sheet<C>, Rejections>> {
    tokio::task::spawn_blocking(move || Sheet::read(&bytes)).await.map_err(Error::internal)
}

/// What came of a file.
#[derive(Clone, Debug)]
pub struct Report {
    /// Nothing was kept: it was only tried.
    pub dry_run: bool,
    /// In which encoding the file was, and what stood between its cells; none where it was not read.
    pub form: Option<(&'static str, char)>,
    /// Why the file was refused as a whole; empty when it was not.
    pub faults: Rejections,
    /// What came of each row, in the order of the file.
    pub rows: Vec<Row>,
}

/// What came of a row.
#[derive(Clone, Debug)]
pub struct Row {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// What became of it and the public id of what was recorded; or why it was refused, with the columns as paths.
    pub outcome: Result<(Outcome, String), Error>,
}

/// What became of a row (rivin tulos).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was recorded.
    Created,
    /// What was recorded before was put right.
    Changed,
    /// The same was recorded before.
    Unchanged,
}

impl Report {
    /// A file that was refused as a whole.
    const fn refused(dry_run: bool, faults: Rejections) -> Self {
        Self { dry_run, form: None, faults, rows: Vec::new() }
    }

    /// How many rows ended so.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.rows.iter().filter(|row| row.outcome.as_ref().is_ok_and(|(of, _)| *of == outcome)).count()
    }

    /// How many rows were refused.
    #[must_use]
    pub fn refusals(&self) -> usize {
        self.rows.iter().filter(|row| row.outcome.is_err()).count()
    }

    /// Everything in the file was taken, or was there before.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.was_read() && self.refusals() == 0
    }

    /// The whole file was read, whatever came of its rows.
    #[must_use]
    pub fn was_read(&self) -> bool {
        self.form.is_some()
    }
}
