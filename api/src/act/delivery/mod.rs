//! Use cases of services as they are given.
pub mod attendance;
pub mod participation;
pub mod registration;
pub mod visit;
