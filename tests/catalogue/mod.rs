//! Stories of the catalogue.
mod activity;
mod booking;
mod calendar;
mod closing;
pub mod given;
mod map;
mod offering;
mod order;
mod service;
mod session;
mod venue;
