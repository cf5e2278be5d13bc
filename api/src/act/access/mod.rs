//! Use cases of access.
pub mod membership;
