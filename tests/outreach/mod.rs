//! Stories of open and outreach work: counted, late, twice and at once, and without names.
mod drop_in_day;
pub mod given;
mod without_names;
