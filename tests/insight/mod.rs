//! Stories of what is told in figures: reports, and that they tell of nobody.
pub mod given;
mod report;
