//! Use cases of the client's way.
pub mod baseline;
pub mod case;
pub mod closing;
pub mod deadline;
pub mod event;
pub mod referral;
pub mod substitution;
pub mod worker;
