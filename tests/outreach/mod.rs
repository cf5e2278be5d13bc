//! Stories of open and outreach work: counted, late, twice and at once, and without names.
mod anonymous_contact;
mod anonymous_handle;
mod drop_in_day;
pub mod given;
mod open_event;
mod outreach_shift;
mod without_names;
