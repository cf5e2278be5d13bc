//! Stories of the client's way through the network.
mod client_entry;
mod client_plan;
mod final_assessment;
mod follow_on_path;
pub mod follow_up;
pub mod given;
mod goal;
pub mod instrument;
mod needs_assessment;
mod referral;
