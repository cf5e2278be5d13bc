//! Use cases of people: clients, relations to them, and their consents.
pub mod client;
pub mod consent;
pub mod disclosure;
pub mod merging;
pub mod relation;
pub mod rights;
