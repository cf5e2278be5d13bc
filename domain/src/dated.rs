//! Tables that ship with the program, and rows of them that hold for a time: a rule changes on a day, and what was before is judged by the rule of then.
use chrono::NaiveDate;
use serde::de::DeserializeOwned;

/// The rows of a table of comma-separated values, in its order; `what` says what it tells.
pub(crate) fn rows<T: DeserializeOwned>(what: &str, table: &str) -> Vec<T> {
    let rows: Result<Vec<T>, csv::Error> = csv::Reader::from_reader(table.as_bytes()).into_deserialize().collect();
    rows.unwrap_or_else(|fault| unreachable!("the {what} are part of the program: {fault}"))
}

/// What holds from a day on, to another where that is known, holds on this day.
pub(crate) fn holds(valid_from: NaiveDate, valid_to: Option<NaiveDate>, on: NaiveDate) -> bool {
    valid_from <= on && valid_to.is_none_or(|to| on <= to)
}
