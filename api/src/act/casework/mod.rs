//! Use cases of the client's way.
pub mod case;
pub mod referral;
