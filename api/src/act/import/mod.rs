//! Tables that workers bring along as CSV files, and feeds of other systems. A row is done by the same use case as its mutation; here is only what a file adds:
//! which rows there are, that a row which is refused stops no other, and that the same file again changes nothing.
pub mod attendance;
pub mod drop_in_counts;
pub mod services;

use crate::error::{Error, Result};
use bytes::Bytes;
use domain::{
    import::sheet::{Column, Sheet},
    rejection::Rejections,
};

/// How often it is tried again what somebody else was writing.
const TRIES: usize = 5;

/// Hears how many rows are done, and of how many.
pub type Progress = dyn Fn(usize, usize) + Send + Sync;

/// Reads a table: work without a pause, which must not hold up other callers.
async fn read<C: Column + Send>(bytes: Bytes) -> Result<std::result::Result<Sheet<C>, Rejections>> {
    tokio::task::spawn_blocking(move || Sheet::read(&bytes)).await.map_err(Error::internal)
}

/// What came of a file.
#[derive(Clone, Debug)]
pub struct Report {
    /// Nothing was kept: it was only tried.
    pub dry_run: bool,
    /// The form of the file; none where it was not read.
    pub form: Option<Form>,
    /// Why the file was refused as a whole; empty when it was not.
    pub faults: Rejections,
    /// What came of each row, in the order of the file.
    pub rows: Vec<Row>,
    /// Of a feed: what came from its source before and is not in it any more, by the ids there.
    pub gone: Vec<Gone>,
}

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// In which encoding it was, by its name in the Encoding Standard.
    pub encoding: &'static str,
    /// Of a table: what stood between its cells.
    pub delimiter: Option<char>,
}

/// What came of a row.
#[derive(Clone, Debug)]
pub struct Row {
    /// The line of the table on which it begins, or which record of the feed it is; from 1.
    pub line: u64,
    /// Of a record: its id in the source, where it has one.
    pub source_id: Option<String>,
    /// What became of it and the public id of what was recorded; or why it was refused, with the columns as paths.
    pub outcome: Result<(Outcome, String), Error>,
    /// Of a record: paths of what was edited here, and stays so although the source says something else.
    pub kept: Vec<String>,
}

/// A service that a source tells of no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Its public id.
    pub id: String,
    /// Its id in the source.
    pub source_id: String,
}

impl Row {
    /// What came of a row of a table.
    const fn of_table(line: u64, outcome: Result<(Outcome, String), Error>) -> Self {
        Self { line, source_id: None, outcome, kept: Vec::new() }
    }
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
        Self { dry_run, form: None, faults, rows: Vec::new(), gone: Vec::new() }
    }

    /// What came of a table.
    fn of_table<C>(dry_run: bool, sheet: &Sheet<C>, rows: Vec<Row>) -> Self {
        let form = Some(Form { encoding: sheet.encoding, delimiter: Some(sheet.delimiter) });
        Self { dry_run, form, faults: Rejections::default(), rows, gone: Vec::new() }
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
