//! Tables of the client's way through the network.
pub mod case;
pub mod case_event;
pub mod intake_baseline;
pub mod referral;
pub mod substitution;
