//! Stories of the client's way through the network.
mod baseline;
mod case;
mod caseload;
mod client_entry;
mod client_plan;
pub mod final_assessment;
mod follow_on_path;
pub mod follow_up;
pub mod given;
mod goal;
pub mod instrument;
mod needs_assessment;
pub mod opened;
mod referral;
pub mod service_decision;
mod sharing;
mod whole_way;
