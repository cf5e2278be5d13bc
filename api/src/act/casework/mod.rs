//! Use cases of the client's way.
pub mod referral;
