//! Stories of people: taken up, seen by relation only, consented, and the logs that tell of it.
mod client;
mod consent;
mod disclosure;
pub mod given;
mod keys;
mod log;
mod merging;
mod relation;
mod retention;
mod review;
mod rights;
