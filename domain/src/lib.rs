//! The rule book of the network: what is true, whoever asks and wherever it is kept.
//!
//! No IO, no async, no clock: every rule is a function of its arguments.

pub mod access;
pub mod actor;
pub mod business_id;
pub mod casework;
pub mod catalogue;
pub mod code;
mod dated;
pub mod deadline;
pub mod delivery;
pub mod event;
pub mod funding;
pub mod id;
pub mod import;
pub mod machine;
pub mod money;
pub mod noted_field;
pub mod outreach;
mod payment_reference;
pub mod person;
pub mod place;
pub mod policy;
pub mod private;
pub mod rejection;
pub mod report;
pub mod retention;
pub mod scalar;
pub mod text;
pub mod unusual_access;
mod vocabulary;
pub mod webhook;
pub mod working_day;
