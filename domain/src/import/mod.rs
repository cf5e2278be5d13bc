//! What workers and partners bring along (tietojen tuonti): tables out of spreadsheet programs as CSV files, and feeds of other systems. What stands in them, and what
//! is wrong with it, by line and column or by record and field. Nothing of what a cell or a record says is ever repeated in a refusal.
pub mod attendance;
pub mod catalogue;
pub mod drop_in_counts;
pub mod hsds;
pub mod sheet;
