//! Tables that workers keep in spreadsheet programs and bring along as CSV files (taulukon tuonti): what stands in them, and what is wrong with it, by line
//! and column. Nothing of what a cell says is ever repeated in a refusal.
pub mod attendance;
pub mod drop_in_counts;
pub mod sheet;
