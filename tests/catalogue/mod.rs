//! Stories of the catalogue.
pub mod given;
mod map;
mod offering;
mod service;
mod session;
mod venue;
