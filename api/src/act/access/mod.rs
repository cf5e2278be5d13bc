//! Use cases of access.
pub mod calendar;
pub mod membership;
pub mod webhook;
