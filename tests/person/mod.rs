//! Stories of people: taken up, seen by relation only, consented, and the logs that tell of it.
mod client;
mod consent;
pub mod given;
mod keys;
mod log;
mod relation;
mod retention;
mod review;
mod rights;
