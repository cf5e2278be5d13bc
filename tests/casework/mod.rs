//! Stories of the client's way through the network.
mod client_plan;
mod final_assessment;
mod follow_on_path;
pub mod given;
mod goal;
mod needs_assessment;
mod referral;
