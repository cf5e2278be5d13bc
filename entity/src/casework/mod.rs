//! Tables of the client's way through the network.
pub mod referral;
