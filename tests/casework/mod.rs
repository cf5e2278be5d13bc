//! Stories of the client's way through the network.
mod baseline;
mod case;
mod caseload;
pub mod opened;
mod referral;
