//! Tables of the client's way through the network.
pub mod case;
pub mod referral;
