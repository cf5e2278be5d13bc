//! Stories of what is told in figures: reports, and that they tell of nobody.
mod download;
pub mod given;
mod measured;
mod open_work;
mod page;
mod report;
