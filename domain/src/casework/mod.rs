//! The client's way through the network: referral, case, assessment, plan and the paths that follow.
pub mod baseline;
pub mod case;
pub mod referral;
