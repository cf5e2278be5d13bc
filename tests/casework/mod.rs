//! Stories of the client's way through the network.
mod referral;
